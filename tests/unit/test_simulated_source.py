"""Simulated prices: real sessions, both bases, one suspension, and no way to take them for real."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, Listing, SimulatedSource
from supplychain_screen.errors import InputError, SymbolNotFoundError
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import HistorySource, PriceSource
from supplychain_screen.prices.adjustment import FetchedHistory

ESPRESSIF = Listing(mic="XSHG", code="688018", currency="CNY")
TCL = Listing(mic="XSHE", code="000100", currency="CNY")
HYGON = Listing(mic="XSHG", code="688041", currency="CNY", first_session=date(2022, 8, 12))
BYD = Listing(mic="XHKG", code="0285", currency="HKD")
QUALCOMM = Listing(mic="XNAS", code="QCOM", currency="USD")
CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG", symbols={"yahoo": "000300.SS"})
HSI = Index(name="HSI", currency="HKD", calendar="XHKG", symbols={"yahoo": "^HSI"})
EVERYBODY = (ESPRESSIF, TCL, HYGON, BYD, QUALCOMM, CSI300, HSI)
FIRST, LAST = date(2024, 7, 1), date(2025, 12, 31)


@pytest.fixture(scope="module")
def source() -> SimulatedSource:
    return SimulatedSource()


def test_it_says_what_it_is_wherever_it_is_asked(source: SimulatedSource) -> None:
    assert isinstance(source, PriceSource)
    assert isinstance(source, HistorySource)
    assert source.simulated
    assert source.name == "SIMULATED"
    loaded = source.load(EVERYBODY, FIRST, LAST, "price")
    assert {one.source for one in loaded.series.values()} == {"SIMULATED"}
    assert loaded.series["INDEX:HSI"].symbol == "^HSI"
    assert loaded.series["XSHG:688018"].symbol == "688018.SS"
    assert {one.fetched_at for one in loaded.series.values()} == {None}
    # No index stands where any real one could.
    start = source.load([CSI300, HSI], date(2024, 1, 2), date(2024, 1, 3), "price")
    assert all(one.close[0] == pytest.approx(1000, rel=0.05) for one in start.series.values())


@pytest.mark.slow
def test_a_new_process_gives_the_same_numbers() -> None:
    # Taken down once; a change of them is a change of every picture that was made with them.
    program = (
        "from datetime import date\n"
        "from supplychain_screen.identity.listings import Listing\n"
        "from supplychain_screen.prices.sources.simulated import SimulatedSource\n"
        "one = Listing(mic='XSHG', code='688018', currency='CNY')\n"
        "days = date(2025, 1, 2), date(2025, 1, 6)\n"
        "print(SimulatedSource(suspended='').load([one], *days, 'price')"
        ".series[one.id].close.tolist())\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert seen == {"[10.8523, 10.8704, 10.5938]\n"}


def test_sessions_are_those_of_each_exchange_from_the_first_listed_one(
    source: SimulatedSource,
) -> None:
    loaded = source.load(EVERYBODY, date(2022, 7, 1), LAST, "price")
    for instrument in EVERYBODY:
        start = instrument.first_session or date(2022, 7, 1)
        np.testing.assert_array_equal(
            loaded.series[instrument.id].sessions,
            exchange_sessions(instrument.calendar, start, LAST),
        )
    gone = BYD.model_copy(update={"last_session": date(2025, 3, 3)})
    assert source.load([gone], FIRST, LAST, "price").series[BYD.id].sessions[-1] == np.datetime64(
        "2025-03-03"
    )
    early = source.load([HYGON], date(2020, 1, 1), date(2020, 6, 1), "price")
    assert isinstance(early.failures[HYGON.id], SymbolNotFoundError)


@pytest.mark.parametrize("basis", ["price", "total"])
def test_order_and_company_change_nothing_once_the_suspended_one_is_named(basis: str) -> None:
    source = SimulatedSource(seed=3, suspended=TCL.id)
    together = source.load(EVERYBODY, FIRST, LAST, basis).series  # type: ignore[arg-type]
    backwards = source.load(EVERYBODY[::-1], FIRST, LAST, basis).series  # type: ignore[arg-type]
    for instrument in EVERYBODY:
        alone = source.load([instrument], FIRST, LAST, basis).series  # type: ignore[arg-type]
        for other in (backwards, alone):
            np.testing.assert_array_equal(together[instrument.id].close, other[instrument.id].close)


def test_exactly_one_listing_is_suspended_as_yahoo_shows_it(source: SimulatedSource) -> None:
    series = source.load(EVERYBODY, date(2025, 1, 1), date(2025, 12, 31), "price").series
    suspended = {}
    for name, one in series.items():
        if not name.startswith(("INDEX", "XHKG")):
            quiet = np.flatnonzero(one.volume == 0)
            if quiet.size:
                suspended[name] = quiet
    (name, quiet) = next(iter(suspended.items()))
    assert len(suspended) == 1
    assert name.startswith(("XSHG", "XSHE"))
    assert 6 <= quiet.size <= 12
    assert (np.diff(quiet) == 1).all()
    close = series[name].close
    assert (close[quiet] == close[quiet[0] - 1]).all()
    assert np.count_nonzero(close[1:] == close[:-1]) < quiet.size + 3
    assert source.load(EVERYBODY[::-1], FIRST, LAST, "price").series.keys() == series.keys()


@pytest.mark.parametrize("year", [2016, 2020, 2023, 2025])
def test_a_range_that_starts_in_a_suspension_starts_suspended(year: int) -> None:
    source = SimulatedSource(suspended=TCL.id)
    whole = source.load([TCL], date(year, 1, 1), date(year, 12, 31), "price").series[TCL.id]
    quiet = np.flatnonzero(whole.volume == 0)
    assert 6 <= quiet.size <= 12
    middle = whole.sessions[quiet[3]].astype(object)
    part = source.load([TCL], middle, date(year, 12, 31), "price").series[TCL.id]
    np.testing.assert_array_equal(part.close, whole.close[quiet[3] :])
    np.testing.assert_array_equal(part.volume, whole.volume[quiet[3] :])


def test_half_days_of_hong_kong_have_no_volume_and_a_close_of_their_own(
    source: SimulatedSource,
) -> None:
    one = source.load([BYD, TCL], FIRST, LAST, "price").series[BYD.id]
    quiet = one.sessions[one.volume == 0].astype(str).tolist()
    assert quiet == ["2024-12-24", "2024-12-31", "2025-01-28", "2025-12-24", "2025-12-31"]
    at = np.flatnonzero(one.volume == 0)
    assert (one.close[at] != one.close[at - 1]).all()


def test_a_share_moves_with_its_market_and_apart_from_it(source: SimulatedSource) -> None:
    series = source.load(EVERYBODY, date(2021, 1, 1), LAST, "price").series

    def returns(instrument: Instrument) -> np.ndarray:
        return np.diff(np.log(series[instrument.id].close))

    with_market = np.corrcoef(returns(ESPRESSIF), returns(CSI300))[0, 1]
    assert 0.3 < with_market < 0.9
    assert 0.12 < returns(CSI300).std() * 252**0.5 < 0.25
    assert 0.2 < returns(ESPRESSIF).std() * 252**0.5 < 0.5
    # Inside the 10% limit of the main boards: 0.0953 as a logarithm, the dividend included.
    assert max(np.abs(returns(one)).max() for one in (ESPRESSIF, TCL, BYD, QUALCOMM)) < 0.0953


def test_total_is_price_with_every_dividend_reinvested() -> None:
    listings = [Listing(mic="XSHG", code=f"6{number:05}", currency="CNY") for number in range(12)]
    source = SimulatedSource(suspended="", through=LAST)
    price = source.load(listings, date(2021, 1, 1), LAST, "price").series
    total = source.load(listings, date(2021, 1, 1), LAST, "total").series
    split = paid = 0
    for listing in listings:
        ((_, history),) = source.stream([listing], date(2021, 1, 1))
        assert isinstance(history, FetchedHistory)
        split, paid = split + len(history.splits), paid + len(history.dividends)
        assert history.simulated
        # What a store makes of traded prices and events has the returns of what is served at once,
        # up to the rounding of closes.
        for basis, served in (("price", price), ("total", total)):
            made, close = history.series(basis).close, served[listing.id].close
            np.testing.assert_allclose(made / made[-1], close / close[-1], rtol=3e-4)
    assert split >= 3
    assert paid >= 30


def test_a_history_needs_a_last_day_and_ends_there() -> None:
    with pytest.raises(InputError, match="no today"):
        list(SimulatedSource().stream([BYD], FIRST))
    source = SimulatedSource(through=date(2025, 1, 1))
    ((_, history),) = source.stream([BYD], {BYD.id: FIRST})
    assert isinstance(history, FetchedHistory)
    assert history.sessions[-1] == np.datetime64("2024-12-31")
    # Hong Kong's half day ends at noon.
    assert history.fetched_at.isoformat() == "2024-12-31T04:00:00+00:00"
    assert (history.currency, history.source) == ("HKD", "SIMULATED")
    early = SimulatedSource(through=date(2022, 1, 1)).stream([HYGON], date(2021, 1, 1))
    assert isinstance(next(early)[1], SymbolNotFoundError)


def test_a_history_has_the_suspension_of_the_request() -> None:
    source = SimulatedSource(through=LAST)
    series = source.load(EVERYBODY, FIRST, LAST, "price").series
    for instrument, history in source.stream(EVERYBODY, FIRST):
        assert isinstance(history, FetchedHistory)
        np.testing.assert_array_equal(history.volume, series[instrument.id].volume)


def test_another_seed_is_another_market() -> None:
    one, other = (
        SimulatedSource(seed).load([BYD], FIRST, LAST, "price").series[BYD.id].close
        for seed in (0, 1)
    )
    assert (one != other).mean() > 0.99


def test_days_before_any_calendar_are_refused_and_those_after_it_are_open(
    source: SimulatedSource,
) -> None:
    with pytest.raises(InputError, match="calendar of XSHG is known from"):
        source.load([TCL], date(1980, 1, 1), date(2025, 1, 1), "price")
    beyond = source.load([TCL], date(2025, 1, 1), date(2099, 1, 1), "price").series[TCL.id]
    assert beyond.sessions[-1].astype(object) == date(2099, 1, 1)
    # A Thursday; nobody has announced a holiday of that week.
    week = beyond.sessions[-5:].astype(str).tolist()
    assert week == ["2098-12-26", "2098-12-29", "2098-12-30", "2098-12-31", "2099-01-01"]
    oldest = source.load([TCL], date(1991, 6, 3), date(1991, 6, 28), "price").series[TCL.id]
    assert oldest.sessions[0] == np.datetime64("1991-06-03")
