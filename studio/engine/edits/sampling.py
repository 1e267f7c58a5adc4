"""Sample: some bars of a song as a loop, and a new song built around it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.compose import arrange, outline, tags_for
from studio.engine.edits.band import chosen_singer
from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.grid import window_beats
from studio.engine.edits.surgery import lyrics_of, merged_tracks, move_line, move_note, piece
from studio.engine.edits.transposing import DRUM_BANK, is_pitched
from studio.engine.edits.wording import fresh_seed, write_tune
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.lyrics.titles import invent_title
from studio.engine.persona import Persona
from studio.engine.pipeline import render_score
from studio.engine.score import Chord, Note, Score, Section, Track, VocalLine
from studio.engine.spec import ENGINE_VERSION, Song, SongSpec, SpecError
from studio.engine.tags import Brief, read_tags

LONGEST_BARS = 16
SLOWEST, FASTEST = 0.75, 1.34
# Bass and drums are the new song's own; the rest of the sampled bars is the sample.
NOT_SAMPLED = ("bass", "kick", "riser")
SAMPLE_VELOCITY = 6
WORDLESS = (("verse", "Verse"), ("chorus", "Chorus"), ("verse", "Verse 2"), ("chorus", "Chorus"))


def sample_score(score: Score, start_s: float, end_s: float, spec: SongSpec, seed: int = 0) -> Score:
    """A new song on a loop of the bars around start_s..end_s seconds of `score`.

    `spec` is the new song's request: tags, lyrics, title, singer. Its key, mode and meter are the loop's, its
    tempo lies within 75 to 134 % of the source's. The loop's chords are the song's chords; what its players
    play, drums and bass apart, goes round and round, and its sung lines between the new ones. The source's
    singer sings unless `spec` names another. Raises SpecError.
    """
    start, end = window_beats(score, start_s, end_s)
    bars = round((end - start) / score.bar_beats)
    if bars > LONGEST_BARS:
        raise SpecError(
            f"The window holds {bars} bars; a loop has up to {LONGEST_BARS}. Choose a shorter one."
        )
    loop = piece(score, start, end)
    if not any(_is_sampled(track) and track.notes for track in loop.tracks) and not loop.vocals:
        raise SpecError("In these bars only drums and bass play. Choose bars with chords or a tune in them.")
    brief = _brief(score, loop, spec, fresh_seed(score, seed, "sample", start, end, spec.tags))
    words = _words(spec)
    _, blocks, sections, remarks = outline(brief, words)
    sections = tuple(replace(section, tonic=brief.tonic) for section in sections)
    chords = _looped_chords(loop, sections)
    sung = any(section.lines for section in words)
    singer = (spec.persona or _named(spec, brief) or score.persona) if sung or loop.vocals else None
    melody = write_tune(brief, blocks, sections, chords, singer)
    tracks = _new_players(arrange(brief, blocks, sections, chords, melody), loop)
    chops = _chops(loop, sections, melody.sung)
    vocals = (*melody.sung, *melody.backing, *chops)
    title = spec.title.strip() or invent_title(spec, words, brief.card.name)
    card = brief.card
    return Score(
        version=ENGINE_VERSION, seed=brief.seed, title=title, tags=tags_for(brief), lyrics=lyrics_of(vocals),
        style=card.name, meter=brief.meter, bar_beats=brief.bar_beats, bpm=brief.bpm, tonic=brief.tonic,
        mode=brief.mode, key=brief.key, swing=0.0 if brief.meter == "6/8" else card.swing,
        swing_unit_beats=card.swing_unit_beats, looseness_ms=card.looseness_ms, ritardando=card.ritardando,
        sections=sections, chords=chords, vocals=vocals,
        tracks=merged_tracks((*tracks, *_looped_tracks(loop, sections, melody.sung))), mix=card.mix,
        remarks=(*remarks, f"Built on {bars} bars of “{score.title}”."), persona=singer,
    )  # fmt: skip


def _brief(score: Score, loop: Score, spec: SongSpec, seed: int) -> Brief:
    read = read_tags(spec)
    bpm = max(score.bpm * SLOWEST, min(score.bpm * FASTEST, read.bpm))
    return replace(
        read, seed=seed, meter=score.meter, mode=score.mode, tonic=loop.sections[0].tonic, bpm=round(bpm, 1)
    )


def _words(spec: SongSpec) -> list[LyricSection]:
    text = "" if spec.instrumental else clean(spec.lyrics)
    words = parse_lyrics(text) if text.strip() else []
    return words or [LyricSection(kind, name) for kind, name in WORDLESS]


def _named(spec: SongSpec, brief: Brief) -> Persona | None:
    if not spec.voice and not spec.vocal_gender:
        return None
    return chosen_singer(
        tags=spec.tags,
        seed=brief.seed,
        gender=spec.vocal_gender,
        voice=spec.voice,
        is_rap=brief.is_rap,
        words=spec.lyrics,
    )


def _is_sampled(track: Track) -> bool:
    return is_pitched(track) and track.role not in NOT_SAMPLED and track.instrument.bank != DRUM_BANK


def _rounds(section: Section, length: float) -> list[float]:
    """Beats at which the loop begins in a section."""
    count = int(section.length_beats / length + 0.999)
    return [section.start_beat + number * length for number in range(count)]


def _looped_chords(loop: Score, sections: tuple[Section, ...]) -> tuple[Chord, ...]:
    out = []
    for section in sections:
        for start in _rounds(section, loop.length_beats):
            for chord in loop.chords:
                at = start + chord.start_beat
                length = min(chord.length_beats, section.end_beat - at)
                if length > 1e-6:
                    out.append(replace(chord, start_beat=at, length_beats=length))
    return tuple(out)


def _looped_tracks(loop: Score, sections: tuple[Section, ...], sung: list[VocalLine]) -> list[Track]:
    """The loop's players as players of the new song; the loop's tune only where nobody sings."""
    last_bar = sections[-1].end_beat - loop.bar_beats
    out = []
    for track in loop.tracks:
        if not _is_sampled(track):
            continue
        notes: list[Note] = []
        for number, section in enumerate(sections):
            if track.role in ("lead", "harmony", "double") and any(line.section == number for line in sung):
                continue
            for start in _rounds(section, loop.length_beats):
                notes += [
                    move_note(replace(n, velocity=max(20, n.velocity - SAMPLE_VELOCITY)), start)
                    for n in track.notes
                    if start + n.start_beat < min(section.end_beat, last_bar + 0.01)
                ]
        out.append(replace(track, role=f"sample {track.role}", notes=tuple(notes)))
    return out


def _new_players(tracks: list[Track], loop: Score) -> list[Track]:
    """The new song's players who leave room for the sample: nobody whose family plays in it already."""
    taken = {track.instrument.stem for track in loop.tracks if _is_sampled(track) and track.notes}
    keep = ("drums", "percussion", "bass", "kick", "riser", "lead")
    return [t for t in tracks if t.notes and (t.role in keep or t.instrument.stem not in taken)]


