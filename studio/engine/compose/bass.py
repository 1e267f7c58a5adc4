"""The bass player: patterns locked to the groove, approach notes into the next chord, walking lines."""

from random import Random

from studio.engine.chance import dice
from studio.engine.compose.development import is_last_chorus
from studio.engine.compose.grooves import BASS, BASS_OTHER_METER
from studio.engine.score import Chord, Note, Section
from studio.engine.tags import Brief

LOW, HIGH = 28, 43
# Below this energy a section does without bass; where an intro has it, it is this much softer in velocity.
QUIET_ENERGY, HELD_BACK = 0.34, 24
STEP_BEATS = 0.25
BARE_INTROS = ("jazz", "waltz", "swing", "reggae", "salsa")
# Where the bass holds its tones whatever happens.
STILL_STYLES = ("ambient", "trap", "drum and bass", "techno", "salsa", "bossa nova", "metal")
GATES = {"upright bass": 0.86, "808 bass": 1.0, "synth bass": 0.82}


def write_bass(
    brief: Brief, sections: tuple[Section, ...], chords: tuple[Chord, ...], instrument: str
) -> list[Note]:
    """Bass notes for every section with enough energy; empty when the tags exclude bass."""
    if not brief.bass:
        return []
    patterns = _patterns(brief)
    notes: list[Note] = []
    for section in sections:
        entry = _entry_beat(brief, section, sections)
        inside = [c for c in chords if entry - 1e-6 <= c.start_beat < section.end_beat]
        if not inside:
            continue
        level = 0 if section.energy < 0.45 else 1 if section.energy < 0.74 else 2
        name = patterns[level]
        if is_last_chorus(sections, section) and brief.meter == "4/4":
            name = _driving(brief, name)
        notes += _section_bass(brief, section, inside, name, instrument)
    return _ended(notes, sections[-1], brief, chords[-1])


