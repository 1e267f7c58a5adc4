"""The lyric writer keeps form, metre and rhyme; topics are nouns; tags grow without losing what was given."""

from __future__ import annotations

import re

import pytest

from studio.engine import SongSpec, SpecError, write_lyrics
from studio.engine.lyrics.parse import parse_lyrics
from studio.engine.lyrics.rhymes import last_word, metre_of, rhyme_of, rhyme_words, syllable_count
from studio.engine.lyrics.topics import theme_of, topics_of
from studio.engine.lyrics.writer import make_lyrics, rewrite_lines
from studio.engine.tagging import upsample_tags
from studio.engine.tags import read_tags
from tests.engine.songs import LAMP

PROMPTS = (
    "a song about my dog running on the beach in summer",
    "losing my red bicycle in Paris",
    "dragons and coffee",
    "late-night driving through neon city",
    "heartbreak in the rain",
    "freedom",
    "zorblax",
    "!!! ???",
    "мир и любовь",
)


def stanzas(text: str) -> dict[str, list[str]]:
    parts = re.split(r"\[([^\]]+)\]\n", text)[1:]
    return {name: body.strip().split("\n") for name, body in zip(parts[::2], parts[1::2], strict=True)}


def rhyming_pairs(lines: list[str]) -> int:
    return sum(
        rhyme_of(a) == rhyme_of(b) and last_word(a) != last_word(b)
        for i, a in enumerate(lines)
        for b in lines[i + 1 :]
    )


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_drafts_have_form_rhyme_and_metre(prompt: str, seed: int) -> None:
    for draft in make_lyrics(prompt, seed):
        kinds = [section.kind for section in parse_lyrics(draft.text)]
        assert kinds.count("chorus") >= 3 and kinds.count("verse") >= 2
        parts = stanzas(draft.text)
        assert all(len(lines) >= 2 for lines in parts.values())
        # Every verse rhymes, and its lines are of one length give or take one syllable.
        for name, lines in parts.items():
            if name.startswith("Verse"):
                assert rhyming_pairs(lines) >= 1, lines
                lengths = [syllable_count(line) for line in lines]
                assert max(lengths) - min(lengths) <= 2, (lines, lengths)
        assert draft.title.casefold() in draft.text.casefold()
        chorus = parts["Chorus"]
        assert sum(line.casefold() == draft.title.casefold() for line in chorus) == 2, chorus


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_two_drafts_differ_clearly(prompt: str) -> None:
    first, second = make_lyrics(prompt, 5)
    ours, theirs = (
        {line for line in draft.text.split("\n") if line and line[0] != "["} for draft in (first, second)
    )
    assert len(ours & theirs) <= 0.2 * len(ours)
    assert first.title != second.title


def test_the_same_seed_writes_the_same_words_and_another_seed_others() -> None:
    assert write_lyrics("the sea", "folk", 3) == write_lyrics("the sea", "folk", 3)
    assert write_lyrics("the sea", "folk", 3) != write_lyrics("the sea", "folk", 4)
    assert make_lyrics("the sea", 3) == make_lyrics("the sea", 3)


def test_no_line_of_a_verse_comes_twice() -> None:
    for seed in range(12):
        lines = [
            line
            for name, part in stanzas(write_lyrics("city lights", "pop", seed)).items()
            if "Verse" in name
            for line in part
        ]
        assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("a song about my dog running on the beach in summer, sad", ["my dog", "the beach", "summer"]),
        ("losing my red bicycle in Paris", ["my red bicycle", "Paris"]),
        ("happy dreamy slow", []),
        ("an upbeat pop song with female vocals", []),
        ("the zorblax", ["the zorblax"]),
        ("a lonely robot who wants to dance", ["the lonely robot"]),
        ("dragons and coffee", ["dragons", "coffee"]),
    ],
)
def test_only_nouns_become_topics(text: str, topics: list[str]) -> None:
    assert topics_of(text) == topics


def test_themes_are_heard_in_the_description() -> None:
    assert theme_of("waves and sand at the ocean")[0].name == "sea"
    assert theme_of("goodbye, tears, lost love")[0].name == "heartbreak"
    assert theme_of("qwrtz") == []


@pytest.mark.parametrize(
    ("a", "b"),
    [("hall", "wall"), ("me", "sea"), ("tonight", "light"), ("fire", "higher_"), ("door", "before")],
)
def test_what_rhymes(a: str, b: str) -> None:
    assert (rhyme_of(a) == rhyme_of(b)) is not b.endswith("_")


def test_rhyme_words_come_from_the_dictionary() -> None:
    found = rhyme_words(rhyme_of("night"))
    assert "bright" in found
    assert all(rhyme_of(word) == rhyme_of("night") for word in found)


@pytest.mark.parametrize("wish", ["", "about the ocean", "my grandmother's kitchen", "sad"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rewritten_lines_fit_the_notes_and_the_rhymes(wish: str, seed: int) -> None:
    rows = LAMP.split("\n")
    fresh = rewrite_lines(LAMP, 1, 3, wish, seed).split("\n")
    assert fresh[0] == rows[0] and fresh[3:] == rows[3:]
    for old, new in zip(rows[1:3], fresh[1:3], strict=True):
        assert new != old
        assert len(metre_of(new)) == len(metre_of(old))
        assert rhyme_of(new) == rhyme_of(old)


@pytest.mark.parametrize(
    "line", ["Hello", "Nothing rhymes with silver", "word " * 25, "24/7 all night", "Привет мир", "mm mm"]
)
def test_any_line_can_be_rewritten_to_its_length(line: str) -> None:
    line = line.strip()
    fresh = rewrite_lines(f"{line}\nStay here", 1, 1, "", 4).split("\n")
    assert fresh[1] == "Stay here" and fresh[0] != line
    assert len(metre_of(fresh[0])) == len(metre_of(line))


@pytest.mark.parametrize(("start", "end"), [(0, 1), (2, 1), (1, 99), (1, 1)])
def test_a_span_without_words_is_refused_with_the_way_out(start: int, end: int) -> None:
    with pytest.raises(SpecError, match="Choose lines"):
        rewrite_lines(LAMP, start, end, "", 1)


def test_lyrics_of_another_language_are_not_rewritten_in_english() -> None:
    with pytest.raises(SpecError, match="Spanish"):
        rewrite_lines("Quiero bailar contigo esta noche\nbajo la luna y el sol", 1, 1, "", 1)


@pytest.mark.parametrize(
    "tags",
    ["pop", "rock, male vocals", "lofi", "sad piano ballad", "hip-hop, no drums", "", "zorblax", "x" * 300],
)
def test_upsampled_tags_keep_what_was_given_and_fit_the_line(tags: str) -> None:
    for seed in range(6):
        line = upsample_tags(tags, seed)
        assert line == upsample_tags(tags, seed)
        assert len(line) <= 200
        if len(tags) < 200:
            assert line.startswith(tags) and len(line) > len(tags) + 40
        items = line.split(", ")
        assert len(items) == len({item.casefold() for item in items})


def test_upsampled_tags_keep_the_style_the_short_ones_asked_for() -> None:
    for tags in ("jazz", "techno", "country", "metal", "waltz"):
        short, long = (read_tags(SongSpec(tags=item, seed=1)) for item in (tags, upsample_tags(tags, 1)))
        assert short.card is long.card


def test_upsampled_tags_add_nothing_that_is_excluded() -> None:
    for seed in range(8):
        assert "drums" not in upsample_tags("rock, no drums", seed).replace("no drums", "")
        assert "vocals" not in upsample_tags("instrumental jazz", seed)
