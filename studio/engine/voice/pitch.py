"""The sung pitch: exact notes joined by glides, a scoop into phrases, vibrato on what is held, a slow
drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from studio.engine.perform import Played
from studio.engine.persona import Persona

STEP_S = 0.0025
GLIDE_S = (0.020, 0.050)
GLIDE_SHARE = 0.35  # of the shorter of the two notes
LEAD_S = 0.006  # how much before the beat the middle of a glide lies
APART_S = 0.30  # a longer rest starts a new phrase
SCOOP_S = 0.09
FALL_S, FALL_CENTS = 0.10, 25.0
VIBRATO_GROWTH_S = 0.25
DRIFT_CENTS, DRIFT_HZ = 4.0, 0.8
# Random wobble of the vocal cords, felt as life rather than heard as pitch.
JITTER_CENTS, JITTER_HZ = 2.5, 12.0

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Pitch:
    """A pitch curve in MIDI semitones: `plain` without vibrato and wobble, `sung` with all; one value every
    STEP_S from `start_s`."""

    start_s: float
    plain: Curve
    sung: Curve

    def at(self, times_s: Curve, *, plain: bool = False) -> Curve:
        grid = self.start_s + STEP_S * np.arange(len(self.plain))
        return np.asarray(np.interp(times_s, grid, self.plain if plain else self.sung))


def hz(midi: Curve) -> Curve:
    return np.asarray(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def pitch_of(
    notes: Sequence[Played], start_s: float, end_s: float, persona: Persona, rng: np.random.Generator
) -> Pitch:
    """The pitch over start_s..end_s for notes in order. Deterministic for the state of `rng`."""
    times = np.arange(start_s, end_s + STEP_S, STEP_S)
    plain = _glides(notes, times)
    ornament = np.zeros(len(times))
    for index, note in enumerate(notes):
        before = notes[index - 1] if index else None
        after = notes[index + 1] if index + 1 < len(notes) else None
        opens = before is None or note.start_s - before.end_s > APART_S
        closes = after is None or after.start_s - note.end_s > APART_S
        if opens:
            ornament -= _scoop(note, times, persona.scoop_cents)
        if closes:
            ornament -= _fall(note, times)
        until_s = note.end_s if closes or after is None else after.start_s
        ornament += _vibrato(note.start_s, until_s, times, persona, rng)
    ornament += _wobble(len(times), DRIFT_HZ, DRIFT_CENTS, rng)
    ornament += _wobble(len(times), JITTER_HZ, JITTER_CENTS * (1.0 + 2.0 * max(0.0, persona.grit - 0.5)), rng)
    return Pitch(start_s, plain, plain + ornament / 100.0)


def _glides(notes: Sequence[Played], times: Curve) -> Curve:
    curve = np.full(len(times), float(notes[0].pitch))
    for old, new in pairwise(notes):
        step = new.pitch - old.pitch
        if not step:
            continue
        shorter_s = min(new.start_s - old.start_s, new.end_s - new.start_s)
        # A wide step takes longer than a narrow one.
        width_s = min(GLIDE_S[0] + 0.004 * abs(step), GLIDE_S[1], max(GLIDE_SHARE * shorter_s, STEP_S))
        way = np.clip((times - (new.start_s - LEAD_S)) / width_s + 0.5, 0.0, 1.0)
        curve += step * (way * way * (3.0 - 2.0 * way))
    return curve


def _scoop(note: Played, times: Curve, cents: float) -> Curve:
    """From below into the first note of a phrase, nearly gone when the vowel has been heard."""
    length_s = min(SCOOP_S, 0.3 * (note.end_s - note.start_s))
    return np.asarray(
        cents
        * np.exp(-np.maximum(times - note.start_s + 0.02, 0.0) / max(length_s / 2, 0.01))
        * (times < note.end_s)
    )


def _fall(note: Played, times: Curve) -> Curve:
    """The breath runs out at the end of a phrase."""
    length_s = min(FALL_S, 0.2 * (note.end_s - note.start_s))
    return np.asarray(
        FALL_CENTS * np.clip((times - note.end_s + length_s) / max(length_s, 0.01), 0.0, 1.0) ** 2
    )


def _vibrato(start_s: float, end_s: float, times: Curve, persona: Persona, rng: np.random.Generator) -> Curve:
    rate_hz = persona.vibrato_hz * float(rng.uniform(0.95, 1.05))
    depth = persona.vibrato_cents * float(rng.uniform(0.85, 1.1))
    phase = float(rng.uniform(-0.4, 0.4))
    onset_s = start_s + persona.vibrato_after_s
    if end_s - onset_s < 0.15 or depth <= 0.0:
        return np.zeros(len(times))
    inside = times - onset_s
    growth = np.clip(inside / VIBRATO_GROWTH_S, 0.0, 1.0) * np.clip((end_s - times) / 0.08, 0.0, 1.0)
    # The rate gives a little, so that long notes are not a siren.
    bend = 0.25 * np.sin(2 * np.pi * 0.45 * inside + phase * 5)
    return np.asarray(depth * growth * np.sin(2 * np.pi * rate_hz * inside + phase + bend) * (inside > 0))


def _wobble(count: int, rate_hz: float, depth: float, rng: np.random.Generator) -> Curve:
    """Smooth noise with the given deviation that turns about `rate_hz` times a second."""
    width = 1.0 / (2 * np.pi * rate_hz * STEP_S)
    every = max(1, int(width / 2))
    coarse = gaussian_filter1d(rng.standard_normal(count // every + 8), width / every, mode="wrap")
    coarse *= np.sqrt(2 * np.sqrt(np.pi) * width / every) * depth
    return np.asarray(np.interp(np.arange(count) / every, np.arange(len(coarse)), coarse))
