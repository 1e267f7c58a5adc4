"""What the offline provider charges: aimusicapi.ai's prices of September 2026, unless a setting says else."""

from __future__ import annotations

from django.conf import settings

from studio.offline.requests import CreateRequest

PRICES_CREDITS: dict[str, int] = {
    "create_music": 14,
    "create_music old model": 10,
}


def price_of(request: CreateRequest) -> int:
    """Whole credits for one request, whatever it yields.

    settings.OFFLINE_PRICES, a mapping with any of the table's names, replaces single prices.
    """
    table = PRICES_CREDITS | getattr(settings, "OFFLINE_PRICES", {})
    is_cheap = request.custom_mode and request.is_old_model
    return table["create_music old model" if is_cheap else "create_music"]
