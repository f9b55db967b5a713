"""Yahoo's daily prices: each symbol asked once, each fault named, what arrived kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from supplychain_screen.errors import (
    InputError,
    Problem,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Basis, Finding, LoadedPrices, PriceSeries
from supplychain_screen.prices.sources.remembered import Remembered
from supplychain_screen.prices.sources.yahoo.chart import read_chart
from supplychain_screen.prices.sources.yahoo.faults import (
    DeadlineError,
    OversizeError,
    RefusedError,
    explain,
    is_transient,
    no_symbol,
    not_asked,
    out_of_reach,
)
from supplychain_screen.words import message

if TYPE_CHECKING:
    from supplychain_screen.prices.sources.yahoo.client import PacedSession

__all__ = [
    "Outcome",
    "Progress",
    "YahooSource",
]

Outcome = Literal[
    "fetched", "remembered", "not_found", "rate_limited", "unreachable", "malformed", "skipped"
]
"""How one symbol came out; ``skipped`` was not asked, because the run had stopped before."""

Progress = Callable[[int, int, str, Outcome], None]
"""Called after each symbol with: how many are done, of how many, which symbol, how it came out."""

_PACE_VARIABLE = "SUPPLYCHAIN_SCREEN_YAHOO_PACE"
# Before any answer came, retries are not worth more than this: most likely there is no network.
_PATIENCE_SECONDS = 4.0
# Before the first prices came, symbols that fail are not worth more than this altogether.
_FIRST_PRICES_SECONDS = 30.0
# So many symbols in a row whose retries all failed: the service is down, not the symbols.
_FAULTS_IN_A_ROW = 5
_LONGEST_WAIT_SECONDS = 8.0


class YahooSource:
    """Daily closes from Yahoo Finance through the open-source client yfinance.

    Not affiliated with or endorsed by Yahoo; the use of the data is subject to Yahoo's terms.

    Parameters
    ----------
    now : callable
        Gives the current moment, aware. A bar whose session has not closed by then is dropped.
    pace : float, optional
        Most requests a second, cookies and crumbs included; 0 for no limit. Users report 1 to 5
        as safe. By default the environment variable SUPPLYCHAIN_SCREEN_YAHOO_PACE, else 1.
    deadline : float
        Seconds that one ``load`` or ``stream`` may take. What arrived by then is kept. Where
        nothing has arrived, symbols that fail are given up after 30.
    timeout : float
        Seconds that one request may take altogether, so that a trickling answer ends too.
    retries : int
        Further attempts after a fault of the transport or a 5xx; nothing else is asked again.
    backoff : float
        Seconds before the first of them, doubled each time, with jitter of the same size.
    breaker : int
        So many refusals (429) in a row stop the run.
    cache_dir : path, optional
        Folder for Yahoo's cookie between processes; by default the user's cache.
    on_progress : callable, optional
        See ``Progress``.

    Notes
    -----
    The basis ``price`` is Yahoo's Close, adjusted for splits; ``total`` takes the dividends of the
    same answer off it (``TradedHistory.series``). What Yahoo answered, or failed to, is remembered
    for a quarter of an hour, so asking for the other basis makes no request. Source: Yahoo's chart
    service, version 8.

    Not for several threads at once.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> source = YahooSource(now=lambda: datetime(2026, 1, 9, 22, tzinfo=UTC))
    >>> source.name, source.simulated
    ('yahoo', False)
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        pace: float | None = None,
        deadline: float = 600.0,
        timeout: float = 10.0,
        retries: int = 2,
        backoff: float = 0.5,
        breaker: int = 3,
        cache_dir: str | Path | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self._now = now
        self._pace = _usual_pace() if pace is None else pace
        self._deadline = deadline
        self._timeout = timeout
        self._retries = retries
        self._backoff = backoff
        self._breaker = breaker
        self._cache_dir = Path(cache_dir) if cache_dir is not None else None
        self._on_progress = on_progress
        self._session: PacedSession | None = None
        self._remembered = Remembered(self._moment)
        self._limited_in_a_row = 0
        self._closed_until: datetime | None = None

    @property
    def name(self) -> str:
        """``yahoo``."""
        return "yahoo"

    @property
    def simulated(self) -> bool:
        """False: these are prices of a market."""
        return False

    def bases(self) -> tuple[Basis, ...]:
        """Both: one answer holds the closes and the events."""
        return ("price", "total")

    def load(
        self, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
    ) -> LoadedPrices:
        """Closes of ``instruments`` from ``first`` to ``last``, both inclusive.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            Whose closes.
        first, last : date
            Bounds, both inclusive, in each exchange's own days.
        basis : {"price", "total"}
            Adjusted for splits, or for splits and dividends.

        Returns
        -------
        LoadedPrices
            A symbol that failed, or was not asked because the run had stopped, is an entry of
            ``failures``; what arrived is there in any case.

        Raises
        ------
        SourceUnreachableError
            When Yahoo cannot be reached, or the deadline passed, before anything arrived.
        RateLimitedError
            When Yahoo refused before anything arrived; says when to come back.
        """
        series: dict[str, PriceSeries] = {}
        failures: dict[str, SourceError] = {}
        findings: list[Finding] = []
        run = _Run(self._deadline)
        for instrument, outcome in self._stream(instruments, first, run, basis):
            if isinstance(outcome, SourceError):
                failures[instrument.id] = outcome
                continue
            try:
                series[instrument.id] = outcome.series(basis, first, last)
            except SourceError as error:
                failures[instrument.id] = error
                continue
            findings.extend(one for one in outcome.findings if _touches(one, first, last))
        if run.stopped is not None and not series:
            raise run.stopped
        return LoadedPrices(series, failures, tuple(findings))

    def fetch(self, instrument: Instrument, first: date) -> FetchedHistory:
        """Everything Yahoo says about one listing since ``first``, inclusive.

        Parameters
        ----------
        instrument : Listing or Index
            Whose prices and events.
        first : date
            First day. The last is the latest finished session.

        Returns
        -------
        FetchedHistory
            Traded bars, the closes as Yahoo adjusted them for splits, and the events.

        Raises
        ------
        SymbolNotFoundError
            When Yahoo does not know the symbol, or there is none for this exchange.
        MalformedAnswerError
            When the answer cannot be read, or is about another symbol or currency.
        RateLimitedError
            When Yahoo refused, or refused lately and the time to come back has not come.
        SourceUnreachableError
            When neither the first attempt nor the retries brought an answer.
        """
        for _, outcome in self._stream([instrument], first, _Run(self._deadline)):
            if isinstance(outcome, SourceError):
                raise outcome
            return outcome
        raise AssertionError("a stream of one instrument has one outcome")

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        """Each instrument with its answer, or the error that stands for it, as they arrive.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            In the order in which they are asked.
        first : date or mapping of id to date
            First day, inclusive.

        Yields
        ------
        tuple of (Instrument, FetchedHistory or SourceError)
            An error whose ``attempts`` is 0 was not asked: the run had stopped before it.
        """
        return self._stream(instruments, first, _Run(self._deadline))

    def _stream(
        self,
        instruments: Sequence[Instrument],
        first: date | Mapping[str, date],
        run: _Run,
        basis: Basis | None = None,
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        for done, instrument in enumerate(instruments, start=1):
            since = first if isinstance(first, date) else first[instrument.id]
            symbol = instrument.symbol("yahoo")
            outcome: FetchedHistory | SourceError
            word: Outcome
            if symbol is None:
                outcome, word = no_symbol(instrument), "not_found"
            else:
                outcome, word = self._outcome(instrument, symbol, since, run, basis)
            if self._on_progress is not None:
                self._on_progress(done, len(instruments), symbol or instrument.id, word)
            yield instrument, outcome

    def _outcome(
        self, instrument: Instrument, symbol: str, first: date, run: _Run, basis: Basis | None
    ) -> tuple[FetchedHistory | SourceError, Outcome]:
        known = self._remembered.recall(instrument.id, first, basis)
        if known is not None:
            return known, "remembered"
        outcome: FetchedHistory | SourceError
        word: Outcome
        if run.stopped is None:
            run.stopped = self._still_closed()
        if run.stopped is not None:
            outcome, word = not_asked(run.stopped, symbol), "skipped"
        else:
            try:
                outcome, word = self._ask(instrument, symbol, first, run), "fetched"
            except SourceError as error:
                outcome, word = error, _word(error)
            self._take_stock(outcome, run)
        self._remembered.keep(instrument.id, first, basis, outcome)
        return outcome, word

    def _still_closed(self) -> RateLimitedError | None:
        """The breaker, as long as the time to come back has not come."""
        until = self._closed_until
        if until is None or self._moment() >= until:
            self._closed_until = None
            return None
        return RateLimitedError(
            message("yahoo.refused", n=self._breaker, back=until),
            source=self.name,
            attempts=0,
            retry_after=until,
        )

    def _take_stock(self, error: FetchedHistory | SourceError, run: _Run) -> None:
        """Decide after each symbol whether the others are worth asking."""
        run.faults = run.faults + 1 if isinstance(error, SourceUnreachableError) else 0
        run.served = run.served or not isinstance(error, SourceError)
        if isinstance(error, RateLimitedError):
            self._limited_in_a_row += 1
            if self._limited_in_a_row >= self._breaker:
                self._closed_until = error.retry_after
                self._limited_in_a_row = 0
                run.stopped = self._still_closed()
        elif not isinstance(error, SourceUnreachableError):
            self._limited_in_a_row = 0
        elif run.out_of_time:
            run.stopped = error
        elif self._open().silence and not self._open().anybody_there():
            run.stopped = out_of_reach(self._open().silence)
        elif not run.served and time.monotonic() >= run.first_prices:
            run.stopped = SourceUnreachableError(
                message("yahoo.slow", seconds=_FIRST_PRICES_SECONDS, last=error.message),
                source=self.name,
                attempts=0,
            )
        elif run.faults >= _FAULTS_IN_A_ROW:
            run.stopped = SourceUnreachableError(
                message("yahoo.failed", n=run.faults, last=error.message),
                source=self.name,
                attempts=0,
            )

    def _ask(self, instrument: Instrument, symbol: str, first: date, run: _Run) -> FetchedHistory:
        import stamina

        from supplychain_screen.prices.sources.yahoo.client import ask_chart

        session = self._open()
        session.charts, session.deadline = 0, run.deadline
        if run.begins:
            session.start_over()
            run.begins = False

        def worth_another_try(fault: Exception) -> bool:
            now = time.monotonic()
            patience = session.heard or now < run.started + _PATIENCE_SECONDS
            return is_transient(fault) and patience and (run.served or now < run.first_prices)

        try:
            for attempt in stamina.retry_context(
                on=worth_another_try,
                attempts=self._retries + 1,
                timeout=max(run.deadline - time.monotonic(), 0.001),
                wait_initial=self._backoff,
                wait_jitter=self._backoff,
                wait_max=_LONGEST_WAIT_SECONDS,
            ):
                with attempt:
                    response = ask_chart(session, symbol, instrument.timezone, first)
        except (DeadlineError, RefusedError, OversizeError, OSError) as fault:
            # A request that the deadline cut short looks like one that timed out.
            run.out_of_time = isinstance(fault, DeadlineError) or (
                is_transient(fault) and time.monotonic() >= run.deadline
            )
            if not run.out_of_time:
                raise explain(fault, symbol, session.charts, self._moment()) from fault
            raise SourceUnreachableError(
                message("yahoo.late", seconds=self._deadline, symbol=symbol),
                source=self.name,
                symbol=symbol,
                attempts=session.charts,
            ) from None
        return read_chart(
            response.content,
            instrument,
            symbol,
            first=first,
            fetched_at=self._moment(),
            endpoint=response.url.partition("?")[0],
            attempts=session.charts,
        )

    def _open(self) -> PacedSession:
        if self._session is None:
            from supplychain_screen.prices.sources.yahoo.client import PacedSession

            self._session = PacedSession(
                pace=self._pace, timeout=self._timeout, folder=self._cache_dir, now=self._moment
            )
        return self._session

    def _moment(self) -> datetime:
        moment = self._now()
        if moment.tzinfo is None:
            raise InputError(Problem("a moment without time zone", "pass an aware datetime"))
        return moment.astimezone(UTC)


@dataclass(slots=True)
class _Run:
    """One pass over a list of symbols: its time, and why it stopped."""

    seconds: float
    started: float = field(default_factory=time.monotonic)
    stopped: SourceError | None = None
    out_of_time: bool = False
    begins: bool = True
    faults: int = 0
    served: bool = False

    @property
    def deadline(self) -> float:
        return self.started + self.seconds

    @property
    def first_prices(self) -> float:
        """When a source that has served nothing is given up."""
        return self.started + _FIRST_PRICES_SECONDS


def _usual_pace() -> float:
    text = os.environ.get(_PACE_VARIABLE, "1")
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace < float("inf"):
        remedy = "write requests a second, for example 1; 0 for no limit"
        raise InputError(Problem(f"{_PACE_VARIABLE} is no pace", remedy, value=text))
    return pace


def _word(error: SourceError) -> Outcome:
    if isinstance(error, SymbolNotFoundError):
        return "not_found"
    if isinstance(error, RateLimitedError):
        return "rate_limited"
    return "unreachable" if isinstance(error, SourceUnreachableError) else "malformed"


def _touches(finding: Finding, first: date, last: date) -> bool:
    begins, ends = finding.first or first, finding.last or last
    return begins <= last and ends >= first
