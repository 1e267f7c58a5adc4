"""The menu of all operations, as one connection offers them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio import offers, operations
from studio.forms.addresses import compose_query
from studio.library import making
from studio.models import Connection
from studio.operations import Availability, Group, Kind, Operation, Status, Values

MAIN_FAMILIES = ("sonic", "lyrics")  # stand in the groups; the others have a section each


@dataclass(frozen=True)
class Choice:
    """One operation in a menu: usable, on its way out, or there with the reason why not."""

    operation: Operation
    query: str
    why_not: str = ""
    is_deprecated: bool = False
    is_current: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Chooser:
    """Made for a form: its source goes along to operations that can be about it."""

    connection: Connection | None
    current: Operation
    values: Values
    subject: str

    @functools.cached_property
    def sections(self) -> list[Section]:
        found = _offers(self.connection)
        shown = sorted(filter(_is_shown, operations.REGISTRY.values()), key=making.usual_place)
        grouped = [
            (group.value, [one for one in shown if one.family in MAIN_FAMILIES and one.group is group])
            for group in Group
        ]
        rest = list(dict.fromkeys(one.family for one in shown if one.family not in MAIN_FAMILIES))
        families = [(name.capitalize(), [one for one in shown if one.family == name]) for name in rest]
        return [
            Section(title, [self._choice(one, found.get(one.name)) for one in entries])
            for title, entries in grouped + families
            if entries
        ]

    def _choice(self, one: Operation, found: Availability | None) -> Choice:
        carried = self.subject if one.source and _kinds_match(one, self.current) else ""
        is_current = self.current.name in {one.name, one.twin}
        return choice_of(one, found or Availability(), compose_query(one, source=carried), is_current)


def choice_of(one: Operation, found: Availability, query: str, is_current: bool = False) -> Choice:
    is_deprecated = found.status is Status.DEPRECATED
    return Choice(one, query, offers.why_not(found), is_deprecated, is_current)


def is_second_of_twins(one: Operation) -> bool:
    """Of two entries that do the same for clips of different origins, menus show the first."""
    names = list(operations.REGISTRY)
    return one.twin in operations.REGISTRY and names.index(one.twin) < names.index(one.name)


def _is_shown(one: Operation) -> bool:
    return not is_second_of_twins(one)


def _kinds_match(one: Operation, other: Operation) -> bool:
    return bool(other.source) and one.field(one.source).kind == other.field(other.source).kind


def _offers(connection: Connection | None) -> dict[str, Availability]:
    return offers.offers(connection) if connection else {}


# --- what can be made of one clip ------------------------------------------------------------------


def for_clip(connection: Connection, code: str, made_by: str) -> Iterator[list[Choice]]:
    """What can be made of a clip at its own connection, in groups; a clip of another family has its own.

    `made_by`: the operation that the clip is of.
    """
    found, family = offers.offers(connection), made_by.partition(".")[0]
    lines = making.ON_A_CLIP if family == "sonic" else (tuple(_made_of_clips()),)
    for names in lines:
        known = (operations.REGISTRY[name] for name in names if name in operations.REGISTRY)
        entries = [one for one in known if _takes(one, family, made_by)]
        if entries:
            yield [choice_of(one, found[one.name], compose_query(one, source=code)) for one in entries]


def _takes(one: Operation, family: str, made_by: str) -> bool:
    """Whether clips of `family` made by the operation `made_by` are taken; as a recording, every clip is."""
    asked = one.field(one.source)
    return asked.kind is not Kind.CLIP or (family in asked.needs.families and asked.needs.fits(made_by))


def _made_of_clips() -> Iterator[str]:
    for one in operations.REGISTRY.values():
        if one.source and not is_second_of_twins(one) and one.field(one.source).kind is Kind.CLIP:
            yield one.name
    if "sonic.upload" in operations.REGISTRY:
        yield "sonic.upload"
