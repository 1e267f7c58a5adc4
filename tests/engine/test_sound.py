"""One short song, heard: level, peaks, silence, stems, balance. And the gates hear faults."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from studio.engine import Cancelled, SongSpec, audition, fx, quality, render, strip, vocals
from studio.engine.audition import Audio, Take
from studio.engine.balance import Balance
from studio.engine.cards import INSTRUMENTS
from studio.engine.chance import noise_source
from studio.engine.crew import Crew
from studio.engine.master import RIDE_DB, master, ride_of
from studio.engine.mastering import GAIN_BLOCK
from studio.engine.perform import TimedLine
from studio.engine.planning import write_score
from studio.engine.score import Note, Track
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.spill import Spill
from tests.engine.conftest import SHORT, Rendered
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
    assert -2.0 <= over_lu <= 0.0


def test_the_chorus_is_louder_than_the_verse(take: Take) -> None:
    lift_lu = audition.chorus_lift_lu(take)
    assert lift_lu is not None
    assert lift_lu >= 2.0


def test_neither_booming_nor_dull(take: Take) -> None:
    low, middle, presence, air = quality.band_levels_db(take.audio)
    assert -5.0 < low - middle < 6.0
    assert -14.0 < presence - middle < -1.0
    assert -25.0 < air - middle < -6.0


def test_the_voice_is_alone_in_its_stem(take: Take) -> None:
    """Where the lead rests for a while, its stem holds no more than the tail of its room."""
    words = [span for line in take.performance.lines if line.part == "lead" for span in _notes_s(line)]
    voice = take.stems["vocals"]
    sung = np.zeros(voice.shape[1], bool)
    for start_s, end_s in words:
        sung[round((start_s - 0.4) * SAMPLE_RATE_HZ) : round((end_s + 0.9) * SAMPLE_RATE_HZ)] = True
    loud, quiet = voice[:, sung], voice[:, ~sung]
    assert quiet.size
    assert np.mean(quiet**2) < 0.02 * np.mean(loud**2)


def _notes_s(line: TimedLine) -> list[tuple[float, float]]:
    return [(note.start_s, note.end_s) for note in line.notes]


def test_a_choir_of_the_bank_shares_the_stem_of_the_backing_singers() -> None:
    score = write_score(SHORT)
    backing = replace(score.vocals[0], part="harmony")
    pad = Track("pad", INSTRUMENTS["choir"], (Note(0.0, 16.0, 60, 80), Note(0.0, 16.0, 67, 80)))
    assert pad.instrument.stem == "backing vocals"
    tracks = (*(track for track in score.tracks if track.role == "drums"), pad)
    take = audition.hear(replace(score, tracks=tracks, vocals=(score.vocals[0], backing)))
    assert list(take.stems).count("backing vocals") == 1
    assert quality.stem_residual_db(take.audio, take.stems.values()) <= -90.0


def test_backing_singers_stay_behind(take: Take) -> None:
    power = {name: float(np.mean(audio**2)) for name, audio in take.stems.items()}
    assert power["backing vocals"] < 0.5 * power["vocals"]


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


# --- the tools of the mix -----------------------------------------------------------------------------


def band_power_db(audio: Audio, low_hz: float, high_hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(audio[0])) ** 2
    hz = np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE_HZ)
    return float(10 * np.log10(spectrum[(hz >= low_hz) & (hz < high_hz)].sum() + 1e-12))


def test_a_dull_voice_gets_air() -> None:
    noise = noise_source(1, "voice").normal(0, 0.1, (1, SAMPLE_RATE_HZ)).astype(np.float32)
    dull = fx.equalise(noise, [fx.low_pass(9000.0)] * 6)
    done = vocals.polish(dull.copy(), vocals.LEAD, Balance(), "lead")

    def lift_db(low_hz: float, high_hz: float) -> float:
        return band_power_db(done, low_hz, high_hz) - band_power_db(dull, low_hz, high_hz)

    assert lift_db(13_000, 16_000) > lift_db(1000, 2000) + 6.0


def test_hissing_consonants_are_tamed() -> None:
    vowel = sine(300.0, 1.0, 0.2)[:1]
    hiss = noise_source(2, "hiss").normal(0, 0.2, (1, SAMPLE_RATE_HZ)).astype(np.float32)
    hiss = fx.equalise(hiss, [fx.high_pass(6000.0)] * 2)
    voice = np.concatenate([vowel, hiss, vowel], axis=1)
    done = vocals.polish(voice.copy(), vocals.LEAD, Balance(), "lead")
    middle = slice(SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ)
    change_db = [
        10 * np.log10(np.mean(done[:, part] ** 2) / np.mean(voice[:, part] ** 2))
        for part in (middle, slice(0, SAMPLE_RATE_HZ))
    ]
    assert change_db[0] < change_db[1] - 2.0


def test_chords_make_room_only_while_somebody_sings() -> None:
    seconds = 4
    chord = sine(2500.0, seconds, 0.2)
    voiced = vocals.presence([(1.0, 2.0)], chord.shape[1])
    done = vocals.make_room(chord.copy(), voiced, 6.0)

    def level_db(at_s: float) -> float:
        part = slice(round(at_s * SAMPLE_RATE_HZ), round((at_s + 0.2) * SAMPLE_RATE_HZ))
        return float(10 * np.log10(np.mean(done[:, part] ** 2) / np.mean(chord[:, part] ** 2)))

    assert level_db(1.4) < -5.0
    assert abs(level_db(3.0)) < 0.1
    deep = vocals.make_room(sine(100.0, 2.0), vocals.presence([(0.0, 2.0)], 2 * SAMPLE_RATE_HZ), 6.0)
    assert np.abs(deep[:, SAMPLE_RATE_HZ:]).max() == pytest.approx(1.0, abs=0.05)


def test_the_gain_puts_the_voice_where_it_is_wanted() -> None:
    lead, band, choir = sine(400.0, 3.0, 0.3), sine(500.0, 3.0, 0.1), sine(700.0, 3.0, 0.08)
    gain = strip.gain_for(-1.0, lead, band, choir)
    stems = {"vocals": lead * np.float32(gain), "band": band, "choir": choir * np.float32(gain)}
    assert audition.lead_lu(stems) == pytest.approx(-1.0, abs=0.05)


def test_blocks_become_a_broken_line() -> None:
    curve = fx.spread(np.array([1.0, 3.0]), 200, 64)
    assert curve[:32] == pytest.approx(1.0)
    assert curve[64] == pytest.approx(2.0)
    assert curve[100:] == pytest.approx(3.0)
    assert fx.spread(np.array([0.5]), 10, 64) == pytest.approx(0.5)


def test_a_room_is_linear_and_as_long_as_its_send() -> None:
    one, two = sine(300.0, 3.0)[0], sine(1700.0, 3.0)[0]
    both = fx.reverberate(one + two, "plate")
    assert both.shape == (2, len(one))
    assert np.abs(both - fx.reverberate(one, "plate") - fx.reverberate(two, "plate")).max() < 1e-4
    click = np.zeros(3 * SAMPLE_RATE_HZ, np.float32)
    click[1000] = 1.0
    heard = fx.reverberate(click, "room")
    expected = fx.impulse("room")[:, : click.size - 1000]
    assert np.abs(heard[:, 1000 : 1000 + expected.shape[1]] - expected).max() < 1e-5


def test_a_crew_answers_in_the_order_of_the_work() -> None:
    def work(number: int) -> int:
        time.sleep(0.02 if number % 2 else 0.0)
        return number

    with Crew() as crew:
        assert list(crew.stream(partial(work, number) for number in range(9))) == list(range(9))


def test_a_crew_that_is_stopped_begins_nothing_new() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.3)

    def stop() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled), Crew(stop) as crew:
        list(crew.stream([partial(work, number) for number in range(50)]))
    assert len(begun) <= 4


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
    second = SAMPLE_RATE_HZ // GAIN_BLOCK
    assert 20 * np.log10(ride[6 * second] / ride[second]) == pytest.approx(RIDE_DB / 2, abs=0.1)
    assert np.abs(np.diff(ride)).max() < 0.01


def test_a_limiter_holds_its_ceiling_and_leaves_the_rest_alone() -> None:
    wave = np.full((1, 44_100), 0.2, np.float32)
    wave[0, 20_000], wave[0, -3] = 3.0, -2.0
    limited = fx.limit(wave.copy(), 0.5)
    assert float(np.abs(limited).max()) <= 0.5 + 1e-6
    assert np.array_equal(limited[:, :15_000], wave[:, :15_000])


def test_what_a_stem_spills_the_next_one_carries() -> None:
    loud, quiet = np.zeros((2, 100), np.float32), np.full((2, 100), -0.4, np.float32)
    loud[0, 7] = 1.2
    spill = Spill()
    fitted = [spill.fit(loud), spill.fit(quiet)]
    assert max(float(np.abs(stem).max()) for stem in fitted) < 1.0 and not spill
    assert float(np.abs(fitted[0]).max()) < 1.0
    assert np.allclose(fitted[0][0] + fitted[1][0], loud[0] + quiet[0], atol=1e-6)
    assert Spill().fit(quiet) is quiet
