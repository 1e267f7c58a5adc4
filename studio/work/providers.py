"""Which client a team uses: connections, their keys, and the one place that mounts the offline provider."""

from __future__ import annotations

from decimal import Decimal

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studio import keys, ledger, links
from studio.models import Connection, Entry, Task, Team, User
from studio.musicapi import ApiError, Client, Rejected, normalise_base_url

OFFLINE_ORIGIN = "http://offline.invalid"
OFFLINE_BASE_URL = f"{OFFLINE_ORIGIN}/api/v1"
NO_API_THERE = "There is no AI Music API at this address. Check it; it usually ends in /api/v1."
_KEY_KINDS = {"unauthorized", "forbidden", "subscription"}


class ConnectionRefused(Exception):
    """A connection cannot be used as given. `field` is "base_url" or "key"; `text` is for the musician."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        self.text = text
        super().__init__(text)


def client_for(connection: Connection) -> Client:
    """The client of a connection. Raises keys.KeyUnreadable when ENCRYPTION_KEYS no longer has its key."""
    return _client(
        connection.base_url, keys.decrypt(connection.key_encrypted), is_offline=connection.is_offline
    )


def _client(base_url: str, key: str, *, is_offline: bool = False) -> Client:
    session = requests.Session()
    if is_offline:
        # The engine behind it is an optional extra: imported only by those who use it.
        from studio.offline.transport import OfflineAdapter

        session.trust_env = False
        session.mount(OFFLINE_ORIGIN, OfflineAdapter(links.open_here))
    return Client(base_url, key, session=session)


def _checked_client(base_url: str, key: str) -> Client:
    try:
        base_url = normalise_base_url(base_url)
    except ValueError as error:
        raise ConnectionRefused("base_url", str(error)) from None
    try:
        return _client(base_url, key)
    except ValueError as error:
        raise ConnectionRefused("key", str(error)) from None


def _remote_credits(client: Client) -> int:
    """The provider's balance, or ConnectionRefused at the field that is to blame."""
    try:
        return client.credits().total
    except ApiError as error:
        kind = error.kind if isinstance(error, Rejected) else ""
        if kind == "not_found":
            raise ConnectionRefused("base_url", NO_API_THERE) from None
        raise ConnectionRefused("key" if kind in _KEY_KINDS else "base_url", error.text) from None


def add_connection(team: Team, person: User | None, name: str, base_url: str, key: str) -> Connection:
    """A tested connection to a provider, its balance granted. Raises ConnectionRefused and then adds none.

    `key` is tried with get-credits, stored encrypted, and shown by its last four characters only. The first
    connection of a team is its default.
    """
    client = _checked_client(base_url, key)
    credits = _remote_credits(client)
    fields: dict[str, object] = {
        "name": name.strip()[:60] or client.base_url.split("/")[2],
        "base_url": client.base_url,
    }
    return _create(team, person, credits, key.strip(), fields)


def connect_offline(team: Team, person: User | None) -> Connection:
    """A connection to the offline provider with an account of its own, granted OFFLINE_CREDITS credits."""
    from studio.offline.accounts import open_account

    with transaction.atomic():
        # Each take shows as soon as it is rendered, not only when both are.
        key = open_account(team.name, settings.OFFLINE_FIRST_CREDITS, shows_partial=True)
        fields = {"name": "Offline provider", "base_url": OFFLINE_BASE_URL, "is_offline": True}
        return _create(team, person, settings.OFFLINE_FIRST_CREDITS, key, fields)


def _create(team: Team, person: User | None, credits: int, key: str, fields: dict[str, object]) -> Connection:
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        is_first = not team.connections.filter(is_default=True).exists()
        connection = Connection.objects.create(
            team=team,
            created_by=person,
            is_default=is_first,
            **fields,
            **_key_fields(key),
            **_checked_fields(credits),
        )
        if credits > 0:
            ledger.grant(connection, credits, person, "Balance at the provider when it was connected")
    return connection


