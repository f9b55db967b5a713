"""A track record as page, workbook, text, JSON, tables, notebook and chart."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.page_tags import PageTags
from tests.records import GIFTED, aimed, equals, made, strange, young
from tests.screenings import HOSTILE
from tests.spreadsheet import Workbook, read_workbook

from supplychain_screen import TrackRecord
from supplychain_screen.errors import CallsError, InputError
from supplychain_screen.output import display_width, record_table, visible_text
from supplychain_screen.output.record_sentences import points
from supplychain_screen.output.workbook.record_book import record_workbook_bytes
from supplychain_screen.words import RECORD_HEADS

LANGS = ("zh", "en")
RECORDS = (made, equals, strange, young, aimed)


@lru_cache(maxsize=16)
def _page(of: Callable[[], TrackRecord], lang: Any = "en", static: bool = True) -> str:
    return of().to_html(lang=lang, static=static)


@lru_cache(maxsize=4)
def _book(of: Callable[[], TrackRecord], lang: Any = "en") -> bytes:
    return record_workbook_bytes(of(), lang)


def _read(of: Callable[[], TrackRecord], lang: Any = "en") -> Workbook:
    return read_workbook(io.BytesIO(_book(of, lang)))


# -- the page


@pytest.mark.parametrize("of", RECORDS)
def test_the_page_asks_for_nothing_and_allows_nothing(of: Any) -> None:
    page = _page(of, static=False)
    tags = PageTags(page).tags
    assert [one for one, _ in tags if one in ("img", "link", "iframe", "object", "form")] == []
    assert [a for _, at in tags for a in at if a in ("src", "srcset", "action", "style")] == []
    assert [a for _, at in tags for a in at if a.startswith("on")] == []
    assert {at["href"] for _, at in tags if "href" in at} == {"#league"}
    (policy,) = (at["content"] for _, at in tags if at.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    for kind in ("style", "script"):
        for text in re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.S):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_the_page_is_the_same_twice_and_the_static_one_has_no_script() -> None:
    assert made().to_html(lang="en") == _page(made, static=False)
    static = _page(made)
    assert "<script" not in static
    assert "data-i=" not in static


@pytest.mark.parametrize("lang", LANGS)
def test_every_output_says_simulated(lang: Any) -> None:
    record = made()
    page = _page(made, lang, static=False)
    assert PageTags(page).words.startswith(("【模拟数据 SIMULATED】", "[SIMULATED]"))
    assert page.count("SIMULATED") >= 4
    assert "SIMULATED" in record_table(record, lang)
    assert "SIMULATED" in record.to_markdown(lang)
    assert record.to_dict()["simulated"] is True
    assert "SIMULATED" in record._repr_html_()
    assert "SIMULATED" in json.dumps(record.chart("months", lang=lang).to_dict())


def test_the_finding_comes_first() -> None:
    (heading,) = re.findall(r"<h1>(.*?)</h1>", _page(made))
    assert heading.startswith("Of 20 firms with enough calls, 1 did better and 1 worse")
    (heading,) = re.findall(r"<h1>(.*?)</h1>", _page(equals))
    assert heading.startswith("No difference found between 12 firms")
    (heading,) = re.findall(r"<h1>(.*?)</h1>", _page(young))
    assert "none of 17 calls can be judged: 17 are younger than 6 months" in heading


def test_a_league_without_a_difference_orders_nothing() -> None:
    page = _page(equals)
    names = re.findall(r'class="l-name"><bdi>(.*?)</bdi>', page)
    assert names == sorted(names)
    assert len(names) == 12
    assert 'class="estimate' not in page
    assert "l-rank" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    assert "shrunk" not in record_table(equals(), "en").lower()


def test_too_few_have_no_rank_and_no_dot() -> None:
    page = _page(made)
    ranked = re.findall(r'class="l-name"><bdi>(.*?)</bdi>', page)
    assert ranked[0] == GIFTED
    assert "Small House" not in ranked
    assert "1 firm has fewer than 20 judged calls and no rank." in page
    assert re.search(r"<li><bdi>Small House</bdi> <span>[\d.]+%<small> n 3</small>", page)


def test_who_has_no_rank_is_named_in_the_terminal_and_in_markdown_too() -> None:
    row = made().league().frame.set_index("firm").loc["Small House"]
    said = f"Small House {100 * row['beat']:.1f}% (n {row['beat_n']})"
    assert said in record_table(made(), "en")
    assert said in made().to_markdown("en").replace("\\", "")


def test_the_matrix_of_the_page_is_counted_from_the_calls() -> None:
    record = made()
    calls = record.calls
    page = _page(made)
    table = re.search(r'<table class="matrix">(.*?)</table>', page, re.S)
    assert table is not None
    shown = [int(n) for n in re.findall(r"<small>(\d+)</small>", table[1])]
    levels = [level.name for level in record.standard.stock.levels]
    pairs = list(
        zip(calls["called"].astype(object), calls["6m_realised"].astype(object), strict=True)
    )
    assert shown[:9] == [pairs.count((a, b)) for a in levels for b in levels]
    assert shown[9:] == [sum(pairs.count((a, b)) for a in levels) for b in levels]


def test_rates_of_the_page_are_counted_from_the_calls() -> None:
    record = made()
    calls = record.calls
    for side, word in ((1, "buys"), (0, "holds"), (-1, "sells")):
        told = calls.loc[calls["side"] == side, "6m_beat"].dropna().astype(bool).tolist()
        rate = f"{100 * sum(told) / len(told):.1f}%"
        pattern = rf"{word}</th><td class=\"strong\">{re.escape(rate)}</td>"
        assert re.search(pattern, _page(made)), (word, rate)


def test_every_hostile_name_is_text_in_the_page() -> None:
    page = _page(strange, static=False)
    tags = PageTags(page)
    for name in HOSTILE:
        assert " ".join(visible_text(name).split()) in tags.words, name
    assert len([one for one, _ in tags.tags if one == "script"]) == 3
    assert not [one for one, _ in tags.tags if one == "b" and "x" in page.split("<b>")[-1][:2]]
    for character in ("\x1b", "\u202e"):
        assert character not in page


def test_a_long_league_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplychain_screen.output.page.record_page.RANKED", 9)
    page = made().to_html(lang="en", static=True)
    assert len(re.findall(r'class="l-name"><bdi>', page)) == 9
    assert "11 rows between are in the workbook and the tables." in page


def test_leagues_of_several_kinds_stand_below_each_other() -> None:
    page = made().to_html(lang="en", by=["firm", "year", "level"], static=True)
    assert re.findall(r"<h2 id=\"h-league-(\w+)\"", page) == ["firm", "year", "level"]
    with pytest.raises(CallsError, match="analyst"):
        made().to_html(by="analyst")


# -- the workbook


@pytest.mark.parametrize(
    ("lang", "tabs"),
    [
        pytest.param("zh", "摘要,排名·机构,校准,月份,观点,无评级,方法", marks=pytest.mark.slow),
        ("en", "Summary,League firm,Calibration,Months,Calls,Unrated,Method"),
    ],
)
def test_the_workbook_has_its_sheets_and_every_one_says_simulated(lang: Any, tabs: str) -> None:
    book = _read(made, lang)
    assert list(book.sheets) == tabs.split(",")
    for name, cells in book.sheets.items():
        assert "SIMULATED" in str(cells["A2"].value), name


def test_the_workbook_counts_by_formulas_that_carry_their_results() -> None:
    record = made()
    book = _read(made)
    frame = record.league().frame
    for head, key in (("Right", "beats"), ("With a verdict", "beat_n")):
        cells = list(book.column("League firm", head).values())[: len(frame)]
        assert [cell.value for cell in cells] == frame[key].tolist()
        assert all(cell.formula for cell in cells)
    relative = list(book.column("Calls", "Relative return").values())
    expected = record.calls["6m_relative_return"][record.calls["6m_reason"].isna()]
    assert np.allclose([cell.value for cell in relative if cell.formula], expected)


def test_names_in_the_workbook_are_text() -> None:
    book = _read(strange)
    firms = {str(cell.value) for cell in book.column("League firm", "Firm").values()}
    assert {visible_text(name).strip() for name in HOSTILE} <= firms
    for sheet, at, cell in book.formulas():
        assert "evil" not in str(cell.formula), (sheet, at)


@pytest.mark.slow
def test_the_workbook_is_the_same_twice() -> None:
    assert record_workbook_bytes(made(), "en") == _book(made)


def test_a_workbook_of_too_many_calls_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplychain_screen.output.workbook.record_book.CALLS", 100)
    book = read_workbook(io.BytesIO(record_workbook_bytes(made(), "en")))
    assert "Calls" not in book.sheets
    told = [str(cell.value) for cell in book.sheets["Summary"].values()]
    assert any("More than 100 calls" in one for one in told)
    assert [one for one in book.formulas() if "COUNTIFS" in str(one[2].formula)] == []


# -- text, JSON, tables, notebook, charts


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("of", "width"), [*((of, 80) for of in RECORDS), (made, 60), (made, 120)])
def test_the_table_keeps_to_its_width(of: Any, lang: Any, width: int) -> None:
    lines = record_table(of(), lang, width).splitlines()
    assert max(map(display_width, lines)) <= width


def test_markdown_escapes_every_name() -> None:
    text = strange().to_markdown("en")
    assert "<script" not in text
    assert "[link](javascript" not in text
    assert "\n# heading" not in text


def test_json_is_plain_sorted_and_reconciles() -> None:
    text = made().to_json()
    found = json.loads(text)
    assert text == made().to_json()
    assert json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n" == text
    assert "NaN" not in text
    told = found["denominators"]
    window = told["windows"]["6m"]
    assert told["runs"] == window["matured"] + window["pending"] + sum(window["unrated"].values())
    assert told["rows"] == sum(
        told[name] for name in ("run_rows", "same_day", "suspensions", "unknown_level", "undated")
    )
    (league,) = found["leagues"]
    assert league["rows"][0]["name"] == GIFTED
    assert sum(row["runs"] for row in league["rows"]) == told["runs"]


def test_json_keeps_to_its_schema() -> None:
    from jsonschema import validate

    schema = json.loads((Path(__file__).parents[2] / "docs/record.schema.json").read_text("utf-8"))
    for of in RECORDS:
        validate(of().to_dict(), schema)


def test_tables_say_whose_prices_they_are_and_run_nothing(tmp_path: Path) -> None:
    files = {one.stem: one for one in strange().to_csv(tmp_path)}
    assert set(files) == {
        "league_firm",
        "calibration",
        "base_rates",
        "months",
        "calls",
        "unrated",
        "unknown_words",
        "holes",
    }
    for file in files.values():
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
        assert {row[0] for row in rows[1:]} <= {"SIMULATED"}
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "\t"))]


def test_the_notebook_escapes_and_needs_nothing() -> None:
    html = strange()._repr_html_()
    assert "<script" not in html
    assert "src=" not in re.sub(r"&lt;.*?&gt;", "", html)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["league", "calibration", "months"])
def test_charts_are_drawn(kind: str, lang: Any) -> None:
    of = made if lang == "zh" else equals
    assert of().chart(kind, lang=lang).to_dict()["layer"]


def test_a_chart_of_nothing_says_so() -> None:
    with pytest.raises(InputError, match="nothing to draw"):
        young().chart("league")
    with pytest.raises(InputError, match="no chart is called"):
        made().chart("pie")


def test_targets_stand_in_every_output(tmp_path: Path) -> None:
    record = aimed()
    rows = record.targets()
    judged = rows[rows["reason"] == ""]
    met = [bool(one) for one in judged["met_any"].dropna()]
    share = f"{100 * sum(met) / len(met):.1f}%"
    told = f"Of {len(judged)} judged targets"
    tags = PageTags(_page(aimed))
    for text in (tags.words, record_table(record, "en", 400), record.to_markdown("en")):
        assert told in text
        assert f"{share} by some close on the way" in text
        assert "the target is in another currency 1" in text
    for name in HOSTILE[:3]:
        assert " ".join(visible_text(name).split()) in tags.words
    found = record.to_dict()["targets"]
    assert (found["targets"], found["rated"]) == (len(rows), len(judged))
    assert found["unrated"]["target_currency"] == 1
    assert sum(one["rated"] for one in found["firms"]) == len(judged)
    assert "Targets" in _read(aimed).sheets
    names = {one.stem for one in record.to_csv(tmp_path)}
    assert {"targets", "targets_firm"} <= names


def test_calls_without_targets_say_nothing_of_them() -> None:
    assert made().to_dict()["targets"] is None
    assert 'id="h-targets"' not in _page(made)
    assert "Targets" not in _read(made).sheets


def test_a_mean_has_an_interval_or_the_reason_why_not() -> None:
    record = made(months=3)
    page = record.to_html(lang="en", static=True)
    sides = record.league("side").frame
    for low, high in zip(sides["mean_low"], sides["mean_high"], strict=True):
        assert f"{100 * low:+.1f}%…{100 * high:+.1f}%".replace("-", "−") in page
    assert "no interval: under 5 windows" in _page(made)
    assert "no interval: none matured" in _page(young)


# -- words


def test_every_column_has_a_head() -> None:
    for key in made().league().frame.columns:
        assert key == "firm" or key in RECORD_HEADS, key


def test_points_are_points() -> None:
    assert (points(0.1234), points(-0.1), points(0.0)) == ("+12.3", "−10.0", "0.0")
