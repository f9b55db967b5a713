"""The Yahoo source against the truth of the loopback Yahoo, through the unmodified client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.integration.yahoo_market import Market
from tests.integration.yahoo_server import NOW, LoopbackYahoo

from supplychain_screen import Index, Listing
from supplychain_screen.errors import SymbolNotFoundError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices import Basis, HistorySource, PriceSource
from supplychain_screen.prices.adjustment import later_factors
from supplychain_screen.prices.sources.yahoo import YahooSource

FIRST, LAST = date(2023, 1, 3), date(2026, 1, 9)
LISTINGS = (
    Listing(mic="XHKG", code="0285", currency="HKD"),
    Listing(mic="XSHG", code="688018", currency="CNY"),
    Listing(mic="XSHE", code="000100", currency="CNY"),
    Listing(mic="XNAS", code="QCOM", currency="USD"),
    Listing(mic="XTAI", code="2454", currency="TWD"),
)
BENCHMARKS = (
    Index(name="CSI300", currency="CNY", calendar="XSHG", symbols={"yahoo": "000300.SS"}),
    Index(name="HSI", currency="HKD", calendar="XHKG", symbols={"yahoo": "^HSI"}),
    Index(name="SPX", currency="USD", calendar="XNYS", symbols={"yahoo": "^GSPC"}),
    Index(name="IXIC", currency="USD", calendar="XNYS", symbols={"yahoo": "^IXIC"}),
)
QCOM = LISTINGS[3]


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., YahooSource]:
    def make(**options: Any) -> YahooSource:
        quick = {"pace": 0, "backoff": 0.01, "now": lambda: NOW, "cache_dir": tmp_path / "yahoo"}
        return YahooSource(**{**quick, **options})

    return make


def _within(market: Market) -> npt.NDArray[np.bool_]:
    return (market.sessions >= np.datetime64(FIRST)) & (market.sessions <= np.datetime64(LAST))


@pytest.mark.parametrize("basis", ["price", "total"])
def test_closes_are_those_of_the_market(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], basis: Basis
) -> None:
    yahoo.market("QCOM", splits={date(2024, 6, 10): 10.0}, dividends={date(2025, 3, 5): 0.85})
    yahoo.market("688018.SS", splits={date(2025, 6, 4): 1.4}, dividends={date(2025, 6, 4): 1.2})

    prices = source().load((*LISTINGS, *BENCHMARKS), FIRST, LAST, basis)

    assert not prices.failures
    assert not prices.findings
    for instrument in (*LISTINGS, *BENCHMARKS):
        market = yahoo.market(instrument.symbol("yahoo") or "")
        within = (market.sessions >= np.datetime64(FIRST)) & (
            market.sessions <= np.datetime64(LAST)
        )
        series = prices.series[instrument.id]
        assert np.array_equal(series.sessions, market.sessions[within])
        truth = market.adjusted(LAST, dividends=basis == "total")[within]
        np.testing.assert_allclose(series.close, truth, rtol=1e-6)
        assert series.adjustment == ("splits" if basis == "price" else "splits+dividends")
        assert (series.source, series.fetched_at) == ("yahoo", NOW)


def test_an_answer_leads_back_to_what_was_traded(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    market = yahoo.market(
        "QCOM",
        splits={date(2024, 6, 10): 10.0, date(2025, 6, 10): 1.5},
        dividends={date(2023, 3, 6): 0.6, date(2024, 6, 10): 0.9, date(2025, 9, 5): 0.3},
    )

    traded = source().fetch(QCOM, FIRST)

    np.testing.assert_allclose(traded.close, market.traded[_within(market)], rtol=1e-6)
    splits = dict(zip(traded.splits.sessions.astype(object), traded.splits.values, strict=True))
    assert splits == market.splits
    assert traded.dividends.sessions.astype(object).tolist() == sorted(market.dividends)
    assert traded.dividends.values.tolist() == pytest.approx([0.6, 0.9, 0.3])
    assert (traded.status, traded.attempts, traded.currency) == (200, 1, "USD")
    assert traded.timezone == "America/New_York"
    assert traded.endpoint == "https://query2.finance.yahoo.com/v8/finance/chart/QCOM"
    assert (traded.high >= traded.close).all()
    assert (traded.low <= traded.open).all()


def test_traded_prices_do_not_change_with_the_next_split(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    yahoo.market("QCOM", splits={date(2025, 6, 10): 10.0}, dividends={date(2025, 3, 5): 0.8})
    yahoo.now = datetime(2025, 6, 6, 22, tzinfo=UTC)
    before = source(now=lambda: yahoo.now).fetch(QCOM, FIRST)
    yahoo.now = datetime(2025, 6, 12, 22, tzinfo=UTC)
    after = source(now=lambda: yahoo.now).fetch(QCOM, FIRST)

    known = before.sessions.size
    assert after.sessions.size == known + 4
    adjusted = [one.series("price").close[0] for one in (before, after)]
    assert adjusted[0] / adjusted[1] == pytest.approx(10.0)
    np.testing.assert_allclose(after.close[:known], before.close, rtol=1e-6)
    np.testing.assert_allclose(after.volume[:known], before.volume, rtol=1e-6)
    assert after.dividends.values.tolist() == pytest.approx([0.8])


def test_the_clients_own_frame_says_the_same(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    """A reading of the raw answer that drifts from the client's is a bug of one of the two."""
    import yfinance

    answers = dict(source().stream((*LISTINGS, *BENCHMARKS), FIRST))
    for instrument, answer in answers.items():
        assert not isinstance(answer, Exception)
        with pytest.warns(DeprecationWarning, match="inplace"):
            frame = yfinance.Ticker(answer.symbol).history(
                start=FIRST, end=None, auto_adjust=False, actions=True
            )
        days = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")
        assert np.array_equal(days, answer.sessions), instrument.id
        later = later_factors(days, answer.splits)
        price, total = answer.series("price"), answer.series("total")
        assert np.array_equal(frame["Close"].to_numpy(), price.close), instrument.id
        for column, values in (
            ("Open", answer.open / later),
            ("High", answer.high / later),
            ("Low", answer.low / later),
            ("Volume", answer.volume * later),
        ):
            close_enough = {"rtol": 1e-12, "err_msg": f"{instrument.id} {column}"}
            np.testing.assert_allclose(frame[column].to_numpy(), values, **close_enough)
        # Yahoo rounds its own, but takes the same dividends off in the same way.
        np.testing.assert_allclose(frame["Adj Close"].to_numpy(), total.close, rtol=1e-6)
        splits = frame["Stock Splits"].loc[lambda column: column != 0]
        assert splits.to_list() == answer.splits.values.tolist()


