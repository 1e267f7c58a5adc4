"""Calling back whoever asked to be told of a task's end: late perhaps, and never in the way of a render."""

from __future__ import annotations

import json
import logging
import time
import uuid
from typing import Any

import requests
from django.conf import settings
from django.db.models import F
from django.utils.crypto import salted_hmac
from django_q.tasks import async_task

from studio import fetching
from studio.musicapi.webhooks import sign
from studio.offline.models import Job

logger = logging.getLogger(__name__)

# Seconds to wait before each try.
PAUSES_S = (0.0, 1.0, 4.0)
TIMEOUT_S = (3.0, 5.0)
PLATFORMS = {"sonic": "suno"}  # the documented word


def ring(job_pk: int) -> None:
    """Ask the queue of short jobs to call back. The renders' queue never waits for strangers."""
    async_task("studio.offline.hooks.deliver", job_pk, cluster=settings.Q_CLUSTER["name"])


def deliver(job_pk: int) -> bool:
    """Post the end of a task to its webhook_url, in up to three tries; returns whether it was taken."""
    job = Job.objects.get(pk=job_pk)
    event = "song.completed" if job.state == Job.State.SUCCEEDED else "song.failed"
    body = json.dumps(_content(job, event), ensure_ascii=False).encode()
    event_id = str(uuid.uuid4())
    for pause_s in PAUSES_S:
        time.sleep(pause_s)
        Job.objects.filter(pk=job_pk).update(webhook_tries=F("webhook_tries") + 1)
        if _post(job, body, _headers(job, event, event_id, body)):
            return True
    logger.warning("nobody took the webhook of task %s", job.task_id)
    return False


def _headers(job: Job, event: str, event_id: str, body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "X-Webhook-Id": event_id,
        "X-Webhook-Event": event,
        "X-Webhook-Timestamp": timestamp,
        # Without a secret of the caller's, the service signs with one of its own that nobody can check.
        "X-Webhook-Signature": sign(job.webhook_secret or _own_secret(), timestamp, body),
        "Idempotency-Key": event_id,
    }


def _own_secret() -> str:
    return salted_hmac("studio.offline.hooks", "default", algorithm="sha256").hexdigest()


def _content(job: Job, event: str) -> dict[str, Any]:
    """What a poll of the task would say, and the keys by which receivers sort."""
    routing = {
        "task_id": str(job.task_id),
        "platform": PLATFORMS.get(job.family, job.family),
        "event": event,
    }
    if job.state != Job.State.SUCCEEDED:
        said = {"type": "failed", "message": job.error, "refund_processed": job.refunded_at is not None}
        return said | routing
    # Late: the families import what rings here.
    from studio.offline.families import poll_body

    return poll_body(job) | routing


def _post(job: Job, body: bytes, headers: dict[str, str]) -> bool:
    try:
        with fetching.session(may_be_private=settings.FETCH_PRIVATE) as session:
            answer = session.post(
                job.webhook_url,
                data=body,
                headers=headers,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            )
            answer.close()
    except (requests.RequestException, ValueError, UnicodeError) as error:
        logger.info("the webhook of task %s was not taken: %s", job.task_id, type(error).__name__)
        return False
    return 200 <= answer.status_code < 300
