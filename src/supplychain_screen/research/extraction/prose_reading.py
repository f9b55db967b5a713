"""Sentences become mentions: codes first, then the names that stand in one list with them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from supplychain_screen.identity import PrintedCode, abroad_of, find_codes, read_printed
from supplychain_screen.research.extraction.company_reading import (
    CompanyReader,
    PrintedCompany,
    PrintedLine,
    bracket_spans,
    name_keys,
    ticker_readings,
)
from supplychain_screen.research.extraction.documents import Line, Place
from supplychain_screen.research.extraction.print_vocabulary import (
    fold_width,
    is_chinese,
    visible_text,
    word_key,
)
from supplychain_screen.research.extraction.table_reading import Found
from supplychain_screen.research.extraction.title_page import is_of_cover

__all__ = ["ProseReader", "paragraphs"]

_CONTEXT = 40
"""How many characters before a code may hold its name."""
_SENTENCE = 2400
"""Characters of the longest sentence."""
_LONGEST = 14
"""Characters of the longest Chinese name of a company in a sentence."""
_STOP = '、,。;:!?()[]{}【】〔〕《》<>“”"「」|\t\n=+*#…●■◆'
_SENTENCE_END = re.compile(r"[。！？!?；;]|(?<=[a-z)])\.\s")
_LEAD = re.compile(
    r"^.*(?:建议|关注|推荐|看好|首推|包括|例如|譬如|比如|其中|以及|分别|龙头|公司|企业|厂商|标的|个股|"
    r"供应商|上市|客户|股东|子公司|收购|领先|优质|国内|海外|全球|相关|受益|布局|对应|板块|赛道|"
    r"如|为|是|有|与|和|及|的|了|在|由|对|将|被|到)"
)
_NO_COMPANY = re.compile(
    r"(?:指数|指數|板块|转债|可转债|基金|ETF|LOF|REIT|期货|行业|index|fund|bond)\s*$", re.IGNORECASE
)
_INDEX_CODE = re.compile(r"\.(?:GI|HI|CSI|WI|GSI|SI|MI|FI|IB)$")
_FUND = re.compile(r"XSHG:5|XSHE:1[568]|XSHG:1[13]|XSHE:12")
_BARE = re.compile(r"(?<![0-9A-Za-z.])[0-9]{6}(?![0-9A-Za-z.%])")
_RUN = re.compile(r"[0-9]{6,}")
_REUTERS = re.compile(r"[A-Z]{3,5}\.(?:OQ?|N)")
_FOUR = re.compile(r"(?!19|20)[0-9]{4}(?=[㐀-鿿])")
_THIRD_BOARD = re.compile("43|8[37]")
_ADDRESS = re.compile("邮编|地址|路|号|楼|层|座|室|大厦")
_JOINED_TICKER = re.compile(r"(?<![A-Za-z.])([A-Z]{1,5})(?:US|UN|UW)(?![A-Za-z])")
_NAME_RUN = re.compile(r"[*A-Z]{0,5}[㐀-鿿]{1,12}[A-Z]?(?:[-—][A-Z]{1,2})?")
_ENDS = ("集团", "股份", "公司", "控股", "科技")
"""What print adds to a name that is otherwise its own."""
_NEXT_BRACKET = re.compile(r" ?\([^()]{1,60}\)")
_SUCH_AS = re.compile(r"\s*(?:如|例如|比如|包括|分别为|分别是|主要有|即)[:]?")
_ROW = 240
"""Characters of the longest row of a table that lost its lines, and of its header, about."""
_DONE = re.compile("^(?:-?[AB])?(?:维持|首次|上调|下调)?(?:评级)?")
_DONE_ROW = r"(?:\(?(?:维持|首次|上调|下调)\)?)?"
_RATED_HEAD = re.compile("评级|股票池|重点品种|重点公司")
_ROW_NAME = re.compile(r"[A-Z]{0,4}[㐀-鿿][㐀-鿿A-Za-z]{1,9}?(?:-[A-Z]{1,2})?")
_BEFORE_RATING = re.compile(r"(?:^|[0-9.%)\-—/])\s*$")
_AFTER_RATING = re.compile(
    r"\s*(?:$|[-+.(0-9]|请务必|敬请|资料来源|数据来源|来源|注[0-9]?:|备注|证券研究报告|本报告)"
)
"""A rating in a column stands between numbers, or at the end of its row."""
_TITLE = re.compile("《[^《》]*(?:》|$)|^[^《》]*》")
_NAME_END = "、，,。；;（(等和及与與 \n"
_NEAR_TRIGGER = 100
"""Characters between 建议关注 and the companies that it is about, about."""
_DECIMAL = re.compile(r"[0-9]\.[0-9]")
"""Where a row of numbers may be cut: a code behind them keeps its six digits."""
_NEW_PART = re.compile(
    r"风险(?:提示|因素|分析)|投资风险|(?:资料|数据)来源|合规提示|图表? ?[0-9]|表 ?[0-9]|请务必|■"
    r"|[0-9]+\.[0-9]"
)
"""What begins a new line, where a print lost the end of the one before."""
_KIN = re.compile(
    r"研究|经济|半导体|微电子|电子|光电|科技|技术|集团|股份|控股|汽车|生物|医[药疗]|制药|国际|新材|材料|智能|证券|银行|能源"
)
"""Words behind a name with which it is the name of another company, a subsidiary often."""
_JOINT = re.compile(r"\s{0,4}(?:、|,|/|以及|和|及|与|與|and|&)\s*")
_LABEL = re.compile(r"^[\s\d.、()（）①-⑳*#•·●■◆➢-]*([^:。,;]{2,14}):")
_SOURCE = re.compile(r"来源[^。;；]*$|source[^.;]*$", re.IGNORECASE)
_SAYS = re.compile("认为|指出|表示|预计|预测|整理|研究|分析师|首席|所有|版权")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that were only wrapped, as one text that knows its places."""

    text: str
    starts: tuple[int, ...]
    places: tuple[Place, ...]

    def place(self, at: int) -> Place:
        """Where a character stands."""
        return self.places[max(bisect_right(self.starts, at) - 1, 0)]


def paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """Lines joined where a sentence was wrapped: the one before is long and has not ended.

    Parameters
    ----------
    lines : sequence of Line
        That follow each other.
    """
    text = ""
    starts: list[int] = []
    places: list[Place] = []
    last: Line | None = None
    for line in lines:
        said = visible_text(line.text).strip()
        if last is not None and not _wraps(last, line, text):
            yield Paragraph(text, tuple(starts), tuple(places))
            text, starts, places = "", [], []
        if text and text[-1].isascii() and text[-1].isalpha() and said[:1].isascii():
            text += " "
        starts.append(len(text))
        places.append(line.place)
        text += said
        last = line
    if last is not None:
        yield Paragraph(text, tuple(starts), tuple(places))


def _wraps(line: Line, following: Line, text: str) -> bool:
    """Whether a line goes on in the next one."""
    here, there = line.place, following.place
    if (here.page, here.source) != (there.page, there.source) or len(text) > 4000:
        return False
    if here.line is None or there.line != here.line + 1:
        return False
    end = line.text.rstrip()
    if not end or re.search(r"[。！？!?：:；;]$", end):
        return False
    tail = fold_width(end[-60:])
    if tail.count("(") > tail.count(")"):
        return True
    if re.match(r"\s*(?:[#>*•●■◆➢▪-]|[0-9一二三四五]+[、.)）]|图|表)", following.text):
        return False
    return len(end) >= 20 or end[-1] in "、，,（("


