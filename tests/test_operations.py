"""The registry: every entry is whole, and what an entry refuses is what the provider would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio import operations
from studio.musicapi import REQUESTS
from studio.operations import REGISTRY, Availability, Context, Kind, Operation, Result, Status
from studio.operations.sonic import CREATE_MUSIC, DEFAULT_MODEL, MODELS, OLD_MODELS
from tests.operation_values import NAMES, values_for
from tests.operations.contexts import CODES, context_for

HOSTS = ("offline", "api.aimusicapi.ai", "api.musicapi.ai", "somewhere.example")
EVERY = list(REGISTRY.values())
NOWHERE = Context()


def filled(operation: Operation, **changes: Any) -> dict[str, Any]:
    """Sensible values of every field."""
    return operation.defaults() | values_for(operation.name, CODES) | changes


def song(**changes: Any) -> dict[str, Any]:
    texts = {"prompt": "words", "title": "words", "gpt_description_prompt": "words"}
    return {"mode": "custom"} | CREATE_MUSIC.defaults() | texts | changes


@pytest.mark.parametrize("operation", EVERY, ids=lambda one: one.name)
class TestEveryEntry:
    def test_is_found_under_its_own_name(self, operation):
        assert operations.get(operation.name) is operation
        assert operation.name.startswith(f"{operation.family}.")

    def test_names_each_field_once(self, operation):
        names = [one.name for one in operation.fields]
        assert len(names) == len(set(names))
        assert all(operation.field(name).name == name for name in names)

    def test_says_what_each_field_is_in_words(self, operation):
        for one in operation.fields:
            assert one.label
            assert one.kind not in {Kind.CHOICE, Kind.WORDS, Kind.SEGMENTS} or one.choices
            assert one.kind is not Kind.SHARE or all(one.ends)

    def test_says_what_it_does(self, operation):
        assert operation.label and operation.verb and operation.icon
        assert operation.about.endswith(".")
        assert "—" not in operation.about

    def test_gives_defaults_that_its_own_fields_accept(self, operation):
        problems = operation.problems({"mode": "custom"} | operation.defaults(), NOWHERE)
        assert all("not known" not in problem.text for problem in problems)

    @pytest.mark.parametrize("host", HOSTS)
    def test_builds_a_request_from_sensible_values(self, operation, host):
        values = filled(operation)
        context = context_for(operation, values, host)
        assert operation.problems(values, context) == []
        request = operation.build(values, context)
        assert type(request) is operation.request
        assert request.family == operation.family
        assert request.to_payload()

    def test_points_at_fields_and_operations_that_exist(self, operation):
        names = {one.name for one in operation.fields}
        assert operation.source in names | {""}
        for one in operation.fields:
            assert one.until in names | {""} and one.of in names | {""}
        if operation.twin:
            twin = REGISTRY[operation.twin]
            assert twin.twin == operation.name
            origins = {one.field(one.source).needs.origin for one in (operation, twin)}
            assert origins == {"generated", "uploaded"}
        for host in HOSTS:
            assert operation.on(host).instead in {*REGISTRY, ""}

    def test_takes_a_source_of_its_own_family(self, operation):
        for one in operation.source_fields:
            if one.kind is Kind.CLIP:
                assert one.needs.families == {operation.family}

    def test_names_a_price_for_every_host(self, operation):
        values = filled(operation)
        assert all(operation.price(host, values) > 0 for host in HOSTS)
        assert isinstance(operation.variant(values), str)

    def test_tells_apart_by_its_variant_all_that_has_different_prices(self, operation):
        models = next((one.choices for one in operation.fields if one.name == "mv"), ())
        prices: dict[str, int] = {}
        for mode in ("simple", "custom"):
            for model in models:
                values = filled(operation, mode=mode, mv=model.value)
                price = operation.price("offline", values)
                assert prices.setdefault(operation.variant(values), price) == price

    def test_can_be_used_on_the_offline_provider(self, operation):
        assert operation.on("offline") == Availability()

    def test_says_on_which_hosts_it_may_be_used(self, operation):
        for host in HOSTS:
            offer = operation.on(host)
            assert offer.reason or offer.status is Status.AVAILABLE

    def test_keeps_every_field_in_its_recipe(self, operation):
        values = filled(operation)
        recipe = operation.recipe(values)
        assert recipe["operation"] == operation.name
        assert recipe["values"] == values
        assert json.loads(json.dumps(recipe)) == recipe

    def test_points_each_fix_at_a_field_it_has(self, operation):
        empty = operation.defaults()
        for mode in ("simple", "custom"):
            for problem in operation.problems(empty | {"mode": mode}, NOWHERE):
                assert problem.field == "" or operation.field(problem.field)
                assert problem.fix is None or operation.field(problem.fix.field)


def test_every_request_of_the_api_has_its_entry():
    assert {one.request for one in EVERY} == set(REQUESTS)
    assert set(NAMES) == set(REGISTRY)


def test_every_kind_of_result_is_asked_for():
    assert {one.result for one in EVERY} == set(Result)


def test_no_two_entries_share_their_defaults():
    first = REGISTRY["sonic.download"].defaults()
    first["formats"].append("mp3")
    assert REGISTRY["sonic.download"].defaults()["formats"] == ["wav"]


def test_an_unknown_operation_is_a_key_error():
    with pytest.raises(KeyError):
        operations.get("sonic.sing_backwards")
    with pytest.raises(KeyError):
        CREATE_MUSIC.field("colour")


def test_only_a_retired_operation_cannot_be_used():
    usable = {status for status in Status if Availability(status).is_usable}
    assert usable == set(Status) - {Status.RETIRED}


class TestCreateMusic:
    @pytest.mark.parametrize(
        ("field", "model", "most"),
        [
            ("prompt", "sonic-v5", 5000),
            ("prompt", "sonic-v4", 3000),
            ("prompt", "sonic-v3-5", 3000),
            ("tags", "sonic-v5", 1000),
            ("tags", "sonic-v4", 200),
            ("negative_tags", "sonic-v5", 200),
            ("title", "sonic-v5", 80),
        ],
    )
    def test_takes_texts_up_to_the_limit_of_the_model(self, field, model, most):
        assert CREATE_MUSIC.problems(song(mv=model, **{field: "a" * most})) == []
        (problem,) = CREATE_MUSIC.problems(song(mv=model, **{field: "a" * (most + 3)}))
        assert problem.field == field
        assert "3 too many" in problem.text

    def test_takes_a_description_of_400_characters(self):
        assert CREATE_MUSIC.problems(song(mode="simple", gpt_description_prompt="a" * 400)) == []
        (problem,) = CREATE_MUSIC.problems(song(mode="simple", gpt_description_prompt="a" * 401))
        assert problem.field == "gpt_description_prompt"

    def test_writes_large_numbers_with_spaces(self):
        (problem,) = CREATE_MUSIC.problems(song(prompt="a" * 6200))
        assert "5 000" in problem.text and "1 200" in problem.text

    def test_ignores_what_the_mode_rules_out(self):
        values = song(mode="simple", gpt_description_prompt="a song", prompt="a" * 9000, tags="b" * 9000)
        assert CREATE_MUSIC.problems(values) == []
        payload = CREATE_MUSIC.build(values, NOWHERE).to_payload()
        assert payload == {
            "task_type": "create_music",
            "custom_mode": False,
            "mv": DEFAULT_MODEL,
            "gpt_description_prompt": "a song",
            "make_instrumental": False,
        }

    def test_offers_to_make_a_song_without_words_instrumental(self):
        values = song(prompt="", tags="pop")
        (problem,) = CREATE_MUSIC.problems(values)
        assert problem.fix is not None
        assert CREATE_MUSIC.problems(values | {problem.fix.field: problem.fix.value}) == []

    def test_wants_a_style_for_an_instrumental(self):
        (problem,) = CREATE_MUSIC.problems(song(prompt="", tags=" ", make_instrumental=True))
        assert problem.field == "tags"

    def test_wants_to_know_what_lyrics_shall_be_about(self):
        (problem,) = CREATE_MUSIC.problems(song(prompt="", auto_lyrics=True))
        assert problem.field == "prompt"

    @pytest.mark.parametrize("model", ["", None])
    def test_wants_a_model(self, model):
        assert [problem.field for problem in CREATE_MUSIC.problems(song(mv=model))] == ["mv"]

    def test_refuses_a_model_that_is_not_in_the_list(self):
        assert [problem.field for problem in CREATE_MUSIC.problems(song(mv="sonic-v99"))] == ["mv"]

    @pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf")])
    def test_refuses_a_weight_out_of_range(self, share):
        assert [problem.field for problem in CREATE_MUSIC.problems(song(style_weight=share))] == [
            "style_weight"
        ]

    def test_sends_weights_only_when_somebody_set_them(self):
        payload = CREATE_MUSIC.build(song(style_weight=0.0), NOWHERE).to_payload()
        assert payload["style_weight"] == 0.0
        assert "weirdness_constraint" not in payload

    @pytest.mark.parametrize("model", [choice.value for choice in MODELS])
    def test_sends_the_voice_to_models_that_know_it(self, model):
        payload = CREATE_MUSIC.build(song(mv=model, vocal_gender="f"), NOWHERE).to_payload()
        assert ("vocal_gender" in payload) == (model not in OLD_MODELS)

    def test_sends_texts_without_the_space_around_them(self):
        payload = CREATE_MUSIC.build(song(prompt="  [Verse]\nHello\n\n", title=" Hi "), NOWHERE).to_payload()
        assert (payload["prompt"], payload["title"]) == ("[Verse]\nHello", "Hi")

    def test_leaves_out_what_is_empty(self):
        payload = CREATE_MUSIC.build(song(tags="  ", negative_tags="", vocal_gender=""), NOWHERE).to_payload()
        assert payload.keys().isdisjoint({"tags", "negative_tags", "vocal_gender", "auto_lyrics"})
