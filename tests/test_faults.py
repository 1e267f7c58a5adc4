"""What can go wrong on the wire, as a table: what becomes of the task and its credits, and what is said.

Each fault is tried wherever it can happen: when a task is sent (a song), when something is asked that is
answered at once (a WAV), and when a running task is looked at. The edge of the network is replaced, all above
it is real. Afterwards the provider is well again: what was only put off has to end well, and what may have
been charged must never be sent twice. The table is printed at the end of the run.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import requests
import urllib3
from django.utils import timezone

from studio.models import Task
from studio.work import jobs, ticker
from tests.base import make_clip
from tests.fake_api import FakeApi
from tests.flow import be_due, fresh, money, ordered, refresh_until_over

Status = Task.Status
QUEUED, RUNNING, READY = Status.QUEUED, Status.RUNNING, Status.READY
FAILED, UNCONFIRMED = Status.FAILED, Status.UNCONFIRMED
HOLD, SETTLE, RELEASE = "hold", "hold settle", "hold release"
TITLE = "The title character length should be less than 80."
EMPTY = "The remaining credits are not enough. You can buy more one-time credit packs or subscribe."
ARTIST = "The song description contains artist names: 'X' which is not allowed."
REFUNDED = "Task failed due to timeout. Credits were previously refunded."
LOST = "not sent again"


@dataclass(frozen=True)
class Fault:
    """One answer, or none, in place of what the provider would have said."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    error: Callable[[], Exception] | None = None
    cut: bool = False


@dataclass(frozen=True)
class Becomes:
    """The task's state, its entries, and words of the sentence that the musician reads."""

    status: str
    entries: str
    words: str
    needs_person: bool = False


@dataclass(frozen=True)
class Row:
    name: str
    fault: Fault
    sent: Becomes | None
    asked: Becomes | None
    looked: Becomes | None


def refused(words: str) -> Becomes:
    return Becomes(FAILED, RELEASE, words)


def put_off(words: str) -> Becomes:
    return Becomes(QUEUED, HOLD, words)


def waits(words: str) -> Becomes:
    return Becomes(RUNNING, HOLD, words)


UNKNOWN = Becomes(UNCONFIRMED, HOLD, LOST, needs_person=True)
PAGE = "<!doctype html><html><body>Welcome</body></html>"

TABLE = [
    Row("400 validation", Fault(400, {"error": TITLE}), refused(TITLE), refused(TITLE), waits(TITLE)),
    Row(
        "400 unknown task",
        Fault(400, {"error": "task not found."}),
        refused("task not found"),
        refused("task not found"),
        waits("task not found"),
    ),
    Row(
        "401",
        Fault(401, {"type": "unauthorized", "error": "Invalid authorization format."}),
        refused("refused the API key"),
        refused("refused the API key"),
        waits("refused the API key"),
    ),
    Row(
        "402 credits",
        Fault(402, {"type": "insufficient_credits", "error": "Insufficient credits"}),
        refused("not enough credits"),
        refused("not enough credits"),
        waits("not enough credits"),
    ),
    Row(
        "403 credits",
        Fault(403, {"error": EMPTY}),
        refused("not enough credits"),
        refused("not enough credits"),
        waits("not enough credits"),
    ),
    Row(
        "403 moderation",
        Fault(403, {"error": ARTIST}),
        refused("artist names"),
        refused("artist names"),
        Becomes(FAILED, SETTLE, "artist names", needs_person=True),
    ),
    Row(
        "404",
        Fault(404, {"type": "not_found", "error": "clip not found"}),
        refused("does not know this operation"),
        refused("clip not found"),
        waits("clip not found"),
    ),
    Row(
        "405",
        Fault(405, "<html>405 Method Not Allowed</html>"),
        refused("does not know this operation"),
        refused("does not know this operation"),
        waits("does not know"),
    ),
    Row(
        "410",
        Fault(410, {"type": "endpoint_retired", "error": "This endpoint has been retired."}),
        refused("has withdrawn this operation"),
        refused("has withdrawn this operation"),
        waits("has withdrawn"),
    ),
    Row(
        "429",
        Fault(429, {"type": "rate_limited", "error": "Too many requests"}),
        put_off("busy"),
        put_off("busy"),
        waits("busy"),
    ),
    Row(
        "429, Retry-After: 30",
        Fault(429, {"type": "rate_limited", "error": "Too many requests"}, {"Retry-After": "30"}),
        put_off("busy"),
        put_off("busy"),
        waits("busy"),
    ),
    Row(
        "500",
        Fault(500, {"type": "internal_error", "error": "Internal Server Error."}),
        UNKNOWN,
        UNKNOWN,
        waits("Internal Server Error"),
    ),
    Row(
        "502",
        Fault(502, {"type": "upstream_error", "error": "Bad gateway"}),
        UNKNOWN,
        UNKNOWN,
        waits("Bad gateway"),
    ),
    Row("504", Fault(504, "<html>504 Gateway Time-out</html>"), UNKNOWN, UNKNOWN, waits("asked again")),
    Row(
        "504, refunded",
        Fault(504, {"error": REFUNDED}),
        refused("timeout"),
        refused("timeout"),
        Becomes(FAILED, RELEASE, "timeout"),
    ),
    Row(
        "timeout before sending",
        Fault(error=requests.ConnectTimeout),
        put_off("did not answer in time"),
        put_off("did not answer in time"),
        waits("did not answer in time"),
    ),
    Row(
        "timeout after sending",
        Fault(error=requests.ReadTimeout),
        UNKNOWN,
        UNKNOWN,
        waits("did not answer in time"),
    ),
    Row(
        "cut in the body",
        Fault(200, {"message": "success", "task_id": "t"}, cut=True),
        UNKNOWN,
        UNKNOWN,
        waits("cut short"),
    ),
    Row("HTML in place of JSON", Fault(200, PAGE), UNKNOWN, UNKNOWN, waits("web page")),
    Row(
        "JSON of the wrong type",
        Fault(200, ["success", {"task_id": "t"}]),
        UNKNOWN,
        UNKNOWN,
        waits("cannot be understood"),
    ),
    Row(
        "fields of the wrong type",
        Fault(200, {"code": 200, "task_id": 7, "data": {"wav_url": 5 > 4}}),
        UNKNOWN,
        UNKNOWN,
        waits(""),
    ),
    Row(
        "200, failure body",
        Fault(200, {"type": "failed", "error": "Generation failed."}),
        refused("Generation failed"),
        refused("Generation failed"),
        Becomes(FAILED, SETTLE, "Generation failed", needs_person=True),
    ),
    Row(
        "200, failure body, refunded",
        Fault(200, {"type": "failed", "error": "Generation failed.", "refund_processed": True}),
        refused("Generation failed"),
        refused("Generation failed"),
        Becomes(FAILED, RELEASE, "Generation failed"),
    ),
    Row(
        "200, code 400 within",
        Fault(200, {"code": 400, "message": TITLE}),
        refused(TITLE),
        refused(TITLE),
        waits(TITLE),
    ),
    Row(
        "202 not ready",
        Fault(202, {"type": "not_ready", "error": "Still processing."}),
        None,
        put_off("still preparing it"),
        waits(""),
    ),
]

