"""The sonic family. Prices are first guesses: price pages and paid runs of 2026, by host."""

from __future__ import annotations

from . import bring, changes, parts, songs, voices
from .fields import DEFAULT_MODEL, MODELS, OLD_MODELS
from .songs import CREATE_MUSIC

OPERATIONS = (
    *songs.OPERATIONS,
    *changes.OPERATIONS,
    *parts.OPERATIONS,
    *voices.OPERATIONS,
    *bring.OPERATIONS,
)

__all__ = ["CREATE_MUSIC", "DEFAULT_MODEL", "MODELS", "OLD_MODELS", "OPERATIONS"]
