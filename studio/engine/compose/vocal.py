"""Words to sung lines: rhythm, pitch, harmony. The same lines are played until a voice can sing them."""

from bisect import bisect_right
from dataclasses import dataclass, field

from studio.engine.chance import dice
from studio.engine.compose.form import Block, Phrase
from studio.engine.compose.melody import Range, Tone, Tune, choose_contours
from studio.engine.compose.rhythm import Feel, make_feel, metric_weight, note_lengths, place_syllables
from studio.engine.score import Chord, Note, Section, SungSyllable, SungWord, VocalLine
from studio.engine.tags import Brief
from studio.engine.theory import SCALES

# Comfortable tessitura (lowest note, how many semitones) by voice; played leads move it by their own range.
VOICE_RANGES = {"f": (57, 74), "m": (50, 67), "": (55, 72)}
SECTION_HEIGHT = {"verse": 0.36, "pre": 0.5, "chorus": 0.66, "post": 0.66, "bridge": 0.56, "solo": 0.6}
SECTION_REACH = 6
MELODY_FEELS = {"chorus": -0.1, "bridge": 0.05}


@dataclass
class Melody:
    """The lead of the whole song: `sung` lines with words, `played` notes where an instrument has the
    tune."""

    sung: list[VocalLine] = field(default_factory=list)
    played: list[Note] = field(default_factory=list)
    phrases: list[tuple[int, list[Note]]] = field(default_factory=list)


@dataclass
class _Draft:
    """What is remembered of a section kind, so that its next appearance is recognised."""

    feel: Feel
    contours: tuple[str, ...]
    pairing: tuple[int, ...]
    rhythms: list[list[float]] = field(default_factory=list)
    stresses: list[tuple[float, ...]] = field(default_factory=list)
    pitches: list[list[int]] = field(default_factory=list)
    fingerprint: tuple[str, ...] = ()
    chords: tuple[str, ...] = ()


