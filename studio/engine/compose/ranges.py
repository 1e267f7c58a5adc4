"""Where a tune lies: the voice's range, or the range in which an instrument's samples sound like it."""

from __future__ import annotations

from studio.engine.persona import Persona
from studio.engine.tags import Brief

VOICE_RANGES = {"f": (57, 74), "m": (48, 66), "": (55, 72)}
RAP_SEMITONES = 7
# Where the samples sound like the instrument, as MIDI pitches.
FLOORS = {
    "flute": 62, "clarinet": 52, "oboe": 60, "violin": 57, "fiddle": 57, "viola": 50, "soprano sax": 58,
    "alto sax": 51, "tenor sax": 46, "trumpet": 55, "muted trumpet": 55, "trombone": 42, "harmonica": 60,
    "whistle": 67, "pan flute": 60, "ocarina": 62, "english horn": 54, "shakuhachi": 58, "cello": 40,
    "french horns": 43, "vibraphone": 55, "soft lead": 57, "synth lead": 55,
}  # fmt: skip
CEILINGS = {
    "tenor sax": 74, "trombone": 68, "cello": 69, "french horns": 72, "alto sax": 78, "english horn": 78,
    "viola": 78, "overdriven guitar": 80, "clean guitar": 79, "jazz guitar": 76,
}  # fmt: skip


def lead_range(brief: Brief) -> tuple[int, int]:
    """Lowest and highest pitch of a played tune: a voice's register, moved by octaves into the
    instrument's."""
    low, high = VOICE_RANGES[brief.gender]
    floor, ceiling = FLOORS.get(brief.lead, 48), CEILINGS.get(brief.lead, 84)
    while low < floor and high + 12 <= ceiling + 5:
        low, high = low + 12, high + 12
    while high > ceiling and low - 12 >= floor - 5:
        low, high = low - 12, high - 12
    return low, high


def voice_range(brief: Brief, persona: Persona | None) -> tuple[int, int]:
    """Lowest and highest pitch of a sung tune: the persona's, else a usual one; near speech for rap."""
    low, high = (persona.low, persona.high) if persona else VOICE_RANGES[brief.gender]
    if is_rapped(brief, persona):
        bottom = low + round((high - low) * 0.2)
        return bottom, bottom + RAP_SEMITONES
    return low, max(high, low + 12)


def is_rapped(brief: Brief, persona: Persona | None) -> bool:
    return persona.is_rap if persona else brief.is_rap
