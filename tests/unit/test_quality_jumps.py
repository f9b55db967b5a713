"""Moves that no market made. Expected dates and actions are worked by hand from the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, Listing, PriceSeries
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import Adjustment, Finding
from supplychain_screen.prices.quality import check_prices, check_series
from supplychain_screen.prices.quality.limits import daily_limit, free_sessions, index_limit
from supplychain_screen.prices.series import Events

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
        (MAIN, 1.1),
        (MAIN, 0.9),
        (STAR, 1.2),
        (STAR, 0.8),
        (CHINEXT, 1.2),
        (CHINEXT, 0.8),
        (BEIJING, 1.3),
        (BEIJING, 0.7),
        (HONG_KONG, 0.81),
        (HONG_KONG, 1.19),
    ],
)
def test_a_day_at_the_limit_is_a_market_day(instrument: Listing, factor: float) -> None:
    one = series(instrument, from_row(AT, factor * 100.5 / 100.0))
    found = check_series(one, instrument)
    assert [two for two in found if two.code != "possible_split"] == []


@pytest.mark.parametrize("factor", [0.79, 1.21, 0.72, 1.7, 2.25])
def test_a_large_move_without_limit_is_told_and_believed(factor: float) -> None:
    one = series(NVIDIA, from_row(AT, factor * 100.5 / 100.0))
    assert told(check_series(one, NVIDIA)) == [
        ("large_move", day(one, AT), day(one, AT), "reported")
    ]


@pytest.mark.parametrize("factor", [5.6, 1 / 5.6, 12.0, 1 / 35, 49.4])
@pytest.mark.parametrize("busy", [1.0, 30.0])
def test_a_move_beyond_five_times_is_never_believed(factor: float, busy: float) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] *= factor
        volume[AT:] *= busy / factor

    (found,) = check_series(series(NVIDIA, change), NVIDIA)
    assert (found.action, found.reach, found.code in ("extreme_move", "missed_split")) == (
        "unrated",
        "move",
        True,
    )


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("factor", [0.6, 1.8, 6.0])
def test_a_tick_that_comes_back_within_two_sessions_is_told(width: int, factor: float) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT : AT + width] *= factor
        volume[AT : AT + width] *= 20.0

    one = series(NVIDIA, change)
    assert told(check_series(one, NVIDIA)) == [
        ("undone_move", day(one, AT), day(one, AT + width - 1), "unrated")
    ]


@pytest.mark.parametrize(("instrument", "factor"), [(MAIN, 1.2), (STAR, 1.4), (BEIJING, 1.5)])
def test_a_rise_beyond_the_limit_is_no_split(instrument: Listing, factor: float) -> None:
    one = series(instrument, from_row(AT, factor))
    assert told(check_series(one, instrument)) == [
        ("beyond_limit", day(one, AT), day(one, AT), "unrated")
    ]


@pytest.mark.parametrize(("before", "after"), [(1.95, 2.15), (0.95, 1.05), (0.05, 0.06)])
def test_a_limit_price_rounded_to_a_tick_is_within_the_limit(before: float, after: float) -> None:
    # 1.95 x 1.1 = 2.145 is rounded to 2.15, +10.26%; 0.95 x 1.1 = 1.045 to 1.05, +10.53%;
    # 0.05 x 1.1 = 0.055 to 0.06, +20%.
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[:AT], close[AT:] = before, after

    assert {found.code for found in check_series(series(MAIN, change), MAIN)} == {"equal_closes"}


def test_chinext_had_the_narrow_limit_before_its_reform() -> None:
    # From a 15% fall on 2020-08-21 (beyond 10%) and on 2020-08-24 (within 20%).
    days = exchange_sessions("XSHG", date(2020, 7, 1), date(2020, 10, 30))
    row = int(np.searchsorted(days, np.datetime64("2020-08-21")))
    before = series(CHINEXT, from_row(row, 0.85), start=date(2020, 7, 1))
    after = series(CHINEXT, from_row(row + 1, 0.85), start=date(2020, 7, 1))
    assert [one.code for one in check_series(before, CHINEXT)] == ["missed_split"]
    assert check_series(after, CHINEXT) == []


@pytest.mark.parametrize(("row", "codes"), [(4, ["large_move"]), (5, ["missed_split"])])
def test_a_new_listing_has_five_sessions_without_limit(row: int, codes: list[str]) -> None:
    young = STAR.model_copy(update={"first_session": date(2025, 3, 3)})
    one = series(young, from_row(row, 0.6))
    assert [found.code for found in check_series(one, young)] == codes


def test_the_first_rows_may_be_a_new_listing_where_nobody_knows() -> None:
    unknown = STAR.model_copy(update={"first_session": None})
    one = series(unknown, from_row(3, 0.6))
    assert [found.code for found in check_series(one, unknown)] == ["large_move"]
    assert [found.code for found in check_series(series(unknown, from_row(7, 0.6)), unknown)] == [
        "missed_split"
    ]


def test_the_limit_compounds_over_sessions_without_a_close() -> None:
    # Two sessions at +10% are +21%: allowed where the first one was filled, not otherwise.
    def filled(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT] = close[AT - 1]
        volume[AT] = 0.0
        close[AT + 1 :] *= 1.21

    one = series(MAIN, filled)
    assert [found.code for found in check_series(one, MAIN)] == ["repeated_close"]


def test_a_move_says_over_how_many_sessions_it_is_beyond_the_limit() -> None:
    def filled(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT] = close[AT - 1]
        volume[AT] = 0.0
        close[AT + 1 :] *= 1.3

    one = series(MAIN, filled)
    (over_two,) = (found for found in check_series(one, MAIN) if found.code == "beyond_limit")
    assert over_two.detail == "+30.0%, beyond the daily limit of 10% over 2 sessions"
    (in_one,) = check_series(series(MAIN, from_row(AT, 1.3 * 100.5 / 100.0)), MAIN)
    assert in_one.detail == "+30.0%, beyond the daily limit of 10%"


def test_the_first_close_after_a_suspension_has_one_limit() -> None:
    def back(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT : AT + 5] = close[AT - 1]
        volume[AT : AT + 5] = 0.0
        close[AT + 5 :] *= 0.79

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


@pytest.mark.parametrize("first", [date(2015, 1, 1), date(2016, 9, 28)])
@pytest.mark.parametrize(("row", "code"), [(4, "large_move"), (5, "missed_split")])
def test_a_first_day_on_which_the_exchange_was_closed_costs_no_free_session(
    first: date, row: int, code: str
) -> None:
    """New Year's Day, and the day of a typhoon on which shares should have begun to trade."""
    taipei = Listing(mic="XTAI", code="2454", currency="TWD", first_session=first)
    one = series(taipei, from_row(row, 0.75), start=first)
    assert one.sessions[0] > np.datetime64(first)
    assert [(found.code, str(found.first)) for found in check_series(one, taipei)] == [
        (code, day(one, row))
    ]


