"""One workbook that a desk can keep and audit: every rating follows from closes by formulas."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supplychain_screen.output.columns import Style
from supplychain_screen.output.sentences import DISCLAIMER, notices
from supplychain_screen.output.workbook.companies import write_companies, write_evidence
from supplychain_screen.output.workbook.daily import write_paths
from supplychain_screen.output.workbook.method import (
    Scale,
    write_findings,
    write_method,
    write_unrated,
)
from supplychain_screen.output.workbook.sheet import Book
from supplychain_screen.output.workbook.skill import write_figures
from supplychain_screen.output.workbook.summary import write_segments, write_summary
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import Colours, Lang, Phrase, default_colours, message

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from supplychain_screen.screening import Screening

__all__ = ["SHEETS", "new_workbook", "workbook_bytes", "write_workbook"]

SHEETS: Final[Mapping[str, Phrase]] = {
    "Summary": message("book.tab_summary").phrase,
    "Segments": message("book.tab_segments").phrase,
    "Figures": message("book.tab_figures").phrase,
    "Companies": message("book.tab_companies").phrase,
    "Evidence": message("book.tab_evidence").phrase,
    "Paths": message("book.tab_paths").phrase,
    "Unrated": message("book.tab_unrated").phrase,
    "Findings": message("book.tab_findings").phrase,
    "Method": message("book.tab_method").phrase,
}
"""What the tab of each sheet says; code calls them by the keys."""


def write_workbook(
    screening: Screening,
    path: str | Path,
    lang: Lang = "zh",
    colours: Colours | None = None,
) -> Path:
    """Write ``screening`` as one Excel workbook.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    path : str or Path
        The file; replaced whole or not at all.
    lang : {"zh", "en"}
        Language of the tabs, titles, heads and notices.
    colours : {"china", "west", "blue"}, optional
        Which colour means up; what readers of the language are used to where it is left out.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Notes
    -----
    Closes and dates are values; returns, relative returns, levels, ratings, counts and averages
    are formulas that carry their results, so viewers that do not calculate show them too. The
    same screening gives the same bytes.
    """
    return write_file(path, workbook_bytes(screening, lang, colours))


def workbook_bytes(
    screening: Screening, lang: Lang = "zh", colours: Colours | None = None
) -> bytes:
    """The workbook of `write_workbook` in memory."""
    target = io.BytesIO()
    workbook = new_workbook(target)
    report = screening.report
    workbook.set_properties(
        {
            "title": ("SIMULATED " if screening.simulated else "") + report.id,
            "subject": f"published {screening.published}, as of {screening.as_of}",
            "author": "supplychain_screen",
            "comments": DISCLAIMER.en,
            # The clock would make other bytes of the same inputs.
            "created": datetime.combine(screening.as_of, time()),
        }
    )
    banner = [(one.kind, one.text.of(lang)) for one in notices(screening)]
    banner.append(("note", DISCLAIMER.of(lang)))
    style = Style(report.standard.stock)
    tabs = {name: tab.of(lang) for name, tab in SHEETS.items()}
    shades = colours or default_colours(lang)
    book = Book(workbook, lang, shades, screening.simulated, banner, tabs, style)
    stock = Scale.read(book, report.standard.stock, "Scale")
    printed = report.standard.sector
    sector = None if printed is None else Scale.read(book, printed, "Sector")

    evidence = write_evidence(book, screening, stock)
    companies = write_companies(book, screening, stock, evidence)
    segments = write_segments(book, screening, stock, companies)
    write_summary(book, screening, (stock, sector), companies, segments)
    write_figures(book, screening)
    write_paths(book, screening)
    write_unrated(book, screening)
    write_findings(book, screening)
    write_method(book, screening, stock, sector)
    workbook.close()
    return target.getvalue()


def new_workbook(target: io.BytesIO) -> Workbook:
    """A workbook in which names from other people's files are text, whatever they look like."""
    import xlsxwriter

    return xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
