"""Price files that can be read: every form, spelling and date. Values are those in the files."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import Index, Listing, LoadedPrices
from supplychain_screen.errors import (
    BasisNotServedError,
    InputError,
    MalformedAnswerError,
    PriceFileError,
    SymbolNotFoundError,
)
from supplychain_screen.prices import Basis, PriceSource
from supplychain_screen.prices.quality import check_series
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.prices.sources.files.grammar import MISSING

ESPRESSIF = Listing(mic="XSHG", code="688018", currency="CNY")
BYD = Listing(mic="XHKG", code="0285", currency="HKD")
QUALCOMM = Listing(mic="XNAS", code="QCOM", currency="USD")
CSI300 = Index(
    name="CSI300",
    printed="000300.SH",
    name_zh="沪深300",
    currency="CNY",
    calendar="XSHG",
    symbols={"yahoo": "000300.SS", "akshare": "sh000300"},
)
HSI = Index(
    name="HSI",
    printed="HSI.HI",
    name_zh="恒生指数",
    currency="HKD",
    calendar="XHKG",
    symbols={"yahoo": "^HSI"},
)
NEEQ = Index(
    name="NEEQ",
    printed="899001.GSI",
    currency="CNY",
    calendar="XSHG",
    symbols={"wind": "899001.CSI"},
)
EVERYBODY = (ESPRESSIF, BYD, QUALCOMM, CSI300, HSI, NEEQ)

Load = Callable[..., LoadedPrices]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a file and load the year 2025 from it."""

    def load(
        text: str | bytes,
        name: str = "prices.csv",
        *,
        basis: Basis = "price",
        asked: tuple[Listing | Index, ...] = EVERYBODY,
        **options: str | None,
    ) -> LoadedPrices:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        source = FileSource(file, **options)  # type: ignore[arg-type]
        return source.load(asked, date(2025, 1, 1), date(2025, 12, 31), basis)

    return load


def rows(loaded: LoadedPrices, instrument: Listing | Index) -> list[tuple[str, float]]:
    one = loaded.series[instrument.id]
    return list(zip(one.sessions.astype(str).tolist(), one.close.tolist(), strict=True))


def test_a_long_file_gives_each_asked_symbol_its_rows(load: Load) -> None:
    loaded = load(
        "symbol,date,open,close,adj_close,volume,note\n"
        "688018.SS,2025-01-02,1,200.5,190.5,1000,a\n"
        "688018.SS,2025-01-03,1,201.5,191.5,,b\n"
        "AAPL,2025-01-02,1,not read,not read,x,c\n"
        "^HSI,2025-01-02,1,19623.32,19623.32,0,d\n"
    )
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 200.5), ("2025-01-03", 201.5)]
    assert rows(loaded, HSI) == [("2025-01-02", 19623.32)]
    one = loaded.series["XSHG:688018"]
    assert one.volume[0] == 1000
    assert np.isnan(one.volume[1])
    assert (one.source, one.symbol, one.adjustment) == (
        "file prices.csv",
        "688018.SS",
        "as given",
    )
    assert one.fetched_at is None
    assert set(loaded.failures) == {"XHKG:0285", "XNAS:QCOM", "INDEX:CSI300", "INDEX:NEEQ"}
    assert loaded.findings == ()
    with pytest.raises(ValueError, match="read-only"):
        one.close[0] = 1.0


