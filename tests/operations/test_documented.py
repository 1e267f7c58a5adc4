"""Each entry builds the documented request from what a person would have given for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.musicapi.requests.nuro import BGM_WORDS, VOCAL_WORDS
from studio.operations import REGISTRY
from tests.musicapi.payloads import INDEX, fields_of, named
from tests.operations.contexts import CODES, context_for

AI, MU = "api.aimusicapi.ai", "api.musicapi.ai"
VERSE = "Harbour lamps along the bay\nCount the boats that slipped away"
LYRICS = f"[Verse]\n{VERSE}\n\n[Chorus]\nCome home, come home"
SMALL = LYRICS.replace("[Verse]", "[verse]").replace("[Chorus]", "[chorus]")
CALM = "a calm evening by the harbour"
BAND = "accordion, brushed drums, a warm alto"
SLOWER = "Slower, with bowed bass and wide chords."
HOOKS = {"webhook_url", "webhook_secret"}  # written when a request is sent

SONG = {"mode": "custom", "prompt": LYRICS, "title": "Harbour Lamps", "make_instrumental": None}
WEIGHTS = {"style_weight": 0.5, "weirdness_constraint": 0.3, "audio_weight": 0.7}
CLIP = {"clip": CODES["clip"]}
BOTH = CLIP | {"second_clip": CODES["second_clip"]}
BROUGHT = {"recording": CODES["recording"]}
FUZZ = {"mv": "FUZZ-2.0", "sound": BAND, "lyrics": LYRICS, "make_instrumental": None}
OLD_FUZZ = {"mv": "FUZZ-1.1 Pro", "sound": BAND, "lyrics": LYRICS, "title": "Harbour Lamps"}
PICTURE = "https://files.example.org/cover.jpg"
PLAN = [
    {"name": name, "duration_s": seconds}
    for name, seconds in (("intro", 20), ("verse", 25), ("chorus", 30), ("outro", 15))
]
SHORT = {"prompt": CALM, "model_type": "studio32-v1.5"}

Given = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], str]
GIVEN: dict[str, Given] = {
    "sonic-create-auto-lyrics-request": (
        "sonic.create_music",
        SONG
        | {
            "auto_lyrics": True,
            "mv": "sonic-v4-5",
            "prompt": "boats at night",
            "title": "Harbour",
            "tags": "folk",
        },
    ),
    "sonic-create-custom-request": (
        "sonic.create_music",
        SONG
        | {"tags": "folk, warm", "style_weight": 0.5, "weirdness_constraint": 0.5, "negative_tags": "piano"}
        | {"make_instrumental": False, "mv": "sonic-v5"},
    ),
    "sonic-create-custom-sonic-mv-request": (
        "sonic.create_music",
        SONG | {"mv": "sonic-v4-5", "tags": "folk"},
    ),
    "sonic-create-description-request": (
        "sonic.create_music",
        {
            "mode": "simple",
            "mv": "sonic-v4-5",
            "gpt_description_prompt": "A slow waltz for a harbour at night",
        },
    ),
    "sonic-create-gender-request": (
        "sonic.create_music",
        {"mode": "simple", "gpt_description_prompt": "a sea song", "vocal_gender": "m", "mv": "sonic-v5"}
        | {"make_instrumental": False},
    ),
    "sonic-create-instrumental-request": (
        "sonic.create_music",
        {"mode": "simple", "gpt_description_prompt": "Calm theme, no vocals", "mv": "sonic-v5-5"}
        | {
            "make_instrumental": True,
            "title": "Harbour",
            "tags": "score, spacious",
            "negative_tags": "vocals",
        },
    ),
    "sonic-create-webhook-request": (
        "sonic.create_music",
        {"mode": "simple", "mv": "sonic-v5", "gpt_description_prompt": "a sea song"},
    ),
    "lyrics-make-request": ("lyrics.make_lyrics", {"description": CALM}),
    "nuro-create-bgm-v1-request": (
        "nuro.bgm_v1",
        {
            "description": CALM,
            "genre": ["video game", "electronic", "epic", "cinematic"],
            "mood": ["powerful", "energetic", "intense", "aggressive"],
            "instrument": ["drums", "synth", "brass", "strings"],
            "theme": ["achievement", "fantasy", "drama"],
            "duration_s": 35,
        },
    ),
    "nuro-create-bgm-v2-request-segments-and-duration": (
        "nuro.bgm_v2",
        {"description": CALM, "segments": PLAN, "duration_s": 90},
    ),
    "nuro-create-bgm-v2-request-segments": ("nuro.bgm_v2", {"description": CALM, "segments": PLAN}),
    "nuro-create-bgm-v2-request-simple": ("nuro.bgm_v2", {"description": CALM, "duration_s": 60.0}),
    "nuro-create-vocal-request-minimal": ("nuro.vocal", {"lyrics": SMALL}),
    "nuro-create-vocal-request": (
        "nuro.vocal",
        {"lyrics": SMALL, "gender": "Female", "genre": "Pop", "mood": "Dynamic/Energetic"}
        | {"timbre": "Sweet_AUDIO_TIMBRE", "duration_s": 180},
    ),
    "producer-cover-request-p1": (
        "producer.cover_music",
        CLIP | FUZZ | {"cover_strength": 0.8, "cover_url": PICTURE},
        AI,
    ),
    "producer-cover-request-p2": (
        "producer.cover_music",
        CLIP | {"instruction": SLOWER, "strength": 0.5, "title": "Harbour Lamps"},
        MU,
    ),
    "producer-cover-upload-request-p2": (
        "producer.cover_upload_music",
        CLIP | {"instruction": SLOWER, "strength": 0.5},
        MU,
    ),
    "producer-create-request-full-p1": (
        "producer.create_music",
        FUZZ
        | {"title": "Harbour Lamps", "make_instrumental": False, "seed": "3966900172", "cover_url": PICTURE}
        | {"lyrics_strength": 0.5, "sound_strength": 0.5, "weirdness": 0.5},
        AI,
    ),
    "producer-create-request-instrumental": (
        "producer.create_music",
        {"mv": "FUZZ-2.0", "sound": BAND, "title": "Harbour Lamps", "make_instrumental": True},
        AI,
    ),
    "producer-create-request-lyrics": (
        "producer.create_music",
        FUZZ | {"title": "Harbour Lamps", "seed": "3966900172", "make_instrumental": False},
        "elsewhere.example",
    ),
    "producer-create-request-minimal": ("producer.create_music", {"sound": BAND}, MU),
    "producer-create-request-webhook": ("producer.create_music", {"sound": BAND}, AI),
    "producer-download-request": ("producer.download", CLIP | {"format": "mp3"}),
    "producer-extend-request-p1": ("producer.extend_music", CLIP | FUZZ | {"starts_at_s": 45}, AI),
    "producer-extend-request-p2": (
        "producer.extend_music",
        CLIP | {"starts_at_s": 45, "instruction": SLOWER, "length_s": 30},
        MU,
    ),
    "producer-extend-upload-request": (
        "producer.extend_upload_music",
        CLIP | {"starts_at_s": 45, "instruction": SLOWER, "length_s": 30},
        MU,
    ),
    "producer-lyrics-create-request": ("producer.lyrics_create", {"prompt": CALM}),
    "producer-replace-request-p1": (
        "producer.replace_music",
        CLIP | FUZZ | {"starts_at_s": 30, "ends_at_s": 45},
        AI,
    ),
    "producer-replace-request-p2": (
        "producer.replace_music",
        CLIP | {"starts_at_s": 30, "ends_at_s": 45, "instruction": SLOWER},
        MU,
    ),
    "producer-replace-upload-request": (
        "producer.replace_upload_music",
        CLIP | {"starts_at_s": 30, "ends_at_s": 45, "instruction": SLOWER},
        MU,
    ),
    "producer-swap-sound-request-p1": (
        "producer.swap_music_sound",
        CLIP | FUZZ | {"cover_strength": 0.6},
        AI,
    ),
    "producer-swap-vocals-request-p1": (
        "producer.swap_music_vocals",
        CLIP | FUZZ | {"cover_strength": 0.9},
        AI,
    ),
    "producer-upload-request": ("producer.upload", BROUGHT),
    "producer-variation-request-p1": ("producer.music_variation", CLIP | {"mv": "FUZZ-2.0"}, AI),
    "producer-video-clip-request": ("producer.video_clip", CLIP),
    "riffusion-cover-request": ("riffusion.cover_music", CLIP | OLD_FUZZ),
    "riffusion-cover-upload-request": ("riffusion.cover_upload_music", CLIP | OLD_FUZZ),
    "riffusion-create-description-request": (
        "riffusion.create_music",
        {"mode": "simple", "mv": "FUZZ-1.1 Pro", "prompt": CALM},
    ),
    "riffusion-create-lyrics-request": (
        "riffusion.create_music",
        OLD_FUZZ | {"mode": "custom", "make_instrumental": False},
    ),
    "riffusion-extend-request": ("riffusion.extend_music", CLIP | OLD_FUZZ | {"continue_at_s": 10.2}),
    "riffusion-extend-upload-request": (
        "riffusion.extend_upload_music",
        CLIP | OLD_FUZZ | {"continue_at_s": 10},
    ),
    "riffusion-replace-request": (
        "riffusion.replace_music",
        CLIP | OLD_FUZZ | {"replace_start_s": 30, "replace_end_s": 45},
    ),
    "riffusion-replace-upload-request": (
        "riffusion.replace_upload_music",
        CLIP | OLD_FUZZ | {"replace_start_s": 30, "replace_end_s": 45},
    ),
    "riffusion-swap-sound-request": ("riffusion.swap_music_sound", CLIP | OLD_FUZZ),
    "riffusion-swap-sound-upload-request": ("riffusion.swap_upload_music_sound", CLIP | OLD_FUZZ),
    "riffusion-swap-vocals-request": ("riffusion.swap_music_vocals", CLIP | OLD_FUZZ),
    "riffusion-swap-vocals-upload-request": ("riffusion.swap_upload_music_vocals", CLIP | OLD_FUZZ),
    "riffusion-upload-request": ("riffusion.upload", BROUGHT),
    "sonic-add-instrumental-request": (
        "sonic.add_instrumental",
        CLIP
        | WEIGHTS
        | {"mv": "sonic-v5", "tags": "pop", "overpainting_start_s": 0, "overpainting_end_s": 20},
    ),
    "sonic-add-vocals-request": (
        "sonic.add_vocals",
        CLIP
        | WEIGHTS
        | {"mv": "sonic-v5", "prompt": LYRICS, "tags": "pop", "vocal_gender": "f"}
        | {"overpainting_start_s": 0, "overpainting_end_s": 20},
    ),
    "sonic-aligned-lyrics-request": ("sonic.aligned_lyrics", CLIP),
    "sonic-bpm-request": ("sonic.bpm", CLIP),
    "sonic-concat-request": ("sonic.concat_music", CLIP),
    "sonic-cover-minimal-request": (
        "sonic.cover_music",
        CLIP | {"tags": "lo-fi, acoustic, mellow", "mv": "sonic-v5"},
    ),
    "sonic-cover-request": ("sonic.cover_music", CLIP | SONG | {"tags": "pop", "mv": "sonic-v5"}),
    "sonic-cover-upload-request": (
        "sonic.cover_upload_music",
        CLIP | SONG | {"tags": "pop", "mv": "sonic-v4-5", "audio_weight": 0.6},
    ),
    "sonic-create-voice-request": ("sonic.create_voice", BROUGHT),
    "sonic-download-request": ("sonic.download", CLIP | {"formats": ["mp3", "wav"]}),
    "sonic-extend-minimal-request": ("sonic.extend_music", CLIP | {"mv": "sonic-v5", "continue_at_s": 30}),
    "sonic-extend-request": (
        "sonic.extend_music",
        CLIP | SONG | {"tags": "pop", "mv": "sonic-v5", "continue_at_s": 30},
    ),
    "sonic-extend-upload-request": (
        "sonic.extend_upload_music",
        CLIP | SONG | {"tags": "pop", "mv": "sonic-v4-5", "continue_at_s": 0.1},
    ),
    "sonic-mashup-request": (
        "sonic.mashup",
        BOTH | SONG | {"tags": "pop, dreamy", "mv": "sonic-v5", "audio_weight": 0.5},
    ),
    "sonic-midi-request": ("sonic.midi", CLIP),
    "sonic-persona-full-request": (
        "sonic.persona",
        CLIP
        | {"name": "Low Tide", "describe": "low and hushed", "styles": "soul, r&b, smooth"}
        | {"vox_audio_id": "741993e0-ca81-5f60-adf7-97525b666055", "vocal_start_s": 0, "vocal_end_s": 30},
    ),
    "sonic-persona-music-request": (
        "sonic.persona_music",
        SONG | {"persona": CODES["persona"], "tags": "pop", "mv": "sonic-v5"},
    ),
    "sonic-persona-request": ("sonic.persona", CLIP | {"name": "Low Tide"}),
    "sonic-remaster-request": ("sonic.remaster", CLIP | {"mv": "sonic-v5", "variation_category": "normal"}),
    "sonic-replace-section-full-request": (
        "sonic.replace_section",
        CLIP
        | SONG
        | {"tags": "pop", "mv": "sonic-v5", "infill_start_s": 10.0, "infill_end_s": 20.0, "auto_concat": True}
        | {"infill_lyrics": "Count the lights that stayed"},
    ),
    "sonic-replace-section-request": (
        "sonic.replace_section",
        CLIP
        | {"mv": "sonic-v5", "infill_start_s": 30, "infill_end_s": 45, "prompt": CALM, "auto_concat": False},
    ),
    "sonic-sample-clip-request": (
        "sonic.sample",
        CLIP
        | {
            "mode": "simple",
            "gpt_description_prompt": "a slow song about a harbour at night",
            "mv": "sonic-v5",
        }
        | {"make_instrumental": True, "chop_sample_start_s": 0, "chop_sample_end_s": 30},
    ),
    "sonic-sample-url-request": (
        "sonic.sample",
        BROUGHT
        | {"mode": "simple", "make_instrumental": True, "mv": "sonic-v5"}
        | {"chop_sample_start_s": 0.0, "chop_sample_end_s": 30.0},
    ),
    "sonic-stems-basic-request": ("sonic.stems_basic", CLIP),
    "sonic-stems-full-request": ("sonic.stems_full", CLIP),
    "sonic-upload-async-request": ("sonic.upload_later", BROUGHT),
    "sonic-upload-cover-request": (
        "sonic.upload_cover",
        BROUGHT | SONG | {"tags": "pop", "mv": "sonic-v4-5", "audio_weight": 0.6},
    ),
    "sonic-upload-extend-request": (
        "sonic.upload_extend",
        BROUGHT
        | SONG
        | {"tags": "pop", "mv": "sonic-v4-5", "audio_weight": 0.6, "continue_at_s": 30, "auto_concat": True},
    ),
    "sonic-upload-request": ("sonic.upload", BROUGHT),
    "sonic-upsample-tags-request": ("sonic.upsample_tags", {"tags": "pop"}),
    "sonic-vox-request": ("sonic.vox", CLIP | {"vocal_start_s": 0, "vocal_end_s": 30}),
    "sonic-wav-request": ("sonic.wav", CLIP),
    "studio-custom-request": (
        "studio.custom",
        {"prompt": CALM, "lyrics": LYRICS, "model_type": "studio130-v1.5"}
        | {"song_section_start": 0, "song_section_end": 1}
        | {"lyrics_placement_start": 0, "lyrics_placement_end": 0.95},
    ),
    "studio-description-request": ("studio.description", SHORT),
    "studio-extend-request": (
        "studio.extend",
        CLIP | SHORT | {"direction": "continuation", "lyrics_type": "generate", "context_length": 130},
    ),
    "studio-instrumental-request": ("studio.instrumental", SHORT),
}
# Two documents disagree on these, and what says more is sent; the guides' examples leave them out.
SAID_BESIDES = {
    "sonic-cover-minimal-request": {"custom_mode": True},
    "sonic-extend-minimal-request": {"custom_mode": True, "continue_at": 30},
}
# What belongs to the custom mode is not sent in the simple one.
LEFT_OUT = {"sonic-create-instrumental-request": {"title", "tags", "negative_tags"}}
FIELD_OF = {
    "clip_id": "clip",
    "continue_clip_id": "clip",
    "sample_clip_id": "clip",
    "persona_id": "persona",
    "url": "recording",
    "audio_url": "recording",
}


def documented(name: str) -> dict[str, Any]:
    """The sample as this house would send it: models in one spelling, the addresses for reports left out."""
    left_out = HOOKS | LEFT_OUT.get(name, set())
    fields = {key: value for key, value in fields_of(name).items() if key not in left_out}
    if str(fields.get("mv", "")).startswith("chirp-"):
        fields["mv"] = fields["mv"].replace("chirp-", "sonic-")
    if "callback_url" in fields:
        fields["callback_url"] = ""
    if "task_type" not in fields and INDEX[name]["type"] in {
        "SonicCreate",
        "ProducerCreate",
        "RiffusionCreate",
    }:
        fields["task_type"] = "create_music"  # which is what its absence means
    return fields | SAID_BESIDES.get(name, {})


def ids_of(fields: dict[str, Any]) -> dict[str, str]:
    """The provider's ids and addresses that a documented request holds, by the field they come from."""
    found: dict[str, str] = {}
    for key, field in FIELD_OF.items():
        if key in fields:
            found[field] = fields[key]
    if "mashup_clip_ids" in fields:
        found["clip"], found["second_clip"] = fields["mashup_clip_ids"]
    if source := fields.get("config", {}).get("source"):
        found["clip"] = source["song_id"]
    return found


