"""Telling a voice from its band without the pack "separation"."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from studio.engine import uploads
from studio.engine.analysis import load, repeats, separate, track_pitch, tune
from studio.engine.analysis.separating import SIMPLE_WAY, separator
from studio.engine.analysis.simple import LINE_HZ, LINES, tell_apart
from studio.engine.assets import capabilities
from studio.engine.audition import Audio, Take
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError
from studio.engine.uploads import singing


@pytest.fixture(autouse=True)
def no_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "no packs"))


def sung_in(take: Take) -> Audio:
    return np.asarray(sum(s for name, s in take.stems.items() if "vocals" in name), np.float32)


def sdr_db(found: Audio, wanted: Audio) -> float:
    return float(10 * np.log10((wanted**2).sum() / ((found - wanted) ** 2).sum()))


def noise(seconds: float, seed: int = 1) -> Audio:
    rng = np.random.default_rng(seed)
    return rng.normal(0.0, 0.1, (2, round(seconds * SAMPLE_RATE_HZ))).astype(np.float32)


def test_the_simple_way_is_told_where_the_pack_is_not() -> None:
    assert separator() == "simple"
    assert capabilities()["separator"] == "simple"


@pytest.mark.parametrize("is_mono", [False, True])
def test_the_parts_are_nearer_to_the_voice_and_the_band_than_the_mix(take: Take, is_mono: bool) -> None:
    mix, voice = take.audio, sung_in(take)
    if is_mono:
        mix, voice = (np.repeat(sound.mean(axis=0, keepdims=True), 2, axis=0) for sound in (mix, voice))
    parts = separate(mix)
    assert np.abs(parts["vocals"] + parts["accompaniment"] - mix).max() < 1e-6
    assert sdr_db(parts["vocals"], voice) > sdr_db(mix, voice) + 3.0
    assert sdr_db(parts["accompaniment"], mix - voice) > sdr_db(mix, mix - voice) + 3.0


def test_the_tune_can_be_heard_in_the_voice_taken_out(take: Take) -> None:
    wanted, found = track_pitch(take.stems["vocals"]), track_pitch(separate(take.audio)["vocals"])
    loud = wanted.voiced & (wanted.level_db > np.percentile(wanted.level_db, 95) - 20)
    steps = 12 * np.log2(np.maximum(found.hz, 1.0)[loud] / wanted.hz[loud])
    assert (np.abs((steps + 6) % 12 - 6) < 0.5).mean() > 0.6


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3, 2.0])
def test_short_and_silent_sounds_are_taken_too(seconds: float) -> None:
    for sound in (noise(seconds), np.zeros_like(noise(seconds))):
        found = tell_apart(sound)
        assert found.vocals.shape == sound.shape and np.isfinite(found.vocals).all()
        assert np.abs(found.vocals + found.accompaniment - sound).max(initial=0.0) < 1e-6


def test_a_recording_on_one_side_keeps_its_parts_there(take: Take) -> None:
    one = take.audio[:, : 8 * SAMPLE_RATE_HZ].copy()
    one[1] = 0.0
    found = tell_apart(one)
    assert np.abs(found.vocals[1]).max() < 0.05 * np.abs(found.vocals[0]).max()


def test_it_takes_a_small_part_of_the_time_the_recording_lasts() -> None:
    sound = noise(60.0)
    begun = time.process_time()
    tell_apart(sound)
    assert time.process_time() - begun < 0.3 * 60.0


def test_what_comes_back_is_known_and_what_does_not_is_not() -> None:
    rng = np.random.default_rng(3)
    bar = rng.random((80, 300)).astype(np.float16)
    loud = np.concatenate([bar] * 14)
    once = loud.copy()
    once[400:420, 40:46] += np.float16(1.0)
    heard = repeats.background(once, repeats.alike(repeats.outlines(once)))
    assert np.abs(heard[400:420] - loud[400:420]).max() < 0.5
    few = repeats.alike(repeats.outlines(bar[:20]))
    assert (few == np.arange(20)[:, None]).all()


@pytest.mark.parametrize("hz", [110.0, 220.0, 523.0])
def test_the_pitch_of_a_tone_with_harmonics_is_found(hz: float) -> None:
    at = np.arange(1, LINES + 1) * LINE_HZ
    spectrum: NDArray[np.float64] = sum(np.exp(-(((at - n * hz) / 12) ** 2)) / n for n in range(1, 12))  # type: ignore[assignment]
    rows = np.repeat(spectrum[None], 30, axis=0).astype(np.float32)
    found = tune.follow(rows @ tune.comb(LINES, LINE_HZ))
    assert np.abs(12 * np.log2(found.hz / hz)).max() < 0.5


def test_a_cover_of_a_song_keeps_its_voice_and_says_how_it_was_had(take: Take, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "song.wav", take.audio.T, SAMPLE_RATE_HZ)
    done = uploads.cover(tmp_path / "song.wav", tmp_path / "out", "jazz")
    assert SIMPLE_WAY in done.remarks
    assert not done.facts["is_instrumental"]
    voice = load(done.paths["vocals"])[:, : take.audio.shape[1]]
    true = sung_in(take)[:, : voice.shape[1]]
    assert np.corrcoef(voice[:, : true.shape[1]].mean(axis=0), true.mean(axis=0))[0, 1] > 0.6


def test_a_cover_of_what_nobody_sings_is_instrumental(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(singing, "is_sung", lambda voice, whole: False)
    soundfile.write(tmp_path / "song.wav", take.audio.T, SAMPLE_RATE_HZ)
    done = uploads.cover(tmp_path / "song.wav", tmp_path / "out", "jazz")
    assert done.facts["is_instrumental"] and singing.UNSUNG in done.remarks
    assert "vocals" not in done.paths
    assert np.abs(load(done.paths["flac"])).max() > 0.1


def test_drums_alone_are_not_taken_for_a_singer(take: Take, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "drums.wav", take.stems["drums"].T, SAMPLE_RATE_HZ)
    done = uploads.stems(tmp_path / "drums.wav", tmp_path / "out")
    assert any("Hardly any singing" in remark for remark in done.remarks)
    with pytest.raises(SpecError, match="No singing"):
        uploads.mashup(tmp_path / "drums.wav", tmp_path / "drums.wav", tmp_path / "out")
