"""How long to wait: between looks at a running task, and before trying again what failed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from studio.models import Task

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


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)
