"""What the AI Music API tells us, as frozen types.

The wire varies (numbers as text, null for absent, fields that come and go), so every optional field is read
leniently here and only a clip without an id is an error. Nothing after this module guesses again.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

TaskState = Literal["not_ready", "running", "succeeded", "failed"]
FINAL_CLIP_STATES = frozenset({"succeeded", "failed"})
MAX_REMARKS = 20
MAX_REMARK_CHARS = 500
PAIR_ROLES = ("extended", "replaced", "full")


class Malformed(ValueError):
    """An answer lacks what it cannot do without."""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The provider took the request: it runs, and it is charged."""

    task_id: str
    warning: str = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task ended without clips."""

    kind: str
    text: str  # the provider's words, fit to show
    is_refunded: bool | None = None  # None: the provider did not say


class TimedWord(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a lyric alignment. `word` may hold line breaks and a `[Verse]` mark."""

    word: str
    start_s: float
    end_s: float
    p_align: float | None = None  # confidence, 0-1
    is_aligned: bool = True


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of create-voice: a persona made from a recording."""

    persona_id: str
    name: str = ""


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as the provider describes it. Its URLs are temporary and may be signed: never log them."""

    clip_id: str
    state: str = ""  # pending, running, succeeded, failed, or an unknown word, kept; unknown means running
    role: str = ""  # extended, replaced or full when the answer came in pairs
    stem: str = ""  # the part's name, on stems
    title: str = ""  # may differ from what was asked for
    tags: str = ""
    lyrics: str = ""
    image_url: str = ""
    audio_url: str = ""  # while running: a stream, not the file
    video_url: str = ""
    lossless_url: str = ""  # FLAC or WAV, where the provider has one
    created_at: str = ""  # ISO 8601 as received
    mv: str = ""
    gpt_description_prompt: str = ""
    duration_s: float | None = None
    negative_tags: str = ""
    style_weight: float | None = None
    weirdness_constraint: float | None = None
    bpm: float | None = None
    key: str = ""
    alignment: tuple[TimedWord, ...] = ()
    remarks: tuple[str, ...] = ()  # what the provider says about this take, in sentences
    error_text: str = ""

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_CLIP_STATES

    @property
    def is_playable(self) -> bool:
        """There is something to hear: the file of a finished clip or the stream of a running one."""
        return self.state != "failed" and self.audio_url.startswith(("http://", "https://"))

    def __repr__(self) -> str:
        return f"Clip(clip_id={self.clip_id!r}, state={self.state!r}, title={self.title!r})"


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll says.

    `failed` means a failure was reported or every clip failed; `succeeded` means that every clip is final and
    at least one is good; `running` that one is not final yet; `not_ready` that there are none.
    """

    state: TaskState
    clips: tuple[Clip, ...] = ()
    failure: Failure | None = None
    voice: Voice | None = None
    is_joining: bool = False  # a pair's `full` is still null: more may come, though it is not promised
    raw: str = ""  # the body as received, without the key; URLs are whole, so keep it out of logs

    def __repr__(self) -> str:
        return f"TaskAnswer(state={self.state!r}, clips={self.clips!r}, failure={self.failure!r})"


class Credits(msgspec.Struct, frozen=True, kw_only=True):
    """Balance of an account in whole credits, part credits rounded down."""

    credits: int  # of the subscription, reset each cycle
    extra_credits: int = 0  # bought, spent first

    @property
    def total(self) -> int:
        return self.credits + self.extra_credits


class Downloaded(msgspec.Struct, frozen=True, kw_only=True):
    """A file that arrived whole."""

    size_bytes: int
    content_type: str  # as the server says, without parameters
    sha256: str  # hex


def number(value: object) -> float | None:
    """A finite number from an int, a float or a decimal string; None from anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def plain_text(value: object) -> str:
    """Text from a string, a number or a list of those; empty from anything else."""
    if isinstance(value, str):
        return value.replace("\0", "")  # no database takes it
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain_text, value)))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def first_text(fields: Mapping[str, Any], *names: str) -> str:
    """The first non-empty text among the named fields; an object is asked for its `message`."""
    for name in names:
        value = fields.get(name)
        text = first_text(value, "message", "error") if isinstance(value, Mapping) else plain_text(value)
        if text.strip():
            return text.strip()
    return ""


def seconds(value: object) -> float | None:
    """A length in seconds; None when unknown, negative or zero, which services send for "not yet"."""
    found = number(value)
    return found if found and found > 0 else None


def _timed_word(item: object) -> TimedWord | None:
    if not isinstance(item, dict):
        return None
    start_s, end_s = number(item.get("start_s")), number(item.get("end_s"))
    word = item.get("word")
    if not isinstance(word, str) or start_s is None or end_s is None:
        return None
    return TimedWord(
        word=word,
        start_s=start_s,
        end_s=end_s,
        p_align=number(item.get("p_align")),
        is_aligned=item.get("success") is not False,
    )


def alignment(items: object) -> tuple[TimedWord, ...]:
    """Timed words from the list of an aligned-lyrics answer; items without text or times are left out."""
    if not isinstance(items, list):
        return ()
    return tuple(word for word in map(_timed_word, items) if word)


def clip(fields: object, role: str = "") -> Clip:
    """One clip from its JSON object; raises Malformed when it has no id."""
    if not isinstance(fields, dict) or not (clip_id := first_text(fields, "clip_id")):
        raise Malformed("a clip has no clip_id")
    return Clip(
        clip_id=clip_id,
        state=plain_text(fields.get("state")).strip().lower(),
        role=role,
        stem=first_text(fields, "stem_type"),
        **{name: plain_text(fields.get(name)) for name in _TEXT_FIELDS},
        lossless_url=first_text(fields, "flac_url", "wav_url"),
        duration_s=seconds(fields.get("duration")),
        style_weight=number(fields.get("style_weight")),
        weirdness_constraint=number(fields.get("weirdness_constraint")),
        bpm=seconds(fields.get("bpm")),
        alignment=alignment(fields.get("alignment")),
        remarks=sentences(fields.get("remarks")),
        error_text=first_text(fields, "error_message", "error", "message"),
    )


_TEXT_FIELDS = (
    "title",
    "tags",
    "lyrics",
    "image_url",
    "audio_url",
    "video_url",
    "created_at",
    "mv",
    "gpt_description_prompt",
    "negative_tags",
    "key",
)


def sentences(value: object) -> tuple[str, ...]:
    """The texts of a list, as many as anybody would read."""
    found = [plain_text(item).strip() for item in value] if isinstance(value, list) else []
    return tuple(text[:MAX_REMARK_CHARS] for text in found if text)[:MAX_REMARKS]


def clips(items: list[Any]) -> tuple[Clip, ...]:
    """Clips from a `data` list, pairs of auto_concat flattened in reading order with their roles."""
    found: list[Clip] = []
    for item in items:
        roles = [role for role in PAIR_ROLES if isinstance(item, dict) and role in item]
        if roles and "clip_id" not in item:
            found += [clip(item[role], role) for role in roles if item[role] is not None]
        else:
            found.append(clip(item))
    return tuple(found)


def has_open_pair(items: list[Any]) -> bool:
    """Whether a pair still waits for its joined song."""
    return any(isinstance(item, dict) and "full" in item and item["full"] is None for item in items)
