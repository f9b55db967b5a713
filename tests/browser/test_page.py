"""The page in a real Chromium: what a reader does with it, and what it must never do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.browser.conftest import Open
from tests.screenings import HOSTILE

from supplychain_screen import Screening

pytestmark = pytest.mark.browser


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace("%", "").replace("+", ""))


def test_asks_for_nothing_and_says_nothing(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    assert len(opened.shown()) == 36
    # The rest is asserted by the fixture: no request, no console message.


def test_a_request_would_be_noticed(open_page: Open, finished: Screening) -> None:
    """The guard of the other tests, tested: the policy refuses, and both lists fill."""
    opened = open_page(finished)
    with opened.page.expect_console_message():
        opened.page.evaluate("() => { new Image().src = 'http://127.0.0.1:9/x.png'; }")
    assert any("Content Security Policy" in one for one in opened.complaints)
    opened.complaints.clear()
    opened.requests.clear()


def test_sort_inside_segments_and_across_them(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    page = opened.page
    heads = page.locator("th[data-sort=relative]")
    assert heads.get_attribute("aria-sort") == "none"
    page.click("th[data-sort=relative] button")
    assert heads.get_attribute("aria-sort") == "descending"
    first_of_chips = opened.shown()[5]
    chips = finished.companies[finished.companies["segment"] == "手机芯片"]
    best = chips.sort_values("relative_return", ascending=False)["company"].iloc[0]
    assert first_of_chips == best

    page.uncheck("#grouped")
    figures = [_number(text) for text in opened.numbers("relative") if text != "–"]
    assert figures == sorted(figures, reverse=True)
    assert opened.numbers("relative")[-1] == "–"  # a missing figure never wins

    page.click("th[data-sort=relative] button")
    assert heads.get_attribute("aria-sort") == "ascending"
    figures = [_number(text) for text in opened.numbers("relative") if text != "–"]
    assert figures == sorted(figures)
    assert opened.numbers("relative")[-1] == "–"

    page.click("th[data-sort=relative] button")
    assert heads.get_attribute("aria-sort") == "none"
    assert opened.shown() == finished.companies["company"].tolist()


@pytest.mark.slow
def test_sort_names_by_pinyin(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    opened.page.uncheck("#grouped")
    opened.page.click("th[data-sort=name] button")
    shown = opened.shown()
    # ai4 (艾为电子) < bi3 (比亚迪电子) < hai3 (海光信息) < le4 (乐鑫科技) < zhe…
    places = [shown.index(name) for name in ("艾为电子", "比亚迪电子", "海光信息", "乐鑫科技")]
    assert places == sorted(places)


def test_filters_narrow_together(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    page, companies = opened.page, finished.companies
    page.select_option("#f-rating", "unrated")
    assert opened.shown() == companies[companies["rating"] == "unrated"]["company"].tolist()
    page.select_option("#f-rating", "")
    page.select_option("#f-market", label="香港市场")
    assert opened.shown() == companies[companies["mic"] == "XHKG"]["company"].tolist()
    page.select_option("#f-market", "")
    page.select_option("#f-segment", label="小米家电")
    assert opened.shown() == ["TCL", "创维数字", "晶晨股份", "视源股份"]
    page.fill("#q", "1070.hk")  # a candidate of TCL
    assert opened.shown() == ["TCL"]
    assert page.inner_text("#shown") == "显示 1 / 36"
    page.fill("#q", "nobody")
    assert opened.shown() == []
    assert page.is_visible("#none")
    page.fill("#q", "")
    page.select_option("#f-segment", "")
    assert page.inner_text("#shown") == "显示 36 / 36"


def test_fold_shows_both_legs_source_and_adjustment(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    page = opened.page
    fold = page.locator("#f6")  # 高通
    assert not fold.is_visible()
    page.click("#r6 summary")
    fold.wait_for(state="visible")
    text = fold.inner_text()
    evidence = finished.evidence[finished.evidence["order"] == 6]
    for row in evidence[evidence["matured"] & (evidence["window"] != "to_date")].to_dict("records"):
        assert f"{row['base_close']:,.2f}" in text
        assert f"{row['end_close']:,.2f}" in text
        assert f"{row['benchmark_base']:,.2f}" in text
        assert str(row["end_session"].date()) in text
    assert "标普500" in text
    assert "纳斯达克" in text
    # What all rows share is said once above them.
    shared = page.inner_text(".shared")
    assert "SIMULATED" in shared  # the source
    assert "按送转股调整" in shared
    page.click("#r6 summary")
    fold.wait_for(state="hidden")


def test_language_switches_everything(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    page = opened.page
    page.click("[data-lang=en]")
    assert page.get_attribute("html", "lang") == "en"
    assert page.title().startswith("[SIMULATED]")
    # What stays Chinese is the button that leads back and the watermark.
    left = page.evaluate(
        """() => [...document.querySelectorAll('main *, header *, footer *')]
        .filter(e => e.children.length === 0 && /[\\u4e00-\\u9fff]/.test(e.textContent)
          && e.offsetParent !== null && !e.closest('script'))
        .map(e => e.textContent)"""
    )
    assert set(left) <= {"中文", "SIMULATED 模拟数据"}
    # Nobody chose colours: they are what readers of the language are used to.
    assert page.get_attribute("html", "data-colours") == "west"
    assert page.get_attribute("#q", "placeholder") == "company, symbol, note"
    assert "Outperform" in page.inner_text("#f-rating")
    page.click("[data-lang=zh]")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert opened.shown() == finished.companies["company"].tolist()


@pytest.mark.parametrize("dark", [pytest.param(False, marks=pytest.mark.slow), True])
def test_dark_follows_the_system_and_the_button(
    open_page: Open, finished: Screening, dark: bool
) -> None:
    page = open_page(finished, dark=dark).page

    def brightness() -> float:
        colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    assert (brightness() < 60) is dark
    page.click("#theme")
    assert (brightness() < 60) is not dark
    page.click("#theme")
    assert (brightness() < 60) is dark


def test_colours_are_chosen_on_the_page_and_stay(open_page: Open, finished: Screening) -> None:
    page = open_page(finished).page

    def strongest() -> list[int]:
        """The strongest of red, green and blue of the word for up, and of the word for down."""
        shades = page.evaluate(
            "() => ['up', 'down'].map(t => getComputedStyle("
            "document.querySelector('.chip.t-' + t)).color.match(/\\d+/g).map(Number))"
        )
        return [shade[:3].index(max(shade[:3])) for shade in shades]

    assert strongest() == [0, 1]
    page.select_option("#colours", "west")
    assert strongest() == [1, 0]
    page.select_option("#colours", "blue")
    assert strongest() == [2, 0]
    # Filled and hollow say it without any colour.
    fills = page.evaluate(
        "() => ['up', 'down'].map(t => getComputedStyle("
        "document.querySelector('.marks .m-' + t)).fill)"
    )
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert fills[0] != paper == fills[1]
    page.click("[data-lang=en]")
    assert page.get_attribute("html", "data-colours") == "blue"


@pytest.mark.slow
def test_prints_all_evidence(open_page: Open, finished: Screening, tmp_path: Path) -> None:
    page = open_page(finished).page
    page.emulate_media(media="print")
    visible = "rows => rows.every(r => r.offsetParent !== null && r.offsetHeight > 20)"
    assert page.eval_on_selector_all("tr.fold", visible)
    assert page.locator("tr.fold").count() == 36
    assert not page.is_visible(".filters")
    assert page.is_visible(".watermark")
    pdf = tmp_path / "page.pdf"
    page.pdf(path=pdf, format="A4")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_keyboard_alone(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished)
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("() => document.activeElement.id || document.activeElement.tagName")
        )
        style = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", "the focus must be seen"
        if page.evaluate("() => document.activeElement.tagName") == "SUMMARY":
            break
    assert {"q", "f-segment", "f-rating", "f-market", "grouped", "unfold"} <= reached
    assert not page.is_visible("#f1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f1", state="visible")
    # Back to the first head, and sort with the space bar.
    page.focus("th[data-sort=change] button")
    page.keyboard.press("Space")
    assert page.get_attribute("th[data-sort=change]", "aria-sort") == "descending"


def test_paths_answer_to_pointer_slider_and_picks(open_page: Open, finished: Screening) -> None:
    page = open_page(finished).page
    page.locator("#cursor").scroll_into_view_if_needed()
    last = page.inner_text("#when")
    # Its last day says what the table of segments says, not a figure rounded twice.
    means = page.eval_on_selector_all(
        ".segments tbody tr:not(.group)",
        "rows => rows.map(r => [+r.querySelector('.no').textContent, r.cells[2].textContent])",
    )
    legend = page.eval_on_selector_all("#legend > li .v", "all => all.map(e => e.textContent)")
    assert legend == [mean for _, mean in sorted(means)]
    page.focus("#cursor")
    page.keyboard.press("Home")
    assert page.inner_text("#when") < last
    assert page.inner_text("#total") == "0.0"
    page.check("#legend input[value='3']")
    members = page.locator("#legend > li:nth-child(4) li")
    rated = finished.segments.set_index("segment").loc["手机芯片", "rated"]
    assert members.count() == rated
    assert page.locator("#focus .thin").count() == rated
    box = page.locator("#focus").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    middle = page.inner_text("#when")
    assert "2025-06" <= middle[:7] <= "2025-07"
    page.click("#unpick")
    assert page.locator("#focus .thin").count() == 0


def test_without_script_all_numbers_are_there(open_page: Open, finished: Screening) -> None:
    opened = open_page(finished, script=False)
    page = opened.page
    assert page.locator("tr.co").count() == 36
    text = page.locator("#table").text_content() or ""
    for row in finished.evidence[finished.evidence["window"] == "12m"].to_dict("records"):
        assert row["benchmark"] is None or f"{row['benchmark_end']:,.2f}" in text
    assert not page.is_visible(".tools")
    assert not page.is_visible("#f6")
    page.click("#r6 summary")
    page.wait_for_selector("#f6", state="visible")


@pytest.mark.parametrize("static", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_hostile_names_are_text(open_page: Open, strange: Screening, static: bool) -> None:
    opened = open_page(strange, static=static)
    page = opened.page
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.locator("script").count() == (0 if static else 3)
    names = page.eval_on_selector_all("tr.co summary", "all => all.map(e => e.textContent)")
    assert HOSTILE[0] in names
    assert HOSTILE[11] in names  # 500 characters, whole
    assert HOSTILE[13] in names  # </script>…
    assert any("<U+202E>" in name for name in names)
    assert page.locator("a[href^='http'], a[href^='javascript']").count() == 0
    # Nothing of it widens the page.
    for width in (360, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("width", "lang"),
    [
        (360, "zh"),
        *(
            pytest.param(width, lang, marks=pytest.mark.slow)
            for width, lang in [(360, "en"), (820, "zh"), (820, "en"), (1440, "zh"), (1440, "en")]
        ),
    ],
)
def test_fits_every_width(open_page: Open, running: Screening, width: int, lang: str) -> None:
    page = open_page(running, width=width, lang=lang).page
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.click("#r6 summary")
    page.wait_for_selector("#f6", state="visible")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_simulated_and_interim_cannot_be_overlooked(open_page: Open, running: Screening) -> None:
    page = open_page(running).page
    assert page.title().startswith("【模拟数据 SIMULATED】【进行中】")
    banner = page.locator(".banner.simulated")
    page.mouse.wheel(0, 5000)
    page.wait_for_function("() => scrollY > 1000")
    box = banner.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 10, "the banner stays in sight"
    assert "第153/181日" in page.inner_text(".shared")  # 2024-12-31 to 2025-06-02
    assert page.locator("#focus .stamp").text_content() == "SIMULATED"
    assert page.locator("tr.co .chip.open").count() == int(
        (running.companies["rating"] != "unrated").sum()
    )
