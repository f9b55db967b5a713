"""What a basket hangs on, beta, events and risk, against published and worked answers."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supplychain_screen import Index, PricePanel
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import Rules, SuspectDays, measure, relative_paths
from supplychain_screen.scoring.inference import (
    beta_adjusted,
    concentration,
    effective_bets,
    event_intervals,
    event_study,
    exact_hit_rate,
    market_model,
    path_risk,
)

RULES = Rules((-0.1, 0.1))
INDEX = Index(name="CSI300", currency="CNY", calendar="XSHG")
LAST = date(2025, 12, 31)
DAYS = exchange_sessions("XSHG", date(2023, 1, 3), LAST)
ZERO = 400
"""Place among ``DAYS`` of the event, and of the publication."""


def answers(name: str) -> list[dict[str, float]]:
    path = Path(__file__).parents[1] / "answers" / name
    lines = [one for one in path.read_text("utf-8").splitlines() if not one.startswith("#")]
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


def panel_of(closes: Any, days: Any = DAYS) -> PricePanel:
    """Shares of Shanghai and, in the last row, their index."""
    n = len(closes)
    names = [*(f"XSHG:60000{i}" for i in range(n - 1)), "INDEX:CSI300"]
    rows = np.repeat(np.arange(n), days.size)
    values = np.concatenate([np.asarray(one, float) for one in closes])
    return panel_from_columns(names, rows, np.tile(days, n), values, indices=[INDEX], last=LAST)


def walks(n: int, seed: int = 3) -> Any:
    return np.exp(np.cumsum(0.02 * np.random.default_rng(seed).standard_normal((n, DAYS.size)), 1))


def test_market_model_has_the_certified_values_of_norris() -> None:
    rows = answers("norris.csv")
    found = market_model(np.array([row["y"] for row in rows]), np.array([row["x"] for row in rows]))
    assert found.sessions == 36
    assert f"{found.beta:.14f}" == "1.00211681802045"
    assert math.isclose(found.beta_error, 0.000429796848199937, rel_tol=1e-12)
    assert f"{found.alpha:.12f}" == "-0.262323073774"


def test_a_line_without_spread_or_points_has_no_beta() -> None:
    assert np.isnan(market_model(np.arange(5.0), np.ones(5)).beta)
    assert np.isnan(market_model(np.arange(2.0), np.arange(2.0)).beta)


def test_exact_interval_of_a_count() -> None:
    """Bounds solve the binomial tails; checked with sums of binomial terms."""
    from math import comb

    found = exact_hit_rate(13, 34)
    for bound, counts in ((found.low, range(13, 35)), (found.high, range(14))):
        tail = sum(comb(34, k) * bound**k * (1 - bound) ** (34 - k) for k in counts)
        assert tail == pytest.approx(0.05, abs=1e-9)
    assert (exact_hit_rate(0, 5).low, exact_hit_rate(5, 5).high) == (0.0, 1.0)
    assert np.isnan(exact_hit_rate(0, 0).rate)


def test_what_remains_without_the_best() -> None:
    found = concentration(np.array([0.1, -0.3, 0.5, 0.1]))
    assert found.order.tolist() == [2, 0, 3, 1]
    np.testing.assert_allclose(found.remaining, [0.1, -0.1 / 3, -0.1, -0.3], atol=1e-12)
    np.testing.assert_allclose(found.leave_one_out, [0.1, 0.7 / 3, -0.1 / 3, 0.1], atol=1e-12)
    assert found.shares[0] == pytest.approx(1.25)
    assert found.shares[1] == pytest.approx(1.75)
    assert np.isnan(found.shares[2])  # there are no five and a rest
    assert found.until_not_above_zero == 1
    fallen = concentration(np.array([-0.1, -0.2, 0.05]))
    assert np.isnan(fallen.shares).all()
    assert fallen.until_not_above_zero == 0
    assert concentration(np.array([0.1, 0.2])).until_not_above_zero == 2


def scored(panel: PricePanel, members: int, published: int) -> Any:
    rows = np.arange(members, dtype=np.int32)
    days = np.full(members, published, np.int32)
    bench = np.full(members, members, np.int32)
    return measure(panel, rows, bench, days, panel.last_day, RULES)


def test_twins_are_one_bet_and_strangers_are_many() -> None:
    noise = walks(31)
    twins = panel_of([noise[0], 2 * noise[0], 3 * noise[0], noise[30]])
    published = int(DAYS[ZERO].astype(np.int64))
    found = effective_bets(relative_paths(twins, scored(twins, 3, published)))
    assert found.effective == pytest.approx(1.0)
    assert found.correlation == pytest.approx(1.0)
    still = np.ones(DAYS.size)
    strangers = panel_of([*noise[:30], still])
    found = effective_bets(relative_paths(strangers, scored(strangers, 30, published)))
    assert abs(found.correlation) < 0.02
    assert found.effective > 20
    alone = panel_of([noise[0], still])
    assert effective_bets(relative_paths(alone, scored(alone, 1, published))).reason


def test_beta_before_the_base_and_nothing_of_the_window() -> None:
    """A share that moves exactly 1.5 times its index before, and a thousandth a day afterwards."""
    index = walks(1)[0]
    moves = index[1:] / index[:-1] - 1
    moves[ZERO:] = 0.001 / 1.5
    share = np.concatenate([[1.0], np.cumprod(1 + 1.5 * moves)])
    panel = panel_of([share, index])
    scores = scored(panel, 1, int(DAYS[ZERO].astype(np.int64)))
    found = beta_adjusted(panel, scores, 0)
    assert found.beta[0] == pytest.approx(1.5)
    assert found.beta_error[0] == pytest.approx(0.0, abs=1e-9)
    assert found.sessions[0] == 101
    assert found.basket.beta == pytest.approx(1.5)
    of_index, own = scores.relative.benchmark_return[0, 0], scores.relative.stock_return[0, 0]
    assert found.adjusted[0] == pytest.approx(own - 1.5 * of_index, abs=1e-9)
    assert found.plain[0] == pytest.approx(own - of_index, abs=1e-9)
    first = int(DAYS[ZERO - 118].astype(np.int64))
    few = beta_adjusted(panel, scores, 0, suspects=SuspectDays(panel, [(0, first, first + 1)]))
    assert few.sessions[0] < 100
    assert np.isnan(few.beta[0])
    assert few.members == 0
    early = scored(panel, 1, int(DAYS[110].astype(np.int64)))
    assert np.isnan(beta_adjusted(panel, early, 0).beta[0])


def test_event_study_is_the_worked_example() -> None:
    rows = answers("event_study.csv")
    closes = {name: np.array([row[name] for row in rows]) for name in ("a", "b", "index")}
    filled = [
        np.concatenate([np.full(ZERO - 10, one[0]), one, np.full(DAYS.size - ZERO - 21, one[-1])])
        for one in closes.values()
    ]
    panel = panel_of(filled)
    event = DAYS[ZERO : ZERO + 1].astype(np.int64).astype(np.int32)
    members, bench = np.arange(2, dtype=np.int32), np.full(2, 2, np.int32)
    groups = np.array([[True, True], [True, False]])
    placebos = DAYS[20 : ZERO - 40].astype(np.int64).astype(np.int32)
    found = event_study(panel, members, bench, groups, event, placebos, panel.last_day, RULES)
    assert found.step.tolist() == [int(row["step"]) for row in rows]
    expected = [row["difference"] for row in rows]
    np.testing.assert_allclose(found.mean[0, 0], expected, atol=1e-12)
    np.testing.assert_allclose(found.mean[0, 1, 10:20], 0.1, atol=1e-12)
    assert found.members.tolist() == [[2, 1]]
    assert found.dates.tolist() == [placebos.size] * 2
    np.testing.assert_allclose(found.low, 0.0, atol=1e-12)  # nothing moved on any other day
    np.testing.assert_allclose(found.high, 0.0, atol=1e-12)
    # A member whose close of a day on the way is not to be trusted has no path.
    way = int(event[0]) + 7 * ((DAYS[ZERO + 5] - DAYS[ZERO]).astype(int) // 7)
    spoilt = SuspectDays(panel, [(1, way, way + 2, "ends")])
    known = event_study(
        panel, members, bench, groups[1:], event, placebos, panel.last_day, RULES, suspects=spoilt
    )
    assert known.members.tolist() == [[1]]
    both = event_study(
        panel, members, bench, groups, event, placebos, panel.last_day, RULES, suspects=spoilt
    )
    assert both.members.tolist() == [[1, 1]]
    assert np.isnan(both.mean[0, 0]).all()
    # A Saturday is its Monday; an event whose 20 sessions are not over has no path.
    late = np.array([day_number(date(2025, 12, 20))], np.int32)
    open_ = event_study(panel, members, bench, groups, late, placebos, panel.last_day, RULES)
    assert np.isnan(open_.mean).all()
    before = DAYS[ZERO - 1 : ZERO + 1].astype(np.int64)
    if before[1] - before[0] > 1:
        again = event_study(
            panel,
            members,
            bench,
            groups,
            (event - 1).astype(np.int32),
            placebos,
            panel.last_day,
            RULES,
        )
        np.testing.assert_allclose(again.mean[0, 0], expected, atol=1e-12)


def test_bands_hold_nine_tenths_of_other_days() -> None:
    panel = panel_of(walks(4))
    members, bench = np.arange(3, dtype=np.int32), np.full(3, 3, np.int32)
    days = DAYS[10:-20].astype(np.int64).astype(np.int32)
    groups = np.ones((1, 3), np.bool_)
    alone = event_study(panel, members, bench, groups, days, days[:0], panel.last_day, RULES)
    found = event_study(panel, members, bench, groups, days[:1], days, panel.last_day, RULES)
    inside = (alone.mean[:, 0] >= found.low) & (alone.mean[:, 0] <= found.high)
    np.testing.assert_allclose(inside[:, 1:].mean(axis=0), 0.9, atol=0.01)
    assert np.isnan(alone.low).all()  # no day to compare with


def test_a_month_is_a_span_from_the_close_before_it() -> None:
    closes = walks(3)
    panel = panel_of(closes)
    members, bench = np.arange(2, dtype=np.int32), np.full(2, 2, np.int32)
    first = np.array([day_number(date(2024, 8, 1))], np.int32)
    last = np.array([day_number(date(2024, 8, 31))], np.int32)
    days = DAYS.astype(np.int64).astype(np.int32)
    found = event_intervals(
        panel,
        members,
        bench,
        np.ones((1, 2), np.bool_),
        first,
        last,
        days[:350],
        panel.last_day,
        RULES,
    )
    before, until = np.searchsorted(days, first)[0] - 1, np.searchsorted(days, last, "right")[0] - 1
    growth = closes[:, until] / closes[:, before]
    assert found.mean[0, 0] == pytest.approx((growth[:2] - growth[2]).mean(), abs=1e-12)
    assert found.low[0, 0] < found.high[0, 0]
    assert found.dates[0, 0] > 300


def test_risk_of_a_path_that_can_be_worked_by_hand() -> None:
    """Up a tenth, down a fifth of that, back up: the index stands still."""
    share = np.ones(DAYS.size)
    share[ZERO + 1 : ZERO + 11] = 1.1
    share[ZERO + 11 : ZERO + 31] = 0.88
    share[ZERO + 31 :] = 1.21
    panel = panel_of([share, np.ones(DAYS.size)])
    scores = scored(panel, 1, int(DAYS[ZERO].astype(np.int64)))
    found = path_risk(relative_paths(panel, scores, 0), "difference", RULES.cuts)
    assert found.drawdown == pytest.approx(-0.2)
    peak, trough, again = (DAYS[ZERO + k].astype(np.int64) for k in (1, 11, 31))
    assert (found.peak_day, found.trough_day, found.recovered_day) == (peak, trough, again)
    assert np.prod(1 + found.monthly) == pytest.approx(1.21)
    assert found.month[0] == DAYS[ZERO + 1].astype("datetime64[M]")
    days = found.day.size - 1
    moves = np.zeros(days)
    moves[[0, 10, 30]] = 0.1, -0.2, 0.375
    error = np.sqrt(((moves - moves.mean()) ** 2).sum() / (days - 1)) * np.sqrt(252)
    assert found.tracking_error == pytest.approx(error)
    assert found.information_ratio == pytest.approx(moves.mean() * 252 / error)
    np.testing.assert_allclose(found.below, [20 / days, 20 / days], atol=0.5 / days + 10 / days)
    nothing = path_risk(relative_paths(panel, scores.take(np.empty(0, np.intp)), 0), "ratio", ())
    assert np.isnan(nothing.drawdown)
    assert nothing.peak_day == -1
