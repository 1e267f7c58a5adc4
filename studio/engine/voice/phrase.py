"""A line cut into phrases: the text that the net reads, and which phone every character belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.engine.perform import Played
from studio.engine.voice.bank import Bank
from studio.engine.voice.phones import Shape
from studio.engine.voice.place import PlacedLine, PlacedPhone, phone_texts

PHRASE_REST_S = 0.45  # a longer rest between words cuts a line into phrases sung one by one


@dataclass(frozen=True)
class Phrase:
    """Words sung in one go: the net's text, its phones and their notes."""

    text: str
    phones: tuple[PlacedPhone, ...]
    notes: tuple[Played, ...]
    # For every character of the text the index of its phone, -1 for spaces and the full stop.
    owners: tuple[int, ...]


def phrases(line: PlacedLine, bank: Bank) -> list[Phrase]:
    """A line cut at its rests, and where it would be too long for the net."""
    words: list[list[PlacedPhone]] = []
    for phone in line.phones:
        if not words or words[-1][0].word != phone.word:
            words.append([])
        words[-1].append(phone)
    groups: list[list[list[PlacedPhone]]] = [[]]
    length = 0
    for word in words:
        size = sum(len(text) for _, text in _texts(word, bank)) + 1
        rest_s = word[0].start_s - groups[-1][-1][-1].end_s if groups[-1] else 0.0
        if groups[-1] and (rest_s > PHRASE_REST_S or length + size > bank.longest_text):
            groups.append([])
            length = 0
        groups[-1].append(word)
        length += size
    return [_phrase(group, line, bank) for group in groups]


def _texts(word: Sequence[PlacedPhone], bank: Bank) -> list[tuple[str, str]]:
    return [pair for phone in word for pair in phone_texts([Shape((), phone.symbol, (), phone.mark)], bank)]


def _phrase(words: list[list[PlacedPhone]], line: PlacedLine, bank: Bank) -> Phrase:
    text = ""
    owners: list[int] = []
    phones: list[PlacedPhone] = []
    for word in words:
        if text:
            text += " "
            owners.append(-1)
        for phone, (_, piece) in zip(word, _texts(word, bank), strict=True):
            text += piece
            owners += [len(phones)] * len(piece)
            phones.append(phone)
    syllables = sorted({phone.syllable for phone in phones})
    notes = tuple(note for number in syllables for note in line.notes[number])
    return Phrase(text + ".", tuple(phones), notes, (*owners, -1))


def spans(phrase: Phrase) -> list[tuple[int, int, PlacedPhone]]:
    """(first token edge, last token edge, phone) of every phone; edge 1 ends the opening pad."""
    spans: list[tuple[int, int, PlacedPhone]] = []
    for place, owner in enumerate(phrase.owners):
        if owner < 0:
            continue
        if place and phrase.owners[place - 1] == owner:
            first, _, phone = spans[-1]
            spans[-1] = (first, place + 2, phone)
        else:
            spans.append((place + 1, place + 2, phrase.phones[owner]))
    return spans
