"""Providers that report by themselves: the address and secret they are given, and what a delivery changes.

The address holds the task's signed code. The secret is the task's own and follows from SECRET_KEY, so neither
is stored anywhere. A delivery is only ever a hint: what became of a task is asked of the provider.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from enum import IntEnum
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from studio import operations
from studio.models import Task
from studio.musicapi import ApiRequest, HookedRequest, WebhookError, verify
from studio.musicapi import webhooks as wire
from studio.musicapi.requests.sonic import SonicUploadLater
from studio.work import queue, states

logger = logging.getLogger(__name__)

Status = Task.Status
_SIGNER = Signer(sep=".", salt="studio.hooks")
MAX_BYTES = 1_000_000
NOWHERE = "https://studio.invalid"


class Verdict(IntEnum):
    """What the sender is told, as a status of HTTP."""

    TAKEN = 200
    NOT_BELIEVED = 401
    UNKNOWN = 404


def secret(task: Task) -> str:
    """What the provider signs this task's deliveries with."""
    return salted_hmac("studio.hooks", task.code.hex, algorithm="sha256").hexdigest()


def path(task: Task) -> str:
    return reverse("webhook", args=[_SIGNER.sign(task.code.hex)])


def with_hook(task: Task, request: ApiRequest) -> ApiRequest:
    """The request as it is sent: with address and secret, where the provider takes them and can reach us."""
    has_address = settings.PUBLIC_URL.startswith("https://")
    if isinstance(request, SonicUploadLater):
        # Not optional there. The provider in this process may be given an address that leads nowhere.
        origin = settings.PUBLIC_URL if has_address else NOWHERE
        return msgspec.structs.replace(request, callback_url=origin + path(task))
    if not isinstance(request, HookedRequest) or not has_address or task.connection.is_offline:
        return request
    return msgspec.structs.replace(
        request, webhook_url=settings.PUBLIC_URL + path(task), webhook_secret=secret(task)
    )


def receive(token: str, body: bytes, headers: Mapping[str, str]) -> Verdict:
    """One delivery. Delivered twice, late or out of order it changes nothing that is not so.

    What is not signed as it should be is not believed, but for the callback of an upload, whose signature
    and body are not documented: it may make us ask, and nothing else.
    """
    task = _task(token)
    if task is None:
        return Verdict.UNKNOWN
    try:
        verify(
            secret(task),
            headers.get("X-Webhook-Timestamp"),
            headers.get("X-Webhook-Signature"),
            body,
            time.time(),
        )
    except WebhookError as error:
        if not _is_unsigned_callback(task):
            logger.warning("a delivery for task %s is not believed: %s", task.code, error)
            return Verdict.NOT_BELIEVED
    else:
        _believe(task, body)
    _look_soon(task)
    return Verdict.TAKEN


def _task(token: str) -> Task | None:
    try:
        code = UUID(_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Task.objects.select_related("connection").filter(code=code).first()


def _is_unsigned_callback(task: Task) -> bool:
    operation = operations.REGISTRY.get(task.operation)
    return operation is not None and operation.request is SonicUploadLater


def _believe(task: Task, body: bytes) -> None:
    """Words for support, and the provider's number of a task whose own answer was lost."""
    try:
        delivery = wire.read(body)
    except WebhookError:
        return
    if task.remote_id is None:
        if states.accept(task, delivery.remote_id):
            logger.info("task %s was found again by its delivery", task.code)
    elif task.remote_id != delivery.remote_id:
        logger.warning("a delivery for task %s is about another one", task.code)
        return
    states.note_delivery(task, body.decode("utf-8", "replace"))


def _look_soon(task: Task) -> None:
    free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
    if Task.objects.filter(free, pk=task.pk, status=Status.RUNNING).update(due_at=timezone.now()):
        queue.ring("refresh", task.pk)
