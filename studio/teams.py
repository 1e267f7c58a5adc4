"""Members, roles and invitations. Every rule about who may make whom what lives here.

The callers have already checked, with `access`, that the acting person administers the team.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from studio.models import Invitation, Membership, Role, Team, User

LAST_OWNER = "{name} is the only owner. Make somebody else an owner first."
OWNERS_ONLY = "Only an owner may change owners or make new ones."
# Ownership is given to somebody who is already there, never to whoever holds a link.
INVITABLE = (Role.ADMIN, Role.MEMBER, Role.VIEWER)


class LastOwner(Exception):
    """The change would leave the team without an owner. The text is for the person who tried."""


class InvitationGone(Exception):
    """Somebody used, withdrew or outwaited the invitation first."""


class EmailTaken(Exception):
    """There is an account with this e-mail; its owner has to sign in and open the link again."""


class InvitationState(StrEnum):
    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@contextmanager
def _alone_in(team: Team) -> Iterator[None]:
    """One change of roles at a time: two owners who demote each other must not both succeed."""
    with transaction.atomic():
        # SQLite ignores the lock; there the transaction itself is the only writer.
        Team.objects.select_for_update().get(pk=team.pk)
        yield


def _reread(*members: Membership) -> None:
    """Their roles as they are now; 404 for somebody who was removed a moment ago."""
    for member in members:
        role = Membership.objects.filter(pk=member.pk).values_list("role", flat=True).first()
        if role is None:
            raise Http404
        member.role = role


def _is_last_owner(member: Membership) -> bool:
    owners = Membership.objects.filter(team=member.team, role=Role.OWNER)
    return member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists()


def _keep_an_owner(member: Membership) -> None:
    if _is_last_owner(member):
        raise LastOwner(LAST_OWNER.format(name=member.user))


def change_role(actor: Membership, member: Membership, role: Role) -> None:
    """Give `member` another role. PermissionDenied when an admin reaches for ownership; LastOwner."""
    with _alone_in(member.team):
        _reread(actor, member)
        if Role.OWNER in {role, Role(member.role)} and actor.role != Role.OWNER:
            raise PermissionDenied(OWNERS_ONLY)
        if role is not Role.OWNER:
            _keep_an_owner(member)
        Membership.objects.filter(pk=member.pk).update(role=role)


def remove(actor: Membership, member: Membership) -> None:
    """Take `member` out of the team; what they made stays. PermissionDenied, LastOwner as above."""
    with _alone_in(member.team):
        _reread(actor, member)
        if member.role == Role.OWNER and actor.role != Role.OWNER:
            raise PermissionDenied(OWNERS_ONLY)
        _keep_an_owner(member)
        member.delete()


def leave(member: Membership) -> None:
    """The person goes of their own accord. LastOwner when nobody could run the team after that."""
    with _alone_in(member.team):
        _reread(member)
        _keep_an_owner(member)
        member.delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(team: Team, person: User, role: Role, email: str = "") -> tuple[Invitation, str]:
    """A new invitation and its token: 256 random bits that are shown once and kept only as a hash."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        team=team,
        role=role,
        email=email,
        token_hash=_hash(token),
        created_by=person,
        expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
    )
    return invitation, token


def find_invitation(token: str) -> Invitation | None:
    # A look-up by hash takes the same time whatever the token is, so nothing is learned by trying.
    rows = Invitation.objects.select_related("team", "created_by")
    return rows.filter(token_hash=_hash(token)).first()


def state_of(invitation: Invitation) -> InvitationState:
    if invitation.accepted_at:
        return InvitationState.USED
    if invitation.revoked_at:
        return InvitationState.REVOKED
    return InvitationState.OPEN if invitation.is_open else InvitationState.EXPIRED


def revoke(invitation: Invitation) -> bool:
    """Make the link worthless. False when somebody had used it before; safe to repeat."""
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    return rows.update(revoked_at=timezone.now()) == 1


def accept(invitation: Invitation, user: User) -> Membership:
    """Make `user` a member, once. Whoever is in already keeps role and link. Raises InvitationGone."""
    found = Membership.objects.filter(team=invitation.team, user=user).first()
    if found:
        return found
    try:
        return _enter(invitation, user)
    except IntegrityError:  # the same person with two links at once; this one stays good for somebody else
        return Membership.objects.get(team=invitation.team, user=user)


def _enter(invitation: Invitation, user: User) -> Membership:
    now = timezone.now()
    usable = {"accepted_at": None, "revoked_at": None, "expires_at__gt": now}
    with transaction.atomic():
        claimed = Invitation.objects.filter(pk=invitation.pk, **usable).update(
            accepted_at=now, accepted_by=user
        )
        if not claimed:
            raise InvitationGone
        return Membership.objects.create(team=invitation.team, user=user, role=invitation.role)


def accept_as_newcomer(invitation: Invitation, name: str, email: str, password: str) -> User:
    """An account and the membership together, or neither. Raises EmailTaken, InvitationGone."""
    try:
        with transaction.atomic():
            if User.objects.filter(email__iexact=email).exists():
                raise EmailTaken
            user = User.objects.create_user(email, password, name=name)
            accept(invitation, user)
            return user
    except IntegrityError:
        raise EmailTaken from None
