"""Price files as tools and offices write them, small and by hand."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from supplychain_screen import Index, Listing, LoadedPrices
from supplychain_screen.errors import PriceFileError
from supplychain_screen.prices.sources.files import FileSource

ESPRESSIF = Listing(mic="XSHG", code="688018", currency="CNY")
UNIS = Listing(mic="XSHE", code="000700", currency="CNY")
TENCENT = Listing(mic="XHKG", code="0700", currency="HKD")
QUALCOMM = Listing(mic="XNAS", code="QCOM", currency="USD")
CSI300 = Index(
    name="CSI300",
    printed="000300.SH",
    currency="CNY",
    calendar="XSHG",
    symbols={"yahoo": "000300.SS"},
)
SPAN = date(2025, 1, 1), date(2025, 12, 31)


def load(path: object, *asked: Listing | Index, **options: object) -> LoadedPrices:
    source = FileSource(path, **options)  # type: ignore[arg-type]
    return source.load(asked or (ESPRESSIF, QUALCOMM, CSI300), *SPAN, "price")


def rows(loaded: LoadedPrices, who: Listing | Index) -> list[tuple[str, float]]:
    one = loaded.series[who.id]
    return list(zip(one.sessions.astype(str).tolist(), one.close.tolist(), strict=True))


WANTED = [("2025-01-02", 153.8), ("2025-01-03", 1157.4)]


def refused(path: object, **options: object) -> str:
    with pytest.raises(PriceFileError) as caught:
        load(path, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "encoding", ["gbk", "big5", "utf-16", "utf-16-be", "utf-8-sig", "utf-16-le"]
)
def test_encodings(tmp_path: Path, encoding: str) -> None:
    names = "證券代碼,日期,收盤價,成交量" if encoding == "big5" else "证券代码,日期,收盘价,成交量"
    text = f"{names}\nQCOM,2025-01-02,153.8,5\nQCOM,2025-01-03,1157.4,--\n"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "a.csv").write_bytes((mark + text).encode(encoding))
    loaded = load(tmp_path / "a.csv")
    assert rows(loaded, QUALCOMM) == WANTED
    assert np.isnan(loaded.series[QUALCOMM.id].volume[1])


@pytest.mark.parametrize(
    ("one", "two", "delimiter"),
    [
        ("153.8", "1,157.4", ";"),
        ("153,8", "1157,4", ";"),
        ("153,80", "1.157,40", "\t"),
        ("153.8", '"1,157.4"', ","),
        (" 153.8 ", "1.1574e3", ","),
        ("0.01538万", "0.11574万", ","),
    ],
)
def test_numbers(tmp_path: Path, one: str, two: str, delimiter: str) -> None:
    lines = [["symbol", "date", "close"], ["QCOM", "2025-01-02", one], ["QCOM", "2025/1/3", two]]
    (tmp_path / "a.csv").write_text("\n".join(map(delimiter.join, lines)))
    assert rows(load(tmp_path / "a.csv"), QUALCOMM) == [
        (day, pytest.approx(close)) for day, close in WANTED
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2025-1-2",
        "2025/1/2",
        "20250102",
        "20250102.0",
        "2025年1月2日",
        "2025.01.02",
        "45659",
        "45659.0",
        "2025-01-02 15:00",
        "2025年01月02日",
    ],
)
def test_dates(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.csv").write_text(f"symbol,date,close\nQCOM,{written},153.8\n", "utf-8")
    assert rows(load(tmp_path / "a.csv"), QUALCOMM) == WANTED[:1]


def test_a_bare_code_that_could_be_two_asked_listings_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("code,date,close\n700,2025-01-02,1\n")
    with pytest.raises(PriceFileError, match="the symbol means XSHE:000700 and XHKG:0700"):
        load(file, UNIS, TENCENT)
    assert rows(load(file, TENCENT), TENCENT) == [("2025-01-02", 1.0)]
    file.write_text("code,date,close\n000700,2025-01-02,1\n00700,2025-01-02,2\n")
    both = load(file, UNIS, TENCENT)
    assert (rows(both, UNIS), rows(both, TENCENT)) == ([("2025-01-02", 1.0)], [("2025-01-02", 2.0)])


def test_a_column_that_lost_its_zeros_is_not_taken_for_hong_kong(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("code,date,close\n700,2025-01-02,1\n688018,2025-01-02,2\n")
    with pytest.raises(PriceFileError, match="the symbol means XHKG:0700 and XSHE:000700"):
        load(file, TENCENT, ESPRESSIF)


def test_volumes_stay_with_their_rows_where_an_index_stands_between(tmp_path: Path) -> None:
    lines = ["QCOM,2025-01-02,153.8,1", "000300.SH,2025-01-02,3800,2", "QCOM,2025-01-03,1157.4,3"]
    (tmp_path / "a.csv").write_text("\n".join(["symbol,date,close,volume", *lines]))
    loaded = load(tmp_path / "a.csv", QUALCOMM, CSI300)
    assert loaded.series[QUALCOMM.id].volume.tolist() == [1.0, 3.0]
    assert loaded.series[CSI300.id].volume.tolist() == [2.0]


def test_several_header_rows(tmp_path: Path) -> None:
    file = tmp_path / "688018.SS.csv"
    file.write_text(
        "Price,Adj Close,Close,Volume\nTicker,QCOM,QCOM,QCOM\nDate,,,\n"
        "2025-01-02,150.1,153.8,7\n2025-01-03,1150.2,1157.4,8\n"
    )
    loaded = load(file)
    assert rows(loaded, QUALCOMM) == WANTED
    assert loaded.series[QUALCOMM.id].volume.tolist() == [7.0, 8.0]
    assert FileSource(file).bases() == ("price", "total")


def a_workbook(file: Path, *, notes: bool = False) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["收盘价"])
    sheet.append([])
    sheet.append(["代码", "688018.SH", "QCOM.O"])
    sheet.append(["简称", "乐鑫科技", "高通"])
    sheet.append([date(2025, 1, 2), 9.5, 153.8])
    sheet.append([date(2025, 1, 3), None, 1157.4])
    sheet.append(["数据来源：Wind"])
    if notes:
        book.create_sheet("说明").append(["只是说明", "没有行情"])
    book.save(file)
    return file


@pytest.mark.parametrize("notes", [False, True])
def test_a_wide_workbook_with_titles_and_short_names(tmp_path: Path, notes: bool) -> None:
    loaded = load(a_workbook(tmp_path / "w.xlsx", notes=notes))
    assert rows(loaded, QUALCOMM) == WANTED
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 9.5)]


def test_a_text_with_a_title_and_a_line_below(tmp_path: Path) -> None:
    lines = [
        "688018 乐鑫科技 日线 前复权",
        "日期\t收盘\t成交量",
        "2025/01/02\t153.8\t5",
        "2025/01/03\t1157.4\t6",
        "#数据来源:通达信",
    ]
    (tmp_path / "any.txt").write_bytes("\n".join(lines).encode("gbk"))
    loaded = load(tmp_path / "any.txt")
    assert rows(loaded, ESPRESSIF) == WANTED
    assert loaded.series[ESPRESSIF.id].adjustment == "splits+dividends"


def test_an_archive_of_a_file_a_code(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("daily/QCOM.csv", "date,close\n2025-01-02,153.8\n2025-01-03,1157.4\n")
        archive.writestr("daily/688018.csv", "date,close\n2025-01-02,9.5\n")
        archive.writestr("readme.md", "no prices")
    assert rows(load(tmp_path / "a.zip"), QUALCOMM) == WANTED


def test_frames_by_symbol_and_a_frame_that_names_nobody() -> None:
    days = pd.DatetimeIndex(["2025-01-02", "2025-01-03"], tz="America/New_York", name="Date")
    history = pd.DataFrame({"Open": 1.0, "Close": [153.8, 1157.4], "Stock Splits": 0.0}, days)
    assert rows(load({"QCOM": history}), QUALCOMM) == WANTED
    assert "give {symbol: frame}" in refused(history)
    assert rows(load(history[["Close"]].rename(columns={"Close": "QCOM"})), QUALCOMM) == WANTED


def test_returns_are_told_from_prices(tmp_path: Path) -> None:
    days = [f"2025-01-{day:02}" for day in range(1, 31)]
    lines = [f"QCOM,{day},{0.01 if at % 2 else -0.01}" for at, day in enumerate(days)]
    (tmp_path / "a.csv").write_text("\n".join(["symbol,date,close", *lines]))
    assert "column close: the column holds returns, not prices: 50% of them are below zero" in (
        refused(tmp_path / "a.csv")
    )


def test_a_column_that_could_be_the_closes_is_named_with_its_option(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("代码,日期,收市,备注\nQCOM,2025-01-02,153.8,x\n", "utf-8")
    said = refused(tmp_path / "a.csv")
    assert "name the column of the closes: --close 收市 (close=); '收市' holds numbers" in said
    assert rows(load(tmp_path / "a.csv", close="收市"), QUALCOMM) == WANTED[:1]


@pytest.mark.parametrize("form", ["csv", "gz", "zip", "parquet", "xlsx"])
def test_what_is_too_large_once_unpacked_is_refused(tmp_path: Path, form: str) -> None:
    text = b"symbol,date,close\n" + b"AAPL,2025-01-02,1.5\n" * 20_000
    file = tmp_path / f"a.{form}"
    if form == "csv":
        file.write_bytes(text)
    elif form == "gz":
        file.write_bytes(gzip.compress(text))
    elif form == "parquet":
        table = pa.table(
            {"symbol": ["QCOM"] * 50_000, "date": [20250102] * 50_000, "close": [1.5] * 50_000}
        )
        pq.write_table(table, file)
        assert file.stat().st_size < 5_000
    else:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            name = "[Content_Types].xml" if form == "xlsx" else "a.csv"
            archive.writestr(name, text)
        file.write_bytes(held.getvalue())
    said = refused(file, max_bytes=200_000)
    assert "once unpacked, more than 0.2 MB" in said
    assert "--max-size" in said
