"""Providers that report by themselves: what they are given, whom we believe, and what a delivery changes."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import msgspec
import pytest
from django.test import Client as Browser
from django.utils import timezone

from studio import ledger
from studio.models import Task
from studio.musicapi import HookedRequest
from studio.musicapi.webhooks import sign
from studio.work import hooks, jobs, queue, start, states
from tests.base import make_connection, make_recording, make_task
from tests.fake_api import Answer, tone
from tests.flow import fresh, money, ordered, refresh_until_over

Status = Task.Status
PUBLIC = "https://music.example.com"


@pytest.fixture
def rings(monkeypatch):
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(queue, "ring", lambda job, pk: heard.append((job, pk)))
    return heard


@pytest.fixture
def task(connected):
    task = make_task(connected)
    ledger.hold(task, task.price_credits)
    return task


@pytest.fixture
def running(task, rings):
    """Sent, and not due for a look for a while."""
    jobs.submit(task.pk)
    Task.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    return fresh(task)


def body_of(task: Task, event: str = "song.completed", **fields) -> bytes:
    said = {"task_id": task.remote_id, "platform": "suno", "event": event, "code": 200, "data": []}
    return json.dumps(said | fields).encode()


def deliver(task: Task, body: bytes, *, secret: str = "", at_s: float | None = None, **headers: str):
    """What the studio answers to a delivery, signed with the task's secret unless told otherwise."""
    timestamp = str(int(time.time() if at_s is None else at_s))
    signed = {
        "X-Webhook-Timestamp": timestamp,
        "X-Webhook-Signature": sign(secret or hooks.secret(task), timestamp, body),
    }
    return post(hooks.path(task), body, **(signed | headers))


def post(path: str, body: bytes, **headers: str):
    browser = Browser(enforce_csrf_checks=True)
    return browser.post(path, body, content_type="application/json", headers=headers)


# --- what the provider is given ---------------------------------------------------------------


def test_address_and_secret_are_sent_and_stored_nowhere(task, api, settings):
    settings.PUBLIC_URL = PUBLIC
    jobs.submit(task.pk)
    [sent] = api.bodies
    assert sent["webhook_url"] == PUBLIC + hooks.path(task)
    assert sent["webhook_secret"] == hooks.secret(task)
    assert len(sent["webhook_url"]) <= 1024
    kept = json.dumps([fresh(task).payload, fresh(task).recipe, fresh(task).answer])
    assert "webhook" not in kept
    assert hooks.secret(task) not in kept


@pytest.mark.parametrize("public_url", ["", "http://music.example.com"])
def test_without_a_public_https_address_nothing_is_promised(task, api, settings, public_url):
    settings.PUBLIC_URL = public_url
    jobs.submit(task.pk)
    assert api.bodies == [task.payload]


def test_the_offline_provider_is_not_told_to_call(people, settings):
    settings.PUBLIC_URL = PUBLIC
    connection = make_connection(people.team, is_default=False, is_offline=True)
    request = jobs._request(make_task(people, connection=connection))
    assert isinstance(request, HookedRequest)
    assert request.webhook_url is None


def test_a_request_that_takes_no_address_gets_none(connected, api, settings):
    settings.PUBLIC_URL = PUBLIC
    api.replies["/sonic/bpm"] = {"data": {"avg_bpm": 90}}
    task = ordered(connected, "sonic.bpm", {"clip_id": "c"})
    jobs.submit(task.pk)
    assert api.bodies == [{"clip_id": "c"}]


def test_every_task_has_a_secret_of_its_own(people):
    first, second = make_task(people), make_task(people)
    assert hooks.secret(first) != hooks.secret(second)
    assert hooks.secret(first) == hooks.secret(fresh(first))
    assert len(hooks.secret(first)) == 64


# --- whom we believe --------------------------------------------------------------------------


def test_a_signed_delivery_makes_us_look_at_once(running, rings):
    answer = deliver(running, body_of(running))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert rings == [("refresh", running.pk)]
    assert fresh(running).due_at <= timezone.now()
    assert fresh(running).status == Status.RUNNING
    assert refresh_until_over(running).status == Status.READY


