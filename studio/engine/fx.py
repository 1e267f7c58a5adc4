"""Equalisers, compressors, reverb, delay, ducking. Signals are float32 of shape (2, samples)."""

from functools import lru_cache

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

from studio.engine.chance import noise_source
from studio.engine.spec import SAMPLE_RATE_HZ

BLOCK = 64


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


def equalise(signal: np.ndarray, sections: list[np.ndarray]) -> np.ndarray:
    """Run all sections in one pass, in double precision inside: low corners need it."""
    if not sections:
        return signal
    sos = np.vstack(sections)
    return np.stack([sosfilt(sos, channel).astype(np.float32) for channel in signal])


def compress(
    signal: np.ndarray, threshold_db: float, ratio: float, *, attack_s: float, release_s: float
) -> np.ndarray:
    """Feed-forward compression. `threshold_db` is relative to the signal's own loud level (95th
    percentile)."""
    level = block_levels(signal)
    loud = np.percentile(level[level > 1e-5], 95) if np.any(level > 1e-5) else 1.0
    over_db = np.maximum(0.0, 20 * np.log10(np.maximum(level, 1e-6) / loud) - threshold_db)
    gain_db = -_follow(over_db * (1 - 1 / ratio), attack_s, release_s)
    return signal * spread(10 ** (gain_db / 20), signal.shape[1])


def block_levels(signal: np.ndarray) -> np.ndarray:
    """RMS of both channels in blocks of 64 samples."""
    whole = signal.shape[1] // BLOCK * BLOCK
    blocks = signal[:, :whole].reshape(2, -1, BLOCK)
    return np.sqrt(np.einsum("cnb,cnb->n", blocks, blocks) / (2 * BLOCK) + 1e-14)


def _follow(target: np.ndarray, attack_s: float, release_s: float) -> np.ndarray:
    """One-pole smoothing, with the faster of two time constants while rising."""
    rate = SAMPLE_RATE_HZ / BLOCK
    rise, fall = (float(np.exp(-1 / max(1e-9, s * rate))) for s in (attack_s, release_s))
    state = 0.0
    out = []
    for value in target.tolist():
        state = value + (rise if value > state else fall) * (state - value)
        out.append(state)
    return np.array(out)


def spread(per_block: np.ndarray, samples: int, block: int = BLOCK) -> np.ndarray:
    """Block values as a smooth curve, one float32 per sample."""
    centres = np.arange(len(per_block)) * block + block / 2
    return np.interp(np.arange(samples), centres, per_block).astype(np.float32)


def saturate(signal: np.ndarray, drive: float) -> np.ndarray:
    """Soft clipping that keeps the loud level where it was."""
    peak = float(np.percentile(np.abs(signal), 99.5)) or 1.0
    return (np.tanh(signal * np.float32(drive / peak)) * np.float32(peak / np.tanh(drive))).astype(np.float32)


def pan(signal: np.ndarray, position: float) -> np.ndarray:
    """Balance with constant power; -1 left, 1 right."""
    angle = (position + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(2**0.5)
    return signal * gains


def widen(signal: np.ndarray, amount: float, delay_s: float = 0.013) -> np.ndarray:
    """Add side information that cancels in mono: a delayed, thinned copy, opposite in left and right."""
    if amount <= 0:
        return signal
    shift = round(delay_s * SAMPLE_RATE_HZ)
    mid = signal.mean(axis=0)
    side = np.zeros_like(mid)
    side[shift:] = mid[:-shift]
    side = sosfilt(high_pass(250), side).astype(np.float32) * np.float32(amount)
    return signal + np.stack([side, -side])


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


def reverberate(send: np.ndarray, room: str) -> np.ndarray:
    """Wet sound of a mono send, shape (2, len(send)). Linear: the sum of sends gives the sum of rooms."""
    response = impulse(room)
    return np.stack([oaconvolve(send, ear)[: len(send)].astype(np.float32) for ear in response])


def echo(send: np.ndarray, delay_s: float, feedback: float) -> np.ndarray:
    """Ping-pong delay of a mono send, darker with every repeat. Linear."""
    step = round(delay_s * SAMPLE_RATE_HZ)
    out = np.zeros((2, len(send)), np.float32)
    repeat = send
    for number in range(4):
        repeat = sosfilt(low_pass(4200), repeat).astype(np.float32) * np.float32(feedback)
        at = step * (number + 1)
        if at >= len(send):
            break
        out[number % 2, at:] += repeat[: len(send) - at]
    return out
