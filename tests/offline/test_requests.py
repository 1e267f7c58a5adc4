"""What the provider takes and what it refuses, in which words."""

from __future__ import annotations

from typing import Any

import pytest

from studio.offline.errors import Refusal
from studio.offline.requests import parse_create

GOOD: dict[str, Any] = {"custom_mode": True, "mv": "sonic-v5", "prompt": "[Verse]\nStars", "tags": "pop"}
BAD_MODEL = "The 'mv' field is invalid. The model should be 'chirp-v3-5','chirp-v4' or 'chirp-v4-5'."

REFUSED = [
    ({"mv": "sonic-v9"}, BAD_MODEL),
    ({"mv": None}, BAD_MODEL),
    ({"mv": "v5"}, BAD_MODEL),
    ({"mv": "sonic-v4-5-all"}, BAD_MODEL),
    ({"mv": ["sonic-v5"]}, BAD_MODEL),
    ({"custom_mode": "true"}, "The 'custom_mode' field should be boolean."),
    ({"custom_mode": None}, "The 'custom_mode' field should be boolean."),
    ({"make_instrumental": 1}, "The 'make_instrumental' field should be boolean."),
    ({"auto_lyrics": "yes"}, "The 'auto_lyrics' field should be boolean."),
    ({"use_suno_cdn": "false"}, "The 'use_suno_cdn' field should be boolean."),
    ({"title": "t" * 81}, "The title character length should be less than 80."),
    ({"title": 12}, "The 'title' field should be string."),
    ({"prompt": "p" * 5001}, "The prompt character length should be less than 5000."),
    ({"lyrics": "p" * 5001}, "The prompt character length should be less than 5000."),
    ({"mv": "chirp-v4", "prompt": "p" * 3001}, "The prompt character length should be less than 3000."),
    ({"tags": "t" * 1001}, "The tags character length should be less than 1000."),
    ({"mv": "sonic-v3-5", "tags": "t" * 201}, "The tags character length should be less than 200."),
    ({"negative_tags": "t" * 201}, "The negative_tags character length should be less than 200."),
    (
        {"custom_mode": False, "gpt_description_prompt": "d" * 401},
        "The 'gpt_description_prompt' character length should be less than 400.",
    ),
    ({"style_weight": 1.01}, "The 'style_weight' field must be between 0 and 1."),
    ({"style_weight": -0.01}, "The 'style_weight' field must be between 0 and 1."),
    ({"weirdness_constraint": "0.5"}, "The 'weirdness_constraint' field must be between 0 and 1."),
    ({"weirdness_constraint": float("nan")}, "The 'weirdness_constraint' field must be between 0 and 1."),
    ({"vocal_gender": "x"}, "The 'vocal_gender' field should be 'f' or 'm'."),
    ({"duration": 9}, "The 'duration' field must be between 10 and 360."),
    ({"duration": 361}, "The 'duration' field must be between 10 and 360."),
    ({"webhook_url": "https:" + "w" * 1020}, "The webhook_url character length should be less than 1024."),
    ({"prompt": " \n"}, "The 'prompt' field is required when custom_mode = true."),
    ({"custom_mode": False}, "The 'gpt_description_prompt' field is required when custom_mode = false."),
    (
        {"task_type": "extend_music"},
        "The 'continue_clip_id' field is required when task_type = extend_music.",
    ),
    (
        {"task_type": "persona_music"},
        "The 'persona_id' field is required when task_type = persona_music.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "text"), REFUSED, ids=[str(sorted(change))[:40] for change, _ in REFUSED])
def test_what_the_documented_service_refuses_is_refused_in_its_words(
    change: dict[str, Any], text: str
) -> None:
    with pytest.raises(Refusal) as refused:
        parse_create(GOOD | change)

    assert refused.value.status == 400
    assert refused.value.to_body() == {"type": "validation_error", "error": text, "message": text}


def test_an_unknown_task_type_is_told_what_there_is() -> None:
    with pytest.raises(Refusal, match="It should be one of create_music, "):
        parse_create(GOOD | {"task_type": "sing"})


@pytest.mark.parametrize(
    "change",
    [
        {"title": "t" * 80},
        {"prompt": "p" * 5000},
        {"tags": "t" * 1000},
        {"style_weight": 0, "weirdness_constraint": 1},
        {"duration": 10},
        {"duration": 360.0},
        {"prompt": None, "lyrics": "[Verse]\nWords under the other name"},
        {"prompt": None, "make_instrumental": True},
        {"prompt": None, "auto_lyrics": True},
        {"custom_mode": False, "prompt": None, "gpt_description_prompt": "d" * 400},
        {"use_suno_cdn": False, "vocal_gender": None, "title": None},
        {"task_type": "create_music"},
        {"a_field_of_tomorrow": {"deep": 1}},
        {"webhook_url": "https://studio.example/hook", "webhook_secret": "s"},
    ],
)
def test_values_on_the_edge_and_unknown_fields_are_taken(change: dict[str, Any]) -> None:
    parse_create(GOOD | change)


@pytest.mark.parametrize("spelling", ["sonic", "chirp"])
@pytest.mark.parametrize(
    "model", ["v3-5", "v4", "v4-5", "v4-5-plus", "v5", "v5-5", "v6", "v6-wild", "v6-mini"]
)
def test_both_spellings_of_every_model_are_taken_and_kept(spelling: str, model: str) -> None:
    assert parse_create(GOOD | {"mv": f"{spelling}-{model}"}).mv == f"{spelling}-{model}"


def test_prompt_wins_over_its_alias() -> None:
    assert parse_create(GOOD | {"prompt": "One", "lyrics": "Other"}).prompt == "One"


def test_the_old_models_know_no_vocal_gender() -> None:
    assert parse_create(GOOD | {"mv": "sonic-v4", "vocal_gender": "f"}).vocal_gender == ""
    assert parse_create(GOOD | {"vocal_gender": "f"}).vocal_gender == "f"
