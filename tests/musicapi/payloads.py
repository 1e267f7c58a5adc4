"""The documented bodies in tests/payloads and what their index says of them.

An entry of the index names a `file`, the `call` that sends or reads it, for an answer its `status` and what
to `expect`, and where it matters the `type` of the request or the `family` of the task. `changes` are made to
the body, `clip` to each item of its `data`.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from studio.musicapi import REQUESTS, ApiRequest

PAYLOADS = Path(__file__).parent.parent / "payloads"
INDEX: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "index.json").read_text())
TYPES = {kind.__name__: kind for kind in REQUESTS}


def named(*calls: str) -> list[str]:
    return [name for name, entry in INDEX.items() if entry["call"] in calls]


def body_of(entry: dict[str, Any]) -> bytes:
    raw = (PAYLOADS / entry["file"]).read_bytes()
    if not entry.keys() & {"changes", "clip"}:
        return raw
    fields = json.loads(raw) | entry.get("changes", {})
    if "clip" in entry:
        fields["data"] = [item | entry["clip"] for item in fields["data"]]
    return json.dumps(fields).encode()


def fields_of(name: str) -> Any:
    return json.loads(body_of(INDEX[name]))


def request_of(kind: str) -> ApiRequest:
    """The first documented request of a type."""
    name = next(name for name in named("request") if INDEX[name]["type"] == kind)
    return msgspec.convert(fields_of(name), TYPES[kind])
