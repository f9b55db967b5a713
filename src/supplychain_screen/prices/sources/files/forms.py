"""What the bytes of a file, or a frame, hold: records of cells, whatever the kind of file.

A `Table` knows its first records as text, reads wanted columns as Arrow columns, and can tell the
line of a record. What the columns mean is the business of ``layout``.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.prices.sources.files.grammar import MISSING, encoded, giving_pool, let_go

__all__ = [
    "MAX_BYTES",
    "SUFFIXES",
    "Table",
    "is_frame",
    "names_beside",
    "printable",
    "stem_of",
    "tables_of_file",
    "tables_of_frame",
]

_TEXTS = (".csv", ".tsv", ".txt")
SUFFIXES = (
    *_TEXTS,
    *(f"{one}.gz" for one in _TEXTS),
    ".parquet",
    ".feather",
    ".arrow",
    ".xlsx",
    ".xls",
    ".zip",
)
"""Names of the files that are read from a folder; a file named outright may have any name."""

MAX_BYTES = 1 << 30
"""Unpacked size above which a file is refused unless its user says otherwise."""

_FOREIGN = {
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard",
    b"\xfd7zXZ": "compressed with XZ",
    b"BZh": "compressed with bzip2",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""In what Excel makes of a workbook with a password."""
_MARKUP = {b"<": "a page of HTML or XML, whatever its name", b"[": "JSON", b"{": "JSON"}
_SAVE_UTF8 = "save the file as 'CSV UTF-8'"
_HEAD_RECORDS, _HEAD_BYTES = 64, 1 << 22
_SAMPLE = 1 << 18
_ENCODINGS = {"gb18030": "GBK", "big5hkscs": "Big5", "utf-8": "UTF-8"}
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHINESE = {
    "gb18030": ("日期", "时间", "收盘", "代码", "成交", "开盘", "证券", "股票", "后复权", "前复权"),
    "big5hkscs": ("日期", "時間", "收盤", "代碼", "代號", "成交", "開盤", "證券", "股票"),
}

Odd = list[tuple[int, list[str]]]
"""Rows with too few or too many fields: line, and fields."""

Read = Callable[[Sequence[int], int, Odd], list[Any]]
Lines = Callable[[Iterable[int], int], Mapping[int, int]]


@dataclass(frozen=True, eq=False)
class Table:
    """Records of cells as they stand in one file, sheet or frame.

    Parameters
    ----------
    label : str
        As its user named it, for messages.
    stem : str
        Its name without suffixes, which may be a symbol.
    kind : str
        ``CSV``, ``Parquet``, ``Feather``, ``Excel`` or ``frame``.
    head : tuple of tuple of str
        The first records as text; of a typed table only those of its header.
    header : int or None
        How many of them are the header; None where that must be found.
    width : int
        Cells of a record.
    read : callable
        ``read(positions, header, odd)``: these columns below the header; rows with another number
        of fields are left out and noted. The first two positions are those of words.
    lines : callable
        ``lines(records, header)``: the line in the file of each record below the header.
    sample : callable
        The first records below the header as text, for guesses about columns without a name.
    delimiter : str
        Between the fields of a text; empty for other tables.
    foot : tuple of tuple of str
        The last records of a sheet, where programs say whose data it is.
    """

    label: str
    stem: str
    kind: str
    head: tuple[tuple[str, ...], ...]
    header: int | None
    width: int
    read: Read = field(repr=False)
    lines: Lines = field(repr=False)
    sample: Callable[[int], list[tuple[str, ...]]] = field(repr=False)
    delimiter: str = ""
    foot: tuple[tuple[str, ...], ...] = ()


def stem_of(name: str) -> str:
    """Name of a file without the suffixes of price files: ``0285.HK`` of ``0285.HK.csv.gz``."""
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return Path(name).stem


def is_frame(thing: object) -> bool:
    """Whether something is a table of a frame library, or frames by symbol."""
    if isinstance(thing, str | Path) or thing is None:
        return False
    if isinstance(thing, Mapping):
        return bool(thing) and all(is_frame(one) for one in thing.values())
    return any(
        hasattr(thing, mark)
        for mark in (
            "__arrow_c_stream__",
            "__dataframe__",
            "__narwhals_dataframe__",
            "__narwhals_lazyframe__",
            "collect_schema",
            "to_arrow_table",
            "iloc",
        )
    )


# files


