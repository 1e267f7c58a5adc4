"""Every change of a task's status, one function for each arrow.

Each is a conditional UPDATE whose row count decides, together with its ledger entry in one transaction:
whoever comes second changes nothing. The functions return whether they were first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from studio import ledger
from studio.models import Clip, Task
from studio.work import pace

Status = Task.Status

LOST = (
    "The request was sent, but its answer was lost. It may be running and charged, so it is not sent again. "
    "An admin can look at the provider's account and say which it was."
)
OVERDUE = "The provider did not finish in time. An admin can look at its account whether this was charged."
REMOTE_ID_CHARS = 120
_CALM = {"tries": 0, "problem_kind": "", "problem_text": ""}


def claim_submit(pk: int) -> Task | None:
    """queued -> submitting: the task, now this worker's to send; None when another has it, or too early."""
    with _on_disk():
        lease = pace.after(settings.SUBMIT_LEASE_S)
        waiting = Task.objects.filter(_is_time(), pk=pk, status=Status.QUEUED)
        if not waiting.update(status=Status.SUBMITTING, lease_until=lease):
            return None
    return Task.objects.select_related("connection", "team").get(pk=pk)


@contextmanager
def _on_disk() -> Iterator[None]:
    """A commit that survives a power cut: a request whose sending was forgotten would be sent again."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=NORMAL")


def _is_time() -> Q:
    """Not put off since the bell was rung for it, which moves `due_at` by RING_AGAIN_S.

    While all workers are busy the bells for one task pile up. Without this the first would be answered, and
    each of the others would at once ask again, against the provider's wish, and use up a try.
    """
    return Q(due_at__lte=pace.after(pace.RING_AGAIN_S))


def _move(pk: int, old: str, new: str, **fields: object) -> bool:
    return bool(Task.objects.filter(pk=pk, status=old).update(status=new, **fields))


def accept(task: Task, remote_id: str) -> bool:
    """submitting -> running; unconfirmed when `remote_id` is another task's, so no answer to this one.

    An answer that comes after the lease was given up says what nobody knew: unconfirmed -> running, as long
    as no person has decided.
    """
    if len(remote_id) > REMOTE_ID_CHARS:
        return lose(task, "The provider answered with a number that is far too long. " + LOST)
    running = _running(task) | {"remote_id": _plain(remote_id)}
    try:
        with transaction.atomic():
            return bool(_sent(task).update(**running))
    except IntegrityError:
        return lose(task, "The provider answered with the number of another task. " + LOST)


def take_reply(task: Task, raw: str) -> bool:
    """submitting -> running: the answer itself came at once and is kept; what it names is to be fetched now.

    When it comes after the lease was given up: as for `accept`.
    """
    return bool(_sent(task).update(**_running(task) | {"answer": _plain(raw), "due_at": timezone.now()}))


def _sent(task: Task) -> QuerySet[Task]:
    sent = Q(status=Status.SUBMITTING) | Q(status=Status.UNCONFIRMED, needs_person=True, remote_id=None)
    return Task.objects.filter(sent, pk=task.pk)


def _running(task: Task) -> dict[str, object]:
    now = timezone.now()
    task.submitted_at = now
    return {
        "status": Status.RUNNING,
        "submitted_at": now,
        "due_at": now + timedelta(seconds=pace.poll_after_s(task)),
        "deadline_at": now + timedelta(seconds=settings.TASK_DEADLINE_S),
        "lease_until": None,
        "finished_at": None,
        "needs_person": False,
        **_CALM,
    }


def put_off(task: Task, wait_s: float) -> bool:
    """submitting -> queued: not its turn yet. Nothing was sent, and no try is used up."""
    return _move(task.pk, Status.SUBMITTING, Status.QUEUED, due_at=pace.after(wait_s), lease_until=None)


def not_ready(task: Task, text: str, body: str, wished_wait_s: float | None = None) -> bool:
    """submitting -> queued: the provider took the question and still works on the answer. It is asked again.

    The hold is kept. After TASK_DEADLINE_S it fails, for a person to see whether it was charged.
    """
    now = timezone.now()
    task.submitted_at = task.submitted_at or now
    deadline_at = task.deadline_at or now + timedelta(seconds=settings.TASK_DEADLINE_S)
    if now >= deadline_at:
        ended = _ended("overdue", OVERDUE, needs_person=True)
        return _move(task.pk, Status.SUBMITTING, Status.FAILED, answer=_plain(body), **ended)
    return _move(
        task.pk,
        Status.SUBMITTING,
        Status.QUEUED,
        tries=0,
        submitted_at=task.submitted_at,
        deadline_at=deadline_at,
        due_at=pace.after(max(pace.poll_after_s(task), wished_wait_s or 0.0)),
        lease_until=None,
        problem_kind="not_ready",
        problem_text=_plain(text),
    )


def put_back(task: Task, kind: str, text: str, wished_wait_s: float | None = None) -> bool:
    """submitting -> queued: surely nothing was sent. After SUBMIT_TRIES attempts it fails instead."""
    tries = task.tries + 1
    if tries >= settings.SUBMIT_TRIES:
        return refuse(task, kind, f"{text} It was tried {tries} times.")
    return _move(
        task.pk,
        Status.SUBMITTING,
        Status.QUEUED,
        tries=tries,
        due_at=pace.after(pace.retry_after_s(tries, wished_wait_s)),
        lease_until=None,
        problem_kind=kind[:40],
        problem_text=_plain(text),
    )


def _plain(text: str) -> str:
    # PostgreSQL refuses NUL in text, and what a provider says must never stop the books.
    return text.replace("\x00", "")


def refuse(task: Task, kind: str, text: str, answer: str = "") -> bool:
    """submitting -> failed: nothing was charged, the hold is released.

    Unless it was taken before and not ready (see `not_ready`): then a person has to see what was charged.
    """
    was_taken = task.submitted_at is not None
    with transaction.atomic():
        is_first = _move(
            task.pk,
            Status.SUBMITTING,
            Status.FAILED,
            answer=_plain(answer),
            **_ended(kind, text, needs_person=was_taken),
        )
        if is_first and not was_taken:
            ledger.release(task, "Not taken by the provider")
    return is_first


def half_done(
    task: Task, kind: str, text: str, answer: str, charged_credits: int, keep: Callable[[], None]
) -> bool:
    """submitting -> failed although a recording was taken in: that much is settled, the rest comes back.

    `keep` writes down what there is to keep, in the same transaction.
    """
    with transaction.atomic():
        ended = _ended(kind, text, needs_person=False)
        is_first = _move(task.pk, Status.SUBMITTING, Status.FAILED, answer=_plain(answer), **ended)
        if is_first:
            ledger.settle(task, charged_credits, "Only the upload was made")
            keep()
    return is_first


def lose(task: Task, text: str = LOST, answer: str = "") -> bool:
    """submitting -> unconfirmed: the hold is kept, and no machine sends it again."""
    ended = _ended("outcome_unknown", text, needs_person=True)
    return _move(task.pk, Status.SUBMITTING, Status.UNCONFIRMED, answer=_plain(answer), **ended)


def _ended(kind: str, text: str, *, needs_person: bool) -> dict[str, object]:
    return {
        "finished_at": timezone.now(),
        "lease_until": None,
        "problem_kind": kind[:40],
        "problem_text": _plain(text),
        "needs_person": needs_person,
    }


def claim_refresh(pk: int) -> Task | None:
    """A lease on a running task, lest two workers fetch the same files; None when taken, over or early."""
    lease = pace.after(settings.REFRESH_LEASE_S)
    free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
    if not Task.objects.filter(free, _is_time(), pk=pk, status=Status.RUNNING).update(lease_until=lease):
        return None
    return Task.objects.select_related("connection", "team").get(pk=pk)


def look_again(task: Task, wait_s: float | None = None) -> bool:
    """Still running: give the lease back and say when to look next."""
    due_at = pace.after(pace.poll_after_s(task) if wait_s is None else wait_s)
    return bool(_leased(task).update(due_at=due_at, lease_until=None, **_CALM))


def note_answer(task: Task, raw: str) -> None:
    """Keep the provider's latest words for support."""
    raw = _plain(raw)
    Task.objects.filter(pk=task.pk).exclude(answer=raw).update(answer=raw)


