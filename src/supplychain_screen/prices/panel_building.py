"""Panels from whole tables: a long or wide frame, a Parquet file, or plain columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.prices.panel import (
    PricePanel,
    Provenance,
    day_number,
    fill_grid,
    sessions_through,
)
from supplychain_screen.prices.sessions import REPEAT_TOLERANCE, trading_days

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.identity.listings import Index, Instrument

__all__ = ["panel_from_columns", "panel_from_frame", "panel_from_parquet"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_PART = 1 << 18
"""Entries of a column looked at in one go."""


def panel_from_parquet(
    path: str | Path,
    *,
    indices: Sequence[Index] = (),
    first: date | None = None,
    last: date | None = None,
    adjustment: str = "as given",
) -> PricePanel:
    """Panel of a long Parquet file with the columns ``listing``, ``date``, ``close``.

    Parameters
    ----------
    path : str or Path
        ``volume`` is read too where the file has it. Rows may come in any order; files written
        with the listing as a dictionary and sorted by listing and date are read fastest.
    indices, first, last, adjustment
        As in :func:`panel_from_columns`.

    Raises
    ------
    PriceFileError
        The file is no Parquet, lacks a column, or holds prices that cannot be used.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    where = str(path)
    try:
        names = pq.read_schema(path).names
        wanted = [name for name in ("listing", "date", "close", "volume") if name in names]
        table = pq.read_table(path, columns=wanted, read_dictionary=["listing"], memory_map=True)
    except (OSError, pa.ArrowInvalid) as error:
        raise PriceFileError(
            Problem(f"cannot be read as Parquet: {error}", "write it anew", file=where)
        ) from None
    missing = [name for name in ("listing", "date", "close") if name not in names]
    if missing:
        raise PriceFileError(
            [Problem("column is missing", "add it", file=where, column=name) for name in missing]
        )
    empty = [name for name in ("listing", "date") if table[name].null_count]
    if empty:
        raise PriceFileError(
            [
                Problem(f"{table[name].null_count} rows have none", "remove or mend them", where,
                        None, name)
                for name in empty
            ]
        )  # fmt: skip
    # One column at a time, so that its Arrow copy can go before the next one is made.
    listing = table["listing"]
    if not pa.types.is_dictionary(listing.type):
        listing = listing.dictionary_encode()
    listing = listing.unify_dictionaries()
    names = listing.chunk(0).dictionary.to_pylist() if listing.num_chunks else []
    rows = pa.chunked_array([one.indices.cast(pa.int32()) for one in listing.chunks]).to_numpy()
    table, listing = table.drop_columns("listing"), None
    numbers = _numbers(table["date"], "date", where)
    table = table.drop_columns("date")
    closes = _numbers(table["close"], "close", where)
    volume = _numbers(table["volume"], "volume", where) if "volume" in wanted else None
    del table
    return _panel(
        names, rows, numbers, closes, volume,
        indices=indices, first=first, last=last, source=f"file {Path(path).name}",
        adjustment=adjustment, file=where,
    )  # fmt: skip


def _numbers(column: Any, name: str, where: str) -> npt.NDArray[Any]:
    """A column of Arrow as one array; dates as day numbers."""
    import pyarrow as pa

    try:
        dated = name == "date"
        found = column.cast(pa.date32()).cast(pa.int32()) if dated else column.cast(pa.float64())
    except pa.ArrowInvalid as error:
        remedy = "write dates as YYYY-MM-DD" if name == "date" else "write numbers"
        problem = Problem(f"cannot be read: {error}", remedy, where, None, name)
        raise PriceFileError(problem) from None
    numbers: npt.NDArray[Any] = found.to_numpy()
    return numbers


