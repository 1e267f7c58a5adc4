"""Everything that can be heard in a recording of a song, in one pass."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.chroma import between, find_tones, fold
from studio.engine.analysis.harmony import FoundChord, Key, find_chords, find_key
from studio.engine.analysis.meter import Bars, find_bars
from studio.engine.analysis.onsets import RATE_HZ, Onsets, find_onsets
from studio.engine.analysis.samples import Audio, mono
from studio.engine.analysis.sections import Span, find_sections
from studio.engine.analysis.tempo import Pulse, find_pulse
from studio.engine.loudness import loudness_lufs
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError

Floats = NDArray[np.float64]
SHORTEST_S = 4.0
SILENT_LUFS = -60.0
RING_S = 1.0


@dataclass(frozen=True)
class Analysis:
    """What was heard. All of it is an estimate with a confidence of 0..1.

    `bpm` counts the beats of `beats_s`; `bpm_alternatives` are (bpm, share of the evidence). `bar_beats`
    beats make a bar, 3 or 4, which `meter` writes as 3/4 or 4/4 (6/8 is heard as 3/4); `is_steady` says that
    the beats lie on one even grid.
    """

    duration_s: float
    bpm: float
    bpm_confidence: float
    bpm_alternatives: tuple[tuple[float, float], ...]
    is_steady: bool
    beats_s: Floats
    downbeats_s: Floats
    bar_beats: int
    meter: str
    meter_confidence: float
    key: Key
    tuning_cents: float
    chords: tuple[FoundChord, ...]
    sections: tuple[Span, ...]
    loudness_lufs: float

    @property
    def bar_s(self) -> float:
        """Seconds of a bar of the even grid."""
        return self.bar_beats * 60.0 / self.bpm

    def bar_near(self, second: float) -> int:
        """The number of the downbeat nearest to a time."""
        return int(np.argmin(np.abs(self.downbeats_s - second)))


def analyse(audio: Audio, *, around_bpm: float | None = None) -> Analysis:
    """Tempo, beats, bars, key, chords, sections and loudness of float32 (2, samples) at 44.1 kHz.

    `around_bpm` is a tempo known beforehand. Raises SpecError for silence and for less than four seconds.
    """
    duration_s = audio.shape[-1] / SAMPLE_RATE_HZ
    if duration_s < SHORTEST_S:
        raise SpecError(
            f"The recording is {duration_s:.1f} seconds long; analysing needs at least {SHORTEST_S:.0f}."
        )
    loud = loudness_lufs(np.atleast_2d(audio).T if audio.ndim == 2 else np.stack([audio, audio], axis=1))
    if loud < SILENT_LUFS:
        raise SpecError(
            f"The recording is silent or almost so ({loud:.0f} LUFS; {SILENT_LUFS:.0f} are needed). "
            "Raise its level and upload it again."
        )
    middle = mono(audio)
    onsets = find_onsets(middle)
    pulse = find_pulse(onsets, around_bpm)
    if len(pulse.beats_s) < 4:
        raise SpecError("No beat could be found in the recording; it needs at least four beats.")
    tones = find_tones(middle)
    bars = find_bars(onsets, tones.notes, pulse.beats_s)
    until = _sounds_until(onsets)
    edges, is_bar = _halves(bars.downbeats_s, bars.beats, until)
    treble, bass = fold(between(tones.notes, edges))
    rough = find_chords(treble, bass, edges, is_bar)
    key = find_key(treble, bass, rough)
    chords = find_chords(treble, bass, edges, is_bar, key)
    return Analysis(
        duration_s=duration_s, bpm=pulse.bpm, bpm_confidence=pulse.confidence,
        bpm_alternatives=pulse.alternatives, is_steady=pulse.is_steady, beats_s=bars.beats_s,
        downbeats_s=bars.downbeats_s, bar_beats=bars.beats, meter=f"{bars.beats}/4",
        meter_confidence=bars.confidence, key=key, tuning_cents=tones.tuning_cents, chords=chords,
        sections=_form(onsets, tones.notes, bars, until, duration_s), loudness_lufs=loud,
    )  # fmt: skip


def _form(onsets: Onsets, notes: Floats, bars: Bars, until: float, duration_s: float) -> tuple[Span, ...]:
    bar = bars.beats * float(np.median(np.diff(bars.beats_s)))
    whole = bars.downbeats_s[bars.downbeats_s < until - 0.3 * bar]
    return find_sections(onsets, notes, whole, duration_s)


def bare_analysis(
    audio: Audio, pulse: Pulse, downbeats_s: Floats, beats: int, key: Key, tuning_cents: float,
    chords: tuple[FoundChord, ...],
) -> Analysis:  # fmt: skip
    """What is known of a voice alone, as an Analysis: one section, the meter by its bars."""
    duration_s = audio.shape[-1] / SAMPLE_RATE_HZ
    both = audio if audio.ndim == 2 else np.stack([audio, audio])
    return Analysis(
        duration_s=duration_s, bpm=pulse.bpm, bpm_confidence=pulse.confidence,
        bpm_alternatives=pulse.alternatives, is_steady=pulse.is_steady, beats_s=pulse.beats_s,
        downbeats_s=downbeats_s, bar_beats=beats, meter=f"{beats}/4", meter_confidence=0.0, key=key,
        tuning_cents=tuning_cents, chords=chords, sections=(("Verse 1", 0.0, round(duration_s, 3)),),
        loudness_lufs=loudness_lufs(both.T),
    )  # fmt: skip


def _sounds_until(onsets: Onsets) -> float:
    """Seconds until the last beginning of a sound that counts; what follows is ringing."""
    begins = np.flatnonzero(onsets.full > 0.5)
    heard = np.flatnonzero(onsets.level > 0.03 * np.percentile(onsets.level, 90))
    ring = (begins[-1] / RATE_HZ + RING_S) if len(begins) else 0.0
    return float(min(ring, heard[-1] / RATE_HZ)) if len(heard) else ring


def _halves(downbeats_s: Floats, beats: int, duration_s: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Limits of half bars (of thirds, in three), from the first downbeat to the end of the last bar."""
    if len(downbeats_s) < 2:
        return np.array([0.0, duration_s]), np.array([True])
    bar = float(np.median(np.diff(downbeats_s)))
    starts = np.concatenate([downbeats_s, [downbeats_s[-1] + bar]])
    parts = 2 if beats % 2 == 0 else 1
    edges: list[float] = []
    first: list[bool] = []
    for a, b in itertools.pairwise(starts):
        for part in range(parts):
            edges.append(float(a + (b - a) * part / parts))
            first.append(part == 0)
    last = min(duration_s, float(starts[-1]))
    while len(edges) > 1 and last <= edges[-1] + 0.15 * bar:
        edges, first = edges[:-1], first[:-1]
    if edges[0] > 0.6 * bar:
        # A whole pickup bar has its chord too.
        edges.insert(0, max(0.0, edges[0] - bar))
        first.insert(0, True)
    return np.array([*edges, last]), np.array(first)
