"""Known words to the moments at which they are sung: syllables on the onsets of the voice, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.onsets import at, find_onsets, peak_times
from studio.engine.analysis.pitch import STEP_S, PitchTrack, track_pitch
from studio.engine.analysis.samples import Audio, mono
from studio.engine.analysis.voice_notes import SungNote, notes_of_voice
from studio.engine.lyrics.parse import LyricSection, parse_lyrics
from studio.engine.spec import SpecError, TimedWord

Floats = NDArray[np.float64]
BREATH_S = 0.22  # silence before an onset that suggests a new line
SKIP_ONSET, SKIP_SYLLABLE = 0.6, 1.1
LINE_WITHOUT_PAUSE, LINE_AFTER_PAUSE, PAUSE_IN_LINE = 0.6, 0.5, 1.2
CONSONANTS_S = 0.4  # of voiceless sound between two syllables of a line, at the most
SAME_ONSET_S = 0.07
SHORTEST_S = 0.09
# Recognised words come early on singing, and are right within about half a second.
GAP_SCORE = -0.4
HEARD_EARLY_S, HEARD_WITHIN_S, HEARD_WEIGHT = 0.2, 0.5, 1.5
UNUSUAL = 0.4  # how much a syllable of unusual length costs, for every halving or doubling


@dataclass(frozen=True, slots=True)
class _Syllable:
    word: int
    begins_line: bool
    stress: float


@dataclass(frozen=True, slots=True)
class _Onset:
    at_s: float
    gap_s: float
    weight: float


def align(
    voice: Audio, lyrics: str, language: str = "en", heard: Sequence[TimedWord] = ()
) -> tuple[TimedWord, ...]:
    """Times of the lyrics' words in a voice, float32 (2, samples) or (samples,) at 44.1 kHz. An estimate.

    `heard` are words from `recognise`: where they agree with the lyrics they show roughly where to look.
    Raises SpecError when the lyrics hold no words or hardly anything is sung.
    """
    texts, syllables = _read(parse_lyrics(lyrics, language))
    if not syllables:
        raise SpecError("These lyrics hold no words to time.")
    track = track_pitch(voice)
    onsets = _onsets(voice, track, notes_of_voice(track))
    if len(onsets) < max(3, len(syllables) // 5):
        raise SpecError(
            f"Only {len(onsets)} sung beginnings were found for {len(syllables)} syllables. "
            "Check that these are the words of this recording, or take the voice out of the mix first."
        )
    places = _path(syllables, onsets, _expected(texts, heard))
    times = _filled(places, onsets)
    return _words(texts, syllables, times, track)


def _read(sections: list[LyricSection]) -> tuple[list[str], list[_Syllable]]:
    """Texts of the words as the timeline wants them, and their syllables."""
    texts: list[str] = []
    out: list[_Syllable] = []
    for section in sections:
        for line in section.lines:
            for number, word in enumerate(line.words):
                for part, syllable in enumerate(word.syllables):
                    out.append(_Syllable(len(texts), number == 0 and part == 0, syllable.stress))
                texts.append(word.text)
    return texts, out


def _onsets(voice: Audio, track: PitchTrack, notes: tuple[SungNote, ...]) -> list[_Onset]:
    """Beginnings of notes, and of sounds inside them, with the silence before each."""
    curve = find_onsets(mono(voice)).full
    starts = [(note.start_s, 1.0) for note in notes]
    inside = [t for t in peak_times(curve, floor=1.5) if _is_voiced(track, float(t))]
    times = sorted(starts + [(float(t), 0.5) for t in inside])
    merged: list[tuple[float, float]] = []
    for time, weight in times:
        if merged and time - merged[-1][0] < SAME_ONSET_S:
            merged[-1] = (merged[-1][0], max(merged[-1][1], weight) + 0.2)
        else:
            merged.append((time, weight))
    strength = at(curve, np.array([t for t, _ in merged]))
    return [
        _Onset(t, _silence_before(track, t), w + 0.1 * min(4.0, float(s)))
        for (t, w), s in zip(merged, strength, strict=True)
    ]


def _is_voiced(track: PitchTrack, second: float) -> bool:
    place = round((second + 0.06) / STEP_S)
    return bool(track.voiced[max(0, place - 6) : place + 3].any())


def _silence_before(track: PitchTrack, second: float) -> float:
    place = max(0, round(second / STEP_S) - 3)
    before = np.flatnonzero(track.voiced[:place])
    return second - float(before[-1]) * STEP_S if len(before) else 10.0


def _expected(texts: list[str], heard: Sequence[TimedWord]) -> Floats | None:
    """Roughly when each word is sung, by the heard words that agree with the text; None when too few do."""
    wanted, found = [_plain(text) for text in texts], [_plain(word.text) for word in heard]
    pairs = [(i, heard[j].start_s + HEARD_EARLY_S) for i, j in _agreeing(wanted, found)]
    if len(pairs) < max(3, 0.4 * len(texts)):
        return None
    places, times = zip(*pairs, strict=True)
    return np.interp(np.arange(len(texts)), places, np.maximum.accumulate(times))


def _agreeing(wanted: list[str], found: list[str]) -> list[tuple[int, int]]:
    """Pairs of equal words in the best alignment of both texts as wholes: with choruses that return, the
    longest common passages alone would be misleading."""
    best = np.zeros((len(wanted) + 1, len(found) + 1))
    best[:, 0] = GAP_SCORE * np.arange(len(wanted) + 1)
    best[0, :] = GAP_SCORE * np.arange(len(found) + 1)
    for i, word in enumerate(wanted, 1):
        for j, other in enumerate(found, 1):
            pair = best[i - 1, j - 1] + (1.0 if word == other else 0.0)
            best[i, j] = max(pair, best[i - 1, j] + GAP_SCORE, best[i, j - 1] + GAP_SCORE)
    i, j, pairs = len(wanted), len(found), []
    while i and j:
        equal = wanted[i - 1] == found[j - 1]
        if best[i, j] == best[i - 1, j - 1] + (1.0 if equal else 0.0):
            i, j = i - 1, j - 1
            if equal:
                pairs.append((i, j))
        elif best[i, j] == best[i - 1, j] + GAP_SCORE:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _plain(text: str) -> str:
    """The word itself, without section mark and signs."""
    last = text.split()[-1] if text.split() else ""
    return "".join(char for char in last.casefold() if char.isalnum())


def _path(syllables: list[_Syllable], onsets: list[_Onset], expected: Floats | None = None) -> list[int]:
    """The onset of every syllable, -1 for those that have none: the cheapest alignment in order."""
    count = len(onsets)
    times = np.array([o.at_s for o in onsets])
    gaps = np.array([o.gap_s for o in onsets])
    skip = SKIP_ONSET * np.array([o.weight for o in onsets])
    # A long silence cannot be skipped for nothing, nor does it cost: nobody sings there.
    skipped = np.concatenate([[0.0], np.cumsum(skip)])
    usual = _usual_s(times, len(syllables))
    waits = np.diff(times, prepend=-10.0) / usual
    best = np.concatenate([[0.0], np.full(count, np.inf)])  # after k onsets were used or passed
    back: list[NDArray[np.int64]] = []
    last = np.full(count + 1, -1)
    for syllable in syllables:
        own = np.full(count + 1, np.inf)
        origin = np.full(count + 1, -1)
        # Arriving at state k means that onset k-1 carries this syllable.
        base = best - skipped
        cheapest = np.minimum.accumulate(base)
        where = _argmin_so_far(base)
        fit = _fit_cost(syllable, gaps, waits)
        if expected is not None:
            far_s = np.maximum(0.0, np.abs(times - expected[syllable.word]) - HEARD_WITHIN_S)
            fit = fit + HEARD_WEIGHT * np.minimum(far_s, 4.0)
        arrive = cheapest[:-1] + skipped[:-1] + fit + _length_cost(times, last, where[:-1], usual, syllable)
        own[1:] = arrive
        origin[1:] = where[:-1]
        without = best + SKIP_SYLLABLE
        stays = without < own
        own = np.where(stays, without, own)
        back.append(np.where(stays, -1 - np.arange(count + 1), origin))
        fresh = np.where(stays, last, np.arange(count + 1) - 1)
        last, best = fresh, own
    state = int(np.argmin(best + (skipped[-1] - skipped)))
    out: list[int] = []
    for row in reversed(back):
        came = int(row[state])
        if came < 0:
            out.append(-1)
            state = -1 - came
        else:
            out.append(state - 1)
            state = came
    return out[::-1]


def _usual_s(times: Floats, count: int) -> float:
    """How long a syllable usually lasts here: the middle distance of onsets, longer when there are more
    onsets than syllables."""
    gaps = np.diff(times)
    near = gaps[gaps < 1.2]
    middle = float(np.median(near)) if len(near) else 0.3
    return middle * max(1.0, len(times) / count) ** 0.7


def _fit_cost(syllable: _Syllable, gaps: Floats, waits: Floats) -> Floats:
    """What it costs to put a syllable on each onset: lines begin after silence or after a long note, and
    silence inside a line is no longer than its consonants. `waits` are distances from the onset before, in
    usual syllables."""
    pause = np.maximum((gaps > BREATH_S).astype(float), np.clip(waits - 1.2, 0.0, 1.0))
    if syllable.begins_line:
        return np.asarray(LINE_WITHOUT_PAUSE * (1 - pause) - LINE_AFTER_PAUSE * pause)
    silent = np.clip((gaps - CONSONANTS_S) / 0.5, 0.0, 1.0)
    return np.asarray(PAUSE_IN_LINE * np.maximum(silent, 0.35 * np.clip(waits - 1.8, 0.0, 1.0)))


def _length_cost(
    times: Floats, last: NDArray[np.int64], where: NDArray[np.int64], usual: float, syllable: _Syllable
) -> Floats:
    """What an unusual distance from the syllable before costs; nothing across a line's end."""
    before = last[where]
    known = before >= 0
    gap = np.where(known, times - times[np.maximum(before, 0)], usual)
    off = np.abs(np.log2(np.maximum(gap, 0.02) / usual))
    cost = UNUSUAL * np.maximum(0.0, off - 0.7)
    return np.where(known, cost * (0.25 if syllable.begins_line else 1.0), 0.0)


