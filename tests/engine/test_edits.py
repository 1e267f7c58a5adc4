"""Edits as sound: what is promised to be the same is the same to the sample, and folders are whole takes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine import Cancelled, SongSpec, SpecError, edits
from studio.engine.edits.desk import facts_of
from studio.engine.pipeline import render
from studio.engine.takes import open_take
from tests.engine.songs import LAMP

VERSE = "[Verse 2]\nNothing here is what it used to be\nEvery door is open wide to me"
AUDIBLE_DB = -80.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edits")


@pytest.fixture(scope="module")
def song(home: Path) -> Path:
    spec = SongSpec(lyrics=LAMP, tags="pop, female vocals, 150 bpm", duration_s=15.0, title="Lamp", seed=4)
    render(spec, home / "song", stems=True)
    return home / "song"


@pytest.fixture(scope="module")
def band(home: Path) -> Path:
    spec = SongSpec(tags="rock, 140 bpm", instrumental=True, duration_s=12.0, title="Band", seed=7)
    render(spec, home / "band", stems=True)
    return home / "band"


@pytest.fixture(scope="module")
def extended(home: Path, song: Path) -> Path:
    edits.extend(song, home / "extended", 6.6, VERSE, seed=1)
    return home / "extended"


@pytest.fixture(scope="module")
def replaced(home: Path, song: Path) -> Path:
    edits.replace_section(song, home / "replaced", 6.6, 9.5, seed=1)
    return home / "replaced"


def residual_db(folder: Path) -> float:
    """How far the stems' sum is from the mix."""
    take = open_take(folder)
    mix = take.audio()
    rest = mix - np.sum([take.stem(name) for name in take.stem_names()], axis=0)
    return float(10 * np.log10(np.mean(rest**2) / np.mean(mix**2)))


def test_an_extension_equals_its_source_before_the_seam(song: Path, extended: Path) -> None:
    old, new = open_take(song).audio(), open_take(extended).audio()
    seam = facts_of(extended)["seam_sample"]
    assert seam > 5 * 44_100
    assert np.array_equal(old[:, :seam], new[:, :seam])
    assert not np.array_equal(old[:, seam : seam + 44_100], new[:, seam : seam + 44_100])
    assert residual_db(extended) < AUDIBLE_DB


def test_the_words_before_the_seam_keep_their_times(song: Path, extended: Path) -> None:
    seam_s = facts_of(extended)["seam_sample"] / 44_100
    old = [word for word in edits.timeline(song) if word.end_s < seam_s]
    assert old and list(edits.timeline(extended))[: len(old)] == old
    assert edits.lyrics(extended).endswith("Every door is open wide to me")


def test_the_added_part_joins_its_source_as_if_never_cut(home: Path, song: Path, extended: Path) -> None:
    edits.extend(song, home / "added", 6.6, VERSE, seed=1, only_added=True)
    edits.concat([song, home / "added"], home / "joined")
    whole, joined = open_take(extended).audio(), open_take(home / "joined").audio()
    assert whole.shape == joined.shape
    assert np.abs(whole - joined).max() < 2.0**-22
    assert edits.timeline(home / "joined") == edits.timeline(extended)
    assert open_take(home / "added").audio().shape[1] < whole.shape[1]


def test_a_replaced_section_leaves_the_rest_as_it_was(song: Path, replaced: Path) -> None:
    before, after = open_take(song), open_take(replaced)
    (first, _), (_, last) = facts_of(replaced)["seam_samples"]
    old, new = before.audio(), after.audio()
    assert old.shape == new.shape
    assert np.array_equal(old[:, :first], new[:, :first])
    assert np.array_equal(old[:, last:], new[:, last:])
    assert np.abs(old[:, first:last] - new[:, first:last]).max() > 0.05
    for name in ("vocals", "drums"):
        assert np.array_equal(before.stem(name)[:, last:], after.stem(name)[:, last:])
    assert residual_db(replaced) < AUDIBLE_DB
    assert edits.lyrics(replaced) == edits.lyrics(song)


def test_seams_do_not_click(song: Path, replaced: Path) -> None:
    """No step inside the crossfades is larger than those the music makes around them."""
    mono = open_take(replaced).audio().mean(axis=0)
    steps = np.abs(np.diff(mono, 2))
    for start, end in facts_of(replaced)["seam_samples"]:
        around = steps[start - 22_050 : end + 22_050]
        assert steps[start:end].max() <= np.quantile(around, 0.9999)


def test_an_edit_can_be_edited_again(home: Path, extended: Path) -> None:
    edits.replace_section(extended, home / "again", 9.7, 12.0, seed=2)
    old, new = open_take(extended).audio(), open_take(home / "again").audio()
    (first, _), (_, last) = facts_of(home / "again")["seam_samples"]
    assert np.array_equal(old[:, :first], new[:, :first]) and np.array_equal(old[:, last:], new[:, last:])


