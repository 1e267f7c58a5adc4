"""What the older spelling has beside its names for sonic's addresses: lyrics as a task, songs by a link."""

from __future__ import annotations

import re
import uuid
from typing import Any

from studio.offline import clips
from studio.offline.accounts import account_of
from studio.offline.errors import invalid, not_found
from studio.offline.models import Job, Take
from studio.offline.orders import Draft, ask_price, job_of, place
from studio.offline.reading import Body
from studio.offline.wire import NOT_READY, Answer, Call, Route, json_answer, json_fields

PROMPT_CHARS = 119
_CLIP_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILE_KEY = re.compile(r"/files/([\w-]{20,})/")


def _make_lyrics(call: Call) -> Answer:
    from studio.offline import wishes

    body = Body(json_fields(call))
    account_of(call.headers)
    body.within("prompt", PROMPT_CHARS)
    prompt = body.needed("prompt")
    with wishes.refusing():
        draft = Draft({"do": "words", "prompt": prompt, "seed": wishes.new_seeds(1)[0]})
    job = place(
        call, family="suno", task_type="make_lyrics", asked={"prompt": prompt}, drafts=[draft],
        price=ask_price("lyrics"),
    )  # fmt: skip
    return json_answer(200, {"code": 200, "data": {"task_id": str(job.task_id)}, "message": "success"})


def _get_lyrics(call: Call, task_id: str = "") -> Answer:
    job = job_of(call, task_id, "suno")
    if job.state == Job.State.FAILED:
        said = f"{job.error} Credits have been refunded."
        return json_answer(200, {"type": "failed", "error": said, "message": said})
    if job.state == Job.State.RUNNING:
        return json_answer(202, NOT_READY)
    return json_answer(200, poll_body(job))


def poll_body(job: Job) -> dict[str, Any]:
    first = job.takes.get().about["drafts"]
    data = {"title": first[0]["title"], "text": first[0]["lyrics"], "status": "complete", "results": first}
    return {"code": 200, "data": data, "message": "success"}


def _get_song(call: Call) -> Answer:
    """A song of the account's by an address that names its id, or that of one of its files."""
    account = account_of(call.headers)
    link = Body(json_fields(call)).needed("share_link")
    if not link.startswith(("http://", "https://")):
        raise invalid("The 'share_link' field should be a link.")
    takes = Take.objects.filter(job__account=account, state=Take.State.SUCCEEDED)
    found = None
    if match := _CLIP_ID.search(link):
        found = takes.filter(clip_id=uuid.UUID(match[0])).first()
    elif match := _FILE_KEY.search(link):
        found = takes.filter(file_key=match[1]).first()
    if found is None:
        raise not_found("song not found.")
    return json_answer(200, _song(found, call.origin))


def _song(take: Take, origin: str) -> dict[str, Any]:
    return {
        "audio_url": clips.file_url(take, "mp3", origin),
        "video_url": clips.file_url(take, "webm", origin),
        "cover_image": clips.file_url(take, "jpg", origin),
        "song_title": take.title,
        "song_author": take.job.account.name,
        "music_styles": take.tags,
    }


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/suno/make-lyrics", _make_lyrics),
    ("GET", r"/api/v1/suno/get-lyrics/(?P<task_id>[^/]*)", _get_lyrics),
    ("POST", r"/api/v1/suno/get-song", _get_song),
)
