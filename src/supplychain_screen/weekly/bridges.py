"""From last week's figure to this one, a step a cause: numbers in, coordinates out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from supplychain_screen.output.page import domain, nice_ticks
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.changes import MOVED, PARTS, Changes
from supplychain_screen.words import CAUSES, Phrase, bound_percent, is_missing, message, percent

__all__ = [
    "WIDE",
    "Bridge",
    "Step",
    "bridge_of",
    "mean_steps",
    "row_steps",
    "shared_axis",
    "ticks_of",
]

WIDTH: Final = 260.0
"""Of a bridge in a table, in user units."""

WIDE: Final = 620.0
"""Of one that stands alone."""

_EDGE: Final = 8.0
_LANE: Final = 9.0

Axis = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """What one cause did to a figure; fractions."""

    cause: str
    words: Phrase
    size: float
    start: float

    @property
    def end(self) -> float:
        """The figure after it."""
        return self.start + self.size

    @property
    def said(self) -> str:
        """Its size in points, to the printed digit."""
        return percent(self.size).removesuffix("%")


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge as it is drawn: a lane a step, in a box of ``width`` x ``height``.

    ``before`` and ``after`` are where the two figures stand; None where there is none.
    """

    width: float
    height: float
    zero: float | None
    bounds: tuple[float, ...]
    before: float | None
    after: float | None
    bars: tuple[tuple[float, float, float, str], ...]
    beyond: tuple[str, ...]


def row_steps(row: Mapping[Any, Any]) -> tuple[Step, ...]:
    """The causes that moved one company, in the order in which the inputs were swapped."""
    if is_missing(row["relative_before"]):
        return ()
    return _walk(float(row["relative_before"]), [(name[5:], row[name]) for name in PARTS])


def mean_steps(before: Screening, after: Screening, changes: Changes) -> tuple[Step, ...]:
    """The causes that moved the mean of the rated companies, each company counted once.

    Notes
    -----
    A cause's step is the sum of its parts over the companies that both weeks rate, by their
    number. What is left is the step of companies that came, went, won or lost a rating.
    """
    old, new = float(before.total["mean"]), float(after.total["mean"])
    if np.isnan(old) or np.isnan(new):
        return ()
    both = _rated(before).intersection(_rated(after))
    rows = changes.companies.set_index(["segment", "company"])
    rows = rows[rows.index.isin(both)]
    sums = rows[list(PARTS)].sum() / max(len(both), 1)
    parts = [(name[5:], float(sums[name])) for name in PARTS]
    rest = new - old - sum(size for _, size in parts)
    return _walk(old, [*parts, ("members", rest)])


def _rated(screening: Screening) -> pd.MultiIndex:
    rows = screening.once
    rows = rows[rows["rating"].isin(screening.report.standard.stock.names)]
    return pd.MultiIndex.from_frame(rows[["segment", "company"]])


def _walk(start: float, parts: Iterable[tuple[str, float]]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for cause, size in parts:
        if is_missing(size) or abs(size) <= MOVED:
            continue
        words = CAUSES.get(cause) or message("week.members").phrase
        steps.append(Step(cause, words, size, start))
        start += size
    return tuple(steps)


def shared_axis(rows: Sequence[Mapping[Any, Any]], bounds: Sequence[float]) -> Axis:
    """The axis of all bridges of a table: most figures, zero and the scale's bounds.

    Notes
    -----
    One share that went up fivefold must not press all others into a dot; what lies outside is
    drawn at the edge, and said.
    """
    values = np.array(
        [
            float(row[name])
            for row in rows
            for name in ("relative_before", "relative_after")
            if not is_missing(row[name])
        ]
    )
    middle = np.quantile(values, [0.05, 0.95]) if values.size > 8 else values
    return domain(middle, bounds)


def bridge_of(
    steps: Sequence[Step],
    before: float,
    after: float,
    axis: Axis,
    bounds: Sequence[float],
    width: float = WIDTH,
) -> Bridge:
    """Place the steps between two figures on an axis.

    Parameters
    ----------
    steps : sequence of Step
    before, after : float
        The figures; NaN where there is none.
    axis : tuple of float
        Its ends, from `shared_axis`.
    bounds : sequence of float
        Of the rating scale.
    width : float
        In user units.
    """
    low, high = axis

    def x_of(value: float) -> float:
        return _place(value, axis, width)

    bars = []
    for i, step in enumerate(steps):
        left, right = sorted((x_of(step.start), x_of(step.end)))
        bars.append((left, max(round(right - left, 1), 1.0), 4 + i * _LANE, step.cause))
    figures = [one for one in (before, after) if not is_missing(one)]
    beyond = [
        side
        for side, outside in (
            ("low", any(one < low for one in figures)),
            ("high", any(one > high for one in figures)),
        )
        if outside
    ]
    return Bridge(
        width,
        8 + max(len(steps), 1) * _LANE,
        x_of(0.0),
        tuple(x_of(one) for one in bounds if one),
        None if is_missing(before) else x_of(before),
        None if is_missing(after) else x_of(after),
        tuple(bars),
        tuple(beyond),
    )


def ticks_of(axis: Axis, bounds: Sequence[float], width: float = WIDTH) -> list[tuple[float, str]]:
    """Labels of an axis: zero and its bounds first, then round values that touch none of them."""
    low, high = axis
    shown: list[tuple[float, str]] = []
    for value in (0.0, *(one for one in bounds if one), *nice_ticks(low, high, 4)):
        at = _place(value, axis, width)
        if low <= value <= high and all(abs(at - other) > 30 for other, _ in shown):
            shown.append((at, bound_percent(value)))
    return shown


def _place(value: float, axis: Axis, width: float) -> float:
    """Where a value stands on an axis; what lies outside stands at its end."""
    low, high = axis
    share = (min(max(value, low), high) - low) / (high - low)
    return round(_EDGE + share * (width - 2 * _EDGE), 1)
