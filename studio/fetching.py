"""Fetching a file from an address that somebody gave, without reaching into our own network."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

REDIRECTS = 5
TIMEOUT_S = (5.0, 20.0)
CHUNK_BYTES = 64 * 1024
NOT_PUBLIC = "not a public address"
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
HEADERS = {"User-Agent": "Ostinato", "Accept": "audio/*, */*;q=0.5", "Accept-Encoding": "identity"}


class NotFetched(Exception):
    """Nothing usable was there. `text` is a sentence for whoever gave the address."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def fetch(
    url: str, target: BinaryIO, *, max_bytes: int, deadline_s: float = 120.0, may_be_private: bool = False
) -> int:
    """Copy what is at `url` into `target`, and say how many bytes. Raises NotFetched; then it is rubbish.

    Loopback, private and other addresses that are not of the public internet are refused unless
    `may_be_private`; the address is judged on the open connection before a byte is sent, so that neither a
    redirect nor a name that changes its mind gets around it.
    """
    ends_s = time.monotonic() + deadline_s
    with session(may_be_private=may_be_private) as opened:
        response = _open(opened, url)
        with response:
            return _copy(response, target, max_bytes, ends_s)


def session(*, may_be_private: bool = False) -> requests.Session:
    """A session that connects to the public internet only, unless `may_be_private`."""
    found = requests.Session()
    found.trust_env = may_be_private  # through a proxy nobody sees where a connection ends
    if not may_be_private:
        for scheme in ("http://", "https://"):
            found.mount(scheme, _PublicOnly())
    return found


def _open(session: requests.Session, url: str) -> requests.Response:
    for _ in range(REDIRECTS + 1):
        if _scheme(url) not in ("http", "https"):
            raise NotFetched("The address must begin with https:// or http://.")
        try:
            response = session.get(
                url,
                stream=True,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                headers=HEADERS,
            )
        except (requests.RequestException, ValueError, UnicodeError) as error:
            raise NotFetched(_reason(error, url)) from error
        if not response.is_redirect:
            break
        response.close()
        url = _joined(url, response.headers["Location"])
    else:
        raise NotFetched("The address leads from address to address and never to a file.")
    if response.status_code != 200:
        response.close()
        raise NotFetched(f"The address answered {response.status_code}. It has to lead to a public file.")
    return response


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        raise NotFetched("This is no address. Copy it once more.") from None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise NotFetched("The address leads to something that is no address.") from None


def _reason(error: Exception, url: str) -> str:
    host = urlsplit(url).hostname or "The address"
    if NOT_PUBLIC in str(error):
        return f"{host} is not on the public internet."
    return f"{host} could not be reached. Check the address."


def _copy(response: requests.Response, target: BinaryIO, max_bytes: int, ends_s: float) -> int:
    size_bytes = 0
    too_large = NotFetched(f"The file is larger than {max_bytes // 1_000_000} MB.")
    length = response.headers.get("Content-Length") or ""
    if length.isdecimal() and int(length[:20]) > max_bytes:
        raise too_large
    try:
        # What is there by now: to wait for whole chunks would give a trickle all the time of the world.
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            size_bytes += len(chunk)
            if size_bytes > max_bytes:
                raise too_large
            if time.monotonic() > ends_s:
                raise NotFetched("The file came too slowly.")
            target.write(chunk)
    except HTTPError as error:
        raise NotFetched("The connection broke off in the middle of the file.") from error
    if not size_bytes:
        raise NotFetched("The file at this address is empty.")
    return size_bytes


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        within = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in NAT64 else None
        within = within or found.ipv4_mapped or found.sixtofour
        if within is None and (found.is_site_local or found.is_reserved):
            return False
        found = within or found
    return found.is_global and not found.is_multicast


def _connect(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
    """Judged before, lest open ports inside be told from closed ones, and after: names change their minds."""
    try:
        found = socket.getaddrinfo(connection.host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NewConnectionError(connection, "no such host") from None
    if not all(is_public(str(entry[4][0])) for entry in found):
        raise NewConnectionError(connection, NOT_PUBLIC)
    sock = connect()
    if not is_public(sock.getpeername()[0]):
        sock.close()
        raise NewConnectionError(connection, NOT_PUBLIC)
    return sock


class _PublicHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, super()._new_conn)


class _PublicHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, super()._new_conn)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class _PublicOnly(HTTPAdapter):
    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
