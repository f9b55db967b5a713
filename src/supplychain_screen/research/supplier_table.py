"""The printed text of a supplier table becomes mentions.

::

    业务领域      相关个股
    服务器 GPU    英伟达、寒武纪、海光信息（合作待定）
    IOT SoC       高通、全志科技（音箱、CyberDog机器人等）
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from supplychain_screen.errors import Problem, ReportError
from supplychain_screen.identity import Listing, resolve, strip_marker
from supplychain_screen.research.content import Mention
from supplychain_screen.words import message

__all__ = ["ParsedMention", "parse_supplier_table", "propose_mentions"]

_HEADERS = frozenset(
    {
        "相关个股",
        "相关公司",
        "相关标的",
        "相关企业",
        "供应商",
        "个股",
        "公司",
        "标的",
        "related stocks",
        "companies",
        "suppliers",
    }
)
"""What the second cell of the heading says where a text holds more than the table."""
_SEPARATORS = "、，；;"
"""Between companies, outside brackets. The half-width comma is part of English company names."""
_OPENING, _CLOSING = "（([【〔", "）)]】〕"
_PENDING = frozenset(
    {
        "合作待定",
        "待定",
        "合作待确认",
        "待确认",
        "洽谈中",
        "合作洽谈中",
        "pending",
        "cooperation pending",
    }
)
"""Brackets that say how settled the cooperation is; every other bracket names products."""


@dataclass(frozen=True, slots=True)
class ParsedMention:
    """One company of one row, as printed.

    Parameters
    ----------
    order, segment_no : int
        Place in the table and of the segment, from 1.
    segment : str
        Segment as printed; a closing 等 belongs to its name.
    company : str
        Company as printed, without bracket and exchange marker.
    note : str
        What its bracket says, without the bracket.
    pending : bool
        Whether the bracket says that the cooperation is not settled.
    marker : str
        The exchange's marker behind the name (``U``, ``W``), empty where none.
    line : int
        Line of the text on which its row begins.
    """

    order: int
    segment_no: int
    segment: str
    company: str
    note: str
    pending: bool
    marker: str
    line: int


def parse_supplier_table(text: str) -> list[ParsedMention]:
    """The mentions of a printed table.

    Parameters
    ----------
    text : str
        The table alone, or a whole report in which a heading such as 相关个股 begins it. A row is
        a segment and its companies, with a tab, ``|`` or at least two spaces between them (below
        a heading with one space, as in the text of a PDF, one); a row without segment continues
        the one before, and so does a line inside an open bracket.

    Returns
    -------
    list of ParsedMention
        In printed order.

    Raises
    ------
    ReportError
        When there is no table, a bracket is not closed, a company is empty or mentioned twice in
        its segment; all problems at once, with their lines.

    Examples
    --------
    >>> table = parse_supplier_table("IOT SoC\\t高通、全志科技（音箱、CyberDog机器人等）")
    >>> [(one.company, one.note) for one in table]
    [('高通', ''), ('全志科技', '音箱、CyberDog机器人等')]
    >>> parse_supplier_table("服务器 GPU\\t寒武纪-U、海光信息(合作待定)")[1].pending
    True
    """
    problems: list[Problem] = []
    rows = _rows(text, problems)
    segments: dict[str, int] = {}
    seen: dict[tuple[str, str], int] = {}
    found: list[ParsedMention] = []
    for line, segment, companies in rows:
        segments.setdefault(segment, len(segments) + 1)
        for printed in _split(companies, line, problems):
            company, marker, note = _company(printed, line, problems)
            if not company:
                continue
            if (segment, company) in seen:
                before = seen[segment, company]
                message = f"{company} is mentioned twice in {segment}, first in line {before}"
                problems.append(Problem(message, "remove one of them", row=line))
            seen.setdefault((segment, company), line)
            found.append(
                ParsedMention(
                    order=len(found) + 1,
                    segment_no=segments[segment],
                    segment=segment,
                    company=company,
                    note=note,
                    pending=any(part.strip().lower() in _PENDING for part in _parts(note)),
                    marker=marker,
                    line=line,
                )
            )
    if not rows and not problems:
        remedy = "give one row a segment: the segment, a tab, its companies with 、 between them"
        problems.append(Problem("no supplier table in the text", remedy))
    if problems:
        raise ReportError(problems)
    return found


def propose_mentions(
    parsed: Iterable[ParsedMention], listings: Sequence[Listing], *, as_of: date | None = None
) -> tuple[Mention, ...]:
    """Mentions with the listings that the names mean beyond doubt.

    Parameters
    ----------
    parsed : iterable of ParsedMention
        What the table prints.
    listings : sequence of Listing
        Everything that could be meant.
    as_of : date, optional
        Day of the report: later listings are never taken.

    Returns
    -------
    tuple of Mention
        ``unverified`` where one listing matches exactly, else ``unresolved`` with the candidates:
        a person decides.
    """
    found = []
    for one in parsed:
        resolution = resolve(one.company, listings, as_of=as_of)
        chosen = resolution.chosen
        why = message("choice.found", verdict=resolution.verdict).phrase
        others = tuple(
            candidate.listing.id
            for candidate in resolution.candidates
            if candidate.decisive and candidate.listing is not chosen
        )
        found.append(
            Mention(
                order=one.order,
                segment_no=one.segment_no,
                segment=one.segment,
                company=one.company,
                company_en=chosen.name_en if chosen else "",
                note=one.note,
                pending=one.pending,
                listing=chosen.id if chosen else None,
                status="listed" if chosen else "unresolved",
                confidence="ambiguous" if others else "unverified",
                candidates=others,
                why=why.en,
                why_zh=why.zh,
            )
        )
    return tuple(found)


def _rows(text: str, problems: list[Problem]) -> list[tuple[int, str, str]]:
    """Line, segment and companies of each row."""
    lines = text.splitlines()
    heading = next((at for at, line in enumerate(lines) if _is_heading(line)), None)
    start = 0 if heading is None else heading + 1
    # A PDF's text has one space between its columns; only the heading shows that it is a table.
    single = heading is not None and len(_cells(lines[heading])) != 2
    rows: list[tuple[int, str, str]] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        if re.fullmatch(r"[\s|:\-]*", line):
            if rows and heading is not None and not line.strip():
                break  # a blank line ends a table inside a longer text
            continue
        cells = _spaced_cells(line) if single else _cells(line)
        if rows and _continues(rows[-1][2], line, cells, single=single):
            first, segment, companies = rows[-1]
            rows[-1] = (first, segment, companies + line.strip())
        elif len(cells) == 2 and cells[0] and cells[1]:
            rows.append((number, cells[0], cells[1]))
        elif len(cells) == 2 and cells[1] and rows:
            first, segment, companies = rows[-1]
            rows[-1] = (first, segment, f"{companies.rstrip(_SEPARATORS)}、{cells[1]}")
        elif heading is not None:
            break
        else:
            remedy = "put a tab between the segment and its companies"
            problems.append(Problem("not a row of two cells", remedy, row=number, value=line))
    return rows


def _continues(companies: str, line: str, cells: list[str], *, single: bool) -> bool:
    """Whether a line goes on with the companies of the row before it."""
    if _depth(companies) > 0:
        return True
    broken = companies.endswith(tuple(_SEPARATORS)) or any(one in line for one in _SEPARATORS)
    return single and len(cells) == 1 and broken


def _is_heading(line: str) -> bool:
    for cells in (_cells(line), line.split()):
        if len(cells) == 2 and cells[1].lower() in _HEADERS:
            return True
    return False


def _cells(line: str) -> list[str]:
    """The cells of a line, without the marks of Markdown around them."""
    if "\t" in line:
        cells = line.split("\t")
    elif "|" in line:
        cells = line.strip().removeprefix("|").removesuffix("|").split("|")
    else:
        cells = re.split(r"[ \u3000]{2,}", line.rstrip())
    return [cell.strip().strip("*").strip() for cell in cells]


def _spaced_cells(line: str) -> list[str]:
    """The cells of a line whose only mark between them is one space."""
    # Segments hold spaces (IOT SoC) and Chinese company names do not, so the last space before the
    # first separator or bracket divides the two.
    text = line.strip()
    ends = [at for at, letter in enumerate(text) if letter in _SEPARATORS + _OPENING]
    divide = text.rfind(" ", 0, ends[0] if ends else None)
    return [text] if divide < 0 else [text[:divide].strip(), text[divide:].strip()]


def _split(companies: str, line: int, problems: list[Problem]) -> list[str]:
    """The companies of a cell: separators inside a bracket separate nothing."""
    parts = [""]
    depth = 0
    for letter in companies:
        if letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth -= 1
            if depth < 0:
                remedy = "add its opening bracket"
                problems.append(
                    Problem("a bracket closes nothing", remedy, row=line, value=parts[-1] + letter)
                )
                return []
        if depth == 0 and letter in _SEPARATORS:
            parts.append("")
        else:
            parts[-1] += letter
    if depth > 0:
        remedy = "add its closing bracket"
        problems.append(Problem("a bracket is not closed", remedy, row=line, value=parts[-1]))
        return []
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # a separator at the end of a wrapped line
    return [part.strip() for part in parts]


def _company(printed: str, line: int, problems: list[Problem]) -> tuple[str, str, str]:
    """Name, marker and note of one company; an empty name with a problem where it has none."""
    opening = next((at for at, letter in enumerate(printed) if letter in _OPENING), len(printed))
    name, bracket = printed[:opening].strip(), printed[opening:].strip()
    closing = _closing(bracket)
    if bracket and closing != len(bracket) - 1:
        behind = bracket[closing + 1 :].strip()
        if behind not in ("等", "。"):
            remedy = "put 、 between two companies, and one bracket behind each"
            problems.append(Problem("text behind a bracket", remedy, row=line, value=printed))
    # 等 behind the last company says that there are more, and is nobody's name.
    name, marker = strip_marker(name.rstrip("。").removesuffix("等"))
    if not name:
        problems.append(
            Problem("a company without a name", "remove the separator", row=line, value=printed)
        )
    return name, marker, bracket[1:closing].strip() if bracket else ""


def _closing(bracket: str) -> int:
    """Where the first bracket closes."""
    for at in range(len(bracket)):
        if _depth(bracket[: at + 1]) == 0:
            return at
    return len(bracket) - 1


def _depth(text: str) -> int:
    """How many brackets are open at the end of a text."""
    return sum(letter in _OPENING for letter in text) - sum(letter in _CLOSING for letter in text)


def _parts(note: str) -> list[str]:
    """The statements of a bracket, width folded."""
    return re.split(r"[、,;/]", unicodedata.normalize("NFKC", note))
