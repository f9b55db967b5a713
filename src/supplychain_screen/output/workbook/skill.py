"""The sheet Figures: how unusual the basket is, in words, and its members from the best down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from supplychain_screen.output.figures_said import KeyFigure, key_figures
from supplychain_screen.output.text_columns import display_width
from supplychain_screen.output.workbook.sheet import Book, Field, Grid
from supplychain_screen.words import message

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from supplychain_screen.screening import Screening

__all__ = ["write_figures"]

_NARROW: Final = 15
"""Characters of a column of figures; the words above stand across several."""


def write_figures(book: Book, screening: Screening) -> None:
    """Each key figure for two readers; below, what carried the mean, with each company's beta."""
    said = key_figures(screening)
    sheet = book.sheet("Figures", message("skill.skill_or_weather").phrase)
    row = _words(book, sheet, said, book.top_rows())
    betas = screening.betas.set_index("order")
    frame = screening.concentration.join(betas[["beta", "beta_error", "beta_adjusted"]], on="order")
    english = frame["company_en"].where(frame["company_en"] != "", frame["company"])
    names = frame["company"] if book.lang == "zh" else english
    members = [
        Field("company", message("skill.company").phrase, "text", names, 22),
        Field(
            "relative_return",
            message("skill.relative_return").phrase,
            "percent",
            frame["relative_return"],
            _NARROW,
        ),
        Field(
            "remaining",
            message("skill.mean_without_all_better").phrase,
            "percent",
            frame["remaining"],
            _NARROW,
        ),
        Field(
            "leave_one_out",
            message("skill.mean_without_alone").phrase,
            "percent",
            frame["leave_one_out"],
            _NARROW,
        ),
        Field(
            "contribution",
            message("skill.part_mean").phrase,
            "percent",
            frame["contribution"],
            _NARROW,
        ),
        Field("beta", message("skill.beta").phrase, "price", frame["beta"], _NARROW),
        Field(
            "beta_error",
            message("skill.standard_error").phrase,
            "price",
            frame["beta_error"],
            _NARROW,
        ),
        Field(
            "beta_adjusted",
            message("skill.adjusted_for_beta").phrase,
            "percent",
            frame["beta_adjusted"],
            _NARROW,
        ),
    ]
    Grid(book, sheet, row + 1, members).write(filters=False)


def _words(book: Book, sheet: Worksheet, said: Sequence[KeyFigure], row: int) -> int:
    """Each key figure in plain words and exactly, over the columns of the table below."""
    phrases = [
        message("skill.figure").phrase,
        message("skill.in_plain_words").phrase,
        message("skill.method_limits").phrase,
    ]
    spans = ((0, 0), (1, 3), (4, 7))
    lines = [
        (one.name, one.plain.phrase, None if one.exact is None else one.exact.phrase)
        for one in said
    ]
    for at, texts in enumerate([tuple(phrases), *lines], start=row):
        form = book.head_form() if at == row else book.form(text_wrap=True, valign="top")
        high = 1
        for (first, last), phrase in zip(spans, texts, strict=True):
            text = "" if phrase is None else book.of(phrase)
            if first < last:
                sheet.merge_range(at, first, at, last, "", form)
            book.text(sheet, at, first, text, form)
            room = 20 if first == last else _NARROW * (last - first + 1) * 0.92
            high = max(high, -(-display_width(text) // int(room)))
        sheet.set_row(at, 14 * high + 2)
    return row + len(lines) + 1
