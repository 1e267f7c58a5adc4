"""Accompaniment: chords voiced to the nearest hand position and played in the manner of a pattern."""

from itertools import pairwise
from random import Random

from studio.engine.cards import INSTRUMENTS, Layer
from studio.engine.chance import dice
from studio.engine.compose.development import is_last_chorus, opened
from studio.engine.compose.grooves import COMP_OTHER_METER, COMPING, VELOCITY
from studio.engine.score import Chord, Note, Section
from studio.engine.tags import Brief

STEP_BEATS = 0.25
# Where the middle of a voicing should lie, so that players keep out of each other's and the lead's way.
CENTRES = {
    "keys": 59, "guitar": 56, "guitar 2": 59, "pad": 60, "strings": 64, "arp": 69, "brass": 60, "riff": 60,
    "counter": 71, "supersaw": 65, "ostinato": 64,
}  # fmt: skip
CHUG_LOW = 40


def write_layer(
    brief: Brief, layer: Layer, sections: tuple[Section, ...], chords: tuple[Chord, ...]
) -> tuple[str, list[Note]]:
    """(instrument name, notes) for one accompanying player over the whole song."""
    rng = dice(brief.seed, "layer", layer.role)
    instrument = rng.choice(layer.instruments)
    patterns = _patterns(layer, rng)
    centre = CENTRES.get(layer.role, 62)
    voicings = voice_all(chords, centre, 3 if layer.role in ("pad", "strings", "brass") else 4)
    notes: list[Note] = []
    last_bar = sections[-1].end_beat - brief.bar_beats
    verses = [section for section in sections if section.kind == "verse"]
    is_growing = rng.random() < 0.5
    for section in sections:
        if not layer.low <= section.energy <= layer.high and not _opens_late(layer, section, sections):
            continue
        kind = section.kind
        if section in verses[1:]:
            kind = "chorus" if is_growing else "later verse"
        pattern = fitting_pattern(patterns.get(kind, patterns["other"]), brief.meter)
        is_open = is_last_chorus(sections, section)
        inside = [
            (c, v)
            for c, v in zip(chords, voicings, strict=True)
            if section.start_beat <= c.start_beat < section.end_beat
        ]
        for chord, voicing in inside:
            if chord.start_beat >= last_bar - 0.01:
                notes += _block(voicing, chord.start_beat, brief.bar_beats * 1.05, 78)
            else:
                held = opened(layer.role, pattern, voicing) if is_open else voicing
                notes += play(pattern, chord, held, section, brief, instrument)
    return instrument, _legal(notes)


def _patterns(layer: Layer, rng: Random) -> dict[str, str]:
    """What is played in which kind of section: the chorus is never thinner than the verse."""
    ordered = sorted(rng.sample(layer.patterns, min(2, len(layer.patterns))), key=pattern_density)
    thin, full = ordered[0], ordered[-1]
    other = rng.choice(layer.patterns)
    spare = [
        name for name in layer.patterns if name != thin and pattern_density(name) <= pattern_density(full)
    ]
    later = rng.choice(spare) if spare else thin
    return {
        "verse": thin, "later verse": later, "intro": thin, "chorus": full, "post": full, "bridge": other,
        "other": other,
    }  # fmt: skip


def pattern_density(name: str) -> int:
    hits, manner = COMPING[name]
    return sum(hit != "-" for hit in hits) * (1 if manner in ("arp", "pick", "pad") else 3)


def _opens_late(layer: Layer, section: Section, sections: tuple[Section, ...]) -> bool:
    """Everybody who has played comes back for the last chord of a loud ending."""
    return section is sections[-1] and layer.low < 0.5 and section.energy + 0.1 >= layer.low


def fitting_pattern(name: str, meter: str) -> str:
    hits, manner = COMPING[name]
    if len(hits) == 1 or (meter == "4/4" and len(hits) == 16):
        return name
    if meter == "4/4":
        return {"strum": "strum", "broken": "ballad", "arp": "arp up"}.get(manner, "halves")
    if len(hits) == 12 and ("six" in name) == (meter == "6/8"):
        return name
    return COMP_OTHER_METER[meter][manner]


def voice_all(chords: tuple[Chord, ...], centre: int, size: int) -> list[list[int]]:
    """Voicings with the least movement from chord to chord, each within an octave and a half of the
    centre."""
    out: list[list[int]] = []
    for chord in chords:
        options = _inversions(chord, centre, size)
        previous = out[-1] if out else None
        out.append(min(options, key=lambda v: _movement(previous, v, centre)))
    return out


def _inversions(chord: Chord, centre: int, size: int) -> list[list[int]]:
    intervals = list(chord.intervals)
    if len(intervals) > size:
        # The bass has the root: colour tones matter more, the plain fifth goes first.
        intervals = [i for i in intervals if i != 7] if 7 in intervals else intervals
        intervals = intervals[-size:]
    classes = list(dict.fromkeys((chord.root + i) % 12 for i in intervals))
    options = []
    for rotation in range(len(classes)):
        order = classes[rotation:] + classes[:rotation]
        for floor in (centre - 10, centre - 5):
            pitches = [floor + (order[0] - floor) % 12]
            for pc in order[1:]:
                pitches.append(pitches[-1] + 1 + (pc - pitches[-1] - 1) % 12)
            options.append(pitches)
    return options


