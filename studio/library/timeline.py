"""The timed lyrics of a clip, read from their asset."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from studio import vault
from studio.audio import timed_lyrics
from studio.audio.timed_lyrics import TimedSection
from studio.models import Asset

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Token:
    word: str
    start_s: float
    end_s: float


def read(asset: Asset | None) -> tuple[TimedSection, ...]:
    """The sections of a timeline asset; none when there is no such asset or it cannot be read.

    A page never fails for its timeline: the plain lyrics are shown instead, and the log says why.
    """
    if asset is None:
        return ()
    try:
        with vault.open(asset.key) as source:
            stored = json.load(source)
        return timed_lyrics.sections(_tokens(stored["words"]))
    except (OSError, ValueError, TypeError, KeyError):
        log.exception("timeline %s of clip %s cannot be read", asset.code, asset.clip_id)
        return ()


def _tokens(items: list[dict[str, Any]]) -> Iterator[_Token]:
    for item in items:
        yield _Token(str(item["word"]), float(item["start_s"]), float(item["end_s"]))
