"""The producer family: FUZZ models on aimusicapi.ai, Lyria 3 on musicapi.ai. 10 or 12 credits a song.

The two hosts document different fields for the same task, so each struct names the union, and the registry of
operations says which belong to a host: "FUZZ" and "Lyria" in the comments. aimusicapi.ai has of late only
`create_music`; musicapi.ai has withdrawn the swaps and the variation (both answer 410).
"""

from typing import ClassVar, Literal

import msgspec

from studio.musicapi.requests.base import ApiRequest, HookedRequest

MODELS = (
    "FUZZ-2.0",
    "FUZZ-2.0 Pro",
    "FUZZ-2.0 Raw",
    "FUZZ-1.1 Pro",
    "FUZZ-1.1",
    "FUZZ-1.0 Pro",
    "FUZZ-1.0",
    "FUZZ-0.8",
    "FUZZ-3-Demo",
    "Lyria 3 preview",
    "Lyria 3 Pro",
)


class _Task(HookedRequest, frozen=True, kw_only=True, tag_field="task_type"):
    """What the tasks of /producer/create share. `task_type` is always sent."""

    family: ClassVar[str] = "producer"
    path: ClassVar[str] = "/producer/create"

    mv: str | None = None  # one of MODELS; Lyria takes every name and plays them all
    sound: str | None = None  # style; one of sound and lyrics, both for the swaps
    lyrics: str | None = None  # with [Verse] marks
    title: str | None = None  # at most 80 characters
    seed: str | None = None  # digits
    make_instrumental: bool | None = None  # FUZZ; Lyria goes by `sound` with no lyrics
    lyrics_strength: float | None = None  # FUZZ, 0-1
    sound_strength: float | None = None  # FUZZ, 0.2-1
    weirdness: float | None = None  # FUZZ, 0-1
    cover_url: str | None = None  # FUZZ, address of a picture


class ProducerCreate(_Task, frozen=True, kw_only=True, tag="create_music"):
    """Create a song. One clip."""

    bpm: float | None = None  # Lyria


class ProducerExtend(_Task, frozen=True, kw_only=True, tag="extend_music"):
    """Go on from a moment of a clip."""

    clip_id: str
    starts_at_s: float | None = msgspec.field(default=None, name="starts_at")  # FUZZ: 30 when absent
    length_s: float | None = msgspec.field(default=None, name="length")  # Lyria, 1-240 s of new audio
    instruction: str | None = None  # Lyria


class ProducerExtendUpload(ProducerExtend, frozen=True, kw_only=True, tag="extend_upload_music"):
    """Go on from a moment of an uploaded clip. Lyria."""


class ProducerReplace(_Task, frozen=True, kw_only=True, tag="replace_music"):
    """Make a window of a clip anew."""

    clip_id: str
    starts_at_s: float = msgspec.field(name="starts_at")
    ends_at_s: float | None = msgspec.field(default=None, name="ends_at")  # FUZZ: absent is the end
    instruction: str | None = None  # Lyria


class ProducerReplaceUpload(ProducerReplace, frozen=True, kw_only=True, tag="replace_upload_music"):
    """Make a window of an uploaded clip anew. Lyria."""


class ProducerCover(_Task, frozen=True, kw_only=True, tag="cover_music"):
    """Play a clip anew."""

    clip_id: str
    cover_strength: float | None = None  # FUZZ, 0-1
    strength: float | None = None  # Lyria, 0-1
    instruction: str | None = None  # Lyria, required there


class ProducerCoverUpload(ProducerCover, frozen=True, kw_only=True, tag="cover_upload_music"):
    """Play an uploaded clip anew. Lyria."""


class ProducerSwapVocals(_Task, frozen=True, kw_only=True, tag="swap_music_vocals"):
    """Give a clip another singer, whom `sound` describes. FUZZ."""

    clip_id: str
    cover_strength: float | None = None  # 0-1


class ProducerSwapSound(_Task, frozen=True, kw_only=True, tag="swap_music_sound"):
    """Give a clip another accompaniment, which `sound` describes. FUZZ."""

    clip_id: str
    cover_strength: float | None = None  # 0-1


class ProducerVariation(_Task, frozen=True, kw_only=True, tag="music_variation"):
    """Make a clip once more, a little different. FUZZ."""

    clip_id: str


class ProducerUpload(HookedRequest, frozen=True, kw_only=True):
    """Take in a recording. 2 credits."""

    family: ClassVar[str] = "producer"
    path: ClassVar[str] = "/producer/upload"

    audio_url: str  # public


class ProducerDownload(HookedRequest, frozen=True, kw_only=True):
    """A clip's file in the wished format. 2 credits, given back when it fails."""

    family: ClassVar[str] = "producer"
    path: ClassVar[str] = "/producer/download"

    clip_id: str
    format: Literal["mp3", "wav"]


class ProducerLyrics(ApiRequest, frozen=True, kw_only=True):
    """Write lyrics as a task. aimusicapi.ai only; 1 credit. The field's name is not documented."""

    family: ClassVar[str] = "producer"
    path: ClassVar[str] = "/producer/lyrics-create"

    prompt: str


class ProducerVideoClip(ApiRequest, frozen=True, kw_only=True):
    """A video of a clip. aimusicapi.ai only; 5 credits. The field's name is not documented."""

    family: ClassVar[str] = "producer"
    path: ClassVar[str] = "/producer/video-clip"

    clip_id: str
