"""What stands in the folder at the end, and what does not when something goes wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

import studio.engine
from studio.engine import Cancelled, EngineUnavailable, SongSpec, assets, capabilities, encode, plan, render
from studio.engine.notes import Grid
from studio.engine.perform import Clock, perform
from studio.engine.planning import write_score
from studio.engine.score import Note, from_json
from studio.engine.singers import cast
from tests.engine.conftest import Rendered

TINY = SongSpec(tags="ambient", instrumental=True, duration_s=10.0, seed=1)


def midi_events(rendered: Rendered, kind: str) -> list[mido.MetaMessage]:
    file = mido.MidiFile(rendered.song.paths.midi)
    return [message for track in file.tracks for message in track if message.type == kind]


def test_all_files_are_there_and_nothing_else(rendered: Rendered) -> None:
    paths = rendered.song.paths
    expected = {paths.mp3, paths.flac, paths.midi, paths.score, paths.timeline, paths.notes, paths.master}
    assert set(paths.mp3.parent.iterdir()) == expected
    assert soundfile.info(paths.flac).subtype == "PCM_24"


def test_the_song_is_what_the_plan_promised(rendered: Rendered) -> None:
    promised, song = plan(rendered.spec), rendered.song
    for name in ("title", "tags", "lyrics", "bpm", "key", "style", "meter", "sections"):
        assert getattr(song, name) == getattr(promised, name), name
    assert song.duration_s == pytest.approx(promised.duration_s, abs=3.0)


def test_stages_are_told_in_order_and_only_forward(rendered: Rendered) -> None:
    names = list(dict.fromkeys(name for name, _ in rendered.stages))
    assert names == ["composing", "performing", "singing", "rendering", "mixing", "mastering", "encoding"]
    shares = [share for _, share in rendered.stages]
    assert shares == sorted(shares)
    assert 0.0 <= shares[0] <= shares[-1] <= 1.0
    assert set(rendered.song.timings_s) == set(names)


def test_the_timeline_holds_every_word_in_order(rendered: Rendered) -> None:
    words = rendered.song.timeline
    assert "".join(word.text for word in words).split() == rendered.spec.lyrics.split()
    starts = [word.start_s for word in words]
    assert starts == sorted(starts)
    assert all(word.start_s < word.end_s for word in words)
    assert 0.0 <= starts[0] <= words[-1].end_s <= rendered.song.duration_s


def test_the_timeline_file_says_the_same(rendered: Rendered) -> None:
    rows = json.loads(rendered.song.paths.timeline.read_text(encoding="utf-8"))
    assert [(row["word"], row["start_s"], row["end_s"]) for row in rows] == [
        (word.text, word.start_s, word.end_s) for word in rendered.song.timeline
    ]


def test_the_words_are_sung_in_their_sections(rendered: Rendered) -> None:
    spans = {name: (start_s, end_s) for name, start_s, end_s in rendered.song.sections}
    burning = [word for word in rendered.song.timeline if "burning" in word.text]
    assert burning
    for word in burning:
        # A line may lean into its section with a pickup.
        assert spans["Chorus"][0] - 1.0 <= word.start_s < spans["Chorus"][1]


def test_the_midi_has_tempo_markers_and_words(rendered: Rendered) -> None:
    tempo = midi_events(rendered, "set_tempo")[0].tempo
    assert mido.tempo2bpm(tempo) == pytest.approx(rendered.song.bpm, abs=0.01)
    assert [mark.text for mark in midi_events(rendered, "marker")] == [
        name for name, _, _ in rendered.song.sections
    ]
    sung = "".join(event.text for event in midi_events(rendered, "lyrics"))
    assert sung.split() == rendered.spec.lyrics.split()


def test_the_midi_holds_the_vocal_melody(rendered: Rendered) -> None:
    file = mido.MidiFile(rendered.song.paths.midi)
    (voice,) = [track for track in file.tracks if track.name == "Lead vocal"]
    score = from_json(rendered.song.paths.score.read_text(encoding="utf-8"))
    lead = sorted((note for line in score.vocals if line.part == "lead" for note in line.notes), key=at)
    ons = [message.note for message in voice if message.type == "note_on" and message.velocity]
    assert ons == [note.pitch for note in lead]


def at(note: Note) -> float:
    return note.start_beat


def test_the_midi_plays_when_the_song_does(rendered: Rendered) -> None:
    """Read with its own tempo map, the file's first and last notes stand where they were performed."""
    rows = json.loads(rendered.song.paths.notes.read_text(encoding="utf-8"))["instruments"]
    starts = sorted(note["start"] for row in rows for note in row["notes"])
    now, heard_s = 0.0, []
    for message in mido.MidiFile(rendered.song.paths.midi):
        now += message.time
        if message.type == "note_on" and message.velocity:
            heard_s.append(now)
    assert len(heard_s) == len(starts)
    assert np.abs(np.array(heard_s) - np.array(starts)).max() < 0.004


