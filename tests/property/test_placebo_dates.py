"""Laws of basket_returns(): the kernel's figures and the kernel's refusals, on any prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort
from tests.ragged_panels import ragged_panel

from supplychain_screen import PricePanel, basket_returns
from supplychain_screen.prices import Reach
from supplychain_screen.scoring import (
    BasePolicy,
    Comparison,
    Rules,
    SuspectDays,
    measure,
    window_ends,
)
from supplychain_screen.scoring.measurement import NO_BENCHMARK, NOT_IN_PANEL


def kernel_means(
    panel: PricePanel,
    rows: np.ndarray,
    indices: np.ndarray,
    days: np.ndarray,
    as_of: int,
    rules: Rules,
    suspects: SuspectDays,
) -> tuple[np.ndarray, np.ndarray]:
    n, m = days.size, rows.size
    found = measure(
        panel,
        np.tile(rows, n),
        np.tile(indices, n),
        np.repeat(days, m),
        as_of,
        rules,
        suspects=suspects,
    )
    shape = (len(rules.windows), n, m)
    rated = (found.rating >= 0).reshape(shape)
    relative = np.where(rated, found.relative.by(rules.comparison).reshape(shape), 0.0)
    members = rated.sum(axis=2)
    total = relative.sum(axis=2)
    return np.divide(total, members, out=np.full(total.shape, np.nan), where=members > 0), members


@effort(60)
@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.05, 0.3, 0.8, 1.0]),
    policy=st.sampled_from(["on_or_before", "before", "on_or_after", "after"]),
    comparison=st.sampled_from(["difference", "ratio"]),
    limits=st.sampled_from([(5, 3), (0, 0), (40, 3), (1, 60)]),
    months=st.sampled_from([(6, 12), (1, 3), (1,)]),
)
def test_a_basket_is_the_kernels_calls_added_up(
    seed: int,
    density: float,
    policy: BasePolicy,
    comparison: Comparison,
    limits: tuple[int, int],
    months: tuple[int, ...],
) -> None:
    chance = np.random.default_rng(seed)
    panel = ragged_panel(chance, density)
    rules = Rules((-0.1, 0.1), months, policy, comparison, *limits)
    rows = np.array([0, 1, 2, 3, 4, 5, 0, -1, 1], np.int32)
    indices = np.array([6, 7, 6, 6, 7, 7, NO_BENCHMARK, 6, NOT_IN_PANEL], np.int32)
    reaches: list[Reach] = ["span", "move", "ends"]
    spans = [
        (int(row), int(day), int(day) + 3, reaches[int(how)])
        for row, day, how in zip(
            chance.choice([0, 3, 6], 2),
            chance.integers(panel.first_day, panel.last_day, 2),
            chance.integers(0, 3, 2),
            strict=True,
        )
    ]
    suspects = SuspectDays(panel, spans)
    as_of = panel.last_day - int(chance.integers(0, 200))
    days = np.arange(panel.first_day - 3, panel.last_day + 3, dtype=np.int32)
    ends = window_ends(days, rules.months, as_of)
    found = basket_returns(panel, rows, indices, days, ends, as_of, rules, suspects=suspects)
    mean, members = kernel_means(panel, rows, indices, days, as_of, rules, suspects)
    assert np.array_equal(found.members, members)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-12, atol=1e-12)
    one = basket_returns(
        panel, rows, indices, days[5:6], ends[:, 5:6], as_of, rules, suspects=suspects
    )
    assert one.mean.tobytes() == found.mean[:, 5:6].tobytes()


@pytest.mark.parametrize("policy", ["on_or_before", "before", "on_or_after", "after"])
def test_the_laws_above_are_not_held_by_empty_baskets(policy: BasePolicy) -> None:
    panel = ragged_panel(np.random.default_rng(1), 0.9)
    days = np.arange(panel.first_day, panel.last_day, dtype=np.int32)
    rules = Rules((-0.1, 0.1), (1,), policy)
    rows, indices = np.arange(6, dtype=np.int32), np.array([6, 7, 6, 6, 7, 7], np.int32)
    ends = window_ends(days, (1,), panel.last_day)
    found = basket_returns(panel, rows, indices, days, ends, panel.last_day, rules)
    assert set(found.members.ravel()) >= {0, 3, 4, 5}
