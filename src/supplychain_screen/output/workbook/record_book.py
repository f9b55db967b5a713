"""The workbook of a track record: league, calibration, months, and every call with its closes.

Closes and dates of the calls are values; returns, right or wrong, and the counts of the first
league and of the calibration are formulas over them, with their results.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from supplychain_screen.output.columns import Column, Style
from supplychain_screen.output.record_columns import (
    MONTH_COLUMNS,
    SIDE_COLUMNS,
    TARGET_COLUMNS,
    league_columns,
)
from supplychain_screen.output.record_sentences import (
    calibration_sentences,
    denominator_sentences,
    finding,
    group_head,
    league_sentences,
    league_title,
    leagues_of,
    method_lines,
    missing_parts,
    month_sentences,
    record_notices,
    target_rows,
    target_sentences,
)
from supplychain_screen.output.workbook.book import new_workbook
from supplychain_screen.output.workbook.method import Scale
from supplychain_screen.output.workbook.sheet import Book, Field, Grid
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import (
    REASONS,
    RECORD_HEADS,
    RECORD_ROW_REASONS,
    RECORD_VERDICTS,
    Colours,
    Lang,
    Phrase,
    default_colours,
    is_missing,
    message,
    say,
)

if TYPE_CHECKING:
    from supplychain_screen.record import League, LeagueKey, TrackRecord

__all__ = ["record_workbook_bytes", "write_record_workbook"]

CALLS: Final = 50_000
"""Most calls that the workbook lists; a spreadsheet of more opens slowly, so it has none then."""

LEAGUE_ROWS: Final = 20_000
"""Most rows of a league written; the tables have all."""

COUNTED: Final = 20_000_000
"""Most comparisons of counting formulas, beyond which counts are values."""

TOLERANCE: Final = 1e-9


def write_record_workbook(
    record: TrackRecord,
    path: str | Path,
    lang: Lang = "zh",
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
    colours: Colours | None = None,
) -> Path:
    """Write ``record`` as one Excel workbook.

    Parameters
    ----------
    record : TrackRecord
    path : str or Path
        The file; replaced whole or not at all.
    lang : {"zh", "en"}
        Language of the tabs, titles and heads.
    by : str or sequence of str
        What leagues are made by; each has a sheet.
    window : str, optional
        ``6m``; the first where it is not given.
    colours : {"china", "west", "blue"}, optional
        Which colour means up; what readers of the language are used to where it is left out.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    CallsError
        There is no such league or window.
    OutputError
        If the file cannot be written.

    Notes
    -----
    Up to 50,000 calls are listed, with formulas; beyond that the calls are in the tables only.
    The same record gives the same bytes.
    """
    return write_file(path, record_workbook_bytes(record, lang, by, window, colours))


def record_workbook_bytes(
    record: TrackRecord,
    lang: Lang = "zh",
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
    colours: Colours | None = None,
) -> bytes:
    """The workbook of `write_record_workbook` in memory."""
    leagues = leagues_of(record, by, window)
    window = leagues[0].window
    target = io.BytesIO()
    workbook = new_workbook(target)
    workbook.set_properties(
        {
            "title": ("SIMULATED " if record.simulated else "") + RECORD_HEADS["title"].en,
            "subject": f"as of {record.as_of}",
            "author": "supplychain_screen",
            "comments": message("record.disclaimer").of("en"),
            # The clock would make other bytes of the same inputs.
            "created": datetime.combine(record.as_of, time()),
        }
    )
    banner = [(one.kind, one.text.of(lang)) for one in record_notices(record, window)]
    banner.append(("note", message("record.disclaimer").of(lang)))
    listed = record.denominators["runs"] <= CALLS
    tabs = {
        "Summary": message("book.tab_summary"),
        **{_sheet_name(one.by): message("book.tab_league", by=one.by) for one in leagues},
        "Calibration": message("book.tab_calibration"),
        "Months": message("book.tab_months"),
        **({"Targets": message("book.tab_targets")} if record.has_targets else {}),
        **({"Calls": message("book.tab_calls")} if listed else {}),
        "Unrated": message("book.tab_unrated"),
        "Method": message("book.tab_method"),
    }
    style = Style(record.standard.stock)
    shades = colours or default_colours(lang)
    named = {key: tab.of(lang) for key, tab in tabs.items()}
    book = Book(workbook, lang, shades, record.simulated, banner, named, style)
    calls = _write_calls(book, record, leagues[0], window) if listed else None
    for at, league in enumerate(leagues):
        _write_league(book, league, calls if at == 0 else None)
    _write_calibration(book, record, window, calls)
    _write_months(book, record, window)
    if record.has_targets:
        _write_targets(book, record, window)
    _write_unrated(book, record)
    _write_summary(book, record, leagues[0], window, listed)
    _write_method(book, record, leagues, window)
    workbook.close()
    return target.getvalue()


def _sheet_name(key: str) -> str:
    return f"League {key}"


def _lines(book: Book, sheet: Any, row: int, lines: Sequence[Phrase], span: int = 8) -> int:
    """Sentences below each other, each across ``span`` columns; returns the next free row."""
    wrapped = book.form(text_wrap=True, valign="top")
    for line in lines:
        text = book.of(line)
        sheet.merge_range(row, 0, row, span, "", wrapped)
        book.text(sheet, row, 0, text, wrapped)
        wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text)
        sheet.set_row(row, 14 * max(1, -(-wide // 118)))
        row += 1
    return row


_WIDTHS: Final = {"text": 11, "word": 15, "name": 24, "integer": 9}
"""Characters of a column by its kind."""


def _field(book: Book, frame: pd.DataFrame, shown: Column) -> Field:
    return book.field(frame, shown, _WIDTHS.get(shown.kind, 11))


def _columns_of(record: TrackRecord, window: str, keys: str) -> list[Column]:
    wanted = keys.split()
    return [one for one in league_columns(record.league("side", window)) if one.key in wanted]


def _write_summary(
    book: Book, record: TrackRecord, league: League, window: str, listed: bool
) -> None:
    sheet = book.sheet("Summary", RECORD_HEADS["title"])
    row = book.top_rows()
    bold = book.form(bold=True, font_size=12, text_wrap=True, valign="top")
    text = book.of(finding(record, league))
    sheet.merge_range(row, 0, row, 8, "", bold)
    book.text(sheet, row, 0, text, bold)
    sheet.set_row(row, 36)
    row += 2
    sides = record.league("side", window).frame.sort_values("side", ascending=False)
    kept = [
        *SIDE_COLUMNS[:3],
        *_columns_of(record, window, "beat_low beat_high"),
        *SIDE_COLUMNS[4:6],
        *_columns_of(record, window, "mean_low mean_high mean_reason"),
        SIDE_COLUMNS[-1],
    ]
    fields = [_field(book, sides, one) for one in kept]
    Grid(book, sheet, row, fields).write(filters=False)
    row += len(sides) + 3
    parts = missing_parts(record, window)
    fields = [
        Field("part", RECORD_HEADS["part"], "text", [book.of(part.name) for part in parts], 22),
        Field("n", RECORD_HEADS["n"], "integer", [part.n for part in parts]),
        Field("share", RECORD_HEADS["share"], "points", [part.share for part in parts]),
    ]
    Grid(book, sheet, row, fields).write(filters=False, head_height=18)
    row += len(parts) + 2
    row = _lines(book, sheet, row, denominator_sentences(record, window))
    if not listed:
        _lines(book, sheet, row, [message("record.workbook.no_calls", most=CALLS).phrase])


def _write_league(book: Book, league: League, calls: _Calls | None) -> None:
    sentences = league_sentences(league)
    sheet = book.sheet(_sheet_name(league.by), league_title(league))
    row = book.top_rows()
    if sentences:
        row = _lines(book, sheet, row, sentences, 12) + 1
    frame = league.frame.head(LEAGUE_ROWS)
    if len(frame) < len(league.frame):
        row = _lines(
            book,
            sheet,
            row,
            [message("record.workbook.rows", n=len(frame), of=len(league.frame)).phrase],
        )
    fields = [Field("no", RECORD_HEADS["no"], "integer", np.arange(1, len(frame) + 1), 6)]
    fields += [_field(book, frame, column) for column in league_columns(league)]
    grid = Grid(book, sheet, row, fields)
    if calls is not None and calls.numbered and len(frame) * calls.grid.rows <= COUNTED:
        _count_by_formulas(grid, calls)
    grid.write(freeze=league.by, printed="no_prices_share", head_height=46)
    rules = [
        (say(RECORD_VERDICTS, "better", book.lang), "up"),
        (say(RECORD_VERDICTS, "worse", book.lang), "down"),
        (say(RECORD_VERDICTS, "too_few", book.lang), "none"),
    ]
    book.rating_rules(sheet, grid.cells("verdict", sheet=False), rules)  # type: ignore[arg-type]


def _count_by_formulas(grid: Grid, calls: _Calls) -> None:
    """Counts and rates of a league as formulas over the sheet Calls."""
    numbers, right, reached = (calls.grid.cells(name) for name in ("no", "right", "reached"))

    def counted(cells: str, value: str) -> str:
        return f"COUNTIFS({numbers},{{no}}{{r}},{cells},{value})"

    formulas = {
        "beats": counted(right, "1"),
        "beat_n": f"{{beats}}{{r}}+{counted(right, '0')}",
        "beat": 'IF({beat_n}{r}=0,"",{beats}{r}/{beat_n}{r})',
        "reaches": counted(reached, "1"),
        "reached_n": f"{{reaches}}{{r}}+{counted(reached, '0')}",
        "reached": 'IF({reached_n}{r}=0,"",{reaches}{r}/{reached_n}{r})',
    }
    for one in grid.fields:
        one.formula = formulas.get(one.name)


def _write_calibration(book: Book, record: TrackRecord, window: str, calls: _Calls | None) -> None:
    frame = record.calibration(window)
    sentences = calibration_sentences(record, frame) or ()
    sheet = book.sheet("Calibration", RECORD_HEADS["calibration"])
    row = _lines(book, sheet, book.top_rows(), sentences) + 1
    labels = Scale.read(book, record.standard.stock, "Scale")
    heads = RECORD_HEADS
    called = [labels.label(name) for name in frame["called"]]
    realised = [labels.label(name) for name in frame["realised"]]
    grid = Grid(
        book,
        sheet,
        row,
        [
            Field("called", heads["called"], "text", called, 22),
            Field("realised", heads["realised"], "text", realised, 22),
            Field("n", heads["n"], "integer", frame["n"]),
            Field("called_n", heads["called_n"], "integer", frame["called_n"]),
            Field("share", heads["share"], "points", frame["share"]),
            Field("low", heads["low"], "points", frame["low"]),
            Field("high", heads["high"], "points", frame["high"]),
        ],
    )
    # COUNTIFS takes * ? ~ in a text for patterns.
    plain = not any(sign in label for label in labels.labels for sign in "*?~")
    if calls is not None and plain:
        formulas = {
            "n": f"COUNTIFS({calls.grid.cells('called')},{{called}}{{r}},"
            f"{calls.grid.cells('realised')},{{realised}}{{r}})",
            "called_n": f"SUMIFS({grid.cells('n', sheet=False)},"
            f"{grid.cells('called', sheet=False)},{{called}}{{r}})",
            "share": 'IF({called_n}{r}=0,"",{n}{r}/{called_n}{r})',
        }
        for one in grid.fields:
            one.formula = formulas.get(one.name)
    grid.write()
    for name in ("called", "realised"):
        book.rating_rules(sheet, grid.cells(name, sheet=False), labels.rules())


def _write_months(book: Book, record: TrackRecord, window: str) -> None:
    frame = record.by_month(window)
    sheet = book.sheet("Months", RECORD_HEADS["months"])
    row = _lines(book, sheet, book.top_rows(), month_sentences(frame)) + 1
    fields = [_field(book, frame, column) for column in MONTH_COLUMNS]
    grid = Grid(book, sheet, row, fields).write()
    if not (frame["beat_n"] > 0).any():
        return
    chart = book.workbook.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": book.of(RECORD_HEADS["beat"]),
            "categories": "=" + grid.cells("month"),
            "values": "=" + grid.cells("beat"),
            "line": {"color": "#1d4f80", "width": 1.75},
            "marker": {"type": "circle", "size": 5, "fill": {"color": "#1d4f80"}},
        }
    )
    chart.set_title(book.chart_title(RECORD_HEADS["months"]))
    chart.set_legend({"none": True})
    lines = {"visible": True, "line": {"color": "#DDDDDD"}}
    chart.set_y_axis({"num_format": "0%", "major_gridlines": lines})
    chart.set_size({"width": 640, "height": 300})
    sheet.insert_chart(row, len(fields) + 1, chart, {"object_position": 3})


@dataclass(frozen=True, slots=True)
class _Calls:
    """The table of the calls, and whether its rows say which row of the league they are in."""

    grid: Grid
    numbered: bool


def _write_calls(book: Book, record: TrackRecord, league: League, window: str) -> _Calls:
    frame = record.calls
    sheet = book.sheet("Calls", RECORD_HEADS["calls"])
    labels = Scale.read(book, record.standard.stock, "Scale")
    heads = RECORD_HEADS
    place = {name: at for at, name in enumerate(league.frame[league.by], start=1)}
    rated = frame[f"{window}_reason"].isna()
    links: list[int | None] = [0 if ok else None for ok in rated]
    judged: list[int | None] = [
        0 if ok and not is_missing(told) else None
        for ok, told in zip(rated, frame[f"{window}_beat"], strict=True)
    ]
    comparison = {
        "difference": "{stock_return}{r}-{benchmark_return}{r}",
        "ratio": "(1+{stock_return}{r})/(1+{benchmark_return}{r})-1",
        # Own returns are rated, and no benchmark is named: there is nothing to compare.
        "own": None,
    }[record.population.against.rules.comparison]

    def texts(name: str) -> list[Any]:
        return frame[name].astype(object).tolist() if name in frame else [None] * len(frame)

    def label(name: str) -> list[str | None]:
        return [
            None if is_missing(one) else labels.label(one) for one in frame[name].astype(object)
        ]

    def result(name: str) -> list[int | None]:
        return [None if is_missing(one) else int(one) for one in frame[name].astype(object)]

    reasons = [
        None if is_missing(one) else say(REASONS, one, book.lang)
        for one in frame[f"{window}_reason"].astype(object)
    ]
    groups = _groups_of(frame, league)
    numbers = [place.get(name) for name in groups] if groups else [None] * len(frame)
    realised = label(f"{window}_realised")
    fields = [
        Field("published", heads["published"], "date", frame["published"], 11),
        Field("firm", group_head("firm"), "text", texts("firm"), 22),
        Field("analyst", group_head("analyst"), "text", texts("analyst"), 14),
        Field("listing", heads["listing"], "text", texts("listing"), 14),
        Field("word", heads["word"], "text", texts("word"), 16),
        Field("called", heads["called"], "text", label("called"), 16),
        Field("side", heads["side"], "integer", frame["side"], 6),
        Field("fresh", heads["fresh_one"], "integer", frame["fresh"].astype(int), 6),
        Field("changed_on", heads["changed_on"], "date", frame["changed_on"], 11),
        Field("base_session", heads["base_session"], "date", frame["base_session"], 11),
        Field("base_close", heads["base_close"], "price", frame["base_close"], 10),
        Field("end_session", heads["end_session"], "date", frame[f"{window}_end_session"], 11),
        Field("end_close", heads["end_close"], "price", frame[f"{window}_end_close"], 10),
        Field("benchmark", heads["benchmark"], "text", texts("benchmark"), 13),
        Field("benchmark_base", heads["benchmark_base"], "price", frame["benchmark_base"], 10),
        Field(
            "benchmark_end", heads["benchmark_end"], "price", frame[f"{window}_benchmark_end"], 10
        ),
        Field(
            "stock_return",
            heads["stock_return"],
            "percent",
            frame[f"{window}_return"],
            9,
            "{end_close}{r}/{base_close}{r}-1",
            links=links,
        ),
        Field(
            "benchmark_return",
            heads["benchmark_return"],
            "percent",
            frame[f"{window}_benchmark_return"],
            9,
            "{benchmark_end}{r}/{benchmark_base}{r}-1",
            links=links,
        ),
        Field(
            "relative",
            heads["relative_return"],
            "percent",
            frame[f"{window}_relative_return"],
            9,
            comparison,
            links=links,
        ),
        Field("realised", heads["realised"], "text", realised, 16),
        Field(
            "right",
            heads["right"],
            "integer",
            result(f"{window}_beat"),
            6,
            "IF({side}{r}=0,IF({realised}{r}={called}{r},1,0),"
            "IF({side}{r}*{relative}{r}-Cost>RecordTolerance,1,0))",
            links=judged,
        ),
        Field("reached", heads["reaches"], "integer", result(f"{window}_reached"), 6),
        Field("reason", heads["reason"], "text", reasons, 16),
        Field("no", heads["no"], "integer", numbers, 6),
    ]
    grid = Grid(book, sheet, book.top_rows(), fields).write(freeze="listing", printed="reason")
    for name in ("called", "realised"):
        book.rating_rules(sheet, grid.cells(name, sheet=False), labels.rules())
    return _Calls(grid, numbered=groups is not None)


def _groups_of(frame: pd.DataFrame, league: League) -> list[Any] | None:
    """Which row of the league each call belongs to, where a column of the calls says so."""
    if league.by == "year":
        return [None if is_missing(day) else day.year for day in frame["published"]]
    column = {"level": "called"}.get(league.by, league.by)
    # A league by analyst is over runs of its own, which are not the ones listed.
    if column not in frame or league.by == "analyst":
        return None
    return frame[column].astype(object).tolist()


def _write_targets(book: Book, record: TrackRecord, window: str) -> None:
    sheet = book.sheet("Targets", RECORD_HEADS["targets"])
    row = _lines(book, sheet, book.top_rows(), target_sentences(record, window)) + 1
    rows = target_rows(record, window).head(LEAGUE_ROWS)
    if len(rows):
        fields = [_field(book, rows, column) for column in TARGET_COLUMNS]
        Grid(book, sheet, row, fields).write(freeze="firm")


def _write_unrated(book: Book, record: TrackRecord) -> None:
    frame = record.unrated.head(CALLS)
    heads = RECORD_HEADS
    note = message("record.workbook.unrated", n=len(record.unrated)).phrase
    sheet = book.sheet("Unrated", heads["missing"], book.of(note))
    words = {**REASONS, **RECORD_ROW_REASONS}
    reasons = [say(words, one, book.lang) for one in frame["reason"].astype(object)]
    fields = [
        Field("published", heads["published"], "date", frame["published"], 11),
        Field("firm", group_head("firm"), "text", frame["firm"].astype(object), 24),
        Field("listing", heads["listing"], "text", frame["listing"].astype(object), 16),
        Field("word", heads["word"], "text", frame["word"].astype(object), 18),
        Field("reason", heads["reason"], "text", reasons, 22),
    ]
    Grid(book, sheet, book.top_rows(1), fields).write(freeze="published")


def _write_method(book: Book, record: TrackRecord, leagues: Sequence[League], window: str) -> None:
    sheet = book.sheet("Method", RECORD_HEADS["method"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 8, 14)
    row = book.top_rows()
    bold = book.form(bold=True, valign="top")
    for name, value, head in (
        ("Cost", record.cost_bps / 10_000, RECORD_HEADS["cost"]),
        ("RecordTolerance", TOLERANCE, RECORD_HEADS["tolerance"]),
    ):
        book.text(sheet, row, 0, book.of(head), bold)
        sheet.write_number(row, 1, value, book.form(align="left"))
        book.workbook.define_name(name, f"=Method!$B${row + 1}")
        row += 1
    row += 1
    pairs = method_lines(record, window)
    for league in leagues:
        sentences = league_sentences(league)
        if sentences:
            pairs.append((league_title(league), sentences[1]))
    pairs.append((RECORD_HEADS["notice"], message("record.past").phrase))
    wrapped = book.form(text_wrap=True, valign="top")
    for head, body in pairs:
        book.text(sheet, row, 0, book.of(head), bold)
        text = book.of(body)
        sheet.merge_range(row, 1, row, 6, "", wrapped)
        book.text(sheet, row, 1, text, wrapped)
        wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text)
        sheet.set_row(row, 14 * max(1, -(-wide // 84)))
        row += 1
