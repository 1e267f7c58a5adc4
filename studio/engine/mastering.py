"""What mastering does to a mix, kept as numbers. Light to import: scipy waits until it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Curve = NDArray[np.float32]  # one value per block of GAIN_BLOCK samples
GAIN_BLOCK = 32


@dataclass(frozen=True)
class Mastering:
    """What mastering does, kept so that it can be done to any stem and done again to a changed song.

    `sections` are second-order filter sections, float64 (n, 6). `gain` is the one gain curve, linear, one
    float32 per block of 32 samples, fades included. `level_db` and `glue_level` are what the curve was made
    with; `balance` holds the mix's own settings by name, see `mix.mix_down`.
    """

    sections: NDArray[np.float64]
    gain: Curve
    level_db: float
    glue_level: float
    balance: Mapping[str, float] = field(default_factory=dict)

    def apply(self, signal: Audio) -> Audio:
        """`signal`, float32 (2, samples), mastered. Linear: applied to stems it sums to the mastered mix."""
        from studio.engine import fx

        out = fx.equalise(signal, [self.sections])
        out *= fx.spread(self.gain, signal.shape[1], GAIN_BLOCK)
        return out
