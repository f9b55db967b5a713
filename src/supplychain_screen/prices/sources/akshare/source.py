"""Chinese shares and the benchmarks from Sina, through AkShare (the extra ``akshare``).

::

    A share   stock_zh_a_daily (traded bars) + stock_history_dividend_detail (bonus, cash)
    CSI 300   stock_zh_index_daily        HSI   stock_hk_index_daily_sina
    S&P 500, NASDAQ   index_us_stock_sina

AkShare's own adjusted closes are not used: its forward adjustment subtracts cash dividends, which
is neither of our bases. The traded closes are adjusted here, from the events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import numpy as np
import pandas as pd

from supplychain_screen.errors import (
    InputError,
    MalformedAnswerError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument, session_close
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Basis, Events, Finding, LoadedPrices, PriceSeries
from supplychain_screen.prices.sources.akshare.process import AkShareProcess, Call
from supplychain_screen.prices.sources.remembered import Remembered
from supplychain_screen.words import message

__all__ = ["AkShareSource", "read_bars", "read_events"]

SOURCE = "akshare"
_MAINLAND = frozenset({"XSHG", "XSHE", "BJSE"})
_BARS = ("date", "open", "high", "low", "close", "volume")
_EVENTS = ("送股", "转增", "派息", "进度", "除权除息日")
_DONE = "实施"
_FAULTS_IN_A_ROW = 3


class AkShareSource:
    """Daily closes of mainland shares and of the benchmarks, from Sina through AkShare.

    Parameters
    ----------
    now : callable
        Gives the current moment, aware. A bar whose session has not closed by then is dropped.
    pace : float
        Most calls a second; 0 for no limit. Sina bans addresses that ask too often.
    deadline : float
        Seconds that one ``load`` or ``stream`` may take.
    timeout : float
        Seconds after which a call is given up and its process killed.
    call : callable, optional
        Stands in for the process that runs AkShare.
    on_progress : callable, optional
        ``load`` calls it after each symbol with: how many are done, of how many, which one, and
        ``fetched``, ``remembered`` or ``failed``.

    Notes
    -----
    The basis ``price`` undoes splits and bonus issues, ``total`` cash dividends too (before tax).
    ``load`` remembers answers and failures for a quarter of an hour, so the other basis makes no
    request.
    Rights issues are not undone. Shares of Hong Kong and the United States are not served: Sina
    gives no split events for them.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> source = AkShareSource(now=lambda: datetime(2026, 1, 9, 22, tzinfo=UTC))
    >>> source.name, source.bases()
    ('akshare', ('price', 'total'))
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        pace: float = 0.5,
        deadline: float = 1200.0,
        timeout: float = 30.0,
        call: Call | None = None,
        on_progress: Callable[[int, int, str, str], None] | None = None,
    ) -> None:
        self._now = now
        self._gap = 1.0 / pace if pace > 0 else 0.0
        self._deadline = deadline
        self._timeout = timeout
        self._call = call
        self._on_progress = on_progress
        self._remembered = Remembered(now)

    @property
    def name(self) -> str:
        """``akshare``."""
        return SOURCE

    @property
    def simulated(self) -> bool:
        """False: these are prices of a market."""
        return False

    def bases(self) -> tuple[Basis, ...]:
        """Both: traded closes come with their events."""
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
            A listing that is not served, or failed, is an entry of ``failures``.

        Raises
        ------
        SourceUnreachableError
            When nothing at all arrived because Sina cannot be reached.
        MissingExtraError
            When AkShare is not installed.
        """
        series: dict[str, PriceSeries] = {}
        failures: dict[str, SourceError] = {}
        findings: list[Finding] = []
        recalled = [(one, self._remembered.recall(one.id, first, basis)) for one in instruments]
        known = [(one, outcome) for one, outcome in recalled if outcome is not None]
        missing = [one for one, outcome in recalled if outcome is None]
        for done, (instrument, outcome) in enumerate(
            chain(known, self.stream(missing, first)), start=1
        ):
            word = "failed" if isinstance(outcome, SourceError) else "fetched"
            if done <= len(known):
                word = "remembered"
            else:
                self._remembered.keep(instrument.id, first, basis, outcome)
            try:
                if isinstance(outcome, SourceError):
                    raise outcome
                series[instrument.id] = outcome.series(basis, first, last)
                findings.extend(outcome.findings)
            except SourceError as error:
                failures[instrument.id] = error
            if self._on_progress is not None:
                symbol = instrument.symbol("akshare") or instrument.id
                self._on_progress(done, len(instruments), symbol, word)
        lost = [one for one in failures.values() if isinstance(one, SourceUnreachableError)]
        if lost and not series:
            raise lost[0]
        return LoadedPrices(series, failures, tuple(findings))

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        """Each instrument with its traded history, or the error that stands for it.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            In the order in which they are asked.
        first : date or mapping of id to date
            First day, inclusive.

        Yields
        ------
        tuple of (Instrument, FetchedHistory or SourceError)
            An error whose ``attempts`` is 0 was not asked.

        Raises
        ------
        MissingExtraError
            When AkShare is not installed.
        """
        ends = time.monotonic() + self._deadline
        with closing(AkShareProcess(self._timeout)) as process:
            call = _paced(self._call or process.call, self._gap)
            stopped: SourceError | None = None
            faults = 0
            for instrument in instruments:
                since = first if isinstance(first, date) else first[instrument.id]
                plan = _plan(instrument, since)
                if plan is None:
                    yield instrument, _not_served(instrument)
                    continue
                if stopped is None and time.monotonic() > ends:
                    stopped = _stop(f"the {self._deadline:g} seconds allowed were used up")
                if stopped is not None:
                    yield instrument, stopped
                    continue
                try:
                    history = self._ask(call, instrument, since, plan)
                except SourceError as error:
                    faults += 1
                    if faults >= _FAULTS_IN_A_ROW:
                        stopped = _stop(
                            f"{faults} symbols in a row failed, and Sina shuts out those who ask "
                            f"too often: come back later. The last one: {error}"
                        )
                    yield instrument, error
                else:
                    faults = 0
                    yield instrument, history

    def _ask(self, call: Call, instrument: Instrument, first: date, plan: _Plan) -> FetchedHistory:
        now = self._now()
        if now.tzinfo is None:
            raise InputError("a moment without time zone; pass an aware datetime")
        symbol = instrument.symbol("akshare") or ""
        bars = read_bars(call(*plan.bars), symbol)
        bars = bars.loc[pd.Timestamp(first) :]
        bars, findings = _finished(bars, instrument, now)
        if bars.empty:
            raise SymbolNotFoundError(
                message("akshare.no_finished", symbol=symbol, first=first),
                source=SOURCE,
                symbol=symbol,
            )
        splits = dividends = Events.of()
        if plan.events is not None:
            splits, dividends = read_events(call(*plan.events), symbol, first)
        return FetchedHistory(
            listing=instrument.id,
            sessions=bars.index.to_numpy().astype("datetime64[D]"),
            open=bars["open"].to_numpy(np.float64),
            high=bars["high"].to_numpy(np.float64),
            low=bars["low"].to_numpy(np.float64),
            close=bars["close"].to_numpy(np.float64),
            volume=bars["volume"].to_numpy(np.float64),
            splits=splits,
            dividends=dividends,
            source=SOURCE,
            symbol=symbol,
            fetched_at=now.astimezone(UTC),
            asked_first=first,
            endpoint=plan.bars[0],
            attempts=2 if plan.events is not None else 1,
            findings=findings,
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """The calls that bring one instrument: a function's name and its arguments."""

    bars: tuple[str, Mapping[str, str]]
    events: tuple[str, Mapping[str, str]] | None = None


