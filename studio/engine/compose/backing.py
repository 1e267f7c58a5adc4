"""The other voices: ad-libs in the gaps, doubles and harmonies of the choruses, turns on long syllables."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace

from studio.engine.chance import dice
from studio.engine.compose.form import shortest_gap_beats
from studio.engine.compose.lines import Words, syllable_count
from studio.engine.score import Chord, Note, Section, SungSyllable, SungWord, VocalLine
from studio.engine.tags import Brief
from studio.engine.theory import SCALES

STEP = 0.25
ADLIB_VELOCITY = 70
TURN_SHARE = 0.15
LOWEST_SECOND_VOICE = 43
# Distances below the tune that a second voice may keep, in order of liking.
BELOW = (3, 4, 5, 8, 9)
ABOVE = (4, 3, 5, 8, 7)


class ChordLookup:
    """The chord that sounds at a beat."""

    def __init__(self, chords: tuple[Chord, ...]) -> None:
        self.chords = chords
        self.starts = [chord.start_beat for chord in chords]

    def __call__(self, beat: float) -> Chord:
        return self.chords[max(0, bisect_right(self.starts, beat + 1e-6) - 1)]


def sung_words(words: Words, notes: list[Note]) -> tuple[SungWord, ...]:
    """Words with one note for each syllable."""
    rest = iter(notes)
    return tuple(
        SungWord(
            word.text, tuple(SungSyllable(s.text, s.stress, (next(rest),), s.phones) for s in word.syllables)
        )
        for word in words
    )


class AdlibWriter:
    """Sets bracketed words in short notes over the held note or into the gap behind it, one after another."""

    def __init__(self, brief: Brief, chord_at: ChordLookup, span: tuple[int, int], end_beat: float) -> None:
        self.brief, self.chord_at, self.span, self.end_beat = brief, chord_at, span, end_beat
        self.free_from = 0.0

    def write(
        self,
        words: Words,
        index: int,
        section: Section,
        before: Note | None,
        next_beat: float,
        echo: list[int],
    ) -> VocalLine:
        """`before` is the lead note that is answered, None at the beginning; `next_beat` where the lead goes
        on; `echo` the pitches to repeat when the words do."""
        count = syllable_count(words)
        start, step = self._time(count, before, next_beat)
        pitches = echo if len(echo) == count else self._pitches(count, start, step, section, before)
        notes = [
            Note(start + i * step, step * 0.86, pitch, ADLIB_VELOCITY + 4 * (i == 0))
            for i, pitch in enumerate(pitches)
        ]
        room = min(max(next_beat, notes[-1].end_beat), self.end_beat) - notes[-1].start_beat
        notes[-1] = replace(notes[-1], length_beats=max(step * 0.86, min(1.0, room - 0.1)))
        self.free_from = notes[-1].end_beat
        return VocalLine(index, sung_words(words, notes), "adlib")

    def later(self, notes: list[Note]) -> list[Note]:
        """The notes of a line of its own, put off until the aside before it has ended."""
        late = max(0.0, math.ceil((self.free_from - notes[0].start_beat) / STEP - 1e-6) * STEP)
        put_off = [replace(note, start_beat=note.start_beat + late) for note in notes]
        self.free_from = put_off[-1].end_beat
        return put_off

    def _time(self, count: int, before: Note | None, next_beat: float) -> tuple[float, float]:
        least = shortest_gap_beats(self.brief)
        if before is None:
            step = 0.5 if next_beat - self.free_from >= count * 0.5 else least
            return max(self.free_from, next_beat - count * step, 0.0), step
        start = (
            before.end_beat
            if before.length_beats < 1.0
            else before.start_beat + min(1.0, before.length_beats / 2)
        )
        start = max(self.free_from, math.ceil(start / STEP - 1e-6) * STEP)
        room = next_beat - start
        step = next((beats for beats in (0.5, STEP) if beats >= least and count * beats <= room), least)
        if count * step > room:
            start = max(self.free_from, before.start_beat + STEP)
        if start + count * step > self.end_beat:
            start = max(self.free_from, min(start, self.end_beat - count * least))
            step = max(0.05, min(least, (self.end_beat - start) / count))
        return start, step

    def _pitches(
        self, count: int, start: float, step: float, section: Section, before: Note | None
    ) -> list[int]:
        rng = dice(self.brief.seed, "adlib", round(start * 4))
        low, high = self.span
        scale = [
            p for p in range(low, high + 1) if (p - section.tonic) % 12 in SCALES[self.brief.mode]
        ] or list(range(low, high + 1))
        anchor = (before.pitch if before else (low + high) / 2) + rng.choice((3, 4, 5, 7, -3))
        at = min(range(len(scale)), key=lambda i: abs(scale[i] - anchor))
        shape = rng.choice(((0,), (-1,), (1,), (0, -1), (1, -1), (0, 0, -1)))
        pitches = []
        for i in range(count):
            tones = self.chord_at(start + i * step).pitch_classes
            pitch = scale[at]
            if i in (0, count - 1) and pitch % 12 not in tones:
                near = [p for p in range(max(low, pitch - 4), min(high, pitch + 4) + 1) if p % 12 in tones]
                pitch = min(near, key=lambda p: abs(p - pitch), default=pitch)
            pitches.append(pitch)
            at = max(0, min(len(scale) - 1, at + shape[i % len(shape)]))
        return pitches


def with_turns(line: VocalLine, brief: Brief, section: Section, share: float = TURN_SHARE) -> VocalLine:
    """Now and then the long stressed syllable at the end is sung on three notes."""
    if not line.words or not line.words[-1].syllables:
        return line
    last = line.words[-1].syllables[-1]
    note = last.notes[-1]
    rng = dice(brief.seed, "turn", section.kind, line.words[-1].text.casefold(), round(note.length_beats * 4))
    if last.stress < 0.5 or note.length_beats < 1.4 or rng.random() > share:
        return line
    steps = [
        p for p in range(note.pitch - 5, note.pitch + 6) if (p - section.tonic) % 12 in SCALES[brief.mode]
    ]
    above = next((p for p in steps if p > note.pitch), note.pitch + 2)
    below = next((p for p in reversed(steps) if p < note.pitch), note.pitch - 2)
    unit = 0.25 if brief.bpm < 110 else 0.5
    if note.start_beat + 2 * unit > section.end_beat - 1.1:
        # The last beat belongs to the pickup of what follows.
        return line
    if above > max(n.pitch for n in line.notes):
        above = below
    # It leaves the note and comes back to it, so that the line still ends where the tune wants it.
    shape = (note.pitch, rng.choice((above, below, below)), note.pitch)
    starts = [note.start_beat + i * unit for i in range(len(shape))]
    ends = [*starts[1:], note.end_beat]
    turned = tuple(
        Note(start, end - start, pitch, note.velocity - (0 if i == 0 else 4))
        for i, (start, end, pitch) in enumerate(zip(starts, ends, shape, strict=True))
    )
    word = line.words[-1]
    syllables = (*word.syllables[:-1], replace(last, notes=(*last.notes[:-1], *turned)))
    return replace(line, words=(*line.words[:-1], replace(word, syllables=syllables)))


def chorus_voices(
    brief: Brief, lead: list[VocalLine], sections: tuple[Section, ...], chord_at: ChordLookup,
    span: tuple[int, int], *, is_rap: bool,
) -> list[VocalLine]:  # fmt: skip
    """Doubles and harmonies of the loud sections, by the style's habit; the first chorus holds one back."""
    loudest = max(section.energy for section in sections)
    out: list[VocalLine] = []
    for line in lead:
        section = sections[line.section]
        is_chorus = section.kind in ("chorus", "post")
        if line.part != "lead" or not (is_chorus or (section.kind == "pre" and section.energy >= 0.6)):
            continue
        habit = brief.card.backing
        if is_rap:
            habit = tuple(dict.fromkeys(name if name == "double" else "double" for name in habit))
        elif not is_chorus or section.energy < loudest - 0.02:
            habit = habit[:2]
        for name in habit:
            voice = VOICES[name]
            out.append(_voiced(line, voice.part, voice.pitches(line, chord_at, section, brief, span)))
    return out


