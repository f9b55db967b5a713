"""Reading the files of one table: only the row groups that can hold what is wanted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa

from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store.sums import (
    SUMMED,
    DamagedFileError,
    column_faults,
    read_sums,
)
from supplychain_screen.prices.store.tables import (
    DAMAGE_REMEDY,
    SCHEMAS,
    TableName,
    Tables,
    store_errors,
)

__all__ = ["damaged", "files_of", "scan"]

_BATCH_ROWS = 1 << 20


def files_of(tables: Tables, name: TableName) -> list[dict[str, Any]]:
    """The files of a table at the version opened last: ``path``, ``size_bytes``, ``num_records``.

    Raises
    ------
    StoreError
        The table cannot be read.
    """
    table = tables.table(name, refresh=False)
    with store_errors(tables.address(name), "read the price history"):
        files: list[dict[str, Any]] = pa.table(table.get_add_actions()).to_pylist()
    return files


def scan(
    tables: Tables,
    name: TableName,
    columns: Sequence[str],
    *,
    paths: Sequence[str] | None = None,
    wanted: Sequence[str] | None = None,
    span: tuple[str, str] | None = None,
    coded: bool = True,
) -> pa.Table:
    """Some columns of a table.

    Parameters
    ----------
    tables : Tables
    name : str
        Which table, at the version opened last.
    columns : sequence of str
    paths : sequence of str, optional
        Read these files only.
    wanted : sequence of str, optional
        Sorted ids. Row groups that hold none of them are not read; others are read whole.
    span : pair of str, optional
        First and last id; row groups outside are not read.
    coded : bool, default True
        Texts as dictionaries: reading, sorting and moving them is ten times as fast.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    StoreError
        A file cannot be read; its name is in the message.
    """
    import pyarrow.dataset as ds

    if paths is None:
        paths = [one["path"] for one in files_of(tables, name)]
    schema = SCHEMAS[name]
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    options = ds.ParquetFragmentScanOptions(page_checksum_verification=tables.is_url)
    file_format = ds.ParquetFileFormat(
        dictionary_columns=texts if coded else (), default_fragment_scan_options=options
    )
    filesystem = tables.filesystem(name)
    fragments = [file_format.make_fragment(path, filesystem) for path in paths]
    try:
        # footers first: they say where everything else lies
        sums = {} if tables.is_url else _sums_of(tables, name, paths)
        if wanted is not None or span is not None:
            fragments = [_promising(one, wanted, span) for one in fragments]
        data = ds.FileSystemDataset(
            fragments, _coded(schema) if coded else schema, file_format, filesystem
        )
        chosen = {
            one.path: [group.id for group in one.row_groups]
            if wanted is not None or span is not None
            else range(len(sums[one.path]))
            for one in fragments
            if one.path in sums
        }
        with ThreadPoolExecutor(1) as beside:
            verified = beside.submit(_verify, tables, name, sums, chosen, columns)
            try:
                table = data.to_table(columns=list(columns), batch_size=_BATCH_ROWS)
            finally:
                # what is damaged may be unreadable for any reason: this is the true one
                verified.result()
        return table
    except DamagedFileError as error:
        raise damaged(error) from error
    except (OSError, pa.ArrowException) as error:
        raise _named(tables, name, paths, error) from error


def damaged(error: DamagedFileError) -> StoreError:
    """What a damaged file means, and what to do."""
    return StoreError(f"{error}; {DAMAGE_REMEDY}", path=error.path)


def _sums_of(tables: Tables, name: TableName, paths: Sequence[str]) -> dict[str, Any]:
    """Checksums of the files that have them."""
    folder = Path(tables.address(name))
    return {one: read_sums(str(folder / one)) for one in paths if one.endswith(SUMMED)}


def _verify(
    tables: Tables,
    name: TableName,
    sums: Mapping[str, Any],
    chosen: Mapping[str, Collection[int]],
    columns: Sequence[str],
) -> None:
    """Compare what is read of the files with their checksums.

    Raises
    ------
    DamagedFileError
        Something is not what was written.
    """
    folder, names = Path(tables.address(name)), SCHEMAS[name].names
    wanted = [names.index(one) for one in columns]
    for one, groups in chosen.items():
        path = str(folder / one)
        for _, column in column_faults(path, sums[one], groups, wanted):
            raise DamagedFileError(path, f"column {names[column]!r}")


def _promising(fragment: Any, wanted: Sequence[str] | None, span: tuple[str, str] | None) -> Any:
    """A fragment without the row groups that cannot hold a wanted listing."""
    metadata = fragment.metadata
    kept = []
    for number in range(metadata.num_row_groups):
        statistics = metadata.row_group(number).column(0).statistics
        if statistics is None or not statistics.has_min_max:
            kept.append(number)
            continue
        low, high = statistics.min, statistics.max
        if span is not None and (high < span[0] or low > span[1]):
            continue
        if wanted is not None:
            at = bisect_left(wanted, low)
            if at == len(wanted) or wanted[at] > high:
                continue
        kept.append(number)
    return fragment.subset(row_group_ids=kept)


def _named(tables: Tables, name: TableName, paths: Sequence[str], error: Exception) -> StoreError:
    """The error with the file that causes it, found by opening one after the other."""
    import pyarrow.parquet as pq

    for path in paths:
        where = f"{tables.address(name)}/{path}"
        try:
            with (
                store_errors(where, "read the price history"),
                tables.filesystem(name).open_input_file(path) as source,
            ):
                pq.ParquetFile(source).read()
        except StoreError as named:
            return named
    address = tables.address(name)
    return StoreError(f"cannot read the price history at {address}: {error}", path=address)


def _coded(schema: pa.Schema) -> pa.Schema:
    code = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [field.with_type(code) if pa.types.is_string(field.type) else field for field in schema]
    )
