"""What the queue's workers run. Each job takes an id, claims or returns, does the work, writes the result.

All are safe to run twice, at once, or never; the ticker rings again for whatever is due.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import msgspec
from django.utils import timezone

from studio import operations
from studio.keys import KeyUnreadable
from studio.models import Clip, Connection, Task
from studio.musicapi import ApiError, ApiRequest, Client, Gone, Rejected, TaskAnswer
from studio.work import assets, hooks, ingest, landing, pace, providers, queue, replies, sending, states
from studio.work.assets import GivenUp, Trouble

logger = logging.getLogger(__name__)

# A provider may know a new task a moment after it has promised it.
GONE_TRIES = 6
# So long a submit may have taken for the same job to go on and bring the answer home, within its time limit.
SAME_JOB_S = 60.0
# A joined song is promised by a null, and may never come.
JOIN_WAIT = timedelta(minutes=3)
ASKED_AGAIN = "The provider took too long to say how far it is. It is asked again."
OWN_FAULT = "Something went wrong in the studio itself. It is tried again; the studio's log has the details."


def submit(pk: int) -> None:
    """Send a queued task's request, once. Whatever is not proven unsent afterwards is never sent again."""
    begun_s = time.monotonic()
    task = states.claim_submit(pk)
    if task is None:
        return
    try:
        client, request = providers.client_for(task.connection), _request(task)
        wait_s = pace.turn_after_s(task)
    except KeyUnreadable as error:
        states.refuse(task, "key_unreadable", error.text)
        return
    except Exception:
        logger.exception("task %s could not be prepared", task.code)
        states.put_back(task, "internal", OWN_FAULT)
        return
    if wait_s > 0:
        states.put_off(task, wait_s)
        return
    sending.send(task, client, request)
    _go_on(pk, time.monotonic() - begun_s)


def _go_on(pk: int, elapsed_s: float) -> None:
    """What was answered at once is brought home at once, by this job or, when it is late, by the next one."""
    if not Task.objects.filter(pk=pk, status=Task.Status.RUNNING, remote_id=None).exists():
        return
    if elapsed_s < SAME_JOB_S:
        refresh(pk)
    else:
        queue.ring("refresh", pk)


def _request(task: Task) -> ApiRequest:
    """The request as it was stored when the task was made, and what is added on the way out."""
    return hooks.with_hook(task, msgspec.convert(task.payload, operations.get(task.operation).request))


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
        if task.remote_id is None:
            _bring_reply(task, client)
            return
        answer = client.fetch(operations.get(task.operation).family, task.remote_id)
    except KeyUnreadable as error:
        states.trouble(task, "connection", error.text, pace.RETRY_MAX_S)
    except ApiError as error:
        if error.body and task.remote_id is not None:  # what was answered at once is needed as it is
            states.note_answer(task, error.body)
        _wait(task, error)
    else:
        _take(task, client, answer)


def _bring_reply(task: Task, client: Client) -> None:
    """The answer was there at once and is stored; whatever it names is fetched now."""
    try:
        problem = replies.bring(task, client)
    except GivenUp as given_up:
        states.fail(task, given_up.kind, given_up.text, is_refunded=False)
        return
    if problem is None:
        states.succeed(task)
    else:
        _put_off(task, problem)


def _wait(task: Task, error: ApiError) -> None:
    """A look that brought nothing is no verdict on the song."""
    if isinstance(error, Gone):
        _miss(task, error)
    elif isinstance(error, Rejected):
        # The account is locked out: wait for somebody to mend it.
        Connection.objects.filter(pk=task.connection_id).update(problem=error.text[:300])
        states.trouble(task, "connection", error.text, pace.RETRY_MAX_S)
    else:
        # Of a request that took too long the client says to send it again; a look is only repeated.
        text = ASKED_AGAIN if error.kind == "timeout" and error.status else error.text
        states.trouble(task, "unreachable", text, error.retry_after_s)


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
    try:
        problem = landing.land(task, client, answer)
    except GivenUp as given_up:
        is_refunded = bool(answer.failure and answer.failure.is_refunded)
        states.fail(task, given_up.kind, given_up.text, is_refunded=is_refunded)
        return
    if problem is not None:
        _put_off(task, problem)
    elif answer.state in ("succeeded", "failed") and not _is_joining(task, answer):
        _finish(task, answer)
    else:
        states.look_again(task)


def _put_off(task: Task, problem: Trouble) -> None:
    if problem is assets.MORE:
        states.look_again(task, 0.0)
        return
    if problem.is_ours:
        states.postpone_deadline(task)
    states.trouble(task, problem.kind, problem.text)


def _is_joining(task: Task, answer: TaskAnswer) -> bool:
    """Whether a joined song may still follow the parts that are home."""
    since = timezone.now() - JOIN_WAIT
    return answer.is_joining and not task.clips.filter(ready_at__lt=since).exists()


def _finish(task: Task, answer: TaskAnswer) -> None:
    """Everything is said and done: ready when something of it is home, else failed."""
    is_refunded = bool(answer.failure and answer.failure.is_refunded)
    if landing.has_landed(task):
        states.fail_clips(task, answer.failure.text if answer.failure else ingest.NOT_MADE)
        states.succeed(task, is_refunded=is_refunded)
    elif answer.failure is not None:
        states.fail(task, answer.failure.kind, answer.failure.text, is_refunded=is_refunded)
    else:
        broken = task.clips.filter(state=Clip.State.FAILED).values_list("problem_text", flat=True).first()
        states.fail(task, "not_fetched", broken or landing.nothing_text(task), is_refunded=False)
