"""What a singer is like, measured from a clean recording: range, vibrato, brightness, length of throat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import detrend

from studio.engine.analysis.pitch import STEP_S, PitchTrack, track_pitch
from studio.engine.analysis.samples import Audio, mono, resample
from studio.engine.analysis.voice_notes import SungNote, notes_of_voice
from studio.engine.persona import Persona
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError

Floats = NDArray[np.float64]
LEAST_VOICED_S = 6.0
LEAST_CLARITY = 0.75
SILENT_DB = -55.0
LPC_RATE_HZ, LPC_ORDER = 11_025, 12
# Fitted to fifteen built-in voices, sung and measured again: warp by the distance of formants (correlation
# 0.89, within 0.04), the share of a persona's vibrato that its held notes show, breath by clarity.
WARP_PER_HZ, WARP_AT_ZERO = 0.00102, -0.217
REFERENCE_SPACING_HZ = 1193.0  # of a voice that is not warped
VIBRATO_SHOWN = 0.82
BREATH_AT_ZERO, BREATH_PER_CLARITY = 8.43, -7.96
REFERENCE_TILT_DB = -16.8  # 2-8 kHz against 0.3-2 kHz
WARPS = (0.8, 1.15)
VIBRATO_HZ = (4.0, 8.0)
MALE_MEDIAN = 57.0  # MIDI pitch under which a voice is taken for a male one


def estimate_persona(audio: Audio) -> Persona:
    """A persona with the measured traits of one singer, in float32 (2, samples) or (samples,) at 44.1 kHz.

    A likeness and not a copy: the sound of the voice stays that of the built-in bank. Raises SpecError, with
    the figures, when the recording is silent, holds under six seconds of singing, or is too noisy.
    """
    wave = mono(audio)
    track = track_pitch(wave)
    _check(track)
    midi = track.midi[track.voiced]
    notes = notes_of_voice(track)
    low, high = _range(notes, midi)
    depth, rate = _vibrato(track, notes)
    spacing = formant_spacing_hz(wave, track)
    warp = float(np.clip(WARP_AT_ZERO + WARP_PER_HZ * spacing, *WARPS))
    gender = "m" if np.median(midi) < MALE_MEDIAN else "f"
    centre_hz = 440 * 2 ** ((float(np.median(midi)) - 69) / 12)
    comfort = float(np.clip(centre_hz * (2.0 if gender == "m" else 1.0), 170.0, 260.0))
    brightness = float(np.clip(0.5 + (tilt_db(wave, track) - REFERENCE_TILT_DB) / 24.0, 0.0, 1.0))
    return Persona(
        name="likeness",
        gender=gender, low=low, high=high, warp=round(warp, 3),
        comfort_hz=(round(comfort * 0.85, 1), round(comfort * 1.15, 1)),
        breath=round(_breath(track), 3), brightness=round(brightness, 3), vibrato_cents=round(depth, 1),
        vibrato_hz=round(rate, 2),
    )  # fmt: skip


def _check(track: PitchTrack) -> None:
    loud = float(np.percentile(track.level_db, 95))
    if loud < SILENT_DB:
        raise SpecError(
            f"The recording is silent or almost so ({loud:.0f} dB at most, {SILENT_DB:.0f} are needed)."
        )
    voiced_s = float(track.voiced.sum()) * STEP_S
    if voiced_s < LEAST_VOICED_S:
        raise SpecError(
            f"Only {voiced_s:.1f} seconds of singing were found; a likeness needs {LEAST_VOICED_S:.0f}. "
            "Record more, close to the microphone."
        )
    clarity = float(np.median(track.clarity[track.voiced]))
    if clarity < LEAST_CLARITY:
        raise SpecError(
            f"The voice is covered by noise or music (clarity {clarity:.2f}; {LEAST_CLARITY} is needed). "
            "Record it alone, in a quiet room."
        )


def _range(notes: tuple[SungNote, ...], midi: Floats) -> tuple[int, int]:
    """Comfortable lowest and highest pitch: what was sung and a little more, at least ten semitones."""
    lengths = np.array([n.end_s - n.start_s for n in notes])
    pitches = np.repeat([n.pitch for n in notes], np.maximum(1, np.round(lengths / 0.1).astype(int)))
    source = pitches if len(pitches) > 20 else midi
    low, high = (float(np.percentile(source, p)) for p in (3, 97))
    missing = max(0.0, 10.0 - (high - low))
    return round(low - missing / 2), round(high + missing / 2)


def _vibrato(track: PitchTrack, notes: tuple[SungNote, ...]) -> tuple[float, float]:
    """(depth in cents, rate in Hz) on held notes, their median; 0 cents and 5.5 Hz without any."""
    midi = track.midi
    found = []
    for note in notes:
        part = midi[round((note.start_s + 0.2) / STEP_S) : round((note.end_s - 0.05) / STEP_S)]
        if len(part) < 35 or np.isnan(part).any():
            continue
        wave = detrend(part, type="linear") * 100
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1024))
        hz = np.fft.rfftfreq(1024, STEP_S)
        band = (hz >= VIBRATO_HZ[0]) & (hz <= VIBRATO_HZ[1])
        peak = int(np.flatnonzero(band)[spectrum[band].argmax()])
        # A sine of depth d gives d * n / 4 under a Hann window.
        depth = float(spectrum[peak] * 4 / len(wave))
        is_clear = spectrum[peak] > 1.5 * spectrum[(hz > 0.8) & ~band & (hz < 15)].max(initial=0.0)
        found.append((depth if is_clear else 0.0, float(hz[peak])))
    if not found:
        return 0.0, 5.5
    depths = np.array([d for d, _ in found])
    rates = [r for d, r in found if d > 0]
    return float(np.clip(np.median(depths) / VIBRATO_SHOWN, 0.0, 90.0)), float(
        np.median(rates)
    ) if rates else 5.5


def tilt_db(wave: NDArray[np.float32], track: PitchTrack) -> float:
    """Level of 2-8 kHz against 0.3-2 kHz while the voice sounds."""
    power = _voiced_power(wave, track)
    hz = np.arange(power.shape[1]) * SAMPLE_RATE_HZ / (2 * (power.shape[1] - 1))
    mean = power.mean(axis=0)
    high, low = (mean[(hz >= a) & (hz < b)].sum() for a, b in ((2000, 8000), (300, 2000)))
    return float(10 * np.log10((high + 1e-12) / (low + 1e-12)))


def _voiced_power(wave: NDArray[np.float32], track: PitchTrack) -> NDArray[np.float32]:
    size = 1024
    loud = track.level_db > np.percentile(track.level_db[track.voiced], 30)
    places = np.flatnonzero(track.voiced & loud)[::2]
    starts = np.clip((places * STEP_S * SAMPLE_RATE_HZ).astype(int) - size // 2, 0, max(0, len(wave) - size))
    frames = np.stack([wave[start : start + size] for start in starts])
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2, np.float32)


def formant_spacing_hz(wave: NDArray[np.float32], track: PitchTrack) -> float:
    """Mean distance of the formants of a tube as long as the singer's throat, fitted to the third and
    fourth resonance, which depend on the vowel least (after Wakita 1977)."""
    slow = resample(wave, SAMPLE_RATE_HZ, LPC_RATE_HZ).astype(np.float64)
    slow = np.append(slow[0], slow[1:] - 0.97 * slow[:-1])
    size = round(0.03 * LPC_RATE_HZ)
    loud = track.level_db > np.percentile(track.level_db[track.voiced], 40)
    places = np.flatnonzero(track.voiced & loud & (track.clarity > 0.8))
    window = np.hamming(size)
    spacings = []
    for place in places[:: max(1, len(places) // 600)]:
        start = int(place * STEP_S * LPC_RATE_HZ) - size // 2
        if start < 0 or start + size > len(slow):
            continue
        found = _resonances(slow[start : start + size] * window)
        if len(found) >= 4:
            spacings.append((found[2] / 2.5 + found[3] / 3.5) / 2)
    return float(np.median(spacings)) if len(spacings) >= 20 else REFERENCE_SPACING_HZ


def _resonances(frame: Floats) -> list[float]:
    """Formant frequencies of a frame by linear prediction, narrow ones only."""
    corr = np.correlate(frame, frame, "full")[len(frame) - 1 : len(frame) + LPC_ORDER]
    if corr[0] <= 1e-12:
        return []
    corr[0] *= 1.0001
    roots = np.roots(np.concatenate([[1.0], -solve_toeplitz(corr[:-1], corr[1:])]))
    roots = roots[roots.imag > 0.01]
    hz = np.angle(roots) * LPC_RATE_HZ / (2 * np.pi)
    width = -np.log(np.abs(roots)) * LPC_RATE_HZ / np.pi
    return sorted(float(f) for f, w in zip(hz, width, strict=True) if 200 < f < 5200 and w < 600)


def _breath(track: PitchTrack) -> float:
    """0..1 from how periodic the voice is: 0.5 for a clear one."""
    clarity = float(np.median(track.clarity[track.voiced]))
    return float(np.clip(BREATH_AT_ZERO + BREATH_PER_CLARITY * clarity, 0.4, 1.0))
