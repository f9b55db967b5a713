"""Keeping the price history fast and sound: compaction, and a check of every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from supplychain_screen.prices.store.committing import sum_in_id
from supplychain_screen.prices.store.parquet_files import write_file
from supplychain_screen.prices.store.repair import damages
from supplychain_screen.prices.store.scanning import files_of, scan
from supplychain_screen.prices.store.sums import rows_sum
from supplychain_screen.prices.store.tables import (
    DAMAGE_REMEDY,
    SCHEMAS,
    ConflictError,
    TableName,
    Tables,
    store_errors,
)

if TYPE_CHECKING:
    from deltalake.transaction import AddAction, RemoveAction

__all__ = ["StoreCheck", "check_tables", "compact_tables", "count_files"]

ORPHAN_AGE = timedelta(days=7)
"""Rows without a verdict are kept so long: their writer may still be at work. Files that are no
longer part of a table are kept as long: a reader may still read them."""

_PACKED, _RECENT = "packed-", "recent-"
_FILE_ROWS = 2_000_000
_GROUP_ROWS = 128_000
_TAIL_SHARE = 0.05
"""Recent rows are packed among themselves until they are this share of the others."""

_ORDER: dict[TableName, tuple[str, ...]] = {
    "bars": ("listing", "session", "fetch"),
    "events": ("listing", "session", "kind", "fetch"),
    "fetches": ("listing", "source", "fetched_at", "fetch"),
}


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """What a full reading of the store found.

    Parameters
    ----------
    bars, events, fetches : int
        Rows.
    orphans : int
        Rows of bars and events that count nowhere: a writer was stopped before its verdict.
        They do no harm.
    problems : tuple of str
        One sentence each; empty for a sound store.
    """

    bars: int
    events: int
    fetches: int
    orphans: int
    problems: tuple[str, ...]


def count_files(tables: Tables) -> int:
    """Files of the bars; many small ones make reading slow."""
    return len(tables.table("bars").file_uris())


def compact_tables(tables: Tables, now: datetime, *, full: bool = False) -> bool:
    """Pack small files into large ones, ordered for reading; every revision stays.

    Parameters
    ----------
    tables : Tables
        Of a store that exists.
    now : datetime
        The current moment, aware. Orphaned rows, and files that are no longer part of a table,
        go once they are a week old.
    full : bool, default False
        True to rewrite everything, not only what is worth it.

    Returns
    -------
    bool
        False where another process compacted at the same time and was faster.

    Raises
    ------
    StoreError
        A file cannot be read or written; the store is unchanged.
    """
    won = True
    for name in SCHEMAS:
        # verdicts first: a fetch accepted after this leaves rows younger than the age of orphans
        tables.table("fetches")
        tables.table(name)
        files = files_of(tables, name)
        chosen = _worth_it(files, full)
        if not chosen:
            continue
        accepted = None if name == "fetches" else _accepted_keys(tables)
        young = _young_fetches(tables, name, files, now) if accepted is not None else set()
        added: list[AddAction] = []
        try:
            for part in _parts(tables, name, [one["path"] for one in chosen]):
                part = _in_order(_without_orphans(part, accepted, young), name)
                if part.num_rows:
                    prefix = _PACKED if len(chosen) == len(files) else _RECENT
                    added.append(_write(tables, name, part, prefix))
            tables.replace(name, added, _removals(chosen, added, now))
        except ConflictError:
            won = False
            for action in added:
                tables.discard(name, action)
    for name in SCHEMAS:
        with store_errors(tables.address(name), "tidy up the price history"):
            table = tables.table(name)
            hours = int(ORPHAN_AGE.total_seconds() // 3600)
            if table.vacuum(retention_hours=hours, dry_run=True, full=True):
                table.vacuum(retention_hours=hours, dry_run=False, full=True)
            table.cleanup_metadata()
            # without a checksum first: whoever is killed in between leaves a checkpoint without one
            tables.forget_checkpoint_sum(name)
            table.create_checkpoint()
            tables.sum_log(name, checkpoint=True)
    return won


def check_tables(tables: Tables) -> StoreCheck:
    """Read every byte, and compare what each accepted fetch says it wrote with what is there.

    Raises
    ------
    StoreError
        A table's log cannot be read.
    """
    # fetches first: what it names is in the others by then
    order: tuple[TableName, ...] = ("fetches", "bars", "events")
    broken = {name: damages(tables, name) for name in order}
    problems = [f"{one}; {DAMAGE_REMEDY}" for found in broken.values() for one in found]
    sound: dict[TableName, list[str]] = {
        name: sorted({one["path"] for one in files_of(tables, name)} - {d.path for d in found})
        for name, found in broken.items()
    }
    fetches = scan(tables, "fetches", SCHEMAS["fetches"].names, paths=sound["fetches"], coded=False)
    accepted = fetches.filter(pc.equal(fetches.column("outcome"), "accepted"))
    twice = accepted.group_by(["listing", "fetch"]).aggregate([([], "count_all")])
    problems += [
        f"fetch {row['fetch']} of {row['listing']} is recorded twice"
        for row in twice.filter(pc.greater(twice.column("count_all"), 1)).to_pylist()
    ]
    orphans = 0
    rows: dict[TableName, pa.Table] = {}
    short: set[str] = set()
    distinct_by: dict[TableName, list[str]] = {
        "bars": ["session"],
        "events": ["session", "kind"],
    }
    for name, distinct in distinct_by.items():
        rows[name] = scan(tables, name, SCHEMAS[name].names, paths=sound[name]).unify_dictionaries()
        unique = rows[name].group_by(["listing", "fetch", *distinct]).aggregate([])
        unique = unique.select(["listing", "fetch"]).cast(_KEYS)
        per_fetch = unique.group_by(["listing", "fetch"]).aggregate([([], "count_all")])
        expected = accepted.select(["listing", "fetch", name])
        both = expected.join(per_fetch, ["listing", "fetch"], join_type="left outer").to_pylist()
        known = 0
        for row in both:
            found = row["count_all"] or 0
            known += found
            if found != row[name]:
                short.add(row["fetch"])
                # what is in a damaged file was told with the file
                if not broken[name]:
                    problems.append(
                        f"fetch {row['fetch']} of {row['listing']} wrote {row[name]} {name}, "
                        f"{found} are there"
                    )
        orphans += unique.num_rows - known
    batches = set(accepted.column("fetch").to_pylist()) - short
    problems += _changed_batches(rows["bars"], rows["events"], batches)
    return StoreCheck(
        rows["bars"].num_rows,
        rows["events"].num_rows,
        fetches.num_rows,
        orphans,
        tuple(sorted(problems)),
    )


_KEYS = pa.schema([("listing", pa.string()), ("fetch", pa.string())])


def _changed_batches(bars: pa.Table, events: pa.Table, batches: set[str]) -> Iterator[str]:
    """Batches whose rows are not those that their id has the hash of."""
    by_batch = [_by_batch(bars, ("session",)), _by_batch(events, ("kind", "session"))]
    nothing = bars.slice(0, 0), events.slice(0, 0)
    for fetch in sorted(batches):
        hashed = sum_in_id(fetch)
        if hashed is None:
            continue
        parts = [found.get(fetch, none) for found, none in zip(by_batch, nothing, strict=True)]
        if rows_sum(*parts) != hashed:
            listings = sorted(
                {one for part in parts for one in part.column("listing").unique().to_pylist()}
            )
            yield (
                f"fetch {fetch} has other rows than were written: its hash does not match; it has "
                f"rows of {', '.join(listings[:5])}{' and others' if len(listings) > 5 else ''}"
            )


def _by_batch(rows: pa.Table, keys: Sequence[str]) -> dict[str, pa.Table]:
    """The rows of each batch, once each, in the order in which they were hashed."""
    if not rows.num_rows:
        return {}
    rows = rows.unify_dictionaries()
    columns = [_sort_key(rows.column(name)) for name in ("fetch", "listing", *keys)]
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), bool)
    for column in columns:
        new[1:] |= column[order][1:] != column[order][:-1]
    new[0] = True
    rows, fetch = rows.take(pa.array(order[new])), columns[0][order[new]]
    starts = np.concatenate(([0], np.flatnonzero(np.diff(fetch)) + 1))
    stops = np.append(starts[1:], len(fetch))
    ids = rows.column("fetch").take(pa.array(starts)).to_pylist()
    return {
        one: rows.slice(start, stop - start)
        for one, start, stop in zip(ids, starts.tolist(), stops.tolist(), strict=True)
    }


def _worth_it(files: Sequence[dict[str, Any]], full: bool) -> list[dict[str, Any]]:
    """The files to rewrite: all, those not packed yet, or none."""
    packed = sum(one["num_records"] for one in files if one["path"].startswith(_PACKED))
    tail = [one for one in files if not one["path"].startswith(_PACKED)]
    if full or sum(one["num_records"] for one in tail) > _TAIL_SHARE * packed:
        return list(files)
    only_packed_before = len(tail) == 1 and tail[0]["path"].startswith(_RECENT)
    return [] if only_packed_before else tail


def _accepted_keys(tables: Tables) -> pa.Table:
    rows = scan(tables, "fetches", ["listing", "fetch", "outcome"], coded=False)
    return rows.filter(pc.equal(rows.column("outcome"), "accepted")).select(["listing", "fetch"])


def _young_fetches(
    tables: Tables, name: TableName, files: Sequence[dict[str, Any]], now: datetime
) -> set[str]:
    """Fetches with rows in files so young that their writer may still be at work."""
    since = (now - ORPHAN_AGE).timestamp() * 1000
    young = [one["path"] for one in files if one["modification_time"] > since]
    if not young:
        return set()
    ids = scan(tables, name, ["fetch"], paths=young).unify_dictionaries().column("fetch")
    return set(pc.unique(ids).to_pylist())


def _without_orphans(rows: pa.Table, accepted: pa.Table | None, young: set[str]) -> pa.Table:
    if accepted is None:
        return rows
    # a fetch of one listing may have been rejected while its batch counts for another
    fetches = set(accepted.column("fetch").to_pylist()) | young
    column = _whole(rows.column("fetch"))
    known = np.array([one in fetches for one in column.dictionary.to_pylist()])
    return rows if known.all() else rows.filter(pa.array(known[column.indices.to_numpy()]))


def _parts(tables: Tables, name: TableName, paths: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of some files, listing by listing, in portions that fit into memory."""
    listings = scan(tables, name, ["listing"], paths=paths).unify_dictionaries()
    counts = listings.group_by("listing").aggregate([([], "count_all")])
    portion: list[str] = []
    rows = 0
    for listing, count in sorted(zip(*(counts.column(i).to_pylist() for i in (0, 1)), strict=True)):
        if portion and rows + count > _FILE_ROWS:
            yield _portion(tables, name, paths, portion)
            portion, rows = [], 0
        portion.append(listing)
        rows += count
    if portion:
        yield _portion(tables, name, paths, portion)


