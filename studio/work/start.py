"""How tasks begin, and what people may still do with them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from studio import ledger, offers, operations
from studio.ledger import NotEnoughCredits
from studio.library import sources
from studio.models import Connection, Entry, Persona, Task, Team, User
from studio.operations import Kind, Operation, Problem, Values
from studio.work import queue

__all__ = ["NotEnoughCredits", "RecipeProblems", "Unavailable", "cancel", "resolve", "retry", "start"]

Status = Task.Status


class Unavailable(Exception):
    """This cannot be started here and now; `text` says why and what else to do."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class RecipeProblems(ValueError):
    """The values would be refused; `problems` says at which field and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.text for problem in problems))


def start(
    person: User,
    team: Team,
    connection: Connection,
    operation: Operation,
    values: Values,
    form_token: str,
    parent: Task | None = None,
) -> Task:
    """A queued task with its hold, made in one transaction, and the queue rung.

    Safe to repeat with the same `form_token` (per team, up to 64 characters): gives the first task. Raises
    Unavailable, RecipeProblems (a ValueError) or NotEnoughCredits, and then nothing was made.
    """
    if first := _first_task(team, form_token):
        return first
    _check_available(team, connection, operation)
    recipe = operation.recipe(values)
    # What was left out is there now with its default, so that a retry sends the very same request.
    values = recipe["values"]
    context = sources.context(team, connection, operation, values)
    if problems := operations.obstacles(operation.problems(values, context)):
        raise RecipeProblems(problems)
    fields = {
        "person": person,
        "connection": connection,
        "parent": parent,
        "operation": operation.name,
        "recipe": recipe,
        "payload": operation.build(values, context).to_payload(),
        "source": sources.main_clip(team, operation, values),
        "price_credits": ledger.quote(connection.host, operation, values),
    }
    try:
        with transaction.atomic():
            task = Task.objects.create(team=team, form_token=form_token, **fields)
            ledger.hold(task, task.price_credits)
            _count_uses(team, operation, values)
            queue.ring_on_commit("submit", task.pk)
    except IntegrityError:
        # Another request with the same form token was quicker.
        if first := _first_task(team, form_token):
            return first
        raise
    return task


def _count_uses(team: Team, operation: Operation, values: Values) -> None:
    """One more task in which a persona is asked to sing."""
    for one in operation.source_fields:
        code = sources.as_code(values.get(one.name)) if one.kind is Kind.PERSONA else None
        if code:
            Persona.objects.filter(team=team, code=code).update(uses=F("uses") + 1)


def _first_task(team: Team, form_token: str) -> Task | None:
    return Task.objects.filter(team=team, form_token=form_token).first()


def _check_available(team: Team, connection: Connection, operation: Operation) -> None:
    if connection.team_id != team.pk:
        raise Unavailable("This connection belongs to another team. Choose one of your own.")
    if connection.retired_at is not None:
        raise Unavailable("This connection is retired. Choose another one.")
    if reason := offers.why_not(offers.offer(connection, operation)):
        raise Unavailable(reason)


def cancel(task: Task) -> bool:
    """Take a task back that was not sent yet and release its hold. Safe to repeat.

    False when it is too late: it is being sent, was taken and may be charged, or is over.
    """
    with transaction.atomic():
        waiting = Task.objects.filter(
            pk=task.pk, status__in=[Status.QUEUED, Status.AWAITING_APPROVAL], submitted_at=None
        )
        if not waiting.update(status=Status.CANCELLED, finished_at=timezone.now(), lease_until=None):
            return False
        ledger.release(task, "Cancelled before it was sent")
    task.refresh_from_db()
    return True


def retry(task: Task, person: User, form_token: str) -> Task:
    """A new task with the same recipe and the old one as its parent; raises as `start` does.

    It goes to the same connection, or to the team's default one when that is retired.
    """
    task.refresh_from_db()
    if task.is_open:
        raise Unavailable("This one is still running. Wait until it has ended.")
    connection: Connection | None = task.connection
    if task.connection.retired_at is not None:
        connection = task.team.connections.filter(is_default=True, retired_at=None).first()
    if connection is None:
        raise Unavailable("The team has no connection any more. Add one in the settings.")
    operation = operations.REGISTRY.get(task.operation)
    if operation is None:
        raise Unavailable("The studio does not have this operation any more. Choose another one.")
    return start(person, task.team, connection, operation, task.values, form_token, parent=task)


def resolve(task: Task, person: User, was_charged: bool) -> bool:
    """An admin's word on the credits of a task whose charge nobody could tell. Safe to repeat.

    An unconfirmed task ends as failed. False when there was nothing to say any more.
    """
    verdict = "charged" if was_charged else "not charged"
    with transaction.atomic():
        asked = Task.objects.filter(
            pk=task.pk, needs_person=True, status__in=[Status.UNCONFIRMED, Status.FAILED]
        )
        if not asked.update(needs_person=False, status=Status.FAILED, finished_at=timezone.now()):
            return False
        _write_verdict(task, person, was_charged, f"{person} found that it was {verdict}")
    task.refresh_from_db()
    return True


def _write_verdict(task: Task, person: User, was_charged: bool, note: str) -> None:
    closed = ledger.settle(task, task.price_credits, note) if was_charged else ledger.release(task, note)
    settled = task.entries.filter(kind=Entry.Kind.SETTLE).first()
    if closed is None and settled is not None and settled.charged_credits and not was_charged:
        # Settled when the provider did not say that it gave the credits back; it turns out that it did.
        ledger.adjust(task.connection, settled.charged_credits, person, note, task)
