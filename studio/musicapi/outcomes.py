"""From an answer to its outcome: the tables of errors.py as code, without any network.

A further family is a further entry in polls.READERS, a further kind of reply a struct in results; the client
never asks.
"""

import math
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec

from studio.musicapi import errors, polls, results, values
from studio.musicapi.envelope import KIND_OF_TYPE, Answer, Envelope, envelope
from studio.musicapi.requests import Question
from studio.musicapi.results import Reply

R = TypeVar("R", bound=Reply)

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
    "not_ready": "The provider is not ready with this yet. It will be asked again shortly.",
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


def accepted(family: str, answer: Answer) -> results.Accepted:
    """The outcome of a submit. Raises NotSent, Rejected or OutcomeUnknown, see the table in errors.py."""
    said = envelope(answer)
    fields = answer.fields or {}
    if 200 <= said.status < 300 and not answer.is_cut and (task_id := _task_id(family, fields)):
        return results.Accepted(
            task_id=task_id,
            warning=values.first_text(fields, "warning"),
            clip_id=_uploaded_clip(fields),
        )
    raise _step_error(answer) or _submit_error(answer, said)


def _task_id(family: str, fields: Mapping[str, Any]) -> str:
    """Where it stands, in a request of several steps perhaps only in the last one; studio calls it `data`."""
    steps = values.inner(fields, "steps")
    found = [fields, *(values.inner(steps, name) for name in steps)]
    ids = [one.get("task_id") for one in found] + ([fields.get("data")] if family == "studio" else [])
    return next((text.strip() for text in ids if isinstance(text, str) and text.strip()), "")


def _uploaded_clip(fields: Mapping[str, Any]) -> str:
    """The clip that the first of several steps made of a recording."""
    return values.first_text(values.inner(values.inner(fields, "steps"), "upload"), "clip_id")


def _step_error(answer: Answer) -> errors.ApiError | None:
    """The error of a request of several steps that says which of them failed, None of any other."""
    fields = answer.fields or {}
    steps = values.inner(fields, "steps")
    unsuccessful = (name for name in steps if values.inner(steps, name).get("success") is False)
    failed = values.first_text(fields, "failed_step") or next(unsuccessful, "")
    if not failed:
        return None
    words = values.first_text(values.inner(steps, failed), "error") or values.first_text(
        fields, "error", "message"
    )
    said = envelope(msgspec.structs.replace(answer, fields={**fields, "error": words}))
    if clip_id := _uploaded_clip(fields):
        return errors.HalfDone(_say(said, said.kind), clip_id=clip_id, **_details(answer, said, said.kind))
    cls = errors.NotSent if said.kind == "busy" else errors.Rejected
    return _error(cls, answer, said, said.kind)


def reply(request: Question[R], answer: Answer) -> R:
    """The outcome of asking at once. Raises NotReady, NotSent, Rejected or OutcomeUnknown, see errors.py."""
    said = envelope(answer)
    fields = answer.fields or {}
    if 200 <= said.status < 300 and not answer.is_cut and said.type not in KIND_OF_TYPE:
        try:
            return _read_reply(type(request), fields, answer.text)
        except values.Malformed:
            if fields and said.is_pending:
                raise _error(errors.NotReady, answer, said, "not_ready") from None
    if fields and answer.status in request.uncharged_statuses:
        raise _error(errors.NotSent, answer, said, said.kind)
    raise _submit_error(answer, said)


def stored_reply(question: type[Question[R]], raw: str) -> R:
    """A reply read once more from its `raw` body, which somebody kept. Raises Unreadable."""
    try:
        fields = msgspec.json.decode(raw, type=dict[str, Any])
        return _read_reply(question, fields, raw)
    except (msgspec.DecodeError, RecursionError, values.Malformed) as problem:
        raise errors.Unreadable(TEXTS["unknown"], kind="malformed", body=raw) from problem


