"""Evidence and Companies: closes, and everything that follows from them by formula.

Evidence holds the closes of every window and benchmark. Companies reads its closes from there
and calculates on: closes → returns → relative return → level → rating.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from supplychain_screen.output.columns import column
from supplychain_screen.output.workbook.method import Scale, level_formula, rating_formula
from supplychain_screen.output.workbook.sheet import Book, Field, Grid
from supplychain_screen.words import (
    message,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["Evidence", "write_companies", "write_evidence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The Evidence sheet as other sheets link to it.

    Parameters
    ----------
    grid : Grid
        Its table.
    rows : dict
        Number of the row of a mention's order, window and benchmark role.
    """

    grid: Grid
    rows: dict[tuple[int, str, str], int]

    def rows_of(self, orders: Sequence[int], windows: Sequence[Any], role: str) -> list[int | None]:
        """Row numbers of some mentions, each with its window; None where there is no such row."""
        return [
            self.rows.get((int(order), str(window), role))
            for order, window in zip(orders, windows, strict=True)
        ]

    def link(self, column: str) -> str:
        """Formula that reads a column of the row ``{link}``."""
        return f"{self.grid.book.tab('Evidence')}!{self.grid.letter(column)}{{link}}"


_RETURN = 'IF(COUNT({base}{{r}},{end}{{r}})=2,{end}{{r}}/{base}{{r}}-1,"")'
_RELATIVE = (
    "IF(COUNT({return}{r},{benchmark_return}{r})=2,"
    'IF(Comparison="ratio",(1+{return}{r})/(1+{benchmark_return}{r})-1,'
    '{return}{r}-{benchmark_return}{r}),"")'
)


_OWN = (
    "IF(COUNT({return}{r})=1,IF(COUNT({benchmark_return}{r})=1,"
    '{return}{r}-{benchmark_return}{r},{return}{r}),"")'
)
"""Own returns are rated as they are; an index that stands beside them has a relative return."""


def _return_of(base: str, end: str) -> str:
    return _RETURN.format(base="{" + base + "}", end="{" + end + "}")


def _level() -> str:
    number = level_formula("{relative_return}{r}")
    return f'IF({{reason}}{{r}}<>"",0,IF(ISNUMBER({{relative_return}}{{r}}),{number},0))'


def write_evidence(book: Book, screening: Screening, scale: Scale) -> Evidence:
    """The sheet Evidence: sessions and closes of both legs, and the rating calculated from them.

    Returns
    -------
    Evidence
        Where each mention's windows stand, for the links of other sheets.
    """
    frame = screening.evidence
    frame = frame[frame["matured"].astype(bool)].reset_index(drop=True)
    note = message("book.evidence_note").phrase
    sheet = book.sheet("Evidence", message("book.evidence").phrase, book.of(note))
    names = screening.companies.set_index("order")["company_en"]
    frame = frame.assign(company_en=names.reindex(frame["order"]).to_numpy())
    fields = [
        book.field(frame, "order", 6),
        book.field(frame, "company", 22),
        book.field(frame, "symbol", 12),
        book.field(frame, "window", 10),
        book.field(frame, "role", 12),
        book.field(frame, "benchmark", 12),
        book.field(frame, "base_date", 12),
        book.field(frame, "end_date", 12),
        book.field(frame, "base_session", 12),
        book.field(frame, "base_close", 12),
        book.field(frame, "base_age", 8),
        book.field(frame, "end_session", 12),
        book.field(frame, "end_close", 12),
        book.field(frame, "end_age", 8),
        book.field(frame, "benchmark_base_session", 12),
        book.field(frame, "benchmark_base", 12),
        book.field(frame, "benchmark_base_age", 8),
        book.field(frame, "benchmark_end_session", 12),
        book.field(frame, "benchmark_end", 12),
        book.field(frame, "benchmark_end_age", 8),
        *_calculated(book, frame, scale, own=screening.comparison == "own"),
        book.field(frame, "reason", 16),
        book.field(frame, "source", 20),
        book.field(frame, "adjustment", 18),
        book.field(frame, "fetched_at", 18),
        book.field(frame, "benchmark_source", 20),
        book.field(frame, "benchmark_adjustment", 18),
        book.field(frame, "benchmark_fetched_at", 18),
    ]
    grid = Grid(book, sheet, book.top_rows(1), fields).write(freeze="company", printed="reason")
    book.rating_rules(sheet, grid.cells("rating", sheet=False), scale.rules())
    keys = zip(frame["order"], frame["window"], frame["role"], strict=True)
    rows = {
        (int(order), str(window), str(role)): grid.first + i
        for i, (order, window, role) in enumerate(keys)
    }
    return Evidence(grid, rows)


def _calculated(book: Book, frame: pd.DataFrame, scale: Scale, *, own: bool) -> list[Field]:
    """Returns, relative return, level and rating: formulas over the closes of the same row."""
    levels = [scale.number(one) for one in frame["rating"]]
    benchmark = _return_of("benchmark_base", "benchmark_end")
    return [
        book.field(frame, "return", formula=_return_of("base_close", "end_close")),
        book.field(frame, "benchmark_return", formula=benchmark),
        book.field(frame, "relative_return", formula=_OWN if own else _RELATIVE),
        Field(
            "level",
            message("book.level").phrase,
            "integer",
            levels,
            7,
            formula=_level(),
            hidden=True,
        ),
        book.field(frame, "rating", 17, formula=rating_formula("{level}{r}")),
    ]


