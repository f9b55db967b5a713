"""Ex-dates that a price file states or shows, worked by hand: 10 yuan, then 4 new shares for 10."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import Listing, LoadedPrices
from supplychain_screen.errors import PriceFileError
from supplychain_screen.prices.sources.files import FileSource

ESPRESSIF = Listing(mic="XSHG", code="688018", currency="CNY", board="SSE STAR")
ROCKCHIP = Listing(mic="XSHG", code="603893", currency="CNY", board="SSE Main")
DAYS = ["2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05"]
TRADED = [10.0, 10.5, 7.5, 7.2]
UNDONE = [10.0 / 1.4, 10.5 / 1.4, 7.5, 7.2]


def load(
    tmp_path: Path, header: str, cells: list[list[str]], adjustment: str | None = None
) -> LoadedPrices:
    file = tmp_path / "prices.csv"
    rows = [f"688018,{day},{close},100" for day, close in zip(DAYS, TRADED, strict=True)]
    lines = [",".join([row, *more]) for row, more in zip(rows, cells, strict=True)]
    file.write_text("\n".join([f"symbol,date,close,volume{header}", *lines]) + "\n", "utf-8")
    source = FileSource(file, adjustment=adjustment)  # type: ignore[arg-type]
    return source.load([ESPRESSIF], date(2025, 6, 1), date(2025, 6, 30), "price")


SPLITS = [["0"], ["0"], ["1.4"], ["0"]]
# 10.5 before, a dividend of 0.07 and 4 shares for 10: (10.5 - 0.07) / 1.4 = 7.45
PRE_CLOSE = [["9.9"], ["10.0"], ["7.45"], ["7.5"]]
# ends at the close, and is 1.4 times smaller before the ex-date
TOTAL = [["7.1429"], ["7.5"], ["7.5"], ["7.2"]]


@pytest.mark.parametrize(
    ("header", "cells"),
    [(",stock_splits", SPLITS), (",前收盘", PRE_CLOSE), (",adj_close", TOTAL)],
)
def test_traded_closes_are_adjusted_by_what_the_file_knows(
    tmp_path: Path, header: str, cells: list[list[str]]
) -> None:
    loaded = load(tmp_path, header, cells, "none")
    one = loaded.series[ESPRESSIF.id]
    assert one.close.tolist() == pytest.approx(UNDONE)
    # 100 shares of before are 140 of now
    assert one.volume.tolist() == pytest.approx([140.0, 140.0, 100.0, 100.0])
    assert one.adjustment == "splits"
    assert one.splits is not None
    assert one.splits.values.tolist() == [1.4]
    assert one.splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assumed = [found.detail for found in loaded.findings]
    if header == ",stock_splits":
        assert assumed == []
    else:
        assert "taken for splits and undone: 1:1.4 on 2025-06-04" in assumed[0]


def test_traded_closes_of_a_file_that_states_no_split_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match="traded closes without their split events") as caught:
        load(tmp_path, "", [[]] * 4, "none")
    assert "--adjustment splits" in caught.value.problems[0].remedy


@pytest.mark.parametrize("close", ["0", "-1", ""])
def test_a_split_on_a_day_without_a_price_is_used(tmp_path: Path, close: str) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(
        "symbol,date,close,splits\n688018,2025-06-03,10.5,0\n"
        f"688018,2025-06-04,{close},1.4\n688018,2025-06-05,7.5,0\n"
    )
    source = FileSource(file, adjustment="none")
    one = source.load([ESPRESSIF], date(2025, 6, 1), date(2025, 6, 30), "price").series[
        ESPRESSIF.id
    ]
    assert one.close[[0, -1]].tolist() == pytest.approx([7.5, 7.5])


def test_a_split_in_a_column_of_a_share_without_a_price_is_used() -> None:
    days = pd.to_datetime(["2025-06-03", "2025-06-04", "2025-06-05"])
    frame = pd.DataFrame(
        {
            ("Close", "688018.SS"): [10.5, np.nan, 7.5],
            ("Stock Splits", "688018.SS"): [0.0, 1.4, 0.0],
            ("Close", "603893.SS"): [20.0, 20.1, 20.2],
            ("Stock Splits", "603893.SS"): [0.0, 0.0, 0.0],
        },
        index=days,
    )
    source = FileSource(frame, adjustment="none")
    loaded = source.load([ESPRESSIF, ROCKCHIP], date(2025, 6, 1), date(2025, 6, 30), "price")
    assert loaded.series[ESPRESSIF.id].close[[0, -1]].tolist() == pytest.approx([7.5, 7.5])
    assert loaded.series[ROCKCHIP.id].close.tolist() == [20.0, 20.1, 20.2]


def test_a_split_in_the_second_row_of_a_day_is_used(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(
        "symbol,date,close,splits\n688018,2025-06-03,10.5,0\n"
        "688018,2025-06-04,7.5,\n688018,2025-06-04,7.5,1.4\n"
    )
    source = FileSource(file, adjustment="none")
    loaded = source.load([ESPRESSIF], date(2025, 6, 1), date(2025, 6, 30), "price")
    assert loaded.series[ESPRESSIF.id].close.tolist() == pytest.approx([7.5, 7.5])


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ([["0"], ["0"], ["-1.4"], ["0"]], "'-1.4' is no ratio"),
        ([["0"], ["0"], ["inf"], ["0"]], "'inf' is no ratio"),
        ([["0"], ["0"], ["4:10"], ["0"]], "'4:10' is no ratio"),
    ],
)
def test_traded_closes_whose_splits_cannot_be_read_are_refused_by_the_cell(
    tmp_path: Path, cells: list[list[str]], named: str
) -> None:
    with pytest.raises(PriceFileError, match=named):
        load(tmp_path, ",splits", cells, "none")


def test_two_splits_of_one_day_are_none(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(
        "symbol,date,close,splits\n688018,2025-06-03,10.5,0\n"
        "688018,2025-06-04,7.5,1.5\n688018,2025-06-04,7.5,1.4\n"
    )
    with pytest.raises(PriceFileError, match=r"'1\.5 and 1\.4' is no ratio"):
        FileSource(file, adjustment="none").load(
            [ESPRESSIF], date(2025, 6, 1), date(2025, 6, 30), "price"
        )


def test_of_two_files_the_one_without_splits_is_refused(tmp_path: Path) -> None:
    (tmp_path / "688018.csv").write_text(
        "date,close,splits\n2025-06-03,10.5,\n2025-06-04,7.5,1.4\n"
    )
    (tmp_path / "603893.csv").write_text("date,close\n2025-06-03,10.5\n2025-06-04,7.5\n")
    source = FileSource(tmp_path, adjustment="none")
    loaded = source.load([ESPRESSIF, ROCKCHIP], date(2025, 6, 1), date(2025, 6, 30), "price")
    assert loaded.series[ESPRESSIF.id].close.tolist() == pytest.approx([7.5, 7.5])
    assert "as traded and does not state" in str(loaded.failures[ROCKCHIP.id])


def test_the_exchanges_own_close_before_is_believed_where_nothing_is_said(tmp_path: Path) -> None:
    loaded = load(tmp_path, ",pre_close", PRE_CLOSE)
    assert loaded.series[ESPRESSIF.id].close.tolist() == pytest.approx(UNDONE)
    assert loaded.series[ESPRESSIF.id].adjustment == "as given"
    (found,) = loaded.findings
    assert (found.code, found.first) == ("splits_assumed", date(2025, 6, 4))


@pytest.mark.parametrize("said", [None, "splits"])
def test_closes_beside_adjusted_ones_that_a_split_parts_are_not_rated(
    tmp_path: Path, said: str | None
) -> None:
    loaded = load(tmp_path, ",adj_close", TOTAL, said)
    assert loaded.series[ESPRESSIF.id].close.tolist() == TRADED
    (found,) = loaded.findings
    assert (found.code, found.action) == ("split_not_undone", "unrated")
    assert (found.first, found.last) == (date(2025, 6, 3), date(2025, 6, 4))


def test_a_cash_dividend_is_no_split(tmp_path: Path) -> None:
    # 10.5 before, 0.15 in cash
    loaded = load(tmp_path, ",pre_close", [["9.9"], ["10.0"], ["10.35"], ["7.5"]], "none")
    assert loaded.series[ESPRESSIF.id].close.tolist() == TRADED
    assert loaded.findings == ()


def test_a_column_of_other_prices_is_no_witness(tmp_path: Path) -> None:
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 7) for day in range(1, 21)]
    lines = [f"688018,{day},{10 + at % 7},{5 + at % 3}" for at, day in enumerate(days)]
    file = tmp_path / "prices.csv"
    file.write_text("\n".join(["symbol,date,close,pre_close", *lines]))
    loaded = FileSource(file).load([ESPRESSIF], date(2025, 1, 1), date(2025, 12, 31), "price")
    assert loaded.series[ESPRESSIF.id].close.tolist() == [10.0 + at % 7 for at in range(len(days))]
    assert loaded.findings == ()


def test_what_the_file_says_of_itself_counts(tmp_path: Path) -> None:
    head = "code,date,close,preclose,adjustflag\n"
    rows = "sh.688018,2025-06-03,10.5,10.0,3\nsh.688018,2025-06-04,7.5,7.45,3\n"
    (tmp_path / "bs.csv").write_text(head + rows)
    loaded = FileSource(tmp_path / "bs.csv").load(
        [ESPRESSIF], date(2025, 6, 1), date(2025, 6, 30), "price"
    )
    assert loaded.series[ESPRESSIF.id].close.tolist() == pytest.approx([7.5, 7.5])
    assert loaded.series[ESPRESSIF.id].adjustment == "splits"
