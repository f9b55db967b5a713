"""Text, Markdown and CSV become lines and tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research.extraction.documents import Cell, Line, Place, Table
from supplychain_screen.research.extraction.markup import html_blocks
from supplychain_screen.research.extraction.reading_limits import ReadingLimits

__all__ = ["csv_blocks", "looks_like_records", "sheet_blocks", "text_blocks"]

_DELIMITERS = ",\t;|，"
_RULE = re.compile(r"[\s|:+=\-—─━═┼│┃┌┐└┘├┤┬┴╋]+")
_PROSE = re.compile(r"[。！？]|[a-z]\. ")
_LONGEST_CELL = 400
_NOTE = re.compile(r"[。！？；：，,;:]|[a-z]\.$|^.{41}|[0-9]{4}")
"""What a name of a company has not."""


def text_blocks(text: str, label: str, limits: ReadingLimits) -> list[Line | Table]:
    """Lines of a text; lines with tabs or bars that follow each other are a table.

    Parameters
    ----------
    text : str
        Plain text or Markdown, with HTML tables in it or not.
    label : str
        The source, for places.
    limits : ReadingLimits
    """
    blocks: list[Line | Table] = []
    run: list[tuple[int, list[str]]] = []

    def close() -> None:
        if run:
            blocks.append(_table(run, label, limits))
            run.clear()

    lines = iter(enumerate(re.split(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]", text), start=1))
    for number, line in lines:
        if "<table" in line.lower():
            close()
            blocks += html_blocks(_whole_table(line, lines), label, limits, first_line=number)
            continue
        cells = _cells(line)
        if cells is None and run:
            cells = _row_of(line, len(run[-1][1]))
        if cells is not None:
            run.append((number, cells))
        elif run and line.strip() and _RULE.fullmatch(line):
            continue
        else:
            close()
            if line.strip():
                blocks.append(Line(line.rstrip(), Place(label, line=number)))
    close()
    return blocks


def _cells(line: str) -> list[str] | None:
    """The cells of a line with tabs or bars; None where it is no row."""
    bars = line.strip().replace("\\|", "\x00").replace("│", "|").replace("｜", "|")
    if "\t" in line.strip():
        cells = line.rstrip("\r\n").split("\t")
    elif bars.startswith("|") or bars.count("|") > 1 or " | " in bars:
        if _RULE.fullmatch(bars):
            return None
        cells = bars.removeprefix("|").removesuffix("|").split("|")
        if not bars.startswith("|") and max(map(len, cells)) > _LONGEST_CELL:
            return None  # a text that lost the ends of its lines
    else:
        return None
    cells = [_unmarked(cell.replace("\x00", "|")) for cell in cells]
    return cells if any(cells) else None


def _row_of(line: str, width: int) -> list[str] | None:
    """The cells of a row whose first or last ones are empty, in a table that runs already."""
    cells = [_unmarked(cell) for cell in line.rstrip("\r\n").split("\t")]
    said = [cell for cell in cells if cell]
    if not said or not 1 < len(cells) <= width:
        return None
    # A sentence alone behind a tab is an indented paragraph below the table.
    return None if len(said) == 1 and _PROSE.search(said[0]) else cells


def _unmarked(cell: str) -> str:
    """A cell without the marks that Markdown writes around words."""
    parts = re.split(r"<br\s*/?>", cell, flags=re.IGNORECASE)
    cell = "\n".join(part.strip() for part in parts).strip()
    cell = re.sub(r"\*\*([^*]+)\*\*|__([^_]+)__", r"\1\2", cell)
    return re.sub(r"\[([^\[\]]+)\]\([^()\s]*\)", r"\1", cell).strip()


def _whole_table(line: str, lines: Iterator[tuple[int, str]]) -> str:
    """A line that begins an HTML table, and those up to the end of it."""
    parts = [line]
    depth = line.lower().count("<table") - line.lower().count("</table")
    for _, further in lines if depth > 0 else ():
        parts.append(further)
        depth += further.lower().count("<table") - further.lower().count("</table")
        if depth <= 0:
            break
    return "\n".join(parts)


def _table(rows: Sequence[tuple[int, list[str]]], label: str, limits: ReadingLimits) -> Table:
    """Rows of cells of any number, each with its line, as one table."""
    width = max(len(cells) for _, cells in rows)
    limits.hold_cells(width * len(rows), label)
    return Table(
        tuple(
            tuple(
                Cell(text, Place(label, line=line, row=row, column=column))
                for column, text in enumerate([*cells, *[""] * (width - len(cells))], start=1)
            )
            for row, (line, cells) in enumerate(rows, start=1)
        ),
        Place(label, line=rows[0][0]),
    )


def looks_like_records(text: str) -> bool:
    """Whether a text without a name is CSV: as many fields in each line, and no sentence."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or any(_PROSE.search(line) for line in lines[:50]):
        return False
    for delimiter in ",;":
        counts = {line.count(delimiter) for line in lines[:50] if '"' not in line}
        if len(counts) == 1 and counts != {0}:
            return True
    return False


