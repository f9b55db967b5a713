"""What a measurement follows and what it finds: rules, days not to be trusted, scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.scoring.relative import NO_AGE, Comparison, Legs, Relative
from supplychain_screen.scoring.windows import (
    FORWARD,
    BasePolicy,
    base_dates,
    base_shift,
    window_ends,
    window_names,
)

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.prices.series import Reach

__all__ = ["NOT_IN_PANEL", "NO_BENCHMARK", "CallScores", "Rules", "SuspectDays"]

Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

NO_BENCHMARK = -1
"""Row of a benchmark that the standard does not name: the call is ``no_benchmark``."""

NOT_IN_PANEL = -2
"""Row of a benchmark that is named but has no prices: the call is ``benchmark_stale``."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The conventions one measurement follows, as plain numbers.

    Parameters
    ----------
    cuts : tuple of float
        Smallest relative return that passes each bound of the scale upwards, ascending
        fractions; one level lies below each and one above the last.
    months : tuple of int
        Ends of the fixed windows, calendar months after publication, ascending.
    base_policy : {"on_or_before", "before", "on_or_after", "after"}
        Which session starts the measurement.
    comparison : {"difference", "ratio", "own"}
        Which relative return is rated; ``own``: the listing's own return, and no benchmark.
    max_stale_sessions, max_stale_benchmark : int
        Oldest close that still counts, in sessions of its exchange.
    unrated : str
        Reason why nobody is rated who otherwise would be; empty: the scale has bounds.
    no_benchmark : str
        Reason of calls without a benchmark.

    Raises
    ------
    CallsError
        A limit is negative, or longer than an age can be.
    """

    cuts: tuple[float, ...]
    months: tuple[int, ...] = (6, 12)
    base_policy: BasePolicy = "on_or_before"
    comparison: Comparison = "difference"
    max_stale_sessions: int = 5
    max_stale_benchmark: int = 3
    unrated: str = ""
    no_benchmark: str = "no_benchmark"

    def __post_init__(self) -> None:
        for limit in (self.max_stale_sessions, self.max_stale_benchmark):
            # A limit that NO_AGE does not pass would let a missing close be rated.
            if not 0 <= limit < NO_AGE:
                raise CallsError(
                    Problem(
                        f"a limit of stale sessions lies outside 0 to {NO_AGE - 1}",
                        "give a number of sessions",
                        value=str(limit),
                    )
                )

    @property
    def is_own(self) -> bool:
        """Whether the listing's own return is rated, without a benchmark."""
        return self.comparison == "own"

    @property
    def windows(self) -> tuple[str, ...]:
        """Names of the windows, the last one being to date."""
        return window_names(self.months)

    def wanted(self, published: Ints) -> Ints | None:
        """The day from which on a base is looked for; None where the policy looks back."""
        policy = self.base_policy
        return published + np.int32(base_shift(policy)) if policy in FORWARD else None


class SuspectDays:
    """Days on which a quality check says that a listing's closes are not to be trusted.

    Parameters
    ----------
    panel : PricePanel
    spans : iterable of (int, int, int) or (int, int, int, Reach)
        Row of the panel, first and last day number, both inclusive, and which windows they take
        (`supplychain_screen.prices.series.Reach`, ``span`` where nothing is said).

    Attributes
    ----------
    spans : tuple of (str, int, int, Reach)
        The same by id of the listing, for another panel.
    """

    def __init__(
        self,
        panel: PricePanel,
        spans: Iterable[tuple[int, int, int] | tuple[int, int, int, Reach]] = (),
    ) -> None:
        told: list[tuple[int, int, int, Reach]] = [
            (one[0], one[1], one[2], one[3] if len(one) == 4 else "span") for one in spans
        ]
        names = panel.listings
        self.spans = tuple((names[row], first, last, reach) for row, first, last, reach in told)
        self._counts = {
            reach: _Counts(panel, [one[:3] for one in told if one[3] == reach])
            for reach in dict.fromkeys(one[3] for one in told)
        }

    def __bool__(self) -> bool:
        return bool(self._counts)

    def of(self, rows: Ints) -> Flags:
        """True where a row has a day, of whatever reach, that is not to be trusted."""
        found = np.zeros(rows.shape, np.bool_)
        for counts in self._counts.values():
            found |= counts.has(rows)
        return found

    def touch(self, rows: Ints, first: Ints, last: Ints, *, wanted: Ints | None = None) -> Flags:
        """True where a row may not be compared from ``first`` to ``last`` (broadcastable).

        ``first`` and ``last`` are the day numbers of the sessions whose closes are compared, and
        ``wanted`` the day from which on ``first`` was looked for, where the policy looks forward:
        a session after a spoilt close does not stand in for it.
        """
        shape = np.broadcast_shapes(rows.shape, first.shape, last.shape)
        touched = np.zeros(shape, np.bool_)
        for reach, counts in self._counts.items():
            if reach == "ends":
                begin = first if wanted is None else np.minimum(wanted, first)
                touched |= counts.hold(rows, begin, first) | counts.hold(rows, last, last)
            else:
                begin = first + 1 if reach == "move" else first
                touched |= counts.hold(rows, begin, last)
        return touched


