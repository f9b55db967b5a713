"""Standards as houses print them: levels, bounds, who includes them, horizon, benchmarks."""

from __future__ import annotations

import pytest

from supplychain_screen.research.extraction import (
    Document,
    Line,
    Place,
    PrintedStandard,
    read_mentions,
)


def standard(text: str) -> PrintedStandard | None:
    lines = [Line(one, Place("x", line=at)) for at, one in enumerate(text.splitlines(), 1) if one]
    return read_mentions(Document("x", "text", tuple(lines))).standard


def intervals(found: PrintedStandard | None, of: str = "stock") -> list[tuple[str, str]]:
    assert found is not None
    assert found.standard is not None, found.faults
    scale = getattr(found.standard, of)
    return [] if scale is None else [(level.name_zh, level.interval) for level in scale.levels]


RELATIVE = """\
评级标准为报告发布日后的12个月内公司股价相对同期市场代表性指数的涨跌幅。A股市场以上证综指或深圳成指为基准，\
香港市场以恒生指数为基准；美国市场以标普500为基准。股票评级买入相对同期指数涨幅大于15%审慎增持相对同期指数涨幅在5%～15%之间\
中性相对同期指数涨幅在-5%～5%之间减持相对同期指数涨幅小于-5%行业评级推荐相对表现优于同期指数\
中性相对表现与同期指数持平回避相对表现弱于同期指数
"""


def test_a_standard_without_marks_between_its_levels() -> None:
    found = standard(RELATIVE)
    assert intervals(found) == [
        ("买入", "(15%, +inf)"),
        ("审慎增持", "[5%, 15%]"),
        ("中性", "[-5%, 5%)"),
        ("减持", "(-inf, -5%)"),
    ]
    assert found is not None
    assert found.standard is not None
    assert (found.kind, found.first_months, found.last_months) == ("relative", 12, 12)
    assert [(market.name, market.benchmarks) for market in found.standard.markets] == [
        ("shanghai", ("INDEX:SSE",)),
        ("shenzhen", ("INDEX:SZSE",)),
        ("hong_kong", ("INDEX:HSI",)),
        ("us", ("INDEX:SPX",)),
    ]
    assert found.standard.sector is not None
    assert found.standard.sector.kind == "direction"


@pytest.mark.parametrize(
    "falling",
    [
        "减持：未来6个月落后沪深300指数5%至15%；卖出：落后沪深300指数15%以上",
        "减持：相对沪深300指数跌幅5%~15%；卖出：相对沪深300指数跌幅15%以上",
        "减持：相对沪深300指数涨跌幅介于-5%与-15%之间；卖出：相对沪深300指数涨跌幅在-15%以下",
        "减持：弱于沪深300指数5%－15%；卖出：弱于沪深300指数-15%以上",
    ],
)
def test_words_of_falling_make_bounds_negative(falling: str) -> None:
    found = standard(
        "投资评级：买入：未来6个月领先沪深300指数15%以上；增持：领先沪深300指数5%至15%；"
        f"中性：与沪深300指数相差±5%；{falling}。"
    )
    assert [interval for _, interval in intervals(found)] == [
        "[15%, +inf)",
        "[5%, 15%)",
        "(-5%, 5%)",
        "(-15%, -5%]",
        "(-inf, -15%]",
    ]
    assert found is not None
    assert (found.first_months, found.last_months) == (6, 6)


@pytest.mark.parametrize(
    ("hold", "sell"),
    [
        ("持有：-10%至15%", "卖出：-10%以下"),
        ("持有 -10%~15%", "卖出 -10%以下"),
        ("持有-10%至15%", "卖出-10%以下"),
        ("“持有”：－10%～15%", "“卖出”：－10%以下"),
        ("持有——-10%至15%", "卖出——跌幅10%以上"),
        ("持有 - 介于-10%至15%", "卖出 - 跌幅10%以上"),
    ],
)
def test_a_hyphen_right_before_a_number_is_its_sign(hold: str, sell: str) -> None:
    found = standard(f"评级标准：未来6个月相对沪深300涨幅\n买入：15%以上\n{hold}\n{sell}\n")
    assert [one.partition(",")[2] for _, one in intervals(found)] == [" +inf)", " 15%)", " -10%]"]
    assert found is not None
    assert [(one.lower, one.upper) for one in found.stock] == [
        (0.15, None),
        (-0.1, 0.15),
        (None, -0.1),
    ]


