from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import push_url

from studio import access, accounts, teams
from studio.forms.account import PersonForm
from studio.forms.team import InviteForm, RoleForm, TeamNameForm
from studio.models import Invitation, Membership, Role, Team
from studio.views import membership
from studio.work import onboarding


@login_required
@require_GET
def team(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **extra: Any) -> HttpResponse:
    """The members page; for somebody without a team, the page that says how to get one."""
    context: dict[str, Any] = {"open_form": TeamNameForm(auto_id="id_open_%s"), "roles": list(Role)}
    context["my_teams"] = _my_teams(request)
    if request.membership:
        me = membership.my_membership(request)
        context |= {
            "me": me,
            "members": _members(me),
            "rename_form": TeamNameForm(initial={"name": me.team.name}, auto_id="id_rename_%s"),
            "invite_form": InviteForm(auto_id="id_invite_%s"),
            "invitations": _open_invitations(me),
        }
    response = render(request, "team/team.html", context | extra, status=status)
    # A refused form leaves the reader on this page's address: its own answers nobody who loads it again.
    return response if status == HTTPStatus.OK else push_url(response, reverse("team"))


def _my_teams(request: HttpRequest) -> list[Membership]:
    return list(Membership.objects.filter(user=request.user).select_related("team"))


def _members(me: Membership) -> list[dict[str, Any]]:
    """Each member, with the roles that this person may give them (none: then there is nothing to choose)."""
    rows = list(Membership.objects.filter(team=me.team).select_related("user"))
    owners = sum(row.role == Role.OWNER for row in rows)
    return [_member(me, row, is_last_owner=row.role == Role.OWNER and owners == 1) for row in rows]


def _member(me: Membership, row: Membership, *, is_last_owner: bool) -> dict[str, Any]:
    may_touch = me.may_administer and (row.role != Role.OWNER or me.role == Role.OWNER)
    may_change = may_touch and not is_last_owner
    givable = [role for role in Role if me.role == Role.OWNER or role is not Role.OWNER]
    return {
        "membership": row,
        "role": Role(row.role),
        "is_me": row.pk == me.pk,
        "is_last_owner": is_last_owner,
        "choices": givable if may_change else [],
        "may_remove": may_change and row.pk != me.pk,
    }


def _open_invitations(me: Membership) -> list[Invitation]:
    if not me.may_administer:
        return []
    rows = Invitation.objects.filter(team=me.team, accepted_at=None, revoked_at=None)
    return list(rows.filter(expires_at__gt=timezone.now()).select_related("created_by"))


@login_required
@require_POST
def rename_team(request: HttpRequest) -> HttpResponse:
    team = membership.my_administered_team(request)
    form = TeamNameForm(request.POST, auto_id="id_rename_%s")
    if not form.is_valid():
        return _page(request, status=422, rename_form=form)
    Team.objects.filter(pk=team.pk).update(name=form.cleaned_data["name"])
    messages.success(request, "The team has its new name.")
    return redirect("team")


@login_required
@require_POST
def open_team(request: HttpRequest) -> HttpResponse:
    form = TeamNameForm(request.POST, auto_id="id_open_%s")
    if not form.is_valid():
        return _page(request, status=422, open_form=form)
    opened = onboarding.open_team(request.user, form.cleaned_data["name"])
    request.session["team"] = str(opened.code)
    messages.success(request, f"{opened.name} is open. You work in it now.")
    return redirect("team")


@login_required
@require_POST
def switch_team(request: HttpRequest) -> HttpResponse:
    try:
        wanted = Team.objects.filter(code=request.POST.get("team", "")).first()
    except ValidationError:  # not a code at all
        wanted = None
    if wanted is None:
        raise Http404
    access.membership_in(request.user, wanted)
    request.session["team"] = str(wanted.code)
    return redirect(membership.safe_next(request, "library"))


@login_required
@require_POST
def leave_team(request: HttpRequest) -> HttpResponse:
    me = membership.my_membership(request)
    try:
        teams.leave(me)
    except teams.LastOwner as problem:
        return _page(request, status=409, problem=str(problem))
    messages.success(request, f"You have left {me.team.name}.")
    return redirect("team")


