"""From queued to ready: every arrow of the task's states, every error, double delivery, death half-way."""

from __future__ import annotations

import dataclasses
import errno
import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio import ledger, offers, operations, vault
from studio.models import Asset, Clip, Connection, Entry, Task
from studio.musicapi import REQUESTS, Client
from studio.musicapi.client import ANSWER_MAX_S
from studio.work import assets, jobs, landing, pace, start, states, ticker, uploads
from tests.base import make_clip, make_connection, make_recording, make_task
from tests.fake_api import KEY, PRICE_CREDITS, Answer, picture, tone
from tests.flow import Killed, be_due, fresh, money, ordered, refresh_until_over

Status = Task.Status
CLIP_KINDS = {"audio", "peaks", "cover", "answer"}


@pytest.fixture
def funded(connected):
    return connected


@pytest.fixture
def task(funded):
    """A queued task with its hold."""
    task = make_task(funded)
    ledger.hold(task, task.price_credits)
    return task


@pytest.fixture
def running(task):
    jobs.submit(task.pk)
    return fresh(task)


# --- submitting -------------------------------------------------------------------------------


def test_queued_to_running_when_the_provider_takes_it(task, api):
    jobs.submit(task.pk)
    sent = fresh(task)
    assert sent.status == Status.RUNNING
    assert sent.remote_id in api.tasks
    assert sent.lease_until is None
    assert sent.submitted_at is not None
    assert sent.deadline_at > sent.due_at > timezone.now()
    assert money(task) == ["hold"]


def test_what_is_sent_is_the_payload_as_it_was_stored(task, api):
    jobs.submit(task.pk)
    assert api.tasks[fresh(task).remote_id].request == task.payload


def test_a_submit_delivered_twice_sends_once(task, api):
    jobs.submit(task.pk)
    jobs.submit(task.pk)
    assert api.count("POST") == 1


def test_a_task_that_another_worker_is_sending_is_left_alone(task, api):
    assert states.claim_submit(task.pk) is not None
    jobs.submit(task.pk)
    assert api.count("POST") == 0
    assert fresh(task).status == Status.SUBMITTING


def test_the_claim_is_committed_before_anything_is_sent(task, monkeypatch):
    seen = []
    monkeypatch.setattr(Client, "submit", lambda *_: seen.append(fresh(task).status) or _stop())

    def _stop():
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        jobs.submit(task.pk)
    assert seen == [Status.SUBMITTING]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite answers before the bytes are on disk.")
def test_the_claim_survives_a_power_cut(task):
    with CaptureQueriesContext(connection) as captured:
        states.claim_submit(task.pk)
    said = [query["sql"] for query in captured]
    assert (said[0], said[2]) == ("PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL")
    assert said[1].startswith('UPDATE "studio_task"')


@pytest.mark.parametrize("status", [429, 503])
def test_submitting_to_queued_when_nothing_was_taken_yet(task, api, status):
    api.submits.append(Answer(status, {"error": "Slow down"}, {"Retry-After": "30"}))
    jobs.submit(task.pk)
    waiting = fresh(task)
    assert (waiting.status, waiting.tries, waiting.lease_until) == (Status.QUEUED, 1, None)
    assert timedelta(seconds=25) < waiting.due_at - timezone.now() <= timedelta(seconds=30)
    assert waiting.problem_text
    be_due(task)
    jobs.submit(task.pk)
    assert fresh(task).status == Status.RUNNING
    assert fresh(task).problem_text == ""
    assert api.charged_credits == PRICE_CREDITS


def test_bells_that_piled_up_use_up_one_try_between_them(task, api):
    api.submits.extend([Answer(429, {"error": "Slow down"}, {"Retry-After": "30"})] * 3)
    for _ in range(3):
        jobs.submit(task.pk)
    assert (fresh(task).status, fresh(task).tries) == (Status.QUEUED, 1)
    assert api.count("POST") == 1


def test_an_unreachable_provider_is_tried_a_bounded_number_of_times_and_then_the_hold_comes_back(
    task, settings
):
    settings.SUBMIT_TRIES = 3
    Connection.objects.update(base_url="http://127.0.0.1:1/api/v1")
    for tries in (1, 2):
        jobs.submit(task.pk)
        assert (fresh(task).status, fresh(task).tries) == (Status.QUEUED, tries)
    jobs.submit(task.pk)
    failed = fresh(task)
    assert failed.status == Status.FAILED
    assert "could not be reached" in failed.problem_text
    assert "tried 3 times" in failed.problem_text
    assert money(task) == ["hold", "release"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(400, {"error": "The title character length should be less than 80."}), "less than 80"),
        (Answer(401, {"error": "Invalid authorization format."}), "API key"),
        (Answer(403, {"error": "The remaining credits are not enough."}), "not enough credits"),
        (Answer(410, {"type": "endpoint_retired", "error": "Gone"}), "withdrawn"),
        (Answer(200, {"type": "failed", "error": "No such voice"}), "No such voice"),
    ],
)
def test_submitting_to_failed_when_the_provider_refuses(task, api, answer, said):
    api.submits.append(answer)
    jobs.submit(task.pk)
    failed = fresh(task)
    assert failed.status == Status.FAILED
    assert said in failed.problem_text
    assert failed.finished_at is not None
    assert not failed.needs_person
    assert money(task) == ["hold", "release"]
    assert KEY not in failed.answer