@pytest.mark.parametrize(
    ("symbol", "instrument"),
    [
        ("688018.SS", ESPRESSIF),
        ("688018.SH", ESPRESSIF),
        ("XSHG:688018", ESPRESSIF),
        ("sh688018", ESPRESSIF),
        (" 688018.ss ", ESPRESSIF),
        # other tools, and the bare code
        ("688018", ESPRESSIF),
        ("sh.688018", ESPRESSIF),
        ("SH688018", ESPRESSIF),
        ("688018.XSHG", ESPRESSIF),
        ("688018.SSE", ESPRESSIF),
        ("SHSE.688018", ESPRESSIF),
        ("HK.00285", BYD),
        ("00285", BYD),
        ("285.HK", BYD),
        ("285", BYD),
        ("US.QCOM", QUALCOMM),
        ("000300.XSHG", CSI300),
        ("SHSE.000300", CSI300),
        ("sh.000300", CSI300),
        ("0285.HK", BYD),
        ("00285.HK", BYD),
        ("XHKG:0285", BYD),
        ("QCOM", QUALCOMM),
        ("QCOM.O", QUALCOMM),
        ("000300.SS", CSI300),
        ("000300.SH", CSI300),
        ("sh000300", CSI300),
        ("INDEX:CSI300", CSI300),
        ("^HSI", HSI),
        ("HSI.HI", HSI),
        ("INDEX:HSI", HSI),
        ("899001.CSI", NEEQ),
        ("899001.GSI", NEEQ),
        ("899001", NEEQ),
        # Bloomberg, Reuters, Google, East Money, Sina, 通达信
        ("688018 CH", ESPRESSIF),
        ("688018 C1 Equity", ESPRESSIF),
        ("285 HK", BYD),
        ("QCOM US", QUALCOMM),
        ("QCOM UW Equity", QUALCOMM),
        ("QCOM.OQ", QUALCOMM),
        ("SHA:688018", ESPRESSIF),
        ("NASDAQ:QCOM", QUALCOMM),
        ("1.688018", ESPRESSIF),
        ("116.00285", BYD),
        ("105.QCOM", QUALCOMM),
        ("gb_qcom", QUALCOMM),
        ("SH#688018", ESPRESSIF),
        # Tencent, Futu
        ("hk00285", BYD),
        ("usQCOM", QUALCOMM),
        ("usQCOM.OQ", QUALCOMM),
        ("SH.688018", ESPRESSIF),
        # as spreadsheets leave numbers
        ("688018.0", ESPRESSIF),
        ("285.0", BYD),
        ("'688018", ESPRESSIF),
        # an index by its name, and by its twin's code
        ("000300", CSI300),
        ("1.000300", CSI300),
        ("399300", CSI300),
        ("sz399300", CSI300),
        ("CSI300", CSI300),
        ("沪深300", CSI300),
        ("HSI", HSI),
        ("恒生指数", HSI),
    ],
)
@pytest.mark.parametrize("form", ["long", "wide"])
def test_every_spelling_of_a_symbol_is_understood(
    load: Load, symbol: str, instrument: Listing | Index, form: str
) -> None:
    text = (
        f"symbol,date,close\n{symbol},2025-01-02,12.5\n"
        if form == "long"
        else f"date,{symbol},0005.HK\n2025-01-02,12.5,\n"
    )
    loaded = load(text)
    assert rows(loaded, instrument) == [("2025-01-02", 12.5)]
    assert len(loaded.series) == 1


@pytest.mark.parametrize(
    "symbol",
    [
        "000285.SZ",
        "688018.SZ",
        "000300.SZ",
        "QCOM.N",
        "0688018",
        "600285",
        "2850",
        "usQCO",
        "USQCOM",
    ],
)
def test_no_other_symbol_is_taken_for_somebody(load: Load, symbol: str) -> None:
    loaded = load(f"symbol,date,close\n{symbol},2025-01-02,12.5\n")
    assert not loaded.series
    failure = loaded.failures["XSHG:688018"]
    assert isinstance(failure, SymbolNotFoundError)
    assert "looked for XSHG:688018, 688018.SS, 688018.SH, sh688018" in str(failure)
    assert f"its symbols are written {symbol}" in str(failure)


def test_the_twin_of_an_index_is_read_where_the_index_is_not_there(load: Load) -> None:
    both = "symbol,date,close\n399300.SZ,2025-01-02,3901\n000300.SH,2025-01-02,3900\n"
    assert rows(load(both), CSI300) == [("2025-01-02", 3900.0)]


