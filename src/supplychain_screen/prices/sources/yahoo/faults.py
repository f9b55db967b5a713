"""Every way in which Yahoo does not deliver, as one of our errors."""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from supplychain_screen.errors import (
    MalformedAnswerError,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.sources.yahoo.wire import Exchange, RefusedError

__all__ = ["Verdict", "explain", "known_faults", "no_symbol", "not_asked", "out_of_reach"]

SOURCE = "yahoo"

# Users report bans of minutes to hours after a 429; Yahoo itself seldom says.
_COOL_DOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened to one request, and whether asking again may help."""

    error: SourceError
    transient: bool


def known_faults() -> tuple[type[Exception], ...]:
    """What the client is known to raise: refusals, faults of the transport, unforeseen answers."""
    import peewee
    from yfinance.exceptions import YFException

    return (
        RefusedError,
        OSError,
        YFException,
        peewee.PeeweeException,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
    )


def explain(fault: Exception, exchanges: Sequence[Exchange], symbol: str, now: datetime) -> Verdict:
    """What happened to a request for ``symbol``.

    Parameters
    ----------
    fault : Exception
        What the client raised, one of ``known_faults``.
    exchanges : sequence of Exchange
        What passed over the wire for this symbol; the last one is what the client judged.
    symbol : str
        Yahoo's symbol.
    now : datetime
        Aware; a time to come back is counted from here.

    Returns
    -------
    Verdict
        Only faults of the transport, of the server (5xx) and of the client's own cache are
        transient. A refusal is not asked again, nor an answer that cannot be read.
    """
    from peewee import PeeweeException
    from yfinance.exceptions import YFRateLimitError

    case = _Case(symbol, exchanges, now)
    if isinstance(fault, RefusedError):
        return case.refused(fault.status)
    if isinstance(fault, YFRateLimitError):
        return case.limited()
    if isinstance(fault, PeeweeException):
        return case.unreachable(f"the client's own cache failed: {fault}", transient=True)
    # Some JSON errors are an OSError too: what was received decides.
    if isinstance(fault, OSError) and not isinstance(fault, ValueError):
        return case.unreachable(_plain(str(fault)), transient=True)
    return case.unreadable(fault)


def out_of_reach(exchanges: Sequence[Exchange]) -> SourceUnreachableError:
    """The error of a whole run: nobody answers at Yahoo's address.

    Parameters
    ----------
    exchanges : sequence of Exchange
        The last one failed, and its error says how.
    """
    why = _plain(exchanges[-1].error or "") if exchanges else "no time left"
    return SourceUnreachableError(
        f"Yahoo cannot be reached: {why}; "
        "check the network and the proxy (HTTPS_PROXY), or use prices from a file",
        source=SOURCE,
    )


def no_symbol(instrument: Instrument) -> SymbolNotFoundError:
    """The error of an instrument that Yahoo does not serve; nothing was asked."""
    return SymbolNotFoundError(
        f"Yahoo has no symbol for {instrument.id}; give its prices in a file",
        source=SOURCE,
        attempts=0,
    )


def not_asked(stopped: SourceError, symbol: str) -> SourceError:
    """The reason for which a run stopped, said of a symbol that was not asked."""
    message = f"{symbol} was not asked: {stopped}"
    if isinstance(stopped, RateLimitedError):
        return RateLimitedError(
            message,
            source=stopped.source,
            symbol=symbol,
            attempts=0,
            retry_after=stopped.retry_after,
        )
    return SourceUnreachableError(message, source=stopped.source, symbol=symbol, attempts=0)


class _Case:
    def __init__(self, symbol: str, exchanges: Sequence[Exchange], now: datetime) -> None:
        self.symbol = symbol
        self.now = now
        self.last = exchanges[-1] if exchanges else None
        self.attempts = sum(1 for one in exchanges if one.is_chart) or 1

    def refused(self, status: int) -> Verdict:
        if status in (429, 999):
            return self.limited()
        if status >= 500:
            return self.unreachable(f"it answered {status}: {self._words()}", transient=True)
        words = self._words()
        about_data = words.startswith(("No data found", "Data doesn't exist"))
        if about_data and status in (400, 404):
            error = SymbolNotFoundError(
                f"Yahoo has no prices of {self.symbol}: {words}",
                source=SOURCE,
                symbol=self.symbol,
                attempts=self.attempts,
            )
            return Verdict(error, transient=False)
        return self.malformed(f"it refused the request ({status}): {words}")

    def limited(self) -> Verdict:
        back = self.now + _COOL_DOWN
        said = self.last.retry_after if self.last is not None else None
        if said is not None:
            back = _moment_of(said, self.now) or back
        error = RateLimitedError(
            f"Yahoo limits requests (429, asked for {self.symbol}); "
            f"come back after {back:%Y-%m-%d %H:%M} UTC",
            source=SOURCE,
            symbol=self.symbol,
            attempts=self.attempts,
            retry_after=back,
        )
        return Verdict(error, transient=False)

    def unreachable(self, what: str, *, transient: bool) -> Verdict:
        error = SourceUnreachableError(
            f"Yahoo did not deliver {self.symbol}: {what}",
            source=SOURCE,
            symbol=self.symbol,
            attempts=self.attempts,
        )
        return Verdict(error, transient)

    def malformed(self, what: str) -> Verdict:
        error = MalformedAnswerError(
            f"Yahoo's answer for {self.symbol} cannot be used: {what}",
            source=SOURCE,
            symbol=self.symbol,
            attempts=self.attempts,
        )
        return Verdict(error, transient=False)

    def unreadable(self, fault: Exception) -> Verdict:
        last = self.last
        if last is None or last.status is None:
            return self.malformed(f"{type(fault).__name__}: {fault}")
        if last.status == 401:
            return self.malformed(f"it refused the request (401): {self._words()}")
        if b"Will be right back" in last.body:
            return self.unreachable("it is down for maintenance", transient=False)
        if (urlsplit(last.final_url).hostname or "").endswith("consent.yahoo.com"):
            return self.malformed(
                "it asks for consent to its cookies; open finance.yahoo.com in a browser behind "
                "the same address and agree"
            )
        if not last.body.lstrip().startswith((b"{", b"[")):
            return self.malformed(f"it is no JSON: {self._words()}")
        try:
            chart = json.loads(last.body)
        except ValueError as error:
            return self.malformed(f"it breaks off: {error}")
        words = _description(chart)
        return self.malformed(f"Yahoo says: {words}" if words else "it holds no prices")

    def _words(self) -> str:
        """What the body says, in one short line."""
        body = self.last.body if self.last is not None else b""
        try:
            words = _description(json.loads(body))
        except ValueError:
            words = None
        if words is None:
            text = body[:4000].decode("utf-8", "replace")
            title = re.search(r"<title>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
            words = title[1] if title else re.sub(r"<[^>]*>", " ", text)
        return " ".join(words.split())[:120] or "an empty page"


def _description(answer: object) -> str | None:
    """Yahoo's own words in ``chart.error`` or ``finance.error``."""
    if not isinstance(answer, dict):
        return None
    for name in ("chart", "finance"):
        part = answer.get(name)
        error = part.get("error") if isinstance(part, dict) else None
        if isinstance(error, dict):
            return str(error.get("description") or error.get("code") or "") or None
    return None


def _plain(message: str) -> str:
    message = re.sub(r"^Failed to perform, curl: \(\d+\) ", "", message)
    # The address would bring the crumb along.
    message = re.sub(r" with url: \S+", "", message)
    return message.partition(" See https://curl.se")[0].strip().rstrip(".")


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