WAYS = [(row, way) for row in TABLE for way in ("sent", "asked", "looked") if getattr(row, way) is not None]


class Edge:
    """Stands where requests hands over to sockets. With a `fault`, every call of the API meets it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fault: Fault | None = None
        self.posts = 0
        self._real = requests.adapters.HTTPAdapter.send
        edge = self

        def send(adapter: Any, request: requests.PreparedRequest, **how: Any) -> requests.Response:
            edge.posts += request.method == "POST"
            if edge.fault is None or "/files/" in (request.url or ""):
                return edge._real(adapter, request, **how)
            return edge._answer(adapter, request, edge.fault)

        monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)

    def _answer(self, adapter: Any, request: requests.PreparedRequest, fault: Fault) -> requests.Response:
        if fault.error is not None:
            raise fault.error()
        body = (fault.body if isinstance(fault.body, str) else json.dumps(fault.body)).encode()
        headers = {"Content-Length": str(len(body)), **fault.headers}
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body[:12] if fault.cut else body),
            headers=headers,
            status=fault.status,
            preload_content=False,
            decode_content=False,
        )
        return adapter.build_response(request, raw)


@pytest.fixture
def edge(connected, api: FakeApi, monkeypatch):
    api.replies["/sonic/wav"] = {"data": {"wav_url": f"{api.origin}/files/song.wav"}}
    return Edge(monkeypatch)


@pytest.fixture
def told(record_property, request):
    """Write a row of the printed table."""

    def tell(when: str, name: str, task: Task, sentence: str) -> None:
        row = f"{when:<7} {name:<28} {task.status:<12} {' '.join(money(task)):<14} {sentence}"
        record_property("table: What can go wrong, and what becomes of it", row)

    return tell


def song(people) -> Task:
    payload = {"task_type": "create_music", "custom_mode": True, "mv": "sonic-v5", "prompt": "[Verse]\nStars"}
    return ordered(people, "sonic.create_music", payload, values={"prompt": "[Verse]\nStars"})


def wav(people) -> Task:
    clip = make_clip(people, remote_id="remote-1")
    values = {"clip": str(clip.code)}
    return ordered(people, "sonic.wav", {"clip_id": "remote-1"}, values=values, source=clip)


@pytest.mark.parametrize(("row", "way"), WAYS, ids=[f"{way}-{row.name}" for row, way in WAYS])
def test_what_becomes_of_a_task_its_credits_and_the_musician(connected, edge, told, row: Row, way: str):
    expected: Becomes = getattr(row, way)
    task = wav(connected) if way == "asked" else song(connected)
    if way == "looked":
        jobs.submit(task.pk)
        be_due(task)
    edge.fault = row.fault
    (jobs.refresh if way == "looked" else jobs.submit)(task.pk)
    found = fresh(task)
    told(way, row.name, found, found.problem_text)
    assert (found.status, " ".join(money(task))) == (expected.status, expected.entries)
    assert expected.words in found.problem_text
    assert found.needs_person == expected.needs_person
    assert_it_is_a_sentence(found)
    assert_it_waits_as_long_as_was_wished(row, found)
    assert_it_ends_well_once_the_provider_is_well(edge, task, found)


def assert_it_is_a_sentence(task: Task) -> None:
    """Nothing of machines: no status numbers alone, no markup, no addresses with queries, no key."""
    if task.problem_text:
        assert not task.problem_text[0].islower()
        assert task.problem_text.rstrip()[-1] in ".!?…"
        assert not {"<", "{", "Traceback", "fake-key"} & set(task.problem_text.split())
        assert "<html" not in task.problem_text
    if task.status in (FAILED, UNCONFIRMED):
        assert task.problem_text
    if task.status == RUNNING:
        assert "Create again" not in task.problem_text


def assert_it_waits_as_long_as_was_wished(row: Row, task: Task) -> None:
    if "Retry-After" in row.fault.headers and task.is_open:
        assert task.due_at - timezone.now() > timedelta(seconds=25)


def assert_it_ends_well_once_the_provider_is_well(edge: Edge, task: Task, found: Task) -> None:
    edge.fault = None
    posts = edge.posts
    be_due(task)
    ticker.tick()
    be_due(task)
    jobs.submit(task.pk)
    refresh_until_over(task)
    after = fresh(task)
    if found.status in (QUEUED, RUNNING):
        assert (after.status, after.problem_text) == (READY, "")
        assert money(task) == ["hold", "settle"]
        assert edge.posts == posts + (found.status == QUEUED)
    else:
        assert after.status == found.status
        assert edge.posts == posts


def clips_of(api: FakeApi, task: Task, *states: str) -> Fault:
    [made] = [one for one in api.tasks.values() if one.task_id == fresh(task).remote_id]
    clips = []
    for clip_id, state in zip(made.clip_ids(), states, strict=True):
        fields = {"state": state}
        if state == "failed":
            fields |= {"audio_url": None, "error_message": f"Take {clip_id[-1].upper()} was moderated."}
        if state == "running":
            fields |= {"audio_url": None}
        clips.append(api.clip(made, clip_id, **fields))
    return Fault(200, {"code": 200, "data": clips, "message": "success"})


@pytest.mark.parametrize(
    ("second", "expected", "texts"),
    [
        (
            ("failed", "failed"),
            Becomes(FAILED, SETTLE, "was moderated", needs_person=True),
            ["Take A was moderated.", "Take B was moderated."],
        ),
        (("failed", "succeeded"), Becomes(READY, SETTLE, ""), ["Take A was moderated.", ""]),
    ],
)
def test_clips_that_fail_one_by_one(connected, edge, api, told, second, expected, texts):
    task = song(connected)
    jobs.submit(task.pk)
    edge.fault = clips_of(api, task, "failed", "running")
    be_due(task)
    jobs.refresh(task.pk)
    first = fresh(task)
    told("looked", "first clip failed", first, task.clips.order_by("position")[0].problem_text)
    assert (first.status, money(task)) == (RUNNING, ["hold"])
    assert [clip.state for clip in task.clips.order_by("position")] == ["failed", "running"]
    edge.fault = clips_of(api, task, *second)
    be_due(task)
    jobs.refresh(task.pk)
    found = fresh(task)
    sentences = [clip.problem_text for clip in task.clips.order_by("position")]
    told("looked", f"then {' and '.join(second)}", found, " / ".join(filter(None, sentences)))
    assert (found.status, " ".join(money(task))) == (expected.status, expected.entries)
    assert (expected.words in found.problem_text, found.needs_person) == (True, expected.needs_person)
    assert sentences == texts


def test_a_task_that_stays_unknown_is_given_up_for_a_person_to_see(connected, edge, told):
    task = song(connected)
    jobs.submit(task.pk)
    edge.fault = Fault(404, {"error": "task not found."})
    refresh_until_over(task)
    found = fresh(task)
    told("looked", f"404, {jobs.GONE_TRIES} times", found, found.problem_text)
    assert (found.status, money(task), found.needs_person) == (FAILED, ["hold"], True)


def test_a_provider_that_stays_away_gives_the_credits_back(connected, edge, told, settings):
    task = song(connected)
    edge.fault = Fault(error=requests.ConnectTimeout)
    for _ in range(settings.SUBMIT_TRIES):
        be_due(task)
        jobs.submit(task.pk)
    found = fresh(task)
    told("sent", f"no connection, {settings.SUBMIT_TRIES} times", found, found.problem_text)
    assert (found.status, money(task)) == (FAILED, ["hold", "release"])
