"""The fast reading of a price file: whole columns at once, and no word about what is wrong.

Whatever cannot be read so is read again row by row in ``files_rows``, which is slow, accepts the
same files and more, and names every row it does not accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import Problem
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Adjustment, Basis
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.prices.sources.files.dates import day_in_zone, parse_stamp
from supplychain_screen.prices.sources.files.layout import Layout, stem_of
from supplychain_screen.prices.sources.files.symbols import AskedSymbols

__all__ = [
    "MISSING",
    "Bars",
    "NotReadFastError",
    "Stated",
    "Wish",
    "match_symbols",
    "read_bars",
    "read_stated",
    "two_spellings",
]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MISSING = ("", "-", "--", "#N/A", "N/A", "NA", "NaN", "nan", "NAN", "NULL", "null", "None")
"""Cells that say that there is no number."""


class NotReadFastError(Exception):
    """A file holds something that only the slow reading can accept or explain."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one request wants from every file.

    Parameters
    ----------
    asked : AskedSymbols
        Whose closes.
    basis : {"price", "total"}
        Which closes.
    stated : Adjustment or None
        What the user says the column of closes is adjusted for.
    """

    asked: AskedSymbols
    basis: Basis
    stated: Adjustment | None

    def column(self, layout: Layout, instrument: Instrument, own: int | None = None) -> int | None:
        """Position of the column with the instrument's closes of the asked basis, if any.

        Parameters
        ----------
        layout : Layout
            The file.
        instrument : Listing or Index
            Whose closes.
        own : int, optional
            The instrument's own column of a wide file.
        """
        close = own if layout.form == "wide" else layout.close
        # A price index pays nothing: its level is its leg in a total-return comparison as well.
        if self.basis == "price" or self.stated == "splits+dividends" or instrument.is_index:
            return layout.total if close is None else close
        return layout.total


@dataclass(slots=True)
class Bars:
    """Rows of asked instruments from one file, in file order.

    Parameters
    ----------
    layout : Layout
        The file.
    found : mapping of str to int
        Every symbol of the file and its position among those asked, -1 where nobody asked.
    who : ndarray of int64, shape (n,)
        Position of the row's instrument among those asked.
    day : ndarray of int64, shape (n,)
        Days since 1970-01-01 in the exchange's own calendar.
    close, volume : ndarray of float64, shape (n,)
        As written; NaN where the cell is empty or no such column is there.
    row : ndarray of int64, shape (n,)
        Line of the file, 1-based; 0 where the fast reading did not count.
    problems : list of Problem
        What is wrong with the file.
    """

    layout: Layout
    found: Mapping[str, int]
    who: Whole
    day: Whole
    close: Floats
    volume: Floats
    row: Whole
    problems: list[Problem] = field(default_factory=list)
    spelt: Mapping[int, str] = field(init=False)
    """The file's own symbol of each asked instrument that it has."""

    def __post_init__(self) -> None:
        self.spelt = {row: text for text, row in self.found.items() if row >= 0}


def match_symbols(
    wish: Wish, layout: Layout, texts: Iterable[str], column: str | None
) -> tuple[dict[str, int], list[Problem]]:
    """Position among those asked of whoever each text means, -1 for nobody.

    Parameters
    ----------
    wish : Wish
        Whom the request is about.
    layout : Layout
        The file; where it has no column of symbols, its name may stand for a symbol.
    texts : iterable of str
        Each symbol of the file once.
    column : str or None
        Where they stand, for messages.

    Returns
    -------
    tuple of (dict, list of Problem)
        Problems: one symbol that several asked instruments share, one instrument under two
        spellings.
    """
    asked = wish.asked
    find = asked.rows_of_stem if layout.form == "single" else asked.rows
    found: dict[str, int] = {}
    spelling: dict[int, str] = {}
    problems = []
    for text in texts:
        rows = find(text)
        found[text] = rows[0] if rows else -1
        if len(rows) > 1:
            ids = " and ".join(asked.instruments[row].id for row in rows)
            problems.append(
                Problem(
                    f"the symbol means {ids}",
                    "write the ids instead",
                    layout.label,
                    None,
                    column,
                    text,
                )
            )
        elif rows:
            other = spelling.setdefault(rows[0], text)
            if other != text:
                problems.append(
                    two_spellings(asked.instruments[rows[0]], layout.label, other, text, column)
                )
    return found, problems


