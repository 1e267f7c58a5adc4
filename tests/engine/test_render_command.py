"""A song from the command line, and refusals in words."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from studio import engine


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("render", *(str(argument) for argument in arguments), stdout=out)
    return out.getvalue()


def test_a_song_with_everything(tmp_path: Path) -> None:
    lyrics = tmp_path / "words.txt"
    lyrics.write_text("[Verse]\nSomeone left the lamp on in the hall\n", encoding="utf-8")
    out = tmp_path / "song"
    said = run("--lyrics", lyrics, "--tags", "folk, 100 bpm", "--duration", 10, "--out", out)
    names = {path.name for path in out.iterdir()}
    assert names == {
        "mix.wav", "mix.mp3", "song.mid", "notes.json", "timeline.json", "score.json", "master.npz",
        "stems",
    }  # fmt: skip
    assert soundfile.info(out / "mix.wav").subtype == "PCM_24"
    stems = list((out / "stems").iterdir())
    assert (out / "stems" / "vocals.wav") in stems
    assert all(soundfile.info(path).subtype == "PCM_24" for path in stems)
    words = json.loads((out / "timeline.json").read_text(encoding="utf-8"))
    assert "".join(row["word"] for row in words).split() == lyrics.read_text(encoding="utf-8").split()
    for expected in ("composing", "encoding", "real-time factor", "LUFS"):
        assert expected in said


def test_an_instrumental_without_words(tmp_path: Path) -> None:
    run("--tags", "ambient", "--instrumental", "--duration", 10, "--seed", 5, "--no-stems", "--out", tmp_path)
    assert json.loads((tmp_path / "timeline.json").read_text(encoding="utf-8")) == []
    assert not (tmp_path / "stems").exists()
    # What was rendered can be edited as it is.
    wav = soundfile.read(tmp_path / "mix.wav", dtype="float32")[0]
    assert np.array_equal(engine.open_take(tmp_path).audio(), wav.T)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--duration", 5), "duration_s must be between 10 and 360"),
        (("--lyrics", "no/such/file.txt"), "cannot be read from no/such/file.txt"),
        (("--tags", "x" * 30_000), "tags has 30000 characters"),
        (("--description", "a lamp in the hall", "--voice", "nobody"), "no voice called 'nobody'"),
    ],
)
def test_a_bad_request_is_refused_in_words(
    tmp_path: Path, arguments: tuple[object, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments, "--out", tmp_path / "song")
    assert not (tmp_path / "song").exists()


def test_empty_and_foreign_lyrics_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(CommandError, match="holds no lyrics"):
        run("--lyrics", tmp_path / "empty.txt", "--out", tmp_path / "song")
    with pytest.raises(CommandError, match="not a text file"):
        run("--lyrics", tmp_path / "photo.jpg", "--out", tmp_path / "song")


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "song").write_text("mine", encoding="utf-8")
    with pytest.raises(CommandError, match="is a file"):
        run("--tags", "pop", "--out", tmp_path / "song")
    assert (tmp_path / "song").read_text(encoding="utf-8") == "mine"


def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise engine.EngineUnavailable("The sound bank is missing.")

    (tmp_path / "mix.mp3").write_bytes(b"of an earlier song")
    monkeypatch.setattr(engine, "render", missing)
    with pytest.raises(CommandError, match="sound bank is missing"):
        run("--tags", "pop", "--out", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mix.mp3"]
