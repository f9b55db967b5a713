"""The sheet Figures: how unusual the basket is, in words, and its members from the best down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supplychain_screen.output.figures_said import key_figures
from supplychain_screen.output.workbook.sheet import Book, Field, Grid
from supplychain_screen.words import Phrase

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["write_figures"]


def write_figures(book: Book, screening: Screening) -> None:
    """Each key figure for two readers; below, what carried the mean, with each company's beta."""
    said = key_figures(screening)
    sheet = book.sheet("Figures", Phrase("是实力还是天气", "Skill or weather"))
    words = [
        Field("figure", Phrase("项目", "Figure"), "text", [book.of(one.name) for one in said], 22),
        Field(
            "plain",
            Phrase("结论", "In plain words"),
            "wrapped",
            [book.of(one.plain.phrase) for one in said],
            60,
        ),
        Field(
            "exact",
            Phrase("方法与限度", "Method and limits"),
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
        Field("company", Phrase("公司", "Company"), "text", names, 22),
        Field(
            "relative_return", Phrase("相对收益", "Relative return"), "percent",
            frame["relative_return"], 60,
        ),
        Field(
            "remaining", Phrase("去掉它及更好者后的均值", "Mean without it and all better"),
            "percent", frame["remaining"], 90,
        ),
        Field(
            "leave_one_out", Phrase("仅去掉它的均值", "Mean without it alone"), "percent",
            frame["leave_one_out"],
        ),
        Field(
            "contribution", Phrase("对均值的贡献", "Part of the mean"), "percent",
            frame["contribution"],
        ),
        Field("beta", Phrase("贝塔", "Beta"), "price", frame["beta"]),
        Field(
            "beta_error", Phrase("贝塔标准误", "Its standard error"), "price", frame["beta_error"]
        ),
        Field(
            "beta_adjusted", Phrase("贝塔调整后", "Adjusted for beta"), "percent",
            frame["beta_adjusted"],
        ),
    ]  # fmt: skip
    Grid(book, sheet, grid.last + 2, members).write(filters=False)
