"""The riffusion family: deprecated by both hosts, still listed by them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from studio.musicapi import ApiRequest
from studio.musicapi.requests import riffusion as wire

from .base import Choice, Context, Field, Fix, Group, Kind, Limit, Needs, Operation, Problem, Result, Values
from .shared import (
    CUSTOM,
    MODES,
    RECORDING,
    SIMPLE,
    Check,
    accept,
    builder,
    deprecated,
    every,
    is_simple,
    one_price,
    price,
    unless_known,
    wanted,
    words,
)

CLIP = Field(
    "clip", Kind.CLIP, "Source clip", needs=Needs(families=frozenset({"riffusion"})), is_required=True
)
DESCRIPTION = Field(
    "prompt",
    Kind.TEXT,
    "Song description",
    limit=Limit(200),
    modes=SIMPLE,
    placeholder="a calm evening by the harbour",
)
LYRICS = Field("lyrics", Kind.LYRICS, "Lyrics", limit=Limit(3000), modes=CUSTOM, placeholder="[Verse]\n")
SOUND = Field(
    "sound",
    Kind.TEXT,
    "Sound",
    limit=Limit(200),
    modes=CUSTOM,
    placeholder="accordion, brushed drums, a warm alto",
)
TITLE = Field("title", Kind.LINE, "Title", limit=Limit(80), modes=CUSTOM)
INSTRUMENTAL = Field(
    "make_instrumental", Kind.SWITCH, "Instrumental", help="No singing.", default=False, modes=CUSTOM
)
MODEL = Field(
    "mv",
    Kind.CHOICE,
    "Model",
    choices=tuple(Choice(name, name) for name in wire.MODELS),
    default=wire.MODELS[0],
    is_required=True,
)
_EDIT = (LYRICS, SOUND, TITLE, MODEL)
_WARNING = "The provider has marked the riffusion family as deprecated and may refuse it."


def _offer(instead: str) -> dict[str, Any]:
    old = deprecated(_WARNING, instead)
    return unless_known(aimusicapi=old, musicapi=old)


def _in_mode(entry: dict[str, Any], values: Values) -> None:
    entry["custom_mode"] = not is_simple(values)


def _custom(entry: dict[str, Any], _values: Values) -> None:
    entry["custom_mode"] = True
    if "continue_at_s" in entry:
        entry["continue_at_s"] = round(entry["continue_at_s"])  # documented as whole seconds


def _content(values: Values, _context: Context) -> list[Problem]:
    if is_simple(values):
        return [] if words(values, "prompt") else [Problem("prompt", "Describe the song in a few words.")]
    if words(values, "lyrics"):
        return []
    if values.get("make_instrumental"):
        text = "Say what it should sound like."
        return [] if words(values, "sound") else [Problem("sound", text)]
    fix = Fix("Make it instrumental", "make_instrumental", True)
    return [Problem("lyrics", "Write some lyrics, or make it instrumental.", fix)]


_CREATE = (DESCRIPTION, LYRICS, SOUND, TITLE, INSTRUMENTAL, MODEL)

CREATE_MUSIC = Operation(
    name="riffusion.create_music",
    label="New riffusion song",
    verb="Create",
    family="riffusion",
    request=wire.RiffusionCreate,
    fields=_CREATE,
    build=builder(wire.RiffusionCreate, _CREATE, finish=_in_mode),
    check=_content,
    price=price(12),
    variant=one_price,
    icon="audio-waveform",
    about="Two new songs within a minute, from lyrics and a sound or from a description.",
    modes=MODES,
    availability=_offer("sonic.create_music"),
)

_BOTH = every(
    wanted("lyrics", "Write the lyrics: this needs them."),
    wanted("sound", "Say what it should sound like."),
)


def _pair(
    names: tuple[str, str],
    labels: tuple[str, str],
    requests: tuple[type[ApiRequest], type[ApiRequest]],
    fields: Collection[Field],
    about: str,
    icon: str,
    instead: str,
    check: Check = _BOTH,
) -> tuple[Operation, Operation]:
    """The entries for a generated clip and for an upload, each the other's twin."""
    first, second = names

    def of(origin: str, name: str, label: str, request: type[ApiRequest], twin: str) -> Operation:
        source = replace(CLIP, needs=replace(CLIP.needs, origin=origin))
        every_field = (source, *fields, *_EDIT)
        return Operation(
            name=f"riffusion.{name}",
            label=label,
            verb=labels[0],
            family="riffusion",
            request=request,
            fields=every_field,
            build=builder(request, every_field, {"clip": "continue_clip_id"}, _custom),
            check=check,
            price=price(12),
            variant=one_price,
            group=Group.CHANGE,
            icon=icon,
            about=about,
            source="clip",
            twin=f"riffusion.{twin}",
            availability=_offer(instead),
        )

    return (
        of("generated", first, labels[0], requests[0], second),
        of("uploaded", second, labels[1], requests[1], first),
    )


