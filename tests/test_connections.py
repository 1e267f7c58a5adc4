from __future__ import annotations

import logging
from decimal import Decimal

import pytest
import requests
import responses
from django.db import connection as database
from django.test import Client as Browser
from django.urls import reverse

from studio import keys, ledger
from studio.models import Connection, Entry, Task
from studio.work import onboarding, providers
from tests.base import People, make_connection, make_task

HOST = "https://api.musicapi.ai"
CREDITS = f"{HOST}/api/v1/get-credits"
KEY = "sk-secret-0123456789-wxyz"
GIVEN = {"host": HOST, "name": "Main account", "key": KEY}
ADDRESS = "/settings/connections"
ACTIONS = ["check_connection", "make_default", "replace_key", "retire_connection", "grant_credits"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch) -> None:
    """A client that asks once: waiting between attempts is the client's own test."""
    monkeypatch.setattr("studio.musicapi.client.persist", lambda attempt, wait, sleep: attempt())


@pytest.fixture
def provider():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def as_(people: People, name: str) -> Browser:
    return people.browser(getattr(people, name))


def at(name: str, connection: Connection) -> str:
    return reverse(name, args=[connection.code])


def new(people: People) -> Connection | None:
    return Connection.objects.filter(team=people.team).exclude(pk=people.connection.pk).first()


def test_a_connection_is_tested_stored_and_shown_by_its_last_four_characters(people: People, provider):
    provider.get(CREDITS, json={"credits": 50, "extra_credits": 7})
    browser = as_(people, "ada")
    assert browser.post(ADDRESS, GIVEN).url == reverse("settings")
    assert provider.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"
    made = new(people)
    assert (made.name, made.base_url, made.key_last4) == ("Main account", f"{HOST}/api/v1", "wxyz")
    assert keys.decrypt(made.key_encrypted) == KEY and KEY not in made.key_encrypted
    assert ledger.balance(made).available_credits == 57
    page = browser.get("/settings").content.decode()
    assert "wxyz" in page and "api.musicapi.ai" in page and "57" in page
    assert KEY not in page and made.key_encrypted not in page


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("music.example.com", "https://music.example.com/api/v1"),
        ("https://music.example.com/api/v1/sonic/create", "https://music.example.com/api/v1"),
    ],
)
def test_any_other_address_will_do(people: People, provider, address: str, stored: str):
    provider.get(f"{stored}/get-credits", json={"credits": 1})
    as_(people, "alice").post(ADDRESS, {"host": "other", "base_url": address, "name": "", "key": KEY})
    assert (new(people).base_url, new(people).name) == (stored, "music.example.com")


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"json": {"type": "unauthorized", "error": "Invalid API key."}, "status": 401}, "key"),
        ({"body": "<html><h1>It works!</h1></html>", "content_type": "text/html"}, "base_url"),
        ({"body": requests.ConnectionError(f"refused, with {KEY} in it")}, "base_url"),
        ({"body": requests.ReadTimeout("no answer")}, "base_url"),
        ({"body": ""}, "base_url"),
        ({"json": {"credits": "many"}}, "base_url"),
    ],
    ids=["refused key", "a web page", "unreachable", "no answer", "empty", "no number"],
)
def test_what_does_not_work_is_said_at_its_field_and_nothing_is_stored(
    people: People, provider, caplog, answer, field
):
    caplog.set_level(logging.DEBUG)
    provider.get("https://music.example.com/api/v1/get-credits", **answer)
    given = {"host": "other", "base_url": "https://music.example.com", "name": "X", "key": KEY}
    response = as_(people, "alice").post(ADDRESS, given)
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(f'id="id_{field}_error"') == 1
    assert 'value="https://music.example.com"' in page
    assert KEY not in page and KEY not in caplog.text
    assert new(people) is None and not Entry.objects.exists()


