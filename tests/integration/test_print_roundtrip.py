"""Tables that other programs print are read back as the companies that were put into them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate
from reportlab.platypus import Table as PrintedTable

from supplychain_screen import load_report
from supplychain_screen.research import Table, read_document, read_report

REPORT = load_report()
WORDS = {
    "segment": ("环节", "业务领域", "细分领域", "Segment"),
    "company": ("公司", "公司名称", "Company"),
    "code": ("代码", "股票代码", "Ticker"),
    "rating": ("评级", "Rating"),
    "target": ("目标价", "Target price"),
}
PEOPLE = [REPORT.listing(one.listing) for one in REPORT.mentions if one.listing]


def random_table(seed: int) -> list[list[str]]:
    """A header and rows: two to five columns, companies with their codes, one or several a cell."""
    draw = random.Random(seed)
    extra = draw.sample(["segment", "rating", "target"], draw.randint(0, 3))
    columns = [one for one in WORDS if one in ("company", "code") or one in extra]
    header = [draw.choice(WORDS[one]) for one in columns]
    chosen = draw.sample(list(dict.fromkeys(PEOPLE)), draw.randint(2, 7))
    segments = draw.sample(list(REPORT.segments), 3)
    rows = []
    for at, listing in enumerate(chosen):
        cells = {
            "segment": segments[min(at * 3 // len(chosen), 2)],
            "company": listing.name_zh,
            "code": listing.symbol("wind") or listing.code,
            "rating": draw.choice(["买入", "增持", "中性"]),
            "target": f"{draw.uniform(5, 300):.2f}",
        }
        rows.append([cells[one] for one in columns])
    return [header, *rows]


def mentions(rows: list[list[str]]) -> list[tuple[Any, ...]]:
    """What the table says when it is read as a frame."""
    return told(pd.DataFrame(rows[1:], columns=rows[0]))


def told(source: Any) -> list[tuple[Any, ...]]:
    return [
        (one.segment, one.company, one.code, one.listing, one.rating, one.target)
        for one in read_report(source).mentions
    ]


def apart(raw: bytes) -> list[list[list[str]]]:
    """The tables of a PDF as rows of text."""
    return [
        [[cell.text for cell in row] for row in block.rows]
        for block in read_document(raw).blocks
        if isinstance(block, Table)
    ]


def test_reportlab_prints_what_is_read(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("s", fontName="STSong-Light", fontSize=9, leading=12, wordWrap="CJK")
    tables = [random_table(seed) for seed in range(12)]
    story: list[Any] = []
    for at, rows in enumerate(tables):
        cells = [[Paragraph(cell, style) for cell in row] for row in rows]
        grid = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
        width = [60, 80, 110][at % 3]
        story += [PrintedTable(cells, colWidths=[width] * len(rows[0]), style=[grid]), PageBreak()]
    path = tmp_path / "many.pdf"
    SimpleDocTemplate(str(path)).build(story)
    assert apart(path.read_bytes()) == tables
    for rows in tables[:5]:
        read = mentions(rows)
        assert [one[3] for one in read] == [
            next(one.id for one in PEOPLE if one.name_zh == row[rows[0].index(_company(rows))])
            for row in rows[1:]
        ]


def _company(rows: list[list[str]]) -> str:
    return next(cell for cell in rows[0] if cell in WORDS["company"])


@pytest.mark.slow
def test_libreoffice_prints_what_is_read(tmp_path: Path) -> None:
    """Twenty tables, some with merged segments and wrapped cells: about 15 s of one core."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        pytest.skip("LibreOffice Calc is not installed (Debian: apt install libreoffice-calc)")
    tables = [random_table(seed) for seed in range(100, 120)]
    for at, rows in enumerate(tables):
        book = xlsxwriter.Workbook(tmp_path / f"t{at:02}.xlsx")
        sheet = book.add_worksheet()
        sheet.fit_to_pages(1, 0)  # a table wider than a page goes on another
        cell = book.add_format(
            {"border": 1, "text_wrap": True, "valign": "vcenter", "font_name": "Noto Serif CJK SC"}
        )
        sheet.set_column(0, 8, [11, 14, 22][at % 3], cell)
        for down, row in enumerate(rows):
            sheet.set_row(down, 48)  # what does not fit into a merged cell is not printed
            sheet.write_row(down, 0, row, cell)
        first = [row[0] for row in rows]
        if rows[0][0] in WORDS["segment"] and at % 2:
            begin = 1
            for end in range(2, len(first) + 1):
                if end == len(first) or first[end] != first[begin]:
                    if end - begin > 1:
                        sheet.merge_range(begin, 0, end - 1, 0, first[begin], cell)
                    begin = end
        book.close()
    names = sorted(str(one) for one in tmp_path.glob("t*.xlsx"))
    done = subprocess.run(
        [
            soffice,
            f"-env:UserInstallation={(tmp_path / 'office').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path / "pdf"),
            *names,
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    printed = sorted((tmp_path / "pdf").glob("*.pdf"))
    assert len(printed) == len(tables), done.stdout + done.stderr
    for path, rows in zip(printed, tables, strict=True):
        assert told(path) == mentions(rows), path.name
