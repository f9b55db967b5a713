"""Weeks and changes on a terminal of 80 columns, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.weekly_desks import PUBLISHED, Market, Served, small_report

from supplychain_screen import Screening, SimulatedSource, compare_screenings, load_report, screen
from supplychain_screen.output import display_width
from supplychain_screen.weekly import changes_text, weeks_text
from supplychain_screen.words import CAUSES, Lang, printed


def simulated(as_of: str) -> Screening:
    return screen(load_report(), "2024-12-31", as_of, prices=SimulatedSource())


@pytest.fixture(scope="module")
def pair() -> tuple[Screening, Screening]:
    return simulated("2025-06-27"), simulated("2026-01-09")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(
    pair: tuple[Screening, Screening], lang: Lang, width: int
) -> None:
    changes = compare_screenings(*pair)
    text = changes_text("desk", changes, pair[1], lang, width)
    assert max(map(display_width, text.splitlines())) <= width
    # Every company that moved has its line, and every rating that changed its reason.
    causes = tuple(one.of(lang) for one in CAUSES.values())
    assert sum(line.endswith(causes) for line in text.splitlines()) == len(changes.companies)
    details = changes.ratings["detail_zh" if lang == "zh" else "detail"]
    flat = " ".join(text.split())
    assert all(printed(one).split("：")[0] in flat for one in details)


def test_the_migration_table_counts_every_mention_once(pair: tuple[Screening, Screening]) -> None:
    changes = compare_screenings(*pair)
    lines = changes_text("desk", changes, pair[1], "en").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("before \\ after"))
    rows = [line.split()[1:] for line in lines[start + 1 : start + 5]]
    counts = [[0 if cell == "·" else int(cell) for cell in row] for row in rows]
    assert counts == changes.migration.to_numpy().tolist()
    assert sum(map(sum, counts)) == changes.compared


def test_simulated_prices_are_said_first(pair: tuple[Screening, Screening]) -> None:
    assert changes_text("desk", compare_screenings(*pair), pair[1]).startswith("SIMULATED desk")


def test_a_quiet_week_is_two_lines() -> None:
    market = Served(Market())
    week = screen(small_report(), PUBLISHED, date(2025, 1, 10), prices=market)
    text = changes_text("desk", compare_screenings(week, week), week, "en")
    assert text.splitlines() == [
        "desk  2025-01-10 → 2025-01-10",
        "5 mentions compared, 0 ratings changed, 0 more moved",
    ]


def week(name: str, *screens: str, **others: Any) -> dict[str, Any]:
    shown = [
        {"name": one, "ratings": {"neutral": 30, "unrated": 5}, "mean": None, "rating_changes": 3}
        for one in screens
    ]
    return {"week": name, "screens": shown, "marks": [], "problems": [], **others}


def test_a_list_has_a_line_a_screen_and_its_marks_where_they_fit() -> None:
    short = week("2025-01-10", "a", "december", marks=["partial"])
    marks = ["SIMULATED", "partial", "revises 2025-01-17 (prices, completeness)"]
    long = week("2025-01-17.r2", "december", marks=marks)
    spoilt = week("2025-01-24", marks=["DAMAGED"], problems=["cannot read manifest.json"])
    assert weeks_text([short, long, spoilt], "en").splitlines() == [
        "2025-01-10     a         30 of 35 rated  mean      –   3 changed  [partial]",
        "               december  30 of 35 rated  mean      –   3 changed",
        "2025-01-17.r2  december  30 of 35 rated  mean      –   3 changed",
        "    [SIMULATED; partial; revises 2025-01-17 (prices, completeness)]",
        "2025-01-24  [DAMAGED]",
        "    cannot read manifest.json",
    ]
