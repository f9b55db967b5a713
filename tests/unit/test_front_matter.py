"""What a report says of itself, and the blanks where it says nothing."""

from __future__ import annotations

import pytest

from supplychain_screen.research.extraction import (
    Document,
    Line,
    Place,
    ReportReading,
    read_mentions,
)


def reading(text: str) -> ReportReading:
    lines = [Line(one, Place("x", line=at)) for at, one in enumerate(text.splitlines(), 1) if one]
    return read_mentions(Document("x", "text", tuple(lines)))


COVER = """\
证券研究报告

光学行业深度：一块玻璃的旅程

2024年3月24日

行业评级：强于大市（维持）

证券分析师：王小明

S0980519030002

联系人：李大山

国信证券经济研究所

2023年5月16日，一家工厂投产，光学材料的国产化因此大幅加快。

相关报告：《上一篇》2023-11-02
"""


def test_a_cover() -> None:
    found = reading(COVER)
    said = {one.field: one.value for one in found.proposals}
    assert said == {
        "title": "光学行业深度：一块玻璃的旅程",
        "publisher": "国信证券",
        "published": "2024-03-24",
        "analysts": "王小明、李大山",
        "own_rating": "",
        "sector_call": "强于大市",
        "action": "维持",
        "target": "",
    }
    places = {one.field: one.place.line for one in found.proposals if one.place is not None}
    assert places == {
        "title": 3,
        "publisher": 15,
        "published": 5,
        "analysts": 9,
        "sector_call": 7,
        "action": 7,
    }
    assert not found.proposal("target").value
    assert [(one.first.isoformat(), one.precision, one.place.line) for one in found.events] == [
        ("2023-05-16", "day", 17)
    ]


def test_dates_of_sentences_and_lists_are_not_the_day_of_publication() -> None:
    found = reading(COVER.replace("2024年3月24日", "周末"))
    assert found.published is None


def test_a_report_on_one_company_has_a_rating_and_a_target_of_its_own() -> None:
    found = reading(
        "歌尔股份（002241.SZ）：声学龙头再出发\n\n评级：买入（上调）\n\n目标价：HK$28.50\n\n现价：21.00元\n"
    )
    assert found.proposal("own_rating").value == "买入"
    assert found.proposal("action").value == "上调"
    assert found.proposal("target").value == "28.50 HKD"
    assert not found.proposal("sector_call").value


def test_a_form_whose_tick_was_lost_says_no_rating() -> None:
    found = reading("行业评级 看好 中性 看淡(维持)\n\n正文第一段。\n")
    assert not found.proposal("sector_call").value


@pytest.mark.parametrize(
    "text",
    [
        "上市日期：2015-03-18\n报告日期：2024-11-20",
        "股价截止日期：2024-11-19\n2024-11-20",
        "下次财报日期：2025-03-18\n日期：2024-11-20",
        "上市日期\t2015-03-18\n报告日期\t2024-11-20",
        "IPO Date: 2015-03-18\nDate: 2024-11-20",
        "IPO Date: March 18, 2015\nReport Date: 20 November 2024",
        "一块玻璃的旅程\n2024-11-20\n从镜片到模组的每一个环节都在这里写得清清楚楚",
        "增持——维持日期：2024年11月20日行业：医疗器械",
        "[Table_ReportDate]2024年11月20日",
        # Texts that lost their lines: what stands before a year is glued to it.
        "镜片行业证券研究报告沪深3002024年11月20日光学研究中心" + "正文。" * 100,
        "分析师王小明S09805190300022024年11月20日投资要点" + "正文。" * 100,
        "资料来源：某研究所股价数据为2024年11月8日增持行业动态日期：2024年11月20日正文"
        + "正文。" * 100,
        "走势图23/11/2024/1/9沪深300光学2024年11月20日正文" + "正文。" * 100,
        "镜片简史2024年11月20日" + "正文。" * 100 + "（作者：某人，出版日期：2016年5月2日）",
        "镜片简史2024年11月20日——光学系列之二" + "正文。" * 100,
        "镜片简史2024年11月20日中小市值研究" + "正文。" * 100,
        "Lenses\n\nNorth Pier Securities Equity Research | 20 November 2024\n\nText.",
        "Lenses\n\nNorth Pier Securities Equity Research | November 20, 2024\n\nText.",
        "镜片简史\n\n北桥证券光学研究中心 | 2024年11月20日\n\n正文。",
        "Lenses\n\nPrices at close | 15 November 2024\n20 Nov 2024 · Sector report · Asia\n",
    ],
)
def test_only_the_day_of_the_report_is_its_date(text: str) -> None:
    assert str(reading(text).published) == "2024-11-20"


