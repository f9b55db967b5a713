"""Every company's figures against a computation that never calls the package.

The oracle below is plain Python over the CSV: it knows no pandas, no panel and no calendar
library. The days an exchange was open are the days its index has a row for.
"""

import csv
import gzip
import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from supplychain_screen import Screening, load_report, screen

AS_OF = date(2026, 1, 9)
PUBLISHED = [
    date(2024, 11, 28),  # 603160 suspended for 4 sessions
    date(2024, 12, 6),  # 603160 suspended for 10 sessions
    date(2024, 12, 31),
    date(2025, 1, 26),  # a Sunday before the long holiday
    date(2025, 6, 5),  # 688041 suspended, 12 months not over
]
# Published by the Hong Kong exchange: morning sessions only.
HALF_DAYS = {"2024-12-24", "2024-12-31", "2025-01-28", "2025-12-24", "2025-12-31"}
BENCHMARK = {"SS": "000300.SS", "SZ": "000300.SS", "HK": "^HSI", "TW": None}
OUTSIDE_US = tuple(f".{suffix}" for suffix in BENCHMARK)


@dataclass(frozen=True)
class Leg:
    base_day: str
    end_day: str
    stock: float
    benchmark: float

    @property
    def relative(self) -> float:
        return self.stock - self.benchmark


