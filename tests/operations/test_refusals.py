"""What a provider would refuse is said before it is sent, at its field, with a way out where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.operations import REGISTRY, Context, Operation, Problem, Values, obstacles
from tests.operation_values import LYRICS
from tests.operations.contexts import CODES, HERE, LENGTH_S, context_for, entry, source_for

MU = "api.musicapi.ai"
SIMPLE = {"mode": "simple"}
PLAN = [{"name": "intro", "duration_s": 20}, {"name": "verse", "duration_s": 25}]

# Operation, what is changed in sensible values, the field that is told, and whether a fix is offered.
REFUSED: list[tuple[str, dict[str, Any], str, bool]] = [
    ("sonic.create_music", {"mv": "sonic-v4-5-all"}, "mv", True),
    ("sonic.create_music", {"title": "t" * 81}, "title", True),
    ("sonic.create_music", SIMPLE | {"gpt_description_prompt": "d" * 401}, "gpt_description_prompt", True),
    ("sonic.create_music", {"prompt": "p" * 5001}, "prompt", True),
    ("sonic.create_music", {"prompt": "p" * 3001, "mv": "sonic-v4"}, "prompt", True),
    ("sonic.create_music", {"tags": "t" * 1001}, "tags", True),
    ("sonic.create_music", {"tags": "t" * 201, "mv": "sonic-v3-5"}, "tags", True),
    ("sonic.create_music", {"negative_tags": "t" * 201}, "negative_tags", True),
    ("sonic.create_music", {"weirdness_constraint": 1.01}, "weirdness_constraint", False),
    ("sonic.create_music", {"style_weight": -0.01}, "style_weight", False),
    ("sonic.create_music", {"duration_s": 9}, "duration_s", False),
    ("sonic.create_music", {"duration_s": 361}, "duration_s", False),
    ("sonic.create_music", {"duration_s": 60.5}, "duration_s", False),
    ("sonic.create_music", {"prompt": ""}, "prompt", True),
    ("sonic.create_music", {"prompt": "", "auto_lyrics": True}, "prompt", False),
    ("sonic.create_music", {"mode": "simple"}, "gpt_description_prompt", False),
    ("sonic.extend_music", {"clip": ""}, "clip", False),
    ("sonic.extend_music", {"continue_at_s": None}, "continue_at_s", False),
    ("sonic.extend_music", {"continue_at_s": LENGTH_S + 1}, "continue_at_s", True),
    ("sonic.extend_music", {"continue_at_s": -1}, "continue_at_s", True),
    ("sonic.cover_music", {"audio_weight": 1.2}, "audio_weight", False),
    ("sonic.persona_music", {"persona": ""}, "persona", False),
    ("sonic.persona_music", {"prompt": " "}, "prompt", False),
    ("sonic.remaster", {"variation_category": "wild"}, "variation_category", False),
    ("sonic.remaster", {"mv": ""}, "mv", False),
    ("sonic.add_vocals", {"mv": "sonic-v4"}, "mv", True),
    ("sonic.add_vocals", {"prompt": ""}, "prompt", False),
    ("sonic.add_vocals", {"tags": ""}, "tags", False),
    ("sonic.add_vocals", {"mode": "simple"}, "gpt_description_prompt", False),
    ("sonic.add_vocals", {"overpainting_end_s": None}, "overpainting_end_s", True),
    ("sonic.add_vocals", {"overpainting_start_s": None}, "overpainting_start_s", True),
    ("sonic.add_vocals", {"overpainting_start_s": 20.0}, "overpainting_end_s", True),
    ("sonic.add_instrumental", {"mv": "sonic-v3-5"}, "mv", True),
    ("sonic.mashup", {"second_clip": CODES["clip"]}, "second_clip", True),
    ("sonic.mashup", {"second_clip": ""}, "second_clip", False),
    ("sonic.mashup", {"tags": "t" * 201}, "tags", True),
    ("sonic.sample", {"recording": CODES["recording"]}, "recording", True),
    ("sonic.sample", {"clip": ""}, "clip", False),
    ("sonic.sample", {"tags": "t" * 201}, "tags", True),
    ("sonic.sample", {"chop_sample_end_s": None}, "chop_sample_end_s", False),
    ("sonic.sample", {"chop_sample_start_s": 12.0, "chop_sample_end_s": 4.0}, "chop_sample_end_s", True),
    ("sonic.replace_section", {"mv": "sonic-v3-5"}, "mv", True),
    ("sonic.replace_section", {"infill_lyrics": "l" * 3001}, "infill_lyrics", True),
    ("sonic.replace_section", {"infill_start_s": None}, "infill_start_s", False),
    ("sonic.replace_section", {"infill_start_s": 14.0, "infill_end_s": 8.0}, "infill_end_s", True),
    ("sonic.persona", {"name": ""}, "name", False),
    ("sonic.persona", {"name": "n" * 80}, "name", True),
    ("sonic.persona", {"styles": "s" * 2001}, "styles", True),
    ("sonic.persona", {"describe": "d" * 201}, "describe", True),
    ("sonic.persona", {"vocal_start_s": 3.0}, "vocal_end_s", True),
    ("sonic.vox", {"vocal_end_s": 31.0}, "vocal_end_s", True),
    ("sonic.vox", {"vocal_start_s": None}, "vocal_start_s", False),
    ("sonic.download", {"formats": []}, "formats", False),
    ("sonic.download", {"formats": ["flac"]}, "formats", False),
    ("sonic.upsample_tags", {"tags": ""}, "tags", False),
    ("sonic.upload", {"recording": ""}, "recording", False),
    ("sonic.upload_extend", {"prompt": ""}, "prompt", True),
    ("sonic.upload_extend", {"mode": "simple"}, "gpt_description_prompt", False),
    ("sonic.upload_extend", {"continue_at_s": LENGTH_S + 5}, "continue_at_s", True),
    ("sonic.upload_cover", {"prompt": "", "make_instrumental": True, "tags": ""}, "tags", False),
    ("lyrics.make_lyrics", {"description": ""}, "description", False),
    ("lyrics.make_lyrics", {"description": "d" * 120}, "description", True),
    ("producer.create_music", {"sound": "", "lyrics": ""}, "sound", False),
    ("producer.create_music", {"title": "t" * 81}, "title", True),
    ("producer.create_music", {"seed": "seed 12"}, "seed", True),
    ("producer.create_music", {"sound_strength": 0.1}, "sound_strength", False),
    ("producer.create_music", {"cover_url": "http://pictures.example/a.jpg"}, "cover_url", False),
    ("producer.extend_music", {"length_s": 241}, "length_s", False),
    ("producer.extend_music", {"sound": "", "instruction": ""}, "sound", False),
    ("producer.swap_music_vocals", {"lyrics": ""}, "lyrics", False),
    ("producer.swap_music_sound", {"sound": ""}, "sound", False),
    ("producer.replace_music", {"starts_at_s": 20.0}, "ends_at_s", True),
    ("producer.lyrics_create", {"prompt": ""}, "prompt", False),
    ("producer.download", {"format": "flac"}, "format", True),
    ("nuro.vocal", {"lyrics": ""}, "lyrics", False),
    ("nuro.vocal", {"lyrics": "l" * 2001}, "lyrics", True),
    ("nuro.vocal", {"genre": "Polka"}, "genre", False),
    ("nuro.vocal", {"duration_s": 29}, "duration_s", False),
    ("nuro.bgm_v1", {"description": ""}, "description", False),
    ("nuro.bgm_v1", {"duration_s": 61}, "duration_s", False),
    ("nuro.bgm_v1", {"genre": ["rock", "folk", "jazz", "funk", "pop", "dark"]}, "genre", False),
    ("nuro.bgm_v2", {"segments": [{"name": "solo", "duration_s": 30}]}, "segments", False),
    ("nuro.bgm_v2", {"segments": [*PLAN, {"name": "outro", "duration_s": 4}]}, "segments", False),
    ("nuro.bgm_v2", {"segments": [{"name": "verse", "duration_s": 29}]}, "segments", False),
    ("nuro.bgm_v2", {"segments": [{"name": "verse", "duration_s": 30.5}]}, "segments", False),
    ("nuro.bgm_v2", {"segments": [{"name": "verse", "duration_s": 61}] * 2}, "segments", False),
    ("nuro.bgm_v2", {"segments": PLAN, "duration_s": 60}, "duration_s", True),
    ("riffusion.create_music", {"mode": "simple", "prompt": ""}, "prompt", False),
    ("riffusion.create_music", {"mode": "simple", "prompt": "p" * 201}, "prompt", True),
    ("riffusion.create_music", {"lyrics": ""}, "lyrics", True),
    ("riffusion.create_music", {"sound": "", "lyrics": "", "make_instrumental": True}, "sound", False),
    ("riffusion.extend_music", {"lyrics": "l" * 3001}, "lyrics", True),
    ("riffusion.extend_music", {"sound": "s" * 201}, "sound", True),
    ("riffusion.cover_music", {"sound": ""}, "sound", False),
    ("riffusion.swap_music_vocals", {"vocal_variation": 2}, "vocal_variation", False),
    ("studio.custom", {"lyrics": ""}, "lyrics", False),
    ("studio.custom", {"lyrics": "l" * 1001}, "lyrics", True),
    ("studio.custom", {"prompt": ""}, "prompt", False),
    ("studio.custom", {"song_section_start": 0.9, "song_section_end": 0.2}, "song_section_end", True),
    ("studio.description", {"model_type": "studio"}, "model_type", True),
    ("studio.instrumental", {"seed": -2}, "seed", False),
    ("studio.extend", {"direction": "sideways"}, "direction", True),
    ("studio.extend", {"lyrics_type": "user", "lyrics": ""}, "lyrics", True),
]  # fmt: skip


def found(operation: Operation, values: Values, **changes: Any) -> list[Problem]:
    return operation.problems(operation.defaults() | dict(values), context_for(operation, values, **changes))


def mended(operation: Operation, values: Values, problem: Problem, **changes: Any) -> list[Problem]:
    assert problem.fix is not None
    return found(operation, dict(values) | problem.fix.changes, **changes)


@pytest.mark.parametrize(("name", "changes", "field", "has_fix"), REFUSED)
def test_what_would_be_refused_is_told_and_mended(
    name: str, changes: dict[str, Any], field: str, has_fix: bool
) -> None:
    operation, values = entry(name, **changes)
    (problem,) = obstacles(found(operation, values))
    assert problem.field == field
    assert problem.text.endswith(".")
    assert (problem.fix is not None) == has_fix
    if has_fix:
        assert problem not in mended(operation, values, problem)
        if name not in {"sonic.mashup"}:  # there the way out is to choose once more
            assert obstacles(mended(operation, values, problem)) == []


class TestTexts:
    def test_are_cut_at_a_word(self) -> None:
        operation, values = entry("sonic.create_music", title="harbour " * 11)
        (problem,) = found(operation, values)
        assert problem.fix is not None
        assert problem.fix.value == ("harbour " * 10).strip()

    def test_are_kept_whole_by_a_model_that_takes_them(self) -> None:
        operation, values = entry("sonic.create_music", prompt="la " * 1200, mv="sonic-v4")
        (problem,) = found(operation, values)
        assert problem.fix is not None
        assert (problem.fix.field, problem.fix.value) == ("mv", "sonic-v5-5")


class TestWindows:
    def test_swap_both_ends_at_once(self) -> None:
        operation, values = entry("sonic.replace_section", infill_start_s=14.0, infill_end_s=8.0)
        (problem,) = obstacles(found(operation, values))
        assert problem.fix is not None
        assert problem.fix.changes == {"infill_start_s": 8.0, "infill_end_s": 14.0}

    def test_are_shortened_to_what_may_be(self) -> None:
        operation, values = entry("sonic.vox", vocal_start_s=5.0, vocal_end_s=50.0)
        (problem,) = found(operation, values)
        assert problem.fix is not None
        assert problem.fix.changes == {"vocal_end_s": 35.0}

    def test_lie_in_the_recording_when_there_is_no_clip(self) -> None:
        window = {"chop_sample_start_s": 4.0, "chop_sample_end_s": 70.0}
        operation, values = entry("sonic.sample", clip="", recording=CODES["recording"], **window)
        (problem,) = found(operation, values)
        assert problem.field == "chop_sample_end_s"
        assert obstacles(mended(operation, values, problem)) == []


class TestSources:
    @pytest.mark.parametrize("name", ["sonic.add_vocals", "sonic.add_instrumental"])
    def test_of_a_day_ago_are_refused_where_the_provider_refuses_them(self, name: str) -> None:
        operation, values = entry(name)
        assert found(operation, values, age_h=23.9) == []
        (problem,) = found(operation, values, age_h=24.1)
        assert not problem.is_advice
        assert problem.fix is not None and problem.fix.operation == "sonic.upload"

    @pytest.mark.parametrize(
        "name", ["sonic.vox", "sonic.bpm", "sonic.midi", "sonic.persona", "sonic.remaster"]
    )
    def test_of_a_day_ago_are_advised_against_where_it_asks_for_fresh_ones(self, name: str) -> None:
        operation, values = entry(name)
        assert found(operation, values, age_h=23.9) == []
        (problem,) = found(operation, values, age_h=24.1)
        assert problem.is_advice

    @pytest.mark.parametrize(
        "name", ["sonic.extend_music", "sonic.wav", "sonic.stems_full", "sonic.cover_music"]
    )
    def test_of_any_age_serve_elsewhere(self, name: str) -> None:
        operation, values = entry(name)
        assert found(operation, values, age_h=1000.0) == []

    @pytest.mark.parametrize(
        "name", ["sonic.extend_music", "sonic.cover_music", "producer.replace_music", "riffusion.cover_music"]
    )
    def test_of_the_other_origin_lead_to_the_twin(self, name: str) -> None:
        operation, values = entry(name)
        twin = REGISTRY[operation.twin]
        for one, is_uploaded in ((operation, True), (twin, False)):
            (problem,) = found(one, values, is_uploaded=is_uploaded)
            assert problem.fix is not None
            assert problem.fix.operation == one.twin

    def test_made_by_the_provider_have_to_be_uploaded_to_be_sung_over(self) -> None:
        operation, values = entry("sonic.add_vocals")
        (problem,) = found(operation, values, is_uploaded=False)
        assert problem.fix is not None and problem.fix.operation == "sonic.upload"

    def test_that_go_on_from_nothing_cannot_be_joined(self) -> None:
        operation, values = entry("sonic.concat_music")

        def problems(made_by: str) -> list[Problem]:
            clip = replace(source_for(operation.field("clip")), operation=made_by)
            return operation.problems(values, Context("offline", HERE, {"clip": clip}))

        (problem,) = problems("sonic.create_music")
        assert (problem.field, problem.is_advice) == ("clip", False)
        for made_by in ("sonic.extend_music", "sonic.extend_upload_music", "sonic.upload_extend"):
            assert problems(made_by) == []

    def test_of_another_provider_have_to_be_uploaded(self) -> None:
        operation, values = entry("sonic.extend_music")
        (problem,) = found(operation, values, connection="elsewhere")
        assert problem.fix is not None and problem.fix.operation == "sonic.upload"

    @pytest.mark.parametrize("family", ["producer", "riffusion"])
    def test_of_another_family_are_uploaded_to_this_one(self, family: str) -> None:
        operation, values = entry(f"{family}.extend_music")
        (problem,) = found(operation, values, family="sonic")
        assert problem.fix is not None and problem.fix.operation == f"{family}.upload"

    @pytest.mark.parametrize(
        "name", ["sonic.upload", "sonic.upload_cover", "producer.upload", "riffusion.upload"]
    )
    def test_are_at_most_eight_minutes_long(self, name: str) -> None:
        operation, values = entry(name)
        assert found(operation, values, duration_s=480.0) == []
        (problem,) = found(operation, values, duration_s=480.1)
        assert "8:00" in problem.text

    def test_of_a_voice_are_longer_than_ten_seconds(self) -> None:
        operation, values = entry("sonic.create_voice")
        assert found(operation, values, duration_s=10.1) == []
        (problem,) = found(operation, values, duration_s=10.0)
        assert problem.field == "recording"

    def test_that_the_provider_cannot_fetch_say_what_to_set(self) -> None:
        operation, values = entry("sonic.upload")
        (problem,) = found(operation, values, url="")
        assert "PUBLIC_URL" in problem.text

    def test_whose_outcome_is_reported_need_a_studio_that_can_be_reached(self) -> None:
        operation, values = entry("sonic.upload_later")
        sources = {"recording": source_for(operation.field("recording"))}
        (problem,) = operation.problems(values, Context(MU, HERE, sources, can_be_called=False))
        assert "https" in problem.text
        assert problem.fix is not None and problem.fix.operation == "sonic.upload"
        assert operation.problems(values, Context(MU, HERE, sources, can_be_called=True)) == []

    def test_that_are_gone_or_not_ready_are_told(self) -> None:
        operation, values = entry("sonic.cover_music")
        assert [one.field for one in operation.problems(values, Context(connection=HERE))] == ["clip"]
        assert [one.field for one in found(operation, values, is_ready=False)] == ["clip"]


class TestHosts:
    def test_lyria_wants_an_instruction_for_a_cover_and_no_sound(self) -> None:
        operation, values = entry("producer.cover_music", sound="", instruction="")
        context = context_for(operation, values, MU)
        (problem,) = operation.problems(values, context)
        assert problem.field == "instruction"
        values["instruction"] = "Slower"
        assert operation.problems(values, context) == []
        assert operation.build(values | {"sound": "loud"}, context).to_payload().keys() == {
            "task_type",
            "clip_id",
            "instruction",
            "strength",
        }

    def test_lyria_wants_the_end_of_a_window(self) -> None:
        operation, values = entry("producer.replace_music", ends_at_s=None)
        assert [one.field for one in operation.problems(values, context_for(operation, values, MU))] == [
            "ends_at_s"
        ]
        assert operation.problems(values, context_for(operation, values, "offline")) == []

    def test_fuzz_goes_by_sound_or_lyrics_and_knows_no_instruction(self) -> None:
        operation, values = entry("producer.extend_music", sound="", instruction="Slower")
        for host in ("api.aimusicapi.ai", "somewhere.example"):
            assert [
                one.field for one in operation.problems(values, context_for(operation, values, host))
            ] == ["sound"]

    def test_names_what_serves_in_place_of_what_is_gone(self) -> None:
        gone = {
            (name, host): operation.on(host).instead
            for name, operation in REGISTRY.items()
            for host in ("api.aimusicapi.ai", MU)
            if not operation.on(host).is_usable
        }
        assert gone[("sonic.persona", "api.aimusicapi.ai")] == "sonic.create_voice"
        assert gone[("nuro.vocal", "api.aimusicapi.ai")] == "sonic.create_music"
        assert gone[("producer.swap_music_sound", MU)] == "producer.cover_music"
        for (name, host), instead in gone.items():
            assert instead or name == "producer.video_clip"
            assert not instead or REGISTRY[instead].on(host).is_usable


class TestReplaceSection:
    FIELD = "infill_lyrics"

    def advice(self, lyrics: str = "", **changes: Any) -> list[Problem]:
        operation, values = entry("sonic.replace_section", **changes)
        context = context_for(operation, values)
        source = replace(context.sources["clip"], lyrics=lyrics)
        problems = operation.problems(values, replace(context, sources={"clip": source}))
        assert all(one.is_advice for one in problems)
        return problems

    def test_takes_words_that_can_be_sung(self) -> None:
        assert self.advice() == []

    def test_advises_more_time_for_words_too_many(self) -> None:
        (problem,) = self.advice(infill_end_s=9.0)
        assert problem.field == self.FIELD
        assert "a second" in problem.text
        assert problem.fix is not None
        assert self.advice(**problem.fix.changes) == []

    def test_advises_less_time_for_words_too_few(self) -> None:
        (problem,) = self.advice(infill_lyrics="Boats", infill_end_s=40.0)
        assert problem.fix is not None
        assert self.advice(infill_lyrics="Boats", **problem.fix.changes) == []

    def test_offers_no_time_that_the_clip_does_not_have(self) -> None:
        (problem,) = self.advice(infill_start_s=58.5, infill_end_s=59.5)
        assert problem.fix is None

    def test_advises_words_that_overlap_with_the_song(self) -> None:
        (problem,) = self.advice(infill_lyrics="Quiet mountains everywhere")
        assert problem.field == self.FIELD

    def test_offers_the_lyrics_of_the_clip_for_the_context(self) -> None:
        (problem,) = self.advice(lyrics=LYRICS, prompt="")
        assert problem.fix is not None
        assert problem.fix.changes == {"prompt": LYRICS}
        assert self.advice(lyrics=LYRICS, **problem.fix.changes) == []


class TestAdvice:
    def advice(self, name: str, source: dict[str, Any] | None = None, **changes: Any) -> list[Problem]:
        operation, values = entry(name, **changes)
        problems = found(operation, values, **(source or {}))
        assert obstacles(problems) == []
        return problems

    def test_says_that_short_lyrics_may_be_refused_by_nuro(self) -> None:
        (problem,) = self.advice("nuro.vocal", lyrics="l" * 299)
        assert problem.field == "lyrics"
        assert self.advice("nuro.vocal", lyrics="l" * 300) == []

    def test_says_that_a_long_description_may_be_refused_by_nuro(self) -> None:
        (problem,) = self.advice("nuro.bgm_v2", description="d" * 200)
        assert problem.fix is not None
        assert self.advice("nuro.bgm_v2", **problem.fix.changes) == []

    def test_knows_where_uploads_begin(self) -> None:
        (problem,) = self.advice("sonic.extend_upload_music", continue_at_s=0.0)
        assert problem.fix is not None and problem.fix.changes == {"continue_at_s": 0.1}
        assert self.advice("sonic.extend_upload_music", continue_at_s=0.1) == []

    def test_knows_which_models_fail_after_an_upload(self) -> None:
        (problem,) = self.advice("sonic.upload_cover", mv="sonic-v4")
        assert problem.fix is not None and problem.fix.changes == {"mv": "sonic-v5-5"}

    def test_says_that_there_are_no_words_to_time(self) -> None:
        assert self.advice("sonic.aligned_lyrics", {"lyrics": ""}) == []
        assert self.advice("sonic.aligned_lyrics", {"lyrics": LYRICS}) == []
        (problem,) = self.advice("sonic.aligned_lyrics", {"lyrics": "[Instrumental]"})
        assert problem.field == "clip"


def test_what_is_off_or_not_given_is_not_sent() -> None:
    operation, values = entry("sonic.upload_cover", auto_concat=False, style_weight=None)
    payload = operation.build(values, context_for(operation, values)).to_payload()
    assert payload.keys().isdisjoint({"auto_concat", "style_weight", "webhook_url", "webhook_secret"})


def test_a_variation_is_asked_for_from_the_one_model_that_knows_it() -> None:
    for model, is_sent in (("sonic-v5", True), ("sonic-v5-5", False)):
        operation, values = entry("sonic.remaster", mv=model)
        payload = operation.build(values, context_for(operation, values)).to_payload()
        assert ("variation_category" in payload) == is_sent


def test_a_song_to_extend_before_its_start_says_so() -> None:
    operation, values = entry("studio.extend", direction="precede", lyrics_type="user", lyrics=LYRICS)
    payload = operation.build(values, context_for(operation, values)).to_payload()
    assert payload["config"] == {"mode": "precede", "source": {"song_id": "remote-clip"}}
    assert payload["lyrics"] == LYRICS
