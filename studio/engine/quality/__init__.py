"""The quality gates as functions: each returns the figure that a demand is made of.

`sound` measures audio, `melody` and `arrangement` the score, `singing` the voice against its notes, `words`
what is heard of the lyrics, `variety` how songs differ. `python -m studio.engine.gates` judges them.
"""

from studio.engine.master import band_levels_db, loudness, true_peak_dbtp
from studio.engine.quality.arrangement import chord_loop, chorus_density, fill_share, groove, onsets_per_beat
from studio.engine.quality.melody import (
    chord_tone_share,
    lead_notes,
    melody_grams,
    melody_overlap,
    melody_range,
    shared_grams,
    zigzag_share,
)
from studio.engine.quality.sound import (
    clarity_db,
    clipped_samples,
    dc_offset,
    lead_over_backing_lu,
    lift_lu,
    longest_silence_s,
    not_finite_samples,
    section_loudness,
    spectrum_against,
    stem_residual_db,
)

__all__ = [
    "band_levels_db",
    "chord_loop",
    "chord_tone_share",
    "chorus_density",
    "clarity_db",
    "clipped_samples",
    "dc_offset",
    "fill_share",
    "groove",
    "lead_notes",
    "lead_over_backing_lu",
    "lift_lu",
    "longest_silence_s",
    "loudness",
    "melody_grams",
    "melody_overlap",
    "melody_range",
    "not_finite_samples",
    "onsets_per_beat",
    "section_loudness",
    "shared_grams",
    "spectrum_against",
    "stem_residual_db",
    "true_peak_dbtp",
    "zigzag_share",
]
