"""Which rows of a price series are sessions: a stale close is not a price.

Vendors fill days on which a share did not trade. Yahoo repeats the last close with volume 0
through a suspension, and such a row must never be the base or the end of a measurement.

Behind the last day that an exchange's calendar knows, sessions are what its prices show:
:class:`SessionCalendars`.

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``provisional_sessions``          weekdays that no calendar knows and no prices prove: ``reported``
================================  ============================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import InputError
from supplychain_screen.identity import calendar_span, exchange_sessions, half_days, known_until
from supplychain_screen.words import message

if TYPE_CHECKING:
    from supplychain_screen.identity import Instrument
    from supplychain_screen.prices.series import Finding, PriceSeries

__all__ = [
    "COPIED_ROWS",
    "INDEX_REPEAT",
    "LEAST_VOLUME",
    "LONGEST_CLOSURE",
    "REPEAT_TOLERANCE",
    "SILENT_ROWS",
    "SessionCalendars",
    "TradingDays",
    "believed_half_days",
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

LONGEST_CLOSURE = 21
"""Calendar days without any row after which an exchange has not stayed closed: the prices end.

The longest closure since 1991 is Shanghai's from 1999-02-09 to 03-01, 20 days. Without this bound a
history that ended years ago would never be old where no calendar counts its sessions.
"""

INDEX_REPEAT = 1e-9
"""Relative change below which an index close repeats the one before. The smallest real move is
6.5e-7 (HSI, 2019-04-23)."""

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
        True where the exchange trades. Before its calendar begins: on weekdays, since nobody can
        say more. After its calendar ends: see :class:`SessionCalendars`.
    half : ndarray of bool, shape (n_days,)
        True where it closes early.
    open : ndarray of bool, shape (n_days,)
        True where a row may be a close: on sessions, and on provisional days unless a row there
        is proven wrong by others that have none.
    through : ndarray of int64, shape (n_days,)
        Sessions from the first flag up to and including each day.
    known_from, known_to : int
        First and last day number, inclusive, for which the calendar has an answer.
    """

    first_day: int
    session: Bools
    half: Bools
    open: Bools
    through: Ints
    known_from: int
    known_to: int

    def on(self, days: Ints) -> Ints:
        """Positions of day numbers in the flags."""
        return days - self.first_day

    def with_rows(self, days: Ints) -> TradingDays:
        """These flags for one series: its rows on provisional days count as its sessions."""
        at = self.on(days)
        own = at[self.open[at] & ~self.session[at]]
        if not own.size:
            return self
        session = self.session.copy()
        session[own] = True
        through = np.cumsum(session, dtype=np.int64)
        return replace(self, session=session, through=through)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What rows say of one exchange's weekdays from ``LONGEST_CLOSURE`` before its calendar's end.

    Parameters
    ----------
    first_day : int
        Day number of the first entry.
    rows : ndarray of int64, shape (n_days,)
        Series that traded on each day.
    index : ndarray of bool, shape (n_days,)
        A benchmark is among them.
    others : ndarray of bool, shape (n_days,)
        Somebody else traded within ``LONGEST_CLOSURE`` before, and could have a row.
    """

    first_day: int
    rows: Ints
    index: Bools
    others: Bools


class SessionCalendars:
    """The sessions of some exchanges: as announced, and from there on as prices show them.

    Behind the last day that a calendar knows, a weekday is a session where two series of the
    exchange traded, or its benchmark did; one series alone proves nothing, also not to itself. A
    row that repeats the close before, without volume, is no trade. A weekday without such
    evidence is *provisional*: no age counts it. A row on it is a close only where no other
    series could have shown the same.

    After :data:`LONGEST_CLOSURE` days it is not the exchange that is closed but the prices that
    end: weekdays without any row then count as sessions, and so do the days of a series that is
    the only one left. What a day is depends on that day and earlier ones only.

    Notes
    -----
    Source: specification 6, "A calendar that ends stops nothing". No exchange here trades on
    weekends, whatever rows say: a file whose dates are shifted by a day would prove itself.

    Examples
    --------
    >>> from datetime import date
    >>> from supplychain_screen import Index, PriceSeries
    >>> csi300 = Index(name="CSI300", currency="CNY", calendar="XSHG")
    >>> days = np.array(["2099-01-05", "2099-01-07"], "datetime64[D]")
    >>> closes, volume = np.array([4000.0, 4010.0]), np.full(2, np.nan)
    >>> one = PriceSeries(csi300.id, days, closes, volume, "splits", "file", "000300.SS")
    >>> seen = SessionCalendars.seen_in([one], [csi300])
    >>> monday = int(days[0].astype(int))
    >>> found = seen.trading_days("XSHG", monday, monday + 2)
    >>> found.session[found.on(np.arange(monday, monday + 3))].tolist()
    [True, False, True]
    """

    def __init__(self, seen: Mapping[str, _Seen] | None = None) -> None:
        self._seen = dict(seen or {})
        self._flags: dict[tuple[str, int, int], TradingDays] = {}

    @classmethod
    def seen_in(
        cls,
        series: Iterable[PriceSeries],
        instruments: Iterable[Instrument],
        last: date | None = None,
    ) -> SessionCalendars:
        """What some series show, each of one of ``instruments``.

        Parameters
        ----------
        series : iterable of PriceSeries
            Rows in any order, as a source served them.
        instruments : iterable of Listing or Index
        last : date, optional
            Later rows are not looked at.
        """
        known = {one.id: one for one in instruments}
        end = np.iinfo(np.int64).max if last is None else day_number(last)
        names: dict[str, int] = {}
        parts: list[tuple[Ints, Ints, Floats, Floats]] = []
        calendar_of: list[int] = []
        is_index: list[bool] = []
        for one in series:
            instrument = known.get(one.listing)
            if instrument is None or not one.sessions.size:
                continue
            horizon = day_number(known_until(instrument.calendar))
            days = one.sessions.astype("datetime64[D]").astype(np.int64)
            if days.max() <= horizon:
                continue
            order = np.flatnonzero((days > horizon - 2 * LONGEST_CLOSURE) & (days <= end))
            order = order[np.argsort(days[order], kind="stable")]
            place = np.full(order.size, len(calendar_of), np.int64)
            parts.append((place, days[order], one.close[order], one.volume[order]))
            calendar_of.append(names.setdefault(instrument.calendar, len(names)))
            is_index.append(instrument.is_index)
        if not parts:
            return cls()
        rows, days, closes, volume = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls.seen_in_columns(
            list(names), np.array(calendar_of), np.array(is_index), rows, days, closes, volume
        )

    @classmethod
    def seen_in_columns(
        cls,
        calendars: Sequence[str],
        calendar_of: npt.NDArray[np.integer[Any]],
        is_index: Bools,
        rows: npt.NDArray[np.integer[Any]],
        days: npt.NDArray[np.integer[Any]],
        closes: Floats,
        volume: Floats | None,
    ) -> SessionCalendars:
        """What plain columns show, one entry a series and day.

        Parameters
        ----------
        calendars : sequence of str
        calendar_of, is_index : ndarray, shape (n_series,)
            Place of each series' calendar in ``calendars``, and whether it is an index.
        rows, days : ndarray of int, shape (n,)
            Series and day number of each entry, in the order of series and day.
        closes : ndarray of float64, shape (n,)
        volume : ndarray of float64, shape (n,), optional
        """
        ends = np.array([day_number(known_until(name)) for name in calendars], np.int64)
        late = np.flatnonzero(days > ends.min(initial=np.iinfo(np.int32).max) - 2 * LONGEST_CLOSURE)
        if not late.size or days[late].max() <= ends.min():
            return cls()
        rows, closes = rows[late], closes[late]
        numbers = days[late].astype(np.int64)
        volume = np.full(late.size, np.nan) if volume is None else volume[late]
        traded = _traded(rows, numbers, closes, volume, is_index)
        rows, numbers = rows[traded], numbers[traded]
        seen = {}
        for place, name in enumerate(calendars):
            own = (calendar_of[rows] == place) & (numbers > ends[place] - LONGEST_CLOSURE)
            if numbers[own].max(initial=ends[place]) > ends[place]:
                first = int(ends[place]) - LONGEST_CLOSURE + 1
                seen[name] = _seen_of(first, rows[own], numbers[own], is_index[rows[own]])
        return cls(seen)

    def trading_days(self, calendar: str, first_day: int, last_day: int) -> TradingDays:
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
        """
        announced = trading_days(calendar, first_day, last_day)
        seen = self._seen.get(calendar)
        end = announced.first_day + announced.session.size - 1
        if seen is None or end <= announced.known_to:
            return announced
        key = (calendar, announced.first_day, end)
        if key not in self._flags:
            self._flags[key] = _behind(announced, seen)
        return self._flags[key]

    def age(self, calendar: str, close: date, day: date) -> int:
        """Sessions of an exchange after the one of a close, up to and including a day.

        Examples
        --------
        >>> SessionCalendars().age("XSHG", date(2024, 12, 31), date(2025, 1, 3))
        2
        """
        first, last = day_number(close), day_number(day)
        if last <= first:
            return 0
        found = self.trading_days(calendar, first, last)
        return max(int(found.session[found.on(np.arange(first, last + 1))].sum()) - 1, 0)

    def provisional(self, instruments: Iterable[Instrument], last: date) -> list[Finding]:
        """One finding where days count of which nobody knows whether they are sessions.

        Parameters
        ----------
        instruments : iterable of Listing or Index
            Whose exchanges.
        last : date
            Last day that is looked at.

        Returns
        -------
        list of Finding
            Empty where every calendar reaches to ``last``, or prices show the sessions to there.
        """
        from supplychain_screen.prices.series import Finding

        day = day_number(last)
        ends, used, assumed = {}, [], 0
        for name in sorted({one.calendar for one in instruments}):
            until = known_until(name)
            if last <= until:
                continue
            days, beyond = self._unproven(name, day_number(until), day)
            if days.size:
                ends[name] = until
                used.append(days)
                assumed += beyond
        if not used:
            return []
        days = np.unique(np.concatenate(used))
        end = min(ends.values())
        which = tuple(
            name if ends[name] == end else message("calendar.own_end", name=name, end=ends[name])
            for name in ends
        )
        count = sum(map(len, used)) - assumed
        said = message("provisional_sessions", calendars=which, end=end, n=count)
        if assumed:
            said = message(
                "provisional_sessions.more",
                calendars=which,
                end=end,
                n=count,
                more=assumed,
                days=LONGEST_CLOSURE,
            )
        first, final = (day_of_number(int(days[at])) for at in (0, -1))
        return [Finding("provisional_sessions", "", first, final, "reported", said)]

    def _unproven(self, calendar: str, known_to: int, day: int) -> tuple[Ints, int]:
        """Weekdays after the last proven session, and earlier ones with a row that is used."""
        found = self.trading_days(calendar, known_to, day)
        days = np.arange(known_to + 1, day + 1)
        days = days[_weekday(days)]
        proven, rows = _looked_up(self._seen.get(calendar), days)
        after = days > days[proven].max(initial=known_to)
        used = ~proven & (after | ((rows > 0) & found.open[found.on(days)]))
        beyond = used & (rows == 0) & found.session[found.on(days)]
        return days[used], int(beyond.sum())