def note_delivery(task: Task, raw: str) -> None:
    """As `note_answer`, of a task that is not over; what a task was answered at once stays."""
    open_ones = Q(status__in=[Status.SUBMITTING, Status.UNCONFIRMED]) | Q(
        status=Status.RUNNING, remote_id__isnull=False
    )
    Task.objects.filter(open_ones, pk=task.pk).update(answer=_plain(raw))


def trouble(task: Task, kind: str, text: str, wished_wait_s: float | None = None) -> bool:
    """Still running, but this look failed: try again, slower each time the same thing happens."""
    tries = tries_at(task, kind)
    fields = {
        "tries": tries,
        "due_at": pace.after(pace.retry_after_s(tries, wished_wait_s)),
        "lease_until": None,
        "problem_kind": kind[:40],
        "problem_text": _plain(text),
    }
    return bool(_leased(task).update(**fields))


def tries_at(task: Task, kind: str) -> int:
    """How often `kind` has gone wrong in a row, this time included."""
    return task.tries + 1 if task.problem_kind == kind else 1


def _leased(task: Task):  # type: ignore[no-untyped-def]
    # Not another worker's lease: who was so slow that his own ran out has nothing to give back.
    return Task.objects.filter(pk=task.pk, status=Status.RUNNING, lease_until=task.lease_until)


