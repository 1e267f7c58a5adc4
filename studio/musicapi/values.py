"""Reading values that vary: numbers as text, null for absent, lists for text. Nothing later guesses again."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

import msgspec

T = TypeVar("T")
Fields = Mapping[str, Any]


class Malformed(ValueError):
    """An answer lacks what it cannot do without."""


def number(value: object) -> float | None:
    """A finite number from an int, a float or a decimal string; None from anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def plain_text(value: object) -> str:
    """Text from a string, a number or a list of those; empty from anything else."""
    if isinstance(value, str):
        return value.replace("\0", "")  # no database takes it
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain_text, value)))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def first_text(fields: Fields, *names: str) -> str:
    """The first non-empty text among the named fields; an object is asked for its `message`."""
    for name in names:
        value = fields.get(name)
        text = first_text(value, "message", "error") if isinstance(value, Mapping) else plain_text(value)
        if text.strip():
            return text.strip()
    return ""


def seconds(value: object) -> float | None:
    """A length in seconds; None when unknown, negative or zero, which services send for "not yet"."""
    found = number(value)
    return found if found and found > 0 else None


def inner(fields: Fields, *names: str) -> dict[str, Any]:
    """The object under the first of these names that holds one; empty when none does."""
    return next((fields[name] for name in names if isinstance(fields.get(name), dict)), {})


def read(kind: type[T], fields: object) -> T:
    """A struct from a JSON object, field by field and by wire name, each as leniently as its type allows.

    Types: str, float, float | None, int, bool, and tuples of structs, whose malformed items are left out. An
    optional field that says nothing of its type keeps its default. Raises Malformed naming what is required
    and missing; an empty list is not missing.
    """
    if not isinstance(fields, Mapping):
        raise Malformed("an object is missing")
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):  # type: ignore[arg-type]
        value = _value(field.type, fields.get(field.encode_name))
        if value not in (None, ""):
            found[field.name] = value
        elif field.required:
            raise Malformed(f"{field.encode_name} is missing")
    return kind(**found)


def _whole(value: object) -> int | None:
    found = number(value)
    return None if found is None else round(found)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


_LENIENT: dict[Any, Callable[[object], Any]] = {
    str: plain_text,
    float: number,
    float | None: number,
    int: _whole,
    bool: _flag,
}


def _value(kind: Any, value: object) -> Any:
    if kind in _LENIENT:
        return _LENIENT[kind](value)
    return items(get_args(kind)[0], value) if isinstance(value, list) else None


def items(kind: type[T], values: list[Any]) -> tuple[T, ...]:
    """Structs from the objects of a list, those that are malformed left out."""
    found = []
    for value in values:
        try:
            found.append(read(kind, value))
        except Malformed:
            continue
    return tuple(found)
