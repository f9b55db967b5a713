"""The index of the weeks and a week's entry page in a real Chromium, wide and narrow."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.conftest import PATIENCE
from tests.browser.test_accessibility import violations
from tests.weekly_desks import CONFIG, Clock, Market, Vendor, write_desk

from supplychain_screen import load_config, run_weeks
from supplychain_screen.errors import SourceError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WEEK = "2025-01-17"
WORDS = {
    "zh": ("周度跟踪", "平均相对收益", "9 个证券中 1 个未能更新：000100.SZ"),
    "en": ("Weekly tracking", "Mean relative return", "1 of 9 not updated: 000100.SZ"),
}


@pytest.fixture(scope="module", params=["zh", pytest.param("en", marks=pytest.mark.slow)])
def weeks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three weeks of two screens; the middle one is partial and has every file."""
    folder = tmp_path_factory.mktemp(request.param)
    formats = '["page", "workbook", "tables", "markdown"]'
    text = CONFIG.replace("formats = []", f'languages = ["{request.param}"]\nformats = {formats}')
    long = "a-screen-whose-name-is-as-long-as-some-people-make-them"
    text += f'[[screens]]\nname = "{long}"\nreport = "report"\npublished = 2024-12-31\n'
    config = load_config(write_desk(folder, text))
    clock, market = Clock("2025-01-11T12:00"), Market()
    hung_up = {"XSHE:000100": SourceError("hung up", source="yahoo", attempts=1)}
    for n in range(3):
        clock.weekend_after(date(2025, 1, 10) + timedelta(days=7 * n))
        run_weeks(config, clock, source=Vendor(market, clock, hung_up if n == 1 else None))
    return folder / "weeks"


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ["index.html", f"{WEEK}/index.html"])
def test_a_page_of_the_archive(browser: Browser, weeks: Path, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE)
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    address = (weeks / name).as_uri()
    page.goto(address)
    lang = weeks.parent.name.rstrip("0123456789")
    title, mean, partial = WORDS[lang]
    # Nothing sticks out to the right, nothing is asked for.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (requests, complaints) == ([address], [])
    heading = page.inner_text("h1")
    assert (title if name == "index.html" else WEEK) in heading
    shown = page.inner_text("body")
    if name != "index.html":
        assert partial in shown
    # Numbers keep their heads where there is no room for a table.
    heads = page.eval_on_selector_all(
        "td[data-head]", "cells => cells.map(c => getComputedStyle(c, '::before').content)"
    )
    if name == "index.html":
        assert heads
        assert any(mean in head for head in heads) == (width == 360)
    # Every link leads to a file that is there.
    links = page.eval_on_selector_all("a", "links => links.map(a => a.getAttribute('href'))")
    assert len(links) >= 6
    # The other language is there, and goes along to the next page.
    other = "en" if lang == "zh" else "zh"
    page.click(f'[data-lang="{other}"]')
    assert WORDS[other][1] in page.inner_text("body") or name != "index.html"
    assert WORDS[lang][0] not in page.inner_text("body")
    carried = page.eval_on_selector_all(
        'a[href*="index.html"]', "links => links.map(a => a.getAttribute('href'))"
    )
    assert carried
    assert all(one.endswith(f"#{other}") for one in carried)
    page.goto(f"{address}#{other}+dark")
    page.reload()
    assert WORDS[other][0] in page.inner_text("h1")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    if name != "index.html":
        # The changes come first, as bridges.
        assert page.locator("svg.bridge rect").count() >= 1
    assert all(((weeks / name).parent / link).is_file() for link in links)
    # Screen and paper, as axe sees them; paper has what is folded, and the disclaimer.
    assert violations(page) == []
    page.emulate_media(media="print")
    assert violations(page) == []
    assert page.locator("footer").is_visible()
    assert not page.locator(".tools, .files").locator("visible=true").count()
    if name != "index.html":
        assert page.evaluate("document.querySelector('.kept td').getBoundingClientRect().height")
    page.close()