def test_the_tempo_map_slows_down_with_the_song() -> None:
    score = write_score(SongSpec(tags="folk ballad", instrumental=True, duration_s=20.0, seed=2))
    score = replace(score, ritardando=0.3)
    grid = Grid(score)
    tempos = [bpm for _, bpm in grid.tempos()]
    assert tempos[0] == pytest.approx(score.bpm)
    assert tempos[-1] < 0.8 * score.bpm
    assert tempos == sorted(tempos, reverse=True)
    clock = Clock(score)
    for beat in (0.0, 4.0, score.length_beats - 3, score.length_beats):
        assert grid.ticks(clock.plain(beat)) == pytest.approx(beat * 480, abs=2)


def test_the_notes_are_in_the_shape_of_the_api(rendered: Rendered) -> None:
    rows = json.loads(rendered.song.paths.notes.read_text(encoding="utf-8"))["instruments"]
    names = [row["name"] for row in rows]
    assert names[0] == "Lead vocal"
    assert len(names) == len(set(names))
    for note in (note for row in rows for note in row["notes"]):
        assert set(note) == {"start", "end", "pitch", "velocity"}
        assert 0.0 <= note["start"] < note["end"]
        assert 0 <= note["pitch"] <= 127 and 0.0 < note["velocity"] <= 1.0


# --- singers ------------------------------------------------------------------------------------------


def test_a_singer_never_sings_two_notes_at_once(rendered: Rendered) -> None:
    for seed in range(4):
        score = write_score(replace(rendered.spec, seed=seed))
        lines = [line for line in perform(score).lines if line.part == "lead"]
        notes = [note for line in lines for note in line.notes]
        assert notes
        for one, two in pairwise(notes):
            assert one.start_s < one.end_s <= two.start_s + 1e-9


def test_singers_are_as_human_as_players(rendered: Rendered) -> None:
    score = write_score(rendered.spec)
    clock, shifts = Clock(score), []
    for line, timed in zip(score.vocals, perform(score).lines, strict=True):
        assert len(timed.notes) == len(line.notes)
        shifts += [p.start_s - clock(n.start_beat) for n, p in zip(line.notes, timed.notes, strict=True)]
    assert 0.002 < np.std(shifts) < 0.03
    assert abs(float(np.mean(shifts))) < 0.03


def test_a_changed_line_moves_no_other(rendered: Rendered) -> None:
    score = write_score(rendered.spec)
    shorter = replace(score, vocals=score.vocals[1:])
    assert perform(shorter).lines[-1] == perform(score).lines[-1]


def test_a_line_nobody_can_pronounce_is_played(rendered: Rendered) -> None:
    score = write_score(rendered.spec)
    first, *others = score.vocals
    mute = replace(
        first,
        words=tuple(
            replace(word, syllables=tuple(replace(s, phones="") for s in word.syllables))
            for word in first.words
        ),
    )
    score = replace(score, vocals=(mute, *others))
    done = cast(score, perform(score))
    assert done.performance.unsung == {0}
    solo = next(track for track in done.performance.tracks if track.role == "lead")
    assert [note.pitch for note in solo.notes][: len(mute.notes)] == [note.pitch for note in mute.notes]
    assert len(done.performance.words) == sum(
        len(line.words) for line in score.vocals if line.part in ("lead", "adlib")
    )
    assert "cannot be pronounced" in done.remarks[0]


