"""Task cards: what a card says about a task, and the stamp that tells the poller of a change."""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Length

from studio import operations
from studio.library import clips
from studio.models import Asset, Clip, Entry, Membership, Task, Team
from studio.operations import Kind
from studio.views.results import Brought, Landing, landing_of, name_of, words_brought

Status = Task.Status

PILLS = {
    Status.AWAITING_APPROVAL: ("work", "hourglass", "Waits for approval"),
    Status.QUEUED: ("work", "clock", "Queued"),
    Status.SUBMITTING: ("work", "send", "Sending"),
    Status.RUNNING: ("work", "audio-lines", "Creating"),
    Status.READY: ("ok", "check", "Ready"),
    Status.FAILED: ("err", "circle-alert", "Failed"),
    Status.UNCONFIRMED: ("work", "triangle-alert", "Unconfirmed"),
    Status.CANCELLED: ("quiet", "ban", "Cancelled"),
}
UNCONFIRMED = (
    "This was sent, but the answer was lost on the way. It may be in the works and it may be charged, so it "
    "is never sent twice. Its credits stay reserved until the provider's answer turns up or an admin decides."
)
PUT_BACK = "It was not sent; the studio tries again by itself."
ASKS_AGAIN = "Nothing is charged for asking again, which the studio does by itself."
NOT_READY = "not_ready"  # the kind of problem that is none: the provider is still writing
STAGES = ("Queued", "Creating", "Saving")
WAITING = (Status.AWAITING_APPROVAL, Status.QUEUED)


@dataclass(frozen=True)
class Stage:
    name: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class Card:
    """A task as one person sees it. The task comes from `tasks_of`, which brings what a card asks for."""

    task: Task
    is_mine: bool
    may_change: bool
    may_resolve: bool
    form_token: str
    may_write: bool = False

    @property
    def stamp(self) -> str:
        return stamp_of(self.task)

    @functools.cached_property
    def title(self) -> str:
        return title_of(self.task)

    @property
    def operation_label(self) -> str:
        operation = operations.REGISTRY.get(self.task.operation)
        return operation.label if operation else self.task.operation

    @property
    def takes(self) -> Sequence[Clip]:
        return self.task.clips.all()

    @property
    def is_open(self) -> bool:
        return self.task.is_open

    @property
    def pill(self) -> tuple[str, str, str]:
        """Its colour, its icon and its words."""
        colour, icon, words = PILLS[Status(self.task.status)]
        if self.task.status == Status.QUEUED and self.task.place:
            words = f"{words} · #{self.task.place} in line"
        home = sum(take.is_ready for take in self.takes)
        if self.task.status == Status.RUNNING and home:
            words = f"{words} · {home} take{'s' * (home > 1)} ready"
        return colour, icon, words

    @property
    def since(self) -> datetime:
        return self.task.submitted_at or self.task.created_at

    @property
    def stages(self) -> list[Stage]:
        """The track of an open task. Saving begins when the first take is home; no share is ever made up."""
        at = 0 if self.task.status in WAITING else 1
        if at and any(take.is_ready for take in self.takes):
            at = 2
        return [Stage(name, number < at, number == at) for number, name in enumerate(STAGES)]

    @property
    def note(self) -> str:
        """What happened and what to do, where that is not plain from the pill."""
        if self.task.status == Status.UNCONFIRMED:
            return " ".join(filter(None, [self.task.problem_text, UNCONFIRMED]))
        if self.task.status == Status.FAILED:
            return self.task.problem_text or "The provider gave no reason. You can send it again."
        if self.task.status == Status.AWAITING_APPROVAL:
            return "It is over the budget. It starts when an admin of the team approves it."
        if self.task.status == Status.QUEUED and self.task.problem_text:
            is_early = self.task.problem_kind == NOT_READY
            return f"{self.task.problem_text} {ASKS_AGAIN if is_early else PUT_BACK}"
        return ""

    @property
    def landing(self) -> Landing | None:
        """Where its result landed, unless that is clips."""
        return landing_of(self.task)

    @property
    def words(self) -> list[Brought]:
        """Lyrics or tags that it brought for a form."""
        return words_brought(self.task)

    @property
    def credits(self) -> str:
        """What became of its credits, from the ledger's entries."""
        entries = {entry.kind: entry for entry in self.task.entries.all()}
        held, settled, released, adjusted = map(entries.get, ("hold", "settle", "release", "adjust"))
        if released and held:
            return f"not charged – {_credits(-held.amount_credits)} returned"
        if settled and adjusted:
            return f"charged {settled.charged_credits} – {_credits(adjusted.amount_credits)} returned"
        if settled:
            if self.task.needs_person:
                return f"charged {settled.charged_credits}, an admin will look"
            return f"charged {_credits(settled.charged_credits or 0)}"
        if held:
            return f"{_credits(-held.amount_credits)} reserved"
        return ""

    @property
    def may_cancel(self) -> bool:
        return self.may_change and self.task.status in WAITING and self.task.submitted_at is None

    @property
    def may_retry(self) -> bool:
        return self.may_change and self.task.status in {Status.FAILED, Status.CANCELLED}

    @property
    def retry_label(self) -> str:
        return "Send again" if self.task.status == Status.CANCELLED else "Retry"

    @property
    def asks_admin(self) -> bool:
        return self.may_resolve and self.task.needs_person


