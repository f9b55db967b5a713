"""Moves of a price series that nothing explains, and how they belong together.

A *jump* is a move from one real session to the next that the exchange's rules, a known event or
the market's own move do not explain; an *episode* is a jump with the way back that undoes it,
where there is one.

========  ===================  ===================================================================
limit     jump, and its cause  which moves
========  ===================  ===================================================================
any       ``unit``             a factor of ``UNIT_FACTOR`` and more
yes       ``limit``            beyond the board's limit of that day
none      ``extreme``          beyond ``EXTREME_RATIO``
none      ``undone``           beyond ``LARGE_RATIO``, and gone within ``UNDONE_SESSIONS``
none      ``ratio``            beyond ``LARGE_RATIO``, near a split ratio, on a quiet day
none      ``large``            any other beyond ``TOLD_MOVE``: told, and believed
index     ``index``            more than its members can move it, or without them
========  ===================  ===================================================================
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.adjustment import held_factors
from supplychain_screen.prices.quality.bars import Rows
from supplychain_screen.prices.quality.limits import (
    HALF_TICK,
    LIMIT_SLACK,
    RELISTED_AFTER,
    SURE_SLACK,
    daily_limit,
    free_sessions,
    index_limit,
)
from supplychain_screen.prices.series import Action
from supplychain_screen.words import Message, message

__all__ = [
    "BONUS_RATIOS",
    "INDEX_JUMP",
    "PAIR_ROWS",
    "RATIO_TOLERANCE",
    "SPLIT_RATIOS",
    "SPLIT_RATIOS_BOTH_WAYS",
    "UNIT_FACTOR",
    "Episode",
    "Fall",
    "Jump",
    "Moves",
    "Peers",
    "days_to_compare",
    "episodes",
    "large_moves",
    "possible_splits",
]

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

UNIT_FACTOR = 50.0
"""Smallest factor of a changed unit. A currency's hundredth is x100 or /100, moved by at most
half of that in a day; no exchange has seen a share move x50 from one session to the next."""

INDEX_JUMP = 0.20
"""Largest daily move of an index whose members have no limit: since 1990 the HSI, S&P 500 and
NASDAQ stayed within 19% (HSI 1997-10-29), in the real data within 13.3%."""

BONUS_RATIOS = (1.1, 1.2, 1.3, 1.4, 1.45, 1.48, 1.49, 1.6, 1.7, 1.8, 1.9, 2.2, 2.5)
"""New shares for one old share that mainland issuers usually choose, besides 1.5, 2 and 3."""

SPLIT_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0)
"""The same where no daily limit tells a split from a fall: only ratios far from daily moves."""

SPLIT_RATIOS_BOTH_WAYS = SPLIT_RATIOS + tuple(1.0 / ratio for ratio in SPLIT_RATIOS)

LARGE_RATIO = 1.5
"""Moves beyond it, up or down, are struck where something besides their size speaks against them:
in 3,215 real American series of a year 311 moves are larger, most of them news."""

EXTREME_RATIO = 5.0
"""Moves beyond it (-80%, +400%) are never believed without an event."""

TOLD_MOVE = 0.20
"""Without a limit, moves beyond it are told."""

UNDONE_SESSIONS, UNDONE_WITHIN = 2, 0.03
"""A tick that comes back: within so many sessions, the close is within this of the one before."""

EXACT_RATIO = 0.005
"""How near a large move is to a split ratio where the day was no more than quiet."""

RATIO_TOLERANCE = 0.07
"""The same (in logarithms) where the day was ordinary: a usual daily move. The nearest real one in
the data is 0.087 away (VNET, +83% on 2022-03-16)."""

ORDINARY_TURNOVER, QUIET_TURNOVER = 2.0, 3.0
"""A split changes no turnover in money, a real halving multiplies it: a day within twice (three
times) the median of the last 20 sessions was ordinary (quiet)."""

PAIR_ROWS = 10
"""A jump and its way back are one fault when at most so many rows lie between. Vendors mend an
event applied to some days only within days; two faults further apart are told one by one."""

WEEK_OF_SESSIONS, YEAR_OF_SESSIONS = 5, 250
"""Across a longer hole a move of an index without limit, or a changed unit, may have been the
market."""

INDEX_ALONE = 0.14
"""An index without peers that moves so far and comes back is not believed. The largest day that
was undone so is the HSI's -13.7% of 1997-10-28."""

