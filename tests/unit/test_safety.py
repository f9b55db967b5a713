"""Strangers' text stays text: every way in which a name could act, and none does."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.screenings import HOSTILE

from supplychain_screen.output import csv_text, markdown_text, visible_text
from supplychain_screen.output.safety import CELL_LIMIT, cell_text

ANY = st.text(st.characters(codec="utf-8"), max_size=60)
# What a spreadsheet takes for the start of a formula: OWASP, "CSV Injection".
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("乐鑫科技", "乐鑫科技"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u2066b\u2069", "a<U+2066>b<U+2069>"),
        ("a\u200fb", "a<U+200F>b"),
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("a\x00b", "a<U+0000>b"),
        ("a\x9bb", "a<U+009B>b"),
        ("two\r\nlines\tand", "two  lines and"),
        ("a\u2028b", "a<U+2028>b"),
        ("\ud800", "<U+D800>"),
        # Family emoji and Persian need their joiners: they hide nothing.
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible_text(text) == shown


@given(ANY)
def test_visible_text_is_one_line_without_controls(text: str) -> None:
    shown = visible_text(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(one) == "Cc" for one in shown)
    assert visible_text(shown) == shown


def test_a_cell_holds_no_more_than_a_cell_can() -> None:
    assert cell_text("x" * CELL_LIMIT) == "x" * CELL_LIMIT
    assert len(cell_text("x" * (CELL_LIMIT + 1))) == CELL_LIMIT


@pytest.mark.parametrize("start", STARTS)
def test_a_csv_field_never_starts_a_formula(start: str) -> None:
    assert csv_text(start + "1+1").startswith("'")
    assert csv_text("  " + start + "1+1")[0] in "' "


@given(ANY)
def test_csv_text_is_never_a_formula_and_survives_a_csv_file(text: str) -> None:
    safe = csv_text(text)
    assert not safe.startswith(STARTS)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([safe])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [safe]


def test_plain_csv_text_is_left_alone() -> None:
    assert csv_text("Actions Technology Co., Ltd. (手表芯片)") == (
        "Actions Technology Co., Ltd. (手表芯片)"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    """A Markdown reader that no part of ours knows about sees one paragraph of plain text."""
    reader = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    tokens = reader.parse(markdown_text(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    parts = tokens[1].children or []
    assert {part.type for part in parts} <= {"text", "text_special"}
    seen = "".join(part.content for part in parts).replace("\u2060", "")
    assert seen.strip() == visible_text(text).strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_keeps_a_table_row_one_row(text: str) -> None:
    reader = MarkdownIt("commonmark").enable("table")
    lines = ["| a | b |", "| --- | --- |", f"| {markdown_text(text)} | 2 |"]
    tokens = reader.parse("\n".join(lines))
    cells = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "2"


def test_markdown_links_and_mentions_are_dead() -> None:
    for text in ("http://evil.example", "www.evil.example", "mailto:a@b.example", "@channel"):
        assert text not in markdown_text(text)
        assert markdown_text(text).replace("\u2060", "") == text
