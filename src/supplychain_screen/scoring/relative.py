"""The two legs of a call and how they compare: what is read, and what is computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel import NO_AGE, NO_DAY

__all__ = [
    "COMPARISONS",
    "NO_AGE",
    "NO_DAY",
    "Comparison",
    "Legs",
    "Relative",
    "compare",
]

Comparison = Literal["difference", "ratio", "own"]
"""How a return is held against the scale: over its benchmark's, or (``own``) as it is."""

COMPARISONS: tuple[Comparison, ...] = ("difference", "ratio")
"""Those that a standard against an index can be measured by."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Ages = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Legs:
    """Closes read for many calls at once.

    Parameters
    ----------
    close : ndarray of float64
        NaN where there is none.
    session : ndarray of int32, same shape
        Day number of the session of the close, ``NO_DAY`` where there is none.
    age : ndarray of int16, same shape
        Exchange sessions between that session and the day asked for, ``NO_AGE`` where there is
        no close.
    """

    close: Floats
    session: Ints
    age: Ages

    @classmethod
    def empty(cls, *shape: int) -> Legs:
        """Room for legs, not yet filled."""
        return cls(np.empty(shape), np.empty(shape, np.int32), np.empty(shape, np.int16))

    def take(self, places: npt.NDArray[np.intp]) -> Legs:
        """The same of some calls, by their places on the last axis."""
        return Legs(self.close[..., places], self.session[..., places], self.age[..., places])


@dataclass(frozen=True, slots=True)
class Relative:
    """Returns of both legs and how they compare, all fractions, NaN where a close is missing."""

    stock_return: Floats
    benchmark_return: Floats
    difference: Floats
    ratio: Floats

    @classmethod
    def empty(cls, *shape: int) -> Relative:
        """Room for comparisons, not yet filled."""
        return cls(np.empty(shape), np.empty(shape), np.empty(shape), np.empty(shape))

    def by(self, comparison: Comparison) -> Floats:
        """The relative return by one comparison; the listing's own return where it is ``own``."""
        if comparison == "own":
            return self.stock_return
        return self.difference if comparison == "difference" else self.ratio


def compare(
    base: Floats,
    end: Floats,
    benchmark_base: Floats,
    benchmark_end: Floats,
    out: Relative | None = None,
) -> Relative:
    """Relative return of a listing over its benchmark between the same two sessions.

    Parameters
    ----------
    base, end, benchmark_base, benchmark_end : ndarray of float64, broadcastable
        Closes (levels, not returns), each in its own currency.
    out : Relative, optional
        Where the result is written.

    Returns
    -------
    Relative
        ``difference`` is r_s - r_b, ``ratio`` is (1 + r_s) / (1 + r_b) - 1.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> found = compare(10 * one, 12 * one, 100 * one, 110 * one)
    >>> round(float(found.difference[0]), 9), round(float(found.ratio[0]), 9)
    (0.1, 0.090909091)
    """
    if out is None:
        out = Relative.empty(*np.broadcast_shapes(base.shape, end.shape, benchmark_end.shape))
    growth = np.divide(end, base, out=out.stock_return)
    benchmark_growth = np.divide(benchmark_end, benchmark_base, out=out.benchmark_return)
    np.divide(growth, benchmark_growth, out=out.ratio)
    np.subtract(growth, benchmark_growth, out=out.difference)
    for ratio in (out.ratio, growth, benchmark_growth):
        np.subtract(ratio, 1.0, out=ratio)
    return out
