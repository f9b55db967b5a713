"""Filling a panel's grid, some listings at a time, and refusing closes that are no prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.identity import known_until
from supplychain_screen.prices.panel.price_panel import (
    PricePanel,
    Provenance,
    fill_grid,
    sessions_before,
    sessions_through,
)
from supplychain_screen.prices.sessions import (
    COPIED_ROWS,
    LEAST_VOLUME,
    REPEAT_TOLERANCE,
    SILENT_ROWS,
    SessionCalendars,
    day_number,
    in_long_runs,
)

if TYPE_CHECKING:
    from supplychain_screen.identity import Index

__all__ = ["GridFilling", "in_parts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
Days = npt.NDArray[np.int32]

_PART = 1 << 18
_NEVER = np.iinfo(np.int32).min


def in_parts(n: int) -> Iterator[tuple[int, int]]:
    """A long column in pieces, so that what is made of each stays small."""
    for lo in range(0, n, _PART):
        yield lo, min(lo + _PART, n)


class GridFilling:
    """A panel while it is being made.

    Parameters
    ----------
    listings : sequence of str
        Ids of the rows.
    low, high : int
        First and last day number of the data.
    indices : sequence of Index
        The indices among ``listings``.
    first, last : date, optional
        First and last column; ``low`` and ``high`` where they are not given.
    file : str, optional
        Named in errors.
    late : callable
        Rows, days, closes and volumes of every entry of the days that a calendar may not know,
        in the order of row and day; called only where there are such days.

    Raises
    ------
    PriceFileError
        An id is no id, or no day lies between ``first`` and ``last``.
    """

    def __init__(
        self,
        listings: Sequence[str],
        low: int,
        high: int,
        *,
        indices: Sequence[Index],
        first: date | None,
        last: date | None,
        file: str | None,
        late: Callable[[], tuple[Ints, Days, Floats, Floats | None]],
    ) -> None:
        self.listings, self.low, self.file = listings, low, file
        self.start = low if first is None else day_number(first)
        self.stop = high if last is None else day_number(last)
        if self.stop < self.start:
            raise PriceFileError(
                Problem(
                    f"no day lies between first and last; the data run from {_date(low)} "
                    f"to {_date(high)}",
                    "give other bounds",
                    file,
                )
            )
        calendar, self.is_index, self.symbols = _facts(listings, indices, file)
        calendars = sorted({*calendar, *(one.calendar for one in indices)})
        place = {name: i for i, name in enumerate(calendars)}
        self.calendar_of = np.array([place[name] for name in calendar], np.int16)
        seen = SessionCalendars()
        if high > min(day_number(known_until(name)) for name in calendars):
            rows, days, closes, volume = late()
            until = days <= self.stop
            seen = SessionCalendars.seen_in_columns(
                calendars,
                self.calendar_of,
                self.is_index,
                rows[until],
                days[until],
                closes[until],
                None if volume is None else volume[until],
            )
        self.through = sessions_through(calendars, self.start, self.stop - self.start + 1, seen)
        self.before = sessions_before(calendars, self.start, self.start - low, seen)
        known = [seen.trading_days(calendar, low, high) for calendar in calendars]
        width = high - low + 1
        self.opened = np.stack([one.open[low - one.first_day :][:width] for one in known])
        self.half = np.stack([one.half[low - one.first_day :][:width] for one in known])
        self.close = np.empty((len(listings), self.through.shape[1]))
        self.stamp = np.empty(self.close.shape, np.uint32)
        self.last_day = np.full(len(listings), _NEVER, np.int32)
        self.wrong: dict[str, tuple[int, str]] = {}

    def fill(
        self, top: int, bottom: int, rows: Ints, days: Days, closes: Floats, volume: Floats | None
    ) -> None:
        """Fill the grid's rows from ``top`` up to but not including ``bottom``.

        Parameters
        ----------
        top, bottom : int
        rows, days : ndarray of int, shape (n,)
            All entries of these rows, in the order of row and day.
        closes : ndarray of float64, shape (n,)
            NaN is a day without a close and is left out.
        volume : ndarray of float64, shape (n,), optional
        """
        known = ~np.isnan(closes)
        if not known.all():
            rows, days, closes = rows[known], days[known], closes[known]
            volume = None if volume is None else volume[known]
        same = np.zeros(rows.size, np.bool_)
        np.equal(rows[1:], rows[:-1], out=same[1:])
        self._note(rows, days, closes, same)
        keep = self._sessions(rows, days, closes, volume, same)
        keep &= days <= self.stop
        if not keep.all():
            rows, days, closes = rows[keep], days[keep], closes[keep]
        rows = rows - rows.dtype.type(top)
        fill_grid(
            bottom - top,
            rows,
            days - np.int32(self.start),
            closes,
            self.through,
            self.before,
            self.calendar_of[top:bottom],
            out=(self.close[top:bottom], self.stamp[top:bottom]),
        )
        # Of the same type as rows, or all of them would be copied.
        ends = np.searchsorted(rows, np.arange(bottom - top, dtype=rows.dtype), side="right")
        there = np.diff(ends, prepend=0) > 0
        self.last_day[top:bottom][there] = days[ends[there] - 1]

    def panel(self, source: str, adjustment: str) -> PricePanel:
        """The panel, all of whose rows were filled.

        Raises
        ------
        PriceFileError
            A close is not positive, or a listing has two for one day.
        """
        if self.wrong:
            raise PriceFileError(
                [
                    Problem(f"{count} {what}", remedy, self.file)
                    for remedy, (count, what) in self.wrong.items()
                ]
            )
        provenance = tuple(
            Provenance(
                name, symbol, source, adjustment, None, None if day == _NEVER else _date(day)
            )
            for name, symbol, day in zip(
                self.listings, self.symbols, self.last_day.tolist(), strict=True
            )
        )
        n = len(self.listings)
        return PricePanel(
            listings=tuple(self.listings),
            first_day=self.start,
            close=self.close,
            stamp=self.stamp,
            calendar_of=self.calendar_of,
            sessions_through=self.through,
            listed_day=np.full(n, np.iinfo(np.int32).min, np.int32),
            delisted_day=np.full(n, np.iinfo(np.int32).max, np.int32),
            provenance=provenance,
        )

    def _note(self, rows: Ints, days: Days, closes: Floats, same: npt.NDArray[np.bool_]) -> None:
        """Remember closes that no measurement may rest on, for one clear error at the end."""
        twice = np.zeros(rows.size, np.bool_)
        np.equal(days[1:], days[:-1], out=twice[1:])
        twice &= same
        # One pass: a close that is no number is in neither order.
        wrong = ~((closes > 0) & (closes < np.inf))
        for flags, message, remedy in (
            (wrong, "closes that are not positive", "remove or mend the rows"),
            (twice, "days with two closes", "keep one row a listing and day"),
        ):
            places = np.flatnonzero(flags)
            if places.size:
                name, day = self.listings[int(rows[places[0]])], _date(int(days[places[0]]))
                count, what = self.wrong.get(remedy, (0, f"{message}, first {name} on {day}"))
                self.wrong[remedy] = (count + places.size, what)

    def _sessions(
        self,
        rows: Ints,
        days: Days,
        closes: Floats,
        volume: Floats | None,
        same: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.bool_]:
        """Entries that are sessions, as ``real_sessions`` says for one listing."""
        keep = np.empty(rows.size, np.bool_)
        for lo, hi in in_parts(rows.size):
            calendar = self.calendar_of[rows[lo:hi]]
            keep[lo:hi] = self.opened[calendar, days[lo:hi] - np.int32(self.low)]
        idle = np.flatnonzero(self._untraded(rows, closes, volume, same))
        if idle.size:
            halved = self.half[self.calendar_of[rows[idle]], days[idle] - np.int32(self.low)]
            filled = ~self.is_index[rows[idle]]
            idle, halved = idle[filled], halved[filled]
            halves = self._in_suspensions(rows, keep, idle[halved], idle[~halved])
            keep[idle[~halved]] = False
            keep[halves] = False
        return keep

    @staticmethod
    def _in_suspensions(
        rows: Ints, session: npt.NDArray[np.bool_], halves: Ints, filled: Ints
    ) -> Ints:
        """The half days that ``believed_half_days`` does not believe: filled after a filled one."""
        before = halves - 1
        while (off := (before >= 0) & ~session[before]).any():
            before[off] -= 1
        inside = (before >= 0) & (rows[before] == rows[halves]) & np.isin(before, filled)
        found: Ints = halves[inside]
        return found

    def _untraded(
        self, rows: Ints, closes: Floats, volume: Floats | None, same: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """As ``repeats_without_volume`` says for one listing; closes are usable here."""
        untraded = np.zeros(closes.size, np.bool_)
        found = []
        for lo, hi in in_parts(closes.size):
            lo = max(lo, 1)
            before = closes[lo - 1 : hi - 1]
            apart = closes[lo:hi] - before
            np.abs(apart, out=apart)
            # Few closes are near the one before: only those are held against the tolerance.
            near = np.flatnonzero(
                apart <= REPEAT_TOLERANCE * max(1.0, float(before.max(initial=0)))
            )
            within = apart[near] <= REPEAT_TOLERANCE * np.maximum(1.0, before[near])
            near = near[within] + lo
            found.append(near[same[near]])
        repeats = np.concatenate([np.zeros(0, np.int64), *found])
        silent = repeats
        if volume is not None:
            here, before = volume[repeats], volume[repeats - 1]
            untraded[repeats[here < LEAST_VOLUME]] = True
            silent = repeats[np.isnan(here)]
            exact = repeats[(here == before) & (closes[repeats] == closes[repeats - 1])]
            copied = in_long_runs(exact, COPIED_ROWS)
            if copied.size:
                steady = np.flatnonzero(np.append(False, volume[1:] == volume[:-1]) & same)
                untraded[copied[~self._most(rows, steady)[rows[copied]]]] = True
        silent = in_long_runs(silent, SILENT_ROWS)
        if silent.size:
            untraded[silent[~self._most(rows, silent)[rows[silent]]]] = True
        return untraded

    @staticmethod
    def _most(rows: Ints, some: Ints) -> npt.NDArray[np.bool_]:
        """For each listing: whether ``some`` entries are half of its own or more."""
        every = np.bincount(rows)
        most: npt.NDArray[np.bool_] = 2 * np.bincount(rows[some], minlength=every.size) >= every
        return most


def _date(day: int) -> date:
    return cast("date", np.datetime64(day, "D").astype(object))


def _facts(
    listings: Sequence[str], indices: Sequence[Index], file: str | None
) -> tuple[list[str], npt.NDArray[np.bool_], list[str]]:
    """Calendar of each row, whether it is an index, and what Yahoo calls it."""
    from supplychain_screen.identity import EXCHANGES

    named = {one.id: one for one in indices}
    calendars, is_index, symbols, problems = [], [], [], []
    # No Listing is made of each: 50,000 of them take as long as reading their prices.
    for name in listings:
        mic, colon, code = name.partition(":")
        index = name in named or (mic == "INDEX" and bool(code))
        if name in named:
            calendars.append(named[name].calendar)
            symbols.append(named[name].ticker)
        elif index:
            calendars.append("XNYS")
            symbols.append(name)
        elif colon and mic in EXCHANGES:
            calendars.append(EXCHANGES[mic].calendar)
            symbols.append(EXCHANGES[mic].yahoo_symbol(code) or name)
        else:
            remedy = "write MIC:CODE or INDEX:NAME"
            problems.append(Problem("not an id", remedy, file, None, "listing", name))
        is_index.append(index)
    if problems:
        raise PriceFileError(problems[:20])
    return calendars, np.array(is_index, np.bool_), symbols
