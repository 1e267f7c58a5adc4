from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import access
from studio.library.recordings import Verdict, judge_voice
from studio.models import Asset, Persona, Recording
from studio.work.assets import plain

CANDIDATES = 20


@dataclass(frozen=True)
class Singer:
    """A persona as this person may use it, and what there is to hear of it."""

    persona: Persona
    audio: Asset | None
    may_change: bool

    @property
    def recording(self) -> Recording | None:
        return self.persona.recording


@require_safe
@login_required
def personas(request: HttpRequest) -> HttpResponse:
    """Everybody who sings for the team, and recordings that could become a voice."""
    if not request.membership:
        return render(request, "library/no_team.html", {})
    return _page(request)


def _page(request: HttpRequest, status: int = 200, problem: str = "") -> HttpResponse:
    team = request.membership.team
    assets = Asset.objects.filter(kind__in=[Asset.Kind.AUDIO, Asset.Kind.VOX])
    rows = (
        Persona.objects.filter(team=team)
        .select_related("person", "connection", "clip", "recording")
        .prefetch_related(Prefetch("clip__assets", assets))
    )
    singers = [_singer(request, row) for row in rows]
    context: dict[str, Any] = {
        "singers": [one for one in singers if one.persona.retired_at is None],
        "retired": [one for one in singers if one.persona.retired_at is not None],
        "candidates": _candidates(request),
        "problem": problem,
    }
    return render(request, "personas/personas.html", context, status=status)


def _singer(request: HttpRequest, row: Persona) -> Singer:
    may_change = request.membership.may_write and (
        request.membership.may_administer or row.person_id == request.user.pk
    )
    return Singer(row, _heard(row), may_change)


def _heard(row: Persona) -> Asset | None:
    """The voice that was cut out of its clip where there is one, else the clip itself."""
    if row.clip is None:
        return None
    found = sorted(row.clip.assets.all(), key=lambda asset: asset.kind != Asset.Kind.VOX)
    return next((asset for asset in found if asset.content_type.startswith("audio/")), None)


def _candidates(request: HttpRequest) -> list[tuple[Recording, Verdict]]:
    """The newest recordings that are no voice yet, with what speaks against them."""
    rows = Recording.objects.filter(team=request.membership.team, personas=None)[:CANDIDATES]
    return [(row, judge_voice(row)) for row in rows]


@require_POST
@login_required
def rename_persona(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.persona_write(request.user, code)
    name = plain(request.POST.get("name"), 120)
    if not name:
        return _page(request, status=422, problem="Give the voice a name.")
    Persona.objects.filter(pk=found.pk).update(name=name)
    messages.success(request, "The voice has its new name.")
    return redirect("personas")


@require_POST
@login_required
def retire_persona(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take a voice out of the pickers, or with `back` bring it back; clips that it sang stay as they are."""
    found = access.persona_write(request.user, code)
    is_back = bool(request.POST.get("back"))
    Persona.objects.filter(pk=found.pk).update(retired_at=None if is_back else timezone.now())
    messages.success(request, f"{found.name} {'sings again' if is_back else 'is retired'}.")
    return redirect("personas")
