"""New words over given bars and chords: which section takes which lines, and their tune."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from studio.engine.chance import dice
from studio.engine.compose.form import Block, Phrase, shortest_gap_beats
from studio.engine.compose.lines import Breath, breaths_of, syllable_count
from studio.engine.compose.vocal import BREATH_BEATS, Melody, MelodyWriter, _Draft, _Place
from studio.engine.edits.grid import PICKUP_BEATS
from studio.engine.lyrics.parse import LyricSection
from studio.engine.persona import Persona
from studio.engine.score import Chord, Score, Section, VocalLine
from studio.engine.spec import SpecError
from studio.engine.tags import Brief

GROUPS = ((1, 16), (1, 22), (2, 24), (4, 32), (8, 40))
NOT_FOR_WORDS = ("intro", "outro", "break")
PLAYED = ("interlude", "solo")
SUNG_SHARE = 0.72


def phrases_in(brief: Brief, section: LyricSection, bars: int) -> tuple[Phrase, ...]:
    """The section's lines as phrases that fill at most `bars` bars; empty when they do not fit."""
    rate = brief.card.syllable_rate
    bar_s = brief.bar_beats * 60.0 / brief.bpm
    for group, limit in GROUPS:
        breaths = breaths_of(section.lines, group, limit)
        typical = sorted(syllable_count(breath.words) for breath in breaths)[len(breaths) * 2 // 3]
        fitting = [
            length
            for length in (1, 2, 4)
            if length * len(breaths) <= bars
            and all(syllable_count(breath.words) <= capacity(brief, length) for breath in breaths)
        ]
        if fitting:
            pace = {n: abs(math.log(max(1, typical) / (n * bar_s * SUNG_SHARE) / rate)) for n in fitting}
            best = min(fitting, key=pace.__getitem__)
            return tuple(_phrase(breath, best) for breath in breaths)
    return ()


def capacity(brief: Brief, bars: int) -> int:
    """Most syllables of a phrase of so many bars, with a little air at its end."""
    return int((bars * brief.bar_beats - 0.5) / shortest_gap_beats(brief))


def _phrase(breath: Breath, bars: int) -> Phrase:
    stresses = tuple(syllable.stress for word in breath.words for syllable in word.syllables)
    ends = tuple(i == len(word.syllables) - 1 for word in breath.words for i in range(len(word.syllables)))
    return Phrase(breath.words, stresses, bars, ends, breath.adlibs, breath.part)


def blocks_for(brief: Brief, words: Sequence[LyricSection], sections: Sequence[Section]) -> list[Block]:
    """A block for each of the given sections, holding the lines it takes.

    Sections of lyrics go to sections of music in order, alike kinds together where the bars allow; several
    may share one. Raises SpecError, with the figures, when there are too many words.
    """
    sung = [section for section in words if section.lines]
    places = _assigned(brief, sung, sections)
    blocks = []
    for index, section in enumerate(sections):
        bars = round(section.length_beats / brief.bar_beats)
        mine = [text for text, place in zip(sung, places, strict=True) if place == index]
        phrases: tuple[Phrase, ...] = ()
        if mine:
            merged = LyricSection(section.kind, section.name, [line for text in mine for line in text.lines])
            phrases = phrases_in(brief, merged, bars)
            print_ = merged.fingerprint
        blocks.append(
            Block(
                section.kind, section.name, bars, section.energy, "sung" if phrases else "none", phrases,
                fingerprint=print_ if mine else (),
            )
        )  # fmt: skip
    return blocks


def _assigned(brief: Brief, words: Sequence[LyricSection], sections: Sequence[Section]) -> list[int]:
    """For each section of lyrics the index of the section of music, never going back."""
    bars = [round(section.length_beats / brief.bar_beats) for section in sections]

    @cache
    def fits(first: int, last: int, place: int) -> bool:
        lines = [line for text in words[first : last + 1] for line in text.lines]
        return bool(phrases_in(brief, LyricSection("verse", "", lines), bars[place]))

    @cache
    def best(first: int, place: int) -> tuple[float, tuple[int, ...]]:
        """Least cost of setting the lyrics from `first` on into the sections from `place` on."""
        if first == len(words):
            return 0.0, ()
        if place == len(sections):
            return math.inf, ()
        options = []
        for last in range(first, len(words)):
            if not fits(first, last, place):
                break
            rest, tail = best(last + 1, place + 1)
            here = sum(_mismatch(text, sections[place]) for text in words[first : last + 1]) + 1.5 * (
                last - first
            )
            options.append((here + rest, (*[place] * (last - first + 1), *tail)))
        # Passing a section by comes last, so that words begin as early as they can.
        options.append(best(first, place + 1))
        return min(options, key=lambda option: option[0])

    cost, places = best(0, 0)
    if math.isinf(cost):
        syllables = sum(syllable_count(line.words) for text in words for line in text.lines)
        total = sum(bars)
        seconds, room = total * brief.bar_beats * 60 / brief.bpm, int(capacity(brief, 1) * total * 0.7)
        raise SpecError(
            f"{syllables} syllables in {len(words)} sections do not fit into these {total} bars "
            f"({seconds:.0f} s), which hold about {room}. Shorten the lyrics, or choose a longer window."
        )
    return list(places)


def _mismatch(text: LyricSection, section: Section) -> float:
    if text.kind == section.kind:
        return 0.0
    if section.kind in NOT_FOR_WORDS:
        return 3.0
    return 1.6 if section.kind in PLAYED else 1.0


class TuneWriter(MelodyWriter):
    """Writes a tune into a song that has one already and remembers how its sections go."""

    def __init__(
        self,
        brief: Brief,
        sections: tuple[Section, ...],
        chords: tuple[Chord, ...],
        persona: Persona | None,
        memory: Score | None = None,
        *,
        may_repeat: bool = True,
    ) -> None:
        super().__init__(brief, sections, chords, persona)
        self._sung_until: float | None = None
        if memory is not None:
            start = sections[0].start_beat
            ends = [line.notes[-1].start_beat for line in memory.vocals if line.notes[0].start_beat < start]
            self._sung_until = max(ends, default=None)
            self._remember(memory, may_repeat, sections[0].tonic)

    def _room_before(self, beat: float) -> float:
        """A pickup may not begin before the line that stays in front of it is over."""
        room = super()._room_before(beat)
        return room if self._sung_until is None else min(room, beat - self._sung_until - BREATH_BEATS)

    def _onsets(self, phrase: Phrase, draft: _Draft, fresh: _Draft, place: _Place) -> list[float]:
        """A remembered rhythm is used where the line has as many bars as it had."""
        known = draft.rhythms[place.number] if place.number < len(draft.rhythms) else []
        if known and known[-1] > phrase.bars * self.brief.bar_beats - 0.5:
            place = replace(place, is_repeat=False)
        return super()._onsets(phrase, draft, fresh, place)

    def _remember(self, score: Score, may_repeat: bool, tonic: int) -> None:
        """The first section of every kind as its lines were sung; with `may_repeat`, equal words come back
        note for note."""
        fresh, self.brief = self.brief, replace(self.brief, seed=score.seed)
        for index, section in enumerate(score.sections):
            lines = [line for line in score.vocals if line.section == index and line.part == "lead"]
            if not lines or section.kind in self.drafts:
                continue
            block = Block(section.kind, section.name, 0, section.energy, "sung")
            model = self._new_draft(block)
            lift = (section.tonic - tonic + 6) % 12 - 6
            words = _fingerprint(score, index) if may_repeat else ()
            self.drafts[section.kind] = _Draft(
                model.feel,
                model.contours,
                model.pairing,
                rhythms=[_onsets(line, score.bar_beats) for line in lines],
                stresses=[tuple(s.stress for word in line.words for s in word.syllables) for line in lines],
                pitches=[
                    [s.notes[0].pitch - lift for word in line.words for s in word.syllables] for line in lines
                ],
                fingerprint=words,
            )
        self.brief = fresh


def _onsets(line: VocalLine, bar_beats: float) -> list[float]:
    starts = [syllable.notes[0].start_beat for word in line.words for syllable in word.syllables]
    bar_line = math.floor((starts[0] + PICKUP_BEATS) / bar_beats) * bar_beats
    return [start - bar_line for start in starts]


def _fingerprint(score: Score, index: int) -> tuple[str, ...]:
    return tuple(
        s.text.casefold()
        for line in score.vocals
        if line.section == index and line.part in ("lead", "adlib")
        for word in line.words
        for s in word.syllables
    )


def write_tune(
    brief: Brief,
    blocks: list[Block],
    sections: tuple[Section, ...],
    chords: tuple[Chord, ...],
    persona: Persona | None,
    memory: Score | None = None,
    *,
    may_repeat: bool = True,
) -> Melody:
    """The tune of the blocks over the chords; like the tune of `memory` where kinds of section recur."""
    if not any(block.phrases for block in blocks):
        return Melody()
    return TuneWriter(brief, sections, chords, persona, memory, may_repeat=may_repeat).write(blocks)


def fresh_seed(score: Score, seed: int, *labels: object) -> int:
    """A seed for what is made anew, different for every song, edit and take."""
    return dice(score.seed, "edit", seed, *labels).getrandbits(48)
