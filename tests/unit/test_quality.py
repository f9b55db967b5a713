"""Rows, gaps and markets. Sessions and holidays are those the exchanges published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import Index, Listing, PriceSeries, panel_from_frame
from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import Finding
from supplychain_screen.prices.quality import (
    check_prices,
    check_series,
    remedy_of,
    told_once,
)
from supplychain_screen.prices.quality.bars import prepare, runs
from supplychain_screen.prices.sessions import SessionCalendars, real_sessions

CODES = ("603160", "603893", "605319", "600000", "600519")
MAIN = tuple(
    Listing(mic="XSHG", code=code, currency="CNY", first_session=date(2010, 1, 4)) for code in CODES
)
HONG_KONG = Listing(mic="XHKG", code="1810", currency="HKD", first_session=date(2018, 7, 9))
CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG")
HSI = Index(name="HSI", currency="HKD", calendar="XHKG")

INSTRUMENTS: tuple[Instrument, ...] = (*MAIN, HONG_KONG, CSI300, HSI)
MAINLAND: tuple[Instrument, ...] = (*MAIN, CSI300)

FIRST, LAST = date(2025, 3, 3), date(2025, 4, 30)


def series(
    instrument: Instrument, first: date = FIRST, last: date = LAST, start: float = 100.0
) -> PriceSeries:
    """Every session, closes rising by 0.1 a session, always traded."""
    sessions = exchange_sessions(instrument.calendar, first, last)
    close = start + 0.1 * np.arange(sessions.size)
    return rows(instrument, sessions, close, np.full(sessions.size, 1e6))


def rows(
    instrument: Instrument, sessions: np.ndarray, close: np.ndarray, volume: np.ndarray
) -> PriceSeries:
    return PriceSeries(instrument.id, sessions, close, volume, "splits", "by hand", instrument.id)


def at(one: PriceSeries, day: str) -> int:
    return int(np.searchsorted(one.sessions, np.datetime64(day)))


def fill(one: PriceSeries, first: str, last: str) -> PriceSeries:
    """Repeat the close before ``first`` without volume, to ``last`` inclusive."""
    start, stop = at(one, first), at(one, last) + 1
    close, volume = one.close.copy(), one.volume.copy()
    close[start:stop], volume[start:stop] = close[start - 1], 0.0
    return rows_like(one, close=close, volume=volume)


def without(one: PriceSeries, first: str, last: str) -> PriceSeries:
    keep = np.ones(one.sessions.size, bool)
    keep[at(one, first) : at(one, last) + 1] = False
    return rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep])


def rows_like(
    one: PriceSeries,
    sessions: np.ndarray | None = None,
    close: np.ndarray | None = None,
    volume: np.ndarray | None = None,
) -> PriceSeries:
    return PriceSeries(
        one.listing,
        one.sessions if sessions is None else sessions,
        one.close if close is None else close,
        one.volume if volume is None else volume,
        one.adjustment,
        one.source,
        one.symbol,
    )


def told(found: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(one.code, str(one.first), str(one.last), one.action) for one in found]


def check_all(*every: PriceSeries, as_of: date | None = None) -> list[tuple[str, ...]]:
    """Findings of a market as (listing, code, first, last, action)."""
    instruments = INSTRUMENTS
    found = check_prices({one.listing: one for one in every}, instruments, as_of=as_of)
    return [(one.listing, one.code, str(one.first), str(one.last), one.action) for one in found]


# --- Single rows ----------------------------------------------------------------------------


def test_closes_of_zero_are_left_out() -> None:
    one = series(MAIN[0])
    one.close[5:7] = 0.0
    assert told(check_series(one, MAIN[0])) == [
        ("non_positive_close", "2025-03-10", "2025-03-11", "dropped")
    ]


@pytest.mark.parametrize("close", [-3.0, np.inf, -np.inf])
def test_no_window_begins_or_ends_on_a_broken_close(close: float) -> None:
    one = series(MAIN[0])
    one.close[5:7] = close
    (found,) = check_series(one, MAIN[0])
    # Nor on the row before, whose close would stand in for it.
    assert told([found]) == [("non_positive_close", "2025-03-07", "2025-03-11", "unrated")]
    assert found.reach == "ends"


def test_broken_closes_in_many_places_are_one_finding() -> None:
    one = series(MAIN[0])
    one.close[[2, 4, 7, 9, 12, 14, 17, 19, 22, 24, 26]] = -3.0
    (found,) = check_series(one, MAIN[0])
    # From the row before the first of eleven to the last.
    assert told([found]) == [("non_positive_close", "2025-03-04", "2025-04-09", "unrated")]
    assert dict(found.message.facts)["n"] == 11


def test_missing_closes() -> None:
    one = series(MAIN[0])
    one.close[[5, 8]] = np.nan
    assert told(check_series(one, MAIN[0])) == [
        ("missing_close", "2025-03-10", "2025-03-10", "dropped"),
        ("missing_close", "2025-03-13", "2025-03-13", "dropped"),
    ]


def test_scattered_faults_are_told_at_once() -> None:
    one = series(MAIN[0])
    one.close[::3] = np.nan
    (found,) = check_series(one, MAIN[0])
    assert told([found]) == [("missing_close", "2025-03-03", "2025-04-28", "dropped")]
    assert found.detail == "14 rows in 14 places without a close"


def doubled(one: PriceSeries, row: int, close: float) -> PriceSeries:
    return rows_like(
        one,
        np.insert(one.sessions, row + 1, one.sessions[row]),
        np.insert(one.close, row + 1, close),
        np.insert(one.volume, row + 1, one.volume[row]),
    )


@pytest.mark.parametrize(
    ("close", "action"),
    [
        (100.5, "dropped"),
        # The sixth decimal of a close of 1, which is the fourth of one of 100.
        (100.50009, "dropped"),
        (100.50012, "unrated"),
        (101.5, "unrated"),
        (np.nan, "unrated"),
    ],
)
def test_a_session_told_twice(close: float, action: str) -> None:
    one = doubled(series(MAIN[0]), 5, close)
    found = [
        finding for finding in told(check_series(one, MAIN[0])) if finding[0] != "missing_close"
    ]
    assert found == [("duplicate_session", "2025-03-10", "2025-03-10", action)]


def test_rows_that_go_back_in_time() -> None:
    one = series(MAIN[0])
    order = np.arange(one.sessions.size)
    order[[5, 7]] = order[[7, 5]]
    swapped = rows_like(one, one.sessions[order], one.close[order], one.volume[order])
    assert told(check_series(swapped, MAIN[0])) == [
        ("unordered_sessions", "2025-03-10", "2025-03-12", "unrated")
    ]


def test_rows_on_days_without_trade() -> None:
    # 2025-03-08 and 09 are a weekend, 2025-04-04 is Qingming.
    one = series(MAIN[0])
    for day in ("2025-03-08", "2025-03-09", "2025-04-04"):
        place = at(one, day)
        one = rows_like(
            one,
            np.insert(one.sessions, place, np.datetime64(day)),
            np.insert(one.close, place, one.close[place - 1]),
            np.insert(one.volume, place, 5.0),
        )
    assert told(check_series(one, MAIN[0])) == [
        ("outside_sessions", "2025-03-08", "2025-03-09", "dropped"),
        ("outside_sessions", "2025-04-04", "2025-04-04", "dropped"),
    ]


@pytest.mark.parametrize(("served", "found"), [("CNY", 0), ("", 0), ("HKD", 1), ("cny", 1)])
def test_closes_in_another_currency(served: str, found: int) -> None:
    expected = [("currency_mismatch", "2025-03-03", "2025-04-30", "unrated")] * found
    assert told(check_series(replace(series(MAIN[0]), currency=served), MAIN[0])) == expected


# --- Suspensions and filled sessions --------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("2025-03-10", "repeated_close"),
        ("2025-03-11", "repeated_close"),
        ("2025-03-12", "suspended"),
    ],
)
def test_three_sessions_are_a_suspension(last: str, code: str) -> None:
    one = fill(series(MAIN[0]), "2025-03-10", last)
    assert told(check_series(one, MAIN[0])) == [(code, "2025-03-10", last, "dropped")]


@pytest.mark.parametrize(
    ("last", "code", "action"),
    [
        ("2025-03-11", None, None),
        ("2025-03-12", "equal_closes", "reported"),
        ("2025-03-14", "equal_closes", "reported"),
        ("2025-03-17", "suspended", "dropped"),
    ],
)
def test_without_volume_six_repeated_closes_are_a_suspension_and_three_are_told(
    last: str, code: str | None, action: str | None
) -> None:
    one = fill(series(MAIN[0]), "2025-03-10", last)
    one.volume[:] = np.nan
    expected = [] if code is None else [(code, "2025-03-10", last, action)]
    assert told(check_series(one, MAIN[0])) == expected


def test_places_of_equal_closes_are_one_finding() -> None:
    one = fill(fill(series(MAIN[0]), "2025-03-10", "2025-03-12"), "2025-04-01", "2025-04-07")
    one.volume[:] = np.nan
    (found,) = check_series(one, MAIN[0])
    assert told([found]) == [("equal_closes", "2025-03-10", "2025-04-07", "reported")]
    assert found.detail == (
        "2 places with four equal closes or more, the longest of 5; volume unknown"
    )


@pytest.mark.parametrize(("last", "found"), [("2025-03-14", False), ("2025-03-17", True)])
def test_a_close_that_stands_for_more_than_a_week_of_trade_is_told(last: str, found: bool) -> None:
    """Six repeated closes or more, as of a share that is bid for, or of a feed that hangs."""
    one = fill(series(MAIN[0]), "2025-03-10", last)
    one = rows_like(one, volume=1e6 + 1e3 * np.arange(one.volume.size))
    expected = [("equal_closes", "2025-03-10", last, "reported")] if found else []
    assert told(check_series(one, MAIN[0])) == expected
    # A column that never changes is no close.
    still = rows_like(one, close=np.full(one.close.size, 10.0))
    (never,) = check_series(still, MAIN[0])
    assert told([never]) == [("equal_closes", "2025-03-04", "2025-04-30", "reported")]
    assert (
        never.detail == "1 place with seven equal closes or more, the longest of 42, though traded"
    )


@pytest.mark.parametrize("how", ["denormal", "copied"])
def test_a_suspension_with_a_volume_is_one(how: str) -> None:
    one = fill(series(MAIN[0]), "2025-03-10", "2025-03-14")
    one.volume[:] = 1e6 + np.arange(one.volume.size)
    rows_ = slice(at(one, "2025-03-10"), at(one, "2025-03-14") + 1)
    one.volume[rows_] = 5.877472e-39 if how == "denormal" else one.volume[rows_.start - 1]
    assert told(check_series(one, MAIN[0])) == [
        ("suspended", "2025-03-10", "2025-03-14", "dropped")
    ]
    # A series whose volume never changes shows no copies.
    one.volume[:] = 1e6
    assert check_series(one, MAIN[0]) == []


@pytest.mark.parametrize(("days", "what"), [(-1, "early"), (1, "late")])
def test_dates_a_day_off_are_one_finding_and_rate_nobody(days: int, what: str) -> None:
    one = series(MAIN[0])
    shifted = rows_like(one, one.sessions + days)
    (found,) = check_series(shifted, MAIN[0])
    assert told([found]) == [
        ("shifted_dates", str(shifted.sessions[0]), str(shifted.sessions[-1]), "unrated")
    ]
    assert found.detail.endswith(f"dates a day {what}")
    # All of a market: nobody's sessions are judged by wrong dates.
    every = [series(one) for one in MAINLAND]
    every = [rows_like(one, one.sessions + days) for one in every]
    assert {one[1] for one in check_all(*every)} == {"shifted_dates"}


SUNDAYS = tuple(np.datetime64("2025-06-15") + 7 * n for n in range(15))
"""The weekends of a summer whose every Monday to Friday is a session."""
SUMMER = date(2025, 6, 9), date(2025, 9, 26)


def early_after(*sundays: int, first: date = SUMMER[0], last: date = SUMMER[1]) -> PriceSeries:
    """Sessions, those of the weeks after some ``SUNDAYS`` with the date of the day before."""
    one = series(MAIN[0], first, last)
    days = one.sessions.copy()
    for sunday in sundays:
        days[(days > SUNDAYS[sunday]) & (days < SUNDAYS[sunday] + 6)] -= 1
    return rows_like(one, days)


def shifts(one: PriceSeries) -> list[tuple[str, str]]:
    found = [two for two in check_series(one, MAIN[0]) if two.code == "shifted_dates"]
    return [(str(two.first), str(two.last)) for two in found]


@pytest.mark.parametrize(("apart", "found"), [(1, True), (3, True), (4, False)])
def test_weeks_a_day_off_are_one_stretch_where_at_most_three_apart(apart: int, found: bool) -> None:
    one = early_after(2, 2 + apart, 2 + 2 * apart)
    # From the week of the first Sunday, 2025-06-29, to the Thursday after the last.
    ends = ("2025-06-23", str(SUNDAYS[2 + 2 * apart] + 4))
    assert shifts(one) == ([ends] if found else [])


@pytest.mark.parametrize(("last", "found"), [("2025-09-25", True), ("2025-09-24", False)])
def test_a_friday_is_missing_where_the_rows_end_the_day_before(last: str, found: bool) -> None:
    """Three weeks a day early, the third of them to ``last``."""
    one = early_after(12, 13, 14)
    keep = one.sessions <= np.datetime64(last)
    one = rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep])
    assert shifts(one) == ([("2025-09-01", last)] if found else [])


@pytest.mark.parametrize(("first", "found"), [("2025-06-10", True), ("2025-06-11", False)])
def test_a_monday_is_missing_where_the_rows_begin_the_day_after(first: str, found: bool) -> None:
    """Three weeks a day late, the first of them from ``first`` on."""
    one = series(MAIN[0], date(2025, 6, 9), date(2025, 6, 27))
    days = one.sessions + 1
    keep = days >= np.datetime64(first)
    one = rows_like(one, days[keep], one.close[keep], one.volume[keep])
    assert shifts(one) == ([(first, "2025-06-28")] if found else [])


@pytest.mark.parametrize(
    ("first", "whole"), [(date(2025, 6, 13), False), (date(2025, 6, 16), True)]
)
def test_a_series_is_struck_as_a_whole_where_half_of_its_weeks_are_a_day_off(
    first: date, whole: bool
) -> None:
    """Three weeks of seven, or of the last six of them and a Friday."""
    one = early_after(1, 2, 3, first=first, last=date(2025, 8, 1))
    every = (str(one.sessions[0]), str(one.sessions[-1]))
    assert shifts(one) == [every if whole else ("2025-06-16", "2025-07-10")]


def test_dates_a_day_early_up_to_the_end_of_a_year() -> None:
    """The Friday after the last row, 2021-01-01, is another year's."""
    one = series(MAIN[0], date(2020, 10, 12), date(2021, 1, 1))
    early = rows_like(one, one.sessions - 1)
    assert shifts(early) == [("2020-10-11", "2020-12-30")]


