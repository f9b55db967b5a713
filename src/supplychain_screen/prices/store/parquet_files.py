"""Writing one Parquet file of a table, and saying to Delta what it holds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from supplychain_screen.prices.store.sums import SUMMED, with_sums

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

__all__ = ["action_of", "write_file"]


def write_file(
    filesystem: Any,
    rows: pa.Table,
    schema: pa.Schema,
    *,
    prefix: str = "part-",
    groups: Sequence[tuple[int, int]] | None = None,
) -> AddAction:
    """Write rows as one new file of a table; nobody sees it before Delta commits it.

    Parameters
    ----------
    filesystem : pyarrow.fs.FileSystem
        The table's folder.
    rows : pyarrow.Table
        Not empty; texts may be dictionaries.
    schema : pyarrow.Schema
        Columns of the table, texts as texts. Its first two columns are those that reading skips
        files by.
    prefix : str
        Beginning of the file's name.
    groups : sequence of pair of int, optional
        First and last row (exclusive) of each row group, for a file to be read often: its row
        groups get dictionaries of their own, and it is compressed. Without it the file is
        written as fast as can be, since it will be packed soon.

    Returns
    -------
    AddAction
        To be committed.

    Raises
    ------
    OSError
        It could not be written; what was written of it is removed where that is possible.
    """
    import pyarrow.parquet as pq

    path = f"{prefix}{uuid.uuid4()}{SUMMED}"
    # floats hardly repeat; lz4 is read twice as fast as zstd, in files half as large again. A file
    # without row groups of its own is skipped whole, by what the log says of it
    repeating = [field.name for field in schema if not pa.types.is_floating(field.type)]
    options: dict[str, Any] = {
        "compression": "none" if groups is None else "lz4",
        "use_dictionary": repeating,
        "write_statistics": False if groups is None else list(schema.names[:2]),
        "store_schema": False,
        "write_page_checksum": True,
    }
    written = pa.BufferOutputStream()
    if groups is None:
        pq.write_table(rows, written, **options)
    else:
        with pq.ParquetWriter(written, schema, **options) as writer:
            for start, stop in groups:
                # as text again, so that a group's dictionary holds its own words only
                group = rows.slice(start, stop - start).cast(schema)
                writer.write_table(group, row_group_size=stop - start)
    try:
        # a buffer, because deltalake's handler takes bytes alone
        with filesystem.open_output_stream(path, buffer_size=1 << 16) as sink:
            for piece in with_sums(written.getvalue()):
                sink.write(piece)
    except OSError:
        with suppress(OSError):
            filesystem.delete_file(path)
        raise
    return action_of(filesystem, path, rows, schema, data_change=groups is None)


def action_of(
    filesystem: Any, path: str, rows: pa.Table, schema: pa.Schema, *, data_change: bool
) -> AddAction:
    """What Delta is told of a file and the rows in it."""
    from deltalake.transaction import AddAction

    info = filesystem.get_file_info(path)
    return AddAction(
        path=path,
        size=info.size,
        partition_values={},
        # the clock of the machine that holds the files, which is the one Delta goes by
        modification_time=info.mtime_ns // 1_000_000,
        data_change=data_change,
        stats=_statistics(rows, schema.names[:2]),
    )


def _statistics(rows: pa.Table, names: Sequence[str]) -> str:
    low, high = {}, {}
    for name in names:
        values = rows.column(name)
        if pa.types.is_dictionary(values.type):
            values = pc.unique(values).cast(pa.string())
        bounds = pc.min_max(values).as_py()
        low[name], high[name] = _plain(bounds["min"]), _plain(bounds["max"])
    return json.dumps(
        {
            "numRecords": rows.num_rows,
            "minValues": low,
            "maxValues": high,
            "nullCount": dict.fromkeys(names, 0),
        }
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)
