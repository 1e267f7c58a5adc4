from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studio.access import write_in
from studio.forms import drafts
from studio.library.sources import as_code
from studio.models import Task, Team
from studio.views.asking import ASKS, with_source
from studio.views.cards import cards_for, tasks_of
from studio.views.panel import panel_context, panel_of, posted_panel

PAGE_TASKS = 20


def _newest(team: Team, before: UUID | None) -> list[Task] | None:
    """A page of tasks and one more, behind the task `before`; None when there is no such task."""
    rows = tasks_of(team)
    if before is not None:
        last = Task.objects.filter(team=team, code=before).only("pk", "created_at").first()
        if last is None:
            return None
        at = last.created_at
        rows = rows.filter(Q(created_at__lte=at), Q(created_at__lt=at) | Q(pk__lt=last.pk))
    return list(rows[: PAGE_TASKS + 1])


@require_GET
@login_required
def create(request: HttpRequest) -> HttpResponse:
    membership = request.membership
    if not membership:
        return render(request, "compose/create.html", {})
    asks_before = request.GET.get("before")
    found = _newest(membership.team, as_code(asks_before) or UUID(int=0) if asks_before else None)
    tasks = found or []
    context = {
        "cards": cards_for(membership, tasks[:PAGE_TASKS]),
        "after": tasks[PAGE_TASKS - 1].code if len(tasks) > PAGE_TASKS else None,
        "is_continued": bool(asks_before),
        "is_lost": found is None,
    }
    if request.htmx and request.GET.keys() & ASKS:
        # Navigation inside the frame leaves the panel alone, except to fill it from a recipe or a source.
        context |= panel_context(request)
    return render(request, "compose/create.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def panel(request: HttpRequest) -> HttpResponse:
    """The panel by itself. A post takes the fix of a field: the way without JavaScript."""
    if request.method == "GET":
        return render(request, "compose/_panel.html", panel_context(request))
    posted = posted_panel(request)
    team = posted.membership.team
    write_in(request.user, team)
    posted.form = posted.form.with_fix(request.POST.get("fix", ""))
    drafts.save(request.user, team, posted.operation, posted.content())
    return redirect("create")


@require_POST
@login_required
def set_source(request: HttpRequest) -> HttpResponse:
    """The form with another clip in its source field, and with what that clip suggests."""
    posted = posted_panel(request)
    team = posted.membership.team
    write_in(request.user, team)
    panel = with_source(posted, request, request.POST.get("was_source", ""))
    drafts.save(request.user, team, panel.operation, panel.content())
    if not request.htmx:
        return redirect("create")
    return render(request, "compose/_panel.html", {"panel": panel})


@require_POST
@login_required
def check(request: HttpRequest) -> HttpResponse:
    """The pre-flight of what is in the form now; nothing when it looks as before."""
    posted = posted_panel(request)
    if posted.preflight.stamp == request.POST.get("foot_stamp"):
        return HttpResponse(status=204)
    return render(request, "compose/_checked.html", {"panel": posted})


@require_POST
@login_required
def save_draft(request: HttpRequest) -> HttpResponse:
    posted = posted_panel(request)
    write_in(request.user, posted.membership.team)
    drafts.save(request.user, posted.membership.team, posted.operation, posted.content())
    return HttpResponse(status=204)


@require_POST
@login_required
def reset_draft(request: HttpRequest) -> HttpResponse:
    """An empty form, and the way back from it (`undo`)."""
    posted = posted_panel(request)
    team, operation = posted.membership.team, posted.operation
    write_in(request.user, team)
    content = posted.content()
    if request.POST.get("undo"):
        kept = drafts.undo(request.user, team, operation, content)
    else:
        fresh = {"values": {"mode": posted.form.mode}, "connection": content["connection"]}
        old = None if posted.form.is_untouched else content
        kept = drafts.reset(request.user, team, operation, fresh, old)
    if not request.htmx:
        return redirect("create")
    return render(request, "compose/_panel.html", {"panel": panel_of(request, operation, kept)})
