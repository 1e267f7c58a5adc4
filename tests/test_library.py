"""The list of clips: what it shows, how it is narrowed, how it goes on, and what it costs."""

from __future__ import annotations

import re
import uuid
from html.parser import HTMLParser

import pytest
from django.db import DatabaseError
from django.urls import reverse

from studio.library import clips, takeaway
from studio.library.clips import Filters
from studio.models import Asset, Clip, Task
from tests.base import make_clip, make_task

pytestmark = pytest.mark.django_db


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]


def ids_in(html: str) -> list[str]:
    parser = _Ids()
    parser.feed(html)
    return parser.ids


def shown(html: str) -> list[str]:
    """The codes of the clips in a piece of HTML, from the top."""
    return re.findall(r'id="clip-([0-9a-f-]{36})"', html)


def put(clip: Clip, kind: Asset.Kind, content_type: str) -> Asset:
    fields = {"key": f"{clip.pk}{kind}", "sha256": "0" * 64, "size_bytes": 1}
    return Asset.objects.create(clip=clip, kind=kind, content_type=content_type, **fields)


def make_done(people, **fields) -> Task:
    return make_task(people, status=Task.Status.READY, **fields)


def make_playable(people, **fields) -> Clip:
    clip = make_clip(people, **fields)
    put(clip, Asset.Kind.AUDIO, "audio/mpeg")
    put(clip, Asset.Kind.COVER, "image/png")
    return clip


def make_many(people, count: int, **fields) -> list[Clip]:
    return [make_clip(people, **fields) for _ in range(count)]


@pytest.fixture
def page(people):
    """Opens the library as Alice: page("q=night"); with part="results" or "more", as htmx asks for a part."""
    browser = people.browser(people.alice)

    def ask(query: str = "", part: str = "", expect: int = 200) -> str:
        headers = {"hx-request": "true", "hx-request-type": "partial", "hx-target": f"section#{part}"}
        response = browser.get(f"{reverse('library')}?{query}", headers=headers if part else {})
        assert response.status_code == expect
        return response.content.decode()

    return ask


# --- who ------------------------------------------------------------------------------------------


def test_every_member_sees_the_clips_of_the_team_and_a_stranger_does_not(people):
    clip = make_playable(people, title="Ours alone")
    for person in (people.alice, people.ada, people.bob, people.vera):
        html = people.browser(person).get(reverse("library")).content.decode()
        assert shown(html) == [str(clip.code)]
    html = people.browser(people.charlie).get(reverse("library")).content.decode()
    assert shown(html) == []
    assert "Ours alone" not in html
    assert people.browser(None).get(reverse("library")).status_code == 302


def test_somebody_without_a_team_is_told_so(people):
    people.charlie.memberships.all().delete()
    html = people.browser(people.charlie).get(reverse("library")).content.decode()
    assert "You are in no team" in html


def test_filters_and_cursors_do_not_reach_into_other_teams(people, page):
    theirs = make_clip(people, team=people.others, title="Theirs")
    mine = make_clip(people, title="Mine")
    assert shown(page("q=theirs")) == []
    assert shown(page(f"after={theirs.code}")) == [str(mine.code)]


# --- rows -----------------------------------------------------------------------------------------


def test_a_ready_clip_can_be_played_opened_saved_and_made_again(people, page):
    clip = make_playable(
        people, title="Night <Drive>", tags="pop, dreamy", model="sonic-v5-5", bpm=92.4, key="A minor"
    )
    html = page()
    audio = clip.assets.get(kind=Asset.Kind.AUDIO)
    cover = clip.assets.get(kind=Asset.Kind.COVER)
    assert f'data-src="{reverse("media", args=[audio.code])}"' in html
    assert f'data-peaks="{reverse("clip_peaks", args=[clip.code])}"' in html
    assert f'src="{reverse("media", args=[cover.code])}"' in html
    assert 'data-artist="Take A · Alice"' in html
    assert "Night &lt;Drive&gt;" in html
    assert "<Drive>" not in html
    for words in ("pop, dreamy", "v5.5", "92 bpm", "A minor", "1:02", "Reuse recipe", "Lyrics file"):
        assert words in html
    assert f'href="{reverse("clip_download", args=[clip.code, "mp3"])}"' in html
    assert "WAV, converted from the MP3, no extra quality" in html
    assert "FLAC" not in html


def test_a_lossless_master_is_offered_by_its_name(people, page):
    clip = make_playable(people)
    put(clip, Asset.Kind.LOSSLESS, "audio/flac")
    html = page()
    assert "FLAC, lossless master" in html
    assert "WAV, from the lossless master" in html


def test_a_failed_clip_says_why_and_cannot_be_played(people, page):
    make_clip(people, state=Clip.State.FAILED, problem_text="The provider refused these words.", sketch="")
    html = page()
    assert "The provider refused these words." in html
    assert "is-failed" in html
    assert "data-src" not in html


def test_a_clip_under_way_says_so_and_cannot_be_played(people, page):
    make_clip(people, state=Clip.State.RUNNING, duration_s=None, sketch="", title="")
    html = page()
    assert "Creating" in html
    assert "Untitled" in html
    assert "data-src" not in html


