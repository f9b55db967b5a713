"""Intervals that say what they are of: a mean under autocorrelation, and a share by its count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.scoring.inference.quantiles import beta_quantile, student_t_quantile

if TYPE_CHECKING:
    from supplychain_screen.scoring.paths import Paths
    from supplychain_screen.scoring.relative import Comparison

__all__ = [
    "MIN_SESSIONS",
    "HitRate",
    "Interval",
    "basket_changes",
    "exact_hit_rate",
    "long_run_variance",
    "mean_interval",
]

Floats = npt.NDArray[np.float64]

MIN_SESSIONS = 60
"""Below a quarter of a year of days there are too few cosines to tell a variance from."""

COSINES_PER_SESSIONS = 0.4
"""Cosines to use are this times sessions to the power of two thirds (Lazarus and others, 2018)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Interval of a basket's mean relative return over a window of the length observed.

    Parameters
    ----------
    low, high : float
        Bounds, fractions; NaN where ``reason`` says why there are none.
    level : float
        Coverage of the interval, fraction.
    realised : float
        The basket's relative return, fraction.
    standard_error : float
        Of ``realised``, fraction: from the long-run variance of the daily changes.
    cosines : int
        Cosines the variance is estimated with, the degrees of freedom of Student's t.
    sessions : int
        Days of the daily path after its base.
    reason : {"", "nobody_rated", "too_few_sessions"}
        Why there is no interval.

    Notes
    -----
    It asks what the mean of such a window could be, given how these days scattered. It is no
    forecast of the next window, and knows nothing of what is not in these days.
    """

    low: float
    high: float
    level: float
    realised: float
    standard_error: float
    cosines: int
    sessions: int
    reason: str


@dataclass(frozen=True, slots=True)
class HitRate:
    """Share of hits with its exact binomial interval.

    Parameters
    ----------
    hits, of : int
        Members above the level that 0 falls in, of so many rated ones.
    rate, low, high : float
        Fractions; NaN of nobody.
    level : float
        Coverage if members were independent, fraction. They are not, so the interval describes
        the count and proves nothing.
    """

    hits: int
    of: int
    rate: float
    low: float
    high: float
    level: float


def mean_interval(changes: Floats, *, level: float = 0.90) -> Interval:
    """Autocorrelation-robust interval of the sum of daily changes.

    Parameters
    ----------
    changes : ndarray of float64, shape (n_sessions,)
        Daily changes of the basket's relative return, fractions, finite.
    level : float
        Coverage of the interval, fraction.

    Returns
    -------
    Interval
        None below 60 sessions.

    Notes
    -----
    sum ± t · sqrt(T · omega): omega is :func:`long_run_variance`, t the quantile of Student's t
    with as many degrees of freedom as cosines. Source: Lazarus, Lewis, Stock and Watson (2018),
    HAR Inference: Recommendations for Practice, Journal of Business & Economic Statistics 36(4),
    the equal-weighted cosine estimator; the idea is Müller's (2007), Journal of Econometrics 141.

    Examples
    --------
    >>> found = mean_interval(np.tile([0.02, -0.01], 60))
    >>> round(found.realised, 9), found.sessions, found.cosines
    (0.6, 120, 10)
    >>> mean_interval(np.zeros(30)).reason
    'too_few_sessions'
    """
    size, nothing = int(changes.size), float("nan")
    realised = float(changes.sum()) if size else nothing
    if size < MIN_SESSIONS:
        reason = "too_few_sessions" if size else "nobody_rated"
        return Interval(nothing, nothing, level, realised, nothing, 0, size, reason)
    cosines = round(COSINES_PER_SESSIONS * size ** (2 / 3))
    error = float(np.sqrt(size * long_run_variance(changes, cosines)))
    reach = student_t_quantile(cosines, (1 + level) / 2) * error
    return Interval(realised - reach, realised + reach, level, realised, error, cosines, size, "")


def long_run_variance(changes: Floats, cosines: int) -> float:
    """Equal-weighted cosine estimate of the long-run variance of a series.

    Parameters
    ----------
    changes : ndarray of float64, shape (..., n_sessions)
    cosines : int
        How many of the lowest frequencies are used.

    Returns
    -------
    float or ndarray of float64, shape (...)
        In squared units of ``changes``.

    Notes
    -----
    The mean over j = 1…B of the squares of sqrt(2/T) Σ x_t cos(π j (t − 1/2) / T), t = 1…T. A
    constant added to ``changes`` alters nothing.

    Examples
    --------
    >>> float(long_run_variance(np.array([1.0, -1.0, 1.0, -1.0]), 1).round(12))
    0.585786437627
    """
    size = changes.shape[-1]
    angles = np.pi / size * np.outer(np.arange(size) + 0.5, np.arange(1, cosines + 1))
    weights = changes @ np.cos(angles) * np.sqrt(2 / size)
    found: float = (weights * weights).mean(axis=-1)
    return found


def basket_changes(paths: Paths, comparison: Comparison) -> Floats:
    """Day-by-day change of a basket's mean relative return.

    Parameters
    ----------
    paths : Paths
        One path a member; the basket is their equal-weighted mean on every day that any member
        trades, each member standing still while its exchange is closed.
    comparison : {"difference", "ratio", "own"}

    Returns
    -------
    ndarray of float64, shape (n_days - 1,)
        Fractions; their sum is the mean relative return at the end.
    """
    relative = paths.relative.by(comparison)
    known = np.isfinite(relative)
    if not known.any():
        return np.empty(0)
    calls, sessions, values = paths.call[known], paths.session[known], relative[known]
    return np.diff(standing_still(calls, sessions, values, 0.0).mean(axis=0))


def standing_still(
    calls: npt.NDArray[np.int32], sessions: npt.NDArray[np.int32], values: Floats, start: float
) -> Floats:
    """A row a member, a column a day that any of them trades; what is missing stands still."""
    days = np.unique(sessions)
    members, member = np.unique(calls, return_inverse=True)
    grid = np.full((members.size, days.size), np.nan)
    grid[member, np.searchsorted(days, sessions)] = values
    last = np.maximum.accumulate(
        np.where(np.isnan(grid), -1, np.arange(days.size)[None, :]), axis=1
    )
    return np.where(last >= 0, np.take_along_axis(grid, np.maximum(last, 0), axis=1), start)


def exact_hit_rate(hits: int, of: int, *, level: float = 0.90) -> HitRate:
    """Share of hits with the interval of Clopper and Pearson.

    Parameters
    ----------
    hits, of : int
    level : float
        Coverage, fraction.

    Notes
    -----
    Source: Clopper and Pearson (1934), Biometrika 26.

    Examples
    --------
    >>> found = exact_hit_rate(3, 10, level=0.95)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0667, 0.6525)
    """
    if of == 0:
        nothing = float("nan")
        return HitRate(0, 0, nothing, nothing, nothing, level)
    tail = (1 - level) / 2
    low = beta_quantile(hits, of - hits + 1, tail) if hits else 0.0
    high = beta_quantile(hits + 1, of - hits, 1 - tail) if hits < of else 1.0
    return HitRate(hits, of, hits / of, low, high, level)
