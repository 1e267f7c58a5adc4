"""Singers come home: a persona made from a clip, a voice made from a recording."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from studio import operations
from studio.library import sources
from studio.models import Persona, Recording, Task
from studio.musicapi.results import Persona as Heard
from studio.work import assets


def keep(task: Task, heard: Heard) -> None:
    """The row of the singer that a task made, one for each task. Safe to repeat."""
    values, clip, recording = task.values, task.source, _recording(task)
    is_voice = operations.get(task.operation).source != "clip"
    start_s, end_s = values.get("vocal_start_s"), values.get("vocal_end_s")
    facts: dict[str, Any] = {
        "team": task.team,
        "connection": task.connection,
        "person": task.person,
        "kind": Persona.Kind.VOICE if is_voice else Persona.Kind.PERSONA,
        "name": assets.plain(values.get("name") or _name_of(recording) or heard.name or clip or "Voice", 120),
        "remote_id": assets.plain(heard.persona_id, 120),
        "description": assets.plain(values.get("describe")),
        "styles": assets.plain(values.get("styles")),
        "clip": clip,
        "start_s": start_s if isinstance(start_s, int | float) else None,
        "end_s": end_s if isinstance(end_s, int | float) else None,
        "recording": recording,
    }
    Persona.objects.get_or_create(task=task, defaults=facts)


def _name_of(recording: Recording | None) -> str:
    """Its name without the ending; providers call every voice the same."""
    return PurePath(recording.name).stem if recording else ""


def _recording(task: Task) -> Recording | None:
    code = sources.as_code(task.values.get("recording"))
    return Recording.objects.filter(team=task.team, code=code).first() if code else None
