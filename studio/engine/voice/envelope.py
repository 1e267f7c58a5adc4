"""Speech of known pitch taken apart into what the throat needs: envelopes of voice and noise, frame by frame.

The voice's envelope is found pitch-synchronously and freed of its harmonics in the cepstrum (CheapTrick:
Morise 2015, Speech Communication 67). The noise is what stands between the harmonics, and everything that
has no pitch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import uniform_filter1d

from studio.engine.voice.net import BIN_HZ, BINS, FRAME_S, Spectra

RATE_HZ = 24_000
WINDOW = round(RATE_HZ / BIN_HZ)
HOP = round(RATE_HZ * FRAME_S)
PERIODS = 3.0  # of the envelope's window
UNVOICED_HZ = 300.0  # the pitch that frames without one are analysed as if they had
LOWEST_HZ = 60.0
SPREAD = -0.15  # CheapTrick's q1: how much of the smoothing is taken back
FINE = 4  # how much closer the bins lie in which the harmonics are told from what is between them
VALLEY_PERIODS = 4.0  # a window of so many periods has a zero half-way between two harmonics
RATIO_BINS = 41
QUIETEST = 1e-12

Floats = NDArray[np.float32]
Array = NDArray[np.float64]


def spectra_of(audio: Floats, pitch_hz: Floats) -> Spectra:
    """Spectra of (samples,) at RATE_HZ with one pitch for each frame of FRAME_S, 0 where it has none."""
    frames = len(pitch_hz)
    centres = HOP * np.arange(frames) + HOP // 2
    segments = _segments(audio, centres)
    is_voiced = pitch_hz > 0.0
    hz = np.clip(np.where(is_voiced, pitch_hz, UNVOICED_HZ), LOWEST_HZ, None).astype(np.float64)
    power, phase = _envelope(segments, hz)
    noise_share = np.where(is_voiced[:, None], _noise_share(segments, hz, power), 0.0)
    # Harmonics of an amplitude, as they would show in the throat's window.
    voice = 0.5 * np.log(15.0 * hz[:, None] * power)
    noise, noise_phase = _noise(audio, segments, centres, is_voiced)
    noise = np.sqrt(noise**2 + 0.375 * WINDOW * power * noise_share)
    nearest = _nearest(is_voiced)
    return Spectra(
        voice[nearest].astype(np.float32),
        phase[nearest].astype(np.float32),
        np.log(np.maximum(noise, 1e-6)).astype(np.float32),
        noise_phase.astype(np.float32),
    )


def _segments(audio: Floats, centres: NDArray[np.int64]) -> Array:
    padded = np.pad(np.asarray(audio, np.float64), (WINDOW, WINDOW))
    view = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)
    return view[np.minimum(centres + WINDOW - WINDOW // 2, len(view) - 1)]


def _windows(hz: Array, periods: float) -> Array:
    """A Hann window of some periods in each row, of unit power."""
    at = (np.arange(WINDOW) - WINDOW // 2) / RATE_HZ
    place = np.clip(at[None] * hz[:, None] / periods, -0.5, 0.5)
    out = 0.5 + 0.5 * np.cos(2 * np.pi * place)
    return np.asarray(out / np.sqrt((out**2).sum(axis=1, keepdims=True)))


def _envelope(segments: Array, hz: Array) -> tuple[Array, Array]:
    """Power density (frames, BINS) without a trace of the harmonics, and the phase that belongs to it."""
    windows = _windows(hz, PERIODS)
    parts = segments * windows
    parts -= windows * (parts.sum(axis=1) / windows.sum(axis=1))[:, None]
    power = np.abs(rfft(parts, axis=1)) ** 2 + QUIETEST
    _mirror_low(power, hz)
    cepstrum = irfft(np.log(_smooth(power, hz)), WINDOW, axis=1)
    time_s = np.minimum(np.arange(WINDOW), WINDOW - np.arange(WINDOW)) / RATE_HZ
    turns = hz[:, None] * time_s[None]
    cepstrum *= np.sinc(turns) * (1.0 - 2.0 * SPREAD + 2.0 * SPREAD * np.cos(2 * np.pi * turns))
    smooth = np.exp(rfft(cepstrum, axis=1).real)
    # The phase of the quickest response with this envelope: the cepstrum's second half folded on the first.
    cepstrum[:, 1 : WINDOW // 2] *= 2.0
    cepstrum[:, WINDOW // 2 + 1 :] = 0.0
    return smooth, 0.5 * rfft(cepstrum, axis=1).imag


def _mirror_low(power: Array, hz: Array) -> None:
    """Below the fundamental there is nothing; what is just above it stands for that."""
    bins = hz / BIN_HZ
    before = power.copy()
    rows = np.arange(len(hz))
    for number in range(int(bins.max()) + 1):
        place = bins - number
        inside = place > 0.0
        low = np.clip(place, 0.0, BINS - 2).astype(int)
        part = np.clip(place, 0.0, BINS - 2) - low
        power[:, number] += inside * (before[rows, low] * (1 - part) + before[rows, low + 1] * part)


def _smooth(power: Array, hz: Array) -> Array:
    """Means over two thirds of the pitch."""
    half = hz / BIN_HZ / 3.0
    edge = int(half.max()) + 2
    wide = np.pad(power, ((0, 0), (edge, edge)), "reflect")
    total = np.pad(np.cumsum(wide, axis=1), ((0, 0), (1, 0)))
    # `total` at x is the integral from the left up to bin edge x, bins being of unit width.
    middle = np.arange(BINS)[None] + edge + 0.5
    upper = _at(total, middle + half[:, None])
    return np.asarray((upper - _at(total, middle - half[:, None])) / (2.0 * half[:, None]))


def _at(rows: Array, places: Array) -> Array:
    low = np.clip(places.astype(int), 0, rows.shape[1] - 2)
    part = places - low
    left = np.take_along_axis(rows, low, axis=1)
    return np.asarray(left + (np.take_along_axis(rows, low + 1, axis=1) - left) * part)


def _noise_share(segments: Array, hz: Array, power: Array) -> Array:
    """0..1 of the power in every bin that lies between the harmonics."""
    parts = segments * _windows(hz, VALLEY_PERIODS)
    fine = np.abs(rfft(parts, FINE * WINDOW, axis=1)) ** 2 + QUIETEST
    # The valley nearest to each bin.
    order = np.floor(np.arange(BINS)[None] * BIN_HZ / hz[:, None])
    valley = (order + 0.5) * hz[:, None] / BIN_HZ * FINE
    found = _at(fine, np.minimum(valley, fine.shape[1] - 2.0))
    ratio_log = np.log(found) - np.log(power)
    return np.clip(np.exp(uniform_filter1d(ratio_log, RATIO_BINS, axis=1)), 0.0, 1.0)


def _noise(
    audio: Floats, segments: Array, centres: NDArray[np.int64], is_voiced: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Magnitude of what has no pitch, and the phase of every frame."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    held = np.interp(np.arange(len(audio)), centres, is_voiced.astype(np.float64))
    alone = rfft(_segments(audio * (1.0 - held).astype(np.float32), centres) * window, axis=1)
    whole = rfft(segments * window, axis=1)
    # A frame's own time is the middle of its window; the throat's windows begin at their first sample, too.
    return np.abs(alone), np.angle(np.where(is_voiced[:, None], whole, alone))


def _nearest(is_voiced: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For every frame itself, or the nearest one with a pitch."""
    known = np.flatnonzero(is_voiced)
    everyone = np.arange(len(is_voiced))
    if not len(known):
        return everyone
    after = np.clip(np.searchsorted(known, everyone), 0, len(known) - 1)
    before = np.clip(after - 1, 0, len(known) - 1)
    closer = np.abs(known[before] - everyone) <= np.abs(known[after] - everyone)
    return np.asarray(np.where(closer, known[before], known[after]))
