"""How unusual a result is and what carried it, in both languages: for a manager and a statistician.

Keys come in pairs: ``study.x`` is what a manager reads, ``study.x.how`` what a statistician asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import Phrase

__all__ = ["STUDY_NAMES", "STUDY_REASONS", "STUDY_SENTENCES", "study_name"]

STUDY_NAMES: Final[Mapping[str, Phrase]] = {
    "placebo": Phrase("是否罕见", "How unusual"),
    "interval": Phrase("均值区间", "Interval of the mean"),
    "concentration": Phrase("靠谁撑起", "What carried it"),
    "bets": Phrase("独立标的数", "Independent bets"),
    "hit_rate": Phrase("跑赢比例", "Hit rate"),
    "parts": Phrase("均值的构成", "Parts of the mean"),
    "weighted": Phrase("自定权重", "Weighted"),
    "comparison": Phrase("差值与比值", "Difference and ratio"),
    "benchmark": Phrase("自选基准", "Benchmark of the user's choice"),
    "lost": Phrase("期间退出者", "Lost on the way"),
    "beta": Phrase("贝塔调整", "Adjusted for beta"),
    "risk": Phrase("途中风险", "Risk on the way"),
}
"""Name of each figure."""

STUDY_REASONS: Final[Mapping[str, Phrase]] = {
    "nobody_rated": Phrase("没有可评级的公司", "nobody is rated"),
    "too_few_members": Phrase("成员太少", "too few members"),
    "too_few_dates": Phrase("更早的日子太少", "too few earlier dates"),
    "too_few_sessions": Phrase("交易日太少", "too few sessions"),
}
"""Why a study has no number."""

STUDY_SENTENCES: Final[Mapping[str, Phrase]] = {
    "study.sentence": Phrase("{mark}{said}。", "{mark}{said:/capital}."),
    "study.joined": Phrase("{parts:；}", "{parts:;}"),
    "study.marked": Phrase("SIMULATED 模拟数据：", "SIMULATED: "),
    "study.unmarked": Phrase("", ""),
    "study.nobody": Phrase(
        "没有公司可评级，无从比较。", "Nobody is rated, so nothing is compared."
    ),
    "study.chart": Phrase(
        "同一篮子从更早日期起的平均", "The same basket's mean from earlier dates"
    ),
    "study.chart_about": Phrase(
        "{n} 个更早日期；竖线：本次 {realised}，虚线：评级界线；"
        "低于本次的占 {rank:.0%}（名次，不是概率）",
        "{n} earlier {n:?date/dates}; line: this time {realised}, dashed: the bounds; {rank:.0%}"
        " lie below it"
        " (a rank, not a probability)",
    ),
    "study.dates": Phrase("日期数", "Dates"),
    "study.line": Phrase("{figure:@study}：{plain}。", "{figure:@study}: {plain}."),
    "study.line.exact": Phrase(
        "{figure:@study}：{plain}。{exact}。", "{figure:@study}: {plain}. {exact:/capital}."
    ),
    "study.none": Phrase("不作判断：{reason:@study_reason}", "not said: {reason:@study_reason}"),
    "study.placebo": Phrase(
        "同一篮子从 {dates} 个更早的交易日起，按同样办法计量，平均为 {usual:+.1%}；本次"
        " {realised:+.1%}"
        " 高于其中的 {rank:.0%}",
        "measured alike from {dates} earlier {dates:?session/sessions}, the same basket made"
        " {usual:+.1%} on"
        " average;"
        " its {realised:+.1%} is above {rank:.0%} of them",
    ),
    "study.placebo.how": Phrase(
        "这是 {dates} 个日子中的名次，不是概率：它们首尾只合 {windows:.1f}"
        " 个窗口，{overlapping:.0%}"
        " 与本次窗口重叠；只用至少九成成员可评级的日子，每次比较用两个日子共有的成员。"
        "写进主题报告的"
        "公司，此前多半已经上涨，更早日子的均值因此偏高。在毫无效应的模拟世界里，"
        "名次落入最外一成的占"
        " 13%（跨 5 个窗口）到 22%（跨 2 个窗口）",
        "a rank among {dates:~date}, not a probability: they span {windows:.1f} windows, and"
        " {overlapping:.0%} overlap this one; only dates with nine tenths of the members"
        " rated, each"
        " compared over the members that both dates have. Names printed in a thematic report have"
        " usually risen before it, which lifts the mean of earlier dates. In simulated"
        " worlds without any"
        " effect the outer tenth of ranks is met in 13% (five windows) to 22% (two windows)",
    ),
    "study.interval": Phrase(
        "这 {sessions} 个交易日的起伏之大，使均值落在 {low:+.1%} 到 {high:+.1%} 之间都说得通",
        "days that scatter like these {sessions} are compatible with a mean anywhere from"
        " {low:+.1%}"
        " to {high:+.1%}",
    ),
    "study.interval.how": Phrase(
        "篮子在这样一个窗口内均值的 {level:.0%} 区间：标准误 {error:.1%}，{cosines}"
        " 个余弦的长期方差与"
        "学生 t 分位数（Lazarus 等，2018）；不是对下一个窗口的预测",
        "{level:.0%} interval of the basket's mean over such a window: standard error"
        " {error:.1%}, the"
        " long-run variance by {cosines:~cosine} and Student's t (Lazarus and others, 2018); no"
        " forecast of the next window",
    ),
    "study.concentration": Phrase(
        "去掉最好的 {gone} 家，其余的均值为 {remaining:+.1%}",
        "without its best {gone:~name} the mean is {remaining:+.1%}",
    ),
    "study.concentration.shares": Phrase(
        "最好的一家、三家、五家占全部超额的 {one:.0%}、{three:.0%}、{five:.0%}；去掉任一家，均值在"
        " {low:+.1%} 到 {high:+.1%} 之间",
        "the best one, three and five make {one:.0%}, {three:.0%} and {five:.0%} of the sum;"
        " without"
        " any one name the mean lies between {low:+.1%} and {high:+.1%}",
    ),
    "study.concentration.range": Phrase(
        "去掉任一家，均值在 {low:+.1%} 到 {high:+.1%} 之间",
        "without any one name the mean lies between {low:+.1%} and {high:+.1%}",
    ),
    "study.bets": Phrase(
        "{members} 家的走势只相当于 {effective:.1f} 个互不相关的标的",
        "{members:~name} {members:?moves/move} like {effective:.1f} independent ones",
    ),
    "study.bets.how": Phrase(
        "每日相对收益两两相关系数平均 {correlation:.2f}；n / (1 + (n − 1) ρ)",
        "mean correlation of daily relative returns {correlation:.2f}; n / (1 + (n − 1) ρ)",
    ),
    "study.hit_rate": Phrase(
        "{of} 家中 {hits} 家跑赢（{rate:.0%}）；同样的公司在其他日子平均为 {base:.0%}",
        "{hits} of {of} outperformed ({rate:.0%}); on other dates the same names {base:.0%}",
    ),
    "study.hit_rate.alone": Phrase(
        "{of} 家中 {hits} 家跑赢（{rate:.0%}）", "{hits} of {of} outperformed ({rate:.0%})"
    ),
    "study.hit_rate.how": Phrase(
        "{level:.0%} 精确区间 {low:.0%} 到 {high:.0%}（Clopper–Pearson），只描述这个计数："
        "各家并不独立",
        "exact {level:.0%} interval {low:.0%} to {high:.0%} (Clopper–Pearson), which describes the"
        " count only: the names are not independent",
    ),
    "study.part": Phrase(
        "{members} 家对 {name} {mean:+.1%}", "{members} against {name} {mean:+.1%}"
    ),
    "study.parts": Phrase("{parts:、}，合计 {mean:+.1%}", "{parts} make {mean:+.1%}"),
    "study.parts.how": Phrase(
        "中位数 {median:+.1%}；仅报告本市场的 {members} 家：均值 {own:+.1%}，中位数"
        " {own_median:+.1%}",
        "median {median:+.1%}; the report's own market alone, {members:~name}: mean {own:+.1%},"
        " median {own_median:+.1%}",
    ),
    "study.parts.median": Phrase("中位数 {median:+.1%}", "median {median:+.1%}"),
    "study.weighted": Phrase(
        "按 suppliers.csv 的权重为 {weighted:+.1%}，等权为 {mean:+.1%}",
        "{weighted:+.1%} by the weights of suppliers.csv, {mean:+.1%} by equal ones",
    ),
    "study.comparison": Phrase(
        "按差值均值为 {difference:+.1%}，按比值为 {ratio:+.1%}",
        "the mean is {difference:+.1%} as a difference and {ratio:+.1%} as a ratio",
    ),
    "study.benchmark": Phrase(
        "{n} 家对自选的 {index} 为 {mean:+.1%}，对报告自己的基准为 {own:+.1%}；{turned} 家评级不同",
        "{n:~name} against {index}, {mean:+.1%}; against the report's own benchmark {own:+.1%};"
        " {turned:~rating} {turned:?differs/differ}",
    ),
    "study.benchmark.only": Phrase(
        "报告没有为 {market} 指定基准，按自选的 {index} 计量",
        "the report names none for {market}, which is measured against {index}",
    ),
    "study.lost": Phrase(
        "{n} 家在起点之后退出（停牌或退市），按最后成交平均 {mean:+.1%}，不在均值之内",
        "{n:~name} lost after the base (suspended or delisted), {mean:+.1%} on average when last"
        " traded; not in the mean",
    ),
    "study.beta": Phrase(
        "按各自的贝塔扣除基准后为 {adjusted:+.1%}，不调整为 {plain:+.1%}（{members} 家）",
        "{adjusted:+.1%} after taking off each beta times its benchmark, {plain:+.1%} as it stands"
        " ({members:~name})",
    ),
    "study.beta.how": Phrase(
        "篮子的贝塔 {beta:.2f}，标准误 {error:.2f}（起点前第 120 至第 20"
        " 个共同交易日的普通最小二乘）；"
        "不扣除阿尔法",
        "the basket's beta is {beta:.2f}, standard error {error:.2f} (ordinary least squares"
        " over the"
        " common sessions −120 to −20 before the base); no alpha is taken off",
    ),
    "study.risk": Phrase(
        "相对走势最深回撤 {drawdown:.1%}（{peak} 至 {trough}）",
        "the relative path fell {drawdown:.1%} at worst ({peak} to {trough})",
    ),
    "study.risk.how": Phrase(
        "年化跟踪误差 {error:.1%}，信息比率 {ratio:.2f}（每年按 252 个交易日）",
        "tracking error {error:.1%} a year, information ratio {ratio:.2f} (252 sessions a year)",
    ),
}
"""Templates by key."""


def study_name(key: str) -> Phrase:
    """What a figure is called.

    Examples
    --------
    >>> study_name("beta").en
    'Adjusted for beta'
    """
    return STUDY_NAMES[key]
