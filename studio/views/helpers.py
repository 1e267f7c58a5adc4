"""Help while writing: lyrics and tags from the provider, as tasks whose words come back into the form."""

from __future__ import annotations

import functools
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from studio import access, ledger, offers, operations
from studio.forms import drafts
from studio.models import Connection, Task
from studio.operations import Kind, Operation
from studio.views.cards import new_token
from studio.views.panel import connections_of, posted_panel
from studio.views.results import words_brought
from studio.views.tasks import Refused, arrival_of
from studio.work import start as work

REWRITE = "Rewrite: "
# Of what is to be rewritten, which travels along in the address while the answer is awaited.
LONGEST_LINES = 1500
LONGEST_ENCODED = 6000  # a letter of another script takes nine, and web servers take 8190 in all


@dataclass(frozen=True)
class Helper:
    """One way to be helped with a field: by `operation`, whose own field `asks` says what about."""

    name: str
    operation_name: str
    asks: str
    kind: Kind

    @property
    def operation(self) -> Operation | None:
        return operations.REGISTRY.get(self.operation_name)


HELPERS = {
    "write": Helper("write", "lyrics.make_lyrics", "description", Kind.LYRICS),
    "enhance": Helper("enhance", "sonic.upsample_tags", "tags", Kind.TAGS),
}


@dataclass
class Help:
    """What `compose/_helper.html` shows: a helper at a field of somebody's form."""

    helper: Helper
    field: str
    connection: Connection | None
    about: str = ""
    lines: str = ""
    problem: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.token or new_token()

    @property
    def limit(self) -> int | None:
        operation = self.helper.operation
        limit = operation.field(self.helper.asks).limit if operation else None
        return limit.chars if limit else None

    @functools.cached_property
    def why_not(self) -> str:
        if self.connection is None or self.helper.operation is None:
            return "No provider is connected that could do this."
        return offers.why_not(offers.offer(self.connection, self.helper.operation))

    @functools.cached_property
    def price_credits(self) -> int | None:
        if self.connection is None or self.helper.operation is None:
            return None
        return ledger.quote(self.connection.host, self.helper.operation, self.values)

    @property
    def values(self) -> dict[str, Any]:
        return {"mode": "custom", self.helper.asks: self.asked}

    @property
    def asked(self) -> str:
        return rewriting(self.lines, self.limit or 119) if self.lines else self.about


def rewriting(lines: str, limit: int) -> str:
    """The wish to have lines written anew, cut at a word to what the provider takes."""
    wish = REWRITE + " / ".join(line.strip() for line in lines.splitlines() if line.strip())
    return wish if len(wish) <= limit else wish[:limit].rsplit(" ", 1)[0].rstrip(" /,")


def _helper_called(name: str) -> Helper:
    if name not in HELPERS:
        raise Http404
    return HELPERS[name]


def _field_called(operation_name: str, helper: Helper, name: str) -> str:
    """A field of the form that such words belong into; 404 for anything else."""
    operation = operations.REGISTRY.get(operation_name)
    for one in operation.fields if operation else ():
        if one.name == name and one.kind is helper.kind:
            return name
    raise Http404


@require_GET
@login_required
def helper(request: HttpRequest) -> HttpResponse:
    """What a helper asks for before it is sent: what about, and what it costs."""
    if not request.membership:
        raise Http404
    asked = request.GET
    found = _helper_called(asked.get("helper", ""))
    field = _field_called(asked.get("operation", ""), found, asked.get("field", ""))
    _, connection = connections_of(request.membership, asked.get("connection"))
    return render(request, "compose/_helper.html", {"help": Help(found, field, connection)})


@require_POST
@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """Start the helper's task with what stands in the form."""
    panel = posted_panel(request)
    team, given = panel.membership.team, request.POST
    access.write_in(request.user, team)
    found = _helper_called(given.get("helper", ""))
    field = _field_called(panel.operation.name, found, given.get("helper_field", ""))
    about = given.get(f"helper_about_{field}", "") if found.kind is Kind.LYRICS else given.get(field, "")
    lines = _lines(given, field)
    token = given.get("helper_token", "")[:64]
    help = Help(found, field, panel.connection, about.strip(), lines, token=token)
    drafts.save(request.user, team, panel.operation, panel.content())
    if panel.connection is None or found.operation is None:
        help.problem = help.why_not
        return render(request, "compose/_helper.html", {"help": help}, status=422)
    try:
        task = work.start(request.user, team, panel.connection, found.operation, help.values, help.token)
    except Refused as error:
        help.problem, help.token = _said(error), new_token()
        return render(request, "compose/_helper.html", {"help": help}, status=422)
    if not request.htmx:
        return redirect("task", task.code)
    context = _answer_of(task, field, lines) | arrival_of(request, task) | {"has_arrived": True}
    return render(request, "compose/_helper_answer.html", context)


def _lines(given: QueryDict, field: str) -> str:
    """What is to be rewritten, as the field's script counts line breaks."""
    text = given.get(f"helper_lines_{field}", "").replace("\r\n", "\n").strip("\n")[:LONGEST_LINES]
    sizes = accumulate(len(quote_plus(letter.replace("\n", "\r\n"))) for letter in text)
    return text[: bisect_right(list(sizes), LONGEST_ENCODED)]


def _said(error: Exception) -> str:
    if isinstance(error, work.RecipeProblems):
        return " ".join(problem.text for problem in error.problems)
    return str(getattr(error, "text", error))


@require_GET
@login_required
def answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a helper's task has brought by now; it asks again by itself until that is final."""
    task = access.task(request.user, code)
    field = request.GET.get("helper_field", "")[:60]
    context = _answer_of(task, field, _lines(request.GET, field))
    return render(request, "compose/_helper_answer.html", context)


def _answer_of(task: Task, field: str, lines: str) -> dict[str, Any]:
    return {"task": task, "field": field, "lines": lines, "brought": words_brought(task)}
