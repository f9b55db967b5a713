"""A printed report as lines and tables, each with its place, whatever it was printed on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cell", "Document", "Line", "Place", "Table"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a source; every number counts from 1.

    Parameters
    ----------
    source : str
        The file as its user named it, with the sheet of a workbook behind it.
    page : int or None
        Page of a PDF.
    line : int or None
        Line of a text, or of the text of a page.
    row, column : int or None
        Row and column of a table, a sheet or a frame; the header of a frame is row 1.

    Examples
    --------
    >>> print(Place("report.pdf", page=3, row=2, column=1))
    report.pdf, page 3, row 2, column 1
    """

    source: str
    page: int | None = None
    line: int | None = None
    row: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        numbers = {"page": self.page, "line": self.line, "row": self.row, "column": self.column}
        parts = [f"{name} {number}" for name, number in numbers.items() if number is not None]
        return ", ".join([self.source, *parts])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; columns without a rule between them stand two spaces apart.

    Parameters
    ----------
    text : str
        Without the end of the line, never blank.
    place : Place
    """

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; one that spans others is repeated into each that it covers.

    Parameters
    ----------
    text : str
        Without spaces around it. Text that was only wrapped is one line; an end of a line that
        stands there on purpose (``<br>``, Alt+Enter in a workbook) is a line feed.
    place : Place
        Where the cell that spans begins.
    """

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, as many in each; which row is a header is not decided here.

    Parameters
    ----------
    rows : tuple of tuple of Cell
        At least one.
    place : Place
    heading : str or None
        The caption of the table, or the name of its sheet.
    """

    rows: tuple[tuple[Cell, ...], ...]
    place: Place
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What a source prints.

    Parameters
    ----------
    label : str
        The source as its user named it.
    kind : str
        ``text``, ``markdown``, ``html``, ``csv``, ``xlsx``, ``pdf`` or ``frame``.
    blocks : tuple of Line or Table
        In reading order, at least one.
    """

    label: str
    kind: str
    blocks: tuple[Line | Table, ...]