def csv_blocks(text: str, label: str, limits: ReadingLimits) -> list[Line | Table]:
    """The records of a CSV or TSV file as tables, an empty line between two; titles are lines."""
    lines = text.splitlines()[:50]
    counted = {one: [line.count(one) for line in lines if line.strip()] for one in _DELIMITERS}
    # What stands equally often in every line separates; the comma of a title does not.
    delimiter = max(
        _DELIMITERS,
        key=lambda one: (
            sum(n == max(counted[one]) > 0 for n in counted[one]),
            -_DELIMITERS.index(one),
        ),
    )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        problem = Problem(f"no CSV: {error}", "check the quotes", file=label, row=line)
        raise InputError(problem) from None
    return sheet_blocks(rows, label, limits)


def sheet_blocks(
    rows: Sequence[tuple[int, list[str]]],
    label: str,
    limits: ReadingLimits,
    heading: str | None = None,
) -> list[Line | Table]:
    """Tables of a sheet: empty rows stand between two, and what stands alone above or below one
    is a line.

    Parameters
    ----------
    rows : sequence of (int, list of str)
        Row of the sheet or line of the file, from 1, and its cells.
    label : str
        The source, for places.
    limits : ReadingLimits
    heading : str, optional
        Name of the sheet.
    """
    blocks: list[Line | Table] = []
    run: list[tuple[int, list[str]]] = []
    for number, cells in [*rows, (0, [])]:
        if any(cells):
            run.append((number, cells))
        elif run:
            blocks += _block(run, label, limits, heading)
            run = []
    return blocks


def _block(
    run: list[tuple[int, list[str]]], label: str, limits: ReadingLimits, heading: str | None
) -> list[Line | Table]:
    """Rows without an empty one: the lines above, the table, the lines below."""
    filled = [sum(bool(cell) for cell in cells) for _, cells in run]
    several = [at for at, n in enumerate(filled) if n > 1]
    first = several[0] if several else 0
    last = len(run)
    while several and last > several[-1] + 1 and _NOTE.search(run[last - 1][1][0]):
        last -= 1  # a row with nothing but a sentence in its first cell is a note below the table
    body = run[first:last]
    width = max(max(at + 1 for at, cell in enumerate(cells) if cell) for _, cells in body)
    limits.hold_cells(width * len(body), label)

    def line(number: int, cells: list[str]) -> Line:
        text = next(cell for cell in cells if cell)
        return Line(text, Place(label, row=number, column=cells.index(text) + 1))

    table = Table(
        tuple(
            tuple(
                Cell(text, Place(label, row=number, column=column))
                for column, text in enumerate([*cells, *[""] * width][:width], start=1)
            )
            for number, cells in body
        ),
        Place(label, row=body[0][0]),
        heading,
    )
    return [*(line(*one) for one in run[:first]), table, *(line(*one) for one in run[last:])]
