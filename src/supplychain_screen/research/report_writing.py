"""A report to its folder: the three files, written beside and renamed, and read back first."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from supplychain_screen.drafts import draft
from supplychain_screen.errors import OutputError, Problem, ReportError
from supplychain_screen.identity import Index, Listing
from supplychain_screen.research.content import Mention, ResearchReport
from supplychain_screen.research.rating_scale import Level, RatingScale
from supplychain_screen.research.report_tables import LISTINGS_FILE, SUPPLIERS_FILE
from supplychain_screen.research.report_toml import REPORT_FILE, SCHEMA_VERSION
from supplychain_screen.research.standard import INDEX_PREFIX, Market
from supplychain_screen.research.text_files import LIST_SEPARATOR

__all__ = ["REPORT_FILES", "files_of", "refuse_held", "write_files"]

REPORT_FILES = (SUPPLIERS_FILE, LISTINGS_FILE, REPORT_FILE)
"""The files of a report's folder."""

_SUPPLIER_FIELDS = (
    "order",
    "segment_no",
    "segment",
    "segment_en",
    "company",
    "company_en",
    "note",
    "note_en",
    "pending",
    "status",
    "listing",
    "confidence",
    "candidates",
    "why",
    "why_zh",
)
_LISTING_FIELDS = (
    "mic",
    "code",
    "currency",
    "isin",
    "name_zh",
    "name_en",
    "aliases",
    "board",
    "first_session",
    "basis",
    "last_session",
    "role",
    "other_lines",
    "notes",
)

_HEAD = """\
# A research report as data. This file holds its identity, its rating standard and its own call.
#
# suppliers.csv has one row a mention:
#   segment, company   as printed; note is what stands in the bracket behind the company
#   pending            yes where the print says that the cooperation is not settled
#   listing            MIC:CODE of a row of listings.csv
#   status             listed, unlisted, or unresolved where nobody decided yet
#   candidates         other listings the print could mean, separated by |
#   why, why_zh        why this listing, in English and in Chinese
#   printed_rating, printed_target, target_currency   where the report prints them beside a company
# listings.csv has one row a listing; keep the leading zeros of its codes.
"""


_MARKETS = """\
# A market is measured against its first benchmark; the others are computed beside it.
# An exchange in no market has no benchmark, and its companies stay unrated."""

_KINDS = {
    "absolute": "their own return is rated, without an index",
    "required": "their own return is rated, counted from required_return",
    "direction": "no number is printed, and none is rated",
    "peer": "they are rated against the coverage, for which an index of one's own has to stand",
}


def files_of(report: ResearchReport) -> dict[str, str]:
    """The text of each file of a report's folder.

    Parameters
    ----------
    report : ResearchReport
        The report.

    Returns
    -------
    dict of str to str
        Name of the file to its text; the same text for the same report.
    """
    return {
        SUPPLIERS_FILE: _csv(_supplier_fields(report), report.mentions),
        LISTINGS_FILE: _csv(_LISTING_FIELDS, report.listings),
        REPORT_FILE: _toml(report),
    }


def _supplier_fields(report: ResearchReport) -> tuple[str, ...]:
    """Columns of suppliers.csv: weights, and what is printed of each, where there are any."""
    rare = ("weight", "printed_rating", "printed_target", "target_currency")
    used = [
        name
        for name in rare
        if any(getattr(one, name) not in (None, "") for one in report.mentions)
    ]
    return (*_SUPPLIER_FIELDS, *used)


