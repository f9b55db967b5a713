"""Price files that cannot be read: one error, every problem, and where each one is."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from supplychain_screen import Index, Listing, load_report, screen
from supplychain_screen.errors import InputError, PriceFileError, Problem
from supplychain_screen.prices import Basis
from supplychain_screen.prices.sources.files import FileSource

ESPRESSIF = Listing(mic="XSHG", code="688018", currency="CNY")
QUALCOMM = Listing(mic="XNAS", code="QCOM", currency="USD")
IBM = Listing(mic="XNYS", code="IBM", currency="USD")
HSI = Index(
    name="HSI", printed="HSI.HI", currency="HKD", calendar="XHKG", symbols={"yahoo": "^HSI"}
)

Refused = Callable[..., tuple[Problem, ...]]
HEAD = "symbol,date,close,volume\n"


def problems_of(path: Path, *asked: Listing | Index, basis: Basis = "price") -> tuple[Problem, ...]:
    with pytest.raises(PriceFileError) as caught:
        FileSource(path).load(
            asked or (ESPRESSIF, QUALCOMM, HSI), date(2025, 1, 1), date(2025, 12, 31), basis
        )
    assert all(problem.file for problem in caught.value.problems)
    return caught.value.problems


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Write a file and give the problems it is refused for."""

    def refused(
        text: str | bytes, name: str = "prices.csv", *, basis: Basis = "price"
    ) -> tuple[Problem, ...]:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        found = problems_of(file, basis=basis)
        assert {problem.file for problem in found} == {str(file)}
        return found

    return refused


def test_every_bad_cell_is_named_at_once(refused: Refused) -> None:
    found = refused(
        HEAD
        + "688018.SS,2025-01-02,200.5,1000\n"
        + "AAPL,not read,not read,not read\n"
        + "688018.SS,2025-01-03,2O1.5,1000\n"
        + "\n"
        + 'QCOM,02/01/2025,"1,530.5",many\n'
        + "QCOM,,153.8,0\n"
    )
    assert [(one.row, one.column, one.value, one.message) for one in found] == [
        (4, "close", "2O1.5", "not a number"),
        (6, "date", "02/01/2025", "not a date"),
        (6, "volume", "many", "not a number"),
        (7, "date", "", "no date"),
    ]
    assert found[1].remedy == "write YYYY-MM-DD"
    assert str(found[0]).endswith(
        "prices.csv, row 4, column close: not a number (got '2O1.5'); "
        "write a number or leave it empty"
    )


@pytest.mark.parametrize("packed", [False, True])
def test_the_row_is_the_line_of_the_text_whatever_stands_before(
    refused: Refused, packed: bool
) -> None:
    # Line 1 is empty, the header has two lines, the first row two, and a byte order mark leads.
    text = (
        '\n"a\nnote",symbol,date,close\n'
        '"two\nlines",QCOM,2025-01-02,153.8\n'
        "x,QCOM,2025-01-03,text\n"
    )
    data = b"\xef\xbb\xbf" + text.encode()
    (one,) = refused(gzip.compress(data, mtime=0) if packed else data, "prices.csv.gz")
    assert (one.row, one.column, one.value) == (6, "close", "text")


def test_a_wide_file_names_the_symbol_as_the_column(refused: Refused) -> None:
    found = refused(
        "date,688018.SS,AAPL,QCOM\n2025-01-02,x,x,1\nyesterday,2,x,3\n2025-01-06,1,,y\n"
    )
    assert [(one.row, one.column, one.value) for one in found] == [
        (2, "688018.SS", "x"),
        (3, "date", "yesterday"),
        (4, "QCOM", "y"),
    ]


