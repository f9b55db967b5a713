"""A print becomes a report that is measured, saved and corrected; nothing is decided in silence."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from supplychain_screen import load_report, read_report, screen, validate_report
from supplychain_screen.cli import app
from supplychain_screen.cli.terminal import Exit
from supplychain_screen.errors import InputError, ReportError, UnknownListingError
from supplychain_screen.output import mail_html, reading_table, terminal_table
from supplychain_screen.research import (
    apply_corrections,
    corrections_of,
    read_corrections,
    save_reading,
    save_report,
)
from supplychain_screen.words import percent

RUN = CliRunner()
TEXT = (
    "环节\t公司\t代码\t评级\t目标价\n"
    "光学\t舜宇光学科技\t2382.HK\t买入\t70\n"
    "光学\t创维数字\t000700.SZ\t\t\n"
    "芯片\t英伟达\tNVDA.O\t\t\n"
)


def decisions(folder: Path, text: str) -> Path:
    path = folder / "decided.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_a_code_that_contradicts_its_name_is_open_with_both_readings() -> None:
    report = read_report(TEXT).to_report()
    assert [one.listing for one in report.mentions] == ["XHKG:2382", None, "XNAS:NVDA"]
    open_one = report.mentions[1]
    assert open_one.status == "unresolved"
    assert set(open_one.candidates) == {"XSHE:000700", "XSHE:000810"}
    assert {one.id for one in report.listings} >= set(open_one.candidates)


def test_a_day_that_is_told_does_not_unprint_the_printed_one() -> None:
    reading = read_report("报告日期：2025年1月6日\n\n" + TEXT, published="2025-01-07")
    assert str(reading.published) == "2025-01-07"
    assert str(reading.to_report().published) == "2025-01-06"


@pytest.mark.parametrize("printed", ["", "报告日期：2025年1月6日\n\n"])
def test_a_folder_holds_the_day_that_was_told(tmp_path: Path, printed: str) -> None:
    folder = save_reading(read_report(printed + TEXT, published="2025-01-07"), tmp_path / "mine")
    assert "published = 2025-01-07\n" in (folder / "report.toml").read_text("utf-8")
    assert str(load_report(folder).published) == "2025-01-07"


@pytest.mark.parametrize(
    ("said", "call"),
    [
        ("Ratings: Buy = expected to outperform the index by more than 20%", ""),
        ("Rating: Buy (expected to outperform the index by more than 20%)", ""),
        ("Ratings: Buy means more than 20% above the index", ""),
        ("Rating: Overweight (maintained)", "Overweight"),
        ("Rating: Overweight", "Overweight"),
    ],
)
def test_what_a_rating_means_is_no_call(said: str, call: str) -> None:
    reading = read_report(f"AI handsets\n\n{said}\n\n{TEXT}")
    assert reading.proposal("sector_call").value == call
    assert reading.proposal("own_rating").value == ""


def test_an_override_file_decides_and_every_output_says_so(tmp_path: Path) -> None:
    path = decisions(
        tmp_path,
        "company,decision,segment,reason\n"
        "创维数字,000810.SZ,,the set-top boxes\n"
        "英伟达,left out,芯片,\n"
        "舜宇光学科技,,,\n",
    )
    reading = read_report(TEXT, overrides=path, published="2024-12-31")
    assert [one.company for one in reading.mentions] == ["舜宇光学科技", "创维数字"]
    assert reading.undecided == ()
    result = screen(reading.to_report(), "2024-12-31", "2025-06-30", prices="simulated")
    said = (
        "创维数字 is XSHE:000810 by the user's decision; it was undecided (the set-top boxes)",
        "芯片: 英伟达 is left out by the user's decision; it was XNAS:NVDA",
    )
    found = result.findings[result.findings["code"] == "corrected_mention"]
    assert sorted(found["detail"].map(str)) == sorted(said)
    page, book = tmp_path / "p.html", tmp_path / "b.xlsx"
    result.to_html(page, lang="en")
    result.to_excel(book, lang="en")
    cells = " ".join(
        str(cell)
        for sheet in pd.read_excel(book, sheet_name=None, header=None, engine="calamine").values()
        for cell in sheet.to_numpy().ravel()
    )
    from supplychain_screen import terminal_table

    terminal = " ".join(terminal_table(result, "en", width=120).split())
    shown = {
        "page": page.read_text("utf-8").replace("&#39;", "'"),
        "workbook": cells,
        "markdown": result.to_markdown("en").replace("\\", ""),
        "json": json.dumps(json.loads(result.to_json()), ensure_ascii=False),
        "terminal": terminal,
    }
    for output, text in shown.items():
        for sentence in said:
            assert sentence in text, output


def test_the_same_file_corrects_a_folder_and_is_kept_in_it(tmp_path: Path) -> None:
    path = decisions(
        tmp_path, "company,decision\nTCL,1070.HK\n英伟达,unlisted\n金山办公,left out\n"
    )
    report = apply_corrections(load_report(), read_corrections(path))
    (tcl,) = (one for one in report.mentions if one.company == "TCL")
    assert (tcl.listing, tcl.confidence) == ("XHKG:1070", "chosen")
    assert {one.status for one in report.mentions if one.company == "英伟达"} == {"unlisted"}
    assert "金山办公" not in report.companies
    assert [one.before for one in report.corrections] == [
        "XSHE:000100",
        "XNAS:NVDA",
        "XSHG:688111",
    ]
    from supplychain_screen import save_report

    assert load_report(save_report(report, tmp_path / "kept")) == report


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("company,decision\n舜宇光学,unlisted\n", "did you mean 舜宇光学科技"),
        ("company,decision,segment\n英伟达,unlisted,光学\n", "it stands in 芯片"),
        ("company,decision\n英伟达,没有这样一家公司\n", "row 2, column decision: no one listing"),
        ("company,decision\n英伟达,XHKG:99\n", "row 2, column decision"),
        ("company,decision\n英伟达,unlisted\n英伟达,left out\n", "decided in row 2 already"),
        ("company,descision\n英伟达,unlisted\n", "did you mean decision"),
    ],
)
def test_a_decision_that_hits_nobody_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_report(TEXT, overrides=decisions(tmp_path, text))


def test_leaving_everybody_out_leaves_nothing_to_measure() -> None:
    with pytest.raises(ReportError, match="no company is printed"):
        read_report("蓝思科技（300433.SZ）\n", choices={"蓝思科技": "left out"}).to_report()
    with pytest.raises(UnknownListingError, match="no company"):
        apply_corrections(load_report(), corrections_of({"没有": "unlisted"}))


def test_a_table_without_a_standard_is_measured_and_rated_by_nobody() -> None:
    report = read_report("公司\n蓝思科技（300433.SZ）\n舜宇光学科技（2382.HK）\n").to_report()
    result = screen(report, "2024-12-31", "2026-01-09", prices="simulated")
    assert set(result.companies["reason"]) == {"standard_without_bounds"}
    assert result.companies["relative_return"].notna().all()
    assert report.standard.is_extension("XHKG", "INDEX:HSI")
    rated = read_report(TEXT, standard="csc-stock").to_report()
    assert rated.standard.stock.name == "csc-stock"
    with pytest.raises(ReportError, match="give --published"):
        read_report(TEXT, standard="国信证券")


def test_a_folder_is_written_that_validates_and_marks_what_is_open(tmp_path: Path) -> None:
    folder = save_reading(read_report(TEXT), tmp_path / "Mine 1")
    assert validate_report(folder) == ()
    assert load_report(folder).id == "mine-1"
    read = pd.read_csv(folder / "mentions.csv")
    assert read["place"].tolist()[0] == "text, line 2, row 2, column 2"
    open_ones = pd.read_csv(folder / "undecided.csv")
    assert open_ones["company"].tolist() == ["创维数字"]
    assert open_ones["decision"].isna().all()
    with pytest.raises(ReportError, match="holds suppliers"):
        save_reading(read_report(TEXT), folder)
    empty = (folder / "undecided.csv").read_text("utf-8-sig")
    filled = empty.replace("创维数字,,", "创维数字,000810.SZ,")
    (folder / "undecided.csv").write_text(filled, "utf-8-sig")
    again = read_report(TEXT, overrides=folder / "undecided.csv")
    save_reading(again, folder, overwrite=True)
    kept = pd.read_csv(folder / "undecided.csv")
    assert kept[["company", "decision"]].to_numpy().tolist() == [["创维数字", "XSHE:000810"]]
    assert load_report(folder).corrections == again.corrections


def test_the_commands_end_with_3_while_something_is_undecided(tmp_path: Path) -> None:
    path = tmp_path / "my.tsv"
    path.write_text(TEXT, encoding="utf-8")
    found = RUN.invoke(app, ["report", "extract", str(path), "--json"])
    assert found.exit_code == Exit.PARTIAL
    told = json.loads(found.stdout)
    assert told["undecided"] == [2]
    assert told["standard"] is None
    first = told["mentions"][0]
    wanted = {"code": "2382.HK", "rating": "买入", "target": "70", "listing": "XHKG:2382"}
    assert {key: first[key] for key in wanted} == wanted
    assert first["place"] == {
        "source": str(path),
        "page": None,
        "line": None,
        "row": 2,
        "column": 2,
    }
    common = [
        "screen",
        "--table",
        str(path),
        "--published",
        "2024-12-31",
        "--as-of",
        "2026-01-09",
        "--prices",
        "simulated",
        "--lang",
        "en",
    ]
    found = RUN.invoke(app, common)
    assert found.exit_code == Exit.PARTIAL
    assert "undecided: 1 of 3 mentions (创维数字)" in found.stderr
    assert "such as --choose '创维数字=000700.SZ'" in found.stderr
    found = RUN.invoke(app, [*common, "--choose", "创维数字=000810.SZ", "--standard", "csc-stock"])
    assert found.exit_code == Exit.COMPLETE
    assert "000810.SZ" in found.stdout
    assert RUN.invoke(app, [*common, "--report", str(path)]).exit_code != Exit.COMPLETE
    path.write_text(f"{TEXT.splitlines()[0]}\n芯片\t英伟达\tNVDA.O\t\t\n整机\t没有这家\t\t\t\n")
    found = RUN.invoke(app, common)
    assert "没有这家=" not in found.stderr  # nobody knows who it may be
    assert "COMPANY=SYMBOL, COMPANY=unlisted or COMPANY='left out'" in found.stderr


TWO_OPEN = "环节\t公司\n酒\t贵州茅台（300433.SZ）、贵州茅台（002594.SZ）\n芯片\t英伟达（NVDA.O）\n"


def test_companies_of_one_name_are_decided_by_their_codes(tmp_path: Path) -> None:
    folder = save_reading(read_report(TWO_OPEN), tmp_path / "f")
    rows = pd.read_csv(folder / "undecided.csv", dtype=str)
    assert rows["code"].tolist() == ["300433.SZ", "002594.SZ"]
    first = rows.assign(decision=["XSHE:300433", None])
    both = rows.assign(decision=["XSHE:300433", "XSHG:600519"])
    for told, wanted in (
        (first, ["XSHE:300433", None, "XNAS:NVDA"]),
        (both, ["XSHE:300433", "XSHG:600519", "XNAS:NVDA"]),
    ):
        path = tmp_path / "decided.csv"
        told.to_csv(path, index=False)
        reading = read_report(TWO_OPEN, overrides=path)
        assert [one.listing for one in reading.mentions] == wanted
        corrected = apply_corrections(load_report(folder), read_corrections(path))
        assert [one.listing for one in corrected.mentions] == wanted


def test_rounds_of_decisions_converge_and_lose_none(tmp_path: Path) -> None:
    path, folder = tmp_path / "my.tsv", tmp_path / "f"
    path.write_text(TWO_OPEN, encoding="utf-8")
    own = folder / "undecided.csv"
    common = ["report", "extract", str(path), "--to", str(folder)]
    assert RUN.invoke(app, common).exit_code == Exit.PARTIAL
    again = [*common, "--overwrite", "--overrides", str(own)]
    for code, decision, wanted in (
        ("300433.SZ", "left out", Exit.PARTIAL),
        ("002594.SZ", "XSHG:600519", Exit.COMPLETE),
    ):
        rows = pd.read_csv(own, dtype=str)
        rows.loc[rows["code"] == code, ["decision", "reason"]] = [decision, f"not {code}"]
        rows.to_csv(own, index=False)
        found = RUN.invoke(app, again)
        assert found.exit_code == wanted, found.output
    assert RUN.invoke(app, again).exit_code == Exit.COMPLETE
    kept = pd.read_csv(own, dtype=str)[["code", "decision", "reason"]].to_numpy().tolist()
    assert kept == [
        ["300433.SZ", "left out", "not 300433.SZ"],
        ["002594.SZ", "XSHG:600519", "not 002594.SZ"],
    ]
    before = own.read_bytes()
    found = RUN.invoke(app, [*common, "--overwrite"])
    assert "its decisions would be lost: 贵州茅台" in str(found.exception)
    assert own.read_bytes() == before


def test_an_extract_replaces_neither_its_input_nor_what_is_not_its_own(tmp_path: Path) -> None:
    path = tmp_path / "mentions.csv"
    path.write_text("公司,代码\n蓝思科技,300433.SZ\n", encoding="utf-8")
    other = tmp_path / "proposals.csv"
    other.write_text("mine", encoding="utf-8")
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    found = RUN.invoke(app, ["report", "extract", str(path), "--to", str(tmp_path), "--overwrite"])
    assert "would replace what FILE reads" in str(found.exception)
    text = tmp_path.parent / f"{tmp_path.name}.csv"
    text.write_bytes(path.read_bytes())
    found = RUN.invoke(app, ["report", "extract", str(text), "--to", str(tmp_path)])
    assert "holds mentions.csv, proposals.csv already" in str(found.exception)
    decided = tmp_path / "suppliers.csv"
    decided.write_text("company,decision\n", encoding="utf-8")
    words = ["--to", str(tmp_path), "--overwrite", "--overrides", str(decided)]
    found = RUN.invoke(app, ["report", "extract", str(text), *words])
    assert "would replace what --overrides reads" in str(found.exception)
    decided.unlink()
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_equal_columns_and_a_day_that_is_none_are_one_error() -> None:
    twice = pd.DataFrame([["a", "蓝思科技", "b"]], columns=["公司", "代码", "公司"])
    with pytest.raises(InputError, match="column 公司: two columns have one name"):
        read_report(twice)
    with pytest.raises(InputError, match="column 公司: two columns have one name"):
        read_report(pa.Table.from_arrays([["a"], ["b"]], names=["公司", "公司"]))
    with pytest.raises(InputError, match="column 公司: two columns have one name"):
        read_report(pd.DataFrame({"公司": ["a"]}, index=pd.Index(["b"], name="公司")))
    with pytest.raises(InputError, match="published is not a date"):
        read_report(TEXT, published=20240101)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "listings"),
    [
        (
            "蓝思科技（300433.SZ）\n舜宇光学科技\n600519\n",
            ["XSHE:300433", "XHKG:2382", "XSHG:600519"],
        ),
        ("舜宇光学科技\n汇顶科技\n没有这家公司\n", ["XHKG:2382", "XSHG:603160", None]),
        ("公司,代码\n没有的公司,\n腾讯控股,700 HK\n", [None, "XHKG:0700"]),
        ("贵州茅台,600519\n平安银行,000001\n", ["XSHG:600519", "XSHE:000001"]),
        (
            "Qualcomm, Inc.\nSunny Optical Technology (Group) Company Limited\n",
            ["XNAS:QCOM", "XHKG:2382"],
        ),
        (
            "腾讯控股 700\n舜宇光学 2382\n蓝思科技 300433\n",
            ["XHKG:0700", "XHKG:2382", "XSHE:300433"],
        ),
        ("贵州茅台 300433\n三一重工 700\n创维 700\n", [None, None, None]),
        ("BABA\nTSM\nCCB\nPRU\nALPS\nNA\n", ["XNYS:BABA", "XNYS:TSM", None, None, None]),
        ("700 HK Equity\nAAPL US Equity\n", ["XHKG:0700", "XNAS:AAPL"]),
        ("This is a short note about nothing.\nThe second line says more of it.\n", []),
    ],
)
def test_names_or_codes_alone_are_a_table(text: str, listings: list[str | None]) -> None:
    assert [one.listing for one in read_report(text).mentions] == listings


@pytest.mark.parametrize(
    "text",
    [
        "字节跳动 未上市\n",
        "字节跳动，未上市\n舜宇光学科技\n",
        "字节跳动\t未上市\n",
        "字节跳动,未上市\n舜宇光学科技,2382\n",
        "舜宇光学科技\n字节跳动 unlisted\n宇树科技\tnot listed\n",
    ],
)
def test_a_line_that_says_unlisted_is_an_unlisted_company(text: str) -> None:
    found = {one.company: one.verdict for one in read_report(text).mentions}
    assert found.pop("字节跳动") == found.pop("宇树科技", "unlisted") == "unlisted"
    assert found in ({}, {"舜宇光学科技": "listed"})


def test_a_listed_company_that_a_line_calls_unlisted_is_open() -> None:
    assert [one.verdict for one in read_report("贵州茅台 未上市\n").mentions] == ["undecided"]


def test_a_code_alone_has_the_ledgers_name(tmp_path: Path) -> None:
    reading = read_report("688111\n5 HK\n汇丰控股\n瑞芯微\n")
    assert [one.company for one in reading.mentions[:2]] == ["688111", "5 HK"]  # as printed
    shown = [line.split()[1] for line in reading_table(reading).splitlines() if "HK" in line]
    assert "金山办公" in reading_table(reading)
    assert shown[0] == "汇丰控股"
    decided = reading_table(read_report("688111\n", choices={"688111": "XSHG:600519"}))
    assert "金山办公" not in decided
    report = reading.to_report()
    assert [(one.company, one.listing) for one in report.mentions] == [
        ("金山办公", "XSHG:688111"),
        ("汇丰控股 (5 HK)", "XHKG:0005"),  # the name alone is another mention, and undecided
        ("汇丰控股", None),
        ("瑞芯微", "XSHG:603893"),
    ]
    result = screen(report, published="2024-12-31", as_of="2026-01-09", prices="simulated")
    assert result.company("688111")["company"] == "金山办公"
    page = result.to_html()
    assert "–" not in page[page.index('"eyebrow"') :].partition("</p>")[0]
    assert "– ·" not in mail_html(result)


def test_spaces_of_a_name_do_not_keep_a_decision_from_it() -> None:
    text = "公司\n某某新技术\n舜宇光学科技\n"
    reading = read_report(text, choices={"某某 新技术": "unlisted"})
    assert reading.mentions[0].verdict == "unlisted"
    report = apply_corrections(
        read_report(text).to_report(), corrections_of({"某某 新技术": "unlisted"})
    )
    assert report.mentions[0].status == "unlisted"


def test_a_print_that_names_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prose.txt"
    path.write_text(
        "今天天气很好，我们去公园散步，后来下了一场不大不小的雨，于是大家都回家了，没有人再出门。\n"
    )
    found = RUN.invoke(app, ["report", "extract", str(path)])
    assert "no company is printed in it" in str(found.exception)
    assert not found.stdout
    path.write_text(
        "报告日期：2024-11-20\n今天天气很好，我们去公园散步，于是大家都回家了，没有人再出门。\n"
    )
    found = RUN.invoke(app, ["report", "extract", str(path), "--to", str(tmp_path / "out")])
    assert "no company is printed in it" in str(found.exception)
    assert not (tmp_path / "out").exists()
    found = RUN.invoke(app, ["report", "extract", str(path)])
    assert "no company is printed in it" in str(found.exception)
    assert "2024-11-20" in found.stdout


def test_standard_input_is_a_print_too() -> None:
    found = RUN.invoke(app, ["report", "extract", "-", "--lang", "en"], input=TEXT.encode("gbk"))
    assert found.exit_code == Exit.PARTIAL
    lines = found.stdout.splitlines()
    assert lines[0].startswith("Not printed: title, publisher, published, analysts")
    assert next(line for line in lines if "#" in line).split() == [
        "#",
        "Company",
        "Code",
        "printed",
        "Listing",
        "Rating",
        "Target",
        "Place",
    ]
    assert "3 mentions, 1 undecided" in found.stdout
    assert all(len(line) <= 80 for line in lines)


def test_the_lines_of_a_cover_are_no_companies() -> None:
    cover = read_report("电子行业周报\n2024年11月\n蓝思科技\n立讯精密\n国信证券")
    assert [one.company for one in cover.mentions] == ["蓝思科技", "立讯精密"]
    listed = read_report("立讯精密\n国信证券")
    assert [one.listing for one in listed.mentions] == ["XSHE:002475", "XSHE:002736"]


def test_short_numbers_under_a_header_of_codes_are_open() -> None:
    reading = read_report("代码\n700\n1\n300433")
    assert [(one.code, one.verdict, one.listing) for one in reading.mentions] == [
        ("700", "undecided", None),
        ("1", "undecided", None),
        ("300433", "listed", "XSHE:300433"),
    ]
    assert {one.listing for one in reading.mentions[0].readings} == {"XHKG:0700", "XSHE:000700"}


@pytest.mark.parametrize(
    "source", ["歌尔\udfff声学\n蓝思科技（300433.SZ）\n", "\ud800：1\n300433.SZ\n"]
)
def test_halves_of_characters_are_read_and_can_be_saved(source: str, tmp_path: Path) -> None:
    reading = read_report(source)
    assert "XSHE:300433" in [one.listing for one in reading.mentions]
    assert load_report(save_reading(reading, tmp_path / "kept")).mentions
    frame = pd.DataFrame(
        {"公司": ["蓝思科技", "某\ud83d某"], "代码": ["300433.SZ", ""]}, dtype=object
    )
    assert [one.company for one in read_report(frame).mentions] == ["蓝思科技", "某\ufffd某"]


RATED = """公司,代码,评级,目标价
舜宇光学科技,2382.HK,买入,HK$80
蓝思科技,300433.SZ,卖出,30元
TCL,,增持,
"""


def test_a_target_is_shown_with_its_money() -> None:
    reading = read_report(RATED + "高通,QCOM.O,买入,$200\n寒武纪,688256.SH,买入,900\n")
    assert [one.target for one in reading.mentions] == ["80", "30元", "", "$200", "900"]
    shown = reading_table(reading).splitlines()
    for company, target in (
        ("舜宇", "80 HKD"),
        ("蓝思", "30元"),
        ("高通", "$200"),
        ("寒武", "900"),
    ):
        (line,) = [one for one in shown if company in one]
        assert f" {target} " in line
    told = read_report("目标价：30元\n\n" + RATED).proposal("target").value
    assert told == "30元"


def test_printed_ratings_and_targets_are_in_every_output(tmp_path: Path) -> None:
    report = read_report(RATED).to_report()
    kept = load_report(save_report(report, tmp_path / "kept"))
    assert [
        (one.printed_rating, one.printed_target, one.target_currency) for one in kept.mentions
    ] == [("买入", "80", "HKD"), ("卖出", "30元", ""), ("增持", "", "")]
    result = screen(kept, "2025-01-02", "2026-02-02", prices="simulated")
    first = json.loads(result.to_json())["companies"][0]
    assert (first["printed_rating"], first["printed_target"]) == ("买入", "80")
    for text in (
        terminal_table(result),
        result.to_markdown(),
        result.to_html(),
        result._repr_html_(),
    ):
        assert "买入" in text
        assert "80 HKD" in text
        assert "30元" in text
    book = pd.read_excel(
        result.to_excel(tmp_path / "book.xlsx"), sheet_name="公司", header=None, engine="calamine"
    )
    assert {"印出评级", "卖出", "80"} <= set(book.astype(str).to_numpy().ravel())


def test_without_a_standard_the_direction_is_told() -> None:
    result = screen(read_report(RATED).to_report(), "2025-01-02", "2026-02-02", prices="simulated")
    relative = result.companies["relative_return"].dropna()
    said = terminal_table(result, "en", 400)
    assert f"mean relative return {percent(relative.mean())}" in said
    assert f"median {percent(relative.median())}" in said
    assert "Ratings printed beside 3 companies: 2 positive, 1 negative" in said
    assert "No bounds × 2" in said


def test_a_name_that_is_only_somewhat_alike_is_no_remedy() -> None:
    reading = read_report("公司,代码\n伯恩光学,\n领益制造,\n舜宇光学科技,2382.HK\n")
    near = {one.company: [each.listing for each in one.readings] for one in reading.undecided}
    assert near == {"伯恩光学": ["ROCO:6859"], "领益制造": ["XSHE:002600"]}
    glass, slip, _ = reading.to_report().mentions
    assert (glass.status, glass.candidates) == ("unresolved", ())
    assert slip.candidates == ("XSHE:002600",)
    with pytest.raises(UnknownListingError, match="write a listing such as XHKG:1070"):
        corrections_of({"伯恩光学": "伯恩光学"})


def test_an_undecided_company_has_its_reason_and_a_remedy(tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    table.write_text(RATED, encoding="utf-8")
    call = ["--published", "2025-01-02", "--lang", "en"]
    shown = RUN.invoke(app, ["screen", "--table", str(table), *call, "--prices", "simulated"])
    assert shown.exit_code == Exit.PARTIAL
    assert "2 listings have this name: choose one of them." in " ".join(shown.stdout.split())
    assert "--choose TCL=1070.HK" in shown.stderr
    assert shown.stdout.splitlines()[0] == "my table (companies: 3)"
    folder = tmp_path / "o ut"
    found = RUN.invoke(app, ["report", "extract", str(table), "--to", str(folder), *call])
    again = found.stderr.splitlines()[-1].partition("then: ")[2]
    words = shlex.split(again)
    assert words[:4] == ["supplychain-screen", "report", "extract", str(table)]
    assert words[words.index("--published") + 1] == "2025-01-02"
    assert RUN.invoke(app, words[1:]).exit_code == Exit.PARTIAL


def test_a_table_without_a_day_says_so_in_one_sentence(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("蓝思科技,300433.SZ\n", encoding="utf-8")
    found = RUN.invoke(app, ["screen", "--table", str(table), "--prices", "simulated"])
    assert str(found.exception) == (
        "t does not print its day of publication, which is never guessed; "
        "give it with --published YYYY-MM-DD, in Python published="
    )


def test_the_dated_sentences_are_in_the_folder(tmp_path: Path) -> None:
    reading = read_report("2024年5月16日，公司发布新品。\n建议关注蓝思科技（300433.SZ）。\n")
    kept = pd.read_csv(save_reading(reading, tmp_path / "kept") / "events.csv")
    assert kept[["first", "precision"]].to_numpy().tolist() == [["2024-05-16", "day"]]
    assert "发布新品" in kept["text"][0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("建议关注：美团。\n", ["美团"]),
        ("重点推荐京东，维持评级。\n", ["京东"]),
        ("建议关注中信证券、华泰证券、东方财富。\n", ["中信证券", "华泰证券", "东方财富"]),
        ("中信证券（600030.SH）、国信证券、广发证券。\n", ["中信证券", "国信证券", "广发证券"]),
        ("建议关注：三七互娱《某部游戏》、完美世界。\n", ["三七互娱", "完美世界"]),
        ("建议关注舜宇光学科技（2382.HK）。数据来源：Wind，中信证券\n", ["舜宇光学科技"]),
    ],
)
def test_brokers_and_short_names_are_companies_where_they_are_recommended(
    text: str, names: list[str]
) -> None:
    assert [one.company for one in read_report(text).mentions] == names


def test_two_characters_that_may_be_a_word_are_open() -> None:
    found = read_report("建议关注设备、材料；推荐标准。\n").mentions
    assert [(one.company, one.verdict) for one in found] == [
        ("材料", "undecided"),
        ("标准", "undecided"),
    ]


@pytest.mark.parametrize(
    "codes", [["2382.HK", "700"], ["0700", "2382.HK"], ["700", "3690", "1810"], ["603893", "700"]]
)
def test_a_list_of_codes_loses_no_short_one(codes: list[str]) -> None:
    assert [one.code for one in read_report("\n".join(codes) + "\n").mentions] == codes
