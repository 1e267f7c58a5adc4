"""Concat: takes one after another, or an extension put back behind the song it goes on from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine.edits.desk import (
    IsCancelled,
    OnStage,
    Result,
    deliver,
    facts_of,
    source_of,
)
from studio.engine.edits.exports import timeline
from studio.engine.edits.grid import WORD_PARTS, song_end_s
from studio.engine.edits.splice import Audio, fade_in, fitted
from studio.engine.edits.surgery import joined, piece, scaled
from studio.engine.edits.timing import before, chained, later
from studio.engine.fx import spread
from studio.engine.master import blocks_of
from studio.engine.mastering import GAIN_BLOCK
from studio.engine.perform import LEAD_IN_S, Performance
from studio.engine.score import STEMS, Score
from studio.engine.spec import SAMPLE_RATE_HZ, Song, SpecError
from studio.engine.stages import Progress
from studio.engine.takes import StoredTake, hidden_folder

MOST_PARTS = 8
RING_S = 1.6


@dataclass(frozen=True)
class _Join:
    """How a take goes on behind the audio so far: the sample at which it begins, and where and over how many
    samples the one before it fades away."""

    start: int
    fade_start: int = 0
    fade_samples: int = 0


@dataclass(frozen=True)
class _Sofar:
    """The song up to and with the last take: its score and performance, and where that take begins in it."""

    score: Score
    timing: Performance
    last: StoredTake
    origin: int = 0
    base_beats: float = 0.0


def concat(
    sources: Sequence[Path],
    out: Path,
    *,
    title: str = "",
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """Takes joined on their bar lines, as they were mastered.

    A take made by `extend(only_added=True)` goes behind its source exactly where it was cut: the result
    equals the whole extension. Others begin on the bar line where the one before ends, over its last chord
    dying away. Outside the joints every part keeps its samples. Raises SpecError, Cancelled.
    """
    if not 2 <= len(sources) <= MOST_PARTS:
        raise SpecError(f"Choose 2 to {MOST_PARTS} songs to join; these are {len(sources)}.")
    takes = [source_of(Path(source), Path(out)) for source in sources]
    progress = Progress(on_stage, is_cancelled)
    progress.enter("composing")
    sofar = _Sofar(takes[0].score, timing_of(takes[0]), takes[0])
    joins = [_Join(0)]
    for take in takes[1:]:
        facts = facts_of(take.folder)
        sofar, join = (
            _rejoined(sofar, take, facts) if _continues(facts, sofar.last) else _appended(sofar, take)
        )
        joins.append(join)
    score = replace(sofar.score, title=title or sofar.score.title)
    facts = {
        "operation": "concat",
        "sources": [str(Path(source).resolve()) for source in sources],
        "starts_samples": [join.start for join in joins],
    }
    with hidden_folder(Path(out)) as work:
        result = replace(_result(takes, joins, score, sofar.timing), facts=facts)
        return deliver(result, Path(out), work, progress)


def timing_of(take: StoredTake) -> Performance:
    """The take's performance, its words from its own timeline."""
    return replace(take.performance, words=timeline(take.folder))


def _continues(facts: dict[str, Any], take: StoredTake) -> bool:
    return bool(facts.get("only_added")) and Path(str(facts.get("source"))) == take.folder.resolve()


def _rejoined(sofar: _Sofar, take: StoredTake, facts: dict[str, Any]) -> tuple[_Sofar, _Join]:
    """An extension behind the song it was made for."""
    cut, first = sofar.base_beats + float(facts["cut_beat"]), sofar.base_beats + float(facts["first_beat"])
    seam, length = int(facts["seam_sample"]), int(facts["seam_samples"])
    origin = sofar.origin + int(facts["offset_samples"])
    kept = piece(sofar.score, 0.0, cut)
    whole = joined(kept, piece(take.score, cut - first, take.score.length_beats))
    words = sum(len(line.words) for line in kept.vocals if line.part in WORD_PARTS)
    begun = before(sofar.timing, (sofar.origin + seam + length) / SAMPLE_RATE_HZ, words)
    timing = chained(begun, later(timing_of(take), origin / SAMPLE_RATE_HZ))
    return _Sofar(whole, timing, take, origin, first), _Join(origin, sofar.origin + seam, length)


