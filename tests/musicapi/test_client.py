"""The client against a real socket that cuts, stalls, lies and redirects."""

import email.utils
import hashlib
import io
import json
import logging
import os
import pickle
import ssl
import threading
import time
import traceback
from typing import IO

import pytest
import requests
import responses
import urllib3
import urllib3.exceptions as low

from studio import musicapi
from studio.audio.files import sniff
from studio.musicapi import (
    BrokenDownload,
    Client,
    NotSent,
    OutcomeUnknown,
    SonicCreate,
    Unreachable,
    transport,
)
from studio.musicapi.envelope import retry_after_s
from studio.musicapi.requests.sonic import SonicBpm, SonicUpload
from tests.musicapi.loopback import Heard, http, provider

KEY = "sk-harbour-0123456789"
REQUEST = SonicCreate(custom_mode=False, mv="sonic-v5", gpt_description_prompt="a sea song")
ACCEPTED = json.dumps({"message": "success", "task_id": "t-1"}).encode()
PENDING = json.dumps({"type": "not_ready", "error": "Wait."}).encode()
MP3 = b"\xff\xfb\x90\x64" + bytes(40_000)
SIGNED = "?signature=very-secret-query"


def client(base_url: str, **options: object) -> Client:
    return Client(base_url, KEY, sleep=lambda _: None, **options)  # type: ignore[arg-type]


def test_a_submit_sends_the_documented_request() -> None:
    with provider(lambda heard, before: http(200, ACCEPTED)) as loopback:
        assert client(loopback.url).submit(REQUEST).task_id == "t-1"
    (heard,) = loopback.heard
    assert (heard.method, heard.target) == ("POST", "/api/v1/sonic/create")
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["user-agent"].startswith("Ostinato/")
    assert json.loads(heard.body) == REQUEST.to_payload()


CUT = http(200, ACCEPTED[:10], Content_Length=str(len(ACCEPTED)))
LOST_ANSWERS = {
    "no word": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "half a body": CUT,
    "half a chunk": http(200, b"40\r\n{", Content_Length="", Transfer_Encoding="chunked"),
    "rubbish": b"\x00\x01\x02 not http\r\n\r\n",
    "silence": None,
    "broken gzip": http(200, b"not gzip", Content_Encoding="gzip"),
    "see other": http(303, b"", Location="/elsewhere"),
    "too large": http(200, b'{"task_id": "' + b"x" * (9 * 1024 * 1024) + b'"}'),
}


@pytest.mark.parametrize("name", LOST_ANSWERS)
def test_a_lost_answer_is_unknown_and_never_sent_again(name: str) -> None:
    with provider(lambda heard, before: LOST_ANSWERS[name]) as loopback, pytest.raises(OutcomeUnknown):
        client(loopback.url, read_timeout_s=0.3).submit(REQUEST)
    assert len(loopback.heard) == 1


@pytest.mark.parametrize("name", LOST_ANSWERS)
def test_a_question_that_costs_credits_is_asked_once(name: str) -> None:
    class Brief(SonicBpm, frozen=True, kw_only=True):
        wait_s = 0.3

    with provider(lambda heard, before: LOST_ANSWERS[name]) as loopback, pytest.raises(OutcomeUnknown):
        client(loopback.url, read_timeout_s=0.3).ask(Brief(clip_id="c"))
    assert len(loopback.heard) == 1


@pytest.mark.parametrize(("read_timeout_s", "wait_s"), [(30, 120), (300, 300)])
def test_an_upload_is_given_the_time_that_the_provider_needs(read_timeout_s: float, wait_s: float) -> None:
    with responses.RequestsMock() as mock:
        sent = mock.post("https://api.example/api/v1/sonic/upload", json={"clip_id": "c"})
        asking = client("https://api.example", read_timeout_s=read_timeout_s)
        assert asking.ask(SonicUpload(url="https://a.example/x.mp3")).clip_id == "c"
    assert sent.calls[0].request.req_kwargs["timeout"] == (5, wait_s)


def test_a_question_is_not_submitted_as_its_answer_would_be_lost() -> None:
    with (
        provider(lambda heard, before: http(200, ACCEPTED)) as loopback,
        pytest.raises(TypeError, match="SonicBpm is answered at once"),
    ):
        client(loopback.url).submit(SonicBpm(clip_id="c"))
    assert loopback.heard == []