def test_dates_that_shift_in_the_middle_are_told_for_their_stretch() -> None:
    one = series(MAIN[0], date(2025, 1, 2), date(2025, 6, 30))
    days = one.sessions.copy()
    days[-20:] -= 1
    found = [told([two])[0] for two in check_series(rows_like(one, days), MAIN[0])]
    (stretch,) = [two for two in found if two[0] == "shifted_dates"]
    assert (stretch[2:], stretch[1] > "2025-05-25") == (("2025-06-29", "unrated"), True)


def test_a_working_saturday_is_no_shift() -> None:
    # 2025-01-26 and 2025-02-08 were working days on a weekend, without trade.
    one = series(MAIN[0], date(2025, 1, 2), date(2025, 2, 28))
    for day in ("2025-01-26", "2025-02-08"):
        place = at(one, day)
        one = rows_like(
            one,
            np.insert(one.sessions, place, np.datetime64(day)),
            np.insert(one.close, place, one.close[place - 1]),
            np.insert(one.volume, place, 5.0),
        )
    assert {found.code for found in check_series(one, MAIN[0])} == {"outside_sessions"}


def test_weekly_closes_are_one_finding_and_rate_nobody() -> None:
    one = series(MAIN[0], date(2025, 1, 2), date(2025, 6, 30))
    keep = np.arange(4, one.sessions.size, 5)
    weekly = rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep])
    (found,) = check_series(weekly, MAIN[0])
    assert told([found]) == [
        ("sparse_rows", str(weekly.sessions[0]), str(weekly.sessions[-1]), "unrated")
    ]
    # In a table of every session, empty on all others: the same.
    table = rows_like(
        one, close=np.where(np.isin(one.sessions, weekly.sessions), one.close, np.nan)
    )
    (found,) = [two for two in check_series(table, MAIN[0]) if two.code == "sparse_rows"]
    assert (found.first, found.last) == tuple(weekly.sessions[[0, -1]].astype(object))
    # Six of them among daily ones: the stretch only. Five may be chance.
    for weeks, found_ in ((6, True), (5, False)):
        stop = 44 + 5 * weeks - 4
        keep = np.r_[0:40, 44:stop:5, stop : one.sessions.size]
        mixed = rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep])
        spans = [two for two in check_series(mixed, MAIN[0]) if two.code == "sparse_rows"]
        ends = (one.sessions[39].astype(object), one.sessions[stop - 1].astype(object))
        assert [(two.first, two.last) for two in spans] == ([ends] if found_ else [])


