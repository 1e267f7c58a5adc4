"""Any audio file as samples the engine works with."""

from __future__ import annotations

from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from studio.audio.files import BrokenAudio, decode
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError

Audio = NDArray[np.float32]
LONGEST_S = 900.0


def load(path: Path) -> Audio:
    """The whole file as float32 (2, samples) at 44.1 kHz; mono is put on both sides, of more than two
    channels the first two are taken.

    Raises SpecError for what is missing, is no audio, is damaged, or lasts longer than 15 minutes.
    """
    if not path.is_file():
        raise SpecError(f"There is no file {path.name}. Upload the recording again.")
    blocks, frames = [], 0
    try:
        source = decode(path)
        for block in source:
            blocks.append(block[:, :2])
            frames += len(block)
            if frames > LONGEST_S * source.sample_rate_hz:
                raise SpecError(
                    f"The recording is longer than {LONGEST_S / 60:.0f} minutes. Cut it and upload a part."
                )
    except BrokenAudio as error:
        raise SpecError(f"{path.name} cannot be used: {error}") from None
    sound = np.ascontiguousarray(np.concatenate(blocks).T, np.float32)
    if not np.isfinite(sound).all():
        raise SpecError(f"{path.name} holds values that are no samples. Export it again.")
    sound = resample(sound, source.sample_rate_hz, SAMPLE_RATE_HZ)
    return np.repeat(sound, 2, axis=0) if len(sound) == 1 else sound


def resample(sound: Audio, from_hz: int, to_hz: int) -> Audio:
    """Float32 samples along the last axis at another rate, band-limited by a polyphase filter."""
    if from_hz == to_hz:
        return sound
    factor = gcd(from_hz, to_hz)
    wave = resample_poly(sound, to_hz // factor, from_hz // factor, axis=-1)
    return np.ascontiguousarray(wave, np.float32)


def mono(audio: Audio) -> Audio:
    """The middle of (2, samples), or (samples,) unchanged."""
    return audio if audio.ndim == 1 else audio.mean(axis=0)