@pytest.mark.parametrize(
    "day",
    [
        "2025-13-01",
        "2025-02-30",
        "20250230",
        "2025-1-32",
        "1/2/2025",
        "2025-W01-1",
        "20250102.5",
        "0205-01-02",
        "2025-01-02 25:00",
        "today",
    ],
)
def test_days_that_are_none(refused: Refused, day: str) -> None:
    (one,) = refused(f"symbol,date,close\nQCOM,{day},1\n")
    assert (one.row, one.column, one.value) == (2, "date", day)


@pytest.mark.parametrize("number", ["1_000", "1 000", "¥9", "0x10", "1e", "١٢", "True", "1,25.5"])
def test_numbers_that_are_none(refused: Refused, number: str) -> None:
    (one,) = refused(f'symbol,date,close\nQCOM,2025-01-02,"{number}"\n')
    assert (one.row, one.column, one.value) == (2, "close", number)


def test_two_closes_of_one_day_name_both_rows(refused: Refused) -> None:
    (one,) = refused(HEAD + "QCOM,2025-01-02,1,\nQCOM,2025-01-03,2,\nQCOM,20250102,1.5,\n")
    assert (one.row, one.column) == (4, "close")
    assert "two closes of QCOM on 2025-01-02: 1.0 in row 2, 1.5 in row 4" in one.message


def test_intraday_bars_are_no_daily_closes(refused: Refused) -> None:
    found = refused(HEAD + "QCOM,2025-01-02 09:30:00,1,\nQCOM,2025-01-02 09:31:00,2,\n")
    assert "two closes of QCOM on 2025-01-02" in found[0].message


def test_one_listing_under_two_spellings(refused: Refused) -> None:
    for text in (
        HEAD + "688018.SS,2025-01-02,1,\nXSHG:688018,2025-01-03,2,\n",
        "date,688018.SS,XSHG:688018\n2025-01-02,1,2\n",
    ):
        assert "XSHG:688018 is here under two spellings, 688018.SS and XSHG:688018" in (
            refused(text)[0].message
        )


