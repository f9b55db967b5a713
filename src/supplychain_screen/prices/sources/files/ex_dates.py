"""Ex-dates that a file states or shows: its splits, the closes before, closes with dividends.

Three columns know of an ex-date. ``stock_splits`` names it. ``pre_close`` (前收盘) is the
exchange's own close before, taken down on an ex-date by what the share pays or splits. Closes that
reinvest dividends part from the closes beside them on each. The last two show splits and dividends
alike: a factor from 1.095 on is taken for a split at the nearest usual ratio, and the rest of it
for a dividend; what was taken for what is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.series import Events
from supplychain_screen.prices.sources.files.grammar import Floats, Whole

__all__ = ["Shown", "shown_by_dividend_closes", "shown_by_pre_close", "stated_splits"]

_SMALLEST_SPLIT = 1.095
"""Below it a factor is a cash dividend: 10% in one payment is rare, 1 new share for 10 is not."""
_DIVIDEND_BESIDE = 0.05
"""Largest dividend that is believed to come with a split."""
_ROUNDING = 0.006
"""A close before is written in whole cents; a cent of a cheap share is no dividend."""
_UNRELATED = 0.05
"""Share of days that part above which two columns do not belong together."""
_USUAL = np.array(
    [
        1.1,
        1.15,
        1.2,
        1.25,
        1.3,
        1.35,
        1.4,
        1.45,
        1.48,
        1.49,
        1.5,
        1.6,
        1.7,
        1.8,
        1.9,
        2.0,
        2.1,
        2.2,
        2.3,
        2.4,
        2.5,
        3.0,
        4.0,
        5.0,
        6.0,
        7.0,
        8.0,
        10.0,
        15.0,
        20.0,
        25.0,
        50.0,
    ]
)
_MERGED = 1.0 / np.array([2.0, 3.0, 4.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0])


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Ex-dates that two columns of closes show between them.

    Parameters
    ----------
    splits : Events
        Factors taken for splits: new shares for one old.
    rows : ndarray of int64, shape (k,)
        Row of each of those ex-dates.
    factors : ndarray of float64, shape (k,)
        The whole factor of each, a dividend of the same day included.
    dividends : int
        Ex-dates taken for cash dividends.
    unrelated : bool
        True where the columns part so often that they show nothing.
    """

    splits: Events
    rows: npt.NDArray[np.intp]
    factors: Floats
    dividends: int
    unrelated: bool = False


_NONE = Shown(Events.of(), np.zeros(0, np.intp), np.zeros(0), 0)


def stated_splits(day: Whole, split: Floats) -> Events:
    """Splits of a column in order of their days; 0, 1 and nothing all say "none".

    Parameters
    ----------
    day : ndarray of int64, shape (n,)
        Increasing; a day may come again.
    split : ndarray of float64, shape (n,)

    Raises
    ------
    ValueError
        A number is no ratio, or one day has two; names them.

    Examples
    --------
    >>> stated_splits(np.array([0, 1, 1]), np.array([0.0, 1.4, 1.4])).values.tolist()
    [1.4]
    """
    happened = ~(np.isnan(split) | (split == 0.0) | (split == 1.0))
    day, split = day[happened], split[happened]
    wrong = split[~((split > 0.0) & np.isfinite(split))]
    if wrong.size:
        raise ValueError(f"{wrong[0]:g}")
    again = np.zeros(day.size, bool)
    again[1:] = day[1:] == day[:-1]
    other = np.flatnonzero(again[1:] & (split[1:] != split[:-1]))
    if other.size:
        raise ValueError(f"{split[other[0]]:g} and {split[other[0] + 1]:g}")
    return Events(day[~again].astype("datetime64[D]"), split[~again])


def shown_by_pre_close(day: Whole, close: Floats, before: Floats) -> Shown:
    """Ex-dates on which the close before, as the exchange states it, is not the last close.

    Parameters
    ----------
    day : ndarray of int64, shape (n,)
        Strictly increasing.
    close, before : ndarray of float64, shape (n,)
        Closes, and the close before that each row states.

    Examples
    --------
    >>> days = np.array([0, 1, 2])
    >>> one = shown_by_pre_close(days, np.array([10.0, 7.2, 7.3]), np.array([9.9, 7.14, 7.2]))
    >>> one.splits.values.tolist(), one.dividends
    ([1.4], 0)
    """
    known = np.flatnonzero(np.isfinite(close) & (close > 0))
    at, last = known[1:], close[known[:-1]]
    stated = before[at]
    told = np.isfinite(stated) & (stated > 0)
    factor = np.where(told, last / np.where(told, stated, 1.0), 1.0)
    parted = np.abs(factor - 1.0) > 1e-6 + _ROUNDING / np.where(told, stated, np.inf)
    return _classified(day, at, factor, parted & told)


def shown_by_dividend_closes(day: Whole, close: Floats, total: Floats) -> Shown:
    """Ex-dates on which a close parts from the close that reinvests dividends beside it.

    Parameters
    ----------
    day : ndarray of int64, shape (n,)
        Strictly increasing.
    close, total : ndarray of float64, shape (n,)
    """
    known = np.flatnonzero(np.isfinite(close) & (close > 0) & np.isfinite(total) & (total > 0))
    if len(known) < 2:
        return _NONE
    ratio = close[known] / total[known]
    factor = ratio[:-1] / ratio[1:]
    return _classified(day, known[1:], factor, np.abs(factor - 1.0) > 0.002)


def _classified(day: Whole, at: npt.NDArray[np.intp], factor: Floats, parted: np.ndarray) -> Shown:
    if not parted.any():
        return _NONE
    if parted.sum() > max(5, _UNRELATED * len(at)):
        return Shown(_NONE.splits, _NONE.rows, _NONE.factors, 0, unrelated=True)
    rows, factors = at[parted], factor[parted]
    ratios = np.array([_split_in(one) for one in factors.tolist()])
    is_split = ratios != 1.0
    events = Events(day[rows[is_split]].astype("datetime64[D]"), ratios[is_split])
    return Shown(events, rows[is_split], factors[is_split], int((~is_split).sum()))


def _split_in(factor: float) -> float:
    """The split in a factor: the largest usual ratio that leaves a dividend; 1 where none does."""
    if factor < 1.0 / _SMALLEST_SPLIT:
        near = float(_MERGED[np.argmin(np.abs(_MERGED / factor - 1.0))])
        return near if abs(near / factor - 1.0) < _DIVIDEND_BESIDE else 1.0
    left = factor / _USUAL - 1.0
    fits = _USUAL[(left > -0.003) & (left < _DIVIDEND_BESIDE)]
    return float(fits[-1]) if len(fits) and factor >= _SMALLEST_SPLIT else 1.0
