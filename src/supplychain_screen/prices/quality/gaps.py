"""Checks of sessions that are not there: suspended, filled, missing, or not yet served.

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``unfinished_day``                a session captured before its close: ``unrated``
``repeated_close``                sessions filled with the close before: ``dropped``
``suspended``                     a suspension, filled with the close before: ``dropped``
``missing_sessions``              holes in a listing's rows: ``reported``
``stale_tail``                    a listing that ends before its market: ``reported``
``benchmark_gap``                 a benchmark without close: ``reported``, above three sessions no
                                  window begins or ends in it: ``unrated``
``unscheduled_closure``           a session that nobody of the market has: ``reported``
================================  ============================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.quality.bars import SCATTERED, Rows, finding, runs
from supplychain_screen.prices.quality.moves import Moves, days_to_compare
from supplychain_screen.prices.series import Action, Finding
from supplychain_screen.prices.sessions import INDEX_REPEAT, TradingDays, day_number, day_of_number
from supplychain_screen.words import Message, message

__all__ = [
    "OF_ENDS",
    "OF_FILLS",
    "OF_HOLES",
    "Fill",
    "Market",
    "fills",
    "gather_markets",
    "unscheduled_closure",
]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SUSPENSION_SESSIONS = 3
"""Filled sessions from which on a run is taken for a suspension. Mainland companies that suspend
for a transaction stay away for days (the shortest in the real data: 3 sessions, Skyworth Digital
in July 2023); the days that Yahoo lost are single ones."""

WIDE_SHARE = 1.0 / 3.0
"""Share of a market's listings, two at least, that repeat their close on one session before the
vendor is to blame: companies do not suspend together. 17 of 28 A shares on 2024-07-05."""

BENCHMARK_HOLE = 3
"""Sessions without a benchmark close up to which its last close still serves: the limit of a
stale benchmark in specification 4.6."""

CLOSURE_SESSIONS = 2
"""Sessions without any bar of a market up to which the exchange, not the vendor, is thought to
have been closed: Hong Kong's typhoons of 2023-09-01 and 09-08, Taipei's of 2024-10-31."""


UNFINISHED_VOLUME = 0.1
"""Median volume of a market's listings, as a part of the median of their 20 sessions before, below
which its bars were captured while the exchange traded: 0.7% and 5.3% on real days (2025-08-27 and
09-09), while the thinnest real session has more than a third."""

UNFINISHED_LISTINGS = 3
"""Listings whose volume is so small from which on it is their market's."""

USUAL_ROWS, LEAST_USUAL = 20, 5
"""Rows before a day whose median volume is the usual one, and how many of them must have one."""

