"""The sonic family. Limits, models and first prices are those of the vendor's pages and paid runs."""

from __future__ import annotations

from typing import Any

from studio.musicapi import SonicCreate

from .base import Choice, Field, Fix, Kind, Limit, Operation, Problem, Values

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

LYRICS_LIMIT = Limit(5000, dict.fromkeys(OLD_MODELS, 3000))
TAGS_LIMIT = Limit(1000, dict.fromkeys(OLD_MODELS, 200))
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

_CUSTOM = frozenset({"custom"})
_SIMPLE = frozenset({"simple"})
_GENDERED = frozenset(choice.value for choice in MODELS) - set(OLD_MODELS)


def _create_fields() -> tuple[Field, ...]:
    return (
        Field(
            "gpt_description_prompt",
            Kind.TEXT,
            "Song description",
            limit=DESCRIPTION_LIMIT,
            modes=_SIMPLE,
            placeholder="A slow-burning indie song about the last night of summer",
            examples=_EXAMPLES,
        ),
        Field(
            "prompt",
            Kind.LYRICS,
            "Lyrics",
            help="Mark sections with [Verse], [Chorus], [Bridge].",
            limit=LYRICS_LIMIT,
            modes=_CUSTOM,
            placeholder="[Verse]\nThe first line of your song",
        ),
        Field(
            "auto_lyrics",
            Kind.SWITCH,
            "Write the lyrics for me",
            help="The text above becomes a description; lyrics, and an empty title or tags, come from it.",
            default=False,
            modes=_CUSTOM,
        ),
        Field(
            "tags",
            Kind.TAGS,
            "Style tags",
            limit=TAGS_LIMIT,
            modes=_CUSTOM,
            placeholder="dream pop, warm, female voice, 96 bpm",
        ),
        Field(
            "negative_tags",
            Kind.TAGS,
            "Exclude",
            limit=EXCLUDE_LIMIT,
            modes=_CUSTOM,
            placeholder="distorted guitar, choir",
        ),
        Field(
            "title",
            Kind.LINE,
            "Title",
            limit=TITLE_LIMIT,
            modes=_CUSTOM,
            placeholder="Named for you when empty",
        ),
        Field("make_instrumental", Kind.SWITCH, "Instrumental", help="No singing.", default=False),
        Field("mv", Kind.CHOICE, "Model", choices=MODELS, default=DEFAULT_MODEL),
        Field(
            "vocal_gender",
            Kind.CHOICE,
            "Voice",
            choices=(Choice("", "Any"), Choice("f", "Female"), Choice("m", "Male")),
            models=_GENDERED,
            is_more=True,
        ),
        Field(
            "style_weight",
            Kind.SHARE,
            "Style weight",
            help="How closely the music keeps to the tags.",
            default=None,
            modes=_CUSTOM,
            ends=("loose", "strict"),
            is_more=True,
        ),
        Field(
            "weirdness_constraint",
            Kind.SHARE,
            "Weirdness",
            help="How far it may stray from the usual.",
            default=None,
            modes=_CUSTOM,
            ends=("safe", "wild"),
            is_more=True,
        ),
    )


def _words(values: Values, name: str) -> str:
    return str(values.get(name) or "").strip()


def _check_create(values: Values) -> list[Problem]:
    if not values.get("mv"):
        return [Problem("mv", "Choose a model.")]
    if values.get("mode") == "simple":
        if not _words(values, "gpt_description_prompt"):
            return [Problem("gpt_description_prompt", "Describe the song in a few words.")]
        return []
    if values.get("make_instrumental"):
        if not (_words(values, "tags") or _words(values, "prompt")):
            return [Problem("tags", "Say what it should sound like: an instrumental needs style tags.")]
        return []
    if not _words(values, "prompt"):
        if values.get("auto_lyrics"):
            return [Problem("prompt", "Say what the lyrics should be about.")]
        fix = Fix("Make it instrumental", "make_instrumental", True)
        return [Problem("prompt", "Write some lyrics, or make it instrumental.", fix)]
    return []


def _build_create(values: Values) -> SonicCreate:
    """The request for checked `values`; what mode, model or switches rule out is left unset."""
    entry = {one.name: values.get(one.name) for one in CREATE_MUSIC.applicable(values)}
    given: dict[str, Any] = {}
    for name, value in entry.items():
        if isinstance(value, str):
            value = value.strip()
        if value not in ("", None):
            given[name] = value
    if not given.get("auto_lyrics"):
        given.pop("auto_lyrics", None)
    return SonicCreate(custom_mode=values.get("mode") != "simple", **given)


def _price_create(host: str, values: Values) -> int:
    """First guess in credits: price pages and paid runs of 2026, by host."""
    is_cheap = values.get("mode") != "simple" and values.get("mv") in OLD_MODELS
    if host == "api.musicapi.ai":
        return 20
    return 10 if is_cheap else 14


def _variant_create(values: Values) -> str:
    return "description" if values.get("mode") == "simple" else str(values.get("mv", ""))


CREATE_MUSIC = Operation(
    name="sonic.create_music",
    label="New song",
    verb="Create",
    family="sonic",
    fields=_create_fields(),
    build=_build_create,
    check=_check_create,
    price=_price_create,
    variant=_variant_create,
    modes=(Choice("simple", "Simple"), Choice("custom", "Custom")),
)

OPERATIONS = (CREATE_MUSIC,)
