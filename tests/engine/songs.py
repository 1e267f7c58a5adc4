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
BOATS = """[Verse 1]
Paper boats along the river bend
Every letter that I never send
Morning comes with copper in the trees
You were humming something on the breeze

[Chorus]
Carry me, carry me over the water
Carry me, carry me home
Nobody told me the night could be longer
Carry me, carry me home

[Verse 2]
Neon puddles after summer rain
Someone whispers softly through the train
All the windows hold a golden face
I keep running, running out of place

[Chorus]
Carry me, carry me over the water
Carry me, carry me home
Nobody told me the night could be longer
Carry me, carry me home
"""
WILDFIRE = """[Verse 1]
Dust on the dashboard, radio low
Counting the miles that we used to know
Your jacket still smells like the end of July
I swear I could hear you if I closed my eyes

[Pre-Chorus]
And the engine is singing again
Like it did way back when

[Chorus]
We were wildfire, burning the hills (oh oh)
Hearts going faster than dollar bills
We were wildfire, nothing to lose
(Nothing to lose)

[Verse 2]
Midnight diner, coffee and smoke
You told me a story, I laughed at the joke
The waitress was crying, she turned up the sound
A song about leaving this beautiful town

[Chorus]
We were wildfire, burning the hills (oh oh)
Hearts going faster than dollar bills
We were wildfire, nothing to lose
(Nothing to lose)
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
