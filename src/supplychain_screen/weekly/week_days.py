"""Weeks end on a Friday, and are complete when the last of their markets has closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from supplychain_screen.errors import InputError
from supplychain_screen.identity import (
    Instrument,
    exchange_sessions,
    expected_sessions,
    known_until,
    session_close,
)
from supplychain_screen.prices.sessions import LONGEST_CLOSURE
from supplychain_screen.prices.store import PriceStore

__all__ = [
    "closed_by",
    "end_of_week",
    "fridays",
    "last_close",
    "last_completed_week",
    "traded",
]

_FRIDAY = 4


def last_completed_week(instruments: Iterable[Instrument], now: datetime) -> date:
    """The last Friday by which every market of the instruments has closed for the week.

    Parameters
    ----------
    instruments : iterable of Listing or Index
    now : datetime
        Aware.

    Examples
    --------
    >>> from supplychain_screen import load_report
    >>> everywhere = load_report().instruments
    >>> last_completed_week(everywhere, datetime(2026, 1, 9, 20, 59, tzinfo=UTC))
    datetime.date(2026, 1, 2)
    >>> last_completed_week(everywhere, datetime(2026, 1, 9, 21, 0, tzinfo=UTC))
    datetime.date(2026, 1, 9)
    """
    found = list(instruments)
    today = now.astimezone(UTC).date()
    friday = today - timedelta(days=(today.weekday() - _FRIDAY) % 7)
    while not closed_by(found, friday, now):
        friday -= timedelta(days=7)
    return friday


def closed_by(instruments: Iterable[Instrument], day: date, now: datetime) -> bool:
    """Whether every market of the instruments has closed its last session up to ``day``.

    Parameters
    ----------
    instruments : iterable of Listing or Index
    day : date
        In each exchange's own days.
    now : datetime
        Aware.
    """
    closes = (last_close(calendar, day) for calendar in {one.calendar for one in instruments})
    return all(close is None or close <= now for close in closes)


def last_close(calendar: str, day: date) -> datetime | None:
    """When the last session of the week up to ``day`` closed; None where there was none.

    Of a week that no calendar knows yet: when its last weekday would have.

    Examples
    --------
    >>> last_close("XNYS", date(2025, 11, 28)).isoformat(timespec="minutes")
    '2025-11-28T18:00+00:00'
    """
    sessions = expected_sessions(calendar, _days_before(day, 6), day)
    return session_close(calendar, sessions[-1].astype(object)) if sessions.size else None


def fridays(first: date, last: date) -> list[date]:
    """Every Friday from ``first`` to ``last``, both inclusive.

    Examples
    --------
    >>> [str(one) for one in fridays(date(2025, 1, 3), date(2025, 1, 16))]
    ['2025-01-03', '2025-01-10']
    """
    day = first + timedelta(days=(_FRIDAY - first.weekday()) % 7)
    return [day + timedelta(days=7 * n) for n in range((last - day).days // 7 + 1)]


def end_of_week(as_of: date) -> datetime:
    """The end of the Sunday after a day, in UTC: before any market opens again in Asia's Monday.

    Examples
    --------
    >>> end_of_week(date(2026, 1, 9)).isoformat(timespec="minutes")
    '2026-01-11T22:00+00:00'
    """
    sunday = as_of + timedelta(days=6 - as_of.weekday())
    return datetime.combine(sunday, time(22), UTC)


def traded(prices: PriceStore, instruments: Sequence[Instrument], as_of: date) -> bool:
    """Whether the store holds any price of the week that ends on a day, where there must be one.

    A week of which no market's calendar knows a session (Spring Festival, or the calendar has
    ended) needs none: then the weeks before it count too, as far back as an exchange has ever
    been closed.
    """
    first = _days_before(as_of, 6)
    if not any(_known_sessions(one.calendar, first, as_of) for one in instruments):
        first = _days_before(first, LONGEST_CLOSURE)
    try:
        loaded = prices.load(instruments, first, as_of, "price")
    except InputError:
        return False
    return any(one.sessions.size for one in loaded.series.values())


def _known_sessions(calendar: str, first: date, last: date) -> int:
    last = min(last, known_until(calendar))
    return exchange_sessions(calendar, first, last).size if first <= last else 0


def _days_before(day: date, days: int) -> date:
    """So many days earlier, at most the first day there is."""
    return date.fromordinal(max(day.toordinal() - days, 1))