def _plan(instrument: Instrument, first: date) -> _Plan | None:
    """What to call for an instrument, or None where AkShare does not serve it here."""
    symbol = instrument.symbol("akshare")
    if symbol is None:
        return None
    if instrument.is_index:
        if symbol.startswith("."):
            return _Plan(("index_us_stock_sina", {"symbol": symbol}))
        if symbol[:2] in {"sh", "sz", "bj"}:
            return _Plan(("stock_zh_index_daily", {"symbol": symbol}))
        return _Plan(("stock_hk_index_daily_sina", {"symbol": symbol}))
    if instrument.mic not in _MAINLAND:
        return None
    # AkShare carries the last row forward to each day on which the number of shares changed, then
    # drops repeated rows: the row before must be in the answer, or the repeated one stays.
    begins = first - timedelta(days=45)
    arguments = {"symbol": symbol, "start_date": f"{begins:%Y%m%d}", "adjust": ""}
    return _Plan(
        ("stock_zh_a_daily", arguments),
        ("stock_history_dividend_detail", {"symbol": instrument.code, "indicator": "分红"}),
    )


def read_bars(frame: pd.DataFrame, symbol: str) -> pd.DataFrame:
    """Daily bars as Sina's functions of AkShare return them.

    Parameters
    ----------
    frame : DataFrame
        With the columns date, open, high, low, close, volume, and others that are ignored.
    symbol : str
        Sina's symbol, for messages.

    Returns
    -------
    DataFrame of shape (n_sessions, 5)
        open, high, low, close, volume as float64, indexed by session, strictly increasing; of
        several rows of a day the last. Unreadable numbers are NaN.

    Raises
    ------
    MalformedAnswerError
        When a column is missing, a date cannot be read, or there is no row.

    Examples
    --------
    >>> bars = read_bars(
    ...     pd.DataFrame(
    ...         {
    ...             "date": ["2025-01-03", "2025-01-02"],
    ...             "open": 1.0,
    ...             "high": 1.0,
    ...             "low": 1.0,
    ...             "close": [1.1, 1.0],
    ...             "volume": 5,
    ...         }
    ...     ),
    ...     "sh000300",
    ... )
    >>> bars["close"].tolist()
    [1.0, 1.1]
    """
    _check_columns(frame, _BARS, symbol)
    days = pd.to_datetime(frame["date"], errors="coerce")
    if days.isna().any():
        raise _malformed(symbol, "a row has no date")
    if frame.empty:
        raise _malformed(symbol, "it has no rows")
    bars = frame[list(_BARS[1:])].apply(pd.to_numeric, errors="coerce").astype("float64")
    bars.index = pd.DatetimeIndex(days, name="date")
    bars = bars.sort_index(kind="stable")
    kept: pd.DataFrame = bars.loc[~bars.index.duplicated(keep="last")]
    return kept


