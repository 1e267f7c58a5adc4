"""Listening: tempo, bars, key, chords, form, pitch, words, on sound made here and on the engine's songs."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from studio.engine.analysis import (
    align,
    analyse,
    estimate_persona,
    hear_voice,
    is_voice_alone,
    load,
    notes_of_voice,
    shift,
    stretch,
    track_pitch,
)
from studio.engine.analysis.harmony import FoundChord, find_key, is_cut_loop
from studio.engine.analysis.melody import chords_for, key_of_notes
from studio.engine.analysis.onsets import find_onsets
from studio.engine.analysis.tempo import _is_hemiola, find_pulse
from studio.engine.audition import Take
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError
from studio.engine.takes import open_take
from tests.engine.conftest import Rendered
from tests.engine.songs import LAMP, sine

Mono = NDArray[np.float32]
FOUR_CHORDS = ((0, ""), (9, "m"), (5, ""), (7, ""))  # C Am F G


def hits(times_s: list[float], seconds: float, hz: float = 3000.0, decay: float = 60.0) -> Mono:
    """Short decaying bursts at exact times."""
    out = np.zeros(round(seconds * SAMPLE_RATE_HZ))
    t = np.arange(6000) / SAMPLE_RATE_HZ
    burst = np.sin(2 * np.pi * hz * t) * np.exp(-t * decay)
    for time in times_s:
        at = round(time * SAMPLE_RATE_HZ)
        part = out[at : at + 6000]
        part += burst[: len(part)]
    return out.astype(np.float32)


def tone(pitch: float, seconds: float, harmonics: int = 8) -> Mono:
    """A plucked note with overtones."""
    t = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    hz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(0.6 ** (n - 1) * np.sin(2 * np.pi * hz * n * t) for n in range(1, harmonics + 1))
    return (np.asarray(wave) * np.exp(-t * 1.2) * np.minimum(1.0, t / 0.005) * 0.1).astype(np.float32)


def band(bpm: float, bars: int, beats: int = 4, cents: float = 0.0, lead_s: float = 0.4) -> Mono:
    """Chords on bar lines with a bass, a low drum on the first beat and a click on every one."""
    beat = 60.0 / bpm
    length = lead_s + bars * beats * beat + 1.0
    out = 0.6 * hits([lead_s + i * beat for i in range(bars * beats)], length)
    out += 1.2 * hits([lead_s + i * beats * beat for i in range(bars)], length, 55.0, 14.0)
    for bar in range(bars):
        root, quality = FOUR_CHORDS[bar % 4]
        third = 3 if quality == "m" else 4
        at = round((lead_s + bar * beats * beat) * SAMPLE_RATE_HZ)
        for pitch in (36 + root, 60 + root % 12, 60 + (root + third) % 12, 60 + (root + 7) % 12):
            note = tone(pitch + cents / 100, beats * beat)
            out[at : at + len(note)] += note[: len(out) - at]
    return out


def singer(notes: list[tuple[float, float, float]], vibrato_cents: float = 0.0) -> Mono:
    """A voice-like sound of (start_s, end_s, MIDI pitch): overtones under three formants."""
    count = round((notes[-1][1] + 0.4) * SAMPLE_RATE_HZ)
    hz, level = np.zeros(count), np.zeros(count)
    for start, end, pitch in notes:
        a, b = round(start * SAMPLE_RATE_HZ), round(end * SAMPLE_RATE_HZ)
        t = np.arange(b - a) / SAMPLE_RATE_HZ
        bend = vibrato_cents / 1200 * np.sin(2 * np.pi * 5.5 * t) * np.clip((t - 0.15) * 6, 0, 1)
        hz[a:b] = 440 * 2 ** ((pitch - 69) / 12 + bend)
        level[a:b] = np.minimum(1.0, np.minimum(t / 0.03, (end - start - t) / 0.04))
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE_HZ
    out = np.zeros(count)
    for n in range(1, 30):
        gain = sum(1 / (1 + ((hz * n - f) / 60) ** 2) for f in (600.0, 1300.0, 2600.0)) + 0.03
        out += np.where(hz * n < 9000, gain / n**0.7 * np.sin(n * phase), 0.0)
    return (0.1 * out * level).astype(np.float32)


@pytest.mark.parametrize("bpm", [71.3, 97.5, 128.0, 163.9])
def test_steady_clicks_give_their_tempo_and_beats(bpm: float) -> None:
    times = [0.5 + i * 60.0 / bpm for i in range(60)]
    pulse = find_pulse(find_onsets(hits(times, times[-1] + 1.0)))
    assert pulse.is_steady
    assert min(abs(pulse.bpm / factor - bpm) for factor in (0.5, 1.0, 2.0)) < 0.05
    near = [np.abs(np.array(times) - beat).min() for beat in pulse.beats_s[2:-2]]
    if abs(pulse.bpm - bpm) < 1:
        assert max(near) < 0.012


def test_a_pulse_of_one_beat_and_a_half_is_not_found_for_three() -> None:
    repeats = np.zeros(2000)
    for beat, strength in ((1, 0.9), (2, 0.9), (3, 2.0)):
        repeats[40 * beat] = strength
    assert _is_hemiola(repeats, 100.0)
    # A bar of two such beats has something on each of them.
    repeats[60] = 1.0
    assert not _is_hemiola(repeats, 100.0)


def test_a_song_that_slows_down_is_not_called_steady() -> None:
    gaps = np.linspace(0.47, 0.56, 60)
    times = list(0.5 + np.concatenate([[0.0], np.cumsum(gaps)]))
    pulse = find_pulse(find_onsets(hits(times, times[-1] + 1.0)))
    assert not pulse.is_steady
    near = np.array([np.abs(np.array(times) - beat).min() for beat in pulse.beats_s])
    assert np.mean(near < 0.05) > 0.8


@pytest.mark.parametrize(("beats", "cents"), [(4, 0.0), (3, 0.0), (4, 32.0)])
def test_bars_key_and_chords_of_a_band(beats: int, cents: float) -> None:
    sound = band(112.0, 16, beats, cents)
    heard = analyse(np.stack([sound, sound]))
    assert abs(heard.bpm - 112.0) < 0.1
    assert heard.meter == f"{beats}/4"
    assert abs(heard.downbeats_s[0] - 0.4) < 0.03
    assert heard.key.name in ("C major", "A minor")
    assert abs(heard.tuning_cents - cents) < 6
    right = 0
    for bar in range(16):
        middle = 0.4 + (bar + 0.5) * beats * 60.0 / 112.0
        chord = next(c for c in heard.chords if c.start_s <= middle < c.end_s)
        root, quality = FOUR_CHORDS[bar % 4]
        right += chord.root == root and (3 in third_steps(chord)) == (quality == "m")
    assert right >= 15


def in_bars(*names: tuple[int, str]) -> tuple[FoundChord, ...]:
    return tuple(FoundChord(i * 2.0, i * 2.0 + 2.0, root, q, 0.5) for i, (root, q) in enumerate(names))


def test_a_loop_that_is_cut_off_is_at_home_where_it_begins() -> None:
    loop = ((7, ""), (2, ""), (4, "m"), (0, ""))  # G D Em C
    chords = in_bars(*loop * 4)
    wheel = np.array([[(pitch - chord.root) % 12 in (0, 4 - (chord.quality == "m"), 7) for pitch in range(12)]
                      for chord in chords], float)  # fmt: skip
    assert find_key(wheel, wheel, chords).name == "G major"
    assert is_cut_loop(chords)
    assert not is_cut_loop(in_bars(*loop * 4, loop[0]))
    assert not is_cut_loop(in_bars(*loop * 3, (0, ""), (2, ""), (4, "m"), (7, "")))


def test_a_voice_alone_is_told_from_a_song(take: Take) -> None:
    assert is_voice_alone(singer([(i * 0.6, i * 0.6 + 0.5, 57.0 + i % 5) for i in range(10)]))
    assert not is_voice_alone(take.audio)
    with pytest.raises(SpecError, match="more than a voice"):
        hear_voice(take.audio)


def third_steps(chord: FoundChord) -> set[int]:
    return {(tone_ - chord.root) % 12 for tone_ in chord.pitch_classes}


def test_the_engines_own_song_is_heard_as_it_was_written(rendered: Rendered) -> None:
    score = open_take(rendered.song.paths.flac.parent).score
    heard = analyse(load(rendered.song.paths.flac))
    assert min(abs(heard.bpm / factor - score.bpm) for factor in (0.5, 1.0, 2.0)) < 0.1
    beat = 60.0 / score.bpm
    roots = [
        next((c.root for c in heard.chords if c.start_s <= middle < c.end_s), -1) == chord.root
        for chord in score.chords
        if (middle := 0.06 + (chord.start_beat + chord.length_beats / 2) * beat)
    ]
    assert np.mean(roots) > 0.7
    bar = score.bar_beats * beat
    off = (heard.downbeats_s - 0.06 + bar / 2) % bar - bar / 2
    assert abs(np.median(off)) < 0.05


def test_sections_lie_on_bar_lines_and_cover_the_song(rendered: Rendered) -> None:
    heard = analyse(load(rendered.song.paths.flac))
    assert heard.sections[0][1] == 0.0
    assert heard.sections[-1][2] == pytest.approx(heard.duration_s, abs=0.01)
    for (_, _, end), (_, start, _) in zip(heard.sections[:-1], heard.sections[1:], strict=True):
        assert end == start
        assert np.abs(heard.downbeats_s - start).min() < 0.01


def test_analysing_twice_gives_the_same() -> None:
    sound = band(96.0, 6)
    one, two = (analyse(np.stack([sound, sound])) for _ in range(2))
    assert one.bpm == two.bpm and one.chords == two.chords and one.sections == two.sections


def test_silence_and_snippets_are_refused_with_figures() -> None:
    with pytest.raises(SpecError, match="silent"):
        analyse(np.zeros((2, 8 * SAMPLE_RATE_HZ), np.float32))
    with pytest.raises(SpecError, match=r"2\.0 seconds"):
        analyse(sine(440, 2.0))


def test_load_reads_any_rate_and_refuses_what_is_no_audio(tmp_path: Path) -> None:
    path = tmp_path / "mono.wav"
    wave = np.sin(2 * np.pi * 440 * np.arange(32_000) / 32_000)
    soundfile.write(path, wave, 32_000)
    sound = load(path)
    assert sound.shape == (2, SAMPLE_RATE_HZ) and sound.dtype == np.float32
    middle = sound[0, 10_000:30_000]
    assert np.abs(
        np.fft.rfft(middle * np.hanning(20_000))
    ).argmax() * SAMPLE_RATE_HZ / 20_000 == pytest.approx(440, abs=2)
    text = tmp_path / "song.mp3"
    text.write_text("not a song")
    with pytest.raises(SpecError, match=r"song\.mp3"):
        load(text)
    with pytest.raises(SpecError, match="no file"):
        load(tmp_path / "nothing.wav")


PITCHES = [57, 60, 64, 62, 62, 69, 74, 67, 52, 48]


def test_pitch_and_notes_of_a_voice() -> None:
    notes = [(0.3 + i * 0.6, 0.3 + i * 0.6 + 0.5, float(pitch)) for i, pitch in enumerate(PITCHES)]
    track = track_pitch(singer(notes, 30.0))
    for start, end, pitch in notes:
        inside = (track.times_s > start + 0.06) & (track.times_s < end - 0.06)
        assert track.voiced[inside].mean() > 0.95
        assert abs(np.median(track.midi[inside & track.voiced]) - pitch) < 0.1
    found = notes_of_voice(track)
    assert [note.pitch for note in found] == PITCHES
    assert max(abs(note.start_s - start) for note, (start, _, _) in zip(found, notes, strict=True)) < 0.05


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, SAMPLE_RATE_HZ * 2).astype(np.float32)
    assert track_pitch(noise).voiced.mean() < 0.2


def test_chords_for_a_tune_hold_its_long_notes() -> None:
    notes = [
        (i * 0.5, i * 0.5 + 0.46, float(p))
        for i, p in enumerate([60, 64, 67, 64, 69, 65, 60, 65, 67, 71, 74, 67, 72, 72, 64, 60] * 2)
    ]
    found = notes_of_voice(track_pitch(singer(notes)))
    assert key_of_notes(found).name == "C major"
    chords, fit = chords_for(found, np.arange(8) * 2.0, key_of_notes(found))
    assert [(c.root, c.quality) for c in chords[:4]] == [(0, ""), (5, ""), (7, ""), (0, "")]
    assert fit > 0.6
    heard, _ = hear_voice(singer(notes))
    assert min(abs(heard.bpm - x) for x in (120.0, 60.0)) < 0.3


@pytest.mark.parametrize("ratio", [0.8, 1.3])
def test_stretching_keeps_pitch_level_and_the_distance_of_the_sides(ratio: float) -> None:
    t = np.arange(SAMPLE_RATE_HZ * 3) / SAMPLE_RATE_HZ
    sound = np.stack([np.sin(2 * np.pi * 440 * t), 0.5 * np.sin(2 * np.pi * 440 * t + 0.7)]).astype(
        np.float32
    )
    longer = stretch(sound, ratio)
    assert longer.shape[1] == round(sound.shape[1] * ratio)
    middle = longer[:, SAMPLE_RATE_HZ // 2 : -SAMPLE_RATE_HZ // 2]
    turn = np.exp(-2j * np.pi * 440 * np.arange(middle.shape[1]) / SAMPLE_RATE_HZ)
    left, right = (np.dot(side, turn) for side in middle)
    assert abs(left) * 2 / middle.shape[1] == pytest.approx(1.0, abs=0.03)
    assert np.angle(right / left) == pytest.approx(0.7, abs=0.02)


def test_stretched_beats_stay_on_the_beat() -> None:
    sound = band(120.0, 8)
    slower = stretch(np.stack([sound, sound]), 1.2)
    assert abs(analyse(slower).bpm - 100.0) < 0.1


def test_shifting_moves_pitch_and_not_time() -> None:
    sound = sine(440, 2.0, 0.5)
    higher = shift(sound, 3)
    assert higher.shape == sound.shape
    part = higher[0, 20_000:60_000]
    hz = np.abs(np.fft.rfft(part * np.hanning(len(part)))).argmax() * SAMPLE_RATE_HZ / len(part)
    assert hz == pytest.approx(440 * 2 ** (3 / 12), abs=1.5)
    with pytest.raises(SpecError, match="24"):
        shift(sound, 30)
    with pytest.raises(SpecError, match="stretched"):
        stretch(sound, 9.0)


def test_known_words_are_timed_on_a_sung_stem(take: Take) -> None:
    words = align(take.stems["vocals"], LAMP)
    truth = take.performance.words
    assert [w.text.split()[-1] for w in words] == [w.text.split()[-1] for w in truth]
    off = np.abs([a.start_s - b.start_s for a, b in zip(words, truth, strict=True)])
    assert np.median(off) < 0.15
    assert all(a.start_s <= b.start_s for a, b in itertools.pairwise(words))


def test_words_without_a_voice_are_refused() -> None:
    with pytest.raises(SpecError, match="Only"):
        align(np.zeros((2, SAMPLE_RATE_HZ * 4), np.float32) + 1e-6, LAMP)


def scale(low: int, seconds: float = 0.9) -> list[tuple[float, float, float]]:
    return [
        (0.2 + i * (seconds + 0.1), 0.2 + i * (seconds + 0.1) + seconds, low + p)
        for i, p in enumerate((0, 2, 4, 5, 7, 9, 11, 12, 7, 4))
    ]


def test_a_likeness_has_the_singers_range_and_vibrato() -> None:
    low = estimate_persona(singer(scale(48), 0.0))
    high = estimate_persona(singer(scale(64), 40.0))
    assert (low.gender, high.gender) == ("m", "f")
    assert abs(low.low - 48) <= 1 and abs(low.high - 60) <= 1
    assert low.vibrato_cents < 5
    assert high.vibrato_cents == pytest.approx(40.0, abs=10)
    assert high.vibrato_hz == pytest.approx(5.5, abs=0.4)


def test_a_likeness_of_silence_noise_or_a_snippet_is_refused() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, SAMPLE_RATE_HZ * 9).astype(np.float32)
    with pytest.raises(SpecError, match="silent"):
        estimate_persona(np.zeros(SAMPLE_RATE_HZ * 9, np.float32))
    with pytest.raises(SpecError, match=r"seconds of singing|covered"):
        estimate_persona(noise)
    with pytest.raises(SpecError, match="seconds of singing"):
        estimate_persona(singer(scale(60)[:3]))
