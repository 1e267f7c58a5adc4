"""From beats to seconds: swing, ritardando, human timing and touch, of players and singers alike."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, overload

from studio.engine.chance import dice
from studio.engine.score import Instrument, Note, Score, Track, VocalLine
from studio.engine.spec import TimedWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAD_IN_S = 0.06
RING_S = 2.6
# How long after the last bar the last chord is let go, and how far it has died away by then.
RING_ON_S = 1.8
RING_FALL_DB = 38.0
RING_EARLY_S = 0.12
SHORTEST_S = 0.03
# How far each role strays from the grid, relative to the song's looseness, and how it leans (milliseconds).
LOOSE = {
    "drums": 0.5,
    "percussion": 0.8,
    "bass": 0.6,
    "kick": 0.5,
    "riser": 0.0,
    "arp": 0.3,
    "lead": 1.0,
    "adlib": 1.2,
    "harmony": 0.9,
    "double": 0.9,
}
LEAN_MS = {"bass": 2.0, "lead": 6.0, "adlib": 10.0, "harmony": 9.0, "double": 8.0, "strings": 4.0}
LAID_BACK = ("soul", "hip-hop", "lo-fi", "reggae", "blues")
SNARES = (37, 38, 39)
# Parts that one person sings from beginning to end; harmonies and doubles may be several people.
SOLO_PARTS = ("lead", "adlib")
# Parts whose words are the lyrics' own; the others repeat them.
TEXT_PARTS = ("lead", "adlib")


@dataclass(frozen=True, slots=True)
class Played:
    start_s: float
    end_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class TimedSyllable:
    """A syllable to sing: its phones (score.SungSyllable) and its notes, the vowel belonging on the first
    note's start."""

    phones: str
    stress: float
    notes: tuple[Played, ...]


@dataclass(frozen=True, slots=True)
class TimedLine:
    """One breath of one part, in seconds: words of syllables. `section` indexes the score's sections."""

    section: int
    part: str
    words: tuple[tuple[TimedSyllable, ...], ...]

    @property
    def notes(self) -> tuple[Played, ...]:
        return tuple(note for word in self.words for syllable in word for note in syllable.notes)


@dataclass(frozen=True)
class PlayedTrack:
    """One player. What starts from `ring_from_s` on is the song's last chord, which dies away."""

    role: str
    instrument: Instrument
    notes: tuple[Played, ...]
    ring_from_s: float = math.inf


@dataclass(frozen=True)
class Performance:
    """Everything in seconds. `lines` stand in the order of the score's vocals, `words` in the lyrics' order;
    until a voice has placed its consonants, words span their notes. `kicks_s` are the bass drum's hits, for
    ducking. `unsung` are the numbers of lines that nobody can sing: an instrument plays their tune."""

    tracks: tuple[PlayedTrack, ...]
    words: tuple[TimedWord, ...]
    sections: tuple[tuple[str, float, float], ...]
    kicks_s: tuple[float, ...]
    duration_s: float
    lines: tuple[TimedLine, ...] = ()
    unsung: frozenset[int] = frozenset()


class Clock:
    """Beats to seconds through swing and the slowing down of the last two bars."""

    def __init__(self, score: Score) -> None:
        self.beat_s = 60.0 / score.bpm
        self.swing, self.unit = score.swing, score.swing_unit_beats
        self.slow_from = score.length_beats - 2 * score.bar_beats
        self.slow_by = score.ritardando
        self.slow_over = 2 * score.bar_beats

    def __call__(self, beat: float) -> float:
        return LEAD_IN_S + self.plain(self._swung(beat))

    def plain(self, beat: float) -> float:
        """Seconds without swing or lead-in."""
        late = max(0.0, beat - self.slow_from)
        # Tempo falls linearly, so time grows with the square of the beats into the ending.
        return (beat + self.slow_by * late * late / (2 * self.slow_over)) * self.beat_s

    def _swung(self, beat: float) -> float:
        if not self.swing:
            return beat
        pair = 2 * self.unit
        start = math.floor(beat / pair + 1e-9) * pair
        inside = beat - start
        turn = self.unit * (1.0 + self.swing)
        if inside <= self.unit:
            return start + inside * turn / self.unit
        return start + turn + (inside - self.unit) * (pair - turn) / self.unit