def test_a_refused_connection_was_not_sent() -> None:
    with provider(lambda heard, before: b"") as loopback:
        pass  # the port is free again
    with pytest.raises(NotSent) as caught:
        client(loopback.url).submit(REQUEST)
    assert caught.value.kind == "refused"
    assert "127.0.0.1" in caught.value.text


def test_a_redirected_submit_is_not_followed() -> None:
    moved = http(308, b"", Location="/api/v1/elsewhere")
    with (
        provider(lambda heard, before: moved) as loopback,
        pytest.raises(musicapi.Rejected, match="base URL"),
    ):
        client(loopback.url).submit(REQUEST)
    assert len(loopback.heard) == 1


NEVER_SENT = [
    requests.ConnectTimeout(low.MaxRetryError(None, "/", low.ConnectTimeoutError("slow"))),
    requests.ConnectionError(low.MaxRetryError(None, "/", low.NameResolutionError("h", None, OSError("x")))),
    requests.exceptions.SSLError(
        low.MaxRetryError(None, "/", low.SSLError(ssl.SSLCertVerificationError("self signed")))
    ),
    requests.exceptions.ProxyError(
        low.MaxRetryError(None, "/", low.ProxyError("no proxy", low.NewConnectionError(None, "refused")))
    ),
    requests.exceptions.InvalidURL("http://[/"),
]
PERHAPS_SENT = [
    requests.ReadTimeout(low.ReadTimeoutError(None, "/", "slow")),
    requests.ConnectionError(low.ProtocolError("aborted", ConnectionResetError(104, "reset"))),
    requests.exceptions.SSLError(low.SSLError(ssl.SSLEOFError("eof"))),
    requests.exceptions.ChunkedEncodingError("cut"),
    requests.exceptions.ProxyError(low.ProxyError("cut", ConnectionResetError())),
]


@pytest.mark.parametrize("error", NEVER_SENT, ids=lambda error: type(error).__name__)
def test_an_error_before_the_first_byte_means_not_sent(error: Exception) -> None:
    with responses.RequestsMock() as mock:
        mock.post("https://api.example/api/v1/sonic/create", body=error)
        with pytest.raises(NotSent):
            client("https://api.example").submit(REQUEST)


@pytest.mark.parametrize("error", PERHAPS_SENT, ids=lambda error: type(error).__name__)
def test_an_error_after_the_first_byte_leaves_the_outcome_unknown(error: Exception) -> None:
    with responses.RequestsMock() as mock:
        mock.post("https://api.example/api/v1/sonic/create", body=error)
        with pytest.raises(OutcomeUnknown):
            client("https://api.example").submit(REQUEST)
        assert len(mock.calls) == 1


@pytest.mark.parametrize("bad", [http(502), http(429), http(504, b"<html>"), b"", None, CUT])
def test_a_poll_is_repeated_until_it_is_answered(bad: bytes | None) -> None:
    with provider(lambda heard, before: bad if before < 2 else http(202, PENDING)) as loopback:
        assert client(loopback.url, read_timeout_s=0.3).fetch("sonic", "t-1").state == "not_ready"
    assert len(loopback.heard) == 3


def test_a_poll_gives_up_after_four_asks() -> None:
    waits: list[float] = []
    with provider(lambda heard, before: http(503)) as loopback, pytest.raises(Unreachable):
        Client(loopback.url, KEY, sleep=waits.append).fetch("sonic", "t-1")
    assert len(loopback.heard) == 4
    assert [low_s <= wait <= low_s + 0.5 for low_s, wait in zip((0.5, 1, 2), waits, strict=True)] == [
        True
    ] * 3


def test_retry_after_is_honoured_when_short_and_handed_on_when_long() -> None:
    waits: list[float] = []
    with (
        provider(lambda heard, before: http(429, b"{}", Retry_After="90" if before else "3")) as loopback,
        pytest.raises(Unreachable) as caught,
    ):
        Client(loopback.url, KEY, sleep=waits.append).fetch("sonic", "t-1")
    assert len(waits) == 1
    assert 3 <= waits[0] <= 3.5
    assert caught.value.retry_after_s == 90


