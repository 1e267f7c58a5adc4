"""Bytes at rest: the only code that touches files of clips.

A file is named by the SHA-256 of its content, so the same bytes are kept once, a name never changes its
meaning, and storing again is safe. Nothing is ever visible half-written. Bytes live in Django's "default"
storage: a folder, or anything that a storage class speaks to.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

CHUNK_BYTES = 1 << 18
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


class VaultFull(Exception):
    """The disk has no room. Nothing was stored and nothing lost: free some space and store again."""

    text = (
        "The studio's disk is full. The song is safe at the provider; it is fetched as soon as there is room."
    )


@dataclass(frozen=True)
class Stored:
    key: str
    sha256: str  # hex
    size_bytes: int


def _storage() -> Storage:
    return storages["default"]


@contextmanager
def room() -> Iterator[None]:
    """Turn "no space left on device" inside the block into VaultFull; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise VaultFull from error
        raise


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder on the data disk for work in progress, removed afterwards. Raises VaultFull."""
    parent = scratch_root()
    with room():
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
            yield Path(folder)


def scratch_root() -> Path:
    """Where unfinished files lie; what is old there was left by a process that died."""
    return Path(settings.DATA_DIR) / "scratch"


def save(source: BinaryIO | Path, suffix: str) -> Stored:
    """Keep the bytes of `source` (a path, or a stream from its position on). Safe to repeat.

    `suffix` is a file ending such as ".mp3": a dot and up to eight of a-z, 0-9. The key is
    "ab/cd/<sha256><suffix>". Raises VaultFull when there is no room, ValueError for a bad suffix.
    """
    if not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"not a file ending: {suffix!r}")
    with room():
        if isinstance(source, Path):
            with source.open("rb") as stream:
                return _save(stream, suffix)
        return _save(source, suffix)


def _save(stream: BinaryIO, suffix: str) -> Stored:
    with scratch() as folder:
        part = folder / "part"
        digest, length_bytes = _copy(stream, part)
        stored = Stored(f"{digest[:2]}/{digest[2:4]}/{digest}{suffix}", digest, length_bytes)
        # A file of the right name and another length is a wreck from a disk or a foreign hand: replace it.
        if not (exists(stored.key) and size_bytes(stored.key) == length_bytes):
            _put(part, stored.key)
        return stored


def _copy(stream: BinaryIO, part: Path) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    with part.open("wb") as target:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
            size_bytes += len(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest(), size_bytes


def _put(part: Path, key: str) -> None:
    target = _local_path(key)
    if target is None:
        # Object stores show a file only when all of it has arrived.
        # Most of them keep what has the name already and store beside it, so a wreck has to go first.
        delete(key)
        with part.open("rb") as stream:
            _storage().save(key, File(stream, name=key))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _replace_across_disks(part, target)


def _replace_across_disks(part: Path, target: Path) -> None:
    near = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with part.open("rb") as stream:
            _copy(stream, near)
        near.replace(target)
    finally:
        near.unlink(missing_ok=True)


def _local_path(key: str) -> Path | None:
    """Where the file is on this machine's disk; None for a storage elsewhere."""
    storage = _storage()
    return Path(storage.path(key)) if isinstance(storage, FileSystemStorage) else None


def open(key: str) -> BinaryIO:
    """The bytes, to be closed by the caller. Raises FileNotFoundError."""
    return _storage().open(key, "rb")  # type: ignore[return-value]


def exists(key: str) -> bool:
    return _storage().exists(key)


def size_bytes(key: str) -> int:
    """Length in bytes. Raises FileNotFoundError."""
    return _storage().size(key)


def verify(key: str, sha256: str) -> bool:
    """Whether the file is there and its bytes still have this hash."""
    try:
        with open(key) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256  # type: ignore[arg-type]
    except FileNotFoundError:
        return False


def delete(key: str) -> None:
    """Remove the bytes; safe to repeat. The caller knows that no other asset has the same key."""
    with suppress(FileNotFoundError):
        _storage().delete(key)
