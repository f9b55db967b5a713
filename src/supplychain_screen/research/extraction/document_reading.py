"""Whatever holds a report becomes a document: what it is, is told by its bytes, not its name."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research.extraction.documents import Document, Line, Table
from supplychain_screen.research.extraction.encodings import decoded, storable
from supplychain_screen.research.extraction.frame_tables import frame_table
from supplychain_screen.research.extraction.markup import html_blocks
from supplychain_screen.research.extraction.reading_limits import ReadingLimits
from supplychain_screen.research.extraction.texts import (
    csv_blocks,
    looks_like_records,
    text_blocks,
)
from supplychain_screen.research.extraction.workbooks import workbook_blocks

__all__ = ["read_document"]

_PRINTED = re.compile(r"[、，。：；（）\n\t|]")
_FOREIGN = {
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"II*\x00": "an image",
    b"MM\x00*": "an image",
    b"{\\rtf": "an RTF text",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "compressed with gzip",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
}
_GIVE = "give text, Markdown, HTML, CSV, XLSX or PDF"
_READ_OUT = "run it through OCR, or give its table as XLSX or text"


def read_document(source: Any, *, limits: ReadingLimits | None = None) -> Document:
    """A report as lines and tables in reading order.

    Parameters
    ----------
    source : path, str, bytes, binary or text file, or frame
        A path of a text, Markdown, HTML, CSV, TSV, XLSX, XLS or PDF; the text itself, where a str
        is no path; the bytes; anything with ``read``; a frame of pandas, Polars, Arrow or DuckDB.
        Text is UTF-8, UTF-16, GBK or Big5.
    limits : ReadingLimits, optional
        What the reading may cost.

    Returns
    -------
    Document

    Raises
    ------
    InputError
        Missing, a folder, empty, damaged, encrypted, scanned, of no kind that is read, or beyond
        the limits: one problem.

    Examples
    --------
    >>> document = read_document("环节\\t相关个股\\n光学\\t舜宇光学科技、蓝思科技")
    >>> [cell.text for cell in document.blocks[0].rows[1]]
    ['光学', '舜宇光学科技、蓝思科技']
    """
    limits = ReadingLimits() if limits is None else limits
    if isinstance(source, str | Path):
        path = _path(source)
        if path is None:
            return _of_text(str(source), "text", "", limits)
        return _of_bytes(_bytes(path, limits), str(path), path.suffix.lower(), limits)
    if isinstance(source, bytes | bytearray):
        return _of_bytes(bytes(source), "bytes", "", limits)
    if hasattr(source, "read"):
        named = getattr(source, "name", "text")
        label = named if isinstance(named, str) else "text"
        label = {"<stdin>": "standard input"}.get(label, label)
        most = limits.megabytes * 1_000_000
        content = source.read(most + 1)
        if len(content) > most:
            raise _too_large(label, limits)
        suffix = Path(label).suffix.lower()
        if isinstance(content, str):
            return _of_text(content, label, suffix, limits)
        return _of_bytes(content, label, suffix, limits)
    return Document("frame", "frame", (frame_table(source, "frame", limits),))


def _path(source: str | Path) -> Path | None:
    """The path that is meant; None where a str is the text itself."""
    if isinstance(source, Path):
        return source
    if "\n" in source or "\x00" in source or len(source) > 4096:
        return None
    path = Path(source)
    try:
        there = path.exists()
    except OSError:
        there = False
    return path if there or not _PRINTED.search(source) else None


def _bytes(path: Path, limits: ReadingLimits) -> bytes:
    if path.is_dir():
        remedy = "name the report's file; a folder of a report is read by --report or load_report"
        raise InputError(Problem("this is a folder, not a report's file", remedy, file=str(path)))
    try:
        # A pipe would never end.
        if path.exists() and not path.is_file():
            problem = Problem("a pipe or a device, no file", "give a file", file=str(path))
            raise InputError(problem)
        with path.open("rb") as file:
            raw = file.read(limits.megabytes * 1_000_000 + 1)
    except OSError as error:
        what = (
            "there is no such file"
            if isinstance(error, FileNotFoundError)
            else (f"cannot be read: {error.strerror}")
        )
        raise InputError(Problem(what, "check the path", file=str(path))) from None
    if len(raw) > limits.megabytes * 1_000_000:
        raise _too_large(str(path), limits)
    return raw


def _too_large(label: str, limits: ReadingLimits) -> InputError:
    what = f"larger than {limits.megabytes} MB"
    return InputError(Problem(what, "give a smaller file, or a larger --max-memory", file=label))


def _of_bytes(raw: bytes, label: str, suffix: str, limits: ReadingLimits) -> Document:
    if not raw.strip(b"\x00 \t\r\n"):
        raise InputError(Problem("the file is empty", _GIVE, file=label))
    if b"%PDF-" in raw[:1024] or suffix == ".pdf":
        from supplychain_screen.research.extraction.pdf import pdf_blocks

        return _document(label, "pdf", pdf_blocks(raw, label, limits))
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _document(label, "xlsx", _workbook(raw, label, limits))
    for mark, what in _FOREIGN.items():
        if raw.startswith(mark):
            give = _READ_OUT if what == "an image" else _GIVE
            raise InputError(Problem(f"the file is {what}", give, file=label))
    return _of_text(decoded(raw, label), label, suffix, limits)


def _workbook(raw: bytes, label: str, limits: ReadingLimits) -> list[Line | Table]:
    if raw.startswith(b"PK"):
        try:
            with zipfile.ZipFile(BytesIO(raw)) as packed:
                parts = packed.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            remedy = "save it again as XLSX"
            raise InputError(
                Problem("the workbook is damaged or cut off", remedy, file=label)
            ) from None
        names = {one.filename for one in parts}
        if any(name.startswith("word/") for name in names):
            raise InputError(Problem("the file is a Word document", _GIVE, file=label))
        if sum(one.file_size for one in parts) > limits.megabytes * 1_000_000:
            raise _too_large(label, limits)
    return workbook_blocks(raw, label, limits)


def _of_text(text: str, label: str, suffix: str, limits: ReadingLimits) -> Document:
    text = storable(text.removeprefix("\ufeff"))
    begins = text.lstrip()[:400].lower()
    if suffix in (".csv", ".tsv"):
        return _document(label, "csv", csv_blocks(text, label, limits))
    if suffix in (".html", ".htm", ".xhtml") or begins.startswith(
        ("<!doctype html", "<html", "<?xml")
    ):
        return _document(label, "html", html_blocks(text, label, limits))
    if suffix in (".md", ".markdown"):
        return _document(label, "markdown", text_blocks(text, label, limits))
    if looks_like_records(text):
        return _document(label, "csv", csv_blocks(text, label, limits))
    return _document(label, "text", text_blocks(text, label, limits))


def _document(label: str, kind: str, blocks: list[Line | Table]) -> Document:
    if not blocks:
        raise InputError(Problem("the file holds no text", "give the report itself", file=label))
    return Document(label, kind, tuple(blocks))
