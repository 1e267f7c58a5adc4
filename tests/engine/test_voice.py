"""The singing voice: phones where they belong, notes in tune, the same sound every time."""

from __future__ import annotations

import json
import time
import zipfile
from dataclasses import replace
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.engine import assets, voice
from studio.engine.lyrics.syllables import syllables
from studio.engine.perform import Played, TimedLine, TimedSyllable
from studio.engine.persona import Persona
from studio.engine.quality.pitch import track_pitch
from studio.engine.quality.singing import VOWELS, Breath, tuning
from studio.engine.spec import SAMPLE_RATE_HZ, EngineUnavailable, SpecError
from studio.engine.voice import net, surgery
from studio.engine.voice.open import open_frames
from studio.engine.voice.personas import PERSONAS

CLARA, MILO, FLINT = PERSONAS["clara"], PERSONAS["milo"], PERSONAS["flint"]
Mono = NDArray[np.float32]


def sung(text: str, pitches: list[int], *, length_s: float = 0.5, start_s: float = 0.5) -> TimedLine:
    """Words on notes of equal length, one for each syllable; the pitches repeat when they run out."""
    words, at = [], start_s
    heights = cycle(pitches)
    for word in text.split():
        parts = []
        for syllable in syllables(word):
            note = Played(at, at + length_s, next(heights), 80)
            parts.append(TimedSyllable(syllable.phones, syllable.stress, (note,)))
            at += length_s
        words.append(tuple(parts))
    return TimedLine(0, "lead", tuple(words))


def spelled(*phones: str, length_s: float = 0.4, pitch: int = 62, start_s: float = 0.5) -> TimedLine:
    """One word for each phone string."""
    words = tuple(
        (
            TimedSyllable(
                text, 0.5, (Played(start_s + n * length_s, start_s + (n + 1) * length_s, pitch, 80),)
            ),
        )
        for n, text in enumerate(phones)
    )
    return TimedLine(0, "lead", words)


def heard(line: TimedLine, persona: Persona = CLARA, seed: int = 3) -> tuple[voice.PlacedLine, Mono]:
    placed = voice.place(line, persona, seed=seed)
    samples = round((placed.end_s + 0.5) * SAMPLE_RATE_HZ)
    return placed, voice.sing([placed], persona, samples, seed=seed)


def level_db(sound: Mono, start_s: float, end_s: float) -> float:
    part = sound[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
    return float(20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9))


# ---------------------------------------------------------------- placing


def test_vowels_begin_on_their_notes_and_consonants_before() -> None:
    line = sung("bright stars above", [60, 62, 64, 65])
    placed = voice.place(line, CLARA, seed=1)
    nuclei = [phone for phone in placed.phones if phone.role == "nucleus"]
    assert [phone.start_s for phone in nuclei] == pytest.approx([note.start_s for note in line.notes])
    onset = [phone for phone in placed.phones if phone.role == "onset" and phone.syllable == 0]
    assert "".join(phone.symbol for phone in onset) == "bɹ"
    assert onset[-1].end_s == pytest.approx(0.5)
    assert 0.06 < 0.5 - onset[0].start_s < 0.3


def test_phones_never_overlap_and_words_span_them() -> None:
    placed = voice.place(sung("strengths and texts splash over", [60] * 5, length_s=0.08), CLARA, seed=1)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(placed.phones))
    assert all(phone.end_s > phone.start_s for phone in placed.phones)
    for number, (start_s, end_s) in enumerate(placed.words):
        mine = [phone for phone in placed.phones if phone.word == number]
        assert (start_s, end_s) == (mine[0].start_s, mine[-1].end_s)


def test_a_crowded_vowel_keeps_its_share_of_the_slot() -> None:
    placed = voice.place(spelled("stɹˈɛŋθs", "splˈæʃt", "skɹˈæpt", length_s=0.2), CLARA, seed=1)
    first = next(phone for phone in placed.phones if phone.role == "nucleus")
    assert first.end_s - first.start_s == pytest.approx(0.45 * 0.2, abs=0.002)


