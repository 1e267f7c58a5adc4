"""From text to sung words: nothing is lost, and syllables are counted as people sing them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.lyrics.syllables import syllables
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


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=40))
def test_the_syllables_of_any_word_join_to_the_word(word: str) -> None:
    found = syllables(word)
    assert 1 <= len(found) <= 12
    assert "".join(syllable.text for syllable in found) == word
