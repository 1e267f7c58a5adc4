"""Short-time spectra in pieces, so that a long song never stands in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal import get_window

Floats = NDArray[np.float32]
PIECE_FRAMES = 1024


def magnitudes(sound: Floats, size: int, hop: int, window: str = "hann") -> Iterator[Floats]:
    """Magnitude spectra, pieces of (frames, size // 2 + 1). Frame k is centred on sample k * hop; there
    are len(sound) // hop + 1 of them."""
    padded = np.pad(sound, (size // 2, size // 2 + hop))
    shape = get_window(window, size).astype(np.float32)
    count = len(sound) // hop + 1
    framed = sliding_window_view(padded, size)[::hop][:count]
    for start in range(0, count, PIECE_FRAMES):
        yield np.abs(rfft(framed[start : start + PIECE_FRAMES] * shape, axis=1)).astype(np.float32)


def triangles(edges_hz: NDArray[np.float64], size: int, rate_hz: int) -> Floats:
    """Triangular bands between neighbouring edges, shape (len(edges) - 2, size // 2 + 1), each summing to 1.
    A band narrower than the spectrum's lines takes the nearest line."""
    hz = np.arange(size // 2 + 1) * rate_hz / size
    low, mid, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    bands = np.clip(np.minimum((hz - low) / (mid - low), (high - hz) / (high - mid)), 0.0, None)
    for row, centre in zip(bands, edges_hz[1:-1], strict=True):
        if row.sum() < 1e-3:
            row[int(np.argmin(np.abs(hz - centre)))] = 1.0
    return np.asarray(bands / bands.sum(axis=1, keepdims=True), np.float32)
