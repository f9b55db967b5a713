"""What a check or a mapping says in its own English sentence, said in Chinese too.

Findings and mentions carry one English sentence with its numbers. Here stands every sentence the
package itself can write, with blanks for the numbers, beside the same sentence in Chinese. What a
person wrote freely is not translated: it is shown as written and marked with its language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from supplychain_screen.words.phrase import Phrase, phrases

__all__ = [
    "ACTIONS",
    "CLAUSES",
    "DETAILS",
    "FINDINGS",
    "REASONS_WHY",
    "detail_phrase",
    "language_of",
    "why_phrase",
]

_BLANKS: Final = {
    "n": r"\d+",
    "p": r"[+-]?[\d.]+%",
    "d": r"\d{4}-\d{2}-\d{2}",
    "x": r".+?",
    "c": r".+?",
}
"""What fills a blank, by the first letter of its name: a count, a percentage, a date, any text,
and a clause, which is itself looked up in ``CLAUSES``."""

ACTIONS: Final = phrases(
    reported=("仅报告", "Reported only"),
    dropped=("弃用相关行", "Rows not used"),
    quarantined=("隔离，不入库", "Quarantined"),
    unrated=("相关评级作废", "Calls unrated"),
    substituted=("以他者代替", "Substituted"),
)

FINDINGS: Final = phrases(
    duplicate_session=("同一天两行", "Two rows of one day"),
    unordered_sessions=("日期倒序", "Rows back in time"),
    non_positive_close=("收盘非正", "Close not positive"),
    missing_close=("缺收盘", "No close"),
    outside_sessions=("非交易日有行情", "Row on a day without trade"),
    currency_mismatch=("货币不符", "Other currency"),
    unit_jump=("单位跳变", "Unit jump"),
    half_applied_split=("送转股只部分调整", "Split half applied"),
    missed_split=("送转股未调整", "Split not applied"),
    beyond_limit=("超出涨跌停", "Beyond the daily limit"),
    undone_move=("异动后复原", "Move undone"),
    extreme_move=("涨跌超过五倍", "Move beyond x5"),
    large_move=("单日大幅波动", "Large move"),
    possible_split=("疑似送转股未调整", "Possibly a split"),
    index_jump=("指数跳变", "Index jump"),
    shifted_dates=("日期错开一天", "Dates a day off"),
    sparse_rows=("非逐日行情", "Rows not daily"),
    unfinished_day=("当日全市场未收盘", "Session not finished"),
    equal_closes=("收盘连续相同", "Equal closes"),
    former_code=("旧代码", "Former code"),
    repeated_close=("重复前收盘", "Repeated close"),
    suspended=("停牌", "Suspended"),
    missing_sessions=("缺交易日", "Missing sessions"),
    stale_tail=("行情停更", "Ends early"),
    benchmark_gap=("基准缺日", "Benchmark gap"),
    unscheduled_closure=("临时休市", "Unscheduled closure"),
    provisional_sessions=("交易日暂不确定", "Provisional sessions"),
    second_source_disagreement=("两来源不一致", "Sources disagree"),
    basis_substituted=("复权与口径不符", "Adjustment not as asked"),
    total_against_price_index=("总收益对价格指数", "Total return against a price index"),
    source_substituted=("改用另一来源", "Other source used"),
    pending_left_out=("待定者不计", "Pending left out"),
    gapped=("比同市场缺日", "Lacks sessions of its market"),
    unfinished_bar=("当日未收盘", "Unfinished bar"),
    unordered_rows=("行序颠倒", "Rows out of order"),
    duplicate_rows=("重复的行", "Repeated rows"),
    stated_unread=("所附信息未读出", "Stated facts not read"),
    splits_assumed=("据文件推断送转", "Splits taken from the file"),
    split_not_undone=("送转股未还原", "Split not undone"),
    impossible_volume=("成交量不可能", "Impossible volume"),
    dividend_currency=("分红货币不同", "Dividend in another currency"),
    no_prices=("无行情", "No prices"),
)
"""Names of the findings' codes (`supplychain_screen.prices.quality.checks`)."""