@pytest.mark.parametrize("symbol", ["430047.BJ", "430047", "BJ430047", "bj.430047", "430047 CH"])
def test_a_former_code_is_the_listing_it_is_now(load: Load, symbol: str) -> None:
    now = Listing(mic="BJSE", code="920047", currency="CNY", aliases=("430047",))
    loaded = load(f"symbol,date,close\n{symbol},2025-01-02,12.5\n", asked=(now, CSI300))
    assert rows(loaded, now) == [("2025-01-02", 12.5)]


def test_a_bare_code_that_could_be_two_names_both(load: Load) -> None:
    two = (
        Listing(mic="XHKG", code="0700", currency="HKD"),
        Listing(mic="XSHE", code="000700", currency="CNY"),
    )
    with pytest.raises(PriceFileError, match="XHKG:0700 and XSHE:000700") as error:
        load("symbol,date,close\n700.0,2025-01-02,12.5\n", asked=two)
    assert error.value.problems[0].value == "700.0"


def test_a_wide_file_has_one_column_a_symbol_and_no_volume(load: Load) -> None:
    loaded = load(
        "date,688018.SS,0285.HK,0700.HK,^HSI\n"
        "2025-01-27,200,31,not read,19700\n"
        "2025-01-28,,32,,19800\n"
    )
    assert rows(loaded, ESPRESSIF) == [("2025-01-27", 200.0)]
    assert rows(loaded, BYD) == [("2025-01-27", 31.0), ("2025-01-28", 32.0)]
    assert rows(loaded, HSI) == [("2025-01-27", 19700.0), ("2025-01-28", 19800.0)]
    assert np.isnan(loaded.series["XHKG:0285"].volume).all()


def test_the_first_column_of_a_wide_file_needs_no_name(load: Load) -> None:
    assert rows(load(",QCOM\n2025-01-02,153.8\n"), QUALCOMM) == [("2025-01-02", 153.8)]


@pytest.mark.parametrize("name", ["QCOM.csv", "qcom.csv", "XNAS_QCOM.csv", "QCOM.O.csv"])
def test_a_file_without_symbols_is_named_by_its_symbol(load: Load, name: str) -> None:
    loaded = load("Date,Open,Close,Adj Close,Volume\n2025-01-02,1,153.8,152.1,7\n", name)
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8)]
    assert rows(load("Date,Close,Adj Close\n2025-01-02,1,152.1\n", name, basis="total"), QUALCOMM)


@pytest.mark.parametrize(
    "written",
    [
        "2025-01-02",
        "20250102",
        "2025/1/2",
        "2025-01-02 四",
        "2025-01-02 星期四",
        "2025/01/02",
        "2025-01-02 15:00:00",
        "2025-01-02T15:00",
        "2025-01-02 00:00:00.000000000",
        "2025/1/2 0:00"[:8],
        # Aware moments, by hand: 01:30 UTC is 09:30 in Shanghai.
        "2025-01-02T01:30:00Z",
        "2025-01-02 01:30:00+00:00",
        "2025-01-01 20:30:00-05:00",
        "2025-01-02 00:00:00+0800",
        # Midnight in Shanghai, as a program in UTC writes it.
        "2025-01-01T16:00:00+00:00",
    ],
)
def test_every_form_of_a_date_is_one_day_in_shanghai(load: Load, written: str) -> None:
    assert rows(load(f"symbol,date,close\n688018.SS,{written},9\n"), ESPRESSIF) == [
        ("2025-01-02", 9.0)
    ]


def test_a_moment_belongs_to_the_day_of_each_exchange(load: Load) -> None:
    # 20:00 in London on 2 January is 15:00 in New York and already 3 January in Hong Kong.
    loaded = load("date,QCOM,0285.HK\n2025-01-02T20:00:00Z,153.8,31\n")
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8)]
    assert rows(loaded, BYD) == [("2025-01-03", 31.0)]


