"""From a JSON body to a checked request for music: all tasks of POST /sonic/create, and its kin."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from studio.offline import moderation
from studio.offline.errors import invalid
from studio.offline.reading import (
    BORROWING_MODEL,
    DURATION_S,
    LONGEST_SOURCE_S,
    OLD_MODELS,
    Body,
    bare,
)

CREATE, PERSONA, CONCAT, REMASTER = "create_music", "persona_music", "concat_music", "remaster"
EXTENDS = ("extend_music", "extend_upload_music")
COVERS = ("cover_music", "cover_upload_music")
OVERPAINTS = ("add_instrumental", "add_vocals")
TASKS = (CREATE, EXTENDS[0], CONCAT, COVERS[0], EXTENDS[1], COVERS[1], PERSONA, REMASTER, *OVERPAINTS)
WITH_DURATION = (CREATE, PERSONA, *EXTENDS, *COVERS)
BORROWED_TAGS_CHARS = 200


@dataclass(frozen=True)
class CreateRequest:
    """A checked body. Empty text and None stand for fields that were not sent."""

    task_type: str
    mv: str = ""
    custom_mode: bool = True
    prompt: str = ""
    gpt_description_prompt: str = ""
    title: str = ""
    tags: str = ""
    negative_tags: str = ""
    make_instrumental: bool = False
    auto_lyrics: bool = False
    vocal_gender: str = ""
    style_weight: float | None = None
    weirdness_constraint: float | None = None
    audio_weight: float | None = None
    duration: float | None = None
    continue_clip_id: str = ""
    continue_at: float | None = None
    persona_id: str = ""
    variation_category: str = ""
    overpainting_start_s: float | None = None
    overpainting_end_s: float | None = None
    hook: dict[str, str] = field(default_factory=dict)

    @property
    def is_old_model(self) -> bool:
        return bare(self.mv) in OLD_MODELS

    @property
    def style(self) -> str:
        """What edits read a style from: tags, else the description; and what is to be left out."""
        wanted = self.tags or ("" if self.custom_mode else self.gpt_description_prompt)
        banned = [f"no {word.strip()}" for word in self.negative_tags.split(",") if word.strip()]
        return ", ".join([wanted, *banned] if wanted else banned)

    def to_json(self) -> dict[str, Any]:
        """For the job: what was asked, with the webhook where orders.place looks for it."""
        plain = asdict(self)
        return plain | plain.pop("hook")


def parse_create(fields: dict[str, Any]) -> CreateRequest:
    """The request of a decoded JSON object. Raises Refusal with the documented text."""
    body = Body(fields)
    task_type = body.text("task_type") or CREATE
    if task_type not in TASKS:
        raise invalid(f"The 'task_type' field is invalid. It should be one of {', '.join(TASKS)}.")
    if task_type == CONCAT:
        return CreateRequest(task_type, continue_clip_id=_source(body, task_type), hook=body.webhook())
    if task_type in (CREATE, PERSONA):
        body.flag("custom_mode", is_required=True)
    request = parse_song(fields, task_type)
    _check_task(request)
    return request


def parse_song(fields: dict[str, Any], task_type: str, *, is_borrowing: bool = False) -> CreateRequest:
    """What all requests share that make music. `is_borrowing` is said by sample and mashup."""
    body = Body(fields)
    body.pick_model(also=BORROWING_MODEL if is_borrowing else "")
    body.check_lengths(tags_chars=BORROWED_TAGS_CHARS if is_borrowing else None)
    body.flag("use_suno_cdn")
    start_s, end_s = body.window("overpainting_start_s", "overpainting_end_s")
    description = body.text("gpt_description_prompt")
    is_mode_said = fields.get("custom_mode") is not None
    request = CreateRequest(
        task_type=task_type,
        mv=body.model,
        # The vendor's guides leave it out wherever there is a source.
        custom_mode=body.flag("custom_mode") if is_mode_said else not description,
        prompt=body.text("prompt") or body.text("lyrics"),
        gpt_description_prompt=description,
        title=body.text("title"),
        tags=body.text("tags"),
        negative_tags=body.text("negative_tags"),
        make_instrumental=body.flag("make_instrumental"),
        auto_lyrics=body.flag("auto_lyrics"),
        vocal_gender=body.gender(),
        style_weight=body.number("style_weight", 0, 1),
        weirdness_constraint=body.number("weirdness_constraint", 0, 1),
        audio_weight=body.number("audio_weight", 0, 1),
        duration=body.number("duration", *DURATION_S),
        continue_clip_id=body.text("continue_clip_id"),
        continue_at=body.number("continue_at", 0, LONGEST_SOURCE_S),
        persona_id=body.text("persona_id"),
        variation_category=body.choice("variation_category", ("subtle", "normal", "high")),
        overpainting_start_s=start_s,
        overpainting_end_s=end_s,
        hook=body.webhook(),
    )
    moderation.check(request.gpt_description_prompt, request.prompt if request.auto_lyrics else "")
    return request


def _source(body: Body, task_type: str) -> str:
    clip_id = body.text("continue_clip_id")
    if not clip_id:
        raise invalid(f"The 'continue_clip_id' field is required when task_type = {task_type}.")
    return clip_id


def _check_task(request: CreateRequest) -> None:
    task_type = request.task_type
    if task_type in (CREATE, PERSONA):
        check_content(request)
    else:
        _source(Body({"continue_clip_id": request.continue_clip_id}), task_type)
    if task_type == PERSONA and not request.persona_id:
        raise invalid("The 'persona_id' field is required when task_type = persona_music.")
    if request.duration is not None and task_type not in WITH_DURATION:
        raise invalid(f"The 'duration' field is not supported when task_type = {task_type}.")
    if task_type in OVERPAINTS and request.is_old_model:
        raise invalid(f"The 'mv' field is invalid. task_type = {task_type} needs v4.5 or later.")
    if task_type == "add_vocals" and not (request.prompt or request.gpt_description_prompt):
        raise invalid(
            "The 'prompt' or 'gpt_description_prompt' field is required when task_type = add_vocals."
        )
    if request.variation_category and not bare(request.mv).startswith(("v5", "v6")):
        raise invalid("The 'variation_category' field is supported by sonic-v5 only.")


def check_content(request: CreateRequest) -> None:
    """Raises Refusal when there is nothing to make a song of."""
    if not request.custom_mode:
        if not request.gpt_description_prompt:
            raise invalid("The 'gpt_description_prompt' field is required when custom_mode = false.")
    elif not (request.prompt or request.make_instrumental or request.auto_lyrics):
        raise invalid("The 'prompt' field is required when custom_mode = true.")
