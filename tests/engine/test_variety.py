"""Forty songs side by side: each its own tune and groove, each fit to be played and sung."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, pairwise

import pytest

from studio.engine import SongSpec, quality
from studio.engine.compose.rhythm import metric_weight
from studio.engine.pipeline import write_score
from studio.engine.score import Score
from tests.engine.songs import BOATS, WILDFIRE

STYLES = (
    "pop", "rock", "metal", "punk", "folk", "country", "blues", "jazz", "swing", "bossa nova", "soul", "funk",
    "reggae", "lo-fi", "house", "synthwave", "drum and bass", "orchestral", "waltz", "gospel",
)  # fmt: skip
RAPPED = ("hip-hop", "trap")
ALL_STYLES = (*STYLES, *RAPPED, "dream pop", "techno", "ambient", "r&b", "salsa", "disco")
GRAM = 5
Gram = tuple[int, ...]


@lru_cache(maxsize=256)
def song(style: str, seed: int, lyrics: str = "") -> Score:
    words = lyrics or (BOATS if seed % 2 else WILDFIRE)
    return write_score(SongSpec(lyrics=words, tags=style, seed=seed))


def interval_grams(score: Score) -> frozenset[Gram]:
    """Every five intervals in a row, whatever the rhythm and the key."""
    pitches = [note.pitch for note in score.tune]
    steps = [b - a for a, b in pairwise(pitches)]
    return frozenset(tuple(steps[i : i + GRAM]) for i in range(len(steps) - GRAM + 1))


def shared(one: frozenset[Gram], other: frozenset[Gram]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


FORTY = [(style, seed) for style in STYLES for seed in (1, 2)]


def test_no_two_of_forty_songs_share_their_tune() -> None:
    grams = {key: interval_grams(song(*key)) for key in FORTY}
    worst = max((shared(grams[a], grams[b]), a, b) for a, b in combinations(FORTY, 2))
    assert worst[0] <= 0.4, worst


def test_no_two_of_forty_songs_are_the_same_loop() -> None:
    loops = {key: (quality.chord_loop(song(*key)), quality.groove(song(*key))) for key in FORTY}
    assert [pair for pair in combinations(FORTY, 2) if loops[pair[0]] == loops[pair[1]]] == []


@pytest.mark.parametrize("style", ALL_STYLES)
def test_two_takes_of_one_request_share_little_of_the_tune(style: str) -> None:
    assert quality.melody_overlap(song(style, 1, BOATS), song(style, 2, BOATS)) < 0.3


@pytest.mark.parametrize("style", ALL_STYLES)
def test_two_takes_of_one_request_are_played_differently(style: str) -> None:
    one, other = song(style, 1, BOATS), song(style, 2, BOATS)
    assert quality.groove(one) != quality.groove(other) or quality.chord_loop(one) != quality.chord_loop(
        other
    )


@pytest.mark.parametrize("style", ALL_STYLES)
def test_long_strong_stressed_notes_belong_to_the_chord(style: str) -> None:
    fits = []
    for seed in (1, 2, 3):
        score = song(style, seed)
        for line in score.vocals:
            if line.part != "lead":
                continue
            for word in line.words:
                for syllable in word.syllables:
                    note = syllable.notes[0]
                    strong = metric_weight(score.meter, note.start_beat, score.bar_beats) >= 0.8
                    if strong and syllable.stress >= 0.5 and note.length_beats >= 0.5:
                        fits.append(note.pitch % 12 in score.chord_at(note.start_beat).pitch_classes)
    assert sum(fits) / len(fits) >= 0.85


@pytest.mark.parametrize("style", ALL_STYLES)
def test_a_section_stays_within_an_octave_and_does_not_zigzag(style: str) -> None:
    for seed in (1, 2, 3):
        assert quality.melody_range(song(style, seed)) <= 12
        assert quality.zigzag_share(song(style, seed)) <= 0.1


@pytest.mark.parametrize("style", ALL_STYLES)
def test_the_band_announces_changes_and_opens_up_in_the_chorus(style: str) -> None:
    for seed in (1, 2):
        announced, denser = quality.fill_share(song(style, seed)), quality.chorus_density(song(style, seed))
        assert announced is None or announced >= 0.8
        assert denser is not None and denser > 1.1


@pytest.mark.parametrize("style", ALL_STYLES)
def test_a_tune_is_made_of_more_than_one_note_value(style: str) -> None:
    """Three values at least that matter, none of them nearly everything."""
    tune = song(style, 1).tune
    gaps = [round((b.start_beat - a.start_beat) * 12) for a, b in pairwise(tune)]
    shares = sorted((gaps.count(gap) / len(gaps) for gap in set(gaps)), reverse=True)
    assert shares[0] <= 0.78
    assert sum(share >= 0.04 for share in shares) >= 3


def test_a_chorus_line_that_comes_again_has_its_tune_again() -> None:
    found = 0
    for style in STYLES:
        lines = [line for line in song(style, 1).vocals if line.part == "lead" and line.section == 2]
        texts = ["".join(word.text for word in line.words).strip() for line in lines]
        hooks = [line for line, text in zip(lines, texts, strict=True) if text.endswith("carry me home")]
        if len(hooks) == 2:
            found += [n.pitch for n in hooks[0].notes] == [n.pitch for n in hooks[1].notes]
    assert found >= len(STYLES) // 2


@pytest.mark.parametrize(("style", "other"), [("pop", "jazz"), ("funk", "disco"), ("salsa", "bossa nova")])
def test_styles_are_told_apart_by_their_groove(style: str, other: str) -> None:
    grooves = [{quality.groove(song(name, seed)) for seed in range(1, 5)} for name in (style, other)]
    assert not grooves[0] & grooves[1]
