"""What the composer may and may not do, whatever it is asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import mean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine import Plan, SongSpec, plan, quality
from studio.engine.compose.vocal import lead_range
from studio.engine.pipeline import write_score
from studio.engine.score import Note, Score, Track, from_json, to_json
from studio.engine.tags import read_tags
from tests.engine.songs import LAMP, LONGER, STYLES

specs = st.builds(
    SongSpec,
    lyrics=st.sampled_from((LAMP, LONGER, "", "One", "[Intro]\n[Solo]\n[Outro]")),
    tags=st.sampled_from(STYLES),
    instrumental=st.booleans(),
    vocal_gender=st.sampled_from(("", "f", "m")),
    weirdness=st.sampled_from((None, 0.0, 1.0)),
    style_weight=st.sampled_from((None, 0.0, 1.0)),
    duration_s=st.sampled_from((None, 10.0, 45.0, 150.0)),
    seed=st.integers(0, 10_000),
)


def composed(tags: str = "pop", lyrics: str = LONGER, **options: object) -> Score:
    return write_score(SongSpec(lyrics=lyrics, tags=tags, **options))  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(specs)
def test_every_score_holds_together(spec: SongSpec) -> None:
    score = write_score(spec)
    assert score.sections[0].start_beat == 0.0
    assert all(a.end_beat == pytest.approx(b.start_beat) for a, b in pairwise(score.sections))
    assert score.chords[0].start_beat == 0.0
    assert all(a.end_beat == pytest.approx(b.start_beat) for a, b in pairwise(score.chords))
    assert score.chords[-1].end_beat == pytest.approx(score.length_beats)
    for track in score.tracks:
        assert track.notes, track.role
        for note in track.notes:
            assert 0.0 <= note.start_beat < score.length_beats, track.role
            assert note.length_beats > 0.0, track.role
            # The last chord may ring on for a beat.
            assert note.end_beat <= score.length_beats + 1.0, track.role
            assert 21 <= note.pitch <= 108, (track.role, note)
            assert 1 <= note.velocity <= 127, track.role


@settings(max_examples=15, deadline=None)
@given(specs)
def test_a_score_survives_its_json(spec: SongSpec) -> None:
    text = to_json(write_score(spec))
    assert to_json(from_json(text)) == text


@settings(max_examples=15, deadline=None)
@given(specs)
def test_the_plan_says_what_the_score_becomes(spec: SongSpec) -> None:
    promised, score = plan(spec), write_score(spec)
    assert (promised.title, promised.tags, promised.bpm, promised.key) == (
        score.title,
        score.tags,
        score.bpm,
        score.key,
    )
    assert [name for name, _, _ in promised.sections] == [section.name for section in score.sections]


@pytest.mark.parametrize("tags", STYLES)
def test_the_tune_fits_its_chords_and_does_not_zigzag(tags: str) -> None:
    scores = [composed(tags, seed=seed) for seed in (1, 2, 3)]
    assert min(quality.chord_tone_share(score) for score in scores) >= 0.8
    assert max(quality.zigzag_share(score) for score in scores) <= 0.1


@pytest.mark.parametrize("tags", STYLES)
def test_two_takes_share_the_brief_and_not_the_notes(tags: str) -> None:
    one, other = composed(tags, seed=1), composed(tags, seed=2)
    assert one.style == other.style
    sung = [
        [section.name for section in score.sections if section.kind in ("verse", "chorus")]
        for score in (one, other)
    ]
    assert sung[0] == sung[1]
    assert quality.melody_overlap(one, other) < 0.6
    assert quality.melody_overlap(one, composed(tags, seed=1)) == 1.0


@pytest.mark.parametrize("tags", STYLES)
def test_what_is_excluded_never_plays(tags: str) -> None:
    for seed in range(4):
        score = composed(f"{tags}, piano, drums", negative_tags="piano, drums", seed=seed)
        assert not [track.instrument.name for track in score.tracks if "piano" in track.instrument.name]
        assert not {"drums", "kick", "percussion"} & {track.role for track in score.tracks}


def test_without_the_exclusion_there_would_be_a_piano_and_drums() -> None:
    score = composed("jazz, piano, drums", seed=0)
    assert any("piano" in track.instrument.name for track in score.tracks)
    assert score.track("drums") is not None


@pytest.mark.parametrize(
    ("tags", "meter", "beats"), [("waltz", "3/4", 3.0), ("6/8 ballad", "6/8", 3.0), ("rock", "4/4", 4.0)]
)
def test_tags_decide_the_meter(tags: str, meter: str, beats: float) -> None:
    score = composed(tags)
    assert (score.meter, score.bar_beats) == (meter, beats)
    assert all(section.length_beats % beats == 0 for section in score.sections)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("pop, 128 bpm", {"bpm": 128.0}),
        ("hip-hop, 84 BPM", {"bpm": 84.0}),
        ("rock in F# minor", {"key": "F# minor"}),
        ("key of Eb major", {"key": "Eb major"}),
        ("C major lullaby", {"key": "C major"}),
    ],
)
def test_tags_decide_tempo_and_key(tags: str, found: dict[str, object]) -> None:
    promised: Plan = plan(SongSpec(lyrics=LAMP, tags=tags, seed=9))
    assert {name: getattr(promised, name) for name in found} == found


@pytest.mark.parametrize("seconds", [30.0, 60.0, 120.0, 240.0])
@pytest.mark.parametrize("lyrics", ["", LAMP])
def test_the_song_is_as_long_as_asked(seconds: float, lyrics: str) -> None:
    for seed in range(3):
        spec = SongSpec(lyrics=lyrics, tags="pop", instrumental=not lyrics, duration_s=seconds, seed=seed)
        assert plan(spec).duration_s == pytest.approx(seconds, rel=0.12)


def test_a_short_target_cuts_no_words() -> None:
    score = composed(lyrics=LONGER, duration_s=10.0)
    sung = "".join(word.text for line in score.vocals for word in line.words)
    assert sung.split() == LONGER.split()


def test_a_low_voice_sings_lower() -> None:
    def height(gender: str) -> float:
        scores = [composed("pop", vocal_gender=gender, seed=seed) for seed in range(8)]
        return mean(note.pitch for score in scores for note in quality.lead_notes(score))

    assert height("m") < height("f") - 5


def test_every_tune_stays_in_the_range_of_its_player() -> None:
    for tags in STYLES:
        spec = SongSpec(lyrics=LAMP, tags=tags, seed=5)
        low, high = lead_range(read_tags(spec))
        pitches = [note.pitch for note in quality.lead_notes(write_score(spec))]
        # The chorus may be lifted into a new key by up to an octave's half.
        assert low - 1 <= min(pitches) <= max(pitches) <= high + 6


def test_a_high_style_weight_stays_near_the_middle_of_the_style() -> None:
    def spread(weight: float) -> float:
        return pstdev(
            plan(SongSpec(lyrics=LAMP, tags="house", style_weight=weight, seed=seed)).bpm
            for seed in range(40)
        )

    assert spread(1.0) < 0.8 * spread(0.0)


def test_weirdness_leaves_the_beaten_track() -> None:
    def strange(weirdness: float) -> tuple[int, int]:
        scores = [composed("pop", LAMP, weirdness=weirdness, seed=seed) for seed in range(25)]
        meters = sum(score.meter != "4/4" for score in scores)
        symbols = len({chord.symbol for score in scores for chord in score.chords})
        return meters, symbols

    (tame_meters, tame_chords), (odd_meters, odd_chords) = strange(0.0), strange(1.0)
    assert tame_meters == 0
    assert odd_meters >= 2
    assert odd_chords > tame_chords


# --- the gates themselves ----------------------------------------------------------------------------


def _with_tune(score: Score, pitches: list[int]) -> Score:
    tune = tuple(replace(n, pitch=p) for n, p in zip(quality.lead_notes(score), pitches, strict=False))
    others = tuple(track for track in score.tracks if track.role != "lead")
    lead = score.track("lead")
    assert lead is not None
    return replace(score, tracks=(*others, Track("lead", lead.instrument, tune)))


def test_the_gate_sees_a_zigzag() -> None:
    score = composed()
    count = len(quality.lead_notes(score))
    assert quality.zigzag_share(_with_tune(score, [60, 67] * count)) == 1.0
    assert quality.zigzag_share(_with_tune(score, [60 + step for step in range(count)])) == 0.0


def test_the_gate_sees_notes_outside_the_chord() -> None:
    score = composed()

    def clashing(note: Note) -> int:
        tones = score.chord_at(note.start_beat + 1e-3).pitch_classes
        return next(pitch for pitch in range(60, 72) if pitch % 12 not in tones)

    assert (
        quality.chord_tone_share(_with_tune(score, [clashing(note) for note in quality.lead_notes(score)]))
        == 0.0
    )
