"""What every command shares: exit codes, languages, the clock, and how a message is printed.

Where a terminal shows it, a message takes as many lines as the terminal's width needs, the later
ones indented; anywhere else, as in a log, it is one line.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from supplychain_screen.errors import (
    InputError,
    LockedError,
    OutputError,
    Problem,
    ScreenError,
    SourceError,
    StoreError,
)

if TYPE_CHECKING:
    from supplychain_screen.research import ReadingLimits, ResearchReport
    from supplychain_screen.words import Message

__all__ = [
    "AdjustmentChoice",
    "AdjustmentOption",
    "Base",
    "BaseOption",
    "CardOption",
    "CloseOption",
    "Colours",
    "ColoursOption",
    "ComparisonChoice",
    "ComparisonOption",
    "CsvOption",
    "DecimalOption",
    "Exit",
    "HtmlOption",
    "JsonFlag",
    "Language",
    "LanguageOption",
    "MailOption",
    "MarkdownFlag",
    "MaxMemoryOption",
    "MaxPagesOption",
    "MaxSecondsOption",
    "MaxSizeOption",
    "OverridesOption",
    "ReportOption",
    "StandardOption",
    "StaticFlag",
    "TallCardOption",
    "XlsxOption",
    "bytes_of",
    "chosen_report",
    "code_of",
    "day",
    "endings",
    "fail",
    "known_by_now",
    "note",
    "now",
    "one_meaning",
    "pairs",
    "print_json",
    "print_line",
    "print_of",
    "reading_limits",
    "tell",
    "terminal_look",
    "today",
    "visible",
    "width",
]


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Exit(IntEnum):
    """Exit codes of every command."""

    COMPLETE = 0
    BUG = 1
    BAD_INPUT = 2
    PARTIAL = 3
    NOTHING = 4
    LOCKED = 5
    UNCHANGED = 6


class AdjustmentChoice(StrEnum):
    """What the closes of a price file were adjusted for."""

    SPLITS = "splits"
    DIVIDENDS = "splits+dividends"
    NONE = "none"


class DecimalChoice(StrEnum):
    """What stands before a fraction in a price file."""

    POINT = "."
    COMMA = ","


class Base(StrEnum):
    """Which session's close starts the measurement."""

    ON_OR_BEFORE = "on_or_before"
    BEFORE = "before"
    ON_OR_AFTER = "on_or_after"
    AFTER = "after"


class Colours(StrEnum):
    """What up and down look like."""

    CHINA = "china"
    WEST = "west"
    BLUE = "blue"

    @staticmethod
    def of(asked: Colours | None, lang: Language) -> Colours:
        """What was asked for, or what readers of the language are used to."""
        from supplychain_screen.words import default_colours

        return asked or Colours(default_colours(lang.value))


class ComparisonChoice(StrEnum):
    """How the two legs are compared."""

    DIFFERENCE = "difference"
    RATIO = "ratio"


class Language(StrEnum):
    """Language of an output."""

    ZH = "zh"
    EN = "en"


