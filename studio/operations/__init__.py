"""The registry: every call of the API as one entry. Adding an operation touches its family's file only."""

from __future__ import annotations

from . import lyrics, nuro, producer, riffusion, sonic, studio
from .base import (
    AIMUSICAPI,
    HOSTS,
    MUSICAPI,
    OFFLINE,
    OTHER,
    SOURCE_KINDS,
    Availability,
    Choice,
    Context,
    Field,
    Fix,
    Group,
    Kind,
    Limit,
    Needs,
    Operation,
    Problem,
    Result,
    Source,
    Status,
    Values,
    obstacles,
)

FAMILIES = (sonic, lyrics, producer, nuro, riffusion, studio)
REGISTRY: dict[str, Operation] = {one.name: one for family in FAMILIES for one in family.OPERATIONS}


def get(name: str) -> Operation:
    """The operation called `name`, such as "sonic.create_music"; KeyError when the registry has none."""
    return REGISTRY[name]


__all__ = [
    "AIMUSICAPI",
    "FAMILIES",
    "HOSTS",
    "MUSICAPI",
    "OFFLINE",
    "OTHER",
    "REGISTRY",
    "SOURCE_KINDS",
    "Availability",
    "Choice",
    "Context",
    "Field",
    "Fix",
    "Group",
    "Kind",
    "Limit",
    "Needs",
    "Operation",
    "Problem",
    "Result",
    "Source",
    "Status",
    "Values",
    "get",
    "obstacles",
]
