"""Geometry of small charts drawn by the server: no script, no library, any screen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 632, 12, 208
MOST_LABELS = 6


class Point(NamedTuple):
    label: str
    value: float
    low: float | None = None
    high: float | None = None


class Tick(NamedTuple):
    y: float
    label: str


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Label(NamedTuple):
    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Chart:
    """A line with its uncertainty, or bars; `axis` and `unit` name what is counted."""

    title: str
    points: Sequence[Point]
    axis: str
    unit: str
    kind: str = "line"

    width, height = WIDTH, HEIGHT
    left, right, bottom = LEFT, RIGHT, BOTTOM

    @property
    def has_band(self) -> bool:
        return any(point.low is not None for point in self.points)

    @property
    def ticks(self) -> list[Tick]:
        step = nice_step(self._highest / 4)
        count = math.ceil(self._highest / step)
        return [Tick(self._y(i * step), f"{i * step:g}") for i in range(count + 1)]

    @property
    def line(self) -> str:
        if self.kind != "line":
            return ""
        return _path((self._x(i), self._y(p.value)) for i, p in self._numbered)

    @property
    def band(self) -> str:
        known = [(i, p) for i, p in self._numbered if p.low is not None]
        if not known or self.kind != "line":
            return ""
        over = [(self._x(i), self._y(p.high or 0)) for i, p in known]
        under = [(self._x(i), self._y(p.low or 0)) for i, p in reversed(known)]
        return _path(over + under) + "Z"

    @property
    def bars(self) -> list[Bar]:
        if self.kind != "bar":
            return []
        slot = (RIGHT - LEFT) / max(len(self.points), 1)
        return [
            Bar(
                round(LEFT + (i + 0.15) * slot, 1),
                self._y(p.value),
                round(slot * 0.7, 1),
                round(BOTTOM - self._y(p.value), 1),
            )
            for i, p in self._numbered
        ]

    @property
    def labels(self) -> list[Label]:
        every = max(1, math.ceil(len(self.points) / MOST_LABELS))
        return [
            Label(self._x(i), str(p.label), self._anchor(i))
            for i, p in self._numbered
            if i % every == 0
        ]

    @property
    def _numbered(self) -> list[tuple[int, Point]]:
        return list(enumerate(self.points))

    @property
    def _highest(self) -> float:
        tops = [max(p.value, p.high or 0) for p in self.points]
        return max([*tops, 0]) or 1

    def _anchor(self, i: int) -> str:
        return "start" if self.kind == "line" and i == 0 else "middle"

    def _x(self, i: int) -> float:
        if self.kind == "bar":
            return round(LEFT + (i + 0.5) * (RIGHT - LEFT) / len(self.points), 1)
        return round(LEFT + i * (RIGHT - LEFT) / max(len(self.points) - 1, 1), 1)

    def _y(self, value: float) -> float:
        step = nice_step(self._highest / 4)
        top = math.ceil(self._highest / step) * step
        return round(BOTTOM - value / top * (BOTTOM - TOP), 1)


def nice_step(rough: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ: what people expect beside an axis."""
    power: float = 10 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough)


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)
