"""Laws of rating scales, with exact fractions as the oracle."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen import RatingScale
from supplychain_screen.errors import RatingScaleError
from supplychain_screen.research import BOUND_TOLERANCE, Level

TOLERANCE = Fraction(BOUND_TOLERANCE)


@st.composite
def tilings(draw: st.DrawFn) -> tuple[tuple[Fraction, ...], tuple[bool, ...]]:
    """Bounds in ten-thousandths, descending, and whether the level above includes each."""
    count = draw(st.integers(1, 6))
    units = draw(st.lists(st.integers(-9000, 9000), min_size=count, max_size=count, unique=True))
    outward = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    bounds = tuple(Fraction(unit, 10_000) for unit in sorted(units, reverse=True))
    return bounds, tuple(outward)


def scale_of(bounds: tuple[Fraction, ...], above_includes: tuple[bool, ...]) -> RatingScale:
    count = len(bounds) + 1
    levels = []
    for at in range(count):
        fields: dict[str, object] = {"name": f"level {at}"}
        if at < count - 1:
            fields |= {"lower": float(bounds[at]), "lower_inclusive": above_includes[at]}
        if at > 0:
            fields |= {
                "upper": float(bounds[at - 1]),
                "upper_inclusive": not above_includes[at - 1],
            }
        levels.append(Level.model_validate(fields))
    return RatingScale(name="drawn", levels=tuple(levels))


def oracle(
    relative: Fraction, bounds: tuple[Fraction, ...], above_includes: tuple[bool, ...]
) -> int:
    """The level by comparing exact fractions, one after another, best first."""
    for at, (bound, includes) in enumerate(zip(bounds, above_includes, strict=True)):
        on_bound = abs(relative - bound) <= TOLERANCE
        if (on_bound and includes) or (not on_bound and relative > bound):
            return at
    return len(bounds)


# Steps away from a bound: on it, within the tolerance of floating point noise, and clearly off.
# The tolerance itself is left out: float(bound) is not the exact bound.
STEPS = [
    Fraction(0),
    Fraction(1, 10**10),
    Fraction(9, 10**10),
    Fraction(11, 10**10),
    Fraction(1, 10**8),
    Fraction(4, 10**5),
]


@given(tilings(), st.data())
def test_rate_agrees_with_exact_fractions_around_every_bound(
    tiling: tuple[tuple[Fraction, ...], tuple[bool, ...]], data: st.DataObject
) -> None:
    bounds, above_includes = tiling
    scale = scale_of(bounds, above_includes)
    points = [bound + sign * step for bound in bounds for step in STEPS for sign in (-1, 1)]
    points += data.draw(
        st.lists(st.fractions(min_value=-1, max_value=5, max_denominator=997), max_size=20)
    )
    codes = scale.rate(np.array([float(point) for point in points]))
    assert codes.tolist() == [oracle(point, bounds, above_includes) for point in points]


@given(tilings())
def test_prices_on_a_bound_are_on_the_bound(
    tiling: tuple[tuple[Fraction, ...], tuple[bool, ...]],
) -> None:
    """A return computed from prices lands on the bound though floating point misses it."""
    bounds, above_includes = tiling
    scale = scale_of(bounds, above_includes)
    for base in (1.10, 3.07, 1234.56):
        returns = np.array([base * (1 + float(bound)) / base - 1 for bound in bounds])
        expected = [oracle(bound, bounds, above_includes) for bound in bounds]
        assert scale.rate(returns).tolist() == expected


@given(tilings(), st.lists(st.floats(-2, 10), min_size=1, max_size=50))
def test_a_better_return_never_has_a_worse_level(
    tiling: tuple[tuple[Fraction, ...], tuple[bool, ...]], returns: list[float]
) -> None:
    codes = scale_of(*tiling).rate(np.sort(np.array(returns)))
    assert (np.diff(codes) <= 0).all()


@given(tilings(), st.lists(st.floats(-2, 10, allow_nan=False), max_size=20))
def test_one_at_a_time_or_all_at_once_is_the_same(
    tiling: tuple[tuple[Fraction, ...], tuple[bool, ...]], returns: list[float]
) -> None:
    scale = scale_of(*tiling)
    codes = scale.rate(np.array(returns, dtype=float))
    assert [scale.levels[code].name for code in codes] == [
        scale.level_at(one).name for one in returns
    ]


@given(tilings(), st.data())
def test_any_broken_tiling_is_refused(
    tiling: tuple[tuple[Fraction, ...], tuple[bool, ...]], data: st.DataObject
) -> None:
    """Move one side of one bound, or let both or neither level include it: never accepted."""
    bounds, above_includes = tiling
    levels = list(scale_of(bounds, above_includes).levels)
    at = data.draw(st.integers(0, len(bounds) - 1))
    how = data.draw(st.sampled_from(["both", "neither", "shift up", "shift down", "drop"]))
    above, below = levels[at], levels[at + 1]
    assert above.lower is not None
    if how in ("both", "neither"):
        flag = how == "both"
        levels[at] = above.model_copy(update={"lower_inclusive": flag})
        levels[at + 1] = below.model_copy(update={"upper_inclusive": flag})
    elif how == "drop":
        levels[at] = above.model_copy(update={"lower": None})
    else:
        shift = 1e-5 if how == "shift up" else -1e-5
        levels[at] = above.model_copy(update={"lower": above.lower + shift})
    with pytest.raises(RatingScaleError):
        RatingScale(name="broken", levels=tuple(levels))
