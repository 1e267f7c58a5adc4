"""A take in memory, with its stems, for the gates: from a request to the master without a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine import quality
from studio.engine.assets import require_engine
from studio.engine.loudness import lufs_of, step_powers
from studio.engine.master import master, ride_of
from studio.engine.mix import Plot, mix_down
from studio.engine.perform import Performance, perform
from studio.engine.pipeline import energies_of
from studio.engine.planning import write_score
from studio.engine.score import Score
from studio.engine.singers import cast
from studio.engine.spec import SAMPLE_RATE_HZ, SongSpec

Audio = NDArray[np.float32]
LEAD_STEM = "vocals"
SOUNDS_WITHIN_DB = -20.0  # under its own loudest tenth of a second, a part still counts as sounding


@dataclass(frozen=True)
class Take:
    """A take before its files. `audio` and `stems` are mastered, float32 (2, samples) at 44.1 kHz."""

    score: Score
    performance: Performance
    audio: Audio
    stems: dict[str, Audio]


def make(spec: SongSpec) -> Take:
    """Compose, perform, mix and master `spec`. Safe to repeat. Raises EngineUnavailable, SpecError."""
    return hear(write_score(spec))


def hear(score: Score) -> Take:
    """Perform, mix and master `score`. Raises EngineUnavailable."""
    played = cast(score, perform(score))
    stems: dict[str, Audio] = {}
    plot = Plot(score, played.performance, require_engine(), played.singers)
    mixed = mix_down(plot, on_stem=stems.__setitem__)
    ride = ride_of(energies_of(score, played.performance), plot.samples)
    done = master(mixed.mix, score.mix, ride, balance=mixed.balance)
    mastered = {name: done.mastering.apply(stem) for name, stem in stems.items()}
    return Take(score, played.performance, done.audio, mastered)


def lead_lu(stems: dict[str, Audio]) -> float | None:
    """Loudness of the tune above the rest in LU, where it sounds; wanted is -4 to 0. None for a song
    without one."""
    band = [stem for name, stem in stems.items() if name != LEAD_STEM]
    if LEAD_STEM not in stems or not band:
        return None
    lead = step_powers(stems[LEAD_STEM].T)
    rest = step_powers(*(stem.T for stem in band))
    sounds = lead > lead.max() * 10 ** (SOUNDS_WITHIN_DB / 10)
    return float(10 * np.log10(lead[sounds].mean() / max(rest[sounds].mean(), 1e-12)))


def chorus_lift_lu(take: Take) -> float | None:
    """Loudness of the choruses above the verses in LU; wanted is 2 or more. None when a song lacks one of
    them."""
    steps = step_powers(take.audio.T)

    def power(word: str) -> float | None:
        spans = [(a, b) for name, a, b in take.performance.sections if name.casefold().startswith(word)]
        parts = [steps[round(a * 10) : round(b * 10)] for a, b in spans]
        return float(np.concatenate(parts).mean()) if parts else None

    verse, chorus = power("verse"), power("chorus")
    return None if verse is None or chorus is None else lufs_of(chorus) - lufs_of(verse)


def report(take: Take) -> dict[str, float | None]:
    """Every figure of a take by name, for tables."""
    low, middle, presence, _ = quality.band_levels_db(take.audio)
    return {
        "duration_s": take.audio.shape[1] / SAMPLE_RATE_HZ,
        "loudness_lufs": quality.loudness(take.audio),
        "true_peak_dbtp": quality.true_peak_dbtp(take.audio),
        "longest_silence_s": quality.longest_silence_s(take.audio, take.performance.sections[-1][2]),
        "stem_residual_db": quality.stem_residual_db(take.audio, take.stems.values()),
        "lead_lu": lead_lu(take.stems),
        "chorus_lift_lu": chorus_lift_lu(take),
        "low_db": low - middle,
        "presence_db": presence - middle,
        "dc_offset": quality.dc_offset(take.audio),
        "clipped_samples": quality.clipped_samples(take.audio),
        "chord_tone_share": quality.chord_tone_share(take.score),
        "zigzag_share": quality.zigzag_share(take.score),
    }