class ProseReader:
    """Reads sentences.

    Parameters
    ----------
    companies : CompanyReader
    """

    def __init__(self, companies: CompanyReader) -> None:
        self._companies = companies
        self._index = companies.index
        self._words = companies.words
        self._named: dict[tuple[str, tuple[str, ...]], str] = {}
        self._side = 0
        """Whether names stand behind their codes (more than 0) or before them in this document."""

    def read(self, paragraph: Paragraph) -> list[Found]:
        """The companies of a paragraph in printed order."""
        found: list[tuple[int, int, str, PrintedCompany]] = []
        begin = 0
        text = paragraph.text
        ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        for end in _short_enough(text, (*ends, len(text))):
            sentence = text[begin:end]
            if sentence.strip():
                found += [
                    (begin + start, begin + last, segment, company)
                    for start, last, segment, company in self._sentence(sentence)
                ]
            begin = end
        plain = fold_width(text)
        coded = [one[:2] for one in found if one[3].lines]
        ratings = self._ratings_of_rows(plain, coded)
        found += [
            (start, end, "", company)
            for start, end, company in self._rated_names(text, plain, coded)
        ]
        found.sort(key=lambda one: one[0])
        return [
            Found(
                segment,
                company if company.rating else replace(company, rating=ratings.get(start, "")),
                paragraph.place(start),
                "prose",
            )
            for start, _, segment, company in found
        ]

    # --- one sentence ---------------------------------------------------------------------------

    def _sentence(self, text: str) -> list[tuple[int, int, str, PrintedCompany]]:
        plain = fold_width(text)
        trigger = self._words.trigger_pattern.search(_without_titles(plain))
        spans = bracket_spans(plain)
        coded = self._coded(text, plain, spans)
        if not coded and trigger is None:
            return self._labelled(text, plain)
        taken = list(coded)
        taken += self._uncoded(text, plain, [(one[0], one[1]) for one in coded], trigger, spans)
        taken.sort(key=lambda one: one[0])
        segment = self._segment(text, plain) if trigger is not None else ""
        return [(start, end, segment, company) for start, end, company in taken]

    def _labelled(self, text: str, plain: str) -> list[tuple[int, int, str, PrintedCompany]]:
        """A label, a colon and nothing but known companies (光学：欧菲光、水晶光电)."""
        label = _LABEL.match(plain)
        if label is None or "、" not in plain or len(text) > 400:
            return []
        segment = text[label.start(1) : label.end(1)].strip(" *")
        companies = [
            replace(one, name=self._before_and_so_on(one.name))
            for one in self._companies.read_list(text[label.end() :].rstrip("。;；"))
            if not (is_of_cover(one.name) or self._words.trigger_pattern.search(one.name))
            or self._companies.knows(one.name)
        ]
        known = sum(self._companies.knows(one.name) for one in companies)
        if len(companies) < 2 or known * 4 < len(companies) * 3:
            return []
        at = label.end()
        return [(at, at, segment, one) for one in companies if len(one.name) <= _LONGEST]

    def _segment(self, text: str, plain: str) -> str:
        """The label before the colon of a recommendation (光学：建议关注…)."""
        label = _LABEL.match(plain)
        if label is None or self._words.trigger_pattern.search(label[1]) or "建议" in label[1]:
            return ""
        return text[label.start(1) : label.end(1)].strip(" *")

    def _coded(
        self, text: str, plain: str, spans: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, PrintedCompany]]:
        """Companies with a code: where each begins and ends."""
        codes = [one for one in find_codes(plain) if not _INDEX_CODE.search(one.text.upper())]
        codes += self._bare_codes(plain, spans, codes)
        codes += self._runs(plain, codes)
        codes += self._joined_tickers(plain, codes)
        codes.sort(key=lambda one: one.start)
        found: list[tuple[int, int, PrintedCompany]] = []
        done = -1
        for code in codes:
            if code.start < done or all(_FUND.match(one) for one in code.readings or ("",)):
                continue
            span = next(
                (one for one in spans if one[0] < code.start and code.end < one[1] + 1), None
            )
            one = None
            if span is not None and span[1] - span[0] <= 120:
                one = self._in_bracket(text, plain, code, span)
            if one is None:
                one = self._inline(text, plain, code, done, spans)
            if one is None:
                continue
            start, end, company = one
            done = max(done, end)
            if _NO_COMPANY.search(company.name) and (
                code.text.isdigit() or not any(map(self._index.knows, code.readings))
            ):
                continue
            found.append((start, end, company))
        return found

    def _bare_codes(
        self, plain: str, spans: Sequence[tuple[int, int]], known: Sequence[PrintedCode]
    ) -> list[PrintedCode]:
        """Codes that do not say their exchange: in a bracket behind the name they belong to."""
        found = []
        for start, end in spans:
            if abroad := abroad_of(plain[start + 1 : end - 1]):
                found.append(PrintedCode(start + 1, end - 1, plain[start + 1 : end - 1], abroad))
                continue
            if start == 0 or end - start > 80 or plain[start - 1] in _STOP + " ":
                continue
            if any(start < one.start < end or one.start == end for one in known):
                continue
            content = plain[start + 1 : end - 1]
            match = _BARE.search(content)
            if match is not None:
                readings = read_printed(match[0]).readings
                third = content == match[0] and _THIRD_BOARD.match(content)
                if third and _ADDRESS.search(plain, max(start - _CONTEXT, 0), start):
                    continue  # a postcode
                if not third and not any(self._index.knows(one) for one in readings):
                    continue
            else:
                match = re.match(r"[A-Z]{1,7}|[0-9]{4,5}", content)
                if match is None or re.match(r"[A-Za-z0-9.%]", content[match.end() :]):
                    continue
                if match[0].isdigit():
                    readings = read_printed(match[0]).readings
                else:
                    readings = ticker_readings(match[0])
                held = [one for one in readings if self._index.knows(one)]
                if not held or not self._fits_before(plain, start, held):
                    continue
            at = start + 1 + match.start()
            found.append(PrintedCode(at, at + len(match[0]), match[0], readings))
        return found

    def _runs(self, plain: str, known: Sequence[PrintedCode]) -> list[PrintedCode]:
        """Six digits beside a name of the listing that they mean, whatever else is printed to
        them without a space.
        """
        found = []
        taken = [(one.start, one.end) for one in known]
        for run in _RUN.finditer(plain):
            if any(start < run.end() and run.start() < end for start, end in taken):
                continue
            for start in dict.fromkeys((run.end() - 6, run.start())):
                end = start + 6
                readings = read_printed(plain[start:end]).readings
                names = self._index.names_of(readings)
                if not names:
                    continue
                begins = tuple(names | {one[:2] for one in names if len(one) > 2})
                right = start == run.end() - 6 and any(
                    key.startswith(begins)
                    for key in name_keys(plain[end : end + 16].lstrip(" ()*:"))
                )
                left = start == run.start() and self._fits_before(
                    plain, len(plain[:start].rstrip(" (:*")), readings
                )
                if right or left:
                    found.append(PrintedCode(start, end, plain[start:end], readings))
                    break
        # 601398 is a code of Shanghai, whose end is that of the same bank in Hong Kong.
        taken += [(one.start, one.end) for one in found]
        for four in _FOUR.finditer(plain):
            # Four digits are a code of Hong Kong right before its whole name, and years are none.
            readings = (f"XHKG:{four[0]}",)
            whole = tuple(one for one in self._index.names_of(readings) if len(one) > 2)
            behind = plain[four.end() : four.end() + 10]
            free = not any(start < four.end() and four.start() < end for start, end in taken)
            if free and whole and any(key.startswith(whole) for key in name_keys(behind)):
                found.append(PrintedCode(*four.span(), four[0], readings))
        return found

    def _joined_tickers(self, plain: str, known: Sequence[PrintedCode]) -> list[PrintedCode]:
        """Tickers from which the country lost its space: INTCUS behind the name of Intel."""
        found = []
        for match in _JOINED_TICKER.finditer(plain):
            readings = ticker_readings(match[1])
            free = not any(one.start < match.end() and match.start() < one.end for one in known)
            if free and any(self._index.knows(one) for one in readings):
                found.append(
                    PrintedCode(match.start(), match.end(), match[0], readings, is_number=False)
                )
        return found

    def _fits_before(self, plain: str, end: int, readings: Sequence[str]) -> bool:
        names = self._index.names_of(readings)
        left = self._left(plain, end)
        ends = tuple(names)
        return bool(names) and any(
            key.endswith(ends) or (key.endswith(_ENDS) and key[:-2].endswith(ends))
            for key in name_keys(left)
        )

    def _in_bracket(
        self, text: str, plain: str, code: PrintedCode, span: tuple[int, int]
    ) -> tuple[int, int, PrintedCompany] | None:
        """A code in a bracket behind its name; None where the name stands in the bracket."""
        start, end = span
        content = plain[start + 1 : end - 1]
        at = code.start - start - 1
        begin = max((content.rfind(mark, 0, at) for mark in "、,;/|"), default=-1) + 1
        left = content[begin:at].strip(" :-—")
        if re.search(r"[^\W\d_]", left) and (
            self._companies.knows(left) or self._fits(left, code.readings)
        ):
            return None
        # The name may be quoted: 【美凯龙】（601828.SH）, “美凯龙”（601828.SH）.
        quoted = len(plain[:start].rstrip(" ]】》」”'\"*"))
        name_start, name = self._name_before(text, plain, quoted, code.readings)
        if not name:
            return None
        end = self._with_facts(plain, end)
        bracket = text[start:end]
        company = self._companies.read_company(f"{name}{bracket}")
        if company is None:
            line = PrintedLine(code.text, code.readings, code.isin)
            company = PrintedCompany(name, (line,))
        if not company.lines:
            line = PrintedLine(code.text, code.readings, code.isin)
            company = replace(company, lines=(line,))
        return name_start, end, replace(company, name=self._companies.plain_name(name))

    def _with_facts(self, plain: str, end: int) -> int:
        """The end of a bracket, or of those right behind it that say a rating or a target."""
        while (match := _NEXT_BRACKET.match(plain, end)) is not None:
            company = self._companies.read_company(f"某公司{match[0]}")
            if company is None or company.lines or not (company.rating or company.target):
                break
            end = match.end()
        return end

    def _fits(self, name: str, readings: Sequence[str]) -> bool:
        return bool(self._index.names_of(readings) & set(name_keys(name)))

    def _inline(
        self,
        text: str,
        plain: str,
        code: PrintedCode,
        done: int,
        spans: Sequence[tuple[int, int]],
    ) -> tuple[int, int, PrintedCompany] | None:
        """A code that stands before or behind its name without a bracket."""
        left_end = len(plain[: code.start].rstrip(" -—_/:*"))
        while left_end > 0 and plain[left_end - 1] == ")":
            # A bracket between a name and its code: 英特尔(Intel)INTC US.
            behind_bracket = next((one[0] for one in spans if one[1] == left_end), None)
            if behind_bracket is None:
                break
            left_end = len(plain[:behind_bracket].rstrip())
        left = self._left(plain, left_end, max(done, 0)) if left_end > done else ""
        spelled = plain[left_end : code.start].strip(" ()")
        behind = plain[code.end : code.end + _CONTEXT]
        right_start = code.end + len(behind) - len(behind.lstrip(" -—_/:)]"))
        right = re.split(r"[、,。;:()\[\]|\t\n]", plain[right_start : right_start + _CONTEXT])[0]
        for one in (code, *_shorter(code)):
            line = PrintedLine(one.text, one.readings, one.isin)
            names = self._index.names_of(one.readings)
            if names and any(key.endswith(tuple(names)) for key in name_keys(left)):
                self._side -= 1
                at, name = self._name_before(text, plain, left_end, one.readings, max(done, 0))
                return at, code.end, PrintedCompany(self._companies.plain_name(name), (line,))
            for length in range(min(len(right), 24), 1, -1) if names else ():
                if names & set(name_keys(right[:length])):
                    self._side += 1
                    end = right_start + length + (2 if right[length:].startswith(_ENDS) else 0)
                    name = self._companies.plain_name(text[right_start:end])
                    return code.start, end, PrintedCompany(name, (line,))
        if left and self._spells(spelled, code):
            at, name = self._name_before(text, plain, left_end, code.readings, max(done, 0))
            line = PrintedLine(code.text, code.readings, code.isin)
            return at, code.end, PrintedCompany(self._companies.plain_name(name), (line,))
        if not code.is_number and not code.isin and not (_REUTERS.fullmatch(code.text) and left):
            return None  # letters with a dot and no name that fits: a word
        sides = (left, left_end), (right, right_start)
        return self._unfitting(text, plain, code, *sides, max(done, 0))

    def _spells(self, text: str, code: PrintedCode) -> bool:
        """Whether a bracket before a code begins a name of its listing, or is its ticker."""
        key = name_keys(text)[0] if text and text.isascii() else ""
        if len(key) < 2:
            return False
        ticker = any(one.rpartition(":")[2].casefold() == key for one in code.readings)
        return ticker or any(one.startswith(key) for one in self._index.names_of(code.readings))

    def _unfitting(
        self,
        text: str,
        plain: str,
        code: PrintedCode,
        left: tuple[str, int],
        right: tuple[str, int],
        floor: int,
    ) -> tuple[int, int, PrintedCompany]:
        """A code beside which no name of its listing stands: the name of somebody else, or one
        that nobody knows, on the side on which the document has its names.
        """
        line = PrintedLine(code.text, code.readings, code.isin)
        before = re.split(r"[0-9%.~]|N/A", left[0])[-1].strip()
        match = _NAME_RUN.match(right[0])
        after = match[0] if match is not None else ""
        if len(after) > 5:
            after = next(
                (
                    after[:n]
                    for n in range(min(len(after), 8), 2, -1)
                    if self._companies.knows(after[:n])
                ),
                after[:4],
            )
        is_name = [
            len(one) > 1 and not self._words.rating(one) and bool(re.search(r"[^\W\d_]", one))
            for one in (before, after)
        ]
        end = right[1] + len(after)
        if is_name[1] and (
            not is_name[0] or self._side > 0 or (self._side == 0 and self._companies.knows(after))
        ):
            return code.start, end, PrintedCompany(text[right[1] : end], (line,))
        if is_name[0]:
            at, name = self._name_before(text, plain, left[1], code.readings, floor)
            return at, code.end, PrintedCompany(self._companies.plain_name(name), (line,))
        return code.start, code.end, PrintedCompany("", (line,))

    # --- ratings of rows that lost their lines --------------------------------------------------

    def _ratings_of_rows(self, plain: str, coded: Sequence[tuple[int, int]]) -> dict[int, str]:
        """What a column of ratings says of each company, where the rows of a table stand one behind
        the other: between a code and the next one is one rating, and the header says so.
        """
        found: dict[int, str] = {}
        run: list[tuple[int, int]] = []
        for place in (*sorted(coded), (len(plain) + _ROW + 1, 0)):
            if run and (place[0] - run[-1][1] > _ROW or "。" in plain[run[-1][1] : place[0]]):
                found.update(self._ratings_of_run(plain, run))
                run = []
            run.append(place)
        return found

    def _ratings_of_run(self, plain: str, run: Sequence[tuple[int, int]]) -> dict[int, str]:
        """The ratings of one table; empty where the rows do not show whose they are."""
        head = plain[max(run[0][0] - _ROW, 0) : run[0][0]]
        level = self._words.chinese_level
        if len(run) < 2 or "评级" not in head or re.search(rf"(?:{level.pattern})$", head):
            return {}
        found: dict[int, str] = {}
        for at, (start, end) in enumerate(run):
            is_last = at + 1 == len(run)
            row = plain[end : end + _ROW if is_last else run[at + 1][0]]
            told = list(level.finditer(row))[: 1 if is_last else None]
            if len(told) > 1 or (is_last and not told):
                return {}
            for one in told:
                behind = _DONE.sub("", row[one.end() :])
                if _BEFORE_RATING.search(row[: one.start()]) and _AFTER_RATING.match(behind):
                    found[start] = one[0]
                elif is_last:
                    return {}
        return found if len(found) > 1 else {}

    def _rated_names(
        self, text: str, plain: str, coded: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, PrintedCompany]]:
        """Names without a code, each with a rating behind it and what numbers stand between, one
        behind the other under a header of ratings.
        """
        level = self._words.chinese_level.pattern
        row = re.compile(rf"({_ROW_NAME.pattern})(?:[0-9.,%+\-()/*]|N/?A)*({level}){_DONE_ROW}")
        levels = [one.start() for one in self._words.chinese_level.finditer(plain)]
        done = 0
        for head in _RATED_HEAD.finditer(plain) if levels else ():
            following = bisect_right(levels, max(head.end(), done))
            if following == len(levels) or levels[following] > head.end() + _ROW:
                continue
            first = row.search(plain, max(head.end(), done), head.end() + _ROW)
            if first is None:
                continue
            name = self._known_end(text[first.start(1) : first.end(1)])
            start = first.end(1) - len(name)
            before = re.search(rf"(?:{level})$", plain[head.start() : start])
            if not name or (before and not plain[:start].endswith(("品种推荐", "重点推荐"))):
                continue
            rows = [(start, name, first)]
            while (one := row.match(plain, rows[-1][2].end())) is not None:
                rows.append((one.start(), text[slice(*one.span(1))], one))
            done = rows[-1][2].end()
            if (
                len(rows) < 2
                or sum(self._companies.knows(one[1]) for one in rows) * 4 < len(rows) * 3
            ):
                continue
            for start, name, one in rows:
                if not any(at < one.end() and start < end for at, end in coded):
                    yield start, one.end(), PrintedCompany(name, rating=text[slice(*one.span(2))])

    def _known_end(self, text: str) -> str:
        """The longest end of a text that is a known name; empty where none is."""
        tails = (text[at:] for at in range(len(text) - 1))
        return next((one for one in tails if self._companies.knows(one)), "")

    # --- where a name begins --------------------------------------------------------------------

    def _left(self, plain: str, end: int, floor: int = 0) -> str:
        """The text before a place, back to the nearest mark, or to what is read already."""
        begin = end
        while begin > max(floor, end - _CONTEXT) and plain[begin - 1] not in _STOP:
            begin -= 1
        return plain[begin:end].strip()

    def _name_before(
        self, text: str, plain: str, end: int, readings: Sequence[str], floor: int = 0
    ) -> tuple[int, str]:
        """The name that ends at a place, and where it begins."""
        left = self._left(plain, end, floor)
        key = (left, tuple(readings))
        if key not in self._named:
            self._named[key] = self._name_in(left, readings)
        name = self._named[key]
        stop = end - (len(plain[:end]) - len(plain[:end].rstrip()))
        start = max(stop - len(name), 0)
        return start, text[start:stop]

    def _name_in(self, left: str, readings: Sequence[str]) -> str:
        """The end of a text that is the name of those listings, of anybody, or looks like one."""
        if not left:
            return ""
        names = self._index.names_of(readings)
        tails = self._tails(left)
        for tail in tails:
            if names & set(name_keys(tail)):
                return tail
        # Nobody is called after a number that something else printed without a space.
        end = re.split(r"[0-9%~](?:\.[A-Z]{1,4})?|N/A", left)[-1].strip()
        end = end if is_chinese(left) or "%" in left else left
        rest = self._without_lead(end) if end else left
        if self._words.rating(rest):
            return ""
        if self._companies.knows(rest):
            return rest
        near = self._nearest([one for one in tails if len(one) <= len(end)], names)
        if near:
            return near
        for tail in tails:
            if 2 < len(tail) <= len(end) and self._companies.knows(tail):
                return tail
        return rest

    def _tails(self, left: str) -> list[str]:
        """Every end of a text that could be a name, the longest first."""
        if is_chinese(left):
            return [left[at:] for at in range(max(len(left) - _LONGEST, 0), len(left) - 1)]
        words = left.split()
        return [" ".join(words[at:]) for at in range(max(len(words) - 6, 0), len(words))]

    def _nearest(self, tails: Sequence[str], names: frozenset[str]) -> str:
        """The end that is most like a name of those listings."""
        from rapidfuzz import fuzz

        best, found = 70.0, ""
        for tail in tails:
            for key in name_keys(tail):
                for name in names:
                    score = fuzz.ratio(key, name)
                    if len(key) >= 2 and (name.startswith(key) or (key in name and len(key) > 2)):
                        score = max(score, 80.0 + len(key))
                    if score > best:
                        best, found = score, tail
        return found

    def _without_lead(self, left: str) -> str:
        """A text without the words that lead to a name."""
        if not is_chinese(left):
            words = left.split()
            at = len(words)
            while at > 0 and (words[at - 1][:1].isupper() or words[at - 1] in ("&", "of")):
                at -= 1
            return " ".join(words[at:]) or words[-1]
        match = _LEAD.match(left)
        rest = left[match.end() :].strip() if match else left
        rest = rest if len(rest) >= 2 else left
        # Words of a sentence stand before a space, not parts of a name.
        last = rest.split()[-1] if rest.split() else rest
        return last if len(last) >= 2 else rest

    # --- names without a code -------------------------------------------------------------------

    def _uncoded(
        self,
        text: str,
        plain: str,
        coded: Sequence[tuple[int, int]],
        trigger: re.Match[str] | None,
        spans: Sequence[tuple[int, int]],
    ) -> list[tuple[int, int, PrintedCompany]]:
        """Names in one list with a coded company, or behind words such as 建议关注."""
        said = [(one, text[one[0] + 1 : one[1] - 1]) for one in spans]
        rated = [
            one
            for one, word in said
            if self._words.rating(word) or self._words.trigger_pattern.fullmatch(word)
        ]
        begins = [start for start, _ in coded]
        if trigger is not None:
            begins.append(trigger.end())
        if rated:
            begins.append(0)  # 闻泰科技（推荐），华虹半导体（推荐）
        if not begins:
            return []
        begin = min(begins)
        found: list[tuple[int, int, PrintedCompany]] = []
        joined = trigger is not None and begin == trigger.end()
        for start, end, is_coded in self._pieces(text, plain, begin, coded, spans):
            if is_coded:
                joined = True
                continue
            led = self._led(plain, start, end, spans)
            joined = joined or led > start or any(start < one[0] < end for one in rated)
            if trigger is not None and led > trigger.start():
                such = _SUCH_AS.match(plain, led, end)
                led = led if such is None else such.end()
                # 关注受益的企业，如益佰制药、羚锐制药
                near = led - self._led(plain, begin, start, spans) < _NEAR_TRIGGER
                joined = joined or (near and such is not None and such[0].strip() in ("如", "包括"))
            here = list(self._companies_in(text, plain, led, end)) if joined else []
            found += here
            # Words before a name describe it (产品丰富的龙头华兰生物), and so do those of a list.
            joined = joined and (
                bool(here) or not text[led:end].strip(" :：") or plain[end:].lstrip()[:1] == "、"
            )
        return found if trigger is not None else _told_apart(found)

    def _led(self, plain: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> int:
        """The end of the last word in a piece that leads to companies, else its beginning."""
        for one in self._words.trigger_pattern.finditer(_without_titles(plain), start, end):
            if not any(span[0] <= one.start() < span[1] for span in spans):
                start = one.end()
        return start

    def _companies_in(
        self, text: str, plain: str, start: int, end: int
    ) -> Iterator[tuple[int, int, PrintedCompany]]:
        """The company of a piece, and those before a colon where a label is printed to them without
        a space (领益智造服务器：澜起科技).
        """
        new = _NEW_PART.search(plain, start, end)
        end = end if new is None else new.start()
        while (colon := plain.find(":", start, end)) >= 0:
            name = self._before_label(text[start:colon].strip())
            if name:
                yield start, colon, PrintedCompany(name)
            start = colon + 1
        company = self._known_company(text[start:end])
        if company is not None and not (
            company.name in self._words.houses and _speaks(plain, start, end)
        ):
            yield start, end, company

    def _before_label(self, text: str) -> str:
        """The known name that a text begins with, where a label follows it and no part of a name;
        empty where none does.
        """
        for length in range(min(len(text), _LONGEST), 2, -1):
            if self._companies.knows(text[:length]):
                return "" if _KIN.match(text[length:]) else text[:length]
        return ""

    def _pieces(
        self,
        text: str,
        plain: str,
        begin: int,
        coded: Sequence[tuple[int, int]],
        spans: Sequence[tuple[int, int]],
    ) -> Iterator[tuple[int, int, bool]]:
        """Parts of a list from a place on, and whether each is a company with a code."""
        cuts: list[tuple[int, int]] = []
        for match in _JOINT.finditer(plain, begin):
            inside = any(start <= match.start() < end for start, end in (*spans, *coded))
            if not inside and not self._in_a_name(text, match, cuts[-1][1] if cuts else begin):
                cuts.append(match.span())
        at = begin
        for start, end in (*cuts, (len(text), len(text))):
            here = next((one for one in coded if one[0] < start and one[1] > at), None)
            if start > at:
                yield at, start, here is not None
            at = end

    def _in_a_name(self, text: str, joint: re.Match[str], begin: int) -> bool:
        """Whether a word that joins stands in the name that a part of a list is (仁和药业)."""
        if joint[0] not in ("和", "及", "与", "與") or joint.start() - begin > 3:
            return False
        ends = range(joint.end() + 1, min(joint.end() + 6, len(text)) + 1)
        return any(
            self._companies.knows(text[begin:end])
            for end in ends
            if end - begin > 2 and (end == len(text) or text[end] in _NAME_END)
        )

    def _known_company(self, text: str) -> PrintedCompany | None:
        """The company of a piece, where it or the end of it is a name that is known."""
        text = _TITLE.sub("", text)  # a book or a game
        company = self._companies.read_company(text.strip(" :：。"))
        if company is None or not company.name or _NO_COMPANY.search(company.name):
            return None
        if any(not line.unlisted for line in company.lines):
            return company
        name = self._before_and_so_on(company.name)
        company = replace(company, name=name)
        if len(name) >= 2 and self._companies.knows(name) and (is_chinese(name) or len(name) > 2):
            return company
        if is_chinese(name):
            for tail in self._tails(name):
                # 医用机器人 is a word, and names nobody.
                joined = word_key(tail) in self._words.common and not _LEAD.fullmatch(
                    name[: -len(tail)]
                )
                if (
                    len(tail) > 2
                    and not joined
                    and tail[0].isalnum()
                    and self._companies.knows(tail)
                ):
                    return replace(company, name=tail)
        return None

    def _before_and_so_on(self, name: str) -> str:
        """A name without 等 and what follows it: 华兰生物等血制品龙头."""
        before, others, _ = name.partition("等")
        cut = others and not self._companies.knows(name) and self._companies.knows(before)
        return before if cut else name


def _without_titles(plain: str) -> str:
    """A sentence whose book titles are blank: what they recommend is no company (《推荐标准》)."""
    return _TITLE.sub(lambda one: " " * len(one[0]), plain)


def _speaks(plain: str, start: int, end: int) -> bool:
    """True for a house that says something, or is a source, and is no company that it is about."""
    before, behind = plain[max(start - 40, 0) : start], plain[end : end + 12].lstrip(" ，,:：")
    return bool(_SOURCE.search(before) or _SAYS.match(behind))


def _told_apart(
    found: Sequence[tuple[int, int, PrintedCompany]],
) -> list[tuple[int, int, PrintedCompany]]:
    """Companies of one list; a name of two characters is a word, where it stands there alone."""
    alone = len(found) < 2
    return [
        one for one in found if not (alone and is_chinese(one[2].name) and len(one[2].name) < 3)
    ]


def _short_enough(text: str, ends: Sequence[int]) -> Iterator[int]:
    """Ends of sentences, and places inside those that are too long to be any: at a mark between
    two names where there is one, else in a number, so that every part is read in a bounded time.
    """
    begin = 0
    for end in ends:
        while end - begin > _SENTENCE:
            first, last = begin + _SENTENCE // 2, begin + _SENTENCE
            marks = [text.rfind(one, first, last) + 1 for one in "、，, "]
            marks += [one.end() for one in _DECIMAL.finditer(text, first, last)][-1:]
            begin = next((at for at in marks if at > 0), last)
            yield begin
        yield end
        begin = end


def _shorter(code: PrintedCode) -> list[PrintedCode]:
    """A code without digits or letters before it that may belong to something else."""
    match = re.match(r"([0-9]+|[A-Z]+)(.*)", code.text)
    if match is None or not code.readings:
        return []
    in_hong_kong = code.readings[0].startswith("XHKG")
    if match[1].isdigit() != in_hong_kong:
        return []
    found = []
    for length in range(len(match[1]) - 1, 0, -1):
        local = match[1][-length:]
        readings = (
            (f"XHKG:{local.lstrip('0').zfill(4)}",)
            if in_hong_kong
            else tuple(f"{mic}:{local}" for mic in ("XNAS", "XNYS", "XASE"))
        )
        start = code.end - len(match[2]) - length
        found.append(PrintedCode(start, code.end, local + match[2], readings))
    return found
