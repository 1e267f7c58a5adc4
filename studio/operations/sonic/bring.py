"""Recordings on their way to the provider: alone, or with the first thing that is made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.musicapi.requests.sonic import SonicUpload, SonicUploadCover, SonicUploadExtend, SonicUploadLater

from ..base import Context, Field, Fix, Group, Operation, Problem, Result, Values
from ..shared import MODES, RECORDING, accept, builder, every, one_price, price, unknown, unless_known
from . import checks
from .fields import (
    ATTRIBUTES,
    AUDIO_WEIGHT,
    AUTO_CONCAT,
    AUTO_LYRICS,
    CONTINUE_AT,
    DEFAULT_MODEL,
    DURATION,
    OLD_MODELS,
    song_builder,
    song_fields,
)

_UPLOAD = (RECORDING,)

UPLOAD = Operation(
    name="sonic.upload",
    label="Upload",
    verb="Upload",
    family="sonic",
    request=SonicUpload,
    fields=_UPLOAD,
    build=builder(SonicUpload, _UPLOAD, ATTRIBUTES),
    check=accept,
    price=price(2),
    variant=one_price,
    result=Result.UPLOAD,
    group=Group.BRING,
    icon="upload",
    about="Brings a recording to the provider, to be extended, covered, sung over or taken apart.",
    source="recording",
)


def _callable(_values: Values, context: Context) -> list[Problem]:
    if context.can_be_called:
        return []
    text = (
        "The provider reports back to this studio, and cannot reach it. Set PUBLIC_URL to an address that "
        "begins with https, or wait for the upload instead."
    )
    return [Problem("recording", text, Fix("Upload and wait", "recording", operation="sonic.upload"))]


def _called_back(entry: dict[str, Any], _values: Values) -> None:
    entry["callback_url"] = ""  # written when it is sent: the address is good for one sending


UPLOAD_LATER = Operation(
    name="sonic.upload_later",
    label="Upload in the background",
    verb="Upload",
    family="sonic",
    request=SonicUploadLater,
    fields=_UPLOAD,
    build=builder(SonicUploadLater, _UPLOAD, ATTRIBUTES, _called_back),
    check=_callable,
    price=price(2),
    variant=one_price,
    result=Result.UPLOAD,
    group=Group.BRING,
    icon="history",
    about="As Upload, and the provider reports when it has the recording.",
    source="recording",
    availability=unless_known(
        musicapi=unknown("Only api.aimusicapi.ai documents it; here it may just upload.", "sonic.upload")
    ),
)


def _old_model(values: Values, _context: Context) -> list[Problem]:
    if values.get("mv") not in OLD_MODELS:
        return []
    text = "With v3.5 and v4 this often fails after the upload."
    return [Problem("mv", text, Fix("Use v5.5", "mv", DEFAULT_MODEL), is_advice=True)]


_CHECK = every(checks.described, checks.instrumental_style, checks.sung_or_instrumental, _old_model)
_EXTEND = song_fields(
    RECORDING, CONTINUE_AT, AUTO_CONCAT, without=(AUTO_LYRICS,), more=(AUDIO_WEIGHT, DURATION)
)

UPLOAD_EXTEND = Operation(
    name="sonic.upload_extend",
    label="Upload and extend",
    verb="Upload and extend",
    family="sonic",
    request=SonicUploadExtend,
    fields=_EXTEND,
    build=song_builder(SonicUploadExtend, _EXTEND),
    check=_CHECK,
    price=price(12, at_musicapi=17),
    variant=one_price,
    group=Group.BRING,
    icon="list-plus",
    about="Uploads a recording and goes on from a moment of it, in one go.",
    source="recording",
    modes=MODES,
)

_JOINED: Field = replace(
    AUTO_CONCAT, default=False, is_more=True, help="Asks for it joined; most covers are whole."
)
_COVER = song_fields(RECORDING, without=(AUTO_LYRICS,), more=(AUDIO_WEIGHT, DURATION, _JOINED))

UPLOAD_COVER = Operation(
    name="sonic.upload_cover",
    label="Upload and cover",
    verb="Upload and cover",
    family="sonic",
    request=SonicUploadCover,
    fields=_COVER,
    build=song_builder(SonicUploadCover, _COVER),
    check=_CHECK,
    price=price(16, at_musicapi=17),
    variant=one_price,
    group=Group.BRING,
    icon="repeat",
    about="Uploads a recording and performs it anew in another style, in one go.",
    source="recording",
    modes=MODES,
)

OPERATIONS = (UPLOAD, UPLOAD_LATER, UPLOAD_EXTEND, UPLOAD_COVER)
