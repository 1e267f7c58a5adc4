from __future__ import annotations

import dataclasses

import pytest
from django.utils import timezone

from studio import ledger, operations, usage
from studio.models import Entry, Persona, Task
from studio.operations import Availability
from studio.operations import Status as Offer
from studio.work import queue, start
from studio.work.start import NotEnoughCredits, RecipeProblems, Unavailable
from tests.base import make_clip, make_connection, make_recording, make_task

CREATE = operations.get("sonic.create_music")
VALUES = {
    "mode": "custom",
    "prompt": "[Verse]\nOver the hills",
    "tags": "folk",
    "title": "Hills",
    "mv": "sonic-v5",
}
Status = Task.Status


@pytest.fixture
def funded(people):
    ledger.grant(people.connection, 100, people.alice, "Start")
    return people


@pytest.fixture
def rings(monkeypatch):
    """What the queue was rung for."""
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(queue, "ring", lambda job, pk: heard.append((job, pk)))
    return heard


def begin(people, token="form-1", values=VALUES, operation=CREATE, **fields):
    given = {"person": people.alice, "team": people.team, "connection": people.connection} | fields
    return start.start(operation=operation, values=values, form_token=token, **given)


def test_a_start_makes_a_queued_task_with_its_hold_and_rings_once_it_is_committed(
    funded, rings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        task = begin(funded)
        assert rings == []
    assert rings == [("submit", task.pk)]
    assert task.status == Status.QUEUED
    assert task.price_credits == 14
    assert ledger.balance(funded.connection) == ledger.Balance(86, 14)


def test_the_recipe_is_what_the_person_gave_and_the_payload_what_goes_over_the_wire(funded):
    task = begin(funded)
    assert task.recipe["values"]["title"] == "Hills"
    assert task.recipe["operation"] == "sonic.create_music"
    assert task.payload == {
        "task_type": "create_music",
        "custom_mode": True,
        "mv": "sonic-v5",
        "prompt": "[Verse]\nOver the hills",
        "tags": "folk",
        "title": "Hills",
        "make_instrumental": False,
    }


def test_the_same_form_sent_twice_gives_the_first_task_and_one_hold(funded):
    assert begin(funded).pk == begin(funded).pk
    assert Entry.objects.filter(kind=Entry.Kind.HOLD).count() == 1


def test_two_requests_with_one_form_token_at_the_same_moment_give_one_task(funded, monkeypatch):
    first = begin(funded)
    answers = iter([None, first])
    monkeypatch.setattr(start, "_first_task", lambda *_: next(answers))
    assert begin(funded) == first
    assert Task.objects.count() == 1
    assert ledger.balance(funded.connection).held_credits == 14


def test_without_credits_nothing_is_made(people, rings):
    with pytest.raises(NotEnoughCredits):
        begin(people)
    assert not Task.objects.exists()
    assert rings == []


def test_what_the_provider_would_refuse_is_refused_before_it_costs_anything(funded):
    with pytest.raises(RecipeProblems) as refused:
        begin(funded, values={**VALUES, "title": "x" * 81})
    assert refused.value.problems[0].field == "title"
    assert isinstance(refused.value, ValueError)
    assert not Task.objects.exists()


def test_an_unknown_model_is_refused(funded):
    with pytest.raises(RecipeProblems, match="not known here"):
        begin(funded, values={**VALUES, "mv": "sonic-v99"})


def test_a_retired_connection_takes_no_new_tasks(funded):
    funded.connection.retired_at = timezone.now()
    with pytest.raises(Unavailable, match="retired"):
        begin(funded)


def test_the_connection_of_another_team_is_refused(funded):
    with pytest.raises(Unavailable, match="another team"):
        begin(funded, connection=make_connection(funded.others))


def test_what_a_host_does_not_offer_is_refused_with_its_reason(funded):
    gone = Availability(Offer.RETIRED, "The provider has withdrawn this.", "sonic.upload")
    withdrawn = dataclasses.replace(CREATE, availability={operations.OTHER: gone})
    label = operations.get("sonic.upload").label
    with pytest.raises(Unavailable, match=rf"The provider has withdrawn this\. Use {label} instead\."):
        begin(funded, operation=withdrawn)


def test_a_queued_task_can_be_cancelled_and_its_hold_comes_back(funded):
    task = begin(funded)
    assert start.cancel(task)
    assert task.status == Status.CANCELLED
    assert task.finished_at is not None
    assert ledger.balance(funded.connection) == ledger.Balance(100, 0)
    assert not start.cancel(task)


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.RUNNING, Status.READY, Status.UNCONFIRMED])
def test_after_it_was_sent_it_is_too_late_to_cancel(funded, status):
    task = begin(funded)
    Task.objects.update(status=status)
    assert not start.cancel(task)
    task.refresh_from_db()
    assert task.status == status
    assert ledger.balance(funded.connection).held_credits == 14


