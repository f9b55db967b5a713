"""Any printed report in one call: its document, who its companies are, what a person decided."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from supplychain_screen.errors import InputError, Problem, ReportError
from supplychain_screen.identity import PrintedName, read_printed
from supplychain_screen.research.corrections import (
    correct_reading,
    corrections_of,
    read_corrections,
    undecided_csv,
)
from supplychain_screen.research.extraction import (
    Cell,
    Document,
    Line,
    ReadingLimits,
    ReportReading,
    Table,
    heads_codes,
    is_of_cover,
    named_standard,
    packaged_index,
    printed_words,
    read_document,
    read_mentions,
    short_name,
)
from supplychain_screen.research.report import save_report
from supplychain_screen.research.report_writing import REPORT_FILES, refuse_held, write_files
from supplychain_screen.research.text_files import parse_date
from supplychain_screen.words import message

__all__ = ["READING_FILES", "UNDECIDED_FILE", "read_report", "save_reading"]

MENTIONS_FILE, PROPOSALS_FILE, UNDECIDED_FILE = "mentions.csv", "proposals.csv", "undecided.csv"
EVENTS_FILE = "events.csv"
READING_FILES = (*REPORT_FILES, MENTIONS_FILE, PROPOSALS_FILE, EVENTS_FILE, UNDECIDED_FILE)
"""Every file that a saved reading may consist of."""
_NAME = re.compile(r"[^，。；！？:：]{1,40}|[\x20-\x39\x3b-\x7e]{1,120}")
"""A line that can be a name or a code alone."""
_GAP = re.compile(r"\s*[,，、:：]\s*|\s+")
"""What stands between a name and its code."""
_SMALL_WORD = re.compile(r"\b[a-z]+\b")
_FEW = 3
"""Small words that the name of a company may have; a sentence has more."""
_SHORT = re.compile(r"[0-9]{1,3}")
_TICKER = re.compile(r"[A-Z]{1,5}")
_LONGEST = 140
"""Characters of the longest line that is a name and its code."""


def read_report(
    source: Any,
    *,
    overrides: str | Path | None = None,
    choices: Mapping[str, str] | None = None,
    limits: ReadingLimits | None = None,
    published: date | str | None = None,
    standard: str | None = None,
) -> ReportReading:
    """What any printed report or table of companies says.

    Parameters
    ----------
    source : path, str, bytes, text or binary file, or frame
        Text, Markdown, HTML, CSV, TSV, XLSX, XLS or PDF, or a frame of pandas, Polars, Arrow or
        DuckDB; a str that is no path is the text itself.
    overrides : str or Path, optional
        A CSV with columns ``company`` and ``decision``: a listing, ``unlisted``, ``left out``.
    choices : mapping of str to str, optional
        The same decisions by company; they count after those of the file.
    limits : ReadingLimits, optional
        What the reading may cost.
    published : date or str, optional
        Day of publication: listings that began to trade later are not meant.
    standard : str, optional
        A rating scale of the library, or a house, whose standard on ``published`` is taken.

    Returns
    -------
    ReportReading
        ``mentions``, those ``undecided``, and ``to_report()``, which can be measured.

    Raises
    ------
    InputError
        The source cannot be read, or an override concerns nobody in it.
    ReportError
        Nobody knows the standard.

    Examples
    --------
    >>> reading = read_report("环节\\t相关个股\\n盖板\\t蓝思科技（300433.SZ）")
    >>> [(one.company, one.listing) for one in reading.mentions], reading.undecided
    ([('蓝思科技', 'XSHE:300433')], ())
    >>> reading.to_report().companies
    ('蓝思科技',)
    """
    day = None if published is None else _day(published)
    chosen = None if standard is None else named_standard(standard, day)[1]
    document = read_document(source, limits=limits)
    reading = read_mentions(document, published=day)
    if (table := _bare_list(document)) is not None:
        short = any(_SHORT.fullmatch(code.text) for name, code in table.rows[1:] if not name.text)
        # Where every line is somebody already, no other reading can know more.
        if short or _known(reading) < len(table.rows) - 1:
            alone = read_mentions(replace(document, blocks=(table,)), published=day)
            alone = _without_exchange(alone)
            more = len(alone.mentions) > len(reading.mentions)
            if short or more or _known(alone) > _known(reading):
                reading = alone
    reading = replace(reading, chosen=chosen, told=day)
    corrections = () if overrides is None else read_corrections(overrides)
    return correct_reading(reading, (*corrections, *corrections_of(choices or {})))


def _day(published: object) -> date:
    """The day of publication that is told; a moment is its day."""
    day = parse_date(published) if isinstance(published, str) else published
    if isinstance(day, datetime):
        day = day.date()
    if not isinstance(day, date):
        problem = Problem("published is not a date", "write YYYY-MM-DD", value=str(published))
        raise InputError(problem)
    return day


def _known(reading: ReportReading) -> int:
    """How many companies are somebody, or known to have no shares."""
    return sum(one.verdict != "undecided" for one in reading.mentions)


def _bare_list(document: Document) -> Table | None:
    """Lines that are a name, a code, or both, as columns of companies and codes; else None."""
    pair = cache(_pair)  # a line is asked for up to three times, and looked up each time
    lines = _lines_of(document, pair)
    if not lines or not all(
        _NAME.fullmatch(name or code) and len(_SMALL_WORD.findall(name)) <= _FEW
        for name, code in (pair(one.text) for one in lines)
    ):
        return None
    coded = heads_codes(lines[0].text.strip())
    lines = _companies_of(lines[1:] if coded else lines)
    if not lines:
        return None
    places = [replace(lines[0].place, column=column) for column in (1, 2)]
    rows = [(Cell("company", places[0]), Cell("code", places[1]))]
    pairs = [pair(one.text) for one in lines]
    # A short number is a number, where neither a header nor all its neighbours are codes.
    coded = coded or (
        all(code and not name for name, code in pairs) and any(len(code) > 3 for _, code in pairs)
    )
    for one, (name, code) in zip(lines, pairs, strict=True):
        if not name and len(code) <= 3 and code.isdigit() and not coded:
            name, code = code, ""
        rows.append((Cell(name, one.place), Cell(code, replace(one.place, column=2))))
    return Table(tuple(rows), lines[0].place)


def _lines_of(document: Document, pair: Callable[[str], tuple[str, str]]) -> list[Line]:
    """Lines, and rows of two cells that are a name and its code; empty where more is printed."""
    lines: list[Line] = []
    for block in document.blocks:
        if isinstance(block, Line):
            lines.append(block)
            continue
        for row in block.rows:
            line = Line("\t".join(cell.text for cell in row), row[0].place)
            if len(row) != 2 or not all(pair(line.text)):
                return []
            lines.append(line)
    return lines


def _pair(line: str) -> tuple[str, str]:
    """The name and the code of a line; a number is its code where both are one listing's, and a
    word that says that there are no shares stands for one.
    """
    text, index = line.strip(), packaged_index()
    if len(text) > _LONGEST:
        return text, ""
    for gap in _GAP.finditer(text):
        name, word = text[: gap.start()], text[gap.end() :]
        if name and printed_words().says_unlisted(word, as_code=not gap[0].isspace()):
            return name, word
    printed = read_printed(" ".join(text.split()))
    if printed.name and printed.readings and _GAP.search(text):
        listing = index.identify(printed, limit=0).listing
        if listing is not None and listing in _exactly(printed.name):
            return printed.name, printed.code
    if printed.readings and not printed.name:
        return "", text
    # A ticker is one of the lines that its company has.
    if _TICKER.fullmatch(text) and len(_exactly(text)) > 1 and index.resolve(text).printed.code:
        return "", text
    return text, ""


def _exactly(name: str) -> set[str]:
    """Every listing of the companies that have exactly that name."""
    found = packaged_index().identify(PrintedName(name, "", ()), limit=99)
    near = found.verdict == "unknown"
    return set() if near else {one.listing for one in found.candidates}


def _companies_of(lines: list[Line]) -> list[Line]:
    """Lines without those of a cover: title, date, and the house that publishes it."""
    kept = [one for one in lines if not is_of_cover(one.text.strip())]
    if len(kept) == len(lines):
        return lines  # nothing of a cover: in a list of companies, a house is one of them
    houses = printed_words().houses
    return [one for one in kept if one.text.strip() not in houses]


def _without_exchange(reading: ReportReading) -> ReportReading:
    """A reading whose codes of three digits or fewer are open: of which exchange, nobody said."""
    mentions = []
    for one in reading.mentions:
        if one.company == one.code and _SHORT.fullmatch(one.code):
            ids = (f"XHKG:{one.code.zfill(4)}", f"XSHE:{one.code.zfill(6)}")
            known = packaged_index().identify(PrintedName("", one.code, ids))
            told = message("match.no_exchange", code=one.code)
            one = replace(
                one,
                verdict="undecided",
                listing=None,
                readings=known.candidates,
                grounds=(told,),
            )
        mentions.append(one)
    return replace(reading, mentions=tuple(mentions))


def save_reading(
    reading: ReportReading,
    folder: str | Path,
    *,
    title: str = "",
    publisher: str = "",
    report_id: str = "",
    overwrite: bool = False,
) -> Path:
    """Write a reading as the folder of a report, which validates as it is.

    Parameters
    ----------
    reading : ReportReading
    folder : str or Path
        Where suppliers.csv, listings.csv and report.toml go, with mentions.csv (what was read, and
        where it stands), proposals.csv (what the report says of itself, blanks as blanks),
        events.csv (its sentences with a date) and, where something is undecided or was decided,
        undecided.csv: an override file with every
        decision, those that are open being empty.
    title, publisher, report_id : str
        Identity; the name of the source where they are empty.
    overwrite : bool
        Whether a report that lies there may be replaced.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ReportError
        Nothing was read, one of the files lies there already, or its undecided.csv holds a decision
        that the reading does not know.
    InputError
        The undecided.csv that lies there is to be replaced and cannot be read.
    OutputError
        When the disk refuses.
    """
    place = Path(folder)
    report = reading.to_report(
        title=title, publisher=publisher, report_id=report_id or short_name(place.name)
    )
    # A folder is its user's: it holds the day that was told, as it holds the decisions.
    report = report.model_copy(update={"published": reading.published})
    if not overwrite:
        refuse_held(place, READING_FILES)
    _keep_decisions(reading, place / UNDECIDED_FILE)
    save_report(report, place, overwrite=overwrite)
    beside = {
        MENTIONS_FILE: reading.to_frame().to_csv(index=False, lineterminator="\n"),
        PROPOSALS_FILE: _proposals_csv(reading),
        EVENTS_FILE: _events_csv(reading),
    }
    if reading.undecided or reading.corrections:
        beside[UNDECIDED_FILE] = undecided_csv(reading)
    else:
        place.joinpath(UNDECIDED_FILE).unlink(missing_ok=True)
    write_files(place, {name: f"\ufeff{text}" for name, text in beside.items()}, overwrite=True)
    return place


def _keep_decisions(reading: ReportReading, file: Path) -> None:
    """Refuse to replace an override file with decisions that the reading does not know."""
    if not file.exists():
        return
    known = {(one.company, one.segment, one.code) for one in reading.corrections}
    lost = [
        one.company
        for one in read_corrections(file)
        if (one.company, one.segment, one.code) not in known
    ]
    if lost:
        raise ReportError(
            Problem(
                f"its decisions would be lost: {', '.join(lost[:5])}",
                "give the file as overrides (--overrides), or move it away",
                str(file),
            )
        )


def _events_csv(reading: ReportReading) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["first", "precision", "text", "place"])
    writer.writerows(
        [one.first.isoformat(), one.precision, one.text, str(one.place)] for one in reading.events
    )
    return stream.getvalue()


def _proposals_csv(reading: ReportReading) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["field", "value", "place"])
    writer.writerows(
        [one.field, one.value, "" if one.place is None else str(one.place)]
        for one in reading.proposals
    )
    return stream.getvalue()
