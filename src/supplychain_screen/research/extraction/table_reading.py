"""Tables become mentions by the roles of their header words, or by what their cells hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from supplychain_screen.identity import PrintedCode, codes_of_cell, find_codes, read_printed
from supplychain_screen.research.extraction.company_reading import (
    TOTAL,
    CompanyReader,
    PrintedCompany,
    PrintedLine,
    name_keys,
)
from supplychain_screen.research.extraction.documents import Cell, Place, Table
from supplychain_screen.research.extraction.print_vocabulary import (
    fold_width,
    visible_text,
    word_key,
)

__all__ = ["Found", "TableReader"]

_HEADER_ROWS = 5
"""How many rows from the top may be the header; titles stand above it."""
_UNCLEAR = re.compile("[元¥￥$]")
"""Signs of several currencies."""
_EMPTY = re.compile(r"[\s\-–—―/\\.*]*|n/?a|nan|none", re.IGNORECASE)


_YELLOW_KEY = re.compile(r"(?<=[0-9A-Z] [A-Z][A-Z0-9]) +equity$", re.IGNORECASE)
"""Bloomberg's word for a share behind its code."""


def _plain(row: Sequence[Cell]) -> list[Cell]:
    return [replace(cell, text=_YELLOW_KEY.sub("", cell.text)) for cell in row]


@dataclass(frozen=True, slots=True)
class Found:
    """One company where it stands, before anybody knows who it is."""

    segment: str
    company: PrintedCompany
    place: Place
    way: str
    """``table``, ``list`` or ``prose``."""
    currency: str = ""


@dataclass(slots=True)
class _Columns:
    """Columns by role; those of one kind that a table has twice are another block."""

    company: int | None = None
    code: int | None = None
    other_code: int | None = None
    """A second code of the same company: A and H share."""
    rating: int | None = None
    target: int | None = None
    currency: int | None = None
    segments: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    target_currency: str = ""
    has_row: bool = True
    """Whether no other company stands in its rows."""

    def taken(self) -> set[int]:
        own = (
            self.company,
            self.code,
            self.other_code,
            self.rating,
            self.target,
            self.currency,
        )
        return {*(one for one in own if one is not None), *self.segments}


