"""What a source's answer becomes before the store judges it: traded prices and their events.

A price adjusted for splits is rewritten by every later split, and one adjusted for dividends by
every later dividend, so an archive of adjusted prices is wrong from the next event on. What
never changes is what was traded, and what happened on which day. A source therefore hands over
a `FetchedHistory`: traded prices, split events, dividend events, and who said so.

::

    Yahoo's Close (adjusted for splits) ── undo_splits ──> FetchedHistory ──> the store
                                                                                 │
    PriceSeries (adjusted for splits, or splits and dividends) <── at reading ───┘
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import add, mul
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import SourceError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Adjustment, Events, Finding

__all__ = [
    "FetchedHistory",
    "HistorySource",
    "SplitAdjustedAnswer",
    "dividend_factors",
    "events_of",
    "later_factors",
    "traded_history",
    "undo_splits",
]

Dates = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FetchedHistory:
    """One listing's answer from one source: traded prices, events, and where they came from.

    Parameters
    ----------
    listing : str
        Id of the listing (``XSHG:688018``) or index (``INDEX:HSI``).
    sessions : ndarray of datetime64[D], shape (n,)
        Strictly increasing days of the exchange's own calendar; unfinished bars already dropped.
    close : ndarray of float64, shape (n,)
        Traded closes in ``currency``; NaN where the source has a row but no close.
    open, high, low, volume : ndarray of float64, shape (n,)
        As traded; NaN where unknown. Volume in shares as they were on that day.
    splits, dividends : Events
        Every event the source knows from the first session on.
    source, symbol, endpoint : str
        Who served it, its own name of the listing, and the address asked (without secrets).
    currency, timezone : str
        As the source states them (ISO code, IANA zone); empty where it states none.
    fetched_at : datetime
        When the answer arrived (aware, UTC).
    asked_first : date
        First day asked for. The answer says nothing about earlier days.
    status : int or None
        HTTP status, where there was one.
    attempts : int
        Requests made for it.
    simulated : bool
        True where no market ever saw these prices.
    adjustment : Adjustment
        ``none`` (traded prices with their events, the default). A file that knows no events may
        hand over closes as they are and say ``splits``, ``splits+dividends`` or ``as given``;
        they are kept as they are and serve only the basis they state.
    findings : sequence of Finding
        What the source dropped while reading its answer.
    """

    listing: str
    sessions: Dates
    close: Floats
    open: Floats
    high: Floats
    low: Floats
    volume: Floats
    splits: Events
    dividends: Events
    source: str
    symbol: str
    fetched_at: datetime
    asked_first: date
    currency: str = ""
    timezone: str = ""
    endpoint: str = ""
    status: int | None = None
    attempts: int = 1
    simulated: bool = False
    adjustment: Adjustment = "none"
    findings: Sequence[Finding] = field(default=())


class SplitAdjustedAnswer(Protocol):
    """An answer as a vendor gives it: prices adjusted for the splits among its events.

    ``splits`` and ``dividends`` are pairs of ex-date and value; a dividend may name its currency
    as a third element.
    """

    @property
    def listing(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def sessions(self) -> Dates: ...
    @property
    def open(self) -> Floats: ...
    @property
    def high(self) -> Floats: ...
    @property
    def low(self) -> Floats: ...
    @property
    def close(self) -> Floats: ...
    @property
    def volume(self) -> Floats: ...
    @property
    def splits(self) -> Sequence[tuple[date, float]]: ...
    @property
    def dividends(self) -> Sequence[tuple[date, float] | tuple[date, float, str | None]]: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def timezone(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def fetched_at(self) -> datetime: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def findings(self) -> Sequence[Finding]: ...


Answer = FetchedHistory | SplitAdjustedAnswer


@runtime_checkable
class HistorySource(Protocol):
    """A source that can fill the store: it knows prices and their events."""

    @property
    def name(self) -> str:
        """Short name, kept with every row: ``yahoo``, ``akshare``."""
        ...

    @property
    def simulated(self) -> bool:
        """True where no market ever saw these prices."""
        ...

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, Answer | SourceError]]:
        """Each instrument with its answer, or the error that stands for it, as they arrive.

        ``first`` is the first day asked for, inclusive, for all or for each id. An error whose
        ``attempts`` is 0 was not asked: the source had stopped before it.
        """
        ...


def later_factors(sessions: Dates, splits: Events) -> Floats:
    """Product of the split factors whose ex-date is after each session.

    A traded price divided by it is adjusted for splits; a price adjusted for splits multiplied
    by it is the traded one.

    Parameters
    ----------
    sessions : ndarray of datetime64[D], shape (n,)
        Days, in any order.
    splits : Events
        Split factors by ex-date.

    Returns
    -------
    ndarray of float64, shape (n,)
        Pure numbers; 1.0 after the last split.

    Examples
    --------
    >>> days = np.array(["2025-06-03", "2025-06-04"], dtype="datetime64[D]")
    >>> later_factors(days, Events.of(("2025-06-04", 1.4))).tolist()
    [1.4, 1.0]
    """
    if not len(splits):
        return np.ones(len(sessions))
    # suffix[i] = values[i] * values[i+1] * ...; suffix[k] = 1 for days from the last split on
    suffix = np.append(np.cumprod(splits.values[::-1])[::-1], 1.0)
    return suffix[np.searchsorted(splits.sessions, sessions, side="right")]


def dividend_factors(sessions: Dates, adjusted: Floats, dividends: Events) -> Floats:
    """Product of the dividend multipliers whose ex-date is after each session.

    Parameters
    ----------
    sessions : ndarray of datetime64[D], shape (n,)
        Strictly increasing.
    adjusted : ndarray of float64, shape (n,)
        Closes adjusted for splits.
    dividends : Events
        Cash for one share, on the same split basis as ``adjusted``.

    Returns
    -------
    ndarray of float64, shape (n,)
        Pure numbers of at most 1.0. An event before the first close, or one that would pay more
        than the share cost, multiplies by 1.

    Notes
    -----
    A dividend D with ex-date e multiplies every close before e by 1 - D / C, where C is the last
    close before e. Source: Yahoo, "What is the adjusted close?" (the CRSP multipliers).

    Examples
    --------
    >>> days = np.array(["2025-01-02", "2025-01-03"], dtype="datetime64[D]")
    >>> dividend_factors(days, np.array([10.0, 9.5]), Events.of(("2025-01-03", 0.5))).tolist()
    [0.95, 1.0]
    """
    if not len(dividends) or not len(sessions):
        return np.ones(len(sessions))
    known = np.flatnonzero(np.isfinite(adjusted))
    before = np.searchsorted(sessions[known], dividends.sessions, side="left") - 1
    multipliers = np.ones(len(dividends))
    priced = before >= 0
    if priced.any():
        multipliers[priced] = 1.0 - dividends.values[priced] / adjusted[known[before[priced]]]
    multipliers[~(multipliers > 0.0)] = 1.0
    return later_factors(sessions, Events(dividends.sessions, multipliers))


def undo_splits(sessions: Dates, prices: Floats, splits: Events, *, shares: bool = False) -> Floats:
    """Traded prices from prices that a vendor adjusted for splits.

    Parameters
    ----------
    sessions : ndarray of datetime64[D], shape (n,)
        Day of each price (or ex-date of each dividend).
    prices : ndarray of float64, shape (n,)
        Closes, opens, dividends for a share: anything counted in money for one share.
    splits : Events
        Every split the vendor has applied.
    shares : bool, default False
        True for volumes, which are counted in shares and therefore divided.

    Returns
    -------
    ndarray of float64, shape (n,)
        The same quantity as it was on its own day.

    Notes
    -----
    traded = adjusted x product of the factors of later splits. Source: Yahoo's ``Close`` is
    adjusted for splits and re-based by each new one.

    Examples
    --------
    >>> days = np.array(["2025-06-03", "2025-06-04"], dtype="datetime64[D]")
    >>> undo_splits(days, np.array([100.0, 101.0]), Events.of(("2025-06-04", 1.4))).tolist()
    [140.0, 101.0]
    """
    factors = later_factors(sessions, splits)
    undone: Floats = prices / factors if shares else prices * factors
    return undone


def events_of(answer: SplitAdjustedAnswer) -> tuple[Events, Events]:
    """Splits and dividends of a vendor's answer, one a day, dividends as traded.

    Parameters
    ----------
    answer : SplitAdjustedAnswer
        Its dividends are taken back over the splits that it lists.

    Returns
    -------
    tuple of (Events, Events)
        Without dividends in another currency than the prices.
    """
    splits = _events(answer.splits, mul)
    dividends = _events([one for one in answer.dividends if not _foreign(one, answer)], add)
    cash = undo_splits(dividends.sessions, dividends.values, splits)
    return splits, Events(dividends.sessions, cash)


def traded_history(answer: Answer, *, source: str, simulated: bool = False) -> FetchedHistory:
    """A vendor's answer as traded prices and events.

    Parameters
    ----------
    answer : FetchedHistory or SplitAdjustedAnswer
        A history passes as it is. Prices, volumes and dividends of an adjusted answer are taken
        back over the splits that it lists.
    source : str
        Name of the source.
    simulated : bool, default False
        Whether no market ever saw these prices.

    Returns
    -------
    FetchedHistory
        Dividends in another currency than the prices are left out, with a finding
        ``dividend_currency``: taking them off the price would be wrong.
    """
    if isinstance(answer, FetchedHistory):
        return answer
    sessions = answer.sessions.astype("datetime64[D]")
    splits, dividends = events_of(answer)
    foreign = [event for event in answer.dividends if _foreign(event, answer)]
    findings = list(answer.findings)
    if foreign:
        findings.append(
            Finding(
                "dividend_currency",
                answer.listing,
                foreign[0][0],
                foreign[-1][0],
                "dropped",
                f"{len(foreign)} dividends of {answer.symbol} are not in {answer.currency}",
            )
        )
    return FetchedHistory(
        listing=answer.listing,
        sessions=sessions,
        close=undo_splits(sessions, answer.close, splits),
        open=undo_splits(sessions, answer.open, splits),
        high=undo_splits(sessions, answer.high, splits),
        low=undo_splits(sessions, answer.low, splits),
        volume=undo_splits(sessions, answer.volume, splits, shares=True),
        splits=splits,
        dividends=dividends,
        source=source,
        symbol=answer.symbol,
        fetched_at=answer.fetched_at,
        asked_first=answer.first,
        currency=answer.currency or "",
        timezone=answer.timezone,
        endpoint=answer.endpoint,
        # an answer that could be read may not know its HTTP status
        status=getattr(answer, "status", None),
        attempts=answer.attempts,
        simulated=simulated,
        findings=tuple(findings),
    )


def _foreign(
    event: tuple[date, float] | tuple[date, float, str | None], answer: SplitAdjustedAnswer
) -> bool:
    return len(event) > 2 and event[2] not in (None, "", answer.currency)


def _events(
    pairs: Sequence[tuple[date, float] | tuple[date, float, str | None]],
    join: Callable[[float, float], float],
) -> Events:
    """Events in order of their days; ``join`` makes one of several on one day."""
    by_day: dict[date, float] = {}
    for day, value, *_ in sorted(pairs, key=lambda pair: pair[0]):
        by_day[day] = join(by_day[day], value) if day in by_day else value
    return Events(
        np.array(list(by_day), dtype="datetime64[D]"),
        np.array(list(by_day.values()), dtype=np.float64),
    )