def _argmin_so_far(values: Floats) -> NDArray[np.int64]:
    out = np.zeros(len(values), np.int64)
    best = 0
    for i, value in enumerate(values.tolist()):
        if value < values[best]:
            best = i
        out[i] = best
    return out


def _filled(places: list[int], onsets: list[_Onset]) -> Floats:
    """Seconds of every syllable; those without an onset stand evenly between their neighbours."""
    index = np.arange(len(places))
    known = np.array([place >= 0 for place in places])
    if not known.any():
        return np.linspace(onsets[0].at_s, onsets[-1].at_s, len(places))
    at_s = np.array([onsets[place].at_s for place in places if place >= 0])
    times = np.interp(index, index[known], at_s)
    first, final = index[known][0], index[known][-1]
    times[:first] = at_s[0] - (first - index[:first]) * 0.2
    times[final + 1 :] = at_s[-1] + (index[final + 1 :] - final) * 0.2
    return np.maximum.accumulate(np.maximum(0.0, times))


def _words(
    texts: list[str], syllables: list[_Syllable], times: Floats, track: PitchTrack
) -> tuple[TimedWord, ...]:
    starts = np.full(len(texts), np.inf)
    last_syllable = np.zeros(len(texts))
    for syllable, time in zip(syllables, times, strict=True):
        starts[syllable.word] = min(starts[syllable.word], float(time))
        last_syllable[syllable.word] = float(time)
    out = []
    for word, text in enumerate(texts):
        limit = float(starts[word + 1]) if word + 1 < len(texts) else np.inf
        end = min(limit, _sounds_until(track, float(last_syllable[word])))
        start = float(starts[word])
        end = max(end, min(limit, start + SHORTEST_S))
        out.append(TimedWord(text, round(start, 3), round(max(end, start), 3)))
    return tuple(out)


def _sounds_until(track: PitchTrack, second: float) -> float:
    """When the voice that sounds at a time stops for more than a tenth of a second."""
    place = round(second / STEP_S)
    quiet = 0
    for i in range(place + 5, len(track.voiced)):
        quiet = 0 if track.voiced[i] else quiet + 1
        if quiet * STEP_S > 0.12:
            return (i - quiet + 1) * STEP_S
    return len(track.voiced) * STEP_S