DETAILS: Final[tuple[tuple[str, str], ...]] = (
    # rows
    ("{n} rows for one session, closes {x}", "同一交易日有 {n} 行，收盘 {x}"),
    ("{n} row(s) earlier than the one before", "{n} 行的日期早于前一行"),
    ("{n} row(s) without a positive close", "{n} 行没有正的收盘价"),
    ("{n} row(s) without a close", "{n} 行没有收盘价"),
    (
        "{n} row(s) on days on which the exchange did not trade",
        "{n} 行落在交易所休市的日子",
    ),
    (
        "{n} row(s) on days on which no other series of the exchange traded",
        "{n} 行落在该交易所其他序列都没有成交的日子",
    ),
    (
        "{n} rows in {n2} places on days on which no other series of the exchange traded",
        "{n2} 处共 {n} 行落在该交易所其他序列都没有成交的日子",
    ),
    ("{n} rows in {n2} places without a positive close", "{n2} 处共 {n} 行没有正的收盘价"),
    ("{n} rows in {n2} places without a close", "{n2} 处共 {n} 行没有收盘价"),
    (
        "{n} rows in {n2} places on days on which the exchange did not trade",
        "{n2} 处共 {n} 行落在交易所休市的日子",
    ),
    (
        "closes in {x}, the listing trades in {x2}",
        "收盘价以 {x} 计，该证券以 {x2} 交易",
    ),
    # moves
    ("close x{x} from one session to the next", "收盘价变为前一交易日的 {x} 倍"),
    ("{p}, {c}, and {p2} back", "{p}，{c}；之后又 {p2} 回到原处"),
    (
        "{p}, {n} sessions before the ex-date of the split 1:{x} of {d}: it was applied to some"
        " bars only",
        "{p}，比 1:{x} 送转股的除权日 {d} 早 {n} 个交易日：只调整了部分行情",
    ),
    (
        "{p}, {n} sessions after the ex-date of the split 1:{x} of {d}: it was applied to some"
        " bars only",
        "{p}，比 1:{x} 送转股的除权日 {d} 晚 {n} 个交易日：只调整了部分行情",
    ),
    (
        "{p}, as on the ex-date of the split 1:{x} of {d}, which was not applied",
        "{p}，如同 1:{x} 送转股在 {d} 除权，而行情未作调整",
    ),
    (
        "{p} on the ex-date of the split 1:{x} of {d}, which was not applied",
        "1:{x} 送转股的除权日 {d} 当日 {p}：未作调整",
    ),
    (
        "{p} on the ex-date of the split 1:{x} of {d}, which was applied twice",
        "1:{x} 送转股的除权日 {d} 当日 {p}：调整了两次",
    ),
    (
        "{p}, within the limit, and the ratio 1:{x} leaves {p2}; {c}",
        "{p}，未超出涨跌幅限制，按 1:{x} 还原后为 {p2}；{c}",
    ),
    ("{p}, {c}; the ratio 1:{x} leaves {p2}", "{p}，{c}；按 1:{x} 还原后为 {p2}"),
    ("{p}, and back within two sessions", "{p}，两个交易日内回到原处"),
    ("close x{x}, {c}", "收盘价变为前一交易日的 {x} 倍，{c}"),
    ("{p} from one session to the next", "较前一交易日 {p}"),
    ("{p}, {c}", "{p}，{c}"),
    # rows of other days
    (
        "rows on {n} weekends and none on the Fridays beside them: dates a day early",
        "{n} 个周末有行情，相邻的周五却没有：日期早了一天",
    ),
    (
        "rows on {n} weekends and none on the Mondays beside them: dates a day late",
        "{n} 个周末有行情，相邻的周一却没有：日期晚了一天",
    ),
    (
        "{n} rows that each skip sessions, {x} apart at the median",
        "{n} 行之间都隔着交易日，间隔的中位数为 {x} 个交易日",
    ),
    (
        "the median volume of its market is {p} of the usual: captured before the close",
        "当日该市场成交量的中位数仅为平常的 {p}：行情在收盘前截取",
    ),
    (
        "the median volume of its market is {p} of the usual: lost, or captured before the close",
        "当日该市场成交量的中位数仅为平常的 {p}：成交量缺失，或行情在收盘前截取",
    ),
    (
        "{n} place(s) with four equal closes or more, the longest of {n2}; volume unknown",
        "{n} 处收盘价连续四次以上相同，最长 {n2} 次；成交量未知",
    ),
    (
        "the code {x} ended on 2025-10-09, when Beijing's codes became 92xxxx: it is {x2} now",
        "代码 {x} 自 2025-10-09 北交所代码改为 92xxxx 起停用：现为 {x2}",
    ),
    (
        "the code {x} ended on 2025-10-09, when Beijing's codes became 92xxxx",
        "代码 {x} 自 2025-10-09 北交所代码改为 92xxxx 起停用",
    ),
    # sessions that are not there
    (
        "{n} session(s) without volume at the close before: filled, or a halt",
        "{n} 个交易日无成交量、重复前收盘：行情来源补填，或临时停牌",
    ),
    (
        "{n} session(s) without volume at the close before, as {n2} of {n3} listings of the"
        " market: filled",
        "{n} 个交易日无成交量、重复前收盘，该市场 {n3} 只证券中有 {n2} 只如此：行情来源补填",
    ),
    ("{n} session(s) without volume at {x}", "{n} 个交易日无成交量，价格停在 {x}"),
    (
        "{n} session(s) copied, close and volume, from the day before at the close before:"
        " filled, or a halt",
        "{n} 个交易日的收盘与成交量都照抄前一日：行情来源补填，或临时停牌",
    ),
    (
        "{n} session(s) copied, close and volume, from the day before at the close before, as"
        " {n2} of {n3} listings of the market: filled",
        "{n} 个交易日的收盘与成交量都照抄前一日，该市场 {n3} 只证券中有 {n2} 只如此：行情来源补填",
    ),
    (
        "{n} session(s) copied, close and volume, from the day before at {x}",
        "{n} 个交易日的收盘与成交量都照抄前一日，价格停在 {x}",
    ),
    (
        "{n} session(s) repeating a close, volume unknown at the close before, as {n2} of {n3}"
        " listings of the market: filled",
        "{n} 个交易日重复同一收盘、成交量未知，该市场 {n3} 只证券中有 {n2} 只如此：行情来源补填",
    ),
    (
        "{n} session(s) repeating a close, volume unknown at the close before: filled, or a halt",
        "{n} 个交易日重复前收盘、成交量未知：行情来源补填，或临时停牌",
    ),
    (
        "{n} session(s) repeating a close, volume unknown at {x}",
        "{n} 个交易日重复同一收盘、成交量未知，价格停在 {x}",
    ),
    (
        "{n} session(s) without a close; {n2} of {n3} other series have it",
        "{n} 个交易日没有收盘价；其他 {n3} 个序列中有 {n2} 个有",
    ),
    ("{n} session(s) without a close", "{n} 个交易日没有收盘价"),
    ("{n} sessions in {n2} places without a row", "{n2} 处共 {n} 个交易日没有行情"),
    (
        "last close {d}, {n} session(s) before {d2}",
        "最后收盘在 {d}，比 {d2} 早 {n} 个交易日",
    ),
    (
        "none of {n} series has a row: closed, or lost for everybody",
        "{n} 个序列当日都没有行情：临时休市，或行情来源全部缺失",
    ),
    (
        "the calendar of {x} ends on {d}; provisional, counted in no age: {n} weekday(s) without"
        " proof of a session; {n2} more, over {n3} days after the last row, count",
        "{x} 的交易日历止于 {d}；{n} 个工作日没有交易的证据，暂不确定，不计入任何时效；另有 {n2} 个"
        "距最后一行行情超过 {n3} 天，按交易日计",
    ),
    (
        "the calendar of {x} ends on {d}; provisional, counted in no age: {n} weekday(s) without"
        " proof of a session",
        "{x} 的交易日历止于 {d}；{n} 个工作日没有交易的证据，暂不确定，不计入任何时效",
    ),
    (
        "{n} sessions that most listings of its market have are missing, the last on {d}",
        "缺少该市场多数证券都有的 {n} 个交易日，最后一个是 {d}",
    ),
    # what a price file shows of ex-dates
    (
        "{x} shows ex-dates; taken for splits and undone: {x2}; taken for cash dividends: {n}",
        "{x} 显示除权除息日；视为送转并已还原：{x2}；视为现金分红：{n} 次",
    ),
    (
        "{x} shows a split 1:{x2} on {d}, which the closes do not undo",
        "{x} 显示 {d} 有 1:{x2} 送转，而收盘价未还原",
    ),
    # two sources
    (
        "{x} and {x2} have fewer than two sessions in common",
        "{x} 与 {x2} 共同的交易日不足两个",
    ),
    ("{x} and {x2}: {c}", "{x} 与 {x2}：{c}"),
    # what was asked for and what was had
    (
        "the basis {c} was asked for; nobody stated what the closes of {n} listings are adjusted"
        " for",
        "所选口径为{c}；{n} 只证券的收盘价未说明复权方式",
    ),
    (
        "the basis {c} was asked for; the closes of {n} listings are as traded, splits included",
        "所选口径为{c}；{n} 只证券的收盘价未复权，包含送转股的跳空",
    ),
    (
        "the basis {c} was asked for; the closes of {n} listings are adjusted for splits only",
        "所选口径为{c}；{n} 只证券的收盘价只按送转股调整",
    ),
    (
        "the basis {c} was asked for; the closes of {n} listings are adjusted for dividends too",
        "所选口径为{c}；{n} 只证券的收盘价也按分红调整",
    ),
    (
        "the listings' dividends are reinvested and the benchmarks are price indices, which"
        " flatters the listings",
        "个股分红再投资，而基准是价格指数：这对个股有利",
    ),
    (
        "asked for closes adjusted for {c}, stored are closes adjusted {c2}",
        "所求收盘价的复权：{c}；库存收盘价的复权：{c2}",
    ),
    (
        "prices of {x}, because those of {x2} end earlier",
        "改用 {x} 的行情，因为 {x2} 的更早停止",
    ),
    (
        "{x} is printed with a pending status and was left out",
        "{x}在报告中注明待定，按要求不计",
    ),
    # what a source says of its own rows
    ("{n} dividends of {x} are not in {x2}", "{x} 有 {n} 笔分红不以 {x2} 计"),
    ("{x}: {n} rows out of order, sorted", "{x}：{n} 行次序颠倒，已排序"),
    (
        "{x}: {n} rows of days that came again, the last one kept",
        "{x}：{n} 行的日期重复，取最后一行",
    ),
    (
        "{x}: {n} rows without a close, kept as missing",
        "{x}：{n} 行没有收盘价，按缺失保留",
    ),
    (
        "{x}: the session of {d} had not closed when Yahoo answered",
        "{x}：Yahoo 应答时 {d} 尚未收盘",
    ),
    (
        "the session of {d} had not closed when AkShare answered",
        "AkShare 应答时 {d} 尚未收盘",
    ),
    (
        "{n} row(s) stood before an earlier day's; sorted",
        "{n} 行排在更早日期之前，已排序",
    ),
    ("{n} row(s) said again what another row says", "{n} 行与另一行重复"),
    ("the splits and currencies of {x} cannot be read: {x2}", "{x} 所附的拆股与货币未能读出：{x2}"),
    (
        "{n} row(s) with a close that is no price, the first {x}",
        "{n} 行的收盘不成其为价格，第一个是 {x}",
    ),
    (
        "{n} row(s) with a volume below zero or without bound; unknown instead",
        "{n} 行的成交量为负或无穷，按未知处理",
    ),
    # whom a source does not have
    ("{x} has no {x2}; looked for {x3}", "{x} 中没有 {x2}；查找过 {x3}"),
    ("{x} has no row of {x2} in the asked range", "{x} 在所求日期内没有 {x2} 的行情"),
    ("{x} has no positive close of {x2} in the range", "{x} 在所求日期内没有 {x2} 的正收盘价"),
    ("{x} has no closes of {x2} that reinvest dividends", "{x} 没有 {x2} 计入分红的收盘价"),
    (
        "no accepted prices of {x} in {x2}; run prices update",
        "行情库 {x2} 中没有 {x}；请运行 prices update",
    ),
    ("no stored prices of {x} between {d} and {d2}", "行情库在 {d} 至 {d2} 没有 {x}"),
    (
        "the prices of {x} from {x2} came without dividends",
        "{x2} 中 {x} 的行情不含分红",
    ),
    (
        "the prices of {x} from {x2} are as traded, and nobody says what splits there were",
        "{x2} 中 {x} 的行情未复权，也未说明有过哪些送转股",
    ),
    ("{x} has no prices of {x2} from {d} to {d2}", "{x} 在 {d} 至 {d2} 没有 {x2} 的行情"),
    (
        "{x} has closes of {x2} as traded and does not state their splits, so every return across"
        " one would be wrong; add a column splits (new shares for one old, 0 where there was none)"
        " or pre_close, or say --adjustment splits if they are adjusted",
        "{x} 中 {x2} 的收盘价未复权，又未注明送转股，跨越除权日的收益都会算错；请增加 splits 列"
        "（每一旧股换得的新股数，没有则为 0）或 pre_close 列，已复权的请指定 --adjustment splits",
    ),
    (
        "{x} has rows of {x2}, but nothing in the column {x3}; name the column of the closes"
        " (close=, total_close=)",
        "{x} 中有 {x2} 的行，但 {x3} 列是空的；请指明收盘价所在的列（close=、total_close=）",
    ),
    (
        "Yahoo has no symbol for {x}; give its prices in a file",
        "Yahoo 没有 {x} 的代码；请用文件给出行情",
    ),
    ("Yahoo has no prices of {x}: {x2}", "Yahoo 没有 {x} 的行情：{x2}"),
    (
        "AkShare has no finished session of {x} since {d}",
        "AkShare 自 {d} 起没有 {x} 已收盘的交易日",
    ),
    (
        "AkShare does not serve {x} here: only mainland shares and indices",
        "AkShare 在此只提供内地股票与指数，没有 {x}",
    ),
)
"""Every sentence of a finding, English and Chinese; the more particular before the more general."""

