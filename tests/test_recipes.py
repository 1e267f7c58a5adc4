"""Kept recipes: named, shared, taken away as JSON and brought back whole."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.library import recipes
from studio.library.recipes import BadRecipe
from studio.models import Recipe
from tests.base import make_task

pytestmark = pytest.mark.django_db
CONTENT = {
    "version": 1,
    "operation": "sonic.create_music",
    "values": {"mode": "custom", "prompt": "[Verse]\nStars", "tags": "dream pop", "mv": "sonic-v5"},
}


def kept(people, person=None, name="Night", **fields):
    recipe = recipes.keep(people.team, person or people.alice, name, CONTENT)
    Recipe.objects.filter(pk=recipe.pk).update(**fields) if fields else None
    recipe.refresh_from_db()
    return recipe


class TestKeeping:
    def test_keeps_a_tasks_recipe_to_the_last_field(self, people):
        task = make_task(people)
        answer = people.browser(people.bob).post(reverse("keep_recipe", args=[task.code]), {"name": "Mine"})
        assert answer.status_code == 302
        made = Recipe.objects.get()
        assert (made.name, made.person, made.content) == ("Mine", people.bob, task.recipe)
        assert not made.is_shared

    def test_numbers_a_name_that_is_taken(self, people):
        names = [kept(people, name="Night").name for _ in range(3)]
        assert names == ["Night", "Night 2", "Night 3"]

    def test_is_refused_to_viewers_and_strangers(self, people):
        url = reverse("keep_recipe", args=[make_task(people).code])
        for person, status in {people.vera: 403, people.charlie: 404}.items():
            assert people.browser(person).post(url, {"name": "x"}).status_code == status


class TestUsing:
    def test_refills_the_form_to_the_last_field(self, people):
        values = CONTENT["values"] | {"title": "Night Drive", "weirdness_constraint": 0.3}
        recipe = recipes.keep(people.team, people.alice, "Night", CONTENT | {"values": values})
        browser = people.browser(people.alice)
        page = browser.get(f"{reverse('compose_panel')}?kept={recipe.code}")
        shown = page.context["panel"].form.values()
        assert {name: shown[name] for name in values} == values

    def test_says_when_it_is_gone(self, people):
        hidden = kept(people, people.alice)
        page = people.browser(people.bob).get(f"{reverse('compose_panel')}?kept={hidden.code}")
        assert "not in this team any more" in page.content.decode()


class TestJson:
    def test_comes_back_as_it_went(self, people):
        kept(people)
        ((name, content),) = recipes.from_json(recipes.to_json(Recipe.objects.all()))
        assert name == "Night"
        assert content["values"]["prompt"] == "[Verse]\nStars"
        assert content["operation"] == "sonic.create_music"

    def test_leaves_out_fields_nobody_knows_and_sources_of_another_studio(self):
        values = CONTENT["values"] | {"evil": "x", "clip": "0" * 32, "title": {"deep": 1}}
        ((_, content),) = recipes.from_json(json.dumps(CONTENT | {"values": values}))
        assert "evil" not in content["values"]
        assert content["values"]["title"] == ""

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("no json", "not a JSON file"),
            ("[]", "holds 0"),
            ('{"a": 1}', "holds no recipe"),
            ('[{"operation": "sonic.create_music", "values": []}]', "holds no recipe"),
            (json.dumps(CONTENT | {"operation": "sonic.fly"}), "no operation called “sonic.fly”"),
            (json.dumps(CONTENT | {"version": 9}), "newer studio"),
            (json.dumps(CONTENT | {"name": "a\ud800"}), "cannot be kept"),
            (json.dumps(CONTENT | {"values": {"prompt": "a\x00b"}}), "cannot be kept"),
            (json.dumps(CONTENT | {"values": {"style_weight": float("nan")}}), "cannot be kept"),
            (json.dumps(CONTENT)[:-1] + ', "more": 1e999}', "cannot be kept"),
        ],
    )
    def test_says_why_a_file_cannot_be_used(self, text, says):
        with pytest.raises(BadRecipe, match=says):
            recipes.from_json(text)

    def test_brings_in_all_of_a_file_or_nothing(self, people):
        browser = people.browser(people.alice)
        rows = [CONTENT | {"name": "A"}, CONTENT | {"name": "B"}]
        bad = json.dumps([*rows, {"operation": "x"}]).encode()
        answer = browser.post(reverse("import_recipes"), {"file": SimpleUploadedFile("r.json", bad)})
        assert answer.status_code == 422
        assert not Recipe.objects.exists()
        good = SimpleUploadedFile("r.json", json.dumps(rows).encode())
        assert browser.post(reverse("import_recipes"), {"file": good}).status_code == 302
        assert sorted(Recipe.objects.values_list("name", flat=True)) == ["A", "B"]


class TestPage:
    def test_shows_mine_and_what_others_share(self, people):
        kept(people, people.alice, "Alice's secret")
        kept(people, people.alice, "Alice's gift", is_shared=True)
        kept(people, people.bob, "Bob's own")
        page = people.browser(people.bob).get(reverse("recipes")).content.decode()
        assert "Bob&#x27;s own" in page
        assert "Alice&#x27;s gift" in page
        assert "secret" not in page

    def test_is_changed_by_its_maker_or_an_admin(self, people):
        mine = kept(people, is_shared=True)
        url = reverse("change_recipe", args=[mine.code])
        allowed = {people.alice: 302, people.ada: 302, people.bob: 403, people.vera: 403, people.charlie: 404}
        for person, status in allowed.items():
            given = {"name": f"By {person}", "is_shared": "on"}
            assert people.browser(person).post(url, given).status_code == status, person
        private = reverse("recipe_file", args=[kept(people, name="Private").code])
        assert people.browser(people.bob).get(private).status_code == 404
        assert people.browser(people.alice).get(private).json()["recipes"][0]["name"] == "Private"

    def test_takes_no_character_that_a_database_refuses(self, people):
        recipe = kept(people)
        url = reverse("change_recipe", args=[recipe.code])
        people.browser(people.alice).post(url, {"name": "Day\0break"})
        recipe.refresh_from_db()
        assert recipe.name == "Daybreak"

    def test_refuses_a_name_twice(self, people):
        kept(people, name="One")
        two = kept(people, name="Two")
        answer = people.browser(people.alice).post(reverse("change_recipe", args=[two.code]), {"name": "One"})
        assert answer.status_code == 422
        assert "is taken" in answer.content.decode()

    def test_deletes(self, people):
        url = reverse("delete_recipe", args=[kept(people).code])
        assert people.browser(people.alice).post(url).status_code == 302
        assert not Recipe.objects.exists()

    def test_needs_no_more_queries_for_more_recipes(self, people, django_assert_num_queries):
        browser = people.browser(people.alice)
        kept(people, name="First")
        with CaptureQueriesContext(connection) as few:
            browser.get(reverse("recipes"))
        for number in range(10):
            kept(people, name=f"R{number}")
        with django_assert_num_queries(len(few)):
            browser.get(reverse("recipes"))