def test_a_task_that_failed_is_not_asked_for_again() -> None:
    body = b'{"type": "timeout", "error": "Task failed due to timeout. Credits were previously refunded."}'
    with provider(lambda heard, before: http(504, body)) as loopback:
        assert client(loopback.url).fetch("sonic", "t-1").state == "failed"
    assert len(loopback.heard) == 1


def test_a_task_id_cannot_leave_its_path() -> None:
    with provider(lambda heard, before: http(202, PENDING)) as loopback:
        client(loopback.url).fetch("sonic", "../get-credits?x#")
    assert loopback.heard[0].target == "/api/v1/sonic/task/..%2Fget-credits%3Fx%23"


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [("3", 3.0), ("0", 0.0), ("99999", 600.0), ("", None), ("soon", None), ("-5", None), ("٣", None)],
)
def test_retry_after_in_seconds(value: str, wait_s: float | None) -> None:
    assert retry_after_s(value) == wait_s


def test_retry_after_as_a_date() -> None:
    now_s = 1_800_000_000.0
    assert retry_after_s(email.utils.formatdate(now_s + 42, usegmt=True), now_s) == 42
    assert retry_after_s(email.utils.formatdate(now_s - 42, usegmt=True), now_s) == 0


def test_a_download_is_copied_hashed_and_shown_no_key() -> None:
    with provider(lambda heard, before: http(200, MP3, Content_Type="audio/mpeg; x=y")) as loopback:
        target = io.BytesIO()
        got = client("https://api.example").download(
            loopback.url + "/a.mp3" + SIGNED, target, max_bytes=10**6, recognise=sniff
        )
    assert target.getvalue() == MP3
    assert (got.size_bytes, got.content_type) == (len(MP3), "audio/mpeg")
    assert got.sha256 == hashlib.sha256(MP3).hexdigest()
    assert "authorization" not in loopback.heard[0].headers
    assert loopback.heard[0].target.endswith(SIGNED)


def test_only_the_providers_own_origin_sees_the_key_even_through_a_redirect() -> None:
    with (
        provider(lambda heard, before: http(200, MP3)) as cdn,
        provider(lambda heard, before: http(302, b"", Location=cdn.url + "/b.mp3")) as own,
    ):
        client(own.url).download("/a.mp3", io.BytesIO(), max_bytes=10**6)
    assert own.heard[0].headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in cdn.heard[0].headers


PAGE = b"<!doctype html><title>Sign in</title>"
BROKEN = {
    "cut": http(200, MP3[:100], Content_Length=str(len(MP3))),
    "web_page": http(200, PAGE, Content_Type="audio/mpeg"),
    "wrong_kind": http(200, b'{"error": "expired"}', Content_Type="audio/mpeg"),
    "too_large": http(200, MP3 * 3, Content_Length=""),
    "empty": http(200, b""),
    "timeout": None,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_download_says_what_broke(kind: str) -> None:
    def reply(heard: Heard, before: int) -> bytes | None:
        return BROKEN[kind]

    with provider(reply) as loopback:
        expected = Unreachable if kind == "timeout" else BrokenDownload
        with pytest.raises(expected) as caught:
            client(loopback.url, read_timeout_s=0.3).download(
                "/a.mp3", io.BytesIO(), max_bytes=100_000, recognise=sniff
            )
    assert caught.value.kind == kind


def test_a_download_announced_as_too_large_is_not_begun() -> None:
    target = io.BytesIO()
    with (
        provider(lambda heard, before: http(200, MP3)) as loopback,
        pytest.raises(BrokenDownload) as caught,
    ):
        client(loopback.url).download("/a.mp3", target, max_bytes=1000)
    assert caught.value.kind == "too_large"
    assert target.getvalue() == b""


def test_a_file_may_not_trickle_for_ever() -> None:
    with provider(lambda heard, before: http(200, MP3)) as loopback, pytest.raises(BrokenDownload):
        client(loopback.url).download("/a.mp3", io.BytesIO(), max_bytes=10**6, deadline_s=-1)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, musicapi.Gone),
        (403, musicapi.Gone),
        (410, musicapi.Gone),
        (401, musicapi.Rejected),
        (500, Unreachable),
    ],
)
def test_a_refused_download_is_told_apart(status: int, error: type[Exception]) -> None:
    with provider(lambda heard, before: http(status)) as loopback, pytest.raises(error):
        client(loopback.url).download("/a.mp3", io.BytesIO(), max_bytes=10**6)


