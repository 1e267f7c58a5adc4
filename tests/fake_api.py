"""A provider on loopback for tests: it charges on POST, renders tones, and misbehaves exactly as told.

    with FakeApi() as api:
        api.submits.append(Answer(503, {"type": "rate_limited"}))  # the next create is refused,
        api.submits.append(Answer(cut=True))                       # the one after it charged, its answer lost
        api.polls.append(Answer(200, "<html>"))                    # the next look meets a web page
        api.files.append(Answer(cut_bytes=1000))                   # the next file breaks off

    api.replies["/sonic/bpm"] = {"data": {"avg_bpm": 120}}     # what is asked there is answered at once

What is not told goes well: a create is charged, and `polls_until_ready` looks later two clips are there.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
import threading
import time
import uuid
import zlib
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import numpy as np
import soundfile

PRICE_CREDITS = 14
RATE_HZ = 44_100
KEY = "fake-key-for-tests-0001"


@dataclass
class Answer:
    """One answer out of the ordinary. The defaults leave everything as it is."""

    status: int = 200
    body: Any = None  # text, bytes or something for JSON; None = the ordinary body
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: bool = False  # do all the work, charge, and then hang up without a word
    cut_bytes: int | None = None  # promise the whole body and hang up after so many bytes
    short_bytes: int | None = None  # send so many bytes as if they were all


@dataclass
class FakeTask:
    task_id: str
    request: dict[str, Any]
    charged_credits: int
    polls: int = 0

    def clip_ids(self) -> list[str]:
        return [f"{self.task_id}-{letter}" for letter in "ab"]


@lru_cache(maxsize=32)
def tone(frequency_hz: float, duration_s: float = 2.0, kind: str = "MP3") -> bytes:
    """A short stereo tone that swells, so that peaks and loudness are not all the same."""
    at_s = np.arange(int(RATE_HZ * duration_s)) / RATE_HZ
    wave = 0.3 * np.sin(2 * np.pi * frequency_hz * at_s) * (0.4 + 0.6 * at_s / duration_s)
    target = io.BytesIO()
    soundfile.write(target, np.stack([wave, wave], axis=1), RATE_HZ, format=kind)
    return target.getvalue()


def silence(duration_s: float = 2.0) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, np.zeros((int(RATE_HZ * duration_s), 2)), RATE_HZ, format="WAV")
    return target.getvalue()


@lru_cache(maxsize=8)
def picture(red: int = 90, size: int = 8) -> bytes:
    """A plain PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + bytes([red, 40, 120]) * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed has hung up: nothing to report."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class FakeApi:
    """A context manager; `base_url` and `KEY` open it."""

    def __init__(self, credits: int = 1000, polls_until_ready: int = 1, duration_s: float = 2.0) -> None:
        self.credits = credits
        self.polls_until_ready = polls_until_ready
        self.duration_s = duration_s
        self.clip_fields: dict[str, Any] = {}  # laid over every clip
        self.submit_delay_s = 0.0
        self.submits: deque[Answer] = deque()
        self.polls: deque[Answer] = deque()
        self.balances: deque[Answer] = deque()
        self.files: deque[Answer] = deque()
        self.tasks: dict[str, FakeTask] = {}
        self.replies: dict[str, dict[str, Any]] = {}  # by path below the base URL
        self.other_files: dict[str, tuple[str, bytes]] = {}  # content type and bytes by ending
        self.bodies: list[dict[str, Any]] = []  # of all POSTs, in order
        self.requests: list[str] = []  # "METHOD path", in order
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self  # type: ignore[attr-defined]

    def __enter__(self) -> FakeApi:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api/v1"

    @property
    def charged_credits(self) -> int:
        """Everything that was ever taken."""
        with self.lock:
            return sum(task.charged_credits for task in self.tasks.values())

    def count(self, start: str) -> int:
        """How many requests began with `start`, such as "POST " or "GET /files/"."""
        return sum(line.startswith(start) for line in self.requests)

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        task = FakeTask(str(uuid.uuid4()), request, PRICE_CREDITS)
        with self.lock:
            self.tasks[task.task_id] = task
            self.credits -= PRICE_CREDITS
        return {"message": "success", "task_id": task.task_id}

    def look(self, task_id: str) -> tuple[int, dict[str, Any]]:
        task = self.tasks.get(task_id)
        if task is None:
            return 404, {"message": "task not found."}
        with self.lock:
            task.polls += 1
        if task.polls < self.polls_until_ready:
            return 202, {"type": "not_ready", "error": "Task is still processing."}
        return 200, {"code": 200, "data": self.clips(task), "message": "success"}

    def clips(self, task: FakeTask, **fields: Any) -> list[dict[str, Any]]:
        """Both clips as finished; `fields` are laid over each."""
        return [self.clip(task, clip_id, **fields) for clip_id in task.clip_ids()]

    def clip(self, task: FakeTask, clip_id: str, **fields: Any) -> dict[str, Any]:
        made = {
            "clip_id": clip_id,
            "state": "succeeded",
            "title": task.request.get("title") or "Fake Song",
            "tags": task.request.get("tags", ""),
            "lyrics": task.request.get("prompt", ""),
            "image_url": f"{self.origin}/files/{clip_id}.png",
            "audio_url": f"{self.origin}/files/{clip_id}.mp3?signature=secret",
            "video_url": None,
            "mv": task.request.get("mv"),
            "duration": f"{self.duration_s:.2f}",
        }
        return made | self.clip_fields | fields

    def file(self, name: str) -> tuple[str, bytes]:
        stem, _, ending = name.rpartition(".")
        if ending == "png":
            return "image/png", picture()
        if ending in self.other_files:
            return self.other_files[ending]
        if stem.startswith("silent"):
            return "audio/wav", silence(self.duration_s)
        frequency_hz = 220.0 + zlib.crc32(stem.encode()) % 16 * 20
        kind = {"mp3": "MP3", "flac": "FLAC", "wav": "WAV"}[ending]
        return f"audio/{ending}", tone(frequency_hz, self.duration_s, kind)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def api(self) -> FakeApi:
        return self.server.api  # type: ignore[attr-defined]

    def log_message(self, *args: Any) -> None:
        return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        special = self._begin(self.api.submits)
        if self.api.submit_delay_s:
            time.sleep(self.api.submit_delay_s)
        is_refused = special.status >= 300 or special.body is not None
        if is_refused and not special.cut:
            return self._send(special, special.status, special.body)
        self.api.bodies.append(json.loads(body))
        reply = self.api.replies.get(self.path.removeprefix("/api/v1"))
        return self._send(special, 200, self.api.create(json.loads(body)) if reply is None else reply)

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/files/"):
            special = self._begin(self.api.files)
            content_type, data = self.api.file(path.rpartition("/")[2])
            return self._send(special, special.status, data, content_type)
        if path.endswith("/get-credits"):
            special = self._begin(self.api.balances)
            ordinary = {"credits": self.api.credits, "extra_credits": 0}
            return self._send(special, special.status, ordinary)
        special = self._begin(self.api.polls)
        status, found = self.api.look(path.rpartition("/")[2])
        is_ordinary = special.status == 200 and special.body is None
        return self._send(special, status if is_ordinary else special.status, found)

    def _begin(self, specials: deque[Answer]) -> Answer:
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            special = Answer(401, {"type": "unauthorized", "error": "Invalid authorization format."})
        else:
            special = specials.popleft() if specials else Answer()
        self.api.requests.append(f"{self.command} {self.path.split('?')[0]}")
        if special.delay_s:
            time.sleep(special.delay_s)
        return special

    def _send(
        self, special: Answer, status: int, ordinary: Any, content_type: str = "application/json"
    ) -> None:
        if special.cut:
            return self._hang_up()
        body = ordinary if special.body is None else special.body
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        if special.short_bytes is not None:
            body = body[: special.short_bytes]
        if body.lstrip().startswith(b"<"):
            content_type = "text/html"
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **special.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: special.cut_bytes])
        if special.cut_bytes is not None:
            self.wfile.flush()
            self._hang_up()
        return None

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