@pytest.mark.parametrize(
    ("ratio", "findings"), [(234.0, 1), (270.0, 2), (1 / 234, 1), (1 / 270, 2)]
)
def test_a_unit_that_comes_back_leaves_no_more_than_two_moves_of_x2(
    ratio: float, findings: int
) -> None:
    """Back by x60: 3.9 is left, or 4.5."""

    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] *= ratio
        close[AT + 20 :] *= 1 / 60 if ratio > 1 else 60

    one = series(NVIDIA, change)
    there, back = day(one, AT), day(one, AT + 20)
    assert told(check_series(one, NVIDIA)) == (
        [("unit_jump", there, day(one, AT + 19), "unrated")]
        if findings == 1
        else [("unit_jump", there, there, "unrated"), ("unit_jump", back, back, "unrated")]
    )


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

    (found,) = check_series(series(HONG_KONG, change), HONG_KONG)
    assert (found.code, found.action) == ("large_move", "reported")


@pytest.mark.parametrize(
    ("ratio", "times", "code"),
    [
        # A half to the digit: quiet is within three times the usual turnover.
        (0.5, 2.9, "missed_split"),
        (0.5, 3.1, "large_move"),
        # 6% beside it: the day has to be ordinary, within twice.
        (0.53, 1.9, "missed_split"),
        (0.53, 2.1, "large_move"),
    ],
)
def test_a_split_is_believed_up_to_a_turnover(ratio: float, times: float, code: str) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] *= ratio * 100.5 / 100.0
        # Half of the twenty days before closed at 100, half at 100.5, each with 1e6 shares.
        volume[AT] = times * 100.25e6 / close[AT]

    (found,) = check_series(series(NVIDIA, change), NVIDIA)
    assert found.code == code


