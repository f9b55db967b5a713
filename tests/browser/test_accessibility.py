"""axe-core finds nothing serious, in both languages, light and dark, folds open, static too."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.conftest import Open

from supplychain_screen import Screening

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def violations(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical."""
    # Evaluated, not added as an element: the page's policy refuses foreign scripts.
    page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found: dict[str, Any] = page.evaluate("() => axe.run()")
    assert len(found["passes"]) > 15, "axe did not look at the page"
    return [
        f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:160]} "
        f"{one['nodes'][0]['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


# Every two of the three settings meet in one of the four.
PAIRS = [("zh", False, False), ("zh", True, True), ("en", False, True), ("en", True, False)]
SLOW = [pytest.param(*pair, marks=pytest.mark.slow) for pair in PAIRS[1:]]


@pytest.mark.parametrize(("lang", "dark", "static"), [PAIRS[0], *SLOW])
def test_no_serious_violation(
    open_page: Open, running: Screening, lang: str, dark: bool, static: bool
) -> None:
    opened = open_page(running, lang=lang, dark=dark, static=static)
    for order in (1, 6, 7, 30):
        opened.page.click(f"#r{order} summary")
        opened.page.wait_for_selector(f"#f{order}", state="visible")
    assert violations(opened.page) == []


def test_no_serious_violation_on_a_phone_in_western_colours(
    open_page: Open, finished: Screening
) -> None:
    opened = open_page(finished, width=360, colours="west")
    assert violations(opened.page) == []


def test_axe_would_find_one(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    opened.page.evaluate(
        "() => document.querySelector('#q').closest('label').replaceWith("
        "document.querySelector('#q'))"
    )
    opened.page.evaluate("() => document.querySelector('#q').removeAttribute('placeholder')")
    assert any("label" in one for one in violations(opened.page))
