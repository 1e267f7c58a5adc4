"""Replace section: some bars of a song made anew, the rest as it was, to the sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.cards import INSTRUMENTS
from studio.engine.compose.form import Block
from studio.engine.compose.played import played_phrases
from studio.engine.edits.band import brief_of, players, same_band, singer_of
from studio.engine.edits.desk import (
    IsCancelled,
    OnStage,
    deliver,
    render_fresh,
    source_of,
    spliced,
)
from studio.engine.edits.grid import WORD_PARTS, seconds_at, whole_lines, window_beats
from studio.engine.edits.splice import Audio, Seam, continued, fitted, inserted, seam_before
from studio.engine.edits.surgery import lines_between, notes_between, replaced, split_header
from studio.engine.edits.timing import mixed_in
from studio.engine.edits.wording import blocks_for, fresh_seed, write_tune
from studio.engine.lyrics.parse import clean, parse_lyrics
from studio.engine.perform import Performance
from studio.engine.score import Note, Score, Section, SungWord, Track, VocalLine
from studio.engine.spec import Song
from studio.engine.stages import Progress
from studio.engine.tags import Brief
from studio.engine.takes import StoredTake, hidden_folder

Window = tuple[float, float]


def replace_section_score(
    score: Score, start_s: float, end_s: float, lyrics: str = "", tags: str = "", seed: int = 0
) -> tuple[Score, Window]:
    """The song with the bars around start_s..end_s recomposed; also the window in beats.

    The window is widened to bar lines, and on until no sung line lies across its edges. Chords, key, tempo
    and players stay; tune, rhythm, patterns and fills are new. Without `lyrics` the words of the window are
    sung to another tune. `tags` that name a style change the manner of playing. Raises SpecError.
    """
    start, end = whole_lines(score, *window_beats(score, start_s, end_s))
    old_lines = lines_between(score, start, end)
    text = lyrics if lyrics.strip() else "".join(
        word.text for line in old_lines if line.part in WORD_PARTS for word in line.words
    )  # fmt: skip
    brief = brief_of(score, tags=tags)
    fresh = replace(brief, seed=fresh_seed(score, seed, "replace", start, end, text))
    persona = singer_of(score)
    numbers, sections = _windowed(score, start, end)
    blocks = _blocks(score, fresh, text, sections)
    rest = replaced(score, start, end, (), ())
    melody = write_tune(fresh, blocks, sections, score.chords, persona, rest, may_repeat=False)
    new_lines = [replace(line, section=numbers[line.section]) for line in (*melody.sung, *melody.backing)]
    new_lines = _with_headers(old_lines, new_lines)
    bare = replaced(score, start, end, new_lines, ())
    tracks = same_band(players(fresh, _with_tune(bare, fresh, melody.played)), score)
    song = replaced(bare, start, end, new_lines, tracks)
    return replace(song, persona=persona if song.vocals else score.persona), (start, end)


def _blocks(score: Score, brief: Brief, text: str, sections: tuple[Section, ...]) -> list[Block]:
    """Who has the tune of each part of the window: the words, else whoever played it before."""
    words = parse_lyrics(clean(text)) if text.strip() else []
    blocks = blocks_for(brief, words, sections)
    tune = score.track("lead")
    for number, (block, section) in enumerate(zip(blocks, sections, strict=True)):
        was_played = tune is not None and notes_between(tune.notes, section.start_beat, section.end_beat)
        if not block.phrases and was_played:
            phrases = played_phrases(brief, section.kind, block.bars, number)
            blocks[number] = replace(block, lead="played", phrases=phrases)
    return blocks


def _with_tune(score: Score, brief: Brief, notes: list[Note]) -> Score:
    """The score with the instrument's new tune, for the players to answer."""
    if not notes:
        return score
    old = score.track("lead")
    instrument = old.instrument if old else INSTRUMENTS[brief.lead]
    tune = Track("lead", instrument, tuple(sorted((*(old.notes if old else ()), *notes), key=_start)))
    return replace(score, tracks=(*(track for track in score.tracks if track.role != "lead"), tune))


def _start(note: Note) -> float:
    return note.start_beat


def _windowed(score: Score, start: float, end: float) -> tuple[list[int], tuple[Section, ...]]:
    """The parts of sections inside the window, and the numbers of the sections they belong to."""
    numbers, sections = [], []
    for number, section in enumerate(score.sections):
        first, last = max(section.start_beat, start), min(section.end_beat, end)
        if last > first + 1e-6:
            numbers.append(number)
            sections.append(replace(section, start_beat=first, length_beats=last - first))
    return numbers, tuple(sections)


def _with_headers(old: tuple[VocalLine, ...], new: list[VocalLine]) -> list[VocalLine]:
    """Section marks of the replaced words go to the new ones, unless those bring their own."""
    headers: dict[int, str] = {}
    for line in old:
        if line.part in WORD_PARTS:
            headers.setdefault(line.section, split_header(line.words[0].text)[0])
    seen: set[int] = set()
    out = []
    for line in new:
        if line.part in WORD_PARTS and line.section not in seen:
            seen.add(line.section)
            header, text = split_header(line.words[0].text)
            if not header and headers.get(line.section):
                first = SungWord(headers[line.section] + text, line.words[0].syllables)
                line = replace(line, words=(first, *line.words[1:]))
        out.append(line)
    return out


def replace_section(
    source: Path,
    out: Path,
    start_s: float,
    end_s: float,
    lyrics: str = "",
    tags: str = "",
    seed: int = 0,
    *,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """Make the bars around start_s..end_s seconds anew; writes a take into `out`.

    Outside two crossfades of 20 ms, which lie before the first and after the last new bar line's sounds,
    the audio, the stems and the gain curve equal the source's. edit.json has the seams in samples. Raises
    SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`.
    """
    take = source_of(source, out)
    progress = Progress(on_stage, is_cancelled)
    progress.enter("composing")
    score, (start, end) = replace_section_score(take.score, start_s, end_s, lyrics, tags, seed)
    with hidden_folder(Path(out)) as work:
        fresh = render_fresh(score, work, progress, kept=take.mastering)
        first, last = _seams(take, fresh.performance, score, start, end)

        def join(old: Audio, new: Audio) -> Audio:
            return (
                inserted(old, fitted(new, old.shape[-1]), first, last) if last else continued(old, new, first)
            )

        result = spliced(take, fresh, join)
        until_s = last.start_s if last else float("inf")
        timing = mixed_in(take.performance, fresh.performance, first.end_s, until_s)
        facts = {
            "operation": "replace section",
            "source": str(Path(source).resolve()),
            "window_beats": [start, end],
            "window_s": [round(seconds_at(score, start), 4), round(seconds_at(score, end), 4)],
            "seam_samples": [[seam.start, seam.end] for seam in (first, last) if seam],
            "seed": seed,
        }
        return deliver(replace(result, performance=timing, facts=facts), Path(out), work, progress)


def _seams(
    take: StoredTake, fresh: Performance, score: Score, start: float, end: float
) -> tuple[Seam, Seam | None]:
    """The crossfades into and out of the window; none out of a window that reaches the song's end."""
    both = (take.performance, fresh)
    first = seam_before(score, start, *both) if start > 0 else Seam(0, 0)
    return first, seam_before(score, end, *both) if end < score.length_beats - 1e-6 else None
