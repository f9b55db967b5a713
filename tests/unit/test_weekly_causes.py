"""Whose fault a change is when several things happen at once: windows that end, checks, mapping."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from itertools import pairwise

import pytest
from tests.unit.test_weekly_changes import (
    AFTER,
    BEFORE,
    TCL,
    assert_adds_up,
    flat,
    part,
    row,
    screened,
)
from tests.weekly_desks import Market, small_report

from supplychain_screen.weekly import compare_screenings
from supplychain_screen.weekly.changes import PARTS

SIX, TWELVE = date(2025, 6, 30), date(2025, 12, 31)
CSI = "INDEX:CSI300"


def scaled(market: Market, listing: str, factor: float, first: str, last: str = "9999") -> Market:
    """Another market: the closes of one listing from ``first`` to ``last`` times a factor."""
    other = deepcopy(market)
    for day in other.closes[listing]:
        if first <= day <= last:
            other.closes[listing][day] *= factor
    return other


@pytest.mark.parametrize(
    ("before", "after", "last"),
    [
        ((2025, 6, 27), (2025, 7, 11), SIX),  # to date → 6 months
        ((2025, 6, 27), (2026, 1, 9), TWELVE),  # to date → 12 months: both ended at once
        ((2025, 6, 29), (2025, 6, 30), SIX),  # the window's last day is the later day
    ],
)
def test_prices_count_up_to_the_last_day_of_the_window_that_ended(
    before: tuple[int, int, int], after: tuple[int, int, int], last: date
) -> None:
    """Up 20% in the window's last days, down by more right after it."""
    rise = "2025-06-27" if last == SIX else "2025-12-22"
    rise = "2025-06-30" if before[2] == 29 else rise
    market = flat((TCL, rise, 1.2 if before[2] != 29 else 1.07))
    fallen = scaled(market, TCL, 0.93, str(last + (date(2025, 7, 2) - SIX)))
    rows = [
        row(compare_screenings(*(screened(one, date(*day)) for day in (before, after))), "TCL")
        for one in (market, fallen)
    ]
    for found in rows:
        assert part(found, "new_prices") == pytest.approx(found["difference"], abs=1e-12)
        assert part(found, "window_matured") == pytest.approx(0, abs=1e-12)
    assert rows[0] == rows[1]


def test_a_rating_that_turned_within_the_window_is_the_prices_doing() -> None:
    market = flat((TCL, "2025-06-26", 1.2), (TCL, "2025-07-03", 0.5))
    changes = compare_screenings(
        screened(market, date(2025, 6, 20)), screened(market, date(2025, 7, 11))
    )
    found = row(changes, "TCL")
    assert (found["before"], found["after"], found["stage_after"]) == (
        "neutral",
        "outperform",
        "6m",
    )
    assert found["cause"] == "new_prices"
    assert found["detail"].startswith("prices of 2025-06-20 → 2025-06-30: ")
    assert_adds_up(changes)


def test_from_six_to_twelve_months_all_is_maturity() -> None:
    """The six months stood still; what the next six brought came with the window."""
    market = flat((TCL, "2025-09-10", 1.3), (TCL, "2026-01-05", 0.8))
    old, new = screened(market, date(2025, 12, 26)), screened(market, date(2026, 1, 16))
    changes = compare_screenings(old, new)
    found = row(changes, "TCL")
    assert (found["stage_before"], found["stage_after"]) == ("6m", "12m")
    assert (found["before"], found["after"]) == ("neutral", "outperform")
    assert found["cause"] == "window_matured"
    assert part(found, "new_prices") == 0
    assert part(found, "window_matured") == pytest.approx(0.3, abs=1e-4)
    assert "2025-12-31" in found["detail"]
    assert_adds_up(changes)


def test_no_price_moves_a_window_that_is_over() -> None:
    market = flat((TCL, "2025-09-10", 1.3))
    old, new = screened(market, date(2025, 9, 5)), screened(market, date(2025, 9, 26))
    assert compare_screenings(old, new).companies.empty


def test_a_bad_price_after_the_window_strikes_nothing() -> None:
    market = scaled(flat(), TCL, 0.01, "2025-07-03")
    old, new = screened(market, date(2025, 6, 27)), screened(market, date(2025, 7, 11))
    found = row(compare_screenings(old, new), "TCL")
    assert (found["before"], found["after"], found["kind"]) == ("neutral", "neutral", "stage")
    assert found["cause"] == "window_matured"
    assert [part(found, name.removeprefix("part_")) for name in PARTS] == pytest.approx(
        [0] * 6, abs=1e-4
    )