def test_a_listed_host_that_cannot_be_reached_is_said_at_the_choice(people: People, provider):
    provider.get(CREDITS, body=requests.ConnectionError("refused"))
    page = as_(people, "alice").post(ADDRESS, GIVEN).content.decode()
    assert 'class="error"' in page.split('id="host-error"')[1].split("</div>")[0]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"host": HOST, "key": ""}, "key"),
        ({"host": "other", "base_url": "", "key": KEY}, "base_url"),
        ({"host": "other", "base_url": "ftp://x", "key": KEY}, "base_url"),
        ({"host": "other", "base_url": "https://user:pass@x.example", "key": KEY}, "base_url"),
        ({"host": HOST, "key": "two\nlines"}, "key"),
    ],
)
def test_it_validates(people: People, given: dict[str, str], field: str):
    response = as_(people, "alice").post(ADDRESS, given)
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()


def test_an_unknown_host_is_refused(people: People):
    assert as_(people, "alice").post(ADDRESS, {"host": "https://evil.example", "key": KEY}).status_code == 422


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("vera", 403), ("charlie", 302)])
def test_only_admins_add_connections(people: People, provider, name: str, status: int):
    provider.get(CREDITS, json={"credits": 1})
    assert as_(people, name).post(ADDRESS, GIVEN).status_code == status
    assert new(people) is None  # Charlie's went to Charlie's own team


@pytest.mark.parametrize(("name", "sees"), [("alice", True), ("ada", True), ("bob", False), ("vera", False)])
def test_only_admins_see_connections(people: People, name: str, sees: bool):
    page = as_(people, name).get("/settings").content.decode()
    assert ("Add a connection" in page) is sees
    assert (at("retire_connection", people.connection) in page) is sees


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("name", "status"), [("bob", 403), ("vera", 403), ("charlie", 404), (None, 302)], ids=str
)
def test_only_admins_change_connections(people: People, action: str, name: str | None, status: int):
    browser = as_(people, name) if name else Browser()
    sent = {"key": KEY, "credits": "5", "note": "x"}
    assert browser.post(at(action, people.connection), sent).status_code == status
    people.connection.refresh_from_db()
    assert people.connection.retired_at is None and people.connection.key_last4 == "0000"
    assert not Entry.objects.exists()


def connect(people: People, provider) -> Connection:
    provider.get(CREDITS, json={"credits": 50})
    return providers.add_connection(people.team, people.alice, "Main", HOST, KEY)


def test_checking_says_what_is_wrong_and_keeps_it_on_the_page(people: People, provider):
    made = connect(people, provider)
    provider.replace(
        responses.GET, CREDITS, status=401, json={"type": "unauthorized", "error": "Invalid API key."}
    )
    browser = as_(people, "alice")
    assert browser.post(at("check_connection", made)).url == reverse("settings")
    made.refresh_from_db()
    assert made.problem
    page = browser.get("/settings").content.decode()
    assert page.count(made.problem) >= 1 and "Problem" in page


def test_checking_brings_the_books_in_line_with_the_provider(people: People, provider):
    made = connect(people, provider)
    provider.replace(responses.GET, CREDITS, json={"credits": 40})
    as_(people, "alice").post(at("check_connection", made))
    made.refresh_from_db()
    assert made.remote_credits == Decimal(40)
    assert ledger.balance(made).available_credits == 40


def test_another_default_is_chosen(people: People, provider):
    made = connect(people, provider)
    as_(people, "alice").post(at("make_default", made))
    assert Connection.objects.get(team=people.team, is_default=True) == made


def test_a_key_is_replaced_only_by_one_that_works(people: People, provider):
    made = connect(people, provider)
    browser, address = as_(people, "alice"), at("replace_key", made)
    provider.replace(
        responses.GET, CREDITS, status=401, json={"type": "unauthorized", "error": "Invalid API key."}
    )
    refused = browser.post(address, {"key": "sk-other-0123456789-aaaa"})
    assert refused.status_code == 422
    assert f'id="id_key_{made.code}_error"' in refused.content.decode()
    assert "sk-other" not in refused.content.decode()
    made.refresh_from_db()
    assert keys.decrypt(made.key_encrypted) == KEY
    provider.replace(responses.GET, CREDITS, json={"credits": 50})
    assert browser.post(address, {"key": "sk-other-0123456789-aaaa"}).status_code == 302
    made.refresh_from_db()
    assert (keys.decrypt(made.key_encrypted), made.key_last4) == ("sk-other-0123456789-aaaa", "aaaa")


