"""Mastering by one linear equaliser and one gain curve, which every stem shares: stems sum to the mix."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.signal import resample_poly

from studio.engine import fx
from studio.engine.loudness import loudness_lufs
from studio.engine.spec import SAMPLE_RATE_HZ

TARGET_LUFS = -14.0
CEILING_DBTP = -1.8  # an MP3 mostly adds 0.3 to 0.8 dB to peaks, and has to stay under -1 too
RIDE_DB = 6.5  # of the fader, between a section of no energy and one of full energy
RIDE_S = 0.35
RIDE_STEP = 441
LIMIT_BLOCK = 32
LOOKAHEAD_BLOCKS = 6
RELEASE_S = 0.09
# Long-term levels in dB relative to 250-2000 Hz: what a balanced mix of each profile shows.
BANDS_HZ = ((60, 250), (250, 2000), (2000, 6000), (6000, 14000))
CURVES_DB: dict[str, tuple[float, float, float]] = {
    "pop": (3.0, -7.0, -13.0),
    "rock": (2.0, -5.5, -12.5),
    "wide": (2.5, -8.0, -14.0),
    "natural": (1.5, -8.5, -15.0),
    "warm": (3.0, -7.5, -13.5),
    "beat": (5.5, -8.0, -14.0),
    "lofi": (4.0, -11.0, -20.0),
    "club": (5.0, -6.5, -11.5),
    "hall": (0.5, -9.5, -17.0),
}
MAX_CORRECTION_DB = 6.0


@dataclass(frozen=True)
class Mastering:
    """What mastering does, kept so that it can be done to any stem: filter sections and a gain per sample."""

    sections: tuple[np.ndarray, ...]
    gain: np.ndarray

    def apply(self, signal: np.ndarray) -> np.ndarray:
        """Linear in the signal: applied to stems it sums to the mastered mix."""
        return fx.equalise(signal, list(self.sections)) * self.gain


@dataclass(frozen=True)
class Mastered:
    audio: np.ndarray
    mastering: Mastering
    loudness_lufs: float
    true_peak_dbtp: float


def master(mix: np.ndarray, profile: str, ride: np.ndarray | None = None) -> Mastered:
    """Bring a mix to -14 LUFS and under -1 dBTP. `mix` is float32 (2, samples); it is not changed.

    `ride`, shape (samples,), is the hand on the fader, see `ride_of`; it becomes part of the one gain curve.
    """
    sections = tuple(_tone_match(mix, profile))
    toned = fx.equalise(mix, list(sections))
    fade = _fades(toned.shape[1]) if ride is None else _fades(toned.shape[1]) * ride
    glue = _glue(toned) * fade
    peaks = true_peak_envelope(toned)
    gain = glue
    audio = toned * gain
    level_db = TARGET_LUFS - loudness(audio)
    for _ in range(4):
        gain = glue * np.float32(10 ** (level_db / 20))
        gain = gain * limiter_gain(peaks, gain)
        audio = toned * gain
        measured = loudness(audio)
        if abs(measured - TARGET_LUFS) < 0.06:
            break
        level_db += TARGET_LUFS - measured
    peak = true_peak_dbtp(audio)
    if peak > CEILING_DBTP + 0.15:
        # Gain that moves between samples can add a little; a constant trim keeps the promise.
        trim = np.float32(10 ** ((CEILING_DBTP + 0.15 - peak) / 20))
        gain, audio, peak = gain * trim, audio * trim, CEILING_DBTP + 0.15
        measured = loudness(audio)
    return Mastered(audio, Mastering(sections, gain), measured, peak)


def ride_of(energies: Sequence[tuple[float, float]], samples: int) -> np.ndarray:
    """The fader of a song: (end_s, energy 0..1) of its sections in order to a gain per sample, float32.

    Compressors even out the band's own dynamics; this gives verses and choruses their distance back.
    """
    points = [(0.0, energies[0][1])]
    for (end_s, energy), (_, following) in pairwise(energies):
        points += [(end_s - RIDE_S, energy), (end_s, following)]
    times_s, values = zip(*points, strict=True)
    at = np.arange(0, samples + RIDE_STEP, RIDE_STEP)
    gains = 10 ** ((np.interp(at / SAMPLE_RATE_HZ, times_s, values) - 1.0) * RIDE_DB / 20)
    return np.interp(np.arange(samples), at, gains).astype(np.float32)


def loudness(audio: np.ndarray) -> float:
    """Integrated loudness in LUFS after ITU-R BS.1770-4; -70 for silence or less than one gating block."""
    return max(-70.0, loudness_lufs(audio.T))


def true_peak_dbtp(audio: np.ndarray) -> float:
    """The highest peak of (2, samples) at four times oversampling, in dB relative to full scale."""
    return float(20 * np.log10(max(1e-9, float(true_peak_envelope(audio).max(initial=0.0)))))


def true_peak_envelope(audio: np.ndarray) -> np.ndarray:
    """Highest four-times oversampled magnitude of both channels in each block of 32 samples."""
    count = -(-audio.shape[1] // LIMIT_BLOCK)
    out = np.zeros(count, np.float32)
    chunk = LIMIT_BLOCK * 8192
    margin = LIMIT_BLOCK * 4
    for start in range(0, audio.shape[1], chunk):
        low, high = max(0, start - margin), min(audio.shape[1], start + chunk + margin)
        fine = np.abs(resample_poly(audio[:, low:high], 4, 1, axis=1)).max(axis=0)
        fine = fine[(start - low) * 4 : (start - low) * 4 + chunk * 4]
        fine = np.pad(fine, (0, -len(fine) % (LIMIT_BLOCK * 4)))
        peaks = fine.reshape(-1, LIMIT_BLOCK * 4).max(axis=1)
        first = start // LIMIT_BLOCK
        room = min(len(peaks), count - first, chunk // LIMIT_BLOCK)
        out[first : first + room] = peaks[:room]
    return out


def limiter_gain(peaks: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """The attenuation that keeps `peaks * gain` under the ceiling: looks ahead 4 ms, lets go in 90 ms."""
    ceiling = 10 ** (CEILING_DBTP / 20)
    per_block = np.maximum.reduceat(gain, np.arange(0, len(gain), LIMIT_BLOCK))
    need = np.minimum(1.0, ceiling / np.maximum(peaks * per_block, 1e-9))
    held = minimum_filter1d(need, 2 * LOOKAHEAD_BLOCKS + 1)
    released = _release(held)
    kernel = np.ones(LOOKAHEAD_BLOCKS) / LOOKAHEAD_BLOCKS
    padded = np.pad(released, LOOKAHEAD_BLOCKS, mode="edge")
    smooth = np.convolve(padded, kernel, "same")[LOOKAHEAD_BLOCKS:-LOOKAHEAD_BLOCKS]
    return fx.spread(np.minimum(1.0, smooth), len(gain), LIMIT_BLOCK)


def _release(held: np.ndarray) -> np.ndarray:
    """Fall at once, rise slowly."""
    keep = float(np.exp(-LIMIT_BLOCK / (RELEASE_S * SAMPLE_RATE_HZ)))
    state = 1.0
    out = []
    for value in held.tolist():
        state = value if value < state else value + keep * (state - value)
        out.append(state)
    return np.array(out)


def _glue(mix: np.ndarray) -> np.ndarray:
    """A slow bus compressor of ratio 1.6 that moves at most 4 dB, as a gain curve."""
    level = fx.block_levels(mix)
    window = round(0.03 * SAMPLE_RATE_HZ / fx.BLOCK)
    level = np.sqrt(np.convolve(level**2, np.ones(window) / window, "same") + 1e-14)
    loud = np.percentile(level, 90)
    over_db = np.clip(20 * np.log10(np.maximum(level, 1e-7) / max(loud, 1e-7)) + 6.0, 0.0, 11.0)
    reduction = fx._follow(over_db * (1 - 1 / 1.6), 0.03, 0.25)
    return fx.spread(10 ** (-np.minimum(4.0, reduction) / 20), mix.shape[1])


def _fades(samples: int) -> np.ndarray:
    curve = np.ones(samples, np.float32)
    ending = min(samples, round(1.4 * SAMPLE_RATE_HZ))
    curve[-ending:] = np.cos(np.linspace(0, np.pi / 2, ending)) ** 1.2
    start = min(samples, 220)
    curve[:start] *= np.linspace(0, 1, start)
    return curve


def band_levels_db(audio: np.ndarray) -> tuple[float, float, float, float]:
    """Mean power in dB of 60-250, 250-2000, 2000-6000 and 6000-14000 Hz."""
    mono = audio.mean(axis=0)
    size = 8192
    whole = mono[: len(mono) // size * size].reshape(-1, size)[::3]
    if not len(whole):
        return (0.0, 0.0, 0.0, 0.0)
    power = (np.abs(np.fft.rfft(whole * np.hanning(size).astype(np.float32), axis=1)) ** 2).mean(axis=0)
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    levels = [10 * np.log10(power[(hz >= a) & (hz < b)].sum() + 1e-12) for a, b in BANDS_HZ]
    return (levels[0], levels[1], levels[2], levels[3])


def _tone_match(mix: np.ndarray, profile: str) -> list[np.ndarray]:
    """Gentle shelves and a bell towards the profile's long-term spectrum, at most 6 dB each."""
    low, middle, high, air = band_levels_db(mix)
    wish = CURVES_DB[profile]
    lift = [
        float(np.clip(0.8 * (target - (level - middle)), -MAX_CORRECTION_DB, MAX_CORRECTION_DB))
        for target, level in zip(wish, (low, high, air), strict=True)
    ]
    return [
        fx.high_pass(24.0),
        fx.biquad("low", 200.0, lift[0], 0.7),
        fx.biquad("peak", 3400.0, lift[1], 0.6),
        fx.biquad("high", 8500.0, lift[2], 0.7),
    ]
