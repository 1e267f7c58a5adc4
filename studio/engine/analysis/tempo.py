"""Tempo and beats: autocorrelation and comb, dynamic programming, and a straight line through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d

from studio.engine.analysis.onsets import RATE_HZ, Onsets, at

Times = NDArray[np.float64]
LOWEST_BPM, HIGHEST_BPM = 40.0, 220.0
USUAL_BPM = 112.0
SPREAD_OCTAVES = 0.85
TIGHTNESS = 90.0
WINDOW_S = 4
STEADY = 0.6  # agreement of the windows' phases in a song that keeps its tempo
MULTIPLES = ((1, 1.0), (2, 0.7), (4, 0.35))  # of the pulse, with their weights
# A bar of three beats is also twice one and a half of them, which a comb of halves and doubles takes for the
# pulse. But nothing repeats at such a distance: it has less than this share of what the thirds have.
HEMIOLA = 0.5


@dataclass(frozen=True)
class Pulse:
    """`confidence` 0..1 is how clearly this pulse stands out; `alternatives` are half, double and others
    with their share of the evidence. `is_steady` tells that the beats lie on one straight line."""

    bpm: float
    confidence: float
    alternatives: tuple[tuple[float, float], ...]
    beats_s: Times
    is_steady: bool


def find_pulse(onsets: Onsets, around_bpm: float | None = None, within_octaves: float = 0.33) -> Pulse:
    """Tempo and beats of a song; `around_bpm` holds the search to a known tempo's neighbourhood."""
    repeats = _repeats(onsets)
    bpms, scores = _comb(repeats)
    wanted = scores * _prior(bpms)
    if around_bpm is not None:
        wanted = wanted * (np.abs(np.log2(bpms / around_bpm)) < within_octaves)
    rough = float(bpms[int(np.argmax(wanted))])
    if around_bpm is None and _is_hemiola(repeats, rough):
        rough *= 1.5
    tracked = track_beats(onsets.full, rough)
    if len(tracked) < 4:
        return Pulse(rough, 0.0, (), tracked, False)
    bpm, evenness = _line(onsets.full, rough)
    is_steady = min(evenness, _gathered(tracked, bpm)) > STEADY
    if is_steady:
        beats = _grid(bpm, _phase(onsets.full, 60.0 / bpm), tracked)
    else:
        beats = tracked
        bpm = 60.0 / float(np.median(np.diff(tracked)))
    confidence = _confidence(onsets, beats) * (1.0 if is_steady else 0.7)
    return Pulse(bpm, round(confidence, 3), _alternatives(bpms, scores, bpm), beats, is_steady)


def tempo_scores(onsets: Onsets) -> tuple[Times, Times]:
    """Candidate tempi in bpm and the evidence for each, from a comb on the autocorrelation."""
    return _comb(_repeats(onsets))


def _repeats(onsets: Onsets) -> Times:
    """How much the song is like itself at every distance, in steps of 1 / RATE_HZ."""
    longest = int(RATE_HZ * 60 / LOWEST_BPM * 4) + 4
    return np.asarray(
        sum(_autocorrelation(curve, longest) for curve in (onsets.full, onsets.low, onsets.high))
    )


def _comb(repeats: Times) -> tuple[Times, Times]:
    bpms = np.geomspace(LOWEST_BPM, HIGHEST_BPM, 600)
    lags = RATE_HZ * 60.0 / bpms
    place = np.arange(len(repeats))
    comb = sum(
        weight * np.interp(lags * times, place, repeats)
        for times, weight in ((1, 1.0), (2, 0.8), (3, 0.3), (4, 0.8), (0.5, 0.15))
    )
    return bpms, np.maximum(0.0, np.asarray(comb)) + 1e-9


def _is_hemiola(repeats: Times, bpm: float) -> bool:
    """Whether the double of this pulse falls into three rather than into two."""
    if 1.5 * bpm > HIGHEST_BPM:
        return False
    lags = RATE_HZ * 60.0 / bpm * np.array([1.0, 2 / 3, 4 / 3])
    own, third, two_thirds = np.interp(lags, np.arange(len(repeats)), repeats)
    return bool(own < HEMIOLA * min(third, two_thirds))


def _autocorrelation(curve: Times, longest: int) -> Times:
    centred = gaussian_filter1d(curve, 1.2) - curve.mean()
    size = 1 << int(np.ceil(np.log2(len(centred) + longest)))
    spectrum = rfft(centred, size)
    raw = irfft(spectrum * np.conj(spectrum), size)[:longest]
    raw = raw / np.maximum(1, len(centred) - np.arange(longest))
    return np.asarray(raw / max(float(raw[0]), 1e-12))


def _prior(bpms: Times) -> Times:
    return np.asarray(np.exp(-0.5 * (np.log2(bpms / USUAL_BPM) / SPREAD_OCTAVES) ** 2))


