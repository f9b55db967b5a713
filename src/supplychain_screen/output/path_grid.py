"""Relative-return paths on one grid of days, ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.scoring import NO_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supplychain_screen.scoring import PathFigures
    from supplychain_screen.screening import Screening

__all__ = ["Months", "PathFacts", "Paths", "months_of", "path_facts", "paths_of", "spaced"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Paths of all mentions and the mean path of every segment, on the same days.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n_days,)
        Every session of any listing, ascending.
    members : ndarray of float64, shape (n_mentions, n_days)
        Relative return of each row of ``companies``, in its order, as a fraction; between two
        sessions of its own a listing keeps its last value, and before its base it is NaN.
        A mention without a path is a row of NaN.
    means : ndarray of float64, shape (n_segments, n_days)
        Equal-weighted mean of the segment's rated members that have begun.
    total : ndarray of float64, shape (n_days,)
        The same over all rated companies, each counted once.
    quartiles : ndarray of float64, shape (2, n_days)
        Where the middle half of those companies begins and ends.
    """

    days: npt.NDArray[np.datetime64]
    members: Floats
    means: Floats
    total: Floats
    quartiles: Floats


@dataclass(frozen=True, slots=True)
class PathFacts:
    """What happened on the way: extremes, and the first session on which a bound was reached.

    Parameters
    ----------
    best_day, worst_day : datetime64[D]
        First session of the highest and the lowest relative return.
    best, worst : float
        Those returns, fractions.
    crossed : tuple of (bound, datetime64[D])
        Bounds that were reached, in the scale's ascending order.
    """

    best_day: np.datetime64
    best: float
    worst_day: np.datetime64
    worst: float
    crossed: tuple[tuple[float, np.datetime64], ...]


def paths_of(screening: Screening) -> Paths:
    """Lay ``screening.paths`` on one grid of days.

    Notes
    -----
    Values are carried forward only: a listing that does not trade on a day of another
    exchange keeps what it had, and nothing is read from the future.

    The paths end where the headline's window ends, so a chart ends on the figure that is printed
    beside it; `Screening.paths` goes on to the last day that counts for a later window.
    """
    companies, frame = screening.companies, _until_the_headline(screening)
    days = np.unique(_days(frame["session"]))
    members = _laid_out(screening, frame, days, "relative_return")
    rated = (companies["rating"] != "unrated").to_numpy()
    means = _segment_means(screening, members)
    once = members[rated & companies.index.isin(screening.once.index)]
    return Paths(days, members, means, total=_mean(once), quartiles=_quartiles(once))


