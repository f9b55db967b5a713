"""From the rows of the Delta tables to one series a listing, fast.

Compacted files hold their rows by listing and session, so a listing is one run of rows and its
columns are views of what Parquet decoded: nothing is copied or sorted. Appended files add short
runs. Only a listing whose runs overlap, because a close was revised, is sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from supplychain_screen.prices.adjustment import Dates, Floats
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store.fetch_log import FEW_LISTINGS, Selection
from supplychain_screen.prices.store.scanning import scan
from supplychain_screen.prices.store.tables import TableName, Tables

__all__ = ["BarReader", "dates", "read_bars", "read_events"]


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Rows of one listing that stand together in one batch."""

    batch: int
    start: int
    stop: int
    ascending: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    session: npt.NDArray[np.int32]
    columns: Mapping[str, Floats]
    fetch: npt.NDArray[np.integer[Any]]
    fetches: Sequence[str]


class BarReader:
    """Bars of many listings; each listing's columns are put together when asked for."""

    def __init__(
        self, selection: Selection, batches: Sequence[_Batch], runs: Mapping[str, list[_Run]]
    ) -> None:
        self._selection = selection
        self._batches = batches
        self._runs = runs
        self._few = len(runs) <= FEW_LISTINGS
        self._dates: dict[tuple[int, int, int], tuple[npt.NDArray[np.int32], Dates]] = {}

    def __contains__(self, listing: str) -> bool:
        return listing in self._runs

    def listings(self) -> Iterator[str]:
        """Ids with at least one row."""
        return iter(self._runs)

    def days(self, listing: str) -> tuple[npt.NDArray[np.int32], Mapping[str, Floats]]:
        """Day numbers, strictly increasing, and the latest value of each column.

        Raises
        ------
        KeyError
            The listing has no row.
        """
        runs = self._runs[listing]
        if len(runs) == 1 and runs[0].ascending:
            run = runs[0]
            batch, rows = self._batches[run.batch], slice(run.start, run.stop)
            if not self._few:
                return batch.session[rows], {
                    name: column[rows] for name, column in batch.columns.items()
                }
            # views of a few listings would keep all that was read with them in memory
            return batch.session[rows].copy(), {
                name: column[rows].copy() for name, column in batch.columns.items()
            }
        if len(runs) > 1:
            runs = sorted(runs, key=lambda run: int(self._batches[run.batch].session[run.start]))
        days = np.concatenate(
            [self._batches[run.batch].session[run.start : run.stop] for run in runs]
        )
        columns = {
            name: np.concatenate(
                [self._batches[run.batch].columns[name][run.start : run.stop] for run in runs]
            )
            for name in self._batches[runs[0].batch].columns
        }
        if bool((days[1:] > days[:-1]).all()):
            return days, columns
        ranks = self._ranks(listing, runs)
        order = np.lexsort((ranks, days))
        days = days[order]
        latest = order[np.append(days[1:] != days[:-1], True)]
        return days[np.append(days[1:] != days[:-1], True)], {
            name: column[latest] for name, column in columns.items()
        }

    def dates(self, days: npt.NDArray[np.int32]) -> Dates:
        """Day numbers as dates, read-only; listings with the same days share them.

        Most listings of a market have the same sessions, and of 2,500 sessions of 5,000 listings
        the dates would otherwise take as much memory as the closes.
        """
        if not days.size:
            return dates(days)
        key = (int(days[0]), int(days[-1]), days.size)
        known = self._dates.get(key)
        if known is not None and np.array_equal(known[0], days):
            return known[1]
        made = dates(days)
        made.flags.writeable = False
        if known is None:
            self._dates[key] = days, made
        return made

    def _ranks(self, listing: str, runs: Sequence[_Run]) -> npt.NDArray[np.int64]:
        rank_of = self._selection.ranks(listing)
        ranks = []
        for run in runs:
            batch = self._batches[run.batch]
            codes = batch.fetch[run.start : run.stop]
            table = np.zeros(len(batch.fetches), np.int64)
            for code in np.unique(codes).tolist():
                table[code] = rank_of[batch.fetches[code]]
            ranks.append(table[codes])
        return np.concatenate(ranks)


def read_bars(
    tables: Tables, selection: Selection, columns: Sequence[str] = ("close", "volume")
) -> BarReader:
    """The bars that count, for the listings that ``selection`` serves.

    Parameters
    ----------
    tables : Tables
        Opened after the log of ``selection`` was read, so that every fetch in it has its rows.
    selection : Selection
    columns : sequence of str
        Float columns to read.

    Raises
    ------
    StoreError
        A file cannot be read.
    """
    runs: dict[str, list[_Run]] = {}
    batches: list[_Batch] = []
    if not selection.served:
        return BarReader(selection, batches, runs)
    tables.table("bars")
    table = _scan(tables, "bars", selection, [*columns, "session", "listing", "fetch"])
    for batch in table.to_batches():
        if batch.num_rows:
            _split(batch, selection, columns, batches, runs)
    return BarReader(selection, batches, runs)


