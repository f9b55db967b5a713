"""Printed companies over a ledger: what is resolved, ambiguous, unlisted or unknown, and why.

The ledger here is made by hand: real codes and names of a few companies, and what is known of them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from supplychain_screen.identity import Ledger, NameIndex, fold_names, isin_fault, read_printed

TEXTS = (
    "mic",
    "code",
    "name_zh",
    "name_zh_hant",
    "name_en",
    "short_en",
    "former_names",
    "former_codes",
    "isin",
    "status",
    "board",
    "company",
    "derived",
    "source",
)


def listing(one: str, name_zh: str = "", **more: Any) -> dict[str, Any]:
    mic, _, code = one.partition(":")
    row = dict.fromkeys(TEXTS, "") | {"first_day": None, "last_day": None}
    return (
        row
        | {
            "mic": mic,
            "code": code,
            "name_zh": name_zh,
            "status": "listed",
            "company": one,
        }
        | more
    )


LISTINGS = [
    listing("XSHG:600519", "贵州茅台"),
    listing("XSHE:300433", "蓝思科技"),
    listing("XSHE:002475", "立讯精密"),
    listing("XSHG:688981", "中芯国际"),
    listing("XHKG:0981", "中芯国际", short_en="SMIC"),
    listing("XSHG:603259", "药明康德", company="XHKG:2359"),
    listing("XHKG:2359", "药明康德", name_en="WuXi AppTec Co., Ltd.", first_day="2018-12-13"),
    listing("XSHE:300750", "宁德时代", company="XHKG:3750"),
    listing("XHKG:3750", "宁德时代", first_day="2025-05-20"),
    listing("XHKG:0700", "腾讯控股", name_en="Tencent Holdings Ltd.", isin="KYG875721634"),
    listing("XHKG:80700", "腾讯控股-R", company="XHKG:0700"),
    listing("XHKG:9999", "网易-S", short_en="NTES-S"),
    listing("XNAS:NTES", name_en="NetEase Inc"),
    listing("XHKG:9988", "阿里巴巴-W", name_en="Alibaba Group Holding Limited"),
    listing("XNYS:BABA", name_en="Alibaba Group Holding Ltd"),
    listing("XHKG:1810", "小米集团-W", name_en="Xiaomi Corporation"),
    listing("XSHG:688256", "寒武纪-U"),
    listing("XSHE:002236", "大华股份"),
    listing(
        "XTAI:9905",
        "大华",
        name_zh_hant="大華",
        name_en="Great China Metal Ind. Co.",
        derived="name_zh",
    ),
    listing(
        "XTAI:3037",
        "欣兴",
        name_zh_hant="欣興",
        name_en="Unimicron Technology Corp.",
        derived="name_zh",
    ),
    listing("XTAI:3711", "日月光投控", name_zh_hant="日月光投控", derived="name_zh"),
    listing("XTAI:3008", "大立光", name_zh_hant="大立光", derived="name_zh"),
    listing(
        "ROCO:5274",
        "信骅",
        name_zh_hant="信驊",
        name_en="ASPEED Technology Inc.",
        derived="name_zh",
    ),
    listing("XTAI:2330", "台积电", name_zh_hant="台積電", derived="name_zh", company="XTAI:2330"),
    listing(
        "XNYS:TSM", name_en="Taiwan Semiconductor Manufacturing Company Ltd", company="XTAI:2330"
    ),
    listing("XHKG:2330", "中国上城"),
    listing("XNAS:NVDA", name_en="NVIDIA Corporation", isin="US67066G1040"),
    listing("XNYS:BRK-A", name_en="Berkshire Hathaway Inc"),
    listing("XNYS:BRK-B", name_en="Berkshire Hathaway Inc"),
    listing("XSHE:300655", "晶瑞电材", former_names="晶瑞股份"),
    listing("BJSE:920002", "万达轴承", former_codes="NEEQ:832002"),
    listing("XSHE:000024", "招商地产", status="delisted", last_day="2015-12-30"),
    listing("XSHG:600001", "邯郸钢铁", status="delisted", last_day="2009-12-29"),
    listing("XHKG:0001", "邯郸钢铁"),
]
ALIASES = [("小米", "XHKG:1810"), ("英伟达", "XNAS:NVDA"), ("腾讯", "XHKG:0700")]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    rows = pd.DataFrame(LISTINGS)
    for column in ("first_day", "last_day"):
        rows[column] = pd.to_datetime(rows[column])
    aliases = pd.DataFrame(
        [(alias, *one.split(":"), "printed", "here") for alias, one in ALIASES],
        columns=["alias", "mic", "code", "evidence", "source"],
    )
    unlisted = pd.DataFrame(
        [("华为", "Huawei", "华为技术有限公司|華為", "known", "here")],
        columns=["name", "name_en", "aliases", "evidence", "source"],
    )
    empty = pd.DataFrame()
    return NameIndex(Ledger(rows, aliases, unlisted, empty, empty))


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("贵州茅台", "XSHG:600519"),
        ("寒武纪", "XSHG:688256"),
        ("寒武纪－Ｕ", "XSHG:688256"),
        ("*ST 蓝思科技", "XSHE:300433"),
        ("小米", "XHKG:1810"),
        ("小米集团", "XHKG:1810"),
        ("小米集团-W", "XHKG:1810"),
        ("騰訊控股", "XHKG:0700"),
        ("Tencent Holding Limited", "XHKG:0700"),
        ("tencent", "XHKG:0700"),
        ("Nvidia Corp.", "XNAS:NVDA"),
        ("NVDA", "XNAS:NVDA"),
        ("Aspeed", "ROCO:5274"),
        ("欣兴", "XTAI:3037"),
        ("欣興", "XTAI:3037"),
        ("大華", "XTAI:9905"),
        ("大华股份", "XSHE:002236"),
        ("晶瑞股份", "XSHE:300655"),
    ],
)
def test_a_name_that_nothing_else_could_mean(index: NameIndex, printed: str, expected: str) -> None:
    found = index.resolve(printed)
    assert (found.verdict, found.listing) == ("resolved", expected)
    assert found.candidates[0].listing == expected
    assert found.grounds


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("700 HK", "XHKG:0700"),
        ("00700.HK", "XHKG:0700"),
        ("HK.00700", "XHKG:0700"),
        ("80700.HK", "XHKG:80700"),
        ("3008 TT", "XTAI:3008"),
        ("5274 TT", "ROCO:5274"),
        ("BABA US", "XNYS:BABA"),
        ("NVDA.OQ", "XNAS:NVDA"),
        ("NVDA.O", "XNAS:NVDA"),
        ("TSM.N", "XNYS:TSM"),
        ("BRK.B", "XNYS:BRK-B"),
        ("300433", "XSHE:300433"),
        ("sz300433", "XSHE:300433"),
        ("300433.XSHE", "XSHE:300433"),
        ("600519 CH", "XSHG:600519"),
        ("832002.OC", "BJSE:920002"),
        ("US67066G1040", "XNAS:NVDA"),
        ("蓝思科技（300433.SZ）", "XSHE:300433"),
        ("立讯精密(002475，买入)", "XSHE:002475"),
        ("600519 贵州茅台", "XSHG:600519"),
        ("中芯国际（0981.HK）", "XHKG:0981"),
        ("网易（NTES.O）", "XNAS:NTES"),
        ("台积电（TSM.N）", "XNYS:TSM"),
    ],
)
def test_a_printed_code_is_the_identity(index: NameIndex, printed: str, expected: str) -> None:
    found = index.resolve(printed)
    assert (found.verdict, found.listing) == ("resolved", expected)


def test_a_code_whose_name_is_like_nobody_s_there_is_undecided(index: NameIndex) -> None:
    found = index.resolve("一个新名字（300433.SZ）")
    assert (found.verdict, found.listing) == ("ambiguous", None)
    assert [one.listing for one in found.candidates] == ["XSHE:300433"]
    assert found.reasons == (
        "the code 300433.SZ is 蓝思科技, which is not called anything like 一个新名字: "
        "decide which",
    )
    assert index.resolve("中芯（688981.SH）").listing == "XSHG:688981"


@pytest.mark.parametrize(
    ("printed", "lines"),
    [
        ("中芯国际", {"XSHG:688981", "XHKG:0981"}),
        ("药明康德", {"XSHG:603259", "XHKG:2359"}),
        ("宁德时代", {"XSHE:300750", "XHKG:3750"}),
        ("台积电", {"XTAI:2330", "XNYS:TSM"}),
        # Nobody linked them: the same English name, and the American ticker as a short name.
        ("阿里巴巴", {"XHKG:9988", "XNYS:BABA"}),
        ("网易", {"XHKG:9999", "XNAS:NTES"}),
        ("Berkshire Hathaway", {"XNYS:BRK-A", "XNYS:BRK-B"}),
        ("2330", {"XTAI:2330", "XHKG:2330"}),
        # 大華 is another company, and print leaves 股份 out.
        ("大华", {"XTAI:9905", "XSHE:002236"}),
    ],
)
def test_one_line_is_no_proof_where_there_are_others(
    index: NameIndex, printed: str, lines: set[str]
) -> None:
    found = index.resolve(printed)
    assert (found.verdict, found.listing) == ("ambiguous", None)
    assert lines <= {one.listing for one in found.candidates}


def test_a_currency_a_market_or_the_day_decides(index: NameIndex) -> None:
    assert index.resolve("中芯国际", currency="HKD").listing == "XHKG:0981"
    assert index.resolve("药明康德", market=("XSHG", "XSHE", "BJSE")).listing == "XSHG:603259"
    assert index.resolve("台积电", market="XTAI").listing == "XTAI:2330"
    assert index.resolve("宁德时代", as_of=date(2025, 5, 19)).listing == "XSHE:300750"
    assert index.resolve("宁德时代", as_of=date(2025, 5, 20)).listing is None
    # Neither decides where it fits none or several.
    assert index.resolve("中芯国际", currency="USD").verdict == "ambiguous"
    assert index.resolve("Berkshire Hathaway", currency="USD").verdict == "ambiguous"


def test_a_line_that_could_not_be_looked_for_elsewhere_is_no_proof(index: NameIndex) -> None:
    found = index.resolve("日月光投控")
    assert (found.verdict, found.listing) == ("ambiguous", None)
    assert found.grounds[0].key == "match.unchecked"
    assert index.resolve("日月光投控", market="XTAI").listing == "XTAI:3711"
    assert index.resolve("日月光投控", currency="TWD").listing == "XTAI:3711"
    assert index.resolve("日月光投控（3711.TW）").listing == "XTAI:3711"


def test_a_code_and_a_name_that_contradict_each_other_are_both_shown(index: NameIndex) -> None:
    found = index.resolve("立讯精密（300433.SZ）")
    assert (found.verdict, found.listing) == ("ambiguous", None)
    assert [one.listing for one in found.candidates] == ["XSHE:300433", "XSHE:002475"]
    assert found.grounds[0].key == "match.contradiction"
    assert "两家公司" in found.grounds[0].of("zh")


def test_a_delisted_line_is_not_chosen_over_a_living_one_nor_by_its_name(index: NameIndex) -> None:
    assert index.resolve("邯郸钢铁").listing == "XHKG:0001"
    gone = index.resolve("招商地产")
    assert (gone.verdict, gone.listing) == ("ambiguous", None)
    assert gone.reasons == ("delisted",)
    assert index.resolve("招商地产（000024.SZ）").listing == "XSHE:000024"
    # On a day on which it still traded it is nobody's shadow.
    assert index.resolve("招商地产", as_of=date(2015, 6, 1)).listing == "XSHE:000024"
    assert index.resolve("招商地产", as_of=date(2015, 12, 30)).verdict == "ambiguous"


def test_unlisted_companies_are_known_to_be(index: NameIndex) -> None:
    for name in ("华为", "华为技术有限公司", "華為", "Huawei"):
        found = index.resolve(name)
        assert (found.verdict, found.listing, found.candidates) == ("unlisted", None, ())


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("US67066G1041", "the check digit of the ISIN US67066G1041 should be 0"),
        ("US0378331005", "the ledger has no listing with the ISIN US0378331005"),
        (
            "430335.OC",
            "430335.OC is a code of NEEQ, an exchange that the ledger does not cover: choose a "
            "listing of another one, unlisted, or left out",
        ),
        ("9998 HK", "9998 HK names XHKG:9998, which the ledger has not"),
        ("某某某某", "no listing has this name or one near it"),
    ],
)
def test_what_the_ledger_cannot_say_is_unknown(index: NameIndex, printed: str, said: str) -> None:
    found = index.resolve(printed)
    assert (found.verdict, found.listing) == ("unknown", None)
    assert found.reasons[0] == said


def test_near_names_are_suggested_and_never_taken(index: NameIndex) -> None:
    for printed, meant in (
        ("立讯精蜜", "XSHE:002475"),
        ("贵洲茅台", "XSHG:600519"),
        ("NVIDEA", "XNAS:NVDA"),
    ):
        found = index.resolve(printed)
        assert (found.verdict, found.listing) == ("unknown", None)
        assert found.candidates[0].listing == meant
        assert found.candidates[0].score < 95


def test_folding_keeps_characters_apart_and_drops_what_print_varies() -> None:
    assert fold_names(["大華", "大华"]) == ["大華", "大华"]
    same = ["ＴＣＬ科技", "tcl 科技", "TCL科技股份有限公司", "*STTCL科技"]
    assert set(fold_names(same[:3])) == {"tcl科技"}
    assert fold_names(["哔哩哔哩-SW", "Apple Inc.", "Lotes Co., Ltd"]) == [
        "哔哩哔哩",
        "apple",
        "lotes",
    ]
    assert fold_names([]) == []


def test_a_code_is_read_out_of_print() -> None:
    for printed, name, readings in (
        ("瑞声科技（2018.HK）", "瑞声科技", ("XHKG:2018",)),
        ("高通(QCOM.O)", "高通", ("XNAS:QCOM", "XNYS:QCOM", "XASE:QCOM")),
        ("000001.XSHE", "", ("XSHE:000001",)),
        ("430335.OC", "", ("NEEQ:430335", "BJSE:430335")),
        ("小米集团（手机）", "小米集团（手机）", ()),
        ("Delta Electronics", "Delta Electronics", ()),
        ("7203 JP", "", ("XTKS:7203",)),
        ("005930 KS", "", ("XKRX:005930",)),
    ):
        found = read_printed(printed)
        assert found.name == name.replace("（", "(").replace("）", ")")
        assert found.readings[: len(readings)] == readings
        assert bool(found.readings) == bool(readings)


def test_the_check_digit_of_an_isin_is_that_of_iso_6166() -> None:
    """NVIDIA, Apple, Tencent, TSMC, Kweichow Moutai, as the numbering agencies gave them."""
    for isin in ("US67066G1040", "US0378331005", "KYG875721634", "TW0002330008", "CNE0000018R8"):
        assert isin_fault(isin) is None
        wrong = isin[:-1] + str((int(isin[-1]) + 1) % 10)
        assert isin_fault(wrong) == isin[-1]


def test_a_converted_name_that_begins_somebody_elses_is_open() -> None:
    index = NameIndex()
    # 中環 is CMC Magnetics of Taipei; simplified print means a company of Shenzhen by it.
    found = index.resolve("中环")
    assert (found.verdict, found.listing) == ("ambiguous", None)
    assert {"XTAI:2323", "XSHE:301040"} <= {one.listing for one in found.candidates}
    assert index.resolve("中环", currency="TWD").listing == "XTAI:2323"
    assert index.resolve("中環").listing == "XTAI:2323"
    assert index.resolve("台积电", currency="TWD").listing == "XTAI:2330"


def test_a_name_with_another_end_may_be_a_parents() -> None:
    index = NameIndex()
    for name, listing in (
        ("歌尔集团", "歌尔股份"),
        ("新希望集团", "新希望"),
        ("领先科技", "领先股份"),
    ):
        found = index.resolve(name)
        assert (found.verdict, found.listing) == ("ambiguous", None)
        assert found.reasons[0].startswith(f"{name} ends otherwise than {listing}, and may be its")
        assert [one.name for one in found.candidates] == [listing]
    for name, listed in (("歌尔", "XSHE:002241"), ("立讯精密股份", "XSHE:002475")):
        assert index.resolve(name).listing == listed
    assert index.resolve("歌尔集团（002241.SZ）").listing == "XSHE:002241"


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ("Kingsoft Office (688111 CH)", "resolved"),
        ("Beijing Kingsoft Office (688111 CH)", "resolved"),
        ("WPS (688111 CH)", "resolved"),
        ("Kingsoft Office (688112 CH)", "ambiguous"),
        ("Kingsoft Office", "unknown"),
    ],
)
def test_names_of_packaged_listings_are_held_against_codes(printed: str, verdict: str) -> None:
    found = NameIndex().resolve(printed)
    assert found.verdict == verdict
    assert found.listing == ("XSHG:688111" if verdict == "resolved" else None)


def test_a_ticker_alone_is_that_line_of_its_company() -> None:
    index = NameIndex()
    for ticker, listing in (("BABA", "XNYS:BABA"), ("SONY", "XNYS:SONY"), ("TSM", "XNYS:TSM")):
        assert index.resolve(ticker).listing == listing
    # What is as well another company's name says nothing: 建设银行, Prudential plc, Alps Alpine.
    for ticker in ("CCB", "PRU", "ALPS", "Sony", "baba"):
        assert index.resolve(ticker).listing is None
    assert index.resolve("BABA", market="XHKG").listing == "XHKG:9988"
    assert index.resolve("AAPL US Equity").listing == "XNAS:AAPL"
    assert index.resolve("腾讯控股 700 HK Equity").listing == "XHKG:0700"
