"""The songs and edits that sonic makes of clips, and what a poll says of them.

Whatever needs the engine whole is imported late: it takes seconds, and may not be installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from studio.offline import planning
from studio.offline.accounts import account_of
from studio.offline.clips import clip_object, take_of
from studio.offline.errors import invalid
from studio.offline.models import Account, Job, Take
from studio.offline.orders import Draft, ask_price, job_of, place
from studio.offline.personas import persona_of
from studio.offline.reading import Body, bare
from studio.offline.requests import (
    CONCAT,
    COVERS,
    CREATE,
    EXTENDS,
    OVERPAINTS,
    PERSONA,
    REMASTER,
    CreateRequest,
    check_content,
    parse_create,
    parse_song,
)
from studio.offline.wire import NOT_READY, Answer, Call, Route, json_answer, json_fields

FAMILY = "sonic"
FRESH = timedelta(hours=24)
PAIRED = ("extended", "replaced")


def create(call: Call) -> Answer:
    account = account_of(call.headers)
    request = parse_create(json_fields(call))
    drafts, request = _drafts(account, request)
    return submit(call, request.task_type, request.to_json(), drafts, price_of(request))


def price_of(request: CreateRequest) -> int:
    is_cheap = request.task_type == CREATE and request.custom_mode and request.is_old_model
    return ask_price("create_music old model" if is_cheap else request.task_type)


def submit(call: Call, task_type: str, asked: dict[str, Any], drafts: Sequence[Draft], price: int) -> Answer:
    job = place(call, family=FAMILY, task_type=task_type, asked=asked, drafts=drafts, price=price)
    return json_answer(200, {"message": "success", "task_id": str(job.task_id)})


def _drafts(account: Account, request: CreateRequest) -> tuple[list[Draft], CreateRequest]:
    """What is to be made, and the request with what the account's persona adds to it."""
    if request.task_type == CREATE:
        return planning.drafts_of_song(request), request
    if request.task_type == PERSONA:
        persona = persona_of(account, request.persona_id)
        request = replace(request, tags=request.tags or persona.styles)
        return planning.drafts_of_song(request, persona.parameters), request
    return edit_drafts(account, request), request


def edit_drafts(account: Account, request: CreateRequest) -> list[Draft]:
    planning.need_engine()
    from studio.offline.sonic import edits

    source = take_of(account, request.continue_clip_id, family=FAMILY)
    _check_origin(request.task_type, source)
    if request.task_type == CONCAT:
        return edits.concat(source, _chain(account, source))
    makers = {
        **dict.fromkeys(EXTENDS, edits.extend),
        **dict.fromkeys(COVERS, edits.cover),
        REMASTER: edits.remaster,
        "add_vocals": edits.add_vocals,
        "add_instrumental": edits.add_instrumental,
    }
    return makers[request.task_type](request, source)


def _check_origin(task_type: str, source: Take) -> None:
    """Generated and uploaded clips have tasks of their own; some want a fresh upload."""
    twins = dict((EXTENDS, COVERS))
    if task_type in twins and source.is_uploaded:
        raise invalid(f"This clip was uploaded. Use task_type = {twins[task_type]}.")
    if task_type in twins.values() and not source.is_uploaded:
        raise invalid(f"This clip was not uploaded. Use task_type = {task_type.replace('_upload', '')}.")
    if task_type in OVERPAINTS:
        if not source.is_uploaded:
            raise invalid(f"task_type = {task_type} takes clips from /sonic/upload only.")
        if timezone.now() - source.created_at > FRESH:
            raise invalid("The clip must have been uploaded less than 24 hours ago. Upload it again.")


def _chain(account: Account, part: Take) -> list[Take]:
    """The song that an extension goes on from, and every part behind it up to this one."""
    chain = [part]
    while chain[0].work.get("do") == "extend" and chain[0].work.get("only_added"):
        chain.insert(0, take_of(account, chain[0].work["clip_id"]))
    if len(chain) == 1:
        raise invalid("Only a clip made by extend_music can be joined with the song it goes on from.")
    return chain


def replace_section(call: Call) -> Answer:
    account = account_of(call.headers)
    fields = json_fields(call)
    body = Body(fields)
    clip_id = body.needed("clip_id")
    window = _window(body, "infill_start_s", "infill_end_s")
    request = parse_song(fields, "replace_section")
    if bare(request.mv) == "v3-5":
        raise invalid("The 'mv' field is invalid. Replacing a section needs v4 or later.")
    lyrics, is_paired = body.text("infill_lyrics"), body.flag("auto_concat")
    if not lyrics and not request.tags and _is_description(request.prompt):
        request = replace(request, tags=request.prompt)
    planning.need_engine()
    from studio.offline.sonic import edits

    source = take_of(account, clip_id, family=FAMILY)
    drafts = edits.replace_section(request, source, window, lyrics, with_full=is_paired)
    asked = request.to_json() | {"clip_id": clip_id, "window_s": window, "infill_lyrics": lyrics}
    return submit(call, "replace_section", asked, drafts, ask_price("replace_section"))


