"""Our own synthesizers, for sounds where General MIDI samples are dated: saws, plucks, sub, 808, kick,
noise."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from studio.engine.chance import noise_source
from studio.engine.perform import Played, PlayedTrack, ring_gain
from studio.engine.spec import SAMPLE_RATE_HZ

TABLE = 8192
RELEASE_S = {"supersaw": 0.22, "saw_pad": 0.6, "pluck": 0.35, "lead": 0.16, "soft_lead": 0.2, "glass": 0.9,
             "synth_brass": 0.18, "saw_bass": 0.05, "sub_bass": 0.06, "bass_808": 0.12}  # fmt: skip
Voice = Callable[[float, int, int], np.ndarray]


def render_synth(track: PlayedTrack, samples: int, seed: int) -> np.ndarray:
    """Stereo float32 of shape (2, samples). Equal notes are computed once."""
    out = np.zeros((2, samples), np.float32)
    name = track.instrument.synth
    cache: dict[tuple[int, int], np.ndarray] = {}
    for note in track.notes:
        at = round(note.start_s * SAMPLE_RATE_HZ)
        if at >= samples:
            continue
        # Lengths on a 12 ms grid, so that human timing does not defeat the cache.
        length = max(1, round((note.end_s - note.start_s) / 0.012)) * round(0.012 * SAMPLE_RATE_HZ)
        key = (note.pitch, length)
        if key not in cache:
            cache[key] = _voice(name, note, length, seed)
        sound = cache[key][:, : samples - at]
        gain = (note.velocity / 127) ** 1.4
        if note.start_s >= track.ring_from_s:
            sound = sound * ring_gain(np.minimum(1.0, np.arange(sound.shape[1]) / length)).astype(np.float32)
        out[:, at : at + sound.shape[1]] += sound * np.float32(gain)
    return out


def _voice(name: str, note: Played, length: int, seed: int) -> np.ndarray:
    freq = 440.0 * 2 ** ((note.pitch - 69) / 12)
    if name == "kick":
        return _kick()
    if name == "riser":
        return _impact(seed) if note.pitch < 48 else _riser(length, seed)
    total = length + round(RELEASE_S[name] * SAMPLE_RATE_HZ)
    sound = VOICES[name](freq, total, seed + note.pitch)
    return (np.atleast_2d(sound) * _gate(total, length)).astype(np.float32)


def _gate(total: int, length: int) -> np.ndarray:
    """One until the key is let go, then a fast curve to nothing."""
    tail = np.linspace(1.0, 0.0, total - length) ** 2
    return np.concatenate([np.ones(length), tail])


@lru_cache(maxsize=64)
def _table(harmonics: int, square: bool) -> np.ndarray:
    """One band-limited period; a saw, or odd harmonics only."""
    phase = np.arange(TABLE) / TABLE * 2 * np.pi
    numbers = range(1, harmonics + 1, 2 if square else 1)
    parts = [np.sin(n * phase) / n * (1 - 0.3 * (n / (harmonics + 1)) ** 2) for n in numbers]
    return (np.sum(parts, axis=0) * (1.1 if square else 0.6)).astype(np.float32)


def _wave(freq: float, count: int, phase: float, *, square: bool = False) -> np.ndarray:
    harmonics = max(1, int(min(64, 17_000 / freq)))
    steps = (phase + np.arange(count) * (freq / SAMPLE_RATE_HZ)) % 1.0
    return _table(harmonics, square)[(steps * TABLE).astype(np.int32)]


def _sine(freq: float, count: int) -> np.ndarray:
    return np.sin(2 * np.pi * freq / SAMPLE_RATE_HZ * np.arange(count))


def _low(signal: np.ndarray, hz: float, order: int = 2) -> np.ndarray:
    return sosfilt(butter(order, min(hz, 19_000) / (SAMPLE_RATE_HZ / 2), output="sos"), signal)


def _decay(count: int, seconds: float) -> np.ndarray:
    return np.exp(-np.arange(count) / (seconds * SAMPLE_RATE_HZ))


def _attack(count: int, seconds: float) -> np.ndarray:
    return np.minimum(1.0, np.arange(count) / max(1, round(seconds * SAMPLE_RATE_HZ)))


def _detuned(freq: float, count: int, seed: int, voices: int, cents: float) -> np.ndarray:
    """Stereo stack of detuned saws, each with its own place and phase."""
    phases = noise_source(seed, "phases").random(voices)
    out = np.zeros((2, count), np.float32)
    for i in range(voices):
        place = 2 * i / (voices - 1) - 1
        saw = _wave(freq * 2 ** (place * cents / 1200), count, float(phases[i]))
        side = place if i % 2 else -place
        out[0] += saw * np.float32(0.5 - 0.4 * side)
        out[1] += saw * np.float32(0.5 + 0.4 * side)
    return out / np.float32(voices**0.5)


def _supersaw(freq: float, count: int, seed: int) -> np.ndarray:
    return _low(_detuned(freq, count, seed, 7, 22.0), 7500, 1) * _attack(count, 0.006)


def _saw_pad(freq: float, count: int, seed: int) -> np.ndarray:
    stack = _detuned(freq, count, seed, 4, 14.0)
    slow = 0.7 + 0.3 * np.sin(2 * np.pi * 0.23 * np.arange(count) / SAMPLE_RATE_HZ + seed % 7)
    return (_low(stack, 900) * 0.8 + _low(stack, 2400) * 0.35 * slow) * _attack(count, 0.16)


def _pluck(freq: float, count: int, seed: int) -> np.ndarray:
    stack = _detuned(freq, count, seed, 3, 9.0)
    bright = _low(stack, 6500) * _decay(count, 0.07)
    return (bright + _low(stack, 1300) * _decay(count, 0.28)) * _attack(count, 0.002)


def _lead(freq: float, count: int, seed: int) -> np.ndarray:
    wobble = _vibrato(freq, count)
    saw = _table(max(1, int(min(64, 15_000 / freq))), False)[(wobble * TABLE).astype(np.int32)]
    stack = np.stack([saw, saw]) + 0.5 * _detuned(freq, count, seed, 3, 10.0)
    return _low(stack, 3800) * _attack(count, 0.012)


def _soft_lead(freq: float, count: int, seed: int) -> np.ndarray:
    wobble = _vibrato(freq, count)
    square = _table(max(1, int(min(40, 12_000 / freq))), True)[(wobble * TABLE).astype(np.int32)]
    body = _low(square, min(5000.0, 900 + 2.2 * freq)) + 0.35 * np.sin(2 * np.pi * wobble)
    breath = _low(noise_source(seed, "breath").normal(0, 0.02, count), 5000)
    return np.stack([body + breath, body + np.roll(breath, 331)]) * _attack(count, 0.03) * 0.8


def _vibrato(freq: float, count: int) -> np.ndarray:
    """Phase in periods with a vibrato that comes in after a quarter of a second."""
    t = np.arange(count) / SAMPLE_RATE_HZ
    depth = np.clip((t - 0.25) / 0.3, 0, 1) * 0.009
    return np.cumsum(freq * (1 + depth * np.sin(2 * np.pi * 5.2 * t)) / SAMPLE_RATE_HZ) % 1.0


def _glass(freq: float, count: int, seed: int) -> np.ndarray:
    """Two-operator frequency modulation with a bell's ratios."""
    t = np.arange(count) / SAMPLE_RATE_HZ
    modulator = np.sin(2 * np.pi * freq * 3.01 * t) * 1.5 * _decay(count, 0.18)
    body = np.sin(2 * np.pi * freq * t + modulator) * _decay(count, 0.75)
    shine = np.sin(2 * np.pi * freq * 4.0 * t + 0.3) * 0.15 * _decay(count, 0.2)
    left = body + shine
    return np.stack([left, np.roll(left, 37)]) * _attack(count, 0.003)