AdjustmentOption = Annotated[
    AdjustmentChoice | None,
    typer.Option(
        "--adjustment",
        help="What the closes of a price file were adjusted for.",
        show_default="as given",
    ),
]
CloseOption = Annotated[
    str | None,
    typer.Option(
        "--close",
        metavar="COLUMN",
        show_default="known by its name",
        help="Column of a price file that holds the closes.",
    ),
]
BaseOption = Annotated[Base, typer.Option("--base-policy", "--base", help="Base session.")]
ComparisonOption = Annotated[
    ComparisonChoice | None,
    typer.Option("--comparison", help="How the legs are compared.", show_default="the report's"),
]
ColoursOption = Annotated[
    Colours | None,
    typer.Option(
        "--colours",
        help="china: red is up; west: green is up; blue: blue is up, orange down.",
        show_default="the language's: china for zh, west for en",
    ),
]
LanguageOption = Annotated[
    Language, typer.Option("--lang", help="Language of the output; errors stay English.")
]
ReportOption = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FOLDER|FILE",
        help="A report of yours: its folder, or the print itself (text, Markdown, HTML, CSV, XLSX, "
        "PDF; - is standard input); the packaged report where it is left out.",
        show_default=False,
    ),
]
OverridesOption = Annotated[
    Path | None,
    typer.Option(
        "--overrides",
        metavar="FILE",
        help="CSV with the columns company and decision (a listing, unlisted, or left out).",
        show_default=False,
    ),
]
StandardOption = Annotated[
    str | None,
    typer.Option(
        "--standard",
        metavar="SCALE|HOUSE",
        help="Rating standard of a print: a scale of the library, or a house.",
        show_default="direction only: nobody is rated",
    ),
]
MaxPagesOption = Annotated[
    int | None,
    typer.Option("--max-pages", min=1, help="Most pages of a PDF.", show_default="200"),
]
MaxSecondsOption = Annotated[
    float | None,
    typer.Option(
        "--max-seconds", min=1, help="Most computing time that a PDF takes.", show_default="6"
    ),
]
MaxMemoryOption = Annotated[
    int | None,
    typer.Option(
        "--max-memory",
        metavar="MB",
        min=100,
        help="Largest print, and most memory that a PDF takes.",
        show_default="600",
    ),
]
DecimalOption = Annotated[
    DecimalChoice | None,
    typer.Option(
        "--decimal",
        help="What stands before a fraction in a price file.",
        show_default="told by its cells",
    ),
]
MaxSizeOption = Annotated[
    float | None,
    typer.Option(
        "--max-size",
        metavar="GB",
        min=0,
        show_default="1.07",
        help="Largest price file that is read, unpacked.",
    ),
]
JsonFlag = Annotated[
    bool, typer.Option("--json", help="Print one JSON object instead of the table.")
]
MarkdownFlag = Annotated[
    bool, typer.Option("--markdown", help="Print Markdown instead of the table.")
]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the page.", show_default=False),
]
StaticFlag = Annotated[
    bool, typer.Option("--static", help="Make the page small and without script.")
]
XlsxOption = Annotated[
    Path | None,
    typer.Option("--xlsx", metavar="FILE", help="Write the workbook.", show_default=False),
]
CsvOption = Annotated[
    Path | None,
    typer.Option("--csv", metavar="DIR", help="Write every frame as CSV.", show_default=False),
]
MailOption = Annotated[
    Path | None,
    typer.Option(
        "--mail",
        metavar="FILE",
        help="Write the finding as a mail below 60 KB: a draft (.eml) or a document (.html).",
        show_default=False,
    ),
]
CardOption = Annotated[
    Path | None,
    typer.Option(
        "--card",
        metavar="FILE.png",
        help="Write the finding as a picture of 1200 x 675 pixels.",
        show_default=False,
    ),
]
TallCardOption = Annotated[
    Path | None,
    typer.Option(
        "--card-tall",
        metavar="FILE.png",
        help="Write the finding as a picture of 1080 x 1350 pixels.",
        show_default=False,
    ),
]


def fail(error: ScreenError) -> Exit:
    """Print an error as a person can use it; returns the exit code it stands for."""
    start = "error: "
    for line in str(error).splitlines() or [type(error).__name__]:
        print_line(f"{start}{line}", sys.stderr, hang=9)
        start = " " * 7
    return code_of(error)


def code_of(error: ScreenError) -> Exit:
    """The exit code that an error stands for.

    A scheduler may try 4 again, as it is: prices, store or disk were not to be had. What gives 2
    a person has to mend.
    """
    if isinstance(error, LockedError):
        return Exit.LOCKED
    again = isinstance(error, SourceError | StoreError | OutputError)
    return Exit.NOTHING if again else Exit.BAD_INPUT


def tell(said: Message | str, lang: Language) -> None:
    """Print a message of the result in the reader's language."""
    from supplychain_screen.words import message_phrase

    print_line(message_phrase(said).of(lang.value), sys.stdout)


def note(said: Message | str, lang: Language, command: str = "") -> None:
    """A message for the person at the terminal, kept out of what a program reads.

    A ``command`` that it ends in stands on a line of its own, whole, since it is to be copied.
    """
    from supplychain_screen.words import message_phrase

    text = message_phrase(said).of(lang.value)
    if command and sys.stderr.isatty():
        print_line(text, sys.stderr)
        print(f"  {visible(command)}", file=sys.stderr)
    else:
        between = "" if text.endswith("：") or not command else " "
        print_line(f"{text}{between}{command}", sys.stderr)


def print_line(text: str, stream: TextIO, hang: int = 2) -> None:
    """Print what a message says; spaces that it begins with are before its other lines too."""
    from supplychain_screen.output import wrap

    if stream.isatty():
        hang = max(hang, len(text) - len(text.lstrip(" ")) + 2)
        lines = wrap(text, width(stream), hang, whole=True)
    else:
        lines = [visible(text)]
    print("\n".join(lines), file=stream)


