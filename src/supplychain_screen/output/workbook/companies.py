"""Evidence and Companies: closes, and everything that follows from them by formula.

Evidence holds the closes of every window and benchmark. Companies reads its closes from there
and calculates on: closes → returns → relative return → level → rating.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from supplychain_screen.output.sentences import robustness_phrase
from supplychain_screen.output.workbook.method import Scale, level_formula, rating_formula
from supplychain_screen.output.workbook.sheet import Book, Field, Grid, Kind
from supplychain_screen.words import (
    ADJUSTMENTS,
    COLUMNS,
    CONFIDENCES,
    REASONS,
    ROLES,
    STAGES,
    STATUSES,
    WINDOWS,
    Lang,
    Phrase,
    convention_phrase,
    is_missing,
    moment,
    say,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["Evidence", "english_or", "write_companies", "write_evidence"]


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
        return f"Evidence!{self.grid.letter(column)}{{link}}"


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


def english_or(frame: pd.DataFrame, column: str, lang: Lang) -> list[Any]:
    """The column in the book's language, in Chinese where there is no English."""
    chinese = frame[column].tolist()
    if lang == "zh":
        return chinese
    english = frame[f"{column}_en"].tolist()
    return [
        one if is_missing(other) or not other else other
        for one, other in zip(chinese, english, strict=True)
    ]


def write_evidence(book: Book, screening: Screening, scale: Scale) -> Evidence:
    """The sheet Evidence: sessions and closes of both legs, and the rating calculated from them.

    Returns
    -------
    Evidence
        Where each mention's windows stand, for the links of other sheets.
    """
    frame = screening.evidence
    frame = frame[frame["matured"].astype(bool)].reset_index(drop=True)
    note = Phrase(
        "每行一个提及、一个窗口、一个基准。涨跌、相对收益、级别与评级都是公式，"
        "只由本行的收盘价和“Method”表的评级标准得出。",
        "One row a mention, window and benchmark. Returns, relative return, level and rating are"
        " formulas of this row's closes and of the scale on the sheet Method.",
    )
    sheet = book.sheet("Evidence", Phrase("证据", "Evidence"), book.of(note))
    names = screening.companies.set_index("order")
    company = names["company" if book.lang == "zh" else "company_en"].reindex(frame["order"])
    fields = [
        _plain(frame, "order", "integer", 6),
        Field("company", COLUMNS["company"], "text", _or(company, frame["company"]), 22),
        _plain(frame, "symbol", "text", 12),
        _words(book, frame, "window", WINDOWS, 10),
        _words(book, frame, "role", ROLES, 12),
        _plain(frame, "benchmark", "text", 12),
        *(_plain(frame, name, "date", 12) for name in ("base_date", "end_date")),
        _plain(frame, "base_session", "date", 12),
        _plain(frame, "base_close", "price", 12),
        _plain(frame, "base_age", "integer", 8),
        _plain(frame, "end_session", "date", 12),
        _plain(frame, "end_close", "price", 12),
        _plain(frame, "end_age", "integer", 8),
        _plain(frame, "benchmark_base_session", "date", 12),
        _plain(frame, "benchmark_base", "price", 12),
        _plain(frame, "benchmark_base_age", "integer", 8),
        _plain(frame, "benchmark_end_session", "date", 12),
        _plain(frame, "benchmark_end", "price", 12),
        _plain(frame, "benchmark_end_age", "integer", 8),
        *_calculated(frame, scale, own=screening.comparison == "own"),
        _words(book, frame, "reason", REASONS, 16),
        _plain(frame, "source", "text", 20),
        _words(book, frame, "adjustment", ADJUSTMENTS, 18),
        _instant(frame, "fetched_at"),
        _plain(frame, "benchmark_source", "text", 20),
        _words(book, frame, "benchmark_adjustment", ADJUSTMENTS, 18),
        _instant(frame, "benchmark_fetched_at"),
    ]
    grid = Grid(book, sheet, book.top_rows(1), fields).write(freeze="company", printed="reason")
    book.rating_rules(sheet, grid.cells("rating", sheet=False), scale.rules())
    keys = zip(frame["order"], frame["window"], frame["role"], strict=True)
    rows = {
        (int(order), str(window), str(role)): grid.first + i
        for i, (order, window, role) in enumerate(keys)
    }
    return Evidence(grid, rows)


