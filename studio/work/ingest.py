"""Clips come home: from a provider's answer to clips whose files are in the vault, hashed and measured.

A clip becomes ready with its last step. Its audio is never optional. A cover or a lossless master that cannot
be had is tried three times; then the clip is ready without it, as silence would be a poor price for a
picture.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from studio import vault
from studio.audio import files
from studio.library import sources
from studio.models import Asset, Clip, Task
from studio.musicapi import ApiError, Client, TaskAnswer
from studio.musicapi import Clip as Heard
from studio.vault import VaultFull
from studio.work import assets, states
from studio.work.assets import GivenUp, Trouble

EXTRA_TRIES = 3
COVER_MAX_BYTES = 20_000_000
NOT_MADE = "The provider did not make this take."
EXTRAS = {Asset.Kind.COVER: "image_url", Asset.Kind.LOSSLESS: "lossless_url"}
EXTRA_TEXTS = {
    Asset.Kind.COVER: "The cover could not be fetched yet. It is tried again.",
    Asset.Kind.LOSSLESS: "The lossless master could not be fetched yet. It is tried again.",
}
ROLES = {"full": "full", "extended": "part", "replaced": "part"}


def ingest(task: Task, client: Client, answer: TaskAnswer) -> Trouble | None:
    """Show every clip of `answer` and bring the finished ones home. Safe to repeat, and to run twice at once.

    None when there is nothing left to fetch of what is finished. A clip whose audio stays broken fails.
    """
    found = None
    for position, heard in enumerate(answer.clips):
        clip = _shown(task, position, heard)
        if clip.state != Clip.State.RUNNING:
            continue
        if heard.state == "failed":
            fail(clip, heard.error_text or NOT_MADE)
        elif heard.state == "succeeded":
            found = _bring(task, clip, heard, client, answer.raw) or found
    return found


def _shown(task: Task, position: int, heard: Heard) -> Clip:
    """The clip's row, made or brought up to date with what the provider says now."""
    facts = _facts(task, heard)
    first: dict[str, Any] = {
        "team_id": task.team_id,
        "position": lambda: _free_position(task, position),
        "parent_id": task.source_id,
        "second_parent": lambda: _second_parent(task),
    }
    clip, is_new = Clip.objects.get_or_create(
        task=task, remote_id=heard.clip_id[:120], defaults=first | facts
    )
    changed = {name: value for name, value in facts.items() if getattr(clip, name) != value}
    if not is_new and changed and clip.state == Clip.State.RUNNING:
        Clip.objects.filter(pk=clip.pk, state=Clip.State.RUNNING).update(**changed)
        clip.refresh_from_db()
    return clip


def _free_position(task: Task, wished: int) -> int:
    """A take keeps its letter, also when the provider names another one before it later on."""
    taken = set(task.clips.values_list("position", flat=True))
    return wished if wished not in taken else max(taken) + 1


def _second_parent(task: Task) -> Clip | None:
    """The other song of a mashup."""
    code = sources.as_code(task.values.get("second_clip"))
    return sources.find_clips(task.team, [code]).get(code) if code else None


def _facts(task: Task, heard: Heard) -> dict[str, Any]:
    asked = task.values
    facts: dict[str, Any] = {
        "title": assets.plain(heard.title or asked.get("title"), 200),
        "tags": assets.plain(heard.tags or asked.get("tags")),
        "negative_tags": assets.plain(heard.negative_tags or asked.get("negative_tags")),
        "lyrics": assets.plain(heard.lyrics),
        "description": assets.plain(heard.gpt_description_prompt or asked.get("gpt_description_prompt")),
        "model": assets.plain(heard.mv or asked.get("mv"), 60),
        "key": assets.plain(heard.key, 20),
    }
    if heard.role:
        facts["role"] = ROLES.get(heard.role, "part")
    if heard.bpm is not None:
        facts["bpm"] = heard.bpm
    if heard.remarks:
        facts["remarks"] = list(heard.remarks)
    if heard.state not in ("succeeded", "failed"):
        facts["preview_url"] = heard.audio_url or None
    return facts


def fail(clip: Clip, text: str) -> None:
    """A take that will not be heard."""
    Clip.objects.filter(pk=clip.pk, state=Clip.State.RUNNING).update(
        state=Clip.State.FAILED, problem_text=assets.plain(text), preview_url=None
    )


