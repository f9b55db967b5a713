"""Printed tables: what separates companies, what belongs to a bracket, what is a status."""

from __future__ import annotations

import pytest

from supplychain_screen import load_report
from supplychain_screen.errors import ReportError
from supplychain_screen.research import parse_supplier_table, propose_mentions
from supplychain_screen.research.supplier_table import ParsedMention


def names(text: str) -> list[tuple[str, str]]:
    return [(one.company, one.note) for one in parse_supplier_table(text)]


def test_a_separator_inside_a_bracket_separates_nothing() -> None:
    assert names("IOT SoC\t高通、全志科技（音箱、CyberDog机器人等）、瑞芯微") == [
        ("高通", ""),
        ("全志科技", "音箱、CyberDog机器人等"),
        ("瑞芯微", ""),
    ]


def test_a_bracket_belongs_to_its_own_company_only() -> None:
    table = parse_supplier_table("GPU\t英伟达、寒武纪、海光信息（合作待定）")
    assert [one.pending for one in table] == [False, False, True]
    assert [one.note for one in table] == ["", "", "合作待定"]


@pytest.mark.parametrize(
    "bracket", ["（射频）", "(射频)", "（射频)", "(射频）", "【射频】", "（ 射频 ）"]
)
def test_brackets_of_either_width(bracket: str) -> None:
    table = parse_supplier_table(f"芯片\t唯捷创芯{bracket}、高通")
    assert [(one.company, one.note, one.pending) for one in table] == [
        ("唯捷创芯", "射频", False),
        ("高通", "", False),
    ]


def test_brackets_inside_brackets() -> None:
    assert names("a\t甲（x（y、z）、w）、乙") == [("甲", "x（y、z）、w"), ("乙", "")]


@pytest.mark.parametrize(
    ("note", "pending"),
    [
        ("合作待定", True),
        ("射频、合作待定", True),
        ("待定", True),
        ("射频", False),
        ("定位", False),
    ],
)
def test_a_status_is_told_from_products(note: str, pending: bool) -> None:
    assert parse_supplier_table(f"a\t甲（{note}）")[0].pending is pending


def test_deng_ends_a_segments_name_and_is_no_companys() -> None:
    table = parse_supplier_table("手机硬件组件等\t比亚迪电子、瑞声科技等\n汽车\t甲（车灯等）等")
    assert [(one.segment, one.company, one.note) for one in table] == [
        ("手机硬件组件等", "比亚迪电子", ""),
        ("手机硬件组件等", "瑞声科技", ""),
        ("汽车", "甲", "车灯等"),
    ]


def test_exchange_markers_are_taken_off() -> None:
    table = parse_supplier_table("a\t寒武纪-U、思特威－Ｗ（图像）、高通")
    assert [(one.company, one.marker, one.note) for one in table] == [
        ("寒武纪", "U", ""),
        ("思特威", "W", "图像"),
        ("高通", "", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a b\t甲、乙\nc\t丙",
        "| 业务领域 | 相关个股 |\n|---|---|\n| a b | 甲、乙 |\n| c | 丙 |",
        "a b   甲、乙\nc     丙",
        "业务领域\t相关个股\na b\t甲，乙\nc\t丙",
        "a b\t甲；乙\n\nc\t丙。",
        "a b\t甲\n\t乙\nc\t丙",
        "a b\t甲、\n\t乙\nc\t丙",
    ],
)
def test_layouts(text: str) -> None:
    table = parse_supplier_table(text)
    assert [(one.order, one.segment_no, one.segment, one.company) for one in table] == [
        (1, 1, "a b", "甲"),
        (2, 1, "a b", "乙"),
        (3, 2, "c", "丙"),
    ]


def test_a_line_broken_inside_a_bracket_is_joined() -> None:
    assert names("a\t甲（音箱、\n机器人）、乙\nb\t丙") == [
        ("甲", "音箱、机器人"),
        ("乙", ""),
        ("丙", ""),
    ]


