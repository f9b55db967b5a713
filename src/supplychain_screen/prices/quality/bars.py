"""The rows of one price series as the quality checks read them, and the checks of single rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Action, Finding, PriceSeries
from supplychain_screen.prices.sessions import (
    REPEAT_TOLERANCE,
    TradingDays,
    repeats_without_volume,
    trading_days,
)

__all__ = [
    "Rows",
    "as_date",
    "currency_mismatch",
    "duplicate_session",
    "finding",
    "missing_close",
    "non_positive_close",
    "outside_sessions",
    "prepare",
    "runs",
    "unordered_sessions",
]

SCATTERED = 10
"""Above so many places of the same fault, one finding says all: a list would only hide others."""

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
        The exchange's sessions.
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
    """

    series: PriceSeries
    instrument: Instrument
    calendar: TradingDays
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

    @property
    def listing(self) -> str:
        """Id of the listing or index."""
        return self.series.listing


def prepare(series: PriceSeries, instrument: Instrument, *, as_of: date | None = None) -> Rows:
    """The rows of ``series`` up to ``as_of`` (inclusive), ready for the checks.

    Parameters
    ----------
    series : PriceSeries
        Closes of shape (n,); rows may be unordered or doubled, since a check looks for that.
    instrument : Listing or Index
        Whose closes they are.
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
    end = last_day if as_of is None else max(last_day, _number(as_of))
    calendar = trading_days(instrument.calendar, first_day, end)
    at = calendar.on(days)
    usable: Bools = np.isfinite(close) & (close > 0.0)
    on_session, half = calendar.session[at], calendar.half[at]
    if instrument.is_index:
        repeated = np.zeros(days.size, bool)
    else:
        repeated = repeats_without_volume(close, volume, usable)
    real = usable & on_session & (~repeated | half)
    return Rows(
        series=series,
        instrument=instrument,
        calendar=calendar,
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
    )


def non_positive_close(rows: Rows) -> list[Finding]:
    """Closes that are zero, negative or infinite: no market ever printed one.

    Threshold: none; a price is above zero. Sources: a null read as 0, and series adjusted by
    subtracting dividends, which fall below zero in the past. Such rows are no sessions
    (``dropped``), so no number is computed from them.
    """
    wrong = ~rows.usable & ~np.isnan(rows.close)
    return _dropped(rows, "non_positive_close", wrong, "without a positive close")


def missing_close(rows: Rows) -> list[Finding]:
    """Rows that exist but have no close.

    Threshold: none. Vendors serve a null where they have no price yet or lost it. Such rows are
    no sessions (``dropped``). For an index they are reported by ``benchmark_gap`` instead.
    """
    if rows.instrument.is_index:
        return []
    return _dropped(rows, "missing_close", np.isnan(rows.close), "without a close")


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
        day = as_date(days[first])
        listed = ", ".join(f"{one:g}" for one in group)
        detail = f"{group.size} rows for one session, closes {listed}"
        action: Action = "dropped" if same else "unrated"
        found.append(Finding("duplicate_session", rows.listing, day, day, action, detail))
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
    first = as_date(days[back + 1].min())
    last = as_date(np.maximum.accumulate(days)[back].max())
    detail = f"{_rows(back.size - 1)} earlier than the one before"
    return [Finding("unordered_sessions", rows.listing, first, last, "unrated", detail)]


def outside_sessions(rows: Rows) -> list[Finding]:
    """Rows on days on which the exchange did not trade.

    Threshold: the exchange's own calendar. Sources: a moment of the wrong time zone (Monday's
    bar on Sunday), make-up working days that are no sessions, holidays filled by a vendor. Such
    rows are no sessions (``dropped``).
    """
    what = "on days on which the exchange did not trade"
    return _dropped(rows, "outside_sessions", ~rows.on_session, what)


def currency_mismatch(rows: Rows) -> list[Finding]:
    """Closes in another currency than the listing's.

    Threshold: the ISO codes differ, case included: Yahoo writes pence as ``GBp``. Levels in
    another currency move with its exchange rate, so every return is wrong (``unrated``). A source
    that states no currency is not doubted.
    """
    served = rows.series.currency
    if not served or served == rows.instrument.currency or not rows.days.size:
        return []
    detail = f"closes in {served}, the listing trades in {rows.instrument.currency}"
    return [finding(rows, "currency_mismatch", "unrated", 0, rows.days.size - 1, detail)]


def finding(rows: Rows, code: str, action: Action, first: int, last: int, detail: str) -> Finding:
    """Finding about the rows ``first`` to ``last``, both inclusive."""
    return Finding(
        code, rows.listing, as_date(rows.days[first]), as_date(rows.days[last]), action, detail
    )


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


def as_date(day: np.int64 | int) -> date:
    """Date of a number of days since 1970-01-01.

    Examples
    --------
    >>> as_date(20089)
    datetime.date(2025, 1, 1)
    """
    moment: date = np.datetime64(int(day), "D").astype(object)
    return moment


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _dropped(rows: Rows, code: str, wrong: Bools, what: str) -> list[Finding]:
    """One finding a run of unused rows, or one for all where they are scattered."""
    places = list(runs(wrong))
    if len(places) <= SCATTERED:
        return [
            finding(rows, code, "dropped", first, last, f"{_rows(last - first)} {what}")
            for first, last in places
        ]
    count = f"{int(wrong.sum())} rows in {len(places)} places {what}"
    return [finding(rows, code, "dropped", places[0][0], places[-1][1], count)]


def _rows(more: int) -> str:
    return "1 row" if more == 0 else f"{more + 1} rows"