def _read_reply(question: type[Question[R]], fields: Mapping[str, Any], raw: str) -> R:
    """A reply from its body, whose facts stand beside its `message` or in its `data`. Raises Malformed."""
    found = values.read(question.reply, {**fields, **values.inner(fields, "data")})
    return cast(R, msgspec.structs.replace(found, raw=raw))


def _submit_error(answer: Answer, said: Envelope) -> errors.ApiError:
    # A bare 503 may come from a gateway behind which the request went through.
    is_put_off = said.status == 503 and answer.retry_after_s is not None
    is_full = said.status == 429 or (said.kind == "busy" and 400 <= said.status < 500)
    if is_full or is_put_off or said.type == "rate_limited":
        return _error(errors.NotSent, answer, said, "busy")
    if answer.status in SAFE_REDIRECTS:
        return _error(errors.Rejected, answer, said, "redirected")
    is_refusal = 400 <= said.status < 500 and said.status != 408
    is_failure_word = said.status < 300 and said.type != "not_ready" and said.kind != "unknown"
    if is_refusal or is_failure_word or (said.status >= 500 and said.is_refunded):
        return _error(errors.Rejected, answer, said, said.kind)
    text = UNCONFIRMED if answer.is_cut else UNCLEAR
    return errors.OutcomeUnknown(text, **_details(answer, said, "outcome_unknown"))


def task_answer(family: str, remote_id: str, answer: Answer) -> results.TaskAnswer:
    """The outcome of a poll. Raises Gone, Rejected, Unreachable or Unreadable, see the table in errors.py."""
    said = envelope(answer)
    failure = _reported_failure(family, said, answer)
    if failure is not None:
        return results.TaskAnswer(state="failed", failure=failure, raw=answer.text)
    _require_ok(answer, said)
    assert answer.fields is not None
    try:
        found = polls.READERS[family](answer.fields, remote_id)
    except values.Malformed as problem:
        malformed = str(problem)
    else:
        text = next((clip.error_text for clip in found.clips if clip.error_text), "")
        failure = _failure_of(text, answer) if found.state == "failed" else None
        return msgspec.structs.replace(found, failure=failure, raw=answer.text)
    raise errors.Unreadable(
        f"The provider gave an answer that cannot be understood: {malformed}.",
        **_details(answer, said, "malformed"),
    )


def is_task_failure(answer: Answer) -> bool:
    """Whether a body of any status says that a task is over; such an answer is not worth asking again."""
    return _is_task_failure(envelope(answer), answer)


def _reported_failure(family: str, said: Envelope, answer: Answer) -> results.Failure | None:
    """The failure that the words around the data report, None when they report none."""
    if _is_task_failure(said, answer):
        return _failure(said)
    text = polls.failure_words(family, answer.fields or {})
    if text is None or answer.status >= 300 or said.kind in ACCOUNT_KINDS | GONE_KINDS | {"busy"}:
        return None
    if said.kind != "unknown":
        return _failure(said)
    return msgspec.structs.replace(_failure_of(text, answer), is_refunded=said.is_refunded)


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


def _failure_of(text: str, answer: Answer) -> results.Failure:
    """A failure from words on a clip or beside a status, read like those of any other error body."""
    words = {"type": "failed", "error": text}
    return _failure(envelope(Answer(status=200, fields=words, scrub=answer.scrub)))


def balance(answer: Answer) -> results.Credits:
    """The outcome of get-credits. Raises Rejected, Unreachable or Unreadable."""
    said = envelope(answer)
    _require_ok(answer, said)
    fields = answer.fields or {}
    credits = values.number(fields.get("credits"))
    if credits is None:
        raise _error(errors.Unreadable, answer, said, "unknown")
    extra = values.number(fields.get("extra_credits")) or 0.0
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
    return cls(_say(said, kind), **_details(answer, said, kind))


def _say(said: Envelope, kind: str) -> str:
    if not said.text or kind not in _PROVIDER_SAYS_MORE:
        return TEXTS.get(kind, TEXTS["unknown"])
    stop = "" if said.text.endswith((".", "!", "?", "…")) else "."
    return f"The provider says: {said.text}{stop}"
