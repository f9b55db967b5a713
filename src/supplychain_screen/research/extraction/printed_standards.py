"""The rating standard that a report prints: levels, bounds, horizon, benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from supplychain_screen.errors import RatingScaleError
from supplychain_screen.research.extraction.documents import Place
from supplychain_screen.research.extraction.print_vocabulary import (
    is_chinese,
    printed_words,
    word_key,
)
from supplychain_screen.research.extraction.whole_text import PrintedText
from supplychain_screen.research.index_library import load_indices
from supplychain_screen.research.rating_scale import Level, RatingScale, ScaleKind, Side
from supplychain_screen.research.scale_library import load_library, markets_of
from supplychain_screen.research.standard import Market, RatingStandard

__all__ = ["PrintedLevel", "PrintedStandard", "read_standard"]

_BEGINS = (
    "相对|未来|预期|预计|基于|分析师|行业|公司|股价|股票|个股|我们|由于|因|强于|弱于|优于|超越|领先|"
    "跑赢|跑输|落后|超出|低于|高于|基本|涨幅|跌幅|上涨|下跌|目标|投资|表示|指|报告|在|对|与|介于|不及|"
    "大于|小于|potential|expected|we expect|stock|total|the stock|return|relative|over|more|less|"
    "between|(?<=[=:(])within|(?<=[=:] )within|"  # expected to perform within is no level
    "outperform|underperform|in line|[-+±>≥<≤]{0,2}[0-9.]{1,6} ?%|"
    "[-+±>≥<≤]{0,2}[0-9.]{1,6} ?%?[-~至][-+0-9]"
)
_NUMBER = r"([-+±]|负|正负)?\s*([0-9]+(?:\.[0-9]+)?)\s*%?"
_RANGE = re.compile(
    _NUMBER + r"\s*(?:-|~|—{1,2}|–|至|到|和|与|及|to|and|through)\s*" + _NUMBER.replace("%?", "%"),
    re.IGNORECASE,
)
_PLUS_MINUS = re.compile(
    r"(?:±|正负|\+/-|\bwithin(?= ?[0-9.]+ ?%(?! ?(?:[-~–—]|to\b|and\b))))"
    r"\s*([0-9]+(?:\.[0-9]+)?)\s*%",
    re.IGNORECASE,
)
_ONE = re.compile(r"([-+]|负)?\s*([0-9]+(?:\.[0-9]+)?)\s*%")
_DOWN = re.compile(
    r"(?<!涨)跌|落后|弱于|跑输|劣于|损失|低于|不及|逊|亏|loss|declin|fall|underperform|below|downside",
    re.IGNORECASE,
)
_UP = re.compile(
    r"涨(?!跌)|领先|强于|超越|跑赢|战胜|优于|高于|超出|上升|gain|outperform|above|upside",
    re.IGNORECASE,
)
_AS_WELL = re.compile("持平|跟随|同步|一致|稳定|相若|相当|in line", re.IGNORECASE)
_MORE = re.compile(
    r"以上|及以上|或以上|≥|>=|不小于|不低于|达到或超过|at least|or more", re.IGNORECASE
)
_OVER = re.compile(r"大于|超过|高于|>|over|more than|above|exceed", re.IGNORECASE)
_UNDER = re.compile(r"以下|小于|低于|不足|<|below|less than|under", re.IGNORECASE)
_INDEXED = re.compile(
    r"指数|大盘|基准|大市|市场表现|沪深|恒生|标普|"
    r"market index|benchmark|relative|the market|the index",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    r"绝对(?:收益|涨跌?幅)|(?:股价|股票价格|证券价格|行业指数)的?涨跌幅度?(?:作)?为(?:分类)?(?:基准|标准)"
)
"""A share's own move, held against nothing else."""
_AGAINST = re.compile("相对[强弱]?于?[^。]{0,12}(?:指数|市场|大盘|基准)")
"""A definition that holds it against something all the same."""
_ABROAD = {
    **dict.fromkeys(("HSI", "HSCEI", "MSCICHINA"), "hong_kong"),
    **dict.fromkeys(("SPX", "IXIC"), "us"),
    "TWII": "taiwan",
}
"""Markets of indices; of the others, the mainland."""
_MONTHS = re.compile(
    r"([0-9]{1,2}|[一二三六九十]{1,3})\s*(?:(?:[-~—–至到]|to)+\s*([0-9]{1,2}|[一二三六九十]{1,3}))?\s*-?\s*(?:个月|个月内|月内|months?)"
)
_DIGITS = {"一": 1, "二": 2, "三": 3, "六": 6, "九": 9, "十": 10, "十二": 12, "十八": 18}
_LED_BY_NUMBER = re.compile(
    r"(?<![0-9.])([-+±]?[0-9.]{1,6} ?%?(?: ?[-~—至到] ?[-+]?[0-9.]{1,6})? ?%(?:以上|以下|之间)?)"
    r" ?为 ?([㐀-鿿]{2,4}?)(?:评级|[;。,])"
)
_HEADING = re.compile(
    r"评级(?:的|和|及)?(?:相关)?(?:标准|说明|体系|定义|释义|系统|准则|指引)"
    r"|rating (?:system|definition|standard|criteria|guide)",
    re.IGNORECASE,
)
"""What stands over a standard."""
_OF_STANDARD = re.compile(
    _HEADING.pattern
    + r"|基准|代表性指数|(?:报告|评级)(?:发布|公布|出具)?(?:之|当)?日|发布日|benchmark",
    re.IGNORECASE,
)
"""What a sentence says that belongs to a standard and stands outside of its levels."""
_NEAR = 700
"""Characters between a standard and what may still speak of it, about."""
_OPEN = 90
"""Characters of the longest definition of one level, about."""
_LEVEL_END = re.compile(
    r"[。;\n\t●•]|(?<=[a-z])\.\s|(?:行业|公司|股票)(?:投资)?评级|评级标准"
    r"|(?:免责|重要|特别|法律|一般|公司|分析师)声明|信息披露|[㐀-鿿]{2,4}证券研究所"
)
"""What ends the definition of a level, where a print lost the end of its line."""


