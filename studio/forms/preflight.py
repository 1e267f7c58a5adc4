"""What stands between a filled form and the provider: problems, reasons that block it, price and balance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from studio import ledger
from studio.access import READ_ONLY
from studio.forms.compose import OperationForm
from studio.models import Connection, Membership
from studio.operations import Problem


@dataclass(frozen=True)
class Preflight:
    """`problems` are mended by typing; a `blocker` is not, and keeps the button from being pressed."""

    problems: tuple[Problem, ...]
    blocker: str
    price_credits: int | None
    available_credits: int | None
    is_untouched: bool

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
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def preflight(form: OperationForm, membership: Membership, connection: Connection | None) -> Preflight:
    """Judge a form for a person of a team and the connection it would go to."""
    price_credits = available_credits = None
    if connection is not None:
        price_credits = ledger.quote(connection.host, form.operation, form.values())
        available_credits = ledger.balance(connection).available_credits
    return Preflight(
        tuple(form.problems),
        _blocker(form, membership, connection, price_credits or 0, available_credits or 0),
        price_credits,
        available_credits,
        form.is_untouched,
    )


def _blocker(
    form: OperationForm, membership: Membership, connection: Connection | None, price: int, available: int
) -> str:
    """The first reason why this person cannot send now, with what to do about it; "" for none."""
    may_administer = membership.may_administer
    if not membership.may_write:
        return READ_ONLY
    if connection is None:
        who = "Add one in the settings." if may_administer else "Ask an admin of the team to add one."
        return f"No provider is connected. {who}"
    offer = form.operation.on(connection.host)
    if not offer.is_usable:
        return (
            " ".join(filter(None, [offer.reason, offer.instead])) or f"{connection.name} does not offer this."
        )
    if price > available:
        who = "Add credits in the settings" if may_administer else "Ask an admin of the team for more"
        return (
            f"This needs {price} credits and {max(available, 0)} are left. {who}, or choose another provider."
        )
    return ""
