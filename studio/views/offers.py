from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studio import access, offers, operations
from studio.models import OperationState
from studio.operations import Status
from studio.work.assets import plain


@require_safe
@login_required
def connection_operations(request: HttpRequest, code: UUID) -> HttpResponse:
    """Every operation and whether this connection offers it, with why; an admin may say otherwise."""
    connection = access.connection_admin(request.user, code)
    said = {
        row.operation: row
        for row in OperationState.objects.filter(connection=connection).select_related("person")
    }
    families: dict[str, list[dict[str, Any]]] = {}
    for name, offer in offers.offers(connection).items():
        operation = operations.get(name)
        instead = operations.REGISTRY.get(offer.instead)
        row = {"operation": operation, "offer": offer, "said": said.get(name), "instead": instead}
        families.setdefault(operation.family, []).append(row)
    context = {"connection": connection, "families": families, "statuses": list(Status)}
    return render(request, "settings/operations.html", context)


@require_POST
@login_required
def set_operation(request: HttpRequest, code: UUID, name: str) -> HttpResponse:
    """An admin's word on one operation; without a status, the registry's word holds again."""
    connection = access.connection_admin(request.user, code)
    operation = operations.REGISTRY.get(name)
    given = request.POST.get("status", "")
    if operation is None or (given and given not in set(Status)):
        raise Http404
    status = Status(given) if given else None
    offers.override(connection, operation, status, plain(request.POST.get("reason")), request.user)
    messages.success(request, f"{operation.label}: {status or 'as the registry says'}.")
    return redirect("connection_operations", connection.code)
