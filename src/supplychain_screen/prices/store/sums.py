"""Checksums of the store's files, so that a flipped bit is an error and never another price.

A data file carries the checksum of each of its column chunks between its last row group and its
footer, where Parquet readers do not look::

    PAR1  row groups  [offset length sum crc32] a column chunk  crc32 of the footer, of this  mark
    footer  length of the footer  PAR1

Reading verifies the chunks that it reads, while they are decoded, by the sum of their 64-bit
words: it takes a third of the time of a crc32, and no flipped bit or byte leaves it as it is.
Checking the store goes by the crc32. A name that ends in ``.sum.parquet`` says that the checksums
are there; older files have none and are read as they are. The pages have Parquet's own checksums
besides, which other programs can verify.

Delta's log is written by deltalake, which knows no checksums: the store keeps those of its files
beside it, in ``_sums``. A commit whose writer was killed before that has none, which is no fault.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from supplychain_screen.prices.checksums import read_full, word_sum

__all__ = [
    "SUMMED",
    "DamagedFileError",
    "check_log",
    "column_faults",
    "forget_checkpoint_sum",
    "forget_old_sums",
    "read_sums",
    "renew_checkpoint_sum",
    "rows_sum",
    "sum_log",
    "with_sums",
]

SUMMED = ".sum.parquet"
"""End of the names of files that carry checksums."""

_MARK = b"SCSSUM1\n"
_TAIL = struct.Struct("<IIII8s")
"""Row groups, columns, crc32 of the footer, crc32 of all before it in this block, mark."""

_CHUNK = np.dtype([("offset", "<u8"), ("length", "<u8"), ("sum", "<u8"), ("crc", "<u4")])
_FOOTER = 8
_AT_ONCE = 1 << 20
_GUESS = 1 << 16

_LOG, _SUMS = "_delta_log", "_sums"
_VERSION = re.compile(r"^(\d{20})\.(json|checkpoint\.parquet)$")
_PATIENCE = 5


class DamagedFileError(OSError):
    """A file does not hold what was written into it.

    Parameters
    ----------
    path : str
        Which file.
    what : str
        What of it.
    """

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path} is damaged: the checksum of {what} does not match")
        self.path, self.what = path, what


def with_sums(written: pa.Buffer) -> Iterator[bytes]:
    """The pieces of a Parquet file with checksums.

    Parameters
    ----------
    written : pyarrow.Buffer
        The file as pyarrow wrote it.

    Yields
    ------
    bytes
        To be written one after the other.
    """
    import pyarrow.parquet as pq

    view = memoryview(written)
    footer = len(view) - _FOOTER - int.from_bytes(view[-_FOOTER:-4], "little")
    metadata = pq.read_metadata(pa.BufferReader(written))
    chunks = np.zeros((metadata.num_row_groups, metadata.num_columns), _CHUNK)
    for row in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            one = metadata.row_group(row).column(column)
            start, length = one.data_page_offset, one.total_compressed_size
            if one.has_dictionary_page:
                start = min(start, one.dictionary_page_offset)
            piece = view[start : start + length]
            chunks[row, column] = start, length, word_sum(piece), zlib.crc32(piece)
    block = chunks.tobytes() + struct.pack("<III", *chunks.shape, zlib.crc32(view[footer:]))
    yield bytes(view[:footer])
    yield block + struct.pack("<I8s", zlib.crc32(block), _MARK)
    yield bytes(view[footer:])


def read_sums(path: str) -> npt.NDArray[Any]:
    """The checksums of one file's column chunks, its footer and themselves verified.

    Parameters
    ----------
    path : str
        A file with checksums.

    Returns
    -------
    ndarray of shape (n_row_groups, n_columns)
        Fields ``offset``, ``length``, ``sum``, ``crc``.

    Raises
    ------
    DamagedFileError
        The footer is not what was written.
    OSError
        The file cannot be read.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < _FOOTER + _TAIL.size:
            raise DamagedFileError(path, "its end")
        known = min(size, _GUESS)
        tail = _piece(file, size - known, known)
        footer = size - _FOOTER - int.from_bytes(tail[-_FOOTER:-4], "little")
        start = footer - _TAIL.size
        if start < 4:
            raise DamagedFileError(path, "its end")
        if start < size - known:
            tail = _piece(file, start, size - start)
        ahead = size - len(tail)
        rows, columns, of_footer, of_block, mark = _TAIL.unpack_from(tail, start - ahead)
        if mark != _MARK or zlib.crc32(tail[footer - ahead :]) != of_footer:
            raise DamagedFileError(path, "its footer")
        length = rows * columns * _CHUNK.itemsize
        if length > start:
            raise DamagedFileError(path, "its checksums")
        if start - length < ahead:
            tail = _piece(file, start - length, size - start + length)
            ahead = start - length
        block = tail[start - length - ahead : footer - ahead - 12]
    if zlib.crc32(block) != of_block:
        raise DamagedFileError(path, "its checksums")
    return np.frombuffer(block[:length], _CHUNK).reshape(rows, columns)