def _credits(number: int) -> str:
    return f"{number} credit{'s' * (number != 1)}"


def new_token() -> str:
    """What makes a form harmless to send twice."""
    return secrets.token_urlsafe(16)


def title_of(task: Task) -> str:
    """The task's name: its clips' title, the title asked for, or the first words of what was written."""
    for clip in sorted(task.clips.all(), key=lambda clip: clip.position):
        if clip.title:
            return clip.title
    operation = operations.REGISTRY.get(task.operation)
    if operation is None:
        return task.operation
    if name := name_of(task):
        return name
    written = {one.name: str(task.values.get(one.name) or "") for one in operation.applicable(task.values)}
    for kinds in ({Kind.LINE}, {Kind.TEXT}, {Kind.LYRICS}, {Kind.TAGS}):
        for one in operation.fields:
            if one.kind in kinds and (words := _first_words(written.get(one.name, ""))):
                return words
    return f"{operation.label}: {task.source.title or 'Untitled'}" if task.source else operation.label


def _first_words(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("[")), "")
    return first if len(first) <= 60 else f"{first[:60].rsplit(' ', 1)[0]} …"


def stamp_of(task: Task) -> str:
    """Equal for two looks at a task that show the same. Needs the annotations of `_watched`."""
    seen = (task.status, task.place, task.takes_mark, task.needs_person, bool(task.submitted_at))
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


# One number that changes whenever a clip of the task appears, is named, can be heard, gets home or fails.
_TAKES_MARK = (
    Clip.objects.filter(task=OuterRef("pk"))
    .order_by()
    .values("task")
    .annotate(
        mark=Sum(
            Case(
                When(state=Clip.State.READY, then=Value(10_000)),
                When(state=Clip.State.FAILED, then=Value(100)),
                When(preview_url__isnull=False, then=Value(7)),
                default=Value(1),
            )
        )
        + Sum(Length("title")) * 1_000_000
    )
    .values("mark")
)
# How many parts of a clip a task brought.
_PARTS = (
    Asset.objects.filter(task=OuterRef("pk"), kind=Asset.Kind.STEM)
    .order_by()
    .values("task")
    .annotate(number=Count("pk"))
    .values("number")
)
# As studio.work.queue.position counts, for many tasks in one query.
_PLACE = (
    Task.objects.filter(status=Status.QUEUED, pk__lte=OuterRef("pk"))
    .order_by()
    .values("status")
    .annotate(number=Count("pk"))
    .values("number")
)


def _watched(tasks: QuerySet[Task]) -> QuerySet[Task]:
    return tasks.annotate(
        place=Case(When(status=Status.QUEUED, then=Subquery(_PLACE)), default=Value(0)),
        takes_mark=Coalesce(Subquery(_TAKES_MARK), Value(0)),
    )


def tasks_of(team: Team) -> QuerySet[Task]:
    """The team's tasks, newest first, with all that a card asks for."""
    takes = clips.dressed(Clip.objects.order_by("position", "pk"))
    return (
        _watched(Task.objects.filter(team=team))
        .defer("answer", "payload")
        .annotate(assets_count=Coalesce(Subquery(_PARTS), Value(0)))
        .select_related("person", "connection", "source")
        .prefetch_related(Prefetch("clips", takes), Prefetch("entries", Entry.objects.order_by("pk")))
        .order_by("-created_at", "-pk")
    )


def glances_at(team: Team, codes: Sequence[UUID] = ()) -> list[Task]:
    """What the team has in the works and its tasks `codes`, oldest first, with enough to tell changes."""
    asked = Q(status__in=Task.OPEN)
    if codes:
        asked |= Q(code__in=codes)
    # Plus nothing: else SQLite reads all tasks of the team (5 ms of 5,000) before the few that are open.
    rows = Task.objects.alias(of_team=F("team_id") + 0).filter(asked, of_team=team.pk).order_by()
    fields = ("code", "status", "needs_person", "submitted_at", "created_at", "person", "team")
    return sorted(_watched(rows).only(*fields), key=lambda task: task.pk)


def cards_for(membership: Membership, tasks: Iterable[Task]) -> list[Card]:
    """The cards of `tasks` (from `tasks_of`) as this member may use them."""
    return [
        Card(
            task,
            task.person_id == membership.user_id,
            membership.may_write and (membership.may_administer or task.person_id == membership.user_id),
            membership.may_administer,
            new_token(),
            membership.may_write,
        )
        for task in tasks
    ]


def open_cards(membership: Membership) -> list[Card]:
    """The cards of what the team has in the works, newest first."""
    return cards_for(membership, tasks_of(membership.team).filter(status__in=Task.OPEN))
