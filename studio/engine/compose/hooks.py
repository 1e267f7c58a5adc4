"""What is played between the sung lines: the hook in intro and outro, answers in the gaps, risers,
doubles."""

import itertools
import math
from dataclasses import replace

from studio.engine.chance import dice
from studio.engine.compose.backing import BELOW, ChordLookup, second_voice
from studio.engine.compose.form import Block
from studio.engine.compose.vocal import Melody
from studio.engine.score import Note, Section
from studio.engine.tags import Brief
from studio.engine.theory import SCALES

GAP_BEATS = 1.6
HOOK_FLOOR = 62
DOUBLE_TURN = 66  # mean pitch of a tune from which its double lies below
LONG_GAP_BARS = 1.0


def hook_notes(
    brief: Brief, blocks: list[Block], sections: tuple[Section, ...], melody: Melody, chord_at: ChordLookup
) -> list[Note]:
    """The chorus tune quoted where nobody sings, fitted to the chords that sound there."""
    source = _hook_source(sections, melody)
    if not source:
        return []
    origin = min(note.start_beat for note in source)
    origin -= origin % brief.bar_beats if origin % brief.bar_beats < brief.bar_beats - 1.0 else 0.0
    span = brief.bar_beats * (2 if max(n.end_beat for n in source) - origin <= 2 * brief.bar_beats else 4)
    out: list[Note] = []
    for block, section in zip(blocks, sections, strict=True):
        if block.lead != "none" or section.kind not in ("intro", "outro", "interlude", "break"):
            continue
        last = section is sections[-1]
        end = section.end_beat - (brief.bar_beats if last else 0.0)
        beat = section.start_beat + (
            0.0
            if section.length_beats <= span
            else section.length_beats - span - (brief.bar_beats if last else 0.0)
        )
        beat = max(section.start_beat, beat)
        out += [
            Note(
                n.start_beat - origin + beat,
                n.length_beats,
                _fitted(n, beat - origin, chord_at),
                max(40, n.velocity - 12),
            )
            for n in source
            if section.start_beat <= n.start_beat - origin + beat < end - 0.25
        ]
    return out


def _hook_source(sections: tuple[Section, ...], melody: Melody) -> list[Note]:
    phrases = [notes for index, notes in melody.phrases if sections[index].kind == "chorus"]
    phrases = phrases or [notes for _, notes in melody.phrases]
    return _lifted(phrases[0]) if phrases else []


def _lifted(notes: list[Note]) -> list[Note]:
    """By octaves up to where it carries over the band: a low voice's tune lies among the chords."""
    mean = sum(note.pitch for note in notes) / len(notes)
    octaves = max(0, math.ceil((HOOK_FLOOR - mean) / 12))
    return [replace(note, pitch=note.pitch + 12 * octaves) for note in notes]


def _fitted(note: Note, shift: float, chord_at: ChordLookup) -> int:
    """Long notes move to the nearest tone of the chord they now stand on."""
    tones = chord_at(note.start_beat + shift).pitch_classes
    if note.length_beats < 0.75 or note.pitch % 12 in tones:
        return note.pitch
    return min(
        (note.pitch + d for d in (-2, -1, 1, 2, -3, 3)),
        key=lambda p: (p % 12 not in tones, abs(p - note.pitch)),
    )


def answers(brief: Brief, sections: tuple[Section, ...], melody: Melody, chord_at: ChordLookup) -> list[Note]:
    """Short replies in the breath after a line, in the louder half of the song."""
    out: list[Note] = []
    phrases = melody.phrases
    for number, (index, notes) in enumerate(phrases):
        section = sections[index]
        following = phrases[number + 1][1][0].start_beat if number + 1 < len(phrases) else section.end_beat
        start = notes[-1].start_beat + min(notes[-1].length_beats, 1.0) + 0.5
        start = round(start * 2) / 2
        rng = dice(brief.seed, "answer", number)
        # More than a bar in which nothing else happens is always answered.
        is_empty = following - start > LONG_GAP_BARS * brief.bar_beats
        if (
            (section.energy < 0.5 and not is_empty)
            or following - start < GAP_BEATS
            or following > section.end_beat + 1
            or (rng.random() > 0.6 and not is_empty)
            or any(start < end and first < following for first, end in melody.adlib_spans)
        ):
            continue
        out += _reply(brief, section, notes, start, min(following, section.end_beat) - 0.25, chord_at, number)
    return out