@pytest.mark.parametrize(
    ("factor", "told_as"),
    [(0.5, ["reported"]), (0.1, ["unrated"]), (1.8325, ["reported"]), (0.62, ["reported"])],
)
def test_without_volume_a_halving_is_reported_only(factor: float, told_as: list[str]) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] *= factor
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
        ("large_move", "2024-12-24", "2024-12-24", "reported")
    ]


def test_a_halving_and_back_is_told_without_volume_too() -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT] = 50.0
        volume[:] = np.nan

    one = series(NVIDIA, change)
    assert told(check_series(one, NVIDIA)) == [
        ("undone_move", day(one, AT), day(one, AT), "unrated")
    ]


@pytest.mark.parametrize(
    ("factor", "codes"),
    [(0.85, []), (0.7, ["large_move"]), (0.1, ["missed_split"]), (7.3, ["extreme_move"])],
)
def test_a_move_over_a_hole_is_judged_as_if_the_hole_were_not_there(
    factor: float, codes: list[str]
) -> None:
    whole = series(NVIDIA, from_row(AT + 10, factor))
    keep = np.r_[0:AT, AT + 10 : N]
    one = PriceSeries(
        whole.listing,
        whole.sessions[keep],
        whole.close[keep],
        whole.volume[keep],
        "splits",
        "by hand",
        "NVDA",
    )
    assert [found.code for found in check_series(one, NVIDIA)] == ["missing_sessions", *codes]


@pytest.mark.parametrize(
    ("factor", "codes"), [(1.5, ["beyond_limit"]), (1.15, []), (0.7, ["missed_split"])]
)
def test_a_share_that_comes_back_after_a_hole_has_one_limit(
    factor: float, codes: list[str]
) -> None:
    # 18 sessions without a row, as a share swap of 1.62 that nobody adjusted for.
    whole = series(STAR, from_row(AT + 18, factor))
    keep = np.r_[0:AT, AT + 18 : N]
    one = PriceSeries(
        whole.listing,
        whole.sessions[keep],
        whole.close[keep],
        whole.volume[keep],
        "splits",
        "by hand",
        "688018.SS",
    )
    index = series(CSI300)
    every = {one.listing: one, CSI300.id: index}
    seen = check_prices(every, [STAR, CSI300])
    expected = [("missing_sessions", "reported"), *((code, "unrated") for code in codes)]
    assert [(two.code, two.action) for two in seen] == expected
    # Alone, nobody knows whether its market traded.
    alone = {(two.code, two.action) for two in check_series(one, STAR)}
    assert alone == {("missing_sessions", "reported"), *((code, "reported") for code in codes)}
    # Where most of its market lacks the same sessions, the vendor lost them: limits add up.
    others = [STAR.model_copy(update={"code": f"68802{n}"}) for n in range(3)]
    lost = [replace(one, listing=other.id) for other in others]
    found = check_prices({two.listing: two for two in [one, *lost]}, [STAR, *others])
    assert {two.code for two in found} == {"missing_sessions"}


def holed(one: PriceSeries, first: int, stop: int) -> PriceSeries:
    """The same without the rows from ``first`` up to but not including ``stop``."""
    keep = np.r_[0:first, stop : one.sessions.size]
    return replace(one, sessions=one.sessions[keep], close=one.close[keep], volume=one.volume[keep])


@pytest.mark.parametrize(("lacking", "codes"), [(1, {"beyond_limit"}), (2, set())])
@pytest.mark.parametrize("gone", [AT - 5, AT - 1, AT])
def test_who_left_the_exchange_lacks_no_session(lacking: int, codes: set[str], gone: int) -> None:
    """A rise of 30% over one missing session: one limit of 20% or, where half lack it, two.

    Four are there; a fifth has its last row days before the hole, the day before it, or on it.
    """
    others = [STAR.model_copy(update={"code": f"68802{n}"}) for n in range(4)]
    every = [holed(series(STAR, from_row(AT, 1.3)), AT, AT + 1)]
    for n, other in enumerate(others[:3]):
        one = replace(series(STAR), listing=other.id)
        every.append(holed(one, AT, AT + 1) if n < lacking - 1 else one)
    every.append(holed(replace(series(STAR), listing=others[3].id), gone + 1, N))
    found = check_prices({one.listing: one for one in every}, [STAR, *others])
    assert {one.code for one in found} - {"missing_sessions", "stale_tail"} == codes


