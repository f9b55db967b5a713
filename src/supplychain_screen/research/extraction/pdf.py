"""A PDF becomes lines and tables, read by a process that can be ended."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research.extraction.documents import Cell, Line, Place, Table
from supplychain_screen.research.extraction.reading_limits import ReadingLimits

__all__ = ["pdf_blocks"]

_WORKER = "supplychain_screen.research.extraction.pdf_worker"
_SAVE = "open it in a viewer and print it to a new PDF, or give its table as XLSX or text"
_FAULTS = {
    "encrypted": ("the PDF is encrypted", "save it without a password"),
    "damaged": ("the PDF is damaged, cut off, or no PDF at all", "download it again"),
    "damaged_page": (
        "page {page} cannot be read: the PDF is damaged or cut off",
        "download it again",
    ),
    "cut": ("the PDF is cut off: its end is missing", "download it again"),
    "pages": (
        "{n} pages, and {limits.pages} are read",
        "give the pages needed, or a larger --max-pages",
    ),
    "letters": ("page {page} holds more text than a page can", _SAVE),
    "scanned": (
        "the PDF holds pictures and no text (a scan)",
        "run it through OCR, or give its table as XLSX or text",
    ),
    "codes": ("the fonts of the PDF do not say which characters they show", _SAVE),
    "time": (
        "reading the PDF takes more than {limits.seconds:g} s",
        "give the pages needed, or a larger --max-seconds",
    ),
    "memory": (
        "reading the PDF takes more than {limits.megabytes} MB",
        "give the pages needed, or a larger --max-memory",
    ),
    "crash": (
        "the PDF ends its reader: it is damaged, or takes more than {limits.megabytes} MB",
        _SAVE,
    ),
}
_WAITED = 4
"""The clock may run so many times longer than the computing time: a busy machine."""


def pdf_blocks(raw: bytes, label: str, limits: ReadingLimits) -> list[Line | Table]:
    """Lines and tables of every page.

    Raises
    ------
    InputError
        Damaged, encrypted, scanned, or beyond the limits.
    """
    if _cut_off(raw):
        raise _error("cut", label, limits)
    blocks: list[Line | Table] = []
    for page, own in enumerate(_pages(raw, label, limits), start=1):
        line = 0
        for block in own:
            line += 1
            place = Place(label, page=page, line=line)
            if isinstance(block, str):
                blocks.append(Line(block, place))
                continue
            limits.hold_cells(len(block) * len(block[0]), label)
            rows = tuple(
                tuple(
                    Cell(text, Place(label, page=page, line=line, row=row, column=column))
                    for text, row, column in cells
                )
                for cells in block
            )
            blocks.append(Table(rows, place))
    return blocks


def _pages(raw: bytes, label: str, limits: ReadingLimits) -> list[list[Any]]:
    """The blocks of every page, as the worker tells them."""
    given = (limits.pages, max(int(limits.seconds), 1), limits.megabytes)
    try:
        done = subprocess.run(  # noqa: S603 - our own module, in our own interpreter
            [sys.executable, "-P", "-m", _WORKER, *map(str, given)],
            input=raw,
            capture_output=True,
            timeout=limits.seconds * _WAITED if sys.platform != "win32" else limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _error("time", label, limits) from None
    if done.returncode != 0:
        ended = {-24: "time", -9: "time", 152: "time"}.get(done.returncode, "crash")
        raise _error("memory" if b"MemoryError" in done.stderr else ended, label, limits)
    told = json.loads(done.stdout)
    if "fault" in told:
        raise _error(told["fault"], label, limits, **told["facts"])
    pages: list[list[Any]] = told["pages"]
    return pages


def _cut_off(raw: bytes) -> bool:
    """Whether a PDF lacks its end: what the reader would make of it lacks pages without a word."""
    if b"%PDF-" not in raw[:1024]:
        return False
    whole = re.search(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,12})\b", raw[:2048])
    if whole is not None and int(whole[1]) > len(raw) + 1024:
        return True
    return b"startxref" in raw[:2048] and b"%%EOF" not in raw[2048:] if len(raw) > 4096 else False


def _error(key: str, label: str, limits: ReadingLimits, **facts: Any) -> InputError:
    what, remedy = _FAULTS[key]
    return InputError(Problem(what.format(limits=limits, **facts), remedy, file=label))
