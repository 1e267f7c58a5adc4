from __future__ import annotations

import json
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from studio.models import Membership

Respond = Callable[[HttpRequest], HttpResponse]
DRAIN_LIMIT_BYTES = 100_000_000
COMPRESSED = {"text/html", "application/json", "text/csv", "text/plain"}


def refuse_huge_bodies(get_response: Respond) -> Respond:
    """413 with a sentence for bodies over the limit.

    The body is read and thrown away first: a browser that is still sending shows a broken
    connection instead of the answer.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            size_bytes = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            size_bytes = 0
        limit_bytes = _limit_bytes(request)
        if size_bytes <= limit_bytes:
            return get_response(request)
        left = min(size_bytes, DRAIN_LIMIT_BYTES)
        while left > 0 and (chunk := request.META["wsgi.input"].read(min(left, 1 << 16))):
            left -= len(chunk)
        return render(request, "413.html", {"limit_mb": limit_bytes / 1e6}, status=413)

    return middleware


def _limit_bytes(request: HttpRequest) -> int:
    """Forms are small; audio is brought to one address only, whose view looks at who sends it."""
    if request.path == reverse("recordings"):
        return settings.MAX_AUDIO_BYTES + settings.MAX_BODY_BYTES
    return settings.MAX_BODY_BYTES


class CompressPages(GZipMiddleware):
    """Gzip for what the templates make. Audio is packed already, and its ranges count stored bytes.

    Django pads the answers with random lengths, so that their size tells nothing of secrets in them (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        kind = response.headers.get("Content-Type", "").split(";")[0]
        if response.streaming or kind not in COMPRESSED:
            return response
        return super().process_response(request, response)


def keep_fragments_from_sign_in(get_response: Respond) -> Respond:
    """401 and a toast where a fragment would be answered with a redirect to the sign-in page.

    htmx follows the redirect unseen and would put that page into the form somebody has just filled.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_fragment = bool(request.htmx) and not request.htmx.boosted
        if not (is_fragment and response.get("Location", "").startswith(reverse(settings.LOGIN_URL))):
            return response
        headers = {"HX-Reswap": "none"}
        if request.method == "POST":
            text = "You are signed out. Sign in again in another tab; what you wrote stays here."
            headers["HX-Trigger"] = json.dumps({"toast": {"text": text, "kind": "err"}})
        return HttpResponse(status=401, headers=headers)

    return middleware


def _membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    mine = Membership.objects.filter(user=request.user).select_related("team").order_by("created_at")
    wanted = request.session.get("team")
    chosen = next((one for one in mine if str(one.team.code) == wanted), None)
    return chosen or next(iter(mine), None)


def current_team(get_response: Respond) -> Respond:
    """`request.membership`: the person's membership of the team they work in, or a false value."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.membership = SimpleLazyObject(lambda: _membership(request))
        return get_response(request)

    return middleware
