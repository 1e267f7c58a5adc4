"""Cover: the words and the tune of a song in another style."""

from __future__ import annotations

from dataclasses import replace
from math import log
from pathlib import Path

from studio.engine.chance import derived_seed
from studio.engine.compose import tags_for
from studio.engine.compose.harmony import write_chords
from studio.engine.edits.band import (
    blocks_of,
    brief_of,
    chosen_singer,
    players,
    sung_lines,
    with_chorus_voices,
)
from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.harmony import agreement, harmonised, lookup_of
from studio.engine.edits.surgery import scaled
from studio.engine.edits.transposing import raise_line, transposed
from studio.engine.edits.wording import fresh_seed
from studio.engine.persona import Persona
from studio.engine.pipeline import render_score
from studio.engine.score import Chord, Score
from studio.engine.spec import Song, SongSpec, SpecError
from studio.engine.tags import Brief, read_tags

SLOWEST, FASTEST = 0.72, 1.4
HARMONIES = 12
CLOSE, FREE = 0.7, 0.3
DEFAULT_WEIGHT = 0.5


def cover_score(
    score: Score,
    tags: str = "",
    *,
    persona: Persona | None = None,
    voice: str = "",
    vocal_gender: str = "",
    title: str = "",
    audio_weight: float = DEFAULT_WEIGHT,
    seed: int = 0,
) -> Score:
    """The song's words and tune with another band, other chords and, if asked, another singer.

    `tags` choose style and tempo; no tags mean the song's own style, played anew. Without `persona`, `voice`
    or a gender the singer stays. `audio_weight` in 0..1 is how near to stay: from 0.7 on the chords are kept,
    up to 0.3 they are all new, between the better ones win. The tune moves to the new singer's range as a
    whole. Raises SpecError.
    """
    if not score.tune:
        raise SpecError("This song has neither a sung nor a played tune, so there is nothing to cover.")
    if not 0.0 <= audio_weight <= 1.0:
        raise SpecError(f"audio_weight is {audio_weight:g}; choose a number from 0 (free) to 1 (close).")
    new_seed = fresh_seed(score, seed, "cover", tags)
    singer = _singer(score, persona, voice, vocal_gender, tags, new_seed)
    brief = _brief(score, tags, singer, new_seed)
    song, brief = _in_tempo(score, brief)
    song = _in_range(song, singer) if singer != score.persona else song
    brief = replace(brief, tonic=song.tonic, mode=song.mode)
    song = dressed(song, brief, title or score.title, singer)
    song = replace(song, chords=new_chords(song, brief, audio_weight))
    if song.vocals:
        song = with_chorus_voices(song, brief, singer)
    return replace(song, tracks=players(brief, song))


def _singer(
    score: Score, persona: Persona | None, voice: str, gender: str, tags: str, seed: int
) -> Persona | None:
    if not score.vocals:
        return None
    if persona is not None:
        return persona
    wanted = gender or read_tags(SongSpec(tags=tags)).gender
    is_other = bool(score.persona and wanted and wanted != score.persona.gender)
    if voice or is_other or score.persona is None:
        found = chosen_singer(
            tags=tags or score.tags, seed=seed, gender=wanted, voice=voice, words=score.lyrics
        )
        return found or score.persona
    return score.persona


def _brief(score: Score, tags: str, singer: Persona | None, seed: int) -> Brief:
    """What the tags ask for, in the song's meter and mode, which the tune is made of."""
    gender = singer.gender if singer else ""
    read = read_tags(SongSpec(tags=tags or score.tags, vocal_gender=gender, seed=seed))
    own = brief_of(score, tags=tags, seed=seed)
    return replace(
        read, seed=seed, card=own.card, second=own.second, meter=score.meter, mode=score.mode,
        tonic=score.tonic, bpm=read.bpm if tags else score.bpm, duration_s=None,
        is_rap=bool(singer and singer.is_rap),
    )  # fmt: skip


