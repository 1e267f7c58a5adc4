"""The compositions that sleeves are made of: each takes a sheet and leaves a picture of its music on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SUPERSAMPLING = 2
TAU = 2 * np.pi


class Sheet:
    """A square to paint on. Coordinates run from -1 to 1, y downwards; masks count subpixels.

    `inks` are RGB 0 to 1 by part: ground, ink, mid, accent, second. `music` is loudness over time, 0 to 1.
    """

    def __init__(self, side_px: int, inks: dict[str, Array], rng: np.random.Generator, music: Array) -> None:
        self.side_px = side_px
        self.inks = inks
        self.rng = rng
        self.music = music
        steps = (np.arange(side_px * SUPERSAMPLING, dtype=np.float32) + 0.5) / (side_px * SUPERSAMPLING)
        self.x = (steps * 2 - 1)[None, :]
        self.y = (steps * 2 - 1)[:, None]
        self.canvas = np.empty((side_px, side_px, 3), np.float32)
        self.canvas[:] = inks["ground"]

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def pick(self, *choices: str) -> str:
        return choices[self.rng.integers(len(choices))]

    def paint(self, mask: npt.NDArray[np.generic], ink: str | Array, strength: float = 1.0) -> None:
        """Lay an ink where the mask is; subpixels are averaged here."""
        size = (self.side_px, SUPERSAMPLING, self.side_px, SUPERSAMPLING)
        whole = np.broadcast_to(mask, (self.side_px * SUPERSAMPLING,) * 2)
        share = whole.reshape(size).mean(axis=(1, 3), dtype=np.float32)[..., None] * strength
        colour = self.inks[ink] if isinstance(ink, str) else ink
        self.canvas += (colour - self.canvas) * share

    def mix(self, one: str, other: str, share: float) -> Array:
        return (self.inks[one] * (1 - share) + self.inks[other] * share).astype(np.float32)

    def shade(self, one: Array, other: Array) -> None:
        """Fill the sheet from the first colour at the top to the second at the bottom."""
        share = np.linspace(0, 1, self.side_px, dtype=np.float32)[:, None, None]
        self.canvas[:] = one + (other - one) * share

    def blank(self) -> Mask:
        """A mask with nothing in it."""
        return np.zeros((self.y.shape[0], self.x.shape[1]), np.bool_)

    def window(self, left: float, up: float, right: float, down: float) -> tuple[slice, slice]:
        """The rows and columns of a rectangle. Rectangles that touch neither overlap nor leave a gap."""
        last = self.x.shape[1]
        x0, x1, y0, y1 = (min(max(round((at + 1) / 2 * last), 0), last) for at in (left, right, up, down))
        return slice(y0, y1), slice(x0, x1)

    def disc(self, x: float, y: float, radius: float) -> Mask:
        return (self.x - x) ** 2 + (self.y - y) ** 2 < radius**2

    def along(self, where: npt.ArrayLike, start: float = 0.0, end: float = 1.0) -> Array:
        """The music at places 0 to 1, read from `start` to `end` of the song."""
        at = np.linspace(0, 1, len(self.music))
        read = np.interp(start + (end - start) * np.clip(where, 0, 1), at, self.music)
        return np.asarray(read, np.float32)

    def field(self, waves: int, low: float, high: float) -> Array:
        """A smooth random landscape, about -1 to 1, of waves with the given spatial frequencies."""
        total = self.blank().astype(np.float32)
        for _ in range(waves):
            angle, frequency = self.uniform(0, TAU), self.uniform(low, high)
            kx, ky, phase = frequency * np.cos(angle), frequency * np.sin(angle), self.uniform(0, TAU)
            # sin(a + b) by its parts: two outer products instead of a sine per subpixel
            total += np.sin(kx * self.x + phase) * np.cos(ky * self.y)
            total += np.cos(kx * self.x + phase) * np.sin(ky * self.y)
        return total / np.float32(waves**0.5 * 1.2)


def ripples(sheet: Sheet) -> None:
    """Rings that run outwards, each pushed about by the music."""
    cx, cy = sheet.uniform(-0.35, 0.35), sheet.uniform(-0.35, 0.35)
    dx, dy = sheet.x - cx, sheet.y - cy
    radius = np.sqrt(dx * dx + dy * dy)
    turn = np.abs(np.arctan2(dy, dx) / np.pi + sheet.uniform(-0.2, 0.2)) % 2
    wave = sheet.along(1 - np.abs(1 - turn))
    gap = sheet.uniform(0.055, 0.085)
    reach = sheet.uniform(0.85, 1.15)
    pushed = radius - (wave - 0.5) * gap * 2.4 * np.clip(radius * 1.6, 0, 1)
    place = (pushed / gap) % 1
    thick = 0.12 + 0.34 * np.clip(1 - pushed / reach, 0, 1)
    rings = (np.abs(place - 0.5) < thick) & (pushed < reach) & (pushed > gap * 2)
    sheet.paint(rings, sheet.pick("ink", "ink", "second"))
    chosen = int(sheet.rng.integers(5, 9))
    sheet.paint(rings & (np.floor(pushed / gap) == chosen), "accent")
    sheet.paint(sheet.disc(cx, cy, gap * 1.35), "accent")


def ridges(sheet: Sheet) -> None:
    """Lines of hills one behind the other, each a few bars of the song."""
    lines = int(sheet.rng.integers(14, 21))
    accent = int(sheet.rng.integers(lines // 2, lines - 2))
    sway, width = sheet.uniform(-0.4, 0.4), sheet.uniform(0.26, 0.40)
    turn, pace = sheet.uniform(0, TAU), sheet.uniform(0.10, 0.32)
    frame = np.abs(sheet.x) < 0.76
    strokes, lit = sheet.blank(), sheet.blank()
    for index in range(lines):
        base = -0.50 + 1.22 * index / (lines - 1)
        centre = sway * np.sin(turn + pace * index)
        bell = np.exp(-(((sheet.x - centre) / width) ** 2))
        start = sheet.uniform(0, 0.7)
        song = sheet.along((sheet.x + 1) / 2, start, start + 0.3)
        jag = np.abs(_teeth(sheet, 15)) * 0.6 + np.abs(_teeth(sheet, 46)) * 0.3
        curve = base - 0.008 * jag - (0.03 + 0.24 * song * jag + 0.05 * jag) * bell
        hidden = (sheet.y > curve) & frame
        line = (np.abs(sheet.y - curve) < 0.0075) & frame
        strokes, lit = strokes & ~hidden, lit & ~hidden
        if index == accent:
            lit |= line
        else:
            strokes |= line
    sheet.paint(strokes, "ink")
    sheet.paint(lit, "accent")


def _teeth(sheet: Sheet, count: int) -> Array:
    """A random curve over the width with that many turning points, about -1 to 1."""
    heights = sheet.rng.uniform(-1, 1, count + 3)
    place = (sheet.x + 1) / 2 * count
    below = np.minimum(place.astype(int), count + 1)
    share = place - below
    smooth = share * share * (3 - 2 * share)
    return (heights[below] * (1 - smooth) + heights[below + 1] * smooth).astype(np.float32)


def dunes(sheet: Sheet) -> None:
    """Bands of land under a low sun."""
    sky = sheet.mix("ground", "second", 0.25)
    sheet.shade(sheet.inks["ground"], sky)
    sun_x, sun_y = sheet.uniform(-0.5, 0.5), sheet.uniform(-0.5, -0.1)
    sheet.paint(sheet.disc(sun_x, sun_y, sheet.uniform(0.2, 0.36)), "accent")
    bands = int(sheet.rng.integers(5, 8))
    for index in range(bands):
        share = index / (bands - 1)
        base = -0.15 + 1.05 * share**1.15
        slope, bend, phase = sheet.uniform(-0.22, 0.22), sheet.uniform(1.2, 3.2), sheet.uniform(0, TAU)
        crest = 0.10 * np.sin(sheet.x * bend + phase) + 0.10 * sheet.along((sheet.x + 1) / 2) * (1 - share)
        colour = sheet.mix("second", "mid", min(share * 1.6, 1.0))
        if share > 0.6:
            colour = sheet.mix("mid", "ink" if _is_light(sheet) else "ground", (share - 0.6) * 1.9)
        sheet.paint(sheet.y > base + slope * sheet.x - crest, colour)


def _is_light(sheet: Sheet) -> bool:
    return float(sheet.inks["ground"].mean()) > 0.5


def quarters(sheet: Sheet) -> None:
    """A grid of tiles with quarter and half discs, one tile of them louder than the rest."""
    count = int(sheet.rng.integers(3, 5))
    size = 2 / count
    loud = int(sheet.rng.integers(count * count))
    masks = {ink: sheet.blank() for ink in ("ground", "mid", "second", "ink", "accent")}
    for index in range(count * count):
        left, up = -1 + index % count * size, -1 + index // count * size
        back, front = (str(ink) for ink in sheet.rng.permutation(["ground", "mid", "second", "ink"])[:2])
        front = "accent" if index == loud else front
        window = sheet.window(left, up, left + size, up + size)
        shape = _tile(sheet, left, up, size)[window]
        masks[back][window] = ~shape
        masks[front][window] |= shape
    for ink, mask in masks.items():
        sheet.paint(mask, ink)


def _tile(sheet: Sheet, left: float, up: float, size: float) -> Mask:
    corner_x, corner_y = left + size * sheet.rng.integers(2), up + size * sheet.rng.integers(2)
    kind = sheet.rng.integers(5)
    if kind == 0:
        return sheet.disc(left + size / 2, up + size / 2, size * sheet.uniform(0.22, 0.46))
    if kind == 1:
        return sheet.disc(left + size / 2, corner_y, size / 2)
    if kind == 2:
        return sheet.disc(corner_x, corner_y, size) & ~sheet.disc(corner_x, corner_y, size * 0.5)
    return sheet.disc(corner_x, corner_y, size)


def horizon(sheet: Sheet) -> None:
    """A great sun over water; the light on the water is the song."""
    level = sheet.uniform(0.12, 0.32)
    sheet.shade(sheet.inks["ground"], sheet.mix("ground", "mid", 0.7))
    cx, radius = sheet.uniform(-0.25, 0.25), sheet.uniform(0.46, 0.62)
    cy = level - radius * sheet.uniform(0.35, 0.75)
    sun = sheet.disc(cx, cy, radius) & (sheet.y < level)
    depth = np.clip((sheet.y - (cy - radius * 0.2)) / radius, 0, 1)
    slits = ((sheet.y * sheet.uniform(9, 13)) % 1) < depth * 0.55
    sheet.paint(sun & ~slits, "accent")
    sheet.paint(sheet.y >= level, sheet.mix("ground", "mid", 0.28))
    glints = {"accent": sheet.blank(), "second": sheet.blank()}
    rows = 17
    for index in range(rows):
        share = index / rows
        y = level + 0.03 + (0.94 - level) * share**1.2
        reach = radius * (0.12 + 0.95 * float(sheet.along(share))) * (1 - 0.3 * share)
        shift = cx + sheet.uniform(-0.06, 0.06)
        mask = glints["accent" if index % 3 else "second"]
        _add_bar(sheet, mask, shift - reach, shift + reach, y, 0.006 + 0.009 * share)
    for ink, mask in glints.items():
        sheet.paint(mask, ink)


def _add_bar(sheet: Sheet, mask: Mask, start: float, end: float, y: float, half: float) -> None:
    """Add a horizontal bar with round ends."""
    rows, columns = window = sheet.window(start, y - half, end, y + half)
    x = sheet.x[:, columns]
    dx = np.maximum(np.maximum(start + half - x, x - (end - half)), 0)
    mask[window] |= dx * dx + (sheet.y[rows] - y) ** 2 < half * half


def moire(sheet: Sheet) -> None:
    """Two sets of rings that interfere, seen through a disc."""
    gap = sheet.uniform(0.042, 0.060)
    x, y, apart = sheet.uniform(-0.2, 0.2), sheet.uniform(-0.2, 0.2), sheet.uniform(0.10, 0.30)
    turn = sheet.uniform(0, TAU)
    one = np.hypot(sheet.x - x, sheet.y - y)
    stretch = 1 + 0.10 * (sheet.along(np.clip(one / 1.4, 0, 1)) - 0.5)
    other = np.hypot(sheet.x - x - apart * np.cos(turn), sheet.y - y - apart * np.sin(turn)) * stretch
    lines = ((one / gap) % 1 < 0.5) ^ ((other / gap) % 1 < 0.5)
    window = sheet.disc(0, 0, 0.80)
    sheet.paint(window, sheet.mix("ground", "mid", 0.5))
    sheet.paint(lines & window, "ink")
    heart = sheet.disc(x + apart * np.cos(turn), y + apart * np.sin(turn), sheet.uniform(0.16, 0.26))
    sheet.paint(heart, "accent")
    sheet.paint(heart & lines, sheet.mix("accent", "ground", 0.22))


def blobs(sheet: Sheet) -> None:
    """Ink in water: a few drops that run together, in four steps of colour."""
    level = sheet.field(5, 1.6, 4.2) * 0.34
    for _ in range(int(sheet.rng.integers(3, 6))):
        x, y, size = sheet.uniform(-0.6, 0.6), sheet.uniform(-0.6, 0.6), sheet.uniform(0.24, 0.5)
        level += np.exp(-((sheet.x - x) ** 2 + (sheet.y - y) ** 2) / size**2)
    for floor, ink in ((0.62, "mid"), (0.86, "second"), (1.12, "accent")):
        sheet.paint(level > floor, ink)
    sheet.paint(np.abs(level - 0.46) < 0.012, "mid")
    sheet.paint(level > 1.55, "ink")


def weave(sheet: Sheet) -> None:
    """A score of bars: where the song is loud they crowd."""
    rows = int(sheet.rng.integers(11, 19))
    half = 0.78 / rows * sheet.uniform(0.52, 0.70)
    masks = {ink: sheet.blank() for ink in ("ink", "second", "mid", "accent")}
    for row in range(rows):
        y = -0.78 + 1.56 * (row + 0.5) / rows
        at = -0.78 + sheet.uniform(0, 0.12)
        while at < 0.76 - 2 * half:
            loud = float(sheet.along((at + 1) / 2))
            length = 2 * half + sheet.uniform(0.02, 0.12) + 0.30 * loud * sheet.uniform(0, 1.4)
            ink = sheet.pick(*(["ink"] * 5), "second", "second", "mid", "accent")
            _add_bar(sheet, masks[ink], at, min(at + length, 0.78), y, half)
            at += length + half * sheet.uniform(0.5, 1.4) + 0.24 * (1 - loud) * sheet.uniform(0, 1)
    for ink, mask in masks.items():
        sheet.paint(mask, ink)


def discs(sheet: Sheet) -> None:
    """A few great discs of thin colour laid over each other, in a ring that trembles with the song."""
    angle, count = sheet.uniform(0, TAU), int(sheet.rng.integers(3, 5))
    inks = ["accent", "second", "mid", "accent"]
    reach = sheet.uniform(0.24, 0.34)
    for index in range(count):
        turn = angle + TAU * index / count
        place = sheet.disc(reach * np.cos(turn), reach * np.sin(turn), sheet.uniform(0.34, 0.50))
        sheet.paint(place, inks[index], 0.80)
    radius = np.hypot(sheet.x, sheet.y)
    turn_at = 1 - np.abs(np.arctan2(sheet.y, sheet.x) / np.pi)
    tremble = sheet.along(turn_at)
    edge = 0.90 - 0.11 * tremble
    spokes = (np.arctan2(sheet.y, sheet.x) / TAU * 180) % 1 < 0.34
    sheet.paint(spokes & (radius > edge) & (radius < 0.91), "ink")


def contours(sheet: Sheet) -> None:
    """A map of a country that nobody has been to."""
    land = sheet.field(7, 1.2, 4.6)
    steep_y, steep_x = np.gradient(land)
    steep = np.hypot(steep_x, steep_y) + 1e-5
    step = sheet.uniform(0.14, 0.20)
    distance = np.abs((land / step + 0.5) % 1 - 0.5) * step / steep
    sheet.paint(land > step * 3, sheet.mix("ground", "mid", 0.75))
    sheet.paint(land > step * 5, "second", 0.55)
    sheet.paint(distance < 1.5, "ink", 0.85)
    inner = np.where((np.abs(sheet.x) < 0.8) & (np.abs(sheet.y) < 0.8), land, -np.inf)
    peak_y, peak_x = np.unravel_index(int(inner.argmax()), land.shape)
    sheet.paint(sheet.disc(float(sheet.x[0, peak_x]), float(sheet.y[peak_y, 0]), 0.055), "accent")


FAMILIES: tuple[Callable[[Sheet], None], ...] = (
    ripples,
    ridges,
    dunes,
    quarters,
    horizon,
    moire,
    blobs,
    weave,
    discs,
    contours,
)
