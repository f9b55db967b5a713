"""Laws of simulated prices: a range shows a part of one market that was always there."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen import Index, Listing, SimulatedSource
from supplychain_screen.identity import Instrument
from supplychain_screen.prices import Basis

INSTRUMENTS: tuple[Instrument, ...] = (
    Listing(mic="XSHG", code="688018", currency="CNY"),
    Listing(mic="XSHE", code="301316", currency="CNY", first_session=date(2022, 10, 13)),
    Listing(mic="XHKG", code="0285", currency="HKD"),
    Listing(mic="XNAS", code="QCOM", currency="USD"),
    Index(name="SPX", currency="USD", calendar="XNYS"),
)
WHOLE = (date(2012, 1, 4), date(2026, 6, 30))
days = st.integers(0, (WHOLE[1] - WHOLE[0]).days).map(lambda n: WHOLE[0] + timedelta(days=n))
bases: st.SearchStrategy[Basis] = st.sampled_from(["price", "total"])
everything = {
    basis: SimulatedSource().load(INSTRUMENTS, *WHOLE, basis).series
    for basis in SimulatedSource().bases()
}


@given(days, days, bases)
def test_a_longer_range_extends_a_shorter_one_to_the_last_digit(
    one: date, other: date, basis: Basis
) -> None:
    first, last = min(one, other), max(one, other)
    loaded = SimulatedSource().load(INSTRUMENTS, first, last, basis)
    for instrument in INSTRUMENTS:
        long = everything[basis][instrument.id]
        inside = (long.sessions >= np.datetime64(first)) & (long.sessions <= np.datetime64(last))
        assert (instrument.id in loaded.series) == bool(inside.any())
        if inside.any():
            short = loaded.series[instrument.id]
            np.testing.assert_array_equal(short.sessions, long.sessions[inside])
            np.testing.assert_array_equal(short.close, long.close[inside])
            np.testing.assert_array_equal(short.volume, long.volume[inside])


@given(st.integers(0, 2**63), bases)
def test_every_seed_gives_positive_closes_without_holes(seed: int, basis: Basis) -> None:
    loaded = SimulatedSource(seed).load(INSTRUMENTS, date(2024, 6, 3), date(2025, 6, 2), basis)
    for series in loaded.series.values():
        assert (series.close > 0).all()
        assert (series.volume >= 0).all()
        assert (np.diff(series.sessions.astype(np.int64)) > 0).all()


@given(st.permutations(INSTRUMENTS))
def test_the_order_of_a_request_changes_nothing(order: list[Instrument]) -> None:
    loaded = SimulatedSource().load(order, date(2025, 1, 1), date(2025, 3, 31), "price")
    again = SimulatedSource().load(INSTRUMENTS, date(2025, 1, 1), date(2025, 3, 31), "price")
    assert list(loaded.series) == [instrument.id for instrument in order]
    for name, series in again.series.items():
        np.testing.assert_array_equal(loaded.series[name].close, series.close)
        np.testing.assert_array_equal(loaded.series[name].volume, series.volume)
