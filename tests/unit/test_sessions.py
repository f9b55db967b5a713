"""Which rows are sessions, by specification 4.6; expected rows are worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, Listing, PriceSeries
from supplychain_screen.errors import InputError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.sessions import real_sessions, trading_days

STAR = Listing(mic="XSHG", code="688041", currency="CNY", board="SSE STAR")
HONG_KONG = Listing(mic="XHKG", code="1810", currency="HKD", board="HKEX Main")
HSI = Index(name="HSI", currency="HKD", calendar="XHKG")


def series(instrument: Instrument, *rows: tuple[str, float, float]) -> PriceSeries:
    """Rows are day, close, volume."""
    return PriceSeries(
        listing=instrument.id,
        sessions=np.array([row[0] for row in rows], dtype="datetime64[D]"),
        close=np.array([row[1] for row in rows], dtype=np.float64),
        volume=np.array([row[2] for row in rows], dtype=np.float64),
        adjustment="splits",
        source="by hand",
        symbol=instrument.id,
    )


def real(instrument: Instrument, *rows: tuple[str, float, float]) -> list[bool]:
    answer: list[bool] = real_sessions(series(instrument, *rows), instrument).tolist()
    return answer


def test_rows_of_a_suspension_are_no_sessions() -> None:
    assert real(
        STAR,
        ("2025-05-23", 136.13, 2.1e7),
        ("2025-05-26", 136.13, 0),
        ("2025-05-27", 136.13, 0),
        ("2025-05-28", 141.98, 9e7),
    ) == [True, False, False, True]


def test_a_repeat_with_volume_and_a_move_without_are_sessions() -> None:
    assert real(
        STAR, ("2025-05-26", 10.0, 5), ("2025-05-27", 10.0, 1), ("2025-05-28", 10.01, 0)
    ) == [True, True, True]


def test_unknown_volume_never_makes_a_suspension() -> None:
    assert real(
        STAR, ("2025-05-26", 10.0, 5), ("2025-05-27", 10.0, np.nan), ("2025-05-28", 10.0, np.nan)
    ) == [True, True, True]


def test_half_day_that_repeats_the_close_is_a_session_in_hong_kong() -> None:
    # 2024-12-24 and 2024-12-31 are half days, 2024-12-27 is a whole one; 25 and 26 are holidays.
    assert real(
        HONG_KONG,
        ("2024-12-23", 31.75, 8e7),
        ("2024-12-24", 31.75, 0),
        ("2024-12-27", 31.75, 0),
        ("2024-12-30", 34.45, 8e7),
        ("2024-12-31", 34.45, 0),
    ) == [True, True, False, True, True]


def test_indices_are_never_suspended() -> None:
    assert real(
        HSI, ("2025-05-26", 23000.0, 0), ("2025-05-27", 23000.0, 0), ("2025-05-28", 23000.0, 0)
    ) == [True, True, True]


@pytest.mark.parametrize("close", [0.0, -1.0, np.nan, np.inf, -np.inf])
def test_unusable_closes_are_no_sessions_and_are_not_repeated(close: float) -> None:
    # The row after the hole repeats the last usable close, so it is a filled one too.
    assert real(
        STAR,
        ("2025-05-26", 10.0, 5),
        ("2025-05-27", close, 0),
        ("2025-05-28", 10.0, 0),
        ("2025-05-29", 11.0, 5),
    ) == [True, False, False, True]


def test_holidays_and_weekends_are_no_sessions() -> None:
    # National Day 2024-10-01 to 07; 10-12 is a Saturday.
    assert real(
        STAR,
        ("2024-09-30", 100.0, 5),
        ("2024-10-02", 100.0, 0),
        ("2024-10-08", 120.0, 5),
        ("2024-10-12", 121.0, 5),
        ("2024-10-14", 122.0, 5),
    ) == [True, False, True, False, True]


def test_a_repeat_of_a_holiday_row_is_a_repeat() -> None:
    assert real(
        STAR, ("2024-09-30", 100.0, 5), ("2024-10-02", 100.0, 0), ("2024-10-08", 100.0, 0)
    ) == [True, False, False]


def test_the_first_row_repeats_nothing() -> None:
    assert real(STAR, ("2025-05-26", 10.0, 0), ("2025-05-27", 10.0, 0)) == [True, False]


@pytest.mark.parametrize(
    ("close", "again", "session"),
    [
        (178.7745, 178.774501, False),  # one unit of the sixth decimal
        (0.05, 0.050001, False),
        (2600.0, 2600.01, True),  # one tick of the dearest A share
        (69.582703, 69.541459, True),  # the smallest real move without volume, 5.9e-4
        (0.05, 0.051, True),  # one tick of a Hong Kong penny stock
    ],
)
def test_tolerance_lies_between_rounding_and_a_tick(
    close: float, again: float, session: bool
) -> None:
    assert real(STAR, ("2025-05-26", close, 5), ("2025-05-27", again, 0)) == [True, session]


def test_later_rows_change_nothing() -> None:
    rows = [
        ("2025-05-23", 10.0, 5.0),
        ("2025-05-26", 10.0, 0.0),
        ("2025-05-27", np.nan, 0.0),
        ("2025-05-28", 10.0, 0.0),
        ("2025-05-29", 10.0, 3.0),
        ("2025-06-02", 10.0, 0.0),
    ]
    whole = real(STAR, *rows)
    for n in range(len(rows)):
        assert real(STAR, *rows[:n]) == whole[:n]


def test_nothing_is_mutated_and_read_only_input_is_fine() -> None:
    one = series(STAR, ("2025-05-26", 10.0, 5), ("2025-05-27", 10.0, 0))
    for array in (one.sessions, one.close, one.volume):
        array.flags.writeable = False
    assert real_sessions(one, STAR).tolist() == [True, False]


def test_an_empty_series_has_no_sessions() -> None:
    assert real(STAR) == []


def test_beyond_the_known_calendar_weekdays_are_trusted() -> None:
    # 2035-01-05 is a Friday; 1985-01-05 is a Saturday, 1985-01-07 a Monday.
    assert real(STAR, ("2035-01-05", 1.0, 5), ("2035-01-06", 2.0, 5)) == [True, False]
    assert real(STAR, ("1985-01-05", 1.0, 5), ("1985-01-07", 2.0, 5)) == [False, True]
    # Known days keep their holidays beside unknown ones.
    assert real(STAR, ("2024-10-01", 1.0, 5), ("2024-10-08", 2.0, 5), ("2035-01-05", 3.0, 5)) == [
        False,
        True,
        True,
    ]


def test_trading_days_agree_with_published_holidays() -> None:
    # Shanghai 2025: closed 2025-01-28 to 02-04 for the Spring Festival.
    first = int(np.datetime64("2025-01-27").astype(int))
    days = trading_days("XSHG", first, first + 9)
    assert days.session[days.on(np.arange(first, first + 10))].tolist() == [
        True,
        False,
        False,
        False,
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    assert days.known_from <= int(np.datetime64(date(2015, 1, 1)).astype(int))


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(InputError, match="no such exchange calendar"):
        trading_days("NOWHERE", 20000, 20001)
