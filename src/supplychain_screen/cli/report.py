"""``report`` and ``resolve``: what a report says, and who its names are."""

from __future__ import annotations

import shlex
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.targets import check_targets
from supplychain_screen.cli.terminal import (
    Exit,
    JsonFlag,
    Language,
    LanguageOption,
    MaxMemoryOption,
    MaxPagesOption,
    MaxSecondsOption,
    OverridesOption,
    ReportOption,
    StandardOption,
    chosen_report,
    day,
    note,
    pairs,
    print_json,
    print_line,
    print_of,
    reading_limits,
    tell,
    terminal_look,
)
from supplychain_screen.errors import Problem
from supplychain_screen.words import message

if TYPE_CHECKING:
    from supplychain_screen.identity import NameVerdict, Resolution
    from supplychain_screen.research import ResearchReport

__all__ = ["register"]

_reports = typer.Typer(
    help="Show, validate, start and extract reports.", no_args_is_help=True, rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_reports, name="report")
    app.command("resolve")(resolve_names)


FolderArgument = Annotated[
    str | None,
    typer.Argument(metavar="[FOLDER]", help="Report folder; the packaged one if left out."),
]


@_reports.command("show")
def show(
    folder: FolderArgument = None, lang: LanguageOption = Language.ZH, json: JsonFlag = False
) -> None:
    """Print a report: its table, who each company is, its standard and its own call."""
    report = chosen_report(folder)
    if json:
        print_json(report.model_dump_json(indent=2))
        return
    from supplychain_screen.output import report_table

    print(report_table(report, lang.value), end="")


@_reports.command("validate")
def validate(
    folder: FolderArgument = None, lang: LanguageOption = Language.ZH, json: JsonFlag = False
) -> None:
    """Say everything that is wrong with a report folder, or that nothing is."""
    from supplychain_screen.research import validate_report

    problems = validate_report(folder)
    if json:
        print_json([_problem(one) for one in problems])
    elif problems:
        for problem in problems:
            print_line(str(problem), sys.stdout)
    else:
        report = chosen_report(folder)
        n, segments = len(report.mentions), len(report.segments)
        tell(message("validate.valid", report=report.id, n=n, segments=segments), lang)
    if problems:
        raise typer.Exit(Exit.BAD_INPUT)


@_reports.command("new")
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the report will lie.")],
    report_id: Annotated[str, typer.Option("--id", help="Short name.")] = "my-report",
    title: Annotated[str, typer.Option("--title", help="Title as printed.")] = "",
    publisher: Annotated[str, typer.Option("--publisher", help="Publisher as printed.")] = "",
    published: Annotated[
        str | None,
        typer.Option(
            "--published",
            metavar="DATE",
            help="Day it was published, if printed.",
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            "--scale",
            help="Stock scale of the library; its house lends the rest.  [default: guosen-stock]",
            show_default=False,
        ),
    ] = "",
    house: Annotated[
        str,
        typer.Option(
            "--house", help="House whose standard was in force on --published.", show_default=False
        ),
    ] = "",
    lang: LanguageOption = Language.ZH,
) -> None:
    """Start a report of your own: a small valid one with comments, to be edited."""
    from supplychain_screen.research import new_report

    check_targets({}, {"FOLDER": folder})
    place = new_report(
        folder,
        report_id=report_id,
        title=title,
        publisher=publisher,
        published=day(published, "--published"),
        scale=scale,
        house=house,
    )
    print(place)
    if house:
        note(_proposed(house, day(published, "--published"), lang), lang)
    command = shlex.join(("supplychain-screen", "report", "validate", str(place)))
    note(message("report.edit"), lang, command)


def _proposed(house: str, published: date | None, lang: Language) -> str:
    """What is to be known about the standard that was proposed for a house and a day."""
    from supplychain_screen.research import propose_standard
    from supplychain_screen.words import STANDINGS

    assert published is not None  # new_report() asks for it
    found = propose_standard(house, published)
    return (
        STANDINGS[found.standing]
        .of(lang.value)
        .format(house=found.house, day=published, first=found.first_date, last=found.last_seen)
    )


