"""Daily paths over the listing's own sessions, in blocks of any size."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, PricePanel
from supplychain_screen.errors import CallsError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import (
    CallScores,
    Rules,
    iter_paths,
    measure,
    path_figures,
    relative_paths,
    segment_paths,
)
from supplychain_screen.scoring.measurement import NO_BENCHMARK
from supplychain_screen.scoring.path_means import PathAxis

CSI = Index(name="CSI300", currency="CNY", calendar="XSHG")
HSI = Index(name="HSI", currency="HKD", calendar="XHKG")
NAMES = ["XSHG:600000", "XHKG:0700", "INDEX:CSI300", "INDEX:HSI"]
CALENDARS = ["XSHG", "XHKG", "XSHG", "XHKG"]
FIRST, LAST = date(2024, 12, 2), date(2025, 12, 31)
RULES = Rules((-0.1, 0.1))
AXES: tuple[PathAxis, ...] = ("event", "calendar")


@pytest.fixture(scope="module")
def panel() -> PricePanel:
    days = [exchange_sessions(calendar, FIRST, LAST) for calendar in CALENDARS]
    chance = np.random.default_rng(5)
    closes = [np.exp(np.cumsum(0.02 * chance.standard_normal(one.size))) for one in days]
    rows = np.repeat(np.arange(4), [one.size for one in days])
    return panel_from_columns(
        NAMES,
        rows,
        np.concatenate(days),
        np.concatenate(closes),
        indices=[CSI, HSI],
        first=FIRST,
        last=LAST,
    )


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


@pytest.mark.parametrize("block", [1, 2, 3, 100])
def test_blocks_of_any_size_hold_the_same_bytes(panel: PricePanel, block: int) -> None:
    days = ["2025-01-06", "2025-06-02", "2025-03-03", "2025-09-15", "2025-12-30", "2030-01-01"]
    found = scores(panel, [1, 0, -1, 1, 0, 0], [3, 2, 2, NO_BENCHMARK, 2, 2], days)
    whole, blocks = relative_paths(panel, found), list(iter_paths(panel, found, block=block))
    assert len(blocks) == -(-6 // block)
    for name in ("call", "session"):
        joined = np.concatenate([getattr(one, name) for one in blocks])
        assert joined.tobytes() == getattr(whole, name).tobytes()
    for name in ("stock_return", "benchmark_return", "difference", "ratio"):
        joined = np.concatenate([getattr(one.relative, name) for one in blocks])
        assert joined.tobytes() == getattr(whole.relative, name).tobytes()
    figures, same = path_figures(panel, found), path_figures(panel, found, block=block)
    for one in fields(figures):
        assert np.array(getattr(figures, one.name)).tobytes() == (
            np.array(getattr(same, one.name)).tobytes()
        )
    for axis in AXES:
        segments = np.array([0, 1, 0, 1, 0, 2])
        means = segment_paths(panel, found, segments, axis=axis)
        again = segment_paths(panel, found, segments, axis=axis, block=block)
        assert means.mean.tobytes() == again.mean.tobytes()
        assert means.members.tobytes() == again.members.tobytes()


def test_no_calls_have_no_paths_and_a_block_holds_a_call(panel: PricePanel) -> None:
    nobody = scores(panel, [], [], [])
    assert list(iter_paths(panel, nobody)) == []
    assert relative_paths(panel, nobody).relative.ratio.size == 0
    assert path_figures(panel, nobody).to_frame().shape == (0, 9)
    for axis in AXES:
        means = segment_paths(panel, nobody, np.empty(0, np.int64), axis=axis)
        assert means.mean.shape == (0, 0)
    for ask in (
        lambda: list(iter_paths(panel, nobody, block=0)),
        lambda: path_figures(panel, nobody, block=-1),
    ):
        with pytest.raises(CallsError, match="a block holds no call"):
            ask()
    with pytest.raises(CallsError, match="differ in number"):
        segment_paths(panel, nobody, np.zeros(1, np.int64))
