"""Addresses of the create panel: which operation on which source, with which values."""

from __future__ import annotations

from urllib.parse import urlencode

from studio.operations import SOURCE_KINDS, Kind, Operation, Values

SECOND = "second"  # in an address, the second clip


def compose_query(operation: Operation, values: Values | None = None, source: str = "") -> str:
    """The query of `operation` about `source`, a code; other sources of `values` stay where it takes them."""
    given = {"operation": operation.name}
    for one in operation.source_fields:
        if kept := str((values or {}).get(one.name) or ""):
            given[one.name] = kept
    if operation.source and source:
        given[operation.source] = source
    return urlencode(given)


def accepts_clip(operation: Operation) -> bool:
    """Whether the operation can be about a clip."""
    return main_kind(operation) in {Kind.CLIP, Kind.RECORDING}


def main_kind(operation: Operation) -> Kind | None:
    """The kind of the field that names the source, None for an operation without one."""
    if not operation.source:
        return None
    return operation.field(operation.source).kind


def has_source(operation: Operation) -> bool:
    return any(one.kind in SOURCE_KINDS for one in operation.fields)
