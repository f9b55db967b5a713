"""The table of columns: what each is called and says, in both languages, and nowhere else."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.screenings import hostile, packaged

from supplychain_screen import load_report
from supplychain_screen.output import Place, Reader, Style, column, frame_files, notebook, text
from supplychain_screen.output.columns import Column, segment_rows

SOURCE = Path(__file__).resolve().parents[2] / "src" / "supplychain_screen"
STYLE = Style(load_report().standard.stock)


def said(key: str, **row: Any) -> tuple[str, str]:
    return tuple(column(key).said(row, STYLE))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("key", "row", "words"),
    [
        ("company", {"company": "高通", "company_en": "Qualcomm"}, ("高通", "Qualcomm")),
        ("company", {"company": "TCL", "company_en": math.nan}, ("TCL", "TCL")),
        ("company", {"company": "TCL", "company_en": ""}, ("TCL", "TCL")),
        ("best_company", {"best_company": None}, ("–", "–")),
        ("symbol", {"symbol": "QCOM", "listing": "XNAS:QCOM"}, ("QCOM", "QCOM")),
        ("symbol", {"symbol": None, "listing": "XNAS:QCOM"}, ("XNAS:QCOM", "XNAS:QCOM")),
        ("symbol", {"symbol": None, "listing": None}, ("–", "–")),
        ("relative_return_3m", {"relative_return_3m": 0.0996}, ("+9.96%", "+9.96%")),
        ("return", {"return": 0.0996}, ("+10.0%", "+10.0%")),
        ("hit_rate", {"hit_rate": 0.455}, ("46%", "46%")),
        ("rating_9m", {"rating_9m": "underperform"}, ("↓ 弱于大市", "↓ Underperform")),
        ("verdict", {"rating": "neutral", "reason": None}, ("→ 中性", "→ Neutral")),
        ("verdict", {"rating": "unrated", "reason": "no_prices"}, ("○ 无行情", "○ No prices")),
        ("window", {"window": "3m"}, ("3个月", "3 months")),
        ("rated_of", {"rated": 3, "mentions": 5}, ("3/5", "3/5")),
        ("base_close", {"base_close": 3.4567}, ("3.457", "3.457")),
        ("base_close", {"base_close": 20059.9492}, ("20,059.95", "20,059.95")),
        ("end_session", {"end_session": pd.Timestamp("2025-01-02")}, ("2025-01-02",) * 2),
        ("detail", {"detail": "no", "detail_zh": "无"}, ("无", "no")),
        ("detail", {"detail": "no"}, ("no", "no")),
        ("candidates", {"candidates": ("A", "B")}, ("A; B", "A; B")),
        ("reason", {"reason": "a_new_one"}, ("a_new_one", "a_new_one")),
        ("leave_one_out", {"leave_one_out_low": math.nan, "rated": 1}, ("仅一家", "one only")),
    ],
)
def test_what_a_column_says(key: str, row: dict[str, Any], words: tuple[str, str]) -> None:
    assert said(key, **row) == words


def places() -> list[Place]:
    return [*text._SEGMENTS, *text._company_places(packaged())]


def shown() -> set[str]:
    return {place.key for place in places()} | {*notebook._SEGMENTS, *notebook._COMPANIES}


def test_every_column_that_is_shown_has_a_title_in_both_languages() -> None:
    frames = frame_files._frames(packaged()).values()
    keys = shown() | {str(name) for frame in frames for name in frame.columns} - {"prices"}
    # The other language of a column that is shown, and what no output shows.
    hidden = {"best_company_en", "worst_company_en", "benchmark_name_en", "detail_zh"}
    unnamed = {key for key in keys - hidden if column(key).title.zh == key}
    assert unnamed == {"companies", "matured"}


def test_a_row_says_something_in_every_column_that_is_shown() -> None:
    screening = packaged()
    read = Reader(STYLE, "en")
    (whole,) = segment_rows(screening)[-1:]
    first = screening.companies.to_dict("records")[0]
    keys = [place.key for place in text._SEGMENTS]
    assert "–" not in [read(key, whole) for key in keys]
    assert "–" not in [read(place.key, first) for place in text._company_places(screening)]


def test_texts_of_a_frame_are_what_its_rows_say() -> None:
    frame = hostile().companies
    for key in ("company", "symbol", "robustness", "robustness_flips", "candidates", "stage"):
        texts = column(key).texts(frame, STYLE, "en")
        rows = [column(key).said(row, STYLE).en for row in frame.to_dict("records")]
        assert [one or "–" for one in texts] == rows


def test_a_reader_shows_what_would_hide() -> None:
    assert Reader(STYLE, "zh")("company", {"company": "a\x1b[2J\u202eb"}) == "a<U+001B>[2J<U+202E>b"


def test_numbers_stand_to_the_right() -> None:
    def right(one: Column) -> bool:
        return one.right

    assert [right(column(key)) for key in ("mean", "day", "hit_rate", "rated_of")] == [True] * 4
    assert [right(column(key)) for key in ("company", "rating", "stage")] == [False] * 3


@pytest.mark.parametrize(
    ("old", "where"),
    [
        # A name in the reader's language: `name_phrase`, or a column.
        (r"_en(\"\])? or [\w.]+", "output weekly cli"),
        # What a security is called: `Instrument.ticker`.
        (r"symbol\(\"yahoo\"\) or", "."),
        # Each company once: `Screening.once`.
        (r"duplicated\(|drop_duplicates", "output weekly cli"),
    ],
)
def test_what_is_decided_once_is_decided_nowhere_else(old: str, where: str) -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {match.group()}"
        for folder in where.split()
        for path in (SOURCE / folder).rglob("*.py")
        for match in re.finditer(old, path.read_text(encoding="utf-8"))
    ]
    allowed = ("identity/listings.py: ",)
    assert [one for one in found if not one.startswith(allowed)] == []
