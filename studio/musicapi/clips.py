"""Clips as the providers describe them: the one shape in which every family's songs leave this package."""

import re
from typing import Any

import msgspec

from studio.musicapi.values import Fields, Malformed, first_text, items, number, plain_text, seconds

FINAL_CLIP_STATES = frozenset({"succeeded", "failed"})
MAX_REMARKS = 20
MAX_REMARK_CHARS = 500
PAIR_ROLES = ("extended", "replaced", "full")
_PART = re.compile(r"\(([^()]+)\)\s*$")


class TimedWord(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a lyric alignment. `word` may hold line breaks and a `[Verse]` mark."""

    word: str
    start_s: float
    end_s: float
    p_align: float | None = None  # confidence, 0-1
    is_aligned: bool = msgspec.field(default=True, name="success")


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as the provider describes it. Its URLs are temporary and may be signed: never log them."""

    clip_id: str  # of nuro and of files without an id of their own: the task's
    state: str = ""  # pending, running, succeeded, failed, or an unknown word, kept; unknown means running
    role: str = ""  # extended, replaced or full when the answer came in pairs
    stem: str = ""  # the part's name, on stems; see `part`
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
    seed: str = ""
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

    @property
    def part(self) -> str:
        """What a stem is called: its `stem_type`, else the last brackets of its title, else the title."""
        in_title = _PART.search(self.title)
        return self.stem or (in_title[1].strip() if in_title else self.title)

    def __repr__(self) -> str:
        return f"Clip(clip_id={self.clip_id!r}, state={self.state!r}, title={self.title!r})"


# Where a text of the clip may stand on the wire, the usual name first.
_TEXTS = {
    "title": ("title",),
    "tags": ("tags", "sound"),
    "lyrics": ("lyrics", "lyric"),
    "image_url": ("image_url",),
    "audio_url": ("audio_url",),
    "video_url": ("video_url",),
    "created_at": ("created_at",),
    "mv": ("mv",),
    "gpt_description_prompt": ("gpt_description_prompt",),
    "negative_tags": ("negative_tags",),
    "key": ("key",),
    "seed": ("seed",),
}


def clip(fields: object, role: str = "") -> Clip:
    """One clip from its JSON object; raises Malformed when it has no id."""
    if not isinstance(fields, dict) or not (clip_id := first_text(fields, "clip_id")):
        raise Malformed("a clip has no clip_id")
    return Clip(
        clip_id=clip_id,
        state=plain_text(fields.get("state")).strip().lower(),
        role=role,
        stem=first_text(fields, "stem_type"),
        **{name: _text(fields, names) for name, names in _TEXTS.items()},
        lossless_url=first_text(fields, "flac_url", "wav_url"),
        duration_s=seconds(fields.get("duration")),
        style_weight=number(fields.get("style_weight")),
        weirdness_constraint=number(fields.get("weirdness_constraint")),
        bpm=seconds(fields.get("bpm")),
        alignment=alignment(fields.get("alignment")),
        remarks=sentences(fields.get("remarks")),
        error_text=first_text(fields, "error_message", "error", "message"),
    )


def _text(fields: Fields, names: tuple[str, ...]) -> str:
    return next(filter(None, (plain_text(fields.get(name)) for name in names)), "")


def alignment(values: object) -> tuple[TimedWord, ...]:
    """Timed words from the list of an aligned-lyrics answer; items without text or times are left out."""
    return items(TimedWord, values) if isinstance(values, list) else ()


def sentences(value: object) -> tuple[str, ...]:
    """The texts of a list, as many as anybody would read."""
    found = [plain_text(item).strip() for item in value] if isinstance(value, list) else []
    return tuple(text[:MAX_REMARK_CHARS] for text in found if text)[:MAX_REMARKS]


def clips(values: list[Any]) -> tuple[Clip, ...]:
    """Clips from a `data` list, pairs of auto_concat flattened in reading order with their roles."""
    found: list[Clip] = []
    for item in values:
        roles = [role for role in PAIR_ROLES if isinstance(item, dict) and role in item]
        if roles and "clip_id" not in item:
            found += [clip(item[role], role) for role in roles if item[role] is not None]
        else:
            found.append(clip(item))
    return tuple(found)


def has_open_pair(values: list[Any]) -> bool:
    """Whether a pair still waits for its joined song."""
    return any(isinstance(item, dict) and "full" in item and item["full"] is None for item in values)
