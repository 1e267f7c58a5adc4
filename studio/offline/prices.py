"""What the offline provider charges: aimusicapi.ai's prices of September 2026, unless a setting says else."""

from __future__ import annotations

from django.conf import settings

# Whole credits per request, whatever it yields. Beside sonic, names are "<family> <what is charged>".
PRICES_CREDITS: dict[str, int] = {
    "create_music": 14,
    "create_music old model": 10,
    "extend_music": 10,
    "extend_upload_music": 10,
    "persona_music": 10,
    "cover_music": 14,
    "cover_upload_music": 14,
    "mashup": 14,
    "sample": 14,
    "remaster": 10,
    "add_vocals": 10,
    "add_instrumental": 10,
    "replace_section": 10,
    "concat_music": 2,
    "upload": 2,
    "upload_extend": 12,
    "upload_cover": 16,
    "stems_basic": 20,
    "stems_full": 50,
    "wav": 1,
    "download": 2,
    "midi": 1,
    "bpm": 1,
    "vox": 1,
    "upsample_tags": 1,
    "persona": 1,
    "aligned_lyrics": 1,
    "create_voice": 4,
    "lyrics": 2,
    "producer create": 10,
    "producer upload": 2,
    "producer download": 2,
    "producer lyrics": 1,
    "producer video": 5,
    "nuro": 10,
    "riffusion": 12,
    "riffusion upload": 2,
    "studio": 15,
}


def price(name: str) -> int:
    """Whole credits for one request. settings.OFFLINE_PRICES, a mapping, replaces single prices."""
    table = PRICES_CREDITS | getattr(settings, "OFFLINE_PRICES", {})
    return table[name]
