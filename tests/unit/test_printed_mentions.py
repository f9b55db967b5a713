"""What reports print and who it is: each layout with the companies that stand in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supplychain_screen import read_report
from supplychain_screen.cli import app
from supplychain_screen.identity import NameIndex
from supplychain_screen.record.opinions import known_words
from supplychain_screen.research import extraction
from supplychain_screen.research.extraction import PrintedMention, ReportReading
from supplychain_screen.research.extraction.print_vocabulary import word_key


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex()


Reader = Callable[..., ReportReading]
RUN = CliRunner()


@pytest.fixture
def read(tmp_path: Path, index: NameIndex) -> Reader:
    def reading(text: str, name: str = "in.txt") -> ReportReading:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return extraction.read_mentions(extraction.read_document(file), index=index)

    return reading


def said(reading: ReportReading) -> list[tuple[str, str, str, str | None]]:
    return [(one.segment, one.company, one.code, one.listing) for one in reading.mentions]


def only(reading: ReportReading) -> PrintedMention:
    (one,) = reading.mentions
    return one


def test_sentences_name_companies_by_their_codes(read: Reader) -> None:
    reading = read(
        "投资建议：建议关注欧菲光（002456.SZ）、歌尔股份（002241.SZ）。\n"
        "重点推荐鹏鼎控股（002938.SZ）、京东方A（000725.SZ）和立讯精密（002475.SZ）等企业。\n"
    )
    assert said(reading) == [
        ("", "欧菲光", "002456.SZ", "XSHE:002456"),
        ("", "歌尔股份", "002241.SZ", "XSHE:002241"),
        ("", "鹏鼎控股", "002938.SZ", "XSHE:002938"),
        ("", "京东方A", "000725.SZ", "XSHE:000725"),
        ("", "立讯精密", "002475.SZ", "XSHE:002475"),
    ]
    assert [one.place.line for one in reading.mentions] == [1, 1, 2, 2, 2]


def test_the_columns_of_a_table_are_told_by_their_headers(read: Reader) -> None:
    reading = read(
        "| 股票代码 | 股票简称 | 投资评级 | 收盘价 | 目标价（港元） |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| 002841.SZ | 视源股份 | 增持 | 35.10 | 40.00 |\n"
        "| 2018.HK | 瑞声科技 | 买入（原为增持） | 36.00 | 45.00 |\n",
        "in.md",
    )
    assert [(one.company, one.listing, one.rating, one.target) for one in reading.mentions] == [
        ("视源股份", "XSHE:002841", "增持", "40.00"),
        ("瑞声科技", "XHKG:2018", "买入", "45.00"),
    ]
    assert reading.mentions[1].note == "原为增持"
    assert reading.mentions[1].currency == "HKD"


def test_a_code_that_is_somebody_elses_is_undecided_with_both(read: Reader) -> None:
    one = only(read("环节\t相关个股\n机顶盒\t创维数字（000700.SZ）\n"))
    assert (one.verdict, one.listing) == ("undecided", None)
    assert [reading.listing for reading in one.readings] == ["XSHE:000700", "XSHE:000810"]


def test_words_join_companies_and_words_end_a_list(read: Reader) -> None:
    reading = read(
        "环节\t相关标的\n声光学\t舜宇光学科技、瑞声科技和水晶光电等公司\n"
        "芯片\t瑞芯微/全志科技\n芯片二\t恒玄科技（688608.SH）等标的\n家电\t和而泰与四川九洲\n"
    )
    assert [(one.segment, one.company) for one in reading.mentions] == [
        ("声光学", "舜宇光学科技"),
        ("声光学", "瑞声科技"),
        ("声光学", "水晶光电"),
        ("芯片", "瑞芯微"),
        ("芯片", "全志科技"),
        ("芯片二", "恒玄科技"),
        ("家电", "和而泰"),
        ("家电", "四川九洲"),
    ]


def test_numbers_ratings_and_sources_are_no_companies(read: Reader) -> None:
    reading = read(
        "环节 相关标的\n光 学 舜宇光学科技、 水晶光电、\n瑞声科技\n芯片 瑞 芯微、全志科技\n"
        "资料来源：Wind，某证券研究所\n"
    )
    assert [(one.segment, one.company) for one in reading.mentions] == [
        ("光学", "舜宇光学科技"),
        ("光学", "水晶光电"),
        ("光学", "瑞声科技"),
        ("芯片", "瑞芯微"),
        ("芯片", "全志科技"),
    ]
    reading = read("环节\t相关公司\n光学\t舜宇光学科技，目标价70港元；水晶光电，买入\n")
    assert [(one.company, one.rating, one.target, one.currency) for one in reading.mentions] == [
        ("舜宇光学科技", "", "70", "HKD"),
        ("水晶光电", "买入", "", ""),
    ]


def test_traditional_headers_and_names(read: Reader) -> None:
    reading = read("族群\t相關個股\n光學\t舜宇光學科技\n晶片\t聯發科、高通\n\n本段為說明文字。\n")
    assert said(reading) == [
        ("光學", "舜宇光學科技", "", "XHKG:2382"),
        ("晶片", "聯發科", "", "XTAI:2454"),
        ("晶片", "高通", "", "XNAS:QCOM"),
    ]


def test_two_codes_of_one_company_are_two_lines_of_one_mention(read: Reader) -> None:
    one = only(read("推荐比亚迪（002594.SZ/1211.HK，买入/增持）。\n"))
    assert (one.company, one.listing, one.rating) == ("比亚迪", "XSHE:002594", "买入")
    assert [(line.code, line.listing, line.rating) for line in one.other_lines] == [
        ("1211.HK", "XHKG:1211", "增持")
    ]


def test_a_company_of_prose_and_table_is_one_mention_with_both_places(read: Reader) -> None:
    one = only(read("推荐瑞声科技（2018.HK）。\n\n环节\t相关标的\n声学\t瑞声科技（2018.HK）\n"))
    assert (one.segment, one.listing) == ("声学", "XHKG:2018")
    assert [place.line for place in (one.place, *one.also)] == [1, 4]


def test_codes_of_indices_and_funds_are_nobodys(read: Reader) -> None:
    reading = read(
        "A股市场以沪深300指数（000300.SH）作为基准；香港市场以恒生指数（HSI.HI）为基准；"
        "半导体ETF（512480.SH）今日上涨2.5%。\n"
    )
    assert reading.mentions == ()


def test_codes_are_found_where_print_lost_its_spaces(read: Reader) -> None:
    """As the text of a PDF gives a table: prices, rows and dates run into names and codes."""
    reading = read(
        "评级300433.SZ蓝思科技21.000.450.61买入002841.SZ视源股份35.101.88增持\n\n"
        "周涨幅前10300108.SZ吉药控股5.6235.42\n\n声学瑞声科技2018HK42.655151.7%\n\n"
        "12018.HK瑞声科技42.65\n\n20210218600161.SH天坛生物30.1\n\n"
        "95.9589.08688363华熙生物增持133.13\n\n英伟达(Nvidia)NVDAUS19.37\n"
    )
    assert said(reading) == [
        ("", "蓝思科技", "300433.SZ", "XSHE:300433"),
        ("", "视源股份", "002841.SZ", "XSHE:002841"),
        ("", "吉药控股", "300108.SZ", "XSHE:300108"),
        ("", "瑞声科技", "2018HK", "XHKG:2018"),
        ("", "天坛生物", "600161.SH", "XSHG:600161"),
        ("", "华熙生物", "688363", "XSHG:688363"),
        ("", "英伟达", "NVDAUS", "XNAS:NVDA"),
    ]


def test_numbers_of_print_are_no_codes(read: Reader) -> None:
    reading = read(
        "深圳市福田区，邮编：518046，总机：0755-82130833，S0980519030002。\n\n"
        "沪深3002021年2月3日上涨2.5%；IF2103；成交600000万元，2021.12，收于17.28HK$。\n"
    )
    assert reading.mentions == ()


def test_a_second_code_that_is_somebody_elses_leaves_the_company_open(read: Reader) -> None:
    reading = read(
        "环节\t公司\n盖板\t蓝思科技（300433.SZ、600519.SH）\n车\t比亚迪（002594.SZ、1211.HK）\n"
    )
    glass, cars = reading.mentions
    assert (glass.verdict, glass.listing) == ("undecided", None)
    assert {one.listing for one in glass.readings} >= {"XSHE:300433", "XSHG:600519"}
    assert "600519.SH" in glass.reasons[0]
    assert (cars.listing, cars.other_lines[0].listing) == ("XSHE:002594", "XHKG:1211")


def test_rows_without_a_segment_belong_to_the_one_above(read: Reader) -> None:
    reading = read("环节\t公司\n盖板\t蓝思科技\n\t长盈精密\n电池\t宁德时代\n\t欣旺达、德赛电池\n")
    assert [(one.segment, one.company) for one in reading.mentions] == [
        ("盖板", "蓝思科技"),
        ("盖板", "长盈精密"),
        ("电池", "宁德时代"),
        ("电池", "欣旺达"),
        ("电池", "德赛电池"),
    ]


def test_a_long_bracket_loses_no_company(read: Reader) -> None:
    note = "主要供应盖板玻璃和金属结构件，" * 40
    reading = read(f"环节\t公司\n盖板\t蓝思科技（{note}300433.SZ）、长盈精密\n")
    assert [one.company for one in reading.mentions] == ["蓝思科技", "长盈精密"]
    assert reading.mentions[0].listing == "XSHE:300433"


def test_a_second_bracket_in_a_sentence_says_the_rating(read: Reader) -> None:
    reading = read(
        "重点推荐：立讯精密（002475）（买入）、蓝思科技（300433.SZ）（增持，目标价28元）、"
        "歌尔股份（002241.SZ）（声学龙头）。\n"
    )
    assert [(one.company, one.rating, one.target) for one in reading.mentions] == [
        ("立讯精密", "买入", ""),
        ("蓝思科技", "增持", "28元"),
        ("歌尔股份", "", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        # a row above the header that a table begins with, and its header itself
        "全志科技\t300458.SZ\t蓝思科技（300433.SZ）\n公司\t代码\t评级\n歌尔股份\t002241.SZ\t买入\n",
        "公司\t代码\t目标价蓝思科技（300433.SZ，买入）\n全志科技\t300458.SZ\t\n歌尔股份\t002241.SZ\t\n",
        # two tables of which one follows the other without a line between
        "|002241.SZ|歌尔股份|增持|\n|公司|代码|\n|全志科技|300458.SZ|\n|蓝思科技|300433.SZ|",
        # a second print of a company, with codes that stand behind its own
        "歌尔股份 002241.SZ\n歌尔股份(002241.SZ)全志科技（300458.SZ，买入）蓝思科技 300433.SZ\n",
    ],
)
def test_no_code_is_lost_by_what_it_stands_in(read: Reader, text: str) -> None:
    listings = {
        found
        for one in read(text).mentions
        for line in (one, *one.other_lines)
        for found in (line.listing, *(reading.listing for reading in line.readings))
    }
    assert {"XSHE:002241", "XSHE:300458", "XSHE:300433"} <= listings


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "重点推荐，木林森和三安光电，建议关注晶丰明源、兆驰股份风险提示：需求不及预期。",
            "木林森 三安光电 晶丰明源 兆驰股份",
        ),
        (
            "建议关注采浆能力强、产品丰富的血制品龙头华兰生物、天坛生物等血制品企业，公司与比亚迪合作。",
            "华兰生物 天坛生物",
        ),
        (
            "投资建议：闻泰科技（推荐），斯达半导（推荐），新洁能（建议关注）。",
            "闻泰科技 斯达半导 新洁能",
        ),
        (
            "重点关注：消费电子：立讯精密/领益智造服务器：浪潮信息芯片设计：卓胜微/汇顶科技。",
            "立讯精密 领益智造 浪潮信息 卓胜微 汇顶科技",
        ),
        (
            "推荐组合：半导体设计：韦尔股份、卓胜微；功率：士兰微、华润微、没有的公司、新洁能。",
            "韦尔股份 卓胜微 士兰微 华润微 没有的公司 新洁能",
        ),
        (
            "行业研究|电子|" + "需求向好" * 120 + "。建议关注立讯精密、歌尔股份。",
            "立讯精密 歌尔股份",
        ),
        # books and sources are nobody; a name that may be a subsidiary's is not cut out of it
        ("建议关注设备和《传奇世界》。资料来源：Wind，国信证券研究所", ""),
        ("建议关注比亚迪半导体：国内龙头。", ""),
    ],
)
def test_names_without_a_code_are_read_where_they_are_recommended(
    read: Reader, text: str, names: str
) -> None:
    assert [one.company for one in read(text + "\n今天没有别的。\n").mentions] == names.split()


def test_a_company_whose_code_stands_behind_an_index_is_open_and_not_lost(read: Reader) -> None:
    reading = read("沪深300指数 000858.SZ、上证指数（000001）和沪深300指数（000300.SH）。\n")
    assert [(one.code, one.verdict) for one in reading.mentions] == [("000858.SZ", "undecided")]


@pytest.mark.parametrize("name", ["三星", "材料"])
def test_two_characters_of_taiwan_may_be_a_word_or_somebody_else(
    index: NameIndex, name: str
) -> None:
    found = index.resolve(name)
    assert (found.verdict, found.listing) == ("ambiguous", None)
    assert index.resolve(name, currency="TWD").verdict == "resolved"


def test_a_code_of_an_exchange_that_the_ledger_lacks_says_so(read: Reader) -> None:
    table = read(
        "Company,Code\nSAP,SAP GY\nAstraZeneca,AZN LN\nSony,6758 JP\nTSMC,2330 TT\n", "in.csv"
    )
    prose = read("We recommend Infineon (IFX GY), SAP (SAP GY) and ASML (ASML.AS) this year.\n")
    open_ones = [*table.undecided, *prose.undecided]
    assert [one.code for one in open_ones] == ["SAP GY", "AZN LN", "IFX GY", "SAP GY", "ASML.AS"]
    assert all("the ledger does not cover" in one.reasons[0] for one in open_ones)
    assert [one.listing for one in table.mentions[2:]] == ["XTKS:6758", "XTAI:2330"]


UNLISTED = (
    "公司,代码\n伯恩光学,未上市\n瑞芯微,非上市\n舜宇光学科技,2382.HK\nBiel Crystal,Private\n",
    "伯恩光学,未上市\n瑞芯微,非上市\n舜宇光学科技,2382.HK\nBiel Crystal,private\n",
    "公司,产品,上市情况,代码\n伯恩光学,盖板,尚未上市,\n瑞芯微,芯片,Unlisted,\n"
    "舜宇光学科技,镜头,已上市,2382.HK\nBiel Crystal,盖板,未上市,\n",
    "环节\t相关个股\n光学\t伯恩光学（未上市）、瑞芯微（未上市，芯片）、舜宇光学科技（2382.HK）、"
    "Biel Crystal（unlisted）\n",
)


@pytest.mark.parametrize("text", UNLISTED)
def test_a_company_that_its_print_calls_unlisted_is_so_unless_a_listing_has_its_name(
    read: Reader, text: str
) -> None:
    reading = read(text, "in.csv" if "," in text.splitlines()[0] else "in.txt")
    glass, chips, optics, biel = reading.mentions
    assert (glass.verdict, biel.verdict, glass.readings) == ("unlisted", "unlisted", ())
    assert glass.reasons[0].startswith("the print says ")
    assert (optics.verdict, optics.listing) == ("listed", "XHKG:2382")
    assert (chips.verdict, chips.listing) == ("undecided", None)
    assert [one.listing for one in chips.readings] == ["XSHG:603893"]
    assert "the ledger has a listing called 瑞芯微: choose unlisted or that" in chips.reasons[0]


def test_a_print_that_calls_a_company_unlisted_before_it_was_listed_is_right(
    index: NameIndex,
) -> None:
    document = extraction.read_document("公司,代码\n瑞芯微,未上市\n")
    before = extraction.read_mentions(document, index=index, published=date(2019, 1, 2))
    after = extraction.read_mentions(document, index=index, published=date(2024, 1, 2))
    assert only(before).verdict == "unlisted"
    assert only(after).verdict == "undecided"


def test_of_two_columns_of_codes_each_is_a_line_of_the_company(read: Reader) -> None:
    reading = read(
        "公司,A股代码,H股代码\n比亚迪,002594.SZ,1211.HK\n歌尔股份,002241.SZ,未上市\n"
        "舜宇光学科技,未上市,2382.HK\n伯恩光学,未上市,未上市\n",
        "in.csv",
    )
    assert [(one.company, one.listing) for one in reading.mentions] == [
        ("比亚迪", "XSHE:002594"),
        ("歌尔股份", "XSHE:002241"),
        ("舜宇光学科技", "XHKG:2382"),
        ("伯恩光学", None),
    ]
    assert [one.listing for one in reading.mentions[0].other_lines] == ["XHKG:1211"]
    assert reading.mentions[3].verdict == "unlisted"


def test_two_companies_of_one_row_have_each_their_own_word(read: Reader) -> None:
    reading = read(
        "公司,代码,公司,代码\n瑞芯微,未上市,舜宇光学科技,2382.HK\n伯恩光学,未上市,歌尔股份,002241\n",
        "in.csv",
    )
    assert [(one.company, one.verdict) for one in reading.mentions] == [
        ("瑞芯微", "undecided"),
        ("舜宇光学科技", "listed"),
        ("伯恩光学", "unlisted"),
        ("歌尔股份", "listed"),
    ]


@pytest.mark.parametrize("blank", ["NA", "N/A", "nil", "无", "-"])
def test_a_word_for_no_code_is_no_ticker(read: Reader, blank: str) -> None:
    one = only(read(f"公司,代码\n宇树科技,{blank}\n", "in.csv"))
    assert (one.code, one.verdict, one.listing) == ("", "undecided", None)


def test_a_company_without_a_code_at_the_end_of_a_list_is_not_lost(read: Reader) -> None:
    reading = read(
        "公司,代码,评级\n光学,,\n舜宇光学科技,2382.HK,买入\n歌尔股份,,\n宇树科技,,\n大疆,,\n"
        "资料来源：某某\n",
        "in.csv",
    )
    assert [(one.segment, one.company, one.verdict) for one in reading.mentions] == [
        ("光学", "舜宇光学科技", "listed"),
        ("光学", "歌尔股份", "listed"),
        ("光学", "宇树科技", "undecided"),
        ("光学", "大疆", "unlisted"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "5 HK\n1 HK\n700 HK Equity\n",
        "5 HK Equity, 1 HK Equity, 700 HK Equity\n",
        "建议关注汇丰控股（5 HK）、长和（1 HK）、腾讯控股（700 HK）。今年有 2 HK 上市。\n",
        "公司\t代码\n汇丰控股\t5 HK\n长和\t1 HK Equity\n腾讯控股\t700HK\n",
    ],
)
def test_a_code_of_one_digit_keeps_its_exchange(text: str) -> None:
    reading = read_report(text)
    assert [one.listing for one in reading.mentions] == ["XHKG:0005", "XHKG:0001", "XHKG:0700"]
    assert all(one.code.replace(" ", "").endswith("HK") for one in reading.mentions)


def test_a_name_with_a_later_line_is_decided_by_the_day_alike_everywhere() -> None:
    index = NameIndex()
    said = {}
    for day in (date(2024, 12, 31), date(2025, 12, 31), None):
        verdict = index.resolve("蓝思科技", as_of=day)
        one = only(read_report("公司,代码\n蓝思科技,\n", published=day))
        assert (one.listing, one.grounds) == (verdict.listing, verdict.grounds)
        told = RUN.invoke(
            app, ["resolve", "蓝思科技", "--json", *(["--as-of", str(day)] if day else [])]
        )
        (found,) = json.loads(told.stdout)
        assert (found["listing"], found["reason"]) == (verdict.listing, verdict.reasons[0])
        said[day] = (verdict.listing, verdict.reasons[0])
    assert list(said.values()) == [
        ("XSHE:300433", "exact short name"),
        (
            None,
            "on 2025-12-31 the company had 2 lines: a code, a currency or a market decides",
        ),
        (
            None,
            "no day was given, and today the company has 2 lines: a code, a currency, a market or "
            "an earlier day decides",
        ),
    ]


@pytest.mark.parametrize(
    ("rows", "ratings"),
    [
        (
            "代码简称股价EPSPE评级002456.SZ欧菲光9.110.121.3买入002241.SZ歌尔股份8.220.233.4谨慎推荐"
            "资料来源：某所",
            ["买入", "谨慎推荐"],
        ),
        (
            "代码名称最新评级股价002456欧菲光未评级9.110.12002241歌尔股份买入8.220.23资料来源：某所",
            ["未评级", "买入"],
        ),
        (
            "公司名称股票代码股价投资评级欧菲光0024569.110.12增持歌尔股份0022418.220.23买入维持"
            "请务必阅读正文",
            ["增持", "买入"],
        ),
        # No header of ratings, ratings before codes, two in a row, none in the last row: nobody's.
        ("代码简称股价002456.SZ欧菲光9.11买入002241.SZ歌尔股份8.22买入资料来源：某所", ["", ""]),
        ("评级代码简称买入002456.SZ欧菲光9.11增持002241.SZ歌尔股份8.22资料来源：某所", ["", ""]),
        ("代码评级002456.SZ欧菲光9.11买入增持002241.SZ歌尔股份8.22买入资料来源：某所", ["", ""]),
        ("代码简称评级002456.SZ欧菲光9.11买入002241.SZ歌尔股份8.22资料来源：某所", ["", ""]),
        ("重点公司评级002456.SZ欧菲光的大股东增持，002241.SZ歌尔股份的大股东增持。", ["", ""]),
    ],
)
def test_rows_that_lost_their_lines_keep_their_ratings(
    read: Reader, rows: str, ratings: list[str]
) -> None:
    reading = read(f"{rows}\n")
    assert [one.listing for one in reading.mentions] == ["XSHE:002456", "XSHE:002241"]
    assert [one.rating for one in reading.mentions] == ratings


def test_what_a_title_recommends_and_what_a_word_ends_in_is_no_company(read: Reader) -> None:
    reading = read("卫生部门印发《镜片能力推荐标准》，建议关注医用机器人、人工关节、歌尔股份。\n")
    assert said(reading) == [("", "歌尔股份", "", "XSHE:002241")]


def test_a_name_of_three_characters_is_read_behind_what_describes_it(read: Reader) -> None:
    reading = read("建议关注光学欧菲光、AI芯片寒武纪、新药研发药明康德、白酒五粮液、手术机器人。\n")
    names = ["欧菲光", "寒武纪", "药明康德", "五粮液"]
    assert [one.company for one in reading.mentions] == names


def test_a_word_that_is_a_name_as_well_is_open_in_prose_and_a_company_in_a_table(
    read: Reader,
) -> None:
    reading = read("建议关注机器人、太阳能、水晶光电。\n")
    assert [(one.company, one.verdict, one.listing) for one in reading.mentions] == [
        ("机器人", "undecided", None),
        ("太阳能", "undecided", None),
        ("水晶光电", "listed", "XSHE:002273"),
    ]
    assert reading.mentions[0].readings[0].listing == "XSHE:300024"
    table = read("环节\t公司\n整机\t机器人\n光学\t水晶光电\n")
    assert [one.listing for one in table.mentions] == ["XSHE:300024", "XSHE:002273"]
    coded = read("建议关注机器人（300024.SZ）、水晶光电。\n")
    assert [one.listing for one in coded.mentions] == ["XSHE:300024", "XSHE:002273"]


@pytest.mark.parametrize("codes", ["002456，2382.HK", "2382.HK，002456", "002456,2382.HK，1,250亿"])
def test_a_comma_between_two_codes_joins_no_number(read: Reader, codes: str) -> None:
    (one,) = read(f"建议关注欧菲光（{codes}）。\n").mentions
    assert {one.code, *(line.code for line in one.other_lines)} == {"002456", "2382.HK"}


def test_who_makes_a_report_is_none_of_its_companies(read: Reader) -> None:
    source = "推荐：歌尔股份、西南证券、水晶光电。西南证券研究发展中心，西南证券股份有限公司\n"
    assert [one.company for one in read(source).mentions] == ["歌尔股份", "水晶光电"]
    other = read("国金证券研究所\n推荐标的：西南证券（600369）、国投证券\n")
    assert [one.listing for one in other.mentions][:1] == ["XSHG:600369"]


def test_a_name_ends_where_the_code_before_it_ended_and_has_no_marks(read: Reader) -> None:
    reading = read(
        "重点公司002456CH欧菲光9.1索尼6758JP12\n跌幅前三600519.SH贵州茅台-5.2002241.SZ歌尔股份-3.1\n"
        "首次覆盖——水晶光电（002273）\n代码-5%10.80N/AN/AN/A600584.SH53%0.61N/AN/AN/A\n"
    )
    assert [(one.company, one.listing) for one in reading.mentions] == [
        ("欧菲光", "XSHE:002456"),
        ("索尼", "XTKS:6758"),
        ("贵州茅台", "XSHG:600519"),
        ("歌尔股份", "XSHE:002241"),
        ("水晶光电", "XSHE:002273"),
        ("600584.SH", "XSHG:600584"),
    ]


def test_a_code_of_reuters_that_nobody_knows_is_open_and_not_lost(read: Reader) -> None:
    reading = read("零部件公司收入：某镜片ZZQX.O1.1922英特尔INTC.O3.4411\n")
    assert [(one.company, one.verdict) for one in reading.mentions] == [
        ("某镜片", "undecided"),
        ("英特尔", "listed"),
    ]


def test_four_digits_right_before_a_whole_name_are_a_code_of_hong_kong(read: Reader) -> None:
    reading = read(
        "代码简称股价PE1398工商银行5.234.52382舜宇光学科技60.321.2资料来源：某所\n"
        "代码简称股价601398工商银行5.234.5资料来源：某所\n截至2020安踏体育有门店9000家\n"
    )
    assert [(one.company, one.listing) for one in reading.mentions] == [
        ("工商银行", "XHKG:1398"),
        ("舜宇光学科技", "XHKG:2382"),
        ("工商银行", "XSHG:601398"),
    ]


def test_a_word_that_joins_may_stand_in_a_name(read: Reader) -> None:
    reading = read("重点关注：同和药业、和而泰和欧菲光，仁和药业及歌尔股份。\n")
    assert [one.company for one in reading.mentions] == [
        "同和药业",
        "和而泰",
        "欧菲光",
        "仁和药业",
        "歌尔股份",
    ]


def test_names_with_ratings_one_behind_the_other_are_companies(read: Reader) -> None:
    reading = read(
        "重点公司20E21E评级歌尔股份1.211.32买入TCL科技0.31N/A审慎增持复宏汉霖-B68.5未评级大疆1.1买入投资要点\n"
        "月度股票池欧菲光增持水晶光电买入[Table_Doc]\n"
    )
    assert [(one.company, one.rating, one.verdict) for one in reading.mentions] == [
        ("歌尔股份", "买入", "listed"),
        ("TCL科技", "审慎增持", "listed"),
        ("复宏汉霖", "未评级", "listed"),
        ("大疆", "买入", "unlisted"),
        ("欧菲光", "增持", "listed"),
        ("水晶光电", "买入", "listed"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "评级公司买入歌尔股份1.21增持水晶光电0.31买入\n",
        "上次维持歌尔股份增持水晶光电买入\n",
        "行业评级方面，上游厂商增持下游厂商增持\n",
    ],
)
def test_ratings_before_names_or_without_a_header_are_nobodys(read: Reader, text: str) -> None:
    assert not any(one.rating for one in read(text).mentions)


def test_examples_behind_what_is_recommended_are_recommended(read: Reader) -> None:
    reading = read(
        "建议重点关注产能释放的企业，如歌尔股份、水晶光电和欧菲光等。"
        "技术成熟的企业有三家，分别是蓝思科技、领益智造与长盈精密。\n"
    )
    assert [one.company for one in reading.mentions] == ["歌尔股份", "水晶光电", "欧菲光"]


def test_a_long_row_of_numbers_hides_no_code(read: Reader) -> None:
    years = "2022" * 9
    rows = "002456.SZ欧菲光1.12.3-4.5" * 99
    reading = read(f"代码EPS{years}002241.SZ歌尔股份3.13{rows}002273.SZ水晶光电5.1\n")
    assert {one.listing for one in reading.mentions} == {
        "XSHE:002241",
        "XSHE:002456",
        "XSHE:002273",
    }


def test_a_bare_code_of_the_third_board_is_open_and_a_postcode_is_none(read: Reader) -> None:
    reading = read(
        "龙头某某光学（837999）营收增长。\n地址：武汉市某路1号某大厦12层（430335）传真\n"
        "某证券上海某路36号兴业大厦（835387）\n"
    )
    assert [(one.code, one.verdict) for one in reading.mentions] == [("837999", "undecided")]


def test_words_of_taiwan_for_more_and_less_are_ratings_and_no_ones_purchases(read: Reader) -> None:
    table = "公司\t代碼\t投資評等\n台達電\t2308 TT\t增加持股\n鴻海\t2317 TT\t降低持股\n"
    assert [one.rating for one in read(table).mentions] == ["增加持股", "降低持股"]
    assert known_words()[0][word_key("增加持股")] == "add"
    assert known_words()[0][word_key("降低持股")] == "reduce"
    bought = "台達電（2308 TT）的大股東增加持股，預計今年降低持股2%以下。\n"
    assert [one.rating for one in read(bought).mentions] == [""]
