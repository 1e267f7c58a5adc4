from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.offline.quick_engine import QuickEngine

if TYPE_CHECKING:  # pytest imports this file before Django is ready
    from studio.offline.api import Answer

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
