"""Accepting what was asked: every family of the provider charges, stores, queues and polls through here.

A task:      job = place(call, family="sonic", task_type="remaster", asked={…}, drafts=[Draft({…}), …],
                         price=ask_price("remaster"))
             return json_answer(200, {"message": "success", "task_id": str(job.task_id)})
A poll:      job = job_of(call, task_id, "sonic"); takes = job.takes.all()
A question:  said = paid(call, ask_price("bpm"), lambda account: …)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction

from studio.offline import billing, doorbell, prices
from studio.offline.accounts import account_of
from studio.offline.errors import invalid, not_found
from studio.offline.models import Account, Job, Take
from studio.offline.wire import Call

T = TypeVar("T")


@dataclass(frozen=True)
class Draft:
    """One take that is to be made. `work` is JSON for the render queue: {"do": "<name>", …}, see `works`.

    `role` is for answers in pairs (extended, replaced, full), `stem_type` names the part that a stem plays,
    `about` is whatever the family wants to say of the take later. Until the work is done, title, tags and
    lyrics are these; a work may change them.
    """

    work: dict[str, Any]
    title: str = ""
    tags: str = ""
    lyrics: str = ""
    role: str = ""
    stem_type: str = ""
    about: dict[str, Any] = field(default_factory=dict)


def place(
    call: Call,
    *,
    family: str,
    task_type: str,
    asked: dict[str, Any],
    drafts: Sequence[Draft],
    price: int,
    status: int = 403,
) -> Job:
    """Charge, write down the job with its takes, and ring the render queue: all of it or nothing.

    `asked` is the checked request; its `webhook_url` and `webhook_secret` are taken out and used when the job
    ends. Raises Refusal: 401, or `status` when the credits do not suffice.
    """
    account = account_of(call.headers)
    takes = [_take(position, draft) for position, draft in enumerate(drafts)]
    with transaction.atomic():
        job = billing.accept(
            account, family, task_type, asked, takes, price, origin=call.origin, status=status
        )
        for take in takes:
            _ring_on_commit(take.pk)
    return job


def _take(position: int, draft: Draft) -> Take:
    return Take(
        position=position,
        work=draft.work,
        title=draft.title[:200],
        tags=draft.tags,
        lyrics=draft.lyrics,
        role=draft.role,
        stem_type=draft.stem_type,
        about=draft.about,
    )


def _ring_on_commit(take_pk: int) -> None:
    """A queue that cannot be reached must not fail what was charged: a later poll rings again."""
    # Not a partial: Django wants a __qualname__ to log a callback that fails.
    transaction.on_commit(lambda: doorbell.ring(take_pk), robust=True)


def job_of(call: Call, task_id: str, family: str) -> Job:
    """The caller's job of that family. Lost renders are rung for again. Raises Refusal 400, 401, 404."""
    account = account_of(call.headers)
    if not task_id:
        raise invalid("missing task id.")
    try:
        job = Job.objects.get(account=account, family=family, task_id=uuid.UUID(task_id))
    except (ValueError, Job.DoesNotExist):
        raise not_found("task not found.") from None
    if doorbell.ring_lost(job.takes.all()):
        job.refresh_from_db()
    return job


def ask_price(name: str) -> int:
    """Whole credits, by the name in prices.PRICES_CREDITS."""
    return prices.price(name)


def paid(call: Call, price: int, make: Callable[[Account], T], *, status: int = 403) -> T:
    """What `make` finds, charged once it is there; nothing is charged when it raises.

    Who cannot pay is refused before anything is made.
    """
    account = account_of(call.headers)
    billing.check_funds(account, price, status=status)
    found = make(account)
    billing.charge(account.pk, price, status=status)
    return found
