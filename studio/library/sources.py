"""From the codes in an operation's values to what the registry has to know of clips, personas, recordings."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from studio import links
from studio.models import Asset, Clip, Connection, Persona, Recording, Team
from studio.operations import Context, Field, Kind, Needs, Operation, Result, Source, Values


def context(team: Team, connection: Connection | None, operation: Operation, values: Values) -> Context:
    """All that a request of `operation` is made with besides `values`; missing sources are left out."""
    if connection is None:
        return Context()
    found = {
        one.name: source
        for one in operation.source_fields
        if (source := find(team, connection, one, values.get(one.name)))
    }
    return Context(
        host=connection.host,
        connection=str(connection.code),
        sources=found,
        can_be_called=connection.is_offline or settings.PUBLIC_URL.startswith("https://"),
    )


def find(team: Team, connection: Connection, one: Field, code: object) -> Source | None:
    """The source that the field `one` names, as `connection` would see it; None when the team has none."""
    kind = one.kind
    wanted = as_code(code)
    if wanted is None:
        return None
    if kind is Kind.PERSONA:
        persona = Persona.objects.filter(team=team, code=wanted).select_related("connection").first()
        return of_persona(persona) if persona else None
    if kind is Kind.RECORDING and (recording := Recording.objects.filter(team=team, code=wanted).first()):
        return of_recording(recording, connection, one.needs)
    clips = Clip.objects.filter(team=team, code=wanted).select_related("task", "task__connection")
    clip = clips.first()
    if clip is None:
        return None
    return of_clip(clip) if kind is Kind.CLIP else _clip_as_recording(clip, connection, one.needs)


def as_code(value: object) -> UUID | None:
    """The code that a value of a recipe names; None when it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def find_clips(team: Team, codes: Iterable[UUID]) -> dict[UUID, Clip]:
    """Clips of the team by their codes."""
    rows = Clip.objects.filter(team=team, code__in=list(codes)).select_related("task", "task__connection")
    return {clip.code: clip for clip in rows}


def of_clip(clip: Clip) -> Source:
    """A clip as its own provider knows it."""
    made_at = clip.task.submitted_at or clip.created_at
    return Source(
        code=str(clip.code),
        title=clip.title or "Untitled",
        remote_id=clip.remote_id,
        connection=str(clip.task.connection.code),
        family=clip.task.operation.split(".")[0],
        operation=clip.task.operation,
        is_uploaded=clip.is_uploaded,
        is_ready=clip.is_ready,
        age_h=(timezone.now() - made_at).total_seconds() / 3600,
        duration_s=clip.duration_s,
        lyrics=clip.lyrics,
    )


def of_persona(persona: Persona) -> Source:
    return Source(
        code=str(persona.code),
        title=persona.name,
        remote_id=persona.remote_id,
        connection=str(persona.connection.code),
        is_ready=persona.retired_at is None,
    )


def of_recording(recording: Recording, connection: Connection, needs: Needs = Needs()) -> Source:  # noqa: B008
    return Source(
        code=str(recording.code),
        title=recording.name,
        duration_s=recording.duration_s,
        url=links.address(recording, connection, as_wav=_wants_wav(recording, needs)),
    )


def _wants_wav(stored: Asset | Recording, needs: Needs) -> bool:
    return bool(needs.formats) and stored.content_type not in needs.formats


def _clip_as_recording(clip: Clip, connection: Connection, needs: Needs) -> Source:
    """A clip that is to be uploaded once more, because the provider no longer takes it as it is."""
    audio = clip.assets.filter(kind=Asset.Kind.AUDIO).first()
    url = links.address(audio, connection, as_wav=_wants_wav(audio, needs)) if audio else ""
    return Source(
        code=str(clip.code),
        title=clip.title or "Untitled",
        duration_s=clip.duration_s,
        url=url,
        lyrics=clip.lyrics,
    )


def main_clip(team: Team, operation: Operation, values: Values) -> Clip | None:
    """The clip that a task of `operation` is about: its source, or for an upload none."""
    if not operation.source or operation.result is Result.UPLOAD:
        return None
    code = as_code(values.get(operation.source))
    return find_clips(team, [code]).get(code) if code else None
