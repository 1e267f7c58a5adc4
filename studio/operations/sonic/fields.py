"""The fields that sonic's operations share. Limits are those of the vendor's pages and of paid runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from studio.musicapi import ApiRequest

from ..base import Choice, Field, Kind, Limit, Needs, Values
from ..shared import CUSTOM, SIMPLE, Build, builder, is_simple

MODELS = (
    Choice("sonic-v6", "v6", "Newest, since September 2026"),
    Choice("sonic-v6-wild", "v6 wild", "Newest, more adventurous"),
    Choice("sonic-v6-mini", "v6 mini", "Newest, lighter"),
    Choice("sonic-v5-5", "v5.5", "Up to 8 minutes"),
    Choice("sonic-v5", "v5", "Up to 8 minutes"),
    Choice("sonic-v4-5-plus", "v4.5+", "Up to 8 minutes"),
    Choice("sonic-v4-5", "v4.5", "Up to 8 minutes"),
    Choice("sonic-v4", "v4", "Shorter lyrics and tags"),
    Choice("sonic-v3-5", "v3.5", "Shorter lyrics and tags"),
)
OLD_MODELS = ("sonic-v3-5", "sonic-v4")
DEFAULT_MODEL = "sonic-v5-5"
VARIED_MODEL = "sonic-v5"  # the only one that takes variation_category
FRESH_H = 24.0

LYRICS_LIMIT = Limit(5000, dict.fromkeys(OLD_MODELS, 3000))
INFILL_LIMIT = Limit(3000)
TAGS_LIMIT = Limit(1000, dict.fromkeys(OLD_MODELS, 200))
SHORT_TAGS_LIMIT = Limit(200)  # of mashup and sample
EXCLUDE_LIMIT = Limit(200)
TITLE_LIMIT = Limit(80)
DESCRIPTION_LIMIT = Limit(400)

_EXAMPLES = (
    Choice(
        "A slow indie ballad about the last train home, brushed drums and a hushed female voice",
        "Last train home",
    ),
    Choice(
        "Bright 80s synth-pop for a drive along the coast, with a chorus to shout along to",
        "Coast road synth-pop",
    ),
    Choice(
        "Warm lo-fi hip-hop for a rainy Sunday: dusty piano, soft bass, nobody in a hurry",
        "Rainy Sunday lo-fi",
    ),
)

_GENDERED = frozenset(choice.value for choice in MODELS) - set(OLD_MODELS)
_SAMPLING = "sonic-v4-5-all"  # of mashup and sample only

DESCRIPTION = Field(
    "gpt_description_prompt",
    Kind.TEXT,
    "Song description",
    limit=DESCRIPTION_LIMIT,
    modes=SIMPLE,
    placeholder="A slow-burning indie song about the last night of summer",
    examples=_EXAMPLES,
)
PROMPT = Field(
    "prompt",
    Kind.LYRICS,
    "Lyrics",
    help="Mark sections with [Verse], [Chorus], [Bridge].",
    limit=LYRICS_LIMIT,
    modes=CUSTOM,
    placeholder="[Verse]\nThe first line of your song",
)
AUTO_LYRICS = Field(
    "auto_lyrics",
    Kind.SWITCH,
    "Write the lyrics for me",
    help="The text above becomes a description; lyrics, and an empty title or tags, come from it.",
    default=False,
    modes=CUSTOM,
)
TAGS = Field(
    "tags",
    Kind.TAGS,
    "Style tags",
    limit=TAGS_LIMIT,
    modes=CUSTOM,
    placeholder="dream pop, warm, female voice, 96 bpm",
)
EXCLUDE = Field(
    "negative_tags",
    Kind.TAGS,
    "Exclude",
    limit=EXCLUDE_LIMIT,
    modes=CUSTOM,
    placeholder="distorted guitar, choir",
)
TITLE = Field(
    "title", Kind.LINE, "Title", limit=TITLE_LIMIT, modes=CUSTOM, placeholder="Named for you when empty"
)
INSTRUMENTAL = Field("make_instrumental", Kind.SWITCH, "Instrumental", help="No singing.", default=False)
MODEL = Field("mv", Kind.CHOICE, "Model", choices=MODELS, default=DEFAULT_MODEL, is_required=True)
GENDER = Field(
    "vocal_gender",
    Kind.CHOICE,
    "Voice",
    choices=(Choice("", "Any"), Choice("f", "Female"), Choice("m", "Male")),
    models=_GENDERED | {_SAMPLING},
    is_more=True,
)
STYLE_WEIGHT = Field(
    "style_weight",
    Kind.SHARE,
    "Style weight",
    help="How closely the music keeps to the tags.",
    default=None,
    modes=CUSTOM,
    ends=("loose", "strict"),
    is_more=True,
)
WEIRDNESS = Field(
    "weirdness_constraint",
    Kind.SHARE,
    "Weirdness",
    help="How far it may stray from the usual.",
    default=None,
    modes=CUSTOM,
    ends=("safe", "wild"),
    is_more=True,
)
AUDIO_WEIGHT = Field(
    "audio_weight",
    Kind.SHARE,
    "Closeness to the source",
    help="Up to 30 it plays freely, from 70 on it stays close to what is there.",
    default=None,
    ends=("free", "close"),
    is_more=True,
)
DURATION = Field(
    "duration_s",
    Kind.NUMBER,
    "Length",
    help="What you wish for; left empty, the music decides.",
    default=None,
    least=10,
    most=360,
    is_whole=True,
    unit="s",
    is_more=True,
)
AUTO_CONCAT = Field(
    "auto_concat",
    Kind.SWITCH,
    "Whole song, too",
    help="Also gives the new part joined with the rest.",
    default=True,
)
CONTINUE_AT = Field("continue_at_s", Kind.MOMENT, "Go on from", default=None, is_required=True)
PERSONA = Field("persona", Kind.PERSONA, "Persona or voice", is_required=True)


ANY = Needs()
FRESH = Needs(fresh_h=FRESH_H)  # an older one may be refused
GENERATED = Needs(origin="generated")
UPLOADED = Needs(origin="uploaded")
FRESH_UPLOAD = Needs(origin="uploaded", fresh_h=FRESH_H, is_strict=True)


def clip(needs: Needs = ANY, name: str = "clip", label: str = "Source clip", **changes: Any) -> Field:
    """The field of a source clip that has to be what `needs` says."""
    return replace(Field(name, Kind.CLIP, label, needs=needs, is_required=True), **changes)


def window(
    start: str, end: str, label: str, most_s: float | None = None, **changes: Any
) -> tuple[Field, Field]:
    """The two moments of a window; it has to be given unless `changes` say else."""
    begins = Field(start, Kind.MOMENT, f"{label} from", until=end, window_most_s=most_s, default=None)
    ends = Field(end, Kind.MOMENT, f"{label} to", default=None)
    changes = {"is_required": True} | changes
    return replace(begins, **changes), replace(ends, **changes)


def models_without(*left_out: str) -> Field:
    """The choice of a model where some are not taken."""
    return replace(MODEL, choices=tuple(one for one in MODELS if one.value not in left_out))


SINCE_V4 = models_without("sonic-v3-5")
SINCE_V4_5 = models_without(*OLD_MODELS)
SAMPLING_MODEL = replace(
    MODEL, choices=(*MODELS, Choice(_SAMPLING, "v4.5 all", "For mash-ups and samples only"))
)
SHORT_TAGS = replace(TAGS, limit=SHORT_TAGS_LIMIT)

_SONG = (
    DESCRIPTION,
    PROMPT,
    AUTO_LYRICS,
    TAGS,
    EXCLUDE,
    TITLE,
    INSTRUMENTAL,
    MODEL,
    GENDER,
    STYLE_WEIGHT,
    WEIRDNESS,
)


def song_fields(
    *first: Field,
    without: Collection[Field] = (),
    instead: Collection[Field] = (),
    more: Collection[Field] = (),
) -> tuple[Field, ...]:
    """What a song is described with: `first` before, `more` after, `instead` in the places of namesakes."""
    others = {one.name: one for one in instead}
    song = (others.get(one.name, one) for one in _SONG if one not in without)
    return (*first, *song, *more)


ATTRIBUTES = {
    "clip": "continue_clip_id",
    "persona": "persona_id",
    "recording": "url",
}
_SENT_WHEN_ON = ("auto_lyrics", "auto_concat")


def song_builder(
    request: type[ApiRequest],
    fields: Collection[Field],
    names: Mapping[str, str] | None = None,
    also: Callable[[dict[str, Any]], None] | None = None,
) -> Build:
    """Makes requests for songs: those say which mode they are in, and leave out switches that are off.

    `also` changes what was given once more, with the names of the fields.
    """

    def finish(entry: dict[str, Any], values: Values) -> None:
        entry["custom_mode"] = not is_simple(values)
        for name in _SENT_WHEN_ON:
            if not entry.get(name):
                entry.pop(name, None)
        if also is not None:
            also(entry)

    return builder(request, fields, ATTRIBUTES | dict(names or {}), finish)
