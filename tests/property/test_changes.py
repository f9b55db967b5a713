"""Laws of the explained changes, on markets and edits that nobody chose."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort
from tests.weekly_desks import PUBLISHED, Market, Served, small_report

from supplychain_screen import Screening, compare_screenings, screen
from supplychain_screen.research.scale_library import load_rating_scales
from supplychain_screen.weekly.changes import PARTS
from supplychain_screen.weekly.swaps import CAUSES, mention_key, states

FRIDAYS = [date(2025, 1, 3) + timedelta(days=7 * n) for n in range(55)]
MARKET = Market()
SCALES = [
    name
    for name, scale in load_rating_scales().items()
    if "stock" in name and len(scale.levels) > 2
]


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Screening, Screening]:
    """Two screenings of the same calls; each kind of input may differ."""
    first = draw(st.integers(0, len(FRIDAYS) - 1))
    second = draw(st.integers(first, min(first + 30, len(FRIDAYS) - 1)))
    old, new = (deepcopy(MARKET) for _ in range(2))
    for market in (old, new):
        for _ in range(draw(st.integers(0, 3))):
            listing = draw(st.sampled_from(sorted(market.closes)))
            days = list(market.closes[listing])
            start = draw(st.integers(0, len(days) - 1))
            length = draw(st.sampled_from([1, 3, 10, 400]))
            factor = draw(st.sampled_from([0.01, 0.5, 0.93, 1.02, 1.3, 0.0]))
            for day in days[start : start + length]:
                if factor:
                    market.closes[listing][day] *= factor
                else:
                    del market.closes[listing][day]
    reports = []
    for _ in range(2):
        report = small_report()
        if draw(st.booleans()):
            scale = load_rating_scales()[draw(st.sampled_from(SCALES))]
            standard = report.standard.model_copy(update={"stock": scale})
            report = report.model_copy(update={"standard": standard})
        if draw(st.booleans()):
            dropped = draw(st.integers(0, 4))
            kept = tuple(one for i, one in enumerate(report.mentions) if i != dropped)
            report = report.model_copy(update={"mentions": kept})
        if draw(st.booleans()) and any(one.company == "TCL" for one in report.mentions):
            report = report.with_listing("TCL", "XHKG:1070")
        reports.append(report)
    options: list[dict[str, Any]] = [
        {"comparison": draw(st.sampled_from(["difference", "ratio"]))} for _ in range(2)
    ]
    return (
        screen(reports[0], PUBLISHED, FRIDAYS[first], prices=Served(old), **options[0]),
        screen(reports[1], PUBLISHED, FRIDAYS[second], prices=Served(new), **options[1]),
    )


@effort(60)
@given(weeks())
def test_every_move_is_explained_and_its_parts_add_up(pair: tuple[Screening, Screening]) -> None:
    before, after = pair
    changes = compare_screenings(before, after)
    frame = changes.companies
    assert set(frame["cause"]) <= set(CAUSES)
    assert frame["detail"].map(bool).all()
    assert frame["detail_zh"].map(bool).all()
    known = frame["difference"].notna()
    rest = (frame["difference"] - frame[list(PARTS)].sum(axis=1))[known]
    assert (rest.abs() <= 1e-9).all()

    # Nothing that moved is missing, and nothing that did not is there.
    old = {mention_key(row): row for row in before.companies.to_dict("records")}
    new = {mention_key(row): row for row in after.companies.to_dict("records")}
    moved = {(row["segment"], row["company"]) for row in frame.to_dict("records")}
    for key in old.keys() | new.keys():
        if key not in old or key not in new:
            assert key in moved
            continue
        a, b = old[key], new[key]
        same = all(
            a[name] == b[name] or (a[name] is None and b[name] is None)
            for name in ("rating", "stage")
        )
        number = abs(a["relative_return"] - b["relative_return"])
        if not same or number > 1e-9:
            assert key in moved
    assert int(changes.migration.to_numpy().sum()) == len(old.keys() & new.keys())
    same_rating = len([k for k in old.keys() & new.keys() if old[k]["rating"] == new[k]["rating"]])
    assert int(np.trace(changes.migration.to_numpy())) == same_rating


@effort(40)
@given(weeks())
def test_what_is_measured_between_meets_both_ends(pair: tuple[Screening, Screening]) -> None:
    """The same week on both sides: every state between must be the one both sides show."""
    for screening in pair:
        keys = [mention_key(row) for row in screening.companies.to_dict("records")]
        chain = states(screening, screening, keys)
        for state in chain[1:-1]:
            assert state.rating == chain[0].rating
            assert state.stage == chain[0].stage
            assert state.reason == chain[0].reason
            assert state.window == chain[0].window
            np.testing.assert_array_equal(state.relative, chain[0].relative)


@effort(40)
@given(weeks())
def test_an_input_that_is_the_same_on_both_sides_is_no_cause(
    pair: tuple[Screening, Screening],
) -> None:
    before, after = pair
    found = set(compare_screenings(before, after).companies["cause"])
    if before.report == after.report:
        assert "mapping_changed" not in found
        if before.comparison == after.comparison:
            assert "standard_changed" not in found
    if before.as_of == after.as_of:
        assert "window_matured" not in found
