"""The scripts that build the ledger, on small made-up inputs."""

from __future__ import annotations

import pytest
from tools.build_ledger import isin_holds, legal_en, mainland_mic, printed_zh, shortened
from tools.find_aliases import find_aliases


@pytest.mark.parametrize(("isin", "holds"), [("US0378331005", True), ("US0378331006", False)])
def test_an_isin_has_its_check_digit(isin: str, holds: bool) -> None:
    assert isin_holds(isin) is holds


def test_names_are_compared_without_marks_and_legal_forms() -> None:
    assert printed_zh("XD万  科Ａ") == "万科A"
    assert legal_en("WuXi AppTec Co., Ltd. Class H") == legal_en("WuXi AppTec Co Ltd")
    assert shortened("旭蓝", "东旭蓝天")
    assert not shortened("天旭", "东旭蓝天")
    assert [mainland_mic(code) for code in ("688018", "300750", "920002")] == [
        "XSHG",
        "XSHE",
        "BJSE",
    ]


def test_an_alias_needs_two_lists_or_a_printed_code() -> None:
    line, other = ("XHKG", "2382"), ("XNAS", "QCOM")
    lists = {"a": [(line, "舜宇光學"), (other, "高通")], "b": [(line, "舜宇光学")]}
    found = find_aliases(lists, {}, {line: set(), other: set()})
    assert found == [("舜宇光学", *line, "two lists", "a|b")]
    printed = find_aliases(lists, {"report": [(other, "高通")]}, {line: {"舜宇光学"}, other: set()})
    assert printed == [("高通", *other, "printed", "report|a")]
