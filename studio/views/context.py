"""What the shell around every page needs: rail, credit chip, running meter and create panel."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from studio.views import compose, tasks
from studio.views.panel import balance_of

THEMES = ("dark", "light", "system", "contrast")


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    entries = [
        ("create", "Create", "plus"),
        ("library", "Library", "library"),
        ("personas", "Voices", "mic-vocal"),
        ("recipes", "Recipes", "star"),
        ("team", "Team", "users"),
    ]
    if request.membership.may_administer:
        entries.append(("usage", "Usage", "gauge"))
    entries.append(("settings", "Settings", "settings"))
    here = request.path
    return [
        {"href": (href := reverse(name)), "label": label, "icon": icon, "is_current": here.startswith(href)}
        for name, label, icon in entries
    ]


def _live(request: HttpRequest) -> dict[str, Any]:
    """What stands outside #main and may have changed: boosted navigation brings these along."""
    return {
        "team": request.membership.team,
        "balance": balance_of(request.membership.team),
        "running": tasks.meter(request),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """For full pages of people with a team. A boosted answer replaces #main and the live parts alone."""
    theme = request.COOKIES.get("theme", "")
    base = {"theme": theme if theme in THEMES else "dark", "version": settings.VERSION}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not request.membership:
        return base
    if request.htmx:
        return base | _live(request) if request.htmx.boosted else base
    return base | {
        "nav": _nav(request),
        "membership": request.membership,
        "teams": user.teams.order_by("name"),
        **_live(request),
        **compose.panel_context(request),
    }
