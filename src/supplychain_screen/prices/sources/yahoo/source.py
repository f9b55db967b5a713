"""Yahoo's daily prices: each symbol asked once, each fault named, what arrived kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from supplychain_screen.errors import (
    InputError,
    MalformedAnswerError,
    Problem,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Basis, Finding, LoadedPrices, PriceSeries
from supplychain_screen.prices.sources.yahoo.chart import (
    DividendEvent,
    SplitEvent,
    YahooAnswer,
    read_chart,
)
from supplychain_screen.prices.sources.yahoo.client import ask_client, prepare_cache
from supplychain_screen.prices.sources.yahoo.faults import (
    Verdict,
    explain,
    known_faults,
    no_symbol,
    not_asked,
    out_of_reach,
)
from supplychain_screen.prices.sources.yahoo.wire import DeadlineError, Wire, open_session

__all__ = [
    "DividendEvent",
    "Outcome",
    "Progress",
    "SplitEvent",
    "YahooAnswer",
    "YahooSource",
]

Outcome = Literal[
    "fetched", "remembered", "not_found", "rate_limited", "unreachable", "malformed", "skipped"
]
"""How one symbol came out; ``skipped`` was not asked, because the run had stopped before."""

Progress = Callable[[int, int, str, Outcome], None]
"""Called after each symbol with: how many are done, of how many, which symbol, how it came out."""

_PACE_VARIABLE = "SUPPLYCHAIN_SCREEN_YAHOO_PACE"
# Long enough for both bases of one screen, short enough that a notebook left open asks again.
_REMEMBER = timedelta(minutes=15)
# Before any answer came, retries are not worth more than this: most likely there is no network.
_PATIENCE_SECONDS = 4.0
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
        Seconds that one ``load`` or ``stream`` may take. What arrived by then is kept.
    timeout : float
        Seconds that one request may take altogether, so that a trickling answer ends too.
    retries : int
        Further attempts after a fault of the transport or a 5xx; nothing else is asked again.
    backoff : float
        Seconds before the first of them, doubled each time, with jitter of the same size.
    breaker : int
        So many refusals (429) in a row stop the run.
    cache_dir : path, optional
        Folder for the client's time zones and cookies; by default the user's cache. The first
        source of a process decides.
    session : Session, optional
        Of curl_cffi or requests; by default one that looks like Chrome.
    on_progress : callable, optional
        See ``Progress``.

    Notes
    -----
    The basis ``price`` is Yahoo's Close, adjusted for splits; ``total`` is Adj Close, adjusted for
    splits and dividends. Both are in one answer, and answers are remembered for a quarter of an
    hour, so asking for the other basis makes no request. Source: Yahoo's chart service, version 8.

    Not for several threads at once: the client is one object for the whole process.

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
        session: Any = None,
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
        self._session = session
        self._on_progress = on_progress
        self._opened: Wire | None = None
        self._answers: dict[str, YahooAnswer] = {}
        self._unknown: dict[tuple[str, date], SymbolNotFoundError] = {}
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
        """Both: one answer holds Close and Adj Close."""
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
        for instrument, outcome in self._stream(instruments, first, run):
            try:
                loaded = _series_of(outcome, basis, first, last)
            except SourceError as error:
                failures[instrument.id] = error
                continue
            series[instrument.id] = loaded
            findings.extend(one for one in _findings_of(outcome) if _touches(one, first, last))
        if run.stopped is not None and not series:
            raise run.stopped
        return LoadedPrices(series, failures, tuple(findings))

    def fetch(self, instrument: Instrument, first: date) -> YahooAnswer:
        """Everything Yahoo says about one listing since ``first``, inclusive.

        Parameters
        ----------
        instrument : Listing or Index
            Whose prices and events.
        first : date
            First day. The last is the latest finished session.

        Returns
        -------
        YahooAnswer
            Bars adjusted for splits, closes adjusted for dividends too, the events themselves.

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
    ) -> Iterator[tuple[Instrument, YahooAnswer | SourceError]]:
        """Each instrument with its answer, or the error that stands for it, as they arrive.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            In the order in which they are asked.
        first : date or mapping of id to date
            First day, inclusive.

        Yields
        ------
        tuple of (Instrument, YahooAnswer or SourceError)
            An error whose ``attempts`` is 0 was not asked: the run had stopped before it.
        """
        return self._stream(instruments, first, _Run(self._deadline))

    def _stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date], run: _Run
    ) -> Iterator[tuple[Instrument, YahooAnswer | SourceError]]:
        for done, instrument in enumerate(instruments, start=1):
            since = first if isinstance(first, date) else first[instrument.id]
            symbol = instrument.symbol("yahoo")
            outcome: YahooAnswer | SourceError
            word: Outcome
            if symbol is None:
                outcome, word = no_symbol(instrument), "not_found"
            else:
                outcome, word = self._outcome(instrument, symbol, since, run)
            if self._on_progress is not None:
                self._on_progress(done, len(instruments), symbol or instrument.id, word)
            yield instrument, outcome

    def _outcome(
        self, instrument: Instrument, symbol: str, first: date, run: _Run
    ) -> tuple[YahooAnswer | SourceError, Outcome]:
        remembered = self._remembered(instrument, first)
        if remembered is not None:
            return remembered, "remembered"
        if run.stopped is None:
            run.stopped = self._still_closed()
        if run.stopped is not None:
            return not_asked(run.stopped, symbol), "skipped"
        try:
            answer = self._ask(instrument, symbol, first, run)
        except SourceError as error:
            self._take_stock(error, run)
            if isinstance(error, SymbolNotFoundError):
                self._unknown[instrument.id, first] = error
            return error, _word(error)
        self._take_stock(None, run)
        self._answers[instrument.id] = answer
        return answer, "fetched"

    def _remembered(
        self, instrument: Instrument, first: date
    ) -> YahooAnswer | SymbolNotFoundError | None:
        answer = self._answers.get(instrument.id)
        if answer is None:
            return self._unknown.get((instrument.id, first))
        fresh = self._moment() - answer.fetched_at <= _REMEMBER
        return answer if fresh and answer.first <= first else None

    def _still_closed(self) -> RateLimitedError | None:
        """The breaker, as long as the time to come back has not come."""
        until = self._closed_until
        if until is None or self._moment() >= until:
            self._closed_until = None
            return None
        return RateLimitedError(
            f"Yahoo refused {self._breaker} requests in a row; "
            f"come back after {until:%Y-%m-%d %H:%M} UTC. What arrived is kept",
            source=self.name,
            attempts=0,
            retry_after=until,
        )

    def _take_stock(self, error: SourceError | None, run: _Run) -> None:
        """Decide after each symbol whether the others are worth asking."""
        run.faults = run.faults + 1 if isinstance(error, SourceUnreachableError) else 0
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
        elif not self._wire().anybody_there(run.deadline):
            run.stopped = out_of_reach(self._wire().exchanges)
        elif run.faults >= _FAULTS_IN_A_ROW:
            run.stopped = SourceUnreachableError(
                f"Yahoo failed for {run.faults} symbols in a row; the last one: {error}",
                source=self.name,
                attempts=0,
            )

    def _ask(self, instrument: Instrument, symbol: str, first: date, run: _Run) -> YahooAnswer:
        import stamina

        wire = self._wire()
        if run.begins:
            wire.start_over()
            run.begins = False

        def worth_another_try(fault: Exception) -> bool:
            patience = wire.heard or time.monotonic() < run.started + _PATIENCE_SECONDS
            return isinstance(fault, _TransientError) and patience

        try:
            with wire.listening(run.deadline):
                for attempt in stamina.retry_context(
                    on=worth_another_try,
                    attempts=self._retries + 1,
                    timeout=max(run.deadline - time.monotonic(), 0.001),
                    wait_initial=self._backoff,
                    wait_jitter=self._backoff,
                    wait_max=_LONGEST_WAIT_SECONDS,
                ):
                    with attempt:
                        return self._ask_once(wire, instrument, symbol, first)
        except (_TransientError, DeadlineError) as fault:
            # A request that the deadline cut short looks like one that timed out.
            if isinstance(fault, _TransientError) and time.monotonic() < run.deadline:
                raise fault.verdict.error from fault.__cause__
            run.out_of_time = True
            raise SourceUnreachableError(
                f"the {self._deadline:g} seconds for Yahoo were used up before {symbol}; "
                "what arrived is kept, and the next run asks for the rest",
                source=self.name,
                symbol=symbol,
                attempts=wire.chart_requests,
            ) from None
        raise AssertionError("the last attempt returns or raises")

    def _ask_once(
        self, wire: Wire, instrument: Instrument, symbol: str, first: date
    ) -> YahooAnswer:
        try:
            ask_client(symbol, instrument.timezone, first, wire.session, self._timeout)
        except (DeadlineError, SourceError):
            raise
        except known_faults() as fault:
            verdict = explain(fault, wire.exchanges, symbol, self._moment())
            if verdict.transient:
                raise _TransientError(verdict) from fault
            raise verdict.error from fault
        if not wire.exchanges:
            # Only when the client stops asking for each answer: better told than guessed.
            raise MalformedAnswerError(
                f"the client answered for {symbol} without asking Yahoo",
                source=self.name,
                symbol=symbol,
            )
        last = wire.exchanges[-1]
        return read_chart(
            last.body,
            instrument,
            symbol,
            first=first,
            fetched_at=self._moment(),
            endpoint=last.url.partition("?")[0],
            attempts=wire.chart_requests,
        )

    def _wire(self) -> Wire:
        if self._opened is None:
            prepare_cache(self._cache_dir)
            session = self._session if self._session is not None else open_session()
            self._opened = Wire(session, pace=self._pace, timeout=self._timeout)
        return self._opened

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

    @property
    def deadline(self) -> float:
        return self.started + self.seconds


class _TransientError(Exception):
    """Carries a verdict through the retries."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(str(verdict.error))


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


def _series_of(
    outcome: YahooAnswer | SourceError, basis: Basis, first: date, last: date
) -> PriceSeries:
    if isinstance(outcome, SourceError):
        raise outcome
    series = outcome.series(basis, first, last)
    if not series.sessions.size:
        raise SymbolNotFoundError(
            f"Yahoo has no prices of {outcome.symbol} from {first} to {last}",
            source="yahoo",
            symbol=outcome.symbol,
            attempts=outcome.attempts,
        )
    return series


def _findings_of(outcome: YahooAnswer | SourceError) -> tuple[Finding, ...]:
    return outcome.findings if isinstance(outcome, YahooAnswer) else ()


def _touches(finding: Finding, first: date, last: date) -> bool:
    begins, ends = finding.first or first, finding.last or last
    return begins <= last and ends >= first
