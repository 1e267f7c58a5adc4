"""The singers that an account has made of its songs and recordings."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from studio.offline.errors import not_found
from studio.offline.models import Account, Persona, Take

if TYPE_CHECKING:
    from studio.engine.persona import Persona as Singer

UNKNOWN = "persona not found"


def persona_of(account: Account, persona_id: str) -> Persona:
    """The account's persona. Raises Refusal 404."""
    try:
        return Persona.objects.get(account=account, persona_id=uuid.UUID(persona_id))
    except (ValueError, Persona.DoesNotExist):
        raise not_found(UNKNOWN) from None


def keep_voice(take: Take, about: dict[str, Any]) -> None:
    """Write down the voice that a take's work found; for other takes nothing. Safe to repeat."""
    if "voice" in about:
        Persona.objects.get_or_create(
            persona_id=uuid.UUID(about["persona_id"]),
            defaults={
                "account_id": take.job.account_id,
                "kind": Persona.Kind.VOICE,
                "name": about["name"][:80],
                "parameters": about["voice"],
            },
        )


def singer_from(parameters: dict[str, Any] | None) -> Singer | None:
    """The engine's persona from what was stored of it."""
    if not parameters:
        return None
    from studio.engine.persona import Persona as Singer

    low_hz, high_hz = parameters["comfort_hz"]
    return Singer(**(parameters | {"comfort_hz": (low_hz, high_hz)}))
