"""Sessions behind the end of a calendar, by specification 6; the days are made up and SIMULATED.

Shanghai is known to 2026-12-31 by the exchange_calendars of this test's date. Where a later one
knows 2027 too, the days here are moved behind its end by whole weeks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import panel_from_frame
from supplychain_screen.identity import (
    Index,
    Instrument,
    Listing,
    expected_sessions,
    known_until,
    last_completed_session,
    session_close,
)
from supplychain_screen.prices import PriceSeries
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.prices.quality import check_prices, check_series
from supplychain_screen.prices.sessions import SessionCalendars, real_sessions

A = Listing(mic="XSHG", code="688041", currency="CNY", board="SSE STAR")
B = Listing(mic="XSHE", code="000100", currency="CNY", board="SZSE Main")
C = Listing(mic="XSHG", code="603160", currency="CNY", board="SSE")
INDEX = Index(name="CSI300", currency="CNY", calendar="XSHG")
HONG_KONG = Listing(mic="XHKG", code="1810", currency="HKD", board="HKEX Main")

END = known_until("XSHG")
MONDAY = END + timedelta(days=7 - END.weekday())
"""First Monday of which the calendar of Shanghai knows nothing."""


def day(weeks: int, weekday: int) -> date:
    return MONDAY + timedelta(days=7 * weeks + weekday)


def days(*weeks: int, skip: tuple[date, ...] = ()) -> list[date]:
    """Monday to Friday of some weeks."""
    every = [day(week, weekday) for week in weeks for weekday in range(5)]
    return [one for one in every if one not in skip]


def series(
    instrument: Instrument, when: list[date], *, fill: tuple[date, ...] = (), volume: float = 1e6
) -> PriceSeries:
    """Closes that rise every day, but for days that repeat the close before, without volume."""
    step = np.array([one not in fill for one in when])
    return PriceSeries(
        instrument.id,
        np.array(when, "datetime64[D]"),
        100.0 + 0.1 * np.cumsum(step),
        np.where(step, volume, 0.0 if volume > 0 else np.nan),
        "splits",
        "by hand",
        instrument.id,
    )


FESTIVAL = tuple(days(2))
BEFORE_END = [one.astype(object) for one in expected_sessions("XSHG", END - timedelta(40), END)]


def ages(*several: tuple[Instrument, PriceSeries], last: date) -> dict[str, tuple[date, int]]:
    """Session and age of each last close on ``last``."""
    panel = PricePanel.build(
        [one for _, one in several], [who for who, _ in several], BEFORE_END[0], last
    )
    found = {who.id: panel.as_of(who.id, last) for who, _ in several}
    return {name: (one[1], one[2]) for name, one in found.items() if one is not None}


def test_two_series_or_the_benchmark_prove_a_session_and_one_series_does_not() -> None:
    base = [*BEFORE_END, *days(0)]
    monday, tuesday, wednesday = (day(1, n) for n in range(3))
    stopped = (A, series(A, base))
    two = [(B, series(B, [*base, monday])), (C, series(C, [*base, monday, wednesday]))]
    # Monday is proven by two, Tuesday by nobody, and Wednesday by one alone.
    assert ages(stopped, *two, last=wednesday)[A.id] == (day(0, 4), 1)
    index = (INDEX, series(INDEX, [*base, monday, tuesday]))
    assert ages(stopped, *two, index, last=wednesday)[A.id] == (day(0, 4), 2)


def test_a_row_that_nobody_else_has_is_no_session_of_its_own_series_either() -> None:
    base = [*BEFORE_END, *days(0)]
    lone = day(1, 2)
    found = ages(
        (A, series(A, [*base, lone])), (B, series(B, base)), (INDEX, series(INDEX, base)), last=lone
    )
    assert found[A.id] == found[B.id] == (day(0, 4), 0)
    held = {one.listing: one for one in (series(A, [*base, lone]), series(B, base))}
    first, second = check_prices(held, [A, B], as_of=lone)
    assert (first.code, first.listing, first.first, first.last) == (
        "provisional_sessions",
        "",
        day(1, 0),
        lone,
    )
    assert (second.code, second.listing, second.first, second.action, second.detail) == (
        "outside_sessions",
        A.id,
        lone,
        "dropped",
        "1 row on days on which no other series of the exchange traded",
    )


def test_a_series_without_any_other_keeps_its_rows() -> None:
    rows = [*BEFORE_END, *days(0, 1, 2, 3, 4)]
    only = series(A, rows)
    assert real_sessions(only, A, SessionCalendars.seen_in([only], [A])).all()
    # Alone, weekdays stay provisional for three weeks; then the only series left is believed.
    assert ages((A, only), last=rows[-1])[A.id] == (rows[-1], 0)
    assert [one.code for one in check_series(only, A)] == []


@pytest.mark.parametrize("volume", [1e6, np.nan], ids=["volumes", "no volumes"])
def test_rows_that_a_vendor_filled_prove_nothing(volume: float) -> None:
    rows = [*BEFORE_END, *days(0, 1), *FESTIVAL]
    filled = [(who, series(who, rows, fill=FESTIVAL, volume=volume)) for who in (A, B, C, INDEX)]
    found = ages(*filled, last=FESTIVAL[-1])
    assert set(found.values()) == {(day(1, 4), 0)}


def test_weeks_without_rows_make_nothing_stale_and_are_said_once() -> None:
    rows = [*BEFORE_END, *days(0, 1)]
    found = ages((A, series(A, rows)), (INDEX, series(INDEX, rows)), last=FESTIVAL[-1])
    assert found == {A.id: (day(1, 4), 0), INDEX.id: (day(1, 4), 0)}
    held = {one.listing: one for one in (series(A, rows), series(INDEX, rows))}
    (told,) = check_prices(held, [A, INDEX], as_of=FESTIVAL[-1])
    assert (told.code, told.first, told.last, told.action) == (
        "provisional_sessions",
        FESTIVAL[0],
        FESTIVAL[-1],
        "reported",
    )
    assert told.detail == (
        f"the calendar of XSHG ends on {END}; provisional, counted in no age: 5 weekdays without "
        "proof of a session"
    )
    # Afterwards the holiday is no gap, and nothing is provisional.
    after = [*rows, *days(3)]
    held = {one.listing: one for one in (series(A, after), series(INDEX, after))}
    assert check_prices(held, [A, INDEX], as_of=after[-1]) == []


def test_a_suspension_is_counted_in_seen_sessions() -> None:
    rows = [*BEFORE_END, *days(0, 1)]
    on = [*rows, *days(3)]
    found = ages((A, series(A, rows)), (INDEX, series(INDEX, on)), last=day(3, 4))
    # Ten weekdays after its last close, five of them seen.
    assert found[A.id] == (day(1, 4), 5)


def test_prices_that_ended_long_ago_do_grow_old() -> None:
    """No exchange has stayed closed for more than three weeks."""
    rows = [*BEFORE_END, *days(0)]
    held = [(A, series(A, rows)), (INDEX, series(INDEX, rows))]
    # Friday of week 0; three weeks later is Friday of week 3, and week 4 counts.
    assert ages(*held, last=day(3, 4))[A.id][1] == 0
    assert ages(*held, last=day(4, 4))[A.id][1] == 5
    told = check_prices({s.listing: s for _, s in held}, [A, INDEX], as_of=day(4, 4))
    (said,) = [one.detail for one in told if one.code == "provisional_sessions"]
    assert said.endswith(
        "15 weekdays without proof of a session; 5 more, over 21 days after the last row, count"
    )


def test_a_benchmark_that_died_is_stale_for_the_only_series_left() -> None:
    rows = [*BEFORE_END, *days(0)]
    found = ages(
        (A, series(A, [*rows, *days(1, 2, 3, 4, 5)])), (INDEX, series(INDEX, rows)), last=day(5, 4)
    )
    assert found[A.id] == (day(5, 4), 0)
    assert found[INDEX.id][1] == 10


def test_weekends_are_no_sessions_whatever_rows_say() -> None:
    """A file whose dates are a day off must not prove itself."""
    saturday, sunday = day(0, 5), day(0, 6)
    rows = [*BEFORE_END, *days(0), saturday, sunday]
    found = ages(
        (A, series(A, rows)), (B, series(B, rows)), (INDEX, series(INDEX, rows)), last=sunday
    )
    assert {one[0] for one in found.values()} == {day(0, 4)}
    held = {one.listing: one for one in (series(A, rows), series(B, rows))}
    told = check_prices(held, [A, B], as_of=sunday)
    assert [(one.code, one.first, one.last, one.detail) for one in told] == [
        (
            "outside_sessions",
            saturday,
            sunday,
            "2 rows on days on which the exchange did not trade",
        )
    ] * 2


def test_a_market_whose_dates_are_a_day_early_is_found_behind_the_calendar_too() -> None:
    early = [one - timedelta(1) for one in days(0, 1, 2, 3, 4, 5, 6, 7)]
    held = {one.listing: one for one in (series(A, early), series(B, early), series(INDEX, early))}
    told = {one.listing for one in check_prices(held, [A, B, INDEX]) if one.code == "shifted_dates"}
    assert told == set(held)


def test_later_rows_change_no_earlier_day() -> None:
    rows = [*BEFORE_END, *days(0, 1), day(2, 1), *days(3)]
    held = [series(A, rows), series(B, [one for one in rows if one != day(2, 1)])]
    last = np.datetime64(day(2, 4)).astype(int)
    first = last - 20

    def flags(*cut: PriceSeries, until: date) -> list[bool]:
        found = SessionCalendars.seen_in(cut, [A, B], until).trading_days("XSHG", first, last)
        return found.open[found.on(np.arange(first, last + 1))].tolist()

    assert flags(*held, until=day(3, 4)) == flags(*held, until=day(2, 4))


def test_other_exchanges_keep_their_own_calendars() -> None:
    rows = [*BEFORE_END, *days(0)]
    hong_kong = [one.astype(object) for one in expected_sessions("XHKG", BEFORE_END[0], day(1, 4))]
    found = ages((A, series(A, rows)), (HONG_KONG, series(HONG_KONG, hong_kong)), last=day(1, 4))
    assert found[A.id] == (day(0, 4), 0)


def test_a_frame_and_a_list_of_series_give_the_same_panel() -> None:
    rows = [*BEFORE_END, *days(0, 1), day(2, 1), *days(3)]
    held = [
        (A, series(A, rows)),
        (B, series(B, rows[:-3])),
        (INDEX, series(INDEX, [one for one in rows if one != day(2, 1)])),
    ]
    frame = pd.concat(
        pd.DataFrame(
            {"listing": who.id, "date": one.sessions, "close": one.close, "volume": one.volume}
        )
        for who, one in held
    )
    last = day(3, 4)
    built = PricePanel.build([one for _, one in held], [A, B, INDEX], BEFORE_END[0], last)
    framed = panel_from_frame(frame, indices=[INDEX], first=BEFORE_END[0], last=last)
    for who, _ in held:
        one, two = built.row_of[who.id], framed.row_of[who.id]
        assert (built.stamp[one] == framed.stamp[two]).all()
        assert np.array_equal(built.close[one], framed.close[two], equal_nan=True)
        assert (
            built.sessions_through[built.calendar_of[one]]
            == framed.sessions_through[framed.calendar_of[two]]
        ).all()


def test_closing_times_behind_the_calendar_are_the_usual_ones() -> None:
    assert session_close("XSHG", MONDAY) == datetime(
        MONDAY.year, MONDAY.month, MONDAY.day, 7, tzinfo=UTC
    )
    # Summer time in New York, whose calendar here ends with 2030.
    assert session_close("XNYS", date(2099, 7, 1)) == datetime(2099, 7, 1, 20, tzinfo=UTC)
    assert session_close("XNYS", date(2099, 1, 5)) == datetime(2099, 1, 5, 21, tzinfo=UTC)
    noon = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 6, 59, tzinfo=UTC)
    assert last_completed_session("XSHG", noon) == MONDAY - timedelta(days=3)
    assert last_completed_session("XSHG", noon + timedelta(minutes=1)) == MONDAY
    assert last_completed_session("XSHG", datetime(2300, 1, 6, tzinfo=UTC)) == date(2300, 1, 5)
