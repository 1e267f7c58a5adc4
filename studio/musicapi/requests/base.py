"""What every request has in common."""

from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from studio.musicapi.results import Reply

R = TypeVar("R", bound=Reply)

ASK_WAIT_S = 60.0
UPLOAD_WAIT_S = 120.0  # the provider fetches the recording before it answers; 30-60 s were seen

# Addresses may be signed, and whoever knows a webhook's can knock there.
SECRET_FIELDS = frozenset({"webhook_secret", "webhook_url", "callback_url", "url", "audio_url", "cover_url"})


class ApiRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every request. A new operation is a new subclass with `family`, `path` and its fields.

    Fields left at their default are not sent: the API documents "omit", never null. Construction raises
    TypeError naming the field when a value has the wrong type (weights sent as text, "true" for a flag).
    A payload becomes its request again by `msgspec.convert(payload, type)`.
    """

    method: ClassVar[str] = "POST"  # every documented request; polls and balance need no struct
    family: ClassVar[str]
    path: ClassVar[str]  # below the base URL, with a leading slash
    wait_s: ClassVar[float] = 0.0  # how long the client waits for the answer at least

    def __post_init__(self) -> None:
        for field in msgspec.structs.fields(type(self)):
            value = getattr(self, field.name)
            try:
                msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                raise TypeError(f"{type(self).__name__}.{field.name}: {error}") from None

    def to_payload(self) -> dict[str, Any]:
        """The JSON object for the wire: its names, lists for tuples, unset fields left out."""
        payload: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return payload

    def __repr__(self) -> str:
        shown = {k: v for k, v in msgspec.structs.asdict(self).items() if v is not None}
        hidden = dict.fromkeys(shown.keys() & SECRET_FIELDS, "…")
        fields = ", ".join(f"{k}={v!r}" for k, v in (shown | hidden).items())
        return f"{type(self).__name__}({fields})"


class HookedRequest(ApiRequest, frozen=True, kw_only=True):
    """A request whose task can report by itself: sonic, producer and nuro document these two fields."""

    webhook_url: str | None = None  # https, at most 1024 characters
    webhook_secret: str | None = None  # signs the deliveries, see webhooks.verify


class Question(ApiRequest, Generic[R], frozen=True, kw_only=True):
    """A request that is answered at once, by `Client.ask`. `reply` is what the answer is read into."""

    reply: ClassVar[type[Reply]]
    wait_s = ASK_WAIT_S
    # Statuses by which the provider itself says, in JSON, that it made and charged nothing.
    uncharged_statuses: ClassVar[frozenset[int]] = frozenset()
