"""Synthesis: a pulse train at the sung pitch and breath, shaped by the net's spectra, overlap-added."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import uniform_filter1d

from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.voice.net import BIN_HZ, BINS, FRAME_S, Spectra

# A window of exactly 1/20 s, so that the transform's bins are the net's.
WINDOW = round(SAMPLE_RATE_HZ / BIN_HZ)
HOP = SAMPLE_RATE_HZ * FRAME_S  # 551.25 samples: frames stand at the nearest sample
TOP_HZ = 11_000.0
SMOOTH_BINS = 5
LOUDEST = 7.0
OPEN_HZ = 240.0
NET_WINDOW = 1200  # the net's own, at 24 kHz

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tone:
    """How a throat differs from the recorded one. `warp` (frames,) scales the formants, `tilt_db` (BINS,) is
    added to the voice, `air` (BINS,) scales the noise of held sounds, `aspiration` (BINS,) is breath made
    of the voice itself; `roughness` 0..1 makes every second pulse weaker."""

    warp: Floats
    tilt_db: Floats
    air: Floats
    aspiration: Floats
    roughness: float = 0.0


def frame_starts(frames: int) -> NDArray[np.int64]:
    """First sample of the window of every frame; frame 0 is centred on sample 0."""
    return np.round(np.arange(frames) * HOP).astype(np.int64) - WINDOW // 2


def synthesise(
    spectra: Spectra,
    source: NDArray[np.float64],
    bursts: Floats,
    hz: Floats,
    voiced: Floats,
    tone: Tone,
    rng: np.random.Generator,
) -> Floats:
    """Sound of len(hz) samples at 44.1 kHz, one frame of spectra every FRAME_S.

    `source` (frames,) says which net frame each frame shows, `bursts` 0..1 (frames,) how much of the noise
    keeps the net's own phases (sharp consonants) rather than being fresh noise (held sounds); `hz` and
    `voiced` (samples,) are the pitch and how far the vocal cords are closed.
    """
    starts = frame_starts(len(source))
    cycle = _cycles(hz)
    pulses = _pulses(cycle, hz)
    pulses *= voiced
    if tone.roughness > 0.0:
        pulses *= 1.0 + tone.roughness * np.cos(np.pi * cycle, dtype=np.float32)
    # Breath comes in gusts, when the cords are open.
    gusts = rng.standard_normal(len(hz), dtype=np.float32)
    gusts *= 1.0 - 0.5 * voiced * np.cos(2 * np.pi * cycle, dtype=np.float32)
    low, high, part = _neighbours(source, len(spectra.voiced))
    voice = _blend(spectra.voiced, low, high, part)
    noise = _blend(spectra.noise, low, high, part)
    nearest = np.where(part < 0.5, low, high)
    phase = spectra.phase[nearest]
    voice, noise, phase = _warped(voice, noise, phase, tone.warp)
    _open_low(voice, hz[np.clip(starts + WINDOW // 2, 0, len(hz) - 1)])
    np.exp(np.minimum(voice, LOUDEST), out=voice)
    uniform_filter1d(voice, SMOOTH_BINS, axis=1, output=voice)
    np.exp(noise, out=noise)
    voice *= 10 ** (tone.tilt_db / 20)
    spectrum = _spectrum_of(pulses, starts, 4.0 / WINDOW)
    spectrum *= voice
    spectrum *= _turn(phase)
    breath = _spectrum_of(gusts, starts, 1.0 / np.sqrt(0.375 * WINDOW))
    held = noise * (1.0 - bursts[:, None])
    held *= tone.air
    held += voice * tone.aspiration
    breath *= held
    spectrum += breath
    _add_bursts(spectrum, spectra, noise, source, nearest, bursts)
    return _overlapped(spectrum, starts, len(hz))


def _cycles(hz: Floats) -> NDArray[np.float32]:
    """Pulses since the start, modulo 2: exact over any length, as the sum is kept in double precision."""
    total = np.cumsum(hz, dtype=np.float64)
    total /= SAMPLE_RATE_HZ
    np.mod(total, 2.0, out=total)
    return total.astype(np.float32)


def _pulses(cycle: Floats, hz: Floats) -> Floats:
    """Every harmonic below TOP_HZ at unit amplitude, in closed form: a sum of cosines is a ratio of sines."""
    count = np.floor(TOP_HZ / np.maximum(hz, 20.0)).astype(np.float32)
    half = np.mod(cycle, np.float32(1.0)) * np.float32(np.pi)
    below = np.sin(half)
    near = np.abs(below) < 1e-3
    below[near] = 1.0
    out = np.sin((2 * count + 1) * half)
    out /= 2 * below
    out[near] = count[near] + 0.5
    out -= 0.5
    return np.asarray(out, np.float32)


def _neighbours(
    source: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    inside = np.clip(source, 0.0, count - 1.001)
    low = inside.astype(np.int64)
    return low, np.minimum(low + 1, count - 1), (inside - low).astype(np.float32)


def _blend(values: Floats, low: NDArray[np.int64], high: NDArray[np.int64], part: Floats) -> Floats:
    out = values[low]
    out += (values[high] - out) * part[:, None]
    return out


def _warped(voice: Floats, noise: Floats, phase: Floats, warp: Floats) -> tuple[Floats, Floats, Floats]:
    """Magnitudes moved along the frequency axis; beyond what the net knows they fall off."""
    if np.all(warp == 1.0):
        return voice, noise, phase
    wanted = np.arange(BINS, dtype=np.float32)[None] / warp[:, None]
    low = np.minimum(wanted.astype(np.int32), BINS - 2)
    part = np.minimum(wanted - low, 1.0)
    rows = (np.arange(len(voice), dtype=np.int32) * BINS)[:, None]
    low += rows
    out = []
    fall = np.maximum(wanted - (BINS - 1), 0.0) * np.float32(0.04)
    for values in (voice, noise):
        flat = values.reshape(-1)
        here = flat[low]
        here += (flat[low + 1] - here) * part
        here -= fall
        out.append(here)
    return out[0], out[1], phase.reshape(-1)[low]


def _open_low(voice: Floats, hz: Floats) -> None:
    """Above a vowel's first formant a singer lifts it to the note, or the note would be thin: whatever
    strength there is below the fundamental is given to it."""
    for row in np.flatnonzero(hz > OPEN_HZ):
        first = hz[row] / BIN_HZ
        last = int(1.8 * first)
        low = voice[row, :last]
        lifted = np.maximum.accumulate(low)
        low += (lifted - low) * np.clip((1.8 * first - np.arange(last)) / (0.6 * first), 0.0, 1.0)


def _turn(phase: Floats) -> NDArray[np.complex64]:
    out = np.empty(phase.shape, np.complex64)
    np.cos(phase, out=out.real)
    np.sin(phase, out=out.imag)
    return out


def _add_bursts(
    spectrum: NDArray[np.complex64],
    spectra: Spectra,
    noise: Floats,
    source: NDArray[np.float64],
    nearest: NDArray[np.int64],
    bursts: Floats,
) -> None:
    rows = np.flatnonzero(bursts > 0.0)
    if not len(rows):
        return
    # A frame taken from beside its place is moved to it, so that a burst stays one burst.
    late_s = (nearest[rows] - source[rows]) * FRAME_S
    shift = (2 * np.pi * BIN_HZ * late_s)[:, None] * np.arange(BINS)
    turned = _turn((spectra.noise_phase[nearest[rows]] - shift).astype(np.float32))
    turned *= noise[rows] * bursts[rows, None]
    spectrum[rows] += turned


@lru_cache(maxsize=1)
def _window() -> Floats:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def _spectrum_of(sound: Floats, starts: NDArray[np.int64], scale: float) -> NDArray[np.complex64]:
    padded = np.pad(sound, (WINDOW, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[starts + WINDOW]
    frames = frames * (_window() * np.float32(scale))
    return np.asarray(rfft(frames, axis=1, overwrite_x=True)[:, :BINS])


def _overlapped(spectrum: NDArray[np.complex64], starts: NDArray[np.int64], samples: int) -> Floats:
    frames = irfft(spectrum, WINDOW, axis=1)
    # Four windows overlap: their squares sum to 1.5. The net counts magnitudes for its own window.
    frames *= _window() * np.float32(WINDOW / NET_WINDOW / 1.5)
    out = np.zeros(samples + 2 * WINDOW, np.float32)
    for start, frame in zip(starts + WINDOW, frames, strict=True):
        out[start : start + WINDOW] += frame
    return out[WINDOW : WINDOW + samples]
