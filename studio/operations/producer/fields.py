"""The fields that the producer's operations share, and what is asked of them before they are sent.

Two hosts, two back ends: FUZZ models, and Lyria on musicapi.ai with other fields. The offline provider takes
what both know; a host that nobody knows is asked as the FUZZ models are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.musicapi.requests import producer as wire

from ..base import (
    AIMUSICAPI,
    MUSICAPI,
    OFFLINE,
    OTHER,
    Choice,
    Context,
    Field,
    Fix,
    Kind,
    Limit,
    Needs,
    Problem,
    Values,
)
from ..shared import words

FUZZ = frozenset({OFFLINE, AIMUSICAPI, OTHER})
LYRIA = frozenset({OFFLINE, MUSICAPI})
DEFAULT_MODEL = "FUZZ-2.0"
_HINTS = {
    "FUZZ-2.0": "The steadiest",
    "FUZZ-2.0 Raw": "Unprocessed",
    "FUZZ-1.1": "Fails now and then",
    "FUZZ-0.8": "Old",
    "FUZZ-3-Demo": "Fails often",
}

CLIP = Field(
    "clip", Kind.CLIP, "Source clip", needs=Needs(families=frozenset({"producer"})), is_required=True
)
GENERATED = replace(CLIP, needs=replace(CLIP.needs, origin="generated"))
UPLOADED = replace(CLIP, needs=replace(CLIP.needs, origin="uploaded"))
SOUND = Field(
    "sound",
    Kind.TEXT,
    "Sound",
    help="Style, instruments, voice; ten words or more serve best.",
    placeholder="accordion, brushed drums, a warm alto",
)
LYRICS = Field(
    "lyrics", Kind.LYRICS, "Lyrics", help="Mark sections with [Verse], [Chorus].", placeholder="[Verse]\n"
)
INSTRUCTION = Field(
    "instruction",
    Kind.TEXT,
    "Instruction",
    help="Say in a sentence what shall happen.",
    hosts=LYRIA,
    placeholder="Slower, with bowed bass and wide chords.",
)
TITLE = Field("title", Kind.LINE, "Title", limit=Limit(80))
INSTRUMENTAL = Field(
    "make_instrumental", Kind.SWITCH, "Instrumental", help="No singing.", default=False, hosts=FUZZ
)
MODEL = Field(
    "mv",
    Kind.CHOICE,
    "Model",
    choices=tuple(Choice(name, name, _HINTS.get(name, "")) for name in wire.MODELS),
    default=DEFAULT_MODEL,
    hosts=FUZZ,
)
SEED = Field(
    "seed", Kind.LINE, "Seed", help="The same digits give the same song again.", limit=Limit(20), is_more=True
)
BPM = Field(
    "bpm", Kind.NUMBER, "Tempo", default=None, least=20, most=300, unit="bpm", hosts=LYRIA, is_more=True
)


def _share(
    name: str, label: str, ends: tuple[str, str], hosts: frozenset[str] = FUZZ, **changes: Any
) -> Field:
    return replace(
        Field(name, Kind.SHARE, label, default=None, ends=ends, hosts=hosts, is_more=True), **changes
    )


LYRICS_STRENGTH = _share("lyrics_strength", "Closeness to the lyrics", ("loose", "strict"))
SOUND_STRENGTH = _share("sound_strength", "Closeness to the sound", ("loose", "strict"), least=0.2)
WEIRDNESS = _share("weirdness", "Weirdness", ("safe", "wild"))
COVER_STRENGTH = _share("cover_strength", "How much changes", ("little", "much"))
STRENGTH = _share("strength", "How much changes", ("little", "much"), LYRIA)
PICTURE = Field(
    "cover_url",
    Kind.LINE,
    "Cover picture",
    help="Its public address, beginning with https.",
    hosts=FUZZ,
    is_more=True,
)
FUZZ_ONLY = (INSTRUMENTAL, MODEL, LYRICS_STRENGTH, SOUND_STRENGTH, WEIRDNESS, PICTURE)
# What FUZZ takes with every task, and Lyria with new songs only.
SONG_ON_FUZZ = tuple(replace(one, hosts=FUZZ) for one in (SOUND, LYRICS, TITLE, SEED))


def check_seed(values: Values, _context: Context) -> list[Problem]:
    seed = words(values, "seed")
    if not seed or (seed.isascii() and seed.isdigit()):
        return []
    digits = "".join(letter for letter in seed if letter.isascii() and letter.isdigit())
    return [Problem("seed", "A seed has digits only.", Fix("Keep the digits", "seed", digits))]


def check_picture(values: Values, context: Context) -> list[Problem]:
    address = words(values, "cover_url")
    if not address or not PICTURE.applies(values, context.host) or address.startswith("https://"):
        return []
    return [Problem("cover_url", "Give an address that begins with https://, or none.")]


def sound_or_lyrics(values: Values, _context: Context) -> list[Problem]:
    if words(values, "sound") or words(values, "lyrics"):
        return []
    return [Problem("sound", "Say what it should sound like, or write lyrics.")]


def direction(values: Values, context: Context) -> list[Problem]:
    """Sound or lyrics are wanted where they can be given; an instruction serves where there is one."""
    says = INSTRUCTION.applies(values, context.host) and words(values, "instruction")
    if context.host == MUSICAPI or says:
        return []
    return sound_or_lyrics(values, context)


def cover_direction(values: Values, context: Context) -> list[Problem]:
    if context.host == MUSICAPI and not words(values, "instruction"):
        return [Problem("instruction", "Say in a sentence what shall be different.")]
    return direction(values, context)


def end_on_lyria(values: Values, context: Context) -> list[Problem]:
    if context.host == MUSICAPI and values.get("ends_at_s") is None:
        return [Problem("ends_at_s", "Say where the window ends.")]
    return []
