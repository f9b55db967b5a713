"""Laws of the explained changes, on markets and edits that nobody chose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort
from tests.weekly_desks import PUBLISHED, Market, Served, small_report

from supplychain_screen import Screening, compare_screenings, screen
from supplychain_screen.research import load_library
from supplychain_screen.weekly.changes import PARTS
from supplychain_screen.weekly.swaps import CAUSES, mention_key, states
from supplychain_screen.words import machine_readable, percent

FRIDAYS = [date(2025, 1, 3) + timedelta(days=7 * n) for n in range(55)]
MARKET = Market()
LIBRARY = load_library()
SCALES = [
    name
    for name, entry in LIBRARY.items()
    # The comparison that is drawn needs an index: scales against none are rated in one way only.
    if "stock" in name and len(entry.scale.levels) > 2 and entry.scale.kind == "relative"
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
            scale = LIBRARY[draw(st.sampled_from(SCALES))].scale
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


def assert_sentences_end_where_the_rows_do(rows: pd.DataFrame, bounds: Sequence[float]) -> None:
    """To the printed digit; the steps between end there too."""
    for row in rows[~rows["kind"].isin(["new", "vanished"])].to_dict("records"):
        shown = [
            "–" if np.isnan(row[name]) else machine_readable(percent(row[name], 2, bounds=bounds))
            for name in ("relative_before", "relative_after")
        ]
        for detail, steps in (
            (row["detail"], r" \((.*?)\)"),
            (row["detail_zh"], "（([^（]*至.*?)）"),
        ):
            way = re.search(re.escape(" → ".join(shown)) + f"(?:{steps})?", detail)
            assert way is not None, detail
            if way[1]:
                assert re.split(" to | |至 ", way[1])[-1] == shown[1]


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
    assert_sentences_end_where_the_rows_do(changes.companies, after.report.standard.stock.bounds)
    same_rating = len([k for k in old.keys() & new.keys() if old[k]["rating"] == new[k]["rating"]])
    assert int(np.trace(changes.migration.to_numpy())) == same_rating


ENDS = {"6m": date(2025, 6, 30), "12m": date(2025, 12, 31)}


@effort(15)
@given(
    st.sampled_from(sorted(ENDS)),
    st.integers(0, 200),
    st.integers(1, 24),
    st.lists(
        st.tuples(
            st.sampled_from(sorted(MARKET.closes)),
            st.integers(1, 20),
            st.sampled_from([0.93, 0.97, 1.03, 1.07]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_prices_after_the_window_that_ended_are_no_cause(
    window: str, back: int, on: int, edits: list[tuple[str, int, float]]
) -> None:
    """Whatever happens after its last day, every row and every sentence stays as it was."""
    end = ENDS[window]
    other = deepcopy(MARKET)
    for listing, wait, factor in edits:
        for day in other.closes[listing]:
            if day > str(end + timedelta(days=wait)):
                other.closes[listing][day] *= factor
    before = max(end - timedelta(days=1 + back), PUBLISHED)
    after = end + timedelta(days=on)
    told = [
        compare_screenings(
            screen(small_report(), PUBLISHED, before, prices=Served(MARKET)),
            screen(small_report(), PUBLISHED, after, prices=Served(market)),
        ).companies
        for market in (MARKET, other)
    ]
    pd.testing.assert_frame_equal(*told)


@effort(15)
@given(
    st.sampled_from(sorted(MARKET.closes)),
    st.sampled_from([0.01, 0.5, 100.0, 0.0]),
    st.integers(90, 130),
    st.integers(1, 60),
)
def test_what_a_restatement_strikes_and_lifts_is_told_the_same(
    listing: str, factor: float, start: int, length: int
) -> None:
    """One week of two pasts: which one was first changes the direction and nothing else."""
    ill = deepcopy(MARKET)
    for day in list(ill.closes[listing])[start : start + length]:
        if factor:
            ill.closes[listing][day] *= factor
        else:
            del ill.closes[listing][day]
    good, bad = (
        screen(small_report(), PUBLISHED, FRIDAYS[12], prices=Served(one)) for one in (MARKET, ill)
    )
    there, back = compare_screenings(good, bad).companies, compare_screenings(bad, good).companies
    assert list(there["company"]) == list(back["company"])
    assert list(there["before"]) == list(back["after"])
    late = start + length > list(MARKET.closes[listing]).index(str(FRIDAYS[11]))
    for one, other in zip(there.to_dict("records"), back.to_dict("records"), strict=True):
        if late:
            # A hole at the end is a vendor that is behind, and what fills it is news.
            assert {one["cause"], other["cause"]} <= {"restated_history", "new_prices"}
            continue
        assert (one["cause"], other["cause"]) == ("restated_history", "restated_history")
        assert one["difference"] == pytest.approx(-other["difference"], abs=1e-12, nan_ok=True)
        if "suspect_prices" in (one["reason_before"], one["reason_after"]):
            assert "struck: " in one["detail"]
            assert "lifted: " in other["detail"]


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
