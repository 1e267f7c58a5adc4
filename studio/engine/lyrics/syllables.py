"""Words to syllables: their letters, their stress and how they sound."""

from functools import lru_cache
from typing import NamedTuple

from studio.engine.lyrics import english
from studio.engine.lyrics.lexicon import FUNCTION_WORDS
from studio.engine.lyrics.phones import (
    PRIMARY,
    SECONDARY,
    split_letters,
    split_phones,
    stress_of,
    with_stress,
)
from studio.engine.lyrics.spoken import Spoken, spoken

MAX_SYLLABLES = 24
STRESS = {PRIMARY: 1.0, SECONDARY: 0.5, "": 0.1}
LONE_STRESS = 0.8
FOREIGN_WEAK = 0.4


class Syllable(NamedTuple):
    """`stress` is 0..1; `phones` how it sounds, one nucleus with its consonants, see score.SungSyllable."""

    text: str
    stress: float
    phones: str = ""


Syllables = tuple[Syllable, ...]


@lru_cache(maxsize=32_768)
def syllables(word: str, language: str = "en", reading: str = "") -> Syllables:
    """The syllables of a token in order, one for each nucleus; empty when nothing in it can be pronounced.

    Numbers and signs are read out ("24/7" has five syllables, "$5" three), initials are spelled, other scripts
    are sounded by rule. The texts join to the letters of the word, or of the words that are read instead.
    `language` is en, es, it, pt or fr; `reading` is one of the marks of `context.readings`. Never raises; a
    token counts at most 24 syllables, the rest is left out of the singing and stays in the last one's text.
    """
    found = [item for piece in spoken(word, language) for item in _cut(piece, language, reading)]
    if len(found) > MAX_SYLLABLES:
        rest = "".join(item.text for item in found[MAX_SYLLABLES - 1 :])
        found = [*found[: MAX_SYLLABLES - 1], found[MAX_SYLLABLES - 1]._replace(text=rest)]
    return tuple(found)


def is_cut_short(word: str, language: str = "en") -> bool:
    """Whether a token is so long that its end is not sung."""
    return sum(len(split_phones(piece.phones)) for piece in spoken(word, language)) > MAX_SYLLABLES


def _cut(piece: Spoken, language: str, reading: str) -> list[Syllable]:
    phones = _phones_as_read(piece, reading) if language == "en" and reading else piece.phones
    parts = split_phones(phones)
    texts = _unit_texts(piece.units, parts) if piece.units else split_letters(piece.text, parts)
    return [
        Syllable(text, _weight(piece, part, len(parts), language), part)
        for text, part in zip(texts, parts, strict=True)
    ]


def _phones_as_read(piece: Spoken, reading: str) -> str:
    """Weak and strong forms, and homographs, as the neighbours ask for them."""
    if piece.word == "the" and reading == "vowel":
        return "ði"
    if piece.word == "to" and reading in ("vowel", "end"):
        return "tʊ" if reading == "vowel" else "tˈu"
    if reading in ("verb", "noun", "past"):
        return english.reading(piece.word, reading) or piece.phones
    return piece.phones


def _unit_texts(units: tuple[tuple[str, str], ...], parts: tuple[str, ...]) -> list[str]:
    """The characters of every syllable: a character belongs where its first sound is."""
    ends, total = [], 0
    for part in parts:
        total += len(part)
        ends.append(total)
    texts, place = [""] * len(parts), 0
    for text, sound in units:
        index = next((number for number, end in enumerate(ends) if place < end), len(parts) - 1)
        if not sound and place and place in ends:
            index = ends.index(place)
        texts[index] += text
        place += len(sound)
    return texts


def _weight(piece: Spoken, part: str, count: int, language: str) -> float:
    mark = stress_of(part)
    if language == "en" and piece.word and count == 1:
        return FUNCTION_WORDS.get(piece.word.replace("'", ""), LONE_STRESS)
    if count == 1:
        return LONE_STRESS if mark else FOREIGN_WEAK
    return STRESS[mark]


def strongest(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The parts with a primary stress on the first when they have none at all."""
    if not parts or any(stress_of(part) for part in parts):
        return parts
    return (with_stress(parts[0], PRIMARY), *parts[1:])