def test_songs_are_joined_on_a_bar_line_with_their_own_samples(home: Path, song: Path, band: Path) -> None:
    result = edits.concat([song, band], home / "both")
    a, b, both = (open_take(folder).audio() for folder in (song, band, home / "both"))
    start = facts_of(home / "both")["starts_samples"][1]
    ring = round(1.6 * 44_100)
    assert np.array_equal(both[:, :start], a[:, :start])
    assert np.array_equal(both[:, start + ring :], b[:, ring:])
    assert result.duration_s == pytest.approx(both.shape[1] / 44_100, abs=0.001)
    assert [name for name, _, _ in result.sections].count("Outro") == 2


@pytest.mark.parametrize("variation", ["subtle", "high"])
def test_a_remaster_sounds_otherwise_and_has_the_same_notes(home: Path, song: Path, variation: str) -> None:
    out = home / f"remaster {variation}"
    result = edits.remaster(song, out, variation=variation, seed=1)
    old, new = open_take(song).score, open_take(out).score
    assert (new.tracks, new.vocals, new.lyrics) == (old.tracks, old.vocals, old.lyrics)
    assert result.loudness_lufs == pytest.approx(-14.0, abs=0.3) and result.true_peak_dbtp <= -1.0
    assert residual_db(out) < AUDIBLE_DB
    assert not np.array_equal(open_take(song).audio()[:, :40_000], open_take(out).audio()[:, :40_000])


def test_vocals_on_an_instrumental_are_heard(home: Path, band: Path) -> None:
    with pytest.raises(SpecError, match="Nobody sings"):
        edits.vox(band, home / "none")
    song = edits.add_vocals(
        band, home / "sung", "[Verse]\nSomeone left the lamp on in the hall", "female vocals"
    )
    assert [word.text.split()[-1] for word in song.timeline][:2] == ["Someone", "left"]
    start_s = song.timeline[0].start_s
    cut = edits.vox(home / "sung", home / "vox", max(0.0, start_s - 0.5), start_s + 2.0)
    voice, rate = soundfile.read(cut.path)
    assert rate == 44_100 and len(voice) == pytest.approx(44_100 * (cut.end_s - cut.start_s), abs=2)
    assert cut.peak_db > -30


def test_stems_of_two_sum_to_the_mix(home: Path, song: Path) -> None:
    made = edits.stems(song, home / "stems", 2)
    assert list(made) == ["vocals", "instrumental"]
    total = sum(soundfile.read(path, dtype="float32")[0].T for path in made.values())
    assert np.abs(total - open_take(song).audio()).max() < 1e-5
    assert set(edits.stems(song, home / "twelve", 12)) == set(open_take(song).stem_names())


def test_the_wav_holds_the_masters_samples(home: Path, song: Path) -> None:
    path = edits.wav(song, home / "wav")
    assert soundfile.info(path).subtype == "PCM_24"
    assert np.array_equal(soundfile.read(path, dtype="float32")[0].T, open_take(song).audio())


def test_tempo_notes_and_tags_are_the_scores(home: Path, song: Path) -> None:
    assert edits.bpm(song).average_bpm == pytest.approx(150.0, abs=0.01)
    notes = edits.midi(song, home / "midi")
    assert notes.path.read_bytes()[:4] == b"MThd"
    assert notes.instruments[0]["name"] == "Lead vocal" and notes.instruments[0]["notes"]
    assert "150 bpm" in edits.tags(song)


def test_a_persona_sings_again_with_its_name(song: Path) -> None:
    persona = edits.make_persona(song, "Lamp singer", breath=0.7)
    own = open_take(song).score.persona
    assert own is not None
    assert (persona.name, persona.breath, persona.warp) == ("Lamp singer", 0.7, own.warp)
    from studio.engine.pipeline import write_score

    assert write_score(SongSpec(lyrics=LAMP, tags="folk", persona=persona)).persona == persona
    with pytest.raises(SpecError, match="choose a number"):
        edits.make_persona(song, "Too much", breath=7.0)
    with pytest.raises(SpecError, match="no parameter"):
        edits.make_persona(song, "Who", colour=1.0)


def test_a_cancelled_or_impossible_edit_leaves_nothing(home: Path, song: Path, band: Path) -> None:
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    with pytest.raises(Cancelled):
        edits.extend(song, home / "stopped", 6.6, VERSE, is_cancelled=is_cancelled)
    with pytest.raises(SpecError, match="goes from 0 to"):
        edits.replace_section(song, home / "outside", 100.0, 120.0)
    with pytest.raises(SpecError, match="none of"):
        edits.remaster(song, home / "odd", variation="wild")
    with pytest.raises(SpecError, match="no take of ours"):
        edits.cover(home / "nowhere", home / "nothing", "rock")
    with pytest.raises(SpecError, match="another folder"):
        edits.cover(song, song, "rock")
    assert not any((home / name).exists() for name in ("stopped", "outside", "odd", "nothing"))


def test_every_edit_says_in_its_folder_what_it_is(song: Path, extended: Path, replaced: Path) -> None:
    for folder, name in ((extended, "extend"), (replaced, "replace section")):
        facts = json.loads((folder / "edit.json").read_text("utf-8"))
        assert facts["operation"] == name and facts["source"] == str(song.resolve())
        assert facts["stem_residual_db"] < AUDIBLE_DB
