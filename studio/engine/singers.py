"""Casting: which singer sings which line, where they stand, and what to do with a line nobody can sing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.cards import INSTRUMENTS
from studio.engine.chance import derived_seed, dice
from studio.engine.perform import (
    SOLO_PARTS,
    Performance,
    Played,
    PlayedTrack,
    TimedLine,
    TimedSyllable,
    lanes,
    timeline,
)
from studio.engine.persona import Persona
from studio.engine.score import Instrument, Score
from studio.engine.spec import EngineUnavailable

if TYPE_CHECKING:
    from studio.engine.voice import PlacedLine

Mono = NDArray[np.float32]
VOICE_STEM, BACKING_STEM = "vocals", "backing vocals"
LEAD_ROLE = "lead voice"
STRAY_S = 0.011  # how far a double's lines lie from the lead's, one standard deviation
# Who plays a tune that cannot be sung, where the song has no soloist of its own, by mixing board.
SOLOISTS = {
    "pop": "soft lead", "rock": "clean guitar", "wide": "soft lead", "natural": "flute", "warm": "tenor sax",
    "beat": "soft lead", "lofi": "vibraphone", "club": "synth lead", "hall": "oboe",
}  # fmt: skip
MISSING_VOICE = "The singing voice is not installed here, so the tune is played by {name}: {reason}"
UNSUNG_LINES = "{count} of {total} lines cannot be pronounced; their tune is played by {name}."


@dataclass(frozen=True)
class Singer:
    """One person: `role` is their channel on the desk, `place` where they stand (-1 left to 1 right)."""

    role: str
    place: float
    persona: Persona
    lines: tuple[PlacedLine, ...]
    seed: int

    @property
    def stem(self) -> str:
        return VOICE_STEM if self.role == LEAD_ROLE else BACKING_STEM

    @property
    def spans_s(self) -> tuple[tuple[float, float], ...]:
        """(start_s, end_s) of every line."""
        return tuple((line.phones[0].start_s, line.phones[-1].end_s) for line in self.lines)

    def sing(self, samples: int, on_step: Callable[[float], None] | None = None) -> Mono:
        """Dry mono, float32 (samples,) at 44.1 kHz. `on_step` hears the share done and may raise."""
        from studio.engine import voice

        return voice.sing(self.lines, self.persona, samples, seed=self.seed, on_step=on_step)


@dataclass(frozen=True)
class Cast:
    """A performance whose words are where they are sung, and who sings them. `remarks` are sentences."""

    performance: Performance
    singers: tuple[Singer, ...] = ()
    remarks: tuple[str, ...] = ()


def cast(score: Score, performance: Performance) -> Cast:
    """Give every line to a singer; lines that cannot be sung are played. Deterministic."""
    if not performance.lines:
        return Cast(performance)
    try:
        placed, singers = _place(score, performance)
        reason = ""
    except (ImportError, EngineUnavailable) as error:
        placed, singers, reason = {}, (), str(error)
    spans = [
        list(placed[number].words) if number in placed else _note_spans(line)
        for number, line in enumerate(performance.lines)
    ]
    silent = frozenset(range(len(performance.lines))) - placed.keys()
    unsung = [performance.lines[number] for number in sorted(silent)]
    players = _players(score, unsung)
    done = replace(
        performance,
        words=timeline(score, spans),
        tracks=_with_players(performance.tracks, players),
        unsung=silent,
    )
    return Cast(done, singers, _remarks(players, unsung, performance, reason))


def _remarks(
    players: list[PlayedTrack], unsung: list[TimedLine], performance: Performance, reason: str
) -> tuple[str, ...]:
    if not players:
        return ()
    name = players[0].instrument.name
    if reason:
        return (MISSING_VOICE.format(name=name, reason=reason),)
    return (UNSUNG_LINES.format(count=len(unsung), total=len(performance.lines), name=name),)


def _place(score: Score, performance: Performance) -> tuple[dict[int, PlacedLine], tuple[Singer, ...]]:
    """Placed lines by their number, and the singers."""
    from studio.engine import voice

    persona = score.persona or _persona(score)
    placed: dict[int, PlacedLine] = {}
    singers = []
    for part in ("lead", "adlib", "harmony", "double"):
        numbers = [n for n, line in enumerate(performance.lines) if line.part == part and _singable(line)]
        lines = tuple(performance.lines[n] for n in numbers)
        for rank, lane in enumerate(lanes(lines)):
            for role, place, copy in _stands(part, rank):
                # Backing singers are the lead's kin; ad-libs are the lead's own.
                number = 0 if part in SOLO_PARTS else 1 + rank + copy
                someone = voice.variant_of(persona, number)
                seed = derived_seed(score.seed, "singer", part, rank, copy)
                sung, after_s = [], 0.0
                for n in lane:
                    line = _strayed(lines[n], seed, n) if part == "double" else lines[n]
                    done = voice.place(line, someone, seed=seed, after_s=after_s)
                    after_s = done.phones[-1].end_s
                    placed.setdefault(numbers[n], done)
                    sung.append(done)
                singers.append(Singer(role, place, someone, tuple(sung), seed))
    return placed, tuple(singers)


def _persona(score: Score) -> Persona:
    from studio.engine import voice

    return voice.choose_persona(
        gender="", tags=score.tags, name="", language="en", is_rap=False, seed=score.seed
    )


def _singable(line: TimedLine) -> bool:
    return all(syllable.phones for word in line.words for syllable in word)


def _stands(part: str, rank: int) -> list[tuple[str, float, int]]:
    """(channel, place, number of the copy) of everybody who sings the lines of a lane."""
    side = -1.0 if rank % 2 else 1.0
    if part == "lead" and rank == 0:
        return [(LEAD_ROLE, 0.0, 0)]
    if part == "double":
        return [("double voice", -0.7, 0), ("double voice", 0.7, 1)]
    return [("harmony voice" if part == "harmony" else "adlib voice", 0.35 * side, 0)]


def _strayed(line: TimedLine, seed: int, number: int) -> TimedLine:
    """The line a little early or late as a whole: a second take is never at the same instant."""
    shift_s = max(-2.0, min(2.0, dice(seed, "stray", number).gauss(0.0, 1.0))) * STRAY_S
    shift_s = max(shift_s, -line.notes[0].start_s)

    def moved(note: Played) -> Played:
        return replace(note, start_s=note.start_s + shift_s, end_s=note.end_s + shift_s)

    words = tuple(
        tuple(TimedSyllable(s.phones, s.stress, tuple(moved(note) for note in s.notes)) for s in word)
        for word in line.words
    )
    return replace(line, words=words)


def _note_spans(line: TimedLine) -> list[tuple[float, float]]:
    return [(word[0].notes[0].start_s, word[-1].notes[-1].end_s) for word in line.words]


def _players(score: Score, unsung: list[TimedLine]) -> list[PlayedTrack]:
    """The tune of lines nobody sings, on the song's lead instrument; backing parts stay silent."""
    notes = [note for line in unsung if line.part in ("lead", "adlib") for note in line.notes]
    if not notes:
        return []
    return [PlayedTrack("lead", lead_instrument(score), tuple(sorted(notes, key=lambda note: note.start_s)))]


def lead_instrument(score: Score) -> Instrument:
    """Who plays the tune where nobody sings."""
    track = score.track("lead")
    return track.instrument if track else INSTRUMENTS[SOLOISTS[score.mix]]


def _with_players(tracks: tuple[PlayedTrack, ...], players: list[PlayedTrack]) -> tuple[PlayedTrack, ...]:
    """The lead track takes up the notes of `players`; without one they come last."""
    if not players:
        return tracks
    (player,) = players
    solo = next((track for track in tracks if track.role == "lead"), None)
    if solo is None:
        return (*tracks, player)
    notes = sorted((*solo.notes, *player.notes), key=lambda note: note.start_s)
    return tuple(replace(solo, notes=tuple(notes)) if track is solo else track for track in tracks)
