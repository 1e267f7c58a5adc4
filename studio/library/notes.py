"""The notes of a clip, read from their asset: what the piano roll and its table show."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studio import vault
from studio.library.instruments import part_of, pitch_name
from studio.models import Asset

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Note:
    start_s: float
    end_s: float
    pitch: int
    velocity: int
    name: str


@dataclass(frozen=True)
class Instrument:
    """`number` counts from 0 in the order of the file; `part` names its colour."""

    number: int
    name: str
    part: str
    code3: str
    notes: tuple[Note, ...]

    @property
    def range(self) -> str:
        """From the lowest to the highest note, such as "C2 to G4"."""
        if not self.notes:
            return ""
        low, high = (pick(self.notes, key=lambda note: note.pitch) for pick in (min, max))
        return low.name if low.pitch == high.pitch else f"{low.name} to {high.name}"

    @property
    def first_s(self) -> float | None:
        return min((note.start_s for note in self.notes), default=None)

    @property
    def last_s(self) -> float | None:
        return max((note.end_s for note in self.notes), default=None)


def read(asset: Asset | None) -> tuple[Instrument, ...]:
    """The instruments of a notes asset; none when there is no such asset or it cannot be read.

    A page never fails for its notes: the log says why they are not shown.
    """
    if asset is None:
        return ()
    try:
        return _read(asset.key)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        log.exception("notes %s of clip %s cannot be read", asset.code, asset.clip_id)
        return ()


# A key never changes its meaning; a page is asked for again and again while something runs.
@lru_cache(maxsize=8)
def _read(key: str) -> tuple[Instrument, ...]:
    with vault.open(key) as source:
        stored = json.load(source)
    return tuple(_instrument(number, one) for number, one in enumerate(stored["instruments"]))


def _instrument(number: int, stored: dict[str, Any]) -> Instrument:
    name = str(stored["name"])
    part = part_of(name)
    notes = sorted((_note(row, part.name) for row in stored["notes"]), key=lambda note: note.start_s)
    return Instrument(number, name, part.name, part.code3, tuple(notes))


def _note(row: list[Any], part: str) -> Note:
    start_s, end_s, pitch, velocity = row[:4]
    return Note(float(start_s), float(end_s), int(pitch), int(velocity), pitch_name(int(pitch), part))
