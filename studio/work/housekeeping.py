"""Cleaning that nobody sees: what the queue, dead processes and old sessions leave behind."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from studio import vault
from studio.models import Beat

KEEP_RESULTS_DAYS = 14
KEEP_SCRATCH_S = 24 * 3600


def clean() -> dict[str, int]:
    """Remove old queue results, heartbeats, scratch files and sessions; how many of each. Safe to repeat."""
    # Imported late: see queue.ring.
    from django_q.models import Failure, Success

    old = timezone.now() - timedelta(days=KEEP_RESULTS_DAYS)
    removed = {
        "results": Success.objects.filter(stopped__lt=old).delete()[0]
        + Failure.objects.filter(stopped__lt=old).delete()[0],
        "heartbeats": Beat.objects.filter(beat_at__lt=timezone.now() - timedelta(days=1)).delete()[0],
        "scratch": _clean_scratch(),
    }
    call_command("clearsessions")
    return removed


def _clean_scratch() -> int:
    """Folders of work in progress whose worker died; a living one is never a day old."""
    root, removed = vault.scratch_root(), 0
    for folder in root.iterdir() if root.is_dir() else ():
        if time.time() - folder.stat().st_mtime > KEEP_SCRATCH_S:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
