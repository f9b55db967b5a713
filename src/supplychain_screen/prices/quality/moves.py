"""Moves of a price series that nothing explains, and how they belong together.

A *jump* is a move from one real session to the next that the exchange's rules, or a known event,
do not explain; an *episode* is a jump with the way back that undoes it, where there is one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.adjustment import later_factors
from supplychain_screen.prices.quality.bars import Rows
from supplychain_screen.prices.quality.limits import (
    HALF_TICK,
    LIMIT_SLACK,
    NEW_LISTING_SESSIONS,
    RESUMED_AFTER,
    SURE_SLACK,
    daily_limit,
)
from supplychain_screen.prices.series import Action

__all__ = [
    "BONUS_RATIOS",
    "INDEX_JUMP",
    "PAIR_ROWS",
    "RATIO_TOLERANCE",
    "SPLIT_RATIOS",
    "SPLIT_RATIOS_BOTH_WAYS",
    "UNIT_FACTOR",
    "Episode",
    "Jump",
    "episodes",
    "jumps",
]

_Ints = npt.NDArray[np.int64]

UNIT_FACTOR = 50.0
"""Smallest factor of a changed unit. A currency's hundredth is x100 or /100, moved by at most
half of that in a day; no exchange has seen a share move x50 from one session to the next."""

INDEX_JUMP = 0.20
"""Largest daily move of a market index: since 1990 the CSI 300, HSI, S&P 500, NASDAQ and TAIEX
stayed within 19% (HSI 1997-10-29), in the real data within 13.3%."""

BONUS_RATIOS = (1.1, 1.2, 1.3, 1.4, 1.45, 1.48, 1.49, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2, 2.5, 3.0)
"""New shares for one old share that mainland issuers usually choose."""

SPLIT_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0)
"""The same where no daily limit tells a split from a fall: only ratios far from daily moves."""

SPLIT_RATIOS_BOTH_WAYS = SPLIT_RATIOS + tuple(1.0 / ratio for ratio in SPLIT_RATIOS)

RATIO_TOLERANCE = 0.07
"""How near (in logarithms) a jump without daily limit must be to a ratio: a usual daily move. The
nearest real one in the data is 0.087 away (VNET, +83% on 2022-03-16)."""

QUIET_TURNOVER = 3.0
"""A split changes no turnover in money, a real halving multiplies it: a day within three times
the median of the last 20 sessions was quiet."""

CERTAIN_RATIO = 5.0
"""From this ratio on (-80%, +400%) a jump is not believed even where the volume is unknown."""

PAIR_ROWS = 10
"""A jump and its way back are one fault when at most so many rows lie between. Vendors mend an
event applied to some days only within days; two faults further apart are told one by one."""

WEEK_OF_SESSIONS, YEAR_OF_SESSIONS = 5, 250
"""Across a longer hole a move without daily limit, or a changed unit, may have been the market."""

_SMALLEST = 0.075
"""Smaller moves are within every limit with its slack, and far from every split ratio."""


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
        False where it may have been the market: no limit and volume unknown, or little beyond
        the limit and dividends unknown.
    """

    row: int
    ratio: float
    limit: float
    sessions: int
    certain: bool

    @property
    def log(self) -> float:
        """Logarithm of the ratio."""
        return math.log(self.ratio)

    @property
    def unit(self) -> bool:
        """Too large for anything but a changed unit."""
        return not 1.0 / UNIT_FACTOR < self.ratio < UNIT_FACTOR

    @property
    def action(self) -> Action:
        """``unrated`` where the numbers across it are surely wrong."""
        return "unrated" if self.certain else "reported"

    @property
    def why(self) -> str:
        """The rule that it breaks, in words."""
        if math.isnan(self.limit):
            known = "on a quiet day" if self.certain else "volume unknown"
            return f"near the ratio of a split, {known}, no event known"
        over = "" if self.sessions == 1 else f" over {self.sessions} sessions"
        doubt = "" if self.certain else ", unless a dividend explains it"
        return f"beyond the daily limit of {self.limit:.0%}{over}{doubt}"


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


def jumps(rows: Rows, suspended: Sequence[tuple[int, int]] = ()) -> list[Jump]:
    """Every unexplained move of a series, in order.

    Parameters
    ----------
    rows : Rows
        The series.
    suspended : sequence of (int, int)
        First and last row of each long suspension: a share that comes back has one daily limit,
        while one whose sessions are missing or filled may have moved by one limit a session.

    Returns
    -------
    list of Jump
        With a daily limit: moves beyond it by more than ``LIMIT_SLACK`` and half a tick,
        compounded over the sessions without a close. Without one: moves near a split ratio,
        unless turnover says that the market did it. Always: factors of ``UNIT_FACTOR`` and more.
        For an index: moves of more than ``INDEX_JUMP``. None but changed units in the first
        sessions of a new listing and after a suspension of more than ``RESUMED_AFTER`` sessions.
    """
    at = np.flatnonzero(rows.real)
    if at.size < 2:
        return []
    close = rows.close[at]
    ratios = close[1:] / close[:-1]
    # Nearly every series has few moves to look at twice.
    large = np.flatnonzero(np.abs(ratios - 1.0) > _SMALLEST)
    if not large.size:
        return []
    before, after = at[large], at[large + 1]
    ratios = _beside_events(rows, before, after, ratios[large])
    limits = daily_limit(rows.instrument, rows.days[after].astype("datetime64[D]"))
    slept = _slept(rows, suspended, before, after)
    sessions = np.maximum(rows.number[after] - rows.number[before] - slept, 1)
    excess = np.maximum(ratios - (1.0 + limits) ** sessions, (1.0 - limits) ** sessions - ratios)
    inside = excess <= LIMIT_SLACK + HALF_TICK / rows.close[before]
    apart = rows.number[after] - rows.number[before]
    unit = ((ratios >= UNIT_FACTOR) | (ratios <= 1.0 / UNIT_FACTOR)) & (apart <= YEAR_OF_SESSIONS)
    judged = ~inside & (slept <= RESUMED_AFTER) & ~_newly_listed(rows, after)
    judged &= ~np.isnan(limits) | (apart <= WEEK_OF_SESSIONS)
    reference_known = _reference_known(rows)
    found = []
    for i in np.flatnonzero(unit | judged).tolist():
        ratio, row = float(ratios[i]), int(after[i])
        certain: bool | None = unit[i] or reference_known or excess[i] > SURE_SLACK
        if not unit[i] and np.isnan(limits[i]):
            certain = _without_limit(rows, row, ratio)
        if certain is not None:
            found.append(Jump(row, ratio, float(limits[i]), int(sessions[i]), bool(certain)))
    return found


