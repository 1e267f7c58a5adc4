"""A recording into singing and accompaniment: by Spleeter's two U-Nets (pack "separation") where they are
here, else the simple way (simple.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal import get_window

from studio.engine.analysis.nets import open_net
from studio.engine.analysis.samples import Audio
from studio.engine.analysis.simple import HOP, SIZE, overlap_add, tell_apart
from studio.engine.packs import is_ready, require

LINES = 1024  # of the spectrum that the nets know, up to 11 kHz
BLOCK = 256  # frames; a net hears two blocks at once
TOP_LINES = 96  # whose mask goes on above what the nets know
HIDDEN_LU = {"nets": 20.0, "simple": 8.0}  # the simple way leaves 3 to 5 of voices, 6 to 13 of bands
SIMPLE_WAY = (
    "Voice and accompaniment were told apart by the simple way, which leaves traces of one in the other. "
    "The pack “separation” does it better: manage.py packs add separation."
)
Floats = NDArray[np.float32]
Spectrum = NDArray[np.complex64]


def separate(audio: Audio, on_step: Callable[[float], None] | None = None) -> dict[str, Audio]:
    """ "vocals" and "accompaniment" of float32 (2, samples) at 44.1 kHz; they sum to the recording exactly.

    About 0.06 seconds of processor time for every second by the nets, 0.02 the simple way.
    """
    if separator() == "nets":
        return by_nets(audio, on_step)
    found = tell_apart(audio, on_step)
    return {"vocals": found.vocals, "accompaniment": found.accompaniment}


def separator() -> Literal["nets", "simple"]:
    """Which of the two ways `separate` goes on this machine."""
    return "nets" if is_ready("separation") else "simple"


def remarks() -> tuple[str, ...]:
    """What a musician should know of the way `separate` goes."""
    return () if separator() == "nets" else (SIMPLE_WAY,)


def is_sung(voice_lufs: float, whole_lufs: float) -> bool:
    """Whether what was taken out is loud enough beside the recording to be a voice. The simple way always
    finds some tune or other."""
    return voice_lufs > whole_lufs - HIDDEN_LU[separator()]


def by_nets(audio: Audio, on_step: Callable[[float], None] | None = None) -> dict[str, Audio]:
    """As `separate`, with the nets. Raises EngineUnavailable without the pack."""
    folder = require("separation")
    nets = [open_net(folder / name) for name in ("vocals.onnx", "accompaniment.onnx")]
    samples = audio.shape[1]
    window = get_window("hann", SIZE).astype(np.float32)
    count = samples // HOP + 2
    blocks = -(-count // BLOCK)
    padded = np.pad(audio, ((0, 0), (SIZE // 2, (blocks + 1) * BLOCK * HOP + SIZE - samples)))
    vocals = np.zeros(padded.shape, np.float32)
    weight = np.zeros(padded.shape[1], np.float32)
    now = _spectrum(padded, 0, window)
    _, before = _heard(nets, np.zeros_like(now), now)
    for number in range(blocks):
        following = _spectrum(padded, (number + 1) * BLOCK, window)
        # Each block is heard twice, with what comes before it and with what follows; both count.
        after, kept = _heard(nets, now, following)
        overlap_add(vocals, weight, now * _mask((before + after) * np.float32(0.5)), number * BLOCK, window)
        now, before = following, kept
        if on_step:
            on_step((number + 1) / blocks)
    vocals /= np.maximum(weight, 1e-3)
    part = np.ascontiguousarray(vocals[:, SIZE // 2 : SIZE // 2 + samples])
    return {"vocals": part, "accompaniment": audio - part}


def _spectrum(padded: Audio, start: int, window: Floats) -> Spectrum:
    """A block, shape (2, frames, lines)."""
    framed = np.stack([padded[:, (start + i) * HOP : (start + i) * HOP + SIZE] for i in range(BLOCK)], axis=1)
    return np.asarray(rfft(framed * window, axis=2), np.complex64)


def _heard(nets: list[Any], first: Spectrum, second: Spectrum) -> tuple[Floats, Floats]:
    """Two opinions on the share of the voice, 0..1, in two neighbouring blocks, each (2, 2, frames, LINES):
    what the net for voices lets pass, and its power beside that of the net for accompaniments."""
    loud = np.abs(np.concatenate([first, second], axis=1)[:, :, :LINES])
    voice, rest = (net.run(["part"], {"mix": loud[None]})[0][0] for net in nets)
    passed = np.clip(voice / (loud + 1e-9), 0.0, 1.0)
    beside = (voice**2 + 0.5e-10) / (voice**2 + rest**2 + 1e-10)
    both = np.stack([passed, beside]).astype(np.float32)
    return both[:, :, :BLOCK], both[:, :, BLOCK:]


def _mask(opinions: Floats) -> Floats:
    """The share of the voice for every line of the spectrum, (2, frames, lines).

    The larger opinion holds: both nets give too little to voices unlike those they were trained on, and that
    costs more than what the larger one lets through.
    """
    share = opinions.max(axis=0)
    mask = np.empty((*share.shape[:2], SIZE // 2 + 1), np.float32)
    mask[:, :, :LINES] = share
    mask[:, :, LINES:] = share[:, :, -TOP_LINES:].mean(axis=2, keepdims=True)
    return mask
