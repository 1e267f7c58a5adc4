"""Where something begins: spectral flux on logarithmic bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from studio.engine.analysis.spectra import magnitudes, triangles
from studio.engine.spec import SAMPLE_RATE_HZ

Curve = NDArray[np.float64]
RATE_HZ = 100
HOP = SAMPLE_RATE_HZ // RATE_HZ
SIZE = 1024
BANDS = 36
LOW_BANDS = 8  # up to about 200 Hz: bass drum and bass
# A beginning shows before the middle of the window reaches it; measured on clicks and drum hits.
LATENCY_S = 0.001


@dataclass(frozen=True)
class Onsets:
    """Onset strength at 100 values a second, each at least 0: of all bands, of the low and of the high
    ones. `level` is the loudness in the same steps, linear."""

    full: Curve
    low: Curve
    high: Curve
    level: Curve


def find_onsets(mono: NDArray[np.float32]) -> Onsets:
    """Onset strength of float32 (samples,) at 44.1 kHz; value k belongs to second k / 100."""
    bands = triangles(np.geomspace(40.0, 15_000.0, BANDS + 2), SIZE, SAMPLE_RATE_HZ)
    power = np.concatenate([piece @ bands.T for piece in magnitudes(mono, SIZE, HOP)])
    level = np.sqrt((power.astype(np.float64) ** 2).mean(axis=1))
    loud = np.percentile(power, 95)
    logs = np.log1p(power * (200.0 / max(float(loud), 1e-9)))
    rise = np.maximum(0.0, np.diff(logs, axis=0, prepend=logs[:1], n=1))
    wide = np.maximum(rise, np.maximum(0.0, logs - np.roll(logs, 2, axis=0)) * 0.5)
    wide[:2] = 0.0
    return Onsets(
        _stand_out(wide.mean(axis=1)),
        _stand_out(wide[:, :LOW_BANDS].mean(axis=1)),
        _stand_out(wide[:, BANDS // 2 :].mean(axis=1)),
        level,
    )


def _stand_out(flux: NDArray[np.float32]) -> Curve:
    """Above the neighbourhood's mean, and in units of the wider neighbourhood, so that quiet parts count."""
    curve = flux.astype(np.float64)
    risen = np.maximum(0.0, curve - uniform_filter1d(curve, RATE_HZ))
    spread = (
        np.sqrt(np.maximum(0.0, uniform_filter1d(risen**2, 8 * RATE_HZ)))
        + 0.1 * np.sqrt((risen**2).mean())
        + 1e-9
    )
    return np.asarray(gaussian_filter1d(risen / spread, 0.8))


def at(curve: Curve, times_s: NDArray[np.float64]) -> Curve:
    """The curve's values at times, between its steps by a straight line, 0 outside."""
    return np.interp((times_s - LATENCY_S) * RATE_HZ, np.arange(len(curve)), curve, left=0.0, right=0.0)


def peak_times(curve: Curve, floor: float = 1.0, gap_s: float = 0.06) -> NDArray[np.float64]:
    """Seconds of the curve's peaks above `floor`, at least `gap_s` apart, the higher one winning."""
    inner = (curve[1:-1] >= curve[:-2]) & (curve[1:-1] > curve[2:]) & (curve[1:-1] > floor)
    places = np.flatnonzero(inner) + 1
    kept: list[int] = []
    for place in places.tolist():
        if kept and place - kept[-1] < gap_s * RATE_HZ:
            if curve[place] > curve[kept[-1]]:
                kept[-1] = place
        else:
            kept.append(place)
    index = np.array(kept, int)
    if not len(index):
        return np.zeros(0)
    before, here, after = curve[index - 1], curve[index], curve[index + 1]
    shift = 0.5 * (before - after) / np.minimum(-1e-12, before - 2 * here + after)
    return np.asarray((index + np.clip(shift, -0.5, 0.5)) / RATE_HZ + LATENCY_S)