@dataclass(frozen=True, slots=True)
class PrintedLevel:
    """One level of a printed scale.

    Parameters
    ----------
    name : str
        As printed.
    lower, upper : float or None
        Fractions; None where the print says no number on that side.
    lower_open, upper_open : bool or None
        Whether the print excludes the number; None where it leaves that open.
    wording : str
    at : int
        Where it begins.
    """

    name: str
    lower: float | None
    upper: float | None
    lower_open: bool | None
    upper_open: bool | None
    wording: str
    at: int


@dataclass(frozen=True, slots=True)
class PrintedStandard:
    """The standard as it is printed, and what of it can be measured.

    Parameters
    ----------
    kind : str
        ``relative``, ``absolute`` or ``direction``.
    stock, sector : tuple of PrintedLevel
        Levels as printed, best first; empty where the print has none.
    standard : RatingStandard or None
        None where the levels leave a hole or contradict each other, which ``faults`` says.
    first_months, last_months : int or None
        None where no horizon is printed.
    place : Place
        Where it begins.
    faults : tuple of str
        What keeps it from being measured, and what the print leaves blank.
    """

    kind: ScaleKind
    stock: tuple[PrintedLevel, ...]
    sector: tuple[PrintedLevel, ...]
    standard: RatingStandard | None
    first_months: int | None
    last_months: int | None
    place: Place
    faults: tuple[str, ...] = ()


def read_standard(printed: PrintedText, house: str) -> PrintedStandard | None:
    """The rating standard of a print; None where it has none.

    Parameters
    ----------
    printed : PrintedText
    house : str
        Its publisher, where known.
    """
    found = _clusters(list(_levels(printed)))
    clusters = [one for one in found if _is_scale(one)]
    # Half a standard is one under its heading: it is shown, and not measured.
    clusters = clusters or [one for one in found if _is_headed(printed, one)]
    if not clusters:
        return None
    stock, sector = _sorted_scales(printed, clusters)
    leading = stock or sector
    begin = leading[0].at
    before, own, levels, behind = _own_words(printed.plain, stock, sector)
    said = "\n".join((before, levels, behind))
    months = _months(leading, before, own, levels, behind)
    faults = [] if months else ["horizon"]
    markets = _markets(said, levels)
    # An index that only the other scale names is none that this one is held against.
    alone = "\n".join((before, own, behind))
    kind = _kind_of(printed, leading, alone, bool(_markets(alone, own)))
    of_sector = _kind_of(printed, sector, said, bool(markets)) if sector else kind
    if not markets and {kind, of_sector} != {"absolute"}:
        faults.append("benchmarks")
    scales = [_scale(stock, kind, "stock", house), _scale(sector, of_sector, "sector", house)]
    standard = None
    if scales[0] is not None:
        named = dict.fromkeys(one for market in markets for one in market.benchmarks)
        indices = load_indices()
        standard = RatingStandard(
            stock=scales[0],
            sector=scales[1],
            first_months=months[0] if months else 6,
            last_months=months[1] if months else 12,
            basis="total" if re.search("股息|红利|分红|total return", said) else "price",
            markets=markets,
            indices=tuple(indices[one.partition(":")[2]] for one in named),
        )
    else:
        faults.append("stock")
    return PrintedStandard(
        kind,
        tuple(stock),
        tuple(sector),
        standard,
        months[0] if months else None,
        months[1] if months else None,
        printed.place(begin),
        tuple(faults),
    )


