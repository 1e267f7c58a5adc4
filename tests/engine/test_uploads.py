"""Edits of uploads, on a song of the engine treated as a stranger's recording."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine import uploads
from studio.engine.analysis import analyse, load
from studio.engine.analysis.separating import SIMPLE_WAY
from studio.engine.audition import Take
from studio.engine.spec import SAMPLE_RATE_HZ, Cancelled, EngineUnavailable, SpecError
from studio.engine.uploads import borrowing, grid, lengths, singing, tone
from studio.engine.uploads.work import facts_of
from tests.engine.conftest import Rendered
from tests.engine.songs import LAMP, sine

CONTRACT = (
    "extend", "cover", "remaster", "replace_section", "add_vocals", "add_instrumental", "sample", "mashup",
    "concat", "make_persona", "stems", "midi", "bpm", "vox", "wav", "timeline",
)  # fmt: skip
SHORT_WORDS = "[Verse 1]\nSomeone left the lamp on in the hall\nShadows of the garden climb the wall\n"


@pytest.fixture(autouse=True)
def no_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "no packs"))


@pytest.fixture(scope="module")
def song(rendered: Rendered) -> Path:
    return rendered.song.paths.flac


@pytest.fixture(scope="module")
def backing(take: Take, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The song without its voices."""
    path: Path = tmp_path_factory.mktemp("backing") / "backing_track.wav"
    stems = [stem for name, stem in take.stems.items() if "vocals" not in name]
    soundfile.write(path, sum(stems[1:], stems[0]).T, SAMPLE_RATE_HZ)
    return path


def test_every_operation_of_the_contract_is_here() -> None:
    assert all(callable(getattr(uploads, name)) for name in CONTRACT)


def test_bpm_reports_confidence_and_alternatives(song: Path, rendered: Rendered) -> None:
    facts = uploads.bpm(song).facts
    assert min(abs(facts["bpm"] / factor - rendered.song.bpm) for factor in (0.5, 1, 2)) < 0.1
    assert 0 < facts["bpm_confidence"] <= 1
    assert any(
        abs(bpm - 2 * facts["bpm"]) < 0.5 or abs(bpm - facts["bpm"] / 2) < 0.5
        for bpm, _ in facts["bpm_alternatives"]
    )
    json.dumps(facts)


def test_remastering_moves_tone_and_says_what_it_is(song: Path, tmp_path: Path) -> None:
    done = uploads.remaster(song, tmp_path, profile="hall", loudness=-12.0)
    assert any("mastering only" in remark for remark in done.remarks)
    assert done.loudness_lufs == pytest.approx(-12.0, abs=0.3)
    assert done.true_peak_dbtp is not None and done.true_peak_dbtp <= -1.0
    before, after = done.facts["before"], done.facts["after"]
    assert abs(after["air_db"] - -17.0) < abs(before["air_db"] - -17.0)
    with pytest.raises(SpecError, match="profile"):
        uploads.remaster(song, tmp_path, profile="loud")


def test_vocals_added_to_an_instrumental_sit_on_its_chords_and_beats(
    backing: Path, take: Take, tmp_path: Path
) -> None:
    done = uploads.add_vocals(backing, tmp_path, SHORT_WORDS, "rock, female vocals", 3)
    assert done.facts["strong_chord_tone_share"] >= 0.75
    assert [w.text.split()[-1] for w in done.timeline] == SHORT_WORDS.split()[2:]
    voice = load(done.paths["vocals"])
    for word in done.timeline[:4]:
        part = voice[:, round(word.start_s * SAMPLE_RATE_HZ) : round(word.end_s * SAMPLE_RATE_HZ)]
        assert np.abs(part).max() > 0.01
    assert load(done.paths["flac"]).shape[1] == load(backing).shape[1]


def test_an_extension_keeps_the_old_and_goes_on_in_time(song: Path, tmp_path: Path) -> None:
    old = load(song)
    done = uploads.extend(song, tmp_path, 12.0, tags="rock", duration_s=12.0)
    new = load(done.paths["flac"])
    cut = round(done.facts["continued_at_s"] * SAMPLE_RATE_HZ)
    kept, original = new[:, 4410 : cut - 4410], old[:, 4410 : cut - 4410]
    # The level was made even, by limiting at most.
    assert np.corrcoef(kept[0], original[0])[0, 1] > 0.995
    one, two = analyse(old), analyse(new)
    assert min(abs(two.bpm / factor - one.bpm) for factor in (0.5, 1, 2)) < 0.3
    assert two.duration_s > done.facts["continued_at_s"] + 10
    levels = [
        np.sqrt((new[:, a : a + 3 * SAMPLE_RATE_HZ] ** 2).mean())
        for a in (cut - 4 * SAMPLE_RATE_HZ, cut + SAMPLE_RATE_HZ)
    ]
    assert abs(20 * np.log10(levels[1] / levels[0])) < 9
    with pytest.raises(SpecError, match="outside"):
        uploads.extend(song, tmp_path, 999.0)


