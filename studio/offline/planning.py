"""From a request to takes that can be rendered. Imports the engine: only whoever plans should import this."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace

from studio import engine
from studio.offline.clips import INSTRUMENTAL
from studio.offline.errors import engine_missing, invalid
from studio.offline.models import Take
from studio.offline.requests import CreateRequest

TAKES = 2


def draft_takes(request: CreateRequest) -> list[Take]:
    """Unsaved takes, planned but not rendered. Title and words are the same in all, the music is not.

    Raises Refusal when the engine is not installed whole, or cannot make a song of this request.
    """
    able = engine.capabilities()
    if not able["available"]:
        raise engine_missing(able["reason"])
    try:
        return _drafts(request)
    except engine.EngineUnavailable as error:
        raise engine_missing(str(error)) from error
    except (engine.SpecError, ValueError) as error:
        raise invalid(str(error)) from error


def _drafts(request: CreateRequest) -> list[Take]:
    seeds = secrets.SystemRandom().sample(range(2**31), TAKES)
    spec = _spec(request, seeds[0])
    plans = [engine.plan(spec)]
    specs = [spec]
    lyrics = "" if spec.instrumental else plans[0].lyrics
    for seed in seeds[1:]:
        specs.append(replace(spec, seed=seed, title=plans[0].title, lyrics=lyrics))
        plans.append(engine.plan(specs[-1]))
    return [
        Take(
            position=position,
            spec=asdict(spec),
            title=plan.title,
            tags=plan.tags,
            lyrics=INSTRUMENTAL if spec.instrumental else plan.lyrics,
        )
        for position, (spec, plan) in enumerate(zip(specs, plans, strict=True))
    ]


def _spec(request: CreateRequest, seed: int) -> engine.SongSpec:
    is_described = not request.custom_mode or (request.auto_lyrics and not request.make_instrumental)
    description = request.gpt_description_prompt if not request.custom_mode else request.prompt
    return engine.SongSpec(
        lyrics="" if is_described or request.make_instrumental else request.prompt,
        description=description if is_described else "",
        tags=request.tags,
        negative_tags=request.negative_tags,
        title=request.title,
        instrumental=request.make_instrumental,
        vocal_gender=request.vocal_gender,
        style_weight=request.style_weight,
        weirdness=request.weirdness_constraint,
        duration_s=request.duration,
        seed=seed,
    )
