"""Words of single outputs: heads, sheets, charts, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import Phrase

__all__ = ["OUTPUT_SENTENCES"]

OUTPUT_SENTENCES: Final[Mapping[str, Phrase]] = {
    # charts
    "chart.segments": Phrase(
        "各环节等权平均相对收益",
        "Mean relative return by segment",
    ),
    "chart.companies": Phrase("各公司相对收益", "Relative return by company"),
    "chart.paths": Phrase("相对收益走势", "Relative return over time"),
    "chart.heatmap": Phrase(
        "各环节逐月相对收益",
        "Relative return by segment and month",
    ),
    "chart.migration": Phrase("评级迁移", "Rating migration"),
    # the card and the mail
    "card.interim": Phrase("进行中", "INTERIM"),
    "card.called_became": Phrase("报告所说 → 结果", "Called → became"),
    "card.dots": Phrase(
        "{n} 家公司各一点，按相对各自基准的收益（{unit}）；虚线是报告的评级界线。"
        "实心：高于；灰：其间；空心：低于。",
        "{n:~company/companies}, a dot each, by return relative to its own benchmark ({unit});"
        " dashed: the"
        " report's bounds. Filled above, grey between, hollow below.",
    ),
    "card.dots_own": Phrase(
        "{n} 家公司各一点，按自身收益（{unit}）；虚线是报告的评级界线。"
        "实心：高于；灰：其间；空心：低于。",
        "{n:~company/companies}, a dot each, by its own return ({unit}); dashed: the report's"
        " bounds."
        " Filled above, grey between, hollow below.",
    ),
    "card.source": Phrase("行情 {sources:、}，截至 {as_of}", "Prices: {sources:,} to {as_of}"),
    "card.no_advice": Phrase(
        "事后计量，不是建议；报告未给个股评级",
        "Measured after the fact, no advice; the report rated no company",
    ),
    "mail.more": Phrase("另有 {n} 行，见网页。", "{n} more {n:?row/rows} on the page."),
    "mail.subject": Phrase("{title}：{numbers:，}", "{title}: {numbers:,}"),
    # cells of tables
    "column.all_once": Phrase("全部（公司各计一次）", "All, each company once"),
    "column.not_yet": Phrase("未开始", "not yet"),
    "column.one_only": Phrase("仅一家", "one only"),
    # notebooks
    "notebook.published": Phrase(
        "发布 {published} · 截至 {as_of}",
        "published {published} · as of {as_of}",
    ),
    "notebook.more_rows": Phrase(
        "另有 {more} 行，见 .companies",
        "{more} more {more:?row/rows} in .companies",
    ),
    "notebook.companies": Phrase("各公司（{n} 条提及）", "Companies ({n:~mention})"),
    "notebook.dots": Phrase(
        "每家公司{late}的相对收益（百分点）；虚线是评级界线，空心点低于下界。",
        "Each company's relative return in points, {late}; dashed: the bounds; hollow: below.",
    ),
    "notebook.dumbbells": Phrase(
        "每家公司的相对收益（百分点）：灰点为{early}，大点为{late}；虚线是评级界线，"
        "空心点低于下界。",
        "Each company's relative return in points: the grey dot is {early}, the large one {late};"
        " dashed: the scale's bounds; hollow: below.",
    ),
    "notebook.unrated": Phrase("无评级：{unrated}。", "Unrated: {unrated}."),
    # the page
    "page.printed": Phrase("印出 {said}", "printed: {said}"),
    "page.name": Phrase("名称", "Name"),
    "page.why_this_listing": Phrase("为何是这只证券", "Why this listing"),
    "page.extremes": Phrase("途中最高 / 最低", "Highest / lowest on the way"),
    "page.flipped_by": Phrase("改变评级的口径", "Flipped by"),
    "page.two_benchmarks": Phrase("两个基准", "Two benchmarks"),
    "page.benchmarks_disagree": Phrase(
        "对两个基准的评级不一致，见证据。",
        "The ratings by the two benchmarks disagree; see the evidence.",
    ),
    "page.first_reached": Phrase("首次触及", "First reached"),
    "page.check": Phrase("{code} {first}：{detail}", "{code} {first}: {detail}"),
    "page.touch_none": Phrase("–", "–"),
    "page.touch_struck": Phrase("因此无评级", "no rating because of it"),
    "page.touch_close": Phrase(
        "涉及起点或终点：评级按证据所列的收盘计算",
        "at a close the rating rests on: rated on the closes in the evidence",
    ),
    "page.touch_inside": Phrase(
        "起点与终点之间：两端收盘不受影响，评级不变",
        "between base and end: neither close is touched, the rating stands",
    ),
    "page.touch_outside": Phrase(
        "计量区间之外：评级不受影响", "outside the measured interval: the rating is not touched"
    ),
    "page.from_to": Phrase("{low} 至 {high}", "{low} to {high}"),
    "page.simulated": Phrase("SIMULATED 模拟数据 · ", "SIMULATED 模拟数据 · "),
    "page.points": Phrase("百分点", "pp"),
    "page.percent": Phrase("%", "%"),
    "page.open": Phrase("期限未到", "open"),
    "page.not_measured": Phrase("未能计量", "not measured"),
    "page.agrees": Phrase("一致", "agrees"),
    "page.does_not_agree": Phrase("不一致", "does not agree"),
    # terminal and Markdown
    "text.finding": Phrase("结论", "Finding"),
    "text.scoreboard": Phrase("评级分布", "Scoreboard"),
    "text.sector_call": Phrase("行业评级", "Sector call"),
    "text.figures": Phrase("是实力还是天气", "Skill or weather"),
    "text.segments": Phrase("各环节", "Segments"),
    "text.companies": Phrase("各公司", "Companies"),
    "text.unrated": Phrase("无评级", "Unrated"),
    "text.remarks": Phrase("说明", "Remarks"),
    "text.price_checks": Phrase("行情检查", "Price checks"),
    "text.strikes_nobody": Phrase("未使评级作废", "no rating lost to it"),
    "text.check": Phrase(
        "{code:@finding} × {n}（{action}）：{who}", "{code:@finding} × {n} ({action}): {who}"
    ),
    "text.check_shared": Phrase(
        "{code:@finding}{since}（{action}）：{said}", "{code:@finding}{since} ({action}): {said}"
    ),
    "text.price_sources": Phrase("行情来源", "Price sources"),
    "text.published": Phrase(
        "发布 {published} · 截至 {as_of}",
        "Published {published} · as of {as_of}",
    ),
    "text.mentions": Phrase("提及（表中各行）", "Mentions"),
    "text.companies_once": Phrase("公司（各计一次）", "Companies"),
    "text.ambiguous": Phrase(
        "{name}?：印名有歧义，按 {symbol} 计量，其他候选 {others}。",
        "{name}?: ambiguous in print, measured as {symbol}; other candidates: {others}.",
    ),
    "text.pending": Phrase(
        "{name}*：报告注明“{note}”。",
        "{name}*: the report notes {note} (cooperation pending).",
    ),
    "text.benchmarks_disagree": Phrase(
        "{name}：对另一基准 {against} 为 {figure}，{second}，两者不一致。",
        "{name}: against the second benchmark {against} {figure}, {second:/lower}; the two"
        " disagree.",
    ),
    # the workbook
    "book.evidence_note": Phrase(
        "每行一个提及、一个窗口、一个基准。涨跌、相对收益、级别与评级都是公式，只由本行的收盘"
        "价和“方法”表的评级标准得出。",
        "One row a mention, window and benchmark. Returns, relative return, level and rating"
        " are formulas of this row's closes and of the scale on the sheet Method.",
    ),
    "book.companies_note": Phrase(
        "每行一个提及。收盘价链接到“证据”表；涨跌、相对收益、级别与评级都是公式。其他窗口"
        "和另一基准的数字也链接到“证据”表。",
        "One row a mention. Closes link to the sheet Evidence; returns, relative return,"
        " level and rating are formulas. Other windows and the second benchmark link there"
        " too.",
    ),
    "book.tab_summary": Phrase("摘要", "Summary"),
    "book.tab_segments": Phrase("环节", "Segments"),
    "book.tab_figures": Phrase("实力或天气", "Figures"),
    "book.tab_companies": Phrase("公司", "Companies"),
    "book.tab_evidence": Phrase("证据", "Evidence"),
    "book.tab_paths": Phrase("路径", "Paths"),
    "book.tab_unrated": Phrase("无评级", "Unrated"),
    "book.tab_findings": Phrase("检查与来源", "Findings"),
    "book.tab_method": Phrase("方法", "Method"),
    "book.tab_league": Phrase("排名·{by:@group}", "League {by}"),
    "book.tab_calibration": Phrase("校准", "Calibration"),
    "book.tab_months": Phrase("月份", "Months"),
    "book.tab_targets": Phrase("目标价", "Targets"),
    "book.tab_calls": Phrase("观点", "Calls"),
    "book.bound": Phrase("界线 {bound}", "Bound {bound}"),
    "book.companies_chart": Phrase(
        "各公司相对收益；虚线是评级界线", "Relative return by company; dashed: the scale's bounds"
    ),
    "book.companies_chart_from": Phrase(
        "各公司相对收益：小方块为{first}，大点为结果；虚线是评级界线",
        "Relative return by company: small squares {first}, large marks the result",
    ),
    "book.evidence": Phrase("证据", "Evidence"),
    "book.companies": Phrase("各公司", "Companies"),
    "book.level": Phrase("级别", "Level"),
    "book.segment_no": Phrase("环节号", "Segment no."),
    "book.listed_flag": Phrase("已上市（1/0）", "Listed (1/0)"),
    "book.total_flag": Phrase("计入全部（1/0）", "Counts in the total (1/0)"),
    "book.paths": Phrase("相对收益路径", "Paths of relative return"),
    "book.all": Phrase("全部", "All"),
    "book.paths_note": Phrase(
        "自起点起的相对收益。一地休市的日子沿用其前值。环节与全部为有评级成员的等权平均。",
        "Relative return since the base. Where one exchange is closed its last value stands."
        " Segments and total are equal-weighted means of rated members.",
    ),
    "book.mean_paths": Phrase(
        "全部与各环节的平均路径",
        "Mean paths of the report and segments",
    ),
    "book.paths_thinned": Phrase(
        "提及太多：{n} 天中列出均匀的 {n2} 天。",
        "Many mentions: {n2} of {n:~day}, evenly spaced.",
    ),
    "book.stock_scale": Phrase(
        "个股评级标准（由低到高）",
        "Stock scale, lowest level first",
    ),
    "book.unrated_note": Phrase(
        "共 {n} 条提及没有评级；每条只有一个原因。",
        "{n:~mention} {n:?has/have} no rating; each has one reason.",
    ),
    "book.findings_note": Phrase(
        "行情检查发现 {n} 项；下表之后列出所用的 {n2} 个价格序列。",
        "The price checks found {n:~thing}; below {n:?it/them} the {n2} price series.",
    ),
    "book.method": Phrase("方法与评级标准", "Method and rating standard"),
    "book.sector_scale": Phrase(
        "行业评级标准（由低到高）",
        "Sector scale, lowest level first",
    ),
    "book.name": Phrase("名称", "Name"),
    "book.lower_bound": Phrase("下界", "Lower bound"),
    "book.lower_bound_included": Phrase(
        "下界属于本级（1 是 0 否）",
        "Lower bound is in the level (1 yes, 0 no)",
    ),
    "book.unrated": Phrase("无评级及原因", "Unrated, and why"),
    "book.findings": Phrase("行情检查与来源", "Price checks, sources"),
    "book.notice": Phrase("声明", "Notice"),
    "book.report": Phrase("报告", "Report"),
    "book.publisher": Phrase("机构", "Publisher"),
    "book.published": Phrase("发布日", "Published"),
    "book.as_of": Phrase("截至", "As of"),
    "book.basis": Phrase("收益口径", "Basis"),
    "book.base_session": Phrase("起点", "Base session"),
    "book.comparison": Phrase(
        "比较方式（difference 或 ratio）",
        "Comparison (difference or ratio)",
    ),
    "book.tolerance": Phrase("边界容差", "Tolerance at a bound"),
    "book.word_for_unrated": Phrase("无评级的写法", "Word for unrated"),
    "book.zero_level": Phrase("0 落在第几级", "Level that 0 falls in"),
    "book.meaning": Phrase("含义", "Meaning"),
    "book.check_code": Phrase("检查代码", "Check code"),
    "book.segments_note": Phrase(
        "数目与平均都是“公司”表上的公式；环节为等权平均，各成员对各自的基准。",
        "Counts and averages are formulas over the sheet Companies; equal weights, each"
        " member against its own benchmark.",
    ),
    "book.listed_unrated": Phrase("已上市而无评级", "Listed, unrated"),
    "book.segments": Phrase("各环节", "Segments"),
    "book.companies_once": Phrase("公司（各计一次）", "Companies, once"),
    "book.segments_about": Phrase("各环节与全部", "Segments and the whole report"),
    "book.evidence_about": Phrase(
        "证据：每个数字的交易日与收盘价",
        "Sessions and closes of every number",
    ),
    "book.findings_about": Phrase("行情检查与来源", "Price checks and sources"),
    "book.method_about": Phrase(
        "方法、评级标准、定义",
        "Method, rating scale, definitions",
    ),
    "book.ratings_by_segment": Phrase("各环节的评级分布", "Ratings by segment"),
    "book.segment_means": Phrase("各环节平均相对收益", "Mean relative return"),
    "book.sum": Phrase("合计", "All"),
    "book.check": Phrase("核对：与“公司”表一致", "Check against Companies"),
    "book.sector_rating": Phrase("报告的行业评级", "Published sector rating"),
    "book.sector_return": Phrase(
        "等权平均相对收益",
        "Equal-weighted relative return",
    ),
    "book.realised_rating": Phrase("实现评级", "Realised rating"),
    "book.agrees": Phrase("一致", "Agrees"),
    "book.reasons": Phrase("无评级原因（提及）", "Reasons unrated (mentions)"),
    # weekly texts
    "week.rating": Phrase("评级", "Rating"),
    # put together by hand
    "chart.segments_axis": Phrase(
        "等权平均相对收益；横线为去一范围", "Mean; the bar spans leave-one-out"
    ),
    "chart.window_axis": Phrase(
        "相对收益：{window:@window}", "Relative return, {window:@window/lower}"
    ),
    "chart.windows_axis": Phrase(
        "相对收益：空心 {first:@window}，实心 {last:@window}",
        "Relative return: hollow {first:@window/lower}, solid {last:@window/lower}",
    ),
    "chart.mean": Phrase("等权平均", "Mean"),
    "chart.simulated": Phrase("模拟数据 SIMULATED", "SIMULATED"),
    "chart.interim": Phrase("进行中 INTERIM", "INTERIM"),
    "chart.marked": Phrase("【{marks}】{title}", "[{marks}] {title}"),
    "chart.about": Phrase(
        "{title}；发布 {published}，截至 {as_of}；事后计量，不是建议",
        "{title}; published {published}, as of {as_of}; a measurement, not advice",
    ),
    "place.page": Phrase("第{n}页", "p. {n}"),
    "place.line": Phrase("{n}行", "line {n}"),
    "place.row": Phrase("表{n}行", "row {n}"),
    "place.column": Phrase("{n}列", "col. {n}"),
    "reading.blanks": Phrase("未印出: {names:、}", "Not printed: {names:&/small}"),
    "reading.decided": Phrase("{n} 处提及，全部对应。", "{n:~mention}, every one decided."),
    "reading.undecided": Phrase(
        "{n} 处提及，{open} 处未定；用 --choose 公司=证券 或 --overrides 文件决定：",
        "{n:~mention}, {open} undecided; decide with --choose COMPANY=LISTING or --overrides FILE:",
    ),
    "report.published": Phrase("发布 {published}", "Published {published}"),
    "report.published_after": Phrase(
        "发布日未印出；正文只说明晚于 {after}",
        "The publication date is not printed; the text only shows it is after {after}",
    ),
    "report.standard": Phrase(
        "评级标准（{months} 个月）：{levels: · }", "Standard ({months}m): {levels: · }"
    ),
    "report.level": Phrase("{level}{span}", "{level}{span}"),
    "report.open_choice": Phrase(
        "{name}：{why}（{candidates:、}）", "{name}: {why} ({candidates:,})"
    ),
    "report.sector_call": Phrase(
        "行业评级：{level}（{action}）", "Sector call: {level} ({action})"
    ),
    "text.listed": Phrase(
        "已上市 {listed} + 未上市 {unlisted}", "{listed} listed + {unlisted} not"
    ),
    "text.listed_or_not": Phrase(
        "已上市 {listed} + 未上市 {unlisted} + 未对应 {other}",
        "{listed} listed + {unlisted} not + {other} not matched",
    ),
    "text.rated": Phrase("有评级 {rated} + 无评级 {unrated}", "{rated} rated + {unrated} unrated"),
    "text.rated_because": Phrase(
        "有评级 {rated} + 无评级 {unrated}（{why}）", "{rated} rated + {unrated} unrated ({why})"
    ),
    "text.level": Phrase("{sign}{level} {n}", "{sign} {level:/lower} {n}"),
    "text.counts": Phrase(
        "{what} {n} = {parts}；已上市 {listed} = {rated}；有评级：{levels:，}",
        "{what} {n} = {parts}; {listed} listed = {rated}; rated: {levels:,}",
    ),
    "text.source": Phrase(
        "{source:@source}：{n} 个序列，{adjustment}，最后交易日 {last}",
        "{source:@source}: {n} series, {adjustment:/small}, last session {last}",
    ),
    "book.chart_simulated": Phrase("SIMULATED 模拟 · {title}", "SIMULATED 模拟 · {title}"),
    "book.simulated": Phrase("SIMULATED 模拟数据", "SIMULATED 模拟数据"),
    # the sheet on skill
    "skill.skill_or_weather": Phrase("是实力还是天气", "Skill or weather"),
    "skill.figure": Phrase("项目", "Figure"),
    "skill.in_plain_words": Phrase("结论", "In plain words"),
    "skill.method_limits": Phrase("方法与限度", "Method and limits"),
    "skill.company": Phrase("公司", "Company"),
    "skill.relative_return": Phrase("相对收益", "Relative return"),
    "skill.mean_without_all_better": Phrase(
        "去掉它及更好者后的均值", "Mean without it and all better"
    ),
    "skill.mean_without_alone": Phrase("仅去掉它的均值", "Mean without it alone"),
    "skill.part_mean": Phrase("对均值的贡献", "Part of the mean"),
    "skill.beta": Phrase("贝塔", "Beta"),
    "skill.standard_error": Phrase("贝塔标准误", "Its standard error"),
    "skill.adjusted_for_beta": Phrase("贝塔调整后", "Adjusted for beta"),
    # the track record
    "record.as_of": Phrase("截至 {as_of}", "as of {as_of}"),
    "record.excess": Phrase("超出（百分点）", "Excess, points"),
    "record.rank": Phrase("名次", "#"),
}
