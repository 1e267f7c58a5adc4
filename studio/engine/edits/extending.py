"""Extend: a song goes on from a bar line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.engine.compose import arrange, outline
from studio.engine.compose.form import Block
from studio.engine.compose.harmony import write_chords
from studio.engine.edits.band import brief_of, same_band, singer_of
from studio.engine.edits.desk import (
    Fresh,
    IsCancelled,
    OnStage,
    Result,
    deliver,
    render_fresh,
    source_of,
    spliced,
)
from studio.engine.edits.grid import (
    WORD_PARTS,
    bar_lines,
    check_moment,
    nearest_breath,
    seconds_at,
    starts_after,
)
from studio.engine.edits.splice import Seam, continued, entering, seam_before
from studio.engine.edits.surgery import joined, lyrics_of, moved, piece
from studio.engine.edits.timing import after, later, mixed_in
from studio.engine.edits.transposing import transposed
from studio.engine.edits.wording import fresh_seed, write_tune
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.perform import LEAD_IN_S
from studio.engine.score import Chord, Score, Section
from studio.engine.spec import MAX_DURATION_S, SAMPLE_RATE_HZ, Song, SpecError
from studio.engine.stages import Progress
from studio.engine.tags import Brief
from studio.engine.takes import StoredTake, hidden_folder

# What an extension without words plays when nothing is asked for.
WORDLESS = (("solo", "Solo"), ("outro", "Outro"))
WORDLESS_INSTRUMENTAL = (("bridge", "Bridge"), ("chorus", "Chorus"), ("outro", "Outro"))


def extend_score(
    score: Score,
    at_s: float,
    lyrics: str = "",
    tags: str = "",
    seed: int = 0,
    duration_s: float | None = None,
) -> tuple[Score, float]:
    """The song up to the bar line nearest `at_s` seconds and on from there; also the beat of that bar line,
    which lies between two sung lines where one is at most two bars away.

    Chords, players, tempo, key and singer go on; sections that were heard before come back with their
    chords, equal words with their tune. `tags` that name a style change the players of the new part;
    `duration_s` is how long it should last. Raises SpecError.
    """
    cut = _cut_at(score, at_s)
    brief = brief_of(score, tags=tags)
    brief = replace(brief, duration_s=duration_s, tonic=score.section_at(max(0.0, cut - 0.01)).tonic)
    blocks, sections = _form(score, brief, lyrics, cut)
    chords = _chords(score, brief, blocks, sections)
    _check_length(score, cut, sections)
    fresh = replace(brief, seed=fresh_seed(score, seed, "extend", cut))
    persona = singer_of(score)
    melody = write_tune(fresh, blocks, sections, chords, persona, score)
    added = replace(
        score, sections=sections, chords=chords, vocals=(*melody.sung, *melody.backing), tracks=(), remarks=()
    )
    tracks = tuple(track for track in arrange(brief, blocks, sections, chords, melody) if track.notes)
    added = replace(added, tracks=same_band(tracks, score) if brief.card.name == score.style else tracks)
    whole = joined(piece(score, 0.0, cut), moved(added, -cut))
    return replace(whole, persona=persona if whole.vocals else score.persona), cut


def _cut_at(score: Score, at_s: float) -> float:
    check_moment(score, at_s, "The moment to go on from")
    lines = bar_lines(score)
    # The ending is one long chord, and slows down where the style asks for it: nothing can go on after that.
    latest = lines[-3] if score.ritardando and len(lines) > 3 else lines[-2]
    cut = min(nearest_breath(score, at_s), latest)
    if cut < score.bar_beats - 1e-6:
        raise SpecError(
            f"{at_s:g} s is nearest to the song's beginning. Choose a moment after its first bar, "
            f"from {seconds_at(score, score.bar_beats) * 0.75:.1f} s on."
        )
    return cut


def _form(score: Score, brief: Brief, lyrics: str, cut: float) -> tuple[list[Block], tuple[Section, ...]]:
    """Blocks and sections of the new part, on the whole song's beats; no intro in the middle of a song."""
    words = parse_lyrics(clean(lyrics)) if lyrics.strip() else []
    if not words:
        marks = WORDLESS if score.vocals else WORDLESS_INSTRUMENTAL
        words = [LyricSection(kind, name) for kind, name in marks]
    _, blocks, sections, _ = outline(brief, words)
    while len(blocks) > 1 and blocks[0].kind == "intro" and words[0].kind != "intro":
        blocks, sections = blocks[1:], sections[1:]
    tonic = brief.tonic
    placed, beat = [], cut
    for section in sections:
        placed.append(replace(section, start_beat=beat, tonic=tonic))
        beat += section.length_beats
    return blocks, tuple(placed)


