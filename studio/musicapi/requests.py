"""What we can ask of the AI Music API: one frozen struct per request.

A request knows its family, its address below the base URL, and how to become a JSON object. Lengths,
ranges and combinations belong to the registry of operations; a request only refuses values of the wrong type.
"""

from typing import Any, ClassVar, Literal

import msgspec

SECRET_FIELDS = frozenset({"webhook_secret", "webhook_url"})


class ApiRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every request. A new operation is a new subclass with `family`, `path` and its fields.

    Fields left at their default are not sent: the API documents "omit", never null. Construction raises
    TypeError naming the field when a value has the wrong type (weights sent as text, "true" for a flag).
    """

    family: ClassVar[str]
    path: ClassVar[str]  # below the base URL, with a leading slash

    def __post_init__(self) -> None:
        for field in msgspec.structs.fields(type(self)):
            value = getattr(self, field.name)
            try:
                msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                raise TypeError(f"{type(self).__name__}.{field.name}: {error}") from None

    def to_payload(self) -> dict[str, Any]:
        """The JSON object for the wire: its names, unset fields left out."""
        payload: dict[str, Any] = msgspec.to_builtins(self)
        return payload

    def __repr__(self) -> str:
        shown = {k: v for k, v in msgspec.structs.asdict(self).items() if v is not None}
        hidden = dict.fromkeys(shown.keys() & SECRET_FIELDS, "…")
        fields = ", ".join(f"{k}={v!r}" for k, v in (shown | hidden).items())
        return f"{type(self).__name__}({fields})"


class SonicCreate(
    ApiRequest, frozen=True, kw_only=True, omit_defaults=True, tag_field="task_type", tag="create_music"
):
    """Create music from lyrics (`custom_mode=True`) or from a description. Yields two clips.

    `task_type` is always sent, although the API takes "create_music" as its default.
    """

    family: ClassVar[str] = "sonic"
    path: ClassVar[str] = "/sonic/create"

    custom_mode: bool
    mv: str  # model, "sonic-v5" or "chirp-v5" spelling; the provider echoes what was sent
    prompt: str | None = None  # lyrics with [Verse] marks; with auto_lyrics what they should be about
    gpt_description_prompt: str | None = None  # the description when custom_mode is off
    title: str | None = None
    tags: str | None = None
    negative_tags: str | None = None
    make_instrumental: bool | None = None
    auto_lyrics: bool | None = None  # needs custom_mode
    vocal_gender: Literal["f", "m"] | None = None
    style_weight: float | None = None  # 0-1
    weirdness_constraint: float | None = None  # 0-1
    duration_s: int | None = msgspec.field(default=None, name="duration")  # wished length, 10-360
    use_suno_cdn: bool | None = None
    webhook_url: str | None = None  # https, at most 1024 characters
    webhook_secret: str | None = None  # signs the deliveries, see webhooks.verify
