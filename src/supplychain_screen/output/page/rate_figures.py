"""Geometry of a track record's drawings: differences of rates on one axis, a rate through time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from supplychain_screen.output.page.figures import Mark, nice_ticks
from supplychain_screen.output.path_grid import Floats
from supplychain_screen.words import percent

__all__ = ["MonthMark", "Months", "RateAxis", "RateStrip", "month_chart", "rate_axis", "rate_strip"]

_WIDTH: Final = 320.0
_EDGE: Final = 8.0


@dataclass(frozen=True, slots=True)
class RateAxis:
    """A common axis around 0; ``ticks`` are places and labels in points."""

    low: float
    high: float
    zero: float
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float | None:
        """Place of a value, at the edge where it lies beyond; None where there is none."""
        if not math.isfinite(value):
            return None
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(_EDGE + share * (_WIDTH - 2 * _EDGE), 1)


def rate_axis(inside: Floats, raw: Floats) -> RateAxis:
    """The axis of a league: all estimates and their intervals, and most of the raw figures."""
    finite = raw[np.isfinite(raw)]
    middle = np.quantile(finite, [0.05, 0.95]) if finite.size else np.zeros(2)
    values = np.concatenate([inside[np.isfinite(inside)], middle, [-0.02, 0.02]])
    low, high = float(values.min()), float(values.max())
    pad = 0.04 * (high - low)
    axis = RateAxis(low - pad, high + pad, 0.0, ())
    ticks = [
        (
            axis.at(tick) or 0.0,
            percent(tick, 0 if abs(tick) >= 0.01 or not tick else 1).removesuffix("%"),
        )
        for tick in nice_ticks(axis.low, axis.high, 5)
    ]
    return RateAxis(axis.low, axis.high, axis.at(0.0) or 0.0, tuple(ticks))


@dataclass(frozen=True, slots=True)
class RateStrip:
    """One row on the axis: raw figure, estimate, interval, and whether the raw one lies beyond."""

    raw: float | None
    estimate: float | None
    low: float | None
    high: float | None
    beyond: int


def rate_strip(
    axis: RateAxis, raw: float, estimate: float, interval: tuple[float, float]
) -> RateStrip:
    """Place one row of a league on its axis, all as fractions."""
    beyond = int(raw > axis.high) - int(raw < axis.low)
    return RateStrip(
        axis.at(raw), axis.at(estimate), axis.at(interval[0]), axis.at(interval[1]), beyond
    )


@dataclass(frozen=True, slots=True)
class MonthMark:
    """One month: where it stands, its rate and interval, and the height of its column."""

    x: float
    y: float
    low: float
    high: float
    top: float


@dataclass(frozen=True, slots=True)
class Months:
    """A rate by month with its axes, in a box of ``width`` x ``height``."""

    width: int
    height: int
    left: int
    right: int
    top: int
    floor: float
    bottom: float
    column: float
    path: str
    marks: tuple[MonthMark, ...]
    average: float
    y_marks: tuple[Mark, ...]
    x_marks: tuple[Mark, ...]


def month_chart(
    months: Sequence[str],
    rate: Floats,
    low: Floats,
    high: Floats,
    n: Floats,
    average: float,
    width: int = 760,
    height: int = 280,
) -> Months | None:
    """Lay out rates by month above the columns of their counts; None where no month has one.

    Parameters
    ----------
    months : sequence of str
        All months in order, as 2025-09.
    rate, low, high : ndarray of float64, shape (n_months,)
        Fractions, NaN where a month has none.
    n : ndarray, shape (n_months,)
        Counts behind them.
    average : float
        The rate of all months together, drawn across.
    """
    there = np.flatnonzero(np.isfinite(rate))
    if not there.size:
        return None
    left, right, top = 46, 14, 12
    floor, bottom = height - 76.0, height - 22.0
    first, last = int(there[0]), int(there[-1])
    count = last - first + 1
    step = (width - left - right) / count
    bounds = np.concatenate([rate[there], low[there], high[there], [average]])
    least, most = float(np.nanmin(bounds)), float(np.nanmax(bounds))
    pad = 0.06 * (most - least) or 0.02
    least, most = max(0.0, least - pad), min(1.0, most + pad)

    def y_of(value: float) -> float:
        return round(top + (most - value) / (most - least) * (floor - top), 1)

    tallest = float(n[there].max())
    marks, pen, path = [], "M", ""
    for place in range(first, last + 1):
        if not np.isfinite(rate[place]):
            pen = "M"
            continue
        x = round(left + (place - first + 0.5) * step, 1)
        y = y_of(float(rate[place]))
        path += f"{pen}{x} {y}"
        pen = "L"
        share = float(n[place]) / tallest
        marks.append(
            MonthMark(
                x,
                y,
                y_of(float(low[place])),
                y_of(float(high[place])),
                round(bottom - share * (bottom - floor - 12), 1),
            )
        )
    every = max(1, math.ceil(count * 58 / (width - left - right)))
    x_marks = tuple(
        Mark(round(left + (place + 0.5) * step, 1), months[first + place])
        for place in range(0, count, every)
    )
    digits = 0 if most - least > 0.03 else 1
    y_marks = tuple(
        Mark(y_of(tick), percent(tick, digits, signed=False)) for tick in nice_ticks(least, most, 4)
    )
    return Months(
        width,
        height,
        left,
        right,
        top,
        floor,
        bottom,
        round(min(28.0, 0.6 * step), 1),
        path,
        tuple(marks),
        y_of(average),
        y_marks,
        x_marks,
    )
