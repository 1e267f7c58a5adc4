"""One answer of the provider before it is interpreted, and what its envelope says.

The API has no uniform error body: {"error"}, {"message"}, {"type", "error"}, {"code", "message"}, {"detail"},
with refund marks of two spellings. Everything is read tolerantly in this one place.
"""

import email.utils
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from studio.musicapi.values import first_text, number

TEXT_CHARS = 300  # of a provider's sentence that we show
RETRY_AFTER_MAX_S = 600.0  # longer waits are the person's business, not a queue's

Scrub = Callable[[str], str]

_QUERY = re.compile(r"(https?://[^\s\"'<>?#\\]+)\?[^\s\"'<>\\]*", re.IGNORECASE)

KIND_OF_TYPE = {
    "validation_error": "validation",
    "bad_request": "validation",
    "unauthorized": "unauthorized",
    "insufficient_credits": "insufficient_credits",
    "forbidden": "forbidden",
    "not_found": "not_found",
    "endpoint_retired": "retired",
    "rate_limited": "busy",
    "internal_error": "provider_error",
    "upstream_error": "provider_error",
    "api_error": "provider_error",
    "timeout": "timeout",
    "failed": "failed",
}
KIND_OF_STATUS = {
    400: "validation",
    401: "unauthorized",
    402: "insufficient_credits",
    403: "forbidden",
    404: "not_found",
    405: "not_found",
    409: "conflict",
    410: "retired",
    413: "validation",
    415: "validation",
    422: "validation",
    429: "busy",
    503: "busy",
    504: "timeout",
}
# Only the text tells what a 403 means, and what is wrong with a 400 for an unknown task.
_KIND_OF_TEXT = (
    (
        "insufficient_credits",
        re.compile(r"credits? (is|are) not enough|not enough credits|insufficient credits"),
    ),
    ("subscription", re.compile(r"active subscription")),
    ("not_found", re.compile(r"task not found|missing task id|record not found")),
    ("busy", re.compile(r"qps limit|queue is full")),
    (
        "moderation",
        re.compile(
            r"copyrighted content|inappropriate content|moderation|artist names?:|producer tags?:"
            r"|lyrics format is invalid"
        ),
    ),
)
_NO_REFUND = re.compile(
    r"(\b|can)not (be |been |yet |yet been )?refunded|n['’]t (be |been |get )?refunded"
    r"|\bno(ne)?( of)?( the| your)? credits?\b[^.;]{0,20}\brefunded"
    r"|\bnever (be |been )?refunded|non-?refundable"
)
_TEXT_REFINES = frozenset(
    {"validation", "forbidden", "unknown", "insufficient_credits", "provider_error", "failed"}
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A complete HTTP answer. `text` is the body without the key; `support` also without URL queries.

    `fields` is read from the body as it came: a short key could be part of an innocent word.
    """

    status: int
    text: str = ""
    support: str = ""
    fields: dict[str, Any] | None = None  # None: the body is not a JSON object
    scrub: Scrub = str.strip  # cleans a single text out of `fields`
    retry_after_s: float | None = None
    request_id: str = ""
    is_cut: bool = False  # the body did not arrive whole


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What the words around the data say, whatever they are called this time."""

    type: str
    kind: str
    text: str  # the provider's sentence, scrubbed, one line, at most 300 characters
    status: int  # the HTTP status, or the `code` of a 2xx body when that is an error
    is_refunded: bool | None
    is_retriable: bool | None
    is_pending: bool  # there will be an answer, only not yet


def scrubber(*secrets: str) -> Scrub:
    """A function that removes these secrets and the queries of URLs, which may be signatures."""

    def scrub(text: str) -> str:
        for secret in filter(None, secrets):
            text = text.replace(secret, "…")
        return _QUERY.sub(r"\1?…", text)

    return scrub


def answer(status: int, headers: Mapping[str, str], body: bytes, key: str, is_cut: bool = False) -> Answer:
    """Decode a body once; never raises."""
    text = body.decode("utf-8-sig", errors="replace")
    scrub = scrubber(key)
    return Answer(
        status=status,
        text=text.replace(key, "…") if key else text,
        support=scrub(text[:20_000]),
        fields=None if is_cut else _json_object(text),
        scrub=scrub,
        retry_after_s=retry_after_s(headers.get("Retry-After", "")),
        request_id=first_text(headers, "x-request-id", "x-vercel-id", "cf-ray")[:100],
        is_cut=is_cut,
    )


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def retry_after_s(value: str, now_s: float | None = None) -> float | None:
    """Seconds to wait, 0-600, from a Retry-After header of either form: seconds or HTTP date (RFC 9110)."""
    value = value.strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        wait_s = float(value[:10])
    else:
        try:
            at = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        wait_s = at.timestamp() - (time.time() if now_s is None else now_s)
    return min(max(wait_s, 0.0), RETRY_AFTER_MAX_S)


def envelope(answer: Answer) -> Envelope:
    """Read kind, text, refund and retry marks from an answer of any shape."""
    fields = answer.fields or {}
    code = int(number(fields.get("code")) or 0)  # a number, its text, or a word such as "success"
    status = code if answer.status < 300 and 400 <= code < 600 else answer.status
    type_ = first_text(fields, "type").lower()
    words = first_text(fields, "error", "message", "detail")
    return Envelope(
        type=type_,
        kind=_kind(type_, status, words.lower()),
        text=" ".join(answer.scrub(words).split())[:TEXT_CHARS],
        status=status,
        is_refunded=_refunded(fields, words.lower()),
        is_retriable=_flag(fields, "retriable"),
        is_pending=202 in (answer.status, code) or type_ == "not_ready",
    )


def _kind(type_: str, status: int, lowered: str) -> str:
    fallback = "provider_error" if status >= 500 else "unknown"
    kind = KIND_OF_TYPE.get(type_) or KIND_OF_STATUS.get(status, fallback)
    if kind in _TEXT_REFINES:
        kind = next((k for k, pattern in _KIND_OF_TEXT if pattern.search(lowered)), kind)
    return kind


def _flag(fields: Mapping[str, Any], *names: str) -> bool | None:
    found = [fields[name] for name in names if isinstance(fields.get(name), bool)]
    return any(found) if found else None


def _refunded(fields: Mapping[str, Any], lowered: str) -> bool | None:
    """The marks first; else the documented sentences "Credits were previously refunded" and its kin."""
    marked = _flag(fields, "already_refunded", "refund_processed")
    if marked is not None:
        return marked
    return True if "refunded" in lowered and not _NO_REFUND.search(lowered) else None
