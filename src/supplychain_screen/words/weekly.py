"""What a weekly run says: why a number moved, and why a week is incomplete, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import Phrase, phrases

__all__ = ["INPUTS", "RULES", "WEEKLY_SENTENCES"]

RULES: Final = phrases(
    cuts=("评级界线", "bounds"),
    months=("期限", "horizon"),
    base_policy=("基准日规则", "base policy"),
    comparison=("比较方式", "comparison"),
    max_stale_sessions=("停牌容限", "stale limit"),
    max_stale_benchmark=("基准容限", "stale limit of benchmarks"),
    basis=("收益口径", "basis"),
    benchmarks=("基准指数", "benchmarks"),
)
"""What a standard can change, by its name in the rules."""

INPUTS: Final = phrases(
    screens=("筛选", "screens"),
    reports=("报告", "reports"),
    conventions=("口径", "conventions"),
    prices=("行情", "prices"),
    completeness=("更新是否完整", "completeness"),
    outputs=("输出", "outputs"),
    program=("程序", "program"),
)
"""What a week is made from, by its name in the manifest; the last where only the program is new."""

WEEKLY_SENTENCES: Final[Mapping[str, Phrase]] = {
    # why a number moved
    "cause.new_prices": Phrase("{since} → {until} 的新行情", "prices of {since} → {until}"),
    "cause.matured": Phrase("{window:@window}窗口于 {on} 到期", "{window:@window} ended on {on}"),
    "cause.restated": Phrase("历史行情被修订", "earlier closes were restated"),
    "cause.restated_days": Phrase("历史行情被修订：{series:；}", "restated: {series:;}"),
    "cause.restated_series": Phrase(
        "{listing} {n} 个交易日（{first} 起）", "{listing}, {n:~session} from {first} on"
    ),
    "cause.gone": Phrase("不再列入", "no longer listed in the report"),
    "cause.new": Phrase("新增：{listing}", "new: {listing}"),
    "cause.new_unlisted": Phrase("新增：无证券", "new: no listing"),
    "cause.other_listing": Phrase("证券由 {old} → {new}", "listing {old} → {new}"),
    "cause.no_listing": Phrase("无", "none"),
    "cause.other_facts": Phrase("证券资料改变", "what is known of its listing changed"),
    "cause.standard": Phrase("标准", "the standard"),
    "cause.rules": Phrase("{rules:，}", "{rules:,}"),
    "cause.rule": Phrase("{rule:@rule}", "{rule:@rule}"),
    "cause.rule_changed": Phrase("{rule:@rule} {old} → {new}", "{rule:@rule} {old} → {new}"),
    "cause.checks": Phrase("{checks:；}", "{checks:;}"),
    "cause.struck": Phrase(
        "未通过：{listing} {check:@finding}", "struck: {listing} {check:@finding/lower}"
    ),
    "cause.struck_on": Phrase(
        "未通过：{listing} {check:@finding} {first}",
        "struck: {listing} {check:@finding/lower} {first}",
    ),
    "cause.lifted": Phrase(
        "解除：{listing} {check:@finding}", "lifted: {listing} {check:@finding/lower}"
    ),
    "cause.lifted_on": Phrase(
        "解除：{listing} {check:@finding} {first}",
        "lifted: {listing} {check:@finding/lower} {first}",
    ),
    "cause.other_verdict": Phrase("质量检查结果改变", "a check's verdict changed"),
    "cause.and": Phrase("{said}；{more}", "{said}; {more}"),
    "cause.moved": Phrase("{said}：{way}", "{said}: {way}"),
    "cause.unrated": Phrase("{said}；{reason:@reason}", "{said}; {reason:@reason/lower}"),
    "cause.way": Phrase("{first} → {last}", "{first} → {last}"),
    "cause.way_by_steps": Phrase("{first} → {last}（{steps:，}）", "{first} → {last} ({steps:,})"),
    "cause.step": Phrase("{cause:@cause}至 {figure}", "{cause:@cause/lower} to {figure}"),
    # why a week is incomplete, or has nothing to compare
    "week.update_stopped": Phrase(
        "行情更新在 {seconds:.0f} 秒后中止",
        "the update of prices was stopped after {seconds:.0f} s",
    ),
    "week.benchmark_gap": Phrase(
        "基准 {symbol} 缺少交易日，最近一个是 {last}",
        "benchmark {symbol} lacks sessions, the last on {last}",
    ),
    "week.benchmark_ends": Phrase(
        "基准 {symbol} 只到 {end}，缺 {n} 个交易日，最近一个是 {last}",
        "benchmark {symbol} ends on {end} and lacks {n:~session}, the last on {last}",
    ),
    "week.benchmark_silent": Phrase(
        "基准 {symbol} 自 {since} 起没有行情，缺 {n} 个交易日，最近一个是 {last}",
        "benchmark {symbol} has no close since {since} and lacks {n:~session}, the last on {last}",
    ),
    "week.not_updated": Phrase(
        "{of} 个证券中 {n} 个未能更新：{symbols}", "{n} of {of} not updated: {symbols}"
    ),
    "week.not_updated_more": Phrase(
        "{of} 个证券中 {n} 个未能更新：{symbols} 等另外 {more} 家",
        "{n} of {of} not updated: {symbols} and {more} more",
    ),
    "week.first": Phrase(
        "{screen} 的第一周：{before} 没有同一报告、同一发布日的同名筛选，无从比较",
        "first week of {screen}: {before} has no screen of this name, report and publication date",
    ),
    "week.unexplained": Phrase(
        "{before} 以来的变化无法解释：{error}", "changes since {before} are not explained: {error}"
    ),
    # its texts
    "week.nothing": Phrase("周度跟踪：未发布", "Weekly tracking: nothing published"),
    "week.program_fault": Phrase("程序故障：{kind}", "a fault of the program: {kind}"),
    "week.raised": Phrase("升档", "Raised"),
    "week.lowered": Phrase("降档", "Lowered"),
    "week.other": Phrase("评级得失", "Rating won or lost"),
    "week.members": Phrase("公司进出评级", "Companies in and out"),
    "week.title": Phrase("周度跟踪", "Weekly tracking"),
    "week.partial_mark": Phrase("不完整", "partial"),
    "week.backfilled_mark": Phrase("补做", "backfilled"),
    "week.subject": Phrase("周度跟踪 {week}", "Weekly tracking {week}"),
    "week.subject_partial": Phrase("周度跟踪 {week}（不完整）", "Weekly tracking {week} (partial)"),
    "week.partial": Phrase("不完整", "PARTIAL"),
    "week.revision": Phrase(
        "本周第 {n} 版，取代 {before}；改变的输入：{inputs:、}",
        "Revision {n}, after {before}; changed inputs: {inputs:,}",
    ),
    "week.page_revision": Phrase(
        "第 {n} 版，取代 {before}（{inputs:、}）", "Revision {n} of {before} ({inputs:,})"
    ),
    "week.backfilled": Phrase(
        "补做：行情按 {known_on:%Y-%m-%d} 所知，而非当周所知。",
        "Backfilled: prices as known on {known_on:%Y-%m-%d}, not then.",
    ),
    "week.no_change": Phrase("自 {since} 以来评级没有变化。", "No rating changed since {since}."),
    "week.changes": Phrase(
        "自 {since} 以来 {n} 个评级变化：", "{n:~rating} changed since {since}:"
    ),
    "week.compared": Phrase(
        "比较 {compared} 项，{n} 个评级变化，另有 {rest} 项变动",
        "{compared:~mention} compared, {n:~rating} changed, {rest} more moved",
    ),
    "week.ratings_changed": Phrase("评级变化", "Ratings changed"),
    "week.moved_within": Phrase("评级未变", "Moved within their rating"),
    "week.segments_turned": Phrase("环节评级变化", "Segments turned"),
    "week.segment_turned": Phrase("环节 {turned}", "Segment {turned}"),
    "week.before_and_after": Phrase("原 ＼ 现", "before \\ after"),
}
