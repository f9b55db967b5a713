"""The page of a track record in a real Chromium: no request, no overflow, both languages, axe."""

from __future__ import annotations

import pytest
from tests.browser.conftest import Open
from tests.browser.test_accessibility import violations
from tests.records import equals, made, strange

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_wider_than_the_window(open_page: Open, width: int) -> None:
    opened = open_page(strange(), width=width, lang="en")
    wide = opened.page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0


def test_the_language_is_switched_whole(open_page: Open) -> None:
    opened = open_page(made(), lang="zh")
    page = opened.page
    assert "够数的机构中" in page.inner_text("h1")
    page.click("button[data-lang=en]")
    assert page.inner_text("h1").startswith("Of 20 firms with enough calls")
    assert page.get_attribute("html", "lang") == "en"
    assert page.title().startswith("[SIMULATED] Who was right")
    words = page.inner_text("main") + page.inner_text("header.page")
    left = [one for one in words if "\u4e00" <= one <= "\u9fff"]
    assert left == list("中文")


def test_the_theme_is_switched(open_page: Open) -> None:
    page = open_page(made()).page
    before = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != before


def test_everything_is_there_without_a_script(open_page: Open) -> None:
    page = open_page(made(), script=False, lang="en").page
    assert page.locator(".league tbody tr").count() == 20
    assert page.locator("circle.estimate").count() == 20
    assert not page.locator(".tools").is_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_no_serious_violation(open_page: Open, dark: bool) -> None:
    assert violations(open_page(made(), lang="en", dark=dark).page) == []
    assert violations(open_page(equals(), lang="zh", dark=dark, width=390).page) == []
