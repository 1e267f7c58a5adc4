"""The page of voices: who sings, what can be heard of them, and who may rename or retire them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Asset, Persona
from tests.base import People, make_clip, make_task
from tests.test_media import keep, sound
from tests.test_recordings import sound as recorded
from tests.test_recordings import take, tone

pytestmark = pytest.mark.django_db


def make_persona(people: People, **fields) -> Persona:
    task = make_task(people, operation="sonic.persona")
    given = {
        "team": people.team,
        "connection": people.connection,
        "person": people.alice,
        "task": task,
        "kind": Persona.Kind.PERSONA,
        "name": "Nightingale",
        "remote_id": f"persona-{task.pk}",
    }
    return Persona.objects.create(**(given | fields))


def page(people: People, person=None) -> str:
    return people.browser(person or people.alice).get(reverse("personas")).content.decode()


class TestPage:
    def test_says_what_to_do_while_nobody_sings(self, people):
        assert "Nobody sings here yet" in page(people)

    def test_plays_the_voice_that_was_cut_out_of_a_clip(self, people):
        clip = make_clip(people, title="Night Drive")
        keep(clip, Asset.Kind.AUDIO, sound("WAV", "PCM_16"), ".wav", "audio/wav")
        cut = keep(clip, Asset.Kind.VOX, sound("WAV", "PCM_24"), ".wav", "audio/wav")
        make_persona(people, clip=clip, start_s=1.0, end_s=2.0, uses=3)
        shown = page(people)
        assert reverse("media", args=[cut.code]) in shown
        assert "Night Drive" in shown
        assert "sang in 3 tasks" in shown

    def test_plays_the_recording_of_a_voice(self, people):
        recording = take(people, recorded(samples=tone(12)), "My voice.wav")
        make_persona(people, kind="voice", recording=recording)
        assert reverse("recording_audio", args=[recording.code]) in page(people)

    def test_judges_recordings_that_could_become_a_voice(self, people):
        take(people, recorded(samples=tone(12)), "good.wav")
        take(people, recorded(samples=tone(3)), "short.wav")
        shown = page(people)
        assert "a voice needs more than 10 s" in shown
        assert shown.count("operation=sonic.create_voice&amp;recording=") == 1

    def test_offers_viewers_nothing_to_change(self, people):
        make_persona(people)
        shown = page(people, people.vera)
        assert "Nightingale" in shown
        assert "Retire" not in shown
        assert "Sing with it" not in shown

    def test_needs_no_more_queries_for_more_voices(self, people, django_assert_num_queries):
        browser = people.browser(people.alice)
        make_persona(people, clip=make_clip(people))
        with CaptureQueriesContext(connection) as few:
            browser.get(reverse("personas"))
        for _ in range(8):
            make_persona(people, clip=make_clip(people))
        with django_assert_num_queries(len(few)):
            browser.get(reverse("personas"))


class TestChanges:
    def test_are_for_its_maker_and_admins(self, people):
        url = reverse("rename_persona", args=[make_persona(people).code])
        allowed = {people.alice: 302, people.ada: 302, people.bob: 403, people.vera: 403, people.charlie: 404}
        for person, status in allowed.items():
            assert people.browser(person).post(url, {"name": "La\0rk"}).status_code == status, person
        assert Persona.objects.get().name == "Lark"

    def test_want_a_name(self, people):
        url = reverse("rename_persona", args=[make_persona(people).code])
        answer = people.browser(people.alice).post(url, {"name": "  "})
        assert answer.status_code == 422
        assert "Give the voice a name" in answer.content.decode()

    def test_retire_and_bring_back(self, people):
        persona = make_persona(people)
        url, browser = reverse("retire_persona", args=[persona.code]), people.browser(people.alice)
        browser.post(url)
        persona.refresh_from_db()
        assert persona.retired_at is not None
        assert "Retired (1)" in page(people)
        browser.post(url, {"back": "1"})
        persona.refresh_from_db()
        assert persona.retired_at is None
