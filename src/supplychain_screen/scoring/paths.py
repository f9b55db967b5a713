"""Relative return for every session from base to end, for many calls at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.scoring.measurement import CallScores
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


def relative_paths(panel: PricePanel, scores: CallScores, window: int = -1) -> Paths:
    """Path of each call over the listing's own sessions, base to the end of one window.

    Parameters
    ----------
    panel : PricePanel
    scores : CallScores, n calls
    window : int
        Place of the window; the last one is to date.

    Returns
    -------
    Paths
        Calls without a base close have no points; without a benchmark, points are NaN.
    """
    rows, base, end = scores.rows, scores.base.session, scores.end.session[window]
    usable = (rows >= 0) & (scores.base.age != NO_AGE) & (scores.end.age[window] != NO_AGE)
    used = np.unique(rows[usable])
    sessions = [np.flatnonzero(panel.is_session(row)) for row in used]
    width = panel.n_days + 1
    flat = np.concatenate(
        [days + slot * width for slot, days in enumerate(sessions)] or [np.empty(0, np.int64)]
    )

    slot = np.searchsorted(used, rows[usable])
    offset = slot * width - panel.first_day
    first = np.searchsorted(flat, offset + base[usable])
    # The base of a listing whose last session lies before the grid is not a column of it.
    count = np.maximum(np.searchsorted(flat, offset + end[usable], side="right") - first, 0)
    call = np.repeat(np.flatnonzero(usable).astype(np.int32), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    place = np.repeat(first, count) + step
    session = (flat[place] - np.repeat(slot, count) * width + panel.first_day).astype(np.int32)

    relative = compare(
        scores.base.close[call],
        read_as_of(panel, rows[call], session),
        scores.benchmark_base.close[call],
        read_as_of(panel, scores.benchmark_rows[call], session),
    )
    return Paths(call, session, relative)