def _own_words(
    plain: str, stock: Sequence[PrintedLevel], sector: Sequence[PrintedLevel]
) -> tuple[str, str, str, str]:
    """What a standard says before its levels, in those of the scale that leads, in all of them, and
    behind them, without prose nearby.
    """
    scales = [one for one in (stock, sector) if one]
    leading = scales[0]
    # A scale far away is no neighbour whose surroundings speak of this one.
    scales = [one for one in scales if abs(one[0].at - leading[0].at) < _NEAR]
    scales.sort(key=lambda one: one[0].at)
    begin, last = scales[0][0].at, scales[-1][-1]
    end = _end(plain, last)
    ends = [_end(plain, one[-1]) for one in scales if one[-1].at < leading[0].at]
    own = plain[max(ends, default=begin) : _end(plain, leading[-1])]
    head = plain[max(begin - _NEAR, 0) : begin]
    heading = _HEADING.search(head)
    if heading is not None:
        head = head[heading.start() :]
    else:
        sentences = re.split(r"(?<=[。\n\t])", head)
        at = len(sentences)
        while at and (not sentences[at - 1].strip() or _OF_STANDARD.search(sentences[at - 1])):
            at -= 1
        head = "".join(sentences[at:])
    tail = re.split(r"(?<=[。\n\t])", plain[end : end + _OPEN + 400])
    behind = "".join(one for one in tail if _OF_STANDARD.search(one))
    return head, own, plain[begin:end], behind


def _end(plain: str, level: PrintedLevel) -> int:
    """Where the definition of a level ends."""
    return plain.find(level.wording, level.at) + len(level.wording)


@lru_cache(maxsize=1)
def _level_words() -> re.Pattern[str]:
    words = printed_words()
    named = {level.name_zh for one in load_library().values() for level in one.scale.levels}
    found = {*words.ratings, *words.levels, *(word_key(one) for one in named if one)}
    found -= {"持平", "领先"}  # in Chinese, words of definitions
    ordered = sorted(found, key=len, reverse=True)
    return re.compile(
        r"(?<![A-Za-z])(?:(?<!表现)|(?=中性(?::|行业)))(?<!相对)(?P<word>"
        + "|".join(map(re.escape, ordered))
        + r")(?![A-Za-z]|指数|代表)[\"'”’]?\s*(?:\([^()]{1,20}\))?\s*(?:评级)?\s*"
        # A hyphen right before a number is its sign: 中性：-5%至5%.
        + r"(?:[—–=\-]?[:=]|[—–]{1,2}|--|-(?![0-9]))?\s*\(?(?:是?指)?\s*(?="
        + _BEGINS
        + ")",
        re.IGNORECASE,
    )


def _levels(printed: PrintedText) -> Iterator[PrintedLevel]:
    """Every rating word that a definition follows; failing these, that a definition precedes."""
    found = list(_followed(printed))
    if sum(_has_number(one) for one in found) < 2:
        led = [
            PrintedLevel(match[2], *_bounds(match[1]), match[1], match.start())
            for match in _LED_BY_NUMBER.finditer(printed.plain)
            if (word := _level_words().match(f"{match[2]}:在")) and word["word"] == match[2]
        ]
        found = led or found
    yield from found