@pytest.mark.parametrize(
    "answer",
    [
        Answer(cut=True),
        Answer(500, "<html>oops</html>"),
        Answer(502, {"type": "upstream_error", "error": "upstream"}),
        Answer(200, "<html>a login page</html>"),
        Answer(200, {"message": "success"}),
        Answer(200, ""),
        Answer(200, cut_bytes=5),
    ],
)
def test_submitting_to_unconfirmed_when_the_answer_is_lost_and_never_sent_again(task, api, answer):
    api.submits.append(answer)
    jobs.submit(task.pk)
    lost = fresh(task)
    assert (lost.status, lost.needs_person) == (Status.UNCONFIRMED, True)
    assert "not sent again" in lost.problem_text
    assert money(task) == ["hold"]
    jobs.submit(task.pk)
    ticker.tick()
    assert api.count("POST") == 1


class OurOwnFault(Exception):
    pass


@pytest.mark.parametrize("fault", [OurOwnFault, SystemExit, MemoryError])
def test_our_own_fault_after_the_request_left_never_leads_to_a_second_one(task, api, monkeypatch, fault):
    real = Client.submit

    def submit_and_stumble(self, request):
        real(self, request)
        raise fault

    monkeypatch.setattr(Client, "submit", submit_and_stumble)
    with pytest.raises(fault):
        jobs.submit(task.pk)
    jobs.submit(task.pk)
    assert api.count("POST") == 1
    assert fresh(task).status == Status.UNCONFIRMED
    assert money(task) == ["hold"]


def test_a_worker_killed_between_request_and_answer_leaves_an_unconfirmed_task(task, api, settings):
    settings.SUBMIT_LEASE_S = -1  # the lease of the dead has run out
    states.claim_submit(task.pk)
    ticker.tick()
    lost = fresh(task)
    assert (lost.status, lost.needs_person) == (Status.UNCONFIRMED, True)
    assert money(task) == ["hold"]
    jobs.submit(task.pk)
    assert api.count("POST") == 0


def test_an_answer_that_comes_after_the_lease_was_given_up_is_believed(task):
    claimed = states.claim_submit(task.pk)
    states.lose(task)
    assert states.accept(claimed, "late")
    found = fresh(task)
    assert (found.status, found.remote_id, found.needs_person) == (Status.RUNNING, "late", False)
    assert (found.problem_text, found.finished_at) == ("", None)


def test_an_answer_that_comes_after_a_person_has_decided_changes_nothing(task, funded):
    claimed = states.claim_submit(task.pk)
    states.lose(task)
    start.resolve(task, funded.alice, was_charged=False)
    assert not states.accept(claimed, "late")
    assert fresh(task).status == Status.FAILED
    assert money(task) == ["hold", "release"]


def test_the_number_of_another_task_is_no_answer(task, running, funded):
    other = make_task(funded)
    ledger.hold(other, 14)
    assert states.accept(states.claim_submit(other.pk), running.remote_id)
    assert fresh(other).status == Status.UNCONFIRMED
    assert "another task" in fresh(other).problem_text
    assert fresh(running).status == Status.RUNNING


def test_a_number_that_the_database_did_not_take_stands_in_the_log(task, api, monkeypatch, caplog):
    def fail(*_args):
        raise OperationalError("database is locked")

    caplog.set_level("INFO", logger="studio")
    monkeypatch.setattr(states, "accept", fail)
    with pytest.raises(OperationalError):
        jobs.submit(task.pk)
    [remote_id] = api.tasks
    assert f"task {task.code} was taken as {remote_id}" in caplog.text


def test_a_key_that_cannot_be_decrypted_fails_the_task_with_advice(task, api, settings):
    from cryptography.fernet import Fernet

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    jobs.submit(task.pk)
    assert fresh(task).status == Status.FAILED
    assert "Enter the API key of this connection again" in fresh(task).problem_text
    assert money(task) == ["hold", "release"]
    assert api.count("POST") == 0


