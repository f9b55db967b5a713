"""Traded prices and adjusted ones, and the one way from the first to the second.

A price adjusted for splits is rewritten by every later split, and one adjusted for dividends by
every later dividend, so an archive of adjusted prices is wrong from the next event on. What
never changes is what was traded, and what happened on which day: a `TradedHistory`. Yahoo,
AkShare and the store all serve their closes from one, so a total return has one definition.

::

    Yahoo's chart, AkShare's bars ──> FetchedHistory ──> the store ──> TradedHistory
                                            │                               │
                                            └───────── .series(basis) ──────┴──> PriceSeries
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import BasisNotServedError, SourceError, SymbolNotFoundError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Adjustment, Basis, Events, Finding, PriceSeries
from supplychain_screen.words import Message, message

__all__ = [
    "FetchedHistory",
    "HistorySource",
    "TradedHistory",
    "dividend_factors",
    "held_factors",
    "later_factors",
    "undo_splits",
]

Dates = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TradedHistory:
    """One listing's bars as traded, and what happened to its shares.

    Whoever knows traded closes and their events makes one and asks it for a series; a file that
    states traded closes and splits needs no more than the fields without a default, with
    ``dividends=None`` where it does not speak of dividends.

    Parameters
    ----------
    listing : str
        Id of the listing (``XSHG:688018``) or index (``INDEX:HSI``).
    sessions : ndarray of datetime64[D], shape (n,)
        Strictly increasing days of the exchange's own calendar.
    close : ndarray of float64, shape (n,)
        Traded closes in ``currency``; NaN where the source has a row but no close.
    volume : ndarray of float64, shape (n,)
        Shares as counted on their day; NaN where unknown.
    splits, dividends : Events or None
        Every event the source knows from the first session on. Empty where nothing happened, None
        where the source cannot know.
    source, symbol : str
        Who served it, and its own name of the listing.
    fetched_at : datetime or None
        When it arrived (aware, UTC); None for a file.
    currency : str
        As the source states it (ISO code); empty where it states none.
    adjustment : Adjustment
        ``none``: the closes are traded ones. A file that knows no events may hand over closes as
        they are and say ``splits``, ``splits+dividends`` or ``as given``; they are kept as they
        are and serve only the basis they state.
    split_adjusted : ndarray of float64, shape (n,), or None
        The closes adjusted for ``splits``, where the source gave them so: then they are served as
        they came, instead of being taken back and adjusted again.

    Examples
    --------
    10 派 7 转 4: seven yuan and four new shares for ten old ones, on one day.

    >>> known = TradedHistory(
    ...     listing="XSHG:688018",
    ...     sessions=np.array(["2025-06-03", "2025-06-04"], dtype="datetime64[D]"),
    ...     close=np.array([140.0, 101.0]),
    ...     volume=np.array([1e6, 1.4e6]),
    ...     splits=Events.of(("2025-06-04", 1.4)),
    ...     dividends=Events.of(("2025-06-04", 0.7)),
    ...     source="file prices.csv",
    ...     symbol="688018",
    ... )
    >>> known.series("price").close.tolist()
    [100.0, 101.0]
    >>> known.series("total").close.tolist()
    [99.5, 101.0]
    """

    listing: str
    sessions: Dates
    close: Floats
    volume: Floats
    splits: Events | None
    dividends: Events | None
    source: str
    symbol: str
    fetched_at: datetime | None = None
    currency: str = ""
    adjustment: Adjustment = "none"
    split_adjusted: Floats | None = None

    def series(self, basis: Basis, first: date = date.min, last: date = date.max) -> PriceSeries:
        """Closes of the sessions from ``first`` to ``last``, both inclusive, in one basis.

        Parameters
        ----------
        basis : {"price", "total"}
            Adjusted for splits, or for splits and dividends.
        first, last : date
            Bounds, both inclusive. Events after ``last`` are applied too: they scale all closes
            alike, and no return between two of them changes.

        Returns
        -------
        PriceSeries
            Read-only arrays. Closes that came adjusted are served as they came, and say for what.

        Raises
        ------
        SymbolNotFoundError
            There is no session between the two days.
        BasisNotServedError
            Traded closes without known splits; or ``total`` where dividends are not known.

        Notes
        -----
        price = traded close / product of the factors of later splits; total = price x product of
        the multipliers of later dividends (:func:`dividend_factors`).
        """
        close, adjustment = self._closes(basis)
        begin, end = 0, len(self.sessions)
        if first > date.min or last < date.max:
            bounds = np.array([first, last], dtype="datetime64[D]")
            begin = int(np.searchsorted(self.sessions, bounds[0], side="left"))
            end = int(np.searchsorted(self.sessions, bounds[1], side="right"))
        if begin >= end:
            raise SymbolNotFoundError(
                message(
                    "source.none_between",
                    source=self.source,
                    symbol=self.symbol,
                    first=first,
                    last=last,
                ),
                source=self.source,
                symbol=self.symbol,
            )
        within = slice(begin, end)
        sessions, close, volume = self.sessions[within], close[within], self.volume[within]
        sessions.flags.writeable = close.flags.writeable = volume.flags.writeable = False
        # What came adjusted knows the splits that its file states; none stated is none known.
        traded = self.adjustment == "none"
        stated = traded or (self.splits is not None and len(self.splits) > 0)
        return PriceSeries(
            listing=self.listing,
            sessions=sessions,
            close=close,
            volume=volume,
            adjustment=adjustment,
            source=self.source,
            symbol=self.symbol,
            fetched_at=self.fetched_at,
            splits=self.splits if stated else None,
            dividends=self.dividends if traded else None,
            currency=self.currency,
        )

    def _closes(self, basis: Basis) -> tuple[Floats, Adjustment]:
        if self.adjustment != "none":
            index = self.listing.startswith("INDEX:")
            if basis == "total" and self.adjustment == "splits" and not index:
                raise self._without_dividends()
            return self.close, self.adjustment
        if self.splits is None:
            raise self._not_served(
                message("source.splits_unknown", symbol=self.listing, source=self.source)
            )
        price = self.split_adjusted
        if price is None:
            price = self.close
            if len(self.splits):
                price = price / later_factors(self.sessions, self.splits)
        if basis == "price":
            return price, "splits"
        if self.dividends is None:
            raise self._without_dividends()
        if len(self.dividends):
            cash = self.dividends.values / held_factors(self.dividends.sessions, self.splits)
            same_basis = Events(self.dividends.sessions, cash)
            price = price * dividend_factors(self.sessions, price, same_basis)
        return price, "splits+dividends"

    def _without_dividends(self) -> BasisNotServedError:
        return self._not_served(
            message("source.no_dividends", symbol=self.listing, source=self.source)
        )

    def _not_served(self, why: Message) -> BasisNotServedError:
        return BasisNotServedError(
            why,
            source=self.source,
            symbol=self.symbol,
            attempts=0,
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FetchedHistory(TradedHistory):
    """One listing's answer from one source, whole: what the store keeps, and what it judges by.

    Parameters
    ----------
    open, high, low : ndarray of float64, shape (n,)
        As traded; NaN where unknown. Unfinished bars are already dropped.
    splits, dividends : Events
        Known, if only to be none.
    fetched_at : datetime
        When the answer arrived (aware, UTC).
    asked_first : date
        First day asked for. The answer says nothing about earlier days.
    timezone : str
        As the source states it (IANA zone); empty where it states none.
    endpoint : str
        The address asked (without secrets).
    status : int or None
        HTTP status, where there was one.
    attempts : int
        Requests made for it.
    simulated : bool
        True where no market ever saw these prices.
    findings : sequence of Finding
        What the source dropped while reading its answer.
    """

    open: Floats
    high: Floats
    low: Floats
    splits: Events
    dividends: Events
    fetched_at: datetime
    asked_first: date
    timezone: str = ""
    endpoint: str = ""
    status: int | None = None
    attempts: int = 1
    simulated: bool = False
    findings: Sequence[Finding] = field(default=())


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
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
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


def held_factors(ex_dates: Dates, splits: Events) -> Floats:
    """Product of the split factors from each ex-date on, that day's own included.

    A dividend is paid for shares held before its ex-date; divided by this, it is paid for the
    shares that closes adjusted for splits count in.

    Parameters
    ----------
    ex_dates : ndarray of datetime64[D], shape (k,)
        Of dividends.
    splits : Events
        Split factors by ex-date.

    Returns
    -------
    ndarray of float64, shape (k,)
        Pure numbers.

    Notes
    -----
    Source: the trading rules of Shanghai and Shenzhen; on the day of a bonus issue and a dividend
    the reference price is (close before - cash) / (1 + new shares for one).

    Examples
    --------
    >>> days = np.array(["2025-06-04", "2025-06-05"], dtype="datetime64[D]")
    >>> held_factors(days, Events.of(("2025-06-04", 1.4))).tolist()
    [1.4, 1.0]
    """
    return later_factors(ex_dates - np.timedelta64(1, "D"), splits)


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
