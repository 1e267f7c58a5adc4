"""What can be heard of a finished take: level, peaks, holes, balance, stems, long-term spectrum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.engine.loudness import lufs_of, step_powers
from studio.engine.master import CURVES_DB, band_levels_db, loudness
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
SILENCE_DBFS = -50.0
LEAD_STEM = "vocals"
FRAME = 2048
CLARITY_HZ = (1000.0, 4000.0)
SOUNDS_WITHIN_DB = -20.0  # under its own loudest tenth of a second, a part still counts as sounding


def longest_silence_s(audio: Audio, until_s: float) -> float:
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


def clipped_samples(audio: Audio) -> int:
    """Samples at full scale, both channels together."""
    return int((np.abs(audio) >= 0.9999).sum())


def dc_offset(audio: Audio) -> float:
    """The mean of the worse channel, as a share of full scale."""
    return float(np.abs(audio.mean(axis=1, dtype=np.float64)).max())


def not_finite_samples(audio: Audio) -> int:
    """Samples that are NaN or infinite."""
    return int((~np.isfinite(audio)).sum())


def stem_residual_db(mix: Audio, stems: Iterable[Audio]) -> float:
    """How loud the difference between the mix and the sum of its stems is, against the mix."""
    error = mix.astype(np.float64)
    whole = np.sqrt(np.mean(np.square(error)))
    for stem in stems:
        error -= stem
    return float(20 * np.log10(max(np.sqrt(np.mean(np.square(error))), 1e-12) / max(whole, 1e-12)))


def section_loudness(audio: Audio, start_s: float, end_s: float) -> float:
    """Integrated loudness in LUFS between two times."""
    return loudness(audio[:, round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)])


def lift_lu(audio: Audio, sections: Sequence[tuple[str, float, float]]) -> float | None:
    """Loudness of the choruses above the verses in LU; None when the song lacks one of them.

    `sections` are (kind, start_s, end_s), kind being score.Section.kind.
    """
    steps = step_powers(audio.T)

    def power(kind: str) -> float | None:
        parts = [steps[round(a * 10) : round(b * 10)] for name, a, b in sections if name == kind]
        heard = np.concatenate(parts) if parts else np.zeros(0)
        return float(heard.mean()) if len(heard) else None

    verse, chorus = power("verse"), power("chorus")
    return None if verse is None or chorus is None else lufs_of(chorus) - lufs_of(verse)


def lead_over_backing_lu(stems: Mapping[str, Audio]) -> float | None:
    """Loudness of the "vocals" stem above the sum of all others in LU, over the steps of 0.1 s in which it
    sounds; None for a song without one or without a backing."""
    backing = [stem.T for name, stem in stems.items() if name != LEAD_STEM]
    if LEAD_STEM not in stems or not backing:
        return None
    lead, rest = step_powers(stems[LEAD_STEM].T), step_powers(*backing)
    if not len(lead) or lead.max() <= 0:
        return None
    sounds = lead > lead.max() * 10 ** (SOUNDS_WITHIN_DB / 10)
    return float(10 * np.log10(lead[sounds].mean() / max(float(rest[sounds].mean()), 1e-12)))


def clarity_db(stems: Mapping[str, Audio]) -> float | None:
    """Power of the "vocals" stem over that of all others together in 1-4 kHz, where consonants and vowels are
    told apart, while the voice sounds; None without a voice or a backing."""
    others = [stem for name, stem in stems.items() if name != LEAD_STEM]
    if LEAD_STEM not in stems or not others:
        return None
    lead, rest = _clarity_powers([stems[LEAD_STEM]]), _clarity_powers(others)
    if not len(lead) or lead.max() <= 0:
        return None
    sounds = lead > lead.max() * 10 ** (SOUNDS_WITHIN_DB / 10)
    return float(10 * np.log10(lead[sounds].mean() / max(float(rest[sounds].mean()), 1e-12)))


def _clarity_powers(stems: Sequence[Audio]) -> NDArray[np.float64]:
    mono = np.asarray(sum(stem.mean(axis=0) for stem in stems))
    frames = mono[: len(mono) // FRAME * FRAME].reshape(-1, FRAME)
    low, high = (round(hz / SAMPLE_RATE_HZ * FRAME) for hz in CLARITY_HZ)
    spectrum = np.fft.rfft(frames * np.hanning(FRAME), axis=1)[:, low:high]
    return np.asarray((np.abs(spectrum) ** 2).sum(axis=1))


def spectrum_against(audio: Audio, profile: str) -> tuple[float, float]:
    """60-250 Hz and 2-6 kHz in dB above what the mix profile expects of them, both against 250-2000 Hz.

    The reference curves are master.CURVES_DB; a KeyError names an unknown profile.
    """
    low_db, middle_db, presence_db, _ = band_levels_db(audio)
    wanted = CURVES_DB[profile]
    return low_db - middle_db - wanted[0], presence_db - middle_db - wanted[1]


def level_db(audio: Audio, start_s: float, end_s: float) -> float:
    """RMS in dBFS between two times, -120 for nothing there."""
    part = audio[..., max(0, round(start_s * SAMPLE_RATE_HZ)) : max(0, round(end_s * SAMPLE_RATE_HZ))]
    return 10 * float(np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12)) if part.size else -120.0
