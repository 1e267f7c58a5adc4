"""The only writer of credit entries. Rows are added, never changed; the balance is their sum.

A task's money moves along hold -> settle or hold -> release, each at most once: whatever is repeated or comes
too late finds the row of the first time and changes nothing. All amounts are whole credits.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from studio.models import Connection, Entry, Price, Task, User
from studio.operations import Operation, Values

_CLOSING = (Entry.Kind.SETTLE, Entry.Kind.RELEASE)


class NotEnoughCredits(Exception):
    """A hold would overdraw the connection. Grant credits, or choose another connection."""

    def __init__(self, needed_credits: int, available_credits: int) -> None:
        self.needed_credits = needed_credits
        self.available_credits = available_credits
        self.text = (
            f"This needs {needed_credits} credits and {max(available_credits, 0)} are available. "
            "Ask an admin of the team for more, or choose another connection."
        )
        super().__init__(self.text)


@dataclass(frozen=True)
class Balance:
    """`available_credits` can be spent; `held_credits` wait for the end of open tasks."""

    available_credits: int
    held_credits: int

    @property
    def total_credits(self) -> int:
        return self.available_credits + self.held_credits


def balance(connection: Connection) -> Balance:
    """What a connection has, by our own books: one pass over its entries.

    A closing entry gives back the hold less the charge, so hold + closing + charge is 0 for a closed task,
    and what is left over all of them is held.
    """
    closed = F("amount_credits") + F("charged_credits")
    sums = Entry.objects.filter(connection=connection).aggregate(
        available=Coalesce(Sum("amount_credits"), 0),
        taken=Coalesce(Sum("amount_credits", filter=Q(kind=Entry.Kind.HOLD)), 0),
        closed=Coalesce(Sum(closed, filter=Q(kind__in=_CLOSING)), 0),
    )
    return Balance(sums["available"], -(sums["taken"] + sums["closed"]))


def is_open_hold() -> Q:
    """A condition on entries: a hold that was neither settled nor released."""
    closed = Entry.objects.filter(task=OuterRef("task"), kind__in=_CLOSING)
    return Q(kind=Entry.Kind.HOLD) & ~Q(Exists(closed))


def open_holds() -> QuerySet[Entry]:
    return Entry.objects.filter(is_open_hold())


def _sum(rows: QuerySet[Entry]) -> int:
    return int(rows.aggregate(total=Coalesce(Sum("amount_credits"), 0))["total"])


def quote(host: str, operation: Operation, values: Values) -> int:
    """The price in credits: the row for this variant, else the row for all, else the registry's guess."""
    variant = operation.variant(values)
    rows = Price.objects.filter(host=host, operation=operation.name, variant__in=["", variant])
    known = dict(rows.values_list("variant", "credits"))
    for name in (variant, ""):
        if name in known:
            return known[name]
    return operation.price(host, values)


def grant(connection: Connection, credits: int, person: User | None, note: str) -> Entry:
    """Put credits in, 1 or more. Not safe to repeat: every call grants again. Raises ValueError."""
    if credits < 1:
        raise ValueError("A grant adds at least one credit.")
    return _write(connection, Entry.Kind.GRANT, credits, person=person, note=note)


def adjust(
    connection: Connection, credits: int, person: User | None, note: str, task: Task | None = None
) -> Entry:
    """Correct the balance by a signed amount. Raises ValueError for 0.

    Not safe to repeat. With the `task` whose charge it corrects, a second one raises IntegrityError.
    """
    if credits == 0:
        raise ValueError("An adjustment of nothing is none.")
    return _write(connection, Entry.Kind.ADJUST, credits, task=task, person=person, note=note)


def hold(task: Task, credits: int) -> Entry:
    """Set `credits` aside for a task; safe to repeat. Raises NotEnoughCredits and then writes nothing.

    Locks the connection's row until the surrounding transaction ends, so that two tasks cannot both take the
    last credits. (SQLite has one writer at a time anyway.)
    """
    if credits < 0:
        raise ValueError("A hold cannot be negative.")
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=task.connection_id)
        if found := task.entries.filter(kind=Entry.Kind.HOLD).first():
            return found
        available = _sum(Entry.objects.filter(connection_id=task.connection_id))
        if credits > available:
            raise NotEnoughCredits(credits, available)
        return _write(task.connection, Entry.Kind.HOLD, -credits, task=task, person=task.person)


def settle(task: Task, charged_credits: int, note: str = "") -> Entry | None:
    """Close a hold: `charged_credits` are gone, the rest of the hold comes back. Safe to repeat.

    None when there is no hold, or when it was settled or released before.
    """
    if charged_credits < 0:
        raise ValueError("A charge cannot be negative.")
    return _close(task, Entry.Kind.SETTLE, charged_credits, note)


def release(task: Task, note: str = "") -> Entry | None:
    """Close a hold without a charge: all of it comes back. Safe to repeat; None as for `settle`."""
    return _close(task, Entry.Kind.RELEASE, 0, note)


def _close(task: Task, kind: Entry.Kind, charged_credits: int, note: str) -> Entry | None:
    with transaction.atomic():
        # The hold's row is the lock: settle and release of the same task come one after the other.
        held = task.entries.select_for_update().filter(kind=Entry.Kind.HOLD).first()
        if held is None or task.entries.filter(kind__in=_CLOSING).exists():
            return None
        back = -held.amount_credits - charged_credits
        return _write(task.connection, kind, back, task=task, charged_credits=charged_credits, note=note)


def _write(connection: Connection, kind: Entry.Kind, amount_credits: int, **fields: object) -> Entry:
    fields["note"] = str(fields.get("note") or "")[:300]
    return Entry.objects.create(
        team_id=connection.team_id, connection=connection, kind=kind, amount_credits=amount_credits, **fields
    )
