"""Small things about lines: what they share, where they breathe, in which octave they lie."""

from __future__ import annotations

from studio.engine.compose.form import Phrase
from studio.engine.compose.lines import Words
from studio.engine.compose.melody import Range
from studio.engine.score import Note

LINE_BREATH_BEATS = 0.3


def echo_of(lead: Words, words: Words, pitches: list[int], count: int) -> list[int]:
    """The pitches of the words that an ad-lib repeats; empty when it says something else."""

    def plain(items: Words) -> str:
        texts = "".join(s.text for word in items for s in word.syllables)
        return "".join(char for char in texts.casefold() if char.isalnum())

    wanted = plain(words)
    return pitches[-count:] if wanted and plain(lead).endswith(wanted) else []


def into_range(pitches: list[int], span: Range) -> list[int]:
    """By octaves, where the tune came from another voice or instrument."""
    middle = sum(pitches) / len(pitches)
    shift = 12 * round((span.centre - middle) / 12) if abs(span.centre - middle) > 7 else 0
    return [pitch + shift for pitch in pitches]


def parted(phrases: list[tuple[int, list[Note]]]) -> list[tuple[int, list[Note]]]:
    """No note may last into the next phrase, whose pickup can begin before its bar line."""
    out = []
    for (index, notes), following in zip(phrases, [*phrases[1:], (0, [])], strict=True):
        limit = following[1][0].start_beat if following[1] else float("inf")
        out.append((index, [*notes[:-1], _cut(notes[-1], limit)]))
    return out


def _cut(note: Note, limit: float) -> Note:
    """Ended in time, with a breath where the note is long enough to spare it."""
    room = limit - note.start_beat
    room -= LINE_BREATH_BEATS if room > 2 * LINE_BREATH_BEATS else 0.0
    length = min(note.length_beats, max(0.1, room))
    return Note(note.start_beat, length, note.pitch, note.velocity)


def text_of(phrase: Phrase) -> tuple[str, ...]:
    """The words as they sound, without signs."""
    return tuple("".join(s.text for s in word.syllables).casefold() for word in phrase.words)


def common_words(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many first words two lines share."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count
