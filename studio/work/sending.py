"""One request on its way: sent or asked once, and each of its outcomes brought to the task's state."""

from __future__ import annotations

import logging

from studio import ledger, offers, operations
from studio.models import Task
from studio.musicapi import (
    ApiRequest,
    Client,
    HalfDone,
    NotReady,
    NotSent,
    OutcomeUnknown,
    Question,
    Rejected,
    Reply,
    Unreadable,
    stored_reply,
)
from studio.musicapi.requests.sonic import SonicUpload, SonicUploadLater
from studio.musicapi.results import Accepted, Uploaded
from studio.operations import Availability, Operation
from studio.operations import Status as Offer
from studio.work import states, uploads

logger = logging.getLogger(__name__)

UPLOAD = "sonic.upload"
PREPARING = "The provider is still preparing it."
WITHDRAWN = "The provider has withdrawn this operation."
UNKNOWN_THERE = "The provider does not know this operation."
KEPT = "The recording was taken in and charged as an upload; it is kept as a clip, ready to be used."
_NO_ROUTE = (
    "no such address",
    "no route",
    "route not found",
    "endpoint",
    "cannot post",
    "method not allowed",
)


def send(task: Task, client: Client, request: ApiRequest) -> None:
    """Send a claimed task's request, once. Whatever is not proven unsent afterwards is never sent again."""
    try:
        found = client.ask(request) if isinstance(request, Question) else client.submit(request)
    except NotReady as error:
        states.not_ready(task, PREPARING, error.body, error.retry_after_s)
    except NotSent as error:
        states.put_back(task, error.kind, error.text, error.retry_after_s)
    except HalfDone as error:
        _half_done(task, error)
    except Rejected as error:
        _refused(task, error)
    except OutcomeUnknown as error:
        if not (isinstance(request, SonicUploadLater) and _is_uploaded(task, error)):
            states.lose(task, answer=error.body)
    except BaseException:
        # Ours or the queue's time limit: nobody can tell any more whether the request left.
        states.lose(task)
        raise
    else:
        _taken(task, found)


def _taken(task: Task, found: Accepted | Reply) -> None:
    is_task = isinstance(found, Accepted) or (isinstance(found, Uploaded) and not found.clip_id)
    if is_task:
        remote_id = found.task_id  # type: ignore[union-attr]
        # Before it is written: should the database fail now, this is the only trace of what was paid for.
        logger.info("task %s was taken as %s", task.code, remote_id[: states.REMOTE_ID_CHARS])
        states.accept(task, remote_id)
    else:
        logger.info("task %s was answered at once", task.code)
        states.take_reply(task, found.raw)  # type: ignore[union-attr]


def _is_uploaded(task: Task, error: OutcomeUnknown) -> bool:
    """Whether a host that knows no uploads in the background has made one at once, and said so."""
    try:
        is_clip = error.status == 200 and bool(stored_reply(SonicUpload, error.body).clip_id)
    except Unreadable:
        return False
    return is_clip and states.take_reply(task, error.body)


def _half_done(task: Task, error: HalfDone) -> None:
    """The second step of two was refused; the first one, an upload, is paid for and kept."""
    kept = KEPT if uploads.brought(task) else "The recording was taken in and charged as an upload."
    charged = ledger.quote(task.connection.host, operations.get(UPLOAD), {})
    states.half_done(
        task,
        error.kind,
        f"{error.text} {kept}",
        error.body,
        min(charged, task.price_credits),
        lambda: uploads.keep_half(task, error.clip_id),
    )
    uploads.draw(task)


def _refused(task: Task, error: Rejected) -> None:
    operation = operations.get(task.operation)
    reason = _why_withdrawn(operation, error)
    if not reason:
        states.refuse(task, error.kind, error.text, error.body)
        return
    registered = operation.on(task.connection.host)
    instead = offers.why_not(Availability(Offer.RETIRED, reason, registered.instead))
    states.refuse(task, error.kind, instead, error.body)
    offers.withdraw(task.connection, operation, reason)


def _why_withdrawn(operation: Operation, error: Rejected) -> str:
    """Why the host does not have this operation, in words; "" when that is not what it said.

    A 404 may be about a clip that the request names, or a gateway's hiccup. It is about the operation when
    the API itself says so of a request that names nothing.
    """
    if error.kind == "retired":
        return WITHDRAWN
    body = error.body.lstrip().lower()
    is_of_route = not operation.source_fields and body.startswith("{")
    is_said = any(words in body for words in _NO_ROUTE)
    if error.status == 405 or (error.status == 404 and (is_of_route or is_said)):
        return UNKNOWN_THERE
    return ""
