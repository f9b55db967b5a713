"""What a report says of itself: title, publisher, date, analysts, its own rating and target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from supplychain_screen.identity import find_codes, read_printed
from supplychain_screen.research.extraction.documents import Document, Line, Place
from supplychain_screen.research.extraction.print_vocabulary import (
    is_chinese,
    printed_amount,
    printed_words,
    word_key,
)
from supplychain_screen.research.extraction.whole_text import PrintedText

__all__ = [
    "DatedFact",
    "Proposal",
    "dated_facts",
    "front_matter",
    "heads_codes",
    "is_of_cover",
    "value_of",
]

_COVER = 3000
"""Characters of the cover, about."""
_DATE = re.compile(
    # 2021年1-2月 are two months and no day; before 年 is a year, whatever is glued to it.
    r"(?:(?<![0-9])(?=20)|(?=20[0-9]{2}年))(20[0-9]{2})\s*(?:年(?=\s*[0-9]+\s*月)|[-/.](?=\s*[0-9]+\s*[-/.]))\s*"
    r"(0?[1-9]|1[0-2])\s*(?:月|[-/.])\s*(0?[1-9]|[12][0-9]|3[01])(?![0-9]|[ \t]*月)(?:[ \t]*日)?"
)
_MONTH = re.compile(r"(?<![0-9])(20[0-9]{2})\s*(?:年|\.)\s*(0?[1-9]|1[0-2])\s*(?:月|(?![0-9.]))")
_ENGLISH_DATE = re.compile(
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\s+)?(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]*\.?\s+(?:(?P<day2>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<year>20[0-9]{2})",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OWN_DATE = re.compile(
    r"(?:(?:报告|研报|(?<![,》])出版|撰写|(?<!财报)(?<!业绩)(?<!公告)(?<!年报)(?<!季报)发布)(?:日期|时间)"
    r"|(?:维持|首次|上调|下调|动态|点评|策略|专题|深度|周报|月报)日期|createTime[0-9]?|Table_(?:Report)?Date[0-9]?"
    r"|(?:report|publication|publish(?:ing)?|issue) date"
    r"|Published)\W{0,3}为?$",
    re.IGNORECASE,
)
"""Labels that only the day of the report has."""
_BARE_DATE = re.compile(r"(?:^|[\n\t|])[ ]*(?:日期|Date)\W{0,3}$", re.IGNORECASE)
_OTHER_DATE = re.compile(
    r"(?:日期|时间|(?:上市|截止|截至|基准|成立|收盘|交易|披露|到期|登记)日?|date)\W{0,3}$"
    r"|[^\W\d_] ?: ?$",
    re.IGNORECASE,
)
"""Labels of all other days: listing, prices, the next results."""
_ANOTHER_DAY = re.compile(
    r"收盘|股价|价格|行情|数据|截[至止]|业绩|财报|上市|相关(?:研究|报告)|前次|上次"
    r"|\b(?:pric(?:es?|ed|ing)|clos(?:e|ing)|as (?:of|at)|results|earnings|launch|ipo|listed"
    r"|previous|last|related|next)\b",
    re.IGNORECASE,
)
"""What a line says whose day is not that of the report."""
_CELL = re.compile(r"[|\t·•]")
_MAKER = re.compile(  # who makes a report, or what is made
    r"证券|研究|报告|周报|月报|点评|\b(?:securities|research|equity|equities|report|weekly|monthly)\b",
    re.IGNORECASE,
)
_HEAD = 600
"""Characters of the head of a print, about."""
_LONG = 160
"""Characters of a line that is one of a text that lost its lines."""
_IN_SENTENCE = re.compile(
    r"(?:于|在|截至|截止|截止到|截至到|自|从|至|到|据|为|》|—|–|收盘价|数据|价格|[,，、\-~(（]|[0-9]/)\s*$"
)
_GOES_ON = re.compile(
    r"\s*(?:[,，、)）]|至|到|起|前|后|晚|发布|公告|召开|宣布|收盘|披露|以来|之|的|正式|印发|国(?:务院|家)|中[国央共方]"
    r"|公司(?:发布|公告|与|拟|在|于|收到|披露)|[\-~—]+\s*[0-9])"
)
_LICENCE = re.compile(r"S[0-9]{13}")
_MAIL = re.compile(r"[A-Za-z0-9._-]{2,40}@[A-Za-z0-9.-]{4,40}")
_ANALYST = re.compile(
    r"(?:(?:证券|首席|联席|高级|行业|资深)*分析师(?:\s*\(?\s*执业\s*\)?)?|作者|联系人|研究助理|助理|Analysts?)"
    r"\s*(?:姓名)?\s*[:：]?\s*"
)
_PERSON = re.compile(r"[㐀-鿿]{2,3}(?![㐀-鿿])|[A-Z][a-z]+(?: [A-Z][a-z]+){1,2}")
_NO_PERSON = re.compile(
    "证券|研究|电话|邮箱|执业|承诺|声明|联系|地址|报告|行业|公司|分析|评级|登记|资格|编号|姓名|助理"
)
_BOILERPLATE = re.compile(
    r"请务必|免责|声明|证券研究报告|研究报告$|行业研究|公司研究|评级|分析师|联系人|电话|邮箱|@|www\.|http|"
    r"执业|证书|^[\W\d]+$|本报告|目录|相关报告|重要提示|年.月|[0-9]{6,}|第[0-9]+页|page [0-9]",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"请务必|免责|声明|证书编号|执业|@|本报告|投资评级标准|相关报告|相关研究|disclaimer",
    re.IGNORECASE,
)
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马"
    "苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛"
    "禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍"
    "虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴"
    "糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀"
    "蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿"
    "阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越隆师巩厍聂晁勾敖融冷訾辛阚那简饶"
    "空曾阳沙养鞠须丰巢关蒯相查后荆红游竺权盖益桓公岳郄肖覃闫代佟付邸蹇崇"
)
_TITLE_MARK = re.compile(
    r"(?:\[Table_Title[0-9]?\]|[＃#]title[＃#])\s*(?P<title>[^\[\]＃#\n]{4,90}?)\s*(?=\[Table|[＃#]|\n|$)"
)
_OWN_TARGET = re.compile(
    r"(?:目标价格?|目標價|合理价值|Target price|Price target)"
    r"\s*(?:\(?(?P<unit>人民币|港元|港币|美元|元|HKD|USD|CNY|RMB)\)?)?"
    r"\s*[:：]?\s*(?:维持|上调至|下调至|为)?\s*(?:每股)?\s*"
    r"(?P<before>HK\$|US\$|NT\$|RMB|CNY|HKD|USD|[$¥])?\s*"
    r"(?P<amount>[0-9]{1,6}(?:\.[0-9]{1,2})?)(?![0-9.%])\s*(?P<after>港元|港币|美元|新台币|元)?",
    re.IGNORECASE,
)

_ON_COMPANY = re.compile("(?<!本)公司(?:深度|快报|点评|研究|动态|跟踪|首次覆盖)")
_CODE_HEADER = re.compile(
    r"(?:股票|证券|公司|上市)?代[码碼号號]|(?:stock )?codes?|tickers?", re.IGNORECASE
)
_DEFINED = re.compile(
    r"[\"'”’]?\s*(?:=|means?\b|(?:[:(]|-{1,2}|[–—])?\s*(?:we )?"
    r"(?:expect|(?:out|under)perform|total return|within|more than|over [0-9]|[<>≥≤]))",
    re.IGNORECASE,
)
"""What follows a level that is being defined."""
_COVER_LINE = re.compile(
    r"(?:周报|月报|日报|季报|年报|双周报|报告|点评|研究|专题|策略|免责声明|行业深度)$|^证券研究报告"
    r"|^20[0-9]{2}\s*[年./-]\s*[0-9]{1,2}\s*(?:月|[./-]\s*[0-9]{1,2})?(?:[0-9]{1,2}日)?$"
)
"""Lines of a cover that are no company."""


_UNITS = ("before", "after", "unit")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that a report says of itself, with its place, or a blank.

    Parameters
    ----------
    field : str
        ``title``, ``publisher``, ``published``, ``analysts``, ``own_rating``, ``sector_call``,
        ``action`` or ``target``.
    value : str
        As it is proposed; empty where the print has none.
    place : Place or None
        Where it is printed; None for a blank.
    """

    field: str
    value: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class DatedFact:
    """A sentence with a date in it.

    Parameters
    ----------
    first : date
        First day it can have been.
    precision : {"day", "month"}
    text : str
        The sentence as printed.
    place : Place
    """

    first: date
    precision: str
    text: str
    place: Place


