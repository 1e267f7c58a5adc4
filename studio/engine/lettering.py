"""Text as pictures: a monoline alphabet of our own, drawn with round pens of any size. No font files.

A glyph is a width and strokes on a grid whose baseline is 0, x-height 9.6 and capitals 14. A stroke is points
"x,y" and arcs "@cx,cy,rx,ry,from,to" in degrees, counterclockwise upwards, joined in order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, pi, sin

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]
Points = tuple[tuple[float, float], ...]

EM = 20.0
ASCENT, DESCENT = 19.0, 6.0
GAP = 3.0  # between two glyphs
SPACE = 8.4
PEN = 1.9  # of ordinary weight
ARC_STEP_DEG = 12.0
RING = "@4.8,4.8,4.8,4.8,0,360"

GLYPHS: dict[str, tuple[float, str]] = {
    "A": (11, "0,0 5.5,14 11,0|2,4.8 9,4.8"),
    "B": (9, "0,7.5 5,7.5|0,0 0,14 5,14 @5,10.75,3.25,3.25,90,-90|5,7.5 @5,3.75,4,3.75,90,-90 0,0"),
    "C": (12.2, "@7,7,7,7,45,315"),
    "D": (11, "0,0 0,14 4,14 @4,7,7,7,90,-90 0,0"),
    "E": (8, "8,14 0,14 0,0 8,0|0,7.3 7,7.3"),
    "F": (8, "8,14 0,14 0,0|0,7.3 7,7.3"),
    "G": (14, "@7,7,7,7,45,360 8,7"),
    "H": (10.5, "0,0 0,14|10.5,0 10.5,14|0,7.3 10.5,7.3"),
    "I": (0, "0,0 0,14"),
    "J": (6, "6,14 6,3 @3,3,3,3,0,-160"),
    "K": (9.5, "0,0 0,14|9,14 0,5.5|3.2,8.5 9.5,0"),
    "L": (7.5, "0,14 0,0 7.5,0"),
    "M": (13, "0,0 0,14 6.5,4 13,14 13,0"),
    "N": (10.5, "0,0 0,14 10.5,0 10.5,14"),
    "O": (14, "@7,7,7,7,0,360"),
    "P": (8.7, "0,0 0,14 5,14 @5,10.3,3.7,3.7,90,-90 0,6.6"),
    "Q": (14, "@7,7,7,7,0,360|8.5,4 13.4,-1"),
    "R": (9, "0,0 0,14 5,14 @5,10.3,3.7,3.7,90,-90 0,6.6|4.5,6.6 9,0"),
    "S": (8.6, "@4.3,10.5,3.6,3.5,35,270 @4.3,3.5,4.1,3.5,90,-148"),
    "T": (10, "0,14 10,14|5,14 5,0"),
    "U": (10, "0,14 0,5 @5,5,5,5,180,360 10,14"),
    "V": (11, "0,14 5.5,0 11,14"),
    "W": (17, "0,14 4.2,0 8.5,12 12.8,0 17,14"),
    "X": (9.5, "0,0 9.5,14|0,14 9.5,0"),
    "Y": (10, "0,14 5,7 10,14|5,7 5,0"),
    "Z": (9, "0,14 9,14 0,0 9,0"),
    "a": (9.6, f"{RING}|9.6,9.6 9.6,0"),
    "b": (9.6, f"{RING}|0,15 0,0"),
    "c": (8.4, "@4.8,4.8,4.8,4.8,48,312"),
    "d": (9.6, f"{RING}|9.6,15 9.6,0"),
    "e": (9.6, "0,4.8 9.6,4.8 @4.8,4.8,4.8,4.8,0,318"),
    "f": (5.4, "@5,12,3,3,75,180 2,0|0,9.6 5,9.6"),
    "g": (9.6, f"{RING}|9.6,9.6 9.6,-0.4 @4.8,-0.4,4.8,4,0,-150"),
    "h": (8.4, "0,15 0,0|0,5.4 @4.2,5.4,4.2,4.2,180,0 8.4,0"),
    "i": (0, "0,9.6 0,0|0,13.5 0,13.7"),
    "ı": (0, "0,9.6 0,0"),
    "j": (2, "2,9.6 2,-1.6 @-0.2,-1.6,2.2,2.6,0,-100|2,13.5 2,13.7"),
    "k": (7.4, "0,15 0,0|7,9.6 0,3.6|2.6,5.9 7.4,0"),
    "l": (0, "0,15 0,0"),
    "m": (14.4, "0,9.6 0,0|0,6 @3.6,6,3.6,3.6,180,0 7.2,0|7.2,6 @10.8,6,3.6,3.6,180,0 14.4,0"),
    "n": (8.4, "0,9.6 0,0|0,5.4 @4.2,5.4,4.2,4.2,180,0 8.4,0"),
    "o": (9.6, RING),
    "p": (9.6, f"{RING}|0,9.6 0,-4.4"),
    "q": (9.6, f"{RING}|9.6,9.6 9.6,-4.4"),
    "r": (5, "0,9.6 0,0|0,5.4 @4.2,5.4,4.2,4.2,180,72"),
    "s": (6.6, "@3.3,7.1,2.7,2.5,32,270 @3.3,2.3,3.2,2.3,90,-150"),
    "t": (5.4, "2,13.4 2,2.7 @4.7,2.7,2.7,2.7,180,285|0,9.6 5.2,9.6"),
    "u": (8.4, "0,9.6 0,4.2 @4.2,4.2,4.2,4.2,180,360|8.4,9.6 8.4,0"),
    "v": (8, "0,9.6 4,0 8,9.6"),
    "w": (13.2, "0,9.6 3.2,0 6.6,8.8 10,0 13.2,9.6"),
    "x": (7.4, "0,0 7.4,9.6|0,9.6 7.4,0"),
    "y": (8.2, "0,9.6 4.2,0|8.2,9.6 2.4,-4.4"),
    "z": (7, "0,9.6 7,9.6 0,0 7,0"),
    "0": (9.2, "@4.6,7,4.6,7,0,360"),
    "1": (3.6, "0,11.2 3.6,14 3.6,0"),
    "2": (8.6, "@4.3,9.8,4.2,4.2,165,-25 0,0 8.6,0"),
    "3": (8.2, "@4,10.6,3.4,3.4,150,-90 @4,3.6,4.1,3.6,90,-150"),
    "4": (9.4, "7,0 7,14 0,4.2 9.4,4.2"),
    "5": (8.6, "7.6,14 1.2,14 0.7,7.4 @4.2,4.6,4.4,4.6,140,-150"),
    "6": (9, "6.6,14 0.9,6.6|@4.5,4.5,4.5,4.5,0,360"),
    "7": (8.6, "0,14 8.6,14 2.6,0"),
    "8": (8.8, "@4.4,10.6,3.5,3.4,0,360|@4.4,3.6,4.4,3.6,0,360"),
    "9": (9, "2.4,0 8.1,7.4|@4.5,9.5,4.5,4.5,0,360"),
    ".": (0, "0,0.2 0,0.4"),
    ",": (1, "0.8,0.5 0,-2.4"),
    "!": (0, "0,14 0,4.6|0,0.2 0,0.4"),
    "?": (7.2, "@3.6,10.6,3.6,3.4,165,-55 3.6,6 3.6,4.6|3.6,0.2 3.6,0.4"),
    "'": (0, "0,14.4 0,11"),
    '"': (3, "0,14.4 0,11|3,14.4 3,11"),
    "-": (4.6, "0,5.4 4.6,5.4"),
    "–": (7.5, "0,5.4 7.5,5.4"),
    "—": (12, "0,5.4 12,5.4"),
    ":": (0, "0,0.2 0,0.4|0,8.6 0,8.8"),
    ";": (1, "0.8,0.5 0,-2.4|0.8,8.6 0.8,8.8"),
    "(": (2.4, "@6,6,6,10,128,232"),
    ")": (2.4, "@-3.6,6,6,10,52,-52"),
    "[": (2.8, "2.8,15.5 0,15.5 0,-3 2.8,-3"),
    "]": (2.8, "0,15.5 2.8,15.5 2.8,-3 0,-3"),
    "/": (6, "0,-2 6,15"),
    "&": (10.4, "10.4,0 2.5,9.2 @4.6,11.2,2.9,2.8,225,-50 1.4,5.8 @4.1,3.7,4.1,3.7,140,335 10.2,6.4"),
    "+": (8, "0,5.4 8,5.4|4,1.4 4,9.4"),
    "=": (8, "0,3.6 8,3.6|0,7.4 8,7.4"),
    "*": (5, "2.5,14.4 2.5,9.4|0.3,13.2 4.7,10.6|0.3,10.6 4.7,13.2"),
    "#": (9, "2,0 4,14|6,0 8,14|0.6,4.6 8.6,4.6|1.2,9.4 9.2,9.4"),
    "%": (11, "0.5,0 10.5,14|@2.6,11.2,2.6,2.8,0,360|@8.4,2.8,2.6,2.8,0,360"),
    "$": (8.6, "@4.3,10.2,3.6,3.2,35,270 @4.3,3.8,4.1,3.2,90,-148|4.3,16 4.3,-2"),
    "@": (15, "@7.5,5.6,3.4,3.6,0,360|10.9,9.2 10.9,3.6 @12.9,4,2,2,190,360 @7.5,6,7.5,8.4,-6,300"),
    "_": (9, "0,-2.6 9,-2.6"),
    "·": (0, "0,5.6 0,5.8"),
    "…": (9, "0,0.2 0,0.4|4.5,0.2 4.5,0.4|9,0.2 9,0.4"),
    "♪": (9, "@2.6,2.1,2.6,2.1,0,360|5.2,2.1 5.2,14.6 8.6,10.6"),
    "ß": (8.4, "0,0 0,11.5 @3.4,11.5,3.4,3.4,180,-70 3.6,8 @4.4,4,4,4,80,-120"),
    "æ": (16, f"{RING}|9.6,9.6 9.6,4.8|9.4,4.8 16,4.8 @12.7,4.8,3.4,4.8,0,200 @12.7,4.8,3.3,4.8,200,318"),
    "œ": (16, f"{RING}|9.4,4.8 16,4.8 @12.7,4.8,3.4,4.8,0,318"),
    "ø": (9.6, f"{RING}|0.4,-1 9.2,10.6"),
    "Ø": (14, "@7,7,7,7,0,360|1.6,-1 12.4,15"),
    "Æ": (15, "0,0 7.5,14 15,14|7.5,14 7.5,0 15,0|2.6,4.8 7.5,4.8|7.5,7.3 14,7.3"),
    "ł": (3, "1.5,15 1.5,0|0,6 3,9"),
    "Ł": (8.5, "1,14 1,0 8.5,0|-1,5.5 4,9"),
    "đ": (10.4, f"{RING}|9.6,15 9.6,0|6,12.2 11.4,12.2"),
}  # fmt: skip
SAME = {"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "−": "–", "\u00a0": " ", "{": "(", "}": ")", "♫": "♪", "•": "·"}  # fmt: skip
# Marks above a letter, around the middle of it; the last ones hang below.
MARKS = {
    "\u0301": "-1,0 1.2,2.4", "\u0300": "1,0 -1.2,2.4", "\u0302": "-2.2,0 0,2.2 2.2,0",
    "\u030c": "-2.2,2.2 0,0 2.2,2.2", "\u0308": "-2,1 -2,1.2|2,1 2,1.2", "\u0307": "0,1 0,1.2",
    "\u0303": "@-1.4,0.6,1.4,1.1,180,0 @1.4,0.6,1.4,1.1,180,360", "\u030a": "@0,1.3,1.4,1.4,0,360",
    "\u0304": "-2.2,1 2.2,1", "\u0306": "@0,2,2.1,1.9,180,360", "\u030b": "-1.8,0 -0.4,2.4|1,0 2.4,2.4",
}  # fmt: skip
BELOW = {"\u0327": "0,0 0.4,-1.6 @-0.6,-2.6,1.4,1.2,60,-120", "\u0328": "1.5,0 @2,-2,1.6,1.6,150,320"}


@dataclass(frozen=True)
class Text:
    """A row of text: its mask 0..1, where its baseline lies below the mask's top, and the left and right edge
    of every word in pixels."""

    mask: Mask
    baseline_px: float
    words: tuple[tuple[float, float], ...]

    @property
    def width_px(self) -> int:
        return int(self.mask.shape[1])


def is_drawable(text: str) -> bool:
    """Whether every letter of the text is in the alphabet."""
    return all(_strokes(char) is not None for char in _units(text) if not char.isspace())


def row(words: Sequence[str], size_px: float, weight: float = 1.0) -> Text:
    """The words in one row, `size_px` being the em. What cannot be drawn is left out."""
    scale = size_px / EM
    pen = PEN * scale * weight
    x, strokes, spans = 0.0, list[tuple[float, str]](), []
    for word in words:
        start = x
        for char in _units(word):
            found = _strokes(char)
            if found is not None:
                strokes.append((x, char))
                x += found[0] + GAP
        spans.append((start * scale, max(start, x - GAP) * scale + pen))
        x += SPACE - GAP if x > start else 0.0
    width = ceil(max(0.0, x) * scale + 2 * pen) + 2
    mask = np.zeros((ceil((ASCENT + DESCENT) * scale), max(1, width)), np.float32)
    for left, char in strokes:
        _stamp(mask, char, 1.0 + pen / 2 + left * scale, scale, pen)
    return Text(mask, ASCENT * scale, tuple(spans))


def width_px(word: str, size_px: float) -> float:
    found = [item for item in map(_strokes, _units(word)) if item is not None]
    return (sum(width + GAP for width, _ in found) + SPACE - GAP) * size_px / EM


def _units(text: str) -> list[str]:
    """Letters with the marks that belong to them."""
    out: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if out and unicodedata.combining(char):
            out[-1] += char
        else:
            out.append(SAME.get(char, char))
    return out


@lru_cache(maxsize=512)
def _strokes(unit: str) -> tuple[float, tuple[Points, ...]] | None:
    """Width and strokes of a letter with its marks; None when there is none. A blank has no strokes."""
    if unit.isspace():
        return SPACE - 2 * GAP, ()
    base, marks = unit[0], unit[1:]
    if base == "i" and any(mark in MARKS for mark in marks):
        base = "ı"
    if base not in GLYPHS or any(mark not in MARKS and mark not in BELOW for mark in marks):
        return None
    width, drawn = GLYPHS[base]
    strokes = [_points(stroke) for stroke in drawn.split("|")]
    top = max(y for stroke in strokes for _, y in stroke)
    for mark in marks:
        above = mark in MARKS
        for stroke in (MARKS if above else BELOW)[mark].split("|"):
            strokes.append(_moved(_points(stroke), width / 2, max(top, 9.6) + 2.2 if above else -0.6))
    return width, tuple(strokes)


def _moved(points: Points, right: float, up: float) -> Points:
    return tuple((x + right, y + up) for x, y in points)


def _points(stroke: str) -> Points:
    out: list[tuple[float, float]] = []
    for token in stroke.split():
        if token.startswith("@"):
            out += _arc(*map(float, token[1:].split(",")))
        else:
            x, y = map(float, token.split(","))
            out.append((x, y))
    return tuple(out)


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> list[tuple[float, float]]:
    steps = max(2, ceil(abs(end - start) / ARC_STEP_DEG))
    angles = [(start + (end - start) * n / steps) * pi / 180 for n in range(steps + 1)]
    return [(cx + rx * cos(angle), cy + ry * sin(angle)) for angle in angles]


def _stamp(mask: Mask, char: str, left_px: float, scale: float, pen: float) -> None:
    """Draw one glyph: how far each pixel is from the nearest stroke decides how dark it gets."""
    found = _strokes(char)
    if not found or not found[1]:
        return
    edge = pen / 2 + 1.5
    for points in found[1]:
        xs = np.array([x for x, _ in points], np.float32) * scale + left_px
        ys = (ASCENT - np.array([y for _, y in points], np.float32)) * scale
        x0, x1 = max(0, int(xs.min() - edge)), min(mask.shape[1], ceil(float(xs.max()) + edge) + 1)
        y0, y1 = max(0, int(ys.min() - edge)), min(mask.shape[0], ceil(float(ys.max()) + edge) + 1)
        away = _distance(xs, ys, (y0, y1, x0, x1))
        part = mask[y0:y1, x0:x1]
        np.maximum(part, np.clip(pen / 2 + 0.5 - away, 0.0, 1.0), out=part)


def _distance(xs: Mask, ys: Mask, box: tuple[int, int, int, int]) -> Mask:
    """From every pixel of the box to the polyline."""
    y0, y1, x0, x1 = box
    px = np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5
    py = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5
    best = np.full((y1 - y0, x1 - x0), np.inf, np.float32)
    for ax, ay, bx, by in zip(xs[:-1], ys[:-1], xs[1:], ys[1:], strict=True):
        dx, dy = bx - ax, by - ay
        length = max(float(dx * dx + dy * dy), 1e-9)
        along = np.clip(((px - ax) * dx + (py - ay) * dy) / length, 0.0, 1.0)
        np.minimum(best, np.hypot(px - ax - along * dx, py - ay - along * dy), out=best)
    return best
