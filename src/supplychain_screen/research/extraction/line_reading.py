"""Lines that are rows of a table without rules, or entries of a list below a heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from supplychain_screen.identity import find_codes
from supplychain_screen.research.extraction.company_reading import CompanyReader, closed_up
from supplychain_screen.research.extraction.documents import Cell, Line, Place, Table
from supplychain_screen.research.extraction.print_vocabulary import (
    fold_width,
    is_chinese,
    visible_text,
    word_key,
)
from supplychain_screen.research.extraction.table_reading import Found

__all__ = ["LineReader"]

_COLUMNS = re.compile(r"[ \u3000]{2,}|\t")
_BULLET = re.compile(r"\s*(?:[*•·●■◆▪►▶√✓➢-]|[0-9]{1,2}[.)、]|[(（][0-9]{1,2}[)）]|[①-⑳])\s*")


@dataclass(frozen=True, slots=True)
class Reached:
    """What a table or list of lines gave, the line behind it, and lines to be read as sentences,
    since a code stands in them that was not found.
    """

    found: list[Found]
    table: Table | None
    end: int
    left: Sequence[Line] = ()


class LineReader:
    """Finds tables and lists among lines.

    Parameters
    ----------
    companies : CompanyReader
    """

    def __init__(self, companies: CompanyReader) -> None:
        self._companies = companies
        self._words = companies.words

    def read(self, lines: Sequence[Line], at: int) -> Reached | None:
        """The table or list that begins at a line; None where none does."""
        text = lines[at].text.strip()
        if len(text) > 80:
            return None
        header = self._header(text)
        if header is not None:
            if len(header) == 2 and self._words.role(header[1]) in ("company", "companies"):
                found, end = self._segments(lines, at + 1)
            else:
                return self._table(lines, at, header)
            return self._reached(lines[at:end], found, end)
        heading = self._list_heading(text)
        if heading:
            found, end = self._list(lines, at + 1)
            return self._reached(lines[at:end], found, end)
        return None

    def _reached(self, lines: Sequence[Line], found: list[Found], end: int) -> Reached | None:
        if not found:
            return None
        taken = {one for item in found for line in item.company.lines for one in line.readings}
        left = [
            line
            for line in lines
            if any(
                self._companies.index.knows(one) and taken.isdisjoint(code.readings)
                for code in find_codes(fold_width(visible_text(line.text)))
                for one in code.readings
            )
        ]
        return Reached(found, None, end, left)

    def _header(self, text: str) -> list[str] | None:
        """The words of a line that heads columns; None where it is none."""
        for cells in (
            [one.strip() for one in _COLUMNS.split(text) if one.strip()],
            text.split(),
        ):
            if not 2 <= len(cells) <= 12:
                continue
            roles = [self._words.role(cell) for cell in cells]
            telling = {"company", "companies", "code"} & set(roles)
            known = sum(bool(role) for role in roles)
            if telling and (
                known == len(cells) or (len(cells) > 2 and known * 3 >= 2 * len(cells))
            ):
                return cells
            if len(cells) == 2 and roles[1] == "companies" and len(cells[0]) <= 12:
                return cells
        return None

    def _list_heading(self, text: str) -> bool:
        """Whether a line heads a list of companies: such words alone, or at its end."""
        key = word_key(text)
        if key in self._words.triggers or self._words.roles.get(key) == "companies":
            return True
        return (
            len(key) <= 16
            and is_chinese(key)
            and key.endswith(
                tuple(
                    one
                    for one, role in self._words.roles.items()
                    if role == "companies" and len(one) > 3
                )
            )
        )

    # --- a table with columns of spaces -----------------------------------------------------------

    def _table(self, lines: Sequence[Line], at: int, header: list[str]) -> Reached | None:
        rows = [header]
        places = [lines[at].place]
        end = at + 1
        for end in range(at + 1, len(lines) + 1):
            if end == len(lines) or not _adjacent(lines[end - 1].place, lines[end].place):
                break
            text = lines[end].text.strip()
            if self._words.is_source_line(text):
                break
            cells = self._row(text, len(header), header)
            if cells is None:
                break
            rows.append(cells)
            places.append(lines[end].place)
        if len(rows) < 2:
            return None
        table = Table(
            tuple(
                tuple(
                    Cell(text, Place(place.source, place.page, place.line, row, column))
                    for column, text in enumerate(cells, start=1)
                )
                for row, (cells, place) in enumerate(zip(rows, places, strict=True), start=1)
            ),
            lines[at].place,
        )
        return Reached([], table, end)

    def _row(self, text: str, width: int, header: Sequence[str]) -> list[str] | None:
        """The cells of a line under that many headers; None where it is no row."""
        for cells in ([one.strip() for one in _COLUMNS.split(text) if one.strip()], text.split()):
            if len(cells) == width:
                return cells
        words = text.split()
        if len(words) < width or not find_codes(fold_width(text)):
            return None
        # A name with spaces in it: what is too many belongs to the column of companies.
        roles = [self._words.role(one) for one in header]
        if "company" not in roles and "companies" not in roles:
            return None
        column = next(at for at, role in enumerate(roles) if role in ("company", "companies"))
        more = len(words) - width
        name = " ".join(words[column : column + more + 1])
        return [*words[:column], name, *words[column + more + 1 :]]

    # --- segments and their companies -------------------------------------------------------------

    def _segments(self, lines: Sequence[Line], begin: int) -> tuple[list[Found], int]:
        """Rows of a segment and its companies, whose only mark may be one space."""
        found: list[Found] = []
        segment, open_list = "", False
        end = begin
        for end in range(begin, len(lines) + 1):
            if end == len(lines) or (
                end > begin and not _adjacent(lines[end - 1].place, lines[end].place)
            ):
                break
            text = lines[end].text.strip()
            if self._words.is_source_line(text) or re.search(r"[。！？]$", text):
                break
            divided = self._divided(text, goes_on=open_list)
            if divided is None:
                break
            own, rest = divided
            companies = self._companies.read_list(rest)
            if not companies:
                break
            segment = own or segment
            found += [Found(segment, one, lines[end].place, "table") for one in companies]
            open_list = fold_width(text)[-1:] in "、,;/("
        return found, end

    def _divided(self, text: str, *, goes_on: bool) -> tuple[str, str] | None:
        """A line as its segment and its companies; an empty segment goes on with the one before."""
        wide = [one.strip() for one in _COLUMNS.split(text) if one.strip()]
        if len(wide) == 2:
            return closed_up(wide[0]), wide[1]
        if goes_on:
            return "", text
        spaces = [match.span() for match in re.finditer(r"\s+", text)]
        marks = [at for at, letter in enumerate(text) if letter in "、，；;（(["]
        first = marks[0] if marks else len(text)
        if not spaces:
            return ("", text) if marks and self._begins_known(text) else None
        for start, end in spaces:
            if start < first and self._begins_known(text[end:]):
                return closed_up(text[:start]), text[end:]
        if self._begins_known(text):
            return "", text
        before = [one for one in spaces if one[1] <= first]
        if not before:
            return None
        start, end = before[-1]
        return closed_up(text[:start]), text[end:]

    def _begins_known(self, text: str) -> bool:
        companies = self._companies.read_list(re.split(r"[、，；;]", text, maxsplit=1)[0])
        return bool(companies) and (
            bool(companies[0].lines) or self._companies.knows(companies[0].name)
        )

    # --- a list below its heading -----------------------------------------------------------------

    def _list(self, lines: Sequence[Line], begin: int) -> tuple[list[Found], int]:
        found: list[Found] = []
        end = begin
        for end in range(begin, len(lines) + 1):
            if end == len(lines):
                break
            line = lines[end]
            text = line.text.strip()
            if self._words.is_source_line(text) or len(text) > 300:
                break
            bulleted = _BULLET.match(text)
            body = text[bulleted.end() :] if bulleted else text
            segment, body = self._labelled(body)
            companies = self._companies.read_list(body)
            known = sum(bool(one.lines) or self._companies.knows(one.name) for one in companies)
            sure = bool(companies) and known * 2 >= len(companies)
            if not sure and not (bulleted and found and len(companies) == 1 and len(body) <= 12):
                break
            if re.search(r"[。！？].", body):
                break
            found += [Found(segment, one, line.place, "list") for one in companies]
        return found, end

    def _labelled(self, text: str) -> tuple[str, str]:
        """A label before a colon, and what stands behind it."""
        label, mark, rest = fold_width(text).partition(":")
        if mark and rest.strip() and len(label) <= 15 and not find_codes(label):
            return text[: len(label)].strip(" *"), text[len(label) + 1 :]
        return "", text


def _adjacent(before: Place, after: Place) -> bool:
    """Whether no blank line stands between two lines; who counts no lines has none."""
    if before.line is None or after.line is None:
        return before.row is None or after.row is None or after.row == before.row + 1
    return after.line == before.line + 1
