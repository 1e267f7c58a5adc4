"""How fast words would have to be sung."""

from __future__ import annotations

import pytest

from studio.operations import singable


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("", 0),
        ("[Verse]\n[Chorus]", 0),
        ("[Verse]\nHello", 2),
        ("Count the lights that stayed", 5),
        ("Harbour lamps along the bay", 7),
        ("the little table wanted horses", 9),
        ("Über den Wolken muss die Freiheit wohl grenzenlos sein", 14),
        ("夜の港に", 4),
        ("안녕 세상", 4),
        ("Подмосковные вечера", 7),
        ("mmm", 1),
    ],
)
def test_syllables_are_counted_about_as_a_singer_would(text: str, syllables: int) -> None:
    assert singable.syllables(text) == syllables


@pytest.mark.parametrize(
    ("seconds", "judgement"), [(1.0, "fast"), (7 / 6, ""), (14.0, ""), (14.1, "slow"), (0.0, "")]
)
def test_a_window_is_judged_by_its_syllables_a_second(seconds: float, judgement: str) -> None:
    assert singable.judge("Harbour lamps along the bay", seconds).judgement == judgement


def test_no_words_can_always_be_sung() -> None:
    assert singable.judge("[Solo]", 30) == singable.Singability(0, 0.0)