def real_sessions(
    series: PriceSeries, instrument: Instrument, calendars: SessionCalendars | None = None
) -> Bools:
    """True for the rows that are sessions with a usable close.

    Parameters
    ----------
    series : PriceSeries
        Closes of shape (n,), in ascending order of their days.
    instrument : Listing or Index
        Whose closes they are: its exchange's calendar decides, and an index is never suspended.
    calendars : SessionCalendars, optional
        What the series of the exchange show of the days that its calendar does not know; where
        it is left out, no weekday behind the calendar's end is doubted.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where the close is missing, not finite or not positive; where the exchange does not
        trade on that day; and where an equity's close repeats the one before it without trade
        (`repeats_without_volume`), except on the exchange's half days after a session with trade.

    Notes
    -----
    The first row repeats nothing. Hong Kong's half days are excepted because Yahoo serves their
    bars flat and without volume though they traded. Appending rows changes nothing, except that
    rows at the end may turn out to have begun a run of copies.

    Source: specification 4.6; the tolerance is :data:`REPEAT_TOLERANCE`.

    Examples
    --------
    >>> from supplychain_screen import Listing, PriceSeries
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
    known = calendars or _ANNOUNCED
    calendar = known.trading_days(instrument.calendar, int(days.min()), int(days.max()))
    at = calendar.on(days)
    real: Bools = usable & calendar.open[at]
    if not instrument.is_index:
        repeated = repeats_without_volume(close, series.volume, usable)
        real &= ~repeated | believed_half_days(repeated, calendar.half[at], real)
    return real


def believed_half_days(repeated: Bools, half: Bools, session: Bools) -> Bools:
    """True for the half days whose flat bar without volume may have been trade.

    Parameters
    ----------
    repeated : ndarray of bool, shape (n,)
        As :func:`repeats_without_volume`.
    half : ndarray of bool, shape (n,)
        Where the exchange closes early.
    session : ndarray of bool, shape (n,)
        Rows of sessions with a usable close.

    Returns
    -------
    ndarray of bool, shape (n,)
        False also where the session before was filled: a half day inside a suspension is one
        more day of it.

    Examples
    --------
    >>> every = np.full(4, True)
    >>> filled = np.array([False, True, False, True])
    >>> believed_half_days(filled, filled, every).tolist()
    [False, True, False, True]
    >>> suspended, half = np.array([False, True, True, True]), np.array([0, 0, 0, 1], bool)
    >>> believed_half_days(suspended, half, every).tolist()
    [False, False, False, False]
    """
    believed: Bools = repeated & half & session
    if believed.any():
        at = np.flatnonzero(session)
        asleep = (repeated & ~half)[at]
        believed[at[1:][asleep[:-1]]] = False
    return believed


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
    """Sessions and half days as they are announced, as flags that cover the asked days.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.
    first_day, last_day : int
        Days since 1970-01-01, both inclusive.

    Returns
    -------
    TradingDays
        Whole years, at least the asked ones; shared between callers and read-only. Behind the
        calendar's end nothing is seen, see :class:`SessionCalendars`.

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
    return day_of_number(day).year


