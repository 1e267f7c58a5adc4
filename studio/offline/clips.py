"""Takes as the documented API shows them, and finding the one that a request names."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from studio.offline.errors import not_found
from studio.offline.models import PREVIEW, Account, Take

INSTRUMENTAL = "[Instrumental]"
NO_CLIP = "clip not found"
# What the public address of a file ends in; other kinds are named "<kind>" themselves.
FILE_NAMES = {
    "mp3": "audio.mp3",
    "flac": "audio.flac",
    "wav": "audio.wav",
    "m4a": "audio.m4a",
    "jpg": "cover.jpg",
    "mid": "notes.mid",
    "mp4": "video.mp4",
    "webm": "video.webm",
    PREVIEW: "stream.mp3",
}


def take_of(account: Account, clip_id: str, *, family: str = "", is_done: bool = True) -> Take:
    """The account's take that goes by `clip_id`; with `family`, of that family only.

    Raises Refusal 404 in the documented words, also for one that is not ready when `is_done` is wanted.
    """
    try:
        found = Take.objects.select_related("job").get(job__account=account, clip_id=uuid.UUID(str(clip_id)))
    except (ValueError, Take.DoesNotExist):
        raise not_found(NO_CLIP) from None
    if family and found.job.family != family:
        raise not_found(NO_CLIP)
    if is_done and found.state != Take.State.SUCCEEDED:
        raise not_found(NO_CLIP)
    return found


def clip_object(take: Take, asked: dict[str, Any], origin: str) -> dict[str, Any]:
    """A take as the API shows it: the documented fields, then those of ours that this clip can fill."""
    clip = {
        "clip_id": str(take.clip_id),
        "state": take.state,
        "title": take.title,
        "tags": take.tags,
        "lyrics": take.lyrics or None if take.stem_type else take.lyrics,
        "image_url": file_url(take, "jpg", origin),
        "audio_url": file_url(take, "mp3", origin) or file_url(take, PREVIEW, origin),
        "video_url": None,
        "created_at": timestamp(take.created_at),
        "mv": asked.get("mv") or None,
        "gpt_description_prompt": None
        if asked.get("custom_mode")
        else asked.get("gpt_description_prompt") or None,
        "duration": take.duration_s,
        "negative_tags": asked.get("negative_tags") or None,
        "style_weight": asked.get("style_weight"),
        "weirdness_constraint": asked.get("weirdness_constraint"),
    }
    return clip | extras(take, origin)


def extras(take: Take, origin: str) -> dict[str, Any]:
    """Fields of ours that clips of every family have where they can be filled."""
    more = {
        "stem_type": take.stem_type,
        "alignment": take.alignment,
        "flac_url": file_url(take, "flac", origin),
        "bpm": take.bpm,
        "key": take.key,
        "remarks": take.remarks,
        "error_message": take.error if take.state == Take.State.FAILED else "",
    }
    return {name: value for name, value in more.items() if value}


def file_url(take: Take, kind: str, origin: str) -> str | None:
    """Where a file of a take is; None when there is none."""
    return f"{origin}/files/{take.file_key}/{FILE_NAMES.get(kind, kind)}" if take.path(kind) else None


def kind_of(take: Take, public_name: str) -> str:
    """The inverse of FILE_NAMES: which file of a take an address means."""
    known = {public: kind for kind, public in FILE_NAMES.items()}
    return known.get(public_name, public_name if public_name in take.files else "")


def timestamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as the API writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
