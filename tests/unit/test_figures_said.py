"""Every output says every key figure, for a manager and for a statistician."""

from __future__ import annotations

import io
import re

import pytest
from tests.screenings import packaged
from tests.spreadsheet import read_workbook

from supplychain_screen.output import key_figures, markdown, markdown_text, terminal_table
from supplychain_screen.output.workbook.book import SHEETS, workbook_bytes
from supplychain_screen.words import Lang


def squeezed(text: str) -> str:
    """Without the spaces and breaks that a width puts anywhere."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_terminal_markdown_and_workbook_say_every_figure(lang: Lang) -> None:
    found = packaged()
    said = key_figures(found)
    assert [one.key for one in said][:3] == ["placebo", "interval", "concentration"]
    text = squeezed(terminal_table(found, lang))
    marked = markdown(found, lang)
    book = read_workbook(io.BytesIO(workbook_bytes(found, lang)))
    cells = {cell.value for cell in book.sheets[SHEETS["Figures"].of(lang)].values()}
    for one in said:
        full = one.full.of(lang)
        assert squeezed(full) in text
        assert markdown_text(full) in marked
        assert {one.name.of(lang), one.plain.of(lang)} <= cells
        assert one.exact is None or one.exact.of(lang) in cells


def test_too_little_history_is_said_with_its_reason() -> None:
    young = {one.key: one for one in key_figures(packaged("2025-12-01", "2025-12-20"))}
    assert young["interval"].plain.of("en") == "not said: too few sessions"
    assert young["interval"].exact is None


def test_nobody_rated_says_nothing() -> None:
    assert key_figures(packaged("2026-01-09", "2026-01-09")) == ()


def test_a_basket_that_lost_is_told_without_shares_of_a_loss() -> None:
    """Which simulated dates lost depends on the seed, so one is looked for."""
    for published in ("2024-12-31", "2025-01-31", "2025-03-03", "2025-06-05", "2025-07-01"):
        found = packaged(published, "2025-12-31")
        if found.total["mean"] < 0:
            break
    else:
        pytest.fail("every simulated date gained")
    one = next(one for one in key_figures(found) if one.key == "concentration")
    assert "make" not in str(one.exact)
    assert "without its best 3 names" in str(one.plain)


def test_an_inference_says_itself_and_draws_itself() -> None:
    found = packaged().inference()
    said = repr(found)
    assert said.startswith("SIMULATED: ")
    assert said.endswith(".")
    assert f"{found.placebo.base_day.size} earlier sessions" in said
    drawn = found.chart(lang="en").to_dict()
    assert "SIMULATED" in drawn["title"]["text"]
    counts = [row["n"] for row in drawn["layer"][0]["data"]["values"]]
    assert sum(counts) == found.placebo.base_day.size
    values = [layer["data"]["values"] for layer in drawn["layer"][1:4]]
    assert [one["value"] for one in values[1]] == [-0.1, 0.1]
    assert values[2] == [{"value": found.placebo.realised}]
