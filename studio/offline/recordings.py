"""Recordings from outside: fetched with care, checked by content, kept as lossless clips."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from studio import fetching
from studio.audio import convert, files
from studio.offline import billing, clips, planning
from studio.offline.accounts import account_of
from studio.offline.errors import invalid
from studio.offline.models import Job, Take
from studio.offline.wire import Call

NOT_ACCESSIBLE = "Audio URL is not accessible. Please provide a public direct audio file URL."
INVALID = "Invalid audio file"
MAX_BYTES = 200_000_000
DEADLINE_S = 60.0
MOST_S = 480.0
LEAST_S = 1.0
# Names that say nothing about a song.
BLAND = {"audio", "recording", "download", "file", "stream"}


@dataclass(frozen=True)
class Recording:
    """A fetched audio file that decodes to its end."""

    path: Path
    duration_s: float
    title: str


@contextmanager
def take_in(call: Call, url: str, *, least_s: float = LEAST_S) -> Iterator[Recording]:
    """The audio behind `url`, for as long as the context lasts.

    Raises Refusal 400, in the documented words where there are any: nothing there that we may reach, no
    audio, shorter than `least_s` or longer than 8 minutes.
    """
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:
        path = Path(folder) / "recording"
        _copy(call, url.strip(), path)
        duration_s = _checked_length(path, least_s)
        yield Recording(path, duration_s, _title(url))


def _copy(call: Call, url: str, path: Path) -> None:
    with path.open("wb") as target:
        opened = _own_file(call, url) or (call.open_url(url) if call.open_url else None)
        if opened is not None:
            with closing(opened):
                shutil.copyfileobj(opened, target)
            return
        try:
            fetching.fetch(
                url,
                target,
                max_bytes=MAX_BYTES,
                deadline_s=DEADLINE_S,
                may_be_private=settings.FETCH_PRIVATE,
            )
        except fetching.NotFetched:
            raise invalid(NOT_ACCESSIBLE) from None


def _own_file(call: Call, url: str) -> BinaryIO | None:
    """A file of ours by its address: nobody sends us on a journey to ourselves."""
    prefix = f"{call.origin}/files/"
    if not url.startswith(prefix):
        return None
    file_key, _, name = urlsplit(url).path.removeprefix(urlsplit(prefix).path).partition("/")
    take = Take.objects.filter(file_key=file_key).first()
    path = take.path(clips.kind_of(take, name)) if take else None
    if path is None or not path.is_file():
        raise invalid(NOT_ACCESSIBLE)
    return path.open("rb")


def _checked_length(path: Path, least_s: float) -> float:
    try:
        duration_s = files.probe(path).duration_s
    except files.BrokenAudio:
        raise invalid(INVALID) from None
    if duration_s > MOST_S + 1:
        raise invalid(f"The audio should be at most {MOST_S / 60:g} minutes long.")
    if duration_s < least_s:
        raise invalid(f"The audio should be longer than {least_s:g} seconds.")
    return duration_s


def _title(url: str) -> str:
    stem = Path(unquote(urlsplit(url).path)).stem.replace("_", " ").strip()
    return "Recording" if stem.lower() in BLAND or not stem else stem[:80]


def keep(
    call: Call,
    recording: Recording,
    *,
    family: str = "sonic",
    task_type: str = "upload",
    asked: dict[str, Any] | None = None,
    price: int = 0,
    status: int = 403,
) -> Take:
    """The recording as a finished clip of the caller's account, charged with `price`.

    Its task can be polled like any other. Raises Refusal 401, 403 (or `status`), 424 without an engine.
    """
    account = account_of(call.headers)
    billing.check_funds(account, price, status=status)
    take = Take(
        position=0,
        work={"do": "upload"},
        title=recording.title,
        state=Take.State.SUCCEEDED,
        share=1.0,
        duration_s=round(recording.duration_s, 2),
        due_at=timezone.now(),
        # The work that makes what else a clip has asks who the clip is of.
        job=Job(account=account, family=family, task_type=task_type),
    )
    try:
        take.files = _written(take, recording)
        billing.accept(
            account, family, task_type, asked or {}, [take], price, origin=call.origin, status=status
        )
    except BaseException:
        shutil.rmtree(take.folder, ignore_errors=True)
        raise
    return take


def _written(take: Take, recording: Recording) -> dict[str, str]:
    """The files of an uploaded clip, in its folder; returns their names."""
    planning.need_engine()
    from studio.offline import making

    take.folder.mkdir(parents=True)
    convert.to_flac(recording.path, take.folder / "recording.flac", 24)
    return making.make(take, take.folder, making.Quiet()).files
