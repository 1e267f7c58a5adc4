"""The pitch of a single voice: YIN's difference function (de Cheveigné and Kawahara 2002) for all frames at
once, several candidates for each, and the likeliest path through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from studio.engine.analysis.samples import mono, resample
from studio.engine.spec import SAMPLE_RATE_HZ

Floats = NDArray[np.float64]
RATE_HZ = 22_050
STEP_S = 0.01
LOWEST_HZ, HIGHEST_HZ = 65.0, 1100.0
WINDOW = 800  # samples that are compared, 36 ms
CANDIDATES = 5
PIECE_FRAMES = 2048
QUIET_DB = -45.0  # under the loud parts: nobody sings there
UNVOICED_COST = 0.32
RANK_COST, OCTAVE_COST = 0.08, 0.06  # for every octave below the highest candidate
LEAP_COST = 0.035  # per semitone between neighbouring frames
LONGEST_LEAP = 14.0
SWITCH_COST = 0.12


@dataclass(frozen=True)
class PitchTrack:
    """Pitch at 100 frames a second. `hz` is 0 where nothing voiced sounds, `clarity` 0..1 is how periodic
    the sound is, `level_db` its power relative to full scale."""

    times_s: Floats
    hz: Floats
    voiced: NDArray[np.bool_]
    clarity: Floats
    level_db: Floats

    @property
    def midi(self) -> Floats:
        """Pitch as fractional MIDI number, NaN where unvoiced."""
        with np.errstate(divide="ignore"):
            pitch = 69 + 12 * np.log2(self.hz / 440.0)
        return np.where(self.voiced, pitch, np.nan)


def track_pitch(audio: NDArray[np.float32]) -> PitchTrack:
    """The pitch of one voice, 65 to 1100 Hz, in float32 (samples,) or (2, samples) at 44.1 kHz.

    Made for a clean voice or solo instrument; accompaniment has to be taken away before.
    """
    wave = resample(mono(audio), SAMPLE_RATE_HZ, RATE_HZ)
    longest, shortest = int(RATE_HZ / LOWEST_HZ) + 2, int(RATE_HZ / HIGHEST_HZ) - 1
    reach = WINDOW + longest
    hop = STEP_S * RATE_HZ
    count = max(1, int(len(wave) / hop))
    padded = np.pad(wave, (reach // 2, reach + round(hop)))
    starts = np.round(np.arange(count) * hop).astype(int)
    framed = sliding_window_view(padded, reach)
    found = [
        _candidates(framed[starts[i : i + PIECE_FRAMES]], shortest, longest)
        for i in range(0, count, PIECE_FRAMES)
    ]
    lags = np.concatenate([lag for lag, _, _ in found])
    dips = np.concatenate([dip for _, dip, _ in found])
    power = np.concatenate([level for _, _, level in found])
    level_db = 10 * np.log10(power + 1e-12)
    path = _likeliest(lags, dips, level_db)
    rows = np.arange(count)
    voiced = path < CANDIDATES
    chosen = np.minimum(path, CANDIDATES - 1)
    hz = np.where(voiced, RATE_HZ / lags[rows, chosen], 0.0)
    clarity = np.where(voiced, 1 - np.clip(dips[rows, chosen], 0.0, 1.0), 0.0)
    return PitchTrack(
        np.arange(count, dtype=np.float64) * STEP_S, hz, voiced, clarity, level_db.astype(np.float64)
    )


def _candidates(frames: NDArray[np.float32], shortest: int, longest: int) -> tuple[Floats, Floats, Floats]:
    """The deepest dips of every frame's normalised difference: lags in samples, depths (0 is perfectly
    periodic), and the frames' power. Missing candidates have depth 9."""
    size = next_fast_len(frames.shape[1] + WINDOW)
    frames = frames - frames.mean(axis=1, keepdims=True)
    both = irfft(rfft(frames, size, axis=1) * np.conj(rfft(frames[:, :WINDOW], size, axis=1)), size, axis=1)
    lagged = both[:, : longest + 1].astype(np.float64)
    squares = np.cumsum(np.pad(frames.astype(np.float64) ** 2, ((0, 0), (1, 0))), axis=1)
    energy = squares[:, WINDOW : WINDOW + longest + 1] - squares[:, : longest + 1]
    difference = np.maximum(0.0, energy[:, :1] + energy - 2 * lagged)
    difference[:, 0] = 0.0
    steps = np.arange(1, longest + 1)
    normal = np.ones_like(difference)
    normal[:, 1:] = difference[:, 1:] * steps / (np.cumsum(difference[:, 1:], axis=1) + 1e-12)
    inner = normal[:, shortest:longest]
    dip = (inner < normal[:, shortest - 1 : longest - 1]) & (inner <= normal[:, shortest + 1 : longest + 1])
    depth = np.where(dip, inner, 9.0)
    # A high note dips at many multiples of its period; the first ones must not be crowded out.
    order = np.argsort(depth + RANK_COST * np.log2(np.arange(shortest, longest)), axis=1)[:, :CANDIDATES]
    rows = np.arange(len(frames))[:, None]
    index = order + shortest
    left, here, right = normal[rows, index - 1], normal[rows, index], normal[rows, index + 1]
    bend = np.maximum(1e-12, left - 2 * here + right)
    lags = index + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    found = depth[rows, order]
    true_depth = np.where(found < 9.0, here - 0.125 * (left - right) ** 2 / bend, 9.0)
    return lags, np.maximum(0.0, true_depth), energy[:, 0] / WINDOW


def _likeliest(lags: Floats, dips: Floats, level_db: Floats) -> NDArray[np.int64]:
    """The candidate of every frame, or CANDIDATES for unvoiced, by Viterbi."""
    octaves = np.log2(lags / lags.min(axis=1, keepdims=True, where=dips < 0.4, initial=lags.max()))
    voiced = np.where(dips < 1.0, dips + OCTAVE_COST * np.maximum(0.0, octaves), 9.0)
    loud = np.percentile(level_db, 95)
    quiet = level_db < max(loud + QUIET_DB, -75.0)
    costs = np.hstack([voiced + 9.0 * quiet[:, None], np.where(quiet, 0.0, UNVOICED_COST)[:, None]])
    pitch = 12 * np.log2(lags)
    best = costs[0].copy()
    back = np.zeros(costs.shape, np.int64)
    switch = np.full((CANDIDATES + 1, CANDIDATES + 1), SWITCH_COST)
    switch[-1, -1] = 0.0
    for i in range(1, len(costs)):
        leap = np.abs(pitch[i - 1][:, None] - pitch[i][None])
        switch[:-1, :-1] = LEAP_COST * np.minimum(leap, LONGEST_LEAP)
        total = best[:, None] + switch
        back[i] = total.argmin(axis=0)
        best = total[back[i], np.arange(CANDIDATES + 1)] + costs[i]
    path = np.zeros(len(costs), np.int64)
    path[-1] = int(best.argmin())
    for i in range(len(costs) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path