def track_beats(strength: Times, bpm: float) -> Times:
    """Beats in seconds by dynamic programming (Ellis 2007): strong onsets at nearly even distances."""
    period = RATE_HZ * 60.0 / bpm
    local = gaussian_filter1d(strength, period / 32)
    back = np.arange(-round(2 * period), -round(period / 2))
    cost = -TIGHTNESS * np.log(-back / period) ** 2
    reach = -int(back[0])
    total = np.concatenate([np.zeros(reach), local])
    origin = np.full(len(local), -1)
    for t in range(len(local)):
        past = total[t + reach + back[0] : t + reach + back[-1] + 1] + cost
        best = int(np.argmax(past))
        total[t + reach] += past[best]
        origin[t] = t + back[best]
    total = total[reach:]
    tail = max(1, round(period))
    here = len(total) - tail + int(np.argmax(total[-tail:]))
    beats = []
    while here >= 0:
        beats.append(here)
        here = int(origin[here])
    return np.array(beats[::-1], float) / RATE_HZ


def _line(curve: Times, rough_bpm: float) -> tuple[float, float]:
    """The tempo whose even grid meets most onsets, and how even the song is, 0..1.

    A coarse search over Fourier sums of the whole song is followed by a straight line through the phases of
    its windows, from which an ending that slows down falls out.
    """
    times = np.arange(len(curve)) / RATE_HZ
    hz = rough_bpm / 60.0 * np.linspace(0.975, 1.025, 121)
    power = sum(w * np.abs(_fourier(curve, times, hz * m)) ** 2 for m, w in MULTIPLES)
    best_hz = float(hz[int(np.argmax(power))])
    evenness = 0.0
    for _ in range(3):
        best_hz, evenness = _straightened(curve, times, best_hz)
    return best_hz * 60.0, evenness


def _gathered(tracked: Times, bpm: float) -> float:
    """0..1: how closely the tracked beats keep their distance from an even grid, on it or between it."""
    turns = np.exp(4j * np.pi * tracked * bpm / 60.0)
    return float(np.abs(turns.mean()))


def _straightened(curve: Times, times: Times, hz: float) -> tuple[float, float]:
    """A better frequency from how the phase of each window moves, and the windows' agreement 0..1."""
    size = WINDOW_S * RATE_HZ
    count = max(2, len(curve) // size)
    middles = (np.arange(count) + 0.5) * WINDOW_S
    shift, weight, agreement = 0.0, 1e-12, 0.0
    for multiple, _ in MULTIPLES:
        turned = curve * np.exp(-2j * np.pi * hz * multiple * times)
        sums = np.array([turned[i * size : (i + 1) * size].sum() for i in range(count)])
        whole = sums.sum()
        agreement = max(agreement, float(np.abs(whole) / max(1e-9, np.abs(sums).sum())))
        angle = np.angle(sums * np.conj(whole))
        power = np.abs(sums) * (np.abs(angle) < 1.2)
        if np.count_nonzero(power) < 3:
            continue
        slope = np.polynomial.polynomial.polyfit(middles, angle, 1, w=power)[1] / (2 * np.pi * multiple)
        share = float(power.sum()) ** 2 * multiple**2
        shift, weight = shift + slope * share, weight + share
    return hz + float(shift / weight), agreement


def _fourier(curve: Times, times: Times, hz: Times) -> NDArray[np.complex128]:
    return np.array([np.dot(curve, np.exp(-2j * np.pi * f * times)) for f in hz])


def _phase(curve: Times, period_s: float) -> float:
    """Seconds of the first beat: the offset at which an even grid collects most onset strength."""
    count = int(len(curve) / RATE_HZ / period_s)
    offsets = np.arange(0.0, period_s, 0.002)
    smooth = gaussian_filter1d(curve, 1.5)
    beats = np.arange(max(1, count)) * period_s
    sums = np.array([at(smooth, offset + beats).sum() for offset in offsets])
    return float(offsets[int(np.argmax(sums))])


def _grid(bpm: float, phase_s: float, tracked: Times) -> Times:
    """Even beats while the song keeps time, the tracked ones where it slows down at its end."""
    period = 60.0 / bpm
    off = np.abs((tracked - phase_s) / period - np.round((tracked - phase_s) / period))
    near = off < 0.18
    last = len(tracked)
    if near.mean() > 0.6:
        while last > 4 and not near[max(0, last - 3) : last].any():
            last -= 1
    first = np.round((tracked[0] - phase_s) / period)
    final = np.round((tracked[last - 1] - phase_s) / period)
    line = phase_s + np.arange(first, final + 1) * period
    line = line[line >= -0.05]
    tail = tracked[last:]
    return np.concatenate([line, tail[tail > line[-1] + 0.5 * period]])


def _confidence(onsets: Onsets, beats: Times) -> float:
    """How much more happens on the beats than on average, softened to 0..1."""
    on = float(at(gaussian_filter1d(onsets.full, 1.0), beats).mean())
    mean = float(onsets.full.mean()) + 1e-9
    contrast = max(0.0, on / mean - 1.0)
    return contrast / (contrast + 1.5)


def _alternatives(bpms: Times, scores: Times, bpm: float) -> tuple[tuple[float, float], ...]:
    own = float(np.interp(bpm, bpms, scores))
    out = []
    for factor in (0.5, 2.0, 2 / 3, 1.5):
        other = bpm * factor
        if LOWEST_BPM <= other <= HIGHEST_BPM:
            share = float(np.interp(other, bpms, scores))
            out.append((round(other, 2), round(share / (share + own), 3)))
    return tuple(sorted(out, key=lambda item: -item[1]))