def test_a_bad_price_inside_the_window_that_ended_is_the_checks_doing() -> None:
    market = scaled(flat(), TCL, 0.01, "2025-06-30")
    old, new = screened(market, date(2025, 6, 27)), screened(market, date(2025, 7, 11))
    found = row(compare_screenings(old, new), "TCL")
    assert (found["before"], found["after"]) == ("neutral", "unrated")
    assert found["cause"] == "quality_check"
    assert "struck: XSHE:000100 unit jump 2025-06-30" in found["detail"]


def test_a_bad_price_is_no_news_though_the_exchange_was_closed_on_the_earlier_day() -> None:
    """Friday 4 April is a holiday in Shenzhen: the last close then is Thursday's."""
    market = scaled(flat(), TCL, 0.01, "2025-04-08")
    old, new = screened(market, date(2025, 4, 4)), screened(market, date(2025, 4, 11))
    found = row(compare_screenings(old, new), "TCL")
    assert (found["after"], found["reason_after"]) == ("unrated", "suspect_prices")
    assert found["cause"] == "quality_check"


def test_a_struck_benchmark_is_told_the_same_both_ways() -> None:
    """The benchmark's past closes are a hundredth from a day on, and are mended again."""
    good = flat()
    ill = scaled(good, CSI, 0.01, "2025-02-05")
    for old, new, word in ((good, ill, "struck"), (ill, good, "lifted")):
        changes = compare_screenings(screened(old), screened(new))
        assert set(changes.companies["company"]) == {"TCL", "寒武纪"}
        assert set(changes.companies["cause"]) == {"restated_history"}
        for found in changes.companies.to_dict("records"):
            assert f"{word}: INDEX:CSI300" in found["detail"]
            assert "restated: INDEX:CSI300" in found["detail"]
            assert {found["before"], found["after"]} == {"neutral", "unrated"}
        assert_adds_up(changes)


def test_a_restatement_that_strikes_in_a_week_of_new_prices() -> None:
    """Past closes are halved and the price moves as well: the check that strikes is the past's."""
    good = flat((TCL, "2025-03-19", 1.05))
    ill = scaled(good, TCL, 0.5, "2025-02-18")
    struck = row(compare_screenings(screened(good), screened(ill, AFTER)), "TCL")
    assert (struck["before"], struck["after"]) == ("neutral", "unrated")
    assert struck["cause"] == "restated_history"
    assert "struck: XSHE:000100" in struck["detail"]
    assert part(struck, "restated_history") == pytest.approx(-0.5, abs=1e-4)
    assert part(struck, "new_prices") == pytest.approx(0.025, abs=1e-4)
    lifted = row(compare_screenings(screened(ill), screened(good, AFTER)), "TCL")
    assert (lifted["before"], lifted["after"]) == ("unrated", "neutral")
    assert lifted["cause"] == "restated_history"
    assert "lifted: XSHE:000100" in lifted["detail"]


def test_a_bad_price_of_the_new_week_beside_an_innocent_restatement() -> None:
    """The base is restated by a hair, and this week's close is a hundredth: the check's doing."""
    good = flat()
    ill = scaled(scaled(good, TCL, 1.001, "2025-01-02", "2025-01-08"), TCL, 0.01, "2025-03-19")
    found = row(compare_screenings(screened(good), screened(ill, AFTER)), "TCL")
    assert (found["after"], found["cause"]) == ("unrated", "quality_check")
    assert "struck: XSHE:000100 unit jump 2025-03-19" in found["detail"]


def test_a_listing_that_is_struck_comes_with_its_mapping() -> None:
    """The other listing's past was never looked at before: choosing it is what strikes the call."""
    market = scaled(with_hong_kong(flat()), "XHKG:1070", 0.01, "2025-02-10")
    other = small_report().with_listing("TCL", "XHKG:1070")
    found = row(compare_screenings(screened(market), screened(market, AFTER, other)), "TCL")
    assert (found["before"], found["reason_after"]) == ("neutral", "suspect_prices")
    assert found["cause"] == "mapping_changed"
    assert "struck: XHKG:1070 unit jump 2025-02-10" in found["detail"]
    back = row(compare_screenings(screened(market, report=other), screened(market, AFTER)), "TCL")
    assert (back["after"], back["cause"]) == ("neutral", "mapping_changed")
    assert "lifted: XHKG:1070" in back["detail"]