INDEX_TOLD, INDEX_TOLD_BY_ONE = 0.05, 0.08
"""An index that moves so far while its peers do not, is not theirs: in the real data, on 123 days
on which an index moved by 4%, at least 62% of its peers moved the same way, by a quarter of it or
more. With one peer only, the larger bound."""

INDEX_FOLLOWED, INDEX_FOLLOWERS, INDEX_FOLLOWERS_BACK = 0.25, 0.25, 0.75
"""A peer follows an index where it moves the same way by this part of its move; an index is
followed where this share of its peers follows."""

MARKET_MOVE = 0.03
"""Median move of a market (in logarithms) from which on it explains a part of a member's."""

WITHIN_LIMIT_FALL, WITHIN_LIMIT_MOVE = 0.85, 0.05
"""A fall to this or below, within a limit of 20% or more, may be a bonus issue that nobody
undid where a usual ratio leaves no more than the other."""

_SMALLEST, _SMALLEST_OF_INDEX = 0.075, 0.045
"""Smaller moves are within every limit with its slack, and nothing to tell."""

Cause = Literal["unit", "limit", "extreme", "undone", "ratio", "large", "index"]


class Peers(Protocol):
    """What the other series of a market did."""

    def others(self, listing: str, day: int) -> _Floats:
        """Logarithmic moves of all other series into a day, from the session before."""
        ...

    def seen_in(self, first: int, last: int) -> bool:
        """True where any series has a row from day ``first`` to ``last``."""
        ...

    def traded_in(self, first: int, last: int) -> _Ints:
        """For each session from day ``first`` to ``last``: 1 where most listings have a row."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """The moves of a series that are worth a second look, in order.

    Parameters
    ----------
    at : ndarray of int64, shape (n_real,)
        Rows that are real sessions.
    place : ndarray of int64, shape (n,)
        Which of them each move leads to.
    before, after : ndarray of int64, shape (n,)
        Row before and after each move.
    ratio : ndarray of float64, shape (n,)
        Close after it over the reference price before it: the close, less what is known to have
        been split off or paid out.
    limit : ndarray of float64, shape (n,)
        The board's daily limit, NaN where there is none.
    """

    at: _Ints
    place: _Ints
    before: _Ints
    after: _Ints
    ratio: _Floats
    limit: _Floats

    def __len__(self) -> int:
        return self.place.size


@dataclass(frozen=True, slots=True)
class Jump:
    """A move that nothing explains.

    Parameters
    ----------
    row : int
        Row after the jump.
    ratio : float
        Close after it over the last real close before it.
    limit : float
        The board's daily limit, NaN where there is none.
    sessions : int
        Exchange sessions that the move may have taken.
    certain : bool
        False where it may have been the market: nothing but its size speaks against it, or it is
        little beyond the limit and dividends are unknown.
    cause : Cause
    missing : int
        Sessions that others had and this one has not, just before it.
    """

    row: int
    ratio: float
    limit: float
    sessions: int
    certain: bool
    cause: Cause
    missing: int

    @property
    def log(self) -> float:
        """Logarithm of the ratio."""
        return math.log(self.ratio)

    @property
    def action(self) -> Action:
        """``unrated`` where the numbers across it are surely wrong."""
        return "unrated" if self.certain else "reported"

    @property
    def why(self) -> Message:
        """The rule that it breaks."""
        limit, n, missing = self.limit, self.sessions, self.missing
        if self.cause in ("large", "extreme"):
            if missing:
                return message("move.unlimited_hole", missing=missing)
            return message("move.unlimited")
        if self.cause == "ratio":
            return message("move.ratio")
        if missing and n > 1:
            said = message("move.limit_days_hole", limit=limit, n=n, missing=missing)
        elif missing:
            said = message("move.limit_hole", limit=limit, missing=missing)
        elif n > 1:
            said = message("move.limit_days", limit=limit, n=n)
        else:
            said = message("move.limit", limit=limit)
        if self.certain or missing > RELISTED_AFTER:
            return said
        return message("move.dividend_hole" if missing else "move.dividend_day", why=said)


@dataclass(frozen=True, slots=True)
class Episode:
    """One fault: a jump, with its way back where there is one.

    Parameters
    ----------
    first, last : int
        Rows on another basis than those around them, both inclusive; without a way back, the
        row after the jump.
    jump : Jump
        The way there.
    back : Jump or None
        The way back.
    """

    first: int
    last: int
    jump: Jump
    back: Jump | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall within the limit that a bonus issue may have made.

    Parameters
    ----------
    row : int
        Row after it.
    ratio : float
        Close after it over the one before.
    usual : float
        The usual bonus ratio that leaves the smallest move.
    busy : bool
        So much was traded that the market may have made it.
    """

    row: int
    ratio: float
    usual: float
    busy: bool


