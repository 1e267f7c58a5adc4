import json
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from studio.audio import loudness, peaks
from studio.audio.files import BrokenAudio
from studio.audio.peaks import PeakMeter, Peaks
from tests.audio import sounds


def blocks(samples: sounds.Samples, frames: int = 1000) -> list[sounds.Samples]:
    return [samples[start : start + frames] for start in range(0, len(samples), frames)]


def ramp(frames: int) -> sounds.Samples:
    """Left rises to +1, right falls to -0.5, so that every bucket has its own values."""
    up = np.linspace(0, 1, frames, dtype=np.float32)
    return np.stack([up, up * -0.5], axis=1)


def test_peaks_are_the_lowest_and_highest_of_all_channels() -> None:
    found = peaks.of_blocks(blocks(ramp(80_000)), buckets=8)
    assert found.data.dtype == np.int8
    assert found.data[:, 1] == pytest.approx(127 * np.arange(1, 9) / 8, abs=1)
    assert found.data[:, 0] == pytest.approx(-63.5 * np.arange(1, 9) / 8, abs=1)
    assert found.peak == pytest.approx(1)


@pytest.mark.parametrize("frames", [1, 15, 799, 801, 12_345, 700_001])
def test_peaks_have_their_number_of_buckets_at_any_length(frames: int) -> None:
    found = peaks.of_blocks(blocks(ramp(frames), 997))
    assert found.data.shape == (800, 2)
    assert (np.diff(found.data[:, 1].astype(int)) >= 0).all()


def test_a_long_clip_takes_no_more_memory_and_loses_no_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peaks, "_MAX_BINS", 64)
    samples = np.zeros((100_003, 1), dtype=np.float32)
    samples[[10, 50_000, 100_002]] = [[0.5], [-1.0], [0.25]]
    meter = PeakMeter()
    for block in blocks(samples, 777):
        meter.push(block)
    found = meter.result(8)
    assert meter._bins.shape == (2, 64)
    assert found.data[0, 1] == pytest.approx(64, abs=1)
    assert found.data[:, 0].min() == -127
    assert np.argmin(found.data[:, 0]) in (3, 4)
    assert found.data[7, 1] == pytest.approx(32, abs=1)


def test_blocks_of_any_size_give_the_same_peaks() -> None:
    samples = ramp(50_000) * np.sin(np.arange(50_000))[:, np.newaxis].astype(np.float32)
    one, many = (peaks.of_blocks(blocks(samples, size)).data for size in (50_000, 13))
    assert (one == many).all()


def test_a_quiet_clip_can_be_drawn_at_full_height() -> None:
    quiet = sounds.sine(level=0.01)
    plain, scaled = peaks.of_blocks([quiet]), peaks.of_blocks([quiet], normalise=True)
    assert (plain.is_normalised, plain.data.max()) == (False, 1)
    assert (scaled.is_normalised, scaled.data.max(), scaled.data.min()) == (True, 127, -127)
    assert scaled.peak == pytest.approx(0.01, rel=0.01)


def test_a_sample_that_clips_stays_inside_a_byte() -> None:
    found = peaks.of_blocks([sounds.sine(level=1.5)])
    assert (found.data.min(), found.data.max()) == (-128, 127)


def test_peaks_survive_being_stored() -> None:
    found = peaks.of_blocks([ramp(5000)], buckets=10, normalise=True)
    text = found.to_json()
    back = Peaks.from_json(text)
    assert (back.data == found.data).all()
    assert (back.is_normalised, back.peak) == (True, pytest.approx(found.peak, abs=1e-5))
    assert json.loads(text)["length"] == 10
    assert len(peaks.of_blocks([ramp(90_000)]).to_json()) < 8000


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"data":[1],"peak":1,"normalised":true}', '{"data":[900,1]}']
)
def test_what_are_no_stored_peaks_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Peaks.from_json(text)


def test_a_sketch_is_a_row_of_heights_up_to_100() -> None:
    heights = peaks.sketch(peaks.of_blocks([ramp(48_000) * 0.3]))
    assert len(heights) == 120
    assert heights == sorted(heights)
    assert (heights[0], heights[-1]) == (pytest.approx(1, abs=1), 100)
    assert peaks.sketch(peaks.of_blocks([np.zeros((100, 2), dtype=np.float32)])) == [0] * 120


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_full_scale_sine_in_one_channel_reads_minus_three(rate_hz: int) -> None:
    """The reference of BS.1770: 997 Hz at 0 dBFS in one front channel is -3.01 LKFS."""
    meter = loudness.LoudnessMeter(rate_hz, 1)
    meter.push(sounds.sine(997, seconds=5, level=1, channels=1, rate_hz=rate_hz))
    assert meter.integrated_lufs() == pytest.approx(-3.01, abs=0.02)


def test_loudness_agrees_with_pyloudnorm_on_a_clip_with_quiet_and_silent_parts() -> None:
    noise = np.random.default_rng(7).standard_normal((48_000 * 12, 2)).astype(np.float32) * 0.1
    noise[48_000 * 4 : 48_000 * 8] *= 0.01
    noise[48_000 * 8 : 48_000 * 10] = 0
    meter = loudness.LoudnessMeter(48_000, 2)
    for block in blocks(noise, 30_011):
        meter.push(block)
    reference = pyloudnorm.Meter(48_000, filter_class="DeMan").integrated_loudness(noise)
    assert meter.integrated_lufs() == pytest.approx(reference, abs=0.05)


def test_true_peak_sees_what_lies_between_the_samples() -> None:
    """A sine at a quarter of the rate, 45 degrees off, is sampled 3.01 dB below its crest."""
    at = np.arange(48_000)
    samples = np.sin(np.pi / 2 * at + np.pi / 4).astype(np.float32)[:, np.newaxis]
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-3.01, abs=0.01)
    meter = loudness.TruePeakMeter(1)
    for block in blocks(samples * np.hanning(48_000)[:, np.newaxis].astype(np.float32), 999):
        meter.push(block)
    assert meter.dbtp() == pytest.approx(0, abs=0.2)


def test_one_pass_finds_everything(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.flac", sounds.sine(997, seconds=4, level=0.5))
    found = loudness.measure(path, expected_duration_s=4)
    assert found.duration_s == pytest.approx(4, abs=0.1)
    assert (found.sample_rate_hz, found.channels) == (48_000, 2)
    assert found.loudness_lufs == pytest.approx(-6.02, abs=0.02)  # two channels at half scale
    assert found.true_peak_dbtp == pytest.approx(-6.02, abs=0.3)
    assert (found.peaks.data == peaks.measure(path).data).all()


def test_silence_has_no_loudness_and_no_peak(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", np.zeros((48_000, 2), dtype=np.float32))
    found = loudness.measure(path)
    assert (found.loudness_lufs, found.true_peak_dbtp, found.peaks.peak) == (None, None, 0)
    assert found.duration_s == 1


def test_a_moment_of_sound_has_a_peak_but_no_loudness(tmp_path: Path) -> None:
    found = loudness.measure(sounds.write(tmp_path / "a.wav", sounds.sine(seconds=0.2)))
    assert found.loudness_lufs is None
    assert found.true_peak_dbtp == pytest.approx(-6.02, abs=0.3)


def test_a_clip_shorter_than_the_provider_says_is_not_measured(tmp_path: Path) -> None:
    path = sounds.halve(sounds.write_mp3_without_length(tmp_path / "a.mp3", sounds.sine(seconds=4)))
    with pytest.raises(BrokenAudio, match="ends after"):
        loudness.measure(path, expected_duration_s=4)
