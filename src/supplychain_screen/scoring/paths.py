"""Relative return for every session from base to end, for many calls at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.scoring.measurement import StockLegs
from supplychain_screen.scoring.relative import NO_AGE, Relative, compare, read_as_of

__all__ = ["Paths", "relative_paths"]


@dataclass(frozen=True, slots=True)
class Paths:
    """Daily paths of many calls, laid end to end.

    Parameters
    ----------
    call : ndarray of int32, shape (n_points,)
        Position of the call each point belongs to, ascending.
    session : ndarray of int32, shape (n_points,)
        Day number; ascending within a call, from its base session to its end session.
    relative : Relative, shape (n_points,)
        Returns since the base, fractions; 0 at the base.
    """

    call: npt.NDArray[np.int32]
    session: npt.NDArray[np.int32]
    relative: Relative


def relative_paths(
    panel: PricePanel, stock: StockLegs, benchmark_rows: npt.NDArray[np.int32]
) -> Paths:
    """Path of each call over the listing's own sessions, base to the end of its last window.

    Parameters
    ----------
    panel : PricePanel
    stock : StockLegs, n calls
    benchmark_rows : ndarray of int32, shape (n,)
        Panel row of each call's benchmark, negative where there is none (NaN path).

    Returns
    -------
    Paths
        Calls without a base close have no points.
    """
    rows, base, end = stock.rows, stock.base.session, stock.end.session[-1]
    usable = (rows >= 0) & (stock.base.age != NO_AGE) & (stock.end.age[-1] != NO_AGE)
    used = np.unique(rows[usable])
    sessions = [np.flatnonzero(panel.days_back[row] == 0) for row in used]
    starts = np.concatenate([[0], np.cumsum([len(days) for days in sessions])]).astype(np.int64)
    width = panel.n_days + 1
    flat = np.concatenate(
        [days + slot * width for slot, days in enumerate(sessions)] or [starts[:0]]
    )

    slot = np.searchsorted(used, rows[usable])
    offset = slot * width - panel.first_day
    first = np.searchsorted(flat, offset + base[usable])
    count = np.searchsorted(flat, offset + end[usable], side="right") - first
    # The base of a listing whose last session lies before the grid is not a column of it.
    count = np.maximum(count, 0)
    call = np.repeat(np.flatnonzero(usable).astype(np.int32), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    place = np.repeat(first, count) + step
    session = (flat[place] - np.repeat(slot, count) * width + panel.first_day).astype(np.int32)

    listing = read_as_of(panel, rows[call], session)
    benchmark = read_as_of(panel, benchmark_rows[call], session)
    benchmark_base = read_as_of(panel, benchmark_rows, np.where(usable, base, panel.first_day))
    relative = compare(
        stock.base.close[call], listing.close, benchmark_base.close[call], benchmark.close
    )
    return Paths(call, session, relative)