def _followed(printed: PrintedText) -> Iterator[PrintedLevel]:
    """Every rating word that a definition follows."""
    matches: list[re.Match[str]] = []
    for match in _level_words().finditer(printed.plain):
        # A word right behind another begins its definition: 卖出 弱于市场10%以上.
        if not matches or match.start() > matches[-1].end() + 1:
            matches.append(match)
    for number, match in enumerate(matches):
        limit = matches[number + 1].start() if number + 1 < len(matches) else len(printed.plain)
        limit = min(limit, match.end() + _OPEN)
        text = printed.plain[match.end() : limit]
        text = _LEVEL_END.split(text)[0]
        name = printed.text[match.start("word") : match.end("word")]
        lower, upper, lower_open, upper_open = _bounds(text)
        yield PrintedLevel(name, lower, upper, lower_open, upper_open, text.strip(), match.start())


def _bounds(text: str) -> tuple[float | None, float | None, bool | None, bool | None]:
    """The interval that a definition says."""
    both = _PLUS_MINUS.search(text)
    if both is not None:
        return -float(both[1]) / 100, float(both[1]) / 100, None, None
    pair = _RANGE.search(text)
    if pair is not None:
        first, second = _signed(pair[1], pair[2]), _signed(pair[3], pair[4])
        if first >= 0 and second >= 0 and not pair[1] and _falls(text[: pair.start()]):
            first, second = -first, -second
        low, high = sorted((first, second))
        return low, high, None, None
    one = _ONE.search(text)
    if one is None:
        return None, None, None, None
    bound = _signed(one[1], one[2])
    more, over, under = (pattern.search(text) for pattern in (_MORE, _OVER, _UNDER))
    if bound < 0 or _falls(text[: one.start()]):
        # 涨幅在-10%以下, 跌幅10%以上, and misprints such as 弱于-5%以上: everything below.
        open_ = bool(over or under) and more is None and "以下" not in text
        return None, -abs(bound), None, open_ or None
    if under is not None and more is None and over is None:
        return None, bound, None, "以下" not in text
    return bound, None, (over is not None and more is None) or (False if more else None), None


def _falls(text: str) -> bool:
    """Whether the last word of direction before a number says down."""
    down = max((match.start() for match in _DOWN.finditer(text)), default=-1)
    up = max((match.start() for match in _UP.finditer(text)), default=-1)
    return down > up


def _signed(sign: str | None, number: str) -> float:
    return (-1 if sign in ("-", "负") else 1) * float(number) / 100


def _clusters(levels: Sequence[PrintedLevel]) -> list[list[PrintedLevel]]:
    """Levels that follow each other closely, run one way and rate the same; what turns begins
    another scale. Two scales side by side are printed row by row.
    """
    found: list[list[PrintedLevel]] = []
    last: PrintedLevel | None = None
    first = 0
    for one in levels:
        if last is None or one.at - last.at > len(last.name) + 130 + len(last.wording):
            first = len(found)
        last = one
        home = next((some for some in reversed(found[first:]) if _rate_same(some, one)), None)
        repeated = home is not None and word_key(one.name) in {word_key(o.name) for o in home}
        if home is not None and not repeated and _goes_on(home, one):
            home.append(one)
        elif home is not None and not repeated and len(home) == 2 and not _has_number(home[0]):
            # What stood before the scale was none of its levels.
            found.append([home.pop(), one])
        else:
            found.append([one])
    return found


def _rate_same(levels: Sequence[PrintedLevel], one: PrintedLevel) -> bool:
    """Whether no definition speaks of shares where another speaks of sectors."""
    return len({_rated(some) for some in (*levels, one)} - {""}) < 2


def _rated(one: PrintedLevel) -> str:
    """What a definition says that it rates."""
    if re.search("股价|个股|股票价格", one.wording):
        return "stock"
    return "sector" if re.search("(?:^|[,内期计该])(?:行业|板块)", one.wording) else ""


def _gains(one: PrintedLevel) -> bool:
    return one.upper is None and one.lower is not None and one.lower >= 0


def _has_number(one: PrintedLevel) -> bool:
    return one.lower is not None or one.upper is not None


def _goes_on(levels: Sequence[PrintedLevel], one: PrintedLevel) -> bool:
    """Whether a level lies beyond the last one, as that lies beyond the one before it."""
    heights = [height for level in levels if (height := _height(level)) is not None]
    height = _height(one)
    if height is None or not heights:
        return True
    if len(heights) == 1:
        return height != heights[0]
    return (height < heights[-1]) == (heights[1] < heights[0])


