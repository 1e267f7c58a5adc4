"""Are the styles styles? Simple features of sound and notes, and a classifier that has to tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.engine.quality.arrangement import DRUMS
from studio.engine.score import STEMS, Score
from studio.engine.spec import SAMPLE_RATE_HZ

Features = list[float]
BAND_EDGES_HZ = (40, 90, 180, 350, 700, 1400, 2800, 5600, 11000, 18000)
FRAME = 4096
KITS = {"kick": (35, 36), "snare": (37, 38, 39, 40), "hat": (42, 44, 46), "ride": (51, 53, 59)}
SHRINKAGE = 0.3


def audio_features(audio: NDArray[np.float32]) -> Features:
    """Shape of the spectrum, its movement, width and dynamics, of float32 (2, samples)."""
    mono = audio.mean(axis=0)
    frames = mono[: len(mono) // FRAME * FRAME].reshape(-1, FRAME)[::2]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), axis=1)) ** 2 + 1e-9
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE_HZ)
    bands = np.stack([power[:, (hz >= a) & (hz < b)].sum(axis=1) for a, b in pairwise(BAND_EDGES_HZ)])
    levels = 10 * np.log10(bands.mean(axis=1) / bands.mean(axis=1).sum())
    moves = np.std(10 * np.log10(bands), axis=1)[[0, 3, 6]]
    loud = 10 * np.log10(power.sum(axis=1))
    side = np.abs(audio[0] - audio[1]).mean() / max(float(np.abs(mono).mean()), 1e-9)
    crest = 20 * np.log10(np.abs(mono).max() / np.sqrt(np.mean(mono**2)))
    return [float(value) for value in (*levels, *moves, np.std(loud), side, crest)]


def note_features(score: Score) -> Features:
    """Tempo, metre, harmony, who plays how much, and how drums and bass place their strokes."""
    beats = score.length_beats
    played = [(track, len(track.notes)) for track in score.tracks]
    total = max(1, sum(count for _, count in played))
    stems = [sum(count for track, count in played if track.instrument.stem == stem) / total for stem in STEMS]
    synths = sum(count for track, count in played if track.instrument.synth) / total
    chords = score.chords
    kit = [note for track in score.tracks if track.role in DRUMS for note in track.notes]
    bass = [note for track in score.tracks if track.role == "bass" for note in track.notes]
    rest = [note for track in score.tracks if track.role not in (*DRUMS, "bass") for note in track.notes]
    return [
        np.log2(score.bpm) * 4,
        score.bar_beats,
        score.swing * 5,
        len(chords) / beats * 4,
        float(np.mean([len(chord.intervals) for chord in chords])),
        float(np.mean([any(step in (10, 11) for step in chord.intervals) for chord in chords])),
        float(np.mean([3 in chord.intervals for chord in chords])),
        float(len({(chord.root, chord.intervals) for chord in chords})) / 8,
        *stems,
        synths,
        *(sum(note.pitch in keys for note in kit) / beats for keys in KITS.values()),
        _share_at(kit, (0.0,), 1.0, KITS["kick"]),
        _share_at(kit, (1.0, 3.0), 4.0, KITS["snare"]),
        _share_at(kit, (0.5,), 1.0, KITS["hat"]),
        len(bass) / beats,
        float(np.mean([note.length_beats for note in bass])) if bass else 0.0,
        _share_at(bass, (0.5,), 1.0),
        len(rest) / beats / 4,
        float(np.mean([note.length_beats for note in rest])) if rest else 0.0,
        _share_at(rest, (0.5,), 1.0),
    ]


def _share_at(
    notes: Sequence[object], places: tuple[float, ...], cycle: float, keys: tuple[int, ...] = ()
) -> float:
    """Share of notes (of some keys) that begin at `places` of a cycle of beats."""
    starts = [n.start_beat % cycle for n in notes if not keys or n.pitch in keys]  # type: ignore[attr-defined]
    near = sum(any(abs(start - place) < 0.06 for place in places) for start in starts)
    return near / len(starts) if starts else 0.0


def accuracy(features: Sequence[Features], styles: Sequence[str], is_train: Sequence[bool]) -> float:
    """Share of the songs not trained on whose style is found: nearest style in the space that separates the
    trained songs' styles best (linear discriminants, shrunk). NaN when one of the halves is empty."""
    rows = np.array(features)
    names = np.array(styles)
    train = np.array(is_train)
    if train.all() or not train.any():
        return float("nan")
    centre, spread = rows[train].mean(axis=0), rows[train].std(axis=0) + 1e-6
    rows = np.clip((rows - centre) / spread, -4.0, 4.0)
    known = sorted(set(names[train]))
    middles = np.array([rows[train & (names == name)].mean(axis=0) for name in known])
    inside = rows[train] - middles[[known.index(name) for name in names[train]]]
    within = inside.T @ inside / len(inside)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.eye(rows.shape[1]) * max(
        np.trace(within) / len(within), 0.1
    )
    inverse = np.linalg.inv(within)
    away = rows[~train][:, None, :] - middles[None, :, :]
    distance = np.einsum("nkf,fg,nkg->nk", away, inverse, away)
    found = np.array(known)[distance.argmin(axis=1)]
    return float(np.mean(found == names[~train]))