def test_a_fault_of_ours_before_anything_was_sent_is_tried_again(task, api, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_request", lambda _task: 1 / 0)
        jobs.submit(task.pk)
    assert fresh(task).status == Status.QUEUED
    jobs.submit(task.pk)
    assert fresh(task).status == Status.RUNNING
    assert api.count("POST") == 1


def test_a_task_that_no_longer_exists_is_nobodys_trouble(db):
    jobs.submit(999_999)
    jobs.refresh(999_999)


# --- running ----------------------------------------------------------------------------------


def test_running_to_ready_with_every_byte_at_home(running):
    jobs.refresh(running.pk)
    done = fresh(running)
    assert (done.status, done.problem_text, done.lease_until) == (Status.READY, "", None)
    assert money(done) == ["hold", "settle"]
    assert done.entries.get(kind=Entry.Kind.SETTLE).charged_credits == 14
    takes = list(done.clips.order_by("position"))
    assert [(clip.take, clip.state) for clip in takes] == [("A", "ready"), ("B", "ready")]
    for clip in takes:
        assert {asset.kind for asset in clip.assets.all()} == CLIP_KINDS
        assert all(vault.verify(asset.key, asset.sha256) for asset in clip.assets.all())


def test_a_clip_is_measured_on_its_way_home(running):
    jobs.refresh(running.pk)
    clip = running.clips.first()
    assert clip.duration_s == pytest.approx(2.0, abs=0.1)
    assert -30 < clip.loudness_lufs < -5
    assert -20 < clip.true_peak_dbtp < 0
    assert len(clip.sketch) == 240
    assert clip.sketch.isdigit()
    with vault.open(clip.assets.get(kind="peaks").key) as stream:
        drawn = json.load(stream)
    assert drawn["version"] == 1
    assert drawn["duration_s"] == pytest.approx(2.0, abs=0.1)
    assert len(drawn["pairs"]) == 2 * drawn["buckets"] == 1600
    assert max(drawn["pairs"]) in range(20, 128)


def test_the_providers_words_about_a_clip_are_kept(running, api):
    api.clip_fields = {"title": "Renamed\x00 by them", "mv": "sonic-v5", "bpm": 96, "key": "D minor", "x": 1}
    api.clip_fields["remarks"] = ["Two words were left out."]
    jobs.refresh(running.pk)
    clip = running.clips.order_by("position").first()
    assert clip.remarks == ["Two words were left out."]
    assert (clip.title, clip.model, clip.bpm, clip.key) == ("Renamed by them", "sonic-v5", 96, "D minor")
    with vault.open(clip.assets.get(kind="answer").key) as stream:
        answer = json.load(stream)
    assert (answer["clip_id"], answer["x"]) == (clip.remote_id, 1)
    assert json.loads(fresh(running).answer)["message"] == "success"


def test_a_lyric_timeline_and_a_lossless_master_come_along_where_there_are_any(running, api):
    task = api.tasks[running.remote_id]
    words = [{"word": "[Verse]\nStars ", "start_s": 0.1, "end_s": 0.6, "success": True, "p_align": 0.9}]
    clips = api.clips(task, alignment=words, flac_url=f"{api.origin}/files/lossless.flac")
    api.polls.append(Answer(200, {"code": 200, "data": clips, "message": "success"}))
    jobs.refresh(running.pk)
    clip = running.clips.first()
    assert {asset.kind for asset in clip.assets.all()} == CLIP_KINDS | {"timeline", "lossless"}
    assert clip.assets.get(kind="lossless").content_type == "audio/flac"
    with vault.open(clip.assets.get(kind="timeline").key) as stream:
        assert json.load(stream)["words"] == [
            {"word": "[Verse]\nStars ", "start_s": 0.1, "end_s": 0.6, "p_align": 0.9}
        ]


def test_not_ready_means_look_again_later(running, api, settings):
    settings.POLL_S = (15.0, 25.0)
    api.polls_until_ready = 5
    jobs.refresh(running.pk)
    waiting = fresh(running)
    assert (waiting.status, waiting.lease_until) == (Status.RUNNING, None)
    assert timedelta(seconds=14) < waiting.due_at - timezone.now() < timedelta(seconds=26)
    assert not waiting.clips.exists()


def test_bells_that_piled_up_make_one_look(running, api, settings):
    settings.POLL_S = (15.0, 25.0)
    api.polls_until_ready = 5
    for _ in range(3):
        jobs.refresh(running.pk)
    assert api.count("GET") == 1


def test_an_unknown_word_of_the_provider_means_still_running(running, api):
    api.polls.append(Answer(200, {"code": 200, "data": [{"clip_id": "x", "state": "marinating"}]}))
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.RUNNING
    assert running.clips.get().state == Clip.State.RUNNING


def test_take_a_can_be_heard_while_take_b_is_still_made(running, api):
    task = api.tasks[running.remote_id]
    first, second = api.clips(task)
    second |= {"state": "running", "audio_url": "", "title": "Not yet"}
    api.polls.append(Answer(200, {"code": 200, "data": [first, second], "message": "success"}))
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.RUNNING
    assert [(c.take, c.state) for c in running.clips.order_by("position")] == [
        ("A", "ready"),
        ("B", "running"),
    ]
    assert money(running) == ["hold"]
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.READY
    assert api.count("GET /files/") == 4  # nothing is fetched twice


def test_takes_that_appear_in_another_order_have_letters_of_their_own(running, api):
    first, second = api.clips(api.tasks[running.remote_id])
    for shown in ([second | {"state": "running"}], [first, second]):
        api.polls.append(Answer(200, {"code": 200, "data": shown, "message": "success"}))
        jobs.refresh(running.pk)
    letters = {clip.remote_id: clip.take for clip in running.clips.all()}
    assert letters == {second["clip_id"]: "A", first["clip_id"]: "B"}


def test_a_refresh_delivered_twice_changes_nothing(running, api):
    jobs.refresh(running.pk)
    before = list(Asset.objects.order_by("pk").values())
    jobs.refresh(running.pk)
    assert list(Asset.objects.order_by("pk").values()) == before
    assert money(running) == ["hold", "settle"]


def test_while_one_worker_looks_another_does_not(running, api):
    assert states.claim_refresh(running.pk) is not None
    jobs.refresh(running.pk)
    assert api.count("GET") == 0


def test_two_workers_that_look_at_once_all_the_same_do_no_harm(running, api):
    slow = states.claim_refresh(running.pk)
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.refresh(running.pk)
    jobs._look(slow)
    assert fresh(running).status == Status.READY
    assert money(running) == ["hold", "settle"]
    assert running.clips.count() == 2
    assert Asset.objects.count() == 8


def test_a_slow_worker_does_not_give_back_the_lease_of_another(running, api):
    slow = states.claim_refresh(running.pk)
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = states.claim_refresh(running.pk)
    states.look_again(slow)
    assert fresh(running).lease_until == quick.lease_until


@pytest.mark.parametrize("step", range(1, 9))
def test_a_worker_killed_at_any_step_of_the_way_home_is_followed_by_one_that_goes_on(
    running, api, monkeypatch, step
):
    real, steps = vault.save, iter(range(1, 100))

    def save_or_die(*args):
        if next(steps) == step:
            raise Killed
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "save", save_or_die)
        with pytest.raises(Killed):
            jobs.refresh(running.pk)
    assert all(clip.assets.filter(kind="audio").exists() for clip in Clip.objects.filter(state="ready"))
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.READY
    assert money(running) == ["hold", "settle"]
    for clip in running.clips.all():
        assert {asset.kind for asset in clip.assets.all()} == CLIP_KINDS
        assert all(vault.verify(asset.key, asset.sha256) for asset in clip.assets.all())