class _Counts:
    """How many suspect days of each row lie in a span of days."""

    def __init__(self, panel: PricePanel, spans: Sequence[tuple[int, int, int]]) -> None:
        rows = sorted({row for row, _, _ in spans})
        self._slot = np.full(len(panel.listings), -1, np.int32)
        self._slot[rows] = np.arange(len(rows), dtype=np.int32)
        self._first_day = panel.first_day
        # Column c holds the suspect days before c, so a span is the difference of two columns.
        self._before = np.zeros((len(rows), panel.n_days + 1), np.int32)
        for row, first, last in spans:
            lo = max(first - panel.first_day, 0)
            hi = min(last - panel.first_day, panel.n_days - 1)
            if hi < lo:
                continue
            self._before[self._slot[row], lo + 1 : hi + 2] = 1
        np.cumsum(self._before, axis=1, out=self._before)

    def has(self, rows: Ints) -> Flags:
        """True where a row has any suspect day."""
        held: Flags = (rows >= 0) & (self._slot[np.maximum(rows, 0)] >= 0)
        return held

    def hold(self, rows: Ints, first: Ints, last: Ints) -> Flags:
        """True where a row has a suspect day in [first, last]."""
        slot = np.where(rows >= 0, self._slot[np.maximum(rows, 0)], -1)
        width = self._before.shape[1]
        lo = np.clip(first - np.int64(self._first_day), 0, width - 1)
        hi = np.clip(last - np.int64(self._first_day) + 1, 0, width - 1)
        flat = self._before.ravel()
        start = np.where(slot >= 0, slot, 0).astype(np.int64) * width
        found = flat[start + np.maximum(hi, lo)] - flat[start + lo]
        held: Flags = (slot >= 0) & (found > 0)
        return held


@dataclass(frozen=True, slots=True)
class CallScores:
    """One benchmark's verdict on many calls.

    Parameters
    ----------
    rules : Rules
    as_of : int
        Day number of the last day that was known.
    rows, benchmark_rows, published : ndarray of int32, shape (n,)
        As asked.
    base : Legs, shape (n,)
    end : Legs, shape (n_windows, n)
        The last window is to date.
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

    rules: Rules
    as_of: int
    rows: Ints
    benchmark_rows: Ints
    published: Ints
    base: Legs
    end: Legs
    benchmark_base: Legs
    benchmark_end: Legs
    relative: Relative
    rating: Codes
    reason: Codes
    stage: Codes
    headline: Codes

    @classmethod
    def empty(
        cls, rules: Rules, as_of: int, rows: Ints, benchmark_rows: Ints, published: Ints
    ) -> CallScores:
        """Room for the scores of these calls, not yet filled."""
        n, windows = rows.size, len(rules.windows)
        return cls(
            rules,
            as_of,
            rows,
            benchmark_rows,
            published,
            Legs.empty(n),
            Legs.empty(windows, n),
            Legs.empty(n),
            Legs.empty(windows, n),
            Relative.empty(windows, n),
            np.empty((windows, n), np.int8),
            np.empty((windows, n), np.int8),
            np.empty(n, np.int8),
            np.empty(n, np.int8),
        )

    @property
    def base_day(self) -> Ints:
        """Day number whose close is the base, shape (n,)."""
        return _numbers(base_dates(_dates(self.published), self.rules.base_policy))

    @property
    def end_day(self) -> Ints:
        """Day number each window ends on, shape (n_windows, n); to date, not after ``as_of``."""
        return window_ends(self.published, self.rules.months, self.as_of)

    @property
    def matured(self) -> Flags:
        """True where a fixed window has ended, shape (n_windows, n); never for the one to date."""
        matured: Flags = self.end_day <= self.as_of
        matured[-1] = False
        return matured

    @property
    def begun(self) -> Flags:
        """True where a session followed the base, shape (n,)."""
        begun: Flags = self.end.session[-1] > self.base.session
        begun &= self.base.age != NO_AGE
        return begun

    def take(self, places: npt.NDArray[np.intp]) -> CallScores:
        """The same of some calls, by their places."""
        relative = self.relative
        return CallScores(
            self.rules,
            self.as_of,
            self.rows[places],
            self.benchmark_rows[places],
            self.published[places],
            self.base.take(places),
            self.end.take(places),
            self.benchmark_base.take(places),
            self.benchmark_end.take(places),
            Relative(
                relative.stock_return[:, places],
                relative.benchmark_return[:, places],
                relative.difference[:, places],
                relative.ratio[:, places],
            ),
            self.rating[:, places],
            self.reason[:, places],
            self.stage[places],
            self.headline[places],
        )


def _dates(days: Ints) -> npt.NDArray[np.datetime64]:
    return days.astype(np.int64).astype("datetime64[D]")


def _numbers(dates: npt.NDArray[np.datetime64]) -> Ints:
    return dates.astype(np.int64).astype(np.int32)
