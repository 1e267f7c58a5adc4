"""The create panel: forms from the registry, the pre-flight, drafts, and what a page shows."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio import ledger, operations
from studio.forms.compose import form_for
from studio.models import Connection, Draft, Entry, Price, Task
from studio.operations import REGISTRY, Availability, Field, Kind
from studio.operations import Status as Offer
from tests.base import make_clip, make_task, make_user

CREATE = operations.get("sonic.create_music")
HTMX = {"HX-Request": "true"}
WORDS = "[Verse]\nOver the hills\n\n[Chorus]\nFar away"
SONG = {
    "operation": "sonic.create_music",
    "mode": "custom",
    "prompt": WORDS,
    "tags": "folk, warm",
    "negative_tags": "choir",
    "title": "Hills",
    "make_instrumental": "",
    "mv": "sonic-v5",
    "vocal_gender": "f",
    "style_weight": "55",
    "weirdness_constraint_default": "on",
    "form_token": "form-1",
}


def posted(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (SONG | changes).items() if value is not None}


def form(**changes: Any):
    data = QueryDict(mutable=True)
    data.update(posted(**changes))
    return form_for(CREATE, data)


@pytest.fixture
def funded(people):
    ledger.grant(people.connection, 100, people.alice, "Start")
    return people


@pytest.fixture
def alice(funded):
    return funded.browser(funded.alice)


def text_of(response) -> str:
    """What a reader sees, roughly: no tags, single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def some_value(one: Field) -> Any:
    made: dict[Kind, Any] = {
        Kind.SWITCH: True,
        Kind.SHARE: 0.25,
        Kind.NUMBER: 42 if one.is_whole else 41.5,
        Kind.MOMENT: 83.4,
        Kind.SEGMENTS: [{"name": "intro", "duration_s": 12}, {"name": "outro", "duration_s": 7.5}],
    }
    words = [choice.value for choice in one.choices]
    if one.kind is Kind.WORDS:
        return words[:2]
    return made.get(one.kind, words[-1] if words else "some words")


# --- the form ---------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", list(REGISTRY.values()), ids=lambda one: one.name)
def test_every_operation_has_a_form_whose_values_come_back_as_they_were(operation):
    values = {"mode": operation.modes[-1].value if operation.modes else "custom"}
    for one in operation.fields:
        values[one.name] = some_value(one)
    assert form_for(operation, values=values).values() == values


def test_a_post_becomes_values_for_the_registry():
    values = form().values()
    assert values == {
        "mode": "custom",
        "gpt_description_prompt": "",
        "prompt": WORDS,
        "auto_lyrics": False,
        "tags": "folk, warm",
        "negative_tags": "choir",
        "title": "Hills",
        "make_instrumental": False,
        "mv": "sonic-v5",
        "vocal_gender": "f",
        "style_weight": 0.55,
        "weirdness_constraint": None,
        "duration_s": None,
    }
    assert form().problems == []


@pytest.mark.parametrize(
    ("given", "share"), [("0", 0.0), ("100", 1.0), ("37.5", 0.375), ("", None), (None, None)]
)
def test_a_slider_gives_a_share_or_the_providers_default(given, share):
    assert form(style_weight=given).values()["style_weight"] == share


def test_the_box_beside_a_slider_wins_over_the_number_it_always_sends():
    assert form(style_weight="80", style_weight_default="on").values()["style_weight"] is None


@pytest.mark.parametrize("junk", ["loud", "nan", "inf", "1e999", "[]"])
def test_a_slider_that_sends_no_number_is_named_as_a_problem(junk):
    assert [problem.field for problem in form(style_weight=junk).problems] == ["style_weight"]


@pytest.mark.parametrize("outside", ["-1", "101", "1e30"])
def test_a_slider_goes_from_0_to_100(outside):
    (problem,) = form(style_weight=outside).problems
    assert problem.text == "Style weight goes from 0 to 100."


def test_line_breaks_count_once_as_the_counter_counts_them():
    lyrics = "\r\n".join(["a" * 9] * 300)  # 2,999 characters with LF
    assert form(prompt=lyrics, mv="sonic-v4").problems == []


