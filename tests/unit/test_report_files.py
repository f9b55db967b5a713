"""Bad input: every problem of every file at once, with file, line, column and remedy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from supplychain_screen import RatingScale, load_report, new_report, save_report, validate_report
from supplychain_screen.errors import OutputError, ReportError
from supplychain_screen.identity import packaged_data
from supplychain_screen.research import Level, files_of

FILES = ("suppliers.csv", "listings.csv", "report.toml")
Change = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged report."""
    for name in FILES:
        shutil.copy(str(packaged_data().joinpath(name)), tmp_path / name)
    return tmp_path


def swap(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


def drop_column(column: str) -> Change:
    def change(text: str) -> str:
        import csv
        import io

        rows = list(csv.reader(io.StringIO(text)))
        at = rows[0].index(column)
        stream = io.StringIO()
        csv.writer(stream).writerows([row[:at] + row[at + 1 :] for row in rows])
        return stream.getvalue()

    return change


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ReportError) as caught:
        load_report(folder)
    assert list(caught.value.problems) == list(validate_report(folder))
    return [str(one) for one in caught.value.problems]


CASES = [
    # suppliers.csv
    (
        "suppliers.csv",
        drop_column("listing"),
        "suppliers.csv, row 1, column listing: missing column; add it",
    ),
    (
        "suppliers.csv",
        swap("company_en", "compnay_en"),
        "row 1, column compnay_en: unknown column; did you mean company_en?",
    ),
    ("suppliers.csv", swap(",segment_en,", ",note,"), "column note: the column stands there twice"),
    (
        "suppliers.csv",
        swap("手机芯片,Mobile-phone chips,联发科", "手机芯片,Mobile-phone chips,高通"),
        "row 8, column company: the mention of row 7 again, in the same segment (got '高通')",
    ),
    (
        "suppliers.csv",
        swap("XNAS:VNET", "XNAS:VNTE"),
        "row 2, column listing: unknown listing (got 'XNAS:VNTE'); did you mean XNAS:VNET",
    ),
    (
        "suppliers.csv",
        swap("XNAS:VNET", "688018"),
        "row 2, column listing: unknown listing (got '688018'); did you mean XSHG:688018, or add",
    ),
    (
        "suppliers.csv",
        swap("listed,XSHE:300229", "lsited,XSHE:300229"),
        "row 3, column status: unknown status (got 'lsited'); did you mean listed or unlisted?",
    ),
    (
        "suppliers.csv",
        swap("listed,XSHE:300229", "unlisted,XSHE:300229"),
        "row 3, column status: unlisted, and yet it has a listing",
    ),
    (
        "suppliers.csv",
        swap("listed,XSHE:300229", "listed,"),
        "row 3, column listing: a listed company without listing",
    ),
    (
        "suppliers.csv",
        swap("XSHE:300229,verified", "XSHE:300229,certain"),
        "row 3, column confidence: unknown confidence (got 'certain')",
    ),
    (
        "suppliers.csv",
        swap("no,listed,XNAS:VNET", "maybe,listed,XNAS:VNET"),
        "row 2, column pending: neither yes nor no (got 'maybe')",
    ),
    (
        "suppliers.csv",
        swap("\n2,2,", "\nsecond,2,"),
        "row 3, column order: not a whole number from 1 (got 'second')",
    ),
    ("suppliers.csv", swap("\n2,2,", "\n1,2,"), "row 3, column order: row 2 has that number"),
    (
        "suppliers.csv",
        swap("\n5,3,", "\n5,4,"),
        "row 6, column segment_no: row 4 numbers 服务器 GPU 3 (got '4')",
    ),
    (
        "suppliers.csv",
        swap("Server GPUs,寒武纪", "Server chips,寒武纪"),
        "row 5, column segment_en: row 4 calls 服务器 GPU Server GPUs (got 'Server chips')",
    ),
    (
        "suppliers.csv",
        swap(
            "IoT SoCs,高通,Qualcomm Incorporated,,,no,listed,XNAS:QCOM",
            "IoT SoCs,高通,Qualcomm Incorporated,,,no,listed,XNAS:NVDA",
        ),
        "row 14, column listing: row 7 measures it by XNAS:QCOM (got 'XNAS:NVDA')",
    ),
    (
        "suppliers.csv",
        swap("XSHE:300433", "XHKG:6613"),
        "row 30, column listing: listings.csv marks it as later_line, never a match",
    ),
    ("suppliers.csv", swap("XSHE:000810", "XHKG:0751"), "marks it as related, never a match"),
    (
        "suppliers.csv",
        swap("XHKG:1070|XSHE:002668", "XHKG:1071|XSHE:002668"),
        "row 31, column candidates: unknown listing (got 'XHKG:1071'); did you mean XHKG:1070",
    ),
    (
        "suppliers.csv",
        swap("XHKG:1070|XSHE:002668", "XSHE:000100"),
        "row 31, column candidates: the chosen listing is no candidate",
    ),
    ("suppliers.csv", swap(",世纪互联,", ",,"), "row 2, column company: an empty cell"),
    ("suppliers.csv", swap(",世纪互联,", ",世纪,互联,"), "row 2: 16 cells under 15 columns"),
    ("suppliers.csv", swap(",世纪互联,", ',"世纪互联,'), "suppliers.csv, row 2: no CSV"),
    ("suppliers.csv", lambda text: text.splitlines()[0], "the file has a header and no row"),
    (
        "suppliers.csv",
        lambda text: text.replace(",", ";"),
        "row 1: the cells are separated by semicolons; use commas",
    ),
    # listings.csv
    ("listings.csv", drop_column("mic"), "listings.csv, row 1, column mic: missing column"),
    (
        "listings.csv",
        swap("XSHG,603160", "XSHQ,603160"),
        "row 2, column mic: unknown MIC (got 'XSHQ'); did you mean XSHG",
    ),
    (
        "listings.csv",
        swap("XSHE,000700", "XSHE,700"),
        "column code: 700 is no code of XSHE (got '700'); write 000700: leading zeros were lost",
    ),
    ("listings.csv", swap("XHKG,0285", "XHKG,285"), "write 0285: leading zeros were lost"),
    (
        "listings.csv",
        swap("\nXSHG,603296", "\nXSHG,603160,CNY,,又,,,,,,,,,\nXSHG,603296"),
        "row 3, column code: XSHG:603160 stands in row 2 already",
    ),
    (
        "listings.csv",
        swap("603160,CNY", "603160,RMB"),
        "row 2, column currency: not a trading currency of XSHG (got 'RMB'); write CNY or USD",
    ),
    (
        "listings.csv",
        swap("2016-10-17", "2016/10/17"),
        "row 2, column first_session: not a date (got '2016/10/17'); write 2016-10-17",
    ),
    ("listings.csv", swap("2016-10-17", "2016-02-30"), "not a date (got '2016-02-30'); write YYYY"),
    ("listings.csv", swap("2016-10-17", "20161017"), "write 2016-10-17"),
    (
        "listings.csv",
        swap("2016-10-17,seen,", "2016-10-17,seen,2015-01-01"),
        "column last_session: before the first session 2016-10-17",
    ),
    ("listings.csv", swap("CNE100002G84", "CNE100002G85"), "column isin: not an ISIN"),
    (
        "listings.csv",
        swap('汇顶科技,"Shenzhen Goodix Technology Co., Ltd."', ","),
        "row 2, column name_zh: a listing without a name",
    ),
    (
        "listings.csv",
        swap("primary,XHKG:3296", "primary,XHKG:3297"),
        "row 3, column other_lines: unknown listing (got 'XHKG:3297'); did you mean XHKG:3296",
    ),
    (
        "listings.csv",
        swap("later_line", "later"),
        "column role: unknown role (got 'later'); did you mean related or later_line",
    ),
    # report.toml
    ("report.toml", swap("schema_version = 1", "schema_version = 2"), "for a newer version"),
    ("report.toml", swap("schema_version = 1", ""), "schema_version: no known schema version"),
    (
        "report.toml",
        swap('title = "人工智能专题：小米AI布局"', "titel = 1"),
        "report.toml, row 9, column report.titel: unknown key; did you mean title",
    ),
    (
        "report.toml",
        swap('id = "guosen-xiaomi-ai"', 'id = "小米"'),
        "column report.id: wrong value",
    ),
    (
        "report.toml",
        swap("published_after = 2024-11-12", 'published_after = "2024-11-12"'),
        "column report.published_after: wrong value (got '2024-11-12'); must be a date without",
    ),
    (
        "report.toml",
        swap(
            "published_after = 2024-11-12", "published_after = 2024-11-12\npublished = 2024-11-12"
        ),
        "column report.published: not after 2024-11-12",
    ),
    (
        "report.toml",
        swap("first_months = 6", 'first_months = "6"'),
        "column standard.first_months: wrong value (got '6'); must be a whole number",
    ),
    ("report.toml", swap("first_months = 6", "first_months = true"), "must be a whole number"),
    (
        "report.toml",
        swap("last_months = 12", "last_months = 3"),
        "the horizon ends before it begins",
    ),
    (
        "report.toml",
        swap('basis = "price"', 'basis = "prise"'),
        "column standard.basis: wrong value",
    ),
    (
        "report.toml",
        swap('level = "outperform"', 'level = "outprform"'),
        "column sector_call.level: unknown rating level (got 'outprform'); did you mean outperform",
    ),
    ("report.toml", swap('level = "outperform"', 'level = "优于大市"'), "write outperform"),
    (
        "report.toml",
        swap("lower = 0.10", "lower = 10"),
        "column standard.stock.levels[1].lower: a bound is a fraction (got '10'); "
        "write 0.1 for 10%",
    ),
    (
        "report.toml",
        swap("lower = 0.10", "lower = 0.12"),
        "standard.stock: scale guosen-stock: hole between outperform and neutral from 10% to 12%",
    ),
    (
        "report.toml",
        swap("lower_inclusive = true", "lower_inclusive = false"),
        "hole at 10%: neither outperform nor neutral includes it",
    ),
    ("report.toml", swap("lower_inclusive = true\n", ""), "lower_inclusive is missing"),
    ("report.toml", swap("lower_inclusive = true", "lower_inclusive = 1"), "must be true or false"),
    (
        "report.toml",
        swap('benchmarks = ["CSI300"]', 'benchmarks = ["CSI30O"]'),
        "column standard.markets[1].benchmarks: benchmark not defined (got 'CSI30O'); "
        "did you mean CSI300",
    ),
    ("report.toml", swap('benchmarks = ["CSI300"]', 'benchmarks = "CSI300"'), "must be a list"),
    ("report.toml", swap('benchmarks = ["CSI300"]', "benchmarks = []"), "no benchmark; name one"),
    (
        "report.toml",
        swap('mics = ["XHKG"]', 'mics = ["XHKQ"]'),
        "column standard.markets[3].mics: unknown MIC (got 'XHKQ'); did you mean XHKG",
    ),
    ("report.toml", swap('mics = ["XHKG"]', 'mics = ["XHKG", "XSHG"]'), "already in a_share"),
    ("report.toml", swap('name = "neeq"', 'name = "a_share"'), "defined twice (got 'a_share')"),
    (
        "report.toml",
        swap('yahoo = "000300.SS"', 'yaho = "000300.SS"'),
        "column indices[1].symbols: unknown vendor (got 'yaho'); did you mean yahoo",
    ),
    ("report.toml", swap('currency = "CNY"', 'currency = "yuan"'), "write an ISO 4217 code"),
    (
        "report.toml",
        swap('calendar = "XSHG"', 'calendar = "XSHE"'),
        "column indices[1].calendar: unknown calendar XSHE (got 'XSHE'); write XSHG, which",
    ),
    (
        "report.toml",
        swap('date = "2016-07"', 'date = "July 2016"'),
        "column events[1].date: not a date",
    ),
    ("report.toml", swap('date = "2016-07"', "date = 2016"), "must be text in quotes"),
    (
        "report.toml",
        swap("[sector_call]", "[sectorcall]"),
        "column sectorcall: unknown key; did you mean sector_call",
    ),
    ("report.toml", swap("[sector_call]", "[sector_call"), "no TOML"),
    ("report.toml", lambda text: text[: text.index("[standard]")], "standard: missing table"),
]


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    CASES,
    ids=[f"{at} {case[2][-60:]}" for at, case in enumerate(CASES)],
)
def test_a_fault_is_named_where_it_stands(
    folder: Path, name: str, change: Change, expected: str
) -> None:
    file = folder / name
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    found = problems_of(folder)
    assert any(expected in one for one in found), "\n".join(found)
    # One fault of the writer is not reported five times over.
    assert len(found) <= 2, "\n".join(found)


