from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from studio import access
from studio.forms.connections import ConnectionForm, KeyForm
from studio.models import Connection, Task
from studio.views import membership
from studio.views.account import settings_page
from studio.work import providers


@sensitive_post_parameters("key")
@sensitive_variables("form", "key")
@login_required
@require_http_methods(["GET", "POST"])
def add_connection(request: HttpRequest) -> HttpResponse:
    team = membership.my_administered_team(request)
    if request.method == "GET":  # somebody reloads a page that said no
        return redirect("settings")
    form = ConnectionForm(request.POST, team=team)
    if not form.is_valid():
        return settings_page(request, status=422, connection_form=form)
    try:
        connection = _connect(request, form)
    except providers.ConnectionRefused as refused:
        form.refuse(refused.field, refused.text)
        return settings_page(request, status=422, connection_form=form)
    messages.success(request, f"{connection.name} works, with {connection.remote_credits:.0f} credits.")
    return redirect("settings")


@sensitive_variables()
def _connect(request: HttpRequest, form: ConnectionForm) -> Connection:
    team = membership.my_administered_team(request)
    if form.is_offline():
        return providers.connect_offline(team, request.user)
    key = form.cleaned_data["key"].strip()
    return providers.add_connection(team, request.user, form.name_given(), form.address(), key)


def _mine(request: HttpRequest, code: UUID) -> Connection:
    return access.connection_admin(request.user, code)


@login_required
@require_POST
def check_connection(request: HttpRequest, code: UUID) -> HttpResponse:
    connection = _mine(request, code)
    if problem := providers.check(connection):
        messages.error(request, f"{connection.name}: {problem}")
    else:
        messages.success(request, f"{connection.name} works, with {connection.remote_credits:.0f} credits.")
    return redirect("settings")


@login_required
@require_POST
def make_default(request: HttpRequest, code: UUID) -> HttpResponse:
    connection = _mine(request, code)
    try:
        providers.make_default(connection)
    except ValueError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"New tasks go to {connection.name}.")
    return redirect("settings")


@sensitive_post_parameters("key")
@sensitive_variables("form", "key")
@login_required
@require_http_methods(["GET", "POST"])
def replace_key(request: HttpRequest, code: UUID) -> HttpResponse:
    connection = _mine(request, code)
    if request.method == "GET":
        return redirect("settings")
    form = KeyForm(request.POST, auto_id=f"id_%s_{connection.code}")
    if form.is_valid():
        try:
            providers.replace_key(connection, form.cleaned_data["key"])
        except providers.ConnectionRefused as refused:
            form.add_error("key", refused.text)
        else:
            messages.success(request, f"{connection.name} has a new key.")
            return redirect("settings")
    return settings_page(request, status=422, key_form=form, about=connection)


@login_required
@require_POST
def retire_connection(request: HttpRequest, code: UUID) -> HttpResponse:
    connection = _mine(request, code)
    if waiting := connection.tasks.filter(status__in=Task.OPEN).count():
        text = f"{waiting} of its tasks are still under way. Retire it when they have ended."
        return settings_page(request, status=409, about=connection, connection_problem=text)
    providers.retire(connection)
    messages.success(request, f"{connection.name} is retired. What was made with it stays.")
    return redirect("settings")
