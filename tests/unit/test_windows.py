"""Windows end on calendar months, clipped to the end of a shorter one; nothing outlives as_of."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen.scoring import add_months, window_ends
from supplychain_screen.scoring.windows import base_dates, calendar_ends, window_names

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-12-31", 6, "2025-06-30"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-28", 12, "2025-02-28"),
        ("2024-06-15", 6, "2024-12-15"),
        ("2024-11-30", 3, "2025-02-28"),
    ],
)
def test_months_by_hand(start: str, months: int, end: str) -> None:
    assert str(add_months(np.array([start], "datetime64[D]"), months)[0]) == end


@given(DAYS, st.integers(1, 36))
def test_months_are_those_of_the_calendar(day: date, months: int) -> None:
    found = add_months(np.array([day], "datetime64[D]"), months)[0]
    assert pd.Timestamp(found) == pd.Timestamp(day) + pd.DateOffset(months=months)


@given(DAYS, st.integers(0, 1000))
def test_no_window_to_date_ends_after_as_of_or_after_the_last_fixed_one(
    day: date, waited: int
) -> None:
    as_of = number(day + timedelta(waited))
    ends = window_ends(np.array([number(day)], np.int32), (6, 12), as_of)[:, 0]
    half, year = (
        number((pd.Timestamp(day) + pd.DateOffset(months=months)).date()) for months in (6, 12)
    )
    assert ends.tolist() == [half, year, min(year, as_of)]


def test_the_base_is_the_day_itself_or_the_one_before() -> None:
    days = np.array(["2025-01-01", "2024-03-01"], "datetime64[D]")
    assert base_dates(days, "on_or_before").tolist() == days.tolist()
    assert base_dates(days, "on_or_after").tolist() == days.tolist()
    before = np.array(["2024-12-31", "2024-02-29"], "datetime64[D]")
    assert base_dates(days, "before").tolist() == before.tolist()


def test_names_are_in_the_order_the_windows_mature() -> None:
    assert window_names((3, 6, 12)) == ("3m", "6m", "12m", "to_date")


def test_ends_of_a_calendar_are_those_of_its_days_and_nobody_changes_them() -> None:
    days = np.arange(19_700, 20_500, dtype=np.int32)
    ends = calendar_ends(19_700, 800, (3, 9), 20_100)
    assert np.array_equal(ends, window_ends(days, (3, 9), 20_100))
    with pytest.raises(ValueError, match="read-only"):
        ends[0, 0] = 1