def _is_description(prompt: str) -> bool:
    """Guides send one line of wishes where the docs expect the song's lyrics."""
    return bool(prompt) and "\n" not in prompt and "[" not in prompt


def _window(body: Body, start: str, end: str) -> tuple[float, float]:
    start_s, end_s = body.window(start, end, is_required=True)
    assert start_s is not None and end_s is not None
    return start_s, end_s


def mashup(call: Call) -> Answer:
    account = account_of(call.headers)
    fields = json_fields(call)
    Body(fields).flag("custom_mode", is_required=True)
    ids = fields.get("mashup_clip_ids")
    if not isinstance(ids, list) or len(ids) != 2 or not all(isinstance(one, str) for one in ids):
        raise invalid("The 'mashup_clip_ids' field should be an array of exactly 2 clip ids.")
    request = parse_song(fields, "mashup", is_borrowing=True)
    planning.need_engine()
    from studio.offline.sonic import edits

    one, other = (take_of(account, clip_id, family=FAMILY) for clip_id in ids)
    drafts = edits.mashup(request, one, other)
    return submit(call, "mashup", request.to_json() | {"mashup_clip_ids": ids}, drafts, ask_price("mashup"))


def sample_request(fields: dict[str, Any]) -> tuple[CreateRequest, tuple[float, float]]:
    """The request and the window of POST /sonic/sample."""
    body = Body(fields)
    for name in ("custom_mode", "make_instrumental"):
        body.flag(name, is_required=True)
    window = _window(body, "chop_sample_start_s", "chop_sample_end_s")
    request = parse_song(fields, "sample", is_borrowing=True)
    check_content(request)
    return request, window


def stems_basic(call: Call) -> Answer:
    return _stems(call, is_full=False)


def stems_full(call: Call) -> Answer:
    return _stems(call, is_full=True)


def _stems(call: Call, *, is_full: bool) -> Answer:
    account = account_of(call.headers)
    clip_id = Body(json_fields(call)).needed("clip_id")
    planning.need_engine()
    from studio.offline.sonic import edits

    source = take_of(account, clip_id, family=FAMILY)
    name = "stems_full" if is_full else "stems_basic"
    asked = {"clip_id": clip_id, "mv": source.job.request.get("mv")}
    return submit(call, name, asked, edits.stems(source, is_full=is_full), ask_price(name))


def task(call: Call, task_id: str = "") -> Answer:
    job = job_of(call, task_id, FAMILY)
    takes = list(job.takes.all())
    if job.state == Job.State.FAILED:
        return json_answer(200, {"type": "failed", "error": f"{job.error} Credits have been refunded."})
    has_begun = any(take.state != Take.State.PENDING for take in takes)
    shows_partial = job.account.shows_partial and job.task_type != "create_voice"
    if job.state == Job.State.RUNNING and not (shows_partial and has_begun):
        return json_answer(202, NOT_READY)
    return json_answer(200, poll_body(job, call.origin))


def poll_body(job: Job, origin: str = "") -> dict[str, Any]:
    """What a poll says of a task that goes well; without `origin`, as whoever asked for it reached us."""
    takes = list(job.takes.all())
    origin = origin or job.origin
    if job.task_type == "create_voice":
        about = takes[0].about
        data: Any = {"persona_id": about["persona_id"], "name": about["name"]}
    elif any(take.role for take in takes):
        data = _pairs(job, takes, origin)
    else:
        data = [clip_object(take, job.request, origin) for take in takes]
    return {"code": 200, "data": data, "message": "success"}


def _pairs(job: Job, takes: list[Take], origin: str) -> list[dict[str, Any]]:
    """Each part with its whole song, which is null until it can be heard."""
    pairs: list[dict[str, Any]] = []
    for take in takes:
        clip = clip_object(take, job.request, origin)
        if take.role in PAIRED:
            pairs.append({take.role: clip, "full": None})
        elif not take.is_open:
            pairs[-1]["full"] = clip
    return pairs


ROUTES: tuple[Route, ...] = (
    ("POST", r"/api/v1/(?:sonic|suno)/create", create),
    ("POST", r"/api/v1/(?:sonic|suno)/replace-section", replace_section),
    ("POST", r"/api/v1/(?:sonic|suno)/mashup", mashup),
    ("POST", r"/api/v1/(?:sonic|suno)/stems/basic", stems_basic),
    ("POST", r"/api/v1/(?:sonic|suno)/stems/full", stems_full),
    ("GET", r"/api/v1/(?:sonic/task|suno/clip|suno/task)/(?P<task_id>[^/]*)", task),
)
