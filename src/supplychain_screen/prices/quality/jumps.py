"""Checks of moves that no market made: splits missed or half applied, changed units.

All of them read the same episodes (:mod:`supplychain_screen.prices.quality.moves`), and each
episode is told by exactly one check.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    Jump,
)
from supplychain_screen.prices.series import Finding

__all__ = [
    "EVENT_SESSIONS",
    "beyond_limit",
    "half_applied_split",
    "index_jump",
    "missed_split",
    "unit_jump",
]

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
            f"close x{one.jump.ratio:.4g} from one session to the next",
        )
        for one in found
        if one.jump.unit
    ]


def half_applied_split(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A split or bonus issue applied to some bars only.

    Threshold: two unexplained jumps that undo each other within ``PAIR_ROWS`` rows (the
    bars between have another basis than those around them), or, where the events are known, one
    jump by an event's ratio within ``EVENT_SESSIONS`` of its ex-date but not on it. Returns
    into, out of or across these bars are wrong (``unrated``; ``reported`` where there is no
    limit and the volume is unknown, so that it may have been the market).
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
                    f"{jump.ratio - 1:+.1%}, {jump.why}, and {one.back.ratio - 1:+.1%} back",
                )
            )
        elif (event := _event_near(rows, jump)) is not None and event.distance:
            side = "before" if event.distance < 0 else "after"
            result.append(
                finding(
                    rows,
                    "half_applied_split",
                    "unrated",
                    one.first,
                    one.last,
                    f"{jump.ratio - 1:+.1%}, {abs(event.distance)} sessions {side} the ex-date "
                    f"of the split {event}: it was applied to some bars only",
                )
            )
    return result


def missed_split(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A split or bonus issue that the closes before it were not adjusted for.

    Threshold: a fall beyond the board's daily limit (as for `beyond_limit`) that some usual ratio
    turns into a move within it (Yahoo's bonus issue of 688018: -25.1%, where 20% is the limit).
    Without a limit: a move within ``RATIO_TOLERANCE`` of a split ratio on a day of usual
    turnover. Where the events are known: an ex-date whose move is that of the event. Returns
    across the session are wrong (``unrated``). A bonus issue smaller than the daily limit (1.2 on
    STAR is -16.7%) looks like a bad day and is seen only where its event is known, or by a second
    source.
    """
    result = []
    for one in _splits(rows, found):
        jump, event = one.jump, _event_near(rows, one.jump)
        if one.back is not None or (event is not None and event.distance):
            continue
        if event is not None:
            why = f"as on the ex-date of the split {event}, which was not applied"
        elif (ratio := _bonus(jump)) is not None:
            why = f"{jump.why}; the ratio 1:{ratio:g} leaves {jump.ratio * ratio - 1:+.1%}"
        else:
            continue
        detail = f"{jump.ratio - 1:+.1%}, {why}"
        action = "unrated" if event is not None else jump.action
        result.append(finding(rows, "missed_split", action, one.first, one.last, detail))
    return result + _unapplied_events(rows, {one.jump.row for one in found})


def beyond_limit(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """A move that the exchange does not allow and no split explains.

    Threshold: the board's daily limit (main boards 10%, STAR and ChiNext 20%, Beijing 30%,
    compounded over sessions without a close), ``LIMIT_SLACK`` and half a tick. A factor applied
    to the wrong side of its ex-date looks so, or another security's closes. Returns across the
    session are wrong (``unrated``; ``reported`` up to ``SURE_SLACK`` where dividends are
    unknown).
    """
    return [
        finding(
            rows,
            "beyond_limit",
            one.jump.action,
            one.first,
            one.last,
            f"{one.jump.ratio - 1:+.1%}, {one.jump.why}",
        )
        for one in _splits(rows, found)
        if one.back is None and _event_near(rows, one.jump) is None and _bonus(one.jump) is None
    ]


def index_jump(rows: Rows, found: Sequence[Episode]) -> list[Finding]:
    """An index that moves as no market did.

    Threshold: ``INDEX_JUMP`` from one session to the next. Another index under the same symbol,
    or a level of another basis. Every benchmark return across it is wrong (``unrated``).
    """
    return [
        finding(
            rows,
            "index_jump",
            "unrated",
            one.first,
            one.last,
            f"{one.jump.ratio - 1:+.1%} from one session to the next",
        )
        for one in found
        if rows.instrument.is_index and not one.jump.unit
    ]


@dataclass(frozen=True, slots=True)
class _Event:
    """A known split and how many sessions after its ex-date a jump lies."""

    ex_date: np.datetime64
    factor: float
    distance: int

    def __str__(self) -> str:
        return f"1:{self.factor:g} of {self.ex_date}"


def _splits(rows: Rows, found: Sequence[Episode]) -> Iterator[Episode]:
    if not rows.instrument.is_index:
        yield from (one for one in found if not one.jump.unit)


def _bonus(jump: Jump) -> float | None:
    """Ratio that leaves the smallest move, where that move is an allowed one."""
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
        for sign, what in ((1.0, "was not applied"), (-1.0, "was applied twice")):
            if abs(move) > usual and abs(move + sign * event) < min(usual, abs(event) / 2.0):
                detail = (
                    f"{math.expm1(move):+.1%} on the ex-date of the split "
                    f"{_Event(ex_date, factor, 0)}, which {what}"
                )
                row = int(at[place])
                result.append(finding(rows, "missed_split", "unrated", row, row, detail))
    return result


def _scale(logs: npt.NDArray[np.float64]) -> float:
    """Robust standard deviation: 1.4826 times the median size."""
    return 1.4826 * float(np.median(np.abs(logs))) if logs.size else 0.0