@pytest.mark.parametrize(("factor", "codes"), [(0.79, ["index_jump"]), (0.82, [])])
def test_an_index_does_not_move_a_fifth_in_a_day(factor: float, codes: list[str]) -> None:
    one = series(SPX, from_row(AT, factor))
    assert [found.code for found in check_series(one, SPX)] == codes


# --- An index and its market -----------------------------------------------------------------

CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG")
HSI = Index(name="HSI", currency="HKD", calendar="XHKG")


@pytest.mark.parametrize(
    ("index", "factor", "codes"),
    [
        (CSI300, 0.91, []),
        (CSI300, 0.89, ["index_jump"]),
        (CSI300, 1.15, ["index_jump"]),
        (HSI, 0.868, []),
        (HSI, 1.188, []),
        (HSI, 1.25, ["index_jump"]),
    ],
)
def test_an_index_alone_moves_no_more_than_its_members_may(
    index: Index, factor: float, codes: list[str]
) -> None:
    one = series(index, from_row(AT, factor))
    assert [found.code for found in check_series(one, index)] == codes


def test_an_index_alone_that_comes_back_is_not_believed() -> None:
    one = series(HSI, rows_between(AT, AT + 1, 1.168))
    assert told(check_series(one, HSI)) == [("index_jump", day(one, AT), day(one, AT), "unrated")]
    # 1997-10-28 and 29: -13.7% and +18.8%.
    crash = series(HSI, rows_between(AT, AT + 1, 0.868))
    assert check_series(crash, HSI) == []


@pytest.mark.parametrize(("moved", "codes"), [(0.0, {"index_jump"}), (-0.08, set())])
def test_an_index_that_its_market_does_not_follow(moved: float, codes: set[str]) -> None:
    index = series(SPX, from_row(AT, 0.93))
    members = [NVIDIA.model_copy(update={"code": f"NV{n}"}) for n in "ABC"]
    every = [replace(series(NVIDIA, from_row(AT, 1 + moved)), listing=one.id) for one in members]
    found = check_prices({one.listing: one for one in [index, *every]}, [SPX, *members])
    assert {one.code for one in found} == codes


def test_the_market_explains_a_part_of_a_members_move() -> None:
    # -34.5% near 1/1.5 on an ordinary day: struck alone, told only where the index fell by 13.2%.
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] *= 0.655
        volume[AT:] /= 0.655

    one = series(HONG_KONG, change)
    assert [found.code for found in check_series(one, HONG_KONG)] == ["missed_split"]
    index = series(HSI, from_row(AT, 0.868))
    found = check_prices({one.listing: one, HSI.id: index}, [HONG_KONG, HSI])
    assert [two.code for two in found] == ["large_move"]
    # -2.5% of the market are a usual day: the 2.3% that are wanting come from it by chance.
    index = series(HSI, from_row(AT, 0.98))
    found = check_prices({one.listing: one, HSI.id: index}, [HONG_KONG, HSI])
    assert [two.code for two in found] == ["missed_split"]


@pytest.mark.parametrize(
    ("factor", "codes"),
    [
        # Beside a market of x1.2, 1.79 is x1.49 and 1.82 is x1.52; beside one of x0.8, 0.54 is
        # x0.675 and 0.52 is x0.65. Beyond x1.5 or /1.5 a close that comes back is struck.
        (1.79, {"large_move"}),
        (1.82, {"undone_move"}),
        (0.54, {"large_move"}),
        (0.52, {"undone_move"}),
    ],
)
def test_no_market_moves_by_more_than_a_fifth_in_a_day(factor: float, codes: set[str]) -> None:
    """All closes of a file are off for a day."""
    members = [HONG_KONG.model_copy(update={"code": code}) for code in ("0285", "1810", "2018")]
    tick = rows_between(AT, AT + 1, factor * 100.5 / 100.0)
    every = [replace(series(HONG_KONG, tick), listing=one.id) for one in members]
    found = check_prices({one.listing: one for one in every}, members)
    assert {one.code for one in found} == codes
    assert {one.listing for one in found} == {one.id for one in members}


