"""The provider as other programs see it: over HTTP, with the official client of the API."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from types import SimpleNamespace

import httpx
import musicapi
import pytest
import soundfile
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from musicapi import _polling
from musicapi._types import PollOptions, SonicCreateParams

from studio.offline import api, jobs
from studio.offline.accounts import open_account
from studio.offline.models import Account, Take
from tests.offline.quick_engine import QuickEngine

WORDS = "[Verse]\nStars they shine above me\n\n[Chorus]\nStarry night"
PARAMS = {"custom_mode": True, "mv": "sonic-v5", "tags": "pop, dreamy", "title": "Starry Night"}


@pytest.fixture
def renders_between_polls(rung: list[int], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """While the official client waits for its next poll, one take is rendered."""
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if rung:
            jobs.render(rung.pop(0))

    monkeypatch.setattr(_polling, "time", SimpleNamespace(sleep=wait, monotonic=time.monotonic))
    return waits


@pytest.fixture
def sdk(transactional_db, live_server) -> Iterator[musicapi.MusicAPI]:
    base_url = f"{live_server.url}/offline/api/v1"
    with httpx.Client(timeout=120) as connections:
        yield musicapi.MusicAPI(api_key=open_account("SDK", 100), base_url=base_url, http_client=connections)


def test_the_official_client_creates_waits_and_downloads_both_clips(
    sdk: musicapi.MusicAPI, renders_between_polls: list[float]
) -> None:
    params = SonicCreateParams(**PARAMS, prompt=WORDS)

    result = sdk.sonic.generate_and_wait(params, PollOptions(poll_interval_ms=20, timeout_ms=240_000))

    assert (result.code, result.message, len(renders_between_polls)) == (200, "success", 2)
    assert [clip.state for clip in result.data] == ["succeeded", "succeeded"]
    assert {clip.title for clip in result.data} == {"Starry Night"}
    hashes = set()
    for clip in result.data:
        with urllib.request.urlopen(clip.audio_url) as answer:
            audio = answer.read()
        assert answer.headers["Content-Type"] == "audio/mpeg"
        assert soundfile.info(BytesIO(audio)).duration == pytest.approx(clip.duration, abs=0.2)
        hashes.add(hashlib.sha256(audio).hexdigest())
    assert len(hashes) == 2


def test_the_official_client_reads_every_other_answer(
    sdk: musicapi.MusicAPI, rung: list[int], quick_engine: QuickEngine
) -> None:
    submitted = sdk.sonic.create(SonicCreateParams(**PARAMS, prompt=WORDS))

    assert (submitted.message, submitted.warning) == ("success", None)
    assert sdk.sonic.get_task(submitted.task_id).code == 202
    assert sdk.suno.get_clip(submitted.task_id).code == 202
    assert sdk.credits.get().credits == 86
    for pk in rung:
        jobs.render(pk)
    assert len(sdk.sonic.get_task(submitted.task_id).data) == 2
    with pytest.raises(musicapi.MusicAPIError) as refused:
        sdk.sonic.create(SonicCreateParams(**(PARAMS | {"title": "t" * 81}), prompt=WORDS))
    assert (refused.value.status, refused.value.code) == (400, "validation_error")
    assert str(refused.value.request_id)


def test_the_official_client_is_told_of_a_failure_and_the_refund(
    sdk: musicapi.MusicAPI, renders_between_polls: list[float], quick_engine: QuickEngine
) -> None:
    quick_engine.error = RuntimeError("broken")

    with pytest.raises(musicapi.MusicAPIError, match="Credits have been refunded") as failed:
        sdk.sonic.generate_and_wait(
            SonicCreateParams(**PARAMS, prompt=WORDS), PollOptions(poll_interval_ms=20, timeout_ms=60_000)
        )

    assert failed.value.code == "failed"
    assert sdk.credits.get().credits == 100


def test_it_needs_no_cookie_and_no_csrf_token(key: str, rung: list[int], quick_engine: QuickEngine) -> None:
    browser = Browser(enforce_csrf_checks=True)

    answer = browser.post(
        "/offline/api/v1/sonic/create",
        json.dumps(PARAMS | {"prompt": WORDS}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    assert answer.status_code == 200
    assert set(answer.json()) == {"message", "task_id"}
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("header", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, None),
        ("bytes=-50", 206, -50, None),
        ("bytes=5-3", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("chapters=1-2", 200, 0, None),
        (f"bytes=0-{'9' * 5000}", 200, 0, None),
    ],
)
def test_players_may_ask_for_parts_of_a_file(
    call: Callable[..., api.Answer],
    key: str,
    rung: list[int],
    quick_engine: QuickEngine,
    header: str,
    status: int,
    start: int,
    end: int | None,
) -> None:
    call("POST", "/api/v1/sonic/create", key, json.dumps(PARAMS | {"prompt": WORDS}).encode())
    jobs.render(rung[0])
    take = Take.objects.get(pk=rung[0])
    whole = take.path("mp3").read_bytes()

    answer = Browser().get(f"/offline/files/{take.file_key}/audio.mp3", headers={"Range": header})

    expected = whole[start:end]
    assert answer.status_code == status
    assert b"".join(answer.streaming_content) == expected
    assert answer.headers["Content-Length"] == str(len(expected))
    if status == 206:
        first = start if start >= 0 else len(whole) + start
        assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(whole)}"


@pytest.mark.parametrize("header", ["bytes=9999999-", "bytes=-0"])
def test_a_part_beyond_the_end_is_416(
    call: Callable[..., api.Answer], key: str, rung: list[int], quick_engine: QuickEngine, header: str
) -> None:
    call("POST", "/api/v1/sonic/create", key, json.dumps(PARAMS | {"prompt": WORDS}).encode())
    jobs.render(rung[0])
    take = Take.objects.get(pk=rung[0])

    answer = Browser().get(f"/offline/files/{take.file_key}/audio.mp3", headers={"Range": header})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{take.path('mp3').stat().st_size}"


def test_a_file_without_its_key_cannot_be_had(
    call: Callable[..., api.Answer], key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    call("POST", "/api/v1/sonic/create", key, json.dumps(PARAMS | {"prompt": WORDS}).encode())
    jobs.render(rung[0])
    take = Take.objects.get(pk=rung[0])

    for guess in (take.clip_id, take.job.task_id, take.file_key[:-1]):
        assert Browser().get(f"/offline/files/{guess}/audio.mp3").status_code == 404


def test_an_address_holds_the_host_that_the_caller_used(
    call: Callable[..., api.Answer], key: str, rung: list[int], quick_engine: QuickEngine, settings
) -> None:
    settings.ALLOWED_HOSTS = ["music.example"]
    answer = call("POST", "/api/v1/sonic/create", key, json.dumps(PARAMS | {"prompt": WORDS}).encode())
    for pk in rung:
        jobs.render(pk)

    task_id = json.loads(answer.body)["task_id"]
    found = Browser().get(
        f"/offline/api/v1/sonic/task/{task_id}",
        headers={"Authorization": f"Bearer {key}", "Host": "music.example"},
    )

    assert found.json()["data"][0]["audio_url"].startswith("http://music.example/offline/files/")


def test_a_body_of_fifty_megabytes_is_refused_and_harms_nothing(
    transactional_db, live_server, quick_engine: QuickEngine
) -> None:
    key = open_account("Large", 100)
    body = b'{"prompt": "' + b"x" * 50_000_000 + b'"}'

    answer = httpx.post(
        f"{live_server.url}/offline/api/v1/sonic/create",
        content=body,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )

    assert answer.status_code == 413
    assert Account.objects.get().credits == 100


def test_the_command_prints_a_key_that_works(db) -> None:
    out = StringIO()
    call_command("offline_key", "--json", "--name", "Robot", "--credits", "25", stdout=out)

    key = json.loads(out.getvalue())["key"]

    found = Browser().get("/offline/api/v1/get-credits", headers={"Authorization": f"Bearer {key}"})
    assert found.json() == {"credits": 25, "extra_credits": 0}
    account = Account.objects.get(name="Robot")
    assert key not in account.key_hash and account.key_last4 == key[-4:]


def test_the_command_gives_first_credits_and_refuses_negative_ones(db, settings) -> None:
    out = StringIO()
    call_command("offline_key", stdout=out)

    assert "Key: offline-" in out.getvalue()
    assert Account.objects.get().credits == settings.OFFLINE_FIRST_CREDITS
    with pytest.raises(CommandError):
        call_command("offline_key", "--credits", "-1")
