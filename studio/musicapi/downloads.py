"""Copying one file of the provider into a local one."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

import requests

from studio.musicapi import transport
from studio.musicapi.envelope import retry_after_s
from studio.musicapi.errors import ApiError, BrokenDownload, Gone, Rejected, Unreachable
from studio.musicapi.results import Downloaded

HEAD_BYTES = 4096
GONE_STATUSES = frozenset({403, 404, 410})  # object stores say 403 for a link whose life is over
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)


def refusal(response: requests.Response) -> ApiError | None:
    """The error that a status stands for, None for 200."""
    status = response.status_code
    if status == 200:
        return None
    if status in GONE_STATUSES:
        return Gone("The provider no longer has this file.", kind="not_found", status=status)
    if status < 500 and status != 429:
        return Rejected("The provider refused to hand out this file.", kind="refused", status=status)
    wait_s = retry_after_s(response.headers.get("Retry-After", ""))
    return Unreachable("The provider cannot hand out this file now.", status=status, retry_after_s=wait_s)


def copy(
    response: requests.Response,
    target: BinaryIO,
    *,
    max_bytes: int,
    recognise: Callable[[bytes], object] | None,
    deadline_s: float,
) -> Downloaded:
    """Stream the body of a 200 into `target`; raises BrokenDownload when it is not what it should be.

    `deadline_s` is a time.monotonic() value.
    """
    expected_bytes = _expected_bytes(response)
    if expected_bytes is not None and expected_bytes > max_bytes:
        raise _broken("too_large")
    digest, size_bytes, head = hashlib.sha256(), 0, b""
    for chunk in _pieces(response, deadline_s):
        if not head:
            head = chunk[:HEAD_BYTES]
            _check_kind(response, head, recognise)
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            raise _broken("too_large")
        digest.update(chunk)
        target.write(chunk)
    if size_bytes == 0:
        raise _broken("empty")
    if expected_bytes is not None and size_bytes != expected_bytes:
        raise _broken("cut")
    return Downloaded(size_bytes=size_bytes, content_type=_content_type(response), sha256=digest.hexdigest())


def _pieces(response: requests.Response, deadline_s: float) -> Iterator[bytes]:
    """Chunks, the first of at least HEAD_BYTES where the file is that long; trouble becomes BrokenDownload.

    Only reading is guarded: what happens to the caller's target between two pieces is the caller's.
    """
    source = transport.chunks(response, deadline_s)
    pending = b""
    while (chunk := _next(source)) is not None:
        pending += chunk
        if len(pending) >= HEAD_BYTES:
            yield pending
            pending = b""
    if pending:
        yield pending


def _next(source: Iterator[bytes]) -> bytes | None:
    try:
        return next(source, None)
    except transport.TROUBLE as error:
        kind = transport.explain(error).kind
    raise _broken(kind)


def _expected_bytes(response: requests.Response) -> int | None:
    """Content-Length, unless it counts compressed bytes."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() and not response.headers.get("Content-Encoding") else None


def _content_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").split(";")[0].strip().lower()


def _check_kind(
    response: requests.Response, head: bytes, recognise: Callable[[bytes], object] | None
) -> None:
    if _content_type(response) == "text/html" or _MARKUP.match(head):
        raise _broken("web_page")
    if recognise is not None and not recognise(head):
        raise _broken("wrong_kind")


_TEXTS = {
    "too_large": "The provider's file is larger than it may be.",
    "empty": "The provider sent an empty file.",
    "cut": "The provider's file arrived incomplete.",
    "web_page": "The provider sent a web page in place of a file.",
    "wrong_kind": "The provider sent a file of another kind than expected.",
}


def _broken(kind: str) -> BrokenDownload:
    return BrokenDownload(_TEXTS.get(kind, _TEXTS["cut"]), kind=kind)
