"""The create panel: read from a post, or from a draft or a recipe, and what its template needs."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest

from studio import ledger, operations
from studio.forms import drafts
from studio.forms.compose import OperationForm, form_for
from studio.forms.controls import Control
from studio.forms.preflight import Preflight, preflight
from studio.library.sources import as_code
from studio.models import Connection, Membership, Task, Team
from studio.operations import Kind, Operation
from studio.views.cards import new_token, title_of
from studio.views.chooser import Chooser

FIRST_OPERATION = "sonic.create_music"
_TOKEN = re.compile(r"[\w-]{1,64}")


def given_token(request: HttpRequest) -> str:
    """The form's token; a new one for a post that lacks it or sends something else in its place."""
    given = request.POST.get("form_token", "")
    return given if _TOKEN.fullmatch(given) else new_token()


@dataclass
class Panel:
    """Everything `compose/_panel.html` and `compose/_foot.html` show."""

    membership: Membership
    form: OperationForm
    connections: Sequence[Connection]
    connection: Connection | None
    source: Task | None = None
    may_undo: bool = False
    form_token: str = ""
    notice: str = ""

    def __post_init__(self) -> None:
        self.form_token = self.form_token or new_token()

    @property
    def operation(self) -> Operation:
        return self.form.operation

    @property
    def is_new_song(self) -> bool:
        return self.operation.name == FIRST_OPERATION

    @property
    def asks_for_words(self) -> bool:
        """Whether the form shows how well words fit their window."""
        return any(control.words_from for control in self.form.controls)

    @functools.cached_property
    def preflight(self) -> Preflight:
        return preflight(self.form, self.membership, self.connection)

    @functools.cached_property
    def chooser(self) -> Chooser:
        return Chooser(self.connection, self.operation, self.form.values(), self.form.subject)

    @functools.cached_property
    def sources(self) -> list[Control]:
        """What the request is made of, above everything else."""
        return [one for one in self.form.controls if one.field.kind in {Kind.CLIP, Kind.RECORDING}]

    @functools.cached_property
    def controls(self) -> list[Control]:
        return [one for one in self.form.controls if one.field.kind not in {Kind.CLIP, Kind.RECORDING}]

    @property
    def subject_title(self) -> str:
        """What the request is about, for the chip at the top."""
        found = self.form.context.sources.get(self.operation.source) if self.operation.source else None
        return found.title if found else ""

    @property
    def source_title(self) -> str:
        return title_of(self.source) if self.source else ""

    @property
    def more_has_problems(self) -> bool:
        return any(control.problems for control in self.form.more_controls)

    def content(self) -> drafts.Content:
        """What a draft keeps of this panel."""
        return {
            "values": self.form.values(),
            "connection": str(self.connection.code) if self.connection else "",
            "source": str(self.source.code) if self.source else "",
            "subject": self.form.subject,
        }


def operation_called(name: str) -> Operation:
    try:
        return operations.get(name or FIRST_OPERATION)
    except KeyError:
        raise Http404 from None


def connections_of(membership: Membership, wanted: object) -> tuple[list[Connection], Connection | None]:
    """The team's active connections, and the one asked for, else the default, else the first."""
    active = list(Connection.objects.filter(team=membership.team, retired_at=None))
    by_code = {str(one.code): one for one in active}
    default = next((one for one in active if one.is_default), active[0] if active else None)
    return active, by_code.get(str(wanted or ""), default)


def task_of(membership: Membership, **which: object) -> Task | None:
    """The one task of the team with this `code`, or that made the clip with this `clips__code`."""
    if any(as_code(code) is None for code in which.values()):
        return None
    rows = Task.objects.filter(team=membership.team, **which)
    return rows.select_related("connection", "source").prefetch_related("clips").first()


def posted_panel(request: HttpRequest) -> Panel:
    """The panel as it was sent. Nothing of a post is refused here; the form names what cannot be used."""
    membership = request.membership
    if not membership:
        raise Http404
    operation = operation_called(request.POST.get("operation", ""))
    connections, connection = connections_of(membership, request.POST.get("connection"))
    source = task_of(membership, code=request.POST["source"]) if request.POST.get("source") else None
    form = form_for(operation, request.POST, team=membership.team, connection=connection)
    return Panel(membership, form, connections, connection, source, form_token=given_token(request))


def panel_of(request: HttpRequest, operation: Operation, content: drafts.Content) -> Panel:
    """The panel that shows a draft's `content`."""
    membership = request.membership
    values = content.get("values")
    connections, connection = connections_of(membership, content.get("connection"))
    source = task_of(membership, code=content["source"]) if content.get("source") else None
    kept = values if isinstance(values, dict) else None
    form = form_for(operation, values=kept, team=membership.team, connection=connection)
    may_undo = bool((content.get("previous") or {}).get("values")) and form.is_untouched
    return Panel(membership, form, connections, connection, source, may_undo)


def recipe_panel(request: HttpRequest, **which: object) -> Panel | None:
    """The panel refilled from the recipe of a task of this team; None when there is no such task."""
    task = task_of(request.membership, **which)
    if task is None or task.operation not in operations.REGISTRY:
        return None
    content = {"values": task.values, "connection": task.connection.code, "source": task.code}
    return panel_of(request, operations.get(task.operation), content)


def draft_panel(request: HttpRequest) -> Panel:
    """What this person wrote last."""
    name, content = drafts.newest(request.user, request.membership.team)
    if name not in operations.REGISTRY:
        return panel_of(request, operations.get(FIRST_OPERATION), {})
    return panel_of(request, operations.get(name), content)


def balance_of(team: Team) -> ledger.Balance | None:
    """What the team's default connection has, for the credit chip."""
    connection = Connection.objects.filter(team=team, is_default=True).first()
    return ledger.balance(connection) if connection else None


def panel_context(request: HttpRequest) -> dict[str, Any]:
    """For a page that shows the create panel; made once a request, and nothing for people without a team."""
    from studio.views.asking import asked_panel  # which makes panels with what is above

    if not request.membership:
        return {}
    if not hasattr(request, "create_panel"):
        request.create_panel = asked_panel(request)
    return {"create_panel": True, "panel": request.create_panel}