def _synth_brass(freq: float, count: int, seed: int) -> np.ndarray:
    stack = _detuned(freq, count, seed, 4, 11.0)
    opening = _attack(count, 0.09)
    return (
        _low(stack, 1100) * 0.8 + _low(stack, 4200) * 0.5 * opening * (0.5 + 0.5 * _decay(count, 0.5))
    ) * opening**0.5


def _saw_bass(freq: float, count: int, seed: int) -> np.ndarray:
    saw = _wave(freq, count, 0.0) + 0.5 * _wave(freq * 1.004, count, 0.4)
    mono = _low(saw, 420) * 0.9 + _low(saw, 1900) * 0.5 * _decay(count, 0.11) + 0.5 * _sine(freq, count)
    return np.tanh(mono * 1.3) * _attack(count, 0.003)


def _sub_bass(freq: float, count: int, seed: int) -> np.ndarray:
    body = _sine(freq, count) + 0.32 * _sine(2 * freq, count) + 0.12 * _sine(3 * freq, count)
    return np.tanh(1.4 * body) * _attack(count, 0.008) * (0.75 + 0.25 * _decay(count, 0.5))


def _bass_808(freq: float, count: int, seed: int) -> np.ndarray:
    t = np.arange(count) / SAMPLE_RATE_HZ
    glide = freq * (1 + 1.6 * np.exp(-t / 0.018))
    body = np.sin(2 * np.pi * np.cumsum(glide) / SAMPLE_RATE_HZ)
    driven = np.tanh(2.4 * body * (0.55 + 0.45 * _decay(count, 0.25)))
    return driven * _decay(count, 1.1) * _attack(count, 0.002)