# --- Bonus issues within the limit ------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "factor", "adjustment", "codes"),
    [
        (STAR, 1 / 1.2, "as given", ["possible_split"]),
        (CHINEXT, 1 / 1.25, "as given", ["possible_split"]),
        (BEIJING, 1 / 1.4, "as given", ["possible_split"]),
        (STAR, 1 / 1.2, "splits", []),
        (STAR, 0.88, "as given", []),
        (MAIN, 1 / 1.1, "as given", []),
    ],
)
def test_a_fall_within_the_limit_may_be_a_bonus_issue(
    instrument: Listing, factor: float, adjustment: Adjustment, codes: list[str]
) -> None:
    one = series(instrument, from_row(AT, factor), adjustment=adjustment)
    found = check_series(one, instrument)
    assert [two.code for two in found] == codes
    assert {two.action for two in found} <= {"reported"}


def test_a_fall_on_a_busy_day_or_with_the_market_is_a_fall() -> None:
    def busy(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] /= 1.2
        volume[AT] *= 8

    assert check_series(series(STAR, busy, adjustment="as given"), STAR) == []
    fall = series(STAR, from_row(AT, 1 / 1.2), adjustment="as given")
    index = series(CSI300, from_row(AT, 0.93))
    assert check_prices({fall.listing: fall, CSI300.id: index}, [STAR, CSI300]) == []


@pytest.mark.parametrize(("times", "codes"), [(2.9, ["possible_split"]), (3.1, [])])
def test_a_fall_within_the_limit_may_be_a_bonus_issue_up_to_a_turnover(
    times: float, codes: list[str]
) -> None:
    def change(close: np.ndarray, volume: np.ndarray) -> None:
        close[AT:] /= 1.2
        volume[AT] = times * 100.25e6 / close[AT]

    one = series(STAR, change, adjustment="as given")
    assert [found.code for found in check_series(one, STAR)] == codes


def test_a_fall_at_a_limit_of_15_percent_is_no_bonus_issue() -> None:
    """-15.3%, with half a point for the tick; Seoul's limit was 15% up to 2015-06-12."""
    samsung = Listing(mic="XKRX", code="005930", currency="KRW", first_session=LONG_AGO)
    fall = from_row(AT, 0.847 * 100.5 / 100.0)
    one = series(samsung, fall, start=date(2015, 3, 2), adjustment="as given")
    assert one.sessions[AT] < np.datetime64("2015-06-15")
    assert check_series(one, samsung) == []
    # The same fall within a limit of 30%.
    later = series(samsung, fall, start=date(2016, 3, 2), adjustment="as given")
    assert [found.code for found in check_series(later, samsung)] == ["possible_split"]


def test_two_proven_missed_splits_make_a_file_traded_closes() -> None:
    others = [STAR.model_copy(update={"code": f"68802{n}"}) for n in range(2)]
    within = series(STAR, from_row(AT, 1 / 1.2), adjustment="splits")
    missed = [
        replace(series(STAR, from_row(AT + 5, 1 / 1.4), adjustment="splits"), listing=one.id)
        for one in others
    ]
    one = check_prices({two.listing: two for two in [within, missed[0]]}, [STAR, *others])
    assert [two.code for two in one] == ["missed_split"]
    every = check_prices({two.listing: two for two in [within, *missed]}, [STAR, *others])
    assert [(two.listing, two.code, two.action) for two in every if two.code != "missed_split"] == [
        (STAR.id, "possible_split", "unrated")
    ]


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


@pytest.mark.parametrize("days_before", [0, 400])
def test_a_known_split_on_or_before_the_first_row_is_in_no_move(days_before: int) -> None:
    """The last session fell by a sixth, as 1.2 new shares for one would have it: a bad day."""
    one = series(STAR, from_row(N - 1, 100.0 / 100.5 / 1.2))
    splits = Events.of((str(one.sessions[0] - days_before), 1.2))
    assert check_series(replace(one, splits=splits), STAR) == []


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
        ("splits+dividends", False, ["reported"]),
        ("splits+dividends", True, ["unrated"]),
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
        ("XSHG", "600000", "1996-12-13", None),
        ("XSHG", "600000", "1996-12-16", 0.1),
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


