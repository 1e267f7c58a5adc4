"""Instrumentals to a plan: sections of given names and lengths, in this order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from studio.engine.compose import written
from studio.engine.compose.form import ENERGY, RING_S, Block, bar_seconds
from studio.engine.compose.harmony import place_sections
from studio.engine.compose.played import played_phrases
from studio.engine.lyrics.titles import invent_title
from studio.engine.pipeline import render_score
from studio.engine.planning import INSTRUMENTAL
from studio.engine.score import Score
from studio.engine.spec import Song, SongSpec
from studio.engine.tags import Brief, read_tags

Segment = tuple[str, float]
KINDS = {"inst": "solo"}
QUIET = ("intro", "outro")
REACH = 0.08  # by which the tempo may change so that bars end where segments do
STEPS = 16


def segment_score(spec: SongSpec, segments: Sequence[Segment]) -> Score:
    """An instrumental whose sections have these (name, seconds), each to within a bar.

    The last one's seconds include the dying away of the last chord. Deterministic in its arguments.
    """
    brief = _in_step(read_tags(replace(spec, instrumental=True)), segments)
    blocks = _blocks(brief, segments)
    title = spec.title.strip() or invent_title(spec, [], brief.card.name)
    return written(brief, blocks, place_sections(brief, blocks), title=title, text=INSTRUMENTAL)


def _in_step(brief: Brief, segments: Sequence[Segment]) -> Brief:
    """The brief at the tempo, near its own, whose bar lines fall nearest to the segments' ends."""
    if brief.is_tempo_named:
        return brief
    tempi = [round(brief.bpm * (1 + REACH * step / STEPS), 1) for step in range(-STEPS, STEPS + 1)]

    def cost(bpm: float) -> float:
        bars = [end / bar_seconds(replace(brief, bpm=bpm)) for end in _ends(segments)]
        return sum(abs(bar - round(bar)) for bar in bars) + abs(bpm / brief.bpm - 1)

    return replace(brief, bpm=min(tempi, key=cost))


def _ends(segments: Sequence[Segment]) -> list[float]:
    """Where each segment ends, in seconds; the last with room for the last chord to ring."""
    ends, at_s = [], 0.0
    for _, length_s in segments:
        at_s += length_s
        ends.append(at_s)
    return [*ends[:-1], max(ends[-1] - RING_S, ends[-2] if len(ends) > 1 else 0.0)]


def _blocks(brief: Brief, segments: Sequence[Segment]) -> list[Block]:
    blocks: list[Block] = []
    seen: dict[str, int] = {}
    bar = 0
    for (name, _), end_s in zip(segments, _ends(segments), strict=True):
        bars = max(1, round(end_s / bar_seconds(brief)) - bar)
        bar += bars
        kind = KINDS.get(name, name)
        seen[kind] = seen.get(kind, 0) + 1
        blocks.append(_block(brief, kind, seen[kind], bars))
    return blocks


def _block(brief: Brief, kind: str, number: int, bars: int) -> Block:
    lead = "none" if kind in QUIET else "played"
    phrases = played_phrases(brief, kind, bars, 0) if lead == "played" else ()
    lift = 0.1 if kind in ("verse", "chorus") and number > 1 else 0.0
    name = f"{kind.title()} {number}" if number > 1 else kind.title()
    return Block(kind, name, bars, min(1.0, ENERGY[kind] + lift), lead, phrases, fingerprint=(kind,))


def render_segments(
    spec: SongSpec,
    segments: Sequence[Segment],
    folder: Path,
    *,
    on_stage: Callable[[str, float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    on_preview: Callable[[Path, float], None] | None = None,
) -> Song:
    """Compose and render, see `segment_score` and `pipeline.render`."""
    score = segment_score(spec, segments)
    return render_score(score, folder, on_stage=on_stage, is_cancelled=is_cancelled, on_preview=on_preview)
