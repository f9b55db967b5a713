"""Panels from whole tables: a long or wide frame, a Parquet file, or plain columns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.identity import EXCHANGES, known_until
from supplychain_screen.prices.panel.filling import GridFilling, in_parts
from supplychain_screen.prices.panel.parquet_rows import ParquetRows, RowPiece, whole_listings
from supplychain_screen.prices.panel.price_panel import PricePanel
from supplychain_screen.prices.sessions import LONGEST_CLOSURE, day_number
from supplychain_screen.prices.sources.files import every_row
from supplychain_screen.words import counted

if TYPE_CHECKING:
    from supplychain_screen.identity import Index

__all__ = ["panel_from_columns", "panel_from_frame", "panel_from_parquet"]

Floats = npt.NDArray[np.float64]


def panel_from_parquet(
    path: str | Path,
    *,
    indices: Sequence[Index] = (),
    first: date | None = None,
    last: date | None = None,
    adjustment: str = "as given",
) -> PricePanel:
    """Panel of a Parquet file: the columns ``listing``, ``date``, ``close``, or one a listing.

    Parameters
    ----------
    path : str or Path
        ``volume`` is read too where the file has it; all under any usual name. Rows may come in
        any order; files written with the listing as a dictionary and sorted by listing and date
        are read fastest. Closes that the file says to be traded, as the store's export does, are
        adjusted by its splits; such a file has to fit into memory.
    indices, first, last, adjustment
        As in :func:`panel_from_columns`.

    Raises
    ------
    PriceFileError
        The file is no Parquet, lacks a column, or holds prices that cannot be used.
    """
    table = ParquetRows(path, indices)
    choices: dict[str, Any] = {"indices": indices, "first": first, "last": last}
    source = f"file {Path(path).name}"
    if table.layout.form != "long" or "none" in (table.layout.stated, adjustment):
        held = every_row(path, indices=indices, max_bytes=sys.maxsize, adjustment=adjustment)
        return _panel(
            held.listings,
            held.who,
            held.day,
            held.close,
            held.volume,
            **choices,
            source=source,
            file=table.where,
            adjustment=held.adjustment,
        )
    # Listings and days once, to know the size of the grid; then everything, some rows at a time.
    low, high, in_order = table.span()
    if not in_order:
        whole = RowPiece.joined(list(table.pieces()))
        return _panel(
            table.listings,
            whole.rows,
            whole.days,
            whole.closes,
            whole.volume,
            **choices,
            source=source,
            adjustment=adjustment,
            file=table.where,
        )
    filling = GridFilling(
        table.listings, low, high, **choices, file=table.where, late=partial(_late_rows, table)
    )
    for top, bottom, piece in whole_listings(table.pieces(), len(table.listings)):
        filling.fill(top, bottom, piece.rows, piece.days, piece.closes, piece.volume)
    return filling.panel(source, adjustment)


def panel_from_frame(
    frame: Any,
    *,
    indices: Sequence[Index] = (),
    first: date | None = None,
    last: date | None = None,
    source: str = "frame",
    adjustment: str = "as given",
) -> PricePanel:
    """Panel of a frame of closes, long or wide.

    Parameters
    ----------
    frame : DataFrame, or mapping of str to DataFrame
        A table of pandas, Polars, Arrow or DuckDB. Long: columns ``listing`` (or ``symbol``),
        ``date``, ``close`` and perhaps ``volume``, under any usual name. Wide: dates in the index
        or the first column, one column of closes a listing; or what ``yfinance.download`` returns.
        A mapping gives each symbol its own table. Closes that the table says to be traded, as
        ``open_prices().frame()`` does, or ``adjustment="none"``, are adjusted by its splits.
    indices, first, last, source, adjustment
        As in :func:`panel_from_columns`.

    Raises
    ------
    PriceFileError
        A column is missing, or the frame holds prices that cannot be used.
    """
    table = every_row(frame, indices=indices, adjustment=adjustment)
    return _panel(
        table.listings,
        table.who,
        table.day,
        table.close,
        table.volume,
        indices=indices,
        first=first,
        last=last,
        source=source,
        file=None,
        adjustment=table.adjustment,
    )


def _refuse_empty(empty: Any, column: str) -> None:
    if empty.any():
        problem = Problem(
            counted(int(empty.sum()), "row has none/rows have none"),
            "remove or mend them",
            column=column,
        )
        raise PriceFileError(problem)


def panel_from_columns(
    listings: Sequence[str],
    rows: npt.NDArray[np.integer[Any]],
    days: npt.NDArray[np.datetime64],
    closes: Floats,
    volume: Floats | None = None,
    *,
    indices: Sequence[Index] = (),
    first: date | None = None,
    last: date | None = None,
    source: str = "columns",
    adjustment: str = "as given",
    file: str | None = None,
) -> PricePanel:
    """Panel of plain columns, one entry a listing and day.

    Parameters
    ----------
    listings : sequence of str, length n_listings
        Ids: ``MIC:CODE`` for listings, ``INDEX:NAME`` for indices.
    rows : ndarray of int, shape (n,)
        Place of each entry's listing in ``listings``.
    days : ndarray of datetime64[D], shape (n,)
    closes : ndarray of float64, shape (n,)
        NaN is a day without a close and is left out.
    volume : ndarray of float64, shape (n,), optional
        Without it no row is taken for a suspension.
    indices : sequence of Index
        The indices among ``listings``; one that is not named here keeps New York's calendar.
    first, last : date, optional
        First and last column; of the data where they are not given.
    source, adjustment : str
        Printed as the origin of every number. Plain columns state no splits, so ``none`` is
        refused. No quality check looks at a panel: unstated closes may hold splits.
    file : str, optional
        Named in errors.

    Returns
    -------
    PricePanel
        Takes 12 bytes a listing and calendar day, and about three times the columns while it is
        built.

    Raises
    ------
    PriceFileError
        A close is not positive, a listing has two closes for one day, an id is no id.
    """
    if adjustment == "none":
        raise PriceFileError(
            Problem(
                "traded closes without their split events are wrong from the first split on",
                "adjust them for splits first, or give a frame with a column splits",
                file,
            )
        )
    days = days.astype("datetime64[D]", copy=False)
    _refuse_empty(np.isnat(days), "date")
    numbers = days.astype(np.int32)
    return _panel(
        listings,
        rows,
        numbers,
        closes,
        volume,
        indices=indices,
        first=first,
        last=last,
        source=source,
        adjustment=adjustment,
        file=file,
    )


def _panel(
    listings: Sequence[str],
    rows: npt.NDArray[np.integer[Any]],
    numbers: npt.NDArray[np.int32],
    closes: Floats,
    volume: Floats | None,
    *,
    indices: Sequence[Index],
    first: date | None,
    last: date | None,
    source: str,
    adjustment: str,
    file: str | None,
) -> PricePanel:
    """Panel of columns whose days are numbers."""
    if not closes.size:
        raise PriceFileError(Problem("there are no prices", "give at least one close", file))
    if not _in_order(rows, numbers):
        order = np.lexsort((numbers, rows))
        rows, numbers, closes = rows[order], numbers[order], closes[order]
        volume = None if volume is None else volume[order]
    filling = GridFilling(
        listings,
        int(numbers.min()),
        int(numbers.max()),
        indices=indices,
        first=first,
        last=last,
        file=file,
        late=lambda: (rows, numbers, closes, volume),
    )
    filling.fill(0, len(listings), rows, numbers, closes, volume)
    return filling.panel(source, adjustment)


def _late_rows(
    table: ParquetRows,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats, Floats | None]:
    """Every entry since the end of the first calendar here that ends, and some weeks before."""
    since = min(day_number(known_until(one.calendar)) for one in EXCHANGES.values())
    held = []
    for piece in table.pieces():
        kept = piece.days > since - 2 * LONGEST_CLOSURE
        volume = None if piece.volume is None else piece.volume[kept]
        held.append(RowPiece(piece.rows[kept], piece.days[kept], piece.closes[kept], volume))
    late = RowPiece.joined(held)
    return late.rows, late.days, late.closes, late.volume


def _in_order(rows: npt.NDArray[np.integer[Any]], days: npt.NDArray[np.int32]) -> bool:
    for lo, hi in in_parts(rows.size - 1):
        here, after = rows[lo:hi], rows[lo + 1 : hi + 1]
        falls = days[lo + 1 : hi + 1] < days[lo:hi]
        if ((after < here) | (falls & (after == here))).any():
            return False
    return True
