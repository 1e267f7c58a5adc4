"""How long to wait: between looks at a running task, and before trying again what failed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from studio.models import Connection, Task

RETRY_MAX_S = 60.0
RING_AGAIN_S = 10.0


def poll_after_s(task: Task) -> float:
    """Seconds until the next look: as settings say, and up to three times that from ten minutes on.

    Spread by chance, so that tasks that began together do not ask together for ever.
    """
    least_s, most_s = settings.OFFLINE_POLL_S if task.connection.is_offline else settings.POLL_S
    age_s = (timezone.now() - (task.submitted_at or timezone.now())).total_seconds()
    spread_s = random.uniform(least_s, most_s)  # noqa: S311 - spreads load, protects nothing
    return spread_s * (1 + min(max(age_s, 0) / 300, 2))


def retry_after_s(tries: int, wished_s: float | None = None) -> float:
    """Seconds before attempt `tries` + 1: 2, 4, 8 ... 60, or what the provider wishes when that is longer."""
    return max(min(2.0**tries, RETRY_MAX_S), wished_s or 0.0)


def turn_after_s(task: Task) -> float:
    """0 when `task` may be sent now, which takes the turn; else seconds until it may try again.

    Providers grant so many requests a minute. Those who wait come in the order in which they were asked for;
    the offline provider minds nothing.
    """
    spacing_s = float(settings.SUBMIT_SPACING_S)
    if task.connection.is_offline or spacing_s <= 0:
        return 0.0
    now = timezone.now()
    is_free = Q(sent_at=None) | Q(sent_at__lte=now - timedelta(seconds=spacing_s)) | Q(sent_at__gt=now)
    if Connection.objects.filter(is_free, pk=task.connection_id).update(sent_at=now):
        return 0.0
    waiting = Task.objects.filter(
        connection=task.connection_id, status=Task.Status.QUEUED, problem_kind="", pk__lt=task.pk
    )
    return spacing_s * (1 + waiting.count())


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)
