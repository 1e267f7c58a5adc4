"""What the composer may and may not do, whatever it is asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import mean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine import Plan, SongSpec, plan, quality
from studio.engine.compose import compose
from studio.engine.compose.ranges import lead_range, voice_range
from studio.engine.lyrics.parse import parse_lyrics
from studio.engine.persona import Persona
from studio.engine.pipeline import write_score
from studio.engine.score import Instrument, Note, Score, Track, VocalLine, from_json, to_json
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


def sung_text(score: Score) -> str:
    """The words of the parts that have the lyrics' own."""
    lines = [line for line in score.vocals if line.part in ("lead", "adlib")]
    return "".join(word.text for line in lines for word in line.words)


def composed(tags: str = "pop", lyrics: str = LONGER, **options: object) -> Score:
    return write_score(SongSpec(lyrics=lyrics, tags=tags, **options))  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
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


@settings(max_examples=8, deadline=None)
@given(specs)
def test_a_score_survives_its_json(spec: SongSpec) -> None:
    text = to_json(write_score(spec))
    assert to_json(from_json(text)) == text


@settings(max_examples=8, deadline=None)
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
    scores = [composed(tags, seed=seed) for seed in (4, 5)]
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
    for seed in range(2):
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


@pytest.mark.parametrize("seconds", [10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 240.0])
@pytest.mark.parametrize("lyrics", ["", "Stay a while", LAMP])
def test_the_song_is_as_long_as_asked(seconds: float, lyrics: str) -> None:
    if lyrics == LAMP and seconds < 20.0:
        pytest.skip("four lines take longer to sing than that")
    for tags in ("pop", "rock", "jazz", "lo-fi", "waltz"):
        spec = SongSpec(lyrics=lyrics, tags=tags, instrumental=not lyrics, duration_s=seconds, seed=7)
        assert plan(spec).duration_s == pytest.approx(seconds, rel=0.13)


def test_a_long_target_is_filled_with_more_than_solos() -> None:
    score = composed("pop", LAMP, duration_s=240.0)
    kinds = [section.kind for section in score.sections]
    assert kinds.count("chorus") >= 2
    assert {"solo", "bridge"} <= set(kinds)
    reprise = next(section for section in score.sections if section.name == "Chorus Reprise")
    first = next(section for section in score.sections if section.kind == "chorus")
    tunes = [
        [round(note.start_beat - section.start_beat, 2) for note in score.tune
         if section.start_beat <= note.start_beat < section.end_beat - 1.0]
        for section in (first, reprise)
    ]  # fmt: skip
    assert len(set(tunes[0]) & set(tunes[1])) >= 0.7 * len(set(tunes[1]))


def test_the_middle_of_weirdness_is_heard() -> None:
    def colours(weirdness: float) -> set[str]:
        scores = [composed("pop", LAMP, weirdness=weirdness, seed=seed) for seed in range(10)]
        chords = {chord.symbol[1:].lstrip("#b") for score in scores for chord in score.chords}
        players = {track.instrument.name for score in scores for track in score.tracks}
        return chords | players

    assert len(colours(0.5)) > len(colours(0.0)) + 3


def test_a_short_target_cuts_no_words() -> None:
    score = composed(lyrics=LONGER, duration_s=10.0)
    assert sung_text(score).split() == LONGER.split()


def test_a_low_voice_sings_lower() -> None:
    def height(gender: str) -> float:
        scores = [composed("pop", vocal_gender=gender, seed=seed) for seed in range(8)]
        return mean(note.pitch for score in scores for note in quality.lead_notes(score))

    assert height("m") < height("f") - 5


@pytest.mark.parametrize("tags", STYLES)
def test_every_tune_stays_in_the_range_of_its_player(tags: str) -> None:
    brief = read_tags(SongSpec(lyrics=LAMP, tags=tags, seed=5))
    instrumental = composed(tags, "", instrumental=True, seed=5)
    low, high = lead_range(read_tags(SongSpec(tags=tags, instrumental=True, seed=5)))
    pitches = [note.pitch for note in instrumental.tune]
    # The chorus may be lifted into a new key.
    assert low - 1 <= min(pitches) <= max(pitches) <= high + 6
    persona = Persona("Test", low=52, high=69)
    score = compose(brief, parse_lyrics(LAMP), title="Lamp", text=LAMP, persona=persona)
    low, high = voice_range(brief, persona)
    pitches = [note.pitch for note in score.tune]
    assert score.persona == persona
    assert low - 1 <= min(pitches) <= max(pitches) <= high + 3


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


# --- who sings what --------------------------------------------------------------------------------


ASIDES = """[Verse]
Someone left the lamp on in the hall (in the hall)
Shadows (ooh) of the garden climb the wall
(Oh oh oh)
Every word you never said is waiting

[Chorus]
(Hey) leave it burning, leave it burning for me
I am coming home across the sea
(na na na)
(na na na na)
"""


def lines_of(score: Score, part: str) -> list[VocalLine]:
    return [line for line in score.vocals if line.part == part]


def starts_of(line: VocalLine) -> list[float]:
    return [note.start_beat for note in line.notes]


