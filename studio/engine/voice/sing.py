"""Singing: placed lines to sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.engine.chance import noise_source
from studio.engine.perform import Played
from studio.engine.persona import Persona
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.voice import net
from studio.engine.voice.bank import Bank, bank_of
from studio.engine.voice.breath import breath_before
from studio.engine.voice.delivery import Delivery, delivery, intonation
from studio.engine.voice.open import held_open
from studio.engine.voice.phrase import Phrase, phrases
from studio.engine.voice.pitch import Pitch, hz, pitch_of
from studio.engine.voice.place import PlacedLine
from studio.engine.voice.throat import HOP, Tone, synthesise
from studio.engine.voice.timing import Timing, timing

LEVEL = 0.1  # root mean square of sung vowels: -20 dBFS
LINES_KEPT = 48
MARGIN_S = 0.2
BREATHING_PARTS = ("lead", "adlib")
BREATH_REST_S = 0.3
SWELL_DB = 1.6
EVENED = 0.6
MOTION = 0.006  # how far the formants of a held vowel wander
TOUCH_DB = 5.0  # what the softest and the loudest touch differ from the usual

Floats = NDArray[np.float32]


def sing(
    lines: Sequence[PlacedLine],
    persona: Persona,
    samples: int,
    *,
    seed: int,
    on_step: Callable[[float], None] | None = None,
) -> Floats:
    """Dry mono sound of `samples` at 44.1 kHz, float32, held vowels at -20 dBFS. A line's sound depends on
    the line, the persona and the seed alone, wherever else the singer sings. `on_step` hears the share done
    and may raise. Raises EngineUnavailable when the nets are missing."""
    bank = bank_of(persona)
    out = np.zeros(samples, np.float32)
    for number, line in enumerate(lines):
        for start, sound in _sung(line, persona, seed, bank):
            low, high = max(0, start), min(samples, start + len(sound))
            if low < high:
                out[low:high] += sound[low - start : high - start]
        if on_step is not None:
            on_step((number + 1) / len(lines))
    return out


@lru_cache(maxsize=LINES_KEPT)
def _sung(line: PlacedLine, persona: Persona, seed: int, bank: Bank) -> tuple[tuple[int, Floats], ...]:
    """The phrases of a line and the breaths before them: (first sample, sound) of each."""
    found = []
    ended_s = line.start_s - line.rest_s
    for number, phrase in enumerate(phrases(line, bank)):
        rng = noise_source(seed, "voice", persona.name, line.part, number, phrase.text, len(phrase.notes))
        rest_s = phrase.phones[0].start_s - ended_s
        if line.part in BREATHING_PARTS and rest_s > BREATH_REST_S:
            found.append(breath_before(phrase.phones[0].start_s, rest_s, persona, rng))
        found.append(_phrase(phrase, persona, rng, bank))
        ended_s = phrase.phones[-1].end_s
    for _, sound in found:
        sound.setflags(write=False)
    return tuple(found)


def _phrase(phrase: Phrase, persona: Persona, rng: np.random.Generator, bank: Bank) -> tuple[int, Floats]:
    start = int((phrase.phones[0].start_s - MARGIN_S) * SAMPLE_RATE_HZ)
    start_s = start / SAMPLE_RATE_HZ
    end_s = phrase.phones[-1].end_s + MARGIN_S
    time = timing(phrase, bank)
    if persona.is_rap:
        pitch = intonation(phrase, time, start_s, end_s, bank)
    else:
        pitch = pitch_of(phrase.notes, start_s, end_s, persona, rng)
    told = delivery(phrase, time, pitch, persona, bank)
    spectra = bank.spectra(told.text, told.steps, told.pitch_hz, told.energy)
    frames = int((end_s - start_s) / net.FRAME_S) + 1
    samples = int(frames * HOP)
    frame_s = np.asarray(start_s + np.arange(frames) * net.FRAME_S, np.float64)
    source = np.interp(frame_s, time.map_s, time.map_frames)
    source = held_open(source, spectra, phrase, start_s)
    sung_hz, voiced = _curves(pitch, told, time, start_s, samples)
    tone = _tone(persona, frames, rng)
    sound = synthesise(spectra, source, _bursts(phrase, frame_s), sung_hz, voiced, tone, rng)
    sound *= _evened(sound, phrase, start_s)
    sound *= _touch(phrase.notes, start_s, samples)
    sound *= LEVEL / max(_level(sound, _vowels(phrase), start_s), 1e-4)
    return start, sound


def _curves(
    pitch: Pitch, told: Delivery, time: Timing, start_s: float, samples: int
) -> tuple[Floats, Floats]:
    """Pitch in Hz and voicing 0..1 of every sample."""
    times = start_s + np.arange(samples) / SAMPLE_RATE_HZ
    grid = np.arange(start_s, times[-1] + 0.0025, 0.0025)
    sung = np.interp(times, grid, hz(pitch.at(grid))).astype(np.float32)
    frames = np.interp(grid, time.map_s, time.map_frames)
    voiced = np.interp(frames, np.arange(len(told.voiced)), told.voiced)
    return sung, np.interp(times, grid, voiced).astype(np.float32)


def _bursts(phrase: Phrase, frame_s: NDArray[np.float64]) -> Floats:
    """1 in consonants, 0 in what is held."""
    out = np.ones(len(frame_s), np.float32)
    for phone in phrase.phones:
        if phone.role == "nucleus":
            inside = np.minimum(frame_s - phone.start_s - 0.02, phone.end_s - frame_s - 0.02) / 0.02
            out -= np.clip(inside, 0.0, 1.0).astype(np.float32)
    return np.clip(out, 0.0, 1.0)


def _tone(persona: Persona, frames: int, rng: np.random.Generator) -> Tone:
    octaves = np.log2(np.maximum(np.arange(net.BINS) * net.BIN_HZ, 100.0) / 1000.0)
    tilt_db = (persona.brightness - 0.5) * 6.0 * np.clip(octaves, -2.0, 3.0)
    breath = persona.breath - 0.5
    # More breath lets less of the cords through above 3 kHz and more air.
    aspiration_db = -38.0 + 36.0 * breath + 4.0 * np.clip(octaves, -3.0, 2.5)
    # Below 2 kHz the net's noise is what is left of its own pitch: a sung note is better without it.
    air_db = 22.0 * breath - 8.0 + 9.0 * np.clip(octaves - 1.0, -2.0, 0.0)
    wander = np.interp(
        np.arange(frames) / 24.0, np.arange(frames // 24 + 2), rng.standard_normal(frames // 24 + 2)
    )
    return Tone(
        warp=(persona.warp * (1.0 + MOTION * np.clip(wander, -2, 2))).astype(np.float32),
        tilt_db=tilt_db.astype(np.float32),
        air=(10 ** (air_db / 20)).astype(np.float32),
        aspiration=(10 ** (aspiration_db / 20)).astype(np.float32),
        roughness=max(0.0, persona.grit - 0.5) * 0.6,
    )


def _touch(notes: Sequence[Played], start_s: float, samples: int) -> Floats:
    """Gain from the notes' velocities, and a swell on long ones."""
    at, gains_db = [], []
    for note in notes:
        touch_db = min(1.0, max(-1.5, (note.velocity - 80) / 47.0)) * TOUCH_DB / 2
        length_s = note.end_s - note.start_s
        swell_db = SWELL_DB * min(1.0, max(0.0, length_s - 0.4) / 0.8)
        at += [note.start_s, note.start_s + 0.55 * length_s, note.start_s + 0.97 * length_s]
        gains_db += [touch_db, touch_db + swell_db, touch_db - 0.4 * swell_db]
    return _gain(np.array(at), np.array(gains_db), start_s, samples)


