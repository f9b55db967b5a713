"""How unusual a basket's result is: placebo dates, and a block bootstrap of its daily path.

All names of a report share one publication date, so their results move together and a t-test
over companies would count the same market move many times. Both methods here treat the basket
as one series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.scoring.measurement import Rules, SuspectDays
from supplychain_screen.scoring.paths import Paths
from supplychain_screen.scoring.placebo_dates import basket_returns
from supplychain_screen.scoring.relative import Comparison
from supplychain_screen.scoring.windows import TO_DATE, add_months, window_ends

__all__ = [
    "MIN_PLACEBO_DATES",
    "Inference",
    "Interval",
    "Placebo",
    "bootstrap_interval",
    "placebo",
]

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

MIN_PLACEBO_DATES = 60
"""Fewer base dates than about a quarter of a year say nothing about what is usual."""

MIN_BOOTSTRAP_DAYS = 40
"""Below about two months of days the block length itself cannot be estimated."""


@dataclass(frozen=True, slots=True)
class Placebo:
    """The same basket, scored from every earlier base date.

    Parameters
    ----------
    base_day : ndarray of int32, shape (n_dates,)
        Day number of each placebo publication.
    mean : ndarray of float64, shape (n_dates,)
        Equal-weighted relative return of the members rated from that date, fraction.
    members : ndarray of int64, shape (n_dates,)
        How many members were rated.
    realised : float
        The figure of the real publication date, fraction.
    percentile : float
        Share of placebo figures below the realised one (ties count half), fraction; NaN where
        there is too little history.
    independent : float
        The history in window lengths: overlapping windows are not n independent draws.
    note : str
        Says so where there is too little history; empty otherwise.
    """

    base_day: Ints
    mean: Floats
    members: npt.NDArray[np.int64]
    realised: float
    percentile: float
    independent: float
    note: str


def placebo(
    panel: PricePanel,
    rows: Ints,
    benchmark_rows: Ints,
    published: int,
    as_of: int,
    rules: Rules,
    window: str,
    *,
    suspects: SuspectDays | None = None,
) -> Placebo:
    """Score one basket from every base date before its publication.

    Parameters
    ----------
    panel : PricePanel
    rows, benchmark_rows : ndarray of int32, shape (n_members,)
        Distinct companies, and the benchmark of each.
    published, as_of : int
        Day numbers.
    rules : Rules
    window : str
        A window of ``rules``; ``to_date`` takes windows as long as the one to date.
    suspects : SuspectDays, optional
        Days no rating may rest on.

    Returns
    -------
    Placebo
        Dates on which fewer than half of the members are rated are left out: they are another
        basket.

    Notes
    -----
    A placebo window ends on or before ``as_of``, so late ones overlap the realised window; the
    dates are every exchange session of the first member's calendar. Why not a t-test over the
    members: Kolari and Pynnonen (2010), on event studies whose events share one date.
    """
    place = rules.windows.index(window)
    length = _length(published, as_of, rules, window)
    candidates = _sessions_before(panel, rows, published)
    usable = candidates[candidates + length <= as_of]
    days = np.append(usable, np.int32(published))
    ends = window_ends(days, rules.months, as_of)[place]
    if window == TO_DATE:
        ends = np.minimum(ends, days + np.int32(length))
    found = basket_returns(
        panel, rows, benchmark_rows, days, ends[None], as_of, rules, suspects=suspects
    )
    realised = float(found.mean[0, -1])
    mean, members = found.mean[0, :-1], found.members[0, :-1].astype(np.int64)
    same_basket = members * 2 >= rows.size
    usable, mean, members = usable[same_basket], mean[same_basket], members[same_basket]
    if usable.size < MIN_PLACEBO_DATES or np.isnan(realised):
        return _too_little(usable, mean, members, realised, length)
    below = (mean < realised).mean() + 0.5 * (mean == realised).mean()
    span = float(usable[-1] - usable[0] + length) / length
    return Placebo(usable, mean, members, realised, float(below), span, "")


def _length(published: int, as_of: int, rules: Rules, window: str) -> int:
    day = np.array([published], "datetime64[D]")
    if window == TO_DATE:
        end = min(as_of, int(add_months(day, rules.months[-1]).astype(np.int64)[0]))
    else:
        end = int(add_months(day, int(window.removesuffix("m"))).astype(np.int64)[0])
    return max(end - published, 1)


def _sessions_before(panel: PricePanel, rows: Ints, published: int) -> Ints:
    """Exchange sessions of the first member's calendar before publication."""
    if rows.size == 0:
        return np.empty(0, np.int32)
    through = panel.sessions_through[panel.calendar_of[rows[0]]]
    opened = np.flatnonzero(np.diff(through, prepend=0)) + panel.first_day
    earlier: Ints = opened[opened < published].astype(np.int32)
    return earlier


