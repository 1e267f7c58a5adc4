"""How loud sounds are together, and peaks between the samples, in small memory.

The filters go through a song in chunks, so that it is never turned to double precision as a whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly, sosfilt

from studio.audio.loudness import (
    ABSOLUTE_GATE_LUFS,
    OFFSET_LUFS,
    RELATIVE_GATE_LU,
    STEP_S,
    STEPS_PER_BLOCK,
    k_weighting,
)
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
Powers = NDArray[np.float64]
OVERSAMPLING = 4
CHUNK_FRAMES = 1 << 17
OVERLAP = 64  # frames of its neighbours that a chunk's interpolation needs
SILENCE_DB = -120.0
K_WEIGHTING = k_weighting(SAMPLE_RATE_HZ)
STEP_FRAMES = round(STEP_S * SAMPLE_RATE_HZ)


def step_powers(*sounds: Audio, tone: NDArray[np.float64] | None = None) -> Powers:
    """K-weighted power of the sum of `sounds` for every 0.1 s, shape (steps,); an unfinished last step is
    left out.

    Each sound is float32 (frames, 2) at 44.1 kHz, all of one length. `tone` are filter sections that the sum
    goes through first, shape (n, 6).
    """
    weighting = K_WEIGHTING if tone is None else np.vstack([tone, K_WEIGHTING])
    state = np.zeros((len(weighting), 2, 2))
    powers = [np.zeros(0)]
    span = 30 * STEP_FRAMES
    for start in range(0, len(sounds[0]), span):
        wave = sum((sound[start : start + span] for sound in sounds[1:]), sounds[0][start : start + span])
        weighted, state = sosfilt(weighting, wave, axis=0, zi=state)
        count = len(weighted) // STEP_FRAMES
        steps = weighted[: count * STEP_FRAMES].reshape(count, 2 * STEP_FRAMES)
        powers.append(np.einsum("sf,sf->s", steps, steps) / STEP_FRAMES)
    return np.concatenate(powers)


def lufs_of(power: float) -> float:
    """K-weighted power as LUFS, -120 for silence."""
    return max(SILENCE_DB, OFFSET_LUFS + 10 * float(np.log10(max(power, 1e-30))))


def gated_lufs(steps: Powers) -> float:
    """Integrated loudness of steps from `step_powers` with both gates of BS.1770-4; -120 when nothing
    passes."""
    if len(steps) < STEPS_PER_BLOCK:
        return SILENCE_DB
    blocks = np.convolve(steps, np.full(STEPS_PER_BLOCK, 1 / STEPS_PER_BLOCK), "valid")
    heard = blocks[blocks > 10 ** ((ABSOLUTE_GATE_LUFS - OFFSET_LUFS) / 10)]
    if not len(heard):
        return SILENCE_DB
    return lufs_of(float(heard[heard > heard.mean() * 10 ** (RELATIVE_GATE_LU / 10)].mean()))


def loudness_lufs(audio: Audio) -> float:
    """Integrated loudness (ITU-R BS.1770-4) of float32 (frames, 2) at 44.1 kHz; -120 for silence or under
    0.4 s."""
    return gated_lufs(step_powers(audio))


def true_peaks(audio: Audio) -> NDArray[np.float32]:
    """The louder side's peak around every frame at four times oversampling, linear, shape (frames,)."""
    out = np.empty(len(audio), np.float32)
    for start in range(0, len(audio), CHUNK_FRAMES):
        end = min(len(audio), start + CHUNK_FRAMES)
        low, high = max(0, start - OVERLAP), min(len(audio), end + OVERLAP)
        fine = np.abs(resample_poly(audio[low:high], OVERSAMPLING, 1, axis=0))
        both = np.maximum(fine[:, 0], fine[:, 1])
        peaks = np.maximum.reduce([both[step::OVERSAMPLING] for step in range(OVERSAMPLING)])
        out[start:end] = peaks[start - low : end - low]
    return out


def true_peak_dbtp(audio: Audio) -> float:
    """The highest peak in dBTP at four times oversampling; -120 for silence."""
    peak = float(true_peaks(audio).max(initial=0.0))
    return max(SILENCE_DB, 20 * float(np.log10(max(peak, 1e-12))))
