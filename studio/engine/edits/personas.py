"""Personas from own songs: the singer of a take under a name of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.edits.band import singer_of
from studio.engine.edits.desk import source_of
from studio.engine.persona import Persona
from studio.engine.spec import SpecError

LONGEST_NAME = 79
LIMITS: dict[str, tuple[float, float]] = {
    "warp": (0.75, 1.25), "breath": (0.0, 1.0), "brightness": (0.0, 1.0), "grit": (0.0, 1.0),
    "vibrato_cents": (0.0, 120.0), "vibrato_hz": (3.0, 8.0), "vibrato_after_s": (0.0, 2.0),
    "scoop_cents": (0.0, 300.0), "low": (36, 72), "high": (48, 96),
}  # fmt: skip


def make_persona(source: Path, name: str, **parameters: float) -> Persona:
    """The singer of a take as a persona called `name`, to be sung with again through SongSpec.persona.

    `parameters` change the voice (see LIMITS and persona.Persona). It is the same parameter set, so the voice
    is exactly the take's. Raises SpecError for an instrumental, a bad name and values out of range.
    """
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= LONGEST_NAME:
        raise SpecError(f"A persona's name has 1 to {LONGEST_NAME} characters; this one has {len(plain)}.")
    score = source_of(source).score
    if not score.vocals:
        raise SpecError("Nobody sings in this song. Make the persona from a song with a voice.")
    singer = singer_of(score)
    if singer is None:
        raise SpecError("This song was made without a singing voice. Render it again where one is installed.")
    for key, value in parameters.items():
        if key not in LIMITS:
            raise SpecError(f"A persona has no parameter {key!r}. It has: {', '.join(LIMITS)}.")
        low, high = LIMITS[key]
        if not low <= value <= high:
            raise SpecError(f"{key} is {value:g}; choose a number from {low:g} to {high:g}.")
    changed = replace(singer, **{k: round(v) if k in ("low", "high") else v for k, v in parameters.items()})  # type: ignore[arg-type]
    if changed.high - changed.low < 10:
        raise SpecError(
            f"The range from {changed.low} to {changed.high} is too narrow to sing; it needs 10 semitones."
        )
    return replace(changed, name=plain)
