"""The engine: lyrics and tags in, a finished song out. No Django, no network.

song = render(SongSpec(lyrics="[Verse]\\nStars they shine above me", tags="dream pop"), folder)
"""

from studio.engine.assets import capabilities
from studio.engine.lyrics.writer import write_lyrics
from studio.engine.pipeline import plan, render
from studio.engine.spec import (
    ENGINE_VERSION,
    Cancelled,
    EngineError,
    EngineUnavailable,
    Plan,
    Song,
    SongPaths,
    SongSpec,
    SpecError,
    TimedWord,
)

__all__ = [
    "ENGINE_VERSION", "Cancelled", "EngineError", "EngineUnavailable", "Plan", "Song", "SongPaths",
    "SongSpec",
    "SpecError", "TimedWord", "capabilities", "plan", "render", "write_lyrics",
]  # fmt: skip
