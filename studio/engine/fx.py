"""Equalisers, compressors, reverb, delay, ducking. Signals are float32 of shape (2, samples)."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.fft import irfft, rfft
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, sosfilt

from studio.engine.chance import noise_source
from studio.engine.spec import SAMPLE_RATE_HZ

BLOCK = 64
CHUNK = 1 << 17


def biquad(kind: str, hz: float, gain_db: float = 0.0, q: float = 0.707) -> np.ndarray:
    """One second-order section after R. Bristow-Johnson's Audio EQ Cookbook: peak, low or high (shelf)."""
    a = 10 ** (gain_db / 40)
    w = 2 * np.pi * hz / SAMPLE_RATE_HZ
    cos, alpha = np.cos(w), np.sin(w) / (2 * q)
    if kind == "peak":
        b0, b1, b2 = 1 + alpha * a, -2 * cos, 1 - alpha * a
        a0, a1, a2 = 1 + alpha / a, -2 * cos, 1 - alpha / a
    else:
        sign = 1.0 if kind == "low" else -1.0
        root = 2 * np.sqrt(a) * alpha
        b0 = a * ((a + 1) - sign * (a - 1) * cos + root)
        b1 = sign * 2 * a * ((a - 1) - sign * (a + 1) * cos)
        b2 = a * ((a + 1) - sign * (a - 1) * cos - root)
        a0 = (a + 1) + sign * (a - 1) * cos + root
        a1 = sign * -2 * ((a - 1) + sign * (a + 1) * cos)
        a2 = (a + 1) + sign * (a - 1) * cos - root
    return np.array([[b0, b1, b2, a0, a1, a2]]) / a0


def high_pass(hz: float) -> np.ndarray:
    return np.asarray(butter(2, hz / (SAMPLE_RATE_HZ / 2), "highpass", output="sos"))


def low_pass(hz: float) -> np.ndarray:
    return np.asarray(butter(2, hz / (SAMPLE_RATE_HZ / 2), output="sos"))


def equalise(signal: np.ndarray, sections: Sequence[np.ndarray], *, in_place: bool = False) -> np.ndarray:
    """Run all sections in one pass, in double precision inside: low corners need it. `signal` has shape
    (channels, samples)."""
    if not len(sections):
        return signal
    sos = np.vstack(list(sections))
    out = signal if in_place else np.empty(signal.shape, np.float32)
    state = np.zeros((len(sos), len(signal), 2))
    # In chunks, so that a song is never held in double precision as a whole.
    for start in range(0, signal.shape[1], CHUNK):
        part = np.ascontiguousarray(signal[:, start : start + CHUNK], dtype=np.float64)
        out[:, start : start + CHUNK], state = sosfilt(sos, part, axis=1, zi=state)
    return out


def loud_level(signal: np.ndarray) -> float:
    """The signal's own loud level: RMS that 95 of 100 sounding blocks stay under. 1.0 for silence."""
    level = block_levels(signal)
    sounding = level[level > 1e-5]
    return float(np.percentile(sounding, 95)) if len(sounding) else 1.0


def compress(
    signal: np.ndarray, threshold_db: float, ratio: float, *, attack_s: float, release_s: float, loud: float
) -> np.ndarray:
    """Feed-forward compression, in place. `threshold_db` is relative to `loud`, see `loud_level`."""
    level = block_levels(signal)
    over_db = np.maximum(0.0, 20 * np.log10(np.maximum(level, 1e-6) / loud) - threshold_db)
    gain_db = -follow(over_db * (1 - 1 / ratio), attack_s, release_s)
    signal *= spread(10 ** (gain_db / 20), signal.shape[1])
    return signal


