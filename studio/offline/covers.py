"""Sleeves for clips, drawn from a number, the tags and the shape of the music itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile

from studio.offline import cover_shapes
from studio.offline.cover_shapes import Array, Sheet

SIDE_PX = 640
OUTLINE_POINTS = 256
GRAIN = 0.010  # of full scale; just enough to look printed
# Quantisers of FFmpeg's mjpeg, 2 is best. Most sleeves fit at the first, fine lines at the second.
JPEG_QUANTISERS = (3, 5, 8, 12, 18)
MAX_BYTES = 110_000


@dataclass(frozen=True)
class Palette:
    """Inks that go together, as RRGGBB: the darkest, the middle, the palest, and the two that speak."""

    inks: tuple[str, ...]
    words: str  # of the styles and moods that it suits


PALETTES = tuple(
    Palette(tuple(inks.split()), words)
    for inks, words in (
        ("14181d 2f3a45 dbe2e4 3fc6d8 8494a0",
         "electronic ambient techno minimal synth cold future glitch"),
        ("231a3a 5b3a6e f3d9c4 f08a5d b56a8f",
         "dream dreamy shoegaze indie evening nostalgic synthwave"),
        ("2e1a16 8c3f2b f1e0c9 d9663a c9a26b",
         "folk country americana acoustic desert warm blues latin"),
        ("12241d 2f5d47 e6e6cf d9a441 7ba081",
         "folk celtic nature reggae acoustic calm forest world"),
        ("0c2233 1f5673 dcebe8 f2b36b 5fa8b5",
         "ambient ballad ocean chill calm bossa jazz cinematic"),
        ("1c1b1a 8f8678 f0e9da d23b2f 3d5a80",
         "punk rock jazz blues soul vintage garage indie funk"),
        ("2a1226 6d2348 f2dfe0 e6a23c a8577e",
         "soul r&b romantic sensual disco gospel opera tango"),
        ("2b2412 8a6a1f f4ead0 c8452c 4f7168",
         "funk disco soul seventies reggae ska afrobeat happy summer"),
        ("1a2440 4a6fa5 eef3f6 f4a6a0 9fc5e0",
         "classical piano orchestral winter sad ballad choir strings"),
        ("3a1f2b c4607a fbe9e3 f4b393 5b7b7a",
         "pop love sweet happy bubblegum k-pop bright female"),
        ("0a0d1a 2b2f77 d6d9f5 ff5d8f 22c3b5",
         "edm house trance dance club energetic hip hop trap drum bass"),
        ("24221c 6b705c ece5d3 cb997e a5a58d",
         "lofi lo-fi chillhop study mellow slow coffee acoustic"),
        ("120f10 4b1418 e9e0d8 b3202a 77706c",
         "metal hard heavy dark industrial doom gothic angry"),
    )
)  # fmt: skip


def draw(seed: int, position: int, tags: str, outline: Array | None = None) -> bytes:
    """A square JPEG of 640 pixels, in about 0.2 s.

    Family and palette come from `seed` and `tags`, so the takes of one request belong together; `position`
    changes the drawing and turns day into night. `outline` is the loudness over time, 0 to 1. The same
    arguments give the same bytes on one machine.
    """
    common = np.random.default_rng([seed, 0x5EE7])
    palette = _palette(tags, common)
    family = cover_shapes.FAMILIES[common.integers(len(cover_shapes.FAMILIES))]
    is_dark = bool(common.random() < 0.6) == (position % 2 == 0)
    rng = np.random.default_rng([seed, position])
    sheet = Sheet(SIDE_PX, _inks(palette, is_dark), rng, _smooth(outline, rng))
    family(sheet)
    return _jpeg(_grain(sheet.canvas, rng))


def outline(path: Path) -> Array:
    """The loudness of an audio file in 256 steps, 0 to 1."""
    with soundfile.SoundFile(path) as file:
        block = max(file.frames // OUTLINE_POINTS, 1)
        levels = [float(np.sqrt(np.mean(np.square(part)))) for part in file.blocks(block, dtype="float32")]
    found = np.asarray(levels[:OUTLINE_POINTS], dtype=np.float32)
    return found / max(float(found.max(initial=0.0)), 1e-6)


def _palette(tags: str, rng: np.random.Generator) -> Palette:
    """One of those whose words the tags name most, else any."""
    said = set(re.findall(r"[a-z&-]+", tags.lower()))
    scores = [len(said & set(palette.words.split())) for palette in PALETTES]
    best = [palette for palette, score in zip(PALETTES, scores, strict=True) if score == max(scores)]
    return best[rng.integers(len(best))]


def _inks(palette: Palette, is_dark: bool) -> dict[str, Array]:
    """Colours by their part in the drawing; the ground is dark or light."""
    deep, mid, pale, accent, second = map(_rgb, palette.inks)
    ground, ink = (deep, pale) if is_dark else (pale, deep)
    return {"ground": ground, "ink": ink, "mid": mid, "accent": accent, "second": second}


def _rgb(code: str) -> Array:
    return np.frombuffer(bytes.fromhex(code), np.uint8).astype(np.float32) / np.float32(255)


def _smooth(outline: Array | None, rng: np.random.Generator) -> Array:
    """The outline without its jitter, or an invented one."""
    if outline is None or len(outline) < 16:
        outline = np.abs(rng.standard_normal(OUTLINE_POINTS)).astype(np.float32)
    padded = np.pad(outline, 6, mode="edge")
    soft = np.convolve(padded, np.hanning(13) / np.hanning(13).sum(), mode="valid")
    low, high = float(soft.min()), float(soft.max())
    return ((soft - low) / max(high - low, 1e-6)).astype(np.float32)


def _grain(canvas: Array, rng: np.random.Generator) -> Array:
    noise = rng.standard_normal((SIDE_PX, SIDE_PX, 1), dtype=np.float32)
    return np.clip(canvas + GRAIN * noise, 0, 1)


def _jpeg(canvas: Array) -> bytes:
    frame = av.VideoFrame.from_ndarray((canvas * 255 + 0.5).astype(np.uint8), format="rgb24")
    for quantiser in JPEG_QUANTISERS:
        found = _encode(frame, quantiser)
        if len(found) <= MAX_BYTES:
            break
    return found


def _encode(frame: av.VideoFrame, quantiser: int) -> bytes:
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width = codec.height = SIDE_PX
    # Full colour resolution: red lines on a dark ground bleed otherwise.
    codec.pix_fmt = "yuvj444p"
    codec.time_base = Fraction(1, 25)
    codec.qmin = codec.qmax = quantiser
    return b"".join(bytes(packet) for part in (frame, None) for packet in codec.encode(part))
