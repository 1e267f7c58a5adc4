"""What can be made from a clip, and what is being made of it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from studio import offers, operations
from studio.models import Clip, Task
from studio.operations import Availability, Group, Kind, Operation, Result

FAILED_STAYS = timedelta(days=1)
ORDER = (Group.CHANGE, Group.CREATE, Group.PARTS, Group.VOICE, Group.WORDS)
# What stands in a clip's menu, and first on its page, in this order; each line is a group.
ON_A_CLIP = (
    (
        "sonic.extend_music",
        "sonic.cover_music",
        "sonic.replace_section",
        "sonic.add_vocals",
        "sonic.add_instrumental",
        "sonic.remaster",
        "sonic.mashup",
        "sonic.sample",
        "sonic.concat_music",
    ),
    (
        "sonic.stems_basic",
        "sonic.stems_full",
        "sonic.midi",
        "sonic.wav",
        "sonic.download",
        "sonic.bpm",
        "sonic.aligned_lyrics",
        "sonic.vox",
    ),
    ("sonic.persona",),
)
DOING = {
    Result.STEMS: "Splitting into stems",
    Result.WAV: "Fetching the WAV",
    Result.FILES: "Fetching files",
    Result.MIDI: "Writing down the notes",
    Result.TEMPO: "Measuring the tempo",
    Result.TIMELINE: "Timing the lyrics",
    Result.VOX: "Cutting out the voice",
    Result.VIDEO: "Making the video",
    Result.PERSONA: "Making a singer of it",
}


@dataclass(frozen=True)
class Way:
    """One operation that takes this clip; `why_not` is "" when it can be used."""

    name: str
    label: str
    icon: str
    group: Group
    result: Result
    about: str
    why_not: str


@dataclass(frozen=True)
class Ways:
    all: Sequence[Way]

    @property
    def groups(self) -> list[tuple[str, list[Way]]]:
        """Those that can be used, under the headings of the menus."""
        usable = [way for way in self.all if not way.why_not]
        found = [(group.value, [way for way in usable if way.group is group]) for group in ORDER]
        return [(heading, ways) for heading, ways in found if ways]

    @property
    def closed(self) -> list[Way]:
        return [way for way in self.all if way.why_not]

    def to(self, *results: Result) -> list[Way]:
        """The ways that bring one of `results`."""
        return [way for way in self.all if way.result in results]

    @property
    def by_result(self) -> Mapping[str, list[Way]]:
        """For templates: `ways.by_result.stems`."""
        return {result.value: self.to(result) for result in Result}


def ways(clip: Clip) -> Ways:
    """Every operation of the clip's own family that begins with a clip; none for one that has no audio."""
    if not clip.is_ready:
        return Ways(())
    offered = offers.offers(clip.task.connection)
    return Ways(tuple(_ways(clip, offered)))


def usual_place(one: Operation) -> int:
    """What a clip has in its menu stands everywhere in that order, twins alike; the rest as registered."""
    usual = [name for names in ON_A_CLIP for name in names]
    found = [usual.index(name) for name in (one.name, one.twin) if name in usual]
    return min(found, default=len(usual))


def _ways(clip: Clip, offered: Mapping[str, Availability]) -> Iterator[Way]:
    family = clip.task.operation.partition(".")[0]
    for operation in sorted(operations.REGISTRY.values(), key=usual_place):
        if _takes(operation, clip, family):
            why_not = offers.why_not(offered[operation.name])
            shown = (operation.name, operation.label, operation.icon, operation.group)
            yield Way(*shown, operation.result, operation.about, why_not)


def _takes(operation: Operation, clip: Clip, family: str) -> bool:
    """Of twins only the one for this clip's origin is offered."""
    if not operation.source:
        return False
    field = operation.field(operation.source)
    if field.kind is not Kind.CLIP or family not in field.needs.families:
        return False
    if not field.needs.fits(clip.task.operation):
        return False
    origin = "uploaded" if clip.is_uploaded else "generated"
    return not operation.twin or field.needs.origin in {"", origin}


# --- what runs now -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A task about a clip in words, running or failed."""

    task: Task

    @property
    def is_open(self) -> bool:
        return self.task.is_open

    @property
    def ending(self) -> str:
        """What became of one that is over."""
        if self.task.status == Task.Status.UNCONFIRMED:
            return "was sent, but its outcome is not known yet."
        return f"failed. {self.task.problem_text or 'The provider gave no reason.'}"

    @property
    def words(self) -> str:
        operation = operations.REGISTRY.get(self.task.operation)
        label = operation.label if operation else self.task.operation
        if not self.is_open:
            return label
        doing = DOING.get(operation.result, label) if operation else label
        waiting = {Task.Status.QUEUED: " (queued)", Task.Status.AWAITING_APPROVAL: " (waits for approval)"}
        return f"{doing}{waiting.get(Task.Status(self.task.status), '')}"


def work(clip: Clip) -> list[Work]:
    """What runs about this clip, and what failed lately and was not tried again; newest first."""
    since = timezone.now() - FAILED_STAYS
    rows = Task.objects.filter(source=clip, created_at__gte=since) | Task.objects.filter(
        source=clip, status__in=Task.OPEN
    )
    newest: dict[str, Task] = {}
    for task in rows.order_by("-created_at", "-pk").defer("answer", "payload"):
        newest.setdefault(task.operation, task)
    shown = {*Task.OPEN, Task.Status.FAILED, Task.Status.UNCONFIRMED}
    return [Work(task) for task in newest.values() if task.status in shown]