def perform(score: Score) -> Performance:
    """Play and time the score as people would. Deterministic; order and count of notes are the score's.

    Notes of the lead track that a vocal line holds too are the line's alone: who sings does not play.
    """
    clock = Clock(score)
    tracks = tuple(_play(score, track, clock) for track in score.tracks)
    lines = _sing(score, clock)
    sections = tuple(
        (s.name, round(clock.plain(s.start_beat), 3), round(clock.plain(s.end_beat), 3))
        for s in score.sections
    )
    notes = [*(n for track in tracks for n in track.notes), *(n for line in lines for n in line.notes)]
    last_s = max((n.end_s for n in notes), default=0.0)
    duration_s = max(sections[-1][2], min(last_s, sections[-1][2] + 1.0)) + RING_S
    tracks = tuple(
        _rung(track, clock(score.length_beats - score.bar_beats), sections[-1][2]) for track in tracks
    )
    drums = next((t for t in tracks if t.role == "drums"), None)
    kicks = tuple(n.start_s for n in drums.notes if n.pitch == 36) if drums else ()
    spans = [[(word[0].notes[0].start_s, word[-1].notes[-1].end_s) for word in line.words] for line in lines]
    return Performance(
        tuple(track for track in tracks if track.notes),
        timeline(score, spans),
        sections,
        kicks,
        round(duration_s, 3),
        lines,
    )


def timeline(score: Score, spans: list[list[tuple[float, float]]]) -> tuple[TimedWord, ...]:
    """The words of the lyrics with their times. `spans` holds (start_s, end_s) for every word of every line
    of `score.vocals`, in that order."""
    return tuple(
        TimedWord(word.text, round(start_s, 3), round(max(end_s, start_s + 0.02), 3))
        for line, words in zip(score.vocals, spans, strict=True)
        if line.part in TEXT_PARTS
        for word, (start_s, end_s) in zip(line.words, words, strict=True)
    )


def _play(score: Score, track: Track, clock: Clock) -> PlayedTrack:
    hand = _Hand(score, track.role, clock)
    sung = _sung_notes(score) if track.role == "lead" else frozenset()
    notes = [hand.play(note) for note in track.notes if _key(note) not in sung]
    if track.role == "lead":
        notes = _monotone(notes)
    return PlayedTrack(track.role, track.instrument, tuple(notes))


def _rung(track: PlayedTrack, last_bar_s: float, end_s: float) -> PlayedTrack:
    """With the last chord held over the end of the last bar, for whoever plays it to that end."""
    since_s = last_bar_s - RING_EARLY_S
    notes = tuple(
        replace(note, end_s=max(note.end_s, end_s + RING_ON_S))
        if note.start_s >= since_s and note.end_s > end_s - RING_EARLY_S
        else note
        for note in track.notes
    )
    if notes == track.notes or track.instrument.stem == "drums":
        return track
    return replace(track, notes=notes, ring_from_s=round(since_s, 3))


@overload
def ring_gain(place: float) -> float: ...
@overload
def ring_gain(place: "NDArray[np.float64]") -> "NDArray[np.float64]": ...
def ring_gain(place: "float | NDArray[np.float64]") -> "float | NDArray[np.float64]":
    """Gain of a dying chord at a place 0..1 on the way from its stroke to its release."""
    return 10 ** (-RING_FALL_DB / 20 * place**1.4)


def _sung_notes(score: Score) -> frozenset[tuple[float, int]]:
    return frozenset(_key(note) for line in score.vocals if line.part in TEXT_PARTS for note in line.notes)


