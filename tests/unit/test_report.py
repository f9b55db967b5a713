"""The packaged report, and what a report in hand can do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import date

import pytest
from pydantic import ValidationError

from supplychain_screen import (
    Index,
    Listing,
    RatingScale,
    RatingStandard,
    ResearchReport,
    load_report,
    validate_report,
)
from supplychain_screen.errors import ReportError, UnknownListingError
from supplychain_screen.research import Level, Mention
from supplychain_screen.research.report import Market, SectorCall


def small(**changes: object) -> ResearchReport:
    """A report built in code, as a notebook would."""
    scale = RatingScale(
        name="s",
        levels=(
            Level(name="buy", lower=0.1, lower_inclusive=True),
            Level(name="sell", upper=0.1),
        ),
    )
    hsi = Index(name="HSI", currency="HKD", calendar="XHKG", symbols={"yahoo": "^HSI"})
    fields: dict[str, object] = {
        "id": "small",
        "title": "小 <b>",
        "standard": RatingStandard(
            stock=scale,
            sector=scale,
            markets=(Market(name="hk", mics=("XHKG",), benchmarks=("INDEX:HSI",)),),
            indices=(hsi,),
        ),
        "mentions": (
            Mention(order=1, segment_no=1, segment="车", company="甲", listing="XHKG:0285"),
            Mention(order=2, segment_no=1, segment="车", company="乙 <i>", status="unlisted"),
        ),
        "listings": (Listing(mic="XHKG", code="0285", currency="HKD", name_zh="甲"),),
    }
    return ResearchReport.model_validate(fields | changes)


# --- The packaged report ---------------------------------------------------------------------


def test_the_packaged_table_has_the_printed_shape() -> None:
    report = load_report()
    per_segment = Counter(mention.segment for mention in report.mentions)
    assert [per_segment[one] for one in report.segments] == [1, 1, 3, 7, 6, 6, 5, 4, 1, 1, 1]
    assert len(report.mentions) == 36
    assert len(report.companies) == 35
    assert [one.company for one in report.mentions if one.pending] == ["海光信息"]
    assert [one.segment for one in report.mentions if one.company == "高通"] == [
        "手机芯片",
        "IOT SoC",
    ]
    assert all(one.segment_en and one.company_en and one.why for one in report.mentions)
    assert all(re.search("[一-鿿]", one.why_zh) for one in report.mentions)
    assert all(one.note_en for one in report.mentions if one.note)


def test_markets_are_as_the_spec_counts_them() -> None:
    report = load_report()
    primary = Counter()  # type: Counter[str]
    for mention in report.mentions:
        assert mention.listing is not None
        benchmarks = report.standard.benchmarks_of(report.listing(mention.listing).mic)
        primary[benchmarks[0].name if benchmarks else "none"] += 1
    # 28 A shares; Hong Kong 3; United States 3 companies, one of them twice; Taiwan 1.
    assert primary == {"CSI300": 28, "HSI": 3, "SPX": 4, "none": 1}


def test_the_standard_is_guosens() -> None:
    standard = load_report().standard
    assert [one.id for one in standard.benchmarks_of("XNAS")] == ["INDEX:SPX", "INDEX:IXIC"]
    assert [one.id for one in standard.benchmarks_of("BJSE")] == ["INDEX:CSI300"]
    assert standard.benchmarks_of("NEEQ")[0].printed == "899001.GSI"
    assert standard.benchmarks_of("NEEQ")[0].symbol("yahoo") is None
    assert standard.benchmarks_of("XTAI") == ()
    assert (standard.first_months, standard.last_months) == (6, 12)
    assert (standard.basis, standard.comparison) == ("price", "difference")
    assert [one.name_zh for one in standard.stock.levels] == ["优于大市", "中性", "弱于大市"]
    assert standard.stock.no_view is not None
    assert standard.stock.no_view.name_zh == "无评级"
    assert standard.sector.no_view is None


def test_the_identity_has_no_date_but_a_bound() -> None:
    report = load_report()
    assert report.published is None
    assert report.published_after == date(2024, 11, 12)
    assert report.sector_call is not None
    assert (report.sector_call.level, report.sector_call.action) == ("outperform", "maintained")


def test_the_traps_of_the_names() -> None:
    report = load_report()
    by_company = {one.company: one for one in report.mentions}
    assert by_company["TCL"].listing == "XSHE:000100"
    assert by_company["TCL"].confidence == "ambiguous"
    assert by_company["TCL"].candidates == ("XHKG:1070", "XSHE:002668")
    assert by_company["创维数字"].listing == "XSHE:000810"
    assert by_company["模塑科技"].listing == "XSHE:000700"
    assert by_company["联发科"].listing == "XTAI:2454"
    later = {one.id for one in report.listings if one.role == "later_line"}
    assert later == {"XHKG:6613", "XHKG:9611", "XHKG:3296", "XHKG:3661"}
    assert not later & {one.listing for one in report.mentions}


def test_every_listing_says_where_its_first_day_comes_from() -> None:
    report = load_report()
    assert {one.basis for one in report.listings} == {"seen", "memory", "quote"}
    assert all(one.first_session for one in report.listings)


def test_instruments_are_what_a_screen_needs() -> None:
    ids = [one.id for one in load_report().instruments]
    assert len(ids) == len(set(ids)) == 35 + 4
    assert [one for one in ids if one.startswith("INDEX:")] == [
        "INDEX:SPX",
        "INDEX:IXIC",
        "INDEX:CSI300",
        "INDEX:HSI",
    ]
    assert "XSHE:002668" not in ids


def test_events_are_dated_as_exactly_as_the_print() -> None:
    events = load_report().events
    labels = {one.label: one for one in events}
    assert labels["2024-05-16"].precision == "day"
    assert labels["2024-11"].last == date(2024, 11, 30)
    assert labels["2023"].last == date(2023, 12, 31)
    assert labels["2024-12"].inferred
    assert all(one.text_zh and one.text_en for one in events)
    assert [one.first for one in events] == sorted(one.first for one in events)


def test_the_packaged_folder_validates() -> None:
    assert validate_report() == ()


def test_it_loads_without_heavy_imports() -> None:
    code = (
        "import sys; from supplychain_screen.research.report import load_report; load_report();"
        "bad = {'pandas', 'rapidfuzz', 'opencc', 'exchange_calendars'} & set(sys.modules);"
        "print(sorted(bad))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# --- Overrides and extensions -----------------------------------------------------------------


def test_another_listing_is_a_new_report_that_says_so() -> None:
    report = load_report()
    changed = report.with_listing("TCL", "1070.HK")
    tcl = changed.mentions[29]
    assert (tcl.company, tcl.listing, tcl.confidence) == ("TCL", "XHKG:1070", "chosen")
    assert tcl.candidates == ("XSHE:000100", "XSHE:002668")
    assert tcl.why == "Chosen by the user instead of XSHE:000100."
    assert tcl.why_zh == "由使用者指定，代替 XSHE:000100。"
    assert tcl.company_en == "TCL Electronics Holdings Limited"
    assert report.mentions[29].listing == "XSHE:000100"
    assert changed.with_listing("TCL", "000100.SZ").mentions[29].listing == "XSHE:000100"


def test_a_company_changes_in_all_its_segments() -> None:
    qualcomm = Listing(mic="XNYS", code="QCOM", currency="USD", name_zh="高通")
    changed = load_report().with_listing("Qualcomm Incorporated", qualcomm)
    assert [one.listing for one in changed.mentions if one.company == "高通"] == ["XNYS:QCOM"] * 2
    assert changed.listing("XNYS:QCOM") is qualcomm


def test_confirming_the_default_is_a_choice_too() -> None:
    tcl = load_report().with_listing("TCL", "XSHE:000100").mentions[29]
    assert (tcl.confidence, tcl.why) == ("chosen", "Chosen by the user.")
    assert tcl.candidates == ("XHKG:1070", "XSHE:002668")


@pytest.mark.parametrize(
    ("company", "listing", "message"),
    [
        ("TLC", "XHKG:1070", "no company TLC .*did you mean TCL"),
        ("TCL", "XHKG:1071", "no listing XHKG:1071 .*may be XSHE:000100 .TCL科技. or XHKG:1070 "),
        ("TCL", "NOPE", "no listing XNAS:NOPE .*may be XSHE:000100 .* or XSHE:002668 "),
        ("高通", "QCOMM", "高通 as printed may be XNAS:QCOM "),
        ("TCL", "000100", "a bare code names no exchange"),
    ],
)
def test_an_impossible_choice_is_refused(company: str, listing: str, message: str) -> None:
    with pytest.raises(UnknownListingError, match=message):
        load_report().with_listing(company, listing)


def test_a_benchmark_of_the_users_own_is_labelled() -> None:
    report = load_report()
    extended = report.with_benchmark("XTAI", "INDEX:TWII").standard
    assert [one.id for one in extended.benchmarks_of("XTAI")] == ["INDEX:TWII"]
    assert extended.is_extension("XTAI", "INDEX:TWII")
    assert not extended.is_extension("XNAS", "INDEX:SPX")
    assert report.standard.benchmarks_of("XTAI") == ()
    csi500 = Index(name="CSI500", currency="CNY", calendar="XSHG")
    both = report.with_benchmark("a_share", csi500).standard
    # The report's own stays first.
    assert [one.name for one in both.benchmarks_of("XSHE")] == ["CSI300", "CSI500"]
    assert both.is_extension("XSHE", "INDEX:CSI500")
    assert not both.is_extension("XSHE", "INDEX:CSI300")


def test_naming_the_reports_own_benchmark_changes_nothing() -> None:
    report = load_report()
    assert report.with_benchmark("us", "SPX").standard.markets == report.standard.markets


def test_an_unknown_market_or_index_is_refused() -> None:
    with pytest.raises(UnknownListingError, match=r"no market or exchange.*XTAI"):
        load_report().with_benchmark("XTAJ", "TWII")
    with pytest.raises(UnknownListingError, match=r"no index INDEX:TWI .*did you mean INDEX:TWII"):
        load_report().with_benchmark("XTAI", "INDEX:TWI")


# --- Built in code ------------------------------------------------------------------------------


def test_a_report_built_in_code_is_held_to_the_same_rules() -> None:
    assert small().segments == ("车",)
    with pytest.raises(ReportError, match=r"unknown listing XHKG:0286; did you mean XHKG:0285\?"):
        small(
            mentions=(
                Mention(order=1, segment_no=1, segment="车", company="甲", listing="XHKG:0286"),
            )
        )
    with pytest.raises(ReportError, match="status unlisted and listing XHKG:0285"):
        small(
            mentions=(
                Mention(
                    order=1,
                    segment_no=1,
                    segment="车",
                    company="甲",
                    listing="XHKG:0285",
                    status="unlisted",
                ),
            )
        )
    with pytest.raises(ReportError, match="mentioned twice in 车"):
        small(mentions=small().mentions[:1] * 2)
    with pytest.raises(ReportError, match="unknown rating level hold"):
        small(sector_call=SectorCall(level="hold"))
    with pytest.raises(ReportError, match="2025-01-01 is not after 2025-01-02"):
        small(published=date(2025, 1, 1), published_after=date(2025, 1, 2))


def test_a_report_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        small().title = "other"


def test_a_notebook_shows_escaped_text() -> None:
    shown = small()._repr_html_()
    assert "小 &lt;b&gt;" in shown
    assert "乙 &lt;i&gt;" in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "0285.HK" in shown
    assert "unlisted" in shown


def test_the_short_form_says_what_matters() -> None:
    text = repr(load_report())
    assert "国信证券" in text
    assert "published not printed, after 2024-11-12" in text
    assert "11 segments, 36 mentions, 35 companies" in text