def test_a_retry_is_a_new_task_with_the_old_one_as_its_parent(funded):
    old = begin(funded)
    Task.objects.update(status=Status.FAILED)
    new = start.retry(old, funded.bob, "form-2")
    assert (new.parent, new.person, new.status) == (old, funded.bob, Status.QUEUED)
    assert new.payload == old.payload
    assert start.retry(old, funded.bob, "form-2") == new


def test_a_running_task_cannot_be_retried(funded):
    with pytest.raises(Unavailable, match="still running"):
        start.retry(begin(funded), funded.alice, "form-2")


def test_a_retry_leaves_a_retired_connection_for_the_default_one(funded):
    old = begin(funded)
    Task.objects.update(status=Status.FAILED)
    funded.connection.retired_at = timezone.now()
    funded.connection.is_default = False
    funded.connection.save()
    with pytest.raises(Unavailable, match="no connection"):
        start.retry(old, funded.alice, "form-2")
    heir = make_connection(funded.team, name="Heir")
    ledger.grant(heir, 50, None, "")
    assert start.retry(old, funded.alice, "form-3").connection == heir


def lost(people, status=Status.UNCONFIRMED):
    task = begin(people)
    Task.objects.update(status=status, needs_person=True)
    return task


def test_an_admin_who_found_the_charge_settles_an_unconfirmed_task(funded):
    task = lost(funded)
    assert start.resolve(task, funded.ada, was_charged=True)
    assert (task.status, task.needs_person) == (Status.FAILED, False)
    settled = task.entries.get(kind=Entry.Kind.SETTLE)
    assert settled.charged_credits == 14
    assert "Ada" in settled.note


def test_an_admin_who_found_no_charge_releases_it(funded):
    task = lost(funded)
    assert start.resolve(task, funded.ada, was_charged=False)
    assert ledger.balance(funded.connection) == ledger.Balance(100, 0)


def test_a_verdict_is_given_once(funded):
    task = lost(funded)
    assert start.resolve(task, funded.ada, was_charged=True)
    assert not start.resolve(task, funded.ada, was_charged=False)
    assert ledger.balance(funded.connection).available_credits == 86


def month_of(people) -> list[usage.Line]:
    return usage.by_person_and_operation(people.team, usage.Filters(usage.this_month()))


def test_credits_that_came_back_after_all_are_adjusted(funded):
    task = lost(funded, Status.FAILED)
    ledger.settle(task, 14)
    assert start.resolve(task, funded.ada, was_charged=False)
    assert ledger.balance(funded.connection).available_credits == 100
    assert ledger.balance(funded.connection).held_credits == 0
    assert task.entries.get(kind="adjust").amount_credits == 14
    assert sum(line.refunded_credits for line in month_of(funded)) == 14


def test_a_task_that_needs_nobody_has_nothing_to_resolve(funded):
    assert not start.resolve(begin(funded), funded.ada, was_charged=True)


def test_positions_count_who_was_first(people):
    first, second, third = (make_task(people) for _ in range(3))
    assert [queue.position(task) for task in (first, second, third)] == [1, 2, 3]
    Task.objects.filter(pk=first.pk).update(status=Status.RUNNING)
    first.refresh_from_db()
    assert [queue.position(task) for task in (first, second, third)] == [None, 1, 2]