class MelodyWriter:
    """Goes through the blocks in order; choruses come back note for note, verses resemble each other."""

    def __init__(self, brief: Brief, sections: tuple[Section, ...], chords: tuple[Chord, ...]) -> None:
        self.brief, self.sections, self.chord_at = brief, sections, ChordLookup(chords)
        self.drafts: dict[str, _Draft] = {}
        self.melody = Melody()

    def write(self, blocks: list[Block]) -> Melody:
        for index, block in enumerate(blocks):
            if block.phrases:
                self._write_block(index, block)
        self.melody.phrases = _parted(self.melody.phrases)
        return self._assembled(blocks)

    def _write_block(self, index: int, block: Block) -> None:
        section = self.sections[index]
        old = self.drafts.get(block.kind)
        draft = old or self._new_draft(block)
        tune = Tune(self.brief.seed, section.tonic, self.brief.mode, self.brief.weirdness)
        repeat = old is not None and old.fingerprint == block.fingerprint and bool(block.fingerprint)
        lift = (section.tonic - self.sections[0].tonic + 6) % 12 - 6
        span = self._range(block.kind, lift)
        fresh = _Draft(draft.feel, draft.contours, draft.pairing, fingerprint=block.fingerprint)
        beat = section.start_beat
        for number, phrase in enumerate(block.phrases):
            onsets = self._onsets(phrase, draft, fresh, number, repeat, index)
            tones = self._tones(phrase, onsets, beat)
            pitches = self._pitches(tune, tones, span, draft, fresh, number, block, repeat, lift)
            fresh.rhythms.append(onsets)
            fresh.stresses.append(phrase.stresses)
            fresh.pitches.append([pitch - lift for pitch in pitches])
            self.melody.phrases.append((index, self._notes(phrase, onsets, pitches, beat, section)))
            beat += phrase.bars * self.brief.bar_beats
        if old is None or repeat:
            self.drafts[block.kind] = fresh

    def _new_draft(self, block: Block) -> _Draft:
        rng = dice(self.brief.seed, "draft", block.kind)
        syncopation = (
            self.brief.card.syncopation
            + MELODY_FEELS.get(block.kind, 0.0)
            + 0.2 * (self.brief.weirdness - 0.3)
        )
        feel = make_feel(
            self.brief.meter, self.brief.bar_beats, max(0.0, min(1.0, syncopation)), self.brief.weirdness, rng
        )
        pairing = rng.choice(((0, 1, 0, 1), (0, 0, 2, 0), (0, 1, 0, 3), (0, 0, 0, 3)))
        return _Draft(feel, choose_contours(self.brief.seed, block.kind), pairing)

    def _range(self, kind: str, lift: int) -> Range:
        low, high = lead_range(self.brief)
        centre = low + (high - low) * SECTION_HEIGHT.get(kind, 0.5) + max(0, lift) * 0.5
        bottom = max(low, round(centre) - SECTION_REACH)
        return Range(bottom, min(high + max(0, lift), bottom + 2 * SECTION_REACH), centre)

    def _onsets(
        self, phrase: Phrase, draft: _Draft, fresh: _Draft, number: int, repeat: bool, index: int
    ) -> list[float]:
        """The rhythm of the same line before, if it has as many syllables; else a new one in the same
        feel."""
        if repeat and number < len(draft.rhythms) and len(draft.rhythms[number]) == len(phrase.stresses):
            return draft.rhythms[number]
        model = draft.pairing[number % 4] + number - number % 4
        if model < number and fresh.stresses[model] == phrase.stresses:
            return fresh.rhythms[model]
        first_phrase = not self.melody.phrases
        return place_syllables(
            phrase, draft.feel, pickup=not first_phrase or self.sections[index].start_beat > 0
        )

    def _tones(self, phrase: Phrase, onsets: list[float], beat: float) -> list[Tone]:
        tones = []
        last = max(1e-6, onsets[-1] - onsets[0])
        for i, onset in enumerate(onsets):
            at = beat + onset
            strong = metric_weight(self.brief.meter, at, self.brief.bar_beats)
            gap = (onsets[i + 1] - onset) if i + 1 < len(onsets) else 2.0
            weight = min(1.0, 0.5 * strong + 0.35 * min(1.0, gap / 1.5) + 0.3 * phrase.stresses[i])
            tones.append(
                Tone(self._chord_for(at, gap), weight, (onset - onsets[0]) / last, phrase.stresses[i])
            )
        return tones

    def _chord_for(self, at: float, gap: float) -> Chord:
        """An anticipation is heard with the chord it anticipates."""
        chord = self.chord_at(at)
        ahead = chord.end_beat - at
        return self.chord_at(chord.end_beat + 0.01) if 0 < ahead <= 0.5 and gap > ahead + 0.24 else chord

    def _pitches(
        self,
        tune: Tune,
        tones: list[Tone],
        span: Range,
        draft: _Draft,
        fresh: _Draft,
        number: int,
        block: Block,
        repeat: bool,
        lift: int,
    ) -> list[int]:
        if repeat and number < len(draft.pitches) and len(draft.pitches[number]) == len(tones):
            return [pitch + lift for pitch in draft.pitches[number]]
        motif = self._motif(draft, fresh, number, lift)
        ending = "closed" if number == len(block.phrases) - 1 or number % 4 == 3 else "open"
        contour = draft.contours[number % 4]
        label = f"{block.kind} {block.name} {number}"
        return tune.write(tones, span, label=label, contour=contour, ending=ending, motif=motif)

    def _motif(self, draft: _Draft, fresh: _Draft, number: int, lift: int) -> list[int] | None:
        model = draft.pairing[number % 4] + number - number % 4
        if model < number and model < len(fresh.pitches):
            return [pitch + lift for pitch in fresh.pitches[model]]
        if number < len(draft.pitches):
            return [pitch + lift for pitch in draft.pitches[number]]
        return None

    def _notes(
        self, phrase: Phrase, onsets: list[float], pitches: list[int], beat: float, section: Section
    ) -> list[Note]:
        slot = phrase.bars * self.brief.bar_beats
        lengths = note_lengths(onsets, slot, slot, phrase.word_ends)
        base = 74 + round(26 * section.energy)
        return [
            Note(beat + onset, length, pitch, min(124, round(base + 16 * (stress - 0.4))))
            for onset, length, pitch, stress in zip(onsets, lengths, pitches, phrase.stresses, strict=True)
        ]

    def _assembled(self, blocks: list[Block]) -> Melody:
        phrases = [(index, phrase) for index, block in enumerate(blocks) for phrase in block.phrases]
        for (index, phrase), (_, notes) in zip(phrases, self.melody.phrases, strict=True):
            if phrase.words:
                self.melody.sung.append(VocalLine(index, _sung_words(phrase, notes)))
            else:
                self.melody.played += notes
        return self.melody


