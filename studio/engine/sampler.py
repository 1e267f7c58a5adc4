"""Plays tracks on the sample bank. Solo instruments get swells, scoops and vibrato."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine.bank import open_bank
from studio.engine.chance import dice
from studio.engine.perform import Played, PlayedTrack, ring_gain
from studio.engine.score import Instrument
from studio.engine.spec import SAMPLE_RATE_HZ, EngineUnavailable

CONTROL_S = 0.012
RING_CONTROL_S = 0.024
BUFFER = 1 << 15
# Samples that speak slowly are started early by this much, so that they are heard in time.
ATTACK_S = {
    "strings": 0.05, "slow strings": 0.11, "violin": 0.045, "viola": 0.05, "cello": 0.05, "flute": 0.035,
    "clarinet": 0.03, "oboe": 0.025, "english horn": 0.03, "french horns": 0.04, "choir": 0.08, "warm pad":
    0.08,
    "halo pad": 0.08, "space pad": 0.1, "bowed pad": 0.12, "synth strings": 0.06, "tenor sax": 0.02,
    "alto sax": 0.02, "soprano sax": 0.02, "accordion": 0.02, "trombone": 0.025, "pan flute": 0.03,
    "shakuhachi": 0.04, "ocarina": 0.02, "whistle": 0.02, "harmonica": 0.02,
}  # fmt: skip
VIBRATO_CENTS = {
    "flute": 14, "violin": 24, "viola": 22, "cello": 20, "oboe": 14, "trumpet": 12, "fiddle": 16,
    "trombone": 10,
    "tenor sax": 16, "alto sax": 16, "soprano sax": 16, "clarinet": 6, "english horn": 14, "harmonica": 10,
    "overdriven guitar": 22, "clean guitar": 8, "muted trumpet": 10, "pan flute": 12, "whistle": 12,
    "shakuhachi": 22,
    "ocarina": 10, "pedal steel": 16, "french horns": 4,
}  # fmt: skip
EXPRESSIVE_ROLES = ("lead", "harmony", "double")
BEND_RANGE_SEMITONES = 2.0
# (time, order, message): note-offs before controllers before note-ons at the same instant.
Event = tuple[float, int, tuple[str, int, float]]


def _font(path: Path, instrument: Instrument) -> tuple[Any, Any]:
    """A synthesizer with one preset, new for every track: a used one carries over the tails of its last
    notes."""
    try:
        import tinysoundfont
    except ImportError as error:
        raise EngineUnavailable(
            "The offline engine needs tinysoundfont. Install it with: pip install 'ostinato[engine]'"
        ) from error
    synth = tinysoundfont.Synth(gain=-6.0, samplerate=SAMPLE_RATE_HZ)
    handle = synth.sfload(open_bank(path).single(instrument.bank, instrument.program), max_voices=128)
    return synth, synth.soundfonts[handle]


def render_track(track: PlayedTrack, path: Path, samples: int, seed: int) -> np.ndarray:
    """Stereo float32 of shape (2, samples). Raises EngineUnavailable when the package is missing."""
    _keep, font = _font(path, track.instrument)
    font.channel_set_bank(0, track.instrument.bank)
    font.channel_set_preset_number(0, track.instrument.program, track.instrument.bank == 128)
    font.channel_set_pitch_range(0, BEND_RANGE_SEMITONES)
    out = np.empty((2, samples), np.float32)
    # The sampler interleaves left and right; a small buffer spares a second copy of the song.
    buffer = np.empty((BUFFER, 2), np.float32)
    position = 0
    for time_s, _, message in [*_events(track, seed), (samples / SAMPLE_RATE_HZ, 3, None)]:
        until = min(samples, max(position, round(time_s * SAMPLE_RATE_HZ)))
        while position < until:
            part = buffer[: min(BUFFER, until - position)]
            font.render(part.reshape(-1).view(np.uint8).data, False)
            out[:, position : position + len(part)] = part.T
            position += len(part)
        if message:
            _send(font, message)
    return out


def _send(font: Any, message: tuple[str, int, float]) -> None:
    kind, number, value = message
    if kind == "on":
        font.channel_note_on(0, number, value)
    elif kind == "off":
        font.channel_note_off(0, number)
    elif kind == "bend":
        font.channel_set_pitch_wheel(0, int(value))
    else:
        font.channel_midi_control(0, number, int(value))


def _events(track: PlayedTrack, seed: int) -> list[Event]:
    early = ATTACK_S.get(track.instrument.name, 0.0)
    events: list[Event] = []
    expressive = track.role in EXPRESSIVE_ROLES and track.instrument.bank != 128
    ends = _ends(track.notes, legato=expressive)
    for note, end in zip(track.notes, ends, strict=True):
        start = max(0.0, note.start_s - early)
        events.append((start, 2, ("on", note.pitch, note.velocity / 127)))
        events.append((max(start + 0.02, end - early * 0.5), 0, ("off", note.pitch, 0.0)))
    if expressive:
        events += _expression(track, ends, early, seed)
    events += _dying(track)
    return sorted(events, key=lambda event: event[:2])


def _dying(track: PlayedTrack) -> list[Event]:
    """The last chord's diminuendo: what sustains would stop dead otherwise."""
    chord = [note for note in track.notes if note.start_s >= track.ring_from_s]
    if not chord:
        return []
    start, end = min(note.start_s for note in chord), max(note.end_s for note in chord)
    steps = math.ceil((end - start) / RING_CONTROL_S)
    # The sampler takes the third power of the controller for its gain.
    return [
        (start + step * RING_CONTROL_S, 1, ("control", 11, 127 * ring_gain(step / steps) ** (1 / 3)))
        for step in range(steps + 1)
    ]


