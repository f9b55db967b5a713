"""Laws of the quality checks: a clean market is never flagged, a fault put in is always told.

Markets are generated: random walks inside each board's limits with days at the limit,
suspensions filled with the last close, half days without volume, bonus issues.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.effort import effort

from supplychain_screen import Index, Listing, PriceSeries
from supplychain_screen.identity import Instrument, exchange_sessions, half_days
from supplychain_screen.prices import Finding
from supplychain_screen.prices.adjustment import later_factors
from supplychain_screen.prices.quality import check_prices, check_series, compare_sources
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.sessions import real_sessions

OLD = date(2010, 1, 4)
LISTINGS: tuple[Listing, ...] = (
    Listing(mic="XSHG", code="600000", currency="CNY", first_session=OLD),
    Listing(mic="XSHG", code="688018", currency="CNY", first_session=date(2019, 7, 22)),
    Listing(mic="XSHE", code="300458", currency="CNY", first_session=OLD),
    Listing(mic="BJSE", code="920002", currency="CNY", first_session=date(2020, 1, 2)),
    Listing(mic="XHKG", code="1810", currency="HKD", first_session=date(2018, 7, 9)),
    Listing(mic="XNAS", code="NVDA", currency="USD", first_session=date(1999, 1, 22)),
    Listing(mic="XTAI", code="2454", currency="TWD", first_session=date(2001, 7, 23)),
)
LIMITS = {"600000": 0.1, "688018": 0.2, "300458": 0.2, "920002": 0.3, "2454": 0.1}
INDICES: tuple[Index, ...] = (
    Index(name="CSI300", currency="CNY", calendar="XSHG"),
    Index(name="HSI", currency="HKD", calendar="XHKG"),
    Index(name="SPX", currency="USD", calendar="XNYS"),
    Index(name="TWII", currency="TWD", calendar="XTAI"),
)
Told = tuple[str, str, str, str]


class Market(NamedTuple):
    """A clean series, and where its suspensions are (rows, both inclusive)."""

    instrument: Listing
    series: PriceSeries
    suspended: list[tuple[int, int]]

    def day(self, row: int) -> str:
        return str(self.series.sessions[row])

    @property
    def limit(self) -> float:
        return LIMITS.get(self.instrument.code, np.nan)

    def expected(self) -> list[Told]:
        return [("suspended", self.day(a), self.day(b), "dropped") for a, b in self.suspended]


@st.composite
def markets(draw: st.DrawFn, listings: tuple[Listing, ...] = LISTINGS) -> Market:
    instrument = draw(st.sampled_from(listings))
    start = draw(st.dates(date(2021, 1, 4), date(2025, 6, 30)))
    n = draw(st.integers(90, 160))
    sessions = exchange_sessions(instrument.calendar, start, date(2026, 10, 30))[:n]
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    limit = LIMITS.get(instrument.code, np.nan)
    returns = 0.03 * random.standard_t(3, n)
    halves = np.isin(sessions, half_days(instrument.calendar, start, date(2026, 10, 30)))
    if np.isnan(limit):
        returns = np.clip(returns, -0.45, 0.8)
        # Where the usual volume is unknown a halving could be a split, and would be reported.
        unknown = halves | (np.arange(n) < 20)
        returns[unknown] = np.clip(returns[unknown], -0.2, 0.2)
    else:
        returns = np.clip(returns, -limit, limit)
        returns[random.random(n) < 0.03] = limit
        returns[random.random(n) < 0.03] = -limit
    # Real halvings and doublings come with heavy trade.
    volume = np.round(1e6 * np.exp(0.2 * random.normal(size=n))) * np.where(
        np.abs(returns) > 0.2, 50.0, 1.0
    )
    suspended = []
    for first in sorted(draw(st.sets(st.integers(1, 5), max_size=2))):
        first, last = 10 * first, 10 * first + draw(st.integers(2, 7))
        returns[first : last + 1], volume[first : last + 1] = 0.0, 0.0
        suspended.append((first, last))
    close = draw(st.floats(20.0, 500.0)) * np.cumprod(1.0 + returns)
    assume(close.min() > 1.0)
    rows = np.round(close, 6)
    for first, last in suspended:
        rows[first : last + 1] = rows[first - 1]
    if instrument.mic == "XHKG":
        volume[halves] = 0.0
    # A half day says nothing about a suspension, so a run that touches one is a shorter run.
    assume(not any(halves[first : last + 1].any() for first, last in suspended))
    one = PriceSeries(
        instrument.id, sessions, rows, volume, "splits+dividends", "generated", instrument.code
    )
    return Market(instrument, one, suspended)


def quiet_row(
    market: Market, data: st.DataObject, width: int = 1, where: np.ndarray | None = None
) -> int:
    """A row whose neighbours trade and move little, so that what is put in is alone."""
    traded = real_sessions(market.series, market.instrument) & (market.series.volume > 0)
    moves = np.abs(np.diff(market.series.close, prepend=market.series.close[0]))
    calm = traded & (moves < 0.04 * market.series.close)
    free = [
        row
        for row in range(22, calm.size - width - 13)
        if calm[row - 1 : row + width + 2].all() and (where is None or where[row])
    ]
    assume(free)
    return data.draw(st.sampled_from(free), "row")


def changed(market: Market, close: np.ndarray, volume: np.ndarray | None = None) -> PriceSeries:
    volume = market.series.volume if volume is None else volume
    return replace(market.series, close=close, volume=volume)


def told(found: list[Finding]) -> list[Told]:
    """What is found, but for moves that are told and believed: these markets make many."""
    return [
        (one.code, str(one.first), str(one.last), one.action)
        for one in found
        if one.code != "large_move"
    ]


def with_fault(market: Market, *faults: Told) -> list[Told]:
    return sorted([*market.expected(), *faults], key=lambda one: (one[1], one[0], one[2]))


def check(market: Market, one: PriceSeries) -> list[Told]:
    return told(check_series(one, market.instrument))


# --- Clean markets --------------------------------------------------------------------------


@effort(300)
@given(market=markets())
def test_a_clean_market_has_its_suspensions_only(market: Market) -> None:
    assert check(market, market.series) == market.expected()


@given(market=markets(), data=st.data())
def test_traded_closes_with_their_bonus_issues_are_clean(
    market: Market, data: st.DataObject
) -> None:
    row = quiet_row(market, data)
    ratio = data.draw(st.sampled_from([1.2, 1.3, 1.4, 1.49, 2.0, 10.0]))
    splits = Events.of((market.day(row), ratio))
    factors = later_factors(market.series.sessions, splits)
    traded = replace(
        market.series,
        close=market.series.close * factors,
        volume=market.series.volume / factors,
        adjustment="none",
        splits=splits,
        dividends=Events.of(),
    )
    assert told(check_series(traded, market.instrument)) == market.expected()
    # And adjusted for it, the event being known.
    adjusted = replace(market.series, splits=splits)
    assert told(check_series(adjusted, market.instrument)) == market.expected()


@given(market=markets(), power=st.integers(0, 6))
def test_the_scale_of_prices_does_not_matter(market: Market, power: int) -> None:
    scaled = changed(market, close=market.series.close * 2.0**power)
    assert check(market, scaled) == check(market, market.series)


@given(market=markets(), cut=st.integers(20, 59), data=st.data())
def test_later_rows_change_nothing(market: Market, cut: int, data: st.DataObject) -> None:
    as_of = date.fromisoformat(market.day(cut - 1))
    close = market.series.close.copy()
    close[cut:] *= data.draw(st.sampled_from([0.01, 0.3, np.nan, 0.0, 3.0]))
    broken = check_series(changed(market, close=close), market.instrument, as_of=as_of)
    assert broken == check_series(market.series, market.instrument, as_of=as_of)
    early = replace(
        market.series,
        sessions=market.series.sessions[:cut],
        close=market.series.close[:cut],
        volume=market.series.volume[:cut],
    )
    assert broken == check_series(early, market.instrument, as_of=as_of)


@given(first=markets(LISTINGS[:4]), other=markets(LISTINGS[4:]))
def test_another_market_changes_nothing(first: Market, other: Market) -> None:
    def of_first(*every: Market) -> list[Finding]:
        found = check_prices({one.series.listing: one.series for one in every}, LISTINGS)
        return [one for one in found if one.listing == first.series.listing]

    assert of_first(first) == of_first(first, other) == of_first(other, first)


# --- Moves ----------------------------------------------------------------------------------


@given(market=markets(), data=st.data())
def test_a_missed_split_is_told_on_its_session(market: Market, data: st.DataObject) -> None:
    row = quiet_row(market, data)
    # Beyond the limit whatever the day itself did; without a limit at a usual ratio.
    least = 2.0 if np.isnan(market.limit) else 1.04 / (1.0 - market.limit - 0.02)
    ratios = [ratio for ratio in (1.2, 1.3, 1.4, 1.5, 2.0, 3.0, 10.0) if ratio >= least]
    ratio = data.draw(st.sampled_from(ratios))
    close, volume = market.series.close.copy(), market.series.volume.copy()
    close[:row] *= ratio
    volume[:row] /= ratio
    fault = ("missed_split", market.day(row), market.day(row), "unrated")
    assert check(market, changed(market, close=close, volume=volume)) == with_fault(market, fault)


@given(market=markets(), width=st.integers(1, 4), up=st.booleans(), data=st.data())
def test_a_split_applied_to_some_bars_is_told_for_them(
    market: Market, width: int, up: bool, data: st.DataObject
) -> None:
    row = quiet_row(market, data, width)
    ratio = 2.0 if up else 0.5
    close, volume = market.series.close.copy(), market.series.volume.copy()
    close[row : row + width] *= ratio
    volume[row : row + width] /= ratio
    found = check(market, changed(market, close=close, volume=volume))
    # Without a limit, what is back within two sessions is a tick, whatever its ratio.
    code = "undone_move" if any(one[0] == "undone_move" for one in found) else "half_applied_split"
    assert code == "half_applied_split" or (np.isnan(market.limit) and width <= 2)
    fault = (code, market.day(row), market.day(row + width - 1), "unrated")
    assert found == with_fault(market, fault)


@given(
    market=markets(),
    width=st.integers(1, 12),
    factor=st.sampled_from([100.0, 0.01]),
    data=st.data(),
)
def test_rows_of_another_unit_are_told(
    market: Market, width: int, factor: float, data: st.DataObject
) -> None:
    row = quiet_row(market, data)
    # The way back must fall on a session: rows of a suspension repeat a close of either unit.
    assume(not any(first <= row + width <= last + 1 for first, last in market.suspended))
    close = market.series.close.copy()
    close[row : row + width] *= factor
    fault = ("unit_jump", market.day(row), market.day(row + width - 1), "unrated")
    assert check(market, changed(market, close=close)) == with_fault(market, fault)


# --- Rows -----------------------------------------------------------------------------------


@given(market=markets(), data=st.data())
def test_unusable_closes_are_told(market: Market, data: st.DataObject) -> None:
    row = quiet_row(market, data)
    value, code = data.draw(
        st.sampled_from(
            [
                (0.0, "non_positive_close"),
                (-1.0, "non_positive_close"),
                (np.inf, "non_positive_close"),
                (np.nan, "missing_close"),
            ]
        )
    )
    close = market.series.close.copy()
    close[row] = value
    broken = not np.isnan(value) and value != 0.0
    first = market.day(row - 1 if broken else row)
    fault = (code, first, market.day(row), "unrated" if broken else "dropped")
    assert check(market, changed(market, close=close)) == with_fault(market, fault)


@given(market=markets(), same=st.booleans(), data=st.data())
def test_a_session_told_twice_is_told(market: Market, same: bool, data: st.DataObject) -> None:
    row = quiet_row(market, data)
    one = market.series
    # The wrong row stands first; of two rows the last one counts.
    doubled = replace(
        one,
        sessions=np.insert(one.sessions, row, one.sessions[row]),
        close=np.insert(one.close, row, one.close[row] * (1.0 if same else 1.01)),
        volume=np.insert(one.volume, row, one.volume[row]),
    )
    action = "dropped" if same else "unrated"
    fault = ("duplicate_session", market.day(row), market.day(row), action)
    assert check(market, doubled) == with_fault(market, fault)


@given(market=markets(), data=st.data())
def test_rows_out_of_order_are_told(market: Market, data: st.DataObject) -> None:
    row = quiet_row(market, data)
    other = data.draw(st.integers(row + 1, row + 8))
    order = np.arange(market.series.sessions.size)
    order[[row, other]] = order[[other, row]]
    one = market.series
    swapped = replace(
        one, sessions=one.sessions[order], close=one.close[order], volume=one.volume[order]
    )
    fault = ("unordered_sessions", market.day(row), market.day(other), "unrated")
    assert check(market, swapped) == with_fault(market, fault)


@given(market=markets(), data=st.data())
def test_rows_outside_the_sessions_are_told(market: Market, data: st.DataObject) -> None:
    one = market.series
    apart = np.diff(one.sessions, prepend=one.sessions[0]).astype(int)
    row = quiet_row(market, data, where=apart > 1)
    between = np.arange(one.sessions[row - 1] + 1, one.sessions[row])
    day = data.draw(st.sampled_from(list(between)))
    added = replace(
        one,
        sessions=np.insert(one.sessions, row, day),
        close=np.insert(one.close, row, one.close[row - 1] * 1.01),
        volume=np.insert(one.volume, row, 1e6),
    )
    assert check(market, added) == with_fault(
        market, ("outside_sessions", str(day), str(day), "dropped")
    )


# --- Gaps -----------------------------------------------------------------------------------


@given(market=markets(), width=st.integers(1, 2), data=st.data())
def test_a_filled_session_is_told_and_not_used(
    market: Market, width: int, data: st.DataObject
) -> None:
    row = quiet_row(market, data, width)
    # Half days without volume are not quiet rows in Hong Kong; elsewhere they have to be avoided.
    halves = half_days(market.instrument.calendar, date(2021, 1, 1), date(2026, 10, 30))
    assume(not np.isin(market.series.sessions[row : row + width], halves).any())
    close, volume = market.series.close.copy(), market.series.volume.copy()
    close[row : row + width], volume[row : row + width] = close[row - 1], 0.0
    filled = changed(market, close=close, volume=volume)
    fault = ("repeated_close", market.day(row), market.day(row + width - 1), "dropped")
    assert check(market, filled) == with_fault(market, fault)
    assert not real_sessions(filled, market.instrument)[row : row + width].any()


@given(market=markets(), width=st.integers(1, 9), data=st.data())
def test_a_hole_is_told(market: Market, width: int, data: st.DataObject) -> None:
    row = quiet_row(market, data, width)
    keep = np.r_[0:row, row + width : market.series.sessions.size]
    one = market.series
    holed = replace(
        one, sessions=one.sessions[keep], close=one.close[keep], volume=one.volume[keep]
    )
    fault = ("missing_sessions", market.day(row), market.day(row + width - 1), "reported")
    assert check(market, holed) == with_fault(market, fault)


@given(market=markets(), cut=st.integers(1, 8))
def test_a_tail_that_is_not_there_is_told(market: Market, cut: int) -> None:
    one = market.series
    n = one.sessions.size - cut
    short = replace(one, sessions=one.sessions[:n], close=one.close[:n], volume=one.volume[:n])
    as_of = date.fromisoformat(market.day(-1))
    found = told(check_series(short, market.instrument, as_of=as_of))
    assert found[-1] == ("stale_tail", market.day(n), market.day(-1), "reported")
    assert found[:-1] == market.expected()


@given(
    index=st.sampled_from(INDICES),
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 12),
    how=st.sampled_from(["row", "close", "repeat"]),
    data=st.data(),
)
def test_a_hole_in_a_benchmark_is_told_and_a_long_one_rates_nobody(
    index: Index, seed: int, width: int, how: str, data: st.DataObject
) -> None:
    sessions = exchange_sessions(index.calendar, date(2023, 3, 1), date(2025, 3, 31))[:300]
    random = np.random.default_rng(seed)
    # No index of shares with a limit of 10% moves beyond it.
    close = 4000.0 * np.exp(np.cumsum(0.015 * np.clip(random.standard_t(3, 300), -6, 6)))
    one = PriceSeries(index.id, sessions, close, np.zeros(300), "none", "generated", index.name)
    assert check_series(one, index) == []
    row = data.draw(st.integers(1, 299 - width))
    if how == "row":
        keep = np.r_[0:row, row + width : 300]
        one = replace(one, sessions=sessions[keep], close=close[keep], volume=np.zeros(keep.size))
    else:
        close = close.copy()
        close[row : row + width] = np.nan if how == "close" else close[row - 1]
        one = replace(one, close=close)
    found = [finding for finding in told(check_series(one, index)) if finding[0] != "index_jump"]
    action = "unrated" if width > 3 else "reported"
    expected = ("benchmark_gap", str(sessions[row]), str(sessions[row + width - 1]), action)
    assert found == [expected]


# --- A second source ------------------------------------------------------------------------


@given(market=markets(), level=st.floats(0.01, 50.0), data=st.data())
def test_a_second_source_agrees_up_to_level_and_dividends(
    market: Market, level: float, data: st.DataObject
) -> None:
    rows = np.arange(market.series.close.size)
    row = data.draw(st.integers(1, rows.size - 1))
    dividend = data.draw(st.floats(0.0, 0.07))
    close = level * market.series.close * np.where(rows < row, 1.0 - dividend, 1.0)
    other = replace(market.series, close=close, adjustment="as given", source="second")
    assert compare_sources(market.series, other) == []


@given(market=markets(), ratio=st.sampled_from([1.1, 1.3, 1.49, 2.0]), data=st.data())
def test_a_second_source_tells_a_missed_split_even_within_the_limit(
    market: Market, ratio: float, data: st.DataObject
) -> None:
    row = quiet_row(market, data)
    rows = np.arange(market.series.close.size)
    close = market.series.close * np.where(rows < row, ratio, 1.0)
    other = replace(market.series, close=close, adjustment="as given", source="second")
    assert told(compare_sources(market.series, other)) == [
        ("second_source_disagreement", market.day(row), market.day(row), "unrated")
    ]


def test_instruments_here_cover_every_kind_of_limit() -> None:
    every: tuple[Instrument, ...] = (*LISTINGS, *INDICES)
    assert {one.calendar for one in every} == {"XSHG", "XHKG", "XNYS", "XTAI"}
    assert sorted(set(LIMITS.values())) == [0.1, 0.2, 0.3]
