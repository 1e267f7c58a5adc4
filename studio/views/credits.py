from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from studio import access, keys, ledger
from studio import usage as figures
from studio.forms.credits import CreditsForm, UsageForm
from studio.models import Connection, Entry, Team
from studio.views import membership
from studio.views.account import settings_page
from studio.work import providers

LINES_PER_PAGE = 50
CSV_COLUMNS = (
    "time",
    "kind",
    "person",
    "operation",
    "connection",
    "credits",
    "charged",
    "note",
    "task",
)
# A spreadsheet runs what begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@login_required
@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    team = membership.my_administered_team(request)
    form = UsageForm(team, request.GET)
    filters = form.filters()
    lines = figures.by_person_and_operation(team, filters)
    context = {
        "form": form,
        "filters": filters,
        "figures": figures.figures(team, filters),
        "chart": figures.chart(team, filters, form.group_given),
        "lines": lines,
        "totals": figures.totals(lines),
        "unreconciled": list(figures.unreconciled(team)[:20]),
        "page": Paginator(_ledger(team, filters), LINES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "usage/usage.html", context)


def _ledger(team: Team, filters: figures.Filters) -> QuerySet[Entry]:
    rows = figures.entries(team, filters)
    return rows.select_related("task", "task__person", "person", "connection").order_by("-created_at", "-pk")


@login_required
@require_GET
def usage_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The ledger lines of the same view as the page, for a spreadsheet."""
    team = membership.my_administered_team(request)
    filters = UsageForm(team, request.GET).filters()
    # Spreadsheets take UTF-8 for what it is only behind a byte order mark.
    lines = (part.encode() for part in _csv_lines(_ledger(team, filters)))
    response = StreamingHttpResponse(_marked(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ostinato-usage-{filters.month:%Y-%m}.csv"'
    return response


def _marked(parts: Iterator[bytes]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    yield from parts


class _Echo:
    """A file for csv.writer that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(rows: QuerySet[Entry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(CSV_COLUMNS)
    for entry in rows.iterator(chunk_size=500):
        yield writer.writerow(_csv_row(entry))


def _csv_row(entry: Entry) -> list[Any]:
    task = entry.task
    person = task.person if task else entry.person
    return [
        timezone.localtime(entry.created_at).isoformat(timespec="seconds"),
        entry.kind,
        plain_cell(str(person or "")),
        plain_cell(figures.operation_label(task.operation) if task else ""),
        plain_cell(entry.connection.name),
        entry.amount_credits,
        entry.charged_credits,
        plain_cell(entry.note),
        task.code if task else "",
    ]


def plain_cell(text: str) -> str:
    """Text that a spreadsheet shows and never runs."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


@login_required
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, code: UUID) -> HttpResponse:
    """Refill the offline provider, or correct what our books say about another one."""
    connection = access.connection_admin(request.user, code)
    if request.method == "GET":
        return redirect("settings")
    form = CreditsForm(request.POST, is_offline=connection.is_offline, auto_id=f"id_%s_{connection.code}")
    if not form.is_valid():
        return settings_page(request, status=422, credits_form=form, about=connection)
    try:
        _put_in(request, connection, form.cleaned_data["credits"], form.cleaned_data["note"])
    except keys.KeyUnreadable as problem:
        return settings_page(request, status=409, about=connection, connection_problem=problem.text)
    left = ledger.balance(connection).available_credits
    messages.success(request, f"{connection.name} now has {left} credits.")
    return redirect("settings")


def _put_in(request: HttpRequest, connection: Connection, credits: int, note: str) -> None:
    if connection.is_offline:
        providers.refill_offline(connection, credits, request.user, note)
    else:
        ledger.adjust(connection, credits, request.user, note)
