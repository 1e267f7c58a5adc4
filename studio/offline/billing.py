"""The only code that moves credits: a charge comes with its job, a refund comes once with its failure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from studio.offline import hooks
from studio.offline.errors import out_of_credits
from studio.offline.models import Account, Job, Take

# A message to the queue that got lost is sent again by the first poll after this.
QUEUED_PATIENCE = timedelta(seconds=60)


def accept(
    account: Account,
    family: str,
    task_type: str,
    asked: dict[str, Any],
    takes: Sequence[Take],
    price: int,
    *,
    origin: str = "",
    status: int = 403,
) -> Job:
    """Charge `account` and write down the job with its takes: all of it or nothing.

    `takes` are new rows without their job; those that are already made end the job at once. Raises Refusal
    (403, or `status`) when the credits do not suffice.
    """
    asked = dict(asked)
    hook = {name: asked.pop(name, "") or "" for name in ("webhook_url", "webhook_secret")}
    with transaction.atomic():
        from_extra = charge(account.pk, price, status=status)
        job = Job.objects.create(
            account=account,
            family=family,
            task_type=task_type,
            request=asked,
            charged_credits=price,
            charged_extra_credits=from_extra,
            origin=origin,
            **hook,
        )
        for take in takes:
            take.job = job
            take.due_at = timezone.now() + QUEUED_PATIENCE
            take.save()
        if takes and not any(take.is_open for take in takes):
            _close(job, is_good=True)
            job.refresh_from_db()
    return job


def check_funds(account: Account, price_credits: int, *, status: int = 403) -> None:
    """Raises Refusal when the account could not pay now."""
    account.refresh_from_db(fields=["credits", "extra_credits"])
    if account.credits + account.extra_credits < price_credits:
        raise out_of_credits(status)


def charge(account_pk: int, price_credits: int, *, status: int = 403) -> int:
    """Take the price out of the account, the extra pool first; returns what that pool paid."""
    # The lock keeps the split true on PostgreSQL; on SQLite the transaction has the only write lock anyhow.
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_pk)
        from_extra = min(account.extra_credits, price_credits)
        from_credits = price_credits - from_extra
        can_pay = Account.objects.filter(
            pk=account_pk, extra_credits__gte=from_extra, credits__gte=from_credits
        )
        if not can_pay.update(
            extra_credits=F("extra_credits") - from_extra, credits=F("credits") - from_credits
        ):
            raise out_of_credits(status)
    return from_extra


def finish(take: Take, state: Take.State, **results: object) -> bool:
    """End one attempt at a take, and the job with its last take; a job without any good take is refunded.

    `results` are fields of the take. Returns False, changing nothing, when this attempt no longer holds the
    take. Safe to repeat.
    """
    with transaction.atomic():
        # Two last takes that end at the same moment must see each other.
        job = Job.objects.select_for_update().get(pk=take.job_id)
        mine = Take.objects.filter(pk=take.pk, state__in=Take.OPEN, attempts=take.attempts)
        if not mine.update(state=state, **results):
            return False
        states = set(job.takes.values_list("state", flat=True))
        if not states & set(Take.OPEN):
            _close(job, is_good=Take.State.SUCCEEDED in states)
    return True


def _close(job: Job, *, is_good: bool) -> None:
    now = timezone.now()
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    if is_good:
        if running.update(state=Job.State.SUCCEEDED, finished_at=now):
            _call_back(job)
        return
    error = job.takes.exclude(error="").values_list("error", flat=True).first() or ""
    if running.update(state=Job.State.FAILED, error=error, finished_at=now, refunded_at=now):
        from_extra = job.charged_extra_credits
        Account.objects.filter(pk=job.account_id).update(
            extra_credits=F("extra_credits") + from_extra,
            credits=F("credits") + job.charged_credits - from_extra,
        )
        _call_back(job)


def _call_back(job: Job) -> None:
    """Have the end told to whoever asked to be called; that can be late or fail without harm."""
    if job.webhook_url:
        transaction.on_commit(lambda: hooks.ring(job.pk), robust=True)