# --- failing ----------------------------------------------------------------------------------


def test_running_to_failed_and_released_when_the_provider_says_refunded(running, api):
    said = {"type": "failed", "error": "Too long a song", "already_refunded": True}
    api.polls.append(Answer(200, said))
    jobs.refresh(running.pk)
    failed = fresh(running)
    assert (failed.status, failed.needs_person) == (Status.FAILED, False)
    assert "Too long a song" in failed.problem_text
    assert money(failed) == ["hold", "release"]
    assert "Too long a song" in failed.answer


def test_running_to_failed_settled_and_flagged_when_it_does_not(running, api):
    api.polls.append(Answer(200, {"type": "failed", "error": "Too long a song"}))
    jobs.refresh(running.pk)
    failed = fresh(running)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert money(failed) == ["hold", "settle"]


def test_running_to_failed_past_its_deadline_keeps_the_hold_for_a_person(running):
    Task.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    ticker.tick()
    failed = fresh(running)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "did not finish in time" in failed.problem_text
    assert money(failed) == ["hold"]


def test_takes_that_were_shown_fail_with_their_task(running, api):
    clips = api.clips(api.tasks[running.remote_id], state="running", audio_url=None)
    api.polls.append(Answer(200, {"code": 200, "data": clips, "message": "success"}))
    api.polls.append(Answer(200, {"type": "failed", "error": "Upstream trouble", "already_refunded": True}))
    jobs.refresh(running.pk)
    assert {clip.state for clip in running.clips.all()} == {"running"}
    jobs.refresh(running.pk)
    assert {(clip.state, clip.problem_text) for clip in running.clips.all()} == {
        ("failed", "Upstream trouble")
    }


def test_one_good_take_makes_a_task_ready_and_the_bad_one_says_why(running, api):
    first, second = api.clips(api.tasks[running.remote_id])
    second |= {"state": "failed", "audio_url": None, "error_message": "Moderated"}
    api.polls.append(Answer(200, {"code": 200, "data": [first, second], "message": "success"}))
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.READY
    assert [(c.state, c.problem_text) for c in running.clips.order_by("position")] == [
        ("ready", ""),
        ("failed", "Moderated"),
    ]
    assert money(running) == ["hold", "settle"]


