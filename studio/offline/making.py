"""Making takes, and making again what was forgotten. Imports the engine: only who renders or cuts should."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from studio import engine
from studio.engine.takes import FILES, STEM_FOLDER
from studio.offline import covers
from studio.offline.models import Take
from studio.offline.works import Progress, Results, work_of


class Quiet:
    """For work that nobody watches and nobody stops."""

    def on_stage(self, _stage: str, _share: float) -> None:
        return

    def is_cancelled(self) -> bool:
        return False

    def on_preview(self, _path: Path, _seconds: float) -> None:
        return


@dataclass(frozen=True)
class Source:
    """A take whose files are all here. `flac` is its lossless sound; `folder` holds the engine's take when
    the song is one of the engine's own, with a score."""

    take: Take
    folder: Path
    flac: Path

    @property
    def is_own(self) -> bool:
        return (self.folder / FILES["score"]).is_file()


def make(take: Take, folder: Path, progress: Progress) -> Results:
    """Every file of a take in `folder`, with a sleeve when it is something to hear."""
    able = engine.capabilities()
    if not able["available"]:
        raise engine.EngineUnavailable(able["reason"])
    results = work_of(take)(take, folder, progress)
    if "flac" in results.files and "jpg" not in results.files:
        outline = covers.outline(folder / results.files["flac"])
        cover = covers.draw(_cover_seed(take), take.position, results.tags or take.tags, outline)
        (folder / "cover.jpg").write_bytes(cover)
        results.files["jpg"] = "cover.jpg"
    return results


def _cover_seed(take: Take) -> int:
    """One number for all takes of a job, so that their sleeves belong together."""
    return (take.clip_id if take.is_uploaded else take.job.task_id).int % 2**63


def source_of(take: Take, clip_id: str, progress: Progress | None = None) -> Source:
    """The take that another one is made of, by its id and of the same account; see `ready`."""
    return ready(Take.objects.get(job__account=take.job.account_id, clip_id=uuid.UUID(clip_id)), progress)


def ready(take: Take, progress: Progress | None = None) -> Source:
    """A finished take with all its files: those that were forgotten are made again, sample for sample.

    Raises engine.EngineError when that cannot be.
    """
    if not _is_whole(take):
        make_again(take, progress)
    Take.objects.filter(pk=take.pk).update(used_at=timezone.now())
    return Source(take, take.folder, take.folder / take.files["flac"])


def _is_whole(take: Take) -> bool:
    return all(kind in take.files and (take.folder / take.files[kind]).is_file() for kind in ("flac", "mp3"))


class _Behind:
    """The progress of another take's work: its stages say only that the source is made again."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_stage(self, _stage: str, _share: float) -> None:
        self._progress.on_stage("source", 0.0)

    def is_cancelled(self) -> bool:
        return self._progress.is_cancelled()

    def on_preview(self, _path: Path, _seconds: float) -> None:
        return


def make_again(take: Take, progress: Progress | None = None) -> None:
    """Bring the files of a finished take back into its folder."""
    scratch = take.folder.with_name(f".{take.clip_id}.again-{uuid.uuid4().hex[:8]}")
    scratch.mkdir(parents=True)
    try:
        results = make(take, scratch, _Behind(progress or Quiet()))
        for preview in scratch.glob("preview*"):
            preview.unlink()
        _put_back(scratch, take.folder)
        add_files(take, results.files)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put_back(scratch: Path, folder: Path) -> None:
    """File by file, each in one step: somebody else may be reading the same ones."""
    for path in scratch.rglob("*"):
        if path.is_file():
            home = folder / path.relative_to(scratch)
            home.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, home)


def add_files(take: Take, files: dict[str, str], **about: object) -> None:
    """Note more files of a take, and more facts about it, beside what others may add at the same time."""
    with transaction.atomic():
        fresh = Take.objects.select_for_update().get(pk=take.pk)
        fresh.files |= files
        fresh.about |= about
        fresh.save(update_fields=["files", "about"])
    take.files, take.about = fresh.files, fresh.about


def forget_large_files(take: Take) -> None:
    """Remove what can be made again; of a recording its lossless copy stays, as nothing could make that."""
    kept = {"flac": take.files["flac"]} if take.is_kept and "flac" in take.files else {}
    for name in set(take.files.values()) - set(kept.values()):
        (take.folder / name).unlink(missing_ok=True)
    shutil.rmtree(take.folder / STEM_FOLDER, ignore_errors=True)
    Take.objects.filter(pk=take.pk).update(files=kept)


__all__ = ["Quiet", "Source", "add_files", "forget_large_files", "make", "make_again", "ready", "source_of"]
