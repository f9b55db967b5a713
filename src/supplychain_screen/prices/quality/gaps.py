"""Checks of sessions that are not there: suspended, filled, missing, or not yet served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.quality.bars import SCATTERED, Rows, as_date, finding, runs
from supplychain_screen.prices.series import Action, Finding
from supplychain_screen.prices.sessions import TradingDays, day_number, trading_days

__all__ = [
    "Fill",
    "Market",
    "benchmark_gap",
    "fills",
    "gather_markets",
    "missing_sessions",
    "repeated_close",
    "stale_tail",
    "suspended",
    "unscheduled_closure",
]

Bools = npt.NDArray[np.bool_]
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

INDEX_REPEAT = 1e-9
"""Relative change below which an index close is a repeated one. The smallest real move is 6.5e-7
(HSI, 2019-04-23)."""


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
    """

    first: int
    last: int
    sessions: int
    wide: bool
    same: int
    others: int

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
    """

    calendar: TradingDays
    series: Ints
    present: Ints
    listings: Ints
    repeating: Ints
    last: int
    closed: Bools
    ids: tuple[str, ...]


def gather_markets(prepared: Iterable[Rows]) -> dict[str, Market]:
    """One `Market` a calendar.

    Parameters
    ----------
    prepared : iterable of Rows
        All series of a run.

    Returns
    -------
    dict of str to Market
        By name of the calendar.
    """
    groups: dict[str, list[Rows]] = {}
    for rows in prepared:
        if rows.days.size:
            groups.setdefault(rows.instrument.calendar, []).append(rows)
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
        result.append(Fill(int(inside[0]), int(inside[-1]), inside.size, wide, same, others))
    return result


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
            f"{fill.sessions} sessions without volume at {rows.close[fill.first]:g}",
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
    if rows.instrument.is_index or not rows.usable.any():
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
    last close still serves. A longer hole rates nobody (``unrated``). Yahoo's 000300.SS had
    holes of years and stopped days early.
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
        start = as_date(sessions[first] + market.calendar.first_day)
        stop = as_date(sessions[last] + market.calendar.first_day)
        count = int(market.series[sessions[first]])
        detail = f"none of {count} series has a row: closed, or lost for everybody"
        result.append(
            Finding("unscheduled_closure", market.ids[0], start, stop, "reported", detail)
        )
    return result


def _gather(group: Sequence[Rows]) -> Market:
    first = min(int(rows.days[0]) for rows in group)
    last = max(int(rows.days[-1]) for rows in group)
    calendar = trading_days(group[0].instrument.calendar, first, last)
    size = calendar.session.size
    edges = np.zeros(size + 1, np.int64)
    present, listings, repeating = (np.zeros(size, np.int64) for _ in range(3))
    latest = first
    for rows in group:
        # Days are distinct within a series, so adding at them counts each once.
        days = calendar.on(rows.days)
        edges[days[0]] += 1
        edges[days[-1] + 1] -= 1
        present[days] += 1
        if not rows.instrument.is_index:
            listings[days] += 1
            repeating[days[rows.repeated & ~rows.half]] += 1
        usable = np.flatnonzero(rows.usable & rows.on_session)
        if usable.size:
            latest = max(latest, int(rows.days[usable[-1]]))
    series = np.cumsum(edges[:-1])
    ids = sorted((not rows.instrument.is_index, rows.listing) for rows in group)
    return Market(
        calendar=calendar,
        series=series,
        present=present,
        listings=listings,
        repeating=repeating,
        last=latest,
        closed=_closures(calendar, calendar.session & (series >= 2) & (present == 0)),
        ids=tuple(listing for _, listing in ids),
    )


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
    at = np.flatnonzero(rows.on_session)
    if not at.size:
        return []
    low, high = int(rows.number[at[0]]), int(rows.number[at[-1]])
    numbers = rows.number[known]
    if numbers.size == high - low + 1:
        return []
    missing = np.ones(high - low + 1, bool)
    missing[numbers - low] = False
    days = np.flatnonzero(rows.calendar.session)[low - 1 : high] + rows.calendar.first_day
    if market is not None:
        missing &= ~market.closed[market.calendar.on(days)]
    places = list(runs(missing))
    if len(places) > SCATTERED and code == "missing_sessions":
        detail = f"{int(missing.sum())} sessions in {len(places)} places without a row"
        start, stop = as_date(days[places[0][0]]), as_date(days[places[-1][1]])
        return [Finding(code, rows.listing, start, stop, "reported", detail)]
    return [
        Finding(
            code,
            rows.listing,
            as_date(days[start]),
            as_date(days[stop]),
            _action(code, stop - start + 1),
            f"{_sessions(stop - start + 1)} without a close" + _peers(market, int(days[start])),
        )
        for start, stop in places
    ]


def _tail(rows: Rows, code: str, end: int) -> list[Finding]:
    """Finding for the sessions after the last close and up to the day ``end``."""
    last = int(rows.days[np.flatnonzero(rows.usable & rows.on_session)[-1]])
    if end <= last:
        return []
    calendar = trading_days(rows.instrument.calendar, last, end)
    after = np.flatnonzero(calendar.session[last + 1 - calendar.first_day :])
    days = after[after <= end - last - 1] + last + 1
    if not days.size:
        return []
    detail = f"last close {as_date(last)}, {_sessions(days.size)} before {as_date(end)}"
    first, stop = as_date(days[0]), as_date(days[-1])
    return [Finding(code, rows.listing, first, stop, _action(code, days.size), detail)]


def _action(code: str, sessions: int) -> Action:
    return "unrated" if code == "benchmark_gap" and sessions > BENCHMARK_HOLE else "reported"


def _end(market: Market | None, as_of: date | None) -> int | None:
    if as_of is not None:
        return day_number(as_of)
    return None if market is None else market.last


def _peers(market: Market | None, day: int) -> str:
    if market is None:
        return ""
    at = day - market.calendar.first_day
    others = int(market.series[at]) - 1
    return f"; {int(market.present[at])} of {others} other series have it" if others else ""


def _blame(fill: Fill) -> str:
    what = f"{_sessions(fill.sessions)} without volume at the close before"
    if fill.wide:
        return f"{what}, as {fill.same} of {fill.others} listings of the market: filled"
    return f"{what}: filled, or a halt"


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
