"""Sections without words: instrumental songs, and what fills a song up to the asked length."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from studio.engine.chance import dice
from studio.engine.compose.form import RING_S, SILENT_BARS, Block, Phrase, bar_seconds
from studio.engine.spec import MAX_DURATION_S
from studio.engine.tags import Brief

USUAL_INSTRUMENTAL_S = 96.0
WISHES = (
    "chorus", "verse", "chorus", "bridge", "chorus", "solo", "verse", "chorus", "break", "chorus",
)  # fmt: skip
# What is added to a song that is too short, in this order; a reprise plays the chorus without words.
ADDITIONS = ("solo", "reprise", "bridge", "reprise", "break", "solo", "reprise", "interlude")
SHORT_SONG_S = 45.0


def wanted_bars(brief: Brief) -> int:
    return max(2, round(((brief.duration_s or USUAL_INSTRUMENTAL_S) - RING_S) / bar_seconds(brief)))


def played_phrases(brief: Brief, kind: str, bars: int, salt: int) -> tuple[Phrase, ...]:
    """Wordless phrases for an instrument: a few stress patterns, answered in pairs like lines of a verse."""
    rng = dice(brief.seed, "played", kind, salt)
    length = 2 if bar_seconds(brief) > 1.6 else 4
    length = min(length, bars)
    pace = min(3.4, brief.card.syllable_rate) * rng.uniform(0.75, 1.2)
    count = max(3, min(16, round(pace * length * bar_seconds(brief) * 0.72)))
    shapes = [_stress_shape(rng, max(3, count + rng.choice((-2, -1, 0, 1, 2)))) for _ in range(3)]
    order = rng.choice(((0, 1, 0, 1), (0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 0, 2)))
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


def played_form(brief: Brief) -> list[Block]:
    """A song form as long as the target asks."""
    bars = wanted_bars(brief)
    if bars < 12:
        return _sketch(brief, bars)
    size = 8 if bars >= 28 else 4
    kinds = ["intro", "verse", "outro"]
    for wish in WISHES * 12:
        if sum(min(size, SILENT_BARS.get(kind, size)) for kind in kinds) + size > bars:
            break
        kinds.insert(-1, wish)
    counts: dict[str, int] = {}
    blocks = []
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
        blocks.append(_played_block(brief, kind, counts[kind], min(size, SILENT_BARS.get(kind, size))))
    return trimmed(brief, blocks)


def _sketch(brief: Brief, bars: int) -> list[Block]:
    """A few seconds: the hook, with a bar to come in and one to end when there is time."""
    intro = 1 if bars >= 5 else 0
    hook = max(1, bars - 1 - intro)
    blocks = [Block("intro", "Intro", intro, 0.0, "none")] if intro else []
    if hook >= 8:
        blocks.append(_played_block(brief, "verse", 1, hook - 4))
        hook = 4
    blocks.append(_played_block(brief, "chorus", 1, hook))
    return [*blocks, Block("outro", "Outro", 1, 0.0, "none")]


def _played_block(brief: Brief, kind: str, number: int, bars: int) -> Block:
    names = {"verse": f"Verse {number}", "solo": "Solo"}
    lead = "none" if kind in ("intro", "outro", "break") else "played"
    # Salt 0: every verse shares its phrases with the others, as sung verses do.
    phrases = played_phrases(brief, kind, bars, 0) if lead == "played" else ()
    return Block(kind, names.get(kind, kind.title()), bars, 0.0, lead, phrases, fingerprint=(kind,))


def trimmed(brief: Brief, blocks: list[Block]) -> list[Block]:
    """Drop what nobody sings, cheapest first, while the song is longer than asked."""
    asked_s = brief.duration_s or MAX_DURATION_S
    wanted = max(2, round((asked_s - RING_S) / bar_seconds(brief)))
    for kind, least in (("interlude", 0), ("outro", 1), ("intro", 1), ("intro", 0)):
        for index, block in enumerate(blocks):
            spare = sum(item.bars for item in blocks) - wanted
            if spare > 0 and block.kind == kind and block.lead == "none":
                blocks[index] = replace(block, bars=max(least, block.bars - spare))
    return [block for block in blocks if block.bars]


def stretch(brief: Brief, blocks: list[Block]) -> list[Block]:
    """Reach for the asked duration: solos, the chorus played by the band, a bridge, breaks; words are never
    repeated."""
    if brief.duration_s is None:
        return blocks
    wanted = wanted_bars(brief)
    blocks = list(blocks)
    rng = dice(brief.seed, "stretch")
    for added in range(200):
        gap = wanted - sum(block.bars for block in blocks)
        if gap < 2:
            break
        kind = ADDITIONS[added % len(ADDITIONS)] if gap >= 6 else "interlude"
        extra = _addition(brief, kind, blocks, gap, added)
        if extra is not None:
            blocks.insert(_place_for(blocks, extra, added, rng), extra)
    return blocks


def _addition(brief: Brief, kind: str, blocks: list[Block], gap: int, salt: int) -> Block | None:
    if kind == "reprise":
        return _reprise(blocks, gap)
    size = 8 if bar_seconds(brief) < 3.2 else 4
    bars = min(gap if gap < 4 else gap - gap % 2, min(size, SILENT_BARS.get(kind, size)))
    is_played = kind != "break" and bars >= 2
    phrases = played_phrases(brief, kind, bars, salt) if is_played else ()
    return Block(kind, kind.title(), bars, 0.0, "played" if phrases else "none", phrases)


def _reprise(blocks: list[Block], gap: int) -> Block | None:
    """The chorus (else the first sung section) on an instrument, as many of its phrases as there is room
    for."""
    model = next((block for block in blocks if block.kind == "chorus" and block.phrases), None)
    if model is None:
        return None
    phrases: list[Phrase] = []
    bars = 0
    for phrase in model.phrases:
        if bars + phrase.bars > gap:
            break
        phrases.append(replace(phrase, words=(), adlibs=(), part="lead"))
        bars += phrase.bars
    if not phrases:
        return None
    return replace(model, name="Chorus Reprise", bars=bars, lead="played", phrases=tuple(phrases))


def _place_for(blocks: list[Block], extra: Block, added: int, rng: Random) -> int:
    """The first solo stands in the middle, after a chorus that something follows; the rest lead to the
    end."""
    end = len(blocks) - 1 if len(blocks) > 1 and blocks[-1].kind == "outro" else len(blocks)
    choruses = [i + 1 for i, block in enumerate(blocks[:end]) if block.kind == "chorus"]
    if extra.kind == "interlude" or (added == 0 and len(choruses) > 1):
        spots = [spot for spot in choruses if spot < end] or [end]
        return rng.choice(spots)
    return end


def fitted_tempo(brief: Brief, blocks: list[Block]) -> float:
    """A little faster or slower, if that brings the song to the asked length and nobody named a tempo."""
    if brief.duration_s is None or brief.is_tempo_named:
        return brief.bpm
    total_s = sum(block.bars for block in blocks) * bar_seconds(brief)
    reach = 0.16 if brief.duration_s < SHORT_SONG_S else 0.08
    ratio = total_s / max(1.0, brief.duration_s - RING_S)
    return round(brief.bpm * min(1 + reach, max(1 - reach, ratio)), 1)