def test_all_problems_of_all_files_come_at_once_in_file_order(folder: Path) -> None:
    for name, change in (
        ("suppliers.csv", swap("XNAS:VNET", "XNAS:VNTE")),
        ("listings.csv", swap("2016-10-17", "17.10.2016")),
        ("report.toml", swap('basis = "price"', "basis = 1")),
        ("report.toml", swap("lower = 0.10", "lower = 0.12")),
    ):
        file = folder / name
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    found = problems_of(folder)
    assert [one.split(",")[0] for one in found] == [
        "suppliers.csv",
        "listings.csv",
        "report.toml",
        "report.toml",
    ]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        ("业务".encode("gbk"), "the file is not UTF-8; it looks like GBK; save it as UTF-8"),
        (b"ok\n\x80\x00\x81", "row 2: the file contains NUL bytes"),
        (b"\xff\xfea\x00", "the file is UTF-16, not UTF-8"),
        (b"a\xff\xff\xff", "the file is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_text(folder: Path, name: str, content: bytes, expected: str) -> None:
    (folder / name).write_bytes(content)
    found = problems_of(folder)
    assert len(found) == 1
    assert expected in found[0]
    assert found[0].startswith(name)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_one_problem(folder: Path, name: str) -> None:
    (folder / name).unlink()
    found = problems_of(folder)
    assert len(found) == 1
    assert found[0].startswith(f"{name}: the file is missing")


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no such folder"):
        load_report(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match="not a folder"):
        load_report(tmp_path / "file")


def test_a_byte_order_mark_and_windows_lines_do_not_matter(folder: Path) -> None:
    for name in FILES:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        file.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_report(folder).mentions == load_report().mentions


def test_listings_may_be_written_as_symbols(folder: Path) -> None:
    file = folder / "suppliers.csv"
    text = file.read_text(encoding="utf-8")
    for key, symbol in (
        ("XSHG:688018", "688018.SS"),
        ("XNAS:QCOM", "QCOM"),
        ("XHKG:0285", "00285.HK"),
    ):
        text = text.replace(f",{key},", f",{symbol},")
    file.write_text(text, encoding="utf-8")
    assert load_report(folder) == load_report()


def test_a_small_table_needs_no_numbers(folder: Path) -> None:
    (folder / "suppliers.csv").write_text(
        "company,segment,note,pending,status,listing\n"
        "乐鑫科技,芯片,,,,688018.SS\n高通,芯片,,否,,QCOM\n某公司,车,车灯,是,unlisted,\n谁,车,,,,\n",
        encoding="utf-8",
    )
    mentions = load_report(folder).mentions
    assert [(one.order, one.segment_no, one.status, one.pending) for one in mentions] == [
        (1, 1, "listed", False),
        (2, 1, "listed", False),
        (3, 2, "unlisted", True),
        (4, 2, "unresolved", False),
    ]


# --- Saving and starting ------------------------------------------------------------------------


def test_what_is_saved_loads_as_it_was(tmp_path: Path) -> None:
    report = (
        load_report()
        .with_listing("TCL", "1070.HK")
        .with_listing("蓝思科技", "XHKG:6613")
        .with_benchmark("XTAI", "TWII")
    )
    assert save_report(report, tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert load_report(tmp_path / "a" / "b") == report
    assert sorted(one.name for one in (tmp_path / "a").iterdir()) == ["b"]
    save_report(load_report(tmp_path / "a" / "b"), tmp_path / "again")
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "a/b" / name).read_bytes()


def test_the_packaged_tables_are_in_the_form_that_saving_writes(tmp_path: Path) -> None:
    save_report(load_report(), tmp_path / "a")
    for name in ("suppliers.csv", "listings.csv"):
        assert (tmp_path / "a" / name).read_bytes() == packaged_data().joinpath(name).read_bytes()


def test_a_report_is_not_overwritten_unless_asked(folder: Path) -> None:
    changed = load_report().with_listing("TCL", "1070.HK")
    (folder / "mine.txt").touch()
    with pytest.raises(ReportError, match=r"holds suppliers\.csv, listings\.csv, report\.toml"):
        save_report(changed, folder)
    assert load_report(folder) == load_report()
    save_report(changed, folder, overwrite=True)
    assert load_report(folder) == changed
    assert sorted(one.name for one in folder.iterdir()) == sorted((*FILES, "mine.txt"))


def test_what_would_not_read_back_is_not_written(tmp_path: Path) -> None:
    report = load_report()
    tcl = report.listing("XSHE:000100").model_copy(update={"aliases": ("a|b",)})
    with pytest.raises(ReportError, match="would not read back"):
        save_report(report.with_listing("TCL", tcl), tmp_path / "a")
    sek = tcl.model_copy(update={"aliases": (), "currency": "SEK"})
    with pytest.raises(ReportError, match="not a trading currency of XSHE"):
        save_report(report.with_listing("TCL", sek), tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_quotes_and_line_ends_survive(tmp_path: Path) -> None:
    text = 'a "quoted" \\ back\nslash, tab\t and \x7f'
    report = load_report()
    listing = report.listing("XSHE:000100").model_copy(update={"notes": 'x "y", z\nw'})
    report = report.model_copy(update={"title": text}).with_listing("TCL", listing)
    save_report(report, tmp_path / "a")
    assert load_report(tmp_path / "a") == report


def test_a_disk_that_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        save_report(load_report(), tmp_path / "file" / "sub")


@pytest.mark.parametrize("scale", ["guosen-stock", "huatai-stock", "bohai-stock", "csc-stock"])
def test_a_new_report_loads_as_it_is(tmp_path: Path, scale: str) -> None:
    folder = new_report(tmp_path / "new", report_id="my-report", title="我的", scale=scale)
    report = load_report(folder)
    assert (report.id, report.title, report.published) == ("my-report", "我的", None)
    assert report.standard.stock.name == scale
    assert report.standard.basis == ("total" if scale == "huatai-stock" else "price")
    assert [one.status for one in report.mentions] == ["listed"] * 3 + ["unlisted"]
    text = (folder / "report.toml").read_text(encoding="utf-8")
    assert text.count("\n#") > 10


def test_a_new_report_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"no such rating scale .*did you mean guosen-stock"):
        new_report(tmp_path / "new", scale="guosen-stok")
    with pytest.raises(ReportError, match="no short name"):
        new_report(tmp_path / "new", report_id="My Report")
    assert list(tmp_path.iterdir()) == []
    new_report(tmp_path / "new")
    with pytest.raises(ReportError, match="already"):
        new_report(tmp_path / "new")


def test_a_scale_of_ones_own_survives(tmp_path: Path) -> None:
    scale = RatingScale(
        name="mine",
        levels=(
            Level(name="good", lower=-1e-05),
            Level(name="bad", upper=-1e-05, upper_inclusive=True),
        ),
    )
    report = load_report()
    standard = report.standard.model_copy(update={"stock": scale, "sector": scale})
    report = report.model_copy(update={"standard": standard, "sector_call": None})
    save_report(report, tmp_path / "a")
    assert load_report(tmp_path / "a") == report


def add_weights(weights: list[str]) -> Change:
    """A column of weights, the last of them for all further rows."""

    def change(text: str) -> str:
        head, *rows = text.splitlines()
        filled = [*weights, *[weights[-1]] * len(rows)]
        return "\n".join(
            [f"{head},weight", *(f"{r},{w}" for r, w in zip(rows, filled, strict=False))]
        )

    return change


def test_weights_of_suppliers_are_read_written_and_never_guessed(
    folder: Path, tmp_path: Path
) -> None:
    file = folder / "suppliers.csv"
    plain = file.read_text("utf-8")
    file.write_text(add_weights(["2", "0.5", "0"])(plain), "utf-8")
    report = load_report(folder)
    assert [one.weight for one in report.mentions[:4]] == [2.0, 0.5, 0.0, 0.0]
    assert load_report(save_report(report, tmp_path / "again")) == report
    assert "weight" not in files_of(load_report())["suppliers.csv"].partition("\n")[0]
    for written, fault in (
        ("-1", "row 3, column weight: no weight (got '-1'); write a number from 0 on"),
        ("10%", "row 3, column weight: no weight (got '10%')"),
        ("", "row 3, column weight: no weight where other rows have one; fill it in; 0 leaves"),
    ):
        file.write_text(add_weights(["2", written, "1"])(plain), "utf-8")
        (problem,) = problems_of(folder)
        assert fault in problem
