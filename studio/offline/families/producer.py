"""The producer family: one clip a task, in the union of its three dialects.

settings.OFFLINE_PRODUCER_DIALECT says in which of them polls are answered:
  p3   a `status` beside the data: PENDING, RUNNING, SUCCESS, FAILED. The default
  p1   a `state` in each clip, 202 until then
  p2   neither
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from studio.musicapi.requests.producer import MODELS
from studio.offline import clips, moderation, recordings
from studio.offline.accounts import account_of
from studio.offline.errors import Refusal, invalid
from studio.offline.models import Account, Job, Take
from studio.offline.orders import Draft, ask_price, job_of, place
from studio.offline.reading import LONGEST_SOURCE_S, TITLE_CHARS, Body
from studio.offline.wire import NOT_READY, Answer, Call, Route, json_answer, json_fields

SOURCED = (
    "extend_music",
    "extend_upload_music",
    "replace_music",
    "replace_upload_music",
    "cover_music",
    "cover_upload_music",
    "swap_music_vocals",
    "swap_music_sound",
    "music_variation",
)
TASK_TYPES = ("create_music", *SOURCED)
LONGEST_S = 240.0
LEAST_S = 10.0  # nothing shorter is a song to the engine
EXTEND_AT_S = 30.0
NO_CREDITS = 402  # the newer pages' word for it
Asked = dict[str, Any]


def _create(call: Call) -> Answer:
    body = Body(json_fields(call))
    account = account_of(call.headers)
    task_type = body.text("task_type") or "create_music"
    if task_type not in TASK_TYPES:
        raise Refusal(410, "endpoint_retired", f"task_type '{task_type}' is no longer supported.")
    asked = _read(body, task_type)
    source = _source(account, body) if task_type in SOURCED else None
    draft = _song(asked) if source is None else _change(asked, source)
    return _placed(call, "create", task_type, asked, draft)


def _source(account: Account, body: Body) -> Take:
    return clips.take_of(account, body.needed("clip_id"), family="producer")


def _placed(call: Call, price: str, task_type: str, asked: Asked, draft: Draft) -> Answer:
    job = place(
        call, family="producer", task_type=task_type, asked=asked, drafts=[draft],
        price=ask_price(f"producer {price}"), status=NO_CREDITS,
    )  # fmt: skip
    return json_answer(200, {"message": "success", "task_id": str(job.task_id)})


def _read(body: Body, task_type: str) -> Asked:
    """The checked fields of all dialects under one name each."""
    asked: Asked = {
        "task_type": task_type,
        "clip_id": body.text("clip_id"),
        "mv": body.choice("mv", MODELS) or MODELS[0],
        "sound": body.text("sound"),
        "lyrics": body.text("lyrics") or body.text("lyrics_text"),
        "instruction": body.text("instruction"),
        "title": body.within("title", TITLE_CHARS),
        "seed": _whole(body, "seed"),
        "bpm": _tempo(body),
        "make_instrumental": body.flag("make_instrumental"),
        "starts_at": _either(body, "starts_at", "starts", LONGEST_SOURCE_S),
        "ends_at": _either(body, "ends_at", "ends", LONGEST_SOURCE_S),
        "length": _either(body, "length", "extend_s", LONGEST_S),
        "strength": _either(body, "strength", "cover_strength", 1),
        "cover_url": body.text("cover_url"),
        **{name: body.number(name, 0, 1) for name in ("lyrics_strength", "sound_strength", "weirdness")},
    }
    _check_content(asked)
    moderation.check(asked["sound"], asked["instruction"])
    return asked | body.webhook()


def _check_content(asked: Asked) -> None:
    task_type, said = asked["task_type"], bool(asked["sound"] or asked["instruction"])
    if task_type == "create_music" and not (asked["sound"] or asked["lyrics"]):
        raise invalid("One of the fields 'sound' and 'lyrics' is required.")
    if task_type.startswith("swap_") and not said:
        raise invalid(f"The 'sound' field is required when task_type = {task_type}.")
    if task_type.startswith("cover_") and not (said or asked["lyrics"]):
        raise invalid(
            f"One of the fields 'sound' and 'instruction' is required when task_type = {task_type}."
        )
    if task_type.startswith("replace_") and asked["starts_at"] is None:
        raise invalid(f"The 'starts_at' field is required when task_type = {task_type}.")


def _either(body: Body, name: str, alias: str, most: float) -> float | None:
    value = body.number(name, 0, most)
    return body.number(alias, 0, most) if value is None else value


def _whole(body: Body, name: str) -> int | None:
    """A whole number, also as text."""
    value = body.fields.get(name)
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | str) or not text.isdecimal() or len(text) > 18:
        raise invalid(f"The '{name}' field should be a number in digits.")
    return int(text)


def _tempo(body: Body) -> float | None:
    value = body.fields.get("bpm")
    number = Body({"bpm": float(value)}) if isinstance(value, str) and value.isdecimal() else body
    return number.number("bpm", 40, 220)


def _song(asked: Asked) -> Draft:
    # The engine takes seconds to import, and most processes that answer here never plan a song.
    from studio import engine
    from studio.offline import wishes

    seed = wishes.new_seeds(1, asked["seed"])[0]
    lyrics = wishes.loosened(asked["lyrics"], asked["lyrics_strength"], asked["sound"], seed)
    is_played = asked["make_instrumental"] or not (lyrics or wishes.wants_voice(asked["sound"]))
    with wishes.refusing():
        spec = engine.SongSpec(
            lyrics="" if is_played else lyrics,
            description="" if is_played or lyrics else asked["sound"],
            tags=_tags(asked),
            title=asked["title"],
            instrumental=is_played,
            style_weight=asked["sound_strength"],
            weirdness=asked["weirdness"],
            duration_s=max(LEAST_S, asked["length"]) if asked["length"] else None,
            seed=seed,
        )
    draft = wishes.drafts_of(spec, [seed])[0]
    return _with_wav(draft)


def _tags(asked: Asked) -> str:
    tempo = f"{asked['bpm']:g} bpm" if asked["bpm"] else ""
    return ", ".join(filter(None, (asked["sound"], tempo)))


def _with_wav(draft: Draft) -> Draft:
    """Poll answers of this family name a WAV of every song."""
    return Draft(
        {"do": "and_wav", "first": draft.work}, draft.title, draft.tags, draft.lyrics, about=draft.about
    )


def _change(asked: Asked, source: Take) -> Draft:
    from studio.offline import wishes

    seed = wishes.new_seeds(1, asked["seed"])[0]
    operation = asked["task_type"].replace("_upload", "").removesuffix("_music")
    work = CHANGES[operation](asked, source) | {"clip_id": str(source.clip_id), "seed": seed}
    title = asked["title"] or source.title
    draft = Draft(wishes.rehearsed(work, source), title, source.tags, source.lyrics, about={"seed": seed})
    return _with_wav(draft)


def _wish(asked: Asked) -> str:
    return ", ".join(filter(None, (asked["sound"], asked["instruction"])))


def _extend(asked: Asked, source: Take) -> Asked:
    length_s = source.duration_s or LONGEST_SOURCE_S
    at_s = min(EXTEND_AT_S, length_s) if asked["starts_at"] is None else asked["starts_at"]
    if at_s > length_s:
        raise invalid(f"The 'starts_at' field lies after the end of the clip, which lasts {length_s:.1f} s.")
    added_s = asked["length"]
    return {
        "do": "extend",
        "at_s": at_s,
        "lyrics": asked["lyrics"],
        "tags": _wish(asked),
        "duration_s": added_s,
    }


def _replace(asked: Asked, source: Take) -> Asked:
    from studio.offline import wishes

    end_s = asked["ends_at"] or source.duration_s
    if end_s is not None and end_s <= asked["starts_at"]:
        raise invalid("The 'ends_at' field must be greater than 'starts_at'.")
    window = {"start_s": asked["starts_at"], "end_s": end_s}
    lyrics = wishes.new_words(asked["lyrics"], source)
    return {"do": "replace", **window, "lyrics": lyrics, "tags": _wish(asked)}


def _cover(asked: Asked, _source: Take) -> Asked:
    # "transformation amount": the more, the less of the song's harmony stays.
    weight = None if asked["strength"] is None else 1.0 - asked["strength"]
    words = {"lyrics": asked["lyrics"], "title": asked["title"]}
    return {"do": "play_anew", "tags": _wish(asked), "audio_weight": weight, **words,
            "instrumental": asked["make_instrumental"]}  # fmt: skip


def _swap(do: str) -> Callable[[Asked, Take], Asked]:
    def work(asked: Asked, _source: Take) -> Asked:
        return {"do": do, "sound": _wish(asked), "lyrics": asked["lyrics"], "strength": asked["strength"]}

    return work


CHANGES: dict[str, Callable[[Asked, Take], Asked]] = {
    "extend": _extend,
    "replace": _replace,
    "cover": _cover,
    "swap_music_vocals": _swap("swap_vocals"),
    "swap_music_sound": _swap("swap_sound"),
    "music_variation": lambda _asked, _source: {"do": "variation"},
}


def _upload(call: Call) -> Answer:
    body = Body(json_fields(call))
    url, hook = body.needed("audio_url"), body.webhook()
    account_of(call.headers)
    with recordings.take_in(call, url) as recording:
        take = recordings.keep(
            call, recording, family="producer", task_type="upload", asked=hook,
            price=ask_price("producer upload"), status=NO_CREDITS,
        )  # fmt: skip
    return json_answer(200, {"message": "success", "task_id": str(take.job.task_id)})


def _download(call: Call) -> Answer:
    body = Body(json_fields(call))
    source = _source(account_of(call.headers), body)
    asked = {"clip_id": str(source.clip_id), "format": body.choice("format", ("mp3", "wav")) or "mp3"}
    draft = Draft({"do": "download"} | asked, source.title, source.tags, source.lyrics)
    return _placed(call, "download", "download", asked | body.webhook(), draft)


def _write_lyrics(call: Call) -> Answer:
    from studio.offline import wishes

    body = Body(json_fields(call))
    prompt = body.needed("prompt")
    moderation.check(prompt)
    with wishes.refusing():
        draft = Draft({"do": "words", "prompt": prompt, "seed": wishes.new_seeds(1)[0]})
    return _placed(call, "lyrics", "make_lyrics", {"prompt": prompt}, draft)


def _film(call: Call) -> Answer:
    body = Body(json_fields(call))
    source = _source(account_of(call.headers), body)
    asked = {"clip_id": str(source.clip_id)}
    draft = Draft({"do": "video"} | asked, source.title, source.tags, source.lyrics)
    return _placed(call, "video", "video_clip", asked, draft)


def _task(call: Call, task_id: str = "") -> Answer:
    job = job_of(call, task_id, "producer")
    dialect = settings.OFFLINE_PRODUCER_DIALECT
    if job.state == Job.State.FAILED:
        said = f"{job.error} Credits have been refunded."
        failed = {"type": "failed", "error": said, "message": said}
        p3 = {"code": 500, "status": "FAILED", **failed, "data": []}
        return json_answer(200, p3 if dialect == "p3" else failed)
    if job.state == Job.State.RUNNING:
        return json_answer(202, _pending(job) if dialect == "p3" else {"code": 202, **NOT_READY})
    data = [_item(job, take, call.origin, dialect) for take in job.takes.all()]
    # The words of two drafts are two entries of one take.
    data = [entry for item in data for entry in (item if isinstance(item, list) else [item])]
    status = {"status": "SUCCESS"} if dialect == "p3" else {}
    return json_answer(200, {"code": 200, **status, "message": "success", "data": data})


def _pending(job: Job) -> Asked:
    """Under HTTP 202, so that clients that go by the `code` wait as well as those that go by the word."""
    has_begun = job.takes.exclude(state=Take.State.PENDING).exists()
    word = "RUNNING" if has_begun else "PENDING"
    return {"code": 200, "status": word, "message": word.lower(), "data": []}


def poll_body(job: Job) -> Asked:
    """What deliveries say, which have the clips of the first dialect."""
    data = [_item(job, take, job.origin, "p1") for take in job.takes.all()]
    flat = [entry for item in data for entry in (item if isinstance(item, list) else [item])]
    return {"code": 200, "data": flat, "message": "success"}


def _item(job: Job, take: Take, origin: str, dialect: str) -> Any:
    state = {"state": take.state} if dialect == "p1" else {}
    if job.task_type == "make_lyrics":
        return take.about["drafts"]
    if job.task_type == "video_clip":
        video = clips.file_url(take, "webm", origin)
        return {"clip_id": job.request["clip_id"], "video_url": video, "duration": take.duration_s} | state
    if job.task_type == "download":
        audio = clips.file_url(take, job.request["format"], origin)
        return {name: job.request[name] for name in ("clip_id", "format")} | {"audio_url": audio} | state
    if job.task_type == "upload":
        said = {"clip_id": str(take.clip_id), "audio_url": clips.file_url(take, "mp3", origin)}
        return said | {"lyrics": take.lyrics, "title": take.title, "duration": take.duration_s} | state
    return _clip(job, take, origin) | state


def _clip(job: Job, take: Take, origin: str) -> Asked:
    """The documented fields of a song, then those of ours."""
    asked = job.request
    clip = {
        "clip_id": str(take.clip_id),
        "title": take.title,
        "sound": take.tags or asked["sound"],
        "lyrics": take.lyrics,
        "audio_url": clips.file_url(take, "mp3", origin),
        "wav_url": clips.file_url(take, "wav", origin),
        "image_url": asked["cover_url"] or clips.file_url(take, "jpg", origin),
        "video_url": None,
        "mv": asked["mv"],
        "seed": str(take.about["seed"]),
        "duration": take.duration_s,
        "created_at": clips.timestamp(take.created_at),
    }
    return clip | clips.extras(take, origin)


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/producer/create", _create),
    ("POST", r"/api/v1/producer/upload", _upload),
    ("POST", r"/api/v1/producer/download", _download),
    ("POST", r"/api/v1/producer/lyrics-create", _write_lyrics),
    ("POST", r"/api/v1/producer/video-clip", _film),
    ("GET", r"/api/v1/producer/task/(?P<task_id>[^/]*)", _task),
)
