"""What a notebook shows: everything a reader must know, and no name as markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from tests.screenings import HOSTILE, hostile, packaged

from supplychain_screen import Screening, load_report, resolve
from supplychain_screen.output import visible_text

DRAWN = {
    *("xmlns", "width", "height", "viewbox", "font-size", "fill", "role", "aria-label", "x", "y"),
    *("x1", "x2", "y1", "y2", "cx", "cy", "r", "stroke", "stroke-width", "stroke-opacity"),
    *("stroke-dasharray", "text-anchor"),
}
"""Attributes of a drawing: none acts, none names an address."""

ALLOWED = {
    "div",
    "p",
    "b",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "small",
    "br",
    "svg",
    "line",
    "circle",
    "text",
}


class _Reader(HTMLParser):
    """Tags, attributes and text as a browser would take them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(shown: str) -> _Reader:
    reader = _Reader()
    reader.feed(shown)
    reader.close()
    assert not reader.open
    return reader


def test_it_shows_the_result_in_both_languages() -> None:
    screening: Screening = packaged()
    seen = _read(screening._repr_html_())
    for company in screening.companies["company"]:
        assert company in seen.text
    assert "Espressif Systems" in seen.text
    assert "去掉最好的三家" in seen.text
    assert "The report was positive on its sector" in seen.text
    assert "不是建议" in seen.text
    # The tiles, the segments and the companies.
    assert seen.tags.count("tr") == 2 * (1 + 2 + 12 + 36)
    # A grey start and a coloured end for every rated company, in each language.
    assert seen.tags.count("circle") == 2 * 2 * 34


def test_simulated_and_interim_come_first() -> None:
    text = _read(packaged("2025-06-05", "2025-09-10")._repr_html_()).text
    assert text.index("SIMULATED") < 40
    assert text.index("INTERIM") < 120


def test_it_is_small_and_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(packaged()._repr_html_()) < 90_000
    monkeypatch.setattr("supplychain_screen.output.notebook.ROWS", 10)
    assert "另有 26 行" in packaged()._repr_html_()


def test_hostile_names_are_text() -> None:
    seen = _read(hostile()._repr_html_())
    assert set(seen.tags) <= ALLOWED
    assert seen.attributes <= {"style", "lang", "role", "open"} | DRAWN
    for name in HOSTILE:
        assert visible_text(name) in seen.text


def test_reports_and_candidates_are_tables_of_text() -> None:
    report = load_report()
    seen = _read(report._repr_html_())
    assert set(seen.tags) <= ALLOWED
    assert "乐鑫科技" in seen.text
    found = resolve("TCL", report.listings)
    seen = _read(found._repr_html_())
    assert set(seen.tags) <= ALLOWED
    for candidate in found.candidates:
        assert candidate.listing.id in seen.text
    assert found.reason in seen.text
    seen = _read(resolve(HOSTILE[0], report.listings)._repr_html_())
    assert set(seen.tags) <= ALLOWED
    assert HOSTILE[0] in seen.text
