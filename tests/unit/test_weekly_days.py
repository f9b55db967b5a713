"""When a week is complete: each market's own closing time, holidays, half days, summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from supplychain_screen import load_report
from supplychain_screen.weekly.week_days import closed_by, last_completed_week

EVERYWHERE = load_report().instruments

# Friday, and the minute of UTC in which the last of its markets closes; from the exchanges' own
# timetables.
CLOSES = [
    pytest.param("2025-01-10", "2025-01-10T21:00", id="winter, New York is the last"),
    pytest.param("2025-07-11", "2025-07-11T20:00", id="summer time"),
    pytest.param("2025-03-14", "2025-03-14T20:00", id="summer time in New York only"),
    pytest.param("2025-10-31", "2025-10-31T20:00", id="New York is the last to change the clocks"),
    pytest.param("2025-11-28", "2025-11-28T18:00", id="half day after Thanksgiving"),
    pytest.param("2025-04-18", "2025-04-18T07:00", id="Good Friday, Shanghai is the last"),
    pytest.param("2025-07-04", "2025-07-04T08:00", id="Independence Day, Hong Kong is the last"),
    pytest.param("2026-02-20", "2026-02-20T21:00", id="the mainland has no session in the week"),
]


@pytest.mark.parametrize(("friday", "moment"), CLOSES)
def test_a_week_is_complete_in_the_minute_of_its_last_close(friday: str, moment: str) -> None:
    closes = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    day = date.fromisoformat(friday)
    before = closes - timedelta(minutes=1)
    assert last_completed_week(EVERYWHERE, closes) == day
    assert last_completed_week(EVERYWHERE, before) == day - timedelta(days=7)
    assert closed_by(EVERYWHERE, day, closes)
    assert not closed_by(EVERYWHERE, day, before)


def test_a_report_of_one_market_does_not_wait_for_the_others() -> None:
    shanghai = [one for one in EVERYWHERE if one.calendar == "XSHG"]
    assert last_completed_week(shanghai, datetime(2025, 1, 10, 7, tzinfo=UTC)) == date(2025, 1, 10)


def test_the_machine_may_stand_anywhere() -> None:
    """The same moment, written by a clock in Beijing: Saturday 05:00 is Friday 21:00 in UTC."""
    moment = datetime.fromisoformat("2025-01-11T05:00+08:00")
    assert last_completed_week(EVERYWHERE, moment) == date(2025, 1, 10)
    assert last_completed_week(EVERYWHERE, moment - timedelta(minutes=1)) == date(2025, 1, 3)
