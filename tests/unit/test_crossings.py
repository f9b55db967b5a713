"""First crossings and extremes, each worked out by hand from eight closes."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from tests.screenings import packaged

from supplychain_screen import Index, PricePanel
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.output.path_grid import path_facts, paths_of
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import (
    NO_DAY,
    PathFigures,
    Rules,
    SuspectDays,
    measure,
    path_figures,
)
from supplychain_screen.scoring.crossings import NEVER
from supplychain_screen.scoring.measurement import NO_BENCHMARK

CSI = Index(name="CSI300", currency="CNY", calendar="XSHG")
RULES = Rules((-0.1, 0.1))

# Shanghai, 6 January 2025 (a Monday) on; the index stands still, so a relative return is the
# share's own. Exchange sessions after the base: 7th, 8th, 9th, 10th, 13th, 14th: 1, 2, …, 6.

BASE = date(2025, 1, 6)
WALK = {6: 100.0, 7: 105.0, 8: 110.0, 9: 94.0, 10: 89.0, 13: 91.0, 14: 125.0, 15: 125.0}


def hand_made(
    walk: dict[int, float], index: dict[int, float] | None = None, rows: int = 1
) -> PricePanel:
    index = dict.fromkeys(range(6, 18), 100.0) if index is None else index
    opened = {day.item() for day in exchange_sessions("XSHG", BASE, date(2025, 1, 17))}
    books = [walk] * rows + [
        {day: close for day, close in index.items() if date(2025, 1, day) in opened}
    ]
    return panel_from_columns(
        [*(f"XSHG:60000{row}" for row in range(rows)), "INDEX:CSI300"],
        np.repeat(np.arange(rows + 1), [len(book) for book in books]),
        np.array([f"2025-01-{day:02}" for book in books for day in book], "datetime64[D]"),
        np.array([close for book in books for close in book.values()]),
        indices=[CSI],
        first=BASE,
        last=date(2025, 1, 17),
    )


def figures_of(
    panel: PricePanel,
    as_of: int = 17,
    rules: Rules = RULES,
    suspects: SuspectDays | None = None,
) -> PathFigures:
    one = np.zeros(1, np.int32)
    published = np.array([day_number(BASE)], np.int32)
    found = measure(
        panel,
        one,
        one + np.int32(1),
        published,
        day_number(date(2025, 1, as_of)),
        rules,
        suspects=suspects,
    )
    return path_figures(panel, found, suspects=suspects)


def january(days: npt.NDArray[np.int32]) -> list[int]:
    """Days of January 2025; 0 where there is none."""
    return [0 if day == NO_DAY else int(day) - day_number(date(2024, 12, 31)) for day in days.flat]


def test_a_bound_is_crossed_on_the_first_session_beyond_it() -> None:
    found = figures_of(hand_made(WALK))
    # 110 is 以上, "or more", of +10%; 89 is the first at -10% or less.
    assert found.direction.tolist() == [-1, 1]
    assert january(found.crossed_session) == [10, 8]
    assert found.crossed_after.ravel().tolist() == [4, 2]
    assert found.best[0] == pytest.approx(0.25)
    assert found.worst[0] == pytest.approx(-0.11)
    # The first of the two days at 125.
    assert january(found.best_session) == [14]
    assert january(found.worst_session) == [10]
    assert found.sessions.tolist() == [8]


@pytest.mark.parametrize(
    ("as_of", "crossed", "best", "sessions"),
    [(7, [0, 0], 7, 2), (8, [0, 8], 8, 3), (9, [0, 8], 8, 4), (12, [10, 8], 8, 5)],
)
def test_nothing_is_crossed_after_as_of(
    as_of: int, crossed: list[int], best: int, sessions: int
) -> None:
    found = figures_of(hand_made(WALK), as_of)
    assert january(found.crossed_session) == crossed
    assert january(found.best_session) == [best]
    assert found.sessions.tolist() == [sessions]


def test_a_bound_passed_during_a_suspension_is_crossed_after_it() -> None:
    """Four sessions of the exchange pass, one of the listing."""
    found = figures_of(hand_made({6: 100.0, 10: 130.0}))
    assert january(found.crossed_session) == [0, 10]
    assert found.crossed_after.ravel().tolist() == [NEVER, 4]
    assert found.sessions.tolist() == [2]


def test_the_benchmark_is_read_on_the_listings_sessions_and_must_not_be_stale() -> None:
    # The index doubles on the 8th; the share, suspended that day, is far below from the 9th on.
    index = {6: 100.0, 7: 100.0, 8: 200.0, 9: 200.0}
    calm = {6: 100.0, 7: 100.0, 9: 100.0, 10: 100.0, 14: 100.0, 15: 350.0}
    found = figures_of(hand_made(calm, index))
    assert january(found.crossed_session) == [9, 0]
    # On the 14th the index is three sessions old, which still counts; on the 15th four.
    assert found.sessions.tolist() == [5]
    found = figures_of(hand_made(calm, index), rules=Rules((-0.1, 0.1), max_stale_benchmark=4))
    assert january(found.crossed_session) == [9, 15]
    assert found.sessions.tolist() == [6]


def test_no_figure_rests_on_a_suspect_day() -> None:
    panel = hand_made(WALK)
    first = day_number(date(2025, 1, 1)) - 1
    for row in (0, 1):
        found = figures_of(panel, suspects=SuspectDays(panel, [(row, first + 9, first + 9)]))
        assert january(found.crossed_session) == [0, 8]
        assert january(found.worst_session) == [6]
        assert found.sessions.tolist() == [3]
    # A suspect day before the base or after the last session touches nothing.
    found = figures_of(panel, suspects=SuspectDays(panel, [(0, first + 16, first + 17)]))
    assert january(found.crossed_session) == [10, 8]


def test_a_day_on_which_no_window_ends_is_no_point_and_those_after_it_are() -> None:
    panel = hand_made(WALK)
    day = day_number(date(2025, 1, 14))
    for row in (0, 1):
        found = figures_of(panel, suspects=SuspectDays(panel, [(row, day, day, "ends")]))
        # The second of the two days at 125.
        assert january(found.best_session) == [15]
        assert found.sessions.tolist() == [7]


def test_a_return_that_is_a_cut_has_passed_it_upwards() -> None:
    """75 and 125 are exactly 25% from 100: the cut belongs to the level above it."""
    panel = hand_made({6: 100.0, 7: 75.0, 8: 125.0, 9: 74.0})
    found = figures_of(panel, rules=Rules((-0.25, 0.25)))
    assert january(found.crossed_session) == [9, 8]


def test_a_bound_at_zero_is_crossed_by_leaving_the_level_of_zero() -> None:
    at_least, more_than = Rules((-1e-9,)), Rules((2e-9,))
    panel = hand_made({6: 100.0, 7: 100.0, 8: 99.0, 9: 101.0})
    # "0 or more" is where a path starts: it is left downwards. "More than 0" is reached upwards.
    assert january(figures_of(panel, rules=at_least).crossed_session) == [8]
    assert january(figures_of(panel, rules=more_than).crossed_session) == [9]


def test_a_stale_base_and_no_base_give_no_figures() -> None:
    panel = hand_made(WALK)
    rows = np.array([0, -1, 0, 0], np.int32)
    bench = np.array([NO_BENCHMARK, 1, 1, 1], np.int32)
    days = np.array([day_number(BASE)] * 3 + [day_number(BASE) - 5], np.int32)
    found = path_figures(panel, measure(panel, rows, bench, days, panel.last_day, RULES))
    assert found.sessions.tolist() == [0, 0, 8, 0]
    frame = found.to_frame(["underperform", "outperform"])
    assert frame["best"].isna().tolist() == [True, True, False, True]
    assert frame["outperform_session"].isna().tolist() == [True, True, False, True]
    assert frame["outperform_after"].tolist() == [pd.NA, pd.NA, 2, pd.NA]
    strict = Rules((-0.1, 0.1), base_policy="on_or_before", max_stale_sessions=0)
    one = np.zeros(1, np.int32)
    # Sunday the 12th is no session, so Friday's close is fresh; without a 10th it is not.
    gap = hand_made({day: close for day, close in WALK.items() if day != 10})
    sunday = np.array([day_number(date(2025, 1, 12))], np.int32)
    for each, sessions in ((panel, 4), (gap, 0)):
        scored = measure(each, one, one + np.int32(1), sunday, each.last_day, strict)
        assert path_figures(each, scored).sessions.tolist() == [sessions]


def test_figures_are_those_of_the_paths_that_are_drawn() -> None:
    # Before the first window has matured paths are drawn to their last day.
    shown = packaged("2025-01-02", "2025-06-20")
    drawn, found = paths_of(shown), shown.path_figures
    days = drawn.days.astype(np.int64)
    bounds = shown.report.standard.stock.bounds
    told = 0
    for call, path in enumerate(drawn.members):
        if not found.sessions[call]:
            continue
        assert found.best[call] == pytest.approx(np.nanmax(path), abs=1e-12)
        assert found.best_session[call] == days[np.nanargmax(path)]
        assert found.worst_session[call] == days[np.nanargmin(path)]
        for bound, session in zip(bounds, found.crossed_session[:, call], strict=True):
            beyond = path >= bound - 1e-9 if bound > 0 else path <= bound + 1e-9
            assert session == (days[beyond.argmax()] if beyond.any() else NO_DAY)
            told += bool(beyond.any())
        facts = path_facts(found, bounds, call)
        assert facts is not None
        assert [day.astype(np.int64) for _, day in facts.crossed] == [
            day for day in found.crossed_session[:, call] if day != NO_DAY
        ]
        assert (facts.best, facts.worst) == (found.best[call], found.worst[call])
    assert told > 20
    nobody = np.flatnonzero(found.sessions == 0)
    assert [path_facts(found, bounds, int(row)) for row in nobody] == [None] * nobody.size
