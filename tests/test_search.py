"""What the library's search finds, on the database in use."""

from __future__ import annotations

import pytest

from studio.library import search
from studio.models import Clip
from tests.base import make_clip

pytestmark = pytest.mark.django_db

NIGHT = {"title": "Night Drive", "tags": "synthwave, 92 bpm", "lyrics": "[Verse]\nNeon over the river"}
CAFE = {"title": "Café Éclair", "tags": "bossa nova", "lyrics": "[Verse]\nUn été sans fin\nDon't look back"}


def titles(people, text: str) -> list[str]:
    return [clip.title for clip in search.matching(Clip.objects.filter(team=people.team), text)]


@pytest.fixture
def found(people):
    make_clip(people, **NIGHT)
    make_clip(people, **CAFE)
    return lambda text: titles(people, text)


@pytest.mark.parametrize(
    "text", ["night", "synthwave", "river", "92", "NEON", "drive night", "riv", "night neon ov"]
)
def test_a_word_of_title_tags_or_lyrics_finds_the_clip(found, text):
    assert found(text) == ["Night Drive"]


@pytest.mark.parametrize("text", ["cafe", "café", "cafe\u0301", "ECLAIR", "ete", "été", "don't", "don"])
def test_accents_case_and_apostrophes_do_not_matter(found, text):
    assert found(text) == ["Café Éclair"]


@pytest.mark.parametrize("text", ["nigh river", "night café", "iver", "lo-fi"])
def test_every_word_has_to_occur_and_only_the_last_may_be_a_beginning(found, text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'quotes" AND * NEAR( -',
        '"',
        "''",
        "night OR",
        "a' & b | !c:*",
        "{title} : x",
        "\\",
        "x\\",
        "\0",
        "(",
        "^a",
        "🎹",
        "%s %d",
    ],
)
def test_no_text_is_an_error(found, text):
    assert isinstance(found(text), list)


@pytest.mark.parametrize("text", ["", "  ", "- *", "\0", "🎹"])
def test_a_text_without_letters_or_digits_finds_nothing(found, text):
    assert found(text) == []


def test_operators_are_words_like_any_other(found, people):
    make_clip(people, title="Not either")
    assert found("NOT either") == ["Not either"]
    assert found("river OR") == []


def test_very_long_texts_are_cut(found):
    assert len(search.words_of("word " * 1000)) == search.WORDS_LIMIT
    assert found("x" * 100_000) == []


def test_the_newest_arrival_comes_first(people):
    for number in range(5):
        make_clip(people, title=f"Wave {number}")
    assert titles(people, "wave") == ["Wave 4", "Wave 3", "Wave 2", "Wave 1", "Wave 0"]


def test_a_new_title_is_found_at_once_and_the_old_one_no_more(people):
    clip = make_clip(people, title="Working title")
    Clip.objects.filter(pk=clip.pk).update(title="Harbour lights")
    assert titles(people, "harbour") == ["Harbour lights"]
    assert titles(people, "working") == []


def test_a_deleted_clip_is_found_no_more(people):
    clip = make_clip(people, **NIGHT)
    clip.delete()
    make_clip(people, title="Takes its key")
    assert titles(people, "neon") == []


def test_clips_of_other_teams_stay_theirs(people):
    make_clip(people, team=people.others, **NIGHT)
    assert titles(people, "night") == []


def test_a_search_reads_no_further_than_its_page(people, django_assert_num_queries):
    for number in range(30):
        make_clip(people, title=f"Wave {number}")
    rows = search.matching(Clip.objects.filter(team=people.team), "wave")
    with django_assert_num_queries(1) as asked:
        assert len(rows[:3]) == 3
    assert "LIMIT 3" in asked[0]["sql"]
