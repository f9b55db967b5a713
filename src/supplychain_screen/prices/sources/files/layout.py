"""What a price file looks like inside, learnt from its first bytes and its header alone.

::

    long     symbol,date,close,volume         one row a symbol and day
    single   date,close,volume                one symbol: the name of the file
    wide     date,688018.SS,0285.HK,^HSI      one column a symbol, closes only
"""

from __future__ import annotations

import csv
import difflib
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn, cast

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.prices.series import Basis
from supplychain_screen.prices.sources.files.symbols import looks_like_symbols

__all__ = ["SUFFIXES", "Layout", "read_layout", "stem_of"]

SUFFIXES = (".csv", ".csv.gz", ".parquet")
"""Names of the files that are read from a folder; a file named outright may have any name."""

Kind = Literal["csv", "gzip", "parquet"]
Form = Literal["long", "single", "wide"]

_SYMBOL_NAMES = ("symbol", "ticker", "listing", "ts_code", "code", "代码", "证券代码")
_DATE_NAMES = ("date", "datetime", "trade_date", "日期", "交易日期", "__index_level_0__")
_SPLIT_NAMES = ("stock_splits", "splits", "split")
_BAR_NAMES = frozenset({"open", "high", "low", "close", "adj_close", "volume"})

_FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard",
    b"\xfd7zXZ": "compressed with XZ",
    b"BZh": "compressed with bzip2",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}
