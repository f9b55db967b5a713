"""HTML becomes lines and tables, spans counted out; broken markup is read as browsers read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from supplychain_screen.research.extraction.documents import Cell, Line, Place, Table
from supplychain_screen.research.extraction.reading_limits import ReadingLimits

__all__ = ["html_blocks"]

_SILENT = frozenset(("script", "style", "head", "template", "noscript", "svg"))
_LINES = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|fig(caption|ure)|footer|form|h[1-6r]|header|"
    "legend|li|main|nav|ol|p|pre|section|summary|ul"
)
_DECLARATION = re.compile("<!(?!--|doctype)", re.IGNORECASE)
_MOST_SPANNED = 1000
"""Columns or rows that a cell may span, as HTML itself limits columns."""


@dataclass(slots=True)
class _Spanning:
    text: list[str] = field(default_factory=list)
    columns: int = 1
    rows: int = 1
    line: int = 0


@dataclass(slots=True)
class _Grid:
    line: int
    rows: list[list[_Spanning]] = field(default_factory=list)
    caption: list[str] = field(default_factory=list)
    in_caption: bool = False
    cell: _Spanning | None = None


class _Reader(HTMLParser):
    """Collects lines and grids; a tag that ends nothing is left aside."""

    def __init__(self, label: str, limits: ReadingLimits, first_line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.label, self.limits, self.first = label, limits, first_line
        self.blocks: list[Line | Table] = []
        self.grids: list[_Grid] = []
        self.silent: list[str] = []
        self.text: list[str] = []
        self.begun = first_line
        self.title: list[str] | None = None

    def _here(self) -> int:
        return self.getpos()[0] + self.first - 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self.title = []
        elif tag == "body":
            self.silent.clear()  # a head that nobody closed ends here
        elif tag in _SILENT:
            self.silent.append(tag)
        elif tag == "table":
            self._end_line()
            self.grids.append(_Grid(self._here()))
        elif self.grids and tag in ("caption", "tr", "td", "th"):
            grid = self.grids[-1]
            grid.in_caption = tag == "caption"
            grid.cell = None
            if tag == "tr":
                grid.rows.append([])
            elif tag != "caption":
                said = dict(attrs)
                columns, rows = _span(said.get("colspan")), _span(said.get("rowspan"))
                grid.cell = _Spanning([], columns, rows, self._here())
                if not grid.rows:
                    grid.rows.append([])
                grid.rows[-1].append(grid.cell)
        elif _LINES.fullmatch(tag):
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag == "title" and self.title is not None:
            text = " ".join("".join(self.title).split())
            if text:
                self.blocks.append(Line(text, Place(self.label, line=self._here())))
            self.title = None
        elif tag in _SILENT:
            if tag in self.silent:
                del self.silent[self.silent.index(tag) :]
        elif self.grids and tag == "table":
            self._end_grid()
        elif self.grids and tag in ("caption", "tr", "td", "th"):
            self.grids[-1].in_caption = False
            self.grids[-1].cell = None
        elif _LINES.fullmatch(tag):
            self._break()

    def handle_data(self, data: str) -> None:
        if self.title is not None:
            self.title.append(data)
        elif self.silent:
            return
        elif self.grids:
            grid = self.grids[-1]
            if grid.cell is not None:
                grid.cell.text.append(re.sub(r"\s+", " ", data))
            elif grid.in_caption:
                grid.caption.append(data)
            elif data.strip():
                # Browsers show what stands between rows above the table.
                place = Place(self.label, line=self._here())
                self.blocks.append(Line(" ".join(data.split()), place))
        else:
            if not self.text:
                self.begun = self._here()
            self.text.append(data)

    def finish(self) -> None:
        self.close()
        while self.grids:
            self._end_grid()
        self._end_line()

    def _break(self) -> None:
        if not self.grids:
            self._end_line()
        elif self.grids[-1].cell is not None:
            self.grids[-1].cell.text.append("\n")

    def _end_line(self) -> None:
        text = " ".join("".join(self.text).split())
        if text:
            self.blocks.append(Line(text, Place(self.label, line=self.begun)))
        self.text.clear()

    def _end_grid(self) -> None:
        grid = self.grids.pop()
        rows = [row for row in grid.rows if row]
        if not rows:
            return
        if self.grids and self.grids[-1].cell is not None and len(rows) == 1 and len(rows[0]) == 1:
            # A table of one cell inside a cell only places its text.
            self.grids[-1].cell.text += rows[0][0].text
            return
        table = Table(
            self._spread(rows),
            Place(self.label, line=grid.line),
            " ".join("".join(grid.caption).split()) or None,
        )
        self.blocks.append(table)

    def _spread(self, rows: list[list[_Spanning]]) -> tuple[tuple[Cell, ...], ...]:
        """Every place of the grid with the cell that covers it."""
        covered: dict[tuple[int, int], Cell] = {}
        width = 0
        for at, row in enumerate(rows):
            column = 0
            for one in row:
                while (at, column) in covered:
                    column += 1
                place = Place(self.label, line=one.line, row=at + 1, column=column + 1)
                cell = Cell(_words(one.text), place)
                depth = min(one.rows, len(rows) - at)
                self.limits.hold_cells(len(covered) + depth * one.columns, self.label)
                for down in range(depth):
                    for across in range(one.columns):
                        covered.setdefault((at + down, column + across), cell)
                column += one.columns
                width = max(width, column)
        width = max(width, *(column + 1 for _, column in covered))
        self.limits.hold_cells(width * len(rows), self.label)
        return tuple(
            tuple(
                covered.get((at, column))
                or Cell("", Place(self.label, line=rows[at][0].line, row=at + 1, column=column + 1))
                for column in range(width)
            )
            for at in range(len(rows))
        )


def _span(said: str | None) -> int:
    """Columns or rows that a cell covers; what is no number is 1, and 0 rows are all further."""
    number = re.match(r"\s*([0-9]{1,6})", said or "1")
    if number is None:
        return 1
    return min(int(number[1]) or _MOST_SPANNED, _MOST_SPANNED)


def _words(parts: list[str]) -> str:
    """The text of a cell, with the line ends that the print asks for."""
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def html_blocks(
    text: str, label: str, limits: ReadingLimits, *, first_line: int = 1
) -> list[Line | Table]:
    """Lines and tables of HTML.

    Parameters
    ----------
    text : str
        A page or a part of one.
    label : str
        The source, for places.
    limits : ReadingLimits
    first_line : int
        Line of the source on which the text begins.
    """
    reader = _Reader(label, limits, first_line)
    # A declaration that is none would end the parser instead of the tag.
    reader.feed(_DECLARATION.sub("&lt;!", text))
    reader.finish()
    return reader.blocks
