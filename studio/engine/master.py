"""Mastering by one linear equaliser and one gain curve, which every stem shares: stems sum to the mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from scipy.signal import resample_poly, sosfreqz

from studio.engine import fx
from studio.engine.loudness import STEP_FRAMES, Powers, gated_lufs, loudness_lufs, step_powers
from studio.engine.mastering import GAIN_BLOCK, Curve, Mastering
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
TARGET_LUFS = -14.0
CEILING_DBTP = -2.0  # an MP3 mostly adds 0.3 to 0.8 dB to peaks, and has to stay under -1 too
RIDE_DB = 6.5  # of the fader, between a section of no energy and one of full energy
RIDE_S = 0.35
LOOKAHEAD_BLOCKS = 6
RELEASE_S = 0.09
FADE_OUT_S = 1.4
FADE_IN_BLOCKS = 8
GLUE_RATIO = 1.6
GLUE_MAX_DB = 4.0
SPECTRUM_SIZE = 8192
# Long-term levels in dB relative to 250-2000 Hz: what a balanced mix of each profile shows.
BANDS_HZ = ((60, 250), (250, 2000), (2000, 6000), (6000, 14000))
CURVES_DB: dict[str, tuple[float, float, float]] = {
    "pop": (3.0, -7.0, -13.0),
    "rock": (2.0, -7.5, -13.5),
    "wide": (2.5, -8.0, -14.0),
    "natural": (1.5, -8.5, -15.0),
    "warm": (3.0, -7.5, -13.5),
    "beat": (5.5, -8.0, -14.0),
    "lofi": (4.0, -11.0, -20.0),
    "club": (5.0, -6.5, -11.5),
    "hall": (0.5, -9.5, -17.0),
}
MAX_CORRECTION_DB = 6.0
BODY_HZ, MAX_BODY_DB = 110.0, 4.0
LOW_TOLERANCE_DB = 3.0


@dataclass(frozen=True)
class Mastered:
    """`audio` is float32 (2, samples)."""

    audio: Audio
    mastering: Mastering
    loudness_lufs: float
    true_peak_dbtp: float


def master(
    mix: Audio,
    profile: str,
    ride: Curve | None = None,
    *,
    kept: Mastering | None = None,
    balance: Mapping[str, float] | None = None,
) -> Mastered:
    """Bring a mix to -14 LUFS and under -1 dBTP. `mix` is float32 (2, samples); it is not changed.

    `ride` is the hand on the fader, see `ride_of`; it becomes part of the one gain curve. With `kept`, the
    equaliser, the level and the compressor's reference of another mastering are used again, so that what
    did not change between two versions of a song sounds the same in both; only peaks are limited anew.
    `balance` is noted in the result.
    """
    sections = kept.sections if kept else tone_match(mix, profile)
    done = _master(mix, sections, ride, kept, balance)
    lack_db = 0.0 if kept else _low_lack_db(done.audio, profile)
    if abs(lack_db) <= LOW_TOLERANCE_DB:
        return done
    # Fader and limiter have moved the bass against the rest: once more, back to the edge of what is
    # tolerated and no further, as more bass also covers the voice.
    del done
    body_db = float(np.sign(lack_db)) * min(abs(lack_db) - LOW_TOLERANCE_DB, MAX_BODY_DB)
    body = fx.biquad("peak", BODY_HZ, body_db, 0.7)
    return _master(mix, np.vstack([sections, body]), ride, kept, balance)


def _low_lack_db(audio: Audio, profile: str) -> float:
    low, middle, _, _ = band_levels_db(audio)
    # Nothing to correct where nothing of it sounds.
    return CURVES_DB[profile][0] - (low - middle) if min(low, middle) > -60.0 else 0.0


def _master(
    mix: Audio,
    sections: NDArray[np.float64],
    ride: Curve | None,
    kept: Mastering | None,
    balance: Mapping[str, float] | None,
) -> Mastered:
    """`mix` through the equaliser `sections` and the one gain curve that suits it."""
    toned = fx.equalise(mix, [sections])
    levels = _glue_levels(toned)
    glue_level = kept.glue_level if kept else float(np.percentile(levels, 90))
    peaks = true_peak_envelope(toned)
    fader = _glue(levels, glue_level, len(peaks)) * _fades(len(peaks))
    if ride is not None:
        fader = fader * ride[: len(peaks)]
    # One buffer for every attempt: copies of whole songs are what fills the memory.
    audio = _gained(toned, fader)
    level_db = kept.level_db if kept else TARGET_LUFS - loudness(audio)
    for _ in range(1 if kept else 4):
        gain = fader * np.float32(10 ** (level_db / 20))
        gain = gain * limiter_gain(peaks, gain)
        np.multiply(toned, fx.spread(gain, toned.shape[1], GAIN_BLOCK), out=audio)
        measured = loudness(audio)
        if kept or abs(measured - TARGET_LUFS) < 0.06:
            break
        level_db += TARGET_LUFS - measured
    peak = true_peak_dbtp(audio)
    if peak > CEILING_DBTP + 0.15:
        # Gain that moves between samples can add a little; a constant trim keeps the promise.
        trim = np.float32(10 ** ((CEILING_DBTP + 0.15 - peak) / 20))
        gain, peak = gain * trim, CEILING_DBTP + 0.15
        audio *= trim
        measured = loudness(audio)
    done = Mastering(sections, gain.astype(np.float32), level_db, glue_level, dict(balance or {}))
    return Mastered(audio, done, measured, peak)


def step_gains(rough: Audio, sections: NDArray[np.float64], ride: Curve | None = None) -> Powers:
    """What the one gain curve of `master` will do to the power of every 0.1 s of a mix like `rough`, about.

    `sections` is its equaliser. Peaks are those of the samples and nothing is tried twice: a tenth of the
    work, and near enough to balance voices by. Shape (steps,), as of `loudness.step_powers`.
    """
    toned = fx.equalise(rough, [sections])
    levels = _glue_levels(toned)
    peaks = _sample_peaks(toned)
    fader = _glue(levels, float(np.percentile(levels, 90)), len(peaks)) * _fades(len(peaks))
    if ride is not None:
        fader = fader * ride[: len(peaks)]
    powers = step_powers(toned.T)
    moved = _power_gains(fader, len(powers))
    level_db = TARGET_LUFS - gated_lufs(powers * moved)
    for _ in range(2):
        gain = fader * np.float32(10 ** (level_db / 20))
        gain = gain * limiter_gain(peaks, gain)
        moved = _power_gains(gain, len(powers))
        level_db += TARGET_LUFS - gated_lufs(powers * moved)
    return moved


def _power_gains(gain: Curve, steps: int) -> Powers:
    """Means of the squared gain over steps of 0.1 s."""
    total = np.concatenate([[0.0], np.cumsum(np.square(gain, dtype=np.float64))])
    edges = np.arange(steps + 1) * (STEP_FRAMES / GAIN_BLOCK)
    return np.asarray(np.diff(np.interp(edges, np.arange(len(total)), total)) * (GAIN_BLOCK / STEP_FRAMES))


def _sample_peaks(audio: Audio) -> Curve:
    """Highest magnitude of both channels in each block of 32 samples."""
    whole = audio.shape[1] // GAIN_BLOCK * GAIN_BLOCK
    out = np.zeros(blocks_of(audio.shape[1]), np.float32)
    for side in audio:
        blocks = side[:whole].reshape(-1, GAIN_BLOCK)
        highest = np.maximum(blocks.max(axis=1), -blocks.min(axis=1))
        np.maximum(out[: len(highest)], highest, out=out[: len(highest)])
    return out


def blocks_of(samples: int) -> int:
    """How many blocks a gain curve for `samples` has."""
    return -(-samples // GAIN_BLOCK)


def _gained(toned: Audio, gain: Curve) -> Audio:
    return toned * fx.spread(gain, toned.shape[1], GAIN_BLOCK)


def ride_of(energies: Sequence[tuple[float, float]], samples: int) -> Curve:
    """The fader of a song: (end_s, energy 0..1) of its sections in order to a gain curve.

    Compressors even out the band's own dynamics; this gives verses and choruses their distance back.
    """
    points = [(0.0, energies[0][1])]
    for (end_s, energy), (_, following) in pairwise(energies):
        points += [(end_s - RIDE_S, energy), (end_s, following)]
    times_s, values = zip(*points, strict=True)
    at_s = (np.arange(blocks_of(samples)) + 0.5) * GAIN_BLOCK / SAMPLE_RATE_HZ
    gains = 10 ** ((np.interp(at_s, times_s, values) - 1.0) * RIDE_DB / 20)
    return gains.astype(np.float32)


def loudness(audio: Audio) -> float:
    """Integrated loudness in LUFS after ITU-R BS.1770-4; -70 for silence or less than one gating block."""
    return max(-70.0, loudness_lufs(audio.T))


def true_peak_dbtp(audio: Audio) -> float:
    """The highest peak of (2, samples) at four times oversampling, in dB relative to full scale."""
    return float(20 * np.log10(max(1e-9, float(true_peak_envelope(audio).max(initial=0.0)))))


def true_peak_envelope(audio: Audio) -> Curve:
    """Highest four-times oversampled magnitude of both channels in each block of 32 samples."""
    count = blocks_of(audio.shape[1])
    out = np.zeros(count, np.float32)
    chunk = GAIN_BLOCK * 8192
    margin = GAIN_BLOCK * 4
    for start in range(0, audio.shape[1], chunk):
        low, high = max(0, start - margin), min(audio.shape[1], start + chunk + margin)
        fine = np.abs(resample_poly(audio[:, low:high], 4, 1, axis=1)).max(axis=0)
        fine = fine[(start - low) * 4 : (start - low) * 4 + chunk * 4]
        fine = np.pad(fine, (0, -len(fine) % (GAIN_BLOCK * 4)))
        peaks = fine.reshape(-1, GAIN_BLOCK * 4).max(axis=1)
        first = start // GAIN_BLOCK
        room = min(len(peaks), count - first, chunk // GAIN_BLOCK)
        out[first : first + room] = peaks[:room]
    return out


def limiter_gain(peaks: Curve, gain: Curve) -> Curve:
    """The attenuation that keeps `peaks * gain` under the ceiling: looks ahead 4 ms, lets go in 90 ms."""
    ceiling = 10 ** (CEILING_DBTP / 20)
    need = np.minimum(1.0, ceiling / np.maximum(peaks * gain, 1e-9))
    held = minimum_filter1d(need, 2 * LOOKAHEAD_BLOCKS + 1)
    released = _release(held)
    kernel = np.ones(LOOKAHEAD_BLOCKS) / LOOKAHEAD_BLOCKS
    padded = np.pad(released, LOOKAHEAD_BLOCKS, mode="edge")
    smooth = np.convolve(padded, kernel, "same")[LOOKAHEAD_BLOCKS:-LOOKAHEAD_BLOCKS]
    return np.minimum(1.0, smooth).astype(np.float32)


def _release(held: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fall at once, rise slowly."""
    keep = float(np.exp(-GAIN_BLOCK / (RELEASE_S * SAMPLE_RATE_HZ)))
    state = 1.0
    out = []
    for value in held.tolist():
        state = value if value < state else value + keep * (state - value)
        out.append(state)
    return np.array(out)


