"""Edits as changes of scores: what has to stay stays, what is new fits, and bad wishes are answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from studio.engine import SongSpec, SpecError, edits
from studio.engine.edits.covering import harmony_fit
from studio.engine.edits.grid import bar_lines, cuts_a_line, seconds_at, song_end_s, window_beats
from studio.engine.edits.surgery import joined, piece
from studio.engine.edits.transposing import transposed
from studio.engine.perform import perform
from studio.engine.pipeline import write_score
from studio.engine.score import Score, from_json, to_json
from tests.engine.songs import LAMP, LONGER

NEW = """[Verse 3]
Nothing here is what it used to be
Every door is open wide to me

[Chorus]
Leave it burning, leave it burning for me
I am coming home across the sea
"""
TWO_LINES = "Somebody has painted all the doors\nSilver is the river on the floors"


@pytest.fixture(scope="module")
def song() -> Score:
    return write_score(SongSpec(lyrics=LONGER, tags="pop, female vocals, 116 bpm", seed=3))


@pytest.fixture(scope="module")
def instrumental() -> Score:
    return write_score(SongSpec(tags="lo-fi, piano, 84 bpm", instrumental=True, duration_s=60.0, seed=5))


def words_of(text: str) -> str:
    return " ".join(text.split())


def sung_text(score: Score) -> str:
    lines = (line for line in score.vocals if line.part in ("lead", "adlib"))
    return words_of("".join(word.text for line in lines for word in line.words))


def tune(score: Score) -> list[tuple[float, int]]:
    notes = (note for line in score.vocals if line.part == "lead" for note in line.notes)
    return [(note.start_beat, note.pitch) for note in notes]


def assert_sound(score: Score) -> None:
    """Sections and chords follow each other without gaps, one singer sings one line, all notes lie inside."""
    assert all(a.end_beat == pytest.approx(b.start_beat) for a, b in pairwise(score.sections))
    assert all(a.end_beat == pytest.approx(b.start_beat) for a, b in pairwise(score.chords))
    assert score.chords[-1].end_beat == pytest.approx(score.length_beats)
    leads = sorted((x.notes for x in score.vocals if x.part == "lead"), key=lambda notes: notes[0].start_beat)
    assert all(a[-1].end_beat <= b[0].start_beat + 0.11 for a, b in pairwise(leads))
    assert all(0 <= n.start_beat < score.length_beats for track in score.tracks for n in track.notes)
    assert from_json(to_json(score)).lyrics == score.lyrics
    assert perform(score).duration_s > 0


def test_pieces_joined_are_the_song(song: Score) -> None:
    for cut in (16.0, 40.0, 64.0):
        whole = joined(piece(song, 0.0, cut), piece(song, cut, song.length_beats))
        assert tune(whole) == tune(song)
        assert whole.chords == song.chords or len(whole.chords) == len(song.chords) + 1
        assert whole.lyrics == song.lyrics
        starts = {t.role: [n.start_beat for n in t.notes] for t in whole.tracks}
        assert starts == {t.role: [n.start_beat for n in t.notes] for t in song.tracks}


def test_transposing_there_and_back_is_the_song_and_spares_the_drums(song: Score) -> None:
    up = transposed(song, 3)
    assert up.key == "G major" if song.key == "E major" else up.key != song.key
    drums, other = song.track("drums"), up.track("drums")
    assert drums is not None and other is not None and drums.notes == other.notes
    assert transposed(up, -3) == song


def test_a_window_takes_whole_bars_outward(song: Score) -> None:
    bar_s = song.bar_beats * 60 / song.bpm
    start, end = window_beats(song, 8.5 * bar_s, 10.2 * bar_s)
    assert (start, end) == (8 * song.bar_beats, 11 * song.bar_beats)
    assert set(bar_lines(song)) >= {start, end}


def test_extend_keeps_what_is_before_the_cut_and_goes_on_alike(song: Score) -> None:
    at_s = song_end_s(song) * 0.55
    longer, cut = edits.extend_score(song, at_s, NEW, seed=1)
    assert_sound(longer)
    assert cut in bar_lines(song) and not cuts_a_line(song, cut)
    assert abs(seconds_at(song, cut) - at_s) <= 2.5 * song.bar_beats * 60 / song.bpm
    before = [note for note in tune(song) if note[0] < cut]
    assert tune(longer)[: len(before)] == before
    assert sung_text(longer).endswith(words_of(NEW))
    assert (longer.bpm, longer.key, longer.persona) == (song.bpm, song.key, song.persona)
    band = {track.role: track.instrument for track in song.tracks}
    assert all(band.get(t.role, t.instrument) == t.instrument for t in longer.tracks)


def test_extend_brings_the_chorus_back_with_its_tune(song: Score) -> None:
    longer, cut = edits.extend_score(song, song_end_s(song) * 0.8, NEW, seed=1)
    first = next(i for i, s in enumerate(song.sections) if s.kind == "chorus")
    again = max(i for i, s in enumerate(longer.sections) if s.kind == "chorus")
    assert longer.sections[again].start_beat >= cut

    def shape(score: Score, index: int) -> list[tuple[float, int]]:
        origin = score.sections[index].start_beat
        lines = [x for x in score.vocals if x.section == index and x.part == "lead"]
        syllables = [s for line in lines for word in line.words for s in word.syllables]
        return [(s.notes[0].start_beat - origin, s.notes[0].pitch) for s in syllables]

    assert shape(longer, again) == shape(song, first)


def test_seeds_extend_differently_and_the_same_seed_alike(song: Score) -> None:
    text = "[Verse]\nSilver is the river on the floor\nSomebody is knocking at the door"
    one, same, other = (edits.extend_score(song, 30.0, text, seed=seed)[0] for seed in (1, 1, 2))
    assert one == same
    assert tune(one) != tune(other)


def test_extend_without_words_plays_on(song: Score, instrumental: Score) -> None:
    for score in (song, instrumental):
        longer, cut = edits.extend_score(score, 20.0, seed=1)
        assert_sound(longer)
        assert not [line for line in longer.vocals if line.notes[0].start_beat >= cut]
        assert longer.length_beats > cut + 8 * score.bar_beats


def test_replace_section_changes_nothing_outside_the_window(song: Score) -> None:
    new, (start, end) = edits.replace_section_score(song, 17.0, 24.0, TWO_LINES, seed=2)
    assert_sound(new)
    assert (new.sections, new.chords, new.bpm) == (song.sections, song.chords, song.bpm)
    assert words_of(TWO_LINES) in sung_text(new)
    for old_track in song.tracks:
        track = new.track(old_track.role)
        outside = [n for n in old_track.notes if not start <= n.start_beat < end]
        kept = [n for n in track.notes if not start <= n.start_beat < end] if track else []
        assert [(n.start_beat, n.pitch) for n in kept] == [(n.start_beat, n.pitch) for n in outside]
    assert [n for n in tune(new) if n[0] < start - 1.1] == [n for n in tune(song) if n[0] < start - 1.1]


def test_replace_section_without_words_sings_the_old_ones_to_another_tune(song: Score) -> None:
    new, (_start, _end) = edits.replace_section_score(song, 17.0, 24.0, seed=2)
    assert sung_text(new) == sung_text(song)
    assert tune(new) != tune(song)
    assert "[Chorus]" in new.lyrics


def test_replace_section_of_an_instrumental_writes_a_new_tune(instrumental: Score) -> None:
    new, (start, end) = edits.replace_section_score(instrumental, 18.0, 32.0, seed=1)
    assert_sound(new)
    old_lead, new_lead = instrumental.track("lead"), new.track("lead")
    assert old_lead is not None and new_lead is not None
    inside = [n for n in new_lead.notes if start <= n.start_beat < end]
    assert inside and inside != [n for n in old_lead.notes if start <= n.start_beat < end]


@pytest.mark.parametrize("tags", ["house, male vocals", "jazz, piano", "metal", "waltz"])
def test_a_cover_keeps_words_and_tune_and_changes_the_band(song: Score, tags: str) -> None:
    new = edits.cover_score(song, tags, seed=1)
    assert_sound(new)
    assert sung_text(new) == sung_text(song)
    assert new.style != song.style
    intervals = [b[1] - a[1] for a, b in pairwise(tune(new))]
    assert intervals == [b[1] - a[1] for a, b in pairwise(tune(song))]
    assert harmony_fit(new) > 0.6


def test_a_cover_close_to_the_audio_keeps_the_chords(song: Score) -> None:
    close = edits.cover_score(song, "rock", audio_weight=0.9, seed=1)
    free = edits.cover_score(song, "rock", audio_weight=0.1, seed=1)
    assert [c.symbol for c in close.chords] == [c.symbol for c in song.chords]
    assert [c.symbol for c in free.chords] != [c.symbol for c in song.chords]


def test_another_singer_gets_the_tune_in_their_range(song: Score) -> None:
    assert song.persona is not None
    low = replace(song.persona, name="Low", gender="m", low=45, high=63)
    new = edits.cover_score(song, "folk", persona=low, seed=1)
    pitches = [pitch for _, pitch in tune(new)]
    assert new.persona == low
    assert min(pitches) >= low.low - 2 and max(pitches) <= low.high + 2


def test_add_instrumental_keeps_the_voice_and_its_pace(song: Score) -> None:
    new = edits.add_instrumental_score(song, "folk, acoustic guitar", seed=1)
    assert_sound(new)
    assert (tune(new), new.bpm) == (tune(song), song.bpm)
    assert {t.instrument.name for t in new.tracks} != {t.instrument.name for t in song.tracks}
    part = edits.add_instrumental_score(song, "folk", start_s=17.0, end_s=24.0, seed=1)
    start, _end = window_beats(song, 17.0, 24.0)
    old, new_bass = song.track("bass"), part.track("bass")
    assert old is not None and new_bass is not None
    assert [n for n in new_bass.notes if n.start_beat < start] == [
        n for n in old.notes if n.start_beat < start
    ]


def test_add_vocals_sings_every_word_over_the_chords_that_are_there(instrumental: Score) -> None:
    new = edits.add_vocals_score(instrumental, LAMP, vocal_gender="f", seed=1)
    assert_sound(new)
    assert sung_text(new) == words_of(LAMP)
    assert (new.chords, new.sections) == (instrumental.chords, instrumental.sections)
    assert harmony_fit(replace(new, tracks=())) > 0.6
    lead = new.track("lead")
    spans = [(x.notes[0].start_beat, x.notes[-1].end_beat) for x in new.vocals if x.part == "lead"]
    played = [n for n in (lead.notes if lead else ()) if any(a < n.start_beat < b for a, b in spans)]
    assert not played


def test_a_sample_goes_round_under_the_new_song(song: Score) -> None:
    start, end = window_beats(song, 8.4, 16.4)
    new = edits.sample_score(song, 8.4, 16.4, SongSpec(tags="hip-hop, 100 bpm", lyrics=LAMP, seed=1), 1)
    assert_sound(new)
    assert new.style == "hip-hop" and words_of(LAMP) in sung_text(new)
    bars = round((end - start) / song.bar_beats)
    loop = piece(song, start, end)
    first = [c.symbol for c in new.chords if c.start_beat < (end - start)]
    assert first[: len(loop.chords)] == [c.symbol for c in loop.chords][: len(first)]
    sampled = [t for t in new.tracks if t.role.startswith("sample ")]
    assert sampled and f"{bars} bars" in new.remarks[-1]
    assert not any(t.role in ("sample bass", "sample drums") for t in sampled)


def test_a_mashup_sings_one_song_over_the_other(song: Score) -> None:
    band = write_score(SongSpec(tags="house, 124 bpm", instrumental=True, seed=4))
    new, match = edits.mashup_score(song, band)
    assert_sound(new)
    assert sung_text(new) == sung_text(song)
    assert (new.bpm, new.style) == (band.bpm, band.style)
    assert abs(match.vocal_semitones) <= 3
    assert match.speed == pytest.approx(band.bpm / song.bpm, abs=0.01)
    assert not any(track.role == "lead" for track in new.tracks)


def test_half_tempo_counts_as_near(song: Score) -> None:
    slow = write_score(SongSpec(tags="lo-fi, 60 bpm", instrumental=True, seed=4))
    new, match = edits.mashup_score(song, replace(slow, bpm=58.0))
    assert match.stretch == 0.5 and match.speed == pytest.approx(1.0)
    assert sung_text(new) == sung_text(song)


REFUSED: list[tuple[str, Callable[[Score, Score], object]]] = [
    ("goes from 0 to", lambda a, _: edits.extend_score(a, 500.0)),
    ("beginning", lambda a, _: edits.extend_score(a, 0.1)),
    ("before it starts", lambda a, _: edits.replace_section_score(a, 20.0, 10.0)),
    ("a bar of this song lasts", lambda a, _: edits.replace_section_score(a, 20.0, 20.4)),
    ("Shorten the lyrics", lambda a, _: edits.replace_section_score(a, 17.0, 24.0, LONGER * 12)),
    ("Nobody sings", lambda _, b: edits.add_instrumental_score(b, "folk")),
    ("no words", lambda _, b: edits.add_vocals_score(b, "[Verse]\n")),
    ("sings in these bars already", lambda a, _: edits.add_vocals_score(a, LAMP)),
    ("loop has up to", lambda a, _: edits.sample_score(a, 0.0, song_end_s(a), SongSpec(tags="rock"))),
    ("from 0 (free) to 1", lambda a, _: edits.cover_score(a, "rock", audio_weight=3.0)),
    ("instrumental", lambda a, b: edits.mashup_score(b, a)),
    ("% of its speed", lambda a, b: edits.mashup_score(a, replace(b, bpm=82.0))),
    ("different meters", lambda a, b: edits.mashup_score(a, replace(b, meter="3/4"))),
]


@pytest.mark.parametrize(("said", "wish"), REFUSED, ids=[said for said, _ in REFUSED])
def test_what_cannot_be_done_is_refused_with_a_reason(
    song: Score, instrumental: Score, said: str, wish: Callable[[Score, Score], object]
) -> None:
    with pytest.raises(SpecError, match=said.replace("(", r"\(").replace(")", r"\)")):
        wish(song, instrumental)
