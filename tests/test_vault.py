from __future__ import annotations

import errno
import hashlib
import os
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import InMemoryStorage

from studio import vault
from studio.vault import VaultFull

DATA = b"some bytes of a song" * 1000


@pytest.fixture(autouse=True)
def _own_scratch(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"


def all_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_bytes_are_named_by_their_content(tmp_path):
    sha256 = hashlib.sha256(DATA).hexdigest()
    stored = vault.save(BytesIO(DATA), ".mp3")
    assert stored == vault.Stored(f"{sha256[:2]}/{sha256[2:4]}/{sha256}.mp3", sha256, len(DATA))
    with vault.open(stored.key) as stream:
        assert stream.read() == DATA
    assert vault.size_bytes(stored.key) == len(DATA)


def test_a_file_is_taken_in_by_its_path_and_stays_where_it_was(tmp_path):
    source = tmp_path / "song.mp3"
    source.write_bytes(DATA)
    stored = vault.save(source, ".mp3")
    assert source.exists()
    assert vault.verify(stored.key, stored.sha256)


def test_the_same_bytes_are_kept_once(tmp_path):
    assert vault.save(BytesIO(DATA), ".mp3") == vault.save(BytesIO(DATA), ".mp3")
    assert len(all_files(tmp_path)) == 1


def test_a_wreck_of_the_right_name_is_replaced(tmp_path):
    stored = vault.save(BytesIO(DATA), ".mp3")
    (tmp_path / "vault" / stored.key).write_bytes(DATA[:100])
    assert not vault.verify(stored.key, stored.sha256)
    vault.save(BytesIO(DATA), ".mp3")
    assert vault.verify(stored.key, stored.sha256)


def test_a_missing_file_does_not_verify():
    assert not vault.verify("aa/bb/nothing.mp3", "0" * 64)


def test_deleting_twice_is_the_same_as_once():
    stored = vault.save(BytesIO(DATA), ".mp3")
    vault.delete(stored.key)
    vault.delete(stored.key)
    assert not vault.exists(stored.key)


@pytest.mark.parametrize("suffix", ["", "mp3", "../x", ".mp3/..", ".MP3"])
def test_a_suffix_cannot_lead_elsewhere(suffix):
    with pytest.raises(ValueError, match="file ending"):
        vault.save(BytesIO(DATA), suffix)


class FullDisk(BytesIO):
    def read(self, size: int = -1) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_nothing_behind_and_what_was_there_stays(tmp_path):
    before = vault.save(BytesIO(DATA), ".mp3")
    with pytest.raises(VaultFull) as full:
        vault.save(FullDisk(), ".mp3")
    assert "disk is full" in full.value.text
    assert len(all_files(tmp_path)) == 1
    assert vault.verify(before.key, before.sha256)


def test_a_disk_that_fills_up_in_the_middle_of_a_file_shows_no_half_file(tmp_path, monkeypatch):
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(VaultFull):
        vault.save(BytesIO(DATA), ".mp3")
    assert all_files(tmp_path) == []


def test_a_vault_on_another_disk_than_the_scratch_is_still_never_half_written(tmp_path, monkeypatch):
    def across_disks(self: Path, target: Path) -> Path:
        if self.name == "part":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        os.replace(self, target)
        return target

    monkeypatch.setattr(Path, "replace", across_disks)
    stored = vault.save(BytesIO(DATA), ".mp3")
    assert vault.verify(stored.key, stored.sha256)
    assert len(all_files(tmp_path)) == 1


def test_a_storage_without_a_folder_will_do_and_is_given_each_file_once(monkeypatch):
    class Remote(InMemoryStorage):
        given: list[str] = []

        def save(self, name, content, max_length=None):
            self.given.append(name)
            return super().save(name, content, max_length)

    remote = Remote()
    monkeypatch.setattr(vault, "_storage", lambda: remote)
    stored = vault.save(BytesIO(DATA), ".mp3")
    vault.save(BytesIO(DATA), ".mp3")
    assert remote.given == [stored.key]
    assert vault.verify(stored.key, stored.sha256)


def test_scratch_is_gone_afterwards_even_when_the_work_failed():
    with pytest.raises(RuntimeError), vault.scratch() as folder:
        (folder / "half").write_bytes(DATA)
        raise RuntimeError
    assert not folder.exists()


def test_a_wreck_in_a_storage_elsewhere_is_replaced(monkeypatch):
    storage = InMemoryStorage()
    monkeypatch.setattr(vault, "_storage", lambda: storage)
    stored = vault.save(BytesIO(DATA), ".mp3")
    storage.delete(stored.key)
    storage.save(stored.key, BytesIO(DATA[:100]))
    assert vault.save(BytesIO(DATA), ".mp3") == stored
    assert vault.verify(stored.key, stored.sha256)