def _glue_levels(mix: Audio) -> NDArray[np.float64]:
    """RMS over 30 ms, one value per block of 64 samples."""
    level = fx.block_levels(mix)
    window = round(0.03 * SAMPLE_RATE_HZ / fx.BLOCK)
    return np.sqrt(np.convolve(level**2, np.ones(window) / window, "same") + 1e-14)


def _glue(levels: NDArray[np.float64], loud: float, blocks: int) -> Curve:
    """A slow bus compressor that moves at most 4 dB, as a gain curve."""
    over_db = np.clip(20 * np.log10(np.maximum(levels, 1e-7) / max(loud, 1e-7)) + 6.0, 0.0, 11.0)
    reduction_db = np.minimum(GLUE_MAX_DB, fx.follow(over_db * (1 - 1 / GLUE_RATIO), 0.03, 0.25))
    centres = (np.arange(len(levels)) + 0.5) * (fx.BLOCK / GAIN_BLOCK)
    return (10 ** (-np.interp(np.arange(blocks) + 0.5, centres, reduction_db) / 20)).astype(np.float32)


def _fades(blocks: int) -> Curve:
    curve = np.ones(blocks, np.float32)
    ending = min(blocks, round(FADE_OUT_S * SAMPLE_RATE_HZ / GAIN_BLOCK))
    curve[-ending:] = np.cos(np.linspace(0, np.pi / 2, ending)) ** 1.2
    start = min(blocks, FADE_IN_BLOCKS)
    curve[:start] *= np.linspace(0, 1, start, dtype=np.float32)
    return curve


