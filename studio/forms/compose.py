"""The create form of any operation, built from its registry entry: parsing, sources, problems."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from studio.forms.controls import Control
from studio.forms.kinds import as_posted, form_field
from studio.library import clips, sources
from studio.models import Clip, Connection, Team
from studio.operations import (
    SOURCE_KINDS,
    Choice,
    Context,
    Field,
    Kind,
    Operation,
    Problem,
    Values,
    obstacles,
)
from studio.operations.base import kind_of_host

MODEL_FIELD = "mv"  # the field that limits depend on
MODE_FIELD = "mode"
ONLY_MODE = "custom"  # of an operation that has no modes
TEXTS = frozenset({Kind.LINE, Kind.TEXT, Kind.LYRICS, Kind.TAGS})
WITHIN_CLIP = frozenset({Kind.CLIP, Kind.RECORDING})  # kinds whose value may be the code of a clip


class OperationForm(forms.Form):
    """Parses a post for one operation. It is always bound; `shows_problems`: whether fields show theirs.

    `team` and `connection` say whose clips and personas the codes in it mean, and who is asked.
    """

    operation: ClassVar[Operation]
    model_field: ClassVar[str] = MODEL_FIELD
    shows_problems = False
    team: Team | None = None
    connection: Connection | None = None

    @classmethod
    def holding(cls, values: Values | None = None) -> OperationForm:
        """The form as if a person had typed `values` (a draft, a recipe); what they lack is the default."""
        given = dict(values or {})
        mode = given.get(MODE_FIELD) or next((choice.value for choice in cls.operation.modes), ONLY_MODE)
        data = MultiValueDict({MODE_FIELD: [str(mode)]})
        for one in cls.operation.fields:
            data.update(MultiValueDict(as_posted(one, given.get(one.name, one.default))))
        return cls(data)

    def values(self) -> dict[str, Any]:
        """Every field's parsed value, also where mode or model rule it out; None for what cannot be read."""
        _ = self.errors  # parses, the first time it is asked for
        return {MODE_FIELD: self.mode} | {
            one.name: self.cleaned_data.get(one.name) for one in self.operation.fields
        }

    @property
    def mode(self) -> str:
        modes = [choice.value for choice in self.operation.modes]
        given = self.data.get(MODE_FIELD)
        return given if given in modes else (modes[0] if modes else ONLY_MODE)

    @property
    def modes(self) -> tuple[Choice, ...]:
        return self.operation.modes

    @property
    def host(self) -> str:
        return self.connection.host if self.connection else "offline"

    @functools.cached_property
    def context(self) -> Context:
        """What the registry has to know besides the values, the sources above all."""
        if self.team is None:
            return Context(host=self.host)
        return sources.context(self.team, self.connection, self.operation, self.values())

    @functools.cached_property
    def clips(self) -> dict[str, Clip]:
        """The clips that the source fields name, by their codes, as `library.clips.dressed` gives them."""
        named = (self.values().get(one.name) for one in self.operation.fields if one.kind in WITHIN_CLIP)
        codes = {code for text in named if (code := sources.as_code(text))}
        if not codes or self.team is None:
            return {}
        rows = clips.dressed(Clip.objects.filter(team=self.team, code__in=codes))
        return {str(clip.code): clip for clip in rows}

    @functools.cached_property
    def findings(self) -> list[Problem]:
        """What can be said of these values: first what cannot be read, then what the registry finds."""
        values = self.values()
        applicable = {one.name for one in self.operation.applicable(values, self.host)}
        unreadable = [
            Problem(name, f"{self.operation.field(name).label}: {text}")
            for name, texts in self.errors.items()
            if name in applicable
            for text in texts
        ]
        known = {problem.field for problem in unreadable}
        # Nothing came of what could not be read, so that it is missing is no news.
        found = [one for one in self.operation.problems(values, self.context) if one.field not in known]
        return unreadable + found

    @property
    def problems(self) -> list[Problem]:
        """Why these values cannot be sent."""
        return obstacles(self.findings)

    @property
    def advice(self) -> list[Problem]:
        """What the provider warns of and takes all the same."""
        return [problem for problem in self.findings if problem.is_advice]

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been written or chosen yet."""
        values = self.values()
        asked = TEXTS | SOURCE_KINDS
        return not any(values[one.name] for one in self.operation.fields if one.kind in asked)

    @property
    def subject(self) -> str:
        """The code of what the request is about; "" for a request out of nothing."""
        return str(self.values().get(self.operation.source) or "") if self.operation.source else ""

    def problems_of(self, name: str) -> tuple[Problem, ...]:
        """What the field `name` shows beneath it. Advice is always shown."""
        return tuple(
            one for one in self.findings if one.field == name and (one.is_advice or self.shows_problems)
        )

    def controls_of(self, fields: Iterable[Field]) -> list[Control]:
        ends = {one.until for one in self.operation.fields if one.until}
        return [
            Control(self, one)
            for one in fields
            if one.name not in ends and (one.hosts is None or kind_of_host(self.host) in one.hosts)
        ]

    @property
    def controls(self) -> list[Control]:
        return self.controls_of(one for one in self.operation.fields if not one.is_more)

    @property
    def more_controls(self) -> list[Control]:
        return self.controls_of(one for one in self.operation.fields if one.is_more)

    def with_fix(self, name: str) -> OperationForm:
        """The same form after taking the fix of the field `name`, if it has one."""
        for problem in self.findings:
            if problem.fix and problem.field == name and not problem.fix.operation:
                return self.holding_too(problem.fix.changes)
        return self

    def holding_too(self, changes: Values) -> OperationForm:
        """The same form with some values changed."""
        return for_team(type(self).holding(self.values() | dict(changes)), self.team, self.connection)


def for_team(form: OperationForm, team: Team | None, connection: Connection | None) -> OperationForm:
    form.team, form.connection = team, connection
    return form


def form_for(
    operation: Operation,
    data: QueryDict | None = None,
    *,
    values: Values | None = None,
    team: Team | None = None,
    connection: Connection | None = None,
) -> OperationForm:
    """The form of `operation`: with a browser's post, or holding `values`, or holding the defaults."""
    fields: dict[str, Any] = {one.name: form_field(one) for one in operation.fields}
    made: Any = type("OperationForm", (OperationForm,), fields | {"operation": operation})
    return for_team(made.holding(values) if data is None else made(data), team, connection)
