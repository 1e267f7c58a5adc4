"""Rewording: other words to the tune of a song, on its bars and chords."""

from __future__ import annotations

import re
from dataclasses import replace

from studio.engine.edits.band import brief_of, singer_of
from studio.engine.edits.extending import extend_score
from studio.engine.edits.grid import WORD_PARTS, seconds_at
from studio.engine.edits.surgery import in_text_order, lyrics_of, merged_tracks, with_breaks
from studio.engine.edits.wording import blocks_for, fresh_seed, write_tune
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.score import Score, Track
from studio.engine.spec import SpecError
from studio.engine.tags import Brief


def reworded(score: Score, lyrics: str, seed: int = 0) -> Score:
    """The song with `lyrics` in place of its words; the same song for no words or its own.

    Sections keep their bars and chords. Where a line has the rhythm of an old one it keeps its tune, note for
    note; the rest is composed in its manner. What is more than the song has room for gets bars of its own
    before its ending. Raises SpecError when not even the first words fit, and when nobody can sing.
    """
    if not lyrics.strip() or _plain(lyrics) == _plain(score.lyrics):
        return score
    words = parse_lyrics(clean(lyrics))
    if not any(section.lines for section in words):
        return score
    singer = singer_of(score)
    if singer is None:
        raise SpecError("No singing voice is installed, so the song cannot get other words.")
    brief = replace(brief_of(score), seed=fresh_seed(score, seed, "reword", lyrics))
    room = _room(brief, words, score)
    if room < len(words):
        first = reworded(score, _text(words[:room]), seed)
        return extend_score(first, _ending_s(first), _text(words[room:]), seed=seed)[0]
    blocks = blocks_for(brief, words, score.sections)
    melody = write_tune(brief, blocks, score.sections, score.chords, singer, score)
    lines = with_breaks(in_text_order((*melody.sung, *melody.backing)))
    sung = {line.section for line in lines if line.part in WORD_PARTS}
    return replace(
        score, vocals=lines, lyrics=lyrics_of(lines), persona=singer, tracks=_making_room(score, sung)
    )


def _room(brief: Brief, words: list[LyricSection], score: Score) -> int:
    """How many of the sections of words, from the first on, can be set into the song's own sections."""
    problem = SpecError("There are no words.")
    for count in range(len(words), 0, -1):
        try:
            blocks_for(brief, words[:count], score.sections)
        except SpecError as error:
            problem = error
        else:
            return count
    raise problem


def _text(words: list[LyricSection]) -> str:
    return "".join(word.text for section in words for line in section.lines for word in line.words)


def _ending_s(score: Score) -> float:
    """Where the song begins to end."""
    last = score.sections[-1]
    return seconds_at(score, last.start_beat if last.kind == "outro" else last.end_beat - score.bar_beats)


def _plain(text: str) -> str:
    """Words alone: marks, signs and white space are no other words."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\[[^\]]*\]", " ", text).casefold()))


def _making_room(score: Score, sung: set[int]) -> tuple[Track, ...]:
    """The players without an instrument's tune where somebody sings now."""
    spans = [(score.sections[number].start_beat, score.sections[number].end_beat) for number in sung]
    return merged_tracks(
        replace(
            track,
            notes=tuple(note for note in track.notes if not any(a <= note.start_beat < b for a, b in spans)),
        )
        if track.role in ("lead", "harmony")
        else track
        for track in score.tracks
    )
