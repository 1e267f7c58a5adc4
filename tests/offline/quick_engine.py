"""A stand-in for the engine where a test is not about music."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from studio.engine.spec import Plan, Song, SongPaths, SongSpec, TimedWord

RATE_HZ = 22_050


class QuickEngine:
    def __init__(self) -> None:
        self.error: Exception | None = None  # what the next renders raise
        self.missing = ""  # why nothing can be made at all
        self.rendered: list[SongSpec] = []
        self.during: Callable[[], None] = lambda: None  # happens in the middle of a render

    def capabilities(self) -> dict[str, Any]:
        return {"available": not self.missing, "reason": self.missing}

    def plan(self, spec: SongSpec) -> Plan:
        return Plan(
            title=spec.title or f"Song {spec.seed}",
            tags=spec.tags or "pop",
            lyrics=spec.lyrics or f"[Verse]\nAbout {spec.description}",
            sections=(("Verse", 0.0, 0.5),),
            bpm=120.0,
            key="C major",
            duration_s=0.5,
            style="pop",
            meter="4/4",
        )

    def render(
        self,
        spec: SongSpec,
        folder: Path,
        on_stage: Callable[[str, float], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        on_preview: Callable[[Path, float], None] | None = None,
    ) -> Song:
        assert on_stage is not None and is_cancelled is not None and on_preview is not None
        on_stage("compose", 0.0)
        soundfile.write(folder / "preview.mp3", np.zeros(RATE_HZ // 2), RATE_HZ)
        on_preview(folder / "preview.mp3", 0.5)
        self.during()
        if self.error is not None:
            raise self.error
        self.rendered.append(spec)
        plan = self.plan(spec)
        tone = 0.4 * np.sin(np.arange(RATE_HZ // 2) * (200 + spec.seed % 400) * 2 * np.pi / RATE_HZ)
        paths = {
            name: folder / f"song.{name}"
            for name in ("mp3", "flac", "midi", "score", "timeline", "notes", "master")
        }
        for kind in ("mp3", "flac"):
            soundfile.write(paths[kind], tone, RATE_HZ)
        on_stage("encode", 1.0)
        return Song(
            title=plan.title,
            tags=plan.tags,
            lyrics=plan.lyrics,
            duration_s=0.5,
            bpm=plan.bpm,
            key=plan.key,
            sections=plan.sections,
            timeline=() if spec.instrumental else (TimedWord("[Verse]\nStars", 0.1, 0.4),),
            loudness_lufs=-14.0,
            true_peak_dbtp=-1.0,
            paths=SongPaths(**paths),
            remarks=("It is only a tone.",),
        )
