"""The rows of one price series as the quality checks read them, and the checks of single rows.

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``duplicate_session``             two rows of one day: ``dropped``, or ``unrated`` where they differ
``unordered_sessions``            rows that go back in time: ``unrated``
``non_positive_close``            closes of zero: ``dropped``; below zero or without bound: no
                                  window begins or ends there, ``unrated``
``missing_close``                 a row without close: ``dropped``
``outside_sessions``              rows on days without trade: ``dropped``
``currency_mismatch``             closes in another currency: ``unrated``
``shifted_dates``                 rows a day early or late, week after week: ``unrated``
``sparse_rows``                   weekly or monthly closes among daily ones, or written on every
                                  day: ``unrated``
``equal_closes``                  closes that stand still, volume unknown, or for more than a week
                                  though the share traded: ``reported``
================================  ============================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Action, Finding, PriceSeries, Reach
from supplychain_screen.prices.sessions import (
    REPEAT_TOLERANCE,
    SILENT_ROWS,
    SessionCalendars,
    TradingDays,
    believed_half_days,
    day_number,
    day_of_number,
    repeats_without_volume,
)
from supplychain_screen.words import Message, message

__all__ = ["OF_ROWS", "OF_SESSIONS", "Rows", "finding", "prepare", "row_pattern", "runs"]

SCATTERED = 10
"""Above so many places of the same fault, one finding says all: a list would only hide others."""

PATTERN_WEEKS = 3
"""Weeks with a row on the weekend and none on the session beside it from which on dates are off: a
make-up working day is alone."""

PATTERN_ROWS = 6
"""Rows in a row that each skip sessions from which on they are weekly or monthly closes."""

FILLED_SESSIONS = 4
"""Sessions between two new closes, at the median, from which on weekly or monthly closes were
written on every session. In 3,215 real American series of a year, the thinnest with 64% of new
closes, six in a row that each skip sessions are 2.5 apart at the most."""

MONTH_OF_SESSIONS = 15
"""Sessions in the shortest month. Closes filled up over fewer are weekly ones: nearly all at the
same end of their weeks, or equally far apart. Of 60 made series of ten years, a fifth of whose
closes were new, 23 had six of them four or five sessions apart somewhere by chance."""

EQUAL_CLOSES = 4
"""Equal closes in a row that are told where the volume is unknown."""

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One series, sorted and without duplicates, with what every check wants to know of a row.

    Parameters
    ----------
    series : PriceSeries
        As the source served it, up to the as-of date.
    instrument : Listing or Index
        Whose closes they are.
    calendar : TradingDays
        The exchange's sessions. Behind its calendar's end, the series' own rows that may be
        closes are among them.
    calendars : SessionCalendars
        What the checked series show of days that no calendar knows.
    days : ndarray of int64, shape (n,)
        Days since 1970-01-01, strictly increasing; of duplicates the last one stays, as in a
        panel.
    close, volume : ndarray of float64, shape (n,)
        Closes and shares traded.
    usable : ndarray of bool, shape (n,)
        Close finite and positive.
    on_session, half : ndarray of bool, shape (n,)
        The exchange trades on that day; it closes early on that day.
    repeated : ndarray of bool, shape (n,)
        An equity's close that repeats the last one without volume, half days included.
    real : ndarray of bool, shape (n,)
        As :func:`supplychain_screen.prices.sessions.real_sessions`.
    number : ndarray of int64, shape (n,)
        Running number of the exchange's session on or before each row.
    ordered : bool
        False where the source's rows were not strictly increasing.
    unchanged : int
        Rows whose close is exactly that of the row before.
    sound : bool
        Every row is a usable close on a session, as in nearly every series: many checks are then
        done before they begin.
    """

    series: PriceSeries
    instrument: Instrument
    calendar: TradingDays
    calendars: SessionCalendars
    days: Ints
    close: Floats
    volume: Floats
    usable: Bools
    on_session: Bools
    half: Bools
    repeated: Bools
    real: Bools
    number: Ints
    ordered: bool
    unchanged: int
    sound: bool

    @property
    def listing(self) -> str:
        """Id of the listing or index."""
        return self.series.listing


