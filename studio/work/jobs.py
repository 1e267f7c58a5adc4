"""What the queue's workers run. Each job takes an id, claims or returns, does the work, writes the result.

All are safe to run twice, at once, or never; the ticker rings again for whatever is due.
"""

from __future__ import annotations

import logging

import msgspec

from studio import operations
from studio.keys import KeyUnreadable
from studio.models import Clip, Connection, Task
from studio.musicapi import (
    ApiError,
    ApiRequest,
    Client,
    Gone,
    NotSent,
    OutcomeUnknown,
    Rejected,
    TaskAnswer,
)
from studio.work import ingest, pace, providers, states

logger = logging.getLogger(__name__)

# A provider may know a new task a moment after it has promised it.
GONE_TRIES = 6
OWN_FAULT = "Something went wrong in the studio itself. It is tried again; the studio's log has the details."


def submit(pk: int) -> None:
    """Send a queued task's request, once. Whatever is not proven unsent afterwards is never sent again."""
    task = states.claim_submit(pk)
    if task is None:
        return
    try:
        client, request = providers.client_for(task.connection), _request(task)
    except KeyUnreadable as error:
        states.refuse(task, "key_unreadable", error.text)
        return
    except Exception:
        logger.exception("task %s could not be prepared", task.code)
        states.put_back(task, "internal", OWN_FAULT)
        return
    _send(task, client, request)


def _request(task: Task) -> ApiRequest:
    """The request exactly as it was stored when the task was made."""
    kind = type(operations.get(task.operation).build(task.values))
    return msgspec.convert(task.payload, kind)


def _send(task: Task, client: Client, request: ApiRequest) -> None:
    try:
        accepted = client.submit(request)
    except NotSent as error:
        states.put_back(task, error.kind, error.text, error.retry_after_s)
    except Rejected as error:
        states.refuse(task, error.kind, error.text, error.body)
    except OutcomeUnknown as error:
        states.lose(task, answer=error.body)
    except BaseException:
        # Ours or the queue's time limit: nobody can tell any more whether the request left.
        states.lose(task)
        raise
    else:
        # Before it is written: should the database fail now, this is the only trace of what was paid for.
        logger.info("task %s was taken as %s", task.code, accepted.task_id[: states.REMOTE_ID_CHARS])
        states.accept(task, accepted.task_id)


def refresh(pk: int) -> None:
    """Look at a running task and bring home what is finished."""
    task = states.claim_refresh(pk)
    if task is None:
        return
    try:
        _look(task)
    except Exception:
        logger.exception("task %s could not be followed", task.code)
        states.trouble(task, "internal", OWN_FAULT)


def _look(task: Task) -> None:
    try:
        client = providers.client_for(task.connection)
        family = operations.get(task.operation).family
        answer = client.fetch(family, task.remote_id or "")
    except KeyUnreadable as error:
        states.trouble(task, "connection", error.text, pace.RETRY_MAX_S)
    except ApiError as error:
        if error.body:
            states.note_answer(task, error.body)
        _wait(task, error)
    else:
        _take(task, client, answer)


def _wait(task: Task, error: ApiError) -> None:
    """A look that brought nothing is no verdict on the song."""
    if isinstance(error, Gone):
        _miss(task, error)
    elif isinstance(error, Rejected):
        # The account is locked out: wait for somebody to mend it.
        Connection.objects.filter(pk=task.connection_id).update(problem=error.text[:300])
        states.trouble(task, "connection", error.text, pace.RETRY_MAX_S)
    else:
        states.trouble(task, "unreachable", error.text, error.retry_after_s)


def _miss(task: Task, error: Gone) -> None:
    if states.tries_at(task, "gone") < GONE_TRIES:
        states.trouble(task, "gone", error.text)
    else:
        states.abandon(task, "gone", f"{error.text} An admin can look whether it was charged.")


def _take(task: Task, client: Client, answer: TaskAnswer) -> None:
    # First the words: should they be what trips the rest up, support needs them most.
    states.note_answer(task, answer.raw)
    if task.connection.problem:
        Connection.objects.filter(pk=task.connection_id).update(problem="")
    problem = ingest.ingest(task, client, answer)
    if problem is not None:
        if problem.is_ours:
            states.postpone_deadline(task)
        states.trouble(task, problem.kind, problem.text)
    elif answer.state in ("succeeded", "failed"):
        _finish(task, answer)
    else:
        states.look_again(task)


def _finish(task: Task, answer: TaskAnswer) -> None:
    """Everything is said and done: ready when something can be heard, else failed."""
    is_refunded = bool(answer.failure and answer.failure.is_refunded)
    if task.clips.filter(state=Clip.State.READY).exists():
        states.fail_clips(task, answer.failure.text if answer.failure else ingest.NOT_MADE)
        states.succeed(task, is_refunded=is_refunded)
    elif answer.failure is not None:
        states.fail(task, answer.failure.kind, answer.failure.text, is_refunded=is_refunded)
    else:
        broken = task.clips.filter(state=Clip.State.FAILED).values_list("problem_text", flat=True).first()
        states.fail(task, "not_fetched", broken or ingest.NOT_MADE, is_refunded=False)