def visible(line: str) -> str:
    """A line in which nothing acts or hides: it may quote a file that a stranger wrote."""
    from supplychain_screen.output import visible_text

    return visible_text(line)


def print_json(value: Any) -> None:
    """Print a value, or a text that is JSON already, in UTF-8 whatever the console speaks."""
    if isinstance(sys.stdout, TextIOWrapper):
        # Half a surrogate pair is not UTF-8; a backslash and its number are JSON for it.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    print(value, end="" if value.endswith("\n") else "\n")


def now() -> datetime:
    """This moment by this machine's clock, aware (UTC)."""
    return datetime.now(UTC)


def today() -> date:
    """Today by this machine's clock."""
    return date.today()


def bytes_of(gigabytes: float | None) -> int | None:
    """A size in gigabytes as bytes."""
    # Nothing is larger than an exabyte, infinity included.
    return None if gigabytes is None else int(min(gigabytes, 1e9) * 1e9)


def day(text: str | None, option: str) -> date | None:
    """A date written on the command line.

    Raises
    ------
    InputError
        It is no date.
    """
    if text is None:
        return None
    try:
        # Python also reads 20241231 and 2024-W52-2, which no other place here does.
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise InputError(
            Problem(f"{option} is not a date", "write YYYY-MM-DD", value=text)
        ) from None


def pairs(written: list[str], option: str) -> Mapping[str, str]:
    """``NAME=VALUE`` pairs of a repeated option.

    Raises
    ------
    InputError
        One has no equals sign.
    """
    found = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name or not value:
            raise InputError(
                Problem(f"{option} takes NAME=VALUE", "write for example TCL=1070.HK", value=one)
            )
        found[name.strip()] = value.strip()
    return found


def reading_limits(
    pages: int | None, seconds: float | None, megabytes: int | None
) -> ReadingLimits:
    """The limits of a reading, those not given as they are."""
    from supplychain_screen.research import ReadingLimits

    given = {"pages": pages, "seconds": seconds, "megabytes": megabytes}
    return ReadingLimits(**{name: one for name, one in given.items() if one is not None})  # type: ignore[arg-type]


def print_of(file: str) -> Any:
    """What ``read_report`` reads: a path, or the bytes on standard input for ``-``."""
    return sys.stdin.buffer if file == "-" else Path(file)


def chosen_report(place: str | None) -> ResearchReport:
    """The report of ``--report``: a folder, a print, or the packaged one."""
    if place is not None and (place == "-" or Path(place).is_file()):
        from supplychain_screen.research import read_report

        return read_report(print_of(place)).to_report()
    from supplychain_screen.research import load_report

    return load_report(place)


def one_meaning(json: bool, markdown: bool, static: bool, html: Path | None) -> None:
    """Options that would do nothing, or two things with one stream, are refused."""
    if json and markdown:
        raise InputError(
            Problem("--json and --markdown both print to the terminal", "give one of them")
        )
    if static and html is None:
        raise InputError(
            Problem("--static is about the page, and none is asked for", "add --html FILE")
        )


def endings(paths: Mapping[str, Path | None], *allowed: str) -> None:
    """Refuse a target whose name does not end as its kind does.

    Raises
    ------
    InputError
        Naming every option and its file.
    """
    problems = [
        Problem(f"{option} writes {' or '.join(allowed)}", "end its name so", file=str(path))
        for option, path in paths.items()
        if path is not None and path.suffix.lower() not in allowed
    ]
    if problems:
        raise InputError(problems)


def known_by_now(as_of: date | None) -> None:
    """A day whose prices nobody can know is refused."""
    if as_of is not None and as_of > today():
        raise InputError(
            Problem(
                f"--as-of lies in the future; today is {today()}",
                "give a day whose prices are known",
                value=str(as_of),
            )
        )


def terminal_look() -> tuple[int, bool]:
    """Columns that a table may take, and whether it may be coloured."""
    return width(sys.stdout), bool(
        sys.stdout and sys.stdout.isatty()
    ) and "NO_COLOR" not in os.environ


def width(stream: TextIO) -> int:
    """Columns that a line may take, from 60 to 120: the terminal's, 80 where there is none."""
    try:
        known = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        known = os.terminal_size((80, 24))
    # The variable COLUMNS wins, then the terminal of standard output.
    return min(max(shutil.get_terminal_size(known).columns, 60), 120)