def two_spellings(
    instrument: Instrument, label: str, one: str, other: str, column: str | None = None
) -> Problem:
    """The problem of one instrument under two symbols."""
    return Problem(
        f"{instrument.id} is here under two spellings, {one} and {other}",
        "keep one of them: they may be two different series",
        label,
        None,
        column,
    )


def read_bars(layout: Layout, wish: Wish) -> Bars:
    """Rows of the asked instruments, read column by column.

    Raises
    ------
    NotReadFastError
        Anything in the file is not as it should be; ``files_rows`` knows what.
    """
    import pyarrow as pa

    try:
        return _wide(layout, wish) if layout.form == "wide" else _long(layout, wish)
    except (pa.ArrowException, OSError, ValueError) as error:
        # Arrow names neither the row nor the column in a way that a person could use.
        raise NotReadFastError(str(error)) from error


def _long(layout: Layout, wish: Wish) -> Bars:
    asked = wish.asked
    # An index may be read from another column than a listing; nothing else makes a difference.
    column_of = {kind: wish.column(layout, one) for kind, one in asked.kinds.items()}
    prices = sorted({at for at in column_of.values() if at is not None})
    others = [at for at in (layout.volume,) if at is not None]
    words = [at for at in (layout.symbol, layout.date) if at is not None]
    table = _table(layout, words, [*prices, *others])
    if not table.num_rows:
        raise NotReadFastError("no rows")

    symbol = None if layout.symbol is None else layout.names[layout.symbol]
    if layout.symbol is None:
        codes, texts = np.zeros(table.num_rows, np.int64), [stem_of(layout.path)]
    else:
        codes, texts = _encoded(table.column(str(layout.symbol)))
    found, problems = match_symbols(wish, layout, texts, symbol)
    whose = np.array([found[text] for text in texts] + [-1], np.int64)[codes]
    used = np.flatnonzero(whose >= 0)
    who = whose[used]

    close = np.full(len(used), np.nan)
    is_index = asked.is_index[who]
    for kind, at in column_of.items():
        if at is not None:
            here = is_index == kind
            close[here] = _floats(table, at)[used[here]]
    volume = (
        np.full(len(used), np.nan) if layout.volume is None else _floats(table, layout.volume)[used]
    )
    return Bars(
        layout,
        found,
        who,
        _days(table.column(str(layout.date)), used, who, asked.instruments),
        close,
        volume,
        np.zeros(len(used), np.int64),
        problems,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """What a file says besides closes, one row a row of an asked instrument.

    Parameters
    ----------
    who, day : ndarray of int64, shape (n,)
        As in ``Bars``.
    split : ndarray of float64, shape (n,)
        New shares for one old; 0, 1 or NaN where there was no split.
    currency : ndarray of str, shape (n,)
        As written; empty where the cell is.
    """

    who: Whole
    day: Whole
    split: Floats
    currency: npt.NDArray[np.object_]


def read_stated(bars: Bars, wish: Wish) -> Stated:
    """The columns of splits and currencies of a file that was read already.

    Raises
    ------
    NotReadFastError
        A cell of them is not what it should be.
    """
    import pyarrow as pa

    layout = bars.layout
    words = [at for at in (layout.symbol, layout.date, layout.currency) if at is not None]
    numbers = [at for at in (layout.splits,) if at is not None]
    try:
        table = _table(layout, words, numbers)
        codes, texts = np.zeros(table.num_rows, np.int64), [stem_of(layout.path)]
        if layout.symbol is not None:
            codes, texts = _encoded(table.column(str(layout.symbol)))
        whose = np.array([bars.found.get(text, -1) for text in texts] + [-1], np.int64)[codes]
        used = np.flatnonzero(whose >= 0)
        days = _days(table.column(str(layout.date)), used, whose[used], wish.asked.instruments)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotReadFastError(" ".join(str(error).split())[:200]) from error
    split, currency = np.full(len(used), np.nan), np.full(len(used), "", object)
    if layout.splits is not None:
        split = _floats(table, layout.splits)[used]
    if layout.currency is not None:
        codes, texts = _encoded(table.column(str(layout.currency)))
        currency = np.array([*texts, ""], object)[codes[used]]
    return Stated(whose[used], days, split, currency)


def _wide(layout: Layout, wish: Wish) -> Bars:
    asked = wish.asked
    names = [layout.names[at] for at in layout.wide]
    found, problems = match_symbols(wish, layout, dict.fromkeys(names), None)
    if len(set(names)) < len(names):
        raise NotReadFastError("a column occurs twice")
    columns = [
        (found[name], at)
        for name, at in zip(names, layout.wide, strict=True)
        if found[name] >= 0 and wish.column(layout, asked.instruments[found[name]], at) is not None
    ]
    table = _table(layout, [layout.date], [at for _, at in columns])
    if not table.num_rows:
        raise NotReadFastError("no rows")
    none = np.zeros(0, np.int64)
    used, who, close = [none], [none], [np.zeros(0)]
    for row, at in columns:
        values = _floats(table, at)
        # An empty cell is another market's holiday, not a row without a close.
        used.append(np.flatnonzero(~np.isnan(values)))
        who.append(np.full(len(used[-1]), row, np.int64))
        close.append(values[used[-1]])
    whose, closes = np.concatenate(who), np.concatenate(close)
    dates = table.column(str(layout.date))
    return Bars(
        layout,
        found,
        whose,
        _days(dates, np.concatenate(used), whose, asked.instruments),
        closes,
        np.full(len(closes), np.nan),
        np.zeros(len(closes), np.int64),
        problems,
    )


def _table(layout: Layout, words: Sequence[int], numbers: Sequence[int]) -> Any:
    """Arrow table of the columns at these positions, which name its columns.

    Columns of words are dictionary-encoded as far as the file allows; numbers are doubles.
    """
    import pyarrow as pa

    if layout.kind == "parquet":
        import pyarrow.parquet as pq

        positions = [*words, *numbers]
        with pq.ParquetFile(layout.path) as file:
            table = file.read(columns=[layout.names[at] for at in positions])
        columns = [table.column(layout.names[at]) for at in positions]
        for place in range(len(words), len(columns)):
            columns[place] = columns[place].cast(pa.float64(), safe=False)
        return pa.table(dict(zip(map(str, positions), columns, strict=True)))

    import pyarrow.csv as pa_csv

    encoded = pa.dictionary(pa.int32(), pa.string())
    types = {str(at): encoded for at in words} | {str(at): pa.float64() for at in numbers}
    compression = "gzip" if layout.kind == "gzip" else None
    with pa.input_stream(str(layout.path), compression=compression) as stream:
        return pa_csv.read_csv(
            stream,
            read_options=pa_csv.ReadOptions(
                column_names=[str(at) for at in range(len(layout.names))],
                skip_rows=layout.header_lines,
            ),
            parse_options=pa_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                include_columns=list(types), column_types=types, null_values=list(MISSING)
            ),
        )


