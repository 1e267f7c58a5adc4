from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from studio import access
from studio.audio import timed_lyrics
from studio.library import notes, takeaway, timeline
from studio.models import Asset, Clip
from studio.views.clip_parts import in_short, whole

NOTES_AT_ONCE = 50


@require_safe
@login_required
def clip(request: HttpRequest, code: UUID) -> HttpResponse:
    """The page; `?parts=<stamp>` asks for what may have changed of it, and gets 204 when nothing has."""
    found = access.clip(request.user, code)
    context = whole(found, request.GET.get("stems", ""))
    if "parts" not in request.GET or not request.htmx:
        return render(request, "clip/clip.html", context)
    if request.GET["parts"] == context["stamp"]:
        return HttpResponse(status=204)
    return render(request, "clip/_parts.html", context)


@require_safe
@login_required
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """The right-hand pane of a list: the same clip, in short. `?closed` is what its × asks for: nothing."""
    found = access.clip(request.user, code)
    if "closed" in request.GET:
        return HttpResponse()
    return render(request, "clip/_detail.html", in_short(found))


@require_safe
@login_required
def note_list(request: HttpRequest, code: UUID, instrument: int) -> HttpResponse:
    """The notes of one instrument as a table, NOTES_AT_ONCE of them from `?from` on."""
    found = access.clip(request.user, code)
    every = notes.read(found.assets.filter(kind=Asset.Kind.NOTES, name="").first())
    if instrument >= len(every):
        raise Http404
    one = every[instrument]
    given = request.GET.get("from", "")
    first = int(given) if given.isdecimal() and len(given) < 9 else 0
    after = first + NOTES_AT_ONCE
    context = {
        "clip": found,
        "instrument": one,
        "first": first,
        "rows": one.notes[first:after],
        "after": after if after < len(one.notes) else None,
    }
    is_part = request.htmx and not request.htmx.boosted
    return render(request, "clip/_note_page.html" if is_part else "clip/notes.html", context)


@require_safe
@login_required
def lyrics_file(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    found = access.clip(request.user, code)
    text = _lyrics_as(found, kind)
    if not text:
        raise Http404
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = takeaway.file_name(found, kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _lyrics_as(clip: Clip, kind: str) -> str:
    if kind == "txt":
        return clip.lyrics and clip.lyrics.rstrip() + "\n"
    if kind not in {"lrc", "srt"}:
        return ""
    sections = timeline.read(clip.assets.filter(kind=Asset.Kind.TIMELINE, name="").first())
    if not sections:
        return ""
    return timed_lyrics.to_lrc(sections, title=clip.title) if kind == "lrc" else timed_lyrics.to_srt(sections)
