"""The sound bank, opened one preset at a time: decoding all of it takes 1.7 s and 280 MB, a preset a
fraction.

A bank is a RIFF file (SoundFont 2.04); in its third version every sample is an Ogg Vorbis stream of its own.
The copy that `single` makes keeps all headers and only the streams that one preset plays.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

INSTRUMENT, SAMPLE = 41, 53  # generators that point on: preset zone -> instrument, instrument zone -> sample
RECORDS = {
    "phdr": [("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "S12")],
    "inst": [("name", "S20"), ("bag", "<u2")],
    "bag": [("gen", "<u2"), ("mod", "<u2")],
    "gen": [("kind", "<u2"), ("value", "<u2")],
    "shdr": [
        ("name", "S20"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("loop_start", "<u4"),
        ("loop_end", "<u4"),
        ("rate", "<u4"),
        ("pitch", "u1"),
        ("correction", "i1"),
        ("link", "<u2"),
        ("kind", "<u2"),
    ],
}
Records = NDArray[np.void]


class _Span(NamedTuple):
    at: int
    size: int


class Bank:
    """A SoundFont 3 file in memory. Raises ValueError when it is none."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
            raise ValueError("not a SoundFont file")
        self._data = data
        self._spans: dict[str, _Span] = {}
        for name, at, size in _chunks(data, 12, len(data)):
            if name == "LIST":
                self._spans |= {inner: _Span(*span) for inner, *span in _chunks(data, at + 4, at + size)}
        self._samples = self._records("shdr", "shdr")

    def _records(self, chunk: str, kind: str) -> Records:
        at, size = self._spans[chunk]
        return np.frombuffer(self._data[at : at + size], np.dtype(RECORDS[kind]))

    def _pointers(self, headers: Records, index: int, letter: str, kind: int) -> set[int]:
        """Where the zones of one preset (letter p) or instrument (letter i) point to."""
        bags, gens = self._records(f"{letter}bag", "bag"), self._records(f"{letter}gen", "gen")
        mine = gens[bags["gen"][headers["bag"][index]] : bags["gen"][headers["bag"][index + 1]]]
        return {int(value) for value in mine["value"][mine["kind"] == kind]}

    def samples_of(self, bank: int, program: int) -> list[int]:
        """Numbers of the samples a preset plays. Raises KeyError for a preset the bank has not."""
        presets, instruments = self._records("phdr", "phdr"), self._records("inst", "inst")
        found = np.flatnonzero((presets["bank"][:-1] == bank) & (presets["program"][:-1] == program))
        if not len(found):
            raise KeyError((bank, program))
        players = self._pointers(presets, int(found[0]), "p", INSTRUMENT)
        return sorted({s for player in players for s in self._pointers(instruments, player, "i", SAMPLE)})

    def single(self, bank: int, program: int) -> bytes:
        """A SoundFont with all headers and the samples of one preset only. Raises KeyError as
        `samples_of`."""
        headers = self._samples.copy()
        # An empty span is a sample that the renderer passes over.
        headers["start"] = headers["end"] = 0
        base, parts, at = self._spans["smpl"].at, [], 0
        for number in self.samples_of(bank, program):
            start, end = (int(self._samples[edge][number]) for edge in ("start", "end"))
            parts.append(self._data[base + start : base + end])
            headers["start"][number], headers["end"][number] = at, at + end - start
            at += end - start
        # Of even length: the renderer does not know the padding of RIFF.
        return self._written(b"".join(parts) + b"\0" * (at % 2), headers.tobytes())

    def _written(self, samples: bytes, headers: bytes) -> bytes:
        first = min(self._spans[name].at for name in ("phdr", "pbag")) - 8
        tables = self._data[first : self._spans["shdr"].at - 8]
        body = _list(b"sdta", _chunk(b"smpl", samples)) + _list(b"pdta", tables + _chunk(b"shdr", headers))
        info = b"".join(
            _chunk(name.encode(), self._data[at : at + size])
            for name, (at, size) in self._spans.items()
            if at < self._spans["smpl"].at - 8
        )
        return _chunk(b"RIFF", b"sfbk" + _list(b"INFO", info) + body)


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[str, int, int]]:
    while at + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, at)
        yield name.decode("latin-1"), at + 8, size
        at += 8 + size + size % 2


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def _list(name: bytes, body: bytes) -> bytes:
    return _chunk(b"LIST", name + body)


@lru_cache(maxsize=1)
def open_bank(path: Path) -> Bank:
    """The bank at `path`, read once. Check its hash first (`assets.asset_path`)."""
    return Bank(path.read_bytes())
