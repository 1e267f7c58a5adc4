"""The addresses, as pure requests and answers."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from studio.offline import api, jobs
from studio.offline.accounts import open_account
from studio.offline.models import Account, Job, Take
from tests.offline.conftest import ORIGIN
from tests.offline.quick_engine import QuickEngine

Call = Callable[..., api.Answer]
CUSTOM = {"custom_mode": True, "mv": "chirp-v5", "prompt": "[Verse]\nStars they shine", "tags": "pop"}
DOCUMENTED = {
    "clip_id", "state", "title", "tags", "lyrics", "image_url", "audio_url", "video_url", "created_at", "mv",
    "gpt_description_prompt", "duration", "negative_tags", "style_weight", "weirdness_constraint",
}  # fmt: skip


def said(answer: api.Answer) -> dict[str, Any]:
    return json.loads(answer.body)


def create(call: Call, key: str, path: str = "/api/v1/sonic/create", **change: Any) -> str:
    answer = call("POST", path, key, json.dumps(CUSTOM | change).encode())
    assert answer.status == 200, answer.body
    return said(answer)["task_id"]


def poll(call: Call, key: str, task_id: str) -> tuple[int, dict[str, Any]]:
    answer = call("GET", f"/api/v1/sonic/task/{task_id}", key)
    return answer.status, said(answer)


def test_credits_are_told_as_a_bare_object(call: Call, key: str) -> None:
    answer = call("GET", "/api/v1/get-credits", key)

    assert (answer.status, said(answer)) == (200, {"credits": 100, "extra_credits": 0})


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Authorization header is missing."),
        ({"Authorization": ""}, "Authorization header is missing."),
        ({"authorization": "secret"}, "Invalid authorization format."),
        ({"Authorization": "Basic abc"}, "Invalid authorization format."),
        ({"Authorization": "Bearer "}, "Invalid authorization format."),
        ({"Authorization": "Bearer wrong"}, "Invalid API key."),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/get-credits"),
        ("POST", "/api/v1/sonic/create"),
        ("GET", "/api/v1/sonic/task/0"),
    ],
)
def test_nothing_is_said_without_a_good_key(
    db, call: Call, headers: dict[str, str], text: str, method: str, path: str
) -> None:
    answer = call(method, path, body=b"{}", **headers)

    assert answer.status == 401
    assert said(answer) == {"type": "unauthorized", "error": text, "message": text}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/credits", 404),
        ("POST", "/api/v1/sonic/sing", 405),
        ("GET", "/api/v1/sonic/create", 405),
        ("POST", "/api/v1/get-credits", 405),
        ("DELETE", "/api/v1/sonic/create", 405),
        ("GET", "/files/nothing/audio.mp3", 404),
        ("GET", "/files/../api.py", 404),
    ],
)
def test_unknown_addresses_are_refused_as_the_live_service_does(
    db, call: Call, method: str, path: str, status: int
) -> None:
    answer = call(method, path)

    assert answer.status == status
    assert set(said(answer)) == {"type", "error", "message"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 50_000])
def test_a_body_that_is_no_json_object_is_refused(call: Call, key: str, body: bytes) -> None:
    answer = call("POST", "/api/v1/sonic/create", key, body)

    assert (answer.status, said(answer)["type"]) == (400, "validation_error")


def test_a_huge_body_is_refused(call: Call, key: str) -> None:
    body = json.dumps(CUSTOM | {"unknown": "x" * api.MAX_REQUEST_BYTES}).encode()

    assert call("POST", "/api/v1/sonic/create", key, body).status == 413


@pytest.mark.parametrize("path", ["/api/v1/sonic/create", "/api/v1/suno/create"])
def test_a_submit_answers_two_keys_charges_and_rings_for_both_takes(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine, path: str
) -> None:
    answer = call("POST", path, key, json.dumps(CUSTOM).encode())

    assert set(said(answer)) == {"message", "task_id"}
    assert said(answer)["message"] == "success"
    job = Job.objects.get(task_id=said(answer)["task_id"])
    assert rung == [take.pk for take in job.takes.all()]
    assert len(rung) == 2
    assert Account.objects.get().credits == 100 - 14


def test_the_old_models_are_cheaper_with_own_words_only(
    call: Call, key: str, quick_engine: QuickEngine, settings
) -> None:
    create(call, key, mv="sonic-v4")
    assert Account.objects.get().credits == 90

    create(call, key, mv="sonic-v4", custom_mode=False, gpt_description_prompt="happy song")
    assert Account.objects.get().credits == 76

    settings.OFFLINE_PRICES = {"create_music": 6}
    create(call, key)
    assert Account.objects.get().credits == 70


def test_a_request_beyond_the_credits_is_refused_and_leaves_nothing(
    db, call: Call, rung: list[int], quick_engine: QuickEngine
) -> None:
    answer = call("POST", "/api/v1/sonic/create", open_account("Poor", 13), json.dumps(CUSTOM).encode())

    assert (answer.status, said(answer)["type"]) == (403, "forbidden")
    assert said(answer)["error"].startswith("The remaining credits are not enough.")
    assert Account.objects.get().credits == 13
    assert not Job.objects.exists() and not Take.objects.exists() and not rung


def test_without_an_engine_the_answer_says_what_to_install_and_nothing_is_charged(
    call: Call, key: str, quick_engine: QuickEngine
) -> None:
    quick_engine.missing = "The offline engine needs mido. Install them with: pip install 'ostinato[engine]'"

    answer = call("POST", "/api/v1/sonic/create", key, json.dumps(CUSTOM).encode())

    assert (answer.status, said(answer)["error"]) == (424, quick_engine.missing)
    assert Account.objects.get().credits == 100


def test_a_poll_says_not_ready_until_every_take_is_final(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    task_id = create(call, key)
    not_ready = (202, api.NOT_READY)

    assert poll(call, key, task_id) == not_ready
    jobs.render(rung[0])
    assert poll(call, key, task_id) == not_ready
    jobs.render(rung[1])
    status, body = poll(call, key, task_id)

    assert status == 200
    assert (body["code"], body["message"], set(body)) == (200, "success", {"code", "data", "message"})
    assert [clip["state"] for clip in body["data"]] == ["succeeded", "succeeded"]


@pytest.mark.parametrize("path", ["sonic/task", "suno/clip", "suno/task"])
def test_a_task_is_read_at_all_its_addresses(
    call: Call, key: str, quick_engine: QuickEngine, path: str
) -> None:
    task_id = create(call, key)

    assert call("GET", f"/api/v1/{path}/{task_id}", key).status == 202


def test_a_finished_clip_has_the_documented_fields_and_ours(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    task_id = create(call, key, title="Night", negative_tags="choir", style_weight=0.5)
    for pk in rung:
        jobs.render(pk)

    one, other = poll(call, key, task_id)[1]["data"]

    assert set(one) == DOCUMENTED | {"alignment", "flac_url", "bpm", "key", "remarks"}
    assert one["clip_id"] != other["clip_id"]
    assert (one["title"], one["mv"], one["lyrics"]) == ("Night", "chirp-v5", CUSTOM["prompt"])
    assert (one["negative_tags"], one["style_weight"], one["weirdness_constraint"]) == ("choir", 0.5, None)
    assert one["gpt_description_prompt"] is None and one["video_url"] is None
    assert isinstance(one["duration"], float)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["created_at"])
    assert one["alignment"] == [
        {"word": "[Verse]\nStars", "start_s": 0.1, "end_s": 0.4, "p_align": 1.0, "success": True}
    ]
    assert one["audio_url"].startswith(f"{ORIGIN}/files/") and one["audio_url"] != other["audio_url"]
    for name in ("audio_url", "image_url", "flac_url"):
        answer = call("GET", one[name].removeprefix(ORIGIN))
        assert answer.status == 200 and answer.file is not None
        assert int(answer.headers["Content-Length"]) == answer.file.stat().st_size > 0


def test_an_instrumental_says_so_in_its_lyrics_and_has_no_alignment(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    task_id = create(call, key, make_instrumental=True, prompt=None)
    for pk in rung:
        jobs.render(pk)

    clip = poll(call, key, task_id)[1]["data"][0]

    assert clip["lyrics"] == "[Instrumental]"
    assert set(clip) == DOCUMENTED | {"flac_url", "bpm", "key", "remarks"}
    assert all(spec.instrumental and not spec.lyrics for spec in quick_engine.rendered)


def test_a_description_is_echoed_and_both_takes_sing_the_same_words(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    task_id = create(call, key, custom_mode=False, prompt=None, gpt_description_prompt="a happy song")
    for pk in rung:
        jobs.render(pk)

    one, other = poll(call, key, task_id)[1]["data"]

    assert one["gpt_description_prompt"] == "a happy song"
    assert (one["title"], one["lyrics"]) == (other["title"], other["lyrics"])
    assert "a happy song" in one["lyrics"]
    assert len({spec.seed for spec in quick_engine.rendered}) == 2


def test_auto_lyrics_takes_the_prompt_for_a_description(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    create(call, key, auto_lyrics=True, prompt="the last night of summer")
    jobs.render(rung[0])

    assert quick_engine.rendered[0].description == "the last night of summer"


def test_an_account_that_shows_partial_results_sees_clips_run(
    db, call: Call, rung: list[int], quick_engine: QuickEngine
) -> None:
    key = open_account("Live", 100, shows_partial=True)
    task_id = create(call, key)

    assert poll(call, key, task_id)[0] == 202
    jobs.render(rung[0])
    status, body = poll(call, key, task_id)

    assert (status, body["code"]) == (200, 200)
    done, waiting = body["data"]
    assert (done["state"], waiting["state"]) == ("succeeded", "pending")
    assert done["audio_url"] and waiting["audio_url"] is None and waiting["duration"] is None
    assert set(waiting) == DOCUMENTED


def test_a_running_take_can_be_heard_ahead_until_it_is_done(
    db, call: Call, rung: list[int], quick_engine: QuickEngine
) -> None:
    key = open_account("Live", 100, shows_partial=True)
    task_id = create(call, key)
    seen: list[tuple[str, str, int]] = []

    def look() -> None:
        clip = poll(call, key, task_id)[1]["data"][0]
        heard = call("GET", clip["audio_url"].removeprefix(ORIGIN))
        seen.append((clip["state"], heard.headers["Content-Type"], heard.file.stat().st_size))

    quick_engine.during = look
    jobs.render(rung[0])

    [(state, content_type, size_bytes)] = seen
    assert (state, content_type) == ("running", "audio/mpeg") and size_bytes > 500
    take = Take.objects.get(pk=rung[0])
    assert call("GET", f"/files/{take.file_key}/stream.mp3").status == 404
    assert poll(call, key, task_id)[1]["data"][0]["audio_url"].endswith("/audio.mp3")
    assert not list(take.folder.glob("preview*"))


def test_a_take_that_fails_leaves_no_preview(
    call: Call, rung: list[int], key: str, quick_engine: QuickEngine
) -> None:
    create(call, key)
    quick_engine.error = RuntimeError("broken")
    jobs.render(rung[0])

    take = Take.objects.get(pk=rung[0])
    assert take.files == {} and not take.folder.exists()
    assert call("GET", f"/files/{take.file_key}/stream.mp3").status == 404


def test_a_failed_task_says_why_and_that_it_is_refunded(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    task_id = create(call, key)
    quick_engine.error = RuntimeError("index out of range")
    for pk in rung:
        jobs.render(pk)

    status, body = poll(call, key, task_id)

    assert (status, set(body), body["type"]) == (200, {"type", "error"}, "failed")
    assert body["error"].startswith("The song could not be rendered")
    assert body["error"].endswith("Credits have been refunded.")
    assert "index out of range" not in body["error"]
    assert Account.objects.get().credits == 100


def test_one_failed_take_leaves_the_other_one_and_its_price(
    call: Call, key: str, rung: list[int], quick_engine: QuickEngine
) -> None:
    task_id = create(call, key)
    jobs.render(rung[0])
    quick_engine.error = RuntimeError("broken")
    jobs.render(rung[1])

    status, body = poll(call, key, task_id)

    assert status == 200
    assert [clip["state"] for clip in body["data"]] == ["succeeded", "failed"]
    assert set(body["data"][1]) == DOCUMENTED | {"error_message"}
    assert Account.objects.get().credits == 86


def test_tasks_of_others_and_unknown_ones_are_not_found(
    call: Call, key: str, quick_engine: QuickEngine
) -> None:
    task_id = create(call, key)
    other = open_account("Other", 0)
    not_found = {"type": "not_found", "error": "task not found.", "message": "task not found."}

    assert poll(call, other, task_id) == (404, not_found)
    assert poll(call, key, str(uuid.uuid4())) == (404, not_found)
    assert poll(call, key, "12") == (404, not_found)
    assert poll(call, key, "")[1]["error"] == "missing task id."


def test_a_fault_of_our_own_is_an_answer_and_never_an_exception(
    call: Call, key: str, quick_engine: QuickEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.offline.prices.price", lambda _name: 1 / 0)

    answer = call("POST", "/api/v1/sonic/create", key, json.dumps(CUSTOM).encode())

    assert (answer.status, said(answer)["error"]) == (500, "Internal Server Error.")
    assert Account.objects.get().credits == 100


def test_a_queue_that_cannot_be_rung_does_not_lose_a_paid_task(
    call: Call, key: str, quick_engine: QuickEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_broker(*_args: Any, **_kwargs: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("studio.offline.doorbell.async_task", no_broker)

    task_id = create(call, key)

    assert poll(call, key, task_id)[0] == 202
