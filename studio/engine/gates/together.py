"""Figures of the whole set: do seeds differ, do songs differ, do styles differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from studio.engine.gates.cases import LYRICS_FOLDER, STYLES, Case
from studio.engine.gates.genre import Features, accuracy, note_features
from studio.engine.pipeline import write_score
from studio.engine.quality.arrangement import chord_loop, groove
from studio.engine.quality.melody import melody_grams, melody_overlap, share_of_grams
from studio.engine.score import Score

Whole = dict[str, tuple[float, str]]
VARIETY_SONGS = 40


def figures_of_all(
    cases: Sequence[Case], audio_features: Mapping[str, Features], folder: Path = LYRICS_FOLDER
) -> Whole:
    """Figures by name with the place of the worst. Scores are composed anew, which costs milliseconds;
    `audio_features` are those measured, by the case's name."""
    scores = {case: write_score(case.spec(folder)) for case in cases if not case.duration_s}
    whole: Whole = {}
    whole |= _seed_overlap(scores)
    whole |= variety(_forty(scores))
    whole |= _genres(scores, audio_features)
    return whole


def _seed_overlap(scores: Mapping[Case, Score]) -> Whole:
    pairs = [
        (melody_overlap(scores[a], scores[b]), f"{a.name} / {b.seed}")
        for a, b in combinations(scores, 2)
        if (a.style, a.voice, a.lyrics) == (b.style, b.voice, b.lyrics)
    ]
    return {"seed_overlap": max(pairs)} if pairs else {}


def _forty(scores: Mapping[Case, Score]) -> dict[str, Score]:
    """Forty songs that all differ in style or words: the first seed of each."""
    first = min((case.seed for case in scores), default=0)
    chosen = [case for case in scores if case.seed == first][:VARIETY_SONGS]
    return {case.name: scores[case] for case in chosen}


def variety(scores: Mapping[str, Score]) -> Whole:
    """The most five-note figures that two tunes share, and how many pairs of songs share loop and groove.
    Raps have no tune: their few notes only say where the voice speaks."""
    pairs = list(combinations(scores, 2))
    if not pairs:
        return {}
    grams = {name: melody_grams(score) for name, score in scores.items() if not _is_rap(score)}
    shared = [(share_of_grams(grams[a], grams[b]), f"{a} / {b}") for a, b in combinations(grams, 2)]
    loops = {name: (chord_loop(score), groove(score)) for name, score in scores.items()}
    same = [f"{a} / {b}" for a, b in pairs if loops[a] == loops[b]]
    return {
        "shared_grams": max(shared, default=(0.0, "")),
        "same_loops": (float(len(same)), same[0] if same else ""),
    }


def _is_rap(score: Score) -> bool:
    return score.persona is not None and score.persona.is_rap


def _genres(scores: Mapping[Case, Score], audio_features: Mapping[str, Features]) -> Whole:
    """Trained on one seed and tested on the others, then the other way round."""
    known = [case for case in scores if case.name in audio_features and case.style in STYLES]
    seeds = sorted({case.seed for case in known})
    if len(seeds) < 2 or len({case.style for case in known}) < 4:
        return {}
    rows = [[*audio_features[case.name], *note_features(scores[case])] for case in known]
    styles = [case.style for case in known]
    found = [accuracy(rows, styles, [case.seed == seed for case in known]) for seed in seeds[:2]]
    return {"genre_accuracy": (sum(found) / len(found), f"{len(set(styles))} styles, {len(known)} songs")}