def _key(note: Note) -> tuple[float, int]:
    return round(note.start_beat, 3), note.pitch


class _Hand:
    """The timing and touch of one player or singer."""

    def __init__(self, score: Score, role: str, clock: Clock, *labels: object) -> None:
        self._clock = clock
        self._loose_s = score.looseness_ms / 1000 * LOOSE.get(role, 0.8)
        self._lean_s = LEAN_MS.get(role, 0.0) / 1000
        self._late_snare = role == "drums" and score.style in LAID_BACK
        self._rng = dice(score.seed, "touch", role, *labels)
        self._shifts: dict[float, float] = {}

    def play(self, note: Note) -> Played:
        """Notes struck together share their lateness."""
        rng, at = self._rng, round(note.start_beat, 3)
        stray = max(-2.0, min(2.0, rng.gauss(0.0, 1.0)))
        shift = self._shifts.setdefault(at, stray * self._loose_s + self._lean_s)
        if self._late_snare and note.pitch in SNARES:
            shift += 0.011
        start = max(0.0, self._clock(note.start_beat) + shift)
        end = max(start + SHORTEST_S, self._clock(note.end_beat) + shift * 0.5)
        velocity = max(8, min(127, round(note.velocity + rng.gauss(0.0, 3.5))))
        return Played(start, end, note.pitch, velocity)


def _monotone(notes: list[Played]) -> list[Played]:
    """One breath: a note of the tune ends where the next begins, and never starts before the last one."""
    out: list[Played] = []
    for note in notes:
        start = note.start_s if not out else max(note.start_s, out[-1].start_s + SHORTEST_S)
        if out and out[-1].end_s > start:
            old = out[-1]
            out[-1] = Played(old.start_s, start, old.pitch, old.velocity)
        out.append(Played(start, max(note.end_s, start + SHORTEST_S), note.pitch, note.velocity))
    return out


def _sing(score: Score, clock: Clock) -> tuple[TimedLine, ...]:
    """Every vocal line in seconds; lines of one singer never overlap."""
    out: dict[int, TimedLine] = {}
    for part in dict.fromkeys(line.part for line in score.vocals):
        mine = [number for number, line in enumerate(score.vocals) if line.part == part]
        mine.sort(key=lambda number: _first_beat(score.vocals[number]))
        groups = [mine] if part in SOLO_PARTS else [[number] for number in mine]
        for group in groups:
            out |= _timed(score, group, clock)
    return tuple(out[number] for number in range(len(score.vocals)))


def _first_beat(line: VocalLine) -> float:
    return line.words[0].syllables[0].notes[0].start_beat


def _timed(score: Score, group: list[int], clock: Clock) -> dict[int, TimedLine]:
    notes = []
    for number in group:
        line = score.vocals[number]
        # A hand for each line, so that a changed line moves no other.
        hand = _Hand(score, line.part, clock, line.section, round(_first_beat(line), 3), line.notes[0].pitch)
        notes += [hand.play(note) for note in line.notes]
    supply = iter(_monotone(notes))
    lines = {}
    for number in group:
        line = score.vocals[number]
        words = tuple(
            tuple(
                TimedSyllable(s.phones, s.stress, tuple(next(supply) for _ in s.notes))
                for s in word.syllables
            )
            for word in line.words
        )
        lines[number] = TimedLine(line.section, line.part, words)
    return lines


def lanes(lines: tuple[TimedLine, ...]) -> list[list[int]]:
    """Numbers of `lines` shared out to singers, so that nobody sings two lines at once: few singers, each
    with their lines in order of time."""
    out: list[list[int]] = []
    for number in sorted(range(len(lines)), key=lambda n: lines[n].notes[0].start_s):
        start_s = lines[number].notes[0].start_s
        free = (lane for lane in out if lines[lane[-1]].notes[-1].end_s <= start_s + SHORTEST_S)
        lane = next(free, None)
        if lane is None:
            out.append([number])
        else:
            lane.append(number)
    return out
