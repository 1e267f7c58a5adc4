"""What stands in the folder at the end, and what does not when something goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import pytest

from studio.engine import Cancelled, EngineUnavailable, SongSpec, assets, capabilities, encode, plan, render
from studio.engine.score import from_json
from tests.engine.conftest import Rendered

TINY = SongSpec(tags="ambient", instrumental=True, duration_s=10.0, seed=1)


def midi_events(rendered: Rendered, kind: str) -> list[mido.MetaMessage]:
    file = mido.MidiFile(rendered.song.paths.midi)
    return [message for track in file.tracks for message in track if message.type == kind]


def test_all_files_are_there_and_nothing_else(rendered: Rendered) -> None:
    paths = rendered.song.paths
    expected = {paths.mp3, paths.flac, paths.midi, paths.score, paths.timeline}
    assert set(paths.mp3.parent.iterdir()) == expected


def test_the_song_is_what_the_plan_promised(rendered: Rendered) -> None:
    promised, song = plan(rendered.spec), rendered.song
    for name in ("title", "tags", "lyrics", "bpm", "key", "style", "meter", "sections"):
        assert getattr(song, name) == getattr(promised, name), name
    assert song.duration_s == pytest.approx(promised.duration_s, abs=3.0)


def test_stages_are_told_in_order_and_only_forward(rendered: Rendered) -> None:
    names = list(dict.fromkeys(name for name, _ in rendered.stages))
    assert names == ["composing", "performing", "rendering", "mixing", "mastering", "encoding"]
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
    sung = "".join(event.text for event in midi_events(rendered, "lyrics")).casefold()
    assert "burning" in sung


def test_the_midi_holds_the_notes_of_the_score(rendered: Rendered) -> None:
    score = from_json(rendered.song.paths.score.read_text(encoding="utf-8"))
    ons = [event for event in midi_events(rendered, "note_on") if event.velocity]
    assert len(ons) == sum(len(track.notes) for track in score.tracks)
    assert len(midi_events(rendered, "note_off")) == len(ons)


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

    monkeypatch.setattr(encode, "write_midi", full_disk)
    with pytest.raises(OSError, match="No space"):
        render(TINY, tmp_path)
    assert not list(tmp_path.iterdir())
