"""Answers that were there at once come home from the task's row, where they are kept until they have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio import operations
from studio.models import Task
from studio.musicapi import Client, Question, stored_reply
from studio.musicapi import Persona as Heard
from studio.musicapi.requests.sonic import SonicUpload
from studio.operations import Result
from studio.work import copies, personas, uploads, words
from studio.work.assets import Trouble


def bring(task: Task, client: Client) -> Trouble | None:
    """Put the stored answer of `task` where it belongs. Safe to repeat, and to run twice at once.

    None when all of it is home. Raises GivenUp when it will not come home.
    """
    operation = operations.get(task.operation)
    # An upload in the background may be answered like one that is waited for.
    question = operation.request if issubclass(operation.request, Question) else SonicUpload
    return BRINGERS[operation.result](task, client, stored_reply(question, task.answer))


def _singer(task: Task, _client: Client, said: Heard) -> None:
    personas.keep(task, said)


BRINGERS: dict[Result, Callable[[Task, Client, Any], Trouble | None]] = {
    Result.UPLOAD: uploads.reply,
    Result.WAV: copies.wav,
    Result.FILES: copies.formats,
    Result.MIDI: copies.notes,
    Result.VOX: copies.vox,
    Result.TEMPO: words.tempo,
    Result.TIMELINE: words.timeline,
    Result.PERSONA: _singer,
    Result.LYRICS: words.lyrics,
    Result.TAGS: words.tags,
}
