"""Every word an output prints, in Chinese and English, and how a number becomes text.

Codes, ids and fractions cross the package; words are chosen here, once, so that page, workbook,
tables and charts call the same thing by the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from supplychain_screen.words.numerals import MISSING, counted, is_missing
from supplychain_screen.words.phrase import ByRule, Lang, Phrase, name_phrase, phrases

__all__ = [
    "ADJUSTMENTS",
    "BASES",
    "CAUSES",
    "COLUMNS",
    "COMPARISONS",
    "CONFIDENCES",
    "MARKETS",
    "POLICIES",
    "PROPOSALS",
    "RATINGS",
    "ROLES",
    "SCALE_KINDS",
    "SHORT_COLUMNS",
    "STANDARD_FAULTS",
    "STANDINGS",
    "STATUSES",
    "WINDOWS",
    "Colours",
    "colour_names",
    "convention_phrase",
    "default_colours",
    "phrase_of",
    "rating_phrase",
    "rating_sign",
    "rating_tone",
    "say",
    "window_phrase",
]

Tone = Literal["up", "flat", "down", "none"]
Colours = Literal["china", "west", "blue"]
"""Which colour means up: ``china`` red (down is green), ``west`` green (down is red), ``blue``
blue (down is orange, for eyes that do not tell red from green). Arrows and words say it as well."""


def default_colours(lang: Lang) -> Colours:
    """What a reader of the language is used to: red is up in Chinese, green in English."""
    return "china" if lang == "zh" else "west"


def colour_names(colours: Colours) -> tuple[str, str]:
    """What up and down look like, by the names that every palette has.

    Examples
    --------
    >>> colour_names("china"), colour_names("blue")
    (('red', 'green'), ('blue', 'orange'))
    """
    known = {"china": ("red", "green"), "west": ("green", "red"), "blue": ("blue", "orange")}
    return known[colours]


def window_name(window: str) -> Phrase | None:
    """What a window of any standard is called, by its months; None where it is no window.

    Examples
    --------
    >>> window_name("9m"), window_name("1m").en, window_name("neutral")
    (Phrase(zh='9个月', en='9 months'), '1 month', None)
    """
    if not (window.endswith("m") and window[:-1].isdigit()):
        return None
    months = int(window[:-1])
    return Phrase(f"{months}个月", counted(months, "month"))


WINDOWS: Final[Mapping[str, Phrase]] = ByRule(window_name, to_date=("至今", "To date"))
"""Windows of any standard, by their months."""


def window_column(key: str) -> Phrase | None:
    """The head of a column of one window, ``relative_return_9m`` or ``rating_9m``.

    Examples
    --------
    >>> window_column("relative_return_9m"), window_column("rating_to_date").en
    (Phrase(zh='9个月相对收益', en='Relative 9m'), 'Rating to date')
    """
    for prefix, zh, en in (
        ("relative_return_", "相对收益", "Relative"),
        ("rating_", "评级", "Rating"),
    ):
        window = key.removeprefix(prefix)
        words = WINDOWS.get(window) if window != key else None
        if words is not None:
            return Phrase(f"{words.zh}{zh}", f"{en} {window.replace('_', ' ')}")
    return None


def short_window_column(key: str) -> Phrase | None:
    """The same where there is little room: ``3个月相对``, ``At 3m``."""
    window = key.removeprefix("relative_return_")
    words = WINDOWS.get(window) if window != key else None
    return None if words is None else Phrase(f"{words.zh}相对", f"At {window}")


COLUMNS: Final[Mapping[str, Phrase]] = ByRule(
    window_column,
    order=("序号", "No."),
    segment=("环节", "Segment"),
    segment_en=("环节（英文）", "Segment (English)"),
    company=("公司", "Company"),
    company_en=("公司（英文）", "Company (English)"),
    note=("报告括注", "Note in the report"),
    pending=("合作待定", "Cooperation pending"),
    status=("状态", "Status"),
    confidence=("对应把握", "Match"),
    candidates=("其他候选", "Other candidates"),
    listing=("证券标识", "Listing id"),
    print_company=("公司", "Company"),
    print_code=("印出代码", "Code printed"),
    print_listing=("证券", "Listing"),
    print_rating=("评级", "Rating"),
    print_target=("目标价", "Target"),
    place=("出处", "Place"),
    printed_rating=("印出评级", "Printed rating"),
    printed_target=("印出目标价", "Printed target"),
    target_currency=("目标价货币", "Currency of the target"),
    symbol=("代码", "Symbol"),
    mic=("交易所", "Exchange"),
    market=("市场", "Market"),
    currency=("货币", "Currency"),
    benchmark=("基准代码", "Benchmark symbol"),
    benchmark_name=("基准", "Benchmark"),
    stage=("阶段", "Stage"),
    day=("第几日", "Day"),
    days=("共几日", "Days"),
    window=("窗口", "Window"),
    base_session=("起点交易日", "Base session"),
    end_session=("终点交易日", "End session"),
    base_close=("起点收盘", "Base close"),
    end_close=("终点收盘", "End close"),
    benchmark_base=("基准起点", "Benchmark base"),
    benchmark_end=("基准终点", "Benchmark end"),
    benchmark_return=("基准涨跌", "Benchmark return"),
    relative_return=("相对收益", "Relative return"),
    rating=("实现评级", "Realised rating"),
    reason=("无评级原因", "Reason unrated"),
    alternative_benchmark=("另一基准", "Second benchmark"),
    alternative_relative_return=("对另一基准", "Relative to second"),
    alternative_rating=("另一基准评级", "Rating by second"),
    ratings_disagree=("两基准不一致", "Ratings disagree"),
    robustness_agree=("口径一致数", "Conventions agreeing"),
    robustness_of=("口径总数", "Conventions tried"),
    robustness_distinct=("其中不同的口径", "Conventions that differ"),
    robustness_flips=("改变评级的口径", "Conventions that flip it"),
    robustness=("稳健性", "Robustness"),
    role=("基准角色", "Benchmark role"),
    base_date=("起点日期", "Base date"),
    end_date=("终点日期", "End date"),
    base_age=("起点隔交易日", "Base age (sessions)"),
    end_age=("终点隔交易日", "End age (sessions)"),
    benchmark_base_session=("基准起点交易日", "Benchmark base session"),
    benchmark_base_age=("基准起点隔交易日", "Benchmark base age"),
    benchmark_end_session=("基准终点交易日", "Benchmark end session"),
    benchmark_end_age=("基准终点隔交易日", "Benchmark end age"),
    source=("来源", "Source"),
    adjustment=("复权", "Adjustment"),
    fetched_at=("取得时间", "Fetched at"),
    benchmark_source=("基准来源", "Benchmark source"),
    benchmark_adjustment=("基准复权", "Benchmark adjustment"),
    benchmark_fetched_at=("基准取得时间", "Benchmark fetched at"),
    last_session=("最后交易日", "Last session"),
    mentions=("提及", "Mentions"),
    listed=("已上市", "Listed"),
    unlisted=("未上市", "Unlisted"),
    unresolved=("未对应", "Unresolved"),
    rated=("有评级", "Rated"),
    rated_of=("有评级 / 提及", "Rated / mentions"),
    unrated=("无评级", "Unrated"),
    unrated_reasons=("无评级原因", "Reasons unrated"),
    mean=("等权平均", "Mean"),
    median=("中位数", "Median"),
    best=("最好", "Best"),
    best_company=("最好公司", "Best company"),
    worst=("最差", "Worst"),
    worst_company=("最差公司", "Worst company"),
    hit_rate=("优于占比", "Hit rate"),
    leave_one_out=("去一范围", "Leave-one-out"),
    leave_one_out_low=("去一最低", "Leave-one-out low"),
    leave_one_out_high=("去一最高", "Leave-one-out high"),
    single_company=("仅一家", "One company"),
    detail=("说明", "Detail"),
    before=("原评级", "Before"),
    after=("现评级", "After"),
    relative_before=("原相对收益", "Relative before"),
    relative_after=("现相对收益", "Relative after"),
    cause=("原因", "Cause"),
    code=("检查", "Check"),
    first=("首日", "First"),
    last=("末日", "Last"),
    action=("处理", "Action"),
    session=("交易日", "Session"),
    stock_return=("个股涨跌", "Stock return"),
    **{"return": ("涨跌", "Return")},
)

SHORT_COLUMNS: Final[Mapping[str, Phrase]] = ByRule(
    short_window_column,
    printed_rating=("印出", "Printed"),
    target=("目标价", "Target"),
    benchmark_return=("基准", "Index"),
    relative_return=("相对", "Relative"),
    relative_before=("原相对", "Rel. bef."),
    relative_after=("现相对", "Rel. aft."),
    rated_of=("有评级", "Rated"),
    hit_rate=("优于", "Hit"),
    leave_one_out=("去一范围", "Less one"),
)
"""Heads of columns that are a few characters wide, where they differ."""

RATINGS: Final = phrases(
    outperform=("优于大市", "Outperform"),
    neutral=("中性", "Neutral"),
    underperform=("弱于大市", "Underperform"),
    unrated=("无评级", "Unrated"),
)
"""Names of the packaged standard's levels; another scale brings its own (`rating_phrase`)."""


