"""The figures behind the gates: each sees the fault that it is there for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.engine import SongSpec, quality
from studio.engine.perform import Played, perform
from studio.engine.pipeline import write_score
from studio.engine.quality.pitch import PitchTrack, track_pitch
from studio.engine.quality.singing import Breath, Tuning, onset_lags_s, tuning
from studio.engine.quality.words import spoken_words, timeline_faults, word_error
from studio.engine.score import Note, Score, Track
from studio.engine.spec import SAMPLE_RATE_HZ
from tests.engine.songs import LONGER, sine

TUNE = (57, 60, 64, 62, 55, 59)
NOTE_S = 0.6


def score_of(tags: str = "pop", seed: int = 3) -> Score:
    return write_score(SongSpec(lyrics=LONGER, tags=tags, seed=seed))


# --- the voice ---------------------------------------------------------------------------------------


def breath() -> Breath:
    notes = tuple(
        Played(0.3 + i * NOTE_S, 0.3 + (i + 1) * NOTE_S, pitch, 100) for i, pitch in enumerate(TUNE)
    )
    return Breath(notes, tuple((note.start_s, note.end_s - 0.08) for note in notes))


def sung(*, off_cents: float = 0.0, late_s: float = 0.0, holes: bool = False) -> NDArray[np.float32]:
    """A buzzing voice on the notes of `breath`, with vibrato, and a glide of 40 ms between them."""
    notes = breath().notes
    times = np.arange(round((notes[-1].end_s + 0.3) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    points = [(0.0, notes[0].pitch), *((n.start_s - 0.02, old.pitch) for old, n in pairwise(notes))]
    points += [(n.start_s + 0.02, n.pitch) for n in notes]
    at, pitches = zip(*sorted(points), strict=True)
    pitch = np.interp(times - late_s, at, pitches) + off_cents / 100 + 0.2 * np.sin(2 * np.pi * 5.5 * times)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / SAMPLE_RATE_HZ
    wave = sum(np.sin(k * phase) / k for k in range(1, 12)) * 0.2
    inside = (times >= notes[0].start_s - 0.1) & (times < notes[-1].end_s)
    if holes:
        inside &= (times - 0.3) % NOTE_S < 0.3
    return np.asarray(wave * inside, np.float32)


def tuned(**faults: object) -> Tuning:
    return tuning(track_pitch(sung(**faults)), [breath()])  # type: ignore[arg-type]


@pytest.mark.parametrize("pitch", [41, 50, 60, 69, 81])
def test_the_tracker_finds_a_tone_within_three_cents(pitch: int) -> None:
    hz = 440 * 2 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * hz * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    # The second harmonic is the strongest, as in many vowels: a trap for the octave.
    wave = 0.2 * np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)
    track = track_pitch(wave.astype(np.float32))
    assert track.voiced.mean() > 0.95
    assert np.nanpercentile(np.abs(track.midi - pitch), 95) < 0.03


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
    assert track_pitch(noise).voiced.mean() < 0.05
    assert not track_pitch(np.zeros(SAMPLE_RATE_HZ, np.float32)).voiced.any()
    assert len(track_pitch(np.zeros(10, np.float32)).hz) == 0


def test_a_voice_in_tune_passes() -> None:
    found = tuned()
    assert found.notes == len(TUNE)
    assert found.median_cents < 5
    assert found.p90_cents < 10
    assert found.off_share == 0
    assert found.coverage > 0.95
    assert abs(found.median_lag_s) < 0.01
    assert found.p90_lag_s < 0.02


def test_a_voice_out_of_tune_is_heard() -> None:
    found = tuned(off_cents=80.0)
    assert found.median_cents == pytest.approx(80.0, abs=6)
    assert found.off_share == 1.0
    assert found.coverage < 0.1


def test_a_late_voice_is_heard() -> None:
    assert tuned(late_s=0.06).median_lag_s == pytest.approx(0.06, abs=0.012)


def test_stray_frames_inside_a_consonant_are_no_new_note() -> None:
    times = np.arange(0.0, 1.0, 0.005)
    hz = np.where(times < 0.45, 220.0, 293.66)
    hz[(times > 0.40) & (times < 0.56)] = np.nan
    hz[(times > 0.43) & (times < 0.44)] = 300.0
    notes = (Played(0.0, 0.5, 57, 100), Played(0.5, 1.0, 62, 100))
    assert onset_lags_s(PitchTrack(times, hz), Breath(notes, ((0.0, 0.4), (0.5, 1.0)))) == []


def test_holes_in_long_vowels_are_heard() -> None:
    assert tuned(holes=True).coverage < 0.7


def test_a_note_that_is_not_sung_is_a_wrong_note() -> None:
    silent = tuning(
        track_pitch(np.concatenate([sung()[: SAMPLE_RATE_HZ * 2], sung()[:SAMPLE_RATE_HZ] * 0])), [breath()]
    )
    assert silent.off_share >= 0.3


# --- the words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("[Verse 1]\nDon't stop, we're gonna go!", "do not stop we are going to go"),
        ("Ooh, twenty four hours", "Oh 24 hours"),
        ("nineteen eighty four", "1984"),
        ("It's a one way ride, singin'", "it is a 1 way ride singing"),
        ("the neighbour's Café", "The neighbors cafe"),
        ("two hundred and five", "two hundred and 5"),
    ],
)
def test_one_thing_said_in_two_spellings_is_no_error(said: str, heard: str) -> None:
    assert word_error(said, heard) == 0.0


def test_words_that_only_sound_alike_are_errors() -> None:
    assert word_error("see the sun", "sea the son") == pytest.approx(2 / 3)


def test_missing_wrong_and_added_words_count() -> None:
    assert word_error("one two three four", "one three four") == pytest.approx(0.25)
    assert word_error("one two three four", "one too three four") == pytest.approx(0.25)
    assert word_error("one two three four", "one two and three four") == pytest.approx(0.25)
    assert word_error("la la", "") == 1.0
    assert word_error("", "") == 0.0
    assert spoken_words("[Solo]") == []


def test_a_compound_is_the_same_words_written_apart() -> None:
    assert word_error("on the mountain side", "on the mountainside") == 0.0
    assert word_error("a candlelit room", "a candle lit room") == 0.0
    assert word_error("a candle lit", "a candle") == pytest.approx(1 / 3)
    assert word_error("mountain side", "mountainsides") == 1.0


def test_a_timeline_that_loses_or_swaps_a_word_is_seen() -> None:
    score = score_of()
    performance = perform(score)
    words, length_s = list(performance.words), performance.duration_s
    assert timeline_faults(score, words, length_s) == []
    assert timeline_faults(score, words[:5] + words[6:], length_s)
    assert timeline_faults(score, [words[1], words[0], *words[2:]], length_s)
    assert timeline_faults(score, [replace(words[0], end_s=words[0].start_s), *words[1:]], length_s)
    assert timeline_faults(score, [*words[:-1], replace(words[-1], end_s=length_s + 5)], length_s)


# --- the tune and the band ---------------------------------------------------------------------------


def with_tune(score: Score, notes: tuple[Note, ...]) -> Score:
    tracks = tuple(track for track in score.tracks if track.role != "lead")
    instrument = score.tracks[0].instrument
    return replace(score, vocals=(), tracks=(*tracks, Track("lead", instrument, notes)))


def test_a_tune_in_another_key_is_the_same_tune() -> None:
    score = score_of()
    tune = quality.lead_notes(score)
    higher = with_tune(score, tuple(replace(note, pitch=note.pitch + 5) for note in tune))
    assert quality.melody_grams(score)
    assert quality.shared_grams(score, higher) == 1.0
    assert quality.shared_grams(score, score_of(seed=4)) < 0.5


def test_the_range_of_a_tune_is_its_widest_section() -> None:
    score = score_of()
    flat = with_tune(score, tuple(replace(note, pitch=60) for note in quality.lead_notes(score)))
    assert quality.melody_range(flat) == 0
    first, *rest = quality.lead_notes(flat)
    assert quality.melody_range(with_tune(score, (replace(first, pitch=79), *rest))) == 19


def test_a_drummer_who_never_changes_announces_nothing() -> None:
    score = score_of("rock")
    drums = score.track("drums")
    assert drums is not None
    machine = tuple(
        Note(beat + place, 0.2, pitch, 100)
        for beat in range(0, int(score.length_beats), 4)
        for place, pitch in ((0.0, 36), (1.0, 38), (2.0, 36), (3.0, 38))
    )
    others = tuple(track for track in score.tracks if track is not drums)
    dull = replace(score, tracks=(*others, Track("drums", drums.instrument, machine)))
    assert quality.fill_share(dull) == 0.0
    fills = tuple(
        Note(section.end_beat - 0.25 * step, 0.2, 45, 100)
        for section in score.sections
        for step in range(1, 7)
    )
    lively = replace(score, tracks=(*others, Track("drums", drums.instrument, machine + fills)))
    assert quality.fill_share(lively) == 1.0
    assert quality.fill_share(replace(score, tracks=others)) is None


def test_loop_and_groove_are_those_of_the_song() -> None:
    one, other = score_of(seed=3), score_of("bossa nova", seed=3)
    assert (quality.chord_loop(one), quality.groove(one)) == (
        quality.chord_loop(score_of(seed=3)),
        quality.groove(score_of(seed=3)),
    )
    assert quality.groove(one) != quality.groove(other)


def test_a_chorus_with_more_notes_is_denser() -> None:
    score = score_of()
    chorus = next(section for section in score.sections if section.kind == "chorus")
    more = tuple(Note(chorus.start_beat + i * 0.1, 0.1, 60, 90) for i in range(200))
    before, after = (
        quality.chorus_density(score),
        quality.chorus_density(
            replace(score, tracks=(*score.tracks, Track("extra", score.tracks[0].instrument, more)))
        ),
    )
    assert before is not None
    assert after is not None
    assert after > before


# --- the sound ---------------------------------------------------------------------------------------


def test_a_louder_chorus_is_measured() -> None:
    audio = np.concatenate([sine(500, 4.0, 0.1), sine(500, 4.0, 0.2)], axis=1)
    sections = [("verse", 0.0, 4.0), ("chorus", 4.0, 8.0)]
    assert quality.lift_lu(audio, sections) == pytest.approx(6.0, abs=0.1)
    assert quality.lift_lu(audio, sections[:1]) is None


def test_the_voice_is_weighed_where_it_sounds() -> None:
    voice = np.concatenate([sine(500, 3.0, 0.1), sine(500, 3.0, 0.0)], axis=1)
    band = np.concatenate([sine(500, 3.0, 0.2), sine(500, 3.0, 0.8)], axis=1)
    assert quality.lead_over_backing_lu({"vocals": voice, "bass": band}) == pytest.approx(-6.0, abs=0.2)
    assert quality.lead_over_backing_lu({"bass": band}) is None


def test_what_is_no_number_is_seen() -> None:
    audio = sine(440.0, 0.1, 0.5)
    assert quality.not_finite_samples(audio) == 0
    audio[0, 7] = np.nan
    assert quality.not_finite_samples(audio) == 1


def test_a_mix_without_bass_is_far_from_the_curve() -> None:
    low_db, _ = quality.spectrum_against(sine(1000.0, 2.0, 0.3), "pop")
    assert low_db < -20
