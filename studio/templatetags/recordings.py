"""The picker of recordings, wherever a form asks for one."""

from __future__ import annotations

from typing import Any

from django import template

from studio.library.recordings import FORMATS
from studio.models import Recording

register = template.Library()
RECENT = 20


@register.inclusion_tag("recordings/_picker.html", takes_context=True)
def recording_picker(context: dict[str, Any], name: str, value: object = "") -> dict[str, Any]:
    """The team's newest recordings with `value` (a code) chosen, and the ways to bring another one."""
    membership = context["request"].membership
    recent = list(Recording.objects.filter(team=membership.team)[:RECENT]) if membership else []
    if value and str(value) not in {str(one.code) for one in recent}:
        recent += list(Recording.objects.filter(team=membership.team, code=value)) if membership else []
    return {
        "request": context["request"],
        "name": name,
        "value": str(value or ""),
        "recordings": recent,
        "may_write": bool(membership and membership.may_write),
        "formats": FORMATS,
    }
