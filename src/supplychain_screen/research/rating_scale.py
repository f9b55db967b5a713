"""A rating scale is data: ordered levels whose bounds tile the line of relative returns."""

from __future__ import annotations

import itertools
import math
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from supplychain_screen.errors import Problem, RatingScaleError

__all__ = ["BOUND_TOLERANCE", "Level", "RatingScale"]

BOUND_TOLERANCE = 1e-9
"""How far from a bound a relative return still counts as lying on it: 1.21 / 1.10 - 1 is 10%."""

Bound = Annotated[float, Field(allow_inf_nan=False)]


class Level(BaseModel):
    """One level of a scale: a name and an interval of relative returns.

    Parameters
    ----------
    name : str
        Name in machine output, for example ``outperform``.
    name_zh, name_en : str
        Name as the broker prints it, and in English.
    lower, upper : float or None
        Bounds as fractions (0.10 is 10%); None: no bound on that side.
    lower_inclusive, upper_inclusive : bool
        Whether the bound belongs to this level. Where two levels meet exactly one of them
        includes the bound, so forgetting to say which is an error rather than a guess.
    wording : str
        How the broker words it.

    Examples
    --------
    >>> Level(name="neutral", lower=-0.1, upper=0.1).interval
    '(-10%, 10%)'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    name_zh: str = ""
    name_en: str = ""
    lower: Bound | None = None
    upper: Bound | None = None
    lower_inclusive: bool = False
    upper_inclusive: bool = False
    wording: str = ""

    @property
    def interval(self) -> str:
        """The interval in the notation of mathematics, in percent."""
        left = "[" if self.lower is not None and self.lower_inclusive else "("
        right = "]" if self.upper is not None and self.upper_inclusive else ")"
        low = "-inf" if self.lower is None else _percent(self.lower)
        high = "+inf" if self.upper is None else _percent(self.upper)
        return f"{left}{low}, {high}{right}"


class RatingScale(BaseModel):
    """Ordered levels, best first, that cover every relative return exactly once.

    Parameters
    ----------
    name : str
        Name of the scale, for example ``guosen-stock``.
    levels : tuple of Level
        At least two, best to worst; the best has no upper bound, the worst no lower one.
    no_view : Level or None
        The level of "no clear view", without bounds; None where the scale has none.
    publisher : str
        Whose scale it is.
    notes : str
        What the print leaves open, and how it was read.

    Raises
    ------
    RatingScaleError
        When the levels leave a hole or overlap (at a bound included too), are out of order, or
        share a name; every fault is listed.

    Notes
    -----
    A relative return within ``BOUND_TOLERANCE`` of a bound lies on the bound.

    Examples
    --------
    >>> scale = RatingScale(
    ...     name="ten percent",
    ...     levels=(
    ...         Level(name="outperform", lower=0.10, lower_inclusive=True),
    ...         Level(name="neutral", lower=-0.10, upper=0.10),
    ...         Level(name="underperform", upper=-0.10, upper_inclusive=True),
    ...     ),
    ... )
    >>> scale.bounds
    (-0.1, 0.1)
    >>> scale.rate(np.array([0.10, 1.21 / 1.10 - 1, 0.0999, -0.10, np.nan])).tolist()
    [0, 0, 1, 2, -1]
    >>> scale.level_at(-0.25).name
    'underperform'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    levels: tuple[Level, ...]
    no_view: Level | None = None
    publisher: str = ""
    notes: str = ""

    @model_validator(mode="after")
    def _tiles_the_line(self) -> RatingScale:
        problems = list(_faults(self))
        if problems:
            raise RatingScaleError(problems)
        return self

    @property
    def bounds(self) -> tuple[float, ...]:
        """The bounds between levels, as fractions, ascending."""
        return tuple(level.upper for level in reversed(self.levels[1:]) if level.upper is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the levels, best to worst, without the no-view level."""
        return tuple(level.name for level in self.levels)

    def level(self, name: str) -> Level:
        """The level of that name, the no-view level included.

        Raises
        ------
        KeyError
            When the scale has no such level.
        """
        for level in (*self.levels, *self._no_views()):
            if level.name == name:
                return level
        raise KeyError(name)

    def _no_views(self) -> tuple[Level, ...]:
        return () if self.no_view is None else (self.no_view,)

    def rate(self, relative: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """The level of each relative return, as a code.

        Parameters
        ----------
        relative : array_like of float64
            Relative returns as fractions, of any shape.

        Returns
        -------
        ndarray of int8, same shape
            Index into ``levels`` (0 is the best); -1 where the return is NaN.
        """
        values = np.asarray(relative, dtype=np.float64)
        passed = np.searchsorted(self.cuts(), values, side="right")
        codes = (len(self.levels) - 1 - passed).astype(np.int8)
        # searchsorted puts NaN above everything, which would make it the best level.
        return np.where(np.isnan(values), np.int8(-1), codes)

    def level_at(self, relative: float) -> Level:
        """The level of one relative return.

        Parameters
        ----------
        relative : float
            A fraction; infinite is allowed, NaN is not.

        Returns
        -------
        Level

        Raises
        ------
        ValueError
            When ``relative`` is NaN: an unknown return has no level.
        """
        if math.isnan(relative):
            raise ValueError("NaN has no level: an unknown return is unrated with a reason")
        return self.levels[int(self.rate(np.float64(relative)))]

    def cuts(self) -> npt.NDArray[np.float64]:
        """The smallest float that passes each bound upwards, ascending."""
        cuts = []
        for above in reversed(self.levels[:-1]):
            assert above.lower is not None  # the tiling was checked
            if above.lower_inclusive:
                cuts.append(above.lower - BOUND_TOLERANCE)
            else:
                cuts.append(math.nextafter(above.lower + BOUND_TOLERANCE, math.inf))
        return np.array(cuts, dtype=np.float64)


def _faults(scale: RatingScale) -> list[Problem]:
    """Everything that keeps the levels from tiling the line."""
    levels = scale.levels
    where = f"scale {scale.name}"
    if len(levels) < 2:
        return [Problem(f"{where}: fewer than two levels", "list every level, best first")]
    names = [level.name for level in (*levels, *scale._no_views())]
    found = [
        Problem(f"{where}: two levels named {name}", "give each its own name")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    best, worst = levels[0], levels[-1]
    if best.upper is not None:
        found.append(
            Problem(
                f"{where}: hole above {_percent(best.upper)}",
                f"the best level {best.name} takes no upper bound",
            )
        )
    if worst.lower is not None:
        found.append(
            Problem(
                f"{where}: hole below {_percent(worst.lower)}",
                f"the worst level {worst.name} takes no lower bound",
            )
        )
    for above, below in itertools.pairwise(levels):
        found.extend(_fault_between(where, above, below))
    found.extend(
        Problem(
            f"{where}: {level.name} from {_percent(level.lower)} to {_percent(level.upper)} "
            "holds no return",
            "its lower bound must lie below its upper bound",
        )
        for level in levels
        if level.lower is not None
        and level.upper is not None
        and level.upper - level.lower <= 2 * BOUND_TOLERANCE
    )
    if scale.no_view and (scale.no_view.lower is not None or scale.no_view.upper is not None):
        found.append(
            Problem(f"{where}: the no-view level {scale.no_view.name} has a bound", "remove it")
        )
    return found


def _fault_between(where: str, above: Level, below: Level) -> list[Problem]:
    """What is wrong where two neighbouring levels meet."""
    pair = f"between {above.name} and {below.name}"
    if above.lower is None or below.upper is None:
        open_ended = above if above.lower is None else below
        side = "lower" if above.lower is None else "upper"
        return [
            Problem(
                f"{where}: overlap {pair}: {open_ended.name} has no {side} bound",
                "levels go best to worst, and each bound stands on both its sides",
            )
        ]
    gap = above.lower - below.upper
    if abs(gap) > BOUND_TOLERANCE:
        low, high = sorted((above.lower, below.upper))
        kind = "hole" if gap > 0 else "overlap"
        return [
            Problem(
                f"{where}: {kind} {pair} from {_percent(low)} to {_percent(high)}",
                "levels go best to worst, and neighbours share one bound",
            )
        ]
    at = _percent(above.lower)
    if above.lower_inclusive and below.upper_inclusive:
        return [
            Problem(
                f"{where}: overlap at {at}: both {above.name} and {below.name} include it",
                "make one of the two bounds exclusive",
            )
        ]
    if not above.lower_inclusive and not below.upper_inclusive:
        return [
            Problem(
                f"{where}: hole at {at}: neither {above.name} nor {below.name} includes it",
                "make one of the two bounds inclusive",
            )
        ]
    return []


def _percent(fraction: float) -> str:
    return f"{fraction * 100:.10g}%"
