"""Renders that come twice, die, or find the disk full."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from studio.engine.spec import EngineUnavailable, SpecError
from studio.offline import accounts, billing, doorbell, jobs
from studio.offline.models import Account, Job, Take
from tests.offline.quick_engine import QuickEngine
from tests.offline.test_api import create, poll


@pytest.fixture
def task_id(call: Callable, key: str, quick_engine: QuickEngine) -> str:
    return create(call, key)


def takes() -> list[Take]:
    return list(Take.objects.all())


def let_time_pass(take: Take) -> None:
    Take.objects.filter(pk=take.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def start_and_die(take: Take) -> None:
    """What a render leaves behind whose process is killed."""
    assert jobs._claim(take.pk) is not None
    let_time_pass(take)


def test_a_message_that_comes_twice_renders_once(task_id: str, quick_engine: QuickEngine) -> None:
    take = takes()[0]

    jobs.render(take.pk)
    jobs.render(take.pk)

    assert len(quick_engine.rendered) == 1
    assert takes()[0].attempts == 1


def test_a_take_that_somebody_renders_is_left_to_them(task_id: str, quick_engine: QuickEngine) -> None:
    take = takes()[0]
    quick_engine.during = lambda: jobs.render(take.pk)

    jobs.render(take.pk)

    assert len(quick_engine.rendered) == 1


def test_a_finished_render_leaves_its_files_and_no_scratch(task_id: str, settings) -> None:
    take = takes()[0]

    jobs.render(take.pk)

    take.refresh_from_db()
    assert [path.name for path in (Path(settings.DATA_DIR) / "offline").iterdir()] == [str(take.clip_id)]
    assert all(path is not None and path.is_file() for path in map(take.path, ("mp3", "flac", "jpg")))


def test_a_poll_rings_again_for_a_render_that_was_killed(
    call: Callable, key: str, task_id: str, rung: list[int]
) -> None:
    one, other = takes()
    start_and_die(one)
    rung.clear()

    poll(call, key, task_id)
    poll(call, key, task_id)

    assert rung == [one.pk]
    for pk in (one.pk, other.pk):
        jobs.render(pk)
    assert poll(call, key, task_id)[0] == 200
    assert Take.objects.get(pk=one.pk).attempts == 2


def test_what_a_killed_attempt_left_is_swept_by_the_next_one(task_id: str, settings) -> None:
    take = takes()[0]
    start_and_die(take)
    half_done = take.folder.with_name(f".{take.clip_id}.1")
    half_done.mkdir(parents=True)
    (half_done / "mix.mp3").write_bytes(b"half")
    Take.objects.filter(pk=take.pk).update(state=Take.State.PENDING)

    jobs.render(take.pk)

    assert [path.name for path in (Path(settings.DATA_DIR) / "offline").iterdir()] == [str(take.clip_id)]


def test_renders_wait_in_a_queue_of_their_own(db) -> None:
    doorbell.ring(7)

    waiting = OrmQ.objects.get()
    assert waiting.key == "render"
    assert (waiting.task["func"], waiting.task["args"]) == ("studio.offline.jobs.render", (7,))


def test_a_poll_rings_again_for_a_message_that_got_lost(
    call: Callable, key: str, task_id: str, rung: list[int]
) -> None:
    one = takes()[0]
    let_time_pass(one)
    rung.clear()

    poll(call, key, task_id)

    assert rung == [one.pk]


def test_a_take_that_dies_three_times_fails_and_the_task_is_refunded_once(
    call: Callable, key: str, task_id: str
) -> None:
    for take in takes():
        for _ in range(doorbell.ATTEMPTS):
            start_and_die(take)
            poll(call, key, task_id)

    status, body = poll(call, key, task_id)

    assert (status, body["error"]) == (200, f"{doorbell.DIED} Credits have been refunded.")
    assert Account.objects.get().credits == 100


def test_a_render_that_lost_its_lease_changes_nothing(
    call: Callable, key: str, task_id: str, quick_engine: QuickEngine
) -> None:
    take = takes()[0]

    def another_takes_over() -> None:
        let_time_pass(take)
        poll(call, key, task_id)
        assert jobs._claim(take.pk) is not None

    quick_engine.during = another_takes_over

    jobs.render(take.pk)

    take.refresh_from_db()
    assert (take.state, take.attempts) == ("running", 2)
    assert not take.folder.exists()


def test_progress_is_written_and_pushes_the_lease(task_id: str, quick_engine: QuickEngine) -> None:
    take = takes()[0]
    seen: list[Take] = []
    quick_engine.during = lambda: seen.append(Take.objects.get(pk=take.pk))

    jobs.render(take.pk)

    assert (seen[0].state, seen[0].stage) == ("running", "compose")
    assert seen[0].due_at > timezone.now() + jobs.LEASE / 2


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), jobs.NO_SPACE),
        (ValueError("secret detail"), jobs.STUMBLED),
        (EngineUnavailable("Install mido."), "The song could not be rendered: Install mido."),
        (SpecError("the lyrics never end"), "The song could not be rendered: the lyrics never end."),
    ],
)
def test_every_way_to_fail_has_a_sentence_and_leaves_no_files(
    task_id: str, quick_engine: QuickEngine, settings, error: Exception, text: str
) -> None:
    quick_engine.error = error

    for take in takes():
        jobs.render(take.pk)

    assert {take.error for take in takes()} == {text}
    assert Job.objects.get().error == text
    assert list((Path(settings.DATA_DIR) / "offline").iterdir()) == []


def test_a_refund_comes_once_and_goes_to_the_pools_it_came_from(db, quick_engine: QuickEngine) -> None:
    key = accounts.open_account("Both pools", 10)
    accounts.top_up(key, 8)
    account = Account.objects.get()
    takes = [Take(position=number, work={"do": "create"}) for number in range(2)]
    job = billing.accept(account, "sonic", "create_music", {}, takes, 14)
    account.refresh_from_db()
    assert (account.credits, account.extra_credits) == (4, 0)

    for take in job.takes.all():
        assert billing.finish(take, Take.State.FAILED, error="Broken.")
        assert not billing.finish(take, Take.State.FAILED, error="Broken.")

    account.refresh_from_db()
    assert (account.credits, account.extra_credits) == (10, 8)


def test_top_up_takes_key_or_hash_and_refuses_strangers(key: str) -> None:
    accounts.top_up(key, 5)
    accounts.top_up(accounts.hash_of(key), 6)

    assert Account.objects.get().extra_credits == 11
    with pytest.raises(Account.DoesNotExist):
        accounts.top_up("unknown", 1)
    with pytest.raises(ValueError, match="1 or more"):
        accounts.top_up(key, 0)


def test_requests_and_failures_at_the_same_moment_are_each_counted_once(tmp_path: Path) -> None:
    """In a process of its own, on a database file: threads of one test share an in-memory database badly."""
    script = Path(__file__).with_name("race.py")
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr

    found = json.loads(ran.stdout)

    # 100 credits pay for seven songs at 14; twelve were asked for at once.
    assert sorted(found["statuses"]) == [200] * 7 + [403] * 5
    assert found["after_charges"] == 2
    assert found["finished"] == 14
    assert found["after_refunds"] == 100


def test_files_of_old_takes_go_and_their_song_can_still_be_told(
    task_id: str, quick_engine: QuickEngine, call: Callable, key: str
) -> None:
    old, young = takes()
    jobs.render(old.pk)
    Take.objects.filter(pk=old.pk).update(used_at=timezone.now() - jobs.FILES_LAST - timedelta(minutes=1))

    jobs.render(young.pk)

    assert Take.objects.get(pk=old.pk).files == {}
    assert not list(old.folder.glob("*.mp3"))
    assert list(young.folder.glob("*.mp3"))
    status, said = poll(call, key, task_id)
    assert (status, said["data"][0]["audio_url"]) == (200, None)
    assert said["data"][1]["audio_url"]
    assert jobs.forget_old_files() == 0
