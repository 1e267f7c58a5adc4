"""Add vocals: words and a tune over the chords of an instrumental."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.edits.band import brief_of, chosen_singer
from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.grid import seconds_at, window_beats
from studio.engine.edits.surgery import in_text_order, lyrics_of
from studio.engine.edits.wording import NOT_FOR_WORDS, blocks_for, fresh_seed, write_tune
from studio.engine.lyrics.parse import clean, parse_lyrics
from studio.engine.persona import Persona
from studio.engine.pipeline import render_score
from studio.engine.score import Score, Section, Track, VocalLine
from studio.engine.spec import Song, SongSpec, SpecError
from studio.engine.tags import read_tags

# Who steps back while somebody sings: the tune, its second voice and its double.
TUNE_ROLES = ("lead", "harmony", "double")
ROOM_BEATS = 0.5


def add_vocals_score(
    score: Score,
    lyrics: str,
    tags: str = "",
    *,
    persona: Persona | None = None,
    voice: str = "",
    vocal_gender: str = "",
    start_s: float | None = None,
    end_s: float | None = None,
    seed: int = 0,
) -> Score:
    """The instrumental with a singer: a new tune for the words over the chords that are there.

    Lyric sections go to the song's sections in order, alike kinds together; where they are sung, the
    instrument that had the tune rests. `start_s` and `end_s` are the window in seconds. Raises SpecError for
    a window that is sung already or too short, and for no words.
    """
    words = [section for section in parse_lyrics(clean(lyrics)) if section.lines]
    if not words:
        raise SpecError("There are no words to sing. Write some lyrics.")
    numbers, sections = _singable(score, start_s, end_s)
    start, end = sections[0].start_beat, sections[-1].end_beat
    if any(start <= line.notes[0].start_beat < end for line in score.vocals):
        raise SpecError(
            "Somebody sings in these bars already. Use replace section for new words, or choose a window "
            "that is instrumental."
        )
    fresh = fresh_seed(score, seed, "vocals", lyrics)
    wanted = vocal_gender or read_tags(SongSpec(tags=tags)).gender
    singer = persona or score.persona
    if singer is None or voice or (wanted and wanted != singer.gender and persona is None):
        found = chosen_singer(tags=tags or score.tags, seed=fresh, gender=wanted, voice=voice, words=lyrics)
        singer = found or singer
    brief = brief_of(score, seed=fresh)
    brief = replace(brief, is_rap=bool(singer and singer.is_rap), gender=singer.gender if singer else wanted)
    blocks = blocks_for(brief, words, sections)
    melody = write_tune(brief, blocks, sections, score.chords, singer, score)
    new = [replace(line, section=numbers[line.section]) for line in (*melody.sung, *melody.backing)]
    vocals = in_text_order((*score.vocals, *new))
    tracks = tuple(_resting(track, new) for track in score.tracks)
    return replace(
        score,
        vocals=vocals,
        lyrics=lyrics_of(vocals),
        persona=singer,
        tracks=tuple(t for t in tracks if t.notes),
    )


def _singable(
    score: Score, start_s: float | None, end_s: float | None
) -> tuple[list[int], tuple[Section, ...]]:
    """The sections, or parts of them, that can be sung over, and their numbers."""
    start, end = 0.0, score.length_beats
    if start_s is not None or end_s is not None:
        last_s = seconds_at(score, score.length_beats)
        start, end = window_beats(score, start_s or 0.0, last_s if end_s is None else end_s)
    numbers, sections = [], []
    for number, section in enumerate(score.sections):
        first, last = max(section.start_beat, start), min(section.end_beat, end)
        if last > first + 1e-6:
            numbers.append(number)
            sections.append(replace(section, start_beat=first, length_beats=last - first))
    while len(sections) > 1 and start_s is None and sections[0].kind in NOT_FOR_WORDS:
        numbers, sections = numbers[1:], sections[1:]
    while len(sections) > 1 and end_s is None and sections[-1].kind in NOT_FOR_WORDS:
        numbers, sections = numbers[:-1], sections[:-1]
    return numbers, tuple(sections)


def _resting(track: Track, lines: list[VocalLine]) -> Track:
    """The track without what it plays over the new lines, if it has the tune."""
    if track.role not in TUNE_ROLES:
        return track
    sung = [(line.notes[0].start_beat - ROOM_BEATS, line.notes[-1].end_beat + ROOM_BEATS) for line in lines]
    kept = tuple(n for n in track.notes if not any(a < n.end_beat and n.start_beat < b for a, b in sung))
    return replace(track, notes=kept)


def add_vocals(
    source: Path,
    out: Path,
    lyrics: str,
    tags: str = "",
    *,
    persona: Persona | None = None,
    voice: str = "",
    vocal_gender: str = "",
    start_s: float | None = None,
    end_s: float | None = None,
    seed: int = 0,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """Words sung over an instrumental take; see `add_vocals_score`. The players' levels are the source's;
    the sum is mastered anew. Raises SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`."""
    score = add_vocals_score(
        source_of(source, out).score, lyrics, tags, persona=persona, voice=voice, vocal_gender=vocal_gender,
        start_s=start_s, end_s=end_s, seed=seed,
    )  # fmt: skip
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    mark(Path(out), {"operation": "add vocals", "source": str(Path(source).resolve()), "seed": seed})
    return song
