from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from studio import keys, ledger
from studio.models import Connection, Entry, Task
from studio.musicapi import Rejected
from studio.work import providers, start
from studio.work.providers import ConnectionRefused
from tests.base import make_connection, make_task
from tests.fake_api import KEY, Answer, FakeApi


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setattr("studio.musicapi.patience.BACKOFF_S", (0, 0, 0))
    monkeypatch.setattr("studio.musicapi.patience.JITTER_S", 0)
    with FakeApi(credits=250) as api:
        yield api


@pytest.fixture
def connected(people, api):
    """Bob's studio talks to the fake provider."""
    return providers.add_connection(
        people.team, people.ada, " Fake ", f"{api.base_url}/sonic/create", f" {KEY} "
    )


def available(connection) -> int:
    return ledger.balance(connection).available_credits


def test_a_new_connection_is_tested_normalised_and_granted_its_balance(connected, people, api):
    assert (connected.name, connected.base_url) == ("Fake", api.base_url)
    assert connected.remote_credits == Decimal(250)
    assert connected.checked_at is not None
    assert available(connected) == 250
    assert api.requests == ["GET /api/v1/get-credits"]


def test_the_key_is_stored_encrypted_and_shown_by_its_last_four_characters(connected):
    row = Connection.objects.filter(pk=connected.pk).values().get()
    assert row["key_last4"] == KEY[-4:]
    assert KEY not in str(row)
    assert keys.decrypt(row["key_encrypted"]) == KEY


def test_a_short_key_is_not_shown_at_all(people, monkeypatch):
    monkeypatch.setattr(providers, "_remote_credits", lambda _client: 0)
    short = providers.add_connection(people.team, None, "S", "http://127.0.0.1:1", "abcd")
    assert short.key_last4 == ""


def test_the_first_connection_of_a_team_is_its_default(people, api):
    first = providers.add_connection(people.others, None, "", api.base_url, KEY)
    second = providers.add_connection(people.others, None, "", api.base_url, KEY)
    assert (first.is_default, second.is_default) == (True, False)
    assert first.name == api.base_url.split("/")[2]


@pytest.mark.parametrize(
    ("base_url", "key", "field", "said"),
    [
        ("ftp://example.com", KEY, "base_url", "https://"),
        ("", KEY, "base_url", "base URL"),
        ("http://127.0.0.1:1", KEY, "base_url", "could not be reached"),
        (None, "", "key", "API key"),
        (None, "two words", "key", "API key"),
        (None, "wrong", "key", "refused the API key"),
    ],
)
def test_a_connection_that_does_not_work_is_refused_at_the_field_to_blame(
    people, api, base_url, key, field, said
):
    with pytest.raises(ConnectionRefused) as refused:
        providers.add_connection(people.team, None, "X", api.base_url if base_url is None else base_url, key)
    assert refused.value.field == field
    assert said in refused.value.text
    assert Connection.objects.count() == 1
    assert not Entry.objects.exists()


def test_a_web_page_at_the_base_url_is_recognised(people, api):
    api.balances.append(Answer(200, "<html>hello</html>"))
    with pytest.raises(ConnectionRefused, match="web page") as refused:
        providers.add_connection(people.team, None, "X", api.base_url, KEY)
    assert refused.value.field == "base_url"


def test_a_client_uses_the_key_of_its_connection(connected, api):
    assert providers.client_for(connected).credits().total == 250
    connected.key_encrypted = keys.encrypt("another")
    with pytest.raises(Rejected):
        providers.client_for(connected).credits()


def test_a_key_under_a_forgotten_encryption_key_says_so(connected, settings):
    from cryptography.fernet import Fernet

    old, new = settings.ENCRYPTION_KEYS, Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *old]
    assert providers.check(connected) == ""
    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(keys.KeyUnreadable):
        providers.client_for(connected)
    assert "Enter the API key" in providers.check(connected)
    assert "Enter the API key" in connected.problem


