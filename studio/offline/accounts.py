"""Keys and credits of the offline provider."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from django.db.models import F, Q

from studio.offline.errors import unauthorized
from studio.offline.models import Account


def open_account(name: str, credits: int, *, shows_partial: bool = False) -> str:
    """Make an account with `credits` and return its key: the only time that the key can be seen."""
    key = f"offline-{secrets.token_urlsafe(30)}"
    Account.objects.create(
        name=name[:120],
        key_hash=hash_of(key),
        key_last4=key[-4:],
        credits=credits,
        shows_partial=shows_partial,
    )
    return key


def top_up(key_or_hash: str, credits: int) -> None:
    """Add bought credits, which are spent first. Not safe to repeat.

    Raises ValueError for a count below 1 and Account.DoesNotExist for an unknown key.
    """
    if credits < 1:
        raise ValueError("credits must be 1 or more")
    account = Account.objects.filter(Q(key_hash=hash_of(key_or_hash)) | Q(key_hash=key_or_hash))
    if not account.update(extra_credits=F("extra_credits") + credits):
        raise Account.DoesNotExist("no account has this key")


def hash_of(key: str) -> str:
    """What is stored of a key. Keys are long and random, so a plain hash is safe and quick."""
    return hashlib.sha256(key.encode()).hexdigest()


def account_of(headers: Mapping[str, str]) -> Account:
    """The account that `Authorization: Bearer <key>` names. Raises Refusal 401."""
    value = next((v for k, v in headers.items() if k.lower() == "authorization"), "").strip()
    if not value:
        raise unauthorized("Authorization header is missing.")
    scheme, _, key = value.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise unauthorized("Invalid authorization format.")
    account = Account.objects.filter(key_hash=hash_of(key.strip())).first()
    if account is None:
        raise unauthorized("Invalid API key.")
    return account