def test_the_table_is_found_in_a_longer_text() -> None:
    text = (
        "图1\n时间\t团队\n2016\t视觉\n\n业务领域\t相关个股\nIDC\t甲\n车\t乙\n\n风险提示\n- 一\t二"
    )
    assert [(one.segment, one.company, one.line) for one in parse_supplier_table(text)] == [
        ("IDC", "甲", 6),
        ("车", "乙", 7),
    ]


def test_the_text_of_a_pdf_has_one_space_between_its_columns() -> None:
    text = (
        "第一章 概览\n业务领域 相关个股\nIDC 世纪互联\n服务器 GPU 英伟达、海光信息（合作待定）\n"
        "IOT SoC 高通、恒玄科技（手表/手环芯\n片）、炬芯科技（手表芯片）、\n瑞芯微、全志\n"
        "科技（音箱、机器人等）\n小米家电 TCL、创维数字\n风险提示\n应用 不及预期、竞争"
    )
    table = parse_supplier_table(text)
    assert [(one.segment, one.company, one.note) for one in table] == [
        ("IDC", "世纪互联", ""),
        ("服务器 GPU", "英伟达", ""),
        ("服务器 GPU", "海光信息", "合作待定"),
        ("IOT SoC", "高通", ""),
        ("IOT SoC", "恒玄科技", "手表/手环芯片"),
        ("IOT SoC", "炬芯科技", "手表芯片"),
        ("IOT SoC", "瑞芯微", ""),
        ("IOT SoC", "全志科技", "音箱、机器人等"),
        ("小米家电", "TCL", ""),
        ("小米家电", "创维数字", ""),
    ]


def test_one_company_in_two_segments_is_two_mentions() -> None:
    table = parse_supplier_table("芯片\t高通\nIOT\t高通")
    assert [(one.order, one.segment_no) for one in table] == [(1, 1), (2, 2)]


def test_every_problem_is_named_with_its_line() -> None:
    text = "a\t甲、、乙\nb\t丙（x）丁\nno cells here\nc\t戊、戊\nd\t己）\ne\t庚（x"
    with pytest.raises(ReportError) as caught:
        parse_supplier_table(text)
    assert [(one.row, one.message) for one in caught.value.problems] == [
        (3, "not a row of two cells"),
        (1, "a company without a name"),
        (2, "text behind a bracket"),
        (4, "戊 is mentioned twice in c, first in line 4"),
        (5, "a bracket closes nothing"),
        (6, "a bracket is not closed"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "业务领域\t相关个股\n"])
def test_no_table_is_an_error(text: str) -> None:
    with pytest.raises(ReportError, match="no supplier table in the text"):
        parse_supplier_table(text)


def test_proposals_leave_doubt_to_a_person() -> None:
    listings = load_report().listings
    parsed = parse_supplier_table("家电\tTCL、创维数字\n芯片\t联发科、无人知晓\n玻璃\t蓝思科技")
    tcl, skyworth, mediatek, nobody, lens = propose_mentions(parsed, listings)
    assert (tcl.status, tcl.listing, tcl.confidence) == ("unresolved", None, "ambiguous")
    assert set(tcl.candidates) == {"XSHE:000100", "XHKG:1070", "XSHE:002668"}
    assert (skyworth.listing, skyworth.confidence) == ("XSHE:000810", "unverified")
    assert mediatek.listing == "XTAI:2454"
    assert (nobody.status, nobody.candidates) == ("unresolved", ())
    assert nobody.why == "No listing has this name or one near it."
    assert nobody.why_zh == "没有同名或近名的证券。"
    assert lens.listing == "XSHE:300433"


def test_parsed_mentions_are_plain_values() -> None:
    (one,) = parse_supplier_table("a\t甲")
    assert one == ParsedMention(1, 1, "a", "甲", "", False, "", 1)
