"""A persona: who sings, as named parameters. Plain data; `voice` reads it, the score carries it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Persona:
    """One voice. Deterministic: the same persona sings the same line the same way.

    `bank` is "hibari" (always here) or "kokoro" (the optional voice bank), `voice` the bank's voice vector
    when it has several, as "af_bella" or a blend "am_fenrir:0.6+am_adam:0.4". `gender` is f or m, `low` and
    `high` are the comfortable range in MIDI pitches. `warp` scales the formants (1.0 as recorded, 0.87 a
    male throat, 1.1 a child), `comfort_hz` is the range of pitch that the net is told while the real note is
    sung outside it. `breath`, `brightness` and `grit` are 0..1, 0.5 as recorded. Vibrato is in cents and Hz
    and sets in after `vibrato_after_s`. `scoop_cents` is how far below a phrase's first note begins.
    """

    name: str
    gender: str = "f"
    bank: str = "hibari"
    voice: str = ""
    language: str = "en"
    low: int = 57
    high: int = 74
    warp: float = 1.0
    comfort_hz: tuple[float, float] = (170.0, 240.0)
    breath: float = 0.5
    brightness: float = 0.5
    grit: float = 0.5
    vibrato_cents: float = 32.0
    vibrato_hz: float = 5.5
    vibrato_after_s: float = 0.28
    scoop_cents: float = 40.0
    is_rap: bool = False