def test_two_exchanges_that_a_level_names_keep_their_indices() -> None:
    found = standard(
        "评级标准\n买入：未来6个月股价相对上证指数、深证成指涨幅15%以上\n中性：-15%至15%\n卖出：跌幅15%以上\n"
    )
    assert found is not None
    assert found.standard is not None
    assert [(market.name, market.benchmarks) for market in found.standard.markets] == [
        ("shanghai", ("INDEX:SSE",)),
        ("shenzhen", ("INDEX:SZSE",)),
    ]


def test_an_absolute_standard_in_english() -> None:
    found = standard(
        "BUY : potential return of over 15% over next 12 months\n"
        "HOLD : potential return of +15% to -10% over next 12 months\n"
        "SELL : potential loss of over 10% over next 12 months\n"
    )
    assert found is not None
    assert found.standard is not None
    assert found.kind == "absolute"
    assert [level.interval for level in found.standard.stock.levels] == [
        "(15%, +inf)",
        "[-10%, 15%]",
        "(-inf, -10%)",
    ]


def test_directions_without_a_number() -> None:
    found = standard(
        "跑赢行业：未来6~12个月，个股表现超过同期所属行业指数\n中性：与所属行业指数相比持平\n"
        "跑输行业：不及所属行业指数\n"
    )
    assert found is not None
    assert found.standard is not None
    assert (found.standard.stock.kind, found.first_months, found.last_months) == (
        "direction",
        6,
        12,
    )
    assert [found.standard.stock.side(level.name) for level in found.standard.stock.levels] == [
        1,
        0,
        -1,
    ]


def test_levels_that_overlap_or_lack_an_end_are_shown_and_not_measured() -> None:
    """谨慎推荐 from 5% while 观望 reaches to 10%; a scale whose best level was lost."""
    found = standard(
        "推荐：未来6个月内超越沪深300指数10%以上；谨慎推荐：超越沪深300指数5%以上；"
        "观望：相对沪深300指数-10%～10%；卖出：相对沪深300指数下跌10%以上。"
    )
    assert found is not None
    assert (found.standard, "stock" in found.faults) == (None, True)
    assert [(level.name, level.lower, level.upper) for level in found.stock] == [
        ("推荐", 0.1, None),
        ("谨慎推荐", 0.05, None),
        ("观望", -0.1, 0.1),
        ("卖出", None, -0.1),
    ]
    lost = standard("增持：未来6个月涨幅5%-15%；中性：涨幅-5%-5%；减持：跌幅5%以上。")
    assert lost is not None
    assert lost.standard is None


def test_a_text_without_a_standard_has_none() -> None:
    assert standard("我们给予公司买入评级，目标价28元。维持增持评级，股价上涨5%。") is None


PROSE = "我们预计未来3个月需求回升。本周创业板指上涨3%，公司分红率提升。\n"
SCALE = (
    "评级标准：报告发布日后的6至12个月内，公司股价相对同期沪深300指数的涨跌幅。\n"
    "买入：相对沪深300指数涨幅15%以上；增持：相对沪深300指数涨幅5%至15%；"
    "中性：相对沪深300指数涨幅-5%至5%；减持：相对沪深300指数跌幅5%以上。\n"
)


@pytest.mark.parametrize("text", [SCALE, PROSE + SCALE, SCALE + PROSE, PROSE + SCALE + PROSE])
def test_prose_around_a_scale_is_no_part_of_it(text: str) -> None:
    found = standard(text)
    assert found is not None
    assert found.standard is not None
    assert (found.kind, found.first_months, found.last_months) == ("relative", 6, 12)
    assert found.standard.basis == "price"
    assert [market.benchmarks for market in found.standard.markets] == [("INDEX:CSI300",)]


def test_the_basis_and_the_horizon_may_stand_under_the_heading_or_behind_the_levels() -> None:
    _, levels = SCALE.splitlines()
    found = standard(
        f"{PROSE}评级说明：以报告发布日后12个月的回报（含股息）相对基准。\n{levels}\n{PROSE}"
    )
    assert found is not None
    assert found.standard is not None
    assert (found.standard.basis, found.last_months) == ("total", 12)
    found = standard(f"{PROSE}{levels}\n评级基于报告发布日后的6个月内。\n{PROSE}")
    assert found is not None
    assert (found.first_months, found.last_months) == (6, 6)


def test_an_index_of_the_prose_makes_no_absolute_scale_relative() -> None:
    found = standard(
        "本周沪深300指数上涨2%。\n买入：预期未来6个月股价涨幅15%以上；"
        "增持：预期未来6个月股价涨幅5%至15%；中性：预期未来6个月股价涨幅-5%至5%；"
        "减持：预期未来6个月股价跌幅5%以上。\n沪深300指数收涨，每股分红1元。\n"
    )
    assert found is not None
    assert found.standard is not None
    assert (found.kind, found.standard.basis, found.standard.markets) == ("absolute", "price", ())


