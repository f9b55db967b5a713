"""Whatever the code can say is said in both languages: keys and facts are read from the code."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import get_args

import pytest

from supplychain_screen import SimulatedSource, load_report, scoring, screen, terminal_table
from supplychain_screen.research import Mention
from supplychain_screen.words import (
    ACTIONS,
    CAUSES,
    COLUMNS,
    CONFIDENCES,
    FINDINGS,
    REASON_SENTENCES,
    REASONS,
    ROLES,
    SHORT_COLUMNS,
    STAGES,
    STATUSES,
    WINDOWS,
    Message,
    message,
    message_phrase,
)
from supplychain_screen.words.messages import templates

SOURCE = Path(__file__).parents[2] / "src" / "supplychain_screen"
FINDERS = {"Finding", "finding", "note", "_finding", "_dropped", "_holes", "_tail"}
"""What makes findings; a code is a word that it is given, or kept under the name ``code``."""

CHINESE = re.compile("[㐀-鿿]")


CODES = {
    "basis": "total",
    "adjustment": "splits",
    "finding": "unit_jump",
    "reason": "delisted",
    "study": "beta",
    "study_reason": "too_few_dates",
}
CODES |= {"cause": "new_prices", "rule": "basis"}


@lru_cache(maxsize=1)
def code() -> Mapping[Path, ast.Module]:
    """Every module of the package but the words themselves, parsed."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
        if path.parent.name != "words"
    }


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def constants(node: ast.expr) -> list[str] | None:
    """The keys that an argument can be; None where they are not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        one, other = constants(node.body), constants(node.orelse)
        return None if one is None or other is None else one + other
    return None


def messages_made() -> Iterator[tuple[str, str, set[str]]]:
    """Where, key and facts of every message that the code makes."""
    for path, tree in code().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "message":
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                keys = constants(node.args[0])
                assert keys is not None, f"{where}: a key stands in the call, for this test to see"
                facts = {one.arg for one in node.keywords if one.arg}
                assert len(facts) == len(node.keywords), f"{where}: facts stand in the call"
                yield from ((where, key, facts) for key in keys)


def blanks(template: str) -> dict[str, str]:
    """Blanks of a template and their formats."""
    return {name: spec or "" for _, name, spec, _ in string.Formatter().parse(template) if name}


def samples(template: str) -> dict[str, object]:
    """A fact for each blank, by its format."""

    def sample(spec: str) -> object:
        if spec.startswith("@"):
            return "6m" if spec == "@window" else CODES[spec[1:].partition("/")[0]]
        if spec.startswith("%"):
            return datetime(2025, 1, 2, 16, 30, tzinfo=UTC)
        if spec in ("&", ";", ","):
            return ("ABC", "DEF")
        return 7 if spec.startswith("~") else 0.125 if spec not in ("", "^") else "ABC"

    return {name: sample(spec) for name, spec in blanks(template).items()}


def codes_of(tree: ast.Module) -> set[str]:
    """Codes of findings: words given to what makes findings, or kept as ``code``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in FINDERS:
            given = [*node.args, *(one.value for one in node.keywords if one.arg != "reach")]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in CODE_NAMES:
            given = [node.value]
        else:
            continue
        for one in given:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found.add(one.value)
    return {one for one in found if re.fullmatch(r"[a-z_]+", one)} - ACTIONS.keys()


CODE_NAMES = {"code", "CODE", "NOT_UPDATED"}


def test_every_message_of_the_code_has_a_template_and_every_template_a_message() -> None:
    made = list(messages_made())
    for where, key, _ in made:
        assert key in templates(), f"{where} says {key}: give it words in both languages"
    assert {key for _, key, _ in made} == set(templates())


def test_facts_and_blanks_are_the_same() -> None:
    for where, key, facts in messages_made():
        zh, en = templates()[key]
        assert blanks(en).keys() == blanks(zh).keys() == facts, f"{where}: {key}"


@pytest.mark.parametrize("key", sorted(templates()))
def test_a_message_is_said_in_both_languages(key: str) -> None:
    zh, en = templates()[key]
    said = message(key, **samples(en)).phrase
    assert not re.search(r"[{}]", said.zh + said.en)
    assert not CHINESE.search(said.en)
    if re.sub(r"\{.*?\}|\W", "", en):
        assert said.zh != said.en or not CHINESE.search(zh)
        assert CHINESE.search(said.zh)
        assert not re.search(r"\b(the|of|is|without)\b", said.zh)


