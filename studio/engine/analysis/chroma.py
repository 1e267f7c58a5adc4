"""Which pitch classes sound: tuned, and cleaned of overtones by matching note patterns to the spectrum."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from studio.engine.analysis.samples import resample
from studio.engine.analysis.spectra import magnitudes
from studio.engine.spec import SAMPLE_RATE_HZ

Floats = NDArray[np.float64]
RATE_HZ = 11_025
SIZE, HOP = 4096, 512
FRAMES_PER_S = RATE_HZ / HOP
LOWEST, HIGHEST = 28, 100  # MIDI pitches of the notes looked for
BINS = 3  # per semitone
OVERTONES = 12
DECAY = 0.72  # of a note's overtones, the middle of plucked and bowed sounds
ROUNDS = 40
BASS_UP_TO, TREBLE_FROM = 52, 46


@dataclass(frozen=True)
class Tones:
    """How strongly every semitone sounds: `notes` (frames, HIGHEST - LOWEST + 1), FRAMES_PER_S of them a
    second, and by how many cents the recording is off A = 440 Hz."""

    notes: Floats
    tuning_cents: float


def find_tones(mono: NDArray[np.float32]) -> Tones:
    """Note strengths of float32 (samples,) at 44.1 kHz."""
    slow = resample(mono, SAMPLE_RATE_HZ, RATE_HZ)
    pieces = list(magnitudes(slow, SIZE, HOP, "hann"))
    tuning = _tuning(pieces)
    bins = _bins(round(tuning))
    spectrum = np.concatenate([piece @ bins for piece in pieces]).astype(np.float64)
    return Tones(_matched(_whitened(spectrum)), tuning)


def _tuning(pieces: list[NDArray[np.float32]]) -> float:
    """Cents that the spectrum's peaks lie above the nearest semitone, as a circular mean."""
    total = 0j
    hz = np.arange(SIZE // 2 + 1) * RATE_HZ / SIZE
    band = (hz > 110) & (hz < 1800)
    for piece in pieces:
        rows = piece[::2]
        inner = rows[:, 1:-1]
        peak = (inner > rows[:, :-2]) & (inner >= rows[:, 2:]) & band[1:-1]
        peak &= inner > 0.1 * rows.max(axis=1, keepdims=True)
        row, col = np.nonzero(peak)
        if not len(row):
            continue
        left, here, right = (np.log(rows[row, col + step] + 1e-9) for step in (0, 1, 2))
        shift = 0.5 * (left - right) / np.minimum(-1e-9, left - 2 * here + right)
        pitch = 69 + 12 * np.log2((col + 1 + np.clip(shift, -0.5, 0.5)) * RATE_HZ / SIZE / 440.0)
        total += complex((inner[row, col] * np.exp(2j * np.pi * pitch)).sum())
    return float(np.angle(total) / (2 * np.pi) * 100) if total else 0.0


@lru_cache(maxsize=8)
def _bins(tuning_cents: int) -> NDArray[np.float32]:
    """Spectrum lines to thirds of semitones, shape (SIZE // 2 + 1, pitches * BINS)."""
    hz = np.maximum(1e-3, np.arange(SIZE // 2 + 1) * RATE_HZ / SIZE)
    pitch = 69 + 12 * np.log2(hz / 440.0) - tuning_cents / 100
    count = (HIGHEST - LOWEST + 1) * BINS
    centres = LOWEST + (np.arange(count) - 1) / BINS
    # Low down one line of the spectrum is wider than a third of a semitone.
    line = 12 / np.log(2) * (RATE_HZ / SIZE) / hz
    width = np.maximum(1.0 / BINS, line)[:, None]
    weights = np.clip(1 - np.abs(pitch[:, None] - centres) / width, 0.0, None)
    return np.asarray(weights / np.maximum(1.0, width * BINS), np.float32)


def _whitened(spectrum: Floats) -> Floats:
    """Without the recording's tone colour: each place relative to its neighbourhood of an octave."""
    span = 18 * BINS
    mean = uniform_filter1d(spectrum, span, axis=1)
    spread = np.sqrt(np.maximum(0.0, uniform_filter1d(spectrum**2, span, axis=1) - mean**2))
    raised = np.maximum(0.0, spectrum - mean)
    floor = 0.02 * spectrum.max(initial=1e-9)
    return np.asarray(raised / (spread + floor) ** 0.7)


@lru_cache(maxsize=1)
def _patterns() -> Floats:
    """What each note does to the bins, shape (pitches, pitches * BINS)."""
    pitches = HIGHEST - LOWEST + 1
    places = LOWEST + (np.arange(pitches * BINS) - 1) / BINS
    patterns = np.zeros((pitches, pitches * BINS))
    for number in range(1, OVERTONES + 1):
        centre = LOWEST + np.arange(pitches)[:, None] + 12 * np.log2(number)
        patterns += DECAY ** (number - 1) * np.clip(1 - np.abs(places - centre) / 0.67, 0.0, None)
    return np.asarray(patterns / np.linalg.norm(patterns, axis=1, keepdims=True))


def _matched(spectrum: Floats) -> Floats:
    """Notes whose patterns add up to the spectrum: non-negative least squares by multiplicative steps, after
    a mean over five frames that calms the noise."""
    patterns = _patterns()
    wanted = uniform_filter1d(spectrum, 5, axis=0)
    match = wanted @ patterns.T
    mutual = patterns @ patterns.T
    notes = match + 1e-6
    for _ in range(ROUNDS):
        notes *= match / (notes @ mutual + 1e-6)
    return np.asarray(notes)


def fold(notes: Floats) -> tuple[Floats, Floats]:
    """Treble and bass chroma (rows, 12) of rows of note strengths, C first. The treble leaves out the lowest
    and softens the highest notes, the bass takes the low ones."""
    pitch = np.arange(LOWEST, HIGHEST + 1)
    treble = np.clip((pitch - TREBLE_FROM) / 8, 0.0, 1.0) * np.clip((100 - pitch) / 18, 0.0, 1.0)
    bass = np.clip((BASS_UP_TO + 6 - pitch) / 8, 0.0, 1.0)
    wheel = (pitch[:, None] % 12 == np.arange(12)).astype(float)
    return (notes * treble) @ wheel, (notes * bass) @ wheel


def between(notes: Floats, edges_s: Floats) -> Floats:
    """The mean of each stretch between neighbouring edges, leaving its first frames to the old sound's
    ringing, shape (len(edges) - 1, pitches)."""
    out = np.zeros((len(edges_s) - 1, notes.shape[1]))
    for row, (start, end) in enumerate(itertools.pairwise(edges_s)):
        first = round((start + 0.12 * (end - start)) * FRAMES_PER_S)
        last = max(first + 1, round(end * FRAMES_PER_S))
        part = notes[max(0, first) : last]
        if len(part):
            out[row] = part.mean(axis=0)
    return out
