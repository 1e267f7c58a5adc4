"""Bars: how many beats they have and which beat is the first, from bass, accents and changing harmony."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.chroma import between, fold
from studio.engine.analysis.onsets import Onsets, at

Floats = NDArray[np.float64]
CHANGE, LOW, FULL, BASS = 1.0, 0.6, 0.15, 0.35
OFF_BEAT = 0.35  # what the half beat must be better by
METERS = ((4, 0.15), (3, 0.0))


@dataclass(frozen=True)
class Bars:
    """`first` is the index of the first downbeat in `beats_s`, a bar has `beats` of them. `confidence`
    0..1."""

    beats: int
    first: int
    beats_s: Floats
    confidence: float

    @property
    def downbeats_s(self) -> Floats:
        return self.beats_s[self.first :: self.beats]


def find_bars(onsets: Onsets, notes: Floats, beats_s: Floats) -> Bars:
    """Bars over the beats, and the beats moved by half when the off-beat carries the harmony and the
    bass."""
    best: tuple[float, Bars] | None = None
    for shift in (0.0, 0.5):
        beats = _shifted(beats_s, shift)
        if len(beats) < 8:
            continue
        accents = _accents(onsets, notes, beats)
        for score, bars in _candidates(accents, beats):
            score -= OFF_BEAT if shift else 0.0
            if best is None or score > best[0]:
                best = (score, bars)
    return best[1] if best else Bars(4, 0, beats_s, 0.0)


def _shifted(beats_s: Floats, share: float) -> Floats:
    if not share:
        return beats_s
    moved = (beats_s[:-1] + beats_s[1:]) / 2
    lead = moved[0] - (beats_s[1] - beats_s[0])
    return np.concatenate([[lead], moved]) if lead > 0 else moved


def _accents(onsets: Onsets, notes: Floats, beats_s: Floats) -> Floats:
    """How much each beat looks like the first of a bar, not normalised."""
    period = float(np.median(np.diff(beats_s)))
    edges = np.concatenate([beats_s, [beats_s[-1] + period]])
    treble, bass = fold(between(notes, edges))
    change = _change(treble)
    low = at(onsets.low, beats_s)
    full = at(onsets.full, beats_s)
    return (
        CHANGE * _scaled(change) + BASS * _scaled(_change(bass)) + LOW * _scaled(low) + FULL * _scaled(full)
    )


def _change(chroma: Floats) -> Floats:
    """1 - cosine between the two beats before and the two from here on."""
    two = chroma[:-1] + chroma[1:]
    unit = two / (np.linalg.norm(two, axis=1, keepdims=True) + 1e-9)
    out = np.zeros(len(chroma))
    out[2 : len(unit)] = 1 - (unit[2:] * unit[:-2]).sum(axis=1)
    return out


def _scaled(values: Floats) -> Floats:
    return np.asarray(np.clip((values - values.mean()) / (values.std() + 1e-9), -2.0, 3.0))


def _candidates(accents: Floats, beats_s: Floats) -> list[tuple[float, Bars]]:
    out = []
    for beats, favour in METERS:
        sums = np.array([accents[first::beats].mean() for first in range(beats)])
        order = np.argsort(sums)
        first = int(order[-1])
        lead = float(sums[first] - sums[order[-2]])
        contrast = float(sums[first] - np.delete(sums, first).mean())
        out.append((contrast + favour, Bars(beats, first, beats_s, round(min(1.0, lead / 1.5), 3))))
    return out
