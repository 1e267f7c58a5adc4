from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.base import People
    from tests.fake_api import FakeApi

# Before Django reads its settings: nothing of a test touches the real data folder.
DATA_DIR = Path(tempfile.mkdtemp(prefix="ostinato-tests-"))
(DATA_DIR / "static").mkdir()
os.environ["DATA_DIR"] = str(DATA_DIR)
os.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings"
os.environ.setdefault("LOG_LEVEL", "ERROR")


def pytest_configure() -> None:
    # Not by an ini setting: that would read the settings before the lines above.
    import django

    django.setup()


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _refuse_the_network() -> None:
    """Loopback only: a test that reaches for the real network fails at once."""
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    """A vault for each test, static files by their plain names, and passwords that cost nothing."""
    settings.STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "vault"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield


@pytest.fixture
def people(db: None) -> People:
    from tests.base import make_people

    return make_people()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """A provider on loopback, asked again without pauses."""
    from tests.fake_api import FakeApi

    monkeypatch.setattr("studio.musicapi.patience.BACKOFF_S", (0, 0, 0))
    monkeypatch.setattr("studio.musicapi.patience.JITTER_S", 0)
    with FakeApi() as api:
        yield api


@pytest.fixture
def connected(people: People, api: FakeApi, settings: Any, tmp_path: Path) -> People:
    """People whose team has 1000 credits with `api`."""
    from studio import keys, ledger
    from studio.models import Connection
    from tests.fake_api import KEY

    settings.DATA_DIR = tmp_path
    settings.SUBMIT_SPACING_S = 0
    settings.POLL_S = (1.0, 1.0)  # as if the time until the next look had passed already
    Connection.objects.filter(pk=people.connection.pk).update(
        base_url=api.base_url, key_encrypted=keys.encrypt(KEY)
    )
    people.connection.refresh_from_db()
    ledger.grant(people.connection, 1000, None, "Start")
    return people


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tables that tests leave for readers: each row under the title that `record_property` was given."""
    tables: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, row in getattr(report, "user_properties", ()):
                if name.startswith("table: ") and getattr(report, "when", "") == "call":
                    tables.setdefault(name.removeprefix("table: "), []).append(row)
    for title, rows in tables.items():
        terminalreporter.section(title)
        for row in rows:
            terminalreporter.write_line(row)