def test_midnight_utc_is_a_date_and_not_the_evening_before_in_new_york(load: Load) -> None:
    loaded = load("symbol,date,close\nQCOM,2025-01-02 00:00:00+00:00,153.8\n")
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiters_line_ends_and_a_byte_order_mark(
    load: Load, delimiter: str, line_end: str
) -> None:
    text = line_end.join(
        ["symbol,date,close", "QCOM,2025-01-02,153.8", "", "QCOM,2025-01-03,157.4"]
    )
    loaded = load(b"\xef\xbb\xbf" + text.replace(",", delimiter).encode())
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8), ("2025-01-03", 157.4)]


def test_columns_that_are_not_read_may_hold_anything(load: Load) -> None:
    text = 'name,symbol,date,close\n"乐鑫\n科技",688018.SS,2025-01-02,9\n"x,y",QCOM,2025-01-02,8\n'
    loaded = load(text.encode("gb18030"))
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 9.0)]
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 8.0)]


def test_the_name_of_a_compressed_file_does_not_matter(load: Load) -> None:
    packed = gzip.compress(b"symbol,date,close\nQCOM,2025-01-02,153.8\n")
    more = gzip.compress(b"QCOM,2025-01-03,157.4\n")
    loaded = load(packed + more, "prices.dat")
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8), ("2025-01-03", 157.4)]


def test_both_bounds_are_inclusive(tmp_path: Path) -> None:
    file = tmp_path / "QCOM.csv"
    file.write_text("date,close\n2025-01-02,1\n2025-01-03,2\n2025-01-06,3\n2025-01-07,4\n")
    source = FileSource(file)
    loaded = source.load([QUALCOMM], date(2025, 1, 3), date(2025, 1, 6), "price")
    assert rows(loaded, QUALCOMM) == [("2025-01-03", 2.0), ("2025-01-06", 3.0)]
    none = source.load([QUALCOMM], date(2024, 1, 3), date(2024, 1, 6), "price")
    assert "no row of QCOM in the asked range" in str(none.failures["XNAS:QCOM"])


@pytest.mark.parametrize("how", ["string", "date", "datetime", "aware", "int", "index"])
def test_parquet_dates_of_every_type(tmp_path: Path, how: str) -> None:
    day = pd.to_datetime(["2025-01-02", "2025-01-03"])
    dates = {
        "string": ["2025-01-02", "2025-01-03"],
        "date": [date(2025, 1, 2), date(2025, 1, 3)],
        "datetime": day,
        "aware": day.tz_localize("Asia/Shanghai"),
        "int": [20250102, 20250103],
        "index": day,
    }[how]
    frame = pd.DataFrame({"symbol": "688018.SS", "close": [9.5, 9.75], "date": dates})
    file = tmp_path / "prices.parquet"
    (frame.set_index("date") if how == "index" else frame).to_parquet(file)
    loaded = FileSource(file).load(EVERYBODY, date(2025, 1, 1), date(2025, 1, 31), "price")
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 9.5), ("2025-01-03", 9.75)]


def test_a_frame_of_closes_saved_as_parquet_is_a_wide_file(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"688018.SS": [9.5, np.nan], "QCOM": [153.8, 157.4]},
        index=pd.to_datetime(["2025-01-02", "2025-01-03"]),
    )
    frame.to_parquet(tmp_path / "closes.parquet")
    source = FileSource(tmp_path / "closes.parquet")
    loaded = source.load(EVERYBODY, date(2025, 1, 1), date(2025, 1, 31), "price")
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 9.5)]
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8), ("2025-01-03", 157.4)]
    assert source.bases() == ("price",)


def test_a_parquet_column_of_numbers_as_text_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"symbol": ["QCOM"], "date": ["2025-01-02"], "close": ["153.8"]})
    frame.to_parquet(tmp_path / "prices.parquet")
    loaded = FileSource(tmp_path / "prices.parquet").load(
        EVERYBODY, date(2025, 1, 1), date(2025, 1, 31), "price"
    )
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 153.8)]


