"""Two hits at the end of a window: did a call beat its benchmark, did it reach its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.research import BOUND_TOLERANCE, RatingScale

__all__ = ["NOT_TOLD", "Hits", "judge"]

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]

NOT_TOLD: Final = np.int8(-1)
"""Neither hit nor miss: there is nothing to judge, or nothing to judge by."""


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What became of calls at the end of one window.

    Parameters
    ----------
    net : ndarray of float64, shape (n,)
        Relative return in the call's own direction after cost: side times relative return minus
        cost, fraction; NaN for a neutral call, which nobody trades, and for one without a rating.
    realised : ndarray of int8, shape (n,)
        Level that the relative return after cost lies in, -1 where unrated.
    beat : ndarray of int8, shape (n,)
        1 where the direction was right, 0 where not, ``NOT_TOLD``.
    reached : ndarray of int8, shape (n,)
        1 where the called level was reached or passed, 0 where not, ``NOT_TOLD``.
    """

    net: Floats
    realised: Codes
    beat: Codes
    reached: Codes


def judge(
    returns: Floats,
    relative: Floats,
    side: Codes,
    level: Codes,
    scale: RatingScale,
    cost: float = 0.0,
) -> Hits:
    """Hold calls against their relative returns.

    Parameters
    ----------
    returns : ndarray of float64, shape (n,)
        What the scale's bounds are held against: relative returns, or own ones on a scale that
        rates a listing's own return; fractions, NaN where the window is open or nothing is rated.
    relative : ndarray of float64, shape (n,)
        Relative returns, NaN also where no benchmark is named.
    side, level : ndarray of int8, shape (n,)
        Called side (+1, 0, -1) and level (index into the scale's levels, best first; -1: none).
    scale : RatingScale
    cost : float
        Round-trip cost, a fraction, taken off side times relative return.

    Notes
    -----
    ``beat``: side times relative return minus cost lies above 0, and 0 is a miss, as is anything
    within the tolerance of a bound. A neutral call is right inside its level. ``reached``: the
    realised level is the called one or one farther out on the same side.

    Examples
    --------
    >>> from supplychain_screen.research import Level, RatingScale
    >>> scale = RatingScale(
    ...     name="ten",
    ...     levels=(
    ...         Level(name="up", lower=0.1, lower_inclusive=True),
    ...         Level(name="flat", lower=-0.1, upper=0.1),
    ...         Level(name="down", upper=-0.1, upper_inclusive=True),
    ...     ),
    ... )
    >>> moved = np.array([0.05, 0.12, 0.05, 0.0])
    >>> side, level = np.array([1, 1, 0, -1], np.int8), np.array([0, 0, 1, 2], np.int8)
    >>> found = judge(moved, moved, side, level, scale)
    >>> found.beat.tolist(), found.reached.tolist()
    ([1, 1, 1, 0], [0, 1, 1, 0])
    """
    realised = scale.rate(returns - side * cost if cost else returns)
    directed = np.isfinite(relative)
    net = np.where(directed & (side != 0), side * relative - cost, np.nan)
    levelled = (realised >= 0) & (level >= 0)
    inside = realised == level
    beyond = np.where(side > 0, realised <= level, np.where(side < 0, realised >= level, inside))
    reached = np.where(levelled, beyond, NOT_TOLD).astype(np.int8)
    ahead = np.where(directed, net > BOUND_TOLERANCE, NOT_TOLD)
    beat = np.where(side == 0, reached, ahead).astype(np.int8)
    return Hits(net, realised, beat, reached)
