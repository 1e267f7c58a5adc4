"""Recordings of nobody's: bands and voices made of sines and noise, whose tempo, key and notes are known.

None of the engine's own instruments or voices is in them, so that its ears are not tested on its own sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

Floats = NDArray[np.float64]
RATE_HZ = 44_100
LEAD_S = 0.35
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)
VOWELS_HZ = ((730, 1090, 2440), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240), (390, 1990, 2550))


@dataclass(frozen=True)
class Truth:
    """What is played: `chords` are (pitch class, intervals) of the bars, over and over."""

    name: str
    bpm: float
    key: str
    chords: tuple[tuple[int, tuple[int, ...]], ...]
    bars: int
    drums: str
    bar_beats: int = 4

    @property
    def beat_s(self) -> float:
        return 60.0 / self.bpm

    @property
    def bar_s(self) -> float:
        return self.bar_beats * self.beat_s

    def chord_at(self, second: float) -> frozenset[int]:
        """The pitch classes of the chord that sounds."""
        bar = int((second - LEAD_S) / self.bar_s + 1e-6)
        root, steps = self.chords[max(0, bar) % len(self.chords)]
        return frozenset((root + step) % 12 for step in steps)


SONGS = (
    Truth("pop G", 112.0, "G major", ((7, MAJOR), (2, MAJOR), (4, MINOR), (0, MAJOR)), 16, "four"),
    Truth("slow Am", 84.0, "A minor", ((9, MINOR), (5, MAJOR), (0, MAJOR), (4, MINOR)), 12, "half"),
    Truth("house Fm", 124.0, "F minor", ((5, MINOR), (1, MAJOR), (8, MAJOR), (3, MAJOR)), 16, "house"),
)


def band(truth: Truth, seed: int = 1) -> Floats:
    """Drums, bass, chords and a high arpeggio, (2, samples)."""
    rng = np.random.default_rng(seed)
    out = np.zeros((2, round((LEAD_S + truth.bars * truth.bar_s + 1.2) * RATE_HZ)))
    for bar in range(truth.bars):
        start = LEAD_S + bar * truth.bar_s
        root, steps = truth.chords[bar % len(truth.chords)]
        for step in steps:
            _lay(out, start, _keys(57 + (root + step - 9) % 12, truth.bar_s), 0.10, -0.3)
        for half in range(2 * truth.bar_beats):
            at = start + half * truth.beat_s / 2
            note = 69 + (root + steps[half % 3] - 9) % 12
            _lay(out, at, _keys(note, truth.beat_s / 2), 0.04, 0.4)
            _lay(out, at, _saw_bass(33 + (root - 9) % 12, truth.beat_s * 0.46), 0.16, 0.0)
        _drum_bar(out, start, truth, rng)
    return out / np.abs(out).max() * 0.7


def _drum_bar(out: Floats, start: float, truth: Truth, rng: np.random.Generator) -> None:
    kicks = {"four": (0, 2, 2.5), "half": (0, 2.5), "house": tuple(range(truth.bar_beats))}[truth.drums]
    snares = {"four": (1, 3), "half": (2,), "house": (1, 3)}[truth.drums]
    for beat in kicks:
        t = np.arange(9000) / RATE_HZ
        kick = np.sin(2 * np.pi * (48 * t + 3.2 * (1 - np.exp(-t * 38)))) * np.exp(-t * 14)
        _lay(out, start + beat * truth.beat_s, kick, 0.42, 0.0)
    for beat in snares:
        t = np.arange(7000) / RATE_HZ
        snare = (0.7 * rng.normal(size=7000) + np.sin(2 * np.pi * 190 * t)) * np.exp(-t * 24)
        _lay(out, start + beat * truth.beat_s, snare, 0.13, 0.05)
    for half in range(2 * truth.bar_beats):
        noise = rng.normal(size=2200) * np.exp(-np.arange(2200) / 420)
        high = sosfilt(butter(2, 7000 / (RATE_HZ / 2), "high", output="sos"), noise)
        _lay(out, start + half * truth.beat_s / 2, high, 0.06, 0.25)


def _lay(out: Floats, at_s: float, sound: Floats, gain: float, pan: float) -> None:
    at = round(at_s * RATE_HZ)
    part = out[:, at : at + len(sound)]
    sides = np.array([[np.cos((pan + 1) * np.pi / 4)], [np.sin((pan + 1) * np.pi / 4)]])
    part += gain * sides * sound[: part.shape[1]]


def _hz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def _keys(pitch: int, seconds: float) -> Floats:
    """A struck note by frequency modulation."""
    t = np.arange(round((seconds + 0.12) * RATE_HZ)) / RATE_HZ
    turn = 2 * np.pi * _hz(pitch) * t
    wave = np.sin(turn + 1.6 * np.exp(-t * 5) * np.sin(turn)) + 0.2 * np.sin(4 * turn) * np.exp(-t * 9)
    return np.asarray(wave * np.exp(-t * 1.1) * _gate(t, seconds))


def _saw_bass(pitch: int, seconds: float) -> Floats:
    t = np.arange(round((seconds + 0.05) * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * _hz(pitch) * n * t) / n * 0.85**n for n in range(1, 14))
    return np.asarray(wave * _gate(t, seconds))


def _gate(t: Floats, seconds: float) -> Floats:
    return np.asarray(np.clip(t / 0.004, 0, 1) * np.clip((t[-1] - t) / max(1e-3, t[-1] - seconds), 0, 1))


def tune(truth: Truth, low: int = 57, seed: int = 2) -> list[tuple[float, float, int]]:
    """(start_s, end_s, MIDI pitch): strong beats on chord tones, steps of the scale between, home at last."""
    rng = np.random.default_rng(seed)
    scale = sorted({(root + step) % 12 for root, steps in truth.chords for step in steps})
    ladder = [p for p in range(low, low + 15) if p % 12 in scale]
    place, notes = len(ladder) // 2, []
    for bar in range(truth.bars):
        start = LEAD_S + bar * truth.bar_s
        rhythm = ((0, 1, 1.5, 2, 3), (0, 0.5, 1, 2, 2.5, 3), (0, 2), (0, 1.5, 2, 3))[bar % 4]
        for beat, end in zip(rhythm, (*rhythm[1:], truth.bar_beats), strict=True):
            chord = truth.chord_at(start + 0.01)
            place = int(np.clip(place + rng.choice([-2, -1, -1, 1, 1, 2]), 0, len(ladder) - 1))
            if beat in (0, 2):
                place = min(
                    (i for i, p in enumerate(ladder) if p % 12 in chord), key=lambda i: abs(i - place)
                )
            length = min(end - beat, 2.0) * truth.beat_s
            begin = start + beat * truth.beat_s
            notes.append((begin, begin + length * 0.93, ladder[place]))
    tonic = truth.chords[0][0]
    begin, end, _ = notes[-1]
    notes[-1] = (begin, end + truth.beat_s, next(p for p in ladder if p % 12 == tonic))
    return notes


def voice(notes: list[tuple[float, float, int]], seed: int = 3) -> Floats:
    """Sung vowels with breath, vibrato and slurs, (2, samples)."""
    rng = np.random.default_rng(seed)
    count = round((notes[-1][1] + 0.8) * RATE_HZ)
    pitch, level, formants = np.full(count, float(notes[0][2])), np.zeros(count), np.zeros((3, count))
    noise = np.zeros(count)
    for number, (start, end, note) in enumerate(notes):
        a, b = round(start * RATE_HZ), round(end * RATE_HZ)
        t = np.arange(b - a) / RATE_HZ
        pitch[a:] = note
        pitch[a:b] += 0.25 * np.sin(2 * np.pi * 5.6 * t) * np.clip((t - 0.2) * 4, 0, 1)
        level[a:b] = np.clip(np.minimum(t / 0.035, (t[-1] - t) / 0.05), 0, 1)
        formants[:, a:] = np.array(VOWELS_HZ[(number * 3 + note) % len(VOWELS_HZ)])[:, None]
        hiss = max(0, a - 2600)
        noise[hiss:a] += 0.05 * rng.normal(size=a - hiss) * np.hanning(a - hiss)
    glide = np.ones(1500) / 1500
    pitch = np.convolve(pitch + 0.04 * np.interp(np.arange(count), np.arange(0, count, 3000),
                        rng.normal(size=len(range(0, count, 3000)))), glide, "same")  # fmt: skip
    formants = np.stack([np.convolve(row, glide, "same") for row in formants])
    hz = 440 * 2 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    out = np.zeros(count)
    for n in range(1, 32):
        gain = sum(w / (1 + ((hz * n - f) / 75) ** 2) for f, w in zip(formants, (1, 0.6, 0.35), strict=True))
        out += np.where(hz * n < 9000, (gain + 0.02) / n**0.6 * np.sin(n * phase), 0.0)
    out = out * level * (1 + 0.02 * rng.normal(size=count)) + noise
    out = out / np.abs(out).max() * 0.5
    return np.stack([out, out])


def written(path: Path, sound: Floats) -> Path:
    soundfile.write(path, sound.T, RATE_HZ, subtype="PCM_16")
    return path
