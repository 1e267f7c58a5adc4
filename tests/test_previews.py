"""Listening ahead to a clip that the provider still works on."""

from __future__ import annotations

import io

import numpy as np
import pytest
import responses
import soundfile as sf
from django.urls import reverse

from studio import keys
from studio.models import Clip, Task
from studio.work import previews
from tests.base import make_clip, make_task

pytestmark = pytest.mark.django_db
STREAM = "https://cdn.example.org/stream.mp3"


def mp3() -> bytes:
    stream = io.BytesIO()
    sf.write(stream, 0.3 * np.sin(np.arange(44_100) / 20), 44_100, format="MP3")
    return stream.getvalue()


@pytest.fixture
def clip(people) -> Clip:
    """A clip in the making, its provider's stream at STREAM."""
    people.connection.key_encrypted = keys.encrypt("a-key")
    people.connection.save()
    task = make_task(people, status=Task.Status.RUNNING)
    return make_clip(people, task, state=Clip.State.RUNNING, preview_url=STREAM, duration_s=None)


def address(clip: Clip) -> str:
    return reverse("clip_preview", args=[clip.code])


@responses.activate
def test_what_is_done_already_comes_through(people, clip) -> None:
    body = mp3()
    responses.get(STREAM, body=body)

    answer = people.browser(people.vera).get(address(clip))

    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"".join(answer.streaming_content) == body
    # The address of the stream may be signed, and is not of the provider's own origin: no key goes there.
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in</html>", b'{"secret": "of another service"}', b""],
    ids=["page", "json", "nothing"],
)
def test_only_audio_is_passed_on(people, clip, body: bytes) -> None:
    responses.get(STREAM, body=body)

    assert people.browser(people.bob).get(address(clip)).status_code == 404


@responses.activate
def test_a_provider_that_is_gone_is_no_preview(people, clip) -> None:
    responses.get(STREAM, status=410)

    assert people.browser(people.bob).get(address(clip)).status_code == 404


@responses.activate
def test_places_are_few_and_come_back(people, clip) -> None:
    responses.get(STREAM, body=mp3())
    open_ones = [previews.open_preview(clip) for _ in range(previews.LISTENERS)]

    assert people.browser(people.bob).get(address(clip)).status_code == 404
    open_ones[0].close()
    open_ones[0].close()
    assert people.browser(people.bob).get(address(clip)).status_code == 200
    for one in open_ones[1:]:
        one.close()


def test_the_row_offers_it_until_the_clip_is_ready(people, clip) -> None:
    card = reverse("task", args=[clip.task.code])

    page = people.browser(people.bob).get(card).content.decode()
    assert f'data-clip="ahead-{clip.code}"' in page and f"Listen ahead to {clip.title}" in page
    assert STREAM not in page

    Clip.objects.filter(pk=clip.pk).update(state=Clip.State.FAILED, preview_url=None)
    assert "ahead-" not in people.browser(people.bob).get(card).content.decode()
