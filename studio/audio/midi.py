"""Notes as a Standard MIDI File and back: format 1, one track for each instrument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TICKS_PER_BEAT = 480
BEAT_US = 500_000  # what a file says that is written here: 120 beats a minute, so a second is 960 ticks
_TICKS_PER_S = TICKS_PER_BEAT * 1_000_000 / BEAT_US
MAX_NOTES = 200_000


class BrokenMidi(ValueError):
    """Not a MIDI file, or one that breaks off."""


@dataclass(frozen=True)
class Note:
    start_s: float
    end_s: float
    pitch: int  # 0-127
    velocity: float = 0.8  # 0-1


@dataclass(frozen=True)
class Instrument:
    name: str
    notes: tuple[Note, ...]


def is_midi(head: bytes) -> bool:
    return head.startswith(b"MThd")


def write(instruments: Sequence[Instrument]) -> bytes:
    """A file that plays these notes; drums, told by their name, on the channel that means drums."""
    tempo = b"\x00\xff\x51\x03" + BEAT_US.to_bytes(3, "big") + _END
    tracks = [tempo, *(_track(one, number) for number, one in enumerate(instruments))]
    head = (
        b"MThd"
        + (6).to_bytes(4, "big")
        + b"".join(value.to_bytes(2, "big") for value in (1, len(tracks), TICKS_PER_BEAT))
    )
    return head + b"".join(b"MTrk" + len(track).to_bytes(4, "big") + track for track in tracks)


_END = b"\x00\xff\x2f\x00"
_MELODIC = [channel for channel in range(16) if channel != 9]


def _track(instrument: Instrument, number: int) -> bytes:
    is_drums = any(word in instrument.name.lower() for word in ("drum", "perc"))
    channel = 9 if is_drums else _MELODIC[number % len(_MELODIC)]
    events: list[tuple[int, int, bytes]] = []
    for note in instrument.notes:
        pitch = min(max(note.pitch, 0), 127)
        velocity = min(max(round(note.velocity * 127), 1), 127)
        start, end = round(note.start_s * _TICKS_PER_S), round(note.end_s * _TICKS_PER_S)
        events.append((max(start, 0), 1, bytes([0x90 | channel, pitch, velocity])))
        events.append((max(end, start + 1, 1), 0, bytes([0x80 | channel, pitch, 0])))
    name = instrument.name.encode()[:100]
    written, at = [b"\x00\xff\x03" + _length(len(name)) + name], 0
    for tick, _, message in sorted(events):
        written.append(_length(tick - at) + message)
        at = tick
    return b"".join(written) + _END


def _length(value: int) -> bytes:
    """A number in digits of seven bits, all but the last marked."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def read(data: bytes) -> tuple[Instrument, ...]:
    """The notes of a file, by track and channel, in seconds. Raises BrokenMidi."""
    try:
        return _Reader(data).instruments()
    except IndexError:
        raise BrokenMidi("The MIDI file breaks off.") from None


class _Reader:
    """One pass over the tracks in ticks, then one over the tempo changes to turn ticks into seconds."""

    def __init__(self, data: bytes) -> None:
        if not is_midi(data) or len(data) < 14:
            raise BrokenMidi("This is not a MIDI file.")
        self._data = data
        self._division = int.from_bytes(data[12:14], "big")
        if not self._division or self._division & 0x8000:
            raise BrokenMidi("The MIDI file counts in video frames.")
        self._tempos: list[tuple[int, int]] = [(0, BEAT_US)]
        self._found: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        self._names: dict[int, str] = {}

    def instruments(self) -> tuple[Instrument, ...]:
        at, track = 8 + int.from_bytes(self._data[4:8], "big"), 0
        while at + 8 <= len(self._data):
            end = at + 8 + int.from_bytes(self._data[at + 4 : at + 8], "big")
            if self._data[at : at + 4] == b"MTrk":
                self._read_track(at + 8, min(end, len(self._data)), track)
                track += 1
            at = end
        self._tempos.sort(key=lambda change: change[0])
        return tuple(self._instrument(*key, notes) for key, notes in self._found.items())

    def _read_track(self, at: int, end: int, track: int) -> None:
        tick = status = 0
        sounding: dict[tuple[int, int], list[tuple[int, int]]] = {}
        while at < end:
            delta, at = self._number(at)
            tick += delta
            if self._data[at] & 0x80:
                status, at = self._data[at], at + 1
            if status >= 0xF0:
                at = self._skip(status, at, tick, track)
                continue
            channel, kind = status & 0x0F, status & 0xF0
            pitch = self._data[at]
            second = 0 if kind in (0xC0, 0xD0) else self._data[at + 1]
            at += 1 if kind in (0xC0, 0xD0) else 2
            if kind == 0x90 and second:
                sounding.setdefault((channel, pitch), []).append((tick, second))
            elif kind in (0x80, 0x90) and sounding.get((channel, pitch)):
                begun, velocity = sounding[channel, pitch].pop(0)
                self._keep((track, channel), (begun, tick, pitch, velocity))

    def _keep(self, key: tuple[int, int], note: tuple[int, int, int, int]) -> None:
        if sum(map(len, self._found.values())) >= MAX_NOTES:
            raise BrokenMidi("The MIDI file has too many notes.")
        self._found.setdefault(key, []).append(note)

    def _skip(self, status: int, at: int, tick: int, track: int) -> int:
        """Past a message that plays nothing; tempo and track name are taken note of."""
        kind = -1
        if status == 0xFF:
            kind, at = self._data[at], at + 1
        length, at = self._number(at)
        body = self._data[at : at + length]
        if kind == 0x51 and length == 3:
            self._tempos.append((tick, int.from_bytes(body, "big") or BEAT_US))
        elif kind == 0x03:
            self._names[track] = body.decode("utf-8", "replace")[:100]
        return at + length

    def _number(self, at: int) -> tuple[int, int]:
        value = 0
        while True:
            byte, at = self._data[at], at + 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value, at

    def _instrument(self, track: int, channel: int, notes: list[tuple[int, int, int, int]]) -> Instrument:
        name = self._names.get(track) or ("Drums" if channel == 9 else f"Track {track + 1}")
        heard = [
            Note(self._seconds(begun), self._seconds(ended), pitch, round(velocity / 127, 3))
            for begun, ended, pitch, velocity in notes
        ]
        return Instrument(name, tuple(sorted(heard, key=lambda note: (note.start_s, note.pitch))))

    def _seconds(self, tick: int) -> float:
        total_us = 0.0
        for (begun, beat_us), (ends, _) in zip(self._tempos, [*self._tempos[1:], (tick, 0)], strict=True):
            if begun < tick:
                total_us += (min(ends, tick) - begun) * beat_us / self._division
        return round(total_us / 1_000_000, 6)
