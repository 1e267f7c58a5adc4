"""Base URLs as people paste them, and origins as keys must respect them."""

import re
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
API_ROOT = "/api/v1"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def normalise_base_url(text: str) -> str:
    """The base URL below which every path of the API hangs: scheme, host, optional port, path to /api/v1.

    "api.musicapi.ai", "https://api.musicapi.ai/" and ".../api/v1/sonic/create" all become
    "https://api.musicapi.ai/api/v1". Raises ValueError with a sentence for the person who typed it.
    """
    parts = _split(text.strip())
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError("The base URL must begin with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The base URL must not contain a name or password. The key has its own field.")
    if parts.query or parts.fragment:
        raise ValueError("The base URL must not contain ? or #. The key has its own field.")
    host = parts.hostname or ""
    if not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host):
        raise ValueError("The base URL needs a host name, such as api.musicapi.ai.")
    return f"{parts.scheme}://{_authority(host, parts)}{_api_path(parts.path)}"


def _split(text: str) -> SplitResult:
    if "://" not in text:
        host = re.split(r"[:/]", text.lower(), maxsplit=1)[0]
        text = ("http://" if host in LOOPBACK else "https://") + text
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises here rather than at the first call
    except ValueError:
        raise ValueError("The base URL is not a valid address.") from None
    return parts


def _authority(host: str, parts: SplitResult) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{parts.port}"


def _api_path(path: str) -> str:
    """Cut an endpoint that was pasted along, add what a bare host lacks."""
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    versioned = re.match(r"(.*?/api/v\d+)(/|$)", path)
    if versioned:
        return versioned[1]
    return (path[: -len("/api")] if path.endswith("/api") else path) + API_ROOT


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what two URLs must share before one may see the other's key."""
    parts = urlsplit(url)
    try:
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, parts.hostname or "", port
