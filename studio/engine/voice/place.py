"""Where every phone of a sung line lies: vowels on the beat, consonants before it and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, repeat

from studio.engine.perform import Played, TimedLine
from studio.engine.persona import Persona
from studio.engine.voice import net
from studio.engine.voice.bank import Bank, bank_of
from studio.engine.voice.phones import Shape, bounds_s, shape_of

SUNG_CONSONANTS = 1.3  # times as long as spoken: what makes words clear on long notes
SPOKEN_CONSONANTS = 1.1
# Long notes have longer consonants still: from 0.3 s on, and by half from 0.8 s on.
CALM_S, CALMEST_S, MOST_CALM = 0.3, 0.8, 1.5
VOWEL_SHARE = 0.45  # of a slot belongs to the vowel before its consonants are squeezed
REST_S = 0.10  # a shorter gap between two notes is bridged by the vowel
FIRST_ROOM = 0.4  # share of its length that a line's first consonant gets in any case
LATEST_SHARE = 0.55
SHORTEST_VOWEL_S = 0.03


@dataclass(frozen=True, slots=True)
class PlacedPhone:
    """One phone in time. `word` and `syllable` count through the line (syllables through the whole line);
    `role` is onset, nucleus or coda, `mark` the stress mark of a nucleus."""

    symbol: str
    start_s: float
    end_s: float
    word: int
    syllable: int
    role: str = "nucleus"
    mark: str = ""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line ready to be sung. `words` holds (start_s, end_s) of every word, `notes` the notes of every
    syllable, `rest_s` the silence before it in which to breathe."""

    section: int
    part: str
    words: tuple[tuple[float, float], ...]
    phones: tuple[PlacedPhone, ...]
    notes: tuple[tuple[Played, ...], ...]
    rest_s: float = 0.0

    @property
    def start_s(self) -> float:
        return self.phones[0].start_s

    @property
    def end_s(self) -> float:
        return self.phones[-1].end_s


@dataclass(frozen=True, slots=True)
class _Slot:
    """A syllable with the natural seconds of its consonants."""

    word: int
    shape: Shape
    notes: tuple[Played, ...]
    onset_s: tuple[float, ...]
    coda_s: tuple[float, ...]


def place(line: TimedLine, persona: Persona, *, seed: int, after_s: float = 0.0) -> PlacedLine:
    """Time the phones of a line. The vowel of a syllable begins with its first note; its onset consonants lie
    before, never starting before `after_s` (the end of the line before; ignored once the line's second half
    has begun by then). Raises ValueError for a line without syllables, notes or phones, and EngineUnavailable
    when the nets or the persona's bank are missing."""
    slots = _slots(line, SPOKEN_CONSONANTS if persona.is_rap else SUNG_CONSONANTS, bank_of(persona))
    marks = _vowel_starts(slots, after_s)
    phones: list[PlacedPhone] = []
    free_s = min(marks[0], after_s)
    for number, slot in enumerate(slots):
        following = slots[number + 1] if number + 1 < len(slots) else None
        next_s = marks[number + 1] if following else None
        if number == 0:
            room = min(sum(slot.onset_s), max(0.0, marks[0] - max(free_s, 0.0)))
            phones += _run(slot, number, slot.shape.onset, slot.onset_s, marks[0] - room, marks[0], "onset")
        phones += _inside(slot, number, following, marks[number], next_s)
    return PlacedLine(
        line.section,
        line.part,
        _word_spans(phones),
        tuple(phones),
        tuple(slot.notes for slot in slots),
        max(0.0, phones[0].start_s - max(0.0, after_s)),
    )


def _slots(line: TimedLine, stretch: float, bank: Bank) -> list[_Slot]:
    shapes = [[shape_of(syllable.phones) for syllable in word] for word in line.words]
    if not shapes or not all(shapes):
        raise ValueError("A line to be sung needs words, and every word a syllable.")
    lengths = (stretch * length for length in _consonants_s(shapes, bank))
    calm = iter(_calm(line) if stretch == SUNG_CONSONANTS else repeat((1.0, 1.0)))
    slots = []
    for number, (word, found) in enumerate(zip(line.words, shapes, strict=True)):
        for syllable, shape in zip(word, found, strict=True):
            if not syllable.notes:
                raise ValueError("A syllable without a note cannot be sung.")
            calm_onset, calm_coda = next(calm)
            onset = tuple(calm_onset * next(lengths) for _ in shape.onset)
            next(lengths)
            coda = tuple(calm_coda * next(lengths) for _ in shape.coda)
            slots.append(_Slot(number, shape, syllable.notes, onset, coda))
    return slots


def _calm(line: TimedLine) -> list[tuple[float, float]]:
    """What the onset and the coda of every syllable are stretched by for the length of their notes."""
    lengths_s = [s.notes[-1].end_s - s.notes[0].start_s for word in line.words for s in word if s.notes]

    def factor(length_s: float) -> float:
        share = (length_s - CALM_S) / (CALMEST_S - CALM_S)
        return 1.0 + (MOST_CALM - 1.0) * min(1.0, max(0.0, share))

    # An onset takes its time from the note before as well.
    before_s = [*lengths_s[:1], *lengths_s[:-1]]
    onsets = [(a + b) / 2 for a, b in zip(before_s, lengths_s, strict=True)]
    return [(factor(onset), factor(coda)) for onset, coda in zip(onsets, lengths_s, strict=True)]