def _voiced(line: VocalLine, part: str, pitches: list[int]) -> VocalLine:
    """The line's words on other pitches, a little softer."""
    rest = iter(pitches)
    softer = 8 if part == "double" else 14
    words = tuple(
        replace(
            word,
            syllables=tuple(
                replace(
                    syllable,
                    notes=tuple(
                        replace(note, pitch=next(rest), velocity=max(30, note.velocity - softer))
                        for note in syllable.notes
                    ),
                )
                for syllable in word.syllables
            ),
        )
        for word in line.words
    )
    return VocalLine(line.section, words, part)


Pitcher = Callable[[VocalLine, ChordLookup, Section, Brief, tuple[int, int]], list[int]]


class _Voice:
    def __init__(self, part: str, pitches: Pitcher) -> None:
        self.part, self.pitches = part, pitches


def _unison(
    line: VocalLine, chord_at: ChordLookup, section: Section, brief: Brief, span: tuple[int, int]
) -> list[int]:
    return [note.pitch for note in line.notes]


def _octave(
    line: VocalLine, chord_at: ChordLookup, section: Section, brief: Brief, span: tuple[int, int]
) -> list[int]:
    """An octave below, or above a low voice: further down it would be one more bass."""
    mean = sum(note.pitch for note in line.notes) / len(line.notes)
    lowest = min(note.pitch for note in line.notes)
    shift = -12 if mean - 12 >= span[0] - 7 and lowest - 12 >= LOWEST_SECOND_VOICE else 12
    return [note.pitch + shift for note in line.notes]