def test_a_title_stays_on_one_line_and_tags_stay_a_list():
    values = form(title="Night\r\nDrive", tags="folk\nwarm").values()
    assert (values["title"], values["tags"]) == ("Night Drive", "folk, warm")


def test_fields_that_the_mode_rules_out_are_kept_but_never_a_problem():
    simple = form(mode="simple", gpt_description_prompt="a song", title="t" * 900, style_weight="junk")
    assert simple.problems == []
    assert simple.values()["title"] == "t" * 900


def test_an_unknown_mode_is_the_first_one():
    assert form(mode="expert").values()["mode"] == "simple"


# --- the page ---------------------------------------------------------------------------------


def test_the_panel_asks_for_every_field_of_the_operation(alice):
    page = alice.get(reverse("create")).content.decode()
    for one in CREATE.fields:
        assert f'name="{one.name}"' in page, one.name
    assert (
        'data-limits="{&quot;&quot;: 5000, &quot;sonic-v3-5&quot;: 3000, &quot;sonic-v4&quot;: 3000}"' in page
    )


def test_no_template_of_the_panel_knows_a_field_by_name():
    names = {one.name for operation in REGISTRY.values() for one in operation.fields}
    templates = (settings.BASE_DIR / "templates/compose").glob("*.html")
    found = {(path.name, name) for path in templates for name in names if f'"{name}"' in path.read_text()}
    assert not found


def test_the_first_submit_button_of_the_form_is_not_a_fix(alice):
    """Enter in a line of text presses the first one."""
    alice.post(reverse("save_draft"), posted(prompt=""))
    page = alice.get(reverse("create")).content.decode()
    panel = page[page.index('id="create-panel"') :]
    first = re.search(r'<button[^>]*type="submit"[^>]*>', panel)
    assert "data-fix=" in panel
    assert first is not None and "formaction" not in first.group()


def test_a_new_form_begins_simple_and_says_calmly_what_it_needs(alice):
    response = alice.get(reverse("create"))
    assert re.search(r'value="simple" checked', response.content.decode())
    assert "Describe the song in a few words." in text_of(response)
    assert "to fix" not in text_of(response)


def test_examples_are_offered_only_while_nothing_is_written(alice):
    url = reverse("compose_panel")
    assert '<div data-when-empty="id_gpt_description_prompt">' in alice.get(url).content.decode()
    alice.post(reverse("save_draft"), posted(mode="simple", gpt_description_prompt="a waltz"))
    assert '<div data-when-empty="id_gpt_description_prompt" hidden>' in alice.get(url).content.decode()


def test_what_people_write_is_never_markup(alice):
    alice.post(reverse("save_draft"), posted(prompt="</textarea><script>alert(1)</script>", title='"><b>'))
    page = alice.get(reverse("create")).content.decode()
    assert "<script>alert" not in page
    assert '"><b>' not in page


def test_an_empty_studio_says_what_to_do(alice):
    assert "Nothing made yet" in text_of(alice.get(reverse("create")))


def test_the_latest_tasks_come_in_pages_of_twenty_newest_first(funded, alice):
    tasks = [make_task(funded, status=Task.Status.READY) for _ in range(23)]
    first = alice.get(reverse("create"))
    cards = [card.task for card in first.context["cards"]]
    assert cards == tasks[:2:-1]
    second = alice.get(reverse("create"), {"before": first.context["after"]})
    assert [card.task for card in second.context["cards"]] == tasks[2::-1]
    assert second.context["after"] is None
    assert f'href="/create?before={first.context["after"]}"' in first.content.decode()


@pytest.mark.parametrize("lost", ["junk", "00000000-0000-0000-0000-000000000001", ""])
def test_a_list_that_cannot_go_on_says_so(alice, lost):
    response = alice.get(reverse("create"), {"before": lost})
    assert response.status_code == 200
    assert ("cannot go on" in text_of(response)) == bool(lost)


