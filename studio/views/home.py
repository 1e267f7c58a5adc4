from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from studio.work import onboarding


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("create")
    return redirect("welcome" if onboarding.is_first_start() else "account_login")


def stale_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Instead of Django's own page for a failed CSRF check: mostly a page from before a new sign-in."""
    return render(request, "stale.html", status=403)