def test_all_takes_failed_is_a_failed_task(running, api):
    clips = api.clips(api.tasks[running.remote_id], state="failed", error_message="Credits were refunded.")
    api.polls.append(Answer(200, {"code": 200, "data": clips, "message": "success"}))
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.FAILED
    assert money(running) == ["hold", "release"]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([Answer(200, "<html>maintenance</html>")], "unreachable"),
        ([Answer(200, "")], "unreachable"),
        ([Answer(500, {"error": "Internal Server Error."})], "unreachable"),
        ([Answer(cut=True)] * 4, "unreachable"),
        ([Answer(401, {"error": "Invalid API key."})], "connection"),
        ([Answer(404, {"message": "task not found."})], "gone"),
    ],
)
def test_a_look_that_fails_is_no_verdict_and_is_repeated_later(running, api, answers, kind):
    api.polls.extend(answers)
    jobs.refresh(running.pk)
    waiting = fresh(running)
    assert (waiting.status, waiting.problem_kind, waiting.lease_until) == (Status.RUNNING, kind, None)
    assert waiting.problem_text
    assert waiting.due_at > timezone.now()
    be_due(running)
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.READY
    assert fresh(running).problem_text == ""


def test_looks_become_rarer_the_longer_the_provider_is_away(running, api):
    waits_s = []
    for _ in range(4):
        api.polls.append(Answer(200, "<html>maintenance</html>"))
        jobs.refresh(running.pk)
        waits_s.append(round((fresh(running).due_at - timezone.now()).total_seconds()))
    assert waits_s == [2, 4, 8, 16]


def test_a_refused_key_is_noted_at_the_connection(running, api):
    api.polls.append(Answer(401, {"error": "Invalid API key."}))
    jobs.refresh(running.pk)
    assert "API key" in fresh(running).connection.problem


def test_a_connection_through_which_answers_come_again_has_no_problem_any_more(running, api):
    api.polls.append(Answer(401, {"error": "Invalid API key."}))
    jobs.refresh(running.pk)
    be_due(running)
    jobs.refresh(running.pk)
    assert fresh(running).connection.problem == ""


def test_an_answer_that_cannot_be_read_is_kept_for_support(running, api):
    api.polls.append(Answer(200, "<html>maintenance</html>"))
    jobs.refresh(running.pk)
    assert fresh(running).answer == "<html>maintenance</html>"


def test_an_answer_that_trips_us_up_is_kept_for_support(running, monkeypatch):
    monkeypatch.setattr(landing, "land", lambda *_: 1 / 0)
    jobs.refresh(running.pk)
    assert json.loads(fresh(running).answer)["message"] == "success"


def test_a_task_the_provider_no_longer_knows_is_given_up_after_a_while_with_its_hold_kept(running, api):
    api.tasks.clear()
    refresh_until_over(running)
    failed = fresh(running)
    assert (failed.status, failed.problem_kind, failed.needs_person) == (Status.FAILED, "gone", True)
    assert api.count("GET") == jobs.GONE_TRIES
    assert money(failed) == ["hold"]


