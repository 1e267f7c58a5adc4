"""How a word's neighbours change it: "the end", "to be", "live my life", "the record"."""

import re
from collections.abc import Sequence
from functools import lru_cache

from studio.engine.lyrics import english
from studio.engine.lyrics.phones import CONSONANTS, NUCLEI
from studio.engine.lyrics.spoken import spoken

_OWNERS = frozenset("the a an my your his her our their this that these those no some every each one".split())
_DOERS = frozenset(
    "to i you we they will would can could should must might may let don't won't can't didn't couldn't wouldn't never "
    "always i'll you'll we'll they'll gonna wanna please who".split()
)
_PAST = frozenset("i've you've we've they've have has had was were been i'd he she already".split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def readings(tokens: Sequence[str], language: str = "en") -> list[str]:
    """One mark for each token: "vowel" and "end" for what follows, "verb", "noun" and "past" for homographs,
    "" for words that sound alike everywhere. English only; other languages get empty marks."""
    if language != "en":
        return [""] * len(tokens)
    plain = [_plain(token) for token in tokens]
    return [
        _reading(
            word, plain[index - 1] if index else "", plain[index + 1] if index + 1 < len(plain) else "", token
        )
        for index, (word, token) in enumerate(zip(plain, tokens, strict=True))
    ]


@lru_cache(maxsize=16_384)
def _plain(token: str) -> str:
    match = _WORD.search(token)
    return match.group().casefold().replace("’", "'") if match else ""


def _reading(word: str, before: str, after: str, token: str) -> str:
    if word in ("the", "to"):
        if not after or token[-1] in ",.!?;:)":
            return "end"
        return "vowel" if starts_with_vowel(after) else ""
    if word == "used":
        return "past" if after == "to" else ""
    if not _is_homograph(word):
        return ""
    if word == "read" and before in _PAST:
        return "past"
    if before in _OWNERS:
        return "noun"
    if before in _DOERS or after in _OWNERS or after in ("me", "you", "it", "him", "them", "us"):
        return "verb"
    return ""


@lru_cache(maxsize=8_192)
def _is_homograph(word: str) -> bool:
    return any(english.reading(word, wanted) for wanted in ("verb", "noun", "past"))


@lru_cache(maxsize=16_384)
def starts_with_vowel(word: str) -> bool:
    """Whether the first sound of a word is a vowel: hour, yes; union, no."""
    pieces = spoken(word)
    first = (
        next((char for char in pieces[0].phones if char in NUCLEI or char in CONSONANTS), "")
        if pieces
        else ""
    )
    return first in NUCLEI