@_reports.command("extract")
def extract(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="Text, Markdown, HTML, CSV, XLSX or PDF; - is standard input."
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="FOLDER",
            show_default=False,
            help="Write a report folder, what is undecided marked in it.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the report that lies in FOLDER.")
    ] = False,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose",
            metavar="COMPANY=DECISION",
            show_default=False,
            help="Decide a mention: a listing, unlisted, or left out; may be repeated.",
        ),
    ] = None,
    overrides: OverridesOption = None,
    standard: StandardOption = None,
    published: Annotated[
        str | None,
        typer.Option(
            "--published",
            metavar="DATE",
            show_default=False,
            help="Day of publication: later listings are not meant.",
        ),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Title as printed.")] = "",
    publisher: Annotated[str, typer.Option("--publisher", help="Publisher as printed.")] = "",
    max_pages: MaxPagesOption = None,
    max_seconds: MaxSecondsOption = None,
    max_memory: MaxMemoryOption = None,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Read the companies out of a printed report and say who each is, and where it stands.

    A printed code decides, the name is its check; where they contradict each other, or several
    listings have the name, the mention is undecided and the exit code is 3.
    """
    from supplychain_screen.output import reading_table, reading_to_dict
    from supplychain_screen.research import (
        READING_FILES,
        UNDECIDED_FILE,
        read_report,
        save_reading,
    )

    # Decisions are written back into the file that they were read from.
    own = (
        to is not None
        and overrides is not None
        and overrides.resolve() == (to / UNDECIDED_FILE).resolve()
    )
    check_targets(
        {},
        {"--to": to},
        tables=[one for one in READING_FILES if not (own and one == UNDECIDED_FILE)],
        reads={"FILE": None if file == "-" else file, "--overrides": None if own else overrides},
    )
    reading = read_report(
        print_of(file),
        overrides=overrides,
        choices=pairs(choose or [], "--choose"),
        limits=reading_limits(max_pages, max_seconds, max_memory),
        published=day(published, "--published"),
        standard=standard,
    )
    # A print that names nobody is refused, once it is shown what else it says.
    says_more = to is None and bool(reading.published or reading.standard)
    if to is not None:
        place = save_reading(reading, to, title=title, publisher=publisher, overwrite=overwrite)
        note(message("report.folder", place=str(place)), lang)
    elif not says_more:
        reading.to_report()
    if json:
        print_json(reading_to_dict(reading))
    else:
        print(reading_table(reading, lang.value, width=terminal_look()[0]), end="")
    if says_more:
        reading.to_report()
    if reading.undecided:
        if to is not None:
            again = _again(
                file,
                to,
                {
                    "--published": published,
                    "--standard": standard,
                    "--title": title,
                    "--publisher": publisher,
                    "--max-pages": max_pages,
                    "--max-seconds": max_seconds,
                    "--max-memory": max_memory,
                    "--lang": None if lang is Language.ZH else lang.value,
                },
            )
            note(message("report.decide", file=str(to / UNDECIDED_FILE)), lang, again)
        raise typer.Exit(Exit.PARTIAL)


def _again(file: str, to: Path, options: dict[str, Any]) -> str:
    """The same call once more, with the decisions that were written into its folder."""
    words = ["supplychain-screen", "report", "extract", file, "--to", str(to), "--overwrite"]
    words += ["--overrides", str(to / "undecided.csv")]
    for name, value in options.items():
        words += [] if value in (None, "") else [name, str(value)]
    return shlex.join(words)


def resolve_names(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Printed names.")],
    report: ReportOption = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            show_default=False,
            help="Only listings that traded on that day decide.",
        ),
    ] = None,
    market: Annotated[
        list[str] | None,
        typer.Option(
            "--market",
            metavar="MIC",
            show_default=False,
            help="Exchange that the report is about: it decides between the lines of a "
            "company. May be given several times.",
        ),
    ] = None,
    currency: Annotated[
        str,
        typer.Option("--currency", help="Currency printed beside the name.", show_default=False),
    ] = "",
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Say which listings a printed name or code may mean, and why; none is ever guessed.

    The ledger of listings is looked at: names, codes as vendors print them, ISINs, and names with
    a code beside them; then the packaged report's listings, or those of --report alone.
    """
    from supplychain_screen.identity import NameIndex, resolve

    known: ResearchReport = chosen_report(report)
    moment = day(as_of, "--as-of")
    found: list[Resolution | NameVerdict] = []
    ledger = None if report is not None else NameIndex()
    # Bytes that are no UTF-8 reach a program as halves of characters.
    names = [name.encode("utf-8", "replace").decode() for name in names]
    for name in names:
        own = resolve(name, known.listings, as_of=moment)
        found.append(own)
        if ledger is not None:
            listed = ledger.resolve(
                name, market=market or (), currency=currency.upper(), as_of=moment
            )
            if listed.verdict != "unknown" or not any(one.score >= 95 for one in own.candidates):
                found[-1] = listed
    shown = [{"name": name} | _resolution(one) for name, one in zip(names, found, strict=True)]
    if json:
        print_json([_in_english(one) for one in shown])
    else:
        for one in shown:
            _print_resolution(one, lang)
    if any(one["listing"] is None for one in shown):
        raise typer.Exit(Exit.PARTIAL)


def _print_resolution(found: dict[str, Any], lang: Language) -> None:
    name, listing = found["name"], found["listing"] or "?"
    tell(message("resolve.name", name=name, listing=listing, why=found["reason"]), lang)
    for one in found["candidates"]:
        said = message(
            "resolve.candidate",
            listing=f"{one['listing']:<12}",
            score=one["score"],
            name=one["known_as"],
            why=one["reasons"],
        )
        tell(said, lang)


def _in_english(found: dict[str, Any]) -> dict[str, Any]:
    """The same for a program: every ground as its sentence in English."""
    candidates = [one | {"reasons": list(map(str, one["reasons"]))} for one in found["candidates"]]
    return found | {"reason": "; ".join(map(str, found["reason"])), "candidates": candidates}


def _resolution(found: Resolution | NameVerdict) -> dict[str, Any]:
    """What was found, with its grounds as messages."""
    from supplychain_screen.identity import NameVerdict

    if isinstance(found, NameVerdict):
        return {
            "verdict": found.verdict,
            "listing": found.listing,
            "reason": found.grounds,
            "candidates": [
                {
                    "listing": one.listing,
                    "known_as": one.name,
                    "score": one.score,
                    "reasons": one.grounds,
                }
                for one in found.candidates
            ],
        }
    ambiguous = "ambiguous" if any(one.score >= 95 for one in found.candidates) else "unknown"
    return {
        "verdict": ambiguous if found.chosen is None else "resolved",
        "listing": None if found.chosen is None else found.chosen.id,
        "reason": (found.verdict,),
        "candidates": [
            {
                "listing": one.listing.id,
                "known_as": one.listing.name_zh or one.listing.name_en,
                "score": one.score,
                "reasons": one.grounds,
            }
            for one in found.candidates
        ],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        name: getattr(problem, name)
        for name in ("file", "row", "column", "value", "message", "remedy")
    }
