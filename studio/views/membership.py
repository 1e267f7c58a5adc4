"""Which team a page is about, and whether the person may be there."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from studio import access
from studio.models import Membership, Team

NO_TEAM = "You are in no team at present. The page “Team” says how to get into one."


def my_membership(request: HttpRequest) -> Membership:
    """The membership of the team the person works in; 403 in words for somebody without a team."""
    if not request.membership:
        raise PermissionDenied(NO_TEAM)
    return access.membership_in(request.user, request.membership.team)


def my_administered_team(request: HttpRequest) -> Team:
    """The team the person works in, if they are its owner or admin; else 403."""
    return access.administer(request.user, my_membership(request).team).team


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """The address the form asks to go on to, if it is one of ours; else the page called `otherwise`."""
    wanted = request.POST.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if wanted and is_ours else reverse(otherwise)