YEAR = date(2025, 1, 2), date(2025, 12, 31)


def held(one: PriceSeries, changes: np.ndarray) -> PriceSeries:
    """Closes that change on some rows only, and stand in between."""
    close = one.close[changes][np.searchsorted(changes, np.arange(one.close.size), "right") - 1]
    return rows_like(one, close=close)


@pytest.mark.parametrize("every", [5, 21], ids=["weekly", "monthly"])
@pytest.mark.parametrize("volumes", ["own", "copied", "constant", "none between", "unknown"])
def test_closes_filled_up_to_days_are_one_finding_and_rate_nobody(every: int, volumes: str) -> None:
    one = series(MAIN[0], *YEAR)
    n = np.arange(one.close.size)
    volume = {
        "own": 1e6 + 1e3 * n,
        "copied": 1e6 + 1e3 * (n // every),
        "constant": np.full(n.size, 1e6),
        "none between": np.where(n % every == 0, 1e6, 0.0),
        "unknown": np.full(n.size, np.nan),
    }[volumes]
    filled = held(rows_like(one, volume=volume), n[::every])
    (found,) = check_series(filled, MAIN[0])
    assert told([found]) == [("sparse_rows", "2025-01-02", "2025-12-31", "unrated")]
    assert found.detail == (
        f"every session has a row, but {n[::every].size} closes stand for {every} sessions each at "
        "the median: weekly or monthly closes filled up"
    )


@pytest.mark.parametrize(("weeks", "found"), [(6, True), (5, False)])
def test_weeks_that_were_filled_up_are_told_for_their_stretch(weeks: int, found: bool) -> None:
    """Up to the first close of a day: it is the sixth that comes a week after the one before."""
    one = series(MAIN[0], *YEAR)
    stop = 100 + 5 * weeks
    some = np.r_[0:100, 100:stop:5, stop : one.close.size]
    ends = ("sparse_rows", str(one.sessions[100]), str(one.sessions[stop]), "unrated")
    one = held(rows_like(one, volume=1e6 + 1e3 * np.arange(one.close.size)), some)
    assert told(check_series(one, MAIN[0])) == ([ends] if found else [])


def test_weekly_rows_are_told_once_whatever_stands_still_elsewhere() -> None:
    one = series(MAIN[0], *YEAR)
    one = fill(
        rows_like(one, volume=1e6 + 1e3 * np.arange(one.close.size)), "2025-03-10", "2025-03-19"
    )
    some = np.r_[0:100, 100:150:5, 150 : one.close.size]
    one = rows_like(one, one.sessions[some], one.close[some], one.volume[some])
    found = [two.code for two in check_series(one, MAIN[0])]
    assert (found.count("sparse_rows"), found.count("suspended")) == (1, 1)


@pytest.mark.parametrize("distances", [(3,), (4, 2, 7, 4, 1, 9), (5, 2, 9, 3)])
def test_a_share_that_seldom_trades_is_no_weekly_series(distances: tuple[int, ...]) -> None:
    one = series(MAIN[0], *YEAR)
    changes = np.cumsum(np.tile(distances, 60))
    one = rows_like(one, volume=1e6 + 1e3 * np.arange(one.close.size))
    found = check_series(held(one, np.r_[0, changes[changes < one.close.size]]), MAIN[0])
    assert {two.code for two in found} <= {"equal_closes"}


def test_new_closes_a_week_apart_by_chance_are_no_weekly_series() -> None:
    one = series(MAIN[0], date(2015, 1, 5), date(2024, 12, 31))
    one = rows_like(one, volume=1e6 + 1e3 * np.arange(one.close.size))
    random = np.random.default_rng(1)
    for share in (0.15, 0.2, 0.25, 0.3) * 3:
        changes = np.flatnonzero(random.random(one.close.size) < share)
        found = check_series(held(one, np.union1d([0], changes)), MAIN[0])
        assert {two.code for two in found} <= {"equal_closes"}


@pytest.mark.parametrize("side", ["last", "first"])
def test_weeks_that_holidays_shorten_are_weekly_when_filled_up(side: str) -> None:
    one = series(MAIN[0], date(2025, 3, 31), date(2025, 7, 4))
    begins = np.flatnonzero(np.diff((one.sessions.astype(int) + 3) // 7, prepend=0))
    changes = begins if side == "first" else np.r_[0, begins[1:] - 1]
    one = rows_like(one, volume=1e6 + 1e3 * np.arange(one.close.size))
    assert "sparse_rows" in {two.code for two in check_series(held(one, changes), MAIN[0])}


@pytest.mark.parametrize("close", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("instrument", [MAIN[0], CSI300])
def test_series_without_any_close_are_told(instrument: Instrument, close: float) -> None:
    one = series(instrument)
    one = rows_like(one, close=np.full(one.close.size, close))
    empty = "benchmark_gap" if instrument.is_index else "missing_close"
    wanted = empty if np.isnan(close) else "non_positive_close"
    assert wanted in {two.code for two in check_series(one, instrument)}
    assert wanted in {two.code for two in check_prices({one.listing: one}, [instrument])}


def thin(one: PriceSeries, parts: dict[str, float]) -> PriceSeries:
    """Volumes that rise by a thousandth a session, and a part of it on some days."""
    volume = 1e6 + 1e3 * np.arange(one.volume.size)
    for day, part in parts.items():
        volume[at(one, day)] *= part
    return rows_like(one, volume=volume)


@pytest.mark.parametrize(
    ("part", "listings", "action"),
    [(0.007, 3, "unrated"), (0.053, 5, "unrated"), (0.4, 5, None), (0.007, 2, None)],
)
def test_bars_of_a_market_captured_while_it_traded(
    part: float, listings: int, action: str | None
) -> None:
    every = [thin(series(one), {"2025-04-22": part}) for one in MAIN[:listings]]
    found = check_prices({one.listing: one for one in every}, MAIN)
    assert {(one.code, str(one.first), one.action, one.reach) for one in found} == (
        {("unfinished_day", "2025-04-22", action, "ends")} if action else set()
    )
    assert len(found) in (0, listings)


def some_thin(parts: list[float], day: str = "2025-04-22") -> list[tuple[str, str]]:
    """Findings of a market whose listings have these parts of their volume on a day."""
    listings = [MAIN[0].model_copy(update={"code": f"{600100 + n}"}) for n in range(len(parts))]
    every = [thin(series(one), {day: part}) for one, part in zip(listings, parts, strict=True)]
    found = check_prices({one.listing: one for one in every}, listings)
    assert {one.code for one in found} <= {"unfinished_day"}
    return [(one.listing, one.action) for one in found]


@pytest.mark.parametrize(
    ("parts", "struck"),
    [
        # Two thin listings are their own affair, also where they are most of a market.
        ([0.01, 0.01, 1.0], False),
        ([0.01, 0.01, 0.01, 1.0], True),
        # The middle of six is half-way between a hundredth and the usual.
        ([0.01] * 3 + [1.0] * 3, False),
        ([0.01] * 4 + [1.0] * 3, True),
        # Who has no volume is not asked, and was captured with the others.
        ([0.01] * 3 + [np.nan] * 9, True),
        ([0.01] * 3 + [1.0] * 3 + [np.nan] * 9, False),
    ],
)
def test_a_market_is_thin_where_half_of_it_and_three_listings_are(
    parts: list[float], struck: bool
) -> None:
    assert [action for _, action in some_thin(parts)] == ["unrated"] * len(parts) * struck


def test_a_quiet_day_after_a_busy_one_is_not_thin() -> None:
    """Two are thin; the third has half of its usual volume, a twentieth of its busiest day's."""
    day = "2025-04-22"
    parts = ({day: 0.01}, {day: 0.01}, {"2025-04-10": 10.0, day: 0.5})
    every = [thin(series(one), part) for one, part in zip(MAIN[:3], parts, strict=True)]
    assert check_prices({one.listing: one for one in every}, MAIN) == []


@pytest.mark.parametrize(("day", "struck"), [("2025-03-07", False), ("2025-03-10", True)])
def test_five_volumes_before_a_day_say_what_is_usual(day: str, struck: bool) -> None:
    assert bool(some_thin([0.01] * 3, day)) is struck


def test_each_of_two_unfinished_days_in_a_row_is_struck() -> None:
    """The second is as thin as the first: its volume does not fall, and is far from usual."""
    every = [thin(series(one), {"2025-04-22": 0.01, "2025-04-23": 0.02}) for one in MAIN]
    found = check_prices({one.listing: one for one in every}, MAIN)
    assert {(one.code, str(one.first), one.action) for one in found} == {
        ("unfinished_day", "2025-04-22", "unrated"),
        ("unfinished_day", "2025-04-23", "unrated"),
    }


def test_a_day_is_held_against_the_usual_one_and_not_against_the_day_before() -> None:
    """Of a day with a fifth of the usual volume a third is left: 7% of the usual."""
    every = [thin(series(one), {"2025-04-21": 0.2, "2025-04-22": 0.07}) for one in MAIN]
    found = check_prices({one.listing: one for one in every}, MAIN)
    assert {(one.code, str(one.first)) for one in found} == {("unfinished_day", "2025-04-22")}


@pytest.mark.parametrize(("last", "struck"), [(1, True), (3, True), (4, False), (10, False)])
def test_a_volume_in_another_unit_from_a_day_on_is_no_unfinished_day(
    last: int, struck: bool
) -> None:
    every = [series(listing) for listing in MAIN]
    volume = 1e6 + 1e3 * np.arange(every[0].volume.size)
    volume[-last:] /= 100.0
    found = check_prices({one.listing: rows_like(one, volume=volume) for one in every}, MAIN)
    days = {("unfinished_day", LAST)} if struck else set()
    assert {(one.code, one.first) for one in found} == days
    volume[30:] = (1e6 + 1e3 * np.arange(every[0].volume.size))[30:] / 100.0
    assert not check_prices({one.listing: rows_like(one, volume=volume) for one in every}, MAIN)


def test_a_former_code_of_beijing_points_to_its_new_one() -> None:
    old = Listing(mic="BJSE", code="839493", currency="CNY", name_zh="并行科技")
    new = Listing(mic="BJSE", code="920493", currency="CNY", name_zh="并行科技")
    one = series(old, date(2025, 7, 1), date(2025, 9, 30))
    found = check_prices({old.id: one}, [old, new], as_of=date(2026, 1, 9))
    (former,) = [two for two in found if two.code == "former_code"]
    assert former.detail.endswith("it is 920493 now")
    assert {two.code for two in check_prices({old.id: one}, [old], as_of=date(2025, 9, 30))} == (
        set()
    )


def test_a_former_code_that_goes_on_after_the_change_is_no_fault() -> None:
    """A vendor that kept the code has closes from before and after 2025-10-09 under it."""
    kept = Listing(mic="BJSE", code="839493", currency="CNY", name_zh="并行科技")
    one = series(kept, date(2025, 7, 1), date(2025, 11, 28))
    assert check_prices({kept.id: one}, [kept], as_of=date(2025, 11, 28)) == []


def test_what_many_listings_do_on_one_day_is_the_vendors_doing() -> None:
    day = "2025-03-10"
    every = [series(listing) for listing in MAIN]
    two = [fill(one, day, day) for one in every[:2]] + every[2:]
    found = check_prices({one.listing: one for one in two}, MAIN)
    assert [one.detail for one in found] == [
        "1 session without volume at the close before, as 2 of 5 listings of the market: filled"
    ] * 2
    # One of five is its own affair.
    (found_one,) = check_prices({one.listing: one for one in [two[0], *every[1:]]}, MAIN)
    assert found_one.detail == "1 session without volume at the close before: filled, or a halt"


def test_what_many_do_is_counted_on_the_first_day_of_a_run() -> None:
    """Two of five repeat on the 10th; on the 11th one more does, and one has no rows any more."""
    every = [series(listing) for listing in MAIN]
    every[:2] = [fill(one, "2025-03-10", "2025-03-11") for one in every[:2]]
    every[2] = fill(every[2], "2025-03-11", "2025-03-11")
    every[3] = series(MAIN[3], last=date(2025, 3, 10))
    found = check_prices({one.listing: one for one in every}, MAIN)
    run = "2 sessions without volume at the close before, as 2 of 5 listings of the market: filled"
    assert [one.detail for one in found if str(one.first) == "2025-03-10"] == [run] * 2


def test_one_listing_alone_is_not_many() -> None:
    # One of two is a half of the market, and still one company's affair.
    one = fill(series(MAIN[0]), "2025-03-10", "2025-03-14")
    assert [finding[1] for finding in check_all(one, series(MAIN[1]))] == ["suspended"]


def test_a_long_run_that_many_listings_share_is_no_suspension() -> None:
    every = [fill(series(listing), "2025-03-10", "2025-03-14") for listing in MAIN[:3]]
    codes = {finding[1] for finding in check_all(*every, series(MAIN[3]))}
    assert codes == {"repeated_close"}
    alone = check_all(every[0], *(series(listing) for listing in MAIN[1:]))
    assert [finding[1] for finding in alone] == ["suspended"]


def test_half_days_without_volume_are_not_flagged() -> None:
    one = series(HONG_KONG, date(2024, 12, 2), date(2025, 1, 31))
    for half in ("2024-12-24", "2024-12-31", "2025-01-28"):
        one = fill(one, half, half)
    assert check_series(one, HONG_KONG) == []
    assert told(check_series(fill(one, "2024-12-30", "2024-12-30"), HONG_KONG)) == [
        ("repeated_close", "2024-12-30", "2024-12-30", "dropped")
    ]


def test_a_half_day_does_not_cut_a_suspension_in_two() -> None:
    one = fill(series(HONG_KONG, date(2024, 12, 2), date(2025, 1, 31)), "2024-12-20", "2024-12-27")
    assert told(check_series(one, HONG_KONG)) == [
        ("suspended", "2024-12-20", "2024-12-27", "dropped")
    ]


@pytest.mark.parametrize("volume", [0.0, np.nan])
def test_a_half_day_in_a_suspension_is_no_session(volume: float) -> None:
    one = fill(series(HONG_KONG, date(2024, 12, 2), date(2025, 1, 31)), "2024-12-16", "2024-12-31")
    some = slice(at(one, "2024-12-16"), at(one, "2024-12-31") + 1)
    volumes = one.volume.copy()
    volumes[some] = volume
    one = rows_like(one, volume=volumes)
    assert not real_sessions(one, HONG_KONG)[some].any()
    table = pd.DataFrame(
        {"listing": one.listing, "date": one.sessions, "close": one.close, "volume": one.volume}
    )
    panel = panel_from_frame(table)
    assert not np.isin(one.sessions[some], panel.sessions(one.listing)).any()
    assert np.isin(one.sessions[some.stop :], panel.sessions(one.listing)).all()


def test_rows_on_holidays_only_are_told_and_nothing_fails() -> None:
    days = np.array(["2025-03-08", "2025-03-15"], "datetime64[D]")
    alone = rows(MAIN[0], days, np.array([10.0, 11.0]), np.full(2, 1e6))
    found = check_prices(
        {one.listing: one for one in (alone, series(MAIN[1]))}, MAIN, as_of=date(2025, 4, 30)
    )
    assert {one.code for one in found if one.listing == alone.listing} == {"outside_sessions"}


@pytest.mark.parametrize(("volume", "code"), [(5e3, {"unfinished_day"}), (0.0, set())])
def test_a_half_day_too_may_be_captured_before_its_close(volume: float, code: set[str]) -> None:
    every = []
    others = [
        Listing(mic="XHKG", code=code, currency="HKD", first_session=date(2018, 7, 9))
        for code in ("0285", "2018", "2382")
    ]
    for listing in others:
        one = series(listing, date(2024, 12, 2), date(2025, 1, 31))
        volumes = 1e6 + 1e3 * np.arange(one.volume.size)
        volumes[at(one, "2024-12-31")] = volume
        every.append(rows_like(one, volume=volumes))
    found = check_prices({one.listing: one for one in every}, others)
    assert {one.code for one in found} == code


def test_a_lost_volume_of_a_half_day_does_not_hide_that_others_were_captured_early() -> None:
    """Three bars of the half day are thin; Yahoo lost the volumes of four that traded."""
    listings = [HONG_KONG.model_copy(update={"code": f"{1000 + n}"}) for n in range(7)]
    every = []
    for n, listing in enumerate(listings):
        one = series(listing, date(2024, 12, 2), date(2025, 1, 31))
        every.append(thin(one, {"2024-12-31": 0.005 if n < 3 else 0.0}))
    found = check_prices({one.listing: one for one in every}, listings)
    assert [(one.code, str(one.first), one.action) for one in found] == [
        ("unfinished_day", "2024-12-31", "unrated")
    ] * 7


# --- Holes ----------------------------------------------------------------------------------


def test_holes_of_a_listing_are_reported() -> None:
    one = without(without(series(MAIN[0]), "2025-03-10", "2025-03-12"), "2025-04-03", "2025-04-07")
    assert told(check_series(one, MAIN[0])) == [
        ("missing_sessions", "2025-03-10", "2025-03-12", "reported"),
        ("missing_sessions", "2025-04-03", "2025-04-07", "reported"),
    ]


def test_holidays_are_no_holes() -> None:
    one = series(MAIN[0], date(2024, 9, 2), date(2024, 10, 31))
    assert check_series(one, MAIN[0]) == []


def test_a_gapped_listing_says_who_has_the_session() -> None:
    every = [series(listing) for listing in MAIN]
    every[0] = without(every[0], "2025-03-10", "2025-03-10")
    (found,) = check_prices({one.listing: one for one in every}, MAIN)
    assert (found.listing, found.detail) == (
        "XSHG:603160",
        "1 session without a close; 4 of 4 other series have it",
    )


@pytest.mark.parametrize("ends", [True, False])
def test_a_series_that_ends_or_begins_on_the_first_day_of_a_hole_has_that_day(ends: bool) -> None:
    holed = without(series(MAIN[0]), "2025-03-10", "2025-03-11")
    day = date(2025, 3, 10)
    other = series(MAIN[1], last=day) if ends else series(MAIN[1], first=day)
    found = check_prices({one.listing: one for one in (holed, other)}, MAIN)
    (hole,) = [one for one in found if one.code == "missing_sessions"]
    assert hole.detail == "2 sessions without a close; 1 of 1 other series has it"


def test_a_day_that_nobody_has_is_told_once() -> None:
    every = [without(series(one), "2025-03-10", "2025-03-11") for one in MAINLAND]
    assert check_all(*every) == [
        ("INDEX:CSI300", "unscheduled_closure", "2025-03-10", "2025-03-11", "reported")
    ]


def test_a_longer_hole_that_everybody_has_is_the_vendors() -> None:
    every = [without(series(one), "2025-03-10", "2025-03-13") for one in MAINLAND[-2:]]
    assert check_all(*every) == [
        ("INDEX:CSI300", "benchmark_gap", "2025-03-10", "2025-03-13", "unrated"),
        ("XSHG:600519", "missing_sessions", "2025-03-10", "2025-03-13", "reported"),
    ]


def test_markets_do_not_touch_each_other() -> None:
    # 2025-04-18 and 04-21 are Easter in Hong Kong, sessions in Shanghai.
    assert check_all(*(series(one) for one in INSTRUMENTS)) == []


def test_many_holes_are_told_at_once() -> None:
    one = series(MAIN[0], date(2024, 9, 2), date(2025, 4, 30))
    keep = np.arange(one.sessions.size) % 5 != 1
    thin = rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep])
    (found,) = check_series(thin, MAIN[0])
    assert (found.code, found.action) == ("missing_sessions", "reported")
    assert found.detail == "32 sessions in 32 places without a row"


def test_many_holes_are_told_from_their_first_session_to_their_last() -> None:
    """Twelve holes of two sessions each; the first begins on the second row."""
    one = series(MAIN[0], date(2024, 9, 2), date(2025, 4, 30))
    lost = np.concatenate([[row, row + 1] for row in range(1, 112, 10)])
    keep = np.setdiff1d(np.arange(one.sessions.size), lost)
    (found,) = check_series(
        rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep]), MAIN[0]
    )
    assert found.detail == "24 sessions in 12 places without a row"
    assert (str(found.first), str(found.last)) == (
        str(one.sessions[lost[0]]),
        str(one.sessions[lost[-1]]),
    )


