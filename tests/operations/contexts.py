"""Sources that an entry of the registry takes, and the context that a request is made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.operations import REGISTRY, Context, Field, Kind, Operation, Source
from tests.operation_values import values_for

HERE = "connection-here"
CODES = {
    "clip": "clip-code",
    "second_clip": "second-code",
    "persona": "persona-code",
    "recording": "rec-code",
}
IDS = {name: f"remote-{name}" for name in CODES}
URL = "https://files.example.org/recording.mp3"
LENGTH_S = 60.0


def source_for(one: Field) -> Source:
    """A source that the field takes without a word."""
    fresh = Source(code=CODES[one.name], title="Harbour", remote_id=IDS[one.name], connection=HERE)
    if one.kind is Kind.RECORDING:
        return replace(fresh, remote_id="", connection="", duration_s=LENGTH_S, url=URL)
    if one.kind is Kind.PERSONA:
        return fresh
    return replace(
        fresh,
        family=next(iter(one.needs.families)),
        is_uploaded=one.needs.origin == "uploaded",
        age_h=1.0,
        duration_s=LENGTH_S,
    )


def context_for(
    operation: Operation, values: Mapping[str, Any], host: str = "offline", **changes: Any
) -> Context:
    """Sources for those fields of `values` that name one; `changes` are made to each of them."""
    given = [one for one in operation.source_fields if values.get(one.name)]
    sources = {one.name: replace(source_for(one), **changes) for one in given}
    return Context(host=host, connection=HERE, sources=sources, can_be_called=True)


def entry(name: str, /, **changes: Any) -> tuple[Operation, dict[str, Any]]:
    """An operation with sensible values, some of them changed."""
    return REGISTRY[name], values_for(name, CODES) | changes
