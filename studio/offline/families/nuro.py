"""The nuro family: one song a task, sung or background music, as WAV, polled as one flat object."""

from __future__ import annotations

import re
from typing import Any

from studio.musicapi.requests.nuro import BGM_WORDS, LIST_MAX_ITEMS, SEGMENTS, VOCAL_WORDS
from studio.offline import clips, moderation
from studio.offline.accounts import account_of
from studio.offline.errors import Refusal, invalid
from studio.offline.models import Job, Take
from studio.offline.orders import Draft, ask_price, job_of, place
from studio.offline.reading import Body
from studio.offline.wire import Answer, Call, Route, json_answer, json_fields

LYRICS_CHARS = 2000
VOCAL_S, V1_S, V2_S = (30, 240), (1, 60), (30, 120)
SEGMENT_S, LONE_SEGMENT_S = (5, 120), 30
LEAST_S = 10.0
# What a timbre means to a singer.
TIMBRES = {
    "Warm": "warm vocals",
    "Bright": "bright vocals",
    "Husky": "husky vocals",
    "Electrified voice": "electronic vocals, vocoder",
    "Sweet_AUDIO_TIMBRE": "sweet soft vocals",
    "Cute_AUDIO_TIMBRE": "cute vocals",
    "Loud and sonorous": "belting vocals",
    "Powerful": "powerful belting vocals",
    "Sexy/Lazy": "smoky mellow vocals",
}
STYLES = {
    "Chinese Style": "traditional chinese, world",
    "GuFeng Music": "traditional chinese, ballad",
    "Chinoiserie Electronic": "electronic, traditional chinese",
    "DJ": "edm, dance",
    "Miss": "longing",
}
# Letters of languages that the family does not sing.
_FOREIGN = re.compile(
    r"[\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]"
)
_WORDLESS = re.compile(r"\[[^\]]*\]|\W|\d")
Asked = dict[str, Any]


class NuroRefusal(Refusal):
    """An error in this family's own shape."""

    def __init__(self, status: int, kind: str, text: str, *, is_refunded: bool = False) -> None:
        super().__init__(status, kind, text)
        self.is_refunded = is_refunded

    def to_body(self) -> dict[str, Any]:
        return {"type": self.kind, "message": self.text, "refund_processed": self.is_refunded}


def _create(call: Call) -> Answer:
    body = Body(json_fields(call))
    account_of(call.headers)
    kind = body.choice("type", ("vocal", "bgm"))
    if not kind:
        raise invalid("The 'type' field is required.")
    asked = _vocal(body) if kind == "vocal" else _background(body)
    draft = _sung(asked) if kind == "vocal" else _played(asked)
    job = place(
        call, family="nuro", task_type=kind, asked=asked | body.webhook(), drafts=[draft],
        price=ask_price("nuro"),
    )  # fmt: skip
    return json_answer(200, {"message": "success", "task_id": str(job.task_id)})


def _vocal(body: Body) -> Asked:
    asked: Asked = {
        "type": "vocal",
        "lyrics": body.within("lyrics", LYRICS_CHARS) or body.needed("lyrics"),
        "gender": body.choice("gender", ("Female", "Male")),
        "duration": _seconds(body, VOCAL_S),
        **{name: body.choice(name, VOCAL_WORDS[name]) for name in ("genre", "mood", "timbre")},
    }
    if _FOREIGN.search(asked["lyrics"]) or not _WORDLESS.sub("", asked["lyrics"]):
        raise NuroRefusal(400, "bad_request", "Input language not supported")
    return asked


def _seconds(body: Body, limits: tuple[int, int]) -> int | None:
    value = body.number("duration", *limits)
    if value is not None and value != int(value):
        raise invalid("The 'duration' field should be a whole number.")
    return None if value is None else int(value)


def _background(body: Body) -> Asked:
    version = body.choice("version", ("v1.0", "v2.0")) or "v1.0"
    asked: Asked = {"type": "bgm", "version": version, "description": body.needed("description")}
    moderation.check(asked["description"])
    if version == "v1.0":
        several = {name: _several(body, name) for name in ("genre", "mood", "instrument", "theme")}
        return asked | several | {"duration": _seconds(body, V1_S) or V1_S[1], "segments": []}
    plan = _segments(body)
    length = _seconds(body, V2_S)
    total = sum(seconds for _, seconds in plan)
    if plan and length is not None and length != total:
        raise invalid(f"The 'duration' field should be {total}, the sum of the segments.")
    return asked | {"duration": total or length or 60, "segments": plan}