def _evened(sound: Floats, phrase: Phrase, start_s: float) -> Floats:
    """Gain that takes most of the difference in level from the syllables: the net speaks, and swallows
    some."""
    vowels = _vowels(phrase)
    levels_db = np.array([20 * np.log10(max(_level(sound, [span], start_s), 1e-5)) for span in vowels])
    usual_db = np.median(levels_db)
    gains_db = EVENED * np.clip(usual_db - levels_db, -9.0, 9.0)
    at = np.array([time for start, end in vowels for time in (start + 0.01, max(end - 0.01, start + 0.011))])
    return _gain(at, np.repeat(gains_db, 2), start_s, len(sound))


def _gain(at_s: NDArray[np.float64], gains_db: NDArray[np.float64], start_s: float, samples: int) -> Floats:
    """A gain curve of straight lines in decibels."""
    grid = start_s + np.arange(0, samples + 128, 64) / SAMPLE_RATE_HZ
    coarse = 10 ** (np.interp(grid, at_s, gains_db) / 20)
    return np.interp(np.arange(samples) / 64, np.arange(len(coarse)), coarse).astype(np.float32)


def _vowels(phrase: Phrase) -> list[tuple[float, float]]:
    return [(phone.start_s, phone.end_s) for phone in phrase.phones if phone.role == "nucleus"]


def _level(sound: Floats, spans: Sequence[tuple[float, float]], start_s: float) -> float:
    """Root mean square within the spans."""
    power, count = 0.0, 0
    for span in spans:
        low, high = (round((time - start_s) * SAMPLE_RATE_HZ) for time in span)
        part = sound[low:high]
        power += float(np.dot(part, part))
        count += len(part)
    return float(np.sqrt(power / max(1, count)))