def test_a_share_against_nothing_and_an_industry_against_an_index() -> None:
    bounds = "20%以上为买入评级；10%-20%为增持评级；-10%-10%为中性评级；-10%以下为减持评级。"
    found = standard(
        f"证券投资评级：以6个月内证券的绝对收益为分类标准。{bounds}"
        f"行业投资评级：以6个月内行业相对市场基准指数的收益为分类标准。{bounds}\n"
    )
    assert found is not None
    assert found.standard is not None
    assert found.standard.sector is not None
    assert (found.standard.stock.kind, found.standard.sector.kind) == ("absolute", "relative")
    assert found.faults == ("benchmarks",)


def test_moves_that_are_the_yardstick_themselves_are_held_against_nothing() -> None:
    found = standard(
        "公司评级标准：以报告发布日后的12个月内公司股价的涨跌幅为基准。推荐分析师预测未来股价涨幅15%以上；"
        "谨慎推荐分析师预测未来股价涨幅5%~15%之间；中性分析师预测未来股价涨幅-5%~5%之间；"
        "回避分析师预测未来股价跌幅5%以上。行业评级标准：以12个月内行业指数的涨跌幅为基准。"
        "推荐分析师预测未来行业指数涨幅5%以上；中性分析师预测未来行业指数涨幅-5%~5%之间；"
        "回避分析师预测未来行业指数跌幅5%以上。\n"
    )
    assert found is not None
    assert (found.kind, found.faults) == ("absolute", ())


def test_two_scales_side_by_side_are_two_scales() -> None:
    """The rows of a page with a column for shares and one for sectors, one behind the other."""
    found = standard(
        "（1）公司评级定义（2）行业评级定义买入未来9个月内，股价表现优于深证成指25%以上"
        "推荐未来9个月内，行业指数表现优于大盘指数8%以上中性未来9个月内，行业指数表现介于大盘指数±8%之间"
        "回避未来9个月内，行业指数表现劣于大盘指数8%以上增持未来9个月内，股价表现优于深证成指5-25%之间"
        "持有未来9个月内，股价表现介于深证成指±5%之间卖出未来9个月内，股价表现劣于深证成指5%以上\n"
    )
    assert intervals(found) == [
        ("买入", "[25%, +inf)"),
        ("增持", "[5%, 25%)"),
        ("持有", "(-5%, 5%)"),
        ("卖出", "(-inf, -5%]"),
    ]
    assert intervals(found, "sector") == [
        ("推荐", "[8%, +inf)"),
        ("中性", "(-8%, 8%)"),
        ("回避", "(-inf, -8%]"),
    ]


def test_the_horizon_and_the_index_of_shares_are_not_those_of_sectors() -> None:
    found = standard(
        "股票投资评级：以报告日起6个月内公司股价的表现给出。买入涨幅在18%以上；增持涨幅在6%-18%；"
        "中性预期变动幅度在-6%-6%；减持跌幅在6%以上。行业投资评级：以报告日起12个月内的表现给出。"
        "买入：预期该行业涨幅超过大盘18%以上；增持：预期该行业涨幅超过大盘6%-18%；中性：预期该行业变动幅度相对大盘在-6%-6%；"
        "减持：预期该行业跌幅超过大盘6%以上。\n"
    )
    assert found is not None
    assert found.standard is not None
    assert found.standard.sector is not None
    assert (found.first_months, found.last_months) == (6, 6)
    assert (found.standard.stock.kind, found.standard.sector.kind) == ("absolute", "relative")


@pytest.mark.parametrize(
    ("said", "markets"),
    [
        ("高风险：科创板股票、港股通股票等研究报告本评级体系的市场指数为沪深300指数", ["a_share"]),
        ("本报告采用的基准指数：沪深300指数港股投资评级说明见官网", ["a_share"]),
        ("港股评级以恒生指数为基准", ["hong_kong"]),
        ("以上证指数/深证成指的涨跌幅为基准", ["shanghai", "shenzhen"]),
        ("以台湾加权指数的涨跌幅为基准", ["taiwan"]),
    ],
)
def test_an_index_is_held_against_shares_of_its_own_market(said: str, markets: list[str]) -> None:
    found = standard(
        "公司评级：推荐未来6个月内，股价表现强于市场指数12%以上；中性未来6个月内，股价表现介于市场指数±12%之间；"
        f"回避未来6个月内，股价表现弱于市场指数12%以上。{said}。\n"
    )
    assert found is not None
    assert found.standard is not None
    assert [market.name for market in found.standard.markets] == markets


