"""How many syllables a second a text asks for, so that nobody has to find out by hearing it gabbled."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FASTEST_PER_S = 6.0
SLOWEST_PER_S = 0.5
EASY_PER_S = 3.0  # what a fix aims at

_MARKS = re.compile(r"\[[^\]\n]*\]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = re.compile("[aeiouyæœøıаеиоуыэюяєіїαεηιουω]+")
_ENGLISH = frozenset({"the", "and", "of", "you", "my", "your", "with", "that", "this", "they", "i'm", "it's"})


@dataclass(frozen=True)
class Singability:
    """`judgement` is "fast", "slow" or "" for what can be sung."""

    syllables: int
    per_s: float
    judgement: str = ""


def judge(lyrics: str, seconds: float) -> Singability:
    """Whether `lyrics` can be sung within `seconds`. No words, or no time, can always be."""
    count = syllables(lyrics)
    if not count or seconds <= 0:
        return Singability(count, 0.0)
    per_s = count / seconds
    if per_s > FASTEST_PER_S:
        return Singability(count, per_s, "fast")
    return Singability(count, per_s, "slow" if per_s < SLOWEST_PER_S else "")


def syllables(lyrics: str) -> int:
    """About how many syllables are sung; section marks are not."""
    words = sung_words(lyrics)
    is_english = any(word in _ENGLISH for word in words)
    return sum(_of_word(word, is_english) for word in words)


def sung_words(lyrics: str) -> list[str]:
    """The words of `lyrics` in lower case, without section marks."""
    return _WORD.findall(_MARKS.sub(" ", lyrics).lower())


def _of_word(word: str, is_english: bool) -> int:
    # One sign of Chinese, Japanese or Korean is one syllable; of the others, one group of vowels.
    signs = sum(_is_syllable(letter) for letter in word)
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter)
    )
    groups = _VOWELS.findall(plain)
    count = len(groups)
    if is_english and count > 1 and re.search(r"[^aeiouyl]e(?:s|d)?$|[aeiouy]le$", plain):
        count -= not re.search(r"[td]ed$|(?:[sxz]|ch|sh|c|g)es$", plain)
    return signs + count if signs else max(count, 1)


def _is_syllable(letter: str) -> bool:
    code = ord(letter)
    is_kana = 0x3041 <= code <= 0x30FF and letter not in "っッャュョゃゅょーァィゥェォぁぃぅぇぉ"
    return is_kana or 0x3400 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7A3
