from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from studio import vault
from studio.models import Beat, Task
from studio.work import housekeeping, queue, ticker
from studio.work.clock import Clock, beat_name, problem
from tests.base import make_task

Status = Task.Status
ROOT = Path(__file__).resolve().parent.parent
PAST, FUTURE = timedelta(minutes=-1), timedelta(minutes=1)


@pytest.fixture
def rings(monkeypatch):
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(queue, "ring", lambda job, pk: heard.append((job, pk)))
    return heard


def due(people, status, due_in=PAST, lease_in=None, **fields):
    now = timezone.now()
    lease = lease_in and now + lease_in
    return make_task(people, status=status, due_at=now + due_in, lease_until=lease, **fields)


def test_what_is_due_is_rung_for_and_then_not_again_for_ten_seconds(people, rings):
    queued, running = due(people, Status.QUEUED), due(people, Status.RUNNING, remote_id="r")
    assert ticker.tick() == 2
    assert sorted(rings) == [("refresh", running.pk), ("submit", queued.pk)]
    assert ticker.tick() == 0
    queued.refresh_from_db()
    wait = queued.due_at - timezone.now()
    assert timedelta(seconds=8) < wait <= timedelta(seconds=10)


def test_a_lost_message_is_rung_again(people, rings):
    task = due(people, Status.QUEUED)
    ticker.tick()
    Task.objects.update(due_at=timezone.now() + PAST)
    ticker.tick()
    assert rings == [("submit", task.pk)] * 2


@pytest.mark.parametrize("status", [Status.READY, Status.FAILED, Status.CANCELLED, Status.UNCONFIRMED])
def test_what_is_over_is_left_in_peace(people, rings, status):
    due(people, status)
    assert ticker.tick() == 0


def test_what_is_not_due_yet_is_not_rung_for(people, rings):
    due(people, Status.QUEUED, due_in=FUTURE)
    assert ticker.tick() == 0


def test_a_running_task_is_not_rung_for_while_somebody_looks_at_it(people, rings):
    due(people, Status.RUNNING, lease_in=FUTURE, remote_id="a")
    died = due(people, Status.RUNNING, lease_in=PAST, remote_id="b")
    ticker.tick()
    assert rings == [("refresh", died.pk)]


def test_two_tickers_ring_once(people, rings, monkeypatch):
    due(people, Status.QUEUED)
    real = Task.objects.filter

    def tick_in_between(*args, **kwargs):
        if "due_at" in kwargs:
            monkeypatch.setattr(Task.objects, "filter", real)
            ticker.tick()
        return real(*args, **kwargs)

    monkeypatch.setattr(Task.objects, "filter", tick_in_between)
    ticker.tick()
    assert len(rings) == 1


def test_a_submit_in_time_is_not_given_up(people, rings):
    task = due(people, Status.SUBMITTING, lease_in=FUTURE)
    ticker.tick()
    task.refresh_from_db()
    assert task.status == Status.SUBMITTING


def test_a_running_task_before_its_deadline_is_not_given_up(people, rings):
    task = due(people, Status.RUNNING, remote_id="a", deadline_at=timezone.now() + FUTURE)
    ticker.tick()
    task.refresh_from_db()
    assert task.status == Status.RUNNING


def test_a_task_past_its_deadline_is_not_given_up_while_somebody_may_be_bringing_it_home(people, rings):
    task = due(people, Status.RUNNING, lease_in=FUTURE, remote_id="a", deadline_at=timezone.now() + PAST)
    ticker.tick()
    task.refresh_from_db()
    assert task.status == Status.RUNNING
    Task.objects.update(lease_until=timezone.now() + PAST)
    ticker.tick()
    task.refresh_from_db()
    assert task.status == Status.FAILED


class FakeCluster:
    def __init__(self, name, has_beaten=True):
        self.name, self.has_beaten, self.heartbeats = name, has_beaten, 0

    def wants_heartbeat(self):
        return True

    def asked(self):
        self.heartbeats += 1


def test_the_clock_asks_for_heartbeats_and_tells_what_works(db, rings, monkeypatch):
    monkeypatch.setattr(queue, "ring_heartbeat", lambda name: name == "studio")
    studio, render = FakeCluster("studio"), FakeCluster("render", has_beaten=False)
    clock = Clock([studio, render])
    clock._round()
    assert (studio.heartbeats, render.heartbeats) == (1, 0)
    assert Beat.objects.get().details["queues"] == {"studio": "working", "render": "starting"}
    assert problem() == "Not working yet: render."
    render.has_beaten = True
    clock._round()
    assert problem() == ""


def test_a_worker_that_stops_signs_off(db, rings):
    clock = Clock([])
    clock._round()
    assert problem() == ""
    clock._sign_off()
    assert "No worker" in problem()


def test_no_worker_is_a_problem_and_so_is_one_that_fell_silent(db):
    assert "manage.py worker" in problem()
    Beat.objects.create(name=beat_name(), beat_at=timezone.now() - FUTURE, details={"queues": {}})
    assert "manage.py worker" in problem()


def test_a_worker_on_another_machine_will_do(db):
    for name, state in (("worker@a", "starting"), ("worker@b", "working")):
        Beat.objects.create(name=name, beat_at=timezone.now(), details={"queues": {"studio": state}})
    assert problem() == ""


def test_healthz_says_which_part_does_not_work(client, db):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "ok"
    assert "No worker" in answer.json()["worker"]


def test_healthz_answers_where_pages_are_redirected_to_https(tmp_path):
    asks = (
        "import django; django.setup(); from django.test import Client; ask = Client(HTTP_HOST='localhost')\n"
        "print(ask.get('/healthz').status_code, ask.get('/').status_code)"
    )
    env = {"DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://music.example.com"}
    env |= {"DJANGO_SETTINGS_MODULE": "studio.settings", "LOG_LEVEL": "CRITICAL"}
    done = subprocess.run(
        [sys.executable, "-c", asks], env=os.environ | env, cwd=ROOT, stdout=subprocess.PIPE
    )
    assert done.stdout.split() == [b"503", b"301"]  # there are no tables, and it says so


def test_healthz_is_well_once_everything_works(client, db):
    queues = {"studio": "working", "render": "working"}
    Beat.objects.create(name=beat_name(), beat_at=timezone.now(), details={"queues": queues})
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "web": "ok", "database": "ok", "worker": "ok"}
    assert client.post("/healthz").status_code == 405


def test_cleaning_removes_what_is_old_and_only_that(db, settings, tmp_path, capsys):
    from django_q.models import Failure
    from django_q.models import Task as Result

    settings.DATA_DIR = tmp_path
    old = timezone.now() - timedelta(days=housekeeping.KEEP_RESULTS_DAYS + 1)
    for number, at in enumerate((old, timezone.now())):
        fields = {"name": "x", "func": "f", "started": at, "stopped": at, "success": False}
        Result.objects.create(id=str(number), **fields)
        Beat.objects.create(name=f"worker@{number}", beat_at=at)
    abandoned, at_work = vault.scratch_root() / "old", vault.scratch_root() / "new"
    for folder in (abandoned, at_work):
        folder.mkdir(parents=True)
    import os

    os.utime(abandoned, (old.timestamp(), old.timestamp()))
    call_command("prune")
    assert "1 results, 1 heartbeats, 1 scratch removed" in capsys.readouterr().out
    assert (Failure.objects.count(), Beat.objects.count()) == (1, 1)
    assert at_work.exists()
    assert not abandoned.exists()
