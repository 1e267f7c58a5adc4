from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio import access, vault
from studio.library import recordings as library
from studio.models import Asset, Recording, Task, Team, User
from studio.views.media import TYPES
from studio.views.ranges import RangedFileResponse
from studio.work.assets import plain

PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def recordings(request: HttpRequest) -> HttpResponse:
    """The team's recordings; a post brings another one, as a file or from an address."""
    if not request.membership:
        raise Http404
    if request.method != "POST":
        return _page(request)
    team = request.membership.team
    access.write_in(request.user, team)
    try:
        made = _brought(request, team, request.user)
    except library.NotTaken as refusal:
        return _refused(request, refusal.text)
    if request.htmx:
        context = {"name": request.POST.get("field", "recording"), "value": str(made.code), "team": team}
        return render(request, "recordings/_picker.html", context | _recent(team, made))
    messages.success(request, f"“{made.name}” is here.")
    return redirect("recordings")


def _page(request: HttpRequest, status: int = 200, problem: str = "") -> HttpResponse:
    rows = list(Recording.objects.filter(team=request.membership.team).select_related("person")[:PAGE])
    may_administer = request.membership.may_administer
    context = {
        "rows": [(row, may_administer or row.person_id == request.user.pk) for row in rows],
        "problem": problem,
        "formats": library.FORMATS,
        "limit_mb": settings.MAX_AUDIO_BYTES // 1_000_000,
    }
    return render(request, "recordings/recordings.html", context, status=status)


def _brought(request: HttpRequest, team: Team, person: User) -> Recording:
    if url := plain(request.POST.get("url")):
        return library.fetch(team, person, url)
    file = request.FILES.get("file")
    if file is None:
        raise library.NotTaken("Choose a file, record something, or give an address.")
    return library.take_in(team, person, request.POST.get("name") or file.name or "", file.chunks())


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
    return _page(request, status=422, problem=text)


def _recent(team: Team, chosen: Recording | None = None) -> dict[str, object]:
    recent = list(Recording.objects.filter(team=team)[:20])
    return {"recordings": recent, "chosen": chosen}


@require_safe
@login_required
def audio(request: HttpRequest, code: UUID) -> HttpResponseBase:
    found = access.recording(request.user, code)
    try:
        source, size_bytes = vault.open(found.key), vault.size_bytes(found.key)
    except FileNotFoundError:
        raise Http404 from None
    return RangedFileResponse(
        request,
        source,
        size_bytes=size_bytes,
        etag=found.sha256,
        content_type=TYPES.get(found.content_type, "application/octet-stream"),
        name=found.name,
        is_download=False,
    )


@require_POST
@login_required
def rename_recording(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.recording_write(request.user, code)
    name = plain(request.POST.get("name"), 200)
    if not name:
        return _page(request, status=422, problem="Give the recording a name.")
    Recording.objects.filter(pk=found.pk).update(name=name)
    messages.success(request, "The recording has its new name.")
    return redirect("recordings")


def _why_kept(found: Recording) -> str:
    if found.personas.filter(retired_at=None).exists():
        return f"A voice in use was made of “{found.name}”. Retire the voice first."
    under_way = found.team.tasks.filter(status__in=Task.OPEN, recipe__values__recording=str(found.code))
    if under_way.exists():
        return f"A task that is under way needs “{found.name}”. Wait until it has ended."
    return ""


@require_POST
@login_required
def delete_recording(request: HttpRequest, code: UUID) -> HttpResponse:
    """Forget a recording. Clips and voices made of it stay; so do its bytes while a clip has them."""
    found = access.recording_write(request.user, code)
    if text := _why_kept(found):
        return _page(request, status=422, problem=text)
    key = found.key
    found.delete()
    in_use = Asset.objects.filter(key=key).exists() or Recording.objects.filter(key=key).exists()
    if not in_use:
        vault.delete(key)
    messages.success(request, f"“{found.name}” is deleted.")
    return redirect("recordings")
