"""Files come home: fetched, recognised, measured, kept in the vault, and named by a row.

Every step leaves a row behind and is skipped when that row is there, so a job may die anywhere and the next
one goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

from studio import vault
from studio.audio import files, loudness, peaks
from studio.models import Asset, Clip, Task
from studio.musicapi import ApiError, Client, Unreachable
from studio.vault import Stored, VaultFull
from studio.work import states

FILE_TRIES = 5
# A quarter of an hour: what is paid for and only out of reach for now is not given up as quickly.
UNREACHABLE_TRIES = 20
DOWNLOAD_S = 120.0  # of one file; two fit well into a job's time limit
LOOK_S = 90.0  # no further file is begun after that in one look; the next look goes on
JSON = "application/json"


@dataclass(frozen=True)
class Trouble:
    """Why something is not home yet. It is tried again; `is_ours`: the provider is not to blame."""

    kind: str
    text: str
    is_ours: bool = False


MORE = Trouble("more", "")  # no trouble at all: the next look goes on where this one stopped


class GivenUp(Exception):
    """Something will not come home any more. `text` says why; `kind` is a word for programs."""

    def __init__(self, text: str, kind: str = "not_fetched") -> None:
        self.text = text
        self.kind = kind
        super().__init__(text)


@dataclass(frozen=True)
class Sound:
    """A fetched audio file in the vault, and what was measured of it."""

    kept: Stored
    content_type: str
    measured: loudness.Measured

    @property
    def is_silent(self) -> bool:
        """Whether nobody would hear anything of it."""
        level_lufs, peak_dbtp = self.measured.loudness_lufs, self.measured.true_peak_dbtp
        return peak_dbtp is None or peak_dbtp < -60 or (level_lufs is not None and level_lufs < -60)


def tried(task: Task, kind: str, what: str, fetch: Callable[[], object]) -> Trouble | None:
    """Run `fetch`: None when it came through, else why it is to be tried again. Raises GivenUp in the end.

    Tries are counted for each `kind`: what went wrong with one file is not held against another.
    """
    try:
        fetch()
    except VaultFull as full:
        return Trouble("disk_full", full.text, is_ours=True)
    except (ApiError, files.BrokenAudio) as error:
        tries, text = states.tries_at(task, kind), say(error)
        if tries < (UNREACHABLE_TRIES if isinstance(error, Unreachable) else FILE_TRIES):
            return Trouble(kind, f"{what} could not be fetched: {text} It is tried again.")
        raise GivenUp(f"{what} could not be fetched: {text} It was tried {tries} times.") from error
    return None


def say(error: Exception) -> str:
    return error.text if isinstance(error, ApiError) else str(error)


def download(
    client: Client, url: str, path: Path, max_bytes: int, recognise: Callable[[bytes], object]
) -> None:
    """One file of the provider into `path`. Raises VaultFull and ApiError."""
    with vault.room(), path.open("wb") as target:
        client.download(url, target, max_bytes=max_bytes, recognise=recognise, deadline_s=DOWNLOAD_S)


def fetch_audio(client: Client, url: str, expected_duration_s: float | None = None) -> Sound:
    """Audio in the vault, decoded to its end and measured. Raises VaultFull, ApiError or BrokenAudio."""
    if not url:
        raise files.BrokenAudio("The provider did not say where the audio is.")
    with vault.scratch() as folder:
        path = folder / "audio"
        download(client, url, path, settings.MAX_AUDIO_BYTES, files.sniff)
        measured = loudness.measure(path, expected_duration_s=expected_duration_s)
        kind = files.kind_of(path)
        return Sound(vault.save(path, f".{kind.extension}"), kind.media_type, measured)


def fetch_file(
    client: Client, url: str, recognise: Callable[[bytes], files.Kind | None]
) -> tuple[Stored, files.Kind]:
    """Any other file in the vault, recognised by its first bytes. Raises VaultFull, ApiError, BrokenAudio."""
    if not url:
        raise files.BrokenAudio("The provider did not say where the file is.")
    with vault.scratch() as folder:
        path = folder / "file"
        download(client, url, path, settings.MAX_AUDIO_BYTES, recognise)
        kind = recognise(_head(path))
        if kind is None:  # an empty download has no head, and was refused before
            raise files.BrokenAudio("The file is not of the expected kind.")
        return vault.save(path, f".{kind.extension}"), kind


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(files.HEAD_BYTES)


def add(
    clip: Clip,
    kind: Asset.Kind,
    kept: Stored,
    content_type: str,
    *,
    name: str = "",
    task: Task | None = None,
    details: dict[str, Any] | None = None,
    replaces: bool = False,
) -> Asset:
    """The row of a stored file. A second one of its kind and name changes nothing, unless it `replaces`."""
    facts: dict[str, Any] = {
        "key": kept.key,
        "content_type": content_type,
        "sha256": kept.sha256,
        "size_bytes": kept.size_bytes,
        "task": task,
        "details": details,
    }
    keep = Asset.objects.update_or_create if replaces else Asset.objects.get_or_create
    return keep(clip=clip, kind=kind, name=name[:120], defaults=facts)[0]


def add_json(clip: Clip, kind: Asset.Kind, fields: object, **more: Any) -> Asset:
    """As `add`, of facts. Raises VaultFull."""
    return add(clip, kind, vault.save(BytesIO(as_json(fields)), ".json"), JSON, **more)


def has(task: Task, clip: Clip, kind: Asset.Kind, name: str = "") -> bool:
    """Whether this very task has brought it already."""
    return Asset.objects.filter(task=task, clip=clip, kind=kind, name=name).exists()


def as_json(fields: object) -> bytes:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def peaks_json(measured: loudness.Measured) -> dict[str, Any]:
    """What the waveform draws: minimum, maximum, minimum ... in -127..127."""
    data = measured.peaks.data
    return {
        "version": 1,
        "buckets": len(data),
        "duration_s": round(measured.duration_s, 3),
        "pairs": data.reshape(-1).tolist(),
    }


def measures(measured: loudness.Measured) -> dict[str, Any]:
    """The columns of a clip that its audio decides."""
    return {
        "duration_s": measured.duration_s,
        "loudness_lufs": measured.loudness_lufs,
        "true_peak_dbtp": measured.true_peak_dbtp,
        "sketch": "".join(f"{min(height, 99):02d}" for height in peaks.sketch(measured.peaks)),
    }


def timeline(words: Any) -> dict[str, Any]:
    """An alignment's tokens unchanged; audio.timed_lyrics makes sections and lines of them."""
    tokens = [
        {"word": token.word, "start_s": token.start_s, "end_s": token.end_s, "p_align": token.p_align}
        for token in words
    ]
    return {"version": 1, "words": tokens}


def plain(value: object, limit: int | None = None) -> str:
    """Text as every database takes it: PostgreSQL refuses NUL."""
    return str(value or "").replace("\x00", "").strip()[:limit]
