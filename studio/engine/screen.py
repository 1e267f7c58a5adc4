"""The picture of a music video, frame by frame: the sleeve, words that light up, a waveform running by.

Everything that stands still is drawn once; a frame repaints only what moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from studio.engine import lettering
from studio.engine.lyrics.parse import clean
from studio.engine.spec import TimedWord

Picture = NDArray[np.uint8]
Colour = NDArray[np.float32]
Mask = NDArray[np.float32]

WIDTH_PX, HEIGHT_PX = 1280, 720
COVER_PX, COVER_X, COVER_Y = 384, 96, 104
HALO_PX = 40
HALO_LEVELS = 12
TEXT_X, TEXT_RIGHT = 552, 1204
TITLE_PX, CAPTION_PX, WORDS_PX = 50.0, 22.0, 44.0
TITLE_Y, CAPTION_Y, WORDS_Y = 104, 178, 268
ROW_PX = 66
SMALLEST = 0.8  # of the size of the words, before a line is broken
WAVE_Y, WAVE_PX, WAVE_WINDOW_S = 552, 108, 12.0
BARS_PER_S = 8.0
BAR_PX = 7
LINE_Y = 684
NOW_AT = 0.42  # of the width: where the playhead stands
WHITE = np.array([246, 244, 240], np.float32)
LEAD_S, FADE_S, LINGER_S = 1.2, 0.3, 2.5


@dataclass(frozen=True)
class Line:
    """One line of the lyrics: its words with their seconds, and when it is on the screen."""

    words: tuple[TimedWord, ...]
    shows_s: float
    hides_s: float


def lines_of(words: Sequence[TimedWord]) -> list[Line]:
    """The lines of a timeline without their section marks. Each comes up shortly before it is sung and stays
    until the next one does."""
    rows: list[list[TimedWord]] = [[]]
    for word in words:
        text = word.text.rsplit("]\n", 1)[-1]
        plain = clean(text).strip()
        if plain and not plain.startswith("["):
            rows[-1].append(TimedWord(plain, word.start_s, word.end_s))
        if "\n" in text and rows[-1]:
            rows.append([])
    rows = [row for row in rows if row]
    free = [0.0, *(row[-1].end_s for row in rows)]
    shows = [
        min(row[0].start_s, max(since, row[0].start_s - LEAD_S))
        for since, row in zip(free, rows, strict=False)
    ]
    return [
        Line(tuple(row), show, min(row[-1].end_s + LINGER_S, after))
        for row, show, after in zip(rows, shows, [*shows[1:], inf], strict=False)
    ]


@dataclass(frozen=True)
class Script:
    """What a video is about. `loudness` is 0..1 in steps of 1 / BARS_PER_S seconds."""

    title: str
    caption: str
    cover: Picture
    lines: Sequence[Line]
    loudness: Mask
    duration_s: float


class Screen:
    """Frames of one video. `frame` gives the same array each time: copy what must be kept."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.accent = accent_of(script.cover)
        self._still = self._standing()
        self._canvas = (self._still + 0.5).astype(np.uint8)
        self._bare = self._canvas.copy()
        self._halos = self._glows()
        self._shown: dict[int, list[_Row]] = {}

    def frame(self, at_s: float) -> Picture:
        """The picture at a moment, (height, width, 3)."""
        self._glow(at_s)
        self._words(at_s)
        self._wave(at_s)
        self._position(at_s)
        return self._canvas

    # What stands still.

    def _standing(self) -> NDArray[np.float32]:
        canvas = backdrop(self._script.cover)
        cover = resized(self._script.cover, COVER_PX, COVER_PX)
        edge = rounded(COVER_PX, COVER_PX, 18)[..., None]
        shade(canvas, COVER_X, COVER_Y + 14)
        part = canvas[COVER_Y : COVER_Y + COVER_PX, COVER_X : COVER_X + COVER_PX]
        part += (cover - part) * edge
        title = fitted(self._script.title, TITLE_PX, TEXT_RIGHT - TEXT_X, 1.25)
        lay(canvas, title.mask, TEXT_X, TITLE_Y, WHITE)
        caption = fitted(self._script.caption, CAPTION_PX, TEXT_RIGHT - TEXT_X)
        lay(canvas, caption.mask * 0.72, TEXT_X, CAPTION_Y, WHITE)
        canvas[LINE_Y : LINE_Y + 3] += (WHITE - canvas[LINE_Y : LINE_Y + 3]) * 0.16
        return canvas

    def _glows(self) -> list[Picture]:
        """The sleeve's surroundings from calm to loud, the sleeve itself left as it is."""
        y0, x0, side = COVER_Y - HALO_PX, COVER_X - HALO_PX, COVER_PX + 2 * HALO_PX
        still = self._still[y0 : y0 + side, x0 : x0 + side]
        away = outside(side, HALO_PX, 18)
        out = []
        for level in range(HALO_LEVELS):
            share = level / (HALO_LEVELS - 1)
            glow = np.exp(-away / (4 + 15 * share)) * (0.10 + 0.5 * share) * np.clip(away, 0, 1)
            glow *= np.clip((HALO_PX - away) / 12, 0, 1)
            out.append((still + (self.accent - still) * glow[..., None] + 0.5).astype(np.uint8))
        return out

    # What moves.

    def _glow(self, at_s: float) -> None:
        y0, x0, side = COVER_Y - HALO_PX, COVER_X - HALO_PX, COVER_PX + 2 * HALO_PX
        level = round(self._loudness_at(at_s) * (HALO_LEVELS - 1))
        self._canvas[y0 : y0 + side, x0 : x0 + side] = self._halos[level]

    def _loudness_at(self, at_s: float) -> float:
        place = at_s * BARS_PER_S - 0.5
        return float(np.interp(place, np.arange(len(self._script.loudness)), self._script.loudness))

    def _words(self, at_s: float) -> None:
        area = (slice(WORDS_Y - 8, WAVE_Y - 12), slice(TEXT_X - 4, WIDTH_PX))
        self._canvas[area] = self._bare[area]
        for number, line in enumerate(self._script.lines):
            if line.shows_s <= at_s < line.hides_s:
                fade = min(1.0, (at_s - line.shows_s) / FADE_S, (line.hides_s - at_s) / FADE_S)
                self._line(number, line, at_s, max(0.0, fade))

    def _line(self, number: int, line: Line, at_s: float, fade: float) -> None:
        if number not in self._shown:
            self._shown = {number: rows_of(line.words)}  # one at a time is enough
        for place, row in enumerate(self._shown[number]):
            y = WORDS_Y + place * ROW_PX
            lit = row.lit_px(at_s)
            edge = np.clip((lit - np.arange(row.text.width_px, dtype=np.float32)) / 6 + 0.5, 0, 1)[
                None, :, None
            ]
            ink = WHITE + (self.accent - WHITE) * edge
            strength = row.text.mask * (fade * (0.5 + 0.5 * edge[..., 0]))
            part = self._canvas[y : y + row.text.mask.shape[0], TEXT_X : TEXT_X + row.text.width_px]
            mask = strength[: part.shape[0], : part.shape[1], None]
            part[:] = (part + (ink[:, : part.shape[1]] - part) * mask + 0.5).astype(np.uint8)

    @cached_property
    def _strips(self) -> tuple[Picture, Picture, float]:
        """The whole song's waveform as two masks that run by, played and to come, and pixels a second."""
        px_per_s = WIDTH_PX / WAVE_WINDOW_S
        count = len(self._script.loudness)
        strip = np.zeros((WAVE_PX, int(count / BARS_PER_S * px_per_s) + 2), np.float32)
        for number, level in enumerate(self._script.loudness):
            left = round(number / BARS_PER_S * px_per_s)
            height = max(BAR_PX, round((0.06 + 0.94 * level) * WAVE_PX))
            bar = rounded(BAR_PX, height, BAR_PX / 2)
            top = (WAVE_PX - height) // 2
            part = strip[top : top + height, left : left + BAR_PX]
            part[:] = bar[:, : part.shape[1]]
        bright = (strip * 235).astype(np.uint8)
        return bright, (strip * 74).astype(np.uint8), px_per_s

    def _wave(self, at_s: float) -> None:
        played, coming, px_per_s = self._strips
        now = int(WIDTH_PX * NOW_AT)
        first = round(at_s * px_per_s) - now
        area = self._bare[WAVE_Y : WAVE_Y + WAVE_PX]
        out = self._canvas[WAVE_Y : WAVE_Y + WAVE_PX]
        out[:] = area
        blend(out[:, :now], cut(played, first, now), self.accent)
        blend(out[:, now:], cut(coming, first + now, WIDTH_PX - now), WHITE)
        out[:, now - 1 : now + 1] = WHITE.astype(np.uint8)

    def _position(self, at_s: float) -> None:
        share = min(1.0, at_s / max(self._script.duration_s, 0.1))
        row = self._canvas[LINE_Y : LINE_Y + 3]
        row[:] = self._bare[LINE_Y : LINE_Y + 3]
        row[:, : round(share * WIDTH_PX)] = self.accent.astype(np.uint8)