@pytest.mark.parametrize("ratio", [1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40])
@pytest.mark.parametrize("reverse", [False, True])
def test_each_usual_split_is_known_where_there_is_no_limit(ratio: float, reverse: bool) -> None:
    """3% beside the ratio on an ordinary day: only the ratio itself is so near."""
    shares = 1 / ratio if reverse else ratio
    one = series(NVIDIA, from_row(AT, 100.5 / 100.0 / shares * (1.03 if reverse else 0.97)))
    one.volume[AT:] *= shares
    (found,) = check_series(one, NVIDIA)
    assert told([found]) == [("missed_split", day(one, AT), day(one, AT), "unrated")]


@pytest.mark.parametrize(
    "ratio", [1.2, 1.3, 1.4, 1.45, 1.48, 1.49, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2, 2.5, 3.0]
)
def test_each_usual_bonus_issue_is_named(ratio: float) -> None:
    one = series(MAIN, from_row(AT, 100.5 / 100.0 / ratio))
    (found,) = check_series(one, MAIN)
    assert f"1:{ratio:g} leaves" in found.detail


def test_a_fall_of_11_percent_is_a_tenth_more_shares_and_a_small_move() -> None:
    (found,) = check_series(series(MAIN, from_row(AT, 0.885 * 100.5 / 100.0)), MAIN)
    assert found.code == "missed_split"
    assert "1:1.1 leaves -2.6%" in found.detail


@pytest.mark.parametrize("alone", [True, False])
def test_a_hole_is_a_suspension_only_where_somebody_else_traded(alone: bool) -> None:
    """A rise of 30% over three missing sessions: one limit of 20% or four of them."""
    whole = series(STAR, from_row(AT, 1.3 * 100.5 / 100.0))
    keep = np.ones(N, bool)
    keep[AT - 3 : AT] = False
    one = replace(
        whole, sessions=whole.sessions[keep], close=whole.close[keep], volume=whole.volume[keep]
    )
    every = {one.listing: one} if alone else {one.listing: one, MAIN.id: series(MAIN)}
    found = check_prices(every, [STAR] if alone else [STAR, MAIN])
    (jump,) = [two for two in found if two.code == "beyond_limit"]
    assert (str(jump.first), jump.action) == (day(whole, AT), "reported" if alone else "unrated")


def test_a_dividend_of_another_day_explains_no_move() -> None:
    one = replace(
        series(MAIN, from_row(AT, 0.88 * 100.5 / 100.0), adjustment="splits"),
        dividends=Events.of(("2025-03-06", 5.0), ("2025-05-20", 5.0)),
        splits=Events.of(),
    )
    (found,) = check_series(one, MAIN)
    assert told([found])[0][1:] == (day(one, AT), day(one, AT), "unrated")
    assert "-12.0%" in found.detail


@pytest.mark.parametrize(("missing", "believed"), [(4, False), (5, True)])
def test_an_index_may_move_far_across_more_than_a_week(missing: int, believed: bool) -> None:
    whole = series(SPX, from_row(AT, 1.25))
    keep = np.ones(N, bool)
    keep[AT - missing : AT] = False
    one = replace(
        whole, sessions=whole.sessions[keep], close=whole.close[keep], volume=whole.volume[keep]
    )
    codes = {two.code for two in check_series(one, SPX)}
    assert ("index_jump" not in codes) is believed


def test_limits_hold_from_their_first_day_and_free_sessions_are_those_of_the_board() -> None:
    days = np.array(["2020-07-24", "2020-07-27"], "datetime64[D]")
    assert np.isnan(daily_limit(BEIJING, days)).tolist() == [True, False]
    assert daily_limit(BEIJING, days)[1] == 0.3
    listings = (HONG_KONG, NVIDIA, BEIJING, STAR, MAIN)
    assert [free_sessions(one) for one in listings] == [0, 0, 1, 5, 1]
    taiwan = Index(name="TWII", currency="TWD", calendar="XTAI")
    mainland = Index(name="CSI300", currency="CNY", calendar="XSHG")
    growth = Index(name="STAR50", currency="CNY", calendar="XSHG")
    assert [index_limit(one) for one in (taiwan, mainland, growth)] == [0.1, 0.1, 0.3]
    assert np.isnan(index_limit(SPX))


