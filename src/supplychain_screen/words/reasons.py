"""Why a call is unrated, and how far it has come, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import ByRule, Phrase, phrases
from supplychain_screen.words.vocabulary import WINDOWS

__all__ = ["REASONS", "REASON_SENTENCES", "STAGES", "UNRATED_SENTENCES"]

REASONS: Final = phrases(
    unlisted=("未上市", "Not listed"),
    unresolved=("名称未对应", "Name not matched"),
    no_benchmark=("无基准", "No benchmark"),
    no_prices=("无行情", "No prices"),
    not_yet_listed=("起点时未上市", "Not yet listed"),
    suspended_at_base=("起点停牌", "Suspended at base"),
    suspended_at_end=("终点停牌", "Suspended at end"),
    delisted=("已退市", "Delisted"),
    benchmark_stale=("基准行情陈旧", "Benchmark stale"),
    suspect_prices=("行情存疑", "Suspect prices"),
    pending=("尚未开始", "Not started"),
    standard_without_number=("标准缺少数字", "No number to count from"),
    standard_without_bounds=("标准没有界限", "No bounds"),
)

REASON_SENTENCES: Final = phrases(
    unlisted=("公司没有上市证券，无从计量。", "The company has no listed security to measure."),
    unresolved=(
        "印出的名称对应不到唯一一只证券，程序不猜。",
        "The printed name matches no single listing, and none is guessed.",
    ),
    no_benchmark=(
        "报告的评级标准没有为该市场规定基准指数。",
        "The report's rating standard names no benchmark for this market.",
    ),
    no_prices=("行情来源没有该证券的收盘价。", "The price source has no closes of this listing."),
    not_yet_listed=(
        "该证券首个交易日晚于起点。",
        "The listing's first session came after the base.",
    ),
    suspended_at_base=(
        "起点附近停牌过久，最近收盘价已陈旧。",
        "Suspended around the base: the last close is too old to start from.",
    ),
    suspended_at_end=(
        "终点附近停牌过久，最近收盘价已陈旧。",
        "Suspended around the end: the last close is too old to end on.",
    ),
    delisted=("窗口结束前已退市。", "Delisted before the window ended."),
    benchmark_stale=(
        "基准指数在起点或终点缺少足够新的收盘价。",
        "The benchmark has no recent enough close at the base or the end.",
    ),
    suspect_prices=(
        "窗口内的行情没有通过质量检查。",
        "Prices inside the window failed a quality check.",
    ),
    pending=("起点之后还没有交易日。", "No session has passed since the base."),
    standard_without_number=(
        "评级标准以要求回报率为起点，而报告没有印出这个数字。",
        "The standard counts from a required return, and the report does not print it.",
    ),
    standard_without_bounds=(
        "评级标准只说方向，没有数字界限；程序不替它编造。",
        "The standard states a direction and no number, and nobody invents a bound.",
    ),
)

UNRATED_WITHOUT_NUMBERS: Final[Mapping[str, Phrase]] = {
    **REASON_SENTENCES,
    **phrases(
        unlisted=("公司未上市", "the company is not listed"),
        unresolved=("名称未能对应到唯一证券", "the printed name matches no one listing"),
        delisted=("窗口结束前已终止上市", "the listing ended before the window did"),
        suspect_prices=(
            "窗口内价格未通过质量检查，见检查结果",
            "a quality check failed inside the window; see the findings",
        ),
        standard_without_number=(
            "评级标准以要求回报率为起点，报告未印出该数字",
            "the standard counts from a required return that the report does not print",
        ),
        standard_without_bounds=(
            "评级标准只说方向，没有数字界限",
            "the standard states a direction and no number",
        ),
    ),
}
"""The reason of one call that has no numbers of its own; its sentence where nothing is shorter."""

UNRATED_SENTENCES: Final[Mapping[str, Phrase]] = {
    "unrated.plain": Phrase("{reason:@unrated}", "{reason:@unrated}"),
    "unrated.undecided": Phrase(
        "{why}可用 --choose（choices=）或改正文件决定",
        "{why} Decide with --choose, choices or overrides",
    ),
    "unrated.undecided_of": Phrase(
        "{why}可能是 {may}，可用 --choose（choices=）或改正文件决定",
        "{why} It may be {may}: decide with --choose, choices or overrides",
    ),
    "unrated.no_benchmark": Phrase(
        "报告的评级标准未给出 {mic} 市场的基准指数",
        "the report's standard names no benchmark for {mic}",
    ),
    "unrated.no_prices": Phrase(
        "行情来源中没有 {symbol}", "the price source has no closes of {symbol} at all"
    ),
    "unrated.no_prices_yet": Phrase(
        "数据源在 {base} 及之前没有收盘价", "the source has no close on or before {base}"
    ),
    "unrated.not_yet_listed": Phrase("{base} 之后才上市", "first traded after {base}"),
    "unrated.suspended_at_base": Phrase(
        "基准日 {day} 之前最近的收盘价在 {session}，早了 {age} 个交易日（上限 {limit}）",
        "the last close before the base date {day} is of {session}, {age} exchange"
        " {age:?session/sessions}"
        " earlier (limit {limit})",
    ),
    "unrated.suspended_at_end": Phrase(
        "期末 {day} 之前最近的收盘价在 {session}，早了 {age} 个交易日（上限 {limit}）",
        "the last close before the end date {day} is of {session}, {age} exchange"
        " {age:?session/sessions}"
        " earlier (limit {limit})",
    ),
    "unrated.benchmark_none": Phrase(
        "{symbol} 没有 {day} 的收盘价", "{symbol} has no close for {day}"
    ),
    "unrated.benchmark_stale": Phrase(
        "{symbol} 在 {day} 之前最近的收盘价在 {session}，早了 {age} 个交易日（上限 {limit}）",
        "the last close of {symbol} before {day} is of {session}, {age:~session} earlier (limit"
        " {limit})",
    ),
    "unrated.benchmark_suspect": Phrase(
        "{symbol} 在窗口内未通过质量检查，见检查结果",
        "a quality check failed for {symbol} inside the window; see the findings",
    ),
    "unrated.pending": Phrase(
        "截至 {end} 尚无后续交易日", "no session after the base yet, as of {end}"
    ),
}
"""The reason of one call with its numbers."""


def _matured(stage: str) -> Phrase | None:
    words = WINDOWS.get(stage)
    return None if words is None else Phrase(f"{words.zh}已定", f"{words.en} final")


STAGES: Final[Mapping[str, Phrase]] = ByRule(
    _matured, pending=("尚未开始", "Not started"), interim=("进行中", "Interim")
)
"""How far a call has come; the stage of a window is named by its months."""
