"""Where the outcome of a followed task lands: clips, parts or files of a clip, a singer, or words."""

from __future__ import annotations

from collections.abc import Callable

from studio import operations
from studio.models import Asset, Clip, Persona, Task
from studio.musicapi import Client, TaskAnswer
from studio.operations import Result
from studio.work import copies, ingest, personas, stems, uploads, words
from studio.work.assets import Trouble


def land(task: Task, client: Client, answer: TaskAnswer) -> Trouble | None:
    """Bring home what is finished of `answer`. Safe to repeat, and to run twice at once.

    None when there is nothing left to fetch of what is finished, MORE when the next look has to go on.
    Raises GivenUp when nothing of it will ever come home.
    """
    return LANDINGS.get(operations.get(task.operation).result, ingest.ingest)(task, client, answer)


def has_landed(task: Task) -> bool:
    """Whether anything of a task is home."""
    return (
        task.clips.filter(state=Clip.State.READY).exists()
        or Asset.objects.filter(task=task).exclude(clip__task=task).exists()
        or Persona.objects.filter(task=task).exists()
        or bool((task.result or {}).get("drafts"))
    )


def nothing_text(task: Task) -> str:
    """What to say of a task that is over and of which nothing came home."""
    if operations.get(task.operation).result is Result.CLIPS:
        return ingest.NOT_MADE
    if (task.result or {}).get("missing"):
        return "None of the stems could be fetched. An admin can ask the provider for them."
    return "The provider says that it is done, and handed nothing out. An admin can ask it why."


def _singer(task: Task, _client: Client, answer: TaskAnswer) -> None:
    if answer.voice is not None:
        personas.keep(task, answer.voice)


def _drafts(task: Task, _client: Client, answer: TaskAnswer) -> None:
    if answer.drafts:
        words.keep_drafts(task, answer.drafts)


LANDINGS: dict[Result, Callable[[Task, Client, TaskAnswer], Trouble | None]] = {
    Result.UPLOAD: uploads.land,
    Result.STEMS: stems.land,
    Result.FILES: copies.downloaded,
    Result.WAV: copies.downloaded,
    Result.VIDEO: copies.video,
    Result.PERSONA: _singer,
    Result.LYRICS: _drafts,
}