def test_a_connection_with_open_tasks_is_not_retired(people: People):
    browser, address = as_(people, "alice"), at("retire_connection", people.connection)
    task = make_task(people, status=Task.Status.RUNNING)
    refused = browser.post(address)
    assert refused.status_code == 409 and "still under way" in refused.content.decode()
    Task.objects.filter(pk=task.pk).update(status=Task.Status.READY)
    assert browser.post(address).status_code == 302
    people.connection.refresh_from_db()
    assert people.connection.retired_at is not None
    assert at("retire_connection", people.connection) not in browser.get("/settings").content.decode()


def test_the_offline_provider_is_refilled_at_both_ends(people: People):
    team = onboarding.open_team(people.alice, "Alice alone")
    offline = Connection.objects.get(team=team)
    browser = as_(people, "alice")
    before = ledger.balance(offline).available_credits
    answer = browser.post(at("grant_credits", offline), {"credits": "250", "note": "for the album"})
    assert answer.status_code == 302
    entry = Entry.objects.filter(connection=offline).first()
    assert (entry.kind, entry.amount_credits, entry.person, entry.note) == (
        Entry.Kind.GRANT, 250, people.alice, "for the album"
    )  # fmt: skip
    assert providers.client_for(offline).credits().total == before + 250


def test_the_books_of_a_remote_account_are_corrected_both_ways(people: People):
    browser, address = as_(people, "ada"), at("grant_credits", people.connection)
    browser.post(address, {"credits": "100", "note": "found"})
    browser.post(address, {"credits": "-30", "note": "lost"})
    assert ledger.balance(people.connection).available_credits == 70
    kinds = set(Entry.objects.values_list("kind", "person__name"))
    assert kinds == {(Entry.Kind.ADJUST, "Ada")}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"credits": "0", "note": "x"}, "credits"),
        ({"credits": "ten", "note": "x"}, "credits"),
        ({"credits": "99999999", "note": "x"}, "credits"),
        ({"credits": "5", "note": " "}, "note"),
    ],
)
def test_a_correction_needs_a_number_and_a_reason(people: People, given: dict[str, str], field: str):
    answer = as_(people, "alice").post(at("grant_credits", people.connection), given)
    assert answer.status_code == 422
    assert f'id="id_{field}_{people.connection.code}_error"' in answer.content.decode()
    assert not Entry.objects.exists()


def test_the_offline_provider_takes_no_credits_away(people: People):
    offline = make_connection(people.others, is_offline=True)
    answer = as_(people, "charlie").post(at("grant_credits", offline), {"credits": "-5", "note": "x"})
    assert answer.status_code == 422


def test_a_team_without_the_offline_provider_can_have_it_back(people: People):
    browser = as_(people, "alice")
    assert "Offline provider, no key needed" in browser.get("/settings").content.decode()
    assert browser.post(ADDRESS, {"host": "offline"}).status_code == 302
    assert new(people).is_offline
    assert "Offline provider, no key needed" not in browser.get("/settings").content.decode()
    assert browser.post(ADDRESS, {"host": "offline"}).status_code == 422


def test_the_key_never_reaches_the_database_in_the_clear(people: People, provider):
    connect(people, provider)
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM studio_connection")
        assert KEY not in str(cursor.fetchall())


def test_following_a_link_changes_nothing(people: People):
    browser = as_(people, "alice")
    for action in ("check_connection", "make_default", "retire_connection"):
        assert browser.get(at(action, people.connection)).status_code == 405
    for action in ("replace_key", "grant_credits"):
        assert browser.get(at(action, people.connection)).url == reverse("settings")
    assert browser.get(ADDRESS).url == reverse("settings")
