"""From a request to drafts of takes that can be made. Imports the engine: only whoever plans should.

Whatever can be known before a note sounds is found out here, before anybody is charged.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio import engine
from studio.engine import packs
from studio.engine.score import Score, from_json
from studio.engine.takes import FILES
from studio.offline.clips import INSTRUMENTAL
from studio.offline.errors import engine_missing, invalid
from studio.offline.models import Take
from studio.offline.orders import Draft
from studio.offline.personas import singer_from
from studio.offline.requests import CreateRequest

TAKES = 2
ONLY = {
    "extended": {"only_added": True},
    "replaced": {"only_replaced": True},
    "full": {"only_added": False, "only_replaced": False},
}


def need_engine() -> None:
    """Raises Refusal 424 when the engine is not installed whole; its modules must not be imported then."""
    able = engine.capabilities()
    if not able["available"]:
        raise engine_missing(able["reason"])


@contextmanager
def refusing() -> Iterator[None]:
    """Raises Refusal when the engine is not installed whole, or says that it cannot."""
    need_engine()
    try:
        yield
    except engine.EngineUnavailable as error:
        raise engine_missing(str(error)) from error
    except (engine.SpecError, ValueError) as error:
        raise invalid(str(error)) from error


def seeds(count: int = TAKES) -> list[int]:
    return secrets.SystemRandom().sample(range(2**31), count)


def drafts_of_song(request: CreateRequest, singer: dict[str, Any] | None = None) -> list[Draft]:
    """Two takes of a new song. Title and words are the same in both, the music is not."""
    with refusing():
        first, second = seeds()
        spec = _spec(request, first, singer)
        plan = engine.plan(spec)
        lyrics = "" if spec.instrumental else plan.lyrics
        other = replace(spec, seed=second, title=plan.title, lyrics=lyrics)
        return [_draft(spec, plan, singer), _draft(other, engine.plan(other), singer)]


def _draft(spec: engine.SongSpec, plan: engine.Plan, singer: dict[str, Any] | None) -> Draft:
    return Draft(
        {"do": "create", "spec": asdict(spec) | {"persona": singer}},
        title=plan.title,
        tags=plan.tags,
        lyrics=INSTRUMENTAL if spec.instrumental else plan.lyrics,
    )


def _spec(request: CreateRequest, seed: int, singer: dict[str, Any] | None) -> engine.SongSpec:
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
        persona=singer_from(singer),
    )


def words_of(request: CreateRequest, seed: int) -> str:
    """What is to be sung: the words that were sent, else those written from a description; "" for nothing."""
    if request.make_instrumental:
        return ""
    if request.custom_mode and not request.auto_lyrics:
        return request.prompt
    about = request.prompt if request.custom_mode else request.gpt_description_prompt
    return engine.write_lyrics(about, request.tags, seed) if about else ""


def twice(
    work: dict[str, Any],
    *,
    title: str = "",
    tags: str = "",
    lyrics: str = "",
    roles: Sequence[str] = ("",),
    rehearse: Callable[[int], object] | None = None,
) -> list[Draft]:
    """Drafts of an edit with two seeds, tried out on paper by `rehearse`, which raises what cannot be.

    With roles, each seed gives one take for each of them, whose works differ as ONLY says.
    """
    drafts = []
    for seed in seeds():
        if rehearse is not None:
            rehearse(seed)
        drafts += [
            Draft(work | {"seed": seed} | ONLY.get(role, {}), title, tags, lyrics, role) for role in roles
        ]
    return drafts


def score_of(take: Take) -> Score | None:
    """The score of one of the engine's own songs; None for recordings and what was made of them."""
    path: Path = take.folder / FILES["score"]
    return from_json(path.read_text("utf-8")) if path.is_file() else None


def need_pack(name: str) -> None:
    """Raises Refusal 424, naming the pack and how to add it, when it is not here."""
    with refusing():
        packs.require(name)