def test_only_the_window_is_made_anew(song: Path, tmp_path: Path) -> None:
    old = load(song)
    done = uploads.replace_section(song, tmp_path, 6.0, 11.0, tags="rock")
    new = load(done.paths["flac"])
    assert new.shape == old.shape
    start, end = (round(s * SAMPLE_RATE_HZ) for s in done.facts["replaced_s"])
    same = np.corrcoef(new[0, 4410 : start - 4410], old[0, 4410 : start - 4410])[0, 1]
    fresh = np.corrcoef(new[0, start:end], old[0, start:end])[0, 1]
    assert same > 0.995 and fresh < 0.6
    with pytest.raises(SpecError, match="whole bar"):
        uploads.replace_section(song, tmp_path, 6.0, 6.2)


def test_songs_are_joined_on_bar_lines(song: Path, backing: Path, tmp_path: Path) -> None:
    done = uploads.concat([song, backing], tmp_path)
    plan = grid.grid_of(analyse(load(song)))
    join = done.facts["joins_s"][0]
    assert min(abs(join + 60.0 / plan.bpm - plan.bar_s(bar)) for bar in range(plan.bars + 1)) < 0.02
    assert done.duration_s > 1.6 * load(song).shape[1] / SAMPLE_RATE_HZ
    with pytest.raises(SpecError, match="two"):
        uploads.concat([song], tmp_path)


def test_an_entry_without_an_upbeat_leaves_no_hole_before_the_bar_line() -> None:
    beat = SAMPLE_RATE_HZ // 2
    old, tone_ = sine(220, 2.0, 0.3), sine(330, 2.0, 0.3)
    late = np.concatenate([np.zeros((2, beat), np.float32), tone_], axis=1)
    for part, least in ((late, 0.9), (tone_, 0.5)):
        joined = lengths._entered(old, part, beat)
        line = old.shape[1]
        before = np.sqrt((joined[:, line - 6000 : line - 2000] ** 2).mean())
        assert before > least * np.sqrt((old**2).mean())
        assert joined.shape[1] == old.shape[1] + part.shape[1] - beat
        assert np.abs(np.diff(joined)).max() < 0.05


def test_a_sampled_loop_repeats_at_the_new_tempo(song: Path, rendered: Rendered, tmp_path: Path) -> None:
    wanted = round(rendered.song.bpm * 0.92)
    done = uploads.sample(song, tmp_path, 3.2, 6.4, tags=f"hip-hop, {wanted} bpm", duration_s=12.0)
    assert done.facts["bpm"] in (wanted, wanted / 2)
    loop = load(done.paths["sample"])[0]
    bar_s = done.facts["loop_bars"] * 4 * 60.0 / done.facts["bpm"]
    step = round(bar_s * SAMPLE_RATE_HZ)
    first, second = loop[8000 : step - 8000], loop[8000 + step : 2 * step - 8000]
    assert np.corrcoef(first, second)[0, 1] > 0.95
    with pytest.raises(SpecError, match="too far"):
        uploads.sample(song, tmp_path, tags="hip-hop, 108 bpm")


def test_a_voice_alone_gets_a_band_in_its_tempo(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    soundfile.write(path, take.stems["vocals"].T, SAMPLE_RATE_HZ)
    done = uploads.add_instrumental(path, tmp_path / "out", "folk")
    heard = done.facts["source"]
    assert min(abs(heard["bpm"] / factor - take.score.bpm) for factor in (0.5, 1, 2)) < 0.5
    assert any("invented" in remark for remark in done.remarks)
    assert np.abs(load(done.paths["accompaniment"])).max() > 0.05


def test_a_cover_of_a_voice_alone_needs_no_pack(tmp_path: Path) -> None:
    t = np.arange(8 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    hz = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 5, 4, 2] * 2)[(t * 2).astype(int)] / 12)
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE_HZ
    wave = sum(np.sin(n * phase) / n for n in range(1, 9)) * np.minimum(1, (t * 2 % 1) * 20) * 0.2
    soundfile.write(tmp_path / "voice.wav", wave, SAMPLE_RATE_HZ)
    stages: list[str] = []
    with pytest.raises(Cancelled):
        uploads.cover(
            tmp_path / "voice.wav", tmp_path / "out", "folk", on_stage=lambda name, _: stages.append(name),
            is_cancelled=lambda: "composing" in stages,
        )  # fmt: skip
    assert stages[-1] == "composing"


