from __future__ import annotations

import copy
from pathlib import Path

import pytest
from django.core.checks import run_checks

from studio import checks


@pytest.fixture(autouse=True)
def _sound(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    settings.Q_CLUSTER = copy.deepcopy(settings.Q_CLUSTER)


def found() -> dict[str, str]:
    """Number and hint of every complaint."""
    return {one.id: one.hint for one in run_checks(tags=[checks.TAG])}


def test_the_studio_as_it_comes_has_nothing_to_complain_about():
    assert found() == {}


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_queues_settings_are_sound_for_any_number_of_workers(settings, workers):
    settings.Q_CLUSTER["workers"] = settings.Q_CLUSTER["ALT_CLUSTERS"]["render"]["workers"] = workers
    assert found() == {}


def test_a_queue_that_would_deliver_twice_is_noticed(settings):
    settings.Q_CLUSTER["ALT_CLUSTERS"]["render"] |= {"retry": 2700, "workers": 2}
    assert "above 2700 s" in found()["studio.E002"]


def test_a_queue_without_workers_is_noticed(settings):
    settings.Q_CLUSTER["workers"] = 0
    assert "QUEUE_WORKERS" in found()["studio.E001"]


def test_an_encryption_key_that_is_none_is_noticed_and_not_shown(settings):
    settings.ENCRYPTION_KEYS = ["not-a-key-but-secret"]
    messages = run_checks(tags=[checks.TAG])
    assert [one.id for one in messages] == ["studio.E003"]
    assert "not-a-key-but-secret" not in str(messages)


def test_a_data_folder_that_cannot_be_written_is_noticed(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.DATA_DIR = tmp_path / "file"
    assert "DATA_DIR" in found()["studio.E004"]


def test_a_connection_pool_is_refused(settings, monkeypatch):
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.postgresql")
    monkeypatch.setitem(database, "OPTIONS", {"pool": True})
    assert "CONN_MAX_AGE" in found()["studio.E005"]


def test_a_database_on_a_network_disk_is_noticed(monkeypatch):
    mounts = "disk / ext4 rw 0 0\nserver:/x /srv/share nfs4 rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_: mounts)
    assert checks._disk_kind(Path("/srv/share/studio/db.sqlite3")) == "nfs4"
    assert checks._disk_kind(Path("/srv/shared.sqlite3")) == "ext4"
    assert [one.id for one in checks._sqlite_on_network(Path("/srv/share/db"))] == ["studio.W001"]


@pytest.mark.parametrize(
    ("public_url", "complaint"),
    [
        ("https://music.example.com", None),
        ("http://localhost:8000", None),
        ("music.example.com", "studio.E008"),
        ("https://", "studio.E008"),
        ("https://example.com/studio", "studio.E009"),
        ("http://music.example.com", "studio.W004"),
    ],
)
def test_a_public_address_is_a_host_of_its_own_with_a_certificate(settings, public_url, complaint):
    settings.PUBLIC_URL = public_url
    assert list(found()) == ([complaint] if complaint else [])


def test_listening_to_the_world_without_knowing_the_own_address_is_noticed(settings):
    settings.HOST, settings.IS_LOOPBACK = "0.0.0.0", False
    settings.ALLOWED_HOSTS = ["*"]
    settings.OFFLINE_HTTP_IS_ON = False
    assert set(found()) == {"studio.W002", "studio.W003"}


def test_a_port_is_a_port(settings):
    settings.PORT = 70_000
    assert "studio.E007" in found()


def test_the_offline_provider_open_to_other_machines_is_noticed(settings):
    settings.OFFLINE_HTTP, settings.OFFLINE_HTTP_IS_ON, settings.IS_LOOPBACK = "on", True, False
    settings.PUBLIC_URL = "https://music.example.com"
    assert list(found()) == ["studio.W005"]


def test_a_misspelt_switch_is_noticed(settings):
    settings.OFFLINE_HTTP = "yes"
    assert "on, off or auto" in found()["studio.E010"]


def test_a_missing_engine_is_noticed_with_the_way_out(monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "mido" else object())
    assert "extra `engine`" in found()["studio.W006"]
