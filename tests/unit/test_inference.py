"""Placebo dates and bootstrap intervals, against sums worked out one date at a time."""

from datetime import date

import numpy as np
import pytest

from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.identity.listings import Index
from supplychain_screen.prices.panel import PricePanel, day_number
from supplychain_screen.prices.panel_building import panel_from_columns
from supplychain_screen.scoring.inference import MIN_PLACEBO_DATES, bootstrap_interval, placebo
from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.measurement import Rules
from supplychain_screen.scoring.paths import relative_paths

FIRST, LAST = date(2023, 1, 3), date(2025, 12, 31)
NAMES = ["XSHG:600000", "XSHG:600001", "XSHG:600002", "INDEX:CSI300"]
RULES = Rules((-0.1, 0.1))
MEMBERS = np.arange(3, dtype=np.int32)
BENCH = np.full(3, 3, np.int32)
PUBLISHED = day_number(date(2025, 1, 6))


def make(drift: float = 0.0, noise: float = 0.02) -> PricePanel:
    """Three shares and their index, the shares gaining ``drift`` a day from publication on."""
    days = exchange_sessions("XSHG", FIRST, LAST)
    chance = np.random.default_rng(11)
    steps = noise * chance.standard_normal((4, days.size))
    steps[:3, days.astype(np.int64) > PUBLISHED] += drift
    rows = np.repeat(np.arange(4), days.size)
    index = Index(name="CSI300", currency="CNY", calendar="XSHG")
    closes = np.exp(np.cumsum(steps, axis=1)).ravel()
    return panel_from_columns(NAMES, rows, np.tile(days, 4), closes, indices=[index], last=LAST)


@pytest.mark.parametrize("window", ["6m", "to_date"])
def test_each_placebo_date_is_scored_as_if_published_then(window: str) -> None:
    panel = make()
    as_of = day_number(date(2025, 7, 31))
    found = placebo(panel, MEMBERS, BENCH, PUBLISHED, as_of, RULES, window)
    place = RULES.windows.index(window)
    assert found.base_day.max() < PUBLISHED
    for at in (0, found.base_day.size // 2, -1):
        day = int(found.base_day[at])
        known = as_of if window != "to_date" else day + (as_of - PUBLISHED)
        one = measure(panel, MEMBERS, BENCH, np.full(3, day, np.int32), known, RULES)
        assert found.mean[at] == pytest.approx(one.relative.difference[place].mean(), abs=1e-12)
        assert found.members[at] == 3


def test_the_percentile_is_the_share_of_dates_below() -> None:
    panel, as_of = make(), day_number(date(2025, 7, 31))
    found = placebo(panel, MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    assert found.percentile == pytest.approx(float((found.mean < found.realised).mean()))
    # Not all or nothing: windows of the last dates before share most of the real one.
    risen = placebo(make(drift=0.01), MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    assert risen.percentile > 0.95
    fallen = placebo(make(drift=-0.01), MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    assert fallen.percentile < 0.05


def test_little_history_is_said_and_gives_no_percentile() -> None:
    panel, early = make(), day_number(date(2023, 2, 6))
    found = placebo(panel, MEMBERS, BENCH, early, day_number(date(2023, 9, 1)), RULES, "6m")
    assert found.base_day.size < MIN_PLACEBO_DATES
    assert np.isnan(found.percentile)
    assert "too little history" in found.note


def test_the_interval_covers_the_figure_and_repeats_with_its_seed() -> None:
    panel = make()
    days = np.full(3, PUBLISHED, np.int32)
    scores = measure(panel, MEMBERS, BENCH, days, panel.last_day, RULES)
    paths = relative_paths(panel, scores)
    one, two = (bootstrap_interval(paths, "difference", resamples=500) for _ in range(2))
    assert one == two
    assert one.realised == pytest.approx(scores.relative.difference[-1].mean(), abs=1e-12)
    assert one.low < one.realised < one.high
    assert one != bootstrap_interval(paths, "difference", resamples=500, seed=1)
    wide = bootstrap_interval(paths, "difference", resamples=500, level=0.99)
    assert wide.low < one.low
    assert wide.high > one.high


def test_few_days_give_no_interval() -> None:
    panel = make()
    days = np.full(3, PUBLISHED, np.int32)
    scores = measure(panel, MEMBERS, BENCH, days, PUBLISHED + 20, RULES)
    found = bootstrap_interval(relative_paths(panel, scores), "difference")
    assert np.isnan(found.low)
    assert "too few days" in found.note