def large_moves(rows: Rows) -> Moves:
    """Every move of a series that is worth a second look.

    Parameters
    ----------
    rows : Rows
        The series.
    """
    at = rows.real.nonzero()[0]
    close = rows.close if at.size == rows.close.size else rows.close[at]
    ratios = close[1:] / close[:-1]
    smallest = _SMALLEST_OF_INDEX if rows.instrument.is_index else _SMALLEST
    # Nearly every series has few of them.
    place = ((ratios > 1.0 + smallest) | (ratios < 1.0 - smallest)).nonzero()[0] + 1
    before, after = at[place - 1], at[place]
    ratios = ratios[place - 1]
    if not place.size:
        return Moves(at, place, before, after, ratios, ratios)
    ratios = _beside_events(rows, before, after, ratios)
    if rows.instrument.is_index:
        limits = np.full(place.size, index_limit(rows.instrument))
    else:
        limits = daily_limit(rows.instrument, rows.days[after].astype("datetime64[D]"))
        limits[_newly_listed(rows, after)] = np.nan
    return Moves(at, place, before, after, ratios, limits)


def days_to_compare(rows: Rows, moves: Moves) -> _Ints:
    """Days on which the moves of a series are held against those of its market."""
    ordinary = moves.ratio.min() > WITHIN_LIMIT_FALL and moves.ratio.max() <= LARGE_RATIO
    if ordinary and not rows.instrument.is_index:
        # Nearly every series has no other moves.
        return moves.after[:0]
    log = np.abs(np.log(moves.ratio))
    if rows.instrument.is_index:
        ask = log >= INDEX_TOLD
    else:
        ask = (np.isnan(moves.limit) & (log > math.log(LARGE_RATIO))) | _falls_within(moves)
    return rows.days[moves.after[ask]]


def episodes(
    rows: Rows, moves: Moves, suspended: Sequence[tuple[int, int]] = (), peers: Peers | None = None
) -> list[Episode]:
    """Every unexplained move of a series, in order, each with its way back where there is one.

    Parameters
    ----------
    rows : Rows
        The series.
    moves : Moves
        Its large moves.
    suspended : sequence of (int, int)
        First and last row of each long suspension: a share that comes back has one daily limit,
        and so has one whose sessions are missing; one whose single sessions the vendor filled
        may have moved by one limit a session, and so may all where most of a market is missing.
    peers : Peers, optional
        The other series of its market.

    Returns
    -------
    list of Episode
        Every jump is in exactly one.
    """
    if not len(moves):
        return []
    before, after, limits = moves.before, moves.after, moves.limit
    apart = rows.number[after] - rows.number[before]
    absent = _slept(rows, suspended, before, after) + _missing(rows, before, after, peers)
    sessions = np.maximum(apart - absent, 1)
    excess = np.maximum(
        moves.ratio - (1.0 + limits) ** sessions, (1.0 - limits) ** sessions - moves.ratio
    )
    outside = excess > LIMIT_SLACK + HALF_TICK / rows.close[before]
    unit = (moves.ratio >= UNIT_FACTOR) | (moves.ratio <= 1.0 / UNIT_FACTOR)
    unit &= apart <= YEAR_OF_SESSIONS
    told = np.abs(moves.ratio - 1.0) > TOLD_MOVE
    if rows.instrument.is_index:
        told[:] = True
    judged = np.flatnonzero(
        unit | np.where(np.isnan(limits) | rows.instrument.is_index, told, outside)
    )
    reference_known = _reference_known(rows)
    found: list[Jump | Episode] = []
    settled = -1
    for i in judged.tolist():
        row, ratio, limit = int(after[i]), float(moves.ratio[i]), float(limits[i])
        if row <= settled:
            continue
        missing = int(apart[i] - sessions[i])
        cause: Cause | None = "unit" if unit[i] else None
        certain = True
        if cause is None and rows.instrument.is_index:
            cause = _of_index(rows, moves, i, int(apart[i]), peers)
        elif cause is None and math.isnan(limit):
            cause = _without_limit(rows, moves, i, int(apart[i]), peers)
            certain = cause != "large"
        elif cause is None:
            cause = "limit"
            sure = missing <= RELISTED_AFTER and (reference_known or excess[i] > SURE_SLACK)
            sure = sure and (
                not missing
                or _witnessed(rows, moves, i, peers)
                or _beyond(ratio, limit, int(apart[i]))
            )
            certain = sure or not 1.0 / EXTREME_RATIO < ratio < EXTREME_RATIO
        if cause is None:
            continue
        jump = Jump(row, ratio, limit, int(sessions[i]), bool(certain), cause, missing)
        if cause == "undone" and (back := _undone(rows, moves, i)) is not None:
            settled = back
            found.append(Episode(row, _last_real(rows, back), jump, jump))
        else:
            found.append(jump)
    return _episodes(rows, found)