def test_half_a_standard_under_its_heading_is_shown_and_not_measured() -> None:
    half = "买入 相对涨幅15%以上\n增持 相对涨幅5%—15%\n以沪深300指数作为基准。\n"
    found = standard(f"评级说明\n{half}")
    assert found is not None
    assert (found.standard, [one.name for one in found.stock]) == (None, ["买入", "增持"])
    assert "stock" in found.faults
    assert standard(half) is None


def test_a_shareholder_who_sells_is_no_scale() -> None:
    prose = "公司股东减持公司股份7%以上，持有公司股份24%。"
    assert standard(prose) is None
    found = standard(prose + SCALE.replace("\n", ""))
    assert [name for name, _ in intervals(found)] == ["买入", "增持", "中性", "减持"]


def test_a_sector_scale_in_words_ends_where_the_small_print_begins() -> None:
    found = standard(
        SCALE.replace("\n", "")
        + "行业评级：看好：行业超越市场整体表现中性：行业与整体市场表现基本持平"
        "看淡：行业弱于整体市场表现免责声明：本公司不对公司股价负责\n"
    )
    assert found is not None
    assert [level.name for level in found.sector] == ["看好", "中性", "看淡"]
    assert found.standard is not None
    assert found.standard.sector is not None


def test_shares_whose_scale_stands_under_a_heading_of_sectors() -> None:
    found = standard(
        "行业评级体系公司投资评级（以沪深300指数为基准指数）：强烈推荐：相对强于市场基准指数收益率15%以上；"
        "推荐：相对强于市场基准指数收益率5%～15%；中性：相对于市场基准指数收益率介于-5%～+5%；"
        "回避：相对弱于市场基准指数收益率5%以上。行业投资评级（以沪深300指数为基准指数）：看好：相对强于市场基准指数"
        "收益率5%以上；中性：相对于市场基准指数收益率介于-5%～+5%；看淡：相对弱于市场基准指数收益率5%以上。\n"
    )
    assert [name for name, _ in intervals(found)] == ["强烈推荐", "推荐", "中性", "回避"]
    assert [name for name, _ in intervals(found, "sector")] == ["看好", "中性", "看淡"]


@pytest.mark.parametrize(
    "said",
    [
        "Benchmarks: Hang Seng Index (Hong Kong), CSI 300 (China), S&P 500 (US).",
        "Benchmarks: S&P 500, CSI 300 and Hang Seng Index.",
        "Benchmark index: the Hang Seng Index for Hong Kong shares, the CSI 300 Index for"
        " mainland shares, the S&P 500 for US shares.",
        "The relevant benchmarks are HSI for Hong Kong, CSI 300 for China, S&P 500 for US.",
        "基准指数为恒生指数、沪深300和标普500。",
        "基准：恒生指数（香港），沪深300（内地），标普500（美国）。",
    ],
)
def test_every_index_of_a_sentence_on_benchmarks_belongs_to_its_market(said: str) -> None:
    found = standard(
        "Stock ratings, 12 months, relative to the benchmark:\n"
        "Buy: expected to outperform by more than 15%\n"
        "Hold: expected to perform within -15% to +15%\n"
        f"Sell: expected to underperform by more than 15%\n{said}\n"
    )
    assert found is not None
    assert found.standard is not None
    assert {market.name: market.benchmarks for market in found.standard.markets} == {
        "hong_kong": ("INDEX:HSI",),
        "a_share": ("INDEX:CSI300",),
        "us": ("INDEX:SPX",),
    }


def test_an_index_of_a_longer_name_is_not_the_shorter_one() -> None:
    found = standard(
        "Stock ratings, 12 months, relative to the benchmark:\n"
        "Buy: expected to outperform by more than 15%\n"
        "Hold: expected to perform within -15% to +15%\n"
        "Sell: expected to underperform by more than 15%\nBenchmark: MSCI China A.\n"
    )
    assert found is not None
    assert found.standard is not None
    assert found.standard.markets == ()
    assert found.faults == ("benchmarks",)


@pytest.mark.parametrize("hold", ["within +/-20%", "within 20% of it", "within -20% to 20%"])
def test_a_standard_on_one_line_of_words_is_a_standard(hold: str) -> None:
    found = standard(
        "Ratings: Buy = expected to outperform the index by more than 20% over 6 months; "
        f"Hold = {hold}; Sell = underperform by more than 20%.\n"
    )
    assert found is not None
    assert found.first_months == found.last_months == 6
    assert [(one.name, one.lower, one.upper) for one in found.stock] == [
        ("Buy", 0.2, None),
        ("Hold", -0.2, 0.2),
        ("Sell", None, -0.2),
    ]
