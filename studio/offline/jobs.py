"""Rendering takes on the queue. The row is the truth: a message may come twice, late or never."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F
from django.utils import timezone

from studio import engine
from studio.offline import billing, covers
from studio.offline.models import PREVIEW, Take

logger = logging.getLogger(__name__)

# Longer than any stage of a render takes on a busy machine; a killed one is noticed this late.
LEASE = timedelta(seconds=60)
RENEW_EVERY_S = 1.0
FILES_LAST = timedelta(hours=72)
MANY_OLD = 50

NO_SPACE = "The song could not be rendered: the disk of the offline provider is full."
STUMBLED = "The song could not be rendered: the engine failed on it. Try again, or change tags or lyrics."


def render(take_pk: int) -> None:
    """Render a take to its end. Safe to repeat and to run twice at once: one caller gets the claim.

    The same take always gives the same song, so an attempt that was killed leaves nothing to mend.
    """
    take = _claim(take_pk)
    if take is None:
        return
    lease = _Lease(take)
    scratch = take.scratch(take.attempts)
    try:
        results = _render_into(scratch, take, lease)
        if lease.renew():
            for preview in scratch.glob(f"{PREVIEW}*"):
                preview.unlink()
            _move_home(scratch, take.folder)
            billing.finish(take, Take.State.SUCCEEDED, stage="", share=1.0, **results)
    except engine.Cancelled:
        logger.info("take %s is rendered by somebody else", take.clip_id)
    except Exception as error:
        billing.finish(take, Take.State.FAILED, error=_reason(error, take), files={})
    finally:
        _sweep(take)
    forget_old_files()


def forget_old_files() -> int:
    """Remove audio and covers of takes older than FILES_LAST; the score's small files stay. Safe to repeat.

    Addresses of results are temporary with this API: who wants a song copies it home. Returns how many takes.
    """
    old = Take.objects.filter(created_at__lt=timezone.now() - FILES_LAST).exclude(files={})[:MANY_OLD]
    for take in old:
        for name in take.files.values():
            (take.folder / name).unlink(missing_ok=True)
        Take.objects.filter(pk=take.pk).update(files={})
    return len(old)


def _claim(take_pk: int) -> Take | None:
    waiting = Take.objects.filter(pk=take_pk, state=Take.State.PENDING)
    claim = {"state": Take.State.RUNNING, "due_at": timezone.now() + LEASE, "stage": "", "share": 0.0}
    if not waiting.update(attempts=F("attempts") + 1, **claim):
        return None
    return Take.objects.get(pk=take_pk)


class _Lease:
    """The right of one attempt to go on, renewed while it makes progress."""

    def __init__(self, take: Take) -> None:
        self._mine = Take.objects.filter(pk=take.pk, state=Take.State.RUNNING, attempts=take.attempts)
        self._renewed_s = time.monotonic()
        self._is_held = True

    def renew(self, **progress: Any) -> bool:
        """Write progress and push the deadline; False when the take is no longer this attempt's."""
        self._renewed_s = time.monotonic()
        self._is_held = self._is_held and bool(self._mine.update(due_at=timezone.now() + LEASE, **progress))
        return self._is_held

    def on_stage(self, stage: str, share: float) -> None:
        if share in (0.0, 1.0) or self._is_worn():
            self.renew(stage=stage[:60], share=min(max(share, 0.0), 1.0))

    def is_lost(self) -> bool:
        return not (self.renew() if self._is_worn() else self._is_held)

    def _is_worn(self) -> bool:
        return time.monotonic() - self._renewed_s > RENEW_EVERY_S


def _render_into(scratch: Path, take: Take, lease: _Lease) -> dict[str, Any]:
    """Make every file of a take in `scratch`; returns the fields to keep."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    spec = engine.SongSpec(**take.spec)
    song = engine.render(
        spec,
        scratch,
        on_stage=lease.on_stage,
        is_cancelled=lease.is_lost,
        on_preview=lambda path, _seconds: lease.renew(files={PREVIEW: path.name}),
    )
    cover = scratch / "cover.jpg"
    cover.write_bytes(
        covers.draw(_cover_seed(take), take.position, take.tags, covers.outline(song.paths.flac))
    )
    alignment = [
        {"word": word.text, "start_s": word.start_s, "end_s": word.end_s, "p_align": 1.0, "success": True}
        for word in song.timeline
    ]
    return {
        "title": song.title[:200],
        "tags": song.tags,
        "duration_s": round(song.duration_s, 2),
        "bpm": round(song.bpm, 2),
        "key": song.key,
        "alignment": alignment,
        "remarks": list(song.remarks),
        "files": {"mp3": song.paths.mp3.name, "flac": song.paths.flac.name, "jpg": cover.name},
    }


def _cover_seed(take: Take) -> int:
    """One number for all takes of a job, so that their sleeves belong together."""
    return take.job.task_id.int % 2**63


def _sweep(take: Take) -> None:
    """Remove what this attempt, and those before it that were killed, left half done."""
    for attempt in range(1, take.attempts + 1):
        shutil.rmtree(take.scratch(attempt), ignore_errors=True)


def _move_home(scratch: Path, folder: Path) -> None:
    """Put the finished folder in its place, over one that an attempt killed at the very end left there."""
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(scratch, folder)


def _reason(error: Exception, take: Take) -> str:
    """A sentence for whoever asked for the song; the log has the rest."""
    if isinstance(error, engine.EngineError):
        logger.warning("take %s: %s", take.clip_id, error)
        return f"The song could not be rendered: {str(error).rstrip('.')}."
    logger.exception("take %s failed", take.clip_id)
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return NO_SPACE if is_full else STUMBLED
