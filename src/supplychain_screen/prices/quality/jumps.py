"""Checks of moves that no market made: splits missed or half applied, changed units.

All of them read the same episodes (:mod:`supplychain_screen.prices.quality.moves`), and each
episode is told by exactly one check.

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``unit_jump``                     x100 or /100: ``unrated``
``half_applied_split``            a split applied to some bars only: ``unrated``
``missed_split``                  a split not applied to the bars before it: ``unrated``
``beyond_limit``                  a move that the exchange does not allow: ``unrated``
``undone_move``                   a tick that comes back, without a limit: ``unrated``
``extreme_move``                  beyond x5 or below /5, without a limit: ``unrated``
``large_move``                    any other move beyond 20% without a limit: ``reported``
``possible_split``                a fall within the limit that a bonus issue may have made:
                                  ``reported``, ``unrated`` where the file is proven to be traded
``index_jump``                    an index that moves as its members did not: ``unrated``
================================  ============================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.quality.bars import Rows, finding
from supplychain_screen.prices.quality.limits import LIMIT_SLACK
from supplychain_screen.prices.quality.moves import (
    BONUS_RATIOS,
    RATIO_TOLERANCE,
    SPLIT_RATIOS,
    SPLIT_RATIOS_BOTH_WAYS,
    Episode,
    Fall,
    Jump,
)
from supplychain_screen.prices.series import Finding, Reach
from supplychain_screen.prices.sessions import day_of_number
from supplychain_screen.words import message

__all__ = ["EVENT_SESSIONS", "OF_MOVES", "possible_split"]

EVENT_SESSIONS = 5
"""How far from an ex-date, in sessions, a vendor's misapplied factor is looked for."""

EVENT_SIGMA = 3.0
"""Known events: the move with the event undone must be within so many usual daily moves, and the
move as it stands beyond as many, or the event counts as applied."""