def test_an_instrumental_offers_no_lyrics_file(people, page):
    make_playable(people, lyrics="")
    assert "Lyrics file" not in page()


def test_a_row_shows_every_change_of_its_clip(people, page):
    clip = make_playable(people, title="Before")
    assert "Before" in page()
    Clip.objects.filter(pk=clip.pk).update(title="After")
    html = page()
    assert "After" in html
    assert "Before" not in html


def test_the_takes_of_one_request_stand_together_in_their_order(people, page):
    first, second = make_done(people), make_done(people)
    a1 = make_clip(people, first, position=0)
    a2 = make_clip(people, second, position=0)
    b1 = make_clip(people, first, position=1)
    b2 = make_clip(people, second, position=1)
    html = page()
    assert shown(html) == [str(clip.code) for clip in (a2, b2, a1, b1)]
    assert html.count('class="pair"') == 2


def test_no_id_occurs_twice(people, page):
    make_many(people, 3)
    open_task = make_task(people, status=Task.Status.RUNNING)
    make_playable(people, task=open_task)
    html = page()
    assert len(ids_in(html)) == len(set(ids_in(html)))


def test_what_is_under_way_stands_on_top_as_a_card_and_not_in_the_list_too(people, page):
    done, open_task = make_playable(people), make_task(people, status=Task.Status.RUNNING)
    taken = make_playable(people, task=open_task, title="Half way")
    html = page()
    assert f'id="card-{open_task.code}"' in html
    assert shown(html) == [str(taken.code), str(done.code)]
    assert shown(page(part="results")) == [str(done.code)]


# --- the four written states --------------------------------------------------------------------------


def test_an_empty_library_has_one_thing_to_do(people, page):
    html = page()
    assert "No clips yet" in html
    assert "Make the first one" in html
    assert "No match" not in html


def test_a_search_without_result_offers_the_way_back(people, page):
    make_clip(people)
    html = page("q=zzz&model=sonic-v5")
    assert "No match" in html
    assert "Clear filters" in html
    assert "No clips yet" not in html


def test_a_list_that_cannot_be_read_says_so_and_offers_another_try(people, page, monkeypatch):
    def broken(*args: object) -> None:
        raise DatabaseError("database disk image is malformed")

    monkeypatch.setattr(clips, "page", broken)
    html = page("q=night", part="results", expect=500)
    assert "The list could not be loaded" in html
    assert "/library?q=night" in html
    assert "malformed" not in html


def test_a_skeleton_waits_for_slow_answers(people, page):
    assert 'class="skeleton"' in page()


# --- filters --------------------------------------------------------------------------------------


def test_each_filter_narrows_the_list_and_can_be_taken_away_alone(people, page):
    bobs = make_done(people, person=people.bob)
    wanted = make_clip(people, bobs, title="Harbour", model="sonic-v5", lyrics="")
    make_clip(people, bobs, title="Harbour", model="sonic-v4", lyrics="")
    make_clip(people, title="Harbour", model="sonic-v5", lyrics="")
    make_clip(people, bobs, title="Harbour", model="sonic-v5", lyrics="la la")
    make_clip(people, bobs, title="Mountain", model="sonic-v5", lyrics="")
    query = f"q=harb&model=sonic-v5&person={people.bob.code}&singing=instrumental"
    html = page(query)
    assert shown(html) == [str(wanted.code)]
    assert "1 clip<" in html
    for chip in ("“harb”", "model: v5", "by Bob", "Instrumental"):
        assert chip in html
    assert f'href="/library?q=harb&amp;model=sonic-v5&amp;person={people.bob.code}"' in html
    assert len(shown(page("q=harb&model=sonic-v5"))) == 3


def test_with_singing_leaves_instrumentals_out(people, page):
    sung = make_clip(people, lyrics="la")
    make_clip(people, lyrics="")
    make_clip(people, lyrics="[Instrumental]")
    assert shown(page("singing=vocal")) == [str(sung.code)]


@pytest.mark.parametrize(
    "query",
    [
        "person=nobody",
        "person=%00",
        "model=%00%27",
        "singing=maybe",
        "after=x",
        "q=%22%00(",
        "q=" + "x" * 3000,
    ],
)
def test_nonsense_in_the_address_is_no_error(people, page, query):
    make_clip(people)
    page(query)
    page(query, part="more")


def test_the_form_keeps_what_was_asked(people, page):
    html = page(f"q=a%22b&model=sonic-v5&person={people.bob.code}")
    assert 'value="a&quot;b"' in html
    assert '<option value="sonic-v5" selected>' in html
    assert f'<option value="{people.bob.code}" selected>' in html


def test_the_count_is_told_and_bounded(people, page, monkeypatch):
    make_many(people, 4, title="Wave")
    assert "4 clips<" in page("q=wave")
    monkeypatch.setattr(clips, "COUNT_LIMIT", 3)
    assert "More than 3 clips" in page("q=wave")
    assert "4 clips<" in page()


