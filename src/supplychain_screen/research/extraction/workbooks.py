"""XLSX and XLS become tables, a sheet or part of one each."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research.extraction.documents import Line, Table
from supplychain_screen.research.extraction.encodings import storable
from supplychain_screen.research.extraction.reading_limits import ReadingLimits
from supplychain_screen.research.extraction.texts import sheet_blocks

__all__ = ["cell_text", "workbook_blocks"]


def workbook_blocks(raw: bytes, label: str, limits: ReadingLimits) -> list[Line | Table]:
    """Tables of every sheet; the cell of a merged range stands in each cell of it.

    Raises
    ------
    InputError
        Damaged, encrypted, no workbook, or larger than the limits.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_filelike(BytesIO(raw)) as book:
            blocks: list[Line | Table] = []
            several = len(book.sheet_names) > 1
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                limits.hold_cells(sheet.total_height * sheet.total_width, label)
                where = f"{label}, sheet {name}" if several else label
                rows = [
                    [cell_text(cell) for cell in row]
                    for row in sheet.to_python(skip_empty_area=False)
                ]
                _spread(rows, sheet.merged_cell_ranges or ())
                blocks += sheet_blocks(list(enumerate(rows, start=1)), where, limits, name)
            return blocks
    except PasswordError:
        remedy = "remove the password and save it again"
        raise InputError(Problem("the workbook is encrypted", remedy, file=label)) from None
    except (CalamineError, OSError, ValueError) as error:
        told = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        problem = Problem(f"no workbook can be read: {told}", "save it again as XLSX", file=label)
        raise InputError(problem) from None


def _spread(rows: list[list[str]], merged: Any) -> None:
    """Repeat the cell of each merged range."""
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


def cell_text(value: object) -> str:
    """A cell as it is read aloud: whole numbers without a point, days as YYYY-MM-DD.

    Examples
    --------
    >>> cell_text(700.0), cell_text(0.125), cell_text(None), cell_text(" 高通 ")
    ('700', '0.125', '', '高通')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else str(value)
    if isinstance(value, date | timedelta):
        return str(value)
    lines = (" ".join(line.split()) for line in storable(str(value)).splitlines())
    return "\n".join(line for line in lines if line)
