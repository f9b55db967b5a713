"""Two sources compared. Steps and excursions are put in by hand."""

from __future__ import annotations

import numpy as np
import pytest

from supplychain_screen import PriceSeries
from supplychain_screen.prices import Adjustment, Finding
from supplychain_screen.prices.quality import compare_sources

N = 60
SESSIONS = np.arange("2025-01-06", "2025-03-07", dtype="datetime64[D]")[:N]
CLOSE = 100.0 * np.exp(np.cumsum(np.random.default_rng(7).normal(0.0, 0.03, N)))
VOLUME = np.full(N, 1e6)


def series(
    close: np.ndarray,
    *,
    sessions: np.ndarray = SESSIONS,
    volume: np.ndarray = VOLUME,
    adjustment: Adjustment = "as given",
    source: str = "second",
) -> PriceSeries:
    return PriceSeries("XSHG:688018", sessions, close, volume, adjustment, source, "688018.SS")


FIRST = series(CLOSE, source="yahoo")


def told(found: list[Finding]) -> list[tuple[str, str, str]]:
    assert {one.code for one in found} <= {"second_source_disagreement"}
    return [(str(one.first), str(one.last), one.action) for one in found]


def step(row: int, factor: float) -> np.ndarray:
    return np.where(np.arange(N) < row, factor, 1.0)


def bump(first: int, stop: int, factor: float) -> np.ndarray:
    rows = np.arange(N)
    return np.where((rows >= first) & (rows < stop), factor, 1.0)


@pytest.mark.parametrize("level", [1.0, 1.49, 0.01])
def test_a_constant_factor_is_no_disagreement(level: float) -> None:
    assert compare_sources(FIRST, series(level * CLOSE)) == []


def test_rounding_is_no_disagreement() -> None:
    cheap = 7.0 * CLOSE / CLOSE[0]
    assert compare_sources(series(cheap), series(np.round(cheap, 2))) == []


@pytest.mark.parametrize("dividend", [0.969, 0.93])
def test_a_cash_dividend_is_no_disagreement(dividend: float) -> None:
    assert compare_sources(FIRST, series(CLOSE * step(30, dividend))) == []


@pytest.mark.parametrize("ratio", [1.1, 1.4, 2.0, 1 / 1.4])
def test_a_split_that_one_of_them_missed(ratio: float) -> None:
    (found,) = compare_sources(FIRST, series(CLOSE * step(30, ratio)))
    assert told([found]) == [(str(SESSIONS[30]), str(SESSIONS[30]), "unrated")]
    assert found.detail.startswith("yahoo and second: ")


def test_a_step_of_a_dividend_is_one_where_both_state_the_same_adjustment() -> None:
    a = series(CLOSE, adjustment="splits")
    b = series(CLOSE * step(30, 0.969), adjustment="splits")
    assert told(compare_sources(a, b)) == [(str(SESSIONS[30]), str(SESSIONS[30]), "unrated")]
    c = series(CLOSE * step(30, 0.969), adjustment="splits+dividends")
    assert compare_sources(a, c) == []


@pytest.mark.parametrize(
    ("factor", "actions"),
    [(1.004, []), (1.007, ["reported"]), (1.03, ["unrated"]), (1.12, ["unrated"])],
)
@pytest.mark.parametrize("stop", [31, 33])
def test_a_wrong_close_comes_back(factor: float, actions: list[str], stop: int) -> None:
    found = compare_sources(FIRST, series(CLOSE * bump(30, stop, factor)))
    expected = [(str(SESSIONS[30]), str(SESSIONS[stop - 1]), action) for action in actions]
    assert told(found) == expected


def test_two_faults_are_told_in_order() -> None:
    other = CLOSE * step(40, 1.4) * bump(20, 21, 1.05)
    assert told(compare_sources(FIRST, series(other))) == [
        (str(SESSIONS[20]), str(SESSIONS[20]), "unrated"),
        (str(SESSIONS[40]), str(SESSIONS[40]), "unrated"),
    ]


@pytest.mark.parametrize(
    ("factors", "told_off"),
    [
        ([1.03, 1.05], "5.00%"),
        ([1.05, 0.97], "5.00%"),
        ([1.05, 1.01, 1.05], "5.00%"),
        ([1.007, 1.015, 0.993], "1.50%"),
    ],
)
def test_closes_that_are_each_off_by_something_else_are_one_fault(
    factors: list[float], told_off: str
) -> None:
    off = np.ones(N)
    off[30 : 30 + len(factors)] = factors
    (found,) = compare_sources(FIRST, series(CLOSE * off))
    action = "unrated" if told_off == "5.00%" else "reported"
    assert told([found]) == [(str(SESSIONS[30]), str(SESSIONS[29 + len(factors)]), action)]
    assert told_off in found.detail


def test_a_difference_that_ebbs_away_within_rounding_is_no_wrong_close() -> None:
    off = bump(30, 31, 1.007) * bump(31, 32, 1.004)
    assert compare_sources(FIRST, series(CLOSE * off)) == []


def test_a_wrong_close_beside_a_dividend_is_one_fault() -> None:
    """40% too high on one session, and from the next on 1% lower than before."""
    other = CLOSE * bump(30, 31, 1.4) * step(31, 1.01)
    assert told(compare_sources(FIRST, series(other))) == [
        (str(SESSIONS[30]), str(SESSIONS[30]), "unrated")
    ]


