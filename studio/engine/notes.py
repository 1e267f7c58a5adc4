"""The notes of a song as data and as a MIDI file, read from the performance and never from its sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import mido

from studio.engine.perform import TEXT_PARTS, Clock, Performance, Played, TimedLine
from studio.engine.score import Score

TICKS_PER_BEAT = 480
DRUM_CHANNEL = 9
CHOIR_AAHS = 52
VOICE_NAMES = {
    "lead": "Lead vocal",
    "adlib": "Ad-libs",
    "harmony": "Vocal harmony",
    "double": "Vocal double",
}
SOUNDLESS_ROLES = ("riser",)  # noise has no pitch to write down
Message: TypeAlias = "mido.Message | mido.MetaMessage"


def voices(performance: Performance) -> dict[str, list[TimedLine]]:
    """The sung lines by part, in order of time."""
    found: dict[str, list[TimedLine]] = {}
    for part in VOICE_NAMES:
        lines = [
            line
            for number, line in enumerate(performance.lines)
            if line.part == part and number not in performance.unsung
        ]
        if lines:
            found[part] = sorted(lines, key=lambda line: line.notes[0].start_s)
    return found


def instruments(performance: Performance) -> list[dict[str, Any]]:
    """All notes in the shape of the API's MIDI answer: a name and notes with start and end in seconds,
    pitch 0-127, velocity 0-1. Voices come first."""
    rows = [
        {"name": VOICE_NAMES[part], "notes": [_row(note) for line in lines for note in line.notes]}
        for part, lines in voices(performance).items()
    ]
    rows += [
        {"name": _title(track.role, track.instrument.name), "notes": [_row(note) for note in track.notes]}
        for track in performance.tracks
        if track.role not in SOUNDLESS_ROLES
    ]
    return rows


def _title(role: str, name: str) -> str:
    return name.capitalize() if role in name or role == "lead" else f"{name.capitalize()} ({role})"


def _row(note: Played) -> dict[str, float]:
    return {
        "start": round(note.start_s, 4),
        "end": round(note.end_s, 4),
        "pitch": max(0, min(127, note.pitch)),
        "velocity": round(note.velocity / 127, 4),
    }


def write_midi(score: Score, performance: Performance, path: Path) -> None:
    """A type 1 file: tempo map, section markers, the vocal melodies with their words, one track for each
    player.

    Times are the performance's, so the file sounds like the song; beats follow the written tempo, which
    slows down where the song does.
    """
    grid = Grid(score)
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor(score, performance, grid))
    channels = iter([c for c in range(16) if c != DRUM_CHANNEL] * 8)
    for part, lines in voices(performance).items():
        file.tracks.append(_singer(performance, part, lines, next(channels), grid))
    for track in performance.tracks:
        if track.role in SOUNDLESS_ROLES:
            continue
        is_kit = track.instrument.bank == 128 or track.role == "kick"
        channel = DRUM_CHANNEL if is_kit else next(channels)
        name = f"{track.role}: {track.instrument.name}"
        file.tracks.append(_player(name, track.instrument.program, list(track.notes), channel, grid))
    file.save(path)


class Grid:
    """Seconds to ticks through the tempo map: steady, then slower beat by beat over the last two bars."""

    def __init__(self, score: Score) -> None:
        clock = Clock(score)
        beats = [0.0]
        if score.ritardando:
            first = max(0.0, clock.slow_from)
            beats += [first + step for step in range(1 if first == 0.0 else 0, round(clock.slow_over) + 1)]
        self._marks = [(beat, clock.plain(beat)) for beat in beats]
        self._steady_bpm = score.bpm

    def tempos(self) -> Iterator[tuple[int, float]]:
        """(tick, bpm) of every change of tempo."""
        yield 0, self._steady_bpm if len(self._marks) == 1 else self._bpm(0)
        for index in range(1, len(self._marks) - 1):
            yield round(self._marks[index][0] * TICKS_PER_BEAT), self._bpm(index)

    def _bpm(self, index: int) -> float:
        (beat, at_s), (next_beat, next_s) = self._marks[index : index + 2]
        return 60 * (next_beat - beat) / (next_s - at_s)

    def ticks(self, seconds: float) -> int:
        last = max(i for i, (_, at_s) in enumerate(self._marks) if i == 0 or at_s <= seconds)
        beat, at_s = self._marks[last]
        bpm = self._steady_bpm if len(self._marks) == 1 else self._bpm(min(last, len(self._marks) - 2))
        return max(0, round((beat + (seconds - at_s) * bpm / 60) * TICKS_PER_BEAT))


def _conductor(score: Score, performance: Performance, grid: Grid) -> mido.MidiTrack:
    upper, lower = (int(part) for part in score.meter.split("/"))
    messages: list[tuple[int, Message]] = [
        (0, mido.MetaMessage("track_name", name=_latin(score.title))),
        (0, mido.MetaMessage("time_signature", numerator=upper, denominator=lower)),
    ]
    messages += [(at, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for at, bpm in grid.tempos()]
    messages += [
        (grid.ticks(start), mido.MetaMessage("marker", text=_latin(name)))
        for name, start, _ in performance.sections
    ]
    supply = _words_of(performance)
    for number in sorted(performance.unsung):
        messages += _lyrics(supply.get(id(performance.lines[number]), []), grid)
    return _track(messages)


def _singer(
    performance: Performance, part: str, lines: list[TimedLine], channel: int, grid: Grid
) -> mido.MidiTrack:
    words: list[tuple[int, Message]] = []
    if part in TEXT_PARTS:
        supply = _words_of(performance)
        words = [event for line in lines for event in _lyrics(supply[id(line)], grid)]
    notes = [note for line in lines for note in line.notes]
    return _player(VOICE_NAMES[part], CHOIR_AAHS, notes, channel, grid, words)


def _lyrics(words: list[tuple[str, float]], grid: Grid) -> list[tuple[int, Message]]:
    return [(grid.ticks(at_s), mido.MetaMessage("lyrics", text=_latin(text))) for text, at_s in words]


def _words_of(performance: Performance) -> dict[int, list[tuple[str, float]]]:
    """(text, second of the first note) of the words of every line that carries the lyrics."""
    supply = iter(performance.words)
    return {
        id(line): [(next(supply).text, word[0].notes[0].start_s) for word in line.words]
        for line in performance.lines
        if line.part in TEXT_PARTS
    }


def _player(
    name: str,
    program: int,
    notes: list[Played],
    channel: int,
    grid: Grid,
    extra: list[tuple[int, Message]] | None = None,
) -> mido.MidiTrack:
    messages: list[tuple[int, Message]] = [
        (0, mido.MetaMessage("track_name", name=_latin(name))),
        (0, mido.Message("program_change", channel=channel, program=program)),
        *(extra or []),
    ]
    for note in notes:
        start, end = grid.ticks(note.start_s), grid.ticks(note.end_s)
        pitch = max(0, min(127, note.pitch))
        messages += [
            (start, mido.Message("note_on", channel=channel, note=pitch, velocity=note.velocity)),
            (max(end, start + 1), mido.Message("note_off", channel=channel, note=pitch, velocity=0)),
        ]
    return _track(messages)


def _track(messages: list[tuple[int, Message]]) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for tick, message in sorted(messages, key=lambda item: (item[0], item[1].type == "note_on")):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _latin(text: str) -> str:
    """MIDI text is Latin-1 by custom; what it cannot hold is dropped from the file, not from the song."""
    return text.encode("latin-1", "ignore").decode("latin-1")
