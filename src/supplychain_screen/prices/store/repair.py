"""Finding damaged files in the store, and taking them out so that prices can be fetched again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store.parquet_files import action_of, write_file
from supplychain_screen.prices.store.scanning import files_of, scan
from supplychain_screen.prices.store.sums import (
    SUMMED,
    DamagedFileError,
    column_faults,
    read_sums,
)
from supplychain_screen.prices.store.tables import SCHEMAS, TableName, Tables, store_errors

if TYPE_CHECKING:
    from deltalake.transaction import RemoveAction

from supplychain_screen.words import message

__all__ = ["Damage", "Repair", "damages", "repair_tables"]

DAMAGED = "damaged_file"
"""Reason in the log of fetches where the rows of an accepted answer were lost with their file."""

_PUT_ASIDE = "_damaged_log"


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged file.

    Parameters
    ----------
    table, path : str
        Which table, and the name of the file in it.
    what : str
        What of it.
    listings : tuple of str
        Whose rows are in it; first and last only where the rest cannot be read.
    fetches : tuple of str
        Batches with rows in it, as far as they can be read.
    """

    table: TableName
    path: str
    what: str
    listings: tuple[str, ...]
    fetches: tuple[str, ...]

    def __str__(self) -> str:
        whose = _few(self.listings) or "nobody knows whom"
        batches = f", of the batches {_few(self.fetches)}" if self.fetches else ""
        return f"{self.table}/{self.path} is damaged: {self.what}; it has rows of {whose}{batches}"


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did.

    Parameters
    ----------
    damages : tuple of str
        One sentence a file that is no longer part of the store.
    listings : tuple of str
        Whose prices were lost, wholly or from some day on; the next update asks for them.
    """

    damages: tuple[str, ...]
    listings: tuple[str, ...]


def damages(tables: Tables, name: TableName) -> list[Damage]:
    """Read every byte of one table's files, and say which are not what was written.

    Raises
    ------
    StoreError
        The table's log cannot be read.
    """
    found = []
    for one in files_of(tables, name):
        what = _fault(tables, name, one["path"])
        if what:
            listings, fetches = (_readable(tables, name, one["path"], c) for c in _KEYS)
            bounds = one.get("min") or {}, one.get("max") or {}
            told = tuple(sorted({str(b["listing"]) for b in bounds if b.get("listing")}))
            found.append(Damage(name, one["path"], what, listings or told, fetches))
    return found


_KEYS = ("listing", "fetch")


def repair_tables(tables: Tables, now: datetime) -> Repair:
    """Take damaged files out of the store, and what depends on the rows in them.

    Parameters
    ----------
    tables : Tables
        Of a store that exists.
    now : datetime
        The current moment, aware.

    Returns
    -------
    Repair
        Where a log was damaged, its table was made anew from the data files that are sound. An
        accepted answer of which rows are lost, and all later ones for its listing from the same
        source, count no longer. Damaged files stay on disk until compaction removes them.

    Raises
    ------
    StoreError
        The store cannot be written.
    """
    told: list[str] = []
    verdicts_lost = False
    for name in SCHEMAS:
        try:
            tables.table(name)
            files_of(tables, name)
        except StoreError as error:
            told.append(str(error).partition(";")[0])
            _rebuild(tables, name)
            verdicts_lost |= name == "fetches"
        broken = damages(tables, name)
        told += map(str, broken)
        verdicts_lost |= bool(broken) and name == "fetches"
        if broken:
            paths = {one.path for one in broken}
            gone = [one for one in files_of(tables, name) if one["path"] in paths]
            tables.replace(name, [], _removals(gone, now))
    if not told:
        return Repair((), ())
    return Repair(tuple(told), tuple(_void(tables, now, orphans=verdicts_lost)))


def _fault(tables: Tables, name: TableName, path: str) -> str:
    """What is wrong with one data file; empty where nothing is."""
    where = Path(tables.address(name), path)
    try:
        if path.endswith(SUMMED) and not tables.is_url:
            sums = read_sums(str(where))
            rows, columns = sums.shape
            faults = column_faults(str(where), sums, range(rows), range(columns), strict=True)
            names = sorted({SCHEMAS[name].names[column] for _, column in faults})
            return f"the checksum of column {_few(names)} does not match" if names else ""
        scan(tables, name, SCHEMAS[name].names, paths=[path])
    except DamagedFileError as error:
        return f"the checksum of {error.what} does not match"
    except FileNotFoundError:
        return "it is missing"
    except (OSError, StoreError) as error:
        return f"it cannot be read ({str(error).partition(';')[0]})"
    return ""


def _readable(tables: Tables, name: TableName, path: str, column: str) -> tuple[str, ...]:
    """The texts of one column of a damaged file, if that column is sound."""
    with suppress(StoreError, OSError):
        texts = scan(tables, name, [column], paths=[path]).column(column)
        return tuple(sorted(set(pc.unique(texts.cast(pa.string())).to_pylist())))
    return ()


def _rebuild(tables: Tables, name: TableName) -> None:
    """Make a table anew from its sound data files."""
    folder = Path(tables.address(name))
    with store_errors(str(folder), "repair the price history"):
        aside = folder / f"{_PUT_ASIDE}-{sum(1 for _ in folder.glob(f'{_PUT_ASIDE}*'))}"
        (folder / "_delta_log").rename(aside)
        with suppress(FileNotFoundError):
            (folder / "_sums").rename(aside / "_sums")
        tables.forget(name)
        tables.create()
    filesystem = tables.filesystem(name)
    for file in sorted(folder.glob("*.parquet")):
        if not _fault(tables, name, file.name):
            rows = scan(tables, name, SCHEMAS[name].names, paths=[file.name])
            if rows.num_rows:
                tables.commit(
                    name, action_of(filesystem, file.name, rows, SCHEMAS[name], data_change=True)
                )
    if name == "fetches":
        # files of before a compaction are there too, with the same rows
        rows = scan(tables, name, SCHEMAS[name].names, coded=False)
        _replace_fetches(tables, rows.group_by(rows.column_names).aggregate([]), None)


def _void(tables: Tables, now: datetime, *, orphans: bool) -> list[str]:
    """Let answers of which rows are lost count no longer; the listings concerned."""
    fetches = scan(tables, "fetches", SCHEMAS["fetches"].names, coded=False)
    accepted = fetches.filter(pc.equal(fetches.column("outcome"), "accepted"))
    first_bad: dict[tuple[str, str | None], str] = {}

    def lost(listing: str, source: str | None, fetch: str) -> None:
        first_bad[listing, source] = min(fetch, first_bad.get((listing, source), fetch))

    for name, keys in (("bars", ["session"]), ("events", ["session", "kind"])):
        rows = scan(tables, name, ["listing", "fetch", *keys], coded=False)  # type: ignore[arg-type]
        unique = rows.group_by(["listing", "fetch", *keys]).aggregate([])
        there = unique.group_by(["listing", "fetch"]).aggregate([([], "count_all")])
        counts = {(one["listing"], one["fetch"]): one["count_all"] for one in there.to_pylist()}
        for one in accepted.select(["listing", "source", "fetch", name]).to_pylist():
            if counts.pop((one["listing"], one["fetch"]), 0) != one[name]:
                lost(one["listing"], one["source"], one["fetch"])
        if orphans:
            # rows without a verdict: it may have been in the lost file
            for listing, fetch in counts:
                lost(listing, None, fetch)
    if not first_bad:
        return []
    void = [
        row["outcome"] == "accepted"
        and any(
            row["fetch"] >= first_bad.get((row["listing"], source), "~")
            for source in (row["source"], None)
        )
        for row in fetches.select(["listing", "source", "fetch", "outcome"]).to_pylist()
    ]
    _replace_fetches(tables, _as_failed(fetches, void), now)
    return sorted({listing for listing, _ in first_bad})


def _as_failed(fetches: pa.Table, void: Sequence[bool]) -> pa.Table:
    mask = pa.array(void, pa.bool_())
    changed: Mapping[str, Any] = {
        "outcome": "failed",
        "reason": DAMAGED,
        "detail": str(message("update.lost")),
        "bars": 0,
        "events": 0,
    }
    for name, value in changed.items():
        at = fetches.schema.get_field_index(name)
        kind = SCHEMAS["fetches"].field(name).type
        column = pc.if_else(mask, pa.scalar(value, kind), fetches.column(name))
        fetches = fetches.set_column(at, name, column)
    return fetches


def _replace_fetches(tables: Tables, rows: pa.Table, now: datetime | None) -> None:
    files = files_of(tables, "fetches")
    rows = rows.select(SCHEMAS["fetches"].names).cast(SCHEMAS["fetches"])
    rows = rows.sort_by(
        [(one, "ascending") for one in ("listing", "source", "fetched_at", "fetch")]
    )
    with store_errors(tables.address("fetches"), "repair the price history"):
        added = (
            [
                write_file(
                    tables.filesystem("fetches"),
                    rows,
                    SCHEMAS["fetches"],
                    prefix="recent-",
                    groups=[(0, rows.num_rows)],
                )
            ]
            if rows.num_rows
            else []
        )
        tables.replace("fetches", added, _removals(files, now))


def _removals(files: Collection[Mapping[str, Any]], now: datetime | None) -> list[RemoveAction]:
    from deltalake.transaction import RemoveAction

    moments = [one["modification_time"] for one in files]
    at = max([*moments, 0 if now is None else int(now.timestamp() * 1000)])
    return [RemoveAction(one["path"], False, at, one["size_bytes"], {}) for one in files]


def _few(names: Sequence[str]) -> str:
    """Names for a sentence: the first ones, and how many more."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
