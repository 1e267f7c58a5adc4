"""The provider reached by the real client, without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from studio.audio import files
from studio.musicapi import Client, Gone, Rejected, SonicCreate
from studio.offline import accounts, jobs
from studio.offline.models import Account, Take
from studio.offline.transport import ORIGIN, OfflineAdapter
from tests.offline.quick_engine import QuickEngine

WORDS = "[Verse]\nStars they shine above me\nMoonlight softly glows"


def client_for(key: str) -> Client:
    session = requests.Session()
    session.mount(ORIGIN, OfflineAdapter())
    return Client(f"{ORIGIN}/api/v1", key, session=session, sleep=lambda _s: None)


def song(**change: object) -> SonicCreate:
    return SonicCreate(**({"custom_mode": True, "mv": "sonic-v5", "prompt": WORDS, "tags": "pop"} | change))


@pytest.fixture
def submit(rung: list[int], django_capture_on_commit_callbacks) -> Callable[[Client, SonicCreate], str]:
    def send(client: Client, request: SonicCreate) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            return client.submit(request).task_id

    return send


def test_two_real_songs_come_back_and_can_be_downloaded(
    key: str, rung: list[int], submit: Callable, tmp_path: Path
) -> None:
    client = client_for(key)
    task_id = submit(client, song(duration_s=15, title="Moonlight"))

    assert client.fetch("sonic", task_id).state == "not_ready"
    for pk in rung:
        jobs.render(pk)
    answer = client.fetch("sonic", task_id)

    assert answer.state == "succeeded", answer
    hashes = set()
    for clip in answer.clips:
        assert clip.title == "Moonlight" and clip.bpm and clip.key
        assert "".join(word.word for word in clip.alignment).split() == WORDS.split()
        for url, kind in ((clip.audio_url, "mp3"), (clip.lossless_url, "flac"), (clip.image_url, "jpg")):
            path = tmp_path / f"{clip.clip_id}.{kind}"
            with path.open("wb") as target:
                found = client.download(url, target, max_bytes=50_000_000)
            assert found.size_bytes == path.stat().st_size
            hashes.add(found.sha256)
            if kind != "jpg":
                assert abs(files.probe(path).duration_s - clip.duration_s) < 0.2
    assert len(hashes) == 6
    assert client.credits().total == 100 - 14


def test_a_render_that_is_repeated_gives_the_same_song(key: str, rung: list[int], submit: Callable) -> None:
    submit(client_for(key), song(duration_s=10, prompt="[Verse]\nStars above"))
    jobs.render(rung[0])
    take = Take.objects.get(pk=rung[0])
    first = take.path("flac").read_bytes()

    Take.objects.filter(pk=take.pk).update(state=Take.State.PENDING)
    jobs.render(take.pk)

    assert take.path("flac").read_bytes() == first


def test_a_failure_arrives_as_an_answer_that_is_marked_refunded(
    key: str, rung: list[int], submit: Callable, quick_engine: QuickEngine
) -> None:
    client = client_for(key)
    task_id = submit(client, song())
    quick_engine.error = RuntimeError("broken")
    for pk in rung:
        jobs.render(pk)

    answer = client.fetch("sonic", task_id)

    assert answer.state == "failed" and answer.failure is not None
    assert answer.failure.is_refunded is True
    assert answer.failure.text.startswith("The song could not be rendered")
    assert client.credits().total == 100


def test_running_clips_are_running_to_the_client(
    db, rung: list[int], submit: Callable, quick_engine: QuickEngine
) -> None:
    client = client_for(accounts.open_account("Live", 50, shows_partial=True))
    task_id = submit(client, song())
    jobs.render(rung[0])

    answer = client.fetch("sonic", task_id)

    assert answer.state == "running"
    assert [clip.is_playable for clip in answer.clips] == [True, False]


@pytest.mark.parametrize(
    ("credits", "change", "kind"),
    [
        (100, {"title": "t" * 81}, "validation"),
        (100, {"mv": "sonic-v9"}, "validation"),
        (3, {}, "insufficient_credits"),
    ],
)
def test_refusals_reach_the_client_as_rejected(
    db, submit: Callable, quick_engine: QuickEngine, credits: int, change: dict, kind: str
) -> None:
    client = client_for(accounts.open_account("Tester", credits))

    with pytest.raises(Rejected) as refused:
        submit(client, song(**change))

    assert refused.value.kind == kind
    assert Account.objects.get().credits == credits


def test_a_missing_engine_is_told_in_full_and_not_tried_again(
    key: str, submit: Callable, quick_engine: QuickEngine
) -> None:
    quick_engine.missing = "The offline engine needs mido. Install them with: pip install 'ostinato[engine]'"

    with pytest.raises(Rejected, match="pip install 'ostinato\\[engine\\]'"):
        submit(client_for(key), song())


def test_a_wrong_key_and_unknown_things_are_what_the_client_expects(db, key: str) -> None:
    with pytest.raises(Rejected) as refused:
        client_for("wrong").credits()
    assert refused.value.kind == "unauthorized"
    with pytest.raises(Gone):
        client_for(key).fetch("sonic", "unknown")
    with pytest.raises(Gone):
        client_for(key).download(f"{ORIGIN}/files/none/audio.mp3", io.BytesIO(), max_bytes=10)


def test_a_file_is_streamed_and_closed(
    key: str, rung: list[int], submit: Callable, quick_engine: QuickEngine
) -> None:
    submit(client_for(key), song())
    jobs.render(rung[0])
    take = Take.objects.get(pk=rung[0])
    session = requests.Session()
    session.mount(ORIGIN, OfflineAdapter())

    response = session.get(f"{ORIGIN}/files/{take.file_key}/audio.mp3", stream=True)
    begun = next(response.iter_content(100))
    source = response.raw._fp
    response.close()

    assert take.path("mp3").read_bytes().startswith(begun) and len(begun) == 100
    assert source.closed