def prepare(
    series: PriceSeries,
    instrument: Instrument,
    calendars: SessionCalendars,
    *,
    as_of: date | None = None,
) -> Rows:
    """The rows of ``series`` up to ``as_of`` (inclusive), ready for the checks.

    Parameters
    ----------
    series : PriceSeries
        Closes of shape (n,); rows may be unordered or doubled, since a check looks for that.
    instrument : Listing or Index
        Whose closes they are.
    calendars : SessionCalendars
        What the checked series show of days that no calendar knows.
    as_of : date, optional
        Later rows are not looked at.

    Returns
    -------
    Rows
        The input is not changed.
    """
    days = series.sessions.astype("datetime64[D]").astype(np.int64)
    close, volume = series.close, series.volume
    if as_of is not None:
        through = days <= np.datetime64(as_of, "D").astype(np.int64)
        if not through.all():
            days, close, volume = days[through], close[through], volume[through]
            series = replace(series, sessions=series.sessions[through], close=close, volume=volume)
    ordered = bool((np.diff(days) > 0).all())
    if not ordered:
        order = np.argsort(days, kind="stable")
        last = np.append(np.diff(days[order]) > 0, True)
        days, close, volume = days[order][last], close[order][last], volume[order][last]
    today = int(np.datetime64("2015-01-01").astype(np.int64))
    first_day, last_day = (int(days[0]), int(days[-1])) if days.size else (today, today)
    end = last_day if as_of is None else max(last_day, day_number(as_of))
    usable: Bools = np.isfinite(close) & (close > 0.0)
    calendar = calendars.trading_days(instrument.calendar, first_day, end)
    calendar = calendar.with_rows(days if usable.all() else days[usable])
    at = calendar.on(days)
    on_session, half = calendar.session[at], calendar.half[at]
    if instrument.is_index:
        repeated = np.zeros(days.size, bool)
    else:
        repeated = repeats_without_volume(close, volume, usable)
    session = usable & on_session
    real = session
    if repeated.any():
        real = session & (~repeated | believed_half_days(repeated, half, session))
    return Rows(
        series=series,
        instrument=instrument,
        calendar=calendar,
        calendars=calendars,
        days=days,
        close=close,
        volume=volume,
        usable=usable,
        on_session=on_session,
        half=half,
        repeated=repeated,
        real=real,
        number=calendar.through[at],
        ordered=ordered,
        unchanged=int(np.count_nonzero(close[1:] == close[:-1])),
        sound=bool(days.size and session.all()),
    )


def row_pattern(rows: Rows) -> list[Finding]:
    """Rows that follow a pattern of the whole series: dates a day off, or weekly closes.

    Threshold: in ``PATTERN_WEEKS`` weeks or more, rows on a weekend and none on the Friday after
    it (a day early: midnight of the exchange written in another zone and cut to the date) or the
    Monday before it (a day late); ``PATTERN_ROWS`` rows or more in a row that each skip sessions,
    and the same number of them (weekly or monthly closes), whether the sessions between have no
    row, no close, or the close before again (then ``FILLED_SESSIONS`` or more apart). Every close
    is then another day's, so the stretch rates nobody (``unrated``), and the single rows are not
    told again.
    """
    return [*_shifted(rows), *_sparse(rows)]


