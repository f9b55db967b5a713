"""Calls out of printed reports: the ratings that their tables and lines print beside companies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.errors import CallsError, InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.research import PrintedMention, ReportReading

__all__ = ["calls_of_reports", "report_files"]

SUFFIXES: Final = (".txt", ".md", ".html", ".htm", ".pdf")
"""Files that are prints; a table of calls is read as a table."""

_COLUMNS: Final = (
    "published",
    "listing",
    "firm",
    "analyst",
    "rating",
    "target",
    "currency",
    "segment",
    "title",
)
_NUMBER: Final = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")


def report_files(path: Path) -> list[Path]:
    """The prints that a path names: itself, or those of a folder, in order of their names."""
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
    return [path] if path.suffix.lower() in SUFFIXES and path.is_file() else []


def calls_of_reports(files: Sequence[Path]) -> pd.DataFrame:
    """A row a rating that a report prints beside a company.

    Parameters
    ----------
    files : sequence of Path
        Text, Markdown, HTML or PDF; one report each.

    Returns
    -------
    DataFrame
        ``published`` (empty where the report prints no day), ``listing`` (the code or name as
        printed where nobody knows which), ``firm`` (the publisher), ``analyst``, ``rating``,
        ``target`` (the middle of a range), ``currency``, ``segment``, ``title``.

    Raises
    ------
    CallsError
        A report cannot be read, or none of them prints a rating beside a company.
    """
    import pandas as pd

    # Whoever has a table of calls needs no reader of prints.
    from supplychain_screen.research import read_report

    rows: list[tuple[Any, ...]] = []
    problems: list[Problem] = []
    for file in files:
        try:
            reading = read_report(file)
        except InputError as error:
            problems += error.problems
            continue
        rows += _rows(reading)
    if problems:
        raise CallsError(problems)
    if not rows:
        raise CallsError(
            Problem(
                f"none of {len(files)} reports prints a rating beside a company",
                "give reports with a column of ratings, or a table of calls",
                str(files[0].parent),
            )
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _rows(reading: ReportReading) -> list[tuple[Any, ...]]:
    told = {one.field: one.value for one in reading.proposals}
    published = "" if reading.published is None else reading.published.isoformat()
    of_report = (told.get("publisher") or "", told.get("analysts") or "")
    title = told.get("title") or reading.label
    found = []
    for mention in reading.mentions:
        for one in (mention, *mention.other_lines):
            if not one.rating:
                continue
            listing = one.listing or one.code or one.company
            mark = (*of_report, one.rating, _target(one), one.currency, one.segment, title)
            found.append((published, listing, *mark))
    return found


def _target(mention: PrintedMention) -> float | None:
    """The number of a printed target, the middle of a range."""
    numbers = [float(one.replace(",", "")) for one in _NUMBER.findall(mention.target)]
    return sum(numbers[:2]) / len(numbers[:2]) if numbers else None