def _calculated(frame: pd.DataFrame, scale: Scale, *, own: bool) -> list[Field]:
    """Returns, relative return, level and rating: formulas over the closes of the same row."""
    levels = [scale.number(one) for one in frame["rating"]]
    return [
        Field(
            "return",
            COLUMNS["return"],
            "percent",
            frame["return"],
            formula=_return_of("base_close", "end_close"),
        ),
        Field(
            "benchmark_return",
            COLUMNS["benchmark_return"],
            "percent",
            frame["benchmark_return"],
            formula=_return_of("benchmark_base", "benchmark_end"),
        ),
        Field(
            "relative_return",
            COLUMNS["relative_return"],
            "percent",
            frame["relative_return"],
            formula=_OWN if own else _RELATIVE,
        ),
        Field("level", Phrase("级别", "Level"), "integer", levels, 7, formula=_level()),
        Field(
            "rating",
            COLUMNS["rating"],
            "rating",
            [scale.label(one) for one in frame["rating"]],
            17,
            formula=rating_formula("{level}{r}"),
        ),
    ]


def write_companies(book: Book, screening: Screening, scale: Scale, evidence: Evidence) -> Grid:
    """The sheet Companies: one row a mention, calculated from the closes on Evidence.

    Returns
    -------
    Grid
        For the formulas of segments and summary.
    """
    frame = screening.companies
    note = Phrase(
        "每行一个提及。收盘价链接到“Evidence”表；涨跌、相对收益、级别与评级都是公式。"
        "其他窗口和另一基准的数字也链接到“Evidence”表。",
        "One row a mention. Closes link to the sheet Evidence; returns, relative return, level"
        " and rating are formulas. Other windows and the second benchmark link there too.",
    )
    sheet = book.sheet("Companies", Phrase("各公司", "Companies"), book.of(note))
    orders = [int(one) for one in frame["order"]]
    headline = evidence.rows_of(orders, frame["window"].tolist(), "primary")
    segments = screening.segments["segment"].tolist()
    number_of = {segment: i + 1 for i, segment in enumerate(segments)}
    other = "company_en" if book.lang == "zh" else "company"
    fields = [
        _plain(frame, "order", "integer", 6),
        Field(
            "segment_no",
            Phrase("环节号", "Segment no."),
            "integer",
            [number_of[one] for one in frame["segment"]],
            8,
        ),
        Field("segment", COLUMNS["segment"], "text", english_or(frame, "segment", book.lang), 24),
        Field("company", COLUMNS["company"], "text", english_or(frame, "company", book.lang), 24),
        _plain(frame, "symbol", "text", 12),
        *_calculated(frame, scale, own=screening.comparison == "own"),
        _words(book, frame, "reason", REASONS, 16),
        _words(book, frame, "stage", STAGES, 14),
        _plain(frame, "day", "integer", 6),
        _plain(frame, "days", "integer", 6),
        _words(book, frame, "window", WINDOWS, 10),
        *_other_windows(screening, scale, evidence, orders),
        *_second_benchmark(frame, scale, evidence, orders),
        Field(
            "robustness",
            COLUMNS["robustness"],
            "text",
            [
                book.of(robustness_phrase(agree, of)) if of else None
                for agree, of in zip(frame["robustness_agree"], frame["robustness_of"], strict=True)
            ],
            10,
        ),
        Field(
            "robustness_flips",
            COLUMNS["robustness_flips"],
            "text",
            [
                "; ".join(book.of(convention_phrase(str(flip))) for flip in flips)
                for flips in frame["robustness_flips"]
            ],
            30,
        ),
        Field(
            "listed",
            Phrase("已上市（1/0）", "Listed (1/0)"),
            "integer",
            (frame["status"] == "listed").astype(int),
            8,
        ),
        Field(
            "counts",
            Phrase("计入全部（1/0）", "Counts in the total (1/0)"),
            "integer",
            frame.index.isin(screening.once.index).astype(int),
            9,
        ),
        _linked(evidence, frame, "base_session", "date", headline),
        _linked(evidence, frame, "end_session", "date", headline),
        _linked(evidence, frame, "base_close", "price", headline),
        _linked(evidence, frame, "end_close", "price", headline),
        _linked(evidence, frame, "benchmark_base", "price", headline),
        _linked(evidence, frame, "benchmark_end", "price", headline),
        _words(book, frame, "status", STATUSES, 10),
        _plain(frame, "note", "text", 20),
        _plain(frame, "mic", "text", 8),
        _plain(frame, "currency", "text", 8),
        _plain(frame, "benchmark", "text", 12),
        _words(book, frame, "confidence", CONFIDENCES, 16),
        Field(
            "candidates",
            COLUMNS["candidates"],
            "text",
            ["; ".join(map(str, found)) for found in frame["candidates"]],
            24,
        ),
        _plain(frame, other, "text", 34, name="other_name"),
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
    screening: Screening, scale: Scale, evidence: Evidence, orders: list[int]
) -> list[Field]:
    frame, fields = screening.companies, []
    for window in screening.windows:
        rows = evidence.rows_of(orders, [window] * len(orders), "primary")
        fields += _links(
            frame[f"relative_return_{window}"],
            frame[f"rating_{window}"],
            (f"relative_return_{window}", f"rating_{window}"),
            rows,
            evidence,
            scale,
        )
    return fields


