"""What stands between a filled form and the provider: problems, reasons that block it, price and balance."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from studio import ledger, offers, operations
from studio.access import READ_ONLY
from studio.forms.addresses import compose_query
from studio.forms.compose import OperationForm
from studio.forms.fitting import Fit, fit_of
from studio.forms.kinds import as_typed
from studio.models import Connection, Membership
from studio.operations import Operation, Problem, Status, Values


@dataclass(frozen=True)
class Remark:
    """A problem or advice with the way out of it: a fix to press, or a link to another operation."""

    problem: Problem
    query: str = ""  # of the address of the create panel
    changes: str = ""  # of a fix: what it puts into which fields, as JSON and as they are typed

    @property
    def field(self) -> str:
        return self.problem.field

    @property
    def text(self) -> str:
        return self.problem.text


@dataclass(frozen=True)
class Preflight:
    """`problems` are mended by typing; a `blocker` is not, and keeps the button from being pressed.

    `instead` is the operation to use in place of one that is blocked; `warning` tells of one on its way out.
    """

    problems: tuple[Remark, ...]
    advice: tuple[Remark, ...]
    blocker: str
    instead: Operation | None
    instead_query: str
    warning: str
    price_credits: int | None
    available_credits: int | None
    is_untouched: bool
    fit: Fit | None = None

    @property
    def is_ready(self) -> bool:
        return not self.problems and not self.blocker

    @property
    def leaves_credits(self) -> int | None:
        if self.price_credits is None or self.available_credits is None:
            return None
        return self.available_credits - self.price_credits

    @property
    def stamp(self) -> str:
        """Equal for two pre-flights that look the same."""
        seen = (self.problems, self.advice, self.blocker, self.instead_query, self.warning)
        told = (self.price_credits, self.available_credits, self.is_untouched, self.fit)
        return hashlib.sha256(repr((seen, told)).encode()).hexdigest()[:16]


def preflight(form: OperationForm, membership: Membership, connection: Connection | None) -> Preflight:
    """Judge a form for a person of a team and the connection it would go to."""
    price_credits = available_credits = None
    found = operations.Availability()
    if connection is not None:
        price_credits = ledger.quote(connection.host, form.operation, form.values())
        available_credits = ledger.balance(connection).available_credits
        found = offers.offer(connection, form.operation)
    blocker = _blocker(membership, connection, found, price_credits or 0, available_credits or 0)
    instead = None if found.is_usable else operations.REGISTRY.get(found.instead)
    values = form.values()
    return Preflight(
        _remarks(form.problems, values, form.operation),
        _remarks(form.advice, values, form.operation),
        blocker,
        instead if blocker else None,
        compose_query(instead, values, form.subject) if instead else "",
        _warning(found),
        price_credits,
        available_credits,
        form.is_untouched,
        fit_of(form.operation, values),
    )


def _remarks(problems: list[Problem], values: Values, operation: Operation) -> tuple[Remark, ...]:
    return tuple(
        Remark(problem, _way_out(problem, values), _changes(problem, operation)) for problem in problems
    )


def _changes(problem: Problem, operation: Operation) -> str:
    if problem.fix is None or problem.fix.operation:
        return ""
    return json.dumps(
        {name: as_typed(operation.field(name), value) for name, value in problem.fix.changes.items()}
    )


def _way_out(problem: Problem, values: Values) -> str:
    """The query of the panel with the operation that a fix names, on the source that the problem is about."""
    if problem.fix is None or problem.fix.operation not in operations.REGISTRY:
        return ""
    other = operations.REGISTRY[problem.fix.operation]
    return compose_query(other, values, str(values.get(problem.field) or ""))


def _warning(found: operations.Availability) -> str:
    """What to know of an operation that can be used, but not for long."""
    if found.status is not Status.DEPRECATED:
        return ""
    instead = operations.REGISTRY.get(found.instead)
    reason = found.reason or "The provider is about to withdraw this."
    return f"{reason} {instead.label} is meant to take its place." if instead else reason


def _blocker(
    membership: Membership,
    connection: Connection | None,
    found: operations.Availability,
    price: int,
    available: int,
) -> str:
    """The first reason why this person cannot send now, with what to do about it; "" for none."""
    may_administer = membership.may_administer
    if not membership.may_write:
        return READ_ONLY
    if connection is None:
        who = "Add one in the settings." if may_administer else "Ask an admin of the team to add one."
        return f"No provider is connected. {who}"
    if reason := offers.why_not(found):
        return reason
    if price > available:
        who = "Add credits in the settings" if may_administer else "Ask an admin of the team for more"
        return (
            f"This needs {price} credits and {max(available, 0)} are left. {who}, or choose another provider."
        )
    return ""