class TableReader:
    """Reads tables one after the other: one without a header may go on with the one before."""

    def __init__(self, companies: CompanyReader) -> None:
        self._companies = companies
        self._words = companies.words
        self._last: tuple[int, list[_Columns]] | None = None

    def read(self, table: Table) -> list[Found]:
        """The companies of a table; empty where it has none.

        Parameters
        ----------
        table : Table
        """
        rows = [_plain(row) for row in table.rows if not self._is_source(row)]
        header = self._header(rows)
        width = len(table.rows[0])
        if header is not None:
            blocks, body = self._blocks(rows[header]), rows[header + 1 :]
            has_row = len(blocks) < 2 or any(one.company is None for one in blocks)
            for block in blocks:
                block.has_row = has_row
                self._complete(block, body)
            blocks = [one for one in blocks if one.company is not None or one.code is not None]
        else:
            guessed = self._guessed(rows)
            if guessed is not None:
                blocks, body = [guessed], rows
            elif self._last is not None and self._last[0] == width and self._goes_on(rows):
                blocks, body = self._last[1], rows
            else:
                return list(self._codes_anywhere(rows, range(width)))
        self._last = (width, blocks)
        found: list[Found] = []
        used: set[int] = set()
        for block in blocks:
            found += self._rows(body, block)
            used |= block.taken()
        found += self._codes_anywhere(body, [one for one in range(width) if one not in used])
        taken = frozenset(
            one for item in found for line in item.company.lines for one in line.readings
        )
        found += self._codes_anywhere(rows, range(width), taken)
        found.sort(key=lambda one: (one.place.page or 0, one.place.line or 0, one.place.row or 0))
        return found

    # --- which column is what -------------------------------------------------------------------

    def _is_source(self, row: Sequence[Cell]) -> bool:
        first = next((cell.text for cell in row if cell.text), "")
        return self._words.is_source_line(first)

    def _header(self, rows: Sequence[Sequence[Cell]]) -> int | None:
        for at, row in enumerate(rows[:_HEADER_ROWS]):
            roles = [self._words.role(cell.text) for cell in row]
            telling = {"company", "companies", "code"} & set(roles)
            if not telling:
                continue
            filled = {word_key(cell.text) for cell in row if cell.text}
            known = sum(bool(role) for role in roles)
            if known * 3 >= len(filled) and not any(self._is_code(cell.text) for cell in row):
                return at
        return None

    def _blocks(self, header: Sequence[Cell]) -> list[_Columns]:
        blocks = [_Columns()]
        before: Cell | None = None
        for at, cell in enumerate(header):
            spanned = before is not None and cell.text and cell.place == before.place
            before = cell
            role = self._words.role(cell.text)
            if spanned and role not in ("segment", "note"):
                continue
            role = "company" if role == "companies" else role
            block = blocks[-1]
            if role in ("company", "code") and getattr(block, role) is not None:
                blocks.append(block := _Columns(segments=list(block.segments)))
            if role in ("segment", "note"):
                getattr(block, f"{role}s").append(at)
            elif role in ("company", "code", "rating", "target", "currency"):
                if getattr(block, role) is None:
                    setattr(block, role, at)
                if role == "target":
                    block.target_currency = block.target_currency or self._currency(cell.text)
        if len(blocks) == 2 and blocks[0].company is None and blocks[1].code is None:
            # A code before its company, and the company after.
            first, second = blocks
            second.code = first.code
            return [second]
        if len(blocks) == 2 and blocks[0].company is not None and blocks[1].company is None:
            first, second = blocks
            first.other_code = second.code
            for role in ("rating", "target", "currency"):
                if getattr(first, role) is None:
                    setattr(first, role, getattr(second, role))
            first.target_currency = first.target_currency or second.target_currency
            first.notes += second.notes
            return [first]
        return blocks

    def _complete(self, block: _Columns, body: Sequence[Sequence[Cell]]) -> None:
        """A column of companies beside a column of codes, where the header does not name it."""
        if block.company is not None or block.code is None or not body:
            return
        near = [at for at in (block.code - 1, block.code + 1) if 0 <= at < len(body[0])]
        free = [at for at in near if at not in block.taken()]
        if free:
            block.company = max(
                free, key=lambda at: sum(self._companies.knows(row[at].text) for row in body)
            )
            if not any(self._companies.read_company(row[block.company].text) for row in body):
                block.company = None

    def _guessed(self, rows: Sequence[Sequence[Cell]]) -> _Columns | None:
        """Columns by what they hold, where no header says it."""
        width = len(rows[0]) if rows else 0
        codes, names = {}, {}
        for at in range(width):
            texts = [row[at].text for row in rows if not _EMPTY.fullmatch(row[at].text)]
            if not texts:
                continue
            codes[at] = sum(self._is_code(one) for one in texts) / len(texts)
            names[at] = sum(self._is_list(one) for one in texts) / len(texts)
        block = _Columns()
        coded = [at for at, share in codes.items() if share >= 0.5] or [
            at
            for at in codes
            if 2 * sum(self._words.says_unlisted(row[at].text, as_code=True) for row in rows)
            >= len(rows)
        ]
        named = [at for at, share in names.items() if share >= 0.5 and at not in coded]
        if coded:
            block.code = coded[0]
            beside = [at for at in (coded[0] + 1, coded[0] - 1) if at in names]
            block.company = max(beside, key=lambda at: names[at], default=None)
            if block.company is not None and not names[block.company] > 0:
                block.company = None
        elif named:
            block.company = max(named, key=lambda at: names[at])
        else:
            return None
        first = 0 if block.company is None else block.company
        left = [at for at in range(first) if at in names and at not in (block.code, block.company)]
        text = [at for at in left if self._is_wording([row[at].text for row in rows])]
        block.segments = text[:1]
        return block

    def _is_wording(self, texts: Sequence[str]) -> bool:
        filled = [one for one in texts if one]
        return sum(bool(re.search(r"[^\W\d_]", one)) for one in filled) * 2 > len(filled)

    def _goes_on(self, rows: Sequence[Sequence[Cell]]) -> bool:
        """Whether rows look like more of the table before: a code or a known name in its column."""
        assert self._last is not None
        for block in self._last[1]:
            for row in rows:
                if block.code is not None and self._is_code(row[block.code].text):
                    return True
                if block.company is not None and self._is_list(row[block.company].text):
                    return True
        return False

    def _is_code(self, text: str) -> bool:
        plain = fold_width(visible_text(text)).strip()
        if re.fullmatch(r"[0-9]{6}(?:\.0)?", plain):
            return any(self._companies.index.knows(one) for one in read_printed(plain[:6]).readings)
        codes = find_codes(plain)
        return bool(codes) and sum(one.end - one.start for one in codes) + 4 > len(plain)

    def _is_list(self, text: str) -> bool:
        """Whether a cell holds nothing but companies, at least half of which are known."""
        if len(text) > 400 or _EMPTY.fullmatch(text):
            return False
        companies = self._companies.read_list(text)
        known = sum(bool(one.lines) or self._companies.knows(one.name) for one in companies)
        return known > 0 and known * 2 >= len(companies)

    def _currency(self, text: str) -> str:
        """The currency that a header or a cell names; empty where it names none."""
        plain = fold_width(text).casefold()
        money = self._words.money
        for word in sorted(money, key=len, reverse=True):
            if money[word] and word in plain:
                return money[word]
        return ""

    # --- rows -----------------------------------------------------------------------------------

    def _rows(self, rows: Sequence[Sequence[Cell]], block: _Columns) -> Iterator[Found]:
        segment = heading = ""
        before: Place | None = None
        headings = self._headings(rows, block)
        for at, row in enumerate(rows):
            own = [row[one].text for one in block.segments]
            segment = "/".join(dict.fromkeys(_one_line(one) for one in own if one)) or segment
            where = block.company if block.company is not None else block.code
            assert where is not None
            cell = row[where]
            if at in headings:
                heading = headings[at]
                continue
            if cell.place == before and (
                block.code is None or _EMPTY.fullmatch(row[block.code].text)
            ):
                continue  # one cell that spans several rows is one company
            before = cell.place
            for company in self._companies_of(row, block):
                currency = company.currency or self._cell_currency(row, block)
                yield Found(segment or heading, company, cell.place, "table", currency)

    def _headings(self, rows: Sequence[Sequence[Cell]], block: _Columns) -> dict[int, str]:
        """Rows that head those below: in the column of companies, what stands above no row with
        more in it is a company of which nothing else is printed.
        """
        found = {}
        heads = block.company != 0
        for at in reversed(range(len(rows))):
            heading = self._group(rows[at], block)
            more = sum(bool(cell.text) for cell in rows[at]) > 1
            if heading and (heads or more):
                found[at] = heading
            elif block.company == 0:
                heads = more
        return found

    def _group(self, row: Sequence[Cell], block: _Columns) -> str:
        """The heading of the rows below, where a row holds nothing else."""
        filled = [cell for cell in row if cell.text]
        if len(row) < 2 or len({cell.text for cell in filled}) != 1:
            return ""
        text = filled[0].text
        if len(filled) == 1 and row[0].text != text:
            return ""
        if find_codes(fold_width(text)) or self._is_list(text):
            return ""
        if len(row) == 2 and block.company == 0 and block.code == 1:
            return ""  # a company without a code, that nobody knows
        if block.segments and len(filled) == 1 and row[block.segments[0]].text:
            return ""
        return _one_line(text)

    def _cell_currency(self, row: Sequence[Cell], block: _Columns) -> str:
        for at in (block.currency, block.target):
            if at is not None and (found := self._currency(row[at].text)):
                return found
        return block.target_currency

    def _companies_of(self, row: Sequence[Cell], block: _Columns) -> list[PrintedCompany]:
        text = visible_text(row[block.company].text) if block.company is not None else ""
        if (
            text
            and self._words.role(text) in ("company", "companies", "code")
            and not self._companies.knows(text)
        ):
            return []  # the header again, on the next page or in its second row
        if TOTAL.match(text):
            return []  # what stands in its column of codes is a number
        companies = self._companies.read_list(text) if not _EMPTY.fullmatch(text) else []
        codes = [
            code
            for at in (block.code, block.other_code)
            if at is not None and not (companies and self._is_blank(row[at].text))
            for code in self._codes(row[at].text)
        ]
        if word := self._said_unlisted(row, block):
            said = PrintedLine(word, unlisted=True)
            companies = [replace(one, lines=one.lines or (said,)) for one in companies]
        elif codes:
            if len(companies) == len(codes) and len(codes) > 1:
                companies = [
                    replace(one, lines=one.lines or (code,))
                    for one, code in zip(companies, codes, strict=True)
                ]
            elif len(companies) == 1:
                lines = dict.fromkeys([*companies[0].lines, *codes])
                same = {line.readings for line in companies[0].lines}
                kept = [
                    line
                    for line in lines
                    if line in companies[0].lines or line.readings not in same
                ]
                companies = [replace(companies[0], lines=tuple(kept))]
            elif not companies:
                name = text.strip() if text and not _EMPTY.fullmatch(text) else ""
                name = "" if not re.search(r"[^\W\d_]", name) else name
                companies = [PrintedCompany(_one_line(name), tuple(codes))]
            else:
                companies += [PrintedCompany("", (code,)) for code in codes]
        return [self._with_facts(one, row, block) for one in companies]

    def _said_unlisted(self, row: Sequence[Cell], block: _Columns) -> str:
        """What says in a row without a code that its company has no shares; empty where nothing."""
        cells = row if block.has_row else [row[at] for at in block.taken()]
        if any(self._is_code(cell.text) for cell in cells):
            return ""  # it is only not listed there: H股代码 未上市
        for at, cell in enumerate(row):
            is_own = block.has_row and at not in block.taken()
            as_code = at in (block.code, block.other_code)
            if (as_code or is_own) and self._words.says_unlisted(cell.text, as_code=as_code):
                return _one_line(cell.text)
        return ""

    def _is_blank(self, text: str) -> bool:
        """Whether a cell says that it says nothing: NA beside a name is no ticker."""
        plain = fold_width(re.sub(r"[(（].*[)）]", "", text)).strip()
        return _EMPTY.fullmatch(plain) is not None or word_key(plain) in self._words.nobody

    def _codes(self, text: str) -> list[PrintedLine]:
        plain = fold_width(visible_text(text)).strip()
        return [PrintedLine(one.code, one.readings, one.isin) for one in codes_of_cell(plain)]

    def _with_facts(
        self, company: PrintedCompany, row: Sequence[Cell], block: _Columns
    ) -> PrintedCompany:
        """A company with the rating, target and notes of its row."""
        notes = [company.note] if company.note else []
        facts: dict[str, list[str]] = {"rating": [], "target": []}
        for role, at in (("rating", block.rating), ("target", block.target)):
            if at is None or _EMPTY.fullmatch(row[at].text):
                continue
            text, former = _without_former(_one_line(row[at].text))
            if former:
                notes.append(former)
            if role == "target":
                amount = re.fullmatch(r"\D{0,8}?([0-9][0-9,]*(?:\.[0-9]+)?)\D{0,8}", text)
                if amount and (self._cell_currency(row, block) or not _UNCLEAR.search(text)):
                    text = amount[1]
                facts[role] = [text] if amount else re.split(r"\s*[/\n]\s*", text)
            else:
                facts[role] = re.split(r"\s*[/\n]\s*", text) if len(company.lines) > 1 else [text]
        for at in block.notes:
            text = _one_line(row[at].text)
            if text and not _EMPTY.fullmatch(text) and at not in block.taken():
                notes.append(text)
        lines = list(company.lines)
        if len(lines) > 1:
            ratings = _one_each(facts["rating"], len(lines), spread=True)
            targets = _one_each(facts["target"], len(lines), spread=False)
            lines = [
                replace(line, rating=rating or line.rating, target=target or line.target)
                for line, rating, target in zip(lines, ratings, targets, strict=True)
            ]
        return replace(
            company,
            lines=tuple(lines),
            rating=company.rating or next(iter(facts["rating"]), ""),
            target=company.target or next(iter(facts["target"]), ""),
            note="；".join(dict.fromkeys(notes)),
        )

    # --- codes in other cells -------------------------------------------------------------------

    def _codes_anywhere(
        self,
        rows: Sequence[Sequence[Cell]],
        columns: Sequence[int],
        taken: frozenset[str] | None = None,
    ) -> Iterator[Found]:
        """Codes in cells that no role claims, with the name beside them; where listings are taken
        already, those of others only, wherever they stand: no code is lost by what it stands in.
        """
        seen: set[Place] = set()
        for number, row in enumerate(rows):
            for at in columns:
                cell = row[at]
                if cell.place in seen:
                    continue
                codes = find_codes(fold_width(cell.text))
                if not (codes if taken is None else self._left_over(codes, taken)):
                    continue
                seen.add(cell.place)
                if self._is_code(cell.text):
                    for line in self._codes(cell.text):
                        name = self._name_beside(rows, number, at, line)
                        yield Found("", PrintedCompany(name, (line,)), cell.place, "table")
                else:
                    yield Found("", PrintedCompany(cell.text), cell.place, "cell")

    def _left_over(self, codes: Sequence[PrintedCode], taken: frozenset[str]) -> bool:
        """Whether a code is a listing's that the ledger has and nobody took."""
        return any(
            self._companies.index.knows(one) and not taken & set(code.readings)
            for code in codes
            for one in code.readings
        )

    def _name_beside(
        self, rows: Sequence[Sequence[Cell]], number: int, at: int, line: PrintedLine
    ) -> str:
        """The name left of a code, right of it, above or below: the first that fits, or is one."""
        row = rows[number]
        near = [
            row[at - 1].text if at > 0 else "",
            row[at + 1].text if at + 1 < len(row) else "",
            rows[number - 1][at].text if number > 0 else "",
            rows[number + 1][at].text if number + 1 < len(rows) else "",
        ]
        names = self._companies.index.names_of(line.readings)
        for one in near:
            if one and names & set(name_keys(one)):
                return _one_line(one)
        for one in near[:2]:
            company = self._companies.read_company(one) if one else None
            if company is not None and not company.lines:
                return company.name
        return ""


def _one_each(told: Sequence[str], n: int, *, spread: bool) -> list[str]:
    """A fact for each line of a company: its own, or one that is said of the first or of all."""
    if len(told) == n:
        return list(told)
    first = told[0] if told else ""
    return [first] * n if spread else [first, *[""] * (n - 1)]


def _one_line(text: str) -> str:
    return (
        re.sub(r"(?<=[㐀-鿿])\s*\n\s*(?=[㐀-鿿])", "", visible_text(text))
        .replace("\n", " ")
        .strip()
    )


def _without_former(text: str) -> tuple[str, str]:
    """A cell without what it was before (原为增持), and that."""
    match = re.search(
        r"[(（]\s*((?:原为|原|前值|前次|previously|from|prev)[^()（）]*)[)）]", text, re.IGNORECASE
    )
    if match is None:
        return text, ""
    return (text[: match.start()] + text[match.end() :]).strip(), match[1].strip()
