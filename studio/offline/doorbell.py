"""Asking the queue for renders and noticing lost ones, without the engine: web processes import this."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django_q.tasks import async_task

from studio.offline import billing
from studio.offline.models import Take

ATTEMPTS = 3
DIED = "The song could not be rendered: the worker stopped three times in the middle."


def ring(take_pk: int) -> None:
    """Ask the queue to render a take. Safe to repeat."""
    async_task("studio.offline.jobs.render", take_pk, cluster="render")


def ring_lost(takes: Iterable[Take]) -> bool:
    """Ring again for takes whose render or message got lost, and give up on those that died too often.

    Returns whether anything changed. Safe to repeat.
    """
    now = timezone.now()
    lost = [take for take in takes if take.is_open and take.due_at < now]
    for take in lost:
        if take.attempts >= ATTEMPTS:
            billing.finish(take, Take.State.FAILED, error=DIED)
        elif _put_back(take):
            ring(take.pk)
    return bool(lost)


def _put_back(take: Take) -> bool:
    """Make a lost take pending again; False when somebody else has moved it since it was read."""
    same = Take.objects.filter(pk=take.pk, state=take.state, attempts=take.attempts, due_at=take.due_at)
    due_at = timezone.now() + billing.QUEUED_PATIENCE
    return bool(same.update(state=Take.State.PENDING, due_at=due_at))
