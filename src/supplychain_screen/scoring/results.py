"""What score_calls() returns: a frame with a row a call, and the way each call went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.scoring.crossings import PathFigures, path_figures
from supplychain_screen.scoring.path_means import PathAxis, SegmentPaths, segment_paths
from supplychain_screen.scoring.paths import BLOCK, Paths, iter_paths

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.measurement import CallScores, SuspectDays

__all__ = ["ScoredCalls"]


class ScoredCalls(pd.DataFrame):
    """Scored calls, one row each: an ordinary frame, and the door to their daily paths.

    What pandas makes of it (a selection, a merge, a copy) is a plain DataFrame; the methods below
    are of all calls, in the order in which they were given.

    Attributes
    ----------
    panel : PricePanel
        What was measured.
    scores : CallScores, n_calls calls
        The same numbers as arrays, and what the frame leaves out (ages, sessions of benchmarks).
    """

    _metadata = ("panel", "scores", "_suspects")
    panel: PricePanel
    scores: CallScores
    _suspects: SuspectDays | None

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        panel: PricePanel,
        scores: CallScores,
        suspects: SuspectDays | None,
    ) -> ScoredCalls:
        """The frame of a measurement, with the measurement behind it."""
        made = cls(frame, copy=False)
        made.panel, made.scores, made._suspects = panel, scores, suspects
        return made

    def iter_paths(self, window: str = "to_date", *, block: int = BLOCK) -> Iterator[Paths]:
        """Relative return of each call for each session of its listing, a block of calls at a time.

        Parameters
        ----------
        window : str
            ``6m``, ``12m``, ``to_date``: where the paths end.
        block : int
            Calls a block. The points do not depend on it.

        Yields
        ------
        Paths
            Points of the next ``block`` calls. A point is a session of the listing itself, from
            base to end, never after ``as_of``; the benchmark is its last close on or before it.
            Returns are fractions. Calls without a base close have no points; without a
            benchmark, points are NaN.

        Raises
        ------
        CallsError
            There is no such window, or ``block`` is not positive.
        """
        return iter_paths(self.panel, self.scores, self._place(window), block=block)

    def path_figures(
        self,
        window: str = "to_date",
        *,
        bounds: Sequence[float] | None = None,
        block: int = BLOCK,
    ) -> PathFigures:
        """First crossing of each bound and the extremes of each path.

        Parameters
        ----------
        window : str
            ``6m``, ``12m``, ``to_date``: where the paths end.
        bounds : sequence of float, optional
            Relative returns, ascending fractions; the standard's own where not given.
        block : int
            Calls looked at together. The figures do not depend on it.

        Returns
        -------
        PathFigures
            Arrays with a place a call; ``to_frame()`` makes one row a call.

        Raises
        ------
        CallsError
            There is no such window, or ``block`` is not positive.
        """
        return path_figures(
            self.panel,
            self.scores,
            bounds,
            self._place(window),
            suspects=self._suspects,
            block=block,
        )

    def segment_paths(
        self,
        by: str | npt.NDArray[np.integer] = "segment",
        window: str = "to_date",
        *,
        axis: PathAxis = "event",
        block: int = BLOCK,
    ) -> SegmentPaths:
        """Mean relative return of each segment's rated calls, day by day, equal weights.

        Parameters
        ----------
        by : str or ndarray of int, shape (n_calls,)
            A column whose values name the segments (numbered in the order in which they first
            appear, as ``pandas.factorize`` does), or the numbers themselves, a negative one
            leaving the call out. From a column, calls that are not rated are left out.
        window : str
            ``6m``, ``12m``, ``to_date``: where the paths end.
        axis : {"event", "calendar"}
            Days are counted from each call's own base, or are days of the calendar.
        block : int
            Calls looked at together. The bytes of the result do not depend on it.

        Returns
        -------
        SegmentPaths

        Raises
        ------
        CallsError
            There is no such column or window, or ``by`` has not one number a call.
        """
        place = self._place(window)
        if isinstance(by, str):
            if by not in self.columns:
                raise CallsError(
                    Problem("there is no such column", "name one of the calls' own", column=by)
                )
            numbers, _ = pd.factorize(self[by])
            by = np.where(self.scores.rating[place] >= 0, numbers, -1)
        return segment_paths(self.panel, self.scores, by, place, axis=axis, block=block)

    def _place(self, window: str) -> int:
        windows = self.scores.rules.windows
        if window not in windows:
            raise CallsError(
                Problem(
                    "there is no such window",
                    f"write one of {', '.join(windows)}",
                    value=str(window),
                )
            )
        return windows.index(window)