def test_a_day_of_something_else_leaves_the_date_blank() -> None:
    assert reading("上市日期：2015-03-18\n").published is None
    assert reading("镜片厂扩产。2024年2月4日公司发布公告" + "正文。" * 100).published is None
    assert reading("镜片厂扩产2024年2月4日-2月9日招标" + "正文。" * 100).published is None
    for line in (
        "Prices as of | 4 February 2024",
        "Next results | 4 February 2024",
        "收盘价 | 2024年2月4日",
        "Closing prices in this report | 4 February 2024",
        "Lens show | Shenzhen | 4 February 2024 to 9 February 2024",
    ):
        assert reading(f"Lenses\n\n{line}\n\nText.").published is None


@pytest.mark.parametrize(
    ("cover", "rating", "action"),
    [
        ("行业动态分析投资评级领先大市-A维持评级首选股票目标价", "领先大市", "维持评级"),
        ("镜片系列之三电子行业中性维持评级核心观点", "中性", "维持评级"),
        ("[Table_Invest]推荐维持评级[Table_Quote]", "推荐", "维持评级"),
        ("[Table_Invest]推荐|首次[Table_Pic]", "推荐", "首次"),
        ("2024年11月20日看好/维持光学深度报告", "看好", "维持"),
        ("[Table_Info]行业评级光学Ⅱ看好[Table_Stk]", "看好", ""),
        ("行业评级中性2024年11月20日", "中性", ""),
        ("＃investSuggestion＃推荐(＃investSuggestionChange＃维持）", "推荐", "维持"),
        ("光学强于大市强于大市维持2024年11月20日（评级）", "强于大市", "维持"),
        ("行业评级看好中性看淡维持评级", "", ""),
    ],
)
def test_the_rating_of_a_cover_that_lost_its_lines(cover: str, rating: str, action: str) -> None:
    found = reading(cover + "正文。" * 100)
    assert found.proposal("sector_call").value == rating
    assert found.proposal("action").value == action
    assert not found.proposal("own_rating").value


def test_a_report_is_on_a_company_where_its_codes_are_of_one() -> None:
    cover = "公司快报投资评级增持-A维持评级" + "正文。" * 200
    one = reading(cover + "歌尔股份（002241.SZ）与(8621)61038318" + "正文。" * 50)
    assert one.proposal("own_rating").value == "增持"
    table = (
        "光学周观点买入（维持）重点推荐歌尔股份（002241.SZ）、水晶光电（002273.SZ）。"
        + "正文。" * 100
    )
    assert reading(table).proposal("sector_call").value == "买入"
    assert not reading(table).proposal("own_rating").value


@pytest.mark.parametrize("heading", ["评级说明\n", "投资评级的标准：", "股票评级体系：\n"])
def test_the_first_level_of_a_standard_is_no_rating_of_the_report(heading: str) -> None:
    levels = "买入 相对涨幅15%以上\n中性 相对涨幅-15%至15%\n卖出 相对跌幅15%以上\n"
    text = f"光学周观点\n\n{heading}{levels}"
    found = reading(text)
    assert not found.proposal("sector_call").value
    assert not found.proposal("own_rating").value
    assert reading(f"{text}评级：增持\n").proposal("sector_call").value == "增持"


@pytest.mark.parametrize("months", ["2021年1-2月", "2021年1－12月", "2021-1-2月", "2021年1.2"])
def test_months_are_no_day(months: str) -> None:
    assert reading(f"镜片行业数据点评\n{months}销量同比增长，研究所2021年3月\n").published is None
