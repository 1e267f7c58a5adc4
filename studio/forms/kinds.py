"""How each kind of field is read from a post, and what a browser would have sent for a value of it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from typing import Any

from django import forms

from studio.operations import Field, Kind

_MOMENT = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,6})?)")
MOMENT_HINT = "Give a moment such as 1:23.5, or 83.5 for seconds."


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
        percent = _number(value)
        if percent is None:
            raise forms.ValidationError("Give a number from 0 to 100.")
        return percent / 100


class _Number(forms.Field):
    widget = forms.TextInput

    def __init__(self, *, is_whole: bool) -> None:
        super().__init__(required=False)
        self.is_whole = is_whole

    def to_python(self, value: Any) -> float | None:
        text = str(value or "").strip()
        if not text:
            return None
        number = _number(text.replace(",", "."))
        if number is None:
            raise forms.ValidationError("Give a number.")
        return int(number) if self.is_whole and number == int(number) else number  # 120, and not 120.0


class _Moment(forms.Field):
    widget = forms.TextInput

    def to_python(self, value: Any) -> float | None:
        text = str(value or "").strip()
        if not text:
            return None
        moment_s = seconds_of(text)
        if moment_s is None:
            raise forms.ValidationError(MOMENT_HINT)
        return moment_s


class _SeveralInput(forms.TextInput):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [text for text in _all_of(data, name) if text]


class _Several(forms.Field):
    """Some of a list of choices, each once."""

    widget = _SeveralInput

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(str(one).replace("\0", "") for one in value or []))


class _SegmentsInput(forms.TextInput):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        return segment_rows(data, name)


class _Segments(forms.Field):
    """Rows of a name and a length; rows with neither are left out."""

    widget = _SegmentsInput

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        return [
            {"name": name.replace("\0", "").strip(), "duration_s": _length_of(name, length)}
            for name, length in value or []
            if name.strip() or length.strip()
        ]


def _length_of(name: str, text: str) -> float | None:
    if not text.strip():
        return None
    length_s = _number(text.replace(",", "."))
    if length_s is None:
        raise forms.ValidationError(f"{name or 'A section'} needs its length as a number of seconds.")
    return int(length_s) if length_s == int(length_s) else length_s


def _number(text: Any) -> float | None:
    """The finite number that `text` says; neither nan nor inf can be kept as JSON."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _all_of(data: Any, name: str) -> list[str]:
    found = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
    return [str(one) for one in ([found] if isinstance(found, str) else found)]


def segment_rows(data: Any, name: str) -> list[tuple[str, str]]:
    """The rows of a plan as they were typed: names and lengths."""
    names, lengths = (_all_of(data, f"{name}{part}") for part in ("__name", "__duration_s"))
    return list(itertools.zip_longest(names, lengths, fillvalue=""))


def default_name(name: str) -> str:
    """What the box beside the slider `name` is called."""
    return f"{name}_default"


def seconds_of(text: str) -> float | None:
    """The moment that "1:23.4", "83.4" or "1:02:03" names, to a hundredth; None for anything else."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = found.groups(default="0")
    return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds.replace(",", ".")), 2)


def moment_words(moment_s: float) -> str:
    """83.4 as "1:23.4"; a second decimal only where there is one."""
    hundredths = round(moment_s * 100)
    minutes, rest = divmod(hundredths, 6000)
    text = f"{minutes}:{rest / 100:05.2f}"
    return text[:-1] if text.endswith("0") else text


def form_field(one: Field) -> forms.Field:
    match one.kind:
        case Kind.SWITCH:
            return forms.BooleanField(required=False)
        case Kind.SHARE:
            return _Share(required=False)
        case Kind.NUMBER:
            return _Number(is_whole=one.is_whole)
        case Kind.MOMENT:
            return _Moment(required=False)
        case Kind.WORDS:
            return _Several(required=False)
        case Kind.SEGMENTS:
            return _Segments(required=False)
        case Kind.TAGS:
            return _Words(", ")
        case Kind.TEXT | Kind.LYRICS:
            return _Words()
    return _Words(" ")


def as_posted(one: Field, value: Any) -> dict[str, list[str]]:
    """What a browser would have sent for `value`; of a switch that is off, nothing."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match one.kind:
        case Kind.SWITCH:
            return {one.name: ["on"]} if value else {}
        case Kind.SHARE:
            return {one.name: [f"{value * 100:g}"]} if is_number else {default_name(one.name): ["on"]}
        case Kind.NUMBER:
            return {one.name: [f"{value:.12g}" if is_number else ""]}
        case Kind.MOMENT:
            return {one.name: [moment_words(value) if is_number else ""]}
        case Kind.WORDS:
            return {one.name: [str(word) for word in value] if isinstance(value, list | tuple) else []}
        case Kind.SEGMENTS:
            return _segments_as_posted(one.name, value)
    return {one.name: ["" if value is None else str(value)]}


def as_typed(one: Field, value: Any) -> bool | str:
    """What a script puts into the one control of a field: whether it is on, or its text."""
    if one.kind is Kind.SWITCH:
        return bool(value)
    return "".join(as_posted(one, value).get(one.name, [])[:1])


def _segments_as_posted(name: str, value: Any) -> dict[str, list[str]]:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list | tuple) else []
    return {
        f"{name}__name": [str(row.get("name") or "") for row in rows],
        f"{name}__duration_s": ["" if (s := row.get("duration_s")) is None else f"{s}" for row in rows],
    }
