"""The notes of a recording, by the basic-pitch net (pack "transcription"). An estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.nets import open_net
from studio.engine.analysis.samples import Audio, mono, resample
from studio.engine.packs import require
from studio.engine.spec import SAMPLE_RATE_HZ

RATE_HZ, HOP = 22_050, 256
WINDOW = 43_844  # samples the net hears at once
FRAMES = 172
OVERLAP = 30  # frames that neighbouring windows share
LOWEST_PITCH = 21
STRUCK, SOUNDING = 0.5, 0.3
SHORTEST_FRAMES = 10  # 0.12 s
ENDED_FRAMES = 11
BATCH = 8
Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeardNote:
    """`velocity` 1..127 from how strongly the net saw the note."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int


def transcribe(audio: Audio) -> tuple[HeardNote, ...]:
    """The notes of float32 (2, samples) or (samples,) at 44.1 kHz, by start. Drums are not written.

    Raises EngineUnavailable without the pack.
    """
    net = open_net(require("transcription") / "nmp.onnx")
    wave = resample(mono(audio), SAMPLE_RATE_HZ, RATE_HZ)
    sounding, struck = _activations(net, wave)
    return _notes(sounding, struck)


def _activations(net: object, wave: NDArray[np.float32]) -> tuple[Rows, Rows]:
    """How likely each of 88 keys sounds and is struck, per frame of 11.6 ms."""
    lead = OVERLAP // 2 * HOP
    step = WINDOW - OVERLAP * HOP
    padded = np.pad(wave, (lead, WINDOW))
    starts = range(0, len(wave) + lead, step)
    windows = np.stack([padded[s : s + WINDOW] for s in starts])[:, :, None].astype(np.float32)
    names = ["StatefulPartitionedCall:1", "StatefulPartitionedCall:2"]
    half = OVERLAP // 2
    found: tuple[list[Rows], list[Rows]] = ([], [])
    for i in range(0, len(windows), BATCH):
        answer = net.run(names, {"serving_default_input_2:0": windows[i : i + BATCH]})  # type: ignore[attr-defined]
        for rows, part in zip(found, answer, strict=True):
            rows.append(part[:, half:-half].reshape(-1, 88))
    count = len(wave) // HOP
    return np.concatenate(found[0])[:count], np.concatenate(found[1])[:count]


def _notes(sounding: Rows, struck: Rows) -> tuple[HeardNote, ...]:
    """A note begins at a peak of `struck` and goes on while the key sounds."""
    inner = struck[1:-1]
    peak = (inner > STRUCK) & (inner >= struck[:-2]) & (inner > struck[2:])
    frames, keys = np.nonzero(peak)
    out = []
    free_until = np.zeros(88, int)
    following = {}
    for frame, key in sorted(zip((frames + 1).tolist(), keys.tolist(), strict=True), reverse=True):
        following[frame, key] = free_until[key] or len(sounding)
        free_until[key] = frame
    for (frame, key), limit in following.items():
        end = _end(sounding[:, key], frame, limit)
        if end - frame >= SHORTEST_FRAMES:
            strength = float(sounding[frame:end, key].mean())
            velocity = max(1, min(127, round(127 * strength)))
            out.append(
                HeardNote(
                    round(frame * HOP / RATE_HZ, 3),
                    round(end * HOP / RATE_HZ, 3),
                    key + LOWEST_PITCH,
                    velocity,
                )
            )
    return tuple(sorted(out, key=lambda note: (note.start_s, note.pitch)))


def _end(row: Rows, start: int, limit: int) -> int:
    quiet = 0
    for frame in range(start + 1, limit):
        quiet = quiet + 1 if row[frame] < SOUNDING else 0
        if quiet >= ENDED_FRAMES:
            return frame - quiet + 1
    return limit - quiet
