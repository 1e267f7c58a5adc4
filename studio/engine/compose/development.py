"""How a song grows: nobody plays the last chorus exactly as the first, and everybody leans into a rise."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from studio.engine.compose.grooves import COMPING
from studio.engine.score import Note, Section
from studio.engine.tags import Brief

PHRASE_BARS = 8
# Kits and styles whose drummers do not mark phrases with a crash.
QUIET_KITS = (32, 40, 48)
QUIET_STYLES = ("lo-fi", "ambient", "hip-hop", "trap", "r&b", "blues", "salsa")
SHAKER, LIGHT_SHAKER = "xoxoxoxoxoxoxoxo", "x.o.x.o.x.o.x.o."
SHAKEN_STYLES = (
    "pop", "dream pop", "soul", "funk", "house", "synthwave", "disco", "country", "folk", "hip-hop", "r&b",
    "gospel", "reggae",
)  # fmt: skip
# Players whose chords open upwards in the last chorus.
OPENING_ROLES = ("pad", "strings", "keys", "arp", "supersaw", "organ", "brass")
TOP_PITCH = 84
# A crescendo into a louder section: how many bars, how much velocity, and how much more energy it takes.
SWELL_BARS, SWELL_VELOCITY, SWELL_ENERGY = 2, 13, 0.15
LOUDEST = 124


def is_recall(sections: tuple[Section, ...], index: int) -> bool:
    """Whether a section of this kind was heard before, and is to be heard as its return."""
    kind = sections[index].kind
    return kind in ("verse", "chorus", "post") and any(before.kind == kind for before in sections[:index])


def is_last_chorus(sections: tuple[Section, ...], section: Section) -> bool:
    """Whether this is the last of several choruses."""
    choruses = [item for item in sections if item.kind == "chorus"]
    return len(choruses) > 1 and section is choruses[-1]


def crash_bars(brief: Brief, sections: tuple[Section, ...], index: int) -> list[int]:
    """Bars inside a loud section at which the drummer marks a new phrase: every eighth, in the last chorus
    every fourth."""
    if brief.card.kit in QUIET_KITS or brief.card.name in QUIET_STYLES:
        return []
    section = sections[index]
    bars = round(section.length_beats / brief.bar_beats)
    step = PHRASE_BARS // 2 if is_last_chorus(sections, section) else PHRASE_BARS
    return list(range(step, bars, step))


def shaker(brief: Brief, lines: dict[str, str], *, is_light: bool) -> dict[str, str]:
    """The groove with somebody shaking sixteenths, where the style likes that and nobody does yet."""
    length = len(next(iter(lines.values())))
    if brief.card.name not in SHAKEN_STYLES or {"S", "L"} & set(lines) or length != len(SHAKER):
        return lines
    return {**lines, "S": LIGHT_SHAKER if is_light else SHAKER}


def opened(role: str, pattern: str, voicing: list[int]) -> list[int]:
    """A voicing with its top doubled at the octave, for the players who may climb."""
    manner = COMPING[pattern][1]
    above = voicing[-1] + 12
    if role not in OPENING_ROLES or manner in ("chug", "strum", "pick") or above > TOP_PITCH:
        return voicing
    return [*voicing, above]


def swelled(notes: list[Note], sections: tuple[Section, ...], bar_beats: float) -> list[Note]:
    """The notes with a crescendo over the last bars of every section that a clearly louder one follows."""
    rises = [
        (before.end_beat - min(SWELL_BARS * bar_beats, before.length_beats / 2), before.end_beat)
        for before, after in pairwise(sections)
        if after.energy > before.energy + SWELL_ENERGY
    ]
    out = []
    for note in notes:
        start, end = next(((s, e) for s, e in rises if s <= note.start_beat < e - 1e-6), (0.0, 0.0))
        if end:
            place = (note.start_beat - start) / (end - start)
            louder = note.velocity + round(SWELL_VELOCITY * place)
            note = replace(note, velocity=max(note.velocity, min(LOUDEST, louder)))
        out.append(note)
    return out
