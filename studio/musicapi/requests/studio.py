"""The studio family (Udio), marked unavailable since 2025: two clips a task, musicapi.ai only."""

from typing import ClassVar, Literal

import msgspec

from studio.musicapi.requests.base import ApiRequest

MODELS = ("studio130-v1.5", "studio32-v1.5")  # 130 and 32 seconds


class StudioSource(msgspec.Struct, frozen=True, kw_only=True):
    """The song that an extension goes on from."""

    song_id: str


class StudioConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A new song, or an extension before its start (`precede`) or after its end (`continuation`)."""

    mode: Literal["regular", "precede", "continuation"] = "regular"
    source: StudioSource | msgspec.UnsetType = msgspec.UNSET  # of both extensions


class StudioCreate(ApiRequest, frozen=True, kw_only=True):
    """A song from lyrics (`user`), from a description (`generate`), or without a voice (`instrumental`)."""

    family: ClassVar[str] = "studio"
    path: ClassVar[str] = "/studio/create"

    prompt: str  # tags; the description for `generate`
    lyrics_type: Literal["user", "generate", "instrumental"]
    model_type: str  # one of MODELS
    prompt_strength: float  # 0-1, the docs' example 0.5
    clarity_strength: float  # 0.25 in the example
    lyrics_strength: float  # 0.5 in the example
    generation_quality: float  # 0.75 in the example
    config: StudioConfig = msgspec.field(default_factory=StudioConfig)  # always sent
    lyrics: str | None = None  # of `user`, at most 1000 characters
    negative_prompt: str | None = None
    seed: int | None = None  # -1 is random
    bypass_prompt_optimization: bool | None = None
    song_section_start: float | None = None  # 0-1 of the song, as the next three
    song_section_end: float | None = None
    lyrics_placement_start: float | None = None
    lyrics_placement_end: float | None = None
    context_length: float | None = None  # of both extensions; range not documented
