"""The quality gates as functions: each returns the figure that a demand is made of."""

from collections.abc import Iterable

import numpy as np

from studio.engine.compose.rhythm import metric_weight
from studio.engine.master import band_levels_db, loudness, true_peak_dbtp
from studio.engine.score import Note, Score
from studio.engine.spec import SAMPLE_RATE_HZ

__all__ = [
    "band_levels_db",
    "chord_tone_share",
    "clipped_samples",
    "dc_offset",
    "longest_silence_s",
    "loudness",
    "melody_overlap",
    "melody_range",
    "section_loudness",
    "stem_residual_db",
    "true_peak_dbtp",
    "zigzag_share",
]  # fmt: skip
SILENCE_DBFS = -50.0
BREATH_BEATS = 0.4  # a gap from which the next note begins a line of its own


def longest_silence_s(audio: np.ndarray, until_s: float) -> float:
    """The longest stretch below -50 dBFS (RMS of 50 ms) between the start and `until_s`."""
    block = round(0.05 * SAMPLE_RATE_HZ)
    part = audio[:, : round(until_s * SAMPLE_RATE_HZ)]
    whole = part.shape[1] // block * block
    rms = np.sqrt((part[:, :whole].reshape(2, -1, block) ** 2).mean(axis=(0, 2)) + 1e-15)
    longest = run = 0
    for quiet in (20 * np.log10(rms) < SILENCE_DBFS).tolist():
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return longest * 0.05


def clipped_samples(audio: np.ndarray) -> int:
    return int((np.abs(audio) >= 0.9999).sum())


def dc_offset(audio: np.ndarray) -> float:
    return float(np.abs(audio.mean(axis=1)).max())


def stem_residual_db(mix: np.ndarray, stems: Iterable[np.ndarray]) -> float:
    """How loud the difference between the mix and the sum of its stems is, against the mix."""
    total = np.zeros_like(mix, dtype=np.float64)
    for stem in stems:
        total += stem
    error = np.sqrt(np.mean((mix - total) ** 2))
    return float(20 * np.log10(max(error, 1e-12) / np.sqrt(np.mean(mix.astype(np.float64) ** 2))))


def lead_notes(score: Score) -> tuple[Note, ...]:
    lead = score.track("lead")
    return lead.notes if lead else ()


def chord_tone_share(score: Score) -> float:
    """Share of the tune's long notes on strong beats that belong to the chord; 1.0 without such notes."""
    strong = [
        note
        for note in lead_notes(score)
        if metric_weight(score.meter, note.start_beat, score.bar_beats) >= 0.8 and note.length_beats >= 0.5
    ]
    if not strong:
        return 1.0
    return sum(n.pitch % 12 in score.chord_at(n.start_beat).pitch_classes for n in strong) / len(strong)


def zigzag_share(score: Score) -> float:
    """Share of three notes in one breath that leap a third or more and leap back as far; wanted is 0.1 at
    most."""
    tune = lead_notes(score)
    pairs = [
        (b.pitch - a.pitch, c.pitch - b.pitch)
        for a, b, c in zip(tune, tune[1:], tune[2:], strict=False)
        if max(b.start_beat - a.end_beat, c.start_beat - b.end_beat) < BREATH_BEATS
    ]
    zigzag = [one for one, two in pairs if one * two < 0 and min(abs(one), abs(two)) >= 3]
    return len(zigzag) / len(pairs) if pairs else 0.0


def melody_range(score: Score) -> int:
    """The widest range of the tune inside one section, in semitones."""
    widest = 0
    for section in score.sections:
        # A pickup belongs to the section it leads into.
        pitches = [
            n.pitch
            for n in lead_notes(score)
            if section.start_beat - 1.01 <= n.start_beat < section.end_beat - 1.01
        ]
        widest = max(widest, max(pitches) - min(pitches)) if pitches else widest
    return widest


def melody_overlap(one: Score, other: Score) -> float:
    """Share of the shorter tune's notes that the other has at the same beat on the same degree of its
    scale."""
    first = {(round(n.start_beat * 4), (n.pitch - one.tonic) % 12) for n in lead_notes(one)}
    second = {(round(n.start_beat * 4), (n.pitch - other.tonic) % 12) for n in lead_notes(other)}
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def section_loudness(audio: np.ndarray, start_s: float, end_s: float) -> float:
    return loudness(audio[:, round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)])
