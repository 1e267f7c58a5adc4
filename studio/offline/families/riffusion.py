"""The riffusion family: two clips a task, from lyrics and a sound, from a description, or from a clip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.musicapi.requests.riffusion import MODELS
from studio.offline import clips, moderation, recordings
from studio.offline.accounts import account_of
from studio.offline.errors import invalid
from studio.offline.models import Job, Take
from studio.offline.orders import Draft, ask_price, job_of, place
from studio.offline.reading import LONGEST_SOURCE_S, TITLE_CHARS, Body
from studio.offline.wire import NOT_READY, Answer, Call, Route, json_answer, json_fields

TAKES = 2
LYRICS_CHARS, PROMPT_CHARS, SOUND_CHARS = 3000, 200, 200
EDITS = ("extend", "cover", "replace", "swap_sound", "swap_vocals")
ORIGINS = ("music", "upload_music")
# The wire's words for each, for clips that were made and for clips that were uploaded.
TASK_TYPES = {
    "create_music": "create",
    **{f"{name}_music": name for name in ("extend", "cover", "replace")},
    **{f"{name}_upload_music": name for name in ("extend", "cover", "replace")},
    **{
        f"swap_{upload}music_{what}": f"swap_{what}"
        for upload in ("", "upload_")
        for what in ("sound", "vocals")
    },
}
Asked = dict[str, Any]


def _create(call: Call) -> Answer:
    body = Body(json_fields(call))
    account = account_of(call.headers)
    task_type = body.choice("task_type", tuple(TASK_TYPES)) or "create_music"
    asked = _read(body, task_type)
    if TASK_TYPES[task_type] == "create":
        drafts = _songs(asked)
    else:
        drafts = _changes(asked, clips.take_of(account, body.needed("continue_clip_id"), family="riffusion"))
    job = place(
        call,
        family="riffusion",
        task_type=task_type,
        asked=asked,
        drafts=drafts,
        price=ask_price("riffusion"),
    )
    return json_answer(200, {"message": "success", "task_id": str(job.task_id)})


def _read(body: Body, task_type: str) -> Asked:
    asked: Asked = {
        "task_type": task_type,
        "mv": body.choice("mv", MODELS) or body.needed("mv"),
        "custom_mode": body.flag("custom_mode", is_required=True),
        "prompt": body.within("prompt", PROMPT_CHARS),
        "lyrics": body.within("lyrics", LYRICS_CHARS),
        "sound": body.within("sound", SOUND_CHARS),
        "title": body.within("title", TITLE_CHARS),
        "make_instrumental": body.flag("make_instrumental"),
        "vocal_variation": body.number("vocal_variation", 0, 1),
        "continue_at": body.number("continue_at", 0, LONGEST_SOURCE_S),
        "start": _first(body, "replace_start_time", "replace_start_at", "replace_start_s"),
        "end": _first(body, "replace_end_time", "replace_end_at", "replace_end_s"),
    }
    _check_content(asked)
    moderation.check(asked["prompt"], asked["sound"])
    return asked


def _first(body: Body, *names: str) -> float | None:
    """Sources disagree on what the two ends of a window are called."""
    return next(
        (body.number(name, 0, LONGEST_SOURCE_S) for name in names if body.fields.get(name) is not None), None
    )


def _check_content(asked: Asked) -> None:
    task, task_type = TASK_TYPES[asked["task_type"]], asked["task_type"]
    if task == "create":
        if not asked["custom_mode"] and not asked["prompt"]:
            raise invalid("The 'prompt' field is required when custom_mode = false.")
        if asked["custom_mode"] and not (asked["lyrics"] or asked["make_instrumental"] or asked["prompt"]):
            raise invalid("The 'lyrics' field is required when custom_mode = true.")
    if task.startswith(("swap", "cover")) and not asked["sound"]:
        raise invalid(f"The 'sound' field is required when task_type = {task_type}.")
    if task == "extend" and asked["continue_at"] is None:
        raise invalid(f"The 'continue_at' field is required when task_type = {task_type}.")
    if task == "replace" and (asked["start"] is None or asked["end"] is None):
        raise invalid("The 'replace_start_time' and 'replace_end_time' fields are required.")
    if task == "replace" and asked["end"] <= asked["start"]:
        raise invalid("The 'replace_end_time' field must be greater than 'replace_start_time'.")


def _songs(asked: Asked) -> list[Draft]:
    # The engine takes seconds to import, and most processes that answer here never plan a song.
    from studio import engine
    from studio.offline import wishes

    is_sung = asked["custom_mode"] and bool(asked["lyrics"])
    description = "" if is_sung else asked["prompt"] or asked["sound"]
    is_played = asked["make_instrumental"]
    seeds = wishes.new_seeds(TAKES)
    with wishes.refusing():
        spec = engine.SongSpec(
            lyrics=asked["lyrics"] if is_sung and not is_played else "",
            description="" if is_played else description,
            tags=asked["sound"] or (asked["prompt"] if asked["custom_mode"] or is_played else ""),
            title=asked["title"],
            instrumental=is_played,
            seed=seeds[0],
        )
    return wishes.drafts_of(spec, seeds)


def _changes(asked: Asked, source: Take) -> list[Draft]:
    from studio.offline import wishes

    work = WORKS[TASK_TYPES[asked["task_type"]]](asked, source) | {"clip_id": str(source.clip_id)}
    title = asked["title"] or source.title
    works = [wishes.rehearsed(work | {"seed": seed}, source) for seed in wishes.new_seeds(TAKES)]
    return [Draft(work, title, source.tags, source.lyrics) for work in works]


def _extend(asked: Asked, source: Take) -> Asked:
    length_s = source.duration_s or LONGEST_SOURCE_S
    if asked["continue_at"] > length_s:
        raise invalid(f"The 'continue_at' field lies after the end, which is at {length_s:.1f} s.")
    return {"do": "extend", "at_s": asked["continue_at"], "lyrics": asked["lyrics"], "tags": asked["sound"]}


def _replace(asked: Asked, source: Take) -> Asked:
    from studio.offline import wishes

    window = {"start_s": asked["start"], "end_s": asked["end"]}
    lyrics = wishes.new_words(asked["lyrics"], source)
    return {"do": "replace", **window, "lyrics": lyrics, "tags": asked["sound"]}


def _cover(asked: Asked, _source: Take) -> Asked:
    words = {"lyrics": asked["lyrics"], "title": asked["title"]}
    return {"do": "play_anew", "tags": asked["sound"], **words, "instrumental": asked["make_instrumental"]}


def _swap(do: str) -> Callable[[Asked, Take], Asked]:
    def work(asked: Asked, _source: Take) -> Asked:
        strength = asked["vocal_variation"] if do == "swap_vocals" else None
        return {"do": do, "sound": asked["sound"], "lyrics": asked["lyrics"], "strength": strength}

    return work


WORKS: dict[str, Callable[[Asked, Take], Asked]] = {
    "extend": _extend,
    "replace": _replace,
    "cover": _cover,
    "swap_sound": _swap("swap_sound"),
    "swap_vocals": _swap("swap_vocals"),
}


def _upload(call: Call) -> Answer:
    """Answered when the recording is in, unlike the producer family's."""
    url = Body(json_fields(call)).needed("url")
    account_of(call.headers)
    with recordings.take_in(call, url) as recording:
        take = recordings.keep(call, recording, family="riffusion", price=ask_price("riffusion upload"))
    return json_answer(200, {"code": 200, "clip_id": str(take.clip_id), "message": "success"})


