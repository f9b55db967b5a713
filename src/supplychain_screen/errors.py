"""Every error this package raises on purpose.

::

    ScreenError
    ├── InputError                  what a person wrote or asked for; carries ``problems``
    │   ├── ReportError             a report folder: suppliers.csv, listings.csv, report.toml
    │   ├── RatingScaleError        bounds that leave a hole or overlap
    │   ├── PublicationDateError    missing, in the future, or outside what the text allows
    │   ├── UnknownListingError     a name or symbol that is nobody here
    │   ├── PriceFileError          a price file that cannot be read as prices
    │   ├── CallsError              a frame of calls that cannot be scored
    │   └── ConfigError             a weekly configuration
    ├── SourceError                 a price source; carries ``source`` and ``symbol``
    │   ├── SourceUnreachableError  no connection, time-out, reset, 5xx after the retries
    │   ├── RateLimitedError        the source said to slow down; carries ``retry_after``
    │   ├── SymbolNotFoundError     the source says it does not know the symbol
    │   ├── MalformedAnswerError    an answer that cannot be read
    │   └── BasisNotServedError     the source cannot serve the asked adjustment
    ├── StoreError                  the price history on disk; carries ``path``
    ├── OutputError                 a page, workbook or table that could not be written
    ├── ArchiveError                the folders of the weekly run
    ├── LockedError                 another run holds the lock
    └── MissingExtraError           an optional dependency is not installed; carries ``extra``
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = [
    "ArchiveError",
    "BasisNotServedError",
    "CallsError",
    "ConfigError",
    "InputError",
    "LockedError",
    "MalformedAnswerError",
    "MissingExtraError",
    "OutputError",
    "PriceFileError",
    "Problem",
    "PublicationDateError",
    "RateLimitedError",
    "RatingScaleError",
    "ReportError",
    "ScreenError",
    "SourceError",
    "SourceUnreachableError",
    "StoreError",
    "SymbolNotFoundError",
    "UnknownListingError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input, where it is, and what to do.

    Parameters
    ----------
    message : str
        What is wrong, in one sentence.
    remedy : str
        What the writer should do next.
    file : str, optional
        Name or path of the file.
    row : int, optional
        Line of the file, 1-based, the header being line 1.
    column : str, optional
        Column or key.
    value : str, optional
        The offending value as written.

    Examples
    --------
    >>> print(Problem("not a date", "write YYYY-MM-DD", "a.csv", 3, "date", "31/12"))
    a.csv, row 3, column date: not a date (got '31/12'); write YYYY-MM-DD
    """

    message: str
    remedy: str = ""
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (
                self.file or "",
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column}" if self.column else "",
            )
            if part
        )
        got = f" (got {self.value!r})" if self.value is not None else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}: {self.message}{got}{remedy}" if where else f"{self.message}{got}{remedy}"


class ScreenError(Exception):
    """Root of the tree: the only thing the command line catches."""


class InputError(ScreenError):
    """What a person wrote cannot be used; every problem found is listed at once.

    Attributes
    ----------
    problems : tuple of Problem
        All problems of the input, in file order.
    """

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = (Problem(problems),)
        elif isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ReportError(InputError):
    """A report folder does not validate."""


class RatingScaleError(InputError):
    """The levels of a rating scale do not tile the line."""


class PublicationDateError(InputError):
    """The publication date is missing, in the future, or outside what the text allows."""


class UnknownListingError(InputError):
    """A name or symbol matches no known listing."""


class PriceFileError(InputError):
    """A price file cannot be read as daily prices."""


class CallsError(InputError):
    """A frame of calls cannot be scored as a whole."""


class ConfigError(InputError):
    """A configuration file of the weekly run does not validate."""


class SourceError(ScreenError):
    """A price source did not deliver.

    Attributes
    ----------
    source : str
        Name of the source, for example ``yahoo``.
    symbol : str or None
        The symbol asked for, as the source spells it.
    attempts : int
        How many requests were made before giving up.
    message : str or words.Message
        What happened; a message is said in English here, and in both languages by outputs.
    """

    def __init__(
        self, message: Any, *, source: str, symbol: str | None = None, attempts: int = 1
    ) -> None:
        self.message = message
        self.source = source
        self.symbol = symbol
        self.attempts = attempts
        super().__init__(message)


class SourceUnreachableError(SourceError):
    """No connection, a time-out, a reset, or a server fault that outlasted the retries."""


class RateLimitedError(SourceError):
    """The source asked for fewer requests.

    Attributes
    ----------
    retry_after : datetime or None
        When to come back, as far as it is known.
    """

    def __init__(
        self,
        message: Any,
        *,
        source: str,
        symbol: str | None = None,
        attempts: int = 1,
        retry_after: datetime | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(message, source=source, symbol=symbol, attempts=attempts)


class SymbolNotFoundError(SourceError):
    """The source says it does not know the symbol: the only fault that asking again won't mend."""


class MalformedAnswerError(SourceError):
    """An answer that cannot be read, or that contradicts itself."""


class BasisNotServedError(SourceError):
    """The source cannot serve closes in the asked adjustment."""


class StoreError(ScreenError):
    """The price history on disk cannot be used.

    Attributes
    ----------
    path : str
        Where the store lies: a folder or an object-store address.
    """

    def __init__(self, message: str, *, path: str | Path) -> None:
        self.path = str(path)
        super().__init__(message)


class OutputError(ScreenError):
    """A page, workbook or table could not be written."""


class ArchiveError(ScreenError):
    """A folder of the weekly run is damaged, newer than this program, or in the way."""


class LockedError(ScreenError):
    """Another run holds the lock."""


class MissingExtraError(ScreenError):
    """An optional dependency is not installed.

    Attributes
    ----------
    extra : str
        The extra to install, as in ``pip install "supplychain-screen[spark]"``.
    """

    def __init__(self, what: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{what} needs the extra '{extra}': pip install \"supplychain-screen[{extra}]\""
        )