def _portion(
    tables: Tables, name: TableName, paths: Sequence[str], listings: Sequence[str]
) -> pa.Table:
    span = listings[0], listings[-1]
    rows = scan(tables, name, SCHEMAS[name].names, paths=paths, span=span).unify_dictionaries()
    if not rows.num_rows:
        return rows
    column = _whole(rows.column("listing"))
    inside = np.array([span[0] <= one <= span[1] for one in column.dictionary.to_pylist()])
    if inside.all():
        return rows
    return rows.filter(pa.array(inside[column.indices.to_numpy()]))


def _in_order(rows: pa.Table, name: TableName) -> pa.Table:
    """Rows by listing and session, each once."""
    if not rows.num_rows:
        return rows
    keys = [_sort_key(rows.column(column)) for column in _ORDER[name]]
    order = np.lexsort(keys[::-1])
    same = np.zeros(len(order), bool)
    if name != "fetches":  # there, two failures of one moment are two failures
        same[1:] = True
        for key in keys:
            same[1:] &= key[order][1:] == key[order][:-1]
    order = order[~same]
    if len(order) == rows.num_rows and bool((np.diff(order) == 1).all()):
        return rows
    return rows.take(pa.array(order))


def _whole(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A dictionary column with one dictionary, as one array."""
    whole = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _sort_key(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    if pa.types.is_dictionary(column.type):
        encoded = _whole(column)
        rank = np.empty(len(encoded.dictionary), np.int64)
        rank[np.argsort(np.array(encoded.dictionary.to_pylist(), dtype=object))] = np.arange(
            len(rank)
        )
        ranked: npt.NDArray[np.int64] = rank[encoded.indices.to_numpy()]
        return ranked
    bits = pa.int32() if pa.types.is_date32(column.type) else pa.int64()
    plain: npt.NDArray[np.int64] = column.cast(bits).to_numpy().astype(np.int64)
    return plain


def _write(tables: Tables, name: TableName, rows: pa.Table, prefix: str) -> AddAction:
    with store_errors(tables.address(name), "compact the price history"):
        return write_file(
            tables.filesystem(name),
            rows,
            SCHEMAS[name],
            prefix=prefix,
            groups=list(_groups(rows)),
        )


def _groups(rows: pa.Table) -> Iterator[tuple[int, int]]:
    """Bounds of the row groups, so that no listing is cut without need."""
    listing = _sort_key(rows.column("listing"))
    ends = np.append(np.flatnonzero(np.diff(listing)) + 1, rows.num_rows)
    start = 0
    for before, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True):
        if end - start > _GROUP_ROWS and before > start:
            yield start, before
            start = before
    yield start, rows.num_rows


def _removals(
    files: Sequence[dict[str, Any]], added: Sequence[AddAction], now: datetime
) -> list[RemoveAction]:
    """Tombstones. Delta deletes the files a week after their time, by the clock of the machine
    that it runs on, so they must not be dated by an older one: readers may still have them."""
    from deltalake.transaction import RemoveAction

    moments = [one.modification_time for one in added] + [one["modification_time"] for one in files]
    at = max([*moments, int(now.timestamp() * 1000)])
    return [RemoveAction(one["path"], False, at, one["size_bytes"], {}) for one in files]