@pytest.mark.parametrize("tags", ["pop", "hip-hop", "waltz", "ambient", "drum and bass"])
def test_bracketed_words_are_sung_by_others_and_delay_nobody(tags: str) -> None:
    score = composed(tags, ASIDES, seed=3)
    assert sung_text(score).split() == ASIDES.split()
    asides = " ".join("".join(w.text for w in line.words) for line in lines_of(score, "adlib"))
    assert (
        asides.split()
        == "(in the hall) (ooh) (Oh oh oh) (Hey) (na na na) (na na na na)".replace(
            "(Hey)", "[Chorus] (Hey)"
        ).split()
    )
    for part in ("lead", "adlib"):
        lines = lines_of(score, part)
        assert all(b > a for line in lines for a, b in pairwise(starts_of(line)))
        assert all(one.notes[-1].end_beat <= two.notes[0].start_beat + 0.01 for one, two in pairwise(lines))
    plain = composed(tags, ASIDES.replace("(", "").replace(")", ""), seed=3)
    assert score.length_beats <= plain.length_beats


@pytest.mark.parametrize("tags", STYLES)
def test_where_somebody_sings_no_instrument_has_the_tune(tags: str) -> None:
    sung, played = composed(tags, seed=2), composed(tags, "", instrumental=True, seed=2)
    assert sung.track("lead") is None and sung.track("harmony") is None
    assert played.track("lead") is not None and not played.vocals


def test_choruses_have_doubles_and_harmonies_and_verses_have_none() -> None:
    score = composed("pop", seed=1)
    backing = [*lines_of(score, "harmony"), *lines_of(score, "double")]
    assert {line.part for line in backing} == {"harmony", "double"}
    assert {score.sections[line.section].kind for line in backing} == {"chorus"}
    lead = {line.notes[0].start_beat: line for line in lines_of(score, "lead")}
    for line in backing:
        twin = lead[line.notes[0].start_beat]
        assert [word.text for word in line.words] == [word.text for word in twin.words]
        assert starts_of(line) == starts_of(twin)
        distances = {abs(a.pitch - b.pitch) for a, b in zip(line.notes, twin.notes, strict=True)}
        assert distances <= ({0, 12} if line.part == "double" else {3, 4, 5, 6, 7, 8, 9})


def test_now_and_then_a_long_syllable_turns() -> None:
    scores = [composed("pop", LONGER, seed=seed) for seed in range(8)]
    turns = [s for score in scores for line in score.vocals for w in line.words for s in w.syllables]
    several = [syllable for syllable in turns if len(syllable.notes) > 1]
    assert 0 < len(several) < 0.1 * len(turns)
    assert all(syllable.stress >= 0.5 for syllable in several)


def test_sung_syllables_carry_their_phones() -> None:
    score = composed("pop", "Stars they shine above me")
    assert all(s.phones for line in score.vocals for word in line.words for s in word.syllables)


@pytest.mark.parametrize("tags", ["hip-hop", "trap", "pop, rap", "jazz, spoken word"])
def test_rap_runs_on_sixteenths_near_the_speaking_voice(tags: str) -> None:
    brief = read_tags(SongSpec(lyrics=LONGER, tags=tags))
    assert brief.is_rap
    score = composed(tags, LONGER, seed=1)
    pitches = [note.pitch for note in score.tune]
    assert max(pitches) - min(pitches) <= 7
    gaps = [b - a for line in lines_of(score, "lead") for a, b in pairwise(starts_of(line))]
    assert mean(gaps) * 60 / score.bpm < 0.36


def test_a_style_of_rap_can_be_sung() -> None:
    assert not read_tags(SongSpec(lyrics=LAMP, tags="hip-hop, singing")).is_rap
    assert not read_tags(SongSpec(lyrics=LAMP, tags="trap", negative_tags="rap")).is_rap


@pytest.mark.parametrize("tags", [*STYLES, "punk, 180 bpm", "drum and bass", "hip-hop, 97 bpm"])
def test_syllables_are_slow_enough_to_be_sung(tags: str) -> None:
    least = 0.09 if read_tags(SongSpec(tags=tags)).is_rap else 0.11
    for lyrics in (LONGER, ASIDES, "word " * 120):
        score = composed(tags, lyrics, seed=4)
        short = 60 / score.bpm * (1 - score.swing)
        gaps = [b - a for line in score.vocals for a, b in pairwise(starts_of(line))]
        assert min(gaps) * short >= least - 0.002 or min(gaps) * 60 / score.bpm >= least + 0.03


# --- the gates themselves ----------------------------------------------------------------------------


def _with_tune(score: Score, pitches: list[int]) -> Score:
    """The same notes on other pitches, played."""
    tune = tuple(replace(n, pitch=p) for n, p in zip(score.tune, pitches, strict=False))
    others = tuple(track for track in score.tracks if track.role != "lead")
    flute = Instrument("flute", "woodwinds", 73)
    return replace(score, vocals=(), tracks=(*others, Track("lead", flute, tune)))


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


def test_a_low_style_weight_lets_the_second_style_in() -> None:
    def guests(weight: float) -> int:
        """Songs of twenty that have something of jazz in them."""
        found = 0
        for seed in range(20):
            score = composed("house, jazz", LAMP, style_weight=weight, seed=seed)
            players = {track.instrument.name for track in score.tracks}
            found += bool(players & {"jazz guitar", "muted trumpet", "brass section"})
            found += any("9" in chord.symbol and "add" not in chord.symbol for chord in score.chords)
        return found

    assert guests(0.0) > guests(1.0) + 8
