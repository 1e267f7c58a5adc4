"""Making new sound fit a recording, and the tools of mastering a finished file: equalisers that follow a
long-term spectrum, levels, compression by bands, crossfades."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, oaconvolve, sosfiltfilt

from studio.engine import fx
from studio.engine.analysis.spectra import magnitudes
from studio.engine.loudness import loudness_lufs
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
Floats = NDArray[np.float64]
SIZE, HOP = 4096, 4096
CENTRES_HZ = np.geomspace(32.0, 16_000.0, 28)
TAPS = 4095
BAND_EDGES_HZ = (160.0, 1200.0, 5000.0)


def spectrum_db(audio: Audio) -> Floats:
    """Long-term level of third-octave-like bands in dB, without the quiet parts; shape (28,)."""
    power = np.concatenate([piece**2 for piece in magnitudes(audio.mean(axis=0), SIZE, HOP)])
    total = power.sum(axis=1)
    kept = power[total > 0.05 * np.percentile(total, 90)] if len(power) else power
    mean = (kept if len(kept) else power).mean(axis=0)
    hz = np.arange(SIZE // 2 + 1) * SAMPLE_RATE_HZ / SIZE
    half = np.sqrt(CENTRES_HZ[1] / CENTRES_HZ[0])
    levels = []
    for centre in CENTRES_HZ:
        inside = (hz >= centre / half) & (hz < centre * half)
        nearest = np.abs(hz - centre).argmin()
        levels.append(mean[inside].mean() if inside.any() else mean[nearest])
    return np.asarray(10 * np.log10(np.array(levels) + 1e-12))


def matched(audio: Audio, wanted_db: Floats, strength: float = 0.7, most_db: float = 6.0) -> Audio:
    """`audio` through a linear-phase equaliser that brings its long-term spectrum towards `wanted_db`."""
    gap = wanted_db - spectrum_db(audio)
    gap -= np.median(gap[4:24])
    gain_db = np.clip(gaussian_filter1d(gap, 1.2) * strength, -most_db, most_db)
    return equalised(audio, gain_db)


def equalised(audio: Audio, gain_db: Floats) -> Audio:
    """Linear-phase equaliser with the given gains at CENTRES_HZ; no delay."""
    hz = np.linspace(0, SAMPLE_RATE_HZ / 2, TAPS // 2 + 1)
    gains = 10 ** (np.interp(np.log(np.maximum(hz, 1.0)), np.log(CENTRES_HZ), gain_db) / 20)
    taps = np.roll(np.fft.irfft(gains, TAPS), TAPS // 2) * np.hanning(TAPS)
    out = [oaconvolve(side, taps.astype(np.float32), "same") for side in audio]
    return np.asarray(np.stack(out), np.float32)


def at_loudness(audio: Audio, lufs: float) -> Audio:
    """The same sound at another integrated loudness; silence stays silence."""
    now = loudness_lufs(audio.T)
    return audio if now < -70 else audio * np.float32(10 ** ((lufs - now) / 20))


def multiband(audio: Audio, ratios: tuple[float, float, float, float]) -> Audio:
    """Gentle compression of four bands, split without phase error, each by its own ratio (1 is none)."""
    rest, parts = audio, []
    for edge in BAND_EDGES_HZ:
        low = _below(rest, edge)
        parts.append(low)
        rest = rest - low
    parts.append(rest)
    done = [_compressed(part, ratio) for part, ratio in zip(parts, ratios, strict=True)]
    return np.asarray(sum(done[1:], done[0]), np.float32)


def _compressed(part: Audio, ratio: float) -> Audio:
    if ratio <= 1.0 or not np.any(part):
        return part
    return fx.compress(part, -8.0, ratio, attack_s=0.02, release_s=0.18, loud=fx.loud_level(part))


def _below(audio: Audio, hz: float) -> Audio:
    sos = butter(2, hz / (SAMPLE_RATE_HZ / 2), output="sos")
    return np.asarray(sosfiltfilt(sos, audio, axis=1), np.float32)


def joined(first: Audio, second: Audio, overlap: int, *, is_same_music: bool) -> Audio:
    """`second` after `first`, crossfading over `overlap` samples: with constant power for different music,
    with constant amplitude for the same."""
    overlap = min(overlap, first.shape[1], second.shape[1])
    if overlap <= 0:
        return np.concatenate([first, second], axis=1)
    place = (np.arange(overlap, dtype=np.float32) + 0.5) / overlap
    rise = np.sin(place * np.pi / 2)
    fall = np.cos(place * np.pi / 2)
    if is_same_music:
        rise, fall = rise**2, fall**2
    middle = first[:, -overlap:] * fall + second[:, :overlap] * rise
    return np.concatenate([first[:, :-overlap], middle.astype(np.float32), second[:, overlap:]], axis=1)


def fitted(audio: Audio, samples: int) -> Audio:
    """Cut or filled with silence to `samples`."""
    if audio.shape[1] >= samples:
        return np.ascontiguousarray(audio[:, :samples])
    return np.pad(audio, ((0, 0), (0, samples - audio.shape[1])))
