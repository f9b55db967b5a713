"""Geometry of the page's inline charts: numbers in, coordinates out; the template draws them.

The page's charts are small and many, must be there without a script, and print: plain SVG does
that in a tenth of the size of an embedded charting library, and takes its colours from the
page's own theme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.output.path_grid import Floats, spaced
from supplychain_screen.words import bound_percent

__all__ = [
    "Chart",
    "Line",
    "Mark",
    "Spark",
    "chart",
    "domain",
    "nice_ticks",
    "sparkline",
    "spread",
]


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled line at one value of an axis; ``at`` is its pixel."""

    at: float
    label: str
    kind: str = "tick"


@dataclass(frozen=True, slots=True)
class Line:
    """One path: the ``d`` of an SVG path, and where it ends."""

    d: str
    end_x: float
    end_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of paths with its axes, in a box of ``width`` x ``height``.

    ``band`` is the ``d`` of the area between two of them; ``low`` and ``high`` end the axis.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    lines: tuple[Line, ...]
    members: tuple[Line, ...]
    y_marks: tuple[Mark, ...]
    x_marks: tuple[Mark, ...]
    band: str = ""
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Spark:
    """A word-sized path: 96 x 24, with the zero line."""

    d: str
    zero: float
    end_x: float
    end_y: float


def _round(value: float) -> float:
    shown = round(float(value), 1)
    return int(shown) if shown == int(shown) else shown


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values between ``low`` and ``high``, both inclusive.

    Examples
    --------
    >>> nice_ticks(-0.32, 0.81)
    [-0.25, 0.0, 0.25, 0.5, 0.75]
    """
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    raw = span / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 10) + 0.0 for k in range(first, last + 1)]


def domain(values: Floats, bounds: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest value to draw: the data, zero, and room around the scale's bounds."""
    edge = [1.2 * bound for bound in bounds] + [0.0]
    finite = values[np.isfinite(values)]
    low = min(float(finite.min()) if finite.size else 0.0, *edge)
    high = max(float(finite.max()) if finite.size else 0.0, *edge)
    pad = 0.04 * (high - low) or 0.01
    return low - pad, high + pad


def _path(xs: Floats, ys: Floats) -> str:
    parts = []
    pen = "M"
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if y != y:
            pen = "M"
            continue
        parts.append(f"{pen}{_round(x)} {_round(y)}")
        pen = "L"
    return "".join(parts)


def chart(
    days: npt.NDArray[np.datetime64],
    lines: Floats,
    members: Floats,
    bounds: Sequence[float],
    *,
    width: int,
    height: int,
    points: int,
    margins: tuple[int, int, int, int] = (10, 28, 22, 46),
    ticks: int = 5,
    marks: Iterable[tuple[np.datetime64, str]] = (),
    span: tuple[float, float] | None = None,
    band: tuple[Floats, Floats] | None = None,
) -> Chart:
    """Lay out paths over days.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n_days,)
        The common grid.
    lines, members : ndarray of float64, shape (n, n_days)
        Prominent and faint paths, as fractions.
    bounds : sequence of float
        Bounds of the rating scale: drawn, and always inside the axis.
    width, height : int
        Size of the drawing in user units.
    points : int
        Most points drawn per path.
    margins : tuple of int
        Top, right, bottom, left.
    ticks : int
        About how many labels the value axis gets.
    marks : iterable of (day, label)
        Days to mark, for example where six months end.
    span : tuple of float, optional
        Ends of the value axis, where several charts share one or a few paths may leave it; all
        paths fit in where it is not given.
    band : tuple of ndarray, optional
        Lower and upper edge of an area, each of shape (n_days,).
    """
    top, right, bottom, left = margins
    keep = spaced(len(days), points)
    low, high = span or domain(np.concatenate([lines.ravel(), members.ravel()]), bounds)
    first = days[0] if len(days) else np.datetime64("2000-01-01")
    last = days[-1] if len(days) else first
    length = max(1.0, float((last - first).astype(int)))

    def x_of(day: npt.NDArray[np.datetime64]) -> Floats:
        share = (day - first).astype(float) / length
        return np.asarray(left + share * (width - left - right))

    def y_of(value: Floats) -> Floats:
        return np.asarray(top + (high - value) / (high - low) * (height - top - bottom))

    xs = x_of(days[keep])
    drawn = [_line(xs, y_of(row[keep])) for row in lines]
    faint = [_line(xs, y_of(row[keep])) for row in members]
    y_marks = _value_marks(
        [0.0, *(b for b in bounds if b != 0), *nice_ticks(low, high, ticks)],
        len(bounds),
        lambda value: _round(float(y_of(np.array([value]))[0])),
    )
    x_marks = [Mark(_round(float(x_of(m)[0])), str(m[0])[:7]) for m in _months(first, last)]
    x_marks += [
        Mark(_round(float(x_of(np.array([day]))[0])), label, "end")
        for day, label in marks
        if first <= day <= last
    ]
    return Chart(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        lines=tuple(line for line in drawn if line.d),
        members=tuple(line for line in faint if line.d),
        y_marks=y_marks,
        x_marks=tuple(x_marks),
        band="" if band is None else _area(xs, y_of(band[0][keep]), y_of(band[1][keep])),
        low=low,
        high=high,
    )


