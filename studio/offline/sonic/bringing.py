"""Recordings for sonic: uploads, and the tasks that begin with one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from studio.offline import billing, planning
from studio.offline.accounts import account_of
from studio.offline.clips import take_of
from studio.offline.errors import Refusal, invalid
from studio.offline.models import Account, Take
from studio.offline.orders import Draft, ask_price, place
from studio.offline.reading import WEBHOOK_URL_CHARS, Body
from studio.offline.recordings import keep, take_in
from studio.offline.requests import COVERS, EXTENDS, CreateRequest, check_content, parse_song
from studio.offline.sonic.tasks import FAMILY, price_of, sample_request, submit
from studio.offline.wire import Answer, Call, Route, json_answer, json_fields

VOICE_LEAST_S = 10.0
VOICE_CREDITS_STATUS = 402
LIKENESS = "The voice will be a likeness of a few measured traits, not a copy. Use it with consent only."


def upload(call: Call) -> Answer:
    account = account_of(call.headers)
    fields = json_fields(call)
    url = Body(fields).needed("url")
    callback_url = Body(fields).within("callback_url", WEBHOOK_URL_CHARS)
    # The provider inside the studio's own process has nobody to call: there the address ends in .invalid.
    is_callable = callback_url and not (urlsplit(callback_url).hostname or "").endswith(".invalid")
    hook = Body({"webhook_url": callback_url}).webhook() if is_callable else {}
    price = ask_price("upload")
    billing.check_funds(account, price)
    with take_in(call, url) as recording:
        take = keep(call, recording, asked=hook, price=price)
    if callback_url:
        return json_answer(200, {"message": "success", "task_id": str(take.job.task_id)})
    return json_answer(200, {"code": 200, "clip_id": str(take.clip_id), "message": "success"})


def upload_extend(call: Call) -> Answer:
    return _upload_and(call, "extend", EXTENDS[1])


def upload_cover(call: Call) -> Answer:
    return _upload_and(call, "cover", COVERS[1])


def _upload_and(call: Call, step: str, task_type: str) -> Answer:
    account = account_of(call.headers)
    fields = json_fields(call)
    body = Body(fields)
    url = body.needed("url")
    body.flag("custom_mode", is_required=True)
    with_full = body.flag("auto_concat") and step == "extend"
    request = parse_song(fields, task_type)
    if step == "extend":
        check_content(request)
    planning.need_engine()
    from studio.offline.sonic import edits

    def drafts(source: Take) -> list[Draft]:
        if step == "extend":
            return edits.extend(request, source, with_full=with_full)
        return edits.cover(request, source)

    price = ask_price(f"upload_{step}") - ask_price("upload")
    return _in_steps(call, account, url, step, request, drafts, price)


def _in_steps(
    call: Call,
    account: Account,
    url: str,
    step: str,
    request: CreateRequest,
    drafts: Callable[[Take], list[Draft]],
    price: int,
) -> Answer:
    """Upload, then make something of it. What failed is said; a recording that came in stays, and is paid."""
    billing.check_funds(account, price + ask_price("upload"))
    steps: dict[str, dict[str, Any]] = {}
    done = "upload"
    try:
        with take_in(call, url) as recording:
            take = keep(call, recording, price=ask_price("upload"))
        steps[done] = {"success": True, "clip_id": str(take.clip_id)}
        done = step
        job = place(
            call,
            family=FAMILY,
            task_type=request.task_type,
            asked=request.to_json() | {"continue_clip_id": str(take.clip_id)},
            drafts=drafts(take),
            price=price,
        )
    except Refusal as refusal:
        steps[done] = {"success": False, "error": refusal.text}
        said = {"code": refusal.status, "message": refusal.text, "failed_step": done, "steps": steps}
        return json_answer(200, said)
    task_id = str(job.task_id)
    steps[step] = {"success": True, "task_id": task_id}
    return json_answer(200, {"code": 200, "message": "success", "task_id": task_id, "steps": steps})


def sample(call: Call) -> Answer:
    account = account_of(call.headers)
    fields = json_fields(call)
    url, clip_id = Body(fields).text("url"), Body(fields).text("sample_clip_id")
    if bool(url) == bool(clip_id):
        raise invalid("Exactly one of the 'url' and 'sample_clip_id' fields is required.")
    request, window = sample_request(fields)
    planning.need_engine()
    from studio.offline.sonic import edits

    if clip_id:
        source = take_of(account, clip_id, family=FAMILY)
        asked = request.to_json() | {"sample_clip_id": clip_id}
        return submit(call, "sample", asked, edits.sample(request, source, window), price_of(request))
    return _in_steps(
        call,
        account,
        url,
        "sample",
        request,
        lambda take: edits.sample(request, take, window),
        # One price for both ways, of which the upload is a part.
        price_of(request) - ask_price("upload"),
    )


def create_voice(call: Call) -> Answer:
    account = account_of(call.headers)
    body = Body(json_fields(call))
    url, hook = body.needed("audio_url"), body.webhook()
    price = ask_price("create_voice")
    billing.check_funds(account, price, status=VOICE_CREDITS_STATUS)
    with take_in(call, url, least_s=VOICE_LEAST_S) as recording:
        name = "Voice" if recording.title == "Recording" else recording.title
        take = keep(call, recording, task_type="recording")
    about = {"persona_id": str(uuid.uuid4()), "name": name}
    draft = Draft({"do": "voice", "clip_id": str(take.clip_id), "name": name}, title=name, about=about)
    job = place(
        call,
        family=FAMILY,
        task_type="create_voice",
        asked=hook,
        drafts=[draft],
        price=price,
        status=VOICE_CREDITS_STATUS,
    )
    return json_answer(200, {"message": "success", "task_id": str(job.task_id), "warning": LIKENESS})


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/(?:sonic|suno)/upload", upload),
    ("POST", r"/api/v1/(?:sonic|suno)/upload-extend", upload_extend),
    ("POST", r"/api/v1/(?:sonic|suno)/upload-cover", upload_cover),
    ("POST", r"/api/v1/(?:sonic|suno)/sample", sample),
    ("POST", r"/api/v1/(?:sonic|suno)/create-voice", create_voice),
)
