"""The registry: every call of the API as one entry. Adding an operation touches its family's file only."""

from __future__ import annotations

from . import sonic
from .base import Availability, Choice, Field, Fix, Kind, Limit, Operation, Problem, Status, Values

REGISTRY: dict[str, Operation] = {operation.name: operation for operation in (*sonic.OPERATIONS,)}


def get(name: str) -> Operation:
    """The operation called `name`, such as "sonic.create_music"; KeyError when the registry has none."""
    return REGISTRY[name]


__all__ = [
    "REGISTRY",
    "Availability",
    "Choice",
    "Field",
    "Fix",
    "Kind",
    "Limit",
    "Operation",
    "Problem",
    "Status",
    "Values",
    "get",
]