def limit(signal: np.ndarray, ceiling: float, release_s: float = 0.05) -> np.ndarray:
    """Keep every sample within +-`ceiling`, in place: a gain that falls two blocks ahead of a peak and
    recovers in `release_s`. `signal` has shape (channels, samples)."""
    samples = signal.shape[1]
    peaks = np.zeros(-(-samples // BLOCK))
    for side in signal:
        padded = np.pad(np.abs(side), (0, -samples % BLOCK))
        np.maximum(peaks, padded.reshape(-1, BLOCK).max(axis=1), out=peaks)
    over_db = 20 * np.log10(np.maximum(1.0, peaks / ceiling))
    if over_db.any():
        held_db = maximum_filter1d(over_db, 5)
        signal *= spread(10 ** (-follow(held_db, 0.0, release_s) / 20), samples)
    return signal


def block_levels(signal: np.ndarray) -> np.ndarray:
    """RMS of all channels together in blocks of 64 samples; `signal` has shape (channels, samples)."""
    channels, samples = signal.shape
    power = np.zeros(samples // BLOCK)
    for side in signal:
        blocks = side[: len(power) * BLOCK].reshape(-1, BLOCK)
        power += np.einsum("nb,nb->n", blocks, blocks)
    return np.sqrt(power / (channels * BLOCK) + 1e-14)


def follow(target: np.ndarray, attack_s: float, release_s: float, block: int = BLOCK) -> np.ndarray:
    """One-pole smoothing of block values, with the faster of two time constants while rising."""
    rate = SAMPLE_RATE_HZ / block
    rise, fall = (float(np.exp(-1 / max(1e-9, s * rate))) for s in (attack_s, release_s))
    state = 0.0
    out = []
    for value in target.tolist():
        state = value + (rise if value > state else fall) * (state - value)
        out.append(state)
    return np.array(out)


def spread(per_block: np.ndarray, samples: int, block: int = BLOCK) -> np.ndarray:
    """Block values, which stand for their middles, as a broken line: one float32 per sample."""
    values = np.asarray(per_block, np.float32)
    out = np.empty(samples, np.float32)
    half = min(samples, block // 2)
    whole = min(len(values) - 1, (samples - half) // block)
    body = out[half : half + whole * block].reshape(whole, block)
    slopes = np.append(np.diff(values), np.float32(0.0))
    steps = np.arange(block, dtype=np.float32) / np.float32(block)
    np.multiply(slopes[:whole, None], steps, out=body)
    body += values[:whole, None]
    out[:half] = values[0]
    rest = samples - half - whole * block
    tail = values[whole] + slopes[whole] * steps
    out[samples - rest :] = np.pad(tail, (0, max(0, rest - block)), mode="edge")[:rest]
    return out


def peak_level(signal: np.ndarray) -> float:
    """The magnitude that all but 1 of 200 samples stay under; 1.0 for silence."""
    return float(np.percentile(np.abs(signal[:, ::4]), 99.5)) or 1.0


def saturate(signal: np.ndarray, drive: float, peak: float) -> np.ndarray:
    """Soft clipping, in place, that keeps `peak`, see `peak_level`, where it was."""
    signal *= np.float32(drive / peak)
    np.tanh(signal, out=signal)
    signal *= np.float32(peak / np.tanh(drive))
    return signal


def pan(signal: np.ndarray, position: float) -> np.ndarray:
    """Balance with constant power, in place; -1 left, 1 right. Shape (2, samples)."""
    angle = (position + 1) * np.pi / 4
    signal[0] *= np.float32(np.cos(angle) * 2**0.5)
    signal[1] *= np.float32(np.sin(angle) * 2**0.5)
    return signal


def widen(signal: np.ndarray, amount: float, delay_s: float = 0.013) -> np.ndarray:
    """Add side information that cancels in mono, in place: a delayed, thinned copy, opposite in left and
    right. Shape (2, samples)."""
    if amount <= 0:
        return signal
    shift = round(delay_s * SAMPLE_RATE_HZ)
    side = np.zeros((1, signal.shape[1]), np.float32)
    np.add(signal[0, :-shift], signal[1, :-shift], out=side[0, shift:])
    side *= np.float32(amount / 2)
    equalise(side, [high_pass(250)], in_place=True)
    signal[0] += side[0]
    signal[1] -= side[0]
    return signal


def duck(samples: int, kicks_s: tuple[float, ...], depth: float, release_s: float) -> np.ndarray:
    """A gain curve that dips at each kick by `depth` (0..1) and recovers."""
    gain = np.ones(samples, np.float32)
    length = round(release_s * SAMPLE_RATE_HZ)
    shape = (1 - depth * (1 - np.linspace(0, 1, length)) ** 1.5).astype(np.float32)
    shape[: round(0.004 * SAMPLE_RATE_HZ)] = np.linspace(1, shape[0], round(0.004 * SAMPLE_RATE_HZ))
    for kick in kicks_s:
        at = round(kick * SAMPLE_RATE_HZ)
        part = gain[at : at + length]
        np.minimum(part, shape[: len(part)], out=part)
    return gain


# Reverb rooms: seconds to decay by 60 dB, pre-delay, how dark.
ROOMS = {"room": (0.7, 0.008, 6500.0), "plate": (1.5, 0.018, 7500.0), "hall": (2.5, 0.03, 5200.0)}


@lru_cache(maxsize=4)
def impulse(room: str) -> np.ndarray:
    """A synthetic stereo room: sparse early reflections, then noise that darkens as it dies. Shape (2, n)."""
    decay_s, predelay_s, bright_hz = ROOMS[room]
    count = round(decay_s * 1.1 * SAMPLE_RATE_HZ)
    source = noise_source(7, "room", room)
    t = np.arange(count) / SAMPLE_RATE_HZ
    noise = source.normal(0, 1, (2, count))
    bright = sosfilt(low_pass(bright_hz), noise) * np.exp(-6.9 * t / (decay_s * 0.55))
    dark = sosfilt(low_pass(bright_hz / 3.2), noise) * np.exp(-6.9 * t / decay_s) * 1.3
    tail = (bright + dark) * np.minimum(1.0, t / 0.012)
    for _ in range(14):
        at = int(source.uniform(0.004, 0.06) * SAMPLE_RATE_HZ)
        tail[source.integers(0, 2), at] += source.choice((-1, 1)) * source.uniform(2, 5)
    tail = sosfilt(high_pass(180), tail)
    delayed = np.pad(tail, ((0, 0), (round(predelay_s * SAMPLE_RATE_HZ), 0)))
    return (delayed / np.sqrt((delayed**2).sum(axis=1, keepdims=True))).astype(np.float32)


@lru_cache(maxsize=4)
def _spectrum(room: str, size: int) -> np.ndarray:
    return np.asarray(rfft(impulse(room), size, axis=1))


def reverberate(send: np.ndarray, room: str) -> np.ndarray:
    """Wet sound of a mono send, shape (2, len(send)). Linear: the sum of sends gives the sum of rooms."""
    length = impulse(room).shape[1]
    size = 1 << (2 * length - 1).bit_length()
    hop = size - length + 1
    out = np.zeros((2, len(send) + size), np.float32)
    for start in range(0, len(send), hop):
        part = send[start : start + hop]
        if part.any():
            wet = irfft(rfft(part, size) * _spectrum(room, size), size, axis=1)
            out[:, start : start + size] += wet
    return out[:, : len(send)]


def echo(send: np.ndarray, delay_s: float, feedback: float) -> np.ndarray:
    """Ping-pong delay of a mono send, darker with every repeat. Linear."""
    step = round(delay_s * SAMPLE_RATE_HZ)
    out = np.zeros((2, len(send)), np.float32)
    repeat = send[None].copy()
    for number in range(4):
        at = step * (number + 1)
        if at >= len(send):
            break
        equalise(repeat, [low_pass(4200)], in_place=True)
        repeat *= np.float32(feedback)
        out[number % 2, at:] += repeat[0, : len(send) - at]
    return out
