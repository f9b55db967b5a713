"""Mean paths of segments, worked out by hand and as the page draws them."""

from datetime import date

import numpy as np
import pytest
from tests.screenings import packaged

from supplychain_screen import Index
from supplychain_screen.errors import CallsError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.output.path_grid import paths_of
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import Rules, measure, segment_paths

CSI = Index(name="CSI300", currency="CNY", calendar="XSHG")
RULES = Rules((-0.1, 0.1))
BASE = date(2025, 1, 6)


def test_segment_means_stand_still_through_a_suspension() -> None:
    """Two members by hand: +10% and -10%, the second suspended on the 8th and 9th."""
    one, two = {6: 100.0, 7: 110.0, 8: 120.0, 9: 130.0}, {6: 100.0, 7: 90.0, 10: 80.0}
    days = np.array([f"2025-01-{day:02}" for book in (one, two) for day in book], "datetime64[D]")
    opened = exchange_sessions("XSHG", BASE, date(2025, 1, 10))
    panel = panel_from_columns(
        ["XSHG:600000", "XSHG:600001", "INDEX:CSI300"],
        np.repeat([0, 1, 2], [4, 3, 5]),
        np.concatenate([days, opened]),
        np.array([*one.values(), *two.values(), *[100.0] * 5]),
        indices=[CSI],
        first=BASE,
        last=date(2025, 1, 10),
    )
    # The second call of the first listing begins a session later and is a segment of its own.
    rows, bench = np.array([0, 1, 0, 1], np.int32), np.full(4, 2, np.int32)
    published = np.array([0, 0, 1, 0], np.int32) + np.int32(day_number(BASE))
    found = measure(panel, rows, bench, published, panel.last_day, RULES)
    segments = np.array([0, 0, 1, -1])
    event = segment_paths(panel, found, segments)
    assert event.step.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(event.mean[0], [0.0, 0.0, 0.05, 0.10, 0.05], atol=1e-12)
    np.testing.assert_allclose(event.mean[1], [0.0, 1 / 11, 2 / 11, 2 / 11, np.nan], atol=1e-12)
    assert event.members.tolist() == [[2, 2, 2, 2, 2], [1, 1, 1, 1, 0]]
    calendar = segment_paths(panel, found, segments, axis="calendar")
    assert (calendar.step - day_number(BASE)).tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(calendar.mean[0], event.mean[0], atol=1e-12)
    np.testing.assert_allclose(calendar.mean[1], [np.nan, *event.mean[1, :4]], atol=1e-12)


def test_segment_means_are_the_pages() -> None:
    """The page lays its paths on a grid of its own; both mean the same."""
    shown = packaged("2025-01-02", "2025-10-17")
    drawn, scored = paths_of(shown), shown.measured.primary
    names = shown.segments["segment"].tolist()
    rated = (shown.companies["rating"] != "unrated").to_numpy()
    place = np.array([names.index(one) for one in shown.companies["segment"]])
    found = segment_paths(shown.measured.panel, scored, np.where(rated, place, -1), axis="calendar")
    at = np.searchsorted(found.step, drawn.days.astype(np.int64))
    assert np.isfinite(drawn.means).sum() > 1000
    kept = int(np.where(rated, place, -1).max()) + 1
    np.testing.assert_allclose(found.mean[:, at], drawn.means[:kept], rtol=0, atol=1e-12)


def test_segments_are_numbers_one_a_call() -> None:
    shown = packaged("2025-01-02", "2025-10-17").measured
    n = shown.primary.rows.size
    with pytest.raises(CallsError, match="segments are not numbers"):
        segment_paths(shown.panel, shown.primary, np.array(["gpu"] * n))
    with pytest.raises(CallsError, match="differ in number"):
        segment_paths(shown.panel, shown.primary, np.zeros(n + 1, np.int32))
