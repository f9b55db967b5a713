"""A research report on disk: load, validate, save, and start a new one.

::

    folder/
      suppliers.csv   one row a mention
      listings.csv    one row a listing
      report.toml     identity, rating standard, benchmarks, sector call, dated events
"""

from __future__ import annotations

from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from supplychain_screen.errors import Problem, ReportError
from supplychain_screen.identity import packaged_data
from supplychain_screen.research.content import Event, Mention, ResearchReport, SectorCall
from supplychain_screen.research.house_standards import propose_standard, standard_by_scale
from supplychain_screen.research.report_example import example_report
from supplychain_screen.research.report_tables import (
    LISTING_COLUMNS,
    LISTINGS_FILE,
    SUPPLIER_COLUMNS,
    SUPPLIERS_FILE,
    listings_of,
    mentions_of,
)
from supplychain_screen.research.report_toml import REPORT_FILE, read_report_toml
from supplychain_screen.research.report_writing import files_of, write_files
from supplychain_screen.research.standard import Market, RatingStandard
from supplychain_screen.research.text_files import read_table

__all__ = [
    "Event",
    "Market",
    "Mention",
    "RatingStandard",
    "ResearchReport",
    "SectorCall",
    "load_report",
    "new_report",
    "save_report",
    "validate_report",
]


def load_report(path: str | Path | None = None) -> ResearchReport:
    """A research report, read and validated.

    Parameters
    ----------
    path : str or Path, optional
        Folder with suppliers.csv, listings.csv and report.toml; None: the packaged report.

    Returns
    -------
    ResearchReport
        Frozen.

    Raises
    ------
    ReportError
        When anything in the three files is wrong; all problems of all files at once.

    Examples
    --------
    >>> report = load_report()
    >>> len(report.mentions), len(report.companies), len(report.segments)
    (36, 35, 11)
    >>> report.listing("XSHE:000700").name_zh, report.published
    ('模塑科技', None)
    """
    report, problems = _read(_folder(path))
    if report is None:
        raise ReportError(problems)
    return report


def validate_report(path: str | Path | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a report's folder.

    Parameters
    ----------
    path : str or Path, optional
        Folder of the report; None: the packaged report.

    Returns
    -------
    tuple of Problem
        In file order; empty when the report loads.

    Examples
    --------
    >>> validate_report()
    ()
    """
    return tuple(_read(_folder(path))[1])


def save_report(report: ResearchReport, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write a report to a folder, from which ``load_report`` reads the same report again.

    Parameters
    ----------
    report : ResearchReport
        The report.
    folder : str or Path
        Where suppliers.csv, listings.csv and report.toml go. A new folder appears with all three
        or not at all; in one that exists each file is replaced whole.
    overwrite : bool
        Whether a report that lies there may be replaced.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ReportError
        When a report lies there already, or this one could not be read back as it is (for example
        with a currency its exchange does not know); nothing is written then.
    OutputError
        When the disk refuses.
    """
    target = Path(folder)

    def check(beside: Path) -> None:
        if load_report(beside) != report:
            raise ReportError(
                Problem(
                    f"the report {report.id} would not read back as it is",
                    "remove spaces at the ends of its texts, and | from its aliases",
                )
            )

    write_files(target, files_of(report), overwrite=overwrite, check=check)
    return target


def new_report(
    folder: str | Path,
    *,
    report_id: str = "my-report",
    title: str = "",
    publisher: str = "",
    published: date | None = None,
    scale: str = "",
    house: str = "",
) -> Path:
    """Start a new report: a small valid one with comments, to be edited.

    Parameters
    ----------
    folder : str or Path
        Where it goes; no report may lie there.
    report_id : str
        Short name, of small letters, digits, ``-`` and ``.``.
    title, publisher : str
        Title and publisher as printed; they default to the id and to the scale's house.
    published : date, optional
        Day of publication, where it is printed.
    scale : str
        A name of ``load_library()``: a stock scale, whose house lends its horizon, return
        basis, benchmarks and sector scale, and nobody else anything. ``guosen-stock`` where
        neither scale nor house is given.
    house : str
        A house of the library of standards, instead of a scale: the standard that was in force
        on ``published`` (see :func:`propose_standard`).

    Returns
    -------
    Path
        The folder. ``load_report`` accepts it as it is.

    Raises
    ------
    ReportError
        When a report lies there already, the id is no short name, no scale or house has that
        name, or a house is named without a publication date.
    OutputError
        When the disk refuses.
    """
    if house and (scale or published is None):
        remedy = "name one of the two" if scale else "give published"
        what = "a scale and a house" if scale else "the standard of a house depends on the day"
        raise ReportError(Problem(what, remedy, value=house))
    if house and published is not None:
        proposal = propose_standard(house, published)
        lender, standard = proposal.house, proposal.standard
    else:
        lender, standard = standard_by_scale(scale or "guosen-stock")
    try:
        report = example_report(
            load_report(),
            standard,
            report_id=report_id,
            title=title or report_id,
            publisher=publisher or lender,
            published=published,
        )
    except ValidationError:
        remedy = "use small letters, digits, - and ."
        raise ReportError(Problem("no short name", remedy, value=report_id)) from None
    return save_report(report, folder)


def _folder(path: str | Path | None) -> Path | Traversable:
    return packaged_data() if path is None else Path(path)


def _read(folder: Path | Traversable) -> tuple[ResearchReport | None, list[Problem]]:
    """The report, or None and everything that is wrong with it."""
    problems: list[Problem] = []
    try:
        there = folder.is_dir()
    except OSError as error:
        return None, [Problem(f"{folder}: {error.strerror}", "check the path")]
    if not there:
        what = "not a folder" if folder.is_file() else "no such folder"
        remedy = "name the folder that holds suppliers.csv, listings.csv and report.toml"
        return None, [Problem(f"{folder}: {what}", remedy)]
    rows = read_table(folder.joinpath(SUPPLIERS_FILE), *SUPPLIER_COLUMNS, problems)
    # A report may name nobody who is listed, or nobody who is decided yet.
    known = read_table(
        folder.joinpath(LISTINGS_FILE), *LISTING_COLUMNS, problems, may_be_empty=True
    )
    listings = {} if known is None else listings_of(known, problems)
    ids = {f"{row.get('mic')}:{row.get('code')}" for row in known or ()}
    mentions: tuple[Mention, ...] = ()
    if rows is not None:
        # Without a readable listings.csv every listing would look unknown.
        mentions = mentions_of(rows, listings, lambda one: known is None or one in ids, problems)
    head = read_report_toml(folder.joinpath(REPORT_FILE), problems)
    order = (SUPPLIERS_FILE, LISTINGS_FILE, REPORT_FILE)
    problems.sort(key=lambda one: (order.index(one.file or REPORT_FILE), one.row or 0))
    if problems or head.identity is None or head.standard is None:
        return None, problems
    report = ResearchReport(
        **head.identity.model_dump(),
        sector_call=head.sector_call,
        standard=head.standard,
        mentions=mentions,
        listings=tuple(listings.values()),
        events=head.events,
        corrections=head.corrections,
    )
    return report, problems
