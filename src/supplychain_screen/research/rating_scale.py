"""A rating scale is data: ordered levels whose bounds tile the line of relative returns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from supplychain_screen.errors import Problem, RatingScaleError

__all__ = ["BOUND_TOLERANCE", "KINDS", "Level", "RatingScale", "ScaleKind", "Side"]

BOUND_TOLERANCE = 1e-9
"""How far from a bound a relative return still counts as lying on it: 1.21 / 1.10 - 1 is 10%."""

Bound = Annotated[float, Field(allow_inf_nan=False)]

ScaleKind = Literal["relative", "absolute", "required", "direction", "peer"]
"""What a scale's bounds are held against: an index, nothing, a required return that the report
prints, no number at all, or the analyst's coverage or house's sector."""

KINDS: tuple[ScaleKind, ...] = ("relative", "absolute", "required", "direction", "peer")

Side = Literal[1, 0, -1]
"""What a level says: the listing will do better, about as well, or worse."""


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
    side : {1, 0, -1} or None
        What the level says, where its place on the scale does not show it; None: see
        ``RatingScale.side``.
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
    side: Side | None = None
    wording: str = ""

    @property
    def is_bounded(self) -> bool:
        """Whether it has a bound on either side."""
        return self.lower is not None or self.upper is not None

    @property
    def interval(self) -> str:
        """The interval in the notation of mathematics, in percent."""
        left = "[" if self.lower is not None and self.lower_inclusive else "("
        right = "]" if self.upper is not None and self.upper_inclusive else ")"
        low = "-inf" if self.lower is None else _percent(self.lower)
        high = "+inf" if self.upper is None else _percent(self.upper)
        return f"{left}{low}, {high}{right}"


class RatingScale(BaseModel):
    """Ordered levels, best first, that cover every return exactly once, or state no number.

    Parameters
    ----------
    name : str
        Name of the scale, for example ``guosen-stock``.
    levels : tuple of Level
        At least two, best to worst; the best has no upper bound, the worst no lower one. A scale
        of the kind ``direction`` has no bounds, one of the kind ``peer`` may have none.
    kind : {"relative", "absolute", "required", "direction", "peer"}
        What the bounds are held against: the market's index; nothing (the listing's own return);
        a required return; no number is printed ("expected to outperform"); or the analyst's
        coverage, which only a user's own index can stand for.
    required_return : float or None
        The return that a scale of the kind ``required`` is counted from, a fraction over its
        horizon, as the report prints it; None where it does not: then nobody is rated.
    no_view : Level or None
        The level of "no clear view", without bounds; None where the scale has none.
    publisher : str
        Whose scale it is.
    notes : str
        What the print leaves open, and how it was read.

    Raises
    ------
    RatingScaleError
        When the levels leave a hole or overlap (at a bound included too), are out of order,
        share a name, or do not go with the kind; every fault is listed.

    Notes
    -----
    A return within ``BOUND_TOLERANCE`` of a bound lies on the bound. Bounds of the kind
    ``required`` are counted from ``required_return``: 10% above a required 8% is 18%.

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
    >>> up, down = Level(name="outperform"), Level(name="underperform")
    >>> words = RatingScale(name="in words", kind="direction", levels=(up, down))
    >>> words.is_measurable, words.side("outperform"), words.rate(0.3).tolist()
    (False, 1, -1)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    levels: tuple[Level, ...]
    no_view: Level | None = None
    kind: ScaleKind = "relative"
    required_return: Bound | None = None
    publisher: str = ""
    notes: str = ""

    @model_validator(mode="after")
    def _tiles_the_line(self) -> RatingScale:
        problems = list(_faults(self))
        if problems:
            raise RatingScaleError(problems)
        return self

    @property
    def is_bounded(self) -> bool:
        """Whether the levels state numbers."""
        return any(level.is_bounded for level in self.levels)

    @property
    def is_measurable(self) -> bool:
        """Whether a return has a level: there are bounds, and the number they count from."""
        return self.is_bounded and (self.kind != "required" or self.required_return is not None)

    @property
    def is_own(self) -> bool:
        """Whether it is the listing's own return, not one against an index, that is rated."""
        return self.kind in ("absolute", "required")

    @property
    def origin(self) -> float:
        """The return that the printed bounds are counted from; 0 but for ``required``."""
        return self.required_return or 0.0

    @property
    def bounds(self) -> tuple[float, ...]:
        """The bounds between levels, as fractions, ascending; empty where nothing can be rated."""
        if not self.is_measurable:
            return ()
        return tuple(
            level.upper + self.origin
            for level in reversed(self.levels[1:])
            if level.upper is not None
        )

    def side(self, name: str) -> Side:
        """What a level says: 1 better, 0 about as well, -1 worse, and 0 for the no-view level.

        Parameters
        ----------
        name : str
            Name of a level.

        Raises
        ------
        KeyError
            When the scale has no such level.

        Notes
        -----
        As the level says itself; else by its bounds (wholly above zero, around it, wholly below
        it); else by its place in the scale, the middle one of an odd number saying 0.
        """
        level = self.level(name)
        if level.side is not None or level == self.no_view:
            return level.side or 0
        if level.is_bounded:
            if level.lower is not None and level.lower >= 0.0:
                return 1
            return -1 if level.upper is not None and level.upper <= 0.0 else 0
        place, n = self.names.index(name), len(self.levels)
        if n % 2 and place == n // 2:
            return 0
        return 1 if place < n // 2 else -1

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
            Index into ``levels`` (0 is the best); -1 where the return is NaN, and everywhere on
            a scale that is not measurable.
        """
        values = np.asarray(relative, dtype=np.float64)
        if not self.is_measurable:
            return np.full(values.shape, -1, np.int8)
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
            When ``relative`` is NaN: an unknown return has no level. When the scale is not
            measurable: nobody invents a bound.
        """
        if math.isnan(relative):
            raise ValueError("NaN has no level: an unknown return is unrated with a reason")
        if not self.is_measurable:
            raise ValueError(f"the scale {self.name} states no number: a return has no level on it")
        return self.levels[int(self.rate(np.float64(relative)))]

    def cuts(self) -> npt.NDArray[np.float64]:
        """The smallest float that passes each bound upwards, ascending; none on a scale that is
        not measurable."""
        if not self.is_measurable:
            return np.empty(0)
        cuts = []
        for above in reversed(self.levels[:-1]):
            assert above.lower is not None  # the tiling was checked
            bound = above.lower + self.origin
            if above.lower_inclusive:
                cuts.append(bound - BOUND_TOLERANCE)
            else:
                cuts.append(math.nextafter(bound + BOUND_TOLERANCE, math.inf))
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
    found.extend(_faults_of_kind(where, scale))
    if not scale.is_bounded:
        return found
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


def _faults_of_kind(where: str, scale: RatingScale) -> Iterator[Problem]:
    """What does not go together with what the bounds are held against."""
    if scale.kind == "direction" and scale.is_bounded:
        yield Problem(
            f"{where}: the kind direction states no number, and there are bounds",
            'write kind = "relative" or "absolute", or remove the bounds',
        )
    if scale.kind in ("relative", "absolute", "required") and not scale.is_bounded:
        yield Problem(
            f"{where}: no level has a bound",
            'write the bounds, or kind = "direction" where none is printed',
        )
    if scale.required_return is not None and scale.kind != "required":
        yield Problem(
            f"{where}: a required return, and the kind {scale.kind}",
            'write kind = "required", or remove required_return',
        )
    open_sides = [level.name for level in scale.levels if level.side is None]
    if not scale.is_bounded and len(scale.levels) % 2 == 0 and len(scale.levels) > 2 and open_sides:
        yield Problem(
            f"{where}: {', '.join(open_sides)} may say better, worse or neither",
            "give each level side = 1, 0 or -1",
        )


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
