"""Sessions against what the exchanges themselves announced."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from supplychain_screen.errors import InputError
from supplychain_screen.identity import (
    calendar_span,
    exchange_sessions,
    half_days,
    last_completed_session,
    session_close,
)


@pytest.mark.parametrize(
    ("calendar", "year", "count"),
    [
        # Trading days a year as the exchanges' fact books count them.
        ("XSHG", 2023, 242),
        ("XSHG", 2024, 242),
        ("XSHG", 2025, 243),
        ("XNYS", 2024, 252),
        ("XNYS", 2025, 250),
        ("XTAI", 2021, 244),
        ("XTAI", 2022, 246),
        ("XTAI", 2023, 239),
        ("XTAI", 2024, 242),
    ],
)
def test_sessions_a_year(calendar: str, year: int, count: int) -> None:
    assert exchange_sessions(calendar, date(year, 1, 1), date(year, 12, 31)).size == count


@pytest.mark.parametrize(
    ("calendar", "closed"),
    [
        ("XSHG", "2025-01-28"),  # Spring Festival 2025 began
        ("XSHG", "2025-02-04"),  # and ended
        ("XHKG", "2024-09-06"),  # typhoon Yagi
        ("XHKG", "2023-09-01"),  # typhoon Saola
        ("XHKG", "2023-09-08"),  # black rainstorm
        ("XNYS", "2025-01-09"),  # day of mourning for President Carter
        ("XTAI", "2024-10-31"),  # typhoon Kong-rey
    ],
)
def test_days_without_trading(calendar: str, closed: str) -> None:
    day = date.fromisoformat(closed)
    assert exchange_sessions(calendar, day, day).size == 0
    with pytest.raises(InputError, match=f"{closed} is no session of {calendar}; the last"):
        session_close(calendar, day)


def test_bounds_are_inclusive_and_arrays_cannot_be_changed() -> None:
    days = exchange_sessions("XSHG", date(2024, 12, 31), date(2025, 1, 2))
    assert days.astype(str).tolist() == ["2024-12-31", "2025-01-02"]
    assert days.dtype == np.dtype("datetime64[D]")
    with pytest.raises(ValueError, match="read-only"):
        days[0] = days[1]
    assert exchange_sessions("XSHG", date(2025, 1, 3), date(2025, 1, 2)).size == 0


def test_half_days_and_their_closing_times() -> None:
    hong_kong = half_days("XHKG", date(2024, 1, 1), date(2024, 12, 31))
    assert hong_kong.astype(str).tolist() == ["2024-02-09", "2024-12-24", "2024-12-31"]
    assert half_days("XSHG", date(2024, 1, 1), date(2024, 12, 31)).size == 0
    assert session_close("XNYS", date(2024, 11, 29)) == datetime(2024, 11, 29, 18, tzinfo=UTC)
    assert session_close("XNYS", date(2024, 12, 2)) == datetime(2024, 12, 2, 21, tzinfo=UTC)
    assert session_close("XSHG", date(2024, 12, 2)) == datetime(2024, 12, 2, 7, tzinfo=UTC)
    # Taipei closes at 13:30, London at 16:30 and in summer an hour earlier by UTC.
    assert session_close("XTAI", date(2024, 12, 2)) == datetime(2024, 12, 2, 5, 30, tzinfo=UTC)
    assert session_close("XLON", date(2024, 7, 1)) == datetime(2024, 7, 1, 15, 30, tzinfo=UTC)


def test_the_last_completed_session_waits_for_the_close() -> None:
    new_york = timezone(timedelta(hours=-5))
    early = datetime(2024, 11, 29, 12, 59, tzinfo=new_york)
    assert last_completed_session("XNYS", early) == date(2024, 11, 27)
    assert last_completed_session("XNYS", early + timedelta(minutes=1)) == date(2024, 11, 29)
    # In the middle of the Spring Festival.
    festival = datetime(2025, 2, 1, tzinfo=UTC)
    assert last_completed_session("XSHG", festival) == date(2025, 1, 27)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(InputError, match="without time zone"):
        last_completed_session("XSHG", datetime(2025, 1, 2))  # noqa: DTZ001


@pytest.mark.parametrize("calendar", ["XSHG", "XHKG", "XNYS", "XTAI"])
def test_outside_the_known_span_is_an_error_that_says_the_span(calendar: str) -> None:
    first, last = calendar_span(calendar)
    assert first <= date(1991, 1, 2)
    assert last >= date(2026, 12, 31)
    with pytest.raises(InputError, match=rf"known from {first} to {last}.* newer exchange_cal"):
        exchange_sessions(calendar, last, last + timedelta(days=1))
    with pytest.raises(InputError, match=f"ask for {first} or later"):
        exchange_sessions(calendar, first - timedelta(days=1), first)


def test_early_and_late_requests_agree() -> None:
    """A request that begins in the nineties is answered by a longer calendar, not another one."""
    long = exchange_sessions("XHKG", date(1999, 1, 1), date(2020, 12, 31))
    short = exchange_sessions("XHKG", date(2015, 1, 1), date(2020, 12, 31))
    assert (long[-short.size :] == short).all()


def test_an_unknown_calendar_offers_near_ones() -> None:
    with pytest.raises(InputError, match=r"no such exchange calendar .*XSHG"):
        exchange_sessions("XSHGG", date(2025, 1, 1), date(2025, 1, 2))
