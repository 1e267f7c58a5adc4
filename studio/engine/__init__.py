"""The engine: lyrics and tags in, a finished song out. No Django, no network.

song = render(SongSpec(lyrics="[Verse]\\nStars they shine above me", tags="dream pop"), folder)
"""

from studio.engine.assets import capabilities
from studio.engine.lyrics.writer import write_lyrics
from studio.engine.pipeline import plan, render, render_score
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
from studio.engine.takes import mix_path, open_take

__all__ = [
    "ENGINE_VERSION", "Cancelled", "EngineError", "EngineUnavailable", "Plan", "Song", "SongPaths",
    "SongSpec", "SpecError", "TimedWord", "capabilities", "mix_path", "open_take", "plan", "render",
    "render_score", "write_lyrics",
]  # fmt: skip
