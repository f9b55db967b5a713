"""A page of 2,000 mentions: it opens, sorts, and gives every row on demand."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from tests.browser.conftest import Open

from supplychain_screen import Screening, SimulatedSource, load_report, screen

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MENTIONS = 2_000


@lru_cache(maxsize=1)
def _many() -> Screening:
    """The packaged table over and over, 180 rows a round of segments of its own."""
    report = load_report()
    mentions = []
    for i in range(MENTIONS):
        one = report.mentions[i % len(report.mentions)]
        turn, group = i // len(report.mentions), i // (5 * len(report.mentions))
        changes: dict[str, Any] = {
            "order": i + 1,
            "company": f"{one.company} {turn}",
            "company_en": f"{one.company_en} {turn}",
            "segment": f"{one.segment} {group}",
            "segment_en": f"{one.segment_en} {group}",
        }
        mentions.append(one.model_copy(update=changes))
    big = report.model_copy(update={"mentions": tuple(mentions)})
    return screen(big, "2024-12-31", "2026-01-09", prices=SimulatedSource())


def test_sorts_and_filters_all_of_them(open_page: Open) -> None:
    """Not only those that are shown. How long that takes is measured by benchmarks/page.py."""
    opened = open_page(_many())
    page, companies = opened.page, _many().companies
    assert len(opened.shown()) == 300
    assert page.inner_text("#shown") == "显示 300 / 2000"
    page.uncheck("#grouped")
    page.click("th[data-sort=relative] button")
    best = companies["relative_return"].max()
    first = companies.set_index("company")["relative_return"][opened.shown()[0]]
    assert first == best
    page.fill("#q", "乐鑫")
    found = opened.shown()
    assert len(found) == sum("乐鑫" in name for name in companies["company"])
    assert all("乐鑫" in name for name in found)


def test_gives_all_rows_on_demand_and_on_paper(open_page: Open) -> None:
    opened = open_page(_many())
    page = opened.page
    page.click("#more")
    assert len(opened.shown()) == 600
    page.click("[data-lang=en]")
    page.click("#more")
    assert opened.shown()[-1] == _many().companies["company_en"].iloc[899]
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("tr.co").count() == MENTIONS
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator("tr.co").count() == 900