def unit_jump(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """Closes that change their unit: pounds and pence, x100 and /100.

    Threshold: a factor of ``UNIT_FACTOR`` from one session to the next. Rows between a change
    and the way back are in the wrong unit; where there is none, the session of the change is
    named: a window across it compares two units (``unrated``).
    """
    return [
        finding(
            rows,
            "unit_jump",
            "unrated",
            one.first,
            one.last,
            message(
                "unit_jump",
                ratio=one.jump.ratio,
                before=float(rows.close[one.jump.row] / one.jump.ratio),
                close=float(rows.close[one.jump.row]),
            ),
            reach=_reach(one),
        )
        for one in found
        if one.jump.cause == "unit"
    ]


def half_applied_split(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A split or bonus issue applied to some bars only.

    Threshold: two unexplained jumps that undo each other within ``PAIR_ROWS`` rows (the
    bars between have another basis than those around them), or, where the events are known, one
    jump by an event's ratio within ``EVENT_SESSIONS`` of its ex-date but not on it. Returns
    into, out of or across these bars are wrong (``unrated``; ``reported`` where an untold dividend
    may explain one of the jumps).
    """
    result = []
    for one in _splits(rows, found):
        jump = one.jump
        if one.back is not None:
            certain = jump.certain and one.back.certain
            result.append(
                finding(
                    rows,
                    "half_applied_split",
                    "unrated" if certain else "reported",
                    one.first,
                    one.last,
                    message(
                        "half_applied_split.undone",
                        move=jump.ratio - 1,
                        why=jump.why,
                        back=one.back.ratio - 1,
                    ),
                )
            )
        elif (event := _event_near(rows, jump)) is not None and event.distance:
            early = event.distance < 0
            result.append(
                finding(
                    rows,
                    "half_applied_split",
                    "unrated",
                    one.first,
                    one.last,
                    message(
                        "half_applied_split.before" if early else "half_applied_split.after",
                        move=jump.ratio - 1,
                        n=abs(event.distance),
                        factor=event.factor,
                        ex_date=event.day,
                    ),
                    reach="move",
                )
            )
    return result


def missed_split(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A split or bonus issue that the closes before it were not adjusted for.

    Threshold: a fall beyond the board's daily limit (as for `beyond_limit`) that some usual ratio
    turns into a move within it (Yahoo's bonus issue of 688018: -25.1%, where 20% is the limit).
    Without a limit: a move beyond ``LARGE_RATIO``, less what the market made of it, within
    ``EXACT_RATIO`` of a split ratio on a day of quiet turnover, or within ``RATIO_TOLERANCE`` on
    an ordinary one. Where the events are known: an ex-date whose move is that of the event.
    Returns across the session are wrong (``unrated``). A bonus issue smaller than the daily limit
    (1.2 on STAR is -16.7%) looks like a bad day: `possible_split`.
    """
    result = []
    for one in _splits(rows, found):
        jump, event = one.jump, _event_near(rows, one.jump)
        if one.back is not None or (event is not None and event.distance):
            continue
        move = jump.ratio - 1
        if event is not None:
            said = message("missed_split.event", move=move, factor=event.factor, ex_date=event.day)
        elif (ratio := _bonus(jump)) is not None:
            left = jump.ratio * ratio - 1
            said = message("missed_split.ratio", move=move, why=jump.why, ratio=ratio, left=left)
        else:
            continue
        action = "unrated" if event is not None else jump.action
        result.append(
            finding(rows, "missed_split", action, one.first, one.last, said, reach="move")
        )
    return result + _unapplied_events(rows, {one.jump.row for one in found})


def possible_split(rows: Rows, falls: Sequence[Fall], proven: bool) -> list[Finding]:
    """Falls within the limit that a bonus issue may have made, in closes nobody vouched for.

    Threshold: a fall of 15% or more on a board with a limit of 20% or more, less what the market
    made of it, that a usual ratio turns into a move of less than 5%, on a day of quiet or unknown
    turnover. One such day proves nothing (``reported``, and only where nobody stated the
    adjustment). Where two splits are proven to be missed in the same file, its closes are as
    traded, and no window may hold such a fall, whatever the turnover (``unrated``).
    """
    series = rows.series
    if not falls or series.splits is not None:
        return []
    if not proven and series.adjustment not in ("as given", "none"):
        return []
    why = message("possible_split.proven" if proven else "possible_split.unproven")
    return [
        finding(
            rows,
            "possible_split",
            "unrated" if proven else "reported",
            one.row,
            one.row,
            message(
                "possible_split",
                move=one.ratio - 1,
                ratio=one.usual,
                left=one.ratio * one.usual - 1,
                why=why,
            ),
            reach="move",
        )
        for one in falls
        if proven or not one.busy
    ]


def beyond_limit(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A move that the exchange does not allow and no split explains.

    Threshold: the board's daily limit of that day (main boards 10%, STAR and ChiNext 20%, Beijing
    30%), ``LIMIT_SLACK`` and half a tick. A share that others traded without has one limit when it
    comes back, however long it was away; it is compounded over single sessions that the vendor
    filled, and over those that most of a market lacks. A factor applied to the wrong side of its
    ex-date looks so, or another security's closes. Returns across the session are wrong
    (``unrated``; ``reported`` up to ``SURE_SLACK`` where dividends are unknown, after more than
    ``RELISTED_AFTER`` sessions, and across a hole that no other series shows to be one).
    """
    return [
        finding(
            rows,
            "beyond_limit",
            one.jump.action,
            one.first,
            one.last,
            message("beyond_limit", move=one.jump.ratio - 1, why=one.jump.why),
            reach="move",
        )
        for one in _splits(rows, found)
        if one.jump.cause == "limit"
        and one.back is None
        and _event_near(rows, one.jump) is None
        and _bonus(one.jump) is None
    ]


def undone_move(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A tick that comes back: closes far off for a session or two, without a daily limit.

    Threshold: a move beyond ``LARGE_RATIO``, less what the market made of it, after which the
    close is back within 3% of where it was within two sessions. Windows that begin or end on the
    rows, or hold them, are not rated (``unrated``).
    """
    return [
        finding(
            rows,
            "undone_move",
            "unrated",
            one.first,
            one.last,
            message("undone_move", move=one.jump.ratio - 1),
        )
        for one in found
        if one.jump.cause == "undone"
    ]


def extreme_move(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A move beyond x5 or below /5 that no known event explains, without a daily limit.

    Threshold: ``EXTREME_RATIO``. A split of any ratio that nobody undid, or another security's
    closes; where it was news, only a second source can say so (``unrated``).
    """
    return [
        finding(
            rows,
            "extreme_move",
            "unrated",
            one.first,
            one.last,
            message("extreme_move", ratio=one.jump.ratio, why=one.jump.why),
            reach="move",
        )
        for one in _splits(rows, found)
        if one.jump.cause == "extreme" and one.back is None and _event_near(rows, one.jump) is None
    ]


def large_move(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A move beyond 20% without a daily limit, which may well be the market.

    Threshold: ``TOLD_MOVE``. ``reported``: the rating stands, and a reader is told.
    """
    return [
        finding(
            rows,
            "large_move",
            "reported",
            one.first,
            one.last,
            message("large_move", move=one.jump.ratio - 1, why=one.jump.why),
            reach="move",
        )
        for one in found
        if one.jump.cause == "large" and _event_near(rows, one.jump) is None
    ]


def index_jump(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """An index that moves as no market did.

    Threshold: more than its members' limits allow (10% for the large mainland shares, 20% where
    there is no limit); 5% and more while no more than a quarter of its market moves with it; or,
    where nothing else of its market is there, ``INDEX_ALONE`` and back within two sessions.
    Another index under the same symbol, or a level of another basis. Every benchmark return across
    it is wrong (``unrated``).
    """
    return [
        finding(
            rows,
            "index_jump",
            "unrated",
            one.first,
            one.last,
            message("index_jump", move=one.jump.ratio - 1),
            reach=_reach(one),
        )
        for one in found
        if one.jump.cause == "index"
    ]


def _reach(one: Episode) -> Reach:
    """Rows on another basis, or one move between closes that are each what they say."""
    return "move" if one.back is None else "span"


@dataclass(frozen=True, slots=True)
class _Event:
    """A known split and how many sessions after its ex-date a jump lies."""

    ex_date: np.datetime64
    factor: float
    distance: int

    @property
    def day(self) -> date:
        return self.ex_date.astype("datetime64[D]").astype(object)  # type: ignore[no-any-return]


def _splits(rows: Rows, found: Sequence[Episode]) -> Iterator[Episode]:
    if not rows.instrument.is_index:
        for one in found:
            sure = one.jump.cause in ("limit", "ratio", "extreme")
            if sure or (one.jump.cause == "large" and _event_near(rows, one.jump) is not None):
                yield one


def _bonus(jump: Jump) -> float | None:
    """Ratio that leaves the smallest move, where that move is an allowed one."""
    if jump.cause == "extreme":
        return None
    if math.isnan(jump.limit):
        return min(SPLIT_RATIOS_BOTH_WAYS, key=lambda ratio: abs(jump.log + math.log(ratio)))
    ratio = min(BONUS_RATIOS + SPLIT_RATIOS, key=lambda ratio: abs(jump.log + math.log(ratio)))
    high = (1.0 + jump.limit) ** jump.sessions + LIMIT_SLACK
    low = (1.0 - jump.limit) ** jump.sessions - LIMIT_SLACK
    return ratio if jump.ratio < 1.0 and low <= jump.ratio * ratio <= high else None


def _event_near(rows: Rows, jump: Jump) -> _Event | None:
    """The known split whose ratio the jump is, within ``EVENT_SESSIONS`` of its ex-date."""
    splits = rows.series.splits
    if splits is None or rows.series.adjustment == "none":
        return None
    usual = RATIO_TOLERANCE if math.isnan(jump.limit) else math.log1p(jump.limit + LIMIT_SLACK)
    for ex_date, factor in zip(splits.sessions, splits.values.tolist(), strict=True):
        distance = int(rows.number[jump.row]) - _first_number(rows, ex_date)
        if abs(distance) <= EVENT_SESSIONS and abs(jump.log + math.log(factor)) <= usual:
            return _Event(ex_date, factor, distance)
    return None


def _first_number(rows: Rows, ex_date: np.datetime64) -> int:
    """Running number of the first real row on or after an ex-date."""
    day = int(ex_date.astype("datetime64[D]").astype(np.int64))
    following = np.flatnonzero(rows.real & (rows.days >= day))
    return int(rows.number[following[0]]) if following.size else -(10**9)


def _unapplied_events(rows: Rows, told: set[int]) -> list[Finding]:
    """Known splits whose ex-date has the event's own move, though within every limit."""
    splits = rows.series.splits
    if splits is None or rows.series.adjustment == "none" or rows.instrument.is_index:
        return []
    at = np.flatnonzero(rows.real)
    logs = np.diff(np.log(rows.close[at]))
    result = []
    for ex_date, factor in zip(splits.sessions, splits.values.tolist(), strict=True):
        day = int(ex_date.astype("datetime64[D]").astype(np.int64))
        place = int(np.searchsorted(rows.days[at], day))
        if not 0 < place < at.size or int(at[place]) in told:
            continue
        # The scale of a usual day, from the days before it; never below half a percent.
        usual = EVENT_SIGMA * max(_scale(logs[max(place - 61, 0) : place - 1]), 0.005)
        move, event = float(logs[place - 1]), math.log(factor)
        for sign in (1.0, -1.0):
            if abs(move) > usual and abs(move + sign * event) < min(usual, abs(event) / 2.0):
                said = message(
                    "missed_split.not_applied" if sign > 0.0 else "missed_split.applied_twice",
                    move=math.expm1(move),
                    factor=factor,
                    ex_date=day_of_number(day),
                )
                row = int(at[place])
                result.append(
                    finding(rows, "missed_split", "unrated", row, row, said, reach="move")
                )
    return result


def _scale(logs: npt.NDArray[np.float64]) -> float:
    """Robust standard deviation: 1.4826 times the median size."""
    return 1.4826 * float(np.median(np.abs(logs))) if logs.size else 0.0


OF_MOVES: Final = (
    unit_jump,
    half_applied_split,
    missed_split,
    beyond_limit,
    undone_move,
    extreme_move,
    large_move,
    index_jump,
)
"""Checks of the episodes of one series."""
