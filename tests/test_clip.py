"""The page of one clip, its details beside a list, and its lyrics as files."""

from __future__ import annotations

import io
import json
import uuid

import pytest
from django.urls import reverse

from studio import vault
from studio.models import Asset, Clip
from tests.base import make_clip, make_task

pytestmark = pytest.mark.django_db

WORDS = [
    {"word": "[Verse]\nStars ", "start_s": 1.0, "end_s": 1.5, "p_align": 0.98},
    {"word": "they ", "start_s": 1.5, "end_s": 1.8, "p_align": None},
    {"word": "shine\n", "start_s": 1.8, "end_s": 2.6, "p_align": 0.9},
    {"word": "[Chorus]\nOver ", "start_s": 4.0, "end_s": 4.5, "p_align": 0.9},
    {"word": "me", "start_s": 4.5, "end_s": 5.0, "p_align": 0.9},
]


def keep(clip: Clip, kind: Asset.Kind, body: bytes, suffix: str, content_type: str) -> Asset:
    stored = vault.save(io.BytesIO(body), suffix)
    fields = {"key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes}
    return Asset.objects.create(clip=clip, kind=kind, content_type=content_type, **fields)


def keep_timeline(clip: Clip, stored: object = None) -> Asset:
    body = json.dumps(stored or {"version": 1, "words": WORDS}).encode()
    return keep(clip, Asset.Kind.TIMELINE, body, ".json", "application/json")


@pytest.fixture
def clip(people) -> Clip:
    clip = make_clip(
        people,
        title="Night Drive",
        bpm=92.0,
        key="A minor",
        loudness_lufs=-14.04,
        true_peak_dbtp=-1.23,
        model="sonic-v5",
    )
    keep(clip, Asset.Kind.AUDIO, b"mp3", ".mp3", "audio/mpeg")
    return clip


def show(people, clip: Clip, name: str = "clip", *args: str) -> str:
    response = people.browser(people.vera).get(reverse(name, args=[clip.code, *args]))
    assert response.status_code == 200
    return response.content.decode()


def test_what_the_provider_says_about_a_take_stands_on_its_page(people, clip):
    assert 'aria-label="About this take"' not in show(people, clip)
    Clip.objects.filter(pk=clip.pk).update(remarks=["The words <字> could not be sung."])
    assert "<li>The words &lt;字&gt; could not be sung.</li>" in show(people, clip)


@pytest.mark.parametrize("name", ["clip", "clip_detail", "clip_lyrics"])
def test_the_team_may_read_a_clip_and_nobody_else(people, clip, name):
    address = reverse(name, args=[clip.code, "txt"] if name == "clip_lyrics" else [clip.code])
    for person in (people.alice, people.ada, people.bob, people.vera):
        assert people.browser(person).get(address).status_code == 200
    assert people.browser(people.charlie).get(address).status_code == 404
    anonymous = people.browser(None).get(address)
    assert anonymous.status_code == 302
    assert anonymous.headers["Location"].startswith(reverse("account_login"))
    assert people.browser(people.alice).post(address).status_code == 405


def test_an_unknown_clip_is_404(people):
    assert people.browser(people.alice).get(reverse("clip", args=[uuid.uuid4()])).status_code == 404


def test_the_page_tells_all_that_is_known(people, clip):
    html = show(people, clip)
    for fact in (
        "Night Drive",
        "1:02",
        "92 bpm",
        "A minor",
        "-14.0 LUFS",
        "-1.2 dBTP",
        "v5",
        "Alice",
        "Test",
    ):
        assert fact in html
    for tag in ("pop", "dreamy"):
        assert f'<li class="chip">{tag}</li>' in html
    assert "MP3" in html
    assert "converted from the MP3, no extra quality" in html


def test_what_is_not_known_is_left_out(people):
    clip = make_clip(people, bpm=None, key="", loudness_lufs=None, true_peak_dbtp=None, model="", tags="")
    facts = show(people, clip).split('id="facts"')[1].split("</section>")[0]
    for fact in ("LUFS", "dBTP", "bpm", "None"):
        assert fact not in facts


def test_the_page_plays_without_scripts_too(people, clip):
    audio = clip.assets.get(kind=Asset.Kind.AUDIO)
    noscript = show(people, clip).split("<noscript>")[-1].split("</noscript>")[0]
    assert f'<audio controls preload="none" src="{reverse("media", args=[audio.code])}">' in noscript


def test_a_page_that_htmx_swaps_in_brings_no_second_player(people, clip):
    address = reverse("clip", args=[clip.code])
    headers = {"hx-request": "true", "hx-boosted": "true"}
    assert (
        "<audio"
        not in people.browser(people.vera).get(address, headers=headers).content.decode().split("</main>")[0]
    )


def test_the_takes_lead_to_each_other(people):
    task = make_task(people)
    a, b = (make_clip(people, task, position=position) for position in (0, 1))
    html = show(people, b)
    assert f'href="{reverse("clip", args=[a.code])}"' in html
    assert html.index("Take A <") < html.index("Take B <")
    assert "Take A <" not in show(people, make_clip(people))


def test_the_recipe_speaks_the_words_of_the_form(people):
    values = {
        "mode": "custom", "prompt": "[Verse]\nStars", "tags": "pop", "mv": "sonic-v5", "vocal_gender": "f",
        "weirdness_constraint": 0.35, "style_weight": None, "make_instrumental": False, "title": "",
    }  # fmt: skip
    recipe = {"version": 1, "operation": "sonic.create_music", "values": values}
    clip = make_clip(people, make_task(people, recipe=recipe))
    html = show(people, clip)
    for label, value in (
        ("Mode", "Custom"),
        ("Style tags", "pop"),
        ("Voice", "Female"),
        ("Weirdness", "35 of 100"),
    ):
        assert f"<dt>{label}</dt><dd>{value}</dd>" in html
    assert "<dt>Style weight</dt>" not in html
    assert "<dt>Instrumental</dt>" not in html


def test_a_recipe_of_an_operation_that_is_gone_is_still_shown(people):
    recipe = {"version": 1, "operation": "sonic.gone", "values": {"mood": "blue", "empty": ""}}
    clip = make_clip(people, make_task(people, operation="sonic.gone", recipe=recipe))
    html = show(people, clip)
    assert "<dt>mood</dt><dd>blue</dd>" in html
    assert "sonic.gone" in html


def test_only_who_may_create_is_offered_the_recipe_again(people, clip):
    link = f"{reverse('create')}?from={clip.code}"
    assert link not in show(people, clip)
    assert link in people.browser(people.bob).get(reverse("clip", args=[clip.code])).content.decode()


def test_a_clip_by_somebody_who_left_is_still_shown(people, clip):
    clip.task.person = None
    clip.task.save(update_fields=["person"])
    assert "somebody who left" in show(people, clip)


def test_a_failed_take_says_why(people):
    clip = make_clip(people, state=Clip.State.FAILED, problem_text="The provider refused these words.")
    html = show(people, clip)
    assert "The provider refused these words." in html
    assert "data-src" not in html


# --- lyrics ---------------------------------------------------------------------------------------


def test_timed_lyrics_are_lines_and_words_with_their_times(people, clip):
    keep_timeline(clip)
    html = show(people, clip)
    assert '<p class="line line--section">[Chorus]</p>' in html
    assert '<p class="line" data-start="1.00" data-end="2.60">' in html
    assert 'data-start="1.80" data-end="2.60">shine</button>' in html
    assert "lyrics-sheet" not in html.split('id="lyrics"')[1].split("</section>")[0]


def test_lyrics_without_times_are_a_plain_sheet(people, clip):
    html = show(people, clip)
    assert "Stars they shine above me</pre>" in html
    assert "<studio-timeline" not in html
    assert "LRC" not in html


@pytest.mark.parametrize("stored", [{"version": 1}, {"words": [{"word": "x"}]}, {"words": 3}, [1], "text"])
def test_a_timeline_that_cannot_be_read_leaves_the_plain_lyrics(people, clip, stored):
    keep_timeline(clip, stored)
    assert "Stars they shine above me</pre>" in show(people, clip)


def test_a_timeline_whose_bytes_are_gone_leaves_the_plain_lyrics(people, clip):
    vault.delete(keep_timeline(clip).key)
    assert "Stars they shine above me</pre>" in show(people, clip)


def test_an_instrumental_says_that_it_has_no_lyrics(people):
    assert "instrumental" in show(people, make_clip(people, lyrics=""))


def test_lyrics_are_saved_as_text_and_with_their_times(people, clip):
    keep_timeline(clip)
    browser = people.browser(people.vera)
    files = {
        kind: browser.get(reverse("clip_lyrics", args=[clip.code, kind])) for kind in ("txt", "lrc", "srt")
    }
    assert files["txt"].content.decode() == "[Verse]\nStars they shine above me\n"
    assert files["lrc"].content.decode().splitlines()[:2] == [
        "[ti:Night Drive]",
        "[00:01.00]Stars they shine",
    ]
    assert "00:00:01,000 --> 00:00:02,600\nStars they shine" in files["srt"].content.decode()
    for kind, response in files.items():
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert (
            response.headers["Content-Disposition"] == f'attachment; filename="Night Drive (take A).{kind}"'
        )


@pytest.mark.parametrize("kind", ["lrc", "srt", "pdf"])
def test_lyrics_without_times_have_no_timed_file(people, clip, kind):
    address = reverse("clip_lyrics", args=[clip.code, kind])
    assert people.browser(people.alice).get(address).status_code == 404


def test_an_instrumental_has_no_lyrics_file(people):
    clip = make_clip(people, lyrics="")
    address = reverse("clip_lyrics", args=[clip.code, "txt"])
    assert people.browser(people.alice).get(address).status_code == 404


# --- the pane beside a list ----------------------------------------------------------------------------


def test_the_details_are_a_part_for_the_pane_and_closing_them_leaves_nothing(people, clip):
    html = show(people, clip, "clip_detail")
    assert "<html" not in html
    assert 'id="clip-detail"' in html
    assert "-14.0 LUFS" in html
    closed = people.browser(people.vera).get(reverse("clip_detail", args=[clip.code]) + "?closed")
    assert closed.content == b""


@pytest.mark.parametrize("name", ["clip", "clip_detail"])
def test_more_takes_and_files_need_no_more_queries(people, clip, name, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        show(people, clip, name)
    for position in range(1, 6):
        more = make_clip(people, clip.task, position=position)
        keep(more, Asset.Kind.AUDIO, b"mp3", ".mp3", "audio/mpeg")
    keep(clip, Asset.Kind.COVER, b"png", ".png", "image/png")
    with django_assert_num_queries(len(few)):
        show(people, clip, name)
