"""The calls that are counted, with what was said and what came of it, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.record.call_files import CallColumns
from supplychain_screen.record.hits import Hits
from supplychain_screen.record.runs import Runs
from supplychain_screen.scoring import LEVELLESS, REASON_CODE, REASONS

if TYPE_CHECKING:
    from supplychain_screen.scoring import CallScores

__all__ = ["PENDING", "Population", "month_numbers"]

Floats = npt.NDArray[np.float64]

PENDING = np.int8(REASON_CODE["pending"])


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Counted calls, in an order that depends on what they say only.

    Parameters
    ----------
    columns : CallColumns
        The rows they come from.
    row : ndarray of int64, shape (n,)
        Row that lends each call what it says.
    side, level : ndarray of int8, shape (n,)
        Called side and level (index into the scale's levels, best first).
    market : ndarray of int32, shape (n,)
        Index into ``markets``.
    markets : tuple of str
    fresh : ndarray of bool, shape (n,)
    end : ndarray of int8, shape (n,)
        Index into ``ENDS``.
    changed_day : ndarray of int32, shape (n,)
        Day number on which the opinion changed, ``NO_DATE`` where it did not.
    scores : CallScores, n calls
        Against what the scale's bounds are held against.
    against : CallScores, n calls
        Against the benchmark: the same, but where the scale rates a listing's own return.
    hits : tuple of Hits
        One a fixed window.
    runs : Runs
        What became of every row.
    benchmarks : (ndarray of int, tuple of str)
        Place of each call's benchmark in the ids beside it, -1 where it has none.
    """

    columns: CallColumns
    row: npt.NDArray[np.int64]
    side: npt.NDArray[np.int8]
    level: npt.NDArray[np.int8]
    market: npt.NDArray[np.int32]
    markets: tuple[str, ...]
    fresh: npt.NDArray[np.bool_]
    end: npt.NDArray[np.int8]
    changed_day: npt.NDArray[np.int32]
    scores: CallScores
    against: CallScores
    hits: tuple[Hits, ...]
    runs: Runs
    benchmarks: tuple[npt.NDArray[np.int32], tuple[str, ...]]

    @property
    def n(self) -> int:
        """Number of counted calls."""
        return int(self.row.size)

    @property
    def day(self) -> npt.NDArray[np.int32]:
        """Day number of publication."""
        return self.scores.published

    def relative(self, window: int) -> Floats:
        """Relative return over a fixed window, fractions; NaN where it is open or not told."""
        scores = self.against
        comparison = scores.rules.comparison
        if comparison == "own":
            return np.full(self.n, np.nan)
        return np.where(_told(scores, window), scores.relative.by(comparison)[window], np.nan)

    def returns(self, window: int) -> Floats:
        """What the scale's bounds are held against over a fixed window, as ``relative``."""
        scores = self.scores
        returns = scores.relative.by(scores.rules.comparison)[window]
        return np.where(_told(scores, window), returns, np.nan)

    def matured(self, window: int) -> npt.NDArray[np.bool_]:
        """True for the calls whose window has ended and whose numbers are there.

        On a scale without numbers nothing has a level, and whether it beat the benchmark is told.
        """
        return _told(self.scores, window) | _told(self.against, window)

    def group(self, by: str, levels: Sequence[str]) -> tuple[npt.NDArray[np.int64], list[object]]:
        """Place of each call in the groups of a key, -1 for none, and the groups' names."""
        if by == "market":
            return self.market.astype(np.int64), list(self.markets)
        if by == "level":
            return self.level.astype(np.int64), list(levels)
        if by == "side":
            return self.side.astype(np.int64) + 1, [-1, 0, 1]
        if by in ("year", "month"):
            months = month_numbers(self.day)
            found = months // 12 + 1970 if by == "year" else months
            names, codes = np.unique(found, return_inverse=True)
            labels = names.astype("datetime64[M]") if by == "month" else names
            return codes.astype(np.int64), [
                str(one) if by == "month" else int(one) for one in labels
            ]
        column = getattr(self.columns, by)
        return column.codes[self.row].astype(np.int64), list(column.names)


_HAS_NUMBERS = np.isin(REASONS, ("", *LEVELLESS))


def _told(scores: CallScores, window: int) -> npt.NDArray[np.bool_]:
    """Calls with numbers at the end of a window, whether or not a scale gives them a level."""
    told: npt.NDArray[np.bool_] = _HAS_NUMBERS[scores.reason[window]]
    return told


def month_numbers(days: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Months since 1970-01 of day numbers, worked out once for each day."""
    if not days.size:
        return np.empty(0, np.int64)
    first, last = int(days.min()), int(days.max())
    calendar = np.arange(first, last + 1).astype("datetime64[D]")
    months: npt.NDArray[np.int64] = calendar.astype("datetime64[M]").astype(np.int64)[days - first]
    return months
