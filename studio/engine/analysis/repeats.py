"""What comes back in a recording: for every moment the accompaniment that moments like it suggest.

The idea is REPET-SIM (Rafii and Pardo 2012): bands repeat themselves, singers do so less; the median of the
frames that are most alike holds what they share.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LIKE = 11  # frames whose median is taken
BANDS = 96
APART = 32  # frames, 0.7 s: nearer ones sound alike because they are the same note
PIECE = 256


def outlines(loud: NDArray[np.float16]) -> Floats:
    """What frames are compared by, (frames, BANDS): loudness in bands, without the overall level."""
    edges = np.unique(np.round(np.geomspace(3, loud.shape[1], BANDS + 1)).astype(int))
    rows = []
    for start in range(0, len(loud), PIECE):
        power = loud[start : start + PIECE].astype(np.float32)
        rows.append(np.add.reduceat(power, edges[:-1], axis=1) / np.diff(np.append(edges[:-1], edges[-1])))
    found = np.log1p(np.concatenate(rows) * 20)
    found -= found.mean(axis=1, keepdims=True)
    return np.asarray(found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-6), np.float32)


def alike(outline: Floats, on_step: Callable[[float], None] | None = None) -> NDArray[np.int32]:
    """For every frame the LIKE frames elsewhere that are most like it, itself where there are too few."""
    count = len(outline)
    found = np.repeat(np.arange(count, dtype=np.int32)[:, None], LIKE, axis=1)
    if count <= 2 * APART + LIKE:
        return found
    places = np.arange(count)
    for start in range(0, count, PIECE):
        likeness = outline[start : start + PIECE] @ outline.T
        own = np.arange(start, start + len(likeness))[:, None]
        likeness[np.abs(places[None] - own) < APART] = -1.0
        # Neighbours in time say the same: only the best of each neighbourhood counts.
        likeness[:, 1:-1][likeness[:, 1:-1] < np.maximum(likeness[:, :-2], likeness[:, 2:])] = -1.0
        best = np.argpartition(likeness, -LIKE, axis=1)[:, -LIKE:]
        usable = np.take_along_axis(likeness, best, axis=1) > -1.0
        found[start : start + PIECE] = np.where(usable, best, own)
        if on_step:
            on_step(min(1.0, (start + PIECE) / count))
    return found


def background(loud: NDArray[np.float16], likes: NDArray[np.int32]) -> Floats:
    """The median magnitudes of the frames that are alike, (len(likes), lines)."""
    out = np.empty((len(likes), loud.shape[1]), np.float32)
    for start in range(0, len(likes), 32):
        gathered = loud[likes[start : start + 32]].astype(np.float32)
        out[start : start + 32] = np.partition(gathered, LIKE // 2, axis=1)[:, LIKE // 2]
    return out
