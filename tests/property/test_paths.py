"""Law of path_figures(): what a reader who measures again every day would have written down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort
from tests.ragged_panels import ragged_panel

from supplychain_screen import PricePanel
from supplychain_screen.prices import Reach
from supplychain_screen.scoring import (
    NO_AGE,
    NO_DAY,
    BasePolicy,
    CallScores,
    Comparison,
    Rules,
    SuspectDays,
    iter_paths,
    measure,
    path_figures,
    relative_paths,
    segment_paths,
)
from supplychain_screen.scoring.crossings import NEVER
from supplychain_screen.scoring.measurement import NO_BENCHMARK
from supplychain_screen.scoring.path_means import PathAxis

ROWS = np.tile(np.array([0, 1, 2, 3, 4, 5, 0, -1], np.int32), 6)
INDICES = np.tile(np.array([6, 7, 6, 6, 7, 7, NO_BENCHMARK, 6], np.int32), 6)

Found = dict[int, tuple[list[tuple[int, float]], list[int]]]


def days_of(chance: np.random.Generator, panel: PricePanel) -> np.ndarray:
    return chance.integers(panel.first_day - 2, panel.last_day + 2, ROWS.size).astype(np.int32)


def some_suspects(chance: np.random.Generator, panel: PricePanel) -> SuspectDays:
    days = chance.integers(panel.first_day, panel.last_day, 3)
    rows = chance.choice([0, 1, 3, 6], 3)
    reaches: list[Reach] = ["span", "move", "ends"]
    return SuspectDays(
        panel,
        [
            (int(row), int(day), int(day) + 2, reach)
            for row, day, reach in zip(rows, days, chance.permutation(reaches), strict=True)
        ],
    )


def measured_daily(
    panel: PricePanel, scores: CallScores, suspects: SuspectDays
) -> tuple[list[list[tuple[int, float]]], list[list[int]]]:
    """Every point that is rated as of its own day, and every day a bound lies behind.

    One measurement a day, nothing remembered: the window to date as of that day.
    """
    points: list[list[tuple[int, float]]] = [[] for _ in ROWS]
    levels: list[list[int]] = [[] for _ in ROWS]
    rules = scores.rules
    asked = (scores.rows, scores.benchmark_rows, scores.published)
    for day in range(panel.first_day, scores.as_of + 1):
        today = measure(panel, *asked, day, rules, suspects=suspects)
        relative = today.relative.by(rules.comparison)[-1]
        for call in np.flatnonzero(scores.rows >= 0):
            if not panel.is_session(int(scores.rows[call]))[day - panel.first_day]:
                continue
            if scores.base.age[call] == NO_AGE or day > scores.end.session[-1, call]:
                continue
            if day == scores.base.session[call]:
                fresh = scores.base.age[call] <= rules.max_stale_sessions
                fresh &= scores.benchmark_base.age[call] <= rules.max_stale_benchmark
                for rows, legs in (
                    (scores.rows, scores.base),
                    (scores.benchmark_rows, scores.benchmark_base),
                ):
                    one = slice(call, call + 1)
                    at = legs.session[one]
                    fresh &= not suspects.touch(rows[one], at, at)[0]
                if fresh:
                    points[call].append((day, 0.0))
                    levels[call].append(-1)
            elif day > scores.base.session[call] and today.rating[-1, call] >= 0:
                points[call].append((day, float(relative[call])))
                levels[call].append(int(today.rating[-1, call]))
    return points, levels


@pytest.mark.slow
@effort(12)
@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.3, 0.8, 1.0]),
    policy=st.sampled_from(["on_or_before", "before"]),
    comparison=st.sampled_from(["difference", "ratio"]),
    limits=st.sampled_from([(5, 3), (0, 0), (40, 1)]),
    block=st.integers(1, 60),
)
def test_a_crossing_is_the_first_day_the_call_would_be_rated_beyond_the_bound(
    seed: int,
    density: float,
    policy: BasePolicy,
    comparison: Comparison,
    limits: tuple[int, int],
    block: int,
) -> None:
    chance = np.random.default_rng(seed)
    panel = ragged_panel(chance, density)
    rules = Rules((-0.3, 0.0, 0.5), (6, 12), policy, comparison, *limits)
    as_of = panel.last_day - int(chance.integers(0, 100))
    suspects = some_suspects(chance, panel)
    scores = measure(panel, ROWS, INDICES, days_of(chance, panel), as_of, rules, suspects=suspects)
    found = path_figures(panel, scores, suspects=suspects, block=block)
    points, levels = measured_daily(panel, scores, suspects)
    for call, own in enumerate(points):
        assert found.sessions[call] == len(own)
        if not own:
            assert np.isnan(found.best[call])
            assert found.worst_session[call] == NO_DAY
        else:
            best = max(value for _, value in own)
            worst = min(value for _, value in own)
            assert (found.best[call], found.worst[call]) == (best, worst)
            assert found.best_session[call] == next(day for day, one in own if one == best)
            assert found.worst_session[call] == next(day for day, one in own if one == worst)
        # Level 3 lies below the first cut, 2 below the second; 1 is that of 0 here, 0 the best.
        for place, beyond in enumerate(({3}, {2, 3}, {0})):
            days = [
                day for (day, _), level in zip(own, levels[call], strict=True) if level in beyond
            ]
            first = days[0] if days else NO_DAY
            assert found.crossed_session[place, call] == first
            assert (found.crossed_after[place, call] == NEVER) == (not days)


@effort(25)
@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.05, 0.5, 1.0]),
    policy=st.sampled_from(["on_or_before", "before", "on_or_after", "after"]),
    window=st.sampled_from([0, 1, 2]),
    axis=st.sampled_from(["event", "calendar"]),
    block=st.integers(1, 60),
)
def test_paths_and_their_means_are_a_plain_loops(
    seed: int, density: float, policy: BasePolicy, window: int, axis: PathAxis, block: int
) -> None:
    chance = np.random.default_rng(seed)
    panel = ragged_panel(chance, density)
    as_of = panel.last_day - int(chance.integers(0, 200))
    rules = Rules((-0.1, 0.1), (2, 5), policy)
    scores = measure(panel, ROWS, INDICES, days_of(chance, panel), as_of, rules)
    segments = chance.integers(-1, 3, ROWS.size)
    loop: dict[tuple[int, int], list[float]] = {}
    points: list[tuple[int, int, float]] = []
    for call, (row, index) in enumerate(zip(ROWS, INDICES, strict=True)):
        if row < 0 or scores.base.age[call] == NO_AGE:
            continue
        listing, base = panel.listings[row], int(scores.base.session[call])
        through = panel.sessions_through[panel.calendar_of[row]]
        last = min(int(scores.end_day[window, call]), as_of)
        start, value = max(base, panel.first_day), np.nan
        for day in range(start, last + 1):
            column = day - panel.first_day
            own = panel.as_of(listing, np.datetime64(day, "D").item())
            assert own is not None
            session = np.datetime64(own[1], "D").astype(int)
            if session == day and index >= 0:
                close = panel.close[index, column]
                value = own[0] / scores.base.close[call] - close / scores.benchmark_base.close[call]
            if session == day and day <= scores.end.session[window, call]:
                points.append((call, day, value))
            opened = column == 0 or through[column] > through[column - 1]
            opened = opened and through[column] > 0
            if segments[call] < 0 or np.isnan(value) or not (opened or axis == "calendar"):
                continue
            step = (
                day
                if axis == "calendar"
                else int(through[column] - through[start - panel.first_day])
            )
            loop.setdefault((int(segments[call]), step), []).append(value)
    found = relative_paths(panel, scores, window)
    assert found.call.tolist() == [call for call, _, _ in points]
    assert found.session.tolist() == [day for _, day, _ in points]
    np.testing.assert_allclose(
        found.relative.difference, [value for _, _, value in points], rtol=1e-12, atol=1e-12
    )
    blocks = [one.call.size for one in iter_paths(panel, scores, window, block=block)]
    assert sum(blocks) == len(points)
    means = segment_paths(panel, scores, segments, window, axis=axis, block=block)
    told = {
        (segment, int(means.step[at])): (means.mean[segment, at], means.members[segment, at])
        for segment, at in zip(*np.nonzero(means.members), strict=True)
    }
    assert told.keys() == loop.keys()
    for key, values in loop.items():
        assert told[key][1] == len(values)
        assert abs(told[key][0] - np.mean(values)) <= 1e-12 * max(1.0, np.abs(values).max())


@effort(20)
@given(seed=st.integers(0, 2**32 - 1), back=st.integers(1, 300))
def test_closes_after_as_of_change_nothing(seed: int, back: int) -> None:
    panel = ragged_panel(np.random.default_rng(seed), 0.8)
    other = ragged_panel(np.random.default_rng(seed), 0.8)
    as_of, rules = panel.last_day - back, Rules((-0.1, 0.1))
    close = other.close.copy()
    close[:, panel.n_days - back :] *= 3.0
    object.__setattr__(other, "close", close)
    days = days_of(np.random.default_rng(seed), panel)
    answers = []
    for each in (panel, other):
        scores = measure(each, ROWS, INDICES, days, as_of, rules)
        paths, figures = relative_paths(each, scores), path_figures(each, scores)
        means = segment_paths(each, scores, ROWS.clip(0))
        answers.append(
            [
                paths.session,
                paths.relative.ratio,
                figures.best,
                figures.crossed_session,
                means.mean,
                means.members,
            ]
        )
    for one, two in zip(*answers, strict=True):
        assert one.tobytes() == two.tobytes()
