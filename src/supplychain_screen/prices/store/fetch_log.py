"""Which fetches count: accepted, known by then, and of the one source that serves a listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as day_time
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.prices.series import Adjustment
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.prices.store.scanning import files_of, scan
from supplychain_screen.prices.store.tables import Tables

__all__ = [
    "FEW_LISTINGS",
    "PREFERENCE",
    "FetchLog",
    "Selection",
    "Served",
    "any_simulated",
    "moment_of",
    "read_log",
]

FEW_LISTINGS = 500
"""Up to so many listings are selected while reading; for more, everything is read."""

PREFERENCE = ("yahoo", "akshare")
"""Sources in the order in which they serve a listing; any other follows, by name. A listing is
served whole by one of them, never spliced."""


STALE_DAYS = 10
"""A source whose series ends more than so many days before another's does not serve the listing:
the longest closure of an exchange here is nine days."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Served:
    """The source that serves one listing, as its last counting fetch describes it."""

    listing: str
    source: str
    symbol: str
    adjustment: Adjustment
    currency: str
    timezone: str
    simulated: bool
    fetched_at: datetime
    first_asked: date
    last_session: date
    passed_over: str = ""
    """The source that comes first in the order, where its series ended too early."""


@dataclass(frozen=True, eq=False)
class FetchLog:
    """The accepted fetches of a store, oldest first within listing and source.

    Parameters
    ----------
    rows : pyarrow.Table
        Accepted fetches, sorted by listing, source, time of fetching, id.
    listing, source, fetch : ndarray of int64, shape (n,)
        Positions in ``listings``, ``sources``, ``fetches``.
    known : ndarray of bool, shape (n,)
        Whether fetched by the asked moment.
    """

    rows: pa.Table
    listings: list[str]
    sources: list[str]
    fetches: list[str]
    listing: Codes
    source: Codes
    fetch: Codes
    known: npt.NDArray[np.bool_]

    def select(
        self,
        wanted: Iterable[str] | None,
        *,
        preference: Sequence[str] = PREFERENCE,
        span: tuple[date, date] | None = None,
        source: str | None = None,
    ) -> Selection:
        """The fetches that count for the wanted listings.

        Parameters
        ----------
        wanted : iterable of str or None
            Ids; None for all.
        preference : sequence of str
            Order of the sources.
        span : pair of date, optional
            Days to be served, both inclusive; a source is stale by its last session in it.
        source : str, optional
            Look at this source alone.
        """
        asked = np.ones(len(self.listings), bool)
        if wanted is not None:
            ids = set(wanted)
            asked = np.fromiter((one in ids for one in self.listings), bool, len(self.listings))
        counts = self.known & asked[self.listing]
        if source is not None:
            only = self.sources.index(source) if source in self.sources else -1
            counts &= self.source == only
        starts, stops = self._groups(counts)
        served: dict[str, Served] = {}
        if source is None:
            starts, stops, passed = self._one_source_each(starts, stops, preference, span)
        else:
            passed = {}
        chosen = np.zeros(len(counts), bool)
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            chosen[start:stop] = True
        chosen &= counts
        for one in self._served(stops - 1, passed):
            served[one.listing] = one
        return Selection(self, chosen, asked, served)

    def _groups(self, counts: npt.NDArray[np.bool_]) -> tuple[Codes, Codes]:
        """First row and the row after the last counting one of each (listing, source)."""
        at = np.flatnonzero(counts)
        if not at.size:
            return at, at
        new = np.ones(at.size, bool)
        new[1:] = (np.diff(self.listing[at]) != 0) | (np.diff(self.source[at]) != 0)
        first = np.flatnonzero(new)
        last = np.append(first[1:], at.size) - 1
        return at[first], at[last] + 1

    def _one_source_each(
        self,
        starts: Codes,
        stops: Codes,
        preference: Sequence[str],
        span: tuple[date, date] | None,
    ) -> tuple[Codes, Codes, dict[str, str]]:
        of = self.listing[starts]
        if np.unique(of).size == of.size:
            return starts, stops, {}
        ranked = {name: rank for rank, name in enumerate(preference)}
        order = sorted(self.sources, key=lambda name: (ranked.get(name, len(ranked)), name))
        rank = np.array([order.index(name) for name in self.sources])[self.source[starts]]
        last = self.last_days[stops - 1]
        if span is not None:
            last = np.minimum(last, day_number(span[1]))
        keep, passed = [], {}
        for code in np.unique(of):
            group = np.flatnonzero(of == code)
            group = group[np.argsort(rank[group])]
            fresh = group[last[group] >= last[group].max() - STALE_DAYS]
            keep.append(fresh[0])
            if fresh[0] != group[0]:
                name = self.sources[self.source[starts[group[0]]]]
                passed[self.listings[code]] = name
        return starts[keep], stops[keep], passed

    @cached_property
    def last_days(self) -> Codes:
        """Day number of the last session of each fetch."""
        return _days_of(self.rows.column("last_session"))

    def _served(self, rows: Codes, passed: Mapping[str, str]) -> Iterator[Served]:
        names = [
            "symbol",
            "adjustment",
            "currency",
            "timezone",
            "simulated",
            "fetched_at",
            "asked_first",
            "last_session",
        ]
        # whole columns at once: a scalar at a time takes a second for some thousand listings
        table = self.rows.select(names).take(pa.array(rows))
        columns = [_values(column) for column in table.columns]
        for row, values in zip(rows.tolist(), zip(*columns, strict=True), strict=True):
            symbol, adjustment, currency, timezone, simulated, fetched_at, first, last = values
            listing = self.listings[self.listing[row]]
            yield Served(
                listing=listing,
                source=self.sources[self.source[row]],
                symbol=symbol,
                adjustment=adjustment,
                currency=currency,
                timezone=timezone,
                simulated=simulated,
                fetched_at=fetched_at.replace(tzinfo=UTC),
                first_asked=first,
                last_session=last,
                passed_over=passed.get(listing, ""),
            )