def test_consonants_wait_for_the_line_before() -> None:
    line = sung("stray", [60], start_s=1.0)
    assert voice.place(line, CLARA, seed=1, after_s=0.97).start_s >= 0.97
    assert voice.place(line, CLARA, seed=1).start_s < 0.9
    at_once = voice.place(sung("stray", [60], start_s=0.0), CLARA, seed=1)
    assert at_once.start_s >= 0.0
    assert all(phone.end_s - phone.start_s > 0.005 for phone in at_once.phones)


def test_a_rest_stays_a_rest() -> None:
    words = (
        (TimedSyllable("nˈO", 0.8, (Played(0.5, 1.0, 60, 80),)),),
        (TimedSyllable("sˈAl", 0.8, (Played(3.0, 3.6, 60, 80),)),),
    )
    placed, sound = heard(TimedLine(0, "lead", words))
    assert placed.words[0][1] < 1.1
    assert level_db(sound, 1.4, 2.2) < -80.0
    # A soft breath before the second phrase, well below the voice.
    assert -70.0 < level_db(sound, 2.4, 2.75) < -35.0


def test_bad_lines_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="without phones"):
        voice.place(spelled(""), CLARA, seed=1)
    with pytest.raises(ValueError, match="does not know the sound"):
        voice.place(spelled("4ˈA"), CLARA, seed=1)
    with pytest.raises(ValueError, match="needs words"):
        voice.place(TimedLine(0, "lead", ()), CLARA, seed=1)
    with pytest.raises(ValueError, match="without a note"):
        voice.place(TimedLine(0, "lead", ((TimedSyllable("lˈɑ", 1.0, ()),),)), CLARA, seed=1)


# ---------------------------------------------------------------- singing


@pytest.mark.parametrize(("text", "vowel"), [("my guitar", 1), ("missing you", 0)])
def test_a_vowel_does_not_turn_into_the_hiss_that_follows(text: str, vowel: int) -> None:
    placed, sound = heard(sung(text, [62, 64], length_s=0.3))
    phone = [phone for phone in placed.phones if phone.role == "nucleus"][vowel]
    first_s = phone.start_s + 0.4 * (phone.end_s - phone.start_s)
    part = sound[round(first_s * SAMPLE_RATE_HZ) : round((phone.end_s - 0.025) * SAMPLE_RATE_HZ)]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
    at_hz = np.fft.rfftfreq(len(part), 1 / SAMPLE_RATE_HZ)
    assert power[at_hz < 1500].sum() > 10 * power[at_hz > 3500].sum()


def test_a_vowel_is_open_until_it_hisses_for_good() -> None:
    voice_db = np.full(20, 40.0)
    hiss_db = np.full(20, 12.0)
    assert open_frames(voice_db, hiss_db) == 20
    hiss_db[17:] = 38.0  # as the last frames of any vowel before s
    assert open_frames(voice_db, hiss_db) == 20
    hiss_db[9:] = 38.0
    assert open_frames(voice_db, hiss_db) == 9
    assert open_frames(np.full(20, -5.0), np.full(20, 35.0)) == 0
    # A closure before p is no hiss.
    voice_db[12:], hiss_db[:] = -5.0, 5.0
    assert open_frames(voice_db, hiss_db) == 20


@pytest.mark.parametrize(("persona", "shift"), [(CLARA, 0), (MILO, -12), (PERSONAS["pip"], 3)])
def test_the_voice_is_in_tune_and_on_time(persona: Persona, shift: int) -> None:
    pitches = [p + shift for p in (60, 64, 67, 65, 62, 69, 72, 67, 64, 60)]
    line = sung("every window holds another morning song", pitches, length_s=0.45)
    placed, sound = heard(line, persona)
    vowels = tuple((p.start_s, p.end_s) for p in placed.phones if set(p.symbol) & VOWELS)
    found = tuning(track_pitch(sound), [Breath(line.notes, vowels)])
    assert found.median_cents <= 8.0
    assert found.p90_cents <= 40.0
    assert found.coverage >= 0.9
    assert abs(found.median_lag_s) <= 0.025