def test_the_body_is_kept_for_support(running):
    deliver(running, body_of(running, message="for support"))
    assert "for support" in fresh(running).answer


@pytest.mark.parametrize(
    "trick",
    [
        {"secret": "another"},
        {"late_s": 400},
        {"late_s": -400},
        {"X-Webhook-Signature": ""},
        {"X-Webhook-Timestamp": ""},
        {"X-Webhook-Timestamp": "soon"},
        {"X-Webhook-Signature": "sha256=00"},
    ],
)
def test_a_delivery_that_is_not_signed_as_it_should_is_refused_without_a_word(running, rings, trick):
    trick = dict(trick)
    if late_s := trick.pop("late_s", 0):
        trick["at_s"] = time.time() - late_s
    answer = deliver(running, body_of(running), **trick)
    assert (answer.status_code, answer.content) == (401, b"")
    assert rings == []
    assert fresh(running).answer == ""


def test_a_body_that_was_changed_on_the_way_is_refused(running, rings):
    body = body_of(running)
    timestamp = str(int(time.time()))
    signature = sign(hooks.secret(running), timestamp, body)
    headers = {"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": signature}
    assert post(hooks.path(running), body + b" ", **headers).status_code == 401
    assert rings == []


def test_the_secret_of_one_task_opens_no_other(running, connected, rings):
    other = make_task(connected, status=Status.RUNNING, remote_id="other")
    assert deliver(other, body_of(other), secret=hooks.secret(running)).status_code == 401


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 32 + ".sig", "%00", "a.b.c"])
def test_an_address_that_we_did_not_make_does_not_exist(db, token):
    answer = post(f"/hooks/{token}", b"{}")
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_task_that_is_gone_has_no_address(people):
    task = make_task(people)
    path = hooks.path(task)
    task.delete()
    assert post(path, b"{}").status_code == 404


def test_a_huge_delivery_is_refused(running):
    assert deliver(running, b" " * (hooks.MAX_BYTES + 1)).status_code == 413


def test_only_posts_are_deliveries(running):
    assert Browser().get(hooks.path(running)).status_code == 405


# --- what a delivery changes ------------------------------------------------------------------


def test_a_delivery_twice_and_after_the_end_changes_nothing(running, rings):
    body = body_of(running)
    refresh_until_over(running)
    before = Task.objects.values().get(pk=running.pk)
    for _ in range(2):
        assert deliver(running, body).status_code == 200
    assert Task.objects.values().get(pk=running.pk) == before
    assert money(running) == ["hold", "settle"]
    assert rings == []


def test_deliveries_in_the_wrong_order_end_alike(running):
    deliver(running, body_of(running))
    refresh_until_over(running)
    deliver(running, body_of(running, "song.streaming", message="streaming"))
    deliver(running, body_of(running, "song.failed", type="failed", refund_processed=True))
    assert fresh(running).status == Status.READY
    assert money(running) == ["hold", "settle"]


def test_a_failure_that_is_delivered_is_asked_for_before_it_is_believed(running, api):
    deliver(running, body_of(running, "song.failed", type="failed", message="No", refund_processed=True))
    assert fresh(running).status == Status.RUNNING
    api.polls.append(Answer(200, {"type": "failed", "error": "No", "already_refunded": True}))
    assert refresh_until_over(running).status == Status.FAILED
    assert money(running) == ["hold", "release"]


def test_unconfirmed_to_running_when_a_delivery_names_the_task(task, api, rings):
    api.submits.append(Answer(cut=True))
    jobs.submit(task.pk)
    assert fresh(task).status == Status.UNCONFIRMED
    [remote_id] = api.tasks
    assert deliver(task, body_of(task, task_id=remote_id)).status_code == 200
    found = fresh(task)
    assert (found.status, found.remote_id, found.needs_person) == (Status.RUNNING, remote_id, False)
    assert rings == [("refresh", task.pk)]
    assert refresh_until_over(task).status == Status.READY
    assert money(task) == ["hold", "settle"]
    assert api.count("POST") == 1


