from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account import views as allauth
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import push_url

from studio import accounts, ledger
from studio.forms.account import PersonForm, ProfileForm
from studio.forms.connections import ConnectionForm, KeyForm
from studio.forms.credits import CreditsForm
from studio.models import Connection, User
from studio.views import membership
from studio.work import onboarding


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """The first start: one form makes the first person, their team and its offline connection."""
    if not onboarding.is_first_start():
        return redirect("account_login")
    form = PersonForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return render(request, "welcome.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        user = onboarding.open_studio(**form.cleaned_data)
    except onboarding.AlreadyOpen as problem:
        messages.info(request, problem.text)
        return redirect("account_login")
    accounts.sign_in(request, user)
    return redirect("create")


def login(request: HttpRequest) -> HttpResponse:
    """allauth's sign-in; before the first person exists there is nobody to sign in, so it is the welcome."""
    return redirect("welcome") if onboarding.is_first_start() else allauth.login(request)


def signup(request: HttpRequest) -> HttpResponse:
    return redirect("welcome") if onboarding.is_first_start() else allauth.signup(request)


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return settings_page(request)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return settings_page(request, status=422, profile_form=form)
    User.objects.filter(pk=request.user.pk).update(name=form.cleaned_data["name"])
    messages.success(request, "Saved.")
    return redirect("settings")


def settings_page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, with any of its forms replaced by one that has something to say."""
    member = request.membership or None
    may_connect = bool(member and member.may_administer)
    context = {
        "profile_form": ProfileForm(initial={"name": request.user.name}),
        "has_mfa": is_mfa_enabled(request.user),
        "member": member,
        "may_connect": may_connect,
        "connections": _connections(request, forms) if may_connect else [],
        "connection_form": _connection_form(request) if may_connect else None,
        **forms,
    }
    response = render(request, "settings/settings.html", context, status=status)
    # A refused form leaves the reader on this page's address: its own answers nobody who loads it again.
    return response if status == HTTPStatus.OK else push_url(response, reverse("settings"))


def _connection_form(request: HttpRequest) -> ConnectionForm:
    return ConnectionForm(team=membership.my_administered_team(request))


def _connections(request: HttpRequest, forms: dict[str, Any]) -> list[dict[str, Any]]:
    """Each connection in use, with its balance and forms; `about` is the one that `forms` speak of."""
    team = membership.my_administered_team(request)
    about = forms.get("about")
    rows = Connection.objects.filter(team=team, retired_at=None)
    return [_connection(one, forms if about is not None and about.pk == one.pk else {}) for one in rows]


def _connection(one: Connection, forms: dict[str, Any]) -> dict[str, Any]:
    auto_id = f"id_%s_{one.code}"
    return {
        "connection": one,
        "balance": ledger.balance(one),
        "key_form": forms.get("key_form") or KeyForm(auto_id=auto_id),
        "credits_form": forms.get("credits_form") or CreditsForm(is_offline=one.is_offline, auto_id=auto_id),
        "problem": forms.get("connection_problem", ""),
    }
