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

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from studio import engine
from studio.offline import billing, making, personas
from studio.offline.models import PREVIEW, Take
from studio.offline.works import Results

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
        results = _make_into(scratch, take, lease)
        if lease.renew():
            for preview in scratch.glob(f"{PREVIEW}*"):
                preview.unlink()
            _move_home(scratch, take.folder)
            _succeed(take, results)
    except engine.Cancelled:
        logger.info("take %s is rendered by somebody else", take.clip_id)
    except Exception as error:
        billing.finish(take, Take.State.FAILED, error=_reason(error, take), files={})
    finally:
        _sweep(take)
    forget_old_files()


def forget_old_files() -> int:
    """Remove the sound and covers of takes that nobody needed for FILES_LAST. Safe to repeat.

    Addresses of results are temporary with this API: who wants a song copies it home. What is needed again,
    as the source of another song, is made again; recordings stay. Returns how many takes.
    """
    unused = Take.objects.filter(used_at__lt=timezone.now() - FILES_LAST).exclude(files={})
    old = [take for take in unused[:MANY_OLD] if not (take.is_kept and set(take.files) == {"flac"})]
    for take in old:
        making.forget_large_files(take)
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

    def on_preview(self, path: Path, _seconds: float) -> None:
        self.renew(files={PREVIEW: path.name})

    def is_cancelled(self) -> bool:
        return not (self.renew() if self._is_worn() else self._is_held)

    def _is_worn(self) -> bool:
        return time.monotonic() - self._renewed_s > RENEW_EVERY_S


def _make_into(scratch: Path, take: Take, lease: _Lease) -> Results:
    """Make every file of a take in `scratch`."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    return making.make(take, scratch, lease)


def _succeed(take: Take, results: Results) -> None:
    fields: dict[str, Any] = {
        "title": results.title[:200],
        "tags": results.tags,
        "lyrics": results.lyrics,
        "duration_s": None if results.duration_s is None else round(results.duration_s, 2),
        "bpm": None if results.bpm is None else round(results.bpm, 2),
        "key": results.key[:20],
        "alignment": results.alignment,
        "remarks": results.remarks,
    }
    said = {name: value for name, value in fields.items() if value}
    about = take.about | results.about
    with transaction.atomic():
        if billing.finish(
            take,
            Take.State.SUCCEEDED,
            stage="",
            share=1.0,
            files=results.files,
            about=about,
            used_at=timezone.now(),
            **said,
        ):
            personas.keep_voice(take, about)


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
