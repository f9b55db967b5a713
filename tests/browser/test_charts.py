"""Charts as a notebook shows them: drawn in a real Chromium, with no request to anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from tests.screenings import HOSTILE, hostile

from supplychain_screen import Screening
from supplychain_screen.output.charts import save_chart
from supplychain_screen.output.charts.charts import Kind

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

# How notebooks put an output's HTML into their page: its scripts do not run until each is
# replaced by one that was made anew.
NOTEBOOK = """
<!doctype html><meta charset="utf-8"><body><script>
window.show = (html) => {
  const cell = document.body.appendChild(document.createElement("section"));
  cell.innerHTML = html;
  for (const old of cell.querySelectorAll("script")) {
    const made = document.createElement("script");
    made.textContent = old.textContent;
    old.replaceWith(made);
  }
};
</script>
"""


@pytest.fixture
def opened(browser: Browser) -> Any:
    """A page that must have asked for nothing and complained about nothing in the end."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.on("pageerror", lambda error: asked.append(str(error)))
    yield page
    context.close()
    assert [one for one in asked if not one.startswith(("file:", "blob:", "data:"))] == []


def drawn(page: Page, cells: int = 1) -> list[str]:
    """The texts of each chart, once all are there and have shapes beside them."""
    page.wait_for_function(
        """cells => [...document.querySelectorAll("svg.marks")]
            .filter(one => one.querySelectorAll("path, line").length > 5)
            .length === cells""",
        arg=cells,
    )
    texts: list[str] = page.eval_on_selector_all(
        "svg.marks", "all => all.map(one => one.textContent)"
    )
    return texts


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_is_drawn_in_a_notebook(kind: Kind, finished: Screening, opened: Page) -> None:
    opened.set_content(NOTEBOOK)
    bundle = finished.chart(kind)._repr_mimebundle_()
    opened.evaluate("html => show(html)", bundle["text/html"])
    (text,) = drawn(opened)
    assert "SIMULATED" in text


def test_many_charts_share_their_programs(finished: Screening, opened: Page) -> None:
    opened.set_content(NOTEBOOK)
    # A loader of modules, as the older notebooks have, and somebody else's Vega.
    opened.evaluate(
        "() => { window.define = () => { throw Error('asked') }; define.amd = {}; vega = 'old' }"
    )
    shown = [finished.chart(kind)._repr_mimebundle_()["text/html"] for kind in get_args(Kind)]
    for html in [*shown, shown[0]]:
        opened.evaluate("html => show(html)", html)
    assert all("SIMULATED" in text for text in drawn(opened, len(shown) + 1))
    kept = "() => Object.keys(window).filter(name => name.startsWith('vega'))"
    assert len(opened.evaluate(kept)) == 2  # theirs, and ours once
    assert opened.evaluate("vega") == "old"


def test_a_chart_saved_as_html_opens_anywhere(
    finished: Screening, opened: Page, tmp_path: Path
) -> None:
    path = save_chart(finished.chart("paths"), tmp_path / "paths.html")
    opened.goto(path.as_uri())
    assert "SIMULATED" in drawn(opened)[0]
    assert opened.title() == "paths"


def test_hostile_names_stay_text(opened: Page, tmp_path: Path) -> None:
    path = save_chart(hostile().chart("companies"), tmp_path / "strange.html")
    opened.goto(path.as_uri())
    (text,) = drawn(opened)
    assert HOSTILE[0] in text
    assert opened.locator("img, image, iframe, foreignObject").count() == 0
