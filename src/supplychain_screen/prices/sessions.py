"""Which rows of a price series are sessions: a stale close is not a price.

Vendors fill days on which a share did not trade. Yahoo repeats the last close with volume 0
through a suspension, and such a row must never be the base or the end of a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import InputError
from supplychain_screen.identity import calendar_span, exchange_sessions, half_days

if TYPE_CHECKING:
    from supplychain_screen.identity import Instrument
    from supplychain_screen.prices.series import PriceSeries

__all__ = [
    "COPIED_ROWS",
    "LEAST_VOLUME",
    "REPEAT_TOLERANCE",
    "SILENT_ROWS",
    "TradingDays",
    "day_number",
    "day_of_number",
    "in_long_runs",
    "last_usable",
    "real_sessions",
    "repeats_without_volume",
    "trading_days",
]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

_EPOCH = date(1970, 1, 1).toordinal()

REPEAT_TOLERANCE = 1e-6
"""Largest change that still counts as the same close: relative above a price of 1, absolute below.

In the real data all 102 suspended rows repeat the close exactly (though rounded to six decimals),
and the smallest change without volume is 5.9e-4 (Sunny Optical, the half day 2020-12-31). One
unit of the sixth decimal lies far from both, and a tick of 0.01 on the dearest A share (2,600) is
four times as large.
"""

LEAST_VOLUME = 1.0
"""Shares below which nothing was traded. Tongdaxin's files hold 5.877e-39 on suspended days: a zero
read as a floating-point number of another width."""

COPIED_ROWS = 2
"""Rows in a row with exactly the close and the volume of the day before from which on they are
copies. Two traded days never agree in both (none in the real data does even once)."""

SILENT_ROWS = 6
"""Rows in a row that repeat a close, volume unknown, from which on the share was suspended: more
than the five sessions that a close may be old (specification 4.6). Of 760,000 real American closes
7,640 are equal to the one before by chance, and 13 such runs are shares bid for or shells."""

_CACHE_FROM, _OLD_CACHE_FROM = 2015, 1991
"""Years at which the shared calendars begin; the younger one is enough for almost everybody."""


@dataclass(frozen=True, slots=True, eq=False)
class TradingDays:
    """Sessions and half days of one exchange as flags on a grid of calendar days.

    Parameters
    ----------
    first_day : int
        Days from 1970-01-01 to the first flag.
    session : ndarray of bool, shape (n_days,)
        True where the exchange trades. Beyond what its calendar knows: on weekdays, since
        nobody can say more.
    half : ndarray of bool, shape (n_days,)
        True where it closes early.
    through : ndarray of int64, shape (n_days,)
        Sessions from the first flag up to and including each day.
    known_from, known_to : int
        First and last day number, inclusive, for which the calendar has an answer.
    """

    first_day: int
    session: Bools
    half: Bools
    through: npt.NDArray[np.int64]
    known_from: int
    known_to: int

    def on(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Positions of day numbers in the flags."""
        return days - self.first_day


def real_sessions(series: PriceSeries, instrument: Instrument) -> Bools:
    """True for the rows that are sessions with a usable close.

    Parameters
    ----------
    series : PriceSeries
        Closes of shape (n,), in ascending order of their days.
    instrument : Listing or Index
        Whose closes they are: its exchange's calendar decides, and an index is never suspended.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where the close is missing, not finite or not positive; where the exchange does not
        trade on that day; and where an equity's close repeats the one before it without trade
        (`repeats_without_volume`), except on the exchange's half days.

    Notes
    -----
    The first row repeats nothing. Hong Kong's half days are excepted because Yahoo serves their
    bars flat and without volume though they traded. Appending rows changes nothing, except that
    rows at the end may turn out to have begun a run of copies.

    Source: specification 4.6; the tolerance is :data:`REPEAT_TOLERANCE`.

    Examples
    --------
    >>> from supplychain_screen import Listing
    >>> hygon = Listing(mic="XSHG", code="688041", currency="CNY", board="SSE STAR")
    >>> days = np.array(["2025-05-23", "2025-05-24", "2025-05-26", "2025-06-10"], "datetime64[D]")
    >>> series = PriceSeries(
    ...     "XSHG:688041",
    ...     days,
    ...     np.array([136.13, 136.13, 136.13, 141.98]),
    ...     np.array([2.1e7, 0.0, 0.0, 9.3e7]),
    ...     "splits",
    ...     "yahoo",
    ...     "688041.SS",
    ... )
    >>> real_sessions(series, hygon).tolist()
    [True, False, False, True]
    """
    close = series.close
    usable = np.isfinite(close) & (close > 0.0)
    if not close.size:
        return usable
    days = series.sessions.astype("datetime64[D]").astype(np.int64)
    calendar = trading_days(instrument.calendar, int(days.min()), int(days.max()))
    at = calendar.on(days)
    real: Bools = usable & calendar.session[at]
    if not instrument.is_index:
        real &= ~repeats_without_volume(close, series.volume, usable) | calendar.half[at]
    return real