@lru_cache(maxsize=64)
def _flags(calendar: str, first_year: int, last_year: int) -> TradingDays:
    begin, stop = day_number(date(first_year, 1, 1)), day_number(date(last_year, 12, 31))
    grid = np.arange(begin, stop + 1)
    session, half = _weekday(grid), np.zeros(grid.size, bool)
    try:
        first, last = date(first_year, 1, 1), date(last_year, 12, 31)
        sessions = exchange_sessions(calendar, first, last)
    except InputError:
        earliest, latest = calendar_span(calendar)
        first, last = max(first, earliest), min(last, latest)
        sessions = exchange_sessions(calendar, first, last)
    halves = half_days(calendar, first, last)
    known_from, known_to = day_number(first), day_number(last)
    session[max(known_from - begin, 0) : max(known_to - begin + 1, 0)] = False
    session[sessions.astype(np.int64) - begin] = True
    half[halves.astype(np.int64) - begin] = True
    announced = TradingDays(
        begin, session, half, session, np.cumsum(session, dtype=np.int64), known_from, known_to
    )
    if known_to < stop:
        return _behind(announced, None)
    return _read_only(announced)


def _behind(announced: TradingDays, seen: _Seen | None) -> TradingDays:
    """The same flags, behind the calendar's end as rows show them."""
    start = max(announced.known_to + 1 - announced.first_day, 0)
    days = np.arange(announced.first_day + start, announced.first_day + announced.session.size)
    proven, rows = _looked_up(seen, days)
    others = np.zeros(days.size, bool) if seen is None else _cut(seen.others, days - seen.first_day)
    before = np.flatnonzero(announced.session[:start])
    last = announced.first_day + int(before[-1]) if before.size else announced.known_to
    weekday = _weekday(days)
    # One series alone, long after anybody else was seen, is believed: it is all that is left.
    alone = (rows == 1) & (days - _latest(days, proven, last) > LONGEST_CLOSURE)
    ended = (rows == 0) & (days - _latest(days, rows > 0, last) > LONGEST_CLOSURE)
    counted = weekday & (proven | alone | ended)
    session, opened = announced.session.copy(), announced.session.copy()
    session[start:] = counted
    opened[start:] = counted | (weekday & ~others)
    through = np.cumsum(session, dtype=np.int64)
    return _read_only(replace(announced, session=session, open=opened, through=through))


