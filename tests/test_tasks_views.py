"""Starting, following and changing tasks: cards, the meter and its poll, and a task's page."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio import ledger, operations
from studio.management.commands.studio import LONGEST_REQUEST_LINE_BYTES
from studio.models import Asset, Clip, Draft, Entry, Task
from studio.views.cards import cards_for, glances_at, open_cards, stamp_of, tasks_of, title_of
from studio.views.tasks import MOST_ASKED, Meter
from studio.work import queue
from studio.work import start as work
from tests.base import make_clip, make_task

CREATE = operations.get("sonic.create_music")
Status = Task.Status
ON_CREATE = {"HX-Request": "true", "HX-Current-URL": "http://testserver/create"}
ON_CLIP = {"HX-Request": "true", "HX-Current-URL": "http://testserver/clips/1"}
SONG = {
    "operation": "sonic.create_music",
    "mode": "custom",
    "prompt": "[Verse]\nOver the hills",
    "tags": "folk",
    "title": "Hills",
    "mv": "sonic-v5",
    "style_weight": "55",
    "weirdness_constraint_default": "on",
    "form_token": "form-1",
}


@pytest.fixture
def funded(people):
    ledger.grant(people.connection, 100, people.alice, "Start")
    return people


@pytest.fixture
def alice(funded):
    return funded.browser(funded.alice)


def start(browser, headers=None, **changes: Any):
    data = {name: value for name, value in (SONG | changes).items() if value is not None}
    return browser.post(reverse("start_task"), data, headers=headers)


def text_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def toast_of(response) -> dict[str, str]:
    return json.loads(response["HX-Trigger"])["toast"]


def holds() -> int:
    return Entry.objects.filter(kind=Entry.Kind.HOLD).count()


# --- starting ---------------------------------------------------------------------------------


def test_create_makes_a_task_whose_card_comes_to_the_top_of_the_page(funded, alice):
    response = start(alice, ON_CREATE)
    task = Task.objects.get()
    page = response.content.decode()
    assert response.status_code == 200
    assert task.recipe["values"]["style_weight"] == 0.55
    assert task.payload["prompt"] == "[Verse]\nOver the hills"
    assert 'hx-swap-oob="afterbegin:#work"' in page
    assert f'id="card-{task.code}"' in page
    assert toast_of(response) == {"text": "Queued – #1", "kind": "work"}


def test_the_answer_brings_the_meter_the_foot_and_a_fresh_token(alice):
    page = start(alice, ON_CREATE).content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"[^>]*hx-swap-oob', page)
    assert token is not None and token.group(1) != "form-1"
    assert 'id="running" hx-swap-oob="true" hx-get="/tasks/running" hx-trigger="every 2s"' in page
    assert re.search(r'id="compose-foot"[^>]*hx-swap-oob', page)
    assert 'id="create-panel"' not in page  # the form is not cleared, nor replaced under the hand


def test_a_page_without_a_list_of_work_gets_no_card(alice):
    assert "afterbegin:#work" not in start(alice, ON_CLIP).content.decode()


def test_errors_drawn_at_fields_go_when_the_song_is_sent(alice):
    page = start(alice, ON_CREATE, shown_problems="1").content.decode()
    assert re.search(r'id="create-panel"[^>]*hx-swap-oob="outerMorph"', page)


def test_without_javascript_create_leads_back_to_the_page_with_a_message(alice):
    response = start(alice)
    assert response.status_code == 302
    page = alice.get(response.url)
    assert [str(message) for message in page.context["messages"]] == ["Queued – #1: Hills"]
    assert page.context["panel"].form.values()["title"] == "Hills"


@pytest.mark.parametrize("headers", [None, ON_CREATE], ids=["plain", "htmx"])
def test_the_same_form_sent_twice_is_one_task_and_one_hold(alice, headers):
    start(alice, headers)
    response = start(alice, headers)
    assert response.status_code in {200, 302}
    assert Task.objects.count() == holds() == 1


def test_a_second_send_does_not_put_a_second_card_into_the_page(alice):
    start(alice, ON_CREATE)
    page = start(alice, ON_CREATE).content.decode()
    assert "afterbegin:#work" not in page
    assert f'id="card-{Task.objects.get().code}"' in page


@pytest.mark.parametrize("headers", [None, ON_CREATE], ids=["plain", "htmx"])
def test_an_old_form_that_says_something_else_by_now_is_not_taken_for_the_first(alice, headers):
    start(alice, headers)
    response = start(alice, headers, title="Valleys")
    panel = response.context["panel"]
    assert response.status_code == 409
    assert "has changed since" in text_of(response)
    assert panel.form.values()["title"] == "Valleys"
    start(alice, headers, title="Valleys", form_token=panel.form_token)
    assert Task.objects.count() == 2


@pytest.mark.parametrize("token", [None, "", "../../etc", "x" * 65])
def test_a_form_without_a_usable_token_is_sent_all_the_same(alice, token):
    assert start(alice, form_token=token).status_code == 302
    assert Task.objects.count() == 1


@pytest.mark.parametrize("headers", [None, ON_CREATE], ids=["plain", "htmx"])
def test_lyrics_over_the_limit_come_back_whole_with_the_message_at_their_field(alice, headers):
    lyrics = "la " * 2000
    response = start(alice, headers, prompt=lyrics)
    page = response.content.decode()
    assert response.status_code == 422
    assert lyrics in page
    assert re.search(r'<textarea[^>]*name="prompt"[^>]*aria-describedby="[^"]*id_prompt-error"', page)
    assert re.search(r'<textarea[^>]*name="prompt"[^>]*aria-invalid="true"', page)
    error = page[page.index('id="id_prompt-error"') :]
    assert "1 000 too many" in error[:600]
    assert Task.objects.count() == holds() == 0


def test_an_unknown_model_is_named_at_its_field(alice):
    response = start(alice, ON_CREATE, mv="sonic-v99")
    assert response.status_code == 422
    assert "Model: sonic-v99 is not known here." in text_of(response)


def test_a_problem_under_more_opens_it(alice):
    page = start(alice, ON_CREATE, style_weight="900").content.decode()
    assert re.search(r'<details class="fold" data-remember="create-more" open>', page)


@pytest.mark.parametrize("headers", [None, ON_CREATE], ids=["plain", "htmx"])
def test_too_few_credits_are_said_before_anything_is_sent(funded, alice, headers):
    ledger.adjust(funded.connection, -95, funded.alice, "Spent")
    response = start(alice, headers)
    assert response.status_code == 422
    assert "This needs 14 credits and 5 are left." in text_of(response)
    assert Task.objects.count() == 0


def test_credits_that_went_in_the_meantime_are_said_too(alice, monkeypatch):
    def broke(*args: object, **kwargs: object) -> None:
        raise work.NotEnoughCredits(14, 3)

    monkeypatch.setattr(work, "start", broke)
    response = start(alice, ON_CREATE)
    assert response.status_code == 422
    assert "This needs 14 credits and 3 are available." in text_of(response)


def test_a_team_without_a_provider_cannot_send(people):
    people.connection.delete()
    response = start(people.browser(people.alice), ON_CREATE)
    assert response.status_code == 422
    assert "No provider is connected." in text_of(response)


def test_what_was_written_is_kept_even_when_it_is_refused(funded, alice):
    start(alice, prompt="", tags="folk")
    assert Draft.objects.get().values["values"]["title"] == "Hills"


@pytest.mark.parametrize(("who", "status"), [("alice", 302), ("bob", 302), ("vera", 403), ("charlie", 422)])
def test_who_may_start_a_task(funded, who, status):
    """Charlie is at home in a team that has no provider."""
    assert start(funded.browser(getattr(funded, who))).status_code == status
    assert Task.objects.filter(team=funded.team).count() == (status == 302)


def test_anonymous_visitors_start_nothing(client, funded):
    assert start(client).url.startswith("/accounts/login")
    assert Task.objects.count() == 0


@pytest.mark.parametrize("headers", [ON_CREATE, ON_CREATE | {"HX-Boosted": "true"}], ids=["form", "page"])
def test_a_form_of_somebody_signed_out_is_not_replaced_by_the_sign_in_page(client, funded, headers):
    response = start(client, headers)
    if "HX-Boosted" in headers:
        assert response.url.startswith("/accounts/login")
        return
    assert (response.status_code, response["HX-Reswap"]) == (401, "none")
    assert "You are signed out." in toast_of(response)["text"]


def test_the_poll_of_somebody_signed_out_ends_without_a_word(client, funded):
    response = poll(client)
    assert response.status_code == 401
    assert "HX-Trigger" not in response


# --- cards ------------------------------------------------------------------------------------


def card_text(browser, task: Task) -> str:
    page = browser.get(reverse("create")).content.decode()
    found = re.search(rf'<article[^>]*id="card-{task.code}".*?</article>', page, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split())


def finished(people, status: Status, **fields: Any) -> Task:
    """A task of Alice that held 14 credits."""
    task = make_task(people, status=status, **fields)
    ledger.hold(task, 14)
    return task


def test_a_queued_card_names_its_place_and_may_be_cancelled(funded, alice):
    make_task(funded)
    task = make_task(funded)
    assert queue.position(task) == 2
    words = card_text(alice, task)
    assert "Queued · #2 in line" in words
    assert "Cancel" in words


def test_a_running_card_shows_the_takes_that_are_home(funded, alice):
    task = finished(funded, Status.RUNNING, submitted_at=timezone.now())
    make_clip(funded, task, title="Night Drive")
    make_clip(funded, task, title="Night Drive", position=1, state=Clip.State.RUNNING)
    words = card_text(alice, task)
    assert "Creating · 1 take ready" in words
    assert "take A" in words and "take B" in words
    assert "14 credits reserved" in words
    assert "Cancel" not in words


def test_two_takes_stand_as_a_pair(funded, alice):
    task = make_task(funded, status=Status.READY)
    make_clip(funded, task)
    assert 'class="pair"' not in alice.get(reverse("create")).content.decode()
    make_clip(funded, task, position=1)
    assert 'class="pair"' in alice.get(reverse("create")).content.decode()


def test_a_failed_card_gives_the_reason_and_what_became_of_the_credits(funded, alice):
    task = finished(funded, Status.FAILED, problem_text="The provider refused a word.")
    ledger.release(task)
    words = card_text(alice, task)
    assert "The provider refused a word." in words
    assert "not charged – 14 credits returned" in words
    assert "Retry" in words


def test_a_failed_card_that_was_charged_says_that_somebody_looks(funded, alice):
    task = finished(funded, Status.FAILED, needs_person=True)
    ledger.settle(task, 14)
    words = card_text(alice, task)
    assert "charged 14, an admin will look" in words
    assert "The provider gave no reason." in words


def test_only_admins_are_asked_about_an_unconfirmed_task(funded, alice):
    task = finished(funded, Status.UNCONFIRMED, needs_person=True, person=funded.bob)
    assert "It was not charged" in card_text(alice, task)
    bob = card_text(funded.browser(funded.bob), task)
    assert "never sent twice" in bob
    assert "It was not charged" not in bob
    assert "Retry" not in bob


def test_a_cancelled_card_may_be_sent_again(funded, alice):
    task = make_task(funded, status=Status.CANCELLED)
    assert "Send again" in card_text(alice, task)


def test_cards_of_others_carry_their_name_and_no_buttons_for_members(funded):
    task = make_task(funded, status=Status.FAILED)
    words = card_text(funded.browser(funded.bob), task)
    assert "Alice" in words
    assert "Retry" not in words


def test_viewers_get_no_buttons_at_all(funded):
    task = make_task(funded, person=funded.vera)
    words = card_text(funded.browser(funded.vera), task)
    assert "Cancel" not in words and "Reuse" not in words


def test_a_card_survives_an_operation_that_is_no_more(funded, alice):
    task = make_task(funded, operation="sonic.gone", status=Status.FAILED)
    assert "sonic.gone" in card_text(alice, task)
    assert alice.get(reverse("task", args=[task.code])).status_code == 200
    assert alice.post(reverse("retry_task", args=[task.code]), headers=ON_CREATE).status_code == 422


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({"mode": "custom", "title": "Hills", "prompt": "la"}, "Hills"),
        ({"mode": "custom", "prompt": "[Verse]\n\nOver the hills\nand far"}, "Over the hills"),
        ({"mode": "simple", "title": "unsent", "gpt_description_prompt": "a waltz"}, "a waltz"),
        ({"mode": "custom", "tags": "folk", "prompt": ""}, "folk"),
        ({"mode": "custom"}, "New song"),
        ({"mode": "custom", "prompt": "word " * 40}, "word " * 12 + "…"),
    ],
)
def test_a_task_is_called_by_its_first_words(funded, values, title):
    assert title_of(make_task(funded, recipe={"version": 1, "values": values})) == title


def test_open_cards_are_those_of_what_is_in_the_works(funded):
    make_task(funded, status=Status.READY)
    running = make_task(funded, status=Status.RUNNING)
    membership = funded.team.memberships.get(user=funded.alice)
    assert [card.task for card in open_cards(membership)] == [running]


def test_a_task_that_was_put_back_says_that_it_is_tried_again(funded, alice):
    make_task(funded, status=Status.QUEUED, problem_text="music.example.com could not be reached.")
    page = alice.get(reverse("create")).content.decode()
    assert "could not be reached. It was not sent; the studio tries again by itself." in page


# --- the poll ---------------------------------------------------------------------------------


def asked(people) -> dict[str, Any]:
    """What a page that shows everything as it is now sends along."""
    glances = glances_at(people.team)
    meter = Meter(glances)
    cards = [f"{one.code}:{stamp_of(one)}" for one in glances]
    return {"card": cards, "meter": meter.stamp, "open": meter.followed}


def poll(browser, seen: dict[str, Any] | None = None):
    return browser.get(reverse("running"), seen or {}, headers=ON_CREATE)


def news_of(response) -> list[str]:
    return re.findall(r'<p data-toast="\w+" hidden>([^<]+)</p>', response.content.decode())


def test_the_page_sends_the_very_stamps_that_the_poll_compares(funded, alice):
    make_task(funded)
    make_clip(funded, make_task(funded, status=Status.RUNNING))
    page = alice.get(reverse("create")).content.decode()
    seen = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("card", "meter", "open")}
    assert len(seen["card"]) == 2
    assert poll(alice, seen).status_code == 204


def test_a_poll_for_a_hundred_open_tasks_fits_into_one_request_line(funded, alice):
    for _ in range(MOST_ASKED):
        make_task(funded)
    answer = poll(alice, asked(funded))
    assert answer.status_code == 204
    sent = answer.wsgi_request.get_full_path()
    assert sent.count("card=") == MOST_ASKED
    assert len(f"GET {sent} HTTP/1.1\r\n") <= LONGEST_REQUEST_LINE_BYTES


def test_nothing_new_is_204_and_four_queries(funded, alice):
    for status in (Status.QUEUED, Status.RUNNING, Status.RUNNING):
        make_clip(funded, make_task(funded, status=status))
    make_clip(funded)
    seen = asked(funded)
    with CaptureQueriesContext(connection) as queries:
        response = poll(alice, seen)
    assert response.status_code == 204
    assert len(queries) <= 4


def test_a_card_comes_when_it_looks_different_and_the_others_stay(funded, alice):
    changed, same = make_task(funded), make_task(funded, status=Status.RUNNING)
    seen = asked(funded)
    Task.objects.filter(pk=changed.pk).update(status=Status.SUBMITTING)
    page = poll(alice, seen).content.decode()
    assert re.search(rf'id="card-{changed.code}"[^>]*hx-swap-oob="outerMorph"', page)
    assert f'id="card-{same.code}"' not in page


@pytest.mark.parametrize(
    "change",
    [
        lambda task, clip: Clip.objects.filter(pk=clip.pk).update(state=Clip.State.READY),
        lambda task, clip: Clip.objects.filter(pk=clip.pk).update(state=Clip.State.FAILED),
        lambda task, clip: Clip.objects.filter(pk=clip.pk).update(title="Found a name"),
        lambda task, clip: Clip.objects.create(team=task.team, task=task, remote_id="late"),
        lambda task, clip: Task.objects.filter(pk=task.pk).update(needs_person=True),
    ],
    ids=["home", "failed", "named", "another", "flagged"],
)
def test_whatever_a_card_shows_of_its_takes_changes_its_stamp(funded, alice, change):
    task = make_task(funded, status=Status.RUNNING)
    clip = make_clip(funded, task, state=Clip.State.RUNNING, title="")
    seen = asked(funded)
    change(task, clip)
    assert f'id="card-{task.code}"' in poll(alice, seen).content.decode()


def test_a_card_moves_up_when_one_before_it_goes(funded, alice):
    first, second = make_task(funded), make_task(funded)
    seen = asked(funded)
    Task.objects.filter(pk=first.pk).update(status=Status.SUBMITTING)
    assert "#1 in line" in text_of(poll(alice, seen))
    assert "#2" not in text_of(poll(alice, seen))
    assert second.is_open


def test_the_end_of_ones_own_song_is_told_once(funded, alice):
    task = make_task(funded, status=Status.RUNNING)
    seen = asked(funded)
    make_clip(funded, task, title="Night Drive")
    make_clip(funded, task, title="Night Drive", position=1)
    Task.objects.filter(pk=task.pk).update(status=Status.READY)
    response = poll(alice, seen)
    page = response.content.decode()
    assert news_of(response) == ["Song ready: Night Drive, takes A and B"]
    assert f'id="card-{task.code}"' in page
    assert f'value="{task.code}:' not in page  # a final card is not asked about again
    assert re.search(r'<div id="running" hx-swap-oob="true" hidden>', page)
    assert poll(alice, {"meter": Meter([]).stamp}).status_code == 204


def test_a_page_that_shows_no_card_is_told_of_the_end_by_its_meter(funded, alice):
    task = make_task(funded, status=Status.RUNNING)
    seen = asked(funded) | {"card": []}
    Task.objects.filter(pk=task.pk).update(status=Status.FAILED, problem_text="It broke.")
    response = poll(alice, seen)
    assert news_of(response) == ["Stars they shine above me failed. It broke."]
    assert "task-card" not in response.content.decode()


@pytest.mark.parametrize(
    ("status", "news"),
    [
        (Status.UNCONFIRMED, "its outcome is unknown"),
        (Status.CANCELLED, "Cancelled: Stars they shine above me"),
    ],
)
def test_other_ends_are_told_in_their_own_words(funded, alice, status, news):
    task = make_task(funded, status=Status.RUNNING)
    seen = asked(funded)
    Task.objects.filter(pk=task.pk).update(status=status)
    assert news in news_of(poll(alice, seen))[0]


def test_the_end_of_somebody_elses_song_only_changes_the_card(funded, alice):
    task = make_task(funded, status=Status.RUNNING, person=funded.bob)
    seen = asked(funded)
    Task.objects.filter(pk=task.pk).update(status=Status.READY)
    response = poll(alice, seen)
    assert news_of(response) == []
    assert f'id="card-{task.code}"' in response.content.decode()


def test_the_balance_comes_along_when_something_ends(funded, alice):
    task = finished(funded, Status.RUNNING)
    seen = asked(funded)
    ledger.settle(task, 14)
    Task.objects.filter(pk=task.pk).update(status=Status.READY)
    assert re.search(r'id="balance"[^>]*hx-swap-oob', poll(alice, seen).content.decode())


def test_the_meter_asks_less_often_after_a_minute(funded):
    task = make_task(funded, status=Status.RUNNING)
    assert Meter([task]).every_s == 2
    task.created_at -= timedelta(seconds=61)
    assert Meter([task]).every_s == 10
    assert Meter([task, make_task(funded)]).words == "1 creating · 1 queued"


def test_a_stranger_learns_nothing_from_codes_they_know(funded):
    task = make_task(funded, status=Status.RUNNING)
    response = poll(funded.browser(funded.charlie), asked(funded))
    assert str(task.code) not in response.content.decode()
    assert news_of(response) == []


@pytest.mark.parametrize(
    "junk",
    [
        {"card": ["", ":", "junk", "junk:junk", f"{uuid4()}:", "\0:\0"] * 60},
        {"open": "junk \0 " * 500, "meter": "\0"},
        {"open": str(uuid4())},
    ],
)
def test_a_poll_with_junk_is_answered_calmly(funded, alice, junk):
    assert poll(alice, junk).status_code == 200
    assert poll(alice, junk | {"meter": Meter([]).stamp}).status_code == 204


def test_somebody_without_a_team_has_nothing_running(people):
    people.team.memberships.filter(user=people.vera).delete()
    assert poll(people.browser(people.vera)).status_code == 204


# --- a task's page ----------------------------------------------------------------------------


def test_the_page_gives_every_parameter_in_words(funded, alice):
    values = {"mode": "custom", "prompt": "[Verse]\nLa", "mv": "sonic-v5", "style_weight": 0.55}
    values |= {"weirdness_constraint": None, "make_instrumental": True, "gpt_description_prompt": "unused"}
    task = make_task(funded, recipe={"version": 1, "operation": CREATE.name, "values": values})
    words = text_of(alice.get(reverse("task", args=[task.code])))
    assert "Model v5" in words
    assert "Style weight 55 of 100" in words
    assert "Weirdness Provider's default" in words
    assert "Instrumental Yes" in words
    assert "Song description (not sent) unused" in words


def test_the_page_tells_the_course_and_the_credits(funded, alice):
    sent_at = timezone.now() + timedelta(seconds=1)
    task = finished(funded, Status.READY, submitted_at=sent_at, finished_at=sent_at + timedelta(seconds=40))
    ledger.settle(task, 12)
    words = text_of(alice.get(reverse("task", args=[task.code])))
    assert re.search(r"Asked for .* Sent .* Ready ", words)
    assert "Held -14" in words
    assert "Settled +2 12" in words


def test_raw_answers_are_for_admins(funded, alice):
    task = make_task(funded, status=Status.FAILED, answer='{"message": "<b>raw</b>"}', remote_id="remote-7")
    url = reverse("task", args=[task.code])
    page = alice.get(url).content.decode()
    assert "&lt;b&gt;raw&lt;/b&gt;" in page and "remote-7" in page
    bob = funded.browser(funded.bob).get(url).content.decode()
    assert "raw&lt;" not in bob and "remote-7" not in bob


def test_retries_and_their_origin_point_at_each_other(funded, alice):
    task = make_task(funded, status=Status.FAILED)
    child = make_task(funded, parent=task)
    assert reverse("task", args=[child.code]) in alice.get(reverse("task", args=[task.code])).content.decode()
    assert reverse("task", args=[task.code]) in alice.get(reverse("task", args=[child.code])).content.decode()


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 200), ("vera", 200), ("charlie", 404)])
def test_who_may_read_a_task(funded, who, status):
    url = reverse("task", args=[make_task(funded).code])
    assert funded.browser(getattr(funded, who)).get(url).status_code == status


def test_anonymous_visitors_read_no_task(client, funded):
    url = reverse("task", args=[make_task(funded).code])
    assert client.get(url).url.startswith("/accounts/login")


# --- changing ---------------------------------------------------------------------------------


def act(browser, name: str, task: Task, headers=ON_CREATE, **data: str):
    return browser.post(reverse(name, args=[task.code]), data, headers=headers)


def test_cancel_gives_the_credits_back_and_shows_the_card(funded, alice):
    task = finished(funded, Status.QUEUED)
    response = act(alice, "cancel_task", task)
    assert response.status_code == 200
    assert "not charged – 14 credits returned" in text_of(response)
    assert "Nothing was charged." in toast_of(response)["text"]
    assert ledger.balance(funded.connection).available_credits == 100


def test_a_task_that_was_sent_cannot_be_cancelled(funded, alice):
    task = finished(funded, Status.RUNNING)
    response = act(alice, "cancel_task", task)
    assert response.status_code == 409
    assert toast_of(response)["kind"] == "err"
    assert f'id="card-{task.code}"' in response.content.decode()
    assert Task.objects.get().status == Status.RUNNING


def test_retry_makes_a_child_with_the_same_recipe_on_top_of_the_page(funded, alice):
    task = make_task(funded, status=Status.FAILED)
    response = act(alice, "retry_task", task, form_token="again")
    child = task.retries.get()
    assert child.recipe["values"]["prompt"] == task.recipe["values"]["prompt"]
    assert 'hx-swap-oob="afterbegin:#work"' in response.content.decode()
    assert toast_of(response)["text"] == "Queued – #1"


def test_a_double_click_on_retry_makes_one_child(funded, alice):
    task = make_task(funded, status=Status.FAILED)
    for _ in range(2):
        act(alice, "retry_task", task, form_token="again")
    assert task.retries.count() == holds() == 1


def test_retry_elsewhere_goes_to_the_new_tasks_page(funded, alice):
    task = make_task(funded, status=Status.FAILED)
    response = act(alice, "retry_task", task, headers=ON_CLIP)
    where = json.loads(response["HX-Location"])
    assert where["path"] == reverse("task", args=[task.retries.get().code])
    assert where["target"] == "#main"


def test_what_forbids_a_retry_is_said(funded, alice):
    task = make_task(funded, status=Status.FAILED)
    ledger.adjust(funded.connection, -95, funded.alice, "Spent")
    response = act(alice, "retry_task", task)
    assert response.status_code == 422
    assert "This needs 14 credits" in toast_of(response)["text"]
    running = act(alice, "retry_task", make_task(funded))
    assert "still running" in toast_of(running)["text"]


@pytest.mark.parametrize(("verdict", "available", "status"), [("yes", 86, 200), ("no", 100, 200)])
def test_an_admin_settles_what_nobody_else_could_tell(funded, alice, verdict, available, status):
    task = finished(funded, Status.UNCONFIRMED, needs_person=True)
    assert act(alice, "resolve_task", task, was_charged=verdict).status_code == status
    task.refresh_from_db()
    assert (task.status, task.needs_person) == (Status.FAILED, False)
    assert ledger.balance(funded.connection).available_credits == available
    assert act(alice, "resolve_task", task, was_charged=verdict).status_code == 409


def test_a_card_says_that_a_charge_came_back_after_all(funded, alice):
    task = finished(funded, Status.FAILED, needs_person=True)
    ledger.settle(task, 14)
    assert "charged 14 – 14 credits returned" in text_of(act(alice, "resolve_task", task, was_charged="no"))


def test_a_verdict_must_be_one(funded, alice):
    task = finished(funded, Status.UNCONFIRMED, needs_person=True)
    assert act(alice, "resolve_task", task, was_charged="perhaps").status_code == 422
    assert Task.objects.get().needs_person


@pytest.mark.parametrize("name", ["cancel_task", "retry_task", "resolve_task"])
def test_without_javascript_a_change_leads_to_a_task_with_a_message(funded, alice, name):
    status = {"cancel_task": Status.QUEUED, "retry_task": Status.FAILED, "resolve_task": Status.UNCONFIRMED}[
        name
    ]
    task = finished(funded, status, needs_person=status == Status.UNCONFIRMED)
    response = alice.post(reverse(name, args=[task.code]), {"was_charged": "no"}, follow=True)
    assert response.redirect_chain[0][0].startswith("/tasks/")
    assert response.status_code == 200
    assert list(response.context["messages"])


@pytest.mark.parametrize(
    ("who", "cancel", "retry", "resolve"),
    [
        ("alice", 200, 200, 200),
        ("ada", 200, 200, 200),
        ("bob", 403, 403, 403),
        ("vera", 403, 403, 403),
        ("charlie", 404, 404, 404),
    ],
)
def test_who_may_change_alices_tasks(funded, who, cancel, retry, resolve):
    browser = funded.browser(getattr(funded, who))
    assert act(browser, "cancel_task", make_task(funded)).status_code == cancel
    assert act(browser, "retry_task", make_task(funded, status=Status.FAILED)).status_code == retry
    unsure = finished(funded, Status.UNCONFIRMED, needs_person=True)
    assert act(browser, "resolve_task", unsure, was_charged="no").status_code == resolve


def test_members_change_their_own_tasks(funded):
    bob = funded.browser(funded.bob)
    assert act(bob, "cancel_task", make_task(funded, person=funded.bob)).status_code == 200


@pytest.mark.parametrize("name", ["cancel_task", "retry_task", "resolve_task", "start_task"])
def test_nothing_changes_by_a_get(funded, alice, name):
    args = [] if name == "start_task" else [make_task(funded).code]
    assert alice.get(reverse(name, args=args)).status_code == 405


# --- results that are no clips ----------------------------------------------------------------


def about(people, operation: str, clip, **fields: Any):
    """A task on `clip`, ready unless told otherwise."""
    values = {"mode": "custom", operations.get(operation).source: str(clip.code)}
    recipe = {"version": 1, "operation": operation, "values": values}
    given = {"operation": operation, "recipe": recipe, "source": clip, "status": Status.READY}
    return make_task(people, **(given | fields))


def stem_of(clip, task, part: str) -> Asset:
    return Asset.objects.create(
        clip=clip,
        task=task,
        kind=Asset.Kind.STEM,
        name=part,
        key=part,
        content_type="audio/mpeg",
        size_bytes=1,
    )


def the_card(people, task):
    return next(card for card in cards_for(membership_of(people), tasks_of(people.team)) if card.task == task)


def membership_of(people):
    return people.team.memberships.get(user=people.alice)


def test_a_card_of_stems_counts_them_and_leads_to_their_clip(funded, alice):
    clip = make_clip(funded, title="Paper Boats")
    task = about(funded, "sonic.stems_full", clip)
    for part in ("vocals", "drums", "bass"):
        stem_of(clip, task, part)
    page = alice.get(reverse("create"))
    assert "3 stems of Paper Boats" in text_of(page)
    assert f'href="{reverse("clip", args=[clip.code])}#stems"' in page.content.decode()
    assert title_of(about(funded, "sonic.stems_full", clip, status=Status.QUEUED)) == "Stems of Paper Boats"


@pytest.mark.parametrize(
    ("operation", "title", "anchor"),
    [
        ("sonic.midi", "MIDI of Paper Boats", "notes"),
        ("sonic.wav", "WAV of Paper Boats", "wav"),
        ("sonic.aligned_lyrics", "Lyrics timeline of Paper Boats", "lyrics"),
        ("sonic.bpm", "Tempo of Paper Boats", "facts"),
        ("sonic.vox", "Voice cut of Paper Boats", "voices"),
    ],
)
def test_what_is_about_a_clip_is_named_after_it_and_lands_on_its_page(funded, operation, title, anchor):
    clip = make_clip(funded, title="Paper Boats")
    card = the_card(funded, about(funded, operation, clip))
    assert card.title == title
    assert card.landing.href == f"{reverse('clip', args=[clip.code])}#{anchor}"
    assert the_card(funded, about(funded, operation, clip, status=Status.FAILED)).landing is None


def test_a_tempo_is_told_on_the_card(funded):
    clip = make_clip(funded)
    card = the_card(funded, about(funded, "sonic.bpm", clip, result={"avg_bpm": 103.97}))
    assert card.landing.words == "104.0 bpm"


def test_a_persona_lands_among_the_voices(funded):
    clip = make_clip(funded)
    task = about(funded, "sonic.persona", clip)
    task.recipe["values"]["name"] = "Nora"
    task.save()
    landing = the_card(funded, task).landing
    assert (landing.words, landing.href) == ("Nora is among the voices", reverse("personas"))


def test_a_remaster_without_a_title_is_named_after_its_source(funded):
    clip = make_clip(funded, title="Paper Boats")
    assert title_of(about(funded, "sonic.remaster", clip, status=Status.QUEUED)) == "Remaster: Paper Boats"


def test_lyrics_are_offered_on_the_card_to_those_who_may_write(funded, alice):
    drafts = [{"title": "Last Train", "lyrics": "[Verse]\nHome"}]
    make_task(funded, operation="lyrics.make_lyrics", status=Status.READY, result={"drafts": drafts})
    page = text_of(alice.get(reverse("create")))
    assert "Last Train [Verse] Home Use these lyrics" in page
    vera = text_of(funded.browser(funded.vera).get(reverse("create")))
    assert "Last Train" in vera and "Use these lyrics" not in vera


def test_a_task_that_the_provider_is_not_ready_for_says_that_it_costs_nothing(funded):
    clip = make_clip(funded)
    task = about(
        funded,
        "sonic.midi",
        clip,
        status=Status.QUEUED,
        problem_kind="not_ready",
        problem_text="The provider is still preparing this.",
    )
    note = the_card(funded, task).note
    assert note.startswith("The provider is still preparing this.")
    assert "Nothing is charged for asking again" in note and "not sent" not in note


def test_a_finished_task_without_clips_is_told_by_its_name(funded, alice):
    clip = make_clip(funded, title="Paper Boats")
    task = about(funded, "sonic.midi", clip)
    response = alice.get(reverse("running"), {"open": str(task.code), "meter": "x"}, headers=ON_CREATE)
    assert "Ready: MIDI of Paper Boats" in text_of(response)


def test_a_recipe_names_its_sources_and_moments_as_people_do(funded, alice):
    clip = make_clip(funded, title="Paper Boats")
    task = about(funded, "sonic.replace_section", clip)
    task.recipe["values"] |= {"infill_start_s": 42.1, "infill_end_s": 51.6}
    task.save()
    page = text_of(alice.get(reverse("task", args=[task.code])))
    assert "Paper Boats" in page and "0:42.1" in page and "0:51.6" in page
    assert str(clip.code) not in page


def test_cards_of_every_kind_cost_no_more_queries_when_there_are_more(funded, alice):
    counts = []
    for number in (1, 5):
        for _ in range(number):
            clip = make_clip(funded)
            for name in ("sonic.stems_full", "sonic.midi", "sonic.bpm", "sonic.remaster"):
                stem_of(clip, task := about(funded, name, clip), f"part-{task.pk}")
        with CaptureQueriesContext(connection) as queries:
            alice.get(reverse("create"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
