"""Lists of clips: what a row needs in one query, filters, and pages that do not shift while clips arrive."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from studio.library import search
from studio.models import Asset, Clip, Team

PAGE_CLIPS = 30
COUNT_LIMIT = 1000

Group = list[Clip]
"""The takes of one request that stand side by side in a list."""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; an empty text means not at all. `singing` is "vocal" or "instrumental"."""

    q: str = ""
    model: str = ""
    person: str = ""
    singing: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def query_string(self, **changes: str) -> str:
        """For a link to the same list with some filters changed, "" taking one away."""
        given = {one.name: getattr(self, one.name) for one in fields(self)} | changes
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Page:
    groups: list[Group]
    after: UUID | None
    """Where the next page begins; None when this is the last."""


def for_list(team: Team) -> QuerySet[Clip]:
    """The team's clips, newest first, with all that `library/_row.html` asks for."""
    return dressed(Clip.objects.filter(team=team)).order_by("-created_at", "-pk")


def dressed(clips: QuerySet[Clip]) -> QuerySet[Clip]:
    """`clips` with what a row shows beside their own fields, and without their long texts.

    That is cover_code and audio_code (UUID or None), audio_type (media type or None), has_lossless,
    has_lyrics, person_name and operation (a name of the registry).
    """
    lossless = Asset.objects.filter(clip=OuterRef("pk"), kind=Asset.Kind.LOSSLESS)
    return clips.defer("lyrics", "description", "negative_tags").annotate(
        cover_code=_of_asset(Asset.Kind.COVER, "code"),
        audio_code=_of_asset(Asset.Kind.AUDIO, "code"),
        audio_type=_of_asset(Asset.Kind.AUDIO, "content_type"),
        has_lossless=Exists(lossless),
        has_lyrics=ExpressionWrapper(~Q(lyrics=""), output_field=BooleanField()),
        person_name=F("task__person__name"),
        operation=F("task__operation"),
    )


def _of_asset(kind: Asset.Kind, field: str) -> Subquery:
    return Subquery(Asset.objects.filter(clip=OuterRef("pk"), kind=kind).order_by("pk").values(field)[:1])


def narrowed(clips: QuerySet[Clip], filters: Filters) -> QuerySet[Clip]:
    """`clips` that pass the filters; in order of arrival when words are searched for."""
    if filters.model:
        clips = clips.filter(model=filters.model)
    if filters.person:
        clips = clips.filter(task__person__code=_code(filters.person))
    if filters.singing:
        is_instrumental = Q(lyrics="") | Q(lyrics__iexact="[instrumental]")
        clips = clips.filter(is_instrumental if filters.singing == "instrumental" else ~is_instrumental)
    return search.matching(clips, filters.q) if filters.q else clips


def _code(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # nobody's


def count(team: Team, filters: Filters) -> int:
    """How many clips pass; with filters, counted no further than one above COUNT_LIMIT."""
    rows = narrowed(Clip.objects.filter(team=team), filters)
    return rows.values("pk")[: COUNT_LIMIT + 1].count() if filters else rows.count()


def page(
    team: Team, filters: Filters, after: UUID | None = None, without_tasks: Collection[int] = ()
) -> Page:
    """The clips behind the clip `after`, or the first ones; an unknown `after` gives the first ones too.

    `without_tasks` are keys of tasks whose clips are shown elsewhere on the page.
    """
    rows = narrowed(for_list(team), filters)
    if without_tasks:
        rows = rows.exclude(task_id__in=without_tasks)
    last = Clip.objects.filter(team=team, code=after).only("pk", "created_at").first() if after else None
    if last is not None:
        # In order of arrival only the key counts. Elsewhere the first condition looks needless beside the
        # second, but only that one is a range of the index.
        at, earlier = last.created_at, Q(created_at=last.created_at, pk__lt=last.pk)
        rows = (
            rows.filter(pk__lt=last.pk)
            if filters.q
            else rows.filter(Q(created_at__lte=at), Q(created_at__lt=at) | earlier)
        )
    return _cut(list(rows[: PAGE_CLIPS + 2]))


def _cut(rows: list[Clip]) -> Page:
    """A page's worth of `rows`; takes of one request are not torn apart for it."""
    size = min(PAGE_CLIPS, len(rows))
    while 0 < size < len(rows) and rows[size].task_id == rows[size - 1].task_id:
        size += 1
    return Page(in_groups(rows[:size]), rows[size - 1].code if size < len(rows) else None)


def in_groups(clips: Iterable[Clip]) -> list[Group]:
    """Clips with the takes of each request together: at the place of the first, in the order of the takes."""
    groups: dict[int, Group] = {}
    for clip in clips:
        groups.setdefault(clip.task_id, []).append(clip)
    return [sorted(group, key=lambda clip: clip.position) for group in groups.values()]
