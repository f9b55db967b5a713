"""The finding against plain Python over the frames, and the words every output begins with."""

from __future__ import annotations

import dataclasses
import re
from statistics import fmean, median
from typing import Any

import pytest
from tests.screenings import packaged, with_scale

from supplychain_screen import Screening
from supplychain_screen.output import (
    call_and_outcome,
    headline,
    measured_interval,
    outcome_of,
    rated_sentence,
    three_numbers,
)


def measured(screening: Screening) -> dict[str, float]:
    """Relative return of each rated company, once, by its name."""
    rows = screening.companies.to_dict("records")
    return {
        row["listing"]: row["relative_return"]
        for row in reversed(rows)
        if row["rating"] != "unrated"
    }


def test_counts_and_three_numbers_are_those_of_the_companies() -> None:
    found = packaged()
    values = sorted(measured(found).values())
    outcome = outcome_of(found)
    assert (outcome.companies, outcome.rated) == (35, 34)
    # The packaged standard rates from ten points on, the bound included.
    assert outcome.ahead == sum(one >= 0.1 - 1e-9 for one in values)
    assert outcome.behind == sum(one <= -0.1 + 1e-9 for one in values)
    assert outcome.between == 34 - outcome.ahead - outcome.behind
    assert outcome.mean == pytest.approx(fmean(values), abs=1e-15)
    assert outcome.median == pytest.approx(median(values), abs=1e-15)
    assert outcome.mean_without == pytest.approx(fmean(values[:-3]), abs=1e-15)
    assert [one.relative_return for one in outcome.carriers] == values[:-4:-1]
    assert [name.en for name, _, _ in three_numbers(found)] == [
        "Mean",
        "Median",
        "Without the best three",
    ]
    said = headline(found)
    for _, figure, _ in three_numbers(found):
        assert figure in said.zh
        assert figure in said.en
    assert f"{outcome.ahead} 家跑赢基准 10 点以上、{outcome.behind} 家跑输 10 点以上" in said.zh
    assert said.zh.startswith("报告看好行业；12 个月后 34 家中")


def test_what_was_measured_is_said() -> None:
    found = packaged()
    assert measured_interval(found) == (
        "计量区间 2024-12-31 收盘至 2025-12-31 收盘；"
        "基准 沪深300（28 家）、标普500指数（3 家）、恒生指数（3 家）",
        "Measured from the close of 2024-12-31 to that of 2025-12-31, "
        "against CSI 300 (28), S&P 500 (3), Hang Seng Index (3)",
    )
    assert rated_sentence(found).en == "34 of 35 companies are rated (no benchmark 1)"
    assert str(call_and_outcome(found)).count("→") == 2


def test_a_running_window_says_its_day_and_another_comparison_percent() -> None:
    assert " of 34 companies were ahead" in headline(packaged(as_of="2025-06-02")).en
    said = headline(packaged(comparison="ratio"))
    assert "10% 以上" in said.zh
    assert "点" not in said.zh


def test_a_strict_bound_is_more_than() -> None:
    said = headline(with_scale("bohai-stock"))
    assert "behind it by more than 10 points" in said.en
    assert "跑输超过 10 点" in said.zh


@pytest.mark.parametrize(
    ("level", "zh", "en"),
    [
        ("neutral", "报告对行业中性；", "neutral on"),
        ("underperform", "报告看淡行业；", "negative on"),
    ],
)
def test_what_the_report_called_is_said(level: str, zh: str, en: str) -> None:
    found = packaged()
    call = found.report.sector_call
    assert call is not None
    report = found.report.model_copy(
        update={"sector_call": call.model_copy(update={"level": level})}
    )
    said = headline(dataclasses.replace(found, report=report))
    assert said.zh.startswith(zh)
    assert en in said.en


def few(n: int, mic: str = "") -> Screening:
    """The packaged report with its first companies only, or the first of an exchange."""
    from supplychain_screen import SimulatedSource, load_report, screen

    report = load_report()
    mentions = tuple(one for one in report.mentions if str(one.listing).startswith(mic))
    report = report.model_copy(update={"mentions": mentions[:n], "sector_call": None, "events": ()})
    return screen(report, "2024-12-31", "2026-01-09", prices=SimulatedSource())


def test_one_index_for_all_is_named_and_an_absolute_standard_has_none() -> None:
    shanghai_only = few(5, mic="XSHG")
    assert [one.companies for one in outcome_of(shanghai_only).yardsticks] == [5]
    assert re.search(r"家跑[赢输]沪深300( |超过)", headline(shanghai_only).zh)
    assert re.search(r"were (ahead of|behind) CSI 300 ", headline(shanghai_only).en)
    own = dataclasses.replace(shanghai_only, comparison="own")
    assert outcome_of(own).yardsticks == ()
    assert "基准" not in f"{headline(own).zh}{measured_interval(own)}"


@pytest.mark.parametrize(("n", "without", "names"), [(1, 0, 1), (3, 1, 3), (9, 1, 3)])
def test_of_few_companies_fewer_are_left_out(n: int, without: int, names: int) -> None:
    found = few(n)
    outcome: Any = outcome_of(found)
    values = sorted(measured(found).values())
    assert outcome.without == without
    assert len(three_numbers(found)) == names
    if without:
        assert outcome.mean_without == pytest.approx(fmean(values[:-1]), abs=1e-15)
    said = headline(found)
    assert "报告" not in said.zh
    assert call_and_outcome(found) is None
    assert ("唯一" in said.zh) is (n == 1)


def test_nobody_rated_has_no_finding() -> None:
    found = packaged(as_of="2024-12-31")
    assert outcome_of(found).rated == 0
    assert three_numbers(found) == ()
    assert measured_interval(found) is None
    assert "还没有一家可以评级" in headline(found).zh
