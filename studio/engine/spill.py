"""Stems that stay within full scale and still sum to the mix.

The one gain curve keeps the mix under its ceiling. A stem alone may stand higher wherever another one pulls
the other way, for a sample or two; a file of whole numbers would cut that off, and the sum would miss it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
FULL_SCALE = np.float32(1.0 - 2.0**-20)  # a hair under 1, which 24-bit files cannot hold


class Spill:
    """What some stems have beyond full scale, for others to carry: the sum of all stays as it is."""

    def __init__(self) -> None:
        self._excess: dict[tuple[int, int], np.float32] = {}

    def __bool__(self) -> bool:
        return bool(self._excess)

    def add(self, other: Spill) -> None:
        """Carry what `other` carries, too."""
        for place, value in other._excess.items():
            self._excess[place] = np.float32(self._excess.get(place, np.float32(0.0)) + value)

    def fit(self, stem: Audio) -> Audio:
        """`stem`, float32 (2, samples), with what is carried and without what goes beyond full scale: that is
        carried on. The very array when there is nothing to do; it is never changed."""
        highest = max(float(stem.max(initial=0.0)), -float(stem.min(initial=0.0)))
        if not self._excess and highest <= FULL_SCALE:
            return stem
        out = stem.copy()
        for (side, place), value in self._excess.items():
            out[side, place] += value
        whole = out
        out = np.clip(whole, -FULL_SCALE, FULL_SCALE)
        sides, places = np.nonzero(whole != out)
        self._excess = {
            (int(side), int(place)): np.float32(whole[side, place] - out[side, place])
            for side, place in zip(sides, places, strict=True)
        }
        return out
