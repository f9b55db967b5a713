"""Every way in which Yahoo does not deliver, as one of our errors."""

from __future__ import annotations

import email.utils
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from supplychain_screen.errors import (
    MalformedAnswerError,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.words import message

__all__ = [
    "DeadlineError",
    "OversizeError",
    "RefusedError",
    "explain",
    "is_transient",
    "malformed",
    "no_symbol",
    "not_asked",
    "out_of_reach",
    "said_in",
    "unreachable",
    "words_of",
]

SOURCE = "yahoo"

# Users report bans of minutes to hours after a 429; Yahoo itself seldom says.
_COOL_DOWN = timedelta(hours=1)
_LONGEST_WORDS = 300


# None of the three is an OSError, or the client would take them for faults of the network.


class RefusedError(Exception):
    """The chart service answered with an error status."""

    def __init__(self, status: int, body: bytes = b"", retry_after: str | None = None) -> None:
        self.status = status
        self.body = body
        self.retry_after = retry_after
        super().__init__(f"status {status}")

    @classmethod
    def of(cls, response: Any) -> RefusedError:
        """What a response says."""
        return cls(response.status_code, response.content, response.headers.get("Retry-After"))


class OversizeError(Exception):
    """The answer is larger than any chart; what had arrived of it is gone."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"it is larger than {limit / 1024 / 1024:g} MB")


class DeadlineError(Exception):
    """The time for the whole run is used up."""


def is_transient(fault: Exception) -> bool:
    """Whether asking again may help: after faults of the transport and of the server (5xx)."""
    if isinstance(fault, RefusedError):
        return 500 <= fault.status < 600
    return isinstance(fault, OSError)


def explain(fault: Exception, symbol: str, attempts: int, now: datetime) -> SourceError:
    """What happened to a request for ``symbol``.

    Parameters
    ----------
    fault : RefusedError, OversizeError or OSError
        What ended it.
    symbol : str
        Yahoo's symbol.
    attempts : int
        Chart requests made.
    now : datetime
        Aware; a time to come back is counted from here.
    """
    if isinstance(fault, OSError):
        return unreachable(symbol, _plain(str(fault)), attempts)
    if not isinstance(fault, RefusedError):
        return malformed(symbol, str(fault), attempts)
    if fault.status in (429, 999):
        back = now + _COOL_DOWN
        if fault.retry_after is not None:
            back = _moment_of(fault.retry_after, now) or back
        return RateLimitedError(
            message("yahoo.limited", symbol=symbol, back=back),
            source=SOURCE,
            symbol=symbol,
            attempts=attempts,
            retry_after=back,
        )
    words = words_of(fault.body)
    if is_transient(fault):
        return unreachable(symbol, f"it answered {fault.status}: {words}", attempts)
    about_data = words.startswith(("No data found", "Data doesn't exist"))
    if about_data and fault.status in (400, 404):
        return SymbolNotFoundError(
            message("yahoo.no_prices", symbol=symbol, words=words),
            source=SOURCE,
            symbol=symbol,
            attempts=attempts,
        )
    return malformed(symbol, f"it refused the request ({fault.status}): {words}", attempts)


def unreachable(symbol: str, what: str, attempts: int) -> SourceUnreachableError:
    """The error of a symbol that Yahoo did not deliver, and need not have been asked in vain."""
    return SourceUnreachableError(
        message("yahoo.undelivered", symbol=symbol, what=what),
        source=SOURCE,
        symbol=symbol,
        attempts=attempts,
    )


def malformed(symbol: str, what: str, attempts: int) -> MalformedAnswerError:
    """The error of an answer that cannot be read, or that contradicts itself."""
    what = what if len(what) <= _LONGEST_WORDS else f"{what[:_LONGEST_WORDS]} …"
    return MalformedAnswerError(
        message("yahoo.unusable", symbol=symbol, what=what),
        source=SOURCE,
        symbol=symbol,
        attempts=attempts,
    )


def out_of_reach(why: str | None) -> SourceUnreachableError:
    """The error of a whole run: nobody answers at Yahoo's address.

    Parameters
    ----------
    why : str or None
        How the last request failed; None where there was no time to send it.
    """
    return SourceUnreachableError(
        message("yahoo.out_of_reach", why=_plain(why or "no time left")),
        source=SOURCE,
    )


def no_symbol(instrument: Instrument) -> SymbolNotFoundError:
    """The error of an instrument that Yahoo does not serve; nothing was asked."""
    return SymbolNotFoundError(
        message("yahoo.no_symbol", listing=instrument.id),
        source=SOURCE,
        attempts=0,
    )


def not_asked(stopped: SourceError, symbol: str) -> SourceError:
    """The reason for which a run stopped, said of a symbol that was not asked."""
    said = message("source.not_asked", symbol=symbol, why=stopped.message)
    if isinstance(stopped, RateLimitedError):
        return RateLimitedError(
            said,
            source=stopped.source,
            symbol=symbol,
            attempts=0,
            retry_after=stopped.retry_after,
        )
    return SourceUnreachableError(said, source=stopped.source, symbol=symbol, attempts=0)


def words_of(body: bytes) -> str:
    """What a body says, in one short line."""
    try:
        words = said_in(json.loads(body))
    except (ValueError, RecursionError):
        words = None
    if words is None:
        text = body[:4000].decode("utf-8", "replace")
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
        words = title[1] if title else re.sub(r"<[^>]*>", " ", text)
    return " ".join(words.split())[:120] or "an empty page"


def said_in(answer: object) -> str | None:
    """Yahoo's own words in ``chart.error`` or ``finance.error``."""
    if not isinstance(answer, dict):
        return None
    for name in ("chart", "finance"):
        part = answer.get(name)
        error = part.get("error") if isinstance(part, dict) else None
        if isinstance(error, dict):
            return str(error.get("description") or error.get("code") or "") or None
    return None


def _plain(words: str) -> str:
    words = re.sub(r"^Failed to perform, curl: \(\d+\) ", "", words)
    return words.partition(" See https://curl.se")[0].strip().rstrip(".")


def _moment_of(retry_after: str, now: datetime) -> datetime | None:
    """The moment a Retry-After header means: seconds from now, or a date."""
    if retry_after.strip().isdigit():
        # A week is more than any ban: a larger number is no time to wait.
        return now + timedelta(seconds=min(int(retry_after), 7 * 86400))
    try:
        moment = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
