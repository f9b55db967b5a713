"""What the page's pictures show, against plain Python over the frames."""

from __future__ import annotations

from functools import lru_cache
from statistics import fmean

import numpy as np
import pytest
from tests.screenings import packaged

from supplychain_screen import SimulatedSource, load_report, screen
from supplychain_screen.output.page.dossier import page_reader, touch_of
from supplychain_screen.output.page.pictures import (
    axis_of,
    companies_picture,
    histogram_picture,
    migration_picture,
)
from supplychain_screen.output.page.sections import findings_section
from supplychain_screen.words import points


@lru_cache(maxsize=1)
def values() -> dict[int, float]:
    """Relative return of each rated company by the number of its first mention, best first."""
    found = packaged()
    rows = found.once[found.once["rating"] != "unrated"].to_dict("records")
    pairs = {row["order"]: row["relative_return"] for row in rows}
    return dict(sorted(pairs.items(), key=lambda pair: -pair[1]))


def test_an_axis_holds_everything_in_its_place() -> None:
    axis = axis_of([-0.5, 1.5, float("nan")], (-0.1, 0.1), room=0.5)
    assert (axis.low, axis.high) == (-1.5, 2.5)
    assert [axis.at(one) for one in (-0.5, 0.0, 1.5, 9.0)] == [25.0, 37.5, 75.0, 100.0]
    kinds = [kind for _, _, kind in axis.ticks]
    assert kinds.count("zero") == 1
    assert kinds.count("bound") == 2
    labelled = [x for x, label, _ in axis.ticks if label]
    assert all(abs(a - b) >= 7.5 for a in labelled for b in labelled if a != b)


def test_every_company_is_there_and_what_remains_without_the_best() -> None:
    found = packaged()
    picture = companies_picture(found, page_reader(found))
    assert picture is not None
    assert [row.order for row in picture.rows] == list(values())
    ranked = list(values().values())
    for k, row in enumerate(picture.rows):
        assert row.late == points(ranked[k], bounds=(-0.1, 0.1))
        assert row.rest_text == points(
            fmean(ranked[k + 1 :]) if k < len(ranked) - 1 else None, bounds=(-0.1, 0.1)
        )
    rest = [fmean(ranked[k + 1 :]) for k in range(len(ranked) - 1)]
    below = next(k for k, mean in enumerate(rest) if mean <= 0)
    assert picture.gone == below + 1
    assert picture.ring is picture.rows[below]
    first = found.once.set_index("order")["relative_return_6m"]
    far = sorted(values(), key=lambda one: -abs(values()[one] - first[one]))[:5]
    assert {row.order for row in picture.rows if row.moved} == set(far)


def test_of_a_handful_nobody_stands_out() -> None:
    report = load_report()
    report = report.model_copy(update={"mentions": report.mentions[:8], "events": ()})
    found = screen(report, "2024-12-31", "2026-01-09", prices=SimulatedSource())
    picture = companies_picture(found, page_reader(found))
    assert picture is not None
    assert not any(row.moved for row in picture.rows)
    assert "粗体" not in found.to_html(static=True)
    assert "粗体" in packaged().to_html(static=True)


def test_a_running_window_has_no_start() -> None:
    found = packaged(as_of="2025-06-02")
    picture = companies_picture(found, page_reader(found))
    assert picture is not None
    assert picture.early is None
    assert {row.start for row in picture.rows} == {None}
    assert migration_picture(found, page_reader(found)) is None


def test_the_bars_count_every_other_date() -> None:
    found = packaged()
    past = found.inference().placebo
    picture = histogram_picture(found)
    assert picture is not None
    assert sum(bar.n for bar in picture.bars) == picture.dates == past.base_day.size
    assert max(bar.height for bar in picture.bars) == 100.0
    for bar in picture.bars:
        low, high = (float(one.replace("−", "-")) / 100 for one in (bar.low, bar.high))
        inside = (past.mean >= low - 1e-9) & (past.mean < high - 1e-9)
        assert int(inside.sum()) == bar.n
    assert picture.here == picture.axis.at(past.realised)


def test_migration_counts_every_company_once() -> None:
    found = packaged()
    picture = migration_picture(found, page_reader(found))
    assert picture is not None
    rows = found.once[found.once["rating"] != "unrated"]
    names = [level.name for level in picture.levels]
    counted = {
        (before, after): picture.cells[i][k][0]
        for i, before in enumerate(names)
        for k, after in enumerate(names)
    }
    pairs = list(zip(rows["rating_6m"], rows["rating_12m"], strict=True))
    assert counted == {pair: pairs.count(pair) for pair in counted}
    assert picture.of == len(rows) == sum(counted.values())


@pytest.mark.parametrize(
    ("first", "last", "rating", "action", "touch"),
    [
        ("2024-12-30", "2025-01-02", "neutral", "dropped", "close"),
        ("2025-03-01", "2025-03-09", "neutral", "reported", "inside"),
        ("2024-01-01", "2024-12-01", "neutral", "reported", "outside"),
        ("2026-01-05", "2026-01-05", "neutral", "reported", "outside"),
        ("2025-12-31", "2026-01-05", "neutral", "reported", "close"),
        ("2025-03-01", "2025-03-01", "unrated", "unrated", "struck"),
        ("2025-03-01", "2025-03-01", "unrated", "reported", ""),
        ("NaT", "NaT", "neutral", "reported", ""),
    ],
)
def test_a_finding_says_whether_it_touched_the_rating(
    first: str, last: str, rating: str, action: str, touch: str
) -> None:
    finding = {"first": np.datetime64(first), "last": np.datetime64(last), "action": action}
    row = {
        "rating": rating,
        "base_session": np.datetime64("2024-12-31"),
        "end_session": np.datetime64("2025-12-31"),
    }
    finding = {key: None if str(value) == "NaT" else value for key, value in finding.items()}
    assert touch_of(finding, row) == touch


def test_findings_of_rated_companies_say_it() -> None:
    found = packaged()
    said = findings_section(found)
    rated = set(found.companies.loc[found.companies["rating"] != "unrated", "symbol"])
    beside = [one for one in said if set(one["symbols"]) & rated and one["first"].en != "–"]
    assert beside
    assert all("评级" in one["touch"].zh for one in beside)