def possible_splits(rows: Rows, moves: Moves, peers: Peers | None = None) -> list[Fall]:
    """Falls within a limit of 20% or more that a bonus issue may have made, in order.

    The market made none of them: what it moved that day is taken off.
    """
    if not len(moves) or rows.instrument.is_index:
        return []
    result = []
    for i in np.flatnonzero(_falls_within(moves)).tolist():
        row, before, ratio = int(moves.after[i]), int(moves.before[i]), float(moves.ratio[i])
        usual = min(BONUS_RATIOS, key=lambda one: abs(math.log(ratio * one)))
        if (
            abs(ratio * usual - 1.0) > WITHIN_LIMIT_MOVE
            or rows.number[row] - rows.number[before] > 1
        ):
            continue
        net = ratio * math.exp(-_market(rows, row, math.log(ratio), peers))
        if net <= WITHIN_LIMIT_FALL:
            busy = _turnover(rows, row) > QUIET_TURNOVER
            result.append(Fall(row, ratio, usual, busy))
    return result


def _falls_within(moves: Moves) -> npt.NDArray[np.bool_]:
    """Falls that a bonus issue within the limit may have made."""
    if not (moves.ratio <= WITHIN_LIMIT_FALL).any():
        return np.zeros(len(moves), bool)
    lowest = 1.0 - moves.limit - 2.0 * LIMIT_SLACK
    falls: npt.NDArray[np.bool_] = (moves.limit >= 0.2) & (moves.ratio <= WITHIN_LIMIT_FALL)
    return falls & (moves.ratio >= lowest)


def _episodes(rows: Rows, found: Sequence[Jump | Episode]) -> list[Episode]:
    """The jumps, each joined to the next one where that undoes it."""
    result: list[Episode] = []
    waiting: Jump | None = None
    for one in found:
        if isinstance(one, Jump) and waiting is not None and _undoes(waiting, one):
            result.append(Episode(waiting.row, _last_real(rows, one.row), waiting, one))
            waiting = None
            continue
        if waiting is not None:
            result.append(Episode(waiting.row, waiting.row, waiting))
            waiting = None
        if isinstance(one, Episode):
            result.append(one)
        elif one.cause == "large":
            result.append(Episode(one.row, one.row, one))
        else:
            waiting = one
    if waiting is not None:
        result.append(Episode(waiting.row, waiting.row, waiting))
    return result


def _undoes(jump: Jump, back: Jump) -> bool:
    if (jump.cause == "unit") != (back.cause == "unit") or (jump.log > 0) == (back.log > 0):
        return False
    if jump.cause == "unit":
        return abs(jump.log + back.log) <= 2.0 * math.log(2.0)
    if back.row - jump.row > PAIR_ROWS:
        return False
    # What is left of both must be two ordinary moves.
    usual = RATIO_TOLERANCE
    if jump.cause == "limit" and not math.isnan(jump.limit):
        usual = math.log1p(jump.limit + LIMIT_SLACK)
    return abs(jump.log + back.log) <= 2.0 * usual


def _last_real(rows: Rows, before: int) -> int:
    return int(np.flatnonzero(rows.real[:before])[-1])


