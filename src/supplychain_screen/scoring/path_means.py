"""Mean paths of segments: day by day, equal weights, from any number of calls in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.prices.panel import DaySlices
from supplychain_screen.scoring.paths import BLOCK, call_blocks
from supplychain_screen.scoring.relative import NO_AGE

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import CallScores

__all__ = ["PathAxis", "SegmentPaths", "segment_paths"]

PathAxis = Literal["event", "calendar"]

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SegmentPaths:
    """Mean path of every segment.

    Parameters
    ----------
    step : ndarray of int32, shape (n_steps,)
        Sessions of a member's exchange since its base (``event``), or day numbers of
        consecutive days (``calendar``).
    mean : ndarray of float64, shape (n_segments, n_steps)
        Equal-weighted mean relative return since the base, fraction; NaN where no member is.
    members : ndarray of int32, shape (n_segments, n_steps)
        How many members the mean is of.
    """

    step: Ints
    mean: Floats
    members: Ints


def segment_paths(
    panel: PricePanel,
    scores: CallScores,
    segments: npt.NDArray[np.integer],
    window: int = -1,
    *,
    axis: PathAxis = "event",
    block: int = BLOCK,
) -> SegmentPaths:
    """Mean relative return of each segment's members, day by day, without keeping a path.

    Parameters
    ----------
    panel : PricePanel
        The panel that was measured.
    scores : CallScores, n calls
        From :func:`~supplychain_screen.scoring.kernel.measure`.
    segments : ndarray of int, shape (n,)
        Segment of each call, from 0 up; a negative one leaves the call out, as belongs to those
        that are not rated: ``np.where(scores.rating[window] >= 0, segment, -1)``.
    window : int
        Place of the window; the last one is to date.
    axis : {"event", "calendar"}
        Days are counted from each member's own base, or are days of the calendar.
    block : int
        Calls looked at together. The bytes of the result do not depend on it.

    Returns
    -------
    SegmentPaths
        12 bytes a segment and step, whatever the number of calls.

    Raises
    ------
    CallsError
        ``block`` is not positive, or ``segments`` has not one number a call.

    Notes
    -----
    A member belongs to the mean from its base session to the day its window ends, at most
    ``as_of``. On a day without a session of its own it keeps what it had on its last one,
    benchmark and all, so nothing is read from the future. A step of the event axis is a session
    of the member's exchange: a suspended member stands still and is not moved up. Points that
    are no number, as without a benchmark, belong to no mean.
    """
    if segments.shape != scores.rows.shape:
        raise CallsError(Problem("segments and calls differ in number", "give one segment a call"))
    if not np.issubdtype(segments.dtype, np.integer):
        raise CallsError(
            Problem(
                "segments are not numbers",
                "number them, as pandas.factorize() does",
                value=str(segments.dtype),
            )
        )
    spans = _Spans(panel, scores, window, segments, axis)
    n_segments = int(segments.max(initial=-1)) + 1
    total = np.zeros((n_segments, spans.n_steps))
    members = np.zeros((n_segments, spans.n_steps), np.int32)
    for calls in call_blocks(scores.rows.size, block):
        key, value = spans.points(calls)
        # Added one after the other in the order of calls, so blocks leave no trace in the sums.
        np.add.at(total.reshape(-1), key, value)
        np.add.at(members.reshape(-1), key, np.int32(1))
    mean = np.divide(total, members, out=np.full(total.shape, np.nan), where=members > 0)
    return SegmentPaths(spans.step, mean, members)


class _Spans:
    """Days on which each call belongs to its segment, and the steps they fall on."""

    def __init__(
        self,
        panel: PricePanel,
        scores: CallScores,
        window: int,
        segments: npt.NDArray[np.integer],
        axis: PathAxis,
    ) -> None:
        self.panel, self.scores, self.segments, self.axis = panel, scores, segments, axis
        base = scores.base
        end = np.minimum(scores.end_day[window], np.int32(scores.as_of)) - panel.first_day
        # On a base from before the panel no benchmark could be read: nothing to average.
        used = (segments >= 0) & (scores.rows >= 0) & (base.age != NO_AGE)
        used &= base.session >= panel.first_day
        self.first: Ints = np.where(used, base.session, panel.first_day) - panel.first_day
        used &= end >= self.first
        self.length = np.where(used, end - self.first + 1, 0)
        through = panel.sessions_through
        # Sessions from the first column on; days on which the exchange is closed have none.
        self.clock = np.where(np.diff(through, axis=1, prepend=0) > 0, through, np.int32(-1))
        place = np.flatnonzero(used)
        if axis == "calendar":
            lo = int(self.first[place].min(initial=panel.n_days))
            hi = int(end[place].max(initial=lo - 1))
            self.step: Ints = np.arange(lo, hi + 1, dtype=np.int32) + np.int32(panel.first_day)
            self.origin = np.full(scores.rows.size, lo, np.int32)
        else:
            calendar = panel.calendar_of[scores.rows[place]]
            origin = through[calendar, self.first[place]]
            self.origin = np.zeros(scores.rows.size, np.int32)
            self.origin[place] = origin
            last = through[calendar, end[place]] - origin
            self.step = np.arange(int(last.max(initial=-1)) + 1, dtype=np.int32)
        self.n_steps = self.step.size

    def points(self, calls: slice) -> tuple[Places, Floats]:
        """Cell of ``total`` and relative return of every member and day of some calls."""
        panel, scores = self.panel, self.scores
        place = np.flatnonzero(self.length[calls]) + calls.start
        row = scores.rows[place].astype(np.intp)
        start = row * panel.n_days + self.first[place]
        slices = DaySlices.cut(panel, start, self.length[place].astype(np.intp))
        if not slices.width:
            return np.empty(0, np.intp), np.empty(0)
        day = (slices.cell - row * panel.n_days)[:, None] + np.arange(slices.width)
        there = slices.inside()
        session = day - slices.days_since()
        step = day
        if self.axis == "event":
            calendar = panel.calendar_of[row] * np.intp(panel.n_days)
            step = np.take(self.clock.ravel(), day + calendar[:, None], mode="clip")
            there &= step >= 0
        growth = slices.closes() / scores.base.close[place, None]
        origin = self.segments[place].astype(np.intp) * self.n_steps - self.origin[place]
        if scores.rules.is_own:
            relative = growth - 1.0
            there &= ~np.isnan(relative)
            return (step + origin[:, None])[there], relative[there]
        index = np.maximum(scores.benchmark_rows[place], 0).astype(np.intp) * panel.n_days
        index_close = np.take(panel.close.ravel(), session + index[:, None], mode="clip")
        growth_of_index = index_close / scores.benchmark_base.close[place, None]
        if scores.rules.comparison == "difference":
            relative = growth - growth_of_index
        else:
            relative = growth / growth_of_index - 1.0
        there &= ~np.isnan(relative)
        return (step + origin[:, None])[there], relative[there]
