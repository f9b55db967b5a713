"""Prices that no market ever saw, for looking at the program without any data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import InputError, Problem, SourceError, SymbolNotFoundError
from supplychain_screen.identity import (
    Instrument,
    calendar_span,
    expected_sessions,
    half_days,
    known_until,
    session_close,
)
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Adjustment, Basis, Events, LoadedPrices, PriceSeries
from supplychain_screen.words import message

__all__ = ["SimulatedSource"]

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

_NAME: Final = "SIMULATED"
_EPOCH = date(2024, 1, 1)
"""Where every path starts, in both directions, so that asking for more days changes none."""

_PER_YEAR = 252.0
_WIDEST_MOVE = 0.085
"""Largest daily log return of a share: inside the 10% limit of the mainland's main boards."""
_INDEX_LEVEL = 1_000.0
"""Of every index at the epoch: the level of no index that anybody could take it for."""
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class _Traits:
    """What makes one instrument differ from the next; daily figures are log returns."""

    level: float
    beta: float
    drift: float
    noise: float
    volume: float
    dividend_yield: float
    payments: int
    split_chance: float
    split_ratios: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """One instrument from the epoch, or before it, to the last day asked."""

    sessions: Days
    price: Floats
    """Adjusted for splits, counted in shares of the epoch."""
    total: Floats
    """With dividends reinvested; equal to ``price`` at the epoch."""
    volume: Floats
    dividends: Floats
    """Fraction of the close before that is paid on each session, mostly 0."""
    splits: Floats
    """New shares for one old share on each session, mostly 1."""


