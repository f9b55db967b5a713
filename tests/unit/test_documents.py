"""Whatever a report is printed on becomes the same lines and tables."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pytest

from supplychain_screen.errors import InputError
from supplychain_screen.research import Document, ReadingLimits, Table, read_document

ROWS = [["环节", "公司", "代码"], ["光学", "舜宇光学科技", "2382"], ["声学", "瑞声科技", "2018"]]


def table_of(document: Document) -> list[list[str]]:
    (table,) = (one for one in document.blocks if isinstance(one, Table))
    return [[cell.text for cell in row] for row in table.rows]


def lines_of(document: Document) -> list[str]:
    return [one.text for one in document.blocks if not isinstance(one, Table)]


def joined(delimiter: str) -> str:
    return "\n".join(delimiter.join(row) for row in ROWS)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le"])
def test_a_table_of_any_encoding_and_delimiter(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    path = tmp_path / "my.csv"
    path.write_bytes(joined(delimiter).encode(encoding))
    assert table_of(read_document(path)) == ROWS


def test_traditional_text_in_big5_is_not_taken_for_gbk() -> None:
    text = "投資評等：買進\n建議關注聯發科（2454 TT）、鴻海（2317 TT）等供應鏈廠商"
    assert lines_of(read_document(text.encode("big5"))) == text.split("\n")


def test_a_page_of_html_with_spans_broken_ends_and_a_wrapped_cell() -> None:
    page = """<html><head><title>题目</title><style>p{}</style></head><body><p>正文 &amp; 表
    <table><caption>图表1</caption><tr><th>环节<th>公司
    <tr><td rowspan=2>光学<td>舜宇光学科技
（2382）<br> 瑞声科技<tr><td>蓝思科技</table><p>完"""
    document = read_document(page)
    assert document.kind == "html"
    assert lines_of(document) == ["题目", "正文 & 表", "完"]
    assert table_of(document) == [
        ["环节", "公司"],
        ["光学", "舜宇光学科技 （2382）\n瑞声科技"],
        ["光学", "蓝思科技"],
    ]
    (table,) = (one for one in document.blocks if isinstance(one, Table))
    assert (table.heading, table.place.line) == ("图表1", 2)


def test_a_cell_that_spans_a_million_columns_is_no_reason_to_use_the_memory() -> None:
    cell = "<td colspan=1000000 rowspan=1000000>a</td>"
    with pytest.raises(InputError, match="more than 200,000 cells"):
        read_document("<table>" + f"<tr>{cell}</tr>" * 600 + "</table>\n")


def test_a_workbook_has_its_titles_merged_cells_and_notes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "供应商"
    for row in (["供应链一览"], *ROWS, [None, "蓝思科技", 300433], ["资料来源：Wind"]):
        sheet.append(row)
    sheet.merge_cells("A4:A5")
    book.save(tmp_path / "my.xlsx")
    document = read_document(tmp_path / "my.xlsx")
    assert lines_of(document) == ["供应链一览", "资料来源：Wind"]
    assert table_of(document) == [*ROWS, ["声学", "蓝思科技", "300433"]]
    assert isinstance(document.blocks[1], Table)
    assert document.blocks[1].rows[3][1].place.row == 5
    assert document.blocks[1].heading == "供应商"


@pytest.mark.parametrize("library", ["pandas", "polars", "arrow"])
def test_frames_of_any_library(library: str) -> None:
    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0])
    frame["目标价"] = [70.0, None]
    made = {
        "pandas": lambda: frame,
        "polars": lambda: pl.from_pandas(frame),
        "arrow": lambda: pl.from_pandas(frame).to_arrow(),
    }[library]()
    wanted = [[*ROWS[0], "目标价"], [*ROWS[1], "70"], [*ROWS[2], ""]]
    assert table_of(read_document(made)) == wanted


def test_text_pasted_records_and_standard_input() -> None:
    assert table_of(read_document(joined(","))) == ROWS
    assert table_of(read_document(io.BytesIO(joined("\t").encode()))) == ROWS
    markdown = "# 题\n| 环节 | 公司 |\n| --- | :-: |\n| 光学 | **舜宇光学科技** |\n\n尾"
    assert table_of(read_document(markdown)) == [["环节", "公司"], ["光学", "舜宇光学科技"]]
    assert lines_of(read_document(markdown)) == ["# 题", "尾"]
    prose = "建议关注蓝思科技（300433.SZ）, 视源股份。\n另见, 下文。"
    assert lines_of(read_document(prose)) == prose.split("\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b" \n\x00\n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n12", "the file is an image; run it through OCR"),
        (b"PK\x03\x04cut", "the workbook is damaged or cut off"),
        (b"\xd0\xcf\x11\xe0cut", "no workbook can be read"),
        (bytes(range(1, 256)) * 9, "the encoding cannot be told"),
        (b"\x00\x01\x02\x03" * 99, "the file holds no text"),
    ],
)
def test_what_cannot_be_read_is_one_problem(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "report.bin"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as raised:
        read_document(path)
    (problem,) = raised.value.problems
    assert problem.file == str(path)
    assert problem.remedy


def test_a_missing_file_a_folder_and_one_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_document(str(tmp_path / "nosuch.txt"))
    with pytest.raises(InputError, match="this is a folder"):
        read_document(tmp_path)
    (tmp_path / "long.txt").write_text("a" * 1_000_001)
    with pytest.raises(InputError, match="--max-memory"):
        read_document(tmp_path / "long.txt", limits=ReadingLimits(megabytes=1))


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>a<![CDA[b]<td>c</table>\n",
        "|" + "[" * 50_000 + "|a|\n",
        "<table>" + "<tr><td>" * 5000 + "\n",
        "&" * 50_000 + "<!x[<table>\n",
    ],
)
def test_broken_marks_are_text(text: str) -> None:
    assert read_document(text).blocks


def test_a_letter_of_hong_kong_with_an_accent_is_big5_too() -> None:
    raw = "投資評等：買進、建議關注".encode("big5") + b"\x88\x64"
    assert lines_of(read_document(raw)) == ["投資評等：買進、建議關注\u00ca\u030c"]


def test_an_empty_first_cell_is_a_row_and_an_indented_sentence_is_none(tmp_path: Path) -> None:
    path = tmp_path / "my.txt"
    path.write_text(
        "环节\t公司\n盖板\t蓝思科技\n\t长盈精密\n\t以上公司排名不分先后。\n", encoding="utf-8"
    )
    document = read_document(path)
    assert table_of(document) == [["环节", "公司"], ["盖板", "蓝思科技"], ["", "长盈精密"]]
    assert [one.strip() for one in lines_of(document)] == ["以上公司排名不分先后。"]