def test_a_symbol_that_two_asked_instruments_share(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(HEAD + "IBM,2025-01-02,1,\n")
    twin = Index(name="IBM", currency="USD", calendar="XNYS", symbols={"yahoo": "IBM"})
    (one,) = problems_of(file, IBM, twin)
    assert (one.message, one.value) == ("the symbol means XNYS:IBM and INDEX:IBM", "IBM")


def test_a_column_that_occurs_twice(refused: Refused) -> None:
    assert refused("symbol,date,close,close\nQCOM,2025-01-02,1,2\n")[0].column == "close"
    (one,) = refused("date,QCOM,QCOM\n2025-01-02,1,2\n")
    assert (one.column, one.message) == ("QCOM", "the column occurs twice")


@pytest.mark.parametrize(
    ("header", "column", "remedy"),
    [
        ("symbol,date,clsoe", "close", "did you mean 'clsoe'? Rename it to 'close'"),
        ("symbol,dat,close", "date", "did you mean 'dat'? Rename it to 'date'"),
        ("symbl,date,close", "symbol", "did you mean 'symbl'? Rename it to 'symbol'"),
        (
            "symbol,date,adj_close",
            "close",
            "add it, or read the other one: --close adj_close (close='adj_close')",
        ),
        ("symbol,date,open,volume", "close", "add 'close'"),
        ("date,clsoe", "close", "did you mean 'clsoe'? Rename it to 'close'"),
    ],
)
def test_a_missing_column_is_named_with_its_nearest(
    refused: Refused, header: str, column: str, remedy: str
) -> None:
    (one,) = refused(header + "\nQCOM,2025-01-02,1\n", "QCOM.csv" if "symb" in header else "x.csv")
    assert (one.message, one.column, one.remedy) == ("missing column", column, remedy)


def test_a_table_without_days_says_which_columns_it_has(refused: Refused) -> None:
    (one,) = refused("代码,收盘\n688018,1\n")
    assert (one.column, one.message) == ("date", "missing column")
    assert one.remedy == "add 'date', the day of each row's close; the columns are 代码, 收盘"


def test_symbols_under_another_name_are_pointed_at(refused: Refused) -> None:
    (one,) = refused("who,date,close\n688018.SS,2025-01-02,1\n0285.HK,2025-01-02,2\n")
    assert "there is no column 'symbol'" in one.message
    assert one.remedy.startswith("rename 'who' to 'symbol'")


@pytest.mark.parametrize(
    ("names", "encoding"), [("代码,日期,收盘", "gb18030"), ("股票代碼,日期,收盤價", "big5hkscs")]
)
def test_a_header_that_was_read_in_a_wrong_encoding_is_told(
    refused: Refused, names: str, encoding: str
) -> None:
    spoilt = names.encode(encoding).decode("latin-1")
    (one,) = refused(f"{spoilt}\n688018,2025-01-02,1\n")
    assert one.row == 1
    assert "the header was saved in a wrong encoding" in one.message
    assert one.message.endswith(f"were {names.replace(',', ', ')}")


def test_a_workbook_with_a_password_is_told(refused: Refused) -> None:
    locked = b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    (one,) = refused(locked, "prices.xlsx")
    assert one.message == "the workbook asks for a password"


def test_what_is_no_prices_at_all_is_told_before_anything_is_asked_of_it() -> None:
    with pytest.raises(InputError, match="neither a price source, a path nor a table"):
        screen(load_report(), "2024-12-31", prices=[1, 2])


def test_two_missing_columns_are_two_problems(refused: Refused) -> None:
    assert [one.column for one in refused("symbol,open\nQCOM,1\n")] == ["date", "close"]
    assert refused("symbol,date,open\nQCOM,2025-01-02,1\n", basis="total")[0].column == "close"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\r\n  \n", "the file holds no line"),
        (HEAD.encode(), "no rows under the header"),
        (HEAD.encode() + b"\n\n", "no rows under the header"),
        (b"date,QCOM\n", "no rows under the header"),
        (b"segment,company\nx,y\n", "not a price file: its columns are segment, company"),
        (b'{"a": 1}\n', "not a price file"),
        (bytes(range(256)), "not a price file"),
        (b"PK\x03\x04" + bytes(40), "the ZIP archive is damaged"),
        (b"%PDF-1.7\n", "a PDF"),
        (HEAD.encode("utf-16"), "no rows under the header"),
        (HEAD.encode("utf-16-le") + b"Q", "cannot be read"),
        ((HEAD + "QCOM,2025-01-02,1,\n").encode("utf-16") + b"Q", "cannot be read"),
        (HEAD.encode() + b"QCOM,2025-01-02,\0,\n", "not a price file"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "the workbook is damaged"),
        (b"ARROW1\0\0" + bytes(60), "the Feather file is damaged"),
        (gzip.compress(b"", mtime=0), "the file holds no line"),
        (b"PAR1" + bytes(100) + b"PAR1", "the Parquet file is damaged"),
        (b"Date,Close\n2025-01-02,1\n", "no column 'symbol', and the name 'prices' is no symbol"),
    ],
)
def test_what_is_no_price_file(refused: Refused, data: bytes, words: str) -> None:
    assert words in refused(data)[0].message


def test_a_cell_that_is_no_utf8(refused: Refused) -> None:
    data = HEAD.encode() + b"QCOM,2025-01-02,1,\nQCOM,2025-01-03,\xff\xfe,\n"
    (one,) = refused(data)
    assert (one.message, one.row, one.column) == ("the bytes are no UTF-8", 3, "close")
    (one,) = refused(HEAD.encode() + b"QCOM,\xff2025,1,\n")
    assert (one.message, one.row, one.value) == ("not a date", 2, "\ufffd2025")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("QCOM,2025-01-03", "2 fields where the header names 4"),
        ("QCOM", "1 field where the header names 4"),
        ("QCOM,2025-01-03,1,530.5,7", "5 fields where the header names 4"),
    ],
)
def test_a_row_with_too_few_or_too_many_fields(refused: Refused, row: str, words: str) -> None:
    (one,) = refused(f"{HEAD}QCOM,2025-01-02,1,2\n{row}\n")
    assert (one.row, one.message) == (3, words)