def _reply(
    brief: Brief,
    section: Section,
    notes: list[Note],
    start: float,
    end: float,
    chord_at: ChordLookup,
    number: int,
) -> list[Note]:
    rng = dice(brief.seed, "reply", number)
    scale = [p for p in range(55, 90) if (p - section.tonic) % 12 in SCALES[brief.mode]]
    near = _lifted(notes)[-1].pitch + rng.choice((3, 4, 7))
    pitch = min(scale, key=lambda p: abs(p - near))
    direction = rng.choice((-1, 1))
    count = min(4, int((end - start) / 0.5))
    out = []
    for i in range(count):
        last = i == count - 1
        if last:
            tones = chord_at(start + i * 0.5).pitch_classes
            pitch = min(
                (p for p in range(pitch - 4, pitch + 5) if p % 12 in tones),
                key=lambda p: abs(p - pitch),
                default=pitch,
            )
        out.append(
            Note(start + i * 0.5, min(1.5, end - start - i * 0.5) if last else 0.45, pitch, 76 + 4 * i)
        )
        place = scale.index(min(scale, key=lambda p: abs(p - pitch)))
        pitch = scale[max(0, min(len(scale) - 1, place + direction))]
    return out


def harmony_notes(
    brief: Brief, sections: tuple[Section, ...], melody: Melody, chord_at: ChordLookup
) -> list[Note]:
    """A second voice under what the lead instrument plays in choruses, and in the second half of other loud
    sections."""
    out: list[Note] = []
    for number, (index, notes) in enumerate(melody.played_phrases):
        section = sections[index]
        if section.kind in ("chorus", "post") or (section.energy >= 0.7 and number % 2):
            pitches = second_voice(notes, chord_at, section.tonic, brief.mode, BELOW, -1)
            out += [
                Note(n.start_beat, n.length_beats, pitch, max(30, n.velocity - 14))
                for n, pitch in zip(notes, pitches, strict=True)
            ]
    return out


def double_notes(
    brief: Brief, sections: tuple[Section, ...], melody: Melody, *, is_high: bool = False
) -> list[Note]:
    """The tune once more, an octave apart, when the song is at its fullest. Under a singer only now and then,
    and only in the last chorus. `is_high` for instruments that have no low octave, such as bells."""
    loudest = max(section.energy for section in sections)
    last = max((i for i, section in enumerate(sections) if section.kind == "chorus"), default=-1)
    phrases = list(melody.played_phrases)
    if melody.sung and dice(brief.seed, "double").random() < 0.25:
        phrases += [phrase for phrase in melody.phrases if phrase[0] == last and phrase not in phrases]
    doubled = [
        notes
        for index, notes in phrases
        if sections[index].kind == "chorus" and sections[index].energy >= min(0.9, loudest)
    ]
    # One octave for all of it: a line that changed sides in the middle would leap two.
    mean = sum(n.pitch for notes in doubled for n in notes) / max(1, sum(map(len, doubled)))
    shift = 12 if mean < DOUBLE_TURN or is_high else -12
    return [
        Note(n.start_beat, n.length_beats, n.pitch + shift, max(30, n.velocity - 18))
        for notes in doubled
        for n in notes
    ]


def risers(brief: Brief, sections: tuple[Section, ...]) -> list[Note]:
    """Noise that rises into a loud section (pitch 60) and an impact when it lands (pitch 36)."""
    out = []
    for before, after in itertools.pairwise(sections):
        if after.energy < before.energy + 0.2 or after.energy < 0.7:
            continue
        length = min(before.length_beats, 2 * brief.bar_beats)
        out.append(Note(after.start_beat - length, length, 60, 90))
        out.append(Note(after.start_beat, 4.0, 36, 96))
    return out
