from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from tests.offline.quick_engine import QuickEngine

if TYPE_CHECKING:  # pytest imports this file before Django is ready
    from studio.offline.api import Answer
    from studio.offline.models import Take

ORIGIN = "http://studio.test/offline"


@pytest.fixture(autouse=True)
def _own_data_folder(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The takes that the queue was asked to render; nothing renders them by itself."""
    asked: list[int] = []
    monkeypatch.setattr("studio.offline.doorbell.async_task", lambda _job, pk, cluster: asked.append(pk))
    return asked


@pytest.fixture
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> QuickEngine:
    """For tests about books and leases: an engine that answers at once with half a second of tone."""
    quick = QuickEngine()
    for name in ("plan", "render", "capabilities"):
        monkeypatch.setattr(f"studio.engine.{name}", getattr(quick, name))
    monkeypatch.setattr("studio.offline.covers.draw", lambda *_about: b"a sleeve")
    return quick


@pytest.fixture
def key(db) -> str:
    from studio.offline.accounts import open_account

    return open_account("Tester", 100)


@pytest.fixture
def call(rung: list[int], django_capture_on_commit_callbacks) -> Callable[..., Answer]:
    """One request to the provider, its queue rung as after a commit."""
    from studio.offline import api

    def ask(method: str, path: str, key: str = "", body: bytes = b"", **headers: Any) -> Answer:
        if key:
            headers["Authorization"] = f"Bearer {key}"
        with django_capture_on_commit_callbacks(execute=True):
            return api.handle(method, path, headers, body, ORIGIN)

    return ask


@pytest.fixture
def rich_key(db: None) -> str:
    from studio.offline.accounts import open_account

    return open_account("Rich", 1000)


@pytest.fixture
def ask(call: Callable[..., Answer], rich_key: str) -> Callable[..., tuple[int, dict[str, Any]]]:
    """POST to a sonic address with a rich account's key, or another; status and JSON of the answer."""

    def send(path: str, with_key: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
        answer = call("POST", f"/api/v1/sonic/{path}", with_key or rich_key, json.dumps(body).encode())
        return answer.status, json.loads(answer.body)

    return send


@pytest.fixture
def credits_left(db: None) -> Callable[[], int]:
    """What the rich account has left of its 1000 credits."""
    from studio.offline.models import Account

    return lambda: Account.objects.get(name="Rich").credits


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Twelve seconds that decode."""
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(np.arange(12 * 44_100) * 2 * np.pi * 220 / 44_100), 44_100)
    return path


@pytest.fixture
def upload(rich_key: str, tone: Path) -> Callable[..., Take]:
    """A recording taken in for the rich account, which pays what `options` say."""
    from studio.offline import recordings
    from studio.offline.wire import Call

    def bring(**options: Any) -> Take:
        call = Call({"Authorization": f"Bearer {rich_key}"}, b"", ORIGIN, lambda _url: tone.open("rb"))
        with recordings.take_in(call, "http://studio.invalid/tone.wav") as recording:
            return recordings.keep(call, recording, **options)

    return bring


@pytest.fixture
def song(call: Callable[..., Answer], rich_key: str, rung: list[int], quick_engine: QuickEngine) -> Take:
    """A finished clip without a score: enough for the books."""
    from studio.offline import jobs
    from studio.offline.models import Take
    from tests.offline.test_api import create

    create(call, rich_key)
    jobs.render(rung[0])
    return Take.objects.get(pk=rung[0])
