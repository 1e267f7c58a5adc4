from __future__ import annotations

import pytest

from studio import ledger
from studio.models import Connection, Membership, Role, Team, User
from studio.work import onboarding
from studio.work.onboarding import AlreadyOpen


def open_studio() -> User:
    return onboarding.open_studio("Mara", "Mara@Example.com", "correct horse battery")


def test_an_empty_studio_waits_for_its_first_person(db):
    assert onboarding.is_first_start()
    open_studio()
    assert not onboarding.is_first_start()


def test_the_first_person_runs_the_studio_and_can_create_at_once(db, settings):
    settings.OFFLINE_FIRST_CREDITS = 500
    mara = open_studio()
    assert (mara.is_superuser, mara.is_staff, mara.email) == (True, True, "mara@example.com")
    assert mara.check_password("correct horse battery")
    membership = Membership.objects.get(user=mara)
    assert membership.role == Role.OWNER
    connection = Connection.objects.get(team=membership.team)
    assert (connection.is_offline, connection.is_default) == (True, True)
    assert ledger.balance(connection).available_credits == 500


def test_the_studio_is_opened_once(db):
    open_studio()
    with pytest.raises(AlreadyOpen):
        onboarding.open_studio("Eve", "eve@example.com", "correct horse battery")
    assert User.objects.count() == 1


def test_a_welcome_that_fails_half_way_leaves_nothing(db, monkeypatch):
    def fail(*_args):
        raise RuntimeError

    monkeypatch.setattr("studio.work.providers.connect_offline", fail)
    with pytest.raises(RuntimeError):
        open_studio()
    assert not User.objects.exists()
    assert not Team.objects.exists()


def test_every_new_team_has_its_own_account_with_the_offline_provider(people):
    first, second = (onboarding.open_team(people.charlie, name) for name in ("One", "Two"))
    assert first.connections.get().key_encrypted != second.connections.get().key_encrypted
    assert Membership.objects.filter(team__in=[first, second], role=Role.OWNER).count() == 2
