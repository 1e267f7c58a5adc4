"""A task's recipe and its course in words: the rows of its page, and of a clip's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio import operations
from studio.models import Task
from studio.operations import Field, Kind


@dataclass(frozen=True)
class Row:
    """One parameter as a person reads it; what mode or model ruled out was kept but not sent."""

    label: str
    words: str
    is_long: bool
    is_sent: bool


@dataclass(frozen=True)
class Moment:
    name: str
    at: datetime


def recipe_rows(task: Task) -> list[Row]:
    """Every parameter that was given, in the form's order, with the labels of the registry."""
    operation = operations.REGISTRY.get(task.operation)
    values = task.values
    if operation is None:
        return [Row(name, str(value), False, True) for name, value in values.items()]
    mode = str(values.get("mode"))
    modes = {choice.value: choice.label for choice in operation.modes}
    rows = [Row("Mode", modes[mode], False, True)] if mode in modes else []
    for one in operation.fields:
        if words := in_words(one, values.get(one.name)):
            is_long = one.kind in {Kind.LYRICS, Kind.TEXT}
            rows.append(Row(one.label, words, is_long, one.applies(values)))
    return rows


def in_words(one: Field, value: Any) -> str:
    """The value of a field as a person reads it; "" for none."""
    if one.kind is Kind.SWITCH:
        return "Yes" if value else "No"
    if one.kind is Kind.SHARE:
        return f"{value * 100:.0f} of 100" if isinstance(value, int | float) else "Provider's default"
    if one.kind is Kind.CHOICE:
        return next((choice.label for choice in one.choices if choice.value == value), str(value or ""))
    return str(value or "")


def timeline(task: Task) -> list[Moment]:
    """When what happened, in order. The task's clips should be prefetched."""
    moments = [("Asked for", task.created_at), ("Sent", task.submitted_at)]
    moments += [(f"Take {clip.take} saved", clip.ready_at) for clip in task.clips.all()]
    moments.append((task.get_status_display() if not task.is_open else "", task.finished_at))
    return sorted((Moment(name, at) for name, at in moments if at), key=lambda moment: moment.at)
