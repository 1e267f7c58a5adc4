"""Calling back whoever asked to be told of a task's end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from studio.musicapi.webhooks import verify
from studio.offline import hooks, jobs
from studio.offline.models import Job
from tests.offline.quick_engine import QuickEngine
from tests.offline.test_api import create, poll

Asking = Callable[..., tuple[int, dict[str, Any]]]
SONG = {"custom_mode": True, "mv": "sonic-v5", "prompt": "[Verse]\nStars"}


class Receiver:
    """Stands where a webhook leads."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_about: object) -> None:
        return

    def post(self, url: str, data: bytes, headers: dict[str, str], **_options: Any) -> Any:
        self.got.append((url, data, headers))
        answer = type("Answer", (), {"close": lambda _self: None})()
        answer.status_code = self.statuses.pop(0)
        return answer


def finished_with_hook(
    call: Callable, key: str, rung: list[int], monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> Job:
    called: list[int] = []
    monkeypatch.setattr("studio.offline.hooks.async_task", lambda _job, pk, cluster: called.append(pk))
    monkeypatch.setattr("studio.offline.hooks.time.sleep", lambda _s: None)
    monkeypatch.setattr("studio.offline.hooks.fetching.session", lambda may_be_private: receiver)
    task_id = create(call, key, webhook_url="https://studio.example/hook", webhook_secret="s3cret")
    for pk in rung:
        jobs.render(pk)
    job = Job.objects.get(task_id=task_id)
    # A test's transaction never ends, so that nothing is rung by itself.
    assert "webhook_secret" not in job.request
    return job


def test_the_end_of_a_task_is_told_signed_and_in_the_shape_of_a_poll(
    call: Callable, key: str, rung: list[int], quick_engine: QuickEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(500, 204)
    job = finished_with_hook(call, key, rung, monkeypatch, receiver)

    assert hooks.deliver(job.pk) is True

    [_, (url, body, headers)] = receiver.got
    timestamp = headers["X-Webhook-Timestamp"]
    verify("s3cret", timestamp, headers["X-Webhook-Signature"], body, float(timestamp))
    assert url == "https://studio.example/hook"
    assert headers["X-Webhook-Id"] == headers["Idempotency-Key"] == receiver.got[0][2]["X-Webhook-Id"]
    told = json.loads(body)
    assert set(told) == {"code", "data", "message", "task_id", "platform", "event"}
    assert (told["platform"], told["event"], told["task_id"]) == ("suno", "song.completed", str(job.task_id))
    assert told["data"] == poll(call, key, str(job.task_id))[1]["data"]


def test_a_failure_is_told_with_its_refund_and_a_deaf_receiver_is_left_alone(
    call: Callable, key: str, rung: list[int], quick_engine: QuickEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(500, 404, 302)
    quick_engine.error = RuntimeError("broken")
    job = finished_with_hook(call, key, rung, monkeypatch, receiver)

    assert hooks.deliver(job.pk) is False

    told = json.loads(receiver.got[0][1])
    assert set(told) == {"type", "message", "refund_processed", "task_id", "platform", "event"}
    assert (told["event"], told["refund_processed"]) == ("song.failed", True)
    job.refresh_from_db()
    assert job.webhook_tries == 3


def test_a_hook_into_our_own_network_is_not_called(
    call: Callable, key: str, quick_engine: QuickEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.offline.hooks.time.sleep", lambda _s: None)
    task_id = create(call, key, webhook_url="https://127.0.0.1:9/hook")
    Job.objects.update(state=Job.State.SUCCEEDED)

    assert hooks.deliver(Job.objects.get(task_id=task_id).pk) is False


def test_only_https_is_called_back(ask: Asking) -> None:
    status, body = ask("create", **SONG, webhook_url="http://studio.example/hook")

    assert (status, body["error"]) == (400, "The 'webhook_url' field should be a HTTPS URL.")
