"""How far rates differ beyond chance: maximum likelihood over many rows, and shrinking by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LEVEL", "Overdispersion", "beta_binomial", "normal_tau", "wilson"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

LEVEL = 0.95
"""Coverage of every interval of a league."""


def _quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def wilson(hits: npt.ArrayLike, n: npt.ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Wilson's score interval of shares, which knows counts only.

    Parameters
    ----------
    hits, n : array_like of int, same shape
    level : float
        Coverage, a fraction.

    Returns
    -------
    low, high : ndarray of float64
        NaN where ``n`` is 0.

    Examples
    --------
    >>> low, high = wilson([5], [10])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.2366, 0.7634)
    """
    hits, n = np.asarray(hits, np.float64), np.asarray(n, np.float64)
    z2 = _quantile(level) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # None of n hit, or all: the bound is 0 or 1, and rounding may miss it by a hair.
    low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def normal_tau(excess: Floats, variance: Floats) -> float:
    """Standard deviation of true excesses around 0, by maximum likelihood; 0 where none shows.

    Parameters
    ----------
    excess : ndarray of float64, shape (n_rows,)
    variance : ndarray of float64, shape (n_rows,)
        Of each excess by chance alone, positive.

    Notes
    -----
    Each excess is normal around a true one with its own variance, the true ones are normal around
    0 with variance tau². The likelihood of tau² may have more than one top, so it is looked for
    on a grid first.

    Examples
    --------
    >>> normal_tau(np.array([0.1, -0.1]), np.array([0.01, 0.01]))
    0.0
    >>> round(normal_tau(np.array([0.5, -0.5]), np.array([0.01, 0.01])), 4)
    0.4899
    """
    if excess.size < 2:
        return 0.0
    from scipy.optimize import minimize_scalar

    squares = excess * excess

    def cost(tau2: float) -> float:
        total = variance + tau2
        return float(np.sum(np.log(total) + squares / total))

    top = float(squares.max()) + float(variance.max())
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-9, top, 64)])
    costs = [cost(tau2) for tau2 in grid]
    best = int(np.argmin(costs))
    if best == 0:
        return 0.0
    low, high = grid[best - 1], grid[min(best + 1, grid.size - 1)]
    found = minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-14})
    # A top this near to 0 is no better than 0 itself.
    return float(np.sqrt(found.x)) if found.fun < costs[0] - 1e-9 else 0.0


@dataclass(frozen=True, slots=True)
class Overdispersion:
    """How rates differ between rows, as a beta distribution of true rates.

    Parameters
    ----------
    mean : float
        Mean of the true rates, fraction.
    pseudo : float
        Calls at the mean that the beta distribution is worth; infinite where the rates differ by
        chance only.
    """

    mean: float
    pseudo: float

    def shrunk(self, hits: Floats, n: Floats) -> Floats:
        """Posterior mean of each rate; the pooled one for all where there is no overdispersion."""
        if not np.isfinite(self.pseudo):
            return np.full(n.shape, self.mean)
        shrunk: Floats = (hits + self.mean * self.pseudo) / (n + self.pseudo)
        return shrunk


def beta_binomial(hits: Whole, n: Whole) -> Overdispersion:
    """The beta distribution of true rates that makes the counts most likely.

    Parameters
    ----------
    hits, n : ndarray of int64, shape (n_rows,)
        Rows without calls are left out.

    Examples
    --------
    >>> beta_binomial(np.array([50, 50]), np.array([100, 100]))
    Overdispersion(mean=0.5, pseudo=inf)
    """
    from scipy.optimize import minimize
    from scipy.special import betaln, expit, logit

    hits, n = hits[n > 0].astype(np.float64), n[n > 0].astype(np.float64)
    if not n.size:
        return Overdispersion(float("nan"), float("inf"))
    pooled = float(hits.sum() / n.sum())
    if n.size < 2 or pooled in (0.0, 1.0):
        return Overdispersion(pooled, float("inf"))

    def cost(point: npt.NDArray[np.float64]) -> float:
        mean, pseudo = float(expit(point[0])), float(np.exp(point[1]))
        a, b = mean * pseudo, (1 - mean) * pseudo
        return -float(np.sum(betaln(hits + a, n - hits + b) - betaln(a, b)))

    binomial = -float(hits.sum() * np.log(pooled) + (n - hits).sum() * np.log1p(-pooled))
    grid = np.column_stack([np.full(40, logit(pooled)), np.log(np.geomspace(0.5, 1e6, 40))])
    start = min(grid, key=cost)
    best = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
    pseudo = float(np.exp(best.x[1]))
    # The binomial is where pseudo goes without end; a likelihood that gains nothing on it is it.
    if float(best.fun) >= binomial - 1e-6 or pseudo > 1e8:
        return Overdispersion(pooled, float("inf"))
    return Overdispersion(float(expit(best.x[0])), pseudo)
