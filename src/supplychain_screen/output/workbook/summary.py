"""Segments and Summary: what the calls add up to, counted and averaged by formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from supplychain_screen.output.columns import segment_rows
from supplychain_screen.output.sentences import (
    call_and_outcome,
    count_companies,
    count_mentions,
    headline,
    reason_counts,
    sector_sentence,
    three_numbers,
)
from supplychain_screen.output.text_columns import display_width
from supplychain_screen.output.workbook.drawings import company_chart, segment_chart
from supplychain_screen.output.workbook.method import Scale, level_formula, rating_formula
from supplychain_screen.output.workbook.sheet import TONES, Book, Field, Grid, Kind, letter
from supplychain_screen.words import COLUMNS, STATUSES, Phrase, is_missing, message, name_phrase

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from supplychain_screen.screening import Screening

__all__ = ["Segments", "write_segments", "write_summary"]

CHART_BARS: Final = 40
"""Most bars in a chart of segments."""


class Segments:
    """The Segments sheet as other sheets refer to it: its table, and its row of the total."""

    def __init__(self, grid: Grid, total: Grid) -> None:
        self.grid = grid
        self.total = total

    def total_cell(self, column: str) -> str:
        """Reference to a figure of the whole report."""
        return f"{self.grid.book.tab('Segments')}!${self.total.letter(column)}${self.total.first}"


def write_segments(book: Book, screening: Screening, scale: Scale, companies: Grid) -> Segments:
    """The sheet Segments: denominators and averages of each segment, then of the whole report."""
    note = message("book.segments_note").phrase
    sheet = book.sheet("Segments", message("book.segments").phrase, book.of(note))
    frame = screening.segments
    top = book.top_rows(1)
    by_number = _Criteria(companies, "segment_no", "{no}{r}")
    numbers = list(range(1, len(frame) + 1))
    whole = segment_rows(screening)[-1]
    counts = _level_counts(screening.companies, frame["segment"].tolist(), scale)
    grid = Grid(
        book, sheet, top, _segment_fields(book, frame, numbers, counts, scale, by_number)
    ).write(freeze="segment")
    once = screening.once.assign(segment="")
    total = Grid(
        book,
        sheet,
        grid.last + 1,
        _segment_fields(
            book,
            pd.DataFrame([whole]),
            [None],
            _level_counts(once, [""], scale),
            scale,
            _Criteria(companies, "counts", "1"),
        ),
    ).write(head=False, filters=False, bold=True, top=1)
    for one in (grid, total):
        book.rating_rules(sheet, one.cells("rating", sheet=False), scale.rules())
    segment_chart(book, sheet, grid, frame, screening, total.last + 2)
    _rating_chart(book, sheet, grid, scale, total.last + 2)
    return Segments(grid, total)


class _Criteria:
    """Which rows of Companies a row of Segments is made of: column ``name`` equals ``value``."""

    def __init__(self, companies: Grid, name: str, value: str) -> None:
        self.pair = f"{companies.cells(name)},{value}"
        self.test = f"{companies.cells(name)}={value}"
        self._companies = companies

    def cells(self, name: str) -> str:
        """A column of Companies."""
        return self._companies.cells(name)

    def count(self, name: str, criterion: str) -> str:
        """Count of those rows whose column ``name`` meets a criterion."""
        return f"COUNTIFS({self.pair},{self.cells(name)},{criterion})"

    def over(self, function: str) -> str:
        """A function of the relative returns of the rated ones among those rows."""
        rated = f"{self.cells('level')}>0"
        return f"{function}(IF(({self.test})*({rated}),{self.cells('relative_return')}))"


def _segment_fields(
    book: Book,
    frame: pd.DataFrame,
    numbers: Sequence[int | None],
    counts: Mapping[str, list[int]],
    scale: Scale,
    rows: _Criteria,
) -> list[Field]:
    total = f'SUMIFS({rows.cells("relative_return")},{rows.pair},{rows.cells("level")},">0")'

    def status(name: str) -> str:
        return rows.count("status", f'"{book.of(STATUSES[name])}"')

    def rated(figure: str) -> str:
        return f'IF({{rated}}{{r}}=0,"",{figure})'

    level_of_mean = f"IF(ISNUMBER({{mean}}{{r}}),{level_formula('{mean}{r}')},0)"
    hits = rows.count("level", '">"&ScaleZero') + "/{rated}{r}"
    levels = reversed([*zip(scale.levels, scale.labels, strict=True)])
    return [
        Field("no", message("book.segment_no").phrase, "integer", numbers, 8),
        book.field(frame, "segment", 26),
        book.field(frame, "mentions", 7, formula=f"COUNTIFS({rows.pair})"),
        book.field(frame, "listed", 7, formula=rows.count("listed", "1")),
        book.field(frame, "unlisted", 7, formula=status("unlisted")),
        book.field(frame, "unresolved", 11, formula=status("unresolved")),
        book.field(frame, "rated", 7, formula=rows.count("level", '">0"')),
        book.field(frame, "unrated", 7, formula="{listed}{r}-{rated}{r}"),
        book.field(frame, "unrated_reasons", 12),
        *(
            Field(
                f"n_{level}",
                Phrase(label, label),
                "integer",
                counts[level],
                max(9, 2 + max(map(display_width, label.split()))),
                formula=rows.count("level", str(scale.number(level))),
            )
            for level, label in levels
        ),
        book.field(frame, "mean", formula=rated(f"{total}/{{rated}}{{r}}")),
        book.field(frame, "median", formula=rated(rows.over("MEDIAN")), array=True),
        book.field(frame, "best", formula=rated(rows.over("MAX")), array=True),
        book.field(frame, "best_company", 13),
        book.field(frame, "worst", formula=rated(rows.over("MIN")), array=True),
        book.field(frame, "worst_company", 13),
        book.field(frame, "hit_rate", 10, formula=rated(hits)),
        book.field(frame, "leave_one_out_low", formula=_without("best")),
        book.field(frame, "leave_one_out_high", formula=_without("worst")),
        Field(
            "level",
            message("book.level").phrase,
            "integer",
            [scale.number(one) for one in frame["rating"]],
            7,
            formula=level_of_mean,
            hidden=True,
        ),
        book.field(frame, "rating", 17, formula=rating_formula("{level}{r}")),
    ]


def _without(extreme: str) -> str:
    """The mean when the best (or worst) member is left out."""
    return 'IF({rated}{r}<2,"",({mean}{r}*{rated}{r}-{' + extreme + "}{r})/({rated}{r}-1))"


def _level_counts(
    companies: pd.DataFrame, segments: list[Any], scale: Scale
) -> dict[str, list[int]]:
    counted = companies.groupby(["segment", "rating"]).size().to_dict()
    return {
        level: [int(counted.get((segment, level), 0)) for segment in segments]
        for level in scale.levels
    }


def _rating_chart(book: Book, sheet: Worksheet, grid: Grid, scale: Scale, row: int) -> None:
    """How many members of each segment reached each level."""
    shown = min(grid.rows, CHART_BARS)
    last = grid.first + shown - 1
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    at, tab = grid.letter("segment"), book.tab("Segments")
    patterns = {"up": "solid", "flat": "light_upward_diagonal", "down": "dark_horizontal"}
    for level, label, tone in zip(scale.levels, scale.labels, scale.tones, strict=True):
        column = grid.letter(f"n_{level}")
        _, ink = TONES[book.colours][tone]
        fill: dict[str, Any] = (
            {"fill": {"color": ink}}
            if patterns.get(tone, "solid") == "solid"
            else {
                "pattern": {"pattern": patterns[tone], "fg_color": ink, "bg_color": "#FFFFFF"},
                "border": {"color": ink},
            }
        )
        chart.add_series(
            {
                "name": label,
                "categories": f"={tab}!${at}${grid.first}:${at}${last}",
                "values": f"={tab}!${column}${grid.first}:${column}${last}",
                "gap": 60,
                **fill,
            }
        )
    chart.set_title(book.chart_title(message("book.ratings_by_segment").phrase))
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": {"size": 9}})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "major_unit": 1})
    _size_bars(chart, grid, shown)
    sheet.insert_chart(row, 11, chart, {"object_position": 3})


def _size_bars(chart: Any, grid: Grid, shown: int) -> None:
    """Give the names at the left the room they need, at most half of the chart."""
    width, height = 720, 130 + 26 * shown
    names = grid.fields[grid.column("segment")].values
    widest = max((display_width(str(name)) for name in names[:shown]), default=0)
    left = min(0.5, (6.0 * widest + 24) / width)
    top, foot = 44 / height, 66 / height
    chart.set_size({"width": width, "height": height})
    chart.set_plotarea(
        {"layout": {"x": left, "y": top, "width": 0.96 - left, "height": 1 - top - foot}}
    )


def write_summary(
    book: Book,
    screening: Screening,
    scales: tuple[Scale, Scale | None],
    companies: Grid,
    segments: Segments,
) -> None:
    """The sheet Summary: the result in a sentence, counts that reconcile, the sector call."""
    stock, sector = scales
    report = screening.report
    sheet = book.sheet("Summary", name_phrase(report.title, report.title_en))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 3, 17)
    row = book.top_rows()
    _sentence(book, sheet, row, headline(screening), last=14, wide=130, font_size=12)
    row = _tiles(book, sheet, screening, segments, row + 2)
    top = row + 1
    row = _scoreboard(book, sheet, screening, stock, companies, row + 1)
    row = _sector(book, sheet, screening, sector, segments, row + 1)
    row = _contents(book, sheet, row + 1)
    below = company_chart(book, sheet, screening, companies, top)
    sheet.print_area(0, 0, max(row, below), 14)


def _sentence(
    book: Book,
    sheet: Worksheet,
    row: int,
    said: Phrase,
    *,
    last: int,
    wide: int,
    font_size: int,
) -> None:
    """A bold sentence over the columns to ``last``, in as many lines of ``wide`` as it needs."""
    text = book.of(said)
    form = book.form(bold=True, font_size=font_size, text_wrap=True, valign="top")
    # What runs over the cells beside it is cut where the page ends, or another cell begins.
    sheet.merge_range(row, 0, row, last, "", form)
    book.text(sheet, row, 0, text, form)
    sheet.set_row(row, (font_size + 5) * max(1, -(-display_width(text) // wide)))


def _tiles(
    book: Book,
    sheet: Worksheet,
    screening: Screening,
    segments: Segments,
    row: int,
) -> int:
    """What was called and what it became, then the three numbers as equals."""
    name, figure = book.form(font_color="#59626D"), {"bold": True, "font_size": 18, "align": "left"}
    called = call_and_outcome(screening)
    tiles: list[tuple[str, Any, str]] = []
    if called is not None:
        tiles.append((book.of(message("card.called_became").phrase), book.of(called), ""))
    links = {0: segments.total_cell("mean"), 1: segments.total_cell("median")}
    for i, (phrase, _, value) in enumerate(three_numbers(screening)):
        tiles.append((book.of(phrase), value, links.get(i, "")))
    for at, (label, value, link) in enumerate(tiles):
        book.text(sheet, row, at, label, name)
        if isinstance(value, str):
            book.text(sheet, row + 1, at, value, book.form(bold=True, font_size=14))
            continue
        form = book.form(**figure, num_format="+0.0%;−0.0%;0.0%")
        shown = "" if is_missing(value) else float(value)
        if link:
            sheet.write_formula(row + 1, at, f'=IF(ISNUMBER({link}),{link},"")', form, shown)
        elif shown != "":
            sheet.write_number(row + 1, at, shown, form)
    sheet.set_row(row + 1, 28)
    return row + 2


def _scoreboard(
    book: Book, sheet: Worksheet, screening: Screening, scale: Scale, companies: Grid, row: int
) -> int:
    """Mentions and companies by rating, adding up to all of them."""
    heads = (
        COLUMNS["rating"],
        COLUMNS["mentions"],
        message("book.companies_once").phrase,
    )
    for column, phrase in enumerate(heads):
        kind: Kind = "integer" if column else "text"
        book.text(sheet, row, column, book.of(phrase), book.head_form(kind, indent=0))
    level, counts, listed = (companies.cells(one) for one in ("level", "counts", "listed"))
    found = (count_mentions(screening), count_companies(screening))
    lines: list[tuple[str, str, tuple[int, int]]] = []
    for name, label in reversed([*zip(scale.levels, scale.labels, strict=True)]):
        values = (found[0].ratings[name], found[1].ratings[name])
        lines.append((label, f"{level},{scale.number(name)}", values))
    unrated = (found[0].listed - found[0].rated, found[1].listed - found[1].rated)
    phrase = message("book.listed_unrated").phrase
    lines.append((book.of(phrase), f"{level},0,{listed},1", unrated))
    status = companies.cells("status")
    for phrase, off in (
        (STATUSES["unlisted"], (found[0].unlisted, found[1].unlisted)),
        (STATUSES["unresolved"], (found[0].unresolved, found[1].unresolved)),
    ):
        word = book.of(phrase)
        lines.append((word, f'{status},"{word}"', off))
    first = row + 2
    for label_text, criteria, values in lines:
        row += 1
        book.text(sheet, row, 0, label_text)
        mentions, once = values
        sheet.write_formula(row, 1, f"=COUNTIFS({criteria})", book.form(), mentions)
        sheet.write_formula(row, 2, f"=COUNTIFS({criteria},{counts},1)", book.form(), once)
    book.rating_rules(sheet, f"A{first}:A{row + 1}", scale.rules())
    row += 1
    bold = book.form(bold=True, top=1)
    book.text(sheet, row, 0, book.of(message("book.sum").phrase), bold)
    for column, n in ((1, found[0].all), (2, found[1].all)):
        at = letter(column)
        sheet.write_formula(row, column, f"=SUM({at}{first}:{at}{row})", bold, n)
    row += 1
    everything = companies.cells("order")
    book.text(sheet, row, 0, book.of(message("book.check").phrase))
    for column, whole in ((1, f"COUNT({everything})"), (2, f"SUM({counts})")):
        at = letter(column)
        sheet.write_formula(
            row, column, f'=IF({at}{row}={whole},"✓","✗")', book.form(align="right"), "✓"
        )
    row += 1
    why = book.of(reason_counts(found[0].reasons))
    if why:
        book.text(sheet, row, 0, book.of(message("book.reasons").phrase))
        book.text(sheet, row, 1, why)
    return row + 1


def _sector(
    book: Book,
    sheet: Worksheet,
    screening: Screening,
    scale: Scale | None,
    segments: Segments,
    row: int,
) -> int:
    """The report's own sector rating against the equal-weighted basket, by formula."""
    found, sentence = screening.sector_call, sector_sentence(screening)
    if not found or sentence is None or scale is None:
        return row
    _sentence(book, sheet, row, sentence, last=3, wide=70, font_size=10)
    if found.get("reason"):
        # Nothing to calculate: the scale states no number.
        return row + 1
    mean, published = segments.total_cell("mean"), scale.label(found["published_rating"])
    relative = found["relative_return"]
    shown = "" if is_missing(relative) else float(relative)
    level = scale.number(found["realised_rating"])
    open_still = is_missing(found["agrees"])
    agrees = "" if level == 0 or open_still else "✓" if found["agrees"] else "✗"
    lines: list[tuple[Phrase, str | None, Any, Any]] = [
        (message("book.sector_rating").phrase, None, published, book.form()),
        (
            message("book.sector_return").phrase,
            f'=IF(ISNUMBER({mean}),{mean},"")',
            shown,
            book.kind_form("percent", align="left"),
        ),
        (
            message("book.level").phrase,
            f"=IF(ISNUMBER(B{row + 3}),{level_formula(f'B{row + 3}', 'Sector')},0)",
            level,
            book.form(align="left"),
        ),
        (
            message("book.realised_rating").phrase,
            "=" + rating_formula(f"B{row + 4}", "Sector"),
            scale.label(found["realised_rating"]),
            book.form(),
        ),
        (
            message("book.agrees").phrase,
            None if open_still else f'=IF(B{row + 4}=0,"",IF(B{row + 5}=B{row + 2},"✓","✗"))',
            agrees,
            book.form(),
        ),
    ]
    first = row + 2
    for phrase, formula, value, form in lines:
        row += 1
        book.text(sheet, row, 0, book.of(phrase))
        if formula is None:
            book.text(sheet, row, 1, value, form)
        else:
            sheet.write_formula(row, 1, formula, form, value)
    book.rating_rules(sheet, f"B{first}:B{row + 1}", scale.rules())
    return row + 1


def _contents(book: Book, sheet: Worksheet, row: int) -> int:
    contents = {
        "Segments": message("book.segments_about").phrase,
        "Figures": message("skill.skill_or_weather").phrase,
        "Companies": message("book.companies").phrase,
        "Evidence": message("book.evidence_about").phrase,
        "Paths": message("book.paths").phrase,
        "Unrated": message("book.unrated").phrase,
        "Findings": message("book.findings_about").phrase,
        "Method": message("book.method_about").phrase,
    }
    link = book.form(font_color="#1F4E9E", underline=1)
    for name, phrase in contents.items():
        tab = book.tab(name)
        sheet.write_url(row, 0, f"internal:{tab}!A1", link, tab.strip("'"))
        book.text(sheet, row, 1, book.of(phrase))
        row += 1
    return row