def _height(one: PrintedLevel) -> float | None:
    """Where a level lies on its scale: by its numbers, else by its word; None for no view."""
    if one.lower is not None and one.upper is not None:
        return (one.lower + one.upper) / 2
    if one.lower is not None:
        return one.lower + 1e-6
    if one.upper is not None:
        return one.upper - 1e-6
    rank = _rank(one.name)
    return None if rank is None else rank / 10


def _rank(name: str) -> int | None:
    words = printed_words()
    key = word_key(name)
    grades = {
        "strong_buy": 3,
        "buy": 2,
        "add": 1,
        "hold": 0,
        "reduce": -1,
        "sell": -2,
        "strong_sell": -3,
    }
    if key in words.ratings:
        return grades.get(words.ratings[key])
    told = words.levels.get(key)
    return int(told) if told else None


def _is_headed(printed: PrintedText, levels: Sequence[PrintedLevel]) -> bool:
    """Whether a heading of standards stands right before levels two of which say numbers."""
    head = printed.plain[max(levels[0].at - _OPEN, 0) : levels[0].at]
    return sum(map(_has_number, levels)) > 1 and _HEADING.search(head) is not None


def _is_scale(levels: Sequence[PrintedLevel]) -> bool:
    """Whether levels are a standard: at least two say numbers, one of them of a loss and none that
    who sells gains, or three say a direction.
    """
    numbered = [one for one in levels if _has_number(one)]
    if any(_gains(one) and (_rank(one.name) or 0) < 0 for one in numbered):
        return False
    if len(numbered) >= 2:
        return any(one.lower is None or one.lower <= 0 for one in numbered)
    said = (_UP, _DOWN, _AS_WELL, _OVER)
    directed = [one for one in levels if any(pattern.search(one.wording) for pattern in said)]
    return len(directed) >= 3


def _sorted_scales(
    printed: PrintedText, clusters: Sequence[list[PrintedLevel]]
) -> tuple[list[PrintedLevel], list[PrintedLevel]]:
    """The scale of stocks and that of sectors among the clusters, the last print of each."""
    stock: list[PrintedLevel] = []
    sector: list[PrintedLevel] = []
    kinds = [_what(printed, levels) for levels in clusters]
    if len(kinds) > 1 and set(kinds) == {"sector"}:
        # Stocks that are held against their industry: the scale that speaks of shares.
        said = [" ".join(one.wording for one in levels) for levels in clusters]
        shares = [len(re.findall("股价|个股|公司|股票|stock|share", one)) for one in said]
        if max(shares) > min(shares):
            kinds[shares.index(max(shares))] = "stock"
    for levels, what in zip(clusters, kinds, strict=True):
        if what == "sector":
            sector = sector or levels
        elif what == "stock":
            stock = stock or levels
        elif not stock:
            stock = levels
        elif not sector:
            sector = levels
    if not stock and sector:
        heads = printed.plain[max(sector[0].at - 60, 0) : sector[0].at]
        if re.search("行业及公司|公司及行业|行业和公司|股票和行业", heads):
            stock = sector
    return stock, sector


def _what(printed: PrintedText, levels: Sequence[PrintedLevel]) -> Literal["stock", "sector", ""]:
    """What a scale rates, by its definitions first and by the words before it."""
    said = " ".join(one.wording for one in levels)
    sector = len(re.findall("行业|板块|sector|industry", said, re.IGNORECASE))
    stock = len(re.findall("股价|个股|公司|股票|stock|share", said, re.IGNORECASE))
    if re.search("股价|个股|股票价格", said):
        return "stock"
    if re.search("行业股票指数|行业指数", said):
        return "sector"
    if sector != stock:
        return "sector" if sector > stock else "stock"
    before = printed.plain[max(levels[0].at - 80, 0) : levels[0].at]
    near = before[-25:]
    at_sector = max(before.rfind("行业评级"), before.rfind("行业投资评级"), near.rfind("行业"))
    at_stock = max(map(before.rfind, ("公司评级", "股票评级", "公司投资评级", "股票投资评级")))
    at_stock = max(at_stock, *(near.rfind(one) for one in ("公司", "股票", "个股", "stock")))
    if at_sector == at_stock:
        return ""
    return "sector" if at_sector > at_stock else "stock"


