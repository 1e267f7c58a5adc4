"""Bytes come home: from a provider's answer to clips whose files are in the vault, hashed and measured.

Every step leaves a row behind and is skipped when that row is there, so a job may die anywhere and the next
one goes on. A clip becomes ready with its last step. Its audio is never optional. A cover or a lossless
master that cannot be had is tried three times; then the clip is ready without it, as silence would be a poor
price for a picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from studio import vault
from studio.audio import files, loudness, peaks
from studio.models import Asset, Clip, Task
from studio.musicapi import ApiError, Client, TaskAnswer, Unreachable
from studio.musicapi import Clip as Heard
from studio.vault import Stored, VaultFull
from studio.work import states

AUDIO_TRIES = 5
# A quarter of an hour: what is paid for and only out of reach for now is not given up as quickly.
UNREACHABLE_TRIES = 20
DOWNLOAD_S = 120.0  # of one file; two fit well into a job's time limit
EXTRA_TRIES = 3
COVER_MAX_BYTES = 20_000_000
NOT_MADE = "The provider did not make this take."
EXTRAS = {Asset.Kind.COVER: "image_url", Asset.Kind.LOSSLESS: "lossless_url"}
EXTRA_TEXTS = {
    Asset.Kind.COVER: "The cover could not be fetched yet. It is tried again.",
    Asset.Kind.LOSSLESS: "The lossless master could not be fetched yet. It is tried again.",
}


@dataclass(frozen=True)
class Trouble:
    """Why something is not home yet. It is tried again; `is_ours`: the provider is not to blame."""

    kind: str
    text: str
    is_ours: bool = False


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
            _fail(clip, heard.error_text or NOT_MADE)
        elif heard.state == "succeeded":
            found = _bring(task, clip, heard, client, answer.raw) or found
    return found


def _shown(task: Task, position: int, heard: Heard) -> Clip:
    """The clip's row, made or brought up to date with what the provider says now."""
    facts = _facts(task, heard)
    first: dict[str, Any] = {"team_id": task.team_id, "position": lambda: _free_position(task, position)}
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


def _facts(task: Task, heard: Heard) -> dict[str, Any]:
    asked = task.values
    facts: dict[str, Any] = {
        "title": _text(heard.title or asked.get("title"), 200),
        "tags": _text(heard.tags or asked.get("tags")),
        "negative_tags": _text(heard.negative_tags or asked.get("negative_tags")),
        "lyrics": _text(heard.lyrics),
        "description": _text(heard.gpt_description_prompt or asked.get("gpt_description_prompt")),
        "model": _text(heard.mv or asked.get("mv"), 60),
        "key": _text(heard.key, 20),
    }
    if heard.bpm is not None:
        facts["bpm"] = heard.bpm
    if heard.remarks:
        facts["remarks"] = list(heard.remarks)
    if heard.state not in ("succeeded", "failed"):
        facts["preview_url"] = heard.audio_url or None
    return facts


def _text(value: object, limit: int | None = None) -> str:
    # PostgreSQL refuses NUL in text.
    return str(value or "").replace("\x00", "").strip()[:limit]


def _fail(clip: Clip, text: str) -> None:
    Clip.objects.filter(pk=clip.pk, state=Clip.State.RUNNING).update(
        state=Clip.State.FAILED, problem_text=_text(text), preview_url=None
    )


def _bring(task: Task, clip: Clip, heard: Heard, client: Client, raw: str) -> Trouble | None:
    home = _Home(clip, heard, client)
    try:
        home.audio()
    except VaultFull as full:
        return Trouble("disk_full", full.text, is_ours=True)
    except (ApiError, files.BrokenAudio) as error:
        # Counted for each take: what went wrong with one is not held against the other.
        kind = f"download_{clip.take.lower()}"
        tries, text = states.tries_at(task, kind), _say(error)
        if tries < (UNREACHABLE_TRIES if isinstance(error, Unreachable) else AUDIO_TRIES):
            return Trouble(kind, f"The audio could not be fetched: {text} It is tried again.")
        _fail(clip, f"The audio could not be fetched: {text} It was tried {tries} times.")
        return None
    try:
        missing = home.extras(may_miss=states.tries_at(task, home.extras_kind) >= EXTRA_TRIES)
        if missing is None:
            home.finish(raw)
    except VaultFull as full:
        return Trouble("disk_full", full.text, is_ours=True)
    return missing


def _say(error: Exception) -> str:
    return error.text if isinstance(error, ApiError) else str(error)