def test_long_vowels_hold_and_live() -> None:
    _, sound = heard(spelled("lˈʌv", length_s=10.0))
    seconds = [level_db(sound, t, t + 0.25) for t in np.arange(1.0, 10.0, 0.25)]
    assert min(seconds) > max(seconds) - 6.0
    track = track_pitch(sound)
    inside = (track.times_s > 1.5) & (track.times_s < 9.5)
    assert np.isfinite(track.hz[inside]).mean() > 0.98
    assert 8.0 < np.nanstd(track.midi[inside]) * 100 < 45.0


def test_melismas_change_pitch_inside_a_vowel() -> None:
    notes = (Played(0.5, 1.0, 60, 80), Played(1.0, 1.5, 67, 80), Played(1.5, 2.2, 64, 80))
    _, sound = heard(TimedLine(0, "lead", ((TimedSyllable("ˈO", 1.0, notes),),)))
    track = track_pitch(sound)
    for note in notes:
        inside = (track.times_s > note.start_s + 0.1) & (track.times_s < note.end_s - 0.1)
        assert np.nanmedian(track.midi[inside]) == pytest.approx(note.pitch, abs=0.25)


@pytest.mark.parametrize(
    "line",
    [
        spelled("m"),
        spelled("ʃ", length_s=2.0),
        spelled("hm", "k", "psst"),
        spelled("ɲˈo", "ʎˈa", "ʁˈø", "xˈɛː", "pɔ̃"),
        spelled("stɹˈɛŋθs", length_s=0.02),
        spelled(*["stɹˈɛŋθs", "ðə"] * 8, length_s=0.07),
        spelled("lˈɑ", pitch=100),
        spelled("lˈɑ", pitch=24),
        spelled(*["lˈɑ"] * 150, length_s=0.1),
    ],
    ids=["mm", "shh", "no vowels", "foreign", "tiny", "fast", "high", "low", "endless"],
)
def test_odd_lines_are_sung(line: TimedLine) -> None:
    placed, sound = heard(line)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 1.0
    assert level_db(sound, placed.start_s, placed.end_s) > -30.0


def test_vowels_have_the_promised_level() -> None:
    placed, sound = heard(sung("golden fields are waiting", [60, 62, 64, 62, 60, 59]), MILO)
    vowels = [p for p in placed.phones if p.role == "nucleus"]
    assert np.mean([level_db(sound, p.start_s, p.end_s) for p in vowels]) == pytest.approx(-20.0, abs=2.0)


def test_a_singer_repeats_exactly_and_lines_do_not_touch_each_other() -> None:
    from studio.engine.voice import sing

    first = voice.place(sung("hold my hand", [60, 62, 64]), CLARA, seed=1)
    second = voice.place(sung("until morning", [65, 64, 62, 60], start_s=4.0), CLARA, seed=1, after_s=2.1)
    samples = 7 * SAMPLE_RATE_HZ
    both = voice.sing([first, second], CLARA, samples, seed=1)
    sing.__globals__["_sung"].cache_clear()
    assert np.array_equal(both, voice.sing([first, second], CLARA, samples, seed=1))
    alone = voice.sing([second], CLARA, samples, seed=1)
    assert np.array_equal(both[3 * SAMPLE_RATE_HZ :], alone[3 * SAMPLE_RATE_HZ :])
    assert not np.array_equal(alone, voice.sing([second], CLARA, samples, seed=2))


def test_on_step_hears_progress_and_may_stop_the_singing() -> None:
    line = voice.place(sung("hold", [60]), CLARA, seed=1)
    shares: list[float] = []
    voice.sing([line, line], CLARA, 100, seed=1, on_step=shares.append)
    assert shares == [0.5, 1.0]

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        voice.sing([line], CLARA, 100, seed=1, on_step=stop)