_SAVE_UTF8 = "save the file as 'CSV UTF-8'"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_HEADER = 1 << 22


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one price file are.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        The file as its user named it, for messages.
    kind : {"csv", "gzip", "parquet"}
        How its bytes are read; told by the bytes, not by the name.
    form : {"long", "single", "wide"}
        How its rows are meant.
    names : tuple of str
        Column names as written.
    date : int
        Position of the date column.
    symbol : int or None
        Position of the symbol column; only of a long file.
    close, total, volume : int or None
        Positions of the close of either basis and of the volume; never of a wide file.
    splits, currency : int or None
        Positions of what a file may state besides; never of a wide file.
    wide : tuple of int
        Positions of the columns that may be symbols; only of a wide file.
    delimiter : str
        Between the fields of a text file.
    header_lines : int
        Lines of a text file up to the end of its header.
    """

    path: Path
    label: str
    kind: Kind
    form: Form
    names: tuple[str, ...]
    date: int
    symbol: int | None = None
    close: int | None = None
    total: int | None = None
    volume: int | None = None
    splits: int | None = None
    currency: int | None = None
    wide: tuple[int, ...] = ()
    delimiter: str = ","
    header_lines: int = 1


def read_layout(
    path: Path, label: str, *, close: str, total: str | None, basis: Basis | None = None
) -> Layout:
    """Layout of the file at ``path``.

    Parameters
    ----------
    path : Path
        An existing file.
    label : str
        How messages name it.
    close, total : str
        Names of the columns of closes; ``total`` None where no column reinvests dividends.
    basis : {"price", "total"} or None
        What will be read: ``price`` needs the column ``close``, else either column does.

    Raises
    ------
    PriceFileError
        The file is empty, no price file, or lacks a column; all such problems at once.
    """
    header = _header(path, label)
    names = header.names
    date = _position(names, _DATE_NAMES)
    symbol = _position(names, _SYMBOL_NAMES)
    at_close = _position(names, (close,))
    at_total = None if total is None else _position(names, (total,))
    unpriced = at_close is None and at_total is None
    if symbol is None and unpriced and not _BAR_NAMES & {_plain(name) for name in names}:
        first = date if date is not None else 0
        others = tuple(at for at in range(len(names)) if at != first)
        if looks_like_symbols(names[at] for at in others):
            return replace(header, form="wide", date=first, wide=others)
    read = at_close if basis == "price" or at_total is None else at_total
    problems = list(_missing(label, names, close, date=date, symbol=symbol, read=read))
    problems += [
        Problem("the column occurs twice", "rename one of them", label, None, names[at])
        for at in (date, symbol, at_close, at_total)
        if at is not None and names.count(names[at]) > 1
    ]
    if problems and any("\ufffd" in name for name in names):
        problems.insert(0, Problem("the header is not UTF-8", _SAVE_UTF8, label, 1))
    if problems or date is None:
        raise PriceFileError(problems)
    return replace(
        header,
        form="single" if symbol is None else "long",
        date=date,
        symbol=symbol,
        close=at_close,
        total=at_total,
        volume=_position(names, ("volume",)),
        splits=_position(names, _SPLIT_NAMES),
        currency=_position(names, ("currency",)),
    )


def stem_of(path: Path) -> str:
    """Name of a file without the suffixes of price files: ``0285.HK`` of ``0285.HK.csv.gz``."""
    name = path.name
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return path.stem


def _header(path: Path, label: str) -> Layout:
    """What the bytes and the column names say, before anybody asks what the columns mean."""
    head = _first_bytes(path, label)
    if head.startswith(b"PAR1"):
        return Layout(path, label, "parquet", "long", _parquet_names(path, label), date=0)
    zipped = head.startswith(b"\x1f\x8b")
    names, delimiter, lines = _text_header(path, label, zipped=zipped)
    kind: Kind = "gzip" if zipped else "csv"
    return Layout(path, label, kind, "long", names, 0, delimiter=delimiter, header_lines=lines)


def _first_bytes(path: Path, label: str) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        _refuse(label, f"cannot be read: {error.strerror or error}", "check the file's permissions")
    if not head:
        _refuse(label, "the file is empty", "save the prices again")
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            _refuse(label, f"not a price file but {what}", "save the prices as CSV or Parquet")
    if head.startswith(_UTF16):
        _refuse(label, "the text is UTF-16, not UTF-8", _SAVE_UTF8)
    return head


def _parquet_names(path: Path, label: str) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        _refuse(
            label, f"the Parquet file is damaged: {_first_line(error)}", "copy or write it again"
        )
    return tuple(schema.names)


def _text_header(path: Path, label: str, *, zipped: bool) -> tuple[tuple[str, ...], str, int]:
    lines: list[str] = []
    try:
        with gzip.open(path, "rb") if zipped else path.open("rb") as file:
            text = "".join(_header_lines(cast(BinaryIO, file), lines))
    except EOFError:
        _refuse(label, "the gzip file ends in its header line", "copy or download it again")
    except (OSError, zlib.error) as error:
        _refuse(label, f"the gzip file is damaged: {error}", "copy or download it again")
    if not text.strip():
        _refuse(label, "the file holds no line", "save the prices again")
    if "\0" in text or len(text) >= _LONGEST_HEADER:
        _refuse(label, "not a price file: its first line is no header", "give CSV or Parquet")
    if "\r" in text.rstrip("\r\n"):
        _refuse(label, "the lines end as on an old Macintosh", _SAVE_UTF8)
    text = text.removeprefix("\ufeff")
    delimiter = max(",;\t|", key=text.count)
    names = next((row for row in csv.reader(text.splitlines(), delimiter=delimiter) if row), [])
    # What is no UTF-8 is marked, since it could not even be printed.
    plain = [name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in names]
    return tuple(name.strip() for name in plain), delimiter, len(lines)


def _header_lines(file: BinaryIO, lines: list[str]) -> Iterator[str]:
    """Lines up to the first that says something and closes its quotes; noted in ``lines``."""
    quotes, size = 0, 0
    while size < _LONGEST_HEADER:
        raw = file.readline(_LONGEST_HEADER)
        if not raw:
            return
        # Bytes that are no UTF-8 matter only in the columns that are read.
        line = raw.decode("utf-8", "surrogateescape")
        lines.append(line)
        yield line
        size += len(raw)
        quotes += line.count('"')
        if line.strip("\ufeff \t\r\n") and quotes % 2 == 0:
            return


def _missing(
    label: str,
    names: tuple[str, ...],
    close: str,
    *,
    date: int | None,
    symbol: int | None,
    read: int | None,
) -> Iterator[Problem]:
    near = any(_near(wanted, names) for wanted in ("date", close))
    if date is None and symbol is None and read is None and not near:
        shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        yield Problem(
            f"not a price file: its columns are {shown}",
            f"name the columns symbol, date and {close}, or date and one column a symbol",
            label,
        )
        return
    if date is None:
        yield _missing_column(label, "date", names)
    if read is None:
        other = next((name for name in names if _plain(name) == "adj_close"), None)
        yield (
            Problem(
                "missing column",
                f"add it, or read the other one: close={other!r}",
                label,
                None,
                close,
            )
            if other
            else _missing_column(label, close, names)
        )
    if symbol is None and _near("symbol", names):
        yield _missing_column(label, "symbol", names)


def _missing_column(label: str, wanted: str, names: Sequence[str]) -> Problem:
    near = _near(wanted, names)
    remedy = f"did you mean {near!r}? Rename it to {wanted!r}" if near else f"add {wanted!r}"
    return Problem("missing column", remedy, label, None, wanted)


def _near(wanted: str, names: Iterable[str]) -> str | None:
    plain = {_plain(name): name for name in names if name}
    found = difflib.get_close_matches(_plain(wanted), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found else None


def _position(names: tuple[str, ...], wanted: Iterable[str]) -> int | None:
    """Position of the first name wanted, as written or else but for case and spaces."""
    plain = [_plain(name) for name in names]
    for name in wanted:
        if name in names:
            return names.index(name)
        if _plain(name) in plain:
            return plain.index(_plain(name))
    return None


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _refuse(label: str, message: str, remedy: str) -> NoReturn:
    raise PriceFileError(Problem(message, remedy, label))