def test_htmx_gets_just_the_part_it_asks_for(people, page):
    make_clip(people)
    part = page("q=song", part="results")
    assert part.strip().startswith('<section id="results"')
    assert "<html" not in part
    assert "<html" in page("q=song")


def test_a_search_as_typed_leaves_an_address_that_can_be_shared(people):
    headers = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#results"}
    browser = people.browser(people.alice)
    for asked, kept in (("?q=night&model=&person=", "/library?q=night"), ("?q=&model=", "/library")):
        response = browser.get(reverse("library") + asked, headers=headers)
        assert response.headers["HX-Push-Url"] == kept


def test_one_address_with_three_answers_is_kept_apart_by_caches(people):
    response = people.browser(people.alice).get(reverse("library"))
    assert "HX-Target" in response.headers["Vary"]
    assert "HX-Request" in response.headers["Vary"]


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "q=wave"])
def test_the_pages_together_are_the_whole_list_and_the_last_one_ends(people, page, monkeypatch, query):
    monkeypatch.setattr(clips, "PAGE_CLIPS", 3)
    made = make_many(people, 8, title="Wave")
    seen, html = [], page(query)
    while True:
        seen += shown(html)
        more = re.search(r'href="/library\?([^"]*after=[^"]*)"', html)
        if not more:
            break
        html = page(more[1].replace("&amp;", "&"), part="more")
    assert seen == [str(clip.code) for clip in reversed(made)]


def test_a_page_behind_the_cursor_stays_the_same_while_clips_arrive(people, page, monkeypatch):
    monkeypatch.setattr(clips, "PAGE_CLIPS", 2)
    made = make_many(people, 4)
    after = f"after={made[2].code}"
    before = shown(page(after))
    make_many(people, 3)
    assert shown(page(after)) == before == [str(made[1].code), str(made[0].code)]


def test_clips_of_the_same_moment_are_all_listed_once(people, page, monkeypatch):
    monkeypatch.setattr(clips, "PAGE_CLIPS", 2)
    made = make_many(people, 4)
    Clip.objects.update(created_at=made[0].created_at)
    first = shown(page())
    assert first + shown(page(f"after={first[-1]}")) == [str(clip.code) for clip in reversed(made)]


def test_a_pair_is_not_torn_apart_by_the_end_of_a_page(people, page, monkeypatch):
    monkeypatch.setattr(clips, "PAGE_CLIPS", 2)
    make_clip(people)
    task = make_done(people)
    pair = [make_clip(people, task, position=position) for position in (0, 1)]
    newest = make_clip(people)
    assert shown(page()) == [str(newest.code), str(pair[0].code), str(pair[1].code)]


def test_load_more_is_a_link_that_works_without_scripts(people, page, monkeypatch):
    monkeypatch.setattr(clips, "PAGE_CLIPS", 2)
    made = make_many(people, 3)
    html = page("model=")
    assert f'href="/library?after={made[1].code}"' in html
    assert shown(page(f"after={made[1].code}")) == [str(made[0].code)]


def test_an_unknown_cursor_begins_at_the_top(people, page):
    clip = make_clip(people)
    assert shown(page(f"after={uuid.uuid4()}")) == [str(clip.code)]


# --- cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "q=song", "singing=vocal"])
def test_a_longer_list_needs_no_more_queries(people, page, django_assert_num_queries, query):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_playable(people)
    with CaptureQueriesContext(connection) as few:
        page(query)
    for _ in range(10):
        make_playable(people)
    with django_assert_num_queries(len(few)):
        page(query)


def test_the_next_rows_cost_one_query_for_the_rows(people, page, django_assert_max_num_queries):
    last = make_many(people, 5)[-1]
    # Session, person, membership, what is under way, the cursor's clip, the rows.
    with django_assert_max_num_queries(6):
        page(f"after={last.code}", part="more")


def test_a_list_leaves_the_long_texts_in_the_database(people):
    make_clip(people)
    found = clips.page(people.team, Filters()).groups[0][0]
    assert {"lyrics", "description", "negative_tags"} <= found.get_deferred_fields()


# --- takeaway -------------------------------------------------------------------------------------


def test_no_copy_claims_to_be_better_than_its_source():
    def notes(audio_type: str | None, *, has_lossless: bool = False) -> dict[str, str]:
        return {offer.kind: offer.note for offer in takeaway.offers(audio_type, has_lossless)}

    assert notes(None) == {}
    assert notes("application/pdf") == {}
    assert notes("audio/mpeg") == {"mp3": "as delivered", "wav": "converted from the MP3, no extra quality"}
    assert notes("audio/mpeg", has_lossless=True) == {
        "mp3": "as delivered",
        "flac": "lossless master",
        "wav": "from the lossless master",
    }
    assert notes("audio/flac") == {"flac": "as delivered", "wav": "from the FLAC as delivered"}
    assert notes("audio/wav") == {"wav": "as delivered"}
    assert notes("audio/mp4") == {"m4a": "as delivered", "wav": "converted from the M4A, no extra quality"}