def _shifted(rows: Rows) -> list[Finding]:
    if rows.sound:
        return []
    off = ~rows.on_session
    if int(off.sum()) < PATTERN_WEEKS:
        return []
    # 1970-01-01 was a Thursday; Monday is 0.
    week, weekday = (rows.days + 3) // 7, (rows.days + 3) % 7
    weekend = np.unique(week[off & (weekday >= 5)])
    told = set(rows.days.tolist())
    # Behind the calendar's end no Friday is proven where every series is shifted.
    grid = np.arange(rows.calendar.session.size) + rows.calendar.first_day
    opened = rows.calendar.session | ((grid > rows.calendar.known_to) & ((grid + 3) % 7 < 5))
    untold = set(grid[opened].tolist()) - told
    result = []
    for early, days_off, side in ((True, 1, 4), (False, 0, 0)):
        evidence = []
        for one in weekend.tolist():
            day = (one + days_off) * 7 - 3 + side
            # A day further off is not missing: the rows had not begun, or have ended.
            if day in untold and rows.days[0] - 1 <= day <= rows.days[-1] + 1:
                evidence.append(one)
        for first, last, count in _stretches(np.array(evidence, np.int64)):
            here = np.flatnonzero((week >= first) & (week <= last + 1))
            start, stop = int(here[0]), int(here[-1])
            if 2 * (last - first + 1) >= int(week[-1] - week[0]):
                start, stop = 0, rows.days.size - 1
            said = message("shifted_dates.early" if early else "shifted_dates.late", n=count)
            result.append(finding(rows, "shifted_dates", "unrated", start, stop, said))
        if result:
            break
    return result


def _stretches(weeks: Ints) -> Iterator[tuple[int, int, int]]:
    """First and last of weeks that are no more than three apart, and how many there are."""
    if weeks.size < PATTERN_WEEKS:
        return
    cuts = np.flatnonzero(np.diff(weeks) > 3) + 1
    for part in np.split(weeks, cuts):
        if part.size >= PATTERN_WEEKS:
            yield int(part[0]), int(part[-1]), int(part.size)


def _sparse(rows: Rows) -> list[Finding]:
    result: list[Finding] = []
    # Nearly every series has a row on each of its sessions.
    if not rows.sound or rows.number[-1] - rows.number[0] >= rows.days.size:
        at = np.flatnonzero(rows.usable & rows.on_session)
        for first, last, usual in _regular(np.diff(rows.number[at])):
            start, stop = at[[first, last + 1]].tolist()
            said = message("sparse_rows", n=last - first + 2, apart=usual)
            result.append(finding(rows, "sparse_rows", "unrated", start, stop, said))
    return result + _filled_up(rows)


def _filled_up(rows: Rows) -> list[Finding]:
    """Weekly or monthly closes that somebody wrote on every session."""
    if rows.unchanged < PATTERN_ROWS:
        return []
    at = np.flatnonzero(rows.usable & rows.on_session)
    new = np.flatnonzero(np.append(True, np.diff(rows.close[at]) != 0.0)[: at.size])
    gaps = np.diff(rows.number[at[new]])
    result = []
    for first, last, usual in _regular(gaps):
        start, stop = int(new[first]), int(np.append(new, at.size)[last + 2]) - 1
        # A share that trades now and then has new closes at any distance; here most rows are old.
        if usual < FILLED_SESSIONS or 2 * (last - first + 2) > stop - start + 1:
            continue
        if usual < MONTH_OF_SESSIONS and not (
            (gaps[first : last + 1] == usual).mean() >= 0.8
            or _ends_of_weeks(rows, at[new[first : last + 1]])
        ):
            continue
        said = message("sparse_rows.filled", n=last - first + 2, apart=usual)
        result.append(finding(rows, "sparse_rows", "unrated", int(at[start]), int(at[stop]), said))
    return result


def _ends_of_weeks(rows: Rows, some: Ints) -> bool:
    """True where nearly all of some rows are the last sessions of their weeks, or the first."""
    through = rows.calendar.through
    sunday = (rows.days[some] + 3) // 7 * 7 + 3 - rows.calendar.first_day
    last = through[np.minimum(sunday, through.size - 1)] == rows.number[some]
    # In the week in which the calendar begins nobody knows.
    first = (sunday >= 7) & (through[np.maximum(sunday - 7, 0)] == rows.number[some] - 1)
    return bool(max(last.mean(), first.mean()) >= 0.8)


def _regular(gaps: Ints) -> Iterator[tuple[int, int, float]]:
    """First and last of neighbouring gaps that skip sessions, the same number, and their median."""
    for first, last in runs(gaps >= 2):
        here = gaps[first : last + 1]
        usual = float(np.median(here))
        # Holidays shorten a gap, or join two.
        regular = np.abs(here - usual) <= max(1.0, 0.3 * usual)
        if here.size >= PATTERN_ROWS and regular.mean() >= 0.8:
            yield first, last, usual


