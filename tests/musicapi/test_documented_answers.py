"""Every documented answer of the API leads to the outcome that the table in errors.py promises."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest
import responses

from studio import musicapi
from studio.musicapi import ApiRequest, Client, Question, envelope
from studio.musicapi.results import AlignedLyrics, LyricsDrafts, TaskAnswer
from tests.musicapi.payloads import INDEX, PAYLOADS, body_of, fields_of, named, request_of

BASE = "https://api.musicapi.example/api/v1"
TASK_ID = "7f9d2c64-18b3-4e55-8a70-2d6e5b4c3a10"
REQUEST = request_of("SonicCreate")
Call = Callable[[Client], Any]


def call_of(entry: dict[str, Any]) -> tuple[str, str, Call]:
    """Method, path and the client's call that brings the answer of an entry."""
    if entry["call"] == "credits":
        return "GET", "/get-credits", lambda client: client.credits()
    if entry["call"] == "task":
        family = entry.get("family", "sonic")
        return "GET", f"/{family}/task/{TASK_ID}", lambda client: client.fetch(family, TASK_ID)
    request = request_of(entry.get("type", "SonicCreate"))
    if isinstance(request, Question):
        return "POST", request.path, lambda client: client.ask(request)
    return "POST", request.path, lambda client: client.submit(request)


def summary(found: Any) -> dict[str, Any]:
    """What the index states about a result, in the words of the index."""
    if isinstance(found, AlignedLyrics):
        return {"words": [word.word for word in found.words]}
    if isinstance(found, LyricsDrafts):
        return {"drafts": [draft.title for draft in found.drafts]}
    if not isinstance(found, TaskAnswer):
        return json.loads(msgspec.json.encode(found)) | {"total": getattr(found, "total", None)}
    return {
        "state": found.state,
        "clips": len(found.clips),
        "ids": [clip.clip_id for clip in found.clips],
        "clip_states": [clip.state for clip in found.clips],
        "playable": [clip.is_playable for clip in found.clips],
        "durations": [clip.duration_s for clip in found.clips],
        "tags": [clip.tags for clip in found.clips],
        "lossless": [clip.lossless_url for clip in found.clips],
        "videos": [clip.video_url for clip in found.clips],
        "roles": [clip.role for clip in found.clips],
        "stems": [clip.part for clip in found.clips],
        "drafts": [draft.title for draft in found.drafts],
        "progress": found.progress_percent,
        "is_joining": found.is_joining,
        "failure": found.failure and msgspec.to_builtins(found.failure),
        "voice": found.voice and {"persona_id": found.voice.persona_id, "name": found.voice.name},
    }


@pytest.mark.parametrize("name", named("submit", "ask", "task", "credits"))
def test_a_documented_answer_has_its_outcome(name: str) -> None:
    entry = INDEX[name]
    expect = dict(entry["expect"])
    method, path, call = call_of(entry)
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
        else:
            found = summary(call(client))
            assert {key: found.get(key) for key in expect} == expect
        if method == "POST":
            (sent,) = mock.calls
            assert json.loads(sent.request.body) == request_of(entry.get("type", "SonicCreate")).to_payload()


def numbers_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: numbers_as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [numbers_as_text(inner) for inner in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def with_more(value: Any) -> Any:
    """The same with unknown fields in every object."""
    if isinstance(value, dict):
        return {key: with_more(inner) for key, inner in value.items()} | {"novelty": {"since": 2027}}
    return [with_more(inner) for inner in value] if isinstance(value, list) else value


def without(*names: str) -> Callable[[Any], Any]:
    return lambda fields: {key: value for key, value in fields.items() if key not in names}


VARIATIONS: dict[str, Callable[[Any], Any]] = {
    "code as text": lambda fields: fields | {"code": "200"},
    "another message": lambda fields: fields | {"message": "ok"},
    "neither code nor message": without("code", "message"),
    "null code and message": lambda fields: fields | {"code": None, "message": None},
    "numbers as text": numbers_as_text,
    "unknown fields": with_more,
}
RESULTS = [
    name
    for name in named("submit", "ask", "task")
    if not INDEX[name]["expect"].keys() & {"raises", "failure"}
]


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize("name", RESULTS)
def test_a_result_survives_what_varies_around_it(name: str, variation: str) -> None:
    entry = INDEX[name]
    method, path, call = call_of(entry)
    with responses.RequestsMock() as mock:
        mock.add(method, BASE + path, json=VARIATIONS[variation](fields_of(name)), status=entry["status"])
        found = summary(call(Client(BASE, "sk-quiet")))
    assert {key: found.get(key) for key in entry["expect"]} == entry["expect"]


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_keeps_its_raw_body_and_never_shows_an_address(name: str) -> None:
    entry = INDEX[name]
    method, path, call = call_of(entry)
    with responses.RequestsMock() as mock:
        mock.add(method, BASE + path, body_of(entry), status=entry["status"])
        found = call(Client(BASE, "sk-quiet"))
    assert entry["call"] == "submit" or found.raw == body_of(entry).decode()
    assert "://" not in repr(found)


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


READ_HERE = {"submit", "ask", "task", "credits"}
READ_ELSEWHERE = {
    "request": "test_documented_requests",
    "vocabulary": "test_documented_requests",
    "webhook": "test_webhooks",
    "webhook-fields": "test_webhooks",
    "signature": "test_webhooks",
}


def test_every_payload_file_is_used_by_a_test() -> None:
    files = {path.name for path in PAYLOADS.iterdir()} - {"index.json"}
    assert files == {entry["file"] for entry in INDEX.values()}
    assert {entry["call"] for entry in INDEX.values()} == READ_HERE | READ_ELSEWHERE.keys()
    for call, module in READ_ELSEWHERE.items():
        assert f'named("{call}")' in (PAYLOADS.parent / "musicapi" / f"{module}.py").read_text()


def test_optional_extensions_of_a_clip_are_read() -> None:
    fields = fields_of("sonic-task-succeeded")
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
    fields = fields_of("sonic-task-succeeded-docs")
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
