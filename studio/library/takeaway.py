"""What a clip can be taken home as, and in which words: a copy never claims to be better than its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from studio.models import Clip

FORMATS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/ogg; codecs=opus": "opus",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/webm": "webm",
}
"""The extension of each media type that the studio stores audio with."""

NAME_LIMIT_CHARS = 120
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


class Source(StrEnum):
    DELIVERED = "delivered"
    LOSSLESS = "lossless"
    LOSSLESS_AS_WAV = "lossless_as_wav"
    DELIVERED_AS_WAV = "delivered_as_wav"


@dataclass(frozen=True)
class Offer:
    """One download: `kind` is its extension and its name in addresses, `note` says what it is made from."""

    kind: str
    source: Source
    note: str

    @property
    def label(self) -> str:
        return self.kind.upper()


@lru_cache(maxsize=64)
def offers(audio_type: str | None, has_lossless: bool) -> tuple[Offer, ...]:
    """The downloads of a clip whose audio has the media type `audio_type` (None: it has no audio yet)."""
    found: dict[str, Offer] = {}
    delivered = FORMATS.get(audio_type or "", "")
    if delivered:
        found[delivered] = Offer(delivered, Source.DELIVERED, "as delivered")
    if has_lossless:
        found["flac"] = Offer("flac", Source.LOSSLESS, "lossless master")
        found.setdefault("wav", Offer("wav", Source.LOSSLESS_AS_WAV, "from the lossless master"))
    elif delivered == "flac":
        found["wav"] = Offer("wav", Source.DELIVERED_AS_WAV, "from the FLAC as delivered")
    elif delivered:
        note = f"converted from the {delivered.upper()}, no extra quality"
        found.setdefault("wav", Offer("wav", Source.DELIVERED_AS_WAV, note))
    return tuple(found.values())


def file_name(clip: Clip, extension: str) -> str:
    """Such as "Night Drive (take A).mp3", without what file systems refuse."""
    title = " ".join(_NOT_IN_NAMES.sub(" ", clip.title).split()).strip(" .")[:NAME_LIMIT_CHARS].rstrip(" .")
    return f"{title or 'Untitled'} (take {clip.take}).{extension}"
