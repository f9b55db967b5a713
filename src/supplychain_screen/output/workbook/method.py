"""Method, Unrated and Findings: the rules the other sheets calculate by, and what was left out.

The rating scale and the comparison stand on the Method sheet as cells with names. Every rating in
the workbook is looked up there by a formula, so a reader who edits a bound sees what changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.output.columns import Style
from supplychain_screen.output.sentences import DISCLAIMER, definitions, method
from supplychain_screen.output.workbook.sheet import Book, Field, Grid, Kind, letter, serial
from supplychain_screen.words import (
    BASES,
    POLICIES,
    REASON_SENTENCES,
    Phrase,
    Tone,
    message,
    rating_tone,
    say,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from supplychain_screen.screening import Screening

__all__ = [
    "Scale",
    "level_formula",
    "rating_formula",
    "write_findings",
    "write_method",
    "write_unrated",
]

TOLERANCE: Final = 1e-9
"""How close to a bound counts as on it; the rating scale's own (``BOUND_TOLERANCE``)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale as the workbook shows it, worst level first so that levels count upwards.

    Parameters
    ----------
    name : str
        Prefix of its defined names: ``Scale`` or ``Sector``.
    levels : tuple of str
        Machine names, worst first.
    labels : tuple of str
        What a rating cell says, in the same order: an arrow and the level's name.
    tones : tuple of Tone
    unrated : str
        What an unrated cell says.
    """

    name: str
    levels: tuple[str, ...]
    labels: tuple[str, ...]
    tones: tuple[Tone, ...]
    unrated: str

    @classmethod
    def read(cls, book: Book, scale: Any, name: str) -> Scale:
        """The labels of ``scale`` in the book's language."""
        levels = tuple(level.name for level in reversed(scale.levels))
        tones = tuple(rating_tone(scale, level) for level in levels)
        style = Style(scale)
        labels = tuple(book.label(level, style) for level in levels)
        unrated = book.label("unrated", style)
        return cls(name, levels, labels, tones, unrated)

    def number(self, level: object) -> int:
        """The level's place counted from 1 for the worst; 0 for unrated or missing."""
        return self.levels.index(str(level)) + 1 if level in self.levels else 0

    def label(self, level: object) -> str:
        """What a rating cell of that level says."""
        number = self.number(level)
        return self.labels[number - 1] if number else self.unrated

    def rules(self) -> list[tuple[str, Tone]]:
        """Labels with their tones, for the colours of rating cells."""
        return [*zip(self.labels, self.tones, strict=True), (self.unrated, "none")]


def level_formula(relative: str, scale: str = "Scale") -> str:
    """Formula of the level's number for the relative return in the cell ``relative``.

    The lowest level is 1; each bound that is passed adds one. A bound that belongs to the level
    above it (1 in ``…Includes``) is passed by what reaches it, any other by what exceeds it.
    """
    return (
        f"1+SUMPRODUCT(({scale}Includes=1)*({relative}>={scale}Bounds-Tolerance)"
        f"+({scale}Includes=0)*({relative}>{scale}Bounds+Tolerance))"
    )


def rating_formula(level: str, scale: str = "Scale") -> str:
    """Formula of the rating's label for the level's number in the cell ``level``."""
    return f"IF({level}=0,UnratedLabel,INDEX({scale}Levels,{level}))"


