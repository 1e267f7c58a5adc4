"""Harmony for a tune that has none: the grid, key and chords that sung notes suggest."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from studio.engine.analysis.harmony import PROFILES, FoundChord, Key
from studio.engine.analysis.onsets import RATE_HZ, Onsets, find_onsets
from studio.engine.analysis.pitch import PitchTrack, track_pitch
from studio.engine.analysis.samples import Audio, mono
from studio.engine.analysis.song import Analysis, bare_analysis
from studio.engine.analysis.tempo import USUAL_BPM, find_pulse
from studio.engine.analysis.voice_notes import SungNote, notes_of_voice, tuning_of
from studio.engine.spec import SpecError
from studio.engine.theory import QUALITIES, SCALES

Floats = NDArray[np.float64]
FEWEST_NOTES = 8
# Triads on the degrees of a key, and how gladly a song-writer uses them.
DEGREES = {
    "major": ((0, "", 0.5), (5, "", 0.35), (7, "", 0.4), (9, "m", 0.3), (2, "m", 0.1), (4, "m", 0.0)),
    "minor": (
        (0, "m", 0.5), (8, "", 0.3), (10, "", 0.3), (5, "m", 0.25), (3, "", 0.25), (7, "m", 0.1),
        (7, "", 0.1),
    ),
}  # fmt: skip
INSIDE, OUTSIDE, SEMITONE = 1.0, -0.35, -1.0
STAY_COST = 0.35  # for a chord that goes on over the bar line
FIFTH_DOWN = 0.25
HOME_BONUS = 0.8
# Shares of the frames within LOUD_DB of the loud ones. A clear pitch: .75 to .98 where one voice sings, .46
# and more with harmonies, up to .24 in full songs, up to .62 in bands with a lonely bass. Any pitch: .85 and
# more where one voice sings, up to .82 in bands.
LOUD_DB, CLEAR = 25.0, 0.85
ALONE_CLEAR, ALONE_VOICED, LEAST_CLEAR = 0.7, 0.8, 0.35


def hear_voice(audio: Audio, *, bpm: float | None = None) -> tuple[Analysis, tuple[SungNote, ...]]:
    """Beats, bars, key and chords for a voice alone, and its notes. What is not sung is an invention that
    fits: the chords are those that would accompany it.

    Raises SpecError when fewer than eight notes can be heard, or other things sound as well.
    """
    track = track_pitch(audio)
    if _shares(track)[1] < LEAST_CLEAR:
        raise SpecError(
            "The recording holds more than a voice, or none: a single pitch is heard in too little of it. "
            "Upload the voice alone, or make a cover, which takes the voice out first."
        )
    notes = notes_of_voice(track)
    if len(notes) < FEWEST_NOTES:
        raise SpecError(
            f"Only {len(notes)} sung notes were found, and {FEWEST_NOTES} are needed to find tempo and key. "
            "Upload a longer or cleaner recording of the voice."
        )
    onsets = _with_notes(find_onsets(mono(audio)), notes)
    pulse = find_pulse(onsets, tempo_of_notes(notes) if bpm is None else bpm, 0.02 if bpm is None else 0.05)
    beats = pulse.beats_s
    key = key_of_notes(notes)
    best: tuple[float, int, int, tuple[FoundChord, ...]] | None = None
    for bar_beats in (4, 3):
        for first in range(bar_beats):
            chords, fit = chords_for(notes, beats[first::bar_beats], key)
            score = fit + 0.6 * _accent(notes, beats, first, bar_beats) - (0.25 if bar_beats == 3 else 0.0)
            if best is None or score > best[0]:
                best = (score, bar_beats, first, chords)
    if best is None or len(beats) < 4:
        raise SpecError("No beat could be found in the singing. Give its tempo in bpm.")
    _, bar_beats, first, chords = best
    tuning = tuning_of(track.midi[track.voiced]) * 100
    heard = bare_analysis(audio, pulse, beats[first::bar_beats], bar_beats, key, tuning, chords)
    return heard, notes


def is_voice_alone(audio: Audio) -> bool:
    """Whether one voice, or one instrument that plays single notes, is all that sounds."""
    voiced, clear = _shares(track_pitch(audio))
    return voiced >= ALONE_VOICED and clear >= ALONE_CLEAR


def _shares(track: PitchTrack) -> tuple[float, float]:
    """Which parts of the loud frames have a pitch, and a clear one."""
    loud = track.level_db > np.percentile(track.level_db, 95) - LOUD_DB
    return float(track.voiced[loud].mean()), float((track.clarity[loud] > CLEAR).mean())


def tempo_of_notes(notes: tuple[SungNote, ...]) -> float:
    """The tempo, 63 to 170 bpm, on whose beats, halves and quarters most notes begin, long ones counting
    most: Fourier sums over the beginnings."""
    times = np.array([note.start_s for note in notes])
    weights = np.array([min(1.0, (note.end_s - note.start_s) / 0.4) ** 0.5 for note in notes])
    bpms = np.geomspace(63.0, 170.0, 1400)
    score = np.zeros(len(bpms))
    for multiple, weight in ((1, 0.7), (2, 1.0), (4, 0.8)):
        turns = np.exp(-2j * np.pi * np.outer(bpms / 60.0 * multiple, times))
        score += weight * np.abs(turns @ weights)
    prior = np.exp(-0.5 * (np.log2(bpms / USUAL_BPM) / 1.1) ** 2)
    return float(bpms[int(np.argmax(score * prior))])


def _with_notes(onsets: Onsets, notes: tuple[SungNote, ...]) -> Onsets:
    """The beginnings of notes count beside those of the sound, long notes most: a voice has no drums."""
    extra = np.zeros(len(onsets.full))
    for note in notes:
        place = round(note.start_s * RATE_HZ)
        if place < len(extra):
            extra[place] += 4.0 * min(1.0, (note.end_s - note.start_s) / 0.4) ** 0.5
    return replace(onsets, full=0.5 * onsets.full + gaussian_filter1d(extra, 2.0) * 4.0)


def key_of_notes(notes: tuple[SungNote, ...]) -> Key:
    """The key whose profile fits the time spent on each pitch class, the last note being likely at home."""
    wheel = np.zeros(12)
    for note in notes:
        wheel[note.pitch % 12] += min(1.5, note.end_s - note.start_s)
    wheel /= wheel.sum()
    last = notes[-1].pitch % 12
    scores = []
    for mode, profile in PROFILES.items():
        for tonic in range(12):
            fit = float(np.corrcoef(wheel, np.roll(profile, tonic))[0, 1])
            home = 0.12 if last == tonic else 0.04 if (last - tonic) % 12 in (3, 4, 7) else 0.0
            scores.append((fit + home, tonic, mode))
    scores.sort(reverse=True)
    return Key(scores[0][1], scores[0][2], round(float(np.clip((scores[0][0] - scores[1][0]) * 4, 0, 1)), 3))


def chords_for(notes: tuple[SungNote, ...], bars_s: Floats, key: Key) -> tuple[tuple[FoundChord, ...], float]:
    """A chord for every bar by Viterbi over the key's triads, and how well they fit the notes (-1..1)."""
    if len(bars_s) < 2:
        return (), -1.0
    bar = float(np.median(np.diff(bars_s)))
    edges = np.append(bars_s, bars_s[-1] + bar)
    options = [((key.tonic + step) % 12, quality, liking) for step, quality, liking in DEGREES[key.mode]]
    fits = np.array(
        [[_fit(notes, a, b, root, q) for root, q, _ in options] for a, b in itertools.pairwise(edges)]
    )
    liking = np.array([item[2] for item in options])
    emission = fits * 4.0 + liking
    emission[0, 0] += HOME_BONUS / 2
    emission[-1, 0] += HOME_BONUS
    moves = np.array([[_move(a, b) for b in options] for a in options])
    best, back = emission[0].copy(), np.zeros(emission.shape, int)
    for i in range(1, len(emission)):
        total = best[:, None] + moves
        back[i] = total.argmax(axis=0)
        best = total.max(axis=0) + emission[i]
    path = [int(best.argmax())]
    for i in range(len(emission) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    path.reverse()
    chords = []
    for i, state in enumerate(path):
        sure = float(np.exp(emission[i, state]) / np.exp(emission[i]).sum())
        root, quality, _ = options[state]
        chords.append(FoundChord(float(edges[i]), float(edges[i + 1]), root, quality, round(sure, 3)))
    return tuple(chords), float(np.mean([fits[i, s] for i, s in enumerate(path)]))


def _fit(notes: tuple[SungNote, ...], start: float, end: float, root: int, quality: str) -> float:
    """-1..1: how well the notes sounding in a span sit on a chord, its first and long ones counting most."""
    tones = {(root + step) % 12 for step in QUALITIES[quality]}
    total = weight = 0.0
    for note in notes:
        overlap = min(note.end_s, end) - max(note.start_s, start)
        if overlap <= 0.02:
            continue
        own = min(1.0, overlap) + (0.25 if abs(note.start_s - start) < 0.12 else 0.0)
        pitch = note.pitch % 12
        value = INSIDE if pitch in tones else SEMITONE if (pitch - 1) % 12 in tones else OUTSIDE
        total, weight = total + own * value, weight + own
    return total / weight if weight else 0.0


def _move(old: tuple[int, str, float], new: tuple[int, str, float]) -> float:
    if old[:2] == new[:2]:
        return -STAY_COST
    return FIFTH_DOWN if (old[0] - new[0]) % 12 == 7 else 0.0


def _accent(notes: tuple[SungNote, ...], beats_s: Floats, first: int, bar_beats: int) -> float:
    """How much longer the notes on these downbeats are than those elsewhere."""
    downs = beats_s[first::bar_beats]
    step = float(np.median(np.diff(beats_s)))
    on: list[float] = []
    off: list[float] = []
    for note in notes:
        near = float(np.abs(downs - note.start_s).min())
        (on if near < 0.2 * step else off).append(min(1.5, (note.end_s - note.start_s) / step))
    return float(np.mean(on) - np.mean(off)) * min(1.0, len(on) / max(1, len(downs))) if on and off else 0.0


def scale_share(notes: tuple[SungNote, ...], key: Key) -> float:
    """Share of the sung time that lies in the key's scale."""
    scale = {(key.tonic + step) % 12 for step in SCALES[key.mode]}
    spans = [(note.end_s - note.start_s, note.pitch % 12 in scale) for note in notes]
    return sum(s for s, inside in spans if inside) / max(1e-9, sum(s for s, _ in spans))
