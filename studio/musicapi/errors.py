"""What can go wrong with a call, named by what the caller must do next.

Submitting (a paid POST, sent once and never again by the client):

    outcome on the wire                                        raised            what to do
    ---------------------------------------------------------  ----------------  -----------------------------
    connection refused, unknown host, connect timeout,         NotSent           try later, nothing happened
      certificate or TLS handshake refused
    429; 503 with Retry-After; type rate_limited               NotSent           later, after retry_after_s
    400 401 402 403 404 405 409 410 413 415 422, other 4xx     Rejected          tell them, nothing charged
    301 307 308                                                Rejected          the base URL is wrong
    2xx with a failure `type` or a 4xx `code` in the body      Rejected          tell them
    5xx whose body says that the credits were given back       Rejected          tell them
    read timeout, reset, answer cut short or too large         OutcomeUnknown    keep the hold, never resubmit
    408, 500, 502, bare 503, 504, other 5xx                    OutcomeUnknown    the same
    302 303, other 3xx                                         OutcomeUnknown    the same
    2xx with HTML, no JSON, no task_id or one that is no text  OutcomeUnknown    the same

Exceptions, read from the body: nuro's full queue and QPS limit are NotSent although they are a 403. Where a
request has several steps, a failed first one is read as above, with OutcomeUnknown ruled out; a failed second
one is HalfDone, whatever the status.

Asking at once (a paid POST too, sent once; a Question): as submitting, with these differences.

    202, a `code` of 202, or type not_ready                    NotReady          ask the same again later
    a status by which the provider says it charged nothing     NotSent           ask the same again later
    2xx with JSON that lacks what was asked for                OutcomeUnknown    charged; tell support

Asking (a free GET, repeated by the client a few times on 429, 502, 503, 504 and lost connections):

    202 or type not_ready; 2xx with no clips yet               (not_ready)       ask again
    2xx with clips                                             (the clips' own)  running, succeeded, failed
    type failed, timeout or api_error at any status            (failed)          the task is over
    2xx with a `status` of FAILED or FAILURE (not sonic's)     (failed)          the task is over
    any status with a refund mark, or 504 "refunded"           (failed)          the task is over
    403 whose text is a moderation verdict; 2xx forbidden      (failed)          the task is over
    404; 400 "task not found." or "missing task id."; 410      Gone              stop asking
    401, 402, 403, other 4xx and 2xx with a 4xx `code`         Rejected          mend the connection
    429, 500, 502, 503, 504 with no failure in the body        Unreachable       ask again later
    connection lost, timeout                                   Unreachable       ask again later
    HTML, no JSON, clips without an id, "done" with nothing    Unreadable        ask again later, tell support
      to show for it, 3xx

403 is the one status with three meanings: an empty account, a lapsed subscription or moderation. Only the
text tells them apart, and a poll refused for the account's sake must not fail a task that may be alive.

Downloading: 403, 404 and 410 are Gone (a link's life is over), other 4xx Rejected, everything else that
fails before the first byte is Unreachable, everything after it BrokenDownload.
"""

from typing import Any

BODY_CHARS = 2000  # enough for every documented error; a web page is cut


class ApiError(Exception):
    """A call to the provider did not bring what was asked for.

    `text` is fit for a musician. `kind` is a word for programs (validation, unauthorized,
    insufficient_credits, subscription, forbidden, moderation, not_found, retired, busy, timeout, …).
    `body` is for support: at most 2000 characters, without key and without URL queries.
    """

    def __init__(
        self,
        text: str,
        *,
        kind: str = "unknown",
        status: int | None = None,
        body: str = "",
        retry_after_s: float | None = None,
        request_id: str = "",
        is_retriable: bool | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.kind = kind
        self.status = status
        self.body = body[:BODY_CHARS]
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.is_retriable = is_retriable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r}, kind={self.kind!r}, status={self.status})"


class NotSent(ApiError):
    """Nothing was started and nothing charged. Safe to submit again, after `retry_after_s` if given."""


class Rejected(ApiError):
    """The provider refused. Nothing is charged, and the same request would be refused again."""


class HalfDone(Rejected):
    """A recording was taken in, and charged as an upload; what was to be made of it was refused.

    `clip_id` is the upload's clip, which a further request may use.
    """

    def __init__(self, text: str, *, clip_id: str = "", **details: Any) -> None:
        super().__init__(text, **details)
        self.clip_id = clip_id


class NotReady(ApiError):
    """The provider took the question and still works on the answer. Ask the same again a little later."""


class Gone(Rejected):
    """The provider does not know this task or file, or no longer. Asking again is useless."""


class OutcomeUnknown(ApiError):
    """The request left, its answer did not arrive: it may be running and charged. Never send it again."""


class Unreachable(ApiError):
    """A free question got no usable answer. Ask again later, after `retry_after_s` if given."""


class Unreadable(Unreachable):
    """An answer came that is not what the API documents. Ask again later; `body` is kept for support."""


class BrokenDownload(ApiError):
    """A file arrived cut short, too large, or as something else. The target holds rubbish; start over."""
