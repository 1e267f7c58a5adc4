"""Whatever arrives, the caller gets a result or one of the errors that it knows how to handle."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from studio.musicapi import REQUESTS, ApiError, Question, envelope, outcomes
from studio.musicapi.polls import READERS
from tests.musicapi.payloads import INDEX, body_of, named, request_of

FAMILIES = sorted(READERS)
SUBMITTED = sorted({kind.family for kind in REQUESTS if not issubclass(kind, Question)})
ASKED = [kind.__name__ for kind in REQUESTS if issubclass(kind, Question)]
# The names that the readers look at, so that rubbish gets as far as it can.
NAMES = some.sampled_from(
    [
        "alignment", "audio_url", "avg_bpm", "clip_id", "code", "data", "duration", "end", "error",
        "extended", "failed_step", "file_url", "files", "full", "handledData", "id", "instruments",
        "lyrics", "message", "midi_url", "name", "notes", "persona_id", "pitch", "progress", "results",
        "song_path", "songs", "start", "start_s", "state", "status", "steps", "success", "tags",
        "task_id", "title", "type", "upload", "video_url", "word",
    ]
)  # fmt: skip
SCALARS = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.sampled_from(
        ["", "200", "SUCCESS", "FAILED", "failed", "succeeded", "not_ready", "https://a.example"]
    )
    | some.text(max_size=5)
)
JSON = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
OBJECTS = some.dictionaries(NAMES, JSON, max_size=6)
STATUSES = some.sampled_from([200, 202, 302, 400, 401, 403, 404, 410, 429, 500, 503, 504])


def answer(status: int, fields: dict[str, Any]) -> envelope.Answer:
    return envelope.Answer(status=status, fields=fields)


@settings(max_examples=150, deadline=None)
@given(family=some.sampled_from(FAMILIES), status=STATUSES, fields=OBJECTS)
def test_any_poll_has_an_outcome(family: str, status: int, fields: dict[str, Any]) -> None:
    try:
        found = outcomes.task_answer(family, "t-1", answer(status, fields))
    except ApiError as error:
        assert error.text.endswith(".")
        return
    assert (found.state == "failed") == (found.failure is not None)
    assert found.state != "succeeded" or found.clips or found.voice or found.drafts
    assert all(clip.clip_id for clip in found.clips)


@settings(max_examples=100, deadline=None)
@given(family=some.sampled_from(SUBMITTED), status=STATUSES, fields=OBJECTS)
def test_any_answer_to_a_submit_has_an_outcome(family: str, status: int, fields: dict[str, Any]) -> None:
    try:
        assert outcomes.accepted(family, answer(status, fields)).task_id
    except ApiError as error:
        assert error.text.endswith(".")


@settings(max_examples=150, deadline=None)
@given(kind=some.sampled_from(ASKED), status=STATUSES, fields=OBJECTS)
def test_any_answer_to_a_question_has_an_outcome(kind: str, status: int, fields: dict[str, Any]) -> None:
    request = request_of(kind)
    assert isinstance(request, Question)
    try:
        assert isinstance(outcomes.reply(request, answer(status, fields)), request.reply)
    except ApiError as error:
        assert error.text.endswith(".")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", named("task"))
def test_an_answer_in_another_familys_dialect_has_an_outcome(family: str, name: str) -> None:
    try:
        outcomes.task_answer(family, "t-1", envelope.answer(200, {}, body_of(INDEX[name]), "sk-quiet"))
    except ApiError as error:
        assert error.text.endswith(".")
