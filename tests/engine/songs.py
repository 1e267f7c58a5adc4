"""Words and styles that the tests of the engine share."""

from __future__ import annotations

import numpy as np

from studio.engine.audition import Audio
from studio.engine.spec import SAMPLE_RATE_HZ

LAMP = """[Verse 1]
Someone left the lamp on in the hall
Shadows of the garden climb the wall

[Chorus]
Leave it burning, leave it burning for me
I am coming home across the sea
"""
LONGER = f"""{LAMP}
[Verse 2]
Letters on the table, dust and tea
Every one of them addressed to me

[Chorus]
Leave it burning, leave it burning for me
I am coming home across the sea
"""
STYLES = (
    "pop, female vocals",
    "dream pop",
    "rock, male vocals",
    "folk, acoustic guitar",
    "jazz, piano",
    "hip-hop, 808",
    "lo-fi",
    "house",
    "orchestral, cinematic",
    "bossa nova",
    "synthwave",
    "reggae",
    "waltz",
    "6/8 ballad",
    "metal",
)


def sine(hz: float, seconds: float, level: float = 1.0) -> Audio:
    """A tone on both sides, float32 (2, samples)."""
    wave = level * np.sin(2 * np.pi * hz * np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)
    return np.stack([wave, wave]).astype(np.float32)
