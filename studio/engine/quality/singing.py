"""The voice against its notes: is it in tune, does it hold its vowels, does the pitch move on time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.engine.perform import Played
from studio.engine.quality.pitch import HOP_S, PitchTrack

NEAR_CENTS = 50.0
UNSUNG_CENTS = 1200.0  # what a note that is not heard at all counts as
ATTACK_S, RELEASE_S = 0.06, 0.03
EDGE_S = 0.015  # half a window of the tracker: closer to a vowel's edge it hears the consonant too
SMALLEST_STEP = 2  # semitones; smaller steps are lost in vibrato
LEGATO_S = 0.12
SEARCH_S = 0.15
STAY_FRAMES, STAYING = 10, 0.8
HEARD_FRAMES = 5  # of STAY_FRAMES: fewer with a pitch are a consonant's stray frames
MOST_UNVOICED_S = 0.04  # a longer hole hides when the pitch moved
VOWELS = frozenset("AIOWYQaeiouæɑɐɒɔɛɜəɚɪʊʌʉøœɨɯɤᵊᵻ")


@dataclass(frozen=True)
class Breath:
    """One sung line: its notes in order and its vowels as (start_s, end_s)."""

    notes: tuple[Played, ...]
    vowels: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Tuning:
    """Figures of one song's lead. Cents are absolute deviations of the notes' median pitch; lags are
    seconds from a note's onset to the pitch's way half from the old note to it, negative for early."""

    notes: int
    median_cents: float
    p90_cents: float
    off_share: float
    coverage: float
    median_lag_s: float
    p90_lag_s: float


def tuning(track: PitchTrack, breaths: Sequence[Breath]) -> Tuning:
    """How well `track` follows the lines. Raises ValueError when nothing was to be sung."""
    cents = [error for breath in breaths for error in note_errors_cents(track, breath)]
    if not cents:
        raise ValueError("There is no note to hold the voice against.")
    lags = np.array([lag for breath in breaths for lag in onset_lags_s(track, breath)] or [np.nan])
    return Tuning(
        notes=len(cents),
        median_cents=float(np.median(cents)),
        p90_cents=float(np.percentile(cents, 90)),
        off_share=float(np.mean(np.array(cents) > NEAR_CENTS)),
        coverage=vowel_coverage(track, breaths),
        median_lag_s=float(np.median(lags)),
        p90_lag_s=float(np.percentile(np.abs(lags), 90)),
    )


def note_errors_cents(track: PitchTrack, breath: Breath) -> list[float]:
    """For every note the distance of its median pitch from what is written, without attack and release.

    Notes too short for two frames, and notes without a vowel, are left out.
    """
    errors = []
    for note, following in zip(breath.notes, [*breath.notes[1:], None], strict=True):
        end_s = min(note.end_s, following.start_s) if following else note.end_s
        start_s, end_s = _core(note.start_s, end_s)
        frames = _between(track, start_s, end_s) & _in_spans(track, breath.vowels)
        if frames.sum() < 2:
            continue
        heard = track.midi[frames]
        heard = heard[np.isfinite(heard)]
        sung = len(heard) >= 2
        errors.append(abs(float(np.median(heard)) - note.pitch) * 100.0 if sung else UNSUNG_CENTS)
    return errors


def vowel_coverage(track: PitchTrack, breaths: Sequence[Breath]) -> float:
    """Share of the time inside vowels in which the voice has a pitch within 50 cents of its note."""
    inside = near = 0
    for breath in breaths:
        target = target_pitch(track.times_s, breath.notes)
        frames = _in_spans(track, breath.vowels, EDGE_S) & np.isfinite(target)
        off = np.abs(track.midi[frames] - target[frames]) * 100.0
        inside += int(frames.sum())
        near += int((off <= NEAR_CENTS).sum())
    return near / inside if inside else 0.0


def onset_lags_s(track: PitchTrack, breath: Breath) -> list[float]:
    """For every step of two semitones and more, the time from the new note's onset to the moment the pitch is
    half-way there; steps that a consonant hides are left out."""
    lags = []
    for old, new in pairwise(breath.notes):
        if abs(new.pitch - old.pitch) < SMALLEST_STEP or new.start_s - old.end_s > LEGATO_S:
            continue
        half_s = min(SEARCH_S, 0.8 * (new.start_s - old.start_s), 0.8 * (new.end_s - new.start_s))
        lag = _crossing_s(track, new.start_s, half_s, old.pitch, new.pitch)
        if lag is not None:
            lags.append(lag)
    return lags


def target_pitch(times_s: NDArray[np.float64], notes: Sequence[Played]) -> NDArray[np.float64]:
    """The written pitch at each time: the last note begun; NaN before the first one."""
    starts = np.array([note.start_s for note in notes])
    pitches = np.array([np.nan, *(float(note.pitch) for note in notes)])
    return np.asarray(pitches[np.searchsorted(starts, times_s, side="right")])


def _crossing_s(track: PitchTrack, onset_s: float, half_s: float, old: int, new: int) -> float | None:
    frames = np.flatnonzero(_between(track, onset_s - half_s, onset_s + half_s) & track.voiced)
    if len(frames) < 4:
        return None
    sign = 1.0 if new > old else -1.0
    height = sign * (track.midi[frames] - (old + new) / 2)
    ups = [
        (abs(when), when)
        for a, b, low, high in zip(frames, frames[1:], height, height[1:], strict=False)
        if low < 0 <= high and (b - a) * HOP_S <= MOST_UNVOICED_S and _stays(frames, height, int(a), int(b))
        for when in [float(np.interp(0.0, (low, high), (track.times_s[a], track.times_s[b]))) - onset_s]
    ]
    return min(ups)[1] if ups else None


def _stays(frames: NDArray[np.intp], height: NDArray[np.float64], before: int, after: int) -> bool:
    """Whether the pitch lies below half-way until frame `before` and above it from `after` on: a consonant's
    stray frames cross too, but do not stay, or stand alone."""
    old = height[(frames <= before) & (frames > before - STAY_FRAMES)]
    new = height[(frames >= after) & (frames < after + STAY_FRAMES)]
    if min(len(old), len(new)) < HEARD_FRAMES:
        return False
    return bool(np.mean(old < 0) >= STAYING and np.mean(new >= 0) >= STAYING)


def _core(start_s: float, end_s: float) -> tuple[float, float]:
    length_s = end_s - start_s
    return start_s + min(ATTACK_S, 0.3 * length_s), end_s - min(RELEASE_S, 0.15 * length_s)


def _between(track: PitchTrack, start_s: float, end_s: float) -> NDArray[np.bool_]:
    return np.asarray((track.times_s >= start_s) & (track.times_s < end_s))


def _in_spans(
    track: PitchTrack, spans: Sequence[tuple[float, float]], edge_s: float = 0.0
) -> NDArray[np.bool_]:
    mask = np.zeros(len(track.times_s), bool)
    for start_s, end_s in spans:
        low, high = np.searchsorted(track.times_s, (start_s + edge_s, end_s - edge_s))
        mask[low:high] = True
    return mask