def a_packed_file() -> bytes:
    """A gzip file big enough that its parts are written one by one."""
    lines = (
        f"QCOM,20{y:02}-{m:02}-{d:02},{y * m + d / 7:.6f},{m}\n"
        for y in range(10, 60)
        for m in range(1, 13)
        for d in range(1, 29)
    )
    return gzip.compress((HEAD + "".join(lines)).encode())


def test_a_gzip_file_that_ends_early(refused: Refused) -> None:
    whole = a_packed_file()
    for part in (whole[:-1], whole[:-9], whole[: len(whole) // 2]):
        (one,) = refused(part, "prices.csv.gz")
        assert "the gzip file is cut off after row" in one.message
        assert one.remedy == "copy or download it again"
    assert "ends in its header" in refused(whole[:14], "prices.csv.gz")[0].message


def test_a_gzip_file_with_a_changed_byte(refused: Refused) -> None:
    whole = bytearray(a_packed_file())
    whole[-6] ^= 1
    assert "the gzip file is damaged" in refused(bytes(whole), "prices.csv.gz")[0].message
    whole[len(whole) // 2] ^= 0xFF
    found = refused(bytes(whole), "prices.csv.gz")
    assert any("damaged" in one.message for one in found)


def test_a_parquet_file_that_ends_early_or_was_changed(tmp_path: Path) -> None:
    file = tmp_path / "prices.parquet"
    day = pd.date_range("2025-01-01", periods=3000).strftime("%Y-%m-%d")
    pd.DataFrame({"symbol": "QCOM", "date": day, "close": range(1, 3001)}).to_parquet(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "the Parquet file is damaged" in problems_of(file)[0].message
    file.write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])
    assert "the Parquet file is damaged" in problems_of(file)[0].message


def test_text_in_a_parquet_column_names_its_record(tmp_path: Path) -> None:
    file = tmp_path / "prices.parquet"
    frame = pd.DataFrame(
        {
            "symbol": ["AAPL", "QCOM", "QCOM"],
            "date": ["x", "2025-01-02", "x"],
            "close": ["x", "one", "2"],
        }
    )
    frame.to_parquet(file)
    found = problems_of(file)
    assert [(one.row, one.column, one.value) for one in found] == [
        (2, "close", "one"),
        (3, "date", "x"),
    ]
    frame.assign(date=pd.Series([1.5, 2.5, 3.5])).to_parquet(file)
    assert problems_of(file)[0].message == "not a date"


def test_many_rows_with_one_fault_are_counted(refused: Refused) -> None:
    lines = "".join(f"QCOM,2025-01-02,x{at},\n" for at in range(500))
    found = refused(HEAD + lines)
    assert [one.row for one in found] == [2, 3, 4, 5, 6, None]
    assert found[5].message == "not a number: 495 more rows"


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "prices.csv.gz").write_bytes(a_packed_file())
    (one,) = problems_of(tmp_path / "price.csv.gz")
    assert one.message == (
        "no such file or folder; looked for a price file (*.csv, *.tsv, *.txt, *.csv.gz, *.tsv.gz, "
        "*.txt.gz, *.parquet, *.feather, *.arrow, *.xlsx, *.xls, *.zip) or a folder"
    )
    assert one.remedy == f"did you mean {tmp_path / 'prices.csv.gz'}?"
    assert problems_of(tmp_path / "no" / "folder")[0].remedy == "check the path"
    with pytest.raises(PriceFileError, match="no such file"):
        FileSource(tmp_path / "none").bases()


def test_folders_that_hold_no_prices(tmp_path: Path) -> None:
    assert "no price files in the folder" in problems_of(tmp_path)[0].message
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "QCOM.csv").write_text("date,clsoe\n2025-01-02,1\n")
    found = problems_of(tmp_path)
    assert [(Path(one.file or "").name, one.message.split(":")[0]) for one in found] == [
        ("QCOM.csv", "missing column"),
        ("notes.csv", "not a price file"),
    ]
    (tmp_path / "_delta_log").mkdir()
    assert "a Delta table" in problems_of(tmp_path)[0].message


