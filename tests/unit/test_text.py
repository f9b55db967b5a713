"""Terminal and Markdown: widths, words, and that nothing a reader must know is left out."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from tests.screenings import HOSTILE, hostile, packaged

from supplychain_screen import terminal_table
from supplychain_screen.output import (
    display_width,
    fit,
    headline,
    markdown,
    measured_interval,
    visible_text,
    wrap,
)
from supplychain_screen.scoring import Comparison
from supplychain_screen.words import Lang

LANGS: tuple[Lang, ...] = ("zh", "en")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(lang: Lang, width: int) -> None:
    """Widths as another library (rich) counts them."""
    for screening in (packaged(), packaged("2025-06-05", "2025-09-10"), hostile()):
        for line in terminal_table(screening, lang, width).splitlines():
            assert cell_len(line) <= width, line


@pytest.mark.parametrize("lang", LANGS)
def test_columns_stand_under_each_other(lang: Lang) -> None:
    """Every row of the companies has its rating at the same column of the screen."""
    lines = terminal_table(packaged(), lang, 80).splitlines()
    head = next(line for line in lines if line.startswith(("公司  ", "Company  ")))
    word = "实现评级" if lang == "zh" else "Realised rating"
    place = cell_len(head[: head.index(word)])
    rows = [
        line for line in lines if re.search(r"[↑→↓○] ", line) and re.search(r"\d{4}\.|NVDA", line)
    ]
    assert len(rows) > 30
    for row in rows:
        sign = re.search(r"[↑→↓○] ", row)
        assert sign is not None
        assert cell_len(row[: sign.start()]) == place, row


def test_every_mention_segment_and_reason_is_there() -> None:
    screening = packaged()
    text = terminal_table(screening, "zh", 80)
    for company in screening.companies["company"]:
        assert company in text
    assert sum(line.startswith("高通  ") for line in text.splitlines()) == 2
    assert "无基准" in text
    assert "公司（各计一次） 35 = 已上市 35 + 未上市 0" in text
    assert "提及（表中各行） 36 = 已上市 36 + 未上市 0" in text
    for segment in screening.segments["segment"]:
        assert f"[{segment}]" in text


def test_figures_are_the_screening_s_own() -> None:
    screening = packaged()
    row = screening.companies.iloc[2]
    line = next(one for one in terminal_table(screening, "en", 80).splitlines() if " NVDA " in one)
    assert f" {100 * row['return']:+.1f} ".replace("-", "−") in line
    assert f" {100 * row['relative_return']:+.1f} ".replace("-", "−") in line
    assert row["rating"].capitalize() in line


@pytest.mark.parametrize(("comparison", "unit"), [("difference", "pp"), ("ratio", "%")])
def test_a_head_says_the_unit_once(comparison: Comparison, unit: str) -> None:
    screening = packaged(comparison=comparison)
    lines = terminal_table(screening, "en", 120).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Company "))
    rule = lines[at + 1]
    for head, said in (("Return", "%"), ("Index", "%"), ("Relative", unit)):
        assert rule[: lines[at].index(head) + len(head)].endswith(f"─ {said}")
    assert not any("%" in line for line in lines[at + 2 : at + 40] if " 12m" in line)
    told = markdown(screening, "en")
    assert f"| Return, % | Benchmark return, % | Relative return, {unit} |" in told
    assert f"| Mean, {unit} | Median, {unit} | Hit rate |" in told


@pytest.mark.parametrize("lang", LANGS)
def test_simulated_and_interim_cannot_be_missed(lang: Lang) -> None:
    lines = terminal_table(packaged("2025-06-05", "2025-09-10"), lang, 80).splitlines()
    assert any("SIMULATED" in line for line in lines[:8])
    assert any("INTERIM" in line for line in lines[:8])
    assert "97/183" in "\n".join(lines)
    top = markdown(packaged("2025-06-05", "2025-09-10"), lang)[:700]
    assert "SIMULATED" in top
    assert "INTERIM" in top


@pytest.mark.parametrize("lang", LANGS)
def test_it_ends_with_the_finding_and_what_was_measured(lang: Lang) -> None:
    found = packaged()
    end = "".join(terminal_table(found, lang, 80).splitlines()[-6:]).replace(" ", "")
    interval = measured_interval(found)
    assert interval is not None
    assert end.endswith(f"{headline(found).of(lang)}{interval.of(lang)}".replace(" ", ""))


def test_a_check_that_cost_nobody_a_rating_says_so() -> None:
    screening, day = packaged(), pd.Timestamp(2025, 5, 6)
    row = {"code": "benchmark_gap", "listing": "INDEX:000300", "symbol": "000300.SS", "first": day}
    row |= {"last": day, "action": "unrated", "detail": "", "detail_zh": ""}
    one = replace(screening, findings=pd.DataFrame([row]))
    assert "Benchmark gap × 1 (no rating lost to it): 000300.SS 2025-05-06" in (
        terminal_table(one, lang="en", width=80)
    )
    assert "基准缺日 × 1（未使评级作废）：000300.SS 2025-05-06" in terminal_table(one, width=80)
    evidence = one.evidence.copy()
    for reason, action in (
        ("standard_without_bounds", "no rating lost to it"),
        ("suspect_prices", "Calls unrated"),
    ):
        evidence.loc[evidence["benchmark"] == "000300.SS", "reason"] = reason
        told = terminal_table(replace(one, evidence=evidence), lang="en", width=80)
        assert f"Benchmark gap × 1 ({action}): 000300.SS 2025-05-06" in told


@pytest.mark.parametrize("lang", LANGS)
def test_it_says_what_it_is_not(lang: Lang) -> None:
    says = "不是建议" if lang == "zh" else "never advice"
    assert says in terminal_table(packaged(), lang, 200)
    assert says in markdown(packaged(), lang)


def test_colour_is_an_option_and_follows_the_setting() -> None:
    plain = terminal_table(packaged(), "zh")
    assert "\x1b" not in plain
    china = terminal_table(packaged(), "zh", colour=True)
    assert ANSI.sub("", china) == plain
    west = terminal_table(packaged(), "zh", colour=True, colours="west")
    red, green = "\x1b[31m↑", "\x1b[32m↑"
    assert red in china
    assert green not in china
    assert green in west
    assert red not in west


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_move_nothing_on_the_screen(lang: Lang) -> None:
    text = terminal_table(hostile(), lang, 80)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e]", text)
    assert "<U+202E>gnp.exe" in text
    assert "<U+001B>[31mred" in text


@pytest.mark.parametrize("lang", LANGS)
def test_markdown_tables_have_a_row_for_each_and_every_name_as_text(lang: Lang) -> None:
    screening = hostile()
    tokens = (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown(screening, lang))
    )
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == 2 + len(screening.segments) + 1 + len(screening.companies)
    inline = [token for token in tokens if token.type == "inline"]
    kinds = {part.type for token in inline for part in token.children or []}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close", "em_open", "em_close"}
    seen = "\n".join(
        "".join(part.content for part in token.children or []) for token in inline
    ).replace("\u2060", "")
    for name in HOSTILE:
        assert visible_text(name).strip() in seen


def test_markdown_is_the_same_twice() -> None:
    assert markdown(packaged(), "zh") == markdown(packaged(), "zh")
    assert terminal_table(packaged(), "zh") == terminal_table(packaged(), "zh")


def test_fit_cuts_between_wide_characters() -> None:
    assert fit("乐鑫科技", 8) == "乐鑫科技"
    assert fit("乐鑫科技", 7) == "乐鑫科…"
    assert fit("乐鑫科技", 6) == "乐鑫… "
    assert display_width(fit("e\u0301" * 9, 5)) == 5


def test_wrap_keeps_every_character_and_the_width() -> None:
    text = "截至 2026-01-09，报告列出的 35 家公司中 34 家可评级 " + "x" * 45 + "……" * 20
    for width in range(12, 60):
        lines = wrap(text, width)
        assert all(cell_len(line) <= width for line in lines)
        assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)


def test_an_unrated_company_is_told_with_its_segment() -> None:
    for lang, segment in (("zh", "手机芯片"), ("en", "Mobile-phone chips")):
        line = next(one for one in terminal_table(packaged(), lang).splitlines() if "XTAI" in one)
        before = terminal_table(packaged(), lang).split(line)[0].splitlines()[-1]
        assert f"[{segment}]" in before + line


def test_a_finding_about_nobody_in_particular_names_nobody() -> None:
    said = markdown(packaged(basis="total"), "zh")
    (line,) = (one for one in said.splitlines() if "总收益对价格指数" in one)
    assert "（仅报告）：个股分红再投资" in line