def test_a_replaced_key_is_tested_before_the_old_one_goes(connected, api):
    with pytest.raises(ConnectionRefused) as refused:
        providers.replace_key(connected, "wrong-key-wrong-key")
    assert refused.value.field == "key"
    connected.refresh_from_db()
    assert keys.decrypt(connected.key_encrypted) == KEY
    providers.replace_key(connected, KEY)
    assert connected.problem == ""


def test_a_check_closes_the_gap_between_the_provider_and_our_books(connected, api):
    api.credits = 240
    assert providers.check(connected) == ""
    assert available(connected) == 240
    assert connected.remote_credits == 240
    assert Entry.objects.filter(kind="adjust").count() == 1
    providers.check(connected)
    assert Entry.objects.filter(kind="adjust").count() == 1


def test_credits_that_wait_for_a_persons_word_are_not_given_back_twice(connected, people, api):
    task = make_task(people, connection=connected, status=Task.Status.FAILED, needs_person=True)
    ledger.hold(task, 14)
    ledger.settle(task, 14)  # the provider did not say that it gave them back
    providers.check(connected)
    start.resolve(task, people.alice, was_charged=False)
    assert available(connected) == api.credits
    providers.check(connected)
    assert available(connected) == api.credits


@pytest.mark.parametrize("status", [*Task.OPEN, Task.Status.UNCONFIRMED])
def test_books_with_something_under_way_are_not_compared(connected, people, api, status):
    make_task(people, connection=connected, status=status)
    api.credits = 100
    providers.check(connected)
    assert available(connected) == 250


def test_a_hold_that_waits_for_a_person_is_under_way_too(connected, people, api):
    task = make_task(people, connection=connected, status=Task.Status.FAILED)
    ledger.hold(task, 14)
    api.credits = 100
    providers.check(connected)
    assert available(connected) == 236


def test_books_that_moved_while_the_provider_was_asked_are_not_compared(connected, api, monkeypatch):
    real = providers.client_for

    def ask_slowly(connection):
        client = real(connection)
        ledger.grant(connection, 5, None, "Meanwhile")
        return client

    monkeypatch.setattr(providers, "client_for", ask_slowly)
    providers.check(connected)
    assert available(connected) == 255
    assert not Entry.objects.filter(kind="adjust").exists()


def test_a_check_that_fails_is_noted_in_words(connected, api):
    api.balances.append(Answer(401, {"error": "Invalid API key."}))
    text = providers.check(connected)
    assert "refused the API key" in text
    connected.refresh_from_db()
    assert connected.problem == text
    assert providers.check(connected) == ""
    assert connected.problem == ""


def test_one_connection_of_a_team_is_the_default(people, connected):
    providers.make_default(connected)
    people.connection.refresh_from_db()
    assert (connected.is_default, people.connection.is_default) == (True, False)
    providers.make_default(connected)
    assert Connection.objects.get(team=people.team, is_default=True) == connected


def test_a_retired_default_hands_over_to_the_oldest_that_is_left(people, connected):
    providers.retire(people.connection)
    providers.retire(people.connection)
    connected.refresh_from_db()
    assert connected.is_default
    assert people.connection.retired_at is not None
    providers.retire(connected)
    assert not Connection.objects.filter(is_default=True).exists()


def test_a_retired_connection_cannot_be_the_default(people):
    people.connection.retired_at = timezone.now()
    with pytest.raises(ValueError, match="retired"):
        providers.make_default(people.connection)


def test_the_offline_provider_answers_without_a_network(people, settings, monkeypatch):
    settings.OFFLINE_FIRST_CREDITS = 321
    offline = providers.connect_offline(people.others, people.charlie)
    assert (offline.is_offline, offline.is_default, offline.host) == (True, True, "offline")
    assert offline.base_url == providers.OFFLINE_BASE_URL
    assert available(offline) == 321
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was asked"))
    assert providers.check(offline) == ""
    assert offline.remote_credits == 321


def test_the_address_of_the_offline_provider_is_nothing_special_for_others(people):
    other = make_connection(
        people.others, base_url=providers.OFFLINE_BASE_URL, key_encrypted=keys.encrypt("k")
    )
    assert "could not be reached" in providers.check(other)
