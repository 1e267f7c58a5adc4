"""One short song, heard: level, peaks, silence, stems, balance. And the gates hear faults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from studio.engine import SongSpec, audition, quality, render
from studio.engine.audition import Audio, Take
from studio.engine.master import RIDE_DB, master, ride_of
from studio.engine.pipeline import write_score
from studio.engine.spec import SAMPLE_RATE_HZ
from tests.engine.conftest import Rendered
from tests.engine.songs import sine


def heard(path: object) -> Audio:
    """A file as float32 (2, samples)."""
    audio, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == SAMPLE_RATE_HZ
    return np.ascontiguousarray(audio.T)


@pytest.mark.parametrize("file", ["flac", "mp3"])
def test_the_files_are_as_loud_as_the_studio_wants(rendered: Rendered, file: str) -> None:
    audio = heard(getattr(rendered.song.paths, file))
    assert pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(audio.T) == pytest.approx(-14.0, abs=0.3)
    assert quality.true_peak_dbtp(audio) <= -1.0
    assert quality.clipped_samples(audio) == 0
    assert quality.dc_offset(audio) < 0.001


def test_the_song_says_how_loud_it_is(rendered: Rendered) -> None:
    audio = heard(rendered.song.paths.flac)
    assert rendered.song.loudness_lufs == pytest.approx(quality.loudness(audio), abs=0.02)
    assert rendered.song.true_peak_dbtp == pytest.approx(quality.true_peak_dbtp(audio), abs=0.02)
    assert rendered.song.duration_s == pytest.approx(audio.shape[1] / SAMPLE_RATE_HZ, abs=0.01)


def test_the_music_never_stops_inside(rendered: Rendered) -> None:
    end_s = rendered.song.sections[-1][2]
    assert quality.longest_silence_s(heard(rendered.song.paths.flac), end_s) <= 1.0


def test_the_end_dies_away_without_a_click(rendered: Rendered) -> None:
    audio = heard(rendered.song.paths.flac)
    assert np.abs(audio[:, -50:]).max() < 0.001
    assert np.abs(audio[:, :5]).max() < 0.01


def test_the_stems_sum_to_the_mix(take: Take) -> None:
    assert {"vocals", "drums", "bass", "guitar"} <= set(take.stems)
    assert quality.stem_residual_db(take.audio, take.stems.values()) <= -90.0


def test_a_missing_stem_is_heard(take: Take) -> None:
    rest = [audio for name, audio in take.stems.items() if name != "bass"]
    assert quality.stem_residual_db(take.audio, rest) > -40.0


def test_every_stem_sounds(take: Take) -> None:
    for name, audio in take.stems.items():
        assert np.abs(audio).max() > 0.005, name
        assert np.isfinite(audio).all(), name


def test_the_tune_stands_in_front_of_the_band(take: Take) -> None:
    over_lu = audition.lead_lu(take.stems)
    assert over_lu is not None
    assert -4.0 <= over_lu <= 0.0


def test_the_chorus_is_louder_than_the_verse(take: Take) -> None:
    lift_lu = audition.chorus_lift_lu(take)
    assert lift_lu is not None
    assert lift_lu >= 2.0


def test_neither_booming_nor_dull(take: Take) -> None:
    low, middle, presence, air = quality.band_levels_db(take.audio)
    assert -5.0 < low - middle < 6.0
    assert -14.0 < presence - middle < -1.0
    assert -25.0 < air - middle < -6.0


def test_the_same_request_gives_the_same_samples(rendered: Rendered, tmp_path: Path) -> None:
    again = render(rendered.spec, tmp_path)
    first, second = (soundfile.read(song.paths.flac, dtype="int32")[0] for song in (rendered.song, again))
    assert np.array_equal(first, second)
    assert again.paths.mp3.read_bytes() == rendered.song.paths.mp3.read_bytes()


def test_the_take_in_memory_is_the_take_of_the_files(take: Take, rendered: Rendered) -> None:
    assert np.abs(heard(rendered.song.paths.flac) - take.audio).max() < 1e-5


def test_another_seed_sounds_different(rendered: Rendered) -> None:
    spec = rendered.spec
    other = SongSpec(lyrics=spec.lyrics, tags=spec.tags, duration_s=spec.duration_s, seed=spec.seed + 1)
    assert quality.melody_overlap(write_score(spec), write_score(other)) < 0.6


# --- the gates themselves ----------------------------------------------------------------------------


def test_a_full_scale_tone_reads_as_the_standard_says() -> None:
    # 997 Hz at full scale in one channel is -3.01 LUFS, in two 3.01 LU more.
    assert quality.loudness(sine(997.0, 4.0)) == pytest.approx(0.0, abs=0.05)
    assert quality.loudness(sine(997.0, 4.0, 0.1)) == pytest.approx(-20.0, abs=0.05)


def test_peaks_between_the_samples_are_seen() -> None:
    # A quarter of the rate, started at 45 degrees, has all its samples 3 dB under its peak.
    step = np.arange(20_000) * np.pi / 2 + np.pi / 4
    wave = np.sin(step).astype(np.float32)
    assert np.abs(wave).max() < 0.71
    assert quality.true_peak_dbtp(np.stack([wave, wave])) > -0.6


def test_silence_is_measured_where_it_is() -> None:
    audio = sine(440.0, 6.0, 0.5)
    audio[:, 2 * SAMPLE_RATE_HZ : 4 * SAMPLE_RATE_HZ] = 0
    assert quality.longest_silence_s(audio, 6.0) == pytest.approx(2.0, abs=0.11)
    assert quality.longest_silence_s(audio, 1.9) == 0.0


def test_clipping_and_direct_current_are_seen() -> None:
    assert quality.clipped_samples(sine(440.0, 0.5, 2.0).clip(-1, 1)) > 1000
    assert quality.dc_offset(sine(440.0, 0.5, 0.2) + np.float32(0.1)) == pytest.approx(0.1, abs=0.001)


def test_bands_hold_what_lies_in_them() -> None:
    low, *others = quality.band_levels_db(sine(120.0, 2.0))
    assert max(others) < low - 40.0


def test_the_master_is_one_equaliser_and_one_gain_for_all() -> None:
    """Linear: what a part becomes does not depend on how the sum was divided."""
    low, high = sine(110.0, 3.0, 0.2), sine(1760.0, 3.0, 0.1)
    done = master(low + high, "pop")
    parts = done.mastering.apply(low) + done.mastering.apply(high)
    assert np.abs(parts - done.audio).max() < 1e-5


def test_the_fader_goes_up_into_the_chorus() -> None:
    ride = ride_of([(4.0, 0.5), (8.0, 1.0)], 8 * SAMPLE_RATE_HZ)
    assert 20 * np.log10(ride[6 * SAMPLE_RATE_HZ] / ride[SAMPLE_RATE_HZ]) == pytest.approx(
        RIDE_DB / 2, abs=0.1
    )
    assert np.abs(np.diff(ride)).max() < 0.001
