"""Daily paths and what is inferred from them, on prices small enough to check by hand."""

from datetime import date

import numpy as np
import pytest

from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.identity.listings import Index
from supplychain_screen.prices.panel import PricePanel, day_number
from supplychain_screen.prices.panel_building import panel_from_columns
from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.measurement import NO_BENCHMARK, CallScores, Rules
from supplychain_screen.scoring.paths import relative_paths

CSI = Index(name="CSI300", currency="CNY", calendar="XSHG")
HSI = Index(name="HSI", currency="HKD", calendar="XHKG")
NAMES = ["XSHG:600000", "XHKG:0700", "INDEX:CSI300", "INDEX:HSI"]
CALENDARS = ["XSHG", "XHKG", "XSHG", "XHKG"]
FIRST, LAST = date(2024, 12, 2), date(2025, 12, 31)
RULES = Rules((-0.1, 0.1))


@pytest.fixture(scope="module")
def panel() -> PricePanel:
    days = [exchange_sessions(calendar, FIRST, LAST) for calendar in CALENDARS]
    chance = np.random.default_rng(5)
    closes = [np.exp(np.cumsum(0.02 * chance.standard_normal(one.size))) for one in days]
    rows = np.repeat(np.arange(4), [one.size for one in days])
    return panel_from_columns(
        NAMES, rows, np.concatenate(days), np.concatenate(closes), indices=[CSI, HSI],
        first=FIRST, last=LAST,
    )  # fmt: skip


def scores(panel: PricePanel, rows: list[int], bench: list[int], days: list[str]) -> CallScores:
    numbers = np.array(days, "datetime64[D]").astype(np.int32)
    asked = (np.array(rows, np.int32), np.array(bench, np.int32), numbers)
    return measure(panel, *asked, panel.last_day, RULES)


def test_a_path_runs_from_base_to_end_over_the_listings_own_sessions(panel: PricePanel) -> None:
    found = scores(panel, [0, 1], [2, 3], ["2025-01-29", "2025-02-03"])
    paths = relative_paths(panel, found)
    for call, name in enumerate(NAMES[:2]):
        days = paths.session[paths.call == call].astype("datetime64[D]")
        sessions = panel.sessions(name)
        base = found.base.session[call].astype("datetime64[D]")
        assert np.array_equal(days, sessions[sessions >= base])
        for place in (0, 17, days.size - 1):
            mine, bench = [], []
            for day in (base, days[place]):
                own, index = panel.as_of(name, day.item()), panel.as_of(NAMES[2 + call], day.item())
                assert own is not None
                assert index is not None
                mine.append(own[0])
                bench.append(index[0])
            value = paths.relative.difference[paths.call == call][place]
            assert value == pytest.approx(mine[1] / mine[0] - bench[1] / bench[0], abs=1e-12)
    # The Spring Festival: Shanghai was closed from 28 January, so the base is the 27th.
    assert found.base.session[0] == day_number(date(2025, 1, 27))


def test_a_path_ends_at_the_figure_of_its_window(panel: PricePanel) -> None:
    found = scores(panel, [0, 1, 0], [2, 3, 2], ["2025-01-06", "2025-01-06", "2025-03-03"])
    for window in (0, -1):
        paths = relative_paths(panel, found, window)
        for call in range(3):
            own = paths.relative.difference[paths.call == call]
            assert own[0] == 0.0
            assert own[-1] == found.relative.difference[window, call]


def test_paths_do_not_depend_on_their_neighbours(panel: PricePanel) -> None:
    days = ["2025-01-06", "2025-06-02", "2025-03-03", "2025-09-15"]
    together = relative_paths(panel, scores(panel, [1, 0, 0, 1], [3, 2, 2, 3], days))
    for call, (row, bench, day) in enumerate(zip([1, 0, 0, 1], [3, 2, 2, 3], days, strict=True)):
        alone = relative_paths(panel, scores(panel, [row], [bench], [day]))
        here = together.call == call
        assert np.array_equal(together.session[here], alone.session)
        assert np.array_equal(together.relative.ratio[here], alone.relative.ratio)


def test_no_listing_has_no_path_and_no_benchmark_has_an_empty_one(panel: PricePanel) -> None:
    found = scores(
        panel, [-1, 0, 0], [2, NO_BENCHMARK, 2], ["2025-01-06", "2025-01-06", "2030-01-01"]
    )
    paths = relative_paths(panel, found)
    assert set(paths.call) == {1}
    assert np.isnan(paths.relative.difference).all()
    assert np.isfinite(paths.relative.stock_return).all()
    nothing = relative_paths(panel, scores(panel, [-1], [2], ["2025-01-06"]))
    assert nothing.session.size == 0