def band_levels_db(audio: Audio) -> tuple[float, float, float, float]:
    """Mean power in dB of 60-250, 250-2000, 2000-6000 and 6000-14000 Hz."""
    return _levels_db(_long_term_power(audio))


def _long_term_power(audio: Audio) -> NDArray[np.float64]:
    """Mean power of every bin of SPECTRUM_SIZE samples, of every third frame; zeros for a shorter sound."""
    mono = audio.mean(axis=0)
    whole = mono[: len(mono) // SPECTRUM_SIZE * SPECTRUM_SIZE].reshape(-1, SPECTRUM_SIZE)[::3]
    if not len(whole):
        return np.zeros(SPECTRUM_SIZE // 2 + 1)
    window = np.hanning(SPECTRUM_SIZE).astype(np.float32)
    return np.asarray((np.abs(np.fft.rfft(whole * window, axis=1)) ** 2).mean(axis=0), np.float64)


def _levels_db(power: NDArray[np.float64]) -> tuple[float, float, float, float]:
    hz = np.fft.rfftfreq(SPECTRUM_SIZE, 1 / SAMPLE_RATE_HZ)
    levels = [float(10 * np.log10(power[(hz >= a) & (hz < b)].sum() + 1e-12)) for a, b in BANDS_HZ]
    return (levels[0], levels[1], levels[2], levels[3])


def tone_match(mix: Audio, profile: str) -> NDArray[np.float64]:
    """Gentle shelves and bells towards the profile's long-term spectrum, at most 6 dB each: filter sections,
    float64 (n, 6)."""
    power = _long_term_power(mix)
    low, middle, high, air = _levels_db(power)
    wish = CURVES_DB[profile]
    lift = [
        float(np.clip(0.9 * (target - (level - middle)), -MAX_CORRECTION_DB, MAX_CORRECTION_DB))
        for target, level in zip(wish, (low, high, air), strict=True)
    ]
    sections = np.vstack(
        [
            fx.high_pass(24.0),
            fx.biquad("low", 200.0, lift[0], 0.7),
            fx.biquad("peak", 3400.0, lift[1], 0.6),
            fx.biquad("high", 8500.0, lift[2], 0.7),
        ]
    )
    # The shelf's slope lies inside the bass. A bell makes up for it, which leaves the deepest notes alone.
    response = np.abs(sosfreqz(sections, SPECTRUM_SIZE // 2 + 1, fs=SAMPLE_RATE_HZ)[1]) ** 2
    low, middle, _, _ = _levels_db(power * response)
    body_db = float(np.clip(0.8 * (wish[0] - (low - middle)), -MAX_BODY_DB, MAX_BODY_DB))
    return np.vstack([sections, fx.biquad("peak", BODY_HZ, body_db, 0.7)])