def write_method(book: Book, screening: Screening, stock: Scale, sector: Scale | None) -> None:
    """The sheet Method: settings, scales, sentences, definitions; and the names they define."""
    sheet = book.sheet("Method", message("book.method").phrase)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 4, 18)
    row = _settings(book, sheet, screening, book.top_rows())
    standard = screening.report.standard
    title = message("book.stock_scale").phrase
    row = _scale(book, sheet, standard.stock, stock, title, row + 1)
    if sector is not None:
        title = message("book.sector_scale").phrase
        row = _scale(book, sheet, standard.sector, sector, title, row + 1)
    bold, wrapped = book.form(bold=True), book.form(text_wrap=True)
    row += 1
    pairs = [*method(screening), *definitions(), (message("book.notice").phrase, DISCLAIMER)]
    for head, body in pairs:
        book.text(sheet, row, 0, book.of(head), bold)
        # Long sentences wrap across four columns, which needs a merged cell of known height.
        text = book.of(body)
        sheet.merge_range(row, 1, row, 4, "", wrapped)
        book.text(sheet, row, 1, text, wrapped)
        wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text)
        sheet.set_row(row, 14 * max(1, -(-wide // 72)))
        row += 1


def _settings(book: Book, sheet: Worksheet, screening: Screening, row: int) -> int:
    """One line a setting; those that formulas read get a name."""
    report = screening.report
    lines: list[tuple[Phrase, Any, str, str]] = [
        (message("book.report").phrase, report.title, "text", ""),
        (message("book.publisher").phrase, report.publisher, "text", ""),
        (message("book.published").phrase, serial(screening.published), "date", ""),
        (message("book.as_of").phrase, serial(screening.as_of), "date", ""),
        (message("book.basis").phrase, say(BASES, screening.basis, book.lang), "text", ""),
        (
            message("book.base_session").phrase,
            say(POLICIES, screening.base_policy, book.lang),
            "text",
            "",
        ),
        (
            message("book.comparison").phrase,
            screening.comparison,
            "input",
            "Comparison",
        ),
        (message("book.tolerance").phrase, TOLERANCE, "input", "Tolerance"),
        (
            message("book.word_for_unrated").phrase,
            book.label("unrated"),
            "input",
            "UnratedLabel",
        ),
    ]
    for phrase, value, kind, name in lines:
        book.text(sheet, row, 0, book.of(phrase), book.form(bold=True))
        form = (
            book.form(bg_color="#FFFBE6", border=1, border_color="#D9CFA3", align="left")
            if kind == "input"
            else book.form(num_format="yyyy-mm-dd", align="left")
        )
        if isinstance(value, str):
            book.text(sheet, row, 1, value, form)
        else:
            sheet.write_number(row, 1, value, form)
        if name:
            _name(book, name, f"$B${row + 1}")
        row += 1
    return row


def _scale(book: Book, sheet: Worksheet, scale: Any, shown: Scale, title: Phrase, row: int) -> int:
    """The levels with the bound each one starts at; and the level that 0 falls in."""
    heads = (
        title,
        message("book.name").phrase,
        message("book.lower_bound").phrase,
        message("book.lower_bound_included").phrase,
    )
    sheet.set_row(row, 32)
    for column, phrase in enumerate(heads):
        kind: Kind = "text" if column < 2 else "integer"
        book.text(sheet, row, column, book.of(phrase), book.head_form(kind, indent=0))
    first = row + 2
    cell = book.form(bg_color="#FFFBE6", border=1, border_color="#D9CFA3")
    bound = book.form(
        bg_color="#FFFBE6", border=1, border_color="#D9CFA3", num_format="+0.0%;-0.0%;0.0%"
    )
    for level, label in zip(reversed(scale.levels), shown.labels, strict=True):
        row += 1
        book.text(sheet, row, 0, label, cell)
        book.text(sheet, row, 1, level.name)
        if level.lower is not None:
            sheet.write_number(row, 2, level.lower + scale.origin, bound)
            sheet.write_number(row, 3, int(level.lower_inclusive), cell)
    last = row + 1
    _name(book, f"{shown.name}Levels", f"$A${first}:$A${last}")
    _name(book, f"{shown.name}Bounds", f"$C${first + 1}:$C${last}")
    _name(book, f"{shown.name}Includes", f"$D${first + 1}:$D${last}")
    book.rating_rules(sheet, f"A{first}:A{last}", shown.rules())
    row += 1
    book.text(sheet, row, 0, book.of(message("book.zero_level").phrase))
    at = f"{letter(2)}{row + 1}"
    sheet.write_number(row, 2, scale.origin, book.form(num_format="0%"))
    if scale.is_measurable:
        zero = shown.number(scale.level_at(scale.origin).name)
        sheet.write_formula(row, 3, "=" + level_formula(at, shown.name), book.form(), zero)
    else:
        sheet.write_number(row, 3, 0)
    _name(book, f"{shown.name}Zero", f"$D${row + 1}")
    return row + 1


def _name(book: Book, name: str, cells: str) -> None:
    book.workbook.define_name(name, f"={book.tab('Method')}!{cells}")


def write_unrated(book: Book, screening: Screening) -> None:
    """The sheet Unrated: who has no rating, and why in words."""
    frame = screening.unrated
    note = message("book.unrated_note", n=len(frame)).phrase
    sheet = book.sheet("Unrated", message("book.unrated").phrase, book.of(note))
    sentences = [say(REASON_SENTENCES, code, book.lang) for code in frame["reason"]]
    printed = frame.drop(columns="company_en")
    fields = [
        book.field(frame, "order", 6),
        book.field(frame, "segment", 26),
        book.field(printed, "company", 20),
        book.field(frame, "company_en", 34),
        book.field(frame, "symbol", 12),
        book.field(frame, "reason", 18),
        Field("sentence", message("book.meaning").phrase, "wrapped", sentences, 44),
        book.field(frame, "detail", 60, kind="wrapped"),
    ]
    Grid(book, sheet, book.top_rows(1), fields).write(freeze="company")


def write_findings(book: Book, screening: Screening) -> None:
    """The sheet Findings: what the price checks found, and below it every price series used."""
    frame, sources = screening.findings, screening.sources
    note = message("book.findings_note", n=len(frame), n2=len(sources)).phrase
    sheet = book.sheet("Findings", message("book.findings").phrase, book.of(note))
    fields = [
        book.field(frame, "code", 24),
        book.field(frame, "symbol", 14),
        book.field(frame, "first", 12),
        book.field(frame, "last", 12),
        book.field(frame, "action", 20),
        Field("check_code", message("book.check_code").phrase, "text", frame["code"], 26),
        book.field(frame, "detail", 90, kind="wrapped"),
    ]
    grid = Grid(book, sheet, book.top_rows(1), fields).write(freeze="symbol")
    series = [
        book.field(sources, "source"),
        book.field(sources, "symbol"),
        book.field(sources, "last_session"),
        Field("spare", Phrase("", ""), "text", [None] * len(sources)),
        book.field(sources, "adjustment"),
        book.field(sources, "fetched_at"),
        book.field(sources, "listing"),
    ]
    # Two tables share the columns, so the second keeps the widths of the first.
    for one, above in zip(series, fields, strict=True):
        one.width = above.width
    Grid(book, sheet, grid.last + 2, series).write(filters=False)
