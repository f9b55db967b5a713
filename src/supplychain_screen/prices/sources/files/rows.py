"""The slow reading of a price file: row by row, naming everything that is wrong with it."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np

from supplychain_screen.errors import Problem
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.prices.sources.files.columns import MISSING, Bars, Wish, match_symbols
from supplychain_screen.prices.sources.files.dates import day_in_zone, parse_stamp
from supplychain_screen.prices.sources.files.layout import Layout, stem_of

__all__ = ["read_rows"]

_NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?")
_NAN = re.compile(r"[+-]?nan([(].*[)])?")
_SHOWN = 20
"""Rows named for one fault of one column; the rest are counted."""

Row = tuple[int, Sequence[Any]]


class _Reading:
    """What was understood of one file so far, and what was not."""

    def __init__(self, layout: Layout, wish: Wish) -> None:
        self.layout = layout
        self.wish = wish
        self.problems: list[Problem] = []
        self.bars: list[tuple[int, int, float, float, int]] = []
        self.n_rows = 0
        self._seen: Counter[tuple[str, str | None]] = Counter()

    def complain(
        self,
        message: str,
        remedy: str,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        key = (message, column)
        self._seen[key] += 1
        if self._seen[key] <= _SHOWN:
            text = None if value is None else _printable(str(value))
            self.problems.append(Problem(message, remedy, self.layout.label, row, column, text))

    def close(self) -> None:
        """Count what was not named."""
        for (message, column), seen in self._seen.items():
            if seen > _SHOWN:
                self.problems.append(
                    Problem(
                        f"{message}: {seen - _SHOWN} more rows",
                        "",
                        self.layout.label,
                        None,
                        column,
                    )
                )

    def name(self, at: int) -> str:
        return self.layout.names[at]


def read_rows(layout: Layout, wish: Wish) -> Bars:
    """Rows of the asked instruments, each with its line, and every problem of the file.

    Parameters
    ----------
    layout : Layout
        The file.
    wish : Wish
        What is wanted of it.

    Returns
    -------
    Bars
        ``row`` is the line of a text file, its header included, and the record of a Parquet
        file, the first being 1.
    """
    reading = _Reading(layout, wish)
    rows = list(_rows(reading))
    found = _read_wide(reading, rows) if layout.form == "wide" else _read_long(reading, rows)
    if not reading.n_rows and not reading.problems:
        reading.complain("no rows under the header", "save the prices again")
    reading.close()
    who, day, close, volume, row = zip(*reading.bars, strict=True) if reading.bars else [()] * 5
    return Bars(
        layout,
        found,
        np.array(who, np.int64),
        np.array(day, np.int64),
        np.array(close, np.float64),
        np.array(volume, np.float64),
        np.array(row, np.int64),
        reading.problems,
    )


def _rows(reading: _Reading) -> Iterator[Row]:
    """Line (or record) number and cells of each row that says anything."""
    source = _parquet_rows if reading.layout.kind == "parquet" else _text_rows
    for number, cells in source(reading):
        if any(cell is not None and str(cell).strip() for cell in cells):
            reading.n_rows += 1
            yield number, cells


def _parquet_rows(reading: _Reading) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(reading.layout.path)
    except (pa.ArrowException, OSError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        reading.complain(f"the Parquet file is damaged: {first}", "copy or write it again")
        return
    columns = [column.to_pylist() for column in table.columns]
    yield from enumerate(zip(*columns, strict=True), start=1)


def _text_rows(reading: _Reading) -> Iterator[Row]:
    layout = reading.layout
    line = 0
    try:
        with (
            gzip.open(layout.path, "rb") if layout.kind == "gzip" else layout.path.open("rb")
        ) as raw:
            # Bytes that are no UTF-8 matter only in the cells that are used.
            text = io.TextIOWrapper(
                cast(io.BufferedReader, raw), "utf-8-sig", errors="surrogateescape", newline=""
            )
            for _ in range(layout.header_lines):
                text.readline()
            records = csv.reader(text, delimiter=layout.delimiter)
            for cells in records:
                yield layout.header_lines + line + 1, cells
                line = records.line_num
    except EOFError:
        reading.complain(
            f"the gzip file is cut off after row {layout.header_lines + line}",
            "copy or download it again",
        )
    except (zlib.error, gzip.BadGzipFile) as error:
        reading.complain(
            f"the gzip file is damaged after row {layout.header_lines + line}: {error}",
            "copy or download it again",
        )
    except csv.Error as error:
        reading.complain(f"not a price file: {error}", "", layout.header_lines + line + 1)
    except OSError as error:
        reading.complain(f"cannot be read: {error.strerror or error}", "check the file")


def _read_long(reading: _Reading, rows: Sequence[Row]) -> dict[str, int]:
    layout, asked = reading.layout, reading.wish.asked
    if layout.symbol is None:
        told, column = [stem_of(layout.path)] * len(rows), None
    else:
        at, column = layout.symbol, reading.name(layout.symbol)
        told = [_symbol(reading, number, cells, at) for number, cells in rows]
    found, problems = match_symbols(reading.wish, layout, dict.fromkeys(told), column)
    reading.problems += problems
    for (number, cells), text in zip(rows, told, strict=True):
        who = found[text]
        if who < 0 or not _whole(reading, number, cells):
            continue
        day = _day(reading, number, cells, who)
        price = reading.wish.column(layout, asked.instruments[who])
        close = _value(reading, number, cells, price)
        volume = _value(reading, number, cells, layout.volume)
        if day is not None and close is not None and volume is not None:
            reading.bars.append((who, day, close, volume, number))
    return found


def _read_wide(reading: _Reading, rows: Sequence[Row]) -> dict[str, int]:
    layout, asked = reading.layout, reading.wish.asked
    names = [reading.name(at) for at in layout.wide]
    found, problems = match_symbols(reading.wish, layout, dict.fromkeys(names), None)
    reading.problems += problems
    times = Counter(names)
    for name in times:
        if times[name] > 1 and found[name] >= 0:
            reading.complain("the column occurs twice", "keep one of them", column=name)
    columns = [
        (found[name], at)
        for name, at in zip(names, layout.wide, strict=True)
        if found[name] >= 0
        and times[name] == 1
        and reading.wish.column(layout, asked.instruments[found[name]], at) is not None
    ]
    for number, cells in rows if columns else ():
        if not _whole(reading, number, cells):
            continue
        undated = False
        for who, at in columns:
            close = _value(reading, number, cells, at)
            if close is None or np.isnan(close):
                continue
            day = None if undated else _day(reading, number, cells, who)
            undated = day is None
            if day is not None:
                reading.bars.append((who, day, close, np.nan, number))
    return found


def _symbol(reading: _Reading, number: int, cells: Sequence[Any], at: int) -> str:
    if at < len(cells):
        return "" if cells[at] is None else str(cells[at])
    reading.complain(
        f"{_fields(len(cells))} where the header names {len(reading.layout.names)}",
        "complete or remove the row",
        number,
    )
    return ""


def _whole(reading: _Reading, number: int, cells: Sequence[Any]) -> bool:
    """Whether a row has as many cells as the header; blank ones at the end do not count."""
    wanted = len(reading.layout.names)
    if len(cells) == wanted or (len(cells) > wanted and not any(cells[wanted:])):
        return True
    remedy = (
        "complete or remove the row"
        if len(cells) < wanted
        else f"put text that holds a {reading.layout.delimiter!r} in quotes"
    )
    reading.complain(f"{_fields(len(cells))} where the header names {wanted}", remedy, number)
    return False


def _printable(text: str) -> str:
    """The text with a mark for each byte that is no UTF-8, which cannot be printed."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _fields(n: int) -> str:
    return f"{n} field" if n == 1 else f"{n} fields"