@dataclass(frozen=True)
class SimulatedSource:
    """Daily closes from a random number generator, on the exchanges' real sessions.

    Parameters
    ----------
    seed : int, default 0
        Another seed makes another market.
    suspended : str, optional
        Id of the one listing that is suspended for some sessions every year; an empty text:
        nobody is. Unless given it is picked among the listings of each request, a mainland one
        where there is any.
    through : date, optional
        Last day of ``stream``, inclusive. Needed there alone: this source knows no today.

    Notes
    -----
    The daily log return of a share is beta times that of its market, plus its own drift and
    noise; the market's is half the world's. The share of a listing therefore moves with its
    benchmark, and its relative return is of the usual size. Closes drop by each dividend on its
    ex-date. Suspensions are rows of zero volume that repeat the last close, and Hong Kong's half
    days have no volume, both as Yahoo serves them. Every number follows from the seed, the
    listing's id and the day: neither the order of a request nor its range changes any.

    Examples
    --------
    >>> from supplychain_screen import Listing
    >>> byd = Listing(mic="XHKG", code="0285", currency="HKD")
    >>> source = SimulatedSource()
    >>> week = source.load([byd], date(2024, 12, 23), date(2024, 12, 27), "price").series[byd.id]
    >>> week.sessions.astype(str).tolist(), (week.volume > 0).tolist()
    (['2024-12-23', '2024-12-24', '2024-12-27'], [True, False, True])
    >>> source.simulated, week.source, week.symbol
    (True, 'SIMULATED', '0285.HK')
    """

    seed: int = 0
    suspended: str | None = None
    through: date | None = None

    @property
    def name(self) -> str:
        """``SIMULATED``: nobody should take these numbers for prices."""
        return _NAME

    @property
    def simulated(self) -> bool:
        """True: no market ever saw these prices."""
        return True

    def bases(self) -> tuple[Basis, ...]:
        """Both bases."""
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
            Bounds in each exchange's own calendar days, both inclusive.
        basis : {"price", "total"}
            ``price`` is adjusted for splits, ``total`` reinvests dividends.

        Returns
        -------
        LoadedPrices
            Failures: ``SymbolNotFoundError`` where a listing has no session in the range.

        Raises
        ------
        InputError
            ``first`` lies before what a calendar knows. Where ``last`` lies beyond it, as a day
            a year ahead may, there is a close on every weekday until the sessions are announced.
        """
        suspended = self._suspended(instruments)
        series: dict[str, PriceSeries] = {}
        failures: dict[str, SourceError] = {}
        adjustment: Adjustment = "splits" if basis == "price" else "splits+dividends"
        for instrument in instruments:
            path = self._path(instrument, first, last, halted=instrument.id == suspended)
            listed = _listed(path.sessions, instrument, first, last)
            if not listed.any():
                failures[instrument.id] = _nothing(instrument, first, last)
                continue
            closes = path.price if basis == "price" else path.total
            columns = path.sessions[listed], closes[listed], path.volume[listed]
            for column in columns:
                column.flags.writeable = False
            series[instrument.id] = PriceSeries(
                instrument.id,
                *columns,
                adjustment,
                _NAME,
                instrument.ticker,
            )
        return LoadedPrices(series, failures)

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        """Traded prices and events of each instrument from ``first`` to ``through``.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            Whose histories.
        first : date or mapping of str to date
            First day, inclusive; for all, or for each id.

        Yields
        ------
        tuple of (Listing or Index, FetchedHistory or SourceError)
            Fetched, as it says, when its last session closed. Opens, highs and lows are unknown.
            ``SymbolNotFoundError`` where a listing has no session in the range.

        Raises
        ------
        InputError
            The source was made without ``through``.
        """
        if self.through is None:
            raise InputError(
                Problem("simulated prices know no today", "pass SimulatedSource(through=…)")
            )
        suspended = self._suspended(instruments)
        for instrument in instruments:
            start = first if isinstance(first, date) else first[instrument.id]
            path = self._path(instrument, start, self.through, halted=instrument.id == suspended)
            listed = _listed(path.sessions, instrument, start, self.through)
            if listed.any():
                yield instrument, self._history(instrument, path, listed, start)
            else:
                yield instrument, _nothing(instrument, start, self.through)

    @staticmethod
    def _history(
        instrument: Instrument, path: _Path, listed: npt.NDArray[np.bool_], start: date
    ) -> FetchedHistory:
        shares = _from_epoch(path.sessions, np.log(path.splits))
        traded = np.round(path.price / np.exp(shares), _DECIMALS)
        sessions = path.sessions[listed]
        unknown = np.full(len(sessions), np.nan)
        # Cash for a share held before the ex-date.
        before = np.concatenate([traded[:1], traded[:-1]])
        paid = np.flatnonzero(listed & (path.dividends > 0))
        split = np.flatnonzero(listed & (path.splits != 1))
        return FetchedHistory(
            listing=instrument.id,
            sessions=sessions,
            close=traded[listed],
            open=unknown,
            high=unknown,
            low=unknown,
            volume=path.volume[listed],
            splits=Events(path.sessions[split], path.splits[split]),
            dividends=Events(path.sessions[paid], path.dividends[paid] * before[paid]),
            source=_NAME,
            symbol=instrument.ticker,
            fetched_at=session_close(instrument.calendar, sessions[-1].astype(object)),
            asked_first=start,
            currency=instrument.currency,
            timezone=instrument.timezone,
            simulated=True,
        )

    # --- One path --------------------------------------------------------------------------

    def _path(self, instrument: Instrument, first: date, last: date, *, halted: bool) -> _Path:
        calendar, end = instrument.calendar, max(last, _EPOCH)
        # What is decided by the year needs the whole of it, and of the one before.
        start = min(_EPOCH, date(max(first.year - 1, 1), 1, 1))
        try:
            sessions = expected_sessions(calendar, start, end)
        except InputError:
            start = min(first, max(start, calendar_span(calendar)[0]))
            sessions = expected_sessions(calendar, start, end)
        traits = self._traits(instrument)
        market = self._market(calendar, sessions)
        own = self._normals(instrument.id, sessions)
        returns = traits.beta * market + traits.drift + traits.noise * own
        volume = np.zeros(len(sessions))
        dividends = np.zeros(len(sessions))
        splits = np.ones(len(sessions))
        if not instrument.is_index:
            returns = np.clip(returns, -_WIDEST_MOVE, _WIDEST_MOVE)
            busy = np.exp(0.35 * self._normals(f"{instrument.id} volume", sessions))
            volume = np.round(traits.volume * busy, -2)
            self._pay(instrument, traits, sessions, dividends, splits)
            if halted:
                quiet = self._halts(instrument, sessions)
                returns[quiet] = volume[quiet] = dividends[quiet] = 0.0
                splits[quiet] = 1.0
            if calendar == "XHKG":
                halves = half_days(calendar, start, min(end, known_until(calendar)))
                volume[np.isin(sessions, halves)] = 0.0
        total = traits.level * np.exp(_from_epoch(sessions, returns))
        price = traits.level * np.exp(_from_epoch(sessions, returns + np.log1p(-dividends)))
        return _Path(
            sessions,
            np.round(price, _DECIMALS),
            np.round(total, _DECIMALS),
            volume,
            dividends,
            splits,
        )

    def _traits(self, instrument: Instrument) -> _Traits:
        random = self._generator(f"{instrument.id} traits")
        if instrument.is_index:
            return _Traits(
                level=_INDEX_LEVEL,
                beta=float(random.uniform(0.95, 1.15)),
                drift=0.0,
                noise=0.002,
                volume=0.0,
                dividend_yield=0.0,
                payments=0,
                split_chance=0.0,
                split_ratios=(),
            )
        american = instrument.calendar == "XNYS"
        return _Traits(
            level=float(np.exp(random.uniform(np.log(8), np.log(180)))),
            beta=float(random.uniform(0.7, 1.4)),
            drift=float(random.uniform(-0.25, 0.35)) / _PER_YEAR,
            noise=float(random.uniform(0.012, 0.022)),
            volume=float(np.exp(random.uniform(np.log(1e6), np.log(4e7)))),
            dividend_yield=float(random.uniform(0.003, 0.03)) * float(random.random() < 0.75),
            payments=4 if american else 1,
            split_chance=0.06 if american else 0.15,
            split_ratios=(2.0, 4.0) if american else (1.2, 1.3, 1.4, 1.45),
        )

    def _market(self, calendar: str, sessions: Days) -> Floats:
        """Daily log return of the market that all of a calendar's instruments share."""
        world = self._normals("world", sessions)
        local = self._normals(f"market {calendar}", sessions)
        market: Floats = 0.05 / _PER_YEAR + 0.011 * (np.sqrt(0.25) * world + np.sqrt(0.75) * local)
        return market

    def _pay(
        self,
        instrument: Instrument,
        traits: _Traits,
        sessions: Days,
        dividends: Floats,
        splits: Floats,
    ) -> None:
        """Enter each year's dividends and splits on the first session from their day on."""
        for year in _years(sessions):
            random = self._generator(f"{instrument.id} events {year}")
            # Mainland and Hong Kong pay once, in early summer; Americans every quarter.
            spring = 40 if traits.payments == 4 else 150
            for payment in range(traits.payments):
                at = _session_from(sessions, year, spring + 91 * payment + random.integers(50))
                if at is not None:
                    dividends[at] = traits.dividend_yield / traits.payments
            split_day = 130 + random.integers(80)
            happens = random.random() < traits.split_chance
            at = _session_from(sessions, year, split_day)
            if happens and at is not None:
                splits[at] = random.choice(traits.split_ratios)

    def _halts(self, instrument: Instrument, sessions: Days) -> npt.NDArray[np.bool_]:
        """Sessions on which the listing is suspended: six to twelve in a row, once a year."""
        quiet = np.zeros(len(sessions), bool)
        for year in _years(sessions):
            random = self._generator(f"{instrument.id} suspension {year}")
            at = _session_from(sessions, year, random.integers(20, 320))
            if at is not None:
                quiet[at : at + int(random.integers(6, 13))] = True
        return quiet

    def _suspended(self, instruments: Sequence[Instrument]) -> str | None:
        if self.suspended is not None:
            return self.suspended
        listings = [one for one in instruments if not one.is_index]
        mainland = [one for one in listings if one.calendar == "XSHG"]
        ids = [one.id for one in mainland or listings]
        return min(ids, key=lambda one: self._digest(f"{one} is suspended"), default=None)

    # --- Randomness ------------------------------------------------------------------------

    def _digest(self, key: str) -> bytes:
        return hashlib.sha256(f"{self.seed}:{key}".encode()).digest()

    def _generator(self, key: str) -> np.random.Generator:
        # Python's own hash differs from process to process; this one never does.
        return np.random.default_rng(int.from_bytes(self._digest(key), "big"))

    def _normals(self, key: str, sessions: Days) -> Floats:
        """One standard normal number a session, the same for a day whatever days surround it."""
        if not len(sessions):
            return np.zeros(0)
        years = _years(sessions)
        drawn = np.stack([self._generator(f"{key} {year}").standard_normal(366) for year in years])
        calendar_year = sessions.astype("datetime64[Y]")
        day_of_year = (sessions - calendar_year.astype("datetime64[D]")).astype(np.int64)
        numbers: Floats = drawn[calendar_year.astype(np.int64) + 1970 - years[0], day_of_year]
        return numbers