def test_a_queue_that_is_down_does_not_stop_anybody(funded, monkeypatch, django_capture_on_commit_callbacks):
    def down(*args, **kwargs):
        raise ConnectionError("queue is down")

    monkeypatch.setattr("django_q.tasks.async_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        task = begin(funded)
    assert task.status == Status.QUEUED
    assert queue.ring("submit", task.pk) is False


def test_a_message_carries_an_id_only_and_names_its_queue(people, monkeypatch):
    heard = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *args, **kwargs: heard.append((args, kwargs)))
    assert queue.ring("refresh", 5)
    assert queue.ring_heartbeat("render")
    assert heard == [
        (("studio.work.jobs.refresh", 5), {"cluster": "studio"}),
        (("studio.work.queue.heartbeat",), {"cluster": "render"}),
    ]


# --- sources ----------------------------------------------------------------------------------

SUNG = {"mode": "custom", "prompt": "[Verse]\nOver the hills", "tags": "folk", "mv": "sonic-v5"}


@pytest.fixture
def singer(funded):
    """A persona at the team's connection."""
    return Persona.objects.create(
        team=funded.team,
        connection=funded.connection,
        person=funded.alice,
        task=make_task(funded, status=Status.READY),
        kind="persona",
        name="Mara",
        remote_id="p-1",
    )


def test_a_persona_counts_the_tasks_it_is_asked_to_sing_in_once_each(funded, singer):
    operation, values = operations.get("sonic.persona_music"), {**SUNG, "persona": str(singer.code)}
    first = begin(funded, operation=operation, values=values)
    begin(funded, operation=operation, values=values)
    singer.refresh_from_db()
    assert (singer.uses, first.payload["persona_id"]) == (1, "p-1")
    Task.objects.update(status=Status.FAILED)
    start.retry(first, funded.alice, "form-2")
    singer.refresh_from_db()
    assert singer.uses == 2


def test_a_start_that_cannot_be_paid_counts_no_use(people, singer):
    ledger.adjust(people.connection, -100, None, "Spent elsewhere")
    values = {**SUNG, "persona": str(singer.code)}
    with pytest.raises(NotEnoughCredits):
        begin(people, operation=operations.get("sonic.persona_music"), values=values)
    singer.refresh_from_db()
    assert singer.uses == 0


def test_a_task_knows_the_clip_it_is_about(funded):
    clip = make_clip(funded)
    task = begin(funded, operation=operations.get("sonic.bpm"), values={"clip": str(clip.code)})
    assert (task.source, task.payload) == (clip, {"clip_id": clip.remote_id})


@pytest.mark.parametrize("name", ["sonic.bpm", "sonic.stems_full", "sonic.midi", "sonic.wav"])
def test_a_retry_whose_clip_is_gone_says_so(funded, name):
    clip = make_clip(funded)
    old = begin(funded, operation=operations.get(name), values={"clip": str(clip.code)})
    Task.objects.update(status=Status.FAILED)
    clip.delete()
    with pytest.raises(RecipeProblems, match="not in the team any more"):
        start.retry(old, funded.alice, "form-2")


def test_a_retry_whose_persona_is_retired_says_so(funded, singer):
    values = {**SUNG, "persona": str(singer.code)}
    old = begin(funded, operation=operations.get("sonic.persona_music"), values=values)
    Task.objects.update(status=Status.FAILED)
    Persona.objects.update(retired_at=timezone.now())
    with pytest.raises(RecipeProblems, match="retired or gone"):
        start.retry(old, funded.alice, "form-2")


def test_a_retry_whose_recording_is_gone_says_so(funded, settings):
    settings.PUBLIC_URL = "https://music.example.com"
    recording = make_recording(funded, "Humming.mp3", b"bytes")
    values = {"recording": str(recording.code)}
    old = begin(funded, operation=operations.get("sonic.upload"), values=values)
    assert old.payload["url"].startswith("https://music.example.com/shared/")
    Task.objects.update(status=Status.FAILED)
    recording.delete()
    with pytest.raises(RecipeProblems, match="not in the team any more"):
        start.retry(old, funded.alice, "form-2")


def test_a_retry_of_an_operation_that_the_studio_has_no_more_says_so(funded):
    old = begin(funded)
    Task.objects.update(status=Status.FAILED, operation="sonic.forgotten")
    with pytest.raises(Unavailable, match="does not have this operation"):
        start.retry(old, funded.alice, "form-2")
