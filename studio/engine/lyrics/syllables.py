"""Words to syllables with stress, by rule. Written for English, kept alive by any script."""

import itertools
import math
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from studio.engine.lyrics.lexicon import FINAL_STRESS, FUNCTION_WORDS, SECOND_STRESS, SPLITS

MAX_SYLLABLES = 12
VOWELS = frozenset("aeiouy")
OTHER_VOWELS = frozenset("аеёиоуыэюяіїєαεηιουω")
ONSETS = frozenset(
    "bl br ch cl cr dr dw fl fr gh gl gr kl kn kr ph pl pr qu sc sh sk sl sm sn sp st sw th tr tw wh wr "
    "chr phr sch scr shr spl spr squ str thr".split()
)
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
# Suffixes that pull the stress onto the syllable before them.
PULLING = ("tion", "sion", "cian", "cious", "tious", "ic", "ical", "ity", "ety", "ial", "ian", "ious", "logy")
SELF_STRESSED = ("ee", "eer", "ette", "ese", "esque", "oon")
WEAK_PREFIXES = (
    "a", "be", "de", "re", "un", "in", "im", "ex", "en", "em", "for", "mis", "dis", "con", "com", "pre", "per",
)  # fmt: skip


class Syllable(NamedTuple):
    """`stress` is 0..1; `phones` how it sounds, see score.SungSyllable."""

    text: str
    stress: float
    phones: str = ""


Syllables = tuple[Syllable, ...]


def syllables(word: str) -> Syllables:
    """The syllables of a word in order; empty when nothing in the word can be pronounced.

    Numbers are read out ("24/7" has five), accents are kept, other scripts are counted by their vowels or
    characters. Never raises; a word counts at most 12 syllables, the rest rides on the last one.
    """
    found: list[Syllable] = []
    parts = [part for part in re.split(r"[^\w'’]+|_+", word) if part]
    for part in parts:
        for piece in re.findall(r"\d+|[^\W\d]+(?:['’][^\W\d]+)*", part):
            found.extend(_spoken(piece))
    if len(found) > MAX_SYLLABLES:
        rest = "".join(syllable.text for syllable in found[MAX_SYLLABLES - 1 :])
        found = [*found[: MAX_SYLLABLES - 1], Syllable(rest, found[-1].stress)]
    return tuple(found)


def is_pronounceable(token: str) -> bool:
    return any(unicodedata.category(char)[0] == "L" or char.isdigit() for char in token)


def _spoken(piece: str) -> list[Syllable]:
    if piece[0].isdigit():
        return [item for name in number_words(piece) for item in _latin(name)]
    folded = fold(piece)
    if folded.isascii():
        return list(_latin(piece))
    return _foreign(piece)


