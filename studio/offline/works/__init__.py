"""What the render queue can make. A take's `work` is JSON: {"do": <name of a work>, …its parameters}.

Every module of this package may have a table WORKS of its own; the names are joined here. A work is a
function (take, folder, progress) that writes files into `folder` and returns `Results`. It is repeatable: the
same take gives the same samples, so an attempt that was killed, or files that were forgotten, leave nothing
to mend. It raises engine.EngineError with a sentence for the musician, engine.Cancelled when `progress` says
so, and never touches the database's rows.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from studio.offline.models import Take


class Progress(Protocol):
    """How a work tells where it is. `on_stage` and `is_cancelled` fit the engine's parameters."""

    def on_stage(self, stage: str, share: float) -> None:
        """`share` is 0..1 of the whole work."""

    def is_cancelled(self) -> bool:
        """Whether the right to go on is lost."""

    def on_preview(self, path: Path, seconds: float) -> None:
        """There is something to hear ahead: a file in the folder of the work."""


@dataclass(frozen=True)
class Results:
    """What a work made. Empty text and None leave what the take already has.

    `files` are names in the work's folder by kind: mp3, flac, jpg, wav, m4a, mid, mp4 … A work without a jpg
    gets a sleeve drawn from its flac. `about` is for the family that asked, and reaches `take.about`.
    """

    files: dict[str, str] = field(default_factory=dict)
    title: str = ""
    tags: str = ""
    lyrics: str = ""
    duration_s: float | None = None
    bpm: float | None = None
    key: str = ""
    alignment: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)


Work = Callable[["Take", Path, Progress], Results]


@cache
def all_works() -> dict[str, Work]:
    """Every work by name."""
    found: dict[str, Work] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= getattr(importlib.import_module(f"{__name__}.{module.name}"), "WORKS", {})
    return found


def work_of(take: Take) -> Work:
    """The function that makes a take."""
    return all_works()[take.work["do"]]