def _in_tempo(score: Score, brief: Brief) -> tuple[Score, Brief]:
    """The song at the brief's tempo, in double or half time where that keeps the singer's pace; tempi beyond
    the singer's reach are brought nearer."""
    bar = score.bar_beats
    halves = all(round(section.length_beats / bar) % 2 == 0 for section in score.sections)
    factors = [1.0, 2.0, *([0.5] if halves else [])]
    if not sung_lines(score):
        factors = [1.0]
    factor = min(factors, key=lambda f: abs(log(brief.bpm / score.bpm / f)) + (0.0 if f == 1.0 else 0.15))
    speed = max(SLOWEST, min(FASTEST, brief.bpm / score.bpm / factor))
    bpm = round(score.bpm * factor * speed, 1)
    return replace(stretched(score, factor), bpm=bpm), replace(brief, bpm=bpm)


def stretched(score: Score, factor: float) -> Score:
    """Every beat of the tune and the form times `factor`; players are left to be written anew."""
    if factor == 1.0:
        return score
    whole = scaled(score, factor, least_beats=0.1)
    return replace(whole, tracks=tuple(track for track in whole.tracks if track.role == "lead"))


def _in_range(score: Score, singer: Persona | None) -> Score:
    """The whole song moved so that the tune lies in the singer's range, by as little as possible."""
    pitches = [note.pitch for line in score.vocals if line.part == "lead" for note in line.notes]
    if singer is None or not pitches:
        return score

    def cost(shift: int) -> float:
        outside = sum(max(0, singer.low - p - shift) + max(0, p + shift - singer.high) for p in pitches)
        octaves = abs(shift) % 12
        return 4.0 * outside + 0.6 * min(octaves, 12 - octaves) + 0.05 * abs(shift)

    shift = min(range(-24, 25), key=cost)
    # The band moves by less than an octave; the voice may change the octave besides.
    band = (shift + 6) % 12 - 6
    moved = transposed(score, band)
    if shift == band:
        return moved
    return replace(moved, vocals=tuple(raise_line(line, shift - band) for line in moved.vocals))


def dressed(score: Score, brief: Brief, title: str, singer: Persona | None) -> Score:
    """The score's outer facts in the new style."""
    card = brief.card
    return replace(
        score, seed=brief.seed, title=title, style=card.name, tags=tags_for(brief), mix=card.mix,
        key=brief.key, swing=0.0 if score.meter == "6/8" else card.swing,
        swing_unit_beats=card.swing_unit_beats,
        looseness_ms=card.looseness_ms, ritardando=card.ritardando, persona=singer, remarks=(),
        tracks=tuple(track for track in score.tracks if track.role == "lead"),
    )  # fmt: skip


def new_chords(song: Score, brief: Brief, audio_weight: float) -> tuple[Chord, ...]:
    """The song's own chords from 0.7 on, the style's up to 0.3, the better of both between."""
    if audio_weight >= CLOSE:
        return song.chords
    options = new_harmonies(song, brief)
    if audio_weight > FREE:
        options = [*options, song.chords]
    return harmonised(options, song.sections, song.tune, song.meter, song.bar_beats)


def new_harmonies(song: Score, brief: Brief) -> list[tuple[Chord, ...]]:
    """Several ways in which the style would harmonise the song's sections."""
    blocks = blocks_of(song)
    return [
        write_chords(replace(brief, seed=derived_seed(brief.seed, "harmony", n)), blocks, song.sections)
        for n in range(HARMONIES)
    ]


def harmony_fit(score: Score) -> float:
    """-1..1: how well the tune sits on the chords."""
    return agreement(score.tune, lookup_of(score.chords), score.meter, score.bar_beats)


def cover(
    source: Path,
    out: Path,
    tags: str = "",
    *,
    persona: Persona | None = None,
    voice: str = "",
    vocal_gender: str = "",
    title: str = "",
    audio_weight: float = DEFAULT_WEIGHT,
    seed: int = 0,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """Words and tune of a take with another band and, if asked, singer; see `cover_score`. Nothing of the
    source's audio is used. Raises SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`."""
    score = cover_score(
        source_of(source, out).score, tags, persona=persona, voice=voice, vocal_gender=vocal_gender,
        title=title, audio_weight=audio_weight, seed=seed,
    )  # fmt: skip
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    mark(Path(out), {"operation": "cover", "source": str(Path(source).resolve()), "seed": seed})
    return song
