"""From a voice's pitch track to notes: which pitch was meant, and when."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter, uniform_filter1d

from studio.engine.analysis.pitch import STEP_S, PitchTrack

Floats = NDArray[np.float64]
SPREAD = 0.55  # semitones around the meant pitch
CHANGE_COST = 9.0
SHORTEST_S = 0.06
BRIDGED_S = 0.04  # of unvoiced sound inside a note are no new note
DIP_DB = 5.0  # and the level has to rise again by as much for a new syllable on the same pitch
FAR = 3.0


@dataclass(frozen=True, slots=True)
class SungNote:
    """`pitch` is the MIDI number meant, `cents` how far the middle of the note was from it, `level_db` its
    power relative to full scale."""

    start_s: float
    end_s: float
    pitch: int
    cents: float
    level_db: float


def notes_of_voice(track: PitchTrack) -> tuple[SungNote, ...]:
    """The notes of one voice in order. The singer's own tuning is taken as the reference."""
    midi = track.midi
    if not track.voiced.any():
        return ()
    offset = tuning_of(midi[track.voiced])
    notes: list[SungNote] = []
    for start, end in _runs(track.voiced):
        part = _smooth(midi[start:end]) - offset
        for a, b, pitch in _steps(part):
            for c, d in _syllables(track.level_db[start + a : start + b]):
                first, last = start + a + c, start + a + d
                if (last - first) * STEP_S < SHORTEST_S:
                    continue
                off = float(np.nanmedian(midi[first:last]) - pitch) * 100
                level = float(track.level_db[first:last].max())
                notes.append(
                    SungNote(round(first * STEP_S, 3), round(last * STEP_S, 3), pitch, round(off, 1), level)
                )
    return tuple(notes)


def tuning_of(midi: Floats) -> float:
    """Semitones (-0.5..0.5) by which pitches lie above the nearest tempered ones, as a circular mean."""
    return float(np.angle(np.exp(2j * np.pi * midi).sum()) / (2 * np.pi))


def _runs(voiced: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Spans of voiced frames, very short holes filled by the caller's NaN."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(int), [0]])))
    spans = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= BRIDGED_S / STEP_S:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _smooth(midi: Floats) -> Floats:
    """Without holes and without vibrato: a running median and mean over a sixth of a second."""
    known = np.flatnonzero(~np.isnan(midi))
    whole = np.interp(np.arange(len(midi)), known, midi[known])
    return np.asarray(uniform_filter1d(median_filter(whole, 5, mode="nearest"), 9, mode="nearest"))


def _steps(midi: Floats) -> list[tuple[int, int, int]]:
    """(first, last, pitch) of the stretches of one meant pitch: Viterbi over whole semitones."""
    low, high = int(np.floor(midi.min())), int(np.ceil(midi.max()))
    pitches = np.arange(low, high + 1)
    costs = np.minimum(np.abs(midi[:, None] - pitches) / SPREAD, FAR) ** 2 / 2
    best = costs[0].copy()
    back = np.zeros(costs.shape, int)
    for i in range(1, len(costs)):
        cheapest = int(best.argmin())
        moves = best[cheapest] + CHANGE_COST < best
        back[i] = np.where(moves, cheapest, np.arange(len(pitches)))
        best = np.where(moves, best[cheapest] + CHANGE_COST, best) + costs[i]
    state = int(best.argmin())
    out: list[tuple[int, int, int]] = []
    end = len(costs)
    for i in range(len(costs) - 1, -1, -1):
        before = int(back[i, state]) if i else -1
        if before != state:
            out.append((i, end, int(pitches[state])))
            end, state = i, before
    return out[::-1]


def _syllables(level_db: Floats) -> list[tuple[int, int]]:
    """Cut where the level dips between two louder parts: the same pitch, sung again."""
    smooth = uniform_filter1d(level_db, 3, mode="nearest")
    cuts, start = [], 0
    reach = round(0.12 / STEP_S)
    for i in range(reach // 2, len(smooth) - reach // 2):
        around = smooth[max(start, i - reach) : i + reach + 1]
        before = smooth[max(start, i - reach) : i + 1].max()
        after = smooth[i : i + reach + 1].max()
        if smooth[i] <= around.min() + 1e-9 and min(before, after) - smooth[i] > DIP_DB:
            cuts.append(i)
            start = i + 1
    edges = [0, *cuts, len(level_db)]
    return list(itertools.pairwise(edges))