def test_rap_speaks_at_the_height_of_its_notes() -> None:
    line = sung("turn the music louder one more time", [50] * 9, length_s=0.22)
    placed, sound = heard(line, FLINT)
    midi = track_pitch(sound).midi
    spoken = midi[np.isfinite(midi)]
    assert np.median(spoken) == pytest.approx(50.0, abs=2.5)
    assert np.percentile(spoken, 90) - np.percentile(spoken, 10) > 2.0
    assert placed.phones[-1].end_s == pytest.approx(line.notes[-1].end_s, abs=0.15)


def test_singing_is_fast() -> None:
    line = sung("every window holds another morning song", [60, 64, 67, 65, 62, 69, 72, 67, 64, 60])
    heard(line)
    began = time.process_time()
    placed, _ = heard(line, seed=4)
    # Many times faster than real time even on a busy machine; about a hundredth when it is free.
    assert time.process_time() - began < 0.06 * (placed.end_s - placed.start_s)


# ---------------------------------------------------------------- personas


def test_there_are_enough_singers() -> None:
    for gender in "fm":
        singers = [p for p in PERSONAS.values() if p.gender == gender and not p.is_rap]
        assert len(singers) >= 4
    assert len({replace(p, name="") for p in PERSONAS.values()}) == len(PERSONAS)


@pytest.mark.parametrize(
    ("gender", "tags", "is_rap", "wanted"),
    [
        ("f", "rock, raspy vocals", False, "Roxy"),
        ("m", "deep voice, pop", False, "Silas"),
        ("", "female vocals, airy, dreamy", False, "Willow"),
        ("", "male vocals, opera", False, "Dante"),
        ("", "whispered, girl", False, "Hush"),
        ("m", "hip-hop", True, "Flint"),
        ("female", "boom bap", True, "Jade"),
    ],
)
def test_tags_choose_the_singer(gender: str, tags: str, is_rap: bool, wanted: str) -> None:
    chosen = voice.choose_persona(gender=gender, tags=tags, name="", language="en", is_rap=is_rap, seed=1)
    assert chosen.name == wanted


def test_names_choose_too_and_unknown_ones_are_refused() -> None:
    chosen = voice.choose_persona(gender="m", tags="", name=" clara ", language="es", is_rap=False, seed=1)
    assert (chosen.name, chosen.language) == ("Clara", "es")
    with pytest.raises(SpecError, match=r"Choose one of: .*Milo"):
        voice.choose_persona(gender="", tags="", name="Nobody", language="en", is_rap=False, seed=1)


def test_a_missing_bank_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKS_DIR", str(tmp_path))
    stranger = replace(CLARA, bank="kokoro")
    with pytest.raises(EngineUnavailable, match="voices"):
        voice.place(sung("hold", [60]), stranger, seed=1)


def test_variants_are_kin_and_not_the_same() -> None:
    assert voice.variant_of(CLARA, 0) == CLARA
    first, second = voice.variant_of(CLARA, 1), voice.variant_of(CLARA, 2)
    assert first != second
    assert first == voice.variant_of(CLARA, 1)
    assert abs(first.warp / CLARA.warp - 1.0) < 0.05


# ---------------------------------------------------------------- assets


def test_a_replaced_net_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    net.session.cache_clear()
    monkeypatch.setitem(assets.SHA256, "voice/spectra.onnx", "0" * 64)
    try:
        with pytest.raises(EngineUnavailable, match="damaged or was replaced"):
            net.session("spectra")
    finally:
        net.session.cache_clear()


def test_surgery_refuses_a_net_it_does_not_know(tmp_path: Path) -> None:
    wheel = tmp_path / "hibari.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(surgery.MODEL, b"another net")
        archive.writestr(surgery.VOCABULARY, json.dumps({}))
    with pytest.raises(ValueError, match=r"use the wheel of hibari-tts 0\.2\.1"):
        surgery.cut(wheel, tmp_path / "out")
    assert not (tmp_path / "out").exists()
