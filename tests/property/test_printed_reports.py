"""Tables of another writer read back the same; damaged print is read without a crash or a hang."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from supplychain_screen.identity import NameIndex
from supplychain_screen.research.extraction import ReportReading, read_document, read_mentions

COMPANIES = (
    ("光学", "欧菲光", "002456.SZ", "买入", "12.50"),
    ("光学", "水晶光电", "002273.SZ", "增持", "18.00"),
    ("声学", "歌尔股份", "002241.SZ", "买入", "28.00"),
    ("声学", "瑞声科技", "2018.HK", "中性", "45.00"),
    ("芯片", "瑞芯微", "603893.SH", "买入", "99.90"),
)
HEADERS = {
    "segment": ("产业链环节", "細分領域", "Segment"),
    "company": ("公司名称", "證券簡稱", "Company"),
    "code": ("股票代码", "證券代碼", "Ticker"),
    "rating": ("投资评级", "投資評等", "Rating"),
    "target": ("目标价", "目標價", "Target price"),
}
LAYOUTS = (
    "环节\t相关标的\n光学\t欧菲光（002456.SZ）、水晶光电（002273.SZ）等\n声学\t歌尔股份（002241.SZ）\n",
    "建议关注：歌尔股份（002241.SZ，买入）、瑞声科技（2018.HK）和瑞芯微（603893.SH）等企业。\n",
    "| 股票代码 | 股票简称 | 目标价 |\n| --- | --- | --- |\n| 002241.SZ | 歌尔股份 | 28.00 |\n",
    "评级002456.SZ欧菲光12.500.31买入002273.SZ水晶光电18.000.45增持\n",
    "<table><tr><td>环节</td><td>相关标的</td></tr><tr><td rowspan=2>光学</td>"
    "<td>欧菲光（002456.SZ）</td></tr><tr><td>水晶光电（002273.SZ）</td></tr></table>\n",
    "买入：相对沪深300指数涨幅15%以上；中性：相对-15%～15%；卖出：跌幅15%以上。2024年3月24日\n",
)
NOISE = "（）()、，,;；/|\t\n 和及与等：:。.*-0123456789元%买入目标价资料来源\u00ad<>td"


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex()


def read(file: Path, text: str, index: NameIndex) -> ReportReading:
    file.write_text(text, encoding="utf-8")
    return read_mentions(read_document(file), index=index)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["html", "csv", "tsv"])
def test_a_table_of_another_writer_says_the_same(
    tmp_path: Path, index: NameIndex, seed: int, kind: str
) -> None:
    """Any columns in any order, headed in either script or in English, written by pandas."""
    draw = random.Random(seed)
    roles = ["company", "code", *draw.sample(["segment", "rating", "target"], draw.randint(0, 3))]
    draw.shuffle(roles)
    written = seed % 3
    frame = pd.DataFrame(COMPANIES, columns=["segment", "company", "code", "rating", "target"])
    frame = frame[roles].rename(columns={role: HEADERS[role][written] for role in roles})
    text = {
        "html": lambda: frame.to_html(index=False),
        "csv": lambda: frame.to_csv(index=False),
        "tsv": lambda: frame.to_csv(index=False, sep="\t"),
    }[kind]()
    found = read(tmp_path / f"in.{kind}", text, index).mentions
    expected = [
        (
            company,
            code,
            segment if "segment" in roles else "",
            rating if "rating" in roles else "",
            target if "target" in roles else "",
        )
        for segment, company, code, rating, target in COMPANIES
    ]
    assert [
        (one.company, one.code, one.segment, one.rating, one.target) for one in found
    ] == expected
    assert all(one.verdict == "listed" for one in found)


def damaged(text: str, draw: random.Random) -> str:
    """A layout with a few of its pieces lost, doubled, moved or overprinted."""
    for _ in range(draw.randint(1, 6)):
        at, to = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
        piece = text[at : min(to, at + 12)]
        text = draw.choice(
            (
                text[:at] + text[at + len(piece) :],
                text[:at] + piece + text[at:],
                text[:at] + draw.choice(NOISE) * draw.randint(1, 3) + text[at:],
                text[at:] + text[:at],
            )
        )
    return text


def hold(file: Path, index: NameIndex, n: int, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(n):
        text = damaged(draw.choice(LAYOUTS) + draw.choice(LAYOUTS), draw)
        if not text.strip():
            continue
        found = read(file, text, index)
        for one in found.mentions:
            assert one.company
            assert (one.verdict == "listed") == (one.listing is not None)
            assert one.place is not None


def test_damaged_print_is_read(tmp_path: Path, index: NameIndex) -> None:
    hold(tmp_path / "in.md", index, 60, 1)


@pytest.mark.slow
def test_much_damaged_print_is_read(tmp_path: Path, index: NameIndex) -> None:
    hold(tmp_path / "in.md", index, 600, 2)


@pytest.mark.parametrize(
    "text",
    [
        "6" * 60_000,
        "等" * 20_000,
        " " * 60_000 + "，",
        "和".join(["甲乙"] * 10_000),
        "（" * 20_000 + "）" * 20_000,
        "、".join(f"甲乙丙（{at:06d}.SZ）" for at in range(1500)),
    ],
    ids=["digits", "etc", "spaces", "and", "brackets", "codes"],
)
def test_long_runs_are_read_in_a_time_that_grows_with_them(
    tmp_path: Path, index: NameIndex, text: str
) -> None:
    """Where it grew with their square, this would not end."""
    assert read(tmp_path / "in.txt", f"正文。\n{text}\n", index).label
