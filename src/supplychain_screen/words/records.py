"""What a track record says: sentences with blanks for their facts, and names of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import Phrase, phrases

__all__ = [
    "RECORD_COUNTS",
    "RECORD_GROUPS",
    "RECORD_HEADS",
    "RECORD_MANY",
    "RECORD_MEAN_REASONS",
    "RECORD_ROW_REASONS",
    "RECORD_SENTENCES",
    "RECORD_SIDES",
    "RECORD_TARGET_REASONS",
    "RECORD_VERDICTS",
]

RECORD_GROUPS: Final = phrases(
    firm=("机构", "firm"),
    analyst=("分析师", "analyst"),
    segment=("环节", "segment"),
    sector=("行业", "sector"),
    market=("市场", "market"),
    year=("年份", "year"),
    level=("所评档位", "called level"),
    side=("方向", "side"),
)
"""What a league can be made by, one of them."""

RECORD_MANY: Final[Mapping[str, Phrase]] = {
    by: Phrase(word.zh, f"{word.en}s") for by, word in RECORD_GROUPS.items()
}
"""The same, many of them."""

RECORD_SIDES: Final = phrases(
    **{
        "1": ("看多", "buys"),
        "0": ("中性", "holds"),
        "-1": ("看空", "sells"),
    }
)

RECORD_VERDICTS: Final = phrases(
    better=("高于应有", "better"),
    worse=("低于应有", "worse"),
    not_told_apart=("无法区分", "not told apart"),
    too_few=("样本太少", "too few"),
)

RECORD_COUNTS: Final = phrases(
    runs=("同一观点只计一次", "each opinion once"),
    calls=("每行计一次", "every row"),
)

RECORD_MEAN_REASONS: Final = phrases(
    fewer_than_5_windows=("无区间：历史不足 5 个窗口", "no interval: under 5 windows"),
    nothing_matured=("无区间：尚无到期", "no interval: none matured"),
)
"""Why a mean has no interval."""

RECORD_ROW_REASONS: Final = phrases(
    two_calls_one_day=("同日两说", "Two calls on one day"),
    unknown_level=("评级词不明", "Unknown word"),
    undated=("无日期", "Without a date"),
)
"""Why a row is no call, beside the reasons of calls."""

RECORD_TARGET_REASONS: Final = phrases(
    target_not_positive=("目标价不为正数", "the target is not above 0"),
    target_currency=("目标价为另一货币", "the target is in another currency"),
    total_return_closes=("收盘价已含分红", "the closes hold dividends"),
    adjustment_unknown=("收盘价作过何种复权不明", "nobody says what the closes are adjusted for"),
    splits_unknown=("之后的拆股不明", "nobody says what was split later"),
)
"""Why a target is not judged, beside the reasons of its call."""

RECORD_HEADS: Final = phrases(
    title=("谁说对了：评级记录", "Who was right: the track record"),
    sides=("按方向", "By side"),
    calibration=("所评与所得", "Called against realised"),
    league=("排名", "League"),
    months=("按发布月份", "By month of publication"),
    targets=("目标价", "Target prices"),
    missing=("缺了什么，为什么", "What is missing, and why"),
    words=("不认识的评级词", "Rating words that nobody knows"),
    method=("方法", "Method"),
    checks=("行情检查", "Price checks"),
    rank=("名次", "Rank"),
    verdict=("结论", "Verdict"),
    side=("方向", "Side"),
    called=("所评", "Called"),
    realised=("所得", "Realised"),
    any_level=("全部", "Any"),
    ranked_n=("计入", "Judged"),
    ranked_on=("所计", "Ranked on"),
    rate=("命中率", "Hit rate"),
    expected=("应有", "Expected"),
    excess=("超出", "Excess"),
    excess_sd=("仅凭运气的标准差", "Sd by luck"),
    shrunk=("收缩后", "Shrunk"),
    shrunk_excess=("收缩后超出", "Shrunk excess"),
    shrunk_low=("收缩后下限", "Shrunk, low"),
    shrunk_high=("收缩后上限", "Shrunk, high"),
    interval=("95% 区间", "95% interval"),
    shrunk_rate=("收缩后命中率", "Shrunk rate"),
    runs=("评级", "Calls"),
    fresh=("其中新发", "Of these fresh"),
    matured=("已到期", "Matured"),
    pending=("未到期", "Pending"),
    unrated=("无评级", "Unrated"),
    no_prices=("无行情", "No prices"),
    no_prices_share=("无行情占比", "Without prices"),
    beat_n=("可判对错", "With a verdict"),
    beats=("对", "Right"),
    beat=("命中率", "Hit rate"),
    beat_low=("命中率下限", "Hit rate, low"),
    beat_high=("命中率上限", "Hit rate, high"),
    reached_n=("可判达档", "With a level"),
    reaches=("达档", "Reached"),
    reached=("达档率", "Reached its level"),
    reached_low=("达档率下限", "Reached, low"),
    reached_high=("达档率上限", "Reached, high"),
    fresh_matured=("新发且到期", "Fresh and matured"),
    fresh_beat=("新发命中率", "Hit rate, fresh"),
    mean=("平均相对收益", "Mean relative"),
    mean_low=("平均下限", "Mean, low"),
    mean_high=("平均上限", "Mean, high"),
    mean_reason=("平均无区间的原因", "Why the mean has no interval"),
    mean_interval=("平均的 95% 区间", "Mean, 95%"),
    means=("平均值的区间", "Intervals of means"),
    median=("相对收益中位数", "Median relative"),
    mean_net=("顺方向扣成本", "Mean in its direction, net"),
    month=("发布月", "Month"),
    n=("数", "n"),
    share=("占比", "Share"),
    low=("下限", "Low"),
    high=("上限", "High"),
    word=("评级词", "Word"),
    rows=("行", "Rows"),
    no=("序号", "No."),
    called_n=("该档合计", "Of that level"),
    calls=("每次评级", "Every call"),
    fresh_one=("新发", "Fresh"),
    tolerance=("边界容差", "Tolerance at a bound"),
    notice=("声明", "Notice"),
    part=("部分", "Part"),
    why=("原因", "Why"),
    count=("计数", "Counted as"),
    older=("新发与旧有", "Fresh and older"),
    window=("窗口", "Window"),
    cost=("成本", "Cost"),
    standard=("标准", "Standard"),
    as_of=("截至", "As of"),
    published=("发布日", "Published"),
    listing=("证券", "Listing"),
    target=("目标价", "Target"),
    targets_n=("目标价个数", "Targets"),
    rated=("可判", "Judged"),
    upside=("目标空间", "Upside"),
    met_end=("期末达到", "Met at the end"),
    met_any=("途中达到", "Met on some session"),
    bias=("偏差", "Bias"),
    absolute_error=("平均绝对误差", "Mean absolute error"),
    target_currency=("目标价货币", "Target currency"),
    changed_on=("改变于", "Changed on"),
    ended=("如何结束", "Ended by"),
    first_seen=("资料开始前已有", "There before the data"),
    same_day=("同日两说", "Two calls on one day"),
    suspensions=("暂停或终止覆盖", "Suspensions"),
    unknown_level=("评级词不明", "Unknown words"),
    undated=("无日期", "Without a date"),
    run_rows=("归入评级的行", "Rows of calls"),
    all=("全部", "All"),
    benchmark=("基准", "Benchmark"),
    base_session=("起点", "Base session"),
    base_close=("起点收盘", "Base close"),
    end_session=("终点", "End session"),
    end_close=("终点收盘", "End close"),
    benchmark_base=("基准起点", "Benchmark at base"),
    benchmark_end=("基准终点", "Benchmark at end"),
    stock_return=("涨跌", "Return"),
    benchmark_return=("基准涨跌", "Benchmark return"),
    relative_return=("相对收益", "Relative return"),
    right=("对错", "Right"),
    reason=("无评级原因", "Why unrated"),
)
"""Titles of sections and heads of columns."""

RECORD_SENTENCES: Final[Mapping[str, Phrase]] = {
    # the finding
    "record.finding": Phrase("{told}{overall}", "{told} {overall}"),
    "record.finding.nothing": Phrase(
        "截至 {as_of}，{runs:,d} 次评级中没有一个可以判断对错：{pending:,d} 个未满 {months} 个月，"
        "{unrated:,d} 个无评级。",
        "By {as_of} none of {runs:,d~call} can be judged: {pending:,d} {pending:?is/are} younger"
        " than"
        " {months:~month}, {unrated:,d} {unrated:?is/are} unrated.",
    ),
    "record.finding.overall": Phrase(
        "{months} 个月后，{n:,d} 个可判断的评级中 {rate} 说对了。",
        "After {months:~month} {rate} of {n:,d} judged {n:?call was/calls were} right.",
    ),
    "record.finding.none": Phrase(
        "{ranked} 个{group:@group}之间看不出差别：它们命中率的高低，与纯凭运气时一样大，因此不排名"
        "次。",
        "No difference found between {ranked} {group:@groups}: their rates differ by no more than"
        " luck alone makes them, so nothing is ranked.",
    ),
    "record.finding.some": Phrase(
        "{ranked} 个够数的{group:@group}中，{better} 个高于、{worse} 个低于其评级构成应有的水平；"
        "其余 {rest} 个无法区分。",
        "Of {ranked} {group:@groups} with enough calls, {better} did better and {worse} worse than"
        " their own mix of calls explains; the other {rest} cannot be told apart.",
    ),
    "record.finding.too_few": Phrase(
        "没有一个{group:@group}有 {min_runs} 个可判断的评级，因此不排名次。",
        "No {group:@group} has {min_runs} judged {min_runs:?call/calls}, so nothing is ranked.",
    ),
    "record.finding.incomparable": Phrase(
        "能与其他{group:@group}同方向的评级相比的，没有两个{group:@group}够 {min_runs} 个："
        "{shown:；}。因此不排名次。",
        "No two {group:@groups} have {min_runs} judged {min_runs:?call/calls} that can be compared"
        " with calls of other {group:@groups} on the same side: {shown:;}. So nothing is ranked.",
    ),
    "record.finding.one": Phrase(
        "只有 1 个{group:@group}有 {min_runs} 个可判断的评级，无从比较。",
        "Only one {group:@group} has {min_runs} judged {min_runs:?call/calls}: there is nothing to"
        " compare it with.",
    ),
    "record.league": Phrase("排名 · {group:@group}", "League · {group:@group}"),
    # each figure, for who manages money and for who counts
    "record.league.plain": Phrase(
        "够数的{group:@group}原始命中率从 {low} 到 {high}，其差异约有 {luck} 只是运气：扣掉运气"
        "后，{group:@group}之间真正的差别约为上下 {tau} 个百分点。只有 95% 区间整个高于 0，才说“高"
        "于应有”。",
        "Raw hit rates of those with enough calls run from {low} to {high}, and about {luck} of"
        " that variation is luck: what differs between {group:@groups} beyond it is about {tau}"
        " points either way. Better is said only where the whole 95% interval lies above 0.",
    ),
    "record.league.none": Phrase(
        "够数的{group:@group}原始命中率从 {low} 到 {high}。同样多的评级若人人水平相同，也会散开成"
        "这样。区间是纯凭运气时二十次中十九次会落入的范围；按名称排列。",
        "Raw hit rates of {group:@groups} with enough calls run from {low} to {high}. As many"
        " calls by equals would spread as far. The interval holds nineteen of twenty by luck"
        " alone; the order is by name.",
    ),
    "record.league.statistics": Phrase(
        "超出 = 命中率 − 应有；应有取其他所有{group:@group}在同方向、同发布月、同市场的命中率（他"
        "人至少 {min_others} 个，否则只按方向）。方差 Σe(1−e)/n²，正态-正态收缩，真实差别的标准差"
        " τ = {tau_exact}（极大似然，{ranked} 行）。贝塔-二项：合并命中率 {pooled}，相当于"
        " {pseudo} 个先验评级。评级互相重叠、同受市场影响，区间把它们当作独立，所以偏窄。",
        "Excess = rate − expected; expected pools all other {group:@groups} by side, publication"
        " month and market (at least {min_others} others, else by side only). Variance Σe(1−e)/n²,"
        " shrunk normal-normal, standard deviation of true differences tau = {tau_exact} (maximum"
        " likelihood over {ranked} rows). Beta-binomial: pooled rate {pooled}, worth {pseudo}"
        " pseudo-calls. Calls overlap and share a market; intervals take them as independent, and"
        " are too narrow by that.",
    ),
    "record.league.few": Phrase(
        "{n} 个{group:@group}不足 {min_runs} 个可判断的评级，不排名次。",
        "{n} {n:?{group:@group} has/{group:@groups} have} fewer than {min_runs} judged"
        " {min_runs:?call/calls} and no rank.",
    ),
    "record.league.few.one": Phrase("{name} {rate}（{n:,d} 个）", "{name} {rate} (n {n:,d})"),
    "record.league.incomparable": Phrase(
        "有的够数，但能相比的太少，不排名次，其“应有”所依据的也就这些：{shown:；}。",
        "Others have calls enough and no rank, as too few can be compared, and what is expected of"
        " them rests on no more: {shown:;}.",
    ),
    "record.league.incomparable.one": Phrase(
        "{name} 可判断 {n:,d} 个，其中 {compared:,d} 个可比（其他共 {others:,d} 个可判断）",
        "{name} has {n:,d} judged, {compared:,d} of them comparable ({others:,d} judged of all"
        " others)",
    ),
    "record.league.alike": Phrase(
        "{name} 可判断 {n:,d} 个，但其他的可比评级全对或全错，运气无从衡量",
        "{name} has {n:,d} judged, but those of others beside them were all right or all wrong,"
        " which gives luck no measure",
    ),
    "record.league.hidden": Phrase(
        "中间 {n} 行在工作簿与表格文件里。",
        "{n} {n:?row between is/rows between are} in the workbook and the tables.",
    ),
    "record.league.more_few": Phrase(
        "另有 {n} 个在工作簿与表格文件里。", "{n} more {n:?is/are} in the workbook and the tables."
    ),
    "record.calibration.plain": Phrase(
        "每 100 个“{best}”有 {best_hit} 个实现为“{best}”；每 100 个“{worst}”有 {worst_best} 个也"
        "是。各行越相似，评级说明得越少。",
        "{best_hit} of 100 calls of {best:/lower} ended as {best:/lower}, and so did {worst_best}"
        " of 100 calls of {worst:/lower}. The more alike the rows, the less a rating said.",
    ),
    "record.calibration.statistics": Phrase(
        "行占比；每格第二行是个数。95% 威尔逊区间只按个数计算，见工作簿。",
        "Shares of rows; the second line of a cell is its count. Wilson 95% intervals, by counts"
        " only, are in the workbook.",
    ),
    "record.months.plain": Phrase(
        "按发布月份，命中率在 {low}（{low_month}）与 {high}（{high_month}）之间。",
        "By month of publication the hit rate moved between {low} ({low_month}) and {high}"
        " ({high_month}).",
    ),
    "record.months.statistics": Phrase(
        "窗口重叠，相邻月份并不独立。",
        "Windows overlap, so neighbouring months are not independent.",
    ),
    "record.months.holes": Phrase(
        "没有任何评级的月份：{months}。", "Months without any call: {months}."
    ),
    # target prices
    "record.targets.plain": Phrase(
        "{rated:,d} 个可判断的目标价：期末收盘达到的占 {met_end}，途中有收盘达到过的占 {met_any}。"
        "目标价相对起点收盘平均为 {upside}，期末收盘相对目标价平均为 {bias}。",
        "Of {rated:,d} judged {rated:?target/targets} {met_end} were met by the close at the end"
        " and {met_any} by"
        " some close on the way. {rated:?It/They} lay {upside} from the base on average, and the"
        " close at the"
        " end {bias} from {rated:?it/them}.",
    ),
    "record.targets.statistics": Phrase(
        "按发布时成交的收盘价（之后的拆股已还原）、只看收盘，盘中触及不算；{months} 个月。"
        "误差 = 期末收盘 ÷ 目标价 − 1，偏差是它的平均。",
        "Against closes as traded at publication (later splits undone), by close: a high of the day"
        " meets nothing; {months:~month}. Error = close at the end / target − 1, bias its mean.",
    ),
    "record.targets.reason": Phrase("{reason} {n:,d}", "{reason} {n:,d}"),
    "record.targets.unrated": Phrase(
        "{n:,d} 个目标价（共 {of:,d} 个）没有判断：{reasons:、}。",
        "{n:,d} of {of:,d~target} {n:?is/are} not judged: {reasons:,}.",
    ),
    "record.targets.say_both": Phrase(
        "要判断目标价，须同时说明两件事：--adjustment splits（收盘价只按送转股复权时），以及之后的"
        "拆股：--splits 文件（证券、除权日、比例），或 --splits none（没有拆股）；在 Python 里是"
        " adjustment= 与 splits=。",
        "To judge targets, say two things at once: --adjustment splits (where the closes are"
        " adjusted for splits only), and the splits since, as --splits FILE (listing, date, ratio)"
        " or --splits none (there were none); in Python adjustment= and splits=.",
    ),
    "record.targets.say_splits": Phrase(
        "要判断目标价，还须说明之后的拆股：--splits 文件（证券、除权日、比例），或 --splits none"
        "（没有拆股）；在 Python 里是 splits=。",
        "To judge targets, say the splits since: --splits FILE (listing, date, ratio) or --splits"
        " none (there were none); in Python splits=.",
    ),
    "record.targets.more": Phrase(
        "另有 {n:,d} 个机构在工作簿与表格文件里。",
        "{n:,d} more {n:?firm is/firms are} in the workbook and the tables.",
    ),
    # denominators
    "record.rows": Phrase(
        "{rows:,d} 行 = 归入评级 {run_rows:,d} + 同日两说 {same_day:,d} + 暂停覆盖 {suspensions:,d}"
        " + 评级词不明 {unknown_level:,d} + 无日期 {undated:,d}",
        "{rows:,d~row} = {run_rows:,d} of calls + {same_day:,d} of two calls on one day"
        " + {suspensions:,d~suspension} + {unknown_level:,d} with unknown words + {undated:,d}"
        " without a date",
    ),
    "record.runs": Phrase(
        "{runs:,d} 次评级 = 已到期 {matured:,d} + 未到期 {pending:,d} + 无评级 {unrated:,d}",
        "{runs:,d~call} = {matured:,d} matured + {pending:,d} pending + {unrated:,d} unrated",
    ),
    "record.fresh": Phrase(
        "{runs:,d} 次评级 = 新发 {fresh:,d} + 资料开始前已有 {first_seen:,d}",
        "{runs:,d~call} = {fresh:,d} fresh + {first_seen:,d} there before the data began",
    ),
    "record.fresh.untold": Phrase(
        "{runs:,d} 次评级 = 新发 {fresh:,d} + 不知是否新发 {first_seen:,d}：资料没有评级变动"
        "（首次、维持）一列，只有方向改变才看得出新发",
        "{runs:,d~call} = {fresh:,d} fresh + {first_seen:,d} of which it is not known: the file"
        " gives no actions (initiates, maintains), and only a change of side shows a beginning",
    ),
    "record.after_as_of": Phrase(
        "其中 {after_as_of:,d} 次的日期晚于 {as_of}：若是笔误，请改正。",
        "{after_as_of:,d} of these {after_as_of:?is/are} dated after {as_of}: correct"
        " {after_as_of:?it/them} where that is a slip.",
    ),
    "record.repeated": Phrase(
        "另有 {repeated:,d} 行是同一报告按预测期重复的，已并为一行。",
        "{repeated:,d} further {repeated:?row repeats/rows repeat} one report for each forecast"
        " period; each report is one"
        " row.",
    ),
    "record.survivorship": Phrase(
        "{no_prices:,d} 次评级（{share}）没有行情，不计入任何比率。已退市或被收购的股票"
        "常在其中：它们若普遍较差，上面的比率就偏好。",
        "{no_prices:,d~call} ({share}) {no_prices:?has/have} no prices and"
        " {no_prices:?enters/enter} no rate. Delisted and acquired"
        " shares tend to be among them: where they did worse, the rates above are too good.",
    ),
    "record.holes.feed": Phrase(
        "资料有缺口：{n} 段交易日里没有任何评级，按平常的量约缺 {expected:,d} 个：{shown}。",
        "The file has holes: on {n:~stretch/stretches} of sessions nobody spoke, where about"
        " {expected:,d~call}"
        " would have come at the usual pace: {shown}.",
    ),
    "record.holes.firm": Phrase(
        "{n} 次有机构在别家照常发布时静默三周以上（更名、退出，或资料漏了）：{shown}。",
        "{n:~time} a firm was silent for three weeks or more while the others went on (renamed,"
        " gone, or lost by the file): {shown}.",
    ),
    "record.unknown": Phrase(
        "{rows:,d} 行的评级词不在词表里，没有猜测：{words}。",
        "{rows:,d~row} {rows:?bears/bear} rating words that are in no table and were not guessed:"
        " {words}.",
    ),
    "record.checks.run": Phrase(
        "{series:,d} 条行情序列过了质量检查：{struck:,d} 处的收盘价不可信，碰到它们的 {calls:,d} "
        "次评级记为“行情存疑”，不计入任何比率。",
        "{series:,d} price series went through the quality checks: closes in"
        " {struck:,d~place} are not to be trusted, and the {calls:,d}"
        " {calls:?call that touches them is/calls that touch them are} unrated (suspect"
        " prices).",
    ),
    "record.checks.given": Phrase(
        "不可信的日子由使用者给定，{calls:,d} 次评级因此记为“行情存疑”；没有另做行情检查。",
        "Days not to be trusted were given by the user, and {calls:,d~call} {calls:?is/are}"
        " unrated for them"
        " (suspect prices); no other price checks ran.",
    ),
    "record.checks.none": Phrase(
        "没有做行情检查：行情以面板给出。漏除权的拆股、错误的收盘价都会被当成涨跌。"
        "给出行情文件或表格，就会检查。",
        "No price checks ran: the prices came as a panel. A split left in the closes or a wrong"
        " close counts as a return. Give the price file or frame instead, and they run.",
    ),
    # method
    "record.method.count.runs": Phrase(
        "同一机构对同一证券、方向不变的连续评级算作一次；12 个月后的下一次评级另算一次。",
        "Calls of one firm on one listing count once while the side stays the same; the"
        " first one after 12 months counts anew.",
    ),
    "record.method.count.calls": Phrase(
        "每一行都计一次，重复的评级也不例外。", "Every row counts, repeated calls too."
    ),
    "record.method.window": Phrase(
        "从起点到发布后 {months} 个月，固定窗口；之后改变的评级仍测到底。未到期的不计入。",
        "From the base to {months:~month} after publication, a fixed window that runs past later"
        " changes. What has not matured enters no rate.",
    ),
    "record.method.beat": Phrase(
        "方向 × 相对收益 − 成本大于 0 为对（等于 0 为错）；中性在相对收益落在中性档时为对。",
        "Right where side × relative return − cost is above 0 (0 is a miss); a neutral call where"
        " the relative return ends inside the neutral level.",
    ),
    "record.method.reached": Phrase(
        "实现的档位就是所评档位，或同方向更远的一档。",
        "The realised level is the called one, or one further out on the same side.",
    ),
    "record.method.cost": Phrase(
        "一买一卖共 {bps:g} 个基点，从方向 × 相对收益中扣除，中性不扣。",
        "{bps:g~basis point} for the round trip, off side × relative return; none on neutral.",
    ),
    "record.method.free": Phrase("不扣成本。", "No cost."),
    "record.method.means": Phrase(
        "按与窗口等长的日期块重抽样（循环块自助法的方差，学生 t 分布）；"
        "跨度不足 {min_windows} 个窗口的没有区间。",
        "Blocks of dates as long as the window are resampled (variance of the circular block"
        " bootstrap, Student's t); with fewer than {min_windows} windows of history there is none.",
    ),
    "record.method.fresh": Phrase(
        "第一行就是“维持”的评级早于资料；够 {min_runs} 个新发评级的行只用新发的。",
        "A call whose first row repeats is older than the data; a row with {min_runs} fresh"
        " {min_runs:?one/ones}"
        " is ranked on these only.",
    ),
    "record.notebook.more": Phrase(
        "另有 {n:,d} 行，见 .league().frame。", "{n:,d} more {n:?row/rows} in .league().frame."
    ),
    "record.workbook.no_calls": Phrase(
        "评级超过 {most:,d} 次，工作簿不逐条列出；见表格文件。",
        "More than {most:,d} calls: the workbook does not list them; the tables do.",
    ),
    "record.workbook.rows": Phrase(
        "这里是前 {n:,d} 行，共 {of:,d} 行；其余见表格文件。",
        "The first {n:,d} of {of:,d~row}; the tables have all.",
    ),
    "record.workbook.unrated": Phrase(
        "{n:,d} 行没有评级或不计入，每行一个原因。",
        "{n:,d~row} {n:?is/are} unrated or {n:?counts/count} nowhere; each has one reason.",
    ),
    "record.chart.about": Phrase(
        "{months} 个月，截至 {as_of}；事后计量，不是建议",
        "{months:~month}, as of {as_of}; a measurement, not advice",
    ),
    "record.disclaimer": Phrase(
        "这是事后计量，不是建议。过去说对的次数里有许多运气；区间里有 0，就没有证据说谁更准。",
        "A measurement after the fact, never advice. Much of a past hit rate is luck; where an"
        " interval holds 0 there is no evidence that anybody was better.",
    ),
    "record.past": Phrase(
        "过去的命中率不说明将来。本页不是研究报告，不是买卖任何证券的建议或要约。",
        "Past hit rates say nothing about the future. This is no research report, and no advice or"
        " offer to buy or sell any security.",
    ),
}
