"""Geometry of charts that the server draws as SVG. Lengths are in the units of the drawing's own view box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 4, 10, 24
WANTED_TICKS = 4


@dataclass(frozen=True)
class Series:
    """One colour of the stack: its name, the CSS class and pattern it is drawn with, a value per column."""

    name: str
    style: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True)
class Segment:
    series: Series
    value: int
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    label: str
    x: float
    width: float
    middle: float
    segments: tuple[Segment, ...]
    values: tuple[int, ...]
    total: int
    is_labelled: bool


@dataclass(frozen=True)
class Tick:
    value: int
    y: float


@dataclass(frozen=True)
class Chart:
    columns: tuple[Column, ...]
    series: tuple[Series, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM

    @property
    def total(self) -> int:
        return sum(column.total for column in self.columns)


def tick_step(highest: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that reaches `highest` in at most four steps."""
    rough = max(highest / WANTED_TICKS, 1)
    power = 10 ** int(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def stacked_bars(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Bars by column, each a stack of the series in the order given, the first at the bottom.

    Every series has as many values (0 or more) as there are labels. Zero values draw nothing.
    """
    totals = [sum(one.values[index] for one in series) for index in range(len(labels))]
    step = tick_step(max(totals, default=0))
    top = step * max(1, ceil(max(totals, default=0) / step))
    scale = (HEIGHT - TOP - BOTTOM) / top
    base = HEIGHT - BOTTOM
    pitch = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    columns = [_column(index, label, series, scale, pitch) for index, label in enumerate(labels)]
    ticks = [Tick(value, round(base - value * scale, 1)) for value in range(0, top + 1, step)]
    return Chart(tuple(columns), tuple(series), tuple(ticks))


def _column(index: int, label: str, series: Sequence[Series], scale: float, pitch: float) -> Column:
    y = float(HEIGHT - BOTTOM)
    segments = []
    for one in series:
        if value := one.values[index]:
            y -= value * scale
            segments.append(Segment(one, value, round(y, 1), round(value * scale, 1)))
    x = LEFT + index * pitch
    values = tuple(one.values[index] for one in series)
    is_labelled = index == 0 or (index + 1) % 5 == 0
    return Column(
        label,
        round(x + pitch * 0.14, 1),
        round(pitch * 0.72, 1),
        round(x + pitch / 2, 1),
        tuple(segments),
        values,
        sum(values),
        is_labelled,
    )
