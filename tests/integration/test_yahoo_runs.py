"""When a run stops, what it keeps, and what it leaves behind in the process."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.yahoo_server import CRUMB, NOW, LoopbackYahoo
from tests.stopwatch import Stopwatch

from supplychain_screen import Listing
from supplychain_screen.errors import (
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.prices.sources.yahoo import YahooSource
from supplychain_screen.prices.sources.yahoo import client as yahoo_client

FIRST, LAST = date(2025, 9, 1), date(2026, 1, 9)
TEN = tuple(Listing(mic="XHKG", code=f"02{n:02}", currency="HKD") for n in range(10))
SYMBOLS = tuple(str(one.symbol("yahoo")) for one in TEN)
HOUR = timedelta(hours=1)


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., YahooSource]:
    def make(**options: Any) -> YahooSource:
        quick = {"pace": 0, "backoff": 0.01, "now": lambda: NOW, "cache_dir": tmp_path / "yahoo"}
        return YahooSource(**{**quick, **options})

    return make


@pytest.fixture
def fresh_client() -> Iterator[dict[type, Any]]:
    """The client as a new process has it: without cookie and crumb."""
    clients: dict[type, Any] = type(yahoo_client._Client)._instances
    clients.pop(yahoo_client._Client, None)
    yield clients
    clients.pop(yahoo_client._Client, None)


# --- Refusals -------------------------------------------------------------------------------


def test_refusals_in_a_row_stop_the_run_and_keep_what_arrived(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    for symbol in SYMBOLS[2:]:
        yahoo.fault(symbol, "rate_limited", retry_after="600")
    clock, steps = [NOW], []
    one = source(now=lambda: clock[0], on_progress=lambda *step: steps.append(step[3]))

    prices = one.load(TEN, FIRST, LAST, "price")

    assert list(prices.series) == [one.id for one in TEN[:2]]
    assert yahoo.charts() == 5
    assert steps == ["fetched"] * 2 + ["rate_limited"] * 3 + ["skipped"] * 5
    for error in prices.failures.values():
        assert isinstance(error, RateLimitedError)
        assert error.retry_after == NOW + timedelta(seconds=600)
    last = prices.failures[TEN[-1].id]
    assert (last.attempts, last.symbol) == (0, SYMBOLS[-1])
    assert "was not asked" in str(last)
    assert "come back after 2026-01-09 23:40 UTC" in str(last)

    # Until then nobody is asked, and what was fetched is still served.
    clock[0] += timedelta(seconds=599)
    assert list(one.load(TEN, FIRST, LAST, "total").series) == [one.id for one in TEN[:2]]
    with pytest.raises(RateLimitedError, match="23:40 UTC"):
        one.load(TEN[5:], FIRST, LAST, "price")
    with pytest.raises(RateLimitedError):
        one.fetch(TEN[5], FIRST)
    assert yahoo.charts() == 5

    yahoo.reset()
    clock[0] += timedelta(seconds=1)
    assert len(one.load(TEN, FIRST, LAST, "price").series) == 10


def test_single_requests_open_the_breaker_too(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    one = source(breaker=2)
    for symbol in SYMBOLS:
        yahoo.fault(symbol, "rate_limited")
    for listing in TEN:
        with pytest.raises(RateLimitedError) as caught:
            one.fetch(listing, FIRST)
        assert caught.value.retry_after == NOW + HOUR
    assert yahoo.charts() == 2


def test_a_short_burst_of_refusals_does_not_stop_the_run(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    for symbol in (*SYMBOLS[1:3], *SYMBOLS[4:6]):
        yahoo.fault(symbol, "rate_limited", times=1)
    one = source()
    prices = one.load(TEN, FIRST, LAST, "price")
    assert sorted(prices.failures) == sorted(TEN[n].id for n in (1, 2, 4, 5))
    # The next pass asks for those alone.
    assert not one.load(TEN, FIRST, LAST, "price").failures
    assert yahoo.charts() == 14


def test_nothing_but_refusals_is_an_error(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    for symbol in SYMBOLS:
        yahoo.fault(symbol, "rate_limited")
    with pytest.raises(RateLimitedError, match="refused 3 requests in a row; come back after"):
        source().load(TEN, FIRST, LAST, "price")


def test_a_failed_symbol_is_asked_once_for_both_bases(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    yahoo.fault(SYMBOLS[0], "html_page")
    yahoo.fault(SYMBOLS[1], "server_error")
    one = source(retries=1)
    told = [dict(one.load(TEN[:3], FIRST, LAST, basis).failures) for basis in ("price", "total")]
    assert told[0] == told[1]
    assert [yahoo.charts(symbol) for symbol in SYMBOLS[:3]] == [1, 2, 1]
    # The same basis again is another attempt, and so is one from another day on.
    yahoo.reset()
    assert not one.load(TEN[:3], FIRST, LAST, "total").failures
    assert [yahoo.charts(symbol) for symbol in SYMBOLS[:3]] == [1, 1, 0]


# --- Cookie and crumb -----------------------------------------------------------------------


def test_a_refused_crumb_is_neither_sent_nor_asked_for_again(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], fresh_client: Any
) -> None:
    yahoo.fault("getcrumb", "rate_limited")
    prices = source().load(TEN, FIRST, LAST, "price")
    assert len(prices.series) == 10
    assert yahoo.count("getcrumb") == 1
    assert not [one for one in yahoo.requests if "crumb" in one.query]


def test_a_crumb_that_is_an_error_page_is_dropped(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], fresh_client: Any
) -> None:
    one = source()
    one.load(TEN[:1], FIRST, LAST, "price")
    yahoo.reset()
    fresh_client[yahoo_client._Client]._crumb = "Edge: Too Many Requests"
    assert len(one.load(TEN[1:4], FIRST, LAST, "price").series) == 3
    assert [one.query.get("crumb") for one in yahoo.requests if one.kind == "chart"] == [None] * 3


@pytest.mark.parametrize("door", ["cookie", "getcrumb"])
@pytest.mark.parametrize("fault", ["reset", "time_out", "bad_gateway", "unauthorized", "html_page"])
def test_prices_come_without_cookie_or_crumb(
    yahoo: LoopbackYahoo,
    source: Callable[..., YahooSource],
    fresh_client: Any,
    door: str,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yahoo_client, "_SIDE_SECONDS", 0.3)
    monkeypatch.setattr(yahoo_client, "_UNHEARD_SIDE_SECONDS", 0.3)
    yahoo.fault(door, fault)
    prices = source().load(TEN[:4], FIRST, LAST, "price")
    assert len(prices.series) == 4
    assert yahoo.charts() == 4
    assert yahoo.count(door) <= 2


def test_the_crumb_is_sent_where_there_is_one(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], fresh_client: Any
) -> None:
    source().load(TEN[:2], FIRST, LAST, "price")
    assert [one.query["crumb"] for one in yahoo.requests if one.kind == "chart"] == [[CRUMB]] * 2
    assert (yahoo.count("cookie"), yahoo.count("getcrumb")) == (1, 1)


# --- Time -----------------------------------------------------------------------------------


def test_the_deadline_ends_the_run_and_keeps_what_arrived(
    yahoo: LoopbackYahoo,
    source: Callable[..., YahooSource],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Stopwatch(monkeypatch, standing=True)
    # The fourth takes all the time there is, and then its connection breaks.
    yahoo.fault(SYMBOLS[3], "reset", first=lambda: watch.advance(600))
    prices = source(deadline=600.0).load(TEN, FIRST, LAST, "price")
    assert list(prices.series) == [one.id for one in TEN[:3]]
    assert {type(error) for error in prices.failures.values()} == {SourceUnreachableError}
    assert "600 seconds for Yahoo were used up" in str(prices.failures[TEN[-1].id])
    # libcurl by itself asks once more where a kept connection breaks before any answer.
    assert yahoo.charts() in (4, 5)
    assert yahoo.charts(SYMBOLS[4]) == 0


@pytest.mark.parametrize("fault", ["slow_drip", "time_out"])
def test_a_deadline_before_anything_arrived_is_an_error(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], fault: str
) -> None:
    yahoo.fault(SYMBOLS[0], fault)
    with pytest.raises(SourceUnreachableError, match="used up"):
        source(deadline=0.5, timeout=30).load(TEN, FIRST, LAST, "price")


def test_requests_keep_their_pace(
    yahoo: LoopbackYahoo,
    source: Callable[..., YahooSource],
    fresh_client: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Stopwatch(monkeypatch, standing=True)
    source(pace=20).load(TEN, FIRST, LAST, "price")
    assert len(yahoo.requests) == 12
    assert watch.slept == [pytest.approx(1 / 20)] * 11


# --- Nobody there ---------------------------------------------------------------------------


def test_a_refused_connection_is_told_at_once(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{closed.getsockname()[1]}")
        steps: list[str] = []
        watch = Stopwatch(monkeypatch, standing=True)
        one = source(backoff=0.5, on_progress=lambda *step: steps.append(step[3]))
        with pytest.raises(SourceUnreachableError) as caught:
            one.load(TEN, FIRST, LAST, "price")
    # Nobody waits for longer than between two tries.
    assert sum(watch.slept) < 5
    assert steps == ["unreachable"] + ["skipped"] * 9
    assert "Yahoo cannot be reached" in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "curl.se" not in str(caught.value)


def _knocks(server: socket.socket) -> int:
    """How many connections a socket was offered that never accepted one."""
    server.setblocking(False)
    found = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            found += 1
    return found


def test_a_host_that_says_nothing_is_given_up_within_ten_seconds(
    yahoo: LoopbackYahoo,
    source: Callable[..., YahooSource],
    fresh_client: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A tenth of the real limits, which add up to 9.5 seconds.
    limits = ("_UNHEARD_SIDE_SECONDS", "_UNHEARD_CHART_SECONDS")
    side, chart = (getattr(yahoo_client, name) for name in limits)
    assert 2 * side + chart <= 10
    for name in limits:
        monkeypatch.setattr(yahoo_client, name, getattr(yahoo_client, name) / 10)
    monkeypatch.setattr("supplychain_screen.prices.sources.yahoo.source._PATIENCE_SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(SourceUnreachableError, match="cannot be reached"):
            source().load(TEN, FIRST, LAST, "price")
        # Asked for a cookie, for a chart, and whether anybody is there: the three limits above.
        assert _knocks(silent) == 3


def test_a_network_that_goes_away_stops_the_run(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    for symbol in (*SYMBOLS[4:], "getcrumb", "cookie"):
        yahoo.fault(symbol, "reset")
    prices = source().load(TEN, FIRST, LAST, "price")
    assert list(prices.series) == [one.id for one in TEN[:4]]
    assert yahoo.charts() <= 4 + 4  # three attempts, and one of libcurl's own
    assert "cannot be reached" in str(prices.failures[TEN[-1].id])


def test_a_failing_service_stops_the_run(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    for symbol in SYMBOLS[1:]:
        yahoo.fault(symbol, "bad_gateway")
    prices = source(retries=1).load(TEN, FIRST, LAST, "price")
    assert list(prices.series) == [TEN[0].id]
    assert yahoo.charts() == 1 + 5 * 2
    assert "failed for 5 symbols in a row" in str(prices.failures[TEN[-1].id])


def test_a_service_that_serves_nothing_is_given_up_after_thirty_seconds(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "supplychain_screen.prices.sources.yahoo.source"
    monkeypatch.setattr(f"{module}._FIRST_PRICES_SECONDS", 0.0)
    for symbol in SYMBOLS:
        yahoo.fault(symbol, "bad_gateway")
    with pytest.raises(SourceUnreachableError, match="no prices came from Yahoo within 0 seconds"):
        source(retries=2).load(TEN, FIRST, LAST, "price")
    # The first symbol's first attempt used the time up: nothing else is asked.
    assert yahoo.charts() == 1


def test_a_service_that_served_once_is_asked_again(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "supplychain_screen.prices.sources.yahoo.source"
    monkeypatch.setattr(f"{module}._FIRST_PRICES_SECONDS", 0.0)
    yahoo.fault(SYMBOLS[1], "bad_gateway", times=1)
    prices = source(retries=1).load(TEN[:3], FIRST, LAST, "price")
    assert len(prices.series) == 3


@pytest.mark.parametrize(("fault", "times"), [("reset", 1), ("server_error", 2), ("cut_off", 2)])
def test_a_passing_fault_is_got_over(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], fault: str, times: int
) -> None:
    yahoo.fault(SYMBOLS[0], fault, times=times)
    answer = source().fetch(TEN[0], FIRST)
    assert answer.attempts in (times, times + 1)
    assert yahoo.charts() == times + 1


# --- What is left behind --------------------------------------------------------------------


def test_the_process_is_as_it_was(yahoo: LoopbackYahoo, source: Callable[..., YahooSource]) -> None:
    import warnings

    import yfinance.cache
    from yfinance.data import YfData

    filters = list(warnings.filters)
    place = yfinance.cache._CookieDBManager.get_location()
    yahoo.unlist(SYMBOLS[1])
    source().load(TEN[:3], FIRST, LAST, "price")
    assert not isinstance(YfData()._session, yahoo_client.PacedSession)
    assert yfinance.cache._CookieDBManager.get_location() == place
    assert warnings.filters == filters


def test_a_stream_can_be_left_half_way(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    yahoo.unlist(SYMBOLS[0])
    stream = source().stream(TEN, {one.id: FIRST for one in TEN})
    first, error = next(stream)
    assert (first, type(error)) == (TEN[0], SymbolNotFoundError)
    second, answer = next(stream)
    assert second == TEN[1]
    assert not isinstance(answer, SourceError)
    assert yahoo.charts() == 2


def test_the_clock_needs_a_time_zone(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource]
) -> None:
    with pytest.raises(Exception, match="without time zone"):
        source(now=lambda: datetime(2026, 1, 9)).fetch(TEN[0], FIRST)  # noqa: DTZ001
    assert UTC