def column_faults(
    path: str,
    sums: npt.NDArray[Any],
    row_groups: Collection[int],
    columns: Collection[int],
    *,
    strict: bool = False,
) -> list[tuple[int, int]]:
    """The column chunks that are not what was written.

    Parameters
    ----------
    path : str
    sums : ndarray
        From :func:`read_sums`.
    row_groups, columns : collection of int
        Which chunks to read.
    strict : bool, default False
        True to go by the crc32, too.

    Returns
    -------
    list of pair of int
        Row group and column.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    faults = []
    view = memoryview(bytearray(_AT_ONCE))
    with Path(path).open("rb", buffering=0) as file:
        for row in row_groups:
            for column in columns:
                offset, length, said, crc = sums[row, column].tolist()
                file.seek(offset)
                found, checked, at = 0, 0, 0
                while at < length and (got := read_full(file, view[: min(length - at, _AT_ONCE)])):
                    found = (found + word_sum(view[:got])) % 2**64
                    checked = zlib.crc32(view[:got], checked) if strict else crc
                    at += got
                if at < length or found != said or checked != crc:
                    faults.append((row, column))
    return faults


def rows_sum(bars: pa.Table, events: pa.Table) -> str:
    """Hash of what one batch writes.

    Parameters
    ----------
    bars, events : pyarrow.Table
        In the order of listing, session and kind; a column ``fetch`` does not count.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    found = hashlib.sha256()
    for table in (bars, events):
        for name in table.column_names:
            if name == "fetch":
                continue
            column = table.column(name)
            if pa.types.is_floating(column.type):
                values = column.to_numpy().astype("<f8")
                # there are many NaN, and one of them means null
                values[np.isnan(values)] = np.nan
                found.update(values.tobytes())
            elif pa.types.is_date32(column.type):
                found.update(column.cast(pa.int32()).to_numpy().astype("<i4").tobytes())
            else:
                found.update(_texts(column).encode())
    return found.hexdigest()[:16]


def sum_log(table: str, since: int) -> None:
    """Keep the checksums of a table's log files that have none yet.

    Parameters
    ----------
    table : str
        Its folder.
    since : int
        First version that is looked at.

    Raises
    ------
    OSError
        They cannot be written.
    """
    version = since
    while _sum_file(table, f"{version:020}.json"):
        _sum_file(table, f"{version:020}.checkpoint.parquet")
        version += 1


def forget_checkpoint_sum(table: str, version: int) -> None:
    """Remove the checksum of a checkpoint."""
    Path(table, _SUMS, f"{version:020}.checkpoint.parquet").unlink(missing_ok=True)


def renew_checkpoint_sum(table: str, version: int) -> None:
    """Keep the checksum of a checkpoint that was just written, perhaps once more."""
    _sum_file(table, f"{version:020}.checkpoint.parquet", anew=True)


def forget_old_sums(table: str) -> None:
    """Remove checksums of log files that are gone."""
    folder = Path(table, _SUMS)
    with suppress(OSError):
        for one in folder.iterdir():
            if not Path(table, _LOG, one.name).exists():
                one.unlink(missing_ok=True)


def check_log(table: str, since: int | None = None, until: int | None = None) -> int:
    """Verify the files of a table's log.

    Parameters
    ----------
    table : str
        Its folder.
    since, until : int, optional
        First and last version; without them the newest checkpoint and all that follows, which is
        what opening a table reads.

    Returns
    -------
    int
        Last version verified.

    Raises
    ------
    DamagedFileError
        A file is not what was written.
    OSError
        The log cannot be read.
    """
    if since is not None and until is not None:
        for version in range(since, until + 1):
            _check_log_file(table, f"{version:020}.json")
        return until
    found = [one.name for one in Path(table, _LOG).iterdir() if _VERSION.match(one.name)]
    first = max((one[:20] for one in found if one.endswith(".parquet")), default="")
    for name in sorted(found):
        # a checkpoint stands for all versions up to its own
        if name[:20] > first or name == f"{first}.checkpoint.parquet":
            _check_log_file(table, name)
    return max((int(one[:20]) for one in found), default=-1)


def _check_log_file(table: str, name: str) -> None:
    path = Path(table, _LOG, name)
    for attempt in range(_PATIENCE):
        try:
            said = Path(table, _SUMS, name).read_bytes()
        except FileNotFoundError:
            return
        found = _log_sum(path)
        # a machine that lost its power leaves an empty checksum; a log file may be tidied away
        if not said or found is None or said == found:
            return
        if name.endswith(".json"):
            break
        # two compactions may write the same checkpoint one after the other
        time.sleep(0.02 * (attempt + 1))
    raise DamagedFileError(str(path), "this file of Delta's log")


def _sum_file(table: str, name: str, *, anew: bool = False) -> bool:
    """Write the checksum of one log file; False where the file is not there."""
    path, target = Path(table, _LOG, name), Path(table, _SUMS, name)
    if not anew and target.exists():
        return True
    said = _log_sum(path)
    if said is None:
        return False
    target.parent.mkdir(exist_ok=True)
    draft = target.with_name(f".{name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        draft.write_bytes(said)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return True


def _log_sum(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return f"crc32 {zlib.crc32(content):08x} of {len(content)} bytes\n".encode()


def _piece(file: Any, offset: int, length: int) -> bytes:
    file.seek(offset)
    piece: bytes = file.read(length)
    return piece


def _texts(column: pa.ChunkedArray) -> str:
    """Runs of equal texts, each with its length."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    codes, names = whole.indices.to_numpy(), whole.dictionary.to_pylist()
    edges = np.flatnonzero(np.diff(codes)) + 1
    starts = np.concatenate(([0], edges)) if codes.size else edges
    stops = np.append(edges, codes.size)
    return "".join(
        f"{names[codes[start]]}*{stop - start}\n"
        for start, stop in zip(starts.tolist(), stops.tolist()[: len(starts)], strict=True)
    )
