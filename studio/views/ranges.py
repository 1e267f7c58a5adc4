"""One file as an answer that a player can seek in: one range of RFC 9110, and the conditions around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import BinaryIO

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags

CHUNK_BYTES = 64 * 1024
# A media element asks for "the rest" and reads it as it plays. Whole files would hold a thread for each
# listener, and a browser opens no more than six connections, so twelve stems would never all begin.
OPEN_RANGE_BYTES = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII | re.IGNORECASE)
_DIGITS_LIMIT = 19  # int() of a header of megabytes is work for nothing


class Unsatisfiable(ValueError):
    """A well-formed range of which the file has not one byte."""


def wanted_range(header: str, size_bytes: int, open_limit_bytes: int | None) -> tuple[int, int] | None:
    """First and last byte asked for; None when the header is to be ignored. Raises Unsatisfiable.

    `open_limit_bytes` bounds ranges without an end. Invalid headers and several ranges at once are ignored,
    as the standard allows, and the whole file is the answer.
    """
    found = _RANGE.fullmatch(header.strip())
    if not found or max(map(len, found.groups())) > _DIGITS_LIMIT:
        return None
    first_text, last_text = found.groups()
    if not first_text:
        return _suffix(last_text, size_bytes)
    first = int(first_text)
    if last_text and int(last_text) < first:
        return None
    if first >= size_bytes:
        raise Unsatisfiable
    end = size_bytes - 1
    if last_text:
        return first, min(int(last_text), end)
    return first, end if open_limit_bytes is None else min(first + open_limit_bytes - 1, end)


def _suffix(length_text: str, size_bytes: int) -> tuple[int, int] | None:
    if not length_text:
        return None
    length = min(int(length_text), size_bytes)
    if length == 0:
        raise Unsatisfiable
    return size_bytes - length, size_bytes - 1


class RangedFileResponse(StreamingHttpResponse):
    """Answers 200, 206, 304 or 416 for `source`, which it closes.

    `etag` is the bare strong validator: a hash of exactly these bytes. The file is private to those who were
    let in and never changes at its address. Whoever asks for the rest of it gets a piece, unless `is_whole`:
    players ask again, but the decoders of providers take the end of an answer for the end of the file.
    """

    def __init__(
        self,
        request: HttpRequest,
        source: BinaryIO,
        *,
        size_bytes: int,
        etag: str,
        content_type: str,
        name: str = "",
        is_download: bool = False,
        is_whole: bool = False,
    ) -> None:
        super().__init__(content_type=content_type)
        self._resource_closers.append(source.close)
        self.headers["Accept-Ranges"] = "bytes"
        self.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        self.headers["ETag"] = f'"{etag}"'
        self.headers["X-Content-Type-Options"] = "nosniff"
        # Whatever a provider put into a file, the browser runs none of it when somebody opens its address.
        self.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        if disposition := content_disposition_header(is_download, name):
            self.headers["Content-Disposition"] = disposition
        self._answer(request, source, size_bytes, None if is_download or is_whole else OPEN_RANGE_BYTES)

    def _answer(
        self, request: HttpRequest, source: BinaryIO, size_bytes: int, open_limit_bytes: int | None
    ) -> None:
        if self._is_known(request):
            self._without_body(HTTPStatus.NOT_MODIFIED)
            return
        first, last = 0, size_bytes - 1
        if self._may_be_partial(request):
            try:
                wanted = wanted_range(request.headers["Range"], size_bytes, open_limit_bytes)
            except Unsatisfiable:
                self.headers["Content-Range"] = f"bytes */{size_bytes}"
                self._without_body(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                return
            if wanted is not None:
                first, last = wanted
                self.status_code = HTTPStatus.PARTIAL_CONTENT
                self.headers["Content-Range"] = f"bytes {first}-{last}/{size_bytes}"
        self.headers["Content-Length"] = str(last - first + 1)
        self.streaming_content = () if request.method == "HEAD" else _read(source, first, last - first + 1)

    def _is_known(self, request: HttpRequest) -> bool:
        """If-None-Match compares weakly: W/"x" and "x" are the same file."""
        given = parse_etags(request.headers.get("If-None-Match", ""))
        return "*" in given or self.headers["ETag"] in {etag.removeprefix("W/") for etag in given}

    def _may_be_partial(self, request: HttpRequest) -> bool:
        """Ranges exist for GET alone; an If-Range other than our ETag means another file: send it whole."""
        if request.method != "GET" or "Range" not in request.headers:
            return False
        return request.headers.get("If-Range", self.headers["ETag"]) == self.headers["ETag"]

    def _without_body(self, status: HTTPStatus) -> None:
        self.status_code = status
        self.streaming_content = ()
        if status != HTTPStatus.NOT_MODIFIED:
            self.headers["Content-Length"] = "0"
            self.headers["Cache-Control"] = "no-store"


def _read(source: BinaryIO, first: int, length_bytes: int) -> Iterator[bytes]:
    source.seek(first)
    while length_bytes > 0 and (chunk := source.read(min(CHUNK_BYTES, length_bytes))):
        length_bytes -= len(chunk)
        yield chunk