def _second_benchmark(
    frame: pd.DataFrame, scale: Scale, evidence: Evidence, orders: list[int]
) -> list[Field]:
    rows = evidence.rows_of(orders, frame["window"].tolist(), "alternative")
    disagree = [
        "≠" if bool(one) else "=" if row is not None else None
        for one, row in zip(frame["ratings_disagree"], rows, strict=True)
    ]
    return [
        _plain(frame, "alternative_benchmark", "text", 12),
        *_links(
            frame["alternative_relative_return"],
            frame["alternative_rating"],
            ("alternative_relative_return", "alternative_rating"),
            rows,
            evidence,
            scale,
        ),
        Field(
            "ratings_disagree",
            COLUMNS["ratings_disagree"],
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
    relative: pd.Series[Any],
    rating: pd.Series[Any],
    names: tuple[str, str],
    rows: Sequence[int | None],
    evidence: Evidence,
    scale: Scale,
) -> list[Field]:
    """A relative return and a rating that are read from a row of Evidence."""
    return [
        Field(
            names[0], COLUMNS.get(names[0], Phrase(names[0], names[0])), "percent", relative,
            formula=evidence.link("relative_return"), links=rows,
        ),
        Field(
            names[1], COLUMNS.get(names[1], Phrase(names[1], names[1])), "rating",
            [scale.label(one) for one in rating], 17,
            formula=evidence.link("rating"), links=rows,
        ),
    ]  # fmt: skip


def _linked(
    evidence: Evidence, frame: pd.DataFrame, name: str, kind: Kind, rows: Sequence[int | None]
) -> Field:
    """A session or close that is read from a row of Evidence, empty where that is empty."""
    link = evidence.link(name)
    field = _plain(frame, name, kind, 12)
    field.formula, field.links = f'IF({link}="","",{link})', rows
    return field


def _plain(frame: pd.DataFrame, column: str, kind: Kind, width: float, name: str = "") -> Field:
    return Field(name or column, COLUMNS[column], kind, frame[column], width)


def _words(book: Book, frame: pd.DataFrame, column: str, table: Any, width: float) -> Field:
    words = [None if is_missing(one) else say(table, one, book.lang) for one in frame[column]]
    return Field(column, COLUMNS[column], "text", words, width)


def _instant(frame: pd.DataFrame, column: str) -> Field:
    shown = [None if is_missing(one) else moment(one) for one in frame[column]]
    return Field(column, COLUMNS[column], "text", shown, 18)


def _or(first: pd.Series[Any], second: pd.Series[Any]) -> list[Any]:
    return [
        other if is_missing(one) or not one else one
        for one, other in zip(first, second, strict=True)
    ]
