"""A PDF becomes lines and tables, a page after the other."""

from __future__ import annotations

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research.extraction.documents import Line, Place, Table
from supplychain_screen.research.extraction.reading_limits import ReadingLimits

__all__ = ["pdf_blocks"]


def pdf_blocks(raw: bytes, label: str, limits: ReadingLimits) -> list[Line | Table]:
    """The lines of every page.

    Raises
    ------
    InputError
        Damaged, encrypted, or more pages than the limits.
    """
    import pypdfium2

    try:
        pages = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        remedy = "open it in a viewer and save it anew"
        raise InputError(Problem(f"no PDF can be read: {error}", remedy, file=label)) from None
    with pages:
        if len(pages) > limits.pages:
            what, remedy = f"{len(pages)} pages", "give fewer, or a larger --max-pages"
            raise InputError(Problem(what, remedy, file=label))
        return [
            Line(line, Place(label, page=number, line=at))
            for number, page in enumerate(pages, start=1)
            for at, line in enumerate(page.get_textpage().get_text_bounded().splitlines(), start=1)
            if line.strip()
        ]
