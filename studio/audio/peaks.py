"""Waveforms for drawing: minimum/maximum pairs, measured once and stored beside the audio."""

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.audio.files import Samples, decode

BUCKETS = 800
FULL_SCALE = 127  # int8 keeps -128 for a sample that clips downwards
SKETCH_POINTS = 120
SKETCH_MAX = 100

_FIRST_BIN_FRAMES = 16
_MAX_BINS = 32_768  # an hour fills them with bins of 8192 frames: still 20 for each of 800 buckets


@dataclass(frozen=True)
class Peaks:
    """Lows and highs of a clip, over all channels, in buckets of equal length.

    `data` has shape (buckets, 2), int8, each row minimum then maximum, 127 standing for full scale or, when
    `is_normalised`, for the loudest sample. `peak` is that sample's size, 1.0 being full scale.
    """

    data: npt.NDArray[np.int8]
    peak: float
    is_normalised: bool

    def to_json(self) -> str:
        """Compact JSON: {"bits", "length", "normalised", "peak", "data": [min, max, min, max …]}."""
        fields = {
            "bits": 8,
            "length": len(self.data),
            "normalised": self.is_normalised,
            "peak": round(self.peak, 5),
            "data": self.data.reshape(-1).tolist(),
        }
        return json.dumps(fields, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Peaks":
        """The reverse of `to_json`. Raises ValueError for anything else."""
        try:
            fields = json.loads(text)
            data = np.array(fields["data"], dtype=np.int8).reshape(-1, 2)
            return cls(data, float(fields["peak"]), bool(fields["normalised"]))
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"not stored peaks: {error}") from None


class PeakMeter:
    """Collects lows and highs of a stream of unknown length in constant memory.

    Bins start small; when they are used up, neighbours are merged and bins are twice as long from then on.
    """

    def __init__(self) -> None:
        self._bin_frames = _FIRST_BIN_FRAMES
        self._bins = np.zeros((2, _MAX_BINS), dtype=np.float32)  # a row of lows, a row of highs
        self._filled = 0
        self._rest = np.zeros((2, 0), dtype=np.float32)  # frames that do not fill a bin yet
        self.frames = 0

    def push(self, block: Samples) -> None:
        """Take in the next block, shape (frames, channels)."""
        self.frames += len(block)
        # Channel by channel: a minimum over an axis of two is many times slower.
        edges = np.stack([functools.reduce(np.minimum, block.T), functools.reduce(np.maximum, block.T)])
        frames = np.concatenate([self._rest, edges], axis=1)
        while frames.shape[1] // self._bin_frames > _MAX_BINS - self._filled:
            self._halve()
        whole = frames.shape[1] // self._bin_frames
        used = whole * self._bin_frames
        self._bins[:, self._filled : self._filled + whole] = _merged(frames[:, :used], self._bin_frames)
        self._filled += whole
        self._rest = frames[:, used:]

    def _halve(self) -> None:
        even = self._filled // 2 * 2
        merged, lone = _merged(self._bins[:, :even], 2), self._bins[:, even : self._filled].copy()
        # A lone last bin stands for its pair: its length is wrong by half a bin, its edges are right.
        self._filled = (self._filled + 1) // 2
        self._bins[:, : self._filled] = np.concatenate([merged, lone], axis=1)
        self._bin_frames *= 2

    def result(self, buckets: int = BUCKETS, *, normalise: bool = False) -> Peaks:
        """Peaks of everything pushed so far; silence, and nothing at all, give zeros."""
        bins = self._bins[:, : self._filled]
        if self._rest.size:
            bins = np.concatenate([bins, _merged(self._rest, self._rest.shape[1])], axis=1)
        pairs = _resized(bins, buckets)
        peak = float(np.abs(pairs).max(initial=0.0))
        scale = FULL_SCALE / peak if normalise and peak > 0 else FULL_SCALE
        data = np.clip(np.rint(pairs.T * scale), -128, 127).astype(np.int8)
        return Peaks(data, peak, normalise)


Edges = npt.NDArray[np.float32]  # shape (2, n): lows, highs


def _merged(edges: Edges, members: int) -> Edges:
    """Every `members` neighbours become one: the lowest low, the highest high."""
    groups = edges.reshape(2, -1, members)
    return np.stack([groups[0].min(axis=1), groups[1].max(axis=1)])


def _resized(edges: Edges, buckets: int) -> Edges:
    """Edges in exactly `buckets` columns: merged when there are more, repeated when there are fewer."""
    count = edges.shape[1]
    if count == 0:
        return np.zeros((2, buckets), dtype=np.float32)
    starts = np.arange(buckets) * count // buckets
    if count <= buckets:
        return edges[:, starts]
    return np.stack([np.minimum.reduceat(edges[0], starts), np.maximum.reduceat(edges[1], starts)])


def of_blocks(blocks: Iterable[Samples], *, buckets: int = BUCKETS, normalise: bool = False) -> Peaks:
    """Peaks of a stream of blocks, each of shape (frames, channels)."""
    meter = PeakMeter()
    for block in blocks:
        meter.push(block)
    return meter.result(buckets, normalise=normalise)


def measure(path: Path, *, buckets: int = BUCKETS, normalise: bool = False) -> Peaks:
    """Peaks of a file, decoded as a stream. Raises files.BrokenAudio.

    Where loudness is wanted too, loudness.measure finds both in one pass.
    """
    return of_blocks(decode(path), buckets=buckets, normalise=normalise)


def sketch(peaks: Peaks, points: int = SKETCH_POINTS) -> list[int]:
    """Heights 0-100 for a small drawing in a list row, the loudest being 100 and silence all zeros."""
    heights = np.abs(peaks.data.astype(np.float32)).max(axis=1)
    tops = _resized(np.stack([-heights, heights]), points)[1]
    loudest = float(tops.max(initial=0.0))
    if loudest == 0:
        return [0] * points
    return [int(height) for height in np.rint(tops / loudest * SKETCH_MAX)]
