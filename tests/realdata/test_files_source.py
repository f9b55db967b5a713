"""The file source on real prices, against a reading of the file that shares no code with it."""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from supplychain_screen import LoadedPrices, PriceSeries, load_report
from supplychain_screen.errors import BasisNotServedError, SymbolNotFoundError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices import Basis
from supplychain_screen.prices.sources.files import FileSource

WHOLE = date(2019, 1, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def instruments() -> tuple[Instrument, ...]:
    report = load_report()
    return (*report.listings, *report.standard.indices)


@pytest.fixture(scope="module")
def rows(market_data: Path) -> dict[str, list[dict[str, str]]]:
    """The file as Python's own csv module reads it, by symbol."""
    found = defaultdict(list)
    with gzip.open(market_data / "prices.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["symbol"]].append(row)
    return found


@pytest.fixture(scope="module")
def loaded(market_data: Path, instruments: tuple[Instrument, ...]) -> LoadedPrices:
    return FileSource(market_data / "prices.csv.gz").load(instruments, *WHOLE, "price")


def test_every_symbol_that_the_report_needs_has_the_rows_of_the_coverage(
    market_data: Path, instruments: tuple[Instrument, ...], loaded: LoadedPrices
) -> None:
    with (market_data / "coverage.csv").open(encoding="utf-8", newline="") as file:
        coverage = {row["symbol"]: row for row in csv.DictReader(file)}
    needed = {instrument.symbol("yahoo"): instrument.id for instrument in instruments}
    found = {name: one for symbol, name in needed.items() if (one := loaded.series.get(name))}
    assert set(found) == {name for symbol, name in needed.items() if symbol in coverage}
    assert len(found) >= 38
    for symbol, name in needed.items():
        if symbol in coverage:
            one, row = found[name], coverage[symbol]
            assert one.symbol == symbol
            assert len(one.sessions) == int(row["rows"])
            assert [str(one.sessions[0]), str(one.sessions[-1])] == [row["first"], row["last"]]
        else:
            assert isinstance(loaded.failures[name], SymbolNotFoundError)
    assert loaded.findings == ()


@pytest.mark.parametrize(("basis", "column"), [("price", "close"), ("total", "adj_close")])
def test_the_arrays_are_those_of_a_plain_reading(
    market_data: Path,
    instruments: tuple[Instrument, ...],
    rows: dict[str, list[dict[str, str]]],
    basis: Basis,
    column: str,
) -> None:
    loaded = FileSource(market_data / "prices.csv.gz").load(instruments, *WHOLE, basis)
    assert len(loaded.series) >= 38
    for name, one in loaded.series.items():
        plain = sorted(rows[one.symbol], key=lambda row: row["date"])
        read = "close" if name.startswith("INDEX") else column
        assert one.sessions.astype(str).tolist() == [row["date"] for row in plain]
        np.testing.assert_array_equal(one.close, [float(row[read]) for row in plain])
        volume = [float(row["volume"]) if row["volume"] else math.nan for row in plain]
        np.testing.assert_array_equal(one.volume, volume)


@pytest.mark.parametrize(
    ("listing", "day", "close"),
    [
        # "Values to meet" of the README beside the file.
        ("INDEX:CSI300", "2024-12-31", 3934.9109),
        ("INDEX:CSI300", "2025-06-30", 3936.0791),
        ("INDEX:CSI300", "2025-12-31", 4629.9395),
        ("INDEX:HSI", "2024-12-31", 20059.9492),
        ("INDEX:HSI", "2025-06-30", 24072.2793),
        ("INDEX:HSI", "2025-12-31", 25630.5391),
        ("INDEX:SPX", "2024-12-31", 5881.6299),
        ("INDEX:SPX", "2025-06-30", 6204.9502),
        ("INDEX:SPX", "2025-12-31", 6845.5),
        ("INDEX:IXIC", "2024-12-31", 19310.7891),
        ("INDEX:IXIC", "2025-06-30", 20369.7305),
        ("INDEX:IXIC", "2025-12-31", 23241.9902),
    ],
)
def test_the_closes_that_must_be_met(
    loaded: LoadedPrices, listing: str, day: str, close: float
) -> None:
    one = loaded.series[listing]
    at = np.flatnonzero(one.sessions == np.datetime64(day))
    assert one.close[at].tolist() == [pytest.approx(close, abs=5e-5)]


@pytest.mark.parametrize(
    "name",
    ["defect_missed_split_688018.csv", "second_source.csv.gz", "defect_repeated_close_2024.csv"],
)
def test_files_with_adjusted_closes_only_say_so(
    market_data: Path, instruments: tuple[Instrument, ...], name: str
) -> None:
    refused = FileSource(market_data / name).load(instruments, *WHOLE, "price")
    assert not refused.series
    kinds = {type(error) for error in refused.failures.values()}
    assert kinds == {SymbolNotFoundError, BasisNotServedError}
    read = FileSource(market_data / name, close="adj_close").load(instruments, *WHOLE, "price")
    assert {type(error) for error in read.failures.values()} == {SymbolNotFoundError}
    assert read.series


@pytest.mark.parametrize(
    ("listing", "day"),
    # Bonus issues of ``ex_dates.csv``, both inside the daily limit of their boards.
    [("XSHG:688049", "2025-08-07"), ("XSHE:300458", "2025-04-30")],
)
def test_a_bonus_issue_inside_the_limit_is_told_or_undone(
    market_data: Path, instruments: tuple[Instrument, ...], listing: str, day: str
) -> None:
    file = market_data / "prices.csv.gz"
    unstated = FileSource(file, close="raw_close").load(instruments, *WHOLE, "price")
    told = {(one.listing, str(one.last)) for one in unstated.findings if one.action == "unrated"}
    assert (listing, day) in told
    # said to be traded, the closes are adjusted by what the adjusted close beside them shows
    stated = FileSource(file, close="raw_close", adjustment="none")
    one = stated.load(instruments, *WHOLE, "price").series[listing]
    adjusted = (
        FileSource(file, close="adj_close").load(instruments, *WHOLE, "price").series[listing]
    )
    span = np.datetime64("2024-12-31"), np.datetime64("2025-12-31")

    def change(one: PriceSeries) -> float:
        first, last = (float(one.close[one.sessions == end][0]) for end in span)
        return last / first - 1

    # apart from cash dividends, which the price basis leaves out
    assert change(one) == pytest.approx(change(adjusted), abs=0.012)
    raw = unstated.series[listing]
    assert abs(change(raw) - change(adjusted)) > 0.15
