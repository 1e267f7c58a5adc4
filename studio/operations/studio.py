"""The studio family: marked unavailable by the one host that had it; the offline provider has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.musicapi.requests import studio as wire

from .base import Choice, Context, Field, Fix, Group, Kind, Limit, Needs, Operation, Problem, Values
from .shared import Check, builder, every, one_price, price, retired, unless_known, wanted, words

CLIP = Field("clip", Kind.CLIP, "Source clip", needs=Needs(families=frozenset({"studio"})), is_required=True)
TAGS = Field("prompt", Kind.TAGS, "Style tags", placeholder="folk, accordion, warm")
DESCRIPTION = Field("prompt", Kind.TEXT, "Song description", placeholder="a calm evening by the harbour")
LYRICS = Field("lyrics", Kind.LYRICS, "Lyrics", limit=Limit(1000), placeholder="[Verse]\n")
EXCLUDE = Field("negative_prompt", Kind.TAGS, "Exclude", placeholder="distorted guitar, choir")
MODEL = Field(
    "model_type",
    Kind.CHOICE,
    "Model",
    choices=(
        Choice("studio130-v1.5", "130 seconds"),
        Choice("studio32-v1.5", "32 seconds"),
    ),
    default="studio130-v1.5",
    is_required=True,
)
SEED = Field(
    "seed",
    Kind.NUMBER,
    "Seed",
    help="-1 is another song every time.",
    default=-1,
    is_whole=True,
    least=-1,
    is_more=True,
)
AS_WRITTEN = Field(
    "bypass_prompt_optimization",
    Kind.SWITCH,
    "Take the words as they are",
    help="They are not polished first.",
    default=False,
    is_more=True,
)


def _share(name: str, label: str, default: float | None, ends: tuple[str, str], help_text: str = "") -> Field:
    return Field(name, Kind.SHARE, label, help_text, default=default, ends=ends, is_more=True)


STRENGTHS = (
    _share("prompt_strength", "Closeness to the style", 0.5, ("loose", "strict")),
    _share("clarity_strength", "Clarity", 0.25, ("natural", "clear")),
    _share("lyrics_strength", "Closeness to the lyrics", 0.5, ("loose", "strict")),
    _share("generation_quality", "Care", 0.75, ("quick", "careful")),
)
PLACE = (
    _share(
        "song_section_start",
        "Stretch of the song from",
        None,
        ("start", "end"),
        "Which part of a song this is.",
    ),
    _share("song_section_end", "Stretch of the song to", None, ("start", "end")),
)
LYRICS_PLACE = (
    _share("lyrics_placement_start", "Singing from", None, ("start", "end"), "When the singing begins."),
    _share("lyrics_placement_end", "Singing to", None, ("start", "end")),
)
_COMMON = (EXCLUDE, MODEL, SEED, *STRENGTHS, AS_WRITTEN)


def _complete(lyrics_type: str, config: Callable[[dict[str, Any]], wire.StudioConfig]) -> Any:
    """What the provider wants said even where nothing was given."""

    def finish(entry: dict[str, Any], _values: Values) -> None:
        for one in (*STRENGTHS, SEED, AS_WRITTEN):
            entry.setdefault(one.name, one.default)
        entry.setdefault("negative_prompt", "")
        entry.setdefault("lyrics_type", lyrics_type)
        if entry["lyrics_type"] != "user":
            entry.pop("lyrics", None)
        entry["config"] = config(entry)

    return finish


def _regular(_entry: dict[str, Any]) -> wire.StudioConfig:
    return wire.StudioConfig()


def _extension(entry: dict[str, Any]) -> wire.StudioConfig:
    source = wire.StudioSource(song_id=entry.pop("clip"))
    return wire.StudioConfig(mode=entry.pop("direction"), source=source)


def _in_order(start: str, end: str) -> Check:
    def check(values: Values, _context: Context) -> list[Problem]:
        first, last = values.get(start), values.get(end)
        if not isinstance(first, int | float) or not isinstance(last, int | float) or first < last:
            return []
        fix = Fix("Swap the two ends", start, last, also={end: first}) if last < first else None
        return [Problem(end, "The end has to come after the beginning.", fix)]

    return check


_PLACES = every(
    _in_order("song_section_start", "song_section_end"),
    _in_order("lyrics_placement_start", "lyrics_placement_end"),
)
_UNAVAILABLE = "api.musicapi.ai has marked the studio family as unavailable since 2025."
_NEVER = "api.aimusicapi.ai does not have the studio family."


def _entry(
    name: str,
    label: str,
    fields: tuple[Field, ...],
    about: str,
    check: Check,
    finish: Any,
    *,
    verb: str = "Create",
    group: Group = Group.CREATE,
    icon: str = "audio-waveform",
    source: str = "",
    instead: str = "sonic.create_music",
) -> Operation:
    return Operation(
        name=f"studio.{name}",
        label=label,
        verb=verb,
        family="studio",
        request=wire.StudioCreate,
        fields=fields,
        build=builder(wire.StudioCreate, fields, finish=finish),
        check=every(check, _PLACES),
        price=price(15),
        variant=one_price,
        group=group,
        icon=icon,
        about=about,
        source=source,
        availability=unless_known(
            aimusicapi=retired(_NEVER, instead), musicapi=retired(_UNAVAILABLE, instead)
        ),
    )


_SOME_TAGS = wanted("prompt", "Give some style tags.")

CUSTOM = _entry(
    "custom",
    "New studio song",
    (TAGS, LYRICS, *_COMMON, *PLACE, *LYRICS_PLACE),
    "Two takes of your lyrics, 32 or 130 seconds long.",
    every(_SOME_TAGS, wanted("lyrics", "Write the lyrics.")),
    _complete("user", _regular),
)
DESCRIPTION_ONLY = _entry(
    "description",
    "Studio song from a description",
    (DESCRIPTION, *_COMMON, *PLACE),
    "Two takes of what you describe; the lyrics are written for you.",
    wanted("prompt", "Describe the song in a few words."),
    _complete("generate", _regular),
)
INSTRUMENTAL = _entry(
    "instrumental",
    "Studio instrumental",
    (TAGS, *_COMMON, *PLACE),
    "Two takes without a voice.",
    _SOME_TAGS,
    _complete("instrumental", _regular),
)

_DIRECTION = Field(
    "direction",
    Kind.CHOICE,
    "Where",
    choices=(Choice("continuation", "After the end"), Choice("precede", "Before the start")),
    default="continuation",
    is_required=True,
)
_LYRICS_TYPE = Field(
    "lyrics_type",
    Kind.CHOICE,
    "Lyrics",
    choices=(
        Choice("generate", "Written for me"),
        Choice("user", "My own"),
        Choice("instrumental", "None"),
    ),
    default="generate",
    is_required=True,
)
_CONTEXT = Field(
    "context_length",
    Kind.NUMBER,
    "Context",
    help="How much of the song it listens to first.",
    default=None,
    least=0,
    unit="s",
    is_more=True,
)


def _own_lyrics(values: Values, _context: Context) -> list[Problem]:
    if values.get("lyrics_type") != "user" or words(values, "lyrics"):
        return []
    fix = Fix("Have them written", "lyrics_type", "generate")
    return [Problem("lyrics", "Write the lyrics, or have them written.", fix)]


EXTEND = _entry(
    "extend",
    "Extend a studio song",
    (CLIP, _DIRECTION, DESCRIPTION, _LYRICS_TYPE, LYRICS, *_COMMON, _CONTEXT, *PLACE, *LYRICS_PLACE),
    "More of the song, after its end or before its start.",
    every(wanted("prompt", "Say what the new part should be like."), _own_lyrics),
    _complete("generate", _extension),
    verb="Extend",
    group=Group.CHANGE,
    icon="list-plus",
    source="clip",
    instead="sonic.upload_extend",
)

OPERATIONS = (CUSTOM, DESCRIPTION_ONLY, INSTRUMENTAL, EXTEND)
