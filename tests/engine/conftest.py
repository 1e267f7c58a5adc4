from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.engine import Song, SongSpec, audition, render
from studio.engine.audition import Take
from tests.engine.songs import LAMP

SHORT = SongSpec(lyrics=LAMP, tags="rock, 150 bpm", title="Lamp", duration_s=15.0, seed=4)


@dataclass(frozen=True)
class Rendered:
    spec: SongSpec
    song: Song
    stages: list[tuple[str, float]]
    folder: Path


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """One short song with all its files."""
    folder: Path = tmp_path_factory.mktemp("take")
    stages: list[tuple[str, float]] = []
    song = render(SHORT, folder, on_stage=lambda name, share: stages.append((name, share)))
    return Rendered(SHORT, song, stages, folder)


@pytest.fixture(scope="session")
def take() -> Take:
    """The same song in memory, with its stems."""
    return audition.make(SHORT)