def front_matter(document: Document, printed: PrintedText) -> tuple[Proposal, ...]:
    """Everything a report says of itself, a blank where it says nothing.

    Parameters
    ----------
    document : Document
    printed : PrintedText
        The same document as text.
    """
    cover = printed.plain[:_COVER]
    found = [
        ("title", _title(document, printed)),
        ("publisher", _publisher(printed)),
        ("published", _published(printed)),
        ("analysts", _analysts(printed)),
        *_ratings(printed, cover),
        ("target", _target(cover)),
    ]
    return tuple(
        Proposal(
            field, "" if one is None else one[0], None if one is None else printed.place(one[1])
        )
        for field, one in found
    )


def _title(document: Document, printed: PrintedText) -> tuple[str, int] | None:
    marked = _TITLE_MARK.search(printed.text)
    if marked is not None:
        return marked["title"].strip(), marked.start("title")
    lines = [block for block in document.blocks[:40] if isinstance(block, Line)]
    for line in lines:
        if len(lines) < 3:
            break  # a text without lines does not show which words its title is
        text = re.sub(r"^#+\s*", "", line.text.strip()).strip("* ")
        if not 6 <= len(text) <= 80 or text[-1] in "。；;，," or _BOILERPLATE.search(text):
            continue
        if find_codes(text) or _is_publisher(text):
            continue
        return text, max(printed.text.find(line.text.strip()), 0)
    return None


