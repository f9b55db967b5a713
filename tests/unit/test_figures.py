"""Geometry of the inline charts and the paths they draw, against values worked by hand."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen.output.page import domain, spread
from supplychain_screen.output.page.figures import chart, nice_ticks, sparkline
from supplychain_screen.output.path_grid import paths_of, spaced
from supplychain_screen.words import machine_readable, points

DAYS = np.arange("2025-01-01", "2025-01-11", dtype="datetime64[D]")


def test_means_carry_forward_and_never_look_ahead() -> None:
    """Two members on different sessions, worked by hand."""
    companies = pd.DataFrame(
        {
            "order": [1, 2, 3, 4],
            "segment": ["a", "a", "a", "b"],
            "company": ["x", "y", "z", "x"],
            "listing": ["L:1", "L:2", None, "L:1"],
            "rating": ["outperform", "neutral", "unrated", "outperform"],
            "end_session": pd.to_datetime(["2025-01-04"] * 4),
        }
    )
    paths = pd.DataFrame(
        [
            (1, "2025-01-01", 0.0),
            (1, "2025-01-02", 0.10),
            (1, "2025-01-04", 0.20),
            (2, "2025-01-02", 0.0),
            (2, "2025-01-03", -0.10),
            (3, "2025-01-01", 9.0),
            (4, "2025-01-01", 0.0),
            (4, "2025-01-02", 0.10),
            (4, "2025-01-04", 0.20),
        ],
        columns=["order", "session", "relative_return"],
    )
    paths["session"] = pd.to_datetime(paths["session"])
    segments = pd.DataFrame({"segment": ["a", "b"]})
    once = companies.iloc[[0, 1, 2]]
    screening = SimpleNamespace(companies=companies, once=once, paths=paths, segments=segments)
    found = paths_of(screening)  # type: ignore[arg-type]
    assert found.days.astype(str).tolist() == [f"2025-01-0{n}" for n in (1, 2, 3, 4)]
    assert found.members[0].tolist() == [0.0, 0.10, 0.10, 0.20]
    assert np.isnan(found.members[1][0])
    assert found.members[1][1:].tolist() == [0.0, -0.10, -0.10]
    # Segment a: x alone, then (0.10 + 0) / 2, (0.10 - 0.10) / 2, (0.20 - 0.10) / 2.
    assert found.means[0] == pytest.approx([0.0, 0.05, 0.0, 0.05])
    # The report: x counts once though it is printed twice, and z is not rated.
    assert found.total == pytest.approx([0.0, 0.05, 0.0, 0.05])


def test_chart_places_zero_bounds_and_ends() -> None:
    line = np.linspace(0.0, 0.5, 10)
    drawn = chart(
        DAYS,
        line[None, :],
        line[:0][None, :].reshape(0, 10),
        (-0.1, 0.1),
        width=200,
        height=100,
        points=10,
        margins=(0, 0, 0, 0),
    )
    kinds = {mark.kind: mark for mark in drawn.y_marks}
    assert {"zero", "bound"} <= kinds.keys()
    assert drawn.lines[0].end_x == 200
    # Domain -0.12 … 0.5 with 4% of air: 0.5 lies at 0.0248 / 0.6696 of the height.
    assert drawn.lines[0].end_y == pytest.approx(100 * 0.0248 / 0.6696, abs=0.06)
    assert kinds["zero"].at == pytest.approx(100 * 0.5248 / 0.6696, abs=0.06)


def test_labels_of_a_chart_never_touch() -> None:
    wide = np.linspace(0.0, 9.0, 10)
    drawn = chart(
        DAYS, wide[None, :], np.empty((0, 10)), (-0.1, 0.1), width=200, height=100, points=10
    )
    at = sorted(mark.at for mark in drawn.y_marks if mark.label)
    assert all(b - a >= 10 for a, b in itertools.pairwise(at))
    # The bounds are drawn all the same.
    assert sum(mark.kind == "bound" for mark in drawn.y_marks) == 2


@given(
    st.lists(st.floats(0, 300), min_size=1, max_size=40),
)
def test_spread_keeps_order_and_distance(ys: list[float]) -> None:
    placed = spread(ys, 11.0, 0.0, 300.0)
    gap = min(11.0, 300.0 / len(ys))
    order = sorted(range(len(ys)), key=lambda i: (ys[i], i))
    ordered = [placed[i] for i in order]
    assert all(b - a >= gap - 0.2 for a, b in itertools.pairwise(ordered))
    assert min(placed) >= -0.2
    assert max(placed) <= 300.2


@given(st.integers(0, 2000), st.integers(2, 300))
def test_spaced_has_both_ends(length: int, points: int) -> None:
    found = spaced(length, points)
    assert len(found) <= max(points, 0)
    assert len(set(found.tolist())) == len(found)
    if length:
        assert (found[0], found[-1]) == (0, length - 1)


@given(st.floats(-5, 5), st.floats(0.01, 10))
def test_ticks_lie_inside(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)
    assert 1 <= len(ticks) <= 12


def test_domain_holds_zero_and_bounds_without_data() -> None:
    low, high = domain(np.array([np.nan]), (-0.1, 0.1))
    assert low < -0.1
    assert high > 0.1


def test_sparkline_ends_where_the_path_ends() -> None:
    spark = sparkline(np.array([np.nan, 0.0, 0.1, 0.2]))
    assert spark is not None
    assert spark.d.startswith("M2 21")  # zero is the lowest point: 3 + 18
    assert (spark.end_x, spark.end_y, spark.zero) == (92, 3, 21)
    assert sparkline(np.array([np.nan, 0.0])) is None


@given(st.floats(-3, 3), st.sampled_from([(-0.1, 0.1), (-0.05, 0.05, 0.15), (0.2,)]))
def test_percent_never_crosses_a_bound(value: float, bounds: tuple[float, ...]) -> None:
    shown = float(machine_readable(points(value, bounds=bounds)).replace(",", "")) / 100
    for bound in bounds:
        if abs(value - bound) > 1e-9:
            assert (value < bound) == (shown < bound)