@pytest.mark.parametrize("name", named("request"))
def test_the_documented_request_is_built(name: str) -> None:
    operation_name, values, *rest = GIVEN[name]
    operation, wanted = REGISTRY[operation_name], documented(name)
    context = context_for(operation, values, *rest)
    ids = ids_of(wanted)
    context = replace(
        context,
        sources={
            field: replace(source, remote_id=ids[field], url=ids[field])
            for field, source in context.sources.items()
        },
    )
    values = operation.defaults() | {"mode": "custom", "make_instrumental": None} | values
    if operation.family == "producer" and "mv" not in wanted:
        values["mv"] = ""
    assert [one.text for one in operation.problems(values, context) if not one.is_advice] == []
    request = operation.build(values, context)
    assert type(request) is operation.request
    assert request.to_payload() == wanted


def test_every_documented_request_is_asked_for_and_every_entry_has_one() -> None:
    assert set(GIVEN) == set(named("request"))
    assert {given[0] for given in GIVEN.values()} == set(REGISTRY)


def test_the_vocabularies_are_offered_whole() -> None:
    for words, operation in ((VOCAL_WORDS, "nuro.vocal"), (BGM_WORDS, "nuro.bgm_v1")):
        for field, vocabulary in words.items():
            offered = [choice.value for choice in REGISTRY[operation].field(field).choices if choice.value]
            assert tuple(offered) == vocabulary
