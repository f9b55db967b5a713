"""Beta before publication, and what is left of a relative return after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import CallScores, SuspectDays

__all__ = [
    "ESTIMATION",
    "MIN_COMMON_SESSIONS",
    "BetaAdjusted",
    "MarketModel",
    "beta_adjusted",
    "market_model",
]

Floats = npt.NDArray[np.float64]

ESTIMATION = (-120, -20)
"""First and last common session of the estimation, counted from the base, both inclusive."""

MIN_COMMON_SESSIONS = 100
"""Fewer sessions on which both legs have a return make no beta."""


@dataclass(frozen=True, slots=True)
class MarketModel:
    """A simple regression of one leg on the other.

    Parameters
    ----------
    alpha, beta : float
        Intercept (fraction a session) and slope; NaN where the regression cannot be made.
    beta_error : float
        Standard error of ``beta`` by ordinary least squares.
    sessions : int
    """

    alpha: float
    beta: float
    beta_error: float
    sessions: int


def market_model(stock: Floats, benchmark: Floats) -> MarketModel:
    """Ordinary least squares of a listing's returns on its benchmark's.

    Parameters
    ----------
    stock, benchmark : ndarray of float64, shape (n,)
        Simple returns of the same sessions, fractions, finite.

    Notes
    -----
    The residual variance has n − 2 degrees of freedom, as ``statsmodels.OLS`` has it. Checked
    against the certified values of NIST's data set Norris.

    Examples
    --------
    >>> found = market_model(np.array([1.0, 3.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    >>> round(found.beta, 9), round(found.alpha, 9), round(found.beta_error, 9)
    (1.6, -0.5, 0.141421356)
    """
    n, nothing = int(stock.size), float("nan")
    if n < 3:
        return MarketModel(nothing, nothing, nothing, n)
    x, y = benchmark - benchmark.mean(), stock - stock.mean()
    spread = float(x @ x)
    if spread == 0.0:
        return MarketModel(nothing, nothing, nothing, n)
    beta = float(x @ y) / spread
    residual = y - beta * x
    error = float(np.sqrt(residual @ residual / (n - 2) / spread))
    return MarketModel(float(stock.mean() - beta * benchmark.mean()), beta, error, n)


@dataclass(frozen=True, slots=True)
class BetaAdjusted:
    """Beta of many calls, and of the basket of those that have one.

    Parameters
    ----------
    beta, beta_error : ndarray of float64, shape (n,)
        NaN where ``sessions`` are too few.
    sessions : ndarray of int32, shape (n,)
        Common sessions of the estimation whose returns enter.
    adjusted : ndarray of float64, shape (n,)
        Listing's return less beta times the benchmark's over the window, fraction; no alpha is
        taken off. NaN where there is no beta or the call is not rated.
    plain : ndarray of float64, shape (n,)
        Listing's return less the benchmark's, fraction.
    mean_adjusted, mean_plain : float
        Means over the same calls, those with ``adjusted``; fractions.
    basket : MarketModel
        The mean return of those calls on each day on that of their benchmarks.
    members : int
        Calls with ``adjusted``.
    """

    beta: Floats
    beta_error: Floats
    sessions: npt.NDArray[np.int32]
    adjusted: Floats
    plain: Floats
    mean_adjusted: float
    mean_plain: float
    basket: MarketModel
    members: int


def beta_adjusted(
    panel: PricePanel,
    scores: CallScores,
    window: int,
    *,
    suspects: SuspectDays | None = None,
) -> BetaAdjusted:
    """Each call's beta before its base, and its return less beta times the benchmark's.

    Parameters
    ----------
    panel : PricePanel
    scores : CallScores, n calls
    window : int
        Place of the window whose returns are adjusted.
    suspects : SuspectDays, optional
        A return that rests on one of these days does not enter.

    Returns
    -------
    BetaAdjusted

    Notes
    -----
    A session is common where both legs have one, and a return runs from the common session
    before it to this one. Counted back from the base, those from -120 to -20 enter, at least 100
    of them. Prices before publication only, so nothing of the window enters beta. The basket's
    series is the mean over its members on each day that any of them has.
    """
    n = scores.rows.size
    betas, errors = np.full(n, np.nan), np.full(n, np.nan)
    sessions = np.zeros(n, np.int32)
    blocks: list[tuple[int, npt.NDArray[np.intp], Floats, Floats]] = []
    for place in range(n):
        day, stock, index = _returns_before(panel, scores, place, suspects)
        sessions[place] = day.size
        if day.size >= MIN_COMMON_SESSIONS:
            found = market_model(stock, index)
            betas[place], errors[place] = found.beta, found.beta_error
            blocks.append((place, day, stock, index))
    relative = scores.relative
    rated = scores.rating[window] >= 0
    adjusted = relative.stock_return[window] - betas * relative.benchmark_return[window]
    adjusted = np.where(rated, adjusted, np.nan)
    plain = np.where(rated, relative.difference[window], np.nan)
    used = np.isfinite(adjusted)
    members, nothing = int(used.sum()), float("nan")
    return BetaAdjusted(
        betas,
        errors,
        sessions,
        adjusted,
        plain,
        float(adjusted[used].mean()) if members else nothing,
        float(plain[used].mean()) if members else nothing,
        _basket([block for block in blocks if used[block[0]]]),
        members,
    )


def _returns_before(
    panel: PricePanel, scores: CallScores, place: int, suspects: SuspectDays | None
) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """Columns and returns of both legs on the common sessions of the estimation of one call."""
    nothing = np.empty(0, np.intp), np.empty(0), np.empty(0)
    row, index = int(scores.rows[place]), int(scores.benchmark_rows[place])
    base = int(scores.base.session[place]) - panel.first_day
    if row < 0 or index < 0 or not 0 <= base < panel.n_days:
        return nothing
    common = np.flatnonzero(panel.is_session(row)[:base] & panel.is_session(index)[:base])
    # One more than the sessions asked for: the first return starts from it.
    common = common[ESTIMATION[0] - 1 : ESTIMATION[1] + 1]
    if common.size < 2:
        return nothing
    stock = panel.close[row, common]
    bench = panel.close[index, common]
    inside = np.ones(common.size - 1, np.bool_)
    if suspects:
        day = (common + panel.first_day).astype(np.int32)
        for one in (row, index):
            inside &= ~suspects.touch(np.array([one], np.int32), day[:-1], day[1:])
    return (
        common[1:][inside],
        (stock[1:] / stock[:-1] - 1.0)[inside],
        (bench[1:] / bench[:-1] - 1.0)[inside],
    )


def _basket(blocks: list[tuple[int, npt.NDArray[np.intp], Floats, Floats]]) -> MarketModel:
    """The market model of the members' mean return of each day on their benchmarks' mean."""
    if not blocks:
        return market_model(np.empty(0), np.empty(0))
    day = np.concatenate([block[1] for block in blocks])
    _, slot = np.unique(day, return_inverse=True)
    count = np.bincount(slot)
    means = [
        np.bincount(slot, np.concatenate([block[leg] for block in blocks])) / count
        for leg in (2, 3)
    ]
    return market_model(*means)
