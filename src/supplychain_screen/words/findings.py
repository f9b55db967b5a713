"""What checks and sources find in prices: names of codes, actions and sentences.

A new finding is a check that makes it and two entries here: a name, and a sentence with blanks for
its facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import Phrase, phrases

__all__ = [
    "ACTIONS",
    "ADJUSTMENT_WORDS",
    "BASIS_WORDS",
    "FINDINGS",
    "FINDING_SENTENCES",
    "language_of",
]

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
    corrected_mention=("人工更正", "Corrected by the user"),
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
    not_updated=("行情未更新", "Prices not updated"),
)
"""Names of the findings' codes."""

BASIS_WORDS: Final = phrases(price=("价格收益", "price"), total=("总收益", "total"))

ADJUSTMENT_WORDS: Final = phrases(
    splits=("按送转股", "splits"),
    none=("未复权", "none"),
    **{
        "splits+dividends": ("按送转股与分红", "splits+dividends"),
        "as given": ("未说明", "as given"),
    },
)
"""What closes were adjusted for, inside a sentence."""

FINDING_SENTENCES: Final[Mapping[str, Phrase]] = {
    # rows
    "duplicate_session": Phrase(
        "同一交易日有 {n} 行，收盘 {closes:g}", "{n:~row} for one session, closes {closes:g}"
    ),
    "unordered_sessions": Phrase("{n} 行的日期早于前一行", "{n:~row} earlier than the one before"),
    "rows": Phrase("{n} 行{where}", "{n:~row} {where}"),
    "rows.scattered": Phrase("{places} 处共 {n} 行{where}", "{n:~row} in {places:~place} {where}"),
    "non_positive_close": Phrase("没有正的收盘价", "without a positive close"),
    "missing_close": Phrase("没有收盘价", "without a close"),
    "outside_sessions": Phrase(
        "落在交易所休市的日子", "on days on which the exchange did not trade"
    ),
    "outside_sessions.alone": Phrase(
        "落在该交易所其他序列都没有成交的日子",
        "on days on which no other series of the exchange traded",
    ),
    "currency_mismatch": Phrase(
        "收盘价以 {served} 计，该证券以 {currency} 交易",
        "closes in {served}, the listing trades in {currency}",
    ),
    # moves
    "unit_jump": Phrase(
        "收盘价由 {before:g} 变为 {close:g}，是前一交易日的 {ratio:.4g} 倍",
        "close x{ratio:.4g} from one session to the next, {before:g} to {close:g}",
    ),
    "half_applied_split.undone": Phrase(
        "{move:+.1%}，{why}；之后又 {back:+.1%} 回到原处",
        "{move:+.1%}, {why}, and {back:+.1%} back",
    ),
    "half_applied_split.before": Phrase(
        "{move:+.1%}，比 1:{factor:g} 送转股的除权日 {ex_date} 早 {n} 个交易日：只调整了部分行情",
        "{move:+.1%}, {n:~session} before the ex-date of the split 1:{factor:g} of {ex_date}: it"
        " was applied to some bars only",
    ),
    "half_applied_split.after": Phrase(
        "{move:+.1%}，比 1:{factor:g} 送转股的除权日 {ex_date} 晚 {n} 个交易日：只调整了部分行情",
        "{move:+.1%}, {n:~session} after the ex-date of the split 1:{factor:g} of {ex_date}: it"
        " was applied to some bars only",
    ),
    "missed_split.event": Phrase(
        "{move:+.1%}，如同 1:{factor:g} 送转股在 {ex_date} 除权，而行情未作调整",
        "{move:+.1%}, as on the ex-date of the split 1:{factor:g} of {ex_date}, which was not"
        " applied",
    ),
    "missed_split.ratio": Phrase(
        "{move:+.1%}，{why}；按 1:{ratio:g} 还原后为 {left:+.1%}",
        "{move:+.1%}, {why}; the ratio 1:{ratio:g} leaves {left:+.1%}",
    ),
    "missed_split.not_applied": Phrase(
        "1:{factor:g} 送转股的除权日 {ex_date} 当日 {move:+.1%}：未作调整",
        "{move:+.1%} on the ex-date of the split 1:{factor:g} of {ex_date}, which was not applied",
    ),
    "missed_split.applied_twice": Phrase(
        "1:{factor:g} 送转股的除权日 {ex_date} 当日 {move:+.1%}：调整了两次",
        "{move:+.1%} on the ex-date of the split 1:{factor:g} of {ex_date}, which was applied"
        " twice",
    ),
    "possible_split": Phrase(
        "{move:+.1%}，未超出涨跌幅限制，按 1:{ratio:g} 还原后为 {left:+.1%}；{why}",
        "{move:+.1%}, within the limit, and the ratio 1:{ratio:g} leaves {left:+.1%}; {why}",
    ),
    "possible_split.unproven": Phrase(
        "可能是真实下跌，也可能是未调整的送转股：请说明收盘价的复权方式",
        "a real fall, or a bonus issue that nobody undid: say what the closes are adjusted for",
    ),
    "possible_split.proven": Phrase(
        "同一文件中另有两处未调整的送转股，说明其收盘价未复权",
        "two missed splits in the same file show that its closes are as traded",
    ),
    "beyond_limit": Phrase("{move:+.1%}，{why}", "{move:+.1%}, {why}"),
    "undone_move": Phrase(
        "{move:+.1%}，两个交易日内回到原处", "{move:+.1%}, and back within two sessions"
    ),
    "extreme_move": Phrase(
        "收盘价变为前一交易日的 {ratio:.4g} 倍，{why}", "close x{ratio:.4g}, {why}"
    ),
    "large_move": Phrase("{move:+.1%}，{why}", "{move:+.1%}, {why}"),
    "index_jump": Phrase("较前一交易日 {move:+.1%}", "{move:+.1%} from one session to the next"),
    # the rule that a move breaks
    "move.ratio": Phrase(
        "接近送转股的比例，当日成交平常，未知有除权",
        "near the ratio of a split, on a quiet day, no event known",
    ),
    "move.unlimited": Phrase(
        "该市场无涨跌幅限制，未知有除权", "without a daily limit, no event known"
    ),
    "move.unlimited_hole": Phrase(
        "该市场无涨跌幅限制，此前 {missing} 个交易日没有收盘价，未知有除权",
        "without a daily limit after {missing:~session} without a close, no event known",
    ),
    "move.limit": Phrase(
        "超出每日 {limit:.0%} 的涨跌幅限制", "beyond the daily limit of {limit:.0%}"
    ),
    "move.limit_days": Phrase(
        "超出每日 {limit:.0%} 的涨跌幅限制（跨 {n} 个交易日）",
        "beyond the daily limit of {limit:.0%} over {n:~session}",
    ),
    "move.limit_hole": Phrase(
        "停牌 {missing} 个交易日后超出每日 {limit:.0%} 的涨跌幅限制",
        "beyond the daily limit of {limit:.0%} after {missing:~session} without a close",
    ),
    "move.limit_days_hole": Phrase(
        "缺 {missing} 个交易日后超出每日 {limit:.0%} 的涨跌幅限制（跨 {n} 个交易日）",
        "beyond the daily limit of {limit:.0%} over {n:~session} after {missing:~session} without"
        " a close",
    ),
    "move.dividend_day": Phrase("{why}，除非当日除息", "{why}, unless a dividend explains it"),
    "move.dividend_hole": Phrase("{why}，除非期间除息", "{why}, unless a dividend explains it"),
    # rows of other days
    "shifted_dates.early": Phrase(
        "{n} 个周末有行情，相邻的周五却没有：日期早了一天",
        "rows on {n:~weekend} and none on the Fridays beside them: dates a day early",
    ),
    "shifted_dates.late": Phrase(
        "{n} 个周末有行情，相邻的周一却没有：日期晚了一天",
        "rows on {n:~weekend} and none on the Mondays beside them: dates a day late",
    ),
    "sparse_rows": Phrase(
        "{n} 行之间都隔着交易日，间隔的中位数为 {apart:g} 个交易日",
        "{n:~row} that each skip sessions, {apart:g} apart at the median",
    ),
    "sparse_rows.filled": Phrase(
        "每个交易日都有行，但 {n} 个收盘价各管 {apart:g} 个交易日（中位数）：由周线或月线填成",
        "every session has a row, but {n:~close} {n:?stands/stand} for {apart:g} sessions each at"
        " the median: weekly or monthly closes filled up",
    ),
    "unfinished_day.captured": Phrase(
        "当日该市场成交量的中位数仅为平常的 {part:.1%}：行情在收盘前截取",
        "the median volume of its market is {part:.1%} of the usual: captured before the close",
    ),
    "unfinished_day.lost": Phrase(
        "当日该市场成交量的中位数仅为平常的 {part:.1%}：成交量缺失，或行情在收盘前截取",
        "the median volume of its market is {part:.1%} of the usual: lost, or captured before the"
        " close",
    ),
    "equal_closes": Phrase(
        "{n} 处收盘价连续四次以上相同，最长 {longest} 次；成交量未知",
        "{n:~place} with four equal closes or more, the longest of {longest}; volume unknown",
    ),
    "equal_closes.traded": Phrase(
        "{n} 处收盘价连续七次以上相同，最长 {longest} 次，期间却有成交",
        "{n:~place} with seven equal closes or more, the longest of {longest}, though traded",
    ),
    "former_code": Phrase(
        "代码 {code} 自 2025-10-09 北交所代码改为 92xxxx 起停用",
        "the code {code} ended on 2025-10-09, when Beijing's codes became 92xxxx",
    ),
    "former_code.now": Phrase(
        "代码 {code} 自 2025-10-09 北交所代码改为 92xxxx 起停用：现为 {now}",
        "the code {code} ended on 2025-10-09, when Beijing's codes became 92xxxx: it is {now} now",
    ),
    # sessions that are not there
    "repeated_close": Phrase(
        "{n} 个交易日{how}：行情来源补填，或临时停牌", "{n:~session} {how}: filled, or a halt"
    ),
    "repeated_close.wide": Phrase(
        "{n} 个交易日{how}，该市场 {others} 只证券中有 {same} 只如此：行情来源补填",
        "{n:~session} {how}, as {same} of {others:~listing} of the market: filled",
    ),
    "repeated.no_volume": Phrase("无成交量、重复前收盘", "without volume at the close before"),
    "repeated.copied": Phrase(
        "的收盘与成交量都照抄前一日",
        "copied, close and volume, from the day before at the close before",
    ),
    "repeated.unknown": Phrase(
        "重复前收盘、成交量未知", "repeating a close, volume unknown at the close before"
    ),
    "suspended.no_volume": Phrase(
        "{n} 个交易日无成交量，价格停在 {close:g}", "{n:~session} without volume at {close:g}"
    ),
    "suspended.copied": Phrase(
        "{n} 个交易日的收盘与成交量都照抄前一日，价格停在 {close:g}",
        "{n:~session} copied, close and volume, from the day before at {close:g}",
    ),
    "suspended.unknown": Phrase(
        "{n} 个交易日重复同一收盘、成交量未知，价格停在 {close:g}",
        "{n:~session} repeating a close, volume unknown at {close:g}",
    ),
    "hole": Phrase("{n} 个交易日没有收盘价", "{n:~session} without a close"),
    "hole.peers": Phrase(
        "{n} 个交易日没有收盘价；其他 {others} 个序列中有 {present} 个有",
        "{n:~session} without a close; {present} of {others} other series {present:?has/have} it",
    ),
    "hole.scattered": Phrase(
        "{places} 处共 {n} 个交易日没有行情", "{n:~session} in {places:~place} without a row"
    ),
    "tail": Phrase(
        "最后收盘在 {last}，比 {end} 早 {n} 个交易日",
        "last close {last}, {n:~session} before {end}",
    ),
    "unscheduled_closure": Phrase(
        "{n} 个序列当日都没有行情：临时休市，或行情来源全部缺失",
        "none of {n} series has a row: closed, or lost for everybody",
    ),
    "provisional_sessions": Phrase(
        "{calendars:、} 的交易日历止于 {end}；{n} 个工作日没有交易的证据，暂不确定，不计入任何时效",
        "the calendar of {calendars:&} ends on {end}; provisional, counted in no age:"
        " {n:~weekday} without proof of a session",
    ),
    "provisional_sessions.more": Phrase(
        "{calendars:、} 的交易日历止于 {end}；{n} 个工作日没有交易的证据，暂不确定，不计入任何时效"
        "；另有 {more} 个距最后一行行情超过 {days} 天，按交易日计",
        "the calendar of {calendars:&} ends on {end}; provisional, counted in no age:"
        " {n:~weekday} without proof of a session; {more} more, over {days} days after the last"
        " row, {more:?counts/count}",
    ),
    "calendar.own_end": Phrase("{name}（{end}）", "{name} ({end})"),
    "gapped": Phrase(
        "缺少该市场多数证券都有的 {n} 个交易日，最后一个是 {last}",
        "{n:~session} that most listings of its market have {n:?is/are} missing, the last on"
        " {last}",
    ),
    # what a price file shows of ex-dates
    "splits_assumed": Phrase(
        "{column} 显示除权除息日；视为送转并已还原：{splits}；视为现金分红：{n} 次",
        "{column} shows ex-dates; taken for splits and undone: {splits}; taken for cash dividends:"
        " {n}",
    ),
    "split_on": Phrase("{day} 的 1:{ratio:g}", "1:{ratio:g} on {day}"),
    "split_not_undone": Phrase(
        "{column} 显示 {day} 有 1:{ratio:g} 送转，而收盘价未还原",
        "{column} shows a split 1:{ratio:g} on {day}, which the closes do not undo",
    ),
    "adjusted_close": Phrase("复权收盘价", "the adjusted close"),
    "stated_unread": Phrase(
        "{source:@source} 所附的拆股与货币未能读出：{unread!r} 不是比例",
        "the splits and currencies of {source:@source} cannot be read: {unread!r} is no ratio",
    ),
    # two sources
    "sources.few": Phrase(
        "{one} 与 {other} 共同的交易日不足两个",
        "{one} and {other} have fewer than two sessions in common",
    ),
    "sources.apart": Phrase("{one} 与 {other}：{how}", "{one} and {other}: {how}"),
    "sources.strangers": Phrase(
        "日收益的中位差为 {usual:.2%}：不是同一只证券",
        "daily returns differ by {usual:.2%} at the median: not the same security",
    ),
    "sources.wrong_close": Phrase(
        "收盘价相差 {off:.2%}，其后重新一致", "closes {off:.2%} apart, and together again"
    ),
    "sources.step": Phrase(
        "有一日收益相差 {off:.1%}，此后价格不再一致",
        "one return is {off:.1%} larger, and the levels stay apart",
    ),
    "sources.drift": Phrase(
        "价格逐日偏离，累计 {off:.1%}", "levels drift apart by {off:.1%} in small steps"
    ),
    # what several listings share
    "shared": Phrase("{names}：{said}", "{names}: {said}"),
    "missing_sessions.market": Phrase(
        "同一市场的 {n} 只证券缺少交易日：{places}",
        "{n:~listing} of one market {n:?lacks/lack} sessions: {places}",
    ),
    # what was asked for and what was had
    "basis_substituted.as_given": Phrase(
        "所选口径为{basis:@basis}；{whose}的收盘价未说明复权方式；请在读取处注明："
        "--adjustment splits、splits+dividends 或 none（adjustment=）",
        "the basis {basis:@basis} was asked for; nobody stated what the closes of {whose} are"
        " adjusted for; say it where they are read: --adjustment splits, splits+dividends or none"
        " (adjustment=)",
    ),
    "basis_substituted.none": Phrase(
        "所选口径为{basis:@basis}；{whose}的收盘价未复权，包含送转股的跳空；请连同送转股一并给出",
        "the basis {basis:@basis} was asked for; the closes of {whose} are as traded, splits"
        " included; give their splits too",
    ),
    "basis_substituted.splits": Phrase(
        "所选口径为{basis:@basis}；{whose}的收盘价只按送转股调整；请用 --total-close"
        "（total_close=）指明含分红的收盘价，或改用 --basis price（basis=）",
        "the basis {basis:@basis} was asked for; the closes of {whose} are adjusted for splits"
        " only; name the others by --total-close (total_close=), or ask for --basis price"
        " (basis=)",
    ),
    "basis_substituted.dividends": Phrase(
        "所选口径为{basis:@basis}；{whose}的收盘价也按分红调整；请改用 --basis total（basis=），"
        "或给出只按送转股调整的收盘价",
        "the basis {basis:@basis} was asked for; the closes of {whose} are adjusted for dividends"
        " too; ask for --basis total (basis=), or give closes adjusted for splits only",
    ),
    "basis_substituted.all": Phrase("全部 {n} 只证券", "{n:?the one listing/all {n} listings}"),
    "basis_substituted.some": Phrase(
        "{every} 只证券中 {n} 只（{names}）", "{n} of {every:~listing} ({names})"
    ),
    "basis_substituted.stored": Phrase(
        "所求收盘价的复权：{asked:@adjustment}；库存收盘价的复权：{stored:@adjustment}",
        "asked for closes adjusted for {asked:@adjustment}, stored are closes adjusted"
        " {stored:@adjustment}",
    ),
    "total_against_price_index": Phrase(
        "个股分红再投资，而基准是价格指数：这对个股有利",
        "the listings' dividends are reinvested and the benchmarks are price indices, which"
        " flatters the listings",
    ),
    "source_substituted": Phrase(
        "改用 {used} 的行情，因为 {passed_over} 的更早停止",
        "prices of {used}, because those of {passed_over} end earlier",
    ),
    "corrected_mention": Phrase("{said}", "{said}"),
    "pending_left_out": Phrase(
        "{company}在报告中注明待定，按要求不计",
        "{company} is printed with a pending status and was left out",
    ),
    # what a source says of its own rows
    "dividend_currency": Phrase(
        "{symbol} 有 {n} 笔分红不以 {currency} 计",
        "{n:~dividend} of {symbol} {n:?is/are} not in {currency}",
    ),
    "unordered_sessions.sorted": Phrase(
        "{symbol}：{n} 行次序颠倒，已排序", "{symbol}: {n:~row} out of order, sorted"
    ),
    "duplicate_session.last_kept": Phrase(
        "{symbol}：{n} 行的日期重复，取最后一行",
        "{symbol}: {n:~row} of days that came again, the last one kept",
    ),
    "missing_close.kept": Phrase(
        "{symbol}：{n} 行没有收盘价，按缺失保留",
        "{symbol}: {n:~row} without a close, kept as missing",
    ),
    "unfinished_bar": Phrase(
        "{symbol}：Yahoo 应答时 {day} 尚未收盘",
        "{symbol}: the session of {day} had not closed when Yahoo answered",
    ),
    "unfinished_bar.akshare": Phrase(
        "AkShare 应答时 {day} 尚未收盘",
        "the session of {day} had not closed when AkShare answered",
    ),
    "unordered_rows": Phrase(
        "{n} 行排在更早日期之前，已排序", "{n:~row} stood before an earlier day's; sorted"
    ),
    "duplicate_rows": Phrase("{n} 行与另一行重复", "{n:~row} said again what another row says"),
    "non_positive_close.broken": Phrase(
        "{n} 行的收盘不成其为价格，第一个是 {close:g}；任何窗口都不以该日或其前一行为起止",
        "{n:~row} with a close that is no price, the first {close:g}; no window begins or ends "
        "there or on the row before",
    ),
    "remedy.splits": Phrase(
        "请全程使用经拆股调整的收盘价，或给出未复权收盘价及其旁的拆股，并用 --adjustment none",
        "give closes adjusted for splits throughout, or as traded with their splits beside them "
        "and --adjustment none",
    ),
    "remedy.unit": Phrase(
        "请改正相关行，使全部收盘价用同一单位",
        "correct the row or rows, so that all closes are in one unit",
    ),
    "remedy.days": Phrase(
        "请给出每个交易日的收盘价，各在其本日之下",
        "give the close of every session, under its own date",
    ),
    "remedy.suspended": Phrase(
        "请补上这些交易日；若当时停牌，请用 --allow-gaps（allow_gaps=True；周度配置在 [prices] 下写"
        " allow_gaps = true）",
        "add the sessions, or say --allow-gaps (allow_gaps=True; in a weekly configuration"
        " allow_gaps = true under [prices]) where it was suspended",
    ),
    "remedy.lost": Phrase(
        "多半是其来源丢失：请补上这些交易日，或用 --allow-gaps（allow_gaps=True；周度配置在"
        " [prices] 下写 allow_gaps = true）照样入库",
        "most likely its source lost them: add the sessions, or take the file without them by"
        " --allow-gaps (allow_gaps=True; in a weekly configuration allow_gaps = true under"
        " [prices])",
    ),
    "remedy.rows": Phrase("请改正相关行", "correct the rows"),
    "remedy.currency": Phrase(
        "请以该证券的交易货币给出收盘价",
        "give closes in the currency in which the listing trades",
    ),
    "impossible_volume": Phrase(
        "{n} 行的成交量为负或无穷，按未知处理",
        "{n:~row} with a volume below zero or without bound; unknown instead",
    ),
}
"""What the checks and the sources say of prices; parts of sentences stand beside them."""


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
