"""A recording that the provider took in becomes a clip of the library, of the bytes that somebody brought."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from studio import vault
from studio.audio import files, loudness
from studio.library import sources
from studio.models import Asset, Clip, Recording, Task
from studio.musicapi import Client, TaskAnswer
from studio.musicapi import Clip as Heard
from studio.musicapi.results import Uploaded
from studio.vault import Stored, VaultFull
from studio.work import assets, ingest
from studio.work.assets import GivenUp, Sound, Trouble

logger = logging.getLogger(__name__)

GONE = "The recording is not in the studio any more, and the provider does not hand it out."
FROM_RECORDING = ("duration_s", "loudness_lufs", "true_peak_dbtp", "sketch")
FROM_CLIP = (*FROM_RECORDING, "lyrics", "tags", "bpm", "key")


@dataclass(frozen=True)
class Brought:
    """What was sent: a recording's file, or the audio of a clip that is uploaded once more."""

    title: str
    kept: Stored
    content_type: str
    measures: dict[str, Any]
    parent: Clip | None = None


def brought(task: Task) -> Brought | None:
    """What a task uploads; None when it is gone."""
    code = sources.as_code(task.values.get("recording"))
    if code is None:
        return None
    if recording := Recording.objects.filter(team=task.team, code=code).first():
        facts = {name: getattr(recording, name) for name in FROM_RECORDING}
        return Brought(recording.name, _stored(recording), recording.content_type, facts)
    clip = sources.find_clips(task.team, [code]).get(code)
    audio = clip.assets.filter(kind=Asset.Kind.AUDIO).first() if clip else None
    if clip is None or audio is None:
        return None
    facts = {name: getattr(clip, name) for name in FROM_CLIP}
    return Brought(clip.title, _stored(audio), audio.content_type, facts, clip)


def _stored(row: Recording | Asset) -> Stored:
    return Stored(row.key, row.sha256, row.size_bytes)


def reply(task: Task, client: Client, said: Uploaded) -> Trouble | None:
    """The clip of an upload that was answered at once."""
    return _bring(task, client, said.clip_id)


def land(task: Task, client: Client, answer: TaskAnswer) -> Trouble | None:
    """The clip of an upload that was followed as a task. Safe to repeat."""
    for heard in answer.clips:
        if heard.state == "succeeded":
            return _bring(task, client, heard.clip_id, heard)
    return None


def _bring(task: Task, client: Client, remote_id: str, heard: Heard | None = None) -> Trouble | None:
    source = brought(task)
    clip = _row(task, remote_id, source, heard)
    if clip.state != Clip.State.RUNNING:
        return None

    def fetch() -> None:
        sound = _own(source) if source else None
        if sound is None and heard is not None and heard.audio_url:
            sound = assets.fetch_audio(client, heard.audio_url, heard.duration_s)
        if sound is None:
            raise GivenUp(GONE)
        ingest.keep(task, clip, sound)

    try:
        trouble = assets.tried(task, "upload", "The recording", fetch)
    except GivenUp as given_up:
        ingest.fail(clip, given_up.text)
        raise
    if trouble is None:
        ingest.make_ready(clip)
    return trouble


def _row(task: Task, remote_id: str, source: Brought | None, heard: Heard | None, **more: Any) -> Clip:
    facts: dict[str, Any] = dict(source.measures) if source else {}
    facts |= {
        "team": task.team,
        "origin": "uploaded",
        "parent": source.parent if source else None,
        "title": assets.plain((source.title if source else "") or (heard.title if heard else ""), 200),
    }
    if heard and heard.lyrics:
        facts["lyrics"] = assets.plain(heard.lyrics)
    if heard and heard.tags:
        facts["tags"] = assets.plain(heard.tags)
    return Clip.objects.get_or_create(task=task, remote_id=remote_id[:120], defaults=facts | more)[0]


def _own(source: Brought) -> Sound | None:
    """The studio's own bytes, measured once more for the waveform; None when the vault has lost them."""
    with vault.scratch() as folder:
        path = folder / "recording"
        try:
            with vault.open(source.kept.key) as stored, path.open("wb") as target:
                shutil.copyfileobj(stored, target)
        except FileNotFoundError:
            return None
        return Sound(source.kept, source.content_type, loudness.measure(path))


def keep_half(task: Task, remote_id: str) -> None:
    """The rows of an upload whose request came no further, so that it can be used. Writes rows only."""
    source = brought(task)
    if source is None:
        return
    ready: dict[str, Any] = {"state": Clip.State.READY, "ready_at": timezone.now()}
    clip = _row(task, remote_id, source, None, **ready)
    assets.add(clip, Asset.Kind.AUDIO, source.kept, source.content_type, task=task)


def draw(task: Task) -> None:
    """What the waveforms of `keep_half` show. A clip without is poorer, not broken: the log says why."""
    source = brought(task)
    for clip in task.clips.filter(state=Clip.State.READY) if source else ():
        try:
            sound = _own(source)  # type: ignore[arg-type]
            if sound is not None:
                ingest.keep(task, clip, sound)
        except (VaultFull, files.BrokenAudio):
            logger.exception("the waveform of clip %s cannot be drawn", clip.code)
