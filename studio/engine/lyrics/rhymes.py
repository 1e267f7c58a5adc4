"""Rhyme, metre and rhyme words, all read from the pronouncing dictionary."""

import re
from collections import defaultdict
from functools import lru_cache

from studio.engine.lyrics.context import readings
from studio.engine.lyrics.dictionary import every_entry
from studio.engine.lyrics.phones import NUCLEI, PRIMARY, SECONDARY, STRESSES, nuclei_count
from studio.engine.lyrics.syllables import syllables

_ALIKE = str.maketrans({"T": "t", "ᵊ": "ə", "ᵻ": "ə", "ɐ": "ə"})
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|\d+")


@lru_cache(maxsize=16_384)
def rhyme_of(line: str) -> str:
    """What the end of a line or word rhymes on: the phones from the last stressed vowel to the end.

    Equal strings rhyme. Empty when nothing in the line can be sung.
    """
    words = _WORD.findall(line)
    if not words:
        return ""
    return rhyme_of_phones("".join(item.phones for item in syllables(words[-1])))


def rhyme_of_phones(phones: str) -> str:
    place = max(phones.rfind(PRIMARY), phones.rfind(SECONDARY))
    if place < 0:
        # A lone weak word (me, you) carries the rhyme on its vowel.
        place = next((index for index, char in enumerate(phones) if char in NUCLEI), 0)
    return "".join(char for char in phones[place:] if char not in STRESSES).translate(_ALIKE)


@lru_cache(maxsize=16_384)
def metre_of(line: str) -> tuple[float, ...]:
    """The stress of every syllable of a line, 0..1."""
    tokens = line.split()
    marks = readings(tokens)
    return tuple(
        item.stress
        for token, mark in zip(tokens, marks, strict=True)
        for item in syllables(token, "en", mark)
    )


def syllable_count(line: str) -> int:
    return len(metre_of(line))


def metre_distance(one: str, other: str) -> float:
    """How differently two lines of as many syllables fall, 0..1; lines of other lengths are at least 1 apart."""
    first, second = metre_of(one), metre_of(other)
    if len(first) != len(second):
        return float(abs(len(first) - len(second)))
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / max(1, len(first))


def last_word(line: str) -> str:
    words = _WORD.findall(line)
    return words[-1].casefold() if words else ""


@lru_cache(maxsize=1)
def _rhyme_dictionary() -> dict[str, list[tuple[str, str]]]:
    classes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for word, entry in every_entry("NJ"):
        if "'" not in word and 3 <= len(word) <= 9 and nuclei_count(entry.phones) <= 3:
            classes[rhyme_of_phones(entry.phones)].append((word, entry.word_class))
    return dict(classes)


def rhyme_words(rhyme: str, word_class: str = "NJ") -> list[str]:
    """Common nouns (N) and adjectives (J) of a rhyme class, in alphabetical order."""
    return [word for word, kind in _rhyme_dictionary().get(rhyme, []) if kind in word_class]
