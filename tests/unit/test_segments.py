"""Segments: hand-worked means, and denominators that always reconcile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen import load_report
from supplychain_screen.scoring import Aggregate, aggregate

SCALE = load_report().standard.stock
UNRATED = "suspended_at_end"


def group(*members: float | str | None) -> Aggregate:
    """A number is a rated member, a word an unrated one and its reason, None an unlisted one."""
    relative = np.array([one if isinstance(one, float) else np.nan for one in members])
    rated = np.array([isinstance(one, float) for one in members], np.bool_)
    rating = np.full(len(members), -1, np.int8)
    rating[rated] = SCALE.rate(relative[rated])
    reasons = [
        one if isinstance(one, str) else "" if rated[i] else "unlisted"
        for i, one in enumerate(members)
    ]
    status = ["unlisted" if one is None else "listed" for one in members]
    return aggregate(relative, rating, reasons, status, SCALE)


def test_three_members_by_hand() -> None:
    found = group(0.50, -0.20, 0.06)
    assert (found.mentions, found.listed, found.unlisted) == (3, 3, 0)
    assert (found.rated, found.unrated) == (3, 0)
    assert found.mean == pytest.approx(0.12, abs=1e-15)
    assert found.median == pytest.approx(0.06, abs=1e-15)
    assert (found.best, found.best_member) == (0.50, 0)
    assert (found.worst, found.worst_member) == (-0.20, 1)
    # One of three beat its index by 10% or more.
    assert found.hit_rate == pytest.approx(1 / 3)
    # Without the best: (-0.20 + 0.06) / 2; without the worst: (0.50 + 0.06) / 2.
    assert found.leave_one_out_low == pytest.approx(-0.07, abs=1e-15)
    assert found.leave_one_out_high == pytest.approx(0.28, abs=1e-15)
    assert found.rating == SCALE.levels[0].name


def test_unrated_and_unlisted_members_are_counted_and_enter_no_number() -> None:
    found = group(None, 0.30, UNRATED, "no_prices", UNRATED)
    assert (found.mentions, found.listed, found.unlisted) == (5, 4, 1)
    assert (found.rated, found.unrated) == (1, 3)
    assert found.unrated_reasons == {"no_prices": 1, UNRATED: 2}
    assert found.mean == found.median == found.best == found.worst == 0.30
    assert (found.best_member, found.worst_member) == (1, 1)
    assert np.isnan(found.leave_one_out_low)
    assert np.isnan(found.leave_one_out_high)


@pytest.mark.parametrize("members", [(), (None,), (UNRATED, None)])
def test_a_group_without_a_rated_member_has_no_numbers(members: tuple[str | None, ...]) -> None:
    found = group(*members)
    assert found.rated == 0
    assert found.rating == "unrated"
    assert (found.best_member, found.worst_member) == (-1, -1)
    for number in (
        found.mean,
        found.median,
        found.best,
        found.worst,
        found.hit_rate,
        found.leave_one_out_low,
        found.leave_one_out_high,
    ):
        assert np.isnan(number)


def test_the_mean_is_rated_and_not_the_members() -> None:
    # Two outperform and one collapses: the segment is neutral.
    found = group(0.15, 0.15, -0.28)
    assert found.hit_rate == pytest.approx(2 / 3)
    assert found.rating == SCALE.levels[1].name


@given(
    st.lists(
        st.one_of(
            st.floats(-0.99, 20.0), st.none(), st.sampled_from([UNRATED, "no_prices", "pending"])
        ),
        max_size=12,
    )
)
def test_denominators_reconcile_and_the_mean_lies_in_its_range(
    members: list[float | str | None],
) -> None:
    found = group(*members)
    assert found.mentions == len(members) == found.listed + found.unlisted
    assert found.listed == found.rated + found.unrated
    assert sum(found.unrated_reasons.values()) == found.unrated
    if found.rated:
        slack = 1e-12 * max(1.0, abs(found.best))
        assert found.worst - slack <= found.mean <= found.best + slack
        assert found.worst <= found.median <= found.best
    if found.rated > 1:
        slack = 1e-9 * max(1.0, abs(found.best))
        assert found.leave_one_out_low - slack <= found.mean <= found.leave_one_out_high + slack
