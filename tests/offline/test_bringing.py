"""Recordings that come in from outside: what is taken, kept and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from studio.offline import api, jobs, recordings
from studio.offline.errors import Refusal
from studio.offline.models import Job, Take
from studio.offline.wire import Call
from tests.offline.conftest import ORIGIN
from tests.offline.test_api import said

Asking = Callable[..., tuple[int, dict[str, Any]]]
SONG = {"custom_mode": True, "mv": "sonic-v5", "prompt": "[Verse]\nStars"}


def test_an_upload_is_a_clip_that_can_be_polled_and_heard(
    credits_left: Callable[[], int], rich_key: str, tone: Path, django_capture_on_commit_callbacks: Any
) -> None:
    def send(**body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {rich_key}"}
        content = json.dumps({"url": "http://studio.invalid/shared/x/My_Song.wav"} | body).encode()
        opener = lambda _url: tone.open("rb")  # noqa: E731
        return said(api.handle("POST", "/api/v1/sonic/upload", headers, content, ORIGIN, opener))

    answer = send()
    assert set(answer) == {"code", "clip_id", "message"}
    later = send(callback_url="http://studio.invalid/hooks/abc")
    assert set(later) == {"message", "task_id"}
    assert credits_left() == 1000 - 4

    headers = {"Authorization": f"Bearer {rich_key}"}
    clip = said(api.handle("GET", f"/api/v1/sonic/task/{later['task_id']}", headers, b"", ORIGIN))["data"][0]
    assert (clip["title"], clip["state"], clip["duration"]) == ("My Song", "succeeded", 12.0)
    for name in ("audio_url", "flac_url", "image_url"):
        assert api.handle("GET", clip[name].removeprefix(ORIGIN), {}, b"", ORIGIN).status == 200


def test_recordings_outlive_their_other_files(upload: Callable[..., Take], ask: Asking) -> None:
    take, hidden = upload(), upload(task_type="recording")
    Take.objects.update(used_at=timezone.now() - jobs.FILES_LAST - timedelta(minutes=1))

    assert jobs.forget_old_files() == 2

    assert [path.name for path in take.folder.iterdir()] == ["recording.flac"]
    assert not list(hidden.folder.iterdir())
    assert jobs.forget_old_files() == 0
    assert ask("wav", clip_id=str(take.clip_id))[0] == 200
    take.refresh_from_db()
    assert {"mp3", "flac", "wav"} <= set(take.files)


def test_half_done_requests_say_which_step_failed(
    credits_left: Callable[[], int], rich_key: str, tone: Path
) -> None:
    # Without tags: what it should sound like is missed only when the recording is there.
    body = {"url": "http://studio.invalid/a.wav", "custom_mode": True, "mv": "sonic-v5"}

    def send(path: str, opener: Callable[[str], Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {rich_key}"}
        answer = api.handle("POST", path, headers, json.dumps(body).encode(), ORIGIN, opener)
        assert answer.status == 200
        return said(answer)

    failed = send("/api/v1/sonic/upload-cover", lambda _url: None)
    assert (failed["code"], failed["failed_step"], "task_id" in failed) == (400, "upload", False)
    assert failed["steps"] == {"upload": {"success": False, "error": recordings.NOT_ACCESSIBLE}}
    assert credits_left() == 1000

    half = send("/api/v1/sonic/upload-cover", lambda _url: tone.open("rb"))
    assert (half["code"], half["failed_step"]) == (400, "cover")
    assert half["steps"]["upload"]["success"] and not half["steps"]["cover"]["success"]
    assert credits_left() == 1000 - 2
    assert Take.objects.filter(clip_id=half["steps"]["upload"]["clip_id"]).exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a.mp3", "http://localhost/a.mp3", "http://[::1]/a.mp3", "http://10.0.0.1/a.mp3",
        "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "ftp://example.org/a.mp3", "nothing",
        f"{ORIGIN}/files/unknown/audio.mp3",
    ],
)  # fmt: skip
def test_addresses_of_our_own_network_are_not_fetched(
    credits_left: Callable[[], int], ask: Asking, url: str
) -> None:
    for path, name in (("upload", "url"), ("create-voice", "audio_url")):
        status, body = ask(path, **{name: url})
        assert (status, body["error"]) == (400, recordings.NOT_ACCESSIBLE)
    assert credits_left() == 1000


def test_a_redirect_does_not_lead_into_our_own_network(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, live_file: str
) -> None:
    monkeypatch.setattr("studio.fetching.is_public", lambda address: address != "127.0.0.1")
    assert ask("upload", url=live_file)[1]["error"] == recordings.NOT_ACCESSIBLE

    monkeypatch.setattr("studio.fetching.is_public", lambda _address: True)
    assert ask("upload", url=live_file)[0] == 200


@pytest.fixture
def live_file(tone: Path) -> Any:
    """An address that leads to another one, where the recording is."""
    import http.server
    import threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/":
                self.send_response(302)
                self.send_header("Location", "/tone.wav")
                self.end_headers()
                return
            content = tone.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("content", "text"), [(b"<html>no audio", "Invalid audio file"), (b"", "Invalid")])
def test_what_is_no_audio_is_refused(rich_key: str, content: bytes, text: str) -> None:
    import io

    call = Call({"Authorization": f"Bearer {rich_key}"}, b"", ORIGIN, lambda _url: io.BytesIO(content))

    with pytest.raises(Refusal, match=text), recordings.take_in(call, "http://studio.invalid/a"):
        pass


def test_a_voice_wants_more_than_ten_seconds(rich_key: str, tone: Path) -> None:
    call = Call({"Authorization": f"Bearer {rich_key}"}, b"", ORIGIN, lambda _url: tone.open("rb"))

    is_refused = pytest.raises(Refusal, match="longer than 15 seconds")
    with is_refused, recordings.take_in(call, "http://studio.invalid/a", least_s=15):
        pass


STEPPED = [
    ("sample", {"make_instrumental": True, "chop_sample_start_s": 1, "chop_sample_end_s": 6}, 14),
    ("upload-extend", {"make_instrumental": True, "continue_at": 8}, 12),
]


@pytest.mark.parametrize(("path", "body", "price"), STEPPED)
def test_a_recording_is_taken_in_and_worked_on_in_one_request(
    credits_left: Callable[[], int], rich_key: str, tone: Path, path: str, body: dict[str, Any], price: int
) -> None:
    headers = {"Authorization": f"Bearer {rich_key}"}
    content = {"url": "http://studio.invalid/a.wav", "custom_mode": True, "mv": "sonic-v5"} | body
    answer = api.handle(
        "POST",
        f"/api/v1/sonic/{path}",
        headers,
        json.dumps(content).encode(),
        ORIGIN,
        lambda _url: tone.open("rb"),
    )
    told, step = said(answer), path.removeprefix("upload-")

    assert (answer.status, set(told)) == (200, {"code", "message", "task_id", "steps"})
    assert set(told["steps"]) == {"upload", step}
    assert told["steps"][step] == {"success": True, "task_id": told["task_id"]}
    source = Take.objects.get(clip_id=told["steps"]["upload"]["clip_id"])
    takes = list(Job.objects.get(task_id=told["task_id"]).takes.all())
    assert [take.work["clip_id"] for take in takes] == [str(source.clip_id)] * 2
    assert len({take.work["seed"] for take in takes}) == 2
    assert credits_left() == 1000 - price


def test_a_voice_is_asked_for_with_a_recording(
    credits_left: Callable[[], int], rich_key: str, tone: Path
) -> None:
    headers = {"Authorization": f"Bearer {rich_key}"}
    content = json.dumps({"audio_url": "http://studio.invalid/Anna.wav"}).encode()
    opener = lambda _url: tone.open("rb")  # noqa: E731
    told = said(api.handle("POST", "/api/v1/sonic/create-voice", headers, content, ORIGIN, opener))

    assert set(told) == {"message", "task_id", "warning"}
    take = Job.objects.get(task_id=told["task_id"]).takes.get()
    assert (take.work["do"], take.work["name"]) == ("voice", "Anna")
    assert credits_left() == 1000 - 4
