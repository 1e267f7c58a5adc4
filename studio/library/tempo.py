"""The measured tempo of a clip, read from its asset."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from studio import vault
from studio.models import Asset, Clip

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tempo:
    """In beats per minute. `least` and `most` are equal to `average` when nothing more is known."""

    average: float
    least: float
    most: float

    @property
    def words(self) -> str:
        """Such as "92 bpm (90–95)"."""
        least, most = f"{self.least:.0f}", f"{self.most:.0f}"
        span = f" ({least}–{most})" if least != most else ""
        return f"{self.average:.4g} bpm{span}"


def of(clip: Clip, asset: Asset | None) -> Tempo | None:
    """As measured, else as the provider said; None when nobody knows."""
    measured = _read(asset) if asset else None
    if measured is None and clip.bpm:
        return Tempo(clip.bpm, clip.bpm, clip.bpm)
    return measured


def _read(asset: Asset) -> Tempo | None:
    try:
        with vault.open(asset.key) as source:
            stored = json.load(source)
        average = float(stored["avg_bpm"])
        least, most = (float(stored.get(name) or average) for name in ("min_bpm", "max_bpm"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        log.exception("tempo %s of clip %s cannot be read", asset.code, asset.clip_id)
        return None
    return Tempo(average, least, most) if average > 0 else None
