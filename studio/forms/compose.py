"""The create form of any operation, built from its registry entry: parsing, problems, what is drawn."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from studio.operations import Choice, Field, Kind, Operation, Problem, Values

MODEL_FIELD = "mv"  # the field that limits depend on
MODE_FIELD = "mode"
SECTIONS = ("Intro", "Verse", "Pre-Chorus", "Chorus", "Bridge", "Solo", "Outro")
MOST_SEGMENTS = 3  # more choices than this stand in a list
TEXTS = frozenset({Kind.LINE, Kind.TEXT, Kind.LYRICS, Kind.TAGS})


class _Words(forms.CharField):
    """Text as it was typed. Its length is the registry's business: what is too long is shown, never cut."""

    def __init__(self, joiner: str = "\n") -> None:
        """`joiner` takes the place of line breaks."""
        super().__init__(required=False, strip=False)
        self.joiner = joiner

    def to_python(self, value: Any) -> str:
        # Browsers send CRLF and count LF; a NUL is refused by PostgreSQL.
        text = str(value or "").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        return text.replace("\n", self.joiner)


class _ShareInput(forms.TextInput):
    """A slider and its "provider's default" box: a range always sends a number, so the box says not to."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return None if data.get(default_name(name)) else data.get(name)


class _Share(forms.Field):
    widget = _ShareInput

    def to_python(self, value: Any) -> float | None:
        if value in (None, ""):
            return None
        try:
            percent = float(value)
        except (TypeError, ValueError):
            percent = math.nan
        if not math.isfinite(percent):  # neither can be kept as JSON
            raise forms.ValidationError("Give a number from 0 to 100.")
        return percent / 100


def default_name(name: str) -> str:
    """What the box beside the slider `name` is called."""
    return f"{name}_default"


def _form_field(one: Field) -> forms.Field:
    if one.kind is Kind.SWITCH:
        return forms.BooleanField(required=False)
    if one.kind is Kind.SHARE:
        return _Share(required=False)
    return _Words({Kind.LINE: " ", Kind.CHOICE: " ", Kind.TAGS: ", "}.get(one.kind, "\n"))


@dataclass(frozen=True)
class Control:
    """One field as its template draws it: `compose/_field_<kind>.html`, whatever the operation."""

    field: Field
    value: Any
    problems: tuple[Problem, ...]
    model: str

    @property
    def id(self) -> str:
        return f"id_{self.field.name}"

    @property
    def template(self) -> str:
        return f"compose/_field_{self.field.kind}.html"

    @property
    def sections(self) -> tuple[str, ...]:
        return SECTIONS

    @property
    def is_segmented(self) -> bool:
        return len(self.field.choices) <= MOST_SEGMENTS

    @property
    def unknown_value(self) -> str:
        """A choice unknown to the registry, kept in the list so that nobody's choice is changed unseen."""
        known = {choice.value for choice in self.field.choices}
        return "" if self.value in known else self.value

    @property
    def shows(self) -> str:
        """The one mode this field belongs to, or "" for all."""
        return next(iter(self.field.modes)) if len(self.field.modes) == 1 else ""

    @property
    def models(self) -> str:
        return " ".join(sorted(self.field.models or ()))

    @property
    def limit(self) -> int | None:
        return self.field.limit.for_model(self.model) if self.field.limit else None

    @property
    def limits(self) -> str:
        """Limits by model for the counter's script; "" is every other model."""
        assert self.field.limit is not None
        return json.dumps({"": self.field.limit.chars, **self.field.limit.by_model})

    @property
    def length(self) -> int:
        return len(self.value or "")

    @property
    def default_name(self) -> str:
        return default_name(self.field.name)

    @property
    def percent(self) -> int:
        """Where the slider stands: half-way while unset or out of range."""
        given = self.value if isinstance(self.value, int | float) else 0.5
        return round(given * 100) if 0 <= given <= 1 else 50

    @property
    def described_by(self) -> str:
        names = [f"{self.id}-hint"] if self.field.help else []
        return " ".join(names + ([f"{self.id}-error"] if self.problems else []))


class OperationForm(forms.Form):
    """Parses a post for one operation. It is always bound; `shows_problems`: whether fields show theirs."""

    operation: ClassVar[Operation]
    model_field: ClassVar[str] = MODEL_FIELD
    shows_problems = False

    @classmethod
    def holding(cls, values: Values | None = None) -> OperationForm:
        """The form as if a person had typed `values` (a draft, a recipe); what they lack is the default."""
        given = dict(values or {})
        mode = given.get(MODE_FIELD) or next((choice.value for choice in cls.operation.modes), "")
        data = {MODE_FIELD: mode}
        for one in cls.operation.fields:
            data |= _as_posted(one, given.get(one.name, one.default))
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
        return given if given in modes else (modes[0] if modes else "")

    @property
    def modes(self) -> tuple[Choice, ...]:
        return self.operation.modes

    @functools.cached_property
    def problems(self) -> list[Problem]:
        """Why these values cannot be sent: first what cannot be read, then what the registry finds."""
        values = self.values()
        applicable = {one.name for one in self.operation.applicable(values)}
        unreadable = [
            Problem(name, f"{self.operation.field(name).label}: {text}")
            for name, texts in self.errors.items()
            if name in applicable
            for text in texts
        ]
        return unreadable + self.operation.problems(values)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been written yet."""
        values = self.values()
        return not any(values[one.name] for one in self.operation.fields if one.kind in TEXTS)

    def problems_of(self, name: str) -> tuple[Problem, ...]:
        if not self.shows_problems:
            return ()
        return tuple(problem for problem in self.problems if problem.field == name)

    def _controls(self, fields: Iterable[Field]) -> list[Control]:
        values = self.values()
        model = str(values.get(MODEL_FIELD) or "")
        return [Control(one, values[one.name], self.problems_of(one.name), model) for one in fields]

    @property
    def controls(self) -> list[Control]:
        return self._controls(one for one in self.operation.fields if not one.is_more)

    @property
    def more_controls(self) -> list[Control]:
        return self._controls(one for one in self.operation.fields if one.is_more)

    def with_fix(self, name: str) -> OperationForm:
        """The same form after taking the fix of the field `name`, if it has one."""
        for problem in self.problems:
            if problem.fix and problem.field == name:
                return type(self).holding(self.values() | {problem.fix.field: problem.fix.value})
        return self


def _as_posted(one: Field, value: Any) -> dict[str, str]:
    """What a browser would have sent for `value`; of a switch that is off, nothing."""
    if one.kind is Kind.SWITCH:
        return {one.name: "on"} if value else {}
    if one.kind is Kind.SHARE:
        is_set = isinstance(value, int | float) and not isinstance(value, bool)
        return {one.name: f"{value * 100:g}"} if is_set else {default_name(one.name): "on"}
    return {one.name: "" if value is None else str(value)}


def form_for(
    operation: Operation, data: QueryDict | None = None, *, values: Values | None = None
) -> OperationForm:
    """The form of `operation`: with a browser's post, or holding `values`, or holding the defaults."""
    fields: dict[str, Any] = {one.name: _form_field(one) for one in operation.fields}
    made: Any = type("OperationForm", (OperationForm,), fields | {"operation": operation})
    return made.holding(values) if data is None else made(data)