def test_an_unexpected_fault_of_ours_is_logged_and_tried_again(running, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(landing, "land", lambda *_: 1 / 0)
        jobs.refresh(running.pk)
    assert (fresh(running).status, fresh(running).problem_kind) == (Status.RUNNING, "internal")
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.READY


# --- files ------------------------------------------------------------------------------------

BROKEN = [
    Answer(cut_bytes=3000),
    Answer(short_bytes=8000),  # a shorter song than announced, with an honest length
    Answer(body="<html>expired</html>"),
    Answer(body=b""),
    Answer(body=b"no audio at all" * 500),
    Answer(403, {"error": "expired"}),
    Answer(500, ""),
]


@pytest.mark.parametrize("answer", BROKEN)
def test_a_broken_file_is_fetched_again(running, api, answer):
    api.files.append(answer)
    jobs.refresh(running.pk)
    waiting = fresh(running)
    assert waiting.status == Status.RUNNING
    assert waiting.problem_kind == "download_a"
    assert "could not be fetched" in waiting.problem_text
    assert refresh_until_over(running).status == Status.READY
    assert {clip.state for clip in running.clips.all()} == {"ready"}


@pytest.mark.parametrize("answer", [Answer(cut_bytes=3000), Answer(short_bytes=8000)])
def test_a_file_that_stays_broken_fails_its_clip_and_is_never_stored(running, api, answer):
    first, second = api.clips(api.tasks[running.remote_id])
    first["image_url"] = None
    for tries in range(assets.FILE_TRIES):
        # Take A arrives broken every time; take B comes home with the first look.
        api.files.extend([answer] if tries else [answer, Answer(), Answer()])
        api.polls.append(Answer(200, {"code": 200, "data": [first, second], "message": "success"}))
    done = refresh_until_over(running)
    take_a, take_b = running.clips.order_by("position")
    assert take_a.state == "failed"
    assert "could not be fetched" in take_a.problem_text
    assert f"tried {assets.FILE_TRIES} times" in take_a.problem_text
    assert not take_a.assets.exists()
    assert take_b.state == "ready"
    assert done.status == Status.READY


def test_what_goes_wrong_with_one_take_is_not_held_against_the_other(running, api):
    first, second = api.clips(api.tasks[running.remote_id])
    broken, unfinished = Answer(cut_bytes=3000), second | {"state": "running", "audio_url": None}
    for _ in range(assets.FILE_TRIES - 1):
        api.polls.append(Answer(200, {"code": 200, "data": [first, unfinished], "message": "success"}))
        api.files.append(broken)
        be_due(running)
        jobs.refresh(running.pk)
    # Take A comes home with its last try, and take B arrives broken with its first.
    api.files.extend([Answer(), Answer(), broken])
    assert refresh_until_over(running).status == Status.READY
    assert {clip.state for clip in running.clips.all()} == {"ready"}


def test_a_host_of_files_that_is_away_for_minutes_costs_no_clip(running, api):
    api.files.extend([Answer(500, "")] * 2 * (assets.FILE_TRIES + 2))
    assert refresh_until_over(running).status == Status.READY
    assert {clip.state for clip in running.clips.all()} == {"ready"}


def test_a_host_of_files_that_stays_away_is_given_up_in_the_end(running, api, monkeypatch):
    monkeypatch.setattr(assets, "UNREACHABLE_TRIES", 3)
    api.files.extend([Answer(500, "")] * 100)
    assert refresh_until_over(running).status == Status.FAILED
    assert {"tried 3 times" in clip.problem_text for clip in running.clips.all()} == {True}


def test_when_no_file_can_be_fetched_the_task_fails_is_settled_and_flagged(running, api):
    api.files.extend([Answer(body="<html>")] * 100)
    failed = refresh_until_over(running)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "could not be fetched" in failed.problem_text
    assert money(failed) == ["hold", "settle"]
    assert not Asset.objects.exists()


def test_a_clip_without_an_address_is_not_ready(running, api):
    api.clip_fields = {"audio_url": ""}
    jobs.refresh(running.pk)
    assert "did not say where" in fresh(running).problem_text
    assert not Clip.objects.filter(state="ready").exists()


def test_a_cover_that_cannot_be_had_is_tried_again_but_does_not_keep_the_song_for_ever(running, api):
    api.clip_fields = {"image_url": "http://127.0.0.1:1/none.png"}
    jobs.refresh(running.pk)
    assert fresh(running).problem_kind == "extras_b"
    assert not Clip.objects.filter(state="ready").exists()
    assert refresh_until_over(running).status == Status.READY
    assert api.count("GET /files/") == 2  # the audio came home once
    assert not Asset.objects.filter(kind="cover").exists()


def test_a_cover_that_is_no_picture_is_not_stored(running, api):
    api.files.extend([Answer(), Answer(body=b"not a picture"), Answer(), Answer()])
    jobs.refresh(running.pk)
    assert refresh_until_over(running).status == Status.READY
    assert {asset.content_type for asset in Asset.objects.filter(kind="cover")} == {"image/png"}
    assert {asset.size_bytes for asset in Asset.objects.filter(kind="cover")} == {len(picture())}


def test_a_full_disk_waits_says_so_and_loses_nothing(running, api, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    soon = timezone.now() + timedelta(seconds=5)
    Task.objects.update(deadline_at=soon)
    with monkeypatch.context() as patch:
        patch.setattr("studio.vault._copy", full)
        for _ in range(assets.FILE_TRIES + 2):
            be_due(running)
            jobs.refresh(running.pk)
    waiting = fresh(running)
    assert (waiting.status, waiting.problem_kind) == (Status.RUNNING, "disk_full")
    assert "disk is full" in waiting.problem_text
    assert waiting.deadline_at > soon
    be_due(running)
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.READY


def test_a_disk_that_fills_up_during_a_download_waits_too(running, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Client, "download", full)
    jobs.refresh(running.pk)
    assert fresh(running).problem_kind == "disk_full"


def test_neither_key_nor_signed_address_is_logged(running, api, caplog):
    caplog.set_level("DEBUG")
    api.files.append(Answer(cut_bytes=100))
    refresh_until_over(running)
    assert KEY not in caplog.text
    assert "signature" not in caplog.text


# --- pace -------------------------------------------------------------------------------------


def test_offline_songs_are_looked_at_more_often_and_old_tasks_less(people):
    task = make_task(people, submitted_at=timezone.now())
    assert 15 <= pace.poll_after_s(task) <= 26
    task.submitted_at -= timedelta(minutes=20)
    assert 45 <= pace.poll_after_s(task) <= 75
    task.submitted_at = timezone.now()
    people.connection.is_offline = True
    task.connection = people.connection
    assert pace.poll_after_s(task) < 1


def test_retries_wait_longer_each_time_and_at_least_what_the_provider_wishes():
    assert [pace.retry_after_s(tries) for tries in (1, 2, 5, 6, 50)] == [2, 4, 32, 60, 60]
    assert pace.retry_after_s(1, 300) == 300


def test_a_lease_outlasts_the_longest_request_and_a_job_outlasts_the_lease(settings):
    longest_s = 5 + max(request.wait_s for request in REQUESTS) + ANSWER_MAX_S
    assert longest_s < settings.SUBMIT_LEASE_S < settings.Q_CLUSTER["timeout"]
    download_s = assets.LOOK_S + assets.DOWNLOAD_S
    assert jobs.SAME_JOB_S + download_s < settings.Q_CLUSTER["timeout"]


def test_what_a_provider_says_is_stored_without_characters_that_a_database_refuses(running, api):
    api.polls.append(Answer(200, {"type": "failed", "error": "Bad\x00 luck", "already_refunded": True}))
    jobs.refresh(running.pk)
    assert fresh(running).status == Status.FAILED
    assert "\x00" not in fresh(running).problem_text


def test_a_task_number_that_cannot_be_stored_leaves_the_task_unconfirmed(task, api):
    api.submits.append(Answer(200, {"message": "success", "task_id": "x" * 500}))
    jobs.submit(task.pk)
    assert fresh(task).status == Status.UNCONFIRMED


# --- turns ------------------------------------------------------------------------------------


def test_two_requests_on_one_connection_are_spaced_and_waiting_uses_up_no_try(task, funded, api, settings):
    settings.SUBMIT_SPACING_S, settings.SUBMIT_TRIES = 30, 1
    second, third = ordered_like(funded), ordered_like(funded)
    for one in (task, second, third):
        jobs.submit(one.pk)
    assert api.count("POST") == 1
    waits_s = []
    for one in (second, third):
        waiting = fresh(one)
        assert (waiting.status, waiting.tries, waiting.problem_text) == (Status.QUEUED, 0, "")
        assert money(one) == ["hold"]
        waits_s.append(round((waiting.due_at - timezone.now()).total_seconds()))
    assert waits_s == [30, 60]
    Connection.objects.update(sent_at=timezone.now() - timedelta(seconds=31))
    be_due(second)
    jobs.submit(second.pk)
    assert fresh(second).status == Status.RUNNING


def ordered_like(people) -> Task:
    task = make_task(people)
    ledger.hold(task, task.price_credits)
    return task


def test_bells_that_piled_up_take_one_turn_between_them(task, funded, api, settings):
    settings.SUBMIT_SPACING_S = 30
    for _ in range(3):
        jobs.submit(task.pk)
    assert api.count("POST") == 1


def test_other_connections_and_the_offline_provider_are_not_waited_for(people, settings):
    settings.SUBMIT_SPACING_S = 30
    here = make_task(people)
    assert pace.turn_after_s(here) == 0
    assert pace.turn_after_s(here) == 30
    elsewhere = make_task(people, connection=make_connection(people.team, is_default=False))
    assert pace.turn_after_s(elsewhere) == 0
    offline = make_task(people, connection=make_connection(people.team, is_default=False, is_offline=True))
    assert [pace.turn_after_s(offline), pace.turn_after_s(offline)] == [0, 0]


def test_a_clock_that_was_set_back_does_not_block_a_connection(people, settings):
    settings.SUBMIT_SPACING_S = 3
    Connection.objects.update(sent_at=timezone.now() + timedelta(days=1))
    assert pace.turn_after_s(make_task(people)) == 0


# --- withdrawn --------------------------------------------------------------------------------

PERSONA = "sonic.persona"


def asked(people, **fields) -> Task:
    payload = {"clip_id": "c", "name": "Mara"}
    return ordered(people, PERSONA, payload, source=make_clip(people), **fields)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(410, {"type": "endpoint_retired", "error": "Persona has been retired."}),
        Answer(200, {"code": 410, "type": "endpoint_retired", "error": "Retired."}),
        Answer(405, "<html>Method not allowed</html>"),
        Answer(404, {"error": "No such address."}),
    ],
)
def test_what_a_host_no_longer_has_is_noted_and_refused_from_then_on(funded, api, answer):
    api.submits.append(answer)
    task = asked(funded)
    jobs.submit(task.pk)
    assert fresh(task).status == Status.FAILED
    assert money(task) == ["hold", "release"]
    offer = offers.offer(funded.connection, operations.get(PERSONA))
    assert not offer.is_usable
    assert offers.why_not(offer) == fresh(task).problem_text
    with pytest.raises(start.Unavailable):
        start.retry(task, funded.alice, "form-2")