def _day(reading: _Reading, number: int, cells: Sequence[Any], who: int) -> int | None:
    at = reading.layout.date
    cell = cells[at]
    try:
        stamp = parse_stamp(cell)
    except ValueError:
        reading.complain(
            "not a date" if str(cell or "").strip() else "no date",
            "write YYYY-MM-DD",
            number,
            reading.name(at) or "1",
            cell,
        )
        return None
    return day_number(day_in_zone(stamp, reading.wish.asked.instruments[who].timezone))


def _value(reading: _Reading, number: int, cells: Sequence[Any], at: int | None) -> float | None:
    """A cell as a number, NaN where it is empty or not there at all, None where it is text."""
    cell = None if at is None else cells[at]
    if at is None or cell is None:
        return np.nan
    if not isinstance(cell, str):
        try:
            return float(cell)
        except (TypeError, ValueError):
            cell = str(cell)
    text = cell.strip()
    plain = text.lower()
    if text in MISSING or _NAN.fullmatch(plain):
        return np.nan
    if _NUMBER.fullmatch(plain):
        return float(text)
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        raw = text.encode("utf-8", "surrogateescape")
        reading.complain(
            "the bytes are no UTF-8",
            "save the file as 'CSV UTF-8'",
            number,
            reading.name(at),
            raw.decode("gb18030", "replace"),
        )
        return None
    unbroken = text.replace(",", "").replace(" ", "").replace("_", "")
    remedy = (
        f"write {unbroken}" if _NUMBER.fullmatch(unbroken) else "write a number or leave it empty"
    )
    reading.complain("not a number", remedy, number, reading.name(at), cell)
    return None
