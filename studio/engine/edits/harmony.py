"""Tunes against chords: how well they agree, chords for a given tune, a tune bent to given chords."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from studio.engine.compose.rhythm import metric_weight
from studio.engine.edits.surgery import each_note
from studio.engine.score import Chord, Note, Score, Section, VocalLine
from studio.engine.theory import SCALES

STRONG = 0.55
# A note that leans on the chord from a semitone above hurts most; from elsewhere in the scale it is a colour.
CLASH, COLOUR, OUTSIDE, OPEN_THIRD = -1.0, 0.15, -0.6, 0.7
LONG_BEATS = 0.75


def agreement(
    notes: Sequence[Note], chord_at: Callable[[float], Chord], meter: str, bar_beats: float
) -> float:
    """-1..1: how well notes sit on the chords, long and strongly placed ones counting most; 1 for none."""
    total = weight = 0.0
    for note in notes:
        own = weight_of(note, meter, bar_beats)
        total += own * tone_value(note.pitch, chord_at(note.start_beat))
        weight += own
    return total / weight if weight else 1.0


def weight_of(note: Note, meter: str, bar_beats: float) -> float:
    return min(2.0, note.length_beats) * (0.4 + metric_weight(meter, note.start_beat, bar_beats))


def tone_value(pitch: int, chord: Chord) -> float:
    """1 for a chord tone, little for a colour, below 0 for a clash."""
    pitch_class = pitch % 12
    if pitch_class in chord.pitch_classes:
        return 1.0
    if len(chord.pitch_classes) == 2 and (pitch_class - chord.root) % 12 in (3, 4):
        # A power chord leaves its third to the tune.
        return OPEN_THIRD
    above = {(pitch_class - tone) % 12 for tone in chord.pitch_classes}
    if 1 in above:
        return CLASH
    return COLOUR if (pitch_class - chord.root) % 12 in (2, 5, 9, 10) else OUTSIDE


def tune_of(vocals: Iterable[VocalLine], part: str = "lead") -> tuple[Note, ...]:
    """The notes of one part, in order."""
    notes = (note for line in vocals if line.part == part for note in line.notes)
    return tuple(sorted(notes, key=lambda note: note.start_beat))


def harmonised(
    options: Sequence[tuple[Chord, ...]],
    sections: Sequence[Section],
    tune: Sequence[Note],
    meter: str,
    bar_beats: float,
) -> tuple[Chord, ...]:
    """The chords of that option which suits the tune best, chosen for each kind of section as a whole.

    `options` are complete chord sequences over the same sections, best style first; a later one has to suit
    clearly better. Bars in which the choice still clashes take the best bar of any option instead.
    """
    chosen: list[Chord] = []
    for kind in dict.fromkeys(section.kind for section in sections):
        mine = [section for section in sections if section.kind == kind]
        scores = [
            _kind_score(option, mine, tune, meter, bar_beats) - 0.004 * i for i, option in enumerate(options)
        ]
        best = options[max(range(len(options)), key=scores.__getitem__)]
        for section in mine:
            chosen += _repaired(best, options, section, tune, meter, bar_beats)
    return tuple(sorted(chosen, key=lambda chord: chord.start_beat))


def _kind_score(
    chords: Sequence[Chord], sections: Sequence[Section], tune: Sequence[Note], meter: str, bar_beats: float
) -> float:
    lookup = lookup_of(chords)
    notes = [n for n in tune for s in sections if s.start_beat <= n.start_beat < s.end_beat]
    return agreement(notes, lookup, meter, bar_beats)


def _repaired(
    chords: Sequence[Chord],
    options: Sequence[tuple[Chord, ...]],
    section: Section,
    tune: Sequence[Note],
    meter: str,
    bar_beats: float,
) -> list[Chord]:
    out: list[Chord] = []
    bars = round(section.length_beats / bar_beats)
    for bar in range(bars):
        start = section.start_beat + bar * bar_beats
        own = _within(chords, start, start + bar_beats)
        notes = [n for n in tune if start - 1e-6 <= n.start_beat < start + bar_beats - 1e-6]
        here = agreement(notes, lookup_of(own), meter, bar_beats)
        if here < 0.25 and bar < bars - 1:
            spare = [_within(option, start, start + bar_beats) for option in options]
            own = max(spare, key=lambda bar_chords: agreement(notes, lookup_of(bar_chords), meter, bar_beats))
        out += own
    return out


def _within(chords: Sequence[Chord], start: float, end: float) -> list[Chord]:
    """The chords of a bar, cut at its bar lines."""
    out = []
    for chord in chords:
        first, last = max(chord.start_beat, start), min(chord.end_beat, end)
        if last > first + 1e-6:
            out.append(replace(chord, start_beat=first, length_beats=last - first))
    return out


def lookup_of(chords: Sequence[Chord]) -> Callable[[float], Chord]:
    """The chord that sounds at a beat; the first one before the first."""

    def at(beat: float) -> Chord:
        found = chords[0]
        for chord in chords:
            if chord.start_beat > beat + 1e-6:
                break
            found = chord
        return found

    return at


def bent_to(lines: Iterable[VocalLine], score: Score) -> tuple[VocalLine, ...]:
    """The lines with notes moved by up to two semitones where they fight the score's chords.

    Long or strong notes go to the nearest chord tone, others into the scale in force; contour and rhythm
    stay. A note that agrees already is not touched.
    """
    return tuple(each_note(line, lambda note: _bent(note, score)) for line in lines)


def _bent(note: Note, score: Score) -> Note:
    chord, section = score.chord_at(max(0.0, note.start_beat)), score.section_at(max(0.0, note.start_beat))
    scale = {(section.tonic + step) % 12 for step in SCALES[score.mode]}
    strong = metric_weight(score.meter, note.start_beat, score.bar_beats) >= STRONG
    matters = note.length_beats >= LONG_BEATS or (strong and note.length_beats >= 0.5)
    value = tone_value(note.pitch, chord)
    if value == 1.0 or (value > 0 and not matters and note.pitch % 12 in scale):
        return note
    wanted = chord.pitch_classes if matters or value == CLASH else scale | chord.pitch_classes
    near = [note.pitch + step for step in (-1, 1, -2, 2) if (note.pitch + step) % 12 in wanted]
    return replace(note, pitch=near[0]) if near else note