@dataclass(frozen=True)
class _Row:
    """Words that stand beside each other."""

    words: tuple[TimedWord, ...]
    text: lettering.Text

    def lit_px(self, at_s: float) -> float:
        """How far from the left the row has been sung."""
        lit = -20.0
        for word, (left, right) in zip(self.words, self.text.words, strict=True):
            if at_s >= word.end_s:
                lit = right + 6
            elif at_s > word.start_s:
                share = (at_s - word.start_s) / max(word.end_s - word.start_s, 0.05)
                lit = left + (right + 6 - left) * share
        return lit


def rows_of(words: Sequence[TimedWord]) -> list[_Row]:
    """The words of one line in as many rows as the width asks for, all about equally long."""
    room = TEXT_RIGHT - TEXT_X
    widths = [lettering.width_px(word.text, WORDS_PX) for word in words]
    size_px = WORDS_PX * max(SMALLEST, min(1.0, room / sum(widths)))
    widths = [width * size_px / WORDS_PX for width in widths]
    wanted = sum(widths) / max(1, ceil(sum(widths) / room - 0.01))
    rows: list[list[TimedWord]] = [[]]
    used = 0.0
    for word, width in zip(words, widths, strict=True):
        if rows[-1] and (used + width > room + 1 or used + width / 2 > wanted):
            rows.append([])
            used = 0.0
        rows[-1].append(word)
        used += width
    most = (WAVE_Y - 12 - WORDS_Y) // ROW_PX
    return [_Row(tuple(row), lettering.row([w.text for w in row], size_px, 1.1)) for row in rows[:most]]


