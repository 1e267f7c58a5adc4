"""Pitches for placed syllables: second-order Viterbi over scale tones, with motifs, contour and cadence."""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from studio.engine.chance import dice, noise_source
from studio.engine.score import Chord
from studio.engine.theory import SCALES

# Cost of a melodic interval by size in semitones: repeats are cheap, steps cheapest, leaps must be earned.
INTERVAL_COSTS = (0.75, 0.15, 0.0, 0.35, 0.45, 0.8, 3.2, 1.0, 2.2, 2.4, 3.4, 4.5, 2.2, 6, 6, 6, 6, 6, 6, 6)

Floats = NDArray[np.float64]
Pitches = NDArray[np.int64]


@dataclass(frozen=True)
class Tone:
    """One note to be pitched. `weight` is how much it matters that it fits the chord (0..1),
    `place` where it lies in its phrase (0..1)."""

    chord: Chord
    weight: float
    place: float
    stress: float


@dataclass(frozen=True)
class Range:
    """Comfortable pitches and the pitch around which this section moves."""

    low: int
    high: int
    centre: float


class Tune:
    """Writes the phrases of one song in order and remembers them, so that later ones can answer."""

    def __init__(self, seed: int, tonic: int, mode: str, weirdness: float, wander: float = 1.0) -> None:
        self.seed, self.tonic, self.mode, self.weirdness = seed, tonic, mode, weirdness
        self.wander = wander
        self.previous: tuple[int, int] | None = None

    def write(
        self,
        tones: list[Tone],
        span: Range,
        *,
        label: str,
        contour: str,
        ending: str,
        motif: list[int] | None = None,
        held: float = 0.0,
    ) -> list[int]:
        """Pitches for one phrase. `motif` are the pitches of the phrase it should resemble, which it does
        closely over the share `held` from its beginning."""
        pitches = self._candidates(tones, span)
        noise = noise_source(self.seed, "tune", label).normal(0.0, 1.0, (len(tones), len(pitches)))
        own = (
            self._own_costs(tones, pitches, span, contour)
            + noise * (0.28 + 0.35 * self.weirdness) * self.wander
        )
        own[-1] += self._ending_costs(pitches, tones[-1].chord, ending)
        if motif:
            own += _motif_costs(tones, pitches, motif, held)
        path = self._search(own, pitches, tones)
        self.previous = (path[-2], path[-1]) if len(path) > 1 else (path[-1], path[-1])
        return path

    def _candidates(self, tones: list[Tone], span: Range) -> Pitches:
        allowed = {(self.tonic + step) % 12 for step in SCALES[self.mode]}
        for tone in tones:
            allowed |= tone.chord.pitch_classes
        return np.array([p for p in range(span.low, span.high + 1) if p % 12 in allowed])

    def _own_costs(self, tones: list[Tone], pitches: Pitches, span: Range, contour: str) -> Floats:
        scale = {(self.tonic + step) % 12 for step in SCALES[self.mode]}
        out = np.zeros((len(tones), len(pitches)))
        for i, tone in enumerate(tones):
            target = span.centre + contour_at(contour, tone.place) + 1.2 * (tone.stress - 0.4)
            out[i] = 0.022 * (pitches - target) ** 2
            out[i] += [_fit(int(p) % 12, tone, scale) for p in pitches]
        return out

    def _ending_costs(self, pitches: Pitches, chord: Chord, ending: str) -> Floats:
        """Closed lines come home, open ones wait on another chord tone."""
        home = {
            self.tonic % 12: 0.0,
            (self.tonic + SCALES[self.mode][2]) % 12: 0.6,
            (self.tonic + 7) % 12: 1.0,
        }
        out = np.full(len(pitches), 2.2)
        for i, pitch in enumerate(pitches):
            pc = int(pitch) % 12
            in_chord = pc in chord.pitch_classes
            if ending == "closed":
                out[i] = home.get(pc, 2.4) + (0.0 if in_chord else 1.6)
            else:
                out[i] = (0.0 if in_chord else 2.0) + (0.8 if pc == self.tonic % 12 else 0.0)
        return out

    def _search(self, own: Floats, pitches: Pitches, tones: list[Tone]) -> list[int]:
        first, second = _transition_costs(pitches, self.weirdness)
        if self.previous is not None:
            own[0] += 0.6 * _interval_cost(np.abs(pitches - self.previous[1]))
        if len(own) == 1:
            return [int(pitches[own[0].argmin()])]
        cost = own[0][:, None] + first + own[1][None, :]
        back = []
        for i in range(2, len(own)):
            total = cost[:, :, None] + second
            back.append(total.argmin(axis=0))
            cost = total.min(axis=0) + first + own[i][None, :]
        return _trace(cost, back, pitches)