CLAUSES: Final[tuple[tuple[str, str], ...]] = (
    (
        "near the ratio of a split, on a quiet day, no event known",
        "接近送转股的比例，当日成交平常，未知有除权",
    ),
    ("without a daily limit, no event known", "该市场无涨跌幅限制，未知有除权"),
    (
        "without a daily limit after {n} sessions without a close, no event known",
        "该市场无涨跌幅限制，此前 {n} 个交易日没有收盘价，未知有除权",
    ),
    (
        "a real fall, or a bonus issue that nobody undid: say what the closes are adjusted for",
        "可能是真实下跌，也可能是未调整的送转股：请说明收盘价的复权方式",
    ),
    (
        "two missed splits in the same file show that its closes are as traded",
        "同一文件中另有两处未调整的送转股，说明其收盘价未复权",
    ),
    (
        "beyond the daily limit of {p} after {n} sessions without a close, unless a dividend"
        " explains it",
        "停牌 {n} 个交易日后超出每日 {p} 的涨跌幅限制，除非期间除息",
    ),
    (
        "beyond the daily limit of {p} over {n} sessions after {n2} sessions without a close,"
        " unless a dividend explains it",
        "缺 {n2} 个交易日后超出每日 {p} 的涨跌幅限制（跨 {n} 个交易日），除非期间除息",
    ),
    (
        "beyond the daily limit of {p} over {n} sessions after {n2} sessions without a close",
        "缺 {n2} 个交易日后超出每日 {p} 的涨跌幅限制（跨 {n} 个交易日）",
    ),
    (
        "beyond the daily limit of {p} after {n} sessions without a close",
        "停牌 {n} 个交易日后超出每日 {p} 的涨跌幅限制",
    ),
    (
        "beyond the daily limit of {p} over {n} sessions, unless a dividend explains it",
        "超出每日 {p} 的涨跌幅限制（跨 {n} 个交易日），除非当日除息",
    ),
    (
        "beyond the daily limit of {p}, unless a dividend explains it",
        "超出每日 {p} 的涨跌幅限制，除非当日除息",
    ),
    (
        "beyond the daily limit of {p} over {n} sessions",
        "超出每日 {p} 的涨跌幅限制（跨 {n} 个交易日）",
    ),
    ("beyond the daily limit of {p}", "超出每日 {p} 的涨跌幅限制"),
    (
        "daily returns differ by {p} at the median: not the same security",
        "日收益的中位差为 {p}：不是同一只证券",
    ),
    ("closes {p} apart, and together again", "收盘价相差 {p}，其后重新一致"),
    (
        "one return is {p} larger, and the levels stay apart",
        "有一日收益相差 {p}，此后价格不再一致",
    ),
    ("levels drift apart by {p} in small steps", "价格逐日偏离，累计 {p}"),
    ("price", "价格收益"),
    ("total", "总收益"),
    ("splits", "按送转股"),
    ("splits+dividends", "按送转股与分红"),
    ("none", "未复权"),
    ("as given", "未说明"),
)
"""Parts of those sentences that several of them share."""

