"""The prices of the whole packaged report in every form people have them in, against Parquet."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import openpyxl
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from supplychain_screen.identity import Instrument
from supplychain_screen.prices import LoadedPrices
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.research import load_report

SPAN = date(2024, 6, 1), date(2026, 1, 30)
FIELDS = ["Close", "High", "Low", "Open", "Volume"]


@pytest.fixture(scope="module")
def instruments() -> tuple[Instrument, ...]:
    return load_report().instruments


@pytest.fixture(scope="module")
def prices(market_data: Path) -> pd.DataFrame:
    frame = pd.read_csv(market_data / "prices.csv.gz", parse_dates=["date"])
    inside = frame["date"].between(*map(pd.Timestamp, SPAN))
    kept: pd.DataFrame = frame.loc[inside, ["symbol", "date", "close", "volume"]]
    return kept.dropna(subset=["close"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def parquet(
    prices: pd.DataFrame,
    instruments: tuple[Instrument, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> LoadedPrices:
    file = tmp_path_factory.mktemp("formats") / "prices.parquet"
    prices.to_parquet(file)
    loaded = FileSource(file).load(instruments, *SPAN, "price")
    assert len(loaded.series) >= 38
    return loaded


def wide(prices: pd.DataFrame) -> pd.DataFrame:
    return prices.pivot_table(index="date", columns="symbol", values="close")


def as_yfinance(prices: pd.DataFrame, *, ticker_first: bool) -> pd.DataFrame:
    """What ``yfinance.download`` returns: columns of fields and tickers."""
    table = prices.assign(high=prices["close"], low=prices["close"], open=prices["close"])
    table = table.rename(columns=str.capitalize).pivot_table(
        index="Date", columns="Symbol", values=FIELDS
    )
    table.columns = table.columns.set_names(["Price", "Ticker"])
    return table.swaplevel(axis=1).sort_index(axis=1) if ticker_first else table


def bare(symbol: str) -> str:
    """The code alone, as AkShare has it; Hong Kong with five digits; indices as Sina's."""
    code, _, suffix = symbol.partition(".")
    if symbol in {"000300.SS"}:
        return f"sh{code}"
    return code.zfill(5) if suffix == "HK" else code


def wind(symbol: str) -> str:
    known = {"^HSI": "HSI.HI", "QCOM": "QCOM.O", "NVDA": "NVDA.O", "000300.SS": "000300.SH"}
    return known.get(symbol, symbol.replace(".SS", ".SH"))


def write_long(prices: pd.DataFrame, file: Path, **options: Any) -> Path:
    prices.to_csv(file, index=False, **options)
    return file


def write_tushare(prices: pd.DataFrame, file: Path) -> Path:
    table = pd.DataFrame(
        {
            "ts_code": prices["symbol"].map(wind),
            "trade_date": prices["date"].dt.strftime("%Y%m%d"),
            "close": prices["close"],
            "vol": prices["volume"] / 100,
        }
    )
    table.to_csv(file)
    return file


def write_akshare(prices: pd.DataFrame, folder: Path) -> Path:
    folder.mkdir()
    for symbol, part in prices.groupby("symbol"):
        table = pd.DataFrame(
            {
                "日期": part["date"].dt.strftime("%Y-%m-%d"),
                "股票代码": bare(str(symbol)),
                "开盘": part["close"],
                "收盘": part["close"],
                "成交量": part["volume"] / 100,
                "涨跌幅": 0.0,
            }
        )
        table.to_csv(folder / f"{str(symbol).strip('^')}_qfq.csv", encoding="utf-8-sig")
    return folder


