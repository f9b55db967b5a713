"""One basket from any number of base dates at once: means only, by the kernel's own rules.

A placebo study asks the same members again and again, so nothing is looked up at random. A
member's closes and those of its benchmark, read on the member's own sessions, are two rows of
the panel's calendar-day grid; every base date and every window reads them by the same columns.
What may not be rated is made NaN once a member, before any date is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.scoring.windows import FORWARD, base_shift

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import Rules, SuspectDays

__all__ = ["BasketReturns", "basket_returns"]

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

_MEMBERS = 16
"""Members looked at together, about 3 MB of scratch for ten years of sessions."""


@dataclass(frozen=True, slots=True)
class BasketReturns:
    """What one basket did from each base date, over each window.

    Parameters
    ----------
    mean : ndarray of float64, shape (n_windows, n_dates)
        Equal-weighted relative return of the rated members, fraction; NaN where nobody is rated.
    members : ndarray of int32, shape (n_windows, n_dates)
        How many members are rated.
    hits : ndarray of int32, shape (n_windows, n_dates)
        How many of them are rated above the level that a relative return of 0 falls in.
    beside : ndarray of float64, shape (n_windows, n_dates)
        Mean over the very same members of the figures they were given, fraction; NaN where
        nobody is rated or no figures were given.
    """

    mean: Floats
    members: Ints
    hits: Ints
    beside: Floats


def basket_returns(
    panel: PricePanel,
    rows: Ints,
    benchmark_rows: Ints,
    days: Ints,
    ends: Ints,
    as_of: int,
    rules: Rules,
    *,
    suspects: SuspectDays | None = None,
    beside: Floats | None = None,
) -> BasketReturns:
    """Mean relative return of one basket from many base dates, without keeping any call.

    Parameters
    ----------
    panel : PricePanel
    rows, benchmark_rows : ndarray of int32, shape (n_members,)
        Panel row of each member and of its benchmark; a member without either is never rated.
    days : ndarray of int32, shape (n_dates,)
        Day number of each publication, in any order.
    ends : ndarray of int32, shape (n_windows, n_dates)
        Day number on which each window of each date ends, such as
        :func:`~supplychain_screen.scoring.windows.window_ends` gives.
    as_of : int
        Day number of the last day that is known; a window that ends later is rated by nobody.
    rules : Rules
        Base policy, comparison and limits of staleness. Its months are not used.
    suspects : SuspectDays, optional
        Days no rating may rest on.
    beside : ndarray of float64, shape (n_members,), optional
        A finite figure of each member, such as what it did from its own date: its mean is taken
        over whoever is rated from each date, so that two dates are compared over the same members.

    Returns
    -------
    BasketReturns

    Raises
    ------
    CallsError
        ``as_of`` lies after the panel.

    Notes
    -----
    A member is rated exactly where :func:`~supplychain_screen.scoring.kernel.measure` rates it;
    the returns are the same floats, and their means differ by the order of summation only.
    """
    if as_of > panel.last_day:
        last = np.datetime64(panel.last_day, "D")
        raise CallsError(
            Problem(f"as_of lies after the prices, which end on {last}", "build the panel up to it")
        )
    kept = (rows >= 0) & (rules.is_own | (benchmark_rows >= 0))
    if rules.is_own:
        # Whatever row stands for a benchmark: it is never read.
        benchmark_rows = rows
    basket = _Basket(panel, rows[kept], benchmark_rows[kept], days, ends, as_of, rules, suspects)
    given = None if beside is None else beside[kept]
    sums = _Sums.empty(ends.shape)
    scratch = np.empty((4, _MEMBERS, days.size))
    # A close may be missing, and NaN is then no news.
    with np.errstate(invalid="ignore"):
        for lo in range(0, basket.rows.size, _MEMBERS):
            basket.add(slice(lo, lo + _MEMBERS), given, sums, scratch)
    for counted in (sums.members, sums.hits):
        counted[~basket.known] = 0
    rated = sums.members > 0
    mean, means_beside = (
        np.divide(total, sums.members, out=np.full(ends.shape, np.nan), where=rated)
        for total in (sums.total, sums.beside)
    )
    if given is None:
        means_beside[:] = np.nan
    return BasketReturns(mean, sums.members, sums.hits, means_beside)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over the members looked at so far, each of shape (n_windows, n_dates)."""

    total: Floats
    members: Ints
    hits: Ints
    beside: Floats

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> _Sums:
        hits = np.zeros(shape, np.int32)
        return cls(np.zeros(shape), np.zeros(shape, np.int32), hits, np.zeros(shape))


