"""What goes in and out of the provider's endpoints, and the JSON of both."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from studio.offline.errors import invalid, too_large

MAX_REQUEST_BYTES = 256_000
NOT_READY = {
    "type": "not_ready",
    "error": "Task is still processing. Please wait a few seconds and try again.",
}


@dataclass(frozen=True)
class Call:
    """One request. `origin` goes before the addresses of our files; `open_url` opens what only this process
    knows, and gives None for all other addresses."""

    headers: Mapping[str, str]
    body: bytes
    origin: str
    open_url: Callable[[str], BinaryIO | None] | None = None


@dataclass(frozen=True)
class Answer:
    """`file`, where given, is the body in place of `body`, and exists."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: Path | None = None


Endpoint = Callable[..., Answer]
# Method, pattern of the path, and who answers: called with the Call and the pattern's named groups.
Route = tuple[str, str, Endpoint]


def json_answer(status: int, content: dict[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json", "x-request-id": str(uuid.uuid4())}
    return Answer(status, headers, json.dumps(content, ensure_ascii=False).encode())


def json_fields(call: Call) -> dict[str, Any]:
    """The JSON object in the body of a call. Raises Refusal 400 or 413."""
    if len(call.body) > MAX_REQUEST_BYTES:
        raise too_large(MAX_REQUEST_BYTES)
    try:
        fields = json.loads(call.body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise invalid("The request body should be a JSON object.")
    return fields