def _entry_beat(brief: Brief, section: Section, sections: tuple[Section, ...]) -> float:
    """Where the bass comes into a section: quiet ones do without it, an intro gets it with the hook, if at
    all."""
    if section.energy >= QUIET_ENERGY or section is sections[-1]:
        return section.start_beat
    if section is not sections[0] or section.kind != "intro":
        return section.end_beat
    bars = round(section.length_beats / brief.bar_beats)
    # Short chords over nothing leave holes: where nobody sustains, the bass plays from the beginning.
    is_bare = brief.card.name in BARE_INTROS
    wait = 0 if is_bare else dice(brief.seed, "bass entry").choice((bars // 2, bars // 2, bars))
    return section.start_beat + wait * brief.bar_beats


def _driving(brief: Brief, usual: str) -> str:
    """The pattern with the most notes that the style has, for the last chorus."""
    pool = [name for name in brief.card.bass_patterns if BASS[name] != "walk"]
    if usual not in pool:
        return usual
    return max(pool, key=lambda name: (sum(mark not in "=-" for mark in BASS[name]), name == usual))


def _patterns(brief: Brief) -> tuple[str, str, str]:
    rng = dice(brief.seed, "bass patterns")
    if brief.meter != "4/4":
        names = BASS_OTHER_METER[brief.meter]
        return (names[0], names[1], names[2])
    pool = brief.second.bass_patterns if rng.random() < brief.blend * 0.5 else brief.card.bass_patterns
    calm, busy = pool[0], pool[-1]
    return (calm, rng.choice(pool), busy if rng.random() < 0.6 else rng.choice(pool))


def _section_bass(
    brief: Brief, section: Section, chords: list[Chord], name: str, instrument: str
) -> list[Note]:
    gate = GATES.get(instrument, 0.93)
    base = 78 + round(24 * section.energy) - (HELD_BACK if section.energy < QUIET_ENERGY else 0)
    out: list[Note] = []
    for index, chord in enumerate(chords):
        following = chords[index + 1] if index + 1 < len(chords) else chords[0]
        rng = dice(brief.seed, "bass", chord.start_beat)
        place = (chord.start_beat - section.start_beat) % brief.bar_beats
        bar = round((chord.start_beat - section.start_beat - place) / brief.bar_beats)
        pattern = BASS[name]
        if bar % 4 == 3 and section.energy >= 0.45:
            pattern = _turned(pattern, brief, chord)
        if pattern == "walk":
            out += _walk(brief, chord, following, base, rng)
        else:
            out += _pattern_notes(pattern, place, chord, following, base, gate)
    return out


def _turned(pattern: str, brief: Brief, chord: Chord) -> str:
    """The end of a four-bar phrase: a step into the next root where the pattern has none."""
    is_whole = len(pattern) == round(chord.length_beats / STEP_BEATS) == round(brief.bar_beats / STEP_BEATS)
    if not is_whole or "a" in pattern or brief.card.name in STILL_STYLES:
        return pattern
    return pattern[:-4] + "5=a=" if chord.length_beats >= 4 else pattern[:-2] + "a="


def root_pitch(pitch_class: int) -> int:
    return LOW + (pitch_class - LOW) % 12


def _pattern_notes(
    pattern: str, place: float, chord: Chord, following: Chord, base: int, gate: float
) -> list[Note]:
    first = round(place / STEP_BEATS)
    steps = round(chord.length_beats / STEP_BEATS)
    line = (pattern * 4)[first : first + steps]
    if line[0] in "=5a" or (line[0] == "-" and first):
        line = "R" + line[1:]
    out = []
    for step, mark in enumerate(line):
        if mark in "=-":
            continue
        held = len(line[step + 1 :]) - len(line[step + 1 :].lstrip("=")) + 1
        velocity = base + (8 if step % 16 == 0 else 0) - (6 if step % 4 else 0)
        length = held * STEP_BEATS * gate
        out.append(
            Note(
                chord.start_beat + step * STEP_BEATS,
                length,
                _tone(mark, chord, following),
                min(122, velocity),
            )
        )
    return out


def _tone(mark: str, chord: Chord, following: Chord) -> int:
    root = root_pitch(chord.bass)
    third = chord.intervals[1] if len(chord.intervals) > 1 else 4
    steps = {
        "R": 0,
        "5": 7 if 7 in chord.intervals else chord.intervals[-1] % 12,
        "8": 12,
        "3": third,
        "7": 10,
    }
    if mark == "a":
        target = root_pitch(following.bass)
        return target - 1 if target > root else target + 2 if target < root else root + 7
    pitch = root + steps[mark]
    return pitch - 12 if pitch > HIGH + 6 else pitch


def _walk(brief: Brief, chord: Chord, following: Chord, base: int, rng: Random) -> list[Note]:
    """Quarter notes: the root, chord or scale tones on the way, and a half step into the next root."""
    beats = max(1, round(chord.length_beats))
    root = root_pitch(chord.bass)
    target = min(
        (root_pitch(following.bass) + o for o in (-12, 0, 12)),
        key=lambda p: abs(p - root) + 5 * (not LOW <= p <= HIGH + 4),
    )
    tones = [root + step for step in (0, *chord.intervals[1:4])]
    line = [root]
    for beat in range(1, beats - 1):
        goal = root + (target - root) * beat / beats + rng.choice((3, 5, 7)) * (1 if target >= root else 0.4)
        line.append(min(tones, key=lambda p: abs(p - goal) + (4 if p == line[-1] else 0)))
    if beats > 1:
        line.append(target + rng.choice((-1, 1, 1, -1, 2)))
    gate, velocity = 0.9, base + 2
    notes = [
        Note(chord.start_beat + i, gate, max(LOW - 2, min(HIGH + 8, pitch)), velocity + (5 if i % 2 else 0))
        for i, pitch in enumerate(line)
    ]
    if rng.random() < 0.3 and beats >= 4:
        notes.append(Note(chord.start_beat + 1.5, 0.3, notes[1].pitch, velocity - 22))
    return notes


def _ended(notes: list[Note], last: Section, brief: Brief, chord: Chord) -> list[Note]:
    """One long root under the last bar."""
    start = last.end_beat - brief.bar_beats
    kept = [note for note in notes if note.start_beat < start - 0.01]
    return [*kept, Note(start, brief.bar_beats * 1.1, root_pitch(chord.bass), 88)]
