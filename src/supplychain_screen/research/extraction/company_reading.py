"""A cell, a list or a piece of a sentence becomes the companies that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from supplychain_screen.identity import (
    NameIndex,
    abroad_of,
    find_codes,
    fold_names,
    read_printed,
    strip_marker,
    to_simplified,
)
from supplychain_screen.research.extraction.print_vocabulary import (
    PrintedWords,
    fold_width,
    is_chinese,
    printed_amount,
    printed_words,
    visible_text,
)

__all__ = [
    "TOTAL",
    "CompanyReader",
    "PrintedCompany",
    "PrintedLine",
    "bracket_spans",
    "closed_up",
    "name_keys",
    "ticker_readings",
]

_OPENING, _CLOSING = "([【〔{", ")]】〕}"
_SEPARATORS = "、;\n"
_BULLET = re.compile(
    r"^(?:[\s*•·●■◆▪►▶√✓➢-]+|[0-9]{1,2}[.)、](?![0-9])\s*|\([0-9]{1,2}\)|[①-⑳])\s*"
)
_AND_SO_ON = re.compile(
    r"\s{0,4}等{1,2}(?:\s*[0-9一二三四五六七八九十]+\s*[家只]?)?"
    r"(?:相关|行业|产业链|优质|优秀|细分|领域|子|国内|海外|头部|龙头|上市|领先|核心|的)*"
    r"(?:公司|企业|标的|个股|股票|厂商|厂家|龙头|概念股|上市公司|品牌|機構|廠商|個股|標的|企業)*\s*$"
)
_ENGLISH_AND_SO_ON = re.compile(r"(?:,?\s*(?:etc\.?|and others|among others))\s*$", re.IGNORECASE)
_AND = re.compile(r"以及|和|及|与|與|(?<=\s)(?:and|AND)(?=\s)|\s&\s|/")
_NUMBER = re.compile(
    r"[\s~±+\-–—<>≥≤=约*()]*(?:(?:HK|US|NT)?[$¥€]|RMB|CNY|HKD|USD)?\s*[0-9][0-9,.\s]*"
    r"[\s%‰~+\-–—/xX×倍元亿億万萬千百股年月日季港美台新币幣AEFQHYBNMKPbp.,0-9()]*",
)
_TARGET = re.compile(
    r"(?:目标价格?|目標價|合理价值|合理估值|\bTP|\bPT|target(?: price)?|price target)"
    r"[为至到:\s]*(?P<before>HK\$|US\$|NT\$|RMB|CNY|HKD|USD|TWD|NTD|JPY|KRW|[$¥])?\s*"
    r"(?P<amount>[0-9][0-9,]*(?:\.[0-9]+)?)\s*"
    r"(?P<after>港元|港币|港幣|美元|美金|新台币|新臺幣|台币|日元|日圆|元人民币|人民币|元|HKD|USD|CNY|RMB)?",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"^(?:原为|原名|原|曾用名|前值|前次|formerly|previously|prev\.?|was)\s*[:]?\s*", re.IGNORECASE
)
_LEGAL = re.compile(
    r"^\s*(?:inc|corp|co|ltd|llc|lp|plc|limited|company|n\.?v|s\.?a|ag|se)\b\.?", re.IGNORECASE
)
_LONGEST = 400
"""Characters of the longest piece that may be one company, its brackets aside."""

_MARKS = " \t\n*。·:：,，;；\"'“”‘’—" + "".join(map(chr, range(0xF06C, 0xF0FF)))
"""What stands around a name and is none of it, bullets of symbol fonts too."""
_THOUSANDS = re.compile(r"(?:.*[^0-9])?[0-9]{1,3},[0-9]{3}(?:[^0-9].*)?", re.DOTALL)
"""Three digits behind a comma, and no more than three before it; 603259,2359 are two codes."""
TOTAL = re.compile(r"以?上?(?:合|总|小|共)计|共\d+[家只个支]")
"""Rows that count or add up those above."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A code that is printed with a company, and what stands with that code.

    Parameters
    ----------
    code : str
        As printed.
    readings : tuple of str
        Ids of the listings that it can mean.
    isin : str
    unlisted : bool
        Whether the code is a word that says that there is none.
    rating, target, currency : str
        As printed; the currency as ISO 4217 where the print says it.
    """

    code: str
    readings: tuple[str, ...] = ()
    isin: str = ""
    unlisted: bool = False
    rating: str = ""
    target: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class PrintedCompany:
    """One company as it is printed in one place.

    Parameters
    ----------
    name : str
        Without code, bracket and marker; empty where only a code is printed.
    lines : tuple of PrintedLine
        Its codes; empty where none is printed.
    note : str
        What else its brackets say.
    rating, target, currency : str
        What stands beside it, where it has no code or one.
    """

    name: str
    lines: tuple[PrintedLine, ...] = ()
    note: str = ""
    rating: str = ""
    target: str = ""
    currency: str = ""

    @property
    def pending(self) -> bool:
        """Whether a bracket says that the cooperation is not settled."""
        words = printed_words()
        parts = re.split(r"[、,;/]", fold_width(self.note))
        return any(part.strip().casefold() in words.pending for part in parts)


@dataclass(slots=True)
class _Beside:
    """What stands in brackets and cells beside a name."""

    codes: list[PrintedLine] = field(default_factory=list)
    ratings: list[str] = field(default_factory=list)
    targets: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class CompanyReader:
    """Reads companies out of printed pieces.

    Parameters
    ----------
    index : NameIndex
        Who is known: what divides a list where the print leaves it open.
    """

    def __init__(self, index: NameIndex) -> None:
        self.index = index
        self.words: PrintedWords = printed_words()
        self._known: dict[str, bool] = {}

    # --- lists ----------------------------------------------------------------------------------

    def read_list(self, text: str) -> list[PrintedCompany]:
        """The companies of a cell or a list, in printed order."""
        found: list[PrintedCompany] = []
        for piece in self.pieces(visible_text(text)):
            company = self.read_company(piece)
            if company is not None and not company.name and found and not found[-1].lines:
                found[-1] = replace(found[-1], lines=company.lines)
            elif company is not None:
                found.append(company)
            elif found:
                found[-1] = self._with_fact(found[-1], piece)
        return found

    def pieces(self, text: str) -> Iterator[str]:
        """The parts of a list: separators in brackets and in names separate nothing."""
        for part in _rejoined(_cut(text, _SEPARATORS)):
            for piece in self._comma_parts(part):
                yield from self._and_parts(piece)

    def _comma_parts(self, text: str) -> list[str]:
        if "," not in fold_width(text) or self.knows(text):
            return [text]
        return _rejoined(_cut(text, ","))

    def _and_parts(self, text: str) -> list[str]:
        """A piece at 和, 及, 与 and /, where what stands there is more than one company."""
        plain = fold_width(text)
        spans = bracket_spans(plain)
        cuts = [
            match
            for match in _AND.finditer(plain)
            if not any(start <= match.start() < end for start, end in spans)
        ]
        if not cuts or self.knows(_name_alone(text)):
            return self._spaced_parts(text)
        if _outside(plain, spans) > _LONGEST:
            return _AND.split(text)  # no list of two or three names
        rest, parts = 0, []
        ends = [*(match.start() for match in cuts[1:]), len(text)]
        for at, match in enumerate(cuts):
            following = [text[match.end() : end] for end in ends[at : at + 3]]
            if self._parts_here(text[rest : match.start()], following, match[0]):
                parts.append(text[rest : match.start()])
                rest = match.end()
        return [*parts, text[rest:]]

    def _parts_here(self, left: str, following: Sequence[str], mark: str) -> bool:
        """Whether a mark between two pieces of text divides companies."""
        left = left.strip()
        if left and (left[-1] in ")）" or find_codes(fold_width(left))):
            return True
        begins = any(self.knows(_name_alone(one)) for one in following)
        if not left:
            return begins or mark == "/"
        known = begins or self.knows(_name_alone(left))
        right = following[-1].strip()
        if mark == "/":
            return known or (len(left) > 1 and len(right) > 1 and is_chinese(left + right))
        return known and bool(right)

    def _spaced_parts(self, text: str) -> list[str]:
        """A piece at its spaces, where each part is a company that is known."""
        parts = text.split()
        if len(parts) < 2 or not is_chinese(text) or self.knows("".join(parts)):
            return [text]
        return parts if all(self.knows(_name_alone(one)) for one in parts) else [text]

    def knows(self, name: str) -> bool:
        """Whether somebody is called so, OCR's spaces aside."""
        plain = strip_marker(closed_up(name.strip(" *")))[0]
        if plain not in self._known:
            self._known[plain] = bool(plain) and self.index.knows_name(plain)
        return self._known[plain]

    # --- one company ----------------------------------------------------------------------------

    def read_company(self, text: str) -> PrintedCompany | None:
        """The company of a piece; None where the piece is none."""
        text = _BULLET.sub("", visible_text(text)).strip(" \t\n*。.·")
        plain = fold_width(text)
        if not plain or _outside(plain, bracket_spans(plain)) > _LONGEST:
            return None
        if self.words.is_source_line(text):
            return None
        head, beside, tail = self._taken_apart(text, plain)
        name = self.plain_name(head)
        if not beside.codes and (self._is_fact(head) or not name):
            return None
        if name and self._is_nobody(name) and (not beside.codes or TOTAL.match(name)):
            return None
        if not beside.codes and len(name) > (24 if is_chinese(name) else 80):
            return None
        if tail:
            beside.notes.append(tail)
        for line in beside.codes:
            if not (line.readings or line.isin or (line.unlisted and name)):
                return None
        return self._company(name, beside)

    def _taken_apart(self, text: str, plain: str) -> tuple[str, _Beside, str]:
        """What stands before the brackets, what stands in them, and what stands behind."""
        beside = _Beside()
        spans = bracket_spans(plain)
        whole = self._legal_name(text, plain, spans)
        if whole is not None:
            head, spans = whole
        elif spans:
            head = text[: spans[0][0]]
            if not head.strip() and spans[0][1] < len(text):
                # A bracket leads, as in （600000）某公司.
                head = text[spans[-1][1] :]
        else:
            head = text
        head = self._codes_of(head, beside)
        for start, end in spans:
            self._read_bracket(text[start + 1 : end - 1], head, beside)
        tail = "" if not spans or whole is not None else text[spans[-1][1] :]
        tail = (
            "" if tail.strip() == head.strip() else _AND_SO_ON.sub("", self._codes_of(tail, beside))
        )
        return head, beside, tail.strip(" 。.*，,")

    def _legal_name(
        self, text: str, plain: str, spans: Sequence[tuple[int, int]]
    ) -> tuple[str, list[tuple[int, int]]] | None:
        """A name with a bracket inside it, as in Sunny Optical Technology (Group) Co., Ltd."""
        for at, (_, end) in enumerate(spans):
            after = spans[at + 1][0] if at + 1 < len(spans) else len(text)
            between = plain[end:after]
            if _LEGAL.match(between) or (between.strip() and self.knows(text[:after])):
                return text[:after], list(spans[at + 1 :])
        return None

    def _codes_of(self, text: str, beside: _Beside) -> str:
        """The text without the codes in it, which are noted."""
        plain = fold_width(text)
        codes = [
            one
            for one in find_codes(plain)
            if one.is_number or one.isin or self._is_held(one.readings)
        ]
        for one in reversed(codes):
            text = f"{text[: one.start]} {text[one.end :]}"
        beside.codes += [PrintedLine(one.text, one.readings, one.isin) for one in codes]
        if codes:
            return text.strip(" /-—_:：,，|")
        bare = re.match(
            r"^([0-9]{6})[\s/:-]+(?=[^\W\d])|(?<=[^\W\d])[\s/:-]*([0-9]{6})$", plain.strip()
        )
        if bare and is_chinese(plain):
            digits = bare[1] or bare[2]
            readings = read_printed(digits).readings
            if self._is_held(readings):
                beside.codes.append(PrintedLine(digits, readings))
                return text.strip().removeprefix(digits).removesuffix(digits).strip(" /:-：")
        return text

    def _is_held(self, readings: Sequence[str]) -> bool:
        return any(self.index.knows(one) for one in readings)

    def _read_bracket(self, content: str, name: str, beside: _Beside) -> None:
        """Codes, rating and target of a bracket; all else is its note, as printed."""
        before = (len(beside.codes), len(beside.ratings), len(beside.targets))
        notes = []
        for part in _cut(content, "、;,/|\n"):
            told = [one.strip() for one in re.split(r"\s{2,}", part) if one.strip()]
            notes += [one for one in told if not self._read_fact(one, name, beside)]
        if before == (len(beside.codes), len(beside.ratings), len(beside.targets)):
            notes = [content.strip()] if content.strip() else []
        if notes:
            beside.notes.append("、".join(notes))

    def _read_fact(self, text: str, name: str, beside: _Beside) -> bool:
        """Whether a part of a bracket is a code, a rating or a target, which is noted."""
        plain = fold_width(text)
        former = _FORMER.match(plain)
        if former:
            return False
        codes = find_codes(plain)
        whole = [one for one in codes if one.end - one.start >= len(plain) - 6 or one.is_number]
        if whole:
            beside.codes += [PrintedLine(one.text, one.readings, one.isin) for one in whole]
            rest = plain
            for one in reversed(whole):
                rest = rest[: one.start] + rest[one.end :]
            rest = rest.strip(" :,/-")
            if rest and self.words.rating(rest):
                beside.ratings.append(rest)
            elif (
                rest
                and is_chinese(rest)
                and not re.fullmatch(r"[AHB]股|港股|美股|代码|股票代码", rest)
            ):
                beside.notes.append(rest)
            return True
        if abroad := abroad_of(plain):
            beside.codes.append(PrintedLine(plain, abroad))
            return True
        bare = re.fullmatch(r"(?:代码|股票代码|code)?[:\s]*([0-9]{3,6}|[A-Z]{1,7})", plain)
        if bare and self._is_bare_code(bare[1], name):
            beside.codes.append(PrintedLine(bare[1], self._bare_readings(bare[1])))
            return True
        if self.words.says_unlisted(text, as_code=True):
            beside.codes.append(PrintedLine(text, unlisted=True))
            return True
        if self.words.rating(text):
            beside.ratings.append(self.words.rating(text))
            return True
        target = _TARGET.search(plain)
        if target:
            money = self._money(target)
            beside.targets.append((printed_amount(target, money), money))
            return True
        return False

    def _bare_readings(self, code: str) -> tuple[str, ...]:
        return read_printed(code).readings if code.isdigit() else ticker_readings(code)

    def _is_bare_code(self, code: str, name: str) -> bool:
        """Whether digits or letters in a bracket are a code: six digits are, others must fit."""
        readings = [one for one in self._bare_readings(code) if self.index.knows(one)]
        if not readings:
            return False
        if code.isdigit() and len(code) == 6:
            return True
        return bool(set(name_keys(self.plain_name(name))) & self.index.names_of(readings))

    def _money(self, match: re.Match[str]) -> str:
        for group in ("before", "after"):
            if match[group]:
                return self.words.money.get(match[group].casefold(), "")
        return ""

    def plain_name(self, text: str) -> str:
        """A name without marks around it and 等 behind it, OCR's spaces closed."""
        name = closed_up(text.strip(_MARKS).lstrip("(（").rstrip("(（-—"))
        if not self.knows(name):
            name = _ENGLISH_AND_SO_ON.sub("", _AND_SO_ON.sub("", name))
        return strip_marker(name.strip(" *"))[0].strip()

    def _is_fact(self, text: str) -> bool:
        """Whether a text is a number, a rating or a target rather than a name."""
        plain = fold_width(text).strip()
        return bool(
            not re.search(r"[^\W\d_]", plain)
            or _NUMBER.fullmatch(plain)
            or self.words.rating(text)
            or _TARGET.match(plain)
        )

    def _is_nobody(self, name: str) -> bool:
        key = name.casefold().strip(" .")
        return (
            TOTAL.match(key) is not None
            or key in self.words.nobody
            or self.words.is_source_line(name)
            or (name.endswith(self.words.institutes) and not self.knows(name))
        )

    def _with_fact(self, company: PrintedCompany, piece: str) -> PrintedCompany:
        """A company with the rating or target that stands behind it in a list."""
        beside = _Beside()
        text = piece.strip()
        if not text or not self._read_fact(text, company.name, beside):
            return company
        if beside.ratings and not company.rating:
            company = replace(company, rating=beside.ratings[0])
        if beside.targets and not company.target:
            company = replace(company, target=beside.targets[0][0], currency=beside.targets[0][1])
        return company

    def _company(self, name: str, beside: _Beside) -> PrintedCompany:
        lines = list(dict.fromkeys(beside.codes))
        # A company with a code is only not listed there.
        lines = [one for one in lines if not one.unlisted] or lines[:1]
        if len(lines) > 1:
            for at, line in enumerate(lines):
                rating = (
                    beside.ratings[at if len(beside.ratings) == len(lines) else 0]
                    if beside.ratings
                    else ""
                )
                target = (
                    beside.targets[at if len(beside.targets) == len(lines) else 0]
                    if beside.targets and (at == 0 or len(beside.targets) == len(lines))
                    else ("", "")
                )
                lines[at] = replace(line, rating=rating, target=target[0], currency=target[1])
        return PrintedCompany(
            name=name,
            lines=tuple(lines),
            note="；".join(beside.notes),
            rating=beside.ratings[0] if beside.ratings else "",
            target=beside.targets[0][0] if beside.targets else "",
            currency=beside.targets[0][1] if beside.targets else "",
        )