_EXTEND = _pair(
    ("extend_music", "extend_upload_music"),
    ("Extend", "Extend an upload"),
    (wire.RiffusionExtend, wire.RiffusionExtendUpload),
    (
        Field(
            "continue_at_s",
            Kind.MOMENT,
            "Go on from",
            help="In whole seconds.",
            default=None,
            is_required=True,
        ),
    ),
    "Goes on from a moment of the clip.",
    "list-plus",
    "sonic.extend_music",
)
_COVER = _pair(
    ("cover_music", "cover_upload_music"),
    ("Cover", "Cover an upload"),
    (wire.RiffusionCover, wire.RiffusionCoverUpload),
    (),
    "The clip played anew in another sound.",
    "repeat",
    "sonic.cover_music",
)
_REPLACE = _pair(
    ("replace_music", "replace_upload_music"),
    ("Replace a window", "Replace a window of an upload"),
    (wire.RiffusionReplace, wire.RiffusionReplaceUpload),
    (
        Field(
            "replace_start_s",
            Kind.MOMENT,
            "Window from",
            until="replace_end_s",
            default=None,
            is_required=True,
        ),
        Field("replace_end_s", Kind.MOMENT, "Window to", default=None, is_required=True),
    ),
    "A window of the clip is made anew; the rest stays.",
    "square-pen",
    "sonic.replace_section",
)
_SWAP_SOUND = _pair(
    ("swap_music_sound", "swap_upload_music_sound"),
    ("Swap the band", "Swap the band of an upload"),
    (wire.RiffusionSwapSound, wire.RiffusionSwapSoundUpload),
    (),
    "Another accompaniment, which you describe under Sound.",
    "guitar",
    "sonic.cover_music",
)
_VARIATION = Field(
    "vocal_variation",
    Kind.SHARE,
    "How different the voice is",
    default=None,
    ends=("little", "much"),
    is_more=True,
)
_SWAP_VOCALS = _pair(
    ("swap_music_vocals", "swap_upload_music_vocals"),
    ("Swap the singer", "Swap the singer of an upload"),
    (wire.RiffusionSwapVocals, wire.RiffusionSwapVocalsUpload),
    (_VARIATION,),
    "Another singer, whom you describe under Sound.",
    "mic-vocal",
    "sonic.cover_music",
)

_RECORDING = (replace(RECORDING, help="Free of others' rights, at most 8 minutes."),)

UPLOAD = Operation(
    name="riffusion.upload",
    label="Upload to riffusion",
    verb="Upload",
    family="riffusion",
    request=wire.RiffusionUpload,
    fields=_RECORDING,
    build=builder(wire.RiffusionUpload, _RECORDING, {"recording": "url"}),
    check=accept,
    price=price(2),
    variant=one_price,
    result=Result.UPLOAD,
    group=Group.BRING,
    icon="upload",
    about="Brings a recording to the riffusion family, which cannot use sonic's clips.",
    source="recording",
    availability=_offer("sonic.upload"),
)

OPERATIONS = (CREATE_MUSIC, *_EXTEND, *_COVER, *_REPLACE, *_SWAP_SOUND, *_SWAP_VOCALS, UPLOAD)
