"""Lyric lines to breaths: what one phrase sings, and the bracketed words that answer it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from studio.engine.lyrics.parse import LyricLine, LyricWord

ANSWER_SYLLABLES = 8  # as many bracketed syllables as fit into the gap after a line
Words = tuple[LyricWord, ...]


@dataclass(frozen=True)
class Breath:
    """The words of one phrase. `adlibs` are (how many of the words come before, bracketed words); `part` is
    "adlib" for a line that is bracketed and stands alone."""

    words: Words
    adlibs: tuple[tuple[int, Words], ...] = ()
    part: str = "lead"


def syllable_count(words: Words) -> int:
    return sum(len(word.syllables) for word in words)


def breaths_of(lines: list[LyricLine], group: int, limit: int) -> list[Breath]:
    """Breaths in the lyrics' order, `group` lines to one, none of more than `limit` syllables where words
    allow it."""
    out: list[Breath] = []
    for start in range(0, len(lines), group):
        words = tuple(word for line in lines[start : start + group] for word in line.words)
        for breath in _parted(words):
            _append(out, breath, limit)
    return out


def _parted(words: Words) -> list[Breath]:
    """A line as lead words with their ad-libs; a long aside becomes a breath of its own."""
    out: list[Breath] = []
    lead: list[LyricWord] = []
    asides: list[tuple[int, Words]] = []
    for is_adlib, run in _runs(words):
        if not is_adlib:
            lead += run
        elif lead and syllable_count(run) > ANSWER_SYLLABLES:
            out += [Breath(tuple(lead), tuple(asides)), Breath(run, part="adlib")]
            lead, asides = [], []
        else:
            asides.append((len(lead), run))
    if lead:
        out.append(Breath(tuple(lead), tuple(asides)))
    else:
        out += [Breath(run, part="adlib") for _, run in asides]
    return out


def _runs(words: Words) -> list[tuple[bool, Words]]:
    runs: list[tuple[bool, Words]] = []
    for word in words:
        if runs and runs[-1][0] == word.adlib:
            runs[-1] = (word.adlib, (*runs[-1][1], word))
        else:
            runs.append((word.adlib, (word,)))
    return runs


def _append(out: list[Breath], breath: Breath, limit: int) -> None:
    """Hang a short bracketed line on the line before it, where it does not delay the next one."""
    if breath.part == "adlib" and out and out[-1].part == "lead":
        before = out[-1]
        is_free = not before.adlibs or before.adlibs[-1][0] < len(before.words)
        if is_free and syllable_count(breath.words) <= ANSWER_SYLLABLES:
            answered = (*before.adlibs, (len(before.words), breath.words))
            out[-1] = replace(before, adlibs=answered)
            return
    out.extend(_split(breath, limit))


def _split(breath: Breath, limit: int) -> list[Breath]:
    """Cut a long line into breaths of about equal length, never inside a word."""
    loads = [len(word.syllables) for word in breath.words]
    for at, words in breath.adlibs:
        if at < len(loads):
            loads[at] += syllable_count(words)
    total = sum(loads)
    pieces = math.ceil(total / limit)
    cuts, sung = [0], 0
    for index, load in enumerate(loads):
        if index > cuts[-1] and sung >= total * len(cuts) / pieces:
            cuts.append(index)
        sung += load
    cuts.append(len(breath.words))
    out = []
    for number, (start, end) in enumerate(pairwise(cuts)):
        is_last = number == len(cuts) - 2
        mine = tuple(
            (at - start, words) for at, words in breath.adlibs if start <= at < end or (is_last and at == end)
        )
        out.append(Breath(breath.words[start:end], mine, breath.part))
    return out