def _quartiles(paths: Floats) -> Floats:
    """The first and the third quartile of those that have begun, NaN where none has."""
    found = np.full((2, paths.shape[1]), np.nan)
    begun = (~np.isnan(paths)).sum(axis=0)
    ranked = np.sort(paths, axis=0)  # who has not begun comes last
    # Days on which as many have begun are one table: NumPy's own way goes day by day.
    for many in np.unique(begun[begun > 0]).tolist():
        days = begun == many
        found[:, days] = np.quantile(ranked[:many, days], [0.25, 0.75], axis=0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """What each segment gained or lost on its benchmarks within each month.

    Parameters
    ----------
    months : ndarray of datetime64[M], shape (n_months,)
        Those in which somebody has a session after the base.
    means : ndarray of float64, shape (n_segments, n_months)
        Equal-weighted mean, over the segment's rated members that have begun, of the month's
        relative return; a fraction, NaN where nobody has begun.
    """

    months: npt.NDArray[np.datetime64]
    means: Floats


def months_of(screening: Screening) -> Months:
    """The relative returns of each segment month by month, in the screen's comparison.

    Notes
    -----
    A month's return is counted from the last close before the month, on both legs. Differences
    of a return counted from the base would not be that: a share that has trebled and then falls
    by 30% has lost 90 points of its first price.
    """
    frame = _until_the_headline(screening)
    days = np.unique(_days(frame["session"]))
    months = days.astype("datetime64[M]")
    last = np.flatnonzero(np.append(months[1:] != months[:-1], [True])[: len(days)])
    stock, benchmark = (
        1.0 + _laid_out(screening, frame, days, name)[:, last]
        for name in ("stock_return", "benchmark_return")
    )
    moved = _relative(_steps(stock), _steps(benchmark), screening.comparison)
    # Whose only session so far is its base has not moved, which is not a move of zero.
    moved[_sessions_until(screening, frame, days)[:, last] < 2] = np.nan
    told = ~np.isnan(moved).all(axis=0)
    return Months(months[last][told], _segment_means(screening, moved)[:, told])


def _steps(levels: Floats) -> Floats:
    """Return from each month's end to the next one, the first one from the base."""
    before = np.ones_like(levels)
    known = ~np.isnan(levels[:, :-1])
    before[:, 1:][known] = levels[:, :-1][known]
    return np.asarray(levels / before - 1.0)


def _relative(stock: Floats, benchmark: Floats, comparison: str) -> Floats:
    match comparison:
        case "own":
            return stock
        case "ratio":
            return np.asarray((1.0 + stock) / (1.0 + benchmark) - 1.0)
    return stock - benchmark


def _until_the_headline(screening: Screening) -> pd.DataFrame:
    """The paths up to the end session of each company's headline window."""
    frame = screening.paths
    ends = screening.companies.set_index("order")["end_session"]
    end = frame["order"].map(ends.fillna(ends.max()))
    return frame[~(frame["session"] > end)]


def _days(sessions: pd.Series) -> npt.NDArray[np.datetime64]:
    return sessions.to_numpy().astype("datetime64[D]")


def _laid_out(
    screening: Screening, frame: pd.DataFrame, days: npt.NDArray[np.datetime64], name: str
) -> Floats:
    """A column of the paths as a row a mention on the common days, carried forward."""
    companies = screening.companies
    members = np.full((len(companies), len(days)), np.nan)
    if not len(days):
        return members
    members[_places(screening, frame, days)] = frame[name].to_numpy(dtype=float)
    return _carry_forward(members)


def _sessions_until(
    screening: Screening, frame: pd.DataFrame, days: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.int64]:
    """How many sessions of its own each mention has on each of the days and before."""
    own = np.zeros((len(screening.companies), len(days)), np.int64)
    own[_places(screening, frame, days)] = 1
    return own.cumsum(axis=1)


def _places(
    screening: Screening, frame: pd.DataFrame, days: npt.NDArray[np.datetime64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Row of the mention and column of the day of each row of the paths."""
    orders = pd.Index(screening.companies["order"])
    rows = orders.get_indexer(pd.Index(frame["order"]))
    return rows, np.searchsorted(days, _days(frame["session"]))


def _segment_means(screening: Screening, members: Floats) -> Floats:
    """Mean over each segment's rated members, column by column."""
    companies = screening.companies
    rated = (companies["rating"] != "unrated").to_numpy()
    segment_of = companies["segment"].to_numpy()
    return np.array(
        [
            _mean(members[rated & (segment_of == segment)])
            for segment in screening.segments["segment"]
        ]
    ).reshape(len(screening.segments), members.shape[1])


def _mean(paths: Floats) -> Floats:
    begun = ~np.isnan(paths)
    count = begun.sum(axis=0)
    mean = np.full(paths.shape[1], np.nan)
    np.divide(np.where(begun, paths, 0.0).sum(axis=0), count, out=mean, where=count > 0)
    return mean


def path_facts(figures: PathFigures, bounds: Sequence[float], row: int) -> PathFacts | None:
    """Extremes and first crossings of one row of ``companies``; None where no point counts.

    Parameters
    ----------
    figures : PathFigures
        Of the screening; says when a bound counts as crossed.
    bounds : sequence of float
        Bounds of the rating scale as it is printed, ascending.
    row : int
    """
    if not figures.sessions[row]:
        return None
    crossed = figures.crossed_session[:, row]
    return PathFacts(
        best_day=_day(figures.best_session[row]),
        best=float(figures.best[row]),
        worst_day=_day(figures.worst_session[row]),
        worst=float(figures.worst[row]),
        crossed=tuple(
            (bound, _day(day)) for bound, day in zip(bounds, crossed, strict=True) if day != NO_DAY
        ),
    )


def _day(number: np.int32) -> np.datetime64:
    return np.datetime64(int(number), "D")


def spaced(length: int, points: int) -> npt.NDArray[np.intp]:
    """Indices of at most ``points`` evenly spaced positions, the first and the last among them.

    Examples
    --------
    >>> spaced(5, 3).tolist(), spaced(2, 9).tolist(), spaced(0, 9).tolist()
    ([0, 2, 4], [0, 1], [])
    """
    if length <= points:
        return np.arange(length)
    return np.unique(np.linspace(0, length - 1, points).round().astype(np.intp))


def _carry_forward(values: Floats) -> Floats:
    columns = np.arange(values.shape[1])
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, columns), axis=1)
    carried = np.take_along_axis(values, np.maximum(last, 0), axis=1)
    carried[last < 0] = np.nan
    return carried
