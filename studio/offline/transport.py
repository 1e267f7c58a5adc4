"""The provider inside this process: a `requests` adapter, so that the one client reaches it like any host."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

from studio.offline import api

ORIGIN = "http://offline.invalid"


class OfflineAdapter(BaseAdapter):
    """Answers requests to ORIGIN without a socket. Mount it with `session.mount(ORIGIN, OfflineAdapter())`.

    It works on the caller's thread and database connection, so never call it with a transaction open.
    `open_url` may open addresses of recordings that mean something in this process only, and gives None for
    all others.
    """

    def __init__(self, open_url: Callable[[str], BinaryIO | None] | None = None) -> None:
        super().__init__()
        self._open_url = open_url

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        body = request.body or b""
        answer = api.handle(
            request.method or "GET",
            unquote(urlsplit(request.url or "").path),
            dict(request.headers),
            body.encode() if isinstance(body, str) else bytes(body),
            ORIGIN,
            self._open_url,
        )
        return _response(request, answer)

    def close(self) -> None:
        """Nothing is kept open between requests."""


def _response(request: requests.PreparedRequest, answer: api.Answer) -> requests.Response:
    """As requests' own adapter builds it, so that streaming, closing and Content-Length behave alike."""
    source = answer.file.open("rb") if answer.file else io.BytesIO(answer.body)
    headers = {"Content-Length": str(len(answer.body))} | answer.headers
    response = requests.Response()
    response.raw = urllib3.HTTPResponse(
        body=source, headers=headers, status=answer.status, preload_content=False, decode_content=False
    )
    response.status_code = answer.status
    response.headers = requests.structures.CaseInsensitiveDict(headers)
    response.encoding = "utf-8"
    response.reason = response.raw.reason or ""
    response.url = request.url or ""
    response.request = request
    return response
