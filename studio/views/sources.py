"""What a request is made of: the picker of clips, a clip's menu of operations, the words of a window."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from studio import access
from studio.forms.controls import Freshness
from studio.forms.kinds import seconds_of
from studio.forms.prefill import words_between
from studio.library import clips, search, sources
from studio.models import Clip, Connection, Team
from studio.operations import Context, Field, Kind, Operation, obstacles
from studio.operations.checking import field_problems
from studio.views import chooser
from studio.views.asking import twin_for
from studio.views.panel import connections_of, operation_called

PICKS = 30
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Pick:
    """A clip that may become a source, with the reason when it cannot."""

    clip: Clip
    is_chosen: bool
    why_not: str
    freshness: Freshness | None


@dataclass(frozen=True)
class Picker:
    """The clips that may stand in one source field."""

    team: Team
    connection: Connection | None
    operation: Operation
    field: Field
    words: str
    chosen: str

    @property
    def query(self) -> str:
        """Of the address of this picker, without the words."""
        code = str(self.connection.code) if self.connection else ""
        given = {"operation": self.operation.name, "field": self.field.name, "connection": code}
        return urlencode(given | {"chosen": self.chosen})

    @functools.cached_property
    def picks(self) -> Sequence[Pick]:
        found = [self._pick(clip) for clip in self._rows()]
        return sorted(found, key=lambda pick: bool(pick.why_not))  # the usable first, each newest first

    def _rows(self) -> Sequence[Clip]:
        ready = Clip.objects.filter(team=self.team, state=Clip.State.READY)
        if self.words:
            ready = search.matching(ready, self.words)
        if self.field.kind is Kind.CLIP:
            ready = ready.filter(
                task__operation__regex=rf"^({'|'.join(sorted(self.field.needs.families))})\."
            )
        rows = clips.dressed(ready).defer(None).select_related("task", "task__connection")
        return rows.order_by("-created_at", "-pk")[:PICKS]

    def _pick(self, clip: Clip) -> Pick:
        operation = twin_for(self.operation, clip)
        is_main = self.field.name == self.operation.source
        one = operation.field(operation.source) if is_main else self.field
        source = sources.of_clip(clip)
        context = Context(sources={one.name: source})
        if self.connection is not None:
            context = Context(self.connection.host, str(self.connection.code), {one.name: source})
        problems = []
        if one.kind is Kind.CLIP:
            problems = obstacles(field_problems(operation, one, {one.name: str(clip.code)}, context))
        limit_h = one.needs.fresh_h
        fresh = Freshness(source.age_h, limit_h) if limit_h and source.age_h is not None else None
        return Pick(clip, str(clip.code) == self.chosen, problems[0].text if problems else "", fresh)


@require_GET
@login_required
def source_picker(request: HttpRequest) -> HttpResponse:
    """The clips that an operation can be made of; inside the panel, or as a page without scripts."""
    if not request.membership:
        raise Http404
    asked = request.GET
    operation = operation_called(asked.get("operation", ""))
    _, connection = connections_of(request.membership, asked.get("connection"))
    picker = Picker(
        request.membership.team,
        connection,
        operation,
        _source_field(operation, asked.get("field", "")),
        asked.get("q", "")[:LONGEST_SEARCH].strip(),
        asked.get("chosen", ""),
    )
    template = "_picker.html" if request.htmx and not request.htmx.boosted else "sources.html"
    return render(request, f"compose/{template}", {"picker": picker})


def _source_field(operation: Operation, name: str) -> Field:
    for one in operation.source_fields:
        if one.name == (name or operation.source) and one.kind is not Kind.PERSONA:
            return one
    raise Http404


@require_GET
@login_required
def clip_menu(request: HttpRequest, code: UUID) -> HttpResponse:
    """What can be made of a clip, for the menu of its row."""
    clip = access.clip(request.user, code)
    connection = clip.task.connection
    groups = list(chooser.for_clip(connection, str(clip.code), clip.task.operation))
    return render(request, "compose/_clip_menu.html", {"clip": clip, "groups": groups})


@require_GET
@login_required
def window_words(request: HttpRequest, code: UUID) -> HttpResponse:
    """The words that are sung between two moments of a clip, as plain text; 204 when they are not known."""
    clip = access.clip(request.user, code)
    edges = [seconds_of(request.GET.get(name, "")) for name in ("start", "end")]
    if None in edges:
        return HttpResponse(status=204)
    words = words_between(clip, edges[0] or 0, edges[1] or 0)
    return HttpResponse(words, content_type="text/plain; charset=utf-8", status=200 if words else 204)
