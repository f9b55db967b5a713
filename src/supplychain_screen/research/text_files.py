"""Text files that people write: decoded, split into rows, every fault named with its line."""

from __future__ import annotations

import csv
import difflib
import io
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from supplychain_screen.errors import Problem
from supplychain_screen.words import counted

__all__ = ["Row", "near_name", "parse_date", "parse_toml", "read_table", "read_text", "split_list"]

_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){64}""")

LIST_SEPARATOR = "|"
"""Between the entries of a cell that holds several; the comma belongs to CSV and to names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Parameters
    ----------
    line : int
        Line of the file on which the row begins, the header being line 1.
    cells : mapping of str to str
        Cell of each column, without spaces around it; absent columns are missing keys.
    """

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """The cell, or an empty string where the column is absent."""
        return self.cells.get(column, "")


def read_text(file: Path | Traversable, problems: list[Problem]) -> str | None:
    """The text of a UTF-8 file, or None with the reason appended to ``problems``.

    Parameters
    ----------
    file : Path or Traversable
        The file; a byte-order mark is accepted and removed.
    problems : list of Problem
        Receives what is wrong.

    Returns
    -------
    str or None
        Never empty, without NUL characters.
    """
    name = file.name
    try:
        # A pipe would never end, and a device never be complete.
        if isinstance(file, Path) and file.exists() and not (file.is_file() or file.is_dir()):
            problems.append(Problem("a pipe or a device, no file", "give a file", name))
            return None
        raw = file.read_bytes()
    except FileNotFoundError:
        problems.append(Problem("the file is missing", "add it, or make one: report new", name))
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        problems.append(Problem(f"the file cannot be read: {reason}", "check the path", name))
        return None
    if not raw.strip():
        problems.append(Problem("the file is empty", "restore it, or make one: report new", name))
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.append(Problem("the file is UTF-16, not UTF-8", "save it as UTF-8", name))
        return None
    if b"\x00" in raw:
        line = raw[: raw.index(b"\x00")].count(b"\n") + 1
        problems.append(
            Problem(
                "the file contains NUL bytes", "it is damaged or no text: restore it", name, line
            )
        )
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(Problem(*_encoding_fault(raw), name, line))
        return None


def _encoding_fault(raw: bytes) -> tuple[str, str]:
    """Why bytes are no UTF-8, as a fault and its remedy."""
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "the file is not UTF-8", "save it as UTF-8"
    return (
        "the file is not UTF-8; it looks like GBK",
        "save it as UTF-8 (in Excel: CSV UTF-8)",
    )


def read_table(
    file: Path | Traversable,
    required: Sequence[str],
    optional: Sequence[str],
    problems: list[Problem],
    *,
    may_be_empty: bool = False,
) -> list[Row] | None:
    """The rows of a CSV file, or None with the reasons appended to ``problems``.

    Parameters
    ----------
    file : Path or Traversable
        A UTF-8 file whose first line names the columns.
    required, optional : sequence of str
        The columns that must and may be there, in any order; any other is a problem.
    problems : list of Problem
        Receives what is wrong.
    may_be_empty : bool, default False
        A header without a row is no problem.

    Returns
    -------
    list of Row or None
        Blank lines are left out. None when the columns cannot be relied on.
    """
    name = file.name
    text = read_text(file, problems)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(f"no CSV: {error}", "check the quotes", name, line))
        return None
    if not rows:
        problems.append(
            Problem("the file has no cell", "restore it, or make one: report new", name)
        )
        return None
    header_line, header = rows[0]
    faults = _header_faults(name, header_line, header, required, optional)
    problems.extend(faults)
    if any(column not in header for column in required):
        return None
    if len(rows) == 1 and not may_be_empty:
        problems.append(Problem("the file has a header and no row", "add the rows", name))
        return None
    table = []
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            problems.append(
                Problem(
                    f"{counted(len(cells), 'cell')} under {counted(len(header), 'column')}",
                    "put a cell that contains a comma in double quotes",
                    name,
                    line,
                )
            )
        else:
            table.append(Row(line, dict(zip(header, cells, strict=True))))
    return table


def _header_faults(
    name: str, line: int, header: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> list[Problem]:
    """Missing, unknown and repeated columns."""
    if len(header) == 1 and len(required) > 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("，", "full-width commas")):
            if separator in header[0]:
                fault = Problem(f"the cells are separated by {word}", "use commas", name, line)
                return [fault]
    known = (*required, *optional)
    faults = [
        Problem("missing column", "add it; a cell may be empty", name, line, column)
        for column in required
        if column not in header
    ]
    absent = [column for column in known if column not in header]
    for column in dict.fromkeys(header):
        if column not in known:
            remedy = near_name(column, absent) or f"columns are {', '.join(known)}"
            faults.append(Problem("unknown column", remedy, name, line, column or "(no name)"))
        elif header.count(column) > 1:
            faults.append(
                Problem("the column stands there twice", "remove one", name, line, column)
            )
    return faults


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML text says.

    Raises
    ------
    tomllib.TOMLDecodeError
        It is no TOML, or nested deeper, dotted longer or with larger numbers than anybody means.

    Examples
    --------
    >>> parse_toml("a = [1, 2]")
    {'a': [1, 2]}
    >>> parse_toml("a = " + "[" * 5000)
    Traceback (most recent call last):
        ...
    tomllib.TOMLDecodeError: brackets are nested too deeply
    """
    # The parser walks a key's parts once for each of them.
    if _LONG_KEY.search(text):
        raise tomllib.TOMLDecodeError("a key has more than 64 parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("brackets are nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:
        # A whole number of thousands of digits.
        raise tomllib.TOMLDecodeError(str(error)) from None


def parse_date(text: str) -> date | None:
    """A day written as ``YYYY-MM-DD``, or None when it is anything else.

    Examples
    --------
    >>> parse_date("2024-02-29"), parse_date("29/2/2024"), parse_date("2023-02-29")
    (datetime.date(2024, 2, 29), None, None)
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def split_list(cell: str) -> tuple[str, ...]:
    """The entries of a cell, separated by ``|``.

    Examples
    --------
    >>> split_list("XHKG:1070 | XSHE:002668"), split_list("")
    (('XHKG:1070', 'XSHE:002668'), ())
    """
    return tuple(part.strip() for part in cell.split(LIST_SEPARATOR) if part.strip())


def near_name(word: str, known: Iterable[str]) -> str:
    """An offer of near names, or an empty string when none is near.

    Examples
    --------
    >>> near_name("compnay", ["company", "segment"])
    'did you mean company?'
    """
    near = difflib.get_close_matches(word, [name for name in known if name], n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""
