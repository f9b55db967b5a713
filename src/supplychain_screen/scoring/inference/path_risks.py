"""Risk on the way: drawdown, tracking error, information ratio, months, time under a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.scoring.inference.intervals import standing_still

if TYPE_CHECKING:
    from supplychain_screen.scoring.paths import Paths
    from supplychain_screen.scoring.relative import Comparison

__all__ = ["SESSIONS_A_YEAR", "PathRisk", "path_risk"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

SESSIONS_A_YEAR = 252
"""By which the field annualises; no exchange here holds exactly so many."""


@dataclass(frozen=True, slots=True)
class PathRisk:
    """A basket bought on its base and held, beside its members' benchmarks held alike.

    Parameters
    ----------
    day : ndarray of int32, shape (n_days,)
        Day numbers on which any member trades, the base first.
    wealth : ndarray of float64, shape (n_days,)
        Worth of the basket over that of its benchmarks, 1 at the base.
    drawdown : float
        Deepest fall of ``wealth`` from a peak, a fraction at or below 0.
    peak_day, trough_day : int
        Day numbers of that peak and of the lowest point after it.
    recovered_day : int
        First day on which the peak was reached again; -1 where it was not.
    tracking_error : float
        Standard deviation of the daily active returns, times √252, fraction.
    information_ratio : float
        Mean daily active return times 252, over ``tracking_error``; NaN where that is 0.
    month : ndarray of datetime64[M], shape (n_months,)
    monthly : ndarray of float64, shape (n_months,)
        Relative return of each calendar month, fraction: the ratio of ``wealth`` at its end and
        at the end before, so that they compound to the whole.
    cuts : tuple of float, length n_cuts
        Bounds of the scale, ascending fractions.
    below : ndarray of float64, shape (n_cuts,)
        Share of days after the base on which the basket's relative return lay below each bound.

    Notes
    -----
    A member stands still while its exchange is closed. An active return is the basket's simple
    daily return less that of its benchmarks. Source: Grinold and Kahn (2000) for the ratio; the
    drawdown is of the relative path, not of the basket's own price.
    """

    day: Ints
    wealth: Floats
    drawdown: float
    peak_day: int
    trough_day: int
    recovered_day: int
    tracking_error: float
    information_ratio: float
    month: npt.NDArray[np.datetime64]
    monthly: Floats
    cuts: tuple[float, ...]
    below: Floats


def path_risk(paths: Paths, comparison: Comparison, cuts: tuple[float, ...]) -> PathRisk:
    """What it was like to hold the basket against its benchmarks.

    Parameters
    ----------
    paths : Paths
        One path a member.
    comparison : {"difference", "ratio", "own"}
        By which the basket is held against the bounds; with ``own`` the benchmarks stand still.
    cuts : tuple of float
        Smallest relative return that passes each bound upwards, ascending fractions.

    Returns
    -------
    PathRisk
        Empty, its figures NaN and its days -1, where there is no day after the base.
    """
    own = comparison == "own"
    known = np.isfinite(paths.relative.by(comparison))
    calls, sessions = paths.call[known], paths.session[known]
    day = np.unique(sessions)
    if day.size < 2:
        return _nothing(cuts)
    stock, index, relative = (
        standing_still(calls, sessions, values[known], 0.0).mean(axis=0)
        for values in (
            paths.relative.stock_return,
            np.zeros(known.size) if own else paths.relative.benchmark_return,
            paths.relative.by(comparison),
        )
    )
    stock, index = 1.0 + stock, 1.0 + index
    wealth = stock / index
    peaks = np.maximum.accumulate(wealth)
    fall = wealth / peaks - 1.0
    trough = int(np.argmin(fall))
    peak = int(np.argmax(wealth[: trough + 1]))
    again = np.flatnonzero(wealth[trough:] >= wealth[peak])
    active = stock[1:] / stock[:-1] - index[1:] / index[:-1]
    error = float(active.std(ddof=1) * np.sqrt(SESSIONS_A_YEAR)) if active.size > 1 else np.nan
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    # The base belongs to no month of its own: it is what the first one starts from.
    last = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    last = last[last > 0]
    before = np.concatenate([[1.0], wealth[last[:-1]]])
    return PathRisk(
        day=day,
        wealth=wealth,
        drawdown=float(fall[trough]),
        peak_day=int(day[peak]),
        trough_day=int(day[trough]),
        recovered_day=int(day[trough + again[0]]) if again.size and fall[trough] < 0 else -1,
        tracking_error=error,
        information_ratio=float(active.mean() * SESSIONS_A_YEAR / error) if error > 0 else np.nan,
        month=months[last],
        monthly=wealth[last] / before - 1.0,
        cuts=cuts,
        below=np.array([(relative[1:] < cut).mean() for cut in cuts]),
    )


def _nothing(cuts: tuple[float, ...]) -> PathRisk:
    nan = float("nan")
    return PathRisk(
        np.empty(0, np.int32),
        np.empty(0),
        nan,
        -1,
        -1,
        -1,
        nan,
        nan,
        np.empty(0, "datetime64[M]"),
        np.empty(0),
        cuts,
        np.full(len(cuts), nan),
    )
