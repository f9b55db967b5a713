"""Levels tile the line, and a return on a bound falls where the scale says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from supplychain_screen import RatingScale
from supplychain_screen.errors import RatingScaleError
from supplychain_screen.research import BOUND_TOLERANCE, Level


def guosen() -> RatingScale:
    return RatingScale(
        name="guosen",
        levels=(
            Level(name="outperform", lower=0.10, lower_inclusive=True),
            Level(name="neutral", lower=-0.10, upper=0.10),
            Level(name="underperform", upper=-0.10, upper_inclusive=True),
        ),
        no_view=Level(name="unrated"),
    )


@pytest.mark.parametrize(
    ("relative", "name"),
    [
        (0.10, "outperform"),
        (1.21 / 1.10 - 1, "outperform"),  # 0.09999999999999987 in floating point
        (0.99 / 1.10 - 1, "underperform"),  # -0.10000000000000009
        (0.9 - 1, "underperform"),  # -0.09999999999999998
        (1.1 - 1, "outperform"),
        (0.10 - 1e-8, "neutral"),
        (-0.10 + 1e-8, "neutral"),
        (0.0, "neutral"),
        (math.inf, "outperform"),
        (-math.inf, "underperform"),
    ],
)
def test_exactly_ten_percent_falls_outward(relative: float, name: str) -> None:
    assert guosen().level_at(relative).name == name


def test_rate_keeps_the_shape_and_marks_what_is_unknown() -> None:
    codes = guosen().rate(np.array([[0.2, np.nan], [0.0, -0.2]]))
    assert codes.dtype == np.int8
    assert codes.tolist() == [[0, -1], [1, 2]]


def test_an_unknown_return_has_no_level() -> None:
    with pytest.raises(ValueError, match="NaN has no level"):
        guosen().level_at(math.nan)


def test_a_strict_bound_keeps_the_number_in_the_inner_level() -> None:
    scale = RatingScale(
        name="strict",
        levels=(
            Level(name="buy", lower=0.15),
            Level(name="hold", upper=0.15, upper_inclusive=True),
        ),
    )
    assert scale.level_at(0.15).name == "hold"
    assert scale.level_at(0.15 + BOUND_TOLERANCE / 2).name == "hold"
    assert scale.level_at(0.15 + 2 * BOUND_TOLERANCE).name == "buy"


def test_names_bounds_and_levels() -> None:
    scale = guosen()
    assert scale.names == ("outperform", "neutral", "underperform")
    assert scale.bounds == (-0.10, 0.10)
    assert scale.level("unrated").interval == "(-inf, +inf)"
    assert [level.interval for level in scale.levels] == [
        "[10%, +inf)",
        "(-10%, 10%)",
        "(-inf, -10%]",
    ]
    with pytest.raises(KeyError):
        scale.level("buy")


def level(name: str, interval: str) -> Level:
    """A level from an interval as mathematics writes it: ``[0.1, )``."""
    lower, upper = interval[1:-1].split(",")
    return Level(
        name=name,
        lower=float(lower) if lower.strip() else None,
        upper=float(upper) if upper.strip() else None,
        lower_inclusive=interval[0] == "[",
        upper_inclusive=interval[-1] == "]",
    )


@pytest.mark.parametrize(
    ("intervals", "message"),
    [
        (["(0.1, )", "( ,0.1)"], "hole at 10%: neither a nor b includes it"),
        (["[0.1, )", "( ,0.1]"], "overlap at 10%: both a and b include it"),
        (["[0.15, )", "( ,0.1)"], "hole between a and b from 10% to 15%"),
        (["[0.05, )", "( ,0.1)"], "overlap between a and b from 5% to 10%"),
        (["[0.1,0.2)", "( ,0.1)"], "hole above 20%"),
        (["[0.1, )", "(-1,0.1)"], "hole below -100%"),
        (["( , )", "( ,0.1)"], "overlap between a and b: a has no lower bound"),
        (["[0.1, )", "( , )"], "overlap between a and b: b has no upper bound"),
        (["( , )"], "fewer than two levels"),
        # Written worst to best.
        (["( ,0.1)", "[0.1, )"], "overlap between a and b"),
        (["[0.1, )", "(0.2,0.1)", "( ,0.2]"], "b from 20% to 10% holds no return"),
        (["[0.1, )", "(0.0999999999,0.1)", "( ,0.0999999999]"], "b from"),
    ],
)
def test_what_does_not_tile_the_line_is_named(intervals: list[str], message: str) -> None:
    levels = tuple(level(name, one) for name, one in zip("abc", intervals, strict=False))
    with pytest.raises(RatingScaleError) as caught:
        RatingScale(name="s", levels=levels)
    assert message in str(caught.value)


def test_two_levels_of_one_name_are_refused() -> None:
    with pytest.raises(RatingScaleError, match="two levels named a"):
        RatingScale(name="s", levels=(level("a", "[0.1, )"), level("a", "( ,0.1)")))


def test_every_fault_of_a_scale_is_listed() -> None:
    with pytest.raises(RatingScaleError) as caught:
        RatingScale(
            name="s",
            levels=(
                Level(name="a", lower=0.2, upper=0.5),
                Level(name="b", lower=0.1, upper=0.15),
                Level(name="c", upper=0.1),
            ),
            no_view=Level(name="none", lower=0.0),
        )
    assert len(caught.value.problems) == 4


def test_a_scale_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        guosen().name = "other"


def test_a_scale_without_numbers_has_no_cut() -> None:
    up, down = Level(name="outperform"), Level(name="underperform")
    words = RatingScale(name="in words", kind="direction", levels=(up, down))
    assert words.cuts().tolist() == []


def test_a_level_within_the_tolerance_of_both_its_bounds_holds_no_return() -> None:
    with pytest.raises(RatingScaleError, match="holds no return"):
        RatingScale(
            name="thin",
            levels=(
                Level(name="up", lower=1.5e-9, lower_inclusive=True),
                Level(name="flat", lower=0.0, upper=1.5e-9, lower_inclusive=True),
                Level(name="down", upper=0.0),
            ),
        )