def _is_publisher(text: str) -> bool:
    key = word_key(text)
    return any(
        key.startswith(word_key(one)) and len(key) <= len(one) + 6 for one in printed_words().houses
    )


def _publisher(printed: PrintedText) -> tuple[str, int] | None:
    """The house that is named most often as the maker of the report."""
    scores: dict[str, tuple[float, int]] = {}
    for match in _houses().finditer(printed.plain):
        behind = printed.plain[match.end() : match.end() + 12]
        before = printed.plain[max(match.start() - 4, 0) : match.start()]
        weight = 1.0
        if re.match(r"股份有限公司|有限责任公司|有限公司|\(香港\)|国际", behind):
            weight += 2
        if re.match(r"研究所|研究院|研究部|研究发展|经济研究所|版权", behind):
            weight += 2
        if before.endswith(("由", "为", "经")):
            weight += 2
        name = match[0]
        total, first = scores.get(name, (0.0, match.start()))
        scores[name] = (total + weight, first)
    if not scores:
        return None
    # 国泰君安 is also the beginning of 国泰君安国际: the longer name was matched first.
    best = max(scores, key=lambda name: (scores[name][0], -scores[name][1]))
    return (best, scores[best][1]) if scores[best][0] >= 2 else None


def _houses() -> re.Pattern[str]:
    names = sorted(printed_words().houses, key=len, reverse=True)
    parts = [re.escape(one) if is_chinese(one) else rf"\b{re.escape(one)}\b" for one in names]
    return re.compile("|".join(parts))


def _published(printed: PrintedText) -> tuple[str, int] | None:
    """The day of publication: a labelled date, one that stands alone, or one on the cover that no
    sentence and no list holds.
    """
    plain = printed.plain
    dates = list(_days(plain))
    for day, match in dates:
        if match.start() < _COVER and _OWN_DATE.search(_before(plain, match)):
            return day, match.start()
    loose: list[tuple[str, int]] = []
    for day, match in dates:
        before, behind = _before(plain, match), plain[match.end() :][:6]
        if _OWN_DATE.search(before) or _BARE_DATE.search(before):
            return day, match.start()
        if _OTHER_DATE.search(before):
            continue
        line = _line_of(plain, match)
        made, other = _MAKER.search(line), _ANOTHER_DAY.search(line)
        if other and not made and len(line) < _LONG:
            continue
        if match.start() < _HEAD and made and not other and _has_own_cell(line, match[0]):
            return day, match.start()
        room = 8 if match.re is _DATE else 20
        if len(line.strip(" \t|·星期一二三四五六日天")) <= len(match[0].strip()) + room:
            return day, match.start()
        if (
            match.re is _DATE
            and len(line) > 300
            and match.start() < _COVER
            and not (_IN_SENTENCE.search(before) or _GOES_ON.match(behind))
        ):
            loose.append((day, match.start()))
    return loose[0] if loose else None


