"""A task's recipe and its course in words: the rows of its page, and of a clip's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio import operations
from studio.forms.kinds import moment_words
from studio.library import sources
from studio.models import Task
from studio.operations import Field, Kind, Operation


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
    titles = _sources_in_words(task, operation)
    for one in operation.fields:
        if words := titles.get(one.name) or in_words(one, values.get(one.name)):
            is_long = one.kind in {Kind.LYRICS, Kind.TEXT}
            rows.append(Row(one.label, words, is_long, one.applies(values, task.connection.host)))
    return rows


def in_words(one: Field, value: Any) -> str:
    """The value of a field as a person reads it; "" for none."""
    if one.kind is Kind.SWITCH:
        return "Yes" if value else "No"
    if one.kind is Kind.SHARE:
        return f"{value * 100:.0f} of 100" if isinstance(value, int | float) else "Provider's default"
    if one.kind is Kind.CHOICE:
        return _choice_label(one, value)
    if one.kind is Kind.WORDS:
        return ", ".join(_choice_label(one, word) for word in value or [])
    if one.kind is Kind.MOMENT:
        return moment_words(value) if isinstance(value, int | float) else ""
    if one.kind is Kind.NUMBER:
        return " ".join(filter(None, [f"{value:g}", one.unit])) if isinstance(value, int | float) else ""
    if one.kind is Kind.SEGMENTS:
        return ", ".join(_segment_words(one, row) for row in value or [])
    return str(value or "")


def _choice_label(one: Field, value: Any) -> str:
    return next((choice.label for choice in one.choices if choice.value == value), str(value or ""))


def _segment_words(one: Field, row: Mapping[str, Any]) -> str:
    length_s = row.get("duration_s")
    name = _choice_label(one, row.get("name"))
    return f"{name} {length_s:g} s" if isinstance(length_s, int | float) else name


def _sources_in_words(task: Task, operation: Operation) -> dict[str, str]:
    """What the codes in a recipe are called; codes of what is gone are left out."""
    connection, team = task.connection, task.team
    found = {
        one.name: sources.find(team, connection, one, code)
        for one in operation.source_fields
        if (code := task.values.get(one.name))
    }
    return {name: source.title if source else "not in this team any more" for name, source in found.items()}


def timeline(task: Task) -> list[Moment]:
    """When what happened, in order. The task's clips should be prefetched."""
    moments = [("Asked for", task.created_at), ("Sent", task.submitted_at)]
    moments += [(f"Take {clip.take} saved", clip.ready_at) for clip in task.clips.all()]
    moments.append((task.get_status_display() if not task.is_open else "", task.finished_at))
    return sorted((Moment(name, at) for name, at in moments if at), key=lambda moment: moment.at)