@dataclass(frozen=True, eq=False)
class Selection:
    """The fetches that count, and how to tell whether a stored row does.

    Parameters
    ----------
    log : FetchLog
    chosen : ndarray of bool, shape (n_fetches,)
    asked : ndarray of bool, shape (n_listings,)
        Listings of the log that are wanted; rows of others are left out by name.
    served : mapping of id to Served
        A listing without a counting fetch has no entry.
    """

    log: FetchLog
    chosen: npt.NDArray[np.bool_]
    asked: npt.NDArray[np.bool_]
    served: Mapping[str, Served]

    @cached_property
    def states(self) -> Mapping[str, int]:
        """1 for a fetch all of whose rows count, 2 where it depends on the listing.

        A fetch that counts nowhere is not among them; nor is one that nobody accepted (a writer
        that was killed, or is still at work).
        """
        log, n = self.log, len(self.log.fetches)
        concerned = self.asked[log.listing]
        total = np.bincount(log.fetch[concerned], minlength=n)
        chosen = np.bincount(log.fetch[self.chosen], minlength=n)
        state = np.where(chosen == 0, 0, np.where(chosen == total, 1, 2))
        return {
            name: value for name, value in zip(log.fetches, state.tolist(), strict=True) if value
        }

    @cached_property
    def listing_code(self) -> Mapping[str, int]:
        """Position of each listing in the log."""
        return {name: code for code, name in enumerate(self.log.listings)}

    @cached_property
    def fetch_code(self) -> Mapping[str, int]:
        """Position of each fetch in the log."""
        return {name: code for code, name in enumerate(self.log.fetches)}

    @cached_property
    def _keys(self) -> tuple[Codes, Codes]:
        """Sorted keys of the counting (listing, fetch) pairs, and their rows in the log."""
        log, rows = self.log, np.flatnonzero(self.chosen)
        keys = log.listing[rows] * len(log.fetches) + log.fetch[rows]
        order = np.argsort(keys)
        return keys[order], rows[order]

    def positions(self, listing: Codes, fetch: Codes) -> Codes:
        """Row of the log that makes a stored row count, -1 where none does.

        Parameters
        ----------
        listing, fetch : ndarray of int64, shape (n,)
            Positions in ``log.listings`` and ``log.fetches``; -1: not there.

        Returns
        -------
        ndarray of int64, shape (n,)
            For one listing, a later fetch has the larger number.
        """
        keys, rows = self._keys
        wanted = listing * len(self.log.fetches) + fetch
        at = np.minimum(np.searchsorted(keys, wanted), max(keys.size - 1, 0))
        found = (listing >= 0) & (fetch >= 0)
        if not keys.size:
            return np.full(len(wanted), -1)
        return np.where(found & (keys[at] == wanted), rows[at], -1)

    def first_asked(self, listing: str) -> date | None:
        """First day ever asked for in a counting fetch of one listing."""
        code = self.listing_code.get(listing)
        if code is None:
            return None
        at = np.flatnonzero(self.chosen & (self.log.listing == code))
        asked = [self.log.rows.column("asked_first")[int(row)].as_py() for row in at]
        return min(asked, default=None)

    def ranks(self, listing: str) -> Mapping[str, int]:
        """Fetches that count for one listing, oldest 0: a later one's value replaces an older."""
        return self._ranks.get(listing, {})

    @cached_property
    def _ranks(self) -> Mapping[str, Mapping[str, int]]:
        ranks: dict[str, dict[str, int]] = {}
        log, at = self.log, np.flatnonzero(self.chosen)
        for listing, fetch in zip(log.listing[at].tolist(), log.fetch[at].tolist(), strict=True):
            of = ranks.setdefault(log.listings[listing], {})
            of[log.fetches[fetch]] = len(of)
        return ranks