def _movement(previous: list[int] | None, voicing: list[int], centre: int) -> float:
    cost = 0.9 * abs(sum(voicing) / len(voicing) - centre) + (6.0 if voicing[0] < 43 else 0.0)
    cost += sum(2.0 for a, b in pairwise(voicing) if b - a <= 1)
    if previous is None:
        return cost
    return cost + sum(min(abs(pitch - other) for other in previous) for pitch in voicing)


def play(
    pattern: str, chord: Chord, voicing: list[int], section: Section, brief: Brief, instrument: str
) -> list[Note]:
    """The notes of one chord in the pattern's manner."""
    hits, manner = COMPING[pattern]
    loudness = 0.66 + 0.3 * section.energy
    if manner == "pad":
        return _block(voicing, chord.start_beat, chord.length_beats * 0.99, round(88 * loudness))
    first = round((chord.start_beat - section.start_beat) % brief.bar_beats / STEP_BEATS)
    steps = round(chord.length_beats / STEP_BEATS)
    line = (hits * 4)[first : first + steps]
    marks = [(step, mark) for step, mark in enumerate(line) if mark != "-"] or [(0, "x")]
    if marks[0][0] > 0 and manner in ("block", "broken", "arp") and first:
        marks.insert(0, (0, "x"))
    out: list[Note] = []
    for number, (step, mark) in enumerate(marks):
        until = marks[number + 1][0] if number + 1 < len(marks) else steps
        start = chord.start_beat + step * STEP_BEATS
        velocity = round(VELOCITY[mark] * loudness)
        room = (until - step) * STEP_BEATS
        out += _gesture(manner, voicing, chord, start, room, velocity, number, mark)
    if INSTRUMENTS[instrument].stem == "guitar" and manner in ("block", "short"):
        return out
    return out


def _gesture(
    manner: str,
    voicing: list[int],
    chord: Chord,
    start: float,
    room: float,
    velocity: int,
    number: int,
    mark: str,
) -> list[Note]:
    if manner == "short":
        return _block(voicing, start, min(0.3 if mark != "X" else 0.45, room * 0.9), velocity)
    if manner == "strum":
        return _strum(voicing, start, room * 0.97, velocity, down=round(start * 2) % 2 == 0 or mark == "X")
    if manner == "chug":
        root = CHUG_LOW + (chord.root - CHUG_LOW) % 12
        length = room * (0.95 if mark == "X" else 0.55)
        return _block([root, root + 7, root + 12], start, length, velocity)
    if manner == "arp":
        ladder = [*voicing, voicing[0] + 12]
        order = [*range(len(ladder)), *range(len(ladder) - 2, 0, -1)]
        return [Note(start, room * 1.1, ladder[order[number % len(order)]], velocity)]
    if manner == "pick":
        low = voicing[0] - 12 if number % 4 == 0 and voicing[0] > 54 else voicing[0]
        order = [low, voicing[-1], voicing[len(voicing) // 2], voicing[-2]]
        return [Note(start, max(room, 0.9), order[number % 4], velocity)]
    if manner == "broken":
        notes = (
            [voicing[0] - 12, *voicing] if number == 0 else [voicing[1:][(number - 1) % (len(voicing) - 1)]]
        )
        return [
            Note(start, max(room, 1.0 if number else 1.8), pitch, velocity - (8 if number else 0))
            for pitch in notes
        ]
    return _block(voicing, start, room * 0.95, velocity)


def _block(voicing: list[int], start: float, length: float, velocity: int) -> list[Note]:
    # The top of a chord is the voice one hears; inner ones give way.
    return [
        Note(start, length, pitch, max(20, velocity - (0 if pitch == voicing[-1] else 7)))
        for pitch in voicing
    ]


def _strum(voicing: list[int], start: float, length: float, velocity: int, *, down: bool) -> list[Note]:
    """Strings one after the other; upstrokes are lighter and leave out the lowest."""
    strings = [voicing[0] - 12, *voicing] if down and voicing[0] > 50 else voicing
    order = strings if down else strings[:0:-1]
    loud = velocity if down else velocity - 14
    return [
        Note(start + 0.022 * i, max(0.1, length - 0.022 * i), pitch, max(20, loud - 3 * i))
        for i, pitch in enumerate(order)
    ]


def _legal(notes: list[Note]) -> list[Note]:
    """A key cannot be struck while it is held: cut each note before the next on its pitch."""
    out: list[Note] = []
    latest: dict[int, int] = {}
    for note in sorted(notes, key=lambda n: (n.start_beat, n.pitch)):
        at = latest.get(note.pitch)
        if at is not None and out[at].end_beat > note.start_beat - 0.02:
            old = out[at]
            if note.start_beat - old.start_beat < 0.05:
                continue
            out[at] = Note(old.start_beat, note.start_beat - old.start_beat - 0.02, old.pitch, old.velocity)
        latest[note.pitch] = len(out)
        out.append(note)
    return out