def _chops(loop: Score, sections: tuple[Section, ...], sung: list[VocalLine]) -> list[VocalLine]:
    """The loop's sung lines, repeated where the new song has no words."""
    out = []
    for number, section in enumerate(sections[:-1]):
        if any(line.section == number for line in sung):
            continue
        for start in _rounds(section, loop.length_beats):
            for line in loop.vocals:
                moved = move_line(line, start)
                inside = (
                    moved.notes[0].start_beat >= section.start_beat
                    and moved.notes[-1].end_beat <= section.end_beat
                )
                if line.part == "lead" and inside:
                    out.append(replace(moved, section=number, part="double"))
    return out


def sample(
    source: Path,
    out: Path,
    start_s: float,
    end_s: float,
    lyrics: str = "",
    tags: str = "",
    seed: int = 0,
    *,
    title: str = "",
    instrumental: bool = False,
    voice: str = "",
    vocal_gender: str = "",
    persona: Persona | None = None,
    duration_s: float | None = None,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """A new song around bars of a take; see `sample_score`. The sampled bars are played again from the score,
    so they keep tempo and key without stretching. Raises SpecError, Cancelled, EngineUnavailable; then
    nothing new is in `out`."""
    spec = SongSpec(
        lyrics=lyrics, tags=tags, title=title, instrumental=instrumental, vocal_gender=vocal_gender,
        duration_s=duration_s, seed=seed, voice=voice, persona=persona,
    )  # fmt: skip
    score = sample_score(source_of(source, out).score, start_s, end_s, spec, seed)
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    facts = {"operation": "sample", "source": str(Path(source).resolve()), "window_s": [start_s, end_s]}
    mark(Path(out), {**facts, "seed": seed})
    return song
