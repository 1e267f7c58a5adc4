"""Every documented answer of the API leads to the outcome that the table in errors.py promises."""

import json
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
import responses

from studio import musicapi
from studio.musicapi import ApiRequest, Client, SonicCreate, envelope

PAYLOADS = Path(__file__).parent.parent / "payloads"
INDEX: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "index.json").read_text())
BASE = "https://api.musicapi.example/api/v1"
TASK_ID = "7f9d2c64-18b3-4e55-8a70-2d6e5b4c3a10"
REQUEST = SonicCreate(custom_mode=False, mv="sonic-v5", gpt_description_prompt="a sea song")
CALLS = {
    "submit": ("POST", "/sonic/create", lambda client: client.submit(REQUEST)),
    "task": ("GET", f"/sonic/task/{TASK_ID}", lambda client: client.fetch("sonic", TASK_ID)),
    "credits": ("GET", "/get-credits", lambda client: client.credits()),
}


def named(*calls: str) -> list[str]:
    return [name for name, entry in INDEX.items() if entry["call"] in calls]


def body_of(entry: dict[str, Any]) -> bytes:
    return (PAYLOADS / entry["file"]).read_bytes()


def summary(call: str, found: Any) -> dict[str, Any]:
    """What the index states about a result, in the words of the index."""
    if call != "task":
        return msgspec.to_builtins(found) | ({"total": found.total} if call == "credits" else {})
    return {
        "state": found.state,
        "clips": len(found.clips),
        "clip_states": [clip.state for clip in found.clips],
        "playable": [clip.is_playable for clip in found.clips],
        "durations": [clip.duration_s for clip in found.clips],
        "roles": [clip.role for clip in found.clips],
        "stems": [clip.stem for clip in found.clips],
        "is_joining": found.is_joining,
        "failure": found.failure and msgspec.to_builtins(found.failure),
        "voice": found.voice and msgspec.to_builtins(found.voice),
    }


@pytest.mark.parametrize("name", named("submit", "task", "credits"))
def test_a_documented_answer_has_its_outcome(name: str) -> None:
    entry = INDEX[name]
    expect = dict(entry["expect"])
    method, path, call = CALLS[entry["call"]]
    content_type = "text/html" if entry["file"].endswith(".html") else "application/json"
    client = Client(BASE, "sk-quiet-harbour", sleep=lambda _: None)
    with responses.RequestsMock() as mock:
        mock.add(
            method,
            BASE + path,
            body_of(entry),
            status=entry["status"],
            headers=entry.get("headers"),
            content_type=content_type,
        )
        if raises := expect.pop("raises", None):
            with pytest.raises(musicapi.ApiError) as caught:
                call(client)
            assert type(caught.value).__name__ == raises
            assert {key: getattr(caught.value, key) for key in expect} == expect
            assert caught.value.status == entry["status"]
            assert caught.value.text.endswith(".")
            if method == "POST":
                assert len(mock.calls) == 1
        else:
            found = summary(entry["call"], call(client))
            assert {key: found.get(key) for key in expect} == expect


@pytest.mark.parametrize("name", named("request"))
def test_a_documented_request_is_built_as_documented(name: str) -> None:
    documented = json.loads(body_of(INDEX[name]))
    request = msgspec.convert(documented, SonicCreate)
    assert request.to_payload() == {"task_type": "create_music"} | documented


def test_a_further_request_is_only_a_struct() -> None:
    class CreateVoice(ApiRequest, frozen=True, kw_only=True, omit_defaults=True):
        family: ClassVar[str] = "sonic"
        path: ClassVar[str] = "/sonic/create-voice"
        audio_url: str
        webhook_url: str | None = None

    voice = CreateVoice(audio_url="https://studio.example.org/voice.mp3")
    with responses.RequestsMock() as mock:
        mock.post(BASE + "/sonic/create-voice", body_of(INDEX["sonic-create-voice-response"]))
        assert Client(BASE, "sk-quiet").submit(voice).warning == "durability advisory"
        assert json.loads(mock.calls[0].request.body) == {"audio_url": "https://studio.example.org/voice.mp3"}


def test_every_payload_file_is_named_in_the_index() -> None:
    files = {
        path.name for path in PAYLOADS.iterdir() if path.name.startswith(("sonic-", "error-", "credits"))
    }
    assert files == {entry["file"] for entry in INDEX.values()}


def test_optional_extensions_of_a_clip_are_read() -> None:
    fields = json.loads(body_of(INDEX["sonic-task-succeeded"]))
    fields["data"][0] |= {
        "flac_url": "https://cdn1.example.org/a.flac",
        "bpm": "96.5",
        "key": "D minor",
        "remarks": ["The word 字 could not be sung.", "", 7, None, "x" * 900],
        "alignment": [
            {"word": "[Verse]\nHarbour ", "start_s": 0.5, "end_s": 1.1, "p_align": 0.9, "success": True},
            {"word": "lamps\n", "start_s": "1.1", "end_s": 1.6, "success": False},
            {"word": "lost", "start_s": None, "end_s": None},
        ],
    }
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/sonic/task/{TASK_ID}", json=fields)
        first, second = Client(BASE, "sk-quiet").fetch("sonic", TASK_ID).clips
    assert (first.lossless_url, first.bpm, first.key) == ("https://cdn1.example.org/a.flac", 96.5, "D minor")
    assert [(word.start_s, word.is_aligned) for word in first.alignment] == [(0.5, True), (1.1, False)]
    assert first.remarks[0] == "The word 字 could not be sung." and len(first.remarks[-1]) == 500
    assert (second.lossless_url, second.bpm, second.alignment, second.remarks) == ("", None, (), ())


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (179, 179.0),
        (179.5, 179.5),
        ("179.52", 179.52),
        (None, None),
        ("", None),
        ("soon", None),
        (-1, None),
        (True, None),
    ],
)
def test_a_duration_of_any_spelling_is_seconds_or_nothing(sent: object, read: float | None) -> None:
    fields = json.loads(body_of(INDEX["sonic-task-succeeded-docs"]))
    fields["data"][0]["duration"] = sent
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/sonic/task/{TASK_ID}", json=fields)
        assert Client(BASE, "sk-quiet").fetch("sonic", TASK_ID).clips[0].duration_s == read


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b'"text"', b"{"])
def test_rubbish_for_an_answer_is_kept_for_support_and_never_crashes(body: bytes) -> None:
    client = Client(BASE, "sk-quiet")
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/sonic/task/{TASK_ID}", body)
        mock.post(f"{BASE}/sonic/create", body)
        with pytest.raises(musicapi.Unreadable):
            client.fetch("sonic", TASK_ID)
        with pytest.raises(musicapi.OutcomeUnknown) as caught:
            client.submit(REQUEST)
    assert len(caught.value.body) <= 2000


@pytest.mark.parametrize(
    ("text", "is_refunded"),
    [
        ("Task failed due to timeout. Credits were previously refunded.", True),
        ("It could not be made. Your credits have been refunded.", True),
        ("Credits are not refunded.", None),
        ("Used credits cannot be refunded.", None),
        ("Credits can't be refunded.", None),
        ("The credits weren’t refunded.", None),
        ("No credits were refunded.", None),
        ("None of the credits will be refunded.", None),
        ("This request is non-refundable and was never refunded.", None),
        ("It failed.", None),
    ],
)
def test_credits_count_as_given_back_only_where_the_words_say_so(text: str, is_refunded: bool | None) -> None:
    body = json.dumps({"type": "failed", "error": text}).encode()
    said = envelope.envelope(envelope.answer(200, {}, body, "key"))
    assert said.is_refunded is is_refunded