class _Home:
    """The way home of one clip: audio with its measures, extras, then the words about it."""

    def __init__(self, clip: Clip, heard: Heard, client: Client) -> None:
        self.clip = clip
        self.heard = heard
        self.client = client
        self.have = set(clip.assets.values_list("kind", flat=True))
        self.extras_kind = f"extras_{clip.take.lower()}"

    def audio(self) -> None:
        """Raises VaultFull, ApiError or BrokenAudio; then nothing was kept."""
        if Asset.Kind.AUDIO in self.have:
            return
        if not self.heard.audio_url:
            raise files.BrokenAudio("The provider did not say where the audio is.")
        with vault.scratch() as folder:
            path = folder / "audio"
            self._download(self.heard.audio_url, path, settings.MAX_AUDIO_BYTES, files.sniff)
            measured = loudness.measure(path, expected_duration_s=self.heard.duration_s)
            kind = files.kind_of(path)
            kept = vault.save(path, f".{kind.extension}")
        drawn = vault.save(BytesIO(_peaks_json(measured)), ".json")
        with transaction.atomic():
            self._add(Asset.Kind.AUDIO, kept, kind.media_type)
            self._add(Asset.Kind.PEAKS, drawn, "application/json")
            Clip.objects.filter(pk=self.clip.pk).update(
                duration_s=measured.duration_s,
                loudness_lufs=measured.loudness_lufs,
                true_peak_dbtp=measured.true_peak_dbtp,
                sketch=_sketch(measured.peaks),
            )

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
            self._download(url, path, max_bytes, files.sniff_image if is_cover else files.sniff)
            if is_cover:
                found = files.sniff_image(path.read_bytes()[: files.HEAD_BYTES])
            else:
                found = files.probe(path, expected_duration_s=self.heard.duration_s).kind
            assert found is not None  # the download was recognised
            self._add(kind, vault.save(path, f".{found.extension}"), found.media_type)

    def _download(self, url: str, path: Path, max_bytes: int, recognise: Callable[[bytes], object]) -> None:
        with vault.room(), path.open("wb") as target:
            self.client.download(url, target, max_bytes=max_bytes, recognise=recognise, deadline_s=DOWNLOAD_S)

    def finish(self, raw: str) -> None:
        """The provider's own words, and the clip is ready. Raises VaultFull."""
        if self.heard.alignment:
            self._add_json(Asset.Kind.TIMELINE, _timeline_json(self.heard))
        self._add_json(Asset.Kind.ANSWER, _raw_clip(raw, self.heard.clip_id))
        Clip.objects.filter(pk=self.clip.pk, state=Clip.State.RUNNING).update(
            state=Clip.State.READY, ready_at=timezone.now(), problem_text="", preview_url=None
        )

    def _add_json(self, kind: Asset.Kind, content: bytes) -> None:
        if kind not in self.have:
            self._add(kind, vault.save(BytesIO(content), ".json"), "application/json")

    def _add(self, kind: Asset.Kind, kept: Stored, content_type: str) -> None:
        Asset.objects.get_or_create(
            clip=self.clip,
            kind=kind,
            name="",
            defaults={
                "key": kept.key,
                "content_type": content_type,
                "sha256": kept.sha256,
                "size_bytes": kept.size_bytes,
            },
        )


def _json(fields: object) -> bytes:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def _peaks_json(measured: loudness.Measured) -> bytes:
    """What the waveform draws: minimum, maximum, minimum ... in -127..127."""
    data = measured.peaks.data
    return _json(
        {
            "version": 1,
            "buckets": len(data),
            "duration_s": round(measured.duration_s, 3),
            "pairs": data.reshape(-1).tolist(),
        }
    )


def _sketch(drawn: peaks.Peaks) -> str:
    return "".join(f"{min(height, 99):02d}" for height in peaks.sketch(drawn))


def _timeline_json(heard: Heard) -> bytes:
    """The alignment's tokens unchanged; audio.timed_lyrics makes sections and lines of them."""
    words = [
        {"word": token.word, "start_s": token.start_s, "end_s": token.end_s, "p_align": token.p_align}
        for token in heard.alignment
    ]
    return _json({"version": 1, "words": words})


def _raw_clip(raw: str, clip_id: str) -> bytes:
    """The clip's own object within the answer; the whole answer where it cannot be found."""
    try:
        found = _find(json.loads(raw), clip_id)
    except (ValueError, RecursionError):
        found = None
    return _json(found) if found is not None else raw.encode()


def _find(node: object, clip_id: str) -> dict[str, Any] | None:
    if isinstance(node, dict):
        if str(node.get("clip_id", "")).strip() == clip_id:
            return node
        node = list(node.values())
    if isinstance(node, list):
        return next((hit for hit in (_find(child, clip_id) for child in node) if hit is not None), None)
    return None
