"""An opinion is counted once: rows of calls → runs of one firm on one listing on one side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.record.call_files import NO_DATE
from supplychain_screen.record.opinions import SUSPENDED, UNKNOWN
from supplychain_screen.scoring import add_months

__all__ = ["ENDS", "FATES", "RUN_MONTHS", "Runs", "form_runs"]

Whole = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

RUN_MONTHS: Final = 12
"""Months after which the next call of the same opinion starts a run of its own."""

FATES: Final = ("run", "same_day", "suspension", "unknown_level", "undated")
"""What becomes of a row; every row is exactly one of these."""

ENDS: Final = ("open", "change", "suspension", "renewal")
"""How a run ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Runs of calls, and what became of every row.

    Parameters
    ----------
    fate : ndarray of int8, shape (n_rows,)
        Index into ``FATES``.
    run : ndarray of int32, shape (n_rows,)
        Run that each row belongs to, -1 where it belongs to none.
    start : ndarray of int64, shape (n_runs,)
        Row that starts each run, which lends it level, analysts and target; ascending.
    fresh : ndarray of bool, shape (n_runs,)
        False where the run was there before the data began (``first_seen``).
    end : ndarray of int8, shape (n_runs,)
        Index into ``ENDS``.
    end_day : ndarray of int32, shape (n_runs,)
        Day number of that end, ``NO_DATE`` where the run is open.
    changed_day : ndarray of int32, shape (n_rows,)
        Day number on which the opinion of each row's run changed side or was suspended,
        ``NO_DATE`` where it never did.
    """

    fate: Codes
    run: Ints
    start: Whole
    fresh: Flags
    end: Codes
    end_day: Ints
    changed_day: Ints


def form_runs(
    pair: Whole,
    day: Ints,
    second: Ints,
    side: Codes,
    preference: npt.NDArray[np.integer[Any]],
    repeats: Codes,
) -> Runs:
    """Runs of rows that are sorted by pair of firm and listing, then day.

    Parameters
    ----------
    pair : ndarray of int64, shape (n,)
        One number for each firm and listing.
    day : ndarray of int32, shape (n,)
        Day number, ``NO_DATE`` where there is none.
    second : ndarray of int32, shape (n,)
        Second of the day, -1 where unknown.
    side : ndarray of int8, shape (n,)
        +1, 0, -1, ``SUSPENDED`` or ``UNKNOWN``.
    preference : ndarray of int, shape (n,)
        Of several rows that are one call, the one with the lowest speaks for it.
    repeats : ndarray of int8, shape (n,)
        1 where a row says that it repeats an opinion, 0 where it says that it does not, -1 where
        it does not say. Of several rows of a day one that repeats decides.

    Notes
    -----
    A run starts at its first call and ends at a change of side, at a suspension (which starts
    none), or at the first call 12 months or more after its start (which starts the next).
    """
    n = pair.size
    fate = np.zeros(n, np.int8)
    fate[side == SUSPENDED] = FATES.index("suspension")
    fate[side == UNKNOWN] = FATES.index("unknown_level")
    fate[day == NO_DATE] = FATES.index("undated")
    usable = np.flatnonzero((side != UNKNOWN) & (day != NO_DATE))
    run = np.full(n, -1, np.int32)
    changed = np.full(n, NO_DATE, np.int32)
    days, of_row, conflict, repeated = _one_a_day(
        usable, pair, day, second, side, preference, repeats
    )
    fate[usable[conflict]] = FATES.index("same_day")
    # From here on a place is a day of a pair on which it said one thing.
    pairs, dates, sides = pair[days], day[days], side[days]
    turn = np.ones(days.size, np.bool_)
    turn[1:] = (pairs[1:] != pairs[:-1]) | (sides[1:] != sides[:-1])
    stretch = np.cumsum(turn) - 1
    heads = np.flatnonzero(turn)
    tails = np.append(heads[1:], days.size)
    # The stretch after this one, where it is of the same pair, ends the opinion.
    follows = np.zeros(heads.size, np.bool_)
    follows[:-1] = pairs[heads[1:]] == pairs[heads[:-1]]
    next_head = np.append(heads[1:], 0)
    end_of_stretch = np.where(follows, dates[next_head] if heads.size else 0, NO_DATE)
    begins = turn & (sides != SUSPENDED)
    begins |= _renewals(heads[sides[heads] != SUSPENDED], tails, stretch, dates)
    numbers = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    run_stretch = stretch[first]
    suspended_next = np.zeros(heads.size, np.bool_)
    suspended_next[:-1] = sides[heads[1:]] == SUSPENDED
    renewed = np.zeros(first.size, np.bool_)
    renewed[:-1] = run_stretch[1:] == run_stretch[:-1]
    end = np.where(follows[run_stretch], np.where(suspended_next[run_stretch], 2, 1), 0)
    end = np.where(renewed, 3, end).astype(np.int8)
    end_day = end_of_stretch[run_stretch].astype(np.int32)
    if first.size:
        end_day = np.where(renewed, np.append(dates[first[1:]], NO_DATE), end_day).astype(np.int32)
    # Rows of a day belong to the run of that day.
    there = of_row >= 0
    rows = usable[there]
    place = of_row[there]
    opinion = sides[place] != SUSPENDED
    run[rows[opinion]] = numbers[place[opinion]]
    changed[rows[opinion]] = end_of_stretch[stretch[place[opinion]]]
    return Runs(
        fate, run, days[first], _fresh(first, pairs, sides, repeated), end, end_day, changed
    )


def _one_a_day(
    usable: Whole,
    pair: Whole,
    day: Ints,
    second: Ints,
    side: Codes,
    preference: npt.NDArray[np.integer[Any]],
    repeats: Codes,
) -> tuple[Whole, Whole, Flags, Codes]:
    """The row of each day of a pair, each usable row's day (-1: none), rows that disagree, and
    whether each day repeats an older opinion."""
    n = usable.size
    if not n:
        return usable, np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0, np.int8)
    pairs, days = pair[usable], day[usable]
    new = np.ones(n, np.bool_)
    new[1:] = (pairs[1:] != pairs[:-1]) | (days[1:] != days[:-1])
    group = np.cumsum(new) - 1
    heads = np.flatnonzero(new)
    size = np.diff(heads, append=n)
    speaker = heads.copy()
    repeated = repeats[usable[heads]]
    conflict = np.zeros(n, np.bool_)
    several = np.flatnonzero((size > 1)[group])
    if several.size:
        told = second[usable[several]]
        timed = np.ones(heads.size, np.bool_)
        timed[group[several][told < 0]] = False
        latest = np.full(heads.size, -1, np.int64)
        np.maximum.at(latest, group[several], told)
        # With times only the last counts; without, all of them are asked.
        counted = ~timed[group[several]] | (told == latest[group[several]])
        asked = several[counted]
        low, high = np.full(heads.size, 127), np.full(heads.size, -128)
        np.minimum.at(low, group[asked], side[usable[asked]])
        np.maximum.at(high, group[asked], side[usable[asked]])
        # One row that repeats says that the opinion is older, whatever the others do.
        repeated[group[asked]] = -1
        np.maximum.at(repeated, group[asked], repeats[usable[asked]])
        two = (size > 1) & (low != high)
        order = np.lexsort((asked, preference[usable[asked]], group[asked]))
        first = np.ones(order.size, np.bool_)
        first[1:] = group[asked][order][1:] != group[asked][order][:-1]
        best = asked[order[first]]
        speaker[group[best]] = best
        conflict[several] = two[group[several]]
        # A row that a later one of its day overrules belongs to no run, unless it said the same.
        overruled = side[usable[several]] != side[usable[speaker[group[several]]]]
        conflict[several] |= overruled
        kept = np.ones(heads.size, np.bool_)
        kept[two] = False
        places = np.where(kept, np.cumsum(kept) - 1, -1)
        of_row = np.where(conflict, -1, places[group])
        return usable[speaker[kept]], of_row, conflict, repeated[kept]
    return usable, group, conflict, repeated


def _renewals(heads: Whole, tails: Whole, stretch: Whole, dates: Ints) -> Flags:
    """True for the days that start another run of the same opinion."""
    begins = np.zeros(dates.size, np.bool_)
    if not heads.size:
        return begins
    # Days ascend within a stretch, so one sorted number a day finds "the first from then on".
    low = int(dates.min())
    span = int(dates.max()) - low + 800
    clock = stretch.astype(np.int64) * span + (dates - low)
    start = heads
    calendar = np.arange(low, int(dates.max()) + 1).astype("datetime64[D]")
    renewal = add_months(calendar, RUN_MONTHS).astype(np.int64) - low
    while start.size:
        limit = renewal[dates[start] - low]
        base = stretch[start].astype(np.int64) * span
        found = np.searchsorted(clock, base + np.minimum(limit, span - 1))
        inside = found < tails[stretch[start]]
        start = found[inside]
        begins[start] = True
    return begins


def _fresh(first: Whole, pairs: Whole, sides: Codes, repeats: Codes) -> Flags:
    """Whether each run began where the data can see it."""
    # A first row that repeats an opinion shows that it is older. One that does not say what it does
    # is a beginning where the pair said something else before.
    told = repeats[first]
    before = np.zeros(first.size, np.bool_)
    later = first > 0
    at = first[later]
    before[later] = (pairs[at] == pairs[at - 1]) & (sides[at] != sides[at - 1])
    fresh: Flags = (told == 0) | ((told < 0) & before)
    return fresh