def equal_closes(rows: Rows) -> list[Finding]:
    """Closes that stand still though nobody knows whether the share traded, or though it did.

    Threshold: ``EQUAL_CLOSES`` closes or more that are the same, volume unknown, in a run too
    short for a suspension; ``SILENT_ROWS`` rows or more that repeat a close, with a volume of
    their own (in the real data three at most). In the real data pairs and triples are equal by
    chance. One finding each a listing (``reported``).
    """
    if rows.instrument.is_index:
        return []
    # Rows without a close may lie between two equal ones, where a series is not sound.
    if rows.sound and rows.unchanged < EQUAL_CLOSES - 1:
        return []
    at = np.flatnonzero(rows.real)
    same = np.append(False, np.diff(rows.close[at]) == 0.0)[: at.size]
    unknown = np.isnan(rows.volume[at])
    found = []
    for traded, here, least in (
        (False, same & unknown, EQUAL_CLOSES - 1),
        (True, same & ~unknown, SILENT_ROWS),
    ):
        places = [(a, b) for a, b in runs(here) if b - a + 1 >= least]
        if places:
            longest = max(b - a + 2 for a, b in places)
            first, last = int(at[places[0][0]]), int(at[places[-1][1]])
            said = message(
                "equal_closes.traded" if traded else "equal_closes", n=len(places), longest=longest
            )
            found.append(finding(rows, "equal_closes", "reported", first, last, said))
    return found


def non_positive_close(rows: Rows) -> list[Finding]:
    """Closes that are zero, negative or infinite: no market ever printed one.

    Threshold: none; a price is above zero. Such rows are no sessions, so no number is computed
    from them. A zero is a null that somebody read as a number, or a suspension (``dropped``). A
    close below zero or without bound was a price that was spoilt on its way, or comes of
    subtracting dividends: the close before must not stand in for it, so no window begins or ends
    on it or on the last sound row before (``unrated``).
    """
    if rows.sound:
        return []
    broken = (rows.close < 0.0) | np.isinf(rows.close)
    found = _dropped(rows, "non_positive_close", rows.close == 0.0, message("non_positive_close"))
    places = list(runs(broken))
    if len(places) > SCATTERED:
        places = [(places[0][0], places[-1][1])]
    for first, last in places:
        said = message(
            "non_positive_close.broken",
            n=int(broken[first : last + 1].sum()),
            close=float(rows.close[first]),
        )
        sound = np.flatnonzero(rows.usable[:first])
        before = int(sound[-1]) if sound.size else 0
        found.append(
            finding(rows, "non_positive_close", "unrated", before, last, said, reach="ends")
        )
    return found


def missing_close(rows: Rows) -> list[Finding]:
    """Rows that exist but have no close.

    Threshold: none. Vendors serve a null where they have no price yet or lost it. Such rows are
    no sessions (``dropped``). For an index they are reported by ``benchmark_gap`` instead.
    """
    if rows.sound or rows.instrument.is_index:
        return []
    return _dropped(rows, "missing_close", np.isnan(rows.close), message("missing_close"))


def duplicate_session(rows: Rows) -> list[Finding]:
    """Two rows of the same day.

    Threshold: closes that differ by more than the rounding of six decimals contradict each other
    (``unrated``: nobody knows which one is right); equal ones are one row told twice
    (``dropped``). Yahoo sends today's unfinished bar beside the finished one.
    """
    if rows.ordered:
        return []
    days = rows.series.sessions.astype("datetime64[D]").astype(np.int64)
    order = np.argsort(days, kind="stable")
    days, close = days[order], rows.series.close[order]
    found = []
    for first, last in runs(np.append(np.diff(days) == 0, False)):
        group = close[first : last + 2]
        spread = float(np.nanmax(group) - np.nanmin(group)) if not np.isnan(group).all() else 0.0
        same = not np.isnan(group).any() and spread <= REPEAT_TOLERANCE * max(1.0, group.max())
        day = day_of_number(days[first])
        said = message("duplicate_session", n=group.size, closes=tuple(group.tolist()))
        action: Action = "dropped" if same else "unrated"
        found.append(Finding("duplicate_session", rows.listing, day, day, action, said))
    return found


