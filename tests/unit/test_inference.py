"""Placebo dates and intervals, against sums worked out one date at a time."""

import importlib.util
import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supplychain_screen import Index, PricePanel, basket_returns
from supplychain_screen.errors import CallsError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import Rules, SuspectDays, measure, relative_paths, window_ends
from supplychain_screen.scoring.inference import (
    MIN_PLACEBO_DATES,
    basket_changes,
    mean_interval,
    placebo,
)

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


def test_the_rank_is_the_share_of_dates_below() -> None:
    panel, as_of = make(), day_number(date(2025, 7, 31))
    found = placebo(panel, MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    assert found.rank == pytest.approx(float((found.mean < found.realised).mean()))
    assert found.usual == pytest.approx(found.mean.mean())
    assert found.base_rate == pytest.approx(found.hits.sum() / found.members.sum())
    length = day_number(date(2025, 7, 6)) - PUBLISHED
    assert found.windows == (found.base_day[-1] - found.base_day[0]) / length
    ends = window_ends(found.base_day, RULES.months, as_of)[0]
    assert found.overlapping == (ends > PUBLISHED).mean()
    # Not all or nothing: windows of the last dates before share most of the real one.
    risen = placebo(make(drift=0.01), MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    assert risen.rank > 0.95
    fallen = placebo(make(drift=-0.01), MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    assert fallen.rank < 0.05


def test_hits_are_ratings_above_the_level_of_nothing() -> None:
    panel, as_of = make(), day_number(date(2025, 7, 31))
    found = placebo(panel, MEMBERS, BENCH, PUBLISHED, as_of, RULES, "6m")
    for at in (0, found.base_day.size // 2, -1):
        days = np.full(3, found.base_day[at], np.int32)
        one = measure(panel, MEMBERS, BENCH, days, as_of, RULES)
        assert found.hits[at] == (one.rating[0] == 0).sum()  # the best level of three
    assert found.hits.any()


def test_two_dates_are_compared_over_the_members_that_both_have() -> None:
    """Of ten members one is young: dates before it have nine, those of two missing are left out."""
    days = exchange_sessions("XSHG", FIRST, LAST)
    names = [f"XSHG:60000{i}" for i in range(10)] + ["INDEX:CSI300"]
    steps = 0.02 * np.random.default_rng(5).standard_normal((11, days.size))
    closes, late = np.exp(np.cumsum(steps, axis=1)), {8: 60, 9: 200}
    rows = np.concatenate([np.full(days.size - late.get(i, 0), i) for i in range(11)])
    seen = np.concatenate([days[late.get(i, 0) :] for i in range(11)])
    values = np.concatenate([closes[i, late.get(i, 0) :] for i in range(11)])
    index = Index(name="CSI300", currency="CNY", calendar="XSHG")
    panel = panel_from_columns(names, rows, seen, values, indices=[index], last=LAST)
    members, bench = np.arange(10, dtype=np.int32), np.full(10, 10, np.int32)
    as_of = day_number(date(2025, 7, 31))
    found = placebo(panel, members, bench, PUBLISHED, as_of, RULES, "6m")
    asked = np.full(10, PUBLISHED, np.int32)
    own = measure(panel, members, bench, asked, as_of, RULES).relative.difference[0]
    assert found.rated == 10
    first = days.astype(np.int32)
    assert found.base_day[0] == first[60]
    young = found.base_day < first[200]
    assert set(found.members[young]) == {9}
    assert set(found.members[~young]) == {10}
    np.testing.assert_allclose(found.same_members[young], own[:9].mean(), atol=1e-12)
    np.testing.assert_allclose(found.same_members[~young], own.mean(), atol=1e-12)
    assert found.rank == pytest.approx((found.mean < found.same_members).mean())


def test_little_history_is_said_and_gives_no_percentile() -> None:
    panel, early = make(), day_number(date(2023, 2, 6))
    found = placebo(panel, MEMBERS, BENCH, early, day_number(date(2023, 9, 1)), RULES, "6m")
    assert found.base_day.size < MIN_PLACEBO_DATES
    assert np.isnan(found.rank)
    assert found.reason == "too_few_dates"
    few = placebo(panel, MEMBERS, BENCH, PUBLISHED, panel.last_day, RULES, "6m", least=5)
    assert few.reason == "too_few_members"
    assert np.isnan(few.rank)
    assert few.realised == few.realised


def test_the_interval_is_the_cosines_of_the_daily_changes() -> None:
    """Worked in plain Python; the quantile t(0.95; 15) = 1.7531 is that of printed tables."""
    panel = make()
    days = np.full(3, PUBLISHED, np.int32)
    scores = measure(panel, MEMBERS, BENCH, days, panel.last_day, RULES)
    changes = basket_changes(relative_paths(panel, scores), "difference")
    found = mean_interval(changes)
    assert (found.sessions, found.cosines) == (changes.size, 15)
    total = float(scores.relative.difference[-1].mean())
    assert found.realised == pytest.approx(total, abs=1e-12)
    size, omega = changes.size, 0.0
    for j in range(1, 16):
        at = enumerate(changes.tolist(), 1)
        omega += sum(x * math.cos(math.pi * j * (t - 0.5) / size) for t, x in at) ** 2 * 2 / size
    error = math.sqrt(size * omega / 15)
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    assert found.high - total == pytest.approx(1.7531 * error, rel=5e-5)
    assert total - found.low == pytest.approx(found.high - total, rel=1e-9)
    wide = mean_interval(changes, level=0.99)
    assert wide.low < found.low
    assert wide.level == 0.99


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
        ["XSHG:600000", "INDEX:CSI300"],
        rows,
        np.concatenate([young, days]),
        np.ones(rows.size),
        indices=[index],
        last=LAST,
    )
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
    assert nothing.reason == "nobody_rated"
    with pytest.raises(CallsError, match="after the prices"):
        basket_returns(panel, MEMBERS, BENCH, days, ends, panel.last_day + 1, RULES)


def test_few_days_give_no_interval() -> None:
    panel = make()
    days = np.full(3, PUBLISHED, np.int32)

    def interval(rows: Any, days_on: int) -> Any:
        scores = measure(panel, rows, BENCH, days, PUBLISHED + days_on, RULES)
        return mean_interval(basket_changes(relative_paths(panel, scores), "difference"))

    found = interval(MEMBERS, 20)
    assert np.isnan(found.low)
    assert found.reason == "too_few_sessions"
    nobody = interval(MEMBERS * 0 - 1, 20)
    assert nobody.reason == "nobody_rated"
    assert np.isnan(nobody.realised)


@pytest.mark.slow
def test_the_interval_covers_what_it_says_in_simulated_worlds(project: Path) -> None:
    """A small run of benchmarks/coverage.py: about 3 s of CPU, standard error 1.5 points."""
    spec = importlib.util.spec_from_file_location(
        "coverage_of_worlds", project / "benchmarks" / "coverage.py"
    )
    assert spec is not None
    assert spec.loader is not None
    worlds = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worlds)
    for rho, allowed in ((0.0, 0.045), (0.4, 0.06)):
        assert abs(worlds.coverage(400, rho, 0.3) - 0.9) < allowed
    # Windows of neighbouring dates share most of their days: more than a tenth is met by chance.
    assert 0.08 < worlds.outer_tenth(200, 1213, 0.0, 0.3) < 0.22
