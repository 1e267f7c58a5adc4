"""From beats to seconds: swing, ritardando, human timing and touch, and the timeline of the words."""

import math
from bisect import bisect_left
from dataclasses import dataclass

from studio.engine.chance import dice
from studio.engine.score import Instrument, Note, Score, Track
from studio.engine.spec import TimedWord

LEAD_IN_S = 0.06
RING_S = 2.6
# How far each role strays from the grid, relative to the song's looseness, and how it leans (milliseconds).
LOOSE = {"drums": 0.5, "percussion": 0.8, "bass": 0.6, "kick": 0.5, "riser": 0.0, "arp": 0.3, "lead": 1.0}
LEAN_MS = {"bass": 2.0, "lead": 6.0, "harmony": 9.0, "double": 8.0, "strings": 4.0}
LAID_BACK = ("soul", "hip-hop", "lo-fi", "reggae", "blues")
SNARES = (37, 38, 39)


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


@dataclass(frozen=True)
class PlayedTrack:
    role: str
    instrument: Instrument
    notes: tuple[Played, ...]


@dataclass(frozen=True)
class Performance:
    """Everything in seconds. `kicks_s` are the bass drum's hits, for ducking."""

    tracks: tuple[PlayedTrack, ...]
    words: tuple[TimedWord, ...]
    sections: tuple[tuple[str, float, float], ...]
    kicks_s: tuple[float, ...]
    duration_s: float


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
    """Play the score as people would. Deterministic; note order and count are the score's."""
    clock = Clock(score)
    tracks = tuple(_play(score, track, clock) for track in score.tracks)
    sections = tuple(
        (s.name, round(clock.plain(s.start_beat), 3), round(clock.plain(s.end_beat), 3))
        for s in score.sections
    )
    last_s = max((n.end_s for track in tracks for n in track.notes), default=0.0)
    duration_s = max(sections[-1][2], min(last_s, sections[-1][2] + 1.0)) + RING_S
    drums = next((t for t in tracks if t.role == "drums"), None)
    kicks = tuple(n.start_s for n in drums.notes if n.pitch == 36) if drums else ()
    return Performance(tracks, _timeline(score, tracks), sections, kicks, round(duration_s, 3))


def _play(score: Score, track: Track, clock: Clock) -> PlayedTrack:
    loose_s = score.looseness_ms / 1000 * LOOSE.get(track.role, 0.8)
    lean_s = LEAN_MS.get(track.role, 0.0) / 1000
    rng = dice(score.seed, "touch", track.role)
    shifts: dict[float, float] = {}
    notes = []
    for note in track.notes:
        at = round(note.start_beat, 3)
        # Notes struck together by one hand share their lateness.
        shift = shifts.setdefault(at, max(-2.0, min(2.0, rng.gauss(0.0, 1.0))) * loose_s + lean_s)
        if track.role == "drums" and score.style in LAID_BACK and note.pitch in SNARES:
            shift += 0.011
        start = max(0.0, clock(note.start_beat) + shift)
        end = max(start + 0.03, clock(note.end_beat) + shift * 0.5)
        velocity = max(8, min(127, round(note.velocity + rng.gauss(0.0, 3.5))))
        notes.append(Played(start, end, note.pitch, velocity))
    if track.role == "lead":
        notes = _monotone(notes)
    return PlayedTrack(track.role, track.instrument, tuple(notes))


def _monotone(notes: list[Played]) -> list[Played]:
    """One breath: a note of the tune ends where the next begins, and never starts before the last one."""
    out: list[Played] = []
    for note in notes:
        start = note.start_s if not out else max(note.start_s, out[-1].start_s + 0.03)
        if out and out[-1].end_s > start:
            old = out[-1]
            out[-1] = Played(old.start_s, start, old.pitch, old.velocity)
        out.append(Played(start, max(note.end_s, start + 0.03), note.pitch, note.velocity))
    return out


def _timeline(score: Score, tracks: tuple[PlayedTrack, ...]) -> tuple[TimedWord, ...]:
    """Each word from its first syllable's note to its last one's, as performed."""
    lead = score.track("lead")
    played = next((track for track in tracks if track.role == "lead"), None)
    if lead is None or played is None:
        return ()
    starts = [note.start_beat for note in lead.notes]
    words = []
    for line in score.vocals:
        for word in line.words:
            first = _find(starts, word.syllables[0].notes[0])
            last = _find(starts, word.syllables[-1].notes[-1])
            words.append(
                TimedWord(
                    word.text, round(played.notes[first].start_s, 3), round(played.notes[last].end_s, 3)
                )
            )
    return tuple(words)


def _find(starts: list[float], note: Note) -> int:
    return bisect_left(starts, note.start_beat - 1e-6)
