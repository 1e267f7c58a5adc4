"""Lyrics with times: from a provider's alignment to sections, lines and words, and out as LRC and SRT.

An alignment is a list of tokens in singing order. A token may carry line breaks, blank lines and section
marks ("[Verse]\\nStars "), a word may be split over several tokens, and times may overlap or run backwards.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

SRT_LINE_MIN_S = 0.8  # a shorter caption cannot be read
_PARTS = re.compile(r"(\n|\[[^\[\]]*\])")
_FIRST_CJK = 0x2E80  # from here on words stand without spaces


class AlignedToken(Protocol):
    """What is needed of an alignment item, however its sender calls the type."""

    @property
    def word(self) -> str: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


@dataclass(frozen=True)
class TimedWord:
    """A sung word or part of one. `is_joined`: it continues the word before, without a space."""

    text: str
    start_s: float
    end_s: float
    is_joined: bool = False


@dataclass(frozen=True)
class TimedLine:
    """A line of lyrics; never empty."""

    words: tuple[TimedWord, ...]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return max(word.end_s for word in self.words)

    @property
    def text(self) -> str:
        return "".join(("" if word.is_joined else " ") + word.text for word in self.words).strip()


@dataclass(frozen=True)
class TimedSection:
    """Lines under one mark. `label` is the mark's text without brackets, empty before the first mark."""

    label: str
    lines: tuple[TimedLine, ...]


def sections(tokens: Iterable[AlignedToken]) -> tuple[TimedSection, ...]:
    """Group an alignment. Words get times that never run backwards; sections without words are left out."""
    tokens = [token for token in tokens if token.word]
    builder = _Builder(has_spaces=any(token.word != token.word.strip(" ") for token in tokens))
    for token in _with_whole_marks(tokens):
        for text, start_s, end_s in _parts(token):
            builder.take(text, start_s, end_s)
    return builder.finished()


def lines(found: Iterable[TimedSection]) -> list[TimedLine]:
    """All lines of all sections in order."""
    return [line for section in found for line in section.lines]


def _with_whole_marks(tokens: Sequence[AlignedToken]) -> Iterable[TimedWord]:
    """Tokens with marks such as "[Verse " + "1]" put together again."""
    held: TimedWord | None = None
    for token in tokens:
        text, start_s = token.word, token.start_s
        if held is not None:
            text, start_s = held.text + text, held.start_s
        held = TimedWord(text, start_s, token.end_s)
        if text.rfind("[") <= text.rfind("]"):
            yield held
            held = None
    if held is not None:  # a bracket that never closes is sung text
        yield TimedWord(held.text.replace("[", ""), held.start_s, held.end_s)


def _parts(token: TimedWord) -> Iterable[tuple[str, float, float]]:
    """A token's line breaks, marks and words; the words share its time by their length."""
    texts = [text for text in _PARTS.split(token.text) if text]
    sung = [0 if _PARTS.fullmatch(text) else len(text.strip()) for text in texts]
    total = sum(sung) or 1
    length_s = max(token.end_s - token.start_s, 0.0)
    at_s = token.start_s
    for text, share in zip(texts, sung, strict=True):
        end_s = at_s + length_s * share / total
        yield text, at_s, end_s
        at_s = end_s


class _Builder:
    def __init__(self, has_spaces: bool) -> None:
        self._has_spaces = has_spaces
        self._sections: list[TimedSection] = []
        self._label = ""
        self._lines: list[TimedLine] = []
        self._words: list[TimedWord] = []
        self._is_open = False  # the text so far ends inside a word
        self._last_s = 0.0

    def take(self, text: str, start_s: float, end_s: float) -> None:
        if text == "\n":
            self._end_line()
        elif text.startswith("[") and text.endswith("]"):
            self._end_section()
            self._label = text[1:-1].strip()
        elif text.strip():
            self._add_word(text, start_s, end_s)
        else:
            self._is_open = False

    def _add_word(self, text: str, start_s: float, end_s: float) -> None:
        start_s = max(start_s, self._last_s)
        is_joined = bool(self._words) and self._is_open and not text.startswith(" ")
        self._words.append(TimedWord(text.strip(), start_s, max(end_s, start_s), is_joined))
        self._last_s = start_s
        self._is_open = not text.endswith(" ") and (self._has_spaces or ord(text.strip()[-1]) >= _FIRST_CJK)

    def _end_line(self) -> None:
        self._is_open = False
        if self._words:
            self._lines.append(TimedLine(tuple(self._words)))
        self._words = []

    def _end_section(self) -> None:
        self._end_line()
        if self._lines:
            self._sections.append(TimedSection(self._label, tuple(self._lines)))
        self._lines = []

    def finished(self) -> tuple[TimedSection, ...]:
        self._end_section()
        return tuple(self._sections)


def to_lrc(found: Iterable[TimedSection], *, title: str = "", with_words: bool = False) -> str:
    """LRC text: "[mm:ss.cc]line". `with_words` adds the "<mm:ss.cc>" word times of enhanced LRC."""
    head = [f"[ti:{_one_line(title)}]"] if title else []
    body = [f"[{_lrc_time(line.start_s)}]{_lrc_line(line, with_words)}" for line in lines(found)]
    return "".join(row + "\n" for row in head + body)


def _lrc_line(line: TimedLine, with_words: bool) -> str:
    if not with_words:
        return _one_line(line.text)
    shown = (
        f"{'' if word.is_joined else ' '}<{_lrc_time(word.start_s)}>{_one_line(word.text)}"
        for word in line.words
    )
    return "".join(shown).strip()


def to_srt(found: Iterable[TimedSection]) -> str:
    """SRT text, one numbered caption for each line, none overlapping the next."""
    all_lines = lines(found)
    cues = []
    for number, (line, after) in enumerate(itertools.zip_longest(all_lines, all_lines[1:]), start=1):
        end_s = max(line.end_s, line.start_s + SRT_LINE_MIN_S)
        if after is not None:
            end_s = min(end_s, after.start_s)
        end_s = max(end_s, line.start_s + 0.001)  # two lines at the same instant still need an end
        cues.append(f"{number}\n{_srt_time(line.start_s)} --> {_srt_time(end_s)}\n{_one_line(line.text)}\n")
    return "\n".join(cues)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lrc_time(at_s: float) -> str:
    """mm:ss.cc, minutes going on past 99."""
    centiseconds = round(max(at_s, 0) * 100)
    return f"{centiseconds // 6000:02}:{centiseconds // 100 % 60:02}.{centiseconds % 100:02}"


def _srt_time(at_s: float) -> str:
    """hh:mm:ss,mmm."""
    at_ms = round(max(at_s, 0) * 1000)
    return f"{at_ms // 3_600_000:02}:{at_ms // 60_000 % 60:02}:{at_ms // 1000 % 60:02},{at_ms % 1000:03}"
