"""Where the syllables fall: dynamic programming of stress against meter, with breath at the line's end."""

from dataclasses import dataclass
from random import Random

import numpy as np

from studio.engine.compose.form import Phrase

WEIGHT_4 = (1.0, 0.0, 0.3, 0.0, 0.6, 0.0, 0.3, 0.0, 0.85, 0.0, 0.3, 0.0, 0.6, 0.0, 0.35, 0.0)
WEIGHT_3 = (1.0, 0.0, 0.3, 0.0, 0.6, 0.0, 0.3, 0.0, 0.6, 0.0, 0.35, 0.0)
WEIGHT_6 = (1.0, 0.0, 0.35, 0.0, 0.35, 0.0, 0.85, 0.0, 0.35, 0.0, 0.4, 0.0)
IMPOSSIBLE = 1e6
STEP_BEATS = 0.25


@dataclass(frozen=True)
class Feel:
    """How a section's lines move: shared by its lines, so that they sound like siblings.

    `entry_beats` is where a line likes to begin, `taste` a small liking for each sixteenth of a bar.
    """

    meter: str
    bar_beats: float
    entry_beats: float
    span: float
    syncopation: float
    taste: tuple[float, ...]


def metric_weight(meter: str, beat: float, bar_beats: float) -> float:
    """0..1: how strong a place in the bar is, at sixteenth resolution."""
    table = {"3/4": WEIGHT_3, "6/8": WEIGHT_6}.get(meter, WEIGHT_4)
    return table[round(beat % bar_beats / STEP_BEATS) % len(table)]


def make_feel(meter: str, bar_beats: float, syncopation: float, weirdness: float, rng: Random) -> Feel:
    entry = rng.choice((0.0, 0.0, 0.5, 1.0, 0.0)) if meter != "6/8" else rng.choice((0.0, 0.0, 0.5))
    noise = 0.25 + 0.35 * weirdness
    steps = round(bar_beats / STEP_BEATS)
    taste = tuple(rng.uniform(-noise, noise) for _ in range(steps))
    return Feel(meter, bar_beats, entry, rng.uniform(0.62, 0.76), syncopation, taste)


def place_syllables(phrase: Phrase, feel: Feel, *, pickup: bool) -> list[float]:
    """Onsets in beats from the phrase's first bar line; with `pickup` weak first syllables may come before.

    Strictly increasing and at least a sixteenth apart; always one onset for each syllable.
    """
    slot = phrase.bars * feel.bar_beats
    count = len(phrase.stresses)
    early = _pickup_steps(phrase, feel) if pickup else 0
    steps = round(slot / STEP_BEATS) + early
    coarse = count <= (slot - 1.0) / 0.5 * 0.8
    last = steps - (4 if count > 1 else 8)
    if count > last * 0.9:
        return [index * slot * 0.94 / count for index in range(count)]
    return _search(phrase, feel, early, steps, coarse)


def _pickup_steps(phrase: Phrase, feel: Feel) -> int:
    """A weak beginning leans into the bar; how far depends on how many weak syllables there are."""
    weak = next((i for i, stress in enumerate(phrase.stresses) if stress > 0.5), len(phrase.stresses))
    return 0 if weak == 0 or len(phrase.stresses) < 4 or feel.entry_beats >= 1.0 else min(2, weak) * 2


def _search(phrase: Phrase, feel: Feel, early: int, steps: int, coarse: bool) -> list[float]:
    """Viterbi over sixteenth positions: cost[t] is the best way to have put the last syllable on t."""
    count = len(phrase.stresses)
    beats = (np.arange(steps) - early) * STEP_BEATS
    own = np.array([_place_costs(phrase.stresses[i], beats, feel, coarse) for i in range(count)])
    target_end = (phrase.bars * feel.bar_beats) * feel.span
    ideal = max(STEP_BEATS, (target_end - feel.entry_beats) / max(1, count - 1))
    cost = own[0] + 1.2 * np.abs(beats - (feel.entry_beats if not early else -early * STEP_BEATS))
    back: list[np.ndarray] = []
    for i in range(1, count):
        gaps = _gap_costs(steps, ideal, phrase.word_ends[i - 1], phrase.stresses[i - 1])
        total = cost[:, None] + gaps
        back.append(total.argmin(axis=0))
        cost = total.min(axis=0) + own[i]
    cost = cost + _end_costs(beats, phrase, feel, target_end)
    return [float(beats[t]) for t in _trace(back, int(cost.argmin()))]


def _trace(back: list[np.ndarray], end: int) -> list[int]:
    path = [end]
    for column in reversed(back):
        path.append(int(column[path[-1]]))
    return path[::-1]


def _place_costs(stress: float, beats: np.ndarray, feel: Feel, coarse: bool) -> np.ndarray:
    out = np.zeros(len(beats))
    for index, beat in enumerate(beats):
        weight = metric_weight(feel.meter, beat, feel.bar_beats)
        ahead = metric_weight(feel.meter, beat + 0.5, feel.bar_beats)
        # An anticipation: just before a strong place counts nearly as strong where the style syncopates.
        pushed = max(weight, feel.syncopation * ahead * 0.9 if weight < 0.4 else 0.0)
        out[index] = -1.8 * (stress - 0.45) * (pushed - 0.4) - 0.5 * feel.taste[index % len(feel.taste)]
        off_grid = round(beat / STEP_BEATS) % 2 == 1
        out[index] += (2.5 if coarse else 0.5 - 0.3 * feel.syncopation) * off_grid
    return out


def _gap_costs(steps: int, ideal: float, word_end: bool, stress: float) -> np.ndarray:
    """Gap preference: near the ideal on a logarithmic scale, longer on stressed syllables and word ends."""
    gaps = (np.arange(steps)[None, :] - np.arange(steps)[:, None]) * STEP_BEATS
    wish = ideal * (0.85 + 0.35 * stress) * (1.1 if word_end else 0.85)
    safe = np.maximum(gaps, STEP_BEATS / 4)
    cost = 1.6 * np.log2(safe / wish) ** 2
    cost = cost + np.where(gaps > (2.5 if word_end else 1.5), 2.0, 0.0)
    return np.where(gaps < STEP_BEATS - 1e-9, IMPOSSIBLE, cost)


def _end_costs(beats: np.ndarray, phrase: Phrase, feel: Feel, target_end: float) -> np.ndarray:
    slot = phrase.bars * feel.bar_beats
    too_late = np.where(beats > slot - 1.0, 6.0 * (beats - slot + 1.0), 0.0)
    return 0.35 * np.abs(beats - target_end) + too_late


def note_lengths(
    onsets: list[float], slot: float, next_onset: float, word_ends: tuple[bool, ...]
) -> list[float]:
    """Sing each syllable into the next; words part a little, the last one is held and leaves a breath."""
    lengths = []
    for index, onset in enumerate(onsets):
        if index + 1 < len(onsets):
            gap = onsets[index + 1] - onset
            lengths.append(gap if gap <= 1.5 else min(gap - 0.25, 2.0))
        else:
            room = min(slot, next_onset) - onset
            lengths.append(max(STEP_BEATS, min(room - 0.5 if room > 1.0 else room * 0.75, 3.0)))
    return [round(max(0.05, length), 4) for length in lengths]
