"""The addresses of the documented API as pure functions: a request in, an answer out.

The in-process transport and the HTTP views both call `handle` and nothing else.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import BinaryIO

from studio.offline import clips, families
from studio.offline.accounts import account_of
from studio.offline.errors import Refusal, internal, not_found, wrong_method
from studio.offline.models import PREVIEW, Take
from studio.offline.wire import MAX_REQUEST_BYTES, NOT_READY, Answer, Call, Route, json_answer

__all__ = ["MAX_REQUEST_BYTES", "NOT_READY", "Answer", "Call", "handle"]

logger = logging.getLogger(__name__)

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "jpg": "image/jpeg",
    "mid": "audio/midi",
    "mp4": "video/mp4",
    "webm": "video/webm",
}


def handle(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    origin: str,
    open_url: Callable[[str], BinaryIO | None] | None = None,
) -> Answer:
    """Answer one request. Never raises.

    `path` begins at the provider's root: /api/v1/… or /files/…; `origin` is what clients put before it
    to reach us ("http://127.0.0.1:8000/offline"), and goes into the addresses of files. `open_url` opens
    addresses of recordings that mean something in this process only.
    """
    call = Call(headers, body, origin.rstrip("/"), open_url)
    try:
        return _route(method.upper(), path)(call)
    except Refusal as refusal:
        return json_answer(refusal.status, refusal.to_body())
    except Exception:
        logger.exception("%s %s failed", method, path)
        fault = internal()
        return json_answer(fault.status, fault.to_body())


def _route(method: str, path: str) -> Callable[[Call], Answer]:
    """The endpoint of a path. As on the live service, an unknown one is 404 to GET and 405 to POST."""
    is_known = False
    for takes, pattern, endpoint in _routes():
        if match := re.fullmatch(pattern, path):
            is_known = True
            if method == takes:
                return partial(endpoint, **match.groupdict())
    raise not_found("No such address.") if method == "GET" and not is_known else wrong_method()


@cache
def _routes() -> tuple[Route, ...]:
    return (*OWN_ROUTES, *families.routes())


def _credits(call: Call) -> Answer:
    account = account_of(call.headers)
    return json_answer(200, {"credits": account.credits, "extra_credits": account.extra_credits})


def _file(_call: Call, file_key: str, name: str) -> Answer:
    """A finished file. Its address is its own key: players and browsers send no header."""
    take = Take.objects.filter(file_key=file_key).first()
    path = take.path(clips.kind_of(take, name)) if take else None
    if path is None or not path.is_file():
        raise not_found("file not found.")
    ending = "mp3" if name == clips.FILE_NAMES[PREVIEW] else name.rpartition(".")[2]
    content_type = CONTENT_TYPES.get(ending, "application/octet-stream")
    return Answer(200, {"Content-Type": content_type, "Content-Length": str(path.stat().st_size)}, file=path)


OWN_ROUTES: tuple[Route, ...] = (
    ("GET", r"/api/v1/get-credits", _credits),
    ("GET", r"/files/(?P<file_key>[\w-]+)/(?P<name>[\w.-]+)", _file),
)