def test_without_a_voice_the_tune_is_played_and_said_so(
    rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "studio.engine.voice", None)
    monkeypatch.delattr(studio.engine, "voice", raising=False)
    score = write_score(rendered.spec)
    done = cast(score, perform(score))
    assert not done.singers
    assert any(track.role == "lead" for track in done.performance.tracks)
    assert "singing voice is not installed" in done.remarks[0]


# --- the opening, before the rest ---------------------------------------------------------------------


def test_the_opening_can_be_heard_before_the_song(tmp_path: Path) -> None:
    heard: list[tuple[Path, float, bool]] = []
    spec = SongSpec(tags="lo-fi, 90 bpm", instrumental=True, duration_s=40.0, seed=3)

    def on_preview(path: Path, seconds: float) -> None:
        heard.append((path, soundfile.info(path).duration, (tmp_path / "mix.mp3").exists()))
        assert seconds >= 10.0

    song = render(spec, tmp_path, on_preview=on_preview)
    ((path, duration_s, song_was_there),) = heard
    assert path.parent == tmp_path
    assert 10.0 <= duration_s < 0.7 * song.duration_s
    assert not song_was_there
    plain = render(spec, tmp_path / "plain")
    assert plain.paths.flac.read_bytes() == song.paths.flac.read_bytes()


def test_a_song_that_is_hardly_longer_has_no_preview(tmp_path: Path) -> None:
    heard: list[float] = []
    render(TINY, tmp_path, on_preview=lambda _, seconds: heard.append(seconds))
    assert heard == []


def test_a_render_cancelled_after_its_preview_takes_it_away(tmp_path: Path) -> None:
    spec = SongSpec(tags="lo-fi, 90 bpm", instrumental=True, duration_s=40.0, seed=3)
    heard: list[Path] = []
    with pytest.raises(Cancelled):
        render(
            spec,
            tmp_path / "take",
            on_preview=lambda path, _: heard.append(path),
            is_cancelled=lambda: bool(heard),
        )
    assert heard
    assert not list(tmp_path.rglob("*.*"))


# --- when something goes wrong ------------------------------------------------------------------------


def test_a_wrong_bank_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(assets.SHA256, assets.BANK_NAME, "0" * 64)
    with pytest.raises(EngineUnavailable, match=r"damaged or was replaced.*Install Ostinato again"):
        render(TINY, tmp_path / "take")
    assert not (tmp_path / "take").exists()
    able = capabilities()
    assert not able["available"]
    assert "damaged" in able["reason"]


def test_a_missing_bank_and_package_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"FluidR3Mono_GM\.sf3 is missing"):
        assets.asset_path(assets.BANK_NAME, tmp_path)
    monkeypatch.setattr(assets, "PACKAGES", ("numpy", "no_such_synth"))
    with pytest.raises(EngineUnavailable, match="needs no_such_synth"):
        assets.require_engine()


def test_this_installation_can_play() -> None:
    able = capabilities()
    assert able["available"] and able["reason"] == ""
    assert able["sings"] and able["voice_reason"] == ""


@pytest.mark.parametrize("questions", [1, 4])
def test_a_cancelled_render_leaves_nothing(tmp_path: Path, questions: int) -> None:
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(True)
        return len(asked) >= questions

    with pytest.raises(Cancelled):
        render(TINY, tmp_path / "take", is_cancelled=is_cancelled)
    assert len(asked) == questions
    assert not list(tmp_path.rglob("*.*"))


def test_a_failing_encoder_leaves_no_half_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encode, "write_flac", full_disk)
    with pytest.raises(OSError, match="No space"):
        render(TINY, tmp_path)
    assert not list(tmp_path.iterdir())