def with_hong_kong(market: Market) -> Market:
    """The market with a flat series of the listing that the report does not choose for TCL."""
    market.closes["XHKG:1070"] = {
        day: 100.0 * (1 + 1e-5 * (i % 2))
        for i, day in enumerate(
            Market(small_report().with_listing("TCL", "XHKG:1070")).closes["XHKG:1070"]
        )
    }
    return market


def test_mapping_and_prices_in_the_week_a_window_ends() -> None:
    """Another listing is chosen, 20% up; the rest of the week and what follows count apart."""
    market = with_hong_kong(flat())
    # 2% a day is a walk that no check strikes.
    for i, day in enumerate(["2025-03-03", "2025-03-04", "2025-03-05", "2025-06-30", "2025-07-03"]):
        market = scaled(market, "XHKG:1070", 1.06 if i < 3 else 1.05, day)
    other = small_report().with_listing("TCL", "XHKG:1070")
    changes = compare_screenings(
        screened(market, date(2025, 6, 27)), screened(market, date(2025, 7, 11), other)
    )
    found = row(changes, "TCL")
    assert (found["after"], found["cause"]) == ("outperform", "mapping_changed")
    assert part(found, "mapping_changed") == pytest.approx(1.06**3 - 1, abs=1e-4)
    assert part(found, "new_prices") == pytest.approx(1.06**3 * 0.05, abs=1e-4)
    assert part(found, "window_matured") == pytest.approx(0, abs=1e-12)
    assert_adds_up(changes)
    first, last, steps = way(found["detail"])
    assert (first, last) == ("0.00%", "+25.06%")
    assert steps == ["mapping changed to +19.10%", "new prices to +25.06%"]


def way(detail: str) -> tuple[str, str, list[str]]:
    """First and last figure of a sentence, and the steps between."""
    found = re.search(r"(\S+%|–) → (\S+%|–)(?: \((.*?)\))?", detail)
    assert found is not None
    return found[1], found[2], found[3].split(", ") if found[3] else []


def test_a_listing_that_never_traded_again_matures_unrated() -> None:
    """Suspended since before publication: pending, then over, and no price had a part in it."""
    market = flat()
    market.closes[TCL] = {
        day: close for day, close in market.closes[TCL].items() if day <= "2024-12-31"
    }
    old, new = screened(market, date(2025, 6, 27)), screened(market, date(2025, 7, 4))
    assert old.companies.set_index("company").loc["TCL", "stage"] == "pending"
    found = row(compare_screenings(old, new), "TCL")
    assert (found["kind"], found["stage_after"]) == ("stage", "6m")
    assert found["cause"] == "window_matured"


def test_the_sentence_ends_where_the_row_ends() -> None:
    """Restated, checked, moved, matured: each figure is named, and the last one is the row's."""
    market = flat((TCL, "2025-06-30", 1.05), (TCL, "2025-07-03", 0.7))
    restated = scaled(market, TCL, 1.03, "2025-03-10")
    changes = compare_screenings(
        screened(market, date(2025, 6, 27)), screened(restated, date(2025, 7, 11))
    )
    found = row(changes, "TCL")
    first, last, steps = way(found["detail"])
    assert (first, last) == ("0.00%", "+8.15%")
    assert steps == ["restated history to +3.00%", "new prices to +8.15%"]
    assert found["relative_after"] == pytest.approx(0.0815, abs=5e-5)
    assert "（历史行情被修订至 +3.00%，新行情至 +8.15%）" in found["detail_zh"]
    assert_adds_up(changes)


def test_the_days_between_are_the_same_whatever_the_week_is_called() -> None:
    """A jump over several weeks: the parts are those of the weeks in between, added up."""
    market = flat((TCL, "2025-01-20", 1.06), (TCL, "2025-02-20", 1.06))
    days = [BEFORE.replace(month=1, day=10), BEFORE.replace(month=2, day=7), AFTER]
    whole = row(compare_screenings(screened(market, days[0]), screened(market, days[2])), "TCL")
    weeks = [
        row(compare_screenings(screened(market, a), screened(market, b)), "TCL")
        for a, b in pairwise(days)
    ]
    total = sum(part(one, "new_prices") for one in weeks)
    assert part(whole, "new_prices") == pytest.approx(total, abs=1e-9)
