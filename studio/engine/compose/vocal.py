"""Words to sung lines: rhythm, pitch, and who sings what. Wordless phrases go to the lead instrument."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from studio.engine.chance import dice
from studio.engine.compose.backing import AdlibWriter, ChordLookup, chorus_voices, sung_words, with_turns
from studio.engine.compose.form import Block, Phrase, shortest_gap_beats
from studio.engine.compose.melody import Range, Tone, Tune, choose_contours
from studio.engine.compose.phrasing import common_words, echo_of, into_range, parted, text_of
from studio.engine.compose.ranges import is_rapped, lead_range, voice_range
from studio.engine.compose.rhythm import Feel, make_feel, metric_weight, note_lengths, place_syllables
from studio.engine.persona import Persona
from studio.engine.score import Chord, Note, Section, VocalLine
from studio.engine.tags import Brief

SECTION_HEIGHT = {"verse": 0.36, "pre": 0.5, "chorus": 0.66, "post": 0.66, "bridge": 0.56, "solo": 0.6}
SECTION_REACH = 6
# How much more or less a kind of section syncopates, and how firmly its lines keep to one rhythmic figure.
MELODY_FEELS = {"chorus": -0.1, "bridge": 0.05}
BREATH_BEATS = 0.5
RAP_WANDER = 2.2
HOOK = {"chorus": 1.1, "post": 1.1, "pre": 0.7}


@dataclass
class Melody:
    """The tune of the whole song: `sung` lines in the lyrics' order (lead and ad-libs), `backing` lines that
    repeat their words, `played` notes where an instrument has the tune. `phrases` are (section, notes) of
    everything in order, `played_phrases` of the instrument alone."""

    sung: list[VocalLine] = field(default_factory=list)
    backing: list[VocalLine] = field(default_factory=list)
    played: list[Note] = field(default_factory=list)
    phrases: list[tuple[int, list[Note]]] = field(default_factory=list)
    played_phrases: list[tuple[int, list[Note]]] = field(default_factory=list)

    @property
    def adlib_spans(self) -> list[tuple[float, float]]:
        """Beats in which somebody answers already."""
        asides = [line for line in self.sung if line.part == "adlib"]
        return [(line.notes[0].start_beat, line.notes[-1].end_beat) for line in asides]


@dataclass
class _Draft:
    """What is remembered of a section kind, so that its next appearance is recognised."""

    feel: Feel
    contours: tuple[str, ...]
    pairing: tuple[int, ...]
    rhythms: list[list[float]] = field(default_factory=list)
    stresses: list[tuple[float, ...]] = field(default_factory=list)
    pitches: list[list[int]] = field(default_factory=list)
    texts: list[tuple[str, ...]] = field(default_factory=list)
    fingerprint: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    """Where a phrase stands: its section, number, first beat, range, and how far the key has risen."""

    index: int
    number: int
    beat: float
    span: Range
    lift: int
    is_repeat: bool


class MelodyWriter:
    """Goes through the blocks in order; choruses come back note for note, verses resemble each other."""

    def __init__(
        self,
        brief: Brief,
        sections: tuple[Section, ...],
        chords: tuple[Chord, ...],
        persona: Persona | None = None,
    ) -> None:
        self.brief, self.sections, self.persona = brief, sections, persona
        self.chord_at = ChordLookup(chords)
        self.is_rap = is_rapped(brief, persona)
        self.drafts: dict[str, _Draft] = {}
        self.melody = Melody()

    def write(self, blocks: list[Block]) -> Melody:
        for index, block in enumerate(blocks):
            if block.phrases:
                self._write_block(index, block)
        self.melody.phrases = parted(self.melody.phrases)
        self._assemble(blocks)
        return self.melody

    def _write_block(self, index: int, block: Block) -> None:
        section = self.sections[index]
        old = self.drafts.get(block.kind)
        draft = old or self._new_draft(block)
        # Speech wanders more freely over its few pitches than a tune does.
        wander = RAP_WANDER if self.is_rap and block.lead == "sung" else 1.0
        tune = Tune(self.brief.seed, section.tonic, self.brief.mode, self.brief.weirdness, wander)
        is_repeat = old is not None and old.fingerprint == block.fingerprint and bool(block.fingerprint)
        lift = (section.tonic - self.sections[0].tonic + 6) % 12 - 6
        span = self._range(block, lift)
        fresh = _Draft(draft.feel, draft.contours, draft.pairing, fingerprint=block.fingerprint)
        beat = section.start_beat
        for number, phrase in enumerate(block.phrases):
            place = _Place(index, number, beat, span, lift, is_repeat)
            fresh.texts.append(text_of(phrase))
            onsets = self._onsets(phrase, draft, fresh, place)
            pitches = self._pitches(tune, self._tones(phrase, onsets, beat), draft, fresh, block, place)
            fresh.rhythms.append(onsets)
            fresh.stresses.append(phrase.stresses)
            fresh.pitches.append([pitch - lift for pitch in pitches])
            self.melody.phrases.append((index, self._notes(phrase, onsets, pitches, beat, section)))
            beat += phrase.bars * self.brief.bar_beats
        if old is None or (is_repeat and len(fresh.pitches) >= len(old.pitches) and block.lead == "sung"):
            self.drafts[block.kind] = fresh

    def _new_draft(self, block: Block) -> _Draft:
        brief = self.brief
        rng = dice(brief.seed, "draft", block.kind)
        syncopation = (
            brief.card.syncopation + MELODY_FEELS.get(block.kind, 0.0) + 0.3 * (brief.weirdness - 0.3)
        )
        is_rap = self.is_rap and block.lead == "sung"
        feel = make_feel(
            brief.meter, brief.bar_beats, max(0.0, min(1.0, syncopation)), brief.weirdness, rng,
            vocabulary=self._vocabulary(block), least_beats=shortest_gap_beats(brief),
            hook=HOOK.get(block.kind, 0.5), is_rap=is_rap,
        )  # fmt: skip
        pairing = rng.choice(((0, 1, 0, 1), (0, 0, 2, 0), (0, 1, 0, 3), (0, 0, 0, 3), (0, 1, 1, 0)))
        return _Draft(feel, choose_contours(brief.seed, block.kind), pairing)

    def _vocabulary(self, block: Block) -> str:
        """The style's note values; the bridge, and now and then a verse, borrows the other style's."""
        card, second = self.brief.card, self.brief.second
        rng = dice(self.brief.seed, "vocabulary", block.kind)
        if second is not card and rng.random() < self.brief.blend:
            return second.vocabulary
        if self.is_rap and self.brief.meter == "4/4" and block.lead == "sung":
            # Triplets are distorted by swing, which is felt in pairs.
            return "triplets" if not card.swing and rng.random() < 0.45 else "sixteenths"
        return card.vocabulary

    def _range(self, block: Block, lift: int) -> Range:
        if block.lead == "sung":
            low, high = voice_range(self.brief, self.persona)
            if self.is_rap:
                return Range(low, high, (low + high) / 2)
        else:
            low, high = lead_range(self.brief)
        centre = low + (high - low) * SECTION_HEIGHT.get(block.kind, 0.5) + max(0, lift) * 0.5
        bottom = max(low, round(centre) - SECTION_REACH)
        return Range(bottom, min(high + max(0, lift), bottom + 2 * SECTION_REACH), centre)

    def _onsets(self, phrase: Phrase, draft: _Draft, fresh: _Draft, place: _Place) -> list[float]:
        """The rhythm of the same line before, if it has as many syllables; else a new one in the same
        feel."""
        number = place.number
        room = self._room_before(place.beat)
        if place.is_repeat and number < len(draft.rhythms):
            known = draft.rhythms[number]
            if len(known) == len(phrase.stresses) and known[0] >= -room:
                return known
        model = self._model(fresh, draft, phrase, number)
        answered = fresh.rhythms[model] if model < number else None
        if answered and fresh.stresses[model] == phrase.stresses and answered[0] >= -room:
            return answered
        noise = dice(self.brief.seed, "rhythm", self.sections[place.index].name, place.index, number)
        feel = draft.feel
        if phrase.part == "adlib":
            slot = phrase.bars * self.brief.bar_beats
            feel = replace(feel, entry_beats=0.0, span=min(feel.span, 0.55 * len(phrase.stresses) / slot))
        firmness = 0.9 if answered and self._shared(fresh, phrase, number, model) else 0.4
        return place_syllables(phrase, feel, room_beats=room, model=answered, firmness=firmness, noise=noise)

    def _room_before(self, beat: float) -> float:
        """Beats before a phrase in which its pickup may stand: after the line before, with a breath."""
        if not self.melody.phrases:
            return min(beat, self.brief.bar_beats)
        return beat - self.melody.phrases[-1][1][-1].start_beat - BREATH_BEATS

    def _tones(self, phrase: Phrase, onsets: list[float], beat: float) -> list[Tone]:
        tones = []
        last = max(1e-6, onsets[-1] - onsets[0])
        for i, onset in enumerate(onsets):
            at = beat + onset
            strong = metric_weight(self.brief.meter, at, self.brief.bar_beats)
            gap = (onsets[i + 1] - onset) if i + 1 < len(onsets) else 2.0
            weight = min(1.0, 0.5 * strong + 0.35 * min(1.0, gap / 1.5) + 0.3 * phrase.stresses[i])
            chord = self._chord_for(at, gap)
            tones.append(Tone(chord, weight, (onset - onsets[0]) / last, phrase.stresses[i]))
        return tones

    def _chord_for(self, at: float, gap: float) -> Chord:
        """An anticipation is heard with the chord it anticipates."""
        chord = self.chord_at(at)
        ahead = chord.end_beat - at
        return self.chord_at(chord.end_beat + 0.01) if 0 < ahead <= 0.5 and gap > ahead + 0.24 else chord

    def _pitches(
        self, tune: Tune, tones: list[Tone], draft: _Draft, fresh: _Draft, block: Block, place: _Place
    ) -> list[int]:
        number, lift = place.number, place.lift
        if place.is_repeat and number < len(draft.pitches) and len(draft.pitches[number]) == len(tones):
            return into_range([pitch + lift for pitch in draft.pitches[number]], place.span)
        model = self._model(fresh, draft, block.phrases[number], number)
        is_same = model < number and fresh.texts[model] == fresh.texts[number] != ()
        if is_same and len(fresh.pitches[model]) == len(tones):
            # A line that comes again has the same tune, which makes it a hook, unless the chords forbid it.
            again = [pitch + lift for pitch in fresh.pitches[model]]
            strange = [
                t.weight for t, p in zip(tones, again, strict=True) if p % 12 not in t.chord.pitch_classes
            ]
            if sum(weight >= 0.75 for weight in strange) <= 1:
                return again
        motif = self._motif(draft, fresh, number, model, lift)
        ending = "closed" if number == len(block.phrases) - 1 or number % 4 == 3 else "open"
        contour = draft.contours[number % 4]
        label = f"{block.kind} {block.name} {number}"
        held = self._shared(fresh, block.phrases[number], number, model) if model < number else 0.0
        return tune.write(
            tones, place.span, label=label, contour=contour, ending=ending, motif=motif, held=held
        )

    def _model(self, fresh: _Draft, draft: _Draft, phrase: Phrase, number: int) -> int:
        """The line of this section that this one resembles: with the same first words, else by its place in
        the stanza; its own number when it resembles none."""
        text = text_of(phrase)
        alike = [(common_words(text, other), -i) for i, other in enumerate(fresh.texts[:number])]
        best = max(alike, default=(0, 0))
        if best[0] >= 2 or (text and best[0] == len(text)):
            return -best[1]
        return draft.pairing[number % 4] + number - number % 4

    def _shared(self, fresh: _Draft, phrase: Phrase, number: int, model: int) -> float:
        """The share of a line, from its beginning, whose words its model has too."""
        words = common_words(fresh.texts[number], fresh.texts[model])
        if words < 2:
            return 0.0
        return sum(len(word.syllables) for word in phrase.words[:words]) / len(phrase.stresses)

    def _motif(self, draft: _Draft, fresh: _Draft, number: int, model: int, lift: int) -> list[int] | None:
        if model < number and model < len(fresh.pitches):
            return [pitch + lift for pitch in fresh.pitches[model]]
        if number < len(draft.pitches):
            return [pitch + lift for pitch in draft.pitches[number]]
        return None

    def _notes(
        self, phrase: Phrase, onsets: list[float], pitches: list[int], beat: float, section: Section
    ) -> list[Note]:
        slot = phrase.bars * self.brief.bar_beats
        lengths = note_lengths(onsets, slot, phrase, legato=self.brief.card.legato)
        base = 74 + round(26 * section.energy)
        return [
            Note(beat + onset, length, pitch, min(124, round(base + 16 * (stress - 0.4))))
            for onset, length, pitch, stress in zip(onsets, lengths, pitches, phrase.stresses, strict=True)
        ]

    def _assemble(self, blocks: list[Block]) -> None:
        """Lines with words for the voices, notes for the instrument."""
        phrases = [(index, phrase) for index, block in enumerate(blocks) for phrase in block.phrases]
        noted = self.melody.phrases
        end_beat = self.sections[-1].end_beat
        span = voice_range(self.brief, self.persona)
        adlibs = AdlibWriter(self.brief, self.chord_at, span, end_beat)
        for number, ((index, phrase), (_, notes)) in enumerate(zip(phrases, noted, strict=True)):
            if not phrase.words:
                self.melody.played += notes
                self.melody.played_phrases.append((index, notes))
                continue
            following = noted[number + 1][1][0].start_beat if number + 1 < len(noted) else end_beat
            self._sing(index, phrase, notes, following, adlibs)
        lead = [line for line in self.melody.sung if line.part == "lead"]
        self.melody.backing = chorus_voices(
            self.brief, lead, self.sections, self.chord_at, span, is_rap=self.is_rap
        )

    def _sing(
        self, index: int, phrase: Phrase, notes: list[Note], following: float, adlibs: AdlibWriter
    ) -> None:
        """One phrase as lead lines, parted where an ad-lib stands between them."""
        section = self.sections[index]
        if phrase.part == "adlib":
            notes = adlibs.later(notes)
        done, sung = 0, 0
        for at, words in (*phrase.adlibs, (len(phrase.words), ())):
            if at > done:
                piece = phrase.words[done:at]
                count = sum(len(word.syllables) for word in piece)
                line = VocalLine(index, sung_words(piece, notes[sung : sung + count]), phrase.part)
                if phrase.part == "lead" and not self.is_rap:
                    line = with_turns(line, self.brief, section)
                self.melody.sung.append(line)
                done, sung = at, sung + count
            if words:
                before = notes[sung - 1] if sung else None
                next_beat = notes[sung].start_beat if sung < len(notes) else following
                count = sum(len(word.syllables) for word in words)
                echo = echo_of(phrase.words[:at], words, [note.pitch for note in notes[:sung]], count)
                self.melody.sung.append(adlibs.write(words, index, section, before, next_beat, echo))
