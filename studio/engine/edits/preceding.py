"""Precede: new bars before a song that lead into its beginning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.compose import outline
from studio.engine.compose.form import Block
from studio.engine.compose.harmony import write_chords
from studio.engine.edits.band import brief_of, players, same_band, singer_of
from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.surgery import joined, lyrics_of, piece
from studio.engine.edits.wording import fresh_seed, write_tune
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.pipeline import render_score
from studio.engine.score import Score, Section
from studio.engine.spec import MAX_DURATION_S, Song, SpecError
from studio.engine.tags import Brief

# Planned beside the wished length for an ending that is then left out.
MORE_S = (0.0, 3.0, 6.0, 9.0, 12.0, 15.0)
# What is played before a song when no words are given.
WORDLESS = (("intro", "Intro"), ("solo", "Solo"))


def precede_score(
    score: Score, lyrics: str = "", tags: str = "", seed: int = 0, duration_s: float | None = None
) -> tuple[Score, float]:
    """New bars and the song after them, in one tempo, key and cast; also the beat where the song begins.

    `lyrics` are sung in the new bars, to a tune like the song's; without them the band leads in. `tags` that
    name a style change the new bars' manner of playing. Raises SpecError when the whole gets too long.
    """
    brief = replace(brief_of(score, tags=tags), tonic=score.sections[0].tonic)
    words = parse_lyrics(clean(lyrics)) if lyrics.strip() else [LyricSection(*mark) for mark in WORDLESS]
    fresh = replace(brief, seed=fresh_seed(score, seed, "precede", lyrics))
    named, blocks, sections = _form(fresh, words, duration_s)
    sections = tuple(replace(section, tonic=brief.tonic) for section in sections)
    chords = write_chords(replace(named, bpm=score.bpm), blocks, sections)
    chords = tuple(chord for chord in chords if chord.start_beat < sections[-1].end_beat - 1e-6)
    persona = singer_of(score)
    melody = write_tune(replace(fresh, bpm=score.bpm), blocks, sections, chords, persona, score)
    new = replace(
        score, sections=sections, chords=chords, vocals=(*melody.sung, *melody.backing), tracks=(),
        remarks=(), lyrics=lyrics_of((*melody.sung, *melody.backing)),
    )  # fmt: skip
    new = replace(new, tracks=same_band(players(replace(fresh, bpm=score.bpm), new), score))
    lead_in = piece(new, 0.0, sections[-1].end_beat)
    whole = joined(lead_in, score)
    whole_s = whole.length_beats * 60.0 / score.bpm
    if whole_s > MAX_DURATION_S * 1.5:
        raise SpecError(
            f"With what comes before it the song would last {whole_s:.0f} s; a song lasts up to "
            f"{MAX_DURATION_S * 1.5:.0f} s. Choose a shorter song, or fewer words."
        )
    return replace(whole, title=score.title, persona=persona if whole.vocals else score.persona), (
        lead_in.length_beats
    )


def _form(
    brief: Brief, words: list[LyricSection], duration_s: float | None
) -> tuple[Brief, list[Block], tuple[Section, ...]]:
    """The form that comes nearest to the wished length without an ending: none comes before the song."""
    options = []
    for more_s in MORE_S if duration_s else (0.0,):
        wish_s = min(MAX_DURATION_S, duration_s + more_s) if duration_s else None
        named, blocks, sections, _ = outline(replace(brief, duration_s=wish_s), words)
        kept = [n for n, section in enumerate(sections) if section.kind != "outro" or len(sections) == 1]
        bars = sum(blocks[n].bars for n in kept)
        away_s = abs(bars * brief.bar_beats * 60.0 / brief.bpm - (duration_s or 0.0))
        options.append((away_s, more_s, named, [blocks[n] for n in kept], [sections[n] for n in kept]))
    _, _, named, blocks, found = min(options, key=lambda option: option[:2])
    return named, blocks, tuple(found)


def precede(
    source: Path,
    out: Path,
    lyrics: str = "",
    tags: str = "",
    seed: int = 0,
    *,
    duration_s: float | None = None,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """A take with new bars before it, see `precede_score`; it plays and sings the same notes after them.
    Raises SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`."""
    score, begins = precede_score(source_of(source, out).score, lyrics, tags, seed, duration_s)
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    facts = {"operation": "precede", "source": str(Path(source).resolve()), "begins_beat": begins}
    mark(Path(out), {**facts, "seed": seed})
    return song
