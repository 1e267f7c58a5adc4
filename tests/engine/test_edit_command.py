"""manage.py edit: every operation by its word, its options checked, its refusals plain."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studio.engine import SongSpec
from studio.engine.pipeline import render
from studio.engine.takes import open_take
from tests.engine.songs import LAMP


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command") / "song"
    render(SongSpec(lyrics=LAMP, tags="folk, 140 bpm", duration_s=15.0, title="Lamp", seed=4), folder)
    return folder


def edit(*words: object) -> str:
    out = StringIO()
    call_command("edit", *(str(word) for word in words), stdout=out)
    return out.getvalue()


def test_an_edit_writes_a_take_and_tells_about_it(song: Path, tmp_path: Path) -> None:
    told = edit("remaster", song, "--variation", "subtle", "--seed", 3, "--out", tmp_path / "new")
    assert open_take(tmp_path / "new").score.lyrics == open_take(song).score.lyrics
    assert "Lamp: folk" in told and "mastering" in told and "LUFS" in told and "remaster took" in told


def test_values_are_printed(song: Path, tmp_path: Path) -> None:
    assert "highest_bpm: 140.0" in edit("bpm", song)
    assert "Leave it burning" in edit("lyrics", song)
    assert "Someone" in edit("timeline", song)
    assert "140 bpm" in edit("tags", song)
    edit("persona", song, "--name", "Lamp singer", "--out", tmp_path)
    assert json.loads((tmp_path / "persona.json").read_text("utf-8"))["name"] == "Lamp singer"


def test_files_are_written_where_asked(song: Path, tmp_path: Path) -> None:
    edit("wav", song, "--out", tmp_path)
    edit("midi", song, "--out", tmp_path)
    assert {"mix.wav", "song.mid"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("extend", "{song}", "--out", "{out}"), "extend needs --at"),
        (("extend", "{song}", "--at", "5"), "name a folder with --out"),
        (("extend", "{song}", "--at", "500", "--out", "{out}"), "goes from 0 to"),
        (("bpm", "{song}", "--profile", "rock"), "bpm knows no --profile"),
        (("mashup", "{song}", "--out", "{out}"), "mashup takes 2"),
        (("wav", "{song}/nothing", "--out", "{out}"), "does not exist"),
        (("cover", "{song}", "--lyrics", "{song}/no.txt", "--out", "{out}"), "no.txt"),
        (("cover", "{song}", "--voice", "Nobody Known", "--out", "{out}"), "Nobody Known"),
        (("lyrics", "{song}/mix.mp3"), "not on audio files"),
    ],
)
def test_a_wrong_command_is_answered_with_what_to_change(
    song: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    filled = [word.format(song=song, out=tmp_path / "out") for word in words]
    with pytest.raises(CommandError, match=said):
        edit(*filled)
    assert not (tmp_path / "out").exists()