def _years(sessions: Days) -> range:
    if not len(sessions):
        return range(0)
    ends = sessions[[0, -1]].astype("datetime64[Y]").astype(np.int64) + 1970
    return range(int(ends[0]), int(ends[1]) + 1)


def _session_from(sessions: Days, year: int, day_of_year: int | np.int64) -> int | None:
    """Position of the first session on or after a day, None where that lies outside."""
    day = np.datetime64(f"{year}-01-01", "D") + int(day_of_year)
    at = int(np.searchsorted(sessions, day))
    return at if at < len(sessions) and day >= sessions[0] else None


def _from_epoch(sessions: Days, returns: Floats) -> Floats:
    """Sum of the returns from the epoch to each session; negative ones before it.

    Summing away from the epoch on either side, never through it, keeps every digit the same
    whatever range is asked.
    """
    epoch = int(np.searchsorted(sessions, np.datetime64(_EPOCH, "D")))
    after: Floats = np.cumsum(returns[epoch:])
    if not epoch:
        return after
    before: Floats = -np.cumsum(returns[1:epoch][::-1])[::-1]
    return np.concatenate([before, [0.0], after])


def _nothing(instrument: Instrument, first: date, last: date) -> SymbolNotFoundError:
    return SymbolNotFoundError(
        message("source.no_session", listing=instrument.id, first=first, last=last),
        source=_NAME,
        symbol=instrument.ticker,
    )


def _listed(
    sessions: Days, instrument: Instrument, first: date, last: date
) -> npt.NDArray[np.bool_]:
    start = max(first, instrument.first_session or first)
    end = min(last, instrument.last_session or last)
    inside = (sessions >= np.datetime64(start, "D")) & (sessions <= np.datetime64(end, "D"))
    return np.asarray(inside, bool)