def _latest(days: Ints, where: Bools, before: int) -> Ints:
    """The last day on or before each for which ``where`` is true."""
    found: Ints = np.maximum.accumulate(np.where(where, days, before))
    return found


def _looked_up(seen: _Seen | None, days: Ints) -> tuple[Bools, Ints]:
    """Which days are proven sessions, and how many series traded on each."""
    if seen is None:
        return np.zeros(days.size, bool), np.zeros(days.size, np.int64)
    at = days - seen.first_day
    rows = _cut(seen.rows, at)
    return (rows >= 2) | _cut(seen.index, at), rows


def _cut(values: npt.NDArray[Any], at: Ints) -> npt.NDArray[Any]:
    """The values at some places; false or zero outside of them."""
    inside = (at >= 0) & (at < values.size)
    found = np.zeros(at.size, values.dtype)
    found[inside] = values[at[inside]]
    return found


def _traded(
    rows: npt.NDArray[np.integer[Any]], days: Ints, closes: Floats, volume: Floats, is_index: Bools
) -> Ints:
    """Entries that show a trade: on a weekday, with a close that volume or a change vouches for."""
    usable = np.flatnonzero(np.isfinite(closes) & (closes > 0.0))
    row, close = rows[usable], closes[usable]
    moved = np.ones(usable.size, bool)
    scale = np.where(
        is_index[row[1:]], INDEX_REPEAT * close[:-1], REPEAT_TOLERANCE * np.maximum(1.0, close[:-1])
    )
    moved[1:] = (row[1:] != row[:-1]) | (np.abs(close[1:] - close[:-1]) > scale)
    amount = volume[usable]
    # A volume that is copied with its close vouches for nothing.
    busy = amount >= LEAST_VOLUME
    busy[1:] &= (row[1:] != row[:-1]) | (amount[1:] != amount[:-1])
    shown = (moved | busy) & _weekday(days[usable])
    # Of two rows of one day, the last.
    last = np.ones(usable.size, bool)
    last[:-1] = (row[1:] != row[:-1]) | (days[usable][1:] != days[usable][:-1])
    found: Ints = usable[shown & last]
    return found


