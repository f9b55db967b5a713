"""Whatever a check can say is said in both languages: the sentences are read from the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import Listing, load_report
from supplychain_screen.errors import SourceError
from supplychain_screen.prices.adjustment import TradedHistory
from supplychain_screen.prices.series import Adjustment, Events
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.words.findings import (
    ACTIONS,
    CLAUSES,
    DETAILS,
    FINDINGS,
    REASONS_WHY,
    detail_phrase,
    why_phrase,
)

SOURCE = Path(__file__).parents[2] / "src" / "supplychain_screen"
CHECKS = [
    *sorted((SOURCE / "prices" / "quality").glob("[a-z]*.py")),
    SOURCE / "prices" / "sessions.py",
]
MAKERS = [
    path
    for folder in ("prices", "screening", "weekly")
    for path in sorted((SOURCE / folder).rglob("[a-z]*.py"))
]
CALLS = {"Finding", "finding", "note", "_finding", "_dropped", "_holes", "_tail"}
SAMPLES = {"n": "7", "p": "+12.5%", "d": "2025-01-02", "x": "ABC"}


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def codes_of(path: Path) -> set[str]:
    """Codes of findings: words given to what makes findings, or kept as ``code``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and called(node) in CALLS:
            said = (one.value for one in node.keywords if one.arg != "reach")
            given: list[ast.expr] = [*node.args, *said]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").lower() == "code":
            given = [node.value]
        else:
            continue
        for one in given:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found.add(one.value)
    return {one for one in found if re.fullmatch(r"[a-z_]+", one)} - ACTIONS.keys()


def pieces_of(path: Path) -> Iterator[str]:
    """Literal words of every text a check puts together; no docstrings, no errors."""
    tree = ast.parse(path.read_text("utf-8"))
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Expr) and not (
            isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        ):
            aside.update(ast.walk(node))
    for node in ast.walk(tree):
        if node not in aside and isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.strip(" ,;:.")
            if " " in words:
                yield words


def filled(sentence: str, singular: bool) -> str:
    def blank(match: re.Match[str]) -> str:
        name = match[1]
        return CLAUSES[0][0] if name[0] == "c" else SAMPLES[name[0]] + name[1:] * (name[0] == "x")

    return re.sub(r"\{(\w+)\}", blank, sentence.replace("(s)", "" if singular else "s"))


@pytest.mark.parametrize("path", MAKERS, ids=lambda path: path.name)
def test_every_code_of_a_finding_has_a_name_in_both_languages(path: Path) -> None:
    for code in codes_of(path):
        assert code in FINDINGS, f"{path.name} makes findings {code}"
        assert FINDINGS[code].zh != FINDINGS[code].en


def test_every_check_is_found_in_the_code() -> None:
    text = (SOURCE / "prices" / "quality" / "checks.py").read_text("utf-8")
    listed = set(re.findall(r"^``(\w+)``", text, flags=re.MULTILINE))
    assert len(listed) >= 18
    assert listed <= set().union(*map(codes_of, CHECKS))


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.name)
def test_every_word_of_a_check_stands_in_a_sentence_with_a_chinese_side(path: Path) -> None:
    known = "\n".join(english for english, _ in (*DETAILS, *CLAUSES)).replace("(s)", "s")
    for piece in pieces_of(path):
        plain = piece.replace("1 row", "rows").replace("1 session", "sessions")
        assert plain in known, (
            f"{path.name} says {piece!r}: give it Chinese words in words/findings.py"
        )


@pytest.mark.parametrize("singular", [False, True])
@pytest.mark.parametrize("pair", DETAILS, ids=lambda pair: pair[0][:40])
def test_a_sentence_is_recognised_with_its_own_numbers(
    pair: tuple[str, str], singular: bool
) -> None:
    said = detail_phrase(filled(pair[0], singular))
    assert said.zh == filled(pair[1], singular).replace(CLAUSES[0][0], CLAUSES[0][1])
    assert not re.search(r"[{}]|\b(the|of|without)\b", said.zh)


@pytest.mark.parametrize("pair", CLAUSES, ids=lambda pair: pair[0][:40])
def test_a_clause_is_recognised_inside_a_sentence(pair: tuple[str, str]) -> None:
    assert detail_phrase(f"+1.0%, {filled(pair[0], True)}").zh == f"+1.0%，{filled(pair[1], True)}"


def test_both_sides_have_the_same_blanks() -> None:
    for english, chinese in (*DETAILS, *CLAUSES, *REASONS_WHY):
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", chinese))


def test_the_packaged_report_says_why_in_both_languages() -> None:
    for mention in load_report().mentions:
        said = why_phrase(mention.why)
        assert said.zh != said.en, mention.why


def test_free_words_stay_as_they_are() -> None:
    assert detail_phrase("a word of somebody's own") == ("a word of somebody's own",) * 2
    assert why_phrase("+1.0%, odd") == ("+1.0%, odd",) * 2
    assert detail_phrase("+1.0%, odd") == ("+1.0%, odd",) * 2


TENCENT = Listing(mic="XHKG", code="0700", currency="HKD")
JANUARY = (date(2025, 1, 1), date(2025, 1, 31))


def refused(
    adjustment: Adjustment, splits: Events | None, basis: str, first: date = date.min
) -> str:
    """What a traded history says instead of a series."""
    known = TradedHistory(
        listing=TENCENT.id,
        sessions=np.array(["2025-01-02", "2025-01-03"], "datetime64[D]"),
        close=np.array([400.0, 404.0]),
        volume=np.array([1e6, 1e6]),
        splits=splits,
        dividends=None,
        source="yahoo",
        symbol="0700.HK",
        adjustment=adjustment,
    )
    with pytest.raises(SourceError) as caught:
        known.series(basis, first)  # type: ignore[arg-type]
    return str(caught.value)


def failed(close: list[float], adjustment: Adjustment, symbols: tuple[str, str]) -> str:
    """What a file says of a listing that it cannot serve."""
    frame = pd.DataFrame({"symbol": symbols, "date": ["2025-01-02"] * 2, "close": close})
    xiaomi = Listing(mic="XHKG", code="1810", currency="HKD")
    source = FileSource(frame, adjustment=adjustment, allow_missing=True)
    return str(source.load([TENCENT, xiaomi], *JANUARY, "price").failures[TENCENT.id])


def test_why_a_listing_has_no_prices_is_said_in_both_languages() -> None:
    nan = float("nan")
    said = [
        refused("none", Events.of(), "price", date(2025, 2, 1)),
        refused("none", Events.of(), "total"),
        refused("splits", None, "total"),
        refused("none", None, "price"),
        failed([nan, 35.0], "splits", ("0700.HK", "1810.HK")),
        failed([35.0, 35.1], "splits", ("1810.HK", "0005.HK")),
    ]
    for one in said:
        assert detail_phrase(one).zh != one, one
