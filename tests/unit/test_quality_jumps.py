"""Moves that no market made. Expected dates and actions are worked by hand from the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, Listing, PriceSeries
from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.identity.listings import Instrument
from supplychain_screen.prices.quality.checks import check_series
from supplychain_screen.prices.quality.limits import daily_limit
from supplychain_screen.prices.series import Adjustment, Events, Finding

LONG_AGO = date(2010, 1, 4)
MAIN = Listing(mic="XSHG", code="603160", currency="CNY", board="SSE Main", first_session=LONG_AGO)
STAR = Listing(
    mic="XSHG", code="688018", currency="CNY", board="SSE STAR", first_session=date(2019, 7, 22)
)
CHINEXT = Listing(
    mic="XSHE", code="300458", currency="CNY", board="ChiNext", first_session=LONG_AGO
)
BEIJING = Listing(mic="BJSE", code="920002", currency="CNY", first_session=date(2021, 11, 15))
HONG_KONG = Listing(mic="XHKG", code="1810", currency="HKD", first_session=date(2018, 7, 9))
NVIDIA = Listing(mic="XNAS", code="NVDA", currency="USD", first_session=date(1999, 1, 22))
SPX = Index(name="SPX", currency="USD", calendar="XNYS")

N = 60
AT = 30


def series(
    instrument: Instrument,
    change: Callable[[np.ndarray, np.ndarray], None] = lambda close, volume: None,
    *,
    start: date = date(2025, 3, 3),
    adjustment: Adjustment = "splits",
) -> PriceSeries:
    """A calm series of N sessions at 100.00, 100.50, 100.00, ..., then changed."""
    sessions = exchange_sessions(instrument.calendar, start, start.replace(year=start.year + 1))
    close = np.where(np.arange(N) % 2 == 0, 100.0, 100.5)
    volume = np.full(N, 1e6)
    change(close, volume)
    return PriceSeries(
        instrument.id, sessions[:N], close, volume, adjustment, "by hand", instrument.id
    )


def from_row(row: int, factor: float) -> Callable[[np.ndarray, np.ndarray], None]:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[row:] *= factor

    return change


def rows_between(first: int, stop: int, factor: float) -> Callable[[np.ndarray, np.ndarray], None]:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[first:stop] *= factor

    return change


def told(found: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(one.code, str(one.first), str(one.last), one.action) for one in found]


def day(one: PriceSeries, row: int) -> str:
    return str(one.sessions[row])


@pytest.mark.parametrize("instrument", [MAIN, STAR, CHINEXT, BEIJING, HONG_KONG, NVIDIA, SPX])
def test_a_calm_series_has_no_findings(instrument: Instrument) -> None:
    assert check_series(series(instrument), instrument) == []


@pytest.mark.parametrize(
    ("instrument", "ratio"),
    [(MAIN, 1.3), (MAIN, 1.4), (STAR, 1.4), (CHINEXT, 1.5), (BEIJING, 1.5), (BEIJING, 2.0)],
)
def test_a_missed_bonus_issue_falls_beyond_the_limit(instrument: Listing, ratio: float) -> None:
    one = series(instrument, from_row(AT, 1 / ratio))
    (found,) = check_series(one, instrument)
    assert told([found]) == [("missed_split", day(one, AT), day(one, AT), "unrated")]
    # Row 29 closes at 100.5 and row 30 at 100, so the nearest usual ratio is the one put in.
    assert f"1:{ratio:g}" in found.detail


@pytest.mark.parametrize(
    ("instrument", "factor"),
    [
        (MAIN, 1.1), (MAIN, 0.9), (STAR, 1.2), (STAR, 0.8), (CHINEXT, 1.2), (CHINEXT, 0.8),
        (BEIJING, 1.3), (BEIJING, 0.7), (HONG_KONG, 0.75), (HONG_KONG, 1.38), (NVIDIA, 0.74),
    ],
)  # fmt: skip
def test_a_day_at_the_limit_is_a_market_day(instrument: Listing, factor: float) -> None:
    one = series(instrument, from_row(AT, factor * 100.5 / 100.0))
    assert check_series(one, instrument) == []


@pytest.mark.parametrize(("instrument", "factor"), [(MAIN, 1.2), (STAR, 1.4), (BEIJING, 1.5)])
def test_a_rise_beyond_the_limit_is_no_split(instrument: Listing, factor: float) -> None:
    one = series(instrument, from_row(AT, factor))
    assert told(check_series(one, instrument)) == [
        ("beyond_limit", day(one, AT), day(one, AT), "unrated")
    ]


@pytest.mark.parametrize(("before", "after"), [(1.95, 2.15), (0.95, 1.05)])
def test_a_limit_price_rounded_to_a_tick_is_within_the_limit(before: float, after: float) -> None:
    # 1.95 x 1.1 = 2.145 is rounded to 2.15, +10.26%; 0.95 x 1.1 = 1.045 to 1.05, +10.53%.
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[:AT], close[AT:] = before, after

    assert check_series(series(MAIN, change), MAIN) == []


def test_chinext_had_the_narrow_limit_before_its_reform() -> None:
    # From a 15% fall on 2020-08-21 (beyond 10%) and on 2020-08-24 (within 20%).
    days = exchange_sessions("XSHG", date(2020, 7, 1), date(2020, 10, 30))
    row = int(np.searchsorted(days, np.datetime64("2020-08-21")))
    before = series(CHINEXT, from_row(row, 0.85), start=date(2020, 7, 1))
    after = series(CHINEXT, from_row(row + 1, 0.85), start=date(2020, 7, 1))
    assert [one.code for one in check_series(before, CHINEXT)] == ["missed_split"]
    assert check_series(after, CHINEXT) == []


@pytest.mark.parametrize(("row", "codes"), [(4, []), (5, ["missed_split"])])
def test_a_new_listing_has_five_sessions_without_limit(row: int, codes: list[str]) -> None:
    young = STAR.model_copy(update={"first_session": date(2025, 3, 3)})
    one = series(young, from_row(row, 0.6))
    assert [found.code for found in check_series(one, young)] == codes


def test_the_first_rows_may_be_a_new_listing_where_nobody_knows() -> None:
    unknown = STAR.model_copy(update={"first_session": None})
    assert check_series(series(unknown, from_row(3, 0.6)), unknown) == []
    assert [found.code for found in check_series(series(unknown, from_row(7, 0.6)), unknown)] == [
        "missed_split"
    ]


def test_the_limit_compounds_over_sessions_without_a_close() -> None:
    # Two sessions at +10% are +21%: allowed where the first one was filled, not otherwise.
    def filled(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT] = close[AT - 1]
        volume[AT] = 0.0
        close[AT + 1 :] = 121.0

    one = series(MAIN, filled)
    assert [found.code for found in check_series(one, MAIN)] == ["repeated_close"]


def test_the_first_close_after_a_suspension_has_one_limit() -> None:
    def back(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT : AT + 5] = close[AT - 1]
        volume[AT : AT + 5] = 0.0
        close[AT + 5 :] = 100.5 * 0.79

    one = series(MAIN, back)
    assert told(check_series(one, MAIN)) == [
        ("suspended", day(one, AT), day(one, AT + 4), "dropped"),
        ("missed_split", day(one, AT + 5), day(one, AT + 5), "unrated"),
    ]


@pytest.mark.parametrize(("first", "stop"), [(AT, AT + 1), (AT, AT + 4)])
@pytest.mark.parametrize("factor", [1 / 1.4, 1.4])
def test_a_jump_and_its_way_back_are_one_half_applied_split(
    first: int, stop: int, factor: float
) -> None:
    one = series(STAR, rows_between(first, stop, factor))
    assert told(check_series(one, STAR)) == [
        ("half_applied_split", day(one, first), day(one, stop - 1), "unrated")
    ]


def test_faults_far_apart_are_told_one_by_one() -> None:
    one = series(STAR, rows_between(10, 40, 1 / 1.5))
    assert told(check_series(one, STAR)) == [
        ("missed_split", day(one, 10), day(one, 10), "unrated"),
        ("beyond_limit", day(one, 40), day(one, 40), "unrated"),
    ]


@pytest.mark.parametrize("instrument", [MAIN, HONG_KONG, NVIDIA, SPX])
@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_a_changed_unit_is_told_with_all_its_rows(instrument: Instrument, factor: float) -> None:
    passing = series(instrument, rows_between(AT, AT + 20, factor))
    assert told(check_series(passing, instrument)) == [
        ("unit_jump", day(passing, AT), day(passing, AT + 19), "unrated")
    ]
    lasting = series(instrument, from_row(AT, factor))
    assert told(check_series(lasting, instrument)) == [
        ("unit_jump", day(lasting, AT), day(lasting, AT), "unrated")
    ]


@pytest.mark.parametrize("ratio", [2.0, 3.0, 10.0, 0.5, 0.1])
def test_a_split_without_limit_is_told_by_its_ratio_on_a_quiet_day(ratio: float) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] /= ratio
        volume[AT:] *= ratio

    one = series(NVIDIA, change)
    assert told(check_series(one, NVIDIA)) == [
        ("missed_split", day(one, AT), day(one, AT), "unrated")
    ]


def test_a_halving_on_a_day_of_heavy_trade_is_the_market() -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] *= 0.5
        volume[AT] *= 20

    assert check_series(series(HONG_KONG, change), HONG_KONG) == []


@pytest.mark.parametrize(
    ("factor", "told_as"),
    [(0.5, ["reported"]), (0.1, ["unrated"]), (1.8325, []), (0.62, [])],
)
def test_without_volume_a_halving_is_reported_only(factor: float, told_as: list[str]) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] = 100.5 * factor
        volume[:] = np.nan

    found = check_series(series(NVIDIA, change), NVIDIA)
    assert [one.action for one in found] == told_as


def test_a_lost_volume_says_nothing() -> None:
    # 2024-12-24 is a half day, whose volume Yahoo serves as 0.
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[16:] *= 0.5
        volume[16] = 0.0

    one = series(HONG_KONG, change, start=date(2024, 12, 2))
    assert told(check_series(one, HONG_KONG)) == [
        ("missed_split", "2024-12-24", "2024-12-24", "reported")
    ]


def test_a_halving_and_back_without_volume_is_reported_only() -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT] = 50.0
        volume[:] = np.nan

    one = series(NVIDIA, change)
    assert told(check_series(one, NVIDIA)) == [
        ("half_applied_split", day(one, AT), day(one, AT), "reported")
    ]


def test_a_move_over_a_long_hole_is_not_judged_without_limit() -> None:
    whole = series(NVIDIA, from_row(AT + 10, 0.5))
    keep = np.r_[0:AT, AT + 10 : N]
    one = PriceSeries(
        whole.listing, whole.sessions[keep], whole.close[keep], whole.volume[keep],
        "splits", "by hand", "NVDA",
    )  # fmt: skip
    assert [found.code for found in check_series(one, NVIDIA)] == ["missing_sessions"]


@pytest.mark.parametrize(("factor", "codes"), [(0.79, ["index_jump"]), (0.82, [])])
def test_an_index_does_not_move_a_fifth_in_a_day(factor: float, codes: list[str]) -> None:
    one = series(SPX, from_row(AT, factor))
    assert [found.code for found in check_series(one, SPX)] == codes


# --- Known events ---------------------------------------------------------------------------


def test_a_known_split_applied_a_session_early_is_half_applied() -> None:
    # The case of 688018: ex-date on row 31, the bar of row 30 already on the new basis.
    one = series(STAR, from_row(AT, 1 / 1.4))
    splits = Events.of((day(one, AT + 1), 1.4))
    assert told(check_series(replace(one, splits=splits), STAR)) == [
        ("half_applied_split", day(one, AT), day(one, AT), "unrated")
    ]


def test_a_known_split_not_applied_is_missed_even_within_the_limit() -> None:
    # 1.2 on STAR is -16.7%, within 20%: only the known event tells it from a bad day.
    one = series(STAR, from_row(AT, 1 / 1.2))
    assert check_series(one, STAR) == []
    splits = Events.of((day(one, AT), 1.2))
    assert told(check_series(replace(one, splits=splits), STAR)) == [
        ("missed_split", day(one, AT), day(one, AT), "unrated")
    ]


def test_a_known_split_applied_twice_is_told() -> None:
    one = series(STAR, from_row(AT, 1.2))
    splits = Events.of((day(one, AT), 1.2))
    assert told(check_series(replace(one, splits=splits), STAR)) == [
        ("missed_split", day(one, AT), day(one, AT), "unrated")
    ]


def test_a_known_split_that_was_applied_is_fine() -> None:
    one = series(STAR)
    assert check_series(replace(one, splits=Events.of((day(one, AT), 1.4))), STAR) == []


def test_a_bad_day_beyond_the_ex_date_is_no_event() -> None:
    one = series(STAR, from_row(AT, 0.85))
    assert check_series(replace(one, splits=Events.of((day(one, AT + 3), 1.2))), STAR) == []


@pytest.mark.parametrize("instrument", [STAR, NVIDIA])
def test_traded_closes_may_fall_by_a_known_split(instrument: Listing) -> None:
    one = series(instrument, from_row(AT, 0.1), adjustment="none")
    splits = Events.of((day(one, AT), 10.0))
    assert check_series(replace(one, splits=splits), instrument) == []
    assert [found.code for found in check_series(one, instrument)] == ["missed_split"]


def test_a_limit_is_counted_from_the_price_without_the_dividend() -> None:
    # 100.5 less a dividend of 5 is 95.5; a limit down from there closes at 85.95 (-14.5%).
    one = series(MAIN, from_row(AT, 0.8595))
    assert [found.code for found in check_series(one, MAIN)] == ["missed_split"]
    assert check_series(replace(one, dividends=Events.of((day(one, AT), 5.0))), MAIN) == []


@pytest.mark.parametrize(
    ("adjustment", "told_none", "actions"),
    [
        ("splits+dividends", False, ["unrated"]),
        ("splits", True, ["unrated"]),
        ("splits", False, ["reported"]),
        ("as given", False, ["reported"]),
    ],
)
def test_a_little_beyond_the_limit_may_be_an_untold_dividend(
    adjustment: Adjustment, told_none: bool, actions: list[str]
) -> None:
    # -11.4% on a main board.
    one = series(MAIN, from_row(AT, 0.89), adjustment=adjustment)
    dividends = Events.of() if told_none else None
    assert [
        found.action for found in check_series(replace(one, dividends=dividends), MAIN)
    ] == actions


# --- Limits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mic", "code", "day_", "limit"),
    [
        ("XSHG", "600000", "2024-01-02", 0.1),
        ("XSHG", "688018", "2024-01-02", 0.2),
        ("XSHG", "689009", "2024-01-02", 0.2),
        ("XSHG", "510300", "2024-01-02", 0.2),
        ("XSHE", "000700", "2024-01-02", 0.1),
        ("XSHE", "301316", "2024-01-02", 0.2),
        ("XSHE", "300458", "2020-08-21", 0.1),
        ("XSHE", "300458", "2020-08-24", 0.2),
        ("BJSE", "920002", "2024-01-02", 0.3),
        ("XTAI", "2454", "2015-05-29", 0.07),
        ("XTAI", "2454", "2015-06-01", 0.1),
        ("XKRX", "005930", "2015-06-12", 0.15),
        ("XKRX", "005930", "2015-06-15", 0.3),
        ("XHKG", "0700", "2024-01-02", None),
        ("XNAS", "NVDA", "2024-01-02", None),
        ("XTKS", "6758", "2024-01-02", None),
    ],
)
def test_limits_are_those_of_the_trading_rules(
    mic: str, code: str, day_: str, limit: float | None
) -> None:
    listing = Listing(mic=mic, code=code, currency="CNY")
    (answer,) = daily_limit(listing, np.array([day_], dtype="datetime64[D]")).tolist()
    assert np.isnan(answer) if limit is None else answer == limit
