"""One panel for every operation: its menu, its sources, its moments, and help while writing."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio import ledger, offers, operations, vault
from studio.forms.compose import form_for
from studio.forms.kinds import moment_words, seconds_of
from studio.models import Asset, Connection, Draft, Persona, Task
from studio.operations import REGISTRY, Kind, Status
from studio.views.helpers import rewriting
from tests.base import make_clip, make_task

HTMX = {"HX-Request": "true"}
NOBODY = "00000000-0000-0000-0000-000000000001"
EXTEND = "sonic.extend_music"


@pytest.fixture
def funded(people):
    people.connection.is_offline = True
    people.connection.save()
    ledger.grant(people.connection, 100, people.alice, "Start")
    return people


@pytest.fixture
def alice(funded):
    return funded.browser(funded.alice)


def text_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def opened(browser, **asked: Any):
    return browser.get(reverse("create"), asked)


def panel_of(browser, **asked: Any):
    return opened(browser, **asked).context["panel"]


def an_upload(people, **fields: Any):
    task = make_task(people, operation="sonic.upload", status=Task.Status.READY)
    return make_clip(people, task, origin="uploaded", **fields)


def sung(clip, *words: tuple[str, float, float]) -> None:
    """Gives the clip a timeline."""
    stored = {"words": [{"word": word, "start_s": start, "end_s": end} for word, start, end in words]}
    blob = vault.save(BytesIO(json.dumps(stored).encode()), ".json")
    Asset.objects.create(
        clip=clip,
        kind=Asset.Kind.TIMELINE,
        key=blob.key,
        content_type="application/json",
        sha256=blob.sha256,
        size_bytes=blob.size_bytes,
    )


def posted_by(browser, **asked: Any) -> dict[str, Any]:
    """What the browser would send of the panel that an address opens."""
    form = panel_of(browser, **asked).form
    data = {name: form.data.getlist(name) for name in form.data}
    return data | {"operation": form.operation.name, "form_token": "form-1", "was_source": form.subject}


# --- kinds of fields --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment_s"),
    [
        ("83.4", 83.4),
        ("1:23.4", 83.4),
        ("01:23,45", 83.45),
        ("1:02:03", 3723.0),
        ("0", 0.0),
        (" 0:05 ", 5.0),
        ("-1", None),
        ("soon", None),
        ("1:2:3:4", None),
        ("1e9", None),
        ("nan", None),
        ("", None),
    ],
)
def test_a_moment_is_written_in_minutes_or_in_seconds(text, moment_s):
    assert seconds_of(text) == moment_s


@pytest.mark.parametrize(
    ("moment_s", "words"), [(0, "0:00.0"), (83.4, "1:23.4"), (83.45, "1:23.45"), (59.999, "1:00.0")]
)
def test_a_moment_is_shown_with_its_tenths(moment_s, words):
    assert moment_words(moment_s) == words
    assert seconds_of(words) == pytest.approx(moment_s, abs=0.01)


def read(operation: str, query: str) -> dict[str, Any]:
    return form_for(operations.get(operation), QueryDict(query)).values()


def test_some_words_of_a_list_come_as_a_list_each_once():
    assert read("nuro.bgm_v1", "mood=happy&mood=calm&mood=happy&mood=")["mood"] == ["happy", "calm"]


def test_a_plan_leaves_out_the_rows_that_nobody_filled_in():
    query = (
        "segments__name=intro&segments__duration_s=10&segments__name=&segments__duration_s="
        "&segments__name=verse&segments__duration_s=20,5"
    )
    wanted = [{"name": "intro", "duration_s": 10}, {"name": "verse", "duration_s": 20.5}]
    assert read("nuro.bgm_v2", query)["segments"] == wanted


def test_what_is_no_moment_is_named_once_and_stays_in_the_field(funded):
    form = form_for(
        operations.get(EXTEND),
        QueryDict("mode=custom&continue_at_s=soon&clip="),
        team=funded.team,
        connection=funded.connection,
    )
    found = [problem.text for problem in form.problems if problem.field == "continue_at_s"]
    assert len(found) == 1 and "Give a moment such as 1:23.5" in found[0]
    control = next(one for one in form.controls if one.field.name == "continue_at_s")
    assert control.typed == "soon"


def test_fields_of_other_hosts_are_not_asked_for(funded):
    operation = operations.get("producer.create_music")
    asked = {
        host: {
            one.field.name
            for one in form_for(
                operation, connection=Connection(base_url=f"https://{host}/api/v1")
            ).controls_of(operation.fields)
        }
        for host in ("api.musicapi.ai", "api.aimusicapi.ai")
    }
    assert "bpm" in asked["api.musicapi.ai"] - asked["api.aimusicapi.ai"]
    assert "mv" in asked["api.aimusicapi.ai"] - asked["api.musicapi.ai"]


# --- every operation --------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(REGISTRY))
def test_the_panel_of_every_operation_opens_and_asks_for_its_fields(alice, name):
    response = alice.get(reverse("compose_panel"), {"operation": name})
    page = response.content.decode()
    panel = response.context["panel"]
    assert panel.operation.name == name
    for one in panel.operation.fields:
        is_here = one.hosts is None or "offline" in one.hosts
        names = (f'name="{one.name}"', f'name="{one.name}__name"')
        assert any(text in page for text in names) == is_here, one.name


@pytest.mark.parametrize("name", list(REGISTRY))
def test_the_panel_of_every_operation_opens_on_a_clip(funded, alice, name):
    clip = make_clip(funded)
    panel = panel_of(alice, operation=name, clip=clip.code)
    assert panel.operation.name in {name, REGISTRY[name].twin}
    is_about_clips = (
        panel.operation.source and Kind.PERSONA is not panel.operation.field(panel.operation.source).kind
    )
    assert panel.form.subject == (str(clip.code) if is_about_clips else "")


def test_the_menu_shows_what_is_not_offered_with_its_reason(funded, alice):
    ledger.grant(funded.connection, 1, funded.alice, "More")
    offers.withdraw(funded.connection, operations.get("sonic.remaster"), "The host took it away in May.")
    page = opened(alice)
    choices = {
        one.operation.name: one
        for section in page.context["panel"].chooser.sections
        for one in section.choices
    }
    assert "The host took it away in May." in choices["sonic.remaster"].why_not
    assert re.search(
        r'aria-disabled="true"[^>]*><span>Remaster<small>The host took it away', page.content.decode()
    )
    assert not choices["sonic.cover_music"].why_not


def test_the_menu_shows_one_of_two_twins_and_marks_what_is_on_its_way_out(people):
    host = "https://api.musicapi.ai/api/v1"
    people.connection.base_url = host
    people.connection.save()
    sections = panel_of(people.browser(people.alice)).chooser.sections
    found = {one.operation.name: one for section in sections for one in section.choices}
    assert "sonic.extend_music" in found and "sonic.extend_upload_music" not in found
    assert found["riffusion.create_music"].is_deprecated
    assert [section.title for section in sections][:1] == ["Create"]


def test_an_operation_that_is_gone_opens_with_the_reason_and_a_way_out(funded, alice):
    clip = make_clip(funded)
    funded.connection.is_offline = False
    funded.connection.base_url = "https://api.aimusicapi.ai/api/v1"
    funded.connection.save()
    page = opened(alice, operation="sonic.persona", clip=clip.code)
    flight = page.context["panel"].preflight
    assert flight.blocker and flight.instead.name == "sonic.create_voice"
    assert "Open Make a voice" in text_of(page)
    assert f"operation=sonic.create_voice&amp;recording={clip.code}" in page.content.decode()


def test_a_page_asks_the_database_no_more_for_the_whole_menu(funded, alice):
    with CaptureQueriesContext(connection) as queries:
        alice.get(reverse("compose_panel"))
    assert len(queries) <= 14, [query["sql"][:90] for query in queries]


# --- sources ----------------------------------------------------------------------------------


def test_an_address_opens_an_operation_on_a_clip_with_what_the_clip_suggests(funded, alice):
    clip = make_clip(funded, title="Paper Boats", tags="folk, warm", model="sonic-v5", duration_s=61.54)
    page = opened(alice, operation=EXTEND, clip=clip.code, continue_at_s="0:40.5")
    values = page.context["panel"].form.values()
    assert values["clip"] == str(clip.code)
    assert (values["title"], values["tags"], values["mv"]) == ("Paper Boats", "folk, warm", "sonic-v5")
    assert values["continue_at_s"] == 40.5
    assert values["mode"] == "custom"
    assert "Extend ▸ Paper Boats" in text_of(page)
    assert panel_of(alice, operation=EXTEND, clip=clip.code).form.values()["continue_at_s"] == 61.5


def test_a_cover_starts_with_the_words_of_its_source_and_an_extension_does_not(funded, alice):
    clip = make_clip(funded, lyrics="[Verse]\nOver the hills")
    assert "hills" in panel_of(alice, operation="sonic.cover_music", clip=clip.code).form.values()["prompt"]
    assert panel_of(alice, operation=EXTEND, clip=clip.code).form.values()["prompt"] == ""


def test_an_upload_gets_the_operation_for_uploads(funded, alice):
    upload = an_upload(funded)
    assert panel_of(alice, operation=EXTEND, clip=upload.code).operation.name == "sonic.extend_upload_music"
    own = make_clip(funded)
    back = panel_of(alice, operation="sonic.extend_upload_music", clip=own.code)
    assert back.operation.name == EXTEND


def test_a_clip_alone_is_extended(funded, alice):
    assert panel_of(alice, clip=make_clip(funded).code).operation.name == EXTEND


def test_a_clip_to_be_uploaded_again_stands_where_recordings_do(funded, alice):
    clip = make_clip(funded)
    panel = panel_of(alice, operation="sonic.upload", clip=clip.code)
    assert panel.form.values()["recording"] == str(clip.code)
    assert panel.form.controls[0].clip == clip


def test_a_mashup_takes_two_clips(funded, alice):
    one, two = make_clip(funded), make_clip(funded)
    page = opened(alice, operation="sonic.mashup", clip=one.code, second=two.code)
    values = page.context["panel"].form.values()
    assert (values["clip"], values["second_clip"]) == (str(one.code), str(two.code))
    assert page.content.decode().count("data-take ") == 2


def test_clips_of_other_teams_are_not_there(funded):
    clip = make_clip(funded)
    charlie = funded.browser(funded.charlie)
    panel = panel_of(charlie, operation=EXTEND, clip=clip.code)
    assert panel.form.clips == {} and panel.form.context.sources == {}
    assert clip.title not in text_of(opened(charlie, operation=EXTEND, clip=clip.code))


def test_another_source_brings_a_new_form_and_the_draft_can_be_brought_back(funded, alice):
    first, second = make_clip(funded, title="First"), make_clip(funded, title="Second")
    alice.post(
        reverse("save_draft"), posted_by(alice, operation=EXTEND, clip=first.code) | {"prompt": "Mine"}
    )
    same = panel_of(alice, operation=EXTEND, clip=first.code)
    assert same.form.values()["prompt"] == "Mine"
    other = opened(alice, operation=EXTEND, clip=second.code)
    assert other.context["panel"].form.values()["prompt"] == ""
    assert other.context["panel"].form.values()["title"] == "Second"
    assert "What you had written here before is kept." in text_of(other)
    data = posted_by(alice, operation=EXTEND, clip=second.code)
    alice.post(reverse("save_draft"), data)
    back = alice.post(reverse("reset_draft"), data | {"undo": "1"}, headers=HTMX).context["panel"]
    assert (back.form.subject, back.form.values()["prompt"]) == (str(first.code), "Mine")


def test_a_page_opens_with_what_was_written_last(funded, alice):
    clip = make_clip(funded)
    alice.post(reverse("save_draft"), posted_by(alice, operation="sonic.remaster", clip=clip.code))
    panel = panel_of(alice)
    assert (panel.operation.name, panel.form.subject) == ("sonic.remaster", str(clip.code))


def test_a_source_that_is_dropped_takes_its_suggestions_along_and_leaves_what_was_written(funded, alice):
    first, second = (
        make_clip(funded, title="First", tags="folk"),
        make_clip(funded, title="Second", tags="jazz"),
    )
    data = posted_by(alice, operation=EXTEND, clip=first.code) | {"tags": "my own", "clip": str(second.code)}
    panel = alice.post(reverse("set_source"), data, headers=HTMX).context["panel"]
    values = panel.form.values()
    assert (values["title"], values["tags"]) == ("Second", "my own")
    assert values["continue_at_s"] == 61.5
    assert Draft.objects.get(user=funded.alice, operation=EXTEND).values["subject"] == str(second.code)


def test_a_source_can_be_taken_away(funded, alice):
    clip = make_clip(funded)
    data = posted_by(alice, operation=EXTEND, clip=clip.code) | {"clip": ""}
    panel = alice.post(reverse("set_source"), data, headers=HTMX).context["panel"]
    assert panel.form.subject == ""
    assert panel.form.values()["continue_at_s"] is None


def test_an_upload_in_the_source_field_changes_to_the_operation_for_uploads(funded, alice):
    upload = an_upload(funded)
    data = posted_by(alice, operation=EXTEND) | {"clip": str(upload.code)}
    panel = alice.post(reverse("set_source"), data, headers=HTMX).context["panel"]
    assert panel.operation.name == "sonic.extend_upload_music"


def test_the_ring_counts_the_hours_that_are_left(funded, alice):
    clip = make_clip(funded)
    Task.objects.filter(pk=clip.task.pk).update(submitted_at=timezone.now() - timedelta(hours=5))
    fresh = opened(alice, operation="sonic.remaster", clip=clip.code)
    assert "fresh for 19 h" in text_of(fresh)
    Task.objects.filter(pk=clip.task.pk).update(submitted_at=timezone.now() - timedelta(hours=30))
    old = opened(alice, operation="sonic.remaster", clip=clip.code)
    assert "older than 24 h" in text_of(old)
    assert "Upload it again" in text_of(old)
    assert f"/create?operation=sonic.upload&amp;recording={clip.code}" in old.content.decode()


def test_advice_warns_and_does_not_block(funded, alice):
    name = next(
        one.name
        for one in REGISTRY.values()
        for field in one.source_fields
        if field.needs.fresh_h and not field.needs.is_strict and one.name == "sonic.bpm"
    )
    clip = make_clip(funded)
    Task.objects.filter(pk=clip.task.pk).update(submitted_at=timezone.now() - timedelta(hours=30))
    flight = panel_of(alice, operation=name, clip=clip.code).preflight
    assert flight.is_ready and flight.advice


def test_another_provider_asks_for_its_own_fields_and_keeps_what_was_written(funded, alice):
    other = Connection.objects.create(
        team=funded.team, name="B", base_url="https://api.musicapi.ai/api/v1", key_encrypted=""
    )
    data = posted_by(alice, operation="producer.create_music") | {
        "sound": "warm",
        "connection": str(other.code),
    }
    panel = alice.post(reverse("set_source"), data, headers=HTMX).context["panel"]
    names = {control.field.name for control in panel.form.controls}
    assert panel.connection == other
    assert "sound" in names and "mv" not in names
    assert panel.form.values()["sound"] == "warm"


# --- the picker -------------------------------------------------------------------------------


def picks(browser, headers=None, **asked: Any):
    return browser.get(
        reverse("source_picker"), {"operation": EXTEND, "field": "clip"} | asked, headers=headers
    )


def test_the_picker_lists_what_fits_and_says_why_the_rest_does_not(funded, alice):
    fitting = make_clip(funded, title="Fitting")
    make_clip(funded, title="Half made", state="running")
    elsewhere = Connection.objects.create(
        team=funded.team, name="Else", base_url="https://x/api/v1", key_encrypted=""
    )
    foreign_task = make_task(funded, connection=elsewhere, status=Task.Status.READY)
    make_clip(funded, foreign_task, title="Foreign")
    found = {pick.clip.title: pick for pick in picks(alice).context["picker"].picks}
    assert set(found) == {"Fitting", "Foreign"}
    assert not found["Fitting"].why_not and "another one made it" in found["Foreign"].why_not
    assert next(iter(found)) == "Fitting"
    page = picks(alice, HTMX, chosen=fitting.code).content.decode()
    assert re.search(rf'value="{fitting.code}"[^>]* checked', page)
    assert "<html" not in page and "<form" not in page


def test_the_picker_searches(funded, alice):
    make_clip(funded, title="Paper Boats")
    make_clip(funded, title="Night Drive")
    assert [pick.clip.title for pick in picks(alice, q="boats").context["picker"].picks] == ["Paper Boats"]
    assert "No clip matches “zzz”." in text_of(picks(alice, q="zzz"))


def test_without_scripts_the_picker_is_a_page_whose_form_opens_the_panel(funded, alice):
    clip = make_clip(funded, title="Paper Boats")
    page = picks(alice).content.decode()
    assert '<form id="picker"' in page and f'action="{reverse("create")}"' in page
    assert f'name="clip" value="{clip.code}"' in page
    assert reverse("source_picker") in opened(alice, operation=EXTEND).content.decode()


def test_the_picker_asks_the_database_as_often_for_twenty_clips_as_for_two(funded, alice):
    counts = []
    for number in (2, 18):
        for _ in range(number):
            make_clip(funded)
        with CaptureQueriesContext(connection) as queries:
            picks(alice, HTMX)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_strangers_see_none_of_it_and_viewers_may_only_look(funded):
    clip = make_clip(funded, title="Paper Boats")
    assert "Paper Boats" not in text_of(picks(funded.browser(funded.charlie)))
    assert picks(funded.browser(None)).status_code == 302
    vera = funded.browser(funded.vera)
    assert "Paper Boats" in text_of(picks(vera))
    data = posted_by(vera, operation=EXTEND, clip=clip.code)
    assert vera.post(reverse("set_source"), data, headers=HTMX).status_code == 403


@pytest.mark.parametrize("asked", [{"operation": "x"}, {"field": "tags"}, {"field": "colour"}])
def test_a_picker_for_nothing_is_not_found(alice, asked):
    assert picks(alice, **asked).status_code == 404


# --- a clip's menu ----------------------------------------------------------------------------


def test_a_clips_menu_has_every_operation_in_its_order(funded, alice):
    clip = make_clip(funded)
    response = alice.get(reverse("clip_menu", args=[clip.code]))
    labels = [one.operation.name for group in response.context["groups"] for one in group]
    assert labels[:5] == [
        "sonic.extend_music",
        "sonic.cover_music",
        "sonic.replace_section",
        "sonic.add_vocals",
        "sonic.add_instrumental",
    ]
    assert {"sonic.stems_full", "sonic.midi", "sonic.aligned_lyrics", "sonic.persona"} <= set(labels)
    assert f"/create?operation=sonic.extend_music&amp;clip={clip.code}" in response.content.decode()


def test_a_row_leads_to_the_operations_also_without_scripts(funded, alice):
    clip = make_clip(funded)
    page = alice.get(reverse("library")).content.decode()
    assert f'href="/create?clip={clip.code}"' in page
    assert 'draggable="true"' in page


def test_a_menu_says_what_the_clips_own_provider_does_not_offer(funded, alice):
    clip = make_clip(funded)
    offers.override(
        funded.connection, operations.get("sonic.remaster"), Status.RETIRED, "Too dear for us.", funded.alice
    )
    assert "Remaster An admin has switched this off: Too dear for us." in text_of(
        alice.get(reverse("clip_menu", args=[clip.code]))
    )


def test_a_clip_of_another_family_has_its_own_operations(funded, alice):
    task = make_task(funded, operation="producer.create_music", status=Task.Status.READY)
    clip = make_clip(funded, task)
    response = alice.get(reverse("clip_menu", args=[clip.code]))
    names = {one.operation.name for group in response.context["groups"] for one in group}
    assert "producer.extend_music" in names and "sonic.remaster" not in names


@pytest.mark.parametrize("name", ["clip_menu", "window_words"])
def test_a_strangers_clip_is_not_found(funded, name):
    clip = make_clip(funded)
    url = reverse(name, args=[clip.code])
    assert funded.browser(funded.charlie).get(url).status_code == 404
    assert funded.browser(None).get(url).status_code == 302
    assert funded.browser(funded.vera).get(url).status_code in {200, 204}


# --- the words of a window --------------------------------------------------------------------

STARS = (
    ("[Verse]\nStars ", 1, 1.5),
    ("they ", 1.5, 2),
    ("shine\n", 2, 3),
    ("Above ", 3, 3.5),
    ("me", 3.5, 4),
)


def test_a_section_starts_with_the_words_of_its_window(funded, alice):
    clip = make_clip(funded)
    sung(clip, *STARS)
    asked = {"operation": "sonic.replace_section", "clip": clip.code}
    panel = panel_of(alice, **asked, infill_start_s="1.9", infill_end_s="3.6")
    assert panel.form.values()["infill_lyrics"] == "shine\nAbove"
    assert panel_of(alice, **asked).form.values()["infill_lyrics"] == ""


def test_the_words_of_a_window_can_be_asked_for(funded, alice):
    clip = make_clip(funded)
    url = reverse("window_words", args=[clip.code])
    assert alice.get(url, {"start": "0:01", "end": "0:03"}).status_code == 204
    sung(clip, *STARS)
    assert alice.get(url, {"start": "0:01", "end": "0:03"}).content.decode() == "Stars they shine"
    assert alice.get(url, {"start": "soon"}).status_code == 204


def test_the_syllables_of_a_section_are_counted_while_it_is_written(funded, alice):
    clip = make_clip(funded)
    asked = {"operation": "sonic.replace_section", "clip": clip.code}
    data = posted_by(alice, **asked, infill_start_s="5", infill_end_s="7", infill_lyrics="Stars they shine")
    response = alice.post(reverse("check_recipe"), data, headers=HTMX)
    assert "3 syllables in 2.0 s , 1.5 a second" in text_of(response)
    assert '<p class="hint fit" id="words-fit" data-level="" hx-swap-oob="true">' in response.content.decode()
    hurried = data | {"infill_lyrics": "Stars they shine above me in the middle of the night again"}
    assert "too fast to be understood" in text_of(alice.post(reverse("check_recipe"), hurried, headers=HTMX))


# --- help while writing -----------------------------------------------------------------------


def ask(browser, **changes: Any):
    data = {
        "operation": "sonic.create_music",
        "mode": "custom",
        "mv": "sonic-v5",
        "tags": "folk",
        "helper": "write",
        "helper_field": "prompt",
        "helper_about_prompt": "the last train home",
        "helper_token": "help-1",
    }
    return browser.post(reverse("ask_helper"), data | changes, headers=HTMX)


def test_a_helper_says_what_it_costs_before_it_is_asked(alice):
    asked = {"helper": "write", "operation": "sonic.create_music", "field": "prompt"}
    response = alice.get(reverse("helper"), asked, headers=HTMX)
    price = operations.get("lyrics.make_lyrics").price("offline", {})
    assert f"Write two drafts · {price} cr" in text_of(response)
    assert 'maxlength="119"' in response.content.decode()


def test_lyrics_are_written_by_a_task_whose_drafts_come_back_under_the_field(funded, alice):
    response = ask(alice)
    task = Task.objects.get()
    assert (task.operation, task.values["description"]) == ("lyrics.make_lyrics", "the last train home")
    assert reverse("helper_answer", args=[task.code]) in response.content.decode()
    drafts = [
        {"title": "Last Train", "lyrics": "[Verse]\nHome"},
        {"title": "Rails", "lyrics": "[Verse]\nAway"},
    ]
    Task.objects.filter(pk=task.pk).update(status=Task.Status.READY, result={"drafts": drafts})
    answer = alice.get(reverse("helper_answer", args=[task.code]), {"helper_field": "prompt"}, headers=HTMX)
    assert "Last Train" in text_of(answer) and "Rails" in text_of(answer)
    assert "hx-get" not in answer.content.decode()
    assert answer.content.decode().count("data-helper-use=") == 2


def test_the_same_question_sent_twice_is_one_task(alice):
    ask(alice)
    ask(alice)
    assert Task.objects.count() == 1


def test_selected_lines_are_rewritten_within_what_the_provider_takes(funded, alice):
    lines = "Carry me over\nCarry me on"
    ask(alice, helper_lines_prompt=lines)
    task = Task.objects.get()
    assert task.values["description"] == "Rewrite: Carry me over / Carry me on"
    Task.objects.filter(pk=task.pk).update(
        status=Task.Status.READY, result={"drafts": [{"title": "", "lyrics": "Lift me up"}]}
    )
    url = reverse("helper_answer", args=[task.code])
    answer = alice.get(url, {"helper_field": "prompt", "helper_lines_prompt": lines}, headers=HTMX)
    assert "Before Carry me over Carry me on" in text_of(answer)
    assert "data-helper-lines=" in answer.content.decode()


def test_lines_of_any_script_fit_into_the_address_that_waits_for_their_answer(alice):
    ask(alice, helper_lines_prompt="星が光る夜に\n" * 300)
    url = reverse("helper_answer", args=[Task.objects.get().code])
    answer = alice.get(
        url, {"helper_field": "prompt", "helper_lines_prompt": "星が光る夜に\n" * 300}, headers=HTMX
    )
    lines = answer.context["lines"]
    assert lines.startswith("星が光る夜に\n星")
    assert 5900 < len(quote_plus(lines.replace("\n", "\r\n"))) < 7000


def test_a_wish_is_cut_at_a_word():
    wish = rewriting("one two three\n\nfour five", 24)
    assert wish == "Rewrite: one two three"


def test_tags_are_enriched_with_before_and_after(funded, alice):
    ask(alice, helper="enhance", helper_field="tags")
    task = Task.objects.get()
    assert (task.operation, task.values["tags"]) == ("sonic.upsample_tags", "folk")
    Task.objects.filter(pk=task.pk).update(
        status=Task.Status.READY, result={"before": "folk", "after": "folk, warm, fingerpicked"}
    )
    url = reverse("helper_answer", args=[task.code])
    answer = text_of(alice.get(url, {"helper_field": "tags"}, headers=HTMX))
    assert "Before folk After folk, warm, fingerpicked Use it Keep mine" in answer


def test_a_helper_that_is_refused_says_why_and_keeps_what_was_written(funded, alice):
    ledger.adjust(funded.connection, -100, funded.alice, "Spent")
    response = ask(alice)
    assert response.status_code == 422
    assert "credits" in text_of(response) and "the last train home" in response.content.decode()
    empty = ask(alice, helper_about_prompt=" ")
    assert empty.status_code == 422
    assert not Task.objects.exists()


def test_viewers_may_not_ask_and_strangers_do_not_see_the_answer(funded, alice):
    assert ask(funded.browser(funded.vera)).status_code == 403
    ask(alice)
    url = reverse("helper_answer", args=[Task.objects.get().code])
    assert funded.browser(funded.charlie).get(url).status_code == 404
    assert funded.browser(None).get(url).status_code == 302
    assert ask(funded.browser(None)).status_code == 401


@pytest.mark.parametrize("changes", [{"helper": "sing"}, {"helper_field": "tags"}, {"helper_field": ""}])
def test_help_for_what_needs_none_is_not_found(alice, changes):
    assert ask(alice, **changes).status_code == 404


def test_without_scripts_words_come_into_the_form_from_the_task(funded, alice):
    drafts = [
        {"title": "Last Train", "lyrics": "[Verse]\nHome"},
        {"title": "Rails", "lyrics": "[Verse]\nAway"},
    ]
    task = make_task(
        funded, operation="lyrics.make_lyrics", status=Task.Status.READY, result={"drafts": drafts}
    )
    page = alice.get(reverse("task", args=[task.code])).content.decode()
    link = f"operation=sonic.create_music&amp;words={task.code}&amp;draft=1"
    assert link in page
    values = panel_of(alice, operation="sonic.create_music", words=task.code, draft="1").form.values()
    assert (values["prompt"], values["title"], values["mode"]) == ("[Verse]\nAway", "Rails", "custom")
    producer = panel_of(alice, operation="producer.create_music", words=task.code).form.values()
    assert (producer["lyrics"], producer["title"], producer["seed"]) == ("[Verse]\nHome", "Last Train", "")


def test_enriched_tags_come_into_the_form_from_the_task(funded, alice):
    result = {"before": "folk", "after": "folk, warm"}
    task = make_task(funded, operation="sonic.upsample_tags", status=Task.Status.READY, result=result)
    assert "Use these tags" in text_of(alice.get(reverse("task", args=[task.code])))
    values = panel_of(alice, operation="sonic.create_music", words=task.code).form.values()
    assert (values["tags"], values["negative_tags"]) == ("folk, warm", "")


@pytest.mark.parametrize("draft", ["7", "-1", "x", ""])
def test_a_draft_that_is_not_there_changes_nothing(funded, alice, draft):
    task = make_task(funded, operation="lyrics.make_lyrics", result={"drafts": []})
    assert panel_of(alice, words=task.code, draft=draft).form.is_untouched
    assert panel_of(funded.browser(funded.charlie), words=task.code).form.is_untouched


# --- personas ---------------------------------------------------------------------------------


def test_the_singers_of_the_provider_that_is_asked_are_offered(funded, alice):
    def singer(name: str, **fields: Any) -> Persona:
        given = {"team": funded.team, "connection": funded.connection, "kind": "voice", "remote_id": name}
        task = make_task(funded, operation="sonic.create_voice", status=Task.Status.READY)
        return Persona.objects.create(**(given | fields), name=name, task=task)

    mine = singer("Nora", uses=3)
    singer("Gone", retired_at=timezone.now())
    other = Connection.objects.create(
        team=funded.team, name="B", base_url="https://b/api/v1", key_encrypted=""
    )
    singer("Elsewhere", connection=other)
    page = opened(alice, operation="sonic.persona_music", persona=mine.code)
    assert "Nora – voice, sung 3 times" in text_of(page)
    assert "Gone" not in text_of(page) and "Elsewhere" not in text_of(page)
    assert page.context["panel"].form.values()["persona"] == str(mine.code)


# --- junk -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [EXTEND, "sonic.sample", "nuro.bgm_v2", "sonic.persona_music", "sonic.upload"]
)
@pytest.mark.parametrize(
    "junk",
    [
        {"clip": "junk", "continue_at_s": "x"},
        {"clip": NOBODY, "second": "\0"},
        {"segments__name": "a", "segments__duration_s": "x", "persona": "junk"},
        {"recording": NOBODY, "mode": "\0", "words": "junk", "draft": "9" * 50},
        {"continue_at_s": "9" * 400, "duration_s": "1e400"},
    ],
)
def test_no_address_breaks_the_panel(alice, name, junk):
    assert opened(alice, operation=name, **junk).status_code == 200
    assert alice.post(reverse("save_draft"), {"operation": name} | junk).status_code == 204
    assert alice.post(reverse("set_source"), {"operation": name} | junk, headers=HTMX).status_code == 200
    assert opened(alice).status_code == 200