def repeats_without_volume(close: Floats, volume: Floats, usable: Bools) -> Bools:
    """True where a close repeats the last usable one before it and nothing was traded.

    Parameters
    ----------
    close, volume : ndarray of float64, shape (n,)
        Closes, and shares traded (NaN: unknown).
    usable : ndarray of bool, shape (n,)
        Where the close is a price; other rows neither repeat nor are repeated.

    Returns
    -------
    ndarray of bool, shape (n,)
        Calendar and half days are not looked at.

    Notes
    -----
    Nothing was traded where the volume is below ``LEAST_VOLUME``; in a run of ``COPIED_ROWS`` or
    more rows that copy close and volume of the day before; and, where the volume is unknown, in a
    run of ``SILENT_ROWS`` or more rows that repeat the close. Neither of the last two is said where
    most rows repeat the volume, or stand in such runs: nothing usual is left to be compared with.

    Examples
    --------
    >>> close, volume = np.array([9.0, 9.0, 9.0, 9.1]), np.array([5.0, 0.0, np.nan, 0.0])
    >>> repeats_without_volume(close, volume, close > 0).tolist()
    [False, True, False, False]
    >>> volume = np.array([5.0, 7.0, 7.0, 7.0, 6.0])
    >>> repeats_without_volume(np.full(5, 9.0), volume, np.full(5, True)).tolist()
    [False, False, True, True, False]
    """
    repeated: Bools = usable & (volume < LEAST_VOLUME)
    at = repeated.nonzero()[0]
    if at.size:
        repeated[at] = _same_close(close, usable, at)
    copied = (volume[1:] == volume[:-1]).nonzero()[0] + 1
    if copied.size and 2 * copied.size < close.size:
        copied = copied[(volume[copied] >= LEAST_VOLUME) & (close[copied] == close[copied - 1])]
        repeated[in_long_runs(copied, COPIED_ROWS)] = True
    # The least of some numbers is unknown where one of them is.
    if volume.size >= SILENT_ROWS and np.isnan(volume.min()):
        silent = np.flatnonzero(np.isnan(volume) & usable)
        # A run over rows that are no prices goes on: only the rows with a close are counted.
        order = np.flatnonzero(_same_close(close, usable, silent))
        silent = silent[in_long_runs(order, SILENT_ROWS)]
        if 2 * silent.size < close.size:
            repeated[silent] = True
    return repeated


def _same_close(close: Floats, usable: Bools, at: Ints) -> Bools:
    """True for the rows ``at``, all usable, whose close is that of the last usable row before."""
    if not at.size:
        return np.zeros(0, bool)
    before = last_usable(usable)[at - 1]
    before[at == 0] = -1
    previous = close[before]
    same: Bools = np.abs(close[at] - previous) <= REPEAT_TOLERANCE * np.maximum(1.0, previous)
    return same & (before >= 0)


def in_long_runs(at: Ints, least: int) -> Ints:
    """Those of the ascending positions that stand in a run of at least ``least`` neighbours.

    Examples
    --------
    >>> in_long_runs(np.array([1, 4, 5, 6, 9]), 3).tolist()
    [4, 5, 6]
    """
    if at.size < least:
        return at[:0]
    start = np.flatnonzero(np.diff(at, prepend=-2) != 1)
    length = np.diff(start, append=at.size)
    return at[np.repeat(length >= least, length)]


def last_usable(usable: Bools) -> npt.NDArray[np.int64]:
    """Row of the last usable close on or before each row, -1 before the first.

    Parameters
    ----------
    usable : ndarray of bool, shape (n,)
        Where there is a price.

    Returns
    -------
    ndarray of int64, shape (n,)
        Row numbers.

    Examples
    --------
    >>> last_usable(np.array([False, True, False, True])).tolist()
    [-1, 1, 1, 3]
    """
    rows = np.where(usable, np.arange(usable.size), -1)
    filled: npt.NDArray[np.int64] = np.maximum.accumulate(rows)
    return filled


def trading_days(calendar: str, first_day: int, last_day: int) -> TradingDays:
    """Sessions and half days of an exchange, as flags that cover the asked days.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.
    first_day, last_day : int
        Days since 1970-01-01, both inclusive.

    Returns
    -------
    TradingDays
        Whole years, at least the asked ones; shared between callers and read-only.

    Raises
    ------
    InputError
        When the calendar is unknown.

    Examples
    --------
    >>> day = int(np.datetime64("2024-12-31").astype(int))
    >>> hong_kong = trading_days("XHKG", day, day)
    >>> bool(hong_kong.half[hong_kong.on(np.array([day]))][0])
    True
    """
    first = _year(first_day)
    # Two starts only, so that thousands of series share one calendar.
    first = _CACHE_FROM if first >= _CACHE_FROM else min(first, _OLD_CACHE_FROM)
    return _flags(calendar, first, max(_year(last_day), _CACHE_FROM))


def _year(day: int) -> int:
    moment: date = np.datetime64(day, "D").astype(object)
    return moment.year


@lru_cache(maxsize=64)
def _flags(calendar: str, first_year: int, last_year: int) -> TradingDays:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    begin = known_from = _number(first)
    known_to = _number(last)
    grid = np.arange(begin, known_to + 1)
    # 1970-01-01 was a Thursday.
    session = (grid + 3) % 7 < 5
    half = np.zeros(grid.size, bool)
    try:
        sessions, halves = (
            exchange_sessions(calendar, first, last),
            half_days(calendar, first, last),
        )
    except InputError:
        earliest, latest = calendar_span(calendar)
        first, last = max(first, earliest), min(last, latest)
        known_from, known_to = _number(first), _number(last)
        sessions, halves = (
            exchange_sessions(calendar, first, last),
            half_days(calendar, first, last),
        )
    session[max(known_from - begin, 0) : max(known_to - begin + 1, 0)] = False
    session[sessions.astype(np.int64) - begin] = True
    half[halves.astype(np.int64) - begin] = True
    through = np.cumsum(session, dtype=np.int64)
    for array in (session, half, through):
        array.flags.writeable = False
    return TradingDays(begin, session, half, through, known_from, known_to)


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def day_number(day: date) -> int:
    """Days from 1970-01-01 to ``day``.

    Examples
    --------
    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH


def day_of_number(number: int) -> date:
    """The day that is ``number`` days after 1970-01-01.

    Examples
    --------
    >>> day_of_number(day_number(date(2025, 1, 2)))
    datetime.date(2025, 1, 2)
    """
    return date.fromordinal(number + _EPOCH)