PROPOSALS: Final = phrases(
    title=("标题", "Title"),
    publisher=("发布机构", "Publisher"),
    published=("发布日", "Published"),
    analysts=("分析师", "Analysts"),
    own_rating=("报告评级", "Own rating"),
    sector_call=("行业评级", "Sector call"),
    action=("评级变动", "Change of rating"),
    target=("报告目标价", "Own target price"),
    standard=("评级标准", "Rating standard"),
    benchmarks=("比较基准", "Benchmarks"),
)
"""What a report says of itself, or leaves blank."""

STANDARD_FAULTS: Final = phrases(
    horizon=("未印出期限，按 6 至 12 个月计", "no horizon is printed: 6 to 12 months are taken"),
    benchmarks=("未印出基准", "no benchmark is printed"),
    stock=(
        "个股级别无法衡量，可用 --standard 另行指定",
        "its levels for stocks cannot be measured: --standard names others",
    ),
)
"""What a printed rating standard leaves open."""

MARKETS: Final = phrases(
    a_share=("A股市场", "Mainland A shares"),
    hong_kong=("香港市场", "Hong Kong"),
    us=("美国市场", "United States"),
    taiwan=("台湾市场", "Taiwan"),
    japan=("日本市场", "Japan"),
    korea=("韩国市场", "Korea"),
)
"""Markets whose usual index stands in where a table names no standard."""

