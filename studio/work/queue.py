"""The doorbell. The row of a task is the truth; a message on the queue only says "look at this one now"."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction

from studio.models import Task

logger = logging.getLogger(__name__)

JOBS = {"submit": "studio.work.jobs.submit", "refresh": "studio.work.jobs.refresh"}


def position(task: Task) -> int | None:
    """Its place among all tasks that wait to be sent, 1 = next; None when it does not wait."""
    if task.status != Task.Status.QUEUED:
        return None
    return Task.objects.filter(status=Task.Status.QUEUED, pk__lt=task.pk).count() + 1


def ring(job: str, pk: int) -> bool:
    """Ask a worker to run `job` ("submit" or "refresh") for the task `pk`. Safe to repeat.

    False when the queue is down. That is no reason to worry: the ticker rings again for all that is due.
    """
    return _enqueue(JOBS[job], pk, cluster=settings.Q_CLUSTER["name"])


def ring_on_commit(job: str, pk: int) -> None:
    """`ring` once the open transaction is committed, so that the worker finds the row."""
    transaction.on_commit(lambda: ring(job, pk))


def ring_heartbeat(cluster: str) -> bool:
    """Queue the empty job by which a cluster shows that it works; False when the queue is down."""
    return _enqueue("studio.work.queue.heartbeat", cluster=cluster)


def heartbeat() -> None:
    """The empty job. That it runs at all shows the fence that its queue moves."""


def _enqueue(function: str, *args: int, cluster: str) -> bool:
    # Not at the top: django_q reads its configuration when it is imported, and not every process has one.
    from django_q.tasks import async_task

    try:
        # The cluster is always named: a process of another cluster would ring in its own queue.
        async_task(function, *args, cluster=cluster)
    except Exception as error:
        logger.warning("The queue took no message (%s).", type(error).__name__)
        return False
    return True
