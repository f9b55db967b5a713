"""A sheet of the workbook: notices on top, then one table of typed columns.

A column holds values, or one formula that is the same in every row; a formula is written with
its result, so that a viewer that does not calculate shows the right number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.output import columns
from supplychain_screen.output.columns import Column, Style, column
from supplychain_screen.output.safety import cell_text
from supplychain_screen.words import Colours, Lang, Phrase, Tone, is_missing, message

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["Book", "Field", "Grid", "Kind", "Values", "letter", "serial"]

Kind = Literal["text", "wrapped", "integer", "date", "price", "percent", "points", "rating"]

Values = Sequence[Any] | pd.Series | npt.NDArray[Any]
"""What a column is filled from."""

_DRESSES: Final[Mapping[columns.Kind, Kind]] = {
    "integer": "integer",
    "date": "date",
    "price": "price",
    "return": "percent",
    "relative": "percent",
    "share": "points",
}
"""Kinds whose values a cell holds as they are, and how it shows them."""

NUMBER_FORMATS: Final[Mapping[str, str]] = {
    "integer": "0",
    "date": "yyyy-mm-dd",
    "price": "#,##0.00##",
    "percent": "+0.00%;-0.00%;0.00%",
    "points": "0.0%",
}

# Text keeps a distance from the number to its left.
_ALIGNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "integer": {"align": "right"},
    "price": {"align": "right"},
    "percent": {"align": "right"},
    "points": {"align": "right"},
    "date": {"align": "center"},
}
_INDENTED: Final[Mapping[str, Any]] = {"align": "left", "indent": 1}

# Fill and ink of a rating, by its tone and by which colour means up. Light fills: black on them
# stays readable in print, and the arrow in the label says the same without colour.
_RED: Final = ("#FBE3E1", "#9C1C13")
_GREEN: Final = ("#DDF1E3", "#0B5B2B")
_BLUE: Final = ("#DCE9F7", "#0B4A8A")
_ORANGE: Final = ("#FCE8D2", "#8A4300")
_FLAT: Final = ("#EEF0F3", "#3A4350")
TONES: Final[Mapping[Colours, Mapping[Tone, tuple[str, str]]]] = {
    "china": {"up": _RED, "down": _GREEN, "flat": _FLAT, "none": ("#FFFFFF", "#6B7280")},
    "west": {"up": _GREEN, "down": _RED, "flat": _FLAT, "none": ("#FFFFFF", "#6B7280")},
    "blue": {"up": _BLUE, "down": _ORANGE, "flat": _FLAT, "none": ("#FFFFFF", "#6B7280")},
}
_EPOCH: Final = date(1899, 12, 30)


def letter(column: int) -> str:
    """The name of a column counted from 0.

    Examples
    --------
    >>> letter(0), letter(25), letter(26), letter(701), letter(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def serial(day: date) -> int:
    """A date as the number a spreadsheet counts it by (days since 1899-12-30).

    Examples
    --------
    >>> serial(date(2024, 12, 31)), serial(date(1900, 3, 1))
    (45657, 61)
    """
    return (day - _EPOCH).days


@cache
def _sheet_class() -> type[Worksheet]:
    """XlsxWriter's worksheet without its search of every formula for functions to be prefixed."""
    # The search takes a third of the time of a large workbook. No formula here uses a function
    # younger than Excel 2007, so there is nothing to find. Where XlsxWriter stops calling this
    # method, the workbook is the same and only slower.
    from xlsxwriter.worksheet import Worksheet

    class PlainWorksheet(Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")

    return PlainWorksheet


class Book:
    """One workbook being written, its language, and its formats.

    Parameters
    ----------
    workbook : xlsxwriter.Workbook
    lang : {"zh", "en"}
    colours : {"china", "west", "blue"}
    simulated : bool
        Every sheet then starts with a banner that says so.
    banner : sequence of (kind, text)
        Notices that stand on top of every sheet, the gravest first.
    names : mapping of str to str
        What the tab of each sheet says, in the order of the tabs; code calls sheets by the keys.
    style : Style
        How ratings read.
    """

    def __init__(
        self,
        workbook: Workbook,
        lang: Lang,
        colours: Colours,
        simulated: bool,
        banner: Sequence[tuple[str, str]],
        names: Mapping[str, str],
        style: Style,
    ) -> None:
        self.workbook = workbook
        self.lang = lang
        self.colours = colours
        self.simulated = simulated
        self.banner = banner
        self.style = style
        self._labels: dict[tuple[str, Style | None], str] = {}
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        # Tabs stand in the order in which they are added; what they hold is written in the
        # order in which sheets refer to each other.
        kind = _sheet_class()
        self._sheets = {key: workbook.add_worksheet(tab, kind) for key, tab in names.items()}

    def tab(self, name: str) -> str:
        """The sheet ``name`` as a formula writes it."""
        shown: str = self._sheets[name].get_name()
        return shown if shown.isascii() and shown.isalnum() else f"'{shown}'"

    def form(self, **properties: Any) -> Format:
        """A cell format, made once for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(
                {"font_name": "Arial", "font_size": 10, "valign": "vcenter", **properties}
            )
        return self._formats[key]

    def kind_form(self, kind: Kind, **properties: Any) -> Format:
        """The format of a column's kind."""
        if kind in NUMBER_FORMATS:
            properties["num_format"] = NUMBER_FORMATS[kind]
        if kind == "wrapped":
            properties["text_wrap"] = True
        return self.form(**{**_ALIGNS.get(kind, _INDENTED), **properties})

    def head_form(self, kind: Kind = "text", **properties: Any) -> Format:
        """The format of a column's head, aligned as its cells are."""
        look = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E8ECF3"}
        return self.form(**{**look, **_ALIGNS.get(kind, _INDENTED), **properties})

    def of(self, phrase: Phrase) -> str:
        """``phrase`` in the book's language."""
        return phrase.of(self.lang)

    def label(self, rating: object, style: Style | None = None) -> str:
        """What a cell says of a rating; a text inside a formula may hold 255 characters."""
        key = ("unrated" if is_missing(rating) else str(rating), style)
        if key not in self._labels:
            self._labels[key] = cell_text(self.of((style or self.style).rating(key[0])))[:250]
        return self._labels[key]

    def texts(self, frame: pd.DataFrame, key: str | Column) -> list[str | None]:
        """What a column says of every row, in the book's language; None for nothing."""
        return column(key).texts(frame, self.style, self.lang)

    def field(
        self,
        frame: pd.DataFrame,
        key: str | Column,
        width: float = 11,
        *,
        kind: Kind | None = None,
        **formula: Any,
    ) -> Field:
        """The column ``key`` of a frame as one of a sheet, its words in the book's language.

        Parameters
        ----------
        frame : DataFrame
            One of the screening's.
        key : str or Column
            See `columns.column`.
        width : float
            Characters.
        kind : Kind, optional
            Another dress than the column's kind has.
        **formula
            ``formula``, ``array`` and ``links`` of `Field`.
        """
        shown = column(key)
        values: Values
        if shown.kind in _DRESSES:
            values = frame[shown.key]
        elif shown.kind == "rating":
            values = [self.label(one) for one in frame[shown.key]]
        else:
            values = self.texts(frame, shown)
        kind = kind or _DRESSES.get(shown.kind) or ("rating" if shown.kind == "rating" else "text")
        return Field(shown.key, shown.title, kind, values, width, **formula)

    def sheet(self, name: str, title: Phrase, *notes: str) -> Worksheet:
        """The sheet ``name`` with its title, the notices and ``notes`` on top; see `top_rows`."""
        sheet = self._sheets[name]
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        if self.simulated:
            sheet.set_tab_color("#C00000")
            # The page header repeats on every printed page; & is doubled for Excel's codes.
            word = message("book.simulated").of(self.lang)
            sheet.set_header(f'&L&"Arial,Bold"&12&KC00000{word}&R&9&A')
        else:
            sheet.set_header("&R&9&A")
        sheet.set_footer("&R&9&P / &N")
        sheet.set_row(0, 24)
        self.text(sheet, 0, 0, self.of(title), self.form(bold=True, font_size=14))
        lines = [*self.banner, *(("note", note) for note in notes)]
        for row, (kind, line) in enumerate(lines, start=1):
            self.text(sheet, row, 0, line, self._banner_form(kind))
            if kind == "simulated":
                sheet.set_row(row, 20, self._banner_form(kind))
        return sheet

    def top_rows(self, notes: int = 0) -> int:
        """The first free row of a sheet below title, notices and ``notes`` further lines."""
        return 1 + len(self.banner) + notes + 1

    def _banner_form(self, kind: str) -> Format:
        if kind == "simulated":
            return self.form(bold=True, font_size=12, font_color="#FFFFFF", bg_color="#C00000")
        if kind in ("interim", "warning"):
            return self.form(bold=True, font_color="#7A4B00", bg_color="#FFF3D1")
        return self.form(font_color="#4B5563")

    def chart_title(self, phrase: Phrase) -> dict[str, Any]:
        """A chart's title, which says SIMULATED too: charts are copied out of workbooks."""
        if self.simulated:
            phrase = message("book.chart_simulated", title=phrase).phrase
        return {"name": self.of(phrase), "name_font": {"size": 12}, "overlay": False}

    def text(
        self, sheet: Worksheet, row: int, column: int, text: str, form: Format | None = None
    ) -> None:
        """Write a stranger's or our own text as text, whatever it looks like."""
        sheet.write_string(row, column, cell_text(text), form or self.form())

    def rating_rules(
        self, sheet: Worksheet, cells: str, labels: Iterable[tuple[str, Tone]]
    ) -> None:
        """Colour the rating cells of a range by what they say."""
        for label, tone in labels:
            fill, ink = TONES[self.colours][tone]
            sheet.conditional_format(
                cells,
                {
                    "type": "cell",
                    "criteria": "==",
                    "value": '"' + label.replace('"', '""') + '"',
                    "format": self.form(bg_color=fill, font_color=ink),
                },
            )


@dataclass(slots=True)
class Field:
    """One column of a sheet's table.

    Parameters
    ----------
    name : str
        By which formulas of other columns refer to it.
    title : Phrase
        Its head.
    kind : Kind
        How its cells are written and shown.
    values : sequence
        One value a row; for a formula column its results.
    width : float
        Characters.
    formula : str, optional
        The same formula for every row: ``{r}`` is the row's number, ``{name}`` the letter of
        another column; without the equals sign.
    array : bool
        Enter it as an array formula.
    links : sequence of int or None, optional
        ``{link}`` of each row, for example a row of another sheet. A row whose link is None
        gets no formula, and its cell stays empty.
    hidden : bool
        Only formulas and charts read it: the column is there, and folded away.
    """

    name: str
    title: Phrase
    kind: Kind
    values: Values
    width: float = 11
    formula: str | None = None
    array: bool = False
    links: Sequence[int | None] | None = None
    hidden: bool = False


@dataclass(slots=True)
class Grid:
    """A table on a sheet: a head, and one row for each value of its fields.

    Parameters
    ----------
    book : Book
    sheet : Worksheet
    top : int
        Row of the head, counted from 0.
    fields : list of Field
    left : int
        First column, counted from 0.
    """

    book: Book
    sheet: Worksheet
    top: int
    fields: list[Field]
    left: int = 0
    _columns: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._columns = {one.name: self.left + i for i, one in enumerate(self.fields)}

    @property
    def rows(self) -> int:
        """How many rows stand below the head."""
        return len(self.fields[0].values)

    @property
    def first(self) -> int:
        """Number of the first row below the head, counted from 1 as formulas do."""
        return self.top + 2

    @property
    def last(self) -> int:
        """Number of the last row, at least ``first``."""
        return self.top + 1 + max(self.rows, 1)

    def column(self, name: str) -> int:
        """Place of a column, counted from 0."""
        return self._columns[name]

    def letter(self, name: str) -> str:
        """Letter of a column."""
        return letter(self._columns[name])

    def cells(self, name: str, *, sheet: bool = True) -> str:
        """The column's cells as an absolute range, with the sheet's name in front."""
        at = self.letter(name)
        span = f"${at}${self.first}:${at}${self.last}"
        return f"'{self.sheet.get_name()}'!{span}" if sheet else span

    def write(
        self,
        *,
        freeze: str | None = None,
        printed: str | None = None,
        filters: bool = True,
        head: bool = True,
        head_height: int = 32,
        **look: Any,
    ) -> Grid:
        """Write head and rows.

        Parameters
        ----------
        freeze : str, optional
            Last column that stays in view; the head always does.
        printed : str, optional
            Last column that is printed; all where it is not given.
        filters : bool
            Put a filter on the head.
        head : bool
            Write the head; without it the rows continue a table above.
        head_height : int
            Points.
        **look
            Further properties of every cell's format.
        """
        book, sheet = self.book, self.sheet
        if head:
            sheet.set_row(self.top, head_height)
        for one in self.fields:
            at = self._columns[one.name]
            if head:
                sheet.set_column(at, at, one.width, None, {"hidden": one.hidden})
                form = book.head_form(one.kind)
                book.text(sheet, self.top, at, book.of(one.title), form)
            self._write_field(one, at, look)
        if filters and self.rows:
            sheet.autofilter(
                self.top, self.left, self.top + self.rows, self.left + len(self.fields) - 1
            )
        if freeze is not None:
            sheet.freeze_panes(self.top + 1, self._columns[freeze] + 1)
            sheet.repeat_rows(self.top)
        if printed is not None:
            sheet.print_area(0, 0, self.top + self.rows, self._columns[printed])
        return self

    def _write_field(self, one: Field, at: int, look: Mapping[str, Any]) -> None:
        form = self.book.kind_form(one.kind, **look)
        if one.formula is not None:
            self._write_formulas(one, at, form)
            return
        sheet, row = self.sheet, self.top
        for value in _cells(one):
            row += 1
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(row, at, cell_text(value), form)
            else:
                sheet.write_number(row, at, value, form)

    def _write_formulas(self, one: Field, at: int, form: Format) -> None:
        assert one.formula is not None
        letters = {name: letter(place) for name, place in self._columns.items()}
        links = one.links if one.links is not None else [0] * self.rows
        for i, (value, link) in enumerate(zip(_cells(one), links, strict=True)):
            if link is None:
                continue
            row = self.top + 1 + i
            formula = "=" + one.formula.format(r=row + 1, link=link, **letters)
            shown = "" if value is None else value
            if one.array:
                self.sheet.write_array_formula(row, at, row, at, "{" + formula + "}", form, shown)
            else:
                self.sheet.write_formula(row, at, formula, form, shown)


def _cells(one: Field) -> list[Any]:
    """The values of a field as numbers, texts and None."""
    values: Any = one.values
    if one.kind == "date":
        days = pd.to_datetime(pd.Series(list(values), dtype=object)).to_numpy("datetime64[D]")
        counted = (days - np.datetime64(_EPOCH, "D")).astype("int64")
        known = ~np.isnat(days)
        return [int(n) if ok else None for n, ok in zip(counted, known, strict=True)]
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    if one.kind in ("price", "percent", "points"):
        # A spreadsheet cell can hold neither NaN nor infinity.
        return [float(x) if not is_missing(x) and np.isfinite(x) else None for x in listed]
    if one.kind == "integer":
        return [None if is_missing(x) else int(x) for x in listed]
    return [None if is_missing(x) or x == "" else str(x) for x in listed]
