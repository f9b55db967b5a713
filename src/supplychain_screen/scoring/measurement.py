"""Many calls measured at once: legs, returns, ratings, stages and reasons, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.research.rating_scale import RatingScale
from supplychain_screen.scoring.reasons import REASON_CODE, STAGE_INTERIM, STAGE_PENDING
from supplychain_screen.scoring.relative import (
    NO_AGE,
    NO_DAY,
    Comparison,
    Legs,
    Relative,
    compare,
    read_as_of,
    read_on_or_after,
)
from supplychain_screen.scoring.windows import BasePolicy, add_months, base_dates, window_names

__all__ = [
    "NOT_IN_PANEL",
    "NO_BENCHMARK",
    "CallScores",
    "Rules",
    "StockLegs",
    "SuspectDays",
    "measure",
    "read_stock",
]

NO_BENCHMARK = -1
"""Row of a benchmark that the standard does not name: the call is ``no_benchmark``."""

NOT_IN_PANEL = -2
"""Row of a benchmark that is named but has no prices: the call is ``benchmark_stale``."""

Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rules:
    """The conventions one measurement follows.

    Parameters
    ----------
    scale : RatingScale
        Rates the relative return.
    months : tuple of int
        Ends of the fixed windows, calendar months after publication, ascending.
    base_policy : {"on_or_before", "before", "on_or_after"}
        Which session starts the measurement.
    comparison : {"difference", "ratio"}
        Which relative return is rated.
    max_stale_sessions, max_stale_benchmark : int
        Oldest close that still counts, in sessions of its exchange.
    """

    scale: RatingScale
    months: tuple[int, ...] = (6, 12)
    base_policy: BasePolicy = "on_or_before"
    comparison: Comparison = "difference"
    max_stale_sessions: int = 5
    max_stale_benchmark: int = 3

    @property
    def windows(self) -> tuple[str, ...]:
        """Names of the windows, the last one being to date."""
        return window_names(self.months)


class SuspectDays:
    """Days on which a quality check says that a listing's closes are not to be trusted.

    Parameters
    ----------
    panel : PricePanel
    spans : iterable of (int, int, int)
        Row of the panel, first and last day number, both inclusive.
    """

    def __init__(self, panel: PricePanel, spans: Iterable[tuple[int, int, int]] = ()) -> None:
        spans = list(spans)
        rows = sorted({row for row, _, _ in spans})
        self._slot = np.full(len(panel.listings), -1, np.int32)
        self._slot[rows] = np.arange(len(rows), dtype=np.int32)
        self._first_day = panel.first_day
        # Column c holds the suspect days before c, so a span is the difference of two columns.
        self._before = np.zeros((len(rows), panel.n_days + 1), np.int32)
        for row, first, last in spans:
            lo = max(first - panel.first_day, 0)
            hi = min(last - panel.first_day, panel.n_days - 1)
            self._before[self._slot[row], lo + 1 : hi + 2] = 1
        np.cumsum(self._before, axis=1, out=self._before)

    def touch(self, rows: Ints, first: Ints, last: Ints) -> Flags:
        """True where a row has a suspect day in [first, last] (day numbers, broadcastable)."""
        shape = np.broadcast_shapes(rows.shape, first.shape, last.shape)
        if not self._before.size:
            return np.zeros(shape, np.bool_)
        slot = np.where(rows >= 0, self._slot[rows], -1)
        width = self._before.shape[1]
        lo = np.clip(first - np.int64(self._first_day), 0, width - 1)
        hi = np.clip(last - np.int64(self._first_day) + 1, 0, width - 1)
        flat = self._before.ravel()
        start = np.where(slot >= 0, slot, 0).astype(np.int64) * width
        found = flat[start + np.maximum(hi, lo)] - flat[start + lo]
        touched: Flags = np.broadcast_to((slot >= 0) & (found > 0), shape)
        return touched


@dataclass(frozen=True, slots=True)
class StockLegs:
    """The listings' side of many calls, before any benchmark.

    Parameters
    ----------
    rows : ndarray of int32, shape (n,)
    published, base_day : ndarray of int32, shape (n,)
        Day numbers: of publication, and the day whose close is the base.
    end_day : ndarray of int32, shape (n_windows, n)
        Day number each window ends on, not later than ``as_of``.
    matured : ndarray of bool, shape (n_windows, n)
        True where the window's end lies on or before ``as_of``; the last window, to date, is
        never a matured one.
    base : Legs, shape (n,)
    end : Legs, shape (n_windows, n)
    born_late : ndarray of bool, shape (n,)
        True where the listing's first session lies after the base.
    """

    rows: Ints
    published: Ints
    base_day: Ints
    end_day: Ints
    matured: Flags
    base: Legs
    end: Legs
    born_late: Flags

    def take(self, places: npt.NDArray[np.intp]) -> StockLegs:
        """The same of some calls, by their places."""
        return StockLegs(
            self.rows[places],
            self.published[places],
            self.base_day[places],
            self.end_day[:, places],
            self.matured[:, places],
            self.base.take(places),
            self.end.take(places),
            self.born_late[places],
        )


@dataclass(frozen=True, slots=True)
class CallScores:
    """One benchmark's verdict on many calls.

    Parameters
    ----------
    stock : StockLegs
    benchmark_rows : ndarray of int32, shape (n,)
    benchmark_base : Legs, shape (n,)
    benchmark_end : Legs, shape (n_windows, n)
    relative : Relative, shape (n_windows, n)
        Fractions; NaN where a close is missing or nothing has happened since the base.
    rating : ndarray of int8, shape (n_windows, n)
        Index into the levels of the scale, best first; -1 is unrated.
    reason : ndarray of int8, shape (n_windows, n)
        Index into ``REASONS``; 0 where rated.
    stage : ndarray of int8, shape (n,)
        Index into ``stage_names(months)``.
    headline : ndarray of int8, shape (n,)
        Index of the latest matured window, else of the window to date.
    """

    stock: StockLegs
    benchmark_rows: Ints
    benchmark_base: Legs
    benchmark_end: Legs
    relative: Relative
    rating: Codes
    reason: Codes
    stage: Codes
    headline: Codes


def read_stock(
    panel: PricePanel, rows: Ints, published: Ints, as_of: int, rules: Rules
) -> StockLegs:
    """Base and end closes of each call's listing.

    Parameters
    ----------
    panel : PricePanel
    rows, published : ndarray of int32, shape (n,)
        Panel row (negative: none) and day number of publication.
    as_of : int
        Day number of the last day that is known; nothing after it is read.
    rules : Rules
    """
    dates = published.astype("datetime64[D]")
    base_day = base_dates(dates, rules.base_policy).astype(np.int64).astype(np.int32)
    ends = [add_months(dates, month).astype(np.int64).astype(np.int32) for month in rules.months]
    end_day = np.stack([*ends, np.minimum(ends[-1], np.int32(as_of))])
    matured = end_day <= as_of
    matured[-1] = False

    base = read_as_of(panel, rows, base_day)
    if rules.base_policy == "on_or_after":
        ahead = read_on_or_after(panel, rows, base_day)
        # A session after as_of is not known yet, whatever the panel holds.
        known = ahead.session <= as_of
        born_late = (base.age == NO_AGE) & (ahead.age > 0)
        base = Legs(
            close=np.where(known, ahead.close, np.nan),
            session=np.where(known, ahead.session, NO_DAY),
            age=np.where(known, ahead.age, NO_AGE),
        )
    else:
        born_late = base.age == NO_AGE
    asked = np.where(matured, end_day, np.int32(as_of))
    asked[-1] = end_day[-1]
    end = read_as_of(panel, rows, asked)
    open_windows = ~matured
    open_windows[-1] = False
    end = Legs(
        close=np.where(open_windows, np.nan, end.close),
        session=np.where(open_windows, NO_DAY, end.session),
        age=np.where(open_windows, NO_AGE, end.age),
    )
    return StockLegs(rows, published, base_day, end_day, matured, base, end, born_late)


def measure(
    panel: PricePanel,
    stock: StockLegs,
    benchmark_rows: Ints,
    rules: Rules,
    *,
    suspects: SuspectDays | None = None,
    given: Codes | None = None,
) -> CallScores:
    """Every call against one benchmark each.

    Parameters
    ----------
    panel : PricePanel
    stock : StockLegs
        From :func:`read_stock` with the same rules.
    benchmark_rows : ndarray of int32, shape (n,)
        Panel row of each call's benchmark, ``NO_BENCHMARK`` or ``NOT_IN_PANEL``.
    rules : Rules
    suspects : SuspectDays, optional
        Days no rating may rest on.
    given : ndarray of int8, shape (n,), optional
        Reasons known beforehand (``unlisted``, ``unresolved``); they win over all others.

    Notes
    -----
    The benchmark is read on the listing's own base and end sessions: its last close on or before
    each (spec: same dates on both legs), so a suspended listing is compared over the days it
    has, and a holiday of either exchange moves nothing.
    """
    base_known = stock.base.age != NO_AGE
    benchmark_base = _read_if(panel, benchmark_rows, stock.base.session, base_known)
    end_known = stock.end.age != NO_AGE
    benchmark_end = _read_if(panel, benchmark_rows, stock.end.session, end_known)

    moved = end_known & base_known & (stock.end.session > stock.base.session)
    relative = compare(
        np.where(moved, stock.base.close, np.nan),
        np.where(moved, stock.end.close, np.nan),
        benchmark_base.close,
        benchmark_end.close,
    )
    reason = _reasons(panel, stock, benchmark_rows, benchmark_base, benchmark_end, moved, rules,
                      suspects, given)  # fmt: skip
    rated = rules.scale.rate(relative.by(rules.comparison))
    rating = np.where(reason == 0, rated, np.int8(-1)).astype(np.int8)

    matured = stock.matured[:-1]
    n_matured = matured.sum(axis=0)
    last = np.int8(stock.end_day.shape[0] - 1)
    headline = np.where(n_matured > 0, n_matured - 1, last).astype(np.int8)
    waiting = np.where(moved[-1], STAGE_INTERIM, STAGE_PENDING)
    stage = np.where(n_matured > 0, n_matured + STAGE_INTERIM, waiting).astype(np.int8)
    return CallScores(
        stock, benchmark_rows, benchmark_base, benchmark_end, relative, rating, reason, stage,
        headline,
    )  # fmt: skip


def _read_if(panel: PricePanel, rows: Ints, days: Ints, known: Flags) -> Legs:
    safe = np.where(known, days, np.int32(panel.first_day))
    found = read_as_of(panel, rows, safe)
    return Legs(
        close=np.where(known, found.close, np.nan),
        session=np.where(known, found.session, NO_DAY),
        age=np.where(known, found.age, NO_AGE),
    )


def _reasons(
    panel: PricePanel,
    stock: StockLegs,
    benchmark_rows: Ints,
    benchmark_base: Legs,
    benchmark_end: Legs,
    moved: Flags,
    rules: Rules,
    suspects: SuspectDays | None,
    given: Codes | None,
) -> Codes:
    """One reason a window and call, written from the weakest to the one that decides."""
    reason = np.zeros(stock.end_day.shape, np.int8)

    def because(where: Flags, name: str) -> None:
        reason[np.broadcast_to(where, reason.shape)] = REASON_CODE[name]

    rows, limit, index_limit = stock.rows, rules.max_stale_sessions, rules.max_stale_benchmark
    if suspects is not None:
        first = np.broadcast_to(stock.base.session, stock.end.session.shape)
        because(suspects.touch(rows, first, stock.end.session) & moved, "suspect_prices")
        shaky = suspects.touch(benchmark_rows, benchmark_base.session, benchmark_end.session)
        because(shaky & moved, "benchmark_stale")
    stale = (benchmark_base.age > index_limit) | (benchmark_end.age > index_limit)
    because(stale, "benchmark_stale")
    because(~moved, "pending")
    gone = panel.delisted_day[np.where(rows >= 0, rows, 0)]
    because(stock.end.age > limit, "suspended_at_end")
    because((stock.end.age > limit) & (gone < stock.end_day), "delisted")
    because(~_closed(stock), "pending")
    because(stock.base.age > limit, "suspended_at_base")
    because((stock.base.age > limit) & (gone < stock.base_day), "delisted")

    listed = panel.listed_day[np.where(rows >= 0, rows, 0)]
    known_since = listed > np.iinfo(np.int32).min
    seen = stock.end.age[-1] != NO_AGE
    late = np.where(known_since, listed > stock.base_day, seen)
    missing = stock.base.age == NO_AGE
    because(missing, "no_prices")
    if rules.base_policy == "on_or_after":
        because(missing & seen, "pending")
    because(stock.born_late & late, "not_yet_listed")
    because(benchmark_rows == NO_BENCHMARK, "no_benchmark")
    if given is not None:
        reason[:, given > 0] = given[given > 0]
    return reason


def _closed(stock: StockLegs) -> Flags:
    """True for windows whose end has come; the one to date always counts."""
    closed = stock.matured.copy()
    closed[-1] = True
    return closed
