"""What is heard of the words: normalisation, word error, and whether the timeline tells the truth."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from studio.engine.score import Score
from studio.engine.spec import TimedWord

# Spellings of one and the same spoken words. Words that merely sound alike are not forgiven.
SPELLINGS = {
    "gonna": "going to", "gunna": "going to", "wanna": "want to", "gotta": "got to", "kinda": "kind of",
    "cause": "because",
    "em": "them", "til": "till", "until": "till", "ok": "okay", "ooh": "oh", "oooh": "oh", "ohh": "oh",
    "o": "oh",     "uh": "oh", "ah": "oh", "mama": "momma", "mum": "mom", "alright": "all right",
    "anymore": "any more",
    "forever": "for ever", "everyday": "every day", "someday": "some day", "neighbour": "neighbor",
    "neighbours": "neighbors", "harbour": "harbor", "colour": "color", "colours": "colors", "grey": "gray",
    "favourite": "favorite", "honour": "honor", "labour": "labor", "theatre": "theater", "centre": "center",
    "travelling": "traveling", "goodbye": "good bye", "lamplight": "lamp light",
    "grandmother": "grand mother",
    "cannot": "can not", "wo": "will", "ca": "can", "shan": "shall", "mr": "mister", "mrs": "missus",
}  # fmt: skip
CONTRACTIONS = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"\b(i|you|he|she|it|we|they|that|there|who)'d\b"), r"\1 would"),
    (re.compile(r"\b(he|she|it|that|there|here|what|who|where|how)'s\b"), r"\1 is"),
    (re.compile(r"in'(?=\s|$)"), "ing"),
)
UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIRECTION = re.compile(r"\[[^\[\]]*\]")


def spoken_words(text: str) -> list[str]:
    """Text as plain spoken words: lower case, no punctuation, numbers and contractions written out."""
    plain = unicodedata.normalize("NFKD", _DIRECTION.sub(" ", text)).casefold().replace("’", "'")
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    for pattern, full in CONTRACTIONS:
        plain = pattern.sub(full, plain)
    plain = re.sub(
        r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", plain.replace("&", " and ").replace("%", " percent ")
    )
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    words = re.findall(r"\d+|[^\W\d_]+", plain.replace("'", ""))
    spelled = [part for word in words for part in (_number(int(word)) if word.isdecimal() else [word])]
    return [part for word in spelled for part in SPELLINGS.get(word, word).split()]


def _number(value: int) -> list[str]:
    if value < 20:
        return [UNITS[value]]
    if value < 100:
        return [TENS[value // 10 - 2], *([UNITS[value % 10]] if value % 10 else [])]
    if value < 1000:
        return [UNITS[value // 100], "hundred", *(_number(value % 100) if value % 100 else [])]
    if 1100 <= value < 2000 and value % 100:
        return [*_number(value // 100), *_number(value % 100)]
    if value < 1_000_000:
        return [*_number(value // 1000), "thousand", *(_number(value % 1000) if value % 1000 else [])]
    return [UNITS[int(digit)] for digit in str(value)]


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest substitutions, insertions and deletions from one list of words to another (Levenshtein).

    Two words written as one, on either side, are the same words: "mountain side" is "mountainside".
    """
    before: list[int] = []
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        last, row, older = row, [number], before
        for column, other in enumerate(heard, 1):
            fewest = min(last[column] + 1, row[-1] + 1, last[column - 1] + (word != other))
            if column > 1 and heard[column - 2] + other == word:
                fewest = min(fewest, last[column - 2])
            if number > 1 and said[number - 2] + word == other:
                fewest = min(fewest, older[column - 1])
            row.append(fewest)
        before = last
    return row[-1]


def word_error(said: str, heard: str) -> float:
    """Word error rate of what was heard, normalised on both sides; 0.0 when nothing was said or heard."""
    wanted, got = spoken_words(said), spoken_words(heard)
    if not wanted:
        return 1.0 if got else 0.0
    return word_errors(wanted, got) / len(wanted)


def timeline_faults(score: Score, words: Sequence[TimedWord], duration_s: float) -> list[str]:
    """What is wrong with a timeline, as sentences; empty when each word of the lyrics stands in it once, in
    order, with a time of its own inside the song."""
    faults = []
    if words and _letters("".join(word.text for word in words)) != _letters(score.lyrics):
        faults.append("the words joined are not the lyrics")
    sung = [word.text for line in score.vocals if line.part in ("lead", "adlib") for word in line.words]
    if sung != [word.text for word in words]:
        faults.append(f"{len(sung)} words in the score, {len(words)} in the timeline, or in another order")
    faults += [
        f"{word.text.strip()!r} lies outside the song or backwards"
        for word in words
        if not 0.0 <= word.start_s < word.end_s <= duration_s + 0.01
    ]
    lead_line = [
        line.part == "lead" for line in score.vocals if line.part in ("lead", "adlib") for _ in line.words
    ]
    lead = [word for word, is_lead in zip(words, lead_line, strict=False) if is_lead]
    faults += [
        f"{b.text.strip()!r} begins before {a.text.strip()!r}"
        for a, b in pairwise(lead)
        if b.start_s < a.start_s
    ]
    return faults


def _letters(text: str) -> str:
    """Text without its white space, which scripts without spaces may have been cut at."""
    return "".join(text.split())
