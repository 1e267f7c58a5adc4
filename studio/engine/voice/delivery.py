"""What the net is told, so that speech becomes singing or rap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from studio.engine.persona import Persona
from studio.engine.voice.bank import Bank
from studio.engine.voice.phones import is_voiceless
from studio.engine.voice.phrase import Phrase, spans
from studio.engine.voice.pitch import STEP_S, Pitch, hz
from studio.engine.voice.timing import Timing

HOLD_ATTACK, HOLD_RELEASE = 3.0, 4.0  # frames
SWELL = 0.35  # of the net's energy, whose vowels lie around 7 and whose silence lies at -9
MOST_BELOW, RAP_BELOW = 0.6, 1.5
INTONATION, INTONATION_BLUR_S = 0.9, 0.008

Floats = NDArray[np.float32]
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Delivery:
    """Inputs of the spectra net; `voiced` is 0..1 per frame."""

    text: str
    steps: Floats
    pitch_hz: Floats
    energy: Floats
    voiced: Floats


def delivery(phrase: Phrase, time: Timing, pitch: Pitch, persona: Persona, bank: Bank) -> Delivery:
    """What the net is told to speak so that it can be sung, or rapped: then with its own energy."""
    _, spoken_hz, spoken_energy = bank.natural(phrase.text)
    source = time.spoken_frames()
    energy = np.interp(source, np.arange(len(spoken_energy)), spoken_energy)
    below = RAP_BELOW if persona.is_rap else MOST_BELOW
    energy = _held(energy, phrase, time, spoken_energy, below)
    heard = spoken_hz[np.clip(np.round(source).astype(int), 0, len(spoken_hz) - 1)]
    voiced = _voiced(heard > bank.voiced_hz, phrase, time.edges)
    told = np.clip(hz(pitch.at(time.times_s(), plain=True)), *persona.comfort_hz)
    if persona.is_rap:
        told = np.where(heard > bank.voiced_hz, heard, told)
    return Delivery(
        phrase.text,
        time.steps,
        np.where(voiced, told, np.minimum(heard, 0.0)).astype(np.float32),
        energy.astype(np.float32),
        voiced.astype(np.float32),
    )


def intonation(phrase: Phrase, time: Timing, start_s: float, end_s: float, bank: Bank) -> Pitch:
    """The net's own melody of speech, in the rhythm of the phrase and at the height of its notes."""
    spoken_hz = bank.natural(phrase.text)[1]
    source = time.spoken_frames()
    known = np.flatnonzero(spoken_hz > bank.voiced_hz)
    contour = (
        69.0 + 12.0 * np.log2(np.interp(source, known, spoken_hz[known]) / 440.0)
        if len(known)
        else source * 0
    )
    centre = float(np.median(contour))
    wanted = float(np.median([note.pitch for note in phrase.notes]))
    grid = np.arange(start_s, end_s + STEP_S, STEP_S)
    curve = np.interp(grid, time.times_s(), contour)
    curve = gaussian_filter1d(
        wanted + INTONATION * np.clip(curve - centre, -9.0, 9.0), INTONATION_BLUR_S / STEP_S
    )
    return Pitch(start_s, curve, curve)


def _held(energy: Curve, phrase: Phrase, time: Timing, spoken: Floats, most_below: float) -> Curve:
    """The energy with every vowel held at the phrase's upper level: spoken vowels die away too soon."""
    vowels = [(a, b, phone) for a, b, phone in spans(phrase) if phone.role == "nucleus"]
    peaks = [
        float(spoken[max(0, int(time.spoken_edges[a])) : int(time.spoken_edges[b]) + 2].max(initial=-9.0))
        for a, b, _ in vowels
    ]
    upper = float(np.percentile(peaks, 75))
    out = energy.copy()
    for (a, b, phone), peak in zip(vowels, peaks, strict=True):
        if is_voiceless(phone.symbol):
            continue
        first, last = time.edges[a], time.edges[b]
        length = last - first
        level = max((peak + upper) / 2, upper - most_below)
        frames = np.arange(max(0, int(np.ceil(first))), min(len(energy), int(last) + 1))
        attack, release = min(HOLD_ATTACK, 0.3 * length), min(HOLD_RELEASE, 0.3 * length)
        weight = np.clip((frames - first) / attack, 0, 1) * np.clip((last - frames) / release, 0, 1)
        swell = SWELL * np.sin(np.pi * np.clip((frames - first) / length, 0, 1)) * min(1.0, length / 40.0)
        held = np.maximum(energy[frames], level + swell)
        out[frames] = energy[frames] + weight * (held - energy[frames])
    return out


def _voiced(heard: NDArray[np.bool_], phrase: Phrase, edges: Curve) -> NDArray[np.bool_]:
    """Which net frames have a pitch: as spoken, but held sounds always and voiceless ones never."""
    voiced = heard.copy()
    for a, b, phone in spans(phrase):
        first, last = max(0, round(float(edges[a]))), max(0, round(float(edges[b])))
        if is_voiceless(phone.symbol):
            voiced[first:last] &= False
        elif phone.role == "nucleus" or phone.symbol[0] in "mnŋlɹwjvzðʒ":
            voiced[first:last] = True
    voiced[: max(0, round(float(edges[1])))] = False
    voiced[round(float(edges[-3])) :] = False
    return voiced