# --- Benchmarks and tails -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "action"),
    [("2025-03-10", "reported"), ("2025-03-12", "reported"), ("2025-03-13", "unrated")],
)
@pytest.mark.parametrize("how", ["no row", "no close", "close repeated"])
def test_a_benchmark_with_a_hole_longer_than_three_sessions_rates_nobody(
    how: str, last: str, action: str
) -> None:
    one = series(CSI300)
    if how == "no row":
        one = without(one, "2025-03-10", last)
    elif how == "no close":
        one.close[at(one, "2025-03-10") : at(one, last) + 1] = np.nan
    else:
        one = fill(one, "2025-03-10", last)
    assert check_all(one, *(series(listing) for listing in MAIN)) == [
        ("INDEX:CSI300", "benchmark_gap", "2025-03-10", last, action)
    ]
    every = [one, *(series(listing) for listing in MAIN)]
    (found,) = check_prices({two.listing: two for two in every}, INSTRUMENTS)
    # Windows whose closes both lie outside of the hole are rated, and nobody is his own peer.
    assert found.reach == "ends"
    assert found.detail.endswith("; 5 of 5 other series have it")


def test_the_smallest_real_move_of_an_index_is_a_move() -> None:
    # The HSI closed at 29963.26 on 2019-04-18 and at 29963.24 on 2019-04-23.
    one = series(HSI)
    one.close[:] = np.where(np.arange(one.close.size) % 2 == 0, 29963.26, 29963.24)
    assert check_series(one, HSI) == []


