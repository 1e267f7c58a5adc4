"""Add instrumental: a new band under the voice of a song."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.edits.band import brief_of, players, sung_lines, with_chorus_voices
from studio.engine.edits.covering import DEFAULT_WEIGHT, dressed, new_chords
from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.grid import seconds_at, window_beats
from studio.engine.edits.surgery import merged_tracks, notes_between
from studio.engine.edits.wording import fresh_seed
from studio.engine.pipeline import render_score
from studio.engine.score import Chord, Score, VocalLine
from studio.engine.spec import Song, SpecError


def add_instrumental_score(
    score: Score,
    tags: str = "",
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    audio_weight: float = DEFAULT_WEIGHT,
    seed: int = 0,
) -> Score:
    """A new band under the song's voice, in the whole song or in the bars of a window.

    Tune, words, key and tempo stay; chords as with `cover_score`. Raises SpecError for a song nobody sings.
    """
    if not sung_lines(score):
        raise SpecError(
            "Nobody sings in this song: add instrumental writes a band under a voice. For an instrumental, "
            "use cover to hear it in another style."
        )
    brief = brief_of(score, tags=tags, seed=fresh_seed(score, seed, "instrumental", tags))
    whole = start_s is None and end_s is None
    start, end = 0.0, score.length_beats
    if not whole:
        last_s = seconds_at(score, score.length_beats)
        start, end = window_beats(score, start_s or 0.0, last_s if end_s is None else end_s)
    bare = replace(score, tracks=())
    if whole:
        bare = replace(dressed(bare, brief, score.title, score.persona), tonic=score.tonic)
    chords = new_chords(bare, brief, audio_weight)
    bare = replace(bare, chords=_only_within(score.chords, chords, start, end))
    bare = with_chorus_voices(bare, brief, score.persona)
    new = players(brief, bare)
    if whole:
        return replace(bare, tracks=new)
    outside = [
        replace(t, notes=tuple(n for n in t.notes if not start - 1e-6 <= n.start_beat < end - 1e-6))
        for t in score.tracks
    ]
    inside = [replace(t, notes=notes_between(t.notes, start, end)) for t in new]
    return replace(bare, vocals=_voices(score, bare, start, end), tracks=merged_tracks((*outside, *inside)))


def _only_within(
    old: tuple[Chord, ...], new: tuple[Chord, ...], start: float, end: float
) -> tuple[Chord, ...]:
    kept = [c for c in old if c.end_beat <= start + 1e-6 or c.start_beat >= end - 1e-6]
    inside = [c for c in new if start - 1e-6 <= c.start_beat < end - 1e-6]
    return tuple(sorted((*kept, *inside), key=lambda chord: chord.start_beat))


def _voices(old: Score, new: Score, start: float, end: float) -> tuple[VocalLine, ...]:
    """Backing voices follow the new chords inside the window only."""
    inside = [line for line in new.vocals if start <= line.notes[0].start_beat < end]
    outside = [line for line in old.vocals if not start <= line.notes[0].start_beat < end]
    lines = sorted((*inside, *outside), key=lambda line: line.notes[0].start_beat)
    return tuple(sorted(lines, key=lambda line: line.part not in ("lead", "adlib")))


def add_instrumental(
    source: Path,
    out: Path,
    tags: str = "",
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    audio_weight: float = DEFAULT_WEIGHT,
    seed: int = 0,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """A new band under a take's voice; see `add_instrumental_score`. The voice is sung and mixed again, note
    for note as it was. Raises SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`."""
    score = add_instrumental_score(
        source_of(source, out).score, tags, start_s=start_s, end_s=end_s, audio_weight=audio_weight, seed=seed
    )
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    facts = {"operation": "add instrumental", "source": str(Path(source).resolve()), "seed": seed}
    mark(Path(out), facts)
    return song