@login_required
@require_POST
def change_role(request: HttpRequest, code: UUID) -> HttpResponse:
    member = access.member_admin(request.user, code)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, problem="Choose one of the roles in the list.")
    try:
        teams.change_role(_acting(request, member), member, form.role_given())
    except teams.LastOwner as problem:
        return _page(request, status=409, problem=str(problem))
    messages.success(request, f"{member.user} is now {form.role_given().label.lower()}.")
    return redirect("team")


@login_required
@require_POST
def remove_member(request: HttpRequest, code: UUID) -> HttpResponse:
    member = access.member_admin(request.user, code)
    try:
        teams.remove(_acting(request, member), member)
    except teams.LastOwner as problem:
        return _page(request, status=409, problem=str(problem))
    messages.success(request, f"{member.user} is no longer in the team. Their clips stay.")
    return redirect("team")


def _acting(request: HttpRequest, member: Membership) -> Membership:
    return access.administer(request.user, member.team)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    team = membership.my_administered_team(request)
    if request.method == "GET":  # somebody reloads the page with the link, which is shown once
        return redirect("team")
    form = InviteForm(request.POST, auto_id="id_invite_%s")
    if not form.is_valid():
        return _page(request, status=422, invite_form=form)
    given = form.cleaned_data
    invitation, token = teams.invite(team, request.user, form.role_given(), given["email"])
    page = _page(request, fresh_invitation=invitation, fresh_link=_link(request, token))
    return push_url(page, reverse("team"))


def _link(request: HttpRequest, token: str) -> str:
    path = reverse("join", args=[token])
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


@login_required
@require_POST
def revoke_invitation(request: HttpRequest, code: UUID) -> HttpResponse:
    if teams.revoke(access.invitation_admin(request.user, code)):
        messages.success(request, "The link does not work any more.")
    else:
        messages.warning(request, "Somebody has already joined with this link.")
    return redirect("team")


@sensitive_variables("token")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation opened: by a newcomer, who gets an account, or by somebody who is signed in."""
    response = _open(request, token)
    # Django logs the address of every 4xx; this one lets in whoever knows it.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


@sensitive_variables("token")
def _open(request: HttpRequest, token: str) -> HttpResponse:
    invitation = teams.find_invitation(token)
    if invitation is None:
        return render(request, "team/join_closed.html", {"state": "unknown"}, status=404)
    is_member = request.user.is_authenticated and _is_in(request, invitation)
    state = teams.state_of(invitation)
    if state is not teams.InvitationState.OPEN and not is_member:
        context = {"state": state.value, "invitation": invitation}
        return render(request, "team/join_closed.html", context, status=410)
    enter = _joined if request.user.is_authenticated else _newcomer
    try:
        return enter(request, invitation)
    except teams.InvitationGone:
        return redirect("join", token)


def _is_in(request: HttpRequest, invitation: Invitation) -> bool:
    return Membership.objects.filter(team=invitation.team_id, user=request.user).exists()


def _join_page(request: HttpRequest, invitation: Invitation, status: int = 200, **extra: Any) -> HttpResponse:
    context = {"invitation": invitation, "role": Role(invitation.role), **extra}
    return render(request, "team/join.html", context, status=status)


def _joined(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.method == "GET" and not _is_in(request, invitation):
        return _join_page(request, invitation)
    joined = teams.accept(invitation, request.user)
    request.session["team"] = str(joined.team.code)
    messages.success(request, f"You are in {joined.team.name}.")
    return redirect("library")


def _newcomer(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = PersonForm(request.POST or None, initial={"email": invitation.email})
    if request.method == "GET" or not form.is_valid():
        return _join_page(request, invitation, status=422 if form.is_bound else 200, form=form)
    try:
        user = teams.accept_as_newcomer(invitation, **form.cleaned_data)
    except teams.EmailTaken:
        form.add_error("email", "With this e-mail, sign in first. You come back here after that.")
        return _join_page(request, invitation, status=422, form=form, is_email_taken=True)
    accounts.sign_in(request, user)
    request.session["team"] = str(invitation.team.code)
    messages.success(request, f"You are in {invitation.team.name}.")
    return redirect("create" if Role(invitation.role).may_write else "library")
