"""What a song is planned with: phrases and blocks, and how long a bar and a syllable last."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from studio.engine.lyrics.parse import LyricWord
from studio.engine.tags import Brief

STEP_BEATS = 0.25
# A syllable takes at least this long, or nobody can sing or say it.
SHORTEST_SYLLABLE_S = 0.115
SHORTEST_RAP_SYLLABLE_S = 0.092
RING_S = 2.7  # the last chord rings on after the last bar
ENERGY = {
    "intro": 0.32, "verse": 0.46, "pre": 0.62, "chorus": 0.88, "post": 0.8, "bridge": 0.5,
    "solo": 0.76, "break": 0.3, "outro": 0.42, "interlude": 0.6,
}  # fmt: skip
SILENT_BARS = {"intro": 4, "solo": 8, "break": 4, "outro": 4, "interlude": 4}


@dataclass(frozen=True)
class Phrase:
    """One breath of the tune: words when it is sung, only syllable stresses when it is played. `adlibs` are
    (how many words come before, bracketed words); `part` is the part that sings the words; `pauses` are the
    syllables that a comma or somebody's answer follows."""

    words: tuple[LyricWord, ...]
    stresses: tuple[float, ...]
    bars: int
    word_ends: tuple[bool, ...]
    adlibs: tuple[tuple[int, tuple[LyricWord, ...]], ...] = ()
    part: str = "lead"
    pauses: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Block:
    """A section before it has notes. `lead` is sung, played or none; blocks of one kind with equal
    fingerprints have the same tune."""

    kind: str
    name: str
    bars: int
    energy: float
    lead: str
    phrases: tuple[Phrase, ...] = ()
    fingerprint: tuple[str, ...] = field(default=(), repr=False)


def bar_seconds(brief: Brief) -> float:
    return brief.bar_beats * 60.0 / brief.bpm


def shortest_gap_beats(brief: Brief) -> float:
    """The least distance of two syllables on the sixteenth grid, the short half of a swung pair included."""
    shortest_s = SHORTEST_RAP_SYLLABLE_S if brief.is_rap else SHORTEST_SYLLABLE_S
    swing = brief.card.swing if brief.meter != "6/8" else 0.0
    beats = shortest_s * brief.bpm / 60.0 / (1.0 - swing)
    return max(1, math.ceil(beats / STEP_BEATS - 1e-6)) * STEP_BEATS
