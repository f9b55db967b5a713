"""Rows of a long Parquet file, piece by piece, so that no file has to fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem

__all__ = ["ParquetRows", "RowPiece", "whole_listings"]

_ROWS_AT_ONCE = 1 << 20
_COLUMNS = ("listing", "date", "close")


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
    """A file with the columns ``listing``, ``date``, ``close`` and perhaps ``volume``.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    PriceFileError
        The file is no Parquet, or lacks a column.

    Attributes
    ----------
    listings : list of str
        In the order in which they appear; complete once all rows were read.
    """

    def __init__(self, path: str | Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.where = str(path)
        try:
            names = pq.read_schema(path).names
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(error) from None
        missing = [name for name in _COLUMNS if name not in names]
        if missing:
            raise PriceFileError(
                [
                    Problem("column is missing", "add it", file=self.where, column=name)
                    for name in missing
                ]
            )
        self._file = pq.ParquetFile(path, read_dictionary=["listing"], memory_map=True)
        self._priced = [*_COLUMNS, *(["volume"] if "volume" in names else [])]
        self.listings: list[str] = []
        self._place: dict[str, int] = {}

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

        columns = self._priced if prices else self._priced[:2]
        batches = self._file.iter_batches(_ROWS_AT_ONCE, columns=columns)
        while True:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowInvalid) as error:
                raise self._unreadable(error) from None
            if batch is None:
                return
            if not batch.num_rows:
                continue
            yield RowPiece(
                self._rows(batch.column("listing")),
                self._numbers(batch.column("date"), "date"),
                self._numbers(batch.column("close"), "close") if prices else np.empty(0),
                self._numbers(batch.column("volume"), "volume") if "volume" in columns else None,
            )

    def _rows(self, listing: Any) -> npt.NDArray[np.int32]:
        """Places of the names, new ones in the order in which they appear."""
        import pyarrow as pa
        import pyarrow.compute as pc

        self._refuse_empty(listing, "listing")
        if not pa.types.is_dictionary(listing.type):
            listing = listing.cast(pa.string()).dictionary_encode()
        words = listing.dictionary
        place = np.empty(len(words), np.int32)
        for code in pc.unique(listing.indices).to_pylist():
            name = str(words[code])
            if name not in self._place:
                self._place[name] = len(self.listings)
                self.listings.append(name)
            place[code] = self._place[name]
        rows: npt.NDArray[np.int32] = place[listing.indices.to_numpy()]
        return rows

    def _numbers(self, column: Any, name: str) -> npt.NDArray[Any]:
        """A column as numbers; dates as day numbers."""
        import pyarrow as pa

        dated = name == "date"
        if dated:
            self._refuse_empty(column, name)
            if pa.types.is_integer(column.type):
                raise PriceFileError(
                    Problem(
                        "dates are numbers", "write a column of dates, or YYYY-MM-DD", self.where,
                        None, name,
                    )
                )  # fmt: skip
        try:
            found = column.cast(pa.date32()).cast(pa.int32()) if dated else column.cast("float64")
        except pa.ArrowInvalid as error:
            remedy = "write dates as YYYY-MM-DD" if dated else "write numbers"
            problem = Problem(f"cannot be read: {error}", remedy, self.where, None, name)
            raise PriceFileError(problem) from None
        numbers: npt.NDArray[Any] = found.to_numpy(zero_copy_only=False)
        return numbers

    def _refuse_empty(self, column: Any, name: str) -> None:
        if column.null_count:
            raise PriceFileError(
                Problem(
                    f"{column.null_count} rows have none", "remove or mend them", self.where, None,
                    name,
                )
            )  # fmt: skip

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