def _kind_of(
    printed: PrintedText, levels: Sequence[PrintedLevel], around: str, named: bool
) -> ScaleKind:
    """What a scale compares: by the sentence that leads to it, else by its definitions."""
    head = printed.plain[max(levels[0].at - 60, 0) : levels[0].at]
    kind = _kind(levels, around, named)
    said = " ".join(one.wording for one in levels)
    is_own = _ABSOLUTE.search(head) is not None and _AGAINST.search(said) is None
    return "absolute" if kind != "direction" and is_own else kind


def _kind(levels: Sequence[PrintedLevel], around: str, named: bool) -> ScaleKind:
    if not any(one.lower is not None or one.upper is not None for one in levels):
        return "direction"
    said = " ".join(one.wording for one in levels)
    if _INDEXED.search(said):
        return "relative"
    near = re.search(
        r"相对[^。]{0,30}(?:指数|市场|大盘|基准)|以[^。]{0,20}(?:指数|大盘)[^。]{0,12}基准"
        r"|relative to [^.\n]{0,40}(?:index|market|benchmark)",
        around,
        re.IGNORECASE,
    )
    return "relative" if near is not None or named else "absolute"


def _months(
    levels: Sequence[PrintedLevel], before: str, own: str, within: str, behind: str
) -> tuple[int, int] | None:
    """The horizon in months: of a definition, else the one nearest before the scale, else that of
    the other scale.
    """
    wording = " ".join(one.wording for one in levels)
    for text, is_before in (
        (wording, False),
        (own, False),
        (before, True),
        (within, False),
        (behind, False),
    ):
        found = list(_MONTHS.finditer(text))
        if found:
            match = found[-1] if is_before else found[0]
            first = _count(match[1])
            last = _count(match[2]) if match[2] else first
            if first and last and 1 <= first <= last <= 36:
                return first, last
    return None


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _DIGITS.get(text, 0)


def _markets(said: str, levels: str) -> tuple[Market, ...]:
    """Benchmarks market by market, from clauses that name a market and an index; where none does,
    the first index of the levels, else of what is said around them. What a sentence on benchmarks
    names beside is held against the shares of its own market.
    """
    words = printed_words()
    if not words.indices:
        return ()
    names = words.markets
    index_pattern = re.compile(
        "(?<![A-Za-z])(?:"
        + "|".join(map(re.escape, sorted(words.indices, key=len, reverse=True)))
        # MSCI China A is another index than MSCI China.
        + ")(?![A-Za-z]| A(?![A-Za-z]))",
        re.IGNORECASE,
    )
    market_pattern = re.compile(
        "|".join(map(re.escape, sorted(names, key=len, reverse=True))), re.IGNORECASE
    )
    folded = {one.casefold(): market for one, market in names.items()}
    indices = {one.casefold(): index for one, index in words.indices.items()}
    found: dict[str, list[str]] = {}
    loose: list[str] = []
    spare: list[str] = []
    for clause in re.split(
        r"[;。\n\t]|[,、](?=[^,、;。]{0,12}(?:市场|港股|美股|A股|新三板|创业板|科创板))", said
    ):
        hits = list(index_pattern.finditer(clause))
        markets = [
            one
            for one in market_pattern.finditer(clause)
            if not any(hit.start() <= one.start() < hit.end() for hit in hits)
        ]
        for number, market in enumerate(markets):
            end = markets[number + 1].start() if number + 1 < len(markets) else len(clause)
            told = [
                indices[hit[0].casefold()] for hit in hits if market.start() < hit.start() < end
            ]
            name = folded[market[0].casefold()]
            if not told and number + 1 == len(markets) and len(markets) == 1:
                told = [indices[hit[0].casefold()] for hit in hits]
            for one in told:
                # A market and an index side by side need not belong to each other.
                home = _ABROAD.get(one, "a_share" if name in _ABROAD.values() else name)
                if one not in found.setdefault(home, []):
                    found[home].append(one)
        named = [indices[hit[0].casefold()] for hit in hits]
        loose += [] if markets else named
        spare += named if re.search("基准|benchmark", clause, re.IGNORECASE) else []
    if not found and loose:
        own = [indices[hit[0].casefold()] for hit in index_pattern.finditer(levels)] or loose
        both = set(own[:2]) == {"SSE", "SZSE"}
        found[_ABROAD.get(own[0], "a_share")] = own[:2] if both else own[:1]
    for one in spare:
        found.setdefault(_ABROAD.get(one, "a_share"), [one])
    if set(found.get("a_share", ())) == {"SSE", "SZSE"}:
        # Each exchange has its own: who names both means that of the share.
        split = {"shanghai": ["SSE"], "shenzhen": ["SZSE"]}
        found = {**split, **{name: told for name, told in found.items() if name != "a_share"}}
    return markets_of(found)


