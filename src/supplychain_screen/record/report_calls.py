"""Calls out of printed reports: the ratings that their tables and lines print beside companies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.errors import CallsError, InputError, Problem
from supplychain_screen.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.research import PrintedMention, ReportReading

__all__ = ["PRINT_SUFFIXES", "calls_of_reports", "report_files"]

PRINT_SUFFIXES: Final = (".txt", ".md", ".html", ".htm", ".pdf")
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
_NUMBER: Final = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_SPAN = re.compile(
    r"\d+\s*(?:[-~–—至到]\s*\d+\s*)?(?:个月|个交易日|月|日|年|[Mm]onths?|[Dd]ays?)|\d{4}E"
)
"""A horizon or a year beside a target."""
_TARGET: Final = re.compile(
    rf"({_NUMBER})(?:\s*(?:[港美]?元|HK[D$]|USD|CNY|RMB)?\s*[-~～–—至]\s*(?:HK\$|[¥￥$])?\s*({_NUMBER}))?"
)
"""A number, or two with nothing but a dash and a currency between them."""


def report_files(path: Path) -> list[Path]:
    """The prints that a path names: itself, or those of a folder, in order of their names."""
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix.lower() in PRINT_SUFFIXES)
    return [path] if path.suffix.lower() in PRINT_SUFFIXES and path.is_file() else []


def calls_of_reports(
    files: Sequence[Path], firm: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """A row a rating that a report prints beside a company.

    Parameters
    ----------
    files : sequence of Path
        Text, Markdown, HTML or PDF; one report each.
    firm : str, optional
        The house of the reports that name none: who publishes is often in a picture only.

    Returns
    -------
    calls : DataFrame
        ``published`` (empty where the report prints no day), ``listing`` (the code or name as
        printed where nobody knows which), ``firm`` (the publisher; a report that names none is
        a firm of its own, called by its file), ``analyst``, ``rating``,
        ``target`` (the middle of a range), ``currency``, ``segment``, ``title``.
    undecided : tuple of str
        Companies that have a rating and are no row, because their code and their name contradict
        each other or several listings have the name: name, code and report.

    Raises
    ------
    CallsError
        A report cannot be read, or none of them prints a rating beside a company.
    """
    import pandas as pd

    # Whoever has a table of calls needs no reader of prints.
    from supplychain_screen.research import read_report

    rows: list[tuple[Any, ...]] = []
    undecided: list[str] = []
    nameless: list[str] = []
    problems: list[Problem] = []
    for file in files:
        try:
            reading = read_report(file)
        except InputError as error:
            problems += error.problems
            continue
        house = reading.proposal("publisher").value or firm
        found = _rows(reading, house or f"? ({file.name})")
        nameless += [file.name] if found and not house else []
        rows += found
        undecided += _undecided(reading, file.name)
    if problems:
        raise CallsError(problems)
    if undecided and not rows:
        raise CallsError(
            Problem(
                f"every company that has a rating is undecided: {', '.join(undecided[:5])}",
                "see report extract, and give a table of calls with the codes that are meant",
                str(files[0].parent),
            )
        )
    if not rows:
        raise CallsError(
            Problem(
                f"none of {counted(len(files), 'report')} prints a rating beside a company",
                "give reports with a column of ratings, or a table of calls",
                str(files[0].parent),
            )
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS)), tuple(undecided), tuple(nameless)


def _rows(reading: ReportReading, house: str) -> list[tuple[Any, ...]]:
    told = {one.field: one.value for one in reading.proposals}
    published = "" if reading.published is None else reading.published.isoformat()
    of_report = (house, told.get("analysts") or "")
    title = told.get("title") or reading.label
    found = []
    for one in _rated(reading):
        if one.verdict == "undecided":
            continue
        # 未上市 is a code of many companies: with their names they are told apart.
        code = f"{one.code} {one.company}".strip() if one.verdict == "unlisted" else one.code
        listing = one.listing or code or one.company
        mark = (*of_report, one.rating, _target(one), one.currency, one.segment, title)
        found.append((published, listing, *mark))
    return found


def _undecided(reading: ReportReading, label: str) -> list[str]:
    """Who has a rating and is no row, as a person finds it again."""
    return [
        f"{' '.join(dict.fromkeys((one.company, one.code))).strip()} ({label})"
        for one in _rated(reading)
        if one.verdict == "undecided"
    ]


def _rated(reading: ReportReading) -> Iterator[PrintedMention]:
    """Every line of every company that has a rating beside it."""
    for mention in reading.mentions:
        yield from (one for one in (mention, *mention.other_lines) if one.rating)


def _target(mention: PrintedMention) -> float | None:
    """The first number of a printed target, or the middle of the range that begins there.

    What else stands there, the year or the former target, is no part of it.
    """
    found = _TARGET.search(_SPAN.sub("", mention.target))
    if found is None:
        return None
    numbers = [float(one.replace(",", "")) for one in found.groups() if one]
    return sum(numbers) / len(numbers)