def write_files(
    folder: Path,
    files: dict[str, str],
    *,
    overwrite: bool,
    check: Callable[[Path], object] | None = None,
) -> None:
    """Write files into a folder, each whole or not at all.

    Parameters
    ----------
    folder : Path
        Made where it does not exist; then all files appear together.
    files : dict of str to str
        Name of each file to its text.
    overwrite : bool
        Whether files of those names may be replaced.
    check : callable, optional
        Called with a folder that holds the files before they appear; what it raises keeps them
        from doing so.

    Raises
    ------
    ReportError
        When a file of that name is there and ``overwrite`` is false.
    OutputError
        When the disk refuses.
    """
    if not overwrite:
        refuse_held(folder, files)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with draft(folder.parent, folder=True) as beside:
            for name, text in files.items():
                _write(beside / name, text)
            if check is not None:
                check(beside)
            if folder.is_dir():
                for name in files:
                    (beside / name).replace(folder / name)
            else:
                beside.rename(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error


def refuse_held(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder that holds a file of one of these names.

    Raises
    ------
    ReportError
        One is there.
    OutputError
        When the disk refuses.
    """
    try:
        there = [name for name in names if folder.joinpath(name).exists()]
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    if there:
        raise ReportError(
            Problem(
                f"{folder} holds {', '.join(there)} already",
                "name another folder, or move these files away first",
            )
        )


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _csv(fields: Sequence[str], records: Iterable[Mention | Listing]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(fields)
    for record in records:
        writer.writerow([_cell(getattr(record, field)) for field in fields])
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return LIST_SEPARATOR.join(value)
    return str(value)


def _toml(report: ResearchReport) -> str:
    parts = [
        f"{_HEAD}\nschema_version = {SCHEMA_VERSION}",
        _identity(report),
        _sector_call(report),
        _standard(report),
        _scale("stock", report.standard.stock),
        _scale("sector", report.standard.sector),
        _MARKETS if report.standard.markets else "",
        *(_market(market) for market in report.standard.markets),
        *(_index(index) for index in report.standard.indices),
        *(
            "\n".join(
                [
                    "[[events]]",
                    *_keys(
                        date=event.label,
                        text_zh=event.text_zh,
                        text_en=event.text_en,
                        inferred=event.inferred,
                    ),
                ]
            )
            for event in report.events
        ),
        *("\n".join(["[[corrections]]", *_keys(**one.model_dump())]) for one in report.corrections),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _identity(report: ResearchReport) -> str:
    lines = ["[report]"]
    lines += _keys(
        id=report.id,
        title=report.title,
        title_en=report.title_en,
        publisher=report.publisher,
        publisher_en=report.publisher_en,
    )
    if report.published is None:
        lines.append("# published = 2025-01-02  where it is printed; else every screen is told it")
    else:
        lines.append(f"published = {report.published}")
    if report.published_after is not None:
        lines.append(f"published_after = {report.published_after}")
    return "\n".join(lines)


def _sector_call(report: ResearchReport) -> str:
    call = report.sector_call
    if call is None:
        return ""
    return "\n".join(
        ["# The report's own rating of its sector.", "[sector_call]", *_keys(**call.model_dump())]
    )


def _standard(report: ResearchReport) -> str:
    standard = report.standard
    return "\n".join(
        [
            "# How ratings are measured: months after publication, price or total returns, and",
            "# the difference or the ratio of the two legs.",
            "[standard]",
            f"first_months = {standard.first_months}",
            f"last_months = {standard.last_months}",
            *_keys(basis=standard.basis, comparison=standard.comparison, notes=standard.notes),
            *([] if standard.markets else ["markets = []  # no index is named"]),
        ]
    )


def _scale(kind: str, scale: RatingScale | None) -> str:
    if scale is None:
        return f"# No scale of {kind}s: add [standard.{kind}] where one is printed."
    head = [
        f"# Levels of {kind}s, best first. Bounds are fractions (0.10 is 10%); where two levels",
        "# meet, exactly one of them includes the bound.",
        f"[standard.{kind}]",
        *_keys(name=scale.name),
        *([] if scale.kind == "relative" else [f'kind = "{scale.kind}"  # {_KINDS[scale.kind]}']),
        *_required(scale),
        *_keys(publisher=scale.publisher, notes=scale.notes),
    ]
    parts = ["\n".join(head)]
    parts += ["\n".join([f"[[standard.{kind}.levels]]", *_level(level)]) for level in scale.levels]
    if scale.no_view is not None:
        parts.append("\n".join([f"[standard.{kind}.no_view]", *_level(scale.no_view)]))
    return "\n\n".join(parts)


def _required(scale: RatingScale) -> list[str]:
    """The line of the return that bounds are counted from, where the kind has one."""
    if scale.required_return is not None:
        return [f"required_return = {scale.required_return!r}"]
    return ["# required_return = 0.08  where it is printed"] if scale.kind == "required" else []


def _level(level: Level) -> list[str]:
    lines = _keys(name=level.name, name_zh=level.name_zh, name_en=level.name_en)
    for side, bound, inclusive in (
        ("lower", level.lower, level.lower_inclusive),
        ("upper", level.upper, level.upper_inclusive),
    ):
        if bound is not None:
            lines += [f"{side} = {bound!r}", f"{side}_inclusive = {str(inclusive).lower()}"]
    if level.side is not None:
        lines.append(f"side = {level.side}")
    return lines + _keys(wording=level.wording)


def _market(market: Market) -> str:
    lines = ["[[standard.markets]]"]
    lines += _keys(name=market.name, name_zh=market.name_zh, name_en=market.name_en)
    lines.append(f"mics = {_list(market.mics)}")
    if market.boards:
        lines.append(f"boards = {_list(market.boards)}")
    lines.append(
        f"benchmarks = {_list(one.removeprefix(INDEX_PREFIX) for one in market.benchmarks)}"
    )
    if market.extensions:
        marks = _list(one.removeprefix(INDEX_PREFIX) for one in market.extensions)
        lines.append(f"extensions = {marks}  # added by a user, not named by the report")
    return "\n".join(lines)


def _index(index: Index) -> str:
    lines = ["[[indices]]"]
    lines += _keys(
        name=index.name,
        printed=index.printed,
        name_zh=index.name_zh,
        name_en=index.name_en,
        currency=index.currency,
        calendar=index.calendar,
    )
    if index.symbols:
        pairs = ", ".join(f"{vendor} = {_quoted(one)}" for vendor, one in index.symbols.items())
        lines.append(f"symbols = {{ {pairs} }}")
    return "\n".join(lines + _keys(notes=index.notes))


def _keys(**values: str) -> list[str]:
    """A line for each text that is not empty."""
    return [f"{key} = {_quoted(value)}" for key, value in values.items() if value]


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, except that TOML wants DEL escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