def test_files_of_one_folder_that_disagree(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "QCOM,2025-01-02,1,\n")
    (tmp_path / "b.csv").write_text(HEAD + "QCOM,2025-01-02,2,\n")
    (one,) = problems_of(tmp_path)
    assert one.message == (
        f"two closes of QCOM on 2025-01-02: 1.0 in row 2 of {tmp_path / 'a.csv'}, 2.0 in row 2"
    )
    (tmp_path / "b.csv").write_text(HEAD + "QCOM.O,2025-01-03,2,\n")
    (one,) = problems_of(tmp_path)
    assert one.message == "XNAS:QCOM is here under two spellings, QCOM and QCOM.O"


def test_the_problems_of_all_files_of_a_folder_come_together(tmp_path: Path) -> None:
    (tmp_path / "688018.SS.csv").write_text("date,close\n2025-01-02,x\n")
    (tmp_path / "QCOM.csv").write_text("date,close\n2025-01-02,1\nx,2\n")
    found = problems_of(tmp_path)
    assert [(Path(one.file or "").name, one.row, one.column) for one in found] == [
        ("688018.SS.csv", 2, "close"),
        ("QCOM.csv", 3, "date"),
    ]


@pytest.mark.parametrize("day", ["2300-01-02", "0001-01-01", "2025-13-01"])
def test_a_day_that_is_written_right_and_cannot_be_is_not_to_be_written_so(
    tmp_path: Path, day: str
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(f"symbol,date,close\n688018.SS,2025-01-02,9.1\n688018.SS,{day},9.2\n")
    (one,) = problems_of(file)
    assert (one.row, one.value) == (3, day)
    assert one.remedy == "no such day from 1900 to 2199: mend the row or leave it out"


SEMICOLONS = "symbol;date;close;volume\n688018.SS;2025-01-02;{};{}\n688018.SS;2025-01-03;{};{}\n"


@pytest.mark.parametrize(
    ("cells", "closes"),
    [
        (("1,234", "12.5", "1,240", "7"), [1234.0, 1240.0]),
        (("1,234", "12,5", "1,240", "7"), [1.234, 1.24]),
        (("1,234", "1,234,567", "1,240", "7"), [1234.0, 1240.0]),
        (("1,234", "7", "0,999", "7"), [1.234, 0.999]),
        (("1.234", "7", "1.240,5", "7"), [1234.0, 1240.5]),
        (("1,234", "7", "1,240", "7"), None),
    ],
)
def test_a_number_that_could_be_two_is_asked_about(
    tmp_path: Path, cells: tuple[str, ...], closes: list[float] | None
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(SEMICOLONS.format(*cells))

    def read(**options: str) -> list[float]:
        source = FileSource(file, **options)  # type: ignore[arg-type]
        loaded = source.load([ESPRESSIF], date(2025, 1, 1), date(2025, 12, 31), "price")
        return loaded.series[ESPRESSIF.id].close.tolist()

    if closes is not None:
        assert read() == closes
        return
    with pytest.raises(PriceFileError) as error:
        read()
    (problem,) = error.value.problems
    assert (problem.row, problem.column, problem.value) == (2, "close", "1,234")
    assert "1234 or 1.234?" in problem.message
    assert problem.remedy.startswith("--decimal . if")
    assert read(decimal=".") == [1234.0, 1240.0]
    assert read(decimal=",") == [1.234, 1.24]


DAYS = [f"2025-{1 + at // 20:02}-{1 + at % 20:02}" for at in range(60)]


def signs(at: int) -> float:
    """Numbers of no order from -1 to 1, fewer than a fifth of them negative."""
    return ((at * 61 + 23) % 97) / 97 * 1.2 - 0.2


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (lambda at: f"{signs(at) - 0.4:.4f}", "of them are below zero"),
        (lambda at: f"{1 + (signs(at) - 0.4) / 20:.4f}", "they scatter around 1"),
        (lambda at: f"{signs(at):.2f}%", "a percentage, no price"),
    ],
)
@pytest.mark.parametrize("form", ["long", "wide"])
def test_returns_are_no_prices(
    refused: Refused, cell: Callable[[int], str], why: str, form: str
) -> None:
    rows = [f"{day},{cell(at)}" for at, day in enumerate(DAYS)]
    if form == "long":
        text = "symbol,date,close\n" + "".join(f"QCOM,{row}\n" for row in rows)
    else:
        text = "date,QCOM\n" + "\n".join(rows)
    one = refused(text)[0]
    assert why in one.message
    assert one.column == ("close" if form == "long" else "QCOM")
    wide_returns = form == "wide" and why != "a percentage, no price"
    remedy = "give a table of closes" if wide_returns else "--close COLUMN"
    assert remedy in one.remedy


