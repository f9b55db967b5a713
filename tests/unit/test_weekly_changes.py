"""Why a number moved: one input changed by hand, one cause expected."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.weekly_desks import PUBLISHED, Market, Served, small_report

from supplychain_screen import RatingScale, Screening, compare_screenings, screen
from supplychain_screen.errors import InputError
from supplychain_screen.research import Level
from supplychain_screen.weekly.changes import PARTS, Changes

BEFORE, AFTER = date(2025, 3, 14), date(2025, 3, 21)
TCL, NVDA, QCOM = "XSHE:000100", "XNAS:NVDA", "XNAS:QCOM"


def screened(market: Market, as_of: date = BEFORE, report: Any = None, **options: Any) -> Screening:
    return screen(report or small_report(), PUBLISHED, as_of, prices=Served(market), **options)


def flat(*moves: tuple[str, str, float]) -> Market:
    """A market in which nothing moves but what is said: listing, first day, factor in all.

    A move takes as many sessions as it needs to stay within 8% a day, or a check would rightly
    strike it; a factor of a hundredth is meant to be struck and comes at once.
    """
    market = Market()
    for listing, closes in market.closes.items():
        level = np.full(len(closes), 100.0)
        days = list(closes)
        for _, day, factor in (one for one in moves if one[0] == listing):
            steps = 1 if factor < 0.05 else int(np.ceil(abs(np.log(factor)) / np.log(1.08)))
            start = days.index(day)
            for i in range(steps):
                level[start + i :] *= factor ** (1 / steps)
        # A hair of movement: a close that repeats for weeks is taken for a suspension.
        level *= 1 + 1e-5 * (np.arange(level.size) % 2)
        market.closes[listing] = dict(zip(days, level.tolist(), strict=True))
    return market


def row(changes: Changes, company: str) -> dict[str, Any]:
    (found,) = changes.companies[changes.companies["company"] == company].to_dict("records")
    return found


def assert_adds_up(changes: Changes) -> None:
    frame = changes.companies
    known = frame["difference"].notna()
    rest = frame["difference"] - frame[list(PARTS)].sum(axis=1)
    assert rest[known].abs().max() <= 1e-9
    assert frame.loc[~known, list(PARTS)].isna().all(axis=None)


def part(found: dict[str, Any], cause: str) -> float:
    return float(found[f"part_{cause}"])


def test_nothing_moved_where_nothing_changed() -> None:
    market = flat()
    changes = compare_screenings(screened(market), screened(market))
    assert changes.companies.empty
    assert changes.compared == 5
    assert changes.migration.loc["neutral", "neutral"] == 5
    assert int(changes.migration.to_numpy().sum()) == 5
    assert changes.causes == {}


def test_new_prices() -> None:
    market = flat((TCL, "2025-03-19", 1.2))
    changes = compare_screenings(screened(market), screened(market, AFTER))
    found = row(changes, "TCL")
    assert (found["kind"], found["before"], found["after"]) == ("rating", "neutral", "outperform")
    assert found["cause"] == "new_prices"
    assert part(found, "new_prices") == pytest.approx(0.2, abs=1e-4)
    assert part(found, "restated_history") == 0
    assert "2025-03-14 → 2025-03-21" in found["detail"]
    assert changes.causes == {"new_prices": 1}
    assert changes.migration.loc["neutral", "outperform"] == 1
    assert list(changes.segments["after"]) == ["outperform"]
    assert_adds_up(changes)


def test_a_window_matured() -> None:
    """Up 30% after six months and a day: the six-month window saw none of it."""
    market = flat((TCL, "2025-07-01", 1.3))
    old, new = screened(market, date(2025, 6, 27)), screened(market, date(2025, 7, 4))
    found = row(compare_screenings(old, new), "TCL")
    # To date it is +30% and outperform; the headline is the six months, +0%, and neutral. What
    # came after the window's last day moved nothing.
    assert (found["kind"], found["stage_before"], found["stage_after"]) == (
        "stage",
        "interim",
        "6m",
    )
    assert found["cause"] == "window_matured"
    assert part(found, "new_prices") == pytest.approx(0, abs=1e-4)
    assert part(found, "window_matured") == 0
    assert "2025-06-30" in found["detail"]


def test_restated_history() -> None:
    """The base was 100 and is now 80: the same close later is 25% up instead of 0%."""
    market = flat()
    restated = deepcopy(market)
    days = [day for day in restated.closes[TCL] if "2024-12-30" <= day <= "2024-12-31"]
    for day in days:
        restated.closes[TCL][day] *= 0.92
    changes = compare_screenings(screened(market), screened(restated))
    found = row(changes, "TCL")
    assert found["cause"] == "restated_history"
    assert part(found, "restated_history") == pytest.approx(1 / 0.92 - 1, abs=1e-4)
    assert "XSHE:000100" in found["detail"]
    assert "2024-12-30" in found["detail"]
    assert [row["company"] for row in changes.companies.to_dict("records")] == ["TCL"]
    assert_adds_up(changes)


def test_a_restated_benchmark_moves_all_of_its_market() -> None:
    market = flat()
    restated = deepcopy(market)
    for day in ("2024-12-30", "2024-12-31"):
        restated.closes["INDEX:CSI300"][day] *= 0.98
    changes = compare_screenings(screened(market), screened(restated))
    assert set(changes.companies["company"]) == {"TCL", "寒武纪"}
    assert set(changes.companies["cause"]) == {"restated_history"}
    assert "INDEX:CSI300" in row(changes, "TCL")["detail"]


def test_sessions_that_arrive_late_are_new_prices() -> None:
    """Nothing that was known changed; the vendor was a week behind."""
    market = flat((TCL, "2025-03-11", 1.2))
    late = deepcopy(market)
    for day in [day for day in late.closes[TCL] if day > "2025-03-10"]:
        del late.closes[TCL][day]
    found = row(compare_screenings(screened(late), screened(market)), "TCL")
    assert (found["cause"], found["kind"]) == ("new_prices", "rating")
    assert part(found, "new_prices") == pytest.approx(0.2, abs=1e-4)


def test_prices_that_were_missing_altogether_are_new_prices() -> None:
    market = flat()
    missing = deepcopy(market)
    del missing.closes[TCL]
    found = row(compare_screenings(screened(missing), screened(market, AFTER)), "TCL")
    assert (found["before"], found["reason_before"]) == ("unrated", "no_prices")
    assert (found["after"], found["cause"]) == ("neutral", "new_prices")
    assert np.isnan(found["difference"])


def test_the_mapping_changed() -> None:
    market = flat()
    # The other listing was never asked for: that is no restatement and no news.
    other = small_report().with_listing("TCL", "XHKG:1070")
    days = list(Market(other).closes["XHKG:1070"])
    start = days.index("2025-02-10")
    market.closes["XHKG:1070"] = {
        day: 100.0 * 1.5 ** (min(max(i - start, 0), 10) / 10) * (1 + 1e-5 * (i % 2))
        for i, day in enumerate(days)
    }
    changes = compare_screenings(screened(market), screened(market, AFTER, other))
    found = row(changes, "TCL")
    assert (found["before"], found["after"]) == ("neutral", "outperform")
    assert found["cause"] == "mapping_changed"
    assert part(found, "mapping_changed") == pytest.approx(0.5, abs=1e-4)
    assert "XSHE:000100 → XHKG:1070" in found["detail"]
    assert_adds_up(changes)


def test_names_that_come_and_go() -> None:
    market = flat()
    whole = small_report()
    less = whole.model_copy(
        update={"mentions": tuple(one for one in whole.mentions if one.company != "TCL")}
    )
    gone = compare_screenings(screened(market), screened(market, AFTER, less))
    assert row(gone, "TCL")["kind"] == "vanished"
    assert row(gone, "TCL")["after"] is None
    came = compare_screenings(screened(market, report=less), screened(market, AFTER, whole))
    assert row(came, "TCL")["kind"] == "new"
    assert row(came, "TCL")["cause"] == "mapping_changed"
    assert came.compared == 4


def test_the_page_shows_names_that_come_and_go() -> None:
    market = flat()
    whole = small_report()
    less = whole.model_copy(update={"mentions": whole.mentions[:-1]})
    for old, new in ((whole, less), (less, whole)):
        changes = compare_screenings(screened(market, report=old), screened(market, AFTER, new))
        page = screened(market, AFTER, new).to_html(changes=changes.ratings)
        assert "证券对应改变" in page


def test_the_standard_changed() -> None:
    """6% up is neutral between 10% bounds, and outperform above 5%."""
    market = flat((TCL, "2025-02-10", 1.06))
    report = small_report()
    levels = [
        Level(name="outperform", lower=0.05, lower_inclusive=True),
        Level(name="neutral", lower=-0.05, upper=0.05),
        Level(name="underperform", upper=-0.05, upper_inclusive=True),
    ]
    scale = RatingScale(name="narrow", levels=tuple(levels))
    standard = report.standard.model_copy(update={"stock": scale})
    other = report.model_copy(update={"standard": standard})
    changes = compare_screenings(screened(market), screened(market, report=other))
    found = row(changes, "TCL")
    assert (found["after"], found["cause"]) == ("outperform", "standard_changed")
    assert found["difference"] == 0
    assert "0.1" in found["detail"]
    assert "0.05" in found["detail"]


def test_a_convention_is_part_of_the_standard() -> None:
    market = flat((TCL, "2025-02-10", 1.2002), ("INDEX:CSI300", "2025-02-10", 1.1))
    old, new = screened(market), screened(market, AFTER, comparison="ratio")
    found = row(compare_screenings(old, new), "TCL")
    # 1.2/1.1 - 1 = 9.09%, where the difference is 10%: from outperform to neutral.
    assert (found["before"], found["after"]) == ("outperform", "neutral")
    assert found["cause"] == "standard_changed"
    assert part(found, "standard_changed") == pytest.approx(1.2 / 1.1 - 1 - 0.1, abs=1e-4)


def test_a_check_struck_before_the_bad_price_looks_like_news() -> None:
    """Closes fall to a hundredth in the new week: a unit jump, not an underperformer."""
    market = flat((TCL, "2025-03-19", 0.01))
    old, new = screened(market), screened(market, AFTER)
    assert new.companies.set_index("company").loc["TCL", "reason"] == "suspect_prices"
    found = row(compare_screenings(old, new), "TCL")
    assert (found["before"], found["after"]) == ("neutral", "unrated")
    assert found["cause"] == "quality_check"
    assert "struck: XSHE:000100 unit jump" in found["detail"]
    assert part(found, "quality_check") == 0
    assert part(found, "new_prices") == pytest.approx(-0.99, abs=1e-4)


def test_a_check_that_no_longer_strikes() -> None:
    """The jump is mended in the source: the number is restated, and the check lets go."""
    bad, good = flat((TCL, "2025-02-05", 0.01)), flat()
    found = row(compare_screenings(screened(bad), screened(good)), "TCL")
    assert (found["before"], found["after"]) == ("unrated", "neutral")
    assert found["cause"] == "restated_history"
    assert found["detail"].startswith("restated: XSHE:000100")
    assert "lifted: XSHE:000100 unit jump" in found["detail"]
    assert "未通过" not in found["detail_zh"]
    assert "解除：XSHE:000100" in found["detail_zh"]
    assert part(found, "restated_history") == pytest.approx(0.99, abs=1e-4)
    back = row(compare_screenings(screened(good), screened(bad)), "TCL")
    assert (back["before"], back["after"]) == ("neutral", "unrated")
    assert back["cause"] == "restated_history"
    assert "struck: XSHE:000100 unit jump" in back["detail"]
    assert part(back, "restated_history") == pytest.approx(-0.99, abs=1e-4)


def test_the_wrong_order_and_other_calls_are_refused() -> None:
    market = flat()
    week = screened(market)
    with pytest.raises(InputError, match="name the earlier one first"):
        compare_screenings(screened(market, AFTER), week)
    other = screen(small_report(), "2025-01-02", AFTER, prices=Served(market))
    with pytest.raises(InputError, match="two publication dates"):
        compare_screenings(week, other)


def test_the_changes_as_plain_data() -> None:
    market = flat((TCL, "2025-03-19", 1.2))
    found = compare_screenings(screened(market), screened(market, AFTER)).to_dict()
    tcl = next(one for one in found["companies"] if one["company"] == "TCL")
    assert tcl["reason_before"] is None
    assert found["migration"]["neutral"] == {"neutral": 4, "outperform": 1}
    assert found["before"] == "2025-03-14"


def test_a_listing_that_was_only_renamed_moves_nothing() -> None:
    """The report's files differ, and so do the listing's names; its prices and its id do not."""
    market, report = flat(), small_report()
    renamed = report.model_copy(
        update={
            "listings": tuple(
                one.model_copy(update={"name_en": "TCL of Another Name", "name_zh": "TCL 新名"})
                if one.id == TCL
                else one
                for one in report.listings
            )
        }
    )
    assert renamed != report
    changes = compare_screenings(screened(market), screened(market, report=renamed))
    assert changes.companies.empty
    assert changes.compared == 5


def test_a_call_that_lost_its_rating_says_why() -> None:
    """A week of suspension: the number stands still, and the sentence names the reason."""
    market = flat()
    late = date(2025, 4, 4)
    for day in [day for day in market.closes[TCL] if "2025-03-14" < day <= str(late)]:
        del market.closes[TCL][day]
    found = row(compare_screenings(screened(market), screened(market, late)), "TCL")
    assert (found["after"], found["reason_after"]) == ("unrated", "suspended_at_end")
    assert found["detail"].endswith("; suspended at end")
    assert found["detail_zh"].endswith("；终点停牌")
