"""Voices to sing with, and richer words for a style."""

from __future__ import annotations

from dataclasses import replace

from studio.musicapi.requests.sonic import SonicCreateVoice, SonicPersona, SonicUpsampleTags

from ..base import Field, Group, Kind, Limit, Needs, Operation, Result
from ..shared import (
    LONGEST_UPLOAD_S,
    RECORDING,
    accept,
    builder,
    every,
    one_price,
    price,
    retired,
    unless_known,
    wanted,
    whole_window,
)
from .fields import FRESH, clip, window

VOICE_LEAST_S = 10.0
_NAME = Field("name", Kind.LINE, "Name", limit=Limit(79), placeholder="Low Tide")
_DESCRIBE = Field(
    "describe",
    Kind.TEXT,
    "Description",
    help="What makes this voice its own.",
    limit=Limit(200),
    placeholder="low and hushed, close to the microphone",
)
_STYLES = Field(
    "styles", Kind.TAGS, "Styles", limit=Limit(2000), placeholder="soul, r&b, smooth", is_more=True
)
_VOX_ID = Field(
    "vox_audio_id",
    Kind.LINE,
    "Voice cut",
    help="The provider's number of a voice that was cut out; filled in when you come from there.",
    is_more=True,
)
_WINDOW = ("vocal_start_s", "vocal_end_s")
_PERSONA = (
    clip(FRESH),
    _NAME,
    _DESCRIBE,
    *window(*_WINDOW, label="Voice", is_required=False),
    _STYLES,
    _VOX_ID,
)

PERSONA = Operation(
    name="sonic.persona",
    label="Make a persona",
    verb="Make a persona",
    family="sonic",
    request=SonicPersona,
    fields=_PERSONA,
    build=builder(SonicPersona, _PERSONA, {"clip": "clip_id"}),
    check=every(wanted("name", "Give the persona a name."), whole_window(*_WINDOW)),
    price=price(1),
    variant=one_price,
    result=Result.PERSONA,
    group=Group.VOICE,
    icon="users",
    about="Keeps the singer and the style of a clip, so that other songs can be sung that way.",
    source="clip",
    availability=unless_known(
        aimusicapi=retired("api.aimusicapi.ai no longer makes personas of clips.", "sonic.create_voice")
    ),
)

_VOICE = (
    replace(
        RECORDING,
        help="MP3 or WAV, more than 10 seconds of one clear voice, and nobody else in it.",
        needs=Needs(least_s=VOICE_LEAST_S, most_s=LONGEST_UPLOAD_S, formats=("audio/mpeg", "audio/wav")),
    ),
)

CREATE_VOICE = Operation(
    name="sonic.create_voice",
    label="Make a voice",
    verb="Make a voice",
    family="sonic",
    request=SonicCreateVoice,
    fields=_VOICE,
    build=builder(SonicCreateVoice, _VOICE, {"recording": "audio_url"}),
    check=accept,
    price=price(4),
    variant=one_price,
    result=Result.PERSONA,
    group=Group.VOICE,
    icon="mic-vocal",
    about="Makes a voice of a recording of somebody who speaks or sings, to sing songs with.",
    source="recording",
)

_TAGS = (Field("tags", Kind.TAGS, "Style tags", placeholder="folk, warm"),)

UPSAMPLE_TAGS = Operation(
    name="sonic.upsample_tags",
    label="Enrich the style tags",
    verb="Enrich",
    family="sonic",
    request=SonicUpsampleTags,
    fields=_TAGS,
    build=builder(SonicUpsampleTags, _TAGS),
    check=wanted("tags", "Give some style tags to start from."),
    price=price(1),
    variant=one_price,
    result=Result.TAGS,
    group=Group.WORDS,
    icon="tag",
    about="Makes a few style tags a fuller description; what you wrote stays in it.",
)

OPERATIONS = (PERSONA, CREATE_VOICE, UPSAMPLE_TAGS)