def episodes(rows: Rows, found: Sequence[Jump]) -> list[Episode]:
    """The jumps, each joined to the next one where that undoes it.

    Parameters
    ----------
    rows : Rows
        The series.
    found : sequence of Jump
        Its jumps, in order.

    Returns
    -------
    list of Episode
        Every jump is in exactly one.
    """
    result = []
    waiting: Jump | None = None
    for jump in found:
        if waiting is not None and _undoes(waiting, jump):
            result.append(Episode(waiting.row, _last_real(rows, jump.row), waiting, jump))
            waiting = None
            continue
        if waiting is not None:
            result.append(Episode(waiting.row, waiting.row, waiting))
        waiting = jump
    if waiting is not None:
        result.append(Episode(waiting.row, waiting.row, waiting))
    return result


def _undoes(jump: Jump, back: Jump) -> bool:
    if jump.unit != back.unit or (jump.log > 0) == (back.log > 0):
        return False
    if jump.unit:
        return abs(jump.log + back.log) <= 2.0 * math.log(2.0)
    if back.row - jump.row > PAIR_ROWS:
        return False
    # What is left of both must be two ordinary moves.
    usual = RATIO_TOLERANCE if math.isnan(jump.limit) else math.log1p(jump.limit + LIMIT_SLACK)
    return abs(jump.log + back.log) <= 2.0 * usual


def _last_real(rows: Rows, before: int) -> int:
    return int(np.flatnonzero(rows.real[:before])[-1])


def _without_limit(rows: Rows, row: int, ratio: float) -> bool | None:
    """Whether a move without daily limit is a jump: surely, perhaps (False), or no (None)."""
    if rows.instrument.is_index:
        return True if abs(ratio - 1.0) > INDEX_JUMP else None
    if min(abs(math.log(ratio * one)) for one in SPLIT_RATIOS_BOTH_WAYS) > RATIO_TOLERANCE:
        return None
    earlier = np.flatnonzero(rows.real[:row])[-20:]
    usual = rows.close[earlier] * rows.volume[earlier]
    usual = usual[usual > 0.0]
    today = rows.close[row] * rows.volume[row]
    # A price that moved was traded: volume 0 is a lost volume then, as on Hong Kong's half days.
    if usual.size >= 5 and today > 0.0:
        return True if today <= QUIET_TURNOVER * float(np.median(usual)) else None
    return max(ratio, 1.0 / ratio) >= CERTAIN_RATIO * (1.0 - RATIO_TOLERANCE)


def _beside_events(
    rows: Rows, before: _Ints, after: _Ints, ratios: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Moves from the reference price, which exchanges set below the close on an ex-date.

    Traded prices fall by splits and dividends, prices adjusted for splits by dividends only.
    """
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
            paid = paid / later_factors(dividends.sessions, splits)
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
    told = adjustment in ("splits", "none") and rows.series.dividends is not None
    return told or adjustment == "splits+dividends"


def _slept(rows: Rows, suspended: Sequence[tuple[int, int]], before: _Ints, after: _Ints) -> _Ints:
    """Suspended sessions between the rows ``before`` and ``after``."""
    asleep = np.zeros(rows.days.size, np.int64)
    for first, last in suspended:
        asleep[first : last + 1] = rows.repeated[first : last + 1] & ~rows.real[first : last + 1]
    asleep = np.cumsum(asleep & rows.on_session)
    return asleep[after] - asleep[before]


def _newly_listed(rows: Rows, after: _Ints) -> npt.NDArray[np.bool_]:
    """True for rows of the first sessions of a listing, which have no limit."""
    listed = rows.instrument.first_session
    if listed is None:
        # Nobody said: then the first rows may be the first sessions.
        start = rows.number[0]
    else:
        day = int(np.datetime64(listed, "D").astype(np.int64)) - rows.calendar.first_day
        if day < 0:
            return np.zeros(after.size, bool)
        start = rows.calendar.through[min(day, rows.calendar.through.size - 1)]
    young: npt.NDArray[np.bool_] = rows.number[after] < start + NEW_LISTING_SESSIONS
    return young
