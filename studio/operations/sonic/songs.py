"""New songs: from nothing, from a persona, from two clips, from a window of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.musicapi import SonicCreate
from studio.musicapi.requests.sonic import SonicMashup, SonicPersonaMusic, SonicSample

from ..base import MUSICAPI, Context, Fix, Group, Operation, Problem, Values
from ..shared import MODES, RECORDING, every, is_simple, one_price, price, wanted
from . import checks
from .fields import (
    AUDIO_WEIGHT,
    AUTO_LYRICS,
    DESCRIPTION,
    DURATION,
    INSTRUMENTAL,
    OLD_MODELS,
    PERSONA,
    SAMPLING_MODEL,
    SHORT_TAGS,
    clip,
    song_builder,
    song_fields,
    window,
)

_CREATE = song_fields(more=(DURATION,))


def _price_create(host: str, values: Values) -> int:
    """The old models are cheaper where the lyrics are one's own."""
    if host == MUSICAPI:
        return 20
    return 10 if not is_simple(values) and values.get("mv") in OLD_MODELS else 14


def _variant_create(values: Values) -> str:
    return "description" if is_simple(values) else str(values.get("mv") or "")


CREATE_MUSIC = Operation(
    name="sonic.create_music",
    label="New song",
    verb="Create",
    family="sonic",
    request=SonicCreate,
    fields=_CREATE,
    build=song_builder(SonicCreate, _CREATE),
    check=every(
        checks.described, checks.instrumental_style, checks.lyrics_subject, checks.sung_or_instrumental
    ),
    price=_price_create,
    variant=_variant_create,
    icon="sparkles",
    about="Two new songs from your lyrics and style tags, or from a description alone.",
    modes=MODES,
)

# Only custom songs are documented with a persona, and without lyrics they are refused in practice.
_PERSONA = song_fields(PERSONA, without=(DESCRIPTION, AUTO_LYRICS, INSTRUMENTAL), more=(DURATION,))

PERSONA_MUSIC = Operation(
    name="sonic.persona_music",
    label="Song with a voice",
    verb="Sing it",
    family="sonic",
    request=SonicPersonaMusic,
    fields=_PERSONA,
    build=song_builder(SonicPersonaMusic, _PERSONA),
    check=wanted("prompt", "Write the lyrics: a persona or voice needs words to sing."),
    price=price(10, at_musicapi=15),
    variant=one_price,
    icon="mic-vocal",
    about="Two new songs sung by one of your personas or voices.",
    source="persona",
)


def _two_clips(values: Values, _context: Context) -> list[Problem]:
    second = values.get("second_clip")
    if second and second == values.get("clip"):
        fix = Fix("Choose another one", "second_clip", "")
        return [Problem("second_clip", "A mash-up needs two different clips.", fix)]
    return []


_MASHUP = song_fields(
    clip(label="First clip"),
    clip(name="second_clip", label="Second clip"),
    instead=(SHORT_TAGS, SAMPLING_MODEL),
    more=(AUDIO_WEIGHT,),
)


def _pair(entry: dict[str, Any]) -> None:
    entry["mashup_clip_ids"] = (entry.pop("clip", ""), entry.pop("second_clip", ""))


MASHUP = Operation(
    name="sonic.mashup",
    label="Mash up",
    verb="Mash up",
    family="sonic",
    request=SonicMashup,
    fields=_MASHUP,
    build=song_builder(SonicMashup, _MASHUP, also=_pair),
    check=every(_two_clips, checks.lyrics_subject),
    price=price(14, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="merge",
    about="Two clips become one song with material of both.",
    source="clip",
    modes=MODES,
)


def _one_source(values: Values, _context: Context) -> list[Problem]:
    has_clip, has_recording = bool(values.get("clip")), bool(values.get("recording"))
    if has_clip and has_recording:
        fix = Fix("Use the clip", "recording", "")
        return [Problem("recording", "Sample the clip or the recording, not both.", fix)]
    if not has_clip and not has_recording:
        return [Problem("clip", "Choose a clip to sample, or bring a recording.")]
    return []


_SAMPLE = song_fields(
    clip(is_required=False),
    replace(RECORDING, is_required=False, help="In place of a clip. Yours to use, at most 8 minutes."),
    *window("chop_sample_start_s", "chop_sample_end_s", "Sample"),
    instead=(SHORT_TAGS, SAMPLING_MODEL),
    more=(AUDIO_WEIGHT,),
)


def _say_whether_sung(entry: dict[str, Any]) -> None:
    entry.setdefault("make_instrumental", False)  # required here


SAMPLE = Operation(
    name="sonic.sample",
    label="Sample",
    verb="Sample it",
    family="sonic",
    request=SonicSample,
    fields=_SAMPLE,
    build=song_builder(SonicSample, _SAMPLE, {"clip": "sample_clip_id"}, _say_whether_sung),
    check=every(_one_source, checks.lyrics_subject),
    price=price(14, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="disc-3",
    about="A new song built on a stretch of a clip or a recording.",
    source="clip",
    modes=MODES,
)

OPERATIONS = (CREATE_MUSIC, PERSONA_MUSIC, MASHUP, SAMPLE)