def write_tdx(prices: pd.DataFrame, folder: Path) -> Path:
    """A file a code: a title, Chinese names, GBK, tabs, and a line about the source below."""
    folder.mkdir()
    for symbol, part in prices.groupby("symbol"):
        code, _, suffix = str(symbol).partition(".")
        stem = {"SS": f"SH#{code}", "SZ": f"SZ#{code}", "HK": f"HK#{code.zfill(5)}"}.get(
            suffix, code
        )
        lines = [f"{code} 名称 日线", "      日期\t    开盘\t    收盘\t    成交量"]
        lines += [
            f"{day:%Y/%m/%d}\t{close!r}\t{close!r}\t{'' if np.isnan(volume) else int(volume)}"
            for day, close, volume in zip(part["date"], part["close"], part["volume"], strict=True)
        ]
        text = "\r\n".join([*lines, "#数据来源:通达信", ""])
        (folder / f"{stem}.txt").write_bytes(text.encode("gbk"))
    return folder


def write_wind(prices: pd.DataFrame, file: Path) -> Path:
    """A wide workbook: title rows, a row of codes, a row of short names, dates as dates."""
    table = wide(prices)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["收盘价"])
    sheet.append(["起始交易日期", "2024-06-01"])
    sheet.append([])
    sheet.append(["证券代码", *map(wind, table.columns)])
    sheet.append(["证券简称", *(f"名称{at}" for at in range(table.shape[1]))])
    for day, row in zip(table.index, table.to_numpy(), strict=True):
        sheet.append([day.to_pydatetime(), *(None if np.isnan(x) else float(x) for x in row)])
    sheet.append([])
    sheet.append(["数据来源：Wind"])
    book.save(file)
    return file


def write_baostock(prices: pd.DataFrame, file: Path) -> Path:
    def spelt(symbol: str) -> str:
        code, _, suffix = symbol.partition(".")
        return {"SS": f"sh.{code}", "SZ": f"sz.{code}"}.get(suffix, symbol)

    table = prices.assign(code=prices["symbol"].map(spelt)).drop(columns="symbol")
    table["adjustflag"] = 2
    table.to_csv(file, index=False)
    return file


def write_joinquant(prices: pd.DataFrame, file: Path) -> Path:
    def spelt(symbol: str) -> str:
        code, _, suffix = symbol.partition(".")
        return {"SS": f"{code}.XSHG", "SZ": f"{code}.XSHE"}.get(suffix, symbol)

    table = prices.assign(code=prices["symbol"].map(spelt), time=prices["date"])
    table[["time", "code", "close", "volume"]].to_csv(file)
    return file


def write_packed(prices: pd.DataFrame, file: Path) -> Path:
    text = prices.to_csv(index=False).encode("utf-16")
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("prices.csv", text)
    return file


def write_chinese_dates(prices: pd.DataFrame, file: Path) -> Path:
    day = prices["date"].dt
    said = [f"{y}年{m}月{d}日" for y, m, d in zip(day.year, day.month, day.day, strict=True)]
    prices.assign(date=said).to_csv(file, index=False, sep=";", decimal=",")
    return file


def write_feather(prices: pd.DataFrame, file: Path) -> Path:
    feather.write_feather(prices, str(file))
    return file


def write_frame_workbook(prices: pd.DataFrame, file: Path) -> Path:
    as_yfinance(prices, ticker_first=True).to_excel(file)
    return file


def write_xls(prices: pd.DataFrame, file: Path) -> Path:
    """What terminals call .xls and is tabs in GBK."""
    text = prices.to_csv(index=False, sep="\t").replace("close", "收盘价")
    file.write_bytes(text.encode("gbk"))
    return file


def write_10jqka(prices: pd.DataFrame, folder: Path) -> Path:
    """A file a code, called .xls: tabs in GBK, days with their day of the week, grouped lots."""
    folder.mkdir()
    for symbol, part in prices.groupby("symbol"):
        lines = ["时间\t开盘\t收盘\t涨幅\t总手"]
        lines += [
            f"{day:%Y-%m-%d},{'一二三四五'[day.weekday()]}\t--\t{close!r}\t1.2%\t"
            + ("--" if np.isnan(volume) else f"{volume / 100:,}")
            for day, close, volume in zip(part["date"], part["close"], part["volume"], strict=True)
        ]
        name = bare(str(symbol)).strip("^").removeprefix("sh")
        (folder / f"{name}.xls").write_bytes("\n".join(lines).encode("gbk"))
    return folder