def unordered_sessions(rows: Rows) -> list[Finding]:
    """Rows that go back in time.

    Threshold: none; a series is in ascending order. Which row follows which decides every
    return and every suspension, so a series out of order is not used (``unrated``) from the day
    it went back to until the latest day before that.
    """
    if rows.ordered:
        return []
    days = rows.series.sessions.astype("datetime64[D]").astype(np.int64)
    back = np.flatnonzero(np.diff(days) < 0)
    if not back.size:
        return []
    first = day_of_number(days[back + 1].min())
    last = day_of_number(np.maximum.accumulate(days)[back].max())
    said = message("unordered_sessions", n=back.size)
    return [Finding("unordered_sessions", rows.listing, first, last, "unrated", said)]


def outside_sessions(rows: Rows) -> list[Finding]:
    """Rows on days on which the exchange did not trade.

    Threshold: the exchange's own calendar. Sources: a moment of the wrong time zone (Monday's
    bar on Sunday), make-up working days that are no sessions, holidays filled by a vendor. Behind
    the calendar's end: weekdays on which other series could have a row, and none has. Such rows
    are no sessions (``dropped``).
    """
    if rows.sound:
        return []
    closed = ~rows.calendar.open[rows.calendar.on(rows.days)]
    if not closed.any():
        return []
    known = (rows.days <= rows.calendar.known_to) | ((rows.days + 3) % 7 >= 5)
    return [
        *_dropped(rows, "outside_sessions", closed & known, message("outside_sessions")),
        *_dropped(rows, "outside_sessions", closed & ~known, message("outside_sessions.alone")),
    ]


def currency_mismatch(rows: Rows) -> list[Finding]:
    """Closes in another currency than the listing's.

    Threshold: the ISO codes differ, case included: Yahoo writes pence as ``GBp``. Levels in
    another currency move with its exchange rate, so every return is wrong (``unrated``). A source
    that states no currency is not doubted.
    """
    served = rows.series.currency
    if not served or served == rows.instrument.currency or not rows.days.size:
        return []
    said = message("currency_mismatch", served=served, currency=rows.instrument.currency)
    return [finding(rows, "currency_mismatch", "unrated", 0, rows.days.size - 1, said)]


def finding(
    rows: Rows,
    code: str,
    action: Action,
    first: int,
    last: int,
    said: Message,
    *,
    reach: Reach = "span",
) -> Finding:
    """Finding about the rows ``first`` to ``last``, both inclusive."""
    start, stop = day_of_number(rows.days[first]), day_of_number(rows.days[last])
    return Finding(code, rows.listing, start, stop, action, said, reach)


def runs(mask: Bools) -> Iterator[tuple[int, int]]:
    """First and last position, both inclusive, of every run of True.

    Examples
    --------
    >>> list(runs(np.array([True, False, True, True])))
    [(0, 0), (2, 3)]
    """
    if not mask.any():
        return
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)


def _dropped(rows: Rows, code: str, wrong: Bools, where: Message) -> list[Finding]:
    """One finding a run of unused rows, or one for all where they are scattered."""
    places = list(runs(wrong))
    if len(places) <= SCATTERED:
        return [
            finding(
                rows,
                code,
                "dropped",
                first,
                last,
                message("rows", n=last - first + 1, where=where),
            )
            for first, last in places
        ]
    said = message("rows.scattered", n=int(wrong.sum()), places=len(places), where=where)
    return [finding(rows, code, "dropped", places[0][0], places[-1][1], said)]


OF_ROWS: Final = (
    duplicate_session,
    unordered_sessions,
    non_positive_close,
    missing_close,
    currency_mismatch,
)
"""Checks of any rows, also of those that are another day's."""

OF_SESSIONS: Final = (outside_sessions, equal_closes)
"""Checks of rows that are the sessions they say."""