def _several(body: Body, name: str) -> list[str]:
    found = body.fields.get(name) or []
    if not isinstance(found, list) or not all(item in BGM_WORDS[name] for item in found):
        raise invalid(f"The '{name}' field should be a list of the documented words.")
    if len(found) > LIST_MAX_ITEMS:
        raise invalid(f"The '{name}' field should have at most {LIST_MAX_ITEMS} items.")
    return found


def _segments(body: Body) -> list[tuple[str, int]]:
    found = body.fields.get("segments") or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise invalid("The 'segments' field should be a list of objects.")
    plan = []
    for item in found:
        part = Body(item)
        name = part.choice("name", SEGMENTS) or part.needed("name")
        least = LONE_SEGMENT_S if len(found) == 1 else SEGMENT_S[0]
        plan.append((name, int(part.number("duration", least, SEGMENT_S[1], is_required=True) or 0)))
    total = sum(seconds for _, seconds in plan)
    if plan and not V2_S[0] <= total <= V2_S[1]:
        raise invalid(f"The segments should last {V2_S[0]} to {V2_S[1]} seconds together, not {total}.")
    return plan


def _sung(asked: Asked) -> Draft:
    from studio import engine
    from studio.offline import wishes

    words = (STYLES.get(asked["genre"], asked["genre"]), STYLES.get(asked["mood"], asked["mood"]))
    tags = ", ".join(filter(None, (*words, TIMBRES.get(asked["timbre"], ""))))
    seed = wishes.new_seeds(1)[0]
    with wishes.refusing():
        spec = engine.SongSpec(
            lyrics=asked["lyrics"], tags=tags.lower(), vocal_gender=asked["gender"][:1].lower(),
            duration_s=asked["duration"], seed=seed,
        )  # fmt: skip
    return _as_wav(wishes.drafts_of(spec, [seed])[0])


def _played(asked: Asked) -> Draft:
    from studio import engine
    from studio.offline import wishes

    lists = (asked.get(name) or [] for name in ("genre", "instrument", "mood", "theme"))
    seed = wishes.new_seeds(1)[0]
    with wishes.refusing():
        spec = engine.SongSpec(
            tags=", ".join(item for items in lists for item in items), description=asked["description"],
            instrumental=True, duration_s=max(LEAST_S, asked["duration"]), seed=seed,
        )  # fmt: skip
    more = {"do": "segments", "segments": asked["segments"]} if asked["segments"] else {}
    draft = wishes.drafts_of(spec, [seed], **more)[0]
    return _as_wav(draft, asked["duration"] if asked["duration"] < LEAST_S else None)


def _as_wav(draft: Draft, longest_s: float | None = None) -> Draft:
    work = {"do": "and_wav", "first": draft.work, "longest_s": longest_s}
    return Draft(work, draft.title, draft.tags, draft.lyrics, about=draft.about)


def _task(call: Call, task_id: str = "") -> Answer:
    job = job_of(call, task_id, "nuro")
    if job.state == Job.State.FAILED:
        raise NuroRefusal(500, "api_error", job.error, is_refunded=job.refunded_at is not None)
    return json_answer(200, _flat(job, call.origin))


def _flat(job: Job, origin: str) -> Asked:
    """Texts are empty and numbers 0 until the song is there."""
    take, asked = job.takes.get(), job.request
    is_done = job.state == Job.State.SUCCEEDED
    names = {Take.State.PENDING: "pending", Take.State.RUNNING: "running", Take.State.SUCCEEDED: "succeeded"}
    said = {
        "task_id": str(job.task_id),
        "status": names.get(Take.State(take.state), "running"),
        "progress": 100 if is_done else round(99 * take.share),
        "audio_url": clips.file_url(take, "wav", origin) or "",
        "lyrics": take.lyrics if is_done else "",
        "duration": (take.duration_s if is_done else 0) or 0,
    }
    for name in ("genre", "mood", "gender", "timbre"):
        value = asked.get(name) or ""
        said[name] = (", ".join(value) if isinstance(value, list) else value) if is_done else ""
    if not is_done:
        return said
    more = {"title": take.title, "image_url": clips.file_url(take, "jpg", origin)}
    return said | {name: value for name, value in more.items() if value} | clips.extras(take, origin)


def poll_body(job: Job) -> Asked:
    more = {name: job.request.get(name) or "" for name in ("theme", "instrument")}
    flat = {name: ", ".join(value) if isinstance(value, list) else value for name, value in more.items()}
    return _flat(job, job.origin) | {"prompt": job.request.get("description") or ""} | flat


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/nuro/create", _create),
    ("GET", r"/api/v1/nuro/task/(?P<task_id>[^/]*)", _task),
)