def _consonants_s(words: Sequence[Sequence[Shape]], bank: Bank) -> list[float]:
    """Seconds for every phone of a line as spoken; for vowels a mere number."""
    out: list[float] = []
    # A long line is read in parts of whole words: the nets know sentences of a certain length.
    for part in parts_of_text(words, bank):
        texts = [phone_texts(word, bank) for word in part]
        text = " ".join("".join(text for _, text in word) for word in texts) + "."
        steps, place = bank.natural(text)[0], 1
        for word in texts:
            for phone, piece in word:
                spoken_s = float(sum(steps[place : place + len(piece)])) * net.TOKEN_S
                low, high = bounds_s(phone)
                out.append(min(max(spoken_s, low), high))
                place += len(piece)
            place += 1
    return out


def phone_texts(word: Sequence[Shape], bank: Bank) -> list[tuple[str, str]]:
    """(phone, the net's characters) of a word; a vowel's characters begin with its stress mark."""
    out = []
    for shape in word:
        out += [(phone, _text(phone, bank)) for phone in shape.onset]
        out.append((shape.nucleus, shape.mark + _text(shape.nucleus, bank)))
        out += [(phone, _text(phone, bank)) for phone in shape.coda]
    return out


@lru_cache(maxsize=4096)
def _text(phone: str, bank: Bank) -> str:
    text = "".join(bank.tokens_of(char) for char in phone)
    if not text:
        raise ValueError(
            f"The voice does not know the sound {phone!r}; use phones of the alphabet of lyrics.phones."
        )
    return text


def parts_of_text(words: Sequence[Sequence[Shape]], bank: Bank) -> list[list[Sequence[Shape]]]:
    """The words in runs that the nets can read at once."""
    parts: list[list[Sequence[Shape]]] = [[]]
    length = 0
    for word in words:
        size = sum(len(text) for _, text in phone_texts(word, bank)) + 1
        if parts[-1] and length + size > bank.longest_text:
            parts.append([])
            length = 0
        parts[-1].append(word)
        length += size
    return parts


def _vowel_starts(slots: list[_Slot], after_s: float) -> list[float]:
    """Where the vowels begin: on their notes, the first later if its consonants have no room before."""
    starts = [slot.notes[0].start_s for slot in slots]
    end_s = max(slots[-1].notes[-1].end_s, starts[-1] + SHORTEST_VOWEL_S)
    needed = sum(slots[0].onset_s) * FIRST_ROOM
    earliest = max(0.0, after_s) if after_s < (starts[0] + end_s) / 2 else 0.0
    limit = starts[1] if len(starts) > 1 else end_s
    # Late by no more than half of the first slot, even if the singer is still busy with the last line.
    starts[0] = max(starts[0], min(earliest + needed, starts[0] + LATEST_SHARE * (limit - starts[0])), 0.0)
    for number in range(1, len(starts)):
        starts[number] = max(starts[number], starts[number - 1] + SHORTEST_VOWEL_S)
    return starts


def _inside(
    slot: _Slot, number: int, following: _Slot | None, start_s: float, next_s: float | None
) -> list[PlacedPhone]:
    """From a vowel to the next one: vowel, coda, perhaps a rest, the onset of the next syllable."""
    note_end_s = max(slot.notes[-1].end_s, start_s + SHORTEST_VOWEL_S)
    coda_s = sum(slot.coda_s)
    if following is None or next_s is None:
        vowel_end = max(start_s + VOWEL_SHARE * (note_end_s - start_s), note_end_s - 0.6 * coda_s)
        return _closed(slot, number, start_s, vowel_end, vowel_end + coda_s)
    onset_s = sum(following.onset_s)
    rest_s = next_s - note_end_s
    if rest_s > REST_S:
        # The line breathes: the last consonants may ring into the rest, the next ones come out of it.
        onset_s = min(onset_s, 0.6 * rest_s + 0.3 * (note_end_s - start_s))
        latest = next_s - onset_s
        vowel_end = max(start_s + VOWEL_SHARE * (note_end_s - start_s), note_end_s - 0.6 * coda_s)
        vowel_end = min(vowel_end, latest - min(coda_s, 0.5 * (latest - start_s)))
        coda_end = min(vowel_end + coda_s, latest)
    else:
        slot_s = next_s - start_s
        squeeze = min(1.0, (1.0 - VOWEL_SHARE) * slot_s / max(coda_s + onset_s, 1e-9))
        coda_end = latest = next_s - onset_s * squeeze
        vowel_end = coda_end - coda_s * squeeze
    return [
        *_closed(slot, number, start_s, vowel_end, coda_end),
        *_run(following, number + 1, following.shape.onset, following.onset_s, latest, next_s, "onset"),
    ]


def _closed(slot: _Slot, number: int, start_s: float, vowel_end: float, coda_end: float) -> list[PlacedPhone]:
    nucleus = PlacedPhone(
        slot.shape.nucleus, start_s, vowel_end, slot.word, number, "nucleus", slot.shape.mark
    )
    return [nucleus, *_run(slot, number, slot.shape.coda, slot.coda_s, vowel_end, coda_end, "coda")]


def _run(
    slot: _Slot,
    number: int,
    phones: tuple[str, ...],
    lengths_s: tuple[float, ...],
    start_s: float,
    end_s: float,
    role: str,
) -> list[PlacedPhone]:
    """Consonants spread over a span in proportion to their natural lengths."""
    total = sum(lengths_s)
    cuts = [start_s]
    for length in lengths_s:
        cuts.append(cuts[-1] + length / total * (end_s - start_s))
    return [
        PlacedPhone(phone, a, b, slot.word, number, role)
        for phone, (a, b) in zip(phones, pairwise(cuts), strict=True)
    ]


def _word_spans(phones: list[PlacedPhone]) -> tuple[tuple[float, float], ...]:
    spans: dict[int, tuple[float, float]] = {}
    for phone in phones:
        start_s = spans.get(phone.word, (phone.start_s, 0.0))[0]
        spans[phone.word] = (start_s, phone.end_s)
    return tuple(spans[number] for number in sorted(spans))