def test_a_benchmark_that_stops_early() -> None:
    # 2025-05-01 to 05 is Labour Day.
    every = [series(listing, last=date(2025, 5, 7)) for listing in MAIN]
    assert check_all(series(CSI300), *every) == [
        ("INDEX:CSI300", "benchmark_gap", "2025-05-06", "2025-05-07", "reported")
    ]
    assert check_all(series(CSI300), *every, as_of=date(2025, 5, 9))[0] == (
        "INDEX:CSI300",
        "benchmark_gap",
        "2025-05-06",
        "2025-05-09",
        "unrated",
    )


def test_a_listing_that_stops_early() -> None:
    early = series(MAIN[0], last=date(2025, 4, 25))
    expected = [("stale_tail", "2025-04-28", "2025-04-30", "reported")]
    assert told(check_series(early, MAIN[0], as_of=date(2025, 5, 5))) == expected
    assert check_series(early, MAIN[0]) == []
    assert [one[1:] for one in check_all(early, series(MAIN[1]))] == expected


def test_a_row_without_a_close_makes_nobody_stale() -> None:
    """The only row of another listing, with nothing in it, is not the market's latest day."""
    early = series(MAIN[0], last=date(2025, 4, 25))
    empty = rows(
        MAIN[1], np.array(["2025-04-30"], "datetime64[D]"), np.array([np.nan]), np.array([0.0])
    )
    assert check_all(early, empty) == [
        (MAIN[1].id, "missing_close", "2025-04-30", "2025-04-30", "dropped")
    ]