class _Basket:
    """What all members share: columns of every base date and end, benchmarks, limits."""

    def __init__(
        self,
        panel: PricePanel,
        rows: Ints,
        benchmark_rows: Ints,
        days: Ints,
        ends: Ints,
        as_of: int,
        rules: Rules,
        suspects: SuspectDays | None,
    ) -> None:
        self.panel, self.rows, self.benchmark_rows, self.rules = panel, rows, benchmark_rows, rules
        self.hit = min((cut for cut in rules.cuts if cut > 0.0), default=np.inf)
        first, last = panel.first_day, max(min(as_of, panel.last_day) - panel.first_day, -1)
        day = days.astype(np.intp) - first
        base = day + base_shift(rules.base_policy)
        seen = (np.minimum(base, day) >= 0) & (np.maximum(base, day) <= last)
        self.known = seen & (ends <= as_of)
        self.base: Places = np.clip(base, 0, last)
        self.end: Places = np.clip(ends.astype(np.intp) - first, 0, last)
        used, self.benchmark = np.unique(benchmark_rows, return_inverse=True)
        self.index = np.ones((used.size, panel.n_days)) if rules.is_own else panel.close[used]
        if not rules.is_own:
            self.index[panel.ages(used) > rules.max_stale_benchmark] = np.nan
        self.near = [self._near(end) for end in self.end]
        self.suspects = suspects
        self.touched = np.zeros(rows.size, np.bool_)
        if suspects:
            self.touched = suspects.of(rows) | suspects.of(benchmark_rows)

    def _near(self, end: Places) -> bool:
        """True where an end may fall on the session of its base without being stale there."""
        if self.rules.base_policy in FORWARD:
            return True
        for through in self.panel.sessions_through[np.unique(self.panel.calendar_of[self.rows])]:
            passed = through[end] - through[self.base]
            if passed.size and passed.min() <= self.rules.max_stale_sessions:
                return True
        return False

    def add(self, some: slice, beside: Floats | None, sums: _Sums, scratch: Floats) -> None:
        """Add the relative returns of some members, and how many of them are rated."""
        close, index, session = self._legs(some)
        n = close.shape[0]
        base, index_base, growth, index_growth = scratch[:, :n]
        at = self._base(some, close, index, session, base, index_base)
        for window, end in enumerate(self.end):
            np.take(close, end, axis=1, out=growth, mode="clip")
            np.take(index, end, axis=1, out=index_growth, mode="clip")
            growth /= base
            index_growth /= index_base
            if self.rules.comparison == "difference":
                growth -= index_growth
            else:
                growth /= index_growth
                growth -= 1.0  # own: the index stands still at 1
            rated = ~np.isnan(growth)
            if self.near[window]:
                rated &= session[:, end] > at
            if self.touched[some].any():
                rated &= ~self._suspect(some, at, session[:, end])
            if not rated.all():
                growth[~rated] = 0.0
            sums.total[window] += np.add.reduce(growth, axis=0)
            sums.members[window] += np.add.reduce(rated.view(np.int8), axis=0, dtype=np.int8)
            # Where nobody is rated, 0 stands, and no hit lies at or below 0.
            hit = growth >= self.hit
            sums.hits[window] += np.add.reduce(hit.view(np.int8), axis=0, dtype=np.int8)
            if beside is not None:
                sums.beside[window] += beside[some] @ rated

    def _legs(self, some: slice) -> tuple[Floats, Floats, Ints]:
        """Close, benchmark on the same session, and that session's column, for every day."""
        panel, rows = self.panel, self.rows[some]
        width = panel.n_days
        session = panel.session_columns(rows)
        stale = panel.ages(rows) > self.rules.max_stale_sessions
        # A close from before the grid: there is no day to read the benchmark on.
        stale |= session < 0
        cell = session + (self.benchmark[some] * width)[:, None]
        index = np.take(self.index.ravel(), cell, mode="clip")
        index[stale] = np.nan
        return panel.close[rows], index, session

    def _base(
        self,
        some: slice,
        close: Floats,
        index: Floats,
        session: Ints,
        base: Floats,
        index_base: Floats,
    ) -> Ints:
        """Write both base closes; returns the columns of the base sessions."""
        if self.rules.base_policy not in FORWARD:
            np.take(close, self.base, axis=1, out=base, mode="clip")
            np.take(index, self.base, axis=1, out=index_base, mode="clip")
            return session[:, self.base]
        rows = self.rows[some, None]
        days, skipped, there = self.panel.next_sessions(rows, self.base)
        late = ~there | (skipped > self.rules.max_stale_sessions)
        # The first session of a young listing is no base, however near.
        listed = self.panel.listed_day[rows]
        day = np.maximum(self.base - (self.rules.base_policy == "after"), 0)
        young = (listed == np.iinfo(np.int32).min) | (listed > day + self.panel.first_day)
        unborn = ~self.panel.has_close(rows, day)
        late |= unborn & (self.base + days > day) & young
        at = self.base + days
        np.minimum(at, self.panel.n_days - 1, out=at)
        base[:] = np.take_along_axis(close, at, axis=1)
        index_base[:] = np.take_along_axis(index, at, axis=1)
        base[late] = np.nan
        return at.astype(np.int32)

    def _suspect(self, some: slice, at: Ints, end: Ints) -> Flags:
        """True where either leg rests on a day that is not to be trusted."""
        assert self.suspects is not None
        first = self.panel.first_day
        rows, indices = self.rows[some, None], self.benchmark_rows[some, None]
        days = (self.base + first).astype(np.int32)
        found = self.suspects.touch(
            rows,
            at + np.int32(first),
            end + np.int32(first),
            wanted=days if self.rules.base_policy in FORWARD else None,
        )
        legs = [
            column - self.panel.days_since(indices, np.maximum(column, 0)) + np.int32(first)
            for column in (at, end)
        ]
        return found | self.suspects.touch(indices, *legs)
