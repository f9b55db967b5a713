"""Placebo dates and bootstrap intervals, against sums worked out one date at a time."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, PricePanel, basket_returns
from supplychain_screen.errors import CallsError
from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.prices.panel.building import panel_from_columns
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.scoring import measure
from supplychain_screen.scoring.inference import MIN_PLACEBO_DATES, bootstrap_interval, placebo
from supplychain_screen.scoring.measurement import Rules, SuspectDays
from supplychain_screen.scoring.paths import relative_paths
from supplychain_screen.scoring.windows import window_ends

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
    assert one.level == 0.9
    wide = bootstrap_interval(paths, "difference", resamples=500, level=0.99)
    assert wide.level == 0.99
    assert wide.low < one.low
    assert wide.high > one.high


def test_each_member_holds_its_own_days_of_the_basket() -> None:
    """A basket of one is that member; who is not rated leaves the mean, not the basket."""
    panel = make()
    as_of = day_number(date(2025, 7, 31))
    days = np.arange(PUBLISHED - 300, PUBLISHED, dtype=np.int32)
    ends = window_ends(days, RULES.months, as_of)
    all_of_them = basket_returns(panel, MEMBERS, BENCH, days, ends, as_of, RULES)
    each = [
        basket_returns(panel, MEMBERS[i : i + 1], BENCH[:1], days, ends, as_of, RULES).mean
        for i in range(3)
    ]
    # Every window of these dates but the 12 months of the later ones has ended.
    assert np.array_equal(all_of_them.members > 0, ends <= as_of)
    np.testing.assert_allclose(all_of_them.mean, np.mean(each, axis=0), atol=1e-12)
    suspects = SuspectDays(panel, [(1, PUBLISHED + 10, PUBLISHED + 11)])
    trusted = basket_returns(panel, MEMBERS, BENCH, days, ends, as_of, RULES, suspects=suspects)
    ended = ends <= as_of
    over = (days <= PUBLISHED + 11) & (ends >= PUBLISHED + 10) & ended
    assert over.any()
    assert np.array_equal(trusted.members[ended], np.where(over, 2, 3)[ended])
    np.testing.assert_allclose(trusted.mean[over], ((each[0] + each[2]) / 2)[over], atol=1e-12)


def test_a_young_listing_has_no_base_before_its_first_session() -> None:
    """Looking forward for a base would find the first session a listing ever had."""
    days = exchange_sessions("XSHG", FIRST, LAST)
    young = days[20:]
    index = Index(name="CSI300", currency="CNY", calendar="XSHG")
    rows = np.repeat([0, 1], [young.size, days.size])
    panel = panel_from_columns(
        ["XSHG:600000", "INDEX:CSI300"], rows, np.concatenate([young, days]), np.ones(rows.size),
        indices=[index], last=LAST,
    )  # fmt: skip
    rules = Rules((-0.1, 0.1), base_policy="on_or_after")
    asked = np.array([days[19], young[0], young[1]], "datetime64[D]").astype(np.int32)
    ends = window_ends(asked, rules.months, panel.last_day)
    row, bench = np.zeros(1, np.int32), np.ones(1, np.int32)
    found = basket_returns(panel, row, bench, asked, ends, panel.last_day, rules)
    assert found.members[0].tolist() == [0, 1, 1]
    said = replace(panel, listed_day=np.array([asked[0], 0], np.int32))
    found = basket_returns(said, row, bench, asked, ends, panel.last_day, rules)
    assert found.members[0].tolist() == [1, 1, 1]


def test_nobody_in_the_basket_and_a_day_after_the_prices() -> None:
    panel, none = make(), np.empty(0, np.int32)
    days = np.array([PUBLISHED], np.int32)
    ends = window_ends(days, RULES.months, panel.last_day)
    found = basket_returns(panel, none, none, days, ends, panel.last_day, RULES)
    assert np.isnan(found.mean).all()
    assert not found.members.any()
    nothing = placebo(panel, none, none, PUBLISHED, panel.last_day, RULES, "6m")
    assert np.isnan(nothing.realised)
    with pytest.raises(CallsError, match="after the prices"):
        basket_returns(panel, MEMBERS, BENCH, days, ends, panel.last_day + 1, RULES)


def test_few_days_give_no_interval() -> None:
    panel = make()
    days = np.full(3, PUBLISHED, np.int32)
    scores = measure(panel, MEMBERS, BENCH, days, PUBLISHED + 20, RULES)
    found = bootstrap_interval(relative_paths(panel, scores), "difference")
    assert np.isnan(found.low)
    assert "too few days" in found.note
    nobody = measure(panel, MEMBERS * 0 - 1, BENCH, days, PUBLISHED + 20, RULES)
    assert np.isnan(bootstrap_interval(relative_paths(panel, nobody), "difference").realised)