def read_log(
    tables: Tables, known_on: datetime | None = None, listings: Sequence[str] | None = None
) -> FetchLog:
    """The accepted fetches of a store, at the version of its table that was opened last.

    Parameters
    ----------
    tables : Tables
        Of a store that exists, refreshed as the reader wishes.
    known_on : datetime, optional
        Only what was fetched by then is known.
    listings : sequence of str, optional
        Read these only.

    Raises
    ------
    StoreError
        The table cannot be read.
    """
    columns = [
        "listing",
        "source",
        "fetch",
        "fetched_at",
        "symbol",
        "adjustment",
        "currency",
        "timezone",
        "simulated",
        "asked_first",
        "last_session",
    ]
    names = None if listings is None else sorted(listings)
    rows = scan(tables, "fetches", [*columns, "outcome"], wanted=names)
    counting = pc.equal(rows.column("outcome").cast(pa.string()), "accepted")
    if names is not None:
        asked = pc.is_in(rows.column("listing").cast(pa.string()), pa.array(names, pa.string()))
        counting = pc.and_(counting, asked)
    rows = rows.filter(counting).select(columns).unify_dictionaries()
    listing, ids = _codes(rows.column("listing"))
    source, sources = _codes(rows.column("source"))
    fetch, fetches = _codes(rows.column("fetch"))
    at = rows.column("fetched_at").cast(pa.int64()).to_numpy()
    # ids sort by time first; within one moment any order will do, if it is always the same
    by_name = np.empty(len(fetches), np.int64)
    by_name[np.argsort(np.array(fetches, dtype=object))] = np.arange(len(fetches))
    order = np.lexsort((by_name[fetch], at, source, listing)) if len(fetch) else fetch
    known = np.ones(len(order), bool)
    if known_on is not None:
        known = at[order] <= round(known_on.timestamp() * 1e6)
    return FetchLog(
        rows.take(pa.array(order)),
        ids,
        sources,
        fetches,
        listing[order],
        source[order],
        fetch[order],
        known,
    )


def any_simulated(tables: Tables) -> bool | None:
    """Whether the accepted prices are simulated; None where nothing was accepted.

    A store holds one kind only, so the first accepted fetch tells.
    """
    for one in files_of(tables, "fetches"):
        rows = scan(tables, "fetches", ["simulated", "outcome"], paths=[one["path"]])
        accepted = rows.filter(pc.equal(rows.column("outcome").cast(pa.string()), "accepted"))
        if accepted.num_rows:
            return bool(accepted.column("simulated")[0].as_py())
    return None


def _codes(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], column.type)
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _values(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; moments without their zone, which is UTC."""
    if pa.types.is_dictionary(column.type):
        codes, names = _codes(column)
        return [names[code] for code in codes.tolist()]
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        # numpy makes dates and moments several times as fast as Arrow does
        unit = "D" if pa.types.is_date(column.type) else "us"
        values: list[Any] = column.to_numpy().astype(f"datetime64[{unit}]").astype(object).tolist()
        return values
    listed: list[Any] = column.to_pylist()
    return listed


def _days_of(column: pa.ChunkedArray) -> Codes:
    days: Codes = column.cast(pa.int32()).to_numpy().astype(np.int64)
    return days


def moment_of(on: datetime | date) -> datetime:
    """A moment in UTC; of a date, its end.

    Raises
    ------
    InputError
        A moment without time zone.
    """
    if isinstance(on, datetime):
        if on.tzinfo is None:
            raise InputError(Problem("a moment without time zone", "pass an aware datetime"))
        return on.astimezone(UTC)
    return datetime.combine(on, day_time.max, UTC)
