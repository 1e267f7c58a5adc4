"""The tune in a mix: the pitch that stands out in its middle, and how likely it is that somebody sings it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

Floats = NDArray[np.float32]
LOWEST_HZ, HIGHEST_HZ = 80.0, 1000.0
STEPS = 60  # to the octave
PITCHES = LOWEST_HZ * 2 ** (np.arange(round(np.log2(HIGHEST_HZ / LOWEST_HZ) * STEPS) + 1) / STEPS)
HARMONICS, FADE = 14, 0.87
BETWEEN = 0.3  # what sounds between the harmonics speaks against a pitch
USUAL_HZ, UNUSUAL_COST = 260.0, 0.15  # per octave squared, in standard deviations
NEAREST = 6  # steps that a voice moves between frames without a leap
LEAP_COST, MOVE_COST = 3.0, 0.035
LOBE_HZ = 28.0
COMB_HZ = 30.0  # half width of a harmonic at the bottom
COMB_SHARE = 0.012  # and what it gains with its frequency, for slides and vibrato


@dataclass(frozen=True)
class Tune:
    """For every frame the pitch in hertz, its salience, and its lead over the pitches elsewhere, both in
    standard deviations of all saliences."""

    hz: Floats
    salience: Floats
    lead: Floats


def comb(lines: int, line_hz: float) -> Floats:
    """What every line says for every pitch, (lines, len(PITCHES)); a column sums to nearly nothing."""
    ratio = np.arange(1, lines + 1)[:, None] * line_hz / PITCHES[None]
    number = np.maximum(1, np.round(ratio))
    off = np.abs(ratio - number) * PITCHES[None]  # hertz from the nearest harmonic
    on = np.clip(1 - off / LOBE_HZ, 0.0, None) * FADE ** (number - 1) * (number <= HARMONICS)
    half = np.floor(ratio) + 0.5
    gap = np.abs(ratio - half) * PITCHES[None]
    under = np.clip(1 - gap / LOBE_HZ, 0.0, None) * FADE ** (half - 0.5) * (half < HARMONICS)
    on /= on.sum(axis=0)
    under /= under.sum(axis=0)
    return np.asarray(on - BETWEEN * under, np.float32)


def follow(saliences: Floats) -> Tune:
    """The likeliest path through saliences of (frames, len(PITCHES)), by Viterbi."""
    unusual = UNUSUAL_COST * saliences.std() * np.log2(PITCHES / USUAL_HZ) ** 2
    saliences = np.asarray(saliences - unusual, np.float32)
    level = saliences.std(axis=1, keepdims=True) + 1e-6
    scaled = saliences / level * 0.3
    path = _path(scaled)
    rows = np.arange(len(path))
    own = saliences[rows, path]
    others = saliences.copy()
    for shift in range(-STEPS // 6, STEPS // 6 + 1):
        others[rows, np.clip(path + shift, 0, len(PITCHES) - 1)] = -1e9
    unit = float(saliences.std()) + 1e-6
    lead = own - others.max(axis=1)
    return Tune(
        PITCHES[path].astype(np.float32), (own / unit).astype(np.float32), (lead / unit).astype(np.float32)
    )


def _path(scores: Floats) -> NDArray[np.int64]:
    count, states = scores.shape
    back = np.zeros((count, states), np.int16)
    best = scores[0].copy()
    width = 2 * NEAREST + 1
    costs = (MOVE_COST * np.abs(np.arange(width) - NEAREST)).astype(np.float32)
    places = np.arange(states)
    for i in range(1, count):
        padded = np.pad(best, NEAREST, constant_values=-1e9)
        near = np.lib.stride_tricks.sliding_window_view(padded, width) - costs
        step = near.argmax(axis=1)
        moved = near[places, step]
        top = int(best.argmax())
        leaps = best[top] - LEAP_COST > moved
        back[i] = np.where(leaps, top, places + step - NEAREST)
        best = np.where(leaps, best[top] - LEAP_COST, moved) + scores[i]
    path = np.zeros(count, np.int64)
    path[-1] = int(best.argmax())
    for i in range(count - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def harmonic_share(hz: Floats, lines: int, line_hz: float) -> Floats:
    """0..1 for (frames, lines): how near a line lies to a harmonic of the frame's pitch."""
    at = np.arange(1, lines + 1, dtype=np.float32)[None] * np.float32(line_hz)
    ratio = at / hz[:, None]
    number = np.maximum(1.0, np.round(ratio))
    off = np.abs(ratio - number) * hz[:, None]
    wide = np.minimum(COMB_HZ + COMB_SHARE * at, 0.5 * hz[:, None])
    return np.asarray(np.exp(-1.4 * (off / wide) ** 2), np.float32)


def unrest(hz: Floats) -> Floats:
    """How much the pitch moves within a fifth of a second, in semitones up to two: voices hardly rest."""
    pitch = 12 * np.log2(hz)
    mean = uniform_filter1d(pitch, 9, mode="nearest")
    spread = np.sqrt(np.maximum(0.0, uniform_filter1d((pitch - mean) ** 2, 9, mode="nearest")))
    return np.asarray(np.minimum(2.0, spread), np.float32)


def widened(likely: Floats, frames: int) -> Floats:
    """The largest value within so many frames to either side."""
    return np.asarray(maximum_filter1d(likely, 2 * frames + 1, mode="nearest"), np.float32)
