"""Lyrics to blocks: as relaxed as the asked duration allows, as tight as the longest song demands."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from random import Random

from studio.engine.compose.form import (
    RING_S,
    SHORTEST_SYLLABLE_S,
    SILENT_BARS,
    Block,
    Phrase,
    bar_seconds,
    shortest_gap_beats,
)
from studio.engine.compose.lines import Breath, breaths_of, syllable_count
from studio.engine.compose.played import played_phrases
from studio.engine.lyrics.parse import LyricSection, LyricWord
from studio.engine.spec import MAX_DURATION_S
from studio.engine.tags import Brief

RAP_RATE = 4.4
LONGEST_SUNG_S = MAX_DURATION_S - RING_S - 4.0
PAUSE_SIGNS = (",", ";", ":", ".", "!", "?", "–", "—", "…")


@dataclass(frozen=True)
class Packing:
    """How tightly words are set: lines to a breath, most syllables of a breath, pace against the style's
    own, tempo against the brief's. A `patter` has a syllable on every sixteenth, in whatever number of bars
    that takes."""

    group: int
    limit: int
    pace: float
    tempo: float = 1.0
    is_patter: bool = False


# From relaxed to breathless; the first that fits is taken.
PACKINGS = (
    Packing(1, 16, 1.0), Packing(1, 16, 1.35), Packing(1, 18, 1.8), Packing(1, 20, 2.4),
    Packing(2, 22, 1.8), Packing(2, 26, 2.4, 1.05), Packing(4, 30, 3.0, 1.1), Packing(4, 32, 4.0, 1.3, True),
    Packing(32, 40, 9.0, 1.6, True), Packing(32, 44, 9.0, 2.4, True),
)  # fmt: skip
UNGROUPED = 4  # as many of them keep one line to a breath
PATTER_BPM = 124.0  # where a sixteenth is as short as a syllable may be
MERGED_LINES = 32
TAILLESS_S = 25.0


def capacity(brief: Brief, bars: int, *, is_patter: bool = False) -> int:
    """Most syllables of a phrase of so many bars, with a little air at its end."""
    if is_patter:
        swing = brief.card.swing if brief.meter != "6/8" else 0.0
        return int((bars * bar_seconds(brief) - 0.2) * (1.0 - swing) / (SHORTEST_SYLLABLE_S + 0.004))
    return int((bars * brief.bar_beats - 0.5) / shortest_gap_beats(brief))


def sung_blocks(
    brief: Brief, sections: list[LyricSection], rng: Random, remarks: list[str]
) -> tuple[Brief, list[Block]]:
    """The blocks of the words, packed as loosely as the asked or the longest duration allows. The brief comes
    back faster when the words need it."""
    target_s = min(LONGEST_SUNG_S, (brief.duration_s or LONGEST_SUNG_S) - RING_S)
    chances = [rng.random() for _ in sections]
    chosen, blocks = brief, []
    for number, packing in enumerate(PACKINGS):
        chosen = _hurried(brief, packing)
        mine = _merged(sections) if packing.group >= 32 else sections
        blocks = [
            _section_block(chosen, section, packing, chance)
            for section, chance in zip(mine, chances, strict=False)
        ]
        total_s = sum(block.bars for block in blocks) * bar_seconds(chosen)
        # Beyond the asked length lines are hurried, but no two of them are run together.
        if total_s <= LONGEST_SUNG_S and (total_s <= target_s * 1.06 or number + 1 >= UNGROUPED):
            break
    else:
        blocks = _cut(chosen, blocks, remarks)
    if packing.group > 1:
        remarks.append(f"The lyrics are long, so up to {packing.group} lines share one phrase.")
    if chosen.bpm > brief.bpm + 0.5 and brief.duration_s is None:
        remarks.append(f"The lyrics are long, so the tempo rises from {brief.bpm:g} to {chosen.bpm:g} bpm.")
    return chosen, blocks


def _hurried(brief: Brief, packing: Packing) -> Brief:
    """Faster, but a patter no faster than its sixteenths can be sung."""
    bpm = brief.bpm * packing.tempo
    if packing.tempo > 1.0 and brief.is_tempo_named and not packing.is_patter:
        bpm = brief.bpm
    if packing.is_patter:
        bpm = min(bpm, PATTER_BPM)
    return replace(brief, bpm=max(brief.bpm, round(bpm, 1)))


def _merged(sections: list[LyricSection]) -> list[LyricSection]:
    """Short sections share a block, when there are hundreds of them."""
    out: list[LyricSection] = []
    for section in sections:
        if (
            out
            and out[-1].lines
            and section.lines
            and len(out[-1].lines) + len(section.lines) <= MERGED_LINES
        ):
            out[-1] = LyricSection(out[-1].kind, out[-1].name, [*out[-1].lines, *section.lines])
        else:
            out.append(section)
    return out


def _cut(brief: Brief, blocks: list[Block], remarks: list[str]) -> list[Block]:
    """Keep what can be sung in the longest song and say what is left out."""
    room = int(LONGEST_SUNG_S / bar_seconds(brief)) - 2
    kept: list[Block] = []
    left: list[LyricWord] = []
    for block in blocks:
        phrases: list[Phrase] = []
        bars = 0
        for phrase in block.phrases:
            if left or bars + phrase.bars > room:
                left += [*phrase.words, *(word for _, words in phrase.adlibs for word in words)]
            else:
                phrases.append(phrase)
                bars += phrase.bars
        if phrases or (not block.phrases and block.bars <= room and not left):
            bars = bars if block.phrases else block.bars
            kept.append(replace(block, bars=bars, phrases=tuple(phrases)))
            room -= bars
    if left:
        first = " ".join(left[0].text.split())[:40]
        remarks.append(
            f"Sung at full pace the lyrics last longer than {MAX_DURATION_S / 60:.0f} minutes: the last "
            f'{len(left)} words, from "{first}" on, are left unsung. Split them into a second song.'
        )
    return kept


def _section_block(brief: Brief, section: LyricSection, packing: Packing, chance: float) -> Block:
    if not section.lines:
        return silent_block(brief, section)
    breaths = breaths_of(section.lines, packing.group, packing.limit)
    bars = (
        1 if packing.is_patter else _phrase_bars(brief, [_load(breath) for breath in breaths], packing.pace)
    )
    phrases = tuple(_sung_phrase(brief, breath, bars, packing) for breath in breaths)
    total = sum(phrase.bars for phrase in phrases)
    is_short = packing.pace > 1.5 or (brief.duration_s or MAX_DURATION_S) < TAILLESS_S
    tail = 0 if is_short else -total % 4 if total >= 4 and chance < 0.5 else -total % 2
    return Block(
        section.kind, section.name, max(1, total + tail), 0.0, "sung", phrases,
        fingerprint=section.fingerprint,
    )  # fmt: skip


def _load(breath: Breath) -> int:
    """Syllables that need time of their own: the lead's, and bracketed ones that the lead waits for."""
    inside = sum(syllable_count(words) for at, words in breath.adlibs if at < len(breath.words))
    return syllable_count(breath.words) + inside


