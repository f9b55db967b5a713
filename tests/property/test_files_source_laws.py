"""Laws of the reading of price files: the form of a file changes nothing of what it says."""

from __future__ import annotations

import gzip
import math
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen import Index, Listing, LoadedPrices
from supplychain_screen.errors import PriceFileError
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.prices.sources.files.grammar import MISSING

SPELT: dict[str, Listing | Index] = {
    "688018.SS": Listing(mic="XSHG", code="688018", currency="CNY"),
    "00285.HK": Listing(mic="XHKG", code="0285", currency="HKD"),
    "QCOM": Listing(mic="XNAS", code="QCOM", currency="USD"),
    "HSI.HI": Index(name="HSI", printed="HSI.HI", currency="HKD", calendar="XHKG"),
}
FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)

days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
# Below what no series of prices does from one day to the next, half of the time: twenty closes or
# more that do it are refused as returns.
closes = st.floats(60.0, 100.0, allow_nan=False, width=64)
tables = st.dictionaries(
    st.sampled_from(sorted(SPELT)), st.dictionaries(days, closes, min_size=1), min_size=1
)


def load(path: Path, first: date = FIRST, last: date = LAST) -> LoadedPrices:
    return FileSource(path).load(tuple(SPELT.values()), first, last, "price")


def content(loaded: LoadedPrices) -> dict[str, list[tuple[str, float]]]:
    return {
        name: list(zip(one.sessions.astype(str).tolist(), one.close.tolist(), strict=True))
        for name, one in loaded.series.items()
    }


def expected(table: dict[str, dict[date, float]]) -> dict[str, list[tuple[str, float]]]:
    return {
        SPELT[symbol].id: [(day.isoformat(), rows[day]) for day in sorted(rows)]
        for symbol, rows in table.items()
    }


@given(tables, st.randoms(use_true_random=False))
def test_long_wide_single_packed_or_parquet_say_the_same(
    table: dict[str, dict[date, float]], random: object
) -> None:
    rows = [(symbol, day, close) for symbol, of in table.items() for day, close in of.items()]
    random.shuffle(rows)  # type: ignore[attr-defined]
    long = pd.DataFrame(rows, columns=["symbol", "date", "close"])
    long["date"] = pd.to_datetime(long["date"])
    wide = long.pivot_table(index="date", columns="symbol", values="close")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        long.to_csv(place / "long.csv", index=False)
        long.to_csv(place / "long.csv.gz", index=False)
        long.to_parquet(place / "long.parquet")
        wide.to_csv(place / "wide.csv")
        wide.to_parquet(place / "wide.parquet")
        (place / "single").mkdir()
        for symbol, rows_of in long.groupby("symbol"):
            rows_of.drop(columns="symbol").to_csv(place / "single" / f"{symbol}.csv", index=False)
        for form in sorted(place.iterdir()):
            # Full precision is written, so equality is exact.
            assert content(load(form)) == expected(table), form.name


@given(tables, days, days)
def test_a_range_is_a_part_of_the_whole(
    table: dict[str, dict[date, float]], one: date, other: date
) -> None:
    first, last = min(one, other), max(one, other)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "prices.csv")
        file.write_bytes(text_of(table))
        part = content(load(file, first, last))
        inside = {
            listing: [row for row in rows if first.isoformat() <= row[0] <= last.isoformat()]
            for listing, rows in content(load(file)).items()
        }
    assert part == {listing: rows for listing, rows in inside.items() if rows}


cells = st.one_of(
    closes.map(repr),
    st.sampled_from(
        [
            "",
            " ",
            "NA",
            "nan",
            "-nan",
            "--",
            "inf",
            "-1",
            "+2",
            "1e3",
            ".5",
            "5.",
            " 7 ",
            "x",
            "1_0",
            "1,0,0",
            '"',
            "0x1",
            "1e999",
            "Infinity",
            "١",
            "\x00",
        ]
    ),
)
dates = st.one_of(
    days.map(str),
    days.map(lambda day: day.strftime("%Y%m%d")),
    st.sampled_from(["2025/1/2", "2025-01-02T23:00:00Z", "2025-01-02 09:30", "", "x", "20251301"]),
)
symbols = st.sampled_from([*SPELT, "AAPL", "", " QCOM", "688018.SH"])


NUMBERS = {" 7 ": 7.0, "+2": 2.0, "-1": -1.0, "1e3": 1000.0, ".5": 0.5, "5.": 5.0}
"""What the odd spellings among ``cells`` mean, by hand."""


def plain_close(cell: str) -> float | None:
    """A cell as Python reads it; None where it is no price, NaN where it says nothing."""
    if cell.strip() in MISSING or cell.lstrip("-").lower() == "nan":
        return math.nan
    try:
        return NUMBERS[cell] if cell in NUMBERS else float(cell)
    except ValueError:
        return None


@given(st.lists(st.tuples(symbols, dates, cells, cells), max_size=12), st.booleans())
def test_a_file_of_anything_is_read_as_a_plain_program_reads_it_or_refused(
    rows: list[tuple[str, str, str, str]], packed: bool
) -> None:
    text = "symbol,date,close,volume\n" + "".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in rows
    )
    data = text.encode()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "prices.csv")
        file.write_bytes(gzip.compress(data) if packed else data)
        try:
            loaded = load(file)
        except PriceFileError:
            return
    # Whatever was accepted has the closes of its own rows, and no other.
    written = {plain_close(row[2]) for row in rows} | {10.0}
    for one in loaded.series.values():
        known = one.close[~np.isnan(one.close)]
        assert (known > 0).all()
        assert set(known.tolist()) <= written


def text_of(table: dict[str, dict[date, float]]) -> bytes:
    lines = [f"{s},{day},{close!r}" for s, of in table.items() for day, close in of.items()]
    return "\n".join(["symbol,date,close", *lines]).encode()


@given(tables, st.integers(0, 10_000))
def test_nothing_of_a_packed_file_that_was_cut_off_is_used(
    table: dict[str, dict[date, float]], place: int
) -> None:
    packed = gzip.compress(text_of(table))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "prices.csv.gz")
        file.write_bytes(packed[: place % len(packed)])
        with pytest.raises(PriceFileError):
            load(file)


@given(tables, st.binary(max_size=40), st.integers(0, 10_000))
def test_whatever_is_in_a_file_the_only_error_is_one_that_can_be_printed(
    table: dict[str, dict[date, float]], noise: bytes, place: int
) -> None:
    data = text_of(table)
    at = place % (len(data) + 1)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "prices.csv")
        file.write_bytes(data[:at] + noise + data[at:])
        try:
            load(file)
        except PriceFileError as error:
            str(error).encode()
