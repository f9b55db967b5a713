"""The sheet Figures: how unusual the basket is, in words, and its members from the best down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supplychain_screen.output.figures_said import key_figures
from supplychain_screen.output.workbook.sheet import Book, Field, Grid
from supplychain_screen.words import message

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["write_figures"]


def write_figures(book: Book, screening: Screening) -> None:
    """Each key figure for two readers; below, what carried the mean, with each company's beta."""
    said = key_figures(screening)
    sheet = book.sheet("Figures", message("skill.skill_or_weather").phrase)
    words = [
        Field(
            "figure",
            message("skill.figure").phrase,
            "text",
            [book.of(one.name) for one in said],
            22,
        ),
        Field(
            "plain",
            message("skill.in_plain_words").phrase,
            "wrapped",
            [book.of(one.plain.phrase) for one in said],
            60,
        ),
        Field(
            "exact",
            message("skill.method_limits").phrase,
            "wrapped",
            [None if one.exact is None else book.of(one.exact.phrase) for one in said],
            90,
        ),
    ]
    grid = Grid(book, sheet, book.top_rows(), words).write(filters=False)
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
            60,
        ),
        Field(
            "remaining",
            message("skill.mean_without_all_better").phrase,
            "percent",
            frame["remaining"],
            90,
        ),
        Field(
            "leave_one_out",
            message("skill.mean_without_alone").phrase,
            "percent",
            frame["leave_one_out"],
        ),
        Field(
            "contribution",
            message("skill.part_mean").phrase,
            "percent",
            frame["contribution"],
        ),
        Field("beta", message("skill.beta").phrase, "price", frame["beta"]),
        Field("beta_error", message("skill.standard_error").phrase, "price", frame["beta_error"]),
        Field(
            "beta_adjusted",
            message("skill.adjusted_for_beta").phrase,
            "percent",
            frame["beta_adjusted"],
        ),
    ]
    Grid(book, sheet, grid.last + 2, members).write(filters=False)
