"""Takes as the documented API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from studio.offline.models import PREVIEW, Take

INSTRUMENTAL = "[Instrumental]"
FILE_NAMES = {"mp3": "audio.mp3", "flac": "audio.flac", "jpg": "cover.jpg", PREVIEW: "stream.mp3"}


def clip_object(take: Take, asked: dict[str, Any], origin: str) -> dict[str, Any]:
    """A take as the API shows it: the documented fields, then those of ours that this clip can fill."""
    clip = {
        "clip_id": str(take.clip_id),
        "state": take.state,
        "title": take.title,
        "tags": take.tags,
        "lyrics": take.lyrics,
        "image_url": file_url(take, "jpg", origin),
        "audio_url": file_url(take, "mp3", origin) or file_url(take, PREVIEW, origin),
        "video_url": None,
        "created_at": _timestamp(take.created_at),
        "mv": asked["mv"],
        "gpt_description_prompt": None if asked["custom_mode"] else asked["gpt_description_prompt"],
        "duration": take.duration_s,
        "negative_tags": asked["negative_tags"] or None,
        "style_weight": asked["style_weight"],
        "weirdness_constraint": asked["weirdness_constraint"],
    }
    more = {
        "alignment": take.alignment,
        "flac_url": file_url(take, "flac", origin),
        "bpm": take.bpm,
        "key": take.key,
        "remarks": take.remarks,
        "error_message": take.error if take.state == Take.State.FAILED else "",
    }
    return clip | {name: value for name, value in more.items() if value}


def file_url(take: Take, kind: str, origin: str) -> str | None:
    return f"{origin}/files/{take.file_key}/{FILE_NAMES[kind]}" if take.path(kind) else None


def _timestamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as the API writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