def number_words(digits: str) -> list[str]:
    """English words for a run of digits; long runs are read digit by digit."""
    values = [unicodedata.digit(char, 0) for char in digits]
    if len(values) > 6 or (len(values) > 1 and values[0] == 0):
        return [UNITS[value] for value in values[:MAX_SYLLABLES]]
    number = int("".join(str(value) for value in values))
    if 1100 <= number <= 2099 and number % 1000 >= 100:
        tail = _below_hundred(number % 100) or ["hundred"]
        return [*_below_hundred(number // 100), *tail]
    return _number(number) or ["zero"]


def _number(number: int) -> list[str]:
    if number >= 1000:
        return [*_number(number // 1000), "thousand", *_number(number % 1000)]
    if number >= 100:
        return [UNITS[number // 100], "hundred", *_below_hundred(number % 100)]
    return _below_hundred(number)


def _below_hundred(number: int) -> list[str]:
    if number == 0:
        return []
    if number < 20:
        return [UNITS[number]]
    return [TENS[number // 10], *([UNITS[number % 10]] if number % 10 else [])]


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case without accents, one character for each character, so that indices still match."""
    return "".join(_fold_char(char) for char in text)


def _fold_char(char: str) -> str:
    base = unicodedata.normalize("NFKD", char).lower()
    special = {
        "ß": "s",
        "æ": "a",
        "œ": "o",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "t",
        "ı": "i",
        "’": "'",
    }
    return special.get(char.lower(), base[0] if base else char)


@lru_cache(maxsize=16_384)
def _latin(word: str) -> Syllables:
    plain = fold(word)
    letters = plain.replace("'", "")
    if len(word) <= 4 and word.isupper() and not set(letters) & set("aeiou"):
        return tuple(Syllable(char, 0.8) for char in word)
    pieces = _pieces(word, plain)
    stressed = _stressed_index(letters, len(pieces), _accented(word, pieces))
    return tuple(Syllable(text, _stress(letters, i, stressed, len(pieces))) for i, text in enumerate(pieces))


def _pieces(word: str, plain: str) -> list[str]:
    key = plain.replace("'", "")
    if key in SPLITS:
        lengths = [len(part) for part in SPLITS[key].split("-")]
        if "'" not in plain:
            cuts = [sum(lengths[:i]) for i in range(len(lengths) + 1)]
            return [word[a:b] for a, b in itertools.pairwise(cuts)]
    nuclei = _nuclei(plain)
    cuts = [0, *(_cut(plain, a, b) for a, b in itertools.pairwise(nuclei)), len(word)]
    return [word[a:b] for a, b in itertools.pairwise(cuts)]


def _nuclei(plain: str) -> list[tuple[int, int]]:
    """Spans of the vowel groups that sound."""
    spans = [match.span() for match in re.finditer(r"[aeiouy]+", plain)]
    if plain.startswith("y") and spans and spans[0] == (0, 1) and len(spans) > 1:
        spans = spans[1:]
    spans = [piece for span in spans for piece in _hiatus(plain, span)]
    if len(spans) > 1 and _silent_ending(plain, spans[-1]):
        spans.pop()
    return spans or [(0, len(plain))]


def _hiatus(plain: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Split a group that holds two vowels: li-on, cre-ate, ru-in, be-ing."""
    start, end = span
    group, before, after = plain[start:end], plain[:start], plain[end:]
    ion = group in ("io", "ia", "iou") and before.endswith(("t", "s", "c", "g", "x")) and len(before) > 1
    splits = group in ("ia", "io", "iou", "eo", "ua", "uou", "ui", "ya", "yi", "oi", "iu") and not ion
    if group in ("ui", "oi", "ua"):
        splits = (group == "ui" and after.startswith("n")) or (group == "oi" and after == "ng")
        splits = splits or (group == "ua" and not before.endswith(("q", "g")))
    if group in ("ei", "ayi", "eyi", "oyi", "owi", "uyi") and after == "ng":
        return [(start, end - 1), (end - 1, end)]
    if group == "eo" and before.endswith("p"):
        return [span]
    return [(start, start + 1), (start + 1, end)] if splits else [span]


def _silent_ending(plain: str, last: tuple[int, int]) -> bool:
    tail = plain[last[0] :]
    before = plain[last[0] - 1]
    if tail == "e":
        return not (before == "l" and plain[last[0] - 2] not in "aeiouylrw")
    if tail == "ed":
        return before not in "td"
    if tail == "es":
        return before not in "sxzcg" and not plain.endswith(("ches", "shes"))
    # Endings that hide a silent e inside the word: some-times, love-ly are in the lexicon.
    return False


def _cut(plain: str, left: tuple[int, int], right: tuple[int, int]) -> int:
    """Where the consonants between two vowels part: as many as English allows go to the right."""
    cluster = plain[left[1] : right[0]]
    if len(cluster) <= 1 or cluster in ONSETS:
        return left[1]
    for size in (3, 2):
        if len(cluster) > size and cluster[-size:] in ONSETS:
            return right[0] - size
    return right[0] - 1


def _accented(word: str, pieces: list[str]) -> int | None:
    """A written acute shows the stress (corazón); Café, too."""
    for index, piece in enumerate(pieces):
        if any("ACUTE" in unicodedata.name(char, "") for char in piece):
            return index
    return None


def _stressed_index(plain: str, count: int, accented: int | None) -> int:
    if count == 1:
        return 0
    if accented is not None:
        return accented
    if plain in FINAL_STRESS or plain.endswith(SELF_STRESSED):
        return count - 1
    if plain in SECOND_STRESS:
        return 1
    for suffix in PULLING:
        if plain.endswith(suffix):
            return max(0, count - 1 - len(_nuclei(suffix)))
    if count == 2:
        return 0
    if plain.startswith(WEAK_PREFIXES) and len(_nuclei(plain)[:1]) and _weak_start(plain):
        return 1
    return 0 if count == 3 else 1


def _weak_start(plain: str) -> bool:
    return any(plain.startswith(prefix) and len(plain) > len(prefix) + 4 for prefix in WEAK_PREFIXES)


def _stress(plain: str, index: int, stressed: int, count: int) -> float:
    if count == 1:
        return FUNCTION_WORDS.get(plain, 0.8)
    if index == stressed:
        return 1.0
    return 0.4 if abs(index - stressed) == 2 else 0.1


def _foreign(piece: str) -> list[Syllable]:
    """Count what cannot be read: each ideograph or kana is a syllable, else vowels, else half the letters."""
    units = [char for char in piece if unicodedata.category(char)[0] in "LN"]
    wide = [char for char in units if unicodedata.east_asian_width(char) in "WF"]
    if wide:
        # What stands between them rides on the next one, what follows the last on that.
        texts = re.findall(f"[^{''.join(wide)}]*[{''.join(wide)}]", piece)
        texts[-1] += piece[sum(map(len, texts)) :]
        return [Syllable(text, 0.6) for text in texts]
    count = sum(fold(char) in OTHER_VOWELS or fold(char) in VOWELS for char in units)
    count = max(1, min(MAX_SYLLABLES, count or math.ceil(len(units) / 2)))
    step = len(piece) / count
    texts = [piece[round(i * step) : round((i + 1) * step)] for i in range(count)]
    strong = max(0, count - 2)
    return [Syllable(text, 0.9 if index == strong else 0.3) for index, text in enumerate(texts)]