def read_events(frame: pd.DataFrame, symbol: str, first: date) -> tuple[Events, Events]:
    """Splits and cash dividends of a mainland share, from Sina's table of distributions.

    Parameters
    ----------
    frame : DataFrame
        With the columns 送股, 转增, 派息 (each for ten shares), 进度, 除权除息日. Empty for a
        company that never distributed anything.
    symbol : str
        Sina's symbol, for messages.
    first : date
        Earlier events are left out.

    Returns
    -------
    tuple of (Events, Events)
        Splits as new shares for one old (bonus and converted shares together), and cash for one
        share before tax. Only what was carried out (进度 实施) and has an ex-date.

    Raises
    ------
    MalformedAnswerError
        When a column is missing or a number is negative.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "送股": [0.0],
    ...         "转增": [4.0],
    ...         "派息": [3.0],
    ...         "进度": ["实施"],
    ...         "除权除息日": ["2025-06-04"],
    ...     }
    ... )
    >>> splits, dividends = read_events(table, "sh688018", date(2025, 1, 1))
    >>> splits.values.tolist(), dividends.values.tolist()
    ([1.4], [0.3])
    """
    if frame.empty:
        return Events.of(), Events.of()
    _check_columns(frame, _EVENTS, symbol)
    days = pd.to_datetime(frame["除权除息日"], errors="coerce")
    done = (frame["进度"] == _DONE) & (days >= pd.Timestamp(first))
    numbers = frame[["送股", "转增", "派息"]].apply(pd.to_numeric, errors="coerce").fillna(0.0)
    if (numbers[done] < 0).any(axis=None):
        raise _malformed(symbol, "a distribution is negative")
    per_share = numbers[done].groupby(days[done]).sum() / 10.0
    new_shares = 1.0 + per_share["送股"] + per_share["转增"]
    return _events(new_shares[new_shares > 1.0]), _events(per_share["派息"][per_share["派息"] > 0])


def _events(values: pd.Series[float]) -> Events:
    ordered = values.sort_index()
    return Events(
        ordered.index.to_numpy().astype("datetime64[D]"),
        np.round(ordered.to_numpy(np.float64), 12),
    )


def _finished(
    bars: pd.DataFrame, instrument: Instrument, now: datetime
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The bars without a last one whose session has not closed."""
    if bars.empty:
        return bars, ()
    day = bars.index[-1].date()
    try:
        open_still = session_close(instrument.calendar, day) > now
    except InputError:
        # No session in the calendar: the quality checks say so.
        return bars, ()
    if not open_still:
        return bars, ()
    said = message("unfinished_bar.akshare", day=day)
    finding = Finding("unfinished_bar", instrument.id, day, day, "dropped", said)
    return bars.iloc[:-1], (finding,)


def _paced(call: Call, gap: float) -> Call:
    """The same call, not sooner than ``gap`` seconds after the one before."""
    due = 0.0

    def paced(function: str, arguments: Mapping[str, str]) -> pd.DataFrame:
        nonlocal due
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        try:
            return call(function, arguments)
        finally:
            due = time.monotonic() + gap

    return paced


def _check_columns(frame: pd.DataFrame, wanted: Sequence[str], symbol: str) -> None:
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise _malformed(
            symbol, f"column {', '.join(missing)} is missing; it has {', '.join(frame.columns)}"
        )


def _malformed(symbol: str, what: str) -> MalformedAnswerError:
    return MalformedAnswerError(
        message("akshare.unusable", symbol=symbol, what=what), source=SOURCE, symbol=symbol
    )


def _not_served(instrument: Instrument) -> SymbolNotFoundError:
    return SymbolNotFoundError(
        message("akshare.not_served", listing=instrument.id),
        source=SOURCE,
        symbol=instrument.symbol("akshare"),
        attempts=0,
    )


def _stop(why: str) -> SourceUnreachableError:
    return SourceUnreachableError(message("akshare.not_asked", why=why), source=SOURCE, attempts=0)
