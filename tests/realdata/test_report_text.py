"""The packaged data against the report's own text and the verified facts, which stay outside."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import load_report
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.research import read_report


def beside(market_data: Path, *parts: str) -> Path:
    """A file of the folders beside the prices; they are kept in one place."""
    file = market_data.parent.joinpath(*parts)
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    return file


def test_the_printed_table_is_the_packaged_one(market_data: Path) -> None:
    file = beside(market_data, "report", "guosen-xiaomi-ai.txt")
    read = read_report(file).to_report().mentions
    assert len(read) == 36
    assert [
        (one.order, one.segment_no, one.segment, one.company, one.note, one.pending) for one in read
    ] == [
        (one.order, one.segment_no, one.segment, one.company, one.note, one.pending)
        for one in load_report().mentions
    ]


def test_mentions_and_listings_are_the_verified_ones(market_data: Path) -> None:
    report = load_report()
    file = beside(market_data, "facts", "suppliers_verified.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        facts = list(csv.DictReader(stream))
    for mention, fact in zip(report.mentions, facts, strict=True):
        assert mention.listing is not None
        listing = report.listing(mention.listing)
        assert (mention.segment, mention.company, mention.note, mention.confidence) == (
            fact["segment_zh"],
            fact["company_zh"],
            fact["note"],
            fact["confidence"],
        )
        assert (listing.mic, listing.code) == (fact["primary_mic"], fact["primary_code"])
        assert listing.symbol("yahoo") == fact["primary_yahoo"]
        assert listing.symbol("wind") == fact["primary_wind"]
        assert (listing.isin or "") == fact["primary_isin"]
        assert (listing.currency, listing.board) == (fact["currency"], fact["board"])
        assert str(listing.first_session) == fact["listing_date"]
        benchmarks = report.standard.benchmarks_of(listing.mic)
        printed = " or ".join(one.printed for one in benchmarks) or "none in report"
        assert fact["benchmark_in_report"].startswith(printed)


def test_every_verified_listing_is_there(market_data: Path) -> None:
    file = beside(market_data, "facts", "listings_verified.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        facts = {f"{row['mic']}:{row['code']}" for row in csv.DictReader(stream)}
    assert {one.id for one in load_report().listings} == facts


def test_sessions_are_the_days_on_which_the_indices_have_a_level(market_data: Path) -> None:
    prices = pd.read_csv(market_data / "prices.csv.gz", usecols=["symbol", "date"])
    # Yahoo's Taiwan index lacks days on which Taipei traded (2021 had 244 sessions by the
    # exchange's own count) and one of 2026 that nothing here can settle.
    gaps = {"^TWII": ["2019-09-09", "2021-04-06", "2026-07-10"]}
    for index in load_report().standard.indices:
        symbol = index.symbol("yahoo")
        if symbol is None:
            continue
        days = prices.loc[prices["symbol"] == symbol, "date"].to_numpy().astype("datetime64[D]")
        sessions = exchange_sessions(index.calendar, days[0].item(), days[-1].item())
        assert np.setdiff1d(days, sessions).size == 0, symbol
        missing = np.setdiff1d(sessions, days).astype(str).tolist()
        assert missing == gaps.get(symbol, []), symbol


def test_first_sessions_are_the_first_prices(market_data: Path) -> None:
    """Where the prices begin with the listing and not with the file."""
    prices = pd.read_csv(market_data / "prices.csv.gz", usecols=["symbol", "date"])
    first = prices.groupby("symbol")["date"].min()
    checked = 0
    for listing in load_report().listings:
        symbol = listing.symbol("yahoo")
        day = listing.first_session
        if symbol is not None and symbol in first.index and day is not None and day.year >= 2020:
            assert first.at[symbol] == day.isoformat(), symbol
            checked += 1
    assert checked >= 15
