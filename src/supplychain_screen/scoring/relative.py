"""The kernel: closes of a listing and of its benchmark, read on the same sessions.

Whole arrays of calls go in and come out; there is no loop over calls or listings. Everything
that reads a price for a number in this package goes through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel import NEVER, PricePanel

__all__ = [
    "COMPARISONS",
    "NO_AGE",
    "Comparison",
    "Legs",
    "Relative",
    "compare",
    "read_as_of",
    "read_on_or_after",
]

Comparison = Literal["difference", "ratio"]
COMPARISONS: tuple[Comparison, ...] = ("difference", "ratio")

NO_AGE = np.int32(np.iinfo(np.int32).max)
"""Age of a close that does not exist: older than any limit."""

NO_DAY = np.int32(np.iinfo(np.int32).min)
"""Session of a close that does not exist."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Legs:
    """Closes read for many calls at once.

    Parameters
    ----------
    close : ndarray of float64
        NaN where there is none.
    session : ndarray of int32, same shape
        Day number of the session of the close, ``NO_DAY`` where there is none.
    age : ndarray of int32, same shape
        Exchange sessions between that session and the day asked for, ``NO_AGE`` where there is
        no close.
    """

    close: Floats
    session: Ints
    age: Ints

    def take(self, places: npt.NDArray[np.intp]) -> Legs:
        """The same of some calls, by their places on the last axis."""
        return Legs(self.close[..., places], self.session[..., places], self.age[..., places])


def read_as_of(panel: PricePanel, rows: Ints, days: Ints) -> Legs:
    """Last close on or before each day, never one after it.

    Parameters
    ----------
    panel : PricePanel
    rows : ndarray of int32, shape (n,)
        Row of each call's listing; a negative row reads as "no close".
    days : ndarray of int32, shape (n,) or (k, n)
        Day numbers. A day outside the panel reads as "no close".

    Returns
    -------
    Legs, shape of ``days``
    """
    column = days - np.int32(panel.first_day)
    known = (rows >= 0) & (column >= 0) & (column < panel.n_days)
    safe_row = np.where(rows >= 0, rows, 0)
    cell = safe_row.astype(np.int64) * panel.n_days + np.where(known, column, 0)
    back = panel.days_back.ravel()[cell]
    known &= back != NEVER
    session = column - back.astype(np.int32)
    age = _sessions_between(panel, safe_row, session, column)
    return _legs(panel, cell, known, session, age)


def read_on_or_after(panel: PricePanel, rows: Ints, days: Ints) -> Legs:
    """First close on or after each day; only a base may be read so.

    Shapes as in :func:`read_as_of`; the age counts the exchange's sessions from the day up to
    the one before the session that was found.
    """
    column = days - np.int32(panel.first_day)
    known = (rows >= 0) & (column >= 0) & (column < panel.n_days)
    safe_row = np.where(rows >= 0, rows, 0)
    start = safe_row.astype(np.int64) * panel.n_days
    ahead = panel.days_ahead.ravel()[start + np.where(known, column, 0)]
    known &= ahead != NEVER
    session = column + np.where(known, ahead, 0).astype(np.int32)
    cell = start + np.where(known, session, 0)
    age = _sessions_between(panel, safe_row, column - 1, session - 1)
    return _legs(panel, cell, known, session, age)


def _sessions_between(panel: PricePanel, rows: Ints, after: Ints, until: Ints) -> Ints:
    """Exchange sessions in (after, until], columns of the panel."""
    through = panel.sessions_through.ravel()
    start = panel.calendar_of[rows].astype(np.int64) * panel.n_days
    top = panel.n_days - 1
    upper = np.where(until >= 0, through[start + np.clip(until, 0, top)], 0)
    lower = np.where(after >= 0, through[start + np.clip(after, 0, top)], 0)
    between: Ints = upper - lower
    return between


def _legs(
    panel: PricePanel, cell: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], column: Ints,
    age: Ints,
) -> Legs:  # fmt: skip
    return Legs(
        close=np.where(known, panel.close.ravel()[cell], np.nan),
        session=np.where(known, column + np.int32(panel.first_day), NO_DAY),
        age=np.where(known, age, NO_AGE),
    )


@dataclass(frozen=True, slots=True)
class Relative:
    """Returns of both legs and how they compare, all fractions, NaN where a close is missing."""

    stock_return: Floats
    benchmark_return: Floats
    difference: Floats
    ratio: Floats

    def by(self, comparison: Comparison) -> Floats:
        """The relative return by one comparison."""
        return self.difference if comparison == "difference" else self.ratio


def compare(base: Floats, end: Floats, benchmark_base: Floats, benchmark_end: Floats) -> Relative:
    """Relative return of a listing over its benchmark between the same two sessions.

    Parameters
    ----------
    base, end, benchmark_base, benchmark_end : ndarray of float64, broadcastable
        Closes (levels, not returns), each in its own currency.

    Returns
    -------
    Relative
        ``difference`` is r_s - r_b, ``ratio`` is (1 + r_s) / (1 + r_b) - 1.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> found = compare(10 * one, 12 * one, 100 * one, 110 * one)
    >>> round(float(found.difference[0]), 9), round(float(found.ratio[0]), 9)
    (0.1, 0.090909091)
    """
    growth = end / base
    benchmark_growth = benchmark_end / benchmark_base
    return Relative(
        stock_return=growth - 1.0,
        benchmark_return=benchmark_growth - 1.0,
        difference=growth - benchmark_growth,
        ratio=growth / benchmark_growth - 1.0,
    )
