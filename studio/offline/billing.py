"""The only code that moves credits: a charge comes with its job, a refund comes once with its failure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from studio.offline import prices
from studio.offline.errors import out_of_credits
from studio.offline.models import Account, Job, Take
from studio.offline.requests import CreateRequest

# A message to the queue that got lost is sent again by the first poll after this.
QUEUED_PATIENCE = timedelta(seconds=60)


def accept(account: Account, request: CreateRequest, takes: Sequence[Take]) -> Job:
    """Charge `account` and write down the job with its takes: all of it or nothing.

    `takes` are new rows without their job. Raises Refusal 403 when the credits do not suffice.
    """
    price = prices.price_of(request)
    with transaction.atomic():
        from_extra = _charge(account.pk, price)
        job = Job.objects.create(
            account=account,
            task_type=request.task_type,
            request=request.to_json(),
            charged_credits=price,
            charged_extra_credits=from_extra,
        )
        for take in takes:
            take.job = job
            take.due_at = timezone.now() + QUEUED_PATIENCE
            take.save()
    return job


def _charge(account_pk: int, price_credits: int) -> int:
    """Take the price out of the account, the extra pool first; returns what that pool paid."""
    # The lock keeps the split true on PostgreSQL; on SQLite the transaction has the only write lock anyhow.
    account = Account.objects.select_for_update().get(pk=account_pk)
    from_extra = min(account.extra_credits, price_credits)
    from_credits = price_credits - from_extra
    can_pay = Account.objects.filter(pk=account_pk, extra_credits__gte=from_extra, credits__gte=from_credits)
    if not can_pay.update(extra_credits=F("extra_credits") - from_extra, credits=F("credits") - from_credits):
        raise out_of_credits()
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
        running.update(state=Job.State.SUCCEEDED, finished_at=now)
        return
    error = job.takes.exclude(error="").values_list("error", flat=True).first() or ""
    if running.update(state=Job.State.FAILED, error=error, finished_at=now, refunded_at=now):
        from_extra = job.charged_extra_credits
        Account.objects.filter(pk=job.account_id).update(
            extra_credits=F("extra_credits") + from_extra,
            credits=F("credits") + job.charged_credits - from_extra,
        )