def test_a_gateways_page_says_nothing_of_what_the_host_offers(funded, api):
    api.submits.append(Answer(404, "<html>Not found</html>"))
    task = asked(funded)
    jobs.submit(task.pk)
    assert fresh(task).status == Status.FAILED
    assert offers.offer(funded.connection, operations.get(PERSONA)).is_usable


def test_the_sentence_names_what_to_use_instead(funded, api, monkeypatch):
    registered = operations.Availability(operations.Status.UNKNOWN, "", "sonic.create_voice")
    operation = dataclasses.replace(operations.get(PERSONA), availability={operations.OTHER: registered})
    monkeypatch.setitem(operations.REGISTRY, PERSONA, operation)
    api.submits.append(Answer(410, {"type": "endpoint_retired", "error": "Gone"}))
    task = asked(funded)
    jobs.submit(task.pk)
    label = operations.get("sonic.create_voice").label
    assert fresh(task).problem_text == f"The provider has withdrawn this operation. Use {label} instead."


def test_a_clip_that_the_provider_does_not_know_withdraws_nothing(funded, api):
    api.submits.append(Answer(404, {"type": "not_found", "error": "clip not found"}))
    task = asked(funded)
    jobs.submit(task.pk)
    assert "clip not found" in fresh(task).problem_text
    assert offers.offer(funded.connection, operations.get(PERSONA)).is_usable
    assert money(task) == ["hold", "release"]