def _bring(task: Task, clip: Clip, heard: Heard, client: Client, raw: str) -> Trouble | None:
    home = _Home(task, clip, heard, client)
    try:
        trouble = assets.tried(task, f"download_{clip.take.lower()}", "The audio", home.audio)
    except GivenUp as given_up:
        fail(clip, given_up.text)
        return None
    if trouble is not None:
        return trouble
    try:
        missing = home.extras(may_miss=states.tries_at(task, home.extras_kind) >= EXTRA_TRIES)
        if missing is None:
            home.finish(raw)
    except VaultFull as full:
        return Trouble("disk_full", full.text, is_ours=True)
    return missing


class _Home:
    """The way home of one clip: audio with its measures, extras, then the words about it."""

    def __init__(self, task: Task, clip: Clip, heard: Heard, client: Client) -> None:
        self.task = task
        self.clip = clip
        self.heard = heard
        self.client = client
        self.have = set(clip.assets.filter(name="").values_list("kind", flat=True))
        self.extras_kind = f"extras_{clip.take.lower()}"

    def audio(self) -> None:
        """Raises VaultFull, ApiError or BrokenAudio; then nothing was kept."""
        if Asset.Kind.AUDIO in self.have:
            return
        found = assets.fetch_audio(self.client, self.heard.audio_url, self.heard.duration_s)
        keep(self.task, self.clip, found)

    def extras(self, *, may_miss: bool) -> Trouble | None:
        """Cover and lossless master, where the provider has them. Raises VaultFull."""
        for kind, field in EXTRAS.items():
            url = getattr(self.heard, field)
            if not url or kind in self.have:
                continue
            try:
                self._extra(kind, url)
            except (ApiError, files.BrokenAudio):
                if not may_miss:
                    return Trouble(self.extras_kind, EXTRA_TEXTS[kind])
        return None

    def _extra(self, kind: Asset.Kind, url: str) -> None:
        is_cover = kind is Asset.Kind.COVER
        max_bytes = COVER_MAX_BYTES if is_cover else settings.MAX_AUDIO_BYTES
        with vault.scratch() as folder:
            path = folder / kind.value
            assets.download(self.client, url, path, max_bytes, files.sniff_image if is_cover else files.sniff)
            if is_cover:
                found = files.sniff_image(path.read_bytes()[: files.HEAD_BYTES])
            else:
                found = files.probe(path, expected_duration_s=self.heard.duration_s).kind
            assert found is not None  # the download was recognised
            kept = vault.save(path, f".{found.extension}")
        assets.add(self.clip, kind, kept, found.media_type, task=self.task)

    def finish(self, raw: str) -> None:
        """The provider's own words, and the clip is ready. Raises VaultFull."""
        if self.heard.alignment:
            self._add_json(Asset.Kind.TIMELINE, assets.timeline(self.heard.alignment))
        self._add_json(Asset.Kind.ANSWER, _own_words(raw, self.heard.clip_id))
        make_ready(self.clip)

    def _add_json(self, kind: Asset.Kind, fields: object) -> None:
        if kind not in self.have:
            assets.add_json(self.clip, kind, fields, task=self.task)


def keep(task: Task, clip: Clip, found: assets.Sound) -> None:
    """The rows of a clip's audio: the file, what the waveform draws, and the measures. Raises VaultFull."""
    drawn = vault.save(BytesIO(assets.as_json(assets.peaks_json(found.measured))), ".json")
    with transaction.atomic():
        assets.add(clip, Asset.Kind.AUDIO, found.kept, found.content_type, task=task)
        assets.add(clip, Asset.Kind.PEAKS, drawn, assets.JSON, task=task)
        Clip.objects.filter(pk=clip.pk).update(**assets.measures(found.measured))


def make_ready(clip: Clip) -> None:
    Clip.objects.filter(pk=clip.pk, state=Clip.State.RUNNING).update(
        state=Clip.State.READY, ready_at=timezone.now(), problem_text="", preview_url=None
    )


def _own_words(raw: str, clip_id: str) -> object:
    """The clip's own object within the answer; the whole answer where it cannot be found."""
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    return _find(whole, clip_id) or whole


def _find(node: object, clip_id: str) -> dict[str, Any] | None:
    if isinstance(node, dict):
        if str(node.get("clip_id", "")).strip() == clip_id:
            return node
        node = list(node.values())
    if isinstance(node, list):
        return next((hit for hit in (_find(child, clip_id) for child in node) if hit is not None), None)
    return None
