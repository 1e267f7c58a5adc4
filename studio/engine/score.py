"""The score: everything that is played and sung, in beats. A beat is a quarter note in every meter."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from studio.engine.persona import Persona

STEMS = (
    "vocals", "backing vocals", "drums", "bass", "guitar", "keyboard",
    "percussion", "strings", "synth", "fx", "brass", "woodwinds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    start_beat: float
    length_beats: float
    pitch: int
    velocity: int

    @property
    def end_beat(self) -> float:
        return self.start_beat + self.length_beats


@dataclass(frozen=True, slots=True)
class Chord:
    """`root` and `bass` are pitch classes 0-11, `intervals` semitones above the root."""

    start_beat: float
    length_beats: float
    root: int
    intervals: tuple[int, ...]
    bass: int
    symbol: str

    @property
    def pitch_classes(self) -> frozenset[int]:
        return frozenset((self.root + step) % 12 for step in self.intervals)

    @property
    def end_beat(self) -> float:
        return self.start_beat + self.length_beats


@dataclass(frozen=True, slots=True)
class Section:
    """`energy` in 0..1 decides who plays and how hard; `tonic` is the pitch class in force here."""

    kind: str
    name: str
    start_beat: float
    length_beats: float
    energy: float
    tonic: int

    @property
    def end_beat(self) -> float:
        return self.start_beat + self.length_beats


@dataclass(frozen=True, slots=True)
class SungSyllable:
    """A syllable and the notes it is sung on: one, or several when it is stretched over a turn. `phones` is
    how it sounds, in the voice's phoneme alphabet, a stress mark before the vowel."""

    text: str
    stress: float
    notes: tuple[Note, ...]
    phones: str = ""


@dataclass(frozen=True, slots=True)
class SungWord:
    """`text` is the timeline's text: header before, space or line break after."""

    text: str
    syllables: tuple[SungSyllable, ...]


@dataclass(frozen=True, slots=True)
class VocalLine:
    """What one breath sings. `part` is lead, adlib, harmony or double. Every word of the lyrics stands once
    in the lead and ad-lib lines, which are in the lyrics' order; the others repeat words of the lead."""

    section: int
    words: tuple[SungWord, ...]
    part: str = "lead"

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(note for word in self.words for syllable in word.syllables for note in syllable.notes)


@dataclass(frozen=True, slots=True)
class Instrument:
    """Either a preset of the sample bank (`bank`, `program`) or one of our synthesizers (`synth`)."""

    name: str
    stem: str
    program: int = 0
    bank: int = 0
    synth: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    role: str
    instrument: Instrument
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Score:
    """A whole song. `vocals` hold the words; the `lead` and `harmony` tracks have the tune where nobody
    sings. `swing` is the delay of the off-beat in units of `swing_unit_beats`, 0 to 0.34."""

    version: str
    seed: int
    title: str
    tags: str
    lyrics: str
    style: str
    meter: str
    bar_beats: float
    bpm: float
    tonic: int
    mode: str
    key: str
    swing: float
    swing_unit_beats: float
    looseness_ms: float
    ritardando: float
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    vocals: tuple[VocalLine, ...]
    tracks: tuple[Track, ...]
    mix: str
    remarks: tuple[str, ...] = ()
    persona: Persona | None = None

    @property
    def length_beats(self) -> float:
        return self.sections[-1].end_beat

    @property
    def tune(self) -> tuple[Note, ...]:
        """The melody in time order, whoever has it: the lead lines' notes and the lead track's."""
        lead = self.track("lead")
        sung = [note for line in self.vocals if line.part == "lead" for note in line.notes]
        return tuple(sorted((*sung, *(lead.notes if lead else ())), key=lambda note: note.start_beat))

    def track(self, role: str) -> Track | None:
        return next((track for track in self.tracks if track.role == role), None)

    def chord_at(self, beat: float) -> Chord:
        for chord in self.chords:
            if beat < chord.end_beat - 1e-6:
                return chord
        return self.chords[-1]

    def section_at(self, beat: float) -> Section:
        for section in self.sections:
            if beat < section.end_beat - 1e-6:
                return section
        return self.sections[-1]


def to_json(score: Score) -> str:
    """The score as JSON; notes are [start_beat, length_beats, pitch, velocity] to keep the file small."""
    plain = asdict(replace(score, vocals=(), tracks=(), chords=()))
    plain["chords"] = [asdict(chord) for chord in score.chords]
    plain["tracks"] = [
        {"role": t.role, "instrument": asdict(t.instrument), "notes": _pack(t.notes)} for t in score.tracks
    ]
    plain["vocals"] = [
        {"section": line.section, "part": line.part, "words": [_pack_word(word) for word in line.words]}
        for line in score.vocals
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Score:
    """The inverse of `to_json`."""
    plain = json.loads(text)
    plain["sections"] = tuple(Section(**item) for item in plain["sections"])
    plain["chords"] = tuple(
        Chord(**{**item, "intervals": tuple(item["intervals"])}) for item in plain["chords"]
    )
    plain["tracks"] = tuple(
        Track(item["role"], Instrument(**item["instrument"]), _unpack(item["notes"]))
        for item in plain["tracks"]
    )
    plain["vocals"] = tuple(
        VocalLine(item["section"], tuple(_unpack_word(word) for word in item["words"]), item["part"])
        for item in plain["vocals"]
    )
    plain["remarks"] = tuple(plain["remarks"])
    persona = plain["persona"]
    plain["persona"] = persona and Persona(**{**persona, "comfort_hz": tuple(persona["comfort_hz"])})
    return Score(**plain)


def _pack(notes: tuple[Note, ...]) -> list[list[float]]:
    return [[round(n.start_beat, 4), round(n.length_beats, 4), n.pitch, n.velocity] for n in notes]


def _unpack(rows: list[list[Any]]) -> tuple[Note, ...]:
    return tuple(Note(*row) for row in rows)


def _pack_word(word: SungWord) -> dict[str, Any]:
    syllables = [
        {"text": s.text, "stress": s.stress, "notes": _pack(s.notes), "phones": s.phones}
        for s in word.syllables
    ]
    return {"text": word.text, "syllables": syllables}


def _unpack_word(item: dict[str, Any]) -> SungWord:
    syllables = tuple(
        SungSyllable(s["text"], s["stress"], _unpack(s["notes"]), s["phones"]) for s in item["syllables"]
    )
    return SungWord(item["text"], syllables)
