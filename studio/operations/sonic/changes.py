"""What is made of a clip: longer, in another style, joined, louder, with a voice or a band, a window anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.musicapi.requests.sonic import (
    SonicAddInstrumental,
    SonicAddVocals,
    SonicConcat,
    SonicCover,
    SonicCoverUpload,
    SonicExtend,
    SonicExtendUpload,
    SonicRemaster,
    SonicReplaceSection,
)

from ..base import Choice, Context, Field, Fix, Group, Kind, Operation, Problem, Values
from ..shared import MODES, accept, builder, every, is_simple, one_price, price, whole_window, words
from . import checks
from .fields import (
    ATTRIBUTES,
    AUDIO_WEIGHT,
    AUTO_CONCAT,
    AUTO_LYRICS,
    CONTINUE_AT,
    DESCRIPTION,
    DURATION,
    FRESH,
    FRESH_UPLOAD,
    GENERATED,
    INFILL_LIMIT,
    INSTRUMENTAL,
    MODEL,
    PROMPT,
    SINCE_V4,
    SINCE_V4_5,
    UPLOADED,
    VARIED_MODEL,
    clip,
    song_builder,
    song_fields,
    window,
)
from .replacing import check_section

_EXTEND = song_fields(clip(GENERATED), CONTINUE_AT, more=(DURATION,))

EXTEND_MUSIC = Operation(
    name="sonic.extend_music",
    label="Extend",
    verb="Extend",
    family="sonic",
    request=SonicExtend,
    fields=_EXTEND,
    build=song_builder(SonicExtend, _EXTEND),
    check=checks.lyrics_subject,
    price=price(10, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="list-plus",
    about="Goes on from a moment of the clip. You get the added part; join it for the whole song.",
    source="clip",
    twin="sonic.extend_upload_music",
    modes=MODES,
)

_FROM_START_S = 0.1


def _not_zero(values: Values, _context: Context) -> list[Problem]:
    at_s = values.get("continue_at_s")
    if isinstance(at_s, int | float) and 0 <= at_s < _FROM_START_S:
        fix = Fix("Use 0.1 s", "continue_at_s", _FROM_START_S)
        text = "To go on from the very start of an upload, its provider advises 0.1 s."
        return [Problem("continue_at_s", text, fix, is_advice=True)]
    return []


_EXTEND_UPLOAD = song_fields(clip(UPLOADED), CONTINUE_AT, more=(AUDIO_WEIGHT,))

EXTEND_UPLOAD_MUSIC = Operation(
    name="sonic.extend_upload_music",
    label="Extend an upload",
    verb="Extend",
    family="sonic",
    request=SonicExtendUpload,
    fields=_EXTEND_UPLOAD,
    build=song_builder(SonicExtendUpload, _EXTEND_UPLOAD),
    check=every(_not_zero, checks.lyrics_subject),
    price=price(10, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="list-plus",
    about="Goes on from a moment of a recording that was uploaded.",
    source="clip",
    twin="sonic.extend_music",
    modes=MODES,
)

_COVER = song_fields(clip(GENERATED), more=(AUDIO_WEIGHT, DURATION))

COVER_MUSIC = Operation(
    name="sonic.cover_music",
    label="Cover",
    verb="Cover",
    family="sonic",
    request=SonicCover,
    fields=_COVER,
    build=song_builder(SonicCover, _COVER),
    check=checks.lyrics_subject,
    price=price(14, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="repeat",
    about="The same song performed anew in another style: two versions.",
    source="clip",
    twin="sonic.cover_upload_music",
    modes=MODES,
)

_COVER_UPLOAD = song_fields(clip(UPLOADED), more=(AUDIO_WEIGHT,))

COVER_UPLOAD_MUSIC = Operation(
    name="sonic.cover_upload_music",
    label="Cover an upload",
    verb="Cover",
    family="sonic",
    request=SonicCoverUpload,
    fields=_COVER_UPLOAD,
    build=song_builder(SonicCoverUpload, _COVER_UPLOAD),
    check=checks.lyrics_subject,
    price=price(14, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="repeat",
    about="A recording that was uploaded, performed anew in another style.",
    source="clip",
    twin="sonic.cover_music",
    modes=MODES,
)

_EXTENDING = frozenset({"sonic.extend_music", "sonic.extend_upload_music", "sonic.upload_extend"})
_CONCAT = (clip(replace(GENERATED, made_by=_EXTENDING), label="Extended part"),)

CONCAT_MUSIC = Operation(
    name="sonic.concat_music",
    label="Join to a whole song",
    verb="Join",
    family="sonic",
    request=SonicConcat,
    fields=_CONCAT,
    build=builder(SonicConcat, _CONCAT, ATTRIBUTES),
    check=accept,
    price=price(2),
    variant=one_price,
    group=Group.CHANGE,
    icon="link",
    about="Joins an extended part with the song that it goes on from.",
    source="clip",
)

_VARIATION = Field(
    "variation_category",
    Kind.CHOICE,
    "How different",
    help="v5 only.",
    choices=(
        Choice("", "As the provider likes"),
        Choice("subtle", "Subtle"),
        Choice("normal", "Normal"),
        Choice("high", "High"),
    ),
    models=frozenset({VARIED_MODEL}),
)
_REMASTER = (clip(FRESH), MODEL, _VARIATION)

REMASTER = Operation(
    name="sonic.remaster",
    label="Remaster",
    verb="Remaster",
    family="sonic",
    request=SonicRemaster,
    fields=_REMASTER,
    build=builder(SonicRemaster, _REMASTER, ATTRIBUTES),
    check=accept,
    price=price(10, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="wand-sparkles",
    about="The same song with a new sound. It keeps tempo and melody.",
    source="clip",
)

_OVERPAINTING = ("overpainting_start_s", "overpainting_end_s")


def _sung_over(values: Values, _context: Context) -> list[Problem]:
    """Lyrics with tags, or a description: one of the two."""
    if is_simple(values):
        return checks.described(values, _context)
    found = []
    if not words(values, "prompt"):
        found.append(Problem("prompt", "Write the lyrics that shall be sung over the recording."))
    if not words(values, "tags"):
        found.append(Problem("tags", "Say how it shall be sung: lyrics need style tags here."))
    return found


_ADD_VOCALS = song_fields(
    clip(FRESH_UPLOAD, label="Uploaded clip"),
    *window(*_OVERPAINTING, label="Sing", is_required=False),
    without=(AUTO_LYRICS, INSTRUMENTAL),
    instead=(SINCE_V4_5,),
    more=(AUDIO_WEIGHT,),
)

ADD_VOCALS = Operation(
    name="sonic.add_vocals",
    label="Add vocals",
    verb="Add vocals",
    family="sonic",
    request=SonicAddVocals,
    fields=_ADD_VOCALS,
    build=song_builder(SonicAddVocals, _ADD_VOCALS),
    check=every(_sung_over, whole_window(*_OVERPAINTING)),
    price=price(10, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="mic-vocal",
    about="Somebody sings over an instrumental that you uploaded within the last 24 hours.",
    source="clip",
    modes=MODES,
)

_ADD_INSTRUMENTAL = song_fields(
    clip(FRESH_UPLOAD, label="Uploaded clip"),
    *window(*_OVERPAINTING, label="Play", is_required=False),
    without=(AUTO_LYRICS, INSTRUMENTAL),
    instead=(SINCE_V4_5,),
    more=(AUDIO_WEIGHT,),
)

ADD_INSTRUMENTAL = Operation(
    name="sonic.add_instrumental",
    label="Add a band",
    verb="Add a band",
    family="sonic",
    request=SonicAddInstrumental,
    fields=_ADD_INSTRUMENTAL,
    build=song_builder(SonicAddInstrumental, _ADD_INSTRUMENTAL),
    check=whole_window(*_OVERPAINTING),
    price=price(10, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="audio-lines",
    about="An accompaniment for a voice that you uploaded within the last 24 hours.",
    source="clip",
    modes=MODES,
)

_INFILL = Field(
    "infill_lyrics",
    Kind.LYRICS,
    "Words of the section",
    help="What is sung in the window. Let it overlap with the words around it.",
    limit=INFILL_LIMIT,
    placeholder="The new words",
)
_SECTION = song_fields(
    clip(),
    *window("infill_start_s", "infill_end_s", "Section"),
    _INFILL,
    without=(DESCRIPTION, AUTO_LYRICS, INSTRUMENTAL),
    instead=(replace(PROMPT, label="Lyrics of the song", help="For the context; all of them."), SINCE_V4),
    more=(AUTO_CONCAT,),
)


def _section_of_clip(entry: dict[str, Any], _values: Values) -> None:
    if not entry.get("auto_concat"):
        entry.pop("auto_concat", None)


REPLACE_SECTION = Operation(
    name="sonic.replace_section",
    label="Replace a section",
    verb="Replace",
    family="sonic",
    request=SonicReplaceSection,
    fields=_SECTION,
    build=builder(SonicReplaceSection, _SECTION, {"clip": "clip_id"}, _section_of_clip),
    check=check_section,
    price=price(10, at_musicapi=15),
    variant=one_price,
    group=Group.CHANGE,
    icon="square-pen",
    about="A window of the song is made anew, with new words if you like; the rest stays as it is.",
    source="clip",
)

OPERATIONS = (
    EXTEND_MUSIC,
    EXTEND_UPLOAD_MUSIC,
    COVER_MUSIC,
    COVER_UPLOAD_MUSIC,
    CONCAT_MUSIC,
    REPLACE_SECTION,
    REMASTER,
    ADD_VOCALS,
    ADD_INSTRUMENTAL,
)