def test_a_delisted_listing_is_not_stale() -> None:
    gone = MAIN[0].model_copy(update={"last_session": date(2025, 4, 25)})
    early = series(gone, last=date(2025, 4, 25))
    assert check_series(early, gone, as_of=date(2025, 5, 9)) == []


def test_a_suspended_listing_is_not_stale() -> None:
    one = fill(series(MAIN[0]), "2025-04-21", "2025-04-30")
    assert told(check_series(one, MAIN[0], as_of=date(2025, 4, 30))) == [
        ("suspended", "2025-04-21", "2025-04-30", "dropped")
    ]


def test_a_weekend_or_holiday_as_of_makes_nobody_stale() -> None:
    one = series(MAIN[0])
    assert check_series(one, MAIN[0], as_of=date(2025, 5, 5)) == []


# --- All together ---------------------------------------------------------------------------


def test_rows_after_the_as_of_date_change_nothing() -> None:
    one = series(MAIN[0])
    as_of = date(2025, 4, 11)
    cut = at(one, "2025-04-11") + 1
    early = rows_like(one, one.sessions[:cut], one.close[:cut], one.volume[:cut])
    one.close[cut + 2 :] /= 5
    assert check_series(one, MAIN[0], as_of=as_of) == check_series(early, MAIN[0], as_of=as_of)


