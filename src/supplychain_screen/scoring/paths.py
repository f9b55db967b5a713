"""Relative return for every session from base to end, for any number of calls, in blocks.

A row of the panel holds every calendar day, so the days of a path are one slice of its
listing's row and are copied as such; only its sessions are kept. There is no loop over calls or
listings, and memory depends on the size of a block, not on the number of calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.prices.panel import DaySlices
from supplychain_screen.scoring.relative import NO_AGE, Relative, compare

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import CallScores

__all__ = ["BLOCK", "Paths", "call_blocks", "iter_paths", "relative_paths"]

BLOCK = 512
"""Calls a block: a year of paths is about 10 MB, of which no step touches more than a few."""

Places = npt.NDArray[np.intp]


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


def iter_paths(
    panel: PricePanel, scores: CallScores, window: int = -1, *, block: int = BLOCK
) -> Iterator[Paths]:
    """Paths of many calls, a block of calls at a time.

    Parameters
    ----------
    panel : PricePanel
        The panel that was measured.
    scores : CallScores, n calls
        From :func:`~supplychain_screen.scoring.kernel.measure`.
    window : int
        Place of the window; the last one is to date.
    block : int
        Calls a block. The points do not depend on it.

    Yields
    ------
    Paths
        The points of the next ``block`` calls, in the order of ``scores``; ``call`` counts from
        the first call of ``scores``. A point is a session of the listing itself, from the base
        session to the end session of the window, neither of them after ``as_of``; the benchmark
        is its last close on or before that session. Calls without a base close have no points;
        without a benchmark, points are NaN. A base session from before the panel is no point.

    Raises
    ------
    CallsError
        ``block`` is not positive.

    Examples
    --------
    >>> from supplychain_screen import load_report, screen
    >>> found = screen(load_report(), "2025-01-02", "2025-10-17", prices="simulated").measured
    >>> [int(paths.call[-1]) for paths in iter_paths(found.panel, found.primary, block=12)]
    [11, 23, 35]
    """
    for calls in call_blocks(scores.rows.size, block):
        yield _paths(panel, scores, window, calls)


def relative_paths(panel: PricePanel, scores: CallScores, window: int = -1) -> Paths:
    """Paths of calls that are few enough to be held at once: all of :func:`iter_paths`.

    Parameters
    ----------
    panel : PricePanel
    scores : CallScores, n calls
    window : int
        Place of the window; the last one is to date.

    Returns
    -------
    Paths
        40 bytes a point: about 10 kB for a call of a year.
    """
    found = list(iter_paths(panel, scores, window))
    if not found:
        return Paths(np.empty(0, np.int32), np.empty(0, np.int32), Relative.empty(0))
    legs = [
        np.concatenate([getattr(one.relative, name) for one in found])
        for name in ("stock_return", "benchmark_return", "difference", "ratio")
    ]
    return Paths(
        np.concatenate([one.call for one in found]),
        np.concatenate([one.session for one in found]),
        Relative(*legs),
    )


def call_blocks(n: int, block: int) -> Iterator[slice]:
    """The calls from 0 up to ``n``, at most ``block`` at a time."""
    if block < 1:
        raise CallsError(
            Problem("a block holds no call", "give a positive number", value=str(block))
        )
    for lo in range(0, n, block):
        yield slice(lo, min(lo + block, n))


def _paths(panel: PricePanel, scores: CallScores, window: int, calls: slice) -> Paths:
    base, end = scores.base, scores.end
    usable = (scores.rows[calls] >= 0) & (base.age[calls] != NO_AGE)
    usable &= end.age[window, calls] != NO_AGE
    # The base of a listing whose last session lies before the grid is not a column of it.
    first = np.maximum(base.session[calls], panel.first_day)
    usable &= end.session[window, calls] >= first
    kept = np.flatnonzero(usable)
    place = kept + calls.start
    row_start = scores.rows[place].astype(np.intp) * panel.n_days
    start = row_start + (first[kept] - panel.first_day)
    length = (scores.end.session[window, place] - first[kept]).astype(np.intp) + 1
    slices = DaySlices.cut(panel, start, length)
    if not slices.width:
        return Paths(np.empty(0, np.int32), np.empty(0, np.int32), Relative.empty(0))

    session = slices.sessions() & slices.inside()
    count = np.count_nonzero(session, axis=1)
    at = np.flatnonzero(session)
    who = np.repeat(np.arange(kept.size), count)
    # Places in the copied slices → columns of the panel.
    at += (slices.cell - row_start - np.arange(kept.size) * slices.width)[who]
    benchmark = np.maximum(scores.benchmark_rows[place], 0).astype(np.intp) * panel.n_days
    close = panel.close.ravel()
    # Where there is no benchmark, its base is NaN, and so is all that follows.
    relative = compare(
        base.close[place][who],
        close[at + row_start[who]],
        scores.benchmark_base.close[place][who],
        close[at + benchmark[who]],
    )
    return Paths(place.astype(np.int32)[who], (at + panel.first_day).astype(np.int32), relative)
