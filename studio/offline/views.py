"""The HTTP face, for other programs: the same answers as in-process, plus byte ranges for players."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from studio.offline import api

CHUNK_BYTES = 64 * 1024


@csrf_exempt  # a key in a header, no cookie: there is nothing that another site could ride on
def answer(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answers every path and method below the mount point."""
    method = "GET" if request.method == "HEAD" else request.method or "GET"
    prefix = request.path[: len(request.path) - len(path) - 1]
    origin = request.build_absolute_uri(prefix)
    found = api.handle(method, f"/{path}", request.headers, request.body, origin)
    if found.file is not None:
        return _file_response(request, found, found.file)
    return HttpResponse(found.body, status=found.status, headers=found.headers)


def _file_response(request: HttpRequest, found: api.Answer, path: Path) -> HttpResponseBase:
    size_bytes = path.stat().st_size
    span = _span(request.headers.get("Range", ""), size_bytes)
    common = found.headers | {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    if span is None:
        return StreamingHttpResponse(_pieces(path, 0, size_bytes), headers=common)
    start, end = span
    if start >= size_bytes:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size_bytes}"})
    ranged = {"Content-Length": str(end - start), "Content-Range": f"bytes {start}-{end - 1}/{size_bytes}"}
    return StreamingHttpResponse(_pieces(path, start, end), status=206, headers=common | ranged)


def _span(header: str, size_bytes: int) -> tuple[int, int] | None:
    """First byte and the one after the last of a single range; None means the whole file."""
    # Bounded: int() of a header that is all digits is refused with an error.
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip(), re.ASCII)
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return (max(size_bytes - int(last), 0), size_bytes) if int(last) else (size_bytes, size_bytes)
    end = min(int(last) + 1, size_bytes) if last else size_bytes
    return (int(first), end) if not last or int(last) >= int(first) else None


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (piece := file.read(min(left, CHUNK_BYTES))):
            left -= len(piece)
            yield piece
