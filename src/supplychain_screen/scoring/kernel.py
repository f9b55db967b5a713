"""The kernel: any number of calls measured at once, in blocks that stay in the cache.

There is no loop over calls or listings, and every number this package reports about a call
comes from here. A block of calls is a few dozen array operations; the close and the age of every
leg are one read each on the panel's calendar-day grid.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.prices.panel import CellReader
from supplychain_screen.scoring.measurement import (
    NO_BENCHMARK,
    CallScores,
    Codes,
    Flags,
    Ints,
    Rules,
    SuspectDays,
)
from supplychain_screen.scoring.reasons import REASON_CODE, STAGE_INTERIM, STAGE_PENDING
from supplychain_screen.scoring.relative import NO_AGE, Legs, Relative, compare
from supplychain_screen.scoring.windows import FORWARD, base_shift, calendar_ends, window_ends
from supplychain_screen.words import counted

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel

__all__ = ["BLOCK", "measure"]

BLOCK = 32_768
"""Calls a block: one array operation stays in the second-level cache."""

_THREADED_BLOCK = 65_536
"""Calls a block of one thread of several: long enough that handing the interpreter's lock from
thread to thread costs little."""

_ONE_THREAD = 200_000
"""Calls below which starting threads costs more than they bring."""

_UNKNOWN_LISTED = np.iinfo(np.int32).min


def measure(
    panel: PricePanel,
    rows: Ints,
    benchmark_rows: Ints,
    published: Ints,
    as_of: int,
    rules: Rules,
    *,
    suspects: SuspectDays | None = None,
    given: Codes | None = None,
    out: CallScores | None = None,
    threads: int | None = None,
    block: int | None = None,
) -> CallScores:
    """Every call against one benchmark each.

    Parameters
    ----------
    panel : PricePanel
    rows, benchmark_rows : ndarray of int32, shape (n,)
        Panel row of each call's listing (negative: none) and of its benchmark (or
        ``NO_BENCHMARK``, ``NOT_IN_PANEL``).
    published : ndarray of int32, shape (n,)
        Day number of publication.
    as_of : int
        Day number of the last day that is known; nothing after it is read.
    rules : Rules
    suspects : SuspectDays, optional
        Days no rating may rest on.
    given : ndarray of int8, shape (n,), optional
        Reasons known beforehand (``unlisted``, ``unresolved``); they win over all others.
    out : CallScores, optional
        Scores of an earlier measurement of as many calls, whose memory is used again.
    threads : int, optional
        How many work at once; as many as there are processors for many calls, else one.
    block : int, optional
        Calls a block. The bytes of the result depend on neither.

    Notes
    -----
    The benchmark is read on the listing's own base and end sessions: its last close on or before
    each, so a suspended listing is compared over the days it has, and a holiday of either
    exchange moves nothing.
    """
    if as_of > panel.last_day:
        last = np.datetime64(panel.last_day, "D")
        raise CallsError(
            Problem(f"as_of lies after the prices, which end on {last}", "build the panel up to it")
        )
    if panel.sessions_through[:, -1:].max(initial=0) >= NO_AGE:
        raise CallsError(
            Problem(f"the prices have {NO_AGE} sessions or more", "build the panel of fewer years")
        )
    _refuse_rows(panel, rows, benchmark_rows)
    if not panel.listings:
        # Somewhere for calls that have no listing to look.
        panel = panel.with_blank_row()
    if out is None:
        out = CallScores.empty(rules, as_of, rows, benchmark_rows, published)
    else:
        out = CallScores(
            rules,
            as_of,
            rows,
            benchmark_rows,
            published,
            out.base,
            out.end,
            out.benchmark_base,
            out.benchmark_end,
            out.relative,
            out.rating,
            out.reason,
            out.stage,
            out.headline,
        )
    n = rows.size
    if threads is None:
        threads = (os.cpu_count() or 1) if n >= _ONE_THREAD else 1
    tables = _Tables(panel, as_of, rules)
    if threads < 1 or (block is not None and block < 1):
        raise CallsError(Problem("threads and block are at least 1", "give a positive number"))
    if rules.base_policy in FORWARD:
        _ = panel.ahead  # made once, not once a thread
    if block is None:
        block = BLOCK if threads == 1 else _THREADED_BLOCK
    stripes = np.linspace(0, -(-n // block), threads + 1).astype(int) * block

    def work(stripe: int) -> None:
        worker = _Worker(panel, tables, out, suspects, given, block)
        # A close may be missing, and NaN is then no news. The setting belongs to the thread.
        with np.errstate(invalid="ignore"):
            for lo in range(stripes[stripe], min(stripes[stripe + 1], n), block):
                worker.run(lo, min(lo + block, n))

    if threads == 1:
        work(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
    return out


class _Tables:
    """What depends on the publication day only, looked up by its column of the panel."""

    def __init__(self, panel: PricePanel, as_of: int, rules: Rules) -> None:
        first = panel.first_day
        self.as_of_column = max(min(as_of, panel.last_day) - first, -1)
        self.end_day: Ints = calendar_ends(first, panel.n_days, tuple(rules.months), as_of)
        ends = self.end_day[:-1]
        # Window that is still open on as_of: read nowhere.
        self.open: Flags = ends > as_of
        self.end: Ints = np.minimum(ends - np.int32(first), np.int32(self.as_of_column))
        matured = (~self.open).sum(axis=0)
        self.matured: Codes = matured.astype(np.int8)
        self.any_open = bool(self.open[:, : self.as_of_column + 1].any())


class _Worker:
    """Scratch of one thread, and the steps of one block."""

    def __init__(
        self,
        panel: PricePanel,
        tables: _Tables,
        out: CallScores,
        suspects: SuspectDays | None,
        given: Codes | None,
        block: int,
    ) -> None:
        self.panel, self.tables, self.out = panel, tables, out
        self.suspects, self.given = suspects, given
        self.rules = out.rules
        size = min(block, max(out.rows.size, 1))
        self.cells = CellReader(panel, size)
        self.start = np.empty(size, np.int64)
        self.target = np.empty(size, np.int32)
        self.index_start = np.empty(size, np.int64)
        self.flag = np.empty(size, np.bool_)
        self.cuts = [float(cut) for cut in self.rules.cuts]

    def run(self, lo: int, hi: int) -> None:
        """Measure the calls from ``lo`` up to but not including ``hi``."""
        out, panel, tables = self.out, self.panel, self.tables
        n = hi - lo
        rows, published = out.rows[lo:hi], out.published[lo:hi]
        column = published - np.int32(panel.first_day)
        dated = (column >= 0) & (column <= tables.as_of_column)
        nobody = _some(~dated | (rows < 0))
        if not dated.all():
            column[~dated] = 0
        start, index_start = self.start[:n], self.index_start[:n]
        np.multiply(rows, panel.n_days, out=start, dtype=np.int64)
        benchmarks = out.benchmark_rows[lo:hi]
        np.multiply(benchmarks, panel.n_days, out=index_start, dtype=np.int64)
        no_index = np.ones(n, np.bool_) if self.rules.is_own else _some(benchmarks < 0)

        base = _cut(out.base, lo, hi)
        self._base(base, start, column, nobody)
        benchmark_base = _cut(out.benchmark_base, lo, hi)
        self._benchmark(benchmark_base, index_start, base, no_index)
        fine = self._within(base, benchmark_base)
        if self.rules.base_policy in FORWARD:
            # Looking forward finds the first session of a young listing, which is no base.
            fine &= self.cells.known(start, column) | (base.session <= published)

        every_fine = np.ones(n, np.bool_)
        to_date = len(self.rules.months)
        target = self.target[:n]
        for window in range(to_date + 1):
            end, benchmark_end = (
                _cut(out.end, lo, hi, window),
                _cut(out.benchmark_end, lo, hi, window),
            )
            np.take(tables.end[min(window, to_date - 1)], column, out=target, mode="clip")
            unread = nobody
            if window < to_date and tables.any_open:
                unread = _either(nobody, tables.open[window][column])
            self._read(end, start, target, unread)
            self._benchmark(benchmark_end, index_start, end, no_index)
            window_fine = self._window(lo, hi, window, base, end, benchmark_base, benchmark_end)
            window_fine &= fine
            every_fine &= window_fine
        self._stage(lo, hi, column, dated)
        self._explain(lo, hi, every_fine, column)

    def _read(self, leg: Legs, start: Any, column: Ints, unread: Flags | None) -> None:
        """As-of close, its session and its age."""
        self.cells.as_of(start, column, unread, leg.close, leg.session, leg.age)

    def _base(self, leg: Legs, start: Any, column: Ints, nobody: Flags | None) -> None:
        policy = self.rules.base_policy
        if policy == "on_or_before":
            self._read(leg, start, column, nobody)
        elif policy == "before":
            earlier = column - np.int32(1)
            self._read(leg, start, earlier, _either(nobody, earlier < 0))
        else:
            latest = self.tables.as_of_column
            day = column + np.int32(base_shift(policy))
            unread = _either(nobody, day > latest)
            self.cells.following(start, day, latest, unread, leg.close, leg.session, leg.age)

    def _benchmark(self, leg: Legs, start: Any, stock: Legs, no_index: Flags | None) -> None:
        """The benchmark on the listing's own session: its last close on or before it."""
        first = np.int32(self.panel.first_day)
        # No close, or one from before the grid: there is no day to read the benchmark on.
        unread = _some(stock.session < first)
        if no_index is not None:
            unread = _either(no_index, stock.session < first)
        self._read(leg, start, stock.session - first, unread)

    def _within(self, base: Legs, benchmark_base: Legs) -> Flags:
        rules = self.rules
        if rules.is_own:
            return base.age <= rules.max_stale_sessions
        return (base.age <= rules.max_stale_sessions) & (
            benchmark_base.age <= rules.max_stale_benchmark
        )

    def _window(
        self,
        lo: int,
        hi: int,
        window: int,
        base: Legs,
        end: Legs,
        index_base: Legs,
        index_end: Legs,
    ) -> Flags:
        """Returns and rating of one window; true where its own legs leave nothing to explain."""
        rules, relative = self.rules, self.out.relative
        here = Relative(
            relative.stock_return[window, lo:hi],
            relative.benchmark_return[window, lo:hi],
            relative.difference[window, lo:hi],
            relative.ratio[window, lo:hi],
        )
        compare(base.close, end.close, index_base.close, index_end.close, here)
        moved = end.session > base.session
        # Without a close there is no number to take back.
        still = ~moved & (end.age != NO_AGE)
        if still.any():
            for values in (here.stock_return, here.benchmark_return, here.difference, here.ratio):
                values[still] = np.nan
        rated = here.by(rules.comparison)
        rating = self.out.rating[window, lo:hi]
        rating[:] = len(self.cuts)
        passed = self.flag[: hi - lo]
        for cut in self.cuts:
            np.greater_equal(rated, cut, out=passed)
            np.subtract(rating, passed.view(np.int8), out=rating)
        fine: Flags = moved
        fine &= end.age <= rules.max_stale_sessions
        if not rules.is_own:
            fine &= index_end.age <= rules.max_stale_benchmark
        return fine

    def _stage(self, lo: int, hi: int, column: Ints, dated: Flags) -> None:
        out = self.out
        matured = np.where(dated, self.tables.matured[column], np.int8(0))
        some = matured > 0
        last = np.int8(len(self.rules.months))
        out.headline[lo:hi] = np.where(some, matured - np.int8(1), last)
        moved = out.end.session[-1, lo:hi] > out.base.session[lo:hi]
        moved &= out.base.age[lo:hi] != NO_AGE
        waiting = np.where(moved, np.int8(STAGE_INTERIM), np.int8(STAGE_PENDING))
        out.stage[lo:hi] = np.where(some, matured + np.int8(STAGE_INTERIM), waiting)

    def _explain(self, lo: int, hi: int, fine: Flags, column: Ints) -> None:
        """Reasons of the few calls that have one; everybody else is rated."""
        out = self.out
        out.reason[:, lo:hi] = 0
        if self.rules.unrated:
            out.reason[:, lo:hi] = REASON_CODE[self.rules.unrated]
            out.rating[:, lo:hi] = -1
        if self.given is not None:
            fine &= self.given[lo:hi] == 0
        if self.suspects:
            legs = [(out.rows, out.base, out.end, self.rules.wanted(out.published[lo:hi]))]
            if not self.rules.is_own:
                legs.append((out.benchmark_rows, out.benchmark_base, out.benchmark_end, None))
            for rows, base, end, wanted in legs:
                first, last = base.session[lo:hi], end.session[:, lo:hi]
                touched = self.suspects.touch(rows[lo:hi], first, last, wanted=wanted)
                fine &= ~touched.any(axis=0)
        places = np.flatnonzero(~fine)
        if not places.size:
            return
        reason = self._reasons(lo + places, column[places])
        if self.rules.unrated:
            # Whatever else keeps a call from its numbers says more than what keeps all of them.
            reason[reason == 0] = REASON_CODE[self.rules.unrated]
        out.reason[:, lo + places] = reason
        rating = out.rating[:, lo + places]
        rating[reason > 0] = -1
        out.rating[:, lo + places] = rating

    def _reasons(self, places: npt.NDArray[np.intp], column: Ints) -> Codes:
        """One reason a window and call, written from the weakest to the one that decides."""
        out, panel, rules, suspects = self.out, self.panel, self.rules, self.suspects
        rows, indices = out.rows[places], out.benchmark_rows[places]
        published = out.published[places]
        base, end = out.base.take(places), out.end.take(places)
        index_base, index_end = out.benchmark_base.take(places), out.benchmark_end.take(places)
        limit, index_limit = rules.max_stale_sessions, rules.max_stale_benchmark
        end_day = self.tables.end_day[:, column]
        undated = np.flatnonzero(published != column + np.int32(panel.first_day))
        if undated.size:
            end_day[:, undated] = window_ends(published[undated], rules.months, out.as_of)
        base_day = published + np.int32(base_shift(rules.base_policy))
        moved = (end.session > base.session) & (base.age != NO_AGE) & (end.age != NO_AGE)
        closed = end_day <= out.as_of
        reason = np.zeros(end_day.shape, np.int8)

        def because(where: Flags, name: str) -> None:
            reason[np.broadcast_to(where, reason.shape)] = REASON_CODE[name]

        if suspects is not None:
            # Each leg by its own sessions: the index may have none on a session of the listing.
            wanted = rules.wanted(published)
            touched = suspects.touch(rows, base.session, end.session, wanted=wanted)
            because(touched & moved, "suspect_prices")
            if not rules.is_own:
                shaky = suspects.touch(indices, index_base.session, index_end.session)
                because(shaky & moved, "benchmark_stale")
        if not rules.is_own:
            stale = (index_base.age > index_limit) | (index_end.age > index_limit)
            because(stale, "benchmark_stale")
        because(~moved, "pending")
        gone = panel.delisted_day[np.maximum(rows, 0)]
        because(end.age > limit, "suspended_at_end")
        because((end.age > limit) & (gone < end_day), "delisted")
        because(~closed, "pending")
        because(base.age > limit, "suspended_at_base")
        because((base.age > limit) & (gone < base_day), "delisted")
        self._unborn(because, places, column, base, base_day)
        because(published > out.as_of, "pending")
        if not rules.is_own:
            because(indices == NO_BENCHMARK, rules.no_benchmark)
        if self.given is not None:
            known = self.given[places]
            reason[:, known > 0] = known[known > 0]
        return reason

    def _unborn(
        self,
        because: Any,
        places: npt.NDArray[np.intp],
        column: Ints,
        base: Legs,
        base_day: Ints,
    ) -> None:
        """Calls without a base: no prices at all, or a listing that did not trade yet."""
        panel, rows = self.panel, self.out.rows[places]
        published = self.out.published[places]
        row, held = np.maximum(rows, 0), rows >= 0
        missing = base.age == NO_AGE
        # Who first trades on the day after publication was not listed, whatever the policy.
        birth = np.minimum(base_day, published)
        # By as_of, not by the window's end: who starts to trade after it has prices all the same.
        # They say nothing of a call from before the grid, and without a row they are another's.
        seen = panel.has_close(row, self.tables.as_of_column)
        seen &= held & (published >= panel.first_day)
        known = panel.has_close(row, column)
        because(missing, "no_prices")
        late = missing
        if self.rules.base_policy in FORWARD:
            # Sessions from the base day on, it included: a base after as_of is as old at least.
            through, calendar = panel.sessions_through, panel.calendar_of[row]
            eve = column - np.int32(self.rules.base_policy == "on_or_after")
            before = np.where(eve >= 0, through[calendar, np.maximum(eve, 0)], 0)
            waited = through[calendar, self.tables.as_of_column] - before
            gone = panel.delisted_day[row] < base_day
            because(missing & seen, "pending")
            because(missing & seen & (waited > self.rules.max_stale_sessions), "suspended_at_base")
            because(missing & seen & gone, "delisted")
            # Looking forward finds the first session of a young listing, days after the base.
            late = ~known & ((base.session > published) | missing)
            # Published before the grid: column 0 is not its day.
            late |= missing & (published < panel.first_day)
        listed = panel.listed_day[row]
        # Who trades on the first day of the grid may have traded on the day before it.
        begun = seen & ~(known & (birth < panel.first_day))
        young = np.where(listed > _UNKNOWN_LISTED, listed > birth, begun)
        because(late & young & held, "not_yet_listed")


def _refuse_rows(panel: PricePanel, rows: Ints, benchmark_rows: Ints) -> None:
    """A row that the panel does not have would read somebody else's prices."""
    highest = max(rows.max(initial=-1), benchmark_rows.max(initial=-1))
    if highest >= len(panel.listings):
        raise CallsError(
            Problem(
                f"the panel has {counted(len(panel.listings), 'row')}",
                "give places of this panel, from PricePanel.rows()",
                value=str(highest),
            )
        )


def _cut(legs: Legs, lo: int, hi: int, window: int | None = None) -> Legs:
    """Some calls of some legs, sharing their memory."""
    if window is None:
        return Legs(legs.close[lo:hi], legs.session[lo:hi], legs.age[lo:hi])
    return Legs(legs.close[window, lo:hi], legs.session[window, lo:hi], legs.age[window, lo:hi])


def _some(flags: Flags) -> Flags | None:
    """The flags, or None where none is set: then nothing needs to be done about them."""
    return flags if flags.any() else None


def _either(some: Flags | None, others: Flags) -> Flags:
    return others if some is None else some | others
