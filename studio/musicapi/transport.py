"""Sending bytes and getting bytes: what `requests` does, with its exceptions turned into plain values.

Exceptions of requests and urllib3 quote whole URLs, signatures included. So none of them leaves this
module, not even as the context of another exception: a lost exchange is a value, and the client raises anew.
"""

import contextlib
import logging
import ssl
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3.exceptions as low

logger = logging.getLogger(__name__)

CHUNK_BYTES = 64 * 1024
# Refusals by the peer while greeting: no request byte was sent yet.
HANDSHAKE_REASONS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "UNSUPPORTED_PROTOCOL",
        "HTTP_REQUEST",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "TLSV1_UNRECOGNIZED_NAME",
    }
)
# ConnectTimeoutError covers refused connections and unknown hosts too.
NEVER_SENT = (
    low.ConnectTimeoutError,
    requests.ConnectTimeout,
    ssl.SSLCertVerificationError,
    ConnectionRefusedError,
)
BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
# Everything a connection can raise; requests' own base class is an OSError.
TROUBLE = (OSError, low.HTTPError)


class Lost(msgspec.Struct, frozen=True):
    """An exchange without a complete answer."""

    was_sent: bool  # False: certainly no byte of the request reached the provider
    kind: str  # refused, timeout, tls, cut, address


class BearerAuth(requests.auth.AuthBase):
    """The key as a header. Given per request, it also keeps `requests` from looking into ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _WithoutQueries(logging.Filter):
    """Cut the query off every address urllib3 logs: it may be a signature."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(a.split("?", 1)[0] if isinstance(a, str) else a for a in record.args)
        return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_WithoutQueries())


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    auth: BearerAuth,
    headers: Mapping[str, str],
    timeout_s: tuple[float, float],
    body: bytes | None = None,
) -> requests.Response | Lost:
    """One exchange up to the head of the answer, redirects not followed. The caller closes the response."""
    begun_s = time.monotonic()
    try:
        response = session.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            auth=auth,
            timeout=timeout_s,
            allow_redirects=False,
            stream=True,
        )
    except TROUBLE as error:
        lost = explain(error)
        logger.warning("%s %s lost: %s (%s)", method, _bare(url), lost.kind, type(error).__name__)
        return lost
    elapsed_ms = (time.monotonic() - begun_s) * 1000
    level = logging.DEBUG if method == "GET" else logging.INFO  # polls are many
    logger.log(level, "%s %s %d in %.0f ms", method, _bare(url), response.status_code, elapsed_ms)
    return response


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def chunks(response: requests.Response, deadline_s: float) -> Iterator[bytes]:
    """The decoded body piece by piece. Raises TimeoutError when time.monotonic() passes `deadline_s`.

    A socket's own timeout starts anew with every byte, so a trickle would hold a worker for ever.
    """
    # Whatever is there by now: `iter_content` waits until a chunk is full.
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        if time.monotonic() > deadline_s:
            raise TimeoutError
        yield chunk


def relay(response: requests.Response, max_bytes: int, deadline_s: float) -> Iterator[bytes]:
    """The body piece by piece, ending quietly where it breaks or reaches a bound; closes the response."""
    left_bytes = max_bytes
    with response, contextlib.suppress(*TROUBLE):
        for chunk in chunks(response, deadline_s):
            yield chunk[:left_bytes]
            left_bytes -= len(chunk)
            if left_bytes <= 0:
                return


def read_body(response: requests.Response, max_bytes: int, deadline_s: float) -> tuple[bytes, bool]:
    """The body and whether it is cut (connection lost, too slow or more than `max_bytes`). Never raises."""
    found = bytearray()
    try:
        for chunk in chunks(response, deadline_s):
            found += chunk
            if len(found) > max_bytes:
                return bytes(found[:max_bytes]), True
    except TROUBLE:
        return bytes(found), True
    return bytes(found), False


def explain(error: BaseException) -> Lost:
    """What an exception means: did the request leave, and what broke."""
    links = list(_links(error))
    if isinstance(error, BAD_ADDRESS):
        return Lost(False, "address")
    if any(isinstance(link, NEVER_SENT) for link in links):
        is_tls = any(isinstance(link, ssl.SSLError) for link in links)
        is_timeout = type(links[-1]) is low.ConnectTimeoutError or isinstance(error, requests.ConnectTimeout)
        return Lost(False, "tls" if is_tls else "timeout" if is_timeout else "refused")
    tls = next((link for link in links if isinstance(link, ssl.SSLError)), None)
    if tls is not None:
        return Lost(getattr(tls, "reason", "") not in HANDSHAKE_REASONS, "tls")
    is_timeout = any(isinstance(link, low.TimeoutError | requests.Timeout | TimeoutError) for link in links)
    return Lost(True, "timeout" if is_timeout else "cut")


def _links(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """The exception and those it wraps, as requests and urllib3 nest them."""
    yield error
    inner = [*error.args, getattr(error, "reason", None), getattr(error, "original_error", None)]
    for link in inner:
        if isinstance(link, BaseException) and depth < 6:
            yield from _links(link, depth + 1)