def test_two_wrong_closes_with_a_right_one_between_are_two_faults() -> None:
    other = CLOSE * bump(30, 31, 1.07) * bump(32, 33, 1.07)
    assert told(compare_sources(FIRST, series(other))) == [
        (str(SESSIONS[row]), str(SESSIONS[row]), "unrated") for row in (30, 32)
    ]


def test_four_wrong_closes_in_a_row_are_a_step_each_way() -> None:
    """Three sessions are a slip; after that the two sources disagree about what is right."""
    other = CLOSE * bump(30, 34, 1.12)
    assert told(compare_sources(FIRST, series(other))) == [
        (str(SESSIONS[row]), str(SESSIONS[row]), "unrated") for row in (30, 34)
    ]


def test_a_wrong_close_on_the_eve_of_a_missed_split_is_told_beside_it() -> None:
    other = CLOSE * bump(30, 31, 1.03) * step(32, 1.4)
    assert told(compare_sources(FIRST, series(other))) == [
        (str(SESSIONS[30]), str(SESSIONS[30]), "unrated"),
        (str(SESSIONS[32]), str(SESSIONS[32]), "unrated"),
    ]


def test_a_slow_drift_is_reported() -> None:
    drift = np.exp(0.001 * np.arange(N))
    assert told(compare_sources(FIRST, series(CLOSE * drift))) == [
        (str(SESSIONS[0]), str(SESSIONS[-1]), "reported")
    ]
    half = np.exp(0.0003 * np.arange(N))
    assert compare_sources(FIRST, series(CLOSE * half)) == []


def test_another_security_is_told_as_a_whole() -> None:
    other = 100.0 * np.exp(np.cumsum(np.random.default_rng(8).normal(0.0, 0.03, N)))
    (found,) = compare_sources(FIRST, series(other))
    assert told([found]) == [(str(SESSIONS[0]), str(SESSIONS[-1]), "unrated")]
    assert "not the same security" in found.detail


def test_suspended_rows_are_not_compared() -> None:
    close, volume = CLOSE.copy(), VOLUME.copy()
    close[30:40], volume[30:40] = close[29], 0.0
    keep = np.r_[0:30, 40:N]
    other = series(CLOSE[keep], sessions=SESSIONS[keep], volume=VOLUME[keep])
    assert compare_sources(series(close, volume=volume), other) == []


@pytest.mark.parametrize("later", [1, 2, 3])
def test_a_step_that_stays_is_told_beside_a_wrong_close_soon_after_it(later: int) -> None:
    close = CLOSE * step(30, 1.1)
    close[30 + later] *= 10.0
    found = compare_sources(series(close), FIRST)
    days = [str(SESSIONS[30]), str(SESSIONS[30 + later])]
    assert [(str(one.first), str(one.last)) for one in found] == [(day, day) for day in days]


def test_a_filled_session_is_no_wrong_close() -> None:
    # It is told as a repeated close; the other source's close of that day has no counterpart.
    close, volume = CLOSE.copy(), VOLUME.copy()
    close[30], volume[30] = close[29], 0.0
    assert abs(CLOSE[30] / CLOSE[29] - 1.0) > 0.02
    assert compare_sources(series(close, volume=volume), FIRST) == []


def test_a_few_returns_are_no_reason_to_doubt_the_security() -> None:
    short = slice(0, 4)
    a = series(CLOSE[short], sessions=SESSIONS[short], volume=VOLUME[short])
    off = CLOSE[short] * np.array([1.0, 1.0, 1.004, 1.001])
    b = series(off, sessions=SESSIONS[short], volume=VOLUME[short])
    assert compare_sources(a, b) == []


def test_holes_and_unusable_closes_are_left_out() -> None:
    close = CLOSE.copy()
    close[[10, 20]] = np.nan, 0.0
    keep = np.r_[0:15, 25:N]
    other = series(1.3 * CLOSE[keep], sessions=SESSIONS[keep], volume=VOLUME[keep])
    assert compare_sources(series(close), other) == []


@pytest.mark.parametrize("spoilt", [0.0, -1.0, np.inf, np.nan])
def test_a_close_that_is_no_price_is_compared_with_nothing(spoilt: float) -> None:
    close = CLOSE.copy()
    close[20] = spoilt
    assert compare_sources(FIRST, series(close)) == []
    assert compare_sources(series(close), FIRST) == []


def test_nothing_in_common_is_said() -> None:
    other = series(CLOSE, sessions=SESSIONS + np.timedelta64(400, "D"))
    (found,) = compare_sources(FIRST, other)
    assert (found.first, found.last, found.action) == (None, None, "reported")


def test_a_series_agrees_with_itself_and_both_ways_tell_the_same_sessions() -> None:
    assert compare_sources(FIRST, FIRST) == []
    other = series(CLOSE * step(30, 1.4))
    assert told(compare_sources(FIRST, other)) == told(compare_sources(other, FIRST))


def test_two_listings_are_refused() -> None:
    other = PriceSeries("XSHG:688041", SESSIONS, CLOSE, VOLUME, "splits", "b", "688041.SS")
    with pytest.raises(ValueError, match="two listings"):
        compare_sources(FIRST, other)
