"""Drafts of edits: what the tasks of POST /sonic/create and its kin ask of the engine. Imports the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.engine.edits import (
    add_vocals_score,
    cover_score,
    extend_score,
    match,
    replace_section_score,
    sample_score,
)
from studio.engine.score import STEMS
from studio.engine.spec import SongSpec, SpecError
from studio.offline import planning
from studio.offline.clips import INSTRUMENTAL
from studio.offline.errors import invalid
from studio.offline.models import Take
from studio.offline.orders import Draft
from studio.offline.requests import CreateRequest

COVER_KEEPS = "A cover keeps the words of its song; the lyrics that were sent are not sung."
MASHUP_KEEPS = "A mashup keeps the words of its voice; the lyrics that were sent are not sung."
GROUPS = {"vocals": "Vocals", "instrumental": "Instrumental"}
ONLY_TWO = (
    "Twelve stems cannot be had from a finished recording: only its voice and its accompaniment can be told "
    "apart. Use /sonic/stems/basic for this clip."
)


def extend(request: CreateRequest, source: Take, *, with_full: bool = False) -> list[Draft]:
    """The added part, and with `with_full` the whole song as well."""
    length_s = source.duration_s or 0.0
    at_s = length_s if request.continue_at is None else request.continue_at
    if at_s > length_s + 0.05:
        raise invalid(f"The 'continue_at' field must be between 0 and {length_s:g}.")
    work: dict[str, Any] = {
        "do": "extend",
        "clip_id": str(source.clip_id),
        "at_s": at_s,
        "lyrics": _words(request),
        "tags": request.style,
        "duration_s": request.duration,
        "only_added": True,
    }
    roles = ("extended", "full") if with_full else ("",)
    score = planning.score_of(source)

    def rehearse(seed: int) -> None:
        if score is not None:
            extend_score(score, at_s, work["lyrics"], work["tags"], seed, request.duration)

    return _twice(request, source, work, rehearse, roles)


def cover(request: CreateRequest, source: Take) -> list[Draft]:
    score = planning.score_of(source)
    style = request.style or source.tags
    if score is None and not style:
        raise invalid("A cover needs a style. Give tags, as in 'bossa nova, nylon guitar'.")
    work: dict[str, Any] = {
        "do": "cover",
        "clip_id": str(source.clip_id),
        "tags": style,
        "title": request.title,
        "vocal_gender": request.vocal_gender,
        "audio_weight": request.audio_weight,
        "instrumental": request.make_instrumental,
        "remark": _unsung(request, source, COVER_KEEPS),
    }

    def rehearse(seed: int) -> None:
        if score is not None:
            cover_score(score, style, vocal_gender=request.vocal_gender, title=request.title, seed=seed)

    lyrics = INSTRUMENTAL if request.make_instrumental else source.lyrics
    return _twice(request, source, work, rehearse, lyrics=lyrics)


def remaster(request: CreateRequest, source: Take) -> list[Draft]:
    work: dict[str, Any] = {
        "do": "remaster",
        "clip_id": str(source.clip_id),
        "variation": request.variation_category or "normal",
    }
    return _twice(request, source, work, None, lyrics=source.lyrics)


def add_vocals(request: CreateRequest, source: Take) -> list[Draft]:
    start_s, end_s = _window(request, source)
    work: dict[str, Any] = {
        "do": "add_vocals",
        "clip_id": str(source.clip_id),
        "lyrics": _words(request),
        "tags": request.style,
        "vocal_gender": request.vocal_gender,
        "start_s": start_s,
        "end_s": end_s,
    }
    score = planning.score_of(source)

    def rehearse(seed: int) -> None:
        if score is not None:
            add_vocals_score(score, work["lyrics"], work["tags"], start_s=start_s, end_s=end_s, seed=seed)

    return _twice(request, source, work, rehearse, lyrics=work["lyrics"])


def add_instrumental(request: CreateRequest, source: Take) -> list[Draft]:
    start_s, end_s = _window(request, source)
    work: dict[str, Any] = {
        "do": "add_instrumental",
        "clip_id": str(source.clip_id),
        "tags": request.style,
        "audio_weight": request.audio_weight,
        "start_s": start_s,
        "end_s": end_s,
    }
    return _twice(request, source, work, None, lyrics=source.lyrics)


def _window(request: CreateRequest, source: Take) -> tuple[float | None, float | None]:
    start_s, end_s = request.overpainting_start_s, request.overpainting_end_s
    if start_s is not None and start_s >= (source.duration_s or 0.0):
        raise invalid("The 'overpainting_start_s' field lies behind the end of the clip.")
    return start_s, end_s


def replace_section(
    request: CreateRequest, source: Take, window: tuple[float, float], lyrics: str, *, with_full: bool
) -> list[Draft]:
    """The whole song with new bars in the window; with `with_full` also those bars alone."""
    start_s, end_s = window
    if end_s > (source.duration_s or 0.0) + 0.5:
        raise invalid(f"The 'infill_end_s' field must be between 0 and {source.duration_s:g}.")
    work: dict[str, Any] = {
        "do": "replace",
        "clip_id": str(source.clip_id),
        "start_s": start_s,
        "end_s": end_s,
        "lyrics": lyrics,
        "tags": request.style,
    }
    score = planning.score_of(source)

    def rehearse(seed: int) -> None:
        if score is not None:
            replace_section_score(score, start_s, end_s, lyrics, request.style, seed)

    roles = ("replaced", "full") if with_full else ("",)
    return _twice(request, source, work, rehearse, roles, lyrics=source.lyrics)


def sample(request: CreateRequest, source: Take, window: tuple[float, float]) -> list[Draft]:
    start_s, end_s = window
    if start_s >= (source.duration_s or 0.0):
        raise invalid("The 'chop_sample_start_s' field lies behind the end of the clip.")
    work: dict[str, Any] = {
        "do": "sample",
        "clip_id": str(source.clip_id),
        "start_s": start_s,
        "end_s": end_s,
        "lyrics": _words(request),
        "tags": request.style,
        "title": request.title,
        "instrumental": request.make_instrumental,
        "vocal_gender": request.vocal_gender,
    }
    score = planning.score_of(source)

    def rehearse(seed: int) -> None:
        if score is not None:
            spec = SongSpec(
                lyrics=work["lyrics"],
                tags=work["tags"],
                vocal_gender=request.vocal_gender,
                instrumental=request.make_instrumental,
                seed=seed,
            )
            sample_score(score, start_s, end_s, spec, seed)

    lyrics = INSTRUMENTAL if request.make_instrumental else work["lyrics"]
    # A song of its own, whose title and tags are found with it.
    title = request.title or (f"{source.title} (sampled)"[:80] if score is None else "")
    with planning.refusing():
        return planning.twice(work, title=title, tags=request.tags, lyrics=lyrics, rehearse=rehearse)


def mashup(request: CreateRequest, one: Take, other: Take) -> list[Draft]:
    """The voice of each over the band of the other, as far as keys, tempi and singers allow."""
    if request.make_instrumental:
        raise invalid("A mashup takes the voice of one of the songs; it cannot be instrumental here.")
    with planning.refusing():
        pairs, reason = [], None
        for voice, band in ((one, other), (other, one)):
            try:
                _try_mashup(voice, band)
                pairs.append((voice, band))
            except SpecError as error:
                reason = reason or error
        if not pairs:
            raise reason or SpecError("These two songs do not go together.")
    return [
        Draft(
            {
                "do": "mashup",
                "clip_id": str(voice.clip_id),
                "other_id": str(band.clip_id),
                "title": request.title,
                "remark": _unsung(request, voice, MASHUP_KEEPS),
            },
            title=request.title or f"{voice.title} × {band.title}"[:80],
            tags=band.tags,
            lyrics=voice.lyrics,
        )
        for voice, band in pairs
    ]


def _try_mashup(voice: Take, band: Take) -> None:
    scores = planning.score_of(voice), planning.score_of(band)
    if scores[0] is not None and scores[1] is not None:
        match(scores[0], scores[1])


def concat(source: Take, chain: list[Take]) -> list[Draft]:
    work = {"do": "concat", "clip_ids": [str(take.clip_id) for take in chain]}
    return [Draft(work, title=source.title, tags=source.tags, lyrics=chain[0].lyrics)]


def stems(source: Take, *, is_full: bool) -> list[Draft]:
    """One take for every stem that sounds: two groups, or each of the twelve that the song has."""
    with planning.refusing():
        score = planning.score_of(source)
        if score is None:
            if is_full:
                raise invalid(ONLY_TWO)
            return [_stem(source, {"group": group}, label) for group, label in GROUPS.items()]
        names = _sounding(source)
        if is_full:
            return [_stem(source, {"name": name}, name.title()) for name in names]
        groups = ["instrumental"] if "vocals" not in names and "backing vocals" not in names else list(GROUPS)
        if not set(names) - {"vocals", "backing vocals"}:
            groups.remove("instrumental")
        return [_stem(source, {"group": group}, GROUPS[group]) for group in groups]


def _sounding(source: Take) -> tuple[str, ...]:
    from studio.engine.takes import StoredTake

    found = StoredTake(source.folder).stem_names()
    return tuple(name for name in STEMS if name in found)


def _stem(source: Take, part: dict[str, str], label: str) -> Draft:
    return Draft(
        {"do": "stem", "clip_id": str(source.clip_id), **part},
        title=f"{source.title} ({label})",
        tags=source.tags,
        stem_type=label,
    )


def _unsung(request: CreateRequest, source: Take, remark: str) -> str:
    """The remark when other words were sent than the source sings."""
    is_other = "".join(request.prompt.split()) not in ("", "".join(source.lyrics.split()))
    return remark if is_other and not request.make_instrumental else ""


def _words(request: CreateRequest) -> str:
    return planning.words_of(request, planning.seeds(1)[0])


def _twice(
    request: CreateRequest,
    source: Take,
    work: dict[str, Any],
    rehearse: Callable[[int], Any] | None,
    roles: tuple[str, ...] = ("",),
    *,
    lyrics: str = "",
) -> list[Draft]:
    with planning.refusing():
        return planning.twice(
            work,
            title=request.title or source.title,
            tags=request.style or source.tags,
            lyrics=lyrics or work.get("lyrics") or "",
            roles=roles,
            rehearse=rehearse,
        )
