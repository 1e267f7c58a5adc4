"""Sensible values for every entry of the registry, as a person would give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Sources = Mapping[str, str]
"""The codes of what a test has: "clip", "second_clip", "persona", "recording"."""

LYRICS = """[Verse]
Harbour lamps along the bay
Count the boats that slipped away

[Chorus]
Come home, come home"""
LONG_LYRICS = "\n\n".join(
    f"[verse]\nHarbour lamps along the bay, number {number}\nCount the boats that slipped away from here"
    for number in range(1, 5)
)
STYLE = "folk, warm, female voice, 96 bpm"
SOUND = "accordion, brushed drums, a warm alto, slow waltz, close and quiet room"
MODEL = "sonic-v5-5"
FUZZ = "FUZZ-1.1 Pro"

SONG = {"mode": "custom", "prompt": LYRICS, "tags": STYLE, "title": "Harbour Lamps", "mv": MODEL}
EDIT = {"mv": FUZZ, "lyrics": LYRICS, "sound": SOUND, "title": "Harbour Lamps"}
WINDOW = {"starts_at_s": 8.0, "ends_at_s": 16.0}
STUDIO = {"prompt": "a calm evening by the harbour", "model_type": "studio32-v1.5"}

_PLAIN: dict[str, dict[str, Any]] = {
    "sonic.create_music": SONG,
    "lyrics.make_lyrics": {"description": "a calm evening by the harbour"},
    "sonic.upsample_tags": {"tags": "folk, warm"},
    "producer.create_music": {"sound": SOUND, "lyrics": LYRICS, "title": "Harbour Lamps"},
    "producer.lyrics_create": {"prompt": "a calm evening by the harbour"},
    "nuro.vocal": {"lyrics": LONG_LYRICS, "gender": "Female", "genre": "Pop", "mood": "Romantic"},
    "nuro.bgm_v1": {"description": "a calm evening by the harbour", "genre": ["folk"], "duration_s": 30},
    "nuro.bgm_v2": {
        "description": "a calm evening by the harbour",
        "segments": [{"name": "intro", "duration_s": 10}, {"name": "verse", "duration_s": 25}],
    },
    "riffusion.create_music": {"mode": "custom"} | EDIT,
    "studio.custom": STUDIO | {"lyrics": LYRICS},
    "studio.description": STUDIO,
    "studio.instrumental": STUDIO,
}

_OF_CLIP: dict[str, dict[str, Any]] = {
    "sonic.extend_music": SONG | {"continue_at_s": 20.0},
    "sonic.extend_upload_music": SONG | {"continue_at_s": 20.0},
    "sonic.cover_music": SONG | {"audio_weight": 0.6},
    "sonic.cover_upload_music": SONG | {"audio_weight": 0.6},
    "sonic.concat_music": {},
    "sonic.remaster": {"mv": "sonic-v5", "variation_category": "normal"},
    "sonic.add_vocals": SONG | {"overpainting_start_s": 0.0, "overpainting_end_s": 16.0},
    "sonic.add_instrumental": SONG | {"prompt": "", "audio_weight": 0.7},
    "sonic.persona": {"name": "Low Tide", "describe": "low and hushed", "styles": "soul, smooth"},
    "sonic.sample": SONG | {"chop_sample_start_s": 4.0, "chop_sample_end_s": 12.0},
    "sonic.replace_section": {
        "mv": "sonic-v5",
        "infill_start_s": 8.0,
        "infill_end_s": 14.0,
        "prompt": LYRICS,
        "infill_lyrics": "Count the lights that stayed to show the way",
        "tags": "folk",
        "title": "Harbour Lamps",
        "auto_concat": True,
    },
    "sonic.stems_basic": {},
    "sonic.stems_full": {},
    "sonic.midi": {},
    "sonic.wav": {},
    "sonic.download": {"formats": ["mp3", "wav"]},
    "sonic.bpm": {},
    "sonic.vox": {"vocal_start_s": 0.0, "vocal_end_s": 12.0},
    "sonic.aligned_lyrics": {},
    "producer.extend_music": {"starts_at_s": 12.0, "sound": SOUND, "instruction": "Slower", "length_s": 20},
    "producer.extend_upload_music": {
        "starts_at_s": 12.0,
        "sound": SOUND,
        "instruction": "Slower",
        "length_s": 20,
    },
    "producer.replace_music": WINDOW | {"sound": SOUND, "instruction": "Only accordion here."},
    "producer.replace_upload_music": WINDOW | {"sound": SOUND, "instruction": "Only accordion here."},
    "producer.cover_music": {"sound": SOUND, "instruction": "Bowed bass and wide chords.", "strength": 0.5},
    "producer.cover_upload_music": {
        "sound": SOUND,
        "instruction": "Bowed bass and wide chords.",
        "strength": 0.5,
    },
    "producer.swap_music_vocals": {"sound": "a low tenor", "lyrics": LYRICS, "cover_strength": 0.9},
    "producer.swap_music_sound": {"sound": SOUND, "lyrics": LYRICS, "cover_strength": 0.6},
    "producer.music_variation": {},
    "producer.download": {"format": "wav"},
    "producer.video_clip": {},
    "studio.extend": STUDIO | {"direction": "continuation", "lyrics_type": "generate"},
}

_OF_RECORDING: dict[str, dict[str, Any]] = {
    "sonic.upload_extend": SONG | {"continue_at_s": 8.0, "audio_weight": 0.6, "auto_concat": True},
    "sonic.upload_cover": SONG | {"audio_weight": 0.6},
    "sonic.create_voice": {},
    "sonic.upload": {},
    "sonic.upload_later": {},
    "producer.upload": {},
    "riffusion.upload": {},
}

_RIFFUSION_EDITS: dict[str, dict[str, Any]] = {
    "extend{}_music": {"continue_at_s": 12.0},
    "cover{}_music": {},
    "replace{}_music": {"replace_start_s": 8.0, "replace_end_s": 16.0},
    "swap{}_music_sound": {},
    "swap{}_music_vocals": {"vocal_variation": 0.4},
}
_OF_CLIP |= {
    f"riffusion.{form.format(upload)}": EDIT | values
    for form, values in _RIFFUSION_EDITS.items()
    for upload in ("", "_upload")
}


def values_for(name: str, sources: Sources) -> dict[str, Any]:
    """What a person gives for the operation `name`, with the codes that `sources` has."""
    return {"mode": "custom"} | _KINDS[name](name, sources)


def _plain(name: str, _sources: Sources) -> dict[str, Any]:
    return dict(_PLAIN[name])


def _of_clip(name: str, sources: Sources) -> dict[str, Any]:
    return _OF_CLIP[name] | {"clip": sources["clip"]}


def _of_recording(name: str, sources: Sources) -> dict[str, Any]:
    return _OF_RECORDING[name] | {"recording": sources["recording"]}


def _of_two(_name: str, sources: Sources) -> dict[str, Any]:
    return SONG | {"clip": sources["clip"], "second_clip": sources["second_clip"], "audio_weight": 0.5}


def _of_persona(_name: str, sources: Sources) -> dict[str, Any]:
    return SONG | {"persona": sources["persona"]}


_KINDS: dict[str, Callable[[str, Sources], dict[str, Any]]] = {
    **dict.fromkeys(_PLAIN, _plain),
    **dict.fromkeys(_OF_CLIP, _of_clip),
    **dict.fromkeys(_OF_RECORDING, _of_recording),
    "sonic.mashup": _of_two,
    "sonic.persona_music": _of_persona,
}
NAMES = tuple(_KINDS)
