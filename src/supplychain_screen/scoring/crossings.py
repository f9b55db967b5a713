"""What happened on the way: first crossings and extremes of any number of paths, a row a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.scoring.paths import BLOCK, Paths, call_blocks, iter_paths
from supplychain_screen.scoring.relative import NO_DAY

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import CallScores, SuspectDays

__all__ = ["NEVER", "PathFigures", "path_figures"]

NEVER = np.int32(-1)
"""Sessions to a bound that was not crossed."""

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Extremes and first crossings of many paths, without their points.

    Parameters
    ----------
    cuts : tuple of float, length n_cuts
        Relative returns at which one level ends and the next begins, ascending fractions.
    direction : ndarray of int8, shape (n_cuts,)
        1 where a path, which starts at 0, crosses the cut upwards, -1 where it does downwards.
    sessions : ndarray of int32, shape (n,)
        Points that count, the base among them.
    best, worst : ndarray of float64, shape (n,)
        Highest and lowest relative return, fractions; NaN where no point counts.
    best_session, worst_session : ndarray of int32, shape (n,)
        Day number of the first session with that return; ``NO_DAY`` where no point counts.
    crossed_session : ndarray of int32, shape (n_cuts, n)
        Day number of the first session beyond each cut; ``NO_DAY`` where there is none.
    crossed_after : ndarray of int32, shape (n_cuts, n)
        Sessions the listing's exchange held after the base session until then, the crossing
        one included; ``NEVER`` where there is none.
    """

    cuts: tuple[float, ...]
    direction: npt.NDArray[np.int8]
    sessions: Ints
    best: Floats
    best_session: Ints
    worst: Floats
    worst_session: Ints
    crossed_session: Ints
    crossed_after: Ints

    def to_frame(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a call.

        Parameters
        ----------
        names : sequence of str, length n_cuts, optional
            What the columns call each cut; ``cut1``, ``cut2``, … upwards where not given.

        Returns
        -------
        DataFrame of shape (n, 5 + 2 n_cuts)
            ``sessions``, ``best``, ``best_session``, ``worst``, ``worst_session``, and for each
            cut ``c``: ``c_session`` (datetime64[s], NaT where it was not crossed) and
            ``c_after`` (Int32, missing where it was not crossed).
        """
        import pandas as pd

        if names is None:
            names = [f"cut{place}" for place in range(1, len(self.cuts) + 1)]
        columns: dict[str, Any] = {
            "sessions": self.sessions,
            "best": self.best,
            "best_session": _dates(self.best_session),
            "worst": self.worst,
            "worst_session": _dates(self.worst_session),
        }
        for name, session, after in zip(
            names, self.crossed_session, self.crossed_after, strict=True
        ):
            columns[f"{name}_session"] = _dates(session)
            columns[f"{name}_after"] = pd.arrays.IntegerArray(after.copy(), after == NEVER)
        return pd.DataFrame(columns)


def path_figures(
    panel: PricePanel,
    scores: CallScores,
    cuts: Sequence[float] | None = None,
    window: int = -1,
    *,
    suspects: SuspectDays | None = None,
    block: int = BLOCK,
) -> PathFigures:
    """First crossing of each bound and extremes of every call, whatever their number.

    Parameters
    ----------
    panel : PricePanel
        The panel that was measured.
    scores : CallScores, n calls
        From :func:`~supplychain_screen.scoring.kernel.measure`.
    cuts : sequence of float, optional
        Smallest relative return that passes each bound of the scale upwards, ascending
        fractions; those of ``scores.rules`` where not given.
    window : int
        Place of the window; the last one is to date.
    suspects : SuspectDays, optional
        Days no figure may rest on: those that were given to the measurement.
    block : int
        Calls looked at together. The figures do not depend on it.

    Returns
    -------
    PathFigures

    Raises
    ------
    CallsError
        ``block`` is not positive.

    Notes
    -----
    A bound is crossed on the first session whose relative return, by ``scores.rules``, lies in a
    level beyond it, seen from the level of 0 where every path starts: at or above a cut above 0,
    below any other. So a crossing is a session on which the call would have been rated beyond
    the bound, had its window ended there; and a point counts only if it would have been rated:

    - base and benchmark's base are no older than the limits of the rules;
    - the benchmark's close is no older than its limit on that session;
    - no suspect day of either leg lies between its base and that session, both included;
    - it is a number.

    Points on which a listing did not trade do not exist: a bound that was passed during a
    suspension is crossed on the first session after it. Nothing after ``as_of`` is read.

    Examples
    --------
    >>> from supplychain_screen import load_report, screen
    >>> found = screen(load_report(), "2025-01-02", "2025-10-17", prices="simulated").measured
    >>> figures = path_figures(found.panel, found.primary)
    >>> figures.direction.tolist()  # -10% is crossed downwards, +10% upwards
    [-1, 1]
    >>> figures.to_frame(["underperform", "outperform"]).shape
    (36, 9)
    """
    rules, n = scores.rules, scores.rows.size
    cuts = rules.cuts if cuts is None else tuple(float(cut) for cut in cuts)
    upwards = np.array(cuts) > 0.0
    out = PathFigures(
        cuts,
        np.where(upwards, np.int8(1), np.int8(-1)),
        np.zeros(n, np.int32),
        np.full(n, np.nan),
        np.full(n, NO_DAY),
        np.full(n, np.nan),
        np.full(n, NO_DAY),
        np.full((len(cuts), n), NO_DAY),
        np.full((len(cuts), n), NEVER),
    )
    rested = _Rested(panel, scores, window, suspects)
    for paths in iter_paths(panel, scores, window, block=block):
        if not paths.call.size:
            continue
        value = paths.relative.by(rules.comparison)
        rested.blank(paths, value)
        call = paths.call
        starts = np.flatnonzero(np.diff(call, prepend=-1))
        calls, count = call[starts], np.diff(starts, append=call.size)
        out.sessions[calls] = np.add.reduceat(~np.isnan(value), starts, dtype=np.int32)
        for extreme, most, session in (
            (np.fmax, out.best, out.best_session),
            (np.fmin, out.worst, out.worst_session),
        ):
            found = extreme.reduceat(value, starts)
            most[calls] = found
            _first(paths, np.flatnonzero(value == np.repeat(found, count)), session)
        for cut, up, session in zip(cuts, upwards, out.crossed_session, strict=True):
            _first(paths, np.flatnonzero(value >= cut if up else value < cut), session)
    for some in call_blocks(n, 1 << 16):
        _count(panel, scores, some, out)
    return out


class _Rested:
    """Which points rest on something that no rating may rest on."""

    def __init__(
        self, panel: PricePanel, scores: CallScores, window: int, suspects: SuspectDays | None
    ) -> None:
        self.panel, self.scores, self.window, self.suspects = panel, scores, window, suspects
        rules = scores.rules
        used = np.unique(scores.benchmark_rows)
        # A listing's own return rests on no benchmark.
        used = used[:0] if rules.is_own else used[used >= 0]
        # A call without a benchmark takes another's days: its points are NaN anyway.
        self.slot = np.searchsorted(used, scores.benchmark_rows).clip(max=max(used.size - 1, 0))
        self.stale = np.empty((used.size, panel.n_days), np.bool_)
        for slot, row in enumerate(used):
            np.greater(panel.ages(row), rules.max_stale_benchmark, out=self.stale[slot])

    def blank(self, paths: Paths, value: Floats) -> None:
        """Write NaN over the points of one block that do not count."""
        scores, rules, call, session = self.scores, self.scores.rules, paths.call, paths.session
        column = session - np.int32(self.panel.first_day)
        if self.stale.size:
            value[self.stale[self.slot[call], column]] = np.nan
        first, last = call[0], call[-1] + 1
        some = slice(first, last)
        fine = scores.base.age[some] <= rules.max_stale_sessions
        if not rules.is_own:
            fine &= scores.benchmark_base.age[some] <= rules.max_stale_benchmark
        if not fine.all():
            value[~fine[call - first]] = np.nan
        if self.suspects:
            self._distrust(paths, value, some)

    def _distrust(self, paths: Paths, value: Floats, some: slice) -> None:
        assert self.suspects is not None
        scores, touch = self.scores, self.suspects.touch
        rows, indices = scores.rows, scores.benchmark_rows
        base, index_base = scores.base.session, scores.benchmark_base.session
        suspect = self.suspects.of(rows[some])
        if not scores.rules.is_own:
            suspect |= self.suspects.of(indices[some])
        at = np.flatnonzero(suspect[paths.call - some.start])
        if not at.size:
            return
        call, session = paths.call[at], paths.session[at]
        index = np.maximum(indices[call], 0)
        index_session = session - self.panel.days_since(index, session - self.panel.first_day)
        wanted = scores.rules.wanted(scores.published)
        asked = None if wanted is None else wanted[call]
        own = touch(rows[call], base[call], session, wanted=asked)
        if scores.rules.is_own:
            value[at[own]] = np.nan
            return
        index_own = touch(indices[call], index_base[call], index_session)
        value[at[own | index_own]] = np.nan


def _first(paths: Paths, at: Places, session: Ints) -> None:
    """Write the session of each call's first point among some, which are in order."""
    call = paths.call[at]
    first = np.flatnonzero(np.diff(call, prepend=-1))
    session[call[first]] = paths.session[at[first]]


def _count(panel: PricePanel, scores: CallScores, calls: slice, out: PathFigures) -> None:
    """Sessions of the exchange from the base to each crossing."""
    through = panel.sessions_through
    for session, after in zip(out.crossed_session, out.crossed_after, strict=True):
        crossed = np.flatnonzero(session[calls] != NO_DAY) + calls.start
        calendar = panel.calendar_of[scores.rows[crossed]]
        # A base from before the panel has no benchmark and no crossing, so this is a column.
        base = scores.base.session[crossed] - panel.first_day
        until = session[crossed] - panel.first_day
        after[crossed] = through[calendar, until] - through[calendar, base]


def _dates(sessions: Ints) -> npt.NDArray[np.datetime64]:
    dates = (sessions.astype(np.int64) * 86_400).astype("datetime64[s]")
    dates[sessions == NO_DAY] = np.datetime64("NaT")
    return dates