def _parted(phrases: list[tuple[int, list[Note]]]) -> list[tuple[int, list[Note]]]:
    """No note may last into the next phrase, whose pickup can begin before its bar line."""
    out = []
    for (index, notes), following in zip(phrases, [*phrases[1:], (0, [])], strict=True):
        limit = following[1][0].start_beat if following[1] else float("inf")
        out.append((index, [_cut(note, limit) for note in notes]))
    return out


def _cut(note: Note, limit: float) -> Note:
    length = min(note.length_beats, max(0.1, limit - note.start_beat))
    return Note(note.start_beat, length, note.pitch, note.velocity)


def _sung_words(phrase: Phrase, notes: list[Note]) -> tuple[SungWord, ...]:
    rest = iter(notes)
    return tuple(
        SungWord(
            word.text,
            tuple(SungSyllable(s.text, s.stress, (next(rest),), s.phones) for s in word.syllables),
        )
        for word in phrase.words
    )  # fmt: skip


def lead_range(brief: Brief) -> tuple[int, int]:
    """Lowest and highest pitch of the lead: the voice's register, moved by octaves into the instrument's."""
    low, high = VOICE_RANGES[brief.gender]
    floor = INSTRUMENT_FLOORS.get(brief.lead, 48)
    ceiling = INSTRUMENT_CEILINGS.get(brief.lead, 84)
    while low < floor and high + 12 <= ceiling + 5:
        low, high = low + 12, high + 12
    while high > ceiling and low - 12 >= floor - 5:
        low, high = low - 12, high - 12
    return low, high


# Where the samples sound like the instrument, as MIDI pitches.
INSTRUMENT_FLOORS = {
    "flute": 62, "clarinet": 52, "oboe": 60, "violin": 57, "fiddle": 57, "viola": 50, "soprano sax": 58,
    "alto sax": 51, "tenor sax": 46, "trumpet": 55, "muted trumpet": 55, "trombone": 42, "harmonica": 60,
    "whistle": 67, "pan flute": 60, "ocarina": 62, "english horn": 54, "shakuhachi": 58, "cello": 40,
    "french horns": 43, "vibraphone": 55, "soft lead": 57, "synth lead": 55,
}  # fmt: skip
INSTRUMENT_CEILINGS = {
    "tenor sax": 74, "trombone": 68, "cello": 69, "french horns": 72, "alto sax": 78, "english horn": 78,
    "viola": 78, "overdriven guitar": 80, "clean guitar": 79, "jazz guitar": 76,
}  # fmt: skip


def harmony_below(notes: list[Note], chords_at: "ChordLookup", tonic: int, mode: str) -> list[Note]:
    """A second part a third or fourth below, bent to the chord where the tune rests on it."""
    scale = {(tonic + step) % 12 for step in SCALES[mode]}
    out = []
    for note in notes:
        tones = chords_at(note.start_beat).pitch_classes
        options = [note.pitch - step for step in (3, 4, 5, 6, 8, 9)]
        best = min(options, key=lambda p: _harmony_cost(p, note, tones, scale))
        out.append(Note(note.start_beat, note.length_beats, best, max(30, note.velocity - 14)))
    return out


def _harmony_cost(pitch: int, note: Note, tones: frozenset[int], scale: set[int]) -> float:
    distance = note.pitch - pitch
    cost = {3: 0.0, 4: 0.0, 5: 0.5, 8: 0.7, 9: 0.7}.get(distance, 2.5)
    cost += 0.0 if pitch % 12 in tones else (0.6 if note.length_beats < 0.75 else 1.4)
    return cost + (0.0 if pitch % 12 in scale or pitch % 12 in tones else 3.0)


class ChordLookup:
    """The chord that sounds at a beat."""

    def __init__(self, chords: tuple[Chord, ...]) -> None:
        self.chords = chords
        self.starts = [chord.start_beat for chord in chords]

    def __call__(self, beat: float) -> Chord:
        return self.chords[max(0, bisect_right(self.starts, beat + 1e-6) - 1)]