def tables_of_file(path: Path, label: str, max_bytes: int = MAX_BYTES) -> list[Table]:
    """Every table of a file: one, or one a sheet, or one a file of a ZIP archive.

    Raises
    ------
    PriceFileError
        It cannot be opened, is of another kind, or is larger than ``max_bytes`` once unpacked.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(16)
        size = path.stat().st_size
    except FileNotFoundError:
        near = get_close_matches(path.name, names_beside(path), n=3, cutoff=0.6)
        remedy = f"did you mean {' or '.join(near)}?" if near else "check the path"
        _refuse(label, "there is no such file", remedy)
    except IsADirectoryError:
        _refuse(label, "this is a folder", "name a file in it")
    except OSError as error:
        _refuse(label, f"cannot be read: {error.strerror or error}", "check the file's permissions")
    return _tables(path, magic, size, path.name, label, max_bytes)


def names_beside(path: Path) -> list[str]:
    """Names in the folder of a file that is not there."""
    try:
        return sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return []


Raw = Path | bytes
"""A file, or the bytes of one that stands in an archive."""


def _opened(raw: Raw) -> BinaryIO:
    return raw.open("rb") if isinstance(raw, Path) else io.BytesIO(raw)


def _for_arrow(raw: Raw) -> Any:
    """What Arrow opens, and closes, itself."""
    import pyarrow as pa

    return str(raw) if isinstance(raw, Path) else pa.BufferReader(raw)


def _tables(
    raw: Raw, magic: bytes, size: int, name: str, label: str, max_bytes: int
) -> list[Table]:
    if not magic:
        _refuse(label, "the file is empty", "save the prices again")
    for start, what in _FOREIGN.items():
        if magic.startswith(start):
            _refuse(label, f"not a price file but {what}", "save the prices as CSV or Parquet")
    for start, what in _MARKUP.items():
        if magic.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(start):
            _refuse(label, f"not a price file but {what}", "save it as CSV, Excel or Parquet")
    _bounded(size, label, max_bytes)
    if magic.startswith(b"PAR1"):
        return [_parquet(raw, name, label, max_bytes)]
    if magic.startswith((b"ARROW1", b"FEA1")):
        return [_feather(raw, name, label)]
    if magic.startswith(b"PK\x03\x04"):
        return _of_zip(raw, name, label, max_bytes)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        return _sheets(raw, name, label)
    zipped = magic.startswith(b"\x1f\x8b")
    if zipped:
        _bounded(_unpacked(raw, max_bytes), label, max_bytes)
    return [_Text(raw, name, label, max_bytes, zipped=zipped).table()]


def _unpacked(raw: Raw, most: int) -> int:
    """Size of a gzip file where its last bytes claim more than ``most``, read up to there; else 0.

    The claim alone proves nothing: the last bytes of a file that is cut off are any number.
    """
    with _opened(raw) as file:
        file.seek(max(file.seek(0, io.SEEK_END) - 4, 0))
        if int.from_bytes(file.read(), "little") <= most:
            return 0
        file.seek(0)
        size = 0
        with suppress(EOFError, OSError, zlib.error), gzip.open(file, "rb") as stream:
            while size <= most and (part := stream.read(1 << 20)):
                size += len(part)
        return size


def _bounded(size: int, label: str, max_bytes: int) -> None:
    if size > max_bytes:
        _refuse(
            label,
            f"{_gigabytes(size)} once unpacked, more than {_gigabytes(max_bytes)}",
            "if the size is right, say --max-size (max_bytes=)",
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.1f} MB"


def _of_zip(raw: Raw, name: str, label: str, max_bytes: int) -> list[Table]:
    """The sheets of a workbook, or the files of an archive."""
    try:
        archive = zipfile.ZipFile(raw if isinstance(raw, Path) else io.BytesIO(raw))
    except (zipfile.BadZipFile, OSError) as error:
        what = "workbook" if name.lower().endswith(".xlsx") else "ZIP archive"
        _refuse(label, f"the {what} is damaged: {error}", "copy or download it again")
    with archive:
        entries = [one for one in archive.infolist() if not one.is_dir()]
        _bounded(sum(one.file_size for one in entries), label, max_bytes)
        if any(one.filename == "[Content_Types].xml" for one in entries):
            return _sheets(raw, name, label)
        wanted = [
            one
            for one in entries
            if one.filename.lower().endswith(SUFFIXES) and "__MACOSX" not in one.filename
        ]
        if not wanted:
            _refuse(label, "no price file in the ZIP archive", f"put in {', '.join(SUFFIXES[:3])}")
        if any(one.flag_bits & 1 for one in wanted):
            _refuse(label, "the ZIP archive asks for a password", "unpack it")
        tables = []
        for one in wanted:
            inside = f"{label}/{one.filename}"
            try:
                data = archive.read(one)
            except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError) as error:
                _refuse(inside, f"the ZIP archive is damaged: {error}", "copy it again")
            short = Path(one.filename).name
            tables += _tables(data, data[:16], len(data), short, inside, max_bytes)
        return tables


def _parquet(raw: Raw, name: str, label: str, max_bytes: int) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def damaged(error: Exception) -> NoReturn:
        _refuse(
            label, f"the Parquet file is damaged: {_first_line(error)}", "copy or write it again"
        )

    def file(**options: Any) -> Any:
        return pq.ParquetFile(_for_arrow(raw), **options)

    try:
        with file() as first:
            names = tuple(first.schema_arrow.names)
            rows, meta = first.metadata.num_rows, first.metadata
            unpacked = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
            texts = [
                one.name
                for one in first.schema_arrow
                if pa.types.is_string(one.type) or pa.types.is_large_string(one.type)
            ]
    except (pa.ArrowException, OSError, ValueError) as error:
        damaged(error)
    # A few bytes may stand for any number of rows; eight bytes a cell of four columns come of it.
    _bounded(max(unpacked, rows * 8 * min(len(names), 4)), label, max_bytes)

    def read(positions: Sequence[int], header: int, odd: Odd) -> list[Any]:  # noqa: ARG001
        try:
            with file(read_dictionary=texts) as whole:
                table = whole.read(columns=[names[at] for at in positions])
            return [table.column(names[at]) for at in positions]
        except (pa.ArrowException, OSError, ValueError) as error:
            damaged(error)

    def sample(header: int) -> list[tuple[str, ...]]:  # noqa: ARG001
        try:
            with file() as whole:
                batch = next(whole.iter_batches(8), None)
        except (pa.ArrowException, OSError, ValueError) as error:
            damaged(error)
        return [] if batch is None else _texts([batch.column(at) for at in range(len(names))])

    return Table(
        label, stem_of(name), "Parquet", (names,), 1, len(names), read, _counted(0), sample
    )


def _feather(raw: Raw, name: str, label: str) -> Table:
    import pyarrow as pa
    import pyarrow.feather as feather

    try:
        table = feather.read_table(_for_arrow(raw))
    except (pa.ArrowException, OSError, ValueError) as error:
        _refuse(label, f"the Feather file is damaged: {_first_line(error)}", "write it again")
    return _held(table.columns, [tuple(table.column_names)], label, stem_of(name), "Feather")


def _sheets(raw: Raw, name: str, label: str) -> list[Table]:
    """Every sheet of a workbook that holds something."""
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(str(raw) if isinstance(raw, Path) else io.BytesIO(raw))
        sheets = {one: book.get_sheet_by_name(one).to_python() for one in book.sheet_names}
    except Exception as error:  # noqa: BLE001  (calamine's errors have no common root)
        with _opened(raw) as file:
            if _ENCRYPTED in file.read(_SAMPLE):
                _refuse(label, "the workbook asks for a password", "save it without one")
        _refuse(label, f"the workbook is damaged: {_first_line(error)}", "save it again")
    held = {one: rows for one, rows in sheets.items() if any(any(row) for row in rows)}
    if not held:
        _refuse(label, "the workbook holds no cell", "save the prices again")
    tables = []
    for sheet, rows in held.items():
        alone = len(held) == 1
        inside = label if alone else f"{label}, sheet {sheet}"
        cells = [tuple(_cell(one) for one in row) for row in rows]
        tables.append(_of_cells(cells, inside, stem_of(name) if alone else sheet))
    return tables


def _of_cells(cells: list[tuple[str, ...]], label: str, stem: str) -> Table:
    import pyarrow as pa

    width = max(map(len, cells))

    def read(positions: Sequence[int], header: int, odd: Odd) -> list[Any]:  # noqa: ARG001
        below = cells[header:]
        return [
            pa.chunked_array([pa.array([row[at] or None for row in below], pa.string())])
            for at in positions
        ]

    def sample(header: int) -> list[tuple[str, ...]]:
        return cells[header : header + 8]

    head = tuple(cells[:_HEAD_RECORDS])
    foot = tuple(cells[-2:])
    return Table(label, stem, "Excel", head, None, width, read, _counted(None), sample, foot=foot)


def _cell(value: object) -> str:
    """A cell of a workbook as text; a date as a date, a whole number without a point."""
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


# text


@contextmanager
def _rows_that_are_no_text() -> Iterator[None]:
    """Arrow makes a string of an odd row before it asks about it, and prints where it cannot."""
    # It refuses the file then, which is an error of ours with the row in it; its own words are
    # noise.
    usual = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, UnicodeDecodeError):
            usual(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = usual


class _Text:
    """A text of records: comma, tab, semicolon or bar between the fields, any usual encoding."""

    def __init__(self, raw: Raw, name: str, label: str, max_bytes: int, *, zipped: bool) -> None:
        self.raw, self.label, self.zipped = raw, label, zipped
        self.stem, self.max_bytes = stem_of(name), max_bytes
        self.encoding = self._encoding()
        self.head, self.ends, self.delimiter = self._head()
        self.width = self._width()

    def table(self) -> Table:
        return Table(
            self.label,
            self.stem,
            "CSV",
            tuple(self.head),
            None,
            self.width,
            self.read,
            self.lines,
            lambda header: self.head[header : header + 8],
            self.delimiter,
        )

    def _bytes(self) -> BinaryIO:
        if not self.zipped:
            return _opened(self.raw)
        packed = self.raw if isinstance(self.raw, Path) else io.BytesIO(self.raw)
        return cast(BinaryIO, gzip.open(packed, "rb"))

    def _damaged(self, error: Exception, after: str = "") -> Problem:
        cut = isinstance(error, EOFError)
        said = f"is cut off{after}" if cut else f"is damaged{after}: {error}"
        if after.startswith("ends"):
            said = after
        return Problem(f"the gzip file {said}", "copy or download it again", self.label)

    def _encoding(self) -> str:
        data = b""
        try:
            with self._bytes() as file:
                while len(data) < _SAMPLE and (part := file.read(1 << 12)):
                    data += part
        except EOFError as error:
            if b"\n" not in data:
                raise PriceFileError(self._damaged(error, "ends in its header")) from None
        except (OSError, zlib.error) as error:
            raise PriceFileError(self._damaged(error)) from None
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return encoding
        if not data.strip():
            _refuse(self.label, "the file holds no line", "save the prices again")
        if b"\0" in data:
            if b",\0" in data or b"\t\0" in data:
                return "utf-16-le"
            _refuse(
                self.label,
                "not a price file: its first lines hold no text",
                "give CSV, Excel or Parquet",
            )
        try:
            data[: data.rfind(b"\n") + 1 or None].decode()
            return "utf-8"
        except UnicodeDecodeError:
            pass
        # Bytes that are no UTF-8 may stand in one note only; the header tells.
        line = next((one for one in data.splitlines() if one.strip()), b"")
        told = {
            encoding: sum(data.decode(encoding, "ignore").count(word) for word in words)
            for encoding, words in _CHINESE.items()
        }
        best = max(told, key=lambda one: told[one])
        return "utf-8" if line.isascii() and not told[best] else best

    def _first_lines(self) -> list[str]:
        lines: list[str] = []
        size = 0
        try:
            with self._text() as file:
                # a line may be as long as the file
                while line := file.readline(_HEAD_BYTES):
                    lines.append(line)
                    size += len(line)
                    if len(lines) >= 4 * _HEAD_RECORDS or size >= _HEAD_BYTES:
                        break
        except EOFError as error:
            if len(lines) < 2:
                raise PriceFileError(self._damaged(error, "ends in its header")) from None
        except (OSError, zlib.error) as error:
            raise PriceFileError(self._damaged(error)) from None
        if lines and len(lines[0]) >= _HEAD_BYTES:
            _refuse(
                self.label,
                "not a price file: its first line is no header",
                "give CSV, Excel or Parquet",
            )
        return lines

    def _head(self) -> tuple[list[tuple[str, ...]], list[int], str]:
        """The first records, the line on which each ends, and what stands between fields."""
        lines = self._first_lines() or [""]
        delimiter = _delimiter(lines)
        records = csv.reader(lines, delimiter=delimiter)
        head: list[tuple[str, ...]] = []
        ends: list[int] = []
        try:
            for cells in records:
                if any(cell.strip() for cell in cells):
                    head.append(tuple(printable(cell.strip()) for cell in cells))
                    ends.append(records.line_num)
                if len(head) == _HEAD_RECORDS:
                    break
        except csv.Error as error:
            _refuse(self.label, f"not a price file: {error}", "give CSV, Excel or Parquet")
        if not head:
            _refuse(self.label, "the file holds no line", "save the prices again")
        return head, ends, delimiter

    def _width(self) -> int:
        """Fields of a record; the usual number, where a title or a last empty field differs."""
        counts = [len(cells) for cells in self.head]
        return max(set(counts), key=lambda one: (counts.count(one), one))

    def _text(self) -> io.TextIOWrapper:
        encoding = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        # Bytes that are no text stand in single cells, but for UTF-16, which surrogates belong to.
        errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
        return io.TextIOWrapper(self._bytes(), encoding, errors=errors, newline="")

    def read(self, positions: Sequence[int], header: int, odd: Odd) -> list[Any]:
        import pyarrow as pa
        import pyarrow.csv as pa_csv

        skipped: list[bool] = []

        def note(row: Any) -> str:  # noqa: ARG001  (its text may be no UTF-8)
            skipped.append(True)
            return "skip"

        encoded = pa.dictionary(pa.int32(), pa.string())
        words = positions[:2]  # symbols and days repeat; numbers do not
        types = {str(at): encoded if at in words else pa.string() for at in positions}
        try:
            packed = "gzip" if self.zipped else None
            with (
                _rows_that_are_no_text(),
                pa.input_stream(_for_arrow(self.raw), compression=packed) as stream,
            ):
                bounded = _Bounded(stream, self.max_bytes) if self.zipped else stream
                table = pa_csv.read_csv(
                    bounded,
                    read_options=pa_csv.ReadOptions(
                        column_names=[str(at) for at in range(self.width)],
                        skip_rows=self.ends[header - 1] if header else 0,
                        encoding="utf8" if self.encoding.startswith("utf-8") else self.encoding,
                    ),
                    parse_options=pa_csv.ParseOptions(
                        delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=note
                    ),
                    convert_options=pa_csv.ConvertOptions(
                        include_columns=list(types),
                        column_types=types,
                        null_values=list(MISSING),
                        strings_can_be_null=True,
                        check_utf8=False,
                    ),
                    memory_pool=giving_pool(),
                )
        except _TooLargeError:
            _bounded(self.max_bytes + 1, self.label, self.max_bytes)
            raise
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return [pa.chunked_array([pa.array([], pa.string())]) for _ in positions]
            raise PriceFileError(self._explained(header, error)) from None
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise PriceFileError(self._explained(header, error)) from None
        # What the reader needed beside the table is as large as the table.
        let_go()
        if skipped:
            odd += [one for one in self._records(header) if len(one[1]) != self.width]
        return [table.column(str(at)) for at in positions]

    def _records(self, header: int) -> Iterator[tuple[int, list[str]]]:
        """Every record below the header with its line; EOFError where a packed file ends early."""
        skipped = self.ends[header - 1] if header else 0
        with self._text() as file:
            for _ in range(skipped):
                file.readline()
            records = csv.reader(file, delimiter=self.delimiter)
            line = skipped
            try:
                for cells in records:
                    if cells:
                        yield line + 1, cells
                    line = skipped + records.line_num
            except csv.Error as error:
                what = f"not a price file: {error}"
                remedy = "look for a quotation mark that is never closed"
                raise PriceFileError(Problem(what, remedy, self.label, line + 1)) from None

    def lines(self, records: Iterable[int], header: int) -> Mapping[int, int]:
        wanted, at = set(records), -1
        found: dict[int, int] = {}
        if not wanted:
            return found
        for line, cells in self._records(header):
            at += len(cells) == self.width
            if len(cells) == self.width and at in wanted:
                found[at] = line
                if len(found) == len(wanted):
                    break
        return found

    def _explained(self, header: int, error: Exception) -> Problem:
        """Why Arrow could not read the text, in words for its user."""
        line = header
        try:
            for at, cells in self._records(header):
                line = at
                for cell in cells:
                    if any("\udc80" <= one <= "\udcff" for one in cell):
                        said = f"the bytes are no {_ENCODINGS.get(self.encoding, self.encoding)}"
                        return Problem(said, _SAVE_UTF8, self.label, at, None, printable(cell))
        except (EOFError, OSError, zlib.error) as fault:
            return self._damaged(fault, f" after row {line}")
        return Problem(f"cannot be read: {_first_line(error)}", _SAVE_UTF8, self.label)


class _TooLargeError(Exception):
    """A stream that goes on after the size that is read."""


class _Bounded(io.RawIOBase):
    """A stream that stops being read above a size."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._left = stream, most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _TooLargeError
        return data


