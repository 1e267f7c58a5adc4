"""The shape of a song: which sections in which order, how many bars, how full."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from studio.engine.chance import dice
from studio.engine.compose.form import ENERGY, RING_S, Block, bar_seconds
from studio.engine.compose.packing import silent_block, sung_blocks
from studio.engine.compose.played import fitted_tempo, played_form, stretch, trimmed
from studio.engine.lyrics.parse import LyricSection
from studio.engine.spec import MAX_DURATION_S
from studio.engine.tags import Brief


def frame(brief: Brief, blocks: list[Block], rng: Random) -> list[Block]:
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


def plan_form(brief: Brief, sections: list[LyricSection], remarks: list[str]) -> tuple[list[Block], float]:
    """The blocks and the final tempo in bpm. Words that cannot be sung in the longest song are left out and
    named in `remarks`."""
    rng = dice(brief.seed, "form")
    if any(section.lines for section in sections):
        brief, blocks = sung_blocks(brief, sections, rng, remarks)
        blocks = trimmed(brief, frame(brief, blocks, rng))
    else:
        blocks = _marked(brief, sections, rng) if len(sections) > 1 else []
        blocks = blocks or played_form(brief)
    blocks = stretch(brief, blocks)
    return _with_energy(blocks), fitted_tempo(brief, blocks)


def _marked(brief: Brief, sections: list[LyricSection], rng: Random) -> list[Block]:
    """The sections that marks without words ask for, in order, as many as the wanted length has room for;
    none when that is less than two."""
    room = round(((brief.duration_s or MAX_DURATION_S) - RING_S) / bar_seconds(brief))
    marked: list[Block] = []
    for section in sections:
        block = silent_block(brief, section)
        if sum(item.bars for item in marked) + block.bars > room:
            break
        marked.append(block)
    return trimmed(brief, frame(brief, marked, rng)) if len(marked) > 1 else []


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