def _fit(pitch_class: int, tone: Tone, scale: set[int]) -> float:
    if pitch_class in tone.chord.pitch_classes:
        # The tones that make the chord are safer than its ninths and sevenths.
        return 0.0 if (pitch_class - tone.chord.root) % 12 in (0, 3, 4, 7) else 0.25 * tone.weight
    clash = any((pitch_class - other) % 12 == 1 for other in tone.chord.pitch_classes)
    outside = 2.5 if pitch_class not in scale else 0.0
    firm = 2.4 if tone.weight > 0.75 else 0.0
    return outside + 0.25 + firm + tone.weight * (3.4 if clash else 2.6)


def _motif_costs(tones: list[Tone], pitches: Pitches, motif: list[int], held: float) -> Floats:
    """Stay near the model for the first two thirds, then find an ending of one's own."""
    out = np.zeros((len(tones), len(pitches)))
    for i, tone in enumerate(tones):
        model = motif[min(len(motif) - 1, round(tone.place * (len(motif) - 1)))]
        strength = 1.3 if tone.place < held else 0.75 if tone.place < 0.68 else 0.12
        # Capped, so that the chord has the last word on strong notes.
        out[i] = strength * np.minimum(2.2 if tone.place < held else 4.0, np.abs(pitches - model))
    return out


def contour_at(contour: str, place: float) -> float:
    """Semitones above the centre along a phrase."""
    shapes = {
        "arch": 3.2 * np.sin(np.pi * place) - 1.0,
        "fall": 3.0 - 4.5 * place,
        "rise": -2.5 + 4.5 * place,
        "valley": 2.0 - 3.6 * np.sin(np.pi * place),
        "level": 0.5 * np.sin(2 * np.pi * place),
        "late peak": 3.5 * np.sin(np.pi * place**1.8) - 1.2,
    }
    return float(shapes[contour])


def _interval_cost(size: Pitches) -> Floats:
    return np.array(INTERVAL_COSTS)[np.minimum(size, len(INTERVAL_COSTS) - 1)]


def _transition_costs(pitches: Pitches, weirdness: float) -> tuple[Floats, Floats]:
    """(first[b, c], second[a, b, c]): interval sizes, then what three notes in a row must not do."""
    step = pitches[None, :] - pitches[:, None]
    first = _interval_cost(np.abs(step)) * (1.0 - 0.35 * weirdness)
    one = step[:, :, None]
    two = step[None, :, :]
    second = np.where((one == 0) & (two == 0), 1.1, 0.0)
    turn = (one * two) < 0
    zigzag = turn & (np.abs(one) >= 3) & (np.abs(two) >= 3)
    second = second + np.where(zigzag, 2.4, 0.0) + np.where(turn & ~zigzag, 0.45, 0.0)
    back_again = turn & (one + two == 0)
    second = second + np.where(back_again, 0.35, 0.0)
    leap = np.abs(one) >= 5
    resolved = turn & (np.abs(two) <= 4)
    second = second + np.where(leap & ~resolved & (two != 0), 1.3, 0.0)
    far = (np.abs(one + two) > 9) & ~turn
    return first, second + np.where(far, 1.5, 0.0)


def _trace(cost: Floats, back: list[NDArray[np.intp]], pitches: Pitches) -> list[int]:
    a, b = np.unravel_index(int(cost.argmin()), cost.shape)
    path = [int(b), int(a)]
    for table in reversed(back):
        path.append(int(table[path[-1], path[-2]]))
    return [int(pitches[i]) for i in reversed(path)]


def choose_contours(seed: int, label: str) -> tuple[str, ...]:
    """Four contours, one a line, that a section goes through."""
    rng: Random = dice(seed, "contour", label)
    pool = ("arch", "fall", "rise", "valley", "level", "late peak")
    a, b, c = rng.sample(pool, 3)
    return rng.choice(((a, b, a, c), (a, a, b, c), (a, b, c, "fall"), (a, b, a, b)))
