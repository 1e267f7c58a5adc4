"""The gates themselves, and a short part of them that every change has to pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random

import numpy as np
import pytest

from studio.engine import SongSpec
from studio.engine.gates import fuzz, one, runner, table, together
from studio.engine.gates.__main__ import chosen, main, parser
from studio.engine.gates.cases import LYRICS_FOLDER, STYLES, Case, make_cases
from studio.engine.gates.demands import DEMANDS, failures, judge
from studio.engine.gates.genre import accuracy, note_features
from studio.engine.gates.odd import odd_spec
from studio.engine.gates.recognise import can_recognise, chunks_of
from studio.engine.pipeline import write_score
from studio.engine.quality.words import spoken_words
from studio.engine.score import Score

# What does not hang on one short song's luck.
ALWAYS = (
    "timeline_faults", "silent_words", "loudness_lufs", "true_peak_dbtp", "mp3_true_peak_dbtp",
    "stem_residual_db", "longest_silence_s", "clipped_samples", "dc_offset", "not_finite_samples",
    "low_off_db", "presence_off_db", "chord_tone_share", "zigzag_share", "melody_range", "median_cents",
)  # fmt: skip
SHORT_LYRICS = """[Verse]
Paper boats along the gutter
Rain is keeping time

[Chorus]
Carry me over, carry me on
"""


# --- what is asked of whom ---------------------------------------------------------------------------


def test_the_gates_sing_many_texts_in_every_style() -> None:
    cases = make_cases()
    assert len(cases) == len({case.name for case in cases}) == 80
    assert {case.style for case in cases} == set(STYLES)
    assert len({case.lyrics for case in cases}) >= 10
    # Two seeds of one style and voice share the words, or they could not be compared.
    assert all(a.lyrics == b.lyrics for a in cases for b in cases if (a.style, a.voice) == (b.style, b.voice))
    assert sum(case.twice for case in cases) >= 5


def test_a_part_of_the_gates_has_the_songs_of_the_whole() -> None:
    asked = parser().parse_args(["--styles", "jazz,rock", "--voices", "m", "--seeds", "2", "--no-long"])
    assert set(chosen(asked)) <= set(make_cases())
    assert [case.style for case in chosen(asked)] == ["jazz", "rock"]


def test_every_text_of_the_gates_is_there_and_english() -> None:
    texts = [path.read_text(encoding="utf-8") for path in LYRICS_FOLDER.glob("*.txt")]
    assert len(texts) >= 12
    assert all(len(spoken_words(text)) >= 40 for text in texts)


def test_unknown_lyrics_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lyrics", "nothing", "--no-asr"])
    assert "ferry" in capsys.readouterr().err


# --- judgement ---------------------------------------------------------------------------------------


def test_one_bad_song_fails_the_demand_and_is_named() -> None:
    rows = {
        "good": {"loudness_lufs": -14.1},
        "loud": {"loudness_lufs": -12.0},
        "mute": {"loudness_lufs": None},
    }
    verdict = next(v for v in judge(rows, {}) if v.demand.figure == "loudness_lufs")
    assert (verdict.worst, verdict.where, verdict.failed, verdict.counted) == (-12.0, "loud", 1, 2)
    assert not verdict.is_met
    assert [demand.figure for demand in failures(rows["loud"])] == ["loudness_lufs"]


def test_a_mean_can_fail_where_each_passes() -> None:
    rows = {"a": {"dry_word_error": 0.14}, "b": {"dry_word_error": 0.12}}
    each, mean = (v for v in judge(rows, {}) if v.demand.figure == "dry_word_error")
    assert each.is_met
    assert not mean.is_met
    assert mean.worst == pytest.approx(0.13)


def test_what_is_no_number_fails() -> None:
    verdict = next(v for v in judge({"a": {"lift_lu": float("nan")}}, {}) if v.demand.figure == "lift_lu")
    assert not verdict.is_met


def test_the_tables_show_misses_and_what_was_not_measured() -> None:
    heads, line = table.head(), table.line("song", {"loudness_lufs": -12.0, "zigzag_share": 0.02})
    assert "-12.00!" in line
    assert "0.02 " in line
    assert len(heads) == len(line)
    text = "\n".join(table.summary(judge({"song": {"loudness_lufs": -12.0}}, {"seed_overlap": (0.7, "x")})))
    assert text.count("FAIL") == 2
    assert "not measured" in text


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def fake(case: Case, options: runner.Options, *, only_hash: bool) -> runner.Row:
        made.append(case.name)
        if case.voice == "m" and len(made) < 3:
            return {"error": "the lights went out"}
        return {"figures": {"loudness_lufs": -14.0}, "faults": [], "features": [0.0], "hash": "x"}

    monkeypatch.setattr(runner, "_ask", fake)
    options = runner.Options(tmp_path, LYRICS_FOLDER, listens=False)
    cases = [Case("pop", voice, 1, "ferry") for voice in ("f", "m")]
    first = runner.run_all(cases, options, lambda case, row: None)
    again = runner.run_all(cases, options, lambda case, row: None)
    assert ["error" in row for row in first] == [False, True]
    assert ["error" in row for row in again] == [False, False]
    assert len(made) == 3
    assert all(json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines())


# --- chunks for the recogniser -----------------------------------------------------------------------


def test_chunks_are_short_and_end_at_rests() -> None:
    lines, now = [], 0.0
    for number in range(30):
        lines.append((now, now + 3.0))
        now += 3.2 + (2.0 if number % 4 == 3 else 0.0)
    chunks = chunks_of(lines)
    assert [number for chunk in chunks for number in chunk] == list(range(30))
    assert all(lines[chunk[-1]][1] - lines[chunk[0]][0] <= 27.0 for chunk in chunks)
    assert all(chunk[-1] % 4 == 3 for chunk in chunks[:-1])
    assert chunks_of([]) == []


# --- songs differ ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forty() -> dict[Case, Score]:
    return {case: write_score(case.spec()) for case in make_cases(seeds=(1,))}


def test_no_two_of_forty_songs_are_the_same_song(forty: dict[Case, Score]) -> None:
    found = together.variety({case.name: score for case, score in forty.items()})
    assert found["shared_grams"][0] <= 0.40, found["shared_grams"]
    assert found["same_loops"][0] == 0, found["same_loops"]


def test_one_song_twice_is_found() -> None:
    score = write_score(make_cases(("pop",))[0].spec())
    found = together.variety({"a": score, "b": score})
    assert found["shared_grams"][0] == 1.0
    assert found["same_loops"] == (1.0, "a / b")


def test_styles_are_told_apart_by_their_notes_alone(forty: dict[Case, Score]) -> None:
    rows = [note_features(score) for score in forty.values()]
    styles = [case.style for case in forty]
    found = accuracy(rows, styles, [case.voice == "f" for case in forty])
    assert found >= 0.5
    mixed = Random(1).sample(styles, len(styles))
    assert accuracy(rows, mixed, [case.voice == "f" for case in forty]) < 0.35
    assert np.isnan(accuracy(rows, styles, [True] * len(rows)))


# --- odd requests ------------------------------------------------------------------------------------


def test_odd_requests_neither_crash_nor_hang_nor_fall_silent() -> None:
    ends, wrong = fuzz.run(count=60, renders=0, seed=7)
    assert not wrong
    assert ends["composed"] > 40


def test_a_chorus_of_other_lines_may_follow_one_that_came_back_whole() -> None:
    # A case among five thousand: the second chorus shares some lines with the first and not their number.
    ends, wrong = fuzz.run(count=1, renders=0, seed=21, first=4898)
    assert not wrong and ends["composed"] == 1


def test_odd_requests_are_the_same_every_time() -> None:
    assert odd_spec(Random(3)) == odd_spec(Random(3))


def test_the_fuzzer_sees_a_crash_and_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(spec: SongSpec) -> str:
        raise KeyError("oops")

    def hang(spec: SongSpec) -> str:
        while True:
            pass

    monkeypatch.setattr(fuzz, "compose_case", crash)
    assert any("KeyError" in why for why in fuzz.run(3, 0, seed=7)[1])
    monkeypatch.setattr(fuzz, "compose_case", hang)
    monkeypatch.setattr(fuzz, "COMPOSE_LIMIT_S", 0.05)
    assert any("TooSlow" in why for why in fuzz.run(3, 0, seed=7)[1])


# --- one song through the gates ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Iterator[runner.Row]:
    """A short song, measured as the gates measure, without listening."""
    lyrics = tmp_path_factory.mktemp("lyrics")
    (lyrics / "boats.txt").write_text(SHORT_LYRICS, encoding="utf-8")
    keep = tmp_path_factory.mktemp("songs")
    yield one.run(Case("pop", "f", 1, "boats"), lyrics, keep, listens=False, only_hash=False)


@pytest.mark.parametrize("figure", ALWAYS)
def test_a_short_song_meets_the_demand(row: runner.Row, figure: str) -> None:
    demand = next(demand for demand in DEMANDS if demand.figure == figure)
    assert row["figures"].get(figure) is not None
    assert demand.is_met(row["figures"][figure]), (row["figures"][figure], demand.wanted, row["faults"])


def test_a_row_survives_its_file(row: runner.Row) -> None:
    assert json.loads(json.dumps(row)) == {**row, "case": asdict(Case(**row["case"]))}


@pytest.mark.slow
@pytest.mark.skipif(not can_recognise(), reason='speech recognition is not installed (extra "recognition")')
def test_a_recogniser_understands_the_dry_voice(tmp_path: Path) -> None:
    case = Case("pop", "f", 1, "snow_hymn")
    figures = one.run(case, LYRICS_FOLDER, tmp_path, listens=True, only_hash=False)["figures"]
    assert figures["dry_word_error"] <= 0.15
    assert figures["mix_word_error"] <= 0.45