def test_a_share_at_one_dollar_is_no_column_of_returns(tmp_path: Path) -> None:
    file = tmp_path / "QCOM.csv"
    cents = [0.99, 1.01, 1.0, 1.02]
    rows = [f"{day},{cents[at * 7 % 4]}" for at, day in enumerate(DAYS)]
    file.write_text("date,close\n" + "\n".join(rows))
    loaded = FileSource(file).load([QUALCOMM], date(2025, 1, 1), date(2025, 12, 31), "price")
    assert loaded.series[QUALCOMM.id].close[:2].tolist() == [0.99, 1.02]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("Table.xls", "<html><tr><td>日期</td></tr></html>", "a page of HTML or XML"),
        ("a.csv", '[{"symbol": "QCOM", "date": "2025-01-02", "close": 1}]', "but JSON"),
        ("a.csv", "symbol,date,klose_px\nQCOM,2025-01-02,1\n", "missing column"),
        (
            "a.csv",
            "代码,日期,收盘\n".encode("gbk") + b"6\xff8,2025-01-03,1\n",
            "the bytes are no GBK",
        ),
    ],
)
def test_what_is_no_price_file_says_what_it_is(
    refused: Refused, name: str, text: str | bytes, message: str
) -> None:
    (one,) = refused(text, name)
    assert message in one.message
    assert one.remedy


def test_what_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "a.csv.gz"
    line = b"QCOM,2025-01-02,1.0\n"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(b"symbol,date,close\n")
        for _ in range(200):
            packed.write(line * 1000)
    asked = [QUALCOMM], date(2025, 1, 1), date(2025, 12, 31), "price"
    with pytest.raises(PriceFileError, match=r"more than 1[.]0 MB; if the .* --max-size"):
        FileSource(file, max_bytes=10**6).load(*asked)
    loaded = FileSource(file, max_bytes=5 * 10**6).load(*asked)
    assert loaded.series[QUALCOMM.id].close.tolist() == [1.0]


@pytest.mark.parametrize(
    "thing",
    [
        [1, 2],
        7,
        pa.table({"symbol": [], "date": [], "close": []}),
        pa.table({"symbol": ["QCOM"], "date": ["2025-01-02"], "close": [[1.0]]}),
    ],
)
def test_what_is_no_table_of_prices_is_one_error(thing: object) -> None:
    with pytest.raises(InputError) as error:
        FileSource(thing).load([QUALCOMM], date(2025, 1, 1), date(2025, 12, 31), "price")
    assert error.value.problems[0].remedy