def test_a_delivery_that_overtakes_the_answer_is_believed(task, api, rings):
    claimed = states.claim_submit(task.pk)
    deliver(task, body_of(task, task_id="early"))
    assert (fresh(task).status, fresh(task).remote_id) == (Status.RUNNING, "early")
    assert not states.accept(claimed, "early")
    states.lose(claimed)
    assert fresh(task).status == Status.RUNNING


def test_after_a_person_has_decided_a_delivery_changes_nothing(task, connected, rings):
    states.claim_submit(task.pk)
    states.lose(task)
    start.resolve(task, connected.alice, was_charged=False)
    deliver(task, body_of(task, task_id="late"))
    assert (fresh(task).status, fresh(task).remote_id) == (Status.FAILED, None)
    assert money(task) == ["hold", "release"]


def test_a_delivery_about_another_task_tells_nothing_of_this_one(running):
    deliver(running, body_of(running, task_id="another", message="odd"))
    assert fresh(running).remote_id == running.remote_id
    assert "odd" not in fresh(running).answer


def test_a_signed_body_that_cannot_be_read_is_only_a_hint(running, rings):
    assert deliver(running, b"no json").status_code == 200
    assert rings == [("refresh", running.pk)]
    assert fresh(running).answer == ""


def test_a_task_that_somebody_looks_at_is_left_to_them(running, rings):
    looked_at = states.claim_refresh(running.pk) or fresh(running)
    Task.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert deliver(looked_at, body_of(running)).status_code == 200
    assert rings == []


def test_an_answer_that_came_at_once_is_not_written_over(connected, rings):
    task = make_task(connected, status=Status.RUNNING, operation="sonic.bpm", answer='{"data": {}}')
    states.note_delivery(task, "something else")
    assert fresh(task).answer == '{"data": {}}'


# --- the callback of an upload ----------------------------------------------------------------


@pytest.fixture
def uploading(connected, api, settings, rings):
    settings.PUBLIC_URL = PUBLIC
    recording = make_recording(connected, "Humming.mp3", tone(330))
    payload = {"url": "https://x/a.mp3", "callback_url": ""}
    values = {"recording": str(recording.code)}
    task = ordered(connected, "sonic.upload_later", payload, values=values)
    jobs.submit(task.pk)
    Task.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    return fresh(task)


def test_the_callback_of_an_upload_is_written_when_it_is_sent(uploading, api):
    assert api.bodies[0]["callback_url"] == PUBLIC + hooks.path(uploading)
    assert uploading.payload["callback_url"] == ""
    assert "webhook_secret" not in api.bodies[0]


def test_an_unsigned_callback_of_an_upload_is_a_hint_and_nothing_else(uploading, api, rings):
    assert post(hooks.path(uploading), b'{"anything": true}').status_code == 200
    assert rings == [("refresh", uploading.pk)]
    assert (fresh(uploading).answer, fresh(uploading).status) == ("", Status.RUNNING)
    api.polls.append(Answer(200, {"code": 200, "clip_id": "up-1"}))
    assert refresh_until_over(uploading).status == Status.READY
    assert uploading.clips.get().origin == "uploaded"


def test_an_unsigned_callback_cannot_give_an_upload_a_number(connected, settings):
    task = make_task(connected, status=Status.UNCONFIRMED, needs_person=True, operation="sonic.upload_later")
    assert post(hooks.path(task), b'{"task_id": "forged"}').status_code == 200
    assert (fresh(task).status, fresh(task).remote_id) == (Status.UNCONFIRMED, None)


def test_the_offline_provider_gets_an_address_that_leads_nowhere(people):
    connection = make_connection(people.team, is_default=False, is_offline=True)
    payload = {"url": "http://studio.invalid/x", "callback_url": ""}
    task = make_task(people, connection=connection, operation="sonic.upload_later", payload=payload)
    sent = msgspec.structs.asdict(jobs._request(task))
    assert sent["callback_url"].startswith("https://studio.invalid/hooks/")