STATUSES: Final = phrases(
    listed=("已上市", "Listed"),
    unlisted=("未上市", "Unlisted"),
    unresolved=("未对应", "Unresolved"),
)

CONFIDENCES: Final = phrases(
    verified=("已核实", "Verified"),
    ambiguous=("印名有歧义", "Ambiguous in print"),
    unverified=("未核实", "Unverified"),
    chosen=("使用者指定", "Chosen by the user"),
)

ROLES: Final = phrases(
    primary=("主基准", "Primary benchmark"),
    alternative=("另一基准", "Second benchmark"),
    extension=("使用者扩展", "User's extension"),
)

BASES: Final = phrases(
    price=("价格收益（不计现金分红）", "Price return (cash dividends ignored)"),
    total=("总收益（分红再投资）", "Total return (dividends reinvested)"),
)

POLICIES: Final = phrases(
    on_or_before=("发布当日或之前", "On or before publication"),
    before=("发布之前", "Before publication"),
    on_or_after=("发布当日或之后", "On or after publication"),
    after=("发布次日起的第一个交易日", "The first session after the day of publication"),
)

COMPARISONS: Final = phrases(
    difference=("差值：个股涨跌 − 基准涨跌", "Difference: stock return − benchmark return"),
    ratio=(
        "比值：(1+个股涨跌) ÷ (1+基准涨跌) − 1",
        "Ratio: (1 + stock return) ÷ (1 + benchmark return) − 1",
    ),
    own=(
        "不与基准相比：标准按个股自身涨跌评级，各表的“相对收益”即自身涨跌",
        "Without a benchmark: the standard rates the stock's own return, and every 'relative"
        " return' here is that return",
    ),
)

SCALE_KINDS: Final = phrases(
    absolute=("按个股自身收益，不比基准", "The stock's own return, without a benchmark"),
    required=(
        "按个股自身收益，以要求回报率为起点",
        "The stock's own return, counted from a required return",
    ),
    direction=("只说方向，没有数字界限", "A direction, without a number"),
    peer=("相对分析师覆盖范围或同业", "Against the analyst's coverage or the sector"),
)
"""What a scale's bounds are held against, where it is not the market's index."""

