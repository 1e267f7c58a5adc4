from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from studio import access
from studio.forms import drafts
from studio.library.sources import as_code
from studio.models import Task
from studio.views.cards import WAITING, Card, cards_for, glances_at, new_token, stamp_of, tasks_of, title_of
from studio.views.panel import Panel, balance_of, given_token, posted_panel
from studio.views.recipe import recipe_rows, timeline
from studio.work import queue
from studio.work import start as work

FRESH_S = 60
POLL_FRESH_S = 2
POLL_OLD_S = 10
MOST_ASKED = 100  # codes that one poll may name
MOST_FOLLOWED = 25  # a poll is an address, and web servers refuse one of more than 8 kB
Refused = (work.Unavailable, work.NotEnoughCredits, work.RecipeProblems)


@dataclass(frozen=True)
class Meter:
    """What the team has in the works; it asks again by itself while that is anything."""

    open: Sequence[Task]

    @property
    def every_s(self) -> int:
        now = timezone.now()
        is_fresh = any((now - task.created_at).total_seconds() < FRESH_S for task in self.open)
        return POLL_FRESH_S if is_fresh else POLL_OLD_S

    @property
    def codes(self) -> str:
        return " ".join(str(task.code) for task in self.open)

    @property
    def followed(self) -> str:
        """The tasks whose end is told in a toast: the oldest, which end first."""
        return " ".join(self.codes.split()[:MOST_FOLLOWED])

    @property
    def words(self) -> str:
        waiting = sum(task.status in WAITING for task in self.open)
        counts = ((len(self.open) - waiting, "creating"), (waiting, "queued"))
        return " · ".join(f"{number} {word}" for number, word in counts if number)

    @property
    def stamp(self) -> str:
        return hashlib.sha256(f"{self.codes} {self.words} {self.every_s}".encode()).hexdigest()[:12]


def meter(request: HttpRequest) -> Meter | None:
    """The meter of the frame; None for people without a team."""
    if not request.membership:
        return None
    return Meter(glances_at(request.membership.team))


def _wants_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx) and not request.htmx.boosted


def _has_work_list(request: HttpRequest) -> bool:
    """Whether the page that asked has a list that new cards belong into."""
    here = urlsplit(request.htmx.current_url_abs_path or "").path
    return here in {reverse("create"), reverse("library")}


def _with_toast(response: HttpResponse, text: str, kind: str) -> HttpResponse:
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "kind": kind}})
    return response


def _card_of(request: HttpRequest, task: Task) -> Card:
    membership = access.membership_in(request.user, task.team)
    return cards_for(membership, tasks_of(task.team).filter(pk=task.pk))[0]


def _surroundings(request: HttpRequest, task: Task) -> dict[str, Any]:
    """What changes around a card when its task does: the meter and the credit chip."""
    return {"running": meter(request), "balance": balance_of(task.team)}


def arrival_of(request: HttpRequest, task: Task) -> dict[str, Any]:
    """What a page shows of a task that was started beside its form: the card in its list, the meter."""
    return {"card": _card_of(request, task), "is_new": _has_work_list(request)} | _surroundings(request, task)


# --- starting ---------------------------------------------------------------------------------


@require_POST
@login_required
def start_task(request: HttpRequest) -> HttpResponse:
    panel = posted_panel(request)
    team, form = panel.membership.team, panel.form
    access.write_in(request.user, team)
    drafts.save(request.user, team, panel.operation, panel.content())
    first = Task.objects.filter(team=team, form_token=panel.form_token).first()
    if first is not None:
        return _sent_before(request, panel, first)
    if panel.connection is None or form.problems:
        return _refused(request, panel)
    try:
        task = work.start(
            request.user, team, panel.connection, panel.operation, form.values(), panel.form_token
        )
    except Refused as error:
        return _refused(request, panel, getattr(error, "text", str(error)))
    place = queue.position(task)
    return _started(request, panel, task, f"Queued – #{place}" if place else "Sent")


def _sent_before(request: HttpRequest, panel: Panel, first: Task) -> HttpResponse:
    """The same form again: the first task, or, when it says something else by now, a question."""
    if first.recipe == panel.operation.recipe(panel.form.values()):
        return _started(request, panel, first, "Already sent", is_new=False)
    panel.form_token = new_token()
    panel.notice = (
        "This form was sent once and has changed since. Press the button again to send it as it is now."
    )
    return _panel_again(request, panel, 409)


def _refused(request: HttpRequest, panel: Panel, text: str = "") -> HttpResponse:
    panel.form.shows_problems = True
    panel.notice = "" if panel.preflight.blocker or panel.form.problems else text
    return _panel_again(request, panel, 422)


def _panel_again(request: HttpRequest, panel: Panel, status: int) -> HttpResponse:
    if _wants_fragment(request):
        return render(request, "compose/_panel.html", {"panel": panel}, status=status)
    request.create_panel = panel
    cards = cards_for(panel.membership, tasks_of(panel.membership.team)[:20])
    context = {"cards": cards, "create_panel": True, "panel": panel}
    return render(request, "compose/create.html", context, status=status)


def _started(
    request: HttpRequest, panel: Panel, task: Task, text: str, *, is_new: bool = True
) -> HttpResponse:
    card = _card_of(request, task)
    if not _wants_fragment(request):
        messages.success(request, f"{text}: {card.title}")
        return redirect("create")
    fresh = Panel(panel.membership, panel.form, panel.connections, panel.connection, panel.source)
    context = {
        "panel": fresh,
        "card": card,
        "is_new": is_new and _has_work_list(request),
        "had_problems": bool(request.POST.get("shown_problems")),
    }
    response = render(request, "tasks/_started.html", context | _surroundings(request, task))
    return _with_toast(response, text, "work")