def ticker_readings(code: str) -> tuple[str, ...]:
    """Ids of the listings that letters can mean, Bloomberg's country joined to them or not."""
    tickers = dict.fromkeys((code, re.sub(r"(?<=[A-Z])U[SNW]$", "", code)))
    return tuple(f"{mic}:{one}" for one in tickers for mic in ("XNAS", "XNYS", "XASE"))


@lru_cache(maxsize=65536)
def name_keys(name: str) -> tuple[str, ...]:
    """The folded spellings that a name is compared by."""
    simple = to_simplified().convert(name) if not name.isascii() else name
    return tuple(dict.fromkeys(fold_names([name, simple])))


def _name_alone(text: str) -> str:
    """A piece without its brackets and 等."""
    plain = fold_width(text)
    spans = bracket_spans(plain)
    head = text[: spans[0][0]] if spans else text
    return _AND_SO_ON.sub("", head.strip(" 。"))


def closed_up(text: str) -> str:
    """A text without the spaces that OCR puts between Chinese characters."""
    return re.sub(r"(?<=[㐀-鿿])[ \t\u3000]+(?=[㐀-鿿])", "", " ".join(text.split()))


def bracket_spans(plain: str) -> list[tuple[int, int]]:
    """Outermost brackets that are opened and closed, each with its end behind it."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, letter in enumerate(plain):
        if letter in _OPENING:
            opened.append(at)
        elif letter in _CLOSING and opened:
            start = opened.pop()
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, at + 1))
    return spans


def _outside(plain: str, spans: Sequence[tuple[int, int]]) -> int:
    """How many characters of a text stand in no bracket."""
    return len(plain) - sum(end - start for start, end in spans)


def _cut(text: str, separators: str) -> list[str]:
    """The parts of a text between separators that stand in no bracket and in no number."""
    plain = fold_width(text)
    spans = bracket_spans(plain)
    parts, begin, span = [], 0, 0
    for at, letter in enumerate(plain):
        while span < len(spans) and spans[span][1] <= at:
            span += 1
        inside = span < len(spans) and spans[span][0] <= at
        if letter not in separators or inside:
            continue
        if letter == "," and _THOUSANDS.fullmatch(plain[max(at - 4, 0) : at + 5]):
            continue
        parts.append(text[begin:at])
        begin = at + 1
    return [*parts, text[begin:]]


def _rejoined(parts: Sequence[str]) -> list[str]:
    """Parts of which a legal form is no part of its own."""
    found: list[str] = []
    for part in parts:
        if found and _LEGAL.match(part) and found[-1].strip().isascii():
            found[-1] += f",{part}"
        else:
            found.append(part)
    return found
