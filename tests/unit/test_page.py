"""The page as text: the same bytes, one file, every name escaped, every figure there."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.page_tags import PageTags
from tests.screenings import HOSTILE, hostile, packaged

from supplychain_screen import Screening
from supplychain_screen.errors import OutputError
from supplychain_screen.output import key_figures, visible_text
from supplychain_screen.output.page import render_page, write_page

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def finished() -> Screening:
    return packaged()


@pytest.fixture(scope="module")
def running() -> Screening:
    return packaged(as_of="2025-06-02")


def test_same_screening_same_bytes(finished: Screening) -> None:
    assert render_page(finished) == render_page(finished)
    again = packaged.__wrapped__()
    assert render_page(again) == render_page(finished)
    assert render_page(finished, lang="en") != render_page(finished)


def test_sizes(finished: Screening) -> None:
    assert len(render_page(finished).encode()) < 2 * MEGABYTE
    assert len(render_page(finished, static=True).encode()) < 0.4 * MEGABYTE


@pytest.mark.parametrize("static", [False, True])
def test_nothing_is_loaded_from_anywhere(finished: Screening, static: bool) -> None:
    page = render_page(finished, static=static)
    parsed = PageTags(page)
    loading = {"src", "srcset", "href", "data", "action", "poster", "background", "formaction"}
    for tag, attributes in parsed.tags:
        for name in loading & attributes.keys():
            assert (attributes[name] or "").startswith("#"), (tag, name)
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "audio", "video"}
    # The one address is the name of the SVG vocabulary, which nobody fetches.
    assert set(re.findall(r"https?://[^'\" ]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in page
    assert set(re.findall(r"url\((.{6})", page)) <= {'"data:'}
    assert ("<script" in page) is not static


@pytest.mark.parametrize("static", [False, True])
def test_policy_names_exactly_what_is_inside(finished: Screening, static: bool) -> None:
    page = render_page(finished, static=static)
    policy = next(
        str(attributes["content"])
        for tag, attributes in PageTags(page).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        inside = {
            base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
            for one in re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        }
        named = re.search(rf"{kind}-src ([^;]*)", policy)
        hashes = set(re.findall(r"'sha256-([^']+)'", named.group(1))) if named else set()
        assert hashes == inside, kind


@pytest.mark.parametrize("static", [False, True])
def test_hostile_names_are_escaped_everywhere(static: bool) -> None:
    strange = hostile()
    page = render_page(strange, static=static)
    parsed = PageTags(page)
    assert not [tag for tag, _ in parsed.tags if tag == "img"]
    assert len([tag for tag, _ in parsed.tags if tag == "script"]) == (0 if static else 3)
    for name in HOSTILE:
        assert visible_text(name).strip() in parsed.words or name.isspace()
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_embedded_data_cannot_leave_its_element() -> None:
    strange = hostile()
    page = render_page(strange)
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert not re.search(r"[<>&\u2028\u2029]", found.group(1))
    data: dict[str, Any] = json.loads(found.group(1))
    assert len(data["rows"]) == 36
    assert any("</script>" in row[2] for row in data["rows"])


def test_denominators_reconcile_in_the_page(finished: Screening) -> None:
    words = PageTags(render_page(finished, lang="en")).words
    # Worked by hand: 36 mentions, all listed, 联发科 without benchmark; 高通 counted once.
    every = r"(?: [↑→↓] \w+ \d+)+"
    assert re.search(rf"Mentions 36 36 0 35{every} 1 no benchmark 1", words)
    assert re.search(rf"Companies 35 35 0 34{every} 1 no benchmark 1", words)


def test_unlisted_and_unresolved_are_not_listed() -> None:
    words = PageTags(render_page(hostile(), lang="en")).words
    # 36 mentions, two of them made unlisted and unresolved in tests/screenings.py.
    assert re.search(r"Mentions 36 34 1 1 \d+", words)


def test_every_closing_price_of_the_evidence_is_there(finished: Screening) -> None:
    for static in (False, True):
        words = PageTags(render_page(finished, static=static)).words
        rows = finished.evidence[finished.evidence["matured"]]
        for row in rows[rows["window"] != "to_date"].to_dict("records"):
            digits = 3 if row["base_close"] < 10 else 2
            assert f"{row['base_close']:,.{digits}f}" in words
            assert str(row["end_session"].date()) in words


def test_an_age_of_one_session_has_its_word(finished: Screening) -> None:
    evidence = finished.evidence.assign(base_age=1.0, end_age=2.0)
    page = render_page(dataclasses.replace(finished, evidence=evidence), lang="en")
    assert "1 session old" in page
    assert "2 sessions old" in page
    assert "1 sessions" not in page


def test_says_that_the_date_is_the_users(finished: Screening) -> None:
    assert "由使用者输入" in render_page(finished)
    assert "2024-11-12" in render_page(finished)
    printed = finished.report.model_copy(update={"published": finished.published})
    other = dataclasses.replace(finished, report=printed)
    assert "由使用者输入" not in render_page(other)
    assert "取自报告" in render_page(other)


def test_a_day_that_overrules_the_printed_one_says_both(finished: Screening) -> None:
    printed = finished.report.model_copy(update={"published": date(2024, 12, 30)})
    other = dataclasses.replace(finished, report=printed)
    page = render_page(other, lang="en")
    assert "overrules the one that the report prints, 2024-12-30" in page
    assert "does not print it" not in page
    assert "报告印的是 2024-12-30：以输入的为准" in render_page(other)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("static", [False, True])
def test_simulated_and_interim_are_said(running: Screening, lang: Any, static: bool) -> None:
    page = render_page(running, lang=lang, static=static)
    title = re.search(r"<title>(.*?)</title>", page)
    assert title is not None
    assert "SIMULATED" in title.group(1)
    assert ("进行中" if lang == "zh" else "INTERIM") in title.group(1)
    assert 'class="banner simulated"' in page
    assert 'class="banner interim"' in page
    assert 'class="watermark"' in page
    assert page.count('class="stamp"') == len(running.segments) + 3
    assert ("第153/181日" if lang == "zh" else "day 153 of 181") in page


def test_real_prices_are_not_called_simulated(finished: Screening) -> None:
    page = render_page(dataclasses.replace(finished, simulated=False))
    assert 'class="banner simulated"' not in page
    assert 'watermark"' not in page
    assert "<title>人工智能" in page


def test_figures_near_a_bound_keep_their_side(finished: Screening) -> None:
    companies = finished.companies.copy()
    companies.loc[1, "relative_return"] = 0.09996
    companies.loc[1, "rating"] = "neutral"
    page = render_page(dataclasses.replace(finished, companies=companies))
    assert ">+9.996" in page


def test_changes_since_last_week(finished: Screening) -> None:
    frame = pd.DataFrame(
        [
            {
                "company": "<b>乐鑫</b>",
                "company_en": "Espressif",
                "before": "neutral",
                "after": "outperform",
                "cause": "new_prices",
                "detail": "closes of 2026-01-09",
            }
        ]
    )
    assert "h-changes" not in render_page(finished)
    page = render_page(finished, changes=frame)
    assert "&lt;b&gt;乐鑫&lt;/b&gt;" in page
    words = PageTags(page).words
    assert "→ 中性" in words
    assert "新行情" in words
    assert "没有评级改变" in render_page(finished, changes=frame.iloc[:0])


def test_write_is_whole_or_not_at_all(finished: Screening, tmp_path: Path) -> None:
    path = write_page(finished, tmp_path / "new" / "page.html")
    assert path.read_text("utf-8") == render_page(finished)
    assert list(path.parent.iterdir()) == [path]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_page(finished, tmp_path / "folder")


@pytest.mark.parametrize("wrong", [{"lang": "fr"}, {"colours": "pink"}])
def test_unknown_settings_are_refused(finished: Screening, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        render_page(finished, **wrong)


def test_pending_screen_still_makes_a_page() -> None:
    page = render_page(packaged(as_of="2024-12-31"))
    assert "还没有一家可以评级" in html.unescape(page)
    assert 'id="focus"' not in page


@pytest.mark.slow
def test_same_bytes_whatever_the_process(finished: Screening) -> None:
    program = (
        "import hashlib; from tests.screenings import packaged;"
        "print(hashlib.sha256(packaged().to_html().encode()).hexdigest())"
    )
    project = Path(__file__).parents[2]
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(project)}
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            cwd=project,
        )
        assert ran.stdout.strip() == hashlib.sha256(render_page(finished).encode()).hexdigest()


def test_every_key_figure_is_said_for_both_readers(finished: Screening) -> None:
    words = PageTags(render_page(finished, lang="en")).words
    said = key_figures(finished)
    assert [one.key for one in said][:3] == ["placebo", "interval", "concentration"]
    for one in said:
        assert one.name.en in words
        assert one.plain.of("en") in words
        assert one.exact is None or one.exact.of("en") in words


def test_sector_index_stands_beside_the_basket(finished: Screening) -> None:
    index = {
        "index": "INDEX:CSI<b>",
        "realised_rating": "underperform",
        "relative_return": -0.25,
        "agrees": False,
    }
    call = {**finished.sector_call, "sector_index": index}
    page = render_page(dataclasses.replace(finished, sector_call=call), lang="en")
    assert "CSI&lt;b&gt;" in page
    assert "−25.0%" in page
    assert "does not agree" in page


def test_report_without_a_sector_call() -> None:
    silent = packaged()
    report = silent.report.model_copy(update={"sector_call": None})
    page = render_page(dataclasses.replace(silent, report=report, sector_call={}))
    assert "报告自己的行业评级" not in page


def test_the_chinese_page_says_findings_and_mappings_in_chinese(finished: Screening) -> None:
    words = PageTags(render_page(finished, "zh", static=True)).words
    assert "个交易日无成交量" in words
    assert "与证券简称完全一致" in words
    assert "Exact short name" not in words
    assert "without volume" not in words
    assert "session" in PageTags(render_page(finished, "en", static=True)).words


@pytest.mark.parametrize(("text", "lang"), [("As told by the desk", "en"), ("台账所载", "zh-Hans")])
def test_free_words_are_marked_with_their_language(text: str, lang: str) -> None:
    screening = packaged()
    report = screening.report
    mentions = tuple(
        one.model_copy(update={"why": text, "why_zh": text}) for one in report.mentions
    )
    findings = screening.findings.assign(detail=text, detail_zh=text)
    report = report.model_copy(update={"mentions": mentions})
    page = render_page(dataclasses.replace(screening, report=report, findings=findings))
    assert page.count(f'<span lang="{lang}"><bdi>{text}</bdi></span>') == 36 + 1


def test_paths_are_written_as_steps_that_end_at_the_relative_return(finished: Screening) -> None:
    page = render_page(finished)
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    ends = [sum(step for step in path if step is not None) for path in data["members"]]
    known = finished.companies["relative_return"].fillna(0.0)
    assert ends == [round(value * 1e4) for value in known]