def test_what_is_said_of_a_move_is_the_move() -> None:
    """100.5 to 100 is -0.5%; each factor is put on the close of that row."""
    (half,) = check_series(series(MAIN, rows_between(AT, AT + 3, 100.5 / 100 / 1.4)), MAIN)
    assert half.code == "half_applied_split"
    facts = dict(half.message.facts)
    # Row 33 closes at 100.5, row 32 at 100 x 1.005 / 1.4.
    assert facts["move"] == pytest.approx(1 / 1.4 - 1)
    assert facts["back"] == pytest.approx(100.5 / (100 * 1.005 / 1.4) - 1)
    (index,) = check_series(series(SPX, from_row(AT, 1.3 * 100.5 / 100)), SPX)
    assert dict(index.message.facts)["move"] == pytest.approx(0.3)
    (large,) = check_series(series(NVIDIA, from_row(AT, 1.3 * 100.5 / 100)), NVIDIA)
    assert dict(large.message.facts)["move"] == pytest.approx(0.3)
    (far,) = check_series(series(NVIDIA, from_row(AT, 5.7 * 100.5 / 100)), NVIDIA)
    assert far.code == "extreme_move"
    assert dict(far.message.facts)["ratio"] == pytest.approx(5.7)
    (beyond,) = check_series(series(MAIN, from_row(AT, 1.3 * 100.5 / 100)), MAIN)
    assert dict(beyond.message.facts)["move"] == pytest.approx(0.3)


@pytest.mark.parametrize(("row", "code"), [(4, "large_move"), (5, "missed_split")])
def test_five_turnovers_before_a_day_say_what_is_usual(row: int, code: str) -> None:
    """With four no day is quiet, so 6% beside the ratio of a split is no split."""
    (found,) = check_series(series(NVIDIA, from_row(row, 0.53)), NVIDIA)
    assert found.code == code


@pytest.mark.parametrize(("missing", "dividend"), [(240, True), (241, False)])
def test_a_dividend_may_explain_a_move_after_240_sessions_and_not_after_more(
    missing: int, dividend: bool
) -> None:
    sessions = exchange_sessions(MAIN.calendar, date(2023, 1, 3), date(2025, 6, 2))
    whole = series(MAIN, from_row(AT, 0.885))
    kept = np.concatenate([sessions[:AT], sessions[AT + missing : N + missing]])
    found = check_series(replace(whole, sessions=kept), MAIN)
    (move,) = (one for one in found if one.code == "missed_split")
    assert f"after {missing} sessions" in move.detail
    assert ("unless a dividend explains it" in move.detail) == dividend


@pytest.mark.parametrize(("factor", "codes"), [(0.93, set()), (0.91, {"index_jump"})])
def test_one_member_that_stays_says_less_than_several(factor: float, codes: set[str]) -> None:
    """-7.5% is told beside a market, and beside a single share only from 8% on."""
    index, share = series(SPX, from_row(AT, factor)), series(NVIDIA)
    found = check_prices({one.listing: one for one in (index, share)}, [SPX, NVIDIA])
    assert {one.code for one in found} == codes


@pytest.mark.parametrize(("followers", "believed"), [(2, False), (3, True)])
def test_three_of_four_that_follow_make_a_move_and_its_way_back(
    followers: int, believed: bool
) -> None:
    moved = rows_between(AT, AT + 1, 1.168)
    members = [NVIDIA.model_copy(update={"code": f"NV{n}"}) for n in "ABCD"]
    every = [
        replace(series(NVIDIA, moved) if i < followers else series(NVIDIA), listing=one.id)
        for i, one in enumerate(members)
    ]
    index = series(SPX, moved)
    found = check_prices({one.listing: one for one in [index, *every]}, [SPX, *members])
    assert ("index_jump" not in {one.code for one in found}) is believed
