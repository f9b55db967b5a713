"""Dots on one axis with the scale's bounds: companies from window to window, segments from zero.

A native chart has no dumbbell. A scatter chart whose rows are whole numbers is one: the figures are
its x values, read from cells, the lines are error bars without caps, and the names are labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from supplychain_screen.output.columns import Reader
from supplychain_screen.output.page import domain
from supplychain_screen.output.text_columns import display_width
from supplychain_screen.output.workbook.sheet import TONES, Book, Grid, letter
from supplychain_screen.words import Phrase, Tone, is_missing, message, rating_tone, window_phrase

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from supplychain_screen.screening import Screening

__all__ = ["company_chart", "segment_chart"]

MOST: Final = 60
"""Most rows of a chart; of more companies it shows the best and the worst."""

_HELPERS: Final = 30
"""First of the columns that hold what only the charts read."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a chart: its name, the cell of its figure, and the figure it starts from."""

    name: str
    link: str
    figure: float
    start: float | None
    start_link: str
    tone: Tone


def company_chart(
    book: Book, sheet: Worksheet, screening: Screening, companies: Grid, row: int
) -> int:
    """Every rated company once, from its first window to its headline; the last row it covers."""
    scale = screening.report.standard.stock
    first = next(iter(screening.windows))
    place = {int(order): i for i, order in enumerate(screening.companies["order"])}
    read = Reader(book.style, book.lang)
    found = screening.once[screening.once["rating"].isin(scale.names)]
    found = found.sort_values(["relative_return", "order"], ascending=[False, True], kind="stable")
    rows = []
    for one in found.to_dict("records"):
        at = companies.first + place[int(one["order"])]
        tab, early = book.tab("Companies"), one.get(f"relative_return_{first}")
        starts = one["window"] != first and not is_missing(early)
        rows.append(
            _Row(
                read("company", one)[:32],
                f"={tab}!{companies.letter('relative_return')}{at}",
                float(one["relative_return"]),
                float(early) if starts and early is not None else None,
                f"={tab}!{companies.letter(f'relative_return_{first}')}{at}" if starts else "",
                rating_tone(scale, one["rating"]),
            )
        )
    title = message("book.companies_chart").phrase
    if any(one.start is not None for one in rows):
        title = message("book.companies_chart_from", first=window_phrase(first)).phrase
    return _draw(book, sheet, "Summary", _fewer(rows), scale.bounds, title, (row, 5), 640)


def segment_chart(
    book: Book, sheet: Worksheet, grid: Grid, frame: pd.DataFrame, screening: Screening, row: int
) -> int:
    """The mean of each segment, from zero; the last row it covers."""
    scale = screening.report.standard.stock
    read = Reader(book.style, book.lang)
    tab = book.tab("Segments")
    rows = [
        _Row(
            read("segment", one)[:32],
            f"={tab}!{grid.letter('mean')}{grid.first + i}",
            float(one["mean"]),
            0.0,
            "",
            rating_tone(scale, one["rating"]),
        )
        for i, one in enumerate(frame.to_dict("records"))
        if not is_missing(one["mean"])
    ]
    rows.sort(key=lambda one: -one.figure)
    title = message("book.segment_means").phrase
    return _draw(book, sheet, "Segments", _fewer(rows), scale.bounds, title, (row, 1), 720)


def _label(name: str) -> str:
    """A name that XlsxWriter does not take for the address of a cell."""
    return name.replace("!", "！")


