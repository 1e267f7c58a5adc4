"""What a source suggests for the form that is about it: its title, its tags, its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.audio.timed_lyrics import TimedSection, lines
from studio.library import timeline
from studio.models import Asset, Clip
from studio.operations import Field, Kind, Operation, Result, Values

# Operations that sing the whole of their source's words again. Others write new ones, or none.
SINGS_AGAIN = ("cover", "replace", "swap", "variation")
WORDS_OF_WINDOW = "infill_lyrics"  # what is sung in the window that a form asks for


def suggestions(operation: Operation, clip: Clip, values: Values) -> dict[str, Any]:
    """Values by field name; only fields of `operation`, and nothing that would be empty."""
    if operation.result is not Result.CLIPS:
        return {}
    wanted: dict[str, Any] = {"title": clip.title, "tags": clip.tags, "negative_tags": clip.negative_tags}
    task_type = operation.name.partition(".")[2]
    if any(word in task_type for word in SINGS_AGAIN):
        wanted |= {"prompt": clip.lyrics, "lyrics": clip.lyrics}
    if any(choice.value == clip.model for one in operation.fields for choice in one.choices):
        wanted["mv"] = clip.model
    if (moment := _going_on(operation)) and clip.duration_s:
        wanted[moment.name] = round(clip.duration_s, 1)
    if words := words_of_window(operation, clip, values):
        wanted[WORDS_OF_WINDOW] = words
    return {one.name: wanted[one.name] for one in operation.fields if wanted.get(one.name)}


def _going_on(operation: Operation) -> Field | None:
    """The moment that an extension goes on from, which is the end unless somebody says otherwise."""
    found = (one for one in operation.fields if one.kind is Kind.MOMENT and one.name == "continue_at_s")
    return next(found, None)


def words_of_window(operation: Operation, clip: Clip, values: Values) -> str:
    """The words sung in the window of `values`; "" when the form asks for none or they are unknown."""
    window = window_of(operation, values)
    return words_between(clip, *window) if window else ""


def window_of(operation: Operation, values: Values) -> tuple[float, float] | None:
    """The window whose words a form asks for, in seconds; None when it asks for none or has none yet."""
    begins = next((one for one in operation.fields if one.until), None)
    if begins is None or not any(one.name == WORDS_OF_WINDOW for one in operation.fields):
        return None
    start_s, end_s = values.get(begins.name), values.get(begins.until)
    if not isinstance(start_s, int | float) or not isinstance(end_s, int | float):
        return None
    return start_s, end_s


def words_between(clip: Clip, start_s: float, end_s: float) -> str:
    """The lines of the clip's timed lyrics, cut down to the words whose middle lies between the moments."""
    asset = clip.assets.filter(kind=Asset.Kind.TIMELINE).order_by("name", "pk").first()
    return _between(timeline.read(asset), start_s, end_s)


def _between(sections: Sequence[TimedSection], start_s: float, end_s: float) -> str:
    found = []
    for line in lines(sections):
        words = [word for word in line.words if start_s <= (word.start_s + word.end_s) / 2 < end_s]
        if words:
            found.append("".join(("" if word.is_joined else " ") + word.text for word in words).strip())
    return "\n".join(found)