def _third_below(
    line: VocalLine, chord_at: ChordLookup, section: Section, brief: Brief, span: tuple[int, int]
) -> list[int]:
    return second_voice(list(line.notes), chord_at, section.tonic, brief.mode, BELOW, -1)


def _third_above(
    line: VocalLine, chord_at: ChordLookup, section: Section, brief: Brief, span: tuple[int, int]
) -> list[int]:
    """A third above; below instead when that would be too high for the voice."""
    if max(note.pitch for note in line.notes) + 3 > span[1] + 4:
        return second_voice(list(line.notes), chord_at, section.tonic, brief.mode, (7, 8, 9, 5), -1)
    return second_voice(list(line.notes), chord_at, section.tonic, brief.mode, ABOVE, 1)


VOICES = {
    "double": _Voice("double", _unison),
    "octave": _Voice("double", _octave),
    "third below": _Voice("harmony", _third_below),
    "third above": _Voice("harmony", _third_above),
}


def second_voice(
    notes: list[Note], chord_at: ChordLookup, tonic: int, mode: str, distances: tuple[int, ...], side: int
) -> list[int]:
    """Pitches of a voice at one of the distances on one side, in the scale, bent to the chord where the tune
    rests on it."""
    scale = {(tonic + step) % 12 for step in SCALES[mode]}
    out = []
    for note in notes:
        tones = chord_at(note.start_beat).pitch_classes
        options = [note.pitch + side * step for step in (*distances, 6)]
        out.append(min(options, key=lambda p: _distance_cost(p, note, tones, scale, distances)))
    return out


def _distance_cost(
    pitch: int, note: Note, tones: frozenset[int], scale: set[int], distances: tuple[int, ...]
) -> float:
    away = abs(note.pitch - pitch)
    cost = 0.3 * distances.index(away) if away in distances else 2.5
    cost += 0.0 if pitch % 12 in tones else (0.6 if note.length_beats < 0.75 else 1.4)
    return cost + (0.0 if pitch % 12 in scale or pitch % 12 in tones else 3.0)
