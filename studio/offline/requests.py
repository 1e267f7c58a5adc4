"""From a JSON body to a checked request, refusing what the documented API refuses, in its words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.offline.errors import invalid

OFFERED = ("create_music",)
DOCUMENTED = (
    *OFFERED,
    "extend_music",
    "concat_music",
    "cover_music",
    "extend_upload_music",
    "cover_upload_music",
    "persona_music",
    "remaster",
    "add_instrumental",
    "add_vocals",
)
OLD_MODELS = ("v3-5", "v4")
# Also accepted: what maps to a newer one today. v4-5-all belongs to sample and mashup alone.
MODELS = (*OLD_MODELS, "v4-5", "v4-5-plus", "v5", "v5-5", "v6", "v6-wild", "v6-mini")
SPELLINGS = ("sonic-", "chirp-")

TITLE_CHARS = 80
DESCRIPTION_CHARS = 400
NEGATIVE_TAGS_CHARS = 200
WEBHOOK_URL_CHARS = 1024
DURATION_S = (10, 360)

BAD_MODEL = "The 'mv' field is invalid. The model should be 'chirp-v3-5','chirp-v4' or 'chirp-v4-5'."


@dataclass(frozen=True)
class CreateRequest:
    """A checked body of POST /sonic/create. Empty text and None stand for fields that were not sent."""

    task_type: str
    custom_mode: bool
    mv: str
    prompt: str
    gpt_description_prompt: str
    title: str
    tags: str
    negative_tags: str
    make_instrumental: bool
    auto_lyrics: bool
    vocal_gender: str
    style_weight: float | None
    weirdness_constraint: float | None
    duration: float | None

    @property
    def is_old_model(self) -> bool:
        return _bare(self.mv) in OLD_MODELS

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Body:
    """Reads fields by kind. null counts as not sent; unknown fields are never looked at."""

    fields: dict[str, Any]
    model: str = field(default="")

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise invalid(f"The '{name}' field should be string.")
        return value.strip()

    def flag(self, name: str, *, is_required: bool = False) -> bool:
        value = self.fields.get(name)
        if value is None and not is_required:
            return False
        if not isinstance(value, bool):
            raise invalid(f"The '{name}' field should be boolean.")
        return value

    def number(self, name: str, low: float, high: float) -> float | None:
        value = self.fields.get(name)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not low <= value <= high:
            raise invalid(f"The '{name}' field must be between {low:g} and {high:g}.")
        return float(value)


def parse_create(fields: dict[str, Any]) -> CreateRequest:
    """The request of a decoded JSON object. Raises Refusal with the documented text."""
    body = _Body(fields)
    task_type = _task_type(body)
    custom_mode = body.flag("custom_mode", is_required=True)
    body.model = _model(body)
    _check_lengths(body)
    if body.fields.get("use_suno_cdn") is not None:
        body.flag("use_suno_cdn")
    request = CreateRequest(
        task_type=task_type,
        custom_mode=custom_mode,
        mv=body.model,
        prompt=body.text("prompt") or body.text("lyrics"),
        gpt_description_prompt=body.text("gpt_description_prompt"),
        title=body.text("title"),
        tags=body.text("tags"),
        negative_tags=body.text("negative_tags"),
        make_instrumental=body.flag("make_instrumental"),
        auto_lyrics=body.flag("auto_lyrics"),
        vocal_gender=_gender(body),
        style_weight=body.number("style_weight", 0, 1),
        weirdness_constraint=body.number("weirdness_constraint", 0, 1),
        duration=body.number("duration", *DURATION_S),
    )
    _check_content(request)
    return request


def _task_type(body: _Body) -> str:
    task_type = body.text("task_type") or OFFERED[0]
    if task_type in OFFERED:
        return task_type
    if task_type in DOCUMENTED:
        raise invalid(f"The offline provider does not offer task_type = {task_type} yet.")
    raise invalid(f"The 'task_type' field is invalid. It should be one of {', '.join(DOCUMENTED)}.")


def _bare(model: str) -> str:
    return model.removeprefix(SPELLINGS[0]).removeprefix(SPELLINGS[1])


def _model(body: _Body) -> str:
    model = body.fields.get("mv")
    if not isinstance(model, str) or not model.startswith(SPELLINGS) or _bare(model) not in MODELS:
        raise invalid(BAD_MODEL)
    return model


def _gender(body: _Body) -> str:
    """f, m or empty; the old models never heard of it."""
    gender = body.text("vocal_gender")
    if gender not in ("", "f", "m"):
        raise invalid("The 'vocal_gender' field should be 'f' or 'm'.")
    return "" if _bare(body.model) in OLD_MODELS else gender


def _check_lengths(body: _Body) -> None:
    is_old = _bare(body.model) in OLD_MODELS
    prompt_chars, tags_chars = (3000, 200) if is_old else (5000, 1000)
    limits = {
        "title": ("title", TITLE_CHARS),
        "prompt": ("prompt", prompt_chars),
        "lyrics": ("prompt", prompt_chars),
        "gpt_description_prompt": ("'gpt_description_prompt'", DESCRIPTION_CHARS),
        "tags": ("tags", tags_chars),
        "negative_tags": ("negative_tags", NEGATIVE_TAGS_CHARS),
        "webhook_url": ("webhook_url", WEBHOOK_URL_CHARS),
    }
    for name, (called, most) in limits.items():
        body.text(name)
        # The limit counts what was sent, blanks included.
        if len(body.fields.get(name) or "") > most:
            raise invalid(f"The {called} character length should be less than {most}.")


def _check_content(request: CreateRequest) -> None:
    if not request.custom_mode:
        if not request.gpt_description_prompt:
            raise invalid("The 'gpt_description_prompt' field is required when custom_mode = false.")
    elif not (request.prompt or request.make_instrumental or request.auto_lyrics):
        raise invalid("The 'prompt' field is required when custom_mode = true.")