def _scale(
    levels: Sequence[PrintedLevel], kind: ScaleKind, name: str, house: str
) -> RatingScale | None:
    """The levels as a scale that can be measured; None where they leave a hole or overlap."""
    if not levels:
        return None
    rated = [one for one in levels if one.lower is not None or one.upper is not None]
    views = [one for one in levels if one not in rated]
    if not rated:
        directed = [one for one in levels if _rank(one.name) is not None]
        if len(directed) < 2:
            return None
        return _built(
            name,
            house,
            "direction",
            [_level(one, side=_side(number, len(directed))) for number, one in enumerate(directed)],
        )
    rated = _ordered(rated)
    if rated[0].upper is not None or rated[-1].lower is not None:
        return None  # a level is missing at an end
    told = []
    for number, one in enumerate(rated):
        lower, upper = one.lower, one.upper
        if number > 0 and upper is None:
            upper = rated[number - 1].lower
        if number < len(rated) - 1 and lower is None:
            lower = rated[number + 1].upper
        told.append((lower, upper))
    built = []
    for number, one in enumerate(rated):
        lower, upper = told[number]
        below = rated[number + 1] if number + 1 < len(rated) else None
        above = rated[number - 1] if number > 0 else None
        built.append(
            Level(
                name=_key_of(one.name),
                name_zh=one.name if is_chinese(one.name) else "",
                name_en="" if is_chinese(one.name) else one.name,
                lower=lower,
                lower_inclusive=lower is not None and _takes_lower(one, below, lower),
                upper=upper,
                upper_inclusive=upper is not None
                and above is not None
                and not _takes_lower(above, one, upper),
                wording=one.wording,
            )
        )
    no_view = next((one for one in views if _rank(one.name) is None), None)
    return _built(name, house, kind, built, None if no_view is None else _level(no_view))


def _built(
    name: str, house: str, kind: ScaleKind, levels: list[Level], no_view: Level | None = None
) -> RatingScale | None:
    try:
        return RatingScale(
            name=f"printed-{name}",
            levels=tuple(levels),
            kind=kind,
            no_view=no_view,
            publisher=house,
        )
    except (RatingScaleError, ValueError):
        return None


def _ordered(levels: Sequence[PrintedLevel]) -> list[PrintedLevel]:
    """Levels from best to worst by what they say."""
    return sorted(levels, key=lambda one: _height(one) or 0.0, reverse=True)


def _takes_lower(above: PrintedLevel, below: PrintedLevel | None, bound: float) -> bool:
    """Whether a bound belongs to the level above it: as either says, else to the farther one."""
    if above.lower_open is not None:
        return not above.lower_open
    if below is not None and below.upper_open is not None:
        return below.upper_open
    return bound >= 0


def _level(one: PrintedLevel, side: Side | None = None) -> Level:
    return Level(
        name=_key_of(one.name),
        name_zh=one.name if is_chinese(one.name) else "",
        name_en="" if is_chinese(one.name) else one.name,
        side=side,
        wording=one.wording,
    )


def _side(number: int, n: int) -> Side:
    if number == 0:
        return 1
    return -1 if number == n - 1 else 0


@lru_cache(maxsize=1)
def _names_of_levels() -> dict[str, str]:
    """What the library calls a printed level in machine output."""
    found: dict[str, str] = {}
    for entry in load_library().values():
        levels = [*entry.scale.levels, *([entry.scale.no_view] if entry.scale.no_view else [])]
        for level in levels:
            for name in (level.name_zh, level.name_en):
                if name:
                    found.setdefault(word_key(name), level.name)
    return found


def _key_of(name: str) -> str:
    key = word_key(name)
    return _names_of_levels().get(key, key.replace(" ", "_"))