BOTH = "symbol,date,close,adj_close\nQCOM,2025-01-02,153.8,150.5\n^HSI,2025-01-02,19623,\n"


@pytest.mark.parametrize(
    ("stated", "basis", "close", "adjustment"),
    [
        (None, "price", 153.8, "as given"),
        (None, "total", 150.5, "as given"),
        ("splits", "price", 153.8, "splits"),
        ("splits", "total", 150.5, "splits+dividends"),
        ("none", "price", 153.8, "splits"),
        ("none", "total", 150.5, "as given"),
        ("as given", "price", 153.8, "as given"),
        # Who vouches for the closes is believed before the name of another column.
        ("splits+dividends", "price", 153.8, "splits+dividends"),
        ("splits+dividends", "total", 153.8, "splits+dividends"),
    ],
)
def test_each_basis_reads_its_column_and_says_what_its_user_stated(
    load: Load, stated: str | None, basis: Basis, close: float, adjustment: str
) -> None:
    loaded = load(BOTH, basis=basis, adjustment=stated)
    assert rows(loaded, QUALCOMM) == [("2025-01-02", close)]
    assert loaded.series["XNAS:QCOM"].adjustment == adjustment
    # A price index is its own total-return leg.
    assert rows(loaded, HSI) == [("2025-01-02", 19623.0)]
    assert loaded.series["INDEX:HSI"].adjustment == (stated or "as given")


def test_a_basis_without_its_column_is_refused_by_name(load: Load) -> None:
    loaded = load("symbol,date,close\nQCOM,2025-01-02,153.8\n^HSI,2025-01-02,9\n", basis="total")
    assert isinstance(loaded.failures["XNAS:QCOM"], BasisNotServedError)
    assert rows(loaded, HSI) == [("2025-01-02", 9.0)]
    wide = load("date,QCOM\n2025-01-02,153.8\n", basis="total")
    assert isinstance(wide.failures["XNAS:QCOM"], BasisNotServedError)
    vouched = load("date,QCOM\n2025-01-02,153.8\n", basis="total", adjustment="splits+dividends")
    assert rows(vouched, QUALCOMM) == [("2025-01-02", 153.8)]


def test_an_empty_column_of_closes_is_refused_and_another_can_be_named(load: Load) -> None:
    text = "symbol,date,close,adj_close\nQCOM,2025-01-02,,150.5\n"
    failure = load(text).failures["XNAS:QCOM"]
    assert isinstance(failure, BasisNotServedError)
    assert "nothing in the column 'close'" in str(failure)
    assert rows(load(text, close="adj_close"), QUALCOMM) == [("2025-01-02", 150.5)]
    assert isinstance(
        load(text, basis="total", total_close=None).failures["XNAS:QCOM"], BasisNotServedError
    )


