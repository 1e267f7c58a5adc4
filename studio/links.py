"""Signed, expiring addresses under which a provider may fetch one stored file, without signing in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import Resolver404, resolve, reverse

from studio import vault
from studio.models import Asset, Connection, Recording

HERE = "http://studio.invalid"  # understood by the offline provider in this process only
LAST = timedelta(hours=24)
_SIGNER = signing.TimestampSigner(salt="studio.links")
_TABLES: dict[str, type[Asset] | type[Recording]] = {"asset": Asset, "recording": Recording}
_ENDINGS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
}


@dataclass(frozen=True)
class Shared:
    """A stored file that may be fetched."""

    key: str
    content_type: str
    size_bytes: int
    as_wav: bool  # asked for as a copy in WAV


def address(stored: Asset | Recording, connection: Connection, *, as_wav: bool = False) -> str:
    """Where the provider of `connection` can fetch the file for the next 24 h; "" when it cannot reach us."""
    if connection.is_offline:
        origin = HERE
    elif settings.PUBLIC_URL:
        origin = settings.PUBLIC_URL
    else:
        # What is there is no copy in another format.
        return stored.source_url if isinstance(stored, Recording) and not as_wav else ""
    table = "recording" if isinstance(stored, Recording) else "asset"
    token = _SIGNER.sign_object([table, stored.pk, as_wav], compress=True)
    # Some providers go by the ending of an address.
    ending = "wav" if as_wav else _ENDINGS.get(stored.content_type.split(";")[0], "bin")
    return origin + reverse("shared_file", args=[token, f"audio.{ending}"])


def find(token: str) -> Shared | None:
    """The file that a token was made for; None when it is forged, older than LAST or its file is gone."""
    try:
        table, pk, as_wav = _SIGNER.unsign_object(token, max_age=LAST)
        stored = _TABLES[table].objects.get(pk=pk)
    except (
        signing.BadSignature,
        ValueError,
        KeyError,
        TypeError,
        Asset.DoesNotExist,
        Recording.DoesNotExist,
    ):
        return None
    return Shared(stored.key, stored.content_type, stored.size_bytes, bool(as_wav))


def open_here(url: str) -> BinaryIO | None:
    """The bytes behind an address of HERE, for the offline provider; None for all other addresses."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != HERE:
        return None
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    shared = find(found.kwargs.get("token", "")) if found.url_name == "shared_file" else None
    if shared is None or not vault.exists(shared.key):
        return None
    return vault.open(shared.key)