def panel_from_frame(
    frame: pd.DataFrame,
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
    frame : DataFrame
        Long: columns ``listing``, ``date``, ``close`` and perhaps ``volume``. Wide: dates in the
        index, one column of closes a listing.
    indices, first, last, source, adjustment
        As in :func:`panel_from_columns`.

    Raises
    ------
    PriceFileError
        A column is missing, or the frame holds prices that cannot be used.
    """
    import pandas as pd

    if not {"listing", "date", "close"} <= set(frame.columns):
        if not isinstance(frame.index, pd.DatetimeIndex):
            raise PriceFileError(
                Problem(
                    "the frame is neither long nor wide",
                    "give the columns listing, date, close, or dates in the index and one "
                    "column a listing",
                )
            )
        names = [str(name) for name in frame.columns]
        rows = np.tile(np.arange(len(names)), len(frame))
        days = np.repeat(frame.index.to_numpy().astype("datetime64[D]"), len(names))
        closes, volume = frame.to_numpy(np.float64).ravel(), None
    else:
        codes, found = pd.factorize(frame["listing"])
        names, rows = [str(name) for name in found], codes
        days = pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[D]")
        closes = frame["close"].to_numpy(np.float64)
        volume = frame["volume"].to_numpy(np.float64) if "volume" in frame.columns else None
    return panel_from_columns(
        names, rows, days, closes, volume,
        indices=indices, first=first, last=last, source=source, adjustment=adjustment,
    )  # fmt: skip


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
        Printed as the origin of every number.
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
    numbers = days.astype("datetime64[D]", copy=False).astype(np.int32)
    return _panel(
        listings, rows, numbers, closes, volume,
        indices=indices, first=first, last=last, source=source, adjustment=adjustment, file=file,
    )  # fmt: skip


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
    rows, numbers, closes, volume = _ordered(rows, numbers, closes, volume, file)
    start = int(numbers.min()) if first is None else day_number(first)
    stop = int(numbers.max()) if last is None else day_number(last)
    n_days = stop - start + 1
    instruments = _instruments(listings, indices, file)
    calendars = sorted({one.calendar for one in instruments.values()})
    calendar_of = np.array([calendars.index(instruments[name].calendar) for name in listings])
    keep = _sessions(listings, instruments, calendars, calendar_of, rows, numbers, closes, volume,
                     file)  # fmt: skip
    keep &= numbers <= stop
    if not keep.all():
        rows, numbers, closes = rows[keep], numbers[keep], closes[keep]
    through = sessions_through(calendars, start, n_days)
    close, stamp = fill_grid(
        len(listings), rows, numbers - np.int32(start), closes, through, calendar_of
    )
    # Of the same type as rows, or all of them would be copied.
    ends = np.searchsorted(rows, np.arange(len(listings), dtype=rows.dtype), side="right")
    lasts = [
        cast("date", np.datetime64(int(numbers[end - 1]), "D").astype(object))
        if end and rows[end - 1] == row
        else None
        for row, end in enumerate(ends)
    ]
    provenance = tuple(
        Provenance(name, instruments[name].symbol("yahoo") or name, source, adjustment, None, seen)
        for name, seen in zip(listings, lasts, strict=True)
    )
    return PricePanel(
        listings=tuple(listings),
        first_day=start,
        close=close,
        stamp=stamp,
        calendar_of=calendar_of.astype(np.int16),
        sessions_through=through,
        listed_day=np.full(len(listings), np.iinfo(np.int32).min, np.int32),
        delisted_day=np.full(len(listings), np.iinfo(np.int32).max, np.int32),
        provenance=provenance,
    )


def _ordered(
    rows: npt.NDArray[np.integer[Any]],
    days: npt.NDArray[np.int32],
    closes: Floats,
    volume: Floats | None,
    file: str | None,
) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.int32], Floats, Floats | None]:
    """The columns in the order of listing and day, without the entries that have no close."""
    if not closes.size:
        raise PriceFileError(Problem("there are no prices", "give at least one close", file))
    if not _in_order(rows, days):
        order = np.lexsort((days, rows))
        rows, days, closes = rows[order], days[order], closes[order]
        volume = None if volume is None else volume[order]
    known = ~np.isnan(closes)
    if not known.all():
        rows, days, closes = rows[known], days[known], closes[known]
        volume = None if volume is None else volume[known]
    return rows, days, closes, volume


def _in_order(rows: npt.NDArray[np.integer[Any]], days: npt.NDArray[np.int32]) -> bool:
    for lo, hi in _parts(rows.size - 1):
        here, after = rows[lo:hi], rows[lo + 1 : hi + 1]
        falls = days[lo + 1 : hi + 1] < days[lo:hi]
        if ((after < here) | (falls & (after == here))).any():
            return False
    return True


def _parts(n: int) -> Iterator[tuple[int, int]]:
    """A long column in pieces, so that what is made of each stays small."""
    for lo in range(0, n, _PART):
        yield lo, min(lo + _PART, n)


def _instruments(
    listings: Sequence[str], indices: Sequence[Index], file: str | None
) -> dict[str, Instrument]:
    from supplychain_screen.identity.listings import EXCHANGES, Index, Listing

    named: dict[str, Instrument] = {one.id: one for one in indices}
    problems = []
    for name in listings:
        mic, colon, code = name.partition(":")
        if name in named:
            continue
        if mic == "INDEX" and code:
            named[name] = Index(name=code, currency="USD", calendar="XNYS")
        elif colon and mic in EXCHANGES:
            # Not validated one by one: 50,000 listings a run, and an exchange is all it takes.
            named[name] = Listing.model_construct(
                mic=mic, code=code, currency=EXCHANGES[mic].currency
            )
        else:
            remedy = "write MIC:CODE or INDEX:NAME"
            problems.append(Problem("not an id", remedy, file, None, "listing", name))
    if problems:
        raise PriceFileError(problems[:20])
    return named


def _sessions(
    listings: Sequence[str],
    instruments: Mapping[str, Instrument],
    calendars: Sequence[str],
    calendar_of: npt.NDArray[np.int64],
    rows: npt.NDArray[np.integer[Any]],
    days: npt.NDArray[np.int32],
    closes: Floats,
    volume: Floats | None,
    file: str | None,
) -> npt.NDArray[np.bool_]:
    """Entries that are sessions, as ``real_sessions`` says for one listing."""
    same = np.zeros(rows.size, np.bool_)
    np.equal(rows[1:], rows[:-1], out=same[1:])
    _refuse(listings, rows, days, closes, same, file)
    first, last = int(days.min()), int(days.max())
    known = [trading_days(calendar, first, last) for calendar in calendars]
    opened = np.stack([one.session[first - one.first_day :][: last - first + 1] for one in known])
    half = np.stack([one.half[first - one.first_day :][: last - first + 1] for one in known])
    keep = np.empty(rows.size, np.bool_)
    for lo, hi in _parts(rows.size):
        keep[lo:hi] = opened[calendar_of[rows[lo:hi]], days[lo:hi] - np.int32(first)]
    if volume is not None:
        is_index = np.array([instruments[name].is_index for name in listings])
        idle = np.flatnonzero((volume == 0) & same)
        before, here = closes[idle - 1], closes[idle]
        repeated = np.abs(here - before) <= REPEAT_TOLERANCE * np.maximum(1.0, before)
        halved = half[calendar_of[rows[idle]], days[idle] - np.int32(first)]
        repeated &= ~is_index[rows[idle]] & ~halved
        keep[idle[repeated]] = False
    return keep


def _refuse(
    listings: Sequence[str],
    rows: npt.NDArray[np.integer[Any]],
    days: npt.NDArray[np.int32],
    closes: Floats,
    same: npt.NDArray[np.bool_],
    file: str | None,
) -> None:
    """One clear error for closes that no measurement may rest on."""
    twice = np.zeros(rows.size, np.bool_)
    np.equal(days[1:], days[:-1], out=twice[1:])
    twice &= same
    wrong = ~((closes > 0) & np.isfinite(closes))
    problems = []
    for flags, message, remedy in (
        (wrong, "closes that are not positive", "remove or mend the rows"),
        (twice, "days with two closes", "keep one row a listing and day"),
    ):
        places = np.flatnonzero(flags)
        if places.size:
            name = listings[int(rows[places[0]])]
            day = np.datetime64(int(days[places[0]]), "D")
            problems.append(
                Problem(f"{places.size} {message}, first {name} on {day}", remedy, file)
            )
    if problems:
        raise PriceFileError(problems)