@pytest.mark.parametrize(
    ("header", "stated", "bases"),
    [
        ("symbol,date,close,adj_close", None, ("price", "total")),
        ("symbol,date,close", "splits", ("price",)),
        ("symbol,date,adj_close", None, ("total",)),
        ("symbol,date,close,adj_close", "splits+dividends", ("total",)),
        ("date,QCOM,688018.SS", None, ("price",)),
        ("date,QCOM,688018.SS", "splits+dividends", ("total",)),
    ],
)
def test_the_bases_follow_from_the_columns(
    tmp_path: Path, header: str, stated: str | None, bases: tuple[str, ...]
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(f"{header}\n")
    assert FileSource(file, adjustment=stated).bases() == bases  # type: ignore[arg-type]


def test_rows_in_any_order_are_sorted_and_only_disorder_is_reported(load: Load) -> None:
    days = ["2025-01-02,1", "2025-01-03,2", "2025-01-06,3", "2025-01-07,4"]
    head = "symbol,date,close\n"
    expected = [tuple(day.split(",")) for day in days]
    for order, reported in (([0, 1, 2, 3], 0), ([3, 2, 1, 0], 0), ([0, 3, 1, 2], 1)):
        loaded = load(head + "".join(f"QCOM,{days[at]}\n" for at in order))
        assert rows(loaded, QUALCOMM) == [(day, float(close)) for day, close in expected]
        assert [one.code for one in loaded.findings] == ["unordered_rows"] * reported
    assert (loaded.findings[0].first, loaded.findings[0].last) == (date(2025, 1, 7),) * 2


def test_rows_said_twice_are_kept_once_and_reported(load: Load) -> None:
    loaded = load(
        "symbol,date,close,volume\n"
        "QCOM,2025-01-02,1,5\nQCOM,2025-01-03,,\nQCOM,2025-01-03,2,6\nQCOM,2025-01-02,1.0,7\n"
    )
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 1.0), ("2025-01-03", 2.0)]
    assert loaded.series["XNAS:QCOM"].volume.tolist() == [5.0, 6.0]
    (finding,) = loaded.findings
    assert (finding.code, finding.action) == ("duplicate_rows", "dropped")
    assert (finding.first, finding.last) == (date(2025, 1, 2), date(2025, 1, 3))


def test_a_close_that_is_no_price_is_left_to_the_checks(load: Load) -> None:
    closes = ["153.8", "0", "-1.5", "inf", "-inf", "157.4", "", "NaN", "--"]
    lines = [f"QCOM,2025-01-{day:02},{close}" for day, close in enumerate(closes, start=2)]
    loaded = load("\n".join(["symbol,date,close", *lines]))
    assert not loaded.findings
    one = loaded.series["XNAS:QCOM"]
    told = [float(close or "nan") for close in closes[:-1]] + [np.nan]
    np.testing.assert_array_equal(one.close, told)
    broken, zero, *_ = check_series(one, QUALCOMM)
    assert (zero.code, zero.action, zero.last) == ("non_positive_close", "dropped", zero.first)
    assert (broken.code, broken.action) == ("non_positive_close", "unrated")
    assert (broken.first, broken.last) == (date(2025, 1, 2), date(2025, 1, 6))
    nothing = load("symbol,date,close\nQCOM,2025-01-02,0\nQCOM,2025-01-03,-1\n")
    assert isinstance(nothing.failures["XNAS:QCOM"], MalformedAnswerError)


def test_every_word_for_nothing_is_no_number(load: Load) -> None:
    lines = [f"QCOM,2025-01-{day:02},{word},{word}" for day, word in enumerate(MISSING, start=2)]
    loaded = load("\n".join(["symbol,date,close,volume", *lines, "QCOM,2025-01-31,1,2"]))
    one = loaded.series["XNAS:QCOM"]
    assert np.isnan(one.close[:-1]).all()
    assert len(one.close) == len(MISSING) + 1


def test_an_impossible_volume_is_unknown(load: Load) -> None:
    loaded = load("symbol,date,close,volume\nQCOM,2025-01-02,1,-5\nQCOM,2025-01-03,2,0\n")
    np.testing.assert_array_equal(loaded.series["XNAS:QCOM"].volume, [np.nan, 0.0])
    assert [one.code for one in loaded.findings] == ["impossible_volume"]


def test_a_folder_holds_files_of_every_form(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "688018.SS.csv").write_text("date,close\n2025-01-02,9\n")
    (folder / "AAPL.csv").write_text("date,close\n2025-01-02,not read\n")
    (folder / "0700.HK.csv").write_bytes(b"")
    (folder / "CNY=X.csv").write_text("date,close\n2025-01-02,not read\n")
    (folder / "readme.txt").write_text("not read")
    (folder / ".hidden.csv").write_text("not read")
    (folder / "part-1.csv").write_text("symbol,date,close\nQCOM,2025-01-02,1\n")
    (folder / "part-2.csv").write_text("symbol,date,close\nQCOM,2025-01-03,2\n")
    pd.DataFrame({"date": ["2025-01-02"], "^HSI": [19623.0]}).to_parquet(folder / "i.parquet")
    source = FileSource(folder)
    loaded = source.load(EVERYBODY, date(2025, 1, 1), date(2025, 12, 31), "price")
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 9.0)]
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 1.0), ("2025-01-03", 2.0)]
    assert rows(loaded, HSI) == [("2025-01-02", 19623.0)]
    assert loaded.series["XSHG:688018"].source == "file mine/688018.SS.csv"
    assert loaded.series["XNAS:QCOM"].source == "file mine/"