def test_what_needs_a_pack_says_so_and_writes_nothing(song: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"manage\.py packs add transcription"):
        uploads.midi(song, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["stems", "vox", "mashup"])
def test_voices_are_taken_out_without_a_pack_and_that_is_said(name: str, song: Path, tmp_path: Path) -> None:
    inputs = (song, song) if name == "mashup" else (song,)
    done = getattr(uploads, name)(*inputs, tmp_path / "out")
    assert SIMPLE_WAY in done.remarks
    assert np.abs(load(done.paths["vocals"])).max() > 0.05
    if name == "stems":
        whole = load(done.paths["vocals"]) + load(done.paths["accompaniment"])
        assert np.abs(whole - load(song)).max() < 1e-5


def test_twelve_stems_are_refused_with_the_reason(song: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="2 stems"):
        uploads.stems(song, tmp_path, 12)


def test_a_timeline_without_words_needs_recognition(song: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="recognition"):
        uploads.timeline(song, tmp_path)


def test_given_words_are_timed_in_order(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    soundfile.write(path, take.stems["vocals"].T, SAMPLE_RATE_HZ)
    done = uploads.timeline(path, tmp_path / "out", LAMP)
    rows = json.loads(done.paths["timeline"].read_text())
    assert (
        "".join(row["word"] for row in rows).split()
        == "".join(w.text for w in take.performance.words).split()
    )
    assert any("estimate" in remark for remark in done.remarks)


def test_a_wav_keeps_the_recordings_own_rate(tmp_path: Path) -> None:
    source = tmp_path / "low.flac"
    soundfile.write(source, sine(440, 1.0)[0][::2], 22_050)
    done = uploads.wav(source, tmp_path / "out")
    facts = soundfile.info(done.paths["wav"])
    assert (facts.samplerate, facts.channels, facts.subtype) == (22_050, 1, "PCM_24")
    (tmp_path / "bad.wav").write_text("no")
    with pytest.raises(SpecError, match=r"bad\.wav"):
        uploads.wav(tmp_path / "bad.wav", tmp_path / "out")


def test_cancelling_leaves_nothing(song: Path, tmp_path: Path) -> None:
    asked = iter([False] * 4 + [True] * 99)
    with pytest.raises(Cancelled):
        uploads.extend(song, tmp_path / "out", 12.0, is_cancelled=lambda: next(asked))
    assert not (tmp_path / "out").exists()


def test_keys_and_tempi_too_far_apart_make_no_mashup(song: Path) -> None:
    assert borrowing._tempo_match(100.0, 96.0)[0] == 1.0
    assert borrowing._tempo_match(75.0, 150.0) == (2.0, 1.0)
    with pytest.raises(SpecError, match="too far apart"):
        borrowing._tempo_match(100.0, 141.0)


def test_chords_become_beats_without_gaps(song: Path) -> None:
    heard = analyse(load(song))
    plan = grid.grid_of(heard)
    chords = grid.chords_of(heard, plan)
    assert chords[0].start_beat == 0 and chords[-1].end_beat == plan.bars * plan.bar_beats
    assert all(a.end_beat == b.start_beat for a, b in itertools.pairwise(chords))
    sections = grid.sections_of(heard, plan)
    assert sections[0].start_beat == 0 and sections[-1].end_beat == plan.bars * plan.bar_beats
    assert facts_of(heard)["key"] == heard.key.name


def test_matching_brings_a_spectrum_nearer(song: Path) -> None:
    sound = load(song)
    dull = tone.equalised(sound, np.linspace(3, -6, len(tone.CENTRES_HZ)))
    wanted = tone.spectrum_db(sound)

    def gap(audio: np.ndarray) -> float:
        off = (tone.spectrum_db(audio) - wanted)[4:24]
        return float(np.abs(off - np.median(off)).mean())

    assert gap(tone.matched(dull, wanted)) < 0.6 * gap(dull)


def test_a_voice_is_set_against_what_it_is_heard_over() -> None:
    quiet, loud = sine(300, 3.0, 0.01), sine(440, 3.0, 0.3)
    level = np.abs(singing.over(quiet, loud, 0.0)).max()
    assert 0.15 < level < 0.5
