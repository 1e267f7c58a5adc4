"""How a song grows and ends: choruses that differ, rises that are heard, a last chord that dies away."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from studio.engine import SongSpec
from studio.engine.compose.development import swelled
from studio.engine.perform import RING_FALL_DB, RING_ON_S, RING_S, Played, PlayedTrack, perform
from studio.engine.pipeline import write_score
from studio.engine.score import Instrument, Note, Score, Section
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.synths import render_synth
from tests.engine.songs import BOATS, LONGER

STYLES = ("pop", "rock", "country", "hip-hop", "lo-fi", "house", "orchestral", "waltz", "ambient", "soul")
PLAYERS_OF_THE_TUNE = ("lead", "hook", "double", "harmony", "riser", "kick")
Bar = frozenset[tuple[int, int]]


def song(style: str, seed: int = 1, lyrics: str = BOATS, **options: object) -> Score:
    return write_score(SongSpec(lyrics=lyrics, tags=style, seed=seed, **options))  # type: ignore[arg-type]


def bars_of(score: Score, section: Section) -> dict[tuple[str, int], Bar]:
    """What every accompanying player does in each bar but the last: (sixteenth, pitch above the tonic)."""
    out = {}
    for track in score.tracks:
        if track.role in PLAYERS_OF_THE_TUNE:
            continue
        key = 0 if track.role in ("drums", "percussion") else section.tonic
        for bar in range(round(section.length_beats / score.bar_beats) - 1):
            start = section.start_beat + bar * score.bar_beats
            notes = frozenset(
                (round((n.start_beat - start) * 4), n.pitch - key)
                for n in track.notes
                if start - 1e-6 <= n.start_beat < start + score.bar_beats - 1e-6
            )
            if notes:
                out[track.role, bar] = notes
    return out


def rhythm(bar: Bar) -> frozenset[int]:
    return frozenset(step for step, _ in bar)


@pytest.mark.parametrize("style", STYLES)
def test_the_last_chorus_is_not_played_as_the_first(style: str) -> None:
    score = song(style)
    choruses = [section for section in score.sections if section.kind == "chorus"]
    first, last = bars_of(score, choruses[0]), bars_of(score, choruses[-1])
    same = sum(first.get(place) == notes for place, notes in last.items())
    assert same / len(last) <= 0.85
    # It is still the same chorus: much of its rhythm comes back, in whatever key.
    kept = sum(rhythm(first.get(place, frozenset())) == rhythm(notes) for place, notes in last.items())
    assert kept / len(last) >= 0.3


@pytest.mark.parametrize("style", STYLES)
def test_everybody_who_ends_the_song_rings_on(style: str) -> None:
    score = song(style, 2)
    performance = perform(score)
    end_s = performance.sections[-1][2]
    ringing = [track for track in performance.tracks if track.ring_from_s < math.inf]
    assert ringing
    for track in ringing:
        assert track.notes[-1].end_s == pytest.approx(end_s + RING_ON_S)
    # The chord rings inside the time that the song leaves for it.
    assert end_s + RING_S <= performance.duration_s <= end_s + RING_S + 1.0


def test_a_sustained_last_chord_dies_away() -> None:
    note = Played(0.5, 4.5, 48, 100)
    bass = PlayedTrack("bass", Instrument("synth bass", "bass", synth="saw_bass"), (note,))
    samples = 5 * SAMPLE_RATE_HZ

    def level_db(track: PlayedTrack, at_s: float) -> float:
        sound = render_synth(track, samples, 1)[0]
        part = sound[round(at_s * SAMPLE_RATE_HZ) :][: SAMPLE_RATE_HZ // 10]
        return float(10 * np.log10(np.mean(part**2) + 1e-12))

    held = level_db(bass, 0.8) - level_db(bass, 4.3)
    dying = replace(bass, ring_from_s=0.4)
    fallen = level_db(dying, 0.8) - level_db(dying, 4.3)
    assert held < 3.0
    assert RING_FALL_DB - 8.0 < fallen - held < RING_FALL_DB


@pytest.mark.parametrize("style", ["pop", "ambient", "dream pop", "drum and bass"])
def test_a_double_keeps_to_one_side_of_the_tune(style: str) -> None:
    found = 0
    for seed in range(1, 13):
        double = song(style, seed, LONGER).track("double")
        if double is None:
            continue
        found += 1
        leaps = [abs(a.pitch - b.pitch) for a, b in zip(double.notes, double.notes[1:], strict=False)]
        assert max(leaps) <= 14
    assert found


@pytest.mark.parametrize("style", ["metal", "punk", "techno", "ambient"])
def test_second_voices_leave_the_low_end_to_the_bass(style: str) -> None:
    for seed in (1, 2, 3):
        score = song(style, seed, vocal_gender="m")
        others = [line for line in score.vocals if line.part in ("double", "harmony")]
        assert others
        assert min(note.pitch for line in others for note in line.notes) >= 43


def test_an_orchestra_in_six_eight_has_no_hi_hat() -> None:
    drums = song("orchestral, 6/8").track("drums")
    assert drums is not None
    struck = {note.pitch for note in drums.notes}
    assert not struck & {42, 44, 46, 51}
    assert {43, 47} <= struck


def test_a_build_doubles_its_roll() -> None:
    build = "Every window waits for me\nEvery harbour light\nEvery road that I can see\nRuns into the night"
    words = LONGER.replace("[Chorus]", f"[Pre-Chorus]\n{build}\n\n[Chorus]", 1)
    for seed in range(1, 9):
        score = song("house", seed, words)
        section = next(item for item in score.sections if item.kind == "pre")
        drums = score.track("drums")
        assert drums is not None
        snares = [
            sum(n.pitch == 38 and start <= n.start_beat < start + 4 for n in drums.notes)
            for start in np.arange(section.start_beat, section.end_beat, 4.0)
        ]
        if len(snares) >= 3:
            assert snares[-2] > snares[0]
            return
    pytest.fail("No song had a build of three bars.")


def test_players_lean_into_a_rise_and_not_into_a_fall() -> None:
    sections = (
        Section("verse", "Verse", 0.0, 16.0, 0.4, 0),
        Section("chorus", "Chorus", 16.0, 16.0, 0.9, 0),
        Section("verse", "Verse 2", 32.0, 16.0, 0.5, 0),
    )
    even = [Note(float(beat), 1.0, 60, 80) for beat in range(48)]
    velocities = [note.velocity for note in swelled(even, sections, 4.0)]
    assert velocities[:8] == [80] * 8
    assert velocities[8:16] == sorted(velocities[8:16]) and velocities[15] >= 88
    assert velocities[16:] == [80] * 32


def test_a_quiet_ending_has_no_loud_crash() -> None:
    for style, most in (("ambient", 0), ("lo-fi", 75), ("jazz", 75)):
        score = song(style)
        drums = score.track("drums")
        assert drums is not None
        last_bar = score.length_beats - score.bar_beats
        crashes = [n.velocity for n in drums.notes if n.pitch == 49 and n.start_beat >= last_bar - 0.01]
        assert max(crashes, default=0) <= most