def test_a_full_disk_is_not_taken_for_a_broken_download() -> None:
    class FullDisk(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    whole = http(200, MP3)
    with provider(lambda heard, before: whole) as loopback, pytest.raises(OSError, match="No space left"):
        client(loopback.url).download("/a.mp3", FullDisk(), max_bytes=10**6)


def everything_said(error: BaseException | None) -> str:
    """An exception with all that hangs on it, and the traceback a log would print."""
    said = ""
    while error is not None:
        said += repr(error) + str(error) + repr(vars(error)) + "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return said


@pytest.mark.parametrize("reply", [http(500, KEY.encode()), b"", None, BROKEN["cut"], BROKEN["web_page"]])
def test_neither_key_nor_signature_is_ever_told(
    reply: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with provider(lambda heard, before: reply) as loopback:
        asking = client(loopback.url, read_timeout_s=0.2)
        with pytest.raises(musicapi.ApiError) as caught:
            asking.download("/a.mp3" + SIGNED, io.BytesIO(), max_bytes=10**6)
        with pytest.raises(musicapi.ApiError) as submitted:
            asking.submit(REQUEST)
    said = everything_said(caught.value) + everything_said(submitted.value) + caplog.text + repr(asking)
    assert "very-secret-query" not in said
    assert KEY not in said
    assert caught.value.__context__ is None


def test_a_body_kept_for_support_has_lost_key_and_signatures() -> None:
    body = json.dumps(
        {"error": f"bad {KEY} at https://cdn.example/a.mp3{SIGNED}", "type": "validation_error"}
    )
    with (
        provider(lambda heard, before: http(400, body.encode())) as loopback,
        pytest.raises(musicapi.Rejected) as caught,
    ):
        client(loopback.url).submit(REQUEST)
    said = everything_said(caught.value)
    assert "very-secret-query" not in said
    assert KEY not in said
    assert "https://cdn.example/a.mp3?…" in caught.value.text


def test_a_key_that_is_a_common_word_changes_nothing_that_is_read() -> None:
    with provider(lambda heard, before: http(200, ACCEPTED)) as loopback:
        assert Client(loopback.url, "task").submit(REQUEST).task_id == "t-1"


def test_a_clip_does_not_show_its_addresses() -> None:
    clip = musicapi.Clip(clip_id="c-1", audio_url="https://cdn.example/a.mp3" + SIGNED)
    answer = musicapi.TaskAnswer(state="running", clips=(clip,), raw=SIGNED)
    assert "secret" not in repr(answer)


def test_errors_survive_pickling() -> None:
    error = NotSent("Later.", kind="busy", status=429, retry_after_s=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.text, copy.kind, copy.retry_after_s) == ("Later.", "busy", 3)


def test_a_netrc_entry_does_not_replace_the_key(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with provider(lambda heard, before: http(200, ACCEPTED)) as loopback:
        client(loopback.url).submit(REQUEST)
    assert loopback.heard[0].headers["authorization"] == f"Bearer {KEY}"


def test_reading_stops_at_the_deadline() -> None:
    response = response_of(io.BytesIO(b"x" * 10))
    assert transport.read_body(response, 100, time.monotonic() - 1) == (b"", True)


def test_reading_stops_at_the_deadline_while_bytes_trickle() -> None:
    reader, writer = os.pipe()

    def trickle() -> None:
        with os.fdopen(writer, "wb", buffering=0) as target:
            for _ in range(30):
                target.write(b"x")
                time.sleep(0.1)

    sender = threading.Thread(target=trickle)
    sender.start()
    response, begun_s = response_of(os.fdopen(reader, "rb")), time.monotonic()
    found, is_cut = transport.read_body(response, 100, begun_s + 0.5)
    assert time.monotonic() - begun_s < 2
    assert (0 < len(found) < 15, is_cut) == (True, True)
    sender.join()
    response.close()


def response_of(stream: IO[bytes]) -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response.raw = urllib3.HTTPResponse(stream, preload_content=False)
    return response
