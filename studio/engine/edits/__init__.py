"""Edits of own songs: operations whose source is a take with a score. Each writes a new take or returns
values; sources are never changed. The modules behind the operations load when one is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.edits.backing import add_instrumental, add_instrumental_score
    from studio.engine.edits.covering import cover, cover_score
    from studio.engine.edits.exports import (
        Notes,
        Tempo,
        Vox,
        bpm,
        lyrics,
        midi,
        missing_stems,
        stems,
        tags,
        timeline,
        vox,
        wav,
    )
    from studio.engine.edits.extending import extend, extend_score
    from studio.engine.edits.joining import concat
    from studio.engine.edits.mashing import Match, mashup, mashup_score, match
    from studio.engine.edits.personas import make_persona
    from studio.engine.edits.preceding import precede, precede_score
    from studio.engine.edits.remastering import PROFILES, VARIATIONS, remaster
    from studio.engine.edits.replacing import replace_section, replace_section_score
    from studio.engine.edits.rewording import reworded
    from studio.engine.edits.sampling import sample, sample_score
    from studio.engine.edits.swapping import (
        swap_sound,
        swap_sound_score,
        swap_vocals,
        swap_vocals_score,
        variation,
        variation_score,
    )
    from studio.engine.edits.vocals import add_vocals, add_vocals_score

_HOMES = {
    "exports": (
        "Notes", "Tempo", "Vox", "bpm", "lyrics", "midi", "missing_stems", "stems", "tags", "timeline", "vox",
        "wav",
    ),
    "covering": ("cover", "cover_score"),
    "backing": ("add_instrumental", "add_instrumental_score"),
    "extending": ("extend", "extend_score"),
    "mashing": ("Match", "mashup", "mashup_score", "match"),
    "personas": ("make_persona",),
    "preceding": ("precede", "precede_score"),
    "rewording": ("reworded",),
    "remastering": ("PROFILES", "VARIATIONS", "remaster"),
    "replacing": ("replace_section", "replace_section_score"),
    "sampling": ("sample", "sample_score"),
    "swapping": (
        "swap_sound", "swap_sound_score", "swap_vocals", "swap_vocals_score", "variation", "variation_score",
    ),
    "vocals": ("add_vocals", "add_vocals_score"),
    "joining": ("concat",),
}  # fmt: skip
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "PROFILES", "VARIATIONS", "Match", "Notes", "Tempo", "Vox", "add_instrumental", "add_instrumental_score",
    "add_vocals", "add_vocals_score", "bpm", "concat", "cover", "cover_score", "extend", "extend_score",
    "lyrics", "make_persona", "mashup", "mashup_score", "match", "midi", "missing_stems", "precede",
    "precede_score", "remaster", "replace_section", "replace_section_score", "reworded", "sample",
    "sample_score", "stems", "swap_sound", "swap_sound_score", "swap_vocals", "swap_vocals_score", "tags",
    "timeline", "variation", "variation_score", "vox", "wav",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
