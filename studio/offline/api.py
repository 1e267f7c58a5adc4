"""The addresses of the documented API as pure functions: a request in, an answer out.

The in-process transport and the HTTP views both call `handle` and nothing else.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from studio.offline import billing, clips, doorbell
from studio.offline.accounts import account_of
from studio.offline.errors import Refusal, internal, invalid, not_found, too_large, wrong_method
from studio.offline.models import PREVIEW, Account, Job, Take
from studio.offline.requests import parse_create

logger = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 256_000
NOT_READY = {
    "type": "not_ready",
    "error": "Task is still processing. Please wait a few seconds and try again.",
}
CONTENT_TYPES = {"mp3": "audio/mpeg", "flac": "audio/flac", "jpg": "image/jpeg", PREVIEW: "audio/mpeg"}


@dataclass(frozen=True)
class Call:
    headers: Mapping[str, str]
    body: bytes
    origin: str


@dataclass(frozen=True)
class Answer:
    """`file`, where given, is the body in place of `body`, and exists."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: Path | None = None


def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, origin: str) -> Answer:
    """Answer one request. Never raises.

    `path` begins at the provider's root: /api/v1/… or /files/…; `origin` is what clients put before it
    to reach us ("http://127.0.0.1:8000/offline"), and goes into the addresses of files.
    """
    call = Call(headers, body, origin.rstrip("/"))
    try:
        return _route(method.upper(), path)(call)
    except Refusal as refusal:
        return _json(refusal.status, refusal.to_body())
    except Exception:
        logger.exception("%s %s failed", method, path)
        fault = internal()
        return _json(fault.status, fault.to_body())


def _json(status: int, content: dict[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json", "x-request-id": str(uuid.uuid4())}
    return Answer(status, headers, json.dumps(content, ensure_ascii=False).encode())


def _route(method: str, path: str) -> Callable[[Call], Answer]:
    """The endpoint of a path. As on the live service, an unknown one is 404 to GET and 405 to POST."""
    for takes, pattern, endpoint in ROUTES:
        if match := re.fullmatch(pattern, path):
            if method != takes:
                raise wrong_method()
            return partial(endpoint, **match.groupdict())
    raise not_found("No such address.") if method == "GET" else wrong_method()


def _credits(call: Call) -> Answer:
    account = account_of(call.headers)
    return _json(200, {"credits": account.credits, "extra_credits": account.extra_credits})


def _create(call: Call) -> Answer:
    # The engine takes seconds to import, and most processes that answer here never plan a song.
    from studio.offline import planning

    account = account_of(call.headers)
    request = parse_create(_fields(call.body))
    # Planned before the charge: a request that cannot become a song costs nothing.
    takes = planning.draft_takes(request)
    with transaction.atomic():
        job = billing.accept(account, request, takes)
        for take in takes:
            _ring_on_commit(take.pk)
    return _json(200, {"message": "success", "task_id": str(job.task_id)})


def _ring_on_commit(take_pk: int) -> None:
    """A queue that cannot be reached must not fail what was charged: a later poll rings again."""
    # Not a partial: Django wants a __qualname__ to log a callback that fails.
    transaction.on_commit(lambda: doorbell.ring(take_pk), robust=True)


def _fields(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_REQUEST_BYTES:
        raise too_large(MAX_REQUEST_BYTES)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise invalid("The request body should be a JSON object.")
    return fields


def _task(call: Call, task_id: str = "") -> Answer:
    account = account_of(call.headers)
    if not task_id:
        raise invalid("missing task id.")
    job = _job(account, task_id)
    takes = list(job.takes.all())
    if doorbell.ring_lost(takes):
        job.refresh_from_db()
        takes = list(job.takes.all())
    if job.state == Job.State.FAILED:
        return _json(200, {"type": "failed", "error": f"{job.error} Credits have been refunded."})
    has_begun = any(take.state != Take.State.PENDING for take in takes)
    if job.state == Job.State.RUNNING and not (account.shows_partial and has_begun):
        return _json(202, NOT_READY)
    data = [clips.clip_object(take, job.request, call.origin) for take in takes]
    return _json(200, {"code": 200, "data": data, "message": "success"})


def _job(account: Account, task_id: str) -> Job:
    try:
        return Job.objects.get(account=account, task_id=uuid.UUID(task_id))
    except (ValueError, Job.DoesNotExist):
        raise not_found("task not found.") from None


def _file(_call: Call, file_key: str, name: str) -> Answer:
    """A finished file. Its address is its own key: players and browsers send no header."""
    kind = next((kind for kind, known in clips.FILE_NAMES.items() if known == name), "")
    take = Take.objects.filter(file_key=file_key).first()
    path = take.path(kind) if take else None
    if path is None or not path.is_file():
        raise not_found("file not found.")
    headers = {"Content-Type": CONTENT_TYPES[kind], "Content-Length": str(path.stat().st_size)}
    return Answer(200, headers, file=path)


ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", r"/api/v1/get-credits", _credits),
    ("POST", r"/api/v1/(?:sonic|suno)/create", _create),
    ("GET", r"/api/v1/(?:sonic/task|suno/clip|suno/task)/(?P<task_id>[^/]*)", _task),
    ("GET", r"/files/(?P<file_key>[\w-]+)/(?P<name>[\w.]+)", _file),
)