def _has_own_cell(line: str, day: str) -> bool:
    """Whether a day stands alone between the marks that divide a line."""
    return len(line) < _LONG and day.strip() in (one.strip(" *_") for one in _CELL.split(line))


def _days(plain: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The days that the first pages print, those in English words last."""
    for match in _DATE.finditer(plain[: 4 * _COVER]):
        day = _day(match[1], match[2], match[3])
        if day is not None:
            yield day, match
    for match in _ENGLISH_DATE.finditer(plain[:_COVER]):
        month = str(_MONTHS.index(match["month"][:3].lower()) + 1)
        day = _day(match["year"], month, match["day"] or match["day2"] or "0")
        if day is not None:
            yield day, match


def _before(plain: str, match: re.Match[str]) -> str:
    return plain[max(match.start() - 20, 0) : match.start()]


def _line_of(plain: str, match: re.Match[str]) -> str:
    """The line that a match stands in."""
    end = plain.find("\n", match.end())
    return plain[plain.rfind("\n", 0, match.start()) + 1 : end if end >= 0 else len(plain)]


def _day(year: str, month: str, number: str) -> str | None:
    try:
        return date(int(year), int(month), int(number)).isoformat()
    except ValueError:
        return None


def _analysts(printed: PrintedText) -> tuple[str, int] | None:
    """Names behind 分析师 and the like, and those before a licence or an address."""
    found: dict[str, int] = {}
    text = printed.plain[: 2 * _COVER]
    for match in _ANALYST.finditer(text):
        person = _PERSON.match(text, match.end())
        if person is not None and _is_person(person[0]):
            found.setdefault(person[0], match.end())
    for match in (*_LICENCE.finditer(text), *_MAIL.finditer(text)):
        before = text[max(match.start() - 40, 0) : match.start()]
        person = re.search(
            r"(?<![㐀-鿿])([㐀-鿿]{2,3})[\s(（]*(?:SAC|证券|投资咨询)?(?:执业|资格|从业)?(?:证书|证)?(?:编号|号)?[:：\s]*$",
            before,
        )
        if person is not None and _is_person(person[1]):
            found.setdefault(person[1], max(match.start() - 40, 0) + person.start(1))
    if not found:
        return None
    return "、".join(found), min(found.values())


def _is_person(name: str) -> bool:
    return name.isascii() or (name[0] in _SURNAMES and not _NO_PERSON.search(name))


def _ratings(printed: PrintedText, cover: str) -> list[tuple[str, tuple[str, int] | None]]:
    """The report's own rating of its company, or of its sector, and what was done with it."""
    blank: list[tuple[str, tuple[str, int] | None]]
    blank = [("own_rating", None), ("sector_call", None), ("action", None)]
    level, forms = _rating_forms()
    found = [match for form in forms if (match := form.search(cover)) is not None]
    # A level that a definition follows is one of a standard's, and rates nobody.
    found = [one for one in found if not _DEFINED.match(cover, one.end("level"))]
    if not found:
        return blank
    match = min(found, key=lambda one: one.start())
    said = {
        group: (printed.text[slice(*match.span(group))], match.start(group))
        for group, words in match.groupdict().items()
        if words
    }
    at, end = match.span("level")
    # A form that prints all its levels, with a tick that the text lost, says none of them; one
    # level twice is the rating now and the one before.
    tick = r"\s*[□■√☑/]?\s*"
    ticked = re.search(rf"(?:{level}){tick}$", cover[max(at - 8, 0) : at], re.IGNORECASE)
    ticked = ticked or re.match(rf"{tick}(?:{level})", cover[end:], re.IGNORECASE)
    if ticked is not None and ticked[0] != match["level"]:
        return blank
    label = match.groupdict().get("label") or ""
    is_sector = "行业" in label or (not _is_of_one(cover) and label not in ("公司评级", "股票评级"))
    told = ("sector_call", "own_rating") if is_sector else ("own_rating", "sector_call")
    return [(told[0], said["level"]), (told[1], None), ("action", said.get("act"))]


def _is_of_one(cover: str) -> bool:
    """Whether a report is on one company: most of the codes of its cover are that of the first."""
    codes = [(one.start, one.readings) for one in find_codes(cover)]
    bare = re.finditer(r"\((?!(?:19|20)[0-9]{2}\))([0-9]{4,6})\)(?![0-9])", cover)
    codes += [(one.start(), read_printed(one[1]).readings) for one in bare]
    if not codes or re.search("行业(?:研究|专题|深度|周报|报告|评级)", cover[:400]):
        return False
    told = [readings[:1] for _, readings in sorted(codes)]
    if told.count(told[0]) * 2 <= len(told):
        return False
    return min(codes)[0] < 400 or _ON_COMPANY.search(cover) is not None


@lru_cache(maxsize=1)
def _rating_forms() -> tuple[str, tuple[re.Pattern[str], ...]]:
    """Every rating word, and how covers print a rating and what was done with it."""
    words = printed_words()
    names = sorted((*words.ratings, *words.levels), key=len, reverse=True)
    actions = sorted(words.actions, key=len, reverse=True)
    level, action = "|".join(map(re.escape, names)), "|".join(map(re.escape, actions))
    rated, done = rf"(?P<level>(?<![A-Za-z])(?:{level}))", rf"(?P<act>{action})"
    labels = "行业评级|行业投资评级|投资评级|公司评级|股票评级|评级|Rating"
    forms = (
        # 评级说明 stands over a standard.
        rf"(?P<label>{labels})(?!.{{0,4}}(?:标准|说明|体系|定义|释义))[^\n,。;]{{0,12}}?[:\s]\s*{rated}"
        rf"(?:\s*[(\[\s]\s*{done}(?:评级)?[)\]]?)?",
        rf"{rated}(?:评级)?\s*\(\s*{done}(?:评级)?\s*\)",
        rf"{rated}(?:-?[AB])?(?:[/|]|—{{1,2}}|\(#[A-Za-z]+#){done}",
        # A text that lost its lines: 投资评级领先大市-A维持评级, 电子行业中性维持评级.
        rf"(?P<label>投资评级)[^\n,。;:0-9]{{0,6}}?{rated}(?:-?[AB])?(?:评级变动)?{done}",
        rf"(?P<label>行业|Invest\]){rated}{done}(?<=评级)",
        rf"(?P<label>行业评级)[^\n,。;:0-9]{{0,10}}?{rated}(?=\[|分析师|相关|20[0-9]{{2}}年)",
        rf"(?P<label>行业评级)[。।]{rated}评级",
        rf"评级{rated}上次评级",
        rf"{rated}(?P=level){done}(?=20[0-9]{{2}}年)",
    )
    return level, tuple(re.compile(one, re.IGNORECASE) for one in forms)


def _target(cover: str) -> tuple[str, int] | None:
    match = _OWN_TARGET.search(cover)
    if match is None:
        return None
    money = printed_words().money
    units = [money.get(match[one].casefold(), "") for one in _UNITS if match[one]]
    unit = next(filter(None, units), "")
    return f"{printed_amount(match, unit)} {unit}".rstrip(), match.start("amount")


def dated_facts(printed: PrintedText, limit: int = 200) -> tuple[DatedFact, ...]:
    """Sentences and rows with a date in them, in printed order.

    Parameters
    ----------
    printed : PrintedText
    limit : int
        How many at most.
    """
    return tuple(one for _, one in zip(range(limit), _facts(printed), strict=False))


def _facts(printed: PrintedText) -> Iterator[DatedFact]:
    begin = 0
    ends = [match.end() for match in re.finditer(r"[。\n]", printed.plain)]
    for end in (*ends, len(printed.plain)):
        sentence = printed.plain[begin:end]
        if 12 <= len(sentence.strip()) <= 240 and not _LEGAL.search(sentence):
            match = _DATE.search(sentence)
            day = _day(match[1], match[2], match[3]) if match else None
            precision = "day"
            if day is None:
                match = _MONTH.search(sentence)
                day, precision = (_day(match[1], match[2], "1") if match else None), "month"
            if day is not None and match is not None:
                text = printed.text[begin:end].strip().replace("\t", "：")
                yield DatedFact(
                    date.fromisoformat(day), precision, text, printed.place(begin + match.start())
                )
        begin = end


def value_of(proposals: Sequence[Proposal], field: str) -> str:
    """What is proposed for a field; empty where it is a blank."""
    return next((one.value for one in proposals if one.field == field), "")


def heads_codes(text: str) -> bool:
    """Whether a line is the header of a column of codes."""
    return _CODE_HEADER.fullmatch(text) is not None


def is_of_cover(text: str) -> bool:
    """Whether a line is a title or a date of a cover, and no company."""
    return _COVER_LINE.search(text) is not None
