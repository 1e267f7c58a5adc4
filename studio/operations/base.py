"""What an operation is. One entry drives form, validation, pre-flight, price, payload and queue label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from studio.musicapi import ApiRequest

Values = Mapping[str, Any]
"""What a person gave, by field name: str, bool, int, float or None. Recipes store exactly this."""


class Kind(StrEnum):
    """How a field is asked for and parsed."""

    LINE = "line"  # one line of text
    TEXT = "text"  # a few lines of text
    LYRICS = "lyrics"  # many lines, with section marks
    TAGS = "tags"  # comma-separated style words
    CHOICE = "choice"  # one of `choices`
    SWITCH = "switch"  # yes or no
    SHARE = "share"  # 0 to 100 in the form, 0.0 to 1.0 on the wire; None = the provider's default


class Status(StrEnum):
    AVAILABLE = "available"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Availability:
    """Whether a host offers an operation, with a reason in words and the nearest alternative."""

    status: Status = Status.AVAILABLE
    reason: str = ""
    instead: str = ""

    @property
    def is_usable(self) -> bool:
        return self.status in {Status.AVAILABLE, Status.DEPRECATED, Status.UNKNOWN}


@dataclass(frozen=True)
class Limit:
    """The most characters a field takes; some models take fewer or more than the rest."""

    chars: int
    by_model: Mapping[str, int] = field(default_factory=dict)

    def for_model(self, model: str) -> int:
        return self.by_model.get(model, self.chars)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """One field of an operation's form. `modes` and `models` say when it is asked and sent at all."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    limit: Limit | None = None
    choices: tuple[Choice, ...] = ()
    default: Any = ""
    modes: frozenset[str] = frozenset({"simple", "custom"})
    models: frozenset[str] | None = None
    ends: tuple[str, str] = ("", "")
    placeholder: str = ""
    examples: tuple[Choice, ...] = ()  # offered while the field is empty
    is_more: bool = False  # stands under "More"

    def applies(self, values: Values) -> bool:
        """Whether this field belongs to the mode and model that `values` name."""
        if values.get("mode", "custom") not in self.modes:
            return False
        return self.models is None or values.get("mv") in self.models


@dataclass(frozen=True)
class Fix:
    """A change of one field that a person can take with one press."""

    label: str
    field: str
    value: Any


@dataclass(frozen=True)
class Problem:
    """Why a request would be refused, said before it is sent. `field` is "" when it concerns the whole."""

    field: str
    text: str
    fix: Fix | None = None


@dataclass(frozen=True)
class Operation:
    """One call of the API.

    `build` turns checked values into the request; `check` finds what the fields' own limits cannot;
    `price` gives the first guess in credits for a host; `queue_label` is what the task card says.
    """

    name: str
    label: str
    verb: str
    family: str
    fields: tuple[Field, ...]
    build: Callable[[Values], ApiRequest]
    check: Callable[[Values], list[Problem]]
    price: Callable[[str, Values], int]
    variant: Callable[[Values], str]
    result: str = "clips"
    modes: tuple[Choice, ...] = ()
    availability: Mapping[str, Availability] = field(default_factory=dict)

    def field(self, name: str) -> Field:
        """The field `name`; KeyError when the operation has none."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def applicable(self, values: Values) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.applies(values))

    def defaults(self) -> dict[str, Any]:
        return {one.name: one.default for one in self.fields}

    def problems(self, values: Values) -> list[Problem]:
        """Everything a provider would refuse about `values`, in the order of the form; empty = ready."""
        return [p for one in self.applicable(values) for p in _limits(one, values)] + self.check(values)

    def on(self, host: str) -> Availability:
        return self.availability.get(host, Availability())

    def recipe(self, values: Values) -> dict[str, Any]:
        """The complete, versioned set of parameters that makes this request again."""
        kept = {one.name: values.get(one.name, one.default) for one in self.fields}
        return {
            "version": 1,
            "operation": self.name,
            "values": {"mode": values.get("mode", "custom"), **kept},
        }


def _limits(one: Field, values: Values) -> list[Problem]:
    value = values.get(one.name)
    if one.kind is Kind.CHOICE and value and value not in {choice.value for choice in one.choices}:
        return [Problem(one.name, f"{one.label}: {value!s:.40} is not known here. Choose one from the list.")]
    if one.limit and isinstance(value, str):
        most = one.limit.for_model(str(values.get("mv", "")))
        if len(value) > most:
            over = len(value) - most
            text = f"{one.label} may have {most:,} characters with this model; that is {over:,} too many."
            return [Problem(one.name, text.replace(",", " "))]
    if one.kind is Kind.SHARE and value is not None and not 0 <= float(value) <= 1:
        return [Problem(one.name, f"{one.label} goes from 0 to 100.")]
    return []