def test_the_page_asks_the_database_as_often_for_twenty_tasks_as_for_two(funded, alice):
    counts = []
    for number in (2, 18):
        for _ in range(number):
            task = make_task(funded, status=Task.Status.READY)
            make_clip(funded, task)
            make_clip(funded, task, position=1)
        with CaptureQueriesContext(connection) as queries:
            alice.get(reverse("create"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


def test_somebody_without_a_team_sees_no_form(db, people):
    browser = people.browser(make_user("Nomi"))
    assert "You are in no team" in text_of(browser.get(reverse("create")))
    assert browser.post(reverse("check_recipe"), posted()).status_code == 404
    assert browser.post(reverse("start_task"), posted()).status_code == 404


def test_a_stranger_sees_only_the_tasks_of_their_own_team(funded):
    make_task(funded)
    response = funded.browser(funded.charlie).get(reverse("create"))
    assert response.context["cards"] == []


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("get", "create"),
        ("get", "compose_panel"),
        ("post", "check_recipe"),
        ("post", "save_draft"),
        ("post", "reset_draft"),
    ],
)
def test_anonymous_visitors_are_sent_to_sign_in(client, people, method, name):
    response = getattr(client, method)(reverse(name))
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login")


def test_a_viewer_may_look_at_the_form_but_keep_nothing(funded):
    vera = funded.browser(funded.vera)
    page = vera.get(reverse("create"))
    assert "You may listen and read here" in text_of(page)
    assert "data-draft-url" not in page.content.decode()
    assert vera.post(reverse("save_draft"), posted()).status_code == 403
    assert vera.post(reverse("reset_draft"), posted()).status_code == 403
    assert vera.post(reverse("compose_panel"), posted()).status_code == 403
    assert not Draft.objects.exists()


# --- the pre-flight ---------------------------------------------------------------------------


def check(browser, **changes: Any):
    return browser.post(reverse("check_recipe"), posted(**changes), headers=HTMX)


def stamp_in(response) -> str:
    found = re.search(r'name="foot_stamp" value="(\w+)"', response.content.decode())
    assert found is not None
    return found.group(1)


def test_a_good_recipe_is_ready_with_its_price_and_what_it_leaves(alice):
    response = check(alice)
    assert "Ready" in text_of(response)
    assert "Create · 14 cr" in text_of(response)
    assert "leaves 86" in text_of(response)


def test_nothing_is_sent_back_when_the_foot_looks_as_before(alice):
    stamp = stamp_in(check(alice))
    assert check(alice, foot_stamp=stamp).status_code == 204
    assert check(alice, foot_stamp=stamp, prompt="", tags="").status_code == 200


def test_problems_are_listed_with_a_fix_to_press(alice):
    response = check(alice, prompt="", title="t" * 81)
    assert "2 things to fix" in text_of(response)
    assert 'data-fix="{&quot;make_instrumental&quot;: true}"' in response.content.decode()


def test_the_price_follows_the_price_list(alice):
    Price.objects.create(host="127.0.0.1:1", operation=CREATE.name, variant="sonic-v5", credits=33)
    assert "Create · 33 cr" in text_of(check(alice))
    assert "Create · 14 cr" in text_of(check(alice, mv="sonic-v5-5"))


def test_the_price_is_that_of_the_chosen_connection(funded, alice):
    dear = Connection.objects.create(
        team=funded.team, name="Dear", base_url="https://api.musicapi.ai/api/v1", key_encrypted=""
    )
    ledger.grant(dear, 50, funded.alice, "Start")
    response = check(alice, connection=str(dear.code))
    assert "Create · 20 cr" in text_of(response)
    assert "leaves 30" in text_of(response)
    assert "With Dear" in text_of(alice.get(reverse("create")))


