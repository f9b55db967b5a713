"""Intervals of means over calls whose windows overlap: whole blocks of dates are what varies."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.record.shrinkage import LEVEL

__all__ = ["MIN_WINDOWS", "block_intervals"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MIN_WINDOWS: Final = 5
"""Windows of history below which a mean has no interval: there are too few blocks to vary."""

_CELLS: Final = 4_000_000
"""Days of groups that are in memory together."""


def block_intervals(
    group: Whole, day: npt.NDArray[np.integer], values: Floats, n_groups: int, length: float
) -> tuple[Floats, Floats, Floats]:
    """Interval of each group's mean under resampling of blocks of dates.

    Parameters
    ----------
    group : ndarray of int64, shape (n,)
        Group of each value, 0 or more.
    day : ndarray of int, shape (n,)
        Day number of each value.
    values : ndarray of float64, shape (n,)
    n_groups : int
    length : float
        Days a window.

    Returns
    -------
    low, high : ndarray of float64, shape (n_groups,)
        NaN for a group without values, or whose days span fewer than ``MIN_WINDOWS`` windows.
    windows : ndarray of float64, shape (n_groups,)
        Windows that the days of each group span.

    Notes
    -----
    The variance is what circular blocks of dates, each as long as a window and drawn with
    replacement until they cover the group's span, give its mean (total over count, to first
    order): span/length times the mean square of the sums of residuals over all blocks, over n².
    It is worked out and not drawn, so there is no seed. Residuals add up to 0 over the span,
    which takes one block of span/length away: the variance is set up for that, and Student's t
    has one degree of freedom less than there are blocks.
    Source: Politis and Romano (1992), the circular block bootstrap.

    Examples
    --------
    >>> days = np.arange(60)
    >>> low, high, windows = block_intervals(np.zeros(60, int), days, days % 2 * 1.0, 1, 10)
    >>> float(windows[0]), round(float(low[0]), 6), round(float(high[0]), 6)
    (6.0, 0.5, 0.5)
    """
    from scipy.special import stdtrit

    n = np.bincount(group, minlength=n_groups)
    low, high, windows = (np.full(n_groups, np.nan) for _ in range(3))
    if not group.size:
        return low, high, windows
    day = day.astype(np.int64)
    first = np.full(n_groups, np.iinfo(np.int64).max)
    last = np.full(n_groups, np.iinfo(np.int64).min)
    np.minimum.at(first, group, day)
    np.maximum.at(last, group, day)
    some = n > 0
    span = np.where(some, last - np.where(some, first, 0) + 1, 0)
    windows[some] = span[some] / length
    long = np.flatnonzero(windows >= MIN_WINDOWS)
    if not long.size:
        return low, high, windows
    mean = np.bincount(group, values, minlength=n_groups)[long] / n[long]
    place = np.full(n_groups, -1, np.int64)
    place[long] = np.arange(long.size)
    kept = np.flatnonzero(place[group] >= 0)
    at, column = place[group[kept]], (day - first[group])[kept]
    residual = values[kept] - mean[at]
    order = np.argsort(at, kind="stable")
    at, column, residual = at[order], column[order], residual[order]
    block = max(1, round(length))
    square = np.empty(long.size)
    width = int(span[long].max())
    step = max(1, _CELLS // width)
    for start in range(0, long.size, step):
        stop = min(start + step, long.size)
        here = slice(*np.searchsorted(at, [start, stop]))
        cells = (at[here] - start) * width + column[here]
        daily = np.bincount(cells, residual[here], minlength=(stop - start) * width)
        through = np.zeros((stop - start, width + 1))
        np.cumsum(daily.reshape(-1, width), axis=1, out=through[:, 1:])
        days = np.arange(width)
        own = span[long[start:stop], None]
        # The residuals of the whole span add up to 0, so a block that wraps needs no more.
        sums = np.take_along_axis(through, (days + block) % own, axis=1) - through[:, :-1]
        sums[days >= own] = 0.0
        square[start:stop] = np.einsum("ij,ij->i", sums, sums) / own[:, 0]
    blocks = windows[long]
    variance = blocks * square / n[long] ** 2 * blocks / (blocks - 1)
    half = stdtrit(blocks - 1, (1 + LEVEL) / 2) * np.sqrt(variance)
    low[long], high[long] = mean - half, mean + half
    return low, high, windows
