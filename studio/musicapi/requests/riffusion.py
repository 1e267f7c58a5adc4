"""The riffusion family, deprecated: two clips a task, 12 credits on musicapi.ai."""

from typing import ClassVar

import msgspec

from studio.musicapi.requests.base import UPLOAD_WAIT_S, ApiRequest, Question
from studio.musicapi.results import Uploaded

MODELS = ("FUZZ-1.1 Pro", "FUZZ-1.1", "FUZZ-1.0 Pro", "FUZZ-1.0")


class _Task(ApiRequest, frozen=True, kw_only=True, tag_field="task_type"):
    """What the tasks of /riffusion/create share. `task_type` is always sent."""

    family: ClassVar[str] = "riffusion"
    path: ClassVar[str] = "/riffusion/create"

    mv: str  # one of MODELS
    custom_mode: bool  # True: lyrics and sound are given; False: a description
    lyrics: str | None = None  # at most 3000 characters
    sound: str | None = None  # style, at most 200 characters
    title: str | None = None  # at most 80 characters


class RiffusionCreate(_Task, frozen=True, kw_only=True, tag="create_music"):
    """Create music from lyrics or from a description."""

    prompt: str | None = None  # the description, at most 200 characters
    make_instrumental: bool | None = None


class _Edit(_Task, frozen=True, kw_only=True, tag_field="task_type"):
    continue_clip_id: str


class RiffusionExtend(_Edit, frozen=True, kw_only=True, tag="extend_music"):
    """Go on from a moment of a clip."""

    continue_at_s: float = msgspec.field(name="continue_at")


class RiffusionExtendUpload(RiffusionExtend, frozen=True, kw_only=True, tag="extend_upload_music"):
    """Go on from a moment of an uploaded clip."""


class RiffusionCover(_Edit, frozen=True, kw_only=True, tag="cover_music"):
    """Play a clip anew."""


class RiffusionCoverUpload(_Edit, frozen=True, kw_only=True, tag="cover_upload_music"):
    """Play an uploaded clip anew."""


class RiffusionReplace(_Edit, frozen=True, kw_only=True, tag="replace_music"):
    """Make a window of a clip anew. The names of the two ends are those of the vendor's OpenAPI file."""

    replace_start_s: float = msgspec.field(name="replace_start_time")
    replace_end_s: float = msgspec.field(name="replace_end_time")


class RiffusionReplaceUpload(RiffusionReplace, frozen=True, kw_only=True, tag="replace_upload_music"):
    """Make a window of an uploaded clip anew."""


class RiffusionSwapSound(_Edit, frozen=True, kw_only=True, tag="swap_music_sound"):
    """Give a clip another accompaniment, which `sound` describes."""


class RiffusionSwapSoundUpload(_Edit, frozen=True, kw_only=True, tag="swap_upload_music_sound"):
    """Give an uploaded clip another accompaniment."""


class RiffusionSwapVocals(_Edit, frozen=True, kw_only=True, tag="swap_music_vocals"):
    """Give a clip another singer, whom `sound` describes."""

    vocal_variation: float | None = None  # 0-1


class RiffusionSwapVocalsUpload(
    RiffusionSwapVocals, frozen=True, kw_only=True, tag="swap_upload_music_vocals"
):
    """Give an uploaded clip another singer."""


class RiffusionUpload(Question[Uploaded], frozen=True, kw_only=True):
    """Take in a recording free of others' rights. 2 credits."""

    family: ClassVar[str] = "riffusion"
    path: ClassVar[str] = "/riffusion/upload"
    reply = Uploaded
    wait_s = UPLOAD_WAIT_S

    url: str  # public
