"""Key and chords from chroma: profiles for the key, templates and Viterbi for the chords."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.theory import QUALITIES, SCALES, key_name, pitch_name, uses_flats

Floats = NDArray[np.float64]
# How much each degree sounds in common-practice and popular music, after Albrecht and Shanahan (2013).
PROFILES = {
    "major": (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    "minor": (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
# Chords looked for, with how readily they are believed.
VOCABULARY = {
    "": 0.0, "m": 0.0, "7": -0.05, "maj7": -0.045, "m7": -0.035, "dim": -0.06, "m7b5": -0.07, "sus4": -0.06,
    "5": -0.06, "add9": -0.03, "madd9": -0.03,
}  # fmt: skip
TREBLE, BASS = 1.0, 0.33
SOFTENED = 0.4  # power of the chroma, so that one loud note does not decide
COLOUR = 0.75  # of the seventh and ninth in a chord's pattern
SHARPNESS = 12.0
STAY = 2.0  # how much likelier, in nats, a chord goes on than changes inside a bar
BAR_LINE = 0.1
# What the chords add to a key's fit, which is a correlation.
HOME_REST, HOME_DOMINANT, HOME_END, HOME_START = 0.4, 0.15, 0.4, 0.05
# A loop that is cut off says nothing by its last chord, and more by its first.
LOOP_START = 0.25
LOOPS, LOOP_LIKENESS = (2, 3, 4, 6, 8, 12, 16), 0.8  # chords of a loop; share that has to come back
DIATONIC = 0.6
MINOR_DEGREES = ((0, "m"), (2, "dim"), (3, ""), (5, "m"), (7, "m"), (7, ""), (8, ""), (10, ""))
MAJOR_DEGREES = ((0, ""), (2, "m"), (4, "m"), (5, ""), (7, ""), (9, "m"), (11, "dim"))


@dataclass(frozen=True, slots=True)
class Key:
    """`mode` is major or minor; `confidence` 0..1 is the lead over the next best key."""

    tonic: int
    mode: str
    confidence: float

    @property
    def name(self) -> str:
        return key_name(self.tonic, self.mode)


@dataclass(frozen=True, slots=True)
class FoundChord:
    """A chord of a recording: `root` a pitch class, `quality` of theory.QUALITIES, `confidence` 0..1."""

    start_s: float
    end_s: float
    root: int
    quality: str
    confidence: float

    @property
    def pitch_classes(self) -> frozenset[int]:
        return frozenset((self.root + step) % 12 for step in QUALITIES[self.quality])

    def symbol(self, key: Key) -> str:
        return pitch_name(self.root, flats=uses_flats(key.tonic, key.mode)) + self.quality


def find_key(treble: Floats, bass: Floats, chords: tuple[FoundChord, ...] = ()) -> Key:
    """The key of rows of chroma. Profiles tell the scale; which of its notes is home is told by how long the
    chords rest on it and what the song ends with, so pass the chords when they are known."""
    wheel = _unit(_unit(treble).mean(axis=0)) + 0.35 * _unit(_unit(bass).mean(axis=0))
    scores: list[tuple[float, int, str]] = []
    for mode, profile in PROFILES.items():
        for tonic in range(12):
            fit = float(np.corrcoef(wheel, np.roll(profile, tonic))[0, 1])
            scores.append((fit + _home(chords, tonic, mode), tonic, mode))
    scores.sort(reverse=True)
    lead = scores[0][0] - scores[1][0]
    return Key(scores[0][1], scores[0][2], round(float(np.clip(lead * 4, 0.0, 1.0)), 3))


def _home(chords: tuple[FoundChord, ...], tonic: int, mode: str) -> float:
    """How much of the time the chords are at home in this key, and whether the song ends there."""
    if not chords:
        return 0.0
    wanted = (tonic, "m" if mode == "minor" else "")
    total = sum(chord.end_s - chord.start_s for chord in chords)
    rest = sum(chord.end_s - chord.start_s for chord in chords if (chord.root, third_of(chord)) == wanted)
    dominant = sum(
        chord.end_s - chord.start_s
        for chord in chords
        if chord.root == (tonic + 7) % 12 and third_of(chord) == "" and chord.quality != "sus4"
    )
    end, start = (0.0, LOOP_START) if is_cut_loop(chords) else (HOME_END, HOME_START)
    ending = end if (chords[-1].root, third_of(chords[-1])) == wanted else 0.0
    beginning = start if (chords[0].root, third_of(chords[0])) == wanted else 0.0
    return HOME_REST * rest / total + HOME_DOMINANT * dominant / total + ending + beginning


def is_cut_loop(chords: tuple[FoundChord, ...]) -> bool:
    """Whether the chords are one pattern over and over that stops where it would begin again."""
    names = [(chord.root, third_of(chord)) for chord in chords]
    for size in LOOPS:
        pattern = names[:size]
        if (
            len(names) < 2 * size
            or len(names) % size
            or names[-1] != names[size - 1]
            or len(set(pattern)) < 2
        ):
            continue
        if np.mean([name == pattern[i % size] for i, name in enumerate(names)]) >= LOOP_LIKENESS:
            return True
    return False


def third_of(chord: FoundChord) -> str:
    """ "m" for a minor third, "" for a major one or none."""
    return "m" if 3 in QUALITIES[chord.quality] else ""


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-9))


def find_chords(
    treble: Floats, bass: Floats, edges_s: Floats, is_bar: NDArray[np.bool_], key: Key | None = None
) -> tuple[FoundChord, ...]:
    """The likeliest chords of stretches of chroma, neighbours with the same chord joined.

    `edges_s` are the stretches' limits, `is_bar` says which stretch begins a bar, where chords change.
    """
    names = [(root, quality) for quality in VOCABULARY for root in range(12)]
    scores = _similarity(treble, bass, names)
    if key is not None:
        scores = scores + DIATONIC / SHARPNESS * _in_key(names, key)
    path = _viterbi(scores * SHARPNESS, is_bar)
    sure = _certainty(scores * SHARPNESS, path)
    out: list[FoundChord] = []
    weights: list[list[float]] = []
    for i, state in enumerate(path.tolist()):
        root, quality = names[state]
        start, end = float(edges_s[i]), float(edges_s[i + 1])
        if out and (out[-1].root, out[-1].quality) == (root, quality) and not is_bar[i]:
            weights[-1].append(sure[i])
            out[-1] = FoundChord(out[-1].start_s, end, root, quality, round(float(np.mean(weights[-1])), 3))
        else:
            weights.append([sure[i]])
            out.append(FoundChord(start, end, root, quality, round(float(sure[i]), 3)))
    return tuple(out)


def _similarity(treble: Floats, bass: Floats, names: list[tuple[int, str]]) -> Floats:
    """How well every stretch fits every chord: cosine with its tones, and the root in the bass."""
    patterns = np.zeros((len(names), 12))
    roots = np.zeros((len(names), 12))
    for row, (root, quality) in enumerate(names):
        steps = sorted({step % 12 for step in QUALITIES[quality]})
        for step in steps:
            patterns[row, (root + step) % 12] = COLOUR if step in (2, 10, 11) else 1.0
        roots[row, root] = 1.0
        roots[row, (root + 7) % 12] = 0.25
    fit = _unit(treble**SOFTENED) @ _unit(patterns).T
    low = _unit(bass) @ roots.T
    prior = np.array([VOCABULARY[quality] for _, quality in names])
    return np.asarray(TREBLE * fit + BASS * low + prior)


def _in_key(names: list[tuple[int, str]], key: Key) -> Floats:
    degrees = MINOR_DEGREES if key.mode == "minor" else MAJOR_DEGREES
    scale = {(key.tonic + step) % 12 for step in SCALES[key.mode]}
    own = {((key.tonic + step) % 12, third) for step, third in degrees}
    out = []
    for root, quality in names:
        third = {"m": "m", "m7": "m", "dim": "dim", "m7b5": "dim", "madd9": "m"}.get(quality, "")
        inside = all((root + step) % 12 in scale for step in QUALITIES[quality])
        out.append(1.0 if inside else 0.7 if (root, third) in own else 0.0)
    return np.array(out)


def _viterbi(scores: Floats, is_bar: NDArray[np.bool_]) -> NDArray[np.int64]:
    best = scores[0]
    back = np.zeros(scores.shape, int)
    for i in range(1, len(scores)):
        stay = BAR_LINE if is_bar[i] else STAY
        jump = int(np.argmax(best))
        stays = best + stay >= best[jump]
        back[i] = np.where(stays, np.arange(len(best)), jump)
        best = np.where(stays, best + stay, best[jump]) + scores[i]
    path = np.zeros(len(scores), int)
    path[-1] = int(np.argmax(best))
    for i in range(len(scores) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def _certainty(scores: Floats, path: NDArray[np.int64]) -> Floats:
    """Share of the chosen chord among all, 0..1, by a softmax of each stretch alone."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds[np.arange(len(path)), path] / odds.sum(axis=1))