def _without_limit(rows: Rows, moves: Moves, i: int, apart: int, peers: Peers | None) -> Cause:
    """Why a move beyond ``TOLD_MOVE`` of a share without daily limit is told."""
    row, ratio = int(moves.after[i]), float(moves.ratio[i])
    log, bound = math.log(ratio), math.log(LARGE_RATIO)
    extreme = not 1.0 / EXTREME_RATIO < ratio < EXTREME_RATIO
    if abs(log) <= bound:
        return "large"
    if apart == 1 and not extreme and abs(log - _market(rows, row, log, peers)) <= bound:
        return "large"
    if _undone(rows, moves, i) is not None:
        return "undone"
    distance = min(abs(math.log(ratio * one)) for one in SPLIT_RATIOS_BOTH_WAYS)
    busy = _turnover(rows, row)
    near = (distance <= EXACT_RATIO and busy <= QUIET_TURNOVER) or (
        distance <= RATIO_TOLERANCE and busy <= ORDINARY_TURNOVER
    )
    return "ratio" if near else "extreme" if extreme else "large"


def _of_index(rows: Rows, moves: Moves, i: int, apart: int, peers: Peers | None) -> Cause | None:
    """Why a move of an index is not believed; None where it is."""
    row, ratio, limit = int(moves.after[i]), float(moves.ratio[i]), float(moves.limit[i])
    if not math.isnan(limit):
        if not (1.0 - limit) ** apart <= ratio <= (1.0 + limit) ** apart:
            return "index"
    elif abs(ratio - 1.0) > INDEX_JUMP and apart <= WEEK_OF_SESSIONS:
        return "index"
    if apart > 1:
        return None
    log = math.log(ratio)
    others = _others(rows, row, peers)
    follow = others * math.copysign(1.0, log) >= INDEX_FOLLOWED * abs(log)
    followed = float(follow.mean()) if others.size else 0.0
    # Nothing but a market that did the same takes so much and gives it back within two sessions.
    back = abs(ratio - 1.0) >= INDEX_ALONE and _undone(rows, moves, i) is not None
    if back and followed < INDEX_FOLLOWERS_BACK:
        return "index"
    if not others.size:
        return None
    least = INDEX_TOLD if others.size > 1 else INDEX_TOLD_BY_ONE
    # One of a few moves a quarter of the way on many a day.
    few = followed < INDEX_FOLLOWERS or (others.size > 2 and np.count_nonzero(follow) < 2)
    return "index" if abs(log) >= least and few else None


def _undone(rows: Rows, moves: Moves, i: int) -> int | None:
    """Row of the close that is back where it was before the move; None where none is."""
    place = int(moves.place[i])
    later = moves.at[place + 1 : place + 1 + UNDONE_SESSIONS]
    level = rows.close[later] / rows.close[moves.before[i]]
    back = np.flatnonzero(np.abs(level - 1.0) <= UNDONE_WITHIN)
    return int(later[back[0]]) if back.size else None


def _turnover(rows: Rows, row: int) -> float:
    """Money traded over the median of the 20 sessions before; NaN where it is unknown."""
    earlier = np.flatnonzero(rows.real[:row])[-20:]
    usual = rows.close[earlier] * rows.volume[earlier]
    usual = usual[usual > 0.0]
    today = float(rows.close[row] * rows.volume[row])
    # A price that moved was traded: volume 0 is a lost volume then, as on Hong Kong's half days.
    return today / float(np.median(usual)) if usual.size >= 5 and today > 0.0 else math.nan


def _market(rows: Rows, row: int, log: float, peers: Peers | None) -> float:
    """The part of a move that the market made: its median, never more than the move itself.

    Nor more than ``INDEX_JUMP``: what takes all series of a file further is the file.
    """
    others = _others(rows, row, peers)
    if not others.size:
        return 0.0
    middle = float(np.median(others))
    if abs(middle) < MARKET_MOVE or (middle > 0.0) != (log > 0.0):
        return 0.0
    most = abs(math.log1p(math.copysign(INDEX_JUMP, log)))
    return math.copysign(min(abs(middle), abs(log), most), log)


def _others(rows: Rows, row: int, peers: Peers | None) -> _Floats:
    return np.zeros(0) if peers is None else peers.others(rows.listing, int(rows.days[row]))


