"""Facts and words come home that are no files: drafts, tags, tempo, and when each word is sung."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio.models import Asset, Clip, Task
from studio.musicapi import Client, LyricsDraft
from studio.musicapi.results import AlignedLyrics, LyricsDrafts, Tempo, UpsampledTags
from studio.work import assets
from studio.work.assets import GivenUp, Trouble
from studio.work.copies import source_of


def _note(task: Task, result: dict[str, Any]) -> None:
    task.result = result
    Task.objects.filter(pk=task.pk).update(result=result)


def keep_drafts(task: Task, drafts: Iterable[LyricsDraft]) -> None:
    """Versions of lyrics, for the form from which they were asked."""
    found = [{"title": assets.plain(one.title, 200), "lyrics": assets.plain(one.lyrics)} for one in drafts]
    _note(task, {"drafts": found})


def lyrics(task: Task, _client: Client, said: LyricsDrafts) -> None:
    keep_drafts(task, said.drafts)


def tags(task: Task, _client: Client, said: UpsampledTags) -> None:
    """The tags as they were given and as they came back."""
    _note(task, {"before": assets.plain(task.values.get("tags")), "after": assets.plain(said.upsampled_tags)})


def tempo(task: Task, _client: Client, said: Tempo) -> Trouble | None:
    """Beats per minute, of the clip and in a file of its own."""
    clip = source_of(task)
    facts = {"avg_bpm": said.avg_bpm, "min_bpm": said.min_bpm, "max_bpm": said.max_bpm}

    def keep() -> None:
        assets.add_json(clip, Asset.Kind.TEMPO, facts, task=task, replaces=True)

    if trouble := assets.tried(task, "tempo", "The tempo", keep):
        return trouble
    Clip.objects.filter(pk=clip.pk).update(bpm=said.avg_bpm)
    _note(task, facts)
    return None


def timeline(task: Task, _client: Client, said: AlignedLyrics) -> Trouble | None:
    """When each word is sung, in place of what was known of it before."""
    clip = source_of(task)
    if not said.words:
        raise GivenUp("The provider found no words in this clip whose time it could tell.", "nothing_found")
    fields = assets.timeline(said.words)

    def keep() -> None:
        assets.add_json(clip, Asset.Kind.TIMELINE, fields, task=task, replaces=True)

    return assets.tried(task, "timeline", "The timed lyrics", keep)
