"""SIMULATED worlds without skill: a league must not find anybody better than luck."""

import itertools

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import load_report, panel_from_frame, track_record

DAYS = pd.bdate_range("2020-01-01", "2024-12-31")
NAMES = np.array([f"XNYS:{''.join(one)}" for one in itertools.product("ABCDEFG", repeat=3)][:300])
FIRMS = 100


def _better(seed: int) -> int:
    """Firms called better where sides are drawn blindly, and firms differ in taste and size."""
    chance = np.random.default_rng(seed)
    factor = 0.01 * chance.standard_normal(len(DAYS))
    beta = chance.uniform(0.2, 2.2, NAMES.size)
    own = 0.015 * chance.standard_normal((len(DAYS), NAMES.size))
    steps = np.column_stack([factor, factor[:, None] * beta + own])
    closes = pd.DataFrame(
        100 * np.exp(np.cumsum(steps, axis=0)), index=DAYS, columns=["INDEX:SPX", *NAMES]
    )
    n = np.exp(chance.uniform(np.log(20), np.log(2000), FIRMS)).astype(int)
    who = np.repeat(np.arange(FIRMS), n)
    picks = []
    for size, tilt in zip(n, chance.normal(0, 1, FIRMS), strict=True):
        weight = np.exp(tilt * beta)
        picks.append(chance.choice(NAMES, size, p=weight / weight.sum()))
    bullish = chance.beta(6, 3, FIRMS)[who]
    calls = pd.DataFrame(
        {
            "firm": np.char.add("F", who.astype(str)),
            "listing": np.concatenate(picks),
            "published": DAYS[chance.integers(5, len(DAYS) - 140, who.size)],
            "rating": np.where(chance.random(who.size) < bullish, "Buy", "Sell"),
            "action": "Initiates",
        }
    )
    panel = panel_from_frame(closes, indices=load_report().standard.indices)
    verdicts = track_record(calls, panel, count="calls").league("firm").frame["verdict"]
    return int((verdicts == "better").sum())


@pytest.mark.slow  # 11 CPU seconds
def test_without_skill_hardly_any_world_names_a_firm_better() -> None:
    assert sum(_better(seed) > 0 for seed in range(20)) <= 1