UNFINISHED_USUAL, NEAR_ROWS = 0.3, 3
"""Volume that one of so many sessions after it must reach again, or the unit has changed. Of the
last day, one of as many before it."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A run of sessions without trade, filled with the close before.

    Parameters
    ----------
    first, last : int
        First and last row, both inclusive.
    sessions : int
        Sessions in it.
    wide : bool
        Many listings of the market repeat their close on each of its sessions.
    same, others : int
        How many of the market's listings repeat on its first session, and of how many.
    shown_by : {"no_volume", "copied", "unknown"}
        Why nothing was traded: no volume, close and volume copied from the day before, or a
        repeated close whose volume is unknown.
    """

    first: int
    last: int
    sessions: int
    wide: bool
    same: int
    others: int
    shown_by: Literal["no_volume", "copied", "unknown"] = "no_volume"

    @property
    def suspension(self) -> bool:
        """True for a run that a company makes, not a vendor."""
        return self.sessions >= SUSPENSION_SESSIONS and not self.wide


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Who has a bar on which day, for all series that keep one exchange's calendar.

    Parameters
    ----------
    calendar : TradingDays
        The sessions, on the grid of the arrays below.
    series, present : ndarray of int64, shape (n_days,)
        Series whose rows begin on or before and end on or after each day; those with a row.
    listings, repeating : ndarray of int64, shape (n_days,)
        Equities with a row, and those whose row repeats the close without volume.
    last : int
        Latest day on which any series has a usable close.
    closed : ndarray of bool, shape (n_days,)
        Sessions of the calendar on which nobody has a row, though two or more series could.
    ids : tuple of str
        The series, indices first.
    lacking : ndarray of int64, shape (n_days,)
        Equities without a row, though theirs begin before and end after each day.
    unfinished : mapping of int to float
        Days whose bars were captured too early, and their volume as a part of the usual one.
    moves : _DayMoves
    """

    calendar: TradingDays
    series: Ints
    present: Ints
    listings: Ints
    repeating: Ints
    last: int
    closed: Bools
    ids: tuple[str, ...]
    lacking: Ints
    unfinished: Mapping[int, float]
    moves: _DayMoves

    def others(self, listing: str, day: int) -> Floats:
        """Logarithmic moves of all other series into ``day``, from the session before."""
        return self.moves.others(listing, day)

    def seen_in(self, first: int, last: int) -> bool:
        """True where any series has a row from day ``first`` to ``last``."""
        some = slice(first - self.calendar.first_day, last + 1 - self.calendar.first_day)
        return bool(self.present[some].any())

    def traded_in(self, first: int, last: int) -> Ints:
        """For each session from day ``first`` to ``last``: 1 where others traded, else 0."""
        some = slice(first - self.calendar.first_day, last + 1 - self.calendar.first_day)
        lacking, expected = self.lacking[some], self.listings[some] + self.lacking[some]
        wide = (lacking >= 2) & (lacking >= WIDE_SHARE * expected)
        traded = self.calendar.session[some] & ~self.closed[some] & ~wide
        return traded.astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _DayMoves:
    """Logarithmic moves of every series on the few days that somebody asks for."""

    row_of: Mapping[str, int]
    days: Ints
    logs: Floats
    """Shape (n_series, n_days), NaN where a series has no session, or none just before."""

    def others(self, listing: str, day: int) -> Floats:
        place = int(np.searchsorted(self.days, day))
        if place == self.days.size or self.days[place] != day:
            return np.zeros(0)
        column = self.logs[:, place].copy()
        column[self.row_of[listing]] = np.nan
        return column[np.isfinite(column)]


def gather_markets(prepared: Sequence[Rows], moves: Sequence[Moves]) -> dict[str, Market]:
    """One `Market` a calendar.

    Parameters
    ----------
    prepared : sequence of Rows
        All series of a run.
    moves : sequence of Moves
        The large moves of each of them.

    Returns
    -------
    dict of str to Market
        By name of the calendar.
    """
    groups: dict[str, list[tuple[Rows, Moves]]] = {}
    for rows, large in zip(prepared, moves, strict=True):
        if rows.days.size:
            groups.setdefault(rows.instrument.calendar, []).append((rows, large))
    return {name: _gather(group) for name, group in groups.items()}


def fills(rows: Rows, market: Market | None = None) -> list[Fill]:
    """Every run of sessions on which an equity repeats its close without volume.

    Parameters
    ----------
    rows : Rows
        The series.
    market : Market, optional
        Its peers; without them no run is `wide`.

    Returns
    -------
    list of Fill
        Half days neither make nor break a run, since their volume is unknown.
    """
    if not rows.repeated.any():
        return []
    at = np.flatnonzero(rows.on_session & rows.usable & ~(rows.half & rows.repeated))
    result = []
    for start, stop in runs(rows.repeated[at]):
        inside = at[start : stop + 1]
        wide, same, others = False, 1, 1
        if market is not None:
            day = rows.days[inside] - market.calendar.first_day
            repeating, listings = market.repeating[day], market.listings[day]
            wide = bool(((repeating >= 2) & (repeating >= WIDE_SHARE * listings)).all())
            same, others = int(repeating[0]), int(listings[0])
        why = _untraded(rows, inside)
        result.append(Fill(int(inside[0]), int(inside[-1]), inside.size, wide, same, others, why))
    return result


def _untraded(rows: Rows, inside: Ints) -> Literal["no_volume", "copied", "unknown"]:
    volume = rows.volume[inside]
    if (volume >= 1.0).any():
        return "copied"
    return "unknown" if np.isnan(volume).any() else "no_volume"


def repeated_close(rows: Rows, found: Sequence[Fill]) -> list[Finding]:
    """Real sessions that the vendor filled with the close before.

    Threshold: one or two sessions without volume at the previous close, or any number when many
    listings of the market show the same (``WIDE_SHARE``). A single listing's short run may have
    been a halt: both look alike, and for both the close is older than its row. So the rows are
    no sessions (``dropped``), and listing and benchmark are read on the session before.
    """
    return [
        finding(rows, "repeated_close", "dropped", fill.first, fill.last, _blame(fill))
        for fill in found
        if not fill.suspension
    ]


def suspended(rows: Rows, found: Sequence[Fill]) -> list[Finding]:
    """A suspension, which the vendor filled with the last close.

    Threshold: ``SUSPENSION_SESSIONS`` or more sessions without volume at the same close, while
    other listings traded. Nothing is wrong with the series, but its rows are no sessions
    (``dropped``).
    """
    return [
        finding(
            rows,
            "suspended",
            "dropped",
            fill.first,
            fill.last,
            _asleep(fill, float(rows.close[fill.first])),
        )
        for fill in found
        if fill.suspension
    ]


def missing_sessions(rows: Rows, market: Market | None = None) -> list[Finding]:
    """Sessions between a listing's first and last row that have no row at all.

    Threshold: one session of the exchange's calendar, except days on which nobody of the market
    has a row (`unscheduled_closure`). A vendor that drops suspended days makes the same hole, so
    it is ``reported``; a base or end inside it is as old as it is, and the rules of stale closes
    say when that is too old.
    """
    if rows.instrument.is_index:
        return []
    return _holes(rows, "missing_sessions", rows.on_session, market)


def stale_tail(
    rows: Rows, market: Market | None = None, as_of: date | None = None
) -> list[Finding]:
    """A listing whose rows end before those of its market, or before the as-of date.

    Threshold: one session, counted to the last session on or before ``as_of`` (without it: to
    the market's latest row), not beyond the listing's last session. Rows of a suspension count
    as rows. ``reported``: the rules of stale closes decide what it means for a rating.
    """
    if rows.instrument.is_index or not (rows.sound or (rows.usable & rows.on_session).any()):
        return []
    end, delisted = _end(market, as_of), rows.instrument.last_session
    if end is None:
        return []
    if delisted is not None:
        end = min(end, day_number(delisted))
    return _tail(rows, "stale_tail", end)


def benchmark_gap(
    rows: Rows, market: Market | None = None, as_of: date | None = None
) -> list[Finding]:
    """Sessions on which a benchmark has no close of its own.

    Threshold: one session without a row, with an empty close, with the close before repeated
    (``INDEX_REPEAT``), or after the last row and up to ``as_of`` (without it: to the market's
    latest row). Up to ``BENCHMARK_HOLE`` sessions it is ``reported``: the run is degraded, the
    last close still serves. In a longer hole no window begins or ends (``unrated``); one whose
    closes both lie outside of it is rated. Yahoo's 000300.SS had holes of years and stopped days
    early.
    """
    if not rows.instrument.is_index:
        return []
    known = rows.usable & rows.on_session
    at = np.flatnonzero(known)
    close = rows.close[at]
    known[at[1:]] = np.abs(np.diff(close)) > INDEX_REPEAT * close[:-1]
    found = _holes(rows, "benchmark_gap", known, market)
    end = _end(market, as_of)
    return found if end is None or not at.size else found + _tail(rows, "benchmark_gap", end)


def unscheduled_closure(market: Market) -> list[Finding]:
    """Sessions of the calendar on which no series of the market has a row.

    Threshold: two series or more that could have one, and at most ``CLOSURE_SESSIONS`` sessions
    in a row. The exchange was closed (a typhoon) or the vendor lost the day for everybody;
    neither leg of any comparison has it, so it is ``reported`` once, for the market's first
    series.
    """
    sessions = np.flatnonzero(market.calendar.session)
    result = []
    for first, last in runs(market.closed[sessions]):
        start = day_of_number(sessions[first] + market.calendar.first_day)
        stop = day_of_number(sessions[last] + market.calendar.first_day)
        count = int(market.series[sessions[first]])
        said = message("unscheduled_closure", n=count)
        result.append(Finding("unscheduled_closure", market.ids[0], start, stop, "reported", said))
    return result


def unfinished_day(rows: Rows, market: Market | None = None) -> list[Finding]:
    """A session whose bars of a whole market were captured while it traded.

    Threshold: the volume of ``UNFINISHED_LISTINGS`` listings or more lies below
    ``UNFINISHED_VOLUME`` of its usual, so does the median of all that have one, and it is usual
    again within three sessions, or, on the last day, was usual within the three before it.
    Listings without volumes are not asked. Closes of such a day are not closes, so no window
    begins or ends on it (``unrated``). Where no listing at all has a volume, only the volumes may
    be lost (``reported``).
    """
    if market is None or not market.unfinished or rows.instrument.is_index:
        return []
    result = []
    for day, part in market.unfinished.items():
        row = int(np.searchsorted(rows.days, day))
        if row == rows.days.size or rows.days[row] != day or not rows.real[row]:
            continue
        action: Action = "unrated" if part > 0.0 else "reported"
        said = message(
            "unfinished_day.captured" if part > 0.0 else "unfinished_day.lost", part=part
        )
        result.append(finding(rows, "unfinished_day", action, row, row, said, reach="ends"))
    return result


def _gather(group: Sequence[tuple[Rows, Moves]]) -> Market:
    every = [rows for rows, _ in group]
    first = min(int(rows.days[0]) for rows in every)
    last = max(int(rows.days[-1]) for rows in every)
    calendar = every[0].calendars.trading_days(every[0].instrument.calendar, first, last)
    size = calendar.session.size
    edges, own_edges = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    present, listings, repeating, low = (np.zeros(size, np.int64) for _ in range(4))
    latest = first
    for rows in every:
        # Days are distinct within a series, so adding at them counts each once.
        days = calendar.on(rows.days)
        edges[days[0]] += 1
        edges[days[-1] + 1] -= 1
        if rows.instrument.is_index:
            present[days] += 1
        else:
            own_edges[days[0]] += 1
            own_edges[days[-1] + 1] -= 1
            listings[days] += 1
            if rows.repeated.any():
                repeating[days[rows.repeated & ~rows.half]] += 1
            low[days[_low(rows)]] += 1
        row = rows.days.size - 1
        while row >= 0 and not (rows.usable[row] and rows.on_session[row]):
            row -= 1
        if row >= 0:
            latest = max(latest, int(rows.days[row]))
    present += listings
    series = np.cumsum(edges[:-1])
    ids = sorted((not rows.instrument.is_index, rows.listing) for rows in every)
    return Market(
        calendar=calendar,
        series=series,
        present=present,
        listings=listings,
        repeating=repeating,
        last=latest,
        closed=_closures(calendar, calendar.session & (series >= 2) & (present == 0)),
        ids=tuple(listing for _, listing in ids),
        lacking=np.cumsum(own_edges[:-1]) - listings,
        unfinished=_unfinished(every, calendar, low),
        moves=_day_moves(group),
    )


def _day_moves(group: Sequence[tuple[Rows, Moves]]) -> _DayMoves:
    asked = [days_to_compare(rows, moves) for rows, moves in group if len(moves)]
    days = np.unique(np.concatenate(asked)) if asked else np.zeros(0, np.int64)
    row_of = {rows.listing: i for i, (rows, _) in enumerate(group)}
    logs = np.full((len(group), days.size), np.nan)
    for i, (rows, moves) in enumerate(group if days.size else ()):
        real = rows.days[moves.at]
        place = np.searchsorted(real, days)
        here = (place > 0) & (place < real.size)
        here[here] = real[place[here]] == days[here]
        now, before = moves.at[place[here]], moves.at[place[here] - 1]
        log = np.log(rows.close[now] / rows.close[before])
        log[rows.number[now] - rows.number[before] != 1] = np.nan
        logs[i, here] = log
    return _DayMoves(row_of, days, logs)


def _low(rows: Rows) -> Ints:
    """Rows whose volume is far below the largest of those before them, and so perhaps below the
    usual one: no median is above the largest."""
    volume = rows.volume
    if not (volume < UNFINISHED_VOLUME * np.fmax.reduce(volume)).any():
        return np.zeros(0, np.int64)
    largest = np.concatenate([np.zeros(USUAL_ROWS), volume[:-1]])
    # Windows of 2, 4, 8, 16 and 20 rows.
    for step in (1, 2, 4, 8, 4):
        largest = np.fmax(largest[:-step], largest[step:])
    at = (volume < UNFINISHED_VOLUME * largest).nonzero()[0]
    return at[~_lost(rows)[at]]


def _lost(rows: Rows) -> Bools:
    """Rows whose volume says nothing."""
    # Yahoo's half days have no volume at all; a small one says that trade went on.
    return rows.repeated | (rows.half & (rows.volume < 1.0))


def _voices(rows: Rows) -> Bools:
    """Rows whose volume can be held against the usual one."""
    volume = rows.volume
    traded = np.cumsum(volume >= 1.0)
    known = np.zeros(volume.size, np.int64)
    known[1:] = traded[:-1]
    known[USUAL_ROWS + 1 :] -= traded[: -USUAL_ROWS - 1]
    return (known >= LEAST_USUAL) & np.isfinite(volume) & ~_lost(rows)


def _unfinished(every: Sequence[Rows], calendar: TradingDays, low: Ints) -> dict[int, float]:
    """Days whose volume is far too small, and is usual again soon after.

    Parameters
    ----------
    every : sequence of Rows
    calendar : TradingDays
    low : ndarray of int64, shape (n_days,)
        Listings whose volume may be far too small, on each day of the calendar's grid.
    """
    if not (low >= UNFINISHED_LISTINGS).any():
        return {}
    heard = [(rows, _voices(rows)) for rows in every if not rows.instrument.is_index]
    voices = np.zeros(low.size, np.int64)
    for rows, says in heard:
        voices[calendar.on(rows.days[says])] += 1
    result = {}
    thin_days = np.flatnonzero((low >= UNFINISHED_LISTINGS) & (2 * low >= voices))
    for day in (thin_days + calendar.first_day).tolist():
        parts: list[Floats] = []
        for rows, says in heard:
            row = int(np.searchsorted(rows.days, day))
            if row == rows.days.size or rows.days[row] != day or not says[row]:
                continue
            usual = rows.volume[max(row - USUAL_ROWS, 0) : row]
            # A voice has five rows before it at least.
            around = rows.volume[row - NEAR_ROWS : row + NEAR_ROWS + 1]
            padded = np.full(2 * NEAR_ROWS + 1, np.nan)
            padded[: around.size] = around / float(np.median(usual[usual >= 1.0]))
            parts.append(padded)
        if len(parts) < UNFINISHED_LISTINGS:
            continue
        table = np.array(parts)
        today = table[:, NEAR_ROWS]
        now = float(np.median(today))
        thin = int((today < UNFINISHED_VOLUME).sum())
        if now >= UNFINISHED_VOLUME or thin < UNFINISHED_LISTINGS:
            continue
        # Where nothing is later, more days than those that are as small are another unit.
        near = _medians(table[:, NEAR_ROWS + 1 :]) or _medians(table[:, :NEAR_ROWS])
        if not near or max(near) >= UNFINISHED_USUAL:
            result[day] = now
    return result


def _medians(table: Floats) -> list[float]:
    """Median of the known numbers of each column that has any."""
    return [float(np.median(one[np.isfinite(one)])) for one in table.T if np.isfinite(one).any()]


def _closures(calendar: TradingDays, empty: Bools) -> Bools:
    """The empty sessions that are few enough in a row to be a closure of the exchange."""
    closed = np.zeros(empty.size, bool)
    sessions = np.flatnonzero(calendar.session)
    for start, stop in runs(empty[sessions]):
        if stop - start < CLOSURE_SESSIONS:
            closed[sessions[start : stop + 1]] = True
    return closed


def _holes(rows: Rows, code: str, known: Bools, market: Market | None) -> list[Finding]:
    """Findings for the sessions from the first to the last row that ``known`` does not cover."""
    on = rows.number if rows.sound else rows.number[rows.on_session]
    if not on.size:
        return []
    low, high = int(on[0]), int(on[-1])
    numbers = on if known is rows.on_session else rows.number[known]
    if numbers.size == high - low + 1:
        return []
    missing = np.ones(high - low + 1, bool)
    missing[numbers - low] = False
    days = np.flatnonzero(rows.calendar.session)[low - 1 : high] + rows.calendar.first_day
    if market is not None:
        missing &= ~market.closed[market.calendar.on(days)]
    places = list(runs(missing))
    if len(places) > SCATTERED and code == "missing_sessions":
        said = message("hole.scattered", n=int(missing.sum()), places=len(places))
        start, stop = day_of_number(days[places[0][0]]), day_of_number(days[places[-1][1]])
        return [Finding(code, rows.listing, start, stop, "reported", said)]
    return [
        Finding(
            code,
            rows.listing,
            day_of_number(days[start]),
            day_of_number(days[stop]),
            _action(code, stop - start + 1),
            _hole(stop - start + 1, market, rows, int(days[start])),
            reach="ends",
        )
        for start, stop in places
    ]


def _tail(rows: Rows, code: str, end: int) -> list[Finding]:
    """Finding for the sessions after the last close and up to the day ``end``."""
    last = int(rows.days[np.flatnonzero(rows.usable & rows.on_session)[-1]])
    if end <= last:
        return []
    calendar = rows.calendars.trading_days(rows.instrument.calendar, last, end)
    after = np.flatnonzero(calendar.session[last + 1 - calendar.first_day :])
    days = after[after <= end - last - 1] + last + 1
    if not days.size:
        return []
    said = message("tail", last=day_of_number(last), n=days.size, end=day_of_number(end))
    first, stop = day_of_number(days[0]), day_of_number(days[-1])
    return [Finding(code, rows.listing, first, stop, _action(code, days.size), said, reach="ends")]


def _action(code: str, sessions: int) -> Action:
    return "unrated" if code == "benchmark_gap" and sessions > BENCHMARK_HOLE else "reported"


def _end(market: Market | None, as_of: date | None) -> int | None:
    if as_of is not None:
        return day_number(as_of)
    return None if market is None else market.last


def _hole(sessions: int, market: Market | None, rows: Rows, day: int) -> Message:
    """How many sessions from ``day`` on have no close, and how many others have the first one."""
    if market is not None:
        at = day - market.calendar.first_day
        # The series itself is none of the others, and may have a row that is no close.
        present = int(market.present[at]) - int(bool((rows.days == day).any()))
        others = int(market.series[at]) - 1
        if others:
            return message("hole.peers", n=sessions, present=present, others=others)
    return message("hole", n=sessions)


def _blame(fill: Fill) -> Message:
    match fill.shown_by:
        case "no_volume":
            how = message("repeated.no_volume")
        case "copied":
            how = message("repeated.copied")
        case _:
            how = message("repeated.unknown")
    if fill.wide:
        return message(
            "repeated_close.wide", n=fill.sessions, how=how, same=fill.same, others=fill.others
        )
    return message("repeated_close", n=fill.sessions, how=how)


def _asleep(fill: Fill, close: float) -> Message:
    match fill.shown_by:
        case "no_volume":
            return message("suspended.no_volume", n=fill.sessions, close=close)
        case "copied":
            return message("suspended.copied", n=fill.sessions, close=close)
        case _:
            return message("suspended.unknown", n=fill.sessions, close=close)


OF_FILLS: Final = (repeated_close, suspended)
"""Checks of runs of filled rows."""

OF_HOLES: Final = (missing_sessions, unfinished_day)
"""Checks of a series beside its market."""

OF_ENDS: Final = (stale_tail, benchmark_gap)
"""Checks of where a series ends, beside its market and the day asked for."""
