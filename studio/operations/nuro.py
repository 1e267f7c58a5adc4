"""The nuro family, withdrawn from one host: songs in Chinese and English, and background music by plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.musicapi.requests.nuro import BGM_WORDS, LIST_MAX_ITEMS, SEGMENTS, VOCAL_WORDS, NuroBgm, NuroVocal

from .base import Choice, Context, Field, Fix, Group, Kind, Limit, Operation, Problem, Values
from .checking import cut_to
from .shared import Check, accept, builder, every, one_price, price, retired, unless_known, wanted, words

LYRICS_LIMIT = Limit(2000)
LYRICS_ADVISED = 300  # shorter ones may be refused
DESCRIPTION_ADVISED = 199
PLAN_LEAST_S, PLAN_MOST_S = 30, 120
SECTION_LEAST_S, SECTION_MOST_S = 5, 120

_GONE = "api.aimusicapi.ai has closed the nuro family for good."
_LABELS = {"Sweet_AUDIO_TIMBRE": "Sweet", "Cute_AUDIO_TIMBRE": "Cute", "inst": "Instrumental"}


def _named(value: str) -> Choice:
    return Choice(value, _LABELS.get(value) or value[:1].upper() + value[1:])


def _chosen(name: str, label: str, help_text: str = "Guessed from the lyrics when left open.") -> Field:
    values = VOCAL_WORDS[name]
    return Field(name, Kind.CHOICE, label, help_text, choices=(Choice("", "Any"), *map(_named, values)))


def _duration(least: int, most: int) -> Field:
    return Field(
        "duration_s", Kind.NUMBER, "Length", default=None, least=least, most=most, is_whole=True, unit="s"
    )


_VOCAL = (
    Field(
        "lyrics",
        Kind.LYRICS,
        "Lyrics",
        help="Chinese or English, with sections marked as [verse], [chorus].",
        limit=LYRICS_LIMIT,
        placeholder="[verse]\nThe first line of your song",
    ),
    Field(
        "gender",
        Kind.CHOICE,
        "Voice",
        choices=(Choice("", "Any"), Choice("Female", "Female"), Choice("Male", "Male")),
    ),
    _chosen("genre", "Genre"),
    _chosen("mood", "Mood"),
    _chosen("timbre", "Timbre", ""),
    _duration(30, 240),
)


def _long_enough(values: Values, _context: Context) -> list[Problem]:
    length = len(words(values, "lyrics"))
    if not 0 < length < LYRICS_ADVISED:
        return []
    text = f"Lyrics of fewer than {LYRICS_ADVISED} characters may be refused; these have {length}."
    return [Problem("lyrics", text, is_advice=True)]


VOCAL = Operation(
    name="nuro.vocal",
    label="New nuro song",
    verb="Create",
    family="nuro",
    request=NuroVocal,
    fields=_VOCAL,
    build=builder(NuroVocal, _VOCAL),
    check=every(wanted("lyrics", "Write the lyrics: this sings what you write."), _long_enough),
    price=price(10),
    variant=one_price,
    icon="mic-vocal",
    about="One sung song in Chinese or English, within half a minute.",
    availability=unless_known(aimusicapi=retired(_GONE, "sonic.create_music")),
)

_DESCRIPTION = Field("description", Kind.TEXT, "Description", placeholder="a calm evening by the harbour")
_DESCRIBED = wanted("description", "Describe the music in a few words.")


def _several(name: str, label: str) -> Field:
    return Field(
        name,
        Kind.WORDS,
        label,
        help=f"Up to {LIST_MAX_ITEMS}.",
        choices=tuple(map(_named, BGM_WORDS[name])),
        default=(),
        most=LIST_MAX_ITEMS,
    )


_V1 = (
    _DESCRIPTION,
    _several("genre", "Genres"),
    _several("mood", "Moods"),
    _several("instrument", "Instruments"),
    _several("theme", "Themes"),
    replace(_duration(1, 60), help="60 s when left empty."),
)
_V2 = (
    replace(_DESCRIPTION, help="Best with fewer than 200 characters."),
    Field(
        "segments",
        Kind.SEGMENTS,
        "Sections",
        help="From 30 to 120 s in all. Without a plan, give the length.",
        choices=tuple(map(_named, SEGMENTS)),
        default=(),
        least=SECTION_LEAST_S,
        most=SECTION_MOST_S,
        unit="s",
    ),
    _duration(PLAN_LEAST_S, PLAN_MOST_S),
)


def _short_description(values: Values, _context: Context) -> list[Problem]:
    text = words(values, "description")
    if len(text) <= DESCRIPTION_ADVISED:
        return []
    fix = Fix(f"Cut it to {DESCRIPTION_ADVISED}", "description", cut_to(text, DESCRIPTION_ADVISED))
    return [
        Problem("description", "A description of 200 characters or more may be refused.", fix, is_advice=True)
    ]


def _plan(values: Values, _context: Context) -> list[Problem]:
    """Whether the sections together are as long as they may be, and as the length says."""
    plan = values.get("segments") or []
    lengths: list[Any] = [section.get("duration_s") for section in plan if isinstance(section, dict)]
    if not lengths or not all(isinstance(length, int | float) for length in lengths):
        return []
    total_s = sum(lengths)
    if not PLAN_LEAST_S <= total_s <= PLAN_MOST_S:
        text = f"The sections last {total_s:g} s together; {PLAN_LEAST_S} to {PLAN_MOST_S} s are possible."
        return [Problem("segments", text)]
    length_s = values.get("duration_s")
    if length_s not in (None, "", total_s):
        fix = Fix("Let the sections decide", "duration_s", None)
        return [Problem("duration_s", f"The sections last {total_s:g} s together, not {length_s} s.", fix)]
    return []


def _background(
    name: str, label: str, fields: tuple[Field, ...], version: str, about: str, check: Check
) -> Operation:
    def of_version(entry: dict[str, Any], _values: Values) -> None:
        entry["version"] = version

    return Operation(
        name=f"nuro.{name}",
        label=label,
        verb="Create",
        family="nuro",
        request=NuroBgm,
        fields=fields,
        build=builder(NuroBgm, fields, finish=of_version),
        check=every(_DESCRIBED, check),
        price=price(10),
        variant=one_price,
        group=Group.CREATE,
        icon="audio-lines",
        about=about,
        availability=unless_known(aimusicapi=retired(_GONE, "producer.create_music")),
    )


BGM_V1 = _background(
    "bgm_v1",
    "Background music",
    _V1,
    "v1.0",
    "Up to a minute of instrumental music, by genres, moods, instruments and themes.",
    accept,
)
BGM_V2 = _background(
    "bgm_v2",
    "Background music by plan",
    _V2,
    "v2.0",
    "Half a minute to two of instrumental music whose sections you plan.",
    every(_short_description, _plan),
)

OPERATIONS = (VOCAL, BGM_V1, BGM_V2)