def write_companies(book: Book, screening: Screening, scale: Scale, evidence: Evidence) -> Grid:
    """The sheet Companies: one row a mention, calculated from the closes on Evidence.

    Returns
    -------
    Grid
        For the formulas of segments and summary.
    """
    frame = screening.companies
    note = message("book.companies_note").phrase
    sheet = book.sheet("Companies", message("book.companies").phrase, book.of(note))
    orders = [int(one) for one in frame["order"]]
    headline = evidence.rows_of(orders, frame["window"].tolist(), "primary")
    segments = screening.segments["segment"].tolist()
    number_of = {segment: i + 1 for i, segment in enumerate(segments)}
    numbers = [number_of[one] for one in frame["segment"]]
    other = "company_en" if book.lang == "zh" else "company"
    fields = [
        book.field(frame, "order", 6),
        Field("segment_no", message("book.segment_no").phrase, "integer", numbers, 8, hidden=True),
        book.field(frame, "segment", 24),
        book.field(frame, "company", 24),
        book.field(frame, "symbol", 12),
        *(
            book.field(frame, name, 14)
            for name in ("printed_rating", "printed_target", "target_currency")
            if frame[name].notna().any()
        ),
        *_calculated(book, frame, scale, own=screening.comparison == "own"),
        book.field(frame, "reason", 16),
        book.field(frame, "stage", 14),
        book.field(frame, "day", 6),
        book.field(frame, "days", 6),
        book.field(frame, "window", 10),
        *_other_windows(book, screening, evidence, orders),
        *_second_benchmark(book, frame, evidence, orders),
        book.field(frame, "robustness", 10),
        book.field(frame, "robustness_flips", 30),
        Field(
            "listed",
            message("book.listed_flag").phrase,
            "integer",
            (frame["status"] == "listed").astype(int),
            8,
            hidden=True,
        ),
        Field(
            "counts",
            message("book.total_flag").phrase,
            "integer",
            frame.index.isin(screening.once.index).astype(int),
            9,
            hidden=True,
        ),
        *(
            _linked(book, frame, name, evidence, headline)
            for name in (
                "base_session",
                "end_session",
                "base_close",
                "end_close",
                "benchmark_base",
                "benchmark_end",
            )
        ),
        book.field(frame, "status", 10),
        book.field(frame, "note", 20),
        book.field(frame, "mic", 8),
        book.field(frame, "currency", 8),
        book.field(frame, "benchmark", 12),
        book.field(frame, "confidence", 16),
        book.field(frame, "candidates", 24),
        Field("other_name", column(other).title, "text", frame[other], 34),
    ]
    grid = Grid(book, sheet, book.top_rows(1), fields).write(
        freeze="company", printed="rating_to_date"
    )
    for name in ("rating", *(f"rating_{one}" for one in screening.windows), "alternative_rating"):
        book.rating_rules(sheet, grid.cells(name, sheet=False), scale.rules())
    sheet.conditional_format(
        grid.cells("relative_return", sheet=False),
        {
            "type": "data_bar",
            "bar_solid": True,
            "bar_color": "#B9C6DA",
            "bar_negative_color": "#E4D3B5",
            "bar_border_color": "#B9C6DA",
            "bar_negative_border_color": "#E4D3B5",
        },
    )
    return grid


def _other_windows(
    book: Book, screening: Screening, evidence: Evidence, orders: list[int]
) -> Iterator[Field]:
    for window in screening.windows:
        rows = evidence.rows_of(orders, [window] * len(orders), "primary")
        names = (f"relative_return_{window}", f"rating_{window}")
        yield from _links(book, screening.companies, names, rows, evidence)


def _second_benchmark(
    book: Book, frame: pd.DataFrame, evidence: Evidence, orders: list[int]
) -> list[Field]:
    rows = evidence.rows_of(orders, frame["window"].tolist(), "alternative")
    disagree = [
        "≠" if bool(one) else "=" if row is not None else None
        for one, row in zip(frame["ratings_disagree"], rows, strict=True)
    ]
    return [
        book.field(frame, "alternative_benchmark", 12),
        *_links(book, frame, ("alternative_relative_return", "alternative_rating"), rows, evidence),
        Field(
            "ratings_disagree",
            column("ratings_disagree").title,
            "text",
            disagree,
            10,
            formula=(
                "IF(OR({level}{r}=0,{alternative_rating}{r}=UnratedLabel),"
                '"",IF({alternative_rating}{r}={rating}{r},"=","≠"))'
            ),
            links=rows,
        ),
    ]


def _links(
    book: Book,
    frame: pd.DataFrame,
    names: tuple[str, str],
    rows: Sequence[int | None],
    evidence: Evidence,
) -> list[Field]:
    """A relative return and a rating that are read from a row of Evidence."""
    relative, rating = names
    read = evidence.link
    return [
        book.field(frame, relative, formula=read("relative_return"), links=rows),
        book.field(frame, rating, 17, formula=read("rating"), links=rows),
    ]


def _linked(
    book: Book, frame: pd.DataFrame, name: str, evidence: Evidence, rows: Sequence[int | None]
) -> Field:
    """A session or close that is read from a row of Evidence, empty where that is empty."""
    link = evidence.link(name)
    return book.field(frame, name, 12, formula=f'IF({link}="","",{link})', links=rows)
