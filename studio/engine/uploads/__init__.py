"""Edits of uploaded recordings, by the names of the API's operations.

Each takes audio files and an out folder, hears on_stage(stage, share) and is_cancelled(), and returns an
`Edited`. The modules behind them load when an operation is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.uploads.borrowing import mashup, sample
    from studio.engine.uploads.lengths import concat, extend, replace_section
    from studio.engine.uploads.mastering import remaster
    from studio.engine.uploads.reports import bpm, make_persona, midi, stems, vox, wav
    from studio.engine.uploads.singing import add_instrumental, add_vocals, cover
    from studio.engine.uploads.words import timeline
    from studio.engine.uploads.work import Edited

_HOMES = {
    "borrowing": ("mashup", "sample"),
    "lengths": ("concat", "extend", "replace_section"),
    "mastering": ("remaster",),
    "reports": ("bpm", "make_persona", "midi", "stems", "vox", "wav"),
    "singing": ("add_instrumental", "add_vocals", "cover"),
    "words": ("timeline",),
    "work": ("Edited",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Edited", "add_instrumental", "add_vocals", "bpm", "concat", "cover", "extend", "make_persona", "mashup",
    "midi", "remaster", "replace_section", "sample", "stems", "timeline", "vox", "wav",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