def test_a_message_counts_joins_names_and_nests() -> None:
    one = message("tail", last="2025-01-02", n=1, end="2025-01-03")
    assert str(one) == "last close 2025-01-02, 1 session before 2025-01-03"
    two = message("provisional_sessions", calendars=("XSHG", "XHKG"), end="2025-12-31", n=2)
    assert two.of("en").startswith("the calendar of XSHG and XHKG ends on 2025-12-31;")
    assert two.of("en").endswith(" 2 weekdays without proof of a session")
    assert two.of("zh").startswith("XSHG、XHKG 的交易日历止于 2025-12-31")
    asked = message("basis_substituted.none", basis="total", whose="ABC")
    assert asked.of("zh") == (
        "所选口径为总收益；ABC的收盘价未复权，包含送转股的跳空；请连同送转股一并给出"
    )
    why = message("move.limit", limit=0.2)
    assert message("beyond_limit", move=-0.2512, why=why).phrase == (
        "-25.1%，超出每日 20% 的涨跌幅限制",
        "-25.1%, beyond the daily limit of 20%",
    )


def test_words_without_a_template_and_facts_without_a_blank_are_refused() -> None:
    with pytest.raises(KeyError):
        Message("no_such_key").of("zh")
    with pytest.raises(KeyError, match="n"):
        message("tail", last="2025-01-02", end="2025-01-03").of("en")


def test_free_words_stay_as_they_are() -> None:
    assert message_phrase("a word of somebody's own") == ("a word of somebody's own",) * 2


def test_every_finding_has_a_name_and_every_name_a_finding() -> None:
    made = {path: codes_of(tree) for path, tree in code().items()}
    assert set().union(*made.values()) == FINDINGS.keys()
    for words in FINDINGS.values():
        assert CHINESE.search(words.zh)
        assert not CHINESE.search(words.en)


def test_every_check_is_listed_where_the_checks_run() -> None:
    checks = SOURCE / "prices" / "quality" / "checks.py"
    listed = set(re.findall(r"^``(\w+)``", checks.read_text("utf-8"), flags=re.MULTILINE))
    quality = [tree for path, tree in code().items() if path.parent.name == "quality"]
    made = set().union(*map(codes_of, [*quality, code()[SOURCE / "prices" / "sessions.py"]]))
    assert listed == made


@pytest.mark.parametrize("months", [1, 3, 9, 18])
def test_windows_stages_and_columns_of_any_standard_speak_both_languages(months: int) -> None:
    window = f"{months}m"
    said = [
        WINDOWS[window],
        STAGES[window],
        COLUMNS[f"relative_return_{window}"],
        COLUMNS[f"rating_{window}"],
        SHORT_COLUMNS[f"relative_return_{window}"],
    ]
    plural = "month" if months == 1 else "months"
    assert said == [
        (f"{months}个月", f"{months} {plural}"),
        (f"{months}个月已定", f"{months} {plural} final"),
        (f"{months}个月相对收益", f"Relative {months}m"),
        (f"{months}个月评级", f"Rating {months}m"),
        (f"{months}个月相对", f"At {months}m"),
    ]


def test_what_no_rule_names_has_no_name() -> None:
    for key in ("rating_xm", "relative_return_", "m", "to date"):
        assert COLUMNS.get(key) is None
        assert WINDOWS.get(key) is None


def test_the_output_of_a_standard_of_three_and_nine_months_has_no_key_in_it() -> None:
    report = load_report()
    standard = report.standard.model_copy(update={"first_months": 3, "last_months": 9})
    report = report.model_copy(update={"standard": standard})
    result = screen(report, "2024-12-31", "2025-05-30", prices=SimulatedSource())
    for text in (terminal_table(result, "zh"), result.to_markdown("zh"), result.to_html()):
        shown = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", "", text, flags=re.DOTALL)
        assert not re.search(r"\b(rating_|relative_return_)?[39]m\b", shown)
        assert "3个月" in shown


def test_every_reason_and_stage_of_the_code_has_words() -> None:
    assert set(REASONS) == set(scoring.REASONS) - {""}
    assert set(REASON_SENTENCES) == set(REASONS)
    stages = scoring.stage_names((6, 12))
    assert all(CHINESE.search(STAGES[one].zh) for one in stages)
    for table in (REASONS, REASON_SENTENCES, STATUSES, CONFIDENCES, ROLES, ACTIONS, CAUSES):
        for zh, en in table.values():
            assert CHINESE.search(zh)
            assert not CHINESE.search(en)
    assert set(STATUSES) == set(get_args(Mention.model_fields["status"].annotation))
    assert set(CONFIDENCES) == set(get_args(Mention.model_fields["confidence"].annotation))
    swaps = (SOURCE / "weekly" / "swaps.py").read_text("utf-8")
    (causes,) = re.findall(r"^CAUSES = (\(.*?\))", swaps, flags=re.MULTILINE | re.DOTALL)
    assert set(CAUSES) == set(ast.literal_eval(causes))
