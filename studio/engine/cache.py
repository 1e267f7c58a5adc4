"""Dry sounds on disk by what they were made from, so that an edit renders only what it changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.spec import ENGINE_VERSION

Audio = NDArray[np.float32]
MAX_BYTES = 1 << 30
SUFFIX = ".npy"


class DryCache:
    """Arrays in `folder`, the least recently used thrown away beyond `max_bytes`. Safe for several threads
    and processes: files are replaced whole, and one that cannot be read is made again."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self.max_bytes = folder, max_bytes

    def fetch(self, make: Callable[[], Audio], *made_from: object) -> Audio:
        """The array made from these things: kept, or made now. They must have a complete `repr`."""
        path = self.folder / (_key(made_from) + SUFFIX)
        kept = _read(path)
        if kept is not None:
            return kept
        made = make()
        self._write(made, path)
        return made

    def _write(self, array: Audio, path: Path) -> None:
        if array.nbytes > self.max_bytes:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                np.save(file, array)
            part.replace(path)
        except OSError:
            # A full disk costs time, not the song.
            part.unlink(missing_ok=True)
        self._trim()

    def _trim(self) -> None:
        files = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            files.append((stat.st_mtime_ns, stat.st_size, path))
        size = sum(item[1] for item in files)
        for _, bytes_, path in sorted(files):
            if size <= self.max_bytes:
                break
            path.unlink(missing_ok=True)
            size -= bytes_


def _key(made_from: tuple[object, ...]) -> str:
    text = repr((ENGINE_VERSION, made_from))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:40]


def _read(path: Path) -> Audio | None:
    try:
        array = np.load(path, allow_pickle=False)
        os.utime(path)
    except (OSError, ValueError, EOFError):
        return None
    return np.asarray(array, np.float32)
