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
