"""The shape of a song: which sections in which order, how many bars, how full."""

import math
from dataclasses import dataclass, field, replace
from random import Random

from studio.engine.chance import dice
from studio.engine.lyrics.parse import LyricLine, LyricSection, LyricWord
from studio.engine.spec import SpecError
from studio.engine.tags import Brief

LONGEST_SONG_S = 600.0
MAX_PHRASE_SYLLABLES = 16
ENERGY = {
    "intro": 0.32, "verse": 0.46, "pre": 0.62, "chorus": 0.88, "post": 0.8, "bridge": 0.5,
    "solo": 0.76, "break": 0.3, "outro": 0.42, "interlude": 0.6,
}  # fmt: skip
SILENT_BARS = {"intro": 4, "solo": 8, "break": 4, "outro": 4, "interlude": 4}


@dataclass(frozen=True)
class Phrase:
    """One breath of the tune: words when it is sung, only syllable stresses when it is played."""

    words: tuple[LyricWord, ...]
    stresses: tuple[float, ...]
    bars: int
    word_ends: tuple[bool, ...]


@dataclass(frozen=True)
class Block:
    """A section before it has notes. `lead` is sung, played or none; `twin` names the block whose tune
    it repeats. `tail_bars` follow the last phrase."""

    kind: str
    name: str
    bars: int
    energy: float
    lead: str
    phrases: tuple[Phrase, ...] = ()
    sung_from: int = 0
    fingerprint: tuple[str, ...] = field(default=(), repr=False)


def plan_form(brief: Brief, sections: list[LyricSection], remarks: list[str]) -> tuple[list[Block], float]:
    """The blocks and the final tempo in bpm. Raises SpecError when the words need more than ten minutes."""
    rng = dice(brief.seed, "form")
    if any(section.lines for section in sections):
        blocks = _sung_form(brief, sections, rng, remarks)
    else:
        blocks = _played_form(brief, sections, rng)
    blocks = _stretch(brief, blocks, rng)
    return _with_energy(blocks), _fitted_tempo(brief, blocks)


def bar_seconds(brief: Brief) -> float:
    return brief.bar_beats * 60.0 / brief.bpm


def _sung_form(brief: Brief, sections: list[LyricSection], rng: Random, remarks: list[str]) -> list[Block]:
    group = 1
    while True:
        blocks = [_section_block(brief, section, group, rng) for section in sections]
        if sum(block.bars for block in blocks) * bar_seconds(brief) <= LONGEST_SONG_S * 0.9:
            break
        group *= 2
        if group > 8:
            minutes = math.ceil(sum(block.bars for block in blocks) * bar_seconds(brief) / 60)
            raise SpecError(
                f"These lyrics would take about {minutes} minutes to perform; the engine plays up to "
                f"{LONGEST_SONG_S / 60:.0f}. Shorten the lyrics or split them into two songs."
            )
    if group > 1:
        remarks.append(f"The lyrics are long, so up to {group} lines share one phrase.")
    return _frame(brief, blocks, rng)


def _section_block(brief: Brief, section: LyricSection, group: int, rng: Random) -> Block:
    if not section.lines:
        kind = section.kind
        bars = SILENT_BARS.get(kind, 8)
        lead = "none" if kind in ("intro", "outro", "break") else "played"
        phrases = played_phrases(brief, kind, bars, len(section.name)) if lead == "played" else ()
        return Block(kind, section.name, bars, 0.0, lead, phrases)
    lines = _grouped(section.lines, group)
    parts = [part for line in lines for part in _split(line.words)]
    bars = _phrase_bars(brief, [sum(len(word.syllables) for word in part) for part in parts])
    phrases = tuple(_sung_phrase(part, bars) for part in parts)
    total = bars * len(phrases)
    tail = -total % 2 if total < 4 else -total % 4 if rng.random() < 0.5 else -total % 2
    return Block(
        section.kind,
        section.name,
        max(2, total + tail),
        0.0,
        "sung",
        phrases,
        fingerprint=section.fingerprint,
    )


def _grouped(lines: list[LyricLine], group: int) -> list[LyricLine]:
    """Two, four or eight short lines to a phrase, when a long text would last for ever."""
    if group == 1:
        return lines
    return [
        LyricLine(tuple(word for line in lines[i : i + group] for word in line.words))
        for i in range(0, len(lines), group)
    ]


