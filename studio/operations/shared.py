"""What the entries of every family are made with: from values to a request, prices, words on availability."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from studio.musicapi import ApiRequest
from studio.musicapi.requests.nuro import NuroSegment

from .base import (
    AIMUSICAPI,
    MUSICAPI,
    OTHER,
    Availability,
    Choice,
    Context,
    Field,
    Fix,
    Kind,
    Needs,
    Problem,
    Status,
    Values,
)

SIMPLE = frozenset({"simple"})
CUSTOM = frozenset({"custom"})
MODES = (Choice("simple", "Simple"), Choice("custom", "Custom"))

Build = Callable[[Values, Context], ApiRequest]
Check = Callable[[Values, Context], list[Problem]]


LONGEST_UPLOAD_S = 480.0
RECORDING = Field(
    "recording",
    Kind.RECORDING,
    "Recording",
    help="Yours to use, at most 8 minutes.",
    needs=Needs(most_s=LONGEST_UPLOAD_S),
    is_required=True,
)


def is_simple(values: Values) -> bool:
    return values.get("mode") == "simple"


def words(values: Values, name: str) -> str:
    """The text of a field without the space around it; "" when nothing was given."""
    return str(values.get(name) or "").strip()


def given(fields: Collection[Field], values: Values, context: Context) -> dict[str, Any]:
    """What was given for those fields that mode, model and host do not rule out, as the wire wants it."""
    found = {
        one.name: _wired(one, values.get(one.name), context)
        for one in fields
        if one.applies(values, context.host)
    }
    return {name: value for name, value in found.items() if value not in ("", None, ())}


def _wired(one: Field, value: Any, context: Context) -> Any:
    if one.kind in {Kind.CLIP, Kind.PERSONA, Kind.RECORDING}:
        source = context.sources.get(one.name)
        if source is None:
            return None
        return source.url if one.kind is Kind.RECORDING else source.remote_id
    if one.kind is Kind.WORDS:
        return tuple(value or ())
    if one.kind is Kind.SEGMENTS:
        return tuple(
            NuroSegment(name=part["name"], duration_s=int(part["duration_s"])) for part in value or ()
        )
    if isinstance(value, str):
        return value.strip()
    return int(value) if one.is_whole and isinstance(value, float) else value


def builder(
    request: type[ApiRequest],
    fields: Collection[Field],
    names: Mapping[str, str] | None = None,
    finish: Callable[[dict[str, Any], Values], None] | None = None,
) -> Build:
    """Makes `request` of the given values, a field's under the same name unless `names` has another.

    `finish` adds to what was given, or takes from it, with the names of the fields.
    """
    attributes = names or {}

    def build(values: Values, context: Context) -> ApiRequest:
        entry = given(fields, values, context)
        if finish is not None:
            finish(entry, values)
        return request(**{attributes.get(name, name): value for name, value in entry.items()})

    return build


def accept(_values: Values, _context: Context) -> list[Problem]:
    """The check of an entry whose fields say all there is to say."""
    return []


def every(*checks: Check) -> Check:
    """All that any of `checks` finds."""

    def check(values: Values, context: Context) -> list[Problem]:
        return [problem for one in checks for problem in one(values, context)]

    return check


def whole_window(start: str, end: str) -> Check:
    """A window that may be left out is given with both its ends, or with none."""

    def check(values: Values, _context: Context) -> list[Problem]:
        if (values.get(start) is None) == (values.get(end) is None):
            return []
        if values.get(start) is None:
            return [Problem(start, "Say where the window begins, too.", Fix("From the start", start, 0.0))]
        return [Problem(end, "Say where the window ends, too.", Fix("Take the window back", start, None))]

    return check


def wanted(name: str, text: str) -> Check:
    """A text that must be there."""

    def check(values: Values, _context: Context) -> list[Problem]:
        return [] if words(values, name) else [Problem(name, text)]

    return check


def price(credits: int, at_musicapi: int | None = None) -> Callable[[str, Values], int]:
    """A first guess that depends on the host only."""

    def guess(host: str, _values: Values) -> int:
        return at_musicapi if at_musicapi is not None and host == MUSICAPI else credits

    return guess


def one_price(_values: Values) -> str:
    return ""


def retired(reason: str, instead: str = "") -> Availability:
    return Availability(Status.RETIRED, reason, instead)


def unknown(reason: str, instead: str = "") -> Availability:
    return Availability(Status.UNKNOWN, reason, instead)


def deprecated(reason: str, instead: str = "") -> Availability:
    return Availability(Status.DEPRECATED, reason, instead)


def unless_known(
    aimusicapi: Availability | None = None, musicapi: Availability | None = None
) -> dict[str, Availability]:
    """Availability of what is not offered everywhere: of other hosts nobody can say."""
    known = {AIMUSICAPI: aimusicapi, MUSICAPI: musicapi}
    other = unknown("Whether this provider offers it is not known; it may refuse.")
    return {host: offer for host, offer in known.items() if offer is not None} | {OTHER: other}