def write_choice(prices: pd.DataFrame, file: Path) -> Path:
    """A wide workbook: a title, codes, short names, and the field of each column."""
    table = wide(prices)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["数据浏览器"])
    sheet.append(["交易日期", *map(wind, table.columns)])
    sheet.append(["证券名称", *(f"名称{at}" for at in range(table.shape[1]))])
    sheet.append(["收盘价(元)", *["收盘价"] * table.shape[1]])
    for day, row in zip(table.index, table.to_numpy(), strict=True):
        sheet.append([day.to_pydatetime(), *(None if np.isnan(x) else float(x) for x in row)])
    sheet.append(["数据来源：东方财富Choice数据"])
    book.save(file)
    return file


def write_big5(prices: pd.DataFrame, file: Path) -> Path:
    table = prices.rename(
        columns={"symbol": "證券代碼", "date": "日期", "close": "收盤價", "volume": "成交量"}
    )
    table.to_csv(file, index=False, encoding="big5hkscs")
    return file


def write_east_money(prices: pd.DataFrame, folder: Path) -> Path:
    """A file a code, named by the number of the market and the code; names in Chinese, lots."""
    folder.mkdir()
    for symbol, part in prices.groupby("symbol"):
        code, _, suffix = str(symbol).partition(".")
        market = {"SS": "1", "SZ": "0", "HK": "116"}.get(suffix)
        known = {"NVDA": "105.NVDA", "QCOM": "105.QCOM", "VNET": "105.VNET"}
        stem = known.get(code, code) if market is None else f"{market}.{bare(str(symbol))}"
        table = pd.DataFrame(
            {
                "日期": part["date"].dt.strftime("%Y-%m-%d"),
                "开盘": part["close"],
                "收盘": part["close"],
                "成交量": part["volume"] / 100,
                "涨跌幅": 0.0,
            }
        )
        table.to_csv(folder / f"{'1.000300' if code == '000300' else stem}.csv", index=False)
    return folder


def spelt(prices: pd.DataFrame, file: Path, *, futu: bool) -> Path:
    """Long, with the codes of Futu (``HK.00285``) or of Tencent (``hk00285``)."""

    def code_of(symbol: str) -> str:
        code, _, suffix = symbol.partition(".")
        market = {"SS": "sh", "SZ": "sz", "HK": "hk", "": "us"}.get(suffix)
        if market is None or symbol.startswith("^"):
            return symbol
        code = code.zfill(5) if market == "hk" else code
        return f"{market.upper()}.{code}" if futu else f"{market}{code}"

    prices.assign(symbol=prices["symbol"].map(code_of)).to_csv(file, index=False)
    return file