def _encoded(column: Any) -> tuple[Whole, list[Any]]:
    """Index of each row's value, -1 for null, and the distinct values."""
    import pyarrow as pa

    array = column.dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([]).dictionary_encode()
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = array.dictionary.to_pylist()
    return codes, [value if isinstance(value, date) else _text(value) for value in values]


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _floats(table: Any, at: int) -> Floats:
    column: Floats = table.column(str(at)).to_numpy()
    return column


def _days(column: Any, used: Whole, who: Whole, instruments: Sequence[Instrument]) -> Whole:
    """Day number of each used row, in its instrument's own time zone."""
    codes, values = _encoded(column)
    codes = codes[used]
    if codes.size and codes.min() < 0:
        raise ValueError("a row without a date")
    stamps: dict[int, date] = {
        code: parse_stamp(values[code]) for code in np.unique(codes).tolist()
    }
    plain = np.zeros(len(values), np.int64)
    moments = np.zeros(len(values), bool)
    for code, stamp in stamps.items():
        plain[code] = day_number(stamp)
        moments[code] = isinstance(stamp, datetime)
    day = plain[codes]
    if not moments.any():
        return day
    zone = np.array([instrument.timezone for instrument in instruments])[who]
    for one in set(zone.tolist()):
        rows = np.flatnonzero((zone == one) & moments[codes])
        distinct, back = np.unique(codes[rows], return_inverse=True)
        local = [day_number(day_in_zone(stamps[code], one)) for code in distinct.tolist()]
        day[rows] = np.array(local, np.int64)[back]
    return day