def postpone_deadline(task: Task) -> None:
    """The song is made and waits for us (a full disk): that time is not the provider's fault."""
    Task.objects.filter(pk=task.pk, status=Status.RUNNING).update(
        deadline_at=pace.after(settings.TASK_DEADLINE_S)
    )


def succeed(task: Task, *, is_refunded: bool = False) -> bool:
    """running -> ready: every clip is final, at least one is home. The quoted price is settled."""
    with transaction.atomic():
        is_first = _move(
            task.pk, Status.RUNNING, Status.READY, finished_at=timezone.now(), lease_until=None, **_CALM
        )
        if is_first:
            _close(task, is_refunded)
    return is_first


def fail(task: Task, kind: str, text: str, *, is_refunded: bool) -> bool:
    """running -> failed by the provider's word, or because nothing of it could be brought home.

    Released when the provider gave the credits back; else settled, and a person is asked to look.
    """
    with transaction.atomic():
        ended = _ended(kind, text, needs_person=not is_refunded)
        is_first = _move(task.pk, Status.RUNNING, Status.FAILED, **ended)
        if is_first:
            fail_clips(task, text)
            _close(task, is_refunded)
    return is_first


def abandon(task: Task, kind: str, text: str) -> bool:
    """running -> failed although nobody knows what became of it: the hold is kept for a person to decide."""
    with transaction.atomic():
        is_first = _move(task.pk, Status.RUNNING, Status.FAILED, **_ended(kind, text, needs_person=True))
        if is_first:
            fail_clips(task, text)
    return is_first


def end_overdue(task: Task, *, is_home: bool) -> bool:
    """Past its deadline: running -> ready when something of it is home, else as `abandon`."""
    if is_home:
        fail_clips(task, OVERDUE)
        return succeed(task)
    return abandon(task, "overdue", OVERDUE)


def _close(task: Task, is_refunded: bool) -> None:
    if is_refunded:
        ledger.release(task, "Refunded by the provider")
    else:
        ledger.settle(task, task.price_credits)


def fail_clips(task: Task, text: str) -> None:
    """Takes that were still being made will not be: say why on each."""
    task.clips.filter(state=Clip.State.RUNNING).update(state=Clip.State.FAILED, problem_text=_plain(text))