def _chords(
    score: Score, brief: Brief, blocks: list[Block], sections: tuple[Section, ...]
) -> tuple[Chord, ...]:
    """The chords the song has for sections of a kind, else new ones of the style; a new ending."""
    written = write_chords(brief, blocks, sections)
    out: list[Chord] = []
    for number, section in enumerate(sections):
        own = [c for c in written if section.start_beat - 1e-6 <= c.start_beat < section.end_beat - 1e-6]
        model = next((s for s in score.sections[:-1] if s.kind == section.kind), None)
        if model is None or number == len(sections) - 1:
            out += own
            continue
        lift = (section.tonic - model.tonic) % 12
        out += _tiled(score, model, section, lift)
    return tuple(out)


def _tiled(score: Score, model: Section, section: Section, lift: int) -> list[Chord]:
    source = piece(score, model.start_beat, model.end_beat)
    source = transposed(source, lift if lift <= 6 else lift - 12)
    out, beat = [], 0.0
    while beat < section.length_beats - 1e-6:
        for chord in source.chords:
            start = beat + chord.start_beat
            length = min(chord.length_beats, section.length_beats - start)
            if length > 1e-6:
                out.append(replace(chord, start_beat=section.start_beat + start, length_beats=length))
        beat += source.length_beats
    return out


def _check_length(score: Score, cut: float, sections: tuple[Section, ...]) -> None:
    whole_s = sections[-1].end_beat * 60.0 / score.bpm
    if whole_s > MAX_DURATION_S * 1.5:
        added_s = (sections[-1].end_beat - cut) * 60.0 / score.bpm
        raise SpecError(
            f"The extension would last {added_s:.0f} s and the whole song {whole_s:.0f} s; a song lasts up "
            f"to {MAX_DURATION_S * 1.5:.0f} s. Shorten the lyrics."
        )


def extend(
    source: Path,
    out: Path,
    at_s: float,
    lyrics: str = "",
    tags: str = "",
    seed: int = 0,
    *,
    duration_s: float | None = None,
    only_added: bool = False,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """Go on from the bar line nearest `at_s` seconds, between sung lines; writes a take into `out`.

    The audio before the seam equals the source's sample by sample: the stored mastering is used again and
    the crossfade of 20 ms ends before the bar's first sound. With `only_added` the take holds the new part
    alone, and `concat` joins it to its source again as if it had never been apart. edit.json says where the
    seam is. Raises SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`.
    """
    take = source_of(source, out)
    progress = Progress(on_stage, is_cancelled)
    progress.enter("composing")
    score, cut = extend_score(take.score, at_s, lyrics, tags, seed, duration_s)
    with hidden_folder(Path(out)) as work:
        fresh = render_fresh(score, work, progress, kept=take.mastering)
        seam = seam_before(score, cut, take.performance, fresh.performance)
        facts = {
            "operation": "extend",
            "source": str(Path(source).resolve()),
            "cut_beat": cut,
            "cut_s": round(seconds_at(score, cut), 4),
            "seam_sample": seam.start,
            "seam_samples": seam.length,
            "seed": seed,
        }
        if only_added:
            return deliver(_added(take, fresh, seam, cut, facts), Path(out), work, progress)
        result = spliced(take, fresh, lambda old, new: continued(old, new, seam))
        timing = mixed_in(take.performance, fresh.performance, seam.end_s, float("inf"))
        return deliver(replace(result, performance=timing, facts=facts), Path(out), work, progress)


def _added(take: StoredTake, fresh: Fresh, seam: Seam, cut: float, facts: dict[str, Any]) -> Result:
    """The new part alone: from the bar line before the seam, fading in where the whole crossfades."""
    score = fresh.score
    first = cut
    while round((seconds_at(score, first) - LEAD_IN_S) * SAMPLE_RATE_HZ) > seam.start:
        first -= score.bar_beats
    offset = max(0, round((seconds_at(score, first) - LEAD_IN_S) * SAMPLE_RATE_HZ))
    own = piece(score, first, score.length_beats)
    own = without_before(own, cut - first)
    words = sum(len(line.words) for line in own.vocals if line.part in WORD_PARTS)
    timing = later(after(fresh.performance, seam.end_s, words), -offset / SAMPLE_RATE_HZ)
    result = spliced(take, fresh, lambda _, new: entering(new, seam)[..., offset:])
    facts = {**facts, "only_added": True, "offset_samples": offset, "first_beat": first}
    return replace(result, score=own, performance=timing, facts=facts)


def without_before(score: Score, beat: float) -> Score:
    """Nothing is played or sung before `beat`, but for what leads into it; the bars stay."""
    lines = tuple(line for line in score.vocals if starts_after(line, beat))
    tracks = tuple(
        replace(track, notes=tuple(n for n in track.notes if n.start_beat >= beat - 1e-6))
        for track in score.tracks
    )
    return replace(
        score, vocals=lines, lyrics=lyrics_of(lines), tracks=tuple(track for track in tracks if track.notes)
    )