REASONS_WHY: Final[tuple[tuple[str, str], ...]] = (
    ("Chosen by the user instead of {x}.", "由使用者指定，代替 {x}。"),
    ("Chosen by the user.", "由使用者指定。"),
    ("Exact short name; the only line known.", "与证券简称完全一致，已知只有这一只证券。"),
    (
        "Exact short name once the exchange's -U or -W marker is removed; the only line known.",
        "去掉交易所的 -U 或 -W 标记后与证券简称完全一致，已知只有这一只证券。",
    ),
    (
        "Exact short name; the A share was the only line at publication, the H share listed on"
        " {d}.",
        "与证券简称完全一致；报告发布时只有 A 股，H 股于 {d} 上市。",
    ),
    (
        "Exact common Chinese name; the only primary listing.",
        "与通用中文名完全一致，唯一的主要上市证券。",
    ),
    (
        "Exact official short name; {x} is the parent and another name.",
        "与正式证券简称完全一致；{x} 是其母公司，名称不同。",
    ),
    (
        "The only listing; the printed name shortens the exchange's short name {x}.",
        "唯一的上市证券；印名是交易所简称 {x} 的缩写。",
    ),
    (
        "The only listing is in Taiwan, for which the standard names no benchmark.",
        "唯一的上市证券在台湾，评级标准未给出该市场的基准。",
    ),
    (
        "The only listing: Nasdaq depositary shares (1 ADS = 6 class A shares). 21Vianet was"
        " renamed VNET in October 2021; the going-private offer was withdrawn on 2024-07-10.",
        "唯一的上市证券：纳斯达克存托股（1 份等于 6 股 A 类股）。21Vianet 于 2021 年 10 月更名为"
        " VNET；私有化要约于 2024-07-10 撤回。",
    ),
    (
        "Ambiguous in print. TCL科技 by default: Xiaomi bought 0.48% of it in January 2019 under a"
        " strategic agreement of December 2018, its TCL华星 supplies television panels, and the"
        " table is otherwise A shares first. Against: since the carve-out of 2019 televisions are"
        " assembled in the group of TCL电子. A choice, not a finding: override it where you know"
        " better.",
        "印名有歧义，默认取 TCL科技：依 2018 年 12 月的战略协议，小米于 2019 年 1 月购入其 0.48%"
        " 的股份；其子公司 TCL华星供应电视面板；表中其余公司也以 A 股优先。不利的一面：2019 年重组"
        "后，电视整机由 TCL电子集团组装。这是一个选择，不是结论；若另有所知，请改为指定。",
    ),
    ("An example: replace it.", "示例，请替换。"),
    ("Exact short name.", "与证券简称完全一致。"),
    ("Short name {x}, written differently.", "与证券简称 {x} 一致，写法不同。"),
    ("Alias {x}.", "与别名 {x} 一致。"),
    ("English name {x}.", "与英文名 {x} 一致。"),
    ("Symbol of {x}.", "{x} 的代码。"),
    ("No listing has this name or one near it.", "没有同名或近名的证券。"),
    (
        "No listing has this name; near names are suggestions only.",
        "没有同名的证券；近名仅供参考。",
    ),
    (
        "{n} listings have this name: choose one of them.",
        "有 {n} 只证券同名：请指定其一。",
    ),
    (
        "Only listings that may not be taken for the company have this name.",
        "同名的证券都不能当作该公司。",
    ),
)
"""Why a mention has its listing: what the package writes, and what the packaged report says."""