def fitted(text: str, size_px: float, room_px: int, weight: float = 1.0) -> lettering.Text:
    """The text in one row, smaller where it is long, and cut where it is very long."""
    words = text.split()
    while words:
        width = sum(lettering.width_px(word, size_px) for word in words)
        if width * 0.6 <= room_px:
            return lettering.row(words, size_px * min(1.0, room_px / max(width, 1.0)), weight)
        words = [*words[:-2], "…"] if len(words) > 2 else [words[0][: len(words[0]) // 2] + "…"]
    return lettering.row([], size_px)


def lay(canvas: NDArray[np.float32], mask: Mask, x: int, y: int, colour: Colour) -> None:
    part = canvas[y : y + mask.shape[0], x : x + mask.shape[1]]
    part += (colour - part) * mask[: part.shape[0], : part.shape[1], None]


def blend(area: Picture, strength: Picture, colour: Colour) -> None:
    """A colour over a picture, both as bytes: quick enough for every frame."""
    share = strength.astype(np.uint16)[..., None]
    ink = colour.astype(np.uint16)
    area[:] = ((area * (255 - share) + ink * share) >> 8).astype(np.uint8)


def cut(strip: Picture, first: int, width: int) -> Picture:
    """`width` columns of the strip from `first` on, empty where it has none."""
    out = np.zeros((strip.shape[0], width), np.uint8)
    start, end = max(0, first), min(strip.shape[1], first + width)
    if end > start:
        out[:, start - first : end - first] = strip[:, start:end]
    return out


def accent_of(cover: Picture) -> Colour:
    """The sleeve's strongest colour, light enough to be read on a dark ground."""
    small = resized(cover, 48, 48).reshape(-1, 3)
    high, low = small.max(axis=1), small.min(axis=1)
    vivid = (high - low) * (high / 255) ** 0.5
    best = small[vivid >= np.percentile(vivid, 92)].mean(axis=0)
    if float(best.max() - best.min()) < 30:
        best = np.array([232, 196, 140], np.float32)
    light = float(best @ np.array([0.299, 0.587, 0.114], np.float32))
    lift = np.clip((172 - light) / max(255 - light, 1.0), 0, 1)
    return np.asarray(best + (255 - best) * lift, np.float32)


def backdrop(cover: Picture) -> NDArray[np.float32]:
    """The sleeve out of focus over the whole screen, dark enough for words."""
    soft = resized(cover, 24, 24)
    for axis in (0, 1):
        padded = np.concatenate([np.flip(soft, axis), soft, np.flip(soft, axis)], axis)
        soft = sum(np.roll(padded, shift, axis) for shift in range(-3, 4)) / 7  # type: ignore[assignment]
        soft = np.take(soft, np.arange(24, 48), axis)
    crop = soft[5:19]
    wide = resized(crop, WIDTH_PX, HEIGHT_PX)
    grey = wide.mean(axis=2, keepdims=True)
    # Darkened, colours fade: they are brought out, and pale sleeves are darkened more.
    wide = np.clip(grey + (wide - grey) * 1.7, 0, 255)
    depth = min(1.0, 105 / max(float(grey.mean()), 1.0))
    fall = np.linspace(0.5, 0.26, HEIGHT_PX, dtype=np.float32)[:, None, None] * depth
    # A little noise keeps the dark slopes from showing steps.
    grain = np.random.default_rng(7).normal(0, 1.0, (HEIGHT_PX, WIDTH_PX, 1)).astype(np.float32)
    return np.clip(wide * fall + 10 + grain, 0, 255)


def resized(picture: NDArray[np.generic], width: int, height: int) -> NDArray[np.float32]:
    """Bilinear, after averaging when it gets much smaller."""
    found = np.asarray(picture, np.float32)
    step = min(found.shape[0] // height, found.shape[1] // width)
    if step > 1:
        rows, cols = found.shape[0] // step * step, found.shape[1] // step * step
        found = found[:rows, :cols].reshape(rows // step, step, cols // step, step, 3).mean(axis=(1, 3))
    for axis, size in ((0, height), (1, width)):
        places = np.clip((np.arange(size) + 0.5) * found.shape[axis] / size - 0.5, 0, found.shape[axis] - 1)
        low = places.astype(int)
        high = np.minimum(low + 1, found.shape[axis] - 1)
        share = (
            (places - low).astype(np.float32)[:, None, None] if axis == 0 else (places - low)[None, :, None]
        )
        one, other = np.take(found, low, axis), np.take(found, high, axis)
        found = (one + (other - one) * share).astype(np.float32)
    return found


def rounded(width: int, height: int, radius: float) -> Mask:
    """1 inside a rectangle with round corners."""
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :] - (width / 2 - radius)
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None] - (height / 2 - radius)
    away = np.hypot(np.maximum(x, 0), np.maximum(y, 0)) - radius
    return np.clip(0.5 - away, 0, 1)


def outside(side: int, margin: int, radius: float) -> Mask:
    """Distance from a round-cornered square that keeps `margin` to the edges; 0 inside."""
    inner = side - 2 * margin
    place = np.abs(np.arange(side, dtype=np.float32) + 0.5 - side / 2) - (inner / 2 - radius)
    away = np.hypot(np.maximum(place, 0)[None, :], np.maximum(place, 0)[:, None]) - radius
    return np.maximum(away, 0)


def shade(canvas: NDArray[np.float32], x: int, y: int) -> None:
    """A soft shadow of the sleeve."""
    side = COVER_PX + 2 * HALO_PX
    away = outside(side, HALO_PX, 18)
    part = canvas[y - HALO_PX : y - HALO_PX + side, x - HALO_PX : x - HALO_PX + side]
    part *= 1 - 0.42 * np.exp(-away / 12)[..., None]
