from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from studio import access, operations
from studio.audio import timed_lyrics
from studio.library import clips, takeaway, timeline
from studio.models import Asset, Clip, Task
from studio.operations import Kind
from studio.views.recipe import in_words


@dataclass(frozen=True)
class Said:
    """One parameter of a recipe, in the words of the form it came from."""

    label: str
    value: str
    is_long: bool = False


@require_safe
@login_required
def clip(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.clip(request.user, code)
    return render(request, "clip/clip.html", _context(found))


@require_safe
@login_required
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """The right-hand pane of a list: the same clip, in short. `?closed` is what its × asks for: nothing."""
    found = access.clip(request.user, code)
    if "closed" in request.GET:
        return HttpResponse()
    return render(request, "clip/_detail.html", _context(found))


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
    sections = timeline.read(clip.assets.filter(kind=Asset.Kind.TIMELINE).first())
    if not sections:
        return ""
    return timed_lyrics.to_lrc(sections, title=clip.title) if kind == "lrc" else timed_lyrics.to_srt(sections)


def _context(clip: Clip) -> dict[str, Any]:
    assets = {asset.kind: asset for asset in clip.assets.all()}
    audio = assets.get(Asset.Kind.AUDIO)
    takes = clips.dressed(Clip.objects.filter(task=clip.task)).order_by("position")
    sections = timeline.read(assets.get(Asset.Kind.TIMELINE))
    return {
        "clip": clip,
        "task": clip.task,
        "connection": clip.task.connection,
        "takes": takes,
        "audio": audio,
        "cover": assets.get(Asset.Kind.COVER),
        "has_peaks": Asset.Kind.PEAKS in assets,
        "sections": sections,
        "lyrics_kinds": ("txt", "lrc", "srt") if sections else ("txt",),
        "downloads": _downloads(assets),
        "tags": [tag.strip() for tag in clip.tags.split(",") if tag.strip()],
        "recipe": recipe_of(clip.task),
        "operation_label": _operation_label(clip.task),
    }


def _downloads(assets: dict[str, Asset]) -> list[tuple[takeaway.Offer, int | None]]:
    """Offers with the size of what is stored already; None where a copy is made first."""
    audio = assets.get(Asset.Kind.AUDIO)
    sizes = {takeaway.Source.DELIVERED: audio, takeaway.Source.LOSSLESS: assets.get(Asset.Kind.LOSSLESS)}
    found = takeaway.offers(audio.content_type if audio else None, Asset.Kind.LOSSLESS in assets)
    return [(offer, asset.size_bytes if (asset := sizes.get(offer.source)) else None) for offer in found]


def _operation_label(task: Task) -> str:
    entry = operations.REGISTRY.get(task.operation)
    return entry.label if entry else task.operation


def recipe_of(task: Task) -> list[Said]:
    """What the person asked for, without what they left empty."""
    entry = operations.REGISTRY.get(task.operation)
    if entry is None:
        return [Said(name, str(value)) for name, value in task.values.items() if value not in ("", None)]
    modes = {choice.value: choice.label for choice in entry.modes}
    said = [Said("Mode", modes[mode])] if (mode := task.values.get("mode")) in modes else []
    for field in entry.applicable(task.values):
        value = task.values.get(field.name)
        if value not in ("", None, False):
            said.append(Said(field.label, in_words(field, value), field.kind is Kind.LYRICS))
    return said
