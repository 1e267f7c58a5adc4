"""From text to sung words: nothing is lost, and syllables are counted as people sing them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.lyrics.languages import language_of
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics, remarks_on
from studio.engine.lyrics.phones import ALPHABET, nuclei_count
from studio.engine.lyrics.syllables import MAX_SYLLABLES, syllables
from tests.engine.songs import LONGER

PIECES = (
    "hello",
    "Café",
    "24/7",
    "don't",
    "(ooh)",
    "—",
    "...",
    "[Verse 2]",
    "[Chorus]",
    "[whispered]",
    "\n",
    "\n\n",
    "你好",
    "мир",
    "שלום",
    "👋🏽",
    "rock'n'roll",
    "NASA",
    "Chorus:",
    "\t",
    "🎵 la 🎵",
)


def joined(sections: list[LyricSection]) -> str:
    return "".join(word.text for section in sections for line in section.lines for word in line.words)


def letters(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_the_words_joined_are_the_text_again(text: str) -> None:
    sections = parse_lyrics(text)
    if any(section.lines for section in sections):
        assert letters(joined(sections)) == letters(clean(text))


def test_marks_make_the_sections_and_stay_in_the_text() -> None:
    sections = parse_lyrics(LONGER)
    assert [section.kind for section in sections] == ["verse", "chorus", "verse", "chorus"]
    assert [section.name for section in sections] == ["Verse 1", "Chorus", "Verse 2", "Chorus"]
    assert joined(sections).split("\n") == [*LONGER.rstrip().split("\n"), "", ""]


def test_what_is_repeated_without_marks_is_the_chorus() -> None:
    hook = "Oh my love\nStay with me"
    sections = parse_lyrics(f"One\nTwo\n\n{hook}\n\nThree\nFour\n\n{hook}")
    assert [section.kind for section in sections] == ["verse", "chorus", "verse", "chorus"]


def test_round_brackets_belong_to_the_backing_voices() -> None:
    words = parse_lyrics("Come on (come on now) again")[0].lines[0].words
    assert [word.adlib for word in words] == [False, False, True, True, True, False]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("love", 1),
        ("every", 2),
        ("window", 2),
        ("beautiful", 3),
        ("loved", 1),
        ("wanted", 2),
        ("fire", 1),
        ("little", 2),
        ("being", 2),
        ("24/7", 5),
        ("1999", 5),
        ("don't", 1),
        ("Café,", 2),
        ("TV", 2),
        ("你好", 2),
        ("$5", 3),
        ("50%", 4),
        ("&", 1),
        ("NYC", 3),
        ("3rd", 1),
        ("na-na-na", 3),
        ("...", 0),
        ("👋", 0),
    ],
)
def test_syllables_are_counted_as_sung(word: str, count: int) -> None:
    assert len(syllables(word)) == count


@pytest.mark.parametrize(
    ("word", "stressed"), [("tonight", 1), ("window", 0), ("remember", 1), ("corazón", 2)]
)
def test_the_stress_falls_where_people_put_it(word: str, stressed: int) -> None:
    stresses = [syllable.stress for syllable in syllables(word)]
    assert stresses.index(max(stresses)) == stressed


SAMPLES = "az ß é ñ Ł бя ё їЩ αΩ ώ אש ם مي ا ざん ねょ 한글 강 कमल 你好月亮 愛"


@settings(max_examples=120, deadline=None)
@given(st.text(alphabet=SAMPLES.replace(" ", ""), min_size=1, max_size=20))
def test_the_syllables_of_any_readable_word_join_to_the_word(word: str) -> None:
    found = syllables(word)
    assert len(found) <= MAX_SYLLABLES
    assert "".join(syllable.text for syllable in found) in (word, "") or len(word) > MAX_SYLLABLES


@settings(max_examples=120, deadline=None)
@given(st.text(min_size=1, max_size=30), st.sampled_from(["en", "es", "it", "pt", "fr"]))
def test_any_text_gives_singable_phones_or_none(word: str, language: str) -> None:
    for syllable in syllables(word, language):
        assert syllable.phones and set(syllable.phones) <= ALPHABET
        assert nuclei_count(syllable.phones) == 1
        assert 0.0 <= syllable.stress <= 1.0


def test_what_cannot_be_read_hangs_on_its_neighbour_and_is_reported() -> None:
    text = "Sing สวัสดี with me"
    words = parse_lyrics(text)[0].lines[0].words
    assert [word.text for word in words] == ["Sing สวัสดี ", "with ", "me\n\n"]
    assert "สวัสดี" in remarks_on(text)[0]


def test_ordinary_lyrics_need_no_remark() -> None:
    assert remarks_on(LONGER) == []


def test_kanji_are_not_read_as_chinese() -> None:
    assert any("漢" in remark for remark in remarks_on("さくら 漢字"))
    assert [s.phones for w in parse_lyrics("さ 漢")[0].lines[0].words for s in w.syllables] == ["sˈa"]


def test_numbers_that_can_be_read_in_two_ways_are_told() -> None:
    assert "nineteen ninety nine" in remarks_on("Party like 1999")[0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I was walking home and you were on my mind", "en"),
        ("Quiero bailar contigo esta noche bajo la luna", "es"),
        ("Voglio cantare con te questa notte perché ti amo", "it"),
        ("Meu coração não para quando você chega", "pt"),
        ("Je voudrais danser avec toi cette nuit", "fr"),
        ("la la la", "en"),
        ("", "en"),
        ("Привет", "en"),
    ],
)
def test_the_language_of_lyrics(text: str, language: str) -> None:
    assert language_of(text) == language


def test_three_thousand_words_take_a_blink() -> None:
    syllables("warm up")
    text = "\n".join(f"wandering voices number{n} carry every promise homeward tonight" for n in range(375))
    start = time.process_time()
    parse_lyrics(text)
    assert time.process_time() - start < 0.6
