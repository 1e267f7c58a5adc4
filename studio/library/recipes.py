"""Recipes that people keep: named, shared in the team, taken away as JSON and brought back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from studio import operations
from studio.models import Recipe, Task, Team, User
from studio.operations import SOURCE_KINDS

VERSION = 1
FORMAT = "ostinato-recipes"
MOST = 200  # of one file
NAME_CHARS = 120
TEXT_CHARS = 20_000


class BadRecipe(ValueError):
    """A file holds no recipe that could be used. `text` says why."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def seen_by(person: User, team: Team) -> QuerySet[Recipe]:
    """One's own recipes and those that others share with the team, by name."""
    mine = Q(person=person) | Q(is_shared=True)
    return Recipe.objects.filter(mine, team=team).select_related("person")


def keep(team: Team, person: User, name: str, content: dict[str, Any], *, is_shared: bool = False) -> Recipe:
    """Keep a recipe under a name; a name that one has already gets a number behind it."""
    wished = name.replace("\x00", "").strip()[:NAME_CHARS] or "Recipe"
    taken = set(Recipe.objects.filter(team=team, person=person).values_list("name", flat=True))
    free = wished
    for number in range(2, len(taken) + 3):
        if free not in taken:
            break
        free = f"{wished[: NAME_CHARS - 6]} {number}"
    return Recipe.objects.create(
        team=team,
        person=person,
        name=free,
        operation=content["operation"],
        content=content,
        is_shared=is_shared,
    )


def keep_task(task: Task, person: User, name: str, *, is_shared: bool = False) -> Recipe:
    """Keep the recipe of a task."""
    return keep(task.team, person, name, task.recipe, is_shared=is_shared)


def to_json(recipes: Iterable[Recipe]) -> str:
    """What `from_json` reads: every recipe whole, under its name."""
    rows = [{"name": one.name, **one.content} for one in recipes]
    return json.dumps({"format": FORMAT, "version": VERSION, "recipes": rows}, indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> list[tuple[str, dict[str, Any]]]:
    """Names and recipes of a file: of ours, a list of recipes, or a single one. Raises BadRecipe.

    Nothing is taken over unseen: only fields that the operation has, and no clip, persona or recording, which
    belong to the studio that the file comes from.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRecipe("This is not a JSON file.") from None
    if not _can_be_kept(found):
        raise BadRecipe("This file holds characters or numbers that cannot be kept.")
    if isinstance(found, dict) and "recipes" in found:
        found = found["recipes"]
    rows = found if isinstance(found, list) else [found]
    if not rows or len(rows) > MOST:
        raise BadRecipe(f"A file holds 1 to {MOST} recipes; this one holds {len(rows)}.")
    return [_read(row) for row in rows]


def _read(row: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(row, dict) or not isinstance(row.get("values"), dict):
        raise BadRecipe("This file holds no recipe: “operation” and “values” are missing.")
    if row.get("version", VERSION) != VERSION:
        raise BadRecipe("This recipe comes from a newer studio. Update this one first.")
    operation = operations.REGISTRY.get(str(row.get("operation")))
    if operation is None:
        raise BadRecipe(f"This studio has no operation called “{str(row.get('operation'))[:60]}”.")
    given = row["values"]
    names = {one.name for one in operation.fields if one.kind not in SOURCE_KINDS} | {"mode"}
    values = {name: value for name, value in given.items() if name in names and _is_plain(value)}
    return str(row.get("name") or operation.label), operation.recipe(values)


def _can_be_kept(found: Any) -> bool:
    """What every database and every JSON file takes: no NUL, no half of a character, no infinity."""
    try:
        text = json.dumps(found, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def _is_plain(value: Any) -> bool:
    """A value that a form could have given: nothing deep and nothing huge."""
    if isinstance(value, str):
        return len(value) <= TEXT_CHARS
    if isinstance(value, list):
        return len(value) <= MOST and all(isinstance(item, str | int | float | dict) for item in value)
    return value is None or isinstance(value, bool | int | float)
