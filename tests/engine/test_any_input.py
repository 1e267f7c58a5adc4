"""Whatever people paste: a plan and a score, or a sentence that says what to change."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine import SongSpec, plan, write_lyrics
from studio.engine.perform import perform
from studio.engine.pipeline import write_score
from studio.engine.score import Score

NASTY = {
    "nothing": "",
    "white space": " \n\t\r\n \u00a0",
    "one word": "Hello",
    "one letter": "a",
    "only marks": "[Verse]\n[Chorus]\n\n[Outro]",
    "an unknown mark": "[Kazoo frenzy]\nla la la",
    "unclosed": "[Verse\n(oh\nno",
    "punctuation": "... !!! --- ???",
    "right to left": "[בית]\nשלום עולם\nמה שלומך היום",
    "arabic": "يا ليل يا عين\nقلبي معك",
    "chinese": "月亮代表我的心\n你问我爱你有多深",
    "japanese": "さくら さくら\nやよいの空は",
    "thai": "สวัสดีชาวโลก",
    "emoji": "👩‍👩‍👧‍👦 🎵🎵🎵\n❤️ is all ❤️",
    "control characters": "Hel\x00lo\x07 wor\x1bld\x9d\ufeff\u202egnorw",
    "surrogate": "broken \ud83d half",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L͠G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "one endless word": "a" * 5000,
    "one endless line": "word " * 1500,
    "300 lines": "\n".join(f"Line {number} goes round again" for number in range(300)),
    "300 sections": "\n".join(f"[Verse {number}]\nOnce more" for number in range(300)),
    "20 000 letters": "lorem ipsum dolor " * 1111,
    "20 000 digits": "9" * 20_000,
    "html": "<script>alert(1)</script>\n&amp; {{ 7*7 }} %s %d",
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_lyrics_become_a_song(name: str) -> None:
    spec = SongSpec(lyrics=NASTY[name], tags="pop", seed=3)
    promised, score = plan(spec), write_score(spec)
    performance = perform(score)
    assert 5.0 < promised.duration_s <= 366.0
    assert promised.title
    assert performance.duration_s > promised.duration_s - 1.0
    assert sum(len(track.notes) for track in performance.tracks) > 20
    beat_s = 60.0 / score.bpm
    for line in score.vocals:
        assert all(b.start_beat - a.start_beat >= 0.1 / beat_s for a, b in pairwise(line.notes))


def sung_text(score: Score) -> str:
    lines = [line for line in score.vocals if line.part in ("lead", "adlib")]
    return "".join("".join(word.text for line in lines for word in line.words).split())


@pytest.mark.parametrize("name", ["right to left", "chinese", "one word", "emoji", "html", "combining"])
def test_what_can_be_sung_is_sung(name: str) -> None:
    score = write_score(SongSpec(lyrics=NASTY[name], tags="pop", seed=3))
    assert sung_text(score) == "".join(NASTY[name].split())


@pytest.mark.parametrize("tags", ["ambient, 52 bpm", "hip-hop"])
def test_1600_syllables_fit_into_six_minutes(tags: str) -> None:
    lyrics = "la\n" * 1600
    spec = SongSpec(lyrics=lyrics, tags=tags, seed=3)
    score = write_score(spec)
    assert sung_text(score) == "".join(lyrics.split())
    assert plan(spec).duration_s <= 366.0
    assert any("long" in remark for remark in score.remarks)


def test_what_no_six_minutes_can_hold_is_named() -> None:
    lyrics = "go on and on my dear\n" * 900
    score = write_score(SongSpec(lyrics=lyrics, tags="ambient, 52 bpm"))
    sung = len(sung_text(score)) / len("".join(lyrics.split()))
    assert 0.3 < sung < 1.0
    left = round(900 * 6 * (1 - sung))
    assert any(f"the last {left} words" in remark and "unsung" in remark for remark in score.remarks)


def test_too_much_text_is_refused_before_any_work() -> None:
    with pytest.raises(ValueError, match="20001 characters"):
        SongSpec(lyrics="x" * 20_001)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=40), st.integers(-(2**70), 2**70))
def test_any_text_can_be_planned_and_composed(lyrics: str, tags: str, negative: str, seed: int) -> None:
    spec = SongSpec(lyrics=lyrics, tags=tags, negative_tags=negative, seed=seed)
    score = write_score(spec)
    assert plan(spec).bpm == score.bpm
    assert score.tracks


@pytest.mark.parametrize(
    "values",
    [
        {"duration_s": 5.0}, {"duration_s": float("nan")}, {"weirdness": 1.5}, {"style_weight": -0.1},
        {"vocal_gender": "x"}, {"seed": 1.5}, {"seed": True}, {"lyrics": None},
    ],
)  # fmt: skip
def test_values_out_of_range_are_named(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        SongSpec(**values)  # type: ignore[arg-type]


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=120), st.integers(0, 1000))
def test_lyrics_can_be_written_about_anything(description: str, seed: int) -> None:
    text = write_lyrics(description, "pop", seed)
    assert text == write_lyrics(description, "pop", seed)
    assert text.startswith("[Verse 1]")
    assert text.count("[Chorus]") >= 2


def test_two_drafts_about_the_same_differ() -> None:
    one, other = (write_lyrics("a lighthouse in winter", "folk", seed) for seed in (1, 2))
    assert one != other
    assert "lighthouse" in one.casefold() and "lighthouse" in other.casefold()