def _seen_of(first: int, rows: npt.NDArray[np.integer[Any]], days: Ints, index: Bools) -> _Seen:
    """One exchange's evidence; entries in the order of series and day."""
    size = int(days.max()) - first + LONGEST_CLOSURE + 1
    count = np.bincount(days - first, minlength=size).astype(np.int64)
    # Who traded up to LONGEST_CLOSURE days before a day, the day itself left out.
    following = np.full(days.size, np.iinfo(np.int64).max)
    same = rows[1:] == rows[:-1]
    following[:-1][same] = days[1:][same]
    until = np.minimum(following, days + LONGEST_CLOSURE)
    change = np.bincount(days + 1 - first, minlength=size + 1)[: size + 1]
    change = change - np.bincount(until + 1 - first, minlength=size + 1)[: size + 1]
    alive = np.cumsum(change)[:size]
    # A series that has the only row of a day, or a repeated one, is not another one.
    itself = np.ones(size, np.int64)
    itself[days - first] = 0
    before = np.zeros(days.size, bool)
    before[1:] = same & (days[1:] - days[:-1] <= LONGEST_CLOSURE)
    np.add.at(itself, days[before] - first, 1)
    by_index = np.zeros(size, bool)
    by_index[days[index] - first] = True
    return _Seen(first, count, by_index, alive - np.minimum(itself, alive) > 0)


def _read_only(found: TradingDays) -> TradingDays:
    for array in (found.session, found.half, found.open, found.through):
        array.flags.writeable = False
    return found


def _weekday(days: Ints) -> Bools:
    # 1970-01-01 was a Thursday.
    weekday: Bools = (days + 3) % 7 < 5
    return weekday


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


_ANNOUNCED = SessionCalendars()
