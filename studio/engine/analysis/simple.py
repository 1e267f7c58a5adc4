"""A recording into singing and accompaniment without a net: by where it sounds, what it sounds like, what
comes back and what carries the tune.

For every line of the short-time spectrum a few cues are measured: how far from the middle it is (stereo),
whether it stands still in time, stretches over frequencies (medians, Fitzgerald 2010), comes back elsewhere
(repeats.py), or is a harmonic of the tune (tune.py). Their weights, fitted to songs of the engine, make a
soft mask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.signal import get_window

from studio.engine.analysis import repeats, tune
from studio.engine.analysis.samples import Audio
from studio.engine.analysis.simple_weights import KNOTS_HZ, MASK, VOICED
from studio.engine.spec import SAMPLE_RATE_HZ

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Spectrum = NDArray[np.complex64]
SIZE, HOP = 4096, 1024
LINES = 1024  # above the lowest, up to 11 kHz; what is higher goes with the highest of these
TOP_LINES = 96
LINE_HZ = SAMPLE_RATE_HZ / SIZE
BLOCK = 512  # frames
SHORT, LONG = 17, 43  # frames (and lines) of the medians: 0.4 s, 1 s
TUNE_LINES = 500
LOWEST_SIDE_DB = -30.0
NARROW_DB = -22.0  # with sides so weak a recording tells nothing by its two channels
NEAR = 8  # frames around a sung one in which consonants are expected


@dataclass(frozen=True)
class Cues:
    """What is measured of every line, (frames, LINES), on logarithmic scales but for `loud`, magnitudes.
    `side` is None for recordings whose two channels are alike."""

    loud: Halves
    side: Halves | None
    steady: Halves  # rather long in time than wide in frequency
    slow: Halves  # standing for a second
    wide: Halves
    again: Halves  # of what comes back


@dataclass(frozen=True)
class Parts:
    """`voiced` is 0..1 for every frame (43 a second): how likely it is sung."""

    vocals: Audio
    accompaniment: Audio
    voiced: Floats
    hz: Floats


def tell_apart(audio: Audio, on_step: Callable[[float], None] | None = None) -> Parts:
    """Voice and accompaniment of float32 (2, samples) at 44.1 kHz, which sum to it exactly.

    About 0.03 seconds of processor time and 3 megabytes for every second.
    """
    say = on_step or (lambda _: None)
    window = get_window("hann", SIZE).astype(np.float32)
    count = audio.shape[1] // HOP + 2
    padded = np.pad(audio, ((0, 0), (SIZE // 2, count * HOP + SIZE)))
    cues, saliences = _listen(padded, count, window, say)
    found = tune.follow(saliences)
    kind = "stereo" if cues.side is not None else "mono"
    evidence = _evidence(cues, found) @ np.array(VOICED[kind], np.float32)
    evidence = uniform_filter1d(evidence, 5, mode="nearest")
    say(0.7)
    vocals = np.zeros(padded.shape, np.float32)
    weight = np.zeros(padded.shape[1], np.float32)
    usual = cues.loud.mean(axis=0, keepdims=True, dtype=np.float32)
    near = tune.widened(_share(evidence), NEAR)
    for start in range(0, count, BLOCK):
        rows = slice(start, min(start + BLOCK, count))
        mask = _mask(cues, rows, found.hz[rows], evidence[rows], near[rows], usual, kind)
        overlap_add(vocals, weight, _spectrum(padded, rows, window) * mask, start, window)
        say(0.7 + 0.3 * rows.stop / count)
    del padded, cues, saliences
    vocals /= np.maximum(weight, 1e-3)
    part = np.ascontiguousarray(vocals[:, SIZE // 2 : SIZE // 2 + audio.shape[1]])
    return Parts(part, audio - part, _share(evidence), found.hz)


def _share(evidence: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-evidence)), np.float32)


def _spectrum(padded: Audio, rows: slice, window: Floats) -> Spectrum:
    framed = sliding_window_view(padded, SIZE, axis=1)[:, ::HOP][:, rows]
    return np.asarray(rfft(framed * window, axis=2), np.complex64)


def _listen(padded: Audio, count: int, window: Floats, say: Callable[[float], None]) -> tuple[Cues, Floats]:
    """The cues of the whole recording and the saliences of the pitches in it."""
    loud = np.empty((count, LINES), np.float16)
    side = np.empty((count, LINES), np.float16)
    for start in range(0, count, BLOCK):
        rows = slice(start, min(start + BLOCK, count))
        around = slice(max(0, start - 1), min(rows.stop + 1, count))
        left, right = _spectrum(padded, around, window)[:, :, 1 : LINES + 1]
        inner = slice(start - around.start, start - around.start + rows.stop - start)
        middle = np.abs(left + right) / 2
        loud[rows] = middle[inner]
        side[rows] = _sidedness(middle, np.abs(left - right) / 2)[inner]
        say(0.2 * rows.stop / count)
    likes = repeats.alike(repeats.outlines(loud), lambda share: say(0.2 + 0.2 * share))
    steady, slow, wide, again = (np.empty((count, LINES), np.float16) for _ in range(4))
    centred = np.empty((count, len(tune.PITCHES)), np.float32)
    cues = Cues(loud, None if _is_narrow(padded) else side, steady, slow, wide, again)
    comb = tune.comb(LINES, LINE_HZ)
    bright = _brightness(cues, likes)
    for start in range(0, count, BLOCK):
        rows = slice(start, min(start + BLOCK, count))
        centred[rows] = bright(rows) @ comb
        say(0.4 + 0.2 * rows.stop / count)
    return cues, centred


def _is_narrow(padded: Audio) -> bool:
    power = [float(np.mean((padded[0] + sign * padded[1]) ** 2)) + 1e-12 for sign in (1, -1)]
    return 10 * np.log10(power[1] / power[0]) < NARROW_DB


def _sidedness(middle: Floats, sides: Floats) -> Floats:
    """Decibels of the sides over the middle, neighbours counting."""

    def power(values: Floats) -> Floats:
        smooth = uniform_filter1d(uniform_filter1d(values**2, 3, axis=0), 3, axis=1)
        return np.asarray(smooth + 1e-9, np.float32)

    return np.asarray(np.clip(10 * np.log10(power(sides) / power(middle)), LOWEST_SIDE_DB, 10), np.float32)


def _brightness(cues: Cues, likes: NDArray[np.int32]) -> Callable[[slice], Floats]:
    """Fills in the cues that need neighbours, block by block, and gives what may belong to the tune."""
    count = len(cues.loud)

    def of(rows: slice) -> Floats:
        around = slice(max(0, rows.start - LONG), min(rows.stop + LONG, count))
        inner = slice(rows.start - around.start, rows.stop - around.start)
        block = cues.loud[around].astype(np.float32)
        loud = block[inner]
        held, lasting = _along_time(block, SHORT)[inner], _along_time(block, LONG)[inner]
        wide = median_filter(loud.ravel(), size=SHORT).reshape(loud.shape)
        again = repeats.background(cues.loud, likes[rows])
        cues.steady[rows], cues.slow[rows] = _ratio(held, wide), _ratio(lasting, loud)
        cues.wide[rows], cues.again[rows] = _ratio(wide, loud), _ratio(again, loud)
        own = loud * (held / (held + wide + 1e-3)) * _centre(cues, rows)
        own *= np.clip(1 - again / (loud + 1e-3), 0.0, 1.0) ** 0.25
        own *= np.clip(1 - lasting / (loud + 1e-3), 0.05, 1.0) ** 0.25
        own = own**0.7
        floor = 0.02 * own.mean() + 1e-4
        return np.asarray(own / np.sqrt(uniform_filter1d(own, 60, axis=1) + floor), np.float32)

    return of


def _along_time(block: Floats, frames: int) -> Floats:
    # One long row is filtered many times faster than a table; its seams lie outside what is used.
    turned = np.ascontiguousarray(block.T)
    return np.asarray(median_filter(turned.ravel(), size=frames).reshape(turned.shape).T, np.float32)


def _ratio(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.clip(np.log((one + 1e-3) / (other + 1e-3)), -4.0, 4.0), np.float32)


def _centre(cues: Cues, rows: slice) -> Floats:
    """0..1: how much of a line sounds in the middle."""
    if cues.side is None:
        return np.ones((rows.stop - rows.start, 1), np.float32)
    return np.clip(1 - 10 ** (cues.side[rows].astype(np.float32) / 10), 0.0, 1.0)


def _evidence(cues: Cues, found: tune.Tune) -> Floats:
    """What is measured of every frame, for VOICED: mostly of the lines that are harmonics of its tune."""
    count = len(found.hz)
    names = ("side", "again", "slow", "steady")
    means = {name: np.zeros(count, np.float32) for name in names}
    tonal, share = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for start in range(0, count, BLOCK):
        rows = slice(start, min(start + BLOCK, count))
        loud = cues.loud[rows, :TUNE_LINES].astype(np.float32)
        own = loud * tune.harmonic_share(found.hz[rows], LINES, LINE_HZ)[:, :TUNE_LINES]
        tonal[rows] = own.sum(axis=1) + 1e-3
        share[rows] = np.log(tonal[rows] / (loud.sum(axis=1) + 1e-2))
        for name in names:
            values = getattr(cues, name)
            if values is not None:
                means[name][rows] = (values[rows, :TUNE_LINES] * own).sum(axis=1) / tonal[rows]
    height = np.log2(found.hz / tune.USUAL_HZ)
    frames = np.stack(
        [
            found.salience, found.lead, tune.unrest(found.hz), share, means["side"] / 10, means["again"],
            means["slow"], means["steady"], np.log(tonal / (np.percentile(tonal, 90) + 1e-2)), height,
            height**2,
        ], axis=1,
    )  # fmt: skip
    around = uniform_filter1d(frames[:, :9], 11, axis=0)
    clear = np.minimum(found.salience, 3)[:, None] ** 2 / 3
    return np.concatenate([np.ones((count, 1)), frames, around, clear], axis=1).astype(np.float32)


def _mask(
    cues: Cues, rows: slice, hz: Floats, evidence: Floats, near: Floats, usual: Floats, kind: str
) -> Floats:
    """The share of the voice in every line of some frames, (frames, SIZE // 2 + 1)."""
    share = _share(_weighed(_measures(cues, rows, hz, evidence, near, usual), kind))
    mask = np.zeros((len(hz), SIZE // 2 + 1), np.float32)
    mask[:, 1 : LINES + 1] = share
    mask[:, LINES + 1 :] = share[:, -TOP_LINES:].mean(axis=1, keepdims=True)
    return mask


def _measures(
    cues: Cues, rows: slice, hz: Floats, evidence: Floats, near: Floats, usual: Floats
) -> list[Floats]:
    """What is measured of every line, for MASK."""
    comb = tune.harmonic_share(hz, LINES, LINE_HZ)
    sung, around = _share(evidence)[:, None], near[:, None]
    sure = np.asarray(np.clip(evidence, -5, 5)[:, None] / 2, np.float32)
    one = np.ones(comb.shape, np.float32)
    side = _floats(cues.side[rows]) / np.float32(10) if cues.side is not None else one * 0
    centre = _centre(cues, rows) if cues.side is not None else one * 0
    loud, steady, slow = _floats(cues.loud[rows]), _floats(cues.steady[rows]), _floats(cues.slow[rows])
    wide, again = _floats(cues.wide[rows]), _floats(cues.again[rows])
    measures: list[Any] = [
        one, side, side**2 / 3, steady, slow, wide, again, _ratio(loud, usual), one * sure, sung * comb,
        sung * (1 - comb), sung * comb * centre, sung * comb * again, sung * side, sung * steady,
        (around - sung) * wide, around * one, sung * again,
    ]  # fmt: skip
    return [np.asarray(values, np.float32) for values in measures]


def _floats(values: Halves) -> Floats:
    return values.astype(np.float32)


def _weighed(measures: list[Floats], kind: str) -> Floats:
    """The sum of the measures, by weights that change with the frequency."""
    at = np.log(np.arange(1, LINES + 1) * LINE_HZ)
    table = np.array(MASK[kind])
    knots = np.log(KNOTS_HZ)
    total = np.zeros_like(measures[0])
    for number, values in enumerate(measures):
        total += values * np.interp(at, knots, table[:, number]).astype(np.float32)
    return total


def overlap_add(out: Audio, weight: Floats, spectrum: Spectrum, first: int, window: Floats) -> None:
    """Add the frames of `spectrum` (channels, frames, bins) to `out` from frame `first` on, and to `weight`
    (samples,) the squares of the window, by which `out` is divided at the end."""
    frames = irfft(spectrum, SIZE, axis=2).astype(np.float32) * window
    square = window**2
    for i in range(frames.shape[1]):
        at = (first + i) * HOP
        out[:, at : at + SIZE] += frames[:, i]
        weight[at : at + SIZE] += square
