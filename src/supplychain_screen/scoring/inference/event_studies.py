"""What segments did around dated events, beside what they do around any other day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.scoring.inference.placebo_ranks import MIN_PLACEBO_DATES, MIN_RATED_SHARE
from supplychain_screen.scoring.placebo_dates import basket_returns
from supplychain_screen.scoring.relative import compare

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import Rules, SuspectDays

__all__ = [
    "AFTER",
    "BEFORE",
    "EventIntervals",
    "EventStudy",
    "event_intervals",
    "event_study",
]

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BEFORE, AFTER = 10, 20
"""Sessions before and after an event that its path runs over."""


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Mean relative path of each group around each event, and around placebo days.

    Parameters
    ----------
    step : ndarray of int32, shape (n_steps,)
        Sessions of a member's own since the event, from -10 to 20. Step 0 is its first session
        on or after the event's day.
    mean : ndarray of float64, shape (n_events, n_groups, n_steps)
        Equal-weighted mean relative return since step -10, fraction; NaN where fewer than nine
        tenths of the group have a path.
    members : ndarray of int32, shape (n_events, n_groups)
        Members that have a path around the event.
    low, high : ndarray of float64, shape (n_groups, n_steps)
        Band that nine tenths of the placebo days lie in at each step by itself, fractions; NaN
        where ``dates`` are fewer than 60.
    dates : ndarray of int32, shape (n_groups,)
        Placebo days of each group.
    """

    step: Ints
    mean: Floats
    members: Ints
    low: Floats
    high: Floats
    dates: Ints


def event_study(
    panel: PricePanel,
    rows: Ints,
    benchmark_rows: Ints,
    groups: Flags,
    events: Ints,
    sessions: Ints,
    as_of: int,
    rules: Rules,
    *,
    level: float = 0.90,
    suspects: SuspectDays | None = None,
) -> EventStudy:
    """Average relative paths from 10 sessions before each event to 20 after it.

    Parameters
    ----------
    panel : PricePanel
    rows, benchmark_rows : ndarray of int32, shape (n_members,)
    groups : ndarray of bool, shape (n_groups, n_members)
        Who belongs to each group.
    events : ndarray of int32, shape (n_events,)
        Day numbers.
    sessions : ndarray of int32, shape (n_days,)
        Day numbers of the placebo days, the sessions of a report's primary market; the events
        themselves are left out.
    as_of : int
        Day number; paths that are not over by then are none.
    rules : Rules
        Comparison, and the limits of staleness.
    level : float
        Share of placebo days inside the band, fraction.
    suspects : SuspectDays, optional
        A path over one of these days is none.

    Returns
    -------
    EventStudy

    Notes
    -----
    Returns are of a holding bought at step -10 and kept, no sums of daily ones (Barber and Lyon,
    1997). The benchmark is read on the member's own sessions. A member whose exchange held more
    sessions than the limit of staleness before it traded again after the event has no path.
    """
    days = np.concatenate([events, sessions[~np.isin(sessions, events)]])
    steps = np.arange(-BEFORE, AFTER + 1, dtype=np.int32)
    total = np.zeros((groups.shape[0], days.size, steps.size))
    count = np.zeros((groups.shape[0], days.size), np.int32)
    for member, (row, index) in enumerate(zip(rows, benchmark_rows, strict=True)):
        if row < 0 or (index < 0 and not rules.is_own):
            continue
        path = _paths(panel, int(row), int(index), days, steps, as_of, rules, suspects)
        there = np.isfinite(path).all(axis=1)
        path[~there] = 0.0
        total[groups[:, member]] += path
        count[groups[:, member]] += there.astype(np.int32)
    enough = count >= np.maximum(MIN_RATED_SHARE * groups.sum(axis=1)[:, None] - 1e-9, 1)
    mean = np.full(total.shape, np.nan)
    np.divide(total, count[..., None], out=mean, where=enough[..., None])
    past = enough[:, events.size :]
    low = np.full((groups.shape[0], steps.size), np.nan)
    high = low.copy()
    for group, kept in enumerate(past):
        if kept.sum() >= MIN_PLACEBO_DATES:
            low[group], high[group] = np.quantile(
                mean[group, events.size :][kept], [(1 - level) / 2, (1 + level) / 2], axis=0
            )
    return EventStudy(
        steps,
        np.swapaxes(mean[:, : events.size], 0, 1),
        count[:, : events.size].T,
        low,
        high,
        past.sum(axis=1, dtype=np.int32),
    )