def _appended(sofar: _Sofar, take: StoredTake) -> tuple[_Sofar, _Join]:
    """A song behind a song: its first bar line is the other's last."""
    end_s = song_end_s(sofar.last.score)
    start = sofar.origin + round((end_s - LEAD_IN_S) * SAMPLE_RATE_HZ)
    origin_s = start / SAMPLE_RATE_HZ
    words = len(sofar.timing.words)
    kept = before(sofar.timing, origin_s + LEAD_IN_S, words)
    timing = chained(kept, later(timing_of(take), origin_s))
    score, base = _counted_on(sofar.score, take.score, origin_s)
    return _Sofar(score, timing, take, start, base), _Join(start, start, round(RING_S * SAMPLE_RATE_HZ))


def _counted_on(first: Score, second: Score, origin_s: float) -> tuple[Score, float]:
    """The second score behind the first, in the first one's beats, so that seconds stay what they are."""
    factor = first.bpm / second.bpm
    beats = origin_s * first.bpm / 60.0
    # What the first song slowed down at its end is a pause before the second one's first bar line.
    pause = beats - first.length_beats
    last = first.sections[-1]
    longer = replace(last, length_beats=last.length_beats + pause)
    first = replace(first, sections=(*first.sections[:-1], longer))
    remark: tuple[str, ...] = ()
    if abs(factor - 1.0) > 1e-6 or first.meter != second.meter:
        remark = (
            f"“{second.title}” is in {second.meter} at {second.bpm:g} bpm; the score counts it in the beats "
            f"of “{first.title}”, {first.bpm:g} a minute.",
        )
    whole = joined(first, scaled(second, factor))
    return replace(whole, ritardando=second.ritardando, remarks=(*whole.remarks, *remark)), beats


def _result(takes: Sequence[StoredTake], joins: Sequence[_Join], score: Score, timing: Performance) -> Result:
    audio = _laid(takes, joins, StoredTake.audio)
    samples = audio.shape[-1]
    names = tuple(name for name in STEMS if any(name in take.stem_names() for take in takes))

    def stem(name: str) -> Audio:
        return _laid(takes, joins, lambda take: _stem(take, name))

    gain = _laid(takes, joins, lambda take: _gain(take))
    centres = np.minimum(np.arange(blocks_of(samples)) * GAIN_BLOCK + GAIN_BLOCK // 2, samples - 1)
    mastering = replace(takes[0].mastering, gain=np.ascontiguousarray(gain[0, centres]))
    timing = replace(timing, duration_s=round(samples / SAMPLE_RATE_HZ, 3))
    return Result(score, timing, audio, mastering, stem, names)


def _stem(take: StoredTake, name: str) -> Audio:
    samples = take.audio().shape[-1]
    return (
        fitted(take.stem(name), samples) if name in take.stem_names() else np.zeros((2, samples), np.float32)
    )


def _gain(take: StoredTake) -> Audio:
    samples = take.audio().shape[-1]
    return np.asarray(spread(take.mastering.gain, samples, GAIN_BLOCK), np.float32)[None]


def _laid(takes: Sequence[StoredTake], joins: Sequence[_Join], of: Callable[[StoredTake], Audio]) -> Audio:
    """The parts on one time line, each fading where the next one begins. Linear, so stems sum to the mix."""
    out: Audio | None = None
    for number, (take, join) in enumerate(zip(takes, joins, strict=True)):
        part = of(take)
        if number + 1 < len(joins):
            part = _ending(part, joins[number + 1], join.start)
        samples = join.start + part.shape[-1]
        out = np.zeros((part.shape[0], samples), np.float32) if out is None else out
        if out.shape[-1] < samples:
            out = fitted(out, samples)
        out[:, join.start : samples] += part
    assert out is not None
    return out


def _ending(part: Audio, following: _Join, start: int) -> Audio:
    """A part up to where the next one takes over, its last samples fading."""
    first = following.fade_start - start
    part = fitted(part, min(part.shape[-1], first + following.fade_samples)).copy()
    weight = np.float32(1.0) - fade_in(following.fade_samples)
    part[:, first:] *= weight[: part.shape[-1] - first]
    return part
