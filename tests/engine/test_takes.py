"""A take can be opened again: the same score, the same performance, stems that sum to its mix."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine import SongSpec, SpecError, open_take, quality, render, render_score
from studio.engine.cache import DryCache
from studio.engine.score import STEMS
from studio.engine.takes import StoredTake, load_mastering, save_mastering
from tests.engine.conftest import Rendered
from tests.engine.songs import sine

TINY = SongSpec(tags="lo-fi, 90 bpm", instrumental=True, duration_s=10.0, seed=1)


@pytest.fixture(scope="session")
def stored(rendered: Rendered) -> StoredTake:
    return open_take(rendered.folder)


def test_a_take_remembers_how_it_was_performed(stored: StoredTake, rendered: Rendered) -> None:
    assert stored.performance.words == rendered.song.timeline
    assert stored.performance.sections == rendered.song.sections
    assert stored.score.title == rendered.song.title


def test_its_audio_is_the_mix(stored: StoredTake, rendered: Rendered) -> None:
    audio = stored.audio()
    assert audio.dtype == np.float32
    assert audio.shape == (2, soundfile.info(rendered.song.paths.flac).frames)


def test_stems_that_were_not_kept_are_made_again_and_sum_to_the_mix(stored: StoredTake) -> None:
    assert not (stored.folder / "stems").exists()
    names = stored.stem_names()
    assert set(names) <= set(STEMS)
    assert {"vocals", "drums", "bass", "guitar"} <= set(names)
    assert quality.stem_residual_db(stored.audio(), [stored.stem(name) for name in names]) <= -90.0


def test_kept_stems_are_the_ones_that_would_be_made(stored: StoredTake, tmp_path: Path) -> None:
    song = render_score(stored.score, tmp_path / "kept", stems=True)
    kept = open_take(tmp_path / "kept")
    assert tuple(song.paths.stems) and set(song.paths.stems) == set(kept.stem_names())
    assert kept.stem_names() == stored.stem_names()
    for name, path in song.paths.stems.items():
        assert soundfile.info(path).subtype == "PCM_24"
        assert np.abs(kept.stem(name) - stored.stem(name)).max() < 2**-22, name
    assert np.array_equal(kept.audio(), stored.audio())


def test_a_new_render_without_stems_takes_the_old_ones_away(stored: StoredTake, tmp_path: Path) -> None:
    shutil.copytree(stored.folder, tmp_path / "take")
    (tmp_path / "take" / "stems").mkdir()
    soundfile.write(tmp_path / "take" / "stems" / "brass.flac", sine(200.0, 0.1).T, 44_100)
    render(TINY, tmp_path / "take")
    assert not (tmp_path / "take" / "stems").exists()
    assert "brass" not in open_take(tmp_path / "take").stem_names()


def test_a_stem_the_song_lacks_is_refused_with_those_it_has(stored: StoredTake) -> None:
    with pytest.raises(SpecError, match=r"no stem 'woodwinds'.*vocals"):
        stored.stem("woodwinds")


def test_the_same_mastering_gives_the_same_song(stored: StoredTake, tmp_path: Path) -> None:
    render_score(stored.score, tmp_path, mastering=stored.mastering)
    assert np.abs(open_take(tmp_path).audio() - stored.audio()).max() < 2**-20


def test_a_mastering_survives_its_file(stored: StoredTake, tmp_path: Path) -> None:
    save_mastering(stored.mastering, tmp_path / "master.npz")
    again = load_mastering(tmp_path / "master.npz")
    assert np.array_equal(again.gain, stored.mastering.gain)
    assert np.array_equal(again.sections, stored.mastering.sections)
    assert again.balance == stored.mastering.balance
    assert again.level_db == stored.mastering.level_db


def test_a_damaged_mastering_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.npz"
    path.write_bytes(b"not numbers")
    with pytest.raises(SpecError, match=r"master\.npz .* damaged"):
        load_mastering(path)


def test_a_folder_without_a_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"holds no take of ours: score\.json is missing"):
        open_take(tmp_path)


def test_a_score_of_another_kind_is_refused(stored: StoredTake, tmp_path: Path) -> None:
    shutil.copytree(stored.folder, tmp_path / "take")
    (tmp_path / "take" / "score.json").write_text(json.dumps({"title": "?"}), encoding="utf-8")
    with pytest.raises(SpecError, match="cannot be read"):
        _ = open_take(tmp_path / "take").score


# --- the cache of dry tracks --------------------------------------------------------------------------


def test_what_is_kept_is_not_made_again(tmp_path: Path) -> None:
    cache, made = DryCache(tmp_path), []

    def make() -> np.ndarray:
        made.append(True)
        return sine(440.0, 0.1)

    first, second = cache.fetch(make, "tone", 440), cache.fetch(make, "tone", 440)
    assert len(made) == 1
    assert np.array_equal(first, second)
    cache.fetch(make, "tone", 441)
    assert len(made) == 2


def test_a_damaged_cache_file_is_made_again(tmp_path: Path) -> None:
    cache = DryCache(tmp_path)
    first = cache.fetch(lambda: sine(440.0, 0.1), "tone")
    (path,) = tmp_path.glob("*.npy")
    path.write_bytes(path.read_bytes()[:100])
    assert np.array_equal(cache.fetch(lambda: sine(440.0, 0.1), "tone"), first)


def test_the_cache_stays_small(tmp_path: Path) -> None:
    tone = sine(440.0, 0.1)
    cache = DryCache(tmp_path, max_bytes=3 * tone.nbytes)
    for number in range(6):
        cache.fetch(lambda: tone, number)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * tone.nbytes


def test_a_song_from_the_cache_is_the_same_song(tmp_path: Path) -> None:
    songs = [render(TINY, tmp_path / name, cache=tmp_path / "cache") for name in ("one", "two")]
    assert songs[0].paths.flac.read_bytes() == songs[1].paths.flac.read_bytes()
    assert list((tmp_path / "cache").glob("*.npy"))