def test_of_two_files_the_one_that_serves_the_basis_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,QCOM\n2025-01-02,153.8\n")
    (tmp_path / "b.csv").write_text("symbol,date,adj_close\nQCOM,2025-01-02,150.5\n")
    source = FileSource(tmp_path, adjustment="splits")
    loaded = source.load([QUALCOMM], date(2025, 1, 1), date(2025, 1, 31), "total")
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 150.5)]
    assert loaded.series["XNAS:QCOM"].adjustment == "splits+dividends"


def test_the_order_of_the_files_of_a_folder_is_no_disorder(tmp_path: Path) -> None:
    (tmp_path / "later.csv").write_text("symbol,date,close\nQCOM,2025-01-03,2\n")
    (tmp_path / "part.csv").write_text("symbol,date,close\nQCOM,2025-01-02,1\nQCOM,2025-01-06,3\n")
    loaded = FileSource(tmp_path).load([QUALCOMM], date(2025, 1, 1), date(2025, 1, 31), "price")
    assert rows(loaded, QUALCOMM) == [("2025-01-02", 1.0), ("2025-01-03", 2.0), ("2025-01-06", 3.0)]
    assert loaded.findings == ()


def test_a_folder_whose_files_are_named_otherwise_shows_how(tmp_path: Path) -> None:
    for name in ("688019", "000285", "CNY=X", "0700.HK"):
        (tmp_path / f"{name}.csv").write_text("date,close\n2025-01-02,9\n")
    loaded = FileSource(tmp_path).load(EVERYBODY, date(2025, 1, 1), date(2025, 12, 31), "price")
    assert not loaded.series
    assert "its symbols are written 000285, 0700.HK, 688019" in str(loaded.failures["XHKG:0285"])


def test_an_instrument_asked_twice_is_served_once(load: Load) -> None:
    loaded = load("date,QCOM\n2025-01-02,1\n", asked=(QUALCOMM, QUALCOMM))
    assert list(loaded.series) == ["XNAS:QCOM"]


def test_it_is_a_price_source_that_nobody_simulated(tmp_path: Path) -> None:
    source = FileSource(tmp_path / "prices.csv.gz")
    assert isinstance(source, PriceSource)
    assert source.name == "file prices.csv.gz"
    assert not source.simulated
    assert FileSource(tmp_path, name="desk").name == "desk"
    with pytest.raises(InputError, match="did you mean 'splits'"):
        FileSource(tmp_path, adjustment="split")  # type: ignore[arg-type]


def test_an_aware_datetime_object_is_taken_to_the_exchange(tmp_path: Path) -> None:
    moments = [datetime(2025, 1, 1, 16, tzinfo=UTC), datetime(2025, 1, 2, 16, tzinfo=UTC)]
    frame = pd.DataFrame({"symbol": "688018.SS", "date": moments, "close": [1.0, 2.0]})
    assert str(frame["date"].dt.tz) == "UTC"
    assert moments[0].astimezone(ZoneInfo("Asia/Shanghai")).date() == date(2025, 1, 2)
    frame.to_parquet(tmp_path / "p.parquet")
    loaded = FileSource(tmp_path / "p.parquet").load(
        [ESPRESSIF], date(2025, 1, 1), date(2025, 1, 31), "price"
    )
    assert rows(loaded, ESPRESSIF) == [("2025-01-02", 1.0), ("2025-01-03", 2.0)]