def _task(call: Call, task_id: str = "") -> Answer:
    job = job_of(call, task_id, "riffusion")
    if job.state == Job.State.FAILED:
        said = f"{job.error} Credits have been refunded."
        return json_answer(200, {"type": "failed", "error": said, "message": said})
    shown = [take for take in job.takes.all() if take.state == Take.State.SUCCEEDED]
    if job.state == Job.State.RUNNING and not (job.account.shows_partial and shown):
        return json_answer(202, NOT_READY)
    takes = shown if job.state == Job.State.RUNNING else job.takes.all()
    data = [_clip(job, take, call.origin) for take in takes]
    return json_answer(200, {"code": 200, "data": data, "message": "success"})


def _clip(job: Job, take: Take, origin: str) -> Asked:
    asked = job.request
    clip = {
        "clip_id": str(take.clip_id),
        "title": take.title,
        "sound": take.tags,
        "lyrics": take.lyrics,
        "image_url": clips.file_url(take, "jpg", origin),
        "audio_url": clips.file_url(take, "mp3", origin),
        "video_url": None,
        "created_at": clips.timestamp(take.created_at),
        "mv": asked.get("mv"),
        "vocal_variation": asked.get("vocal_variation"),
        "duration": take.duration_s,
        "timestamp": {},
        "state": take.state,
    }
    return clip | clips.extras(take, origin)


def poll_body(job: Job) -> Asked:
    data = [_clip(job, take, job.origin) for take in job.takes.all()]
    return {"code": 200, "data": data, "message": "success"}


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/riffusion/create", _create),
    ("POST", r"/api/v1/riffusion/upload", _upload),
    ("GET", r"/api/v1/riffusion/task/(?P<task_id>[^/]*)", _task),
)