def _key_fields(key: str) -> dict[str, object]:
    # A very short key would be shown whole by its last four characters.
    return {"key_encrypted": keys.encrypt(key), "key_last4": key[-4:] if len(key) >= 12 else ""}


def _checked_fields(credits: int) -> dict[str, object]:
    return {"checked_at": timezone.now(), "remote_credits": Decimal(credits), "problem": ""}


def replace_key(connection: Connection, key: str) -> None:
    """Put a new key in once it is tested. Raises ConnectionRefused and then keeps the old one."""
    try:
        client = _client(connection.base_url, key, is_offline=connection.is_offline)
    except ValueError as error:
        raise ConnectionRefused("key", str(error)) from None
    credits = _remote_credits(client)
    _save(connection, **_key_fields(key.strip()), **_checked_fields(credits))


def check(connection: Connection) -> str:
    """Ask the provider for the balance; "" when all is well, else what is wrong in words. Safe to repeat.

    When nothing is under way and the provider's balance differs from our books, an adjust entry closes the
    gap.
    """
    last_entry = _last_entry(connection)
    try:
        credits = client_for(connection).credits().total
    except (ApiError, keys.KeyUnreadable) as error:
        _save(connection, checked_at=timezone.now(), problem=error.text[:300])
        return error.text
    _save(connection, **_checked_fields(credits))
    _sync(connection, credits, last_entry)
    return ""


def _sync(connection: Connection, credits: int, last_entry: int | None) -> None:
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        # Books that moved while the provider was asked, or that wait for an end, cannot be compared.
        if _is_under_way(connection) or _last_entry(connection) != last_entry:
            return
        gap = credits - ledger.balance(connection).available_credits
        if gap:
            ledger.adjust(connection, gap, None, "The provider's balance differed from our books")


def _is_under_way(connection: Connection) -> bool:
    # A task that waits for a person's word may still be put right, and must not be put right twice.
    undecided = Q(status__in=[*Task.OPEN, Task.Status.UNCONFIRMED]) | Q(needs_person=True)
    return (
        connection.tasks.filter(undecided).exists()
        or ledger.open_holds().filter(connection=connection).exists()
    )


def _last_entry(connection: Connection) -> int | None:
    return Entry.objects.filter(connection=connection).order_by("-pk").values_list("pk", flat=True).first()


def make_default(connection: Connection) -> None:
    """New tasks of the team go here unless told otherwise. Raises ValueError for a retired connection."""
    if connection.retired_at is not None:
        raise ValueError("A retired connection cannot be the default.")
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=connection.team_id)
        Connection.objects.filter(team=connection.team_id, is_default=True).update(is_default=False)
        _save(connection, is_default=True)


def retire(connection: Connection) -> None:
    """Start no more tasks here. What runs is still followed, what was made stays. Safe to repeat.

    The oldest connection that is left becomes the default when this one was.
    """
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=connection.team_id)
        connection.refresh_from_db()
        if connection.retired_at is not None:
            return
        was_default = connection.is_default
        _save(connection, retired_at=timezone.now(), is_default=False)
        heir = Connection.objects.filter(team=connection.team_id, retired_at=None).first()
        if was_default and heir is not None:
            _save(heir, is_default=True)


def refill_offline(connection: Connection, credits: int, person: User | None, note: str) -> None:
    """Give the offline provider's account and our books the same new credits, 1 or more. Not safe to repeat.

    Raises ValueError for a connection to anybody else, and keys.KeyUnreadable.
    """
    if not connection.is_offline:
        raise ValueError("Only the offline provider is refilled here.")
    from studio.offline.accounts import top_up

    with transaction.atomic():
        top_up(keys.decrypt(connection.key_encrypted), credits)
        ledger.grant(connection, credits, person, note)


def _save(connection: Connection, **fields: object) -> None:
    for name, value in fields.items():
        setattr(connection, name, value)
    connection.save(update_fields=list(fields))
