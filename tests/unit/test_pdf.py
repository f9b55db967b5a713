"""What a PDF prints is read as it is looked at, and one that cannot be read is one problem."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from reportlab.lib import colors
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

from supplychain_screen import research
from supplychain_screen.errors import InputError
from supplychain_screen.research import Line, ReadingLimits, read_document

FONT = "STSong-Light"
GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
MIDDLE = ("VALIGN", (0, 0), (-1, -1), "MIDDLE")
HEAD, HEAD3 = ["环节", "相关个股"], ["公司", "代码", "目标价"]
LONG = (
    "舜宇光学科技、瑞声科技、蓝思科技（盖板、结构件）、汇顶科技、唯捷创芯、慧智微、龙旗科技、"
    "华勤技术、思特威、视源股份"
)
CHIPS = "高通、全志科技（音箱、CyberDog机器人等）、恒玄科技"


def pdf_of(pages: Sequence[Sequence[Any]]) -> bytes:
    """Pages of texts and tables: a list of rows with its rules and column widths."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("s", fontName=FONT, fontSize=9, leading=12, wordWrap="CJK")
    story: list[Any] = []
    for page in pages:
        for one in page:
            if isinstance(one, str):
                story.append(Paragraph(one, style))
                continue
            rows, widths, rules = one
            cells = [[Paragraph(cell, style) for cell in row] for row in rows]
            story.append(Table(cells, colWidths=widths, style=[*rules, MIDDLE]))
        story.append(PageBreak())
    held = io.BytesIO()
    SimpleDocTemplate(held).build(story)
    return held.getvalue()


def read(raw: bytes) -> list[str | list[list[str]]]:
    return [
        one.text if isinstance(one, Line) else [[cell.text for cell in row] for row in one.rows]
        for one in read_document(raw).blocks
    ]


def test_tables_with_every_kind_of_rules() -> None:
    rows = [HEAD, ["手机硬件组件", LONG], ["IOT SoC", CHIPS]]
    spanned = [HEAD, ["光学", "舜宇光学科技"], ["", "蓝思科技"], ["声学", "瑞声科技"]]
    listed = [HEAD, ["光学", "舜宇光学科技<br/>蓝思科技<br/>水晶光电"]]
    three = [
        ["公司", "代码", "目标价"],
        ["蓝思科技", "300433.SZ", "28.00"],
        ["瑞声科技", "2018.HK", "45"],
    ]
    above = [("LINEABOVE", (0, at), (-1, at), 0.5, colors.black) for at in (0, 1)]
    below = [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black)]
    walls = [("LINEBEFORE", (1, 0), (1, -1), 0.5, colors.black)]
    pages = [
        ["图表1：产业链", (rows, [90, 180], [GRID]), "资料来源：某公司"],
        [(spanned, [90, 180], [GRID, ("SPAN", (0, 1), (0, 2))])],
        [(listed, [90, 180], [GRID])],
        [(three, [90, 90, 90], [*above, ("LINEBELOW", (0, -1), (-1, -1), 0.5, colors.black)])],
        [(rows, [90, 180], [*below, *walls])],
    ]
    read_back = read(pdf_of(pages))
    assert read_back == [
        "图表1：产业链",
        rows,
        "资料来源：某公司",
        [*spanned[:2], ["光学", "蓝思科技"], spanned[3]],
        [HEAD, ["光学", "舜宇光学科技\n蓝思科技\n水晶光电"]],
        three,
        rows,
    ]


def test_places_name_page_row_and_column() -> None:
    raw = pdf_of([["前言"], [([HEAD, ["光学", "蓝思科技"]], [90, 180], [GRID])]])
    table = read_document(raw).blocks[1]
    assert not isinstance(table, Line)
    assert str(table.rows[1][1].place) == "bytes, page 2, line 1, row 2, column 2"


def bare_pdf(content: bytes = b"", *, filters: bytes = b"/FlateDecode", page: bytes = b"") -> bytes:
    """A PDF of one page, its content as given."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        page or b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters, content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    written, at = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        at.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % one for one in at)
    return written + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, len(written))
    )


def locked() -> bytes:
    held = io.BytesIO()
    canvas = Canvas(held, encrypt=StandardEncryption("secret", "other"))
    canvas.drawString(99, 99, "Related stocks: Lens Technology")
    canvas.save()
    return held.getvalue()


def drawn() -> bytes:
    return bare_pdf(zlib.compress(b"BT /F 9 Tf 9 9 Td (aaaaaaaaaaaa) Tj ET\n" * 600_000, 1))


def zeros() -> bytes:
    packed = zlib.compress(zlib.compress(b"\x00" * 300_000_000, 1), 9)
    return bare_pdf(packed, filters=b"/FlateDecode/FlateDecode")


USUAL = ReadingLimits()
CASES: dict[str, tuple[Callable[[], bytes], str, ReadingLimits]] = {
    "junk": (lambda: b"%PDF-1.4\njunk", "damaged, cut off, or no PDF at all", USUAL),
    "truncated": (lambda: bare_pdf()[:400], "damaged, cut off, or no PDF at all", USUAL),
    "encrypted": (locked, "the PDF is encrypted; save it without a password", USUAL),
    "scanned": (
        lambda: bare_pdf(zlib.compress(b"1 1 9 9 re f")),
        "no text .a scan.; run it",
        USUAL,
    ),
    "pages": (
        lambda: bare_pdf(page=b"<</Type/Pages/Kids[%s]/Count 300>>" % (b"3 0 R " * 300)),
        "300 pages, and 200 are read.*--max-pages",
        USUAL,
    ),
    "time": (drawn, "more than 1 s.*--max-seconds", ReadingLimits(seconds=1)),
    "memory": (zeros, "200 MB", ReadingLimits(megabytes=200)),
}


BOMBS = ("time", "memory")


@pytest.mark.parametrize(
    "case", [pytest.param(one, marks=pytest.mark.slow) if one in BOMBS else one for one in CASES]
)
def test_one_problem_for_what_cannot_be_read(case: str, tmp_path: Path) -> None:
    content, said, limits = CASES[case]
    path = tmp_path / "report.pdf"
    path.write_bytes(content())
    with pytest.raises(InputError, match=said) as raised:
        research.read_document(path, limits=limits)
    (problem,) = raised.value.problems
    assert problem.file == str(path)
    assert problem.remedy
