"""The breath before a phrase: noise through an open throat, rising until just before the first sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from studio.engine.persona import Persona
from studio.engine.spec import SAMPLE_RATE_HZ

LONGEST_S, SHARE_OF_REST = 0.42, 0.6
BEFORE_S = 0.07  # the breath is held for so long before the first sound
LEVEL_DB = -44.0
# Resonances of breathing in: (Hz, width in Hz, height).
PEAKS = (
    (700.0, 500.0, 0.35),
    (1700.0, 450.0, 1.0),
    (2900.0, 700.0, 0.7),
    (4300.0, 1100.0, 0.45),
    (7500.0, 2500.0, 0.2),
)

Floats = NDArray[np.float32]


def breath_before(
    start_s: float, rest_s: float, persona: Persona, rng: np.random.Generator
) -> tuple[int, Floats]:
    """(first sample, sound) of a breath that ends before `start_s` within `rest_s` seconds of silence."""
    length_s = min(LONGEST_S, SHARE_OF_REST * rest_s) * float(rng.uniform(0.85, 1.0))
    count = round(length_s * SAMPLE_RATE_HZ)
    spectrum = rfft(rng.standard_normal(count))
    spectrum *= _throat(np.arange(len(spectrum)) * SAMPLE_RATE_HZ / count / persona.warp)
    sound = irfft(spectrum, count)
    place = np.arange(count) / count
    sound *= np.sin(np.pi * place**1.6) ** 1.5
    level_db = LEVEL_DB + 14.0 * (persona.breath - 0.5) + float(rng.uniform(-2.5, 1.0))
    sound *= 10 ** (level_db / 20) / max(float(np.sqrt(np.mean(sound**2))), 1e-9)
    first = round((start_s - BEFORE_S) * SAMPLE_RATE_HZ) - count
    return first, sound.astype(np.float32)


def _throat(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    shape = sum(height * np.exp(-(((hz - peak) / width) ** 2)) for peak, width, height in PEAKS)
    return np.asarray(shape) * np.clip(hz / 400.0, 0.0, 1.0)
