"""Who may see or change what: one function per object. Strangers get 404, readers who change things 403."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from studio.models import (
    Asset,
    Clip,
    Connection,
    Invitation,
    Membership,
    Persona,
    Recipe,
    Recording,
    Task,
    Team,
    User,
)

Owned = TypeVar("Owned", Clip, Task, Connection, Invitation, Membership, Persona, Recipe, Recording)

READ_ONLY = "You may listen and read here, not change things. Ask an admin of the team for another role."
ADMINS_ONLY = "Only admins of the team may do this."


def membership_in(user: User, team: Team) -> Membership:
    """The user's membership of `team`, or 404."""
    found = Membership.objects.filter(user=user, team=team).select_related("team").first()
    if found is None:
        raise Http404
    return found


def _of_my_teams(rows: QuerySet[Owned], user: User, code: UUID) -> Owned:
    found = rows.filter(code=code, team__memberships__user=user).first()
    if found is None:
        raise Http404
    return found


def administer(user: User, team: Team) -> Membership:
    """The membership of an owner or admin of `team`; 404 for strangers, 403 for the other members."""
    membership = membership_in(user, team)
    if not membership.may_administer:
        raise PermissionDenied(ADMINS_ONLY)
    return membership


def write_in(user: User, team: Team) -> Membership:
    """The membership of somebody who may create in `team`; 404 for strangers, 403 for viewers."""
    membership = membership_in(user, team)
    if not membership.may_write:
        raise PermissionDenied(READ_ONLY)
    return membership


def clip(user: User, code: UUID) -> Clip:
    return _of_my_teams(Clip.objects.select_related("team", "task", "task__person"), user, code)


def asset(user: User, code: UUID) -> Asset:
    rows = Asset.objects.select_related("clip").filter(code=code, clip__team__memberships__user=user)
    found = rows.first()
    if found is None:
        raise Http404
    return found


def task(user: User, code: UUID) -> Task:
    return _of_my_teams(Task.objects.select_related("team", "person", "connection"), user, code)


def task_write(user: User, code: UUID) -> Task:
    """A task that this user may cancel or retry: their own, or any if they administer the team."""
    found = task(user, code)
    membership = write_in(user, found.team)
    if found.person_id != user.pk and not membership.may_administer:
        raise PermissionDenied("Only its owner or an admin of the team may do this.")
    return found


def task_admin(user: User, code: UUID) -> Task:
    found = task(user, code)
    administer(user, found.team)
    return found


def connection_admin(user: User, code: UUID) -> Connection:
    found = _of_my_teams(Connection.objects.select_related("team"), user, code)
    administer(user, found.team)
    return found


def invitation_admin(user: User, code: UUID) -> Invitation:
    found = _of_my_teams(Invitation.objects.select_related("team"), user, code)
    administer(user, found.team)
    return found


def member_admin(user: User, code: UUID) -> Membership:
    """A membership that this user may change: any of a team they administer."""
    rows = Membership.objects.select_related("team", "user")
    found = _of_my_teams(rows, user, code)
    administer(user, found.team)
    return found


def recording(user: User, code: UUID) -> Recording:
    return _of_my_teams(Recording.objects.select_related("team"), user, code)


def persona(user: User, code: UUID) -> Persona:
    rows = Persona.objects.select_related("team", "connection", "clip", "recording")
    return _of_my_teams(rows, user, code)


def _own_write(user: User, found: Recording | Persona | Recipe) -> None:
    """What somebody made is changed by them or by an admin; 403 for others."""
    membership = write_in(user, found.team)
    if found.person_id != user.pk and not membership.may_administer:
        raise PermissionDenied("Only its owner or an admin of the team may do this.")


def recording_write(user: User, code: UUID) -> Recording:
    found = recording(user, code)
    _own_write(user, found)
    return found


def persona_write(user: User, code: UUID) -> Persona:
    found = persona(user, code)
    _own_write(user, found)
    return found


def recipe(user: User, code: UUID) -> Recipe:
    """A kept recipe: one's own, or one that its maker shares with the team."""
    rows = Recipe.objects.filter(Q(person=user) | Q(is_shared=True)).select_related("team", "person")
    return _of_my_teams(rows, user, code)


def recipe_write(user: User, code: UUID) -> Recipe:
    found = recipe(user, code)
    _own_write(user, found)
    return found
