"""Every fault of Yahoo, met by the unmodified client: named, bounded, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.integration.yahoo_market import STORIES
from tests.integration.yahoo_server import FAULTS, NOW, LoopbackYahoo

from supplychain_screen import Listing, LoadedPrices
from supplychain_screen.errors import (
    MalformedAnswerError,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.sources.yahoo import YahooSource

FIRST, LAST = date(2025, 6, 2), date(2026, 1, 9)
VICTIM = Listing(mic="XHKG", code="0285", currency="HKD")
OTHERS = (
    Listing(mic="XSHG", code="688018", currency="CNY"),
    Listing(mic="XNAS", code="QCOM", currency="USD"),
    Listing(mic="XTAI", code="2454", currency="TWD"),
)


@dataclass(frozen=True)
class Fault:
    """One row of the table: what the server does, what comes of it, and how often it is asked."""

    name: str
    error: type[SourceError] | None
    says: str
    asked: int = 1
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def slow(self) -> bool:
        """Whether only a time-out ends it."""
        return self.name in ("time_out", "slow_drip")


TABLE = (
    Fault("not_found", SymbolNotFoundError, "No data found"),
    Fault("lost_page", MalformedAnswerError, r"404\): Not here"),
    Fault("rate_limited", RateLimitedError, "2026-01-10 00:30 UTC"),
    Fault("rate_limited", RateLimitedError, "2026-01-09 23:32 UTC", 1, {"retry_after": "120"}),
    # The client renews its cookie once and asks again: that is what a 401 is for.
    Fault("unauthorized", MalformedAnswerError, "Invalid Crumb", 2),
    Fault("bad_request", MalformedAnswerError, "Invalid input"),
    Fault("server_error", SourceUnreachableError, "500: Something went wrong", 3),
    Fault("bad_gateway", SourceUnreachableError, "502: Yahoo", 3),
    Fault("bad_gateway", SourceUnreachableError, "503: Yahoo", 3, {"status": 503}),
    Fault("maintenance", SourceUnreachableError, "maintenance"),
    Fault("html_page", MalformedAnswerError, "no JSON: Yahoo Finance"),
    Fault("null_result", MalformedAnswerError, "no prices"),
    Fault("empty_result", MalformedAnswerError, "no prices"),
    Fault("error_with_200", MalformedAnswerError, "overloaded"),
    Fault("no_bars", MalformedAnswerError, "no prices"),
    Fault("uneven_columns", MalformedAnswerError, ""),
    Fault("broken_json", MalformedAnswerError, "breaks off"),
    Fault("nested", MalformedAnswerError, "nested too deeply"),
    Fault("nested_refusal", MalformedAnswerError, "refused the request"),
    Fault("endless", MalformedAnswerError, "larger than 16 MB"),
    Fault("absurd", MalformedAnswerError, "no moment", 1, {"value": 10**400}),
    Fault("absurd", MalformedAnswerError, "no moment", 1, {"value": True}),
    Fault("absurd", MalformedAnswerError, "a bar of 1970-01-01 after", 1, {"value": 0}),
    Fault("absurd", MalformedAnswerError, "no number", 1, {"part": "close", "value": True}),
    Fault("absurd", MalformedAnswerError, "no number", 1, {"part": "close", "value": 10**400}),
    Fault("absurd", MalformedAnswerError, "cannot be", 1, {"part": "volume", "value": 1e300}),
    Fault("cut_off", SourceUnreachableError, "", 3),
    Fault("time_out", SourceUnreachableError, "timed out", 3),
    # libcurl by itself asks once more where a kept connection breaks before any answer.
    Fault("reset", SourceUnreachableError, "", 3),
    Fault("slow_drip", SourceUnreachableError, "timed out", 3),
    Fault("consent", None, "", 2),
    Fault("consent", MalformedAnswerError, "consent", 1, {"helps": False}),
)
SPOILED = {
    "wrong_currency": "EUR",
    "other_symbol": "META",
    "monthly_bars": "1mo",
    "text_in_numbers": "no number",
}


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., YahooSource]:
    def make(**options: Any) -> YahooSource:
        quick = {"pace": 0, "timeout": 60, "backoff": 0.01, "now": lambda: NOW}
        return YahooSource(**{**quick, **options}, cache_dir=tmp_path / "yahoo")

    return make


def picture(prices: LoadedPrices, instruments: tuple[Instrument, ...]) -> dict[str, object]:
    """Everything about some instruments, to the byte."""
    return {
        one.id: (
            prices.series[one.id].sessions.tobytes(),
            prices.series[one.id].close.tobytes(),
            prices.series[one.id].volume.tobytes(),
            prices.series[one.id].fetched_at,
            [finding for finding in prices.findings if finding.listing == one.id],
        )
        for one in instruments
    }


def test_the_table_names_every_fault_the_server_knows() -> None:
    assert {fault.name for fault in TABLE} == set(FAULTS)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        pytest.param(
            place,
            fault,
            id=f"{place}-{fault.name}{fault.options or ''}"[:50],
            marks=[pytest.mark.slow] if fault.slow else [],
        )
        for place in (0, 2)
        for fault in TABLE
        # Before anything was heard the patience of the source ends sooner than three time-outs.
        if place or not fault.slow
    ],
)
def test_a_fault_is_named_bounded_and_nobody_elses(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], place: int, fault: Fault
) -> None:
    instruments = (*OTHERS[:place], VICTIM, *OTHERS[place:])
    clean = source().load(instruments, FIRST, LAST, "price")
    assert not clean.failures
    yahoo.reset()
    yahoo.fault("0285.HK", fault.name, **fault.options)

    # Seconds for whoever answers on loopback, on the slowest machine; the silent ones use them up.
    prices = source(timeout=3 if fault.slow else 60).load(instruments, FIRST, LAST, "price")

    assert yahoo.charts("0285.HK") - fault.asked in ((0, 1) if fault.name == "reset" else (0,))
    assert picture(prices, OTHERS) == picture(clean, OTHERS)
    if fault.error is None:
        assert picture(prices, instruments) == picture(clean, instruments)
        return
    assert list(prices.failures) == ["XHKG:0285"]
    error = prices.failures["XHKG:0285"]
    assert type(error) is fault.error
    assert (error.source, error.symbol, error.attempts) == ("yahoo", "0285.HK", fault.asked)
    assert re.search(fault.says, str(error))


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_spoiled_series_is_nobody_elses(
    yahoo: LoopbackYahoo, source: Callable[..., YahooSource], story: str
) -> None:
    instruments = (OTHERS[0], VICTIM, *OTHERS[1:])
    yahoo.market("0285.HK", splits={date(2025, 9, 1): 1.4})
    clean = source().load(instruments, FIRST, LAST, "total")
    yahoo.story("0285.HK", story)

    prices = source().load(instruments, FIRST, LAST, "total")

    assert picture(prices, OTHERS) == picture(clean, OTHERS)
    if story in SPOILED:
        error = prices.failures["XHKG:0285"]
        assert type(error) is MalformedAnswerError
        assert SPOILED[story] in str(error)
    else:
        assert not prices.failures
