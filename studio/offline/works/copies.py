"""Copies of a take's sound in formats that the engine does not write."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import soundfile

BIT_RATE_BPS = 192_000
FRAME = 1024


def write_m4a(flac: Path, target: Path) -> None:
    """AAC at 192 kbit/s in an MP4 container."""
    audio, rate_hz = soundfile.read(flac, dtype="float32", always_2d=True)
    layout = "mono" if audio.shape[1] == 1 else "stereo"
    planes = np.ascontiguousarray(audio[:, :2].T)
    with av.open(str(target), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout=layout)
        stream.bit_rate = BIT_RATE_BPS
        for start in range(0, planes.shape[1], FRAME):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(planes[:, start : start + FRAME]), format="fltp", layout=layout
            )
            frame.sample_rate, frame.pts = rate_hz, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