def detail_phrase(text: str) -> Phrase:
    """A finding's sentence in both languages; one that nobody here wrote is the same in both.

    Parameters
    ----------
    text : str
        ``detail`` of a finding.

    Examples
    --------
    >>> detail_phrase("1 session without a close; 3 of 4 other series have it").zh
    '1 个交易日没有收盘价；其他 4 个序列中有 3 个有'
    >>> detail_phrase("-25.1%, beyond the daily limit of 20%; the ratio 1:1.3 leaves -2.6%").zh
    '-25.1%，超出每日 20% 的涨跌幅限制；按 1:1.3 还原后为 -2.6%'
    >>> detail_phrase("somebody's own words").zh
    "somebody's own words"
    """
    return Phrase(_said(DETAILS, text) or text, text)


def why_phrase(text: str) -> Phrase:
    """Why a mention has its listing, in both languages where it is a known sentence.

    Examples
    --------
    >>> why_phrase("Chosen by the user instead of XSHE:000100.").zh
    '由使用者指定，代替 XSHE:000100。'
    """
    return Phrase(_said(REASONS_WHY, text) or text, text)


def language_of(text: str) -> str:
    """The language tag of words that are shown as somebody wrote them.

    Examples
    --------
    >>> language_of("The only listing of 联发科."), language_of("A股唯一")
    ('en', 'zh-Hans')
    """
    latin = sum(character.isascii() and character.isalpha() for character in text)
    wide = sum("㐀" <= character <= "鿿" for character in text)
    # One Chinese character says as much as a word of four or five letters.
    return "zh-Hans" if 4 * wide > latin else "en"


def _said(sentences: tuple[tuple[str, str], ...], text: str) -> str | None:
    for pattern, chinese in _compiled(sentences):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        filled = _filled(match.groupdict())
        if filled is not None:
            return chinese.format_map(filled)
    return None


def _filled(blanks: Mapping[str, str]) -> dict[str, str] | None:
    """What stands in each blank, clauses in Chinese; None where a clause is not known."""
    filled = {}
    for name, text in blanks.items():
        said = _said(CLAUSES, text) if name.startswith("c") else text
        if said is None:
            return None
        filled[name] = said
    return filled


@lru_cache(maxsize=8)
def _compiled(sentences: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile("".join(_parts(english))), chinese) for english, chinese in sentences]


def _parts(english: str) -> Iterable[str]:
    for piece in re.split(r"(\{\w+\}|\(s\))", english):
        if piece == "(s)":
            yield "s?"
        elif piece.startswith("{"):
            yield f"(?P<{piece[1:-1]}>{_BLANKS[piece[1]]})"
        else:
            yield re.escape(piece)
