"""Filters and tags of every template (built in, nothing to load)."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def clock(seconds: float | None) -> str:
    """Seconds as 3:07 or 1:02:03; a dash for unknown."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


@register.filter
def grouped(number: float | None) -> str:
    """1204 as 1 204, with narrow no-break spaces."""
    return "–" if number is None else f"{number:,.0f}".replace(",", "\u202f")


@register.filter
def filesize_short(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:.0f} kB"


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """A decorative icon of the sprite; words or an aria-label belong on what it stands in."""
    return _icon(name, cls, static("icons.svg"))


@lru_cache(maxsize=500)
def _icon(name: str, cls: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {cls}" if cls else "",
        sprite,
        name,
    )