def _too_little(
    days: Ints, mean: Floats, members: npt.NDArray[np.int64], realised: float, length: int
) -> Placebo:
    return Placebo(
        days,
        mean,
        members,
        realised,
        float("nan"),
        float(days[-1] - days[0] + length) / length if days.size else 0.0,
        f"too little history: {days.size} earlier base dates, {MIN_PLACEBO_DATES} are needed",
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """Bootstrap interval of a basket's relative return.

    Parameters
    ----------
    low, high : float
        Bounds of the interval, fractions; NaN where there are too few days.
    level : float
        Coverage of the interval, fraction.
    realised : float
        The basket's relative return, fraction.
    days : int
        Days of the daily path.
    block : float
        Mean block length in days (Politis and White, 2004).
    resamples : int
    note : str
        Says so where there are too few days; empty otherwise.
    """

    low: float
    high: float
    level: float
    realised: float
    days: int
    block: float
    resamples: int
    note: str


@dataclass(frozen=True, slots=True)
class Inference:
    """How unusual the basket of a report is, by both methods."""

    placebo: Placebo
    interval: Interval


def bootstrap_interval(
    paths: Paths,
    comparison: Comparison,
    *,
    level: float = 0.90,
    resamples: int = 5_000,
    seed: int = 0,
) -> Interval:
    """Stationary block bootstrap of the basket's daily relative returns.

    Parameters
    ----------
    paths : Paths
        One path a member; the basket is their equal-weighted mean on every day that any member
        trades, each member standing still while its exchange is closed.
    comparison : {"difference", "ratio"}
    level : float
        Coverage of the interval, fraction.
    resamples : int
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Interval
        Bounds of the sum of daily changes over as many days as were observed.

    Notes
    -----
    Politis and Romano (1994); blocks keep the runs in which news travels. Source of the
    implementation: the package ``arch``.
    """
    changes = _daily_changes(paths, comparison)
    realised = float(changes.sum()) if changes.size else float("nan")
    if changes.size < MIN_BOOTSTRAP_DAYS:
        note = f"too few days: {changes.size}, {MIN_BOOTSTRAP_DAYS} are needed"
        nothing = float("nan")
        return Interval(nothing, nothing, level, realised, changes.size, nothing, 0, note)
    from arch.bootstrap import StationaryBootstrap, optimal_block_length

    block = float(max(optimal_block_length(changes)["stationary"].iloc[0], 1.0))
    # arch documents a float and annotates an int.
    drawn = StationaryBootstrap(cast("int", block), changes, seed=np.random.default_rng(seed))
    sums = drawn.apply(np.sum, resamples).ravel()
    low, high = np.quantile(sums, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, realised, changes.size, block, resamples, "")


def _daily_changes(paths: Paths, comparison: Comparison) -> Floats:
    """Day-by-day change of the mean relative return over members."""
    relative = paths.relative.by(comparison)
    known = np.isfinite(relative)
    if not known.any():
        return np.empty(0)
    calls, sessions, values = paths.call[known], paths.session[known], relative[known]
    days = np.unique(sessions)
    members, member = np.unique(calls, return_inverse=True)
    grid = np.full((members.size, days.size), np.nan)
    grid[member, np.searchsorted(days, sessions)] = values
    last = np.maximum.accumulate(
        np.where(np.isnan(grid), -1, np.arange(days.size)[None, :]), axis=1
    )
    filled = np.where(last >= 0, np.take_along_axis(grid, np.maximum(last, 0), axis=1), 0.0)
    return np.diff(filled.mean(axis=0))
