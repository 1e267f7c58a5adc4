from dataclasses import dataclass

import pytest

from studio.audio import timed_lyrics
from studio.audio.timed_lyrics import TimedSection, lines, sections, to_lrc, to_srt
from studio.musicapi import TimedWord


@dataclass(frozen=True)
class Token:
    word: str
    start_s: float
    end_s: float


def spoken(*words: str) -> tuple[TimedSection, ...]:
    """Tokens of one second each, one after the other."""
    return sections(Token(word, at, at + 1) for at, word in enumerate(words))


def outline(found: tuple[TimedSection, ...]) -> list[tuple[str, list[str]]]:
    return [(section.label, [line.text for line in section.lines]) for section in found]


DOCUMENTED = (
    "[Verse]\nHarbour ",
    "lamps ",
    "along ",
    "the ",
    "bay\n",
    "Count ",
    "the ",
    "boats\n\n",
    "[Chorus]\nCome ",
    "home",
)


def test_an_alignment_becomes_sections_and_lines() -> None:
    assert outline(spoken(*DOCUMENTED)) == [
        ("Verse", ["Harbour lamps along the bay", "Count the boats"]),
        ("Chorus", ["Come home"]),
    ]


def test_words_keep_their_times() -> None:
    first, second, third = lines(spoken(*DOCUMENTED))
    assert [(word.text, word.start_s, word.end_s) for word in first.words[:2]] == [
        ("Harbour", 0, 1),
        ("lamps", 1, 2),
    ]
    assert (first.start_s, first.end_s, second.start_s, third.end_s) == (0, 5, 5, 10)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("Har", "bour ", "lamps"), ["Harbour lamps"]),
        (("Harbour", "lamps"), ["Harbour lamps"]),
        (("Harbour", " lamps"), ["Harbour lamps"]),
        (("夜", "の", "港"), ["夜の港"]),
        (("bay\nCount ", "boats"), ["bay", "Count boats"]),
        (("[Verse ", "2]\n", "Count ", "boats"), ["Count boats"]),
        (("[Intro]\n\n[Verse]\n", "Count"), ["Count"]),
        (("one ", "\n", "two"), ["one", "two"]),
        (("a [never closed", " mark"), ["a never closed mark"]),
        (("  ", "\n\n", ""), []),
        ((), []),
    ],
)
def test_tokens_of_every_cut_give_the_same_text(words: tuple[str, ...], expected: list[str]) -> None:
    assert [line.text for line in lines(spoken(*words))] == expected


def test_a_mark_in_pieces_names_its_section() -> None:
    assert outline(spoken("[Verse ", "2]\n", "Count ", "boats")) == [("Verse 2", ["Count boats"])]


def test_a_token_over_two_lines_shares_its_time_by_length() -> None:
    first, second = lines(sections([Token("ab\nabcdef", 10, 18)]))
    assert (first.start_s, first.end_s, second.start_s, second.end_s) == (10, 12, 12, 18)


def test_times_never_run_backwards() -> None:
    found = lines(sections([Token("one ", 5, 4), Token("two\n", 3, 6), Token("three", 2, 2)]))
    starts = [word.start_s for line in found for word in line.words]
    assert starts == sorted(starts)
    assert all(word.end_s >= word.start_s for line in found for word in line.words)


def test_lrc_lines() -> None:
    found = sections(
        [Token("[Verse]\nHarbour ", 59.999, 60.5), Token("lamps\n", 60.5, 61), Token("Home", 6000.25, 6001)]
    )
    assert (
        to_lrc(found, title="Harbour\nLamps")
        == "[ti:Harbour Lamps]\n[01:00.00]Harbour lamps\n[100:00.25]Home\n"
    )
    assert to_lrc(found, with_words=True).splitlines()[0] == "[01:00.00]<01:00.00>Harbour <01:00.50>lamps"
    assert to_lrc(()) == ""


def test_srt_captions_are_numbered_and_never_overlap() -> None:
    found = sections([Token("One\n", 1, 1.2), Token("Two\n", 1.5, 9), Token("Three", 3661.5, 3662.5)])
    assert to_srt(found) == (
        "1\n00:00:01,000 --> 00:00:01,500\nOne\n\n"
        "2\n00:00:01,500 --> 00:00:09,000\nTwo\n\n"
        "3\n01:01:01,500 --> 01:01:02,500\nThree\n"
    )
    assert to_srt(()) == ""


def test_the_wire_type_of_the_music_api_fits() -> None:
    token = TimedWord(word="Home\n", start_s=1, end_s=2)
    assert timed_lyrics.lines(sections([token]))[0].text == "Home"
