"""Rows of a long Parquet file, piece by piece, so that no file has to fit into memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.prices.sources.files import (
    EverySymbol,
    encoded,
    read_days,
    read_layout,
    read_numbers,
    tables_of_file,
)
from supplychain_screen.words import counted

if TYPE_CHECKING:
    from supplychain_screen.identity import Index
    from supplychain_screen.prices.sources.files import Unread

__all__ = ["ParquetRows", "RowPiece", "whole_listings"]

_ROWS_AT_ONCE = 1 << 20
_SHOWN = 20
"""Rows named for one fault; the first piece with one ends the reading."""


@dataclass(frozen=True, slots=True)
class RowPiece:
    """Some rows of the file.

    Parameters
    ----------
    rows : ndarray of int32, shape (n,)
        Place of each row's listing in ``ParquetRows.listings``.
    days : ndarray of int32, shape (n,)
        Day numbers.
    closes : ndarray of float64, shape (n,)
        Empty where they were not asked for.
    volume : ndarray of float64, shape (n,), or None
    """

    rows: npt.NDArray[np.int32]
    days: npt.NDArray[np.int32]
    closes: npt.NDArray[np.float64]
    volume: npt.NDArray[np.float64] | None

    def cut(self, lo: int, hi: int) -> RowPiece:
        """Some of these rows."""
        volume = None if self.volume is None else self.volume[lo:hi]
        return RowPiece(self.rows[lo:hi], self.days[lo:hi], self.closes[lo:hi], volume)

    @classmethod
    def joined(cls, pieces: list[RowPiece]) -> RowPiece:
        """All rows of some pieces, one after the other."""
        if len(pieces) == 1:
            return pieces[0]
        volumes = [one.volume for one in pieces if one.volume is not None]
        return cls(
            np.concatenate([one.rows for one in pieces]),
            np.concatenate([one.days for one in pieces]),
            np.concatenate([one.closes for one in pieces]),
            np.concatenate(volumes) if volumes else None,
        )


class ParquetRows:
    """A long Parquet file: symbols, dates, closes and perhaps volumes, some rows at a time.

    Parameters
    ----------
    path : str or Path
    indices : sequence of Index
        Found by every spelling of their symbols.

    Raises
    ------
    PriceFileError
        The file is no Parquet, or lacks a column.
    """

    def __init__(self, path: str | Path, indices: Sequence[Index] = ()) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.where = str(path)
        try:
            names = pq.read_schema(path).names
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(error) from None
        table = tables_of_file(Path(path), self.where, sys.maxsize)[0]
        self.layout = read_layout(table, close=None, total=None, basis="price")
        self._everybody = EverySymbol(indices)
        block, symbol = self.layout.blocks[0], self.layout.symbol
        if self.layout.form == "long":
            self._symbol = names[int(symbol or 0)]
            self._date = names[self.layout.date]
            self._close = names[int(block.close or 0)]
            self._volume = None if block.volume is None else names[block.volume]
            self._file = pq.ParquetFile(path, read_dictionary=[self._symbol], memory_map=True)

    @property
    def listings(self) -> list[str]:
        """Ids in the order in which they appear; complete once all rows were read."""
        return [one.id for one in self._everybody.instruments]

    def span(self) -> tuple[int, int, bool]:
        """First and last day number, and whether the rows are in the order of listing and day.

        Raises
        ------
        PriceFileError
            There is no row, one names nobody or no day, or the file is damaged.
        """
        low, high, in_order = np.iinfo(np.int32).max, np.iinfo(np.int32).min, True
        before: tuple[int, int] | None = None
        for piece in self.pieces(prices=False):
            rows, days = piece.rows, piece.days
            low, high = min(low, int(days.min())), max(high, int(days.max()))
            if before is not None:
                in_order &= before <= (int(rows[0]), int(days[0]))
            falls = (days[1:] < days[:-1]) & (rows[1:] == rows[:-1])
            in_order &= not (falls | (rows[1:] < rows[:-1])).any()
            before = int(rows[-1]), int(days[-1])
        if before is None:
            raise PriceFileError(
                Problem("there are no prices", "give at least one close", self.where)
            )
        return low, high, in_order

    def pieces(self, *, prices: bool = True) -> Iterator[RowPiece]:
        """The rows of the file in its order, some at a time, none of them empty.

        Parameters
        ----------
        prices : bool
            False to read listings and days only.

        Raises
        ------
        PriceFileError
            A row names nobody or no day, a cell cannot be read, or the file is damaged.
        """
        import pyarrow as pa

        columns = [self._symbol, self._date]
        if prices:
            columns += [self._close, *([] if self._volume is None else [self._volume])]
        batches = self._file.iter_batches(_ROWS_AT_ONCE, columns=columns)
        before = 0
        while True:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowInvalid) as error:
                raise self._unreadable(error) from None
            if batch is None:
                return
            if not batch.num_rows:
                continue
            rows = self._rows(batch.column(self._symbol))
            yield RowPiece(
                rows,
                self._days(batch.column(self._date), rows, before),
                self._numbers(batch.column(self._close), self._close, before)
                if prices
                else np.empty(0),
                self._numbers(batch.column(self._volume), self._volume, before)
                if prices and self._volume is not None
                else None,
            )
            before += batch.num_rows

    def _rows(self, listing: Any) -> npt.NDArray[np.int32]:
        """Places of the names, new ones in the order in which they appear."""
        self._refuse_empty(listing, self._symbol)
        codes, texts = encoded(listing)
        place = np.zeros(len(texts), np.int32)
        # A dictionary may hold names that no row of this piece has.
        _, first = np.unique(codes, return_index=True)
        for code in codes[np.sort(first)].tolist():
            place[code] = self._everybody.place(str(texts[code]))
        rows: npt.NDArray[np.int32] = place[codes]
        return rows

    def _days(self, column: Any, rows: npt.NDArray[np.int32], before: int) -> npt.NDArray[np.int32]:
        """Day numbers, each in its listing's own time zone."""
        import pyarrow as pa

        self._refuse_empty(column, self._date)
        everybody = self._everybody.instruments
        zones = sorted({one.timezone for one in everybody})
        whose = np.array([zones.index(one.timezone) for one in everybody], np.int64)
        days, unread = read_days(pa.chunked_array([column]), None, zones, whose[rows])
        self._refuse_unread(unread, self._date, "not a date", "write YYYY-MM-DD", before)
        numbers: npt.NDArray[np.int32] = days.astype(np.int32)
        return numbers

    def _numbers(self, column: Any, name: str, before: int) -> npt.NDArray[np.float64]:
        import pyarrow as pa

        numbers, unread = read_numbers(pa.chunked_array([column]))
        self._refuse_unread(unread, name, "not a number", "write a number", before)
        return numbers

    def _refuse_unread(
        self, unread: Unread, column: str, message: str, remedy: str, before: int
    ) -> None:
        if unread:
            raise PriceFileError(
                Problem(message, remedy, self.where, before + place + 1, column, text)
                for place, text in unread[:_SHOWN]
            )

    def _refuse_empty(self, column: Any, name: str) -> None:
        if column.null_count:
            raise PriceFileError(
                Problem(
                    counted(column.null_count, "row has none/rows have none"),
                    "remove or mend them",
                    self.where,
                    None,
                    name,
                )
            )

    def _unreadable(self, error: Exception) -> PriceFileError:
        return PriceFileError(
            Problem(f"cannot be read as Parquet: {error}", "write it anew", file=self.where)
        )


def whole_listings(pieces: Iterator[RowPiece], n: int) -> Iterator[tuple[int, int, RowPiece]]:
    """Rows that are in order, cut where a listing begins.

    Parameters
    ----------
    pieces : iterator of RowPiece
        In the order of listing and day.
    n : int
        Number of listings, each of which has a row.

    Yields
    ------
    (int, int, RowPiece)
        First listing, the one after the last, and all of their rows.
    """
    top = 0
    held: list[RowPiece] = []
    for piece in pieces:
        current = int(piece.rows[-1])
        start = int(np.searchsorted(piece.rows, np.int32(current)))
        if current > top:
            yield top, current, RowPiece.joined([*held, piece.cut(0, start)])
            held, top = [], current
        held.append(piece.cut(start, piece.rows.size))
    yield top, n, RowPiece.joined(held)
