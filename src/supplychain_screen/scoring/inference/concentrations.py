"""What a basket's mean hangs on: its best names, and how far the members are one bet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from supplychain_screen.scoring.paths import Paths

__all__ = ["BEST", "MIN_COMMON_DAYS", "Bets", "Concentration", "concentration", "effective_bets"]

Floats = npt.NDArray[np.float64]

BEST = (1, 3, 5)
"""Numbers of best names whose share is told."""

MIN_COMMON_DAYS = 20
"""Two members with fewer days in common have no correlation that says anything."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of a basket's result its best names made.

    Parameters
    ----------
    order : ndarray of intp, shape (n,)
        Places of the members, best first; equal ones as given.
    contribution : ndarray of float64, shape (n,)
        Part of the mean that each member makes, in that order: its relative return over n,
        fraction. They add up to the mean.
    remaining : ndarray of float64, shape (n,)
        Mean of those that remain when the best 0, 1, 2, … are taken away, fraction; the first is
        the mean of all, the last the worst member alone.
    leave_one_out : ndarray of float64, shape (n,)
        Mean without each member, as given, fraction; NaN for a member alone.
    shares : tuple of float, length 3
        Share of the sum that the best one, three and five make, fraction; above 1 where the rest
        lost. NaN where the sum is not above 0 (a share of a loss says nothing) or where there are
        not more members than that.
    """

    order: npt.NDArray[np.intp]
    contribution: Floats
    remaining: Floats
    leave_one_out: Floats
    shares: tuple[float, ...]

    @property
    def until_not_above_zero(self) -> int:
        """How many of the best have to go before the mean is not above 0; all where none is."""
        below = np.flatnonzero(self.remaining <= 0)
        return int(below[0]) if below.size else int(self.remaining.size)


def concentration(values: Floats) -> Concentration:
    """What remains of a mean as its best members are taken away.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Relative returns of the rated members, fractions, finite.

    Examples
    --------
    >>> found = concentration(np.array([0.1, -0.1, 0.3]))
    >>> found.remaining.round(9).tolist(), found.order.tolist()
    ([0.1, 0.0, -0.1], [2, 0, 1])
    >>> found.leave_one_out.round(9).tolist(), round(found.shares[0], 9)
    ([0.1, 0.2, 0.0], 1.0)
    """
    n = values.size
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    # From the worst up, so that the sums of what remains are sums and no differences.
    rest = np.cumsum(ranked[::-1])[::-1]
    total = float(rest[0]) if n else 0.0
    nothing = float("nan")
    shares = tuple(
        float(ranked[:best].sum()) / total if total > 0 and n > best else nothing for best in BEST
    )
    without = (values.sum() - values) / (n - 1) if n > 1 else np.full(n, nothing)
    return Concentration(order, ranked / max(n, 1), rest / np.arange(n, 0, -1), without, shares)


@dataclass(frozen=True, slots=True)
class Bets:
    """How many independent bets a basket amounts to.

    Parameters
    ----------
    members : int
        Members that enter.
    correlation : float
        Mean correlation of daily relative returns over all pairs, NaN where ``reason`` says why
        there is none.
    effective : float
        Effective number of independent bets, between 1 and ``members``.
    reason : {"", "too_few_members", "too_few_sessions"}
    """

    members: int
    correlation: float
    effective: float
    reason: str


def effective_bets(paths: Paths) -> Bets:
    """Mean correlation of the members, and the number of independent ones they are worth.

    Parameters
    ----------
    paths : Paths
        One path a member, against its own benchmark.

    Returns
    -------
    Bets

    Notes
    -----
    A daily relative return is the listing's simple return less its benchmark's over the same two
    sessions of the listing. Two members are correlated over the days on which both have one, at
    least 20. With mean correlation ρ of n members, n / (1 + (n − 1) ρ) independent members of
    equal variance would have a mean as uncertain as theirs (Kish's design effect, 1965; in
    portfolios: Grinold and Kahn, Active Portfolio Management, 2000); at most n. Exchanges that
    close at other hours look less alike than they are.
    """
    calls, days, values = daily_relative_returns(paths)
    members, member = np.unique(calls, return_inverse=True)
    grid = np.full((members.size, np.unique(days).size), np.nan)
    grid[member, np.unique(days, return_inverse=True)[1]] = values
    n, nothing = int(members.size), float("nan")
    if n < 2:
        return Bets(n, nothing, nothing, "too_few_members")
    pairs = _correlations(grid)
    known = pairs[np.triu_indices(n, 1)]
    known = known[np.isfinite(known)]
    if not known.size:
        return Bets(n, nothing, nothing, "too_few_sessions")
    mean = float(known.mean())
    spread = 1.0 + (n - 1) * mean
    return Bets(n, mean, float(np.clip(n / spread, 1.0, n)) if spread > 0 else float(n), "")


def daily_relative_returns(
    paths: Paths,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]:
    """Member, day number and relative return of each session of each path but its first."""
    stock, index = 1.0 + paths.relative.stock_return, 1.0 + paths.relative.benchmark_return
    inside = paths.call[1:] == paths.call[:-1]
    change = stock[1:] / stock[:-1] - index[1:] / index[:-1]
    inside &= np.isfinite(change)
    return paths.call[1:][inside], paths.session[1:][inside], change[inside]


def _correlations(grid: Floats) -> Floats:
    """Correlation of each pair of rows over the columns that both have, NaN where too few."""
    there = np.isfinite(grid)
    value, seen = np.where(there, grid, 0.0), there.astype(np.float64)
    common = seen @ seen.T
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (value @ seen.T) / common  # of the row, over the days that the column has too
        square = (value * value) @ seen.T / common - mean * mean
        product = (value @ value.T) / common - mean * mean.T
        found = product / np.sqrt(square * square.T)
    found[common < MIN_COMMON_DAYS] = np.nan
    return found
