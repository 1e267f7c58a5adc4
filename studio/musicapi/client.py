"""The only code that speaks to the AI Music API, or to anything that answers like it."""

import importlib.metadata
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import msgspec
import requests

from studio.musicapi import downloads, envelope, errors, outcomes, polls, transport
from studio.musicapi.addresses import normalise_base_url, origin
from studio.musicapi.patience import persist
from studio.musicapi.requests import ApiRequest, Question
from studio.musicapi.results import Accepted, Credits, Downloaded, Reply, TaskAnswer

R = TypeVar("R", bound=Reply)

RETRY_STATUSES = frozenset({429, 502, 503, 504})
ANSWER_MAX_BYTES = 8 * 1024 * 1024
ANSWER_MAX_S = 60.0
REDIRECTS = 5

LOST_TEXTS = {
    "refused": "{host} could not be reached. Check the connection to the internet and the base URL.",
    "timeout": "{host} did not answer in time.",
    "tls": "A secure connection to {host} could not be made.",
    "cut": "The connection to {host} broke off.",
    "address": "The address of {host} is not valid. Check the base URL of this connection.",
}


def _user_agent() -> str:
    try:
        return f"Ostinato/{importlib.metadata.version('ostinato')}"
    except importlib.metadata.PackageNotFoundError:  # run from a source tree
        return "Ostinato/dev"


