"""From an answer to its outcome: the tables of errors.py as code, without any network.

A further family or kind of result is a further entry in TASK_READERS or `_sonic_data`; the client never asks.
"""

import math
from collections.abc import Callable
from typing import Any

from studio.musicapi import errors, results
from studio.musicapi.envelope import KIND_OF_TYPE, Answer, Envelope, envelope

SAFE_REDIRECTS = frozenset({301, 307, 308})  # 302 and 303 are also sent after the work was done
FAILED_TYPES = frozenset({"failed", "timeout", "api_error"})
GONE_KINDS = frozenset({"not_found", "retired"})
ACCOUNT_KINDS = frozenset({"unauthorized", "insufficient_credits", "subscription"})

TEXTS = {
    "unauthorized": "The provider refused the API key. Check the key of this connection in the settings.",
    "insufficient_credits": "The provider's account has not enough credits. Buy credits there, "
    "or choose another connection.",
    "subscription": "The provider's account has no active subscription. Renew it there, "
    "or choose another connection.",
    "forbidden": "The provider does not allow this with the account of this connection.",
    "moderation": "The provider's moderation refused the text. Change it and create again.",
    "validation": "The provider did not accept the request. Change it and create again.",
    "not_found": "The provider does not know what was asked for.",
    "retired": "The provider has withdrawn this operation.",
    "busy": "The provider is busy. It will be tried again shortly.",
    "timeout": "The provider took too long. Create again to have another try.",
    "failed": "The provider could not make this. Create again to have another try.",
    "provider_error": "The provider had an error of its own.",
    "redirected": "The provider's address leads elsewhere. Correct the base URL of this connection.",
    "web_page": "A web page answered instead of the music API. Check the base URL of this connection.",
    "unknown": "The provider gave an answer that cannot be understood.",
}
UNCONFIRMED = (
    "The request was sent, but its answer was lost. It may be running and charged, so it is not sent again."
)
UNCLEAR = (
    "The request was sent, but the answer does not say what became of it. It may be running and charged, "
    "so it is not sent again."
)
# The provider's own sentence is the better one where it names the field or the line at fault.
_PROVIDER_SAYS_MORE = frozenset(
    {"validation", "moderation", "failed", "timeout", "not_found", "conflict", "provider_error", "unknown"}
)


def accepted(answer: Answer) -> results.Accepted:
    """The outcome of a submit. Raises NotSent, Rejected or OutcomeUnknown, see the table in errors.py."""
    said = envelope(answer)
    if 200 <= said.status < 300 and not answer.is_cut and answer.fields is not None:
        task_id = answer.fields.get("task_id")
        if isinstance(task_id, str) and task_id.strip():
            warning = results.first_text(answer.fields, "warning")
            return results.Accepted(task_id=task_id.strip(), warning=warning)
    raise _submit_error(answer, said)


def _submit_error(answer: Answer, said: Envelope) -> errors.ApiError:
    # A bare 503 may come from a gateway behind which the request went through.
    is_put_off = said.status == 503 and answer.retry_after_s is not None
    if said.status == 429 or is_put_off or said.type == "rate_limited":
        return _error(errors.NotSent, answer, said, "busy")
    if answer.status in SAFE_REDIRECTS:
        return _error(errors.Rejected, answer, said, "redirected")
    is_refusal = 400 <= said.status < 500 and said.status != 408
    is_failure_word = said.status < 300 and said.type != "not_ready" and said.kind != "unknown"
    if is_refusal or is_failure_word or (said.status >= 500 and said.is_refunded):
        return _error(errors.Rejected, answer, said, said.kind)
    text = UNCONFIRMED if answer.is_cut else UNCLEAR
    return errors.OutcomeUnknown(text, **_details(answer, said, "outcome_unknown"))


def task_answer(family: str, answer: Answer) -> results.TaskAnswer:
    """The outcome of a poll. Raises Gone, Rejected, Unreachable or Unreadable, see the table in errors.py."""
    said = envelope(answer)
    if _is_task_failure(said, answer):
        return results.TaskAnswer(state="failed", failure=_failure(said), raw=answer.text)
    _require_ok(answer, said)
    assert answer.fields is not None
    try:
        return TASK_READERS[family](answer.fields, answer.text)
    except results.Malformed as problem:
        malformed = str(problem)
    raise errors.Unreadable(
        f"The provider gave an answer that cannot be understood: {malformed}.",
        **_details(answer, said, "malformed"),
    )


