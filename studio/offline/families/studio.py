"""The studio family: two songs a task of 32 or 130 seconds, and more of them before or after.

settings.OFFLINE_STUDIO_SHAPE says where polls put the songs: "data" (documented) or "handledData" (seen).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from studio.musicapi.requests.studio import MODELS
from studio.offline import clips, moderation
from studio.offline.accounts import account_of
from studio.offline.errors import invalid
from studio.offline.models import Job, Take
from studio.offline.orders import Draft, ask_price, job_of, place
from studio.offline.reading import NEGATIVE_TAGS_CHARS, Body
from studio.offline.wire import Answer, Call, Route, json_answer, json_fields

TAKES = 2
LYRICS_TYPES = ("user", "generate", "instrumental")
LENGTHS_S = dict(zip(MODELS, (130.0, 32.0), strict=True))
LONGEST_S = 360.0
STRENGTHS = ("prompt_strength", "clarity_strength", "lyrics_strength", "generation_quality")
SHARES = {
    "song_section_start": 0.0,
    "song_section_end": 1.0,
    "lyrics_placement_start": 0.0,
    "lyrics_placement_end": 1.0,
}
MOST_DRAFTS = 5
# An empty section of the engine's lasts about so long; shorter pauses before or after the words are its own.
EMPTY_SECTION_S = 14.0
EXTENSIONS = {"precede": "precede", "continuation": "continue"}
Asked = dict[str, Any]


def _create(call: Call) -> Answer:
    body = Body(json_fields(call))
    account = account_of(call.headers)
    asked = _read(body)
    if asked["mode"] == "regular":
        drafts = _songs(asked)
    else:
        drafts = _extensions(asked, clips.take_of(account, asked["song_id"], family="studio"))
    job = place(
        call, family="studio", task_type=asked["mode"], asked=asked, drafts=drafts, price=ask_price("studio")
    )
    return json_answer(200, {"code": "success", "message": "", "data": str(job.task_id)})


def _read(body: Body) -> Asked:
    asked: Asked = {
        "prompt": body.needed("prompt"),
        "lyrics_type": body.choice("lyrics_type", ("user", "generate", "instrumental"))
        or body.needed("lyrics_type"),
        "lyrics": body.text("lyrics"),
        "model_type": body.choice("model_type", MODELS) or body.needed("model_type"),
        "negative_prompt": body.within("negative_prompt", NEGATIVE_TAGS_CHARS),
        "seed": _seed(body),
        "bypass_prompt_optimization": body.flag("bypass_prompt_optimization"),
        "context_length": body.number("context_length", 0, 3600),
        **{name: body.number(name, 0, 1, is_required=True) for name in STRENGTHS},
        **{
            name: usual if (value := body.number(name, 0, 1)) is None else value
            for name, usual in SHARES.items()
        },
        **_config(body),
    }
    if asked["lyrics_type"] == "user" and not asked["lyrics"]:
        raise invalid("The 'lyrics' field is required when lyrics_type = user.")
    for first in ("song_section", "lyrics_placement"):
        if asked[f"{first}_end"] <= asked[f"{first}_start"]:
            raise invalid(f"The '{first}_end' field must be greater than '{first}_start'.")
    moderation.check(asked["prompt"])
    return asked


def _share(body: Body, name: str, usual: float) -> float:
    value = body.number(name, 0, 1)
    return usual if value is None else value


def _config(body: Body) -> Asked:
    config = body.fields.get("config")
    if not isinstance(config, dict):
        raise invalid("The 'config' field is required.")
    mode = Body(config).choice("mode", ("regular", *EXTENSIONS)) or "regular"
    source = config.get("source")
    song_id = Body(source if isinstance(source, dict) else {}).text("song_id")
    if mode != "regular" and not song_id:
        raise invalid(f"The 'config.source.song_id' field is required when config.mode = {mode}.")
    return {"mode": mode, "song_id": song_id}


def _seed(body: Body) -> int | None:
    """-1 leaves it to chance."""
    seed = body.number("seed", -1, 2**53)
    if seed is not None and seed != int(seed):
        raise invalid("The 'seed' field should be a whole number.")
    return None if seed is None or seed < 0 else int(seed)


def _songs(asked: Asked) -> list[Draft]:
    # The engine takes seconds to import, and most processes that answer here never plan a song.
    from studio import engine
    from studio.offline import wishes

    seeds = wishes.new_seeds(TAKES, asked["seed"])
    span = (asked["song_section_start"], asked["song_section_end"])
    length_s = LENGTHS_S[asked["model_type"]]
    kind = asked["lyrics_type"]
    with wishes.refusing():
        spec = engine.SongSpec(
            lyrics=_words(asked, length_s, seeds[0]),
            tags=asked["prompt"],
            negative_tags=asked["negative_prompt"],
            instrumental=kind == "instrumental",
            style_weight=asked["prompt_strength"],
            # The clearer, the fewer players that a style does not expect.
            weirdness=max(0.0, 0.4 - 0.4 * asked["clarity_strength"]),
            duration_s=min(LONGEST_S, length_s / (span[1] - span[0])),
            seed=seeds[0],
        )
    # What quality buys is choice: more songs are composed, and the best is played.
    count = 1 + round((MOST_DRAFTS - 1) * asked["generation_quality"])
    return wishes.drafts_of(spec, seeds, do="drafted", drafts=count, span=list(span))


def _words(asked: Asked, length_s: float, seed: int) -> str:
    """The lyrics to be sung in so many seconds, with wordless sections where the words begin late or end
    early."""
    from studio.engine import write_lyrics
    from studio.offline import wishes

    if asked["lyrics_type"] == "instrumental":
        return ""
    if asked["lyrics_type"] == "generate":
        text = wishes.opening(write_lyrics(asked["prompt"], "", seed), length_s)
    else:
        text = wishes.loosened(asked["lyrics"], asked["lyrics_strength"], asked["prompt"], seed)
    before = int(asked["lyrics_placement_start"] * length_s / EMPTY_SECTION_S)
    after = int((1 - asked["lyrics_placement_end"]) * length_s / EMPTY_SECTION_S)
    return "\n\n".join([*["[Solo]"] * before, text, *["[Solo]"] * after])


def _extensions(asked: Asked, source: Take) -> list[Draft]:
    from studio.offline import wishes

    seeds = wishes.new_seeds(TAKES, asked["seed"])
    length_s = LENGTHS_S[asked["model_type"]]
    with wishes.refusing():
        lyrics = _words(asked, length_s, seeds[0])
    work = {
        "do": EXTENSIONS[asked["mode"]],
        "clip_id": str(source.clip_id),
        "lyrics": lyrics,
        "tags": asked["prompt"],
        "duration_s": length_s,
    }
    works = [wishes.rehearsed(work | {"seed": seed}, source) for seed in seeds]
    return [Draft(work, source.title, source.tags, source.lyrics) for work in works]


def _task(call: Call, task_id: str = "") -> Answer:
    job = job_of(call, task_id, "studio")
    task = _told(job)
    songs = [_song(take, call.origin) for take in job.takes.all() if take.state == Take.State.SUCCEEDED]
    shown = songs if job.state == Job.State.SUCCEEDED else []
    if settings.OFFLINE_STUDIO_SHAPE == "handledData":
        words = {} if shown else {name: task[name] for name in ("status", "fail_reason", "progress")}
        return json_answer(200, {"handledData": {**words, "data": {"songs": shown}}})
    return json_answer(200, {"code": "success", "message": "", "data": {**task, "data": {"songs": shown}}})


def _told(job: Job) -> Asked:
    """What the poll says about the task."""
    takes = list(job.takes.all())
    has_begun = any(take.state != Take.State.PENDING for take in takes)
    words = {
        Job.State.SUCCEEDED: "SUCCESS",
        Job.State.FAILED: "FAILURE",
        Job.State.RUNNING: "IN_PROGRESS" if has_begun else "NOT_START",
    }
    share = sum(take.share for take in takes) / max(1, len(takes))
    is_over = job.state != Job.State.RUNNING
    failed = f"{job.error} Credits have been refunded."
    return {
        "task_id": str(job.task_id),
        "notify_hook": "",
        "action": "studio-generate",
        "status": words[Job.State(job.state)],
        "fail_reason": failed if job.state == Job.State.FAILED else "",
        "submit_time": _unix(job.created_at),
        "start_time": _unix(job.created_at) if has_begun else 0,
        "finish_time": _unix(job.finished_at),
        "progress": "100%" if is_over else f"{round(99 * share)}%",
    }


def _unix(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def _song(take: Take, origin: str) -> Asked:
    song = {
        "id": str(take.clip_id),
        "tags": [tag.strip() for tag in take.tags.split(",") if tag.strip()],
        "liked": False,
        "likes": 0,
        "plays": 0,
        "title": take.title,
        "artist": "",
        "lyrics": take.lyrics,
        "song_path": clips.file_url(take, "mp3", origin),
        "image_path": clips.file_url(take, "jpg", origin),
        "duration": take.duration_s,
        "created_at": clips.timestamp(take.created_at),
        "finished": True,
    }
    return song | clips.extras(take, origin)


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/studio/create", _create),
    ("GET", r"/api/v1/studio/task/(?P<task_id>[^/]*)", _task),
)
