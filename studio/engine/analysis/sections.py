"""The form of a recording: where something new begins, and which parts are alike."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.chroma import between, fold
from studio.engine.analysis.onsets import RATE_HZ, Onsets

Floats = NDArray[np.float64]
Span = tuple[str, float, float]
SHORTEST_BARS = 4
LONGEST_BARS = 32
HARMONY_COLUMNS = 24
# Bars on each side, weight, and the first column compared: a single bar's chords say nothing of form.
KERNELS = ((1, 1.0, HARMONY_COLUMNS), (2, 1.0, HARMONY_COLUMNS), (4, 0.6, 0))
ALIKE = 0.55
NOVEL = 1.0  # times the usual, what a change must have to begin a section


def find_sections(onsets: Onsets, notes: Floats, bars_s: Floats, end_s: float) -> tuple[Span, ...]:
    """(label, start_s, end_s) on bar lines. The labels say which parts are alike and how loud they are:
    Chorus is the loudest that returns, Verse another; they are guesses by sound, not by words."""
    if len(bars_s) < 2 * SHORTEST_BARS:
        return (("Song", 0.0, round(end_s, 3)),)
    edges = np.append(bars_s, 2 * bars_s[-1] - bars_s[-2])
    features, level = _features(onsets, notes, edges)
    limits = _limits(_novelty(features), len(bars_s))
    means = np.stack([features[a:b].mean(axis=0) for a, b in itertools.pairwise(limits)])
    loud = np.array([level[a:b].mean() for a, b in itertools.pairwise(limits)])
    starts = [0.0, *(float(edges[i]) for i in limits[1:-1])]
    names = _names(_families(means), loud)
    ends = [*starts[1:], end_s]
    return tuple((n, round(a, 3), round(b, 3)) for n, a, b in zip(names, starts, ends, strict=True))


def _features(onsets: Onsets, notes: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Per bar: chroma, level and liveliness of low and high sounds, each block scaled alike."""
    treble, bass = fold(between(notes, edges))
    steps = np.clip((edges * RATE_HZ).astype(int), 0, len(onsets.full) - 1)
    bounds = list(zip(steps[:-1].tolist(), np.maximum(steps[1:], steps[:-1] + 1).tolist(), strict=True))
    level = np.array([20 * np.log10(np.sqrt((onsets.level[a:b] ** 2).mean()) + 1e-6) for a, b in bounds])
    low = np.array([onsets.low[a:b].mean() for a, b in bounds])
    high = np.array([onsets.high[a:b].mean() for a, b in bounds])
    spread = np.stack([_scaled(level) * 1.6, _scaled(low), _scaled(high)], axis=1)
    harmony = np.hstack([_unit(treble), 0.6 * _unit(bass)])
    return np.hstack([harmony * 1.2, spread]), level


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9))


def _scaled(values: Floats) -> Floats:
    return np.asarray(np.clip((values - np.median(values)) / (values.std() + 1e-6), -2.5, 2.5) / 2)


def _novelty(features: Floats) -> Floats:
    """How far the bars from each bar line on are from the bars before it, by kernels of one, two and four
    bars, in units of what is usual here: sudden and lasting changes rank before gradual ones."""
    count = len(features)
    out = np.zeros(count)
    for size, weight, columns in KERNELS:
        part = features[:, columns:]
        for i in range(1, count):
            k = min(size, i, count - i)
            gap = part[i : i + k].mean(axis=0) - part[i - k : i].mean(axis=0)
            out[i] += weight * float(np.linalg.norm(gap)) * k / size
    inner = out[1:]
    return np.asarray(out / (np.median(inner) + 0.5 * inner.std() + 1e-9))


def _limits(novelty: Floats, count: int) -> list[int]:
    """Bar numbers where sections begin, with both ends: the choice with most novelty, sections of four or
    eight bars being likelier than of three or seven."""
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    back = np.zeros(count + 1, int)
    for end in range(1, count + 1):
        gain = (novelty[end] - NOVEL) if end < count else 0.0
        for start in range(max(0, end - LONGEST_BARS), end):
            score = best[start] + gain + _length_bonus(end - start, is_edge=start == 0 or end == count)
            if score > best[end]:
                best[end], back[end] = score, start
    limits = [count]
    while limits[-1]:
        limits.append(int(back[limits[-1]]))
    return limits[::-1]


def _length_bonus(bars: int, *, is_edge: bool) -> float:
    if bars % 4 == 0:
        return 0.35 if bars <= 16 else 0.0
    if bars % 2 == 0:
        return 0.0 if bars > 2 else -0.5
    return -0.1 if is_edge and bars > 2 else -0.8


def _families(means: Floats) -> list[int]:
    """The same number for sections that sound alike."""
    families: list[int] = []
    for i, own in enumerate(means):
        gaps = [float(np.linalg.norm(own - means[j])) for j in range(i)]
        nearest = int(np.argmin(gaps)) if gaps else -1
        families.append(families[nearest] if gaps and gaps[nearest] < ALIKE else len(set(families)))
    return families


def _names(families: list[int], loud: Floats) -> list[str]:
    """Song words for the families: the loudest that returns (or is just loudest) is the chorus."""
    levels = {f: float(np.mean([loud[i] for i in range(len(loud)) if families[i] == f])) for f in families}
    inner = families[1:-1] if len(families) > 3 else families
    returning = [f for f in set(inner) if inner.count(f) > 1] or list(set(inner))
    chorus = max(returning, key=lambda f: levels[f])
    names: list[str] = []
    count: dict[str, int] = {}
    for i, family in enumerate(families):
        if i == 0 and len(families) > 2 and family != chorus:
            name = "Intro"
        elif i == len(families) - 1 and len(families) > 2 and family != chorus:
            name = "Outro"
        elif family == chorus:
            name = "Chorus"
        else:
            name = "Verse" if families.count(family) > 1 or i < len(families) / 2 else "Bridge"
        count[name] = count.get(name, 0) + 1
        names.append(f"{name} {count[name]}" if name == "Verse" else name)
    return names