def is_task_failure(answer: Answer) -> bool:
    """Whether a body of any status says that a task is over; such an answer is not worth asking again."""
    return _is_task_failure(envelope(answer), answer)


def _is_task_failure(said: Envelope, answer: Answer) -> bool:
    if said.type == "not_ready" or (answer.fields or {}).get("data"):
        return False
    if answer.status < 300 and said.type in FAILED_TYPES | {"forbidden"}:
        return True
    if said.kind in ACCOUNT_KINDS | GONE_KINDS:
        return False
    return said.type in FAILED_TYPES or said.is_refunded is not None or said.kind == "moderation"


def _failure(said: Envelope) -> results.Failure:
    text = said.text or TEXTS.get(said.kind, TEXTS["failed"])
    return results.Failure(kind=said.kind, text=text, is_refunded=said.is_refunded)


def balance(answer: Answer) -> results.Credits:
    """The outcome of get-credits. Raises Rejected, Unreachable or Unreadable."""
    said = envelope(answer)
    _require_ok(answer, said)
    fields = answer.fields or {}
    credits = results.number(fields.get("credits"))
    if credits is None:
        raise _error(errors.Unreadable, answer, said, "unknown")
    extra = results.number(fields.get("extra_credits")) or 0.0
    return results.Credits(credits=math.floor(credits), extra_credits=math.floor(extra))


def _require_ok(answer: Answer, said: Envelope) -> None:
    """Raise for every answer to a GET that carries no result."""
    if answer.is_cut:
        raise errors.Unreachable("The provider's answer was cut short.", **_details(answer, said, "cut"))
    is_error_word = said.type in KIND_OF_TYPE and not (answer.fields or {}).get("data")
    if said.status >= 500 or (
        said.kind in ("busy", "provider_error") and (is_error_word or said.status >= 400)
    ):
        raise _error(errors.Unreachable, answer, said, said.kind)
    if 400 <= said.status < 500 or is_error_word:
        is_gone = said.kind in GONE_KINDS
        raise _error(errors.Gone if is_gone else errors.Rejected, answer, said, said.kind)
    if not 200 <= said.status < 300:
        raise _error(errors.Unreadable, answer, said, "redirected")
    if answer.fields is None:
        is_page = answer.text.lstrip().startswith("<")
        raise _error(errors.Unreadable, answer, said, "web_page" if is_page else "unknown")


def _sonic_task(fields: dict[str, Any], raw: str) -> results.TaskAnswer:
    data = fields.get("data")
    if isinstance(data, dict) and (persona_id := results.first_text(data, "persona_id")):
        voice = results.Voice(persona_id=persona_id, name=results.first_text(data, "name"))
        return results.TaskAnswer(state="succeeded", voice=voice, raw=raw)
    if isinstance(data, list) and data:
        found = results.clips(data)
        if found:
            return _of_clips(found, results.has_open_pair(data), raw)
    # An unknown shape is "still running": the task's deadline decides, not a word that we do not know.
    return results.TaskAnswer(state="not_ready", raw=raw)


def _of_clips(clips: tuple[results.Clip, ...], is_joining: bool, raw: str) -> results.TaskAnswer:
    failure = None
    state: results.TaskState = "running"
    if all(clip.is_final for clip in clips):
        state = "succeeded"
        if all(clip.state == "failed" for clip in clips):
            state, failure = "failed", _failure_of_clips(clips)
    return results.TaskAnswer(state=state, clips=clips, failure=failure, is_joining=is_joining, raw=raw)


def _failure_of_clips(clips: tuple[results.Clip, ...]) -> results.Failure:
    """One failure for the task from the words on its clips, read like any other error body."""
    text = next((clip.error_text for clip in clips if clip.error_text), "")
    return _failure(envelope(Answer(status=200, fields={"type": "failed", "error": text})))


TASK_READERS: dict[str, Callable[[dict[str, Any], str], results.TaskAnswer]] = {"sonic": _sonic_task}


def _details(answer: Answer, said: Envelope, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "status": answer.status,
        "body": answer.support,
        "retry_after_s": answer.retry_after_s,
        "request_id": answer.request_id,
        "is_retriable": said.is_retriable,
    }


def _error(cls: type[errors.ApiError], answer: Answer, said: Envelope, kind: str) -> errors.ApiError:
    text = TEXTS.get(kind, TEXTS["unknown"])
    if said.text and kind in _PROVIDER_SAYS_MORE:
        stop = "" if said.text.endswith((".", "!", "?", "…")) else "."
        text = f"The provider says: {said.text}{stop}"
    return cls(text, **_details(answer, said, kind))
