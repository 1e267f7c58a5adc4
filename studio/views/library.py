from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from studio.library import clips, search
from studio.library.clips import Filters
from studio.models import Task, Team, User
from studio.templatetags.library import MODEL_LABELS
from studio.views.cards import open_cards

log = logging.getLogger(__name__)

SINGING = {"vocal": "With singing", "instrumental": "Instrumental"}


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address of the list without it."""

    text: str
    href: str


@require_safe
@login_required
def library(request: HttpRequest) -> HttpResponse:
    """The whole page; to htmx only what it asks for: the results of a search, or the next page's rows."""
    if not request.membership:
        return render(request, "library/no_team.html")
    filters, open_tasks = filters_of(request), _open_tasks(request.membership.team)
    target = request.htmx.target or "" if request.htmx.request_type == "partial" else ""
    if target.endswith("#more"):
        return _answer(request, "library/_rows.html", _rows(request, filters, open_tasks))
    context = _results(request, filters, open_tasks)
    if target.endswith("#results"):
        query = filters.query_string()  # the form's own would name the empty fields too
        response = _answer(request, "library/_results.html", context)
        return push_url(response, reverse("library") + (query and f"?{query}"))
    cards = open_cards(request.membership) if open_tasks else []
    choices = {"people": _people(request.membership.team), "models": MODEL_LABELS.items()}
    context |= choices | {"singing": SINGING.items(), "cards": cards}
    return _answer(request, "library/library.html", context)


def _open_tasks(team: Team) -> list[int]:
    """Keys of what stands on top of the page as cards, takes and all, and so not in the list."""
    return list(Task.objects.filter(team=team, status__in=Task.OPEN).order_by().values_list("pk", flat=True))


def _people(team: Team) -> QuerySet[User]:
    return User.objects.filter(memberships__team=team).order_by("name").only("code", "name", "email")


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """One address has three answers: caches, the browser's own among them, have to keep them apart."""
    response = render(request, template, context, status=500 if context.get("is_broken") else 200)
    patch_vary_headers(response, ["HX-Request", "HX-Target", "HX-Request-Type"])
    return response


def filters_of(request: HttpRequest) -> Filters:
    given = {name: request.GET.get(name, "").strip() for name in ("q", "model", "person", "singing")}
    given["q"] = given["q"][: search.QUERY_LIMIT_CHARS]
    if given["singing"] not in SINGING:
        given["singing"] = ""
    return Filters(**{name: value.replace("\0", "") for name, value in given.items()})


def _after(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None


def _rows(request: HttpRequest, filters: Filters, open_tasks: list[int]) -> dict[str, Any]:
    page = clips.page(request.membership.team, filters, _after(request), open_tasks)
    return {"page": page, "filters": filters}


def _results(request: HttpRequest, filters: Filters, open_tasks: list[int]) -> dict[str, Any]:
    team = request.membership.team
    shown = {"filters": filters, "chips": _chips(filters, team)}
    try:
        return shown | _rows(request, filters, open_tasks) | _counted(team, filters)
    except DatabaseError:
        log.exception("the library of team %s cannot be listed", team.code)
        return shown | {"is_broken": True}


def _counted(team: Team, filters: Filters) -> dict[str, Any]:
    found = clips.count(team, filters)
    is_more = bool(filters) and found > clips.COUNT_LIMIT
    return {"count": clips.COUNT_LIMIT if is_more else found, "is_more_than_count": is_more}


def _chips(filters: Filters, team: Team) -> list[Chip]:
    texts = {
        "q": f"“{filters.q}”",
        "model": f"model: {MODEL_LABELS.get(filters.model, filters.model)}",
        "person": f"by {_name_of(filters.person, team)}",
        "singing": SINGING.get(filters.singing, ""),
    }
    return [
        Chip(text, "?" + filters.query_string(**{name: ""}))
        for name, text in texts.items()
        if getattr(filters, name)
    ]


def _name_of(code: str, team: Team) -> str:
    named = (str(person) for person in _people(team) if str(person.code) == code) if code else iter(())
    return next(named, "somebody else")
