"""A recording into singing and accompaniment, by Spleeter's two U-Nets (pack "separation")."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import get_window

from studio.engine.analysis.nets import open_net
from studio.engine.analysis.samples import Audio
from studio.engine.packs import require

SIZE, HOP = 4096, 1024
LINES = 1024  # of the spectrum that the nets know, up to 11 kHz
FRAMES = 512
MARGIN = 32  # frames at both ends of a piece that its neighbours know better
TOP_LINES = 96  # whose mask goes on above what the nets know
Spectrum = NDArray[np.complex64]


def separate(audio: Audio, on_step: Callable[[float], None] | None = None) -> dict[str, Audio]:
    """ "vocals" and "accompaniment" of float32 (2, samples) at 44.1 kHz; they sum to the recording exactly.

    About 0.05 seconds of processor time for every second. Raises EngineUnavailable without the pack.
    """
    folder = require("separation")
    nets = [open_net(folder / name) for name in ("vocals.onnx", "accompaniment.onnx")]
    samples = audio.shape[1]
    window = get_window("hann", SIZE).astype(np.float32)
    count = samples // HOP + 2
    padded = np.pad(audio, ((0, 0), (SIZE // 2, count * HOP + SIZE - samples)))
    vocals = np.zeros(padded.shape, np.float32)
    weight = np.zeros(padded.shape[1], np.float32)
    step = FRAMES - 2 * MARGIN
    for first in range(0, count, step):
        start = max(0, first - MARGIN)
        spectrum = _spectrum(padded, start, min(FRAMES, count - start), window)
        mask = _mask(nets, np.abs(spectrum))
        kept = slice(first - start, min(first - start + step, count - start))
        _overlap_add(vocals, weight, (spectrum * mask)[:, kept], first, window)
        if on_step:
            on_step(min(1.0, (first + step) / count))
    vocals /= np.maximum(weight, 1e-3)
    part = np.ascontiguousarray(vocals[:, SIZE // 2 : SIZE // 2 + samples])
    return {"vocals": part, "accompaniment": audio - part}


def _spectrum(padded: Audio, start: int, count: int, window: NDArray[np.float32]) -> Spectrum:
    """Shape (2, frames, lines)."""
    framed = np.stack([padded[:, (start + i) * HOP : (start + i) * HOP + SIZE] for i in range(count)], axis=1)
    return np.asarray(rfft(framed * window, axis=2), np.complex64)


def _mask(nets: list[object], loud: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of the voice, 0..1, for every line of the spectrum."""
    count = loud.shape[1]
    known = np.zeros((1, 2, FRAMES, LINES), np.float32)
    known[0, :, :count] = loud[:, :, :LINES]
    voice, rest = (net.run(["part"], {"mix": known})[0][0] ** 2 for net in nets)  # type: ignore[attr-defined]
    share = ((voice + 0.5e-10) / (voice + rest + 1e-10))[:, :count]
    mask = np.zeros(loud.shape, np.float32)
    mask[:, :, :LINES] = share
    mask[:, :, LINES:] = share[:, :, -TOP_LINES:].mean(axis=2, keepdims=True)
    return mask


def _overlap_add(
    out: Audio, weight: NDArray[np.float32], spectrum: Spectrum, first: int, window: NDArray[np.float32]
) -> None:
    frames = irfft(spectrum, SIZE, axis=2).astype(np.float32) * window
    square = window**2
    for i in range(frames.shape[1]):
        at = (first + i) * HOP
        out[:, at : at + SIZE] += frames[:, i]
        weight[at : at + SIZE] += square
