"""What every command shares: exit codes, languages, the clock, and how an error is printed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain_screen.errors import InputError, LockedError, Problem, ScreenError, SourceError

if TYPE_CHECKING:
    from supplychain_screen.research import ResearchReport

__all__ = [
    "AdjustmentChoice",
    "DecimalOption",
    "Exit",
    "JsonFlag",
    "Language",
    "LanguageOption",
    "MaxSizeOption",
    "ReportOption",
    "bytes_of",
    "chosen_report",
    "day",
    "fail",
    "note",
    "now",
    "pairs",
    "today",
]


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


class Language(StrEnum):
    """Language of an output."""

    ZH = "zh"
    EN = "en"


LanguageOption = Annotated[
    Language, typer.Option("--lang", help="Language of the output; errors stay English.")
]
ReportOption = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FOLDER",
        help="Folder of a report of yours; the packaged report where it is left out.",
        show_default=False,
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


def fail(error: ScreenError) -> Exit:
    """Print an error as a person can use it; returns the exit code it stands for."""
    lines = str(error).splitlines() or [type(error).__name__]
    print(f"error: {lines[0]}", file=sys.stderr)
    for line in lines[1:]:
        print(f"       {line}", file=sys.stderr)
    if isinstance(error, LockedError):
        return Exit.LOCKED
    return Exit.NOTHING if isinstance(error, SourceError) else Exit.BAD_INPUT


def note(text: str) -> None:
    """A line for the person at the terminal, kept out of what a program reads."""
    print(text, file=sys.stderr)


def now() -> datetime:
    """This moment by this machine's clock, aware (UTC)."""
    return datetime.now(UTC)


def today() -> date:
    """Today by this machine's clock."""
    return date.today()


def bytes_of(gigabytes: float | None) -> int | None:
    """A size in gigabytes as bytes."""
    return None if gigabytes is None else int(gigabytes * 1e9)


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
        return date.fromisoformat(text)
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


def chosen_report(folder: str | None) -> ResearchReport:
    """The report of ``--report``, or the packaged one."""
    from supplychain_screen.research import load_report

    return load_report(folder)