STANDINGS: Final = phrases(
    in_force=(
        "{house}的评级标准：{first} 起见于印刷，最近见于 {last}",
        "standard of {house}: in print since {first}, last seen on {last}",
    ),
    before_first=(
        "{day} 早于{house}已知的任何评级标准（最早 {first}）：请与报告核对",
        "{day} lies before any standard of {house} that is known (since {first}): check it against"
        " the report",
    ),
    after_last=(
        "{day} 晚于{house}已知评级标准的有效期（最近见于 {last}）：请与报告核对",
        "{day} lies after the last day of what is known of {house} (last seen on {last}): check"
        " it against the report",
    ),
    undated=(
        "{house}的评级标准没有已知日期：请与报告核对",
        "no date is known of the standard of {house}: check it against the report",
    ),
)
"""How a publication date lies to the dates of a house's standard."""

ADJUSTMENTS: Final = phrases(
    splits=("按送转股调整", "Adjusted for splits"),
    none=("未复权", "As traded"),
    **{
        "splits+dividends": ("按送转股与分红调整", "Adjusted for splits and dividends"),
        "as given": ("文件原样，未说明", "As given, unstated"),
    },
)


CAUSES: Final = phrases(
    new_prices=("新行情", "New prices"),
    window_matured=("窗口到期", "A window matured"),
    restated_history=("历史行情被修订", "Restated history"),
    mapping_changed=("证券对应改变", "Mapping changed"),
    standard_changed=("评级标准改变", "Standard changed"),
    quality_check=("质量检查", "Quality check"),
)


def phrase_of(table: Mapping[str, Phrase], key: object) -> Phrase:
    """What ``key`` is called; an unknown key is shown as it is, a missing one as –.

    Examples
    --------
    >>> phrase_of(STATUSES, "unlisted").zh
    '未上市'
    >>> phrase_of(STATUSES, "something_new").en, phrase_of(STATUSES, None).en
    ('something_new', '–')
    """
    return table.get(str(key)) or name_phrase(key)


def say(table: Mapping[str, Phrase], key: object, lang: Lang) -> str:
    """The text of ``key`` in ``lang``; see `phrase_of`."""
    return phrase_of(table, key).of(lang)


def window_phrase(window: object) -> Phrase:
    """A window in words, whatever its months.

    Examples
    --------
    >>> window_phrase("6m").zh, window_phrase("to_date").en, window_phrase("1m").en
    ('6个月', 'To date', '1 month')
    """
    return phrase_of(WINDOWS, window)


def rating_phrase(scale: Any, name: object) -> Phrase:
    """The level ``name`` in both languages: the scale's own words, else the packaged ones.

    Parameters
    ----------
    scale : RatingScale
        The scale the rating was given on.
    name : str or None
        Name of a level, ``unrated``, or missing.
    """
    if is_missing(name):
        return Phrase(MISSING, MISSING)
    no_view = getattr(scale, "no_view", None)
    for level in (*scale.levels, *([no_view] if no_view is not None else [])):
        if level.name == name:
            known = RATINGS.get(level.name)
            return Phrase(
                level.name_zh or (known.zh if known else level.name_en or level.name),
                level.name_en or (known.en if known else level.name),
            )
    return RATINGS.get(str(name), Phrase(str(name), str(name)))


_TONES: Final[dict[int, Tone]] = {1: "up", 0: "flat", -1: "down"}


def rating_tone(scale: Any, name: object) -> Tone:
    """Colour and arrow of a level on any scale: wholly above zero is up, wholly below is down,
    around zero is flat, as is what says so itself; none for what is no level."""
    return _TONES[scale.side(name)] if name in scale.names else "none"


def rating_sign(tone: Tone) -> str:
    """The arrow of a tone, since colour must never be the only sign.

    Examples
    --------
    >>> "".join(rating_sign(tone) for tone in ("up", "flat", "down", "none"))
    '↑→↓○'
    """
    return {"up": "↑", "flat": "→", "down": "↓", "none": "○"}[tone]


_CONVENTIONS = {
    "price": Phrase("价格收益", "price return"),
    "total": Phrase("总收益", "total return"),
    "difference": Phrase("差值", "difference"),
    "ratio": Phrase("比值", "ratio"),
}


def convention_phrase(text: str) -> Phrase:
    """One convention, written ``total/before/ratio`` or ``base_policy=before``, in words."""
    zh, en = [], []
    for word in text.replace(",", "/").split("/"):
        key = word.split("=")[-1].strip()
        known = _CONVENTIONS.get(key) or POLICIES.get(key) or Phrase(key, key)
        zh.append(known.zh)
        en.append(known.en.lower())
    return Phrase(" · ".join(zh), " · ".join(en))
