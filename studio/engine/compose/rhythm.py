"""Where the syllables fall: dynamic programming of stress against meter, with breath at the line's end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from studio.engine.compose.form import Phrase

WEIGHT_4 = (1.0, 0.0, 0.3, 0.0, 0.6, 0.0, 0.3, 0.0, 0.85, 0.0, 0.3, 0.0, 0.6, 0.0, 0.35, 0.0)
WEIGHT_3 = (1.0, 0.0, 0.3, 0.0, 0.6, 0.0, 0.3, 0.0, 0.6, 0.0, 0.35, 0.0)
WEIGHT_6 = (1.0, 0.0, 0.35, 0.0, 0.35, 0.0, 0.85, 0.0, 0.35, 0.0, 0.4, 0.0)
IMPOSSIBLE = 1e6
WIDEST_GAP_BEATS = 4.0
STEP_BEATS = 0.25
THIRD = 1.0 / 3.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Vocabulary:
    """The note values of a style: the grid, what a place between the eighths costs, which distances are
    liked, and figures (places in a bar) of which a section takes one as its own."""

    step_beats: float
    off_grid: float
    gaps: tuple[tuple[float, float], ...]
    figures: tuple[tuple[float, ...], ...]


VOCABULARIES: dict[str, Vocabulary] = {
    "eighths": Vocabulary(
        STEP_BEATS, 1.2, ((0.75, 0.1), (1.5, 0.35), (2.0, 0.15)),
        ((0, 0.5, 1, 2, 2.5, 3), (0, 1, 1.5, 2.5, 3), (0, 1.5, 2, 3), (0.5, 1, 1.5, 2.5, 3),
         (0, 0.5, 1.5, 2, 3.5)),
    ),
    "mixed": Vocabulary(
        STEP_BEATS, 0.55, ((0.25, 0.15), (0.75, 0.3)),
        ((0, 0.75, 1.5, 2.5, 3), (0, 0.5, 0.75, 1.5, 2.5), (0.5, 1, 1.75, 2.5, 3), (0, 1, 1.75, 2.5, 3.5),
         (0, 0.75, 1, 2, 2.75, 3)),
    ),
    "sixteenths": Vocabulary(
        STEP_BEATS, 0.1, ((0.25, 0.3), (0.75, 0.3)),
        ((0, 0.25, 0.75, 1.5, 2, 2.75, 3.5), (0, 0.75, 1, 1.75, 2.5, 3.25), (0.25, 0.75, 1.25, 2, 2.75, 3),
         (0, 0.5, 0.75, 1.5, 1.75, 2.5, 3.25)),
    ),
    "dotted": Vocabulary(
        STEP_BEATS, 0.3, ((0.75, 0.45), (1.5, 0.4), (0.5, 0.15)),
        ((0, 0.75, 1.5, 2.25, 3), (0, 0.75, 1.5, 2.5, 3.25), (0, 1.5, 2.25, 3), (0.5, 1.25, 2, 2.75, 3.5)),
    ),
    "clave": Vocabulary(
        STEP_BEATS, 0.45, ((0.75, 0.35), (1.5, 0.4), (0.5, 0.2)),
        ((0, 0.75, 1.5, 2.5, 3), (0.5, 1, 2, 2.75, 3.5), (0.5, 1.5, 2.5, 3, 3.5), (0, 1.5, 2.5, 3.5)),
    ),
    "long": Vocabulary(
        STEP_BEATS, 2.6, ((1.0, 0.35), (1.5, 0.4), (2.0, 0.5), (3.0, 0.3)),
        ((0, 2), (0, 1, 3), (0, 1.5, 2), (0, 3), (0, 1, 2)),
    ),
    "swung": Vocabulary(
        STEP_BEATS, 2.6, ((0.5, 0.2), (1.5, 0.4), (1.0, 0.1)),
        ((0.5, 1.5, 2, 2.5, 3.5), (0, 0.5, 1.5, 2.5, 3), (1, 1.5, 2.5, 3, 3.5), (0, 1, 1.5, 2, 3.5)),
    ),
    "triplets": Vocabulary(
        THIRD, 0.2, ((THIRD, 0.3), (2 * THIRD, 0.35), (4 * THIRD, 0.2)),
        ((0, 2 * THIRD, 1, 5 * THIRD, 2, 3), (0, THIRD, 2 * THIRD, 1, 2, 8 * THIRD, 3),
         (2 * THIRD, 1, 4 * THIRD, 2, 8 * THIRD, 3)),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Feel:
    """How a section's lines move: shared by its lines, so that they sound like siblings.

    `entry_beats` is where a line likes to begin, `taste` the liking for each step of a bar, `least_beats` the
    least distance of two syllables; `is_rap` for a flow on every step instead of a tune with breath.
    """

    meter: str
    bar_beats: float
    entry_beats: float
    span: float
    syncopation: float
    taste: tuple[float, ...]
    vocabulary: Vocabulary
    least_beats: float = STEP_BEATS
    is_rap: bool = False

    @property
    def step_beats(self) -> float:
        return self.vocabulary.step_beats


def metric_weight(meter: str, beat: float, bar_beats: float) -> float:
    """0..1: how strong a place in the bar is, at sixteenth resolution."""
    table = {"3/4": WEIGHT_3, "6/8": WEIGHT_6}.get(meter, WEIGHT_4)
    place = beat % bar_beats / STEP_BEATS
    # A place between the sixteenths, as in a triplet, is as weak as they are.
    return table[round(place) % len(table)] if abs(place - round(place)) < 0.05 else 0.05


def make_feel(
    meter: str, bar_beats: float, syncopation: float, weirdness: float, rng: Random, *,
    vocabulary: str = "eighths", least_beats: float = STEP_BEATS, hook: float = 0.5, is_rap: bool = False,
) -> Feel:  # fmt: skip
    """The feel of a section. `hook` is how strongly its lines keep to one rhythmic figure."""
    words = VOCABULARIES["eighths" if meter == "6/8" and vocabulary != "long" else vocabulary]
    entries = (0.0, 0.0, 0.5, 1.0, 0.5) if meter != "6/8" else (0.0, 0.0, 0.5)
    entry = rng.choice((0.0, 0.0, 0.5, 0.25) if is_rap else entries)
    noise = 0.3 + 0.35 * weirdness
    steps = round(bar_beats / words.step_beats)
    figure = {
        round(place / words.step_beats) % steps for place in rng.choice(words.figures) if place < bar_beats
    }
    taste = tuple(rng.uniform(-noise, noise) + hook * (step in figure) for step in range(steps))
    span = rng.uniform(0.8, 0.9) if is_rap else rng.uniform(0.6, 0.78)
    least = math.ceil(least_beats / words.step_beats - 1e-6) * words.step_beats
    return Feel(meter, bar_beats, entry, span, syncopation, taste, words, least, is_rap)


def place_syllables(
    phrase: Phrase, feel: Feel, *, room_beats: float, model: list[float] | None = None, firmness: float = 0.4,
    noise: Random | None = None,
) -> list[float]:  # fmt: skip
    """Onsets in beats from the phrase's first bar line; weak first syllables may come up to `room_beats`
    before it.

    `model` is the rhythm of the line this one answers, `firmness` how closely it does. Strictly
    increasing and at least `feel.least_beats` apart unless there are too many for that; always one onset for
    each syllable.
    """
    slot = phrase.bars * feel.bar_beats
    count = len(phrase.stresses)
    early = min(_pickup_steps(phrase, feel), int(max(0.0, room_beats) / feel.step_beats + 1e-6))
    steps = round(slot / feel.step_beats) + early
    least = round(feel.least_beats / feel.step_beats)
    if (count - 1) * least > steps - early - 1:
        return [index * (slot - 0.25) / count for index in range(count)]
    return _search(phrase, feel, early, steps, _model_bonus(feel, early, steps, model, firmness), noise)


def _pickup_steps(phrase: Phrase, feel: Feel) -> int:
    """A weak beginning leans into the bar; how far depends on how many weak syllables there are."""
    weak = next((i for i, stress in enumerate(phrase.stresses) if stress > 0.5), len(phrase.stresses))
    if weak == 0 or len(phrase.stresses) < 4 or feel.entry_beats >= 1.0:
        return 0
    return round(min(2, weak) * 0.5 / feel.step_beats)


def _search(
    phrase: Phrase, feel: Feel, early: int, steps: int, shared: Floats, noise: Random | None
) -> list[float]:
    """Viterbi over grid positions: cost[t] is the best way to have put the last syllable on t."""
    count = len(phrase.stresses)
    beats: Floats = np.asarray((np.arange(steps) - early) * feel.step_beats, np.float64)
    slot = phrase.bars * feel.bar_beats
    coarse = count <= (slot - 1.0) / 0.5 * 0.8
    own = np.array([_place_costs(stress, beats, feel, coarse) - shared for stress in phrase.stresses])
    if noise is not None:
        spread = 0.55 if feel.is_rap else 0.24
        own += np.array([[noise.uniform(-spread, spread) for _ in range(steps)] for _ in range(count)])
    target_end = slot * feel.span
    ideal = max(feel.least_beats, (target_end - feel.entry_beats) / max(1, count - 1))
    start = own[0] + 1.2 * np.abs(beats - (feel.entry_beats if not early else -early * feel.step_beats))
    ends = _end_costs(beats, phrase, feel, target_end)
    return [float(beats[t]) for t in _best_path(start, own, ends, phrase, feel, ideal)]


def _best_path(
    start: Floats, own: Floats, ends: Floats, phrase: Phrase, feel: Feel, ideal: float
) -> list[int]:
    """The cheapest positions. The state is (position, gap before it), so that equal gaps in a row cost."""
    count, steps = own.shape
    if count == 1:
        return [int((start + ends).argmin())]
    widest = max(2, min(steps - 1, math.ceil(max(WIDEST_GAP_BEATS, feel.least_beats) / feel.step_beats)))
    gaps = np.arange(1, widest + 1)
    dull = _repeat_costs(gaps * feel.step_beats, feel)
    cost = np.repeat(start[:, None], widest, axis=1)
    back: list[NDArray[np.intp]] = []
    for i in range(1, count):
        wish = _gap_costs(gaps * feel.step_beats, ideal, phrase, i - 1, feel)
        chained = cost[:, :, None] + dull[None, :, :] * (i > 1)
        came, best = chained.argmin(axis=1), chained.min(axis=1)
        cost = np.full((steps, widest), IMPOSSIBLE)
        for g in range(1, min(widest, steps - 1) + 1):
            cost[g:, g - 1] = best[:-g, g - 1] + wish[g - 1] + own[i, g:]
        back.append(came)
    cost = cost + ends[:, None]
    at, gap = (int(v) for v in np.unravel_index(int(cost.argmin()), cost.shape))
    path = [at]
    for came in reversed(back):
        at -= gap + 1
        gap = int(came[at, gap])
        path.append(at)
    return path[::-1]


def _repeat_costs(gaps: Floats, feel: Feel) -> Floats:
    """What the same gap twice in a row costs: little for a run of short notes, more for a limp of dotted
    ones."""
    off_beat = np.abs(gaps * 2 - np.round(gaps * 2)) > 0.05
    same = np.where(gaps <= 0.26, 0.1, np.where(off_beat, 0.5, np.where(gaps >= 1.0, 0.45, 0.22)))
    return np.diag(same * (0.5 if feel.is_rap else 1.0))


def _model_bonus(feel: Feel, early: int, steps: int, model: list[float] | None, firmness: float) -> Floats:
    """Where the line before had a syllable, this one likes to have one too."""
    if not model:
        return np.zeros(steps)
    beats: Floats = np.asarray((np.arange(steps) - early) * feel.step_beats, np.float64)
    near = np.abs(beats[:, None] - np.array(model)[None, :]).min(axis=1) < 0.01
    return np.where(near, firmness, 0.0)


def _place_costs(stress: float, beats: Floats, feel: Feel, coarse: bool) -> Floats:
    out = np.zeros(len(beats))
    pull = 2.6 if feel.is_rap else 1.8
    for index, beat in enumerate(beats):
        weight = metric_weight(feel.meter, float(beat), feel.bar_beats)
        if feel.is_rap:
            # A rapper's stresses fall on all four beats alike.
            weight = max(weight, 0.85 if weight >= 0.6 else weight)
        ahead = metric_weight(feel.meter, float(beat) + 0.5, feel.bar_beats)
        # An anticipation: just before a strong place counts nearly as strong where the style syncopates.
        pushed = max(weight, feel.syncopation * ahead * 0.9 if weight < 0.4 else 0.0)
        place = round(float(beat) / feel.step_beats) % len(feel.taste)
        out[index] = -pull * (stress - 0.45) * (pushed - 0.4) - 0.5 * feel.taste[place]
        off = abs(beat / 0.5 - round(beat / 0.5)) > 0.05
        cost = feel.vocabulary.off_grid if coarse else min(0.3, feel.vocabulary.off_grid)
        out[index] += cost * off
    return out


def _gap_costs(gaps: Floats, ideal: float, phrase: Phrase, i: int, feel: Feel) -> Floats:
    """Gap preference: near the ideal on a logarithmic scale, longer on stressed syllables and word ends, and
    the style's own note values."""
    is_end, stress = phrase.word_ends[i], phrase.stresses[i]
    wish = ideal * (0.7 + 0.6 * stress) * (1.1 if is_end else 0.85)
    wish *= 1.6 if phrase.pauses and phrase.pauses[i] else 1.0
    cost = (1.0 if feel.is_rap else 1.1) * np.log2(gaps / wish) ** 2
    cost = cost + np.where(gaps > (2.5 if is_end else 1.5), 2.0, 0.0)
    for length, bonus in feel.vocabulary.gaps:
        cost = cost - np.where(np.abs(gaps - length) < 0.01, bonus, 0.0)
    return np.where(gaps < feel.least_beats - 1e-6, IMPOSSIBLE, cost)


def _end_costs(beats: Floats, phrase: Phrase, feel: Feel, target_end: float) -> Floats:
    slot = phrase.bars * feel.bar_beats
    rest = 0.5 if feel.is_rap else 1.1
    too_late = np.where(beats > slot - rest, 30.0 + 6.0 * (beats - slot + rest), 0.0)
    return 0.35 * np.abs(beats - target_end) + too_late


def note_lengths(onsets: list[float], slot: float, phrase: Phrase, *, legato: float = 1.0) -> list[float]:
    """Sing each syllable into the next; words part a little, commas more, the last one is held and leaves a
    breath. `legato` below 1 shortens words' ends."""
    lengths = []
    for index, onset in enumerate(onsets):
        if index + 1 == len(onsets):
            room = slot - onset
            length = max(STEP_BEATS, min(room - 0.5 if room > 1.0 else room * 0.75, 3.0))
        else:
            gap = onsets[index + 1] - onset
            length = gap if gap <= 1.5 else min(gap - 0.25, 2.0)
            if phrase.pauses and phrase.pauses[index] and gap >= 0.75:
                length = min(length, gap - 0.25)
            elif phrase.word_ends[index]:
                length *= legato
        lengths.append(round(max(0.05, length), 4))
    return lengths
