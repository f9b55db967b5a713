"""The printed readings of ``prices status`` and ``prices check``."""

from __future__ import annotations

from datetime import date
from typing import Any

from supplychain_screen.cli.price_readings import finding_lines, status_lines
from supplychain_screen.prices import Finding
from supplychain_screen.words import message

DAY, LATER = date(2025, 6, 3), date(2025, 6, 9)
SYMBOLS = {f"XSHG:68801{n}": f"68801{n}.SS" for n in range(9)}


def test_findings_that_say_the_same_stand_together_the_gravest_first() -> None:
    filled = [Finding("repeated_close", one, DAY, DAY, "dropped", "filled") for one in SYMBOLS]
    found = [
        Finding("basis_substituted", "XSHG:688018", DAY, LATER, "substituted", "as given"),
        Finding("basis_substituted", "INDEX:HSI", date(2025, 1, 2), DAY, "substituted", "as given"),
        *filled,
        Finding("repeated_close", "XSHG:688018", LATER, LATER, "dropped", "filled"),
        Finding("missed_split", "XSHG:688018", DAY, LATER, "unrated", "-25.1%, a split"),
    ]
    assert finding_lines(found, SYMBOLS, 60, "en") == [
        "Calls unrated  Split not applied        2025-06-03..2025-06-09",
        "    -25.1%, a split",
        "    688018.SS",
        "Rows not used  Repeated close           2025-06-03",
        "    filled",
        "    688010.SS 688011.SS 688012.SS 688013.SS 688014.SS",
        "    688015.SS 688016.SS 688017.SS 688018.SS",
        "Rows not used  Repeated close           2025-06-09",
        "    filled",
        "    688018.SS",
        "Substituted    Adjustment not as asked  2025-01-02..2025-06-09",
        "    as given",
        "    688018.SS INDEX:HSI",
    ]
    assert finding_lines([], SYMBOLS, 60, "en") == []


def row(symbol: str, **changes: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "source": "yahoo",
        "last_session": "2025-06-03",
        "age_sessions": 0,
        "findings": [],
        "unrated": [],
        **changes,
    }


def test_status_names_one_source_once_and_lists_many() -> None:
    odd = row(
        "688018.SS",
        findings=["missed_split", "stale_tail", "suspended"],
        unrated=["missed_split"],
    )
    one = list(status_lines([odd, row("^HSI")], 80, "en"))
    assert one[:6] == [
        "2 of 2 series stored",
        "all from yahoo",
        "",
        "Symbol     Last session  Age  Findings",
        "688018.SS  2025-06-03      0  Split not applied!, Suspended",
        "^HSI       2025-06-03      0",
    ]
    absent = {"source": None, "last_session": None, "age_sessions": None}
    two = list(
        status_lines([odd, row("^HSI", source="file a.csv"), row("NVDA", **absent)], 60, "en")
    )
    assert two[:7] == [
        "2 of 3 series stored",
        "",
        "Symbol     Last session  Age  Source      Findings",
        "688018.SS  2025-06-03      0  yahoo       Split not",
        " " * 42 + "applied!,",
        " " * 42 + "Suspended",
        "^HSI       2025-06-03      0  file a.csv",
    ]
    assert two[7] == "NVDA       none            -  -"


def test_an_empty_store_is_told_in_one_line() -> None:
    absent = row("^HSI", source=None, last_session=None, age_sessions=None)
    said = "none of 1 series stored; run supplychain-screen prices update"
    assert list(status_lines([absent], 80, "en")) == [said]


def test_in_chinese_codes_have_names_and_columns_stand_below_each_other() -> None:
    said = message("equal_closes", n=2, longest=5)
    found = [
        Finding("missed_split", "XSHG:688018", DAY, DAY, "unrated", "somebody's own words"),
        Finding("repeated_close", "XSHG:688018", DAY, DAY, "dropped", said),
    ]
    assert finding_lines(found, SYMBOLS, 60, "zh") == [
        "相关评级作废  送转股未调整  2025-06-03",
        "    somebody's own words",
        "    688018.SS",
        "弃用相关行    重复前收盘    2025-06-03",
        f"    {said.of('zh')}",
        "    688018.SS",
    ]
    odd = row("688018.SS", findings=["missed_split", "suspended"], unrated=["missed_split"])
    filed = [one | {"source": "file a.csv"} for one in (odd, row("^HSI"))]
    assert list(status_lines(filed, 80, "zh"))[:5] == [
        "2 个序列中已入库 2 个",
        "来源：文件 a.csv",
        "",
        "代码       最后交易日   已过  检查",
        "688018.SS  2025-06-03      0  送转股未调整!、停牌",
    ]
