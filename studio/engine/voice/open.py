"""Vowels that stay open: where the net hisses instead of holding one, its open part is held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.voice import net
from studio.engine.voice.net import BIN_HZ, Spectra
from studio.engine.voice.phones import is_voiceless
from studio.engine.voice.phrase import Phrase

# Told to hold an unstressed vowel before t or s, the net turns most of it into hiss: "guitar" gets an s. A
# frame is hiss when its noise is this near to its voice and to the vowel's usual strength; a frame so much
# weaker than usual is no vowel either.
VOICE_HZ, HISS_HZ = (100.0, 1500.0), 3500.0
NEAR_VOICE_DB, NEAR_USUAL_DB = 9.0, 12.0
HISSING_FRAMES = 4  # at the least: the last frames of any vowel lean towards its consonant
HELD_FROM = 0.4  # share of the open part after which it is stretched

Curve = NDArray[np.float64]


def held_open(source: Curve, spectra: Spectra, phrase: Phrase, start_s: float) -> Curve:
    """`source` (frames,), the net's frame for every frame of FRAME_S from `start_s` on, with vowels that hiss
    open to their ends. Onsets and consonants are left alone."""
    voice_db, hiss_db = _levels_db(spectra)
    out = source.copy()
    for phone in phrase.phones:
        if phone.role != "nucleus" or is_voiceless(phone.symbol):
            continue
        first = max(0, int(np.ceil((phone.start_s - start_s) / net.FRAME_S)))
        end = min(len(out), int(np.ceil((phone.end_s - start_s) / net.FRAME_S)))
        shown = np.clip(np.round(source[first:end]).astype(int), 0, len(voice_db) - 1)
        count = open_frames(voice_db[shown], hiss_db[shown])
        if 0 < count < len(shown):
            held = first + int(HELD_FROM * count)
            out[held:end] = np.linspace(source[held], source[first + count - 1], end - held)
    return out


def open_frames(voice_db: Curve, hiss_db: Curve) -> int:
    """How many frames of a vowel pass before it hisses to its end: all of them when it does not, 0 when it
    does nothing else."""
    if not len(voice_db):
        return 0
    usual_db = np.median(voice_db[: max(1, len(voice_db) // 2)])
    hisses = (hiss_db > voice_db - NEAR_VOICE_DB) & (hiss_db > usual_db - NEAR_USUAL_DB)
    is_open = ~hisses & (voice_db > usual_db - NEAR_USUAL_DB)
    count = int(np.flatnonzero(is_open)[-1]) + 1 if is_open.any() else 0
    return count if hisses[count:].sum() >= HISSING_FRAMES else len(voice_db)


def _levels_db(spectra: Spectra) -> tuple[Curve, Curve]:
    """Levels of the voice's low half and of the noise above it, (frames,)."""
    low, high = (round(edge / BIN_HZ) for edge in VOICE_HZ)
    hiss = spectra.noise[:, round(HISS_HZ / BIN_HZ) :]
    return _level_db(spectra.voiced[:, low:high]), _level_db(hiss)


def _level_db(logarithms: NDArray[np.float32]) -> Curve:
    return np.asarray(10.0 * np.log10(np.exp(2.0 * logarithms.astype(np.float64)).sum(axis=1) + 1e-12))