@pytest.mark.parametrize("wrong", ["junk", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_connection_is_the_default_one(alice, wrong):
    assert "leaves 86" in text_of(check(alice, connection=wrong))


def test_too_few_credits_block_the_button_with_a_reason(funded, alice):
    ledger.adjust(funded.connection, -95, funded.alice, "Spent")
    response = check(alice)
    assert "This needs 14 credits and 5 are left." in text_of(response)
    assert re.search(r"<button[^>]*btn--primary[^>]* disabled>", response.content.decode())
    bob = check(funded.browser(funded.bob))
    assert "Ask an admin of the team for more" in text_of(bob)


def test_a_team_without_a_provider_is_told_who_can_add_one(people):
    people.connection.delete()
    assert "Add one in the settings." in text_of(check(people.browser(people.alice)))
    assert "Ask an admin of the team to add one." in text_of(check(people.browser(people.bob)))


def test_an_operation_that_a_host_retired_says_what_to_take_instead(alice, monkeypatch):
    gone = Availability(Offer.RETIRED, "This provider stopped it in May.", "sonic.cover_music")
    monkeypatch.setattr(type(CREATE), "on", lambda self, host: gone)
    response = check(alice)
    assert "This provider stopped it in May. Use Cover instead. Open Cover" in text_of(response)
    assert "/create?operation=sonic.cover_music" in response.content.decode()


# --- drafts -----------------------------------------------------------------------------------


def kept(people) -> dict[str, Any]:
    return Draft.objects.get(user=people.alice).values


def test_a_draft_comes_back_to_the_last_field(funded, alice):
    assert alice.post(reverse("save_draft"), posted()).status_code == 204
    panel = alice.get(reverse("create")).context["panel"]
    assert panel.form.values() == form().values()
    assert panel.connection == funded.connection


def test_a_draft_keeps_what_no_provider_would_take(funded, alice):
    alice.post(reverse("save_draft"), posted(prompt="a" * 90_000, mv="sonic-v99"))
    page = alice.get(reverse("create"))
    assert kept(funded)["values"]["prompt"] == "a" * 90_000
    assert "sonic-v99 (not known here)" in text_of(page)


def test_each_person_has_a_draft_of_their_own(funded, alice):
    alice.post(reverse("save_draft"), posted())
    bob = funded.browser(funded.bob)
    assert bob.get(reverse("create")).context["panel"].form.is_untouched


def test_reset_empties_the_form_and_undo_brings_it_back(funded, alice):
    response = alice.post(reverse("reset_draft"), posted(), headers=HTMX)
    assert response.context["panel"].form.is_untouched
    assert "The form is empty again." in text_of(response)
    assert response.context["panel"].form.mode == "custom"
    back = alice.post(reverse("reset_draft"), {"mode": "custom", "undo": "1"}, headers=HTMX)
    assert back.context["panel"].form.values() == form().values()


def test_undo_is_still_there_after_a_reload_and_a_second_reset(funded, alice):
    alice.post(reverse("reset_draft"), posted())
    alice.post(reverse("reset_draft"), {"mode": "custom"})
    assert "The form is empty again." in text_of(alice.get(reverse("create")))
    alice.post(reverse("reset_draft"), {"mode": "custom", "undo": "1"})
    assert alice.get(reverse("create")).context["panel"].form.values() == form().values()


def test_a_fix_works_without_javascript(alice):
    response = alice.post(reverse("compose_panel"), posted(prompt="", fix="prompt"), follow=True)
    values = response.context["panel"].form.values()
    assert values["make_instrumental"] is True
    assert values["title"] == "Hills"
    assert "Ready" in text_of(response)


def test_a_fix_that_is_none_changes_nothing(alice):
    response = alice.post(reverse("compose_panel"), posted(fix="colour"), follow=True)
    assert response.context["panel"].form.values() == form().values()


# --- reuse ------------------------------------------------------------------------------------


def test_reuse_fills_in_every_field_and_says_from_which_song(funded, alice):
    values = form(mode="simple", gpt_description_prompt="a waltz", weirdness_constraint_default=None).values()
    task = make_task(funded, recipe=CREATE.recipe(values))
    response = alice.get(reverse("create"), {"recipe": task.code})
    assert response.context["panel"].form.values() == values
    assert "Filled from a waltz" in text_of(response)


def test_reuse_from_a_clip_takes_the_recipe_of_its_task(funded, alice):
    clip = make_clip(funded, title="Rainy Sunday")
    response = alice.get(reverse("create"), {"from": clip.code})
    assert response.context["panel"].source == clip.task
    assert "Filled from Rainy Sunday" in text_of(response)


def test_reuse_inside_the_frame_brings_the_panel_along(funded, alice):
    headers = HTMX | {"HX-Boosted": "true"}
    task = make_task(funded)
    assert 'id="create-panel"' in alice.get(f"/create?recipe={task.code}", headers=headers).content.decode()


def test_reuse_leaves_the_draft_alone_until_something_is_changed(funded, alice):
    task = make_task(funded)
    alice.post(reverse("save_draft"), posted())
    alice.get(reverse("create"), {"recipe": task.code})
    assert kept(funded)["values"] == form().values()


@pytest.mark.parametrize("is_saved", [False, True])
def test_undo_of_a_reuse_brings_the_draft_back(funded, alice, is_saved):
    task = make_task(funded)
    alice.post(reverse("save_draft"), posted())
    other = posted(prompt="[Verse]\nSomething else", source=str(task.code))
    if is_saved:
        alice.post(reverse("save_draft"), other)
        alice.post(reverse("save_draft"), other | {"title": "Changed"})
    back = alice.post(reverse("reset_draft"), other | {"undo": "1"}, headers=HTMX)
    assert back.context["panel"].form.values() == form().values()
    assert back.context["panel"].source is None


@pytest.mark.parametrize("name", ["recipe", "from"])
@pytest.mark.parametrize("wrong", ["junk", "", "00000000-0000-0000-0000-000000000001"])
def test_a_recipe_that_is_not_there_leaves_the_draft_and_says_so(funded, alice, name, wrong):
    alice.post(reverse("save_draft"), posted())
    response = alice.get(reverse("create"), {name: wrong})
    assert response.context["panel"].form.values() == form().values()
    assert "That recipe is not in this team any more." in text_of(response)


def test_recipes_of_other_teams_are_not_there(funded):
    task = make_task(funded)
    response = funded.browser(funded.charlie).get(reverse("create"), {"recipe": task.code})
    assert response.context["panel"].form.is_untouched


def test_words_in_the_address_of_another_page_do_not_fill_the_form(funded, alice):
    task = make_task(funded)
    page = alice.get(reverse("library"), {"recipe": task.code, "operation": "junk"})
    assert page.status_code == 200
    assert page.context["panel"].form.is_untouched


@pytest.mark.parametrize("name", ["create", "compose_panel"])
def test_an_unknown_operation_in_the_address_is_the_first_one(alice, name):
    response = alice.get(reverse(name), {"operation": "sonic.sing_backwards"})
    assert response.context["panel"].operation is CREATE


# --- junk -------------------------------------------------------------------------------------

JUNK: list[dict[str, Any]] = [
    {},
    {"mode": "custom"},
    {"mv": "x" * 5000, "mode": "custom", "prompt": "hi"},
    {"prompt": "\0\ud7ff\U0001f3b5", "mode": "custom", "mv": "sonic-v5"},
    {"prompt": ["one", "two"], "mv": ["a", "b"], "mode": ["custom", "simple"]},
    {"style_weight": "junk", "weirdness_constraint": "-5", "mode": "custom"},
    {"connection": "\0", "source": "';--", "form_token": "../../etc", "mode": "simple"},
    {"form_token": "x" * 900, "gpt_description_prompt": "a song", "mv": "sonic-v5", "mode": "simple"},
    {"undo": "1", "fix": "\0", "foot_stamp": "\0", "shown_problems": "x"},
    {"make_instrumental": "maybe", "auto_lyrics": "0", "vocal_gender": "x", "mode": "custom", "prompt": "a"},
]


@pytest.mark.parametrize("name", ["check_recipe", "save_draft", "reset_draft", "start_task", "compose_panel"])
@pytest.mark.parametrize("data", JUNK)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_no_post_breaks_anything(alice, name, data, headers):
    assert alice.post(reverse(name), data, headers=headers).status_code in {200, 204, 302, 422}
    assert alice.get(reverse("create")).status_code == 200


@pytest.mark.parametrize("name", ["check_recipe", "save_draft", "start_task"])
def test_a_post_for_an_unknown_operation_is_not_found(alice, name):
    assert alice.post(reverse(name), posted(operation="sonic.sing_backwards")).status_code == 404
    assert not Entry.objects.filter(kind=Entry.Kind.HOLD).exists()
