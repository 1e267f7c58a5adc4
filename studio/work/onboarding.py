"""The first start, and what every new team begins with."""

from __future__ import annotations

from django.db import connection as database
from django.db import transaction

from studio.models import Membership, Role, Team, User
from studio.work import providers


class AlreadyOpen(Exception):
    """The studio has its first person already. Sign in, or ask them for an invitation."""

    text = "This studio is already set up. Sign in, or ask one of its admins for an invitation."


def is_first_start() -> bool:
    """Whether nobody has an account yet, so that the welcome page is due."""
    return not User.objects.exists()


def open_studio(name: str, email: str, password: str) -> User:
    """The first person: runs the studio, owns a team, and can create at once with the offline provider.

    Raises AlreadyOpen when somebody else was first; then nothing was made.
    """
    with transaction.atomic():
        _one_at_a_time()
        if not is_first_start():
            raise AlreadyOpen
        user = User.objects.create_superuser(email, password, name=name)
        open_team(user, f"{name}'s team")
    return user


def open_team(user: User, name: str) -> Team:
    """A team owned by `user`, connected to the offline provider with OFFLINE_CREDITS credits."""
    with transaction.atomic():
        team = Team.objects.create(name=name[:80])
        Membership.objects.create(team=team, user=user, role=Role.OWNER)
        providers.connect_offline(team, user)
    return team


def _one_at_a_time() -> None:
    """Of two people at the welcome page the second waits here. (SQLite has one writer at a time anyway.)"""
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("LOCK TABLE studio_user IN SHARE ROW EXCLUSIVE MODE")
