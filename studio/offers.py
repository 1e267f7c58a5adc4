"""What a team's connection offers: the registry's word for the host, unless something newer is known."""

from __future__ import annotations

from studio import operations
from studio.models import Connection, OperationState, User
from studio.operations import Availability, Operation, Status


def offer(connection: Connection, operation: Operation) -> Availability:
    """Whether `operation` can be used at `connection`, with a reason and an alternative in words."""
    known = OperationState.objects.filter(connection=connection, operation=operation.name).first()
    return _merged(operation.on(connection.host), known)


def offers(connection: Connection) -> dict[str, Availability]:
    """The offer of every operation of the registry, by name; one query."""
    known = {row.operation: row for row in connection.operation_states.all()}
    return {
        name: _merged(operation.on(connection.host), known.get(name))
        for name, operation in operations.REGISTRY.items()
    }


def _merged(registered: Availability, known: OperationState | None) -> Availability:
    if known is None or known.status not in set(Status):
        return registered
    reason = known.reason
    if known.person_id and known.status == Status.RETIRED:
        reason = f"An admin has switched this off: {reason}" if reason else "An admin has switched this off."
    return Availability(Status(known.status), reason, registered.instead)


def why_not(found: Availability) -> str:
    """Why it cannot be used and what to use instead, in words; "" when it can be used."""
    if found.is_usable:
        return ""
    reason = found.reason or "This provider does not offer it."
    instead = operations.REGISTRY.get(found.instead)
    return f"{reason} Use {instead.label} instead." if instead else reason


def withdraw(connection: Connection, operation: Operation, reason: str) -> None:
    """Note that the host itself has answered that it no longer has this. Safe to repeat.

    An admin's word stands until an admin takes it back.
    """
    said = OperationState.objects.filter(connection=connection, operation=operation.name)
    if said.filter(person__isnull=False).exists():
        return
    OperationState.objects.update_or_create(
        connection=connection,
        operation=operation.name,
        defaults={"status": Status.RETIRED, "reason": reason[:300], "person": None},
    )


def override(
    connection: Connection, operation: Operation, status: Status | None, reason: str, person: User
) -> None:
    """An admin's word on an operation at a connection; None takes back whatever the registry does not say."""
    if status is None:
        OperationState.objects.filter(connection=connection, operation=operation.name).delete()
        return
    OperationState.objects.update_or_create(
        connection=connection,
        operation=operation.name,
        defaults={"status": status, "reason": reason[:300], "person": person},
    )
