"""A name decides only when nothing else could be meant."""

from __future__ import annotations

from datetime import date

import pytest

from supplychain_screen import Listing, load_report, resolve
from supplychain_screen.identity import strip_marker

LISTINGS = load_report().listings


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("创维数字", "XSHE:000810"),
        ("舜宇光学", "XHKG:2382"),
        ("舜宇光学科技", "XHKG:2382"),
        ("舜宇光學", "XHKG:2382"),
        ("联发科", "XTAI:2454"),
        ("聯發科", "XTAI:2454"),
        ("寒武纪", "XSHG:688256"),
        ("寒武纪-U", "XSHG:688256"),
        ("寒武纪－Ｕ", "XSHG:688256"),
        ("思特威-W", "XSHG:688213"),
        ("TCL科技", "XSHE:000100"),
        ("ＴＣＬ科技", "XSHE:000100"),
        ("tcl科技", "XSHE:000100"),
        ("TCL电子", "XHKG:1070"),
        ("蓝思科技", "XSHE:300433"),
        ("华勤技术", "XSHG:603296"),
        ("龙旗科技", "XSHG:603341"),
        ("圣邦股份", "XSHE:300661"),
        ("XD乐鑫科技", "XSHG:688018"),
        ("*ST 拓尔思", "XSHE:300229"),
        ("Qualcomm", "XNAS:QCOM"),
        ("NVIDIA Corp.", "XNAS:NVDA"),
        ("Espressif Systems (Shanghai) Co Ltd", "XSHG:688018"),
        ("688018.SH", "XSHG:688018"),
        ("0285.HK", "XHKG:0285"),
    ],
)
def test_names_that_mean_one_listing(name: str, expected: str) -> None:
    resolution = resolve(name, LISTINGS)
    assert resolution.chosen is not None
    assert resolution.chosen.id == expected
    assert resolution.candidates[0].listing.id == expected
    assert resolution.reason == resolution.candidates[0].reasons[0]


@pytest.mark.parametrize("name", ["TCL", "tcl", "ＴＣＬ"])
def test_tcl_is_ambiguous(name: str) -> None:
    resolution = resolve(name, LISTINGS)
    assert resolution.chosen is None
    assert resolution.is_ambiguous
    found = {one.listing.id for one in resolution.candidates if one.decisive}
    assert found == {"XSHE:000100", "XHKG:1070", "XSHE:002668"}
    assert resolution.reason == "3 listings have this name: choose one of them"


def test_the_parent_is_never_the_company() -> None:
    candidates = {one.listing.id: one for one in resolve("创维数字", LISTINGS).candidates}
    assert not candidates["XHKG:0751"].decisive
    parent = resolve("创维集团", LISTINGS)
    assert parent.chosen is None
    assert "Parent of 创维数字" in parent.candidates[0].reasons[1]


@pytest.mark.parametrize("code", ["3296", "3661", "6613", "9611"])
def test_h_shares_listed_later_are_shown_and_never_chosen(code: str) -> None:
    later = next(one for one in LISTINGS if one.id == f"XHKG:{code}")
    resolution = resolve(later.name_zh, LISTINGS)
    assert resolution.chosen is not None
    assert resolution.chosen.mic != "XHKG"
    shown = next(one for one in resolution.candidates if one.listing is later)
    assert not shown.decisive
    assert "listed after the report" in shown.reasons[1]
    # And even alone it is not taken.
    assert resolve(later.name_zh, [later]).chosen is None


def test_as_of_keeps_out_what_did_not_trade_yet_whatever_its_role() -> None:
    a = Listing(mic="XSHE", code="300433", currency="CNY", name_zh="蓝思科技")
    h = Listing(
        mic="XHKG", code="6613", currency="HKD", name_zh="蓝思科技", first_session=date(2025, 7, 9)
    )
    assert resolve("蓝思科技", [a, h]).chosen is None
    before = resolve("蓝思科技", [a, h], as_of=date(2025, 7, 8))
    assert before.chosen is a
    assert before.candidates[1].reasons[1] == "first traded on 2025-07-09, after 2025-07-08"
    assert resolve("蓝思科技", [a, h], as_of=date(2025, 7, 9)).is_ambiguous


@pytest.mark.parametrize(
    "name", ["瑞芯", "乐鑫", "创维", "寒武纪科技", "汇顶", "NVIDEA", "Qualcom"]
)
def test_near_names_are_suggested_and_never_taken(name: str) -> None:
    resolution = resolve(name, LISTINGS)
    assert resolution.chosen is None
    assert resolution.candidates
    assert all(one.score < 95 and not one.decisive for one in resolution.candidates)
    assert resolution.reason == "no listing has this name; near names are suggestions only"


@pytest.mark.parametrize("name", ["", "  ", "贵州茅台", "688018", "宁德时代"])
def test_nobody_here(name: str) -> None:
    resolution = resolve(name, LISTINGS)
    assert resolution.chosen is None
    assert resolution.candidates == ()


def test_every_company_of_the_packaged_report_resolves_to_its_listing_except_tcl() -> None:
    report = load_report()
    for mention in report.mentions:
        chosen = resolve(mention.company, report.listings).chosen
        expected = None if mention.company == "TCL" else mention.listing
        assert (chosen and chosen.id) == expected, mention.company


def test_markers() -> None:
    assert strip_marker("慧智微-U") == ("慧智微", "U")
    assert strip_marker("哔哩哔哩-SW") == ("哔哩哔哩", "SW")
    assert strip_marker("BRK-B") == ("BRK", "B")
    assert strip_marker("拓尔思") == ("拓尔思", "")