class Client:
    """One account at one provider.

    `base_url` is normalised; `key` is the bare API key. A given `session` is used as it is, so that a
    transport may be mounted on it; it must not repeat POSTs on its own. One thread at a time.

    Raises ValueError for a base URL or key that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        session: requests.Session | None = None,
        connect_timeout_s: float = 5,
        read_timeout_s: float = 30,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = normalise_base_url(base_url)
        self._key = _checked_key(key)
        self._session = session if session is not None else requests.Session()
        self._timeout_s = (connect_timeout_s, read_timeout_s)
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    def submit(self, request: ApiRequest) -> Accepted:
        """Send a request that costs credits, once. Not safe to repeat.

        Raises NotSent, Rejected (HalfDone where only an upload was made) or OutcomeUnknown, as tabulated in
        errors.py, and TypeError for a Question, whose answer would be lost here.
        """
        if isinstance(request, Question):
            raise TypeError(f"{type(request).__name__} is answered at once: ask, do not submit")
        return outcomes.accepted(request.family, self._post(request))

    def ask(self, request: Question[R]) -> R:
        """Send a request that is answered at once. Every one of them costs credits, so it is sent once.

        upload, download and lyrics cost 2; wav, midi, bpm, vox, persona and upsample-tags 1; aligned-lyrics 1
        the first time for a clip, then nothing. An upload may take a minute. Safe to repeat only after
        NotReady or NotSent.

        Raises NotReady, NotSent, Rejected or OutcomeUnknown, as tabulated in errors.py.
        """
        return outcomes.reply(request, self._post(request))

    def fetch(self, family: str, remote_id: str) -> TaskAnswer:
        """What has become of a task. Free and safe to repeat; the provider advises 15-25 s between asks.

        Raises Gone, Rejected, Unreachable or Unreadable. A failed task is an answer, not an exception.
        """
        if family not in polls.READERS:
            raise ValueError(f"no family {family!r}")
        path = f"/{family}/task/{quote(remote_id, safe='')}"
        return outcomes.task_answer(family, remote_id, self._get(path))

    def credits(self) -> Credits:
        """The account's balance. Free and safe to repeat; also the test of a key.

        Raises Rejected (bad key), Unreachable or Unreadable.
        """
        return outcomes.balance(self._get("/get-credits"))

    def download(
        self,
        url: str,
        target: BinaryIO,
        *,
        max_bytes: int,
        recognise: Callable[[bytes], object] | None = None,
        deadline_s: float = 300,
    ) -> Downloaded:
        """Copy a file into `target`, hashing on the way. Safe to repeat with an emptied target.

        `recognise` gets the first bytes (up to 4096) and says with a true value that they are of the
        expected kind, as `audio.files.sniff` does. Only the provider's own origin is shown the key. Errors
        of `target`, a full disk for one, pass through untouched. Raises Gone, Rejected or Unreachable
        before the first byte, then BrokenDownload.
        """
        response = self._open(urljoin(self.base_url + "/", url))
        try:
            return downloads.copy(
                response,
                target,
                max_bytes=max_bytes,
                recognise=recognise,
                deadline_s=time.monotonic() + deadline_s,
            )
        finally:
            response.close()

    def relay(self, url: str, *, max_bytes: int, deadline_s: float) -> Iterator[bytes]:
        """The bytes of a stream as they come, until it ends, breaks or reaches a bound. Nothing is checked.

        Raises Gone, Rejected or Unreachable before the first byte; afterwards it only ends. Close the
        iterator to let go of the connection.
        """
        response = self._open(urljoin(self.base_url + "/", url))
        return transport.relay(response, max_bytes, time.monotonic() + deadline_s)

    def _post(self, request: ApiRequest) -> envelope.Answer:
        """One call, sent exactly once."""
        body = msgspec.json.encode(request.to_payload())
        answer = self._exchange(request.method, request.path, body, request.wait_s)
        if isinstance(answer, transport.Lost):
            raise self._lost_error(answer, is_submit=True)
        return answer

    def _get(self, path: str) -> envelope.Answer:
        """One free call, repeated as often as patience allows."""
        answer = persist(partial(self._exchange, "GET", path), _wished_wait_s, self._sleep)
        if isinstance(answer, transport.Lost):
            raise self._lost_error(answer)
        return answer

    def _exchange(
        self, method: str, path: str, body: bytes | None = None, wait_s: float = 0.0
    ) -> envelope.Answer | transport.Lost:
        headers = {"User-Agent": _user_agent(), "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connect_s, read_s = self._timeout_s
        response = transport.send(
            self._session,
            method,
            self.base_url + path,
            auth=transport.BearerAuth(self._key),
            headers=headers,
            timeout_s=(connect_s, max(read_s, wait_s)),
            body=body,
        )
        if isinstance(response, transport.Lost):
            return response
        try:
            content, is_cut = transport.read_body(response, ANSWER_MAX_BYTES, time.monotonic() + ANSWER_MAX_S)
        finally:
            response.close()
        return envelope.answer(response.status_code, response.headers, content, self._key, is_cut)

    def _open(self, url: str) -> requests.Response:
        """The head of a file's answer, status 200. Each redirect decides anew who may see the key."""
        for _ in range(REDIRECTS + 1):
            found = persist(partial(self._ask_for_file, url), _wished_file_wait_s, self._sleep)
            if isinstance(found, transport.Lost):
                raise self._lost_error(found, host=urlsplit(url).hostname)
            error = downloads.refusal(found)
            if error is None:
                return found
            found.close()
            if not found.is_redirect:
                raise error
            url = urljoin(url, found.headers["Location"])
        raise errors.Unreachable("The provider's file leads from address to address.", kind="redirected")

    def _ask_for_file(self, url: str) -> requests.Response | transport.Lost:
        # Uncompressed, so that the received bytes can be counted against Content-Length.
        headers = {"User-Agent": _user_agent(), "Accept": "*/*", "Accept-Encoding": "identity"}
        key = self._key if origin(url) == origin(self.base_url) else ""
        return transport.send(
            self._session,
            "GET",
            url,
            auth=transport.BearerAuth(key),
            headers=headers,
            timeout_s=self._timeout_s,
        )

    def _lost_error(
        self, lost: transport.Lost, *, host: str | None = None, is_submit: bool = False
    ) -> errors.ApiError:
        if is_submit and lost.was_sent:
            return errors.OutcomeUnknown(outcomes.UNCONFIRMED, kind=lost.kind)
        host = host or urlsplit(self.base_url).hostname
        return (errors.NotSent if is_submit else errors.Unreachable)(
            LOST_TEXTS[lost.kind].format(host=host), kind=lost.kind
        )


def _checked_key(key: str) -> str:
    """A key that fits into a header; the message must not quote it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("The API key must be plain characters without spaces.")
    return key


def _wished_wait_s(answer: envelope.Answer | transport.Lost) -> float | None:
    """How long to wait before asking again, None to take this answer."""
    if isinstance(answer, transport.Lost):
        return None if answer.kind in ("tls", "address") else 0.0
    if answer.is_cut:
        return 0.0
    if answer.status not in RETRY_STATUSES or outcomes.is_task_failure(answer):
        return None
    return answer.retry_after_s or 0.0


def _wished_file_wait_s(found: requests.Response | transport.Lost) -> float | None:
    if isinstance(found, transport.Lost):
        return _wished_wait_s(found)
    if found.status_code not in RETRY_STATUSES:
        return None
    found.close()
    return envelope.retry_after_s(found.headers.get("Retry-After", "")) or 0.0
