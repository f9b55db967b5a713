"""Prices from what their user has: files of any usual kind, a folder of them, or a DataFrame.

::

    tables   what the bytes hold      any file, sheet or frame → records of cells
    layout   what the columns mean    long, single or wide; whose export; what it says of itself
    symbols  whose they are           every spelling of the asked listings
    cells    what a cell says         days, numbers, nothing
    rows     the wanted columns once  → arrays of the asked instruments, and every problem
    series   one series a listing     adjusted by what the file states
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any, get_args

from supplychain_screen.errors import InputError, PriceFileError, Problem
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Adjustment, Basis, LoadedPrices
from supplychain_screen.prices.sources.files.assembling import (
    Pile,
    TradedClosesError,
    spellings_between,
)
from supplychain_screen.prices.sources.files.forms import (
    MAX_BYTES,
    SUFFIXES,
    Table,
    is_frame,
    names_beside,
    printable,
    stem_of,
    tables_of_file,
    tables_of_frame,
)
from supplychain_screen.prices.sources.files.grammar import DecimalMark
from supplychain_screen.prices.sources.files.layout import (
    Layout,
    column_of_symbols,
    read_layout,
)
from supplychain_screen.prices.sources.files.rows import (
    Bars,
    Wish,
    read_bars,
    symbols_of_single,
)
from supplychain_screen.prices.sources.files.symbols import AskedSymbols, looks_like_symbols
from supplychain_screen.words import Message, message

__all__ = ["FileSource", "holds_prices"]

_FEW = 3
"""So many symbols that nobody asked for are named; the rest are counted."""


@dataclass(frozen=True)
class FileSource:
    """Daily closes from a file, from the files of a folder, or from a DataFrame.

    Parameters
    ----------
    path : str, Path, DataFrame, or mapping of str to DataFrame
        A CSV, TSV, text, Parquet, Feather or Excel file, packed with gzip or ZIP or not; a folder
        that holds some (its sub-folders are not read); or a table of pandas, Polars, Arrow or
        DuckDB: closes in one column a symbol, what ``yfinance.download`` returns, or one row a
        symbol and day. A mapping gives each symbol its own table (``Ticker.history``).
    adjustment : {"splits", "splits+dividends", "none", "as given"}, optional
        What the closes are adjusted for. Where neither its user nor the file says it, the prices
        are labelled "as given".
    close : str, optional
        Column of the closes for the basis ``price``; known by its usual names unless given.
    total_close : str or None, default "adj_close"
        Column of the closes that reinvest dividends, for the basis ``total``; None: there is
        none, whatever the columns are called.
    decimal : {".", ","}, optional
        What stands before a fraction, where a file does not tell: ``1,234`` may be two numbers.
    name : str, optional
        Printed as the source of every number; ``file prices.csv.gz`` unless given.
    max_bytes : int
        Unpacked size above which a file is refused.
    allow_missing : bool, default False
        False refuses a screen of which fewer than half of the listings are found here.
    on_read : callable, optional
        Called with the message of one line that says what was recognised.

    Raises
    ------
    InputError
        ``adjustment`` is none of the four.

    Notes
    -----
    Columns are found by their names in English and Chinese, whatever their case and order; those
    not known are ignored. A symbol is any spelling of an asked listing: its id, Yahoo's, Wind's,
    Sina's, JoinQuant's, baostock's, Futu's or gm's, or the bare code. Symbols that nobody asks
    for are not read, not even checked.

    Dates whose order of day and month cannot be mistaken are read; one with a time zone is taken
    to the exchange's own. Rows need no order. An empty cell is a close nobody knows (NaN). Of
    rows that say the same twice one is kept, and reported; two different closes of one day are an
    error.

    Closes stated as traded (``none``) are adjusted by the file's own splits (``stock_splits``: new
    shares for one old one, 0 where there was none), or by the ex-dates that ``pre_close`` or an
    adjusted close beside them shows; without any they are refused.

    A close of zero, below, or without bound is no price: the quality checks leave it out, and let
    no window begin or end on one below zero or without bound.

    Examples
    --------
    >>> import tempfile
    >>> from supplychain_screen.identity import Listing
    >>> file = Path(tempfile.mkdtemp(), "prices.csv")
    >>> _ = file.write_text("symbol,date,close\\nQCOM,2025-01-02,153.8\\nQCOM,2025-01-03,157.4\\n")
    >>> qcom = Listing(mic="XNAS", code="QCOM", currency="USD")
    >>> source = FileSource(file, adjustment="splits")
    >>> loaded = source.load([qcom], date(2025, 1, 1), date(2025, 1, 31), "price")
    >>> loaded.series["XNAS:QCOM"].close.tolist(), loaded.series["XNAS:QCOM"].adjustment
    ([153.8, 157.4], 'splits')
    """

    path: Any
    adjustment: Adjustment | None = None
    close: str | None = None
    total_close: str | None = "adj_close"
    decimal: DecimalMark | None = None
    name: str = ""
    max_bytes: int = MAX_BYTES
    allow_missing: bool = False
    on_read: Callable[[Message], None] | None = field(default=None, compare=False, repr=False)
    _said: list[Message] = field(default_factory=list, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not (self._held or isinstance(self.path, str | PathLike)):
            problem = Problem(
                "neither a path nor a table",
                "give a path, a DataFrame, or {symbol: DataFrame}",
                value=type(self.path).__name__,
            )
            raise InputError(problem)
        known = get_args(Adjustment)
        if self.adjustment is not None and self.adjustment not in known:
            near = difflib.get_close_matches(str(self.adjustment), known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known)}"
            raise InputError(Problem("unknown adjustment", remedy, value=str(self.adjustment)))
        if not self.name:
            # The whole path would make the same prices differ from machine to machine.
            told = "DataFrame" if self._held else f"file {self._place.resolve().name}"
            object.__setattr__(self, "name", told)

    @property
    def _held(self) -> bool:
        return is_frame(self.path)

    @property
    def _place(self) -> Path:
        return Path(self.path).expanduser()

    @property
    def simulated(self) -> bool:
        """False: whoever gives a file vouches for it."""
        return False

    def bases(self) -> tuple[Basis, ...]:
        """The bases that the columns can serve, ``price`` before ``total``.

        Returns
        -------
        tuple of {"price", "total"}
            ``total`` where any table has the column ``total_close``, or where the closes reinvest
            dividends; then they do not serve ``price``.

        Raises
        ------
        PriceFileError
            The path leads to no price file, or a header cannot be read.
        """
        layouts, _ = self._layouts(None, None)
        served: set[Basis] = set()
        for one in layouts:
            with_dividends = (self.adjustment or one.stated) == "splits+dividends"
            if any(block.close is not None for block in one.blocks):
                served.add("total" if with_dividends else "price")
            if any(block.total is not None for block in one.blocks):
                served.add("total")
        return tuple(sorted(served))

    def load(
        self, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
    ) -> LoadedPrices:
        """Closes of ``instruments`` from ``first`` to ``last``, both inclusive.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            Whose closes.
        first, last : date
            Bounds in each exchange's own calendar days, both inclusive.
        basis : {"price", "total"}
            ``price`` reads the column of closes; ``total`` reads ``total_close``, or the closes
            where they reinvest dividends. An index is read from the closes for both: a price
            index pays nothing.

        Returns
        -------
        LoadedPrices
            ``PriceSeries.adjustment`` is what was stated of the column read, and ``splits`` of
            traded closes that were adjusted here; "as given" for ``total_close`` unless the closes
            are stated to be adjusted for splits.
            Failures: ``SymbolNotFoundError`` (no row in the range), ``BasisNotServedError`` (no
            such column, or nothing in it), ``MalformedAnswerError`` (no positive close).

        Raises
        ------
        PriceFileError
            The tables cannot be read as prices, or hold traded closes without their splits; all
            problems of all tables.
        """
        wish = Wish(AskedSymbols(instruments), basis, self.adjustment, self.decimal)
        layouts, passed_over = self._layouts(wish.asked, basis)
        bars = [read_bars(layout, wish) for layout in layouts]
        pile = Pile.of(bars, first, last)
        problems = [problem for one in bars for problem in one.problems]
        problems += spellings_between(wish, bars)
        problems += pile.conflicts(wish, bars)
        if problems:
            raise PriceFileError(problems)
        if self.on_read is not None:
            line = self._recognised(wish, bars, passed_over)
            if line not in self._said:
                self._said.append(line)
                self.on_read(line)
        loaded = pile.loaded(
            wish, bars, self.name, in_folder=len(bars) > 1, passed_over=passed_over
        )
        self._refuse_traded(loaded)
        return loaded

    def _refuse_traded(self, loaded: LoadedPrices) -> None:
        """A file of traded closes that states no split at all is refused as a whole."""
        refused = [one for one in loaded.failures.values() if isinstance(one, TradedClosesError)]
        if refused and not any(not one.startswith("INDEX:") for one in loaded.series):
            unread = [one.detail for one in loaded.findings if one.code == "stated_unread"]
            raise PriceFileError(
                Problem(
                    unread[0]
                    if unread
                    else "traded closes without their split events are wrong from the first split "
                    "on",
                    "add a column splits (new shares for one old, 0 where there was none) or "
                    "pre_close, or say --adjustment splits if the closes are adjusted",
                    self._label,
                )
            )

    @property
    def _label(self) -> str:
        return "the frame" if self._held else str(self.path)

    def _recognised(self, wish: Wish, bars: Sequence[Bars], passed_over: Sequence[str]) -> Message:
        """One line about what was read: whose export, how many files, closes, volumes, for whom."""
        used = [one for one in bars if one.spelt] or list(bars)
        houses = Counter(one.layout.house for one in used)
        kinds = Counter(one.layout.table.kind for one in used)
        kind = kinds.most_common(1)[0][0]
        house = houses.most_common(1)[0][0]
        what: list[Message | str] = [message("read.frame") if kind == "frame" else kind]
        if not self._held and self._place.is_dir():
            what.append(message("read.folder"))
        said = {wish.adjustment(one.layout) or "as given" for one in used}
        adjusted = {
            "none": message("read.traded"),
            "splits": message("read.splits"),
            "splits+dividends": message("read.total"),
            "as given": message("read.as_given"),
        }
        closes = adjusted[said.pop()] if len(said) == 1 else message("read.several")
        lots = any(one.layout.shares > 1 for one in used)
        volumes = any(block.volume is not None for one in used for block in one.block.values())
        found = {row for one in used for row in one.spelt}
        asked = wish.asked.instruments
        symbols = (name for one in bars for name, row in one.found.items() if row < 0)
        others = [*dict.fromkeys(name for name in (*symbols, *passed_over) if name.strip())]
        # What looks like one that is missing was perhaps meant to be it.
        missing = [one.ticker for row, one in enumerate(asked) if row not in found][:_FEW]
        near = [one for name in missing for one in difflib.get_close_matches(name, others, n=1)]
        few = [*dict.fromkeys((*near, *others))][:_FEW]
        names = (*map(printable, few), *(["…"] if len(others) > _FEW else []))
        # A house is told by the look of its files; that one of them is its own, nobody can tell.
        parts = [
            message("read.like", names=tuple(what), house=house)
            if house
            else message("read.what", names=tuple(what))
        ]
        if len(used) > 1:
            parts.append(message("read.files", n=len(used)))
        parts.append(closes)
        if volumes:
            parts.append(message("read.lots" if lots else "read.shares"))
        else:
            parts.append(message("read.no_volume"))
        parts.append(message("read.found", n=len(found), of=len(asked)))
        if others:
            parts.append(message("read.others", n=len(others), names=names))
        return message("read", parts=tuple(parts))

    def _layouts(
        self, asked: AskedSymbols | None, basis: Basis | None
    ) -> tuple[list[Layout], list[str]]:
        """Layouts of the tables to read, and the names of files that are somebody else's.

        Where ``asked`` is None no file is somebody else's.
        """
        layouts: list[Layout] = []
        passed_over: list[str] = []
        problems: list[Problem] = []
        unknown: list[Problem] = []
        for table, alone in self._tables(asked, passed_over, problems):
            try:
                layout = read_layout(table, close=self.close, total=self.total_close, basis=basis)
            except PriceFileError as error:
                # A text beside price files, or a sheet of notes, need not be one.
                doubtful = not alone and (table.kind == "Excel" or ".txt" in table.label.lower())
                (unknown if doubtful else problems).extend(error.problems)
                continue
            if asked is None or layout.form != "single":
                layouts.append(layout)
                continue
            names = symbols_of_single(layout)
            if any(map(asked.rows_of_stem, names)):
                layouts.append(layout)
            elif not alone or looks_like_symbols([table.stem]):
                passed_over.append(table.stem)
            else:
                problems.append(self._no_symbol(layout))
        if problems or (unknown and not layouts):
            raise PriceFileError(problems or unknown)
        return layouts, passed_over

    def _no_symbol(self, layout: Layout) -> Problem:
        """A table of closes that does not say whose they are."""
        stem = layout.table.stem
        named = "" if self._held else f", and the name {stem!r} is no symbol"
        other = (
            "give {symbol: frame}"
            if self._held
            else "name the file by its symbol, as 688018.SS.csv"
        )
        column = column_of_symbols(layout)
        first = "add the column symbol" if column is None else f"rename {column!r} to 'symbol'"
        return Problem(
            f"there is no column 'symbol'{named}", f"{first}, or {other}", layout.table.label
        )

    def _tables(
        self, asked: AskedSymbols | None, passed_over: list[str], problems: list[Problem]
    ) -> Iterator[tuple[Table, bool]]:
        """Every table, and whether it stands alone."""
        if self._held:
            found = tables_of_frame(self.path, self._label)
            yield from ((one, len(found) == 1) for one in found)
            return
        for file in self._files():
            alone = file == self._place
            if asked is not None and not alone and _named_for_another(asked, stem_of(file.name)):
                passed_over.append(stem_of(file.name))
                continue
            label = str(self.path) if alone else str(Path(self.path, file.name))
            try:
                found = tables_of_file(file, label, self.max_bytes)
            except PriceFileError as error:
                problems += error.problems
                continue
            yield from ((one, alone and len(found) == 1) for one in found)

    def _files(self) -> Iterator[Path]:
        place = self._place
        wanted = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
        if place.is_file():
            yield place
            return
        if not place.is_dir():
            near = difflib.get_close_matches(place.name, names_beside(place), n=1)
            remedy = f"did you mean {place.parent / near[0]}?" if near else "check the path"
            raise PriceFileError(
                Problem(
                    f"no such file or folder; looked for a price file ({wanted}) or a folder",
                    remedy,
                    str(self.path),
                )
            )
        if (place / "_delta_log").is_dir():
            raise PriceFileError(
                Problem(
                    "a Delta table, whose folder holds rows that are no longer valid",
                    "open it as a price store, or export it to Parquet",
                    str(self.path),
                )
            )
        files = _price_files_in(place)
        if not files:
            raise PriceFileError(
                Problem(
                    f"no price files in the folder; looked for {wanted}",
                    "name the folder that holds the files, or a file",
                    str(self.path),
                )
            )
        yield from files


def _price_files_in(folder: Path) -> list[Path]:
    """Files of a folder that are named as price files are, sorted."""
    return [
        file
        for file in sorted(folder.iterdir())
        if file.name.lower().endswith(SUFFIXES) and not file.name.startswith((".", "~$"))
        if file.is_file()
    ]


def holds_prices(place: Path) -> bool:
    """Whether a path is a file, or a folder with files that are named as price files are."""
    return place.is_file() or (place.is_dir() and bool(_price_files_in(place)))


def _named_for_another(asked: AskedSymbols, stem: str) -> bool:
    """Whether a file need not even be opened: its name is the symbol of somebody else."""
    # A bare word may be an American ticker and may be just a name, as "data" is.
    marked = any(mark in stem for mark in ".:^")
    return marked and not asked.rows_of_stem(stem) and looks_like_symbols([stem])
