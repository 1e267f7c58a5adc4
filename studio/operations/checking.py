"""What can be said against a field's value by its entry alone: lengths, ranges, lists, windows, sources."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeGuard

from studio.operations.base import (
    Context,
    Field,
    Fix,
    Kind,
    Needs,
    Operation,
    Problem,
    Source,
    Values,
)

UPLOADS = {"producer": "producer.upload", "riffusion": "riffusion.upload"}  # every other family: sonic's
FRESH_TEXT = "Its provider wants a clip younger than {hours:g} h here"


def field_problems(operation: Operation, one: Field, values: Values, context: Context) -> list[Problem]:
    """Why the provider would refuse the value of `one`, at most one obstacle; advice may come with none."""
    value = values.get(one.name)
    if one.kind in _MISSING and value in (None, "", []):
        return [Problem(one.name, _MISSING[one.kind].format(label=one.label))] if one.is_required else []
    judge = _JUDGES.get(one.kind, _of_text)
    return judge(operation, one, value, values, context)


_MISSING = {
    Kind.CLIP: "{label}: choose one.",
    Kind.PERSONA: "Choose who sings.",
    Kind.RECORDING: "Bring a recording: a file, an address or the microphone.",
    Kind.MOMENT: "{label}: pick a moment of the clip.",
    Kind.NUMBER: "{label}: give a number.",
    Kind.CHOICE: "Choose one: {label}.",
    Kind.WORDS: "Choose at least one: {label}.",
    Kind.SEGMENTS: "Plan at least one section.",
}


def _of_text(
    operation: Operation, one: Field, value: Any, values: Values, _context: Context
) -> list[Problem]:
    if not one.limit or not isinstance(value, str):
        return []
    most = one.limit.for_model(str(values.get("mv", "")))
    if len(value) <= most:
        return []
    text = (
        f"{one.label} may have {most:,} characters with this model; that is {len(value) - most:,} too many."
    )
    return [Problem(one.name, text.replace(",", " "), _fitting(operation, one, value, most))]


def _fitting(operation: Operation, one: Field, value: str, most: int) -> Fix:
    """A model that takes all of it, where there is one; else the text cut to its limit."""
    assert one.limit is not None
    model = next((other for other in operation.fields if other.name == "mv"), None)
    if most < len(value) <= one.limit.chars and model is not None and model.default:
        label = next(choice.label for choice in model.choices if choice.value == model.default)
        return Fix(f"Use {label}, which takes it", model.name, model.default)
    return Fix(f"Cut it to {most:,}".replace(",", " "), one.name, cut_to(value, most))


def cut_to(text: str, most: int) -> str:
    """The beginning of `text`, at most `most` characters, ending with a whole word where it can."""
    kept = text[:most]
    if most < len(text) and not text[most].isspace():
        end = max(kept.rfind(mark) for mark in " \n,")
        kept = kept[:end] if end > most // 2 else kept
    return kept.rstrip(" ,\n")


def _of_choice(
    _operation: Operation, one: Field, value: Any, _values: Values, _context: Context
) -> list[Problem]:
    if not value or value in {choice.value for choice in one.choices}:
        return []
    text = f"{one.label}: {value!s:.40} is not known here. Choose one from the list."
    usual = next((choice for choice in one.choices if choice.value and choice.value == one.default), None)
    return [Problem(one.name, text, Fix(f"Use {usual.label}", one.name, usual.value) if usual else None)]


def _of_words(
    _operation: Operation, one: Field, value: Any, _values: Values, _context: Context
) -> list[Problem]:
    known = {choice.value for choice in one.choices}
    if not isinstance(value, list) or any(word not in known for word in value):
        return [Problem(one.name, f"{one.label}: choose from the list.")]
    if one.most is not None and len(value) > one.most:
        return [Problem(one.name, f"{one.label}: {one.most:g} at most; these are {len(value)}.")]
    return []


def _of_share(
    _operation: Operation, one: Field, value: Any, _values: Values, _context: Context
) -> list[Problem]:
    least, most = one.least or 0, one.most if one.most is not None else 1
    if value is None or (_is_number(value) and least <= value <= most):
        return []
    return [Problem(one.name, f"{one.label} goes from {least * 100:g} to {most * 100:g}.")]


def _of_number(
    _operation: Operation, one: Field, value: Any, _values: Values, _context: Context
) -> list[Problem]:
    if not _is_number(value):
        return [Problem(one.name, f"{one.label}: give a number.")]
    if one.is_whole and value != int(value):
        return [Problem(one.name, f"{one.label}: give a whole number.")]
    return _within(one, value)


def _within(one: Field, value: float) -> list[Problem]:
    is_low = one.least is not None and value < one.least
    is_high = one.most is not None and value > one.most
    if not is_low and not is_high:
        return []
    unit = f" {one.unit}" if one.unit else ""
    if one.least is None or one.most is None:
        bound = f"at least {one.least:g}{unit}" if is_low else f"at most {one.most:g}{unit}"
        return [Problem(one.name, f"{one.label}: {bound}.")]
    return [Problem(one.name, f"{one.label} goes from {one.least:g} to {one.most:g}{unit}.")]


def _of_moment(
    operation: Operation, one: Field, value: Any, values: Values, context: Context
) -> list[Problem]:
    if not _is_number(value):
        return [Problem(one.name, f"{one.label}: give a moment in seconds.")]
    length_s = source_length_s(operation, one, context)
    if value < 0:
        return [
            Problem(one.name, f"{one.label} lies before the start.", Fix("Take the start", one.name, 0.0))
        ]
    if length_s is not None and value > length_s + 0.05:
        text = f"{one.label} lies outside of the clip, which ends at {_clock(length_s)}."
        return [Problem(one.name, text, Fix("Take its end", one.name, math.floor(length_s * 100) / 100))]
    return _within(one, value) or _of_window(operation, one, value, values)


def source_length_s(operation: Operation, one: Field, context: Context) -> float | None:
    """How long that is which the moment `one` lies in: its clip, or the recording given in its place."""
    names = [one.of or operation.source, *(other.name for other in operation.source_fields)]
    found = (context.sources[name] for name in names if name in context.sources)
    source = next(found, None)
    return source.duration_s if source else None


def _of_window(operation: Operation, one: Field, start_s: float, values: Values) -> list[Problem]:
    end_s = values.get(one.until) if one.until else None
    if not _is_number(end_s):
        return []
    if end_s <= start_s:
        text = f"The end has to come after {_clock(start_s)}."
        return [Problem(one.until, text, _swapped(one, start_s, end_s))]
    if one.window_most_s is not None and end_s - start_s > one.window_most_s + 1e-6:
        text = f"The window may be {one.window_most_s:g} s long; this is {end_s - start_s:.1f} s."
        return [Problem(one.until, text, Fix("Shorten it", one.until, round(start_s + one.window_most_s, 2)))]
    return []


def _swapped(one: Field, start_s: float, end_s: float) -> Fix | None:
    if start_s == end_s or end_s < 0:
        return None
    return Fix("Swap the two ends", one.name, end_s, also={one.until: start_s})


def _of_segments(
    _operation: Operation, one: Field, value: Any, _values: Values, _context: Context
) -> list[Problem]:
    """Whether every section of the plan has a known name and a length that it may have."""
    known = {choice.value for choice in one.choices}
    if not isinstance(value, list) or not all(isinstance(section, dict) for section in value):
        return [Problem(one.name, f"{one.label}: plan one section after the other.")]
    for number, section in enumerate(value, 1):
        if section.get("name") not in known:
            return [Problem(one.name, f"Section {number}: choose its kind from the list.")]
        length_s = section.get("duration_s")
        if not _is_number(length_s) or length_s != int(length_s):
            return [Problem(one.name, f"Section {number}: give its length in whole seconds.")]
        if not (one.least or 0) <= length_s <= (one.most or math.inf):
            text = f"Section {number} may last from {one.least:g} to {one.most:g} s."
            return [Problem(one.name, text)]
    return []


def _of_clip(
    operation: Operation, one: Field, _value: Any, _values: Values, context: Context
) -> list[Problem]:
    source = context.sources.get(one.name)
    if source is None:
        return [Problem(one.name, "This clip is not in the team any more. Choose another one.")]
    if not source.is_ready:
        return [Problem(one.name, f"“{source.title}” is not ready yet. It can be used as soon as it is.")]
    if refusal := _of_home(operation, one, source, context):
        return refusal
    return _of_age(operation, one, source) + _of_length(one, source)


def _of_home(operation: Operation, one: Field, source: Source, context: Context) -> list[Problem]:
    """Whether the provider that is asked has this clip, and takes it for this."""
    if not source.remote_id or (source.connection and source.connection != context.connection):
        text = f"The provider asked here does not have “{source.title}”: another one made it."
        return [Problem(one.name, text, _upload_fix(one, "Upload it there"))]
    if source.family not in one.needs.families:
        text = f"“{source.title}” was made by {source.family}; {operation.family} takes its own clips only."
        return [Problem(one.name, text, _upload_fix(one, "Upload it"))]
    if not one.needs.fits(source.operation):
        text = f"“{source.title}” does not go on from another song. Extend one, and join the added part."
        return [Problem(one.name, text)]
    if one.needs.origin == "uploaded" and not source.is_uploaded:
        if operation.twin:
            return [Problem(one.name, f"“{source.title}” was made here.", _twin_fix(operation, one))]
        text = f"Only uploaded recordings can be used here, and “{source.title}” was made by the provider."
        return [Problem(one.name, text, _upload_fix(one, "Upload it"))]
    if one.needs.origin == "generated" and source.is_uploaded:
        fix = _twin_fix(operation, one) if operation.twin else None
        return [Problem(one.name, f"“{source.title}” is an upload, which cannot be used here.", fix)]
    return []


def _twin_fix(operation: Operation, one: Field) -> Fix:
    return Fix(f"{operation.verb} all the same", one.name, operation=operation.twin)


def _upload_fix(one: Field, label: str) -> Fix:
    """To the upload of the family that takes the clip."""
    family = next(iter(sorted(one.needs.families)), "sonic")
    return Fix(label, one.name, operation=UPLOADS.get(family, "sonic.upload"))


def _of_age(operation: Operation, one: Field, source: Source) -> list[Problem]:
    needs: Needs = one.needs
    if needs.fresh_h is None or source.age_h is None or source.age_h < needs.fresh_h:
        return []
    old = FRESH_TEXT.format(hours=needs.fresh_h)
    fix = _upload_fix(one, "Upload it again")
    if needs.is_strict:
        return [Problem(one.name, f"{old}; “{source.title}” is {_age(source.age_h)} old.", fix)]
    text = f"{old}, and “{source.title}” is {_age(source.age_h)} old. It may be refused."
    return [Problem(one.name, text, fix, is_advice=True)]


def _of_length(one: Field, source: Source) -> list[Problem]:
    length_s, needs = source.duration_s, one.needs
    if length_s is None:
        return []
    if needs.least_s is not None and length_s <= needs.least_s:
        text = f"“{source.title}” is {length_s:.3g} s long; more than {needs.least_s:g} s are needed."
        return [Problem(one.name, text)]
    if needs.most_s is not None and length_s > needs.most_s:
        text = f"“{source.title}” is {_clock(length_s)} long; {_clock(needs.most_s)} is the longest."
        return [Problem(one.name, text)]
    return []


def _of_persona(
    _operation: Operation, one: Field, _value: Any, _values: Values, context: Context
) -> list[Problem]:
    source = context.sources.get(one.name)
    if source is None or not source.is_ready:
        return [Problem(one.name, "This persona is retired or gone. Choose another one.")]
    if source.connection != context.connection:
        return [
            Problem(one.name, f"“{source.title}” lives at another provider. Choose one of this provider.")
        ]
    return []


NOT_REACHABLE = (
    "The provider fetches recordings itself and cannot reach this studio. Set PUBLIC_URL to the address "
    "under which the internet reaches it, or give the address of a file that is public already."
)


def _of_recording(
    _operation: Operation, one: Field, _value: Any, _values: Values, context: Context
) -> list[Problem]:
    source = context.sources.get(one.name)
    if source is None:
        return [Problem(one.name, "This recording is not in the team any more. Bring it again.")]
    if not source.url:
        return [Problem(one.name, NOT_REACHABLE)]
    return _of_length(one, source)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _age(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


_Judge = Callable[[Operation, Field, Any, Values, Context], list[Problem]]
_JUDGES: dict[Kind, _Judge] = {
    Kind.CHOICE: _of_choice,
    Kind.WORDS: _of_words,
    Kind.SHARE: _of_share,
    Kind.NUMBER: _of_number,
    Kind.MOMENT: _of_moment,
    Kind.CLIP: _of_clip,
    Kind.PERSONA: _of_persona,
    Kind.RECORDING: _of_recording,
    Kind.SEGMENTS: _of_segments,
    Kind.SWITCH: lambda *_: [],
}
