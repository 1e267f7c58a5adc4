"""Composing and rendering over a recording's grid: who sings and who plays there."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.compose import arrange
from studio.engine.compose.form import Block
from studio.engine.compose.vocal import Melody
from studio.engine.edits.band import chosen_singer
from studio.engine.edits.desk import Fresh, render_fresh
from studio.engine.edits.wording import blocks_for, write_tune
from studio.engine.lyrics.parse import clean, parse_lyrics
from studio.engine.persona import Persona
from studio.engine.score import Chord, Score, Section, Track
from studio.engine.spec import EngineUnavailable, SpecError
from studio.engine.stages import Progress
from studio.engine.tags import Brief
from studio.engine.uploads.work import Steps

Audio = NDArray[np.float32]
VOICES = ("vocals", "backing vocals")


def singer(
    brief: Brief, *, tags: str, voice: str, persona: Persona | None, gender: str, seed: int
) -> Persona:
    """Who sings. Raises SpecError for an unknown voice, EngineUnavailable when none is installed."""
    if persona is not None:
        return persona
    found = chosen_singer(
        tags=tags, seed=seed, gender=gender or brief.gender, voice=voice, is_rap=brief.is_rap
    )
    if found is None:
        raise EngineUnavailable("The singing voice is not installed, so nothing can be sung.")
    return found


def sung_tune(
    brief: Brief, text: str, sections: tuple[Section, ...], chords: tuple[Chord, ...], persona: Persona
) -> Melody:
    """The lyrics as lines over given chords. Raises SpecError when they do not fit or hold no words."""
    words = parse_lyrics(clean(text))
    if not any(section.lines for section in words):
        raise SpecError("There are no words to sing. Give lyrics, or a description to write them from.")
    return write_tune(brief, blocks_for(brief, words, sections), sections, chords, persona)


def backing(
    brief: Brief,
    sections: tuple[Section, ...],
    chords: tuple[Chord, ...],
    melody: Melody | None,
    *,
    tune: str,
) -> tuple[Track, ...]:
    """All players for the sections and chords. `tune` says who has the melody: sung or none."""
    blocks = [
        Block(s.kind, s.name, round(s.length_beats / brief.bar_beats), s.energy, tune) for s in sections
    ]
    tracks = arrange(brief, blocks, sections, chords, melody or Melody())
    return tuple(track for track in tracks if track.notes)


def rendered(score: Score, steps: Steps, work: Path) -> Fresh:
    """Perform, sing and mix a score; progress goes to the edit's current stage."""
    progress = Progress(lambda _, share: steps.report(share), steps.is_cancelled)
    folder = Path(tempfile.mkdtemp(dir=work))
    return render_fresh(score, folder, progress)


def voices_of(fresh: Fresh) -> Audio:
    """What is sung, before mastering, float32 (2, samples)."""
    return _sum([np.load(path) for name, path in fresh.stems.items() if name in VOICES], fresh)


def players_of(fresh: Fresh) -> Audio:
    """What is played, before mastering."""
    return _sum([np.load(path) for name, path in fresh.stems.items() if name not in VOICES], fresh)


def _sum(parts: list[Audio], fresh: Fresh) -> Audio:
    if not parts:
        return np.zeros_like(fresh.audio)
    return np.asarray(sum(parts[1:], parts[0]), np.float32)


def without_tune(brief: Brief) -> Brief:
    """The brief of an accompaniment: nobody but the voice has the melody."""
    return replace(brief, is_rap=False)
