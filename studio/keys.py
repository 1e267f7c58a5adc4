"""Encryption at rest for the API keys of connections."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeyUnreadable(Exception):
    """A stored key was encrypted with an encryption key that this studio no longer has."""

    text = (
        "The stored API key cannot be read any more, because the studio's encryption key has changed. "
        "Enter the API key of this connection again in the settings."
    )


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.ENCRYPTION_KEYS])


def encrypt(text: str) -> str:
    """`text` under the newest of ENCRYPTION_KEYS, as URL-safe ASCII. Two calls never give the same."""
    return _fernet().encrypt(text.encode()).decode("ascii")


def decrypt(text: str) -> str:
    """What `encrypt` was given, under any of ENCRYPTION_KEYS. Raises KeyUnreadable."""
    try:
        return _fernet().decrypt(text.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable from None