def _area(xs: Floats, lower: Floats, upper: Floats) -> str:
    """The area between two edges, over the days that have both."""
    there = np.flatnonzero(~np.isnan(lower) & ~np.isnan(upper))
    if len(there) < 2:
        return ""
    back = there[::-1]
    around = _path(
        np.concatenate([xs[there], xs[back]]), np.concatenate([upper[there], lower[back]])
    )
    return f"{around}Z"


def _value_marks(
    values: Sequence[float], n_bounds: int, y_of: Callable[[float], float]
) -> tuple[Mark, ...]:
    """Zero and the bounds are always drawn; a label or tick that would touch another is not."""
    marks: list[Mark] = []
    for i, value in enumerate(values):
        y = y_of(value)
        kind = "zero" if i == 0 else "bound" if i <= n_bounds else "tick"
        free = all(abs(mark.at - y) >= 10.5 for mark in marks if mark.label)
        if free or kind != "tick":
            marks.append(Mark(y, bound_percent(value) if free else "", kind))
    return tuple(marks)


def _line(xs: Floats, ys: Floats) -> Line:
    there = np.flatnonzero(~np.isnan(ys))
    if not len(there):
        return Line("", 0, 0)
    end = there[-1]
    return Line(_path(xs, ys), _round(xs[end]), _round(ys[end]))


def spread(ys: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart so that none covers another, each as near to its line as may be."""
    if len(ys) * gap > high - low:
        gap = (high - low) / max(1, len(ys))
    order = sorted(range(len(ys)), key=lambda i: (ys[i], i))
    placed = [0.0] * len(ys)
    floor = low
    for i in order:
        placed[i] = max(ys[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return [_round(y) for y in placed]


def _months(first: np.datetime64, last: np.datetime64) -> list[npt.NDArray[np.datetime64]]:
    months = np.arange(first.astype("datetime64[M]") + 1, last.astype("datetime64[M]") + 1)
    step = 1 if len(months) <= 4 else 2 if len(months) <= 9 else 3
    chosen = [m for m in months if (m.astype(int) % 12) % step == 0]
    return [np.array([m.astype("datetime64[D]")]) for m in chosen]


def sparkline(path: Floats, points: int = 40) -> Spark | None:
    """A word-sized drawing of one path; None where it has no value.

    Parameters
    ----------
    path : ndarray of float64, shape (n_days,)
        Relative return, NaN before the base.
    points : int
        Most points drawn.
    """
    values = path[~np.isnan(path)]
    if len(values) < 2:
        return None
    values = values[spaced(len(values), points)]
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    span = (high - low) or 1.0
    xs = np.linspace(2.0, 92.0, len(values))
    ys = 3.0 + (high - values) / span * 18.0
    return Spark(
        d=_path(xs, ys),
        zero=_round(3.0 + high / span * 18.0),
        end_x=92,
        end_y=_round(ys[-1]),
    )