def _delimiter(lines: Sequence[str]) -> str:
    """What stands equally often in most lines; of several what stands most often in the first."""

    def agreeing(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines[:_HEAD_RECORDS]]
        usual = max((one for one in counts if one), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0), counts[0]

    return max(",;\t|", key=agreeing)


def printable(text: str) -> str:
    """The text with a mark for each byte that is no UTF-8, which cannot be printed."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


# frames


def tables_of_frame(frame: Any, label: str = "the frame", stem: str = "") -> list[Table]:
    """The table of a pandas, Polars, Arrow or DuckDB table, or of each of a mapping by symbol.

    Raises
    ------
    PriceFileError
        It is no table that is known here.
    """
    if isinstance(frame, Mapping):
        found = []
        for symbol, one in frame.items():
            found += tables_of_frame(one, f"{label} of {symbol}", str(symbol))
        return found
    if hasattr(frame, "iloc"):
        return [_of_pandas(frame, label, stem)]
    import narwhals as nw

    try:
        known = nw.from_native(frame)
        eager = known.collect("pyarrow") if isinstance(known, nw.LazyFrame) else known
        table = eager.to_arrow()
    except (TypeError, AttributeError) as error:
        _refuse(label, f"not a table: {_first_line(error)}", "give a DataFrame")
    return [_held(table.columns, [tuple(table.column_names)], label, stem, "frame")]


def _of_pandas(frame: Any, label: str, stem: str) -> Table:
    import pandas as pd

    if isinstance(frame, pd.Series):
        frame = frame.to_frame()
    levels = frame.columns.nlevels
    names: list[tuple[str, ...]] = []
    columns: list[Any] = []
    index = frame.index
    counted = index.nlevels == 1 and index.name is None and pd.api.types.is_integer_dtype(index)
    for at in range(0 if counted else index.nlevels):
        values = index.get_level_values(at)
        names.append((str(values.name or "date"), *[""] * (levels - 1)))
        columns.append(_arrow_of(values.to_series()))
    for at in range(frame.shape[1]):
        name = frame.columns[at]
        names.append(tuple(map(str, name)) if levels > 1 else (str(name),))
        columns.append(_arrow_of(frame.iloc[:, at]))
    head = [tuple(name[level] for name in names) for level in range(levels)]
    return _held(columns, head, label, stem, "frame")


def _arrow_of(values: Any) -> Any:
    import pyarrow as pa

    try:
        made = pa.Array.from_pandas(values)
    except (pa.ArrowException, TypeError, ValueError):
        made = pa.array([None if one is None else str(one) for one in values], pa.string())
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _held(
    columns: Sequence[Any], head: Sequence[tuple[str, ...]], label: str, stem: str, kind: str
) -> Table:
    """A table whose columns are in memory already."""

    def read(positions: Sequence[int], header: int, odd: Odd) -> list[Any]:  # noqa: ARG001
        return [columns[at] for at in positions]

    def sample(header: int) -> list[tuple[str, ...]]:  # noqa: ARG001
        return _texts([one[:8] for one in columns])

    return Table(label, stem, kind, tuple(head), len(head), len(columns), read, _counted(0), sample)


def _texts(columns: Sequence[Any]) -> list[tuple[str, ...]]:
    told = [(*encoded(one),) for one in columns]
    return [
        tuple("" if codes[at] < 0 else _said(values[codes[at]]) for codes, values in told)
        for at in range(len(columns[0]) if columns else 0)
    ]


def _said(value: object) -> str:
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _counted(offset: int | None) -> Lines:
    """Lines of records that stand one a line; without ``offset`` the header counts too."""

    def lines(records: Iterable[int], header: int) -> Mapping[int, int]:
        return {one: one + 1 + (header if offset is None else offset) for one in records}

    return lines


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _refuse(label: str, message: str, remedy: str) -> NoReturn:
    raise PriceFileError(Problem(message, remedy, label))