def test_forty_listings_and_four_benchmarks_are_asked_once_each(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    listings = [Listing(mic="XSHG", code=f"6880{n:02}", currency="CNY") for n in range(30)]
    listings += [Listing(mic="XHKG", code=f"02{n:02}", currency="HKD") for n in range(6)]
    listings += [Listing(mic="XNAS", code=code, currency="USD") for code in ("QCOM", "NVDA", "A")]
    listings += [Listing(mic="XTAI", code="2454", currency="TWD")]
    everybody: list[Instrument] = [*listings, *BENCHMARKS]
    assert len(everybody) == 44
    seen: list[tuple[int, int, str, str]] = []
    one = source(on_progress=lambda *step: seen.append(step))

    cold = one.load(everybody, date(2025, 1, 2), LAST, "price")

    assert len(cold.series) == 44
    assert yahoo.charts() == 44
    assert yahoo.count("probe") == 0
    assert (yahoo.count("cookie"), yahoo.count("getcrumb")) <= (1, 1)
    assert [step[:2] for step in seen] == [(n, 44) for n in range(1, 45)]
    assert {step[3] for step in seen} == {"fetched"}

    one.load(everybody, date(2025, 3, 3), LAST, "total")
    assert yahoo.charts() == 44
    assert {step[3] for step in seen[44:]} == {"remembered"}

    source().load(everybody, date(2025, 1, 2), LAST, "price")
    assert yahoo.charts() == 88


def test_an_answer_is_asked_again_for_earlier_days_and_after_a_while(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    clock = [NOW]
    one = source(now=lambda: clock[0])
    one.fetch(QCOM, date(2025, 1, 2))
    one.fetch(QCOM, date(2025, 6, 2))
    assert yahoo.charts("QCOM") == 1
    assert one.fetch(QCOM, date(2024, 1, 2)).sessions[0] == np.datetime64("2024-01-02")
    assert yahoo.charts("QCOM") == 2
    clock[0] = NOW + timedelta(minutes=16)
    one.fetch(QCOM, date(2024, 1, 2))
    assert yahoo.charts("QCOM") == 3


def test_an_unknown_symbol_is_not_asked_twice(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    yahoo.unlist("QCOM")
    one = source()
    for basis in ("price", "total"):
        failures = one.load([QCOM, LISTINGS[0]], FIRST, LAST, basis).failures
        assert type(failures[QCOM.id]) is SymbolNotFoundError
    assert yahoo.charts("QCOM") == 1


def test_a_listing_without_a_symbol_is_not_asked(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    neeq = Index(name="NEEQ", currency="CNY", calendar="XSHG")
    prices = source().load([neeq], FIRST, LAST, "price")
    assert "no symbol for INDEX:NEEQ" in str(prices.failures["INDEX:NEEQ"])
    assert not yahoo.requests


def test_a_window_before_the_first_trade_is_a_failure(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    yahoo.market("QCOM", since=date(2025, 6, 2), splits={}, dividends={})
    prices = source().load([QCOM], FIRST, date(2025, 5, 30), "price")
    assert "no prices of QCOM from 2023-01-03 to 2025-05-30" in str(prices.failures[QCOM.id])
    yahoo.market("QCOM", since=date(2026, 3, 2))
    with pytest.raises(SymbolNotFoundError, match="Data doesn't exist"):
        source().fetch(QCOM, FIRST)


def test_findings_name_what_was_odd(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    clean = source().fetch(QCOM, FIRST)
    for story in ("null_close", "null_row", "partial_last", "duplicate_last"):
        yahoo.story("QCOM", story)

    prices = source().load([QCOM], FIRST, LAST, "price")

    codes = {finding.code: finding for finding in prices.findings}
    assert set(codes) == {"missing_close", "duplicate_session", "unfinished_bar"}
    series = prices.series[QCOM.id]
    # The morning's bar of the 9th is gone, the doubled row is one, the rows without a close stay.
    assert np.array_equal(series.sessions, clean.sessions[:-1])
    assert np.flatnonzero(np.isnan(series.close)).tolist() == [
        clean.sessions.size - 20,
        clean.sessions.size - 10,
    ]
    assert codes["missing_close"].action == "reported"
    assert codes["unfinished_bar"].first == LAST
    assert codes["unfinished_bar"].action == "dropped"


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (datetime(2026, 1, 9, 15, 0, tzinfo=UTC), "2026-01-08"),
        (datetime(2026, 1, 9, 20, 59, 59, tzinfo=UTC), "2026-01-08"),
        (datetime(2026, 1, 9, 21, 0, 0, tzinfo=UTC), "2026-01-09"),
        # New York closes at 13:00 on the day after Thanksgiving.
        (datetime(2025, 11, 28, 17, 59, tzinfo=UTC), "2025-11-26"),
        (datetime(2025, 11, 28, 18, 0, tzinfo=UTC), "2025-11-28"),
    ],
)
def test_todays_bar_counts_from_the_close_on(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], moment: datetime, last: str
) -> None:
    yahoo.now = moment
    answer = source(now=lambda: moment).fetch(QCOM, FIRST)
    assert answer.sessions[-1] == np.datetime64(last)


def test_it_is_a_price_source(source: Callable[..., YahooSource]) -> None:
    assert isinstance(source(), PriceSource)
    assert isinstance(source(), HistorySource)
    assert source().bases() == ("price", "total")
