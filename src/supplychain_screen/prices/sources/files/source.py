"""Prices from files their user has: CSV, gzipped CSV, Parquet; one file or a folder of them.

::

    long     symbol,date,close[,volume,adj_close,…]     any number of symbols
    single   date,close[,volume,adj_close,…]            the file's name is the symbol
    wide     date,688018.SS,0285.HK,^HSI,…              closes only

The reading goes fast over whole columns (``files_bars``); where that fails, or two rows disagree,
slowly over the rows (``files_rows``), which names every problem of every file at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from supplychain_screen.errors import InputError, PriceFileError, Problem
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Adjustment, Basis, LoadedPrices
from supplychain_screen.prices.sources.files.assembling import Pile, spellings_between
from supplychain_screen.prices.sources.files.columns import Bars, NotReadFastError, Wish, read_bars
from supplychain_screen.prices.sources.files.layout import SUFFIXES, Layout, read_layout, stem_of
from supplychain_screen.prices.sources.files.rows import read_rows
from supplychain_screen.prices.sources.files.stated import with_stated
from supplychain_screen.prices.sources.files.symbols import AskedSymbols, looks_like_symbols

__all__ = ["FileSource"]


@dataclass(frozen=True)
class FileSource:
    """Daily closes from a file, or from the files of a folder.

    Parameters
    ----------
    path : str or Path
        A CSV, gzipped CSV or Parquet file, or a folder that holds some. In a folder, files named
        ``*.csv``, ``*.csv.gz`` and ``*.parquet`` are read, its sub-folders are not.
    adjustment : {"splits", "splits+dividends", "none", "as given"}, optional
        What the column ``close`` is adjusted for. A file does not say it, so its user does;
        unstated, its prices are labelled "as given".
    close : str, default "close"
        Column of the closes for the basis ``price``.
    total_close : str or None, default "adj_close"
        Column of the closes that reinvest dividends, for the basis ``total``; None: there is
        none, whatever the columns are called.
    name : str, optional
        Printed as the source of every number; ``file prices.csv.gz`` unless given.

    Raises
    ------
    InputError
        ``adjustment`` is none of the four.

    Notes
    -----
    Columns are found by their names, whatever their case and order; those not named here are
    ignored. Symbols may be ids (``XSHG:688018``, ``INDEX:HSI``), Yahoo's (``688018.SS``,
    ``^HSI``), Wind's (``688018.SH``, ``HSI.HI``) or Sina's (``sh688018``). Symbols that nobody
    asks for are not read, not even checked.

    Dates may be written 2025-01-02, 20250102 or 2025/1/2, with or without a time of day; one
    with a time zone is taken to the exchange's own. Rows need no order. An empty cell is a close
    nobody knows (NaN). Of rows that say the same twice one is kept, and reported; two different
    closes of one day are an error.

    Splits (a column ``stock_splits``, ``splits`` or ``split``: new shares for one old one, 0 where
    there was none) and a column ``currency`` are handed to the quality checks.

    A close of zero, below, or without bound is no price: the row is not used, and reported as
    ``non_positive_close``.

    Examples
    --------
    >>> import tempfile
    >>> from supplychain_screen import Listing
    >>> file = Path(tempfile.mkdtemp(), "prices.csv")
    >>> _ = file.write_text("symbol,date,close\\nQCOM,2025-01-02,153.8\\nQCOM,2025-01-03,157.4\\n")
    >>> qcom = Listing(mic="XNAS", code="QCOM", currency="USD")
    >>> source = FileSource(file, adjustment="splits")
    >>> loaded = source.load([qcom], date(2025, 1, 1), date(2025, 1, 31), "price")
    >>> loaded.series["XNAS:QCOM"].close.tolist(), loaded.series["XNAS:QCOM"].adjustment
    ([153.8, 157.4], 'splits')
    """

    path: str | Path
    adjustment: Adjustment | None = None
    close: str = "close"
    total_close: str | None = "adj_close"
    name: str = ""

    def __post_init__(self) -> None:
        known = get_args(Adjustment)
        if self.adjustment is not None and self.adjustment not in known:
            near = difflib.get_close_matches(str(self.adjustment), known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known)}"
            raise InputError(Problem("unknown adjustment", remedy, value=str(self.adjustment)))
        if not self.name:
            # The whole path would make the same prices differ from machine to machine.
            object.__setattr__(self, "name", f"file {self._place.resolve().name}")

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
            ``total`` where any file has the column ``total_close``, or where ``adjustment`` says
            that the closes reinvest dividends; then they do not serve ``price``.

        Raises
        ------
        PriceFileError
            The path leads to no price file, or a header cannot be read.
        """
        layouts, _ = self._layouts(None, None)
        with_dividends = self.adjustment == "splits+dividends"
        closes = any(one.form == "wide" or one.close is not None for one in layouts)
        served: list[Basis] = ["price"] if closes and not with_dividends else []
        if (closes and with_dividends) or any(one.total is not None for one in layouts):
            served.append("total")
        return tuple(served)

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
            ``price`` reads the column ``close``; ``total`` reads ``total_close``, or ``close``
            where ``adjustment`` says that it reinvests dividends. An index is read from
            ``close`` for both: a price index pays nothing.

        Returns
        -------
        LoadedPrices
            ``PriceSeries.adjustment`` is what was stated of the column read; "as given" for
            ``total_close`` unless ``close`` is stated to be adjusted for splits.
            Failures: ``SymbolNotFoundError`` (no row in the range), ``BasisNotServedError`` (no
            such column, or nothing in it), ``MalformedAnswerError`` (no positive close).

        Raises
        ------
        PriceFileError
            The files cannot be read as prices; all problems of all files.
        """
        wish = Wish(AskedSymbols(instruments), basis, self.adjustment)
        layouts, passed_over = self._layouts(wish.asked, basis)
        try:
            bars = [read_bars(layout, wish) for layout in layouts]
            pile = Pile.of(bars, first, last)
            sound = not pile.conflicts() and not any(_problems(wish, bars))
        except NotReadFastError:
            sound = False
        if not sound:
            bars = [read_rows(layout, wish) for layout in layouts]
            pile = Pile.of(bars, first, last)
            self._refuse(bars, pile, wish)
        loaded = pile.loaded(
            wish, bars, self.name, in_folder=self._place.is_dir(), passed_over=passed_over
        )
        return with_stated(loaded, bars, wish)

    def _refuse(self, bars: Sequence[Bars], pile: Pile, wish: Wish) -> None:
        problems = [*_problems(wish, bars), *pile.conflicts_named(wish, bars)]
        if problems:
            raise PriceFileError(problems)

    def _layouts(
        self, asked: AskedSymbols | None, basis: Basis | None
    ) -> tuple[list[Layout], list[str]]:
        """Layouts of the files to read, and the names of files that are somebody else's.

        Where ``asked`` is None no file is somebody else's.
        """
        layouts: list[Layout] = []
        passed_over: list[str] = []
        problems: list[Problem] = []
        for file in self._files():
            stem = stem_of(file)
            alone = file == self._place
            if asked is not None and not alone and _named_for_another(asked, stem):
                passed_over.append(stem)
                continue
            label = str(self.path) if alone else str(Path(self.path, file.name))
            try:
                layout = read_layout(
                    file, label, close=self.close, total=self.total_close, basis=basis
                )
            except PriceFileError as error:
                problems += error.problems
                continue
            if asked is None or layout.form != "single" or asked.rows_of_stem(stem):
                layouts.append(layout)
            elif not alone or looks_like_symbols([stem]):
                passed_over.append(stem)
            else:
                problems.append(
                    Problem(
                        f"there is no column 'symbol', and the name {stem!r} is no symbol",
                        "add the column, or name the file by its symbol, as 688018.SS.csv",
                        label,
                    )
                )
        if problems:
            raise PriceFileError(problems)
        return layouts, passed_over

    def _files(self) -> Iterator[Path]:
        place = self._place
        wanted = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
        if place.is_file():
            yield place
            return
        if not place.is_dir():
            near = difflib.get_close_matches(place.name, _names_beside(place), n=1)
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
        files = [
            file
            for file in sorted(place.iterdir())
            if file.name.lower().endswith(SUFFIXES) and not file.name.startswith(".")
            if file.is_file()
        ]
        if not files:
            raise PriceFileError(
                Problem(
                    f"no price files in the folder; looked for {wanted}",
                    "name the folder that holds the files, or a file",
                    str(self.path),
                )
            )
        yield from files


def _problems(wish: Wish, bars: Sequence[Bars]) -> Iterator[Problem]:
    for one in bars:
        yield from one.problems
    yield from spellings_between(wish, bars)


def _names_beside(place: Path) -> list[str]:
    try:
        return [other.name for other in place.parent.iterdir()]
    except OSError:
        return []


def _named_for_another(asked: AskedSymbols, stem: str) -> bool:
    """Whether a file need not even be opened: its name is the symbol of somebody else."""
    # A bare word may be an American ticker and may be just a name, as "data" is.
    marked = any(mark in stem for mark in ".:^")
    return marked and not asked.rows_of_stem(stem) and looks_like_symbols([stem])
