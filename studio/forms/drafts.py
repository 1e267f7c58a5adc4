"""What a person has written and not sent, per operation, and what the last reset or reuse replaced."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from studio.models import Draft, Team, User
from studio.operations import Operation

Content = dict[str, Any]
"""`values` by field name, `connection` (a code), `source` (the code of the task it was filled from) and
`subject` (the code of the clip, recording or persona it is about)."""


def load(user: User, team: Team, operation: Operation) -> Content:
    """The draft, with the one before it under `previous`; empty when there is none."""
    found = Draft.objects.filter(user=user, team=team, operation=operation.name).first()
    return found.values if found and isinstance(found.values, dict) else {}


def newest(user: User, team: Team) -> tuple[str, Content]:
    """The name of the operation that this person wrote for last, with its draft; "" when there is none."""
    found = Draft.objects.filter(user=user, team=team).order_by("-updated_at", "-pk").first()
    if found is None or not isinstance(found.values, dict):
        return "", {}
    return found.operation, found.values


def save(user: User, team: Team, operation: Operation, content: Content) -> None:
    """Keep `content`. What it replaces is kept as `previous` when another song was taken up meanwhile."""

    def put(kept: Content) -> Content:
        return content | {"previous": _bare(kept) if _is_other_song(content, kept) else kept.get("previous")}

    _change(user, team, operation, put)


def reset(user: User, team: Team, operation: Operation, fresh: Content, content: Content | None) -> Content:
    """Start anew with `fresh`. `content` stood in the form and can be brought back; None: it was nothing."""
    return _change(user, team, operation, lambda kept: fresh | {"previous": content or kept.get("previous")})


def undo(user: User, team: Team, operation: Operation, content: Content) -> Content:
    """Bring the previous text back; what stands in the form now becomes the previous one.

    A form filled from a song and not saved since has not replaced the draft: then that is what comes back.
    """

    def put(kept: Content) -> Content:
        is_unsaved = _is_other_song(content, kept)
        return _bare(kept if is_unsaved else kept.get("previous") or {}) | {"previous": content}

    return _change(user, team, operation, put)


def _is_other_song(content: Content, kept: Content) -> bool:
    """Whether `content` was filled from another recipe than the draft, or is about another clip."""
    return any(content.get(name) and content[name] != kept.get(name, "") for name in ("source", "subject"))


def _bare(content: Content) -> Content:
    return {name: value for name, value in content.items() if name != "previous"}


def _change(user: User, team: Team, operation: Operation, put: Any) -> Content:
    with transaction.atomic():
        Draft.objects.get_or_create(user=user, team=team, operation=operation.name)
        rows = Draft.objects.select_for_update().filter(user=user, team=team, operation=operation.name)
        draft = rows.get()
        draft.values = put(draft.values if isinstance(draft.values, dict) else {})
        draft.save(update_fields=["values", "updated_at"])
    return draft.values
