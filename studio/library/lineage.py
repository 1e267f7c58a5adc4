"""Where a clip comes from and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from studio import operations
from studio.models import Clip, Persona

MOST_CHILDREN = 50


@dataclass(frozen=True)
class Relative:
    """A clip of the family with the operation that made the younger one of the two."""

    clip: Clip
    operation: str


@dataclass(frozen=True)
class Lineage:
    """`has_more`: there are children beyond those listed."""

    operation: str
    parents: Sequence[Clip]
    children: Sequence[Relative]
    personas: Sequence[Persona]
    has_more: bool = False

    def __bool__(self) -> bool:
        return bool(self.parents or self.children or self.personas)


def of(clip: Clip) -> Lineage:
    """The clip's own team only: nothing of another one is ever named."""
    family = Clip.objects.filter(team_id=clip.team_id)
    wanted = [pk for pk in (clip.parent_id, clip.second_parent_id) if pk]
    parents = {one.pk: one for one in family.filter(pk__in=wanted)} if wanted else {}
    made = (
        family.filter(Q(parent=clip) | Q(second_parent=clip))
        .annotate(made_by=F("task__operation"))
        .order_by("-created_at", "position", "pk")
    )
    children = [Relative(child, label_of(child.made_by)) for child in made[: MOST_CHILDREN + 1]]
    return Lineage(
        operation=label_of(clip.task.operation),
        parents=[parents[pk] for pk in wanted if pk in parents],
        children=children[:MOST_CHILDREN],
        personas=list(Persona.objects.filter(clip=clip, team_id=clip.team_id)),
        has_more=len(children) > MOST_CHILDREN,
    )


def label_of(operation: str) -> str:
    """The operation's label; its name when the registry has forgotten it."""
    entry = operations.REGISTRY.get(operation)
    return entry.label if entry else operation