VOICES: dict[str, Voice] = {
    "supersaw": _supersaw, "saw_pad": _saw_pad, "pluck": _pluck, "lead": _lead, "soft_lead": _soft_lead,
    "glass": _glass, "synth_brass": _synth_brass, "saw_bass": _saw_bass, "sub_bass": _sub_bass,
    "bass_808": _bass_808,
}  # fmt: skip


@lru_cache(maxsize=1)
def _kick() -> np.ndarray:
    """A body that falls from 160 to 47 Hz and a click to be heard on small speakers."""
    count = round(0.34 * SAMPLE_RATE_HZ)
    t = np.arange(count) / SAMPLE_RATE_HZ
    sweep = 47 + 113 * np.exp(-t / 0.022) + 300 * np.exp(-t / 0.004)
    body = np.sin(2 * np.pi * np.cumsum(sweep) / SAMPLE_RATE_HZ) * np.exp(-t / 0.11)
    click = noise_source(1, "click").normal(0, 1, count) * np.exp(-t / 0.0018) * 0.25
    mono = np.tanh(1.6 * (body + click)) * np.minimum(1, (count - np.arange(count)) / 800)
    return np.stack([mono, mono]).astype(np.float32)


def _riser(length: int, seed: int) -> np.ndarray:
    """Noise whose colour and level climb to the end."""
    noise = noise_source(seed, "riser").normal(0, 0.3, (2, length))
    climb = np.linspace(0, 1, length)
    dark = lfilter([0.06], [1, -0.94], noise)
    bright = noise - lfilter([0.35], [1, -0.65], noise)
    fade = np.minimum(1.0, (length - np.arange(length)) / (0.03 * SAMPLE_RATE_HZ))
    return ((dark * (1 - climb) * 2 + bright * climb) * climb**2 * fade).astype(np.float32)


def _impact(seed: int) -> np.ndarray:
    count = round(2.2 * SAMPLE_RATE_HZ)
    t = np.arange(count) / SAMPLE_RATE_HZ
    boom = np.sin(2 * np.pi * np.cumsum(34 + 50 * np.exp(-t / 0.08)) / SAMPLE_RATE_HZ) * np.exp(-t / 0.5)
    hiss = _low(noise_source(seed, "impact").normal(0, 0.35, (2, count)), 5000) * np.exp(-t / 0.55)
    return ((boom * 0.9 + hiss) * np.linspace(1, 0, count) ** 0.5).astype(np.float32)