# --- following --------------------------------------------------------------------------------


def _codes(texts: Sequence[str]) -> list[UUID]:
    found = (as_code(text) for text in texts[:MOST_ASKED])
    return [code for code in found if code]


@require_GET
@login_required
def running(request: HttpRequest) -> HttpResponse:
    """The one poll of a page: cards that look different now, and the meter. A 204 costs one query."""
    if not request.membership:
        return HttpResponse(status=204)
    shown = dict(text.partition(":")[::2] for text in request.GET.getlist("card")[:MOST_ASKED])
    followed = _codes(request.GET.get("open", "").split())
    team = request.membership.team
    glances = glances_at(team, _codes([*shown]) + followed)
    now = Meter([task for task in glances if task.is_open])
    changed = [one.pk for one in glances if shown.get(str(one.code), stamp_of(one)) != stamp_of(one)]
    if now.stamp == request.GET.get("meter") and not changed:
        return HttpResponse(status=204)
    over = {one.pk for one in glances if one.code in followed and not one.is_open}
    cards = cards_for(request.membership, tasks_of(team).filter(pk__in={*changed, *over}))
    context = {
        "running": now,
        "cards": [card for card in cards if card.task.pk in changed],
        "news": [_news(card) for card in cards if card.task.pk in over and card.is_mine],
        "balance": balance_of(team),
    }
    return render(request, "tasks/_news.html", context)


def _news(card: Card) -> tuple[str, str]:
    """The toast for a task of one's own that is over: its colour and its words."""
    status = card.task.status
    if status == Task.Status.READY:
        takes = [take.take for take in card.takes if take.is_ready]
        if not takes:
            return "ok", f"Ready: {card.title}"
        words = " and ".join(takes)
        return "ok", f"Song ready: {card.title}, {'take' if len(takes) == 1 else 'takes'} {words}"
    if status == Task.Status.CANCELLED:
        return "info", f"Cancelled: {card.title}"
    if status == Task.Status.UNCONFIRMED:
        return "work", f"{card.title}: its outcome is unknown. Its card says what to do."
    return "err", f"{card.title} failed. {card.note}"


@require_GET
@login_required
def task(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.task(request.user, code)
    membership = access.membership_in(request.user, found.team)
    card = cards_for(membership, tasks_of(found.team).filter(pk=found.pk))[0]
    context = {
        "card": card,
        "task": found,
        "operation_label": card.operation_label,
        "rows": recipe_rows(found),
        "moments": timeline(card.task),
        "entries": card.task.entries.all(),
        "parent": found.parent,
        "retries": found.retries.order_by("pk"),
        "shows_raw": membership.may_administer,
        "payload": json.dumps(found.payload, indent=2, ensure_ascii=False),
    }
    return render(request, "tasks/task.html", context)


# --- changing ---------------------------------------------------------------------------------


def _card_again(request: HttpRequest, task: Task, text: str, kind: str, status: int = 200) -> HttpResponse:
    """The task's card as it is now with a word about what was done; a redirect without htmx."""
    if not _wants_fragment(request):
        messages.add_message(request, messages.ERROR if kind == "err" else messages.SUCCESS, text)
        return redirect("task", task.code)
    context = {"card": _card_of(request, task), "is_changed": True}
    response = render(request, "tasks/_changed.html", context | _surroundings(request, task), status=status)
    return _with_toast(response, text, kind)


@require_POST
@login_required
def cancel_task(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.task_write(request.user, code)
    if work.cancel(found):
        return _card_again(request, found, f"Cancelled: {title_of(found)}. Nothing was charged.", "ok")
    return _card_again(request, found, "Too late to cancel: it was sent already, or is over.", "err", 409)


@require_POST
@login_required
def retry_task(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.task_write(request.user, code)
    try:
        child = work.retry(found, request.user, given_token(request))
    except KeyError:
        return _card_again(request, found, "This kind of request does not exist any more.", "err", 422)
    except Refused as error:
        return _card_again(request, found, getattr(error, "text", str(error)), "err", 422)
    place = queue.position(child)
    text = f"Queued – #{place}" if place else "Sent"
    if not _wants_fragment(request):
        messages.success(request, f"{text}: {title_of(child)}")
        return redirect("task", child.code)
    if not _has_work_list(request):
        where = {"path": reverse("task", args=[child.code]), "target": "#main", "select": "#main"}
        return HttpResponse(headers={"HX-Location": json.dumps(where | {"swap": "outerSync show:none"})})
    context = {"card": _card_of(request, child), "is_new": True}
    response = render(request, "tasks/_changed.html", context | _surroundings(request, child))
    return _with_toast(response, text, "work")


@require_POST
@login_required
def resolve_task(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.task_admin(request.user, code)
    verdict = request.POST.get("was_charged")
    if verdict not in {"yes", "no"}:
        return _card_again(request, found, "Say whether it was charged or not.", "err", 422)
    if not work.resolve(found, request.user, was_charged=verdict == "yes"):
        return _card_again(request, found, "There is nothing to decide here any more.", "err", 409)
    text = (
        "Noted: it was charged." if verdict == "yes" else "Noted: it was not charged. Its credits are back."
    )
    return _card_again(request, found, text, "ok")
