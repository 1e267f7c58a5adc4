"""Cutting, moving and joining scores. Pure functions: nothing here sounds, nothing is random."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

from studio.engine.edits.grid import WORD_PARTS, starts_after
from studio.engine.score import Chord, Note, Score, Section, SungWord, Track, VocalLine

_HEADER = re.compile(r"^(\s*(?:\[[^\[\]]*\]\s*)+)(.*)$", re.DOTALL)


def piece(score: Score, start: float, end: float) -> Score:
    """The bars from beat `start` to `end` as a score of their own that begins at beat 0.

    Notes keep their place and end with the piece; a line that leads into `start` comes along and begins
    before beat 0. Sections are cut where the piece is cut. `start` and `end` lie on bar lines.
    """
    kept = [s for s in score.sections if s.end_beat > start + 1e-6 and s.start_beat < end - 1e-6]
    first = score.sections.index(kept[0])
    sections = tuple(_cut_section(section, start, end) for section in kept)
    lines = lines_between(score, start, end)
    vocals = tuple(
        replace(move_line(line, -start), section=_inside(line.section - first, len(sections)))
        for line in lines
    )
    cut = replace(
        score,
        sections=sections,
        chords=tuple(_cut_chord(c, start, end) for c in score.chords if _overlaps(c, start, end)),
        vocals=vocals,
        tracks=tuple(
            replace(track, notes=tuple(move_note(n, -start) for n in notes_between(track.notes, start, end)))
            for track in score.tracks
        ),
    )
    return replace(cut, lyrics=lyrics_of(cut.vocals))


def notes_between(notes: Iterable[Note], start: float, end: float) -> tuple[Note, ...]:
    """Notes that begin in start..end, none lasting past `end`."""
    return tuple(
        note if note.end_beat <= end else replace(note, length_beats=max(0.05, end - note.start_beat))
        for note in notes
        if start - 1e-6 <= note.start_beat < end - 1e-6
    )


def lines_between(score: Score, start: float, end: float) -> tuple[VocalLine, ...]:
    """Lines that belong to start..end; of a line that is cut by `end`, the words that were begun."""
    found = []
    for line in score.vocals:
        if line.notes and starts_after(line, start) and not starts_after(line, end):
            cut = until(line, end)
            if cut is not None:
                found.append(cut)
    return tuple(found)


def until(line: VocalLine, end: float) -> VocalLine | None:
    """The line up to beat `end`: words that begin before it, held no longer; None when there are none."""
    words = [word for word in line.words if _starts(word) < end - 1e-6]
    if not words:
        return None
    cut = replace(line, words=tuple(_cut_word(word, end) for word in words))
    if len(words) < len(line.words) and line.part in WORD_PARTS:
        last = replace(cut.words[-1], text=cut.words[-1].text.rstrip() + "\n\n")
        cut = replace(cut, words=(*cut.words[:-1], last))
    return cut


def move_note(note: Note, beats: float) -> Note:
    return replace(note, start_beat=note.start_beat + beats)


def move_line(line: VocalLine, beats: float) -> VocalLine:
    return each_note(line, lambda note: move_note(note, beats))


def each_note(line: VocalLine, change: Callable[[Note], Note]) -> VocalLine:
    """The line with every note replaced by `change(note)`; words and phones stay."""
    words = tuple(
        replace(
            word,
            syllables=tuple(
                replace(s, notes=tuple(change(note) for note in s.notes)) for s in word.syllables
            ),
        )
        for word in line.words
    )
    return replace(line, words=words)


def moved(score: Score, beats: float) -> Score:
    """Everything later by `beats`. The result alone is no song until something stands before it."""
    return replace(
        score,
        sections=tuple(replace(s, start_beat=s.start_beat + beats) for s in score.sections),
        chords=tuple(replace(c, start_beat=c.start_beat + beats) for c in score.chords),
        vocals=tuple(move_line(line, beats) for line in score.vocals),
        tracks=tuple(replace(t, notes=tuple(move_note(n, beats) for n in t.notes)) for t in score.tracks),
    )


def joined(first: Score, second: Score) -> Score:
    """`second` after `first`, in the first one's tempo, key signature, mix and seed.

    Tracks of the same role and instrument become one; others stand beside each other.
    """
    later = moved(second, first.length_beats)
    shift = len(first.sections)
    vocals = (*first.vocals, *(replace(line, section=line.section + shift) for line in later.vocals))
    vocals = in_text_order(separated(vocals))
    whole = replace(
        first,
        sections=(*first.sections, *later.sections),
        chords=(*first.chords, *later.chords),
        vocals=vocals,
        tracks=merged_tracks((*first.tracks, *later.tracks)),
        remarks=tuple(dict.fromkeys((*first.remarks, *second.remarks))),
    )
    return replace(whole, lyrics=lyrics_of(vocals))


def scaled(score: Score, factor: float, *, least_beats: float = 0.0) -> Score:
    """The whole score with every beat `factor` beats long; no note becomes shorter than `least_beats`."""

    def place(note: Note) -> Note:
        length = max(least_beats, note.length_beats * factor)
        return replace(note, start_beat=note.start_beat * factor, length_beats=length)

    if factor == 1.0:
        return score
    return replace(
        score,
        sections=tuple(
            replace(s, start_beat=s.start_beat * factor, length_beats=s.length_beats * factor)
            for s in score.sections
        ),
        chords=tuple(
            replace(c, start_beat=c.start_beat * factor, length_beats=c.length_beats * factor)
            for c in score.chords
        ),
        vocals=tuple(each_note(line, place) for line in score.vocals),
        tracks=tuple(replace(t, notes=tuple(place(n) for n in t.notes)) for t in score.tracks),
    )


def merged_tracks(tracks: Iterable[Track]) -> tuple[Track, ...]:
    """One track for each role and instrument, its notes in order; tracks without notes are left out."""
    found: dict[tuple[str, str], Track] = {}
    for track in tracks:
        key = (track.role, track.instrument.name)
        old = found.get(key)
        found[key] = replace(track, notes=(*(old.notes if old else ()), *track.notes))
    return tuple(
        replace(t, notes=tuple(sorted(t.notes, key=lambda n: (n.start_beat, n.pitch))))
        for t in found.values()
        if t.notes
    )


def replaced(
    score: Score, start: float, end: float, vocals: Iterable[VocalLine], tracks: Iterable[Track]
) -> Score:
    """The score with the given lines and notes in start..end, and nothing of the old ones there.

    Sections and chords stay. `vocals` and `tracks` are in the score's own beats.
    """
    gone = set(map(id, (line for line in score.vocals if _is_within(line, start, end))))
    kept = [line for line in score.vocals if id(line) not in gone]
    lines = with_breaks(in_text_order(separated((*kept, *vocals))))
    outside = [
        replace(
            t,
            notes=tuple(
                _clear_of(note, start) for note in t.notes if not start - 1e-6 <= note.start_beat < end - 1e-6
            ),
        )
        for t in score.tracks
    ]
    inside = [replace(t, notes=notes_between(t.notes, start, end)) for t in tracks]
    done = replace(score, vocals=lines, tracks=merged_tracks((*outside, *inside)))
    return replace(done, lyrics=lyrics_of(lines))


def lyrics_of(vocals: Iterable[VocalLine]) -> str:
    """The text that is sung, as the words have it; the marker of instrumentals when nothing is."""
    text = "".join(word.text for line in vocals if line.part in WORD_PARTS for word in line.words)
    return re.sub(r"\n{3,}", "\n\n", text).strip() or "[Instrumental]"


def in_text_order(vocals: Iterable[VocalLine]) -> tuple[VocalLine, ...]:
    """Lead and ad-libs by time, then the parts that only repeat words."""
    lines = sorted(vocals, key=lambda line: (line.part not in WORD_PARTS, line.notes[0].start_beat))
    return tuple(lines)


def with_breaks(vocals: Iterable[VocalLine]) -> tuple[VocalLine, ...]:
    """No blank line between lines of one section, where new words ended a text of their own."""
    lines = list(vocals)
    texts = [index for index, line in enumerate(lines) if line.part in WORD_PARTS]
    for index, following in pairwise(texts):
        line, after = lines[index], lines[following]
        last = line.words[-1]
        is_open = line.section == after.section and not split_header(after.words[0].text)[0]
        if is_open and last.text.endswith("\n\n"):
            last = replace(last, text=last.text.rstrip("\n") + "\n")
            lines[index] = replace(line, words=(*line.words[:-1], last))
    return tuple(lines)


def separated(vocals: Iterable[VocalLine]) -> tuple[VocalLine, ...]:
    """Lines of the lead in which no note lasts into the following line."""
    lines = list(vocals)
    leads = sorted((line for line in lines if line.part == "lead"), key=lambda line: line.notes[0].start_beat)
    limits = {id(a): b.notes[0].start_beat for a, b in pairwise(leads)}
    return tuple(_held_until(line, limits[id(line)]) if id(line) in limits else line for line in lines)


def split_header(text: str) -> tuple[str, str]:
    """The section mark before a word, and the word: ("[Chorus]\\n", "Leave ")."""
    match = _HEADER.match(text)
    return (match.group(1), match.group(2)) if match else ("", text)


def without_tracks(score: Score, roles: Iterable[str]) -> Score:
    gone = set(roles)
    return replace(score, tracks=tuple(track for track in score.tracks if track.role not in gone))


def _held_until(line: VocalLine, limit: float) -> VocalLine:
    def held(note: Note) -> Note:
        if note.end_beat <= limit or note.start_beat >= limit:
            return note
        return replace(note, length_beats=max(0.1, limit - note.start_beat))

    return each_note(line, held)


def _is_within(line: VocalLine, start: float, end: float) -> bool:
    return starts_after(line, start) and not starts_after(line, end)


def _clear_of(note: Note, start: float) -> Note:
    """A note from before the edit ends where the edit begins."""
    if note.start_beat < start < note.end_beat:
        return replace(note, length_beats=start - note.start_beat)
    return note


def _starts(word: SungWord) -> float:
    return word.syllables[0].notes[0].start_beat


def _cut_word(word: SungWord, end: float) -> SungWord:
    """All syllables stay, so that the word stays whole; those after the cut are pressed in before it."""
    late = [n for s in word.syllables for n in s.notes if n.start_beat >= end - 0.1]
    if not late:
        syllables = tuple(
            replace(s, notes=notes_between(s.notes, float("-inf"), end)) for s in word.syllables
        )
        return replace(word, syllables=syllables)
    notes = [note for s in word.syllables for note in s.notes]
    start = notes[0].start_beat
    step = max(0.1, (end - start) / len(notes))
    fresh = iter(
        [replace(note, start_beat=start + i * step, length_beats=step) for i, note in enumerate(notes)]
    )
    return replace(
        word, syllables=tuple(replace(s, notes=tuple(next(fresh) for _ in s.notes)) for s in word.syllables)
    )


def _cut_section(section: Section, start: float, end: float) -> Section:
    first, last = max(section.start_beat, start), min(section.end_beat, end)
    return replace(section, start_beat=first - start, length_beats=last - first)


def _cut_chord(chord: Chord, start: float, end: float) -> Chord:
    first, last = max(chord.start_beat, start), min(chord.end_beat, end)
    return replace(chord, start_beat=first - start, length_beats=last - first)


def _overlaps(chord: Chord, start: float, end: float) -> bool:
    return chord.end_beat > start + 1e-6 and chord.start_beat < end - 1e-6


def _inside(index: int, count: int) -> int:
    return max(0, min(count - 1, index))
