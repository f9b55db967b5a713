"""Paths: relative return by day, of the report, of each segment and of each mention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from supplychain_screen.output.columns import column
from supplychain_screen.output.path_grid import paths_of, spaced
from supplychain_screen.output.workbook.sheet import Book, Field, Grid
from supplychain_screen.words import Phrase, bound_percent, is_missing, message

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from supplychain_screen.screening import Screening

__all__ = ["write_paths"]

PATH_CELLS: Final = 150_000
"""Most figures on the sheet Paths; more mentions get fewer days each, and the sheet says so."""

CHART_LINES: Final = 12
"""Most lines in the chart of paths: more cannot be told apart."""


def write_paths(book: Book, screening: Screening) -> None:
    """The sheet Paths: relative return by day, of the report, each segment and each mention."""
    paths = paths_of(screening)
    companies = screening.companies
    columns = 2 + len(paths.means) + len(paths.members)
    kept = spaced(len(paths.days), max(2, PATH_CELLS // columns))
    thinned = len(kept) < len(paths.days)
    notes = [book.of(message("book.paths_note").phrase)]
    if thinned:
        notes.append(book.of(message("book.paths_thinned", n=len(paths.days), n2=len(kept)).phrase))
    sheet = book.sheet("Paths", message("book.paths").phrase, *notes)
    names = [
        str(name) if is_missing(symbol) else f"{name} {symbol}"
        for name, symbol in zip(book.texts(companies, "company"), companies["symbol"], strict=True)
    ]
    segments = book.texts(screening.segments, "segment")
    whole = book.of(message("book.all").phrase)
    lines = [(whole, paths.total), *zip(segments, paths.means, strict=True)]
    fields = [Field("day", column("session").title, "date", paths.days[kept], 12)]
    for i, (name, values) in enumerate([*lines, *zip(names, paths.members, strict=True)]):
        label = Phrase(str(name), str(name))
        fields.append(Field(f"c{i}", label, "percent", values[kept], 11))
    bounds = [float(one) for one in screening.report.standard.stock.bounds if one]
    for i, bound in enumerate(bounds):
        label = message("book.bound", bound=bound_percent(bound)).phrase
        fields.append(Field(f"b{i}", label, "percent", [bound] * len(kept), 11, hidden=True))
    chart_rows = 23
    grid = Grid(book, sheet, book.top_rows(len(notes)) + chart_rows, fields).write(
        filters=False, head_height=62
    )
    sheet.freeze_panes(0, 1)
    if grid.rows:
        shown = min(len(lines), CHART_LINES)
        _path_chart(book, sheet, grid, shown, len(bounds), book.top_rows(len(notes)))
    # The figures are for formulas and scripts; forty columns on one page nobody can read.
    sheet.print_area(0, 0, grid.top - 1, 14)


def _path_chart(
    book: Book, sheet: Worksheet, grid: Grid, lines: int, bounds: int, row: int
) -> None:
    tab = book.tab("Paths")
    chart = book.workbook.add_chart({"type": "line"})
    colours = (
        "#111111",
        "#3B6FB6",
        "#C2552D",
        "#3F8F5B",
        "#8A5BA6",
        "#B0892A",
        "#4AA3A3",
        "#A63D6A",
        "#6B7785",
        "#7A9E2E",
        "#D08A8A",
        "#5B6BC0",
    )
    dashes = ("solid", "dash", "round_dot", "long_dash_dot")
    for i in range(lines):
        at = grid.letter(f"c{i}")
        chart.add_series(
            {
                "name": f"={tab}!${at}${grid.top + 1}",
                "categories": f"={grid.cells('day')}",
                "values": f"={grid.cells(f'c{i}')}",
                "line": {
                    "color": colours[i % len(colours)],
                    "width": 3 if i == 0 else 1.25,
                    "dash_type": dashes[(i // 4) % len(dashes)],
                },
            }
        )
    for i in range(bounds):
        chart.add_series(
            {
                "name": f"={tab}!${grid.letter(f'b{i}')}${grid.top + 1}",
                "categories": f"={grid.cells('day')}",
                "values": f"={grid.cells(f'b{i}')}",
                "line": {"color": "#8A939D", "width": 1, "dash_type": "dash"},
            }
        )
    # The bounds stand in columns that are folded away.
    chart.show_hidden_data()
    chart.set_title(book.chart_title(message("book.mean_paths").phrase))
    chart.set_x_axis(
        {
            "date_axis": True,
            "num_format": "yyyy-mm",
            "major_unit": 1,
            "major_unit_type": "months",
            "label_position": "low",
            "num_font": {"size": 9},
        }
    )
    chart.set_y_axis(
        {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}}
    )
    bound_entries = list(range(lines, lines + bounds))
    chart.set_legend({"position": "right", "font": {"size": 9}, "delete_series": bound_entries})
    chart.set_size({"width": 1080, "height": 440})
    sheet.insert_chart(row, 1, chart, {"object_position": 3})
