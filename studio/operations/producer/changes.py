"""What the producer makes of a clip. aimusicapi.ai has withdrawn all of it, musicapi.ai some."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from studio.musicapi import ApiRequest
from studio.musicapi.requests import producer as wire

from ..base import OFFLINE, Field, Group, Kind, Operation
from ..shared import Check, accept, builder, every, one_price, price, retired, unless_known, wanted
from .fields import (
    CLIP,
    COVER_STRENGTH,
    FUZZ,
    FUZZ_ONLY,
    GENERATED,
    INSTRUCTION,
    LYRIA,
    SONG_ON_FUZZ,
    STRENGTH,
    TITLE,
    UPLOADED,
    check_picture,
    check_seed,
    cover_direction,
    direction,
    end_on_lyria,
)

_GONE_AT_AIMUSICAPI = "api.aimusicapi.ai makes new producer songs only; it has withdrawn this."
_GONE_AT_MUSICAPI = "api.musicapi.ai withdrew this when its producer moved to Lyria."


def _task(
    name: str,
    label: str,
    verb: str,
    request: type[ApiRequest],
    fields: Collection[Field],
    about: str,
    icon: str,
    check: Check,
    *,
    twin: str = "",
    at_aimusicapi: str = "",
    at_musicapi: str = "",
) -> Operation:
    """An entry that changes a clip; `at_…` names what to use where it is withdrawn."""
    return Operation(
        name=f"producer.{name}",
        label=label,
        verb=verb,
        family="producer",
        request=request,
        fields=tuple(fields),
        build=builder(request, fields, {"clip": "clip_id"}),
        check=every(check, check_seed, check_picture),
        price=price(10, at_musicapi=12),
        variant=one_price,
        group=Group.CHANGE,
        icon=icon,
        about=about,
        source="clip",
        twin=f"producer.{twin}" if twin else "",
        availability=unless_known(
            aimusicapi=retired(_GONE_AT_AIMUSICAPI, at_aimusicapi),
            musicapi=retired(_GONE_AT_MUSICAPI, at_musicapi) if at_musicapi else None,
        ),
    )


_STARTS_AT = Field("starts_at_s", Kind.MOMENT, "Go on from", default=None, is_required=True)
_LENGTH = Field(
    "length_s",
    Kind.NUMBER,
    "Length of the new part",
    help="60 s when left empty.",
    default=None,
    least=1,
    most=240,
    unit="s",
    hosts=LYRIA,
)
_EXTEND = (_STARTS_AT, INSTRUCTION, _LENGTH, *SONG_ON_FUZZ, *FUZZ_ONLY)

EXTEND_MUSIC = _task(
    "extend_music",
    "Extend",
    "Extend",
    wire.ProducerExtend,
    (GENERATED, *_EXTEND),
    "Goes on from a moment of the clip.",
    "list-plus",
    direction,
    twin="extend_upload_music",
    at_aimusicapi="sonic.upload_extend",
)
EXTEND_UPLOAD_MUSIC = _task(
    "extend_upload_music",
    "Extend an upload",
    "Extend",
    wire.ProducerExtendUpload,
    (UPLOADED, *_EXTEND),
    "Goes on from a moment of a recording that was uploaded.",
    "list-plus",
    direction,
    twin="extend_music",
    at_aimusicapi="sonic.upload_extend",
)

_WINDOW = (
    Field("starts_at_s", Kind.MOMENT, "Window from", until="ends_at_s", default=None, is_required=True),
    Field("ends_at_s", Kind.MOMENT, "Window to", help="The end of the clip when left empty.", default=None),
)
_REPLACE = (*_WINDOW, INSTRUCTION, *SONG_ON_FUZZ, *FUZZ_ONLY)

REPLACE_MUSIC = _task(
    "replace_music",
    "Replace a window",
    "Replace",
    wire.ProducerReplace,
    (GENERATED, *_REPLACE),
    "A window of the clip is made anew; the rest stays.",
    "square-pen",
    every(end_on_lyria, direction),
    twin="replace_upload_music",
    at_aimusicapi="sonic.replace_section",
)
REPLACE_UPLOAD_MUSIC = _task(
    "replace_upload_music",
    "Replace a window of an upload",
    "Replace",
    wire.ProducerReplaceUpload,
    (UPLOADED, *_REPLACE),
    "A window of a recording that was uploaded is made anew.",
    "square-pen",
    every(end_on_lyria, direction),
    twin="replace_music",
    at_aimusicapi="sonic.replace_section",
)

_COVER = (INSTRUCTION, TITLE, STRENGTH, *(one for one in SONG_ON_FUZZ if one.name != "title"), *FUZZ_ONLY)
# Offline knows both names of the strength; one slider is enough there.
_COVER_STRENGTH = replace(COVER_STRENGTH, hosts=FUZZ - {OFFLINE})

COVER_MUSIC = _task(
    "cover_music",
    "Cover",
    "Cover",
    wire.ProducerCover,
    (GENERATED, *_COVER, _COVER_STRENGTH),
    "The clip played anew in another way.",
    "repeat",
    cover_direction,
    twin="cover_upload_music",
    at_aimusicapi="sonic.upload_cover",
)
COVER_UPLOAD_MUSIC = _task(
    "cover_upload_music",
    "Cover an upload",
    "Cover",
    wire.ProducerCoverUpload,
    (UPLOADED, *_COVER, _COVER_STRENGTH),
    "A recording that was uploaded, played anew in another way.",
    "repeat",
    cover_direction,
    twin="cover_music",
    at_aimusicapi="sonic.upload_cover",
)

_ON_FUZZ = (*SONG_ON_FUZZ, *FUZZ_ONLY)
_SWAP = (CLIP, *_ON_FUZZ, COVER_STRENGTH)
_BOTH = every(
    wanted("sound", "Describe the new sound."),
    wanted("lyrics", "Write the lyrics: this needs them beside the sound."),
)

SWAP_MUSIC_VOCALS = _task(
    "swap_music_vocals",
    "Swap the singer",
    "Swap the singer",
    wire.ProducerSwapVocals,
    _SWAP,
    "Another singer, whom you describe under Sound, over the same band.",
    "mic-vocal",
    _BOTH,
    at_aimusicapi="sonic.upload_cover",
    at_musicapi="producer.cover_music",
)
SWAP_MUSIC_SOUND = _task(
    "swap_music_sound",
    "Swap the band",
    "Swap the band",
    wire.ProducerSwapSound,
    _SWAP,
    "Another accompaniment, which you describe under Sound, below the same voice.",
    "guitar",
    _BOTH,
    at_aimusicapi="sonic.upload_cover",
    at_musicapi="producer.cover_music",
)
MUSIC_VARIATION = _task(
    "music_variation",
    "Variation",
    "Vary",
    wire.ProducerVariation,
    (CLIP, *_ON_FUZZ),
    "The clip once more, a little different.",
    "dices",
    accept,
    at_aimusicapi="sonic.upload_cover",
    at_musicapi="producer.cover_music",
)

OPERATIONS = (
    EXTEND_MUSIC,
    EXTEND_UPLOAD_MUSIC,
    REPLACE_MUSIC,
    REPLACE_UPLOAD_MUSIC,
    COVER_MUSIC,
    COVER_UPLOAD_MUSIC,
    SWAP_MUSIC_VOCALS,
    SWAP_MUSIC_SOUND,
    MUSIC_VARIATION,
)