def _ends(notes: tuple[Played, ...], *, legato: bool) -> list[float]:
    """A key is up before it goes down again; in a legato line notes overlap by a hair."""
    following: dict[int, float] = {}
    ends = [0.0] * len(notes)
    for i in range(len(notes) - 1, -1, -1):
        note = notes[i]
        end = note.end_s + (0.02 if legato else 0.0)
        ends[i] = max(note.start_s + 0.02, min(end, following.get(note.pitch, math.inf) - 0.012))
        following[note.pitch] = note.start_s
    return ends


def _expression(track: PlayedTrack, ends: list[float], early: float, seed: int) -> list[Event]:
    """Expression and pitch bend every few milliseconds while a note sounds."""
    depth = VIBRATO_CENTS.get(track.instrument.name, 0)
    rng = dice(seed, "vibrato", track.role)
    events: list[Event] = []
    previous: Played | None = None
    for note, end in zip(track.notes, ends, strict=True):
        start = max(0.0, note.start_s - early)
        rate = rng.uniform(4.9, 5.7)
        scoop = rng.uniform(20, 55) if previous is None or note.start_s - previous.end_s > 0.12 else 0.0
        scoop = scoop if depth > 8 else 0.0
        for step in range(max(1, math.ceil((end - start) / CONTROL_S))):
            t = step * CONTROL_S
            cents = depth * _vibrato_depth(t) * math.sin(2 * math.pi * rate * t) - scoop * math.exp(-t / 0.04)
            bend = 8192 + 8191 * cents / (100 * BEND_RANGE_SEMITONES)
            events.append((start + t, 1, ("bend", 0, max(0.0, min(16383.0, bend)))))
            events.append((start + t, 1, ("control", 11, _swell(t, end - start))))
        previous = note
    return events


def _vibrato_depth(t: float) -> float:
    """None at first, full after half a second."""
    return min(1.0, max(0.0, (t - 0.22) / 0.3))


def _swell(t: float, length: float) -> float:
    """Expression 0..127: long notes open and close, short ones are even."""
    place = min(1.0, t / max(length, 1e-6))
    bow = math.sin(math.pi * min(1.0, place * 1.15)) if length > 0.5 else 0.6
    return 104 + 22 * bow