def _paths(
    panel: PricePanel,
    row: int,
    index: int,
    days: Ints,
    steps: Ints,
    as_of: int,
    rules: Rules,
    suspects: SuspectDays | None,
) -> Floats:
    """Relative path of one member around each day, shape (n_days, n_steps); NaN is none."""
    own = np.flatnonzero(panel.is_session(row))
    own = own[own + panel.first_day <= as_of]
    nothing = np.full((days.size, steps.size), np.nan)
    column = days.astype(np.intp) - panel.first_day
    zero = np.searchsorted(own, column)
    fits = (zero >= BEFORE) & (zero + AFTER < own.size) & (column >= 0)
    at = zero[fits]
    through = panel.sessions_through[panel.calendar_of[row]]
    # Sessions the exchange held from the event on before this member traded.
    skipped = through[own[at]] - through[np.maximum(column[fits] - 1, 0)] - 1
    prompt = skipped <= rules.max_stale_sessions
    fits[fits] = prompt
    at = at[prompt]
    cells = own[at[:, None] + steps]
    close = panel.close[row, cells]
    if rules.is_own:
        bench = np.ones_like(close)
    else:
        bench = panel.close[index, cells]
        bench[panel.ages(index)[cells] > rules.max_stale_benchmark] = np.nan
    first = slice(0, 1)
    path = compare(close[:, first], close, bench[:, first], bench).by(rules.comparison)
    if suspects:
        number = (cells + panel.first_day).astype(np.int32)
        for one in [row] if rules.is_own else [row, index]:
            rows = np.array([one], np.int32)
            path[suspects.touch(rows, number[:, :1], number).any(axis=1)] = np.nan
    nothing[fits] = path
    return nothing


@dataclass(frozen=True, slots=True)
class EventIntervals:
    """What each group did over spans of days, as of events that print a month and no day.

    Parameters
    ----------
    mean : ndarray of float64, shape (n_events, n_groups)
        Equal-weighted mean relative return from the last close before the first day to the last
        one on or before the last day, fraction; NaN where fewer than nine tenths are rated.
    members : ndarray of int32, shape (n_events, n_groups)
    low, high : ndarray of float64, shape (n_events, n_groups)
        Band that nine tenths of equally long spans lie in, fractions; NaN below 60 spans.
    dates : ndarray of int32, shape (n_events, n_groups)
        Such spans.
    """

    mean: Floats
    members: Ints
    low: Floats
    high: Floats
    dates: Ints


def event_intervals(
    panel: PricePanel,
    rows: Ints,
    benchmark_rows: Ints,
    groups: Flags,
    first: Ints,
    last: Ints,
    sessions: Ints,
    as_of: int,
    rules: Rules,
    *,
    level: float = 0.90,
    suspects: SuspectDays | None = None,
) -> EventIntervals:
    """Relative returns over spans that an event lies in somewhere.

    Parameters
    ----------
    panel, rows, benchmark_rows, groups, sessions, as_of, rules, level, suspects
        As in :func:`event_study`.
    first, last : ndarray of int32, shape (n_events,)
        Day numbers of each span, both inclusive.
    """
    shape = (first.size, groups.shape[0])
    out = EventIntervals(
        np.full(shape, np.nan),
        np.zeros(shape, np.int32),
        np.full(shape, np.nan),
        np.full(shape, np.nan),
        np.zeros(shape, np.int32),
    )
    for event, (begin, end) in enumerate(zip(first, last, strict=True)):
        # The close before the first day starts the span.
        days = np.concatenate([[begin - 1], sessions[sessions != begin - 1]]).astype(np.int32)
        ends = days + np.int32(end - begin + 1)
        for group, chosen in enumerate(groups):
            found = basket_returns(
                panel,
                rows[chosen],
                benchmark_rows[chosen],
                days,
                ends[None],
                as_of,
                rules,
                suspects=suspects,
            )
            enough = found.members[0] >= max(MIN_RATED_SHARE * chosen.sum() - 1e-9, 1)
            mean, past = found.mean[0], found.mean[0, 1:][enough[1:]]
            out.members[event, group] = found.members[0, 0]
            out.dates[event, group] = past.size
            if enough[0]:
                out.mean[event, group] = mean[0]
            if past.size >= MIN_PLACEBO_DATES:
                out.low[event, group], out.high[event, group] = np.quantile(
                    past, [(1 - level) / 2, (1 + level) / 2]
                )
    return out