def test_the_word_of_an_admin_is_stronger_than_the_hosts(funded, api):
    operation = operations.get(PERSONA)
    offers.override(funded.connection, operation, operations.Status.AVAILABLE, "It works", funded.ada)
    api.submits.append(Answer(410, {"type": "endpoint_retired", "error": "Gone"}))
    task = asked(funded)
    jobs.submit(task.pk)
    assert "withdrawn" in fresh(task).problem_text
    assert offers.offer(funded.connection, operation).is_usable


# --- half done --------------------------------------------------------------------------------

HALF = {
    "code": 403,
    "message": "The remaining credits are not enough. You can buy more one-time credit packs or subscribe.",
    "failed_step": "cover",
    "steps": {
        "upload": {"success": True, "clip_id": "up-1"},
        "cover": {"success": False, "error": "The remaining credits are not enough."},
    },
}


@pytest.fixture
def covering(funded):
    """A recording that is to be uploaded and covered in one request."""
    recording = make_recording(funded, "Humming.mp3", tone(330))
    payload = {"url": "https://x/a.mp3", "custom_mode": True, "mv": "sonic-v4-5", "prompt": "la"}
    values = {"recording": str(recording.code)}
    return ordered(funded, "sonic.upload_cover", payload, values=values, price_credits=12)


@pytest.mark.parametrize("status", [200, 403, 500])
def test_half_done_costs_the_upload_and_keeps_its_clip(covering, funded, api, status):
    api.submits.append(Answer(status, HALF))
    jobs.submit(covering.pk)
    failed = fresh(covering)
    assert (failed.status, failed.needs_person) == (Status.FAILED, False)
    assert "not enough credits" in failed.problem_text
    assert "kept as a clip" in failed.problem_text
    assert money(covering) == ["hold", "settle"]
    assert covering.entries.get(kind="settle").charged_credits == 2
    assert ledger.balance(funded.connection).available_credits == 998
    clip = covering.clips.get()
    assert (clip.remote_id, clip.state, clip.origin, clip.title) == (
        "up-1",
        "ready",
        "uploaded",
        "Humming.mp3",
    )
    assert {asset.kind for asset in clip.assets.all()} == {"audio", "peaks"}


def test_half_done_delivered_twice_or_killed_before_the_waveform_keeps_one_clip(covering, api, monkeypatch):
    api.submits.append(Answer(403, HALF))
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "draw", lambda _task: _die())
        with pytest.raises(Killed):
            jobs.submit(covering.pk)
    jobs.submit(covering.pk)
    jobs.refresh(covering.pk)
    assert api.count("POST") == 1
    assert fresh(covering).status == Status.FAILED
    assert money(covering) == ["hold", "settle"]
    assert covering.clips.get().assets.get().kind == "audio"


def _die():
    raise Killed


def test_a_failed_first_step_costs_nothing(covering, api):
    steps = {"upload": {"success": False, "error": "Audio URL is not accessible."}}
    api.submits.append(Answer(400, {"code": 400, "failed_step": "upload", "steps": steps}))
    jobs.submit(covering.pk)
    assert "not accessible" in fresh(covering).problem_text
    assert money(covering) == ["hold", "release"]
    assert not covering.clips.exists()
