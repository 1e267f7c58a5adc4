"""What tests of the flow share: tasks on their way, time that passes, and money that is counted."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from studio import ledger, operations
from studio.models import Task
from studio.work import jobs
from tests.base import People, make_task


def ordered(people: People, operation: str, payload: dict[str, Any], **fields: Any) -> Task:
    """A queued task of `operation` with its hold; `values` go into its recipe."""
    values = {"mode": "custom", **fields.pop("values", {})}
    recipe = {"version": 1, "operation": operation, "values": values}
    given = {"operation": operation, "payload": payload, "recipe": recipe} | fields
    if "price_credits" not in given:
        given["price_credits"] = ledger.quote(people.connection.host, operations.get(operation), values)
    task = make_task(people, **given)
    ledger.hold(task, task.price_credits)
    return task


def fresh(task: Task) -> Task:
    return Task.objects.select_related("connection").get(pk=task.pk)


def money(task: Task) -> list[str]:
    """The task's entries in order, such as ["hold", "settle"]."""
    return list(task.entries.order_by("pk").values_list("kind", flat=True))


def be_due(task: Task) -> None:
    """Let the time pass until the task's next step."""
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now())


def refresh_until_over(task: Task, rounds: int = 20) -> Task:
    for _ in range(rounds):
        be_due(task)
        jobs.refresh(task.pk)
        if fresh(task).status != Task.Status.RUNNING:
            break
    return fresh(task)


def through(task: Task, rounds: int = 30) -> Task:
    """Submitted and followed until it is over."""
    jobs.submit(task.pk)
    return refresh_until_over(task, rounds) if fresh(task).is_open else fresh(task)


class Killed(BaseException):
    """A SIGKILL leaves no time for any except clause."""