def _witnessed(rows: Rows, moves: Moves, i: int, peers: Peers | None) -> bool:
    """True where a suspension is known: the rows say it, or another series has the sessions."""
    first, last = int(moves.before[i]), int(moves.after[i])
    if (rows.repeated[first + 1 : last] & rows.on_session[first + 1 : last]).any():
        return True
    return peers is not None and peers.seen_in(int(rows.days[first]) + 1, int(rows.days[last]) - 1)


def _beyond(ratio: float, limit: float, sessions: int) -> bool:
    """True where even a limit on each of so many sessions does not allow a move."""
    slack = SURE_SLACK
    return not (1.0 - limit) ** sessions - slack <= ratio <= (1.0 + limit) ** sessions + slack


def _missing(rows: Rows, before: _Ints, after: _Ints, peers: Peers | None) -> _Ints:
    """Sessions between the rows ``before`` and ``after`` that have no row, though others do."""
    result = np.zeros(before.size, np.int64)
    apart = rows.number[after] - rows.number[before]
    for i in (apart > 1).nonzero()[0].tolist():
        first, last = int(before[i]), int(after[i])
        some = slice(first + 1, last + 1)
        # A row without a close is no session of this series either.
        absent = int(apart[i]) - int((rows.usable[some] & rows.on_session[some]).sum())
        if absent and peers is not None:
            start, stop = int(rows.days[first]) + 1, int(rows.days[last]) - 1
            absent = min(absent, int(peers.traded_in(start, stop).sum()))
        result[i] = absent
    return result


def _beside_events(
    rows: Rows, before: _Ints, after: _Ints, ratios: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Moves from the reference price, which exchanges set below the close on an ex-date."""
    # Traded prices fall by splits and dividends, prices adjusted for splits by dividends only.
    adjustment = rows.series.adjustment
    splits, dividends = rows.series.splits, rows.series.dividends
    if adjustment not in ("none", "splits"):
        return ratios
    moved = ratios.copy()
    start = rows.days[before].astype("datetime64[D]")
    stop = rows.days[after].astype("datetime64[D]")
    if dividends is not None and len(dividends):
        paid = dividends.values
        if adjustment == "splits" and splits is not None:
            paid = paid / held_factors(dividends.sessions, splits)
        for ex_date, cash in zip(dividends.sessions, paid, strict=True):
            crossed = (start < ex_date) & (ex_date <= stop) & (cash < rows.close[before])
            moved[crossed] /= 1.0 - cash / rows.close[before][crossed]
    if adjustment == "none" and splits is not None:
        for ex_date, factor in zip(splits.sessions, splits.values, strict=True):
            moved[(start < ex_date) & (ex_date <= stop)] *= factor
    return moved


def _reference_known(rows: Rows) -> bool:
    """True where the limit counts from the close before: dividends are undone, or known."""
    adjustment = rows.series.adjustment
    # Who adjusts for dividends may subtract them (EastMoney does): a limit day then reads +20.9%.
    return rows.series.dividends is not None and adjustment in (
        "splits",
        "none",
        "splits+dividends",
    )


def _slept(rows: Rows, suspended: Sequence[tuple[int, int]], before: _Ints, after: _Ints) -> _Ints:
    """Suspended sessions between the rows ``before`` and ``after``."""
    if not suspended:
        return np.zeros(before.size, np.int64)
    asleep = np.zeros(rows.days.size, np.int64)
    for first, last in suspended:
        asleep[first : last + 1] = rows.repeated[first : last + 1] & ~rows.real[first : last + 1]
    asleep = np.cumsum(asleep & rows.on_session)
    return asleep[after] - asleep[before]


def _newly_listed(rows: Rows, after: _Ints) -> npt.NDArray[np.bool_]:
    """True for rows of the first sessions of a listing, which have no limit."""
    free = free_sessions(rows.instrument)
    listed = rows.instrument.first_session
    if listed is None:
        # Nobody said: then the first rows may be the first sessions.
        start = rows.number[0]
    else:
        day = int(np.datetime64(listed, "D").astype(np.int64)) - rows.calendar.first_day
        if day < 0:
            return np.zeros(after.size, bool)
        day = min(day, rows.calendar.session.size - 1)
        # Some first days that are told are no sessions: a typhoon came, and it began a day later.
        start = rows.calendar.through[day] + ~rows.calendar.session[day]
    young: npt.NDArray[np.bool_] = rows.number[after] < start + free
    return young