def read_events(
    tables: Tables, selection: Selection, until: date | None = None
) -> Mapping[str, tuple[Events, Events]]:
    """Splits and dividends of each listing that has any, as its latest counting fetch has them.

    Parameters
    ----------
    tables : Tables
        Opened after the log of ``selection`` was read.
    selection : Selection
    until : date, optional
        Last ex-date, inclusive.

    Returns
    -------
    mapping of id to pair of Events
        A retracted split (1) or dividend (0) is left out.

    Raises
    ------
    StoreError
        A file cannot be read.
    """
    if not selection.served:
        return {}
    tables.table("events")
    table = _scan(tables, "events", selection, ["listing", "session", "kind", "value", "fetch"])
    listing = _in_log(table.column("listing"), selection.listing_code)
    position = selection.positions(listing, _in_log(table.column("fetch"), selection.fetch_code))
    day = table.column("session").cast(pa.int32()).to_numpy()
    split = pc.equal(table.column("kind").cast(pa.string()), "split").to_numpy()
    value = table.column("value").to_numpy()
    # the latest of each listing, kind and day; -1 sorts before everything that counts
    order = np.lexsort((position, day, split, listing))
    key = np.stack([listing[order], split[order], day[order]])
    latest = np.append((key[:, 1:] != key[:, :-1]).any(axis=0), True)[: order.size]
    kept = order[latest]
    alive = (position[kept] >= 0) & (value[kept] != np.where(split[kept], 1.0, 0.0))
    if until is not None:
        alive &= day[kept] <= np.datetime64(until, "D").astype(np.int64)
    kept = kept[alive]
    return _by_listing(selection, listing[kept], split[kept], dates(day[kept]), value[kept])


def _by_listing(
    selection: Selection,
    listing: npt.NDArray[np.int64],
    split: npt.NDArray[np.bool_],
    day: Dates,
    value: Floats,
) -> dict[str, tuple[Events, Events]]:
    """Events sorted by listing, dividends before splits, day; as two series a listing."""
    found: dict[str, tuple[Events, Events]] = {}
    if not listing.size:
        return found
    starts = np.append(0, np.flatnonzero(np.diff(listing)) + 1)
    stops = np.append(starts[1:], listing.size)
    for code, start, stop in zip(
        listing[starts].tolist(), starts.tolist(), stops.tolist(), strict=True
    ):
        turn = start + int((~split[start:stop]).sum())
        found[selection.log.listings[code]] = (
            Events(day[turn:stop], value[turn:stop]),
            Events(day[start:turn], value[start:turn]),
        )
    return found


def _in_log(column: pa.ChunkedArray, code_of: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Texts as their positions in the log, -1 where it does not know them."""
    parts = [np.array([], np.int64)]
    for chunk in column.chunks:
        codes, names = _coded(chunk)
        table = np.array([code_of.get(name, -1) for name in names], np.int64)
        parts.append(table[codes])
    return np.concatenate(parts)


def _scan(
    tables: Tables, name: TableName, selection: Selection, columns: Sequence[str]
) -> pa.Table:
    few = len(selection.served) <= FEW_LISTINGS
    return scan(tables, name, columns, wanted=sorted(selection.served) if few else None)


def _split(
    batch: pa.RecordBatch,
    selection: Selection,
    columns: Sequence[str],
    batches: list[_Batch],
    runs: dict[str, list[_Run]],
) -> None:
    """Add the runs of one batch."""
    listing, names = _coded(batch.column("listing"))
    fetch, fetches = _coded(batch.column("fetch"))
    session = batch.column("session").view(pa.int32()).to_numpy()
    values = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in columns}
    keep = _counting(listing, names, fetch, fetches, selection)
    if keep is not None:
        if not keep.any():
            return
        listing, fetch, session = listing[keep], fetch[keep], session[keep]
        values = {name: column[keep] for name, column in values.items()}
    starts = np.append(0, np.flatnonzero(listing[1:] != listing[:-1]) + 1)
    stops = np.append(starts[1:], listing.size)
    falling = np.zeros(listing.size, bool)
    np.less_equal(session[1:], session[:-1], out=falling[1:])
    falling[starts] = False
    ascending = np.ones(starts.size, bool)
    ascending[np.searchsorted(starts, np.flatnonzero(falling), side="right") - 1] = False
    batches.append(_Batch(session, values, fetch, fetches))
    number = len(batches) - 1
    served = selection.served
    for code, start, stop, sorted_ in zip(
        listing[starts].tolist(), starts.tolist(), stops.tolist(), ascending.tolist(), strict=True
    ):
        name = names[code]
        if name in served:
            run = _Run(number, start, stop, sorted_)
            of = runs.get(name)
            if of is None:
                runs[name] = [run]
            else:
                of.append(run)


def _counting(
    listing: npt.NDArray[np.integer[Any]],
    names: Sequence[str],
    fetch: npt.NDArray[np.integer[Any]],
    fetches: Sequence[str],
    selection: Selection,
) -> npt.NDArray[np.bool_] | None:
    """Which rows count; None where all do, which two short lists tell."""
    states = selection.states
    state = np.array([states.get(name, 0) for name in fetches], np.int8)
    if (state == 1).all():
        return None
    of_row = state[fetch]
    keep: npt.NDArray[np.bool_] = of_row == 1
    mixed = np.flatnonzero(of_row == 2)
    if mixed.size:
        listing_code, fetch_code = selection.listing_code, selection.fetch_code
        listings = np.array([listing_code.get(name, -1) for name in names], np.int64)
        ids = np.array([fetch_code.get(name, -1) for name in fetches], np.int64)
        keep[mixed] = selection.positions(listings[listing[mixed]], ids[fetch[mixed]]) >= 0
    return keep


def _coded(column: pa.Array) -> tuple[npt.NDArray[np.integer[Any]], list[str]]:
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    return column.indices.to_numpy(zero_copy_only=False), column.dictionary.to_pylist()


def dates(days: npt.NDArray[np.integer[Any]]) -> Dates:
    """Day numbers as dates."""
    return days.astype("datetime64[D]")
