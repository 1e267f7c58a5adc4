"""A pitch track of one dry voice: YIN (de Cheveigne and Kawahara 2002) on all frames at once.

The judge's own, apart from the tracker for uploads: finer in time, and without the smoothing that makes the
best of a bad recording, which would hide here what it should show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import median_filter
from scipy.signal import butter, resample_poly, sosfiltfilt

from studio.engine.spec import SAMPLE_RATE_HZ

RATE_HZ = SAMPLE_RATE_HZ // 2
HOP_S = 0.005
WINDOW_S = 0.024
LOWEST_HZ, HIGHEST_HZ = 65.0, 1100.0
USUAL_HZ = 220.0
# Above this, harmonics only sharpen the dips of the difference and spoil the parabola through them.
TOP_HZ = 2600.0
DIP = 0.12  # a first dip below this wins over deeper ones at longer lags
VOICED_BELOW = 0.35
QUIET_DB = -42.0  # under the loudest hundredth of the frames
FFT_SIZE = 1024
FRAMES_AT_ONCE = 4096
NEIGHBOURS = 41  # frames, 0.2 s: what an octave error is held against


@dataclass(frozen=True)
class PitchTrack:
    """`hz` at `times_s`, every 5 ms; NaN where the voice has no pitch. All of shape (frames,)."""

    times_s: NDArray[np.float64]
    hz: NDArray[np.float64]

    @property
    def voiced(self) -> NDArray[np.bool_]:
        return np.isfinite(self.hz)

    @property
    def midi(self) -> NDArray[np.float64]:
        """Pitch in semitones, 69 for 440 Hz."""
        return 69.0 + 12.0 * np.log2(self.hz / 440.0)


def track_pitch(mono: NDArray[np.float32]) -> PitchTrack:
    """The pitch of `mono`, shape (samples,) at 44.1 kHz. Fast: about a hundredth of real time."""
    wave = resample_poly(mono.astype(np.float64), 1, SAMPLE_RATE_HZ // RATE_HZ)
    window, hop = round(WINDOW_S * RATE_HZ), HOP_S * RATE_HZ
    longest = int(RATE_HZ / LOWEST_HZ) + 2
    # A lag is judged on the window and its copy one lag later: this is their middle for a usual period.
    margin = (window + round(RATE_HZ / USUAL_HZ)) // 2
    if len(wave) < 4 * window:
        return PitchTrack(np.zeros(0), np.zeros(0))
    wave = sosfiltfilt(butter(4, TOP_HZ, fs=RATE_HZ, output="sos"), wave)
    padded = np.pad(wave, (margin, window + longest))
    starts = np.round(np.arange(int(len(wave) / hop)) * hop).astype(int)
    hz, aperiodicity, power = (np.empty(len(starts)) for _ in range(3))
    for first in range(0, len(starts), FRAMES_AT_ONCE):
        part = slice(first, first + FRAMES_AT_ONCE)
        frames = padded[starts[part, None] + np.arange(window + longest)[None, :]]
        hz[part], aperiodicity[part] = _yin(frames, window, longest)
        power[part] = np.mean(frames[:, :window] ** 2, axis=1)
    loud = np.percentile(power, 99) * 10 ** (QUIET_DB / 10)
    hz[(aperiodicity > VOICED_BELOW) | (power < max(loud, 1e-10))] = np.nan
    return PitchTrack(starts / RATE_HZ, _without_octave_errors(hz))


def _yin(
    frames: NDArray[np.float64], window: int, longest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pitch and aperiodicity (0 for a perfect period) of frames of `window + longest` samples."""
    head = rfft(frames[:, :window], FFT_SIZE, axis=1)
    match = irfft(np.conj(head) * rfft(frames, FFT_SIZE, axis=1), FFT_SIZE, axis=1)[:, : longest + 1]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    spans = energy[:, window : window + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(0.0, spans[:, :1] + spans[:, : longest + 1] - 2.0 * match)
    lags = np.arange(longest + 1)
    mean = np.cumsum(difference, axis=1)
    normal = np.where(lags > 0, difference * lags / np.maximum(mean, 1e-12), 1.0)
    shortest = int(RATE_HZ / HIGHEST_HZ)
    inner = normal[:, shortest:longest]
    dips = (inner <= normal[:, shortest - 1 : longest - 1]) & (inner <= normal[:, shortest + 1 : longest + 1])
    good = dips & (inner < DIP)
    first = np.where(good.any(axis=1), good.argmax(axis=1), np.where(dips, inner, 9.0).argmin(axis=1))
    at = first + shortest
    rows = np.arange(len(frames))
    before, here, after = difference[rows, at - 1], difference[rows, at], difference[rows, at + 1]
    bend = before - 2 * here + after
    offset = np.where(bend > 1e-12, 0.5 * (before - after) / np.maximum(bend, 1e-12), 0.0)
    return RATE_HZ / (at + np.clip(offset, -0.5, 0.5)), normal[rows, at]


def _without_octave_errors(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frames an octave or a twelfth away from everything around them are folded back."""
    if not np.isfinite(hz).any():
        return hz
    octaves = np.log2(hz)
    known = np.flatnonzero(np.isfinite(octaves))
    around = median_filter(octaves[known], NEIGHBOURS, mode="nearest")
    away = octaves[known] - around
    for step in (1.0, np.log2(3.0), -1.0, -np.log2(3.0)):
        wrong = np.abs(away - step) < 0.12
        octaves[known[wrong]] -= step
    return np.asarray(2.0**octaves)