def test_order_of_input_does_not_matter_and_nothing_is_mutated() -> None:
    every = [fill(series(listing), "2025-03-10", "2025-03-12") for listing in MAIN]
    every.append(without(series(CSI300), "2025-03-20", "2025-03-27"))
    for one in every:
        one.close.flags.writeable = one.volume.flags.writeable = False
        one.sessions.flags.writeable = False
    found = check_prices({one.listing: one for one in every}, [*MAIN, CSI300])
    again = check_prices({one.listing: one for one in every[::-1]}, [CSI300, *MAIN[::-1]])
    assert found == again
    assert [one.listing for one in found] == sorted(one.listing for one in found)


def test_empty_series_and_no_series() -> None:
    nothing = rows(MAIN[0], np.array([], "datetime64[D]"), np.array([]), np.array([]))
    assert check_series(nothing, MAIN[0], as_of=LAST) == []
    assert check_prices({nothing.listing: nothing}, MAIN) == []
    assert check_prices({}, MAIN) == []


def test_strangers_are_refused() -> None:
    with pytest.raises(UnknownListingError, match="XHKG:1810"):
        check_prices({HONG_KONG.id: series(HONG_KONG)}, MAIN)
    with pytest.raises(ValueError, match="cannot be checked as"):
        check_series(series(HONG_KONG), MAIN[0])


