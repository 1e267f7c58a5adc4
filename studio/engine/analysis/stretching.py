"""Time and pitch: a phase vocoder whose bins are locked to their peaks (Laroche and Dolson 1999), with one
rotation for both sides and phases set back where something begins."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import get_window, resample_poly

from studio.engine.spec import SpecError

Audio = NDArray[np.float32]
Floats = NDArray[np.float64]
SIZE = 4096
HOP = SIZE // 4
SLOWEST, FASTEST = 0.25, 4.0
ATTACK = 0.65  # share of bins that have to grow for a beginning
GROWTH = 2.0


def stretch(audio: Audio, ratio: float) -> Audio:
    """The same sound `ratio` times as long (2.0 is half as fast), pitch unchanged; float32 (2, samples) or
    (samples,) at any rate. Raises SpecError outside 0.25..4."""
    if not SLOWEST <= ratio <= FASTEST:
        raise SpecError(f"Time can be stretched by {SLOWEST:g} to {FASTEST:g}, not by {ratio:.2f}.")
    samples = audio.shape[-1]
    length = round(samples * ratio)
    return warp(audio, np.array([0.0, samples]), np.array([0.0, length]))


def warp(audio: Audio, source: Floats, target: Floats) -> Audio:
    """Move the samples at `source` positions to `target` positions, evenly between them, pitch unchanged.

    Both are rising sample positions of one length; the result ends at the last target.
    """
    sides = np.atleast_2d(audio)
    length = round(float(target[-1]))
    if np.allclose(source, target):
        return np.array(audio[..., :length])
    pad = SIZE
    padded = np.pad(sides, ((0, 0), (pad, pad + SIZE)))
    count = length // HOP + 2
    wanted = np.arange(count) * HOP
    places = np.clip(np.interp(wanted, target, source), 0, sides.shape[1])
    out = np.zeros((len(sides), (count - 1) * HOP + SIZE), np.float32)
    weight = np.zeros(out.shape[1], np.float32)
    window = get_window("hann", SIZE).astype(np.float32)
    vocoder = _Vocoder()
    for frame, place in enumerate(places):
        at = round(float(place)) + pad - SIZE // 2
        here = rfft(padded[:, at : at + SIZE] * window, axis=1)
        before = rfft(padded[:, max(0, at - HOP) : max(0, at - HOP) + SIZE] * window, axis=1)
        turned = here * vocoder.rotation(here, before)
        start = frame * HOP
        out[:, start : start + SIZE] += irfft(turned, SIZE, axis=1).astype(np.float32) * window
        weight[start : start + SIZE] += window**2
    done = out / np.maximum(weight, 1e-3)
    done = done[:, SIZE // 2 : SIZE // 2 + length]
    return np.ascontiguousarray(done[0] if audio.ndim == 1 else done)


class _Vocoder:
    """Keeps the phase that every bin has reached in the output."""

    def __init__(self) -> None:
        self.phase: Floats | None = None

    def rotation(self, here: NDArray[np.complex64], before: NDArray[np.complex64]) -> NDArray[np.complex64]:
        """The factor for each bin of both sides: what its peak's phase has to be turned by."""
        loud = np.abs(here)
        size = loud.sum(axis=0)
        # The louder side leads; its phase alone decides, so that the sides keep their distance.
        lead = np.take_along_axis(here, loud.argmax(axis=0)[None], axis=0)[0]
        last = np.take_along_axis(before, loud.argmax(axis=0)[None], axis=0)[0]
        own = np.angle(lead).astype(np.float64)
        if self.phase is None or _begins(size, np.abs(before).sum(axis=0)):
            self.phase = own
            return np.ones(len(own), np.complex64)
        centre = 2 * np.pi * HOP * np.arange(len(own)) / SIZE
        turn = own - np.angle(last) - centre
        turn -= 2 * np.pi * np.round(turn / (2 * np.pi))
        peak = _nearest_peaks(size)
        advanced = self.phase + centre + turn
        shift = (advanced - own)[peak]
        self.phase = own + shift
        return np.exp(1j * shift).astype(np.complex64)


def _begins(size: NDArray[np.float32], before: NDArray[np.float32]) -> bool:
    """Whether so many bins grow at once that this is an attack, not a swelling note."""
    counted = size > 0.02 * size.max(initial=1e-9)
    return bool((size[counted] > GROWTH * before[counted]).mean() > ATTACK) if counted.any() else False


def _nearest_peaks(size: NDArray[np.float32]) -> NDArray[np.int64]:
    """For every bin the spectral peak whose hill it stands on."""
    inner = size[2:-2]
    is_peak = (inner > size[1:-3]) & (inner >= size[3:-1]) & (inner > size[:-4]) & (inner >= size[4:])
    peaks = np.flatnonzero(is_peak) + 2
    if not len(peaks):
        return np.arange(len(size))
    borders = (peaks[:-1] + peaks[1:]) // 2
    return peaks[np.searchsorted(borders, np.arange(len(size)), side="left")]


def shift(audio: Audio, semitones: float) -> Audio:
    """The same sound higher or lower by `semitones` (-24..24), length unchanged. Formants move along, so
    voices keep their character within about three semitones. Raises SpecError outside the range."""
    if abs(semitones) > 24:
        raise SpecError(f"Pitch can be moved by 24 semitones at most, not by {semitones:g}.")
    if abs(semitones) < 1e-6:
        return audio.copy()
    step = Fraction(2 ** (semitones / 12)).limit_denominator(400)
    longer = stretch(audio, float(step))
    wave = resample_poly(longer, step.denominator, step.numerator, axis=-1).astype(np.float32)
    samples = audio.shape[-1]
    wave = wave[..., :samples]
    missing = samples - wave.shape[-1]
    return np.pad(wave, [(0, 0)] * (wave.ndim - 1) + [(0, missing)]) if missing else wave
