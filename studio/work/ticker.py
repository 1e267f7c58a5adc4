"""Time's own worker: rings for what is due and ends what waits in vain. Any number of tickers may run."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from studio.models import Task
from studio.work import landing, pace, queue, states

Status = Task.Status
RINGS_PER_TICK = 200
JOB_OF = {Status.QUEUED: "submit", Status.RUNNING: "refresh"}


def tick() -> int:
    """One round; returns how many tasks it rang for. Safe to repeat, and to run in several processes."""
    _lose_the_dead()
    _end_the_overdue()
    return _ring_the_due()


def _lose_the_dead() -> None:
    """A submit whose lease ran out died with its request on the way or not: nobody can tell."""
    for task in Task.objects.filter(status=Status.SUBMITTING, lease_until__lte=timezone.now()):
        states.lose(task)


def _is_free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=now)


def _end_the_overdue() -> None:
    now = timezone.now()
    # Not while somebody looks: he may be bringing the song home this very moment.
    for task in Task.objects.filter(_is_free(now), status=Status.RUNNING, deadline_at__lte=now):
        states.end_overdue(task, is_home=landing.has_landed(task))


def _ring_the_due() -> int:
    now = timezone.now()
    due = Task.objects.filter(_is_free(now), status__in=JOB_OF, due_at__lte=now).order_by("due_at")
    rung = 0
    for pk, status, due_at in due.values_list("pk", "status", "due_at")[:RINGS_PER_TICK]:
        # Whoever moves the date rings; should the message get lost, it is due again in ten seconds.
        later = now + timedelta(seconds=pace.RING_AGAIN_S)
        if Task.objects.filter(pk=pk, status=status, due_at=due_at).update(due_at=later):
            queue.ring(JOB_OF[Status(status)], pk)
            rung += 1
    return rung
