"""What the ledger says about a team's month, summed by the database.

Money words are exact: *quoted* is what a task was going to cost and what was reserved for it; *held*
is reserved and still open; *charged* is what the provider took; *refunded* is what came back in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from studio import operations
from studio.charts import Chart, Series, stacked_bars
from studio.ledger import is_open_hold
from studio.models import Connection, Entry, Task, Team

STYLES = ("1", "2", "3", "4", "5", "6")
HELD_STYLE = "held"
GROUPS = {
    "person": ("task__person", "task__person__name"),
    "operation": ("task__operation", "task__operation"),
    "connection": ("connection", "connection__name"),
}
FORMER = "Former member"


@dataclass(frozen=True)
class Filters:
    """What the page shows: a month, and possibly one person, operation or connection of the team."""

    month: date
    person: str = ""
    operation: str = ""
    connection: str = ""

    @property
    def days(self) -> list[date]:
        following = (self.month + timedelta(days=31)).replace(day=1)
        return [self.month + timedelta(days=number) for number in range((following - self.month).days)]

    def period(self) -> tuple[datetime, datetime]:
        """From its first midnight up to, not including, the next month's; in the studio's time zone."""
        ends = self.days[-1] + timedelta(days=1)
        return _midnight(self.month), _midnight(ends)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def this_month() -> date:
    return timezone.localdate().replace(day=1)


def entries(team: Team, filters: Filters) -> QuerySet[Entry]:
    """The ledger lines of the period; filtered by person or operation, only those of tasks remain."""
    starts_at, ends_at = filters.period()
    rows = Entry.objects.filter(team=team, created_at__gte=starts_at, created_at__lt=ends_at)
    if filters.person:
        rows = rows.filter(task__person__code=filters.person)
    if filters.operation:
        rows = rows.filter(task__operation=filters.operation)
    if filters.connection:
        rows = rows.filter(connection__code=filters.connection)
    return rows


def _sum(field: str, condition: Q | None = None) -> Coalesce:
    return Coalesce(Sum(field, filter=condition), 0)


@dataclass(frozen=True)
class Figures:
    left_credits: int
    left_by_connection: list[tuple[str, int]]
    spent_credits: int
    held_credits: int
    held_tasks: int
    unreconciled_tasks: int


def figures(team: Team, filters: Filters) -> Figures:
    """Left and held are of this moment, spent is of the period; three queries whatever the size."""
    rows = Entry.objects.filter(team=team, connection__retired_at=None)
    if filters.connection:
        rows = rows.filter(connection__code=filters.connection)
    left = list(
        rows.values_list("connection__name").annotate(total=_sum("amount_credits")).order_by("-total")
    )
    holds = rows.aggregate(
        held=_sum("amount_credits", is_open_hold()), tasks=Count("pk", filter=is_open_hold())
    )
    spent = entries(team, filters).aggregate(charged=_sum("charged_credits"))["charged"]
    return Figures(
        left_credits=sum(total for _, total in left),
        left_by_connection=left,
        spent_credits=spent,
        held_credits=-holds["held"],
        held_tasks=holds["tasks"],
        unreconciled_tasks=unreconciled(team).count(),
    )


def unreconciled(team: Team) -> QuerySet[Task]:
    """Tasks whose credits a person has to settle: nobody can know whether the provider charged."""
    return Task.objects.filter(team=team, needs_person=True).select_related("person", "connection")


@dataclass(frozen=True)
class Line:
    """One row of the table: what one person spent on one operation."""

    person: str
    operation: str
    tasks: int
    quoted_credits: int
    held_credits: int
    charged_credits: int
    refunded_credits: int


def by_person_and_operation(team: Team, filters: Filters) -> list[Line]:
    rows = (
        entries(team, filters)
        .filter(task__isnull=False)
        .values(who=F("task__person__name"), what=F("task__operation"), whose=F("task__person"))
        .annotate(
            tasks=Count("pk", filter=Q(kind=Entry.Kind.HOLD)),
            quoted=_sum("amount_credits", Q(kind=Entry.Kind.HOLD)),
            held=_sum("amount_credits", is_open_hold()),
            charged=_sum("charged_credits"),
            refunded=_sum("amount_credits", Q(kind__in=[Entry.Kind.RELEASE, Entry.Kind.ADJUST])),
        )
        .order_by("-charged", "who", "what")
    )
    return [
        Line(
            row["who"] or FORMER,
            operation_label(row["what"]),
            row["tasks"],
            -row["quoted"],
            -row["held"],
            row["charged"],
            row["refunded"],
        )
        for row in rows
    ]


def totals(lines: Iterable[Line]) -> dict[str, int]:
    fields = ("tasks", "quoted_credits", "held_credits", "charged_credits", "refunded_credits")
    lines = list(lines)
    return {field: sum(getattr(line, field) for line in lines) for field in fields}


def operation_label(name: str) -> str:
    """What people call an operation; the bare name for one that the registry no longer has."""
    try:
        return operations.get(name).label
    except KeyError:
        return name


def chart(team: Team, filters: Filters, group: str) -> Chart:
    """Credits by day: what was charged, stacked by group, and on top what is still held."""
    key, name = GROUPS[group]
    rows = (
        entries(team, filters)
        .filter(task__isnull=False)
        .values(day=TruncDate("created_at"), which=F(key), what=F(name))
        .annotate(charged=_sum("charged_credits"), held=_sum("amount_credits", is_open_hold()))
    )
    charged: dict[tuple[Any, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    held: dict[date, int] = defaultdict(int)
    for row in rows:
        charged[row["which"], _group_name(group, row["what"])][row["day"]] += row["charged"]
        held[row["day"]] -= row["held"]
    days = filters.days
    stack = [*_largest_first(charged, days), Series("Still held", HELD_STYLE, [held[day] for day in days])]
    return stacked_bars([str(day.day) for day in days], [one for one in stack if one.total])


def _group_name(group: str, value: Any) -> str:
    return operation_label(value) if group == "operation" else value or FORMER


def _largest_first(charged: dict[tuple[Any, str], dict[date, int]], days: list[date]) -> list[Series]:
    """At most six series; from the sixth on everything goes into one, so that colours stay apart."""
    ranked = sorted(charged.items(), key=lambda pair: (-sum(pair[1].values()), pair[0][1]))
    shown, rest = (ranked, []) if len(ranked) <= len(STYLES) else (ranked[:5], ranked[5:])
    series = [
        Series(name, style, [values[day] for day in days])
        for style, ((_, name), values) in zip(STYLES, shown, strict=False)
    ]
    if rest:
        others = [sum(values[day] for _, values in rest) for day in days]
        series.append(Series(f"{len(rest)} others", STYLES[-1], others))
    return series


def months(team: Team) -> list[date]:
    """Every month from the team's first ledger line to the present one, newest first."""
    first = (
        Entry.objects.filter(team=team).order_by("created_at").values_list("created_at", flat=True).first()
    )
    month, oldest = (
        this_month(),
        (timezone.localdate(first) if first else timezone.localdate()).replace(day=1),
    )
    found = [month]
    while month > oldest:
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found


def choices(team: Team) -> dict[str, list[tuple[str, str]]]:
    """What the filters may be set to: (value, label) of the team's people, operations and connections."""
    tasks = Task.objects.filter(team=team)
    people = tasks.filter(person__isnull=False).values_list("person__code", "person__name")
    people = people.order_by("person__name").distinct()
    names = tasks.order_by("operation").values_list("operation", flat=True).distinct()
    connections = Connection.objects.filter(team=team).values_list("code", "name")
    return {
        "person": [(str(code), name) for code, name in people],
        "operation": [(name, operation_label(name)) for name in names],
        "connection": [(str(code), name) for code, name in connections],
    }