def silent_block(brief: Brief, section: LyricSection) -> Block:
    """A mark without words: an instrument has the tune, or nobody."""
    bars = SILENT_BARS.get(section.kind, 8)
    lead = "none" if section.kind in ("intro", "outro", "break") else "played"
    phrases = played_phrases(brief, section.kind, bars, len(section.name)) if lead == "played" else ()
    return Block(section.kind, section.name, bars, 0.0, lead, phrases)


def _phrase_bars(brief: Brief, counts: list[int], pace: float) -> int:
    """1, 2 or 4 bars a phrase: the length whose pace is nearest to the style's own."""
    typical = sorted(counts)[len(counts) // 2]
    rate = (max(RAP_RATE, brief.card.syllable_rate) if brief.is_rap else brief.card.syllable_rate) * pace

    def distance(bars: int) -> float:
        # About seven tenths of a phrase are sung, the rest is breath.
        crowded = 50.0 if typical > capacity(brief, bars) else 0.0
        # Four bars to a line drag, unless the style sings slowly.
        drawn = 0.3 if bars == 4 and rate > 2.3 else 0.0
        return abs(math.log(typical / (bars * bar_seconds(brief) * 0.72) / rate)) + crowded + drawn

    return min((1, 2, 4), key=distance)


def _sung_phrase(brief: Brief, breath: Breath, bars: int, packing: Packing) -> Phrase:
    stresses = tuple(syllable.stress for word in breath.words for syllable in word.syllables)
    ends = tuple(i == len(word.syllables) - 1 for word in breath.words for i in range(len(word.syllables)))
    answered = {at - 1 for at, _ in breath.adlibs}
    pauses = tuple(
        end and (word.text.rstrip().endswith(PAUSE_SIGNS) or number in answered)
        for number, word in enumerate(breath.words)
        for end in (i == len(word.syllables) - 1 for i in range(len(word.syllables)))
    )
    if breath.part == "adlib":
        # A call of the backing voices is short, so that the lead goes on soon.
        bars = max(1, bars // 2)
    while _load(breath) > capacity(brief, bars, is_patter=packing.is_patter):
        bars += 1 if packing.is_patter else bars
    return Phrase(breath.words, stresses, bars, ends, breath.adlibs, breath.part, pauses)