@cache
def closes(folder: Path) -> dict[str, tuple[list[str], list[float]]]:
    """Symbol → sessions and closes; suspensions that Yahoo fills are left out."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(folder / "prices.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["symbol"]].append(row)
    found = {}
    for symbol, mine in rows.items():
        days, values, previous = [], [], None
        for row in sorted(mine, key=lambda one: one["date"]):
            value = float(row["close"])
            idle = row["volume"] != "" and float(row["volume"]) == 0 and not symbol.startswith("^")
            half_day = symbol.endswith(".HK") and row["date"] in HALF_DAYS
            if not (idle and value == previous and not half_day):
                days.append(row["date"])
                values.append(value)
            previous = value
        found[symbol] = (days, values)
    return found


def as_of(book: tuple[list[str], list[float]], day: str) -> tuple[str, float]:
    days, values = book
    place = bisect_right(days, day) - 1
    return days[place], values[place]


def sessions_between(book: tuple[list[str], list[float]], after: str, until: str) -> int:
    return sum(after < day <= until for day in book[0])


def months_later(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def benchmark_of(symbol: str) -> str | None:
    if symbol.endswith(OUTSIDE_US):
        return BENCHMARK[symbol.rpartition(".")[2]]
    return "^GSPC"


def oracle(
    folder: Path, symbol: str, index: str, published: date, end: date
) -> tuple[Leg, int, int]:
    book, bench = closes(folder)[symbol], closes(folder)[index]
    base_day, base = as_of(book, str(published))
    end_day, last = as_of(book, str(end))
    _, index_base = as_of(bench, base_day)
    _, index_end = as_of(bench, end_day)
    return (
        Leg(base_day, end_day, last / base - 1, index_end / index_base - 1),
        sessions_between(bench, base_day, str(published)),
        sessions_between(bench, end_day, str(end)),
    )


@cache
def screened(folder: Path, published: date) -> Screening:
    return screen(load_report(), published, AS_OF, prices=folder / "prices.csv.gz")


@pytest.mark.parametrize("published", PUBLISHED, ids=str)
@pytest.mark.parametrize("window", ["6m", "12m", "to_date"])
def test_every_company_agrees(market_data: Path, published: date, window: str) -> None:
    result = screened(market_data, published)
    evidence = result.evidence.query("window == @window and role == 'primary'")
    assert len(evidence) == 36
    ends = {
        "6m": months_later(published, 6),
        "12m": months_later(published, 12),
        "to_date": min(AS_OF, months_later(published, 12)),
    }
    compared = 0
    for row in evidence.to_dict("records"):
        index = benchmark_of(row["symbol"])
        if index is None or ends[window] > AS_OF:
            assert row["rating"] == "unrated"
            continue
        leg, base_age, end_age = oracle(market_data, row["symbol"], index, published, ends[window])
        assert str(row["base_session"].date()) == leg.base_day
        assert str(row["end_session"].date()) == leg.end_day
        assert row["base_age"] == base_age
        assert row["end_age"] == end_age
        assert math.isclose(row["return"], leg.stock, abs_tol=1e-6)
        assert math.isclose(row["benchmark_return"], leg.benchmark, abs_tol=1e-6)
        assert math.isclose(row["relative_return"], leg.relative, abs_tol=1e-6)
        if base_age > 5 or end_age > 5:
            assert row["rating"] == "unrated"
        else:
            expected = "outperform" if leg.relative >= 0.1 - 1e-9 else "neutral"
            expected = "underperform" if leg.relative <= -0.1 + 1e-9 else expected
            assert row["rating"] == expected
            assert not isinstance(row["reason"], str)
        compared += 1
    assert compared == (0 if ends[window] > AS_OF else 35)


def row_of(result: Screening, company: str) -> dict[str, Any]:
    (found,) = result.companies.query("company == @company").to_dict("records")
    return {str(column): value for column, value in found.items()}


@pytest.mark.parametrize(
    ("symbol", "six_months", "twelve_months"),
    # From the closes printed in the README of the market data.
    [
        ("000300.SS", 3936.0791 / 3934.9109 - 1, 4629.9395 / 3934.9109 - 1),
        ("^HSI", 24072.2793 / 20059.9492 - 1, 25630.5391 / 20059.9492 - 1),
        ("^GSPC", 6204.9502 / 5881.6299 - 1, 6845.5 / 5881.6299 - 1),
        ("^IXIC", 20369.7305 / 19310.7891 - 1, 23241.9902 / 19310.7891 - 1),
    ],
)
def test_index_legs(
    market_data: Path, symbol: str, six_months: float, twelve_months: float
) -> None:
    evidence = screened(market_data, date(2024, 12, 31)).evidence
    mine = evidence[(evidence["benchmark"] == symbol) & (evidence["base_age"] == 0)]
    for window, expected in (("6m", six_months), ("12m", twelve_months)):
        legs = mine[mine["window"] == window]["benchmark_return"]
        assert len(legs) > 0
        assert (legs - expected).abs().max() < 1e-7


def test_index_legs_as_printed(market_data: Path) -> None:
    companies = screened(market_data, date(2024, 12, 31)).companies
    printed = companies.groupby("benchmark")["benchmark_return"].first().round(4)
    assert printed["000300.SS"] == 0.1766
    assert printed["^HSI"] == 0.2777


def test_suspended_for_four_sessions_is_measured_from_the_last_close(market_data: Path) -> None:
    goodix = row_of(screened(market_data, date(2024, 11, 28)), "汇顶科技")
    assert str(goodix["base_session"])[:10] == "2024-11-22"
    assert not isinstance(goodix["reason"], str)


def test_suspended_for_ten_sessions_is_unrated(market_data: Path) -> None:
    goodix = row_of(screened(market_data, date(2024, 12, 6)), "汇顶科技")
    assert (goodix["rating"], goodix["reason"]) == ("unrated", "suspended_at_base")
    assert not math.isnan(goodix["relative_return"])  # the numbers are still shown


def test_hygon_suspended_and_the_year_still_open(market_data: Path) -> None:
    result = screened(market_data, date(2025, 6, 5))
    assert row_of(result, "海光信息")["reason"] == "suspended_at_base"
    assert set(result.companies["stage"]) == {"6m"}
    assert (result.companies["rating_12m"] == "unrated").all()


def test_mediatek_has_no_benchmark(market_data: Path) -> None:
    row = row_of(screened(market_data, date(2024, 12, 31)), "联发科")
    assert (row["rating"], row["reason"]) == ("unrated", "no_benchmark")
    assert not isinstance(row["benchmark"], str)


def test_tcl_shows_its_choice_and_the_candidates(market_data: Path) -> None:
    row = row_of(screened(market_data, date(2024, 12, 31)), "TCL")
    assert row["symbol"] == "000100.SZ"
    assert row["confidence"] == "ambiguous"
    assert set(row["candidates"]) == {"1070.HK", "002668.SZ"}


def test_qualcomm_counts_once_in_the_total_and_in_two_segments(market_data: Path) -> None:
    result = screened(market_data, date(2024, 12, 31))
    segments = result.companies.query("company == '高通'")["segment"].tolist()
    assert segments == ["手机芯片", "IOT SoC"]
    assert (result.total["mentions"], result.segments["mentions"].sum()) == (35, 36)
    assert result.segments["mentions"].tolist() == [1, 1, 3, 7, 6, 6, 5, 4, 1, 1, 1]
    assert result.total["rated"] + result.total["unrated"] == result.total["listed"]
