"""What a task brought home that is no clip: where it landed, and words to take into a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from studio import operations
from studio.models import Task
from studio.operations import Operation, Result

# What it is called, where on the clip's page it stands, and what the way there says.
ON_THE_CLIP = {
    Result.STEMS: ("Stems", "stems", "Open the stems", "layers"),
    Result.WAV: ("WAV", "wav", "Open the WAV", "file-audio"),
    Result.FILES: ("Files", "downloads", "Open the files", "file-audio"),
    Result.MIDI: ("MIDI", "notes", "Open the notes", "piano"),
    Result.TEMPO: ("Tempo", "facts", "Open the facts", "activity"),
    Result.TIMELINE: ("Lyrics timeline", "lyrics", "Open the lyrics", "captions"),
    Result.VOX: ("Voice cut", "voices", "Hear the voice", "mic-vocal"),
    Result.VIDEO: ("Video", "video", "Watch the video", "video"),
}


@dataclass(frozen=True)
class Landing:
    """Where the result of a task can be looked at."""

    words: str
    href: str
    icon: str


@dataclass(frozen=True)
class Brought:
    """A text that a task wrote: one of its drafts of lyrics, or tags with what they were before."""

    number: int
    title: str
    text: str
    before: str = ""

    @property
    def is_tags(self) -> bool:
        return bool(self.before)


def operation_of(task: Task) -> Operation | None:
    return operations.REGISTRY.get(task.operation)


def name_of(task: Task) -> str:
    """The name of a task that is about a clip and yields no clip: "12 stems of Paper Boats"; else ""."""
    operation = operation_of(task)
    if operation is None or operation.result not in ON_THE_CLIP:
        return ""
    what = ON_THE_CLIP[operation.result][0]
    count = getattr(task, "assets_count", 0)
    if operation.result is Result.STEMS and count:
        what = f"{count} stem{'s' * (count != 1)}"
    return f"{what} of {(task.source.title or 'Untitled') if task.source else 'a clip'}"


def landing_of(task: Task) -> Landing | None:
    """Where to find what a finished task brought; None for clips, which stand on the card themselves."""
    operation = operation_of(task)
    if operation is None or task.status != Task.Status.READY:
        return None
    if operation.result is Result.PERSONA:
        return _voices(task)
    if operation.result not in ON_THE_CLIP or task.source is None:
        return None
    _, anchor, words, icon = ON_THE_CLIP[operation.result]
    page = reverse("clip", args=[task.source.code])
    return Landing(_tempo(task) or words, f"{page}#{anchor}", icon)


def _tempo(task: Task) -> str:
    """The tempo that a task found, which says more than the way to it."""
    facts = task.result if isinstance(task.result, dict) else {}
    bpm = facts.get("avg_bpm")
    return f"{bpm:.1f} bpm" if isinstance(bpm, int | float) else ""


def _voices(task: Task) -> Landing | None:
    try:
        where = reverse("personas")
    except NoReverseMatch:
        return None
    name = task.values.get("name")
    return Landing(f"{name} is among the voices" if name else "It is among the voices", where, "mic-vocal")


def words_brought(task: Task) -> list[Brought]:
    """The drafts or tags of a finished task, for the form they were asked from."""
    result: dict[str, Any] = task.result if isinstance(task.result, dict) else {}
    if after := result.get("after"):
        return [Brought(0, "", str(after), str(result.get("before") or " "))]
    found = [one for one in result.get("drafts") or [] if isinstance(one, dict)]
    return [
        Brought(number, str(one.get("title") or ""), str(one.get("lyrics") or ""))
        for number, one in enumerate(found)
    ]