def _fewer(rows: Sequence[_Row]) -> list[_Row]:
    if len(rows) <= MOST:
        return list(rows)
    return [*rows[: MOST // 2], *rows[-(MOST // 2) :]]


def _draw(
    book: Book,
    sheet: Worksheet,
    name: str,
    rows: Sequence[_Row],
    bounds: Sequence[float],
    title: Phrase,
    place: tuple[int, int],
    width: int,
) -> int:
    if not rows:
        return place[0]
    top = place[0]
    low, high = domain(
        np.array([v for one in rows for v in (one.figure, one.start) if v is not None]), bounds
    )
    # Round ends: a point just below the axis would lose its name.
    step = next(
        one for one in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if high - low <= 9 * one or one == 10.0
    )
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    _helpers(book, sheet, rows, top, low, bounds)
    tab = book.tab(name)

    def cells(column: int, first: int = 0, last: int = len(rows)) -> str:
        at = letter(_HELPERS + column)
        return f"={tab}!${at}${top + 1 + first}:${at}${top + last}"

    chart = book.workbook.add_chart({"type": "scatter"})
    # The names stand at the left edge, on points that are not seen.
    chart.add_series(
        {
            "categories": cells(3),
            "values": cells(2),
            "marker": {"type": "none"},
            "line": {"none": True},
            "data_labels": {
                "custom": [{"value": _label(one.name), "font": {"size": 8}} for one in rows],
                "value": True,
                "position": "left",
                "font": {"size": 8},
            },
        }
    )
    for tone, first, last in _tones(rows):
        ink = TONES[book.colours][tone][1]
        chart.add_series(
            {
                "categories": cells(0, first, last),
                "values": cells(2, first, last),
                "marker": {
                    "type": "diamond" if tone == "down" else "circle",
                    "size": 8 if tone == "down" else 7,
                    "fill": {"color": ink},
                    "border": {"color": ink},
                },
                "line": {"none": True},
                "x_error_bars": {
                    "type": "custom",
                    "plus_values": cells(4, first, last),
                    "minus_values": cells(5, first, last),
                    "end_style": 0,
                    "line": {"color": "#B8C0C8", "width": 2},
                },
            }
        )
    if any(one.start_link for one in rows):
        chart.add_series(
            {
                "categories": cells(1),
                "values": cells(2),
                "marker": {
                    "type": "square",
                    "size": 4,
                    "fill": {"color": "#8A939D"},
                    "border": {"color": "#8A939D"},
                },
                "line": {"none": True},
            }
        )
    for i, bound in enumerate(_edges(bounds)):
        dash = {} if bound == 0.0 else {"dash_type": "dash"}
        ink = "#1B1F24" if bound == 0.0 else "#8A939D"
        at, other = (letter(_HELPERS + column) for column in (6 + i, 6 + len(_edges(bounds))))
        chart.add_series(
            {
                "categories": f"={tab}!${at}${top + 1}:${at}${top + 2}",
                "values": f"={tab}!${other}${top + 1}:${other}${top + 2}",
                "marker": {"type": "none"},
                "line": {"color": ink, "width": 1, **dash},
            }
        )
    chart.set_title(book.chart_title(title))
    chart.set_legend({"none": True})
    chart.show_hidden_data()
    chart.set_x_axis(
        {
            "min": round(low, 4),
            "max": round(high, 4),
            "major_unit": step,
            "num_format": "[>0.004]+0%;[<-0.004]−0%;0%",
            "major_gridlines": {"visible": False},
            "label_position": "low",
            "num_font": {"size": 9},
        }
    )
    chart.set_y_axis(
        {
            "min": 0,
            "max": len(rows) + 1,
            "visible": False,
            "major_gridlines": {"visible": False},
        }
    )
    height = 90 + 19 * len(rows)
    # LibreOffice breaks long names of a low chart into lines, which would cover each other.
    if 5 * max(display_width(one.name) for one in rows) > height / 5:
        height = max(height, 90 + 36 * min(len(rows), 14))
    chart.set_size({"width": width, "height": height})
    chart.set_plotarea(
        {"layout": {"x": 0.26, "y": 44 / height, "width": 0.7, "height": 1 - 84 / height}}
    )
    sheet.insert_chart(*place, chart, {"object_position": 3})
    return top + height // 20 + 1


def _tones(rows: Sequence[_Row]) -> Iterator[tuple[Tone, int, int]]:
    """Rows of one tone that stand together, and where they begin and end."""
    first = 0
    for tone, group in groupby(rows, key=lambda one: one.tone):
        n = len(list(group))
        yield tone, first, first + n
        first += n


def _edges(bounds: Sequence[float]) -> list[float]:
    return [0.0, *(float(one) for one in bounds if one)]


def _helpers(
    book: Book,
    sheet: Worksheet,
    rows: Sequence[_Row],
    top: int,
    low: float,
    bounds: Sequence[float],
) -> None:
    """Columns that are folded away: figure, start, row, edge, the line's two lengths, bounds."""
    form = book.form(num_format="0.0%")
    here = [letter(_HELPERS + i) for i in range(2)]
    for i, one in enumerate(rows):
        at, number = top + i, top + i + 1
        sheet.write_formula(at, _HELPERS, one.link, form, one.figure)
        if one.start_link:
            sheet.write_formula(at, _HELPERS + 1, one.start_link, form, one.start)
        elif one.start is not None:
            sheet.write_number(at, _HELPERS + 1, one.start, form)
        sheet.write_number(at, _HELPERS + 2, len(rows) - i)
        sheet.write_number(at, _HELPERS + 3, round(low, 4), form)
        away = 0.0 if one.start is None else one.start - one.figure
        for column, sign in ((4, 1), (5, -1)):
            formula = (
                f"=IF(COUNT({here[0]}{number},{here[1]}{number})=2,"
                f"MAX(0,{'' if sign > 0 else '-'}({here[1]}{number}-{here[0]}{number})),0)"
            )
            sheet.write_formula(at, _HELPERS + column, formula, form, max(0.0, sign * away))
    edges = _edges(bounds)
    for end in (0, 1):
        for i, bound in enumerate(edges):
            sheet.write_number(top + end, _HELPERS + 6 + i, bound, form)
        sheet.write_number(top + end, _HELPERS + 6 + len(edges), end * (len(rows) + 1))
    sheet.set_column(_HELPERS, _HELPERS + 6 + len(edges), 9, None, {"hidden": True})