HOUSES = {
    "AkShare",
    "Tushare",
    "Wind",
    "Choice",
    "East",
    "baostock",
    "通达信",
    "同花顺",
    "yfinance",
}
Make = Callable[[pd.DataFrame, Path], Any]
FORMS: dict[str, Make] = {
    "CSV": lambda p, at: write_long(p, at / "a.csv"),
    "TSV, BOM": lambda p, at: write_long(p, at / "a.tsv", sep="\t", encoding="utf-8-sig"),
    "Feather": lambda p, at: write_feather(p, at / "a.feather"),
    "gzip of UTF-16": lambda p, at: write_packed(p, at / "a.csv.gz"),
    "ZIP of UTF-16": lambda p, at: write_packed(p, at / "a.zip"),
    "decimal commas, Chinese dates": lambda p, at: write_chinese_dates(p, at / "a.csv"),
    "wide CSV": lambda p, at: (wide(p).to_csv(at / "w.csv"), at / "w.csv")[1],
    "wide Parquet": lambda p, at: (wide(p).to_parquet(at / "w.parquet"), at / "w.parquet")[1],
    "yfinance CSV": lambda p, at: (
        as_yfinance(p, ticker_first=False).to_csv(at / "y.csv"),
        at / "y.csv",
    )[1],
    "yfinance CSV by ticker": lambda p, at: (
        as_yfinance(p, ticker_first=True).to_csv(at / "y.csv"),
        at / "y.csv",
    )[1],
    "yfinance workbook": lambda p, at: write_frame_workbook(p, at / "y.xlsx"),
    "Tushare": lambda p, at: write_tushare(p, at / "daily.csv"),
    "AkShare folder": lambda p, at: write_akshare(p, at / "ak"),
    "通达信 folder": lambda p, at: write_tdx(p, at / "T0002"),
    "Wind workbook": lambda p, at: write_wind(p, at / "wind.xlsx"),
    "同花顺 folder": lambda p, at: write_10jqka(p, at / "ths"),
    "Choice workbook": lambda p, at: write_choice(p, at / "choice.xlsx"),
    "East Money folder": lambda p, at: write_east_money(p, at / "em"),
    "Tencent's codes": lambda p, at: spelt(p, at / "t.csv", futu=False),
    "Futu's codes": lambda p, at: spelt(p, at / "f.csv", futu=True),
    "Big5": lambda p, at: write_big5(p, at / "b.csv"),
    "baostock": lambda p, at: write_baostock(p, at / "bs.csv"),
    "JoinQuant": lambda p, at: write_joinquant(p, at / "jq.csv"),
    "GBK text named xls": lambda p, at: write_xls(p, at / "Table.xls"),
    "long frame": lambda p, at: p,
    "wide frame": lambda p, at: wide(p),
    "yf.download": lambda p, at: as_yfinance(p, ticker_first=False),
    "yf.download by ticker": lambda p, at: as_yfinance(p, ticker_first=True),
    "frames by symbol": lambda p, at: {
        str(symbol): part.set_index("date")[["close", "volume"]].rename(columns=str.capitalize)
        for symbol, part in p.groupby("symbol")
    },
    "Arrow": lambda p, at: pa.Table.from_pandas(p, preserve_index=False),
    "narwhals": lambda p, at: nw.from_native(p),
}


def same(found: LoadedPrices, expected: LoadedPrices, *, volumes: bool) -> None:
    assert set(found.series) == set(expected.series)
    for name, one in expected.series.items():
        other = found.series[name]
        np.testing.assert_array_equal(other.sessions, one.sessions)
        np.testing.assert_array_equal(other.close, one.close)
        if volumes:
            np.testing.assert_allclose(other.volume, one.volume, rtol=1e-12)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_says_what_the_parquet_says(
    form: str,
    prices: pd.DataFrame,
    parquet: LoadedPrices,
    instruments: tuple[Instrument, ...],
    tmp_path: Path,
) -> None:
    said: list[str] = []
    source = FileSource(FORMS[form](prices, tmp_path), on_read=lambda one: said.append(str(one)))
    found = source.load(instruments, *SPAN, "total" if form == "baostock" else "price")
    same(
        found, parquet, volumes=not any(word in form.lower() for word in ("wide", "wind", "choice"))
    )
    assert len(said) == 1
    assert "39 of 39 series found" in said[0]
    house = form.split()[0]
    if house in HOUSES:
        assert f" as {house}" in said[0]


def test_polars_and_duckdb(
    prices: pd.DataFrame, parquet: LoadedPrices, instruments: tuple[Instrument, ...]
) -> None:
    arrow = pa.Table.from_pandas(prices, preserve_index=False)
    for frame in (
        polars.from_arrow(arrow),
        polars.from_arrow(arrow).lazy(),
        duckdb.sql("select * from arrow"),
    ):
        same(FileSource(frame).load(instruments, *SPAN, "price"), parquet, volumes=True)
