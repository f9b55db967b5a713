"""How much a printed report may cost before it is refused, and what lifts each limit."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain_screen.errors import InputError, Problem

__all__ = ["ReadingLimits"]


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of one reading.

    Parameters
    ----------
    pages : int
        Most pages of a PDF (``--max-pages``).
    seconds : float
        Most computing time that a PDF or a workbook may take, in seconds (``--max-seconds``).
    megabytes : int
        Largest file, and most memory that a PDF or a workbook may take, in millions of bytes
        (``--max-memory``).
    cells : int
        Most cells of all tables, spans counted out.

    Examples
    --------
    >>> ReadingLimits(pages=400).pages
    400
    """

    pages: int = 200
    seconds: float = 6.0
    megabytes: int = 600
    cells: int = 200_000

    def hold_cells(self, cells: int, label: str) -> None:
        """Refuse a table that has more cells than a table of companies has."""
        if cells > self.cells:
            problem = Problem(
                f"a table of more than {self.cells:,} cells",
                "give the table of companies alone, or set limits.cells",
                file=label,
            )
            raise InputError(problem)