def test_runs_of_flags() -> None:
    assert list(runs(np.array([True, True, False, True]))) == [(0, 1), (3, 3)]
    assert list(runs(np.zeros(3, bool))) == []
    assert list(runs(np.array([], bool))) == []


# --- What many share ------------------------------------------------------------------------


def test_gaps_of_a_market_are_told_once_whatever_their_days() -> None:
    found = []
    for at, one in enumerate(map(series, (*MAIN, HONG_KONG))):
        keep = np.ones(one.sessions.size, bool)
        keep[[5, 12, 19, 26, 33, 1 + at % 3]] = False
        part = rows_like(one, one.sessions[keep], one.close[keep], one.volume[keep])
        found += check_series(part, next(who for who in INSTRUMENTS if who.id == one.listing))
    assert len(found) == 36
    mainland, *other = told_once(found, INSTRUMENTS)
    assert mainland.listing == ""
    assert mainland.detail == (
        "5 listings of one market lack sessions: 2025-03-04 603160.SS, 600000.SS; 2025-03-05 "
        "603893.SS, 600519.SS; 2025-03-06 605319.SS; 2025-03-10 603160.SS, 603893.SS, 605319.SS, "
        "600000.SS, 600519.SS; 2025-03-19 603160.SS, 603893.SS, 605319.SS, 600000.SS, 600519.SS; "
        "2025-03-28 603160.SS, 603893.SS, 605319.SS, 600000.SS, 600519.SS; 2025-04-09 603160.SS, "
        "603893.SS, 605319.SS, 600000.SS, 600519.SS; 2025-04-18 603160.SS, 603893.SS, 605319.SS, "
        "600000.SS, 600519.SS"
    )
    assert {one.listing for one in other} == {HONG_KONG.id}


def test_an_unfinished_day_is_told_once_and_what_strikes_one_stays_with_it() -> None:
    every = [thin(series(one), {"2025-04-22": 0.007}) for one in MAIN]
    (told,) = told_once(check_prices({one.listing: one for one in every}, MAIN), MAIN)
    assert (told.code, told.listing, told.action) == ("unfinished_day", "", "unrated")
    assert told.detail.startswith("600000.SS, 600519.SS, 603160.SS, 603893.SS, 605319.SS: the m")
    day = date(2025, 4, 22)
    two = [Finding("missed_split", one.id, day, day, "unrated", "the same") for one in MAIN[:2]]
    assert told_once(two, MAIN) == two


def test_of_two_rows_of_one_day_the_last_is_kept_and_the_last_day_is_not_lost() -> None:
    one = series(MAIN[0])
    again = rows_like(
        one,
        np.concatenate([one.sessions, one.sessions[3:4]]),
        np.concatenate([one.close, [77.0]]),
        np.concatenate([one.volume, [5e5]]),
    )
    calendars = SessionCalendars.seen_in([again], [MAIN[0]], None)
    found = prepare(again, MAIN[0], calendars)
    assert not found.ordered
    assert found.days.tolist() == one.sessions.astype("datetime64[D]").astype(int).tolist()
    expected = one.close.copy()
    expected[3] = 77.0
    assert found.close.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("shifted_dates", "its own date"),
        ("sparse_rows", "its own date"),
        ("unfinished_day", "its own date"),
        ("duplicate_session", "row"),
        ("missed_split", "split"),
        ("currency_mismatch", "currency"),
    ],
)
def test_each_fault_of_a_file_has_its_remedy(code: str, word: str) -> None:
    assert word in str(remedy_of(code))
    assert remedy_of("suspended") is None


def test_a_series_from_the_newest_to_the_oldest_is_put_in_order() -> None:
    one = series(MAIN[0])
    turned = rows_like(one, one.sessions[::-1], one.close[::-1], one.volume[::-1])
    found = prepare(turned, MAIN[0], SessionCalendars.seen_in([turned], [MAIN[0]], None))
    assert not found.ordered
    assert found.close.tolist() == one.close.tolist()
    assert {two.code for two in check_series(turned, MAIN[0])} == {"unordered_sessions"}


def test_a_last_day_that_is_thin_was_captured_while_it_traded() -> None:
    every = [thin(series(one), {"2025-04-30": 0.007}) for one in MAIN[:3]]
    found = check_prices({one.listing: one for one in every}, MAIN)
    assert [(one.code, str(one.first)) for one in found] == [("unfinished_day", "2025-04-30")] * 3
