"""PricePanel: closes on a calendar-day grid, read as of any day in constant time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.prices.sessions import day_number, day_of_number
from supplychain_screen.words import counted

if TYPE_CHECKING:
    from supplychain_screen.identity import Instrument
    from supplychain_screen.prices.series import PriceSeries
    from supplychain_screen.prices.sessions import SessionCalendars

__all__ = [
    "NO_CLOSE",
    "PricePanel",
    "Provenance",
    "fill_grid",
    "sessions_before",
    "sessions_through",
]

NO_CLOSE = np.uint32(0xFFFF_FFFF)
"""Stamp of a day on or before which a listing has no close."""

MAX_AGE = 0xFFFE
"""Oldest close a stamp can tell, in days and in sessions: about 180 years."""

_FAR_PAST = np.iinfo(np.int32).min
_FAR_FUTURE = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the closes of one row of a panel came from."""

    listing: str
    symbol: str
    source: str
    adjustment: str
    fetched_at: str | None
    last_session: date | None


@dataclass(frozen=True, eq=False)
class PricePanel:
    """Closes of many listings on a grid of calendar days, read-only.

    Each row is one listing or index, each column one calendar day from ``first_day`` on; every
    cell holds the last real close on or before that day, so "the close as of d, and how old it
    is" is one read. A row keeps its own exchange's calendar: nobody's holidays touch anybody
    else. Rows of suspensions (see :func:`supplychain_screen.prices.sessions.real_sessions`) are
    not sessions and never enter the grid. Behind the last day that a calendar knows, sessions are
    what the panel's own series show
    (:class:`supplychain_screen.prices.sessions.SessionCalendars`).

    Parameters
    ----------
    listings : tuple of str, length n_listings
        Ids of the rows.
    first_day : int
        Day number (days since 1970-01-01) of the first column.
    close : ndarray of float64, shape (n_listings, n_days)
        As-of close, in each listing's currency; NaN before the first session.
    stamp : ndarray of uint32, shape (n_listings, n_days)
        How old that close is: calendar days since its session in the low 16 bits, sessions of
        the exchange since then in the high 16 bits; ``NO_CLOSE`` before the first session. One
        read answers both "which session" and "how stale".
    calendar_of : ndarray of int16, shape (n_listings,)
        Row of ``sessions_through`` that belongs to the listing.
    sessions_through : ndarray of int32, shape (n_calendars, n_days)
        Exchange sessions from the first column up to and including each day.
    listed_day, delisted_day : ndarray of int32, shape (n_listings,)
        Day number of the first and last session the listing ever has, where the listing's own
        data says so; the far past and the far future where it does not.
    provenance : tuple of Provenance, length n_listings
        Source, adjustment, and fetch time of each row.
    simulated : bool
        True where any row was never seen on a market.
    """

    listings: tuple[str, ...]
    first_day: int
    close: npt.NDArray[np.float64]
    stamp: npt.NDArray[np.uint32]
    calendar_of: npt.NDArray[np.int16]
    sessions_through: npt.NDArray[np.int32]
    listed_day: npt.NDArray[np.int32]
    delisted_day: npt.NDArray[np.int32]
    provenance: tuple[Provenance, ...]
    simulated: bool = False
    row_of: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "row_of", {name: row for row, name in enumerate(self.listings)})
        for array in (
            self.close,
            self.stamp,
            self.calendar_of,
            self.sessions_through,
            self.listed_day,
            self.delisted_day,
        ):
            array.flags.writeable = False

    def __repr__(self) -> str:
        word = "SIMULATED " if self.simulated else ""
        first, last = day_of_number(self.first_day), day_of_number(self.last_day)
        return f"<{word}PricePanel of {len(self.listings)} series, {first} to {last}>"

    @classmethod
    def build(
        cls,
        series: Iterable[PriceSeries],
        instruments: Sequence[Instrument],
        first: date,
        last: date,
        *,
        simulated: bool = False,
    ) -> PricePanel:
        """Panel of ``series`` from ``first`` to ``last``, both inclusive.

        Parameters
        ----------
        series : iterable of PriceSeries
            At most one a listing. Rows before ``first`` still serve as the last close of the
            first days; rows after ``last`` are not read.
        instruments : sequence of Listing or Index
            Whom the series belong to; one without a series becomes a row without sessions.
        first, last : date
            First and last column.

        Raises
        ------
        UnknownListingError
            A series belongs to none of ``instruments``.
        """
        by_id = {one.listing: one for one in series}
        unknown = sorted(by_id.keys() - {instrument.id for instrument in instruments})
        if unknown:
            raise UnknownListingError(
                f"prices for {', '.join(unknown)}, which no listing or benchmark here is"
            )
        from supplychain_screen.prices.sessions import SessionCalendars, real_sessions

        start, n_days = day_number(first), day_number(last) - day_number(first) + 1
        calendars = sorted({instrument.calendar for instrument in instruments})
        seen = SessionCalendars.seen_in(by_id.values(), instruments, last)
        through = sessions_through(calendars, start, n_days, seen)
        calendar_of = np.array([calendars.index(one.calendar) for one in instruments], np.int16)
        sparse, provenance = [], []
        for instrument in instruments:
            one = by_id.get(instrument.id)
            days, closes = np.empty(0, np.int32), np.empty(0)
            if one is not None:
                real = real_sessions(one, instrument, seen)
                real &= one.sessions <= np.datetime64(last, "D")
                days, closes = one.sessions[real].astype(np.int32) - start, one.close[real]
            sparse.append((days, closes))
            last_session = int(days[-1]) if days.size else None
            provenance.append(_provenance(instrument, one, last_session, start))
        lowest = min((int(days[0]) for days, _ in sparse if days.size), default=0)
        close, stamp = fill_grid(
            len(instruments),
            np.repeat(np.arange(len(sparse)), [days.size for days, _ in sparse]).astype(np.int64),
            np.concatenate([np.empty(0, np.int32), *(days for days, _ in sparse)]),
            np.concatenate([np.empty(0), *(closes for _, closes in sparse)]),
            through,
            sessions_before(calendars, start, -lowest, seen),
            calendar_of,
        )
        return cls(
            listings=tuple(instrument.id for instrument in instruments),
            first_day=start,
            close=close,
            stamp=stamp,
            calendar_of=calendar_of,
            sessions_through=through,
            listed_day=_days([one.first_session for one in instruments], _FAR_PAST),
            delisted_day=_days([one.last_session for one in instruments], _FAR_FUTURE),
            provenance=tuple(provenance),
            simulated=simulated,
        )

    @property
    def n_days(self) -> int:
        """Number of calendar days."""
        return int(self.close.shape[1])

    @property
    def last_day(self) -> int:
        """Day number of the last column."""
        return self.first_day + self.n_days - 1

    def is_session(self, row: int) -> npt.NDArray[np.bool_]:
        """True for the columns that are real sessions of one row, shape (n_days,)."""
        session: npt.NDArray[np.bool_] = (self.stamp[row] & 0xFFFF) == 0
        return session

    @cached_property
    def ahead(self) -> npt.NDArray[np.uint32]:
        """Stamps that look forward: to the next session on or after each day, shape of ``stamp``.

        The low 16 bits count calendar days, the high 16 bits the exchange's sessions that are
        skipped; ``NO_CLOSE`` after the last session. Only the base policy ``on_or_after`` looks
        forward, so this is built when first asked for.
        """
        ahead = np.full(self.stamp.shape, NO_CLOSE, np.uint32)
        columns = np.arange(self.n_days)
        for row in range(len(self.listings)):
            days = np.flatnonzero(self.is_session(row))
            if not days.size:
                continue
            known = columns[: days[-1] + 1]
            following = np.repeat(days, np.diff(days, prepend=-1))
            through = self.sessions_through[self.calendar_of[row]]
            # Sessions in [day, following): those before the following one, less those before day.
            opened = np.diff(through, prepend=0)
            before = through - opened
            skipped = before[following] - before[known]
            ahead[row, : known.size] = _stamp(following - known, skipped)
        ahead.flags.writeable = False
        return ahead

    def ages(self, rows: Any) -> npt.NDArray[np.uint32]:
        """Sessions of the exchange since the as-of close of every day of some rows.

        Parameters
        ----------
        rows : int or array of int

        Returns
        -------
        ndarray of uint32, shape (..., n_days)
            65,535 where there is no close: older than any limit.
        """
        ages: npt.NDArray[np.uint32] = self.stamp[rows] >> np.uint32(16)
        return ages

    def session_columns(self, rows: Any) -> npt.NDArray[np.int32]:
        """Column of the session of every day's as-of close, shape (..., n_days).

        Negative where the session lies before the grid or there is none; :meth:`ages` tells them
        apart.
        """
        since = (self.stamp[rows] & np.uint32(0xFFFF)).view(np.int32)
        columns: npt.NDArray[np.int32] = np.arange(self.n_days, dtype=np.int32) - since
        return columns

    def days_since(self, rows: Any, columns: Any) -> npt.NDArray[np.int32]:
        """Calendar days since the session of the as-of close of single cells.

        Parameters
        ----------
        rows, columns : array of int, broadcastable

        Returns
        -------
        ndarray of int32
            65,535 where there is no close.
        """
        since: npt.NDArray[np.int32] = (self.stamp[rows, columns] & np.uint32(0xFFFF)).astype(
            np.int32
        )
        return since

    def has_close(self, rows: Any, columns: Any) -> npt.NDArray[np.bool_]:
        """True for the cells on or before whose day there is a close; broadcastable indices."""
        there: npt.NDArray[np.bool_] = self.stamp[rows, columns] != NO_CLOSE
        return there

    def next_sessions(
        self, rows: Any, columns: Any
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """The first session on or after the day of single cells.

        Parameters
        ----------
        rows, columns : array of int, broadcastable

        Returns
        -------
        days : ndarray of int32
            Calendar days until it.
        skipped : ndarray of uint32
            Sessions of the exchange that are skipped.
        there : ndarray of bool
            False where none follows; the other two are 65,535 then.
        """
        ahead = self.ahead[rows, columns]
        days = (ahead & np.uint32(0xFFFF)).astype(np.int32)
        return days, ahead >> np.uint32(16), ahead != NO_CLOSE

    def with_blank_row(self) -> PricePanel:
        """The days of this panel with one row that has no name and no close."""
        return PricePanel(
            listings=("",),
            first_day=self.first_day,
            close=np.full((1, self.n_days), np.nan),
            stamp=np.full((1, self.n_days), NO_CLOSE, np.uint32),
            calendar_of=np.zeros(1, np.int16),
            sessions_through=np.zeros((1, self.n_days), np.int32),
            listed_day=np.full(1, _FAR_PAST, np.int32),
            delisted_day=np.full(1, _FAR_FUTURE, np.int32),
            provenance=self.provenance,
            simulated=self.simulated,
        )

    def feed(self, digest: Any) -> None:
        """Feed a hash with who is in the panel, every close and how old it is."""
        who = [(one.listing, one.symbol, one.source, one.adjustment) for one in self.provenance]
        digest.update(repr((self.listings, self.first_day, who)).encode())
        digest.update(self.close.tobytes())
        digest.update(self.stamp.tobytes())

    def rows(self, ids: Iterable[str]) -> npt.NDArray[np.int32]:
        """Row number of each id, -1 where the panel does not hold it."""
        return np.array([self.row_of.get(one, -1) for one in ids], np.int32)

    def sessions(self, listing: str) -> npt.NDArray[np.datetime64]:
        """Real sessions of one listing inside the panel, ascending, as datetime64[D]."""
        row = self._row(listing)
        days = np.flatnonzero(self.is_session(row)) + self.first_day
        return days.astype("datetime64[D]")

    def as_of(self, listing: str, day: date) -> tuple[float, date, int] | None:
        """Last close on or before ``day``, its session, and its age in exchange sessions.

        Returns
        -------
        tuple of (float, date, int) or None
            None where the listing had no session yet.

        Raises
        ------
        UnknownListingError
            The panel holds no such listing.
        """
        row, column = self._row(listing), day_number(day) - self.first_day
        if not 0 <= column < self.n_days or self.stamp[row, column] == NO_CLOSE:
            return None
        stamp = int(self.stamp[row, column])
        session = day_of_number(column - (stamp & 0xFFFF) + self.first_day)
        return float(self.close[row, column]), session, stamp >> 16

    def _row(self, listing: str) -> int:
        try:
            return self.row_of[listing]
        except KeyError:
            raise UnknownListingError(
                f"no prices for {listing}; "
                f"this panel holds {counted(len(self.listings), 'listing')}"
            ) from None


def sessions_through(
    calendars: Sequence[str], start: int, n_days: int, seen: SessionCalendars
) -> npt.NDArray[np.int32]:
    """Exchange sessions from the first column up to and including each, a row a calendar."""
    through = np.zeros((len(calendars), n_days), np.int32)
    days = np.arange(start, start + n_days, dtype=np.int64)
    for row, calendar in enumerate(calendars):
        open_days = seen.trading_days(calendar, start, start + n_days - 1)
        np.cumsum(open_days.session[open_days.on(days)], out=through[row])
    return through


_DAYS_BEFORE = 6_000
"""Days before the grid whose sessions an age counts: more than sixteen years, so that a row of
another century does not run over what a stamp can tell."""


def sessions_before(
    calendars: Sequence[str], start: int, n_days: int, seen: SessionCalendars
) -> npt.NDArray[np.int32]:
    """Exchange sessions after each of some days before the first column, a row a calendar.

    The last entry is the day before the first column, after which there is none.
    """
    n_days = min(max(n_days, 0), _DAYS_BEFORE)
    before = np.zeros((len(calendars), n_days), np.int32)
    days = np.arange(start - n_days, start, dtype=np.int64)
    for row, calendar in enumerate(calendars if n_days else ()):
        open_days = seen.trading_days(calendar, start - n_days, start)
        session = open_days.session[open_days.on(days)]
        before[row] = session.sum() - np.cumsum(session)
    return before


def _stamp(
    days: npt.NDArray[np.integer], sessions: npt.NDArray[np.integer]
) -> npt.NDArray[np.uint32]:
    """Days and sessions as one number; a close too old to tell stays as old as can be told."""
    low = np.minimum(days, MAX_AGE).astype(np.uint32)
    high = np.minimum(sessions, MAX_AGE).astype(np.uint32)
    stamp: npt.NDArray[np.uint32] = (high << np.uint32(16)) | low
    return stamp


_FILLED_AT_ONCE = 1 << 17
"""Cells of the grid filled in one go: about 1 MB of closes."""


def fill_grid(
    n_rows: int,
    rows: npt.NDArray[np.integer[Any]],
    columns: npt.NDArray[np.int32],
    closes: npt.NDArray[np.float64],
    through: npt.NDArray[np.int32],
    before: npt.NDArray[np.int32],
    calendar_of: npt.NDArray[np.integer[Any]],
    out: tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]] | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]:
    """Spread sparse sessions over the grid: each close holds until the next one.

    Parameters
    ----------
    n_rows : int
    rows, columns : ndarray of int, shape (n,)
        Cell of each session, in the order of row and column. A negative column is a session
        from before the grid.
    closes : ndarray of float64, shape (n,)
    through : ndarray of int32, shape (n_calendars, n_days)
        Exchange sessions up to and including each column.
    before : ndarray of int32, shape (n_calendars, n)
        Exchange sessions after each of the days before the first column, the day just before it
        last; a session before all of them is as old as the first.
    calendar_of : ndarray of int, shape (n_rows,)
    out : (ndarray of float64, ndarray of uint32), each of shape (n_rows, n_days), optional
        Where the result is written.

    Returns
    -------
    close : ndarray of float64, shape (n_rows, n_days)
    stamp : ndarray of uint32, shape (n_rows, n_days)
    """
    n_days = through.shape[1]
    # Days in the low half, sessions in the high half: the difference of two such numbers is a
    # stamp, since neither half ever borrows from the other.
    clock = np.arange(n_days, dtype=np.uint32) + (through.astype(np.uint32) << np.uint32(16))
    if out is None:
        out = np.empty((n_rows, n_days)), np.empty((n_rows, n_days), np.uint32)
    close, stamp = out
    # Some rows at a time: what is made on the way then stays in the cache.
    step = max(1, _FILLED_AT_ONCE // n_days)
    edges = np.append(np.arange(0, n_rows, step), n_rows)
    entries = np.searchsorted(rows, edges.astype(rows.dtype))  # or all rows would be copied
    for place, (top, bottom) in enumerate(pairwise(edges)):
        lo, hi = entries[place : place + 2]
        _fill(
            rows[lo:hi] - top,
            columns[lo:hi],
            closes[lo:hi],
            clock,
            before,
            calendar_of[top:bottom],
            close[top:bottom],
            stamp[top:bottom],
        )
    return close, stamp


def _fill(
    rows: npt.NDArray[np.integer[Any]],
    columns: npt.NDArray[np.int32],
    closes: npt.NDArray[np.float64],
    clock: npt.NDArray[np.uint32],
    before: npt.NDArray[np.int32],
    calendar_of: npt.NDArray[np.integer[Any]],
    close: npt.NDArray[np.float64],
    stamp: npt.NDArray[np.uint32],
) -> None:
    """Fill some rows of the grid."""
    n_rows, n_days = close.shape
    per_row = np.bincount(rows, minlength=n_rows)
    # One entry more a row, for the days before its first session.
    place = np.arange(rows.size) + rows + 1
    at = np.zeros(rows.size + n_rows, np.int64)
    at[place] = np.maximum(columns, 0)
    heads = np.cumsum(per_row) - per_row + np.arange(n_rows)
    count = np.diff(at, append=n_days)
    count[heads[1:] - 1] = n_days - at[heads[1:] - 1]
    values = np.full(at.size, np.nan)
    values[place] = closes
    close[:] = np.repeat(values, count).reshape(n_rows, n_days)

    inside = columns >= 0
    # uint32 wraps: a session five days before the grid is the number -5.
    start = columns.astype(np.uint32)
    start[inside] = clock[calendar_of[rows[inside]], columns[inside]]
    if not inside.all():
        early = np.maximum(columns[~inside], -before.shape[1])
        skipped = before[calendar_of[rows[~inside]], early]
        start[~inside] -= skipped.astype(np.uint32) << np.uint32(16)
    base = np.zeros(at.size, np.uint32)
    base[place] = start
    np.subtract(clock[calendar_of], np.repeat(base, count).reshape(n_rows, n_days), out=stamp)
    for row in np.flatnonzero(count[heads]):
        stamp[row, : count[heads[row]]] = NO_CLOSE


def _provenance(
    instrument: Instrument, one: PriceSeries | None, last: int | None, start: int
) -> Provenance:
    if one is None:
        return Provenance(instrument.id, instrument.ticker, "", "", None, None)
    fetched = one.fetched_at.isoformat() if one.fetched_at is not None else None
    session = None if last is None else np.datetime64(last + start, "D").astype(object)
    return Provenance(instrument.id, one.symbol, one.source, one.adjustment, fetched, session)


def _days(dates: Sequence[date | None], missing: int) -> npt.NDArray[np.int32]:
    return np.array([missing if one is None else day_number(one) for one in dates], np.int32)