def _split(words: tuple[LyricWord, ...]) -> list[tuple[LyricWord, ...]]:
    """Cut a long line into phrases of about equal length, never inside a word."""
    total = sum(len(word.syllables) for word in words)
    pieces = math.ceil(total / MAX_PHRASE_SYLLABLES)
    parts: list[list[LyricWord]] = [[]]
    sung = 0
    for word in words:
        if parts[-1] and sung >= total * len(parts) / pieces:
            parts.append([])
        parts[-1].append(word)
        sung += len(word.syllables)
    return [tuple(part) for part in parts]


def _phrase_bars(brief: Brief, counts: list[int]) -> int:
    """1, 2 or 4 bars a phrase: the length whose pace is nearest to the style's own."""
    typical = sorted(counts)[len(counts) * 2 // 3]
    rate = brief.card.syllable_rate

    def distance(bars: int) -> float:
        # About seven tenths of a phrase are sung, the rest is breath.
        return abs(math.log(typical / (bars * bar_seconds(brief) * 0.72) / rate))

    return min((1, 2, 4), key=distance)


def _sung_phrase(words: tuple[LyricWord, ...], bars: int) -> Phrase:
    stresses = tuple(syllable.stress for word in words for syllable in word.syllables)
    ends = tuple(i == len(word.syllables) - 1 for word in words for i in range(len(word.syllables)))
    return Phrase(words, stresses, bars, ends)


def played_phrases(brief: Brief, kind: str, bars: int, salt: int) -> tuple[Phrase, ...]:
    """Wordless phrases for an instrument: a few stress patterns, answered in pairs like lines of a verse."""
    rng = dice(brief.seed, "played", kind, salt)
    length = 2 if bar_seconds(brief) > 1.6 else 4
    length = min(length, bars)
    pace = brief.card.syllable_rate * rng.uniform(0.75, 1.15)
    count = max(3, min(14, round(pace * length * bar_seconds(brief) * 0.72)))
    shapes = [_stress_shape(rng, max(3, count + rng.choice((-2, -1, 0, 1)))) for _ in range(2)]
    order = rng.choice(((0, 1, 0, 1), (0, 0, 1, 0), (0, 0, 0, 1)))
    return tuple(
        Phrase((), shapes[order[i % 4]], length, _word_ends(shapes[order[i % 4]]))
        for i in range(bars // length)
    )


def _stress_shape(rng: Random, count: int) -> tuple[float, ...]:
    stresses: list[float] = []
    while len(stresses) < count:
        stresses += rng.choice(((1.0, 0.2), (0.3, 1.0), (1.0, 0.2, 0.4), (0.9,), (0.2, 0.3, 1.0)))
    return tuple(stresses[:count])


def _word_ends(stresses: tuple[float, ...]) -> tuple[bool, ...]:
    return tuple(i + 1 == len(stresses) or stresses[i + 1] > 0.5 for i in range(len(stresses)))


def _frame(brief: Brief, blocks: list[Block], rng: Random) -> list[Block]:
    """Intro, breathing space between chorus and verse, and an ending, where the lyrics ask for none."""
    intro_bars = 4 if bar_seconds(brief) < 2.6 else 2
    framed = list(blocks)
    if blocks[0].kind != "intro":
        framed.insert(0, Block("intro", "Intro", intro_bars, 0.0, "none"))
    for index in range(len(framed) - 1, 0, -1):
        if framed[index - 1].kind == "chorus" and framed[index].kind == "verse" and rng.random() < 0.6:
            framed.insert(index, Block("interlude", "Interlude", 2, 0.0, "none"))
    if blocks[-1].kind != "outro":
        framed.append(Block("outro", "Outro", intro_bars, 0.0, "none"))
    return framed


def _played_form(brief: Brief, sections: list[LyricSection], rng: Random) -> list[Block]:
    """An instrumental: the marks when there are any, else a song form as long as the target asks."""
    if len(sections) > 1:
        return _frame(brief, [_section_block(brief, section, 1, rng) for section in sections], rng)
    bars = max(8, round((brief.duration_s or 80.0) / bar_seconds(brief)))
    kinds = ["intro", "verse", "outro"]
    wishes = [
        "chorus",
        "verse",
        "chorus",
        "bridge",
        "chorus",
        "solo",
        "verse",
        "chorus",
        "break",
        "chorus",
    ] * 12
    size = 8 if bars >= 24 else 4
    for wish in wishes:
        if _bars_of(kinds, size) + size > bars:
            break
        kinds.insert(-1, wish)
    counts: dict[str, int] = {}
    blocks = []
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
        blocks.append(_played_block(brief, kind, counts[kind], size))
    return blocks


def _bars_of(kinds: list[str], size: int) -> int:
    return sum(min(size, SILENT_BARS.get(kind, size)) for kind in kinds)


def _played_block(brief: Brief, kind: str, number: int, size: int) -> Block:
    bars = min(size, SILENT_BARS.get(kind, size))
    names = {"verse": f"Verse {number}", "solo": "Solo"}
    lead = "none" if kind in ("intro", "outro", "break") else "played"
    # Salt 0: every verse shares its phrases with the others, as sung verses do.
    phrases = played_phrases(brief, kind, bars, 0) if lead == "played" else ()
    return Block(kind, names.get(kind, kind.title()), bars, 0.0, lead, phrases, fingerprint=(kind,))


def _stretch(brief: Brief, blocks: list[Block], rng: Random) -> list[Block]:
    """Reach for the asked duration with instrumental bars; words are never dropped or repeated."""
    if brief.duration_s is None:
        return blocks
    wanted = round(brief.duration_s / bar_seconds(brief))
    blocks = _shorten(blocks, wanted)
    kinds = ["solo", "interlude", "solo", "break"]
    added = 0
    while (gap := wanted - sum(block.bars for block in blocks)) >= 3:
        kind = kinds[added % len(kinds)] if gap >= 8 else "interlude"
        bars = min(gap - gap % 2, SILENT_BARS[kind])
        if bars < 2:
            break
        phrases = played_phrases(brief, kind, bars, added) if bars >= 4 and kind != "break" else ()
        extra = Block(kind, kind.title(), bars, 0.0, "played" if phrases else "none", phrases)
        blocks.insert(_place_for(blocks, added, rng), extra)
        added += 1
    return blocks


def _place_for(blocks: list[Block], added: int, rng: Random) -> int:
    """After a chorus when there is one to follow, else before the ending."""
    spots = [
        i + 1 for i, block in enumerate(blocks[:-1]) if block.kind in ("chorus", "verse", "post", "bridge")
    ]
    return spots[-1 - added % len(spots)] if spots else len(blocks) - 1


def _shorten(blocks: list[Block], wanted: int) -> list[Block]:
    """Drop what nobody sings, cheapest first, while the song is too long."""
    for kind in ("interlude", "outro", "intro"):
        for index, block in enumerate(blocks):
            if sum(item.bars for item in blocks) > wanted and block.kind == kind and block.lead == "none":
                blocks[index] = replace(block, bars=1 if kind != "interlude" else 0)
    return [block for block in blocks if block.bars]


def _fitted_tempo(brief: Brief, blocks: list[Block]) -> float:
    """Up to eight per cent faster or slower, if that brings the song to the asked length."""
    if brief.duration_s is None or f"{brief.bpm:g} bpm" in brief.tags.casefold().replace(
        "bpm", " bpm"
    ).replace("  ", " "):
        return brief.bpm
    total_s = sum(block.bars for block in blocks) * bar_seconds(brief)
    # The last chord rings on for about two seconds.
    ratio = total_s / max(1.0, brief.duration_s - 2.0)
    return round(brief.bpm * min(1.08, max(0.92, ratio)), 1)


def _with_energy(blocks: list[Block]) -> list[Block]:
    """Later verses are fuller than the first, the last chorus is the fullest."""
    seen: dict[str, int] = {}
    last_chorus = max((i for i, block in enumerate(blocks) if block.kind == "chorus"), default=-1)
    out = []
    for index, block in enumerate(blocks):
        seen[block.kind] = seen.get(block.kind, 0) + 1
        lift = 0.1 if block.kind == "verse" and seen["verse"] > 1 else 0.0
        lift += 0.1 if index == last_chorus and seen["chorus"] > 1 else 0.0
        out.append(replace(block, energy=min(1.0, ENERGY[block.kind] + lift)))
    return out
